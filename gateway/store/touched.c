/* SPDX-License-Identifier: MIT
 *
 * Noting which rows changed. Most rows of a turn are new, and their keys are above all those before: kept_to has, for each table, how far the first part of its key was kept, and
 * what is above it is owed without any note. Only a row at or below it is noted in `touched` when it is added, changed or taken away. That is right whatever the keys are; that
 * it is quick follows from their growing.
 *
 * The triggers are made from the schema itself, for every table but those below; a table has one to four columns in its key, all of them INTEGER or TEXT.
 */
#include "gateway/store/sql.h"
#include "gateway/store/touched_int.h"

/* Tables whose rows are not kept, and why. */
static const struct {
	const char *name, *why;
} apart[] = {
	{ "touched", "is the list itself" },
	{ "kept_to", "is the other half of it" },
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
	int rc = sqlite3_prepare_v2(db, "SELECT name, pk, type FROM pragma_table_info(?) ORDER BY cid", -1, &st, NULL);

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
			if (at == 1)
				ret->is_text = strcmp((const char *)sqlite3_column_text(st, 2), "TEXT") == 0;
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

/* How far this table was kept. */
static void
kept_to(const struct touched_table *t, struct eg_buf *b)
{
	eg_buf_printf(b, "(SELECT a FROM kept_to WHERE tbl = '%s')", t->name);
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
	eg_buf_printf(b, " WHERE %s%s <= ", row, t->column[t->key[0]]);
	kept_to(t, b);
	eg_buf_printf(b, " AND NOT EXISTS (SELECT 1 FROM touched WHERE tbl = '%s'", t->name);
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
		bool both = kinds[i].second != NULL && t->keys > 1; /* only keys of several parts are ever changed */
		const char *first = t->column[t->key[0]];

		eg_buf_printf(&b, "CREATE TRIGGER IF NOT EXISTS touch_%s_%s AFTER %s ON %s WHEN ", t->name,
		    kinds[i].name, kinds[i].event, t->name);
		if (both)
			eg_buf_printf(&b, "min(OLD.%s, NEW.%s) <= ", first, first);
		else
			eg_buf_printf(&b, "%s%s <= ", kinds[i].first, first);
		kept_to(t, &b);
		eg_buf_str(&b, " BEGIN ");
		note_key(t, kinds[i].first, &b);
		if (both)
			note_key(t, kinds[i].second, &b);
		eg_buf_str(&b, "END; ");
	}
	int rc = run_text(s, &b, err);
	eg_buf_done(&b);
	return rc;
}

/* Nothing of it was kept: all rows are owed. No number is below the first of these, no text but the empty one. */
static int
owe_all(void *ctx, const struct touched_table *t, struct eg_err *err)
{
	struct store *s = ctx;
	struct eg_buf b = EG_BUF_INIT;

	eg_buf_printf(&b, "INSERT OR REPLACE INTO kept_to VALUES ('%s', %s); INSERT OR IGNORE INTO touched SELECT ",
	    t->name, t->is_text ? "''" : "-9223372036854775808");
	key_values(t, "", &b);
	eg_buf_printf(&b, " FROM %s WHERE %s = ''", t->name, t->column[t->key[0]]);
	int rc = run_text(s, &b, err);
	eg_buf_done(&b);
	return rc;
}

/* Of a table that has lost its last rows since, as far as before: their keys may come again, and must be noted then. */
static int
kept_all(void *ctx, const struct touched_table *t, struct eg_err *err)
{
	struct store *s = ctx;
	struct eg_buf b = EG_BUF_INIT;

	eg_buf_printf(&b, "UPDATE kept_to SET a = max(a, coalesce((SELECT max(%s) FROM %s), a)) WHERE tbl = '%s'",
	    t->column[t->key[0]], t->name, t->name);
	int rc = run_text(s, &b, err);
	eg_buf_done(&b);
	return rc;
}

int
store_touched_forget(struct store *s, struct eg_err *err)
{
	eg_check(s->in_tx);
	int rc = touched_tables(s, kept_all, s, err);
	return rc == EG_OK ? sql_exec(s, err, "DELETE FROM touched", "") : rc;
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
		rc = touched_tables(s, owe_all, s, err);
	return rc == EG_OK ? store_touch_start(s, err) : rc;
}
