/* SPDX-License-Identifier: MIT
 *
 * A drop folder on another mount: taken by copy, once, whatever moment a crash picks; what is no file to take goes back. The other mount is /dev/shm; where that is
 * no mount of its own the test is skipped.
 */
#include "tests/unit/spool_site.h"

struct far {
	struct site_dir t;
	char away[40];
	int dir; /* of the far folder */
	struct spool_source src;
};

static bool
far_make(struct far *f)
{
	struct stat here, other;

	snprintf(f->away, sizeof(f->away), "/dev/shm/erpgate-test-XXXXXX");
	if (mkdtemp(f->away) == NULL || stat(f->away, &other) != 0 || stat("/tmp", &here) != 0 ||
	    here.st_dev == other.st_dev) {
		(void)rmdir(f->away);
		return false;
	}
	site_make(&f->t);
	assert_int_equal(symlinkat(f->away, f->t.dir, "spool/drop/far"), 0);
	f->dir = open(f->away, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(f->dir >= 0);
	f->src = (struct spool_source){ .name = "far", .settle = SETTLE_RENAME, .max_bytes = 100 };
	return true;
}

static void
far_remove(struct far *f)
{
	close(f->dir);
	must(&f->t, eg_fs_rmtree(AT_FDCWD, f->away, &f->t.err));
	site_remove(&f->t);
}

static void
far_put(struct far *f, const char *name, const char *text)
{
	int fd = openat(f->dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static bool
far_there(struct far *f, const char *name)
{
	struct stat st;

	return fstatat(f->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

static void
far_rename(struct far *f, const char *from, const char *to)
{
	assert_int_equal(renameat(f->dir, from, f->dir, to), 0);
}

#define BEGIN(f)               \
	struct far f;          \
	(void)state;           \
	if (!far_make(&(f))) { \
		skip();        \
	}

static void
test_taken(void **state)
{
	struct spool_claim c;

	BEGIN(f);
	far_put(&f, "a.csv", "bytes of a");
	far_put(&f, "a.csv.sig", "signature");
	assert_int_equal(fchownat(f.dir, "a.csv", geteuid() == 0 ? 1234 : geteuid(), (gid_t)-1, 0), 0);
	const struct timespec when[2] = { { 1000000000, 0 }, { 1000000000, 0 } };
	assert_int_equal(utimensat(f.dir, "a.csv", when, 0), 0);
	must(&f.t, spool_claim(&f.t.spool, &f.src, "D000001", "a.csv", "a.csv.sig", &c, &f.t.err));
	assert_string_equal(eg_buf_cstr(&c.name), "a.csv");
	assert_string_equal(eg_buf_cstr(&c.companion), "a.csv.sig");
	assert_int_equal(c.uid, geteuid() == 0 ? 1234 : geteuid());
	assert_int_equal(c.mtime, 1000000000);
	assert_file(&f.t, "spool/work/D000001/raw", "bytes of a");
	assert_file(&f.t, "spool/work/D000001/companion", "signature");
	assert_int_equal(entries(&f.t, "spool/drop/far"), 0);
	spool_claim_done(&c);
	far_remove(&f);
}

/* Builds what a crash leaves, then recovers. */
static void
cut(struct far *f, bool aside, bool copied)
{
	struct eg_err *err = &f->t.err;

	must(&f->t, eg_fs_mkdirs(f->t.spool.work, "D000001/in", 0700, err));
	put_text(&f->t, "spool/work/D000001/source", "far");
	put_text(&f->t, "spool/work/D000001/far", "a.csv");
	if (aside)
		far_put(f, ".erpgate-D000001", "bytes of a");
	if (copied) {
		put_text(&f->t, "spool/work/D000001/in/a.csv", "bytes of a");
		put_text(&f->t, "spool/work/D000001/origin", "77 1000000000");
	}
}

/* What the table of recovery sees: a claim from elsewhere is under way although in/ is empty, until the copy has its name. */
static void
test_shape(void **state)
{
	enum spool_files shape;

	BEGIN(f);
	cut(&f, true, false);
	must(&f.t, spool_look_drop(&f.t.spool, "D000001", &shape, &f.t.err));
	assert_int_equal(shape, SPOOL_TAKEN);
	put_text(&f.t, "spool/work/D000001/arriving", "bytes of a");
	put_text(&f.t, "spool/work/D000001/origin", "77 1000000000");
	must(&f.t, spool_look_drop(&f.t.spool, "D000001", &shape, &f.t.err));
	assert_int_equal(shape, SPOOL_TAKEN);
	assert_int_equal(unlinkat(f.t.dir, "spool/work/D000001/arriving", 0), 0);
	must(&f.t, spool_look_drop(&f.t.spool, "D000001", &shape, &f.t.err));
	assert_int_equal(shape, SPOOL_EMPTY); /* the copy was there and is gone: no crash does that */
	far_remove(&f);
}

static void
test_cut_before(void **state)
{
	struct eg_buf source = EG_BUF_INIT;
	struct spool_claim c;

	BEGIN(f);
	cut(&f, false, false);
	far_put(&f, "a.csv", "bytes of a");
	assert_int_equal(spool_claim_again(&f.t.spool, "D000001", &source, &c, &f.t.err), EG_EOF);
	assert_false(there(&f.t, "spool/work/D000001"));
	assert_true(far_there(&f, "a.csv"));
	far_remove(&f);
}

static void
recovered(struct far *f)
{
	struct eg_buf source = EG_BUF_INIT;
	struct spool_claim c;

	for (int again = 0; again < 2; again++) {
		must(&f->t, spool_claim_again(&f->t.spool, "D000001", &source, &c, &f->t.err));
		assert_string_equal(eg_buf_cstr(&c.name), "a.csv");
		assert_file(&f->t, "spool/work/D000001/raw", "bytes of a");
		assert_int_equal(entries(&f->t, "spool/drop/far"), 0);
		spool_claim_done(&c);
	}
	eg_buf_done(&source);
}

static void
test_cut_aside(void **state)
{
	BEGIN(f);
	cut(&f, true, false);
	recovered(&f);
	far_remove(&f);
}

static void
test_cut_half_copied(void **state)
{
	BEGIN(f);
	cut(&f, true, false);
	put_text(&f.t, "spool/work/D000001/arriving", "byt");
	recovered(&f);
	far_remove(&f);
}

static void
test_cut_copied(void **state)
{
	BEGIN(f);
	cut(&f, true, true);
	recovered(&f);
	far_remove(&f);
}

static void
test_cut_removed(void **state)
{
	BEGIN(f);
	cut(&f, false, true);
	recovered(&f);
	far_remove(&f);
}

/* The share is not mounted when the gateway starts again: the empty folder below it must not pass for a sender's that has nothing. */
static void
test_not_mounted(void **state)
{
	struct eg_buf source = EG_BUF_INIT;
	struct spool_claim c;

	BEGIN(f);
	cut(&f, true, false);
	assert_int_equal(renameat(f.t.dir, "spool/drop/far", f.t.dir, "mounted"), 0);
	assert_int_equal(spool_claim_again(&f.t.spool, "D000001", &source, &c, &f.t.err), EG_EOF);
	assert_true(there(&f.t, "spool/work/D000001/far"));
	must(&f.t, spool_make_source(f.t.dir, "far", &f.t.err));
	assert_int_equal(spool_claim_again(&f.t.spool, "D000001", &source, &c, &f.t.err), EG_EOF);
	assert_true(there(&f.t, "spool/work/D000001/far"));
	assert_int_equal(unlinkat(f.t.dir, "spool/drop/far", AT_REMOVEDIR), 0);
	assert_int_equal(renameat(f.t.dir, "mounted", f.t.dir, "spool/drop/far"), 0);
	recovered(&f);
	far_remove(&f);
}

static void
test_refused(void **state)
{
	struct spool_claim c;

	BEGIN(f);
	far_put(&f, "a.csv", "bytes of a");
	assert_int_equal(linkat(f.dir, "a.csv", f.dir, "second", 0), 0);
	assert_int_equal(spool_claim(&f.t.spool, &f.src, "D000001", "a.csv", NULL, &c, &f.t.err), EG_BADFILE);
	assert_string_equal(f.t.err.code, "LINKS");
	assert_true(far_there(&f, "a.csv"));
	assert_int_equal(unlinkat(f.dir, "second", 0), 0);
	far_put(&f, ".erpgate-D000002", "planted");
	assert_int_equal(spool_claim(&f.t.spool, &f.src, "D000002", "a.csv", NULL, &c, &f.t.err), EG_BADFILE);
	assert_string_equal(f.t.err.code, "NOT-FILE");
	assert_true(far_there(&f, "a.csv"));
	assert_false(there(&f.t, "spool/work/D000002"));
	assert_int_equal(spool_claim(&f.t.spool, &f.src, "D000003", "b.csv", NULL, &c, &f.t.err), EG_RETRY);
	assert_false(there(&f.t, "spool/work/D000003"));
	must(&f.t, spool_claim(&f.t.spool, &f.src, "D000004", "a.csv", NULL, &c, &f.t.err));
	spool_claim_done(&c);
	far_remove(&f);
}

/* Something that is no file stands aside when recovery comes: back it goes. */
static void
test_aside_no_file(void **state)
{
	struct eg_buf source = EG_BUF_INIT;
	struct spool_claim c;

	BEGIN(f);
	cut(&f, true, false);
	far_rename(&f, ".erpgate-D000001", "elsewhere");
	assert_int_equal(symlinkat("/etc/passwd", f.dir, ".erpgate-D000001"), 0);
	assert_int_equal(spool_claim_again(&f.t.spool, "D000001", &source, &c, &f.t.err), EG_EOF);
	assert_false(there(&f.t, "spool/work/D000001"));
	assert_true(far_there(&f, "a.csv") && !far_there(&f, ".erpgate-D000001"));
	far_remove(&f);
}

static void
test_where(void **state)
{
	struct spool_place p;

	BEGIN(f);
	must(&f.t, spool_where(&f.t.spool, "far", &p, &f.t.err));
	assert_true(p.far && !p.remote);
	assert_string_equal(p.kind, "tmpfs");
	far_remove(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_shape),
		cmocka_unit_test(test_cut_before),
		cmocka_unit_test(test_cut_aside),
		cmocka_unit_test(test_cut_half_copied),
		cmocka_unit_test(test_cut_copied),
		cmocka_unit_test(test_cut_removed),
		cmocka_unit_test(test_not_mounted),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_aside_no_file),
		cmocka_unit_test(test_where),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
