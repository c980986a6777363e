/* SPDX-License-Identifier: MIT
 *
 * Rows of refused documents. Numbers within a drop are given in order of adding and never again.
 */
#include "gateway/store/store_reject.h"

#include "gateway/store/sql.h"

#define COLS "r.drop_id, r.n, r.file, r.line, r.last, r.off, r.len, r.item, r.code, r.state, r.by_drop, r.by_n, r.at"

void
reject_id(const char *drop, unsigned n, char ret[REJECT_ID_MAX])
{
	(void)snprintf(ret, REJECT_ID_MAX, "%s-%u", drop, n);
}

bool
reject_id_read(struct eg_bytes v, char ret_drop[16], unsigned *ret_n)
{
	size_t dash = eg_bytes_chr(v, '-');
	uint64_t drop, n;

	if (v.len == 0 || v.ptr[0] != 'D' || dash < 7 || dash > 15 || dash == v.len ||
	    !eg_bytes_to_u64(eg_bytes_sub(v, 1, dash - 1), &drop) ||
	    !eg_bytes_to_u64(eg_bytes_sub(v, dash + 1, v.len), &n) || n == 0 || n > UINT32_MAX)
		return false;
	memcpy(ret_drop, v.ptr, dash);
	ret_drop[dash] = '\0';
	*ret_n = (unsigned)n;
	return true;
}

int
reject_next(struct store *s, const char *drop, unsigned *ret, struct eg_err *err)
{
	int64_t n = 0;
	int rc = sql_number(s, 0, &n, err, "SELECT coalesce(max(n), 0) FROM reject WHERE drop_id = ?", "s", drop);

	*ret = (unsigned)n + 1;
	return rc;
}

int
reject_add(struct store *s, struct reject_row *r, struct eg_err *err)
{
	int rc = reject_next(s, r->drop, &r->n, err);

	r->state = "open";
	if (rc == EG_OK)
		rc = sql_exec(s, err,
		    "INSERT INTO reject (drop_id, n, file, line, last, off, len, item, code, state, at)"
		    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?)",
		    "siiiiiissi", r->drop, (int64_t)r->n, r->file, (int64_t)r->line, (int64_t)r->last, (int64_t)r->off,
		    (int64_t)r->len, r->item, r->code, r->at);
	return rc;
}

static int
read_row(sqlite3_stmt *st, struct eg_arena *a, struct reject_row *ret, struct eg_err *err)
{
	int64_t n, line, last, off, len, by_n;
	int rc = sql_row(st, a, err, "siiiiiissssii", &ret->drop, &n, &ret->file, &line, &last, &off, &len, &ret->item,
	    &ret->code, &ret->state, &ret->by_drop, &by_n, &ret->at);

	if (rc != EG_OK)
		return rc;
	ret->n = (unsigned)n;
	ret->line = (uint64_t)line;
	ret->last = (uint64_t)last;
	ret->off = (uint64_t)off;
	ret->len = (uint64_t)len;
	ret->by_n = (unsigned)by_n;
	return EG_OK;
}

int
reject_get(
    struct store *s, const char *drop, unsigned n, struct eg_arena *a, struct reject_row *ret, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, "SELECT " COLS " FROM reject r WHERE r.drop_id = ? AND r.n = ?", &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "si", drop, (int64_t)n);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = read_row(st, a, ret, err);
	sql_put(s, st);
	return rc;
}

int
reject_settle(
    struct store *s, const char *drop, unsigned n, const char *by_drop, unsigned by_n, int64_t now, struct eg_err *err)
{
	return sql_exec(s, err,
	    "UPDATE reject SET state = ?, by_drop = ?, by_n = ?, at = ? WHERE drop_id = ? AND n = ? AND state = 'open'",
	    "ssiisi", by_n == 0 ? "corrected" : "again", by_drop, (int64_t)by_n, now, drop, (int64_t)n);
}

int
reject_reopen(struct store *s, const char *by_drop, const char *item, unsigned by_n, int64_t now, struct eg_err *err)
{
	return *item == '\0' ? EG_OK :
	                       sql_exec(s, err,
				   "UPDATE reject SET state = 'again', by_n = ?, at = ? WHERE by_drop = ? AND item = ?"
				   " AND state = 'corrected'",
				   "iiss", (int64_t)by_n, now, by_drop, item);
}

int
reject_of_item(struct store *s, const char *source, const char *item, struct eg_arena *a, struct reject_row *ret,
    struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s,
	    "SELECT " COLS " FROM reject r JOIN drops d ON d.id = r.drop_id"
	    " WHERE r.item = ? AND r.state = 'open' AND d.source = ? ORDER BY r.drop_id DESC, r.n DESC LIMIT 1",
	    &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "ss", item, source);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = read_row(st, a, ret, err);
	sql_put(s, st);
	return rc;
}

int
reject_code_at(struct store *s, const char *drop, uint64_t line, const char *item, struct eg_arena *a, const char **ret,
    struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s,
	    "SELECT code FROM finding WHERE drop_id = ? AND line >= ? AND item = ? AND severity = 'R' ORDER BY line, id"
	    " LIMIT 1",
	    &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "sis", drop, (int64_t)line, item);
	if (rc == EG_OK)
		rc = sql_step(s, st, err);
	if (rc == EG_OK)
		rc = sql_row(st, a, err, "s", ret);
	sql_put(s, st);
	return rc;
}

int
reject_at(struct store *s, int64_t file, uint64_t line, const char *item, bool *ret, struct eg_err *err)
{
	int64_t last = 0;
	int rc = sql_number(s, 0, &last, err,
	    "SELECT last FROM reject WHERE file = ? AND item = ? AND line <= ? ORDER BY line DESC LIMIT 1", "isi", file,
	    item, (int64_t)line);

	*ret = last >= (int64_t)line;
	return rc;
}

int
reject_each(struct store *s, const struct reject_filter *f,
    int (*each)(void *ctx, const struct reject_row *r, struct eg_err *err), void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc =
	    f->by_drop != NULL ?
		sql_get(s, "SELECT " COLS " FROM reject r WHERE r.by_drop = ? ORDER BY r.drop_id, r.n", &st, err) :
		sql_get(s,
		    "SELECT " COLS " FROM reject r WHERE (?1 IS NULL OR r.drop_id = ?1) AND (?2 = 0 OR r.file = ?2)"
		    " AND (?3 = 0 OR r.state = 'open') ORDER BY r.drop_id, r.n",
		    &st, err);

	if (rc == EG_OK && f->by_drop != NULL)
		rc = sql_bind(s, st, err, "s", f->by_drop);
	else if (rc == EG_OK)
		rc = sql_bind(s, st, err, "sii", f->drop, f->file, (int64_t)f->open);
	while (rc == EG_OK) {
		struct reject_row r;

		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = read_row(st, NULL, &r, err);
		if (rc == EG_OK)
			rc = each(ctx, &r, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

int
reject_count(struct store *s, const char *source, unsigned *ret_open, unsigned *ret_drops, struct eg_err *err)
{
	int64_t open = 0, drops = 0;
	int rc = sql_number(s, 0, &open, err,
	    "SELECT count(*) FROM reject r JOIN drops d ON d.id = r.drop_id WHERE r.state = 'open'"
	    " AND (?1 IS NULL OR d.source = ?1)",
	    "s", source);

	if (rc == EG_OK)
		rc = sql_number(s, 0, &drops, err,
		    "SELECT count(DISTINCT r.drop_id) FROM reject r JOIN drops d ON d.id = r.drop_id WHERE r.state = 'open'"
		    " AND (?1 IS NULL OR d.source = ?1)",
		    "s", source);
	*ret_open = (unsigned)open;
	*ret_drops = (unsigned)drops;
	return rc;
}

int
reject_pending_each(
    struct store *s, int (*each)(void *ctx, const char *drop, struct eg_err *err), void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s, "SELECT DISTINCT drop_id FROM reject WHERE kit = 0 ORDER BY drop_id", &st, err);

	while (rc == EG_OK) {
		const char *drop;

		rc = sql_step(s, st, err);
		if (rc == EG_OK)
			rc = sql_row(st, NULL, err, "s", &drop);
		if (rc == EG_OK)
			rc = each(ctx, drop, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

int
reject_kit_done(struct store *s, const char *drop, struct eg_err *err)
{
	return sql_exec(s, err, "UPDATE reject SET kit = 1 WHERE drop_id = ? AND kit = 0", "s", drop);
}
