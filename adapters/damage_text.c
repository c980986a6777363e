/* SPDX-License-Identifier: MIT
 *
 * Judges of characters: blanks, quotes and dashes that look like the plain ones and are not, and UTF-8 that was read as windows-1252.
 * Text that only might be garbled is not accused: all of it must be letters and signs that people use once it is read rightly.
 */
#include "adapters/damage_int.h"

#include "base/utf8.h"

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

enum damage_kind
damage_lookalike(struct eg_bytes v, struct damage *d)
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
		damage_likely(d, eg_bytes_trim(eg_buf_view(&b)));
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

static bool
expected_char(uint32_t c)
{
	return c < 0x80 || (c >= 0xa0 && c < 0x180) || c == 0x218 || c == 0x219 || c == 0x21a || c == 0x21b ||
	       (c >= 0x2010 && c <= 0x2122);
}

/* All that is not ASCII in it is, byte by byte of windows-1252, UTF-8 of letters and signs that people use. */
bool
damage_is_mojibake(struct eg_bytes v, struct damage *d)
{
	struct eg_buf b = EG_BUF_INIT;
	bool high = false, good = eg_utf8_valid(v) == v.len && v.len > 0;

	for (size_t i = 0; good && i < v.len;) {
		uint32_t c = eg_utf8_next(v, &i);
		unsigned char byte = c < 0x80 ? (unsigned char)c : in_1252(c);

		high = high || c >= 0x80;
		good = byte != 0;
		eg_buf_chr(&b, byte);
	}
	good = good && high && eg_utf8_valid(eg_buf_view(&b)) == b.len;
	for (size_t i = 0; good && i < b.len;)
		good = expected_char(eg_utf8_next(eg_buf_view(&b), &i));
	if (good)
		damage_likely(d, eg_buf_view(&b));
	eg_buf_done(&b);
	return good;
}
