/* SPDX-License-Identifier: MIT
 *
 * The workbook writer: what each kind of cell becomes, what is refused, that equal calls give equal bytes, and that a full disk is noticed.
 * Files are read back through our own zip reader; what spreadsheets make of them is seen in tests/scenario/libreoffice.py.
 */
#include "base/date.h"
#include "base/dec.h"
#include "base/utf8.h"
#include "formats/container.h"
#include "formats/xlsx_write.h"
#include "formats/xlsx_write_int.h"

#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>

#include <cmocka.h>

#define N(a) (sizeof(a) / sizeof(a)[0])
#define MADE INT64_C(1789999999)

static int
mem_pread(void *ctx, uint64_t off, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	const struct eg_bytes part = eg_bytes_sub(*(struct eg_bytes *)ctx, off, cap);

	(void)err;
	if (part.len > 0)
		memcpy(buf, part.ptr, part.len);
	*ret_n = part.len;
	return EG_OK;
}

/* One member of the workbook, unpacked into ret (cleared before). */
static void
member(const struct eg_buf *file, const char *want, struct eg_buf *ret)
{
	struct eg_bytes all = eg_buf_view(file), name;
	const struct fmt_random in = { mem_pread, &all, all.len };
	struct fmt_zip *zip;
	struct fmt_src src;
	struct eg_err err;
	unsigned char chunk[4096];
	bool found = false;

	eg_buf_clear(ret);
	assert_int_equal(fmt_zip_open(in, &zip, &err), EG_OK);
	assert_true(fmt_zip_is_xlsx(zip));
	while (!found && fmt_zip_next(zip, &name, &src, &err) == EG_OK) {
		found = eg_bytes_is(name, want);
		for (size_t n = 1; found && n > 0; eg_buf_put(ret, chunk, n))
			assert_int_equal(src.read(src.ctx, chunk, sizeof chunk, &n, &err), EG_OK);
	}
	assert_true(found);
	fmt_zip_free(zip);
}

static void
good(int rc, const struct eg_err *err)
{
	if (rc != EG_OK)
		fail_msg("%s: %s", err->code, err->msg);
}

static bool
holds(const struct eg_buf *b, const char *text)
{
	return eg_bytes_find(eg_buf_view(b), eg_bytes_str(text)) < b->len;
}

/* The XML of the first sheet of a workbook with one column and one row. */
static void
one_cell(enum fmt_xlsx_kind kind, const char *value, struct eg_buf *ret)
{
	const struct fmt_xlsx_col col = { .title = "T", .kind = kind };
	const struct eg_bytes cell = eg_bytes_str(value);
	struct fmt_xlsx *x = fmt_xlsx_new(MADE);
	struct eg_buf file = EG_BUF_INIT;
	struct eg_err err;

	good(fmt_xlsx_sheet(x, "S", &col, 1, false, &err), &err);
	good(fmt_xlsx_row(x, &cell, &err), &err);
	good(fmt_xlsx_end(x, &file, &err), &err);
	fmt_xlsx_free(x);
	member(&file, "xl/worksheets/sheet1.xml", ret);
	eg_buf_done(&file);
}

#define TEXT(s) " t=\"inlineStr\"><is><t>" s "</t></is></c>"

static void
test_cells(void **state)
{
	static const struct {
		enum fmt_xlsx_kind kind;
		const char *value, *xml;
	} table[] = {
		{ FMT_XLSX_TEXT, "00420", TEXT("00420") },
		{ FMT_XLSX_TEXT, "=1+1", TEXT("=1+1") },
		{ FMT_XLSX_TEXT, "+1", TEXT("+1") },
		{ FMT_XLSX_TEXT, "-1", TEXT("-1") },
		{ FMT_XLSX_TEXT, "@SUM(A1)", TEXT("@SUM(A1)") },
		{ FMT_XLSX_TEXT, "{=A1}", TEXT("{=A1}") },
		{ FMT_XLSX_TEXT, "https://example.org/?a=1&b=2", TEXT("https://example.org/?a=1&amp;b=2") },
		{ FMT_XLSX_TEXT, "mailto:a@b.c", TEXT("mailto:a@b.c") },
		{ FMT_XLSX_TEXT, "<b>\xC3\x89</b>", TEXT("&lt;b&gt;\xC3\x89&lt;/b&gt;") },
		{ FMT_XLSX_TEXT, "_x0041_", TEXT("_x005F_x0041_") },
		{ FMT_XLSX_TEXT, "_x0041_x00e9_", TEXT("_x005F_x0041_x005F_x00e9_") },
		{ FMT_XLSX_TEXT, "_x004_ _X0041_", TEXT("_x004_ _X0041_") },
		{ FMT_XLSX_TEXT, "a\r\nb", TEXT("a_x000D_\nb") },
		{ FMT_XLSX_TEXT, " a ", " t=\"inlineStr\"><is><t xml:space=\"preserve\"> a </t></is></c>" },
		{ FMT_XLSX_AMOUNT, "1234.50", "><v>1234.5</v></c>" },
		{ FMT_XLSX_AMOUNT, "-1234.50", "><v>-1234.5</v></c>" },
		{ FMT_XLSX_AMOUNT, "0.00", "><v>0</v></c>" },
		{ FMT_XLSX_AMOUNT, "999999999999999", "><v>999999999999999</v></c>" },
		{ FMT_XLSX_AMOUNT, "1000000000000000", TEXT("1000000000000000") },
		{ FMT_XLSX_AMOUNT, "-12345678901234.56", TEXT("-12345678901234.56") },
		{ FMT_XLSX_AMOUNT, "0.1234567891", TEXT("0.1234567891") },
		{ FMT_XLSX_NUMBER, "12", "><v>12</v></c>" },
		{ FMT_XLSX_NUMBER, "1.50", "><v>1.5</v></c>" },
		{ FMT_XLSX_NUMBER, "123456789012345678901234567890", TEXT("123456789012345678901234567890") },
		{ FMT_XLSX_DATE, "2026-03-05", "><v>46086</v></c>" },
		{ FMT_XLSX_DATE, "1900-01-01", "><v>1</v></c>" },
		{ FMT_XLSX_DATE, "9999-12-31", "><v>2958465</v></c>" },
		{ FMT_XLSX_DATE, "1899-12-31", TEXT("1899-12-31") },
	};
	struct eg_buf xml = EG_BUF_INIT;

	(void)state;
	for (size_t i = 0; i < N(table); i++) {
		one_cell(table[i].kind, table[i].value, &xml);
		if (!holds(&xml, table[i].xml) || holds(&xml, "<f>") || holds(&xml, "hyperlink"))
			fail_msg("%s: %s", table[i].value, eg_buf_cstr(&xml));
	}
	eg_buf_done(&xml);
}

/* Any decimal of up to 15 digits comes back as it was from the double that the file holds. */
static void
test_numbers_return(void **state)
{
	struct eg_buf xml = EG_BUF_INIT, text = EG_BUF_INIT;
	uint64_t seed = 20261121;

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		char back[400];
		double value = 0;

		seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		const uint8_t places = (uint8_t)(seed >> 60 & 7);
		const int64_t most = i % 2 == 0 ? INT64_C(999999999999999) : INT64_C(9999999);
		const struct eg_dec d = { (int64_t)(seed >> 11) % most * (i % 3 == 0 ? -1 : 1), places };

		eg_buf_clear(&text);
		eg_dec_print(&text, d, places);
		one_cell(i % 5 == 0 ? FMT_XLSX_NUMBER : FMT_XLSX_AMOUNT, eg_buf_cstr(&text), &xml);
		const char *v = strstr(eg_buf_cstr(&xml), "<v>");
		assert_non_null(v);
		assert_int_equal(sscanf(v, "<v>%lf", &value), 1);
		(void)snprintf(back, sizeof back, "%.*f", places, value);
		if (strcmp(back, eg_buf_cstr(&text)) != 0)
			fail_msg("%s came back as %s", eg_buf_cstr(&text), back);
	}
	eg_buf_done(&xml);
	eg_buf_done(&text);
}

static void
test_refused_cells(void **state)
{
	static const struct fmt_xlsx_col cols[] = { { .title = "Other" },
		{ .title = "Amount", .kind = FMT_XLSX_AMOUNT }, { .title = "Day", .kind = FMT_XLSX_DATE } };
	static const struct {
		const char *name;
		size_t col;
		const char *value;
	} table[] = {
		{ "control", 0, "a\x01" },
		{ "escape", 0, "\x1b[0m" },
		{ "not a character", 0, "\xEF\xBF\xBF" },
		{ "not utf-8", 0, "Caf\xE9" },
		{ "not a number", 1, "12,50" },
		{ "no number at all", 1, "=1" },
		{ "a blank is not empty", 1, " " },
		{ "another date format", 2, "05/03/2026" },
		{ "no such day", 2, "2026-02-30" },
	};
	struct fmt_xlsx *x = fmt_xlsx_new(MADE);
	struct eg_buf file = EG_BUF_INIT, longest = EG_BUF_INIT;
	struct eg_err err;

	(void)state;
	good(fmt_xlsx_sheet(x, "S", cols, N(cols), false, &err), &err);
	for (size_t i = 0; i < N(table); i++) {
		struct eg_bytes cells[N(cols)] = { EG_LIT("x"), EG_LIT("1"), EG_LIT("2026-01-01") };

		cells[table[i].col] = eg_bytes_str(table[i].value);
		if (fmt_xlsx_row(x, cells, &err) != EG_BADREC || strcmp(err.code, "XLSX-CELL") != 0 ||
		    err.pos.col != table[i].col + 1 || strcmp(err.field, cols[table[i].col].title) != 0)
			fail_msg("%s: taken, or another error", table[i].name);
	}
	for (unsigned i = 0; i < 32767 - 1; i++)
		eg_buf_chr(&longest, 'x');
	eg_utf8_put(&longest, 0xE9);
	struct eg_bytes cells[N(cols)] = { eg_buf_view(&longest), EG_NONE, EG_NONE };
	good(fmt_xlsx_row(x, cells, &err), &err);
	longest.len -= 2;
	eg_utf8_put(&longest, 0x1F600); /* two of Excel's characters */
	cells[0] = eg_buf_view(&longest);
	assert_int_equal(fmt_xlsx_row(x, cells, &err), EG_BADREC);
	assert_string_equal(err.code, "XLSX-CELL");
	/* refused rows leave nothing behind */
	good(fmt_xlsx_end(x, &file, &err), &err);
	fmt_xlsx_free(x);
	member(&file, "xl/worksheets/sheet1.xml", &longest);
	assert_true(holds(&longest, "<row r=\"2\"><c r=\"A2\" "));
	assert_false(holds(&longest, "\"B2\"") || holds(&longest, "\"C2\"") || holds(&longest, "<row r=\"3\""));
	eg_buf_done(&file);
	eg_buf_done(&longest);
}

static void
test_rows_limit(void **state)
{
	static const struct fmt_xlsx_col col = { .title = "T" };
	const struct eg_bytes empty = EG_NONE;
	struct fmt_xlsx *x = fmt_xlsx_new(MADE);
	struct eg_err err;

	(void)state;
	good(fmt_xlsx_sheet(x, "S", &col, 1, false, &err), &err);
	for (unsigned i = 0; i < 1048575; i++)
		good(fmt_xlsx_row(x, &empty, &err), &err);
	assert_int_equal(fmt_xlsx_row(x, &empty, &err), EG_BADREC);
	assert_string_equal(err.code, "XLSX-ROWS");
	fmt_xlsx_free(x);
}

static void
test_refused_sheets(void **state)
{
	static const char *const long_choices[] = {
		"123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890",
		"223456789012345678901234567890123456789012345678901234567890123456789012345678901234567890",
		"323456789012345678901234567890123456789012345678901234567890123456789012345678901234567890", NULL
	};
	static const struct fmt_xlsx_col col = { .title = "T" }, wide = { .title = "T", .choices = long_choices };
	static const char *const names[] = { "", "12345678901234567890123456789012", "a/b", "a[b", "a:b", "First",
		"FIRST" };
	const struct eg_bytes cell = EG_NONE;
	struct fmt_xlsx *x = fmt_xlsx_new(MADE);
	struct eg_err err;

	(void)state;
	good(fmt_xlsx_sheet(x, "First", &col, 1, false, &err), &err);
	for (size_t i = 0; i < N(names); i++) {
		struct fmt_xlsx *other = fmt_xlsx_new(MADE);

		good(fmt_xlsx_sheet(other, "First", &col, 1, false, &err), &err);
		if (fmt_xlsx_sheet(other, names[i], &col, 1, false, &err) != EG_BADREC ||
		    strcmp(err.code, "XLSX-SHEET") != 0)
			fail_msg("\"%s\" taken, or another error: %s", names[i], err.code);
		fmt_xlsx_free(other);
	}
	good(fmt_xlsx_sheet(x, "Second", &wide, 1, false, &err), &err);
	good(fmt_xlsx_row(x, &cell, &err), &err);
	struct eg_buf file = EG_BUF_INIT;
	assert_int_equal(fmt_xlsx_end(x, &file, &err), EG_BADREC);
	assert_string_equal(err.code, "XLSX-SHEET");
	assert_int_equal(file.len, 0);
	fmt_xlsx_free(x);
	fmt_xlsx_free(NULL);
	eg_buf_done(&file);
}

static const char *const yes_no[] = { "Yes", "No", NULL };
static const struct fmt_xlsx_col form[] = {
	{ .title = "Answer", .open = true, .choices = yes_no, .width = 9 },
	{ .title = "Name", .width = 30 },
	{ .title = "Day", .kind = FMT_XLSX_DATE, .open = true },
	{ .title = "Secret", .hidden = true },
};

static void
write_form(int64_t made, unsigned rows, struct eg_buf *ret)
{
	static const struct fmt_xlsx_col help[] = { { .title = "How" } };
	struct fmt_xlsx *x = fmt_xlsx_new(made);
	struct eg_err err;

	good(fmt_xlsx_sheet(x, "Form", form, N(form), true, &err), &err);
	for (unsigned i = 0; i < rows; i++) {
		char name[32];
		(void)snprintf(name, sizeof name, "Name %u", i * 7919);
		const struct eg_bytes cells[N(form)] = { EG_NONE, eg_bytes_str(name), EG_NONE, EG_LIT("s") };

		good(fmt_xlsx_row(x, cells, &err), &err);
	}
	good(fmt_xlsx_sheet(x, "Help", help, N(help), true, &err), &err);
	good(fmt_xlsx_end(x, ret, &err), &err);
	fmt_xlsx_free(x);
}

static void
test_form(void **state)
{
	static const char *const wanted[] = {
		"<pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/>",
		"<sheetProtection sheet=\"1\"",
		"<autoFilter ref=\"A1:D4\"/>",
		"sqref=\"A2:A4\"><formula1>\"Yes,No\"</formula1>",
		"<col min=\"2\" max=\"2\" width=\"30.7109375\" customWidth=\"1\"/>",
		"<col min=\"4\" max=\"4\" width=\"12.7109375\" hidden=\"1\" customWidth=\"1\"/>",
		"numberStoredAsText=\"1\"",
	};
	struct eg_buf file = EG_BUF_INIT, xml = EG_BUF_INIT, styles = EG_BUF_INIT;

	(void)state;
	write_form(MADE, 3, &file);
	member(&file, "xl/worksheets/sheet1.xml", &xml);
	for (size_t i = 0; i < N(wanted); i++) {
		if (!holds(&xml, wanted[i]))
			fail_msg("no %s in %s", wanted[i], eg_buf_cstr(&xml));
	}
	/* empty cells stand in the file where they may be written, and only there */
	assert_true(holds(&xml, "<c r=\"A3\" s=\"2\"/>"));
	assert_true(holds(&xml, "<c r=\"C3\" s=\"4\"/>"));
	assert_false(holds(&xml, "r=\"A5\""));
	member(&file, "xl/styles.xml", &styles);
	assert_true(holds(&styles,
	    "numFmtId=\"49\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\" "
	    "applyProtection=\"1\"><protection locked=\"0\"/>"));
	member(&file, "xl/worksheets/sheet2.xml", &xml);
	assert_false(holds(&xml, "autoFilter ref"));
	eg_buf_done(&file);
	eg_buf_done(&xml);
	eg_buf_done(&styles);
}

static void
test_same_bytes(void **state)
{
	struct eg_buf first = EG_BUF_INIT, again = EG_BUF_INIT, other = EG_BUF_INIT, core = EG_BUF_INIT;

	(void)state;
	write_form(MADE, 50, &first);
	assert_int_equal(setenv("TZ", "Asia/Tokyo", 1), 0);
	tzset();
	write_form(MADE, 50, &again);
	write_form(MADE + 1, 50, &other);
	assert_int_equal(unsetenv("TZ"), 0);
	tzset();
	assert_true(eg_bytes_eq(eg_buf_view(&first), eg_buf_view(&again)));
	assert_false(eg_bytes_eq(eg_buf_view(&first), eg_buf_view(&other)));
	member(&first, "docProps/core.xml", &core);
	assert_true(holds(&core, "2026-09-21T14:13:19Z</dcterms:created>"));
	eg_buf_done(&first);
	eg_buf_done(&again);
	eg_buf_done(&other);
	eg_buf_done(&core);
}

/* What stood in the buffer stays, also when the writer fails. */
static void
test_appends(void **state)
{
	struct eg_buf file = EG_BUF_INIT, alone = EG_BUF_INIT;

	(void)state;
	eg_buf_str(&file, "before");
	write_form(MADE, 1, &file);
	write_form(MADE, 1, &alone);
	assert_true(eg_bytes_starts(eg_buf_view(&file), EG_LIT("beforePK")));
	assert_true(eg_bytes_ends(eg_buf_view(&file), eg_buf_view(&alone)));
	eg_buf_done(&file);
	eg_buf_done(&alone);
}

/* Rows whose temporary files cannot grow past `limit`: the class of the first error, or EG_OK. */
static int
write_limited(rlim_t limit, struct eg_err *err)
{
	static const struct fmt_xlsx_col col = { .title = "T" };
	struct rlimit old, small;
	struct fmt_xlsx *x = fmt_xlsx_new(MADE);
	struct eg_buf file = EG_BUF_INIT;
	int rc;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = (struct rlimit){ limit, old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	rc = fmt_xlsx_sheet(x, "S", &col, 1, false, err);
	for (unsigned i = 0; i < 2000 && rc == EG_OK; i++) {
		char text[32];
		(void)snprintf(text, sizeof text, "%u", i * 2654435761U);
		const struct eg_bytes cell = eg_bytes_str(text);
		rc = fmt_xlsx_row(x, &cell, err);
	}
	if (rc == EG_OK)
		rc = fmt_xlsx_end(x, &file, err);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_true(rc == EG_OK || file.len == 0);
	fmt_xlsx_free(x);
	eg_buf_done(&file);
	return rc;
}

/* The library does not look whether its writes went well: whatever the limit, there is a whole file or an error. */
static void
test_full_disk(void **state)
{
	struct eg_err err;
	unsigned failed = 0;

	(void)state;
	assert_ptr_not_equal(signal(SIGXFSZ, SIG_IGN), SIG_ERR);
	for (rlim_t limit = 4096; limit < 300000; limit += 8192) {
		const int rc = write_limited(limit, &err);

		if (rc == EG_OK)
			break;
		assert_true(rc == EG_RETRY || rc == EG_FATAL);
		failed++;
	}
	assert_true(failed > 5);
	good(write_limited(300000, &err), &err);
	assert_ptr_not_equal(signal(SIGXFSZ, SIG_DFL), SIG_ERR);
}

static void
test_check(void **state)
{
	struct eg_buf file = EG_BUF_INIT, xml = EG_BUF_INIT;
	uint64_t lens[2];
	struct eg_err err;

	(void)state;
	write_form(MADE, 3, &file);
	for (unsigned i = 0; i < 2; i++) {
		member(&file, i == 0 ? "xl/worksheets/sheet1.xml" : "xl/worksheets/sheet2.xml", &xml);
		lens[i] = eg_bytes_find(eg_buf_view(&xml), EG_LIT("</sheetData>")) -
		          eg_bytes_find(eg_buf_view(&xml), EG_LIT("<sheetData>")) - sizeof "<sheetData>" + 1;
	}
	good(fmt_xlsx_check(eg_buf_view(&file), lens, 2, &err), &err);
	lens[1]++;
	assert_int_equal(fmt_xlsx_check(eg_buf_view(&file), lens, 2, &err), EG_RETRY);
	assert_string_equal(err.code, "DISK-FULL");
	lens[1]--;
	assert_int_equal(fmt_xlsx_check(eg_bytes_sub(eg_buf_view(&file), 0, file.len - 30), lens, 2, &err), EG_RETRY);
	eg_buf_done(&file);
	eg_buf_done(&xml);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cells),
		cmocka_unit_test(test_numbers_return),
		cmocka_unit_test(test_refused_cells),
		cmocka_unit_test(test_rows_limit),
		cmocka_unit_test(test_refused_sheets),
		cmocka_unit_test(test_form),
		cmocka_unit_test(test_same_bytes),
		cmocka_unit_test(test_appends),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
