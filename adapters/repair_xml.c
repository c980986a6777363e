/* SPDX-License-Identifier: MIT
 *
 * The kit of an XML file: what stands before the refused elements, those elements, and the root's end tag. Bytes are copied, not written anew; the file was well formed
 * when it was read, so tags are found by looking for `<` and `>` outside of quotes. Works in units of one or two bytes (UTF-16).
 */
#include "adapters/repair_int.h"

#include "base/limits.h"

#define PROLOG_MAX ((size_t)1 << 20)

struct copy {
	struct fmt_src src;
	struct repair *p;
	struct eg_buf kept;
	uint64_t base; /* offset of kept in the file */
	bool end;
	enum fmt_enc enc;
	size_t unit, low; /* bytes of a character of ASCII, and which of them is it */
	struct eg_buf name; /* the root's, as bytes */
};

static int
fill(struct copy *c, uint64_t until, struct eg_err *err)
{
	unsigned char buf[16384];

	while (!c->end && c->base + c->kept.len < until) {
		size_t n = 0;
		int rc = c->src.read(c->src.ctx, buf, sizeof(buf), &n, err);

		if (rc != EG_OK)
			return rc;
		c->end = n == 0;
		eg_buf_put(&c->kept, buf, n);
	}
	return EG_OK;
}

/* The character of ASCII at a byte offset in `v`; 0 = another one, or behind the end. */
static unsigned char
at(const struct copy *c, struct eg_bytes v, size_t i)
{
	if (i + c->unit > v.len || (c->unit == 2 && v.ptr[i + 1 - c->low] != 0))
		return 0;
	return v.ptr[i + c->low] < 0x80 ? v.ptr[i + c->low] : 0;
}

static bool
stands(const struct copy *c, struct eg_bytes v, size_t i, const char *text)
{
	for (; *text != '\0'; text++, i += c->unit)
		if (at(c, v, i) != (unsigned char)*text)
			return false;
	return true;
}

/* Behind the next `text` from i on; the end of v when it does not come. */
static size_t
behind(const struct copy *c, struct eg_bytes v, size_t i, const char *text)
{
	while (i < v.len && !stands(c, v, i, text))
		i += c->unit;
	return i < v.len ? i + c->unit * strlen(text) : v.len;
}

/* Behind the `>` that closes the tag at i. */
static size_t
behind_tag(const struct copy *c, struct eg_bytes v, size_t i)
{
	unsigned char quote = 0;

	for (; i < v.len; i += c->unit) {
		unsigned char ch = at(c, v, i);

		if (quote != 0)
			quote = ch == quote ? 0 : quote;
		else if (ch == '"' || ch == '\'')
			quote = ch;
		else if (ch == '>')
			return i + c->unit;
	}
	return v.len;
}

/* Where the root's start tag begins and ends. */
static void
find_root(struct copy *c, size_t bom, size_t *ret_begin, size_t *ret_end)
{
	struct eg_bytes v = eg_buf_view(&c->kept);
	size_t i = bom;

	for (;;) {
		while (i < v.len && at(c, v, i) != '<')
			i += c->unit;
		if (stands(c, v, i, "<?"))
			i = behind(c, v, i, "?>");
		else if (stands(c, v, i, "<!--"))
			i = behind(c, v, i, "-->");
		else
			break;
	}
	*ret_begin = i;
	*ret_end = behind_tag(c, v, i);
	for (i += c->unit; i < v.len && at(c, v, i) != '>' && at(c, v, i) != '/' && at(c, v, i) > ' '; i += c->unit)
		eg_buf_put(&c->name, v.ptr + i, c->unit);
}

/* What the declaration says; UTF-8 when it says nothing. */
static enum fmt_enc
declared(struct eg_bytes prolog)
{
	struct eg_bytes decl = eg_bytes_sub(prolog, 0, eg_bytes_find(prolog, EG_LIT("?>"))), name;
	size_t from = eg_bytes_find(decl, EG_LIT("encoding"));
	enum fmt_enc enc = FMT_UTF8;

	if (!eg_bytes_starts(decl, EG_LIT("<?xml")) || from == decl.len)
		return FMT_UTF8;
	decl = eg_bytes_sub(decl, from, decl.len);
	from = eg_bytes_chr(decl, '"') < eg_bytes_chr(decl, '\'') ? eg_bytes_chr(decl, '"') : eg_bytes_chr(decl, '\'');
	if (from == decl.len)
		return FMT_UTF8;
	name = eg_bytes_sub(decl, from + 1, decl.len);
	name = eg_bytes_sub(name, 0, eg_bytes_chr(name, decl.ptr[from]));
	return fmt_enc_named(name, &enc) ? enc : FMT_ASCII;
}

static void
put(struct copy *c, const char *text)
{
	repair_text(c->enc, eg_bytes_str(text), &c->p->out);
}

/* A comment may not hold two hyphens. */
static void
put_comment(struct copy *c, const struct adp_kit_doc *d, const struct adp_kit_note *n)
{
	struct eg_buf b = EG_BUF_INIT;
	char before = 0;

	eg_buf_printf(&b, "%s, line %llu: %s %s", d->id, (unsigned long long)(n->line == 0 ? d->line : n->line),
	    n->code, n->reason);
	if (*n->accepted != '\0')
		eg_buf_printf(&b, " Accepted: %s.", n->accepted);
	if (*n->near != '\0')
		eg_buf_printf(&b, " Near: %s.", n->near);
	put(c, "<!-- ");
	struct eg_buf safe = EG_BUF_INIT;
	for (const char *p = eg_buf_cstr(&b); *p != '\0'; p++) {
		if (*p == '-' && before == '-')
			eg_buf_chr(&safe, ' ');
		eg_buf_chr(&safe, (unsigned char)*p < 0x20 ? ' ' : (unsigned char)*p);
		before = *p;
	}
	put(c, eg_buf_cstr(&safe));
	put(c, " -->\n");
	eg_buf_done(&safe);
	eg_buf_done(&b);
}

/* Marks of an earlier kit, which stand first. */
static size_t
behind_marks(const struct copy *c, struct eg_bytes v, size_t i)
{
	if (stands(c, v, i, "<" REPAIR_XML_REJECT ">"))
		i = behind(c, v, i, "</" REPAIR_XML_REJECT ">");
	if (stands(c, v, i, "<" REPAIR_XML_REFUSED ">"))
		i = behind(c, v, i, "</" REPAIR_XML_REFUSED ">");
	return i;
}

static void
put_element(struct copy *c, const struct adp_kit_doc *d, struct eg_bytes v)
{
	size_t tag = behind_tag(c, v, 0);

	eg_buf_add(&c->p->out, eg_bytes_sub(v, 0, tag));
	if (tag >= 2 * c->unit && at(c, v, tag - 2 * c->unit) != '/') {
		put(c, "<" REPAIR_XML_REJECT ">");
		put(c, d->id);
		put(c, "</" REPAIR_XML_REJECT ">");
		if (d->by_place) {
			put(c, "<" REPAIR_XML_REFUSED ">");
			put(c, d->notes[0].code);
			put(c, "</" REPAIR_XML_REFUSED ">");
		}
	}
	eg_buf_add(&c->p->out, eg_bytes_sub(v, behind_marks(c, v, tag), v.len));
	put(c, "\n");
}

static int
put_doc(struct copy *c, const struct adp_kit_doc *d, struct eg_err *err)
{
	size_t skip;
	int rc = fill(c, d->off + d->len, err);

	if (rc != EG_OK)
		return rc;
	if (d->off < c->base || d->off + d->len > c->base + c->kept.len)
		return eg_fail(err, EG_BADFILE, "F-03", "the file ends before the document");
	skip = (size_t)(d->off - c->base);
	put(c, "\n");
	for (size_t i = d->nnotes > 1 ? 1 : 0; i < d->nnotes; i++)
		put_comment(c, d, &d->notes[i]);
	put_element(c, d, eg_bytes(c->kept.ptr + skip, (size_t)d->len));
	skip += (size_t)d->len;
	memmove(c->kept.ptr, c->kept.ptr + skip, c->kept.len - skip);
	c->kept.len -= skip;
	c->base += skip;
	return repair_flush(c->p, err);
}

/* Bytes between two documents are not kept. */
static int
skip_to(struct copy *c, uint64_t off, struct eg_err *err)
{
	int rc = EG_OK;

	while (rc == EG_OK && off > c->base && !c->end) {
		size_t n;

		rc = fill(c, c->base + 1, err);
		n = off - c->base < c->kept.len ? (size_t)(off - c->base) : c->kept.len;
		if (n == 0)
			break;
		memmove(c->kept.ptr, c->kept.ptr + n, c->kept.len - n);
		c->kept.len -= n;
		c->base += n;
	}
	return rc;
}

static int
copy_all(struct copy *c, struct eg_err *err)
{
	const struct adp_kit *kit = c->p->kit;
	const bool root_is_record = strcmp(kit->adapter->in.record, ".") == 0;
	size_t bom = 0, begin = 0, end = 0;
	int rc = fill(c, PROLOG_MAX, err);

	if (rc != EG_OK)
		return rc;
	c->enc = FMT_UTF8;
	(void)fmt_bom(eg_buf_view(&c->kept), &c->enc, &bom);
	c->unit = c->enc == FMT_UTF8 ? 1 : 2;
	c->low = c->enc == FMT_UTF16BE ? 1 : 0;
	find_root(c, bom, &begin, &end);
	if (c->unit == 1 && bom == 0)
		c->enc = declared(eg_bytes_sub(eg_buf_view(&c->kept), 0, begin));
	eg_buf_add(&c->p->out, eg_bytes_sub(eg_buf_view(&c->kept), 0, root_is_record ? begin : end));
	for (size_t i = 0; rc == EG_OK && i < kit->ndocs; i++) {
		if (kit->docs[i].off < c->base)
			continue; /* of two kinds of records made of one element the first is named */
		rc = skip_to(c, kit->docs[i].off, err);
		if (rc == EG_OK)
			rc = put_doc(c, &kit->docs[i], err);
	}
	if (!root_is_record) {
		put(c, "\n</");
		eg_buf_add(&c->p->out, eg_buf_view(&c->name));
		put(c, ">\n");
	}
	return rc;
}

int
repair_xml(struct fmt_src src, struct repair *p, struct eg_err *err)
{
	struct copy c = { .src = src, .p = p };
	int rc = copy_all(&c, err);

	eg_buf_done(&c.kept);
	eg_buf_done(&c.name);
	return rc;
}
