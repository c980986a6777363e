/* SPDX-License-Identifier: MIT
 *
 * Rows with positions: what every reader yields and every writer takes.
 * Everything reached from a row is valid until the next call on its reader.
 */
#ifndef FORMATS_ROW_H
#define FORMATS_ROW_H

#include "base/bytes.h"
#include "base/err.h"

enum fmt_state {
	FMT_ABSENT = 0, /* no such element or column */
	FMT_EMPTY, /* there, but without content (or blanks only) */
	FMT_VALUE,
};

/* What a cell of a workbook is (xlsx_read.h); CSV and XML have texts only. */
enum fmt_kind {
	FMT_IS_TEXT = 0,
	FMT_IS_NUMBER,
	FMT_IS_DATE, /* val is YYYY-MM-DD unless it has a time of day or is no day at all */
	FMT_IS_PERCENT, /* val ends in % */
	FMT_IS_FLAG, /* val is TRUE or FALSE, or the words asked for */
	FMT_IS_ERROR, /* no value: the sheet could not work it out */
};

struct fmt_cell {
	enum fmt_state state;
	enum fmt_kind kind;
	bool quoted; /* CSV: stood in quotes; workbook: stood as text, not as a number */
	bool formula; /* workbook: the stored result of a formula */
	/* UTF-8, blanks at both ends cut (CSV: space and TAB; XML: also CR, LF), quotes undone, references resolved */
	struct eg_bytes val;
	/* first byte of the trimmed value in the original bytes; of an empty cell the place where it would stand */
	uint64_t off;
	/* its bytes as they stand in the original: inside the quotes, `""` still doubled, references not resolved */
	uint64_t len;
	uint64_t line; /* physical line of `off`; workbook: row of the sheet */
	uint32_t col; /* character column of `off`; workbook: column of the sheet, first is 1 */
	uint32_t more; /* XML: how often the same path came again in this record (its further values are not kept) */
};

struct fmt_row {
	uint64_t line; /* physical line where the row begins (XML: of the start tag; workbook: row of the sheet) */
	uint64_t off, len; /* the row's bytes, line end included (XML, workbook: start tag to end tag) */
	size_t ncells;
	const struct fmt_cell *cells;
	bool blank; /* CSV: only delimiters, blanks or empty quotes; workbook: no value */
};

#endif
