/* SPDX-License-Identifier: MIT
 *
 * Rows of expected files: days, numbers, and the drops to look at. Tests: tests/unit/test_expect.c.
 */
#include "gateway/store/store_expect.h"

#include "gateway/store/sql.h"

#define ROW_COLS "name, day, state, drop_id, at"

int
expected_put(struct store *s, const struct expected_row *r, struct eg_err *err)
{
	return sql_exec(s, err, "INSERT OR REPLACE INTO expected (" ROW_COLS ") VALUES (?, ?, ?, ?, ?)", "ssssi",
	    r->name, r->day, r->state, r->drop, r->at);
}

static int
one_row(struct store *s, sqlite3_stmt *st, struct eg_arena *a, struct expected_row *ret, struct eg_err *err)
{
	int rc = sql_step(s, st, err);

	return rc == EG_OK ? sql_row(st, a, err, "ssssi", &ret->name, &ret->day, &ret->state, &ret->drop, &ret->at) :
	                     rc;
}

int
expected_get(struct store *s, const char *name, const char *day, struct eg_arena *a, struct expected_row *ret,
    struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, "SELECT " ROW_COLS " FROM expected WHERE name = ? AND day = ?", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "ss", name, day);
	if (rc == EG_OK)
		rc = one_row(s, st, a, ret, err);
	sql_put(s, st);
	return rc;
}

int
expected_newest_open(
    struct store *s, const char *name, struct eg_arena *a, struct expected_row *ret, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s,
	    "SELECT " ROW_COLS
	    " FROM expected WHERE name = ? AND state IN ('late', 'missing') ORDER BY day DESC LIMIT 1",
	    &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", name);
	if (rc == EG_OK)
		rc = one_row(s, st, a, ret, err);
	sql_put(s, st);
	return rc;
}

int
expected_open_count(
    struct store *s, const char *name, const char *since_day, int64_t *ret, int64_t *ret_late, struct eg_err *err)
{
	int rc = sql_number(s, 0, ret, err,
	    "SELECT count(*) FROM expected WHERE name = ? AND state IN ('late', 'missing') AND day >= ?", "ss", name,
	    since_day);

	return rc == EG_OK ? sql_number(s, 0, ret_late, err,
				 "SELECT count(*) FROM expected WHERE name = ? AND state = 'late' AND day >= ?", "ss",
				 name, since_day) :
	                     rc;
}

int
expected_number_add(struct store *s, const char *name, int64_t number, const char *drop, struct eg_arena *a,
    const char **ret_before, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, "SELECT drop_id FROM expected_number WHERE name = ? AND number = ?", &st, err);

	*ret_before = NULL;
	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "si", name, number);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = sql_row(st, a, err, "s", ret_before);
	sql_put(s, st);
	return rc == EG_EOF ? sql_exec(s, err, "INSERT INTO expected_number (name, number, drop_id) VALUES (?, ?, ?)",
				  "sis", name, number, drop) :
	                      rc;
}

int
expected_number_below(struct store *s, const char *name, int64_t under, int64_t *ret, struct eg_err *err)
{
	return sql_number(s, -1, ret, err,
	    "SELECT number FROM expected_number WHERE name = ? AND number < ? ORDER BY number DESC LIMIT 1", "si", name,
	    under);
}

int
expected_number_last(struct store *s, const char *name, int64_t *ret, struct eg_err *err)
{
	return sql_number(s, -1, ret, err,
	    "SELECT number FROM expected_number WHERE name = ? ORDER BY number DESC LIMIT 1", "s", name);
}

int
expected_gap_each(struct store *s, const char *name,
    int (*each)(void *ctx, int64_t from, int64_t to, struct eg_err *err), void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int64_t from, to;
	int rc = sql_get(s,
	    "SELECT before + 1, number - 1 FROM (SELECT number, lag(number) OVER (ORDER BY number) AS before FROM expected_number WHERE name = ?)"
	    " WHERE number > before + 1 ORDER BY number",
	    &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", name);
	while (rc == EG_OK) {
		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = sql_row(st, NULL, err, "ii", &from, &to);
		if (rc == EG_OK)
			rc = each(ctx, from, to, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

int
expected_missing(struct store *s, const char *name, int64_t *ret, struct eg_err *err)
{
	return sql_number(s, 0, ret, err,
	    "SELECT coalesce(max(number) - min(number) + 1 - count(*), 0) FROM expected_number WHERE name = ?", "s",
	    name);
}

int
expected_numbers_forget(struct store *s, const char *name, struct eg_err *err)
{
	return sql_exec(s, err, "DELETE FROM expected_number WHERE name = ?", "s", name);
}

int
drops_of_source(struct store *s, const char *source, int64_t place, int64_t after,
    int (*each)(void *ctx, int64_t place, const struct drop_row *d, struct eg_err *err), void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	struct drop_row d;
	int rc = sql_get(s,
	    "SELECT rowid, id, source, name, sha256, identity, size, owner, received, run, state, verdict, first, bundle FROM drops"
	    " WHERE rowid > ?1 AND source = ?2 AND received > ?3 AND state <> 'claimed' ORDER BY rowid",
	    &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "isi", place, source, after);
	while (rc == EG_OK) {
		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = sql_row(st, NULL, err, "isssssiiiissss", &place, &d.id, &d.source, &d.name, &d.sha256,
			    &d.identity, &d.size, &d.owner, &d.received, &d.run, &d.state, &d.verdict, &d.first,
			    &d.bundle);
		if (rc == EG_OK)
			rc = each(ctx, place, &d, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}
