/* SPDX-License-Identifier: MIT
 *
 * The record model: what a project is and what it may cost, on its way to the ERP: vendors, projects, sub jobs, budgets, their changes, forecasts.
 * Nothing can fail here. The order of fields is part of every content hash (model_int.h).
 */
#include "adapters/model_int.h"

static const struct rec_field vendor_head[] = {
	{ "vendor.pm_id", RF_CODE, 0, NULL },
	{ "vendor.name", RF_TEXT, 0, NULL },
	{ "vendor.abbreviated_name", RF_TEXT, 0, NULL },
	{ "vendor.vendor_type", RF_TEXT, 0, NULL },
	{ "vendor.address1", RF_TEXT, 0, NULL },
	{ "vendor.address2", RF_TEXT, 0, NULL },
	{ "vendor.city", RF_TEXT, 0, NULL },
	{ "vendor.state_code", RF_TEXT, 0, NULL },
	{ "vendor.zip", RF_TEXT, 0, NULL },
	{ "vendor.country_code", RF_TEXT, 0, NULL },
	{ "vendor.business_phone", RF_TEXT, 0, NULL },
	{ "vendor.fax_number", RF_TEXT, 0, NULL },
	{ "vendor.email_address", RF_TEXT, 0, NULL },
	{ "vendor.website", RF_TEXT, 0, NULL },
	{ "vendor.tax_id", RF_TEXT, RF_PRIVATE, NULL },
	{ "vendor.is_active", RF_BOOL, 0, NULL },
	{ "vendor.is_customer", RF_BOOL, 0, NULL },
	{ "vendor.origin_code", RF_CODE, 0, NULL },
	DECISION,
};

const struct rec_type model_vendor = {
	.id = REC_VENDOR,
	.name = "vendor",
	.title = "Vendor",
	.cls = RC_TO_ERP,
	.nkey = 1,
	.key = { "vendor.pm_id" },
	HEAD(vendor_head),
};

static const struct rec_field project_head[] = {
	{ "project.number", RF_CODE, 0, NULL },
	{ "project.name", RF_TEXT, 0, NULL },
	{ "project.address", RF_TEXT, 0, NULL },
	{ "project.city", RF_TEXT, 0, NULL },
	{ "project.state_code", RF_TEXT, 0, NULL },
	{ "project.zip", RF_TEXT, 0, NULL },
	{ "project.country_code", RF_TEXT, 0, NULL },
	{ "project.start_date", RF_DATE, 0, NULL },
	{ "project.completion_date", RF_DATE, 0, NULL },
	{ "project.active", RF_BOOL, 0, NULL },
	{ "project.erp_company", RF_CODE, 0, NULL },
	{ "project.origin_code", RF_CODE, 0, NULL },
	DECISION,
};

const struct rec_type model_project = {
	.id = REC_PROJECT,
	.name = "project",
	.title = "Project",
	.cls = RC_TO_ERP,
	.nkey = 1,
	.key = { "project.number" },
	HEAD(project_head),
};

static const struct rec_field subjob_head[] = {
	{ "project.number", RF_CODE, 0, NULL },
	{ "sub_job.code", RF_CODE, 0, NULL },
	{ "sub_job.name", RF_TEXT, 0, NULL },
	DECISION,
	{ "erp.project", RF_CODE, RF_CONTEXT, NULL },
	{ "erp.company", RF_CODE, RF_CONTEXT, NULL },
};

const struct rec_type model_subjob = {
	.id = REC_SUBJOB,
	.name = "subjob",
	.title = "Sub job",
	.cls = RC_TO_ERP,
	.nkey = 2,
	.key = { "project.number", "sub_job.code" },
	HEAD(subjob_head),
};

static const struct rec_field budget_head[] = {
	{ "project.number", RF_CODE, 0, NULL },
	DECISION,
	{ "erp.project", RF_CODE, RF_CONTEXT, NULL },
	{ "erp.company", RF_CODE, RF_CONTEXT, NULL },
};

static const struct rec_field budget_line[] = {
	{ "line.sub_job", RF_CODE, 0, NULL },
	{ "line.cost_code", RF_CODE, 0, NULL },
	{ "line.cost_type", RF_CODE, 0, NULL },
	{ "line.description", RF_LONG, 0, NULL },
	{ "line.original_amount", RF_AMOUNT, 0, NULL },
	{ "erp.sub_job", RF_CODE, RF_CONTEXT, NULL },
};

const struct rec_type model_budget = {
	.id = REC_BUDGET,
	.name = "budget",
	.title = "Budget",
	.cls = RC_TO_ERP,
	.nkey = 1,
	.key = { "project.number" },
	HEAD(budget_head),
	LINES(budget_line),
	.nline_key = 3,
	.line_key = { "line.sub_job", "line.cost_code", "line.cost_type" },
	.amount = "line.original_amount",
};

static const struct rec_field budget_change_head[] = {
	{ "project.number", RF_CODE, 0, NULL },
	{ "budget_change.number", RF_CODE, 0, NULL },
	{ "budget_change.title", RF_TEXT, 0, NULL },
	{ "budget_change.description", RF_LONG, 0, NULL },
	{ "budget_change.status", RF_TEXT, 0, NULL },
	{ "budget_change.approved_on", RF_DATE, 0, NULL },
	DECISION,
	{ "erp.project", RF_CODE, RF_CONTEXT, NULL },
	{ "erp.company", RF_CODE, RF_CONTEXT, NULL },
};

static const struct rec_field budget_change_line[] = {
	{ "adjustment.adjustment_number", RF_CODE, 0, NULL },
	{ "adjustment.type", RF_WORD, 0, "change_event budget_change" },
	{ "line.position", RF_INT, 0, NULL },
	{ "line.sub_job", RF_CODE, 0, NULL },
	{ "line.cost_code", RF_CODE, 0, NULL },
	{ "line.cost_type", RF_CODE, 0, NULL },
	{ "line.description", RF_LONG, 0, NULL },
	{ "line.amount", RF_AMOUNT, 0, NULL },
	{ "erp.sub_job", RF_CODE, RF_CONTEXT, NULL },
};

const struct rec_type model_budget_change = {
	.id = REC_BUDGET_CHANGE,
	.name = "budget-change",
	.title = "Budget change",
	.cls = RC_TO_ERP,
	.nkey = 2,
	.key = { "project.number", "budget_change.number" },
	HEAD(budget_change_head),
	LINES(budget_change_line),
	.nline_key = 1,
	.line_key = { "line.position" },
	.amount = "line.amount",
};

static const struct rec_field forecast_head[] = {
	{ "project.number", RF_CODE, 0, NULL },
	{ "forecast.as_of", RF_DATE, 0, NULL },
	DECISION,
	{ "erp.project", RF_CODE, RF_CONTEXT, NULL },
	{ "erp.company", RF_CODE, RF_CONTEXT, NULL },
};

static const struct rec_field forecast_line[] = {
	{ "line.sub_job", RF_CODE, 0, NULL },
	{ "line.cost_code", RF_CODE, 0, NULL },
	{ "line.cost_type", RF_CODE, 0, NULL },
	{ "line.estimated_cost_at_completion", RF_AMOUNT, 0, NULL },
	{ "line.forecast_to_complete", RF_AMOUNT, 0, NULL },
	{ "erp.sub_job", RF_CODE, RF_CONTEXT, NULL },
};

const struct rec_type model_forecast = {
	.id = REC_FORECAST,
	.name = "forecast",
	.title = "Forecast",
	.cls = RC_TO_ERP,
	.nkey = 2,
	.key = { "project.number", "forecast.as_of" },
	HEAD(forecast_head),
	LINES(forecast_line),
	.nline_key = 3,
	.line_key = { "line.sub_job", "line.cost_code", "line.cost_type" },
	.amount = "line.estimated_cost_at_completion",
};
