/* SPDX-License-Identifier: MIT
 *
 * Character encodings: named, allow-listed, through iconv; nothing else gets in (UTF-7 and EBCDIC would let other
 * readers see other text). Converters are opened before the process is confined: glibc loads its tables from files.
 */
#ifndef FORMATS_TEXT_H
#define FORMATS_TEXT_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

enum fmt_enc {
	FMT_UTF8 = 0,
	FMT_UTF16LE,
	FMT_UTF16BE,
	FMT_LATIN1, /* ISO-8859-1 */
	FMT_CP1252, /* windows-1252; its five unassigned bytes do not fit */
	FMT_ASCII,
	FMT_UTF8_ELSE_1252, /* reading only: each value is UTF-8 if it can be, else windows-1252: sheets that a spreadsheet saved its own way */
	FMT_NENC,
};

/* "utf-8", "utf-16" (BOM decides), "iso-8859-1", "windows-1252", "us-ascii", any case; false when not on the list. */
bool fmt_enc_named(struct eg_bytes name, enum fmt_enc *ret);
const char *fmt_enc_name(enum fmt_enc e);
/* Byte order mark at the start of head: its encoding and length (3 or 2); false and 0 when there is none. */
bool fmt_bom(struct eg_bytes head, enum fmt_enc *ret, size_t *ret_len);
/* Opens every converter once (idempotent). EG_FATAL "ICONV" when the C library lacks one. Call before confinement. */
int fmt_text_preload(struct eg_err *err) EG_MUSTCHECK;
/* Appends v as UTF-8. On a byte that does not fit: EG_BADFILE "F-02" with pos.off = its index in v, ret holds
 * what went before. */
int fmt_to_utf8(enum fmt_enc enc, struct eg_bytes v, struct eg_buf *ret, struct eg_err *err) EG_MUSTCHECK;
/* The way back: appends v (valid UTF-8) in enc, nothing transliterated, nothing left out. On a character that
 * enc does not have: EG_BADREC "CSV-ENCODING" with pos.off = its index in v, ret holds what went before. */
int fmt_from_utf8(enum fmt_enc enc, struct eg_bytes v, struct eg_buf *ret, struct eg_err *err) EG_MUSTCHECK;

/* How values are made fit for a target. A declared rule; what it changed is told, never silent. */
enum fmt_change {
	FMT_CHANGED_CHARS = 1, /* characters removed or replaced (F-41) */
	FMT_CHANGED_BREAKS = 2, /* CR, LF, TAB runs became one blank (F-42) */
};
enum fmt_breaks {
	FMT_BREAKS_KEEP = 0,
	FMT_BREAKS_BLANK,
	FMT_BREAKS_TAB_ONLY, /* only TAB runs become a blank */
};

/* Appends v to ret. ascii: apostrophes (', U+2019, U+2018) are removed when drop_apostrophes, every other
 * character outside ASCII is replaced by the table of layouts.md §1.7, else by '?'. Returns a set of enum
 * fmt_change. */
unsigned fmt_fit(struct eg_bytes v, bool ascii, bool drop_apostrophes, enum fmt_breaks breaks, struct eg_buf *ret);

#endif
