/* SPDX-License-Identifier: MIT
 *
 * A refused document is judged once more, as a whole: what a spreadsheet did to the cells that were not the reason is told together with the reason. Only told:
 * nothing is refused for it here.
 */
#include "gateway/repair.h"

#include "adapters/damage.h"
#include "gateway/near.h"

struct also {
	const struct repair_also *a;
	const struct rec *r;
	struct eg_buf text; /* of one line */
	uint64_t line;
};

/* "line.cost_code" as a person says it: "cost code". */
static void
name_of(const struct rec_field *f, struct eg_buf *ret)
{
	const char *dot = strchr(f->name, '.');

	for (const char *p = dot == NULL ? f->name : dot + 1; *p != '\0'; p++)
		eg_buf_chr(ret, *p == '_' ? ' ' : (unsigned char)*p);
}

/* A key that the record itself brings stands in no list yet. */
static bool
listed(const struct also *w, const struct rec_field *f, enum near_list *ret)
{
	return w->r->type->id != REC_VENDOR && w->r->type->id != REC_PROJECT && near_of_field(f->name, ret);
}

/* What shows of the value; nothing for one that the site's lists have. */
static int
judge(const struct also *w, const struct rec_field *f, struct eg_bytes text, struct eg_buf *ret, struct eg_err *err)
{
	const struct damage d = damage_of(damage_column(f->type), text, NULL, 0);
	enum near_list list = NEAR_CODES;
	char *value, *zeros = NULL;
	bool known = true;
	int rc;

	if (f->type != RF_CODE || w->a->lists == NULL || !listed(w, f, &list)) {
		damage_sentence(&d, ret);
		return EG_OK;
	}
	value = eg_xdup(text);
	rc = near_known(w->a->lists, list, value, &known, err);
	if (rc == EG_OK && !known)
		rc = near_zeros(w->a->lists, list, value, &zeros, err);
	if (rc == EG_OK && !known && (zeros != NULL || d.kind != DAMAGE_NONE))
		rc = near_sentence(w->a->lists, list, value, ret, err);
	free(zeros);
	free(value);
	return rc;
}

static int
tell(struct also *w, struct eg_err *err)
{
	struct finding f = { .run = w->a->s->run,
		.drop = w->a->at->drop,
		.source = w->a->at->source,
		.file = w->a->at->file,
		.line = w->line,
		.item = w->a->item };
	bool found = true;
	int rc = EG_OK;

	if (w->text.len > 0) {
		rc = store_finding_more(w->a->s->store, &f, eg_buf_cstr(&w->text), &found, err);
		f.line = w->a->line;
		if (rc == EG_OK && !found)
			rc = store_finding_more(w->a->s->store, &f, eg_buf_cstr(&w->text), &found, err);
	}
	eg_buf_clear(&w->text);
	return rc;
}

/* Fields that cannot be told apart from what the adapter made up, or that must not be shown, are passed over. */
static bool
to_judge(const struct also *w, const struct rec_field *f, const struct rec_val *v)
{
	return (f->type == RF_TEXT || f->type == RF_LONG || (f->type == RF_CODE && !w->a->texts_only)) &&
	       v->state == RV_VALUE && v->prov.line > 0 && (f->flags & (RF_PRIVATE | RF_CONTEXT)) == 0;
}

static int
fields(struct also *w, const struct rec_field *f, unsigned n, const struct rec_val *v, struct eg_err *err)
{
	struct eg_buf says = EG_BUF_INIT;
	int rc = EG_OK;

	for (unsigned i = 0; rc == EG_OK && i < n; i++) {
		if (!to_judge(w, &f[i], &v[i]))
			continue;
		eg_buf_clear(&says);
		rc = judge(w, &f[i], v[i].text, &says, err);
		if (rc != EG_OK || says.len == 0)
			continue;
		eg_buf_printf(&w->text, REPAIR_ALSO "%llu, too: ", (unsigned long long)w->line);
		name_of(&f[i], &w->text);
		eg_buf_str(&w->text, " \"");
		eg_buf_escaped(&w->text, eg_bytes_sub(v[i].text, 0, 60));
		eg_buf_printf(&w->text, "%s\".%s", v[i].text.len > 60 ? "…" : "", eg_buf_cstr(&says));
	}
	eg_buf_done(&says);
	return rc;
}

int
repair_also(const struct repair_also *a, const struct rec *r, struct eg_err *err)
{
	struct also w = { .a = a, .r = r, .line = r->at.line };
	int rc = fields(&w, r->type->head, r->type->nhead, r->head, err);

	for (size_t i = 0; rc == EG_OK && i < r->nlines; i++) {
		if (r->line_at[i].line != w.line)
			rc = tell(&w, err);
		w.line = r->line_at[i].line;
		if (rc == EG_OK)
			rc = fields(&w, r->type->line, r->type->nline, &r->lines[i * r->type->nline], err);
	}
	if (rc == EG_OK)
		rc = tell(&w, err);
	eg_buf_done(&w.text);
	return rc;
}
