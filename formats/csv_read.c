/* SPDX-License-Identifier: MIT
 *
 * CSV in. A row is found first: a scan for line ends outside quotes, which also notes where every delimiter stands.
 * Then libcsv parses the row, strictly, and each cell it gives is joined with its place. The two must agree on the
 * number of cells and on the length of each, else the program stops: a value at a wrong place would be worse than
 * none.
 *
 * libcsv also ends rows at a lone CR, which is content here; its set of line ends is changed for rows that hold one.
 * A malformed row may be scanned too far (its quotes do not pair up); libcsv then still names the first offence.
 */
#include "formats/csv_read.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "formats/csv_window.h"

#include <csv.h>
#include <errno.h>

struct fmt_csv {
	struct fmt_csv_window win; /* begins at the current row */
	struct csv_parser parser;
	uint64_t skip; /* raw lines still to give */
	uint64_t lines; /* physical lines behind us */
	struct eg_err stuck; /* cls set: the failure that ended the reading */
	bool special[256]; /* what the scan stops at outside quotes */

	/* the scan of the current row; indexes count from its first byte */
	size_t seen;
	bool quote_open, quotes; /* open where the scan stands; any at all */
	size_t nends;
	uint32_t ends[EG_LIMIT_CELLS]; /* where each cell's delimiter or line end stands */

	const unsigned char *row;
	size_t ncells;
	bool astray; /* libcsv sees other cells than the scan */
	bool filled; /* some cell holds something */
	unsigned char *undoubled; /* values whose quotes were doubled */
	size_t undoubled_len, undoubled_cap;
	struct eg_buf decoded; /* values of 8-bit encodings as UTF-8 */
	struct fmt_cell cells[EG_LIMIT_CELLS];
};

/* A place in the current row. */
struct place {
	size_t at;
	struct eg_pos pos;
};

static bool
is_utf16(const struct fmt_csv *c)
{
	return c->win.enc == FMT_UTF16LE || c->win.enc == FMT_UTF16BE;
}

static bool
is_blank(unsigned char b)
{
	return b == ' ' || b == '\t';
}

static struct place
row_start(const struct fmt_csv *c)
{
	return (struct place){ 0, { .off = c->win.off, .line = c->lines + 1, .col = 1 } };
}

/* Moves p on to byte `to` of the row. Rows begin at the start of a line, so walking from the row's start gives
 * true columns. */
static void
walk(const struct fmt_csv *c, struct place *p, size_t to)
{
	bool utf16 = is_utf16(c), utf8 = utf16 || c->win.enc == FMT_UTF8;
	for (; p->at < to; p->at++) {
		unsigned char b = c->row[p->at];
		bool first = !utf8 || (b & 0xc0) != 0x80;
		if (!utf16)
			p->pos.off++;
		else if (first)
			p->pos.off += b < 0xf0 ? 2 : 4;
		if (b == '\n') {
			p->pos.line++;
			p->pos.col = 1;
		} else if (first) {
			p->pos.col++;
		}
	}
}

static struct eg_pos
place_of(const struct fmt_csv *c, size_t at)
{
	struct place p = row_start(c);
	walk(c, &p, at);
	return p.pos;
}

int
fmt_csv_open(struct fmt_src src, const struct fmt_csv_opts *opts, struct fmt_csv **ret, struct eg_err *err)
{
	unsigned char delim = opts->delim == 0 ? ',' : opts->delim;
	eg_check(delim < 0x80 && delim != '"' && delim != '\r' && delim != '\n');
	struct fmt_csv *c = calloc(1, sizeof *c);
	if (c == NULL || csv_init(&c->parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
		free(c);
		return eg_fail_sys(err, EG_RETRY, "LIMIT-MEM", ENOMEM, "no memory for a CSV reader");
	}
	csv_set_delim(&c->parser, delim);
	csv_set_blk_size(&c->parser, 4096);
	fmt_csv_window_init(&c->win, src, opts->enc);
	c->skip = opts->skip_lines;
	c->special[delim] = true;
	c->special['"'] = true;
	c->special['\n'] = true;
	c->decoded.max = 4 * EG_LIMIT_ROW_BYTES;
	*ret = c;
	return EG_OK;
}

void
fmt_csv_free(struct fmt_csv *c)
{
	if (c == NULL)
		return;
	csv_free(&c->parser);
	fmt_csv_window_done(&c->win);
	free(c->undoubled);
	eg_buf_done(&c->decoded);
	free(c);
}

bool
fmt_csv_whole(const struct fmt_csv *c)
{
	return !c->quote_open;
}

uint64_t
fmt_csv_lines(const struct fmt_csv *c)
{
	return c->lines;
}

enum scan {
	SCAN_ON, /* no line end in what there is */
	SCAN_ROW, /* the row's LF stands at `seen` */
	SCAN_CELLS, /* the delimiter at `seen` opens one cell too many */
};

/* Goes on at `seen` in the first n bytes of the row. */
static enum scan
scan_row(struct fmt_csv *c, size_t n)
{
	const unsigned char *row = c->row;
	size_t i = c->seen;
	enum scan found = SCAN_ON;
	while (i < n) {
		if (c->quote_open) {
			const unsigned char *q = memchr(row + i, '"', n - i);
			c->quote_open = q == NULL;
			i = q == NULL ? n : (size_t)(q - row) + 1;
			continue;
		}
		while (i < n && !c->special[row[i]])
			i++;
		if (i == n)
			break;
		if (row[i] == '\n') {
			found = SCAN_ROW;
			break;
		}
		if (row[i] == '"') {
			c->quotes = true;
			c->quote_open = true;
		} else if (c->nends + 1 == EG_LIMIT_CELLS) {
			found = SCAN_CELLS;
			break;
		} else {
			c->ends[c->nends++] = (uint32_t)i;
		}
		i++;
	}
	c->seen = i;
	return found;
}

/* Frames before the data: quotes mean nothing there. */
static enum scan
scan_line(struct fmt_csv *c, size_t n)
{
	const unsigned char *lf = n > c->seen ? memchr(c->row + c->seen, '\n', n - c->seen) : NULL;
	c->seen = lf == NULL ? n : (size_t)(lf - c->row);
	return lf == NULL ? SCAN_ON : SCAN_ROW;
}

/* libcsv gives cell after cell; the k-th one stands between the k-th two ends. Its text may be used in place
 * unless quotes were doubled in it: libcsv cuts the same blanks and quotes. */
static void
on_cell(void *text, size_t n, void *ctx)
{
	struct fmt_csv *c = ctx;
	if (c->ncells == c->nends) {
		c->astray = true;
		return;
	}
	size_t from = c->ncells == 0 ? 0 : c->ends[c->ncells - 1] + 1U, to = c->ends[c->ncells];
	while (to > from && is_blank(c->row[to - 1]))
		to--;
	while (from < to && is_blank(c->row[from]))
		from++;
	bool quoted = from < to && c->row[from] == '"';
	if (quoted) {
		c->astray |= to - from < 2;
		from++;
		to--;
	}
	const unsigned char *val = c->row + from;
	size_t doubled = to - from - n;
	if (doubled > 0) {
		c->astray |= !quoted || doubled > (to - from) / 2;
		if (c->astray)
			return;
		val = memcpy(c->undoubled + c->undoubled_len, text, n);
		c->undoubled_len += n;
	}
	while (to > from && is_blank(c->row[to - 1]))
		to--;
	for (; from < to && is_blank(c->row[from]); val++)
		from++;
	c->cells[c->ncells++] = (struct fmt_cell){
		.state = from < to ? FMT_VALUE : FMT_EMPTY,
		.quoted = quoted,
		.val = { val, to > from ? to - from - doubled : 0 },
		.off = from,
		.len = to - from,
	};
	c->filled |= from < to;
}

static int
only_lf(unsigned char b)
{
	return b == '\n';
}

/* What libcsv refuses, told at its byte: `at` is where it stopped. */
static int
fail_strict(const struct fmt_csv *c, size_t at, struct eg_err *err)
{
	size_t from = c->ncells == 0 ? 0 : c->ends[c->ncells - 1] + 1U;
	while (from < at && is_blank(c->row[from]))
		from++;
	const char *what =
	    c->row[from] == '"' && from < at ?
		"text after a closing quote; put the whole cell in quotes and double every quote inside it" :
		"a quote inside a cell that is not in quotes; put the whole cell in quotes and double every quote inside it";
	int rc = eg_fail(err, EG_BADFILE, "F-03", "%s", what);
	err->pos = place_of(c, at);
	return rc;
}

static int
fail_open_quote(const struct fmt_csv *c, struct eg_err *err)
{
	size_t from = c->nends < 2 ? 0 : c->ends[c->nends - 2] + 1U;
	while (is_blank(c->row[from]))
		from++;
	int rc = eg_fail(err, EG_BADFILE, "F-03",
	    "a quote is opened here and never closed; close it, or send the file again if it was cut off");
	err->pos = place_of(c, from);
	return rc;
}

static int
fail_mem(size_t n, struct eg_err *err)
{
	return eg_fail_sys(err, EG_RETRY, "LIMIT-MEM", ENOMEM, "no memory for a CSV row of %zu bytes", n);
}

/* libcsv over the first n bytes of the row. */
static int
parse(struct fmt_csv *c, size_t n, struct eg_err *err)
{
	if (c->quotes && c->undoubled_cap < n) {
		unsigned char *p = realloc(c->undoubled, n);
		if (p == NULL)
			return fail_mem(n, err);
		c->undoubled = p;
		c->undoubled_cap = n;
	}
	csv_set_term_func(&c->parser, n > 0 && memchr(c->row, '\r', n) != NULL ? only_lf : NULL);
	size_t used = csv_parse(&c->parser, c->row, n, on_cell, NULL, c);
	if (csv_error(&c->parser) == CSV_EPARSE)
		return fail_strict(c, used, err);
	return used == n && csv_error(&c->parser) == CSV_SUCCESS ? EG_OK : fail_mem(n, err);
}

/* A whole row of n bytes without its line end. */
static int
parse_row(struct fmt_csv *c, size_t n, struct eg_err *err)
{
	c->ends[c->nends++] = (uint32_t)n;
	int rc = parse(c, n, err);
	if (rc < 0)
		return rc;
	if (csv_fini(&c->parser, on_cell, NULL, c) != 0)
		return fail_open_quote(c, err);
	if (c->ncells == 0) /* libcsv is silent about rows of nothing but blanks */
		on_cell(NULL, 0, c);
	eg_check(!c->astray && c->ncells == c->nends);
	return EG_OK;
}

/* A frame line is one cell as it stands. */
static void
take_line(struct fmt_csv *c, size_t n)
{
	struct eg_bytes v = eg_bytes_trim(eg_bytes(c->row, n));
	c->ncells = 1;
	c->filled = v.len > 0;
	c->cells[0] = (struct fmt_cell){
		.state = v.len > 0 ? FMT_VALUE : FMT_EMPTY,
		.val = v,
		.off = v.len > 0 ? (uint64_t)(v.ptr - c->row) : 0,
		.len = v.len,
	};
}

static bool
has_high(const unsigned char *p, size_t n)
{
	uint64_t any = 0, word;
	for (; n >= sizeof word; p += sizeof word, n -= sizeof word) {
		memcpy(&word, p, sizeof word);
		any |= word;
	}
	for (; n > 0; n--)
		any |= *p++;
	return (any & UINT64_C(0x8080808080808080)) != 0;
}

static int
decode_cells(struct fmt_csv *c, struct eg_err *err)
{
	eg_buf_clear(&c->decoded);
	for (size_t i = 0; i < c->ncells; i++) {
		struct eg_bytes *v = &c->cells[i].val;
		if (!has_high(v->ptr, v->len))
			continue;
		size_t before = c->decoded.len;
		int rc = fmt_to_utf8(c->win.enc, *v, &c->decoded, err);
		if (rc < 0)
			return rc;
		*v = (struct eg_bytes){ NULL, c->decoded.len - before };
	}
	/* the buffer no longer moves: the values that were turned stand in it one after the other */
	const unsigned char *p = c->decoded.ptr;
	for (size_t i = 0; i < c->ncells; i++) {
		struct eg_bytes *v = &c->cells[i].val;
		if (v->ptr == NULL) {
			v->ptr = p;
			p += v->len;
		}
	}
	return EG_OK;
}

/* A row with bytes outside ASCII: n bytes without the line end. A fault in a value is looked up again in the
 * row, for its place. */
static int
decode(struct fmt_csv *c, size_t n, struct eg_err *err)
{
	struct eg_bytes all = eg_bytes(c->row, n);
	if (is_utf16(c) || (c->win.enc == FMT_UTF8 && eg_utf8_valid(all) == n))
		return EG_OK;
	int rc = c->win.enc == FMT_UTF8 ? EG_BADFILE : decode_cells(c, err);
	if (rc != EG_BADFILE)
		return rc;
	eg_buf_clear(&c->decoded);
	rc = fmt_to_utf8(c->win.enc, all, &c->decoded, err);
	eg_check(rc < 0);
	err->pos = place_of(c, err->pos.off);
	return rc;
}

/* Indexes in the row become places in the file. */
static struct place
place_cells(struct fmt_csv *c, size_t total, bool high)
{
	struct place p = row_start(c);
	bool wide = high && (is_utf16(c) || c->win.enc == FMT_UTF8);
	bool one_line = !c->quotes || memchr(c->row, '\n', total - 1) == NULL;
	if (wide || !one_line) {
		for (size_t i = 0; i < c->ncells; i++) {
			struct fmt_cell *cell = &c->cells[i];
			size_t end = cell->off + cell->len;
			walk(c, &p, cell->off);
			cell->off = p.pos.off;
			cell->line = p.pos.line;
			cell->col = p.pos.col;
			walk(c, &p, end);
			cell->len = p.pos.off - cell->off;
		}
		walk(c, &p, total);
		return p;
	}
	unsigned unit = is_utf16(c) ? 2 : 1;
	for (size_t i = 0; i < c->ncells; i++) {
		struct fmt_cell *cell = &c->cells[i];
		cell->line = p.pos.line;
		cell->col = (uint32_t)cell->off + 1;
		cell->off = p.pos.off + cell->off * unit;
		cell->len *= unit;
	}
	p.pos.off += total * unit;
	p.pos.line += c->row[total - 1] == '\n';
	return p;
}

/* The row is the window's first `total` bytes, line end included. */
static int
give(struct fmt_csv *c, size_t total, struct fmt_row *ret, struct eg_err *err)
{
	bool lf = c->row[total - 1] == '\n';
	size_t n = total - (lf ? 1 : 0);
	if (lf && n > 0 && c->row[n - 1] == '\r')
		n--;
	if (c->skip > 0) {
		c->skip--;
		take_line(c, n);
	} else {
		int rc = parse_row(c, n, err);
		if (rc < 0)
			return rc;
	}
	bool high = has_high(c->row, n);
	int rc = high ? decode(c, n, err) : EG_OK;
	if (rc < 0)
		return rc;
	struct place end = place_cells(c, total, high);
	*ret = (struct fmt_row){
		.line = c->lines + 1,
		.off = c->win.off,
		.len = end.pos.off - c->win.off,
		.ncells = c->ncells,
		.cells = c->cells,
		.blank = !c->filled,
	};
	c->lines = end.pos.line - (lf ? 1 : 0);
	c->win.at += total;
	c->win.off = end.pos.off;
	return EG_OK;
}

static int
fail_limit(struct fmt_csv *c, enum scan found, struct eg_err *err)
{
	int rc = c->skip > 0 ? EG_OK : parse(c, c->seen, err);
	if (rc < 0)
		return rc;
	if (found == SCAN_CELLS)
		rc = eg_fail(err, EG_BADFILE, "LIMIT-CELLS",
		    "a row of more than %u cells; check the delimiter, or split the file into fewer columns",
		    EG_LIMIT_CELLS);
	else
		rc = eg_fail(err, EG_BADFILE, "LIMIT-ROW", "a row of more than %zu bytes%s", EG_LIMIT_ROW_BYTES,
		    c->quote_open ? "; a quote in it is never closed: close it" : "; check the file's line ends");
	err->pos = place_of(c, c->seen);
	return rc;
}

static void
find_row(struct fmt_csv *c)
{
	c->row = c->win.buf == NULL ? NULL : c->win.buf + c->win.at;
}

static int
next(struct fmt_csv *c, struct fmt_row *ret, struct eg_err *err)
{
	c->seen = 0;
	c->quote_open = false;
	c->quotes = false;
	c->nends = 0;
	c->ncells = 0;
	c->astray = false;
	c->filled = false;
	c->undoubled_len = 0;
	find_row(c);
	for (;;) {
		size_t have = c->win.have - c->win.at;
		size_t n = have < EG_LIMIT_ROW_BYTES ? have : EG_LIMIT_ROW_BYTES;
		enum scan found = c->skip > 0 ? scan_line(c, n) : scan_row(c, n);
		if (found == SCAN_ROW)
			return give(c, c->seen + 1, ret, err);
		if (found == SCAN_CELLS || have > n)
			return fail_limit(c, found, err);
		int rc = fmt_csv_window_more(&c->win, err);
		find_row(c); /* it may have moved, also when there was no more */
		if (rc == EG_EOF)
			return have == 0 ? EG_EOF : give(c, have, ret, err);
		if (rc == EG_BADFILE && c->win.late.cls != EG_OK)
			err->pos = place_of(c, have);
		if (rc != EG_OK)
			return rc;
	}
}

int
fmt_csv_next(struct fmt_csv *c, struct fmt_row *ret, struct eg_err *err)
{
	if (c->stuck.cls != EG_OK) {
		*err = c->stuck;
		return c->stuck.cls;
	}
	int rc = next(c, ret, err);
	if (rc < 0)
		c->stuck = *err;
	return rc;
}
