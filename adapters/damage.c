/* SPDX-License-Identifier: MIT
 *
 * The signs of damage, one small judge for each. A judge answers only when an honest value of that column cannot look so, or could not be taken anyway.
 */
#include "adapters/damage.h"

#include "base/date.h"
#include "base/utf8.h"

#define LONG_CELL 32767U /* Excel's longest text in a cell */
#define SHORT_CELL 255U /* where older programs and some exports cut */

enum damage_column
damage_column(enum rec_ftype t)
{
	switch (t) {
	case RF_CODE:
		return DAMAGE_IN_CODE;
	case RF_DATE:
		return DAMAGE_IN_DATE;
	case RF_BOOL:
	case RF_WORD:
		return DAMAGE_IN_FLAG;
	case RF_TEXT:
	case RF_LONG:
		return DAMAGE_IN_TEXT;
	default:
		return DAMAGE_IN_NUMBER;
	}
}

/* ---- characters ---- */

static bool
digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static size_t
digits(struct eg_bytes v, size_t from)
{
	size_t i = from;

	while (i < v.len && digit(v.ptr[i]))
		i++;
	return i - from;
}

static unsigned
number(struct eg_bytes v)
{
	uint64_t n = 0;

	return eg_bytes_to_u64(v, &n) && n < 100000 ? (unsigned)n : 0;
}

static bool
has(struct eg_bytes v, const char *text)
{
	return eg_bytes_find(v, eg_bytes_str(text)) < v.len;
}

static void
likely(struct damage *d, struct eg_bytes v)
{
	if (v.len < sizeof(d->likely)) {
		if (v.len > 0) /* of a value of nothing but invisible characters nothing is left, and no address */
			memcpy(d->likely, v.ptr, v.len);
		d->likely[v.len] = '\0';
	}
}

/* ---- shown, not stored ---- */

static bool
is_hashes(struct eg_bytes v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.ptr[i] != '#')
			return false;
	return v.len >= 3;
}

static bool
is_error(struct eg_bytes v)
{
	static const char *const words[] = { "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#NV",
		"#WERT!", "#BEZUG!", "#SPILL!", "#CALC!" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (eg_bytes_is(v, words[i]))
			return true;
	return false;
}

/* 1.23E+11, with a capital E and a sign as a spreadsheet writes it. */
static bool
is_scientific(struct eg_bytes v)
{
	size_t i = v.len > 0 && v.ptr[0] == '-', whole = digits(v, i), sign;

	if (whole != 1)
		return false;
	i += whole;
	if (i < v.len && (v.ptr[i] == '.' || v.ptr[i] == ',')) {
		size_t more = digits(v, i + 1);

		if (more == 0)
			return false;
		i += 1 + more;
	}
	sign = i + 1;
	return i + 2 < v.len && v.ptr[i] == 'E' && (v.ptr[sign] == '+' || v.ptr[sign] == '-') &&
	       digits(v, sign + 1) == v.len - sign - 1 && v.len - sign - 1 >= 2;
}

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

/* Mar-00, 1-May, 1-May-26. */
static bool
is_named_date(struct eg_bytes v, struct damage *d)
{
	size_t dash = eg_bytes_chr(v, '-');
	struct eg_bytes a = eg_bytes_sub(v, 0, dash), b = eg_bytes_sub(v, dash + 1, v.len);
	unsigned month = month_named(a);

	if (dash == v.len)
		return false;
	if (month > 0 && (b.len == 2 || b.len == 4) && digits(b, 0) == b.len) {
		of_year(d, month, number(b));
		return true;
	}
	dash = eg_bytes_chr(b, '-');
	month = month_named(eg_bytes_sub(b, 0, dash));
	if (month == 0 || a.len == 0 || a.len > 2 || digits(a, 0) != a.len || number(a) == 0 || number(a) > 31)
		return false;
	if (dash < b.len && digits(b, dash + 1) != b.len - dash - 1)
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

/* ---- dates ---- */

static bool
is_serial(struct eg_bytes v, struct damage *d)
{
	static const struct eg_date zero = { 1899, 12, 30 };
	unsigned n = number(eg_bytes_sub(v, 0, 5));
	struct eg_buf b = EG_BUF_INIT;
	size_t point = eg_bytes_chr(v, '.');

	if (point != 5 || digits(v, 0) != 5 || n < 20000 || n > 80000 || (point < v.len && digits(v, 6) != v.len - 6))
		return false;
	eg_date_print(&b, eg_date_add_days(zero, (int)n), EG_LIT("YYYY-MM-DD"));
	likely(d, eg_buf_view(&b));
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
	likely(d, eg_buf_view(&b));
	eg_buf_done(&b);
	return true;
}

static enum damage_kind
date_damage(struct eg_bytes v, const struct eg_bytes *dates, size_t n, struct damage *d)
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

/* What a date probably was is told as the column takes it. */
static void
own_form(struct damage *d, struct eg_bytes form)
{
	struct eg_buf b = EG_BUF_INIT;
	struct eg_date at;

	if (!eg_date_parse(eg_bytes_str(d->likely), EG_LIT("YYYY-MM-DD"), &at))
		return;
	eg_date_print(&b, at, form);
	likely(d, eg_buf_view(&b));
	eg_buf_done(&b);
}

/* ---- numbers ---- */

/* 12,50 and 1.234,56 and 1 234,56: one comma, at most two digits behind it or points or blanks grouping before it. */
static bool
is_comma(struct eg_bytes v, struct damage *d)
{
	struct eg_buf b = EG_BUF_INIT;
	size_t comma = eg_bytes_chr(v, ','), i = v.len > 0 && v.ptr[0] == '-', places = digits(v, comma + 1);
	bool grouped = false, good = comma < v.len && comma > i && comma + 1 + places == v.len && places > 0;

	for (size_t k = 0; good && k < comma; k++) {
		unsigned char c = v.ptr[k];

		if (digit(c) || (c == '-' && k == 0))
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
		likely(d, eg_buf_view(&b));
	}
	eg_buf_done(&b);
	return good;
}

static bool
is_minus(struct eg_bytes v, struct damage *d)
{
	bool round = v.len > 2 && v.ptr[0] == '(' && v.ptr[v.len - 1] == ')';
	bool behind = v.len > 1 && v.ptr[v.len - 1] == '-' && digit(v.ptr[0]);
	struct eg_bytes in = round ? eg_bytes_sub(v, 1, v.len - 2) : eg_bytes_sub(v, 0, v.len - 1);
	char text[DAMAGE_LIKELY_MAX];
	size_t n = 0;

	if ((!round && !behind) || in.len == 0 || in.len > 40)
		return false;
	text[n++] = '-';
	for (size_t i = 0; i < in.len; i++) {
		if (!digit(in.ptr[i]) && in.ptr[i] != '.' && in.ptr[i] != ',' && in.ptr[i] != '$')
			return false;
		if (digit(in.ptr[i]) || in.ptr[i] == '.')
			text[n++] = (char)in.ptr[i];
	}
	likely(d, eg_bytes(text, n));
	return true;
}

/* ---- codes ---- */

static bool
is_point_zero(struct eg_bytes v, struct damage *d)
{
	size_t n = digits(v, 0), i = n + 1;

	if (n == 0 || n + 1 >= v.len || v.ptr[n] != '.')
		return false;
	while (i < v.len && v.ptr[i] == '0')
		i++;
	if (i < v.len || v.len - n > 3)
		return false;
	likely(d, eg_bytes_sub(v, 0, n));
	return true;
}

/* ---- characters that look like others ---- */

static const struct {
	const char *bytes;
	char plain; /* 0 = it goes */
	enum damage_kind kind;
} lookalikes[] = {
	{ "\xc2\xa0", ' ', DAMAGE_BLANK }, /* no-break space */
	{ "\xe2\x80\xaf", ' ', DAMAGE_BLANK }, /* narrow no-break space */
	{ "\xe2\x80\x8b", 0, DAMAGE_BLANK }, /* zero width space */
	{ "\xef\xbb\xbf", 0, DAMAGE_BLANK }, /* byte order mark inside */
	{ "\xc2\xad", 0, DAMAGE_BLANK }, /* soft hyphen */
	{ "\xe2\x80\x93", '-', DAMAGE_QUOTE }, /* en dash */
	{ "\xe2\x80\x94", '-', DAMAGE_QUOTE }, /* em dash */
	{ "\xe2\x88\x92", '-', DAMAGE_QUOTE }, /* minus sign */
	{ "\xe2\x80\x91", '-', DAMAGE_QUOTE }, /* no-break hyphen */
	{ "\xe2\x80\x99", '\'', DAMAGE_QUOTE },
	{ "\xe2\x80\x98", '\'', DAMAGE_QUOTE },
	{ "\xe2\x80\x9c", '"', DAMAGE_QUOTE },
	{ "\xe2\x80\x9d", '"', DAMAGE_QUOTE },
};

static enum damage_kind
lookalike(struct eg_bytes v, struct damage *d)
{
	enum damage_kind kind = DAMAGE_NONE;
	struct eg_buf b = EG_BUF_INIT;

	for (size_t i = 0; i < v.len;) {
		size_t k = 0, n = sizeof(lookalikes) / sizeof(lookalikes[0]);
		struct eg_bytes rest = eg_bytes_sub(v, i, v.len);

		while (k < n && !eg_bytes_starts(rest, eg_bytes_str(lookalikes[k].bytes)))
			k++;
		if (k == n) {
			eg_buf_chr(&b, v.ptr[i++]);
			continue;
		}
		kind = kind == DAMAGE_NONE ? lookalikes[k].kind : kind;
		if (lookalikes[k].plain != 0)
			eg_buf_chr(&b, (unsigned char)lookalikes[k].plain);
		i += strlen(lookalikes[k].bytes);
	}
	if (kind != DAMAGE_NONE)
		likely(d, eg_bytes_trim(eg_buf_view(&b)));
	eg_buf_done(&b);
	return kind;
}

/* ---- encodings ---- */

/* The byte that windows-1252 has for a character, or 0. */
static unsigned char
in_1252(uint32_t c)
{
	static const uint16_t high[32] = { 0x20ac, 0x81, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030,
		0x160, 0x2039, 0x152, 0x8d, 0x17d, 0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
		0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0x9d, 0x17e, 0x178 };

	if (c >= 0xa0 && c <= 0xff)
		return (unsigned char)c;
	for (unsigned i = 0; i < 32; i++)
		if (high[i] == c)
			return (unsigned char)(0x80 + i);
	return 0;
}

/* One character of UTF-8 (known to be valid); *i moves behind it. */
static uint32_t
next_char(struct eg_bytes v, size_t *i)
{
	unsigned char c = v.ptr[(*i)++];
	uint32_t r = c < 0x80 ? c : c < 0xe0 ? c & 31U : c < 0xf0 ? c & 15U : c & 7U;

	while (c >= 0x80 && *i < v.len && (v.ptr[*i] & 0xc0) == 0x80)
		r = r << 6 | (v.ptr[(*i)++] & 63U);
	return r;
}

static bool
expected_char(uint32_t c)
{
	return c < 0x80 || (c >= 0xa0 && c < 0x180) || c == 0x218 || c == 0x219 || c == 0x21a || c == 0x21b ||
	       (c >= 0x2010 && c <= 0x2122);
}

/* All that is not ASCII in it is, byte by byte of windows-1252, UTF-8 of letters and signs that people use. */
static bool
is_mojibake(struct eg_bytes v, struct damage *d)
{
	struct eg_buf b = EG_BUF_INIT;
	bool high = false, good = eg_utf8_valid(v) == v.len && v.len > 0;

	for (size_t i = 0; good && i < v.len;) {
		uint32_t c = next_char(v, &i);
		unsigned char byte = c < 0x80 ? (unsigned char)c : in_1252(c);

		high = high || c >= 0x80;
		good = byte != 0;
		eg_buf_chr(&b, byte);
	}
	good = good && high && eg_utf8_valid(eg_buf_view(&b)) == b.len;
	for (size_t i = 0; good && i < b.len;)
		good = expected_char(next_char(eg_buf_view(&b), &i));
	if (good)
		likely(d, eg_buf_view(&b));
	eg_buf_done(&b);
	return good;
}

static bool
is_flag_word(struct eg_bytes v)
{
	static const char *const words[] = { "WAHR", "FALSCH", "VRAI", "FAUX", "VERDADERO", "FALSO", "VERO", "TRUE",
		"FALSE", "WAAR", "ONWAAR", "PRAWDA", "Ja", "Nein", "Oui", "Non", "Si", "YES", "NO", "yes", "no", "Y",
		"N", "true", "false", "x", "X", "1", "0", "1.0", "0.0" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (eg_bytes_is(v, words[i]))
			return true;
	return false;
}

/* ---- all together ---- */

static enum damage_kind
judge(enum damage_column column, struct eg_bytes v, const struct eg_bytes *dates, size_t ndates, struct damage *d)
{
	const bool typed = column != DAMAGE_IN_TEXT;
	enum damage_kind kind = DAMAGE_NONE;

	if (is_hashes(v))
		return DAMAGE_HASHES;
	if (is_error(v))
		return DAMAGE_ERROR;
	if (has(v, "\xef\xbf\xbd"))
		return DAMAGE_LOST_CHARS;
	if (is_mojibake(v, d))
		return DAMAGE_MOJIBAKE;
	if (typed && (kind = lookalike(v, d)) != DAMAGE_NONE)
		return kind;
	if ((column == DAMAGE_IN_CODE || column == DAMAGE_IN_NUMBER) && is_scientific(v))
		return DAMAGE_SCIENTIFIC;
	if ((column == DAMAGE_IN_CODE || column == DAMAGE_IN_NUMBER) && (is_named_date(v, d) || is_plain_date(v, d)))
		return DAMAGE_TO_DATE;
	if (column == DAMAGE_IN_CODE && is_point_zero(v, d))
		return DAMAGE_POINT_ZERO;
	if (column == DAMAGE_IN_NUMBER && is_comma(v, d))
		return DAMAGE_COMMA;
	if (column == DAMAGE_IN_NUMBER && is_minus(v, d))
		return DAMAGE_MINUS;
	if (column == DAMAGE_IN_DATE)
		return date_damage(v, dates, ndates, d);
	if (column == DAMAGE_IN_FLAG)
		return is_flag_word(v) ? DAMAGE_FLAG_WORD : DAMAGE_NONE;
	if (column == DAMAGE_IN_TEXT && v.len >= SHORT_CELL) {
		size_t n = eg_utf8_count(v);

		return n == SHORT_CELL || n == LONG_CELL ? DAMAGE_CUT : DAMAGE_NONE;
	}
	return DAMAGE_NONE;
}

struct damage
damage_of(enum damage_column column, struct eg_bytes v, const struct eg_bytes *dates, size_t ndates)
{
	struct damage d = { .kind = DAMAGE_NONE };

	if (v.len > 0)
		d.kind = judge(column, v, dates, ndates, &d);
	if (column == DAMAGE_IN_DATE && ndates > 0)
		own_form(&d, dates[0]);
	if (d.kind == DAMAGE_NONE)
		d = (struct damage){ .kind = DAMAGE_NONE };
	return d;
}

void
damage_sentence(const struct damage *d, struct eg_buf *ret)
{
	static const char *const says[] = {
		[DAMAGE_NONE] = "",
		[DAMAGE_HASHES] =
		    " The signs stand for a value that did not fit the column of a spreadsheet; the value itself is gone: widen the column and save again, or take the original export.",
		[DAMAGE_ERROR] =
		    " A formula of a spreadsheet could not work out a result; the value itself is not in the file.",
		[DAMAGE_SCIENTIFIC] =
		    " A spreadsheet took the number for too long and wrote it as a power of ten, so its last digits are gone: take them from the original, and format the column as Text.",
		[DAMAGE_TO_DATE] =
		    " A spreadsheet took the value for a date, so what stood there cannot be told from it: take it from the original, and format the column as Text before typing.",
		[DAMAGE_SERIAL] =
		    " A spreadsheet wrote the date as its day number: format the column as a date, or take the original export.",
		[DAMAGE_DAY_MONTH] =
		    " Day and month are probably exchanged. Other dates of this file may be exchanged, too, where both numbers are 12 or less: nobody can see that from outside, so compare them all.",
		[DAMAGE_DATE_FORM] = " It is a date in the form of another program or country.",
		[DAMAGE_COMMA] =
		    " The comma is probably a decimal comma: a spreadsheet with the settings of another country saved the file.",
		[DAMAGE_MINUS] =
		    " It is probably a negative number as accountants write it; write a minus sign in front.",
		[DAMAGE_POINT_ZERO] =
		    " A spreadsheet or a script took the code for a number and put decimals behind it; leading zeros may be gone, too.",
		[DAMAGE_FLAG_WORD] = " It is the word of another program or language for yes or no.",
		[DAMAGE_BLANK] = " It holds blanks that look like others and are not (no-break or invisible ones).",
		[DAMAGE_QUOTE] =
		    " It holds a typographic quote, dash or minus sign that a word processor or spreadsheet put in the place of the plain one.",
		[DAMAGE_MOJIBAKE] =
		    " Its letters are garbled: a program read the UTF-8 file as windows-1252 and saved it so. Import it as UTF-8 instead of opening it.",
		[DAMAGE_LOST_CHARS] =
		    " A program did not understand some letters and replaced them; they are gone: take them from the original export.",
		[DAMAGE_CUT] =
		    " It is exactly as long as some programs let a text be, so its end was probably cut off.",
	};

	eg_buf_str(ret, says[d->kind]);
	if (d->likely[0] != '\0')
		eg_buf_printf(ret, " It was probably %s.", d->likely);
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
