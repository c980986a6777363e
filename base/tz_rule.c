/* SPDX-License-Identifier: MIT
 *
 * Rules of POSIX's TZ: reading them, and the offset they give. Signs there count west as positive; here east is positive everywhere else.
 */
#include "base/tz_rule.h"

#include "base/date.h"

#define DAY 86400

/* ---- reading ---- */

static bool
take_chr(struct eg_bytes *v, unsigned char c)
{
	if (v->len == 0 || v->ptr[0] != c)
		return false;
	*v = eg_bytes_sub(*v, 1, v->len);
	return true;
}

static bool
take_int(struct eg_bytes *v, int most, int *ret)
{
	size_t n = 0;
	int value = 0;

	while (n < v->len && v->ptr[n] >= '0' && v->ptr[n] <= '9' && value <= most)
		value = value * 10 + (v->ptr[n++] - '0');
	*v = eg_bytes_sub(*v, n, v->len);
	*ret = value;
	return n > 0 && value <= most;
}

/* Three letters or more, or anything in <>. */
static bool
take_name(struct eg_bytes *v)
{
	size_t n = 0;

	if (take_chr(v, '<')) {
		n = eg_bytes_chr(*v, '>');
		*v = eg_bytes_sub(*v, n, v->len);
		return n > 0 && take_chr(v, '>');
	}
	while (n < v->len && ((v->ptr[n] | 0x20) >= 'a' && (v->ptr[n] | 0x20) <= 'z'))
		n++;
	*v = eg_bytes_sub(*v, n, v->len);
	return n >= 3;
}

/* [+-]hh[:mm[:ss]] */
static bool
take_time(struct eg_bytes *v, int most_hours, int32_t *ret)
{
	int h = 0, m = 0, s = 0, sign = take_chr(v, '-') ? -1 : 1;

	if (sign > 0)
		(void)take_chr(v, '+');
	if (!take_int(v, most_hours, &h))
		return false;
	if (take_chr(v, ':') && !take_int(v, 59, &m))
		return false;
	if (take_chr(v, ':') && !take_int(v, 59, &s))
		return false;
	*ret = sign * (h * 3600 + m * 60 + s);
	return true;
}

static bool
take_change(struct eg_bytes *v, struct eg_tz_change *c)
{
	bool good;

	*c = (struct eg_tz_change){ .kind = 'D', .at = 2 * 3600 };
	if (!take_chr(v, ','))
		return false;
	if (take_chr(v, 'M')) {
		c->kind = 'M';
		good = take_int(v, 12, &c->month) && c->month >= 1 && take_chr(v, '.') && take_int(v, 5, &c->week) &&
		       c->week >= 1 && take_chr(v, '.') && take_int(v, 6, &c->day);
	} else if (take_chr(v, 'J')) {
		c->kind = 'J';
		good = take_int(v, 365, &c->day) && c->day >= 1;
	} else
		good = take_int(v, 365, &c->day);
	if (good && take_chr(v, '/'))
		good = take_time(v, 167, &c->at);
	return good;
}

bool
eg_tz_rule_parse(struct eg_bytes text, struct eg_tz_rule *ret)
{
	*ret = (struct eg_tz_rule){ .there = text.len > 0 };
	if (text.len == 0)
		return true;
	if (!take_name(&text) || !take_time(&text, 24, &ret->standard))
		return false;
	ret->standard = -ret->standard;
	if (text.len == 0)
		return true;
	ret->summer = true;
	ret->daylight = ret->standard + 3600;
	if (!take_name(&text))
		return false;
	if (text.len > 0 && text.ptr[0] != ',') {
		if (!take_time(&text, 24, &ret->daylight))
			return false;
		ret->daylight = -ret->daylight;
	}
	return take_change(&text, &ret->begin) && take_change(&text, &ret->end) && text.len == 0;
}

/* ---- using ---- */

static bool
leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* 0 = Sunday; 1970-01-01 was a Thursday. */
static int
weekday(int64_t day_begin)
{
	int64_t n = (day_begin / DAY + 4) % 7;

	return (int)(n < 0 ? n + 7 : n);
}

/* The change of that year as local seconds: what clocks show at that moment, taken for UTC. */
static int64_t
change_of(const struct eg_tz_change *c, int16_t year)
{
	int64_t first = eg_date_time((struct eg_date){ year, 1, 1 });

	if (c->kind == 'D')
		return first + (int64_t)c->day * DAY + c->at;
	if (c->kind == 'J')
		return first + (int64_t)(c->day - 1 + (leap(year) && c->day >= 60)) * DAY + c->at;
	int64_t month = eg_date_time((struct eg_date){ year, (uint8_t)c->month, 1 });
	int64_t day = month + (int64_t)((c->day - weekday(month) + 7) % 7 + 7 * (c->week - 1)) * DAY;
	while (eg_date_of_time(day).month != c->month) /* week 5 is the last one */
		day -= 7 * (int64_t)DAY;
	return day + c->at;
}

int32_t
eg_tz_rule_offset(const struct eg_tz_rule *r, int64_t unix_sec)
{
	struct eg_date d = eg_date_of_time(unix_sec + r->standard);

	if (!r->summer || !eg_date_valid(d))
		return r->standard;
	/* Each change is written in the time that counts before it. */
	int64_t begin = change_of(&r->begin, d.year) - r->standard, end = change_of(&r->end, d.year) - r->daylight;
	bool summer = begin < end ? unix_sec >= begin && unix_sec < end : !(unix_sec >= end && unix_sec < begin);

	return summer ? r->daylight : r->standard;
}
