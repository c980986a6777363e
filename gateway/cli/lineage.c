/* SPDX-License-Identifier: MIT
 *
 * show --lineage: for every column of every line that was written of an item, the bytes it came from: file, member, offset, length. An item that was never
 * written shows its fields the same way. The digest is that of the dropped file, as `sha256sum` prints it.
 */
#include "gateway/cli/show.h"

struct lineage {
	struct cli *c;
	struct site *s;
	const struct item *it;
	struct eg_arena a; /* batch files' names */
	struct names {
		int64_t id;
		const char *batch, *name;
	} * file;
	size_t nfiles;
	unsigned lines;
};

/* ---- places ---- */

struct at { /* one place in a received file */
	int64_t file;
	json_int_t off, len, line;
};

static json_t *
place_json(const struct origin *o, const struct at *p)
{
	return json_pack("{s:s,s:s,s:I,s:I,s:I,s:s,s:s}", "sha256", o->drop.sha256, "member", o->file.member, "offset",
	    p->off, "length", p->len, "line", p->line, "drop", o->drop.id, "name", o->drop.name);
}

static int
tell_place(struct lineage *l, const struct at *p, json_t *into, struct eg_err *err)
{
	struct origin o = { .shown = NULL };
	struct eg_arena a;
	int rc;

	eg_arena_init(&a, 1 << 18);
	rc = show_origin(l->s, p->file, &a, &o, err);
	if (rc == EG_OK && into != NULL)
		json_array_append_new(into, place_json(&o, p));
	else if (rc == EG_OK)
		(void)printf("      %s %s  line %lld  bytes %lld+%lld  sha256 %.12s\n", o.drop.id, o.shown,
		    (long long)p->line, (long long)p->off, (long long)p->len, o.drop.sha256);
	free(o.shown);
	eg_arena_done(&a);
	return rc;
}

/* Begins one column; returns where its places go (NULL = text). */
static json_t *
begin_column(struct lineage *l, json_t *fields, const char *column, const char *rule, bool from_bytes)
{
	if (cli_has(l->c, O_JSON)) {
		json_t *from = json_array();
		json_array_append_new(fields, json_pack("{s:s,s:s,s:o}", "column", column, "rule", rule, "from", from));
		return from;
	}
	(void)printf(
	    "    %-28s %s%s\n", column, rule, from_bytes ? "" : "   (no bytes: constant, setting, decision or number)");
	return NULL;
}

/* Takes `fields`. */
static void
end_line(struct lineage *l, const char *file, const char *batch, uint64_t line, json_t *fields)
{
	l->lines++;
	if (!cli_has(l->c, O_JSON)) {
		json_decref(fields);
		return;
	}
	json_t *j = json_pack("{s:s,s:o,s:I,s:s,s:o}", "type", "lineage", "file", cli_str(file), "line",
	    (json_int_t)line, "item", l->it->iid, "fields", fields);
	json_object_set_new(j, "batch", cli_str(batch));
	cli_json(j);
}

/* ---- what was written ---- */

static int
remember_file(void *ctx, const struct batch_file *f, struct eg_err *err)
{
	struct lineage *l = ctx;

	(void)err;
	l->file = eg_xrealloc(l->file, (l->nfiles + 1) * sizeof(*l->file));
	l->file[l->nfiles].id = f->id;
	l->file[l->nfiles].batch = eg_arena_cstr(&l->a, eg_bytes_str(f->batch));
	l->file[l->nfiles++].name = eg_arena_cstr(&l->a, eg_bytes_str(f->name));
	return EG_OK;
}

static int
remember_batch(void *ctx, const char *batch, int64_t item, int64_t revision, int64_t decision, struct eg_err *err)
{
	struct lineage *l = ctx;

	(void)item;
	(void)revision;
	(void)decision;
	return batch_file_each(l->s->store, batch, remember_file, l, err);
}

static int
tell_cell(struct lineage *l, json_t *fields, json_t *cell, struct eg_err *err)
{
	json_t *from = json_object_get(cell, "from"), *into;
	const char *column = json_string_value(json_object_get(cell, "column")),
		   *rule = json_string_value(json_object_get(cell, "rule"));
	int rc = EG_OK;

	into =
	    begin_column(l, fields, column == NULL ? "" : column, rule == NULL ? "" : rule, json_array_size(from) > 0);
	for (size_t i = 0; rc == EG_OK && i < json_array_size(from); i++) {
		json_t *p = json_array_get(from, i);
		struct at at = { json_integer_value(json_object_get(p, "file")),
			json_integer_value(json_object_get(p, "off")), json_integer_value(json_object_get(p, "len")),
			json_integer_value(json_object_get(p, "line")) };
		rc = tell_place(l, &at, into, err);
	}
	return rc;
}

static int
written_line(void *ctx, int64_t batch_file, uint64_t line, int64_t item, const char *cells_json, struct eg_err *err)
{
	struct lineage *l = ctx;
	json_t *cells = json_loads(cells_json, 0, NULL), *fields = json_array();
	const struct names *f = NULL;
	int rc = EG_OK;

	(void)item;
	for (size_t i = 0; i < l->nfiles; i++)
		if (l->file[i].id == batch_file)
			f = &l->file[i];
	if (!json_is_array(cells) || f == NULL || f->name == NULL)
		rc = eg_fail(err, EG_FATAL, "DB-CORRUPT",
		    "the lineage of %s is damaged; restore state.db from a backup", l->it->iid);
	if (rc == EG_OK && !cli_has(l->c, O_JSON))
		(void)printf("\n  %s line %llu   (%s)\n", f->name, (unsigned long long)line, f->batch);
	for (size_t i = 0; rc == EG_OK && i < json_array_size(cells); i++)
		rc = tell_cell(l, fields, json_array_get(cells, i), err);
	if (rc == EG_OK)
		end_line(l, f->name, f->batch, line, fields);
	else
		json_decref(fields);
	json_decref(cells);
	return rc;
}

/* ---- what was never written ---- */

static int
tell_fields(struct lineage *l, const struct rec_field *f, const struct rec_val *v, unsigned n,
    const struct rec_prov *row, struct eg_err *err)
{
	json_t *fields = json_array();
	int rc = EG_OK;

	for (unsigned i = 0; rc == EG_OK && i < n; i++) {
		if ((f[i].flags & RF_CONTEXT) != 0 || v[i].state != RV_VALUE)
			continue;
		struct at at = { l->it->file, (json_int_t)v[i].prov.off, (json_int_t)v[i].prov.len,
			(json_int_t)v[i].prov.line };
		json_t *into = begin_column(l, fields, f[i].name, "", v[i].prov.line != 0);
		if (v[i].prov.line != 0)
			rc = tell_place(l, &at, into, err);
	}
	if (rc == EG_OK)
		end_line(l, NULL, NULL, row->line, fields);
	else
		json_decref(fields);
	return rc;
}

static int
unwritten(struct lineage *l, struct eg_err *err)
{
	struct eg_arena a;
	struct rec r;
	int rc;

	eg_arena_init(&a, (size_t)256 << 20);
	rc = item_record(l->s->store, l->it->rev, &a, &r, err);
	if (rc == EG_OK && !cli_has(l->c, O_JSON))
		(void)printf("\n  not written yet; its fields\n");
	if (rc == EG_OK)
		rc = tell_fields(l, r.type->head, r.head, r.type->nhead, &r.at, err);
	for (size_t i = 0; rc == EG_OK && i < r.nlines; i++) {
		if (!cli_has(l->c, O_JSON))
			(void)printf("  line %zu\n", i + 1);
		rc = tell_fields(l, r.type->line, &r.lines[i * r.type->nline], r.type->nline, &r.line_at[i], err);
	}
	eg_arena_done(&a);
	return rc;
}

int
show_lineage(struct cli *c, struct site *s, const struct item *it, struct eg_err *err)
{
	struct lineage l = { .c = c, .s = s, .it = it };
	int rc;

	eg_arena_init(&l.a, 16 << 20);
	if (!cli_has(c, O_JSON))
		(void)printf("Lineage\n");
	rc = batch_item_each(s->store, NULL, it->id, remember_batch, &l, err);
	if (rc == EG_OK)
		rc = lineage_each(s->store, 0, it->id, written_line, &l, err);
	bool written = l.lines > 0;
	if (rc == EG_OK && !written)
		rc = unwritten(&l, err);
	if (rc == EG_OK && cli_has(c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:b,s:i}", "type", "summary", "item", it->iid, "written", written, "lines",
		    (int)l.lines));
	free(l.file);
	eg_arena_done(&l.a);
	return rc;
}
