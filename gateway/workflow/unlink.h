/* SPDX-License-Identifier: MIT
 *
 * Undoing the link between an item and its record in the accounting system (domain.md §7.8), and what may be put away for good.
 */
#ifndef GATEWAY_WORKFLOW_UNLINK_H
#define GATEWAY_WORKFLOW_UNLINK_H

#include "gateway/workflow/workflow.h"

struct unlink_how {
	const char *reason; /* kept in the log; NULL = none given */
	/* what the person states about the ERP's record being deleted or reversed there; NULL = nothing */
	const char *gone;
	bool cascade; /* what hangs on the item goes first, by the same statement */
};

/* Synced items only. EG_BADREC:
 * E-72 payments; E-75 not synced, or an ERP record that is tied to a company or project here (unlink that one);
 * E-70 children are still linked (names them), or nobody stated that the record is gone, or the ERP's newest list still has it;
 * E-71 the same for a commitment change order in Acumatica, which is reversed, not deleted.
 * What was only tied to a record that the ERP had already needs no statement: its record is offered again. Logs every item it moves, with keys and statement. */
int act_unlink(struct site *s, const struct item *it, const struct unlink_how *how, struct eg_err *err) EG_MUSTCHECK;

/* A record came in a state that is not taken (void, terminated, a draft again: E-37, E-52, E-66) though the accounting system has the item: adds to the finding's
 * message what that means and which steps take it out there, in order. Adds nothing in any other case. */
int voided_steps(struct site *s, const char *code, const char *iid, struct eg_buf *ret, struct eg_err *err)
    EG_MUSTCHECK;

/* May a person put the item away? EG_BADREC "E-73": it is still linked, or an invoice that is not the newest of its commitment. */
int deletable(struct site *s, const struct item *it, struct eg_err *err) EG_MUSTCHECK;

#endif
