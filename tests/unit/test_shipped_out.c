/* SPDX-License-Identifier: MIT
 *
 * The shipped adapters: what is read is written again to the byte, and what the target would refuse is refused when it is accepted.
 * Reads adapters/ of the working tree.
 */
#include "tests/unit/shipped_kit.h"

struct setting { /* a context field and its value */
	const char *key, *value;
};

/* ---- writing ---- */

static struct eg_buf keys_seen = EG_BUF_INIT; /* keys of answers, blanks between */

static int
on_bytes(void *ctx, struct eg_bytes v, struct eg_err *err)
{
	(void)err;
	eg_buf_add(ctx, v);
	return EG_OK;
}

static int
on_file(void *ctx, const struct adp *a, struct eg_bytes project, const char *ext, struct eg_err *err)
{
	(void)err;
	eg_buf_printf(ctx, "[%s %.*s%s]\n", adp_info(a)->object, EG_FMT(project), ext);
	return EG_OK;
}

static int
on_row(void *ctx, uint64_t line, size_t record, const struct adp_field_lineage *f, size_t n, struct eg_err *err)
{
	(void)ctx;
	(void)line;
	(void)record;
	(void)f;
	(void)err;
	assert_true(n > 0);
	return EG_OK;
}

static int
on_out_finding(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err)
{
	(void)record;
	(void)err;
	eg_buf_printf(ctx, "%c %s\n", f->severity, f->code);
	return EG_OK;
}

static int
on_key(void *ctx, size_t record, struct eg_bytes key, struct eg_err *err)
{
	(void)record;
	(void)err;
	(void)ctx;
	eg_buf_printf(&keys_seen, "%s%.*s", keys_seen.len > 0 ? " " : "", EG_FMT(key));
	return EG_OK;
}

/* What the gateway fills in before writing. */
static void
set_context(struct seen *o, struct rec *r)
{
	static const struct setting values[] = { { "erp.vendor", "LAKE001" }, { "erp.project", "26010" },
		{ "erp.commitment", "SC-1" }, { "decision.transaction_date", "2026-03-06" },
		{ "link.project_number", "26-010" }, { "contract.type", "subcontract" },
		{ "contract.retainage_percent", "5.0000" } };
	struct eg_err err;

	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		bool line;
		int f = rec_field_named(r->type, eg_bytes_str(values[i].key), &line);
		if (f < 0)
			continue;
		assert_int_equal(rec_set(&o->arena, &r->type->head[f], eg_bytes_str(values[i].value),
				     (struct rec_prov){ 0 }, &r->head[f], &err),
		    EG_OK);
	}
	for (size_t i = 0; i < r->nlines && (r->type->id == REC_INVOICE || r->type->id == REC_CCO); i++) {
		struct rec_val *v = rec_line(r, i, "line.commitment_line");
		if (v->state != RV_VALUE)
			continue;
		*rec_line(r, i, "target.position") = *v;
		*rec_line(r, i, "target.contract_line") = *v;
		*rec_line(r, i, "target.cost_code") = (struct rec_val){ .state = RV_VALUE, .text = EG_LIT("05-1200") };
		*rec_line(r, i, "target.cost_type") = (struct rec_val){ .state = RV_VALUE, .text = EG_LIT("S") };
		*rec_line(r, i, "target.description") =
		    (struct rec_val){ .state = RV_VALUE, .text = EG_LIT("As before") };
	}
	for (size_t i = 0; i < r->nlines && r->type->id == REC_OWNER_INVOICE; i++)
		if (rec_line(r, i, "line.sub_job")->state == RV_VALUE)
			*rec_line(r, i, "erp.sub_job") =
			    (struct rec_val){ .state = RV_VALUE, .text = EG_LIT("SUB-PIER") };
}

#define COMMITMENT_CSV                                                                                                                                                                                 \
	"Project Number,Number,Commitment Type,Title,Status,Accounting Method,Contract Company ID,Contract Date,Retainage %,Line,Cost Code,Cost Type,Line Description,Quantity,UOM,Unit Cost,Amount\n" \
	"26-010,sc-1,Subcontract,O'Neil steel,Approved,Unit,11,3/9/2026,5,2,05-1200,M,Beams,3,ea,1.15,3.45\n"                                                                                          \
	"26-010,sc-1,Subcontract,O'Neil steel,Approved,Unit,11,3/9/2026,5,1,05-1200,S,\"Erection, all of it, by the hour\",2,hr,1.5,3.00\n"

#define COMPANY_CSV "Company ID,Name,Abbreviated Name,Active\n11,Lakeline Electric,Lakeline,Yes\n"
#define PROJECT_CSV "Project Number,Name,Active,ERP Job ID\n26-010,Library,Yes,\n"

#define CCO_CSV                                                                                                                \
	"Project Number,Contract,Change Order #,Title,Status,Line,Contract Line,Cost Code,Cost Type,Line Description,Amount\n" \
	"26-010,SC-1,001,More,Approved,1,2,,,,5.00\n26-010,SC-1,001,More,Approved,2,,05-1300,M,New,6.00\n"

#define INVOICE_CSV                                                                                                                                                                      \
	"Project Number,Contract,Invoice #,Number,Final,Billing Date,Period End,Status,Line,Item Type,Contract Line,Description Of Work,This Period,Work Retainage,Retainage Released\n" \
	"26-010,SC-1,I-1,1,Yes,03/31/2026,03/31/2026,Approved,1,Contract,1,Steel,100.00,5.00,\n26-010,SC-1,I-1,1,Yes,03/31/2026,03/31/2026,Approved,2,Contract,2,Beams,0.00,,2.50\n"

struct written {
	const char *what, *erp, *source, *name, *text, *adapters[3], *keys, *expect;
};

static const struct
    written
	writings
	    [] = {
		    { "commitment to CMiC", "cmic", "procore", "c.csv", COMMITMENT_CSV, { "cmic.commitment.out" },
			"LAKE001|SC-1",
			"[COMMITMENT csv]\nW F-40\nW F-41\n"
			"01,LAKE001,SC-1,000,26010,NONE,SC,USD,09-MAR-2026,001,\"Erection, all of it, by the ho\",05-1200,SUB,HR,2.0000,1.5000,3.00,5.0000,26010,ONeil steel,OPEN,,,,,Y,\r\n"
			"01,LAKE001,SC-1,000,26010,NONE,SC,USD,09-MAR-2026,002,Beams,05-1200,MAT,EA,3.0000,1.1500,3.45,5.0000,26010,ONeil steel,OPEN,,,,,Y,\r\n" },
		    { "commitment to Acumatica", "acumatica", "procore", "c.csv", COMMITMENT_CSV,
			{ "acumatica.subcontract.out", "acumatica.purchaseorder.out" }, "26010|sc-1",
			"[SUBCONTRACT csv]\nSubcontractNbr\tVendorID\tDate\tStartDate\tDescription\tVendorRef\tLineNbr\tProjectID\tTaskID\tCostCodeID\tAccountGroupID\tInventoryID\tLineDescription\tUOM\tOrderQty\tUnitCost\tAmount\tRetainageApply\tRetainagePct\r\n"
			"<NEW>\tLAKE001\t3/9/2026\t\tO'Neil steel\tsc-1\t1\t26010\t26010\t051200\tSUBCON\t<N/A>\tErection, all of it, by the hour\tHR\t2.0000\t1.5000\t3.00\tTrue\t5.0000\r\n"
			"<NEW>\tLAKE001\t3/9/2026\t\tO'Neil steel\tsc-1\t2\t26010\t26010\t051200\tMATERIAL\t<N/A>\tBeams\tEA\t3.0000\t1.1500\t3.45\tTrue\t5.0000\r\n" },
		    { "commitment to MRI", "mri", "procore", "c.csv", COMMITMENT_CSV,
			{ "mri.contract.out", "mri.purchaseorder.out" }, "26010|sc-1",
			"[CONTRACT csv]\nProject ID,Contract Number,Description,Vendor,Status,Original Amount,Contract Date,Line,Cost Code,Default Category,Line Description,Line Amount\r\n"
			"26010,sc-1,O'Neil steel,LAKE001,Approved,6.45,2026-03-09,1,05-1200,SUB,\"Erection, all of it, by the hour\",3.00\r\n26010,sc-1,O'Neil steel,LAKE001,Approved,6.45,2026-03-09,2,05-1200,MAT,Beams,3.45\r\n" },
		    { "invoice to CMiC: voucher and retainage document", "cmic", "procore", "i.csv", INVOICE_CSV,
			{ "cmic.invoice.out" }, "LAKE001|I-1 LAKE001|I-1",
			"[INVOICE csv]\n01,LAKE001,SC-1,000,26010,I-1,-999999,100.00,31-MAR-2026,31-MAR-2026,30-APR-2026,Y,001,100.00,5.00,0.00,05-1200,SUB,USD,,Steel\r\n"
			"01,LAKE001,SC-1,000,26010,I-1,-999999,100.00,31-MAR-2026,31-MAR-2026,30-APR-2026,Y,002,0.00,0.00,0.00,05-1200,SUB,USD,,Beams\r\n"
			"01,LAKE001,SC-1,000,26010,I-1R,-999998,0.00,31-MAR-2026,31-MAR-2026,30-APR-2026,N,002,0.00,0.00,2.50,05-1200,SUB,USD,,Beams\r\n" },
		    { "invoice to Acumatica: bill and release", "acumatica", "procore", "i.csv", INVOICE_CSV,
			{ "acumatica.bill.out", "acumatica.retainage.out" }, "LAKE001|I-1 LAKE001|I-1",
			"[BILL csv]\nDocType\tRefNbr\tVendorID\tDocDate\tFinPeriodID\tInvoiceNbr\tDocDesc\tCuryOrigDocAmt\tRetainageApply\tSubcontractNbr\tSubcontractLineNbr\tChangeOrderNbr\tProjectID\tTaskID\tCostCodeID\tAccountGroupID\tTranDesc\tCuryLineAmt\tRetainagePct\tCuryRetainageAmt\r\n"
			"Bill\t<NEW>\tLAKE001\t3/31/2026\t032026\tI-1\t\t95.00\tTrue\tSC-1\t1\t\t26010\t26010\t051200\tSUBCON\tSteel\t100.00\t5.0000\t5.00\r\n"
			"[RETAINAGE csv]\nVendorID\tInvoiceNbr\tSubcontractNbr\tProjectID\tDate\tPostPeriod\tAmountToRelease\r\nLAKE001\tI-1\tSC-1\t26010\t3/31/2026\t032026\t2.50\r\n" },
		    { "invoice to MRI", "mri", "procore", "i.csv", INVOICE_CSV, { "mri.draw.out" }, "LAKE001|I-1",
			"[DRAW csv]\nVendor ID,Invoice Number,Invoice Amount,Invoice Date,Expense Period,Status,Third Party Attachments,Project ID,Contract Number\r\nLAKE001,I-1,95.00,2026-03-31,202603,Pending,,26010,SC-1\r\n" },
		    { "change order to CMiC: a changed and a new line", "cmic", "procore", "o.csv", CCO_CSV,
			{ "cmic.cco.out" }, "LAKE001|SC-1|001",
			"[CCO csv]\n01,LAKE001,SC-1,001,26010,NONE,SC,USD,06-MAR-2026,002,As before,05-1200,SUB,,,,5.00,5.0000,26010,More,PENDING,,,,,Y,\r\n"
			"01,LAKE001,SC-1,001,26010,NONE,SC,USD,06-MAR-2026,001-002,New,05-1300,MAT,,,,6.00,5.0000,26010,More,PENDING,,,,,Y,\r\n" },
		    { "change order to Acumatica: a changed and a new line", "acumatica", "procore", "o.csv", CCO_CSV,
			{ "acumatica.cco.out" }, "26010|SC-1-001",
			"[CCO csv]\nRefNbr\tClassID\tProjectID\tDate\tDescription\tExtRefNbr\tLineType\tTaskID\tCostCodeID\tAccountGroupID\tInventoryID\tVendorID\tPOOrderType\tPOOrderNbr\tPOLineNbr\tLineDescription\tQty\tUOM\tUnitCost\tAmount\r\n"
			"<NEW>\tCOMMIT\t26010\t3/6/2026\tMore\tSC-1-001\tUpdate\t26010\t051200\tSUBCON\t<N/A>\tLAKE001\tSubcontract\tSC-1\t2\tAs before\t0.0000\tLS\t0.0000\t5.00\r\n"
			"<NEW>\tCOMMIT\t26010\t3/6/2026\tMore\tSC-1-001\tNewLine\t26010\t051300\tMATERIAL\t<N/A>\tLAKE001\tSubcontract\tSC-1\t\tNew\t1.0000\tLS\t6.0000\t6.00\r\n" },
		    { "change order to MRI", "mri", "procore", "o.csv", CCO_CSV, { "mri.changeorder.out" },
			"26010|SC-1|001",
			"[CHANGEORDER csv]\nProject ID,Order Number,Change Order,Title,Description,Additional Description,Date Created,Line,Contract Line,Cost Code,Default Category,Line Description,Line Amount\r\n"
			"26010,SC-1,001,More,,,2026-03-06,1,2,05-1200,SUB,As before,5.00\r\n26010,SC-1,001,More,,,2026-03-06,2,,05-1300,MAT,New,6.00\r\n" },
		    { "negative invoice to Acumatica: every sign changed", "acumatica", "procore", "i.csv",
			"Project Number,Contract,Invoice #,Number,Billing Date,Status,Line,Item Type,Contract Line,This Period,Work Retainage\n26-010,SC-1,I-2,2,03/31/2026,Approved,1,Contract,1,-100.00,-5.00\n",
			{ "acumatica.bill.out" }, "LAKE001|I-2",
			"[BILL csv]\nDocType\tRefNbr\tVendorID\tDocDate\tFinPeriodID\tInvoiceNbr\tDocDesc\tCuryOrigDocAmt\tRetainageApply\tSubcontractNbr\tSubcontractLineNbr\tChangeOrderNbr\tProjectID\tTaskID\tCostCodeID\tAccountGroupID\tTranDesc\tCuryLineAmt\tRetainagePct\tCuryRetainageAmt\r\n"
			"Debit Adj.\t<NEW>\tLAKE001\t3/31/2026\t032026\tI-2\t\t95.00\tTrue\tSC-1\t1\t\t26010\t26010\t051200\tSUBCON\t\t100.00\t5.0000\t5.00\r\n" },
		    { "owner invoice to Acumatica Vision", "vision", "procore", "o.xml",
			OWNER_XML("approved", "2.00", ""), { "acumatica.arinvoice.out" }, "26010|7",
			"[ARINVOICE csv]\nDocType\tRefNbr\tProjectID\tDocDate\tDueDate\tFinPeriodID\tInvoiceNbr\tProjectTaskID\tCostCodeID\tTranDesc\tCuryLineAmt\tCuryRetainageAmt\r\n"
			"Invoice\t<NEW>\t26010\t3/6/2026\t4/30/2026\t032026\t7\tSUB-PIER\t051200\tPiers\t1.00\t0.10\r\n"
			"Invoice\t<NEW>\t26010\t3/6/2026\t4/30/2026\t032026\t7\t26010\t051200\t\t2.00\t0.00\r\n"
			"Invoice\t<NEW>\t26010\t3/6/2026\t4/30/2026\t032026\t7\t26010\t051300\t\t3.00\t0.00\r\n" },
		    { "bill of Vision: the kind of order", "vision", "procore", "i.csv",
			"Project Number,Contract,Invoice #,Number,Billing Date,Status,Line,Item Type,Contract Line,This Period,Work Retainage\n26-010,SC-1,I-2,2,03/31/2026,Approved,1,Contract,1,100.00,\n",
			{ "acumatica.bill.out" }, "LAKE001|I-2",
			"[BILL csv]\nDocType\tRefNbr\tVendorID\tDocDate\tFinPeriodID\tInvoiceNbr\tDocDesc\tCuryOrigDocAmt\tRetainageApply\tSubcontractNbr\tSubcontractLineNbr\tChangeOrderNbr\tProjectID\tTaskID\tCostCodeID\tAccountGroupID\tTranDesc\tCuryLineAmt\tRetainagePct\tCuryRetainageAmt\tPOOrderType\tNoteText\r\n"
			"Bill\t<NEW>\tLAKE001\t3/31/2026\t032026\tI-2\t\t100.00\tFalse\tSC-1\t1\t\t26010\t26010\t051200\tSUBCON\t\t100.00\t0.0000\t0.00\tSubcontract\t\r\n" },
		    { "payment to Acumatica", "vision", "procore", "p.csv",
			"Payment ID,Project Number,Contract,Invoice #,Status,Amount,Check Number,Date Initiated,Date Funded\nP1,26-010,SC-1,I-1,Funding Complete,5.00,71,04/01/2026,04/02/2026\n",
			{ "acumatica.payment.out" }, "LAKE001|71",
			"[PAYMENT csv]\nDocType\tReferenceNbr\tVendorID\tPaymentMethod\tCashAccount\tApplicationDate\tPaymentRef\tDescription\tPaymentAmount\tAdjdDocType\tAdjdRefNbr\tAmountPaid\r\n"
			"Payment\t<NEW>\tLAKE001\tCHECK\t\t4/1/2026\t71\t\t5.00\tBill\t\t5.00\r\n" },
		    { "prime contract of Vision to the project side, with units", "vision", "acumatica", "b.csv",
			"ProjectID;ProjectTaskID;CostCodeID;Description;UOM;Qty;CuryUnitRate;CuryAmount;Type\n26010;PIER;051200;Piers;EA;4.0000;2.5000;10.0000;I\n",
			{ "procore.prime.out" }, "",
			"[PRIME csv]\nProject Number,Number,Title,Description,Status,Original Contract Amount,Line,Cost Code,Cost Type,Line Description,Amount,Quantity,UOM,Unit Cost,Sub Job\n"
			"26-010,26010,26010 Prime Contract,Imported from job 26010,Approved,10.00,1,05-1200,,Piers,10.00,4.0000,EA,2.5000,PIER\n" },
		    { "CMiC's contract of a job below: sub job, currency", "multi", "cmic", "c.csv", MULTI_CSV,
			{ "procore.prime.out" }, "",
			"[PRIME csv]\nProject Number,Number,Title,Description,Status,Original Contract Amount,Line,Cost Code,Cost Type,Line Description,Amount,Sub Job,Currency\n"
			"26-010,26010-C1,26010 Prime Contract,Imported from job 26010,Approved,2.00,1,05-1200,M,Beams,2.00,,\n"
			"26-010,26010A-C1,Piers,Imported from job 26010,Approved,1.00,1,05-1200,M,Piers Steel,1.00,26010A,USD\n" },
		    { "budget change to CMiC with the scope, which is left out by default", "multi", "procore", "b.csv", "Project Number,Budget Change Number,Title,Description,Status,Adjustment,Type,Line,Cost Code,Cost Type,Amount\n26-010,BC-1,Move,Why it moves,Approved,1,Change Event,1,05-1200,S,-5.00\n",
			{ "cmic.budgetchange.out" }, "26010|BC-1",
			"[BUDGETCHANGE csv]\n01,26010,BC-1,Move,06-MAR-2026,APPROVED,BC,,26010,05-1200,SUB,-5.00,0.00,,,Why it moves\r\n" },
		    { "prime contract change order to CMiC, a PCI for each potential one", "multi", "procore", "p.xml",
			"<prime_contract_change_orders><prime_contract_change_order><project><number>26-010</number></project><prime_contract><number>P1</number></prime_contract><number>003</number>"
			"<title>More</title><status>Approved</status><prime_contract_change_order_items>"
			"<prime_contract_change_order_item><position>1</position><description>Walls</description><cost_code><full_code>05-1200</full_code></cost_code><line_item_type><code>S</code></line_item_type>"
			"<amount>1.00</amount><extended_amount>2.00</extended_amount><potential_change_order><number>7</number></potential_change_order></prime_contract_change_order_item>"
			"<prime_contract_change_order_item><position>2</position><cost_code><full_code>05-1200</full_code></cost_code><line_item_type><code>S</code></line_item_type>"
			"<amount>3.00</amount><extended_amount>4.00</extended_amount></prime_contract_change_order_item>"
			"</prime_contract_change_order_items></prime_contract_change_order></prime_contract_change_orders>",
			{ "cmic.pcco.out", "cmic.oco.out" }, "26010|003",
			"[PCCO csv]\n01,26010,003.7,P1-003-7 Walls,06-MAR-2026,PENDING,CO,,26010,05-1200,SUB,1.00,2.00,,,\r\n"
			"01,26010,003,P1-003,06-MAR-2026,PENDING,CO,,26010,05-1200,SUB,3.00,4.00,,,\r\n" },
		    { "prime contract change order of a list to CMiC: settings give the codes", "cmic", "procore",
			"prime_change_orders_26-010_P1.csv",
			"Number,Revision,Title,Status,Amount,Designated Reviewer,PCO\n003,0,Fees,Approved,12.5,,\n",
			{ "cmic.pcco.out", "cmic.oco.out" }, "26010|003",
			"[PCCO csv]\n01,26010,003,Fees,06-MAR-2026,PENDING,CO,,26010,01-0000,OTC,0.00,12.50,,\r\n" },
		    { "budget to CMiC", "cmic", "procore", "budget_26-010.csv",
			"Sub Job,Cost Code Tier 1,Cost Type,Budget Code,Original Budget Amount\nNone,05-1200 - STEEL,S - Subcontract,05-1200.S,10.5\nNone,05-1200 - STEEL,M - Materials,05-1200.M,-1\n",
			{ "cmic.budget.out" }, "26010",
			"[BUDGET csv]\n01,26010,ORIGBUDG,ORIGINAL BUDGET,06-MAR-2026,APPROVED,OB,,26010,05-1200,MAT,-1.00,0.00,,\r\n01,26010,ORIGBUDG,ORIGINAL BUDGET,06-MAR-2026,APPROVED,OB,,26010,05-1200,SUB,10.50,0.00,,\r\n" },
		    { "forecast to CMiC", "cmic", "procore", "f.csv",
			"Project Number,As Of,Sub Job,Cost Code,Cost Type,Estimated Cost at Completion,Forecast To Complete\n26-010,02/28/2026,,05-1200,S,10.00,5.00\n",
			{ "cmic.forecast.out" }, "26010|FC20260306",
			"[FORECAST csv]\n01,26010,FC20260306,MARCH 2026 FORECAST AMOUNTS,06-MAR-2026,APPROVED,FC,,26010,05-1200,SUB,10.00,5.00,,\r\n" },
		    { "vendor to the project side", "cmic", "cmic", "v.csv",
			"BP_CODE,BP_NAME,BPAD_ZIP,BPVEN_COMP_CODE,BPVEN_TYPE_CODE,BPVEN_STATUS\nLAKE001,\"Lakeline, Co.\",01234,01,SUB,A\n",
			{ "procore.vendor.out" }, "",
			"[VENDOR csv]\nName,Address,Address 2,City,State,Zip,Country,Business Phone,Fax,Email Address,Website,Tax ID,Vendor Type,Customer,ERP Vendor ID\n\"Lakeline, Co.\",,,,,01234,,,,,,,SUB,No,LAKE001\n" },
		    { "costs to the project side: a file per project", "mri", "mri", "c.xml",
			"<mri_s-pmjc_cost><entry><TransactionID>T1</TransactionID><InvoiceType>Journal</InvoiceType><Status>Posted</Status><InvoiceDate>2026-03-02</InvoiceDate><JobCode>26010</JobCode>"
			"<CostCode>05-1200</CostCode><DefaultCategory>MAT</DefaultCategory><LineDescription>Bolts</LineDescription><AmountPaid>5</AmountPaid></entry></mri_s-pmjc_cost>",
			{ "procore.directcost.out" }, "",
			"[DIRECTCOST 26-010csv]\nType,Invoice #,Description,Employee Email,Status,Terms,Date,Received Date,Paid Date,Vendor,Line Item Description,Quantity,Units,Unit Cost,Amount,Sub Job,Cost Code,Cost Type\n"
			"Expense,,,,Approved,,03/02/2026,,,,Bolts,1.0000,,5.0000,5.00,,05-1200,M\n" },
	    };

static void
write_one(const struct adp_set *s, const struct written *w, struct seen *o, struct eg_buf *out)
{
	const struct adp_out_sink sink = {
		.file = on_file, .bytes = on_bytes, .row = on_row, .finding = on_out_finding, .key = on_key, .ctx = out
	};
	const struct rec *list[8];
	struct eg_err err;

	play(s, w->source, w->name, w->text, o);
	if (o->nkept == 0)
		fail_msg("%s: nothing was taken\n%s", w->what, eg_buf_cstr(&o->text));
	for (size_t i = 0; i < o->nkept; i++) {
		if (o->kept[i].type->nline > 0)
			assert_int_equal(rec_sort_lines(&o->arena, &o->kept[i], &err), EG_OK);
		set_context(o, &o->kept[i]);
		list[i] = &o->kept[i];
	}
	for (size_t i = 0; i < 3 && w->adapters[i] != NULL; i++) {
		struct adp_batch b = { .records = list, .n = o->nkept, .counter = -999999 };
		const struct adp *a = adp_set_named(s, w->adapters[i]);
		assert_non_null(a);
		if (adp_write(s, a, &b, &sink, &err) != EG_OK)
			fail_msg("%s: %s", w->what, err.msg);
	}
}

static void
records_are_written(void **state)
{
	unsigned failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof writings / sizeof writings[0]; i++) {
		struct seen o = { .text = EG_BUF_INIT };
		struct eg_buf out = EG_BUF_INIT;
		unsigned said = 0;
		struct adp_set *s = load(writings[i].erp, &said);
		eg_arena_init(&o.arena, (size_t)1 << 24);
		write_one(s, &writings[i], &o, &out);
		if (strcmp(eg_buf_cstr(&keys_seen), writings[i].keys) != 0) {
			print_error("%s: expected the keys %s, seen %s\n", writings[i].what, writings[i].keys,
			    eg_buf_cstr(&keys_seen));
			failed++;
		}
		eg_buf_done(&keys_seen);
		if (strcmp(eg_buf_cstr(&out), writings[i].expect) != 0) {
			print_error("%s\n-- expected\n%s-- seen\n%s\n", writings[i].what, writings[i].expect,
			    eg_buf_cstr(&out));
			failed++;
		}
		eg_buf_done(&out);
		eg_buf_done(&o.text);
		eg_arena_done(&o.arena);
		adp_set_free(s);
	}
	assert_int_equal(failed, 0);
}

/* ---- accepting ---- */

struct accepted {
	const char *what, *erp, *name, *text, *erp_id, *expect;
};

static const struct accepted accepts[] = {
	{ "a vendor needs a code", "cmic", "companies.csv", COMPANY_CSV, "", "R E-02\n" },
	{ "a vendor code of CMiC has 8 characters", "cmic", "companies.csv", COMPANY_CSV, "LAKELINE1", "R E-07\n" },
	{ "one of Acumatica may have 30", "acumatica", "companies.csv", COMPANY_CSV, "LAKELINE1", "" },
	{ "a job needs a code", "cmic", "projects.csv", PROJECT_CSV, "", "R E-13\n" },
	{ "a job code of CMiC has 10 characters", "cmic", "projects.csv", PROJECT_CSV, "26010-LIBRARY", "R E-13\n" },
	{ "a project id of Acumatica is digits", "acumatica", "projects.csv", PROJECT_CSV, "26-010", "R E-13\n" },
	{ "a project id of digits", "acumatica", "projects.csv", PROJECT_CSV, "26010", "" },
	{ "a contract code of CMiC has 20 characters", "cmic", "c.csv", COMMITMENT_CSV, "SC-0000000000000000-1",
	    "R E-35\n" },
	{ "a contract number of Acumatica may have 40", "acumatica", "c.csv", COMMITMENT_CSV, "SC-0000000000000000-1",
	    "" },
	{ "a change code of CMiC has 6 characters", "cmic", "o.csv", CCO_CSV, "CO-0001", "R E-43\n" },
	{ "an invoice code of CMiC leaves room for the R", "cmic", "i.csv", INVOICE_CSV, "I-000000000000000001",
	    "R E-49\n" },
	{ "Vision: an owner invoice", "vision", "o.xml", OWNER_XML("approved", "2.00", ""), "", "" },
	{ "Vision: a receivable number may have 40", "vision", "o.xml", OWNER_XML("approved", "2.00", ""),
	    "OI-00000000000000000000000000000000000001", "R E-69\n" },
	{ "a budget closes the door for importing", "acumatica", "budget_26-010.csv",
	    "Sub Job,Cost Code Tier 1,Cost Type,Budget Code,Original Budget Amount\nNone,05-1200 - STEEL,S - Subcontract,05-1200.S,10.5\n",
	    "", "W E-25\n" },
};

static void
refusals_are_told_at_accept(void **state)
{
	unsigned failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof accepts / sizeof accepts[0]; i++) {
		const struct accepted *x = &accepts[i];
		struct seen o = { .text = EG_BUF_INIT };
		struct eg_buf out = EG_BUF_INIT;
		const struct adp_out_sink sink = { .finding = on_out_finding, .ctx = &out };
		struct eg_err err;
		unsigned said = 0;
		struct adp_set *s = load(x->erp, &said);
		eg_arena_init(&o.arena, (size_t)1 << 24);
		play(s, "procore", x->name, x->text, &o);
		assert_int_equal(o.nkept, 1);
		set_context(&o, &o.kept[0]);
		const struct rec_field *f = &o.kept[0].type->head[rec_head_index(o.kept[0].type, "decision.erp_id")];
		if (x->erp_id[0] != '\0')
			assert_int_equal(rec_set(&o.arena, f, eg_bytes_str(x->erp_id), (struct rec_prov){ 0 },
					     rec_head(&o.kept[0], "decision.erp_id"), &err),
			    EG_OK);
		assert_int_equal(adp_accept_check(s, kind_named(x->erp)->erp, &o.kept[0], &sink, &err), EG_OK);
		if (strcmp(eg_buf_cstr(&out), x->expect) != 0) {
			print_error("%s\n-- expected\n%s-- seen\n%s\n", x->what, x->expect, eg_buf_cstr(&out));
			failed++;
		}
		eg_buf_done(&out);
		eg_buf_done(&o.text);
		eg_arena_done(&o.arena);
		adp_set_free(s);
	}
	assert_int_equal(failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_written),
		cmocka_unit_test(refusals_are_told_at_accept),
	};

	struct eg_err err;

	for (size_t i = 0; i < NKINDS; i++)
		if (conf_parse(eg_bytes_str(kinds[i].settings), "settings", &kinds[i].conf, &err) != EG_OK)
			return 1;
	int failed = cmocka_run_group_tests(tests, collect_all, forget_all);
	for (size_t i = 0; i < NKINDS; i++)
		conf_free(&kinds[i].conf);
	return failed;
}
