/* SPDX-License-Identifier: MIT
 *
 * Small grammars of a workbook: escaped characters in texts, references to cells, targets of relationships. They refuse by saying no;
 * the callers know the place.
 */
#include "base/utf8.h"
#include "formats/xlsx_int.h"

/* ---- _x000D_ ---- */

static int
hex(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The UTF-16 unit written at i as _xHHHH_, or -1. */
static int32_t
unit_at(struct eg_bytes v, size_t i)
{
	int32_t unit = 0;

	if (v.len - i < 7 || v.ptr[i] != '_' || v.ptr[i + 1] != 'x' || v.ptr[i + 6] != '_')
		return -1;
	for (size_t k = i + 2; k < i + 6; k++) {
		if (hex(v.ptr[k]) < 0)
			return -1;
		unit = unit * 16 + hex(v.ptr[k]);
	}
	return unit;
}

void
fmt_xlsx_unescape(struct eg_bytes v, struct eg_buf *out)
{
	for (size_t i = 0; i < v.len;) {
		const size_t next = i + eg_bytes_chr(eg_bytes_sub(v, i, v.len), '_');

		eg_buf_add(out, eg_bytes_sub(v, i, next - i));
		if (next == v.len)
			return;
		const int32_t unit = unit_at(v, next), low = unit >= 0 && next + 7 < v.len ? unit_at(v, next + 7) : -1;

		i = next + 7;
		if (unit >= 0xD800 && unit < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
			eg_utf8_put(out, 0x10000 + ((uint32_t)(unit - 0xD800) << 10) + (uint32_t)(low - 0xDC00));
			i += 7;
		} else if (unit >= 0 && (unit < 0xD800 || unit >= 0xE000)) {
			eg_utf8_put(out, (uint32_t)unit);
		} else { /* half a character, or an underscore that is itself */
			eg_buf_chr(out, '_');
			i = next + 1;
		}
	}
}

/* ---- references ---- */

bool
fmt_xlsx_ref(struct eg_bytes v, uint32_t *ret_col, uint32_t *ret_row)
{
	uint32_t col = 0;
	uint64_t row;
	size_t i = 0;

	for (; i < v.len && i < 4 && v.ptr[i] >= 'A' && v.ptr[i] <= 'Z'; i++)
		col = col * 26 + (uint32_t)(v.ptr[i] - 'A') + 1;
	if (col == 0 || col > FMT_XLSX_COLS || v.len - i > 7 || !eg_bytes_to_u64(eg_bytes_sub(v, i, v.len), &row) ||
	    row == 0 || row > FMT_XLSX_ROWS)
		return false;
	*ret_col = col;
	*ret_row = (uint32_t)row;
	return true;
}

const char *
fmt_column_name(char ret[FMT_COLUMN_NAME], uint32_t col)
{
	char text[FMT_COLUMN_NAME];
	size_t i = sizeof text - 1;

	for (text[i] = '\0'; col > 0 && i > 0; col = (col - 1) / 26)
		text[--i] = (char)('A' + (col - 1) % 26);
	memcpy(ret, text + i, sizeof text - i);
	return ret;
}

/* ---- targets ---- */

bool
fmt_xlsx_target(struct eg_bytes base, struct eg_bytes target, struct eg_buf *ret)
{
	const bool absolute = target.len > 0 && target.ptr[0] == '/';
	const size_t begin = ret->len;
	struct eg_bytes part;

	while (base.len > 0 && base.ptr[base.len - 1] != '/')
		base.len--;
	if (!absolute)
		eg_buf_add(ret, base);
	while (eg_bytes_cut(&target, '/', &part)) {
		if (part.len == 0 || eg_bytes_is(part, "."))
			continue;
		if (!eg_bytes_is(part, "..")) {
			if (ret->len > begin && ret->ptr[ret->len - 1] != '/')
				eg_buf_chr(ret, '/');
			eg_buf_add(ret, part);
			continue;
		}
		if (ret->len == begin)
			return false;
		ret->len -= ret->ptr[ret->len - 1] == '/';
		while (ret->len > begin && ret->ptr[ret->len - 1] != '/')
			ret->len--;
	}
	return ret->len > begin;
}
