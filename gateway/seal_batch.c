/* SPDX-License-Identifier: MIT
 *
 * The bundle of a batch: the files as they left, the place every cell came from, and the ledger of files and items with their decisions.
 */
#include "gateway/seal.h"

struct lineage_ctx {
	struct sealing *z;
	const char *file; /* outbound */
	uint64_t line;
	const char *iid;
	struct eg_arena a; /* of one line */
};

/* One place that a cell's value came from; blank places = a constant, a setting, a key typed by a person. */
static int
place_row(struct lineage_ctx *l, const char *column, const char *rule, const json_t *from, struct eg_err *err)
{
	char line[24], off[24] = "", len[24] = "", at[24] = "";
	struct store *s = l->z->site->store;
	struct file_row f = { .member = "" };
	struct drop_row d = { .sha256 = "" };
	int rc = EG_OK;

	if (from != NULL) {
		rc = store_file_get(s, json_integer_value(json_object_get(from, "file")), &l->a, &f, err);
		if (rc == EG_OK)
			rc = store_drop_get(s, f.drop, &l->a, &d, err);
		seal_num(off, json_integer_value(json_object_get(from, "off")));
		seal_num(len, json_integer_value(json_object_get(from, "len")));
		seal_num(at, json_integer_value(json_object_get(from, "line")));
	}
	rc = seal_known(rc, l->file, err);
	const char *cells[] = { l->file, seal_num(line, (int64_t)l->line), column, l->iid, d.sha256, f.member, off, len,
		at, rule };
	return rc == EG_OK ? seal_csv(l->z, cells, 10, err) : rc;
}

static int
cell_rows(struct lineage_ctx *l, const json_t *cell, struct eg_err *err)
{
	const json_t *list = json_object_get(cell, "from");
	const char *column = json_string_value(json_object_get(cell, "column")),
		   *rule = json_string_value(json_object_get(cell, "rule"));
	size_t n = json_array_size(list);
	int rc = n == 0 ? place_row(l, column, rule, NULL, err) : EG_OK;

	for (size_t i = 0; rc == EG_OK && i < n; i++)
		rc = place_row(l, column, rule, json_array_get(list, i), err);
	return rc;
}

static int
lineage_row(void *ctx, int64_t batch_file, uint64_t line, int64_t item, const char *cells_json, struct eg_err *err)
{
	struct lineage_ctx *l = ctx;
	json_t *cells = json_loads(cells_json, 0, NULL);
	struct item it;
	int rc;

	(void)batch_file;
	eg_arena_reset(&l->a);
	rc = cells == NULL ? eg_fail(err, EG_FATAL, "DB-CORRUPT", "the lineage of %s line %llu cannot be read", l->file,
				 (unsigned long long)line) :
	                     seal_known(item_get(l->z->site->store, item, &l->a, &it, err), l->file, err);
	if (rc == EG_OK) {
		l->line = line;
		l->iid = it.iid;
	}
	for (size_t i = 0; rc == EG_OK && i < json_array_size(cells); i++)
		rc = cell_rows(l, json_array_get(cells, i), err);
	json_decref(cells);
	return rc;
}

/* One file as it left, and where each of its cells came from. */
static int
add_file(struct sealing *z, const char *target, const struct batch_file *f, struct eg_err *err)
{
	static const char *const head[] = { "file", "line", "column", "item", "source_sha256", "member", "offset",
		"length", "source_line", "rule" };
	struct lineage_ctx l = { .z = z, .file = f->name };
	char *staged = eg_xprintf("archive/%s", f->name), *path = eg_xprintf("outbound/%s/%s", target, f->name),
	     *lineage = eg_xprintf("lineage/%s.csv", f->name);
	int rc = seal_work_file(z, f->batch, staged, true, path, err);

	eg_arena_init(&l.a, 1 << 22);
	if (rc == EG_OK)
		rc = seal_adapter(z, f->adapter, err);
	if (rc == EG_OK)
		rc = seal_csv(z, head, 10, err);
	if (rc == EG_OK)
		rc = lineage_each(z->site->store, f->id, 0, lineage_row, &l, err);
	if (rc == EG_OK)
		rc = seal_text(z, lineage, err);
	eg_arena_done(&l.a);
	free(lineage);
	free(path);
	free(staged);
	return rc;
}

static int
batch_file_members(void *ctx, const struct batch_file *f, struct eg_err *err)
{
	struct sealing *z = ctx;
	struct eg_arena a;
	struct batch b;
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = seal_known(batch_get(z->site->store, f->batch, &a, &b, err), f->name, err);
	if (rc == EG_OK)
		rc = add_file(z, b.target, f, err);
	eg_arena_done(&a);
	return rc;
}

static int
ledger_row(void *ctx, const struct batch_file *f, struct eg_err *err)
{
	char size[24], rows[24];
	const char *cells[] = { f->name, f->object, f->adapter, f->adapter_sha256, f->sha256, seal_num(size, f->size),
		seal_num(rows, f->rows), f->amount };

	return seal_csv(ctx, cells, sizeof(cells) / sizeof(cells[0]), err);
}

static int
batch_decision(void *ctx, const char *batch, int64_t item, int64_t revision, int64_t decision, struct eg_err *err)
{
	struct sealing *z = ctx;
	struct eg_arena a;
	struct item it;
	struct decision d = { .manifest = "", .approver = "", .verdict = "automatic" };
	char rev[24], when[EG_TIME_TEXT] = "";
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = item_get(z->site->store, item, &a, &it, err);
	if (rc == EG_OK && decision != 0)
		rc = decision_get(z->site->store, decision, &a, &d, err);
	rc = seal_known(rc, batch, err);
	if (rc == EG_OK && decision != 0)
		eg_time_print(when, d.at);
	if (rc == EG_OK) {
		const char *cells[] = { it.iid, it.content, seal_num(rev, revision), d.manifest, d.approver, d.verdict,
			when };
		rc = seal_csv(z, cells, 7, err);
	}
	eg_arena_done(&a);
	return rc;
}

int
seal_fill_batch(struct sealing *z, const char *of, struct eg_err *err)
{
	static const char *const files[] = { "file", "object", "adapter", "adapter_sha256", "sha256", "size", "rows",
		"amount" };
	static const char *const items[] = { "item", "content", "revision", "manifest", "approver", "verdict",
		"decided" };
	struct site *s = z->site;
	int rc = batch_file_each(s->store, of, batch_file_members, z, err);

	if (rc == EG_OK)
		rc = seal_csv(z, files, 8, err);
	if (rc == EG_OK)
		rc = batch_file_each(s->store, of, ledger_row, z, err);
	if (rc == EG_OK)
		rc = seal_text(z, "ledger/files.csv", err);
	if (rc == EG_OK)
		rc = seal_csv(z, items, 7, err);
	if (rc == EG_OK)
		rc = batch_item_each(s->store, of, 0, batch_decision, z, err);
	if (rc == EG_OK)
		rc = seal_text(z, "ledger/items.csv", err);
	if (rc == EG_OK)
		rc = seal_findings(z, &(struct finding_filter){ .batch = of }, err);
	if (rc == EG_OK)
		rc = seal_batch_inputs(z, of, err);
	if (rc == EG_OK)
		rc = seal_lineage(z, of, err);
	return rc == EG_OK ? seal_page_batch(z, of, err) : rc;
}
