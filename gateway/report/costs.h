/* SPDX-License-Identifier: MIT
 *
 * What report job-costs knows of one job, sub job, cost code and category: figures of the ERP's job cost summary, and figures added up from the documents that both
 * sides have. Facts are collected in any order and folded into lines. Not for others.
 */
#ifndef GATEWAY_REPORT_COSTS_H
#define GATEWAY_REPORT_COSTS_H

#include "gateway/report/reports.h"

enum cost_figure {
	/* as the ERP's summary says */
	CF_ORIGINAL_BUDGET = 0,
	CF_APPROVED_CHANGES,
	CF_ERP_COMMITMENT,
	CF_ERP_COMMITMENT_CHANGES,
	CF_INVOICED,
	CF_JTD_COST,
	CF_JTD_UNITS,
	CF_JTD_PAID,
	/* added up here */
	CF_ESTIMATE,
	CF_ESTIMATE_UNITS,
	CF_ESTIMATE_CHANGES,
	CF_COMMITMENT,
	CF_COMMITMENT_CHANGES,
	CF_INVOICES,
	CF_TRANSACTIONS,
	CF_MTD_COST,
	CF_MTD_PAID,
	CF_MTD_UNITS,
	CF_NFIGURES,
};

struct cost_key {
	const char *project, *job, *name, *sub_job, *code, *type; /* "" = none */
};
struct cost_fact {
	struct cost_key key;
	enum cost_figure figure;
	struct eg_dec value;
	const char *as_of; /* of a summary; NULL */
	size_t order; /* as it came */
};
struct cost_facts {
	struct report_scope *sc;
	struct cost_fact *v;
	size_t n, cap;
	struct report_job job; /* of the item at hand */
	struct eg_date month; /* "month to date" is this month, up to this day */
};

void cost_facts_done(struct cost_facts *f); /* empty-safe */
/* text NULL: nothing is said, as nothing is known. EG_BADFILE "LIMIT-MEM". */
int cost_fact(struct cost_facts *f, const char *sub_job, const char *code, const char *type, enum cost_figure figure,
    const char *text, struct eg_err *err) EG_MUSTCHECK;
/* Everything the items asked for say. */
int cost_facts_collect(struct cost_facts *f, struct eg_err *err) EG_MUSTCHECK;

#endif
