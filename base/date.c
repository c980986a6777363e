/* SPDX-License-Identifier: MIT
 *
 * Civil dates by arithmetic on day numbers, formats by tokens. Knows no locale and no time zone.
 */
#include "base/date.h"

#include "base/err.h"

static const char *const months[12] = { "JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE", "JULY", "AUGUST",
	"SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER" };

enum token {
	TK_YYYY,
	TK_MONTH,
	TK_MON,
	TK_MM,
	TK_M,
	TK_DD,
	TK_D,
	TK_HH,
	TK_MIN,
	TK_SS,
	TK_FFF,
	TK_LITERAL
};

/* Longest spelling first: MONTH before MON before MM before M. */
static const struct {
	const char *text;
	enum token tk;
} tokens[] = {
	{ "MONTH", TK_MONTH },
	{ "YYYY", TK_YYYY },
	{ "MON", TK_MON },
	{ "fff", TK_FFF },
	{ "MM", TK_MM },
	{ "DD", TK_DD },
	{ "HH", TK_HH },
	{ "mm", TK_MIN },
	{ "ss", TK_SS },
	{ "M", TK_M },
	{ "D", TK_D },
};

static enum token
next_token(struct eg_bytes *format, unsigned char *ret_literal)
{
	for (size_t i = 0; i < sizeof(tokens) / sizeof(tokens[0]); i++) {
		struct eg_bytes t = eg_bytes_str(tokens[i].text);
		if (eg_bytes_starts(*format, t)) {
			*format = eg_bytes_sub(*format, t.len, format->len);
			return tokens[i].tk;
		}
	}
	*ret_literal = format->ptr[0];
	*format = eg_bytes_sub(*format, 1, format->len);
	return TK_LITERAL;
}

static bool
leap(int y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

bool
eg_date_valid(struct eg_date d)
{
	static const uint8_t days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	if (d.year < 1 || d.year > 9999 || d.month < 1 || d.month > 12 || d.day < 1)
		return false;
	return d.day <= days[d.month - 1] + (d.month == 2 && leap(d.year) ? 1 : 0);
}

/* Between least and most digits from v. */
static bool
take_number(struct eg_bytes *v, size_t least, size_t most, int *ret)
{
	size_t n = 0;
	int value = 0;

	while (n < most && n < v->len && v->ptr[n] >= '0' && v->ptr[n] <= '9')
		value = value * 10 + (v->ptr[n++] - '0');
	if (n < least)
		return false;
	*v = eg_bytes_sub(*v, n, v->len);
	*ret = value;
	return true;
}

static bool
take_mon(struct eg_bytes *v, int *ret)
{
	for (int m = 0; m < 12 && v->len >= 3; m++) {
		bool same = true;
		for (size_t i = 0; i < 3; i++)
			same = same && (v->ptr[i] & 0xdf) == (unsigned char)months[m][i];
		if (same) {
			*v = eg_bytes_sub(*v, 3, v->len);
			*ret = m + 1;
			return true;
		}
	}
	return false;
}

static bool
take_token(enum token tk, struct eg_bytes *v, struct eg_date *d)
{
	int n = 0, limit = 0;
	bool ok = false;

	switch (tk) {
	case TK_YYYY:
		ok = take_number(v, 4, 4, &n);
		d->year = (int16_t)n;
		return ok;
	case TK_MM:
	case TK_M:
		ok = take_number(v, tk == TK_MM ? 2 : 1, 2, &n);
		d->month = (uint8_t)n;
		return ok;
	case TK_MON:
		ok = take_mon(v, &n);
		d->month = (uint8_t)n;
		return ok;
	case TK_DD:
	case TK_D:
		ok = take_number(v, tk == TK_DD ? 2 : 1, 2, &n);
		d->day = (uint8_t)n;
		return ok;
	case TK_HH:
	case TK_MIN:
	case TK_SS:
		limit = tk == TK_HH ? 23 : 59;
		return take_number(v, 2, 2, &n) && n <= limit;
	case TK_FFF:
		return take_number(v, 3, 3, &n);
	case TK_MONTH:
	case TK_LITERAL:
		break;
	}
	return false;
}

bool
eg_date_parse(struct eg_bytes v, struct eg_bytes format, struct eg_date *ret)
{
	struct eg_date d = { 0, 0, 0 };
	unsigned char literal;

	while (format.len > 0) {
		enum token tk = next_token(&format, &literal);
		if (tk == TK_LITERAL) {
			if (v.len == 0 || v.ptr[0] != literal)
				return false;
			v = eg_bytes_sub(v, 1, v.len);
		} else if (!take_token(tk, &v, &d))
			return false;
	}
	if (v.len > 0 || !eg_date_valid(d))
		return false;
	*ret = d;
	return true;
}

void
eg_date_print(struct eg_buf *b, struct eg_date d, struct eg_bytes format)
{
	unsigned char literal = 0;

	eg_check(eg_date_valid(d));
	while (format.len > 0) {
		switch (next_token(&format, &literal)) {
		case TK_YYYY:
			eg_buf_printf(b, "%04d", d.year);
			break;
		case TK_MONTH:
			eg_buf_str(b, months[d.month - 1]);
			break;
		case TK_MON:
			eg_buf_put(b, months[d.month - 1], 3);
			break;
		case TK_MM:
			eg_buf_printf(b, "%02u", (unsigned)d.month);
			break;
		case TK_M:
			eg_buf_printf(b, "%u", (unsigned)d.month);
			break;
		case TK_DD:
			eg_buf_printf(b, "%02u", (unsigned)d.day);
			break;
		case TK_D:
			eg_buf_printf(b, "%u", (unsigned)d.day);
			break;
		case TK_HH:
		case TK_MIN:
		case TK_SS:
			eg_buf_str(b, "00");
			break;
		case TK_FFF:
			eg_buf_str(b, "000");
			break;
		case TK_LITERAL:
			eg_buf_chr(b, literal);
			break;
		}
	}
}

int
eg_date_cmp(struct eg_date a, struct eg_date b)
{
	int d = a.year - b.year;

	if (d == 0)
		d = a.month - b.month;
	return d != 0 ? d : a.day - b.day;
}

/* Days since 1970-01-01; years run from March so that the leap day comes last. */
static int64_t
day_number(struct eg_date d)
{
	int64_t y = d.year - (d.month <= 2), era = y / 400, yoe = y - era * 400;
	int64_t doy = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static struct eg_date
date_of_day(int64_t n)
{
	int64_t z = n + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365,
		doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153, month = mp < 10 ? mp + 3 : mp - 9;

	return (struct eg_date){ (int16_t)(yoe + era * 400 + (month <= 2)), (uint8_t)month,
		(uint8_t)(doy - (153 * mp + 2) / 5 + 1) };
}

int64_t
eg_date_time(struct eg_date d)
{
	eg_check(eg_date_valid(d));
	return day_number(d) * 86400;
}

#define DAY_FIRST INT64_C(-719162) /* 0001-01-01 */
#define DAY_LAST INT64_C(2932896) /* 9999-12-31 */

static struct eg_date
date_or_none(int64_t n)
{
	return n < DAY_FIRST || n > DAY_LAST ? (struct eg_date){ 0, 0, 0 } : date_of_day(n);
}

struct eg_date
eg_date_add_days(struct eg_date d, int days)
{
	eg_check(eg_date_valid(d));
	return date_or_none(day_number(d) + days);
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

struct eg_date
eg_date_of_time(int64_t unix_sec)
{
	return date_or_none(floor_div(unix_sec, 86400));
}

void
eg_time_print(char ret[EG_TIME_TEXT], int64_t unix_sec)
{
	int64_t first = DAY_FIRST * 86400, last = (DAY_LAST + 1) * 86400 - 1;

	unix_sec = unix_sec < first ? first : unix_sec > last ? last : unix_sec;
	struct eg_date d = eg_date_of_time(unix_sec);
	unsigned sec = (unsigned)(unix_sec - floor_div(unix_sec, 86400) * 86400);

	(void)snprintf(ret, EG_TIME_TEXT, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)d.year % 10000,
	    (unsigned)d.month % 100, (unsigned)d.day % 100, sec / 3600 % 100, sec / 60 % 60, sec % 60);
}

bool
eg_time_parse(struct eg_bytes v, int64_t *ret_unix_sec)
{
	struct eg_bytes clock = eg_bytes_sub(v, 11, 8);
	struct eg_date d;
	int h, m, s;

	if (v.len != 20 || v.ptr[10] != 'T' || v.ptr[19] != 'Z' ||
	    !eg_date_parse(eg_bytes_sub(v, 0, 10), EG_LIT("YYYY-MM-DD"), &d))
		return false;
	if (!take_number(&clock, 2, 2, &h) || clock.ptr[0] != ':')
		return false;
	clock = eg_bytes_sub(clock, 1, clock.len);
	if (!take_number(&clock, 2, 2, &m) || clock.ptr[0] != ':')
		return false;
	clock = eg_bytes_sub(clock, 1, clock.len);
	if (!take_number(&clock, 2, 2, &s) || h > 23 || m > 59 || s > 59)
		return false;
	*ret_unix_sec = day_number(d) * 86400 + h * 3600 + m * 60 + s;
	return true;
}

bool
eg_duration_parse(struct eg_bytes v, int64_t *ret_sec)
{
	static const struct {
		char unit;
		unsigned sec;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	uint64_t factor = 1, n;

	for (size_t i = 0; v.len > 0 && i < 4; i++)
		if (v.ptr[v.len - 1] == (unsigned char)units[i].unit) {
			factor = units[i].sec;
			v = eg_bytes_sub(v, 0, v.len - 1);
			break;
		}
	if (!eg_bytes_to_u64(v, &n) || n > UINT64_C(315576000) / factor)
		return false;
	*ret_sec = (int64_t)(n * factor);
	return true;
}
