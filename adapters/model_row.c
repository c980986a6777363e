/* SPDX-License-Identifier: MIT
 *
 * The record model: rows that become no item of their own. Reference rows say which cost codes, types and tasks there are; answers, adoptions and
 * decisions are about items: what the ERP made of one, what stood there before, what a person decided on a sheet.
 * Nothing can fail here. The order of fields is part of every content hash (model_int.h).
 */
#include "adapters/model_int.h"

static const struct rec_field cost_code_head[] = {
	{ "code.cost_code", RF_CODE, 0, NULL },
	{ "code.cost_type", RF_CODE, 0, NULL },
	{ "code.name", RF_TEXT, 0, NULL },
	{ "code.active", RF_BOOL, 0, NULL },
	{ "code.is_default", RF_BOOL, 0, NULL },
};

const struct rec_type model_cost_code = {
	.id = REC_COST_CODE,
	.name = "cost-code",
	.title = "Cost code (reference)",
	.cls = RC_REFERENCE,
	.nkey = 2,
	.key = { "code.cost_code", "code.cost_type" },
	HEAD(cost_code_head),
};

static const struct rec_field cost_type_head[] = {
	{ "code.cost_type", RF_CODE, 0, NULL },
	{ "code.name", RF_TEXT, 0, NULL },
	{ "code.active", RF_BOOL, 0, NULL },
};

const struct rec_type model_cost_type = {
	.id = REC_COST_TYPE,
	.name = "cost-type",
	.title = "Cost type (reference)",
	.cls = RC_REFERENCE,
	.nkey = 1,
	.key = { "code.cost_type" },
	HEAD(cost_type_head),
};

static const struct rec_field assignment_head[] = {
	{ "code.cost_code", RF_CODE, 0, NULL },
	{ "code.cost_type", RF_CODE, 0, NULL },
	{ "code.is_default", RF_BOOL, 0, NULL },
};

const struct rec_type model_assignment = {
	.id = REC_ASSIGNMENT,
	.name = "assignment",
	.title = "Code assignment (reference)",
	.cls = RC_REFERENCE,
	.nkey = 2,
	.key = { "code.cost_code", "code.cost_type" },
	HEAD(assignment_head),
};

static const struct rec_field selection_head[] = {
	{ "project.number", RF_CODE, 0, NULL },
	{ "code.sub_job", RF_CODE, 0, NULL },
	{ "code.cost_code", RF_CODE, 0, NULL },
	{ "code.cost_type", RF_CODE, 0, NULL },
	{ "code.selected", RF_BOOL, 0, NULL },
};

const struct rec_type model_selection = {
	.id = REC_SELECTION,
	.name = "selection",
	.title = "Project code (reference)",
	.cls = RC_REFERENCE,
	.nkey = 3,
	.key = { "project.number", "code.cost_code", "code.cost_type" },
	HEAD(selection_head),
};

static const struct rec_field job_code_head[] = {
	{ "project.origin_code", RF_CODE, 0, NULL },
	{ "code.cost_code", RF_CODE, 0, NULL },
	{ "code.cost_type", RF_CODE, 0, NULL },
	{ "code.active", RF_BOOL, 0, NULL },
};

const struct rec_type model_job_code = {
	.id = REC_JOB_CODE,
	.name = "job-code",
	.title = "Job code (reference)",
	.cls = RC_REFERENCE,
	.nkey = 3,
	.key = { "project.origin_code", "code.cost_code", "code.cost_type" },
	HEAD(job_code_head),
};

static const struct rec_field default_task_head[] = {
	{ "project.origin_code", RF_CODE, 0, NULL },
	{ "task.code", RF_CODE, 0, NULL },
};

const struct rec_type model_default_task = {
	.id = REC_DEFAULT_TASK,
	.name = "default-task",
	.title = "Default task (reference)",
	.cls = RC_REFERENCE,
	.nkey = 1,
	.key = { "project.origin_code" },
	HEAD(default_task_head),
};

static const struct rec_field answer_head[] = {
	{ "answer.object", RF_WORD, 0,
	    "vendor project subjob budget budget-change forecast commitment cco invoice payment prime pcco owner-invoice" },
	{ "answer.key", RF_LONG, 0, NULL },
	{ "answer.erp_code", RF_LONG, 0, NULL },
	{ "answer.posted", RF_BOOL, 0, NULL },
	{ "answer.processed", RF_BOOL, 0, NULL },
	{ "answer.error", RF_LONG, 0, NULL },
};

const struct rec_type model_answer = {
	.id = REC_ANSWER,
	.name = "answer",
	.title = "ERP answer",
	.cls = RC_ANSWER,
	.nkey = 2,
	.key = { "answer.object", "answer.key" },
	HEAD(answer_head),
};

static const struct rec_field adoption_head[] = {
	{ "adopt.item", RF_LONG, 0, NULL },
	{ "adopt.type", RF_TEXT, 0, NULL },
	{ "adopt.project", RF_CODE, 0, NULL },
	{ "adopt.parent", RF_CODE, 0, NULL },
	{ "adopt.number", RF_CODE, 0, NULL },
	{ "adopt.erp_id", RF_CODE, 0, NULL },
	{ "adopt.posted", RF_BOOL, 0, NULL },
	{ "adopt.as_of", RF_DATE, 0, NULL },
	{ "adopt.amount", RF_AMOUNT, 0, NULL },
	{ "adopt.comment", RF_LONG, 0, NULL },
};

const struct rec_type model_adoption = {
	.id = REC_ADOPTION,
	.name = "adoption",
	.title = "Adoption",
	.cls = RC_DECISION,
	.nkey = 1,
	.key = { "adopt.item" },
	HEAD(adoption_head),
};

static const struct rec_field decision_head[] = {
	{ "sheet.verdict", RF_WORD, 0, "accept reject archive link" },
	{ "sheet.comment", RF_LONG, 0, NULL },
	{ "sheet.item", RF_LONG, 0, NULL },
	{ "sheet.content", RF_LONG, 0, NULL },
	{ "sheet.sheet", RF_LONG, 0, NULL },
	{ "sheet.erp_id", RF_LONG, 0, NULL },
	{ "sheet.transaction_date", RF_DATE, 0, NULL },
	{ "sheet.accounting_date", RF_DATE, 0, NULL },
	{ "sheet.description", RF_LONG, 0, NULL },
};

const struct rec_type model_decision = {
	.id = REC_DECISION,
	.name = "decision",
	.title = "Decision",
	.cls = RC_DECISION,
	.nkey = 1,
	.key = { "sheet.item" },
	HEAD(decision_head),
};
