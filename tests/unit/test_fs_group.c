/* SPDX-License-Identifier: MIT
 *
 * Groups of files that share their syncs: what has a name before the sync and what only after it, that the way without syncfs leaves the same files, and that
 * a failed sync is final. Power cuts are tested by the crash suite.
 */
#include "base/fs.h"

#include "base/buf.h"
#include "tests/unit/spool_site.h"

static void
park_text(struct site_dir *t, struct eg_fs_group *g, const char *folder, const char *name, const char *text)
{
	struct eg_fs_out o = EG_FS_OUT_INIT;

	must(t, eg_fs_out_open_in(&o, t->dir, folder, 0640, &t->err));
	must(t, eg_fs_out_write(&o, eg_bytes_str(text), &t->err));
	must(t, eg_fs_group_park(g, &o, name, &t->err));
	eg_fs_out_abort(&o); /* parked: there is nothing left to give up */
}

static void
has_text(struct site_dir *t, const char *path, const char *text)
{
	struct eg_buf b = EG_BUF_INIT;

	must(t, eg_fs_read_file(t->dir, path, 4096, &b, &t->err));
	assert_string_equal(eg_buf_cstr(&b), text);
	eg_buf_done(&b);
}

static int
count_temp(void *ctx, const char *name, struct eg_err *err)
{
	(void)err;
	*(unsigned *)ctx += strncmp(name, ".tmp-", 5) == 0;
	return EG_OK;
}

static unsigned
temps(struct site_dir *t, const char *folder)
{
	unsigned n = 0;
	int dir = -1;

	must(t, eg_fs_opendir(t->dir, folder, &dir, &t->err));
	must(t, eg_fs_list(dir, count_temp, &n, &t->err));
	eg_fd_done(&dir);
	return n;
}

static void
one_group(bool whole)
{
	struct site_dir t;
	struct eg_fs_group g = EG_FS_GROUP_INIT;

	site_make(&t);
	put_text(&t, "old", "before");
	put_text(&t, "here", "moved");
	must(&t, eg_fs_group_open(&g, t.dir, &t.err));
	g.whole = whole;
	must(&t, eg_fs_group_mkdir(&g, t.dir, "job", 0700, &t.err));
	must(&t, eg_fs_group_note(&g, t.dir, "job/source", eg_bytes_str("src"), &t.err));
	must(&t, eg_fs_group_move(&g, t.dir, "here", t.dir, "job/there", &t.err));
	park_text(&t, &g, "job", "job/raw", "copy");
	park_text(&t, &g, "", "old", "after");
	has_text(&t, "job/source", "src");
	has_text(&t, "job/there", "moved");
	has_text(&t, "old", "before");
	assert_false(eg_fs_exists(t.dir, "job/raw"));
	assert_int_equal(temps(&t, "job"), 1);
	must(&t, eg_fs_group_sync(&g, &t.err));
	has_text(&t, "job/raw", "copy");
	has_text(&t, "old", "after");
	assert_int_equal(temps(&t, "job"), 0);
	must(&t, eg_fs_group_sync(&g, &t.err)); /* nothing left to do is no mistake */
	eg_fs_group_done(&g);
	has_text(&t, "job/raw", "copy");
	site_remove(&t);
}

static void
named_after_the_sync(void **state)
{
	(void)state;
	one_group(true);
}

static void
without_syncfs_the_same(void **state)
{
	(void)state;
	one_group(false);
}

static void
one_files_reasons(void **state)
{
	struct site_dir t;
	struct eg_fs_group g = EG_FS_GROUP_INIT;

	(void)state;
	site_make(&t);
	must(&t, eg_fs_group_open(&g, t.dir, &t.err));
	put_text(&t, "a", "a");
	put_text(&t, "b", "b");
	assert_int_equal(eg_fs_group_move(&g, t.dir, "none", t.dir, "c", &t.err), EG_RETRY);
	assert_string_equal(t.err.code, "GONE");
	assert_int_equal(eg_fs_group_move(&g, t.dir, "a", t.dir, "b", &t.err), EG_FATAL);
	assert_string_equal(t.err.code, "EXISTS");
	assert_int_equal(eg_fs_group_mkdir(&g, t.dir, "spool", 0700, &t.err), EG_FATAL);
	assert_string_equal(t.err.code, "EXISTS");
	assert_int_equal(eg_fs_group_note(&g, t.dir, "b", eg_bytes_str("x"), &t.err), EG_FATAL);
	assert_string_equal(t.err.code, "EXISTS");
	has_text(&t, "b", "b");
	must(&t, eg_fs_group_move(&g, t.dir, "a", t.dir, "c", &t.err)); /* none of it is a failed sync */
	must(&t, eg_fs_group_sync(&g, &t.err));
	eg_fs_group_done(&g);
	site_remove(&t);
}

/* The descriptor is taken away: syncfs fails, as it would with EIO. */
static void
a_failed_sync_is_final(void **state)
{
	struct site_dir t;
	struct eg_fs_group g = EG_FS_GROUP_INIT;
	struct eg_fs_out o = EG_FS_OUT_INIT;

	(void)state;
	site_make(&t);
	must(&t, eg_fs_group_open(&g, t.dir, &t.err));
	g.whole = true;
	park_text(&t, &g, "", "one", "1");
	int fs = g.fs;
	g.fs = -1;
	assert_int_equal(eg_fs_group_sync(&g, &t.err), EG_FATAL);
	g.fs = fs; /* the disk is well again: the group is not */
	assert_int_equal(eg_fs_group_sync(&g, &t.err), EG_FATAL);
	assert_string_equal(t.err.code, "DISK-ERROR");
	assert_int_equal(eg_fs_group_mkdir(&g, t.dir, "later", 0700, &t.err), EG_FATAL);
	assert_int_equal(eg_fs_group_note(&g, t.dir, "later", EG_NONE, &t.err), EG_FATAL);
	must(&t, eg_fs_out_open(&o, t.dir, 0600, &t.err));
	assert_int_equal(eg_fs_group_park(&g, &o, "later", &t.err), EG_FATAL);
	eg_fs_out_abort(&o);
	assert_int_equal(temps(&t, "."), 1);
	eg_fs_group_done(&g);
	assert_int_equal(temps(&t, "."), 0);
	assert_false(eg_fs_exists(t.dir, "one"));
	assert_false(eg_fs_exists(t.dir, "later"));
	site_remove(&t);
}

static void
a_group_given_up_leaves_nothing(void **state)
{
	struct site_dir t;
	struct eg_fs_group g = EG_FS_GROUP_INIT;

	(void)state;
	eg_fs_group_done(&g); /* empty-safe */
	site_make(&t);
	must(&t, eg_fs_group_open(&g, t.dir, &t.err));
	for (int i = 0; i < 200; i++)
		park_text(&t, &g, "", "same", "x");
	assert_int_equal(temps(&t, "."), 200);
	eg_fs_group_done(&g);
	assert_int_equal(temps(&t, "."), 0);
	site_remove(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(named_after_the_sync),
		cmocka_unit_test(without_syncfs_the_same),
		cmocka_unit_test(one_files_reasons),
		cmocka_unit_test(a_failed_sync_is_final),
		cmocka_unit_test(a_group_given_up_leaves_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
