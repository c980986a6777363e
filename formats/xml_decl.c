/* SPDX-License-Identifier: MIT
 *
 * Which encoding an XML document has: byte order mark and XML declaration, before any parser sees a byte. Only
 * encodings of the list pass, and only when mark, declaration and bytes agree: a document that two readers could read
 * differently is refused.
 */
#include "formats/xml_int.h"

/* The head as ASCII, one byte a character; everything else becomes 0x01, which nothing here looks for. */
struct narrow {
	unsigned char text[FMT_XML_HEAD];
	size_t len;
	enum fmt_enc enc; /* what the byte order mark says, else UTF-8 */
	size_t bom;
};

static struct eg_pos
place(const struct narrow *h, const unsigned char *at)
{
	const struct eg_pos first = { .off = h->bom, .line = 1, .col = 1 };

	return fmt_xscan_advance(h->enc, first, eg_bytes(h->text, (size_t)(at - h->text)));
}

static void
make_narrow(struct narrow *h, struct eg_bytes head)
{
	const bool wide = h->enc == FMT_UTF16LE || h->enc == FMT_UTF16BE;
	const size_t width = wide ? 2 : 1, high = h->enc == FMT_UTF16LE;

	for (size_t i = h->bom; i + width <= head.len && h->len < sizeof h->text; i += width) {
		const unsigned char low = wide ? head.ptr[i + 1 - high] : head.ptr[i];
		const bool ascii = low < 0x80 && (!wide || head.ptr[i + high] == 0);

		h->text[h->len++] = ascii ? low : 0x01;
	}
}

/* Encodings whose first bytes give them away, none of them taken. */
static const char *
foreign_bytes(struct eg_bytes head, bool has_bom)
{
	if (has_bom && head.len >= 4 && head.ptr[0] == 0xFF && head.ptr[2] == 0 && head.ptr[3] == 0)
		return "is UTF-32";
	if (has_bom)
		return NULL;
	if (head.len >= 4 && memcmp(head.ptr, "\x4C\x6F\xA7\x94", 4) == 0)
		return "is EBCDIC";
	for (size_t i = 0; i < 4 && i < head.len; i++) {
		if (head.ptr[i] == 0)
			return "is UTF-16 or UTF-32 without a byte order mark";
	}
	return NULL;
}

static void
skip_blanks(struct eg_bytes *rest)
{
	while (rest->len > 0 && memchr(" \t\r\n", rest->ptr[0], 4) != NULL)
		*rest = eg_bytes_sub(*rest, 1, rest->len);
}

/* One `name = "value"` of the declaration; false when something else stands here. */
static bool
pseudo_attribute(struct eg_bytes *rest, struct eg_bytes *ret_name, struct eg_bytes *ret_value)
{
	size_t n = 0;

	while (n < rest->len && rest->ptr[n] >= 'a' && rest->ptr[n] <= 'z')
		n++;
	*ret_name = eg_bytes_sub(*rest, 0, n);
	*rest = eg_bytes_sub(*rest, n, rest->len);
	skip_blanks(rest);
	if (n == 0 || rest->len == 0 || rest->ptr[0] != '=')
		return false;
	*rest = eg_bytes_sub(*rest, 1, rest->len);
	skip_blanks(rest);
	if (rest->len == 0 || (rest->ptr[0] != '"' && rest->ptr[0] != '\''))
		return false;
	const unsigned char quote = rest->ptr[0];

	*rest = eg_bytes_sub(*rest, 1, rest->len);
	const size_t end = eg_bytes_chr(*rest, quote);

	if (end == rest->len)
		return false;
	*ret_value = eg_bytes_sub(*rest, 0, end);
	*rest = eg_bytes_sub(*rest, end + 1, rest->len);
	return true;
}

/* The declared encoding name; empty when there is no declaration or it names none. */
static int
declared(const struct narrow *h, struct eg_bytes *ret_name, struct eg_err *err)
{
	struct eg_bytes rest = eg_bytes(h->text, h->len), name, value;

	*ret_name = EG_NONE;
	if (!eg_bytes_starts(rest, EG_LIT("<?xml")) || rest.len < 6 || memchr(" \t\r\n", rest.ptr[5], 4) == NULL)
		return EG_OK;
	rest = eg_bytes_sub(rest, 5, rest.len);
	skip_blanks(&rest);
	while (!eg_bytes_starts(rest, EG_LIT("?>"))) {
		if (!pseudo_attribute(&rest, &name, &value)) {
			const int rc = eg_fail(err, EG_BADFILE, "F-03",
			    "The XML declaration at the start of the file is not well formed. Ask the sender to export the "
			    "file again.");

			eg_err_at(err, place(h, rest.ptr));
			return rc;
		}
		if (eg_bytes_is(name, "encoding"))
			*ret_name = value;
		skip_blanks(&rest);
	}
	return EG_OK;
}

static int
refuse_encoding(const struct narrow *h, struct eg_bytes name, const char *why, struct eg_err *err)
{
	const int rc = eg_fail(err, EG_BADFILE, "F-02",
	    "The XML declares the encoding \"%.*s\", %s. Ask the sender to export as UTF-8.",
	    EG_FMT(eg_bytes_sub(name, 0, 40)), why);

	eg_err_at(err, place(h, name.ptr));
	return rc;
}

static int
agree(const struct narrow *h, bool has_bom, struct eg_bytes name, enum fmt_enc *ret_enc, struct eg_err *err)
{
	enum fmt_enc named;

	*ret_enc = h->enc;
	if (name.ptr == NULL)
		return EG_OK;
	if (!fmt_enc_named(name, &named))
		return refuse_encoding(h, name, "which is not one that is taken", err);
	const bool named_wide = named == FMT_UTF16LE || named == FMT_UTF16BE;
	const bool is_wide = h->enc == FMT_UTF16LE || h->enc == FMT_UTF16BE;

	if (named_wide && !has_bom)
		return refuse_encoding(h, name, "but has no byte order mark", err);
	if (has_bom && (named_wide != is_wide || (!is_wide && named != FMT_UTF8)))
		return refuse_encoding(h, name, "but its byte order mark says otherwise", err);
	if (!has_bom)
		*ret_enc = named;
	return EG_OK;
}

int
fmt_xml_encoding(struct eg_bytes head, enum fmt_enc *ret_enc, size_t *ret_bom, struct eg_err *err)
{
	const struct eg_pos first = { .off = 0, .line = 1, .col = 1 };
	struct narrow h = { .enc = FMT_UTF8 };
	const bool has_bom = fmt_bom(head, &h.enc, &h.bom);
	const char *foreign = foreign_bytes(head, has_bom);
	struct eg_bytes name;
	enum fmt_enc enc;
	int rc;

	if (foreign != NULL) {
		rc = eg_fail(err, EG_BADFILE, "F-02", "The file %s. Ask the sender to export as UTF-8.", foreign);
		eg_err_at(err, first);
		return rc;
	}
	make_narrow(&h, head);
	struct eg_bytes rest = eg_bytes(h.text, h.len);

	skip_blanks(&rest);
	if (rest.len > 0 && rest.ptr[0] != '<') {
		rc = eg_fail(err, EG_BADFILE, "F-03",
		    "The file does not begin with '<', so it is not XML. Send the file again.");
		eg_err_at(err, place(&h, rest.ptr));
		return rc;
	}
	rc = declared(&h, &name, err);
	if (rc == EG_OK)
		rc = agree(&h, has_bom, name, &enc, err);
	if (rc == EG_OK) {
		*ret_enc = enc;
		*ret_bom = h.bom;
	}
	return rc;
}
