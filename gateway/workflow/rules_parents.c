/* SPDX-License-Identifier: MIT
 *
 * Rule 5 of layouts.md §2.1 and what rule 7 says about budgets and payments: children wait for their parents. What
 * a child says about lines of a parent that has not come is not looked at; the child is held for the parent
 * instead.
 */
#include "gateway/workflow/merge.h"
#include "gateway/workflow/rules.h"

static const char *
why_not_ready(const struct node *n)
{
	if (n == NULL)
		return "not known here";
	return node_synced(n) ? "not posted there yet" : state_title(n->it.state);
}

static bool
aside(const struct node *n)
{
	return n->it.state == ST_REJECTED || n->it.state == ST_ARCHIVED;
}

/* ---- budget changes ---- */

int
check_budget_ready(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	static const char *const key[] = { "project.number" };
	const char *iid = rule_iid(e, REC_BUDGET, key, 1);
	struct node *budget = world_item(e->w, iid);

	(void)err;
	if (!node_ready(e->w, budget))
		rule_hold(e, rule->code, rule_at(e), iid, budget != NULL ? iid : NULL,
		    "A budget change follows its budget, and the budget of project %s is %s in the accounting system. The change leaves by itself once the budget is there%s.",
		    e->n->it.project, why_not_ready(budget), erp_bit(e->w->s->erp) == ERP_C ? " and posted" : "");
	return EG_OK;
}

/* ---- commitment change orders ---- */

static const char *const commitment_key[] = { "project.number", "commitment.number" };

static bool
same(const char *given, const char *is)
{
	return given == NULL || (is != NULL && strcmp(given, is) == 0);
}

static void
cco_line(struct eval *e, const struct node *commitment, size_t i)
{
	const struct line_at *line;
	int64_t position = 0;

	if (!rule_line_int(e, i, "line.commitment_line", &position))
		return;
	line = node_line(commitment, position);
	if (line == NULL) {
		rule_refuse(e, "E-38", rule_line_at(e, i),
		    "The line changes line %lld of %s, which has no such line. Correct the number on the project side and export the change order again.",
		    (long long)position, commitment->it.iid);
		return;
	}
	if (!same(rule_line(e, i, "line.sub_job"), line->sub_job) ||
	    !same(rule_line(e, i, "line.cost_code"), line->code) ||
	    !same(rule_line(e, i, "line.cost_type"), line->type))
		rule_refuse(e, "F-27", rule_line_at(e, i),
		    "The line changes line %lld of %s, but its sub job, cost code or cost type is another than there. Leave them empty, or make a new line of it.",
		    (long long)position, commitment->it.iid);
}

/* CMiC takes the change orders of a commitment one after the other. */
static void
earlier_ccos(struct eval *e, const struct rule *rule)
{
	for (struct node *o = world_children(e->w, REC_CCO, e->n->it.parent); o != NULL; o = o->sibling) {
		if (o == e->n || aside(o) || strcmp(o->it.number, e->n->it.number) >= 0 || node_ready(e->w, o))
			continue;
		rule_hold(e, rule->code, rule_at(e), o->it.iid, o->it.iid,
		    "CMiC takes the change orders of a commitment in order, and change order %s, which comes before this one, is %s. Settle that one first.",
		    o->it.number, why_not_ready(o));
	}
}

int
check_cco(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	const char *iid = rule_iid(e, REC_COMMITMENT, commitment_key, 2);
	struct node *commitment = world_item(e->w, iid);
	int rc;

	if (!node_ready(e->w, commitment))
		rule_hold(e, rule->code, rule_at(e), iid, commitment != NULL ? iid : NULL,
		    "Commitment %s is %s in the accounting system, so its change order cannot follow yet. It leaves by itself then.",
		    iid, why_not_ready(commitment));
	if (erp_bit(e->w->s->erp) == ERP_C)
		earlier_ccos(e, rule);
	if (commitment == NULL)
		return EG_OK;
	rc = world_open(e->w, commitment, err);
	if (rc != EG_OK)
		return rc;
	if (erp_bit(e->w->s->erp) == ERP_M && commitment->purchase_order)
		rule_refuse(e, "E-44", rule_at(e),
		    "%s is a purchase order, and MRI takes no change orders on purchase orders. Enter the change in MRI by hand.",
		    iid);
	for (size_t i = 0; i < e->r.nlines; i++)
		cco_line(e, commitment, i);
	return EG_OK;
}

/* ---- invoices ---- */

static void
contract_line(struct eval *e, const struct node *commitment, size_t i)
{
	int64_t position = 0;

	if (rule_line_int(e, i, "line.commitment_line", &position) && node_line(commitment, position) == NULL)
		rule_refuse(e, "E-38", rule_line_at(e, i),
		    "The line bills line %lld of %s, which has no such line. Correct the number on the project side and export the invoice again.",
		    (long long)position, commitment->it.iid);
}

static int
change_order_line(struct eval *e, const struct rule *rule, size_t i, struct eg_err *err)
{
	const char *parts[3] = { rule_text(e, "project.number"), rule_text(e, "commitment.number"),
		rule_line(e, i, "line.change_order") };
	const char *iid = iid_join(e->a, REC_CCO, parts, 3);
	struct node *cco;
	int64_t position = 0;
	int rc;

	if (iid == NULL)
		return EG_OK;
	cco = world_item(e->w, iid);
	if (!node_synced(cco))
		rule_hold(e, rule->code, rule_line_at(e, i), iid, cco != NULL ? iid : NULL,
		    "The line bills change order %s, which is %s in the accounting system. The invoice leaves by itself once the change order is there.",
		    parts[2], why_not_ready(cco));
	if (cco == NULL)
		return EG_OK;
	rc = world_open(e->w, cco, err);
	if (rc == EG_OK && rule_line_int(e, i, "line.change_order_line", &position) && node_line(cco, position) == NULL)
		rule_refuse(e, "E-38", rule_line_at(e, i),
		    "The line bills line %lld of change order %s, which has no such line. Correct the number on the project side and export the invoice again.",
		    (long long)position, parts[2]);
	return rc;
}

static void
earlier_invoices(struct eval *e)
{
	bool cmic = erp_bit(e->w->s->erp) == ERP_C;

	for (struct node *o = world_children(e->w, REC_INVOICE, e->n->it.parent); o != NULL; o = o->sibling) {
		if (o == e->n || aside(o) || o->it.seq == 0 || o->it.seq >= e->n->it.seq)
			continue; /* an invoice without a place in the order (UBL has none) waits for nobody and holds nobody */
		if (!node_synced(o))
			rule_hold(e, "E-52", rule_at(e), o->it.iid, o->it.iid,
			    "Invoice %s comes before this one and is %s. Invoices of a commitment leave in order: settle that one first.",
			    o->it.number, state_title(o->it.state));
		else if (cmic && o->it.posted != 1)
			rule_hold(e, "E-57", rule_at(e), o->it.iid, o->it.iid,
			    "Invoice %s comes before this one and is not posted in CMiC yet, so this one would be refused there. Post it; this one leaves with the next answer.",
			    o->it.number);
	}
}

int
check_invoice(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	const char *iid = rule_iid(e, REC_COMMITMENT, commitment_key, 2);
	struct node *commitment = world_item(e->w, iid);
	int rc = commitment != NULL ? world_open(e->w, commitment, err) : EG_OK;

	if (rc != EG_OK)
		return rc;
	if (!node_ready(e->w, commitment))
		rule_hold(e, rule->code, rule_at(e), iid, commitment != NULL ? iid : NULL,
		    "Commitment %s is %s in the accounting system, so its invoice cannot follow yet. It leaves by itself then.",
		    iid, why_not_ready(commitment));
	if (commitment != NULL && commitment->purchase_order && erp_bit(e->w->s->erp) == ERP_A && !e->w->s->vision)
		rule_refuse(e, "F-09", rule_at(e),
		    "%s is a purchase order; Acumatica takes bills for subcontracts only. Enter this bill in Acumatica by hand.",
		    iid);
	earlier_invoices(e);
	for (size_t i = 0; rc == EG_OK && i < e->r.nlines; i++) {
		if (rec_line(&e->r, i, "line.change_order")->state == RV_VALUE)
			rc = change_order_line(e, rule, i, err);
		else if (commitment != NULL)
			contract_line(e, commitment, i);
	}
	return rc;
}

/* ---- payments, prime contract change orders ---- */

int
check_payment(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	static const char *const key[] = { "project.number", "commitment.number", "invoice.invoice_number" };
	const char *iid = rule_iid(e, REC_INVOICE, key, 3);
	struct node *invoice = world_item(e->w, iid);

	(void)err;
	if (!node_synced(invoice))
		rule_hold(e, rule->code, rule_at(e), iid, invoice != NULL ? iid : NULL,
		    "The payment is for %s, which is %s in the accounting system. It leaves by itself once the invoice is there.",
		    iid, why_not_ready(invoice));
	return EG_OK;
}

/* Acumatica Edge gets prime contracts from the project side; CMiC and Vision give their own. Vision's has no number but its project's. */
static const char *
prime_iid(struct eval *e, const char *project, const char *number)
{
	bool theirs = erp_bit(e->w->s->erp) == ERP_C || e->w->s->vision;
	const char *parts[2] = { project, number };
	struct project_now p;

	if (!theirs)
		return iid_join(e->a, REC_PRIME, parts, 2);
	project_by_number(e->w, project, &p);
	parts[0] = p.erp != NULL ? p.erp : project;
	if (e->w->s->vision)
		parts[1] = parts[0];
	return iid_join(e->a, REC_ERP_PRIME, parts, 2);
}

int
check_prime(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	const char *parts[2] = { rule_text(e, "project.number"), rule_text(e, "prime.number") };
	struct node *prime;
	const char *iid;

	(void)err;
	if (parts[0] == NULL || parts[1] == NULL)
		return EG_OK;
	iid = prime_iid(e, parts[0], parts[1]);
	prime = iid != NULL ? world_item(e->w, iid) : NULL;
	if (!node_coming_in(prime))
		rule_hold(e, rule->code, rule_at(e), iid != NULL ? iid : "", prime != NULL ? iid : NULL,
		    "Prime contract %s of project %s is %s, so its %s cannot follow yet. It leaves by itself once the prime contract is synced.",
		    parts[1], e->n->it.project, why_not_ready(prime),
		    e->n->it.type->id == REC_PCCO ? "change order" : "invoice");
	return EG_OK;
}

/* ---- from the ERP ---- */

/* Once a budget has gone out, taking one back would overwrite it. */
int
check_erp_budget(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	const char *code = rule_text(e, "project.origin_code");
	struct project_now p;
	struct node *budget;

	(void)err;
	if (code == NULL)
		return EG_OK;
	project_by_code(e->w, code, &p);
	budget = world_find(e->w, REC_BUDGET, p.number, NULL, NULL);
	if (budget != NULL && budget->it.written != NULL)
		rule_refuse(e, rule->code, rule_at(e),
		    "The budget of project %s was sent to the accounting system, so the estimate of job %s is not imported over it. Change the budget on the project side.",
		    p.number, code);
	return EG_OK;
}

/* The invoice as it was sent: vendor and number. CMiC's retainage documents have an R behind the number. */
static struct node *
invoice_of(struct eval *e, const char *vendor, const char *number)
{
	struct node *n = world_by_sent(e->w, REC_INVOICE, world_text(e->w, "%s|%s", vendor, number));
	size_t len = strlen(number);

	if (n != NULL || erp_bit(e->w->s->erp) != ERP_C || len < 2 || number[len - 1] != 'R')
		return n;
	return world_by_sent(e->w, REC_INVOICE, world_text(e->w, "%s|%.*s", vendor, (int)len - 1, number));
}

/* The vendor may have been merged since the invoice left, or the ERP may still name it as before: every name it ever had is asked. */
static int
paid_invoice(struct eval *e, const char *vendor, const char *number, struct node **ret, struct eg_err *err)
{
	const char **names = NULL;
	size_t n = 0;
	int rc = merge_names(e->w->s, REC_ERP_VENDOR, vendor, e->a, &names, &n, err);

	*ret = NULL;
	for (size_t i = 0; rc == EG_OK && *ret == NULL && i < n; i++)
		*ret = invoice_of(e, names[i], number);
	return rc;
}

int
check_erp_payment(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	const char *vendor = rule_text(e, "vendor.origin_code"), *number = rule_text(e, "invoice.invoice_number");
	struct node *invoice = NULL;
	int rc;

	if (vendor == NULL || number == NULL)
		return EG_OK;
	rc = paid_invoice(e, vendor, number, &invoice, err);
	if (rc == EG_OK && !node_synced(invoice))
		rule_hold(e, rule->code, rule_at(e), world_text(e->w, "invoice %s of vendor %s", number, vendor),
		    invoice != NULL ? invoice->it.iid : NULL,
		    "The payment is for invoice %s of vendor %s, which was not sent from here or is not confirmed. It is reported to the project side once the invoice is synced.",
		    number, vendor);
	return rc;
}
