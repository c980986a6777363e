/* SPDX-License-Identifier: MIT
 *
 * Exact decimals: the grammar row by row, and sums, products and quotients against arithmetic on digit strings.
 */
#include "base/dec.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define B(s) eg_bytes_str(s)
#define MAXD 128

static struct eg_dec
dec(const char *s, uint8_t scale)
{
	struct eg_dec d = { 0, 0 };

	if (eg_dec_parse(B(s), EG_DEC_PLAIN, scale, 29, &d) != EG_DEC_OK)
		fail_msg("%s was not read", s);
	return d;
}

static void
check_print(struct eg_dec d, uint8_t places, const char *want)
{
	struct eg_buf b = EG_BUF_INIT;

	eg_dec_print(&b, d, places);
	assert_string_equal(eg_buf_cstr(&b), want);
	eg_buf_done(&b);
}

static void
grammar(void **state)
{
	static const enum eg_dec_form forms[] = { EG_DEC_PLAIN, EG_DEC_MONEY };
	enum {
		P,
		M
	};
	static const struct {
		const char *text;
		int form;
		enum eg_dec_status status;
		const char *value;
	} rows[] = {
		{ "0", P, EG_DEC_OK, "0.00" },
		{ "-0.00", P, EG_DEC_OK, "0.00" },
		{ "007.5", P, EG_DEC_OK, "7.50" },
		{ "-731.29", P, EG_DEC_OK, "-731.29" },
		{ "1.2300", P, EG_DEC_OK, "1.23" },
		{ "1.234", P, EG_DEC_LOST, NULL },
		{ "9999999999999999.99", P, EG_DEC_OK, "9999999999999999.99" },
		{ "10000000000000000", P, EG_DEC_RANGE, NULL },
		{ "00000000000000000001", P, EG_DEC_OK, "1.00" },
		{ "", P, EG_DEC_SYNTAX, NULL },
		{ "-", P, EG_DEC_SYNTAX, NULL },
		{ "5.", P, EG_DEC_SYNTAX, NULL },
		{ ".5", P, EG_DEC_SYNTAX, NULL },
		{ ".", M, EG_DEC_SYNTAX, NULL },
		{ "+5", P, EG_DEC_SYNTAX, NULL },
		{ "1e3", P, EG_DEC_SYNTAX, NULL },
		{ " 5", P, EG_DEC_SYNTAX, NULL },
		{ "5 ", P, EG_DEC_SYNTAX, NULL },
		{ "$5", P, EG_DEC_SYNTAX, NULL },
		{ "1,234", P, EG_DEC_SYNTAX, NULL },
		{ "1.2.3", P, EG_DEC_SYNTAX, NULL },
		{ "\xd9\xa1", P, EG_DEC_SYNTAX, NULL },
		{ "--5", P, EG_DEC_SYNTAX, NULL },
		{ "5-", M, EG_DEC_SYNTAX, NULL },
		{ "(5)", M, EG_DEC_SYNTAX, NULL },
		{ "1.234x", P, EG_DEC_SYNTAX, NULL },
		{ "$3,500.00", M, EG_DEC_OK, "3500.00" },
		{ "$-731.29", M, EG_DEC_OK, "-731.29" },
		{ "-$5.00", M, EG_DEC_OK, "-5.00" },
		{ "$.00", M, EG_DEC_OK, "0.00" },
		{ "-.5", M, EG_DEC_OK, "-0.50" },
		{ "1,234.50", M, EG_DEC_OK, "1234.50" },
		{ "12,34", M, EG_DEC_SYNTAX, NULL },
		{ "1234,567", M, EG_DEC_SYNTAX, NULL },
		{ ",123", M, EG_DEC_SYNTAX, NULL },
		{ "1,,234", M, EG_DEC_SYNTAX, NULL },
		{ "1,234,", M, EG_DEC_SYNTAX, NULL },
		{ "1,234,56.00", M, EG_DEC_SYNTAX, NULL },
		{ "1.234,567", M, EG_DEC_SYNTAX, NULL },
		{ "$", M, EG_DEC_SYNTAX, NULL },
		{ "$$5", M, EG_DEC_SYNTAX, NULL },
		{ "-$-5", M, EG_DEC_SYNTAX, NULL },
		{ "5.", M, EG_DEC_SYNTAX, NULL },
		{ "5$", M, EG_DEC_SYNTAX, NULL },
		{ "9,999,999,999,999,999", M, EG_DEC_OK, "9999999999999999.00" },
		{ "10,000,000,000,000,000", M, EG_DEC_RANGE, NULL },
	};
	char *longest = eg_xalloc(9001);

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		struct eg_dec d = { 77, 7 };
		enum eg_dec_status got = eg_dec_parse(B(rows[n].text), forms[rows[n].form], 2, 16, &d);

		if (got != rows[n].status)
			fail_msg("\"%s\": status %d", rows[n].text, (int)got);
		if (got == EG_DEC_OK)
			check_print(d, 2, rows[n].value);
		else
			assert_true(d.coef == 77 && d.scale == 7);
	}
	struct eg_dec d;
	memset(longest, '9', 9000);
	assert_int_equal(eg_dec_parse(B(longest), EG_DEC_PLAIN, 2, 16, &d), EG_DEC_RANGE);
	memset(longest, '0', 8999);
	assert_int_equal(eg_dec_parse(B(longest), EG_DEC_PLAIN, 2, 16, &d), EG_DEC_OK);
	check_print(d, 2, "9.00");
	free(longest);
}

static void
printing(void **state)
{
	(void)state;
	check_print(dec("-0.07", 2), 2, "-0.07");
	check_print(dec("5", 0), 0, "5");
	check_print(dec("5", 0), 2, "5.00");
	check_print(dec("1.5000", 4), 2, "1.50");
	check_print(dec("99999999999999999999999999999.999999999", 9), 9, "99999999999999999999999999999.999999999");
}

static void
bounds(void **state)
{
	eg_i128 most = (eg_i128)(~(eg_u128)0 >> 1);
	struct eg_dec big = { most, 0 }, one = { 1, 0 }, r = { 5, 5 };

	(void)state;
	assert_false(eg_dec_add(big, one, &r));
	assert_false(eg_dec_sub(eg_dec_neg(big), one, &r));
	assert_false(eg_dec_add(big, (struct eg_dec){ 1, 9 }, &r));
	assert_false(eg_dec_mul_round(big, (struct eg_dec){ 2, 0 }, 0, &r));
	assert_false(eg_dec_mul_round((struct eg_dec){ (eg_i128)1 << 64, 0 }, (struct eg_dec){ INT64_MIN, 0 }, 0, &r));
	assert_false(eg_dec_div_round(big, one, 1, &r));
	assert_false(eg_dec_div_round(one, (struct eg_dec){ 0, 3 }, 2, &r));
	assert_true(r.coef == 5 && r.scale == 5);
	assert_int_equal(eg_dec_cmp(big, (struct eg_dec){ most, 9 }), 1);
	assert_int_equal(eg_dec_cmp(dec("-0.5", 1), dec("-0.50", 2)), 0);
	assert_int_equal(eg_dec_cmp(dec("-0.51", 2), dec("-0.5", 1)), -1);
}

/* ---- the reference: digits in strings, lowest first, magnitudes only ---- */

struct big {
	unsigned char d[MAXD];
};

static struct big
big_of(eg_u128 v)
{
	struct big r = { { 0 } };

	for (size_t i = 0; v > 0; v /= 10)
		r.d[i++] = (unsigned char)(v % 10);
	return r;
}

static int
big_cmp(const struct big *a, const struct big *b)
{
	for (size_t i = MAXD; i > 0; i--)
		if (a->d[i - 1] != b->d[i - 1])
			return a->d[i - 1] < b->d[i - 1] ? -1 : 1;
	return 0;
}

static void
big_add(struct big *a, const struct big *b)
{
	unsigned carry = 0;

	for (size_t i = 0; i < MAXD; i++) {
		carry += (unsigned)a->d[i] + b->d[i];
		a->d[i] = (unsigned char)(carry % 10);
		carry /= 10;
	}
}

static void
big_sub(struct big *a, const struct big *b)
{
	int borrow = 0;

	for (size_t i = 0; i < MAXD; i++) {
		int x = a->d[i] - b->d[i] - borrow;

		borrow = x < 0;
		a->d[i] = (unsigned char)(x + 10 * borrow);
	}
}

static void
big_shift(struct big *a, unsigned n)
{
	memmove(a->d + n, a->d, MAXD - n);
	memset(a->d, 0, n);
}

static struct big
big_mul(const struct big *a, const struct big *b)
{
	struct big r = { { 0 } };

	for (unsigned i = 0; i < MAXD / 2; i++) {
		struct big part = *a;

		big_shift(&part, i);
		for (unsigned k = 0; k < b->d[i]; k++)
			big_add(&r, &part);
	}
	return r;
}

/* Long division digit by digit, then one more where twice the rest reaches the divisor. */
static struct big
big_div_half_up(const struct big *a, const struct big *b)
{
	struct big q = { { 0 } }, rest = { { 0 } }, one = big_of(1), twice;

	for (size_t i = MAXD; i > 0; i--) {
		big_shift(&rest, 1);
		rest.d[0] = a->d[i - 1];
		for (; big_cmp(&rest, b) >= 0; q.d[i - 1]++)
			big_sub(&rest, b);
	}
	twice = rest;
	big_add(&twice, &rest);
	if (big_cmp(&twice, b) >= 0)
		big_add(&q, &one);
	return q;
}

static uint64_t
next_random(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

static struct eg_dec
random_dec(uint64_t *s)
{
	static const uint64_t sizes[] = { 10, 1000, 1000000, UINT64_C(1000000000000) };
	eg_i128 c = (eg_i128)(next_random(s) % sizes[next_random(s) % 4]);

	return (struct eg_dec){ next_random(s) % 2 ? -c : c, (uint8_t)(next_random(s) % 5) };
}

static eg_u128
mag(eg_i128 c)
{
	return c < 0 ? -(eg_u128)c : (eg_u128)c;
}

static void
check_big(const char *what, struct eg_dec got, const struct big *want, bool neg)
{
	struct big g = big_of(mag(got.coef));

	if (big_cmp(&g, want) != 0 || (got.coef != 0 && (got.coef < 0) != neg))
		fail_msg("%s differs from the reference", what);
}

static void
against_reference(void **state)
{
	uint64_t seed = 20261121;

	(void)state;
	for (int n = 0; n < 5000; n++) {
		struct eg_dec a = random_dec(&seed), b = random_dec(&seed), r;
		uint8_t scale = (uint8_t)(next_random(&seed) % 5);
		bool neg = (a.coef < 0) != (b.coef < 0);
		struct big x = big_of(mag(a.coef)), y = big_of(mag(b.coef)), want, unit = big_of(1);

		assert_true(eg_dec_mul_round(a, b, scale, &r));
		want = big_mul(&x, &y);
		big_shift(&want, scale);
		big_shift(&unit, (unsigned)a.scale + b.scale);
		want = big_div_half_up(&want, &unit);
		check_big("product", r, &want, neg);
		if (b.coef != 0) {
			struct big num = x, den = y;

			big_shift(&num, (unsigned)scale + b.scale);
			big_shift(&den, a.scale);
			assert_true(eg_dec_div_round(a, b, scale, &r));
			want = big_div_half_up(&num, &den);
			check_big("quotient", r, &want, neg);
		}
		big_shift(&x, 9U - a.scale);
		big_shift(&y, 9U - b.scale);
		bool same = (a.coef < 0) == (b.coef < 0), a_less = big_cmp(&x, &y) < 0;
		want = a_less ? y : x;
		if (same)
			big_add(&want, a_less ? &x : &y);
		else
			big_sub(&want, a_less ? &x : &y);
		assert_true(eg_dec_add(a, b, &r));
		struct eg_dec at_nine;
		assert_true(eg_dec_mul_round(r, (struct eg_dec){ 1, 0 }, 9, &at_nine));
		check_big("sum", at_nine, &want, a_less ? b.coef < 0 : a.coef < 0);
		struct eg_dec back;
		assert_true(eg_dec_sub(r, b, &back));
		assert_int_equal(eg_dec_cmp(back, a), 0);
	}
}

static void
half_up(void **state)
{
	static const struct {
		const char *a, *b, *want;
	} rows[] = { { "0.5", "0.01", "0.01" }, { "-0.5", "0.01", "-0.01" }, { "0.49", "0.01", "0.00" },
		{ "1.15", "0.5", "0.58" }, { "-2.5", "0.1", "-0.25" } };

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		struct eg_dec r;

		assert_true(eg_dec_mul_round(dec(rows[n].a, 2), dec(rows[n].b, 2), 2, &r));
		check_print(r, 2, rows[n].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grammar),
		cmocka_unit_test(printing),
		cmocka_unit_test(bounds),
		cmocka_unit_test(half_up),
		cmocka_unit_test(against_reference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
