/* SPDX-License-Identifier: MIT
 *
 * How values come to be: text in, canonical text and typed value out, strictly by the field's type. Nothing is rounded, guessed or
 * corrected; what does not fit is refused with F-21, F-22, E-39, F-26 or F-29 and a sentence end that never repeats the value.
 */
#include "adapters/record.h"

#include "base/utf8.h"

#define TEXT_MAX 255

struct number_rule {
	uint8_t scale;
	unsigned digits; /* before the point */
	const char *range_code;
};

static const struct number_rule *
number_rule(enum rec_ftype t)
{
	static const struct number_rule rules[] = {
		[RF_AMOUNT] = { 2, 16, "F-22" },
		[RF_QUANTITY] = { 4, 8, "E-39" },
		[RF_UNIT_COST] = { 4, 10, "E-39" },
		[RF_PERCENT] = { 4, 3, "F-22" },
	};

	return t >= RF_AMOUNT && t <= RF_PERCENT ? &rules[t] : NULL;
}

static int
keep(struct eg_arena *a, struct eg_bytes text, struct rec_prov at, struct rec_val *ret, struct eg_err *err)
{
	struct eg_bytes copy = eg_arena_dup(a, text);

	if (copy.ptr == NULL)
		return eg_fail(err, EG_BADFILE, "LIMIT-MEM", "The record needs more memory than a record may have.");
	ret->state = RV_VALUE;
	ret->text = copy;
	ret->prov = at;
	return EG_OK;
}

/* Control characters are those of ASCII and of Latin-1: U+0080 to U+009F, C2 80 to C2 9F. */
static bool
has_control(struct eg_bytes v)
{
	for (size_t i = 0; i < v.len; i++) {
		unsigned char c = v.ptr[i];

		if (c < 0x20 ? c != '\t' && c != '\r' && c != '\n' : c == 0x7f)
			return true;
		if (c == 0xc2 && i + 1 < v.len && v.ptr[i + 1] < 0xa0)
			return true;
	}
	return false;
}

static int
read_text(struct eg_arena *a, const struct rec_field *f, struct eg_bytes v, struct rec_prov at, struct rec_val *ret,
    struct eg_err *err)
{
	if (has_control(v) || eg_utf8_valid(v) < v.len)
		return eg_fail(err, EG_BADREC, "F-26", "holds a control character");
	if (f->type != RF_LONG && v.len > TEXT_MAX) {
		size_t n = eg_utf8_count(v);

		if (n > TEXT_MAX)
			return eg_fail(err, EG_BADREC, "F-29", "has %zu characters, at most %d are taken", n, TEXT_MAX);
	}
	return keep(a, v, at, ret, err);
}

/* Canonical number text: coefficient with `scale` places. out must hold 48 bytes. */
static struct eg_bytes
number_text(char *out, eg_i128 coef, unsigned scale)
{
	char *p = out + 48;
	bool neg = coef < 0;
	eg_i128 n = neg ? -coef : coef; /* at most 25 digits: cannot be the least number */

	for (unsigned i = 0; n != 0 || i <= scale; i++) {
		if (i == scale && scale != 0)
			*--p = '.';
		*--p = (char)('0' + (int)(n % 10));
		n /= 10;
	}
	if (neg)
		*--p = '-';
	return eg_bytes(p, (size_t)(out + 48 - p));
}

static int
number_range(const struct rec_field *f, const struct number_rule *n, struct eg_err *err)
{
	return eg_fail(err, EG_BADREC, f->type == RF_INT ? "F-22" : n->range_code,
	    "has more than %u digits before the point", f->type == RF_INT ? 18 : n->digits);
}

static int
read_number(struct eg_arena *a, const struct rec_field *f, enum eg_dec_form form, struct eg_bytes v, struct rec_prov at,
    struct rec_val *ret, struct eg_err *err)
{
	const struct number_rule *n = number_rule(f->type);
	struct eg_dec d = { 0, 0 };

	switch (eg_dec_parse(v, form, n->scale, n->digits, &d)) {
	case EG_DEC_OK:
		return rec_set_dec(a, f, d, at, ret, err);
	case EG_DEC_LOST:
		return eg_fail(err, EG_BADREC, "F-22",
		    "has more than %u decimal places, and digits are never rounded away", n->scale);
	case EG_DEC_RANGE:
		return number_range(f, n, err);
	case EG_DEC_SYNTAX:
		break;
	}
	return eg_fail(err, EG_BADREC, "F-21", "is not a number");
}

static int
set_int(struct eg_arena *a, int64_t num, struct rec_prov at, struct rec_val *ret, struct eg_err *err)
{
	char out[48];
	int rc = keep(a, number_text(out, num, 0), at, ret, err);

	if (rc == EG_OK)
		ret->v.num = num;
	return rc;
}

static int
read_int(struct eg_arena *a, struct eg_bytes v, struct rec_prov at, struct rec_val *ret, struct eg_err *err)
{
	size_t sign = v.len > 0 && v.ptr[0] == '-';
	int64_t num;

	if (eg_bytes_to_i64(v, &num))
		return set_int(a, num, at, ret, err);
	for (size_t i = sign; i < v.len; i++)
		if (v.ptr[i] < '0' || v.ptr[i] > '9')
			return eg_fail(err, EG_BADREC, "F-21", "is not a whole number");
	if (v.len == sign)
		return eg_fail(err, EG_BADREC, "F-21", "is not a whole number");
	return eg_fail(err, EG_BADREC, "F-22", "has more digits than a whole number may have");
}

int
rec_set_dec(struct eg_arena *a, const struct rec_field *f, struct eg_dec d, struct rec_prov at, struct rec_val *ret,
    struct eg_err *err)
{
	const struct number_rule *n = number_rule(f->type);
	unsigned scale = n == NULL ? 0 : n->scale, digits = n == NULL ? 18 : n->digits;
	eg_i128 coef = d.coef, limit = 1;
	char out[48];
	int rc;

	if (n == NULL && f->type != RF_INT)
		eg_bug("%s is not a number", f->name);
	for (unsigned s = d.scale; s > scale; s--) {
		if (coef % 10 != 0)
			return eg_fail(err, EG_BADREC, "F-22",
			    "has more than %u decimal places, and digits are never rounded away", scale);
		coef /= 10;
	}
	for (unsigned i = 0; i < digits + scale; i++)
		limit *= 10;
	/* Compared before scaling up, so that the product cannot overflow. */
	for (unsigned s = d.scale; s < scale; s++) {
		if (coef >= limit || coef <= -limit)
			return number_range(f, n, err);
		coef *= 10;
	}
	if (coef >= limit || coef <= -limit)
		return number_range(f, n, err);
	if (n == NULL)
		return set_int(a, (int64_t)coef, at, ret, err);
	rc = keep(a, number_text(out, coef, scale), at, ret, err);
	if (rc == EG_OK)
		ret->v.dec = (struct eg_dec){ coef, n->scale };
	return rc;
}

int
rec_set_date(struct eg_arena *a, struct eg_date d, struct rec_prov at, struct rec_val *ret, struct eg_err *err)
{
	char out[16];
	int rc, n;

	if (!eg_date_valid(d))
		return eg_fail(err, EG_BADREC, "F-21", "is not a date");
	n = snprintf(out, sizeof(out), "%04d-%02u-%02u", d.year, d.month % 100U, d.day % 100U);
	rc = keep(a, eg_bytes(out, (size_t)n), at, ret, err);
	if (rc == EG_OK)
		ret->v.date = d;
	return rc;
}

static int
read_date(struct eg_arena *a, const struct rec_forms *forms, struct eg_bytes v, struct rec_prov at, struct rec_val *ret,
    struct eg_err *err)
{
	static const struct eg_bytes canonical = { (const unsigned char *)"YYYY-MM-DD", 10 };
	bool given = forms != NULL && forms->ndates > 0;
	const struct eg_bytes *formats = given ? forms->dates : &canonical;
	size_t n = given ? forms->ndates : 1;
	struct eg_date d;

	for (size_t i = 0; i < n; i++)
		if (eg_date_parse(v, formats[i], &d))
			return rec_set_date(a, d, at, ret, err);
	return eg_fail(err, EG_BADREC, "F-21", "is not a date of the form %.*s", EG_FMT(formats[0]));
}

static int
read_flag(struct eg_arena *a, const struct rec_forms *forms, struct eg_bytes v, struct rec_prov at, struct rec_val *ret,
    struct eg_err *err)
{
	static const struct eg_bytes words[2] = { { (const unsigned char *)"yes", 3 },
		{ (const unsigned char *)"no", 2 } };
	bool given = forms != NULL && forms->nflags > 0;
	const struct eg_bytes *yes = given ? forms->yes : &words[0], *no = given ? forms->no : &words[1];
	size_t n = given ? forms->nflags : 1;

	for (size_t i = 0; i < n; i++) {
		bool flag = eg_bytes_eq(v, yes[i]);
		int rc;

		if (!flag && !eg_bytes_eq(v, no[i]))
			continue;
		rc = keep(a, words[flag ? 0 : 1], at, ret, err);
		if (rc == EG_OK)
			ret->v.flag = flag;
		return rc;
	}
	return eg_fail(err, EG_BADREC, "F-21", "is neither %.*s nor %.*s", EG_FMT(yes[0]), EG_FMT(no[0]));
}

static int
read_word(struct eg_arena *a, const struct rec_field *f, struct eg_bytes v, struct rec_prov at, struct rec_val *ret,
    struct eg_err *err)
{
	struct eg_bytes rest = eg_bytes_str(f->words), word;

	while (eg_bytes_cut(&rest, ' ', &word))
		if (word.len > 0 && eg_bytes_eq(word, v))
			return keep(a, v, at, ret, err);
	return eg_fail(err, EG_BADREC, "F-21", "is none of: %s", f->words);
}

int
rec_read(struct eg_arena *a, const struct rec_field *f, const struct rec_forms *forms, struct eg_bytes text,
    struct rec_prov at, struct rec_val *ret, struct eg_err *err)
{
	if (text.len == 0) {
		*ret = (struct rec_val){ .state = RV_BLANK, .prov = at };
		return EG_OK;
	}
	switch (f->type) {
	case RF_TEXT:
	case RF_LONG:
	case RF_CODE:
		return read_text(a, f, text, at, ret, err);
	case RF_AMOUNT:
	case RF_QUANTITY:
	case RF_UNIT_COST:
	case RF_PERCENT:
		return read_number(a, f, forms == NULL ? EG_DEC_PLAIN : forms->numbers, text, at, ret, err);
	case RF_DATE:
		return read_date(a, forms, text, at, ret, err);
	case RF_BOOL:
		return read_flag(a, forms, text, at, ret, err);
	case RF_INT:
		return read_int(a, text, at, ret, err);
	case RF_WORD:
		return read_word(a, f, text, at, ret, err);
	}
	eg_bug("field %s has no type", f->name);
}

int
rec_set(struct eg_arena *a, const struct rec_field *f, struct eg_bytes canonical, struct rec_prov at,
    struct rec_val *ret, struct eg_err *err)
{
	return rec_read(a, f, NULL, canonical, at, ret, err);
}
