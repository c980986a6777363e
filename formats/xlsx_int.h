/* SPDX-License-Identifier: MIT
 *
 * What the files of the workbook reader share. Private to formats/xlsx_*.c but not for the writer.
 */
#ifndef FORMATS_XLSX_INT_H
#define FORMATS_XLSX_INT_H

#include "base/arena.h"
#include "formats/xlsx_read.h"
#include "formats/xml_parse.h"

/* ---- xlsx_number.c ---- */

#define FMT_XNUM_DIGITS 15

struct fmt_xnum { /* 0.d1d2d3… times ten to the point; n = 0 is zero */
	bool neg;
	unsigned n;
	char d[FMT_XNUM_DIGITS];
	int point;
};

/* A number as the file writes it, rounded to 15 significant digits, half away from zero. false = not a number, or beyond
 * what a spreadsheet can hold. */
bool fmt_xnum_read(struct eg_bytes v, struct fmt_xnum *ret);
void fmt_xnum_print(const struct fmt_xnum *n, struct eg_buf *out);

/* How a cell's number is shown. Above FMT_SHOW_ZEROS: filled up with zeros to (show - FMT_SHOW_ZEROS) digits. */
enum {
	FMT_SHOW_NUMBER = 0,
	FMT_SHOW_DATE,
	FMT_SHOW_PERCENT,
	FMT_SHOW_ZEROS = 16,
	FMT_SHOW_ZEROS_MOST = 80,
};
/* By the number of a built-in format, or by the code of one of the workbook's own. */
uint8_t fmt_xlsx_show_of_id(uint32_t id);
uint8_t fmt_xlsx_show_of_code(struct eg_bytes code);
/* The text of a number cell, and what kind of cell that makes it. */
enum fmt_kind fmt_xlsx_shown(const struct fmt_xnum *n, uint8_t show, bool date1904, struct eg_buf *out);
/* An ISO 8601 date or time (cells of type d) in the form of date cells; false when it is none. */
bool fmt_xlsx_iso_date(struct eg_bytes v, struct eg_buf *out);

/* ---- xlsx_text.c ---- */

/* Undoes _xHHHH_ in place of characters that XML cannot hold, appended to out. */
void fmt_xlsx_unescape(struct eg_bytes v, struct eg_buf *out);
/* "B7", "$B$7" never: column from 1, row from 1; false beyond XFD1048576 and for anything else. */
bool fmt_xlsx_ref(struct eg_bytes v, uint32_t *ret_col, uint32_t *ret_row);
/* Where a relationship of the part `base` points to: a member's name, appended. false when it leaves the workbook. */
bool fmt_xlsx_target(struct eg_bytes base, struct eg_bytes target, struct eg_buf *ret);

/* ---- xlsx_read.c ---- */

#define FMT_XLSX_ROWS 1048576U
#define FMT_XLSX_COLS 16384U

struct fmt_xstrings {
	struct eg_buf text;
	uint32_t *ends; /* of each string in text */
	size_t n, cap;
};

struct fmt_xstyles {
	uint8_t *show; /* of each cell format */
	size_t n, cap;
};

struct fmt_xrow { /* a row read and not yet given */
	uint64_t line, off, len;
	size_t cell, ncells; /* in the reader's cells */
};

struct fmt_xcell {
	struct fmt_cell c; /* val empty while `from` counts */
	size_t from, len; /* of its text in the reader's texts; len SIZE_MAX: val is a view of the table of strings */
};

struct fmt_sheet; /* xlsx_sheet.c */

struct fmt_book {
	struct fmt_zip *zip;
	struct eg_arena arena; /* names */
	struct fmt_book_sheet *sheets;
	size_t nsheets;
	bool date1904;
	struct fmt_xstrings strings;
	struct fmt_xstyles styles;
	struct fmt_sheet *sheet; /* being read, or NULL */
	size_t width;
	struct eg_bytes yes, no; /* words of flags */
};

/* Adds the name of the part to what is wrong in it. Returns its class. */
int fmt_xlsx_in_part(struct eg_bytes part, struct eg_err *err);

/* ---- xlsx_parts.c ---- */

/* Fills sheets, date1904 and styles; *ret_strings = name of the table of strings in the arena, empty when there is none. */
int fmt_xlsx_parts(struct fmt_book *b, struct eg_bytes *ret_strings, struct eg_err *err) EG_MUSTCHECK;
/* Reads a whole part: hooks get ctx; *p is the parser they fail with. EG_BADFILE F-03 when it is missing. */
int fmt_xlsx_walk(struct fmt_book *b, struct eg_bytes part, const struct fmt_xml_hooks *hooks, void *ctx,
    struct fmt_xmlp **p, struct eg_err *err) EG_MUSTCHECK;

/* ---- xlsx_styles.c, xlsx_strings.c ---- */

int fmt_xlsx_styles(struct fmt_book *b, struct eg_bytes part, struct eg_err *err) EG_MUSTCHECK;
int fmt_xlsx_strings(struct fmt_book *b, struct eg_bytes part, struct eg_err *err) EG_MUSTCHECK;

/* ---- xlsx_sheet.c ---- */

int fmt_sheet_open(struct fmt_book *b, struct fmt_src src, struct fmt_sheet **ret, struct eg_err *err) EG_MUSTCHECK;
int fmt_sheet_next(struct fmt_sheet *s, struct fmt_row *ret, struct eg_err *err) EG_MUSTCHECK;
void fmt_sheet_free(struct fmt_sheet *s);

#endif
