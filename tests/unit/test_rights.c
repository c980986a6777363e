/* SPDX-License-Identifier: MIT
 *
 * Who may do what. The first table is domain.md §4.5 typed from the page: its number, its words, its marks; beside them what this gateway makes of them for a user with
 * every privilege and one with none, in both readings. Then rights on tools, single rights, limits, who is at the keyboard, and separation of duty.
 */
#include "intake_kit.h"

#include "base/fs.h"
#include "gateway/workflow/actions.h"
#include "gateway/workflow/actor.h"

#include <stdlib.h>

/* ---- the page ---- */

static const struct {
	const char *words; /* as the page has them */
	const char *page; /* its marks: N R S A; . none, the letter, + with its extra */
	/* who may, as N R S A: with the privilege for everything, with none */
	const char *tutorial, *tutorial_without, *matrix, *matrix_without;
} page[] = {
	{ "", "", "", "", "", "" }, /* the page counts from 1 */
	{ "accept/reject cost codes for export", "...+", "..SA", "....", "...A", "...." },
	{ "accept/reject owner invoices", "...+", "..SA", "....", "...A", "...." },
	{ "accept/reject subcontractor invoices", "...+", "..SA", "....", "...A", "...." },
	{ "accept/reject a budget", "...+", "..SA", "....", "...A", "...." },
	{ "accept/reject a CCO", "...+", "..SA", "....", "...A", "...." },
	{ "accept/reject a commitment", "...+", "..SA", "....", "...A", "...." },
	{ "accept/reject a company", "...+", "..SA", "....", "...A", "...." },
	{ "accept/reject a PCCO", "...+", "..SA", "....", "...A", "...." },
	{ "accept/reject a project", "...+", "..SA", "....", "...A", "...." },
	{ "accept/reject a sub job", "...+", "..SA", "....", "...A", "...." },
	{ "add a project to the ERP", "..SA", "..SA", "..SA", "..SA", "..SA" },
	{ "add an ERP company to the directory", "..SA", "..SA", "....", "..SA", "...." },
	{ "add an ERP job", "...A", "..SA", "....", "...A", "...." },
	{ "archive an ERP company", "..SA", "..SA", "..SA", "..SA", "..SA" },
	{ "assign default cost types", "..SA", "..SA", "..SA", "..SA", "..SA" },
	{ "configure advanced settings", "...A", "...A", "...A", "...A", "...A" },
	{ "configure the sync schedule", "...A", "...A", "...A", "...A", "...A" },
	{ "enable/disable direct exports", "...A", "...A", "....", "...A", "...." }, /* + privilege for each tool */
	{ "import a budget", "..SA", "..SA", "....", "..SA", "...." },
	{ "import a prime contract", "..SA", "..SA", "....", "..SA", "...." },
	{ "import a sub job", "..SA", "..SA", "....", "..SA", "...." },
	{ "link ERP companies", "...A", "...A", "...A", "...A", "...A" },
	{ "refresh the companies list", "...A", "...A", "...A", "...A", "...A" },
	{ "refresh project cost codes", "...A", "...A", "...A", "...A", "...A" },
	{ "send, retrieve, resend items", "....", "..SA", "..SA", "..SA",
	    "..SA" }, /* the role stands in for the item's own tool */
	{ "sync job cost transactions", "...A", "...A", "...A", "...A", "...A" },
	{ "sync paid invoice notifications", "...A", "..SA", "...A", "...A", "...A" }, /* tutorial: approvers, too */
	{ "unlink CCOs", "..SA", "..SA", "....", "..SA", "..SA" }, /* tutorial: + approver */
	{ "unlink commitments", "..SA", "..SA", "....", "..SA", "..SA" },
	{ "unlink owner invoices", "..SA", "..SA", "....", "..SA", "..SA" },
	{ "unlink PCCOs", "..SA", "..SA", "....", "..SA", "..SA" },
	{ "unlink subcontractor invoices", "..SA", "..SA", "....", "..SA", "..SA" },
	{ "unlink a company", "..SA", "..SA", "..SA", "..SA", "..SA" },
	{ "view list of synced sub jobs", "..++", "..SA", "..SA", "..SA", "..SA" },
	{ "view accountant report", "...A", "...A", "...A", "...A", "...A" },
	{ "view ERP job costs report", "...A", "...A", "...A", "...A", "...A" },
	{ "view ERP unsyncable direct costs report", "....", ".RSA", ".RSA", ".RSA", ".RSA" },
	{ "view archived companies list", "..SA", "..SA", "....", "..SA", "..SA" }, /* tutorial: approver */
};

static struct conf
settings(const char *text)
{
	struct conf c;
	struct eg_err err;

	assert_int_equal(conf_parse(eg_bytes_str(text), "erpgate.conf", &c, &err), EG_OK);
	return c;
}

static void
row_is(const struct conf *c, unsigned n, const char *types, const char *expected, const char *column)
{
	struct user u = { .name = "pat", .active = true, .types = types };
	char got[5] = "....";

	for (int level = ROLE_NONE; level <= ROLE_ADMIN; level++) {
		u.role = (enum user_role)level;
		if (action_may(c, &u, (enum action)n, NULL, NULL, NULL))
			got[level] = "NRSA"[level];
	}
	if (strcmp(got, expected) != 0)
		fail_msg("%u %s: %s may, expected %s (%s)", n, page[n].words, got, expected, column);
}

static void
test_page(void **state)
{
	struct conf tutorial = settings(""), matrix = settings("rights.reading = matrix\n");

	(void)state;
	assert_int_equal(sizeof(page) / sizeof(page[0]) - 1, 38);
	assert_int_equal(ACTION_PAGE_LAST, 38);
	for (unsigned n = 1; n <= ACTION_PAGE_LAST; n++) {
		row_is(&tutorial, n, "all", page[n].tutorial, "tutorial, every privilege");
		row_is(&tutorial, n, "", page[n].tutorial_without, "tutorial, no privilege");
		row_is(&matrix, n, "all", page[n].matrix, "matrix, every privilege");
		row_is(&matrix, n, "", page[n].matrix_without, "matrix, no privilege");
		for (unsigned i = 0; i < 4;
		     i++) /* what the page gives to a role, the matrix reading gives with privileges */
			if (page[n].page[i] != '.' && page[n].matrix[i] == '.')
				fail_msg("%u %s: the page marks %c", n, page[n].words, "NRSA"[i]);
	}
	conf_free(&tutorial);
	conf_free(&matrix);
}

/* What stands in the manual is what the program prints. */
static void
test_manual(void **state)
{
	struct eg_buf text = EG_BUF_INIT, manual = EG_BUF_INIT;
	struct eg_err err;
	int dir = -1;

	(void)state;
	assert_int_equal(eg_fs_opendir(AT_FDCWD, "docs/reference", &dir, &err), EG_OK);
	assert_int_equal(eg_fs_read_file(dir, "rights.md", 1 << 20, &manual, &err), EG_OK);
	actions_print(&text);
	if (strstr(eg_buf_cstr(&manual), eg_buf_cstr(&text)) == NULL)
		fail_msg("docs/reference/rights.md does not hold this table:\n%s", eg_buf_cstr(&text));
	eg_fd_done(&dir);
	eg_buf_done(&text);
	eg_buf_done(&manual);
}

/* Every type that is decided about has its own row, and each action words of its own. */
static void
test_complete(void **state)
{
	(void)state;
	for (unsigned i = 0; i < REC_NTYPES; i++) {
		const struct rec_type *t = rec_type((enum rec_id)i);
		const char *found = NULL, *name;
		for (size_t n = 0; (name = action_type_at(action_to_decide(t), n)) != NULL; n++)
			if (strcmp(name, t->name) == 0)
				found = name;
		if ((t->cls == RC_TO_ERP || t->cls == RC_FROM_ERP) && found == NULL)
			fail_msg("%s has no row in actions_table.c", t->name);
		if (found != NULL)
			assert_int_equal(action_imports(action_to_decide(t)), t->cls == RC_FROM_ERP);
	}
	for (int x = 1; x <= ACTION_LAST; x++)
		for (int y = 1; y < x; y++)
			assert_string_not_equal(action_words((enum action)x), action_words((enum action)y));
}

/* ---- privileges, tools, single rights ---- */

static const struct {
	const char *name, *settings;
	struct user u;
	enum action what;
	const char *type, *project;
	const char *missing, *grant; /* NULL = he may */
} asks[] = {
	{ "the type in its direction", "", { .role = ROLE_STANDARD, .exports = "invoice" }, ACTION_DECIDE_INVOICE,
	    "invoice", "P1", NULL, NULL },
	{ "both directions", "", { .role = ROLE_STANDARD, .types = "erp-vendor,invoice" }, ACTION_ADD_COMPANY,
	    "erp-vendor", NULL, NULL, NULL },
	{ "another type", "", { .role = ROLE_STANDARD, .exports = "invoice" }, ACTION_DECIDE_CCO, "cco", "P1",
	    "the right to export cco (it can push to accounting)", " --can-export cco" },
	{ "the other direction", "", { .role = ROLE_STANDARD, .exports = "all" }, ACTION_ADD_COMPANY, "erp-vendor",
	    NULL, "the right to import erp-vendor (it can push to accounting)", " --can-import erp-vendor" },
	{ "role and privilege", "", { .role = ROLE_READ }, ACTION_DECIDE_INVOICE, "invoice", "P1",
	    "role standard and the right to export invoice (it can push to accounting)",
	    " --role standard --can-export invoice" },
	{ "matrix wants the admin", "rights.reading = matrix\n", { .role = ROLE_STANDARD, .types = "all" },
	    ACTION_DECIDE_INVOICE, "invoice", "P1", "role admin", " --role admin" },
	{ "no tool rights kept: not asked", "", { .role = ROLE_STANDARD, .types = "all" }, ACTION_UNLINK_COMMITMENT,
	    "commitment", "P1", NULL, NULL },
	{ "asked of everybody", "rights.origin_tools = yes\n", { .role = ROLE_STANDARD, .types = "all" },
	    ACTION_UNLINK_COMMITMENT, "commitment", "P1",
	    "admin on the tool commitments of the project side in project P1", " --tool commitments=admin@P1" },
	{ "kept for this user: asked", "", { .role = ROLE_STANDARD, .types = "all", .tools = "budget=admin" },
	    ACTION_UNLINK_PCCO, "pcco", "P1", "admin on the tool prime-contracts of the project side in project P1",
	    " --tool prime-contracts=admin@P1" },
	{ "on every project", "", { .role = ROLE_STANDARD, .types = "all", .tools = "commitments=admin" },
	    ACTION_UNLINK_CCO, "cco", "P1", NULL, NULL },
	{ "on this project", "", { .role = ROLE_STANDARD, .types = "all", .tools = "commitments=admin@P1" },
	    ACTION_UNLINK_CCO, "cco", "P1", NULL, NULL },
	{ "on another project", "", { .role = ROLE_STANDARD, .types = "all", .tools = "commitments=admin@P2" },
	    ACTION_UNLINK_CCO, "cco", "P1", "admin on the tool commitments of the project side in project P1",
	    " --tool commitments=admin@P1" },
	{ "everywhere but here", "",
	    { .role = ROLE_STANDARD, .types = "all", .tools = "commitments=admin,commitments=read@P1" },
	    ACTION_UNLINK_CCO, "cco", "P1", "admin on the tool commitments of the project side in project P1",
	    " --tool commitments=admin@P1" },
	{ "the matrix asks no tool", "rights.reading = matrix\nrights.origin_tools = yes\n", { .role = ROLE_STANDARD },
	    ACTION_UNLINK_COMMITMENT, "commitment", "P1", NULL, NULL },
	{ "sending needs no role here", "", { .role = ROLE_NONE, .tools = "commitments=admin" }, ACTION_SEND, "invoice",
	    "P1", NULL, NULL },
	{ "sending needs the item's own tool", "", { .role = ROLE_ADMIN, .tools = "commitments=admin" }, ACTION_SEND,
	    "pcco", "P1", "admin on the tool prime-contracts of the project side in project P1",
	    " --tool prime-contracts=admin@P1" },
	{ "a budget with less", "", { .role = ROLE_NONE, .tools = "budget=read", .may = "send-budgets" }, ACTION_SEND,
	    "budget", "P1", NULL, NULL },
	{ "a budget with less, without the single right", "", { .role = ROLE_NONE, .tools = "budget=standard" },
	    ACTION_SEND, "budget", "P1",
	    "admin on the tool budget of the project side in project P1 (or less with the single right send-budgets)",
	    " --tool budget=admin@P1" },
	{ "the single right is for budgets", "",
	    { .role = ROLE_NONE, .tools = "commitments=read", .may = "send-budgets" }, ACTION_SEND, "cco", "P1",
	    "admin on the tool commitments of the project side in project P1", " --tool commitments=admin@P1" },
	{ "role read, no tool rights kept", "", { .role = ROLE_READ }, ACTION_SEND, "invoice", "P1", "role standard",
	    " --role standard" },
	{ "a job, by the directory", "", { .role = ROLE_STANDARD, .types = "all", .tools = "directory=admin" },
	    ACTION_ADD_JOB, "erp-project", NULL, NULL, NULL },
	{ "a job, by the single right", "", { .role = ROLE_STANDARD, .types = "all", .may = "create-project" },
	    ACTION_ADD_JOB, "erp-project", NULL, NULL, NULL },
	{ "a job, by neither", "", { .role = ROLE_STANDARD, .types = "all", .tools = "directory=standard" },
	    ACTION_ADD_JOB, "erp-project", NULL,
	    "the single right create-project (or admin on the tool directory of the project side)",
	    " --may create-project" },
	{ "a job, by an admin", "", { .role = ROLE_ADMIN, .types = "all", .tools = "directory=none" }, ACTION_ADD_JOB,
	    "erp-project", NULL, NULL, NULL },
	{ "sub jobs seen: the single right needs the directory", "", { .role = ROLE_STANDARD, .may = "create-project" },
	    ACTION_VIEW_SUBJOBS, NULL, NULL,
	    "the single right create-project with standard on the tool directory (or admin on the tool directory of the project side)",
	    " --may create-project --tool directory=standard" },
	{ "sub jobs seen", "", { .role = ROLE_STANDARD, .may = "create-project", .tools = "directory=standard" },
	    ACTION_VIEW_SUBJOBS, NULL, NULL, NULL, NULL },
	{ "codes, by the admin tool", "", { .role = ROLE_READ, .tools = "admin=admin@P1" }, ACTION_REFRESH_CODES, NULL,
	    "P1", NULL, NULL },
	{ "codes, by neither", "", { .role = ROLE_READ, .tools = "admin=standard@P1" }, ACTION_REFRESH_CODES, NULL,
	    "P1", "role admin", " --role admin" },
	{ "job costs of a project", "", { .role = ROLE_NONE, .tools = "reports=read@P1,budget=admin@P1" },
	    ACTION_VIEW_JOB_COSTS, NULL, "P1", NULL, NULL },
	{ "job costs of all projects", "", { .role = ROLE_NONE, .tools = "reports=read@P1,budget=admin@P1" },
	    ACTION_VIEW_JOB_COSTS, NULL, NULL, "role admin", " --role admin" },
	{ "unsyncable costs without reports", "", { .role = ROLE_ADMIN, .tools = "prime-contracts=admin" },
	    ACTION_VIEW_UNSYNCABLE, NULL, NULL, "read on the tool reports of the project side",
	    " --tool reports=read" },
	{ "direct exports of a type", "", { .role = ROLE_ADMIN, .exports = "cco" }, ACTION_DIRECT_EXPORT, "commitment",
	    NULL, "the right to export commitment (it can push to accounting)", " --can-export commitment" },
};

static void
test_asks(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		struct conf c = settings(asks[i].settings);
		struct lack l = { EG_BUF_INIT, EG_BUF_INIT, 0 };
		bool may = action_may(&c, &asks[i].u, asks[i].what, asks[i].type, asks[i].project, &l);

		if (may != (asks[i].missing == NULL))
			fail_msg("%s: %s", asks[i].name, may ? "allowed" : eg_buf_cstr(&l.what));
		if (!may) {
			assert_string_equal(eg_buf_cstr(&l.what), asks[i].missing);
			assert_string_equal(eg_buf_cstr(&l.grant), asks[i].grant);
		}
		lack_done(&l);
		conf_free(&c);
	}
}

/* ---- users as they are kept ---- */

static void
test_kept(void **state)
{
	struct kit *k = kit_open("cmic");
	struct user in = { .name = "pat",
		.role = ROLE_NONE,
		.active = true,
		.types = "invoice, cco",
		.exports = "invoice,budget",
		.imports = "erp-vendor,budget",
		.full_name = "Pat O'Neill",
		.mail = "pat@example.com",
		.summary_opt_out = true,
		.may = "send-budgets",
		.tools = "commitments=read,budget=standard@24-104,commitments=admin",
		.added = 7 },
		    out;

	(void)state;
	kit_good(k, user_put(k->s.store, &in, &k->err));
	kit_good(k, user_find(k->s.store, "pat", &k->a, &out, &k->err));
	assert_int_equal(out.role, ROLE_NONE);
	assert_string_equal(out.types, "budget,cco,invoice"); /* each type in one list, whoever named it twice */
	assert_string_equal(out.exports, "");
	assert_string_equal(out.imports, "erp-vendor");
	assert_string_equal(out.full_name, "Pat O'Neill");
	assert_string_equal(out.mail, "pat@example.com");
	assert_true(out.summary_opt_out);
	assert_string_equal(out.may, "send-budgets");
	assert_string_equal(out.tools, "budget=standard@24-104,commitments=admin"); /* the last word on a tool counts */
	out.exports = out.imports = out.types = out.tools = NULL;
	kit_good(k, user_put(k->s.store, &out, &k->err));
	kit_good(k, user_find(k->s.store, "pat", &k->a, &out, &k->err));
	assert_string_equal(out.types, "");
	assert_string_equal(out.tools, "");
	kit_close(k);
}

/* ---- decisions ---- */

#define DAEMON ((uid_t)1) /* an account that every system has and that keeps no test's folder */

/* Items of drop D000001, whose owner is root, from source procore: a vendor, and a budget of 500.00; of the ERP: a vendor. */
static struct kit *
world(const char *text)
{
	struct kit *k = kit_open("cmic");

	conf_free(&k->s.conf);
	kit_good(k, conf_parse(eg_bytes_str(text), "erpgate.conf", &k->s.conf, &k->err));
	kit_drop(k, "procore", "companies.csv");
	kit_give(k, ADP_TAKEN, "vendor", 2, "vendor.pm_id=1001;vendor.name=Acme", NULL);
	kit_give(k, ADP_TAKEN, "budget", 3, "project.number=P1",
	    "line.cost_code=01-100;line.cost_type=L;line.original_amount=500.00");
	kit_drop(k, "cmic", "vendors.csv");
	kit_give(k, ADP_TAKEN, "erp-vendor", 2, "vendor.origin_code=V1;vendor.name=Beta", NULL);
	kit_settle(k, false);
	return k;
}

static void
user(struct kit *k, struct user u)
{
	u.active = u.revoked == 0;
	kit_good(k, user_put(k->s.store, &u, &k->err));
}

static const struct {
	const char *name, *settings;
	struct user u;
	const char *item, *verdict;
	const char *says[3]; /* parts of the refusal; none = he may */
} decisions[] = {
	{ "as added by `--approve all`", "", { .role = ROLE_STANDARD, .types = "all" }, "budget/P1", "accept",
	    { NULL } },
	{ "a type from the ERP", "", { .role = ROLE_STANDARD, .types = "erp-vendor" }, "erp-vendor/V1", "accept",
	    { NULL } },
	{ "hiding it, too", "", { .role = ROLE_STANDARD, .types = "erp-vendor" }, "erp-vendor/V1", "archive",
	    { NULL } },
	{ "not by the export right", "", { .role = ROLE_STANDARD, .exports = "all" }, "erp-vendor/V1", "archive",
	    { "pat may not add an ERP company to the directory: erp-vendor/V1", "import erp-vendor",
		"erpgate users grant pat --can-import erp-vendor" } },
	{ "not for a type he lacks", "", { .role = ROLE_STANDARD, .types = "vendor" }, "budget/P1", "reject",
	    { "pat may not accept or reject a budget: budget/P1", "the right to export budget",
		"erpgate users grant pat --can-export budget" } },
	{ "not as a reader", "", { .role = ROLE_READ, .types = "all" }, "budget/P1", "accept",
	    { "accept or reject a budget", "role standard", "erpgate users grant pat --role standard" } },
	{ "not as nobody", "", { .role = ROLE_NONE, .types = "all" }, "budget/P1", "accept", { "role standard" } },
	{ "not revoked", "", { .role = ROLE_ADMIN, .types = "all", .revoked = 5 }, "budget/P1", "accept",
	    { "the rights were revoked", "erpgate users grant pat" } },
	{ "matrix", "rights.reading = matrix\n", { .role = ROLE_STANDARD, .types = "all" }, "budget/P1", "accept",
	    { "role admin" } },
	{ "matrix, admin", "rights.reading = matrix\n", { .role = ROLE_ADMIN, .types = "all" }, "budget/P1", "accept",
	    { NULL } },
	{ "to the cent", "", { .role = ROLE_STANDARD, .types = "all", .limit = "500.00" }, "budget/P1", "accept",
	    { NULL } },
	{ "a cent over", "", { .role = ROLE_STANDARD, .types = "all", .limit = "499.99" }, "budget/P1", "accept",
	    { "budget/P1 is over pat's limit: 500.00, the limit is 499.99", "Someone with a higher limit" } },
	{ "over the limit he may reject", "", { .role = ROLE_STANDARD, .types = "all", .limit = "1.00" }, "budget/P1",
	    "reject", { NULL } },
	{ "a limit that is none lets nothing through", "", { .role = ROLE_STANDARD, .types = "all", .limit = "much" },
	    "budget/P1", "accept", { "limit" } },
	{ "the dropper, by account", "approvals.separate_submitter = yes\n",
	    { .role = ROLE_STANDARD, .types = "all", .account = "root" }, "budget/P1", "reject",
	    { "pat dropped the file budget/P1 is in (companies.csv)", "Another approver" } },
	{ "another account", "approvals.separate_submitter = yes\n",
	    { .role = ROLE_STANDARD, .types = "all", .account = "daemon" }, "budget/P1", "accept", { NULL } },
	{ "no account, another name", "approvals.separate_submitter = yes\n", { .role = ROLE_STANDARD, .types = "all" },
	    "budget/P1", "accept", { NULL } },
	{ "submitters may, unless set", "", { .role = ROLE_STANDARD, .types = "all", .account = "root" }, "budget/P1",
	    "accept", { NULL } },
};

static void
refusal_is(const char *name, int rc, const struct eg_err *err, const char *const says[3])
{
	if (rc != (says[0] == NULL ? EG_OK : EG_BADREC) || (rc != EG_OK && strcmp(err->code, "E-74") != 0))
		fail_msg("%s: %d %s: %s", name, rc, rc < 0 ? err->code : "", rc < 0 ? err->msg : "allowed");
	for (size_t i = 0; i < 3 && says[i] != NULL; i++)
		if (strstr(err->msg, says[i]) == NULL)
			fail_msg("%s: \"%s\" does not say \"%s\"", name, err->msg, says[i]);
}

static void
test_decisions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(decisions) / sizeof(decisions[0]); i++) {
		struct kit *k = world(decisions[i].settings);
		struct user pat = decisions[i].u;
		struct item it = kit_item(k, decisions[i].item);

		pat.name = "pat";
		user(k, pat);
		refusal_is(decisions[i].name, rights_check(&k->s, "pat", &it, decisions[i].verdict, &k->err), &k->err,
		    decisions[i].says);
		kit_close(k);
	}
}

/* Users without an account: their name as account, as drop folder, or as the one who took the file in by hand. */
static void
test_submitters(void **state)
{
	static const struct {
		const char *user, *ingested_by;
		bool may;
	} rows[] = { { "root", NULL, false }, { "procore", NULL, false }, { "pat", NULL, true },
		{ "pat", "pat", false }, { "pat", "lee", true } };
	static const char *const no[3] = { "dropped the file" }, *const yes[3] = { NULL };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kit *k = world("approvals.separate_submitter = yes\n");
		struct item it = kit_item(k, "budget/P1");

		user(k, (struct user){ .name = rows[i].user, .role = ROLE_STANDARD, .types = "all" });
		if (rows[i].ingested_by != NULL)
			kit_good(
			    k, store_log(k->s.store, 1, rows[i].ingested_by, "ingested", "D000001", NULL, &k->err));
		refusal_is(rows[i].user, rights_check(&k->s, rows[i].user, &it, "accept", &k->err), &k->err,
		    rows[i].may ? yes : no);
		kit_close(k);
	}
}

#define DAY INT64_C(86400)
#define NOW INT64_C(1780000000) /* kit_clock */

static void
test_editors(void **state)
{
	static const struct {
		const char *name, *settings;
		int64_t at;
		const char *actor, *event, *id, *detail, *verdict;
		const char *says[3];
	} rows[] = {
		{ "an adapter that could not be named", "", NOW, "pat", "adapter-changed", "adapters/x.adapter", "{}",
		    "accept", { "pat changed the adapter adapters/x.adapter on 2026-", "budget/P1", "for 30 days" } },
		{ "rejecting stays possible", "", NOW, "pat", "adapter-changed", "adapters/x.adapter", "{}", "reject",
		    { NULL } },
		{ "the adapter that read the file", "", NOW, "pat", "adapter-changed", "adapters/x.adapter",
		    "{\"adapter\":\"procore-budget\"}", "accept", { "adapters/x.adapter" } },
		{ "an adapter it does not go through", "", NOW, "pat", "adapter-changed", "adapters/x.adapter",
		    "{\"adapter\":\"procore-pcco\"}", "accept", { NULL } },
		{ "a table", "", NOW, "pat", "table-changed", "tables/cost_type.csv", "{}", "accept",
		    { "the table tables/cost_type.csv" } },
		{ "settings by hand, known by the file's owner", "", NOW, "erpgate", "config-changed", "erpgate.conf",
		    "{\"owner\":\"daemon\"}", "accept", { "the settings in erpgate.conf" } },
		{ "a setting", "", NOW, "pat", "config", "currency", "{}", "accept", { "the setting currency" } },
		{ "another's rights", "", NOW, "pat", "user-added", "lee", "{}", "accept", { "the rights of lee" } },
		{ "his own account's edit", "", NOW, "daemon", "user-changed", "pat", "{}", "link",
		    { "the rights of pat" } },
		{ "somebody else's edit", "", NOW, "lee", "config", "currency", "{}", "accept", { NULL } },
		{ "long ago", "", NOW - 30 * DAY - 1, "pat", "config", "currency", "{}", "accept", { NULL } },
		{ "just inside", "", NOW - 30 * DAY, "pat", "config", "currency", "{}", "accept", { "currency" } },
		{ "days as set", "approvals.separate_editor_days = 2\n", NOW - 3 * DAY, "pat", "config", "currency",
		    "{}", "accept", { NULL } },
		{ "what is no edit", "", NOW, "pat", "held", "budget/P1", "{}", "accept", { NULL } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = eg_xprintf("approvals.separate_editor = yes\n%s", rows[i].settings);
		struct kit *k = world(text);
		struct item it = kit_item(k, "budget/P1");
		struct file_row f;

		kit_good(k, store_file_get(k->s.store, it.file, &k->a, &f, &k->err));
		f.adapter = "procore-budget";
		f.adapter_sha256 = "00";
		kit_good(k, store_file_set(k->s.store, &f, &k->err));
		user(k, (struct user){ .name = "pat", .role = ROLE_ADMIN, .types = "all", .account = "daemon" });
		kit_good(k, store_log(k->s.store, rows[i].at, rows[i].actor, rows[i].event, rows[i].id, rows[i].detail,
				&k->err));
		refusal_is(
		    rows[i].name, rights_check(&k->s, "pat", &it, rows[i].verdict, &k->err), &k->err, rows[i].says);
		conf_free(&k->s.conf);
		kit_good(k, conf_parse(EG_LIT(""), "erpgate.conf", &k->s.conf, &k->err));
		kit_good(k, rights_check(&k->s, "pat", &it, rows[i].verdict, &k->err)); /* off by default */
		kit_close(k);
		free(text);
	}
}

/* ---- who is at the keyboard ---- */

static const struct {
	const char *name, *settings, *as, *key;
	bool keeper; /* the caller owns the site's folder */
	enum action what;
	const char *says[3];
} keyboards[] = {
	{ "the operator keeps the site", "", NULL, NULL, true, ACTION_USERS, { NULL } },
	{ "and does not decide", "", NULL, NULL, true, ACTION_DECIDE_BUDGET, { "belongs to no user of this site" } },
	{ "a strange account", "", NULL, NULL, false, ACTION_HOLD,
	    { "Account daemon belongs to no user of this site and may not hold or release items",
		"erpgate users add NAME --account daemon" } },
	{ "not even to look", "", NULL, NULL, false, ACTION_LOOK, { "erpgate users grant NAME --account daemon" } },
	{ "the operator as a user has that user's rights", "", "reader", NULL, true, ACTION_HOLD,
	    { "reader may not hold or release items", "role standard", "erpgate users grant reader --role standard" } },
	{ "a name that nobody has", "", "sam", NULL, true, ACTION_HOLD,
	    { "sam is no user of this site and may not hold", "erpgate users add sam" } },
	{ "another's name without proof", "", "boss", NULL, false, ACTION_HOLD,
	    { "Nothing proves that account daemon is boss", "--key with the private key of boss",
		"erpgate users grant boss --account daemon" } },
	{ "with the wrong key", "", "boss", "reader.pem", false, ACTION_HOLD,
	    { "Nothing proves that account daemon is boss" } },
	{ "with the key", "", "boss", "boss.pem", false, ACTION_HOLD, { NULL } },
	{ "by the account", "", "clerk", NULL, false, ACTION_HOLD, { NULL } },
	{ "where no signatures are required names are trusted", "approvals.require_signature = no\n", "boss", NULL,
	    false, ACTION_USERS, { NULL } },
	{ "and have no more rights for it", "approvals.require_signature = no\n", "clerk", NULL, false, ACTION_USERS,
	    { "clerk may not change users and rights", "role admin" } },
};

static void
person(struct kit *k, const char *name, enum user_role role, const char *account)
{
	char *private_name = eg_xprintf("%s.pem", name), *public_name = eg_xprintf("%s.pub.pem", name);
	struct sign_key *key = NULL;
	struct eg_buf pem = EG_BUF_INIT;
	char id[SIGN_KEY_ID];

	kit_good(k, sign_key_make(k->s.dir, private_name, public_name, &k->err));
	kit_good(k, sign_key_load(k->s.dir, private_name, true, &key, &k->err));
	kit_good(k, sign_key_public_pem(key, &pem, &k->err));
	sign_key_id(key, id);
	user(k, (struct user){ .name = name,
		    .role = role,
		    .types = "all",
		    .account = account,
		    .pubkey = eg_buf_cstr(&pem),
		    .key_id = id });
	sign_key_free(key);
	eg_buf_done(&pem);
	free(private_name);
	free(public_name);
}

static void
forget_keys(struct kit *k)
{
	static const char *const names[] = { "boss.pem", "boss.pub.pem", "reader.pem", "reader.pub.pem", "clerk.pem",
		"clerk.pub.pem" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		kit_good(k, eg_fs_unlink(k->s.dir, names[i], &k->err));
}

static void
test_keyboard(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(keyboards) / sizeof(keyboards[0]); i++) {
		struct kit *k = world(keyboards[i].settings);
		char *key = keyboards[i].key == NULL ? NULL : eg_xprintf("%s/%s", k->dir, keyboards[i].key);

		person(k, "boss", ROLE_ADMIN, NULL);
		person(k, "reader", ROLE_READ, NULL);
		person(k, "clerk", ROLE_STANDARD,
		    keyboards[i].as != NULL && strcmp(keyboards[i].as, "clerk") == 0 ? "daemon" : NULL);
		kit_good(k, actor_find(&k->s, keyboards[i].as, key, keyboards[i].keeper ? geteuid() : DAEMON, &k->err));
		refusal_is(keyboards[i].name, action_allowed(&k->s, keyboards[i].what, NULL, &k->err), &k->err,
		    keyboards[i].says);
		free(key);
		forget_keys(k);
		kit_close(k);
	}
}

/* The account decides who one is; an account that is named as somebody else's user gives nothing. */
static void
test_accounts(void **state)
{
	struct kit *k = world("");
	static const char *const no[3] = { "Account daemon belongs to no user" };

	(void)state;
	user(k, (struct user){ .name = "daemon", .role = ROLE_ADMIN, .types = "all" }); /* not his account */
	kit_good(k, actor_find(&k->s, NULL, NULL, DAEMON, &k->err));
	refusal_is("a user's name is no account", action_allowed(&k->s, ACTION_HOLD, NULL, &k->err), &k->err, no);
	user(k, (struct user){ .name = "old", .role = ROLE_ADMIN, .types = "all", .account = "daemon", .revoked = 4 });
	user(k, (struct user){ .name = "pat", .role = ROLE_STANDARD, .types = "all", .account = "daemon" });
	kit_good(k, actor_find(&k->s, NULL, NULL, DAEMON, &k->err));
	assert_string_equal(k->s.caller.name, "pat"); /* the one who is still here */
	kit_good(k, action_allowed(&k->s, ACTION_HOLD, NULL, &k->err));
	assert_int_equal(action_allowed(&k->s, ACTION_USERS, NULL, &k->err), EG_BADREC);
	kit_close(k);
}

/* ---- acts and files by hand ---- */

static void
test_acts(void **state)
{
	static const struct {
		const char *act, *item, *user;
		const char *says[3];
	} rows[] = {
		{ "hold", "budget/P1", "standard", { NULL } },
		{ "hold", "budget/P1", "reader",
		    { "reader may not hold or release items: budget/P1", "role standard" } },
		{ "retrieve", "budget/P1", "standard", { NULL } },
		{ "retrieve", "budget/P1", "reader", { "send, retrieve or resend items: budget/P1" } },
		{ "resend", "budget/P1", "builder", { NULL } },
		{ "resend", "vendor/1001", "builder", { "admin on the tool directory", "--tool directory=admin" } },
		{ "archive", "erp-vendor/V1", "standard", { NULL } },
		{ "unarchive", "erp-vendor/V1", "reader", { "archive an ERP company" } },
		{ "archive", "budget/P1", "standard", { NULL } },
		{ "unlink", "vendor/1001", "standard", { NULL } },
		{ "unlink", "budget/P1", "standard",
		    { "unlink a record of another kind: budget/P1", "the right to export budget" } },
		{ "unlink", "budget/P1", "approver", { NULL } },
	};
	struct kit *k = world("");

	(void)state;
	user(k, (struct user){ .name = "reader", .role = ROLE_READ });
	user(k, (struct user){ .name = "standard", .role = ROLE_STANDARD });
	user(k, (struct user){ .name = "approver", .role = ROLE_STANDARD, .types = "all" });
	user(k, (struct user){ .name = "builder", .role = ROLE_NONE, .tools = "budget=admin" });
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct item it = kit_item(k, rows[i].item);
		kit_good(k, actor_find(&k->s, rows[i].user, NULL, geteuid(), &k->err));
		refusal_is(rows[i].act, action_allowed_act(&k->s, rows[i].act, &it, &k->err), &k->err, rows[i].says);
	}
	kit_close(k);
}

static void
test_intake(void **state)
{
	static const struct {
		const char *source, *user;
		const char *says[3];
	} rows[] = {
		{ "procore", "standard", { NULL } },
		{ "procore", "reader", { "send, retrieve or resend items" } },
		{ "cmic", "standard", { "refresh the companies list", "role admin" } },
		{ "cmic", "admin", { NULL } },
		{ "second-cmic", "standard", { "refresh the companies list" } },
		{ "approvals", "reader", { NULL } },
	};
	struct kit *k = world("source.second-cmic.family = cmic\n");

	(void)state;
	user(k, (struct user){ .name = "reader", .role = ROLE_READ });
	user(k, (struct user){ .name = "standard", .role = ROLE_STANDARD });
	user(k, (struct user){ .name = "admin", .role = ROLE_ADMIN });
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		kit_good(k, actor_find(&k->s, rows[i].user, NULL, geteuid(), &k->err));
		refusal_is(
		    rows[i].source, action_allowed_intake(&k->s, rows[i].source, &k->err), &k->err, rows[i].says);
	}
	kit_close(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_page),
		cmocka_unit_test(test_manual),
		cmocka_unit_test(test_complete),
		cmocka_unit_test(test_asks),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_decisions),
		cmocka_unit_test(test_submitters),
		cmocka_unit_test(test_editors),
		cmocka_unit_test(test_keyboard),
		cmocka_unit_test(test_accounts),
		cmocka_unit_test(test_acts),
		cmocka_unit_test(test_intake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
