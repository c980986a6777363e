/* SPDX-License-Identifier: MIT
 *
 * XML in: libxml2's SAX2 push parser with our own handlers, never a tree. DOCTYPE is refused, nothing is loaded, no
 * entities but the five predefined and character references. A scanner of our own runs over the same bytes first: it stops tags that are too
 * long before the parser sees them (its attribute check is quadratic) and gives every element its exact byte range.
 *
 * A document is <root> with repeated record elements; a record has values at element paths and may have repeated lines at one path.
 * Names are compared without prefix. Attributes are ignored. Text of an element = its own character data (CDATA
 * included), trimmed. Encodings: UTF-8, UTF-16 with byte order mark, ISO-8859-1, US-ASCII, windows-1252; declaration,
 * mark and bytes must agree.
 * cell.off/len run from the first to the last own character that is no blank (inside of CDATA marks, over comments and
 * children between); of an EMPTY cell off is the place behind its start tag, of an ABSENT one the start of the row. Of a
 * repeated path the first counts.
 *
 * EG_BADFILE codes: F-03 not well formed, DOCTYPE, forbidden entity; F-02 bytes or declared encoding not on the list;
 * LIMIT-DEPTH, LIMIT-TAG, LIMIT-TEXT, LIMIT-DOC (base/limits.h). Position: byte, line and column of the offence.
 */
#ifndef FORMATS_XML_READ_H
#define FORMATS_XML_READ_H

#include "formats/row.h"
#include "formats/src.h"

struct fmt_xml_spec {
	/* element name directly below the root; NULL = any; "." = the root itself, one record a file */
	const char *record;
	/* Line cells without `lines`, an empty `lines` or empty parts of a path are programmer's mistakes. */
	const char *lines; /* path below the record, "commitment_items/commitment_item"; NULL = no lines */
	size_t npaths, nline_paths;
	const char *const *
	    paths; /* below the record: "project/number". "attachments/url" may repeat: first value, cell.more counts */
	const char *const *line_paths; /* below the line element; "" = the line element's own text */
};

/* Warms up everything libxml2 would load or open later; once, before the process is confined. */
void fmt_xml_init(void);

/* Loads all that libxml2 loads late and shuts its doors to files and stderr. Call it once before the process is
 * confined, together with fmt_text_preload (which opens the converters used here); later calls do nothing.
 * Not thread-safe. */
void fmt_xml_init(void);

struct fmt_xml;
/* Reads to the root's start tag. */
int fmt_xml_open(struct fmt_src src, struct fmt_xml **ret, struct eg_err *err) EG_MUSTCHECK;
/* Local name of the root; lives as long as the reader. */
struct eg_bytes fmt_xml_root(const struct fmt_xml *x);
/* Must be called once before the first _next; the spec must outlive the reader. */
void fmt_xml_bind(struct fmt_xml *x, const struct fmt_xml_spec *spec);

enum fmt_xml_kind {
	FMT_XML_RECORD, /* header cells of a record, in the order of spec.paths */
	FMT_XML_LINE, /* one line of the record last given, cells in the order of spec.line_paths */
};
/* A record row comes before its lines, though the file may have it otherwise: one record is held in memory (EG_LIMIT_DOC_BYTES).
 * EG_EOF only after a well-formed end of the document. */
int fmt_xml_next(struct fmt_xml *x, enum fmt_xml_kind *ret_kind, struct fmt_row *ret, struct eg_err *err) EG_MUSTCHECK;
void fmt_xml_free(struct fmt_xml *x);

#endif
