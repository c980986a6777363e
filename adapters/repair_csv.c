/* SPDX-License-Identifier: MIT
 *
 * The kit of a CSV file or a sheet. Rows are copied as the sender wrote them; the values appended are for people, so one that a spreadsheet would take for a formula
 * gets an apostrophe. Rows of a file that was a kit itself, and rows of a sheet, are written anew from their cells.
 */
#include "adapters/repair_int.h"

#include "base/limits.h"

/* ---- a source whose last bytes can be looked at again ---- */

struct keeper {
	struct fmt_src inner;
	struct eg_buf kept; /* the bytes from `base` on */
	uint64_t base;
};

static int
keeper_read(void *ctx, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	struct keeper *k = ctx;
	int rc = k->inner.read(k->inner.ctx, buf, cap, ret_n, err);

	if (rc == EG_OK)
		eg_buf_put(&k->kept, buf, *ret_n);
	return rc;
}

static struct eg_bytes
keeper_bytes(const struct keeper *k, uint64_t off, uint64_t len)
{
	if (off < k->base || off - k->base > k->kept.len)
		return EG_NONE;
	return eg_bytes_sub(eg_buf_view(&k->kept), (size_t)(off - k->base), (size_t)len);
}

/* What stands before `off` is not asked for again. */
static void
keeper_drop(struct keeper *k, uint64_t off)
{
	size_t n = off > k->base ? (size_t)(off - k->base) : 0;

	if (n < EG_LIMIT_ROW_BYTES / 4 || n > k->kept.len)
		return;
	memmove(k->kept.ptr, k->kept.ptr + n, k->kept.len - n);
	k->kept.len -= n;
	k->base += n;
}

/* ---- rows ---- */

struct rows {
	struct rd *r;
	struct repair *p;
	struct keeper keep; /* CSV */
	enum fmt_enc enc;
	unsigned char delim;
	bool *ours; /* columns of the header that are a kit's */
	size_t nours;
	size_t ncells; /* of the header; 0 = none */
	bool header_done;
	const char *end; /* line end of the file */
};

static void
put(struct rows *w, const char *text)
{
	repair_text(w->enc, eg_bytes_str(text), &w->p->out);
}

static void
put_delim(struct rows *w)
{
	repair_text(w->enc, eg_bytes(&w->delim, 1), &w->p->out);
}

static void
put_cell(struct rows *w, struct eg_bytes v, bool quoted)
{
	struct eg_buf b = EG_BUF_INIT;

	for (size_t i = 0; i < v.len; i++)
		quoted = quoted || v.ptr[i] == w->delim || v.ptr[i] == '"' || v.ptr[i] == '\r' || v.ptr[i] == '\n';
	if (quoted)
		eg_buf_chr(&b, '"');
	for (size_t i = 0; i < v.len; i++) {
		if (v.ptr[i] == '"')
			eg_buf_chr(&b, '"');
		eg_buf_chr(&b, v.ptr[i]);
	}
	if (quoted)
		eg_buf_chr(&b, '"');
	repair_text(w->enc, eg_buf_view(&b), &w->p->out);
	eg_buf_done(&b);
}

/* A value of ours: on one line, and never a formula. */
static void
put_note(struct rows *w, const char *text)
{
	struct eg_buf b = EG_BUF_INIT;

	put_delim(w);
	if (*text != '\0' && strchr("=+-@\t\r", *text) != NULL)
		eg_buf_chr(&b, '\'');
	for (; *text != '\0'; text++)
		eg_buf_chr(&b, (unsigned char)*text < 0x20 ? ' ' : (unsigned char)*text);
	put_cell(w, eg_buf_view(&b), false);
	eg_buf_done(&b);
}

/* ---- the sender's part of a row ---- */

static struct eg_bytes
without_end(const struct rows *w, struct eg_bytes v)
{
	size_t unit = w->enc == FMT_UTF16LE || w->enc == FMT_UTF16BE ? 2 : 1, low = w->enc == FMT_UTF16BE ? 1 : 0;

	for (int i = 0; i < 2; i++) {
		unsigned char want = i == 0 ? '\n' : '\r';

		if (v.len >= unit && v.ptr[v.len - unit + low] == want && (unit == 1 || v.ptr[v.len - 1 - low] == 0))
			v.len -= unit;
	}
	return v;
}

static void
put_raw(struct rows *w, const struct fmt_row *row)
{
	struct eg_bytes raw = keeper_bytes(&w->keep, row->off, row->len);
	enum fmt_enc enc;
	size_t bom = 0;

	if (raw.len > 0 && row->off == 0 && fmt_bom(raw, &enc, &bom))
		raw = eg_bytes_sub(raw, bom, raw.len);
	if (!w->header_done && raw.len > 0)
		w->end = without_end(w, raw).len + 1 == raw.len && w->enc != FMT_UTF16LE && w->enc != FMT_UTF16BE ?
		             "\n" :
		             "\r\n";
	eg_buf_add(&w->p->out, without_end(w, raw));
}

/* What a CSV of this layout says where the sheet itself said what a cell is. */
static struct eg_bytes
as_text(const struct rows *w, const struct fmt_cell *c, struct eg_buf *room)
{
	const struct adp_in *in = &w->p->kit->adapter->in;
	struct eg_date d;

	eg_buf_clear(room);
	if (c->kind == FMT_IS_DATE && in->dates.n > 0 &&
	    eg_date_parse(eg_bytes_sub(c->val, 0, 10), EG_LIT("YYYY-MM-DD"), &d)) {
		eg_date_print(room, d, in->dates.v[0]);
		return eg_buf_view(room);
	}
	if (c->kind == FMT_IS_PERCENT && c->val.len > 0)
		return eg_bytes_sub(c->val, 0, c->val.len - 1);
	return c->val;
}

static void
put_cells(struct rows *w, const struct fmt_row *row, char check[REPAIR_CHECK_LEN + 1])
{
	struct fmt_cell *cells = eg_xalloc((row->ncells + 1) * sizeof(*cells));
	struct eg_buf *room = eg_xalloc((row->ncells + 1) * sizeof(*room));
	bool first = true;

	for (size_t i = 0; i < row->ncells; i++) {
		bool ours = w->ours != NULL && i < w->ncells && w->ours[i];

		room[i] = (struct eg_buf)EG_BUF_INIT;
		cells[i] = row->cells[i];
		if (w->r->book != NULL)
			cells[i].val = as_text(w, &row->cells[i], &room[i]);
		if (ours)
			continue;
		if (!first)
			put_delim(w);
		first = false;
		put_cell(w, cells[i].val, w->r->book == NULL && cells[i].quoted);
	}
	repair_check(cells, row->ncells, row->ncells == w->ncells ? w->ours : NULL, check);
	for (size_t i = 0; i < row->ncells; i++)
		eg_buf_done(&room[i]);
	free(room);
	free(cells);
}

static void
put_sender(struct rows *w, const struct fmt_row *row, char check[REPAIR_CHECK_LEN + 1])
{
	if (w->r->book != NULL || w->nours > 0) {
		put_cells(w, row, check);
		return;
	}
	put_raw(w, row);
	repair_check(row->cells, row->ncells, NULL, check);
}

/* ---- the file ---- */

static int
put_header(struct rows *w, const struct fmt_row *row, struct eg_err *err)
{
	char check[REPAIR_CHECK_LEN + 1];

	w->ncells = row->ncells;
	w->ours = eg_arena_array(&w->r->fixed, row->ncells + 1, sizeof(*w->ours));
	if (w->ours == NULL)
		return rd_no_memory(w->r, err);
	for (size_t i = 0; i < row->ncells; i++) {
		w->ours[i] = repair_is_column(row->cells[i].val);
		w->nours += w->ours[i];
	}
	put_sender(w, row, check);
	w->header_done = true;
	for (size_t i = 0; i < REPAIR_NCOLUMNS; i++) {
		put_delim(w);
		put(w, repair_columns[i]);
	}
	put(w, w->end);
	return repair_flush(w->p, err);
}

static bool
belongs(const struct adp_kit_doc *d, const struct fmt_row *row)
{
	return d->len == 0 ? row->line == d->line : row->off >= d->off && row->off < d->off + d->len;
}

static bool
behind(const struct adp_kit_doc *d, const struct fmt_row *row)
{
	return d->len == 0 ? row->line > d->line : row->off >= d->off + d->len;
}

/* Two kinds of records can be made of one row: the first of them is named. */
static int
put_row(struct rows *w, const struct fmt_row *row, struct eg_err *err)
{
	const struct adp_kit *kit = w->p->kit;
	const struct adp_kit_doc *d;
	const struct adp_kit_note *n;
	char check[REPAIR_CHECK_LEN + 1], line[24];

	while (w->p->next < kit->ndocs && behind(&kit->docs[w->p->next], row))
		w->p->next++;
	if (w->p->next == kit->ndocs || !belongs(&kit->docs[w->p->next], row))
		return EG_OK;
	d = &kit->docs[w->p->next];
	n = repair_note_at(d, row->line);
	put_sender(w, row, check);
	if (w->ncells > 0) {
		(void)snprintf(line, sizeof(line), "%llu", (unsigned long long)row->line);
		const char *const cells[REPAIR_NCOLUMNS] = { d->id, line, n->code, n->reason, n->accepted, n->near,
			check };
		for (size_t i = 0; i < REPAIR_NCOLUMNS; i++)
			put_note(w, cells[i]);
	}
	put(w, w->end);
	return repair_flush(w->p, err);
}

static void
put_mark(struct rows *w)
{
	static const char bom[] = "\xef\xbb\xbf";

	if (w->enc == FMT_UTF8 || w->enc == FMT_UTF16LE || w->enc == FMT_UTF16BE)
		put(w, bom);
}

/* The mark decides; it has been seen once the first row is there. */
static void
begin_csv(struct rows *w)
{
	size_t bom;

	(void)fmt_bom(eg_bytes_sub(eg_buf_view(&w->keep.kept), 0, 4), &w->enc, &bom);
	if (w->enc == FMT_UTF8_ELSE_1252)
		w->enc = FMT_UTF8;
	put_mark(w);
}

static int
csv_rows(struct rows *w, struct fmt_csv *csv, const struct adp *a, struct eg_err *err)
{
	uint64_t frame = a->in.type == AF_POSITIONAL ? a->in.skip : 0;
	bool positional = a->in.type == AF_POSITIONAL, first = true;
	int rc = EG_OK;

	while (rc == EG_OK) {
		struct fmt_row row;

		rc = fmt_csv_next(csv, &row, err);
		if (rc != EG_OK)
			break;
		if (first)
			begin_csv(w);
		first = false;
		if (frame > 0) {
			put_raw(w, &row);
			put(w, w->end);
			w->header_done = true;
			frame--;
		} else if (!row.blank)
			rc = positional || w->header_done ? put_row(w, &row, err) : put_header(w, &row, err);
		keeper_drop(&w->keep, row.off + row.len);
	}
	return rc == EG_EOF ? EG_OK : rc;
}

int
repair_csv(struct rd *r, struct repair *p, struct eg_err *err)
{
	struct fmt_csv_opts opts = { 0 };
	struct rd_chosen c = { NULL, 0 };
	struct fmt_csv *csv = NULL;
	struct rows w = { .r = r, .p = p, .end = "\r\n", .keep = { .inner = r->src } };
	int rc = rd_choose(r, &c, err);

	if (rc != EG_OK)
		return rc;
	opts.delim = w.delim = c.delim;
	opts.enc = w.enc = c.a->in.enc;
	opts.skip_lines = c.a->in.type == AF_POSITIONAL ? c.a->in.skip : 0;
	rd_rewind(r, false);
	rc = fmt_csv_open((struct fmt_src){ keeper_read, &w.keep }, &opts, &csv, err);
	if (rc == EG_OK)
		rc = csv_rows(&w, csv, c.a, err);
	fmt_csv_free(csv);
	eg_buf_done(&w.keep.kept);
	return rc;
}

/* ---- sheets ---- */

static bool
is_header(struct rd *r, const struct adp *a, const struct fmt_row *row, struct eg_err *err)
{
	struct rd_header h;
	bool fits = false;

	if (rd_keep_header(r, row, &h, err) == EG_OK)
		(void)rd_signature(&h, a, &fits);
	return fits;
}

int
repair_sheet(struct rd *r, struct repair *p, struct eg_err *err)
{
	const struct adp *a = p->kit->adapter;
	struct rows w = {
		.r = r, .p = p, .end = "\r\n", .enc = FMT_UTF8, .delim = a->in.delim == 0 ? ',' : a->in.delim
	};
	int rc = fmt_book_begin(r->book, r->tape.inner, err);

	put_mark(&w);
	while (rc == EG_OK) {
		struct fmt_row row;

		rc = fmt_book_next(r->book, &row, err);
		if (rc != EG_OK || row.blank)
			continue;
		if (w.header_done)
			rc = put_row(&w, &row, err);
		else if (a->in.type == AF_POSITIONAL || is_header(r, a, &row, err)) {
			fmt_book_widen(r->book, row.ncells);
			if (a->in.yes.n > 0)
				fmt_book_flags(r->book, a->in.yes.v[0], a->in.no.v[0]);
			rc = put_header(&w, &row, err);
		}
	}
	return rc == EG_EOF ? EG_OK : rc;
}
