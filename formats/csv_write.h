/* SPDX-License-Identifier: MIT
 *
 * CSV out: cells to bytes. Values are UTF-8 already fit for the target (formats/text.h); the writer only quotes and ends rows.
 */
#ifndef FORMATS_CSV_WRITE_H
#define FORMATS_CSV_WRITE_H

#include "base/buf.h"
#include "formats/text.h"

enum fmt_quote {
	FMT_QUOTE_NEEDED = 0, /* delimiter, '"', CR or LF inside */
	FMT_QUOTE_ALWAYS,
	FMT_QUOTE_NEVER, /* '"' is written as it is; a delimiter, CR or LF inside is EG_BADREC "CSV-UNQUOTABLE" */
	FMT_QUOTE_TEXT, /* every cell but plain numbers */
};

struct fmt_csv_style {
	unsigned char delim; /* 0 = ',' */
	enum fmt_quote quote;
	bool lf; /* rows end with LF instead of CRLF */
	bool bom; /* UTF-8 BOM first (sheets for people) */
	enum fmt_enc enc; /* target encoding: FMT_UTF8, FMT_ASCII, FMT_LATIN1, FMT_CP1252 */
	/* text beginning with = + - @ TAB CR gets an apostrophe unless it is a plain number; never for an ERP */
	bool for_people;
};

/* Appends the BOM if the style has one. */
void fmt_csv_begin(const struct fmt_csv_style *s, struct eg_buf *out);
/* Appends one row with its end. EG_BADREC "CSV-UNQUOTABLE" or "CSV-ENCODING" (character outside enc), err->pos.col = cell number;
 * nothing is appended then. */
int fmt_csv_row(const struct fmt_csv_style *s, const struct eg_bytes *cells, size_t n, struct eg_buf *out,
    struct eg_err *err) EG_MUSTCHECK;

#endif
