/* SPDX-License-Identifier: MIT
 *
 * The record model's tables. Order matters: canonical text lists fields in this order, so a new field goes to the end of its canonical
 * fields or changes every content hash of the type.
 */
#include "adapters/model.h"

#include "base/err.h"

#include <string.h>

/* What the acceptance adds; filled for every type that is decided about. */
/* clang-format off */
#define DECISION                                                                          \
	{ "decision.erp_id", RF_LONG, RF_CONTEXT, NULL, NULL },                                  \
	{ "decision.description", RF_LONG, RF_CONTEXT, NULL, NULL },                             \
	{ "decision.comment", RF_LONG, RF_CONTEXT, NULL, NULL },                                 \
	{ "decision.transaction_date", RF_DATE, RF_CONTEXT, NULL, NULL },                        \
	{ "decision.accounting_date", RF_DATE, RF_CONTEXT, NULL, NULL },                         \
	{ "decision.date", RF_DATE, RF_CONTEXT, NULL, NULL }
/* clang-format on */

static const struct rec_field vendor_head[] = {
	{ "vendor.pm_id", RF_CODE, 0, NULL, NULL },
	{ "vendor.name", RF_TEXT, 0, NULL, NULL },
	{ "vendor.abbreviated_name", RF_TEXT, 0, NULL, NULL },
	{ "vendor.vendor_type", RF_TEXT, 0, NULL, NULL },
	{ "vendor.address1", RF_TEXT, 0, NULL, NULL },
	{ "vendor.address2", RF_TEXT, 0, NULL, NULL },
	{ "vendor.city", RF_TEXT, 0, NULL, NULL },
	{ "vendor.state_code", RF_TEXT, 0, NULL, NULL },
	{ "vendor.zip", RF_TEXT, 0, NULL, NULL },
	{ "vendor.country_code", RF_TEXT, 0, NULL, NULL },
	{ "vendor.business_phone", RF_TEXT, 0, NULL, NULL },
	{ "vendor.fax_number", RF_TEXT, 0, NULL, NULL },
	{ "vendor.email_address", RF_TEXT, 0, NULL, NULL },
	{ "vendor.website", RF_TEXT, 0, NULL, NULL },
	{ "vendor.tax_id", RF_TEXT, RF_PRIVATE, NULL, NULL },
	{ "vendor.is_active", RF_BOOL, 0, NULL, NULL },
	{ "vendor.is_customer", RF_BOOL, 0, NULL, NULL },
	{ "vendor.origin_code", RF_CODE, 0, NULL, NULL },
	DECISION,
};

static const struct rec_field project_head[] = {
	{ "project.number", RF_CODE, 0, NULL, NULL },
	{ "project.name", RF_TEXT, 0, NULL, NULL },
	{ "project.address", RF_TEXT, 0, NULL, NULL },
	{ "project.city", RF_TEXT, 0, NULL, NULL },
	{ "project.state_code", RF_TEXT, 0, NULL, NULL },
	{ "project.zip", RF_TEXT, 0, NULL, NULL },
	{ "project.country_code", RF_TEXT, 0, NULL, NULL },
	{ "project.start_date", RF_DATE, 0, NULL, NULL },
	{ "project.completion_date", RF_DATE, 0, NULL, NULL },
	{ "project.active", RF_BOOL, 0, NULL, NULL },
	{ "project.erp_company", RF_CODE, 0, NULL, NULL },
	{ "project.origin_code", RF_CODE, 0, NULL, NULL },
	DECISION,
};

static const struct rec_field subjob_head[] = {
	{ "project.number", RF_CODE, 0, NULL, NULL },
	{ "sub_job.code", RF_CODE, 0, NULL, NULL },
	{ "sub_job.name", RF_TEXT, 0, NULL, NULL },
	DECISION,
	{ "erp.project", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "erp.company", RF_CODE, RF_CONTEXT, NULL, NULL },
};

static const struct rec_field budget_head[] = {
	{ "project.number", RF_CODE, 0, NULL, NULL },
	DECISION,
	{ "erp.project", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "erp.company", RF_CODE, RF_CONTEXT, NULL, NULL },
};

static const struct rec_field budget_line[] = {
	{ "line.sub_job", RF_CODE, 0, NULL, NULL },
	{ "line.cost_code", RF_CODE, 0, NULL, NULL },
	{ "line.cost_type", RF_CODE, 0, NULL, NULL },
	{ "line.description", RF_LONG, 0, NULL, NULL },
	{ "line.original_amount", RF_AMOUNT, 0, NULL, NULL },
	{ "erp.sub_job", RF_CODE, RF_CONTEXT, NULL, NULL },
};

static const struct rec_field budget_change_head[] = {
	{ "project.number", RF_CODE, 0, NULL, NULL },
	{ "budget_change.number", RF_CODE, 0, NULL, NULL },
	{ "budget_change.title", RF_TEXT, 0, NULL, NULL },
	{ "budget_change.description", RF_LONG, 0, NULL, NULL },
	{ "budget_change.status", RF_TEXT, 0, NULL, NULL },
	{ "budget_change.approved_on", RF_DATE, 0, NULL, NULL },
	DECISION,
	{ "erp.project", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "erp.company", RF_CODE, RF_CONTEXT, NULL, NULL },
};

static const struct rec_field budget_change_line[] = {
	{ "adjustment.adjustment_number", RF_CODE, 0, NULL, NULL },
	{ "adjustment.type", RF_WORD, 0, "change_event budget_change", NULL },
	{ "line.position", RF_INT, 0, NULL, NULL },
	{ "line.sub_job", RF_CODE, 0, NULL, NULL },
	{ "line.cost_code", RF_CODE, 0, NULL, NULL },
	{ "line.cost_type", RF_CODE, 0, NULL, NULL },
	{ "line.description", RF_LONG, 0, NULL, NULL },
	{ "line.amount", RF_AMOUNT, 0, NULL, NULL },
	{ "erp.sub_job", RF_CODE, RF_CONTEXT, NULL, NULL },
};

static const struct rec_field forecast_head[] = {
	{ "project.number", RF_CODE, 0, NULL, NULL },
	{ "forecast.as_of", RF_DATE, 0, NULL, NULL },
	DECISION,
	{ "erp.project", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "erp.company", RF_CODE, RF_CONTEXT, NULL, NULL },
};

static const struct rec_field forecast_line[] = {
	{ "line.sub_job", RF_CODE, 0, NULL, NULL },
	{ "line.cost_code", RF_CODE, 0, NULL, NULL },
	{ "line.cost_type", RF_CODE, 0, NULL, NULL },
	{ "line.estimated_cost_at_completion", RF_AMOUNT, 0, NULL, NULL },
	{ "line.forecast_to_complete", RF_AMOUNT, 0, NULL, NULL },
	{ "erp.sub_job", RF_CODE, RF_CONTEXT, NULL, NULL },
};

static const struct rec_field commitment_head[] = {
	{ "project.number", RF_CODE, 0, NULL, NULL },
	{ "commitment.number", RF_CODE, 0, NULL, NULL },
	{ "commitment.pm_id", RF_CODE, RF_HANDLE, NULL, NULL },
	{ "commitment.type", RF_WORD, 0, "subcontract purchase_order", NULL },
	{ "commitment.title", RF_TEXT, 0, NULL, NULL },
	{ "commitment.description", RF_LONG, 0, NULL, NULL },
	{ "commitment.status", RF_TEXT, 0, NULL, NULL },
	{ "commitment.executed", RF_BOOL, 0, NULL, NULL },
	{ "commitment.accounting_method", RF_WORD, 0, "amount unit", NULL },
	{ "commitment.retainage_percent", RF_PERCENT, 0, NULL, NULL },
	{ "commitment.contract_date", RF_DATE, 0, NULL, NULL },
	{ "commitment.start_date", RF_DATE, 0, NULL, NULL },
	{ "commitment.estimated_completion_date", RF_DATE, 0, NULL, NULL },
	{ "commitment.issued_on_date", RF_DATE, 0, NULL, NULL },
	{ "commitment.signed_contract_received_date", RF_DATE, 0, NULL, NULL },
	{ "commitment.delivery_date", RF_DATE, 0, NULL, NULL },
	{ "commitment.payment_terms", RF_TEXT, 0, NULL, NULL },
	{ "commitment.grand_total", RF_AMOUNT, 0, NULL, NULL },
	{ "vendor.pm_id", RF_CODE, 0, NULL, NULL },
	{ "vendor.name", RF_TEXT, 0, NULL, NULL },
	DECISION,
	{ "erp.vendor", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "erp.project", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "erp.company", RF_CODE, RF_CONTEXT, NULL, NULL },
};

static const struct rec_field commitment_line[] = {
	{ "line.position", RF_INT, 0, NULL, NULL },
	{ "line.description", RF_LONG, 0, NULL, NULL },
	{ "line.sub_job", RF_CODE, 0, NULL, NULL },
	{ "line.cost_code", RF_CODE, 0, NULL, NULL },
	{ "line.cost_type", RF_CODE, 0, NULL, NULL },
	{ "line.quantity", RF_QUANTITY, 0, NULL, NULL },
	{ "line.uom", RF_TEXT, 0, NULL, NULL },
	{ "line.unit_cost", RF_UNIT_COST, 0, NULL, NULL },
	{ "line.amount", RF_AMOUNT, 0, NULL, NULL },
	{ "line.tax_amount", RF_AMOUNT, 0, NULL, NULL },
	{ "erp.sub_job", RF_CODE, RF_CONTEXT, NULL, NULL },
};

static const struct rec_field cco_head[] = {
	{ "project.number", RF_CODE, 0, NULL, NULL },
	{ "commitment.number", RF_CODE, 0, NULL, NULL },
	{ "change_order.number", RF_CODE, 0, NULL, NULL },
	{ "change_order.title", RF_TEXT, 0, NULL, NULL },
	{ "change_order.description", RF_LONG, 0, NULL, NULL },
	{ "change_order.status", RF_TEXT, 0, NULL, NULL },
	{ "change_order.date_initiated", RF_DATE, 0, NULL, NULL },
	{ "change_order.due_date", RF_DATE, 0, NULL, NULL },
	{ "change_order.schedule_impact_days", RF_INT, 0, NULL, NULL },
	{ "change_order.grand_total", RF_AMOUNT, 0, NULL, NULL },
	DECISION,
	{ "erp.vendor", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "erp.project", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "erp.company", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "erp.commitment", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "contract.number", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "contract.vendor_pm_id", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "contract.type", RF_WORD, RF_CONTEXT, "subcontract purchase_order", NULL },
	{ "contract.title", RF_TEXT, RF_CONTEXT, NULL, NULL },
	{ "contract.retainage_percent", RF_PERCENT, RF_CONTEXT, NULL, NULL },
};

static const struct rec_field cco_line[] = {
	{ "line.position", RF_INT, 0, NULL, NULL },
	{ "line.commitment_line", RF_INT, 0, NULL, NULL },
	{ "line.description", RF_LONG, 0, NULL, NULL },
	{ "line.sub_job", RF_CODE, 0, NULL, NULL },
	{ "line.cost_code", RF_CODE, 0, NULL, NULL },
	{ "line.cost_type", RF_CODE, 0, NULL, NULL },
	{ "line.quantity", RF_QUANTITY, 0, NULL, NULL },
	{ "line.uom", RF_TEXT, 0, NULL, NULL },
	{ "line.unit_cost", RF_UNIT_COST, 0, NULL, NULL },
	{ "line.amount", RF_AMOUNT, 0, NULL, NULL },
	{ "line.tax_amount", RF_AMOUNT, 0, NULL, NULL },
	{ "erp.sub_job", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "target.position", RF_INT, RF_CONTEXT, NULL, NULL },
	{ "target.contract_line", RF_INT, RF_CONTEXT, NULL, NULL },
	{ "target.cost_code", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "target.cost_type", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "target.sub_job", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "target.description", RF_LONG, RF_CONTEXT, NULL, NULL },
};

static const struct rec_field invoice_head[] = {
	{ "project.number", RF_CODE, 0, NULL, NULL },
	{ "commitment.number", RF_CODE, 0, NULL, NULL },
	{ "invoice.invoice_number", RF_CODE, 0, NULL, NULL },
	{ "invoice.number", RF_INT, 0, NULL, NULL },
	{ "invoice.final", RF_BOOL, 0, NULL, NULL },
	{ "invoice.billing_date", RF_DATE, 0, NULL, NULL },
	{ "invoice.period_start", RF_DATE, 0, NULL, NULL },
	{ "invoice.period_end", RF_DATE, 0, NULL, NULL },
	{ "invoice.status", RF_TEXT, 0, NULL, NULL },
	{ "invoice.description", RF_LONG, 0, NULL, NULL },
	{ "invoice.attachment_url", RF_LONG, 0, NULL, NULL },
	{ "invoice.attachment_count", RF_INT, 0, NULL, NULL },
	{ "invoice.current_payment_due", RF_AMOUNT, 0, NULL, NULL },
	{ "invoice.tax_amount", RF_AMOUNT, 0, NULL, NULL },
	{ "invoice.prepaid_amount", RF_AMOUNT, 0, NULL, NULL },
	{ "invoice.currency", RF_CODE, 0, NULL, NULL },
	{ "invoice.supplier", RF_TEXT, 0, NULL, NULL },
	DECISION,
	{ "erp.vendor", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "erp.project", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "erp.company", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "erp.commitment", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "contract.number", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "contract.vendor_pm_id", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "contract.type", RF_WORD, RF_CONTEXT, "subcontract purchase_order", NULL },
	{ "contract.title", RF_TEXT, RF_CONTEXT, NULL, NULL },
	{ "contract.retainage_percent", RF_PERCENT, RF_CONTEXT, NULL, NULL },
};

static const struct rec_field invoice_line[] = {
	{ "line.position", RF_INT, 0, NULL, NULL },
	{ "line.kind", RF_WORD, 0, "contract change_order", NULL },
	{ "line.change_order", RF_CODE, 0, NULL, NULL },
	{ "line.commitment_line", RF_INT, 0, NULL, NULL },
	{ "line.change_order_line", RF_INT, 0, NULL, NULL },
	{ "line.description", RF_LONG, 0, NULL, NULL },
	{ "line.work_completed_this_period", RF_AMOUNT, 0, NULL, NULL },
	{ "line.materials_presently_stored", RF_AMOUNT, 0, NULL, NULL },
	{ "line.work_retainage_this_period", RF_AMOUNT, 0, NULL, NULL },
	{ "line.work_retainage_released_this_period", RF_AMOUNT, 0, NULL, NULL },
	{ "line.materials_retainage_retained", RF_AMOUNT, 0, NULL, NULL },
	{ "line.tax_amount", RF_AMOUNT, 0, NULL, NULL },
	{ "erp.sub_job", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "erp.cco", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "target.position", RF_INT, RF_CONTEXT, NULL, NULL },
	{ "target.contract_line", RF_INT, RF_CONTEXT, NULL, NULL },
	{ "target.cost_code", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "target.cost_type", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "target.sub_job", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "target.description", RF_LONG, RF_CONTEXT, NULL, NULL },
};

static const struct rec_field payment_head[] = {
	{ "payment.pm_id", RF_CODE, 0, NULL, NULL },
	{ "project.number", RF_CODE, 0, NULL, NULL },
	{ "commitment.number", RF_CODE, 0, NULL, NULL },
	{ "invoice.invoice_number", RF_CODE, 0, NULL, NULL },
	{ "payment.status", RF_TEXT, 0, NULL, NULL },
	{ "payment.amount", RF_AMOUNT, 0, NULL, NULL },
	{ "payment.retainage_released", RF_AMOUNT, 0, NULL, NULL },
	{ "payment.method", RF_WORD, 0, "check ach", NULL },
	{ "payment.check_number", RF_CODE, 0, NULL, NULL },
	{ "payment.bank_id", RF_CODE, 0, NULL, NULL },
	{ "payment.date_created", RF_DATE, 0, NULL, NULL },
	{ "payment.date_initiated", RF_DATE, 0, NULL, NULL },
	{ "payment.date_funded", RF_DATE, 0, NULL, NULL },
	{ "payment.notes", RF_LONG, 0, NULL, NULL },
	DECISION,
	{ "erp.vendor", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "erp.project", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "erp.company", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "erp.commitment", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "erp.invoice", RF_CODE, RF_CONTEXT, NULL, NULL },
};

static const struct rec_field prime_head[] = {
	{ "project.number", RF_CODE, 0, NULL, NULL },
	{ "prime.number", RF_CODE, 0, NULL, NULL },
	{ "prime.title", RF_TEXT, 0, NULL, NULL },
	{ "prime.status", RF_TEXT, 0, NULL, NULL },
	{ "prime.executed", RF_BOOL, 0, NULL, NULL },
	{ "prime.original_amount", RF_AMOUNT, 0, NULL, NULL },
	{ "prime.description", RF_LONG, 0, NULL, NULL },
	{ "prime.signed_contract_received_date", RF_DATE, 0, NULL, NULL },
	DECISION,
	{ "erp.project", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "erp.company", RF_CODE, RF_CONTEXT, NULL, NULL },
};

static const struct rec_field pcco_head[] = {
	{ "project.number", RF_CODE, 0, NULL, NULL },
	{ "prime.number", RF_CODE, 0, NULL, NULL },
	{ "pcco.number", RF_CODE, 0, NULL, NULL },
	{ "pcco.title", RF_TEXT, 0, NULL, NULL },
	{ "pcco.description", RF_LONG, 0, NULL, NULL },
	{ "pcco.status", RF_TEXT, 0, NULL, NULL },
	{ "pcco.schedule_impact_days", RF_INT, 0, NULL, NULL },
	{ "pcco.from_list", RF_BOOL, 0, NULL, NULL },
	DECISION,
	{ "erp.project", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "erp.pcco_as", RF_WORD, RF_CONTEXT, "pci oco pco", NULL },
	{ "erp.company", RF_CODE, RF_CONTEXT, NULL, NULL },
};

static const struct rec_field pcco_line[] = {
	{ "line.position", RF_INT, 0, NULL, NULL },
	{ "line.description", RF_LONG, 0, NULL, NULL },
	{ "line.sub_job", RF_CODE, 0, NULL, NULL },
	{ "line.cost_code", RF_CODE, 0, NULL, NULL },
	{ "line.cost_type", RF_CODE, 0, NULL, NULL },
	{ "line.uom", RF_TEXT, 0, NULL, NULL },
	{ "line.amount", RF_AMOUNT, 0, NULL, NULL },
	{ "line.extended_amount", RF_AMOUNT, 0, NULL, NULL },
	{ "line.pco", RF_CODE, 0, NULL, NULL },
	{ "erp.sub_job", RF_CODE, RF_CONTEXT, NULL, NULL },
};

static const struct rec_field owner_invoice_head[] = {
	{ "project.number", RF_CODE, 0, NULL, NULL },
	{ "prime.number", RF_CODE, 0, NULL, NULL },
	{ "owner_invoice.number", RF_CODE, 0, NULL, NULL },
	{ "owner_invoice.billing_date", RF_DATE, 0, NULL, NULL },
	{ "owner_invoice.period_start", RF_DATE, 0, NULL, NULL },
	{ "owner_invoice.period_end", RF_DATE, 0, NULL, NULL },
	{ "owner_invoice.due_date", RF_DATE, 0, NULL, NULL },
	{ "owner_invoice.status", RF_TEXT, 0, NULL, NULL },
	DECISION,
	{ "erp.project", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "erp.company", RF_CODE, RF_CONTEXT, NULL, NULL },
};

static const struct rec_field owner_invoice_line[] = {
	{ "line.position", RF_INT, 0, NULL, NULL },
	{ "line.description", RF_LONG, 0, NULL, NULL },
	{ "line.wbs_code", RF_CODE, 0, NULL, NULL },
	{ "line.sub_job", RF_CODE, 0, NULL, NULL },
	{ "line.cost_code", RF_CODE, 0, NULL, NULL },
	{ "line.cost_type", RF_CODE, 0, NULL, NULL },
	{ "line.scheduled_value", RF_AMOUNT, 0, NULL, NULL },
	{ "line.work_completed_this_period", RF_AMOUNT, 0, NULL, NULL },
	{ "line.materials_presently_stored", RF_AMOUNT, 0, NULL, NULL },
	{ "line.work_retainage_this_period", RF_AMOUNT, 0, NULL, NULL },
	{ "line.work_retainage_released_this_period", RF_AMOUNT, 0, NULL, NULL },
	{ "erp.sub_job", RF_CODE, RF_CONTEXT, NULL, NULL },
};

static const struct rec_field erp_vendor_head[] = {
	{ "vendor.origin_code", RF_CODE, 0, NULL, NULL },
	{ "vendor.name", RF_TEXT, 0, NULL, NULL },
	{ "vendor.vendor_type", RF_TEXT, 0, NULL, NULL },
	{ "vendor.address1", RF_TEXT, 0, NULL, NULL },
	{ "vendor.address2", RF_TEXT, 0, NULL, NULL },
	{ "vendor.city", RF_TEXT, 0, NULL, NULL },
	{ "vendor.state_code", RF_TEXT, 0, NULL, NULL },
	{ "vendor.zip", RF_TEXT, 0, NULL, NULL },
	{ "vendor.country_code", RF_TEXT, 0, NULL, NULL },
	{ "vendor.business_phone", RF_TEXT, 0, NULL, NULL },
	{ "vendor.fax_number", RF_TEXT, 0, NULL, NULL },
	{ "vendor.email_address", RF_TEXT, 0, NULL, NULL },
	{ "vendor.website", RF_TEXT, 0, NULL, NULL },
	{ "vendor.tax_id", RF_TEXT, RF_PRIVATE, NULL, NULL },
	{ "vendor.terms", RF_TEXT, 0, NULL, NULL },
	{ "vendor.currency", RF_TEXT, 0, NULL, NULL },
	{ "vendor.erp_company", RF_TEXT, 0, NULL, NULL },
	{ "vendor.is_active", RF_BOOL, 0, NULL, NULL },
	DECISION,
};

static const struct rec_field erp_customer_head[] = {
	{ "vendor.origin_code", RF_CODE, 0, NULL, NULL },
	{ "vendor.name", RF_TEXT, 0, NULL, NULL },
	{ "vendor.vendor_type", RF_TEXT, 0, NULL, NULL },
	{ "vendor.address1", RF_TEXT, 0, NULL, NULL },
	{ "vendor.address2", RF_TEXT, 0, NULL, NULL },
	{ "vendor.city", RF_TEXT, 0, NULL, NULL },
	{ "vendor.state_code", RF_TEXT, 0, NULL, NULL },
	{ "vendor.zip", RF_TEXT, 0, NULL, NULL },
	{ "vendor.country_code", RF_TEXT, 0, NULL, NULL },
	{ "vendor.business_phone", RF_TEXT, 0, NULL, NULL },
	{ "vendor.fax_number", RF_TEXT, 0, NULL, NULL },
	{ "vendor.email_address", RF_TEXT, 0, NULL, NULL },
	{ "vendor.website", RF_TEXT, 0, NULL, NULL },
	{ "vendor.tax_id", RF_TEXT, RF_PRIVATE, NULL, NULL },
	{ "vendor.terms", RF_TEXT, 0, NULL, NULL },
	{ "vendor.currency", RF_TEXT, 0, NULL, NULL },
	{ "vendor.erp_company", RF_TEXT, 0, NULL, NULL },
	{ "vendor.is_active", RF_BOOL, 0, NULL, NULL },
	DECISION,
};

static const struct rec_field erp_project_head[] = {
	{ "project.origin_code", RF_CODE, 0, NULL, NULL },
	{ "project.name", RF_TEXT, 0, NULL, NULL },
	{ "project.address", RF_TEXT, 0, NULL, NULL },
	{ "project.city", RF_TEXT, 0, NULL, NULL },
	{ "project.state_code", RF_TEXT, 0, NULL, NULL },
	{ "project.zip", RF_TEXT, 0, NULL, NULL },
	{ "project.country_code", RF_TEXT, 0, NULL, NULL },
	{ "project.status", RF_TEXT, 0, NULL, NULL },
	{ "project.start_date", RF_DATE, 0, NULL, NULL },
	{ "project.completion_date", RF_DATE, 0, NULL, NULL },
	{ "project.active", RF_BOOL, 0, NULL, NULL },
	{ "project.erp_company", RF_TEXT, 0, NULL, NULL },
	{ "project.revenue_budget_level", RF_TEXT, 0, NULL, NULL },
	{ "project.customer", RF_CODE, 0, NULL, NULL },
	{ "project.pro_forma", RF_BOOL, 0, NULL, NULL },
	DECISION,
};

static const struct rec_field erp_subjob_head[] = {
	{ "project.origin_code", RF_CODE, 0, NULL, NULL },
	{ "sub_job.code", RF_CODE, 0, NULL, NULL },
	{ "sub_job.name", RF_TEXT, 0, NULL, NULL },
	{ "sub_job.status", RF_TEXT, 0, NULL, NULL },
	{ "sub_job.active", RF_BOOL, 0, NULL, NULL },
	DECISION,
	{ "link.project_number", RF_CODE, RF_CONTEXT, NULL, NULL },
};

static const struct rec_field erp_budget_head[] = {
	{ "project.origin_code", RF_CODE, 0, NULL, NULL },
	DECISION,
	{ "link.project_number", RF_CODE, RF_CONTEXT, NULL, NULL },
};

static const struct rec_field erp_budget_line[] = {
	{ "line.sub_job", RF_CODE, 0, NULL, NULL },
	{ "line.cost_code", RF_CODE, 0, NULL, NULL },
	{ "line.cost_type", RF_CODE, 0, NULL, NULL },
	{ "line.description", RF_LONG, 0, NULL, NULL },
	{ "line.quantity", RF_QUANTITY, 0, NULL, NULL },
	{ "line.uom", RF_TEXT, 0, NULL, NULL },
	{ "line.amount", RF_AMOUNT, 0, NULL, NULL },
	{ "target.code_name", RF_TEXT, RF_CONTEXT, NULL, NULL },
};

static const struct rec_field erp_prime_head[] = {
	{ "project.origin_code", RF_CODE, 0, NULL, NULL },
	{ "prime.number", RF_CODE, 0, NULL, NULL },
	{ "prime.title", RF_TEXT, 0, NULL, NULL },
	{ "prime.status", RF_TEXT, 0, NULL, NULL },
	{ "prime.currency", RF_TEXT, 0, NULL, NULL },
	DECISION,
	{ "link.project_number", RF_CODE, RF_CONTEXT, NULL, NULL },
};

static const struct rec_field erp_prime_line[] = {
	{ "line.position", RF_INT, 0, NULL, NULL },
	{ "line.sub_job", RF_CODE, 0, NULL, NULL },
	{ "line.cost_code", RF_CODE, 0, NULL, NULL },
	{ "line.cost_type", RF_CODE, 0, NULL, NULL },
	{ "line.description", RF_LONG, 0, NULL, NULL },
	{ "line.amount", RF_AMOUNT, 0, NULL, NULL },
	{ "line.quantity", RF_QUANTITY, 0, NULL, NULL },
	{ "line.uom", RF_TEXT, 0, NULL, NULL },
	{ "line.unit_cost", RF_UNIT_COST, 0, NULL, NULL },
};

static const struct rec_field erp_code_head[] = {
	{ "code.cost_code", RF_CODE, 0, NULL, NULL },
	{ "code.cost_type", RF_CODE, 0, NULL, NULL },
	{ "code.name", RF_TEXT, 0, NULL, NULL },
	{ "code.type_name", RF_TEXT, 0, NULL, NULL },
	{ "code.active", RF_BOOL, 0, NULL, NULL },
};

static const struct rec_field erp_jobcost_head[] = {
	{ "project.origin_code", RF_CODE, 0, NULL, NULL },
	{ "jobcost.sub_job", RF_CODE, 0, NULL, NULL },
	{ "jobcost.code", RF_CODE, 0, NULL, NULL },
	{ "jobcost.cost_code", RF_CODE, 0, NULL, NULL },
	{ "jobcost.cost_type", RF_CODE, 0, NULL, NULL },
	{ "jobcost.as_of", RF_DATE, 0, NULL, NULL },
	{ "jobcost.original_budget", RF_AMOUNT, 0, NULL, NULL },
	{ "jobcost.approved_changes", RF_AMOUNT, 0, NULL, NULL },
	{ "jobcost.original_commitment", RF_AMOUNT, 0, NULL, NULL },
	{ "jobcost.commitment_changes", RF_AMOUNT, 0, NULL, NULL },
	{ "jobcost.commitment_invoiced", RF_AMOUNT, 0, NULL, NULL },
	{ "jobcost.jtd_cost", RF_AMOUNT, 0, NULL, NULL },
	{ "jobcost.jtd_paid", RF_AMOUNT, 0, NULL, NULL },
	{ "jobcost.jtd_units", RF_QUANTITY, 0, NULL, NULL },
	{ "link.project_number", RF_CODE, RF_CONTEXT, NULL, NULL },
};

static const struct rec_field erp_cost_head[] = {
	{ "cost.transaction_id", RF_CODE, 0, NULL, NULL },
	{ "project.origin_code", RF_CODE, 0, NULL, NULL },
	{ "cost.sub_job", RF_CODE, 0, NULL, NULL },
	{ "cost.cost_code", RF_CODE, 0, NULL, NULL },
	{ "cost.cost_type", RF_CODE, 0, NULL, NULL },
	{ "cost.type", RF_WORD, 0, "invoice expense payroll subcontractor_invoice", NULL },
	{ "cost.journal", RF_TEXT, 0, NULL, NULL },
	{ "cost.status", RF_TEXT, 0, NULL, NULL },
	{ "cost.currency", RF_TEXT, 0, NULL, NULL },
	{ "cost.date", RF_DATE, 0, NULL, NULL },
	{ "cost.post_date", RF_DATE, 0, NULL, NULL },
	{ "cost.received_date", RF_DATE, 0, NULL, NULL },
	{ "cost.paid_date", RF_DATE, 0, NULL, NULL },
	{ "cost.vendor", RF_CODE, 0, NULL, NULL },
	{ "cost.invoice_number", RF_CODE, 0, NULL, NULL },
	{ "cost.contract_number", RF_CODE, 0, NULL, NULL },
	{ "cost.description", RF_LONG, 0, NULL, NULL },
	{ "cost.line_description", RF_LONG, 0, NULL, NULL },
	{ "cost.quantity", RF_QUANTITY, 0, NULL, NULL },
	{ "cost.uom", RF_TEXT, 0, NULL, NULL },
	{ "cost.unit_cost", RF_UNIT_COST, 0, NULL, NULL },
	{ "cost.amount", RF_AMOUNT, 0, NULL, NULL },
	{ "link.project_number", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "link.vendor_name", RF_TEXT, RF_CONTEXT, NULL, NULL },
};

static const struct rec_field erp_payment_head[] = {
	{ "vendor.origin_code", RF_CODE, 0, NULL, NULL },
	{ "payment.number", RF_CODE, 0, NULL, NULL },
	{ "invoice.invoice_number", RF_CODE, 0, NULL, NULL },
	{ "commitment.erp_number", RF_CODE, 0, NULL, NULL },
	{ "payment.check_number", RF_CODE, 0, NULL, NULL },
	{ "payment.method", RF_TEXT, 0, NULL, NULL },
	{ "payment.status", RF_TEXT, 0, NULL, NULL },
	{ "payment.currency", RF_TEXT, 0, NULL, NULL },
	{ "payment.date", RF_DATE, 0, NULL, NULL },
	{ "payment.amount", RF_AMOUNT, 0, NULL, NULL },
	{ "payment.description", RF_LONG, 0, NULL, NULL },
	{ "link.project_number", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "link.commitment_number", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "link.invoice_number", RF_CODE, RF_CONTEXT, NULL, NULL },
	{ "link.vendor_pm_id", RF_CODE, RF_CONTEXT, NULL, NULL },
};

static const struct rec_field cost_code_head[] = {
	{ "code.cost_code", RF_CODE, 0, NULL, NULL },
	{ "code.cost_type", RF_CODE, 0, NULL, NULL },
	{ "code.name", RF_TEXT, 0, NULL, NULL },
	{ "code.active", RF_BOOL, 0, NULL, NULL },
	{ "code.is_default", RF_BOOL, 0, NULL, NULL },
};

static const struct rec_field cost_type_head[] = {
	{ "code.cost_type", RF_CODE, 0, NULL, NULL },
	{ "code.name", RF_TEXT, 0, NULL, NULL },
	{ "code.active", RF_BOOL, 0, NULL, NULL },
};

static const struct rec_field assignment_head[] = {
	{ "code.cost_code", RF_CODE, 0, NULL, NULL },
	{ "code.cost_type", RF_CODE, 0, NULL, NULL },
	{ "code.is_default", RF_BOOL, 0, NULL, NULL },
};

static const struct rec_field selection_head[] = {
	{ "project.number", RF_CODE, 0, NULL, NULL },
	{ "code.sub_job", RF_CODE, 0, NULL, NULL },
	{ "code.cost_code", RF_CODE, 0, NULL, NULL },
	{ "code.cost_type", RF_CODE, 0, NULL, NULL },
	{ "code.selected", RF_BOOL, 0, NULL, NULL },
};

static const struct rec_field job_code_head[] = {
	{ "project.origin_code", RF_CODE, 0, NULL, NULL },
	{ "code.cost_code", RF_CODE, 0, NULL, NULL },
	{ "code.cost_type", RF_CODE, 0, NULL, NULL },
	{ "code.active", RF_BOOL, 0, NULL, NULL },
};

static const struct rec_field default_task_head[] = {
	{ "project.origin_code", RF_CODE, 0, NULL, NULL },
	{ "task.code", RF_CODE, 0, NULL, NULL },
};

static const struct rec_field answer_head[] = {
	{ "answer.object", RF_WORD, 0,
	    "vendor project subjob budget budget-change forecast commitment cco invoice payment prime pcco owner-invoice",
	    NULL },
	{ "answer.key", RF_LONG, 0, NULL, NULL },
	{ "answer.erp_code", RF_LONG, 0, NULL, NULL },
	{ "answer.posted", RF_BOOL, 0, NULL, NULL },
	{ "answer.processed", RF_BOOL, 0, NULL, NULL },
	{ "answer.error", RF_LONG, 0, NULL, NULL },
};

static const struct rec_field adoption_head[] = {
	{ "adopt.item", RF_LONG, 0, NULL, NULL },
	{ "adopt.type", RF_TEXT, 0, NULL, NULL },
	{ "adopt.project", RF_CODE, 0, NULL, NULL },
	{ "adopt.parent", RF_CODE, 0, NULL, NULL },
	{ "adopt.number", RF_CODE, 0, NULL, NULL },
	{ "adopt.erp_id", RF_CODE, 0, NULL, NULL },
	{ "adopt.posted", RF_BOOL, 0, NULL, NULL },
	{ "adopt.as_of", RF_DATE, 0, NULL, NULL },
	{ "adopt.amount", RF_AMOUNT, 0, NULL, NULL },
	{ "adopt.comment", RF_LONG, 0, NULL, NULL },
};

static const struct rec_field decision_head[] = {
	{ "sheet.verdict", RF_WORD, 0, "accept reject archive link", NULL },
	{ "sheet.comment", RF_LONG, 0, NULL, NULL },
	{ "sheet.item", RF_LONG, 0, NULL, NULL },
	{ "sheet.content", RF_LONG, 0, NULL, NULL },
	{ "sheet.sheet", RF_LONG, 0, NULL, NULL },
	{ "sheet.erp_id", RF_LONG, 0, NULL, NULL },
	{ "sheet.transaction_date", RF_DATE, 0, NULL, NULL },
	{ "sheet.accounting_date", RF_DATE, 0, NULL, NULL },
	{ "sheet.description", RF_LONG, 0, NULL, NULL },
};

#define HEAD(f) .head = f, .nhead = sizeof(f) / sizeof(f[0])
#define LINES(f) .line = f, .nline = sizeof(f) / sizeof(f[0])

/* A type to a line, and its members where it has them. */
/* clang-format off */
static const struct rec_type types[REC_NTYPES] = {
	[REC_VENDOR] = { .id = REC_VENDOR, .name = "vendor", .title = "Vendor", .cls = RC_TO_ERP, .nkey = 1, .key = { "vendor.pm_id" },
	    HEAD(vendor_head) },
	[REC_PROJECT] = { .id = REC_PROJECT, .name = "project", .title = "Project", .cls = RC_TO_ERP, .nkey = 1, .key = { "project.number" },
	    HEAD(project_head) },
	[REC_SUBJOB] = { .id = REC_SUBJOB, .name = "subjob", .title = "Sub job", .cls = RC_TO_ERP, .nkey = 2, .key = { "project.number", "sub_job.code" },
	    HEAD(subjob_head) },
	[REC_BUDGET] = { .id = REC_BUDGET, .name = "budget", .title = "Budget", .cls = RC_TO_ERP, .nkey = 1, .key = { "project.number" },
	    HEAD(budget_head), LINES(budget_line), .nline_key = 3, .line_key = { "line.sub_job", "line.cost_code", "line.cost_type" }, .amount = "line.original_amount" },
	[REC_BUDGET_CHANGE] = { .id = REC_BUDGET_CHANGE, .name = "budget-change", .title = "Budget change", .cls = RC_TO_ERP, .nkey = 2, .key = { "project.number", "budget_change.number" },
	    HEAD(budget_change_head), LINES(budget_change_line), .nline_key = 1, .line_key = { "line.position" }, .amount = "line.amount" },
	[REC_FORECAST] = { .id = REC_FORECAST, .name = "forecast", .title = "Forecast", .cls = RC_TO_ERP, .nkey = 2, .key = { "project.number", "forecast.as_of" },
	    HEAD(forecast_head), LINES(forecast_line), .nline_key = 3, .line_key = { "line.sub_job", "line.cost_code", "line.cost_type" }, .amount = "line.estimated_cost_at_completion" },
	[REC_COMMITMENT] = { .id = REC_COMMITMENT, .name = "commitment", .title = "Commitment", .cls = RC_TO_ERP, .nkey = 2, .key = { "project.number", "commitment.number" },
	    HEAD(commitment_head), LINES(commitment_line), .nline_key = 1, .line_key = { "line.position" }, .amount = "line.amount" },
	[REC_CCO] = { .id = REC_CCO, .name = "cco", .title = "Commitment change order", .cls = RC_TO_ERP, .nkey = 3, .key = { "project.number", "commitment.number", "change_order.number" },
	    HEAD(cco_head), LINES(cco_line), .nline_key = 1, .line_key = { "line.position" }, .amount = "line.amount" },
	[REC_INVOICE] = { .id = REC_INVOICE, .name = "invoice", .title = "Subcontractor invoice", .cls = RC_TO_ERP, .nkey = 3, .key = { "project.number", "commitment.number", "invoice.invoice_number" },
	    HEAD(invoice_head), LINES(invoice_line), .nline_key = 1, .line_key = { "line.position" }, .amount = "line.work_completed_this_period" },
	[REC_PAYMENT] = { .id = REC_PAYMENT, .name = "payment", .title = "Payment", .cls = RC_TO_ERP, .nkey = 1, .key = { "payment.pm_id" },
	    HEAD(payment_head), .amount = "payment.amount" },
	[REC_PRIME] = { .id = REC_PRIME, .name = "prime", .title = "Prime contract", .cls = RC_TO_ERP, .nkey = 2, .key = { "project.number", "prime.number" },
	    HEAD(prime_head), .amount = "prime.original_amount" },
	[REC_PCCO] = { .id = REC_PCCO, .name = "pcco", .title = "Prime contract change order", .cls = RC_TO_ERP, .nkey = 3, .key = { "project.number", "prime.number", "pcco.number" },
	    HEAD(pcco_head), LINES(pcco_line), .nline_key = 1, .line_key = { "line.position" }, .amount = "line.extended_amount" },
	[REC_ERP_VENDOR] = { .id = REC_ERP_VENDOR, .name = "erp-vendor", .title = "ERP vendor", .cls = RC_FROM_ERP, .nkey = 1, .key = { "vendor.origin_code" },
	    HEAD(erp_vendor_head) },
	[REC_ERP_CUSTOMER] = { .id = REC_ERP_CUSTOMER, .name = "erp-customer", .title = "ERP customer", .cls = RC_FROM_ERP, .nkey = 1, .key = { "vendor.origin_code" },
	    HEAD(erp_customer_head) },
	[REC_ERP_PROJECT] = { .id = REC_ERP_PROJECT, .name = "erp-project", .title = "ERP project", .cls = RC_FROM_ERP, .nkey = 1, .key = { "project.origin_code" },
	    HEAD(erp_project_head) },
	[REC_ERP_SUBJOB] = { .id = REC_ERP_SUBJOB, .name = "erp-subjob", .title = "ERP sub job", .cls = RC_FROM_ERP, .nkey = 2, .key = { "project.origin_code", "sub_job.code" },
	    HEAD(erp_subjob_head) },
	[REC_ERP_BUDGET] = { .id = REC_ERP_BUDGET, .name = "erp-budget", .title = "ERP job budget", .cls = RC_FROM_ERP, .nkey = 1, .key = { "project.origin_code" },
	    HEAD(erp_budget_head), LINES(erp_budget_line), .nline_key = 3, .line_key = { "line.sub_job", "line.cost_code", "line.cost_type" }, .amount = "line.amount" },
	[REC_ERP_PRIME] = { .id = REC_ERP_PRIME, .name = "erp-prime", .title = "ERP prime contract", .cls = RC_FROM_ERP, .nkey = 2, .key = { "project.origin_code", "prime.number" },
	    HEAD(erp_prime_head), LINES(erp_prime_line), .nline_key = 1, .line_key = { "line.position" }, .amount = "line.amount" },
	[REC_ERP_CODE] = { .id = REC_ERP_CODE, .name = "erp-code", .title = "ERP cost code", .cls = RC_AUTOMATIC, .nkey = 2, .key = { "code.cost_code", "code.cost_type" },
	    HEAD(erp_code_head) },
	[REC_ERP_JOBCOST] = { .id = REC_ERP_JOBCOST, .name = "erp-jobcost", .title = "Job cost summary", .cls = RC_AUTOMATIC, .nkey = 3, .key = { "project.origin_code", "jobcost.sub_job", "jobcost.code" },
	    HEAD(erp_jobcost_head), .amount = "jobcost.jtd_cost" },
	[REC_ERP_COST] = { .id = REC_ERP_COST, .name = "erp-cost", .title = "ERP job cost transaction", .cls = RC_AUTOMATIC, .nkey = 1, .key = { "cost.transaction_id" },
	    HEAD(erp_cost_head), .amount = "cost.amount" },
	[REC_ERP_PAYMENT] = { .id = REC_ERP_PAYMENT, .name = "erp-payment", .title = "ERP payment", .cls = RC_AUTOMATIC, .nkey = 3, .key = { "vendor.origin_code", "payment.number", "invoice.invoice_number" },
	    HEAD(erp_payment_head), .amount = "payment.amount" },
	[REC_COST_CODE] = { .id = REC_COST_CODE, .name = "cost-code", .title = "Cost code (reference)", .cls = RC_REFERENCE, .nkey = 2, .key = { "code.cost_code", "code.cost_type" },
	    HEAD(cost_code_head) },
	[REC_COST_TYPE] = { .id = REC_COST_TYPE, .name = "cost-type", .title = "Cost type (reference)", .cls = RC_REFERENCE, .nkey = 1, .key = { "code.cost_type" },
	    HEAD(cost_type_head) },
	[REC_ASSIGNMENT] = { .id = REC_ASSIGNMENT, .name = "assignment", .title = "Code assignment (reference)", .cls = RC_REFERENCE, .nkey = 2, .key = { "code.cost_code", "code.cost_type" },
	    HEAD(assignment_head) },
	[REC_SELECTION] = { .id = REC_SELECTION, .name = "selection", .title = "Project code (reference)", .cls = RC_REFERENCE, .nkey = 3, .key = { "project.number", "code.cost_code", "code.cost_type" },
	    HEAD(selection_head) },
	[REC_JOB_CODE] = { .id = REC_JOB_CODE, .name = "job-code", .title = "Job code (reference)", .cls = RC_REFERENCE, .nkey = 3, .key = { "project.origin_code", "code.cost_code", "code.cost_type" },
	    HEAD(job_code_head) },
	[REC_DEFAULT_TASK] = { .id = REC_DEFAULT_TASK, .name = "default-task", .title = "Default task (reference)", .cls = RC_REFERENCE, .nkey = 1, .key = { "project.origin_code" },
	    HEAD(default_task_head) },
	[REC_ANSWER] = { .id = REC_ANSWER, .name = "answer", .title = "ERP answer", .cls = RC_ANSWER, .nkey = 2, .key = { "answer.object", "answer.key" },
	    HEAD(answer_head) },
	[REC_DECISION] = { .id = REC_DECISION, .name = "decision", .title = "Decision", .cls = RC_DECISION, .nkey = 1, .key = { "sheet.item" },
	    HEAD(decision_head) },
	[REC_OWNER_INVOICE] = { .id = REC_OWNER_INVOICE, .name = "owner-invoice", .title = "Owner invoice", .cls = RC_TO_ERP, .nkey = 3, .key = { "project.number", "prime.number", "owner_invoice.number" },
	    HEAD(owner_invoice_head), LINES(owner_invoice_line), .nline_key = 1, .line_key = { "line.position" }, .amount = "line.work_completed_this_period" },
	[REC_ADOPTION] = { .id = REC_ADOPTION, .name = "adoption", .title = "Adoption", .cls = RC_DECISION, .nkey = 1, .key = { "adopt.item" },
	    HEAD(adoption_head) },
};
/* clang-format on */

const struct rec_type *
rec_type(enum rec_id id)
{
	eg_check((unsigned)id < REC_NTYPES);
	return &types[id];
}

const struct rec_type *
rec_type_named(struct eg_bytes name)
{
	for (unsigned i = 0; i < REC_NTYPES; i++)
		if (eg_bytes_is(name, types[i].name))
			return &types[i];
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
