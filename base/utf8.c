/* SPDX-License-Identifier: MIT
 *
 * Strict UTF-8 and the case of the Latin letters. Refuses overlong forms, surrogates and everything above U+10FFFF.
 * Allocates nothing. Tests: tests/unit/test_bytes.c.
 */
#include "base/utf8.h"

#include <string.h>

#define NOT_ASCII UINT64_C(0x8080808080808080)

/* Length of the valid sequence at p, 0 when there is none. */
static size_t
sequence(const unsigned char *p, size_t n)
{
	size_t len;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xC2 || p[0] > 0xF4)
		return 0;
	len = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;
	if (n < len)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F))
		return 0;
	if ((p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F))
		return 0;
	return len;
}

size_t
eg_utf8_valid(struct eg_bytes v)
{
	size_t i = 0;

	while (i < v.len) {
		uint64_t eight;
		size_t n;

		if (v.len - i >= sizeof(eight)) {
			memcpy(&eight, v.ptr + i, sizeof(eight));
			if ((eight & NOT_ASCII) == 0) {
				i += sizeof(eight);
				continue;
			}
		}
		n = sequence(v.ptr + i, v.len - i);
		if (n == 0)
			return i;
		i += n;
	}
	return v.len;
}

size_t
eg_utf8_count(struct eg_bytes v)
{
	size_t n = 0;

	for (size_t i = 0; i < v.len; i++)
		n += (v.ptr[i] & 0xC0) != 0x80;
	return n;
}

uint32_t
eg_utf8_next(struct eg_bytes v, size_t *pos)
{
	const unsigned char *p = v.ptr + *pos;
	size_t n = sequence(p, v.len - *pos);
	uint32_t cp;

	if (n == 0)
		eg_bug("UTF-8 was not checked before decoding");
	*pos += n;
	if (n == 1)
		return p[0];
	cp = p[0] & (0xFFU >> (n + 1));
	for (size_t i = 1; i < n; i++)
		cp = cp << 6 | (p[i] & 0x3FU);
	return cp;
}

void
eg_utf8_put(struct eg_buf *b, uint32_t cp)
{
	unsigned char out[4];
	size_t n = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;

	if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF))
		eg_bug("U+%04X is not a character", (unsigned)cp);
	for (size_t i = n; i > 1; i--) {
		out[i - 1] = (unsigned char)(0x80 | (cp & 0x3F));
		cp >>= 6;
	}
	out[0] = (unsigned char)(n == 1 ? cp : (0xF00U >> n & 0xF0U) | cp);
	eg_buf_put(b, out, n);
}

struct eg_bytes
eg_utf8_prefix(struct eg_bytes v, size_t n)
{
	size_t i = 0;

	for (; i < v.len; i++) {
		if ((v.ptr[i] & 0xC0) == 0x80)
			continue;
		if (n == 0)
			break;
		n--;
	}
	return eg_bytes_sub(v, 0, i);
}

/* Latin Extended-A stands in pairs, capital first; which of the two is even changes twice. */
static bool
pair_begins_even(uint32_t cp)
{
	return cp <= 0x137 || (cp >= 0x14A && cp <= 0x177);
}

static bool
in_pair(uint32_t cp)
{
	if (cp < 0x100 || cp > 0x17E)
		return false;
	return cp != 0x130 && cp != 0x131 && cp != 0x138 && cp != 0x149 && cp != 0x178;
}

uint32_t
eg_utf8_upper(uint32_t cp)
{
	if ((cp >= 'a' && cp <= 'z') || (cp >= 0xE0 && cp <= 0xFE && cp != 0xF7))
		return cp - 32;
	switch (cp) {
	case 0xFF:
		return 0x178;
	case 0x131:
		return 'I';
	case 0x17F:
		return 'S';
	default:
		break;
	}
	if (in_pair(cp) && (cp % 2 == 0) != pair_begins_even(cp))
		return cp - 1;
	return cp;
}

uint32_t
eg_utf8_lower(uint32_t cp)
{
	if ((cp >= 'A' && cp <= 'Z') || (cp >= 0xC0 && cp <= 0xDE && cp != 0xD7))
		return cp + 32;
	switch (cp) {
	case 0x130:
		return 'i';
	case 0x178:
		return 0xFF;
	default:
		break;
	}
	if (in_pair(cp) && (cp % 2 == 0) == pair_begins_even(cp))
		return cp + 1;
	return cp;
}

static bool
is_hidden(uint32_t cp)
{
	if (cp >= 0x80 && cp <= 0x9F)
		return true;
	if (cp >= 0x202A && cp <= 0x202E)
		return true;
	if (cp >= 0x2066 && cp <= 0x2069)
		return true;
	return cp == 0x061C || cp == 0x200B || cp == 0x200E || cp == 0x200F || cp == 0x2028 || cp == 0x2029 ||
	       cp == 0xFEFF;
}

size_t
eg_utf8_shown(struct eg_bytes v, size_t *pos, char ret[EG_UTF8_SHOWN])
{
	size_t at = *pos, n = sequence(v.ptr + at, v.len - at);
	uint32_t cp;
	int len;

	if (n == 0 || v.ptr[at] < 0x20 || v.ptr[at] == 0x7F) {
		*pos += 1;
		len = snprintf(ret, EG_UTF8_SHOWN, "\\x%02x", v.ptr[at]);
		return (size_t)len;
	}
	cp = eg_utf8_next(v, pos);
	if (!is_hidden(cp)) {
		memcpy(ret, v.ptr + at, n);
		ret[n] = '\0';
		return n;
	}
	len = snprintf(ret, EG_UTF8_SHOWN, "\\u{%04X}", (unsigned)cp);
	return (size_t)len;
}

#define CUT_MARK "..."

void
eg_utf8_shown_cut(struct eg_bytes v, char *ret, size_t cap)
{
	char one[EG_UTF8_SHOWN];
	size_t at = 0, len = 0, fits = 0;

	while (at < v.len) {
		size_t n = eg_utf8_shown(v, &at, one);

		if (len + n >= cap) {
			len = fits;
			memcpy(ret + len, CUT_MARK, sizeof(CUT_MARK) - 1);
			len += sizeof(CUT_MARK) - 1;
			break;
		}
		memcpy(ret + len, one, n);
		len += n;
		if (len + sizeof(CUT_MARK) <= cap)
			fits = len;
	}
	ret[len] = '\0';
}
