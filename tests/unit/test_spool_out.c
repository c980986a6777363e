/* SPDX-License-Identifier: MIT
 *
 * Publishing, rejecting and the folders themselves, and what a crash may leave of them.
 */
#include "tests/unit/spool_kit.h"

/* ---- publishing ---- */

static void
test_publish(void **state)
{
	(void)state;
	struct site_dir t;
	bool done = false;
	site_make(&t);
	must(&t, spool_stage(&t.spool, "B000012", "cmic", "v.csv", EG_LIT("old"), &t.err));
	must(&t, spool_stage(&t.spool, "B000012", "cmic", "v.csv", EG_LIT("new"), &t.err));
	assert_false(there(&t, "spool/out/cmic/v.csv"));
	must(&t, spool_publish(&t.spool, "B000012", "cmic", "v.csv", true, &done, &t.err));
	assert_true(done);
	assert_file(&t, "spool/out/cmic/v.csv", "new");
	assert_file(&t, "spool/out/cmic/v.csv.ok", "");
	assert_int_equal(entries(&t, "spool/work/B000012/cmic"), 0);
	/* The receiver took both. Asking again must not bring them back. */
	assert_int_equal(unlinkat(t.dir, "spool/out/cmic/v.csv", 0), 0);
	assert_int_equal(unlinkat(t.dir, "spool/out/cmic/v.csv.ok", 0), 0);
	must(&t, spool_publish(&t.spool, "B000012", "cmic", "v.csv", true, &done, &t.err));
	assert_false(done);
	must(&t, spool_clean(&t.spool, "B000012", &t.err));
	must(&t, spool_publish(&t.spool, "B000012", "cmic", "v.csv", true, &done, &t.err));
	assert_false(done);
	assert_int_equal(entries(&t, "spool/out/cmic"), 0);
	assert_int_equal(spool_stage(&t.spool, "B1", "cmic", "../x", EG_NONE, &t.err), EG_BADFILE);
	assert_int_equal(spool_stage(&t.spool, "B1", "cmic", "", EG_NONE, &t.err), EG_BADFILE);
	assert_int_equal(spool_stage(&t.spool, "..", "cmic", "x", EG_NONE, &t.err), EG_BADFILE);
	site_remove(&t);
}

static void
test_publish_clash(void **state)
{
	(void)state;
	struct site_dir t;
	bool done = false;
	site_make(&t);
	must(&t, spool_stage(&t.spool, "B000001", "cmic", "v.csv", EG_LIT("ours"), &t.err));
	put_text(&t, "spool/out/cmic/v.csv", "theirs");
	assert_int_equal(spool_publish(&t.spool, "B000001", "cmic", "v.csv", false, &done, &t.err), EG_FATAL);
	assert_string_equal(t.err.code, "EXISTS");
	assert_file(&t, "spool/out/cmic/v.csv", "theirs");
	assert_true(there(&t, "spool/work/B000001/cmic/v.csv"));
	/* The same bytes are the same file. */
	put_text(&t, "spool/out/cmic/v.csv", "ours");
	must(&t, spool_publish(&t.spool, "B000001", "cmic", "v.csv", false, &done, &t.err));
	assert_true(done);
	assert_false(there(&t, "spool/work/B000001/cmic/v.csv"));
	site_remove(&t);
}

static void
test_publish_cut_before_marker(void **state)
{
	(void)state;
	struct site_dir t;
	bool done = true;
	site_make(&t);
	must(&t, spool_stage(&t.spool, "B000001", "cmic", "v.csv", EG_LIT("x"), &t.err));
	must(&t, spool_stage(&t.spool, "B000001", "cmic", "v.csv.ok", EG_NONE, &t.err));
	assert_int_equal(renameat(t.dir, "spool/work/B000001/cmic/v.csv", t.dir, "spool/out/cmic/v.csv"), 0);
	must(&t, spool_publish(&t.spool, "B000001", "cmic", "v.csv", true, &done, &t.err));
	assert_false(done);
	assert_true(there(&t, "spool/out/cmic/v.csv.ok"));
	site_remove(&t);
}

/* ---- rejects ---- */

static void
test_safe_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(safe_names) / sizeof(safe_names[0]); i++) {
		struct eg_buf b = EG_BUF_INIT;
		spool_safe_name(eg_bytes_str(safe_names[i].name), &b);
		assert_string_equal(eg_buf_cstr(&b), safe_names[i].want);
		eg_buf_done(&b);
	}
	for (size_t n = 110; n < 255; n++) {
		char name[300];
		struct eg_buf b = EG_BUF_INIT;
		memset(name, 'a', sizeof(name));
		name[n / 3] = ' ';
		memset(name + 105, '\xfe', 20);
		snprintf(name + n, sizeof(name) - n, ".csv");
		spool_safe_name(eg_bytes_str(name), &b);
		assert_true(b.len <= 120);
		assert_true(eg_bytes_ends(eg_buf_view(&b), EG_LIT(".csv")));
		for (size_t k = 0; k < b.len; k++) {
			assert_true(b.ptr[k] != '%' || (k + 2 < b.len && strchr("02F", b.ptr[k + 2]) == NULL) ||
				    b.ptr[k + 1] == '2');
		}
		eg_buf_done(&b);
	}
}

static void
test_reject(void **state)
{
	(void)state;
	struct site_dir t;
	struct spool_claim c;
	site_make(&t);
	put_text(&t, "spool/drop/src/why.TXT", "hello\n");
	must(&t, spool_claim(&t.spool, &plain, "D000001", "why.TXT", NULL, &c, &t.err));
	spool_claim_done(&c);
	must(&t, spool_reject(&t.spool, "D000001", "why.TXT", EG_LIT("because"), EG_LIT("a,b\n"), &t.err));
	put_text(&t, "spool/rejects/D000001/.tmp-1-1", "cut");
	must(&t, spool_reject(&t.spool, "D000001", "why.TXT", EG_LIT("because!"), EG_NONE, &t.err));
	assert_file(&t, "spool/rejects/D000001/WHY.txt", "because!");
	assert_file(&t, "spool/rejects/D000001/original-why.TXT", "hello\n");
	assert_int_equal(entries(&t, "spool/rejects/D000001"), 2);
	/* Again after the work is cleaned: the original stays. */
	must(&t, spool_clean(&t.spool, "D000001", &t.err));
	must(&t, spool_reject(&t.spool, "D000001", "why.TXT", EG_LIT("because!"), EG_NONE, &t.err));
	assert_file(&t, "spool/rejects/D000001/original-why.TXT", "hello\n");
	assert_true(spool_reject(&t.spool, "D000002", "x", EG_NONE, EG_NONE, &t.err) < 0);
	site_remove(&t);
}

/* ---- the folders ---- */

static void
test_open(void **state)
{
	(void)state;
	struct site_dir t;
	struct spool second = SPOOL_INIT;
	struct stat st;
	site_make(&t);
	assert_int_equal(spool_open(t.dir, true, &second, &t.err), EG_RETRY);
	assert_string_equal(t.err.code, "LOCKED");
	must(&t, spool_open(t.dir, false, &second, &t.err));
	assert_int_equal(second.lock, -1);
	spool_close(&second);
	must(&t, spool_create(t.dir, &t.err));
	assert_int_equal(fstatat(t.dir, "spool/drop/src", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 02770);
	assert_int_equal(fstatat(t.dir, "spool/work", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(spool_make_source(t.dir, "../x", &t.err), EG_BADFILE);
	assert_int_equal(spool_make_source(t.dir, ".x", &t.err), EG_BADFILE);
	/* Left by a crash while sealing. */
	assert_int_equal(mkdirat(t.dir, "archive/2026", 0700), 0);
	assert_int_equal(mkdirat(t.dir, "archive/2026/11", 0700), 0);
	put_text(&t, "archive/2026/11/.tmp-7-7", "cut");
	spool_close(&t.spool);
	must(&t, spool_open(t.dir, true, &t.spool, &t.err));
	assert_int_equal(entries(&t, "archive/2026/11"), 0);
	site_remove(&t);
}

static void
test_other_file_system(void **state)
{
	(void)state;
	struct site_dir t;
	struct spool s = SPOOL_INIT;
	struct stat here, other;
	char away[] = "/dev/shm/erpgate-test-XXXXXX";
	if (mkdtemp(away) == NULL || stat(away, &other) != 0 || stat("/tmp", &here) != 0 ||
	    here.st_dev == other.st_dev) {
		(void)rmdir(away);
		skip();
	}
	site_make(&t);
	assert_int_equal(symlinkat(away, t.dir, "spool/out/far"), 0);
	assert_int_equal(spool_open(t.dir, false, &s, &t.err), EG_FATAL);
	assert_string_equal(t.err.code, "SPOOL-FS");
	assert_non_null(strstr(t.err.msg, "spool/out/far"));
	assert_int_equal(rmdir(away), 0);
	site_remove(&t);
}

/* A signature whose sheet was taken before: whole at 64 bytes, still for a while beyond that, told when it is too large. */
static void
test_lone_signatures(void **state)
{
	static const struct {
		size_t size;
		int64_t later;
		bool rests;
		enum spool_arrival arrival;
	} cases[] = { { 0, 9, false, ARRIVAL_COMPANION }, { 63, 9, false, ARRIVAL_COMPANION },
		{ 64, 0, true, ARRIVAL_COMPANION }, { 65, 1, false, ARRIVAL_SETTLING },
		{ 65, 2, true, ARRIVAL_COMPANION }, { 65536, 2, true, ARRIVAL_COMPANION },
		{ 65537, 9, false, ARRIVAL_REFUSED } };
	static const unsigned char large[65537] = { 0x30 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct spool_source src = plain;
		struct site_dir t;
		int dir = -1;
		src.signature_suffixes = ".sig .p7s";
		site_make(&t);
		put_file(&t, "spool/drop/src/a.csv.p7s", large, cases[i].size);
		int64_t now = changed_at(&t, "spool/drop/src/a.csv.p7s") + cases[i].later;
		must(&t, eg_fs_opendir(t.spool.drop, "src", &dir, &t.err));
		assert_int_equal(spool_signature_rests(dir, "a.csv.p7s", now, 2), cases[i].rests);
		assert_int_equal(look(&t, &src, "a.csv.p7s", now, NULL).arrival, cases[i].arrival);
		eg_fd_done(&dir);
		site_remove(&t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lone_signatures),
		cmocka_unit_test(test_publish),
		cmocka_unit_test(test_publish_clash),
		cmocka_unit_test(test_publish_cut_before_marker),
		cmocka_unit_test(test_safe_name),
		cmocka_unit_test(test_reject),
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_other_file_system),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
