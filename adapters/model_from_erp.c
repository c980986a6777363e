/* SPDX-License-Identifier: MIT
 *
 * The record model: what the ERP tells the project side. By decision: its vendors, customers, projects, sub jobs, job budgets and prime contracts;
 * without one: its cost codes, job cost summaries, job cost transactions and payments.
 * Nothing can fail here. The order of fields is part of every content hash (model_int.h).
 */
#include "adapters/model_int.h"

static const struct rec_field erp_vendor_head[] = {
	{ "vendor.origin_code", RF_CODE, 0, NULL },
	{ "vendor.name", RF_TEXT, 0, NULL },
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
	{ "vendor.terms", RF_TEXT, 0, NULL },
	{ "vendor.currency", RF_TEXT, 0, NULL },
	{ "vendor.erp_company", RF_TEXT, 0, NULL },
	{ "vendor.is_active", RF_BOOL, 0, NULL },
	DECISION,
};

const struct rec_type model_erp_vendor = {
	.id = REC_ERP_VENDOR,
	.name = "erp-vendor",
	.title = "ERP vendor",
	.cls = RC_FROM_ERP,
	.nkey = 1,
	.key = { "vendor.origin_code" },
	HEAD(erp_vendor_head),
};

static const struct rec_field erp_customer_head[] = {
	{ "vendor.origin_code", RF_CODE, 0, NULL },
	{ "vendor.name", RF_TEXT, 0, NULL },
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
	{ "vendor.terms", RF_TEXT, 0, NULL },
	{ "vendor.currency", RF_TEXT, 0, NULL },
	{ "vendor.erp_company", RF_TEXT, 0, NULL },
	{ "vendor.is_active", RF_BOOL, 0, NULL },
	DECISION,
};

const struct rec_type model_erp_customer = {
	.id = REC_ERP_CUSTOMER,
	.name = "erp-customer",
	.title = "ERP customer",
	.cls = RC_FROM_ERP,
	.nkey = 1,
	.key = { "vendor.origin_code" },
	HEAD(erp_customer_head),
};

static const struct rec_field erp_project_head[] = {
	{ "project.origin_code", RF_CODE, 0, NULL },
	{ "project.name", RF_TEXT, 0, NULL },
	{ "project.address", RF_TEXT, 0, NULL },
	{ "project.city", RF_TEXT, 0, NULL },
	{ "project.state_code", RF_TEXT, 0, NULL },
	{ "project.zip", RF_TEXT, 0, NULL },
	{ "project.country_code", RF_TEXT, 0, NULL },
	{ "project.status", RF_TEXT, 0, NULL },
	{ "project.start_date", RF_DATE, 0, NULL },
	{ "project.completion_date", RF_DATE, 0, NULL },
	{ "project.active", RF_BOOL, 0, NULL },
	{ "project.erp_company", RF_TEXT, 0, NULL },
	{ "project.revenue_budget_level", RF_TEXT, 0, NULL },
	{ "project.customer", RF_CODE, 0, NULL },
	{ "project.pro_forma", RF_BOOL, 0, NULL },
	DECISION,
};

const struct rec_type model_erp_project = {
	.id = REC_ERP_PROJECT,
	.name = "erp-project",
	.title = "ERP project",
	.cls = RC_FROM_ERP,
	.nkey = 1,
	.key = { "project.origin_code" },
	HEAD(erp_project_head),
};

static const struct rec_field erp_subjob_head[] = {
	{ "project.origin_code", RF_CODE, 0, NULL },
	{ "sub_job.code", RF_CODE, 0, NULL },
	{ "sub_job.name", RF_TEXT, 0, NULL },
	{ "sub_job.status", RF_TEXT, 0, NULL },
	{ "sub_job.active", RF_BOOL, 0, NULL },
	DECISION,
	{ "link.project_number", RF_CODE, RF_CONTEXT, NULL },
};

const struct rec_type model_erp_subjob = {
	.id = REC_ERP_SUBJOB,
	.name = "erp-subjob",
	.title = "ERP sub job",
	.cls = RC_FROM_ERP,
	.nkey = 2,
	.key = { "project.origin_code", "sub_job.code" },
	HEAD(erp_subjob_head),
};

static const struct rec_field erp_budget_head[] = {
	{ "project.origin_code", RF_CODE, 0, NULL },
	DECISION,
	{ "link.project_number", RF_CODE, RF_CONTEXT, NULL },
};

static const struct rec_field erp_budget_line[] = {
	{ "line.sub_job", RF_CODE, 0, NULL },
	{ "line.cost_code", RF_CODE, 0, NULL },
	{ "line.cost_type", RF_CODE, 0, NULL },
	{ "line.description", RF_LONG, 0, NULL },
	{ "line.quantity", RF_QUANTITY, 0, NULL },
	{ "line.uom", RF_TEXT, 0, NULL },
	{ "line.amount", RF_AMOUNT, 0, NULL },
	{ "target.code_name", RF_TEXT, RF_CONTEXT, NULL },
};

const struct rec_type model_erp_budget = {
	.id = REC_ERP_BUDGET,
	.name = "erp-budget",
	.title = "ERP job budget",
	.cls = RC_FROM_ERP,
	.nkey = 1,
	.key = { "project.origin_code" },
	HEAD(erp_budget_head),
	LINES(erp_budget_line),
	.nline_key = 3,
	.line_key = { "line.sub_job", "line.cost_code", "line.cost_type" },
	.amount = "line.amount",
};

static const struct rec_field erp_prime_head[] = {
	{ "project.origin_code", RF_CODE, 0, NULL },
	{ "prime.number", RF_CODE, 0, NULL },
	{ "prime.title", RF_TEXT, 0, NULL },
	{ "prime.status", RF_TEXT, 0, NULL },
	{ "prime.currency", RF_TEXT, 0, NULL },
	DECISION,
	{ "link.project_number", RF_CODE, RF_CONTEXT, NULL },
};

static const struct rec_field erp_prime_line[] = {
	{ "line.position", RF_INT, 0, NULL },
	{ "line.sub_job", RF_CODE, 0, NULL },
	{ "line.cost_code", RF_CODE, 0, NULL },
	{ "line.cost_type", RF_CODE, 0, NULL },
	{ "line.description", RF_LONG, 0, NULL },
	{ "line.amount", RF_AMOUNT, 0, NULL },
	{ "line.quantity", RF_QUANTITY, 0, NULL },
	{ "line.uom", RF_TEXT, 0, NULL },
	{ "line.unit_cost", RF_UNIT_COST, 0, NULL },
};

const struct rec_type model_erp_prime = {
	.id = REC_ERP_PRIME,
	.name = "erp-prime",
	.title = "ERP prime contract",
	.cls = RC_FROM_ERP,
	.nkey = 2,
	.key = { "project.origin_code", "prime.number" },
	HEAD(erp_prime_head),
	LINES(erp_prime_line),
	.nline_key = 1,
	.line_key = { "line.position" },
	.amount = "line.amount",
};

static const struct rec_field erp_code_head[] = {
	{ "code.cost_code", RF_CODE, 0, NULL },
	{ "code.cost_type", RF_CODE, 0, NULL },
	{ "code.name", RF_TEXT, 0, NULL },
	{ "code.type_name", RF_TEXT, 0, NULL },
	{ "code.active", RF_BOOL, 0, NULL },
};

const struct rec_type model_erp_code = {
	.id = REC_ERP_CODE,
	.name = "erp-code",
	.title = "ERP cost code",
	.cls = RC_AUTOMATIC,
	.nkey = 2,
	.key = { "code.cost_code", "code.cost_type" },
	HEAD(erp_code_head),
};

static const struct rec_field erp_jobcost_head[] = {
	{ "project.origin_code", RF_CODE, 0, NULL },
	{ "jobcost.sub_job", RF_CODE, 0, NULL },
	{ "jobcost.code", RF_CODE, 0, NULL },
	{ "jobcost.cost_code", RF_CODE, 0, NULL },
	{ "jobcost.cost_type", RF_CODE, 0, NULL },
	{ "jobcost.as_of", RF_DATE, 0, NULL },
	{ "jobcost.original_budget", RF_AMOUNT, 0, NULL },
	{ "jobcost.approved_changes", RF_AMOUNT, 0, NULL },
	{ "jobcost.original_commitment", RF_AMOUNT, 0, NULL },
	{ "jobcost.commitment_changes", RF_AMOUNT, 0, NULL },
	{ "jobcost.commitment_invoiced", RF_AMOUNT, 0, NULL },
	{ "jobcost.jtd_cost", RF_AMOUNT, 0, NULL },
	{ "jobcost.jtd_paid", RF_AMOUNT, 0, NULL },
	{ "jobcost.jtd_units", RF_QUANTITY, 0, NULL },
	{ "link.project_number", RF_CODE, RF_CONTEXT, NULL },
};

const struct rec_type model_erp_jobcost = {
	.id = REC_ERP_JOBCOST,
	.name = "erp-jobcost",
	.title = "Job cost summary",
	.cls = RC_AUTOMATIC,
	.nkey = 3,
	.key = { "project.origin_code", "jobcost.sub_job", "jobcost.code" },
	HEAD(erp_jobcost_head),
	.amount = "jobcost.jtd_cost",
};

static const struct rec_field erp_cost_head[] = {
	{ "cost.transaction_id", RF_CODE, 0, NULL },
	{ "project.origin_code", RF_CODE, 0, NULL },
	{ "cost.sub_job", RF_CODE, 0, NULL },
	{ "cost.cost_code", RF_CODE, 0, NULL },
	{ "cost.cost_type", RF_CODE, 0, NULL },
	{ "cost.type", RF_WORD, 0, "invoice expense payroll subcontractor_invoice" },
	{ "cost.journal", RF_TEXT, 0, NULL },
	{ "cost.status", RF_TEXT, 0, NULL },
	{ "cost.currency", RF_TEXT, 0, NULL },
	{ "cost.date", RF_DATE, 0, NULL },
	{ "cost.post_date", RF_DATE, 0, NULL },
	{ "cost.received_date", RF_DATE, 0, NULL },
	{ "cost.paid_date", RF_DATE, 0, NULL },
	{ "cost.vendor", RF_CODE, 0, NULL },
	{ "cost.invoice_number", RF_CODE, 0, NULL },
	{ "cost.contract_number", RF_CODE, 0, NULL },
	{ "cost.description", RF_LONG, 0, NULL },
	{ "cost.line_description", RF_LONG, 0, NULL },
	{ "cost.quantity", RF_QUANTITY, 0, NULL },
	{ "cost.uom", RF_TEXT, 0, NULL },
	{ "cost.unit_cost", RF_UNIT_COST, 0, NULL },
	{ "cost.amount", RF_AMOUNT, 0, NULL },
	{ "link.project_number", RF_CODE, RF_CONTEXT, NULL },
	{ "link.vendor_name", RF_TEXT, RF_CONTEXT, NULL },
};

const struct rec_type model_erp_cost = {
	.id = REC_ERP_COST,
	.name = "erp-cost",
	.title = "ERP job cost transaction",
	.cls = RC_AUTOMATIC,
	.nkey = 1,
	.key = { "cost.transaction_id" },
	HEAD(erp_cost_head),
	.amount = "cost.amount",
};

static const struct rec_field erp_payment_head[] = {
	{ "vendor.origin_code", RF_CODE, 0, NULL },
	{ "payment.number", RF_CODE, 0, NULL },
	{ "invoice.invoice_number", RF_CODE, 0, NULL },
	{ "commitment.erp_number", RF_CODE, 0, NULL },
	{ "payment.check_number", RF_CODE, 0, NULL },
	{ "payment.method", RF_TEXT, 0, NULL },
	{ "payment.status", RF_TEXT, 0, NULL },
	{ "payment.currency", RF_TEXT, 0, NULL },
	{ "payment.date", RF_DATE, 0, NULL },
	{ "payment.amount", RF_AMOUNT, 0, NULL },
	{ "payment.description", RF_LONG, 0, NULL },
	{ "link.project_number", RF_CODE, RF_CONTEXT, NULL },
	{ "link.commitment_number", RF_CODE, RF_CONTEXT, NULL },
	{ "link.invoice_number", RF_CODE, RF_CONTEXT, NULL },
	{ "link.vendor_pm_id", RF_CODE, RF_CONTEXT, NULL },
};

const struct rec_type model_erp_payment = {
	.id = REC_ERP_PAYMENT,
	.name = "erp-payment",
	.title = "ERP payment",
	.cls = RC_AUTOMATIC,
	.nkey = 3,
	.key = { "vendor.origin_code", "payment.number", "invoice.invoice_number" },
	HEAD(erp_payment_head),
	.amount = "payment.amount",
};
