/* SPDX-License-Identifier: MIT
 *
 * The public suites of archives, when they lie beside the tree: nothing on which readers disagree is taken.
 */
#include "tests/unit/zip_kit.h"

#define SHARED "../shared/"

/* ---- suites beside the tree ---- */

static bool
load(const char *path, struct eg_buf *ret)
{
	FILE *f = fopen(path, "rb");
	unsigned char block[65536];
	size_t n;

	if (f == NULL)
		return false;
	while ((n = fread(block, 1, sizeof block, f)) > 0)
		eg_buf_put(ret, block, n);
	(void)fclose(f); /* was only read */
	return true;
}

static unsigned n_examples;

static int
check_example(const char *path, const struct stat *st, int type, struct FTW *w)
{
	struct eg_buf zip = EG_BUF_INIT;
	struct eg_err err;
	uint64_t n;

	(void)st, (void)w;
	if (type != FTW_F || strstr(path, "/in/") == NULL || !eg_bytes_ends(eg_bytes_str(path), EG_LIT(".zip")))
		return 0;
	assert_true(load(path, &zip));
	const int rc = read_zip(eg_buf_view(&zip), 0, NULL, &n, &err);

	if (strstr(path, "special_cut") != NULL ? rc != EG_BADFILE || strcmp(err.code, "F-03") != 0 : rc != EG_EOF)
		fail_msg("%s: %d %s", path, rc, err.msg);
	n_examples++;
	eg_buf_done(&zip);
	return 0;
}

static void
test_examples(void **state)
{
	(void)state;
	if (nftw(SHARED "reference/examples", check_example, 16, FTW_PHYS) != 0 || n_examples == 0) {
		print_message("skipped: no example inputs beside the tree\n");
		skip();
	}
}

struct tally {
	unsigned seen, taken;
};

/* One row of EXPECT.tsv: path, length, hash, four readers' results, verdict. */
static void
check_row(const char *suite, struct eg_bytes row, struct tally *t)
{
	struct eg_bytes rest = row, cell[8] = { EG_NONE };
	struct eg_buf path = EG_BUF_INIT, zip = EG_BUF_INIT, want = EG_BUF_INIT;
	size_t k = 0;
	struct eg_err err;
	uint64_t n;

	while (k < N(cell) && eg_bytes_cut(&rest, '\t', &cell[k]))
		k++;
	eg_buf_printf(&path, SHARED "corpora/%s/data/%.*s", suite, EG_FMT(cell[0]));
	if (k == N(cell) && load(eg_buf_cstr(&path), &zip)) {
		const int rc = read_zip(eg_buf_view(&zip), 0, NULL, &n, &err);

		t->seen++;
		if (rc != EG_EOF && rc != EG_BADFILE)
			fail_msg("%s: class %d", eg_buf_cstr(&path), rc);
		if (rc == EG_EOF && (!eg_bytes_is(cell[7], "agree") || strstr(suite, "slip") != NULL))
			fail_msg("%s: taken", eg_buf_cstr(&path));
		const bool has_mac_leftovers = eg_bytes_find(eg_buf_view(&zip), EG_LIT("._")) < zip.len;

		eg_buf_printf(&want, ":%llu", (unsigned long long)n);
		if (rc == EG_EOF && !has_mac_leftovers && !eg_bytes_ends(cell[3], eg_buf_view(&want)))
			fail_msg("%s: %llu bytes instead of %.*s", eg_buf_cstr(&path), (unsigned long long)n,
			    EG_FMT(cell[3]));
		t->taken += rc == EG_EOF;
	}
	eg_buf_done(&path);
	eg_buf_done(&zip);
	eg_buf_done(&want);
}

static void
test_suites(void **state)
{
	static const char *const suites[] = { "libarchive-zip-tests", "libzip-regress", "zip-rs-tests",
		"commons-compress-zips", "snyk-zip-slip", "go-fuzz-seeds", "made-attacks" };
	struct tally t = { 0, 0 };

	(void)state;
	for (size_t i = 0; i < N(suites); i++) {
		struct eg_buf index = EG_BUF_INIT;
		struct eg_bytes rest, row;
		char path[200];

		(void)snprintf(path, sizeof path, SHARED "corpora/%s/EXPECT.tsv", suites[i]);
		if (load(path, &index)) {
			rest = eg_buf_view(&index);
			while (eg_bytes_cut(&rest, '\n', &row))
				check_row(suites[i], row, &t);
		}
		eg_buf_done(&index);
	}
	if (t.seen == 0) {
		print_message("skipped: no zip suites beside the tree\n");
		skip();
	}
	print_message("zip suites: %u archives, %u taken\n", t.seen, t.taken);
	assert_true(t.taken > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_suites),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
