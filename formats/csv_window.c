/* SPDX-License-Identifier: MIT
 *
 * The window of a CSV reader: reading ahead, BOM, UTF-16. Refuses UTF-16 that is none (lone surrogates, half a
 * character at the end), but only when everything before it has been given: the reader then knows line and column.
 */
#include "formats/csv_window.h"

#include <errno.h>

#define ROOM_MIN 4096U
#define FIRST_CAP 65536U

void
fmt_csv_window_init(struct fmt_csv_window *w, struct fmt_src src, enum fmt_enc enc)
{
	memset(w, 0, sizeof *w);
	w->src = src;
	w->enc = enc;
}

void
fmt_csv_window_done(struct fmt_csv_window *w)
{
	free(w->buf);
	w->buf = NULL;
	eg_buf_done(&w->text);
}

/* At least ROOM_MIN bytes behind the window. Moving comes before growing: the memory stays that of the longest row. */
static int
make_room(struct fmt_csv_window *w, struct eg_err *err)
{
	if (w->cap - w->have >= ROOM_MIN)
		return EG_OK;
	if (w->at > 0) {
		memmove(w->buf, w->buf + w->at, w->have - w->at);
		w->have -= w->at;
		w->at = 0;
	}
	if (w->cap - w->have >= ROOM_MIN)
		return EG_OK;
	eg_check(w->have + ROOM_MIN <= FMT_CSV_WINDOW_MAX);
	size_t cap = w->cap == 0 ? FIRST_CAP : 2 * w->cap;
	if (cap > FMT_CSV_WINDOW_MAX)
		cap = FMT_CSV_WINDOW_MAX;
	unsigned char *p = realloc(w->buf, cap);
	if (p == NULL)
		return eg_fail_sys(err, EG_RETRY, "LIMIT-MEM", ENOMEM, "no memory for a CSV row of %zu bytes", w->have);
	w->buf = p;
	w->cap = cap;
	return EG_OK;
}

static int
read_plain(struct fmt_csv_window *w, struct eg_err *err)
{
	size_t n = 0;
	int rc = w->src.read(w->src.ctx, w->buf + w->have, w->cap - w->have, &n, err);
	if (rc < 0)
		return rc;
	w->have += n;
	w->end = n == 0;
	return EG_OK;
}

/* How much of raw can be turned now: whole units, and no first half of a surrogate pair. */
static size_t
whole_chars(const struct fmt_csv_window *w)
{
	size_t n = w->raw_have - w->raw_have % 2;
	if (w->end)
		return w->raw_have;
	if (n >= 2 && (w->raw[w->enc == FMT_UTF16LE ? n - 1 : n - 2] & 0xfc) == 0xd8)
		n -= 2;
	return n;
}

static bool
is_utf16(const struct fmt_csv_window *w)
{
	return w->enc == FMT_UTF16LE || w->enc == FMT_UTF16BE;
}

static void
put(struct fmt_csv_window *w, const unsigned char *p, size_t n)
{
	if (n > 0)
		memcpy(w->buf + w->have, p, n);
	w->have += n;
}

static int
turn_utf16(struct fmt_csv_window *w, struct eg_err *err)
{
	size_t whole = whole_chars(w);
	eg_buf_clear(&w->text);
	int rc = fmt_to_utf8(w->enc, eg_bytes(w->raw, whole), &w->text, &w->late);
	if (rc < 0 && rc != EG_BADFILE) {
		*err = w->late;
		return rc;
	}
	put(w, w->text.ptr, w->text.len);
	w->raw_have -= whole;
	memmove(w->raw, w->raw + whole, w->raw_have);
	return EG_OK;
}

/* One unit of two bytes becomes three at most, so half of the room is never too much to read. */
static int
read_utf16(struct fmt_csv_window *w, struct eg_err *err)
{
	size_t n = 0, cap = (w->cap - w->have) / 2;
	if (cap > sizeof w->raw)
		cap = sizeof w->raw;
	int rc = w->src.read(w->src.ctx, w->raw + w->raw_have, cap - w->raw_have, &n, err);
	if (rc < 0)
		return rc;
	w->raw_have += n;
	w->end = n == 0;
	return turn_utf16(w, err);
}

/* The first bytes decide how to go on, so they are read into raw whatever they are. */
static int
begin(struct fmt_csv_window *w, struct eg_err *err)
{
	while (w->raw_have < 3 && !w->end) {
		size_t n = 0;
		int rc = w->src.read(w->src.ctx, w->raw + w->raw_have, sizeof w->raw - w->raw_have, &n, err);
		if (rc < 0)
			return rc;
		w->raw_have += n;
		w->end = n == 0;
	}
	size_t bom = 0;
	(void)fmt_bom(eg_bytes(w->raw, w->raw_have), &w->enc, &bom);
	w->off = bom;
	w->raw_have -= bom;
	memmove(w->raw, w->raw + bom, w->raw_have);
	w->begun = true;
	if (is_utf16(w))
		return turn_utf16(w, err);
	put(w, w->raw, w->raw_have);
	w->raw_have = 0;
	return EG_OK;
}

int
fmt_csv_window_more(struct fmt_csv_window *w, struct eg_err *err)
{
	size_t before = w->have - w->at;
	do {
		if (w->late.cls != EG_OK) {
			*err = w->late;
			return w->late.cls;
		}
		if (w->end)
			return EG_EOF;
		int rc = make_room(w, err);
		if (rc == EG_OK && !w->begun)
			rc = begin(w, err);
		else if (rc == EG_OK)
			rc = is_utf16(w) ? read_utf16(w, err) : read_plain(w, err);
		if (rc < 0)
			return rc;
	} while (w->have - w->at == before);
	return EG_OK;
}
