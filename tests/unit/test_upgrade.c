/* SPDX-License-Identifier: MIT
 *
 * A database as erpgate 0.1.0 first made it (tests/data/state-1.sql) is brought up to date when it is opened: it then has every table, column and index of a new one, and what
 * was in it. Opened only to look, it is refused with the way out.
 */
#include "gateway/store/store.h"

#include "base/fs.h"

#include <sqlite3.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

static char dir_name[] = "/tmp/erpgate-upgrade-XXXXXX";
static int dir;

static sqlite3 *
open_db(const char *name)
{
	char *path = eg_xprintf("%s/%s", dir_name, name);
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	free(path);
	return db;
}

static void
run(sqlite3 *db, const char *sql)
{
	char *said = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &said) != SQLITE_OK)
		fail_msg("%s", said);
}

/* Every column and index, a line each, in order of name. */
static void
describe(sqlite3 *db, struct eg_buf *ret)
{
	sqlite3_stmt *st = NULL;

	assert_int_equal(
	    sqlite3_prepare_v2(db,
		"SELECT m.name || '.' || c.name || ' ' || c.type || ' ' || c.\"notnull\" || ' ' || coalesce(c.dflt_value, '-') || ' ' || c.pk AS line "
		"FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' "
		"UNION SELECT 'index ' || name FROM sqlite_schema WHERE type = 'index' ORDER BY line",
		-1, &st, NULL),
	    SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW)
		eg_buf_printf(ret, "%s\n", (const char *)sqlite3_column_text(st, 0));
	(void)sqlite3_finalize(st);
}

static void
make_old(void)
{
	struct eg_buf sql = EG_BUF_INIT;
	struct eg_err err;
	sqlite3 *db = open_db("state.db");

	assert_int_equal(eg_fs_read_file(AT_FDCWD, "tests/data/state-1.sql", 1 << 20, &sql, &err), EG_OK);
	run(db, eg_buf_cstr(&sql));
	run(db, "INSERT INTO users (name, role, added) VALUES ('ann', 'standard', 7);"
		"INSERT INTO user_right (user, type) VALUES ('ann', 'commitment');"
		"INSERT INTO meta (key, value) VALUES ('next.B', '12'); PRAGMA user_version = 1");
	(void)sqlite3_close(db);
	eg_buf_done(&sql);
}

static void
old_database(void **state)
{
	struct eg_buf old = EG_BUF_INIT, fresh = EG_BUF_INIT;
	struct store *s = NULL;
	struct eg_arena a;
	struct eg_err err;
	struct user u;
	sqlite3 *db;
	int sub = -1;

	(void)state;
	make_old();
	assert_int_equal(store_open(dir, false, true, &s, &err), EG_FATAL);
	assert_string_equal(err.code, "DB-OLDER");
	assert_non_null(strstr(err.msg, "erpgate run"));
	assert_int_equal(store_open(dir, false, false, &s, &err), EG_OK);
	eg_arena_init(&a, 1 << 16);
	assert_int_equal(user_find(s, "ann", &a, &u, &err), EG_OK);
	assert_string_equal(u.types, "commitment");
	eg_arena_done(&a);
	store_close(s);
	assert_int_equal(store_open(dir, false, true, &s, &err), EG_OK);
	store_close(s);

	assert_int_equal(eg_fs_mkdirs(dir, "fresh", 0700, &err), EG_OK);
	assert_int_equal(eg_fs_opendir(dir, "fresh", &sub, &err), EG_OK);
	assert_int_equal(store_open(sub, true, false, &s, &err), EG_OK);
	store_close(s);
	eg_fd_done(&sub);
	db = open_db("state.db");
	describe(db, &old);
	(void)sqlite3_close(db);
	db = open_db("fresh/state.db");
	describe(db, &fresh);
	(void)sqlite3_close(db);
	assert_string_equal(eg_buf_cstr(&old), eg_buf_cstr(&fresh));
	eg_buf_done(&old);
	eg_buf_done(&fresh);
}

static int
setup(void **state)
{
	(void)state;
	if (mkdtemp(dir_name) == NULL)
		return -1;
	dir = open(dir_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? -1 : 0;
}

static int
teardown(void **state)
{
	static const char *const names[] = { "fresh/state.db", "fresh/state.db-wal", "fresh/state.db-shm", "state.db",
		"state.db-wal", "state.db-shm" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)unlinkat(dir, names[i], 0);
	(void)unlinkat(dir, "fresh", AT_REMOVEDIR);
	(void)close(dir);
	return rmdir(dir_name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(old_database) };

	return cmocka_run_group_tests(tests, setup, teardown);
}
