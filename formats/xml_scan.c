/* SPDX-License-Identifier: MIT
 *
 * A small state machine over XML text: one step function per state, each takes at least one byte. Long stretches (text,
 * comments, attribute values) are crossed with memchr. Positions are brought up to date only where one is noted.
 * It does not prove that a document is well formed, the parser does that on the same bytes; it only has to agree with
 * every well-formed document about its tags.
 */
#include "formats/xml_scan.h"

#include "base/buf.h"

enum state {
	IN_TEXT = 0,
	AFTER_LT,
	IN_START_TAG,
	IN_DOUBLE_QUOTES,
	IN_SINGLE_QUOTES,
	IN_END_TAG,
	AFTER_BANG,
	IN_COMMENT,
	IN_CDATA,
	IN_PI,
	N_STATES,
};

struct cursor {
	struct fmt_xscan *s;
	const unsigned char *p;
	size_t n;
	size_t i; /* next byte to look at */
	size_t synced; /* s->pos belongs to this byte */
	size_t markup; /* where the markup we are in begins; 0 when that was in an earlier piece */
	bool stop;
};

struct eg_pos
fmt_xscan_advance(enum fmt_enc enc, struct eg_pos from, struct eg_bytes text)
{
	uint64_t chars = 0, quads = 0;

	for (size_t i = 0; i < text.len; i++) {
		const unsigned char b = text.ptr[i];

		if (b == '\n') {
			from.line++;
			from.col = 1;
			chars++;
		} else if ((b & 0xC0) != 0x80) {
			from.col++;
			chars++;
			quads += b >= 0xF0;
		}
	}
	if (enc == FMT_UTF8)
		from.off += text.len;
	else if (enc == FMT_UTF16LE || enc == FMT_UTF16BE)
		from.off += 2 * (chars + quads);
	else
		from.off += chars;
	return from;
}

static void
sync_to(struct cursor *c, size_t i)
{
	if (i == c->synced)
		return;
	c->s->pos = fmt_xscan_advance(c->s->enc, c->s->pos, eg_bytes(c->p + c->synced, i - c->synced));
	c->synced = i;
}

static size_t
find(const struct cursor *c, int ch)
{
	const unsigned char *hit = memchr(c->p + c->i, ch, c->n - c->i);

	return hit != NULL ? (size_t)(hit - c->p) : c->n;
}

static bool
is_blank(unsigned char b)
{
	return b == ' ' || b == '\n' || b == '\r' || b == '\t';
}

static struct fmt_xscan_event *
new_event(struct fmt_xscan *s)
{
	if (s->tail == s->cap) {
		s->cap = s->cap == 0 ? 256 : 2 * s->cap;
		s->events = eg_xrealloc(s->events, s->cap * sizeof *s->events);
	}
	return &s->events[s->tail++];
}

/* ---- elements ---- */

static int
tag_too_long(const struct fmt_xscan *s, struct eg_err *err)
{
	const int rc = eg_fail(err, EG_BADFILE, "LIMIT-TAG",
	    "The XML tag that begins here is longer than %u bytes, perhaps because a quote is not closed. Ask the sender "
	    "to export the file again.",
	    EG_LIMIT_TAG_BYTES);

	eg_err_at(err, s->tag);
	return rc;
}

static int
open_element(struct cursor *c, struct eg_err *err)
{
	struct fmt_xscan *s = c->s;

	if (s->depth == EG_LIMIT_XML_DEPTH) {
		const int rc = eg_fail(err, EG_BADFILE, "LIMIT-DEPTH",
		    "XML elements are nested more than %u deep; such a file is not an export of ours. Ask the sender what "
		    "it is.",
		    EG_LIMIT_XML_DEPTH);

		eg_err_at(err, s->tag);
		return rc;
	}
	s->frames[s->depth++] = (struct fmt_xscan_frame){ .begin = s->tag, .text = s->pos, .text_end = s->pos.off };
	*new_event(s) = (struct fmt_xscan_event){
		.kind = FMT_XSCAN_START, .begin = s->tag, .end = s->pos.off, .text = s->pos, .text_end = s->pos.off
	};
	if (!s->rooted)
		c->stop = true;
	s->rooted = true;
	return EG_OK;
}

static int
close_element(struct cursor *c, struct eg_err *err)
{
	struct fmt_xscan *s = c->s;

	if (s->depth == 0) {
		const int rc = eg_fail(err, EG_BADFILE, "F-03",
		    "The XML is not well formed: an end tag stands here without its start tag. Ask the sender to export "
		    "the file again.");

		eg_err_at(err, s->tag);
		return rc;
	}
	const struct fmt_xscan_frame *f = &s->frames[--s->depth];

	*new_event(s) = (struct fmt_xscan_event){
		.kind = FMT_XSCAN_END, .begin = f->begin, .end = s->pos.off, .text = f->text, .text_end = f->text_end
	};
	return EG_OK;
}

/* ---- states ---- */

static void
note_text(struct cursor *c, size_t from, size_t to)
{
	struct fmt_xscan *s = c->s;

	while (from < to && is_blank(c->p[from]))
		from++;
	while (to > from && is_blank(c->p[to - 1]))
		to--;
	if (from == to || s->depth == 0)
		return;
	struct fmt_xscan_frame *f = &s->frames[s->depth - 1];

	if (!f->has_text) {
		sync_to(c, from);
		f->text = s->pos;
		f->has_text = true;
	}
	sync_to(c, to);
	f->text_end = s->pos.off;
}

static int
step_text(struct cursor *c, struct eg_err *err)
{
	struct fmt_xscan *s = c->s;
	const size_t lt = find(c, '<');

	(void)err; /* text cannot be wrong here */
	note_text(c, c->i, lt);
	c->i = lt;
	if (lt == c->n)
		return EG_OK;
	sync_to(c, lt);
	s->tag = s->pos;
	s->state = AFTER_LT;
	c->markup = lt;
	c->i = lt + 1;
	return EG_OK;
}

static int
step_lt(struct cursor *c, struct eg_err *err)
{
	struct fmt_xscan *s = c->s;

	(void)err; /* what cannot follow '<' is for the parser to refuse */
	s->run = 0;
	s->slash = false;
	s->word_len = 0;
	switch (c->p[c->i]) {
	case '/':
		s->state = IN_END_TAG;
		break;
	case '!':
		s->state = AFTER_BANG;
		break;
	case '?':
		s->state = IN_PI;
		break;
	default:
		s->state = IN_START_TAG;
		return EG_OK; /* the byte belongs to the tag */
	}
	c->i++;
	return EG_OK;
}

static int
end_of_tag(struct cursor *c, struct eg_err *err)
{
	struct fmt_xscan *s = c->s;

	sync_to(c, ++c->i);
	if (s->pos.off - s->tag.off > EG_LIMIT_TAG_BYTES)
		return tag_too_long(s, err);
	const bool is_end_tag = s->state == IN_END_TAG;

	s->state = IN_TEXT;
	if (is_end_tag)
		return close_element(c, err);
	const int rc = open_element(c, err);

	return rc == EG_OK && s->slash ? close_element(c, err) : rc;
}

static int
step_start_tag(struct cursor *c, struct eg_err *err)
{
	struct fmt_xscan *s = c->s;

	for (; c->i < c->n; c->i++) {
		const unsigned char b = c->p[c->i];

		if (b == '>')
			return end_of_tag(c, err);
		s->slash = b == '/';
		if (b == '"' || b == '\'') {
			s->state = b == '"' ? IN_DOUBLE_QUOTES : IN_SINGLE_QUOTES;
			c->i++;
			return EG_OK;
		}
	}
	return EG_OK;
}

static int
step_quotes(struct cursor *c, struct eg_err *err)
{
	struct fmt_xscan *s = c->s;

	(void)err; /* a quote that never closes runs into the length limit of the tag */
	c->i = find(c, s->state == IN_DOUBLE_QUOTES ? '"' : '\'');
	if (c->i < c->n) {
		s->state = IN_START_TAG;
		c->i++;
	}
	return EG_OK;
}

static int
step_end_tag(struct cursor *c, struct eg_err *err)
{
	c->i = find(c, '>');
	return c->i < c->n ? end_of_tag(c, err) : EG_OK;
}

static int
refuse_bang(const struct fmt_xscan *s, struct eg_err *err)
{
	const bool doctype = s->word_len == 7 && memcmp(s->word, "DOCTYPE", 7) == 0;
	const int rc =
	    doctype ?
		eg_fail(err, EG_BADFILE, "F-03",
		    "The XML has a DOCTYPE, which is refused because it can pull in other files. Ask the sender to export "
		    "without DOCTYPE.") :
		eg_fail(err, EG_BADFILE, "F-03",
		    "The XML is not well formed: neither comment nor CDATA begins here. Ask the sender to export the file "
		    "again.");

	eg_err_at(err, s->tag);
	return rc;
}

static int
step_bang(struct cursor *c, struct eg_err *err)
{
	static const struct {
		const char *word;
		size_t len;
		enum state next;
	} words[] = {
		{ "--", 2, IN_COMMENT },
		{ "[CDATA[", 7, IN_CDATA },
		{ "DOCTYPE", 7, N_STATES },
	};
	struct fmt_xscan *s = c->s;

	s->word[s->word_len++] = (char)c->p[c->i++];
	for (size_t k = 0; k < sizeof words / sizeof words[0]; k++) {
		if (s->word_len > words[k].len || memcmp(s->word, words[k].word, s->word_len) != 0)
			continue;
		if (s->word_len < words[k].len)
			return EG_OK;
		if (words[k].next == N_STATES)
			break;
		s->state = words[k].next;
		s->run = 0;
		return EG_OK;
	}
	return refuse_bang(s, err);
}

static int
step_comment(struct cursor *c, struct eg_err *err)
{
	struct fmt_xscan *s = c->s;

	(void)err; /* "--" inside is for the parser to refuse */
	if (s->run == 0)
		c->i = find(c, '-');
	if (c->i == c->n)
		return EG_OK;
	const unsigned char b = c->p[c->i++];

	if (b == '>' && s->run >= 2)
		s->state = IN_TEXT;
	else
		s->run = b == '-' ? s->run + (s->run < 2) : 0;
	return EG_OK;
}

/* Brackets are text unless the last two of them stand before '>': so their place is kept until that is known. */
static void
brackets_are_text(struct fmt_xscan *s, unsigned n)
{
	const unsigned width = s->enc == FMT_UTF16LE || s->enc == FMT_UTF16BE ? 2 : 1;

	if (n == 0 || s->depth == 0)
		return;
	struct fmt_xscan_frame *f = &s->frames[s->depth - 1];

	if (!f->has_text) {
		f->text = s->run_pos;
		f->has_text = true;
	}
	f->text_end = s->run_pos.off + (uint64_t)n * width;
}

static int
step_cdata(struct cursor *c, struct eg_err *err)
{
	struct fmt_xscan *s = c->s;

	(void)err; /* any character may stand here */
	if (s->run == 0) {
		const size_t bracket = find(c, ']');

		note_text(c, c->i, bracket);
		c->i = bracket;
		if (bracket == c->n)
			return EG_OK;
		sync_to(c, bracket);
		s->run_pos = s->pos;
	}
	const unsigned char b = c->p[c->i];

	if (b == ']') {
		s->run++;
		c->i++;
	} else if (b == '>' && s->run >= 2) {
		brackets_are_text(s, s->run - 2);
		s->state = IN_TEXT;
		c->i++;
	} else {
		brackets_are_text(s, s->run);
		s->run = 0;
	}
	return EG_OK;
}

static int
step_pi(struct cursor *c, struct eg_err *err)
{
	struct fmt_xscan *s = c->s;

	(void)err; /* any character may stand here */
	if (s->run == 0)
		c->i = find(c, '?');
	if (c->i == c->n)
		return EG_OK;
	const unsigned char b = c->p[c->i++];

	if (b == '>' && s->run == 1)
		s->state = IN_TEXT;
	else
		s->run = b == '?';
	return EG_OK;
}

/* ---- the outside ---- */

void
fmt_xscan_init(struct fmt_xscan *s, enum fmt_enc enc, struct eg_pos start)
{
	*s = (struct fmt_xscan){ .enc = enc, .pos = start };
}

void
fmt_xscan_done(struct fmt_xscan *s)
{
	free(s->events);
	s->events = NULL;
	s->head = s->tail = s->cap = 0;
}

static void
drop_taken(struct fmt_xscan *s)
{
	if (s->head == 0)
		return;
	if (s->tail > s->head)
		memmove(s->events, s->events + s->head, (s->tail - s->head) * sizeof *s->events);
	s->tail -= s->head;
	s->head = 0;
}

static bool
in_tag(const struct fmt_xscan *s)
{
	return s->state >= AFTER_LT && s->state <= IN_END_TAG;
}

int
fmt_xscan_feed(struct fmt_xscan *s, struct eg_bytes text, size_t *ret_fit, struct eg_err *err)
{
	static int (*const steps[N_STATES])(struct cursor *, struct eg_err *) = {
		[IN_TEXT] = step_text,
		[AFTER_LT] = step_lt,
		[IN_START_TAG] = step_start_tag,
		[IN_DOUBLE_QUOTES] = step_quotes,
		[IN_SINGLE_QUOTES] = step_quotes,
		[IN_END_TAG] = step_end_tag,
		[AFTER_BANG] = step_bang,
		[IN_COMMENT] = step_comment,
		[IN_CDATA] = step_cdata,
		[IN_PI] = step_pi,
	};
	struct cursor c = { .s = s, .p = text.ptr, .n = text.len };
	int rc = EG_OK;

	drop_taken(s);
	while (rc == EG_OK && c.i < c.n && !c.stop)
		rc = steps[s->state](&c, err);
	if (rc == EG_OK) {
		sync_to(&c, c.i);
		if (in_tag(s) && s->pos.off - s->tag.off > EG_LIMIT_TAG_BYTES)
			rc = tag_too_long(s, err);
	}
	*ret_fit = rc == EG_OK ? c.i : c.markup;
	return rc;
}

const struct fmt_xscan_event *
fmt_xscan_take(struct fmt_xscan *s)
{
	return s->head < s->tail ? &s->events[s->head++] : NULL;
}

int
fmt_xscan_finish(const struct fmt_xscan *s, const char *open_name, struct eg_err *err)
{
	int rc;

	if (s->rooted && s->depth == 0 && s->state == IN_TEXT)
		return EG_OK;
	if (s->depth > 0)
		rc = eg_fail(err, EG_BADFILE, "F-03",
		    "The XML ends early: the element %s that begins in line %llu is not closed. Send the file again.",
		    open_name != NULL ? open_name : "", (unsigned long long)s->frames[s->depth - 1].begin.line);
	else if (s->rooted || s->state != IN_TEXT)
		rc = eg_fail(
		    err, EG_BADFILE, "F-03", "The XML ends early, inside of a tag or comment. Send the file again.");
	else
		rc = eg_fail(err, EG_BADFILE, "F-03", "The file holds no XML element. Send the file again.");
	eg_err_at(err, s->pos);
	return rc;
}
