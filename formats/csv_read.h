/* SPDX-License-Identifier: MIT
 *
 * CSV in: libcsv does the cells, this wrapper adds what it lacks: encodings and BOM, exact byte, line and column of every
 * cell, limits, and strictness about quotes.
 *
 * RFC 4180 with any one-byte delimiter; row ends CRLF or LF, mixed as they come; a missing final line end is fine. Rows that
 * are only delimiters, blanks or empty quotes are given with `blank` set. Ragged rows are given as they are (the caller knows the
 * header). A BOM at the start is skipped and decides the encoding (UTF-8, UTF-16LE/BE), whatever opts.enc says.
 * Memory does not grow with the file: one row at a time, at most EG_LIMIT_ROW_BYTES.
 *
 * EG_BADFILE codes: F-02 bytes do not fit the encoding; F-03 quote opened and never closed, a quote inside an unquoted cell,
 * text after a closing quote; LIMIT-ROW, LIMIT-CELLS (base/limits.h). Position: the offending byte, its line and column; for an
 * unclosed quote the opening one.
 */
#ifndef FORMATS_CSV_READ_H
#define FORMATS_CSV_READ_H

#include "formats/row.h"
#include "formats/src.h"
#include "formats/text.h"

struct fmt_csv_opts {
	unsigned char delim; /* 0 = ',' */
	enum fmt_enc enc; /* without BOM */
	uint64_t skip_lines; /* physical lines given as rows of one raw cell first (frames before the data) */
};

struct fmt_csv;
int fmt_csv_open(struct fmt_src src, const struct fmt_csv_opts *opts, struct fmt_csv **ret, struct eg_err *err)
    EG_MUSTCHECK;
/* EG_OK, EG_EOF or EG_BADFILE (sticky); EG_RETRY "LIMIT-MEM". */
int fmt_csv_next(struct fmt_csv *c, struct fmt_row *ret, struct eg_err *err) EG_MUSTCHECK;
/* true when, at the end reached so far, no quote is open: the structural test of a settle rule. */
bool fmt_csv_whole(const struct fmt_csv *c);
uint64_t fmt_csv_lines(const struct fmt_csv *c); /* physical lines read so far */
void fmt_csv_free(struct fmt_csv *c); /* NULL is fine */

#endif
