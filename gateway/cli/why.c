/* SPDX-License-Identifier: MIT
 *
 * why ID[.FIELD], why FILE:LINE[:COLUMN], why BATCH: where a value came from, who let it pass, when it left, what was answered, what proves it. Reads only.
 */
#include "gateway/cli/why.h"

#include "gateway/store/store_report.h"

/* ---- what is asked about ---- */

static int
nothing(const char *what, struct eg_err *err)
{
	return eg_fail(err, EG_BADREC, "NOT-FOUND",
	    "There is no item, batch or outbound line %s. Items: erpgate queue --all. A field stands behind the item with a dot between, a line and a column behind the file's name with colons.",
	    what);
}

/* The whole text is an item, or all of it up to one of its dots. */
static int
split_item(struct why *w, const char *what, struct eg_err *err)
{
	int rc = item_lookup(w->s->store, what, &w->a, &w->it, err);
	size_t end = strlen(what);

	while (rc == EG_EOF) {
		while (end > 0 && what[end - 1] != '.')
			end--;
		if (end < 2)
			return EG_EOF;
		end--;
		const char *id = eg_arena_cstr(&w->a, eg_bytes(what, end));
		rc = id == NULL ? EG_EOF : item_lookup(w->s->store, id, &w->a, &w->it, err);
		w->field = what + end + 1;
	}
	return rc;
}

static int
newest(void *ctx, const char *batch, int64_t item, int64_t revision, int64_t decision, struct eg_err *err)
{
	struct why *w = ctx;
	struct batch b;

	(void)item;
	(void)revision;
	(void)decision;
	int rc = batch_get(w->s->store, batch, &w->a, &b, err);
	if (rc == EG_OK && (w->batch.id == NULL || b.made > w->batch.made ||
			       (b.made == w->batch.made && strcmp(b.id, w->batch.id) > 0)))
		w->batch = b;
	return rc == EG_EOF ? EG_OK : rc;
}

struct looking {
	const char *name;
	bool found;
};

static int
is_file(void *ctx, const struct batch_file *f, struct eg_err *err)
{
	struct looking *l = ctx;

	(void)err;
	l->found = l->found || strcmp(f->name, l->name) == 0;
	return EG_OK;
}

struct finding_file {
	struct why *w;
	const char *name;
};

static int
in_batch(void *ctx, const struct batch *b, struct eg_err *err)
{
	struct finding_file *f = ctx;
	struct looking l = { f->name, false };

	if (f->w->batch.id != NULL || strstr(f->name, b->id) == NULL) /* every outbound name holds its batch */
		return EG_OK;
	int rc = batch_file_each(f->w->s->store, b->id, is_file, &l, err);
	if (rc == EG_OK && l.found)
		rc = batch_get(f->w->s->store, b->id, &f->w->a, &f->w->batch, err);
	return rc;
}

/* FILE:LINE or FILE:LINE:COLUMN */
static int
split_file(struct why *w, const char *what, struct eg_err *err)
{
	struct eg_bytes rest = eg_bytes_str(what), name, line;
	struct finding_file f = { .w = w };

	if (!eg_bytes_cut(&rest, ':', &name) || rest.ptr == NULL || !eg_bytes_cut(&rest, ':', &line) ||
	    !eg_bytes_to_u64(line, &w->line) || w->line == 0)
		return EG_EOF;
	f.name = eg_arena_cstr(&w->a, name);
	w->field = rest.len > 0 ? (const char *)rest.ptr : NULL;
	w->file = f.name;
	int rc = f.name == NULL ? EG_EOF : batch_each(w->s->store, NULL, in_batch, &f, err);
	return rc == EG_OK && w->batch.id == NULL ? EG_EOF : rc;
}

static int
split(struct why *w, const char *what, struct eg_err *err)
{
	int rc = split_item(w, what, err);

	if (rc == EG_OK)
		return batch_item_each(w->s->store, NULL, w->it.id, newest, w, err);
	w->field = NULL;
	if (rc == EG_EOF)
		rc = split_file(w, what, err);
	if (rc == EG_EOF)
		rc = batch_get(w->s->store, what, &w->a, &w->batch, err);
	return rc == EG_EOF ? nothing(what, err) : rc;
}

/* ---- the lines ---- */

struct tracing {
	struct why *w;
	const struct batch_file *f;
	int64_t item, decision; /* of the line at hand */
	int64_t told; /* item whose passing was told */
};

struct left {
	int64_t item, revision, decision;
	bool found;
};

static int
left_as(void *ctx, const char *batch, int64_t item, int64_t revision, int64_t decision, struct eg_err *err)
{
	struct left *l = ctx;

	(void)batch;
	(void)err;
	if (item == l->item)
		*l = (struct left){ item, revision, decision, true };
	return EG_OK;
}

static int
trace_line(void *ctx, int64_t file, uint64_t line, int64_t item, const char *cells_json, struct eg_err *err)
{
	struct tracing *t = ctx;
	struct left l = { .item = item };
	int rc;

	if (file != t->f->id || (t->w->line != 0 && line != t->w->line))
		return EG_OK;
	rc = batch_item_each(t->w->s->store, t->w->batch.id, item, left_as, &l, err);
	if (rc < 0 || !l.found)
		return rc;
	t->item = item;
	t->decision = l.decision;
	return origins_of_line(t->w->o, t->f, line, item, l.revision, l.decision, cells_json, why_cell, t->w, err);
}

static int
trace_file(void *ctx, const struct batch_file *f, struct eg_err *err)
{
	struct tracing *t = ctx;

	t->f = f;
	if (t->w->file != NULL && strcmp(t->w->file, f->name) != 0)
		return EG_OK;
	/* by the item where there is one: the store finds its lines at once */
	return lineage_each(t->w->s->store, t->w->it.id != 0 ? 0 : f->id, t->w->it.id, trace_line, t, err);
}

static int
trace(struct why *w, struct eg_err *err)
{
	struct tracing t = { .w = w };
	int rc = batch_file_each(w->s->store, w->batch.id, trace_file, &t, err);

	if (rc == EG_OK && w->cells == 0)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND",
		    w->field != NULL ?
			"Nothing of %s%s stands in batch %s under \"%s\". Without a field all columns are shown." :
			"%s%s has no line in batch %s%s",
		    w->it.id != 0 ? w->it.iid : w->file, w->line != 0 ? " at that line" : "", w->batch.id,
		    w->field != NULL ? w->field : "");
	return rc == EG_OK ? why_passed(w, t.item, t.decision, err) : rc;
}

static int
answer(struct why *w, struct eg_err *err)
{
	const bool text = !cli_has(w->c, O_JSON);
	int rc;

	if (w->it.id == 0 && w->file == NULL)
		return why_batch(w, err);
	if (w->it.id != 0 && text)
		(void)printf(
		    "%s %s   %s, revision %d\n", w->it.type->title, w->it.iid, state_title(w->it.state), w->it.rev_no);
	rc = w->batch.id != NULL ? trace(w, err) : why_unwritten(w, err);
	if (rc == EG_OK && w->batch.id == NULL && text)
		(void)printf("\nIt has not left: erpgate why-not %s\n", w->it.iid);
	if (rc == EG_OK && w->hidden > 0)
		(void)printf("\n%llu more cells: erpgate why %s --all\n", (unsigned long long)w->hidden, w->c->argv[0]);
	return rc;
}

int
cmd_why(struct cli *c)
{
	struct eg_err err = { 0 };
	struct site s;
	int code = CLI_OK;

	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	struct why w = { .c = c, .s = &s };
	eg_arena_init(&w.a, (size_t)1 << 30);
	origins_open(&s, &w.o);
	int rc = store_begin(s.store, &err); /* a daemon may be at work: all of it is of one moment */
	if (rc == EG_OK)
		rc = split(&w, c->argv[0], &err);
	if (rc == EG_OK)
		rc = answer(&w, &err);
	if (rc == EG_OK)
		rc = why_proof(&w, &err);
	if (rc == EG_OK && cli_has(c, O_JSON))
		cli_json(json_pack("{s:s,s:I,s:o,s:o}", "type", "summary", "cells", (json_int_t)w.cells, "batch",
		    cli_str(w.batch.id), "item", cli_str(w.it.iid)));
	if (rc < 0)
		code = cli_fail(c, &err);
	store_rollback(s.store);
	origins_close(w.o);
	eg_buf_done(&w.original);
	free(w.proof);
	free(w.last);
	free(w.cut);
	eg_arena_done(&w.a);
	site_close(&s);
	return code;
}
