/* SPDX-License-Identifier: MIT
 *
 * Exact decimals on 128-bit coefficients. Every step is checked; the only rounding is half up (away from zero), as layouts §1.6 asks.
 */
#include "base/dec.h"

#include "base/err.h"

static eg_i128
pow10_of(unsigned n)
{
	eg_i128 p = 1;

	while (n-- > 0)
		p *= 10;
	return p;
}

static bool
is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

/* Sign and '$' in either order; at most one of each. */
static struct eg_bytes
take_sign(struct eg_bytes v, enum eg_dec_form form, bool *ret_neg)
{
	bool dollar = form != EG_DEC_MONEY;

	*ret_neg = false;
	for (int i = 0; i < 2 && v.len > 0; i++) {
		if (v.ptr[0] == '-' && !*ret_neg)
			*ret_neg = true;
		else if (v.ptr[0] == '$' && !dollar)
			dollar = true;
		else
			break;
		v = eg_bytes_sub(v, 1, v.len);
	}
	return v;
}

/* Digits before the point into plain[], grouping and leading zeros left out; *ret_n may pass cap, then the rest is not
 * kept. *ret_any: there was a digit. Returns the number of bytes used, or SIZE_MAX. */
static size_t
take_whole(struct eg_bytes v, enum eg_dec_form form, unsigned char *plain, size_t cap, size_t *ret_n, bool *ret_any)
{
	size_t i = 0, n = 0, group = 0;
	bool grouped = false;

	for (; i < v.len; i++) {
		if (is_digit(v.ptr[i])) {
			if (n < cap)
				plain[n] = v.ptr[i];
			n += n > 0 || v.ptr[i] != '0' ? 1U : 0U;
			group++;
			*ret_any = true;
		} else if (v.ptr[i] == ',' && form == EG_DEC_MONEY) {
			if (group == 0 || group > 3 || (grouped && group != 3))
				return SIZE_MAX;
			grouped = true;
			group = 0;
		} else
			break;
	}
	*ret_n = n;
	return grouped && group != 3 ? SIZE_MAX : i;
}

#define INT_DIGITS_MAX 29 /* with nine places 38 digits: fits 128 bits without a check per digit */

enum eg_dec_status
eg_dec_parse(struct eg_bytes v, enum eg_dec_form form, uint8_t scale, unsigned int_digits, struct eg_dec *ret)
{
	unsigned char whole[INT_DIGITS_MAX];
	size_t n = 0;
	bool neg, any = false, lost = false;
	eg_i128 coef = 0;

	eg_check(scale <= EG_DEC_SCALE_MAX && int_digits <= INT_DIGITS_MAX);
	v = take_sign(v, form, &neg);
	size_t used = take_whole(v, form, whole, sizeof(whole), &n, &any);
	if (used == SIZE_MAX || (!any && form == EG_DEC_PLAIN))
		return EG_DEC_SYNTAX;
	struct eg_bytes frac = eg_bytes_sub(v, used, v.len);
	bool point = frac.len > 0 && frac.ptr[0] == '.';
	if (point)
		frac = eg_bytes_sub(frac, 1, frac.len);
	if (frac.len > 0 && !point)
		return EG_DEC_SYNTAX;
	if ((point && frac.len == 0) || (!any && frac.len == 0))
		return EG_DEC_SYNTAX;
	for (size_t i = 0; i < frac.len; i++) {
		if (!is_digit(frac.ptr[i]))
			return EG_DEC_SYNTAX;
		lost = lost || (i >= scale && frac.ptr[i] != '0');
	}
	if (lost)
		return EG_DEC_LOST;
	if (n > int_digits)
		return EG_DEC_RANGE;
	for (size_t i = 0; i < n; i++)
		coef = coef * 10 + (whole[i] - '0');
	for (size_t i = 0; i < scale; i++)
		coef = coef * 10 + (i < frac.len ? frac.ptr[i] - '0' : 0);
	*ret = (struct eg_dec){ neg ? -coef : coef, scale };
	return EG_DEC_OK;
}

void
eg_dec_print(struct eg_buf *b, struct eg_dec d, uint8_t places)
{
	unsigned char digits[48];
	size_t n = 0;
	bool neg = d.coef < 0;
	eg_u128 c;

	for (; d.scale > places; d.scale--) {
		if (d.coef % 10 != 0)
			eg_bug("a decimal would lose digits in print");
		d.coef /= 10;
	}
	c = neg ? -(eg_u128)d.coef : (eg_u128)d.coef;
	do {
		digits[n++] = (unsigned char)('0' + (int)(c % 10));
		c /= 10;
	} while (c != 0);
	while (n <= d.scale)
		digits[n++] = '0';
	if (neg)
		eg_buf_chr(b, '-');
	for (size_t i = n; i > 0; i--) {
		if (i == d.scale)
			eg_buf_chr(b, '.');
		eg_buf_chr(b, digits[i - 1]);
	}
	if (places > 0 && d.scale == 0)
		eg_buf_chr(b, '.');
	for (unsigned i = d.scale; i < places; i++)
		eg_buf_chr(b, '0');
}

/* The range is symmetric: the one value without a negative is overflow too. */
static bool
in_range(eg_i128 c)
{
	return c >= -(eg_i128)(~(eg_u128)0 >> 1);
}

/* Brings both to the larger scale; false on overflow. */
static bool
align(struct eg_dec *a, struct eg_dec *b)
{
	struct eg_dec *small = a->scale < b->scale ? a : b, *large = small == a ? b : a;

	if (__builtin_mul_overflow(small->coef, pow10_of((unsigned)(large->scale - small->scale)), &small->coef))
		return false;
	small->scale = large->scale;
	return true;
}

bool
eg_dec_add(struct eg_dec a, struct eg_dec b, struct eg_dec *ret)
{
	eg_i128 sum;

	if (!align(&a, &b) || __builtin_add_overflow(a.coef, b.coef, &sum) || !in_range(sum))
		return false;
	*ret = (struct eg_dec){ sum, a.scale };
	return true;
}

bool
eg_dec_sub(struct eg_dec a, struct eg_dec b, struct eg_dec *ret)
{
	return eg_dec_add(a, eg_dec_neg(b), ret);
}

/* n / d rounded half away from zero; d > 0. */
static eg_i128
div_half_up(eg_i128 n, eg_i128 d)
{
	eg_i128 q = n / d, r = n % d;

	if (r < 0)
		r = -r;
	if (r >= d - r)
		q += n < 0 ? -1 : 1;
	return q;
}

bool
eg_dec_mul_round(struct eg_dec a, struct eg_dec b, uint8_t scale, struct eg_dec *ret)
{
	eg_i128 p;
	unsigned have = (unsigned)a.scale + b.scale;

	if (__builtin_mul_overflow(a.coef, b.coef, &p) || !in_range(p))
		return false;
	if (have > scale)
		p = div_half_up(p, pow10_of(have - scale));
	else if (__builtin_mul_overflow(p, pow10_of(scale - have), &p))
		return false;
	*ret = (struct eg_dec){ p, scale };
	return true;
}

bool
eg_dec_div_round(struct eg_dec a, struct eg_dec b, uint8_t scale, struct eg_dec *ret)
{
	eg_i128 n = a.coef, d = b.coef;
	int up = (int)scale + b.scale - a.scale;

	if (d == 0)
		return false;
	if (up >= 0 ? __builtin_mul_overflow(n, pow10_of((unsigned)up), &n) :
		      __builtin_mul_overflow(d, pow10_of((unsigned)-up), &d))
		return false;
	if (d < 0) {
		n = -n;
		d = -d;
	}
	*ret = (struct eg_dec){ div_half_up(n, d), scale };
	return true;
}

struct eg_dec
eg_dec_neg(struct eg_dec a)
{
	a.coef = -a.coef;
	return a;
}

int
eg_dec_cmp(struct eg_dec a, struct eg_dec b)
{
	eg_i128 wa = a.coef / pow10_of(a.scale), wb = b.coef / pow10_of(b.scale);

	if (wa != wb)
		return wa < wb ? -1 : 1;
	eg_i128 fa = a.coef % pow10_of(a.scale) * pow10_of(EG_DEC_SCALE_MAX - a.scale);
	eg_i128 fb = b.coef % pow10_of(b.scale) * pow10_of(EG_DEC_SCALE_MAX - b.scale);
	return fa < fb ? -1 : fa > fb;
}

bool
eg_dec_is_zero(struct eg_dec a)
{
	return a.coef == 0;
}
