/* SPDX-License-Identifier: MIT
 *
 * From a claimed drop to matched records: the worker's records put together into documents, findings, rejects. One transaction per drop: a
 * crash leaves it claimed, and it is read again with the same result. Tests: tests/scenario/.
 */
#include "gateway/intake.h"
#include "base/fs.h"
#include "base/limits.h"
#include "gateway/near.h"
#include "gateway/repair.h"
#include "gateway/report/why.h"
#include "gateway/reread.h"
#include "gateway/store/store_report.h"
#include "gateway/workflow/attempt.h"
#include "gateway/workflow/book.h"
#include "gateway/workflow/field_rules.h"
#include "gateway/workflow/unlink.h"

#include <jansson.h>

#define LOOKED_MAX 2000U

/* ---- reading ---- */

struct intake {
	struct site *site;
	struct drop_row drop;
	struct eg_arena doc; /* the open document */
	struct rec head;
	struct rec_val *line; /* values, line by line: the record is made over them without a copy */
	struct rec_prov *line_at;
	size_t nlines, cap;
	unsigned width; /* values of one line */
	struct place place;
	struct eg_buf file_name;
	bool file_open, file_refused, drop_refused, any_reject;
	const struct adp *adapter;
	struct book book;
	char code[EG_CODE_MAX]; /* of the open document: the first that refused it */
	uint64_t refused_at; /* where that stands */
	uint64_t last; /* and its last line, as far as anything was said of it */
	char claim[REJECT_ID_MAX]; /* and which refused one it says it corrects */
	bool short_row; /* of the open document: a row whose cells were not handed over */
	bool warn_damage;
	bool open_rejects; /* of this source, from earlier drops */
	uint64_t told; /* findings of the open file */
	struct near *lists; /* the site's, looked up for refused documents; NULL = not yet */
	size_t looked; /* how many lines of such documents */
	unsigned broken; /* of the open file: records that a rule of the site rejects */
	unsigned unasked; /* of the open file: rejected ones that were not asked for */
	unsigned records, rejected, refused_files;
	struct eg_err refusal; /* why the whole drop is refused */
	char *too_often; /* it is not read, because the program ended over it: why (F-71); NULL = it is read */
	struct rereading again; /* it is a sealed original read again */
	const struct reread_pick *pick; /* of the open document */
	bool passed; /* the open document is none of those that were asked for */
	int only_try; /* descriptor of the original of a rehearsal: nothing is written beside the store. -1 = a real drop */
	struct eg_buf member;
};

/* Where the one stands that counts, when it was taken out of the same file. */
static void
first_of_two(struct intake *in, const char *item, struct eg_buf *msg)
{
	struct eg_err ignored;
	struct eg_arena a;
	struct item it;

	eg_arena_init(&a, 1 << 18);
	if (item_find(in->site->store, item, &a, &it, &ignored) == EG_OK && it.file == in->place.file_id)
		eg_buf_printf(msg, " The first one begins at line %lld%s%s.", (long long)it.line,
		    it.amount != NULL ? " and amounts to " : "", it.amount != NULL ? it.amount : "");
	eg_arena_done(&a);
}

static int
add_finding(struct intake *in, const struct adp_finding *f, struct eg_err *err)
{
	char *item = eg_xdup(f->item), *msg = why_message(f);
	struct eg_buf value = EG_BUF_INIT, more = EG_BUF_INIT;
	struct finding row = { .run = in->site->run,
		.drop = in->drop.id,
		.source = in->drop.source,
		.file = in->place.file,
		.line = f->whole_file ? 1 : f->line,
		.off = f->pos.off,
		.col = f->pos.col,
		.code = f->code,
		.severity = f->severity,
		.item = item,
		.field = f->field };

	eg_buf_escaped(&value, f->value);
	row.value = eg_buf_cstr(&value);
	in->any_reject = in->any_reject || f->severity == ADP_REJECT;
	eg_buf_str(&more, msg);
	if (strcmp(f->code, "F-23") == 0 && *item != '\0')
		first_of_two(in, item, &more);
	int rc = f->severity == ADP_REJECT ? voided_steps(in->site, f->code, item, &more, err) : EG_OK;
	row.message = eg_buf_cstr(&more);
	if (rc == EG_OK)
		rc = store_finding_add(in->site->store, &row, err);
	eg_buf_done(&more);
	eg_buf_done(&value);
	free(msg);
	free(item);
	return rc;
}

static int
on_file_begin(void *ctx, const char *member, struct eg_err *err)
{
	struct intake *in = ctx;
	struct file_row row = {
		.drop = in->drop.id, .member = member, .sha256 = "", .adapter = "", .adapter_sha256 = ""
	};
	int rc = store_file_add(in->site->store, &row, &in->place.file_id, err);

	eg_buf_clear(&in->member);
	eg_buf_str(&in->member, member);
	eg_buf_clear(&in->file_name);
	eg_buf_str(&in->file_name, in->drop.name);
	if (*member != '\0') {
		eg_buf_chr(&in->file_name, '!');
		eg_buf_escaped(&in->file_name, eg_bytes_str(member));
	}
	in->place.file = eg_buf_cstr(&in->file_name);
	in->file_refused = false;
	in->broken = in->unasked = 0;
	in->told = 0;
	in->file_open = true;
	return rc == EG_OK ? store_mark(in->site->store, err) : rc;
}

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

static int
on_begin(void *ctx, const struct rec *head, struct eg_bytes item, struct eg_err *err)
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

static int
on_line(void *ctx, const struct rec *line, struct eg_err *err)
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

static int
on_end(void *ctx, enum adp_verdict v, uint64_t raw_off, uint64_t raw_len, struct eg_err *err)
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
			rc = match_record_fate(in->site, &in->place, &r, v, raw_off, raw_len, &fate, err);
		if (rc == EG_OK && fate == MF_UNCHANGED && in->pick != NULL && in->claim[0] != '\0')
			rc = try_again(in, &r, &fate, err);
	}
	if (rc == EG_OK && v == ADP_REJECTED)
		rc = look_further(in, &r, err);
	in->broken += broken;
	in->any_reject = in->any_reject || broken;
	if (rc == EG_OK)
		rc = note_repair(in, &r, broken || fate == MF_REJECTED, fate, raw_off, raw_len, err);
	return rc == EG_OK ? book_note(&in->book, in->site, in->place.file_id, &r, !in->short_row, fate, err) : rc;
}

/* What a refused file gave before its fault does not count. */
static int
void_file(struct intake *in, struct eg_err *err)
{
	int rc = store_undo(in->site->store, err);

	book_forget(&in->book);
	in->file_refused = true;
	return rc == EG_OK ? store_mark(in->site->store, err) : rc;
}

static bool
not_asked(const struct intake *in, uint64_t line)
{
	struct eg_buf member = in->member;
	bool all;
	const struct reread_pick *p = rereading_pick(&in->again, eg_buf_cstr(&member), line, &all);

	return !all && p == NULL;
}

static int
on_finding(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	struct intake *in = ctx;
	char drop[16];
	unsigned n;
	int rc = EG_OK;

	if (in->file_refused)
		return EG_OK; /* nothing else is told about a refused file */
	if (!f->whole_file && not_asked(in, f->line))
		return EG_OK;
	if (strcmp(f->code, "F-68") == 0 && reject_id_read(f->value, drop, &n)) {
		reject_id(drop, n, in->claim); /* whether it is true is for the end of the document */
		return EG_OK;
	}
	if (f->severity == ADP_REJECT && in->code[0] == '\0') {
		(void)snprintf(in->code, sizeof(in->code), "%s", f->code);
		in->refused_at = f->line;
	}
	in->last = f->line > in->last ? f->line : in->last;
	in->short_row = in->short_row || strcmp(f->code, "F-04") == 0;
	if (f->whole_file && f->severity == ADP_REJECT)
		rc = void_file(in, err);
	if (++in->told > EG_LIMIT_FINDINGS &&
	    !f->whole_file) { /* a small file can earn millions: the rest is counted */
		in->any_reject = in->any_reject || f->severity == ADP_REJECT;
		return rc;
	}
	return rc == EG_OK ? add_finding(in, f, err) : rc;
}

/* Behind the last finding that is listed: how many are not. */
static int
untold(struct intake *in, struct eg_err *err)
{
	if (in->told <= EG_LIMIT_FINDINGS)
		return EG_OK;
	char *msg = eg_xprintf(
	    "This file has %llu findings; the first %u are listed. Correct these where the file comes from and send it again: what is left is told then.",
	    (unsigned long long)in->told, EG_LIMIT_FINDINGS);
	struct adp_finding f = {
		.code = "LIMIT-FINDINGS", .severity = ADP_WARN, .whole_file = true, .line = 1, .field = "", .msg = msg
	};
	int rc = add_finding(in, &f, err);

	free(msg);
	return rc;
}

static int
on_file_end(void *ctx, const struct worker_file *f, struct eg_err *err)
{
	struct intake *in = ctx;
	struct site *s = in->site;
	struct file_row row = { .id = in->place.file_id,
		.sha256 = f->sha256,
		.adapter = f->adapter == NULL ? "" : adp_info(f->adapter)->name,
		.adapter_sha256 = f->adapter == NULL ? "" : adp_info(f->adapter)->sha256,
		.size = (int64_t)f->size,
		.rows = (int64_t)f->rows,
		.records = (int64_t)f->records,
		.rejected = (int64_t)(f->rejected + in->broken - in->unasked),
		.refused = f->refused || in->file_refused };
	bool late = false;
	int rc = EG_OK;

	if (!row.refused && f->adapter != NULL)
		rc = rereading_late_list(s, &in->again, adp_info(f->adapter)->record, &late, err);
	if (rc == EG_OK && !row.refused && f->adapter != NULL && !late && in->again.r.npicks == 0)
		rc = match_file_end(s, &in->place, f->adapter, err);
	if (rc == EG_OK)
		rc = book_flush(&in->book, s, in->place.file_id, err);
	if (rc == EG_OK)
		rc = store_keep(s->store, err);
	in->file_open = false;
	if (rc == EG_OK)
		rc = store_file_set(s->store, &row, err);
	if (rc == EG_OK)
		rc = untold(in, err);
	if (!row.refused) {
		in->records += (unsigned)f->records;
		in->rejected += (unsigned)f->rejected + in->broken - in->unasked;
		in->adapter = f->adapter;
	} else
		in->refused_files++;
	return rc;
}

static int
on_refused(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	struct intake *in = ctx;

	(void)err;
	in->drop_refused = true;
	eg_fail(&in->refusal, EG_BADFILE, f->code, "%s", f->msg);
	in->refusal.pos = f->pos;
	return EG_OK;
}

/* Everything the drop said is taken back and one finding put in its place. */
static int
refuse_drop(struct intake *in, struct eg_err *err)
{
	struct adp_finding f = { .code = in->refusal.code,
		.severity = ADP_REJECT,
		.whole_file = true,
		.line = 1,
		.pos = in->refusal.pos,
		.field = "",
		.msg = in->refusal.msg };

	in->records = in->rejected = 0;
	in->refused_files = 1;
	in->place.file = in->drop.name;
	return add_finding(in, &f, err);
}

static int
read_drop(struct intake *in, struct eg_err *err)
{
	struct worker_sink sink = { on_file_begin, on_begin, on_line, on_end, on_finding, on_file_end, on_refused, in };
	struct site *s = in->site;
	const char *family = conf_sub(&s->conf, "source", in->drop.source, "family");
	int own = -1, rc = in->only_try >= 0 ? EG_OK : spool_open_raw(&s->spool, in->drop.id, &own, err);

	if (family == NULL || *family == '\0')
		family = in->drop.source;
	if (rc == EG_OK)
		rc = worker_read(rereading_site(s, &in->again), own >= 0 ? own : in->only_try, (uint64_t)in->drop.size,
		    family, in->drop.name, &sink, err);
	eg_fd_done(&own);
	return rc;
}

/* Takes back everything that the drop said, as if it had not been read. */
static int
unread(struct intake *in, struct eg_err *err)
{
	struct store *st = in->site->store;
	int rc = in->file_open ? store_undo(st, err) : EG_OK;

	if (rc == EG_OK)
		rc = store_undo(st, err);
	book_forget(&in->book);
	in->file_open = in->file_refused = in->drop_refused = in->any_reject = false;
	in->records = in->rejected = in->refused_files = 0;
	in->adapter = NULL;
	return rc;
}

/* A worker that died, or broke a limit, is a refused drop and never a loop: what may have been the machine's fault is tried once more, with another worker, and
 * then refused for good. */
static int
read_or_refuse(struct intake *in, struct eg_err *err)
{
	int rc = read_drop(in, err);

	if (rc < 0 && worker_again(err)) {
		rc = unread(in, err);
		if (rc == EG_OK)
			rc = store_mark(in->site->store, err);
		if (rc == EG_OK)
			rc = read_drop(in, err);
	}
	if (rc == EG_BADFILE || (rc < 0 && worker_again(err))) {
		bool ours = worker_died(err) || rc != EG_BADFILE;

		in->drop_refused = true;
		in->refusal = *err;
		if (rc != EG_BADFILE)
			eg_fail(&in->refusal, EG_BADFILE, "F-03",
			    "Reading this file takes more memory than a reader may have (%llu MiB); it was tried twice. Keep the file and tell support.",
			    (unsigned long long)EG_LIMIT_WORKER_MEM >> 20);
		else if (ours)
			eg_fail(&in->refusal, EG_BADFILE, "F-03", "%s", err->msg);
		rc = EG_OK;
	}
	return rc;
}

/* ---- the journal's side of a read drop ---- */

static const char *
verdict_of(const struct intake *in)
{
	if (in->drop_refused || (in->refused_files > 0 && in->records == 0))
		return "refused";
	return in->any_reject ? "partial" : "accepted";
}

static int
write_rejects(struct intake *in, struct eg_err *err)
{
	struct eg_buf why = EG_BUF_INIT;
	int rc = why_text(in->site, in->drop.id, strcmp(verdict_of(in), "refused") == 0, "", &why, err);

	if (rc == EG_OK)
		rc = spool_reject(&in->site->spool, in->drop.id, in->drop.name, eg_buf_view(&why), EG_NONE, err);
	eg_buf_done(&why);
	return rc;
}

static int
close_drop(struct intake *in, struct eg_err *err)
{
	struct site *s = in->site;
	const char *verdict = verdict_of(in);
	struct eg_buf identity = EG_BUF_INIT;
	/* Of F-71 the log says the code: from the bytes alone it could not be told. */
	json_t *j = json_pack("{s:s,s:i,s:i,s:s*}", "verdict", verdict, "records", (int)in->records, "rejected",
	    (int)in->rejected, "code", in->too_often != NULL ? in->refusal.code : NULL);
	char *detail = json_dumps(j, JSON_COMPACT);
	int rc;

	intake_identity(in->adapter, in->drop.name, in->drop.sha256, &identity);
	rc = store_drop_identity(s->store, in->drop.id, eg_buf_cstr(&identity), err);
	if (rc == EG_OK)
		rc = came_in_run(s->store, in->drop.id, s->run, err);
	if (rc == EG_OK)
		rc = store_drop_set(s->store, in->drop.id, "read", verdict, NULL, err);
	if (rc == EG_OK)
		rc = store_run_count(s->store, s->run, 1, in->records, in->rejected, err);
	if (rc == EG_OK)
		rc = site_log(s, strcmp(verdict, "refused") == 0 ? "refused" : "converted", in->drop.id, detail, err);
	if (rc == EG_OK)
		rc = repair_log(s, in->drop.id, err);
	free(detail);
	json_decref(j);
	eg_buf_done(&identity);
	return rc;
}

static int
drop_transaction(struct intake *in, struct eg_err *err)
{
	struct store *st = in->site->store;
	int rc = store_mark(st, err);

	if (rc == EG_OK && in->too_often != NULL) {
		in->drop_refused = true;
		eg_fail(&in->refusal, EG_BADFILE, "F-71", "%s", in->too_often);
	} else if (rc == EG_OK)
		rc = read_or_refuse(in, err);
	if (rc == EG_OK && in->drop_refused) {
		rc = unread(in, err);
		in->drop_refused = true;
		if (rc == EG_OK)
			rc = refuse_drop(in, err);
	} else if (rc == EG_OK)
		rc = store_keep(st, err);
	if (rc == EG_OK && in->any_reject && in->only_try < 0)
		rc = write_rejects(in, err);
	return rc == EG_OK ? close_drop(in, err) : rc;
}

static void
said_of(const struct intake *in, struct intake_said *ret)
{
	*ret = (struct intake_said){ .records = in->records,
		.rejected = in->rejected,
		.refused_files = in->refused_files,
		.verdict = verdict_of(in) };
	(void)snprintf(ret->drop, sizeof(ret->drop), "%s", in->drop.id);
	ret->source = eg_xstrdup(in->drop.source);
	ret->name = eg_xstrdup(in->drop.name);
}

void
intake_tell(struct intake_said *d, const struct cycle_watch *w, struct cycle_result *ret)
{
	ret->records += d->records;
	ret->rejected += d->rejected;
	ret->refused_files += d->refused_files;
	if (w != NULL && w->drop != NULL)
		w->drop(w->ctx, d->drop, d->source, d->name, d->verdict, d->records, d->rejected);
}

void
intake_said_done(struct intake_said *d)
{
	free(d->source);
	free(d->name);
	*d = (struct intake_said){ 0 };
}

/* Everything but the transaction. */
static int
take(struct intake *in, const char *drop, struct eg_arena *a, struct eg_err *err)
{
	struct site *s = in->site;
	unsigned open = 0, drops = 0;
	int rc = store_drop_get(s->store, drop, a, &in->drop, err);

	if (rc == EG_EOF)
		rc = eg_fail(err, EG_FATAL, "DB-CORRUPT", "the claimed drop %s is not in the database any more", drop);
	if (rc == EG_OK)
		rc = rereading_open(s, drop, &in->again, err);
	if (rc == EG_OK)
		rc = reject_count(s->store, in->drop.source, &open, &drops, err);
	in->open_rejects = open > 0;
	in->warn_damage = conf_bool(&s->conf, "damage.warn");
	if (rc == EG_OK) {
		in->place = (struct place){ .drop = in->drop.id, .source = in->drop.source, .file = in->drop.name };
		rc = drop_transaction(in, err);
	}
	return rc;
}

static void
intake_open(struct intake *in, struct site *s, int only_try)
{
	*in = (struct intake){ .site = s, .file_name = EG_BUF_INIT, .member = EG_BUF_INIT, .only_try = only_try };
	eg_arena_init(&in->doc, 2 * EG_LIMIT_DOC_MEM);
	book_open(&in->book);
}

static void
intake_close(struct intake *in)
{
	rereading_done(in->site, &in->again);
	near_close(in->lists);
	book_close(&in->book);
	free(in->line);
	free(in->line_at);
	free(in->too_often);
	eg_buf_done(&in->file_name);
	eg_buf_done(&in->member);
	eg_arena_done(&in->doc);
}

int
intake_drop_in(struct site *s, const char *drop, struct intake_said *ret, struct eg_err *err)
{
	struct intake in;
	struct eg_arena a;
	int rc;

	intake_open(&in, s, -1);
	eg_arena_init(&a, 1 << 16);
	rc = attempt_begin(s, drop, &in.too_often, err);
	if (rc == EG_OK)
		rc = take(&in, drop, &a, err);
	if (rc == EG_OK)
		said_of(&in, ret);
	attempt_end(rc);
	intake_close(&in);
	eg_arena_done(&a);
	return rc;
}

int
intake_try(struct site *s, const char *drop, int fd, struct cycle_result *ret, struct eg_err *err)
{
	struct intake_said said = { 0 };
	struct intake in;
	struct eg_arena a;
	int rc;

	intake_open(&in, s, fd);
	eg_arena_init(&a, 1 << 16);
	rc = take(&in, drop, &a, err);
	if (rc == EG_OK) {
		said_of(&in, &said);
		intake_tell(&said, NULL, ret);
		intake_said_done(&said);
	}
	intake_close(&in);
	eg_arena_done(&a);
	return rc;
}

int
intake_drop(struct site *s, const char *drop, const struct cycle_watch *w, struct cycle_result *ret, struct eg_err *err)
{
	struct intake_said said = { 0 };
	int rc = store_begin(s->store, err);

	if (rc == EG_OK)
		rc = intake_drop_in(s, drop, &said, err);
	if (rc == EG_OK)
		rc = store_commit(s->store, err);
	if (rc < 0)
		store_rollback(s->store);
	if (rc == EG_OK)
		intake_tell(&said, w, ret);
	intake_said_done(&said);
	return rc;
}
