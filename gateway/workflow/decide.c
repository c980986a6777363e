/* SPDX-License-Identifier: MIT
 *
 * Decisions: each row is bound to an item's content, checked for right, state and what the target's columns take, and either applied or refused with a finding; never anything in between. Rows
 * apply in order. Tests: tests/unit/test_decide.c, tests/scenario/.
 */
#include "gateway/store/store_link.h"
#include "gateway/workflow/accept_check.h"
#include "gateway/workflow/intake.h"
#include "gateway/workflow/period.h"
#include "gateway/workflow/unique.h"

#include <jansson.h>

enum {
	V_ACCEPT = 1,
	V_REJECT = 2,
	V_ARCHIVE = 4,
	V_LINK = 8
};

static const struct verdict {
	const char *word;
	int bit;
	enum item_event event;
	const char *logged;
} verdicts[] = {
	{ "accept", V_ACCEPT, EV_ACCEPT, "approved" },
	{ "reject", V_REJECT, EV_REJECT, "rejected" },
	{ "archive", V_ARCHIVE, EV_ARCHIVE, "archived-item" },
	{ "link", V_LINK, EV_LINK, "linked" },
};

static const struct verdict * /* NULL = no verdict at all */
verdict_named(const char *word)
{
	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
		if (strcmp(verdicts[i].word, word) == 0)
			return &verdicts[i];
	return NULL;
}

struct deciding {
	struct site *site;
	const struct decide_by *by;
	const struct decide_row *rows;
	size_t n;
	struct eg_arena a;
	struct refusals { /* what the target's adapters said about each accept */
		struct eg_buf text; /* severity code NUL message NUL … */
		bool refused;
	} * said;
	struct rec *rec;
	size_t *row_of; /* record index -> row */
	size_t nrec;
	struct decide_counts *counts;
	int64_t now;
};

static int
row_finding(struct deciding *d, const struct decide_row *r, const char *code, char severity, const char *msg,
    struct eg_err *err)
{
	struct finding f = { .run = d->site->run,
		.drop = d->by->drop,
		.source = "approvals",
		.file = d->by->file,
		.line = r->row,
		.code = code,
		.severity = severity,
		.item = r->item,
		.field = "",
		.value = "",
		.message = msg };

	return store_finding_add(d->site->store, &f, err);
}

/* ---- what the target's adapters say, asked once for all rows ---- */

static struct decision
decision_of(const struct deciding *d, const struct decide_row *r)
{
	return (struct decision){ .manifest = d->by->manifest,
		.iid = r->item,
		.content = r->content,
		.verdict = r->verdict,
		.erp_id = r->erp_id,
		.transaction_date = r->transaction_date,
		.accounting_date = r->accounting_date,
		.description = r->description,
		.comment = r->comment,
		.approver = d->by->approver,
		.result = "applied",
		.code = "",
		.row = r->row,
		.at = d->now };
}

/* ctx: the row's refusals. */
static int
on_site_said(void *ctx, char severity, const char *code, const char *msg, struct eg_err *err)
{
	struct refusals *s = ctx;

	(void)err;
	eg_buf_chr(&s->text, (unsigned char)severity);
	eg_buf_str(&s->text, code);
	eg_buf_chr(&s->text, '\0');
	eg_buf_str(&s->text, msg);
	eg_buf_chr(&s->text, '\0');
	s->refused = s->refused || severity == ADP_REJECT;
	return EG_OK;
}

static int
on_said(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err)
{
	struct deciding *d = ctx;

	return on_site_said(&d->said[d->row_of[record]], (char)f->severity, f->code, f->msg, err);
}

/* A date cell that is none is refused here: the record could not hold it. */
static bool
dates_good(const struct decide_row *r)
{
	struct eg_date date;
	const char *cells[] = { r->transaction_date, r->accounting_date };

	for (size_t i = 0; i < 2; i++)
		if (*cells[i] != '\0' && !eg_date_parse(eg_bytes_str(cells[i]), EG_LIT("YYYY-MM-DD"), &date))
			return false;
	return true;
}

/* The ERP ID typed for a payment is another check number, and only after the ERP refused the first: before that the check was written with its own. */
static struct decision
decision_about(const struct deciding *d, const struct decide_row *r, const struct item *it)
{
	struct decision dec = decision_of(d, r);

	if (it->type->id == REC_PAYMENT && it->sent_key == NULL)
		dec.erp_id = "";
	return dec;
}

static int
prepare_row(struct deciding *d, size_t i, struct eg_err *err)
{
	const struct decide_row *r = &d->rows[i];
	struct enrich_srcs srcs = { 0 };
	struct decision dec;
	struct item it;
	int rc;

	if (strcmp(r->verdict, "accept") != 0 || !dates_good(r))
		return EG_OK;
	rc = item_find(d->site->store, r->item, &d->a, &it, err);
	if (rc != EG_OK)
		return rc < 0 ? rc : EG_OK;
	dec = decision_about(d, r, &it);
	rc = item_record(d->site->store, it.rev, &d->a, &d->rec[d->nrec], err);
	if (rc == EG_OK)
		rc = enrich(d->site, &it, &dec, &d->a, &d->rec[d->nrec], &srcs, err);
	free(srcs.file);
	if (rc == EG_OK)
		rc = accept_check(d->site, &it, &dec, &d->rec[d->nrec], on_site_said, &d->said[i], err);
	d->row_of[d->nrec++] = i;
	return rc == EG_EOF ? eg_fail(err, EG_FATAL, "DB-CORRUPT", "the record of %s is not there any more", r->item) :
	                      rc;
}

/* The check died over one of them: that one is refused, the others are asked again. d->row_of is that of these records. */
static int
ask_singly(struct deciding *d, bool erp, const struct rec *const *records, size_t n, struct eg_err *err)
{
	const char *target = erp ? d->site->erp : "procore";
	size_t *rows = d->row_of;
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < n; i++) {
		d->row_of = &rows[i];
		rc = worker_accept(d->site, target, &records[i], 1, on_said, d, err);
		if (rc < 0 && (worker_died(err) || worker_again(err))) {
			char *msg = eg_xprintf("%s cannot be checked for %s, so it cannot be accepted. %s",
			    d->rows[rows[i]].item, target, err->msg);
			rc = on_site_said(&d->said[rows[i]], ADP_REJECT, "F-70", msg, err);
			free(msg);
		}
	}
	d->row_of = rows;
	return rc;
}

static int
ask_target(struct deciding *d, bool erp, struct eg_err *err)
{
	const struct rec **records = eg_xalloc((d->nrec + 1) * sizeof(*records));
	size_t *rows = eg_xalloc((d->nrec + 1) * sizeof(*rows)), *all = d->row_of, n = 0;
	int rc = EG_OK;

	for (size_t i = 0; i < d->nrec; i++)
		if ((d->rec[i].type->cls == RC_TO_ERP) == erp) {
			records[n] = &d->rec[i];
			rows[n++] = all[i];
		}
	d->row_of = rows;
	if (n > 0)
		rc = worker_accept(d->site, erp ? d->site->erp : "procore", records, n, on_said, d, err);
	if (rc < 0 && (worker_died(err) || worker_again(err)))
		rc = ask_singly(d, erp, records, n, err);
	d->row_of = all;
	free(rows);
	free(records);
	return rc;
}

static int
ask(struct deciding *d, struct eg_err *err)
{
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < d->n; i++)
		rc = prepare_row(d, i, err);
	if (rc == EG_OK)
		rc = ask_target(d, true, err);
	return rc == EG_OK ? ask_target(d, false, err) : rc;
}

/* ---- one row ---- */

static int
allowed_verdicts(const struct site *s, const struct item *it)
{
	bool party = it->type->id == REC_VENDOR || it->type->id == REC_PROJECT;

	switch (it->type->cls) {
	case RC_TO_ERP:
		if (only_linked(s, it->type->id))
			return V_LINK;
		return it->type->id == REC_PRIME ? 0 : V_ACCEPT | V_REJECT | (party ? V_LINK : 0);
	case RC_FROM_ERP:
		return not_imported(s, it->type->id) ? V_ARCHIVE : V_ACCEPT | V_ARCHIVE;
	case RC_AUTOMATIC:
	case RC_REFERENCE:
	case RC_ANSWER:
	case RC_DECISION:
		break;
	}
	return 0;
}

static int
check_content(const struct deciding *d, const struct item *it, const struct decide_row *r, struct eg_err *err)
{
	const char *content = strncmp(r->content, "sha256:", 7) == 0 ? r->content + 7 : r->content;

	if (*content == '\0' && d->by->any_content)
		return EG_OK;
	if (*content == '\0')
		return eg_fail(err, EG_BADREC, "E-75",
		    "The row for %s has no Content: it does not say which revision was approved. Write a new sheet: erpgate sheet -o new.csv",
		    it->iid);
	if (strcmp(content, it->content) != 0)
		return eg_fail(err, EG_BADREC, "E-75",
		    "%s changed after the sheet was written: it is revision %d now. See the difference: erpgate show %s --diff; then write a new sheet.",
		    it->iid, it->rev_no, it->iid);
	return EG_OK;
}

/* What the target's adapters said about this row: only its refusals, or only what is no refusal. *ret_code: the first one's. */
static int
said(struct deciding *d, size_t i, bool refusals, const char **ret_code, struct eg_err *err)
{
	struct eg_bytes rest = eg_buf_view(&d->said[i].text), code, msg;
	int rc = EG_OK;

	while (rc == EG_OK && rest.len > 0 && eg_bytes_cut(&rest, '\0', &code) && eg_bytes_cut(&rest, '\0', &msg)) {
		char severity = (char)code.ptr[0];
		if ((severity == ADP_REJECT) != refusals)
			continue;
		if (*ret_code == NULL)
			*ret_code = (const char *)code.ptr + 1;
		rc = row_finding(d, &d->rows[i], (const char *)code.ptr + 1, severity, (const char *)msg.ptr, err);
	}
	return rc;
}

/* Everything that can refuse a row, in order; EG_BADREC with code and message. */
static int
check_row(struct deciding *d, const struct decide_row *r, const struct item *it, int verdict, struct eg_err *err)
{
	int rc;

	if ((verdict & allowed_verdicts(d->site, it)) == 0)
		return eg_fail(err, EG_BADREC, "F-35",
		    "%s cannot be answered with \"%s\". See what it can take: erpgate show %s", it->iid, r->verdict,
		    it->iid);
	rc = d->by->direct ? EG_OK : rights_check(d->site, d->by->approver, it, r->verdict, err);
	if (rc == EG_OK && !dates_good(r))
		rc = eg_fail(
		    err, EG_BADREC, "F-21", "A date in the row for %s is not a date of the form YYYY-MM-DD.", it->iid);
	if (rc == EG_OK)
		rc = check_content(d, it, r, err);
	return rc;
}

static int
check_state(struct site *s, const struct item *it, enum item_event ev, int *ret_next, struct eg_err *err)
{
	bool again = false; /* its period was closed before it left */
	int rc = period_undecided(s, it, &again, err);

	if (rc < 0)
		return rc;
	*ret_next =
	    it->accepted != 0 && it->state == ST_HELD && !again ? -1 : state_next(it->state, ev, it->type->cls, false);
	if (*ret_next < 0)
		return eg_fail(err, EG_BADREC, "E-75",
		    "%s is %s%s; the decision refers to an older state and was not applied. What became of it: erpgate show %s",
		    it->iid, state_title(it->state), it->accepted != 0 ? " and was accepted before" : "", it->iid);
	return EG_OK;
}

static void
count(struct decide_counts *c, int verdict)
{
	c->accepted += verdict == V_ACCEPT;
	c->rejected += verdict == V_REJECT;
	c->archived += verdict == V_ARCHIVE;
	c->linked += verdict == V_LINK;
}

static int
log_decision(
    struct deciding *d, const struct item *it, const struct decide_row *r, const char *event, struct eg_err *err)
{
	json_t *j = json_pack("{s:s,s:s,s:s,s:i,s:s,s:s}", "manifest", d->by->manifest, "approver", d->by->approver,
	    "assurance", d->by->assurance, "row", (int)r->row, "content", it->content, "comment", r->comment);
	char *text = json_dumps(j, JSON_COMPACT);
	int rc = site_log(d->site, event, it->iid, text, err);

	free(text);
	json_decref(j);
	return rc;
}

static int
apply(struct deciding *d, size_t i, struct item *it, const struct verdict *v, int next, struct eg_err *err)
{
	const struct decide_row *r = &d->rows[i];
	struct decision dec = decision_about(d, r, it);
	const char *code = NULL;
	int64_t id;
	int rc;

	dec.item = it->id;
	dec.content = it->content;
	rc = decision_add(d->site->store, &dec, &id, err);
	it->state = (enum item_state)next;
	it->accepted = v->bit == V_ACCEPT ? id : 0;
	if (v->bit == V_LINK)
		it->erp_id = r->erp_id;
	if (rc == EG_OK)
		rc = item_save(d->site->store, it, d->now, err);
	if (rc == EG_OK)
		rc = log_decision(d, it, r, v->logged, err);
	if (rc == EG_OK)
		rc = said(d, i, false, &code, err);
	count(d->counts, v->bit);
	return rc;
}

/* code NULL: the target's adapters said why. */
static int
refuse(struct deciding *d, size_t i, const struct item *it, const char *code, const char *msg, struct eg_err *err)
{
	const struct decide_row *r = &d->rows[i];
	struct decision dec = decision_of(d, r);
	int64_t id;

	if (d->by->direct) {
		d->counts->refused++;
		return EG_OK;
	}
	int rc = code == NULL ? said(d, i, true, &code, err) : row_finding(d, r, code, ADP_REJECT, msg, err);

	if (rc != EG_OK)
		return rc;
	dec.item = it == NULL ? 0 : it->id;
	dec.result = "refused";
	dec.code = code;
	d->counts->refused++;
	return decision_add(d->site->store, &dec, &id, err);
}

/* An item that an adoption list calls a record of the ERP must not be made there a second time. */
static int
check_not_adopted(struct deciding *d, const struct item *it, struct eg_err *err)
{
	int64_t waiting = 0;
	int rc = adoption_count(d->site->store, "waiting", it->iid, &waiting, err);

	if (rc == EG_OK && waiting > 0)
		rc = eg_fail(err, EG_BADREC, "E-75",
		    "%s stands in the accounting system already, says an adoption list, and is adopted as soon as what it needs is there. See what waits: erpgate adopt",
		    it->iid);
	return rc;
}

/* What only this verdict asks, after right, content and state. */
static int
check_verdict(struct deciding *d, const struct item *it, const struct decide_row *r, int verdict, struct eg_err *err)
{
	int rc = verdict == V_ACCEPT ? check_not_adopted(d, it, err) : EG_OK;

	if (rc != EG_OK)
		return rc;
	if (verdict == V_ACCEPT) {
		rc = period_check(d->site, it, r->transaction_date, r->accounting_date, d->now, err);
		return rc == EG_OK ? unique_check(d->site, it, decision_about(d, r, it).erp_id, &d->a, err) : rc;
	}
	if (verdict == V_LINK)
		return unique_link(d->site, it, r->erp_id, &d->a, err);
	if (verdict == V_REJECT && *r->comment == '\0' && conf_bool(&d->site->conf, "approvals.reject_needs_comment"))
		return eg_fail(err, EG_BADREC, "F-20",
		    "Rejecting %s needs a comment that tells its sender what to change.", it->iid);
	return EG_OK;
}

static int
decide_row(struct deciding *d, size_t i, struct eg_err *err)
{
	const struct decide_row *r = &d->rows[i];
	const struct verdict *v = verdict_named(r->verdict);
	int next = -1;
	struct item it;
	struct eg_err why;
	int rc = item_find(d->site->store, r->item, &d->a, &it, err);

	if (rc < 0)
		return rc;
	if (rc == EG_EOF)
		return refuse(d, i, NULL, "F-35",
		    "There is no such item. Check the Item column: it must be as the sheet was written.", err);
	rc = check_row(d, r, &it, v == NULL ? 0 : v->bit, &why);
	if (rc == EG_OK)
		rc = check_state(d->site, &it, v->event, &next, &why);
	if (rc == EG_OK && v->bit == V_ACCEPT && d->said[i].refused)
		return refuse(d, i, &it, NULL, NULL, err);
	if (rc == EG_OK)
		rc = check_verdict(d, &it, r, v->bit, &why);
	if (rc == EG_OK)
		return apply(d, i, &it, v, next, err);
	if (rc == EG_BADREC)
		return refuse(d, i, &it, why.code, why.msg, err);
	*err = why;
	return rc;
}

int
decide_rows(struct site *s, const struct decide_by *by, const struct decide_row *rows, size_t n,
    struct decide_counts *ret, struct eg_err *err)
{
	struct deciding d = { .site = s, .by = by, .rows = rows, .n = n, .counts = ret, .now = site_now(s) };
	int rc;

	eg_arena_init(&d.a, (size_t)1 << 31);
	d.said = eg_xalloc((n + 1) * sizeof(*d.said));
	d.rec = eg_xalloc((n + 1) * sizeof(*d.rec));
	d.row_of = eg_xalloc((n + 1) * sizeof(*d.row_of));
	rc = ask(&d, err);
	for (size_t i = 0; rc == EG_OK && i < n; i++)
		if (*rows[i].verdict != '\0')
			rc = decide_row(&d, i, err);
	for (size_t i = 0; i < n; i++)
		eg_buf_done(&d.said[i].text);
	free(d.said);
	free(d.rec);
	free(d.row_of);
	eg_arena_done(&d.a);
	return rc;
}
