/* SPDX-License-Identifier: MIT
 *
 * A state.db of an older erpgate gets what schema.sql has more: tables, columns behind the others, indexes. Nothing is taken away or rewritten, so schema.sql grows only
 * in ways that this can follow: a new column of an old table may be NULL or has a default, keys stay. Tests: tests/unit/test_store.c.
 */
#include "gateway/store/sql.h"
#include "gateway/store/touched_int.h"

struct upgrade {
	sqlite3 *to; /* the database being brought up to date */
	sqlite3 *fresh; /* schema.sql, empty, in memory */
	struct eg_err *err;
};

static int
failed(struct upgrade *u, sqlite3 *db, const char *doing)
{
	return eg_fail(u->err, EG_FATAL, "DB-UPGRADE",
	    "state.db could not be brought up to date (%s: %s); it is as it was", doing, sqlite3_errmsg(db));
}

/* One number of `db`, 0 without a row. */
static int
ask(struct upgrade *u, sqlite3 *db, const char *sql, const char *a, const char *b, int64_t *ret)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(db, sql, -1, &st, NULL);

	*ret = 0;
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(st, 1, a, -1, SQLITE_TRANSIENT);
	if (rc == SQLITE_OK && b != NULL)
		rc = sqlite3_bind_text(st, 2, b, -1, SQLITE_TRANSIENT);
	if (rc == SQLITE_OK) {
		rc = sqlite3_step(st);
		if (rc == SQLITE_ROW)
			*ret = sqlite3_column_int64(st, 0);
	}
	(void)sqlite3_finalize(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? EG_OK : failed(u, db, "looking");
}

static int
change(struct upgrade *u, const char *sql)
{
	return sqlite3_exec(u->to, sql, NULL, NULL, NULL) == SQLITE_OK ? EG_OK : failed(u, u->to, sql);
}

/* Columns of the table that the older database lacks, in the order of schema.sql. */
static int
add_columns(struct upgrade *u, const char *table)
{
	sqlite3_stmt *st = NULL;
	int step = sqlite3_prepare_v2(
	    u->fresh, "SELECT name, type, \"notnull\", dflt_value FROM pragma_table_info(?)", -1, &st, NULL);
	int rc = EG_OK;

	if (step == SQLITE_OK)
		step = sqlite3_bind_text(st, 1, table, -1, SQLITE_TRANSIENT);
	while (rc == EG_OK && step != SQLITE_DONE) {
		int64_t there;

		step = sqlite3_step(st);
		if (step != SQLITE_ROW)
			break;
		const char *name = (const char *)sqlite3_column_text(st, 0),
			   *plain = (const char *)sqlite3_column_text(st, 3);
		rc = ask(u, u->to, "SELECT count(*) FROM pragma_table_info(?) WHERE name = ?", table, name, &there);
		if (rc != EG_OK || there > 0)
			continue;
		char *sql = eg_xprintf("ALTER TABLE %s ADD COLUMN %s %s%s%s%s", table, name,
		    (const char *)sqlite3_column_text(st, 1), sqlite3_column_int(st, 2) != 0 ? " NOT NULL" : "",
		    plain == NULL ? "" : " DEFAULT ", plain == NULL ? "" : plain);
		rc = change(u, sql);
		free(sql);
	}
	if (rc == EG_OK && step != SQLITE_DONE)
		rc = failed(u, u->fresh, "reading the columns");
	(void)sqlite3_finalize(st);
	return rc;
}

/* Tables first, then indexes: these may be about new columns. */
static int
add_kind(struct upgrade *u, const char *kind)
{
	sqlite3_stmt *st = NULL;
	int step = sqlite3_prepare_v2(u->fresh,
	    "SELECT name, sql FROM sqlite_schema WHERE type = ? AND sql IS NOT NULL ORDER BY rowid", -1, &st, NULL);
	int rc = EG_OK;

	if (step == SQLITE_OK)
		step = sqlite3_bind_text(st, 1, kind, -1, SQLITE_TRANSIENT);
	while (rc == EG_OK && step != SQLITE_DONE) {
		int64_t there;

		step = sqlite3_step(st);
		if (step != SQLITE_ROW)
			break;
		const char *name = (const char *)sqlite3_column_text(st, 0);
		rc =
		    ask(u, u->to, "SELECT count(*) FROM sqlite_schema WHERE type = ? AND name = ?", kind, name, &there);
		if (rc == EG_OK && there == 0)
			rc = change(u, (const char *)sqlite3_column_text(st, 1));
		else if (rc == EG_OK && strcmp(kind, "table") == 0)
			rc = add_columns(u, name);
	}
	if (rc == EG_OK && step != SQLITE_DONE)
		rc = failed(u, u->fresh, "reading the schema");
	(void)sqlite3_finalize(st);
	return rc;
}

int
store_upgrade(struct store *s, int version, struct eg_err *err)
{
	struct upgrade u = { .to = s->db, .err = err };
	char *done = eg_xprintf("PRAGMA user_version = %d; COMMIT", version);
	int rc = EG_OK;

	if (sqlite3_open_v2(":memory:", &u.fresh, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK ||
	    sqlite3_exec(u.fresh, (const char *)store_schema, NULL, NULL, NULL) != SQLITE_OK)
		rc = failed(&u, u.fresh, "reading the schema");
	if (rc == EG_OK)
		rc = change(&u, "BEGIN IMMEDIATE");
	if (rc == EG_OK)
		rc = add_kind(&u, "table");
	if (rc == EG_OK)
		rc = add_kind(&u, "index");
	if (rc == EG_OK)
		rc = touched_install(s, err);
	if (rc == EG_OK)
		rc = change(&u, done);
	if (rc != EG_OK)
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	(void)sqlite3_close(u.fresh);
	free(done);
	return rc;
}
