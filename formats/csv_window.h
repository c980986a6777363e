/* SPDX-License-Identifier: MIT
 *
 * What a CSV reader sees of its source: a window that begins at the current row and grows until the row is whole. The
 * BOM is taken off and decides the encoding; UTF-16 is turned into UTF-8 here, all other encodings are left as they
 * are (their delimiters, quotes and line ends are those of ASCII).
 *
 * Internal to formats/csv_read.c.
 */
#ifndef FORMATS_CSV_WINDOW_H
#define FORMATS_CSV_WINDOW_H

#include "base/limits.h"
#include "formats/src.h"
#include "formats/text.h"

struct fmt_csv_window {
	struct fmt_src src;
	enum fmt_enc enc; /* of the original bytes; known for certain after the first fmt_csv_window_more */
	unsigned char *buf;
	size_t cap;
	size_t at, have; /* the window is buf[at .. have) */
	uint64_t off; /* where the window begins in the original bytes; kept by the reader behind the BOM */
	bool begun, end;
	unsigned char raw[16384]; /* UTF-16, and the first bytes of any file: read, not yet turned */
	size_t raw_have;
	struct eg_buf text; /* UTF-8 of raw */
	struct eg_err late; /* cls set: the bytes behind the window do not fit the encoding */
};

/* What a window can hold: a row at its limit and room to read on. */
#define FMT_CSV_WINDOW_MAX (EG_LIMIT_ROW_BYTES + 65536)

void fmt_csv_window_init(struct fmt_csv_window *w, struct fmt_src src, enum fmt_enc enc);
void fmt_csv_window_done(struct fmt_csv_window *w); /* empty-safe */
/* Makes the window longer by at least one byte; what it held may move. EG_EOF: there is no more. EG_BADFILE
 * "F-02": the bytes right behind the window do not fit UTF-16. EG_RETRY "LIMIT-MEM"; errors of the source pass
 * unchanged. The window must be shorter than FMT_CSV_WINDOW_MAX - 4096. */
int fmt_csv_window_more(struct fmt_csv_window *w, struct eg_err *err) EG_MUSTCHECK;

#endif
