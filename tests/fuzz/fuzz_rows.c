/* SPDX-License-Identifier: MIT
 *
 * Packed rows of a workbook, as they come from the worker, which is not trusted. The input is packed rows, or, where it begins with '=', a text whose
 * lines are rows and whose cells are parted by '|' ("#1" is the number 1). For any bytes: refused, or a workbook that our own reader reads; of the
 * text form, cell by cell the same.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/unit/book_kit.h"

#include "base/limits.h"
#include "formats/text.h"
#include "formats/xlsx_rows.h"
#include "formats/xml_read.h"

#define CELLS_MAX 8
#define ROWS_MAX 20

/* One line of the text form; false when the packer refuses a cell, or the line is no row to be tried. */
static bool
put_row(struct eg_bytes line, struct eg_buf *rows)
{
	struct eg_bytes cells[CELLS_MAX], cell;
	bool number[CELLS_MAX];
	struct eg_err err = { 0 };
	const size_t before = rows->len;
	size_t n = 0;

	while (n < CELLS_MAX && eg_bytes_cut(&line, '|', &cell)) {
		number[n] = cell.len > 0 && cell.ptr[0] == '#';
		cells[n] = eg_bytes_sub(cell, number[n], cell.len);
		n++;
	}
	const int rc = fmt_xlsx_rows_put(rows, cells, number, n, &err);
	if (rc < 0) {
		fuzz_failure(rc, &err, EG_NONE, false);
		fuzz_need(rows->len == before && err.pos.col >= 1 && err.pos.col <= n, "a refused row names its cell");
	}
	return rc == EG_OK;
}

/* Every row can be read back; values that are read are part of what was given. */
static void
check_book(struct eg_bytes file, size_t nrows)
{
	struct kit_bytes in = { file, 0 };
	struct fmt_book *b = NULL;
	struct fmt_src src;
	struct fmt_row row;
	struct eg_err err;
	size_t n = 0;
	int rc;

	fuzz_need(fmt_book_open((struct fmt_random){ kit_pread, &in, file.len }, &b, &err) == EG_OK,
	    "a workbook that is made can be opened");
	fuzz_need(fmt_book_count(b) == 1, "it has one sheet");
	fuzz_need(fmt_book_part(b, 0, &src, &err) == EG_OK && fmt_book_begin(b, src, &err) == EG_OK, "it can be read");
	for (rc = fmt_book_next(b, &row, &err); rc == EG_OK; rc = fmt_book_next(b, &row, &err))
		n++;
	fuzz_need(rc == EG_EOF || strncmp(err.code, "LIMIT-", 6) == 0, "it can be read to its end");
	fuzz_need(nrows == 0 || rc < 0 || n <= nrows, "it has no more rows than were given");
	fmt_book_free(b);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct eg_err err;

	(void)argc;
	(void)argv;
	fmt_xml_init();
	fmt_zip_init();
	fuzz_need(fmt_text_preload(&err) == EG_OK, "converters open");
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const bool text = size > 0 && data[0] == '=';
	struct eg_bytes rest = eg_bytes_sub(eg_bytes(data, size), text, size), line;
	struct eg_buf rows = EG_BUF_INIT, file = EG_BUF_INIT;
	struct eg_err err = { 0 };
	size_t nrows = 0;

	if (!text)
		eg_buf_add(&rows, rest);
	while (text && nrows < ROWS_MAX && eg_bytes_cut(&rest, '\n', &line))
		nrows += put_row(line, &rows);
	const int rc = fmt_xlsx_rows_book(eg_buf_view(&rows), "COMMITMENT", &file, &err);
	if (rc == EG_OK)
		check_book(eg_buf_view(&file), nrows);
	else
		fuzz_failure(rc, &err, EG_NONE, false);
	eg_buf_done(&rows);
	eg_buf_done(&file);
	return 0;
}
