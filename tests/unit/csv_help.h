/* SPDX-License-Identifier: MIT
 *
 * For the tests of CSV: rows as readable text, and the places of cells checked against the original bytes.
 */
#ifndef TESTS_CSV_HELP_H
#define TESTS_CSV_HELP_H

#include "formats/csv_read.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

/* What a reader made of an input. */
struct csv_seen {
	struct eg_buf values; /* cells joined by '|', rows ended by '$', blank rows by '~$' */
	struct eg_buf places; /* everything else a row tells */
	struct eg_err err; /* cls EG_EOF when it was read to the end */
	uint64_t lines, rows;
	bool whole;
	const char *wrong; /* the first place that does not hold */
};

/* Line and column of byte `off`, counted again from the start. */
static inline struct eg_pos
csv_count(struct eg_bytes in, enum fmt_enc enc, size_t from, uint64_t off)
{
	struct eg_pos pos = { .off = off, .line = 1, .col = 1 };
	bool utf16 = enc == FMT_UTF16LE || enc == FMT_UTF16BE;
	for (size_t i = from; i < off && i < in.len; i += utf16 ? 2 : 1) {
		unsigned unit = in.ptr[i];
		if (utf16 && i + 1 < in.len)
			unit = enc == FMT_UTF16LE ? unit | (unsigned)in.ptr[i + 1] << 8 : unit << 8 | in.ptr[i + 1];
		if (unit == '\n') {
			pos.line++;
			pos.col = 1;
		} else if (utf16 ? (unit & 0xfc00) != 0xdc00 : enc != FMT_UTF8 || (unit & 0xc0) != 0x80) {
			pos.col++;
		}
	}
	return pos;
}

/* Cuts the cell out of the original bytes and makes its value again. */
static inline const char *
csv_cell_wrong(struct eg_bytes in, enum fmt_enc enc, size_t bom, const struct fmt_cell *cell)
{
	struct eg_buf text = EG_BUF_INIT, value = EG_BUF_INIT;
	struct eg_err err;
	struct eg_pos pos = csv_count(in, enc, bom, cell->off);
	const char *wrong = NULL;
	if (cell->off + cell->len > in.len || cell->off < bom)
		return "range outside the input";
	if (fmt_to_utf8(enc, eg_bytes_sub(in, cell->off, cell->len), &text, &err) != EG_OK)
		wrong = "range cuts a character";
	for (size_t i = 0; i < text.len; i++) {
		eg_buf_chr(&value, text.ptr[i]);
		if (cell->quoted && text.ptr[i] == '"' && i + 1 < text.len && text.ptr[i + 1] == '"')
			i++;
	}
	if (wrong == NULL && !eg_bytes_eq(eg_buf_view(&value), cell->val))
		wrong = "range holds another value";
	if (wrong == NULL && (pos.line != cell->line || pos.col != cell->col))
		wrong = "line or column";
	if (wrong == NULL && (cell->state == FMT_VALUE) != (cell->val.len > 0))
		wrong = "state";
	eg_buf_done(&text);
	eg_buf_done(&value);
	return wrong;
}

static inline void
csv_see_row(struct csv_seen *s, const struct fmt_row *row)
{
	eg_buf_printf(&s->places, "[%ju %ju %ju]", (uintmax_t)row->line, (uintmax_t)row->off, (uintmax_t)row->len);
	for (size_t i = 0; i < row->ncells; i++) {
		const struct fmt_cell *c = &row->cells[i];
		eg_buf_str(&s->values, i > 0 ? "|" : "");
		eg_buf_add(&s->values, c->val);
		eg_buf_printf(&s->places, "(%d%d %ju %ju %ju:%u)", (int)c->state, c->quoted, (uintmax_t)c->off,
		    (uintmax_t)c->len, (uintmax_t)c->line, c->col);
	}
	eg_buf_str(&s->values, row->blank ? "~$" : "$");
}

/* check = false leaves the counting again out, which is quadratic. */
static inline struct csv_seen
csv_see(struct eg_bytes in, const struct fmt_csv_opts *opts, size_t step, bool check)
{
	struct csv_seen s = { .values = EG_BUF_INIT, .places = EG_BUF_INIT };
	struct fmt_src_mem mem;
	struct fmt_csv *csv = NULL;
	enum fmt_enc enc = opts->enc;
	size_t bom = 0;
	(void)fmt_bom(in, &enc, &bom);
	uint64_t off = bom;
	assert_int_equal(fmt_csv_open(fmt_src_mem(&mem, in, step), opts, &csv, &s.err), EG_OK);
	struct fmt_row row;
	int rc = fmt_csv_next(csv, &row, &s.err);
	for (; rc == EG_OK; rc = fmt_csv_next(csv, &row, &s.err)) {
		s.rows++;
		if (s.wrong == NULL && (row.off != off || row.len == 0))
			s.wrong = "rows do not join";
		if (check && s.wrong == NULL && csv_count(in, enc, bom, row.off).line != row.line)
			s.wrong = "line of the row";
		for (size_t i = 0; check && s.wrong == NULL && i < row.ncells; i++)
			s.wrong = csv_cell_wrong(in, enc, bom, &row.cells[i]);
		csv_see_row(&s, &row);
		off = row.off + row.len;
	}
	if (rc == EG_EOF)
		s.err = (struct eg_err){ .cls = EG_EOF };
	if (s.wrong == NULL && rc == EG_EOF && off != in.len)
		s.wrong = "rows do not reach the end";
	struct eg_err again;
	if (s.wrong == NULL && fmt_csv_next(csv, &row, &again) != rc)
		s.wrong = "the end is not sticky";
	struct eg_pos pos = csv_count(in, enc, bom, s.err.pos.off);
	if (check && s.wrong == NULL && rc == EG_BADFILE && (pos.line != s.err.pos.line || pos.col != s.err.pos.col))
		s.wrong = "place of the error";
	s.lines = fmt_csv_lines(csv);
	s.whole = fmt_csv_whole(csv);
	fmt_csv_free(csv);
	return s;
}

static inline void
csv_seen_done(struct csv_seen *s)
{
	eg_buf_done(&s->values);
	eg_buf_done(&s->places);
}

/* The same outcome to the last detail. */
static inline bool
csv_same(const struct csv_seen *a, const struct csv_seen *b)
{
	return eg_bytes_eq(eg_buf_view(&a->values), eg_buf_view(&b->values)) &&
	       eg_bytes_eq(eg_buf_view(&a->places), eg_buf_view(&b->places)) && a->err.cls == b->err.cls &&
	       strcmp(a->err.code, b->err.code) == 0 && a->err.pos.off == b->err.pos.off &&
	       a->err.pos.line == b->err.pos.line && a->err.pos.col == b->err.pos.col && a->lines == b->lines &&
	       a->whole == b->whole;
}

/* Random numbers that are the same in every run. */
static inline uint32_t
csv_random(uint64_t *state, uint32_t below)
{
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*state >> 33) % below;
}

#endif
