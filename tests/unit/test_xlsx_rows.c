/* SPDX-License-Identifier: MIT
 *
 * Packed rows: what a cell becomes when a whole column holds numbers or not, what is refused, and that damaged bytes are refused and never read past.
 */
#include "formats/container.h"
#include "formats/xlsx_rows.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define COLUMNS 3

static void
put(struct eg_buf *b, const char *const v[COLUMNS], bool number)
{
	struct eg_bytes cells[COLUMNS];
	bool numbers[COLUMNS] = { number, number, number };
	struct eg_err err;

	for (unsigned i = 0; i < COLUMNS; i++)
		cells[i] = eg_bytes_str(v[i]);
	assert_int_equal(fmt_xlsx_rows_put(b, cells, numbers, COLUMNS, &err), EG_OK);
}

static void
sample(struct eg_buf *b)
{
	put(b, (const char *[]){ "Amount", "Mixed", "Empty" }, false);
	put(b, (const char *[]){ "1.50", "2", "" }, true);
	put(b, (const char *[]){ "", "x", "" }, true);
}

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

/* The sheet's XML. */
static void
sheet_of(const struct eg_buf *file, struct eg_buf *ret)
{
	struct eg_bytes all = eg_buf_view(file), name;
	const struct fmt_random in = { mem_pread, &all, all.len };
	unsigned char chunk[4096];
	struct fmt_zip *zip;
	struct fmt_src src;
	struct eg_err err;

	assert_int_equal(fmt_zip_open(in, &zip, &err), EG_OK);
	do {
		assert_int_equal(fmt_zip_next(zip, &name, &src, &err), EG_OK);
	} while (!eg_bytes_is(name, "xl/worksheets/sheet1.xml"));
	for (size_t n = 1; n > 0; eg_buf_put(ret, chunk, n))
		assert_int_equal(src.read(src.ctx, chunk, sizeof chunk, &n, &err), EG_OK);
	fmt_zip_free(zip);
}

static void
test_kinds(void **state)
{
	struct eg_buf rows = EG_BUF_INIT, file = EG_BUF_INIT, xml = EG_BUF_INIT;
	struct eg_err err;

	(void)state;
	sample(&rows);
	assert_int_equal(fmt_xlsx_rows_book(eg_buf_view(&rows), "SAMPLE", &file, &err), EG_OK);
	sheet_of(&file, &xml);
	assert_non_null(strstr(eg_buf_cstr(&xml), "<c r=\"A2\" s=\"2\"><v>1.5</v></c>"));
	assert_non_null(strstr(eg_buf_cstr(&xml), "<c r=\"B2\" s=\"3\" t=\"inlineStr\"><is><t>2</t></is></c>"));
	assert_null(strstr(eg_buf_cstr(&xml), "\"A3\""));
	assert_null(strstr(eg_buf_cstr(&xml), "\"C2\""));
	assert_null(strstr(eg_buf_cstr(&xml), "sheetProtection"));
	eg_buf_done(&rows);
	eg_buf_done(&file);
	eg_buf_done(&xml);
}

static void
test_refused_cell(void **state)
{
	const struct eg_bytes cells[COLUMNS] = { EG_LIT("a"), EG_LIT("b\x02"), EG_LIT("c") };
	const bool numbers[COLUMNS] = { false };
	struct eg_buf rows = EG_BUF_INIT;
	struct eg_err err;

	(void)state;
	assert_int_equal(fmt_xlsx_rows_put(&rows, cells, numbers, COLUMNS, &err), EG_BADREC);
	assert_string_equal(err.code, "XLSX-CELL");
	assert_int_equal(err.pos.col, 2);
	assert_int_equal(rows.len, 0);
}

/* Cut anywhere but between rows, or with any byte of a count or length changed: refused. Other changes may change values, never more. */
static void
test_damage(void **state)
{
	struct eg_buf rows = EG_BUF_INIT, out = EG_BUF_INIT, bad = EG_BUF_INIT;
	size_t ends[3], n = 0, refused = 0;
	struct eg_err err;

	(void)state;
	put(&rows, (const char *[]){ "Amount", "Mixed", "Empty" }, false);
	ends[n++] = rows.len;
	put(&rows, (const char *[]){ "1.50", "2", "" }, true);
	ends[n++] = rows.len;
	for (size_t len = 0; len < rows.len; len++) {
		eg_buf_clear(&out);
		const int rc = fmt_xlsx_rows_book(eg_bytes_sub(eg_buf_view(&rows), 0, len), "S", &out, &err);
		assert_int_equal(rc, len == ends[0] ? EG_OK : EG_BADFILE);
		assert_true(rc == EG_OK || (strcmp(err.code, "XLSX-WRITE") == 0 && out.len == 0));
	}
	for (size_t i = 0; i < rows.len; i++) {
		eg_buf_clear(&out);
		eg_buf_clear(&bad);
		eg_buf_add(&bad, eg_buf_view(&rows));
		bad.ptr[i] ^= 0xFF;
		refused += fmt_xlsx_rows_book(eg_buf_view(&bad), "S", &out, &err) != EG_OK;
	}
	assert_true(refused >= 2 * (4 + COLUMNS * 5));
	eg_buf_done(&rows);
	eg_buf_done(&out);
	eg_buf_done(&bad);
}

/* Titles go into the sheet as values do: what no cell can hold is refused in them, too. A fuzzer found a workbook with a byte 0xC5 as title that nothing could open. */
static void
test_bad_titles(void **state)
{
	const struct eg_bytes titles[] = { EG_LIT("\xC5"), EG_LIT("a\x01"), EG_LIT("a\0b"), EG_LIT("\xEF\xBF\xBF") };
	struct eg_buf rows = EG_BUF_INIT, out = EG_BUF_INIT;
	struct eg_err err;

	(void)state;
	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
		eg_buf_clear(&rows);
		eg_buf_put(&rows, "\1\0\0\0\0", 5);
		eg_buf_put(&rows, (const unsigned char[]){ (unsigned char)titles[i].len, 0, 0, 0 }, 4);
		eg_buf_add(&rows, titles[i]);
		assert_int_equal(fmt_xlsx_rows_book(eg_buf_view(&rows), "S", &out, &err), EG_BADFILE);
		assert_string_equal(err.code, "XLSX-WRITE");
		assert_int_equal(out.len, 0);
	}
	eg_buf_done(&rows);
	eg_buf_done(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_refused_cell),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_bad_titles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
