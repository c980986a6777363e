/* SPDX-License-Identifier: MIT
 *
 * Rules 1 to 3 of layouts.md §2.1: vendor, project and sub jobs must be known to the ERP before anything that names
 * them can leave.
 */
#include "gateway/workflow/rules.h"

static const char *
state_of(const struct node *n)
{
	return n == NULL ? "not known here" : state_title(n->it.state);
}

int
check_vendor(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	const char *id = rule_text(e, "vendor.pm_id");
	struct node *v;
	const char *iid;

	(void)err;
	if (id == NULL)
		return EG_OK;
	v = world_party(e->w, REC_VENDOR, id);
	if (node_synced(v))
		return EG_OK;
	iid = iid_join(e->a, REC_VENDOR, &id, 1);
	rule_hold(e, rule->code, rule_at(e), iid != NULL ? iid : "", v != NULL ? iid : NULL,
	    "Company %s is %s, so the accounting system has no vendor for %s yet. Accept the company for export, or link it: erpgate link vendor %s --erp %s --erp-id …%s",
	    id, state_of(v), e->n->it.iid, id, e->w->s->erp, v != NULL ? "" : world_near(e->w, NEAR_VENDORS, id));
	return EG_OK;
}

/* ---- projects ---- */

static void
hold_for_project(struct eval *e, const struct rule *rule, const char *number, const struct project_now *p)
{
	const char *iid = iid_join(e->a, REC_PROJECT, &number, 1);

	rule_hold(e, rule->code, rule_at(e), iid != NULL ? iid : "", p->known != NULL ? p->known->it.iid : NULL,
	    "Project %s is %s, so the accounting system cannot take %s yet. Accept the project for export and wait for its answer, or link it: erpgate link project %s --erp %s --erp-id …%s",
	    number, state_of(p->known), e->n->it.iid, number, e->w->s->erp,
	    p->known != NULL ? "" : world_near(e->w, NEAR_PROJECTS, number));
}

/* A site can keep a project out (project.*.sync), or only its cost transactions. */
static bool
switched_off(struct eval *e, const struct rule *rule, const char *number, const char *key)
{
	if (number == NULL || strcmp(conf_project(&e->w->s->conf, number, key), "no") != 0)
		return false;
	rule_hold(e, rule->code, rule_at(e), world_text(e->w, "project.%s.%s", number, key), NULL,
	    "Project %s is kept out by the setting project.%s.%s = no. Let it in: erpgate config set project.%s.%s yes",
	    number, number, key, number, key);
	return true;
}

int
check_project(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	const char *number = rule_text(e, "project.number");
	struct project_now p;

	(void)err;
	if (number == NULL || switched_off(e, rule, number, "sync"))
		return EG_OK;
	project_by_number(e->w, number, &p);
	if (!p.synced)
		hold_for_project(e, rule, number, &p);
	return EG_OK;
}

/* From the ERP: its job must have a project on the project side. */
int
check_erp_project(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	const char *code = rule_text(e, "project.origin_code");
	struct project_now p;
	const char *iid;

	(void)err;
	if (code == NULL)
		return EG_OK;
	project_by_code(e->w, code, &p);
	if (switched_off(e, rule, p.number, "sync"))
		return EG_OK;
	if (e->n->it.type->id == REC_ERP_COST && switched_off(e, rule, p.number, "job_cost_transactions"))
		return EG_OK;
	if (p.synced)
		return EG_OK;
	iid = iid_join(e->a, REC_ERP_PROJECT, &code, 1);
	rule_hold(e, rule->code, rule_at(e), iid != NULL ? iid : "", p.known != NULL ? p.known->it.iid : NULL,
	    "Job %s of the accounting system has no project on the project side, so %s has no place there. Accept the job for import, or link a project to it: erpgate link project … --erp %s --erp-id %s",
	    code, e->n->it.iid, e->w->s->erp, code);
	return EG_OK;
}

/* ---- ERP keys that companies and projects carry ---- */

int
check_given_key(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	const struct node *n = e->n;
	const char *what = n->it.type->id == REC_VENDOR ? "vendor" : "job";
	const char *list = n->it.type->id == REC_VENDOR ? "erp-vendor" : "erp-project";
	const char *iid;

	(void)err;
	if (!n->opened || n->given == NULL)
		return EG_OK;
	iid = iid_join(e->a, n->it.type->id == REC_VENDOR ? REC_ERP_VENDOR : REC_ERP_PROJECT, &n->given, 1);
	switch (n->says) {
	case LINK_NO_LIST:
		rule_hold(e, "F-34", rule_at(e), list, NULL,
		    "%s names the ERP's %s %s, and the accounting system's list of %ss has never been received. Drop that list.",
		    n->it.iid, what, n->given, what);
		break;
	case LINK_NOT_THERE:
		rule_hold(e, "F-33", rule_at(e), iid != NULL ? iid : "", NULL,
		    "%s names the ERP's %s %s, which is not in the list that the accounting system sent. Correct the key on the project side, or enter the %s there and send its list again.%s",
		    n->it.iid, what, n->given, what,
		    world_near(e->w, n->it.type->id == REC_VENDOR ? NEAR_ERP_VENDORS : NEAR_ERP_JOBS, n->given));
		break;
	case LINK_TAKEN:
		rule_refuse(e, rule->code, rule_at(e),
		    "%s names the ERP's %s %s, which belongs to %s already. One of the two has a wrong key: correct it on the project side.",
		    n->it.iid, what, n->given, n->owner);
		break;
	case LINK_ARCHIVED:
		rule_refuse(e, rule->code, rule_at(e),
		    "%s names the ERP's %s %s, which is inactive or archived. Bring it back (erpgate unarchive erp-%s/%s) or correct the key.",
		    n->it.iid, what, n->given, n->it.type->name, n->given);
		break;
	case LINK_NOTHING:
		break;
	}
	return EG_OK;
}

/* ---- sub jobs ---- */

int
check_subjob_item(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	const char *number = rule_text(e, "project.number"), *code = rule_text(e, "sub_job.code");
	struct project_now p;

	(void)err;
	if (number == NULL || code == NULL)
		return EG_OK;
	project_by_number(e->w, number, &p);
	if (!p.synced) {
		hold_for_project(e, rule, number, &p);
	} else if (erp_bit(e->w->s->erp) == ERP_C) {
		const char *parts[2] = { p.erp != NULL ? p.erp : number, code };
		const char *iid = iid_join(e->a, REC_ERP_SUBJOB, parts, 2);

		rule_hold(e, rule->code, rule_at(e), iid != NULL ? iid : "", NULL,
		    "CMiC does not take sub jobs, and its job list has no sub job %s under job %s. Enter it in CMiC; it links by itself when the list comes again.",
		    code, parts[0]);
	}
	return EG_OK;
}

enum subjob_now {
	SUBJOB_SYNCED,
	SUBJOB_COMING,
	SUBJOB_UNKNOWN
};

static enum subjob_now
subjob_now(struct eval *e, const struct project_now *p, const char *number, const char *code, const struct node **ret)
{
	struct node *own = world_find(e->w, REC_SUBJOB, number, code, NULL);
	struct node *erp = p->erp != NULL ? world_find(e->w, REC_ERP_SUBJOB, p->erp, code, NULL) : NULL;

	*ret = own != NULL ? own : erp;
	if (node_synced(own) || node_coming_in(erp))
		return SUBJOB_SYNCED;
	return *ret != NULL ? SUBJOB_COMING : SUBJOB_UNKNOWN;
}

static void
line_subjob(struct eval *e, const struct rule *rule, const struct project_now *p, const char *number, size_t line,
    const char *code)
{
	const char *parts[2] = { number, code };
	const struct node *known = NULL;
	enum subjob_now now = subjob_now(e, p, number, code, &known);
	const char *iid = iid_join(e->a, REC_SUBJOB, parts, 2);

	if (now == SUBJOB_SYNCED)
		return;
	if (now == SUBJOB_COMING || !p->synced || erp_bit(e->w->s->erp) == ERP_A) {
		rule_hold(e, "E-17", rule_line_at(e, line), iid != NULL ? iid : "",
		    known != NULL ? known->it.iid : NULL,
		    "The line is booked on sub job %s of project %s, which is %s. The document waits until the accounting system has that sub job.",
		    code, number, state_of(known));
		return;
	}
	rule_refuse(e, rule->code, rule_line_at(e, line),
	    "The line is booked on sub job %s, and job %s has no such sub job in the accounting system. Correct the line on the project side and export the document again.",
	    code, p->erp != NULL ? p->erp : number);
}

int
check_line_subjobs(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	const char *number = rule_text(e, "project.number");
	bool cco = e->n->it.type->id == REC_CCO, asked = false;
	struct project_now p;
	int64_t existing = 0;

	(void)err;
	if (number == NULL)
		return EG_OK;
	project_by_number(e->w, number, &p);
	for (size_t i = 0; i < e->r.nlines; i++) {
		const char *code = rule_line(e, i, "line.sub_job");

		if (code == NULL || (cco && rule_line_int(e, i, "line.commitment_line", &existing)))
			continue;
		if (erp_bit(e->w->s->erp) == ERP_C && !e->w->jobs_there) {
			if (!asked)
				rule_hold(e, "F-34", rule_at(e), "erp-project", NULL,
				    "Lines of %s are booked on sub jobs, and CMiC's job list has never been received. Drop that list.",
				    e->n->it.iid);
			asked = true;
			continue;
		}
		line_subjob(e, rule, &p, number, i, code);
	}
	return EG_OK;
}
