/* SPDX-License-Identifier: MIT
 *
 * The XML reader: what rows say, where they say it stands, that the way a file arrives changes nothing, and everything
 * that must be refused.
 */
#include "base/buf.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "formats/src.h"
#include "formats/text.h"
#include "formats/xml_read.h"
#include "tests/unit/xml_rows.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char *const paths[] = { "a", "b/c", "b", "a" };
static const char *const line_paths[] = { "x", "y/z", "", "x" };
static const struct fmt_xml_spec spec = { .record = "r",
	.lines = "ls/l",
	.npaths = N(paths),
	.nline_paths = N(line_paths),
	.paths = paths,
	.line_paths = line_paths };

/* ---- what rows say ---- */

static void
test_rows(void **state)
{
	static const struct {
		const char *name, *doc, *want;
	} table[] = {
		{ "plain", "<q><r><a>1</a><b><c>2</c></b></r></q>", "R[1|2|empty|1]" },
		{ "blanks cut", "<q>\n<r>\n <a>\r\n\t1 2 \n</a></r></q>", "R[1 2|-|-|1 2]" },
		{ "absent and empty", "<q><r><a></a><b><c/></b></r><r/></q>", "R[empty|empty|empty|empty]R[-|-|-|-]" },
		{ "blanks only", "<q><r><a> \n </a></r></q>", "R[empty|-|-|empty]" },
		{ "blank references", "<q><r><a>&#32;&#10;</a></r></q>", "R[empty|-|-|empty]" },
		{ "references", "<q><r><a>a&amp;b&#x41;&#66;</a></r></q>",
		    "R[a&bAB<a&amp;b&#x41;&#66;>|-|-|a&bAB<a&amp;b&#x41;&#66;>]" },
		{ "cdata", "<q><r><a><![CDATA[ x<y ]]></a></r></q>", "R[x<y|-|-|x<y]" },
		{ "cdata between", "<q><r><b><c>1<![CDATA[2]]>3</c></b></r></q>", "R[-|123<1<![CDATA[2]]>3>|empty|-]" },
		{ "cdata brackets", "<q><r><b><c><![CDATA[]]]]></c></b></r></q>", "R[-|]]|empty|-]" },
		{ "cdata brackets inside", "<q><r><b><c><![CDATA[]x] ]]></c></b></r></q>", "R[-|]x]|empty|-]" },
		{ "cdata empty", "<q><r><b><c> <![CDATA[]]> </c></b></r></q>", "R[-|empty|empty|-]" },
		{ "comment inside", "<q><r><b><c>1<!-- <c>9</c> -->2</c></b></r></q>",
		    "R[-|12<1<!-- <c>9</c> -->2>|empty|-]" },
		{ "comment before", "<q><r><b><c><!-- > -->2</c></b></r></q>", "R[-|2|empty|-]" },
		{ "instruction inside", "<q><r><b><c>1<?x <c> ?\?>2</c></b></r></q>",
		    "R[-|12<1<?x <c> ?\?>2>|empty|-]" },
		{ "own text only", "<q><r><b>1<c>2</c>3</b></r></q>", "R[-|2|13<1<c>2</c>3>|-]" },
		{ "repeated", "<q><r><a>1</a><a>2</a><b/><a/><b><c>7</c></b></r></q>", "R[1*2|7|empty*1|1*2]" },
		{ "lines", "<q><r><ls><l><x>1</x></l><l>t<y><z>2</z></y></l></ls></r></q>",
		    "R[-|-|-|-]L[1|-|empty|1]L[-|2|t|-]" },
		{ "header behind lines", "<q><r><ls><l><x>1</x></l></ls><a>9</a></r></q>", "R[9|-|-|9]L[1|-|empty|1]" },
		{ "repeated in lines", "<q><r><ls><l><x>1</x><x>2</x></l><l><x>3</x></l></ls></r></q>",
		    "R[-|-|-|-]L[1*1|-|empty|1*1]L[3|-|empty|3]" },
		{ "lines in two groups", "<q><r><ls><l><x>1</x></l></ls><ls><l/></ls></r></q>",
		    "R[-|-|-|-]L[1|-|empty|1]L[-|-|empty|-]" },
		{ "other records", "<q><s><a>1</a></s><r><a>2</a></r><a>3</a></q>", "R[2|-|-|2]" },
		{ "path at its place only", "<q><r><b><a>1</a></b><l><x>2</x></l><ls><x>3</x></ls></r></q>",
		    "R[-|-|empty|-]" },
		{ "prefixes", "<n:q xmlns:n='u'><n:r><m:a>1</m:a></n:r></n:q>", "R[1|-|-|1]" },
		{ "attributes", "<q><r k='>' j=\">/r'\"><a k='/'>1</a></r></q>", "R[1|-|-|1]" },
		{ "blanks in tags", "<q ><r\n><a\t>1</a ></r></q\n>", "R[1|-|-|1]" },
		{ "prologue",
		    "<?xml version='1.0' encoding=\"utf-8\" standalone='yes' ?>\n<!-- <q> --><?p <q>?><q/>\n<!-- -->\n",
		    "" },
		{ "leading blanks", " \n<q><r/></q>", "R[-|-|-|-]" },
		{ "no records", "<q></q>", "" },
		{ "record name as line", "<q><r><r><a>1</a></r></r></q>", "R[-|-|-|-]" },
	};

	(void)state;
	for (size_t i = 0; i < N(table); i++) {
		struct eg_buf out = EG_BUF_INIT;
		struct eg_err err;
		const int rc = read_steps(table[i].name, eg_bytes_str(table[i].doc), &spec, &out, &err);

		if (rc != EG_EOF)
			fail_msg("%s: %s", table[i].name, err.msg);
		if (strcmp(eg_buf_cstr(&out), table[i].want) != 0)
			fail_msg("%s: %s instead of %s", table[i].name, eg_buf_cstr(&out), table[i].want);
		eg_buf_done(&out);
	}
}

static void
test_any_record(void **state)
{
	static const char *const one[] = { "v" };
	static const struct fmt_xml_spec any = { .npaths = 1, .paths = one };
	struct eg_buf out = EG_BUF_INIT;
	struct eg_err err;

	(void)state;
	assert_int_equal(read_steps("any", EG_LIT("<q><r><v>1</v></r><s><v>2</v></s></q>"), &any, &out, &err), EG_EOF);
	assert_string_equal(eg_buf_cstr(&out), "R[1]R[2]");
	eg_buf_done(&out);
}

/* One document is one record: its lines need not lie together, and come behind it. */
static void
test_root_as_record(void **state)
{
	static const char *const whole_lines[] = { "x" };
	static const struct fmt_xml_spec whole = { .record = ".",
		.lines = "l",
		.npaths = N(paths),
		.nline_paths = 1,
		.paths = paths,
		.line_paths = whole_lines };
	static const struct {
		const char *name, *doc, *want;
	} table[] = {
		{ "all", "<q><l><x>1</x></l><a>2</a><b><c>3</c></b><l><x>4</x></l></q>", "R[2|3|empty|2]L[1]L[4]" },
		{ "no lines", "<q><a>2</a></q>", "R[2|-|-|2]" },
		{ "nothing", "<q/>", "R[-|-|-|-]" },
		{ "the same name below", "<q><q><a>1</a></q><a>2</a></q>", "R[2|-|-|2]" },
		{ "prefixes, blanks in front", " \n<n:q xmlns:n='u'><n:a>2</n:a></n:q>\n", "R[2|-|-|2]" },
	};

	(void)state;
	for (size_t i = 0; i < N(table); i++) {
		struct eg_buf out = EG_BUF_INIT;
		struct eg_err err;

		if (read_steps(table[i].name, eg_bytes_str(table[i].doc), &whole, &out, &err) != EG_EOF)
			fail_msg("%s: %s", table[i].name, err.msg);
		if (strcmp(eg_buf_cstr(&out), table[i].want) != 0)
			fail_msg("%s: %s instead of %s", table[i].name, eg_buf_cstr(&out), table[i].want);
		eg_buf_done(&out);
	}
}

static void
test_root(void **state)
{
	struct fmt_src_mem m;
	struct fmt_xml *x;
	struct eg_err err;

	(void)state;
	assert_int_equal(
	    fmt_xml_open(fmt_src_mem(&m, EG_LIT("<?xml version='1.0'?><n:top xmlns:n='u' k='v'/>"), 1), &x, &err),
	    EG_OK);
	assert_true(eg_bytes_is(fmt_xml_root(x), "top"));
	fmt_xml_free(x);
	fmt_xml_free(NULL);
}

/* ---- places ---- */

static void
naive_place(struct eg_bytes doc, uint64_t off, uint64_t *ret_line, uint32_t *ret_col)
{
	*ret_line = 1;
	*ret_col = 1;
	for (uint64_t i = eg_bytes_starts(doc, EG_LIT("\xEF\xBB\xBF")) ? 3 : 0; i < off; i++) {
		if (doc.ptr[i] == '\n') {
			++*ret_line;
			*ret_col = 1;
		} else if ((doc.ptr[i] & 0xC0) != 0x80) {
			++*ret_col;
		}
	}
}

static void
check_place(struct eg_bytes doc, uint64_t off, uint64_t line, uint32_t col)
{
	uint64_t want_line;
	uint32_t want_col;

	naive_place(doc, off, &want_line, &want_col);
	assert_int_equal(line, want_line);
	if (col != 0)
		assert_int_equal(col, want_col);
}

static void
test_places(void **state)
{
	struct eg_buf doc = EG_BUF_INIT;
	struct fmt_src_mem m;
	struct fmt_xml *x;
	struct fmt_row row;
	enum fmt_xml_kind kind;
	struct eg_err err;
	size_t rows = 0;

	(void)state;
	eg_buf_str(&doc, "\xEF\xBB\xBF<?xml version='1.0'?>\n<q>\n");
	for (unsigned i = 0; i < 3000; i++)
		eg_buf_printf(&doc,
		    "  <r k='\n'><a>v\xC3\xA9%u</a>\xE2\x82\xAC\n<ls><l>\n <x> %u </x>\t<y><z>\xF0\x9F\x98\x80&lt;</z></y></l></ls><b/></r>\n",
		    i, i);
	eg_buf_str(&doc, "</q>");
	const struct eg_bytes all = eg_buf_view(&doc);

	assert_int_equal(fmt_xml_open(fmt_src_mem(&m, all, 0), &x, &err), EG_OK);
	fmt_xml_bind(x, &spec);
	while (fmt_xml_next(x, &kind, &row, &err) == EG_OK) {
		const struct eg_bytes raw = eg_bytes_sub(all, row.off, row.len);

		assert_true(eg_bytes_starts(raw, kind == FMT_XML_RECORD ? EG_LIT("<r k=") : EG_LIT("<l>")));
		assert_true(eg_bytes_ends(raw, kind == FMT_XML_RECORD ? EG_LIT("</r>") : EG_LIT("</l>")));
		if (rows % 200 < 4) {
			check_place(all, row.off, row.line, 0);
			for (size_t i = 0; i < row.ncells; i++)
				check_place(all, row.cells[i].off, row.cells[i].line, row.cells[i].col);
		}
		if (kind == FMT_XML_LINE) {
			assert_true(
			    eg_bytes_eq(eg_bytes_sub(all, row.cells[0].off, row.cells[0].len), row.cells[0].val));
			assert_true(
			    eg_bytes_is(eg_bytes_sub(all, row.cells[1].off, row.cells[1].len), "\xF0\x9F\x98\x80&lt;"));
		} else {
			assert_true(
			    eg_bytes_eq(eg_bytes_sub(all, row.cells[0].off, row.cells[0].len), row.cells[0].val));
			assert_int_equal(row.cells[1].state, FMT_ABSENT);
			assert_int_equal(row.cells[1].off, row.off);
			assert_true(eg_bytes_ends(eg_bytes_sub(all, 0, row.cells[2].off), EG_LIT("<b/>")));
		}
		rows++;
	}
	assert_int_equal(rows, 6000);
	fmt_xml_free(x);
	eg_buf_done(&doc);
}

/* ---- encodings ---- */

static void
put_utf16(struct eg_buf *out, const char *utf8, bool big)
{
	const struct eg_bytes v = eg_bytes_str(utf8);
	uint32_t units[2];

	for (size_t pos = 0; pos < v.len;) {
		const uint32_t cp = eg_utf8_next(v, &pos);
		const size_t n = cp >= 0x10000 ? 2 : 1;

		units[0] = n == 2 ? 0xD800 + ((cp - 0x10000) >> 10) : cp;
		units[1] = 0xDC00 + ((cp - 0x10000) & 0x3FF);
		for (size_t i = 0; i < n; i++) {
			eg_buf_chr(out, (unsigned char)(big ? units[i] >> 8 : units[i]));
			eg_buf_chr(out, (unsigned char)(big ? units[i] : units[i] >> 8));
		}
	}
}

static void
test_utf16(void **state)
{
	static const char head[] = "\xEF\xBB\xBF<?xml version='1.0' encoding='UTF-16'?><q>\n<r><a>",
			  mid[] = "\xC3\xA9\xF0\x9F\x98\x80&amp;";

	(void)state;
	for (int big = 0; big < 2; big++) {
		for (unsigned fill = 0; fill < 70000; fill += 32749) {
			struct eg_buf doc = EG_BUF_INIT, value = EG_BUF_INIT;
			struct fmt_src_mem m;
			struct fmt_xml *x;
			struct fmt_row row;
			enum fmt_xml_kind kind;
			struct eg_err err;

			put_utf16(&doc, head, big != 0);
			for (unsigned i = 0; i < fill; i += 7)
				put_utf16(&doc, "\xF0\x9F\x98\x80", big != 0);
			const size_t at = doc.len;

			put_utf16(&doc, "</a><b><c> ", big != 0);
			put_utf16(&value, mid, big != 0);
			eg_buf_add(&doc, eg_buf_view(&value));
			put_utf16(&doc, "\n</c></b></r></q>", big != 0);
			assert_int_equal(fmt_xml_open(fmt_src_mem(&m, eg_buf_view(&doc), 0), &x, &err), EG_OK);
			fmt_xml_bind(x, &spec);
			assert_int_equal(fmt_xml_next(x, &kind, &row, &err), EG_OK);
			assert_true(eg_bytes_is(row.cells[1].val, "\xC3\xA9\xF0\x9F\x98\x80&"));
			assert_true(eg_bytes_eq(
			    eg_bytes_sub(eg_buf_view(&doc), row.cells[1].off, row.cells[1].len), eg_buf_view(&value)));
			assert_int_equal(row.cells[1].off, at + 22);
			assert_int_equal(row.cells[1].line, 2);
			assert_int_equal(row.cells[1].col, 6 + (fill + 6) / 7 + 11 + 1);
			assert_int_equal(fmt_xml_next(x, &kind, &row, &err), EG_EOF);
			fmt_xml_free(x);
			eg_buf_done(&doc);
			eg_buf_done(&value);
		}
	}
}

static void
test_eight_bit(void **state)
{
	static const struct {
		const char *declared, *raw, *want;
	} table[] = {
		{ "ISO-8859-1", "\xE9\xA4\x80", "\xC3\xA9\xC2\xA4\xC2\x80" },
		{ "windows-1252", "\xE9\x80\x92", "\xC3\xA9\xE2\x82\xAC\xE2\x80\x99" },
		{ "us-ascii", "e", "e" },
		{ "UTF-8", "\xC3\xA9", "\xC3\xA9" },
	};

	(void)state;
	for (size_t i = 0; i < N(table); i++) {
		struct eg_buf doc = EG_BUF_INIT, out = EG_BUF_INIT;
		struct fmt_src_mem m;
		struct fmt_xml *x;
		struct fmt_row row;
		enum fmt_xml_kind kind;
		struct eg_err err;

		eg_buf_printf(&doc, "<?xml version='1.0' encoding='%s'?>\n<q><!-- %s --><r><a> %s </a></r></q>",
		    table[i].declared, table[i].raw, table[i].raw);
		assert_int_equal(read_steps(table[i].declared, eg_buf_view(&doc), &spec, &out, &err), EG_EOF);
		assert_int_equal(fmt_xml_open(fmt_src_mem(&m, eg_buf_view(&doc), 1), &x, &err), EG_OK);
		fmt_xml_bind(x, &spec);
		assert_int_equal(fmt_xml_next(x, &kind, &row, &err), EG_OK);
		if (!eg_bytes_is(row.cells[0].val, table[i].want))
			fail_msg("%s: %.*s", table[i].declared, EG_FMT(row.cells[0].val));
		assert_true(
		    eg_bytes_is(eg_bytes_sub(eg_buf_view(&doc), row.cells[0].off, row.cells[0].len), table[i].raw));
		fmt_xml_free(x);
		eg_buf_done(&doc);
		eg_buf_done(&out);
	}
}

/* ---- refusals ---- */

#define DOC(s)                                               \
	{                                                    \
		(const unsigned char *)("" s), sizeof(s) - 1 \
	}

static void
test_refused(void **state)
{
	static const struct {
		const char *name;
		struct eg_bytes doc;
		const char *code;
		uint64_t off, line; /* line 0 = any place inside of the file */
		uint32_t col;
	} table[] = {
		{ "empty", DOC(""), "F-03", 0, 1, 1 },
		{ "blank", DOC(" \n "), "F-03", 3, 2, 2 },
		{ "not xml", DOC("a,b\n1,2\n"), "F-03", 0, 1, 1 },
		{ "doctype", DOC("<?xml version='1.0'?>\n<!DOCTYPE q>\n<q/>"), "F-03", 22, 2, 1 },
		{ "doctype without space", DOC("<!DOCTYPE[]><q/>"), "F-03", 0, 1, 1 },
		{ "doctype inside", DOC("<q><!DOCTYPE q></q>"), "F-03", 3, 1, 4 },
		{ "laughs", DOC("<!DOCTYPE q [<!ENTITY a 'x'><!ENTITY b '&a;&a;'>]><q>&b;</q>"), "F-03", 0, 1, 1 },
		{ "outside entity", DOC("<!DOCTYPE q [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><q>&a;</q>"), "F-03", 0,
		    1, 1 },
		{ "unknown entity", DOC("<q><r><a>&nbsp;</a></r></q>"), "F-03", 0, 0, 0 },
		{ "entity in attribute", DOC("<q k='&x;'/>"), "F-03", 0, 0, 0 },
		{ "bare ampersand", DOC("<q><r><a>a & b</a></r></q>"), "F-03", 0, 0, 0 },
		{ "bare less", DOC("<q><r><a>a < b</a></r></q>"), "F-03", 0, 0, 0 },
		{ "crossed tags", DOC("<q><r><a></r></a></q>"), "F-03", 0, 0, 0 },
		{ "end too many", DOC("<q/></q>"), "F-03", 4, 1, 5 },
		{ "two roots", DOC("<q/><q/>"), "F-03", 0, 0, 0 },
		{ "text behind", DOC("<q/>x"), "F-03", 0, 0, 0 },
		{ "attribute twice", DOC("<q a='1' a='2'/>"), "F-03", 0, 0, 0 },
		{ "quote missing", DOC("<q a='1>\n</q>"), "F-03", 0, 0, 0 },
		{ "hyphens in comment", DOC("<q><!-- a -- b --></q>"), "F-03", 0, 0, 0 },
		{ "short comment", DOC("<q><!--></q>"), "F-03", 0, 0, 0 },
		{ "not cdata", DOC("<q><![cdata[x]]></q>"), "F-03", 3, 1, 4 },
		{ "cdata end in text", DOC("<q>]]></q>"), "F-03", 0, 0, 0 },
		{ "nul", DOC("<q><r><a>\0</a></r></q>"), "F-03", 9, 1, 10 },
		{ "control", DOC("<q>\x01</q>"), "F-03", 0, 0, 0 },
		{ "control reference", DOC("<q>&#1;</q>"), "F-03", 0, 0, 0 },
		{ "forbidden character", DOC("<q>\xEF\xBF\xBE</q>"), "F-03", 0, 0, 0 },
		{ "declaration late", DOC("\n<?xml version='1.0'?><q/>"), "F-03", 0, 0, 0 },
		{ "declaration open", DOC("<?xml version='1.0'<q/>"), "F-03", 0, 0, 0 },
		{ "declaration without version", DOC("<?xml encoding='utf-8'?><q/>"), "F-03", 0, 0, 0 },
		{ "bad utf-8", DOC("<q>\n<r>\xE9t\xE9</r></q>"), "F-02", 7, 2, 4 },
		{ "overlong", DOC("<q>\xE0\x80\xAFx</q>"), "F-02", 3, 1, 4 },
		{ "overlong less",
		    DOC("<q>\xC0\xBC"
			"b></q>"),
		    "F-02", 3, 1, 4 },
		{ "surrogate", DOC("<q>\xED\xA0\x80</q>"), "F-02", 3, 1, 4 },
		{ "utf-8 cut", DOC("<q>\xC3"), "F-02", 3, 1, 4 },
		{ "not ascii", DOC("<?xml version='1.0' encoding='US-ASCII'?><q>\xC3\xA9</q>"), "F-02", 44, 1, 45 },
		{ "cp1252 hole", DOC("<?xml version='1.0' encoding='windows-1252'?><q>\x81</q>"), "F-02", 48, 1, 49 },
		{ "utf-7", DOC("<?xml version='1.0' encoding='UTF-7'?><q>+ADw-r/+AD4-</q>"), "F-02", 30, 1, 31 },
		{ "ebcdic name", DOC("<?xml version='1.0' encoding='IBM037'?><q/>"), "F-02", 30, 1, 31 },
		{ "ebcdic bytes", DOC("\x4C\x6F\xA7\x94\x93\x40"), "F-02", 0, 1, 1 },
		{ "iso-2022-jp", DOC("<?xml version='1.0' encoding='ISO-2022-JP'?><q/>"), "F-02", 30, 1, 31 },
		{ "utf-16 declared only", DOC("<?xml version='1.0' encoding='utf-16'?><q/>"), "F-02", 30, 1, 31 },
		{ "utf-16 without mark", DOC("<\0q\0/\0>\0"), "F-02", 0, 1, 1 },
		{ "utf-16 cut", DOC("\xFF\xFE<\0q\0/\0>"), "F-02", 0, 0, 0 },
		{ "utf-16 lone surrogate", DOC("\xFF\xFE<\0q\0>\0\0\xD8<\0/\0q\0>\0"), "F-02", 8, 1, 4 },
		{ "utf-16 nul", DOC("\xFF\xFE<\0q\0>\0\0\0<\0/\0q\0>\0"), "F-03", 8, 1, 4 },
		{ "utf-16 with another name",
		    DOC("\xFF\xFE<\0?\0x\0m\0l\0 \0e\0n\0c\0o\0d\0i\0n\0g\0=\0'\0u\0t\0f\0-\0008\0'\0?\0>\0<\0q\0/\0>\0"),
		    "F-02", 34, 1, 17 },
		{ "utf-32", DOC("\xFF\xFE\0\0<\0\0\0"), "F-02", 0, 1, 1 },
		{ "utf-8 mark, latin name", DOC("\xEF\xBB\xBF<?xml version='1.0' encoding='iso-8859-1'?><q/>"), "F-02",
		    33, 1, 31 },
	};

	(void)state;
	for (size_t i = 0; i < N(table); i++) {
		struct eg_buf out = EG_BUF_INIT;
		struct eg_err err;
		const int rc = read_steps(table[i].name, table[i].doc, &spec, &out, &err);

		if (rc != EG_BADFILE)
			fail_msg("%s: taken, rows %s", table[i].name, eg_buf_cstr(&out));
		if (strcmp(err.code, table[i].code) != 0)
			fail_msg("%s: %s instead of %s: %s", table[i].name, err.code, table[i].code, err.msg);
		if (err.pos.line == 0 || err.pos.off > table[i].doc.len)
			fail_msg("%s: place outside of the file", table[i].name);
		if (table[i].line != 0 &&
		    (err.pos.off != table[i].off || err.pos.line != table[i].line || err.pos.col != table[i].col))
			fail_msg("%s: place %llu, %llu:%u", table[i].name, (unsigned long long)err.pos.off,
			    (unsigned long long)err.pos.line, err.pos.col);
		eg_buf_done(&out);
	}
}

static void
test_fault_places(void **state)
{
	static const struct {
		const char *name, *doc;
		uint64_t line;
	} table[] = {
		{ "crossed tags", "<q>\n<r>\n<a>x</b>\n</r>\n</q>", 3 },
		{ "unknown entity", "<q>\n<r>\n<a>&nbsp;</a>\n</r>\n</q>", 3 },
		{ "control", "<q>\n<r>\n\n<a>\x02</a>\n</r>\n</q>", 4 },
		{ "first fault wins", "<q>\n<a>&x;</a>\n<!DOCTYPE q></q>", 2 },
	};

	(void)state;
	for (size_t i = 0; i < N(table); i++) {
		struct eg_buf out = EG_BUF_INIT;
		struct eg_err err;

		assert_int_equal(read_steps(table[i].name, eg_bytes_str(table[i].doc), &spec, &out, &err), EG_BADFILE);
		if (err.pos.line != table[i].line)
			fail_msg("%s: line %llu: %s", table[i].name, (unsigned long long)err.pos.line, err.msg);
		eg_buf_done(&out);
	}
}

static void
test_truncated(void **state)
{
	static const char doc[] =
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- n --><q><?p i?><r k='v'><a>1 &amp; \xC3\xA9</a>"
	    "<b><c><![CDATA[x]]></c></b><ls><l><x>2</x></l></ls></r></q>";

	(void)state;
	for (size_t n = 0; n < sizeof doc - 1; n++) {
		struct eg_buf out = EG_BUF_INIT;
		struct eg_err err;
		const int rc = read_all(eg_bytes(doc, n), 7, &spec, false, &out, &err);

		if (rc != EG_BADFILE || (strcmp(err.code, "F-03") != 0 && strcmp(err.code, "F-02") != 0))
			fail_msg("cut at %zu: result %d", n, rc);
		eg_buf_done(&out);
	}
}

/* ---- limits ---- */

static void
repeat(struct eg_buf *b, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		eg_buf_str(b, s);
}

static void
check_limit(const char *name, const struct eg_buf *doc, const char *code)
{
	struct eg_buf out = EG_BUF_INIT;
	struct eg_err err = { .code = "" };
	const int rc = read_all(eg_buf_view(doc), 4096, &spec, false, &out, &err);

	if (code == NULL ? rc != EG_EOF : rc != EG_BADFILE || strcmp(err.code, code) != 0)
		fail_msg("%s: %d %s", name, rc, err.code);
	eg_buf_done(&out);
}

static void
test_depth(void **state)
{
	(void)state;
	for (size_t deep = EG_LIMIT_XML_DEPTH; deep <= EG_LIMIT_XML_DEPTH + 1; deep++) {
		struct eg_buf doc = EG_BUF_INIT;

		repeat(&doc, "<q>", deep);
		repeat(&doc, "</q>", deep);
		check_limit("depth", &doc, deep > EG_LIMIT_XML_DEPTH ? "LIMIT-DEPTH" : NULL);
		eg_buf_done(&doc);
	}
	struct eg_buf flood = EG_BUF_INIT;

	repeat(&flood, "<q>", 1000000);
	check_limit("flood", &flood, "LIMIT-DEPTH");
	eg_buf_done(&flood);
}

static void
test_tag_length(void **state)
{
	static const char *const frames[][2] = {
		{ "<q><r k='", "'/></q>" },
		{ "<q><r ", "/></q>" },
		{ "<q></q", ">" },
	};

	(void)state;
	for (size_t i = 0; i < N(frames); i++) {
		for (size_t over = 0; over < 2; over++) {
			struct eg_buf doc = EG_BUF_INIT;
			const size_t marks = i == 0 ? strlen("<r k=''/>") : i == 1 ? strlen("<r />") : strlen("</q>");

			eg_buf_str(&doc, frames[i][0]);
			repeat(&doc, i == 0 ? "x" : " ", EG_LIMIT_TAG_BYTES - marks + over);
			eg_buf_str(&doc, frames[i][1]);
			check_limit("tag", &doc, over > 0 ? "LIMIT-TAG" : NULL);
			eg_buf_done(&doc);
		}
	}
	struct eg_buf flood = EG_BUF_INIT;

	eg_buf_str(&flood, "<q ");
	for (unsigned i = 0; i < 100000; i++)
		eg_buf_printf(&flood, "a%u='' ", i);
	eg_buf_str(&flood, "/>");
	check_limit("attributes", &flood, "LIMIT-TAG");
	eg_buf_done(&flood);
}

static void
test_text_length(void **state)
{
	static const struct {
		const char *name;
		size_t most;
	} texts[] = { { "a", EG_LIMIT_TEXT_BYTES }, { "unwanted", EG_LIMIT_UNUSED_TEXT_BYTES } };

	(void)state;
	for (size_t i = 0; i < N(texts); i++) {
		for (size_t over = 0; over < 2; over++) {
			struct eg_buf doc = EG_BUF_INIT;

			eg_buf_printf(&doc, "<q><r><%s>", texts[i].name);
			repeat(&doc, "12345678", texts[i].most / 8);
			repeat(&doc, "x", over);
			eg_buf_printf(&doc, "</%s></r></q>", texts[i].name);
			check_limit("text", &doc, over > 0 ? "LIMIT-TEXT" : NULL);
			eg_buf_done(&doc);
		}
	}
}

static void
test_record_size(void **state)
{
	(void)state;
	for (unsigned over = 0; over < 2; over++) {
		struct eg_buf doc = EG_BUF_INIT;

		doc.max = 64U << 20;
		eg_buf_str(&doc, "<q><r/><r><ls>");
		for (size_t i = 0; i < 13 + 6 * over; i++) {
			eg_buf_str(&doc, "<l><x>");
			repeat(&doc, "1234567890123456", (1U << 20) / 16 - 8);
			eg_buf_str(&doc, "</x></l>");
		}
		eg_buf_str(&doc, "</ls></r></q>");
		check_limit("record", &doc, over > 0 ? "LIMIT-DOC" : NULL);
		eg_buf_done(&doc);
	}
}

/* A source that fails: its error comes through unchanged. */
static int
broken_read(void *ctx, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	unsigned *calls = ctx;

	if ((*calls)++ > 0)
		return eg_fail(err, EG_RETRY, "DISK-FULL", "no");
	memset(buf, ' ', cap);
	memcpy(buf, "<q>", 3);
	*ret_n = cap;
	return EG_OK;
}

static void
test_source_error(void **state)
{
	unsigned calls = 0;
	struct fmt_xml *x;
	struct fmt_row row;
	enum fmt_xml_kind kind;
	struct eg_err err;

	(void)state;
	assert_int_equal(fmt_xml_open((struct fmt_src){ broken_read, &calls }, &x, &err), EG_OK);
	fmt_xml_bind(x, &spec);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(fmt_xml_next(x, &kind, &row, &err), EG_RETRY);
		assert_string_equal(err.code, "DISK-FULL");
	}
	assert_int_equal(calls, 2);
	fmt_xml_free(x);
}

static int
set_up(void **state)
{
	struct eg_err err;

	(void)state;
	fmt_xml_init();
	return fmt_text_preload(&err);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_any_record),
		cmocka_unit_test(test_root),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_utf16),
		cmocka_unit_test(test_eight_bit),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_fault_places),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_tag_length),
		cmocka_unit_test(test_text_length),
		cmocka_unit_test(test_root_as_record),
		cmocka_unit_test(test_record_size),
		cmocka_unit_test(test_source_error),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
