/* SPDX-License-Identifier: MIT
 *
 * The record model's tables, each with its type behind its fields. Private to adapters/model*.c; model.c puts them in the order of enum rec_id.
 * The order of fields matters: canonical text lists fields in it, so a new field goes to the end of its canonical fields or changes every content
 * hash of the type.
 */
#ifndef ADAPTERS_MODEL_INT_H
#define ADAPTERS_MODEL_INT_H

#include "adapters/model.h"

/* What the acceptance adds; filled for every type that is decided about. */
/* clang-format off */
#define DECISION                                                                          \
	{ "decision.erp_id", RF_LONG, RF_CONTEXT, NULL },                                  \
	{ "decision.description", RF_LONG, RF_CONTEXT, NULL },                             \
	{ "decision.comment", RF_LONG, RF_CONTEXT, NULL },                                 \
	{ "decision.transaction_date", RF_DATE, RF_CONTEXT, NULL },                        \
	{ "decision.accounting_date", RF_DATE, RF_CONTEXT, NULL },                         \
	{ "decision.date", RF_DATE, RF_CONTEXT, NULL }
/* clang-format on */

#define HEAD(f) .head = f, .nhead = sizeof(f) / sizeof(f[0])
#define LINES(f) .line = f, .nline = sizeof(f) / sizeof(f[0])

/* model_project.c */
extern const struct rec_type model_vendor, model_project, model_subjob, model_budget, model_budget_change,
    model_forecast;
/* model_contract.c */
extern const struct rec_type model_commitment, model_cco, model_invoice, model_payment, model_prime, model_pcco,
    model_owner_invoice;
/* model_from_erp.c */
extern const struct rec_type model_erp_vendor, model_erp_customer, model_erp_project, model_erp_subjob,
    model_erp_budget, model_erp_prime, model_erp_code, model_erp_jobcost, model_erp_cost, model_erp_payment;
/* model_row.c */
extern const struct rec_type model_cost_code, model_cost_type, model_assignment, model_selection, model_job_code,
    model_default_task, model_answer, model_adoption, model_decision;

#endif
