/* SPDX-License-Identifier: MIT
 *
 * libxml2 as a push parser, with the scanner a step ahead. Its start and end callbacks take the scanner's tags one by one;
 * if the two ever disagree, the file is refused. libxml2 gets whole pieces of a fixed size whatever the source's step is,
 * and only UTF-8, so neither its own decoders nor the way a file arrives can change what is read.
 */
#include "formats/xml_parse.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>

/* ---- failing ---- */

void
fmt_xmlp_fail(struct fmt_xmlp *p, struct eg_pos pos)
{
	p->rc = p->err.cls;
	eg_err_at(&p->err, pos);
	if (p->parser != NULL)
		xmlStopParser(p->parser);
}

static void
fail_disagree(struct fmt_xmlp *p)
{
	eg_fail(&p->err, EG_BADFILE, "F-03",
	    "The XML is not well formed: its tags can be read in two ways. Ask the sender to export the file again.");
	fmt_xmlp_fail(p, p->scan.pos);
}

/* Where the parser stands, in the original bytes. */
static struct eg_pos
parser_pos(const struct fmt_xmlp *p)
{
	const xmlParserInput *in = p->parser->input;
	const uint64_t at = in != NULL ? (uint64_t)in->consumed + (uint64_t)(in->cur - in->base) : 0;
	struct eg_pos pos = p->fed_pos;

	if (in == NULL)
		return pos;
	if (at >= p->fed_before && at - p->fed_before <= p->fed.len)
		return fmt_xscan_advance(p->pieces.enc, pos, eg_bytes_sub(p->fed, 0, (size_t)(at - p->fed_before)));
	/* The parser still works on an earlier piece: its own line and column, and the nearest byte we know. */
	pos.line = in->line > 0 ? (uint64_t)in->line : 1;
	pos.col = in->col > 0 ? (uint32_t)in->col : 1;
	return pos;
}

static const char *
plain_words(int code)
{
	static const struct {
		int code;
		const char *words;
	} table[] = {
		{ XML_ERR_TAG_NAME_MISMATCH, "an end tag does not fit its start tag" },
		{ XML_ERR_UNDECLARED_ENTITY, "it refers to an entity other than &amp; &lt; &gt; &quot; and &apos;" },
		{ XML_WAR_UNDECLARED_ENTITY, "it refers to an entity other than &amp; &lt; &gt; &quot; and &apos;" },
		{ XML_ERR_ATTRIBUTE_REDEFINED, "a tag has the same attribute twice" },
		{ XML_ERR_INVALID_CHAR, "it holds a character that XML forbids" },
		{ XML_ERR_INVALID_CHARREF, "it refers to a character that XML forbids" },
		{ XML_ERR_DOCUMENT_END, "something stands behind the end of the document" },
		{ XML_ERR_HYPHEN_IN_COMMENT, "a comment holds two hyphens" },
		{ XML_ERR_LT_IN_ATTRIBUTE, "an attribute holds the character <" },
		{ XML_ERR_GT_REQUIRED, "a tag is not closed" },
		{ XML_ERR_NAME_REQUIRED, "a name is missing where & or < stands; write &amp; or &lt;" },
		{ XML_ERR_ENTITYREF_SEMICOL_MISSING, "the character & stands alone; write &amp;" },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		if (table[i].code == code)
			return table[i].words;
	}
	return NULL;
}

static void
on_error(void *ctx, xmlErrorPtr e)
{
	struct fmt_xmlp *p = ctx;

	/* Below fatal are warnings and namespace rules; prefixes mean nothing to us. */
	if (p->rc != EG_OK || e->level != XML_ERR_FATAL)
		return;
	if (e->code == XML_ERR_NO_MEMORY) {
		p->rc = eg_fail(
		    &p->err, EG_RETRY, "LIMIT-MEM", "Memory ran out while reading XML. The file is tried again.");
		return;
	}
	const char *words = plain_words(e->code), *text = e->message != NULL ? e->message : "unknown fault";
	const struct eg_bytes said = eg_bytes_trim_ws(eg_bytes_sub(eg_bytes_str(words != NULL ? words : text), 0, 160));

	p->rc = eg_fail(&p->err, EG_BADFILE, "F-03",
	    "The XML is not well formed: %.*s. Ask the sender to export the file again.", EG_FMT(said));
	eg_err_at(&p->err, parser_pos(p));
}

/* ---- elements ---- */

static void
on_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int nnamespaces,
    const xmlChar **namespaces, int nattributes, int ndefaulted, const xmlChar **attributes)
{
	struct fmt_xmlp *p = ctx;
	const struct fmt_xml_attrs attrs = { (const unsigned char *const *)attributes, nattributes };

	(void)prefix, (void)uri, (void)nnamespaces, (void)namespaces, (void)ndefaulted;
	if (p->rc != EG_OK)
		return;
	const struct fmt_xscan_event *ev = fmt_xscan_take(&p->scan);

	if (ev == NULL || ev->kind != FMT_XSCAN_START || p->depth == EG_LIMIT_XML_DEPTH) {
		fail_disagree(p);
		return;
	}
	p->begins[++p->depth] = ev->begin;
	p->rooted = true;
	p->hooks->start(p->ctx, (const char *)name, &attrs, ev);
}

static void
on_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct fmt_xmlp *p = ctx;

	(void)name, (void)prefix, (void)uri;
	if (p->rc != EG_OK)
		return;
	const struct fmt_xscan_event *ev = fmt_xscan_take(&p->scan);

	if (ev == NULL || ev->kind != FMT_XSCAN_END || p->depth == 0 || ev->begin.off != p->begins[p->depth].off) {
		fail_disagree(p);
		return;
	}
	p->hooks->end(p->ctx, ev);
	p->depth--;
}

static void
on_text(void *ctx, const xmlChar *text, int len)
{
	struct fmt_xmlp *p = ctx;

	if (p->rc == EG_OK && p->depth > 0)
		p->hooks->text(p->ctx, eg_bytes(text, (size_t)len));
}

struct eg_bytes
fmt_xattr(const struct fmt_xml_attrs *attrs, const char *name)
{
	for (int i = 0; i < attrs->n; i++) {
		const unsigned char *const *a = attrs->v + 5 * (size_t)i;

		if (strcmp((const char *)a[0], name) == 0)
			return eg_bytes(a[3], (size_t)(a[4] - a[3]));
	}
	return EG_NONE;
}

void
fmt_xattr_text(struct eg_bytes value, struct eg_buf *ret)
{
	static const struct eg_bytes amp = { (const unsigned char *)"&#38;", 5 };

	while (value.len > 0) {
		const size_t at = eg_bytes_find(value, amp);

		eg_buf_add(ret, eg_bytes_sub(value, 0, at));
		if (at < value.len)
			eg_buf_chr(ret, '&');
		value = eg_bytes_sub(value, at + amp.len, value.len);
	}
}

/* The scanner refuses a DOCTYPE before the parser sees it; this is the second lock on that door. */
static void
on_doctype(void *ctx, const xmlChar *name, const xmlChar *public_id, const xmlChar *system_id)
{
	(void)name, (void)public_id, (void)system_id;
	fail_disagree(ctx);
}

/* ---- libxml2 ---- */

static xmlParserInputPtr
load_nothing(const char *url, const char *id, xmlParserCtxtPtr parser)
{
	(void)url, (void)id, (void)parser;
	return NULL;
}

/* Faults are told through the parser's own structured handler; without this one libxml2 prints some to stderr. */
static void
say_nothing(void *ctx, const char *fmt, ...)
{
	(void)ctx, (void)fmt;
}

static xmlParserCtxtPtr
new_parser(struct fmt_xmlp *p)
{
	xmlSAXHandler sax = { .initialized = XML_SAX2_MAGIC,
		.startElementNs = on_start,
		.endElementNs = on_end,
		.characters = on_text,
		.ignorableWhitespace = on_text,
		.cdataBlock = on_text,
		.internalSubset = on_doctype,
		.serror = on_error };
	xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(&sax, p, NULL, 0, NULL);

	/* IGNORE_ENC: it gets UTF-8, whatever the declaration says. Never NOENT, HUGE or one of the DTD options. */
	if (parser != NULL && xmlCtxtUseOptions(parser, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC) != 0)
		eg_bug("libxml2 lacks an option");
	return parser;
}

static void
skip_start(void *ctx, const char *name, const struct fmt_xml_attrs *attrs, const struct fmt_xscan_event *ev)
{
	(void)ctx, (void)name, (void)attrs, (void)ev;
}

static void
skip_text(void *ctx, struct eg_bytes text)
{
	(void)ctx, (void)text;
}

static void
skip_end(void *ctx, const struct fmt_xscan_event *ev)
{
	(void)ctx, (void)ev;
}

void
fmt_xml_init(void)
{
	static const char warm[] = "<?xml version=\"1.0\"?><a b=\"c\">d&amp;<e/></a>";
	static const struct fmt_xml_hooks hooks = { skip_start, skip_text, skip_end };
	static bool done;
	struct fmt_src_mem m;

	if (done)
		return;
	done = true;
	LIBXML_TEST_VERSION
	xmlInitParser();
	xmlSetExternalEntityLoader(load_nothing);
	xmlSetGenericErrorFunc(NULL, say_nothing);
	struct fmt_xmlp *p = eg_xalloc(sizeof *p);

	fmt_xmlp_open(p, fmt_src_mem(&m, eg_bytes_str(warm), 0), &hooks, NULL);
	while (p->rc == EG_OK)
		fmt_xmlp_pump(p);
	fmt_xmlp_done(p);
	free(p);
}

/* ---- pulling ---- */

/* The end of the file: the scanner says what an accountant understands, the parser has the last word. */
static void
finish(struct fmt_xmlp *p)
{
	p->rc = fmt_xscan_finish(&p->scan, p->depth > 0 ? (const char *)p->parser->name : NULL, &p->err);
	if (p->rc != EG_OK)
		return;
	p->fed_before += p->fed.len;
	p->fed = EG_NONE;
	p->fed_pos = p->scan.pos;
	(void)xmlParseChunk(p->parser, NULL, 0, 1); /* its verdict is read below */
	if (p->rc != EG_OK)
		return;
	if (!p->parser->wellFormed || p->parser->disableSAX != 0 || p->depth != 0 || fmt_xscan_take(&p->scan) != NULL)
		fail_disagree(p);
	else
		p->rc = EG_EOF;
}

static void
push(struct fmt_xmlp *p, struct eg_bytes text, struct eg_pos begin)
{
	if (text.len == 0)
		return;
	p->fed_before += p->fed.len;
	p->fed = text;
	p->fed_pos = begin;
	(void)xmlParseChunk(p->parser, (const char *)text.ptr, (int)text.len, 0); /* its verdict is read below */
	if (p->rc == EG_OK && (!p->parser->wellFormed || p->parser->disableSAX != 0))
		fail_disagree(p);
}

/* Scans and parses one piece, or to behind the root's start tag. What is well formed before a fault is parsed first, so
 * that the fault told is the first one in the file. */
void
fmt_xmlp_pump(struct fmt_xmlp *p)
{
	const struct eg_pos begin = p->scan.pos;
	struct eg_err err;
	size_t fit = 0;
	int rc;

	if (p->rest.len == 0) {
		rc = fmt_xml_pieces_next(&p->pieces, &p->rest, &err);
		if (rc == EG_EOF) {
			finish(p);
			return;
		}
		if (rc != EG_OK) {
			p->rc = rc;
			p->err = err;
			fmt_xmlp_fail(p, p->scan.pos);
			return;
		}
	}
	/* libxml2 may wait for more behind a short root tag (it wants four bytes at first). It gets them one by one, so
	 * that no record comes before the reader is bound. */
	const bool root_waits = p->scan.rooted && !p->rooted;

	rc = fmt_xscan_feed(&p->scan, root_waits ? eg_bytes_sub(p->rest, 0, 1) : p->rest, &fit, &err);
	push(p, eg_bytes_sub(p->rest, 0, fit), begin);
	p->rest = eg_bytes_sub(p->rest, fit, p->rest.len);
	if (p->rc == EG_OK && rc != EG_OK) {
		p->rc = rc;
		p->err = err;
		fmt_xmlp_fail(p, p->scan.pos);
	}
}

void
fmt_xmlp_open(struct fmt_xmlp *p, struct fmt_src src, const struct fmt_xml_hooks *hooks, void *ctx)
{
	struct eg_pos start;

	fmt_xml_init();
	p->hooks = hooks;
	p->ctx = ctx;
	p->rc = fmt_xml_pieces_open(&p->pieces, src, &start, &p->err);
	if (p->rc != EG_OK)
		return;
	fmt_xscan_init(&p->scan, p->pieces.enc, start);
	p->parser = new_parser(p);
	if (p->parser == NULL)
		p->rc = eg_fail(
		    &p->err, EG_RETRY, "LIMIT-MEM", "Memory ran out while opening XML. The file is tried again.");
}

void
fmt_xmlp_done(struct fmt_xmlp *p)
{
	if (p->parser != NULL)
		xmlFreeParserCtxt(p->parser);
	p->parser = NULL;
	fmt_xml_pieces_done(&p->pieces);
	fmt_xscan_done(&p->scan);
}
