/* SPDX-License-Identifier: MIT
 *
 * lineage.csv of a batch: for every cell of every line that left, the bytes it came from and the steps that were applied, or what else it is. It is many times
 * larger than the files themselves. Tests: tests/scenario/evidence.py.
 */
#include "gateway/seal.h"

#include "gateway/origins.h"

struct revision_of { /* what of an item left */
	int64_t item, revision, decision;
};

struct tracing {
	struct sealing *z;
	struct origins *o;
	const struct batch_file *file;
	struct revision_of *of; /* by item */
	size_t n;
};

static int
source_row(void *ctx, const struct cell_origin *o, struct eg_err *err)
{
	static const struct origin_place none = { "", "", "", "", 0, 0, 0, 0, "", "" };
	struct tracing *t = ctx;
	const struct origin_place *p = o->place == NULL ? &none : o->place;
	char line[24], revision[24], off[24] = "", len[24] = "", at[24] = "";

	if (o->place != NULL) {
		seal_lent(t->z, p->drop);
		seal_num(off, p->off);
		seal_num(len, p->len);
		seal_num(at, p->line);
	}
	const char *cells[] = { o->file, seal_num(line, (int64_t)o->line), o->column,
		o->value == NULL ? "(not shown)" : o->value, origin_word(o->kind), o->what, o->field, o->item,
		seal_num(revision, o->revision), o->content, p->sha256, p->drop, p->member, off, len, at, p->adapter,
		p->steps, o->adapter, o->rule };
	return seal_csv(t->z, cells, sizeof(cells) / sizeof(cells[0]), err);
}

static int
by_item(const void *pa, const void *pb)
{
	const struct revision_of *a = pa, *b = pb;

	return (a->item > b->item) - (a->item < b->item);
}

static int
remember(void *ctx, const char *batch, int64_t item, int64_t revision, int64_t decision, struct eg_err *err)
{
	struct tracing *t = ctx;

	(void)batch;
	(void)err;
	if ((t->n & (t->n + 1)) == 0)
		t->of = eg_xrealloc(t->of, (t->n * 2 + 2) * sizeof(*t->of));
	t->of[t->n++] = (struct revision_of){ item, revision, decision };
	return EG_OK;
}

static int
trace_line(void *ctx, int64_t file, uint64_t line, int64_t item, const char *cells_json, struct eg_err *err)
{
	struct tracing *t = ctx;
	const struct revision_of key = { .item = item };
	const struct revision_of *of = t->n == 0 ? NULL : bsearch(&key, t->of, t->n, sizeof(key), by_item);

	(void)file;
	if (of == NULL)
		return seal_known(EG_EOF, t->file->batch, err);
	return origins_of_line(t->o, t->file, line, item, of->revision, of->decision, cells_json, source_row, t, err);
}

static int
trace_file(void *ctx, const struct batch_file *f, struct eg_err *err)
{
	struct tracing *t = ctx;

	t->file = f;
	return lineage_each(t->z->site->store, f->id, 0, trace_line, t, err);
}

int
seal_lineage(struct sealing *z, const char *of, struct eg_err *err)
{
	static const char *const head[] = { "file", "line", "column", "value", "kind", "what", "field", "item",
		"revision", "content", "source_sha256", "drop", "member", "offset", "length", "source_line",
		"in_adapter", "in_steps", "out_adapter", "out_steps" };
	struct tracing t = { .z = z };
	int rc = batch_item_each(z->site->store, of, 0, remember, &t, err);

	origins_open(z->site, &t.o);
	if (t.n > 1)
		qsort(t.of, t.n, sizeof(*t.of), by_item);
	if (rc == EG_OK)
		rc = seal_csv(z, head, sizeof(head) / sizeof(head[0]), err);
	if (rc == EG_OK)
		rc = batch_file_each(z->site->store, of, trace_file, &t, err);
	if (rc == EG_OK)
		rc = seal_text(z, "lineage.csv", err);
	origins_close(t.o);
	free(t.of);
	return rc;
}
