/* SPDX-License-Identifier: MIT
 *
 * What spreadsheets do to values: recognised and named, never repaired. Each value is judged alone, by what its column takes; what an honest value can look
 * like is not accused. Lost leading zeros show only against a list: damage_zeros. Tests: tests/unit/test_damage.c.
 */
#ifndef ADAPTERS_DAMAGE_H
#define ADAPTERS_DAMAGE_H

#include "adapters/record.h"

enum damage_column {
	DAMAGE_IN_TEXT = 0,
	DAMAGE_IN_CODE,
	DAMAGE_IN_NUMBER,
	DAMAGE_IN_DATE,
	DAMAGE_IN_FLAG,
};
enum damage_column damage_column(enum rec_ftype t);

enum damage_kind {
	DAMAGE_NONE = 0,
	DAMAGE_HASHES, /* ##### : the column was too narrow to show the value */
	DAMAGE_ERROR, /* #N/A, #REF! */
	DAMAGE_SCIENTIFIC, /* 1.23E+11 */
	DAMAGE_TO_DATE, /* a code or a number became a date: Mar-00, 1-May, 2026-03-01 */
	DAMAGE_SERIAL, /* a date became its day number: 46112 */
	DAMAGE_DAY_MONTH, /* day and month are exchanged: 31/12/2026 */
	DAMAGE_DATE_FORM, /* a date in the form of another country: 31.12.2026 */
	DAMAGE_COMMA, /* decimal comma: 1.234,56 */
	DAMAGE_MINUS, /* (12.50), 12.50- */
	DAMAGE_POINT_ZERO, /* a code became a number: 1100.0 */
	DAMAGE_FLAG_WORD, /* WAHR, FAUX, 1, x */
	DAMAGE_BLANK, /* no-break and invisible blanks */
	DAMAGE_QUOTE, /* typographic quotes and hyphens in a code or number */
	DAMAGE_MOJIBAKE, /* UTF-8 that was read as windows-1252: CafÃ© */
	DAMAGE_LOST_CHARS, /* U+FFFD: characters that were not understood are gone */
	DAMAGE_CUT, /* exactly 255 or 32,767 characters: cut there */
};

#define DAMAGE_LIKELY_MAX 96
#define DAMAGE_PATTERNS 6
struct damage {
	enum damage_kind kind;
	char likely
	    [DAMAGE_LIKELY_MAX]; /* what it probably was, a date in the first form of the column; "" = cannot be told from the value */
	unsigned npatterns;
	char pattern[DAMAGE_PATTERNS][24]; /* of DAMAGE_TO_DATE: globs that the code may have matched, "03-*00" */
};

/* dates: the forms that the column takes (DAMAGE_IN_DATE), NULL with 0 = YYYY-MM-DD. */
struct damage damage_of(enum damage_column column, struct eg_bytes v, const struct eg_bytes *dates, size_t ndates);
/* Appends " Excel took the code for a date; …" (a blank first); nothing for DAMAGE_NONE. */
void damage_sentence(const struct damage *d, struct eg_buf *ret);
/* `full` is `v` with zeros in front that a spreadsheet takes away: at the beginning, or behind a hyphen. */
bool damage_zeros(struct eg_bytes v, struct eg_bytes full);

#endif
