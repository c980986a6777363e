/* SPDX-License-Identifier: MIT
 *
 * Users and their rights. Lists come and go as comma-separated text; here they are rows, so that a type or tool stands once however it was written.
 */
#include "gateway/store/sql.h"

static const char *const
    role_words[] = { [ROLE_NONE] = "none", [ROLE_READ] = "read", [ROLE_STANDARD] = "standard", [ROLE_ADMIN] = "admin" };

const char *
user_role_word(enum user_role r)
{
	return role_words[r];
}

bool
user_role_named(const char *word, enum user_role *ret)
{
	for (int r = ROLE_NONE; r <= ROLE_ADMIN; r++)
		if (strcmp(role_words[r], word) == 0) {
			*ret = (enum user_role)r;
			return true;
		}
	return false;
}

static int
types_put(struct store *s, const char *user, const char *types, bool exports, bool imports, struct eg_err *err)
{
	struct eg_bytes rest = eg_bytes_str(types), part;
	int rc = EG_OK;

	while (rc == EG_OK && eg_bytes_cut(&rest, ',', &part)) {
		part = eg_bytes_trim(part);
		if (part.len == 0)
			continue;
		char *type = eg_xdup(part);
		rc = sql_exec(s, err,
		    "INSERT INTO user_right (user, type, can_export, can_import) VALUES (?, ?, ?, ?) "
		    "ON CONFLICT (user, type) DO UPDATE SET can_export = max(can_export, excluded.can_export), can_import = max(can_import, excluded.can_import)",
		    "ssii", user, type, (int64_t)exports, (int64_t)imports);
		free(type);
	}
	return rc;
}

static int
tools_put(struct store *s, const char *user, const char *tools, struct eg_err *err)
{
	struct eg_bytes rest = eg_bytes_str(tools), part, tool, level;
	int rc = sql_exec(s, err, "DELETE FROM tool_right WHERE user = ?", "s", user);

	while (rc == EG_OK && eg_bytes_cut(&rest, ',', &part)) {
		part = eg_bytes_trim(part);
		if (!eg_bytes_cut(&part, '=', &tool) || !eg_bytes_cut(&part, '@', &level))
			continue;
		char *t = eg_xdup(tool), *l = eg_xdup(level), *project = eg_xdup(part);
		rc = sql_exec(s, err,
		    "INSERT OR REPLACE INTO tool_right (user, tool, project, level) VALUES (?, ?, ?, ?)", "ssss", user,
		    t, project, l);
		free(project);
		free(l);
		free(t);
	}
	return rc;
}

static int
rights_put(struct store *s, const struct user *u, struct eg_err *err)
{
	int rc = sql_exec(s, err, "DELETE FROM user_right WHERE user = ?", "s", u->name);

	if (rc == EG_OK)
		rc = types_put(s, u->name, u->types, true, true, err);
	if (rc == EG_OK)
		rc = types_put(s, u->name, u->exports, true, false, err);
	if (rc == EG_OK)
		rc = types_put(s, u->name, u->imports, false, true, err);
	return rc == EG_OK ? tools_put(s, u->name, u->tools, err) : rc;
}

int
user_put(struct store *s, const struct user *u, struct eg_err *err)
{
	int rc = sql_exec(s, err,
	    "INSERT INTO users (name, role, amount_limit, pubkey, key_id, account, active, added, revoked, full_name, mail, summary_opt_out, may) "
	    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, coalesce(?, '')) "
	    "ON CONFLICT (name) DO UPDATE SET role = excluded.role, amount_limit = excluded.amount_limit, pubkey = excluded.pubkey, key_id = excluded.key_id, "
	    "account = excluded.account, active = excluded.active, revoked = excluded.revoked, full_name = excluded.full_name, mail = excluded.mail, "
	    "summary_opt_out = excluded.summary_opt_out, may = excluded.may",
	    "ssssssiizssis", u->name, role_words[u->role], u->limit, u->pubkey, u->key_id, u->account,
	    (int64_t)u->active, u->added, u->revoked, u->full_name, u->mail, (int64_t)u->summary_opt_out, u->may);

	return rc == EG_OK ? rights_put(s, u, err) : rc;
}

#define TYPES_WHERE(cond)                                                                                     \
	"(SELECT group_concat(type, ',') FROM (SELECT type FROM user_right WHERE user = users.name AND " cond \
	" ORDER BY type))"
#define USER_COLS                                                                                                                                                                                                                                       \
	"name, role, amount_limit, pubkey, key_id, account, active, added, revoked, full_name, mail, summary_opt_out, may, " TYPES_WHERE(                                                                                                               \
	    "can_export AND can_import") ", " TYPES_WHERE("can_export AND NOT can_import") ", " TYPES_WHERE("can_import AND NOT can_export") ", "                                                                                                       \
																	     "(SELECT group_concat(tool || '=' || level || CASE project WHEN '' THEN '' ELSE '@' || project END, ',') " \
																	     "FROM (SELECT tool, level, project FROM tool_right WHERE user = users.name ORDER BY tool, project))"

static int
user_read(sqlite3_stmt *st, struct eg_arena *a, struct user *ret, struct eg_err *err)
{
	const char *role;
	int64_t active, quiet;
	int rc = sql_row(st, a, err, "ssssssiiissiSSSSS", &ret->name, &role, &ret->limit, &ret->pubkey, &ret->key_id,
	    &ret->account, &active, &ret->added, &ret->revoked, &ret->full_name, &ret->mail, &quiet, &ret->may,
	    &ret->types, &ret->exports, &ret->imports, &ret->tools);

	if (rc < 0)
		return rc;
	ret->active = active != 0;
	ret->summary_opt_out = quiet != 0;
	if (!user_role_named(role, &ret->role))
		ret->role = ROLE_NONE; /* a word that nobody knows gives nothing */
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
