/* SPDX-License-Identifier: MIT
 *
 * Sheets of workbooks: the layouts of CSV files, found by a header row that titles may stand above. Rows and their cells come from
 * formats/xlsx_read.h. Refuses the whole sheet with F-01, F-05, F-07, F-08 and with what the reader refuses (F-03, LIMIT-…).
 */
#include "adapters/read_int.h"

#include "base/limits.h"

struct search { /* the first rows, until one is a header */
	struct rd_header seen[EG_LIMIT_TITLE_ROWS];
	size_t n;
	const struct adp *a; /* NULL = none fits */
	uint64_t line; /* of the last row looked at */
	unsigned near; /* most columns of one signature in one row */
};

static const struct adp *
layout_of(struct rd *r, const struct rd_header *h, unsigned *near)
{
	for (size_t i = 0; i < adp_set_count(r->set); i++) {
		const struct adp *a = adp_set_at(r->set, i);
		bool fits;

		if (rd_fits(r, a, AF_POSITIONAL) && h->n == 1 && eg_bytes_eq(a->in.first_line, h->names[0]))
			return a;
		if (!rd_fits(r, a, AF_CSV))
			continue;
		const unsigned n = rd_signature(h, a, &fits);

		if (fits)
			return a;
		*near = n > *near ? n : *near;
	}
	return NULL;
}

/* EG_OK also when no layout was found. */
static int
find_header(struct rd *r, struct search *s, struct eg_err *err)
{
	while (s->a == NULL && s->n < EG_LIMIT_TITLE_ROWS) {
		struct fmt_row row;
		int rc = fmt_book_next(r->book, &row, err);

		if (rc == EG_EOF)
			return EG_OK;
		if (rc == EG_OK && row.blank)
			continue;
		if (rc == EG_OK)
			rc = rd_keep_header(r, &row, &s->seen[s->n], err);
		if (rc != EG_OK)
			return rc;
		s->line = row.line;
		s->a = layout_of(r, &s->seen[s->n++], &s->near);
	}
	return EG_OK;
}

/* `first`: rows before it are a frame of a layout without header row. EG_EOF of the reader is EG_OK here: EG_EOF means that the sheet was refused. */
static int
rows(struct rd *r, uint64_t first, struct eg_err *err)
{
	for (;;) {
		struct fmt_row row;
		int rc = fmt_book_next(r->book, &row, err);

		if (rc != EG_OK)
			return rc == EG_EOF ? EG_OK : rd_refuse_err(r, err);
		if (row.blank || row.line < first)
			continue;
		rc = r->ncells > 0 && row.ncells > r->ncells ? rd_short_row(r, &row, err) : rd_row(r, &row, err);
		if (rc != EG_OK)
			return rc;
	}
}

static int
read_rows(struct rd *r, struct search *s, struct eg_err *err)
{
	static const struct rd_header none = { 0, NULL };
	const bool positional = s->a->in.type == AF_POSITIONAL;
	const struct rd_header *h = positional ? &none : &s->seen[s->n - 1];
	int rc = rd_kinds(r, s->a, err);

	if (rc == EG_OK)
		rc = rd_columns(r, h, err);
	fmt_book_widen(r->book, h->n);
	if (s->a->in.yes.n > 0) /* conditions on cells ask for the layout's own words */
		fmt_book_flags(r->book, s->a->in.yes.v[0], s->a->in.no.v[0]);
	return rc == EG_OK ? rows(r, positional ? s->line + s->a->in.skip : 0, err) : rc;
}

static int
sheet_pass(struct rd *r, struct eg_err *err)
{
	struct search *s = eg_xalloc(sizeof(*s));
	int rc = fmt_book_begin(r->book, r->tape.inner, err);

	if (rc == EG_OK)
		rc = find_header(r, s, err);
	if (rc == EG_OK && s->a == NULL)
		rc = rd_nothing_fits(r, s->seen, s->n, err);
	else if (rc == EG_OK)
		rc = read_rows(r, s, err);
	free(s);
	return rc == EG_BADFILE ? rd_refuse_err(r, err) : rc;
}

int
adp_read_sheet(const struct adp_set *s, const struct adp_file *f, struct fmt_book *b, struct fmt_src src,
    const struct adp_sink *sink, struct adp_file_result *ret, struct eg_err *err)
{
	return rd_run(s, f, src, b, sink, sheet_pass, ret, err);
}

int
adp_sheet_fit(const struct adp_set *s, const struct adp_file *f, struct fmt_book *b, struct fmt_src src,
    enum adp_fit *ret, struct eg_err *err)
{
	struct search *found = eg_xalloc(sizeof(*found));
	struct rd *r = eg_xalloc(sizeof(*r));
	int rc = fmt_book_begin(b, src, err);

	r->set = s;
	r->file = f;
	r->book = b;
	eg_arena_init(&r->fixed, RD_ARENA_MAX);
	if (rc == EG_OK)
		rc = find_header(r, found, err);
	if (rc == EG_OK)
		*ret = found->a != NULL ? ADP_FIT_LAYOUT :
		       found->near >= 2 ? ADP_FIT_NEAR :
		       found->n > 0     ? ADP_FIT_NONE :
		                          ADP_FIT_EMPTY;
	eg_arena_done(&r->fixed);
	free(found);
	free(r);
	return rc;
}
