/* SPDX-License-Identifier: MIT
 *
 * What Acumatica Vision asks of the project behind an owner invoice (domain.md §3.10 OI1, E-67, E-69): a customer, no pro forma billing, a revenue budget by task and
 * cost code, active tasks. The ERP's project list says it, so an invoice waits until a newer list says otherwise; of a project that is in no list nothing is asked.
 * Codes of the lines are those of the ERP's list (E-38). Tests: tests/rules/E-67, E-69, tests/scenario/vision.py.
 */
#include "gateway/workflow/rules.h"

/* The project as the ERP's list has it; *ret_there false: no list has it. Its fields are read once for the item. */
static int
listed_project(struct eval *e, const char **ret_code, struct rec *ret, bool *ret_there, struct eg_err *err)
{
	const char *number = rule_text(e, "project.number");
	struct project_now p = { .erp = NULL };
	struct node *erp;

	*ret_there = false;
	if (number != NULL)
		project_by_number(e->w, number, &p);
	if (p.erp == NULL)
		return EG_OK;
	*ret_code = p.erp;
	erp = world_find(e->w, REC_ERP_PROJECT, p.erp, NULL, NULL);
	if (erp == NULL)
		return EG_OK;
	*ret_there = true;
	return item_record(e->w->s->store, erp->it.rev, e->a, ret, err);
}

int
check_owner_level(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	bool set = strcmp(conf_text(&e->w->s->conf, "acumatica.revenue_budget_level"), "task_cost_code") == 0;
	const char *code = NULL, *level = NULL;
	bool there;
	struct rec r;
	int rc = listed_project(e, &code, &r, &there, err);

	if (rc != EG_OK)
		return rc;
	if (there)
		level = head_text(e->a, &r, "project.revenue_budget_level");
	if (level != NULL ? strcmp(level, "Task and Cost Code") == 0 : set)
		return EG_OK;
	rule_hold(e, rule->code, rule_at(e),
	    level != NULL ? world_text(e->w, "RevenueBudgetLevel of %s", code) : "acumatica.revenue_budget_level", NULL,
	    "%s is billed by task and cost code, and the revenue budget of project %s is kept at the level %s. Change the level in Acumatica to Task and Cost Code and drop its project list again%s",
	    e->n->it.iid, e->n->it.project, level != NULL ? level : "Task",
	    level != NULL ? "." :
			    ", or say that it is so: erpgate config set acumatica.revenue_budget_level task_cost_code");
	return EG_OK;
}

int
check_owner_project(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	const char *code = NULL;
	bool there;
	struct rec r;
	int rc = listed_project(e, &code, &r, &there, err);

	if (rc != EG_OK || !there)
		return rc;
	if (rec_head(&r, "project.customer")->state != RV_VALUE)
		rule_hold(e, rule->code, rule_at(e), world_text(e->w, "Customer of %s", code), NULL,
		    "Project %s has no customer in Acumatica's project list, so %s has nobody to bill. Enter the customer there and drop the list again, with its column Customer.",
		    code, e->n->it.iid);
	if (head_is(&r, "project.pro_forma", "yes"))
		rule_hold(e, rule->code, rule_at(e), world_text(e->w, "pro forma billing of %s", code), NULL,
		    "Project %s bills by pro forma invoice in Acumatica, which would make %s a second time. Switch pro forma billing off there and drop the project list again.",
		    code, e->n->it.iid);
	return EG_OK;
}

/* A task that Acumatica's list calls inactive takes no revenue. */
static void
inactive_task(struct eval *e, size_t line, const char *project)
{
	const char *code = rule_line(e, line, "line.sub_job");
	const struct node *task = code != NULL ? world_find(e->w, REC_ERP_SUBJOB, project, code, NULL) : NULL;

	if (task != NULL && task->it.state == ST_ARCHIVED)
		rule_hold(e, "E-69", rule_line_at(e, line), task->it.iid, task->it.iid,
		    "The line bills task %s of project %s, which is not active in Acumatica. Make it active there and drop its list of tasks again.",
		    code, project);
}

/* Revenue has no cost type: the code alone must be in the ERP's list. */
static void
unknown_code(struct eval *e, const struct rule *rule, size_t line)
{
	const char *code = rule_line(e, line, "line.cost_code");
	enum code_verdict v = code != NULL ? code_verdict(e->w, code, NULL) : CODE_GOOD;

	if (v == CODE_ZERO_LOST || v == CODE_UNKNOWN)
		rule_refuse(e, v == CODE_ZERO_LOST ? "E-19" : rule->code, rule_line_at(e, line), "%s",
		    code_message(e->w, v, code, NULL));
}

static bool
has_codes(const struct eval *e)
{
	for (size_t i = 0; i < e->r.nlines; i++)
		if (rec_line(&e->r, i, "line.cost_code")->state == RV_VALUE)
			return true;
	return false;
}

int
check_owner_lines(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	const char *number = rule_text(e, "project.number");
	struct project_now p = { .erp = NULL };
	int rc = e->w->codes_there ? refs_codes(e->w, err) : EG_OK;

	if (number != NULL)
		project_by_number(e->w, number, &p);
	if (!e->w->codes_there && has_codes(e))
		hold_for_code_lists(e);
	for (size_t i = 0; rc == EG_OK && i < e->r.nlines; i++) {
		if (p.erp != NULL)
			inactive_task(e, i, p.erp);
		if (e->w->codes_there)
			unknown_code(e, rule, i);
	}
	return rc;
}
