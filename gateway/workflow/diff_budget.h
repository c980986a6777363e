/* SPDX-License-Identifier: MIT
 *
 * Updates of a budget that the ERP has: only the differences leave (layouts §1.3).
 */
#ifndef GATEWAY_WORKFLOW_DIFF_BUDGET_H
#define GATEWAY_WORKFLOW_DIFF_BUDGET_H

#include "gateway/workflow/workflow.h"

/* Makes of a budget's record what has to leave, before it is enriched: compared with the revision that the ERP took last, new lines whole, changed lines the
 * difference, lines that are no longer there negative, the rest left out; a budget that the ERP does not have stays whole. Other types stay as they are. Values
 * keep the place they came from; those of removed lines lead to the older file. No line left: nothing changed. EG_BADREC "F-22" when a difference has too many digits. */
int budget_difference(struct site *s, const struct item *it, struct eg_arena *a, struct rec *r,
    struct enrich_srcs *srcs, struct eg_err *err) EG_MUSTCHECK;

/* Accepted budgets whose update would say nothing are synced without a file, with a note (F-44). Own transaction; before the batches are made. */
int budgets_unchanged(struct site *s, struct eg_err *err) EG_MUSTCHECK;

#endif
