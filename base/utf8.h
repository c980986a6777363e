/* SPDX-License-Identifier: MIT
 *
 * UTF-8: strict (no overlong forms, no surrogates, nothing above U+10FFFF).
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/buf.h"
#include "base/bytes.h"

/* Index of the first byte that does not fit, or v.len when all is valid. */
size_t eg_utf8_valid(struct eg_bytes v);
/* Code points in valid UTF-8. */
size_t eg_utf8_count(struct eg_bytes v);
/* Decodes the code point at *pos (< v.len, valid text) and moves *pos behind it. */
uint32_t eg_utf8_next(struct eg_bytes v, size_t *pos);
void eg_utf8_put(struct eg_buf *b, uint32_t cp);
/* The longest prefix of at most n code points. */
struct eg_bytes eg_utf8_prefix(struct eg_bytes v, size_t n);
/* Case of ASCII, Latin-1 and Latin Extended-A letters; everything else unchanged. Locale-free. */
uint32_t eg_utf8_upper(uint32_t cp);
uint32_t eg_utf8_lower(uint32_t cp);

#define EG_UTF8_SHOWN 16
/* What stands at *pos (< v.len) made fit for screens and logs: the character itself, or \xNN for a control character or a
 * byte that is not UTF-8, \u{NNNN} for what hides or reorders text (bidi marks, line separators, zero width blanks, C1).
 * Writes a terminated text, returns its length, moves *pos on. v may be anything. */
size_t eg_utf8_shown(struct eg_bytes v, size_t *pos, char ret[EG_UTF8_SHOWN]);
/* A whole text made fit like that, terminated, in at most cap bytes (4 or more); one that does not fit ends in "...". v may be anything but may not overlap ret. */
void eg_utf8_shown_cut(struct eg_bytes v, char *ret, size_t cap);

#endif
