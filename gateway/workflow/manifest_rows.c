/* SPDX-License-Identifier: MIT
 *
 * The rows of a returned sheet, through the worker: one decision per row that has one. A row that cannot be read (a word that is no decision, a date that
 * is none) is refused by itself and told; what refuses the file refuses the sheet. Tests: tests/unit/test_manifest.c.
 */
#include "base/limits.h"
#include "gateway/workflow/manifest.h"

#include <errno.h>
#include <unistd.h>

/* A full arena is told at the end of the row: a decision without one of its cells would be another decision. */
static const char *
cell(struct manifest_rows *r, const struct rec *rec, const char *name)
{
	const struct rec_val *v = rec_head(rec, name);

	return v->state == RV_VALUE ? eg_arena_cstr(&r->a, v->text) : "";
}

static bool
whole(const struct decide_row *d)
{
	return d->item != NULL && d->content != NULL && d->verdict != NULL && d->erp_id != NULL &&
	       d->transaction_date != NULL && d->accounting_date != NULL && d->description != NULL &&
	       d->comment != NULL;
}

static int
on_begin(void *ctx, const struct rec *rec, struct eg_bytes item, struct eg_err *err)
{
	struct manifest_rows *r = ctx;

	(void)item;
	if (rec->type->id == REC_ADOPTION)
		return eg_fail(err, EG_BADFILE, "F-01",
		    "this is an adoption list, which is not dropped but given by an administrator: erpgate adopt FILE --as NAME");
	if (rec->type->id != REC_DECISION)
		return eg_fail(err, EG_BADFILE, "F-01", "this is no approval sheet");
	if (r->n == EG_LIMIT_SHEET_ROWS)
		return eg_fail(err, EG_BADFILE, "LIMIT-SHEET", "the sheet has more than %u rows", EG_LIMIT_SHEET_ROWS);
	if (r->n == r->cap) {
		r->cap = r->cap == 0 ? 64 : r->cap * 2;
		r->row = eg_xrealloc(r->row, r->cap * sizeof(*r->row));
	}
	const char *sheet = cell(r, rec, "sheet.sheet");
	struct decide_row row = { .row = (unsigned)rec->at.line,
		.item = cell(r, rec, "sheet.item"),
		.content = cell(r, rec, "sheet.content"),
		.verdict = cell(r, rec, "sheet.verdict"),
		.erp_id = cell(r, rec, "sheet.erp_id"),
		.transaction_date = cell(r, rec, "sheet.transaction_date"),
		.accounting_date = cell(r, rec, "sheet.accounting_date"),
		.description = cell(r, rec, "sheet.description"),
		.comment = cell(r, rec, "sheet.comment") };
	if (sheet == NULL || !whole(&row))
		return eg_fail(err, EG_BADFILE, "LIMIT-MEM", "the sheet is too large for memory; return it in parts");
	if (r->sheet == NULL)
		r->sheet = sheet;
	r->mixed = r->mixed || strcmp(r->sheet, sheet) != 0;
	r->row[r->n++] = row;
	return EG_OK;
}

static void
broken(struct manifest_rows *r, const char *code, const char *msg, uint64_t line)
{
	r->broken = true;
	r->line = line;
	(void)snprintf(r->code, sizeof(r->code), "%s", code);
	(void)snprintf(r->msg, sizeof(r->msg), "%s", msg);
}

/* Findings of a row come between its begin and its end: the last row begun is the one. */
static int
bad_row(struct manifest_rows *r, const struct adp_finding *f, struct eg_err *err)
{
	struct manifest_bad_row bad = { f->line,
		r->n > 0 && r->row[r->n - 1].row == f->line ? r->row[r->n - 1].item : "",
		eg_arena_cstr(&r->a, eg_bytes_str(f->code)), eg_arena_cstr(&r->a, eg_bytes_str(f->msg)) };

	if (bad.code == NULL || bad.msg == NULL)
		return eg_fail(err, EG_BADFILE, "LIMIT-MEM", "the sheet is too large for memory; return it in parts");
	r->bad = eg_xrealloc(r->bad, (r->nbad + 1) * sizeof(*r->bad));
	r->bad[r->nbad++] = bad;
	return EG_OK;
}

static int
on_finding(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	struct manifest_rows *r = ctx;

	if (f->severity != ADP_REJECT)
		return EG_OK;
	if (!f->whole_file)
		return bad_row(r, f, err);
	if (!r->broken)
		broken(r, f->code, f->msg, f->line);
	return EG_OK;
}

static int
on_refused(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	(void)err;
	broken(ctx, f->code, f->msg, 1);
	return EG_OK;
}

static int
on_end(void *ctx, enum adp_verdict v, uint64_t off, uint64_t len, struct eg_err *err)
{
	struct manifest_rows *r = ctx;

	(void)off;
	(void)len;
	(void)err;
	if (v != ADP_TAKEN && r->n > 0)
		r->n--; /* a row without a decision, or one that could not be read */
	return EG_OK;
}

int
manifest_rows_read(struct manifest_in *in, int fd, struct manifest_rows *ret, struct eg_err *err)
{
	struct worker_sink sink = {
		.begin = on_begin, .end = on_end, .finding = on_finding, .refused = on_refused, .ctx = ret
	};
	int rc = EG_OK;

	/* As with drops: what may have been the machine's fault is tried once more, with another reader. */
	for (unsigned tries = 0; tries == 0 || (tries == 1 && rc < 0 && worker_again(err)); tries++) {
		if (tries > 0)
			manifest_rows_done(ret);
		*ret = (struct manifest_rows){ 0 };
		eg_arena_init(&ret->a, (size_t)1 << 28);
		if (lseek(fd, 0, SEEK_SET) < 0)
			return eg_fail_sys(err, EG_FATAL, "DISK-ERROR", errno, "cannot read %s again", in->m.name);
		rc = worker_read(in->site, fd, in->sheet.len, "approvals", in->m.name, &sink, err);
	}
	bool ours = rc < 0 && (worker_died(err) || worker_again(err));
	if (rc != EG_BADFILE && !ours)
		return rc;
	broken(ret, ours ? "F-03" : err->code, err->msg, 1);
	return EG_OK;
}

void
manifest_rows_done(struct manifest_rows *r)
{
	free(r->row);
	free(r->bad);
	eg_arena_done(&r->a);
}
