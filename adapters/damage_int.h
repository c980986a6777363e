/* SPDX-License-Identifier: MIT
 *
 * What the judges of damage share. Private to adapters/damage*.c. Each judge looks at one value and says whether it is damaged that way; where it can tell what
 * the value probably was, that goes to d->likely.
 */
#ifndef ADAPTERS_DAMAGE_INT_H
#define ADAPTERS_DAMAGE_INT_H

#include "adapters/damage.h"

/* ---- damage.c ---- */

static inline bool
damage_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

/* How many digits stand at `from`; 0 also behind the end. */
size_t damage_digits(struct eg_bytes v, size_t from);
/* Sets d->likely; a value too long for it is left out. */
void damage_likely(struct damage *d, struct eg_bytes v);

/* ---- damage_number.c ---- */

/* 1.23E+11, as a spreadsheet writes it. */
bool damage_is_scientific(struct eg_bytes v);
/* 12,50 and 1.234,56 */
bool damage_is_comma(struct eg_bytes v, struct damage *d);
/* (12.50) and 12.50- */
bool damage_is_minus(struct eg_bytes v, struct damage *d);
/* 1100.0 */
bool damage_is_point_zero(struct eg_bytes v, struct damage *d);

/* ---- damage_date.c ---- */

/* Mar-00, 1-May, 2026-03-01: a code or number that became a date. Globs that it may have matched go to d->pattern. */
bool damage_is_date(struct eg_bytes v, struct damage *d);
/* DAMAGE_SERIAL, DAMAGE_DAY_MONTH, DAMAGE_DATE_FORM or DAMAGE_NONE. dates, n: as for damage_of. d->likely is YYYY-MM-DD. */
enum damage_kind damage_date(struct eg_bytes v, const struct eg_bytes *dates, size_t n, struct damage *d);
/* A date in d->likely is told as the column takes it: `form`. Anything else stays. */
void damage_own_form(struct damage *d, struct eg_bytes form);

/* ---- damage_text.c ---- */

/* DAMAGE_BLANK, DAMAGE_QUOTE or DAMAGE_NONE, by the first character that looks like another. */
enum damage_kind damage_lookalike(struct eg_bytes v, struct damage *d);
/* CafÃ©; a value that is not UTF-8 is not. */
bool damage_is_mojibake(struct eg_bytes v, struct damage *d);

#endif
