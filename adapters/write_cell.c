/* SPDX-License-Identifier: MIT
 *
 * Cells of outbound rows: source, steps, and what the target cannot hold made fit, with every change told. The place of what is told is that
 * of the record in its source file, or of the line when the column can differ from line to line.
 */
#include "adapters/write_int.h"

#include "base/utf8.h"

#define DOC_MAX ((size_t)64 << 20) /* order of the lines of one record */
#define VALUE_MAX 200

int
wr_no_memory(struct eg_err *err)
{
	return eg_fail(err, EG_BADREC, "LIMIT-MEM", "A record is larger than one that can be written.");
}

void
wr_init(struct wr *w, const struct adp_set *s, const struct adp_out_sink *sink)
{
	*w = (struct wr){ .sink = sink };
	w->env = (struct adp_env){ .set = s, .arena = &w->row_arena, .problem = &w->problem };
	eg_arena_init(&w->row_arena, WR_ROW_MAX);
	eg_arena_init(&w->doc_arena, DOC_MAX);
}

void
wr_done(struct wr *w)
{
	eg_arena_done(&w->row_arena);
	eg_arena_done(&w->doc_arena);
	eg_buf_done(&w->item);
}

void
wr_line(struct wr *w, size_t line)
{
	const struct rec *r = w->env.rec;

	w->on_line = line != SIZE_MAX;
	w->line = line;
	w->env.line = w->on_line ? &r->lines[line * r->type->nline] : NULL;
}

int
wr_record(struct wr *w, const struct adp *a, const struct rec *const *records, size_t index, struct eg_err *err)
{
	const struct rec *r = records[index];

	w->a = a;
	w->records = records;
	w->record = index;
	w->env.adp = a;
	w->env.rec = r;
	w->env.nlines = r->nlines;
	eg_arena_reset(&w->row_arena);
	eg_arena_reset(&w->doc_arena);
	eg_buf_clear(&w->item);
	(void)rec_item_id(r, &w->item);
	wr_line(w, SIZE_MAX);
	adp_agg_begin(a, &w->env);
	for (size_t i = 0; i < r->nlines && a->nagg > 0; i++) {
		wr_line(w, i);
		adp_agg_line(a, &w->env);
	}
	wr_line(w, SIZE_MAX);
	return w->env.full ? wr_no_memory(err) : EG_OK;
}

/* ---- cells ---- */

static bool
is_plain(const struct adp_out *o, struct eg_bytes v)
{
	for (size_t i = 0; i < v.len; i++)
		if (v.ptr[i] < 0x20 || v.ptr[i] >= 0x7f || v.ptr[i] == '\'')
			return false;
	return o->clean.len == 0;
}

static bool
removed(const struct adp_out *o, uint32_t cp)
{
	for (size_t pos = 0; pos < o->clean.len;)
		if (eg_utf8_next(o->clean, &pos) == cp)
			return true;
	return false;
}

static int
fit(struct wr *w, struct eg_bytes *v, struct eg_err *err)
{
	const struct adp_out *o = &w->a->o;
	struct eg_buf kept = EG_BUF_INIT, fitted = EG_BUF_INIT;
	unsigned did;

	if (is_plain(o, *v))
		return EG_OK;
	for (size_t pos = 0; pos < v->len;) {
		uint32_t cp = eg_utf8_next(*v, &pos);

		if (!removed(o, cp))
			eg_utf8_put(&kept, cp);
	}
	did = fmt_fit(eg_buf_view(&kept), o->ascii_fit, o->clean_apostrophe, o->breaks, &fitted);
	if ((did & FMT_CHANGED_CHARS) != 0 || kept.len != v->len)
		w->env.changed |= ADP_DID_FIT_CHARS;
	if ((did & FMT_CHANGED_BREAKS) != 0)
		w->env.changed |= ADP_DID_FIT_BREAKS;
	*v = eg_arena_dup(&w->row_arena, eg_buf_view(&fitted));
	eg_buf_done(&kept);
	eg_buf_done(&fitted);
	return v->ptr == NULL ? wr_no_memory(err) : EG_OK;
}

int
wr_cell(struct wr *w, const struct adp_entry *e, struct adp_val source, struct eg_bytes *ret, struct eg_err *err)
{
	struct adp_val v = source;
	struct eg_bytes text = EG_NONE;
	int rc = adp_steps_run(e, &w->env, &v);

	if (w->env.full)
		return wr_no_memory(err);
	if (rc != EG_OK)
		return eg_fail(err, EG_BADREC, w->problem.code, "%s", w->problem.msg);
	if (v.kind == AV_TEXT)
		text = v.text;
	else if (v.kind != AV_BLANK && v.kind != AV_UNKNOWN)
		text = adp_val_text(&v, &w->env);
	rc = fit(w, &text, err);
	if (rc == EG_OK)
		*ret = text;
	return rc;
}

/* ---- findings ---- */

int
wr_say(struct wr *w, char severity, const char *code, bool at_line, const char *field, struct eg_bytes value,
    const char *msg, struct eg_err *err)
{
	const struct rec *r = w->env.rec;
	char shown[2 * EG_MSG_MAX]; /* values stand in the sentence: nothing in them may move a cursor */
	struct rec_prov at = at_line && w->on_line ? r->line_at[w->line] : r->at;
	struct adp_finding f = { .code = code,
		.severity = severity,
		.line = at.line,
		.pos = { .off = at.off, .line = at.line },
		.field = field,
		.msg = shown };
	size_t n = value.len;
	int rc;

	if (n > VALUE_MAX) {
		n = VALUE_MAX;
		while (n > 0 && (value.ptr[n] & 0xc0) == 0x80)
			n--;
	}
	eg_utf8_shown_cut(eg_bytes_str(msg), shown, sizeof(shown));
	f.value = eg_bytes_sub(value, 0, n);
	f.item = eg_buf_view(&w->item);
	rc = w->sink->finding(w->sink->ctx, w->record, &f, err);
	return rc < 0 ? rc : EG_OK;
}

/* A first line can stand in the record's own row: then it is the same place. */
static bool
first_cut(struct wr *w, bool at_line)
{
	const struct rec *r = w->env.rec;
	struct wr_said *s = &w->said[w->record];
	bool told;

	if (at_line && r->line_at[w->line].line == r->at.line && r->line_at[w->line].src == r->at.src)
		at_line = false;
	if (!at_line) {
		told = (s->told & WR_CUT) != 0;
		s->told |= WR_CUT;
		return !told;
	}
	if (s->cut == NULL)
		s->cut = eg_xalloc(r->nlines);
	told = s->cut[w->line] != 0;
	s->cut[w->line] = 1;
	return !told;
}

static bool
first_told(struct wr *w, enum wr_told what)
{
	bool told = (w->said[w->record].told & what) != 0;

	w->said[w->record].told |= what;
	return !told;
}

int
wr_say_changes(struct wr *w, const struct adp_entry *e, struct eg_bytes value, struct eg_err *err)
{
	struct eg_bytes shown = e->masked ? EG_NONE : value;
	bool at_line = e->uses_line && w->on_line;
	char msg[EG_MSG_MAX];
	int rc = EG_OK;

	if ((w->env.changed & ADP_DID_CUT) != 0 && first_cut(w, at_line)) {
		snprintf(msg, sizeof(msg),
		    "%s was longer than the target takes and was cut. Shorten it at the source if the rest matters.",
		    e->target);
		rc = wr_say(w, ADP_WARN, "F-40", at_line, e->target, shown, msg, err);
	}
	if (rc == EG_OK && (w->env.changed & ADP_DID_FIT_CHARS) != 0 && first_told(w, WR_CHARS)) {
		snprintf(msg, sizeof(msg),
		    "%s held characters that the target cannot take; they were removed or replaced. Check that it still reads well.",
		    e->target);
		rc = wr_say(w, ADP_WARN, "F-41", false, e->target, shown, msg, err);
	}
	if (rc == EG_OK && (w->env.changed & ADP_DID_FIT_BREAKS) != 0 && first_told(w, WR_BREAKS)) {
		snprintf(msg, sizeof(msg),
		    "%s held line breaks or tabs; each became one blank. Nothing needs to be done.", e->target);
		rc = wr_say(w, ADP_WARN, "F-42", false, e->target, shown, msg, err);
	}
	return rc;
}

int
wr_say_rule(struct wr *w, const struct adp_rule *rule, struct eg_err *err)
{
	char severity = rule->verb == AR_REJECT || rule->verb == AR_REFUSE ? ADP_REJECT :
	                rule->verb == AR_WARN                              ? ADP_WARN :
	                                                                     ADP_NOTE;
	const char *msg;

	if (rule->code[0] == '\0')
		return EG_OK;
	msg = adp_message(rule, &w->env);
	return wr_say(w, severity, rule->code, w->on_line, "", EG_NONE, msg == NULL ? "" : msg, err);
}
