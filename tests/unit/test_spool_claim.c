/* SPDX-License-Identifier: MIT
 *
 * Claiming files that arrived, and claiming again behind everything a crash can leave.
 */
#include "tests/unit/spool_kit.h"

/* ---- claiming ---- */

static void
test_claim(void **state)
{
	(void)state;
	struct site_dir t;
	struct spool_claim c;
	int fd = -1;
	site_make(&t);
	const char *name = "n\xff\n a.csv";
	char path[100];
	snprintf(path, sizeof(path), "spool/drop/src/%s", name);
	put_text(&t, path, "hello\n");
	int late = openat(t.dir, path, O_WRONLY | O_CLOEXEC);
	must(&t, spool_claim(&t.spool, &plain, "D000187", name, NULL, &c, &t.err));
	assert_string_equal(c.drop, "D000187");
	assert_string_equal(eg_buf_cstr(&c.name), name);
	assert_int_equal(c.size, 6);
	assert_string_equal(c.sha256, HELLO_SHA);
	assert_int_equal(c.uid, geteuid());
	assert_int_equal(entries(&t, "spool/drop/src"), 0);
	/* The sender kept its descriptor: that changes the claimed file, not our copy. */
	assert_int_equal(pwrite(late, "HELLO", 5, 0), 5);
	close(late);
	must(&t, spool_open_raw(&t.spool, "D000187", &fd, &t.err));
	char got[6];
	assert_int_equal(read(fd, got, 6), 6);
	assert_memory_equal(got, "hello\n", 6);
	close(fd);
	assert_true(spool_open_companion(&t.spool, "D000187", &fd, &t.err) < 0);
	spool_claim_done(&c);
	must(&t, spool_clean(&t.spool, "D000187", &t.err));
	must(&t, spool_clean(&t.spool, "D000187", &t.err));
	assert_int_equal(entries(&t, "spool/work"), 0);
	site_remove(&t);
}

static void
test_claim_refuses(void **state)
{
	(void)state;
	struct spool_claim c;
	struct site_dir t;
	for (size_t i = 0; i < sizeof(no_claims) / sizeof(no_claims[0]); i++) {
		site_make(&t);
		make_entry(&t, no_claims[i].kind, "x", no_claims[i].size);
		int rc = spool_claim(&t.spool, &plain, "D000001", "x", NULL, &c, &t.err);
		if (rc != no_claims[i].want || strcmp(t.err.code, no_claims[i].code) != 0) {
			print_error("%s: %d %s\n", no_claims[i].label, rc, t.err.code);
		}
		assert_int_equal(rc, no_claims[i].want);
		assert_string_equal(t.err.code, no_claims[i].code);
		assert_int_equal(entries(&t, "spool/work"), 0);
		assert_true(there(&t, "spool/drop/src/x"));
		site_remove(&t);
	}
	site_make(&t);
	assert_int_equal(spool_claim(&t.spool, &plain, "D000001", "gone", NULL, &c, &t.err), EG_RETRY);
	assert_string_equal(t.err.code, "GONE");
	assert_int_equal(spool_claim(&t.spool, &plain, "D000001", "../src/x", NULL, &c, &t.err), EG_BADFILE);
	assert_int_equal(spool_claim(&t.spool, &plain, "../D1", "x", NULL, &c, &t.err), EG_BADFILE);
	assert_int_equal(spool_claim(&t.spool, &plain, "D0000000000000001", "x", NULL, &c, &t.err), EG_BADFILE);
	assert_int_equal(entries(&t, "spool/work"), 0);
	/* A signature withdrawn between look and claim: the file is claimed without. */
	make_entry(&t, FILE_KIND, "a.csv", 5);
	must(&t, spool_claim(&t.spool, &plain, "D000002", "a.csv", "a.csv.sig", &c, &t.err));
	assert_int_equal(c.companion.len, 0);
	assert_false(there(&t, "spool/work/D000002/companion-name"));
	spool_claim_done(&c);
	site_remove(&t);
}

static void
take_apart(struct site_dir *t, size_t i)
{
	int dir = -1;
	if (crashes[i].file_back) {
		assert_int_equal(renameat(t->dir, "spool/work/D000001/in/a.csv", t->dir, "spool/drop/src/a.csv"), 0);
	}
	if (crashes[i].companion_back) {
		assert_int_equal(
		    renameat(t->dir, "spool/work/D000001/in/a.csv.sig", t->dir, "spool/drop/src/a.csv.sig"), 0);
	}
	must(t, eg_fs_opendir(t->dir, "spool/work/D000001", &dir, &t->err));
	for (size_t k = 0; crashes[i].remove[k] != NULL; k++) {
		must(t, eg_fs_rmtree(dir, crashes[i].remove[k], &t->err));
	}
	eg_fd_done(&dir);
	if (crashes[i].leave != NULL) {
		put_text(t, crashes[i].leave, "hel");
	}
}

static void
assert_again(struct site_dir *t, const struct spool_claim *first)
{
	struct spool_claim c;
	struct eg_buf source = EG_BUF_INIT;
	assert_int_equal(must(t, spool_claim_again(&t->spool, "D000001", &source, &c, &t->err)), EG_OK);
	assert_string_equal(eg_buf_cstr(&source), "src");
	assert_string_equal(eg_buf_cstr(&c.name), "a.csv");
	assert_string_equal(eg_buf_cstr(&c.companion), "a.csv.sig");
	assert_string_equal(c.drop, "D000001");
	assert_string_equal(c.sha256, HELLO_SHA);
	assert_int_equal(c.size, 6);
	assert_int_equal(c.uid, first->uid);
	assert_int_equal(c.mtime, first->mtime);
	assert_file(t, "spool/work/D000001/companion", "sig");
	assert_file(t, "spool/work/D000001/raw", "hello\n");
	assert_int_equal(entries(t, "spool/work/D000001"), 5);
	assert_int_equal(entries(t, "spool/drop/src"), 0);
	eg_buf_done(&source);
	spool_claim_done(&c);
}

static void
test_claim_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++) {
		struct site_dir t;
		struct spool_claim first, c;
		struct eg_buf source = EG_BUF_INIT;
		site_make(&t);
		put_text(&t, "spool/drop/src/a.csv", "hello\n");
		put_text(&t, "spool/drop/src/a.csv.sig", "sig");
		must(&t, spool_claim(&t.spool, &plain, "D000001", "a.csv", "a.csv.sig", &first, &t.err));
		take_apart(&t, i);
		print_message("          crash: %s\n", crashes[i].label);
		if (crashes[i].empty) {
			assert_int_equal(spool_claim_again(&t.spool, "D000001", &source, &c, &t.err), EG_EOF);
			assert_int_equal(spool_claim_again(&t.spool, "D000001", &source, &c, &t.err), EG_EOF);
			assert_int_equal(entries(&t, "spool/work"), 0);
			assert_int_equal(entries(&t, "spool/drop/src"), 2);
		} else {
			assert_again(&t, &first);
			assert_again(&t, &first);
		}
		spool_claim_done(&first);
		site_remove(&t);
	}
}

static void
test_claim_tampered(void **state)
{
	(void)state;
	struct site_dir t;
	struct spool_claim c;
	struct eg_buf source = EG_BUF_INIT;
	site_make(&t);
	put_text(&t, "spool/drop/src/a.csv", "hello\n");
	must(&t, spool_claim(&t.spool, &plain, "D000001", "a.csv", NULL, &c, &t.err));
	spool_claim_done(&c);
	put_text(&t, "spool/work/D000001/in/more", "x");
	assert_int_equal(spool_claim_again(&t.spool, "D000001", &source, &c, &t.err), EG_FATAL);
	assert_string_equal(t.err.code, "CLAIM");
	assert_true(there(&t, "spool/work/D000001/raw"));
	site_remove(&t);
}

/* After a crash between the two renames somebody put a link of his own in the place of the drop folder: it is not followed, and it stops nothing. */
static void
test_claim_folder_replaced(void **state)
{
	(void)state;
	struct site_dir t;
	struct spool_claim c;
	struct eg_buf source = EG_BUF_INIT;
	if (geteuid() != 0) {
		skip(); /* a link of another user takes root to make */
	}
	site_make(&t);
	put_text(&t, "spool/drop/src/a.csv", "hello\n");
	put_text(&t, "spool/drop/src/a.csv.sig", "sig");
	must(&t, spool_claim(&t.spool, &plain, "D000001", "a.csv", "a.csv.sig", &c, &t.err));
	spool_claim_done(&c);
	size_t cut_short = sizeof(crashes) / sizeof(crashes[0]);
	for (size_t i = 0; i < sizeof(crashes) / sizeof(crashes[0]); i++)
		if (crashes[i].companion_back && !crashes[i].file_back)
			cut_short = i;
	assert_true(cut_short < sizeof(crashes) / sizeof(crashes[0]));
	take_apart(&t, cut_short);
	assert_int_equal(renameat(t.dir, "spool/drop/src", t.dir, "elsewhere"), 0);
	assert_int_equal(symlinkat("../../elsewhere", t.dir, "spool/drop/src"), 0);
	assert_int_equal(fchownat(t.dir, "spool/drop/src", 12345, 12345, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(must(&t, spool_claim_again(&t.spool, "D000001", &source, &c, &t.err)), EG_OK);
	assert_int_equal(c.companion.len, 0);
	assert_true(there(&t, "elsewhere/a.csv.sig"));
	eg_buf_done(&source);
	spool_claim_done(&c);
	site_remove(&t);
}

static void
test_claim_copy(void **state)
{
	(void)state;
	struct site_dir t;
	struct spool_claim c;
	struct eg_buf source = EG_BUF_INIT;
	site_make(&t);
	put_text(&t, "elsewhere", "hello\n");
	int fd = openat(t.dir, "elsewhere", O_RDONLY | O_CLOEXEC);
	must(&t, spool_claim_copy(&t.spool, "src", "D000003", ".tmp-odd name", fd, 100, &c, &t.err));
	assert_string_equal(c.sha256, HELLO_SHA);
	spool_claim_done(&c);
	must(&t, spool_claim_again(&t.spool, "D000003", &source, &c, &t.err));
	assert_string_equal(eg_buf_cstr(&c.name), ".tmp-odd name");
	spool_claim_done(&c);
	eg_buf_done(&source);
	assert_int_equal(spool_claim_copy(&t.spool, "src", "D000004", "x", fd, 5, &c, &t.err), EG_BADFILE);
	assert_string_equal(t.err.code, "TOO-BIG");
	assert_false(there(&t, "spool/work/D000004"));
	assert_file(&t, "elsewhere", "hello\n");
	close(fd);
	site_remove(&t);
}

static void
test_leftovers(void **state)
{
	(void)state;
	struct site_dir t;
	unsigned n = 0;
	site_make(&t);
	must(&t, spool_stage(&t.spool, "B000001", "cmic", "x.csv", EG_LIT("1"), &t.err));
	assert_int_equal(mkdirat(t.dir, "spool/work/D000009", 0700), 0);
	/* A crash while cleaning. */
	assert_int_equal(mkdirat(t.dir, "spool/work/.gone-D000001", 0700), 0);
	put_text(&t, "spool/work/.gone-D000001/raw", "x");
	must(&t, spool_leftovers(&t.spool, count_one, &n, &t.err));
	assert_int_equal(n, 2);
	assert_false(there(&t, "spool/work/.gone-D000001"));
	site_remove(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_claim),
		cmocka_unit_test(test_claim_refuses),
		cmocka_unit_test(test_claim_again),
		cmocka_unit_test(test_claim_tampered),
		cmocka_unit_test(test_claim_folder_replaced),
		cmocka_unit_test(test_claim_copy),
		cmocka_unit_test(test_leftovers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
