/* SPDX-License-Identifier: MIT
 *
 * Every open company without an ERP key is held against every free vendor of the ERP; the same for projects and jobs. All pairs are looked at (a few
 * comparisons of ready-made texts each), so that the result depends on nothing but the lists. Tests: tests/unit/test_suggest.c.
 */
#include "gateway/workflow/suggest.h"

#include "gateway/workflow/intake.h"

#define SUGGEST_MEM ((size_t)1 << 30)

static const struct kind {
	const char *word;
	enum rec_id own, erp;
	const char *key, *given; /* fields of the project side's record */
	const char *name, *zip; /* of both */
	bool by_code;
} kinds[] = {
	{ "vendor", REC_VENDOR, REC_ERP_VENDOR, "vendor.pm_id", "vendor.origin_code", "vendor.name", "vendor.zip",
	    false },
	{ "project", REC_PROJECT, REC_ERP_PROJECT, "project.number", "project.origin_code", "project.name",
	    "project.zip", true },
};

struct gathering {
	struct site *s;
	const struct kind *kind;
	struct suggestions *to;
	bool erp;
	struct party *v;
	size_t n, cap;
};

static const char *
optional(struct eg_arena *a, const struct rec *r, const char *field)
{
	bool line = false;

	return rec_field_named(r->type, eg_bytes_str(field), &line) >= 0 && !line ? head_text(a, r, field) : NULL;
}

static int
no_memory(struct eg_err *err)
{
	return eg_fail(err, EG_RETRY, "LIMIT-MEM", "there are too many companies to compare them all in memory");
}

static int
add_party(struct gathering *g, const struct item *it, struct eg_err *err)
{
	struct eg_arena *a = &g->to->a;
	struct party p = { .iid = eg_arena_cstr(a, eg_bytes_str(it->iid)) };
	struct rec r;
	int rc = item_record(g->s->store, it->rev, a, &r, err);

	if (rc != EG_OK)
		return rc < 0 ? rc : eg_fail(err, EG_FATAL, "DB-CORRUPT", "the record of %s is not there", it->iid);
	if (!g->erp && head_text(a, &r, g->kind->given) != NULL)
		return EG_OK; /* links itself when the list has the key */
	p.key = head_text(a, &r, g->erp ? g->kind->given : g->kind->key);
	p.name = optional(a, &r, g->kind->name);
	p.zip = optional(a, &r, g->kind->zip);
	p.tax = optional(a, &r, "vendor.tax_id");
	p.mail = optional(a, &r, "vendor.email_address");
	p.phone = optional(a, &r, "vendor.business_phone");
	if (p.iid == NULL || p.key == NULL || !party_prepare(&p, a))
		return no_memory(err);
	if (g->n == g->cap) {
		g->cap = g->cap == 0 ? 256 : g->cap * 2;
		g->v = eg_xrealloc(g->v, g->cap * sizeof(*g->v));
	}
	g->v[g->n++] = p;
	return EG_OK;
}

static int
gather_each(void *ctx, const struct item *it, struct eg_err *err)
{
	struct gathering *g = ctx;

	if (it->accepted != 0 || (!g->erp && it->erp_id != NULL))
		return EG_OK;
	return add_party(g, it, err);
}

static int
gather(struct site *s, const struct kind *k, bool erp, struct suggestions *to, struct eg_err *err)
{
	struct gathering g = { .s = s, .kind = k, .to = to, .erp = erp };
	struct item_filter f = { .type = rec_type(erp ? k->erp : k->own),
		.states =
		    erp ? 1U << ST_IMPORTABLE | 1U << ST_HELD : 1U << ST_WAITING | 1U << ST_HELD | 1U << ST_UNLINKED };
	int rc = item_each(s->store, &f, gather_each, &g, err);

	if (erp) {
		to->erp = g.v;
		to->nerp = g.n;
	} else {
		to->own = g.v;
		to->nown = g.n;
	}
	return rc;
}

static int
by_company(const void *pa, const void *pb)
{
	const struct suggestion *a = pa, *b = pb;

	if (a->own != b->own)
		return a->own < b->own ? -1 : 1;
	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	return a->erp < b->erp ? -1 : a->erp > b->erp;
}

static void
pair_all(struct suggestions *s, bool by_code)
{
	size_t cap = 0;

	for (size_t i = 0; i < s->nown; i++)
		for (size_t k = 0; k < s->nerp; k++) {
			struct suggestion x = { .own = &s->own[i], .erp = &s->erp[k] };

			x.score = party_compare(x.own, x.erp, by_code, x.reason);
			if (x.score == SCORE_NONE)
				continue;
			if (s->n == cap) {
				cap = cap == 0 ? 256 : cap * 2;
				s->v = eg_xrealloc(s->v, cap * sizeof(*s->v));
			}
			s->v[s->n++] = x;
		}
	if (s->n > 0)
		qsort(s->v, s->n, sizeof(*s->v), by_company);
}

/* Where a name is found as it is, those that are only like it are no candidates any more. */
static void
drop_lesser(struct suggestions *s)
{
	bool *own = eg_xalloc((s->nown + 1) * sizeof(*own)), *erp = eg_xalloc((s->nerp + 1) * sizeof(*erp));
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].score == SCORE_EXACT)
			own[s->v[i].own - s->own] = erp[s->v[i].erp - s->erp] = true;
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].score == SCORE_EXACT || (!own[s->v[i].own - s->own] && !erp[s->v[i].erp - s->erp]))
			s->v[n++] = s->v[i];
	s->n = n;
	free(own);
	free(erp);
}

/* How many pairs of a score name each side: more than one on either side is a question for a person. */
static void
mark_alone(struct suggestions *s)
{
	unsigned *of_own = eg_xalloc((s->nown + 1) * (SCORE_EXACT + 1) * sizeof(*of_own));
	unsigned *of_erp = eg_xalloc((s->nerp + 1) * (SCORE_EXACT + 1) * sizeof(*of_erp));

	for (size_t i = 0; i < s->n; i++) {
		of_own[(size_t)(s->v[i].own - s->own) * (SCORE_EXACT + 1) + s->v[i].score]++;
		of_erp[(size_t)(s->v[i].erp - s->erp) * (SCORE_EXACT + 1) + s->v[i].score]++;
	}
	for (size_t i = 0; i < s->n; i++)
		s->v[i].alone = of_own[(size_t)(s->v[i].own - s->own) * (SCORE_EXACT + 1) + s->v[i].score] == 1 &&
		                of_erp[(size_t)(s->v[i].erp - s->erp) * (SCORE_EXACT + 1) + s->v[i].score] == 1;
	free(of_own);
	free(of_erp);
}

int
suggest(struct site *s, const char *kind, struct suggestions *ret, struct eg_err *err)
{
	const struct kind *k = strcmp(kind, kinds[0].word) == 0 ? &kinds[0] : &kinds[1];
	int rc;

	*ret = (struct suggestions){ .own = NULL };
	eg_arena_init(&ret->a, SUGGEST_MEM);
	rc = gather(s, k, false, ret, err);
	if (rc == EG_OK)
		rc = gather(s, k, true, ret, err);
	if (rc != EG_OK) {
		suggestions_free(ret);
		return rc;
	}
	pair_all(ret, k->by_code);
	drop_lesser(ret);
	mark_alone(ret);
	return EG_OK;
}

void
suggestions_free(struct suggestions *s)
{
	free(s->own);
	free(s->erp);
	free(s->v);
	eg_arena_done(&s->a);
	*s = (struct suggestions){ .own = NULL };
}
