/* SPDX-License-Identifier: MIT
 *
 * Exact decimals: coefficient times ten to the minus scale. No floating point anywhere. Every operation says when a
 * digit or the range would be lost; nothing rounds unless its name says so.
 */
#ifndef BASE_DEC_H
#define BASE_DEC_H

#include "base/buf.h"
#include "base/bytes.h"

__extension__ typedef __int128 eg_i128;
__extension__ typedef unsigned __int128 eg_u128;

#define EG_DEC_SCALE_MAX 9

struct eg_dec {
	eg_i128 coef;
	uint8_t scale; /* 0 … EG_DEC_SCALE_MAX */
};

enum eg_dec_status {
	EG_DEC_OK = 0,
	EG_DEC_SYNTAX, /* not a number of the grammar */
	EG_DEC_LOST, /* a non-zero digit beyond the scale: never rounded */
	EG_DEC_RANGE, /* more digits before the point than allowed, or overflow */
};

enum eg_dec_form {
	EG_DEC_PLAIN = 0, /* optional '-', digits, optional '.' digits */
	EG_DEC_MONEY = 1, /* also '$' (behind the sign), grouping commas in threes, and no digit before the point */
};

/* Reads v (already trimmed) at exactly `scale`; int_digits = most digits before the point (leading zeros do not count).
 * No exponent, no '+', no blanks, no other digits than 0-9; "5." and "" are EG_DEC_SYNTAX; ".5" needs EG_DEC_MONEY.
 * The range of values: layouts §1.6. */
enum eg_dec_status eg_dec_parse(
    struct eg_bytes v, enum eg_dec_form form, uint8_t scale, unsigned int_digits, struct eg_dec *ret);
/* Fixed places: 1234.50, -0.07; never "-0.00". `places` >= d.scale fills zeros; smaller needs the cut digits to be zero
 * (else eg_bug: round first). */
void eg_dec_print(struct eg_buf *b, struct eg_dec d, uint8_t places);

bool eg_dec_add(struct eg_dec a, struct eg_dec b, struct eg_dec *ret); /* false on overflow */
bool eg_dec_sub(struct eg_dec a, struct eg_dec b, struct eg_dec *ret);
/* a * b rounded half up (away from zero on a tie) to `scale`. */
bool eg_dec_mul_round(struct eg_dec a, struct eg_dec b, uint8_t scale, struct eg_dec *ret);
/* a / b rounded likewise; false when b is zero or on overflow. */
bool eg_dec_div_round(struct eg_dec a, struct eg_dec b, uint8_t scale, struct eg_dec *ret);
struct eg_dec eg_dec_neg(struct eg_dec a);
int eg_dec_cmp(struct eg_dec a, struct eg_dec b); /* by value, scales may differ */
bool eg_dec_is_zero(struct eg_dec a);

#endif
