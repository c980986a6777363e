/* SPDX-License-Identifier: MIT
 *
 * Facts for report job-costs: from the ERP's summaries, its transactions, and the budgets, commitments, change orders and invoices that both sides have. A line
 * of a change order or invoice that points at a contract line takes that line's codes; one whose contract line is not known counts under no code, never lost.
 */
#include "gateway/report/costs.h"
#include "gateway/workflow/intake.h"

#include <string.h>

void
cost_facts_done(struct cost_facts *f)
{
	free(f->v);
	f->v = NULL;
	f->n = f->cap = 0;
}

static const char *
keep(struct cost_facts *f, const char *text)
{
	return eg_arena_cstr(&f->sc->keep, eg_bytes_str(text));
}

int
cost_fact(struct cost_facts *f, const char *sub_job, const char *code, const char *type, enum cost_figure figure,
    const char *text, struct eg_err *err)
{
	struct cost_key k = { keep(f, f->job.number), keep(f, f->job.job), keep(f, f->job.name),
		keep(f, sub_job == NULL || strcmp(sub_job, "-") == 0 ? "" : sub_job), keep(f, code), keep(f, type) };

	if (text == NULL)
		return EG_OK;
	if (k.project == NULL || k.job == NULL || k.name == NULL || k.sub_job == NULL || k.code == NULL ||
	    k.type == NULL)
		return eg_fail(err, EG_BADFILE, "LIMIT-MEM",
		    "the figures of all jobs do not fit the memory set aside; ask for one job: erpgate report job-costs --project P");
	if (f->n == f->cap) {
		f->cap = f->cap == 0 ? 256 : f->cap * 2;
		f->v = eg_xrealloc(f->v, f->cap * sizeof(*f->v));
	}
	f->v[f->n] = (struct cost_fact){ .key = k, .figure = figure, .value = report_dec(text), .order = f->n };
	f->n++;
	return EG_OK;
}

/* ---- documents with lines ---- */

struct codes {
	const char *sub_job, *code, *type;
};

static struct codes
line_codes(struct report_scope *sc, const struct rec *r, size_t i)
{
	return (struct codes){ report_line(sc, r, i, "line.sub_job"), report_line(sc, r, i, "line.cost_code"),
		report_line(sc, r, i, "line.cost_type") };
}

/* The line of that position, or nlines. */
static size_t
line_at(const struct rec *r, const char *field, int64_t position)
{
	for (size_t i = 0; i < r->nlines; i++) {
		const struct rec_val *v = rec_line(r, i, field);
		if (v->state == RV_VALUE && v->v.num == position)
			return i;
	}
	return r->nlines;
}

static struct codes
codes_at(struct report_scope *sc, const struct rec *contract, const struct rec_val *position, struct codes otherwise)
{
	size_t i =
	    contract == NULL || position->state != RV_VALUE ? 0 : line_at(contract, "line.position", position->v.num);

	if (contract == NULL || position->state != RV_VALUE || i == contract->nlines)
		return otherwise;
	return line_codes(sc, contract, i);
}

/* A document of another item; *ret_there false when there is none. */
static int
record_of(struct report_scope *sc, const char *iid, struct rec *ret, bool *ret_there, struct eg_err *err)
{
	struct item it;
	int rc = iid == NULL ? EG_EOF : item_find(sc->site->store, iid, &sc->a, &it, err);

	*ret_there = false;
	if (rc == EG_OK)
		rc = item_record(sc->site->store, it.rev, &sc->a, ret, err);
	*ret_there = rc == EG_OK;
	return rc < 0 ? rc : EG_OK;
}

static int
plain_lines(struct cost_facts *f, const struct rec *r, const char *field, enum cost_figure figure, struct eg_err *err)
{
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < r->nlines; i++) {
		struct codes c = line_codes(f->sc, r, i);
		rc = cost_fact(f, c.sub_job, c.code, c.type, figure, report_line(f->sc, r, i, field), err);
	}
	return rc;
}

static int
cco_lines(struct cost_facts *f, const struct item *it, const struct rec *r, struct eg_err *err)
{
	struct rec contract;
	bool there;
	int rc = record_of(f->sc, it->parent, &contract, &there, err);

	for (size_t i = 0; rc == EG_OK && i < r->nlines; i++) {
		struct codes c = codes_at(
		    f->sc, there ? &contract : NULL, rec_line(r, i, "line.commitment_line"), line_codes(f->sc, r, i));
		rc = cost_fact(
		    f, c.sub_job, c.code, c.type, CF_COMMITMENT_CHANGES, report_line(f->sc, r, i, "line.amount"), err);
	}
	return rc;
}

/* The codes of the change order's line that an invoice line is about. */
static int
codes_of_cco(struct cost_facts *f, const struct rec *inv, size_t i, const struct rec *contract, struct codes *ret,
    struct eg_err *err)
{
	const struct rec_val *position = rec_line(inv, i, "line.change_order_line");
	const char *parts[3] = { report_head(f->sc, inv, "project.number"),
		report_head(f->sc, inv, "commitment.number"), report_line(f->sc, inv, i, "line.change_order") };
	struct rec cco;
	bool there;
	int rc = record_of(f->sc, iid_join(&f->sc->a, REC_CCO, parts, 3), &cco, &there, err);
	size_t at;

	if (rc < 0 || !there || position->state != RV_VALUE)
		return rc;
	at = line_at(&cco, "line.position", position->v.num);
	if (at < cco.nlines)
		*ret =
		    codes_at(f->sc, contract, rec_line(&cco, at, "line.commitment_line"), line_codes(f->sc, &cco, at));
	return EG_OK;
}

static int
invoice_lines(struct cost_facts *f, const struct item *it, const struct rec *r, struct eg_err *err)
{
	const struct rec *contract;
	struct rec found;
	bool there;
	int rc = record_of(f->sc, it->parent, &found, &there, err);

	contract = there ? &found : NULL;
	for (size_t i = 0; rc == EG_OK && i < r->nlines; i++) {
		const char *kind = report_line(f->sc, r, i, "line.kind");
		struct codes c = { NULL, NULL, NULL };
		if (kind != NULL && strcmp(kind, "change_order") == 0)
			rc = codes_of_cco(f, r, i, contract, &c, err);
		else
			c = codes_at(f->sc, contract, rec_line(r, i, "line.commitment_line"), c);
		if (rc == EG_OK)
			rc = cost_fact(f, c.sub_job, c.code, c.type, CF_INVOICES,
			    report_line(f->sc, r, i, "line.work_completed_this_period"), err);
		if (rc == EG_OK)
			rc = cost_fact(f, c.sub_job, c.code, c.type, CF_INVOICES,
			    report_line(f->sc, r, i, "line.materials_presently_stored"), err);
	}
	return rc;
}

/* ---- the ERP's own figures ---- */

static int
summary(struct cost_facts *f, const struct rec *r, struct eg_err *err)
{
	static const struct {
		const char *field;
		enum cost_figure figure;
	} figures[] = { { "jobcost.original_budget", CF_ORIGINAL_BUDGET },
		{ "jobcost.approved_changes", CF_APPROVED_CHANGES },
		{ "jobcost.original_commitment", CF_ERP_COMMITMENT },
		{ "jobcost.commitment_changes", CF_ERP_COMMITMENT_CHANGES },
		{ "jobcost.commitment_invoiced", CF_INVOICED }, { "jobcost.jtd_cost", CF_JTD_COST },
		{ "jobcost.jtd_units", CF_JTD_UNITS }, { "jobcost.jtd_paid", CF_JTD_PAID } };
	const char *sub_job = report_head(f->sc, r, "jobcost.sub_job"),
		   *code = report_head(f->sc, r, "jobcost.cost_code"),
		   *type = report_head(f->sc, r, "jobcost.cost_type"),
		   *as_of = keep(f, report_head(f->sc, r, "jobcost.as_of"));
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < sizeof(figures) / sizeof(figures[0]); i++) {
		size_t before = f->n;
		rc = cost_fact(f, sub_job, code, type, figures[i].figure, report_head(f->sc, r, figures[i].field), err);
		if (rc == EG_OK && f->n > before)
			f->v[before].as_of = as_of;
	}
	return rc;
}

static bool
this_month(const struct cost_facts *f, const struct rec_val *v)
{
	return v->state == RV_VALUE && v->v.date.year == f->month.year && v->v.date.month == f->month.month &&
	       v->v.date.day <= f->month.day;
}

static int
transaction(struct cost_facts *f, const struct rec *r, struct eg_err *err)
{
	struct report_scope *sc = f->sc;
	const char *sub_job = report_head(sc, r, "cost.sub_job"), *code = report_head(sc, r, "cost.cost_code"),
		   *type = report_head(sc, r, "cost.cost_type"), *amount = report_head(sc, r, "cost.amount");
	int rc = cost_fact(f, sub_job, code, type, CF_TRANSACTIONS, amount, err);

	if (rc == EG_OK && this_month(f, rec_head(r, "cost.date"))) {
		rc = cost_fact(f, sub_job, code, type, CF_MTD_COST, amount, err);
		if (rc == EG_OK)
			rc = cost_fact(f, sub_job, code, type, CF_MTD_UNITS, report_head(sc, r, "cost.quantity"), err);
	}
	if (rc == EG_OK && this_month(f, rec_head(r, "cost.paid_date")))
		rc = cost_fact(f, sub_job, code, type, CF_MTD_PAID, amount, err);
	return rc;
}

/* ---- all items ---- */

/* A budget that went to the ERP counts; the one the ERP gave before does not count a second time. */
static int
budget_sent(struct cost_facts *f, bool *ret, struct eg_err *err)
{
	const char *iid = iid_join(&f->sc->a, REC_BUDGET, &f->job.number, 1);
	struct item it;
	int rc = iid == NULL ? EG_EOF : item_find(f->sc->site->store, iid, &f->sc->a, &it, err);

	*ret = rc == EG_OK && (it.state == ST_SYNCED || it.state == ST_CHANGED);
	return rc < 0 ? rc : EG_OK;
}

static int
item_facts(struct cost_facts *f, const struct item *it, const struct rec *r, struct eg_err *err)
{
	bool sent;
	int rc;

	switch ((int)it->type->id) {
	case REC_ERP_JOBCOST:
		return summary(f, r, err);
	case REC_ERP_COST:
		return transaction(f, r, err);
	case REC_BUDGET:
		return plain_lines(f, r, "line.original_amount", CF_ESTIMATE, err);
	case REC_ERP_BUDGET:
		rc = budget_sent(f, &sent, err);
		if (rc != EG_OK || sent)
			return rc;
		rc = plain_lines(f, r, "line.amount", CF_ESTIMATE, err);
		return rc == EG_OK ? plain_lines(f, r, "line.quantity", CF_ESTIMATE_UNITS, err) : rc;
	case REC_BUDGET_CHANGE:
		return plain_lines(f, r, "line.amount", CF_ESTIMATE_CHANGES, err);
	case REC_COMMITMENT:
		return plain_lines(f, r, "line.amount", CF_COMMITMENT, err);
	case REC_CCO:
		return cco_lines(f, it, r, err);
	case REC_INVOICE:
		return invoice_lines(f, it, r, err);
	default:
		return EG_OK;
	}
}

static int
collect_item(struct report_scope *sc, const struct item *it, struct eg_err *err)
{
	struct cost_facts *f = sc->mine;
	struct rec r;
	int rc;

	if (it->type->id == REC_ERP_JOBCOST) /* what the ERP says stands, whether it was passed on yet or not */
		rc = item_record(sc->site->store, it->rev, &sc->a, &r, err);
	else
		rc = report_item_synced(sc, it, &r, err);
	if (rc != EG_OK)
		return rc < 0 ? rc : EG_OK;
	rc = report_item_job(sc, it, &f->job, err);
	return rc == EG_OK ? item_facts(f, it, &r, err) : rc;
}

int
cost_facts_collect(struct cost_facts *f, struct eg_err *err)
{
	static const enum rec_id types[] = { REC_ERP_JOBCOST, REC_ERP_COST, REC_BUDGET, REC_ERP_BUDGET,
		REC_BUDGET_CHANGE, REC_COMMITMENT, REC_CCO, REC_INVOICE };
	int rc = EG_OK;

	f->sc->mine = f;
	for (size_t i = 0; rc == EG_OK && i < sizeof(types) / sizeof(types[0]); i++)
		rc = report_item_each(f->sc, rec_type(types[i]), collect_item, err);
	return rc;
}
