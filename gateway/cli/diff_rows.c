/* SPDX-License-Identifier: MIT
 *
 * What one adapter makes of a batch or of a drop, as a table of cells. A batch: the revisions and decisions that left in it, keys and contracts as the site knows them
 * today; what the adapter refuses is a row of its own, with the reason. A drop: the original, read in the confined worker; findings are rows, too.
 */
#include "gateway/cli/adapters_diff.h"

#include "adapters/tools.h"
#include "base/fs.h"
#include "gateway/workflow/workflow.h"

/* ---- rows ---- */

static struct eg_bytes
field(const struct rec *r, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool line;
		int f = rec_field_named(r->type, eg_bytes_str(names[i]), &line);

		if (f >= 0 && !line && r->head[f].state == RV_VALUE)
			return r->head[f].text;
	}
	return EG_NONE;
}

static struct eg_bytes
line_field(const struct rec *r, size_t line, const char *name)
{
	bool of_line;
	int f = rec_field_named(r->type, eg_bytes_str(name), &of_line);

	if (f < 0 || !of_line || line == 0 || line > r->nlines)
		return EG_NONE;
	return r->lines[(line - 1) * r->type->nline + (size_t)f].text;
}

static char *
project_of(const struct rec *r)
{
	static const char *const names[] = { "link.project_number", "project.number", "project.origin_code" };

	return eg_xdup(field(r, names, 3));
}

/* Cost code and type of the line, or of the record. line: first is 1, 0 = none. */
static char *
account_of(const struct rec *r, size_t line)
{
	static const char *const codes[] = { "jobcost.cost_code", "cost.cost_code", "code.cost_code" },
				 *const kinds[] = { "jobcost.cost_type", "cost.cost_type", "code.cost_type" };
	struct eg_bytes code = line_field(r, line, "line.cost_code"), type = line_field(r, line, "line.cost_type");

	if (code.len == 0) {
		code = line_field(r, line, "target.cost_code");
		type = line_field(r, line, "target.cost_type");
	}
	if (code.len == 0) {
		code = field(r, codes, 3);
		type = field(r, kinds, 3);
	}
	return eg_xprintf("%.*s%s%.*s", EG_FMT(code), type.len > 0 ? "/" : "", EG_FMT(type));
}

/* What orders the lines of the type says which line it is; else its place. */
static char *
row_key(const struct rec *r, const char *iid, size_t line, const char *rows)
{
	struct eg_buf b = EG_BUF_INIT;
	char *key;

	eg_buf_str(&b, iid);
	if (line > 0)
		eg_buf_str(&b, " line ");
	if (line > 0 && r->type->nline_key == 0)
		eg_buf_u64(&b, line);
	for (unsigned i = 0; line > 0 && i < r->type->nline_key; i++) {
		struct eg_bytes part = line_field(r, line, r->type->line_key[i]);
		if (i > 0 && part.len > 0)
			eg_buf_chr(&b, '/');
		eg_buf_escaped(&b, part);
	}
	if (*rows != '\0')
		eg_buf_printf(&b, " [%s]", rows);
	key = eg_xstrdup(eg_buf_cstr(&b));
	eg_buf_done(&b);
	return key;
}

static struct cell_row *
add_row(struct version *v, const struct rec *r, const char *iid, size_t line, const char *rows)
{
	char *key = row_key(r, iid, line, rows), *project = project_of(r), *account = account_of(r, line);
	struct cell_row *row = cell_table_row(&v->cells, key, project, account);

	free(key);
	free(project);
	free(account);
	return row;
}

/* ---- a batch ---- */

static int
each_item(void *ctx, const char *batch, int64_t item, int64_t revision, int64_t decision, struct eg_err *err)
{
	struct diffing *x = ctx;
	struct site *s = x->s;
	struct enrich_srcs srcs = { 0 };
	struct decision d;
	struct item it;
	struct rec *r = eg_arena_alloc(&x->arena, sizeof(*r));
	int rc = r == NULL ? eg_fail(err, EG_BADFILE, "LIMIT-MEM", "%s is too large to be compared", batch) :
	                     item_get(s->store, item, &x->arena, &it, err);

	if (rc == EG_OK && !adp_writes(adp_set_named(s->adapters, x->name), it.type))
		return EG_OK;
	if (rc == EG_OK)
		rc = item_record(s->store, revision, &x->arena, r, err);
	if (rc == EG_OK && decision != 0)
		rc = decision_get(s->store, decision, &x->arena, &d, err);
	it.rev = revision;
	if (rc == EG_OK)
		rc = enrich(s, &it, decision != 0 ? &d : NULL, &x->arena, r, &srcs, err);
	free(srcs.file);
	if (rc == EG_EOF) /* inside the walk it would pass for its end */
		rc = eg_fail(err, EG_FATAL, "DB-CORRUPT", "%s names an item or a decision that is not there", batch);
	if (rc != EG_OK)
		return rc;
	x->record = eg_xrealloc(x->record, (x->n + 1) * sizeof(*x->record));
	x->iid = eg_xrealloc(x->iid, (x->n + 1) * sizeof(*x->iid));
	x->iid[x->n] = eg_xstrdup(it.iid);
	x->record[x->n++] = r;
	return EG_OK;
}

struct writing {
	struct diffing *x;
	size_t *index; /* of the records written, in x->record */
	const char *iid; /* of the record checked */
	const struct rec *record;
	bool refused;
};

static int
on_refusal(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err)
{
	struct writing *w = ctx;

	(void)record;
	(void)err;
	if (f->severity != ADP_REJECT || w->refused)
		return EG_OK;
	w->refused = true;
	char *why = eg_xprintf("%s %s", f->code, f->msg);
	cell_add(add_row(w->x->v, w->record, w->iid, 0, "refused"), *f->field != '\0' ? f->field : "(record)",
	    eg_bytes_str(why), false);
	free(why);
	return EG_OK;
}

static int
on_cells(
    void *ctx, size_t record, size_t rowset, size_t line, const struct eg_bytes *cells, size_t n, struct eg_err *err)
{
	struct writing *w = ctx;
	size_t i = w->index[record];
	const struct rec_type *t;
	const char *rows;

	(void)err;
	(void)adp_rows_at(w->x->v->a, rowset, &rows, &t);
	struct cell_row *row = add_row(w->x->v, w->x->record[i], w->x->iid[i], line, rows);
	for (size_t k = 0; k < n; k++)
		cell_add(row, adp_column_at(w->x->v->a, rowset, k), cells[k], adp_column_masked(w->x->v->a, rowset, k));
	return EG_OK;
}

static int
no_file(void *ctx, const struct adp *a, struct eg_bytes project, const char *ext, struct eg_err *err)
{
	(void)ctx;
	(void)a;
	(void)project;
	(void)ext;
	(void)err;
	return EG_OK;
}

static int
no_bytes(void *ctx, struct eg_bytes v, struct eg_err *err)
{
	(void)ctx;
	(void)v;
	(void)err;
	return EG_OK;
}

static int
no_row(void *ctx, uint64_t line, size_t record, const struct adp_field_lineage *f, size_t n, struct eg_err *err)
{
	(void)ctx;
	(void)line;
	(void)record;
	(void)f;
	(void)n;
	(void)err;
	return EG_OK;
}

/* What a version refuses at accept is told as such; the rest is written. */
static int
write_batch(struct diffing *x, struct version *v, struct eg_err *err)
{
	struct writing w = { .x = x, .index = eg_xalloc((x->n + 1) * sizeof(*w.index)) };
	const struct rec **good = eg_xalloc((x->n + 1) * sizeof(*good));
	struct adp_out_sink sink = {
		.file = no_file, .bytes = no_bytes, .row = no_row, .finding = on_refusal, .cells = on_cells, .ctx = &w
	};
	struct adp_batch b = { .records = good, .counter = INT64_MIN };
	int rc = EG_OK;

	x->v = v;
	for (size_t i = 0; rc == EG_OK && i < x->n; i++) {
		w.record = x->record[i];
		w.iid = x->iid[i];
		w.refused = false;
		rc = adp_accept_one(v->site.adapters, v->a, x->record[i], &sink, err);
		if (w.refused)
			continue;
		w.index[b.n] = i;
		good[b.n++] = x->record[i];
	}
	w.refused = true; /* what the writing itself refuses stops it, and is its error */
	if (rc == EG_OK)
		rc = adp_write(v->site.adapters, v->a, &b, &sink, err);
	free(good);
	free(w.index);
	return rc;
}

int
diff_batch(struct diffing *x, struct version *was, struct version *is, struct eg_err *err)
{
	struct batch b;
	int rc = batch_get(x->s->store, x->on, &x->arena, &b, err);

	if (rc == EG_EOF)
		return eg_fail(err, EG_BADREC, "NOT-FOUND", "There is no batch %s. See them: erpgate log", x->on);
	if (rc == EG_OK)
		rc = batch_item_each(x->s->store, x->on, 0, each_item, x, err);
	if (rc == EG_OK && x->n == 0)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "%s holds nothing that %s writes. Look: erpgate show %s",
		    x->on, x->name, x->on);
	if (rc == EG_OK)
		rc = write_batch(x, was, err);
	return rc == EG_OK ? write_batch(x, is, err) : rc;
}

/* ---- a drop ---- */

static int
on_begin(void *ctx, const struct rec *head, struct eg_bytes item, struct eg_err *err)
{
	struct diffing *x = ctx;

	(void)item;
	eg_arena_reset(&x->doc_arena);
	return document_begin(&x->doc, head, err);
}

static int
on_line(void *ctx, const struct rec *line, struct eg_err *err)
{
	return document_line(&((struct diffing *)ctx)->doc, line, err);
}

static void
add_values(struct cell_row *row, const struct rec_field *f, const struct rec_val *v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if ((f[i].flags & RF_CONTEXT) == 0)
			cell_add(row, f[i].name, v[i].state == RV_VALUE ? v[i].text : EG_NONE,
			    (f[i].flags & RF_PRIVATE) != 0);
}

static int
on_end(void *ctx, enum adp_verdict verdict, uint64_t off, uint64_t len, struct eg_err *err)
{
	static const char *const words[] = { [ADP_TAKEN] = "taken",
		[ADP_REJECTED] = "rejected",
		[ADP_SKIPPED] = "skipped",
		[ADP_REFUSED] = "refused",
		[ADP_ARCHIVED] = "archived" };
	struct diffing *x = ctx;
	struct eg_buf iid = EG_BUF_INIT;
	struct rec r;
	int rc = document_end(&x->doc, &r, err);

	(void)off;
	(void)len;
	if (rc != EG_OK)
		return rc;
	if (!rec_item_id(&r, &iid))
		eg_buf_printf(&iid, "%s at line %u", r.type->name, r.at.line);
	struct cell_row *row = add_row(x->v, &r, eg_buf_cstr(&iid), 0, "");
	cell_add(row, "(verdict)", eg_bytes_str(words[verdict]), false);
	add_values(row, r.type->head, r.head, r.type->nhead);
	for (size_t i = 0; i < r.nlines; i++)
		add_values(add_row(x->v, &r, eg_buf_cstr(&iid), i + 1, ""), r.type->line, &r.lines[i * r.type->nline],
		    r.type->nline);
	eg_buf_done(&iid);
	return EG_OK;
}

static int
on_finding(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	struct diffing *x = ctx;
	char *key = eg_xprintf("finding line %llu %s", (unsigned long long)f->line, f->code);

	(void)err;
	cell_add(cell_table_row(&x->v->cells, key, NULL, NULL), *f->field != '\0' ? f->field : "(file)",
	    eg_bytes_str(f->msg), false);
	free(key);
	return EG_OK;
}

static int
on_file_begin(void *ctx, const char *member, struct eg_err *err)
{
	(void)ctx;
	(void)member;
	(void)err;
	return EG_OK;
}

static int
on_file_end(void *ctx, const struct worker_file *f, struct eg_err *err)
{
	struct diffing *x = ctx;

	(void)err;
	cell_add(cell_table_row(&x->v->cells, "file", NULL, NULL), f->member,
	    eg_bytes_str(f->adapter == NULL ? "no adapter takes it" : adp_info(f->adapter)->name), false);
	return EG_OK;
}

static int
read_drop(struct diffing *x, struct version *v, const struct drop_row *d, int fd, uint64_t size, struct eg_err *err)
{
	struct worker_sink sink = { on_file_begin, on_begin, on_line, on_end, on_finding, on_file_end, on_finding, x };

	x->v = v;
	return worker_read(&v->site, fd, size, adp_info(v->a)->system, d->name, &sink, err);
}

int
diff_drop(struct diffing *x, struct version *was, struct version *is, struct eg_err *err)
{
	struct drop_row d;
	uint64_t size = 0;
	int fd = -1, rc = store_drop_get(x->s->store, x->on, &x->arena, &d, err);

	if (rc == EG_EOF)
		return eg_fail(err, EG_BADREC, "NOT-FOUND", "There is no drop %s. See them: erpgate log", x->on);
	if (rc == EG_OK)
		rc = tools_original(x->s, &d, &fd, &size, err);
	if (rc == EG_OK)
		rc = read_drop(x, was, &d, fd, size, err);
	if (rc == EG_OK)
		rc = read_drop(x, is, &d, fd, size, err);
	eg_fd_done(&fd);
	return rc;
}
