/* SPDX-License-Identifier: MIT
 *
 * Two readings of one document compared by meaning. Never fails: what cannot be summed is marked.
 */
#include "gateway/semdiff.h"

#include <search.h>

/* ---- fields ---- */

struct comparing {
	void (*tell)(void *ctx, const struct semdiff_field *f);
	void *ctx;
	size_t n;
};

static struct eg_bytes
shown(const struct rec_val *v)
{
	return v != NULL && v->state == RV_VALUE ? v->text : EG_NONE;
}

static void
values(struct comparing *c, const struct rec_field *f, const struct rec_val *was, const struct rec_val *is, unsigned n,
    uint64_t line)
{
	for (unsigned i = 0; i < n; i++) {
		struct semdiff_field d = { .field = f[i].name,
			.line = line,
			.was = shown(was == NULL ? NULL : &was[i]),
			.is = shown(is == NULL ? NULL : &is[i]),
			.hidden = (f[i].flags & RF_PRIVATE) != 0 };

		if ((f[i].flags & RF_CONTEXT) != 0 || eg_bytes_eq(d.was, d.is))
			continue;
		c->n++;
		c->tell(c->ctx, &d);
	}
}

struct row { /* a line by its place */
	uint64_t line, off;
	size_t i;
};

static int
by_place(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	if (x->off != y->off)
		return x->off < y->off ? -1 : 1;
	return (x->i > y->i) - (x->i < y->i);
}

static struct row *
rows_of(const struct rec *r)
{
	size_t n = r == NULL ? 0 : r->nlines;
	struct row *v = eg_xalloc((n + 1) * sizeof(*v));

	for (size_t i = 0; i < n; i++)
		v[i] = (struct row){ r->line_at[i].line, r->line_at[i].off, i };
	if (n > 1)
		qsort(v, n, sizeof(*v), by_place);
	return v;
}

/* Of one place: the same physical line, or, for documents from two files, the same rank. */
static int
side(const struct row *x, const struct row *y, bool by_rank)
{
	if (by_rank || (x->line == y->line && x->off == y->off))
		return 0;
	return x->line < y->line || (x->line == y->line && x->off < y->off) ? -1 : 1;
}

static void
lines(struct comparing *c, const struct rec *was, const struct rec *is)
{
	const struct rec_type *t = (was != NULL ? was : is)->type;
	size_t n = was == NULL ? 0 : was->nlines, m = is == NULL ? 0 : is->nlines, i = 0, k = 0;
	struct row *a = rows_of(was), *b = rows_of(is);
	bool by_rank = was != NULL && is != NULL && (was->at.line != is->at.line || was->at.off != is->at.off);

	while (i < n || k < m) {
		int s = i == n ? 1 : k == m ? -1 : side(&a[i], &b[k], by_rank);
		const struct rec_val *x = s <= 0 ? &was->lines[a[i].i * t->nline] : NULL,
				     *y = s >= 0 ? &is->lines[b[k].i * t->nline] : NULL;

		values(c, t->line, x, y, t->nline, s >= 0 ? b[k].line : a[i].line);
		i += s <= 0;
		k += s >= 0;
	}
	free(a);
	free(b);
}

size_t
semdiff_records(
    const struct rec *was, const struct rec *is, void (*tell)(void *ctx, const struct semdiff_field *f), void *ctx)
{
	struct comparing c = { tell, ctx, 0 };
	const struct rec *any = is != NULL ? is : was;

	if (any == NULL)
		return 0;
	values(&c, any->type->head, was == NULL ? NULL : was->head, is == NULL ? NULL : is->head, any->type->nhead,
	    any->at.line);
	lines(&c, was, is);
	return c.n;
}

/* ---- money ---- */

struct sum {
	char *type, *project, *account, *currency;
	struct semdiff_sum told;
};
struct semdiff_sums {
	char *currency;
	void *tree;
	struct sum **v; /* for walking */
	size_t n;
};

static int
by_key(const void *pa, const void *pb)
{
	const struct sum *a = pa, *b = pb;
	int c = strcmp(a->type, b->type);

	if (c == 0)
		c = strcmp(a->project, b->project);
	if (c == 0)
		c = strcmp(a->account, b->account);
	return c != 0 ? c : strcmp(a->currency, b->currency);
}

static void
sum_free(void *p)
{
	struct sum *s = p;

	free(s->type);
	free(s->project);
	free(s->account);
	free(s->currency);
	free(s);
}

struct semdiff_sums *
semdiff_sums_new(const char *currency)
{
	struct semdiff_sums *m = eg_xalloc(sizeof(*m));

	m->currency = eg_xstrdup(currency);
	return m;
}

void
semdiff_sums_free(struct semdiff_sums *m)
{
	if (m == NULL)
		return;
	tdestroy(m->tree, sum_free);
	free(m->currency);
	free(m->v);
	free(m);
}

/* The value of a field by its name without the record's prefix (".cost_code"); the header's when line is SIZE_MAX. */
static struct eg_bytes
value_ending(const struct rec *r, size_t line, const char *end)
{
	const bool head = line == SIZE_MAX;
	const struct rec_field *f = head ? r->type->head : r->type->line;
	unsigned n = head ? r->type->nhead : r->type->nline;

	for (unsigned i = 0; i < n; i++) {
		const struct rec_val *v = head ? &r->head[i] : &r->lines[line * r->type->nline + i];

		if ((f[i].flags & RF_CONTEXT) == 0 && v->state == RV_VALUE &&
		    eg_bytes_ends(eg_bytes_str(f[i].name), eg_bytes_str(end)))
			return v->text;
	}
	return EG_NONE;
}

static char *
project_of(const struct rec *r)
{
	static const char *const names[] = { "project.number", "project.origin_code", ".project" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct eg_bytes v = value_ending(r, SIZE_MAX, names[i]);

		if (v.len > 0)
			return eg_xdup(v);
	}
	return eg_xstrdup("-");
}

static char *
account_of(const struct rec *r, size_t line)
{
	struct eg_bytes code = value_ending(r, line, ".cost_code"), kind = value_ending(r, line, ".cost_type");

	if (code.len + kind.len == 0)
		return eg_xstrdup("-");
	return eg_xprintf("%.*s.%.*s", EG_FMT(code), EG_FMT(kind));
}

static void
add_amount(struct semdiff_sums *m, const struct rec *r, size_t line, const struct rec_val *v, bool after)
{
	struct eg_bytes own = value_ending(r, SIZE_MAX, ".currency");
	struct sum *key = eg_xalloc(sizeof(*key));
	void *at;

	if (v->state != RV_VALUE) {
		free(key);
		return;
	}
	key->type = eg_xstrdup(r->type->name);
	key->project = project_of(r);
	key->account = account_of(r, line);
	key->currency = own.len > 0 ? eg_xdup(own) : eg_xstrdup(m->currency);
	at = tsearch(key, &m->tree, by_key);
	eg_check(at != NULL);
	struct sum *s = *(struct sum **)at;
	if (s == key) {
		s->told =
		    (struct semdiff_sum){ s->type, s->project, s->account, s->currency, { 0, 2 }, { 0, 2 }, false };
		m->v = eg_xrealloc(m->v, (m->n + 1) * sizeof(struct sum *));
		m->v[m->n++] = s;
	} else
		sum_free(key);
	struct eg_dec *to = after ? &s->told.is : &s->told.was;
	s->told.overflow = !eg_dec_add(*to, v->v.dec, to) || s->told.overflow;
}

void
semdiff_sums_add(struct semdiff_sums *m, const struct rec *r, bool after)
{
	bool line = false;
	int i =
	    r == NULL || r->type->amount == NULL ? -1 : rec_field_named(r->type, eg_bytes_str(r->type->amount), &line);

	if (i >= 0 && !line)
		add_amount(m, r, SIZE_MAX, &r->head[i], after);
	for (size_t k = 0; i >= 0 && line && k < r->nlines; k++)
		add_amount(m, r, k, &r->lines[k * r->type->nline + (size_t)i], after);
}

static int
by_key_of(const void *a, const void *b)
{
	return by_key(*(struct sum *const *)a, *(struct sum *const *)b);
}

size_t
semdiff_sums_each(struct semdiff_sums *m, bool changed, void (*tell)(void *ctx, const struct semdiff_sum *s), void *ctx)
{
	size_t told = 0;

	if (m->n > 1)
		qsort(m->v, m->n, sizeof(struct sum *), by_key_of);
	for (size_t i = 0; i < m->n; i++) {
		if (changed && !m->v[i]->told.overflow && eg_dec_cmp(m->v[i]->told.was, m->v[i]->told.is) == 0)
			continue;
		told++;
		tell(ctx, &m->v[i]->told);
	}
	return told;
}
