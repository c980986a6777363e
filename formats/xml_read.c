/* SPDX-License-Identifier: MIT
 *
 * The XML reader: pieces of checked UTF-8 (xml_pieces.c) are crossed by the scanner (xml_scan.c), then pushed into
 * libxml2's SAX2 parser. Its start and end callbacks take the scanner's tags one by one; if the two ever disagree, the
 * file is refused. libxml2 gets whole pieces of a fixed size whatever the source's step is, and only UTF-8, so neither
 * its own decoders nor the way a file arrives can change what is read.
 */
#include "formats/xml_read.h"

#include "formats/xml_int.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>

struct level {
	uint16_t node; /* in the tree of paths, or FMT_XML_NONE */
	bool wanted; /* its text is a value */
	uint64_t text_len;
	struct eg_pos begin;
	struct eg_buf text;
};

struct fmt_xml {
	xmlParserCtxtPtr parser;
	struct fmt_xml_pieces pieces;
	struct fmt_xscan scan;
	struct eg_buf root;

	struct eg_bytes rest; /* of the piece at hand: not yet scanned */

	struct eg_bytes fed; /* what the parser was given last, and where that begins: to place its errors */
	struct eg_pos fed_pos;
	uint64_t fed_before; /* bytes given to the parser before that */

	bool bound;
	unsigned record_depth; /* 2: records stand below the root; 1: the root is the record */
	struct fmt_xml_paths paths;
	struct fmt_xml_hold hold;
	const struct fmt_xml_spec *spec;
	unsigned depth;
	struct level levels[EG_LIMIT_XML_DEPTH + 1];

	int rc; /* sticky: EG_OK, EG_EOF or the class in err */
	struct eg_err err;
};

/* ---- failing ---- */

static void
fail_at(struct fmt_xml *x, struct eg_pos pos)
{
	eg_err_at(&x->err, pos);
	if (x->parser != NULL)
		xmlStopParser(x->parser);
}

static void
fail_disagree(struct fmt_xml *x)
{
	x->rc = eg_fail(&x->err, EG_BADFILE, "F-03",
	    "The XML is not well formed: its tags can be read in two ways. Ask the sender to export the file again.");
	fail_at(x, x->scan.pos);
}

static void
check_size(struct fmt_xml *x)
{
	if (x->rc != EG_OK || !fmt_xml_hold_full(&x->hold))
		return;
	x->rc = eg_fail(&x->err, EG_BADFILE, "LIMIT-DOC",
	    "The record that begins in line %llu is larger than %zu bytes. Ask the sender to split it.",
	    (unsigned long long)x->levels[x->record_depth].begin.line, EG_LIMIT_DOC_BYTES);
	fail_at(x, x->levels[x->record_depth].begin);
}

/* Where the parser stands, in the original bytes. */
static struct eg_pos
parser_pos(const struct fmt_xml *x)
{
	const xmlParserInput *in = x->parser->input;
	const uint64_t at = in != NULL ? (uint64_t)in->consumed + (uint64_t)(in->cur - in->base) : 0;
	struct eg_pos pos = x->fed_pos;

	if (in == NULL)
		return pos;
	if (at >= x->fed_before && at - x->fed_before <= x->fed.len)
		return fmt_xscan_advance(x->pieces.enc, pos, eg_bytes_sub(x->fed, 0, (size_t)(at - x->fed_before)));
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
	struct fmt_xml *x = ctx;

	/* Below fatal are warnings and namespace rules; prefixes mean nothing to us. */
	if (x->rc != EG_OK || e->level != XML_ERR_FATAL)
		return;
	if (e->code == XML_ERR_NO_MEMORY) {
		x->rc = eg_fail(
		    &x->err, EG_RETRY, "LIMIT-MEM", "Memory ran out while reading XML. The file is tried again.");
		return;
	}
	const char *words = plain_words(e->code), *text = e->message != NULL ? e->message : "unknown fault";
	const struct eg_bytes said = eg_bytes_trim_ws(eg_bytes_sub(eg_bytes_str(words != NULL ? words : text), 0, 160));

	x->rc = eg_fail(&x->err, EG_BADFILE, "F-03",
	    "The XML is not well formed: %.*s. Ask the sender to export the file again.", EG_FMT(said));
	eg_err_at(&x->err, parser_pos(x));
}

/* ---- elements ---- */

static uint16_t
node_of(const struct fmt_xml *x, const char *name)
{
	if (!x->bound || x->depth < 2)
		return FMT_XML_NONE;
	if (x->depth == x->record_depth)
		return x->spec->record == NULL || strcmp(x->spec->record, name) == 0 ? 0 : FMT_XML_NONE;
	const uint16_t parent = x->levels[x->depth - 1].node;

	return parent == FMT_XML_NONE ? FMT_XML_NONE : fmt_xml_paths_child(&x->paths, parent, name);
}

static void
on_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int nnamespaces,
    const xmlChar **namespaces, int nattributes, int ndefaulted, const xmlChar **attributes)
{
	struct fmt_xml *x = ctx;

	(void)prefix, (void)uri, (void)nnamespaces, (void)namespaces, (void)nattributes, (void)ndefaulted,
	    (void)attributes;
	if (x->rc != EG_OK)
		return;
	const struct fmt_xscan_event *ev = fmt_xscan_take(&x->scan);

	if (ev == NULL || ev->kind != FMT_XSCAN_START || x->depth == EG_LIMIT_XML_DEPTH) {
		fail_disagree(x);
		return;
	}
	struct level *lev = &x->levels[++x->depth];

	lev->begin = ev->begin;
	lev->text_len = 0;
	lev->wanted = false;
	lev->node = node_of(x, (const char *)name);
	if (x->depth == 1)
		eg_buf_str(&x->root, (const char *)name);
	if (lev->node == FMT_XML_NONE)
		return;
	const struct fmt_xml_node *node = &x->paths.nodes[lev->node];

	lev->wanted = node->slot != FMT_XML_NONE || node->line_slot != FMT_XML_NONE;
	eg_buf_clear(&lev->text);
	if (x->depth == x->record_depth)
		fmt_xml_hold_record(&x->hold, ev->begin);
	if (node->line)
		fmt_xml_hold_line(&x->hold, ev->begin);
	check_size(x);
}

static void
on_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct fmt_xml *x = ctx;

	(void)name, (void)prefix, (void)uri;
	if (x->rc != EG_OK)
		return;
	const struct fmt_xscan_event *ev = fmt_xscan_take(&x->scan);

	if (ev == NULL || ev->kind != FMT_XSCAN_END || x->depth == 0 ||
	    ev->begin.off != x->levels[x->depth].begin.off) {
		fail_disagree(x);
		return;
	}
	const struct level *lev = &x->levels[x->depth--];

	if (lev->node == FMT_XML_NONE)
		return;
	const struct fmt_xml_node *node = &x->paths.nodes[lev->node];

	if (node->slot != FMT_XML_NONE)
		fmt_xml_hold_cell(&x->hold, false, node->slot, ev, eg_buf_view(&lev->text));
	if (node->line_slot != FMT_XML_NONE)
		fmt_xml_hold_cell(&x->hold, true, node->line_slot, ev, eg_buf_view(&lev->text));
	check_size(x);
	if (x->rc != EG_OK)
		return;
	if (node->line)
		fmt_xml_hold_line_end(&x->hold, ev->end);
	if (x->depth + 1 == x->record_depth)
		fmt_xml_hold_record_end(&x->hold, ev->end);
}

static void
on_text(void *ctx, const xmlChar *text, int len)
{
	struct fmt_xml *x = ctx;

	if (x->rc != EG_OK || x->depth == 0)
		return;
	struct level *lev = &x->levels[x->depth];

	lev->text_len += (uint64_t)len;
	const size_t most = lev->wanted ? EG_LIMIT_TEXT_BYTES : EG_LIMIT_UNUSED_TEXT_BYTES;

	if (lev->text_len > most) {
		x->rc = eg_fail(&x->err, EG_BADFILE, "LIMIT-TEXT",
		    "The text of the element that begins in line %llu is longer than %zu bytes. Ask the sender what it is.",
		    (unsigned long long)lev->begin.line, most);
		fail_at(x, lev->begin);
		return;
	}
	if (lev->wanted)
		eg_buf_put(&lev->text, text, (size_t)len);
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
new_parser(struct fmt_xml *x)
{
	xmlSAXHandler sax = { .initialized = XML_SAX2_MAGIC,
		.startElementNs = on_start,
		.endElementNs = on_end,
		.characters = on_text,
		.ignorableWhitespace = on_text,
		.cdataBlock = on_text,
		.internalSubset = on_doctype,
		.serror = on_error };
	xmlParserCtxtPtr parser = xmlCreatePushParserCtxt(&sax, x, NULL, 0, NULL);

	/* IGNORE_ENC: it gets UTF-8, whatever the declaration says. Never NOENT, HUGE or one of the DTD options. */
	if (parser != NULL && xmlCtxtUseOptions(parser, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC) != 0)
		eg_bug("libxml2 lacks an option");
	return parser;
}

void
fmt_xml_init(void)
{
	static const char warm[] = "<?xml version=\"1.0\"?><a b=\"c\">d&amp;<e/></a>";
	static bool done;
	struct fmt_src_mem m;
	struct fmt_xml *x;
	struct eg_err err;

	if (done)
		return;
	done = true;
	LIBXML_TEST_VERSION
	xmlInitParser();
	xmlSetExternalEntityLoader(load_nothing);
	xmlSetGenericErrorFunc(NULL, say_nothing);
	if (fmt_xml_open(fmt_src_mem(&m, eg_bytes_str(warm), 0), &x, &err) == EG_OK)
		fmt_xml_free(x);
}

/* ---- pulling ---- */

/* The end of the file: the scanner says what an accountant understands, the parser has the last word. */
static void
finish(struct fmt_xml *x)
{
	x->rc = fmt_xscan_finish(&x->scan, x->depth > 0 ? (const char *)x->parser->name : NULL, &x->err);
	if (x->rc != EG_OK)
		return;
	x->fed_before += x->fed.len;
	x->fed = EG_NONE;
	x->fed_pos = x->scan.pos;
	(void)xmlParseChunk(x->parser, NULL, 0, 1); /* its verdict is read below */
	if (x->rc != EG_OK)
		return;
	if (!x->parser->wellFormed || x->parser->disableSAX != 0 || x->depth != 0 || fmt_xscan_take(&x->scan) != NULL)
		fail_disagree(x);
	else
		x->rc = EG_EOF;
}

static void
push(struct fmt_xml *x, struct eg_bytes text, struct eg_pos begin)
{
	if (text.len == 0)
		return;
	x->fed_before += x->fed.len;
	x->fed = text;
	x->fed_pos = begin;
	(void)xmlParseChunk(x->parser, (const char *)text.ptr, (int)text.len, 0); /* its verdict is read below */
	if (x->rc == EG_OK && (!x->parser->wellFormed || x->parser->disableSAX != 0))
		fail_disagree(x);
}

/* Scans and parses one piece, or to behind the root's start tag. What is well formed before a fault is parsed first, so
 * that the fault told is the first one in the file. */
static void
pump(struct fmt_xml *x)
{
	const struct eg_pos begin = x->scan.pos;
	struct eg_err err;
	size_t fit = 0;
	int rc;

	if (x->rest.len == 0) {
		rc = fmt_xml_pieces_next(&x->pieces, &x->rest, &err);
		if (rc == EG_EOF) {
			finish(x);
			return;
		}
		if (rc != EG_OK) {
			x->rc = rc;
			x->err = err;
			fail_at(x, x->scan.pos);
			return;
		}
	}
	/* libxml2 may wait for more behind a short root tag (it wants four bytes at first). It gets them one by one, so
	 * that no record comes before the reader is bound. */
	const bool root_waits = x->scan.rooted && x->root.len == 0;

	rc = fmt_xscan_feed(&x->scan, root_waits ? eg_bytes_sub(x->rest, 0, 1) : x->rest, &fit, &err);
	push(x, eg_bytes_sub(x->rest, 0, fit), begin);
	x->rest = eg_bytes_sub(x->rest, fit, x->rest.len);
	if (x->rc == EG_OK && rc != EG_OK) {
		x->rc = rc;
		x->err = err;
		fail_at(x, x->scan.pos);
	}
}

int
fmt_xml_open(struct fmt_src src, struct fmt_xml **ret, struct eg_err *err)
{
	struct fmt_xml *x;
	struct eg_pos start;

	fmt_xml_init();
	x = eg_xalloc(sizeof *x);
	for (size_t i = 0; i < sizeof x->levels / sizeof x->levels[0]; i++)
		x->levels[i].text.max = EG_LIMIT_TEXT_BYTES + 1;
	x->rc = fmt_xml_pieces_open(&x->pieces, src, &start, &x->err);
	if (x->rc == EG_OK) {
		fmt_xscan_init(&x->scan, x->pieces.enc, start);
		x->parser = new_parser(x);
		if (x->parser == NULL)
			x->rc = eg_fail(&x->err, EG_RETRY, "LIMIT-MEM",
			    "Memory ran out while opening XML. The file is tried again.");
	}
	while (x->rc == EG_OK && x->root.len == 0)
		pump(x);
	if (x->rc != EG_OK) {
		const int rc = x->rc == EG_EOF ? eg_fail(&x->err, EG_BADFILE, "F-03",
						     "The file holds no XML element. Send the file again.") :
		                                 x->rc;

		*err = x->err;
		fmt_xml_free(x);
		return rc;
	}
	*ret = x;
	return EG_OK;
}

struct eg_bytes
fmt_xml_root(const struct fmt_xml *x)
{
	return eg_buf_view(&x->root);
}

void
fmt_xml_bind(struct fmt_xml *x, const struct fmt_xml_spec *spec)
{
	eg_check(!x->bound);
	x->bound = true;
	x->spec = spec;
	x->record_depth = spec->record != NULL && strcmp(spec->record, ".") == 0 ? 1 : 2;
	fmt_xml_paths_init(&x->paths, spec);
	fmt_xml_hold_init(&x->hold, spec, &x->paths);
	x->levels[1].node = FMT_XML_NONE;
	if (x->record_depth == 1) {
		x->levels[1].node = 0;
		fmt_xml_hold_record(&x->hold, x->levels[1].begin);
		if (x->depth == 0) /* <Root/>: begun and ended by one tag */
			fmt_xml_hold_record_end(&x->hold, x->scan.pos.off);
	}
}

int
fmt_xml_next(struct fmt_xml *x, enum fmt_xml_kind *ret_kind, struct fmt_row *ret, struct eg_err *err)
{
	eg_check(x->bound);
	while (!fmt_xml_hold_next(&x->hold, ret_kind, ret)) {
		if (x->rc == EG_OK)
			pump(x);
		else if (x->rc == EG_EOF)
			return EG_EOF;
		else {
			*err = x->err;
			return x->rc;
		}
	}
	return EG_OK;
}

void
fmt_xml_free(struct fmt_xml *x)
{
	if (x == NULL)
		return;
	xmlFreeParserCtxt(x->parser);
	fmt_xml_pieces_done(&x->pieces);
	fmt_xscan_done(&x->scan);
	fmt_xml_paths_done(&x->paths);
	fmt_xml_hold_done(&x->hold);
	eg_buf_done(&x->root);
	for (size_t i = 0; i < sizeof x->levels / sizeof x->levels[0]; i++)
		eg_buf_done(&x->levels[i].text);
	free(x);
}
