/* SPDX-License-Identifier: MIT
 *
 * Rows of drops that are sealed originals read again.
 */
#include "gateway/store/store_reread.h"

#include "gateway/store/sql.h"

#define COLS "drop_id, of_drop, root, kind, adapter_file, adapter_text, reason, actor"

int
reread_add(struct store *s, const struct reread *r, struct eg_err *err)
{
	int rc = sql_exec(s, err, "INSERT INTO reread (" COLS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?)", "ssssssSS", r->drop,
	    r->of, r->root, r->kind, r->adapter_file, r->adapter_text, r->reason, r->actor);

	for (size_t i = 0; rc == EG_OK && i < r->npicks; i++)
		rc = sql_exec(s, err,
		    "INSERT OR IGNORE INTO reread_pick (drop_id, member, line, last, claim) VALUES (?, ?, ?, ?, ?)",
		    "ssiis", r->drop, r->pick[i].member, (int64_t)r->pick[i].line, (int64_t)r->pick[i].last,
		    r->pick[i].claim);
	return rc;
}

static int
read_row(sqlite3_stmt *st, struct eg_arena *a, struct reread *ret, struct eg_err *err)
{
	*ret = (struct reread){ .pick = NULL };
	return sql_row(st, a, err, "ssssssss", &ret->drop, &ret->of, &ret->root, &ret->kind, &ret->adapter_file,
	    &ret->adapter_text, &ret->reason, &ret->actor);
}

static int
read_picks(struct store *s, struct eg_arena *a, struct reread *ret, struct eg_err *err)
{
	struct reread_pick *v = NULL;
	sqlite3_stmt *st = NULL;
	int64_t n = 0;
	int rc = sql_number(s, 0, &n, err, "SELECT count(*) FROM reread_pick WHERE drop_id = ?", "s", ret->drop);

	if (rc == EG_OK)
		v = eg_arena_array(a, (size_t)n + 1, sizeof(*v));
	if (rc == EG_OK && v == NULL)
		rc = eg_fail(err, EG_BADFILE, "LIMIT-MEM", "%s names too many documents", ret->drop);
	if (rc == EG_OK)
		rc = sql_get(s,
		    "SELECT member, line, last, claim FROM reread_pick WHERE drop_id = ? ORDER BY member, line", &st,
		    err);
	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", ret->drop);
	for (size_t i = 0; rc == EG_OK && i < (size_t)n; i++) {
		int64_t line, last;

		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = sql_row(st, a, err, "siis", &v[i].member, &line, &last, &v[i].claim);
		if (rc != EG_OK)
			break;
		v[i].line = (uint64_t)line;
		v[i].last = (uint64_t)last;
		ret->npicks = i + 1;
	}
	sql_put(s, st);
	ret->pick = v;
	return rc;
}

int
reread_get(struct store *s, const char *drop, struct eg_arena *a, struct reread *ret, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, "SELECT " COLS " FROM reread WHERE drop_id = ?", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", drop);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = read_row(st, a, ret, err);
	sql_put(s, st);
	return rc == EG_OK ? read_picks(s, a, ret, err) : rc;
}

int
reread_root(struct store *s, const char *drop, struct eg_arena *a, const char **ret, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, "SELECT root FROM reread WHERE drop_id = ?", &st, err);

	*ret = drop;
	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", drop);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = sql_row(st, a, err, "s", ret);
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

int
reread_each_of(struct store *s, const char *of, int (*each)(void *ctx, const struct reread *r, struct eg_err *err),
    void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	struct reread r;
	int rc = sql_get(s, "SELECT " COLS " FROM reread WHERE of_drop = ? ORDER BY drop_id", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", of);
	while (rc == EG_OK) {
		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = read_row(st, NULL, &r, err);
		if (rc == EG_OK)
			rc = each(ctx, &r, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}
