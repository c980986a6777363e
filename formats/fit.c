/* SPDX-License-Identifier: MIT
 *
 * Making values fit for targets that take ASCII only, or no line breaks. Never fails; every change is told to the caller.
 */
#include "base/utf8.h"
#include "formats/text.h"

/* Characters outside ASCII that have a plain spelling, by code point. What is not here becomes '?'. */
/* clang-format off */
static const struct plain {
	uint16_t cp;
	char text[4];
} plains[] = {
	{ 0x00a0, " " }, { 0x00c0, "A" }, { 0x00c1, "A" }, { 0x00c2, "A" }, { 0x00c3, "A" }, { 0x00c4, "A" },
	{ 0x00c5, "A" }, { 0x00c6, "AE" }, { 0x00c7, "C" }, { 0x00c8, "E" }, { 0x00c9, "E" }, { 0x00ca, "E" },
	{ 0x00cb, "E" }, { 0x00cc, "I" }, { 0x00cd, "I" }, { 0x00ce, "I" }, { 0x00cf, "I" }, { 0x00d0, "D" },
	{ 0x00d1, "N" }, { 0x00d2, "O" }, { 0x00d3, "O" }, { 0x00d4, "O" }, { 0x00d5, "O" }, { 0x00d6, "O" },
	{ 0x00d8, "O" }, { 0x00d9, "U" }, { 0x00da, "U" }, { 0x00db, "U" }, { 0x00dc, "U" }, { 0x00dd, "Y" },
	{ 0x00de, "TH" }, { 0x00df, "ss" }, { 0x00e0, "a" }, { 0x00e1, "a" }, { 0x00e2, "a" }, { 0x00e3, "a" },
	{ 0x00e4, "a" }, { 0x00e5, "a" }, { 0x00e6, "ae" }, { 0x00e7, "c" }, { 0x00e8, "e" }, { 0x00e9, "e" },
	{ 0x00ea, "e" }, { 0x00eb, "e" }, { 0x00ec, "i" }, { 0x00ed, "i" }, { 0x00ee, "i" }, { 0x00ef, "i" },
	{ 0x00f0, "d" }, { 0x00f1, "n" }, { 0x00f2, "o" }, { 0x00f3, "o" }, { 0x00f4, "o" }, { 0x00f5, "o" },
	{ 0x00f6, "o" }, { 0x00f8, "o" }, { 0x00f9, "u" }, { 0x00fa, "u" }, { 0x00fb, "u" }, { 0x00fc, "u" },
	{ 0x00fd, "y" }, { 0x00fe, "th" }, { 0x00ff, "y" }, { 0x0100, "A" }, { 0x0101, "a" }, { 0x0102, "A" },
	{ 0x0103, "a" }, { 0x0104, "A" }, { 0x0105, "a" }, { 0x0106, "C" }, { 0x0107, "c" }, { 0x0108, "C" },
	{ 0x0109, "c" }, { 0x010a, "C" }, { 0x010b, "c" }, { 0x010c, "C" }, { 0x010d, "c" }, { 0x010e, "D" },
	{ 0x010f, "d" }, { 0x0110, "D" }, { 0x0111, "d" }, { 0x0112, "E" }, { 0x0113, "e" }, { 0x0114, "E" },
	{ 0x0115, "e" }, { 0x0116, "E" }, { 0x0117, "e" }, { 0x0118, "E" }, { 0x0119, "e" }, { 0x011a, "E" },
	{ 0x011b, "e" }, { 0x011c, "G" }, { 0x011d, "g" }, { 0x011e, "G" }, { 0x011f, "g" }, { 0x0120, "G" },
	{ 0x0121, "g" }, { 0x0122, "G" }, { 0x0123, "g" }, { 0x0124, "H" }, { 0x0125, "h" }, { 0x0126, "H" },
	{ 0x0127, "h" }, { 0x0128, "I" }, { 0x0129, "i" }, { 0x012a, "I" }, { 0x012b, "i" }, { 0x012c, "I" },
	{ 0x012d, "i" }, { 0x012e, "I" }, { 0x012f, "i" }, { 0x0130, "I" }, { 0x0131, "i" }, { 0x0134, "J" },
	{ 0x0135, "j" }, { 0x0136, "K" }, { 0x0137, "k" }, { 0x0139, "L" }, { 0x013a, "l" }, { 0x013b, "L" },
	{ 0x013c, "l" }, { 0x013d, "L" }, { 0x013e, "l" }, { 0x013f, "L" }, { 0x0140, "l" }, { 0x0141, "L" },
	{ 0x0142, "l" }, { 0x0143, "N" }, { 0x0144, "n" }, { 0x0145, "N" }, { 0x0146, "n" }, { 0x0147, "N" },
	{ 0x0148, "n" }, { 0x014c, "O" }, { 0x014d, "o" }, { 0x014e, "O" }, { 0x014f, "o" }, { 0x0150, "O" },
	{ 0x0151, "o" }, { 0x0152, "OE" }, { 0x0153, "oe" }, { 0x0154, "R" }, { 0x0155, "r" }, { 0x0156, "R" },
	{ 0x0157, "r" }, { 0x0158, "R" }, { 0x0159, "r" }, { 0x015a, "S" }, { 0x015b, "s" }, { 0x015c, "S" },
	{ 0x015d, "s" }, { 0x015e, "S" }, { 0x015f, "s" }, { 0x0160, "S" }, { 0x0161, "s" }, { 0x0162, "T" },
	{ 0x0163, "t" }, { 0x0164, "T" }, { 0x0165, "t" }, { 0x0166, "T" }, { 0x0167, "t" }, { 0x0168, "U" },
	{ 0x0169, "u" }, { 0x016a, "U" }, { 0x016b, "u" }, { 0x016c, "U" }, { 0x016d, "u" }, { 0x016e, "U" },
	{ 0x016f, "u" }, { 0x0170, "U" }, { 0x0171, "u" }, { 0x0172, "U" }, { 0x0173, "u" }, { 0x0174, "W" },
	{ 0x0175, "w" }, { 0x0176, "Y" }, { 0x0177, "y" }, { 0x0178, "Y" }, { 0x0179, "Z" }, { 0x017a, "z" },
	{ 0x017b, "Z" }, { 0x017c, "z" }, { 0x017d, "Z" }, { 0x017e, "z" }, { 0x2013, "-" }, { 0x2014, "-" },
	{ 0x201c, "\"" }, { 0x201d, "\"" }, { 0x2026, "..." }, { 0x20ac, "EUR" },
};
/* clang-format on */

static const char *
plain_of(uint32_t cp)
{
	size_t from = 0, to = sizeof plains / sizeof plains[0];
	while (from < to) {
		size_t mid = from + (to - from) / 2;
		if (plains[mid].cp == cp)
			return plains[mid].text;
		if (plains[mid].cp < cp)
			from = mid + 1;
		else
			to = mid;
	}
	return "?";
}

static bool
is_break(unsigned char c, enum fmt_breaks breaks)
{
	return (c == '\t' && breaks != FMT_BREAKS_KEEP) || ((c == '\r' || c == '\n') && breaks == FMT_BREAKS_BLANK);
}

/* Bytes that are copied as they are. Apostrophes outside ASCII are no such bytes in any case. */
static bool
stays(unsigned char c, bool ascii, bool drop_apostrophes, enum fmt_breaks breaks)
{
	return !is_break(c, breaks) && !(ascii && (c >= 0x80 || (c == '\'' && drop_apostrophes)));
}

static bool
is_apostrophe(uint32_t cp)
{
	return cp == '\'' || cp == 0x2018 || cp == 0x2019;
}

unsigned
fmt_fit(struct eg_bytes v, bool ascii, bool drop_apostrophes, enum fmt_breaks breaks, struct eg_buf *ret)
{
	unsigned changed = 0;
	size_t pos = 0;
	while (pos < v.len) {
		size_t from = pos;
		while (pos < v.len && stays(v.ptr[pos], ascii, drop_apostrophes, breaks))
			pos++;
		eg_buf_add(ret, eg_bytes_sub(v, from, pos - from));
		from = pos;
		while (pos < v.len && is_break(v.ptr[pos], breaks))
			pos++;
		if (pos > from) {
			eg_buf_chr(ret, ' ');
			changed |= FMT_CHANGED_BREAKS;
		} else if (pos < v.len) {
			uint32_t cp = eg_utf8_next(v, &pos);
			if (!drop_apostrophes || !is_apostrophe(cp))
				eg_buf_str(ret, plain_of(cp));
			changed |= FMT_CHANGED_CHARS;
		}
	}
	return changed;
}
