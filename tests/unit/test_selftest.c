/* SPDX-License-Identifier: MIT
 *
 * The crash test must be able to fail: a child is stopped at exactly the call that was asked for, before or behind it, and the judge names each thing that can be wrong with a
 * trial. This program is its own child: called with -C it makes seven changes and ends, or ends at once when it is asked to verify.
 */
#include "base/fs_probe.h"
#include "base/fs_tree.h"
#include "gateway/selftest/selftest.h"
#include "gateway/selftest/trace.h"
#include "gateway/store/store.h"
#include "tests/unit/spool_site.h"

#define CHANGES 7

static int
be_child(int argc, char **argv)
{
	if (argc > 3 && strcmp(argv[3], "audit") == 0)
		return 0;
	if (chdir(argv[2]) != 0)
		return 9;
	for (char name[] = "0"; name[0] < '0' + CHANGES; name[0]++)
		if (mkdir(name, 0700) != 0)
			return 9;
	return 5;
}

struct dir {
	char path[64];
	int fd;
	struct eg_err err;
};

static void
dir_make(struct dir *d)
{
	snprintf(d->path, sizeof(d->path), "/tmp/erpgate-test-XXXXXX");
	assert_non_null(mkdtemp(d->path));
	d->fd = open(d->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(d->fd >= 0);
}

static void
dir_remove(struct dir *d)
{
	close(d->fd);
	assert_int_equal(eg_fs_rmtree(AT_FDCWD, d->path, &d->err), EG_OK);
}

static void
ok(struct dir *d, int rc)
{
	if (rc < 0)
		print_error("%s: %s\n", d->err.code, d->err.msg);
	assert_true(rc >= 0);
}

static int
count(void *ctx, const char *name, struct eg_err *err)
{
	(void)name;
	(void)err;
	++*(unsigned *)ctx;
	return EG_OK;
}

static void
test_killed_there(void **state)
{
	(void)state;
	for (unsigned at = 0; at <= CHANGES + 1; at++)
		for (int after = 0; after < 2; after++) {
			struct dir d;
			struct trace_end end;
			struct trace_kill k = { .at = at, .after = after != 0 };
			unsigned made = 0;
			dir_make(&d);
			const char *const words[] = { "-C", d.path, "x", NULL };
			ok(&d, trace_run(words, &k, &end, &d.err));
			if (!end.traced) {
				dir_remove(&d);
				skip();
			}
			ok(&d, eg_fs_list(d.fd, count, &made, &d.err));
			bool killed = at > 0 && at <= CHANGES;
			assert_int_equal(end.killed, killed);
			assert_int_equal(made, !killed ? CHANGES : after ? at : at - 1);
			if (killed)
				assert_int_equal(strncmp(end.call, "mkdir", 5), 0);
			else {
				assert_int_equal(end.exit_code, 5);
				assert_int_equal(end.calls, CHANGES);
			}
			dir_remove(&d);
		}
}

static void
test_killed_by_time(void **state)
{
	struct dir d;
	struct trace_end end;
	const struct trace_kill never = { .after_us = -1 };

	(void)state;
	dir_make(&d);
	const char *const words[] = { "-C", d.path, "x", NULL };
	ok(&d, trace_run(words, &never, &end, &d.err));
	assert_true(!end.killed && !end.traced);
	assert_int_equal(end.exit_code, 5);
	dir_remove(&d);
}

/* ---- the judge ---- */

static void
put(struct dir *d, const char *path, const char *text)
{
	char *folder = eg_xstrdup(path), *slash = strrchr(folder, '/');

	*slash = '\0';
	ok(d, eg_fs_mkdirs(d->fd, folder, 0700, &d->err));
	int fd = openat(d->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	free(folder);
}

static void
row(struct store *s, struct dir *d, const char *id, const char *text, const char *state)
{
	unsigned char sha[EG_SHA256_LEN];
	char hex[EG_SHA256_HEX];

	eg_sha256_of(eg_bytes_str(text), sha);
	eg_hex(sha, sizeof(sha), hex);
	struct drop_row r = { .id = id,
		.source = "procore",
		.name = "a.csv",
		.sha256 = hex,
		.identity = hex,
		.state = state,
		.verdict = "accepted" };
	ok(d, store_drop_add(s, &r, &d->err));
}

/* What the trial is judged on, and what is wrong with it. */
enum fault {
	NONE,
	NOT_WRITTEN,
	WRITTEN_BESIDE,
	OTHER_BYTES,
	NOT_TAKEN,
	TAKEN_TWICE,
	NOT_SEALED,
	BUNDLE_LOST,
	BUNDLE_MORE,
	TEMP_LEFT,
	WORK_LEFT,
	DROP_LEFT,
	NO_DATABASE
};

static const struct {
	enum fault fault;
	unsigned lost, twice, torn, leftovers;
	const char *words;
} faults[] = {
	{ NONE, 0, 0, 0, 0, "" },
	{ NOT_WRITTEN, 1, 0, 0, 0, "killed: spool/out/cmic/x.csv was never written\n" },
	{ WRITTEN_BESIDE, 0, 1, 0, 0, "killed: spool/out/cmic/x2.csv was written beside what should be there\n" },
	{ OTHER_BYTES, 0, 0, 1, 0, "killed: spool/out/cmic/x.csv has other bytes\n" },
	{ NOT_TAKEN, 1, 0, 0, 0, "killed: spool/drop/procore/a.csv was never taken\n" },
	{ TAKEN_TWICE, 0, 1, 0, 0, "killed: spool/drop/procore/a.csv was taken 2 times\n" },
	{ NOT_SEALED, 0, 0, 0, 1, "killed: 1 drops are not sealed\n" },
	{ BUNDLE_LOST, 1, 0, 0, 0, "killed: 0 bundles were sealed instead of 1\n" },
	{ BUNDLE_MORE, 0, 1, 0, 0, "killed: 2 bundles were sealed instead of 1\n" },
	{ TEMP_LEFT, 0, 0, 0, 1, "killed: archive/.tmp-1 was left\n" },
	{ WORK_LEFT, 0, 0, 0, 1, "killed: spool/work/D000001/raw was left\n" },
	{ DROP_LEFT, 0, 0, 0, 1, "killed: spool/drop/procore/a.csv was left\n" },
	{ NO_DATABASE, 0, 0, 1, 0, NULL },
};

static void
make_trial(struct dir *d, enum fault f)
{
	struct store *s = NULL;
	int site = -1;

	put(d, "before/spool/drop/procore/a.csv", "a");
	put(d, "model/spool/out/cmic/x.csv", "x");
	put(d, "model/archive/2026/01/A000001.zip", "z");
	ok(d, eg_fs_mkdirs(d->fd, "trial/archive", 0700, &d->err));
	ok(d, eg_fs_opendir(d->fd, "trial", &site, &d->err));
	if (f != NO_DATABASE) {
		ok(d, store_open(site, true, false, &s, &d->err));
		ok(d, store_begin(s, &d->err));
		if (f != NOT_TAKEN)
			row(s, d, "D000001", "a", f == NOT_SEALED ? "claimed" : "done");
		if (f == TAKEN_TWICE)
			row(s, d, "D000002", "a", "done");
		ok(d, store_commit(s, &d->err));
		store_close(s);
	}
	close(site);
	if (f != NOT_WRITTEN)
		put(d, "trial/spool/out/cmic/x.csv", f == OTHER_BYTES ? "y" : "x");
	if (f == WRITTEN_BESIDE)
		put(d, "trial/spool/out/cmic/x2.csv", "x");
	if (f != BUNDLE_LOST)
		put(d, "trial/archive/2026/01/A000001.zip", "z");
	if (f == BUNDLE_MORE)
		put(d, "trial/archive/2026/01/A000002.zip", "z");
	if (f == TEMP_LEFT)
		put(d, "trial/archive/.tmp-1", "");
	if (f == WORK_LEFT)
		put(d, "trial/spool/work/D000001/raw", "a");
	if (f == DROP_LEFT)
		put(d, "trial/spool/drop/procore/a.csv", "a");
}

static void
test_judge(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct selftest_result r = SELFTEST_RESULT_INIT;
		struct selftest_facts facts;
		struct dir d;
		dir_make(&d);
		make_trial(&d, faults[i].fault);
		ok(&d, selftest_learn(d.fd, &facts, &d.err));
		ok(&d, selftest_judge(d.fd, "trial", d.path, &facts, "killed", &r, &d.err));
		assert_int_equal(r.lost, faults[i].lost);
		assert_int_equal(r.twice, faults[i].twice);
		assert_int_equal(r.torn, faults[i].torn);
		assert_int_equal(r.leftovers, faults[i].leftovers);
		if (faults[i].words != NULL)
			assert_string_equal(eg_buf_cstr(&r.problems), faults[i].words);
		selftest_facts_done(&facts);
		eg_buf_done(&r.problems);
		dir_remove(&d);
	}
}

/* ---- copies of folders, and a folder tried out ---- */

static void
test_copy(void **state)
{
	struct dir d;
	struct stat st;
	struct eg_buf b = EG_BUF_INIT;

	(void)state;
	dir_make(&d);
	put(&d, "a/b/c", "text");
	assert_int_equal(fchmodat(d.fd, "a/b", 02750, 0), 0);
	assert_int_equal(symlinkat("/etc/passwd", d.fd, "a/link"), 0);
	ok(&d, eg_fs_copy_tree(d.fd, "a", d.fd, "z", &d.err));
	ok(&d, eg_fs_read_file(d.fd, "z/b/c", 100, &b, &d.err));
	assert_string_equal(eg_buf_cstr(&b), "text");
	assert_int_equal(fstatat(d.fd, "z/b", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 02750);
	assert_false(eg_fs_exists(d.fd, "z/link"));
	assert_int_equal(eg_fs_copy_tree(d.fd, "a", d.fd, "z", &d.err), EG_FATAL);
	assert_string_equal(d.err.code, "EXISTS");
	eg_buf_done(&b);
	dir_remove(&d);
}

struct seen {
	unsigned n, missing;
	bool rename, events, sync;
};

static int
see(void *ctx, const struct eg_probe_result *r, struct eg_err *err)
{
	struct seen *s = ctx;

	(void)err;
	s->n++;
	s->missing += r->verdict == EG_PROBE_MISSING;
	s->rename = s->rename || (strcmp(r->key, "rename") == 0 && r->verdict == EG_PROBE_GOOD);
	s->events = s->events || strcmp(r->key, "events") == 0;
	s->sync = s->sync || strcmp(r->key, "sync") == 0;
	assert_true(r->result[0] != '\0' && r->why[0] != '\0' && r->todo[0] != '\0');
	return EG_OK;
}

static void
test_probe(void **state)
{
	struct seen s = { 0 };
	struct dir d;
	unsigned left = 0;

	(void)state;
	dir_make(&d);
	ok(&d, eg_fs_probe(d.fd, see, &s, &d.err));
	assert_int_equal(s.n, 17);
	assert_int_equal(s.missing, 0);
	assert_true(s.rename && s.events && s.sync);
	ok(&d, eg_fs_list(d.fd, count, &left, &d.err));
	assert_int_equal(left, 0);
	dir_remove(&d);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_killed_there),
		cmocka_unit_test(test_killed_by_time),
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_probe),
	};

	if (argc > 2 && strcmp(argv[1], "-C") == 0)
		return be_child(argc, argv);
	(void)setenv("ASAN_OPTIONS", "detect_leaks=0", 1); /* of the children: the search for leaks is a tracer, too */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
