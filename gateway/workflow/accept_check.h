/* SPDX-License-Identifier: MIT
 *
 * What this site asks of an acceptance beside the target's columns: field rules of the stage export, and the checks that settings switch on (E-10, E-45, E-67).
 */
#ifndef GATEWAY_WORKFLOW_ACCEPT_CHECK_H
#define GATEWAY_WORKFLOW_ACCEPT_CHECK_H

#include "gateway/workflow/workflow.h"

typedef int accept_tell(void *ctx, char severity, const char *code, const char *msg, struct eg_err *err);

/* r: the item's record with the decision's fields filled in. Tells everything there is: R refuses the decision, W goes with it when it is applied. */
int accept_check(struct site *s, const struct item *it, const struct decision *d, const struct rec *r,
    accept_tell *tell, void *ctx, struct eg_err *err) EG_MUSTCHECK;

#endif
