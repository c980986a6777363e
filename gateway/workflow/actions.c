/* SPDX-License-Identifier: MIT
 *
 * The actions and the level of role each needs. Refuses with E-74.
 */
#include "gateway/workflow/actions.h"

#include <pwd.h>
#include <unistd.h>

/* clang-format off */
static const struct {
	const char *what;
	enum user_role least;
	bool decides;
} actions[ACTION_LAST + 1] = {
	[ACTION_DECIDE_CODES] = { "accept or reject cost codes", ROLE_STANDARD, true },
	[ACTION_DECIDE_OWNER_INVOICE] = { "accept or reject owner invoices", ROLE_STANDARD, true },
	[ACTION_DECIDE_INVOICE] = { "accept or reject subcontractor invoices", ROLE_STANDARD, true },
	[ACTION_DECIDE_BUDGET] = { "accept or reject a budget", ROLE_STANDARD, true },
	[ACTION_DECIDE_CCO] = { "accept or reject a commitment change order", ROLE_STANDARD, true },
	[ACTION_DECIDE_COMMITMENT] = { "accept or reject a commitment", ROLE_STANDARD, true },
	[ACTION_DECIDE_COMPANY] = { "accept or reject a company", ROLE_STANDARD, true },
	[ACTION_DECIDE_PCCO] = { "accept or reject a prime contract change order", ROLE_STANDARD, true },
	[ACTION_DECIDE_PROJECT] = { "accept or reject a project", ROLE_STANDARD, true },
	[ACTION_DECIDE_SUBJOB] = { "accept or reject a sub job", ROLE_STANDARD, true },
	[ACTION_ADD_PROJECT] = { "add a project to the ERP", ROLE_STANDARD, false },
	[ACTION_ADD_COMPANY] = { "add an ERP company to the directory", ROLE_STANDARD, false },
	[ACTION_ADD_JOB] = { "add an ERP job", ROLE_ADMIN, false },
	[ACTION_ARCHIVE_COMPANY] = { "archive an ERP company", ROLE_STANDARD, false },
	[ACTION_ASSIGN_COST_TYPES] = { "assign default cost types", ROLE_STANDARD, false },
	[ACTION_SETTINGS] = { "configure advanced settings", ROLE_ADMIN, false },
	[ACTION_SCHEDULE] = { "configure the schedule", ROLE_ADMIN, false },
	[ACTION_DIRECT_EXPORT] = { "switch direct exports", ROLE_ADMIN, false },
	[ACTION_IMPORT_BUDGET] = { "import a budget", ROLE_STANDARD, false },
	[ACTION_IMPORT_PRIME] = { "import a prime contract", ROLE_STANDARD, false },
	[ACTION_IMPORT_SUBJOB] = { "import a sub job", ROLE_STANDARD, false },
	[ACTION_LINK_COMPANY] = { "link ERP companies", ROLE_ADMIN, false },
	[ACTION_REFRESH_COMPANIES] = { "refresh the companies list", ROLE_ADMIN, false },
	[ACTION_REFRESH_CODES] = { "refresh project cost codes", ROLE_ADMIN, false },
	[ACTION_SEND] = { "send, retrieve or resend items", ROLE_STANDARD, false },
	[ACTION_SYNC_COSTS] = { "take job cost transactions", ROLE_ADMIN, false },
	[ACTION_SYNC_PAYMENTS] = { "take paid invoice notifications", ROLE_ADMIN, false },
	[ACTION_UNLINK_CCO] = { "unlink a commitment change order", ROLE_STANDARD, false },
	[ACTION_UNLINK_COMMITMENT] = { "unlink a commitment", ROLE_STANDARD, false },
	[ACTION_UNLINK_OWNER_INVOICE] = { "unlink an owner invoice", ROLE_STANDARD, false },
	[ACTION_UNLINK_PCCO] = { "unlink a prime contract change order", ROLE_STANDARD, false },
	[ACTION_UNLINK_INVOICE] = { "unlink a subcontractor invoice", ROLE_STANDARD, false },
	[ACTION_UNLINK_COMPANY] = { "unlink a company", ROLE_STANDARD, false },
	[ACTION_VIEW_SUBJOBS] = { "view the synced sub jobs", ROLE_STANDARD, false },
	[ACTION_VIEW_ACCOUNTANTS] = { "view the accountant report", ROLE_ADMIN, false },
	[ACTION_VIEW_JOB_COSTS] = { "view the job costs report", ROLE_ADMIN, false },
	[ACTION_VIEW_UNSYNCABLE] = { "view the unsyncable direct costs report", ROLE_READ, false },
	[ACTION_VIEW_ARCHIVED] = { "view the archived companies", ROLE_STANDARD, false },
};
/* clang-format on */

static bool
is_operator(const struct site *s)
{
	struct stat st;

	return geteuid() == 0 || (fstat(s->dir, &st) == 0 && st.st_uid == geteuid());
}

int
action_allowed(struct site *s, enum action what, const struct item *it, struct eg_err *err)
{
	struct eg_arena a;
	struct user u;
	int rc;

	eg_check(what >= 1 && what <= ACTION_LAST);
	eg_arena_init(&a, 1 << 18);
	rc = user_find(s->store, s->actor, &a, &u, err);
	if (rc == EG_EOF)
		rc = !actions[what].decides && is_operator(s) ?
		         EG_OK :
		         eg_fail(err, EG_BADREC, "E-74", "%s is no user of this site and may not %s%s%s.", s->actor,
			     actions[what].what, it == NULL ? "" : ": ", it == NULL ? "" : it->iid);
	else if (rc == EG_OK && (!u.active || u.role < actions[what].least))
		rc = eg_fail(err, EG_BADREC, "E-74",
		    "%s may not %s: that needs role %s. An administrator gives it: erpgate users grant %s --role %s",
		    u.name, actions[what].what, actions[what].least == ROLE_ADMIN ? "admin" : "standard", u.name,
		    actions[what].least == ROLE_ADMIN ? "admin" : "standard");
	eg_arena_done(&a);
	return rc;
}
