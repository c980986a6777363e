/* SPDX-License-Identifier: MIT
 *
 * What the reading engine says. Findings about a document wait for its end, because a later row can silence them (a row with the wrong
 * number of cells). More than EG_LIMIT_FINDINGS of one document are passed on at once: then memory matters more than that silence.
 */
#include "adapters/read_int.h"

#include "base/limits.h"
#include "base/utf8.h"

#define VALUE_MAX 200
#define SAID_MAX ((size_t)2 * EG_MSG_MAX)
#define ALSO_MAX 1000U /* findings of one document whose further cells are told as well: memory */

/* Column names and values come from the file: nothing in them may move a cursor or hide text where the sentence is read. */
static void EG_PRINTF(2, 0) sentence(char ret[SAID_MAX], const char *fmt, va_list ap)
{
	char raw[SAID_MAX];

	(void)vsnprintf(raw, sizeof(raw), fmt, ap);
	eg_utf8_shown_cut(eg_bytes_str(raw), ret, SAID_MAX);
}

static int
tell(struct rd *r, const struct adp_finding *f, struct eg_err *err)
{
	int rc = r->sink->finding(r->sink->ctx, f, err);

	return rc < 0 ? rc : EG_OK;
}

static int
refuse(struct rd *r, const char *code, struct eg_pos pos, const char *field, const char *msg, struct eg_err *err)
{
	struct adp_finding f = { .code = code,
		.severity = ADP_REJECT,
		.whole_file = true,
		.line = 1,
		.pos = pos,
		.field = field,
		.msg = msg };
	int rc = tell(r, &f, err);

	r->res->refused = true;
	return rc < 0 ? rc : EG_EOF;
}

int
rd_refuse(
    struct rd *r, const char *code, struct eg_pos pos, const char *field, struct eg_err *err, const char *fmt, ...)
{
	char msg[SAID_MAX];
	va_list ap;

	va_start(ap, fmt);
	sentence(msg, fmt, ap);
	va_end(ap);
	return refuse(r, code, pos, field, msg, err);
}

int
rd_refuse_err(struct rd *r, struct eg_err *err)
{
	char code[EG_CODE_MAX], msg[3 * EG_MSG_MAX], field[EG_FIELD_MAX], item[300];
	const bool broken = strcmp(err->code, "F-03") == 0 && r->res->adapter != NULL && r->res->rows > 0;

	if (err->cls != EG_BADFILE)
		return err->cls;
	memcpy(code, err->code, sizeof(code));
	/* An item's id has the line breaks of the values it is made of. */
	eg_utf8_shown_cut(eg_buf_view(&r->item), item, sizeof(item));
	if (broken) /* so that the sender can compare with what he sent */
		(void)snprintf(msg, sizeof(msg),
		    "%s%s Before it stand %llu whole %s; the last begins at line %llu%s%s. None of them was taken.",
		    err->msg, err->msg[0] != '\0' && err->msg[strlen(err->msg) - 1] == '.' ? "" : ".",
		    (unsigned long long)r->res->rows, r->res->adapter->in.type == AF_XML ? "records" : "rows",
		    (unsigned long long)r->place, *item != '\0' ? ", " : "", item);
	else
		(void)snprintf(msg, sizeof(msg), "%s", err->msg);
	memcpy(field, err->field, sizeof(field));
	return refuse(r, code, err->pos, field, msg, err);
}

int
rd_no_memory(struct rd *r, struct eg_err *err)
{
	struct eg_pos pos = { .line = r->place };

	return rd_refuse(r, "LIMIT-MEM", pos, "", err,
	    "The record at line %llu is larger than a record may be. Split it at the source and send the file again.",
	    (unsigned long long)r->place);
}

int
rd_tell_file(struct rd *r, char severity, bool whole, const char *code, struct eg_err *err, const char *fmt, ...)
{
	char msg[SAID_MAX];
	struct adp_finding f = { .code = code,
		.severity = severity,
		.whole_file = whole,
		.line = 1,
		.pos = { .line = 1 },
		.field = "",
		.msg = msg };
	va_list ap;

	va_start(ap, fmt);
	sentence(msg, fmt, ap);
	va_end(ap);
	return tell(r, &f, err);
}

/* ---- findings of the open document ---- */

/* Where the note of a code said here is kept; NULL: too many codes to tell apart. */
static struct rd_note **
said(struct rd_said *s, const char *code, bool *ret_first)
{
	*ret_first = false;
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->code[i], code) == 0)
			return &s->note[i];
	*ret_first = true;
	if (s->n == RD_SAID_MAX)
		return NULL;
	snprintf(s->code[s->n], EG_CODE_MAX, "%s", code);
	s->note[s->n] = NULL;
	return &s->note[s->n++];
}

/* Lines come in file order, so three places are enough: the document's row, its first line's, and the current one's. */
static struct rd_said *
said_at(struct rd *r, uint64_t line)
{
	if (line == r->doc.line)
		return &r->said_doc;
	if (r->doc.first_line && line == r->doc.first_line_at)
		return &r->said_first;
	if (r->said_line.line != line) {
		r->said_line.line = line;
		r->said_line.n = 0;
	}
	return &r->said_line;
}

static struct eg_bytes
cut_value(struct eg_bytes v)
{
	size_t n = v.len;

	if (n > VALUE_MAX) {
		n = VALUE_MAX;
		while (n > 0 && (v.ptr[n] & 0xc0) == 0x80)
			n--;
	}
	return eg_bytes_sub(v, 0, n);
}

static void
append(struct rd_notes *l, struct rd_note *n)
{
	n->next = NULL;
	if (l->last == NULL)
		l->first = n;
	else
		l->last->next = n;
	l->last = n;
	l->n++;
}

/* Another cell of the line that the finding is about. More than fits is left out: what is told is enough to begin with. */
static void
tell_too(struct rd *r, struct rd_note *n, const char *msg)
{
	const size_t old = strlen(n->f.msg), more = strlen(msg) + 1;
	char *both;

	if (r->notes.n > ALSO_MAX || old + 1 + more > ADP_SAID_MAX || strstr(n->f.msg, msg) != NULL)
		return;
	both = eg_arena_alloc(&r->notes.arena, old + 1 + more);
	if (both == NULL)
		return;
	memcpy(both, n->f.msg, old);
	both[old] = ' ';
	memcpy(both + old + 1, msg, more);
	n->f.msg = both;
}

int
rd_say(struct rd *r, const struct rd_fault *f, struct eg_err *err, const char *fmt, ...)
{
	char msg[SAID_MAX];
	struct adp_finding out = { .severity = f->severity,
		.line = f->line,
		.pos = f->pos,
		.item = eg_buf_view(&r->item),
		.value = cut_value(f->value),
		.msg = msg };
	struct eg_arena *a = &r->notes.arena;
	struct rd_note *note, **slot;
	bool first;
	va_list ap;

	slot = said(said_at(r, f->line), f->code, &first);
	if (!first && (!f->a_cell || *slot == NULL))
		return EG_OK;
	out.code = f->code;
	out.field = f->field;
	va_start(ap, fmt);
	sentence(msg, fmt, ap);
	va_end(ap);
	if (!first) {
		tell_too(r, *slot, msg);
		return EG_OK;
	}
	if (r->notes.n >= EG_LIMIT_FINDINGS) {
		int rc = rd_notes_tell(r, RD_ANY, err);

		return rc != EG_OK ? rc : tell(r, &out, err);
	}
	note = eg_arena_alloc(a, sizeof(*note));
	if (note == NULL)
		return rd_no_memory(r, err);
	*note = (struct rd_note){ .f = out, .kind = f->kind };
	note->f.code = eg_arena_cstr(a, eg_bytes_str(f->code));
	note->f.field = eg_arena_cstr(a, eg_bytes_str(f->field));
	note->f.msg = eg_arena_cstr(a, eg_bytes_str(msg));
	note->f.value = eg_arena_dup(a, out.value);
	if (note->f.code == NULL || note->f.field == NULL || note->f.msg == NULL || note->f.value.ptr == NULL)
		return rd_no_memory(r, err);
	append(&r->notes, note);
	if (slot != NULL)
		*slot = note;
	return EG_OK;
}

struct rd_mark
rd_notes_mark(const struct rd *r)
{
	return (struct rd_mark){ r->notes.last, r->said_doc.n, r->said_first.n, r->said_line.n, r->said_line.line };
}

void
rd_notes_drop(struct rd *r, struct rd_mark mark, bool keep_skip)
{
	struct rd_note *n = mark.last == NULL ? r->notes.first : mark.last->next;

	if (r->notes.n >= EG_LIMIT_FINDINGS)
		return;
	r->said_doc.n = mark.ndoc;
	r->said_first.n = mark.nfirst;
	r->said_line.n = r->said_line.line == mark.line ? mark.nline : 0;
	r->notes.last = mark.last;
	if (mark.last == NULL)
		r->notes.first = NULL;
	else
		mark.last->next = NULL;
	while (n != NULL) {
		struct rd_note *next = n->next, **slot = NULL;
		bool first = false;

		r->notes.n--;
		if (keep_skip && n->kind == RD_SKIP)
			slot = said(said_at(r, n->f.line), n->f.code, &first);
		if (first) {
			n->kind = RD_ANY;
			append(&r->notes, n);
			if (slot != NULL)
				*slot = n;
		}
		n = next;
	}
}

int
rd_notes_tell(struct rd *r, enum rd_kind_of_finding only, struct eg_err *err)
{
	int rc = EG_OK;

	for (struct rd_note *n = r->notes.first; n != NULL && rc == EG_OK; n = n->next) {
		if (only != RD_ANY && n->kind != only)
			continue;
		n->f.item = eg_buf_view(&r->item);
		rc = tell(r, &n->f, err);
	}
	r->notes.first = NULL;
	r->notes.last = NULL;
	return rc;
}

void
rd_notes_clear(struct rd *r)
{
	r->notes.first = NULL;
	r->notes.last = NULL;
	if (r->notes.n > 0)
		eg_arena_reset(&r->notes.arena);
	r->notes.n = 0;
	r->said_doc.n = 0;
	r->said_first.n = 0;
	r->said_line.line = 0;
	r->said_line.n = 0;
}
