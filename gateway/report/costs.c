/* SPDX-License-Identifier: MIT
 *
 * report job-costs: a line per job, sub job, cost code and category. The ERP's own figures stand beside those added up from what both sides have, never mixed in one
 * column; a figure that nobody gave stays empty.
 */
#include "gateway/report/costs.h"

#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const struct report_col cols[] = {
	{ "project", "PROJECT", RK_TEXT, 0 },
	{ "job", "ERP JOB", RK_TEXT, 0 },
	{ "project_name", "NAME", RK_TEXT, RP_DETAIL },
	{ "sub_job", "SUB JOB", RK_TEXT, 0 },
	{ "cost_code", "COST CODE", RK_TEXT, 0 },
	{ "cost_type", "CATEGORY", RK_TEXT, 0 },
	{ "as_of", "AS OF", RK_DATE, 0 },
	{ "original_budget", "ORIGINAL BUDGET", RK_AMOUNT, RP_SUM },
	{ "approved_changes", "APPROVED CHANGES", RK_AMOUNT, RP_SUM | RP_DETAIL },
	{ "revised_budget", "REVISED BUDGET", RK_AMOUNT, RP_SUM | RP_DETAIL },
	{ "erp_original_commitment", "ERP COMMITMENT", RK_AMOUNT, RP_SUM | RP_DETAIL },
	{ "erp_commitment_changes", "ERP COMMITMENT CHANGES", RK_AMOUNT, RP_SUM | RP_DETAIL },
	{ "erp_revised_commitment", "ERP REVISED COMMITMENT", RK_AMOUNT, RP_SUM | RP_DETAIL },
	{ "commitment_invoiced", "COMMITMENT INVOICED", RK_AMOUNT, RP_SUM },
	{ "jtd_cost", "JOB TO DATE COST", RK_AMOUNT, RP_SUM },
	{ "jtd_units", "JTD UNITS", RK_NUMBER, RP_SUM | RP_DETAIL },
	{ "jtd_paid", "JTD PAID", RK_AMOUNT, RP_SUM | RP_DETAIL },
	{ "original_estimate", "ORIGINAL ESTIMATE", RK_AMOUNT, RP_SUM },
	{ "original_estimate_units", "ESTIMATE UNITS", RK_NUMBER, RP_SUM | RP_DETAIL },
	{ "approved_estimate_changes", "ESTIMATE CHANGES", RK_AMOUNT, RP_SUM | RP_DETAIL },
	{ "estimate", "ESTIMATE", RK_AMOUNT, RP_SUM | RP_DETAIL },
	{ "original_commitment", "COMMITMENT", RK_AMOUNT, RP_SUM },
	{ "approved_commitment_changes", "COMMITMENT CHANGES", RK_AMOUNT, RP_SUM },
	{ "revised_commitment", "REVISED COMMITMENT", RK_AMOUNT, RP_SUM },
	{ "invoices", "INVOICES", RK_AMOUNT, RP_SUM | RP_DETAIL },
	{ "transactions", "TRANSACTIONS", RK_AMOUNT, RP_SUM },
	{ "mtd_cost", "MONTH TO DATE COST", RK_AMOUNT, RP_SUM | RP_DETAIL },
	{ "mtd_paid", "MTD PAID", RK_AMOUNT, RP_SUM | RP_DETAIL },
	{ "mtd_units", "MTD UNITS", RK_NUMBER, RP_SUM | RP_DETAIL },
};

static const char *const figure_col[CF_NFIGURES] = {
	[CF_ORIGINAL_BUDGET] = "original_budget",
	[CF_APPROVED_CHANGES] = "approved_changes",
	[CF_ERP_COMMITMENT] = "erp_original_commitment",
	[CF_ERP_COMMITMENT_CHANGES] = "erp_commitment_changes",
	[CF_INVOICED] = "commitment_invoiced",
	[CF_JTD_COST] = "jtd_cost",
	[CF_JTD_UNITS] = "jtd_units",
	[CF_JTD_PAID] = "jtd_paid",
	[CF_ESTIMATE] = "original_estimate",
	[CF_ESTIMATE_UNITS] = "original_estimate_units",
	[CF_ESTIMATE_CHANGES] = "approved_estimate_changes",
	[CF_COMMITMENT] = "original_commitment",
	[CF_COMMITMENT_CHANGES] = "approved_commitment_changes",
	[CF_INVOICES] = "invoices",
	[CF_TRANSACTIONS] = "transactions",
	[CF_MTD_COST] = "mtd_cost",
	[CF_MTD_PAID] = "mtd_paid",
	[CF_MTD_UNITS] = "mtd_units",
};

/* Columns that are the sum of two figures, known when one of them is. */
static const struct {
	const char *col;
	enum cost_figure a, b;
} summed[] = {
	{ "revised_budget", CF_ORIGINAL_BUDGET, CF_APPROVED_CHANGES },
	{ "erp_revised_commitment", CF_ERP_COMMITMENT, CF_ERP_COMMITMENT_CHANGES },
	{ "estimate", CF_ESTIMATE, CF_ESTIMATE_CHANGES },
	{ "revised_commitment", CF_COMMITMENT, CF_COMMITMENT_CHANGES },
};
/* clang-format on */

static int
key_cmp(const struct cost_key *a, const struct cost_key *b)
{
	int d = strcmp(a->project, b->project);

	if (d == 0)
		d = strcmp(a->job, b->job);
	if (d == 0)
		d = strcmp(a->sub_job, b->sub_job);
	if (d == 0)
		d = strcmp(a->code, b->code);
	return d == 0 ? strcmp(a->type, b->type) : d;
}

static int
fact_cmp(const void *x, const void *y)
{
	const struct cost_fact *a = x, *b = y;
	int d = key_cmp(&a->key, &b->key);

	return d != 0 ? d : (a->order > b->order) - (a->order < b->order);
}

static int
add_up(const struct cost_fact *v, size_t n, struct eg_dec sum[CF_NFIGURES], bool known[CF_NFIGURES], struct eg_err *err)
{
	for (size_t i = 0; i < CF_NFIGURES; i++) {
		sum[i] = (struct eg_dec){ 0, 2 };
		known[i] = false;
	}
	for (size_t i = 0; i < n; i++) {
		known[v[i].figure] = true;
		if (!eg_dec_add(sum[v[i].figure], v[i].value, &sum[v[i].figure]))
			return eg_fail(err, EG_BADFILE, "LIMIT-SUM",
			    "the money of cost code %s of %s adds up to more than can be kept; check the amounts of its documents",
			    v[i].key.code, v[i].key.project);
	}
	return EG_OK;
}

static int
cost_row(struct report *r, const struct cost_fact *v, size_t n, struct eg_err *err)
{
	struct eg_dec sum[CF_NFIGURES];
	bool known[CF_NFIGURES];
	int rc = add_up(v, n, sum, known, err);

	if (rc < 0)
		return rc;
	report_row(r);
	report_put(r, "project", v->key.project);
	report_put(r, "job", v->key.job);
	report_put(r, "project_name", v->key.name);
	report_put(r, "sub_job", v->key.sub_job);
	report_put(r, "cost_code", v->key.code);
	report_put(r, "cost_type", v->key.type);
	for (size_t i = 0; i < n; i++)
		if (v[i].as_of != NULL)
			report_put(r, "as_of", v[i].as_of);
	for (size_t i = 0; i < CF_NFIGURES; i++)
		if (known[i])
			report_put_dec(r, figure_col[i], sum[i]);
	for (size_t i = 0; i < sizeof(summed) / sizeof(summed[0]); i++) {
		struct eg_dec both;
		if ((known[summed[i].a] || known[summed[i].b]) && eg_dec_add(sum[summed[i].a], sum[summed[i].b], &both))
			report_put_dec(r, summed[i].col, both);
	}
	return EG_OK;
}

static void
say_definitions(struct report *r, struct eg_date month)
{
	report_note(r,
	    "As the ERP's job cost summary says: ORIGINAL BUDGET, APPROVED CHANGES, ERP COMMITMENT and its changes, COMMITMENT INVOICED, JOB TO DATE COST, UNITS and PAID. Empty: the ERP gave no summary for the line.");
	report_note(r,
	    "Added up here from what both sides have: ORIGINAL ESTIMATE (budgets), ESTIMATE CHANGES (budget changes), COMMITMENT, COMMITMENT CHANGES, INVOICES (work and stored materials), TRANSACTIONS (costs passed on). Documents that are not synced do not count.");
	report_note(r, "Month to date is %04d-%02d, up to day %d, by the date of the cost transactions passed on.",
	    month.year, month.month, month.day);
	report_note(r, "REVISED and ESTIMATE are sums of the two columns before them.");
}

int
report_job_costs(struct site *s, const struct report_ask *q, struct report **ret, struct eg_err *err)
{
	struct report_scope sc;
	int rc = report_scope_open(&sc, s, q, "job-costs", "ERP job costs", cols, sizeof(cols) / sizeof(cols[0]), err);
	struct cost_facts f = { .sc = &sc, .month = eg_date_of_time(q->until != 0 ? q->until - 1 : site_now(s)) };

	if (rc == EG_OK)
		rc = cost_facts_collect(&f, err);
	if (f.n > 0)
		qsort(f.v, f.n, sizeof(*f.v), fact_cmp);
	for (size_t i = 0, end; rc == EG_OK && i < f.n; i = end) {
		for (end = i; end < f.n && key_cmp(&f.v[i].key, &f.v[end].key) == 0;)
			end++;
		rc = cost_row(sc.r, &f.v[i], end - i, err);
	}
	sc.r->group = 2;
	say_definitions(sc.r, f.month);
	cost_facts_done(&f);
	return report_scope_close(&sc, rc, ret);
}
