/* SPDX-License-Identifier: MIT
 *
 * Who may do what: the 38 actions of domain.md §4.5 as one table (actions.c), and the one question that every command asks before it acts.
 *
 * Who asks is site.actor: the user of that name; else the user whose Unix account is that; else, where the process owns the site's folder (or is
 * root), the operator: he keeps the site and may do everything except accept and reject, as decisions need a named approver.
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
	ACTION_LAST = ACTION_VIEW_ARCHIVED,
};

/* EG_OK when site.actor may do it; `it`, the item it is done to, decides about rights on the item's own tool and per record type, NULL where there is
 * none. EG_BADREC "E-74" names the right that is missing and who can give it. EG_FATAL of the store. Changes nothing. */
int action_allowed(struct site *s, enum action what, const struct item *it, struct eg_err *err) EG_MUSTCHECK;

#endif
