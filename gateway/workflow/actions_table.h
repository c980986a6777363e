/* SPDX-License-Identifier: MIT
 *
 * The rows behind actions.h: which ways there are to be allowed an action, and which action each record type's items are about. Only actions*.c include it.
 */
#ifndef GATEWAY_WORKFLOW_ACTIONS_TABLE_H
#define GATEWAY_WORKFLOW_ACTIONS_TABLE_H

#include "gateway/workflow/actions.h"

enum action_level { /* levels of the role, as bits */
	LEVEL_N = 1 << ROLE_NONE,
	LEVEL_R = 1 << ROLE_READ,
	LEVEL_S = 1 << ROLE_STANDARD,
	LEVEL_A = 1 << ROLE_ADMIN,
	LEVEL_ANY = LEVEL_N | LEVEL_R | LEVEL_S | LEVEL_A
};
enum reading { /* rights.reading */
	TUTORIAL = 1,
	MATRIX = 2,
	BOTH = TUTORIAL | MATRIX
};
enum privilege {
	NO_PRIVILEGE,
	CAN_EXPORT,
	CAN_IMPORT,
	CAN_EITHER /* approver of anything */
};
enum origin { /* rights on the project side's tools */
	NO_ORIGIN,
	OWN_TOOL,
	COMMITMENTS,
	PRIME_CONTRACTS,
	NEW_PROJECT,
	NEW_PROJECT_STANDARD,
	PROJECT_ADMIN,
	REPORTS
};
enum asked { /* the way exists … */
	ALWAYS,
	IF_KEPT, /* … only for users whose tool rights are kept */
	IF_NOT_KEPT
};

struct way {
	unsigned readings, levels;
	enum privilege privilege;
	enum origin origin;
	enum asked asked;
};

#define ACTION_WAYS 3
struct action_row {
	const char *words;
	struct way ways
	    [ACTION_WAYS]; /* any of them allows it; readings 0 = none. What is named when several lack as much stands first */
};
extern const struct action_row actions[ACTION_LAST + 1];

struct action_type { /* what is asked for about items of a record type */
	const char *type;
	enum action decide, unlink;
	const char *tool; /* where the project side makes them; NULL: the accounting system makes them */
};
/* NULL: no such type, or one that nobody decides about. */
const struct action_type *action_type(const char *type);

#endif
