/* SPDX-License-Identifier: MIT
 *
 * Workbooks in (.xlsx, and .xlsm as plain data: macros are never looked at): the zip reader, the XML parser's events and a strict
 * reading of the parts that hold values. Nothing is calculated: a formula's stored result counts. Nothing is followed: links to other
 * files are passed over. Namespace prefixes, the transitional and the strict form of the standard, the order of the members, missing
 * `r` attributes make no difference.
 *
 * What a cell gives (cell.val, UTF-8, blanks at both ends cut as in CSV):
 * - text (shared, inline, result of a formula): as written, runs of rich text joined, phonetic hints left out, _x000D_ forms undone;
 * - number: plain decimal without exponent and superfluous zeros, rounded to the 15 significant digits that Excel shows
 *   (1234.0999999999999 is 1234.1); with a number format of zeros only (000000) filled up to that many digits;
 *   with a percent format what Excel shows: 0.1 is "10%";
 * - number with a date format (built in 14-22, 45-47, or a format with d, m, y, h, s outside of quotes): YYYY-MM-DD; a time of day that
 *   is not midnight stays: YYYY-MM-DD HH:MM:SS; a time without a day HH:MM:SS. Both date systems; the 29 February 1900 that Excel
 *   believes in is given as 1900-02-29, which is no date; a negative or too large number stays a number;
 * - true or false: TRUE, FALSE, or the words asked for; an error: its text (#N/A); a formula without a stored result: "no result".
 * cell.kind says which of these it is, cell.quoted that it stood as text: a code that a spreadsheet made a number of has kind
 * FMT_IS_NUMBER. cell.off and cell.len are the value element (<v> or <is>) in the unpacked bytes of the sheet's part, for a shared
 * string thus its number in the table; line is the sheet's row, col its column, as a person sees them.
 * Hidden rows and columns are read like others; hidden sheets are not. Of merged cells only the first has a value.
 *
 * EG_BADFILE codes: F-01 an Office file, but no workbook that can be read; F-03 parts missing or named twice, XML that is not well formed
 * or has a DOCTYPE, rows or cells out of order, references outside of the sheet or of the table of strings; everything container.h and
 * xml_read.h refuse; LIMIT-STRINGS, LIMIT-STYLES, LIMIT-ROW, LIMIT-CELLS (base/limits.h). EG_RETRY "LIMIT-MEM".
 */
#ifndef FORMATS_XLSX_READ_H
#define FORMATS_XLSX_READ_H

#include "formats/container.h"
#include "formats/row.h"

struct fmt_book;
/* Reads what belongs to the whole workbook: list of sheets, formats, table of strings. in must outlive the book. */
int fmt_book_open(struct fmt_random in, struct fmt_book **ret, struct eg_err *err) EG_MUSTCHECK;
void fmt_book_free(struct fmt_book *b); /* NULL is fine */

struct fmt_book_sheet {
	struct eg_bytes name; /* on its tab */
	struct eg_bytes part; /* the member: "xl/worksheets/sheet1.xml" */
};
/* Visible worksheets in the order of their tabs; at least one. */
size_t fmt_book_count(const struct fmt_book *b);
struct fmt_book_sheet fmt_book_at(const struct fmt_book *b, size_t i);

/* The unpacked bytes of a sheet; ends the reading of any other one. Valid until the next call of _part. */
int fmt_book_part(struct fmt_book *b, size_t i, struct fmt_src *ret, struct eg_err *err) EG_MUSTCHECK;
/* Rows from now on come out of src, which gives the bytes of a sheet (so that a caller can count or hash them on the way). */
int fmt_book_begin(struct fmt_book *b, struct fmt_src src, struct eg_err *err) EG_MUSTCHECK;
/* The next row that stands in the file, also when it is `blank`; rows that do not stand there are not given, row.line tells. ncells is the
 * last column that has a value, or the width asked for if that is more. Memory holds the rows of some ten kilobytes of the file at a time.
 * EG_EOF only after a well-formed end. */
int fmt_book_next(struct fmt_book *b, struct fmt_row *ret, struct eg_err *err) EG_MUSTCHECK;
/* Rows given from now on have at least n cells (at most EG_LIMIT_CELLS), empty ones added. */
void fmt_book_widen(struct fmt_book *b, size_t n);
/* Flags are given from now on as these words, which must outlive the sheet. */
void fmt_book_flags(struct fmt_book *b, struct eg_bytes yes, struct eg_bytes no);

/* 1 -> "A", 703 -> "AAA": a column as a person names it. Returns ret. */
#define FMT_COLUMN_NAME 8
const char *fmt_column_name(char ret[FMT_COLUMN_NAME], uint32_t col);

#endif
