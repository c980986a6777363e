/* SPDX-License-Identifier: MIT
 *
 * Workbooks for people and for import screens: libxlsxwriter does the file, this fixes what it may hold. Every value is text or a number written from an exact
 * decimal; no formula can come of a value, whatever it begins with. The same calls with the same `made` give the same bytes.
 */
#ifndef FORMATS_XLSX_WRITE_H
#define FORMATS_XLSX_WRITE_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

#include <stdint.h>

enum fmt_xlsx_kind {
	FMT_XLSX_TEXT = 0, /* cell format "text": leading zeros and long digits stay */
	FMT_XLSX_AMOUNT, /* canonical decimal, shown with 2 places; more than 15 digits: text, as Excel would lose some */
	FMT_XLSX_NUMBER, /* canonical decimal or whole number, shown as it is; more than 15 digits: text */
	FMT_XLSX_DATE, /* YYYY-MM-DD; a date cell, before 1900 (unknown to workbooks) text */
};

struct fmt_xlsx_col {
	const char *title; /* first row, bold, frozen, with a filter (a single column has none) */
	enum fmt_xlsx_kind kind;
	unsigned width; /* characters; 0 = 12 */
	bool open; /* may be edited on a protected sheet */
	bool hidden;
	/* drop-down list, NULL ended; NULL = none. At most 255 characters in all (Excel's limit) */
	const char *const *choices;
};

struct fmt_xlsx;
/* made: Unix seconds, the document's only date. Never NULL. Rows are kept in temporary files (TMPDIR, else /tmp), the finished file in memory. */
struct fmt_xlsx *fmt_xlsx_new(int64_t made);
/* The next sheet; rows go to it from now on. name: 1-31 characters, none of []:*?/\ ; unique. protect: cells can be edited only where `open`; no password
 * (it keeps from mistakes, not from malice). EG_BADREC "XLSX-SHEET". cols must live until fmt_xlsx_end. */
int fmt_xlsx_sheet(struct fmt_xlsx *x, const char *name, const struct fmt_xlsx_col *cols, size_t n, bool protect,
    struct eg_err *err) EG_MUSTCHECK;
/* As many cells as columns, UTF-8, empty = an empty cell. EG_BADREC "XLSX-CELL": more than 32,767 characters (UTF-16 units, as Excel counts), a character that XML cannot hold, or a value that is none of its kind;
 * "XLSX-ROWS": more than 1,048,575 rows. err->pos.col = cell number;
 * a refused row leaves nothing in the file. */
int fmt_xlsx_row(struct fmt_xlsx *x, const struct eg_bytes *cells, struct eg_err *err) EG_MUSTCHECK;
/* Appends the file to ret. Nothing more may be written. EG_FATAL "XLSX-WRITE"; EG_RETRY "DISK-FULL": no room in the folder for temporary files. */
int fmt_xlsx_end(struct fmt_xlsx *x, struct eg_buf *ret, struct eg_err *err) EG_MUSTCHECK;
void fmt_xlsx_free(struct fmt_xlsx *x); /* NULL is fine */

#endif
