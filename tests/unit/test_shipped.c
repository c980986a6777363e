/* SPDX-License-Identifier: MIT
 *
 * The shipped adapters: each of them loads for each accounting system without a word from the checker, and each example of a layout is read as its
 * section says: verdict and item of every record; place and code of every finding. Reads adapters/ of the working tree.
 */
#include "tests/unit/shipped_kit.h"

/* ---- loading ---- */

static size_t
file_of(const char *name)
{
	size_t i = 0;

	while (i < nfiles && strcmp(files[i].name, name) != 0)
		i++;
	assert_true(i < nfiles);
	return i;
}

static void
every_adapter_loads(void **state)
{
	bool *used = calloc(nfiles, sizeof *used);

	(void)state;
	for (size_t i = 0; i < NKINDS; i++) {
		unsigned said = 0;
		struct adp_set *s = load(kinds[i].name, &said);
		assert_int_equal(said, 0);
		for (size_t k = 0; k < adp_set_count(s); k++)
			used[file_of(adp_info(adp_set_at(s, k))->file)] = true;
		adp_set_free(s);
	}
	for (size_t i = ntables; i < nfiles; i++)
		if (!used[i])
			fail_msg("%s is of no use anywhere", files[i].name);
	free(used);
}

/* ---- reading: what happened, as text ---- */

struct example {
	const char *what, *erp, *source, *name, *text, *expect;
};

static const struct example examples[] = {
	{ "companies", "cmic", "procore", "companies.csv",
	    "Company ID,Name,Abbreviated Name,Active,ERP Vendor ID\n"
	    "11,Lakeline Electric Co.,Lakeline,Yes,LAKE001\n"
	    "12,Gone Ltd,Gone,No,\n"
	    "13,A name that is very much longer than any accounting system would ever take,Long,Yes,\n",
	    "taken vendor vendor/11\nR E-05 3\nrejected vendor vendor/12\nR E-04 4\nrejected vendor vendor/13\n" },
	{ "companies: a state that is none", "acumatica", "procore", "companies.csv",
	    "Company ID,Name,Abbreviated Name,State,Country,Active\n14,Lakeline,L,XX,,Yes\n15,Lakeline,L,ON,CA,Yes\n16,Lakeline,L,MN,Usa,Yes\n",
	    "R E-09 2\nrejected vendor vendor/14\ntaken vendor vendor/15\nR E-09 4\nrejected vendor vendor/16\n" },
	{ "project names", "acumatica", "procore", "projects.csv",
	    "Project Number,Name,Active,ERP Job ID\n26-1,A project with quite a long name,Yes,\n26-2,Short,No,J2\n",
	    "R E-16 2\nrejected project project/26-1\ntaken project project/26-2\n" },
	{ "sub jobs are not for MRI", "mri", "procore", "subjobs.csv",
	    "Project Number,Sub Job Code,Sub Job Name\n26-1,A,Site\n", "R E-17 2\nrejected subjob subjob/26-1/A\n" },
	{ "code selections", "cmic", "procore", "project_codes.csv",
	    "Project Number,Cost Code,Cost Type,Selected\n26-1,05-1200,S,Yes\n26-1,05-1200,,No\n26-1,05-1300,,Yes\n",
	    "taken selection\nR E-12 4\nrejected selection\n" },
	{ "budget", "cmic", "procore", "budget_26-1_new.csv",
	    "Sub Job,Cost Code Tier 1,Cost Code Tier 2,Cost Type,Budget Code,Original Budget Amount,Other\nNone,None,None,None,\"\",0.0,1\n"
	    "None,05 - METALS,05-1200 - STEEL,S - Subcontract,05-1200.S,10.5,1\nA - Site,05 - METALS,None,M - Materials,A.05.M,0.0,1\n",
	    "taken budget budget/26-1 +2\n" },
	{ "budget: code and columns differ", "cmic", "procore", "budget_26-1.csv",
	    "Sub Job,Cost Code Tier 1,Cost Type,Budget Code,Original Budget Amount\nNone,05-1200 - STEEL,S - Subcontract,05-1300.S,10.5\n"
	    "None,None,None,\"\",7.00\nNone,05-1400 - STEEL,None,05-1400,7.00\n",
	    "R F-27 2\nR E-12 3\nR E-12 4\nrejected budget budget/26-1 +3\n" },
	{ "budget: no project in the name", "cmic", "procore", "budget.csv",
	    "Sub Job,Cost Type,Budget Code,Original Budget Amount\nNone,None,\"\",0.0\n", "R F-08 1\n" },
	{ "budget changes", "cmic", "procore", "budget_changes.csv",
	    "Project Number,Budget Change Number,Title,Status,Adjustment,Type,Line,Cost Code,Cost Type,Amount\n"
	    "26-1,BC-1,Move,Approved,1,Change Event,1,05-1200,S,-5.00\n26-1,BC-1,Move,Approved,2,Change Event,2,05-1200,S,5.00\n"
	    "26-1,BC-2,Move,Draft,1,Budget Change,1,05-1200,S,-5.00\n26-1,BC-2,Move,Draft,1,Budget Change,2,05-1300,S,5.00\n",
	    "W F-51 2\ntaken budget-change budget-change/26-1/BC-1 +2\nR E-37 4\nrejected budget-change budget-change/26-1/BC-2 +2\n" },
	{ "commitments", "cmic", "procore", "commitments.csv",
	    "Project Number,Number,Commitment Type,Title,Status,Accounting Method,Contract Company ID,Grand Total,Line,Cost Code,Cost Type,Quantity,UOM,Unit Cost,Amount,Tax Amount\n"
	    "26-1,SC-1,Subcontract,Steel,Approved,Amount,11,\"$1,500.50\",1,05-1200,S,,,,\"$1,000.50\",\n26-1,SC-1,Subcontract,Steel,Approved,Amount,11,\"$1,500.50\",2,05-1200,M,,,,$500,\n"
	    "26-1,SC-2,Subcontract,Steel,Approved,Unit,11,,1,05-1200,S,3,ea,1.15,3.46,\n"
	    "26-1,SC-3,Subcontract,Steel,Draft,Amount,11,2.00,1,05-1200,,,,,1.00,\n"
	    "26-1,SC-4,Subcontract,Steel,Approved,Amount,11,2.00,1,05-1200,S,,,,1.00,0.10\n",
	    "taken commitment commitment/26-1/SC-1 +2\nR F-28 4\nrejected commitment commitment/26-1/SC-2 +1\nR E-38 5\nR E-37 5\nR F-25 5\nrejected commitment commitment/26-1/SC-3 +1\n"
	    "W E-60 6\nR F-25 6\nrejected commitment commitment/26-1/SC-4 +1\n" },
	{ "commitments: purchase orders need MRI's module", "mri", "procore", "commitments.xml",
	    "<commitments>\n<commitment><type>PurchaseOrderContract</type><number>PO-1</number><title>Steel</title><status>Approved</status><accounting_method>amount</accounting_method>"
	    "<project><number>26-1</number></project><vendor><id>11</id></vendor><commitment_items>\n"
	    "<commitment_item><position>1</position><sub_job><code>A</code></sub_job><cost_code><full_code>05-1200</full_code></cost_code><line_item_type><code>S</code></line_item_type>"
	    "<amount>5</amount></commitment_item></commitment_items></commitment>\n</commitments>\n",
	    "R E-17 3\nR E-40 2\nrejected commitment commitment/26-1/PO-1 +1\n" },
	{ "change orders", "mri", "procore", "ccos.csv",
	    "Project Number,Contract,Change Order #,Title,Status,Line,Contract Line,Cost Code,Cost Type,Amount\n26-1,SC-1,001,More,Approved,1,2,,,5.00\n"
	    "26-1,SC-1,002,Move,Approved,1,2,,,5.00\n26-1,SC-1,002,Move,Approved,2,,05-1200,S,-5.00\n26-1,SC-1,003,New,Approved,1,,05-1200,,5.00\n",
	    "taken cco cco/26-1/SC-1/001 +1\nR E-44 3\nrejected cco cco/26-1/SC-1/002 +2\nR E-38 5\nrejected cco cco/26-1/SC-1/003 +1\n" },
	{ "invoices: a negative one is a debit adjustment", "acumatica", "procore", "invoices.csv",
	    "Project Number,Contract,Invoice #,Number,Billing Date,Status,Line,Item Type,Change Order,Contract Line,This Period,Materials Stored,Work Retainage\n"
	    "26-1,SC-1,I-1,1,03/31/2026,Approved,1,Contract,,1,-10.00,,\n26-1,SC-1,I-2,2,03/31/2026,Draft,1,Contract,,1,10.00,2.00,1.00\n"
	    "26-1,SC-1,I-3,3,03/31/2026,Approved,1,Change Order,,1,0.00,,\n26-1,SC-1,I-4,4,,Approved,1,Contract,,1,0.00,,\n",
	    "W E-59 2\ntaken invoice invoice/26-1/SC-1/I-1 +1\nR E-52 3\nW E-54 3\nrejected invoice invoice/26-1/SC-1/I-2 +1\n"
	    "R F-20 4\nR E-51 4\nrejected invoice invoice/26-1/SC-1/I-3 +1\nR E-49 5\nR E-51 5\nrejected invoice invoice/26-1/SC-1/I-4 +1\n" },
	{ "invoices: two attachments, retainage released", "mri", "procore", "invoices.xml",
	    "<requisitions>\n<requisition><project_number>26-1</project_number><contract_number>SC-1</contract_number><invoice_number>I-1</invoice_number><number>1</number>"
	    "<billing_date>2026-03-31</billing_date><period_end>2026-03-31</period_end><status>approved</status><attachments><url>https://a.example/1</url><url>https://a.example/2</url></attachments>"
	    "<current_payment_due>9.50</current_payment_due><line_items>\n<line_item><position>1</position><requisition_item_type>Billings::ContractItem</requisition_item_type>"
	    "<item_position>1</item_position><amount>9.00</amount><retainage_work_completed_this_period>0.25</retainage_work_completed_this_period>"
	    "<released_work_completed_this_period>0.75</released_work_completed_this_period></line_item></line_items></requisition></requisitions>\n",
	    "W E-55 2\nW E-56 2\ntaken invoice invoice/26-1/SC-1/I-1 +1\n" },
	{ "prime contracts", "acumatica", "procore", "prime.csv",
	    "Number,Owner/Client,Title,Status,Executed,Original Contract Amount,Project Number\nP1,Port,Works,Approved,Yes,100.0,26-1\nP-2,Port,Works,Approved,Yes,1.0,26-1\n",
	    "taken prime prime/26-1/P1\nR E-64 3\nrejected prime prime/26-1/P-2\n" },
	{ "prime contracts are not for CMiC", "cmic", "procore", "prime.csv",
	    "Owner/Client,Original Contract Amount\nPort,1\n", "N F-09 1\n" },
	{ "change order list: project and contract stand in the name", "cmic", "procore",
	    "prime_change_orders_26-1_P1_x.csv",
	    "\"Number\",\"Revision\",\"Title\",\"Status\",\"Amount\",\"Designated Reviewer\",\"PCO\",\"\"\n\"001\",\"0\",\"Fees\",\"Approved\",\"0.0\",\"\",\"\",\"\"\n\"002\",\"0\",\"Fees\",\"Draft\",\"5.0\",\"\",\"\",\"\"\n",
	    "taken pcco pcco/26-1/P1/001 +1\nR E-66 3\nrejected pcco pcco/26-1/P1/002 +1\n" },
	{ "forecasts are for CMiC", "cmic", "procore", "forecast.csv",
	    "Project Number,As Of,Sub Job,Cost Code,Cost Type,Estimated Cost at Completion,Forecast To Complete\n26-1,3/31/2026,,05-1200,S,10.00,5.00\n",
	    "taken forecast forecast/26-1/2026-03-31 +1\n" },
	{ "payments that are not funded", "cmic", "procore", "payments.csv",
	    "Payment ID,Project Number,Contract,Invoice #,Status,Amount,Check Number,Date Initiated,Date Funded\nP1,26-1,SC-1,I-1,Funding Complete,5.00,71,04/01/2026,04/02/2026\n"
	    "P2,26-1,SC-1,I-1,Initiated,5.00,,,\n",
	    "taken payment payment/P1\nN F-52 3\nskipped payment payment/P2\n" },
	{ "CMiC vendors", "cmic", "cmic", "vendors.csv",
	    "BP_CODE,BP_NAME,BPVEN_COMP_CODE,BPVEN_TYPE_CODE,BPVEN_STATUS\nlake001,Lakeline,01,SUB,A\nOLD1,Old,01,SUB,I\nHID1,Hidden,01,X,A\n",
	    "taken erp-vendor erp-vendor/LAKE001\narchived erp-vendor erp-vendor/OLD1\nN E-06 4\nskipped erp-vendor erp-vendor/HID1\n" },
	{ "CMiC jobs and sub jobs", "cmic", "cmic", "jobs.csv",
	    "JOB_COMP_CODE,JOB_CODE,JOB_NAME,JOB_CTRL_CODE,JOB_START_DATE,JOB_STATUS\n01,26010,Library,ALL,01-SEP-2026,A\n01,26010A,Site,26010,,A\n",
	    "taken erp-project erp-project/26010\ntaken erp-subjob erp-subjob/26010/26010A\n" },
	{ "CMiC cost codes", "cmic", "cmic", "phases.csv",
	    "PHS_COMP_CODE,PHS_CODE,PHS_NAME,PHS_ACTIVE_FLAG,CAT_CODE\n01,05-1200,Steel,Y,MAT\n01,05.1300,Steel,Y,\n01,05-1400,Steel,Y,ZZZ\n",
	    "taken cost-code\nR E-18 3\nrejected cost-code\nR F-21 4\nrejected cost-code\n" },
	{ "CMiC estimates: lines not above zero are left out", "cmic", "cmic", "budget.csv",
	    "JCAT_JOB_CODE,JCAT_PHS_CODE,JCAT_CODE,JCAT_BUDG_AMT\n26010,05-1200,MAT,10.00\n26010,05-1300,MAT,0.00\n",
	    "N E-25 3\ntaken erp-budget erp-budget/26010 +1\n" },
	{ "CMiC contracts", "cmic", "cmic", "contract.csv",
	    "JBC_JOB_CODE,JBC_CONT_CODE,JBC_STATUS,JBC_LINE,BILL_PHS_CODE,BILL_CAT_CODE,BILL_AMT\n26010,C1,A,1,05-1200,MAT,1.00\n26010,C2,P,1,05-1200,MAT,1.00\n",
	    "taken erp-prime erp-prime/26010/C1 +1\nR E-65 3\nrejected erp-prime erp-prime/26010/C2 +1\n" },
	{ "CMiC contracts of several jobs belong to the control job", "multi", "cmic", "contract.csv", MULTI_CSV,
	    "taken erp-prime erp-prime/26010/26010A-C1 +1\ntaken erp-prime erp-prime/26010/26010-C1 +1\n" },
	{ "CMiC transactions are numbered within their batch", "cmic", "cmic", "CMIC_JCDETAIL_1.txt",
	    "JOB COST DETAIL CONVERSION\nCOMPANY 01\nNAMES\n20260315,20260331,9834,0,4180.55,C,26010,ALL,R,,lake001,01,01,,AP,LS,\"HARBOR, LLC\",MAT,ALL,,Bolts,05-1200,ALL,5010,I-1\n"
	    "20260316,,9834,38.5,2271.50,C,26010A,26010,,,E0042,01,01,,PY,HR,X,LAB,ALL,,Y,05-1200\n20260316,20260331,9835,1,1.00,C,26010A,26010,,,E0042,01,01,,PY,HR,X,QQQ,ALL,,Y,05-1200\n",
	    "taken erp-cost erp-cost/9834-000001\nN E-32 5\nskipped erp-cost erp-cost/9834-000002\ntaken erp-cost erp-cost/9835-000001\n" },
	{ "CMiC answers", "cmic", "cmic", "ack.csv",
	    "BATCH,OBJECT,KEY,ERP_CODE,POSTED_FLAG,ERROR_TEXT\n,COMMITMENT,LAKE001|SC-1,SC-1,Y,\n,INVOICE,LAKE001|I-1,,N,Period closed\n,NOISE,X,X,Y,\n",
	    "taken answer\ntaken answer\nR F-21 4\nrejected answer\n" },
	{ "Acumatica tasks: the default task is no sub job", "acumatica", "acumatica", "tasks.csv",
	    "ProjectID;ProjectTaskID;Description;Status;Default\n26010;26010   ;Default;Active;1\n26010;PIER;Piers;Active;0\n26010;OLD;Old;Completed;0\n",
	    "taken default-task\ntaken erp-subjob erp-subjob/26010/PIER\narchived erp-subjob erp-subjob/26010/OLD\n" },
	{ "Acumatica account groups: income is passed over", "acumatica", "acumatica", "groups.csv",
	    "AccountGroupID;Description;IsExpense;IsActive\nLABOR;Labor;1;1\nREVENUE;Revenue;0;1\nFOO;Foo;1;1\n",
	    "taken cost-type\nR F-21 4\nrejected cost-type\n" },
	{ "Acumatica budgets", "acumatica", "acumatica", "budget.csv",
	    "ProjectID;ProjectTaskID;CostCodeID;AccountGroupID;UOM;Qty;CuryAmount;Type\n26010;26010;051200;MATERIAL;NULL;0.0000;10.0000;E\n26010;PIER;051200;REVENUE;NULL;0.0000;10.0000;I\n",
	    "taken erp-budget erp-budget/26010 +1\n" },
	{ "Acumatica transactions", "acumatica", "acumatica", "transactions.csv",
	    "TransactionID;Date;Module;ProjectID;ProjectTaskID;AccountGroupID;CostCodeID;VendorOrCustomer;ExtRefNbr;SubcontractNbr;Qty;UnitRate;Amount;Released;tstamp\n"
	    "T1;21.03.2026 13:44;AP;26010;26010;MATERIAL;051200;LAKE001;I-1;NULL;1.000000;5.0000;5.0000;1;0x0A\nT2;2026-03-21;AP;26010;26010;MATERIAL;051200;NULL;NULL;NULL;NULL;NULL;5.0000;0;0x0B\n"
	    "T3;2026-03-21;AR;26010;26010;REVENUE;NULL;NULL;NULL;NULL;NULL;NULL;5.0000;1;0x0C\n",
	    "taken erp-cost erp-cost/T1\nN E-32 3\nskipped erp-cost erp-cost/T2\n" },
	{ "Acumatica balances", "acumatica", "acumatica", "balances.csv",
	    "ProjectID;ProjectTaskID;CostCodeID;AccountGroupID;RevisedCommittedAmount;ActualAmount;LastModifiedDateTime\n26010;26010;051200;MATERIAL;1.0000;5.0000;2026-03-31 23:59:59.000\n",
	    "taken erp-jobcost erp-jobcost/26010/-/05-1200.M\n" },
	{ "Acumatica answers", "acumatica", "acumatica", "result.csv",
	    "Batch;Object;Key;ERPNbr;Released;Processed;Error\nNULL;TASK;26010|SITE;NULL;1;1;NULL\n",
	    "taken answer\n" },
	{ "Vision: income lines are the prime contract, by quantity and amount", "vision", "acumatica", "budget.csv",
	    "ProjectID;ProjectTaskID;CostCodeID;AccountGroupID;UOM;Qty;CuryUnitRate;CuryAmount;Type\n26010;26010;051200;MATERIAL;NULL;0.0000;0.0000;10.0000;E\n"
	    "26010;PIER;051200;REVENUE;EA;4.0000;2.5000;10.0000;I\n26011;26011;051200;REVENUE;EA;4.0000;2.5000;10.0100;I\n",
	    "taken erp-prime erp-prime/26010/26010 +1\nR F-28 4\nrejected erp-prime erp-prime/26011/26011 +1\n" },
	{ "Vision: prime contracts come from there", "vision", "procore", "prime.csv",
	    "Owner/Client,Original Contract Amount\nPort,1\n", "N F-09 1\n" },
	{ "owner invoices are for Vision", "acumatica", "procore", "o.xml", OWNER_XML("approved", "1.00", ""),
	    "N F-09 1\n" },
	{ "Vision: owner invoices", "vision", "procore", "o.xml", OWNER_XML("approved", "1.00", ""),
	    "taken owner-invoice owner-invoice/26-1/P1/7 +3\n" },
	{ "Vision: what no owner invoice may be", "vision", "procore", "o.xml",
	    OWNER_XML("draft", "-9.00",
		"<materials_presently_stored>1</materials_presently_stored><work_completed_retainage_released_this_period>1</work_completed_retainage_released_this_period>"),
	    "R E-52 2\nR E-59 2\nW E-54 2\nW E-55 2\nrejected owner-invoice owner-invoice/26-1/P1/7 +3\n" },
	{ "Vision: payments go there", "vision", "procore", "payments.csv",
	    "Payment ID,Project Number,Contract,Invoice #,Status,Amount,Check Number,Date Initiated,Date Funded\nP1,26-1,SC-1,I-1,Funding Complete,5.00,71,04/01/2026,04/02/2026\n",
	    "taken payment payment/P1\n" },
	{ "Vision: answers", "vision", "acumatica", "result.csv",
	    "Batch;Object;Key;ERPNbr;Released;Processed;Error\nNULL;ARINVOICE;26010|7;AR000001;1;1;NULL\nNULL;PAYMENT;LAKE001|71;CK01;1;1;NULL\n",
	    "taken answer\ntaken answer\n" },
	{ "MRI vendors", "mri", "mri", "vendors.xml",
	    "<mri_s-pmap_vendor>\n<entry><Vendor>LAKE001</Vendor><Name>Lakeline</Name></entry>\n<entry><Vendor>TOOLONGVENDOR</Vendor><Name>Long</Name></entry>\n"
	    "<entry><Vendor>OLD1</Vendor><Name>Old</Name><Active>N</Active></entry></mri_s-pmap_vendor>",
	    "taken erp-vendor erp-vendor/LAKE001\nR E-07 3\nrejected erp-vendor erp-vendor/TOOLONGVENDOR\narchived erp-vendor erp-vendor/OLD1\n" },
	{ "MRI costs", "mri", "mri", "costs.xml",
	    "<mri_s-pmjc_cost>\n<entry><TransactionID>T1</TransactionID><InvoiceType>Payable</InvoiceType><Status>Posted</Status><InvoiceDate>2026-03-02T00:00:00</InvoiceDate><JobCode>J1</JobCode>"
	    "<CostCode>05-1200</CostCode><DefaultCategory>MAT</DefaultCategory><AmountPaid>5.00</AmountPaid></entry>\n<entry><TransactionID>T2</TransactionID><InvoiceType>Journal</InvoiceType>"
	    "<Status>Open</Status><InvoiceDate>2026-03-02</InvoiceDate><JobCode>J1</JobCode><CostCode>05-1200</CostCode><DefaultCategory>MAT</DefaultCategory><AmountPaid>5.00</AmountPaid></entry></mri_s-pmjc_cost>",
	    "taken erp-cost erp-cost/T1\nN E-32 3\nskipped erp-cost erp-cost/T2\n" },
	{ "MRI answers", "mri", "mri", "answer.xml",
	    "<mri_s-pmjc_contract><entry><ProjectID>J1</ProjectID><ContractNumber>SC-1</ContractNumber><Error><Message>closed</Message></Error></entry></mri_s-pmjc_contract>",
	    "taken answer\n" },
	{ "a sheet saved by a spreadsheet program", "cmic", "approvals", "sheet.csv",
	    "\xef\xbb\xbf"
	    "Decision;Comment;Item;Number;Type;ERP ID;Transaction Date;Content;Sheet\r\nACCEPT;;vendor/11;;;LAKE001;2026-03-06;sha256:00;S1\r\n;;vendor/12;;;;;sha256:00;S1\r\n"
	    "perhaps;;vendor/13;;;;;sha256:00;S1\r\n",
	    "taken decision\nR F-35 4\nrejected decision\n" },
	{ "a sheet as XML", "cmic", "approvals", "sheet.xml",
	    "<sheet><row><Decision>Reject</Decision><Comment>twice</Comment><Item>vendor/11</Item><Content>sha256:00</Content><Sheet>S1</Sheet></row></sheet>",
	    "taken decision\n" },
};

static void
layouts_are_read(void **state)
{
	unsigned failed = 0;

	(void)state;
	for (size_t e = 0; e < NKINDS; e++) {
		unsigned said = 0;
		struct adp_set *s = load(kinds[e].name, &said);
		for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
			const struct example *x = &examples[i];
			struct seen o = { .text = EG_BUF_INIT };
			if (strcmp(x->erp, kinds[e].name) != 0)
				continue;
			eg_arena_init(&o.arena, (size_t)1 << 24);
			play(s, x->source, x->name, x->text, &o);
			if (strcmp(eg_buf_cstr(&o.text), x->expect) != 0) {
				print_error(
				    "%s\n-- expected\n%s-- seen\n%s\n", x->what, x->expect, eg_buf_cstr(&o.text));
				failed++;
			}
			eg_buf_done(&o.text);
			eg_arena_done(&o.arena);
		}
		adp_set_free(s);
	}
	assert_int_equal(failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_adapter_loads),
		cmocka_unit_test(layouts_are_read),
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
