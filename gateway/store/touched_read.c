/* SPDX-License-Identifier: MIT
 *
 * Reading what changed, row by row as lines of JSON, to be kept. A turn may have changed a hundred thousand rows: a line is written straight from the columns, without a
 * tree of values in between. Refuses text that is not UTF-8 (EG_FATAL "DB-CORRUPT"): no line of ours would hold it.
 */
#include "gateway/store/sql.h"
#include "gateway/store/touched_int.h"

#include "base/hash.h"
#include "base/utf8.h"

#include <inttypes.h>

struct reading {
	struct store *s;
	int (*each)(void *ctx, struct eg_bytes line, struct eg_err *err);
	void *ctx;
	struct eg_buf line;
};

/* ---- lines ---- */

/* A JSON string. Texts are JSON themselves often enough, so an escape costs no more than two bytes. False: it is not UTF-8. */
static bool
put_string(struct eg_buf *b, struct eg_bytes v)
{
	char piece[1024];
	size_t n = 0;

	eg_buf_chr(b, '"');
	for (size_t i = 0; i < v.len; i++) {
		unsigned char c = (unsigned char)v.ptr[i];

		if (n > sizeof(piece) - 8) {
			eg_buf_put(b, piece, n);
			n = 0;
		}
		if (c < 0x20) {
			n += (size_t)snprintf(piece + n, 7, "\\u%04x", c);
			continue;
		}
		if (c == '"' || c == '\\')
			piece[n++] = '\\';
		piece[n++] = (char)c;
	}
	eg_buf_put(b, piece, n);
	eg_buf_chr(b, '"');
	return eg_utf8_valid(v) == v.len;
}

static void
put_hex(struct eg_buf *b, const unsigned char *p, size_t n)
{
	char piece[2 * 512 + 1];

	eg_buf_str(b, "{\"hex\":\"");
	for (size_t at = 0; at < n; at += 512) {
		size_t len = n - at < 512 ? n - at : 512;

		eg_hex(p + at, len, piece);
		eg_buf_put(b, piece, 2 * len);
	}
	eg_buf_str(b, "\"}");
}

static bool
put_cell(struct eg_buf *b, sqlite3_stmt *st, int i)
{
	char number[24];

	switch (sqlite3_column_type(st, i)) {
	case SQLITE_INTEGER:
		(void)snprintf(number, sizeof(number), "%" PRId64, (int64_t)sqlite3_column_int64(st, i));
		eg_buf_str(b, number);
		return true;
	case SQLITE_TEXT: {
		const unsigned char *text = sqlite3_column_text(st, i);
		return put_string(b, eg_bytes(text, (size_t)sqlite3_column_bytes(st, i)));
	}
	case SQLITE_BLOB: {
		const unsigned char *p = sqlite3_column_blob(st, i);
		put_hex(b, p, (size_t)sqlite3_column_bytes(st, i));
		return true;
	}
	default:
		eg_buf_str(b, "null");
		return true;
	}
}

/* The row, or, when it is gone, its key. Columns: those of the key in `touched`, then the row's. */
static int
tell_row(struct reading *r, const struct touched_table *t, sqlite3_stmt *st, struct eg_err *err)
{
	bool gone = sqlite3_column_type(st, TOUCHED_KEYS) == SQLITE_NULL, good = true;
	struct eg_buf *b = &r->line;
	int n = gone ? t->keys : t->columns;

	eg_buf_clear(b);
	eg_buf_printf(b, "{\"table\":\"%s\",\"%s\":", t->name, gone ? "gone" : "row");
	for (int i = 0; i < n; i++) {
		eg_buf_str(b, i == 0 ? "{\"" : ",\"");
		eg_buf_str(b, t->column[gone ? t->key[i] : i]);
		eg_buf_str(b, "\":");
		good = put_cell(b, st, gone ? i : TOUCHED_KEYS + 1 + i) && good;
	}
	eg_buf_str(b, "}}");
	if (!good || b->full)
		return eg_fail(err, EG_FATAL, "DB-CORRUPT",
		    "a row of table %s holds text that is not UTF-8, or too much", t->name);
	return r->each(r->ctx, eg_buf_view(b), err);
}

/* A revision's body stands in the bundle of its drop, if it was there when that was sealed. */
static const char body_or_null[] =
    "CASE WHEN t.id <= (SELECT b.bodies FROM files f JOIN drops d ON d.id = f.drop_id JOIN bundle b ON b.id = d.bundle"
    " WHERE f.id = t.file) THEN NULL ELSE t.packed END";

/* Two statements of the same columns: the parts of a noted key, whether there is a row, the row. What was noted comes first: its keys are below the others. */
static void
select_columns(const struct touched_table *t, const char *key, struct eg_buf *b)
{
	eg_buf_printf(b, "SELECT %s, t.%s", key, t->column[t->key[0]]);
	for (int i = 0; i < t->columns; i++)
		if (strcmp(t->name, "revision") == 0 && strcmp(t->column[i], "packed") == 0)
			eg_buf_printf(b, ", %s", body_or_null);
		else
			eg_buf_printf(b, ", t.%s", t->column[i]);
}

static void
select_noted(const struct touched_table *t, struct eg_buf *b)
{
	select_columns(t, "k.a, k.b, k.c, k.d", b);
	eg_buf_printf(b, " FROM touched k LEFT JOIN %s t ON ", t->name);
	for (int i = 0; i < t->keys; i++)
		eg_buf_printf(b, "%st.%s = k.%c", i == 0 ? "" : " AND ", t->column[t->key[i]], 'a' + i);
	eg_buf_printf(b, " WHERE k.tbl = '%s' ORDER BY k.a, k.b, k.c, k.d", t->name);
}

static void
from_new(const struct touched_table *t, struct eg_buf *b)
{
	eg_buf_printf(b, " FROM %s t WHERE t.%s > (SELECT a FROM kept_to WHERE tbl = '%s')", t->name,
	    t->column[t->key[0]], t->name);
}

static void
select_new(const struct touched_table *t, struct eg_buf *b)
{
	select_columns(t, "0, 0, 0, 0", b);
	from_new(t, b);
	for (int i = 0; i < t->keys; i++)
		eg_buf_printf(b, "%s t.%s", i == 0 ? " ORDER BY" : ",", t->column[t->key[i]]);
}

static int
read_rows(struct reading *r, const struct touched_table *t,
    void (*select)(const struct touched_table *t, struct eg_buf *b), struct eg_err *err)
{
	struct eg_buf b = EG_BUF_INIT;
	sqlite3_stmt *st = NULL;
	int rc = EG_OK;

	select(t, &b);
	int step = sqlite3_prepare_v2(r->s->db, eg_buf_cstr(&b), -1, &st, NULL);
	if (step == SQLITE_OK)
		step = SQLITE_ROW;
	while (rc == EG_OK && step == SQLITE_ROW && (step = sqlite3_step(st)) == SQLITE_ROW)
		rc = tell_row(r, t, st, err);
	if (rc == EG_OK && step != SQLITE_DONE)
		rc = sql_fail(r->s, step, "reading what changed", err);
	(void)sqlite3_finalize(st);
	eg_buf_done(&b);
	return rc;
}

static int
read_table(void *ctx, const struct touched_table *t, struct eg_err *err)
{
	int rc = read_rows(ctx, t, select_noted, err);

	return rc == EG_OK ? read_rows(ctx, t, select_new, err) : rc;
}

int
store_touched_each(
    struct store *s, int (*each)(void *ctx, struct eg_bytes line, struct eg_err *err), void *ctx, struct eg_err *err)
{
	struct reading r = { .s = s, .each = each, .ctx = ctx, .line = EG_BUF_INIT };

	eg_check(s->in_tx);
	int rc = touched_tables(s, read_table, &r, err);
	eg_buf_done(&r.line);
	return rc;
}

/* ---- how much ---- */

/* What does not count alone, as conditions on a row of the table; `run` has nothing else. */
static const char *
counts(const char *table)
{
	return strcmp(table, "meta") == 0    ? " AND t.key NOT IN ('clock.mark', 'mail.seen')" :
	       strcmp(table, "finding") == 0 ? " AND t.severity <> 'H'" :
	                                       "";
}

struct asking {
	struct eg_buf sql;
	bool all;
};

static int
ask_table(void *ctx, const struct touched_table *t, struct eg_err *err)
{
	struct asking *q = ctx;

	(void)err;
	if (!q->all && strcmp(t->name, "run") == 0)
		return EG_OK;
	eg_buf_str(&q->sql, q->all ? " + (SELECT count(*)" : " OR EXISTS (SELECT 1");
	from_new(t, &q->sql);
	eg_buf_printf(&q->sql, "%s)", q->all ? "" : counts(t->name));
	return EG_OK;
}

int
touched_number(struct store *s, const char *sql, int64_t *ret, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int said = sqlite3_prepare_v2(s->db, sql, -1, &st, NULL);

	if (said == SQLITE_OK)
		said = sqlite3_step(st);
	int rc = said == SQLITE_ROW ? EG_OK : sql_fail(s, said, "asking what changed", err);
	if (rc == EG_OK)
		*ret = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	return rc;
}

static int
ask_tables(struct store *s, const char *noted, bool all, int64_t *ret, struct eg_err *err)
{
	struct asking q = { .sql = EG_BUF_INIT, .all = all };
	int rc;

	eg_buf_str(&q.sql, noted);
	rc = touched_tables(s, ask_table, &q, err);
	if (rc == EG_OK)
		rc = touched_number(s, eg_buf_cstr(&q.sql), ret, err);
	eg_buf_done(&q.sql);
	return rc;
}

int
store_touched_any(struct store *s, bool *ret, struct eg_err *err)
{
	int64_t n = 0;
	int rc = ask_tables(s,
	    "SELECT EXISTS (SELECT 1 FROM touched WHERE tbl <> 'run' AND NOT (tbl = 'meta' AND a IN ('clock.mark', 'mail.seen'))"
	    " AND NOT (tbl = 'finding' AND EXISTS (SELECT 1 FROM finding f WHERE f.id = touched.a AND f.severity = 'H')))",
	    false, &n, err);

	*ret = n != 0;
	return rc;
}

int
store_touched_count(struct store *s, int64_t *ret, struct eg_err *err)
{
	return ask_tables(s, "SELECT (SELECT count(*) FROM touched)", true, ret, err);
}

int
touched_count_of(struct store *s, const struct touched_table *t, int64_t *ret, struct eg_err *err)
{
	struct eg_buf b = EG_BUF_INIT;
	int rc;

	eg_buf_printf(&b, "SELECT (SELECT count(*) FROM touched WHERE tbl = '%s') + (SELECT count(*)", t->name);
	from_new(t, &b);
	eg_buf_chr(&b, ')');
	rc = touched_number(s, eg_buf_cstr(&b), ret, err);
	eg_buf_done(&b);
	return rc;
}

/* ---- bodies ---- */

int
store_bodies_each(struct store *s, const char *drop,
    int (*each)(void *ctx, int64_t revision, struct eg_bytes packed, struct eg_err *err), void *ctx, struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int rc = sql_get(s,
	    "SELECT r.id, r.packed FROM files f JOIN revision r ON r.file = f.id WHERE f.drop_id = ? ORDER BY r.id",
	    &st, err);

	if (rc == EG_OK)
		rc = sql_bind(s, st, err, "s", drop);
	while (rc == EG_OK && (rc = sql_step(s, st, err)) == EG_OK) {
		int64_t id = 0;
		struct eg_bytes packed = { 0 };

		rc = sql_row(st, NULL, err, "ib", &id, &packed);
		if (rc == EG_OK)
			rc = each(ctx, id, packed, err);
	}
	sql_put(s, st);
	return rc == EG_EOF ? EG_OK : rc;
}

int
store_bodies_sealed(struct store *s, const char *bundle, struct eg_err *err)
{
	return sql_exec(
	    s, err, "UPDATE bundle SET bodies = (SELECT coalesce(max(id), 0) FROM revision) WHERE id = ?", "s", bundle);
}
