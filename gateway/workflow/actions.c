/* SPDX-License-Identifier: MIT
 *
 * Whether a user may do something: every way of the action is tried, and when none allows it, what is missing is told for the one that lacks least.
 * Tests: tests/unit/test_rights.c.
 */
#include "gateway/workflow/actions_table.h"

#include <limits.h>

/* ---- what a user has ---- */

static bool
lists(const char *list, const char *word)
{
	struct eg_bytes rest = eg_bytes_str(list), part;

	while (eg_bytes_cut(&rest, ',', &part)) {
		part = eg_bytes_trim(part);
		if (part.len > 0 && (word == NULL || eg_bytes_is(part, word) || eg_bytes_is(part, "all")))
			return true;
	}
	return false;
}

static bool
has_privilege(const struct user *u, enum privilege p, const char *type)
{
	if (p == NO_PRIVILEGE || lists(u->types, type))
		return true;
	return (p != CAN_IMPORT && lists(u->exports, type)) || (p != CAN_EXPORT && lists(u->imports, type));
}

/* The level on a tool: that of the project where one is kept for it, else that of all projects. */
static enum user_role
tool_level(const struct user *u, const char *tool, const char *project)
{
	struct eg_bytes rest = eg_bytes_str(u->tools), part, name, level;
	enum user_role all = ROLE_NONE, one;

	while (eg_bytes_cut(&rest, ',', &part)) {
		if (!eg_bytes_cut(&part, '=', &name) || !eg_bytes_is(name, tool) || !eg_bytes_cut(&part, '@', &level))
			continue;
		char *word = eg_xdup(level);
		bool good = user_role_named(word, &one);
		free(word);
		if (good && part.len == 0)
			all = one;
		else if (good && project != NULL && eg_bytes_is(part, project))
			return one;
	}
	return all;
}

static bool
tool_rights_kept(const struct conf *c, const struct user *u)
{
	return conf_bool(c, "rights.origin_tools") || lists(u->tools, NULL) || lists(u->may, NULL);
}

/* ---- one way ---- */

struct asking {
	const struct user *u;
	const char *type, *project;
	bool kept;
};

static void missing(struct lack *l, const char *grant, const char *fmt, ...) EG_PRINTF(3, 4);

static void
missing(struct lack *l, const char *grant, const char *fmt, ...)
{
	va_list ap;

	eg_buf_str(&l->what, l->n == 0 ? "" : " and ");
	va_start(ap, fmt);
	eg_buf_vprintf(&l->what, fmt, ap);
	va_end(ap);
	eg_buf_printf(&l->grant, " %s", grant);
	l->n++;
}

static bool
on_tool(const struct asking *q, const char *tool, enum user_role level)
{
	return tool_level(q->u, tool, q->project) >= level;
}

static void
lacks_tool(const struct asking *q, const char *tool, enum user_role level, const char *or_else, struct lack *l)
{
	const char *at = q->project == NULL ? "" : "@", *project = q->project == NULL ? "" : q->project;
	char *grant = eg_xprintf("--tool %s=%s%s%s", tool, user_role_word(level), at, project);

	missing(l, grant, "%s on the tool %s of the project side%s%s%s", user_role_word(level), tool,
	    q->project == NULL ? "" : " in project ", project, or_else);
	free(grant);
}

static void
check_own_tool(const struct asking *q, struct lack *l)
{
	const struct action_type *row = action_type(q->type);
	const char *tool = row == NULL ? NULL : row->tool;
	bool budget = tool != NULL && strcmp(tool, "budget") == 0;

	for (size_t i = 0; tool == NULL && action_tool_at(i) != NULL; i++)
		if (on_tool(q, action_tool_at(i), ROLE_ADMIN))
			return;
	if (tool == NULL) {
		missing(l, "--tool TOOL=admin", "admin on a tool of the project side");
		return;
	}
	if (!on_tool(q, tool, ROLE_ADMIN) &&
	    !(budget && on_tool(q, tool, ROLE_READ) && lists(q->u->may, "send-budgets")))
		lacks_tool(q, tool, ROLE_ADMIN, budget ? " (or less with the single right send-budgets)" : "", l);
}

static void
check_new_project(const struct asking *q, enum user_role beside, struct lack *l)
{
	if (!on_tool(q, "directory", ROLE_ADMIN) &&
	    !(lists(q->u->may, "create-project") && on_tool(q, "directory", beside)))
		missing(l,
		    beside == ROLE_NONE ? "--may create-project" : "--may create-project --tool directory=standard",
		    "the single right create-project%s (or admin on the tool directory of the project side)",
		    beside == ROLE_NONE ? "" : " with standard on the tool directory");
}

static void
check_reports(const struct asking *q, struct lack *l)
{
	if (!on_tool(q, "reports", ROLE_READ))
		lacks_tool(q, "reports", ROLE_READ, "", l);
	if (!on_tool(q, "budget", ROLE_ADMIN) && !on_tool(q, "prime-contracts", ROLE_ADMIN))
		lacks_tool(q, "budget", ROLE_ADMIN, " (or on prime-contracts)", l);
}

static void
check_origin(const struct asking *q, enum origin origin, struct lack *l)
{
	const char *tool = origin == COMMITMENTS     ? "commitments" :
	                   origin == PRIME_CONTRACTS ? "prime-contracts" :
	                                               "admin";

	switch (origin) {
	case NO_ORIGIN:
		break;
	case OWN_TOOL:
		check_own_tool(q, l);
		break;
	case COMMITMENTS:
	case PRIME_CONTRACTS:
	case PROJECT_ADMIN:
		if (!on_tool(q, tool, ROLE_ADMIN))
			lacks_tool(q, tool, ROLE_ADMIN, "", l);
		break;
	case NEW_PROJECT:
		check_new_project(q, ROLE_NONE, l);
		break;
	case NEW_PROJECT_STANDARD:
		check_new_project(q, ROLE_STANDARD, l);
		break;
	case REPORTS:
		check_reports(q, l);
		break;
	}
}

static void
check_privilege(const struct asking *q, enum privilege p, struct lack *l)
{
	static const char *const options[] = { "", "--can-export", "--can-import", "--approve" };
	static const char *const words[] = { "", "export", "import", "export or import" };

	if (has_privilege(q->u, p, q->type))
		return;
	char *grant = eg_xprintf("%s %s", options[p], q->type == NULL ? "TYPE" : q->type);
	missing(l, grant, "the right to %s %s (it can push to accounting)", words[p],
	    q->type == NULL ? "any record type" : q->type);
	free(grant);
}

static void
check_way(const struct asking *q, const struct way *w, struct lack *l)
{
	enum user_role least = ROLE_NONE;

	eg_buf_clear(&l->what);
	eg_buf_clear(&l->grant);
	l->n = 0;
	while ((w->levels & 1U << least) == 0)
		least++;
	if ((w->levels & 1U << q->u->role) == 0) {
		char *grant = eg_xprintf("--role %s", user_role_word(least));
		missing(l, grant, "role %s", user_role_word(least));
		free(grant);
	}
	check_privilege(q, w->privilege, l);
	if (q->kept)
		check_origin(q, w->origin, l);
}

/* ---- the questions ---- */

static unsigned
reading_of(const struct conf *c)
{
	return strcmp(conf_text(c, "rights.reading"), "matrix") == 0 ? MATRIX : TUTORIAL;
}

bool
action_may(const struct conf *c, const struct user *u, enum action what, const char *type, const char *project,
    struct lack *ret)
{
	struct asking q = { u, type, project, tool_rights_kept(c, u) };
	struct lack best = { EG_BUF_INIT, EG_BUF_INIT, UINT_MAX };
	unsigned reading = reading_of(c);

	eg_check(what >= 1 && what <= ACTION_LAST);
	for (size_t i = 0; i < ACTION_WAYS && best.n > 0; i++) {
		const struct way *w = &actions[what].ways[i];
		struct lack l = { EG_BUF_INIT, EG_BUF_INIT, 0 };
		if ((w->readings & reading) == 0 || w->asked == (q.kept ? IF_NOT_KEPT : IF_KEPT))
			continue;
		check_way(&q, w, &l);
		if (l.n < best.n) {
			lack_done(&best);
			best = l;
		} else
			lack_done(&l);
	}
	bool may = best.n == 0;
	if (ret != NULL) {
		lack_done(ret);
		*ret = best;
	} else
		lack_done(&best);
	return may;
}

void
lack_done(struct lack *l)
{
	eg_buf_done(&l->what);
	eg_buf_done(&l->grant);
	l->n = 0;
}
