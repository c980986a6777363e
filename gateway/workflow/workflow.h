/* SPDX-License-Identifier: MIT
 *
 * What happens to items: matching, reference rules, decisions, batches, answers. Everything runs inside a store transaction of the caller unless a
 * function says otherwise. Messages are for accountants; codes are those of layouts (E-nn, F-nn).
 */
#ifndef GATEWAY_WORKFLOW_WORKFLOW_H
#define GATEWAY_WORKFLOW_WORKFLOW_H

#include "gateway/site.h"
#include "gateway/worker/worker.h"

/* ---- intake: match.c, link.c, codes.c, answer.c ---- */

struct place { /* where a record stands, for findings */
	const char *drop, *source, *file; /* file = dropped name, "!member" behind it for zips */
	int64_t file_id;
};
/* A good (or refused, archived) record of a drop: item records become items or revisions, reference rows are stored, answers are put aside for answers_apply.
 * raw_off/raw_len: the document's bytes in the file. Refusals of the match itself (E-46, E-63 …) become findings. */
int match_record(struct site *s, const struct place *at, const struct rec *r, enum adp_verdict verdict,
    uint64_t raw_off, uint64_t raw_len, struct eg_err *err) EG_MUSTCHECK;
/* What became of one record when it came: the words of the book (gateway/workflow/book.h). */
enum match_fate {
	MF_UNCHANGED = 0, /* the item has this content already */
	MF_TAKEN, /* made an item or a revision; what becomes of that is the item's state */
	MF_REJECTED, /* refused: by the reader, or because the item has left (E-46, E-63) */
	MF_COUNTED, /* a cost that is the booking of an invoice of ours (E-26) */
	MF_PASSED, /* left out by a rule of the layout, or because it says less than what is known (F-10) */
	MF_REFERENCE, /* stored as a reference row */
	MF_ANSWER, /* the ERP's answer about an item */
	MF_NFATES,
};
/* match_record, and what it did with the record. */
int match_record_fate(struct site *s, const struct place *at, const struct rec *r, enum adp_verdict verdict,
    uint64_t raw_off, uint64_t raw_len, enum match_fate *ret_fate, struct eg_err *err) EG_MUSTCHECK;
/* After the last record of a file: the lists it held count as received; a list whose every row was bad was received too. */
int match_file_end(struct site *s, const struct place *at, const struct adp *a, struct eg_err *err) EG_MUSTCHECK;
/* The ERP's answers of the drops read in this run, together (an error row wins, then posted): exported items become synced or failed; F-36, F-37. */
int answers_apply(struct site *s, struct eg_err *err) EG_MUSTCHECK;
/* After all drops (and again after decisions and after writing to the project side): links, derived cost codes, reference rules of layouts §2.1 over every open item until nothing moves; holds are written
 * anew, items released or refused. With `report`, every hold becomes a finding of this run (once, at the end of a run). */
int rules_settle(struct site *s, bool report, struct eg_err *err) EG_MUSTCHECK;

/* ---- decisions: decide.c, rights.c, sheet.c ---- */

struct decide_row { /* one row of a sheet or one id on the command line; "" = empty */
	unsigned row; /* line in the sheet */
	const char *item, *content, *verdict; /* accept, reject, archive, link */
	const char *erp_id, *transaction_date, *accounting_date, *description, *comment; /* dates YYYY-MM-DD */
};
struct decide_by {
	const char *approver; /* user name */
	const char *assurance; /* signature, account, command */
	const char *key_id; /* or NULL */
	const char *manifest; /* P… id */
	const char *file; /* name for findings; source is "approvals" */
	const char *drop; /* or NULL */
	bool any_content; /* commands: an empty content means the current revision */
	bool direct; /* by setting, not by a person: no right is asked for, and a refusal leaves no trace (direct.h) */
};
struct decide_counts {
	unsigned accepted, rejected, archived, linked, refused, same;
};
/* Applies rows in order: rights, state (E-75, F-35), content (changed since: E-75 with the way to see it), the checks of layouts §2.2 (worker_accept and uniqueness). Every row's outcome is a decision row; refusals
 * are findings. */
int decide_rows(struct site *s, const struct decide_by *by, const struct decide_row *rows, size_t n,
    struct decide_counts *ret, struct eg_err *err) EG_MUSTCHECK;

/* A claimed approvals drop (sheet and perhaps signature in work/<drop>): reads it in the worker, finds who signed, checks site, sheet id and expiry, parks or applies it. Several can wait: parked_retry looks at
 * those whose signature or items had not come. The drop's verdict is set to "manifest". */
int manifest_take(struct site *s, const struct spool_claim *c, struct eg_err *err) EG_MUSTCHECK;
int parked_retry(struct site *s, struct eg_err *err) EG_MUSTCHECK;
/* decide FILE [--sig FILE] [--as NAME]: the same for bytes given by hand; sig empty = none; as NULL = from the signature or the account. */
int manifest_apply_bytes(struct site *s, const char *name, struct eg_bytes sheet, struct eg_bytes sig, bool cms,
    const char *as, uid_t owner, struct decide_counts *ret, char ret_manifest[16], struct eg_err *err) EG_MUSTCHECK;

struct sheet_preset { /* cells filled for the person; NULL = empty */
	const char *decision, *comment, *erp_id;
};
struct sheet_filter {
	const char *state, *type, *project; /* NULL = any */
	bool all;
	/* Which items, and with what filled in; false = leave it out. NULL = all of the filter, nothing filled in. */
	bool (*pick)(void *ctx, const char *iid, struct sheet_preset *ret);
	void *pick_ctx;
	const char *user; /* only what he may accept; NULL = any */
};
enum sheet_form {
	SHEET_CSV,
	SHEET_XML,
	SHEET_XLSX
};
/* Writes an approval sheet (product.md §5) for open items and notes it (id, expiry); *ret_rows. */
int sheet_write(struct site *s, enum sheet_form form, const struct sheet_filter *f, struct eg_buf *ret,
    unsigned *ret_rows, char ret_sheet[16], struct eg_err *err) EG_MUSTCHECK;

/* EG_OK when the user may decide this verdict on this item (role, right per type, amount limit, submitter ≠ approver as set); EG_BADREC E-74 naming the missing right. */
int rights_check(struct site *s, const char *user, const struct item *it, const char *verdict, struct eg_err *err)
    EG_MUSTCHECK;

/* ---- acts of persons: act.c (each logs, E-74/E-75 as EG_BADREC) ---- */

int act_retrieve(struct site *s, const struct item *it, struct eg_err *err) EG_MUSTCHECK;
int act_resend(struct site *s, const struct item *it, struct eg_err *err) EG_MUSTCHECK;
int act_hold(struct site *s, const struct item *it, const char *reason, struct eg_err *err) EG_MUSTCHECK;
int act_release(struct site *s, const struct item *it, struct eg_err *err) EG_MUSTCHECK;
/* E-73 when it may not be put away (unlink.h, with act_unlink). */
int act_archive(struct site *s, const struct item *it, bool archive, struct eg_err *err) EG_MUSTCHECK;
/* kind "vendor" or "project": key = item key or iid; the ERP key must be in the ERP's list (F-33) and free (E-08, E-13). */
int act_link(struct site *s, const char *kind, const char *key, const char *erp_id, struct eg_err *err) EG_MUSTCHECK;
/* ack BATCH: every exported item of the batch is answered well with the key sent. */
int act_ack_batch(struct site *s, const char *batch, bool posted, unsigned *ret_items, struct eg_err *err) EG_MUSTCHECK;

/* ---- outbound: batch.c, enrich.c ---- */

/* Gathers everything accepted and not held (and automatic items that are new or changed) for the project side first, then the ERP; renders in the worker, stages, fixes names and digests, moves items to
 * exported / synced. In between, what the settings let go without a decision is accepted (direct.h), and budgets that did not change are let be (diff_budget.h). Own transactions: one per target. Nothing to send: no batch. Writing findings go to this run. */
int batches_make(struct site *s, unsigned *ret_batches, struct eg_err *err) EG_MUSTCHECK;
/* Publishes every batch in state ready and marks it published. */
int batches_publish(struct site *s, struct eg_err *err) EG_MUSTCHECK;
/* The same for one batch, in whatever state: recovery. EG_EOF: there is none of that number. */
int batch_publish(struct site *s, const char *batch, struct eg_err *err) EG_MUSTCHECK;
/* Fills the context fields of a record before writing (ERP keys, decision, parent's and target line's values); srcs = table of files that provenance src numbers point into (index 0 = the record's own file). */
struct enrich_srcs {
	int64_t *file; /* rows of table files; free() when done */
	size_t n;
};
int enrich(struct site *s, const struct item *it, const struct decision *d, struct eg_arena *a, struct rec *r,
    struct enrich_srcs *srcs, struct eg_err *err) EG_MUSTCHECK;

/* ---- sealing: seal.c ---- */

/* Drops read, manifests applied and batches published that have no bundle yet: bundle, row, log entry, work copy removed. Recovery calls the same. */
int seal_all(struct site *s, struct eg_err *err) EG_MUSTCHECK;

#endif
