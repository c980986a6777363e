/* SPDX-License-Identifier: MIT
 *
 * Rows to documents: which rows belong together, their header, keys that come twice in the file, and the verdict. Of an open document only
 * the header's values, the first row's key and header cells, running sums and the keys of its lines are kept; lines go to the sink at once.
 */
#include "adapters/read_int.h"

#include "base/limits.h"

/* ---- end of a document ---- */

static enum adp_verdict
verdict(const struct rd_doc *d)
{
	if (d->shape)
		return ADP_REJECTED;
	if (d->silent || d->skipped)
		return ADP_SKIPPED;
	if (d->again || d->rejected)
		return ADP_REJECTED;
	if (d->refused)
		return ADP_REFUSED;
	return d->archived ? ADP_ARCHIVED : ADP_TAKEN;
}

static int
finish_rules(struct rd *r, const struct fmt_row *row, struct eg_err *err)
{
	struct rd_doc *d = &r->doc;
	const struct adp *a = d->kind->a;

	/* Lines of a document that came before were not looked at: sums over them would say nothing. */
	if (d->shape || d->silent || (d->again && a->in.nlines > 0))
		return EG_OK;
	r->on_line = false;
	r->env.rec = &d->head;
	r->env.line = NULL;
	r->env.cells = row;
	r->env.map = d->kind->map;
	r->env.arena = &r->head_arena;
	r->env.nlines = d->nlines;
	return rd_rules(r, a->rules, a->nrules, &d->silent, &d->skipped, &d->rejected, err);
}

static int
tell_end(struct rd *r, struct eg_err *err)
{
	struct rd_doc *d = &r->doc;
	enum rd_kind_of_finding only = d->shape ? RD_SHAPE : d->skipped ? RD_SKIP : d->again ? RD_AGAIN : RD_ANY;
	enum adp_verdict v = verdict(d);
	int rc;

	if (d->silent && !d->shape) {
		rd_notes_clear(r);
		if (!d->begun)
			return EG_OK;
	}
	r->res->records++;
	r->res->rejected += v == ADP_REJECTED;
	rc = rd_begin(r, err);
	if (rc == EG_OK)
		rc = rd_notes_tell(r, only, err);
	if (rc == EG_OK && r->sink->end != NULL)
		rc = r->sink->end(r->sink->ctx, v, d->off, d->end - d->off, err);
	return rc < 0 ? rc : EG_OK;
}

int
rd_finish(struct rd *r, const struct fmt_row *row, struct eg_err *err)
{
	struct rd_doc *d = &r->doc;
	uint64_t place = r->place;
	int rc;

	if (!d->open)
		return EG_OK;
	r->env.adp = d->kind->a;
	r->place = d->line;
	rc = finish_rules(r, row, err);
	if (rc == EG_OK && d->claim.id.len > 0)
		rc = rd_kit_judge(r, err);
	if (rc == EG_OK)
		rc = tell_end(r, err);
	if (rc == EG_OK && r->item.len > 0 && verdict(d) != ADP_SKIPPED)
		(void)keyset_add(&r->docs, d->key);
	r->place = place;
	rd_notes_clear(r);
	keyset_clear(&r->lines);
	d->open = false;
	return rc;
}

/* ---- begin of a document ---- */

static int
keep_cells(struct rd *r, const struct fmt_row *row, size_t n, const int *columns, const int *map, struct eg_bytes **ret,
    struct eg_err *err)
{
	struct eg_bytes *v = eg_arena_array(&r->head_arena, n, sizeof(*v));

	if (v == NULL)
		return rd_no_memory(r, err);
	for (size_t i = 0; i < n; i++) {
		int c = map == NULL ? columns[i] : map[columns[i]];

		v[i] = eg_arena_dup(&r->head_arena, c >= 0 && (size_t)c < row->ncells ? row->cells[c].val : EG_NONE);
		if (v[i].ptr == NULL)
			return rd_no_memory(r, err);
	}
	*ret = v;
	return EG_OK;
}

static int
open_values(struct rd *r, const struct rd_kind *k, const struct fmt_row *row, struct eg_err *err)
{
	struct rd_doc *d = &r->doc;
	int rc = rec_new(&r->head_arena, k->type, 0, &d->head, err);

	if (rc != EG_OK)
		return rd_no_memory(r, err);
	d->head.at = (struct rec_prov){ .line = (uint32_t)row->line, .off = row->off, .len = (uint32_t)row->len };
	r->env.rec = &d->head;
	r->env.line = NULL;
	r->env.nlines = 0;
	r->env.cells = row;
	r->env.map = k->map;
	r->env.arena = &r->head_arena;
	r->on_line = false;
	adp_agg_begin(k->a, &r->env);
	rc = rd_values(r, k, k->a->in.fields, k->a->in.nfields, d->head.head, &d->silent, &d->rejected, err);
	if (rc == EG_OK && k->grouped)
		rc = keep_cells(r, row, k->nhead_cells, k->head_cells, NULL, &d->head_cells, err);
	if (rc == EG_OK && k->grouped)
		rc = keep_cells(r, row, k->a->in.ndocument, k->a->in.document, k->map, &d->key_cells, err);
	return rc;
}

static int
open_doc(struct rd *r, struct rd_kind *k, const struct fmt_row *row, struct eg_err *err)
{
	struct rd_doc *d = &r->doc;
	int rc = rd_finish(r, NULL, err);

	if (rc != EG_OK)
		return rc;
	eg_arena_reset(&r->head_arena);
	eg_buf_clear(&r->item);
	*d = (struct rd_doc){ .open = true, .kind = k, .line = row->line, .off = row->off, .end = row->off + row->len };
	r->place = row->line;
	r->env.adp = k->a;
	r->env.row_number = ++k->records;
	rc = open_values(r, k, row, err);
	if (rc != EG_OK)
		return rc;
	if (!k->has_item || !rec_item_id(&d->head, &r->item))
		return EG_OK;
	d->key = keyset_of_bytes(eg_buf_view(&r->item));
	if (keyset_has(&r->docs, d->key)) {
		struct rd_fault f = { .kind = RD_AGAIN,
			.severity = ADP_REJECT,
			.code = "F-23",
			.line = d->line,
			.pos = rd_row_pos(row),
			.field = "" };

		d->again = true;
		return rd_say(r, &f, err,
		    "%s stands in this file a second time, at line %llu; only the first one counts. Remove one of them at the source and send the file again.",
		    eg_buf_cstr(&r->item), (unsigned long long)d->line);
	}
	return EG_OK;
}

/* ---- rows ---- */

/* Cells that the row does not have do not count against it. */
static bool
same_doc(const struct rd *r, const struct rd_kind *k, const struct fmt_row *row)
{
	const struct adp_in *in = &k->a->in;

	if (!r->doc.open || r->doc.kind != k || !k->grouped)
		return false;
	for (size_t i = 0; i < in->ndocument; i++) {
		int c = k->map[in->document[i]];

		if (c >= 0 && (size_t)c < row->ncells && !eg_bytes_eq(row->cells[c].val, r->doc.key_cells[i]))
			return false;
	}
	return true;
}

static int
check_head_cells(struct rd *r, const struct rd_kind *k, const struct fmt_row *row, struct eg_err *err)
{
	struct rd_doc *d = &r->doc;

	for (size_t i = 0; i < k->nhead_cells && !rd_left_alone(d); i++) {
		const struct fmt_cell *c = &row->cells[k->head_cells[i]];
		struct rd_fault f = {
			.severity = ADP_REJECT, .code = "F-24", .line = d->line, .pos = { c->off, c->line, c->col }
		};
		const char *name = "";

		if (eg_bytes_eq(c->val, d->head_cells[i]))
			continue;
		for (size_t j = 0; j < k->a->in.ncolumns; j++)
			if (k->map[j] == k->head_cells[i])
				name = k->a->in.columns[j];
		f.field = name;
		d->rejected = true;
		return rd_say(r, &f, err,
		    "%s is not the same in all rows of the document: line %llu differs from line %llu. Make them equal at the source and send the file again.",
		    name, (unsigned long long)row->line, (unsigned long long)d->line);
	}
	return EG_OK;
}

static void
count_row(struct rd_kind *k, const struct fmt_row *row, struct adp_env *env)
{
	int c = k->number_by < 0 ? -1 : k->map[k->number_by];
	struct eg_bytes v = c >= 0 && (size_t)c < row->ncells ? row->cells[c].val : EG_NONE;

	if (k->number_by < 0)
		return;
	if (k->number_by_n == 0 || !eg_bytes_eq(v, eg_buf_view(&k->number_by_value))) {
		eg_buf_clear(&k->number_by_value);
		eg_buf_add(&k->number_by_value, v);
		k->number_by_n = 0;
	}
	env->row_number_by = ++k->number_by_n;
}

/* One kind takes a row: a new document or one more row of the open one. */
static int
kind_row(struct rd *r, struct rd_kind *k, const struct fmt_row *row, struct eg_err *err)
{
	const struct adp_in *in = &k->a->in;
	bool more = same_doc(r, k, row);
	int rc = more ? check_head_cells(r, k, row, err) : open_doc(r, k, row, err);

	if (rc != EG_OK)
		return rc;
	r->doc.end = row->off + row->len;
	if (r->kit.there)
		rc = rd_kit_row(r, row, !more, err);
	if (rc != EG_OK)
		return rc;
	if (in->type == AF_XML)
		return in->nlines > 0 ? EG_OK : rd_finish(r, row, err);
	if (in->nlines > 0)
		rc = rd_take_line(r, row, k->map, err);
	return rc != EG_OK || k->grouped ? rc : rd_finish(r, row, err);
}

/* A row goes to the first kind whose condition it meets; kinds without a condition are offered every row (unless once). */
static int
offer(struct rd *r, const struct fmt_row *row, bool once,
    int (*take)(struct rd *, struct rd_kind *, const struct fmt_row *, struct eg_err *), struct eg_err *err)
{
	for (size_t i = 0; i < r->nkinds; i++) {
		struct rd_kind *k = &r->kinds[i];
		const struct adp_expr *when = k->a->in.rows_when;
		int rc;

		count_row(k, row, &r->env);
		if (when != NULL) {
			eg_arena_reset(&r->line_arena);
			r->env.adp = k->a;
			r->env.cells = row;
			r->env.map = k->map;
			r->env.rec = NULL;
			r->env.line = NULL;
			r->env.arena = &r->line_arena;
			if (adp_true(when, &r->env) != 1)
				continue;
		}
		rc = take(r, k, row, err);
		if (rc != EG_OK || when != NULL || once)
			return rc;
	}
	return EG_OK;
}

int
rd_row(struct rd *r, const struct fmt_row *row, struct eg_err *err)
{
	r->res->rows++;
	r->place = row->line;
	return offer(r, row, false, kind_row, err);
}

static int
kind_short(struct rd *r, struct rd_kind *k, const struct fmt_row *row, struct eg_err *err)
{
	struct rd_fault f = { .kind = RD_SHAPE,
		.severity = ADP_REJECT,
		.code = "F-04",
		.line = row->line,
		.pos = rd_row_pos(row),
		.field = "" };
	int rc = same_doc(r, k, row) ? EG_OK : open_doc(r, k, row, err);
	char col[FMT_COLUMN_NAME];

	if (rc != EG_OK)
		return rc;
	r->doc.shape = true;
	r->doc.end = row->off + row->len;
	if (r->book != NULL)
		rc = rd_say(r, &f, err,
		    "Line %llu has a value in column %s, where the header row has none, so it is unknown what it says. Remove the value, or give the column a name, and send the file again.",
		    (unsigned long long)row->line, fmt_column_name(col, (uint32_t)row->ncells));
	else
		rc = rd_say(r, &f, err,
		    "Line %llu has %zu cells, but the header row has %zu. A value probably holds a delimiter without quotes; export the file again.",
		    (unsigned long long)row->line, row->ncells, r->ncells);
	return rc != EG_OK || k->grouped ? rc : rd_finish(r, row, err);
}

int
rd_short_row(struct rd *r, const struct fmt_row *row, struct eg_err *err)
{
	r->res->rows++;
	r->place = row->line;
	return offer(r, row, true, kind_short, err);
}
