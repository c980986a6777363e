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

struct fmt_cell {
	enum fmt_state state;
	bool quoted; /* CSV: stood in quotes */
	struct eg_bytes
	    val; /* UTF-8, blanks at both ends cut (CSV: space and TAB; XML: also CR, LF), quotes undone, references resolved */
	uint64_t
	    off; /* first byte of the trimmed value in the original bytes; of an empty cell the place where it would stand */
	uint64_t
	    len; /* its bytes as they stand in the original: inside the quotes, `""` still doubled, references not resolved */
	uint64_t line; /* physical line of `off` */
	uint32_t col; /* character column of `off` */
	uint32_t more; /* XML: how often the same path came again in this record (its further values are not kept) */
};

struct fmt_row {
	uint64_t line; /* physical line where the row begins (XML: of the start tag) */
	uint64_t off, len; /* the row's bytes, line end included (XML: start tag to end tag) */
	size_t ncells;
	const struct fmt_cell *cells;
	bool blank; /* CSV: only delimiters, blanks or empty quotes */
};

#endif
