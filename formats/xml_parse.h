/* SPDX-License-Identifier: MIT
 *
 * XML as events: pieces of checked UTF-8 (xml_pieces.c) are crossed by the scanner (xml_scan.c), then pushed into libxml2's
 * SAX2 parser with handlers of our own. Shared by the reader of XML records and the reader of workbooks; for formats/ only.
 * Names come without prefix, namespaces mean nothing. Depth, tags and markup are bounded as xml_read.h says.
 */
#ifndef FORMATS_XML_PARSE_H
#define FORMATS_XML_PARSE_H

#include "formats/xml_int.h"

struct fmt_xmlp;

struct fmt_xml_attrs { /* libxml2's five pointers for each attribute */
	const unsigned char *const *v;
	int n;
};

/* Called while a piece is parsed, never after a failure. A hook ends the reading with fmt_xmlp_fail. ev is valid during
 * the call; p->depth counts the element itself, 1 = the root. */
struct fmt_xml_hooks {
	void (*start)(void *ctx, const char *name, const struct fmt_xml_attrs *attrs, const struct fmt_xscan_event *ev);
	void (*text)(void *ctx, struct eg_bytes text); /* below the root; in parts as they come */
	void (*end)(void *ctx, const struct fmt_xscan_event *ev);
};

struct _xmlParserCtxt;
struct fmt_xmlp {
	const struct fmt_xml_hooks *hooks;
	void *ctx;
	struct _xmlParserCtxt *parser;
	struct fmt_xml_pieces pieces;
	struct fmt_xscan scan;
	struct eg_bytes rest; /* of the piece at hand: not yet scanned */
	struct eg_bytes fed; /* what the parser was given last, and where that begins: to place its errors */
	struct eg_pos fed_pos;
	uint64_t fed_before; /* bytes given to the parser before that */
	bool rooted; /* the root's start hook has been called */
	unsigned depth;
	struct eg_pos begins[EG_LIMIT_XML_DEPTH + 1]; /* of the open elements */
	int rc; /* sticky: EG_OK, EG_EOF (well-formed end) or the class in err */
	struct eg_err err;
};

/* Fills p, finds the encoding; p->rc tells. p must not move afterwards. */
void fmt_xmlp_open(struct fmt_xmlp *p, struct fmt_src src, const struct fmt_xml_hooks *hooks, void *ctx);
/* Scans and parses one piece, or to behind the root's start tag; only while p->rc is EG_OK. */
void fmt_xmlp_pump(struct fmt_xmlp *p);
/* Ends the reading with what has been put into p->err; a place is added when it has none. */
void fmt_xmlp_fail(struct fmt_xmlp *p, struct eg_pos pos);
void fmt_xmlp_done(struct fmt_xmlp *p); /* empty-safe */

/* The value of an attribute as libxml2 gives it, or ptr NULL. An ampersand in it still stands as "&#38;". */
struct eg_bytes fmt_xattr(const struct fmt_xml_attrs *attrs, const char *name);
/* The value with that undone, appended. */
void fmt_xattr_text(struct eg_bytes value, struct eg_buf *ret);

#endif
