/* SPDX-License-Identifier: MIT
 *
 * Records that are read but not yet given out. Header elements may follow the lines in the file, yet the header row
 * comes first, so one record is kept: a flat run of small items, each with its text behind it. A record larger than
 * EG_LIMIT_DOC_BYTES is for the caller to refuse.
 */
#include "base/limits.h"
#include "formats/xml_int.h"

enum kind {
	RECORD,
	LINE,
	CELL,
	LINE_CELL
};

/* Only elements that are there take space. Text follows, filled up to a multiple of eight. */
struct item {
	uint64_t off, len;
	uint64_t line;
	uint32_t col;
	uint32_t more; /* cells; RECORD: bytes of the whole record in here */
	uint32_t text_len;
	uint16_t slot;
	uint8_t kind, state;
};

static struct item
get(const struct fmt_xml_hold *h, size_t at)
{
	struct item it;

	memcpy(&it, h->items.ptr + at, sizeof it);
	return it;
}

static void
set(struct fmt_xml_hold *h, size_t at, const struct item *it)
{
	if (!h->items.full)
		memcpy(h->items.ptr + at, it, sizeof *it);
}

static size_t
padded(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

static size_t
behind(const struct item *it, size_t at)
{
	return at + sizeof *it + padded(it->text_len);
}

static size_t
add(struct fmt_xml_hold *h, const struct item *it, struct eg_bytes text)
{
	static const unsigned char zeros[8];
	const size_t at = h->items.len;

	eg_buf_put(&h->items, it, sizeof *it);
	eg_buf_add(&h->items, text);
	eg_buf_put(&h->items, zeros, padded(text.len) - text.len);
	return at;
}

void
fmt_xml_hold_init(struct fmt_xml_hold *h, const struct fmt_xml_spec *spec, const struct fmt_xml_paths *paths)
{
	const size_t most = spec->npaths > spec->nline_paths ? spec->npaths : spec->nline_paths;

	*h = (struct fmt_xml_hold){ .items = EG_BUF_INIT, .spec = spec, .paths = paths };
	h->items.max = 2 * EG_LIMIT_DOC_BYTES; /* an open record behind complete ones of the same piece */
	h->seen = eg_xalloc((spec->npaths + 1) * sizeof *h->seen);
	h->line_seen = eg_xalloc((spec->nline_paths + 1) * sizeof *h->line_seen);
	h->cells = eg_xalloc((most + 1) * sizeof *h->cells);
}

void
fmt_xml_hold_done(struct fmt_xml_hold *h)
{
	eg_buf_done(&h->items);
	free(h->seen);
	free(h->line_seen);
	free(h->cells);
	*h = (struct fmt_xml_hold){ .items = EG_BUF_INIT };
}

/* ---- in ---- */

static void
drop_given(struct fmt_xml_hold *h)
{
	const size_t n = h->given;

	if (n == 0)
		return;
	memmove(h->items.ptr, h->items.ptr + n, h->items.len - n);
	h->items.len -= n;
	h->ready -= n;
	h->build -= n;
	h->line -= h->line != 0 ? n : 0;
	h->walk -= n;
	h->given = 0;
}

void
fmt_xml_hold_record(struct fmt_xml_hold *h, struct eg_pos begin)
{
	const struct item it = { .kind = RECORD, .off = begin.off, .line = begin.line, .col = begin.col };

	memset(h->seen, 0, h->spec->npaths * sizeof *h->seen);
	h->build = add(h, &it, EG_NONE);
}

void
fmt_xml_hold_line(struct fmt_xml_hold *h, struct eg_pos begin)
{
	const struct item it = { .kind = LINE, .off = begin.off, .line = begin.line, .col = begin.col };

	memset(h->line_seen, 0, h->spec->nline_paths * sizeof *h->line_seen);
	h->line = add(h, &it, EG_NONE);
}

void
fmt_xml_hold_cell(
    struct fmt_xml_hold *h, bool of_line, uint16_t slot, const struct fmt_xscan_event *ev, struct eg_bytes text)
{
	uint32_t *seen = of_line ? &h->line_seen[slot] : &h->seen[slot];
	const struct eg_bytes val = eg_bytes_trim_ws(text);
	struct item it = { .kind = of_line ? LINE_CELL : CELL,
		.slot = slot,
		.off = ev->text.off,
		.line = ev->text.line,
		.col = ev->text.col,
		.len = ev->text_end - ev->text.off,
		.state = val.len > 0 ? FMT_VALUE : FMT_EMPTY,
		.text_len = (uint32_t)val.len };

	if (*seen != 0) {
		it = get(h, h->build + *seen);
		it.more++;
		set(h, h->build + *seen, &it);
		return;
	}
	if (val.len == 0)
		it.len = 0; /* blanks written as references are bytes, but not a value */
	const size_t at = add(h, &it, val);

	*seen = (uint32_t)(at - h->build);
}

void
fmt_xml_hold_line_end(struct fmt_xml_hold *h, uint64_t end)
{
	struct item it = get(h, h->line);

	it.len = end - it.off;
	set(h, h->line, &it);
	h->line = 0;
}

void
fmt_xml_hold_record_end(struct fmt_xml_hold *h, uint64_t end)
{
	struct item it = get(h, h->build);

	it.len = end - it.off;
	it.more = (uint32_t)(h->items.len - h->build);
	set(h, h->build, &it);
	h->ready = h->items.len;
	h->build = h->items.len;
}

bool
fmt_xml_hold_full(const struct fmt_xml_hold *h)
{
	return h->items.full || h->items.len - h->build > EG_LIMIT_DOC_BYTES;
}

/* ---- out ---- */

static void
begin_row(const struct fmt_xml_hold *h, const struct item *it, size_t ncells, struct fmt_row *ret)
{
	for (size_t i = 0; i < ncells; i++)
		h->cells[i] =
		    (struct fmt_cell){ .state = FMT_ABSENT, .off = it->off, .line = it->line, .col = it->col };
	*ret =
	    (struct fmt_row){ .line = it->line, .off = it->off, .len = it->len, .ncells = ncells, .cells = h->cells };
}

static void
take_cell(const struct fmt_xml_hold *h, const struct item *it, size_t at)
{
	h->cells[it->slot] = (struct fmt_cell){ .state = it->state,
		.off = it->off,
		.len = it->len,
		.line = it->line,
		.col = it->col,
		.more = it->more,
		.val = eg_bytes(h->items.ptr + at + sizeof *it, it->text_len) };
}

/* Cells with a path that an earlier cell has too are copies of it. */
static void
copy_same(const struct fmt_xml_hold *h, const uint16_t *same, size_t n)
{
	for (size_t i = 0; i < n; i++)
		h->cells[i] = h->cells[same[i]];
}

static size_t
record_end(const struct fmt_xml_hold *h)
{
	return h->given + get(h, h->given).more;
}

static void
give_header(struct fmt_xml_hold *h, struct fmt_row *ret)
{
	const size_t end = record_end(h);
	struct item it = get(h, h->given);

	begin_row(h, &it, h->spec->npaths, ret);
	for (size_t at = behind(&it, h->given); at < end; at = behind(&it, at)) {
		it = get(h, at);
		if (it.kind == CELL)
			take_cell(h, &it, at);
	}
	copy_same(h, h->paths->same, h->spec->npaths);
	it = get(h, h->given);
	h->walk = behind(&it, h->given);
}

/* The next line of the record being given; false at its end. */
static bool
give_line(struct fmt_xml_hold *h, struct fmt_row *ret)
{
	const size_t end = record_end(h);
	struct item it;
	size_t at = h->walk;
	bool found = false;

	while (at < end) {
		it = get(h, at);
		if (it.kind == LINE && found)
			break;
		if (it.kind == LINE) {
			begin_row(h, &it, h->spec->nline_paths, ret);
			found = true;
		} else if (it.kind == LINE_CELL) {
			take_cell(h, &it, at);
		}
		at = behind(&it, at);
	}
	h->walk = at;
	if (found)
		copy_same(h, h->paths->same + h->spec->npaths, h->spec->nline_paths);
	return found;
}

bool
fmt_xml_hold_next(struct fmt_xml_hold *h, enum fmt_xml_kind *ret_kind, struct fmt_row *ret)
{
	if (h->walk > h->given) {
		if (give_line(h, ret)) {
			*ret_kind = FMT_XML_LINE;
			return true;
		}
		h->given = h->walk;
	}
	if (h->given < h->ready) {
		give_header(h, ret);
		*ret_kind = FMT_XML_RECORD;
		return true;
	}
	drop_given(h);
	return false;
}
