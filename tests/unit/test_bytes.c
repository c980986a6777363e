/* SPDX-License-Identifier: MIT
 *
 * Views, buffers, arenas, UTF-8 and messages of errors.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/utf8.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define B(s) eg_bytes_str(s)

static void
numbers(void **state)
{
	static const struct {
		const char *name, *text;
		bool u, i;
		int64_t value;
	} rows[] = {
		{ "zero", "0", true, true, 0 },
		{ "negative", "-12", false, true, -12 },
		{ "empty", "", false, false, 0 },
		{ "minus only", "-", false, false, 0 },
		{ "plus", "+1", false, false, 0 },
		{ "blank", " 1", false, false, 0 },
		{ "i64 most", "9223372036854775807", true, true, INT64_MAX },
		{ "i64 over", "9223372036854775808", true, false, INT64_MIN },
		{ "i64 least", "-9223372036854775808", false, true, INT64_MIN },
		{ "i64 under", "-9223372036854775809", false, false, 0 },
		{ "u64 most", "18446744073709551615", true, false, -1 },
		{ "u64 over", "18446744073709551616", false, false, 0 },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		uint64_t u = 77;
		int64_t i = 77;
		bool got_u = eg_bytes_to_u64(B(rows[n].text), &u), got_i = eg_bytes_to_i64(B(rows[n].text), &i);

		if (got_u != rows[n].u || got_i != rows[n].i)
			fail_msg("%s: accepted %d %d", rows[n].name, got_u, got_i);
		if (u != (got_u ? (uint64_t)rows[n].value : 77) || i != (got_i ? rows[n].value : 77))
			fail_msg("%s: wrong value", rows[n].name);
	}
}

static void
views(void **state)
{
	struct eg_bytes rest = B("a,,b"), part;

	(void)state;
	assert_true(eg_bytes_cut(&rest, ',', &part) && eg_bytes_is(part, "a"));
	assert_true(eg_bytes_cut(&rest, ',', &part) && part.len == 0);
	assert_true(eg_bytes_cut(&rest, ',', &part) && eg_bytes_is(part, "b"));
	assert_false(eg_bytes_cut(&rest, ',', &part));
	rest = B("a,");
	assert_true(eg_bytes_cut(&rest, ',', &part) && eg_bytes_is(part, "a"));
	assert_true(eg_bytes_cut(&rest, ',', &part) && part.len == 0);
	assert_false(eg_bytes_cut(&rest, ',', &part));
	assert_true(eg_bytes_cmp(B("a"), B("ab")) < 0 && eg_bytes_cmp(B("b"), B("ab")) > 0);
	assert_true(eg_bytes_cmp(EG_LIT("\x80"), EG_LIT("\x7f")) > 0);
	assert_true(eg_bytes_eq(EG_NONE, EG_LIT("")) && eg_bytes_cmp(EG_NONE, EG_NONE) == 0);
	assert_true(eg_bytes_starts(B("abc"), B("ab")) && !eg_bytes_starts(B("a"), B("ab")));
	assert_true(eg_bytes_ends(B("abc"), B("bc")) && !eg_bytes_ends(B("c"), B("bc")));
	assert_int_equal(eg_bytes_find(B("xaab"), B("ab")), 2);
	assert_int_equal(eg_bytes_find(B("xaab"), B("ba")), 4);
	assert_true(eg_bytes_is(eg_bytes_trim(B(" \tx\n ")), "x\n"));
	assert_true(eg_bytes_is(eg_bytes_trim_ws(B(" \tx\r\n ")), "x"));
	assert_int_equal(eg_bytes_sub(B("abc"), 9, 9).len, 0);
	assert_true(eg_bytes_is(eg_bytes_sub(B("abc"), 1, SIZE_MAX), "bc"));
}

static void
globs(void **state)
{
	static const struct {
		const char *pattern, *name;
		bool fits;
	} rows[] = {
		{ "*", "", true },
		{ "", "", true },
		{ "", "a", false },
		{ "a*", "a", true },
		{ "*.csv", "x.csv", true },
		{ "*.csv", "x.csv.part", false },
		{ "?", "", false },
		{ "a?c", "abc", true },
		{ "*ab*ab", "abxab", true },
		{ "*ab*ab", "ab", false },
		{ "**a**", "a", true },
		{ "[a]", "a", false },
		{ "a*b*c", "aXbXbXc", true },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++)
		if (eg_bytes_glob(B(rows[n].pattern), B(rows[n].name)) != rows[n].fits)
			fail_msg("%s on \"%s\"", rows[n].pattern, rows[n].name);
}

static void
distances(void **state)
{
	(void)state;
	assert_int_equal(eg_bytes_distance(B("lookup"), B("lokup"), 3), 1);
	assert_int_equal(eg_bytes_distance(B("lookup"), B("lookpu"), 3), 1);
	assert_int_equal(eg_bytes_distance(B("kitten"), B("sitting"), 5), 3);
	assert_int_equal(eg_bytes_distance(B("abc"), B("xyz"), 1), 2);
	assert_int_equal(eg_bytes_distance(B(""), B("abc"), 9), 3);
	assert_int_equal(eg_bytes_distance(B("same"), B("same"), 0), 0);
}

static void
buffers(void **state)
{
	struct eg_buf b = { NULL, 0, 0, 5, false };

	(void)state;
	assert_string_equal(eg_buf_cstr(&b), "");
	eg_buf_str(&b, "abcde");
	assert_false(b.full);
	eg_buf_chr(&b, 'f');
	assert_true(b.full);
	assert_string_equal(eg_buf_cstr(&b), "abcde");
	eg_buf_clear(&b);
	eg_buf_printf(&b, "%d", 123456);
	assert_true(b.full && b.len == 0);
	eg_buf_done(&b);
	assert_int_equal(b.max, 5);
	b.max = 0;
	eg_buf_u64(&b, UINT64_MAX);
	eg_buf_printf(&b, "|%s|", "x");
	assert_string_equal(eg_buf_cstr(&b), "18446744073709551615|x|");
	eg_buf_clear(&b);
	eg_buf_escaped(&b, EG_LIT("a\x1b\x7f\n\xff\xc3\xa9\xe2\x80\xae\xc2\x85"));
	assert_string_equal(eg_buf_cstr(&b), "a\\x1b\\x7f\\x0a\\xff\xc3\xa9\\u{202E}\\u{0085}");
	eg_buf_done(&b);
}

static void
arenas(void **state)
{
	struct eg_arena a;
	unsigned char *p;

	(void)state;
	eg_arena_init(&a, 100000);
	p = eg_arena_alloc(&a, 3);
	assert_non_null(p);
	assert_true(p[0] == 0 && p[2] == 0 && (uintptr_t)p % sizeof(max_align_t) == 0);
	memset(p, 0xee, 3);
	assert_non_null(eg_arena_alloc(&a, 0));
	assert_non_null(eg_arena_dup(&a, EG_NONE).ptr);
	assert_null(eg_arena_array(&a, SIZE_MAX / 2, 3));
	assert_null(eg_arena_alloc(&a, SIZE_MAX));
	assert_null(eg_arena_cstr(&a, EG_LIT("a\0b")));
	assert_string_equal(eg_arena_cstr(&a, EG_LIT("ab")), "ab");
	assert_non_null(eg_arena_alloc(&a, 60000));
	assert_null(eg_arena_alloc(&a, 60000));
	eg_arena_reset(&a);
	assert_int_equal(a.used, 0);
	assert_true(a.high >= 60000);
	p = eg_arena_alloc(&a, 3);
	assert_true(p != NULL && p[0] == 0 && p[2] == 0);
	eg_arena_done(&a);
	eg_arena_done(&a);
	eg_arena_init(&a, 0);
	assert_null(eg_arena_alloc(&a, 1));
	eg_arena_done(&a);
}

static void
utf8_strict(void **state)
{
	static const struct {
		const char *name, *text;
		size_t len, good;
	} rows[] = {
		{ "ascii", "abcdefghij", 10, 10 },
		{ "NUL is a character", "a\0b", 3, 3 },
		{ "bad behind eight", "abcdefgh\xff", 9, 8 },
		{ "overlong slash", "\xc0\xaf", 2, 0 },
		{ "overlong three", "\xe0\x80\xaf", 3, 0 },
		{ "overlong four", "\xf0\x80\x80\xaf", 4, 0 },
		{ "surrogate", "a\xed\xa0\x80", 4, 1 },
		{ "last before surrogates", "\xed\x9f\xbf", 3, 3 },
		{ "U+10FFFF", "\xf4\x8f\xbf\xbf", 4, 4 },
		{ "above", "\xf4\x90\x80\x80", 4, 0 },
		{ "F5", "\xf5\x80\x80\x80", 4, 0 },
		{ "cut short", "ab\xe2\x82", 4, 2 },
		{ "lone continuation", "\x80", 1, 0 },
	};
	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++)
		if (eg_utf8_valid(eg_bytes(rows[n].text, rows[n].len)) != rows[n].good)
			fail_msg("%s", rows[n].name);
	for (uint32_t cp = 0; cp <= 0x10FFFF; cp = cp == 0xD7FF ? 0xE000 : cp + 1) {
		struct eg_buf b = EG_BUF_INIT;
		size_t at = 0;

		if (cp > 0x900 && cp % 97 != 0 && cp < 0x10FFF0)
			continue;
		eg_utf8_put(&b, cp);
		assert_int_equal(eg_utf8_valid(eg_buf_view(&b)), b.len);
		assert_int_equal(eg_utf8_next(eg_buf_view(&b), &at), cp);
		assert_int_equal(at, b.len);
		eg_buf_done(&b);
	}
	assert_int_equal(eg_utf8_prefix(EG_LIT("\xc3\xa9\xc3\xa9x"), 2).len, 4);
	assert_int_equal(eg_utf8_count(EG_LIT("\xc3\xa9\xe2\x82\xacx")), 3);
}

static void
utf8_case(void **state)
{
	static const uint32_t pairs[][2] = { { 'a', 'A' }, { 0xE9, 0xC9 }, { 0xFF, 0x178 }, { 0x101, 0x100 },
		{ 0x13A, 0x139 }, { 0x148, 0x147 }, { 0x14B, 0x14A }, { 0x177, 0x176 }, { 0x17A, 0x179 },
		{ 0x17E, 0x17D } };
	static const uint32_t alone[] = { '1', 0xD7, 0xF7, 0xDF, 0x138, 0x149, 0x180, 0x20AC };

	(void)state;
	for (size_t n = 0; n < sizeof(pairs) / sizeof(pairs[0]); n++) {
		assert_int_equal(eg_utf8_upper(pairs[n][0]), pairs[n][1]);
		assert_int_equal(eg_utf8_lower(pairs[n][1]), pairs[n][0]);
		assert_int_equal(eg_utf8_upper(pairs[n][1]), pairs[n][1]);
		assert_int_equal(eg_utf8_lower(pairs[n][0]), pairs[n][0]);
	}
	for (size_t n = 0; n < sizeof(alone) / sizeof(alone[0]); n++)
		assert_true(eg_utf8_upper(alone[n]) == alone[n] && eg_utf8_lower(alone[n]) == alone[n]);
}

static void
errors(void **state)
{
	struct eg_err e;
	char longer[2000];

	(void)state;
	assert_int_equal(eg_fail(&e, EG_BADREC, "F-03", "bad %s", "\x1b[2J\n\xe2\x80\xae"), EG_BADREC);
	assert_string_equal(e.msg, "bad \\x1b[2J\\x0a\\u{202E}");
	assert_true(strcmp(e.code, "F-03") == 0 && e.sys == 0 && e.pos.line == 0 && e.field[0] == '\0');
	eg_err_at(&e, (struct eg_pos){ 1, 2, 3 });
	eg_err_at(&e, (struct eg_pos){ 4, 5, 6 });
	assert_int_equal(e.pos.line, 2);
	memset(longer, '\x01', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	(void)eg_fail(&e, EG_FATAL, "A-CODE-LONGER-THAN-ANY-CODE-MAY-BE", "%s", longer);
	assert_true(strlen(e.msg) < EG_MSG_MAX && eg_bytes_ends(B(e.msg), B("\\x01...")));
	assert_int_equal(strlen(e.code), EG_CODE_MAX - 1);
	(void)eg_fail(&e, EG_FATAL, "X", "first");
	(void)eg_fail(&e, EG_FATAL, e.code, "again: %s", e.msg);
	assert_string_equal(e.msg, "again: first");
	assert_int_equal(eg_fail_sys(&e, EG_BADFILE, "X", ENOSPC, "w"), EG_RETRY);
	assert_string_equal(e.msg, "w: No space left on device");
	assert_int_equal(eg_fail_sys(&e, EG_BADFILE, "X", EIO, "w"), EG_FATAL);
	assert_int_equal(eg_fail_sys(&e, EG_BADFILE, "X", EACCES, "w"), EG_BADFILE);
	assert_int_equal(e.sys, EACCES);
	(void)eg_fail_sys(&e, EG_FATAL, "X", EACCES, "%s", longer);
	assert_true(strlen(e.msg) < EG_MSG_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(views),
		cmocka_unit_test(globs),
		cmocka_unit_test(distances),
		cmocka_unit_test(buffers),
		cmocka_unit_test(arenas),
		cmocka_unit_test(utf8_strict),
		cmocka_unit_test(utf8_case),
		cmocka_unit_test(errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
