/* SPDX-License-Identifier: MIT
 *
 * The item state machine: one table (state.c). Words are those users of ERP integration know (product.md §2).
 */
#ifndef GATEWAY_WORKFLOW_STATE_H
#define GATEWAY_WORKFLOW_STATE_H

#include "adapters/model.h"

enum item_state {
	ST_WAITING = 0, /* Ready to Export: undecided, nothing missing */
	ST_HELD, /* something is missing, or a person holds it; may be accepted already */
	ST_UNLINKED, /* company or project that the other side does not take and that has no partner there; or unlinked by a person */
	ST_APPROVED, /* accepted, leaves with the next batch */
	ST_EXPORTED, /* written, no answer yet */
	ST_SYNCED,
	ST_FAILED, /* answered with an error */
	ST_REJECTED, /* by a person or a reference rule */
	ST_RETRIEVED, /* taken back by the sender before a decision */
	ST_CHANGED, /* Ready to Update: synced, and new content came that may be sent again */
	ST_IMPORTABLE, /* Ready to Import: from the ERP, undecided */
	ST_ARCHIVED, /* hidden by a person, or inactive in the ERP */
	ST_NSTATES,
};

enum item_event {
	EV_CONTENT = 0, /* new content before export */
	EV_CONTENT_LATE, /* new content after export, for types that take it */
	EV_HOLD,
	EV_RELEASE, /* the reference rules find something missing / nothing missing any more */
	EV_REFUSE, /* a reference rule refuses */
	EV_ACCEPT,
	EV_REJECT,
	EV_ARCHIVE,
	EV_UNARCHIVE,
	EV_LINK, /* by a person */
	EV_TIE, /* the ERP's list shows the key that the item names or was sent under */
	EV_ADOPT, /* it stands in the ERP already, as a list of the cutover says */
	EV_UNLINK,
	EV_SET_APART, /* the ERP does not take such a company or project, and it names no ERP key */
	EV_EXPORT, /* written to a target that answers */
	EV_IMPORT, /* written to the project side, which does not answer */
	EV_UNCHANGED, /* an accepted update says what the ERP has already */
	EV_ANSWER_GOOD,
	EV_ANSWER_BAD,
	EV_RETRIEVE,
	EV_RESEND,
	EV_VOID, /* the batch it left with was declared void, or was only shadow */
	EV_VOID_UPDATE, /* the same of an update: the ERP has what it had before */
	EV_NEVENTS,
};

const char *state_word(enum item_state s); /* "waiting" */
const char *state_title(enum item_state s); /* "Ready to Export" */
bool state_named(struct eg_bytes word, enum item_state *ret);
/* The state after the event, or -1 when the event does nothing there (refused: E-75 for people's acts). accepted: a held item that is accepted is released to ST_APPROVED; cls decides between
 * ST_WAITING and ST_IMPORTABLE. */
int state_next(enum item_state from, enum item_event ev, enum rec_class cls, bool accepted);
/* The table's rows, for the help text and the tests: false behind the last. */
struct state_row {
	enum item_event event;
	unsigned from; /* set of 1u << enum item_state */
	unsigned classes; /* set of 1u << enum rec_class */
	bool undecided_only; /* only while no acceptance holds */
	const char *to; /* "approved", or in words what it depends on */
};
bool state_row(size_t i, struct state_row *ret);
/* Items a sheet lists without --all: can take a decision. */
bool state_open(enum item_state s);

#endif
