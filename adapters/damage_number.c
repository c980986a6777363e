/* SPDX-License-Identifier: MIT
 *
 * Judges of numbers, and of codes that were taken for numbers: powers of ten, decimal commas, the accountants' minus, decimals behind a code,
 * leading zeros that went. A comma with three digits behind it and nothing that groups is not accused: it may be either.
 */
#include "adapters/damage_int.h"

/* 1.23E+11, with a capital E and a sign as a spreadsheet writes it. */
bool
damage_is_scientific(struct eg_bytes v)
{
	size_t i = v.len > 0 && v.ptr[0] == '-', whole = damage_digits(v, i), sign;

	if (whole != 1)
		return false;
	i += whole;
	if (i < v.len && (v.ptr[i] == '.' || v.ptr[i] == ',')) {
		size_t more = damage_digits(v, i + 1);

		if (more == 0)
			return false;
		i += 1 + more;
	}
	sign = i + 1;
	return i + 2 < v.len && v.ptr[i] == 'E' && (v.ptr[sign] == '+' || v.ptr[sign] == '-') &&
	       damage_digits(v, sign + 1) == v.len - sign - 1 && v.len - sign - 1 >= 2;
}

/* 12,50 and 1.234,56 and 1 234,56: one comma, at most two digits behind it or points or blanks grouping before it. */
bool
damage_is_comma(struct eg_bytes v, struct damage *d)
{
	struct eg_buf b = EG_BUF_INIT;
	size_t comma = eg_bytes_chr(v, ','), i = v.len > 0 && v.ptr[0] == '-', places = damage_digits(v, comma + 1);
	bool grouped = false, good = comma < v.len && comma > i && comma + 1 + places == v.len && places > 0;

	for (size_t k = 0; good && k < comma; k++) {
		unsigned char c = v.ptr[k];

		if (damage_digit(c) || (c == '-' && k == 0))
			eg_buf_chr(&b, c);
		else if (c == '.' || c == ' ' || c == '\'') {
			grouped = true;
			good = comma - k > 3 && (comma - k) % 4 == 0;
		} else
			good = false;
	}
	good = good && (grouped || places != 3);
	if (good) {
		eg_buf_printf(&b, ".%.*s", (int)places, (const char *)v.ptr + comma + 1);
		damage_likely(d, eg_buf_view(&b));
	}
	eg_buf_done(&b);
	return good;
}

bool
damage_is_minus(struct eg_bytes v, struct damage *d)
{
	bool round = v.len > 2 && v.ptr[0] == '(' && v.ptr[v.len - 1] == ')';
	bool behind = v.len > 1 && v.ptr[v.len - 1] == '-' && damage_digit(v.ptr[0]);
	struct eg_bytes in = round ? eg_bytes_sub(v, 1, v.len - 2) : eg_bytes_sub(v, 0, v.len - 1);
	char text[DAMAGE_LIKELY_MAX];
	size_t n = 0;

	if ((!round && !behind) || in.len == 0 || in.len > 40)
		return false;
	text[n++] = '-';
	for (size_t i = 0; i < in.len; i++) {
		if (!damage_digit(in.ptr[i]) && in.ptr[i] != '.' && in.ptr[i] != ',' && in.ptr[i] != '$')
			return false;
		if (damage_digit(in.ptr[i]) || in.ptr[i] == '.')
			text[n++] = (char)in.ptr[i];
	}
	damage_likely(d, eg_bytes(text, n));
	return true;
}

bool
damage_is_point_zero(struct eg_bytes v, struct damage *d)
{
	size_t n = damage_digits(v, 0), i = n + 1;

	if (n == 0 || n + 1 >= v.len || v.ptr[n] != '.')
		return false;
	while (i < v.len && v.ptr[i] == '0')
		i++;
	if (i < v.len || v.len - n > 3)
		return false;
	damage_likely(d, eg_bytes_sub(v, 0, n));
	return true;
}

bool
damage_zeros(struct eg_bytes v, struct eg_bytes full)
{
	size_t i = 0, k = 0;
	bool part = true; /* at the beginning of a part, where zeros in front go */

	if (v.len >= full.len || v.len == 0)
		return false;
	while (k < full.len) {
		if (i < v.len && v.ptr[i] == full.ptr[k] && !(part && full.ptr[k] == '0' && full.len - k > v.len - i)) {
			part = v.ptr[i] == '-';
			i++;
			k++;
		} else if (part && full.ptr[k] == '0' && i < v.len && v.ptr[i] >= '0' && v.ptr[i] <= '9')
			k++;
		else
			return false;
	}
	return i == v.len;
}
