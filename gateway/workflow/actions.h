/* SPDX-License-Identifier: MIT
 *
 * Who may do what: the 38 actions of domain.md §4.5 as one table (actions.c), and the one question that every command asks before it acts. Behind the 38 stand
 * those that only this gateway has. `erpgate help rights` prints the table; docs/reference/rights.md is that print.
 *
 * Who asks is s->caller (actor.h). A user has his own rights. The operator (he owns the site's folder, or is root) keeps the site and may do everything except
 * accept and reject, which need a named approver; he who is a user too does not lose that by it, unless --as names the user he wants to be.
 *
 * A right is three things (domain.md §4.5): the level of the role on this gateway; for some the privilege "can push to accounting" for the record type in its
 * direction; for some a right on the tool of the project side where the record was made. Tool rights are asked only of users who have any recorded, or of all
 * with rights.origin_tools = yes: a site that keeps none would otherwise stop. Where only a tool right is asked for and none is kept, the role stands in.
 */
#ifndef GATEWAY_WORKFLOW_ACTIONS_H
#define GATEWAY_WORKFLOW_ACTIONS_H

#include "gateway/site.h"

enum action {
	ACTION_DECIDE_CODES = 1,
	ACTION_DECIDE_OWNER_INVOICE,
	ACTION_DECIDE_INVOICE,
	ACTION_DECIDE_BUDGET,
	ACTION_DECIDE_CCO,
	ACTION_DECIDE_COMMITMENT,
	ACTION_DECIDE_COMPANY,
	ACTION_DECIDE_PCCO,
	ACTION_DECIDE_PROJECT,
	ACTION_DECIDE_SUBJOB,
	ACTION_ADD_PROJECT,
	ACTION_ADD_COMPANY,
	ACTION_ADD_JOB,
	ACTION_ARCHIVE_COMPANY,
	ACTION_ASSIGN_COST_TYPES,
	ACTION_SETTINGS,
	ACTION_SCHEDULE,
	ACTION_DIRECT_EXPORT,
	ACTION_IMPORT_BUDGET,
	ACTION_IMPORT_PRIME,
	ACTION_IMPORT_SUBJOB,
	ACTION_LINK_COMPANY,
	ACTION_REFRESH_COMPANIES,
	ACTION_REFRESH_CODES,
	ACTION_SEND, /* send, retrieve, resend */
	ACTION_SYNC_COSTS,
	ACTION_SYNC_PAYMENTS,
	ACTION_UNLINK_CCO,
	ACTION_UNLINK_COMMITMENT,
	ACTION_UNLINK_OWNER_INVOICE,
	ACTION_UNLINK_PCCO,
	ACTION_UNLINK_INVOICE,
	ACTION_UNLINK_COMPANY,
	ACTION_VIEW_SUBJOBS,
	ACTION_VIEW_ACCOUNTANTS,
	ACTION_VIEW_JOB_COSTS,
	ACTION_VIEW_UNSYNCABLE,
	ACTION_VIEW_ARCHIVED,
	ACTION_PAGE_LAST = ACTION_VIEW_ARCHIVED, /* the last one of domain.md */
	ACTION_UNLINK_OTHER,
	ACTION_HOLD,
	ACTION_ANSWER,
	ACTION_USERS,
	ACTION_LOOK,
	ACTION_REPUBLISH, /* send a batch once more; end shadow mode */
	ACTION_VOID,
	ACTION_LAST = ACTION_VOID,
};

/* EG_OK when the caller may do it; `it`, the item it is done to, decides about record type, tool and project; NULL where there is none: then a right for any type
 * or for all projects is asked for. EG_BADREC "E-74" (exit 77) names the right that is missing and the command that gives it. EG_FATAL of the store. Changes nothing. */
int action_allowed(struct site *s, enum action what, const struct item *it, struct eg_err *err) EG_MUSTCHECK;
/* The same for what concerns a record type or project without an item; both may be NULL. */
int action_allowed_type(struct site *s, enum action what, const char *type, const char *project, struct eg_err *err)
    EG_MUSTCHECK;
/* The same for acts on an item: archive, hold, release, resend, retrieve, unarchive, unlink. */
int action_allowed_act(struct site *s, const char *act, const struct item *it, struct eg_err *err) EG_MUSTCHECK;
/* The same of a user, whoever is at the keyboard. */
int action_allowed_user(const struct site *s, const struct user *u, enum action what, const struct item *it,
    struct eg_err *err) EG_MUSTCHECK;
/* Taking files of that source in by hand (ingest, reprocess): from the project side as sending; of the accounting system everything that its files refresh;
 * sheets need no right of whoever brings them: their signer has it or not. */
int action_allowed_intake(struct site *s, const char *source, struct eg_err *err) EG_MUSTCHECK;

/* ---- what a user may do, without asking who is at the keyboard ---- */

struct lack { /* what one may lack: a sentence's part, and the options of `users grant` that give it */
	struct eg_buf what, grant;
	unsigned n; /* how many rights are missing */
};
/* May this user (active or not is not looked at)? type and project may be NULL; ret may be NULL, is cleared first, and holds what is missing when the answer is no. */
bool action_may(const struct conf *c, const struct user *u, enum action what, const char *type, const char *project,
    struct lack *ret);
void lack_done(struct lack *l);

/* "archive an ERP company" */
const char *action_words(enum action what);
/* The n-th record type that this action is about, NULL = past the end; actions without any are about none in particular. */
const char *action_type_at(enum action what, size_t n);
/* Deciding about items of that type; another type's own row when it has none of its own (tests see to it that all have). */
enum action action_to_decide(const struct rec_type *t);
enum action action_to_unlink(const struct rec_type *t);
bool action_imports(enum action what); /* the privilege it needs is that of importing */
/* Tools of the project side: "commitments" …; NULL past the end. */
const char *action_tool_at(size_t n);
/* Single rights: "create-project", "send-budgets". */
const char *action_single_at(size_t n);
/* The table as `erpgate help rights` prints it. */
void actions_print(struct eg_buf *ret);

#endif
