/* SPDX-License-Identifier: MIT
 *
 * The table of actions. Tests: tests/unit/test_rights.c has the marks of domain.md §4.5 beside it.
 *
 * Decisions about what comes from the accounting system (12, 13, 19, 20, 21) carry no mark for the privilege on the page; its half "can import" would bind nothing
 * then. Here it binds them, per record type.
 */
#include "gateway/workflow/actions_table.h"

/* clang-format off */
#define R LEVEL_R
#define S LEVEL_S
#define A LEVEL_A
#define NRSA LEVEL_ANY
#define PLAIN NO_PRIVILEGE, NO_ORIGIN, ALWAYS
#define ONLY(privilege) privilege, NO_ORIGIN, ALWAYS
const struct action_row actions[ACTION_LAST + 1] = {
#define DECIDE { { TUTORIAL, S | A, ONLY(CAN_EXPORT) }, { MATRIX, A, ONLY(CAN_EXPORT) } }
#define IMPORT { { BOTH, S | A, ONLY(CAN_IMPORT) } }
#define UNLINK(tool) { { TUTORIAL, S | A, CAN_EXPORT, tool, ALWAYS }, { MATRIX, S | A, PLAIN } }
	[ACTION_DECIDE_CODES] = { "accept or reject cost codes", DECIDE },
	[ACTION_DECIDE_OWNER_INVOICE] = { "accept or reject an owner invoice", DECIDE },
	[ACTION_DECIDE_INVOICE] = { "accept or reject a subcontractor invoice", DECIDE },
	[ACTION_DECIDE_BUDGET] = { "accept or reject a budget", DECIDE },
	[ACTION_DECIDE_CCO] = { "accept or reject a commitment change order", DECIDE },
	[ACTION_DECIDE_COMMITMENT] = { "accept or reject a commitment", DECIDE },
	[ACTION_DECIDE_COMPANY] = { "accept or reject a company", DECIDE },
	[ACTION_DECIDE_PCCO] = { "accept or reject a prime contract change order", DECIDE },
	[ACTION_DECIDE_PROJECT] = { "accept or reject a project", DECIDE },
	[ACTION_DECIDE_SUBJOB] = { "accept or reject a sub job", DECIDE },
	[ACTION_ADD_PROJECT] = { "add a project to the ERP", { { BOTH, S | A, PLAIN } } },
	[ACTION_ADD_COMPANY] = { "add an ERP company to the directory", IMPORT },
	[ACTION_ADD_JOB] = { "add an ERP job", { { TUTORIAL, S, CAN_IMPORT, NEW_PROJECT, ALWAYS }, { BOTH, A, ONLY(CAN_IMPORT) } } },
	[ACTION_ARCHIVE_COMPANY] = { "archive an ERP company", { { BOTH, S | A, PLAIN } } },
	[ACTION_ASSIGN_COST_TYPES] = { "assign default cost types", { { BOTH, S | A, PLAIN } } },
	[ACTION_SETTINGS] = { "configure advanced settings", { { BOTH, A, PLAIN } } },
	[ACTION_SCHEDULE] = { "configure the schedule", { { BOTH, A, PLAIN } } },
	[ACTION_DIRECT_EXPORT] = { "switch direct exports", { { BOTH, A, ONLY(CAN_EXPORT) } } },
	[ACTION_IMPORT_BUDGET] = { "import a budget", IMPORT },
	[ACTION_IMPORT_PRIME] = { "import a prime contract", IMPORT },
	[ACTION_IMPORT_SUBJOB] = { "import a sub job", IMPORT },
	[ACTION_LINK_COMPANY] = { "link ERP companies", { { BOTH, A, PLAIN } } },
	[ACTION_REFRESH_COMPANIES] = { "refresh the companies list", { { BOTH, A, PLAIN } } },
	[ACTION_REFRESH_CODES] = { "refresh project cost codes", { { BOTH, A, PLAIN }, { BOTH, NRSA, NO_PRIVILEGE, PROJECT_ADMIN, IF_KEPT } } },
	[ACTION_SEND] = { "send, retrieve or resend items", { { BOTH, NRSA, NO_PRIVILEGE, OWN_TOOL, IF_KEPT }, { BOTH, S | A, NO_PRIVILEGE, NO_ORIGIN, IF_NOT_KEPT } } },
	[ACTION_SYNC_COSTS] = { "take job cost transactions", { { BOTH, A, PLAIN } } },
	[ACTION_SYNC_PAYMENTS] = { "take paid invoice notifications", { { BOTH, A, PLAIN }, { TUTORIAL, S, ONLY(CAN_EITHER) } } },
	[ACTION_UNLINK_CCO] = { "unlink a commitment change order", UNLINK(COMMITMENTS) },
	[ACTION_UNLINK_COMMITMENT] = { "unlink a commitment", UNLINK(COMMITMENTS) },
	[ACTION_UNLINK_OWNER_INVOICE] = { "unlink an owner invoice", UNLINK(PRIME_CONTRACTS) },
	[ACTION_UNLINK_PCCO] = { "unlink a prime contract change order", UNLINK(PRIME_CONTRACTS) },
	[ACTION_UNLINK_INVOICE] = { "unlink a subcontractor invoice", UNLINK(COMMITMENTS) },
	[ACTION_UNLINK_COMPANY] = { "unlink a company", { { BOTH, S | A, PLAIN } } },
	[ACTION_VIEW_SUBJOBS] = { "view the synced sub jobs", { { BOTH, S | A, NO_PRIVILEGE, NEW_PROJECT_STANDARD, ALWAYS } } },
	[ACTION_VIEW_ACCOUNTANTS] = { "view the accountant report", { { BOTH, A, PLAIN } } },
	[ACTION_VIEW_JOB_COSTS] = { "view the job costs report", { { BOTH, A, PLAIN }, { BOTH, NRSA, NO_PRIVILEGE, REPORTS, IF_KEPT } } },
	[ACTION_VIEW_UNSYNCABLE] = { "view the unsyncable direct costs report", { { BOTH, NRSA, NO_PRIVILEGE, REPORTS, IF_KEPT }, { BOTH, R | S | A, NO_PRIVILEGE, NO_ORIGIN, IF_NOT_KEPT } } },
	[ACTION_VIEW_ARCHIVED] = { "view the archived companies", { { TUTORIAL, S | A, ONLY(CAN_EITHER) }, { MATRIX, S | A, PLAIN } } },
	[ACTION_UNLINK_OTHER] = { "unlink a record of another kind", UNLINK(NO_ORIGIN) },
	[ACTION_HOLD] = { "hold or release items", { { BOTH, S | A, PLAIN } } },
	[ACTION_ANSWER] = { "answer for the ERP by hand", { { BOTH, S | A, ONLY(CAN_EXPORT) } } },
	[ACTION_USERS] = { "change users and rights", { { BOTH, A, PLAIN } } },
	[ACTION_LOOK] = { "write approval sheets and reports", { { BOTH, R | S | A, PLAIN } } },
	[ACTION_REPUBLISH] = { "send a batch again, end shadow mode", { { BOTH, A, PLAIN } } },
	[ACTION_VOID] = { "declare a batch void", { { BOTH, A, ONLY(CAN_EXPORT) } } },
};

static const struct action_type types[] = {
	{ "vendor", ACTION_DECIDE_COMPANY, ACTION_UNLINK_COMPANY, "directory" },
	{ "project", ACTION_DECIDE_PROJECT, ACTION_UNLINK_OTHER, "admin" },
	{ "subjob", ACTION_DECIDE_SUBJOB, ACTION_UNLINK_OTHER, "admin" },
	{ "budget", ACTION_DECIDE_BUDGET, ACTION_UNLINK_OTHER, "budget" },
	{ "budget-change", ACTION_DECIDE_BUDGET, ACTION_UNLINK_OTHER, "budget" },
	{ "forecast", ACTION_DECIDE_BUDGET, ACTION_UNLINK_OTHER, "budget" },
	{ "commitment", ACTION_DECIDE_COMMITMENT, ACTION_UNLINK_COMMITMENT, "commitments" },
	{ "cco", ACTION_DECIDE_CCO, ACTION_UNLINK_CCO, "commitments" },
	{ "invoice", ACTION_DECIDE_INVOICE, ACTION_UNLINK_INVOICE, "commitments" },
	{ "payment", ACTION_DECIDE_INVOICE, ACTION_UNLINK_INVOICE, "commitments" },
	{ "prime", ACTION_DECIDE_PCCO, ACTION_UNLINK_OTHER, "prime-contracts" },
	{ "pcco", ACTION_DECIDE_PCCO, ACTION_UNLINK_PCCO, "prime-contracts" },
	{ "owner-invoice", ACTION_DECIDE_OWNER_INVOICE, ACTION_UNLINK_OWNER_INVOICE, "prime-contracts" },
	{ "erp-vendor", ACTION_ADD_COMPANY, ACTION_UNLINK_COMPANY, NULL },
	{ "erp-customer", ACTION_ADD_COMPANY, ACTION_UNLINK_COMPANY, NULL },
	{ "erp-project", ACTION_ADD_JOB, ACTION_UNLINK_OTHER, NULL },
	{ "erp-subjob", ACTION_IMPORT_SUBJOB, ACTION_UNLINK_OTHER, NULL },
	{ "erp-budget", ACTION_IMPORT_BUDGET, ACTION_UNLINK_OTHER, NULL },
	{ "erp-prime", ACTION_IMPORT_PRIME, ACTION_UNLINK_OTHER, NULL },
};
/* clang-format on */

static const char *const tools[] = { "commitments", "budget", "prime-contracts", "directory", "admin", "reports" };
static const char *const singles[] = { "create-project", "send-budgets" };

const struct action_type *
action_type(const char *type)
{
	for (size_t i = 0; type != NULL && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].type, type) == 0)
			return &types[i];
	return NULL;
}

const char *
action_words(enum action what)
{
	eg_check(what >= 1 && what <= ACTION_LAST);
	return actions[what].words;
}

const char *
action_type_at(enum action what, size_t n)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if ((types[i].decide == what || types[i].unlink == what ||
			(what == ACTION_SEND && types[i].tool != NULL)) &&
		    n-- == 0)
			return types[i].type;
	return NULL;
}

enum action
action_to_decide(const struct rec_type *t)
{
	const struct action_type *row = action_type(t->name);

	return row != NULL ? row->decide : t->cls == RC_FROM_ERP ? ACTION_IMPORT_SUBJOB : ACTION_DECIDE_SUBJOB;
}

enum action
action_to_unlink(const struct rec_type *t)
{
	const struct action_type *row = action_type(t->name);

	return row != NULL ? row->unlink : ACTION_UNLINK_OTHER;
}

bool
action_imports(enum action what)
{
	return actions[what].ways[0].privilege == CAN_IMPORT;
}

const char *
action_tool_at(size_t n)
{
	return n < sizeof(tools) / sizeof(tools[0]) ? tools[n] : NULL;
}

const char *
action_single_at(size_t n)
{
	return n < sizeof(singles) / sizeof(singles[0]) ? singles[n] : NULL;
}
