/* SPDX-License-Identifier: MIT
 *
 * The record model's types by number and by name, and their fields by name. The tables stand by family: model_project.c, model_contract.c,
 * model_from_erp.c, model_row.c. A field or type that a literal names and the model lacks is a programmer's mistake; else a name that is not
 * known is an answer, no failure.
 */
#include "adapters/model_int.h"

#include "base/err.h"

static const struct rec_type *const types[REC_NTYPES] = {
	[REC_VENDOR] = &model_vendor,
	[REC_PROJECT] = &model_project,
	[REC_SUBJOB] = &model_subjob,
	[REC_BUDGET] = &model_budget,
	[REC_BUDGET_CHANGE] = &model_budget_change,
	[REC_FORECAST] = &model_forecast,
	[REC_COMMITMENT] = &model_commitment,
	[REC_CCO] = &model_cco,
	[REC_INVOICE] = &model_invoice,
	[REC_PAYMENT] = &model_payment,
	[REC_PRIME] = &model_prime,
	[REC_PCCO] = &model_pcco,
	[REC_ERP_VENDOR] = &model_erp_vendor,
	[REC_ERP_CUSTOMER] = &model_erp_customer,
	[REC_ERP_PROJECT] = &model_erp_project,
	[REC_ERP_SUBJOB] = &model_erp_subjob,
	[REC_ERP_BUDGET] = &model_erp_budget,
	[REC_ERP_PRIME] = &model_erp_prime,
	[REC_ERP_CODE] = &model_erp_code,
	[REC_ERP_JOBCOST] = &model_erp_jobcost,
	[REC_ERP_COST] = &model_erp_cost,
	[REC_ERP_PAYMENT] = &model_erp_payment,
	[REC_COST_CODE] = &model_cost_code,
	[REC_COST_TYPE] = &model_cost_type,
	[REC_ASSIGNMENT] = &model_assignment,
	[REC_SELECTION] = &model_selection,
	[REC_JOB_CODE] = &model_job_code,
	[REC_DEFAULT_TASK] = &model_default_task,
	[REC_ANSWER] = &model_answer,
	[REC_DECISION] = &model_decision,
	[REC_OWNER_INVOICE] = &model_owner_invoice,
	[REC_ADOPTION] = &model_adoption,
};

const struct rec_type *
rec_type(enum rec_id id)
{
	eg_check((unsigned)id < REC_NTYPES);
	return types[id];
}

const struct rec_type *
rec_type_named(struct eg_bytes name)
{
	for (unsigned i = 0; i < REC_NTYPES; i++)
		if (eg_bytes_is(name, types[i]->name))
			return types[i];
	return NULL;
}

static int
find(const struct rec_field *f, unsigned n, struct eg_bytes name)
{
	for (unsigned i = 0; i < n; i++)
		if (eg_bytes_is(name, f[i].name))
			return (int)i;
	return -1;
}

int
rec_field_named(const struct rec_type *t, struct eg_bytes name, bool *ret_line)
{
	int i = find(t->head, t->nhead, name);

	*ret_line = false;
	if (i >= 0)
		return i;
	i = find(t->line, t->nline, name);
	*ret_line = i >= 0;
	return i;
}

unsigned
rec_head_index(const struct rec_type *t, const char *name)
{
	int i = find(t->head, t->nhead, eg_bytes_str(name));

	if (i < 0)
		eg_bug("%s has no header field %s", t->name, name);
	return (unsigned)i;
}

unsigned
rec_line_index(const struct rec_type *t, const char *name)
{
	int i = find(t->line, t->nline, eg_bytes_str(name));

	if (i < 0)
		eg_bug("%s has no line field %s", t->name, name);
	return (unsigned)i;
}
