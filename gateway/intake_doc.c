/* SPDX-License-Identifier: MIT
 *
 * One document of a drop, from its first row to what became of it: the worker's records put together, the site's rules for fields, the matching, its number among the refused.
 * Refuses a document of more lines or text than memory is given to one (EG_BADFILE "LIMIT-MEM"); fails as the store does. Tests: tests/scenario/.
 */
#include "gateway/intake_int.h"

#include "base/limits.h"
#include "gateway/near.h"
#include "gateway/repair.h"
#include "gateway/workflow/field_rules.h"

#define LOOKED_MAX 2000U

/* ---- putting together ---- */

static int
keep_val(
    struct intake *in, const struct rec_field *f, const struct rec_val *from, struct rec_val *to, struct eg_err *err)
{
	*to = *from;
	to->text = eg_arena_dup(&in->doc, from->text);
	if (to->text.ptr == NULL)
		return eg_fail(
		    err, EG_BADFILE, "LIMIT-MEM", "one document is too large for memory (field %s); split it", f->name);
	return EG_OK;
}

/* Of an original that is read again, perhaps only some documents are asked for. */
static void
pick_document(struct intake *in, uint64_t line)
{
	bool all;

	in->pick = rereading_pick(&in->again, eg_buf_cstr(&in->member), line, &all);
	in->passed = !all && in->pick == NULL;
	if (in->pick != NULL)
		(void)snprintf(in->claim, sizeof(in->claim), "%s", in->pick->claim);
}

int
intake_doc_begin(void *ctx, const struct rec *head, struct eg_bytes item, struct eg_err *err)
{
	struct intake *in = ctx;
	int rc;

	(void)item; /* matching makes it again from the record */
	eg_arena_reset(&in->doc);
	rc = rec_new(&in->doc, head->type, 0, &in->head, err);
	in->head.at = head->at;
	in->code[0] = in->claim[0] = '\0';
	in->last = head->at.line;
	pick_document(in, head->at.line);
	for (unsigned i = 0; rc == EG_OK && i < head->type->nhead; i++)
		rc = keep_val(in, &head->type->head[i], &head->head[i], &in->head.head[i], err);
	in->nlines = 0;
	in->short_row = false;
	return rc;
}

int
intake_doc_line(void *ctx, const struct rec *line, struct eg_err *err)
{
	struct intake *in = ctx;
	unsigned n = line->type->nline;
	int rc = EG_OK;

	if (in->doc.used + (in->nlines + 1) * n * sizeof(*in->line) > EG_LIMIT_DOC_MEM)
		return eg_fail(err, EG_BADFILE, "LIMIT-MEM",
		    "The document that begins at line %u has more lines than one may have (over %zu). Split it at the source and send the file again.",
		    in->head.at.line, in->nlines);
	if (in->nlines == in->cap || in->width != n) { /* a document's lines are of one type */
		in->cap = in->nlines < 64 ? 64 : in->nlines + in->nlines / 2;
		in->width = n;
		in->line = eg_xrealloc(in->line, in->cap * n * sizeof(*in->line));
		in->line_at = eg_xrealloc(in->line_at, in->cap * sizeof(*in->line_at));
	}
	struct rec_val *vals = &in->line[in->nlines * n];
	for (unsigned i = 0; rc == EG_OK && i < n; i++)
		rc = keep_val(in, &line->type->line[i], &line->lines[i], &vals[i], err);
	if (rc < 0)
		return rc;
	in->last = line->line_at[0].line > in->last ? line->line_at[0].line : in->last;
	in->line_at[in->nlines++] = line->line_at[0];
	return EG_OK;
}

/* The whole document as one record, lines as they came. */
static int
whole_record(struct intake *in, struct rec *ret, struct eg_err *err)
{
	const struct rec_type *t = in->head.type;
	int rc = rec_new(&in->doc, t, 0, ret, err);

	if (rc < 0)
		return rc;
	ret->at = in->head.at;
	memcpy(ret->head, in->head.head, t->nhead * sizeof(*ret->head));
	ret->nlines = in->nlines;
	ret->lines = in->line;
	ret->line_at = in->line_at;
	return EG_OK;
}

/* ---- refused ones ---- */

/* "" for records that make no item. */
static void
item_of(const struct rec *r, struct eg_buf *ret)
{
	const enum rec_class cls = r->type->cls;

	if ((cls != RC_TO_ERP && cls != RC_FROM_ERP && cls != RC_AUTOMATIC) || !rec_item_id(r, ret))
		eg_buf_clear(ret);
}

/* Its number among the refused, and what it corrects of earlier ones. */
static int
note_repair(struct intake *in, const struct rec *r, bool refused, enum match_fate fate, uint64_t off, uint64_t len,
    struct eg_err *err)
{
	struct eg_buf item = EG_BUF_INIT;
	struct repair_doc d = { .at = &in->place,
		.line = r->at.line,
		.last = in->last,
		.off = off,
		.len = len,
		.code = in->code,
		.unchanged = fate == MF_UNCHANGED,
		.claim = in->claim };
	int rc = EG_OK;

	if (!refused && *d.code == '\0' && *d.claim == '\0' && !in->open_rejects && !in->warn_damage)
		return EG_OK; /* as nearly every record of every day */
	item_of(r, &item);
	d.item = eg_buf_cstr(&item);
	if (fate == MF_TAKEN && in->warn_damage)
		rc = repair_warn(in->site, &in->place, r, d.item, err);
	if (rc == EG_OK && refused &&
	    *d.code == '\0') { /* not the reader's doing: a rule of the site, or the item has left */
		rc = reject_code_at(in->site->store, in->drop.id, d.line, d.item, &in->doc, &d.code, err);
		d.code = rc == EG_OK ? d.code : "F-64";
	}
	if (rc >= EG_OK)
		rc = *d.code != '\0' || in->claim[0] != '\0' || in->open_rejects ? repair_note(in->site, &d, err) :
		                                                                   EG_OK;
	eg_buf_done(&item);
	return rc;
}

/* What else of a document that its reader refused looks damaged. The lists are gone through for each code: not for more than LOOKED_MAX lines of a drop, and then by the look
 * of the value alone. Of one whose cells are not where the header says, or that stands there twice, nothing else is told. */
static int
look_further(struct intake *in, const struct rec *r, struct eg_err *err)
{
	struct eg_buf item = EG_BUF_INIT;
	struct repair_also also = { .s = in->site, .at = &in->place, .line = in->refused_at };
	int rc;

	if (in->short_row || *in->code == '\0' || strcmp(in->code, "F-23") == 0 || in->told > EG_LIMIT_FINDINGS)
		return EG_OK;
	if (in->lists == NULL)
		in->lists = near_open(in->site);
	in->looked += r->nlines + 1;
	item_of(r, &item);
	also.item = eg_buf_cstr(&item);
	also.lists = in->looked <= LOOKED_MAX ? in->lists : NULL;
	rc = repair_also(&also, r, err);
	eg_buf_done(&item);
	return rc;
}

struct last_word {
	const char *content;
	bool person; /* the last decision about this content rejected it */
};

static int
last_word(void *ctx, const struct decision *d, struct eg_err *err)
{
	struct last_word *l = ctx;

	(void)err;
	if (strcmp(d->result, "applied") == 0 && strcmp(d->content, l->content) == 0)
		l->person = strcmp(d->verdict, "reject") == 0;
	return EG_OK;
}

/* A refused document that is tried again with the content it had: if a rule refused it, the rules look at it anew. What a person rejected stays so. */
static int
try_again(struct intake *in, const struct rec *r, enum match_fate *fate, struct eg_err *err)
{
	struct eg_buf iid = EG_BUF_INIT;
	struct eg_arena a;
	struct item it = { .content = "" };
	int rc = EG_EOF;

	eg_arena_init(&a, EG_LIMIT_FRAME_BYTES);
	if (rec_item_id(r, &iid))
		rc = item_find(in->site->store, eg_buf_cstr(&iid), &a, &it, err);
	struct last_word word = { .content = it.content };
	if (rc == EG_OK && it.state == ST_REJECTED)
		rc = decision_each(in->site->store, NULL, it.id, last_word, &word, err);
	if (rc == EG_OK && it.state == ST_REJECTED && !word.person) {
		rc = act_resend(in->site, &it, err);
		*fate = MF_TAKEN;
	}
	eg_arena_done(&a);
	eg_buf_done(&iid);
	return rc == EG_EOF ? EG_OK : rc;
}

/* ---- its end ---- */

static int
match_doc(struct intake *in, const struct rec *r, enum adp_verdict v, uint64_t off, uint64_t len, enum match_fate *fate,
    struct eg_err *err)
{
	int rc = match_record_fate(in->site, &in->place, r, v, off, len, fate, err);

	if (rc == EG_OK && *fate == MF_UNCHANGED && in->pick != NULL && in->claim[0] != '\0')
		rc = try_again(in, r, fate, err);
	return rc;
}

int
intake_doc_end(void *ctx, enum adp_verdict v, uint64_t raw_off, uint64_t raw_len, struct eg_err *err)
{
	struct intake *in = ctx;
	enum match_fate fate = v == ADP_SKIPPED ? MF_PASSED : MF_REJECTED;
	bool broken = false, late = false;
	struct rec r;
	int rc;

	if (in->file_refused)
		return EG_OK;
	rc = whole_record(in, &r, err);
	if (rc == EG_OK && v != ADP_REJECTED && !in->passed)
		rc = rereading_late(in->site, &in->again, &in->place, &r, &late, err);
	if (rc == EG_OK && (in->passed || late)) {
		in->claim[0] = '\0';
		in->unasked += v == ADP_REJECTED;
		return book_note(&in->book, in->site, in->place.file_id, &r, !in->short_row, MF_PASSED, err);
	}
	if (rc == EG_OK && v != ADP_REJECTED && v != ADP_SKIPPED) {
		rc = rec_sort_lines(&in->doc, &r, err);
		if (rc == EG_OK)
			rc = field_rules_take(in->site, &in->place, &r, &broken, err);
		if (rc == EG_OK && !broken)
			rc = match_doc(in, &r, v, raw_off, raw_len, &fate, err);
	}
	if (rc == EG_OK && v == ADP_REJECTED)
		rc = look_further(in, &r, err);
	in->broken += broken;
	in->any_reject = in->any_reject || broken;
	if (rc == EG_OK)
		rc = note_repair(in, &r, broken || fate == MF_REJECTED, fate, raw_off, raw_len, err);
	return rc == EG_OK ? book_note(&in->book, in->site, in->place.file_id, &r, !in->short_row, fate, err) : rc;
}
