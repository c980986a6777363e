/* SPDX-License-Identifier: MIT
 *
 * why: one cell of an outbound file after the other, each with the steps back to the bytes of a received file, and these bytes.
 */
#include "gateway/cli/show.h"
#include "gateway/cli/tools.h"
#include "gateway/cli/why.h"
#include "spool/bundle.h"

#include <strings.h>

#define SHOWN 300 /* bytes of a source on the screen */

/* ---- the bytes ---- */

static int
cut_bytes(struct why *w, const struct origin_place *p, struct eg_buf *ret, struct eg_err *err)
{
	struct drop_row d;
	int rc = EG_OK;

	if (strcmp(w->drop, p->drop) != 0) {
		eg_buf_clear(&w->original);
		w->drop[0] = '\0';
		rc = store_drop_get(w->s->store, p->drop, &w->a, &d, err);
		if (rc == EG_OK)
			rc = show_original(w->s, &d, &w->original, err);
		if (rc == EG_OK)
			(void)snprintf(w->drop, sizeof(w->drop), "%s", p->drop);
	}
	if (rc == EG_OK)
		rc = show_cut(w->s, eg_buf_view(&w->original), p->member, p->off, p->len, ret, err);
	return rc == EG_EOF ? EG_OK : rc;
}

/* The bytes, or why they cannot be shown: what proves the rest is told all the same. */
static char *
bytes_text(struct why *w, const struct origin_place *p, bool private)
{
	struct eg_buf raw = EG_BUF_INIT, text = EG_BUF_INIT;
	struct eg_err err = { 0 };

	if (private)
		eg_buf_str(&text, "(private, not shown)");
	else if (cut_bytes(w, p, &raw, &err) < 0)
		eg_buf_printf(&text, "(cannot be shown: %s)", err.msg);
	else {
		eg_buf_chr(&text, '"');
		eg_buf_escaped(&text, eg_bytes_sub(eg_buf_view(&raw), 0, SHOWN));
		eg_buf_str(&text, raw.len > SHOWN ? "\" …" : "\"");
	}
	char *ret = eg_xstrdup(eg_buf_cstr(&text));
	eg_buf_done(&raw);
	eg_buf_done(&text);
	return ret;
}

/* The command that cuts the same bytes out of the sealed original. */
static int
note_cut(struct why *w, const struct origin_place *p, struct eg_err *err)
{
	struct eg_buf name = EG_BUF_INIT;

	if (w->cut == NULL) {
		bundle_safe_name(eg_bytes_str(p->name), &name);
		w->cut = eg_xprintf("unzip -p BUNDLE.zip BUNDLE/data/received/%s%s | tail -c +%lld | head -c %lld",
		    eg_buf_cstr(&name), *p->member != '\0' ? " | (unpack its member)" : "", (long long)p->off + 1,
		    (long long)p->len);
		eg_buf_done(&name);
	}
	return why_prove_by(w, p->drop, err);
}

/* ---- one source ---- */

static void
place_json(struct why *w, const struct origin_place *p, json_t *j, bool private)
{
	char *bytes = bytes_text(w, p, private);

	json_object_set_new(j, "from",
	    json_pack("{s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:s,s:s,s:s}", "sha256", p->sha256, "drop", p->drop, "name",
		p->name, "member", p->member, "offset", (json_int_t)p->off, "length", (json_int_t)p->len, "line",
		(json_int_t)p->line, "adapter", p->adapter, "steps", p->steps, "bytes", bytes));
	free(bytes);
}

static void
source_json(struct why *w, const struct cell_origin *o)
{
	json_t *j = json_pack("{s:s,s:s,s:I,s:s,s:s,s:i,s:s,s:s,s:s,s:s,s:s,s:s}", "type", "source", "file", o->file,
	    "line", (json_int_t)o->line, "column", o->column, "item", o->item, "revision", o->revision, "content",
	    o->content, "kind", origin_word(o->kind), "field", o->field, "what", o->what, "adapter", o->adapter, "rule",
	    o->rule);

	json_object_set_new(j, "value", cli_str(o->value));
	json_object_set_new(j, "batch", cli_str(w->batch.id));
	if (o->place != NULL)
		place_json(w, o->place, j, o->value == NULL);
	cli_json(j);
}

static void
heading_text(const struct cell_origin *o)
{
	struct eg_buf v = EG_BUF_INIT;

	eg_buf_escaped(&v, eg_bytes_str(o->value == NULL ? "(private, not shown)" : o->value));
	(void)printf("\n%s = %s\n", o->column, *eg_buf_cstr(&v) == '\0' ? "(empty)" : eg_buf_cstr(&v));
	if (*o->file != '\0')
		(void)printf("  stands in   %s line %llu\n  written by  %s: %s\n", o->file, (unsigned long long)o->line,
		    o->adapter, o->rule);
	eg_buf_done(&v);
}

static void
source_text(struct why *w, const struct cell_origin *o)
{
	const struct origin_place *p = o->place;

	if (p == NULL) {
		(void)printf("  %-11s %s\n", origin_word(o->kind), o->what);
		return;
	}
	char *bytes = bytes_text(w, p, o->value == NULL);
	(void)printf("  read by     %s: %s%s%s\n", p->adapter, o->field, *p->steps != '\0' ? " = " : "", p->steps);
	(void)printf("  came from   %s %s%s%s line %lld, byte %lld, %lld long   sha256 %.16s…\n  bytes       %s\n",
	    p->drop, p->name, *p->member != '\0' ? "!" : "", p->member, (long long)p->line, (long long)p->off,
	    (long long)p->len, p->sha256, bytes);
	free(bytes);
}

static bool
asked(const struct why *w, const struct cell_origin *o)
{
	const char *dot = strrchr(o->field, '.');

	return w->field == NULL || strcasecmp(w->field, o->column) == 0 || strcmp(w->field, o->field) == 0 ||
	       (dot != NULL && strcmp(w->field, dot + 1) == 0);
}

int
why_cell(void *ctx, const struct cell_origin *o, struct eg_err *err)
{
	struct why *w = ctx;
	bool all = cli_has(w->c, O_ALL) || cli_has(w->c, O_JSON);

	if (!asked(w, o))
		return EG_OK;
	char *cell = eg_xprintf("%s %llu %s", o->file, (unsigned long long)o->line, o->column);
	if (w->last == NULL || strcmp(w->last, cell) != 0) {
		w->full = all || w->cells < WHY_CELLS;
		w->cells++;
		w->hidden += !w->full;
		free(w->last);
		w->last = eg_xstrdup(cell);
		if (w->full && !cli_has(w->c, O_JSON))
			heading_text(o);
	}
	free(cell);
	if (!w->full)
		return EG_OK;
	if (cli_has(w->c, O_JSON))
		source_json(w, o);
	else
		source_text(w, o);
	return o->place != NULL ? note_cut(w, o->place, err) : EG_OK;
}

/* ---- what never left ---- */

static int
unwritten_fields(struct why *w, const struct rec *r, const struct rec_field *f, const struct rec_val *v, unsigned n,
    const char *content, struct eg_err *err)
{
	int rc = EG_OK;

	for (unsigned i = 0; rc == EG_OK && i < n; i++) {
		struct origin_place p = { 0 };
		const bool bytes = v[i].prov.line != 0;
		if ((f[i].flags & RF_CONTEXT) != 0 || v[i].state != RV_VALUE)
			continue;
		if (bytes)
			rc = origins_place(w->o, w->it.file, r->type, f[i].name, &v[i].prov, &p, err);
		char *text = eg_xprintf("%.*s", (int)v[i].text.len, (const char *)v[i].text.ptr);
		struct cell_origin o = { .file = "",
			.column = f[i].name,
			.line = v[i].prov.line,
			.value = (f[i].flags & RF_PRIVATE) != 0 ? NULL : text,
			.item = w->it.iid,
			.revision = w->it.rev_no,
			.content = content,
			.kind = bytes ? ORIGIN_BYTES : ORIGIN_DEFAULT,
			.field = f[i].name,
			.what = bytes ? "" : "set by the adapter that read the record",
			.place = bytes ? &p : NULL,
			.adapter = "",
			.rule = "" };
		if (rc == EG_OK)
			rc = why_cell(w, &o, err);
		free(text);
	}
	return rc;
}

int
why_unwritten(struct why *w, struct eg_err *err)
{
	struct rec r;
	int rc = item_record(w->s->store, w->it.rev, &w->a, &r, err);

	if (rc == EG_OK)
		rc = unwritten_fields(w, &r, r.type->head, r.head, r.type->nhead, w->it.content, err);
	for (size_t i = 0; rc == EG_OK && i < r.nlines; i++)
		rc = unwritten_fields(
		    w, &r, r.type->line, &r.lines[i * r.type->nline], r.type->nline, w->it.content, err);
	return rc;
}
