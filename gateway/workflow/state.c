/* SPDX-License-Identifier: MIT
 *
 * The item state machine as one table: which event takes which states where. What is not in the table does not
 * happen (-1), and whoever asked says so (E-75 for people's acts). The first row that fits counts.
 */
#include "gateway/workflow/state.h"

#include "base/err.h"

static const struct {
	const char *word, *title;
} names[ST_NSTATES] = {
	[ST_WAITING] = { "waiting", "Ready to Export" },
	[ST_HELD] = { "held", "Held" },
	[ST_UNLINKED] = { "unlinked", "Unlinked" },
	[ST_APPROVED] = { "approved", "Approved" },
	[ST_EXPORTED] = { "exported", "Exported" },
	[ST_SYNCED] = { "synced", "Synced" },
	[ST_FAILED] = { "failed", "Failed to Export" },
	[ST_REJECTED] = { "rejected", "Rejected" },
	[ST_RETRIEVED] = { "retrieved", "Retrieved" },
	[ST_CHANGED] = { "changed", "Ready to Update" },
	[ST_IMPORTABLE] = { "importable", "Ready to Import" },
	[ST_ARCHIVED] = { "archived", "Archived" },
};

#define S(x) (1U << ST_##x)
#define C(x) (1U << RC_##x)
#define ANY_CLASS (C(TO_ERP) | C(FROM_ERP) | C(AUTOMATIC))
#define OPEN (S(WAITING) | S(HELD) | S(UNLINKED) | S(IMPORTABLE) | S(CHANGED) | S(FAILED))

enum {
	SAME = -2,
	FRESH = -3,
	FREE = -4
}; /* the state it was in; as a new item; as a new item, or approved when it is accepted */
enum {
	EITHER,
	NOT_ACCEPTED
};

static const struct {
	enum item_event event;
	unsigned from, classes;
	int to;
	int who;
} table[] = {
	{ EV_CONTENT, S(CHANGED), C(TO_ERP), SAME, EITHER },
	/* A record that was put away by a person was deleted for us: its number is free for a new one. */
	{ EV_CONTENT,
	    S(WAITING) | S(HELD) | S(UNLINKED) | S(APPROVED) | S(FAILED) | S(REJECTED) | S(RETRIEVED) | S(ARCHIVED),
	    C(TO_ERP), FRESH, EITHER },
	{ EV_CONTENT, S(HELD) | S(UNLINKED) | S(APPROVED) | S(REJECTED) | S(IMPORTABLE), C(FROM_ERP), FRESH, EITHER },
	{ EV_CONTENT, S(HELD) | S(APPROVED) | S(REJECTED), C(AUTOMATIC), FRESH, EITHER },
	{ EV_CONTENT_LATE, S(SYNCED), C(TO_ERP), ST_CHANGED, EITHER },
	{ EV_CONTENT_LATE, S(EXPORTED), C(TO_ERP), SAME, EITHER },
	{ EV_CONTENT_LATE, S(SYNCED), C(FROM_ERP) | C(AUTOMATIC), FRESH, EITHER },

	{ EV_HOLD, S(HELD) | S(APPROVED), ANY_CLASS, ST_HELD, EITHER },
	{ EV_HOLD, S(WAITING) | S(CHANGED), C(TO_ERP), ST_HELD, EITHER },
	{ EV_HOLD, S(IMPORTABLE), C(FROM_ERP), ST_HELD, EITHER },
	{ EV_RELEASE, S(HELD), ANY_CLASS, FREE, EITHER },
	{ EV_RELEASE, S(UNLINKED), C(FROM_ERP), FRESH, EITHER },
	{ EV_REFUSE, S(HELD) | S(APPROVED), ANY_CLASS, ST_REJECTED, EITHER },
	{ EV_REFUSE, S(WAITING) | S(CHANGED), C(TO_ERP), ST_REJECTED, EITHER },
	{ EV_REFUSE, S(IMPORTABLE), C(FROM_ERP), ST_REJECTED, EITHER },

	{ EV_ACCEPT, S(HELD), C(TO_ERP) | C(FROM_ERP), ST_HELD, NOT_ACCEPTED },
	{ EV_ACCEPT, S(WAITING) | S(UNLINKED) | S(CHANGED) | S(FAILED), C(TO_ERP), ST_APPROVED, EITHER },
	{ EV_ACCEPT, S(IMPORTABLE), C(FROM_ERP), ST_APPROVED, EITHER },
	{ EV_REJECT, S(HELD), C(TO_ERP), ST_REJECTED, NOT_ACCEPTED },
	{ EV_REJECT, S(WAITING) | S(UNLINKED) | S(CHANGED) | S(FAILED), C(TO_ERP), ST_REJECTED, EITHER },
	{ EV_ARCHIVE, S(HELD), ANY_CLASS, ST_ARCHIVED, NOT_ACCEPTED },
	{ EV_ARCHIVE, S(WAITING) | S(UNLINKED) | S(FAILED) | S(REJECTED) | S(RETRIEVED), C(TO_ERP), ST_ARCHIVED,
	    EITHER },
	{ EV_ARCHIVE, S(IMPORTABLE) | S(UNLINKED) | S(REJECTED), C(FROM_ERP), ST_ARCHIVED, EITHER },
	{ EV_UNARCHIVE, S(ARCHIVED), ANY_CLASS, FRESH, EITHER },

	{ EV_LINK, S(WAITING) | S(HELD) | S(UNLINKED), C(TO_ERP), ST_SYNCED, EITHER },
	{ EV_TIE, S(WAITING) | S(HELD) | S(EXPORTED), C(TO_ERP), ST_SYNCED, EITHER },
	{ EV_TIE, S(IMPORTABLE) | S(HELD) | S(UNLINKED) | S(APPROVED), C(FROM_ERP), ST_SYNCED, EITHER },
	{ EV_ADOPT, S(WAITING) | S(HELD) | S(UNLINKED), C(TO_ERP), ST_SYNCED, NOT_ACCEPTED },
	{ EV_ADOPT, S(IMPORTABLE) | S(HELD), C(FROM_ERP), ST_SYNCED, NOT_ACCEPTED },
	{ EV_UNLINK, S(SYNCED) | S(CHANGED), C(TO_ERP), ST_UNLINKED, EITHER },
	{ EV_UNLINK, S(SYNCED), C(FROM_ERP), ST_IMPORTABLE, EITHER },
	{ EV_SET_APART, S(WAITING) | S(HELD), C(TO_ERP), ST_UNLINKED, NOT_ACCEPTED },
	{ EV_SET_APART, S(IMPORTABLE) | S(HELD), C(FROM_ERP), ST_UNLINKED, NOT_ACCEPTED },

	{ EV_EXPORT, S(APPROVED), C(TO_ERP), ST_EXPORTED, EITHER },
	{ EV_IMPORT, S(APPROVED), C(FROM_ERP) | C(AUTOMATIC), ST_SYNCED, EITHER },
	{ EV_UNCHANGED, S(APPROVED), C(TO_ERP), ST_SYNCED, EITHER },
	{ EV_ANSWER_GOOD, S(EXPORTED) | S(SYNCED), C(TO_ERP), ST_SYNCED, EITHER },
	{ EV_ANSWER_BAD, S(EXPORTED), C(TO_ERP), ST_FAILED, EITHER },

	{ EV_RETRIEVE, S(WAITING) | S(HELD) | S(UNLINKED), C(TO_ERP), ST_RETRIEVED, NOT_ACCEPTED },
	{ EV_RESEND, S(RETRIEVED) | S(FAILED) | S(UNLINKED), C(TO_ERP), FRESH, EITHER },
	{ EV_RESEND, S(REJECTED), ANY_CLASS, FRESH, EITHER },

	{ EV_VOID, S(EXPORTED), C(TO_ERP), FRESH, EITHER },
	{ EV_VOID, S(SYNCED), C(FROM_ERP) | C(AUTOMATIC), FRESH, EITHER },
	{ EV_VOID_UPDATE, S(EXPORTED), C(TO_ERP), ST_CHANGED, EITHER },
};

const char *
state_word(enum item_state s)
{
	eg_check((unsigned)s < ST_NSTATES);
	return names[s].word;
}

const char *
state_title(enum item_state s)
{
	eg_check((unsigned)s < ST_NSTATES);
	return names[s].title;
}

bool
state_named(struct eg_bytes word, enum item_state *ret)
{
	for (unsigned i = 0; i < ST_NSTATES; i++)
		if (eg_bytes_is(word, names[i].word)) {
			*ret = (enum item_state)i;
			return true;
		}
	return false;
}

/* Automatic items need no decision: they are as good as accepted when they come. */
static int
fresh(enum rec_class cls)
{
	if (cls == RC_FROM_ERP)
		return ST_IMPORTABLE;
	return cls == RC_AUTOMATIC ? ST_APPROVED : ST_WAITING;
}

int
state_next(enum item_state from, enum item_event ev, enum rec_class cls, bool accepted)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].event != ev || (table[i].from & (1U << from)) == 0 ||
		    (table[i].classes & (1U << cls)) == 0)
			continue;
		if (table[i].who == NOT_ACCEPTED && accepted)
			continue;
		switch (table[i].to) {
		case SAME:
			return (int)from;
		case FRESH:
			return fresh(cls);
		case FREE:
			return accepted ? ST_APPROVED : fresh(cls);
		default:
			return table[i].to;
		}
	}
	return -1;
}

static const char *
target_text(int to)
{
	switch (to) {
	case SAME:
		return "the same";
	case FRESH:
		return "as new";
	case FREE:
		return "approved when accepted, else as new";
	default:
		return names[to].word;
	}
}

bool
state_row(size_t i, struct state_row *ret)
{
	if (i >= sizeof(table) / sizeof(table[0]))
		return false;
	*ret = (struct state_row){ .event = table[i].event,
		.from = table[i].from,
		.classes = table[i].classes,
		.undecided_only = table[i].who == NOT_ACCEPTED,
		.to = target_text(table[i].to) };
	return true;
}

bool
state_open(enum item_state s)
{
	return (OPEN & (1U << s)) != 0;
}
