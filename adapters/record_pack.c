/* SPDX-License-Identifier: MIT
 *
 * The packed form of a record: what crosses the worker's pipe and is kept in the store. Whole numbers are unsigned LEB128; texts have
 * their length in front. Fields are named, so that a packed record outlives changes of the model's order. Lines refer to one table of names.
 *
 *   record  = "ERC1" type at  n { name value }  nnames { name }  nlines { line_at  n { index value } }
 *   value   = state [ text ] prov          text only with RV_VALUE
 *   prov    = src line off len
 *
 * Unpacking trusts nothing: every value is read again, its text must be the canonical one, and no byte may be left over.
 */
#include "adapters/record.h"

#include "base/limits.h"

#define MAGIC "ERC1"

static void
put_num(struct eg_buf *b, uint64_t v)
{
	while (v >= 0x80) {
		eg_buf_chr(b, (unsigned char)(v | 0x80));
		v >>= 7;
	}
	eg_buf_chr(b, (unsigned char)v);
}

static void
put_text(struct eg_buf *b, struct eg_bytes v)
{
	put_num(b, v.len);
	eg_buf_add(b, v);
}

static void
put_prov(struct eg_buf *b, struct rec_prov p)
{
	put_num(b, p.src);
	put_num(b, p.line);
	put_num(b, p.off);
	put_num(b, p.len);
}

static void
put_value(struct eg_buf *b, const struct rec_val *v)
{
	eg_buf_chr(b, v->state);
	if (v->state == RV_VALUE)
		put_text(b, v->text);
	put_prov(b, v->prov);
}

static unsigned
filled(const struct rec_val *v, unsigned n)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < n; i++)
		sum += v[i].state != RV_BLANK;
	return sum;
}

void
rec_pack(const struct rec *r, struct eg_buf *ret)
{
	const struct rec_type *t = r->type;

	eg_buf_str(ret, MAGIC);
	put_text(ret, eg_bytes_str(t->name));
	put_prov(ret, r->at);
	put_num(ret, filled(r->head, t->nhead));
	for (unsigned i = 0; i < t->nhead; i++) {
		if (r->head[i].state == RV_BLANK)
			continue;
		put_text(ret, eg_bytes_str(t->head[i].name));
		put_value(ret, &r->head[i]);
	}
	put_num(ret, r->nlines == 0 ? 0 : t->nline);
	for (unsigned i = 0; r->nlines > 0 && i < t->nline; i++)
		put_text(ret, eg_bytes_str(t->line[i].name));
	put_num(ret, r->nlines);
	for (size_t l = 0; l < r->nlines; l++) {
		const struct rec_val *v = &r->lines[l * t->nline];

		put_prov(ret, r->line_at[l]);
		put_num(ret, filled(v, t->nline));
		for (unsigned i = 0; i < t->nline; i++) {
			if (v[i].state == RV_BLANK)
				continue;
			put_num(ret, i);
			put_value(ret, &v[i]);
		}
	}
}

/* ---- unpacking: one cursor; `bad` is sticky, so that callers check once ---- */

struct cursor {
	struct eg_bytes in;
	size_t pos;
	bool bad;
};

static uint64_t
take_num(struct cursor *c, uint64_t max)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64 && c->pos < c->in.len; shift += 7) {
		unsigned char b = c->in.ptr[c->pos++];

		if (shift == 63 && b > 1)
			break;
		v |= (uint64_t)(b & 0x7f) << shift;
		if (b < 0x80) {
			c->bad = c->bad || v > max || (b == 0 && shift > 0);
			return c->bad ? 0 : v;
		}
	}
	c->bad = true;
	return 0;
}

static struct eg_bytes
take_text(struct cursor *c)
{
	size_t n = (size_t)take_num(c, c->in.len);
	struct eg_bytes v = EG_NONE;

	if (!c->bad && n > c->in.len - c->pos)
		c->bad = true;
	if (!c->bad) {
		v = eg_bytes_sub(c->in, c->pos, n);
		c->pos += n;
	}
	return v;
}

static struct rec_prov
take_prov(struct cursor *c)
{
	struct rec_prov p = { .src = (uint32_t)take_num(c, UINT32_MAX) };

	p.line = (uint32_t)take_num(c, UINT32_MAX);
	p.off = take_num(c, UINT64_MAX);
	p.len = (uint32_t)take_num(c, UINT32_MAX);
	return p;
}

static int
malformed(struct eg_err *err)
{
	return eg_fail(
	    err, EG_BADFILE, "PACKED", "A packed record is malformed. It was damaged, or written by another version.");
}

static int
take_value(struct cursor *c, struct eg_arena *a, const struct rec_field *f, struct rec_val *ret, struct eg_err *err)
{
	uint64_t state = take_num(c, RV_BAD);
	struct eg_bytes text = state == RV_VALUE ? take_text(c) : EG_NONE;
	struct rec_prov at = take_prov(c);
	int rc;

	if (c->bad || state == RV_BLANK || ret->state != RV_BLANK || (state == RV_VALUE && text.len == 0))
		return malformed(err);
	if (state == RV_BAD) {
		*ret = (struct rec_val){ .state = RV_BAD, .prov = at };
		return EG_OK;
	}
	rc = rec_set(a, f, text, at, ret, err);
	if (rc == EG_BADREC || (rc == EG_OK && !eg_bytes_eq(ret->text, text)))
		return malformed(err);
	return rc;
}

static int
take_head(struct cursor *c, struct eg_arena *a, struct rec *r, struct eg_err *err)
{
	uint64_t n = take_num(c, r->type->nhead);

	for (uint64_t i = 0; i < n; i++) {
		bool line;
		int f = rec_field_named(r->type, take_text(c), &line), rc;

		if (c->bad || f < 0 || line)
			return malformed(err);
		rc = take_value(c, a, &r->type->head[f], &r->head[f], err);
		if (rc != EG_OK)
			return rc;
	}
	return EG_OK;
}

static int
take_line(struct cursor *c, struct eg_arena *a, const struct rec_type *t, const unsigned *fields, uint64_t nfields,
    struct rec_val *v, struct eg_err *err)
{
	uint64_t n = take_num(c, nfields);

	for (uint64_t i = 0; i < n; i++) {
		uint64_t at = take_num(c, nfields - 1);
		int rc;

		if (c->bad)
			return malformed(err);
		rc = take_value(c, a, &t->line[fields[at]], &v[fields[at]], err);
		if (rc != EG_OK)
			return rc;
	}
	return c->bad ? malformed(err) : EG_OK;
}

/* The names of the line fields: a context field may have the name of a header field of the same type, so they are looked up among the lines only. */
static int
take_names(
    struct cursor *c, struct eg_arena *a, const struct rec_type *t, unsigned **ret, uint64_t *ret_n, struct eg_err *err)
{
	uint64_t n = take_num(c, t->nline);
	unsigned *fields = eg_arena_array(a, (size_t)n, sizeof(*fields));

	if (fields == NULL)
		return eg_fail(err, EG_BADFILE, "LIMIT-MEM", "The record needs more memory than a record may have.");
	for (uint64_t i = 0; i < n; i++) {
		struct eg_bytes name = take_text(c);
		unsigned f = 0;

		while (f < t->nline && !eg_bytes_is(name, t->line[f].name))
			f++;
		if (c->bad || f == t->nline)
			return malformed(err);
		fields[i] = f;
	}
	*ret = fields;
	*ret_n = n;
	return EG_OK;
}

int
rec_unpack(struct eg_bytes packed, struct eg_arena *a, struct rec *ret, struct eg_err *err)
{
	struct cursor c = { .in = packed, .pos = sizeof(MAGIC) - 1 };
	const struct rec_type *t;
	struct rec head, r;
	unsigned *fields;
	uint64_t nfields, nlines;
	struct rec_prov at;
	int rc;

	if (!eg_bytes_starts(packed, EG_LIT(MAGIC)))
		return malformed(err);
	t = rec_type_named(take_text(&c));
	at = take_prov(&c);
	if (c.bad || t == NULL)
		return malformed(err);
	rc = rec_new(a, t, 0, &head, err);
	if (rc == EG_OK)
		rc = take_head(&c, a, &head, err);
	if (rc == EG_OK)
		rc = take_names(&c, a, t, &fields, &nfields, err);
	if (rc != EG_OK)
		return rc;
	nlines = take_num(&c, EG_LIMIT_DOC_LINES);
	/* Every line takes at least five bytes, so a short input cannot ask for much memory. */
	if (c.bad || nlines > (packed.len - c.pos) / 5 || (nlines > 0 && nfields == 0))
		return malformed(err);
	rc = rec_new(a, t, (size_t)nlines, &r, err);
	for (size_t i = 0; rc == EG_OK && i < nlines; i++) {
		r.line_at[i] = take_prov(&c);
		rc = take_line(&c, a, t, fields, nfields, &r.lines[i * t->nline], err);
	}
	if (rc != EG_OK)
		return rc;
	if (c.bad || c.pos != packed.len)
		return malformed(err);
	r.head = head.head;
	r.at = at;
	*ret = r;
	return EG_OK;
}
