/* SPDX-License-Identifier: MIT
 *
 * Numbers and links that only one item may have: asked by decisions (decide.c) and by acts of persons (act.c).
 */
#ifndef GATEWAY_WORKFLOW_UNIQUE_H
#define GATEWAY_WORKFLOW_UNIQUE_H

#include "gateway/workflow/workflow.h"

/* May the item be accepted under this ERP number ("" = its own)? EG_OK; EG_BADREC E-03, E-13, E-35, E-50, E-61 naming who has it. */
int unique_check(struct site *s, const struct item *it, const char *erp_id, struct eg_arena *a, struct eg_err *err)
    EG_MUSTCHECK;
/* May this company or project be linked to the ERP's record? EG_OK; EG_BADREC F-33 (not in the ERP's list, or no key given), E-08 (archived, or another one has it). */
int unique_link(struct site *s, const struct item *it, const char *erp_id, struct eg_arena *a, struct eg_err *err)
    EG_MUSTCHECK;

#endif
