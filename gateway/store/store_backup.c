/* SPDX-License-Identifier: MIT
 *
 * Copies through SQLite's backup interface (a copy of the file alone would lack what its journal holds), and comparison table by table in SQL.
 */
#include "gateway/store/store_backup.h"
#include "gateway/store/sql.h"
#include "gateway/store/touched_int.h"

#include "base/fs.h"

#include <fcntl.h>
#include <limits.h>

#define TRIES 600 /* times that a writer may be in the way, 0.1 s each */

static int
copy_pages(struct store *s, sqlite3 *to, struct eg_err *err)
{
	sqlite3_backup *b = sqlite3_backup_init(to, "main", s->db, "main");
	int rc = b == NULL ? sqlite3_errcode(to) : SQLITE_OK, tries = TRIES;

	/* In one step: between two of them a turn's commit would begin the copy anew. Writers go on meanwhile. */
	while (rc == SQLITE_OK || ((rc == SQLITE_BUSY || rc == SQLITE_LOCKED) && tries-- > 0)) {
		if (rc != SQLITE_OK)
			(void)sqlite3_sleep(100);
		rc = sqlite3_backup_step(b, -1);
	}
	if (b != NULL)
		(void)sqlite3_backup_finish(b);
	return rc == SQLITE_DONE ? EG_OK : sql_fail(s, rc, "copying state.db", err);
}

static int
whole(struct store *copy, struct eg_err *err)
{
	/* one file without companions: who copies it elsewhere has everything */
	int rc = sqlite3_exec(copy->db, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) == SQLITE_OK ?
	             EG_OK :
	             sql_fail(copy, sqlite3_errcode(copy->db), "finishing the copy", err);

	return rc == EG_OK ? store_check(copy, err) : rc;
}

/* Its bytes are on the disk before it gets its name. */
static int
give_name(int dirfd, const char *temp, const char *name, struct eg_err *err)
{
	int rc = eg_fs_unlink(dirfd, name, err);

	return rc == EG_OK ? eg_fs_rename_new(dirfd, temp, dirfd, name, err) : rc;
}

int
store_backup(struct store *s, int dirfd, const char *name, struct eg_err *err)
{
	struct store copy = { .db = NULL };
	char path[PATH_MAX], temp[64];
	int rc = EG_OK;

	(void)snprintf(temp, sizeof(temp), ".tmp-%.40s", name);
	rc = store_db_path(dirfd, temp, path, sizeof(path), err);
	if (rc == EG_OK)
		rc = eg_fs_unlink(dirfd, temp, err);
	if (rc != EG_OK)
		return rc;
	int said =
	    sqlite3_open_v2(path, &copy.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW, NULL);
	rc = said == SQLITE_OK ? copy_pages(s, copy.db, err) : sql_fail(&copy, said, "making the copy", err);
	if (rc == EG_OK)
		rc = whole(&copy, err);
	for (size_t i = 0; i < copy.nslots; i++)
		(void)sqlite3_finalize(copy.slots[i].st);
	free(copy.slots);
	(void)sqlite3_close(copy.db);
	if (rc == EG_OK)
		rc = give_name(dirfd, temp, name, err);
	if (rc != EG_OK) {
		struct eg_err untold;
		if (eg_fs_unlink(dirfd, temp, &untold) < 0)
			return rc; /* the first error is the one told */
	}
	return rc;
}

/* ---- comparing ---- */

struct comparing {
	struct store *s;
	unsigned tables;
	int (*each)(void *ctx, const struct store_difference *d, struct eg_err *err);
	void *ctx;
};

/* What the archive cannot say: how far the state was kept is written when it is kept. */
static int
compare_table(void *ctx, const struct touched_table *t, struct eg_err *err)
{
	struct comparing *c = ctx;
	const char *but = strcmp(t->name, "meta") == 0 ? " WHERE key NOT LIKE 'kept.%'" : "";
	struct store_difference d = { .table = t->name };
	char *here = eg_xprintf(
		 "SELECT count(*) FROM (SELECT * FROM main.%s%s EXCEPT SELECT * FROM other.%s)", t->name, but, t->name),
	     *there = eg_xprintf(
		 "SELECT count(*) FROM (SELECT * FROM other.%s%s EXCEPT SELECT * FROM main.%s)", t->name, but, t->name);
	int rc = touched_number(c->s, here, &d.here, err);

	if (rc == EG_OK)
		rc = touched_number(c->s, there, &d.there, err);
	if (rc == EG_OK)
		rc = touched_count_of(c->s, t, &d.touched, err);
	c->tables++;
	if (rc == EG_OK && d.here + d.there > 0)
		rc = c->each(c->ctx, &d, err);
	free(here);
	free(there);
	return rc;
}

int
store_compare(struct store *s, int dirfd, const char *name, unsigned *ret_tables,
    int (*each)(void *ctx, const struct store_difference *d, struct eg_err *err), void *ctx, struct eg_err *err)
{
	struct comparing c = { .s = s, .each = each, .ctx = ctx };
	char path[PATH_MAX];
	int rc = store_db_path(dirfd, name, path, sizeof(path), err);

	if (rc == EG_OK)
		rc = sql_exec(s, err, "ATTACH DATABASE ? AS other", "s", path);
	if (rc != EG_OK)
		return rc;
	rc = touched_tables(s, compare_table, &c, err);
	*ret_tables = c.tables;
	struct eg_err untold;
	int after = sql_exec(s, rc == EG_OK ? err : &untold, "DETACH DATABASE other", "");
	return rc == EG_OK ? after : rc;
}
