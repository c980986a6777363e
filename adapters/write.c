/* SPDX-License-Identifier: MIT
 *
 * Writing one adapter's file or files: which records make which rows, in what order, and the bytes. The result is fully determined by
 * records, adapter, tables and settings. A column that refuses a value stops the writing: the item should not have been accepted.
 */
#include "adapters/write_int.h"

#include "formats/xlsx_rows.h"
#include "formats/xml_write.h"

struct entry { /* the rows of one kind that one record makes */
	size_t record;
	size_t rowset;
	struct eg_bytes project; /* file it goes to; empty unless per_project */
	unsigned nkey;
	struct eg_bytes key[3];
};

struct writer {
	struct wr w;
	struct adp_batch b; /* counted here, handed over on success */
	struct entry *entries;
	size_t n, cap;
	bool file_open;
	struct eg_bytes project; /* of the open file */
	uint64_t file_line;
	struct eg_buf out;
	size_t max_columns;
	struct eg_bytes *cells;
	bool *number; /* XLSX: cells that hold numbers */
	struct adp_field_lineage *lineage;
	struct rec_prov *prov; /* ADP_PROV_MAX for each column */
	char **element; /* XML: names of the current row set's columns */
	size_t element_set; /* row set they belong to */
};

/* ---- plan ---- */

static void
add_entry(struct writer *x, struct entry e)
{
	if (x->n == x->cap) {
		x->cap = x->cap == 0 ? 64 : 2 * x->cap;
		x->entries = eg_xrealloc(x->entries, x->cap * sizeof(*x->entries));
	}
	x->entries[x->n++] = e;
}

/* *ret_skip: a rule leaves the record out. */
static int
check_rules(struct wr *w, const struct adp_rowset *rs, bool *ret_skip, struct eg_err *err)
{
	for (size_t i = 0; i < rs->nrules; i++) {
		const struct adp_rule *rule = &rs->rules[i];
		int rc;

		if (rule->when != NULL && adp_true(rule->when, &w->env) != 1)
			continue;
		rc = wr_say_rule(w, rule, err);
		if (rc != EG_OK)
			return rc;
		if (rule->verb == AR_REJECT || rule->verb == AR_REFUSE)
			return eg_fail(err, EG_BADREC, rule->code, "%s cannot be written to %s.", eg_buf_cstr(&w->item),
			    w->a->info.object);
		*ret_skip |= rule->verb == AR_SKIP;
	}
	return EG_OK;
}

static struct entry
entry_of(const struct adp *a, const struct rec *r, size_t record, size_t rowset)
{
	struct entry e = { .record = record, .rowset = rowset, .nkey = r->type->nkey };
	bool line;
	int f;

	for (unsigned i = 0; i < e.nkey; i++)
		e.key[i] = rec_head(r, r->type->key[i])->text;
	if (a->o.per_project < 0)
		return e;
	f = rec_field_named(r->type, eg_bytes_str(a->o.per_project_field), &line);
	if (f >= 0 && !line)
		e.project = r->head[f].text;
	return e;
}

static int
plan(struct writer *x, const struct adp *a, struct eg_err *err)
{
	for (size_t i = 0; i < x->b.n; i++) {
		for (size_t s = 0; s < a->o.nrowsets; s++) {
			const struct adp_rowset *rs = &a->o.rowsets[s];
			bool skip = false;
			int rc;

			if (rs->record != x->b.records[i]->type)
				continue;
			rc = wr_record(&x->w, a, x->b.records, i, err);
			if (rc != EG_OK)
				return rc;
			if (rs->when != NULL && adp_true(rs->when, &x->w.env) != 1)
				continue;
			rc = check_rules(&x->w, rs, &skip, err);
			if (rc != EG_OK)
				return rc;
			if (!skip)
				add_entry(x, entry_of(a, x->b.records[i], i, s));
		}
	}
	return EG_OK;
}

static int
cmp_size(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

/* Documents by the parts of their item id; the same key twice by kind of rows, then as given. */
static int
cmp_entries(const void *pa, const void *pb, void *ctx)
{
	const struct entry *a = pa, *b = pb;
	bool by_set = *(const bool *)ctx;
	int c = eg_bytes_cmp(a->project, b->project);

	if (c == 0 && by_set)
		c = cmp_size(a->rowset, b->rowset);
	for (unsigned i = 0; c == 0 && i < a->nkey && i < b->nkey; i++)
		c = eg_bytes_cmp(a->key[i], b->key[i]);
	if (c == 0)
		c = cmp_size(a->nkey, b->nkey);
	if (c == 0)
		c = cmp_size(a->rowset, b->rowset);
	return c == 0 ? cmp_size(a->record, b->record) : c;
}

/* ---- files ---- */

static int
put_bytes(struct writer *x, struct eg_err *err)
{
	int rc = EG_OK;

	if (x->out.len > 0)
		rc = x->w.sink->bytes(x->w.sink->ctx, eg_buf_view(&x->out), err);
	eg_buf_clear(&x->out);
	return rc < 0 ? rc : EG_OK;
}

static int
close_file(struct writer *x, struct eg_err *err)
{
	if (!x->file_open)
		return EG_OK;
	x->file_open = false;
	if (x->w.a->o.xml)
		eg_buf_printf(&x->out, "</%s>\n", x->w.a->o.root);
	return put_bytes(x, err);
}

static int
xlsx_row(struct writer *x, size_t rowset, bool values, struct eg_err *err)
{
	const struct adp_rowset *rs = &x->w.a->o.rowsets[rowset];

	for (size_t i = 0; i < rs->ncolumns; i++)
		x->number[i] = values && rs->columns[i].number;
	return fmt_xlsx_rows_put(&x->out, x->cells, x->number, rs->ncolumns, err);
}

static int
open_file(struct writer *x, struct eg_bytes project, struct eg_err *err)
{
	const struct adp_out *o = &x->w.a->o;
	int rc = close_file(x, err);

	if (rc != EG_OK)
		return rc;
	rc = x->w.sink->file(x->w.sink->ctx, x->w.a, project, o->xml ? "xml" : o->xlsx ? "xlsx" : "csv", err);
	if (rc < 0)
		return rc;
	x->file_open = true;
	x->project = project;
	x->file_line = 0;
	if (o->xml) {
		eg_buf_printf(&x->out, "<%s>\n", o->root);
		return EG_OK;
	}
	if (!o->xlsx)
		fmt_csv_begin(&o->style, &x->out);
	if (!o->header)
		return EG_OK;
	x->file_line = 1;
	for (size_t i = 0; i < o->rowsets[0].ncolumns; i++)
		x->cells[i] = eg_bytes_str(o->rowsets[0].columns[i].target);
	if (o->xlsx)
		return xlsx_row(x, 0, false, err);
	return fmt_csv_row(&o->style, x->cells, o->rowsets[0].ncolumns, &x->out, err);
}

/* ---- rows ---- */

static void
element_names(struct writer *x, size_t rowset)
{
	const struct adp_rowset *rs = &x->w.a->o.rowsets[rowset];

	if (x->element_set == rowset)
		return;
	x->element_set = rowset;
	for (size_t i = 0; i < rs->ncolumns; i++) {
		char *to = eg_xstrdup(rs->columns[i].target);

		free(x->element[i]);
		x->element[i] = to;
		for (const char *from = rs->columns[i].target; *from != '\0'; from++)
			if (*from != ' ')
				*to++ = *from;
		*to = '\0';
	}
}

static int
xml_row(struct writer *x, size_t rowset, struct eg_err *err)
{
	size_t n = x->w.a->o.rowsets[rowset].ncolumns;

	element_names(x, rowset);
	eg_buf_str(&x->out, "  <entry>\n");
	for (size_t i = 0; i < n; i++) {
		int rc;

		eg_buf_printf(&x->out, "    <%s>", x->element[i]);
		rc = fmt_xml_text(&x->out, x->cells[i], err);
		if (rc != EG_OK) {
			err->pos.col = (uint32_t)i + 1;
			return rc;
		}
		eg_buf_printf(&x->out, "</%s>\n", x->element[i]);
	}
	eg_buf_str(&x->out, "  </entry>\n");
	return EG_OK;
}

static int
put_row(struct writer *x, size_t rowset, struct eg_err *err)
{
	const struct adp_out *o = &x->w.a->o;

	if (o->xml)
		return xml_row(x, rowset, err);
	if (o->xlsx)
		return xlsx_row(x, rowset, true, err);
	return fmt_csv_row(&o->style, x->cells, o->rowsets[rowset].ncolumns, &x->out, err);
}

static int
refused(struct writer *x, const struct adp_entry *e, struct eg_bytes value, struct eg_err *err)
{
	char code[EG_CODE_MAX], msg[EG_MSG_MAX];
	int rc;

	memcpy(code, err->code, sizeof(code));
	memcpy(msg, err->msg, sizeof(msg));
	rc = wr_say(&x->w, ADP_REJECT, code, e->uses_line, e->target, e->masked ? EG_NONE : value, msg, err);
	return rc != EG_OK ?
	           rc :
	           eg_fail(err, EG_BADREC, code, "%s, column %s: %s", eg_buf_cstr(&x->w.item), e->target, msg);
}

static int
make_cells(struct writer *x, const struct adp_rowset *rs, struct eg_err *err)
{
	struct wr *w = &x->w;

	for (size_t i = 0; i < rs->ncolumns; i++) {
		const struct adp_entry *e = &rs->columns[i];
		struct adp_val source = adp_source_value(e, &w->env);
		struct rec_prov *prov = &x->prov[i * ADP_PROV_MAX];
		int rc = wr_cell(w, e, source, &x->cells[i], err);

		if (rc == EG_BADREC)
			return refused(x, e, source.kind == AV_TEXT ? source.text : EG_NONE, err);
		if (rc == EG_OK && w->env.changed != 0)
			rc = wr_say_changes(w, e, source.kind == AV_TEXT ? source.text : x->cells[i], err);
		if (rc != EG_OK)
			return rc;
		memcpy(prov, w->env.prov, w->env.nprov * sizeof(*prov));
		x->lineage[i] = (struct adp_field_lineage){ e->target, e->text, w->env.nprov, prov,
			e->masked ? EG_NONE : x->cells[i], e->masked && x->cells[i].len > 0 };
	}
	return EG_OK;
}

static int
add_amount(struct writer *x, const struct rec *r, struct eg_err *err)
{
	bool line, ok = true;
	int f;

	if ((x->w.said[x->w.record].told & WR_COUNTED) != 0 || r->type->amount == NULL)
		return EG_OK;
	x->w.said[x->w.record].told |= WR_COUNTED;
	f = rec_field_named(r->type, eg_bytes_str(r->type->amount), &line);
	for (size_t i = 0; i < (line ? r->nlines : 1); i++) {
		const struct rec_val *v = line ? &r->lines[i * r->type->nline + (size_t)f] : &r->head[f];

		if (v->state == RV_VALUE)
			ok = ok && eg_dec_add(x->b.amount, v->v.dec, &x->b.amount);
	}
	return ok ? EG_OK : eg_fail(err, EG_BADREC, "F-22", "The sum of the amounts has too many digits.");
}

static int
write_row(struct writer *x, const struct entry *en, struct eg_err *err)
{
	const struct adp_out *o = &x->w.a->o;
	const struct adp_rowset *rs = &o->rowsets[en->rowset];
	int rc = EG_OK;

	if (!x->file_open || !eg_bytes_eq(x->project, en->project))
		rc = open_file(x, en->project, err);
	if (rc == EG_OK)
		rc = make_cells(x, rs, err);
	if (rc == EG_OK && x->w.sink->cells != NULL)
		rc = x->w.sink->cells(x->w.sink->ctx, x->w.record, en->rowset, x->w.on_line ? x->w.line + 1 : 0,
		    x->cells, rs->ncolumns, err);
	if (rc != EG_OK)
		return rc;
	rc = put_row(x, en->rowset, err);
	if (rc != EG_OK) {
		size_t i = err->pos.col > 0 && err->pos.col <= rs->ncolumns ? err->pos.col - 1 : 0;

		return rc == EG_BADREC ? refused(x, &rs->columns[i], x->cells[i], err) : rc;
	}
	if (x->out.full)
		return wr_no_memory(err);
	x->b.rows++;
	x->file_line++;
	rc = put_bytes(x, err);
	if (rc != EG_OK)
		return rc;
	rc = x->w.sink->row(x->w.sink->ctx, x->file_line, x->w.record, x->lineage, rs->ncolumns, err);
	return rc < 0 ? rc : add_amount(x, x->w.env.rec, err);
}

static int
write_lines(struct writer *x, const struct entry *en, struct eg_err *err)
{
	const struct adp_rowset *rs = &x->w.a->o.rowsets[en->rowset];
	const struct rec *r = x->w.env.rec;
	size_t *order;
	int rc = rec_line_order(&x->w.doc_arena, r, &order, err);

	if (rc != EG_OK)
		return wr_no_memory(err);
	for (size_t i = 0; i < r->nlines && rc == EG_OK; i++) {
		eg_arena_reset(&x->w.row_arena);
		wr_line(&x->w, order[i]);
		if (rs->lines == NULL || adp_true(rs->lines, &x->w.env) == 1)
			rc = write_row(x, en, err);
	}
	return rc;
}

static bool
counts(const struct adp_rowset *rs)
{
	for (size_t i = 0; i < rs->ncolumns; i++)
		if (rs->columns[i].source.kind == AS_COUNTER)
			return true;
	return false;
}

/* The key by which the answer will name the record: told when rows of it were written. */
static int
tell_key(struct writer *x, const struct adp_rowset *rs, struct eg_err *err)
{
	struct wr *w = &x->w;
	struct adp_val source;
	struct eg_bytes key;
	int rc;

	if (rs->answer_key == NULL || w->sink->key == NULL)
		return EG_OK;
	wr_line(w, SIZE_MAX);
	source = adp_source_value(rs->answer_key, &w->env);
	rc = wr_cell(w, rs->answer_key, source, &key, err);
	if (rc == EG_OK)
		rc = w->sink->key(w->sink->ctx, w->record, key, err);
	return rc < 0 ? rc : EG_OK;
}

static int
write_entry(struct writer *x, const struct adp *a, const struct entry *en, struct eg_err *err)
{
	const struct adp_rowset *rs = &a->o.rowsets[en->rowset];
	uint64_t before = x->b.rows;
	int rc = wr_record(&x->w, a, x->b.records, en->record, err);

	if (rc != EG_OK)
		return rc;
	x->w.env.counter = x->b.counter;
	rc = rs->each_line ? write_lines(x, en, err) : write_row(x, en, err);
	if (rc != EG_OK || x->b.rows == before)
		return rc;
	x->b.counter += counts(rs);
	return tell_key(x, rs, err);
}

/* ---- the whole ---- */

static void
writer_init(struct writer *x, const struct adp_set *s, const struct adp *a, const struct adp_batch *b,
    const struct adp_out_sink *sink)
{
	wr_init(&x->w, s, sink);
	x->w.a = a;
	x->b = *b;
	x->b.rows = 0;
	x->b.amount = (struct eg_dec){ 0, 2 };
	if (a->o.has_counter && x->b.counter < a->o.counter_from)
		x->b.counter = a->o.counter_from;
	for (size_t i = 0; i < a->o.nrowsets; i++)
		if (a->o.rowsets[i].ncolumns > x->max_columns)
			x->max_columns = a->o.rowsets[i].ncolumns;
	x->w.said = eg_xalloc((b->n + 1) * sizeof(*x->w.said));
	x->cells = eg_xalloc((x->max_columns + 1) * sizeof(*x->cells));
	x->number = eg_xalloc((x->max_columns + 1) * sizeof(*x->number));
	x->lineage = eg_xalloc((x->max_columns + 1) * sizeof(*x->lineage));
	x->prov = eg_xalloc((x->max_columns + 1) * ADP_PROV_MAX * sizeof(*x->prov));
	x->element = eg_xalloc((x->max_columns + 1) * sizeof(*x->element));
	x->element_set = SIZE_MAX;
	x->out.max = WR_ROW_MAX;
}

static void
writer_done(struct writer *x)
{
	for (size_t i = 0; i < x->b.n; i++)
		free(x->w.said[i].cut);
	for (size_t i = 0; i < x->max_columns; i++)
		free(x->element[i]);
	free(x->w.said);
	free(x->cells);
	free(x->number);
	free(x->lineage);
	free(x->prov);
	free(x->element);
	free(x->entries);
	eg_buf_done(&x->out);
	wr_done(&x->w);
}

int
adp_write(const struct adp_set *s, const struct adp *a, struct adp_batch *b, const struct adp_out_sink *sink,
    struct eg_err *err)
{
	struct writer x = { .n = 0 };
	bool by_set = a->o.order_set;
	int rc;

	writer_init(&x, s, a, b, sink);
	rc = plan(&x, a, err);
	if (rc == EG_OK && x.n > 1)
		qsort_r(x.entries, x.n, sizeof(*x.entries), cmp_entries, &by_set);
	for (size_t i = 0; rc == EG_OK && i < x.n; i++)
		rc = write_entry(&x, a, &x.entries[i], err);
	if (rc == EG_OK)
		rc = close_file(&x, err);
	if (rc == EG_OK)
		*b = x.b;
	writer_done(&x);
	return rc;
}
