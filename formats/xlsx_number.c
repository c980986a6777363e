/* SPDX-License-Identifier: MIT
 *
 * Numbers of a workbook as texts: binary fractions written with 17 digits become the decimal that Excel shows, day numbers become dates.
 * All of it on decimal digits; nothing here is floating point.
 */
#include "base/date.h"
#include "base/dec.h"
#include "formats/xlsx_int.h"

#define EXPONENT_MOST 400 /* a double has none beyond 324 */
#define DAY_SEC 86400U
#define LAST_DAY 2958465U /* 31 December 9999 */

/* ---- digits ---- */

static bool
is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

/* One more digit adds to the last place kept; 999 grows to 1000. */
static void
round_up(struct fmt_xnum *n)
{
	while (n->n > 0 && n->d[n->n - 1] == '9')
		n->n--;
	if (n->n > 0) {
		n->d[n->n - 1]++;
		return;
	}
	n->d[n->n++] = '1';
	n->point++;
}

static bool
read_exponent(struct eg_bytes v, int *ret)
{
	const bool neg = v.len > 0 && v.ptr[0] == '-';
	uint64_t n;

	if (v.len > 0 && (neg || v.ptr[0] == '+'))
		v = eg_bytes_sub(v, 1, v.len);
	if (!eg_bytes_to_u64(v, &n) || n > EXPONENT_MOST)
		return false;
	*ret = neg ? -(int)n : (int)n;
	return true;
}

bool
fmt_xnum_read(struct eg_bytes v, struct fmt_xnum *ret)
{
	struct fmt_xnum n = { .neg = v.len > 0 && v.ptr[0] == '-' };
	size_t i = n.neg || (v.len > 0 && v.ptr[0] == '+') ? 1 : 0;
	bool dot = false, up = false;
	unsigned seen = 0, kept = 0; /* kept: significant digits so far, also those beyond the fifteenth */
	int exponent = 0;

	for (; i < v.len && (is_digit(v.ptr[i]) || (v.ptr[i] == '.' && !dot)); i++) {
		if (v.ptr[i] == '.') {
			dot = true;
			continue;
		}
		seen++;
		if (v.ptr[i] != '0' || kept > 0) {
			if (kept < FMT_XNUM_DIGITS)
				n.d[n.n++] = (char)v.ptr[i];
			else if (kept == FMT_XNUM_DIGITS)
				up = v.ptr[i] >= '5';
			kept++;
			n.point += !dot;
		} else {
			n.point -= dot;
		}
		if (seen > 2 * EXPONENT_MOST)
			return false;
	}
	if (seen == 0)
		return false;
	if (i < v.len &&
	    ((v.ptr[i] != 'e' && v.ptr[i] != 'E') || !read_exponent(eg_bytes_sub(v, i + 1, v.len), &exponent)))
		return false;
	n.point += exponent;
	if (up)
		round_up(&n);
	while (n.n > 0 && n.d[n.n - 1] == '0')
		n.n--;
	if (n.point > EXPONENT_MOST || n.point < -EXPONENT_MOST)
		return false;
	*ret = n.n > 0 ? n : (struct fmt_xnum){ .n = 0 };
	return true;
}

void
fmt_xnum_print(const struct fmt_xnum *n, struct eg_buf *out)
{
	int i = 0;

	if (n->n == 0) {
		eg_buf_chr(out, '0');
		return;
	}
	if (n->neg)
		eg_buf_chr(out, '-');
	if (n->point <= 0)
		eg_buf_chr(out, '0');
	for (; i < n->point; i++)
		eg_buf_chr(out, (unsigned char)(i < (int)n->n ? n->d[i] : '0'));
	if (i >= (int)n->n)
		return;
	eg_buf_chr(out, '.');
	for (int zero = n->point; zero < 0; zero++)
		eg_buf_chr(out, '0');
	for (; i < (int)n->n; i++)
		eg_buf_chr(out, (unsigned char)n->d[i]);
}

/* ---- formats ---- */

uint8_t
fmt_xlsx_show_of_id(uint32_t id)
{
	if ((id >= 14 && id <= 22) || (id >= 45 && id <= 47))
		return FMT_SHOW_DATE;
	return id == 9 || id == 10 ? FMT_SHOW_PERCENT : FMT_SHOW_NUMBER;
}

/* The place behind what stands at i and is no part of the format proper: quoted text, an escaped, repeated or spacing character, a bracket
 * other than the [h], [mm], [ss] of elapsed time. i itself when it is one. */
static size_t
behind_literal(struct eg_bytes code, size_t i)
{
	const unsigned char c = code.ptr[i];
	size_t end;

	if (c == '\\' || c == '_' || c == '*')
		return i + 2;
	if (c != '"' && c != '[')
		return i;
	end = i + 1 + eg_bytes_chr(eg_bytes_sub(code, i + 1, code.len), c == '"' ? '"' : ']');
	if (c == '[' && i + 1 < code.len && strchr("hHmMsS", code.ptr[i + 1]) != NULL)
		return i + 1;
	return end + 1;
}

uint8_t
fmt_xlsx_show_of_code(struct eg_bytes code)
{
	uint8_t show = FMT_SHOW_NUMBER;
	size_t zeros = 0, i = 0;

	while (zeros < code.len && code.ptr[zeros] == '0')
		zeros++;
	if (zeros > 1 && zeros == code.len && zeros <= FMT_SHOW_ZEROS_MOST)
		return (uint8_t)(FMT_SHOW_ZEROS + zeros);
	if (eg_bytes_is(eg_bytes_sub(code, 0, 7), "General"))
		return show;
	while (i < code.len && code.ptr[i] != ';') { /* only the part for positive numbers */
		const size_t next = behind_literal(code, i);

		if (next > i) {
			i = next;
			continue;
		}
		if (strchr("dmyhsDMYHS", code.ptr[i]) != NULL)
			return FMT_SHOW_DATE;
		if (code.ptr[i] == '%')
			show = FMT_SHOW_PERCENT;
		i++;
	}
	return show;
}

/* ---- dates ---- */

/* Days and seconds of a day number; false when it has no date. */
static bool
split_day(const struct fmt_xnum *n, uint32_t *ret_days, uint32_t *ret_secs)
{
	uint64_t days = 0, part = 0, whole = 1;

	if ((n->neg && n->n > 0) || n->point > 7)
		return false;
	for (int i = 0; i < n->point; i++)
		days = days * 10 + (uint64_t)(i < (int)n->n ? n->d[i] - '0' : 0);
	for (int i = n->point; i < (int)n->n && i < n->point + FMT_XNUM_DIGITS; i++) {
		part = part * 10 + (uint64_t)(i >= 0 ? n->d[i] - '0' : 0);
		whole *= 10;
	}
	const eg_u128 twice = (eg_u128)part * DAY_SEC * 2 + whole; /* half up */
	uint64_t secs = (uint64_t)(twice / ((eg_u128)whole * 2));

	days += secs / DAY_SEC;
	*ret_secs = (uint32_t)(secs % DAY_SEC);
	*ret_days = (uint32_t)days;
	return days <= LAST_DAY;
}

static void
print_time(uint32_t secs, struct eg_buf *out)
{
	eg_buf_printf(out, "%02u:%02u:%02u", secs / 3600, secs / 60 % 60, secs % 60);
}

/* Of the day numbers of 1900 the first sixty are one too low for the calendar, because 60 is a day that never was. */
static void
print_day(uint32_t days, bool date1904, struct eg_buf *out)
{
	const struct eg_date first = date1904  ? (struct eg_date){ 1904, 1, 1 } :
	                             days < 60 ? (struct eg_date){ 1899, 12, 31 } :
	                                         (struct eg_date){ 1899, 12, 30 };

	if (!date1904 && days == 60)
		eg_buf_str(out, "1900-02-29");
	else
		eg_date_print(out, eg_date_add_days(first, (int)days), EG_LIT("YYYY-MM-DD"));
}

static bool
print_date(const struct fmt_xnum *n, bool date1904, struct eg_buf *out)
{
	uint32_t days, secs;

	if (!split_day(n, &days, &secs) || (date1904 && days > LAST_DAY - 1462))
		return false;
	const bool no_day = days == 0 && (!date1904 || secs > 0);

	if (!no_day)
		print_day(days, date1904, out);
	if (!no_day && secs > 0)
		eg_buf_chr(out, ' ');
	if (no_day || secs > 0)
		print_time(secs, out);
	return true;
}

/* HH:MM or HH:MM:SS; fractions and a Z behind it are dropped. */
static bool
iso_seconds(struct eg_bytes v, uint32_t *ret)
{
	const bool with_secs = v.len >= 8 && v.ptr[5] == ':';
	uint64_t h, m, s = 0;

	if (v.len < 5 || v.ptr[2] != ':' || !eg_bytes_to_u64(eg_bytes_sub(v, 0, 2), &h) ||
	    !eg_bytes_to_u64(eg_bytes_sub(v, 3, 2), &m) || (with_secs && !eg_bytes_to_u64(eg_bytes_sub(v, 6, 2), &s)))
		return false;
	for (size_t i = with_secs ? 8 : 5; i < v.len; i++)
		if (!is_digit(v.ptr[i]) && v.ptr[i] != '.' && (v.ptr[i] != 'Z' || i + 1 < v.len))
			return false;
	*ret = (uint32_t)(h * 3600 + m * 60 + s);
	return h < 24 && m < 60 && s < 60;
}

bool
fmt_xlsx_iso_date(struct eg_bytes v, struct eg_buf *out)
{
	const bool dated = v.len >= 10 && v.ptr[4] == '-';
	const struct eg_bytes day = eg_bytes_sub(v, 0, dated ? 10 : 0);
	struct eg_bytes time = eg_bytes_sub(v, day.len, v.len);
	struct eg_date d;
	uint32_t secs = 0;

	if (dated && !eg_date_parse(day, EG_LIT("YYYY-MM-DD"), &d))
		return false;
	if (time.len > 0 && time.ptr[0] == 'T')
		time = eg_bytes_sub(time, 1, time.len);
	if ((time.len > 0 || !dated) && !iso_seconds(time, &secs))
		return false;
	eg_buf_add(out, day);
	if (dated && secs > 0)
		eg_buf_chr(out, ' ');
	if (!dated || secs > 0)
		print_time(secs, out);
	return true;
}

/* ---- together ---- */

static void
print_zeros(const struct fmt_xnum *n, unsigned digits, struct eg_buf *out)
{
	const bool whole = !n->neg && (n->n == 0 || (n->point > 0 && (int)n->n <= n->point));
	const unsigned have = n->n == 0 ? 1 : (unsigned)n->point;

	for (unsigned i = have; whole && i < digits; i++)
		eg_buf_chr(out, '0');
	fmt_xnum_print(n, out);
}

enum fmt_kind
fmt_xlsx_shown(const struct fmt_xnum *n, uint8_t show, bool date1904, struct eg_buf *out)
{
	struct fmt_xnum hundred = *n;

	if (show == FMT_SHOW_DATE && print_date(n, date1904, out))
		return FMT_IS_DATE;
	if (show == FMT_SHOW_PERCENT) {
		hundred.point += 2;
		fmt_xnum_print(&hundred, out);
		eg_buf_chr(out, '%');
		return FMT_IS_PERCENT;
	}
	if (show > FMT_SHOW_ZEROS)
		print_zeros(n, show - FMT_SHOW_ZEROS, out);
	else
		fmt_xnum_print(n, out);
	return FMT_IS_NUMBER;
}
