/* SPDX-License-Identifier: MIT
 *
 * Packed rows and the workbook made of them. The packed bytes are read twice: first for widths and kinds of the columns, which stand at
 * the beginning of a sheet, then for the cells. Everything read is checked against what is left.
 */
#include "formats/xlsx_rows.h"

#include "base/dec.h"
#include "base/utf8.h"
#include "formats/xlsx_write.h"
#include "formats/xlsx_write_int.h"

#define COLUMNS_MAX 16384U /* of a sheet */
#define WIDTH_MIN 8U
#define WIDTH_MAX 60U

static void
put_u32(struct eg_buf *out, size_t n)
{
	eg_check(n <= UINT32_MAX);
	for (unsigned i = 0; i < 4; i++)
		eg_buf_chr(out, (unsigned char)(n >> (8 * i) & 0xFF));
}

static bool
is_number(struct eg_bytes v)
{
	struct eg_dec d;

	return eg_dec_parse(v, EG_DEC_PLAIN, EG_DEC_SCALE_MAX, 29, &d) != EG_DEC_SYNTAX;
}

int
fmt_xlsx_rows_put(struct eg_buf *out, const struct eg_bytes *cells, const bool *number, size_t n, struct eg_err *err)
{
	for (size_t i = 0; i < n; i++) {
		const char *fault = fmt_xlsx_text_fault(cells[i]);

		if (*fault == '\0')
			continue;
		(void)eg_fail(err, EG_BADREC, "XLSX-CELL", "The value %s. Mend it at its source.", fault);
		err->pos.col = (uint32_t)i + 1;
		return EG_BADREC;
	}
	put_u32(out, n);
	for (size_t i = 0; i < n; i++) {
		eg_buf_chr(out, number[i] && is_number(cells[i]));
		put_u32(out, cells[i].len);
		eg_buf_add(out, cells[i]);
	}
	return EG_OK;
}

/* ---- and back ---- */

struct column {
	char *title;
	size_t widest;
	bool text; /* has a value that is no number */
	bool filled;
};

struct book {
	struct eg_bytes rest;
	size_t n;
	struct column *columns;
	struct eg_bytes *cells; /* of the row at hand */
	bool *number;
	bool bad;
};

static size_t
take_u32(struct book *b)
{
	size_t n = 0;

	if (b->rest.len < 4) {
		b->bad = true;
		return 0;
	}
	for (unsigned i = 0; i < 4; i++)
		n |= (size_t)b->rest.ptr[i] << (8 * i);
	b->rest = eg_bytes_sub(b->rest, 4, b->rest.len);
	return n;
}

/* The next row into cells and number; false at the end and when the bytes are bad. */
static bool
take_row(struct book *b)
{
	if (b->bad || b->rest.len == 0)
		return false;
	b->bad = take_u32(b) != b->n;
	for (size_t i = 0; i < b->n && !b->bad; i++) {
		const unsigned char kind = b->rest.len > 0 ? b->rest.ptr[0] : 2;
		size_t len;

		b->rest = eg_bytes_sub(b->rest, 1, b->rest.len);
		len = take_u32(b);
		b->bad |= kind > 1 || len > b->rest.len;
		b->cells[i] = eg_bytes_sub(b->rest, 0, len);
		b->number[i] = kind == 1;
		b->rest = eg_bytes_sub(b->rest, len, b->rest.len);
	}
	return !b->bad;
}

static void
take_titles(struct book *b)
{
	struct eg_bytes head = b->rest;

	b->n = take_u32(b);
	b->rest = head;
	if (b->n == 0 || b->n > COLUMNS_MAX) {
		b->bad = true;
		b->n = 0;
		return;
	}
	b->columns = eg_xalloc(b->n * sizeof *b->columns);
	b->cells = eg_xalloc(b->n * sizeof *b->cells);
	b->number = eg_xalloc(b->n * sizeof *b->number);
	if (!take_row(b))
		return;
	for (size_t i = 0; i < b->n; i++) {
		b->bad |= *fmt_xlsx_text_fault(b->cells[i]) != '\0';
		if (b->bad)
			return;
		b->columns[i].title = eg_xdup(b->cells[i]);
		b->columns[i].widest = b->cells[i].len;
	}
}

static void
measure(struct book *b)
{
	const struct eg_bytes rows = b->rest;

	while (take_row(b))
		for (size_t i = 0; i < b->n; i++) {
			struct column *c = &b->columns[i];
			const size_t chars = eg_utf8_count(eg_bytes_sub(b->cells[i], 0, eg_utf8_valid(b->cells[i])));

			c->widest = chars > c->widest ? chars : c->widest;
			c->filled |= chars > 0;
			c->text |= b->cells[i].len > 0 && !b->number[i];
		}
	b->rest = rows;
}

static int
write_rows(struct book *b, const char *sheet, struct eg_buf *ret, struct eg_err *err)
{
	struct fmt_xlsx_col *cols = eg_xalloc(b->n * sizeof *cols);
	struct fmt_xlsx *x = fmt_xlsx_new(FMT_XLSX_ROWS_MADE);
	int rc;

	for (size_t i = 0; i < b->n; i++) {
		const size_t wide = b->columns[i].widest + 2;

		cols[i].title = b->columns[i].title;
		cols[i].kind = b->columns[i].filled && !b->columns[i].text ? FMT_XLSX_NUMBER : FMT_XLSX_TEXT;
		cols[i].width = wide < WIDTH_MIN ? WIDTH_MIN : wide > WIDTH_MAX ? WIDTH_MAX : (unsigned)wide;
	}
	rc = fmt_xlsx_sheet(x, sheet, cols, b->n, false, err);
	while (rc == EG_OK && take_row(b))
		rc = fmt_xlsx_row(x, b->cells, err);
	if (rc == EG_OK)
		rc = fmt_xlsx_end(x, ret, err);
	fmt_xlsx_free(x);
	free(cols);
	return rc;
}

int
fmt_xlsx_rows_book(struct eg_bytes rows, const char *sheet, struct eg_buf *ret, struct eg_err *err)
{
	struct book b = { .rest = rows };
	int rc;

	take_titles(&b);
	measure(&b);
	if (b.bad)
		rc = eg_fail(err, EG_BADFILE, "XLSX-WRITE",
		    "The rows of a workbook came damaged from the writing process. Nothing was written. Tell support.");
	else
		rc = write_rows(&b, sheet, ret, err);
	for (size_t i = 0; i < b.n; i++)
		free(b.columns[i].title);
	free(b.columns);
	free(b.cells);
	free(b.number);
	return rc;
}
