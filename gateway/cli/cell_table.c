/* SPDX-License-Identifier: MIT
 *
 * Two tables of cells compared: both sorted by key, walked side by side. Sums are exact; one that would not fit its digits is left out rather than told wrong.
 */
#include "gateway/cli/cell_table.h"

#include <stdlib.h>
#include <string.h>

#define AMOUNT_DIGITS 18 /* before the point */

struct sums {
	struct cell_money *v;
	size_t n;
};

struct cell_row *
cell_table_row(struct cell_table *t, const char *key, const char *project, const char *account)
{
	if (t->n == t->cap) {
		t->cap = t->cap * 2 + 64;
		t->row = eg_xrealloc(t->row, t->cap * sizeof(*t->row));
	}
	struct cell_row *r = &t->row[t->n];
	*r = (struct cell_row){ .key = eg_xstrdup(key),
		.project = eg_xstrdup(project == NULL ? "" : project),
		.account = eg_xstrdup(account == NULL ? "" : account),
		.order = t->n++ };
	return r;
}

void
cell_add(struct cell_row *r, const char *column, struct eg_bytes value, bool masked)
{
	struct eg_buf shown = EG_BUF_INIT;

	eg_buf_escaped(&shown, value);
	r->cell = eg_xrealloc(r->cell, (r->n + 1) * sizeof(*r->cell));
	r->cell[r->n++] = (struct cell){ eg_xstrdup(column), eg_xstrdup(eg_buf_cstr(&shown)), masked };
	eg_buf_done(&shown);
}

void
cell_table_done(struct cell_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		for (size_t k = 0; k < t->row[i].n; k++) {
			free(t->row[i].cell[k].column);
			free(t->row[i].cell[k].value);
		}
		free(t->row[i].cell);
		free(t->row[i].key);
		free(t->row[i].project);
		free(t->row[i].account);
	}
	free(t->row);
	*t = (struct cell_table){ .n = 0 };
}

static int
by_key(const void *a, const void *b)
{
	const struct cell_row *x = a, *y = b;
	int c = strcmp(x->key, y->key);

	return c != 0 ? c : x->order < y->order ? -1 : x->order > y->order;
}

static const struct cell *
cell_named(const struct cell_row *r, const char *column)
{
	for (size_t i = 0; r != NULL && i < r->n; i++)
		if (strcmp(r->cell[i].column, column) == 0)
			return &r->cell[i];
	return NULL;
}

/* ---- money ---- */

static bool
is_amount(const char *v, struct eg_dec *ret)
{
	size_t n = strlen(v);

	*ret = (struct eg_dec){ .scale = 2 };
	return n > 3 && v[n - 3] == '.' &&
	       eg_dec_parse(eg_bytes(v, n), EG_DEC_PLAIN, 2, AMOUNT_DIGITS, ret) == EG_DEC_OK;
}

static int
money_order(const struct cell_money *a, const char *column, const char *project, const char *account)
{
	int c = strcmp(a->column, column);

	if (c == 0)
		c = strcmp(a->project, project);
	return c != 0 ? c : strcmp(a->account, account);
}

static struct cell_money *
sum_of(struct sums *s, const char *column, const struct cell_row *r)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = money_order(&s->v[mid], column, r->project, r->account);

		if (c == 0)
			return &s->v[mid];
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	s->v = eg_xrealloc(s->v, (s->n + 1) * sizeof(*s->v));
	memmove(&s->v[lo + 1], &s->v[lo], (s->n - lo) * sizeof(*s->v));
	s->n++;
	s->v[lo] = (struct cell_money){ column, r->project, r->account, { .scale = 2 } };
	return &s->v[lo];
}

static void
add_money(struct sums *s, const struct cell_row *r, const struct cell *c, bool gone)
{
	struct eg_dec d, sum;

	if (c == NULL || c->masked || !is_amount(c->value, &d))
		return;
	struct cell_money *m = sum_of(s, c->column, r);
	if (gone ? eg_dec_sub(m->diff, d, &sum) : eg_dec_add(m->diff, d, &sum))
		m->diff = sum;
}

static void
row_money(struct sums *s, const struct cell_row *r, bool gone)
{
	for (size_t i = 0; i < r->n; i++)
		add_money(s, r, &r->cell[i], gone);
}

/* ---- comparing ---- */

struct comparing {
	void (*change)(void *ctx, const struct cell_change *c);
	void *ctx;
	struct cell_counts *n;
};

static void
tell_row(struct comparing *x, const struct cell_row *r, bool gone)
{
	struct cell_change c = { .key = r->key, .column = "", .was = gone ? "" : NULL, .is = gone ? NULL : "" };

	x->n->more += !gone;
	x->n->fewer += gone;
	x->change(x->ctx, &c);
}

static bool
tell_cell(struct comparing *x, const char *key, const struct cell *a, const struct cell *b)
{
	struct cell_change c = { .key = key,
		.column = a != NULL ? a->column : b->column,
		.was = a != NULL ? a->value : NULL,
		.is = b != NULL ? b->value : NULL,
		.masked = (a != NULL && a->masked) || (b != NULL && b->masked) };

	if (a != NULL && b != NULL && strcmp(a->value, b->value) == 0)
		return false;
	x->n->cells++;
	x->change(x->ctx, &c);
	return true;
}

static void
compare_rows(struct comparing *x, const struct cell_row *a, const struct cell_row *b)
{
	bool changed = false;

	for (size_t i = 0; i < a->n; i++)
		changed |= tell_cell(x, a->key, &a->cell[i], cell_named(b, a->cell[i].column));
	for (size_t i = 0; i < b->n; i++)
		if (cell_named(a, b->cell[i].column) == NULL)
			changed |= tell_cell(x, a->key, NULL, &b->cell[i]);
	x->n->rows += changed;
}

void
cell_compare(struct cell_table *was, struct cell_table *is, void (*change)(void *ctx, const struct cell_change *c),
    void (*money)(void *ctx, const struct cell_money *m), void *ctx, struct cell_counts *ret)
{
	struct comparing x = { change, ctx, ret };
	struct sums sums = { .n = 0 };
	size_t i = 0, k = 0;

	*ret = (struct cell_counts){ .cells = 0 };
	if (was->n > 0)
		qsort(was->row, was->n, sizeof(*was->row), by_key);
	if (is->n > 0)
		qsort(is->row, is->n, sizeof(*is->row), by_key);
	while (i < was->n || k < is->n) {
		int c = i == was->n ? 1 : k == is->n ? -1 : strcmp(was->row[i].key, is->row[k].key);

		if (c <= 0)
			row_money(&sums, &was->row[i], true);
		if (c >= 0)
			row_money(&sums, &is->row[k], false);
		if (c == 0)
			compare_rows(&x, &was->row[i], &is->row[k]);
		else
			tell_row(&x, c < 0 ? &was->row[i] : &is->row[k], c < 0);
		i += c <= 0;
		k += c >= 0;
	}
	for (i = 0; i < sums.n; i++)
		if (!eg_dec_is_zero(sums.v[i].diff))
			money(ctx, &sums.v[i]);
	free(sums.v);
}
