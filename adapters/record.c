/* SPDX-License-Identifier: MIT
 *
 * Canonical records: room for them, the order of their lines, their item id, and the canonical text that content hashes are made of.
 * Values come to be in record_value.c only; the packed form is record_pack.c.
 */
#include "adapters/record.h"

#include "base/hash.h"
#include "base/limits.h"

static int
no_memory(struct eg_err *err)
{
	return eg_fail(err, EG_BADFILE, "LIMIT-MEM", "The record needs more memory than a record may have.");
}

int
rec_new(struct eg_arena *a, const struct rec_type *t, size_t nlines, struct rec *ret, struct eg_err *err)
{
	struct rec r = { .type = t, .nlines = nlines };

	if (nlines > 0 && t->nline == 0)
		eg_bug("%s has no lines", t->name);
	if (nlines > EG_LIMIT_DOC_LINES)
		return eg_fail(
		    err, EG_BADFILE, "LIMIT-LINES", "The document has more than %u lines.", EG_LIMIT_DOC_LINES);
	r.head = eg_arena_array(a, t->nhead, sizeof(*r.head));
	r.lines = eg_arena_array(a, nlines * t->nline, sizeof(*r.lines));
	r.line_at = eg_arena_array(a, nlines, sizeof(*r.line_at));
	if (r.head == NULL || r.lines == NULL || r.line_at == NULL)
		return no_memory(err);
	*ret = r;
	return EG_OK;
}

struct rec_val *
rec_head(const struct rec *r, const char *name)
{
	return &r->head[rec_head_index(r->type, name)];
}

struct rec_val *
rec_line(const struct rec *r, size_t line, const char *name)
{
	eg_check(line < r->nlines);
	return &r->lines[line * r->type->nline + rec_line_index(r->type, name)];
}

/* ---- order of lines ---- */

struct line_order {
	const struct rec *r;
	unsigned key[3]; /* line field indexes */
};

static int
cmp_val(const struct rec_field *f, const struct rec_val *a, const struct rec_val *b)
{
	bool va = a->state == RV_VALUE, vb = b->state == RV_VALUE;

	if (!va || !vb)
		return (va ? 1 : 0) - (vb ? 1 : 0);
	switch (f->type) {
	case RF_INT:
		return (a->v.num > b->v.num) - (a->v.num < b->v.num);
	case RF_AMOUNT:
	case RF_QUANTITY:
	case RF_UNIT_COST:
	case RF_PERCENT:
		return eg_dec_cmp(a->v.dec, b->v.dec);
	default:
		return eg_bytes_cmp(a->text, b->text);
	}
}

static int
cmp_lines(const void *pa, const void *pb, void *ctx)
{
	const struct line_order *o = ctx;
	const struct rec_type *t = o->r->type;
	size_t a = *(const size_t *)pa, b = *(const size_t *)pb;

	for (unsigned i = 0; i < t->nline_key; i++) {
		unsigned f = o->key[i];
		int c = cmp_val(&t->line[f], &o->r->lines[a * t->nline + f], &o->r->lines[b * t->nline + f]);

		if (c != 0)
			return c;
	}
	return (a > b) - (a < b);
}

int
rec_line_order(struct eg_arena *a, const struct rec *r, size_t **ret_order, struct eg_err *err)
{
	struct line_order o = { .r = r };
	size_t *order = eg_arena_array(a, r->nlines, sizeof(*order));

	if (order == NULL)
		return no_memory(err);
	for (size_t i = 0; i < r->nlines; i++)
		order[i] = i;
	for (unsigned i = 0; i < r->type->nline_key; i++)
		o.key[i] = rec_line_index(r->type, r->type->line_key[i]);
	if (r->type->nline_key > 0)
		qsort_r(order, r->nlines, sizeof(*order), cmp_lines, &o);
	*ret_order = order;
	return EG_OK;
}

static bool
in_order(const size_t *order, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (order[i] != i)
			return false;
	return true;
}

int
rec_sort_lines(struct eg_arena *a, struct rec *r, struct eg_err *err)
{
	unsigned width = r->type->nline;
	struct rec_val *lines;
	struct rec_prov *at;
	size_t *order;
	int rc = rec_line_order(a, r, &order, err);

	if (rc != EG_OK ||
	    in_order(order, r->nlines)) /* as nearly always: a large document need not stand in memory twice */
		return rc;
	lines = eg_arena_array(a, r->nlines * width, sizeof(*lines));
	at = eg_arena_array(a, r->nlines, sizeof(*at));
	if (lines == NULL || at == NULL)
		return no_memory(err);
	for (size_t i = 0; i < r->nlines; i++) {
		memcpy(&lines[i * width], &r->lines[order[i] * width], width * sizeof(*lines));
		at[i] = r->line_at[order[i]];
	}
	r->lines = lines;
	r->line_at = at;
	return EG_OK;
}

/* ---- texts ---- */

bool
rec_item_id(const struct rec *r, struct eg_buf *ret)
{
	const struct rec_type *t = r->type;

	for (unsigned i = 0; i < t->nkey; i++)
		if (rec_head(r, t->key[i])->state != RV_VALUE)
			return false;
	eg_buf_str(ret, t->name);
	for (unsigned i = 0; i < t->nkey; i++) {
		struct eg_bytes v = rec_head(r, t->key[i])->text;

		eg_buf_chr(ret, '/');
		for (size_t j = 0; j < v.len; j++) {
			if (v.ptr[j] == '/')
				eg_buf_str(ret, "%2F");
			else if (v.ptr[j] == '%')
				eg_buf_str(ret, "%25");
			else
				eg_buf_chr(ret, v.ptr[j]);
		}
	}
	return true;
}

static void
canonical_fields(const struct rec_field *f, unsigned n, const struct rec_val *v, struct eg_buf *ret)
{
	for (unsigned i = 0; i < n; i++) {
		struct eg_bytes t = v[i].text;

		if (v[i].state != RV_VALUE || (f[i].flags & (RF_CONTEXT | RF_HANDLE)) != 0)
			continue;
		eg_buf_str(ret, f[i].name);
		eg_buf_chr(ret, '=');
		for (size_t j = 0; j < t.len; j++) {
			if (t.ptr[j] == '\\')
				eg_buf_str(ret, "\\\\");
			else if (t.ptr[j] == '\n')
				eg_buf_str(ret, "\\n");
			else if (t.ptr[j] == '\r')
				eg_buf_str(ret, "\\r");
			else
				eg_buf_chr(ret, t.ptr[j]);
		}
		eg_buf_chr(ret, '\n');
	}
}

static void
canonical_head(const struct rec *r, struct eg_buf *ret)
{
	eg_buf_str(ret, "erpgate-record 1 ");
	eg_buf_str(ret, r->type->name);
	eg_buf_chr(ret, '\n');
	canonical_fields(r->type->head, r->type->nhead, r->head, ret);
}

static void
canonical_line(const struct rec *r, size_t i, struct eg_buf *ret)
{
	eg_buf_str(ret, "-\n");
	canonical_fields(r->type->line, r->type->nline, &r->lines[i * r->type->nline], ret);
}

void
rec_canonical(const struct rec *r, struct eg_buf *ret)
{
	canonical_head(r, ret);
	for (size_t i = 0; i < r->nlines; i++)
		canonical_line(r, i, ret);
}

/* Hashes piece by piece: the canonical text of a document with very many lines is never held whole. */
void
rec_content(const struct rec *r, char ret_hex[65])
{
	struct eg_buf b = EG_BUF_INIT;
	unsigned char sha[EG_SHA256_LEN];
	struct eg_sha256 h = { NULL };

	eg_sha256_init(&h);
	canonical_head(r, &b);
	for (size_t i = 0; i < r->nlines; i++) {
		canonical_line(r, i, &b);
		if (b.len < 16384)
			continue;
		eg_sha256_add(&h, eg_buf_view(&b));
		eg_buf_clear(&b);
	}
	eg_sha256_add(&h, eg_buf_view(&b));
	eg_sha256_final(&h, sha);
	eg_sha256_done(&h);
	eg_buf_done(&b);
	eg_hex(sha, sizeof(sha), ret_hex);
}
