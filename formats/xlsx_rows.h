/* SPDX-License-Identifier: MIT
 *
 * Rows on their way into a workbook. The confined worker may make no files, and a workbook needs temporary ones: so the worker packs its rows into bytes
 * of this form, and the core makes the workbook. The form is private to one run of the program: per row a count, per cell a kind, a length and the
 * text, numbers as four bytes, low byte first. The first row holds the titles.
 */
#ifndef FORMATS_XLSX_ROWS_H
#define FORMATS_XLSX_ROWS_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

#include <stdint.h>

/* Import files hold no clock: all workbooks of import files are of this moment, 1980-01-01, as their zip members are. */
#define FMT_XLSX_ROWS_MADE INT64_C(315532800)

/* Appends a row. number[i]: cell i is a plain decimal (anything else becomes text). EG_BADREC "XLSX-CELL", err->pos.col = cell number: a cell that no
 * workbook can hold; nothing is appended then. */
int fmt_xlsx_rows_put(
    struct eg_buf *out, const struct eg_bytes *cells, const bool *number, size_t n, struct eg_err *err) EG_MUSTCHECK;
/* Makes a workbook with one sheet of such rows and appends it to ret. A column whose values are all numbers holds number cells, shown with
 * the places they have; every other column is text. sheet: a name as fmt_xlsx_sheet takes it. EG_BADFILE "XLSX-WRITE" when the bytes are not of that form
 * (they come from the worker and are not trusted), else as fmt_xlsx_*. */
int fmt_xlsx_rows_book(struct eg_bytes rows, const char *sheet, struct eg_buf *ret, struct eg_err *err) EG_MUSTCHECK;

#endif
