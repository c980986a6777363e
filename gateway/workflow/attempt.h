/* SPDX-License-Identifier: MIT
 *
 * What became of the attempts at a drop, in words: F-71.
 */
#ifndef GATEWAY_WORKFLOW_ATTEMPT_H
#define GATEWAY_WORKFLOW_ATTEMPT_H

#include "gateway/site.h"
#include "spool/attempt.h"

/* The drop ended this program too often to be begun again: *ret_why says so, in memory to free, for F-71; else NULL. Until attempt_end its faults are counted. */
int attempt_begin(struct site *s, const char *drop, char **ret_why, struct eg_err *err) EG_MUSTCHECK;
/* rc: how the work ended. */
void attempt_end(int rc);

#endif
