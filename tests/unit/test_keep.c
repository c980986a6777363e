/* SPDX-License-Identifier: MIT
 *
 * Keeping: how long something is kept, tombstones of which no changed bit goes unnoticed, segments that come back line by line or not at all.
 */
#include "tests/unit/spool_site.h"

#include "base/date.h"
#include "gateway/keep_time.h"
#include "spool/segment.h"
#include "spool/tombstone.h"

#include <inttypes.h>

#define ZIP "2026/11/A000450.zip"
#define STONE "2026/11/A000450.tombstone.json"

/* ---- time ---- */

static int64_t
day(const char *text)
{
	struct eg_date d;

	assert_true(eg_date_parse(eg_bytes_str(text), EG_LIT("YYYY-MM-DD"), &d));
	return eg_date_time(d);
}

static void
test_time(void **state)
{
	static const struct {
		const char *keep, *sealed, *over;
	} cases[] = {
		{ "10y", "2026-11-21", "2037-01-01" }, /* the year of sealing does not count */
		{ "10y", "2026-01-01", "2037-01-01" },
		{ "10y", "2026-12-31", "2037-01-01" },
		{ "1y", "2027-01-01", "2029-01-01" },
		{ "30d", "2026-11-21", "2026-12-22" }, /* nor does the day */
		{ "1d", "2028-02-28", "2028-03-01" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct keep_time k;
		assert_true(keep_time_parse(eg_bytes_str(cases[i].keep), &k));
		assert_int_equal(keep_time_over(&k, day(cases[i].sealed) + 86399), day(cases[i].over));
	}
}

static void
test_time_never(void **state)
{
	static const char *const never[] = { "forever", "9999y", "7980y" };
	static const char *const bad[] = { "", "y", "10", "0y", "-1y", "10000y", "10 y", "10Y", "1.5y", "10yy", "ever",
		"forever " };
	struct keep_time k;

	(void)state;
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		assert_true(keep_time_parse(eg_bytes_str(never[i]), &k));
		assert_true(keep_time_over(&k, day("2026-11-21")) == INT64_MAX);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (keep_time_parse(eg_bytes_str(bad[i]), &k))
			fail_msg("\"%s\" was read", bad[i]);
}

/* ---- tombstones ---- */

struct stone {
	struct site_dir t;
	struct sign_key *key;
};

static void
stone_begin(struct stone *m)
{
	char sha[EG_SHA256_HEX];

	*m = (struct stone){ .key = NULL };
	site_make(&m->t);
	must(&m->t, sign_key_make(m->t.dir, "k.pem", "k.pub.pem", &m->t.err));
	must(&m->t, sign_key_load(m->t.dir, "k.pem", true, &m->key, &m->t.err));
	must(&m->t, eg_fs_mkdirs(m->t.spool.archive, "2026/11", 0750, &m->t.err));
	must(&m->t, tombstone_write(&m->t.spool, ZIP, EG_LIT("{\"bundle\":\"A000450\"}"), m->key, sha, &m->t.err));
}

static void
stone_end(struct stone *m)
{
	sign_key_free(m->key);
	site_remove(&m->t);
}

static bool
good(struct stone *m)
{
	struct bundle_verdict v;

	must(&m->t, tombstone_verify(&m->t.spool, ZIP, NULL, &v, &m->t.err));
	assert_true(v.good == (*v.problem == '\0'));
	return v.good;
}

static void
test_stone(void **state)
{
	struct stone m;
	struct eg_buf text = EG_BUF_INIT;
	struct bundle_verdict v;

	(void)state;
	stone_begin(&m);
	must(&m.t, tombstone_verify(&m.t.spool, ZIP, &text, &v, &m.t.err));
	assert_true(v.good);
	assert_string_equal(eg_buf_cstr(&text), "{\"bundle\":\"A000450\"}");
	assert_int_equal(
	    bundle_extract(&m.t.spool, ZIP, "README.txt", &text, &m.t.err), EG_BADREC); /* not "gone": expired */
	assert_string_equal(m.t.err.code, "EXPIRED");
	eg_buf_done(&text);
	stone_end(&m);
}

/* Each bit of each of the three files. */
static void
test_stone_bits(void **state)
{
	static const char *const parts[] = { STONE, STONE ".sha256", STONE ".sha256.sig" };
	struct stone m;

	(void)state;
	stone_begin(&m);
	for (size_t i = 0; i < 3; i++) {
		struct eg_buf was = EG_BUF_INIT;
		must(&m.t, eg_fs_read_file(m.t.spool.archive, parts[i], 4096, &was, &m.t.err));
		for (size_t bit = 0; bit < 8 * was.len; bit++) {
			was.ptr[bit / 8] ^= (unsigned char)(1U << bit % 8);
			must(&m.t,
			    eg_fs_write_file(m.t.spool.archive, parts[i], eg_buf_view(&was), 0640, true, &m.t.err));
			if (good(&m))
				fail_msg("bit %zu of %s changed, and nobody noticed", bit, parts[i]);
			was.ptr[bit / 8] ^= (unsigned char)(1U << bit % 8);
		}
		must(&m.t, eg_fs_unlink(m.t.spool.archive, parts[i], &m.t.err));
		assert_false(good(&m));
		must(&m.t, eg_fs_write_file(m.t.spool.archive, parts[i], eg_buf_view(&was), 0640, true, &m.t.err));
		assert_true(good(&m));
		eg_buf_done(&was);
	}
	stone_end(&m);
}

/* ---- segments ---- */

static int
join(void *ctx, struct eg_bytes line, struct eg_err *err)
{
	(void)err;
	eg_buf_add(ctx, line);
	eg_buf_chr(ctx, '|');
	return EG_OK;
}

/* Lines longer than the pieces that are read, and empty ones. */
static void
test_segment(void **state)
{
	struct site_dir t;
	struct segment g = SEGMENT_INIT;
	struct eg_buf line = EG_BUF_INIT, want = EG_BUF_INIT, got = EG_BUF_INIT, file = EG_BUF_INIT;
	char path[SEGMENT_PATH];

	(void)state;
	site_make(&t);
	segment_path(17, path);
	assert_string_equal(path, "state/000/000017.jsonl.gz");
	must(&t, segment_open(&g, &t.spool, 17, &t.err));
	for (size_t n = 0; n < 200000; n = n * 3 + 1) {
		eg_buf_clear(&line);
		for (size_t i = 0; i < n; i++)
			eg_buf_chr(&line, (unsigned char)('a' + i % 23));
		must(&t, segment_line(&g, eg_buf_view(&line), &t.err));
		(void)join(&want, eg_buf_view(&line), &t.err);
	}
	must(&t, segment_commit(&g, &t.err));
	segment_abort(&g);
	must(&t, segment_read(&t.spool, path, g.sha256, join, &got, &t.err));
	assert_true(eg_bytes_eq(eg_buf_view(&want), eg_buf_view(&got)));
	must(&t, eg_fs_read_file(t.spool.archive, path, 1 << 20, &file, &t.err));
	for (size_t cut = 0; cut < file.len; cut += 7) {
		eg_buf_clear(&got);
		must(&t, eg_fs_write_file(t.spool.archive, path, eg_bytes(file.ptr, cut), 0640, true, &t.err));
		assert_int_equal(segment_read(&t.spool, path, g.sha256, join, &got, &t.err), EG_BADFILE);
		assert_int_equal(got.len, 0); /* not a line of what is not whole */
	}
	eg_buf_done(&line);
	eg_buf_done(&want);
	eg_buf_done(&got);
	eg_buf_done(&file);
	site_remove(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_time_never),
		cmocka_unit_test(test_stone),
		cmocka_unit_test(test_stone_bits),
		cmocka_unit_test(test_segment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
