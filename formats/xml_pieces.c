/* SPDX-License-Identifier: MIT
 *
 * From the source's bytes to pieces of UTF-8 for scanner and parser. Every byte is checked here, strictly: the parser
 * alone would let some overlong forms pass. NUL is refused here too, because libxml2 takes its place at the start of a
 * file as a sign of UTF-16.
 */
#include "base/utf8.h"
#include "formats/xml_int.h"

_Static_assert(FMT_XML_HEAD <= FMT_XML_PIECE, "the declaration is read from the first piece");

/* Always as full as the source allows, so that pieces do not depend on how the source hands out its bytes. */
static int
fill(struct fmt_xml_pieces *p, struct eg_err *err)
{
	memmove(p->raw, p->raw + p->used, p->have - p->used);
	p->have -= p->used;
	p->used = 0;
	while (!p->end && p->have < sizeof p->raw) {
		size_t n = 0;
		const int rc = p->src.read(p->src.ctx, p->raw + p->have, sizeof p->raw - p->have, &n, err);

		if (rc != EG_OK)
			return rc;
		p->have += n;
		p->end = n == 0;
	}
	return EG_OK;
}

static bool
is_wide(enum fmt_enc enc)
{
	return enc == FMT_UTF16LE || enc == FMT_UTF16BE;
}

/* Bytes at the end that begin a character whose rest has not come. At the end of the file nothing will come. */
static size_t
unfinished(const struct fmt_xml_pieces *p)
{
	if (p->end)
		return 0;
	if (is_wide(p->enc)) {
		const size_t odd = (p->have - p->used) % 2, n = p->have - odd;

		if (n < p->used + 2)
			return odd;
		const unsigned char high = p->raw[p->enc == FMT_UTF16LE ? n - 1 : n - 2];

		return (high & 0xFC) == 0xD8 ? odd + 2 : odd;
	}
	if (p->enc != FMT_UTF8)
		return 0;
	for (size_t back = 1; back <= 3 && back <= p->have - p->used; back++) {
		const unsigned char b = p->raw[p->have - back];
		const size_t need = b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : b >= 0xC0 ? 2 : 1;

		if ((b & 0xC0) != 0x80)
			return need > back ? back : 0;
	}
	return 0;
}

static void
bad_bytes(struct fmt_xml_pieces *p)
{
	(void)eg_fail(&p->bad, EG_BADFILE, "F-02",
	    "A byte here does not fit the encoding %s that the file has. Ask the sender to export as UTF-8.",
	    fmt_enc_name(p->enc)); /* told with the next call */
}

int
fmt_xml_pieces_open(struct fmt_xml_pieces *p, struct fmt_src src, struct eg_pos *ret_start, struct eg_err *err)
{
	size_t bom;
	int rc;

	p->src = src;
	p->have = p->used = 0;
	p->end = false;
	p->utf8 = (struct eg_buf)EG_BUF_INIT;
	p->bad.cls = EG_OK;
	rc = fill(p, err);
	if (rc == EG_OK)
		rc = fmt_xml_encoding(eg_bytes(p->raw, p->have), &p->enc, &bom, err);
	if (rc != EG_OK)
		return rc;
	p->used = bom;
	*ret_start = (struct eg_pos){ .off = bom, .line = 1, .col = 1 };
	return EG_OK;
}

static struct eg_bytes
decode(struct fmt_xml_pieces *p, struct eg_bytes raw)
{
	struct eg_err unused;

	if (p->enc == FMT_UTF8) {
		const size_t good = eg_utf8_valid(raw);

		if (good < raw.len)
			bad_bytes(p);
		return eg_bytes_sub(raw, 0, good);
	}
	eg_buf_clear(&p->utf8);
	if (fmt_to_utf8(p->enc, raw, &p->utf8, &unused) != EG_OK)
		bad_bytes(p);
	return eg_buf_view(&p->utf8);
}

int
fmt_xml_pieces_next(struct fmt_xml_pieces *p, struct eg_bytes *ret, struct eg_err *err)
{
	struct eg_bytes piece;
	int rc;

	if (p->bad.cls == EG_OK) {
		rc = fill(p, err);
		if (rc != EG_OK)
			return rc;
		const size_t n = p->have - p->used - unfinished(p);

		if (n == 0)
			return EG_EOF;
		piece = decode(p, eg_bytes(p->raw + p->used, n));
		p->used += n;
		const size_t nul = eg_bytes_chr(piece, 0);

		if (nul < piece.len) {
			(void)eg_fail(&p->bad, EG_BADFILE, "F-03",
			    "The XML holds a NUL byte here. Ask the sender to export the file again."); /* told with the next call */
			piece = eg_bytes_sub(piece, 0, nul);
		}
		if (piece.len > 0) {
			*ret = piece;
			return EG_OK;
		}
	}
	*err = p->bad;
	return p->bad.cls;
}

void
fmt_xml_pieces_done(struct fmt_xml_pieces *p)
{
	eg_buf_done(&p->utf8);
}
