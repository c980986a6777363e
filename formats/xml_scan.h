/* SPDX-License-Identifier: MIT
 *
 * The scanner that runs over XML text just ahead of the parser. It knows no names and no entities, only where markup
 * begins and ends, and does what the parser cannot: the exact byte range of every element and of its text in the
 * original bytes, and a stop before a tag that is too long or too deep reaches the parser.
 * It reads UTF-8; positions count the bytes of the encoding that the file really has.
 *
 * EG_BADFILE codes: F-03 DOCTYPE, unknown markup, an end tag too many, an early end; LIMIT-TAG, LIMIT-DEPTH.
 */
#ifndef FORMATS_XML_SCAN_H
#define FORMATS_XML_SCAN_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/limits.h"
#include "formats/text.h"

enum fmt_xscan_kind {
	FMT_XSCAN_START = 1,
	FMT_XSCAN_END, /* also follows FMT_XSCAN_START at once for <a/> */
};

struct fmt_xscan_event {
	enum fmt_xscan_kind kind;
	struct eg_pos begin; /* '<' of the element's start tag, for both kinds */
	uint64_t end; /* byte behind the '>' of this tag */
	/* For FMT_XSCAN_END: the element's own text, from its first to behind its last character that is not a blank.
	 * Without such a character both stand behind the start tag. Text in CDATA begins inside the section. */
	struct eg_pos text;
	uint64_t text_end;
};

struct fmt_xscan_frame {
	struct eg_pos begin, text;
	uint64_t text_end;
	bool has_text;
};

struct fmt_xscan {
	enum fmt_enc enc; /* what the original bytes are */
	unsigned state;
	struct eg_pos pos; /* of the next character */
	struct eg_pos tag; /* '<' of the markup we are in */
	unsigned run; /* how many '-', ']' or '?' stand directly before */
	struct eg_pos run_pos; /* where that run of ']' begins */
	bool slash; /* the last character of a start tag was '/' */
	char word[8]; /* what stands behind "<!" */
	size_t word_len;
	unsigned depth;
	bool rooted; /* the root's start tag has been seen */
	struct fmt_xscan_frame frames[EG_LIMIT_XML_DEPTH];
	struct fmt_xscan_event *events; /* ring without wrap: taken from head, added at tail */
	size_t head, tail, cap;
};

/* start = position of the first character (behind a byte order mark). */
void fmt_xscan_init(struct fmt_xscan *s, enum fmt_enc enc, struct eg_pos start);
void fmt_xscan_done(struct fmt_xscan *s);
/* Scans text (whole characters). *ret_fit = how many of its bytes the parser may be given: all that was scanned; on
 * failure what stands before the offending markup (written then too). Stops once behind the root's start tag, so
 * *ret_fit may be less than text.len with EG_OK: call again with the rest. */
int fmt_xscan_feed(struct fmt_xscan *s, struct eg_bytes text, size_t *ret_fit, struct eg_err *err) EG_MUSTCHECK;
/* The next tag in order, or NULL when the parser is ahead of the scanner: then they read different documents. Valid
 * until the next _feed. */
const struct fmt_xscan_event *fmt_xscan_take(struct fmt_xscan *s);
/* At the end of the file. open_name = name of the innermost open element for the message, or NULL. */
int fmt_xscan_finish(const struct fmt_xscan *s, const char *open_name, struct eg_err *err) EG_MUSTCHECK;
/* The position behind `text`, which begins at `from`. */
struct eg_pos fmt_xscan_advance(enum fmt_enc enc, struct eg_pos from, struct eg_bytes text);

#endif
