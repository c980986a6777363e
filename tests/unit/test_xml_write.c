/* SPDX-License-Identifier: MIT
 *
 * The XML writer: what is escaped, what is refused, and that our reader gives back every value that was written.
 */
#include "base/utf8.h"
#include "formats/text.h"
#include "formats/xml_read.h"
#include "formats/xml_write.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define N(a) (sizeof(a) / sizeof(a)[0])
#define V(s)                                                 \
	{                                                    \
		(const unsigned char *)("" s), sizeof(s) - 1 \
	}

static void
test_escapes(void **state)
{
	static const struct {
		const char *name;
		struct eg_bytes v;
		const char *text, *attr;
	} table[] = {
		{ "empty", V(""), "", "" },
		{ "plain", V("O'Hara \xC3\x89lectrique 1.50"), "O'Hara \xC3\x89lectrique 1.50",
		    "O'Hara \xC3\x89lectrique 1.50" },
		{ "markup", V("<a & b>"), "&lt;a &amp; b&gt;", "&lt;a &amp; b&gt;" },
		{ "cdata end", V("]]>"), "]]&gt;", "]]&gt;" },
		{ "reference", V("&amp;"), "&amp;amp;", "&amp;amp;" },
		{ "quotes", V("\"'"), "\"'", "&quot;'" },
		{ "breaks", V("a\r\nb\tc"), "a&#13;\nb\tc", "a&#13;&#10;b&#9;c" },
		{ "edges", V("&x&"), "&amp;x&amp;", "&amp;x&amp;" },
		{ "beyond the plane", V("\xF0\x9F\x98\x80"), "\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80" },
	};

	(void)state;
	for (size_t i = 0; i < N(table); i++) {
		struct eg_buf text = EG_BUF_INIT, attr = EG_BUF_INIT;
		struct eg_err err;

		assert_int_equal(fmt_xml_text(&text, table[i].v, &err), EG_OK);
		assert_int_equal(fmt_xml_attr(&attr, table[i].v, &err), EG_OK);
		if (strcmp(eg_buf_cstr(&text), table[i].text) != 0 || strcmp(eg_buf_cstr(&attr), table[i].attr) != 0)
			fail_msg("%s: %s, %s", table[i].name, eg_buf_cstr(&text), eg_buf_cstr(&attr));
		eg_buf_done(&text);
		eg_buf_done(&attr);
	}
}

static void
test_refused(void **state)
{
	static const struct {
		const char *name;
		struct eg_bytes v;
		uint64_t off;
	} table[] = {
		{ "nul", V("a\0b"), 1 },
		{ "control", V("ab\x1F"), 2 },
		{ "escape", V("\x1B[0m"), 0 },
		{ "not a character", V("x\xEF\xBF\xBF"), 1 },
		{ "not utf-8", V("xy\xE9"), 2 },
		{ "surrogate", V("\xED\xA0\x80"), 0 },
	};

	(void)state;
	for (size_t i = 0; i < N(table); i++) {
		struct eg_buf out = EG_BUF_INIT;
		struct eg_err err;

		if (fmt_xml_text(&out, table[i].v, &err) != EG_BADREC ||
		    fmt_xml_attr(&out, table[i].v, &err) != EG_BADREC || strcmp(err.code, "XML-CHAR") != 0 ||
		    err.pos.off != table[i].off || out.len != 0)
			fail_msg("%s: taken, or another error", table[i].name);
		eg_buf_done(&out);
	}
}

static void
test_names(void **state)
{
	static const struct {
		const char *name;
		bool ok;
	} table[] = {
		{ "entry", true },
		{ "_a", true },
		{ "A1.b-c_d", true },
		{ "Z", true },
		{ "", false },
		{ "1a", false },
		{ "-a", false },
		{ ".a", false },
		{ "a b", false },
		{ "a:b", false },
		{ "a>b", false },
		{ "@a", false },
		{ "[a", false },
		{ "\xC3\xA9", false },
	};

	(void)state;
	for (size_t i = 0; i < N(table); i++) {
		if (fmt_xml_name_ok(eg_bytes_str(table[i].name)) != table[i].ok)
			fail_msg("name %s", table[i].name);
	}
}

/* Every character that may stand in text comes back as it was, apart from blanks at the ends. */
static void
test_round_trip(void **state)
{
	static const char *const paths[] = { "a" };
	static const struct fmt_xml_spec spec = { .npaths = 1, .paths = paths };
	struct eg_buf value = EG_BUF_INIT, doc = EG_BUF_INIT;
	struct fmt_src_mem m;
	struct fmt_xml *x;
	struct fmt_row row;
	enum fmt_xml_kind kind;
	struct eg_err err;

	(void)state;
	eg_buf_str(&value, "[\t\n\r");
	for (uint32_t cp = 0x20; cp < 0x10FFFF; cp += cp < 0x3000 ? 1 : 257) {
		if ((cp < 0xD800 || cp > 0xDFFF) && cp != 0xFFFE && cp != 0xFFFF)
			eg_utf8_put(&value, cp);
	}
	eg_buf_chr(&value, ']');
	eg_buf_str(&doc, "<q><r><a>");
	assert_int_equal(fmt_xml_text(&doc, eg_buf_view(&value), &err), EG_OK);
	eg_buf_str(&doc, "</a></r></q>");
	assert_int_equal(fmt_xml_open(fmt_src_mem(&m, eg_buf_view(&doc), 0), &x, &err), EG_OK);
	fmt_xml_bind(x, &spec);
	assert_int_equal(fmt_xml_next(x, &kind, &row, &err), EG_OK);
	assert_true(eg_bytes_eq(row.cells[0].val, eg_buf_view(&value)));
	assert_int_equal(fmt_xml_next(x, &kind, &row, &err), EG_EOF);
	fmt_xml_free(x);
	eg_buf_done(&value);
	eg_buf_done(&doc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
