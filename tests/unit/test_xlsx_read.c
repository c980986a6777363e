/* SPDX-License-Identifier: MIT
 *
 * The workbook reader: what every kind of cell gives, where it stands, how the parts are found, and what is refused. Workbooks are built here
 * from texts (book_kit.h); those of Excel-like programs come in tests/scenario/workbooks.py.
 */
#include "base/limits.h"
#include "formats/xlsx_int.h"
#include "formats/xlsx_write.h"
#include "tests/unit/book_kit.h"

#define N(a) (sizeof(a) / sizeof(a)[0])

/* ---- reading ---- */

struct stepped { /* a source that gives at most step bytes at once */
	struct fmt_src inner;
	size_t step;
};

static int
stepped_read(void *ctx, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	const struct stepped *s = ctx;

	return s->inner.read(s->inner.ctx, buf, s->step > 0 && s->step < cap ? s->step : cap, ret_n, err);
}

static void
put_cell(struct eg_buf *out, const struct fmt_cell *c, uint32_t col)
{
	static const char kinds[] = { [FMT_IS_TEXT] = 't',
		[FMT_IS_NUMBER] = 'n',
		[FMT_IS_DATE] = 'd',
		[FMT_IS_PERCENT] = 'p',
		[FMT_IS_FLAG] = 'f',
		[FMT_IS_ERROR] = 'e' };
	char name[FMT_COLUMN_NAME];

	assert_int_equal(c->col, col);
	if (c->state != FMT_VALUE) {
		assert_int_equal(c->state, FMT_EMPTY);
		assert_int_equal(c->len, 0);
		return;
	}
	assert_int_equal(c->quoted, c->kind == FMT_IS_TEXT);
	eg_buf_printf(out, " %s%c=", fmt_column_name(name, col), kinds[c->kind]);
	eg_buf_escaped(out, c->val);
}

/* Rows of a sheet as "3: At=x Bn=5|". */
static int
read_sheet(struct fmt_book *b, size_t sheet, size_t step, struct eg_buf *out, struct eg_err *err)
{
	struct stepped s = { .step = step };
	struct fmt_row row;
	int rc = fmt_book_part(b, sheet, &s.inner, err);

	if (rc == EG_OK)
		rc = fmt_book_begin(b, (struct fmt_src){ stepped_read, &s }, err);
	while (rc == EG_OK) {
		rc = fmt_book_next(b, &row, err);
		if (rc != EG_OK)
			break;
		eg_buf_printf(out, "%llu:", (unsigned long long)row.line);
		for (size_t i = 0; i < row.ncells; i++)
			put_cell(out, &row.cells[i], (uint32_t)i + 1);
		eg_buf_str(out, row.blank ? " blank|" : "|");
	}
	return rc;
}

static int
read_bytes(struct eg_bytes zip, size_t step, struct eg_buf *out, struct eg_err *err)
{
	struct kit_bytes in = { zip, step };
	struct fmt_book *b = NULL;
	int rc = fmt_book_open((struct fmt_random){ kit_pread, &in, zip.len }, &b, err);

	for (size_t i = 0; rc == EG_OK && i < fmt_book_count(b); i++) {
		if (fmt_book_count(b) > 1)
			eg_buf_printf(out, "[%.*s]", EG_FMT(fmt_book_at(b, i).name));
		rc = read_sheet(b, i, step, out, err);
		if (rc == EG_EOF)
			rc = EG_OK;
	}
	fmt_book_free(b);
	return rc;
}

static int
read_book(const struct kit_book *book, size_t step, struct eg_buf *out, struct eg_err *err)
{
	struct eg_buf zip = EG_BUF_INIT;
	int rc;

	kit_zip(book, &zip);
	rc = read_bytes(eg_buf_view(&zip), step, out, err);
	eg_buf_done(&zip);
	return rc;
}

static void
check_book(const char *name, const struct kit_book *book, const char *want)
{
	static const size_t steps[] = { 0, 1, 7, 4096 };

	for (size_t i = 0; i < N(steps); i++) {
		struct eg_buf out = EG_BUF_INIT;
		struct eg_err err = { .msg = "" };

		if (read_book(book, steps[i], &out, &err) != EG_OK)
			fail_msg("%s: %s %s", name, err.code, err.msg);
		if (strcmp(eg_buf_cstr(&out), want) != 0)
			fail_msg("%s, step %zu:\n got  %s\n want %s", name, steps[i], eg_buf_cstr(&out), want);
		eg_buf_done(&out);
	}
}

static void
check_rows(const char *name, const char *rows, const char *want)
{
	struct eg_buf sheet = EG_BUF_INIT;
	struct kit_book book;

	eg_buf_printf(&sheet, KIT_HEAD "%s" KIT_TAIL, rows);
	kit_book(&book, eg_buf_cstr(&sheet));
	check_book(name, &book, want);
	eg_buf_done(&sheet);
}

static void
check_refused(const char *name, const struct kit_book *book, const char *code, const char *words)
{
	struct eg_buf out = EG_BUF_INIT;
	struct eg_err err = { .msg = "" };
	const int rc = read_book(book, 0, &out, &err);

	if (rc != EG_BADFILE)
		fail_msg("%s: taken: %s", name, eg_buf_cstr(&out));
	if (strcmp(err.code, code) != 0 || strstr(err.msg, words) == NULL)
		fail_msg("%s: %s \"%s\", not %s \"%s\"", name, err.code, err.msg, code, words);
	eg_buf_done(&out);
}

static void
check_rows_refused(const char *name, const char *rows, const char *code, const char *words)
{
	struct eg_buf sheet = EG_BUF_INIT;
	struct kit_book book;

	eg_buf_printf(&sheet, KIT_HEAD "%s" KIT_TAIL, rows);
	kit_book(&book, eg_buf_cstr(&sheet));
	check_refused(name, &book, code, words);
	eg_buf_done(&sheet);
}

/* ---- cells ---- */

static void
test_cells(void **state)
{
	static const struct {
		const char *name, *cell, *want;
	} table[] = {
		{ "shared text", "<c r=\"A1\" t=\"s\"><v>0</v></c>", " At=Number" },
		{ "rich text, no phonetic hint, ends trimmed", "<c r=\"A1\" t=\"s\"><v>1</v></c>", " At=rich text" },
		{ "escaped characters", "<c r=\"A1\" t=\"s\"><v>2</v></c>", " At=a\\x0db_x000D_" },
		{ "empty text of the table", "<c r=\"A1\" t=\"s\"><v>3</v></c>", " blank" },
		{ "inline", "<c r=\"A1\" t=\"inlineStr\"><is><t>x &amp; y</t></is></c>", " At=x & y" },
		{ "inline runs",
		    "<c r=\"A1\" t=\"inlineStr\"><is><r><t>x</t></r><r><rPr/><t>y</t></r><rPh><t>z</t></rPh></is></c>",
		    " At=xy" },
		{ "CDATA", "<c t=\"inlineStr\"><is><t><![CDATA[<x>]]></t></is></c>", " At=<x>" },
		{ "text of a formula", "<c r=\"A1\" t=\"str\"><f>A2&amp;\"x\"</f><v>00123</v></c>", " At=00123" },
		{ "empty text of a formula", "<c r=\"A1\" t=\"str\"><f>A2</f><v></v></c>", " blank" },
		{ "number of a formula", "<c r=\"A1\"><f>1+1</f><v>2</v></c>", " An=2" },
		{ "formula without result", "<c r=\"A1\"><f>1+1</f></c>", " Ae=no result" },
		{ "true", "<c r=\"A1\" t=\"b\"><v>1</v></c>", " Af=TRUE" },
		{ "false", "<c r=\"A1\" t=\"b\"><v>0</v></c>", " Af=FALSE" },
		{ "error", "<c r=\"A1\" t=\"e\"><v>#REF!</v></c>", " Ae=#REF!" },
		{ "number", "<c r=\"A1\"><v>5</v></c>", " An=5" },
		{ "number that says so", "<c r=\"A1\" t=\"n\"><v>5</v></c>", " An=5" },
		{ "formatted, without value", "<c r=\"A1\" s=\"1\"/>", " blank" },
		{ "date", "<c r=\"A1\" s=\"1\"><v>46086</v></c>", " Ad=2026-03-05" },
		{ "date with time", "<c r=\"A1\" s=\"3\"><v>46086.604166666664</v></c>", " Ad=2026-03-05 14:30:00" },
		{ "date that its own format shows", "<c r=\"A1\" s=\"3\"><v>46086</v></c>", " Ad=2026-03-05" },
		{ "date as ISO", "<c r=\"A1\" t=\"d\"><v>2026-03-05T00:00:00</v></c>", " Ad=2026-03-05" },
		{ "date and time as ISO", "<c r=\"A1\" t=\"d\"><v>2026-03-05T08:15:00.000Z</v></c>",
		    " Ad=2026-03-05 08:15:00" },
		{ "percent", "<c r=\"A1\" s=\"2\"><v>0.1</v></c>", " Ap=10%" },
		{ "percent, binary rest", "<c r=\"A1\" s=\"2\"><v>7.0000000000000007E-2</v></c>", " Ap=7%" },
		{ "leading zeros of a format", "<c r=\"A1\" s=\"4\"><v>123</v></c>", " An=00123" },
		{ "letters of a format in quotes", "<c r=\"A1\" s=\"5\"><v>46086</v></c>", " An=46086" },
		{ "text in a cell with a date format", "<c r=\"A1\" s=\"1\" t=\"s\"><v>0</v></c>", " At=Number" },
		{ "negative date", "<c r=\"A1\" s=\"1\"><v>-1</v></c>", " An=-1" },
		{ "prefixes", "<x:c xmlns:x=\"u\" r=\"A1\"><x:v>7</x:v></x:c>", " An=7" },
		{ "extension below a cell", "<c r=\"A1\"><v>7</v><extLst><ext><v>8</v></ext></extLst></c>", " An=7" },
	};

	(void)state;
	for (size_t i = 0; i < N(table); i++) {
		struct eg_buf rows = EG_BUF_INIT, want = EG_BUF_INIT;

		eg_buf_printf(&rows, "<row r=\"1\">%s</row>", table[i].cell);
		eg_buf_printf(&want, "1:%s|", table[i].want);
		check_rows(table[i].name, eg_buf_cstr(&rows), eg_buf_cstr(&want));
		eg_buf_done(&rows);
		eg_buf_done(&want);
	}
}

static void
test_places(void **state)
{
	(void)state;
	check_rows("gaps",
	    "<row r=\"3\"><c r=\"B3\"><v>1</v></c><c r=\"D3\"><v>2</v></c></row><row r=\"7\"/><row r=\"1048576\"><c r=\"A1048576\"><v>3</v></c></row>",
	    "3: Bn=1 Dn=2|7: blank|1048576: An=3|");
	check_rows("no references", "<row><c><v>1</v></c><c/><c><v>2</v></c></row><row><c><v>3</v></c></row>",
	    "1: An=1 Cn=2|2: An=3|");
	check_rows("some references",
	    "<row r=\"2\"><c r=\"C2\"><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>",
	    "2: Cn=1 Dn=2|3: An=3|");
	check_rows("far empty cells", "<row r=\"1\"><c r=\"A1\"><v>1</v></c><c r=\"XFD1\" s=\"1\"/></row>", "1: An=1|");
	check_rows("hidden row", "<row r=\"1\" hidden=\"1\"><c r=\"A1\"><v>1</v></c></row>", "1: An=1|");
}

static void
test_lineage(void **state)
{
	static const char sheet[] = KIT_HEAD
	    "<row r=\"4\"><c r=\"A4\" t=\"s\"><v>0</v></c><c r=\"B4\" t=\"inlineStr\"><is><t>x</t></is></c><c r=\"C4\"><f>1</f></c></row>" KIT_TAIL;
	static const char *const want[] = { "<v>0</v>", "<is><t>x</t></is>", "<c r=\"C4\"><f>1</f></c>" };
	struct kit_book book;
	struct eg_buf zip = EG_BUF_INIT;
	struct fmt_book *b = NULL;
	struct fmt_src src;
	struct fmt_row row;
	struct eg_err err;

	(void)state;
	kit_book(&book, sheet);
	kit_zip(&book, &zip);
	struct kit_bytes in = { eg_buf_view(&zip), 0 };
	assert_int_equal(fmt_book_open((struct fmt_random){ kit_pread, &in, zip.len }, &b, &err), EG_OK);
	assert_true(eg_bytes_is(fmt_book_at(b, 0).part, KIT_SHEET));
	assert_int_equal(fmt_book_part(b, 0, &src, &err), EG_OK);
	assert_int_equal(fmt_book_begin(b, src, &err), EG_OK);
	fmt_book_widen(b, 5);
	assert_int_equal(fmt_book_next(b, &row, &err), EG_OK);
	assert_int_equal(row.ncells, 5);
	assert_int_equal(row.off, sizeof KIT_HEAD - 1);
	assert_int_equal(row.off + row.len, strlen(sheet) - strlen(KIT_TAIL));
	for (size_t i = 0; i < N(want); i++) {
		assert_int_equal(row.cells[i].line, 4);
		assert_true(
		    eg_bytes_is(eg_bytes_sub(eg_bytes_str(sheet), row.cells[i].off, row.cells[i].len), want[i]));
	}
	assert_int_equal(fmt_book_next(b, &row, &err), EG_EOF);
	fmt_book_free(b);
	eg_buf_done(&zip);
}

/* ---- numbers ---- */

static void
test_numbers(void **state)
{
	static const struct {
		const char *in, *want; /* NULL: not a number */
	} table[] = {
		{ "0", "0" },
		{ "-0", "0" },
		{ "0.0", "0" },
		{ "007", "7" },
		{ "1234.0999999999999", "1234.1" },
		{ "0.30000000000000004", "0.3" },
		{ "1E-3", "0.001" },
		{ "1.5E+10", "15000000000" },
		{ "-2.5e2", "-250" },
		{ "1.2345678901234567E+17", "123456789012346000" },
		{ "123456789012345", "123456789012345" },
		{ "1234567890123456", "1234567890123460" },
		{ "999999999999999.9", "1000000000000000" },
		{ "0.00099999999999999999", "0.001" },
		{ "-0.07", "-0.07" },
		{ "100.50", "100.5" },
		{ ".5", "0.5" },
		{ "5.", "5" },
		{ "+5", "5" },
		{ "1E300", NULL }, /* filled below: 1 and 300 zeros */
		{ "", NULL },
		{ "-", NULL },
		{ ".", NULL },
		{ "1e", NULL },
		{ "1e5000", NULL },
		{ "1.2.3", NULL },
		{ "1,5", NULL },
		{ "NaN", NULL },
		{ "0x10", NULL },
	};

	(void)state;
	for (size_t i = 0; i < N(table); i++) {
		struct eg_buf out = EG_BUF_INIT;
		struct fmt_xnum n;
		const bool ok = fmt_xnum_read(eg_bytes_str(table[i].in), &n);

		if (strcmp(table[i].in, "1E300") == 0) {
			assert_true(ok);
			fmt_xnum_print(&n, &out);
			assert_int_equal(out.len, 301);
		} else if (ok != (table[i].want != NULL)) {
			fail_msg("\"%s\" %s", table[i].in, ok ? "taken" : "refused");
		} else if (ok) {
			fmt_xnum_print(&n, &out);
			assert_string_equal(eg_buf_cstr(&out), table[i].want);
		}
		eg_buf_done(&out);
	}
}

static void
test_dates(void **state)
{
	static const struct {
		const char *in;
		bool from1904;
		const char *want;
	} table[] = {
		{ "1", false, "1900-01-01" },
		{ "59", false, "1900-02-28" },
		{ "60", false, "1900-02-29" }, /* the day that never was: no date for whoever reads it */
		{ "61", false, "1900-03-01" },
		{ "46086", false, "2026-03-05" },
		{ "2958465", false, "9999-12-31" },
		{ "2958466", false, "2958466" },
		{ "0", true, "1904-01-01" },
		{ "44624", true, "2026-03-05" },
		{ "0.5", false, "12:00:00" },
		{ "46086.5", false, "2026-03-05 12:00:00" },
		{ "46085.99999999999", false, "2026-03-05" }, /* half a microsecond before midnight */
		{ "46086.000001", false, "2026-03-05" },
		{ "-1", false, "-1" },
	};

	(void)state;
	for (size_t i = 0; i < N(table); i++) {
		struct eg_buf out = EG_BUF_INIT;
		struct fmt_xnum n;

		assert_true(fmt_xnum_read(eg_bytes_str(table[i].in), &n));
		(void)fmt_xlsx_shown(&n, FMT_SHOW_DATE, table[i].from1904, &out);
		assert_string_equal(eg_buf_cstr(&out), table[i].want);
		eg_buf_done(&out);
	}
}

static void
test_formats(void **state)
{
	static const struct {
		const char *code;
		uint8_t want;
	} table[] = {
		{ "General", FMT_SHOW_NUMBER },
		{ "0.00", FMT_SHOW_NUMBER },
		{ "#,##0.00;[Red]-#,##0.00", FMT_SHOW_NUMBER },
		{ "[$USD] #,##0.00", FMT_SHOW_NUMBER },
		{ "\"day\" 0", FMT_SHOW_NUMBER },
		{ "0\\d", FMT_SHOW_NUMBER },
		{ "_(* #,##0_);_(* \"-\"_d", FMT_SHOW_NUMBER },
		{ "0;dd", FMT_SHOW_NUMBER },
		{ "0.00E+00", FMT_SHOW_NUMBER },
		{ "@", FMT_SHOW_NUMBER },
		{ "", FMT_SHOW_NUMBER },
		{ "yyyy-mm-dd", FMT_SHOW_DATE },
		{ "[$-409]d\\-mmm\\-yy;@", FMT_SHOW_DATE },
		{ "DD.MM.YYYY", FMT_SHOW_DATE },
		{ "[h]:mm", FMT_SHOW_DATE },
		{ "h:mm AM/PM", FMT_SHOW_DATE },
		{ "0.0%", FMT_SHOW_PERCENT },
		{ "\"%\"0", FMT_SHOW_NUMBER },
		{ "000", FMT_SHOW_ZEROS + 3 },
		{ "0", FMT_SHOW_NUMBER },
		{ "\"open", FMT_SHOW_NUMBER },
		{ "\\", FMT_SHOW_NUMBER },
	};

	(void)state;
	for (size_t i = 0; i < N(table); i++)
		if (fmt_xlsx_show_of_code(eg_bytes_str(table[i].code)) != table[i].want)
			fail_msg("format %s", table[i].code);
	for (uint32_t id = 0; id < 200; id++)
		assert_int_equal(
		    fmt_xlsx_show_of_id(id) == FMT_SHOW_DATE, (id >= 14 && id <= 22) || (id >= 45 && id <= 47));
}

static void
test_references(void **state)
{
	static const struct {
		const char *in;
		uint32_t col, row; /* 0: refused */
	} table[] = {
		{ "A1", 1, 1 },
		{ "Z9", 26, 9 },
		{ "AA10", 27, 10 },
		{ "XFD1048576", 16384, 1048576 },
		{ "XFE1", 0, 0 },
		{ "ZZZ99999999", 0, 0 },
		{ "A1048577", 0, 0 },
		{ "A0", 0, 0 },
		{ "a1", 0, 0 },
		{ "1A", 0, 0 },
		{ "A", 0, 0 },
		{ "", 0, 0 },
		{ "$A$1", 0, 0 },
		{ "A1:B2", 0, 0 },
		{ "AAAAAAAAAA1", 0, 0 },
	};
	char name[FMT_COLUMN_NAME];

	(void)state;
	for (size_t i = 0; i < N(table); i++) {
		uint32_t col = 0, row = 0;

		assert_int_equal(fmt_xlsx_ref(eg_bytes_str(table[i].in), &col, &row), table[i].col > 0);
		assert_int_equal(col, table[i].col);
		assert_int_equal(row, table[i].row);
	}
	assert_string_equal(fmt_column_name(name, 1), "A");
	assert_string_equal(fmt_column_name(name, 703), "AAA");
	assert_string_equal(fmt_column_name(name, 16384), "XFD");
}

/* ---- what our own writer writes ---- */

static void
test_written(void **state)
{
	static const struct fmt_xlsx_col cols[] = { { "Code", FMT_XLSX_TEXT, 0, true, false, NULL },
		{ "Amount", FMT_XLSX_AMOUNT, 0, false, false, NULL },
		{ "Count", FMT_XLSX_NUMBER, 0, false, true, NULL }, { "Day", FMT_XLSX_DATE, 0, false, false, NULL } };
	const struct eg_bytes rows[][4] = { { EG_LIT("00123"), EG_LIT("1234.10"), EG_LIT("7"), EG_LIT("2026-03-05") },
		{ EG_LIT("=1+1"), EG_LIT("-0.07"), EG_NONE, EG_NONE },
		{ EG_LIT("a_x000D_ <&> \xc3\xa9"), EG_LIT("12345678901234567.89"), EG_LIT("0.0001"),
		    EG_LIT("9999-12-31") } };
	struct fmt_xlsx *x = fmt_xlsx_new(1774000000);
	struct eg_buf zip = EG_BUF_INIT, out = EG_BUF_INIT;
	struct eg_err err;

	(void)state;
	assert_int_equal(fmt_xlsx_sheet(x, "Items", cols, N(cols), true, &err), EG_OK);
	for (size_t i = 0; i < N(rows); i++)
		assert_int_equal(fmt_xlsx_row(x, rows[i], &err), EG_OK);
	assert_int_equal(fmt_xlsx_end(x, &zip, &err), EG_OK);
	fmt_xlsx_free(x);
	if (read_bytes(eg_buf_view(&zip), 0, &out, &err) != EG_OK)
		fail_msg("%s %s", err.code, err.msg);
	assert_string_equal(eg_buf_cstr(&out),
	    "1: At=Code Bt=Amount Ct=Count Dt=Day|2: At=00123 Bn=1234.1 Cn=7 Dd=2026-03-05|3: At==1+1 Bn=-0.07|"
	    "4: At=a_x000D_ <&> \xc3\xa9 Bt=12345678901234567.89 Cn=0.0001 Dd=9999-12-31|");
	eg_buf_done(&zip);
	eg_buf_done(&out);
}

/* ---- parts ---- */

#define ONE "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>"

static void
test_order_of_members(void **state)
{
	struct kit_book book, turned = { .n = 0 };

	(void)state;
	kit_book(&book, KIT_HEAD "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c></row>" KIT_TAIL);
	for (size_t i = book.n; i-- > 0;)
		kit_put(&turned, book.parts[i].name, book.parts[i].text);
	check_book("last member first", &turned, "1: At=Number|");
}

static void
test_strict(void **state)
{
	static const char sheet[] =
	    "<?xml version=\"1.0\"?><s:worksheet xmlns:s=\"http://purl.oclc.org/ooxml/spreadsheetml/main\"><s:sheetData><s:row r=\"1\">"
	    "<s:c r=\"A1\" t=\"d\"><s:v>2026-03-05</s:v></s:c></s:row></s:sheetData></s:worksheet>";
	struct kit_book book;

	(void)state;
	kit_book(&book, sheet);
	kit_put(&book, "xl/_rels/workbook.xml.rels",
	    "<Relationships><Relationship Id=\"s1\" Type=\"http://purl.oclc.org/ooxml/officeDocument/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>");
	kit_put(&book, "xl/styles.xml", NULL);
	kit_put(&book, "xl/sharedStrings.xml", NULL);
	check_book("strict namespaces, no formats, no texts", &book, "1: Ad=2026-03-05|");
}

static void
test_sheets(void **state)
{
	struct kit_book book;

	(void)state;
	kit_book(&book, KIT_HEAD ONE KIT_TAIL);
	kit_put(&book, "xl/workbook.xml",
	    "<workbook><workbookPr date1904=\"1\"/><sheets><sheet name=\"Hidden\" state=\"hidden\" r:id=\"s1\" xmlns:r=\"x\"/>"
	    "<sheet name=\"A &amp; B\" id=\"s4\"/><sheet name=\"Chart\" id=\"s5\"/><sheet name=\"Last\" id=\"s6\"/></sheets></workbook>");
	kit_put(&book, "xl/_rels/workbook.xml.rels",
	    "<Relationships><Relationship Id=\"s1\" Type=\"" KIT_REL
	    "/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"s4\" Type=\"" KIT_REL
	    "/worksheet\" Target=\"./worksheets/../odd/Two.xml\"/><Relationship Id=\"s5\" Type=\"" KIT_REL
	    "/chartsheet\" Target=\"chart.xml\"/><Relationship Id=\"s6\" Type=\"" KIT_REL
	    "/worksheet\" Target=\"/three.xml\"/><Relationship Id=\"s2\" Type=\"" KIT_REL
	    "/styles\" Target=\"styles.xml\"/>"
	    "<Relationship Id=\"s7\" Type=\"" KIT_REL
	    "/externalLink\" TargetMode=\"External\" Target=\"file:///etc/passwd\"/></Relationships>");
	kit_put(&book, "xl/odd/two.xml", KIT_HEAD "<row r=\"2\"><c r=\"A2\" s=\"1\"><v>44624</v></c></row>" KIT_TAIL);
	kit_put(&book, "three.xml", KIT_HEAD KIT_TAIL);
	check_book("hidden, chart, external; the system of 1904", &book, "[A & B]2: Ad=2026-03-05|[Last]");
}

static void
test_parts_refused(void **state)
{
	static const struct {
		const char *name, *part, *text, *code, *words;
	} table[] = {
		{ "no relationships", "_rels/.rels", NULL, "F-03", "_rels/.rels" },
		{ "no workbook", "xl/workbook.xml", NULL, "F-03", "xl/workbook.xml" },
		{ "no sheet", KIT_SHEET, NULL, "F-03", "missing in the file" },
		{ "no formats", "xl/styles.xml", NULL, "F-03", "xl/styles.xml" },
		{ "no texts", "xl/sharedStrings.xml", NULL, "F-03", "xl/sharedStrings.xml" },
		{ "a text document", "xl/workbook.xml", "<document/>", "F-01", "not a workbook" },
		{ "no sheets", "xl/workbook.xml", "<workbook/>", "F-01", "no visible sheet" },
		{ "swapped members", KIT_SHEET, "<sst><si><t>x</t></si></sst>", "F-03", "no sheet" },
		{ "DOCTYPE in the sheet", KIT_SHEET, "<!DOCTYPE worksheet []><worksheet/>", "F-03", "DOCTYPE" },
		{ "DOCTYPE in the texts", "xl/sharedStrings.xml", "<!DOCTYPE sst [<!ENTITY a \"b\">]><sst/>", "F-03",
		    "DOCTYPE" },
		{ "entity", "xl/sharedStrings.xml", "<sst><si><t>&xxe;</t></si></sst>", "F-03", "entity" },
		{ "cut sheet", KIT_SHEET, KIT_HEAD ONE, "F-03", "not closed" },
		{ "cut texts", "xl/sharedStrings.xml", "<sst><si>", "F-03", "xl/sharedStrings.xml" },
		{ "out of the file", "_rels/.rels",
		    "<Relationships><Relationship Id=\"r\" Type=\"x/officeDocument\" Target=\"../../etc/passwd\"/></Relationships>",
		    "F-03", "leads out" },
		{ "external workbook", "_rels/.rels",
		    "<Relationships><Relationship Id=\"r\" Type=\"x/officeDocument\" TargetMode=\"External\" Target=\"http://x/\"/></Relationships>",
		    "F-01", "not a workbook" },
		{ "binary workbook", "_rels/.rels",
		    "<Relationships><Relationship Id=\"r\" Type=\"x/officeDocument\" Target=\"xl/workbook.bin\"/></Relationships>",
		    "F-01", ".xlsb" },
		{ "one part as two sheets", "xl/workbook.xml",
		    "<workbook><sheets><sheet name=\"a\" id=\"s1\"/><sheet name=\"b\" id=\"s1\"/></sheets></workbook>",
		    "F-03", "same part" },
		{ "nested archive as a sheet", KIT_SHEET, "PK\3\4xxxx", "F-03", "itself an archive" },
	};

	(void)state;
	for (size_t i = 0; i < N(table); i++) {
		struct kit_book book;

		kit_book(&book, KIT_HEAD ONE KIT_TAIL);
		kit_put(&book, table[i].part, table[i].text);
		check_refused(table[i].name, &book, table[i].code, table[i].words);
	}
}

static void
test_rows_refused(void **state)
{
	static const struct {
		const char *name, *rows, *words;
	} table[] = {
		{ "text out of range", "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>4</v></c></row>", "does not have" },
		{ "text number negative", "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>-1</v></c></row>", "does not have" },
		{ "format out of range", "<row r=\"1\"><c r=\"A1\" s=\"6\"><v>4</v></c></row>", "format" },
		{ "no such cell", "<row r=\"1\"><c r=\"ZZZ99999999\"><v>1</v></c></row>", "wrong row" },
		{ "cell of another row", "<row r=\"1\"><c r=\"A2\"><v>1</v></c></row>", "wrong row" },
		{ "cells back", "<row r=\"1\"><c r=\"B1\"><v>1</v></c><c r=\"A1\"><v>1</v></c></row>", "out of order" },
		{ "cell twice", "<row r=\"1\"><c r=\"B1\"><v>1</v></c><c r=\"B1\"><v>1</v></c></row>", "out of order" },
		{ "rows back", "<row r=\"2\"/><row r=\"1\"/>", "not higher" },
		{ "row twice", "<row r=\"2\"/><row r=\"2\"/>", "not higher" },
		{ "row nought", "<row r=\"0\"/>", "not higher" },
		{ "row too high", "<row r=\"1048577\"/>", "beyond" },
		{ "behind the last column", "<row r=\"1\"><c r=\"XFD1\"/><c/></row>", "beyond" },
		{ "no number", "<row r=\"1\"><c r=\"A1\"><v>abc</v></c></row>", "number that is none" },
		{ "no flag", "<row r=\"1\"><c r=\"A1\" t=\"b\"><v>2</v></c></row>", "neither true nor false" },
		{ "no date", "<row r=\"1\"><c r=\"A1\" t=\"d\"><v>2026-02-30</v></c></row>", "date that is none" },
		{ "unknown type", "<row r=\"1\"><c r=\"A1\" t=\"zz\"><v>2</v></c></row>", "unknown type" },
		{ "two values", "<row r=\"1\"><c r=\"A1\"><v>1</v><v>2</v></c></row>", "two values" },
	};

	(void)state;
	for (size_t i = 0; i < N(table); i++)
		check_rows_refused(table[i].name, table[i].rows, "F-03", table[i].words);
}

/* ---- limits ---- */

static void
repeat(struct eg_buf *b, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		eg_buf_str(b, s);
}

static void
test_limits(void **state)
{
	struct eg_buf b = EG_BUF_INIT, sheet = EG_BUF_INIT;
	struct kit_book book;

	(void)state;
	check_rows_refused(
	    "a value in column 1,001", "<row r=\"1\"><c r=\"ALM1\"><v>1</v></c></row>", "LIMIT-CELLS", "1000");
	check_rows("a value in column 1,000", "<row r=\"1\"><c r=\"ALL1\"><v>1</v></c></row>", "1: ALLn=1|");

	eg_buf_str(&b, "<row r=\"1\"><c t=\"inlineStr\"><is><t>");
	repeat(&b, "x", EG_LIMIT_TEXT_BYTES + 1);
	eg_buf_str(&b, "</t></is></c></row>");
	check_rows_refused("long text", eg_buf_cstr(&b), "LIMIT-TEXT", "row 1");

	eg_buf_clear(&b); /* one text of 100,000 bytes, named by eleven cells of a row */
	eg_buf_str(&b, "<sst><si><t>");
	repeat(&b, "x", 100000);
	eg_buf_str(&b, "</t></si></sst>");
	eg_buf_str(&sheet, KIT_HEAD "<row>");
	repeat(&sheet, "<c t=\"s\"><v>0</v></c>", 11);
	eg_buf_str(&sheet, "</row>" KIT_TAIL);
	kit_book(&book, eg_buf_cstr(&sheet));
	kit_put(&book, "xl/sharedStrings.xml", eg_buf_cstr(&b));
	check_refused("long row", &book, "LIMIT-ROW", "Row 1");

	eg_buf_clear(&b);
	repeat(&b, "<x>", EG_LIMIT_XML_DEPTH + 1);
	check_rows_refused("deep nesting", eg_buf_cstr(&b), "LIMIT-DEPTH", "nested");

	eg_buf_clear(&b);
	eg_buf_str(&b, "<styleSheet><cellXfs>");
	repeat(&b, "<xf/>", EG_LIMIT_STYLES + 1);
	eg_buf_str(&b, "</cellXfs></styleSheet>");
	kit_book(&book, KIT_HEAD KIT_TAIL);
	kit_put(&book, "xl/styles.xml", eg_buf_cstr(&b));
	check_refused("formats", &book, "LIMIT-STYLES", "65536");

	eg_buf_clear(&b);
	eg_buf_str(&b, "<sst>");
	repeat(&b, "<si/>", EG_LIMIT_STRINGS + 1);
	eg_buf_str(&b, "</sst>");
	kit_book(&book, KIT_HEAD KIT_TAIL);
	kit_put(&book, "xl/sharedStrings.xml", eg_buf_cstr(&b));
	check_refused("texts", &book, "LIMIT-STRINGS", "texts");
	eg_buf_done(&b);
	eg_buf_done(&sheet);
}

/* Rows of nothing and cells of nothing cost time, not memory: each piece of the file is given out before the next is read. */
static void
test_floods(void **state)
{
	struct eg_buf sheet = EG_BUF_INIT, zip = EG_BUF_INIT;
	struct kit_book book;
	struct fmt_book *b = NULL;
	struct fmt_src src;
	struct fmt_row row;
	struct eg_err err;
	size_t rows = 0;
	int rc;

	(void)state;
	eg_buf_str(&sheet, KIT_HEAD "<row>");
	repeat(&sheet, "<c/>", FMT_XLSX_COLS);
	eg_buf_str(&sheet, "</row>");
	repeat(&sheet, "<row/>", 200000);
	eg_buf_str(&sheet, KIT_TAIL);
	kit_book(&book, eg_buf_cstr(&sheet));
	kit_zip(&book, &zip);
	struct kit_bytes in = { eg_buf_view(&zip), 0 };
	assert_int_equal(fmt_book_open((struct fmt_random){ kit_pread, &in, zip.len }, &b, &err), EG_OK);
	assert_int_equal(fmt_book_part(b, 0, &src, &err), EG_OK);
	assert_int_equal(fmt_book_begin(b, src, &err), EG_OK);
	while ((rc = fmt_book_next(b, &row, &err)) == EG_OK) {
		assert_true(row.blank);
		rows++;
	}
	assert_int_equal(rc, EG_EOF);
	assert_int_equal(rows, 200001);
	fmt_book_free(b);
	eg_buf_done(&sheet);
	eg_buf_done(&zip);
}

/* Cut anywhere, a workbook is refused; with any byte of its sheet changed it is read or refused, never more. */
static void
test_damage(void **state)
{
	static const char good[] = KIT_HEAD
	    "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>1</v></c><c r=\"B1\" s=\"3\"><v>46086.5</v></c></row>" KIT_TAIL;
	static const char other[] = "<>&\"9-_";
	char sheet[sizeof good];
	struct eg_buf zip = EG_BUF_INIT, out = EG_BUF_INIT;
	struct kit_book book;
	struct eg_err err;
	size_t taken = 0;

	(void)state;
	kit_book(&book, good);
	kit_zip(&book, &zip);
	for (size_t n = 0; n < zip.len; n += 3)
		assert_int_equal(read_bytes(eg_bytes(zip.ptr, n), 0, &out, &err), EG_BADFILE);
	for (size_t i = 0; i < sizeof good - 1; i++) {
		memcpy(sheet, good, sizeof good);
		sheet[i] = other[i % (sizeof other - 1)];
		kit_put(&book, KIT_SHEET, sheet);
		const int rc = read_book(&book, 0, &out, &err);

		assert_true(rc == EG_OK || (rc == EG_BADFILE && strncmp(err.code, "F-0", 3) == 0));
		taken += rc == EG_OK;
	}
	assert_in_range(taken, 5, sizeof good / 2);
	eg_buf_done(&zip);
	eg_buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cells),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_lineage),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_references),
		cmocka_unit_test(test_written),
		cmocka_unit_test(test_order_of_members),
		cmocka_unit_test(test_strict),
		cmocka_unit_test(test_sheets),
		cmocka_unit_test(test_parts_refused),
		cmocka_unit_test(test_rows_refused),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_floods),
		cmocka_unit_test(test_damage),
	};

	fmt_zip_init();
	fmt_xml_init();
	return cmocka_run_group_tests_name("xlsx_read", tests, NULL, NULL);
}
