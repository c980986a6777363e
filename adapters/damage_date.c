/* SPDX-License-Identifier: MIT
 *
 * Judges of dates: codes and numbers that a spreadsheet took for dates, dates that became their day number, dates in the form of another country.
 * What a date column itself takes is never accused.
 */
#include "adapters/damage_int.h"

#include "base/date.h"

/* ---- codes and numbers that became dates ---- */

static unsigned
month_named(struct eg_bytes v)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (unsigned m = 0; v.len == 3 && m < 12; m++)
		if (memcmp(v.ptr, names + (size_t)3 * m, 3) == 0)
			return m + 1;
	return 0;
}

static void
pattern(struct damage *d, const char *fmt, unsigned a, unsigned b)
{
	char text[24];

	switch (fmt[0]) {
	case 'w': /* both wide: 03-01 */
		(void)snprintf(text, sizeof(text), "%02u-%02u", a % 100, b % 100);
		break;
	case 'n': /* both narrow: 3-1 */
		(void)snprintf(text, sizeof(text), "%u-%u", a % 100, b % 100);
		break;
	case 'y': /* 03-*00: the year's last two digits */
		(void)snprintf(text, sizeof(text), "%02u-*%02u", a % 100, b % 100);
		break;
	default: /* 3-*00 */
		(void)snprintf(text, sizeof(text), "%u-*%02u", a % 100, b % 100);
		break;
	}
	for (unsigned i = 0; i < d->npatterns; i++)
		if (strcmp(d->pattern[i], text) == 0)
			return;
	if (d->npatterns < DAMAGE_PATTERNS)
		memcpy(d->pattern[d->npatterns++], text, sizeof(text));
}

static void
both_orders(struct damage *d, unsigned month, unsigned day)
{
	pattern(d, "w", month, day);
	pattern(d, "n", month, day);
	pattern(d, "w", day, month);
	pattern(d, "n", day, month);
}

static void
of_year(struct damage *d, unsigned month, unsigned year)
{
	pattern(d, "y", month, year);
	pattern(d, "m", month, year);
}

static unsigned
number(struct eg_bytes v)
{
	uint64_t n = 0;

	return eg_bytes_to_u64(v, &n) && n < 100000 ? (unsigned)n : 0;
}

/* Mar-00, 1-May, 1-May-26. */
static bool
is_named_date(struct eg_bytes v, struct damage *d)
{
	size_t dash = eg_bytes_chr(v, '-');
	struct eg_bytes a = eg_bytes_sub(v, 0, dash), b = eg_bytes_sub(v, dash + 1, v.len);
	unsigned month = month_named(a);

	if (dash == v.len)
		return false;
	if (month > 0 && (b.len == 2 || b.len == 4) && damage_digits(b, 0) == b.len) {
		of_year(d, month, number(b));
		return true;
	}
	dash = eg_bytes_chr(b, '-');
	month = month_named(eg_bytes_sub(b, 0, dash));
	if (month == 0 || a.len == 0 || a.len > 2 || damage_digits(a, 0) != a.len || number(a) == 0 || number(a) > 31)
		return false;
	if (dash < b.len && damage_digits(b, dash + 1) != b.len - dash - 1)
		return false;
	both_orders(d, month, number(a));
	return true;
}

/* 2026-03-01, 3/1/2026, with or without a time of day. */
static bool
is_plain_date(struct eg_bytes v, struct damage *d)
{
	struct eg_bytes day = eg_bytes_sub(v, 0, eg_bytes_chr(v, ' '));
	struct eg_date at;

	if (!eg_date_parse(day, EG_LIT("YYYY-MM-DD"), &at) && !eg_date_parse(day, EG_LIT("M/D/YYYY"), &at) &&
	    !eg_date_parse(day, EG_LIT("D.M.YYYY"), &at))
		return false;
	both_orders(d, at.month, at.day);
	if (at.day == 1) /* what has no day was taken for a month of a year */
		of_year(d, at.month, (unsigned)at.year);
	return true;
}

bool
damage_is_date(struct eg_bytes v, struct damage *d)
{
	return is_named_date(v, d) || is_plain_date(v, d);
}

/* ---- dates of another form ---- */

static bool
is_serial(struct eg_bytes v, struct damage *d)
{
	static const struct eg_date zero = { 1899, 12, 30 };
	unsigned n = number(eg_bytes_sub(v, 0, 5));
	struct eg_buf b = EG_BUF_INIT;
	size_t point = eg_bytes_chr(v, '.');

	if (point != 5 || damage_digits(v, 0) != 5 || n < 20000 || n > 80000 ||
	    (point < v.len && damage_digits(v, 6) != v.len - 6))
		return false;
	eg_date_print(&b, eg_date_add_days(zero, (int)n), EG_LIT("YYYY-MM-DD"));
	damage_likely(d, eg_buf_view(&b));
	eg_buf_done(&b);
	return true;
}

static bool
is_form(struct eg_bytes v, const char *form, struct damage *d)
{
	struct eg_buf b = EG_BUF_INIT;
	struct eg_date at;

	if (!eg_date_parse(v, eg_bytes_str(form), &at))
		return false;
	eg_date_print(&b, at, EG_LIT("YYYY-MM-DD"));
	damage_likely(d, eg_buf_view(&b));
	eg_buf_done(&b);
	return true;
}

enum damage_kind
damage_date(struct eg_bytes v, const struct eg_bytes *dates, size_t n, struct damage *d)
{
	static const char *const others[] = { "YYYY-MM-DD", "D.M.YYYY", "M/D/YYYY", "D/M/YYYY", "YYYY/M/D", "D-M-YYYY",
		"YYYYMMDD" };
	bool month_first = false, day_first = false;
	struct damage named = { 0 };

	for (size_t i = 0; i < n; i++) {
		struct eg_date at;

		if (eg_date_parse(v, dates[i], &at))
			return DAMAGE_NONE;
		month_first = month_first || dates[i].ptr[0] == 'M';
		day_first = day_first || dates[i].ptr[0] == 'D';
	}
	if (is_serial(v, d))
		return DAMAGE_SERIAL;
	if ((month_first && is_form(v, "D/M/YYYY", d)) || (day_first && is_form(v, "M/D/YYYY", d)))
		return DAMAGE_DAY_MONTH;
	for (size_t i = n == 0 ? 1 : 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (is_form(v, others[i], d))
			return DAMAGE_DATE_FORM;
	return is_named_date(v, &named) ? DAMAGE_DATE_FORM : DAMAGE_NONE;
}

void
damage_own_form(struct damage *d, struct eg_bytes form)
{
	struct eg_buf b = EG_BUF_INIT;
	struct eg_date at;

	if (!eg_date_parse(eg_bytes_str(d->likely), EG_LIT("YYYY-MM-DD"), &at))
		return;
	eg_date_print(&b, at, form);
	damage_likely(d, eg_buf_view(&b));
	eg_buf_done(&b);
}
