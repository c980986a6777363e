/* SPDX-License-Identifier: MIT
 *
 * Separation of duty, as set: who dropped a file does not decide about it (approvals.separate_submitter); who changed what a file goes through does not approve it
 * for some days (approvals.separate_editor).
 */
#ifndef GATEWAY_WORKFLOW_SEPARATE_H
#define GATEWAY_WORKFLOW_SEPARATE_H

#include "gateway/site.h"

/* EG_OK, or EG_BADREC "E-74" with what the user did and that another approver must decide. Both settings off: nothing is looked at.
 *
 * Submitter is he whose account owned the dropped file, or who took it in by hand; for a user without an account, a drop folder or account of his name counts as him.
 * approves: accept and link; whoever edited may still reject. */
int separate_check(struct site *s, const struct user *u, const struct item *it, bool approves, struct eg_err *err)
    EG_MUSTCHECK;

#endif
