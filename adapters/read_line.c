/* SPDX-License-Identifier: MIT
 *
 * Lines of a document, and the rules of both: values, skips, keys that come twice, running sums; each line goes to the sink at once.
 * Refuses the file with LIMIT-LINES and LIMIT-MEM.
 */
#include "adapters/read_int.h"

#include "base/limits.h"

static char
severity_of(enum adp_verb v)
{
	switch (v) {
	case AR_REJECT:
	case AR_REFUSE:
		return ADP_REJECT;
	case AR_WARN:
		return ADP_WARN;
	default:
		return ADP_NOTE;
	}
}

static int
rule_say(struct rd *r, const struct adp_rule *rule, struct eg_err *err)
{
	const struct rd_doc *d = &r->doc;
	bool line = r->on_line != rule->at_line_first;
	uint64_t first = d->first_line ? d->first_line_at : d->line;
	struct rd_fault f = { .severity = severity_of(rule->verb), .code = rule->code, .field = "" };
	const char *msg;

	f.kind = rule->verb == AR_SKIP ? RD_SKIP : RD_ANY;
	f.line = !line ? d->line : r->on_line ? r->place : first;
	f.pos = (struct eg_pos){ .line = f.line };
	if (f.line == d->line)
		f.pos.off = d->off;
	else if (f.line == r->place && r->env.cells != NULL)
		f.pos = rd_row_pos(r->env.cells);
	msg = adp_message(rule, &r->env);
	return rd_say(r, &f, err, "%s", msg == NULL ? "" : msg);
}

/* Evaluates rules; a silent skip comes first. *ret_bad: a reject among line rules, which is for the caller to weigh. */
int
rd_rules(struct rd *r, const struct adp_rule *rule, size_t n, bool *ret_silent, bool *ret_skip, bool *ret_bad,
    struct eg_err *err)
{
	struct rd_doc *d = &r->doc;

	for (size_t i = 0; i < n; i++)
		if (rule[i].verb == AR_SKIP && rule[i].code[0] == '\0' &&
		    (rule[i].when == NULL || adp_true(rule[i].when, &r->env) == 1)) {
			*ret_silent = true;
			return EG_OK;
		}
	for (size_t i = 0; i < n; i++) {
		bool silent = rule[i].code[0] == '\0';
		int rc;

		if ((rule[i].verb == AR_SKIP && silent) ||
		    (rule[i].when != NULL && adp_true(rule[i].when, &r->env) != 1))
			continue;
		*ret_skip |= rule[i].verb == AR_SKIP;
		*ret_bad |= rule[i].verb == AR_REJECT;
		d->archived |= rule[i].verb == AR_ARCHIVE;
		d->refused |= rule[i].verb == AR_REFUSE;
		rc = silent ? EG_OK : rule_say(r, &rule[i], err);
		if (rc != EG_OK)
			return rc;
	}
	return r->env.full ? rd_no_memory(r, err) : EG_OK;
}

int
rd_begin(struct rd *r, struct eg_err *err)
{
	int rc;

	if (r->doc.begun)
		return EG_OK;
	r->doc.begun = true;
	rc = r->sink->begin == NULL ? EG_OK : r->sink->begin(r->sink->ctx, &r->doc.head, eg_buf_view(&r->item), err);
	return rc < 0 ? rc : EG_OK;
}

/* 0 with *ret_known false when a part could not be read or all are blank. */
static uint64_t
line_key(const struct rd_kind *k, bool *ret_known)
{
	const struct rec_type *t = k->type;
	struct eg_buf b = EG_BUF_INIT;
	unsigned values = 0;
	uint64_t key;

	*ret_known = false;
	for (unsigned i = 0; i < t->nline_key; i++) {
		if (k->line[k->line_key[i]].state == RV_BAD)
			return 0;
		values += k->line[k->line_key[i]].state == RV_VALUE;
	}
	if (values == 0)
		return 0;
	*ret_known = true;
	if (t->nline_key == 1 && t->line[k->line_key[0]].type == RF_INT)
		return keyset_of_num(k->line[k->line_key[0]].v.num);
	for (unsigned i = 0; i < t->nline_key; i++) {
		struct eg_bytes v = k->line[k->line_key[i]].text;

		eg_buf_u64(&b, v.len);
		eg_buf_chr(&b, ':');
		eg_buf_add(&b, v);
	}
	key = keyset_of_bytes(eg_buf_view(&b));
	eg_buf_done(&b);
	return key;
}

static int
check_line_key(struct rd *r, const struct rd_kind *k, const struct fmt_row *row, bool *ret_bad, struct eg_err *err)
{
	bool known;
	uint64_t key = line_key(k, &known);
	struct rd_fault f = { .severity = ADP_REJECT,
		.code = "F-23",
		.line = r->place,
		.pos = rd_row_pos(row),
		.field = k->type->line_key[0] };

	if (!known || keyset_add(&r->lines, key))
		return EG_OK;
	*ret_bad = true;
	return rd_say(r, &f, err,
	    "Line %llu repeats a line of the same document: %s is already used. Remove or renumber one of the two and send the file again.",
	    (unsigned long long)r->place,
	    k->type->nline_key == 1 ? "its position" : "its sub job, cost code and cost type");
}

/* Makes the line's values and says what is wrong with them. *ret_out: the line is left out by a skip. */
static int
judge_line(
    struct rd *r, const struct rd_kind *k, const struct fmt_row *row, bool *ret_out, bool *ret_bad, struct eg_err *err)
{
	struct rd_mark mark = rd_notes_mark(r);
	const struct adp *a = k->a;
	bool silent = false, skip = false;
	int rc = rd_values(r, k, a->in.linefields, a->in.nlines, k->line, &silent, ret_bad, err);

	if (rc == EG_OK && !silent)
		rc = rd_rules(r, a->line_rules, a->nline_rules, &silent, &skip, ret_bad, err);
	if (rc != EG_OK)
		return rc;
	*ret_out = silent || skip;
	if (*ret_out)
		rd_notes_drop(r, mark, !silent);
	return *ret_out ? EG_OK : check_line_key(r, k, row, ret_bad, err);
}

static int
give_line(struct rd *r, const struct rd_kind *k, const struct fmt_row *row, struct eg_err *err)
{
	struct rec_prov at = { .line = (uint32_t)row->line, .off = row->off, .len = (uint32_t)row->len };
	struct rec line = { .type = k->type, .nlines = 1, .lines = k->line, .line_at = &at, .at = at };
	int rc;

	adp_agg_line(k->a, &r->env);
	if (r->env.full)
		return rd_no_memory(r, err);
	rc = rd_begin(r, err);
	if (rc == EG_OK && r->sink->line != NULL)
		rc = r->sink->line(r->sink->ctx, &line, err);
	return rc < 0 ? rc : EG_OK;
}

int
rd_take_line(struct rd *r, const struct fmt_row *row, const int *map, struct eg_err *err)
{
	struct rd_doc *d = &r->doc;
	const struct rd_kind *k = d->kind;
	bool out = false, bad = false;
	int rc;

	if (rd_left_alone(d))
		return EG_OK;
	eg_arena_reset(&r->line_arena);
	memset(k->line, 0, k->type->nline * sizeof(*k->line));
	r->place = row->line;
	if (!d->first_line) {
		d->first_line = true;
		d->first_line_at = row->line;
	}
	r->on_line = true;
	r->env.adp = k->a;
	r->env.rec = &d->head;
	r->env.line = k->line;
	r->env.cells = row;
	r->env.map = map;
	r->env.arena = &r->line_arena;
	r->env.nlines = d->nlines;
	rc = judge_line(r, k, row, &out, &bad, err);
	if (rc != EG_OK || out)
		return rc;
	if (bad && !k->a->in.all_or_nothing)
		return EG_OK;
	d->rejected |= bad;
	d->nlines++;
	r->env.nlines = d->nlines;
	if (d->nlines > EG_LIMIT_DOC_LINES)
		return rd_refuse(r, "LIMIT-LINES", rd_row_pos(row), "", err,
		    "The document that begins at line %llu has more than %u lines. Split it at the source and send the file again.",
		    (unsigned long long)d->line, EG_LIMIT_DOC_LINES);
	return give_line(r, k, row, err);
}

int
rd_line_row(struct rd *r, const struct fmt_row *row, struct eg_err *err)
{
	return r->doc.open ? rd_take_line(r, row, r->doc.kind->line_map, err) : EG_OK;
}
