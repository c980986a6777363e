/* SPDX-License-Identifier: MIT
 *
 * Rule 6 of layouts.md §2.1: job cost transactions that the project side cannot place are kept, held with the
 * reason, and go when the reason is gone.
 */
#include "gateway/workflow/rules.h"

static bool
vendor_known(struct eval *e, const char *code)
{
	return node_coming_in(world_party(e->w, REC_ERP_VENDOR, code)) || world_by_erp(e->w, REC_VENDOR, code) != NULL;
}

static void
check_journal_and_vendor(struct eval *e)
{
	const char *type = rule_text(e, "cost.type"), *vendor = rule_text(e, "cost.vendor"),
		   *number = rule_text(e, "cost.invoice_number");
	const char *journal;

	if (type == NULL) {
		journal = rule_text(e, "cost.journal");
		rule_hold(e, "E-29", rule_at(e),
		    world_text(e->w, "cmic.journal_map %s", journal != NULL ? journal : ""), NULL,
		    "Journal %s is not mapped to a kind of cost. Add it to cmic.journal_map: erpgate config set cmic.journal_map …",
		    journal != NULL ? journal : "(none)");
		return;
	}
	if (strcmp(type, "invoice") != 0 && strcmp(type, "subcontractor_invoice") != 0)
		return;
	if (vendor == NULL || number == NULL)
		rule_hold(e, "E-28", rule_at(e), vendor == NULL ? "vendor" : "invoice number", NULL,
		    "The transaction is an invoice without %s, which the project side does not take. Complete it in the accounting system; the corrected one is taken with the next export.",
		    vendor == NULL ? "a vendor" : "a number");
	else if (!vendor_known(e, vendor))
		rule_hold(e, "E-28", rule_at(e), world_text(e->w, "erp-vendor/%s", vendor), NULL,
		    "Vendor %s of this cost is not known to the project side. Accept it for import, or link a company to it: erpgate link vendor … --erp %s --erp-id %s",
		    vendor, e->w->s->erp, vendor);
}

static int
check_pair(struct eval *e, const struct project_now *p, struct eg_err *err)
{
	const char *code = rule_text(e, "cost.cost_code"), *type = rule_text(e, "cost.cost_type"),
		   *sub = rule_text(e, "cost.sub_job");
	bool there = false;
	int rc;

	if (code == NULL || type == NULL)
		return EG_OK;
	rc = pair_on_project(e->w, p, code, type, &there, err);
	if (rc == EG_OK && !there &&
	    conf_bool(&e->w->s->conf, sub == NULL ? "budget_add_combinations" : "budget_add_sub_job_combinations"))
		there = code_verdict(e->w, code, type) == CODE_GOOD;
	if (rc == EG_OK && !there)
		rule_hold(e, "E-27", rule_at(e), world_text(e->w, "%s %s.%s", p->number, code, type), NULL,
		    "Cost code %s with cost type %s is not on project %s. Add the pair to the project's codes or budget and export that list again.",
		    code, type, p->number);
	else if (rc == EG_OK && sub != NULL && !node_coming_in(world_find(e->w, REC_ERP_SUBJOB, p->erp, sub, NULL)) &&
		 !node_synced(world_find(e->w, REC_SUBJOB, p->number, sub, NULL)))
		rule_hold(e, "E-27", rule_at(e), world_text(e->w, "subjob/%s/%s", p->number, sub), NULL,
		    "The cost is booked on sub job %s of job %s, which is not on the project side yet. Accept the sub job for import.",
		    sub, p->erp);
	return rc;
}

int
check_cost(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	const char *job = rule_text(e, "project.origin_code"), *currency = rule_text(e, "cost.currency");
	const char *own = conf_text(&e->w->s->conf, "currency");
	struct project_now p;
	int rc = EG_OK;

	(void)rule;
	check_journal_and_vendor(e);
	if (job != NULL) {
		project_by_code(e->w, job, &p);
		if (p.synced)
			rc = check_pair(e, &p, err);
	}
	if (rc == EG_OK && currency != NULL && strcmp(currency, own) != 0)
		rule_hold(e, "E-33", rule_at(e), currency, NULL,
		    "The cost is in %s and this site keeps its books in %s. Enter it by hand in the project's currency.",
		    currency, own);
	return rc;
}
