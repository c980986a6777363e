/* SPDX-License-Identifier: MIT
 *
 * Parts of the XML reader that stand apart: which encoding a document has, which elements are wanted, and the records
 * that are read but not yet given out. Private to formats/xml_*.c.
 */
#ifndef FORMATS_XML_INT_H
#define FORMATS_XML_INT_H

#include "base/buf.h"
#include "formats/text.h"
#include "formats/xml_read.h"
#include "formats/xml_scan.h"

/* ---- xml_decl.c ---- */

#define FMT_XML_HEAD 4096U /* a declaration must end within this many bytes */

/* The encoding from the first bytes (at least FMT_XML_HEAD of them, or all there are) and the length of the byte order
 * mark. EG_BADFILE F-02 for an encoding that is not on the list or contradicts the bytes, F-03 for a broken
 * declaration or a file that does not begin with '<'. */
int fmt_xml_encoding(struct eg_bytes head, enum fmt_enc *ret_enc, size_t *ret_bom, struct eg_err *err) EG_MUSTCHECK;

/* ---- xml_pieces.c ---- */

#define FMT_XML_PIECE 32768U

/* The source as pieces of whole characters in UTF-8, checked against the file's encoding. */
struct fmt_xml_pieces {
	struct fmt_src src;
	enum fmt_enc enc;
	unsigned char raw[FMT_XML_PIECE];
	size_t have, used; /* bytes in raw; bytes of them that were given out */
	bool end; /* the source has no more */
	struct eg_buf utf8; /* the piece, unless the file is UTF-8 itself */
	struct eg_err bad; /* what follows the piece last given; cls EG_OK = nothing */
};

/* Reads the first bytes and finds the encoding; *ret_start = position of the first character. */
int fmt_xml_pieces_open(struct fmt_xml_pieces *p, struct fmt_src src, struct eg_pos *ret_start, struct eg_err *err)
    EG_MUSTCHECK;
/* The next piece (not empty, valid until the next call) or EG_EOF. EG_BADFILE F-02 or F-03, without a position: it
 * stands directly behind the last piece, which has been given before. */
int fmt_xml_pieces_next(struct fmt_xml_pieces *p, struct eg_bytes *ret, struct eg_err *err) EG_MUSTCHECK;
void fmt_xml_pieces_done(struct fmt_xml_pieces *p);

/* ---- xml_paths.c ---- */

#define FMT_XML_NONE UINT16_MAX

/* The wanted paths as a tree; node 0 is the record element. */
struct fmt_xml_node {
	struct eg_bytes name; /* view of the spec */
	uint16_t child, next; /* first child, next brother; FMT_XML_NONE */
	uint16_t slot, line_slot; /* cell of the record, of the line; FMT_XML_NONE */
	bool line; /* the line element */
};

struct fmt_xml_paths {
	struct fmt_xml_node *nodes;
	size_t n;
	/* cell -> the earlier cell with the same path, or itself; record cells first, then line cells */
	uint16_t *same;
};

void fmt_xml_paths_init(struct fmt_xml_paths *p, const struct fmt_xml_spec *spec);
void fmt_xml_paths_done(struct fmt_xml_paths *p);
/* The child of `node` with this name, or FMT_XML_NONE. */
uint16_t fmt_xml_paths_child(const struct fmt_xml_paths *p, uint16_t node, const char *name);

/* ---- xml_hold.c ---- */

/* Records in the order of their elements: what was read goes in as it comes, rows come out with the header first. */
struct fmt_xml_hold {
	struct eg_buf items;
	size_t ready; /* records up to here are complete */
	size_t build; /* where the open record begins */
	size_t line; /* where the open line begins; 0 = no line is open */
	size_t given; /* where the record being given out begins */
	size_t walk; /* up to where its lines have been given; == given before its header */
	const struct fmt_xml_spec *spec;
	const struct fmt_xml_paths *paths;
	uint32_t *seen, *line_seen; /* cell -> place of its item behind `build`, 0 = not yet */
	struct fmt_cell *cells; /* of the row last given */
};

void fmt_xml_hold_init(struct fmt_xml_hold *h, const struct fmt_xml_spec *spec, const struct fmt_xml_paths *paths);
void fmt_xml_hold_done(struct fmt_xml_hold *h);
void fmt_xml_hold_record(struct fmt_xml_hold *h, struct eg_pos begin);
void fmt_xml_hold_line(struct fmt_xml_hold *h, struct eg_pos begin);
void fmt_xml_hold_cell(
    struct fmt_xml_hold *h, bool of_line, uint16_t slot, const struct fmt_xscan_event *ev, struct eg_bytes text);
void fmt_xml_hold_line_end(struct fmt_xml_hold *h, uint64_t end);
void fmt_xml_hold_record_end(struct fmt_xml_hold *h, uint64_t end);
/* The open record is larger than EG_LIMIT_DOC_BYTES. */
bool fmt_xml_hold_full(const struct fmt_xml_hold *h);
/* The next row of a complete record; false when there is none. Views live until the next call of any of these. */
bool fmt_xml_hold_next(struct fmt_xml_hold *h, enum fmt_xml_kind *ret_kind, struct fmt_row *ret);

#endif
