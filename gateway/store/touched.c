/* SPDX-License-Identifier: MIT
 *
 * Noting which rows changed, and reading them to be kept. The triggers are made from the schema itself, for every table but those below; a table has one to four
 * columns in its key, all of them INTEGER or TEXT.
 */
#include "gateway/store/sql.h"
#include "gateway/store/touched_int.h"

#include "base/hash.h"

#include <jansson.h>

/* Tables whose rows are not kept, and why. */
static const struct {
	const char *name, *why;
} apart[] = {
	{ "touched", "is the list itself" },
	{ "log", "stands in the archive already: its tiles are the log" },
	{ "hold", "is worked out anew by every turn" },
	{ "answer", "is empty between turns" },
};

bool
touched_apart(const char *table)
{
	for (size_t i = 0; i < sizeof(apart) / sizeof(apart[0]); i++)
		if (strcmp(apart[i].name, table) == 0)
			return true;
	return strncmp(table, "find", 4) == 0 && strcmp(table, "finding") != 0; /* full text: made from the rest */
}

/* ---- what the schema says ---- */

static int
table_key(sqlite3 *db, const char *table, struct touched_table *ret)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(db, "SELECT name, pk FROM pragma_table_info(?) ORDER BY cid", -1, &st, NULL);

	*ret = (struct touched_table){ .columns = 0 };
	(void)snprintf(ret->name, sizeof(ret->name), "%s", table);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(st, 1, table, -1, SQLITE_TRANSIENT);
	if (rc == SQLITE_OK)
		rc = SQLITE_ROW;
	while (rc == SQLITE_ROW && (rc = sqlite3_step(st)) == SQLITE_ROW) {
		const char *column = (const char *)sqlite3_column_text(st, 0);
		int at = sqlite3_column_int(st, 1);

		eg_check(ret->columns < TOUCHED_COLUMNS && at <= TOUCHED_KEYS);
		(void)snprintf(ret->column[ret->columns], sizeof(ret->column[0]), "%s", column);
		if (at > 0) {
			ret->key[at - 1] = ret->columns;
			ret->keys = at > ret->keys ? at : ret->keys;
		}
		ret->columns++;
	}
	(void)sqlite3_finalize(st);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

int
touched_tables(struct store *s, int (*each)(void *ctx, const struct touched_table *t, struct eg_err *err), void *ctx,
    struct eg_err *err)
{
	sqlite3_stmt *st = NULL;
	int step = sqlite3_prepare_v2(s->db,
	    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name", -1, &st,
	    NULL);
	int rc = EG_OK;

	if (step == SQLITE_OK)
		step = SQLITE_ROW;
	while (rc == EG_OK && step == SQLITE_ROW && (step = sqlite3_step(st)) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(st, 0);
		struct touched_table t;

		if (touched_apart(name))
			continue;
		step = table_key(s->db, name, &t);
		if (step == SQLITE_OK) {
			eg_check(t.keys > 0);
			rc = each(ctx, &t, err);
			step = SQLITE_ROW;
		}
	}
	(void)sqlite3_finalize(st);
	return rc == EG_OK && step != SQLITE_DONE && step != SQLITE_ROW ? sql_fail(s, step, "reading the schema", err) :
	                                                                  rc;
}

/* ---- noting ---- */

/* "'item', NEW.id, '', '', ''" */
static void
key_values(const struct touched_table *t, const char *row, struct eg_buf *b)
{
	eg_buf_printf(b, "'%s'", t->name);
	for (int i = 0; i < TOUCHED_KEYS; i++)
		if (i < t->keys)
			eg_buf_printf(b, ", %s%s", row, t->column[t->key[i]]);
		else
			eg_buf_str(b, ", ''");
}

/*
 * Not with OR IGNORE: what the statement that fires the trigger says of conflicts would count instead.
 * The + takes the column's affinity away: with it the key of `touched` would not be looked up but walked through.
 */
static void
note_key(const struct touched_table *t, const char *row, struct eg_buf *b)
{
	eg_buf_str(b, "INSERT INTO touched SELECT ");
	key_values(t, row, b);
	eg_buf_printf(b, " WHERE NOT EXISTS (SELECT 1 FROM touched WHERE tbl = '%s'", t->name);
	for (int i = 0; i < t->keys; i++)
		eg_buf_printf(b, " AND %c = +%s%s", 'a' + i, row, t->column[t->key[i]]);
	eg_buf_str(b, "); ");
}

static int
run_text(struct store *s, struct eg_buf *b, struct eg_err *err)
{
	int rc = sqlite3_exec(s->db, eg_buf_cstr(b), NULL, NULL, NULL);

	eg_buf_clear(b);
	return rc == SQLITE_OK ? EG_OK : sql_fail(s, rc, "noting what changes", err);
}

static int
watch_table(void *ctx, const struct touched_table *t, struct eg_err *err)
{
	static const struct {
		const char *name, *event, *first, *second;
	} kinds[] = {
		{ "added", "INSERT", "NEW.", NULL },
		{ "changed", "UPDATE", "NEW.", "OLD." },
		{ "gone", "DELETE", "OLD.", NULL },
	};
	struct store *s = ctx;
	struct eg_buf b = EG_BUF_INIT;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		eg_buf_printf(&b, "CREATE TRIGGER IF NOT EXISTS touch_%s_%s AFTER %s ON %s BEGIN ", t->name,
		    kinds[i].name, kinds[i].event, t->name);
		note_key(t, kinds[i].first, &b);
		if (kinds[i].second != NULL && t->keys > 1) /* only keys of several parts are ever changed */
			note_key(t, kinds[i].second, &b);
		eg_buf_str(&b, "END; ");
	}
	int rc = run_text(s, &b, err);
	eg_buf_done(&b);
	return rc;
}

static int
touch_all(void *ctx, const struct touched_table *t, struct eg_err *err)
{
	struct store *s = ctx;
	struct eg_buf b = EG_BUF_INIT;

	eg_buf_str(&b, "INSERT OR IGNORE INTO touched SELECT ");
	key_values(t, "", &b);
	eg_buf_printf(&b, " FROM %s", t->name);
	int rc = run_text(s, &b, err);
	eg_buf_done(&b);
	return rc;
}

static int
unwatch_table(void *ctx, const struct touched_table *t, struct eg_err *err)
{
	struct store *s = ctx;
	struct eg_buf b = EG_BUF_INIT;

	eg_buf_printf(&b,
	    "DROP TRIGGER IF EXISTS touch_%s_added; DROP TRIGGER IF EXISTS touch_%s_changed; DROP TRIGGER IF EXISTS touch_%s_gone",
	    t->name, t->name, t->name);
	int rc = run_text(s, &b, err);
	eg_buf_done(&b);
	return rc;
}

int
store_touch_stop(struct store *s, struct eg_err *err)
{
	return touched_tables(s, unwatch_table, s, err);
}

int
store_touch_start(struct store *s, struct eg_err *err)
{
	return touched_tables(s, watch_table, s, err);
}

int
touched_install(struct store *s, struct eg_err *err)
{
	int rc = store_touch_stop(s, err); /* a table may have got columns, the triggers follow */

	if (rc == EG_OK)
		rc = touched_tables(s, touch_all, s, err);
	return rc == EG_OK ? store_touch_start(s, err) : rc;
}

/* ---- reading ---- */

static json_t *
cell(sqlite3_stmt *st, int i)
{
	switch (sqlite3_column_type(st, i)) {
	case SQLITE_INTEGER:
		return json_integer(sqlite3_column_int64(st, i));
	case SQLITE_TEXT:
		return json_stringn((const char *)sqlite3_column_text(st, i), (size_t)sqlite3_column_bytes(st, i));
	case SQLITE_BLOB: {
		size_t n = (size_t)sqlite3_column_bytes(st, i);
		char *hex = eg_xalloc(2 * n + 1);

		eg_hex(n == 0 ? (const unsigned char *)"" : sqlite3_column_blob(st, i), n, hex);
		json_t *j = json_pack("{s:s}", "hex", hex);
		free(hex);
		return j;
	}
	default:
		return json_null();
	}
}

struct reading {
	struct store *s;
	int (*each)(void *ctx, struct eg_bytes line, struct eg_err *err);
	void *ctx;
};

/* The row, or, when it is gone, its key. Columns: those of the key in `touched`, then the row's. */
static int
tell_row(struct reading *r, const struct touched_table *t, sqlite3_stmt *st, struct eg_err *err)
{
	bool gone = sqlite3_column_type(st, TOUCHED_KEYS) == SQLITE_NULL;
	json_t *cells = json_object(), *j = json_pack("{s:s}", "table", t->name);
	int bad = 0, rc;

	if (gone)
		for (int i = 0; i < t->keys; i++)
			bad |= json_object_set_new(cells, t->column[t->key[i]], cell(st, i));
	else
		for (int i = 0; i < t->columns; i++)
			bad |= json_object_set_new(cells, t->column[i], cell(st, TOUCHED_KEYS + 1 + i));
	bad |= json_object_set_new(j, gone ? "gone" : "row", cells);
	char *text = bad != 0 ? NULL : json_dumps(j, JSON_COMPACT);
	rc = text == NULL ?
	         eg_fail(err, EG_FATAL, "DB-CORRUPT", "a row of table %s holds text that is not UTF-8", t->name) :
	         r->each(r->ctx, eg_bytes_str(text), err);
	free(text);
	json_decref(j);
	return rc;
}

/* A revision's body stands in the bundle of its drop, if it was there when that was sealed. */
static const char body_or_null[] =
    "CASE WHEN t.id <= (SELECT b.bodies FROM files f JOIN drops d ON d.id = f.drop_id JOIN bundle b ON b.id = d.bundle"
    " WHERE f.id = t.file) THEN NULL ELSE t.packed END";

static void
select_touched(const struct touched_table *t, struct eg_buf *b)
{
	eg_buf_printf(b, "SELECT k.a, k.b, k.c, k.d, t.%s", t->column[t->key[0]]);
	for (int i = 0; i < t->columns; i++)
		if (strcmp(t->name, "revision") == 0 && strcmp(t->column[i], "packed") == 0)
			eg_buf_printf(b, ", %s", body_or_null);
		else
			eg_buf_printf(b, ", t.%s", t->column[i]);
	eg_buf_printf(b, " FROM touched k LEFT JOIN %s t ON ", t->name);
	for (int i = 0; i < t->keys; i++)
		eg_buf_printf(b, "%st.%s = k.%c", i == 0 ? "" : " AND ", t->column[t->key[i]], 'a' + i);
	eg_buf_printf(b, " WHERE k.tbl = '%s' ORDER BY k.a, k.b, k.c, k.d", t->name);
}

static int
read_table(void *ctx, const struct touched_table *t, struct eg_err *err)
{
	struct reading *r = ctx;
	struct eg_buf b = EG_BUF_INIT;
	sqlite3_stmt *st = NULL;
	int rc = EG_OK;

	select_touched(t, &b);
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

int
store_touched_any(struct store *s, bool *ret, struct eg_err *err)
{
	int64_t n = 0;
	int rc = sql_number(s, 0, &n, err,
	    "SELECT EXISTS (SELECT 1 FROM touched WHERE tbl <> 'run' AND NOT (tbl = 'meta' AND a IN ('clock.mark', 'mail.seen'))"
	    " AND NOT (tbl = 'finding' AND EXISTS (SELECT 1 FROM finding f WHERE f.id = touched.a AND f.severity = 'H')))",
	    "");

	*ret = n != 0;
	return rc;
}

int
store_touched_each(
    struct store *s, int (*each)(void *ctx, struct eg_bytes line, struct eg_err *err), void *ctx, struct eg_err *err)
{
	struct reading r = { .s = s, .each = each, .ctx = ctx };

	eg_check(s->in_tx);
	return touched_tables(s, read_table, &r, err);
}

int
store_touched_forget(struct store *s, struct eg_err *err)
{
	eg_check(s->in_tx);
	return sql_exec(s, err, "DELETE FROM touched", "");
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
