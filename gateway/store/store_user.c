/* SPDX-License-Identifier: MIT
 *
 * Users and their rights.
 */
#include "gateway/store/sql.h"

static const char *const role_words[] = { "read", "standard", "admin" };

static int
rights_put(struct store *s, const struct user *u, struct eg_err *err)
{
	struct eg_bytes rest = eg_bytes_str(u->types), part;
	int rc = sql_exec(s, err, "DELETE FROM user_right WHERE user = ?", "s", u->name);

	while (rc == EG_OK && eg_bytes_cut(&rest, ',', &part)) {
		part = eg_bytes_trim(part);
		if (part.len == 0)
			continue;
		char *type = eg_xdup(part);
		rc = sql_exec(
		    s, err, "INSERT OR IGNORE INTO user_right (user, type) VALUES (?, ?)", "ss", u->name, type);
		free(type);
	}
	return rc;
}

int
user_put(struct store *s, const struct user *u, struct eg_err *err)
{
	int rc = sql_exec(s, err,
	    "INSERT INTO users (name, role, amount_limit, pubkey, key_id, account, active, added, revoked) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
	    "ON CONFLICT (name) DO UPDATE SET role = excluded.role, amount_limit = excluded.amount_limit, pubkey = excluded.pubkey, key_id = excluded.key_id, "
	    "account = excluded.account, active = excluded.active, revoked = excluded.revoked",
	    "ssssssiiz", u->name, role_words[u->role], u->limit, u->pubkey, u->key_id, u->account, (int64_t)u->active,
	    u->added, u->revoked);

	return rc == EG_OK ? rights_put(s, u, err) : rc;
}

#define USER_COLS                                                                     \
	"name, role, amount_limit, pubkey, key_id, account, active, added, revoked, " \
	"(SELECT group_concat(type, ',') FROM (SELECT type FROM user_right WHERE user = users.name ORDER BY type))"

static int
user_read(sqlite3_stmt *st, struct eg_arena *a, struct user *ret, struct eg_err *err)
{
	const char *role;
	int64_t active;
	int rc = sql_row(st, a, err, "ssssssiiiS", &ret->name, &role, &ret->limit, &ret->pubkey, &ret->key_id,
	    &ret->account, &active, &ret->added, &ret->revoked, &ret->types);

	if (rc < 0)
		return rc;
	ret->active = active != 0;
	ret->role = strcmp(role, "admin") == 0 ? ROLE_ADMIN : strcmp(role, "standard") == 0 ? ROLE_STANDARD : ROLE_READ;
	return EG_OK;
}

int
user_find(struct store *s, const char *name, struct eg_arena *a, struct user *ret, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, "SELECT " USER_COLS " FROM users WHERE name = ?", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", name);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = user_read(st, a, ret, err);
	sql_put(s, st);
	return rc;
}

int
user_each(
    struct store *s, int (*each)(void *ctx, const struct user *u, struct eg_err *err), void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	struct user u;
	int rc = sql_get(s, "SELECT " USER_COLS " FROM users ORDER BY name", &st, err);

	while (rc == EG_OK) {
		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = user_read(st, NULL, &u, err);
		if (rc == EG_OK)
			rc = each(ctx, &u, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}
