/* SPDX-License-Identifier: MIT
 *
 * erp-code items: the ERP's pairs of cost code and cost type as the project side gets them. They are no records of
 * any file but follow from the code lists, once all of those have come: from code rows with a type (CMiC, MRI) or
 * from assignments (Acumatica). An item's place is its pair's row.
 */
#include "gateway/workflow/intake.h"

#define CODES_MEM ((size_t)256 << 20)

struct kind { /* a cost type */
	const char *code, *name;
	bool active;
};

struct deriving {
	struct site *s;
	struct eg_arena a; /* types, names: the whole derivation */
	struct eg_arena one; /* one pair */
	struct kind *kinds;
	size_t nkinds;
	bool assigned; /* pairs come from assignments */
};

/* The project side's name of a cost type: table cost_type.csv, columns pm and name. */
static const char *
table_name(struct deriving *d, const char *code)
{
	char sha256[EG_SHA256_HEX];
	struct eg_bytes text = EG_NONE, line, cell, name;
	const char *table = "";

	for (size_t i = 0; adp_set_table_at(d->s->adapters, i, &table, &text, sha256); i++)
		if (strcmp(table, "cost_type.csv") == 0)
			break;
	if (strcmp(table, "cost_type.csv") != 0)
		return NULL;
	while (eg_bytes_cut(&text, '\n', &line)) {
		line = eg_bytes_trim_ws(line);
		if (eg_bytes_cut(&line, ',', &cell) && eg_bytes_is(eg_bytes_trim(cell), code) &&
		    eg_bytes_cut(&line, ',', &name))
			return eg_arena_cstr(&d->a, eg_bytes_trim(name));
	}
	return NULL;
}

static int
add_kind(void *ctx, const struct rec *r, int64_t file, struct eg_err *err)
{
	struct deriving *d = ctx;
	struct kind *k;

	(void)file;
	(void)err;
	d->kinds = eg_xrealloc(d->kinds, (d->nkinds + 1) * sizeof(*d->kinds));
	k = &d->kinds[d->nkinds++];
	k->code = head_text(&d->a, r, "code.cost_type");
	k->name = table_name(d, k->code);
	if (k->name == NULL)
		k->name = head_text(&d->a, r, "code.name");
	k->active = head_is(r, "code.active", "yes");
	return EG_OK;
}

static const struct kind *
kind_of(const struct deriving *d, struct eg_bytes code)
{
	for (size_t i = 0; i < d->nkinds; i++)
		if (eg_bytes_is(code, d->kinds[i].code))
			return &d->kinds[i];
	return NULL;
}

/* ---- one pair ---- */

static int
set(struct eg_arena *a, const struct rec *r, const char *name, struct eg_bytes v, struct rec_prov at,
    struct eg_err *err)
{
	const struct rec_field *f = &r->type->head[rec_head_index(r->type, name)];

	return v.len == 0 ? EG_OK : rec_set(a, f, v, at, rec_head(r, name), err);
}

/* A record knows places in its own file only: what another file said has none here (enrich finds it again). */
static struct rec_prov
place(const struct rec *pair, const struct rec *from, const char *field)
{
	return from == pair ? rec_head(from, field)->prov : (struct rec_prov){ 0 };
}

static int
build(struct deriving *d, const struct rec *pair, const struct rec *code, struct rec *ret, struct eg_err *err)
{
	const struct kind *k = kind_of(d, rec_head(pair, "code.cost_type")->text);
	bool active = head_is(code, "code.active", "yes") && k != NULL && k->active;
	int rc = rec_new(&d->one, rec_type(REC_ERP_CODE), 0, ret, err);

	if (rc != EG_OK)
		return rc;
	ret->at = pair->at;
	struct rec_prov type = rec_head(pair, "code.cost_type")->prov;
	rc = set(&d->one, ret, "code.cost_code", rec_head(pair, "code.cost_code")->text,
	    rec_head(pair, "code.cost_code")->prov, err);
	if (rc == EG_OK)
		rc = set(&d->one, ret, "code.cost_type", rec_head(pair, "code.cost_type")->text, type, err);
	if (rc == EG_OK)
		rc = set(
		    &d->one, ret, "code.name", rec_head(code, "code.name")->text, place(pair, code, "code.name"), err);
	if (rc == EG_OK && k != NULL && k->name != NULL)
		rc = set(&d->one, ret, "code.type_name", eg_bytes_str(k->name), type, err);
	if (rc == EG_OK)
		rc = set(&d->one, ret, "code.active", active ? EG_LIT("yes") : EG_LIT("no"),
		    place(pair, code, "code.active"), err);
	return rc;
}

/* layouts.md §1.2: one key part, the two joined by a point. */
static const char *
pair_iid(struct deriving *d, const struct rec *r)
{
	struct eg_buf b = EG_BUF_INIT;
	const char *part, *ret = NULL;

	eg_buf_add(&b, rec_head(r, "code.cost_code")->text);
	eg_buf_chr(&b, '.');
	eg_buf_add(&b, rec_head(r, "code.cost_type")->text);
	part = eg_buf_cstr(&b);
	ret = iid_join(&d->one, REC_ERP_CODE, &part, 1);
	eg_buf_done(&b);
	return ret;
}

static int
keep(struct deriving *d, const struct rec *r, int64_t file, struct eg_err *err)
{
	struct item it = { .type = r->type,
		.state = ST_APPROVED,
		.posted = -1,
		.file = file,
		.line = (int64_t)r->at.line,
		.off = (int64_t)r->at.off,
		.len = (int64_t)r->at.len };
	struct item known;
	char content[65];
	int rc;

	it.iid = pair_iid(d, r);
	if (it.iid == NULL)
		return eg_fail(err, EG_BADFILE, "LIMIT-MEM", "a cost code does not fit the memory set aside for it");
	rc = item_fill(d->s, &d->one, r, &it, err);
	if (rc == EG_OK)
		rc = item_find(d->s->store, it.iid, &d->one, &known, err);
	if (rc == EG_EOF)
		return item_add(d->s->store, &it, r, site_now(d->s), d->s->run, err);
	if (rc != EG_OK)
		return rc;
	rec_content(r, content);
	if (strcmp(known.content, content) == 0)
		return EG_OK;
	it.id = known.id;
	if (known.written != NULL && strcmp(known.written, content) == 0)
		it.state = ST_SYNCED; /* back to what the project side has */
	return item_revise(d->s->store, &it, r, site_now(d->s), d->s->run, err);
}

/* Key of the code's row in Acumatica's code list: the second part, the type, is blank there. */
static const char *
master_key(struct deriving *d, const struct rec *pair)
{
	const char *parts[2] = { head_text(&d->one, pair, "code.cost_code"), "" };
	const char *iid = iid_join(&d->one, REC_COST_CODE, parts, 2);

	return iid == NULL ? "" : iid + strlen("cost-code/");
}

static int
from_pair(void *ctx, const struct rec *pair, int64_t file, struct eg_err *err)
{
	struct deriving *d = ctx;
	const struct rec *code = pair;
	struct rec master, r;
	int64_t master_file = 0;
	int rc = EG_OK;

	eg_arena_reset(&d->one);
	if (rec_head(pair, "code.cost_type")->state != RV_VALUE)
		return EG_OK;
	if (d->assigned) {
		rc = ref_get(
		    d->s->store, rec_type(REC_COST_CODE), master_key(d, pair), &d->one, &master, &master_file, err);
		code = &master;
	}
	if (rc == EG_EOF)
		return EG_OK; /* assigned, but not in the code list: nothing to offer yet */
	if (rc == EG_OK)
		rc = build(d, pair, code, &r, err);
	return rc == EG_OK ? keep(d, &r, file, err) : rc;
}

int
codes_derive(struct site *s, struct eg_err *err)
{
	struct deriving d = { .s = s, .assigned = strcmp(s->erp, "acumatica") == 0 };
	const char *stale = NULL;
	bool all = false;
	int rc;

	eg_arena_init(&d.a, CODES_MEM);
	eg_arena_init(&d.one, CODES_MEM);
	rc = store_meta_get(s->store, CODES_STALE, &d.a, &stale, err);
	if (rc == EG_OK && stale != NULL && strcmp(stale, "yes") == 0)
		rc = code_lists_received(s, &all, err);
	if (rc == EG_OK && all)
		rc = ref_each(s->store, rec_type(REC_COST_TYPE), NULL, add_kind, &d, err);
	if (rc == EG_OK && all)
		rc =
		    ref_each(s->store, rec_type(d.assigned ? REC_ASSIGNMENT : REC_COST_CODE), NULL, from_pair, &d, err);
	if (rc == EG_OK && all)
		rc = store_meta_set(s->store, CODES_STALE, "no", err);
	free(d.kinds);
	eg_arena_done(&d.one);
	eg_arena_done(&d.a);
	return rc;
}
