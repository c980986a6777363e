/* SPDX-License-Identifier: MIT
 *
 * Encodings, byte order marks, values made fit for a target, and byte sources.
 */
#include "formats/src.h"
#include "formats/text.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#define LIT(s)                                               \
	{                                                    \
		(const unsigned char *)("" s), sizeof(s) - 1 \
	}

static void
test_names(void **state)
{
	(void)state;
	static const struct {
		struct eg_bytes name;
		int enc; /* -1 = not on the list */
	} rows[] = {
		{ LIT("utf-8"), FMT_UTF8 },
		{ LIT("UTF-8"), FMT_UTF8 },
		{ LIT("Utf-16"), FMT_UTF16LE },
		{ LIT("ISO-8859-1"), FMT_LATIN1 },
		{ LIT("Windows-1252"), FMT_CP1252 },
		{ LIT("US-ASCII"), FMT_ASCII },
		{ LIT(""), -1 },
		{ LIT("utf-"), -1 },
		{ LIT("utf-8 "), -1 },
		{ LIT("utf-8\0"), -1 },
		{ LIT("utf-7"), -1 },
		{ LIT("utf-32"), -1 },
		{ LIT("iso-8859-15"), -1 },
		{ LIT("ibm037"), -1 },
		{ LIT("ebcdic-us"), -1 },
		{ LIT("utf-8//IGNORE"), -1 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		enum fmt_enc enc = FMT_NENC;
		bool found = fmt_enc_named(rows[i].name, &enc);
		if (found != (rows[i].enc >= 0) || (found && (int)enc != rows[i].enc) || (!found && enc != FMT_NENC))
			fail_msg("%.*s: %d %d", EG_FMT(rows[i].name), found, (int)enc);
	}
	assert_string_equal(fmt_enc_name(FMT_CP1252), "windows-1252");
	for (unsigned e = 0; e < FMT_NENC; e++)
		assert_true(strlen(fmt_enc_name((enum fmt_enc)e)) > 4);
}

static void
test_bom(void **state)
{
	(void)state;
	static const struct {
		struct eg_bytes head;
		size_t len;
		enum fmt_enc enc;
	} rows[] = {
		{ LIT("\xef\xbb\xbfx"), 3, FMT_UTF8 },
		{ LIT("\xff\xfe"), 2, FMT_UTF16LE },
		{ LIT("\xfe\xff\0a"), 2, FMT_UTF16BE },
		{ LIT("\xef\xbb"), 0, FMT_NENC },
		{ LIT("\xff"), 0, FMT_NENC },
		{ LIT(""), 0, FMT_NENC },
		{ LIT("a\xef\xbb\xbf"), 0, FMT_NENC },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		enum fmt_enc enc = FMT_NENC;
		size_t len = 99;
		assert_int_equal(fmt_bom(rows[i].head, &enc, &len), rows[i].len > 0);
		assert_int_equal(len, rows[i].len);
		assert_int_equal(enc, rows[i].enc);
	}
}

static const struct conversion {
	const char *name;
	enum fmt_enc enc;
	struct eg_bytes bytes, utf8;
	size_t bad; /* index of what does not fit + 1, or 0 */
} conversions[] = {
	{ "empty", FMT_CP1252, LIT(""), LIT(""), 0 },
	{ "UTF-8", FMT_UTF8, LIT("a\0\xc3\xa9\xf4\x8f\xbf\xbf"), LIT("a\0\xc3\xa9\xf4\x8f\xbf\xbf"), 0 },
	{ "UTF-8 cut", FMT_UTF8, LIT("ab\xe2\x82"), LIT("ab"), 3 },
	{ "UTF-8 surrogate", FMT_UTF8, LIT("a\xed\xa0\x80"), LIT("a"), 2 },
	{ "Latin-1", FMT_LATIN1, LIT("a\x80\xff\0"), LIT("a\xc2\x80\xc3\xbf\0"), 0 },
	{ "windows-1252", FMT_CP1252, LIT("\x80\x9f\xe9"), LIT("\xe2\x82\xac\xc5\xb8\xc3\xa9"), 0 },
	{ "windows-1252 0x81", FMT_CP1252, LIT("a\x81"), LIT("a"), 2 },
	{ "windows-1252 0x8d", FMT_CP1252, LIT("\x8d"), LIT(""), 1 },
	{ "windows-1252 0x8f", FMT_CP1252, LIT("\x8f"), LIT(""), 1 },
	{ "windows-1252 0x90", FMT_CP1252, LIT("\x90"), LIT(""), 1 },
	{ "windows-1252 0x9d", FMT_CP1252, LIT("\x9d"), LIT(""), 1 },
	{ "ASCII", FMT_ASCII, LIT("a\x7f"), LIT("a\x7f"), 0 },
	{ "ASCII 0x80", FMT_ASCII, LIT("a\x80z"), LIT("a"), 2 },
	{ "UTF-16LE", FMT_UTF16LE, LIT("a\0\0\0\xac\x20\x3c\xd8\xd7\xdf"), LIT("a\0\xe2\x82\xac\xf0\x9f\x8f\x97"), 0 },
	{ "UTF-16BE with a mark inside", FMT_UTF16BE, LIT("\0a\xfe\xff"), LIT("a\xef\xbb\xbf"), 0 },
	{ "UTF-16LE tag character", FMT_UTF16LE, LIT("\x40\xdb\x41\xdc"), LIT("\xf3\xa0\x81\x81"), 0 },
	{ "UTF-16LE lone surrogate", FMT_UTF16LE,
	    LIT("a\0\x3c\xd8"
		"a\0"),
	    LIT("a"), 3 },
	{ "UTF-16BE lone second half", FMT_UTF16BE, LIT("\xdf\xd7"), LIT(""), 1 },
	{ "UTF-16LE odd", FMT_UTF16LE, LIT("a\0b"), LIT("a"), 3 },
};

static void
test_to_utf8(void **state)
{
	(void)state;
	struct eg_err err;
	assert_int_equal(fmt_text_preload(&err), EG_OK);
	assert_int_equal(fmt_text_preload(&err), EG_OK);
	for (size_t i = 0; i < sizeof conversions / sizeof conversions[0]; i++) {
		const struct conversion *c = &conversions[i];
		struct eg_buf out = EG_BUF_INIT;
		int rc = fmt_to_utf8(c->enc, c->bytes, &out, &err);
		bool ok = eg_bytes_eq(eg_buf_view(&out), c->utf8) && rc == (c->bad == 0 ? EG_OK : EG_BADFILE);
		if (rc < 0)
			ok = ok && strcmp(err.code, "F-02") == 0 && err.pos.off + 1 == c->bad;
		if (!ok)
			fail_msg("%s: rc %d at %ju", c->name, rc, (uintmax_t)err.pos.off);
		eg_buf_clear(&out);
		if (c->bad == 0) {
			assert_int_equal(fmt_from_utf8(c->enc, c->utf8, &out, &err), EG_OK);
			assert_true(eg_bytes_eq(eg_buf_view(&out), c->bytes));
		}
		eg_buf_done(&out);
	}
}

/* Longer than any block of the conversion. */
static void
test_to_utf8_long(void **state)
{
	(void)state;
	struct eg_buf in = EG_BUF_INIT, out = EG_BUF_INIT, back = EG_BUF_INIT;
	struct eg_err err;
	for (size_t i = 0; i < 50000; i++)
		eg_buf_str(&in, i % 3 ? "\x80" : "a");
	assert_int_equal(fmt_to_utf8(FMT_CP1252, eg_buf_view(&in), &out, &err), EG_OK);
	assert_int_equal(fmt_from_utf8(FMT_CP1252, eg_buf_view(&out), &back, &err), EG_OK);
	assert_true(eg_bytes_eq(eg_buf_view(&in), eg_buf_view(&back)));
	eg_buf_chr(&in, 0x81);
	assert_int_equal(fmt_to_utf8(FMT_CP1252, eg_buf_view(&in), &out, &err), EG_BADFILE);
	assert_int_equal(err.pos.off, 50000);
	eg_buf_done(&in);
	eg_buf_done(&out);
	eg_buf_done(&back);
}

static void
test_from_utf8_refuses(void **state)
{
	(void)state;
	static const struct {
		enum fmt_enc enc;
		struct eg_bytes utf8, done;
	} rows[] = {
		{ FMT_ASCII, LIT("a\xc3\xa9"), LIT("a") },
		{ FMT_LATIN1, LIT("\xc3\xa9\xe2\x82\xac"), LIT("\xe9") },
		{ FMT_CP1252, LIT("\xc2\x81"), LIT("") },
		{ FMT_CP1252, LIT("\xf0\x9f\x8f\x97"), LIT("") },
		{ FMT_CP1252, LIT("ab\xf3\xa0\x81\x81"), LIT("ab") },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct eg_buf out = EG_BUF_INIT;
		struct eg_err err;
		assert_int_equal(fmt_from_utf8(rows[i].enc, rows[i].utf8, &out, &err), EG_BADREC);
		assert_string_equal(err.code, "CSV-ENCODING");
		assert_true(eg_bytes_eq(eg_buf_view(&out), rows[i].done));
		eg_buf_done(&out);
	}
}

static const struct fitted {
	const char *name;
	struct eg_bytes in;
	bool ascii, drop;
	enum fmt_breaks breaks;
	struct eg_bytes out;
	unsigned changed;
} fits[] = {
	{ "nothing to do", LIT("abc 1"), true, true, FMT_BREAKS_BLANK, LIT("abc 1"), 0 },
	{ "empty", LIT(""), true, true, FMT_BREAKS_BLANK, LIT(""), 0 },
	{ "kept", LIT("\xc3\xa9'\r\n\t"), false, true, FMT_BREAKS_KEEP, LIT("\xc3\xa9'\r\n\t"), 0 },
	{ "accents", LIT("\xc3\x80\xc3\xbc\xc5\x82\xc5\xbb\xc3\x9f"), true, true, FMT_BREAKS_KEEP, LIT("AulZss"),
	    FMT_CHANGED_CHARS },
	{ "ligatures and letters", LIT("\xc3\x86\xc3\xa6\xc5\x92\xc5\x93\xc3\x9e\xc3\xbe\xc3\x90\xc3\xb0"), true, true,
	    FMT_BREAKS_KEEP, LIT("AEaeOEoeTHthDd"), FMT_CHANGED_CHARS },
	{ "dots of i", LIT("\xc4\xb0\xc4\xb1\xc5\xb8\xc3\xbf"), true, true, FMT_BREAKS_KEEP, LIT("IiYy"),
	    FMT_CHANGED_CHARS },
	{ "marks", LIT("\xe2\x80\x9cx\xe2\x80\x9d \xe2\x80\x93\xe2\x80\x94\xe2\x80\xa6\xc2\xa0\xe2\x82\xac"), true,
	    true, FMT_BREAKS_KEEP, LIT("\"x\" --... EUR"), FMT_CHANGED_CHARS },
	{ "apostrophes", LIT("O'B\xe2\x80\x99r\xe2\x80\x98n"), true, true, FMT_BREAKS_KEEP, LIT("OBrn"),
	    FMT_CHANGED_CHARS },
	{ "apostrophes stay", LIT("O'Brien"), true, false, FMT_BREAKS_KEEP, LIT("O'Brien"), 0 },
	{ "curly ones are not ASCII",
	    LIT("O\xe2\x80\x99"
		"B"),
	    true, false, FMT_BREAKS_KEEP, LIT("O?B"), FMT_CHANGED_CHARS },
	{ "not in the table", LIT("\xc8\x98\xe6\xbc\xa2\xf0\x9f\x8f\x97"), true, true, FMT_BREAKS_KEEP, LIT("???"),
	    FMT_CHANGED_CHARS },
	{ "breaks", LIT("a\r\nb\tc\r\n\t\n d"), false, false, FMT_BREAKS_BLANK, LIT("a b c  d"), FMT_CHANGED_BREAKS },
	{ "breaks only", LIT("\r\n"), true, true, FMT_BREAKS_BLANK, LIT(" "), FMT_CHANGED_BREAKS },
	{ "TAB only", LIT("a\r\n\t\tb\n"), false, false, FMT_BREAKS_TAB_ONLY, LIT("a\r\n b\n"), FMT_CHANGED_BREAKS },
	{ "both", LIT("\xc3\xa9\n\xc3\xa9"), true, true, FMT_BREAKS_BLANK, LIT("e e"),
	    FMT_CHANGED_CHARS | FMT_CHANGED_BREAKS },
	{ "other controls stay", LIT("\x01\x7f"), true, true, FMT_BREAKS_BLANK, LIT("\x01\x7f"), 0 },
};

static void
test_fit(void **state)
{
	(void)state;
	unsigned failed = 0;
	for (size_t i = 0; i < sizeof fits / sizeof fits[0]; i++) {
		struct eg_buf out = EG_BUF_INIT;
		unsigned changed = fmt_fit(fits[i].in, fits[i].ascii, fits[i].drop, fits[i].breaks, &out);
		if (changed != fits[i].changed || !eg_bytes_eq(eg_buf_view(&out), fits[i].out)) {
			print_error("%s: %s, changed %u\n", fits[i].name, eg_buf_cstr(&out), changed);
			failed++;
		}
		eg_buf_done(&out);
	}
	assert_int_equal(failed, 0);
}

/* The whole table at once, capitals and small letters: a missing row or one out of order shows as '?'. */
static void
test_fit_table(void **state)
{
	(void)state;
	static const char in[] =
	    "ÀÁÂÃÄÅĀĂĄ ÇĆĈĊČ ĎĐ ÈÉÊËĒĔĖĘĚ ĜĞĠĢ ĤĦ ÌÍÎÏĨĪĬĮ Ĵ Ķ ĹĻĽĿŁ ÑŃŅŇ ÒÓÔÕÖØŌŎŐ ŔŖŘ ŚŜŞŠ ŢŤŦ ÙÚÛÜŨŪŬŮŰŲ Ŵ ÝŶ ŹŻŽ "
	    "àáâãäåāăą çćĉċč ďđ èéêëēĕėęě ĝğġģ ĥħ ìíîïĩīĭį ĵ ķ ĺļľŀł ñńņň òóôõöøōŏő ŕŗř śŝşš ţťŧ ùúûüũūŭůűų ŵ ýŷ źżž";
	static const char out[] =
	    "AAAAAAAAA CCCCC DD EEEEEEEEE GGGG HH IIIIIIII J K LLLLL NNNN OOOOOOOOO RRR SSSS TTT UUUUUUUUUU W YY ZZZ "
	    "aaaaaaaaa ccccc dd eeeeeeeee gggg hh iiiiiiii j k lllll nnnn ooooooooo rrr ssss ttt uuuuuuuuuu w yy zzz";
	struct eg_buf got = EG_BUF_INIT;
	assert_int_equal(fmt_fit(eg_bytes_str(in), true, true, FMT_BREAKS_KEEP, &got), FMT_CHANGED_CHARS);
	assert_string_equal(eg_buf_cstr(&got), out);
	eg_buf_done(&got);
}

static struct eg_buf
drain(struct fmt_src src, size_t cap)
{
	struct eg_buf all = EG_BUF_INIT;
	struct eg_err err;
	unsigned char block[64];
	size_t n = 1;
	while (n > 0) {
		assert_int_equal(src.read(src.ctx, block, cap, &n, &err), EG_OK);
		assert_true(n <= cap);
		eg_buf_put(&all, block, n);
	}
	return all;
}

/* Whatever the steps, memory and look-ahead give all bytes, once, in order. */
static void
test_sources(void **state)
{
	(void)state;
	static const size_t lengths[] = { 0, 1, 7, 8191, 8192, 8193, 20000 }, step_sizes[] = { 0, 1, 7, 4096 };
	struct eg_buf data = EG_BUF_INIT;
	for (unsigned i = 0; i < 20000; i++)
		eg_buf_chr(&data, (unsigned char)(i % 251));
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		for (size_t k = 0; k < sizeof step_sizes / sizeof step_sizes[0]; k++) {
			struct eg_bytes in = eg_bytes_sub(eg_buf_view(&data), 0, lengths[i]), head;
			struct fmt_src_mem mem;
			struct fmt_peek peek;
			struct eg_err err;
			struct eg_buf plain = drain(fmt_src_mem(&mem, in, step_sizes[k]), 64);
			assert_true(eg_bytes_eq(eg_buf_view(&plain), in));
			assert_int_equal(
			    fmt_peek_open(&peek, fmt_src_mem(&mem, in, step_sizes[k]), &head, &err), EG_OK);
			assert_true(eg_bytes_eq(head, eg_bytes_sub(in, 0, 8192)));
			struct eg_buf peeked = drain(fmt_peek_src(&peek), 13);
			assert_true(eg_bytes_eq(eg_buf_view(&peeked), in));
			eg_buf_done(&plain);
			eg_buf_done(&peeked);
		}
	}
	eg_buf_done(&data);
}

static int
read_fail(void *ctx, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	(void)ctx;
	(void)buf;
	(void)cap;
	(void)ret_n;
	return eg_fail(err, EG_FATAL, "TEST", "not readable");
}

static void
test_peek_fails(void **state)
{
	(void)state;
	struct fmt_peek peek;
	struct eg_bytes head;
	struct eg_err err;
	assert_int_equal(fmt_peek_open(&peek, (struct fmt_src){ read_fail, NULL }, &head, &err), EG_FATAL);
	assert_string_equal(err.code, "TEST");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_bom),
		cmocka_unit_test(test_to_utf8),
		cmocka_unit_test(test_to_utf8_long),
		cmocka_unit_test(test_from_utf8_refuses),
		cmocka_unit_test(test_fit),
		cmocka_unit_test(test_fit_table),
		cmocka_unit_test(test_sources),
		cmocka_unit_test(test_peek_fails),
	};
	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
