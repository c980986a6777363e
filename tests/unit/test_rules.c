/* SPDX-License-Identifier: MIT
 *
 * Reference rules and links. Most tests are rows: what is dropped on top of a small world, and the state, holds and
 * findings that come of one item. The world: vendor 1 = V1, project P = J1 with sub job S1, codes 01-1000 (L, S),
 * 05-1200 (S), 02-2000 (S, inactive); commitment P/C1 synced and posted.
 */
#include "intake_kit.h"

#define LISTS 1U /* the ERP's lists have come */
#define LINKED 2U /* vendor and project of the project side, linked */
#define PARENT 4U /* commitment P/C1 with lines 1 (01-1000 L) and 2 (05-1200 S on S1), synced and posted */
#define PO 8U /* the same as a purchase order */
#define ALL (LISTS | LINKED | PARENT)

static void
give(struct kit *k, const char *type, uint32_t at, const char *head, const char *lines)
{
	kit_give(k, ADP_TAKEN, type, at, head, lines);
}

static void
erp_lists(struct kit *k)
{
	kit_drop(k, k->s.erp, "erp.csv");
	give(k, "erp-vendor", 2, "vendor.origin_code=V1;vendor.name=Vendor", NULL);
	give(k, "erp-project", 3, "project.origin_code=J1", NULL);
	give(k, "cost-type", 4, "code.cost_type=L;code.name=Labor;code.active=yes", NULL);
	give(k, "cost-type", 5, "code.cost_type=S;code.name=Subs;code.active=yes", NULL);
	if (strcmp(k->s.erp, "acumatica") == 0) {
		give(k, "cost-code", 6, "code.cost_code=01-1000;code.name=A;code.active=yes", NULL);
		give(k, "cost-code", 7, "code.cost_code=05-1200;code.name=B;code.active=yes", NULL);
		give(k, "assignment", 8, "code.cost_code=01-1000;code.cost_type=L", NULL);
		give(k, "assignment", 9, "code.cost_code=05-1200;code.cost_type=S", NULL);
	} else {
		give(k, "cost-code", 6, "code.cost_code=01-1000;code.cost_type=L;code.name=A;code.active=yes", NULL);
		give(k, "cost-code", 7, "code.cost_code=01-1000;code.cost_type=S;code.name=A;code.active=yes", NULL);
		give(k, "cost-code", 8, "code.cost_code=05-1200;code.cost_type=S;code.name=B;code.active=yes", NULL);
		give(k, "cost-code", 9, "code.cost_code=02-2000;code.cost_type=S;code.name=C;code.active=no", NULL);
	}
}

static void
erp_subjobs(struct kit *k)
{
	if (strcmp(k->s.erp, "mri") != 0)
		give(k, "erp-subjob", 10, "project.origin_code=J1;sub_job.code=S1", NULL);
}

static struct kit *
world(const char *erp, unsigned parts)
{
	static const char lines[] =
	    "line.position=1;line.cost_code=01-1000;line.cost_type=L/line.position=2;line.cost_code=05-1200;line.cost_type=S";
	struct kit *k = kit_open(erp);

	if ((parts & LISTS) != 0)
		erp_lists(k);
	if ((parts & (LISTS | LINKED)) == (LISTS | LINKED))
		erp_subjobs(k);
	kit_drop(k, "procore", "world.csv");
	if ((parts & LINKED) != 0) {
		give(k, "vendor", 2, "vendor.pm_id=1;vendor.origin_code=V1", NULL);
		give(k, "project", 3, "project.number=P;project.origin_code=J1", NULL);
		if (strcmp(erp, "mri") != 0)
			give(k, "subjob", 4, "project.number=P;sub_job.code=S1", NULL);
	}
	if ((parts & (PARENT | PO)) != 0) {
		give(k, "commitment", 5,
		    (parts & PO) != 0 ?
			"project.number=P;commitment.number=C1;vendor.pm_id=1;commitment.type=purchase_order" :
			"project.number=P;commitment.number=C1;vendor.pm_id=1;commitment.type=subcontract",
		    lines);
		kit_settle(k, false);
		kit_sent(k, "commitment/P/C1", "V1|C1");
		kit_set(k, "commitment/P/C1", ST_SYNCED, "C1", 1);
	}
	kit_settle(k, false);
	kit_run(k);
	kit_drop(k, "procore", "n.csv");
	return k;
}

struct dropped {
	const char *type, *head, *lines;
};

#define CCO(n) "project.number=P;commitment.number=C1;change_order.number=" n
#define INV(n, seq) "project.number=P;commitment.number=C1;invoice.invoice_number=" n ";invoice.number=" seq
#define COM "project.number=P;commitment.number=N;vendor.pm_id=1"
#define GOOD_LINE "line.position=1;line.cost_code=01-1000;line.cost_type=L"
#define BILL_1 "line.kind=contract;line.commitment_line=1"

static const struct row {
	const char *name, *erp;
	unsigned parts;
	struct dropped d[3]; /* at lines 10, 20, 30; the last one is looked at */
	const char *iid, *state, *holds, *findings;
} rows[] = {
	/* rule 1 and 2 */
	{ "all there", "cmic", ALL, { { "commitment", COM, GOOD_LINE } }, "commitment/P/N", "waiting", "", "" },
	{ "vendor unknown", "cmic", ALL,
	    { { "commitment", "project.number=P;commitment.number=N;vendor.pm_id=7", GOOD_LINE } }, "commitment/P/N",
	    "held", "E-01 10 vendor/7 -\n", "n.csv,10,E-01,commitment/P/N\n" },
	{ "vendor waits", "cmic", ALL,
	    { { "vendor", "vendor.pm_id=7", NULL },
		{ "commitment", "project.number=P;commitment.number=N;vendor.pm_id=7", GOOD_LINE } },
	    "commitment/P/N", "held", "E-01 20 vendor/7 vendor/7\n", "n.csv,20,E-01,commitment/P/N\n" },
	{ "project unknown", "mri", ALL,
	    { { "commitment", "project.number=Q;commitment.number=N;vendor.pm_id=1", GOOD_LINE } }, "commitment/Q/N",
	    "held", "E-22 10 project/Q -\n", "n.csv,10,E-22,commitment/Q/N\n" },
	{ "project and vendor", "mri", LISTS, { { "commitment", COM, GOOD_LINE } }, "commitment/P/N", "held",
	    "E-01 10 vendor/1 -\nE-22 10 project/P -\n",
	    "n.csv,10,E-01,commitment/P/N\nn.csv,10,E-22,commitment/P/N\n" },
	{ "cost without project", "cmic", LISTS,
	    { { "erp-jobcost", "project.origin_code=J7;jobcost.sub_job=-;jobcost.code=C", NULL } },
	    "erp-jobcost/J7/-/C", "held", "E-30 10 erp-project/J7 -\n", "n.csv,10,E-30,erp-jobcost/J7/-/C\n" },
	{ "cost with project", "cmic", ALL,
	    { { "erp-jobcost", "project.origin_code=J1;jobcost.sub_job=-;jobcost.code=C", NULL } },
	    "erp-jobcost/J1/-/C", "approved", "", "" },
	{ "sub job not in CMiC", "cmic", ALL, { { "subjob", "project.number=P;sub_job.code=X", NULL } }, "subjob/P/X",
	    "held", "E-17 10 erp-subjob/J1/X -\n", "n.csv,10,E-17,subjob/P/X\n" },
	{ "sub job to Acumatica", "acumatica", ALL, { { "subjob", "project.number=P;sub_job.code=X", NULL } },
	    "subjob/P/X", "waiting", "", "" },
	{ "sub job without project", "acumatica", LISTS, { { "subjob", "project.number=P;sub_job.code=X", NULL } },
	    "subjob/P/X", "held", "E-17 10 project/P -\n", "n.csv,10,E-17,subjob/P/X\n" },
	/* rule 3 */
	{ "line on a sub job", "cmic", ALL, { { "commitment", COM, GOOD_LINE ";line.sub_job=S1" } }, "commitment/P/N",
	    "waiting", "", "" },
	{ "line elsewhere", "cmic", ALL, { { "commitment", COM, GOOD_LINE "/" GOOD_LINE ";line.sub_job=X" } },
	    "commitment/P/N", "rejected", "", "n.csv,11,E-48,commitment/P/N\n" },
	{ "budget line elsewhere", "cmic", ALL,
	    { { "budget", "project.number=P", "line.sub_job=X;line.cost_code=01-1000;line.cost_type=L" } }, "budget/P",
	    "rejected", "", "n.csv,10,E-17,budget/P\n" },
	{ "line waits for a sub job", "acumatica", ALL,
	    { { "subjob", "project.number=P;sub_job.code=X", NULL },
		{ "commitment", COM, GOOD_LINE ";line.sub_job=X" } },
	    "commitment/P/N", "held", "E-17 20 subjob/P/X subjob/P/X\n", "n.csv,20,E-17,commitment/P/N\n" },
	{ "unknown sub job waits", "acumatica", ALL, { { "commitment", COM, GOOD_LINE ";line.sub_job=X" } },
	    "commitment/P/N", "held", "E-17 10 subjob/P/X -\n", "n.csv,10,E-17,commitment/P/N\n" },
	{ "sub job, no project", "cmic", LISTS,
	    { { "budget", "project.number=P", "line.sub_job=X;line.cost_code=01-1000;line.cost_type=L" } }, "budget/P",
	    "held", "E-17 10 subjob/P/X -\nE-22 10 project/P -\n", "n.csv,10,E-17,budget/P\nn.csv,10,E-22,budget/P\n" },
	{ "no job list", "cmic", 0,
	    { { "budget", "project.number=P", "line.sub_job=X;line.cost_code=1;line.cost_type=L" } }, "budget/P",
	    "held", "E-22 10 project/P -\nF-34 10 cost-code -\nF-34 10 erp-project -\n",
	    "n.csv,10,E-22,budget/P\nn.csv,10,F-34,budget/P\n" },
	/* rule 4 */
	{ "code unknown", "cmic", ALL,
	    { { "commitment", COM, "line.position=1;line.cost_code=77-7777;line.cost_type=L" } }, "commitment/P/N",
	    "rejected", "", "n.csv,10,E-38,commitment/P/N\n" },
	{ "code inactive", "cmic", ALL, { { "budget", "project.number=P", "line.cost_code=02-2000;line.cost_type=S" } },
	    "budget/P", "rejected", "", "n.csv,10,E-20,budget/P\n" },
	{ "zero lost", "mri", ALL,
	    { { "commitment", COM, GOOD_LINE "/line.position=2;line.cost_code=5-1200;line.cost_type=S" } },
	    "commitment/P/N", "rejected", "", "n.csv,11,E-19,commitment/P/N\n" },
	{ "type unknown", "mri", ALL, { { "budget", "project.number=P", "line.cost_code=01-1000;line.cost_type=ZZ" } },
	    "budget/P", "rejected", "", "n.csv,10,E-20,budget/P\n" },
	{ "pair unknown", "cmic", ALL, { { "budget", "project.number=P", "line.cost_code=05-1200;line.cost_type=L" } },
	    "budget/P", "rejected", "", "n.csv,10,E-20,budget/P\n" },
	{ "pair not assigned", "acumatica", ALL,
	    { { "commitment", COM, "line.position=1;line.cost_code=01-1000;line.cost_type=S" } }, "commitment/P/N",
	    "rejected", "", "n.csv,10,E-38,commitment/P/N\n" },
	{ "R silences H", "cmic", LISTS,
	    { { "commitment", COM, "line.position=1;line.cost_code=77-7777;line.cost_type=L" } }, "commitment/P/N",
	    "rejected", "", "n.csv,10,E-38,commitment/P/N\n" },
	{ "lists missing", "cmic", 0,
	    { { "forecast", "project.number=P;forecast.as_of=2026-03-31",
		"line.cost_code=01-1000;line.cost_type=L/line.cost_code=1;line.cost_type=L" } },
	    "forecast/P/2026-03-31", "held", "E-22 10 project/P -\nF-34 10 cost-code -\n",
	    "n.csv,10,E-22,forecast/P/2026-03-31\nn.csv,10,F-34,forecast/P/2026-03-31\n" },
	/* rule 5 */
	{ "budget change alone", "mri", ALL,
	    { { "budget-change", "project.number=P;budget_change.number=1",
		"line.position=1;line.cost_code=01-1000;line.cost_type=L" } },
	    "budget-change/P/1", "held", "E-24 10 budget/P -\n", "n.csv,10,E-24,budget-change/P/1\n" },
	{ "cco", "cmic", ALL, { { "cco", CCO("1"), "line.position=1;line.commitment_line=1" } }, "cco/P/C1/1",
	    "waiting", "", "" },
	{ "cco of an unknown one", "mri", ALL,
	    { { "cco", "project.number=P;commitment.number=X;change_order.number=1",
		"line.position=1;line.commitment_line=9" } },
	    "cco/P/X/1", "held", "E-42 10 commitment/P/X -\n", "n.csv,10,E-42,cco/P/X/1\n" },
	{ "cco after another", "cmic", ALL, { { "cco", CCO("1"), GOOD_LINE }, { "cco", CCO("2"), GOOD_LINE } },
	    "cco/P/C1/2", "held", "E-42 20 cco/P/C1/1 cco/P/C1/1\n", "n.csv,20,E-42,cco/P/C1/2\n" },
	{ "cco after another elsewhere", "acumatica", ALL,
	    { { "cco", CCO("1"), GOOD_LINE }, { "cco", CCO("2"), GOOD_LINE } }, "cco/P/C1/2", "waiting", "", "" },
	{ "cco after a refused one", "cmic", ALL,
	    { { "cco", CCO("1"), "line.position=1;line.commitment_line=9" }, { "cco", CCO("2"), GOOD_LINE } },
	    "cco/P/C1/2", "waiting", "", "n.csv,10,E-38,cco/P/C1/1\n" },
	{ "cco line contradicts", "mri", ALL,
	    { { "cco", CCO("1"), "line.position=1;line.commitment_line=1;line.cost_code=05-1200" } }, "cco/P/C1/1",
	    "rejected", "", "n.csv,10,F-27,cco/P/C1/1\n" },
	{ "cco line agrees", "mri", ALL,
	    { { "cco", CCO("1"), "line.position=1;line.commitment_line=1;line.cost_code=01-1000;line.cost_type=L" } },
	    "cco/P/C1/1", "waiting", "", "" },
	{ "cco new line, bad code", "mri", ALL,
	    { { "cco", CCO("1"), "line.position=1;line.cost_code=77-7777;line.cost_type=L" } }, "cco/P/C1/1",
	    "rejected", "", "n.csv,10,E-38,cco/P/C1/1\n" },
	{ "cco on a purchase order", "mri", LISTS | LINKED | PO, { { "cco", CCO("1"), GOOD_LINE } }, "cco/P/C1/1",
	    "rejected", "", "n.csv,10,E-44,cco/P/C1/1\n" },
	{ "invoice", "cmic", ALL, { { "invoice", INV("I1", "1"), BILL_1 } }, "invoice/P/C1/I1", "waiting", "", "" },
	{ "invoice of nothing", "cmic", ALL,
	    { { "invoice", "project.number=P;commitment.number=X;invoice.invoice_number=I1;invoice.number=1",
		BILL_1 } },
	    "invoice/P/X/I1", "held", "E-53 10 commitment/P/X -\n", "n.csv,10,E-53,invoice/P/X/I1\n" },
	{ "invoice line not there", "mri", ALL,
	    { { "invoice", INV("I1", "1"), BILL_1 "/line.kind=contract;line.commitment_line=9" } }, "invoice/P/C1/I1",
	    "rejected", "", "n.csv,11,E-38,invoice/P/C1/I1\n" },
	{ "invoice of a cco to come", "mri", ALL,
	    { { "invoice", INV("I1", "1"),
		BILL_1 "/line.kind=change_order;line.change_order=1;line.change_order_line=1" } },
	    "invoice/P/C1/I1", "held", "E-53 11 cco/P/C1/1 -\n", "n.csv,11,E-53,invoice/P/C1/I1\n" },
	{ "invoice, cco line not there", "mri", ALL,
	    { { "cco", CCO("1"), GOOD_LINE },
		{ "invoice", INV("I1", "1"), "line.kind=change_order;line.change_order=1;line.change_order_line=3" } },
	    "invoice/P/C1/I1", "rejected", "", "n.csv,20,E-38,invoice/P/C1/I1\n" },
	{ "invoices in order", "mri", ALL,
	    { { "invoice", INV("Z", "1"), BILL_1 }, { "invoice", INV("A", "2"), BILL_1 } }, "invoice/P/C1/A", "held",
	    "E-52 20 invoice/P/C1/Z invoice/P/C1/Z\n", "n.csv,20,E-52,invoice/P/C1/A\n" },
	{ "bill of a purchase order", "acumatica", LISTS | LINKED | PO, { { "invoice", INV("I1", "1"), BILL_1 } },
	    "invoice/P/C1/I1", "rejected", "", "n.csv,10,F-09,invoice/P/C1/I1\n" },
	{ "payment", "cmic", ALL,
	    { { "payment", "payment.pm_id=X;project.number=P;commitment.number=C1;invoice.invoice_number=I1", NULL } },
	    "payment/X", "held", "E-62 10 invoice/P/C1/I1 -\n", "n.csv,10,E-62,payment/X\n" },
	{ "pcco to CMiC", "cmic", ALL,
	    { { "pcco", "project.number=P;prime.number=M;pcco.number=1;pcco.from_list=yes", "line.position=1" } },
	    "pcco/P/M/1", "held", "E-66 10 erp-prime/J1/M -\n", "n.csv,10,E-66,pcco/P/M/1\n" },
	{ "pcco to Acumatica", "acumatica", ALL,
	    { { "prime", "project.number=P;prime.number=M", NULL },
		{ "pcco", "project.number=P;prime.number=M;pcco.number=1", "line.position=1" } },
	    "pcco/P/M/1", "held", "E-66 20 prime/P/M prime/P/M\n", "n.csv,20,E-66,pcco/P/M/1\n" },
	/* rule 6 */
	{ "cost with a pair of the selection", "cmic", ALL,
	    { { "selection", "project.number=P;code.cost_code=01-1000;code.cost_type=L;code.selected=yes", NULL },
		{ "erp-cost",
		    "cost.transaction_id=1;project.origin_code=J1;cost.cost_code=01-1000;cost.cost_type=L;cost.type=invoice;cost.vendor=V1;cost.invoice_number=9;cost.currency=USD",
		    NULL } },
	    "erp-cost/1", "approved", "", "" },
	{ "cost without place", "cmic", ALL,
	    { { "erp-cost",
		"cost.transaction_id=1;project.origin_code=J1;cost.cost_code=01-1000;cost.cost_type=L;cost.journal=XX;cost.currency=CAD",
		NULL } },
	    "erp-cost/1", "held", "E-27 10 P 01-1000.L -\nE-29 10 cmic.journal_map XX -\nE-33 10 CAD -\n",
	    "n.csv,10,E-27,erp-cost/1\nn.csv,10,E-29,erp-cost/1\nn.csv,10,E-33,erp-cost/1\n" },
	{ "cost, job code list", "cmic", ALL,
	    { { "job-code", "project.origin_code=J1;code.cost_code=01-1000;code.cost_type=S", NULL },
		{ "erp-cost",
		    "cost.transaction_id=1;project.origin_code=J1;cost.cost_code=01-1000;cost.cost_type=S;cost.type=expense",
		    NULL } },
	    "erp-cost/1", "approved", "", "" },
	{ "cost, budget", "mri", ALL,
	    { { "budget", "project.number=P", "line.cost_code=05-1200;line.cost_type=S" },
		{ "erp-cost",
		    "cost.transaction_id=1;project.origin_code=J1;cost.cost_code=05-1200;cost.cost_type=S;cost.type=expense",
		    NULL } },
	    "erp-cost/1", "approved", "", "" },
	{ "cost, vendor unknown", "mri", ALL,
	    { { "budget", "project.number=P", "line.cost_code=05-1200;line.cost_type=S" },
		{ "erp-cost",
		    "cost.transaction_id=1;project.origin_code=J1;cost.cost_code=05-1200;cost.cost_type=S;cost.type=invoice;cost.vendor=V9;cost.invoice_number=1",
		    NULL } },
	    "erp-cost/1", "held", "E-28 20 erp-vendor/V9 -\n", "n.csv,20,E-28,erp-cost/1\n" },
	{ "cost, no project: no pair", "mri", LISTS,
	    { { "erp-cost",
		"cost.transaction_id=1;project.origin_code=J7;cost.cost_code=1;cost.cost_type=S;cost.type=expense",
		NULL } },
	    "erp-cost/1", "held", "E-30 10 erp-project/J7 -\n", "n.csv,10,E-30,erp-cost/1\n" },
	/* rule 7 */
	{ "job without category", "cmic", LISTS,
	    { { "job-code", "project.origin_code=J1;code.cost_code=01-1000", NULL } }, "erp-project/J1", "rejected", "",
	    "erp.csv,3,E-11,erp-project/J1\n" },
	{ "sub job of nothing", "cmic", LISTS, { { "erp-subjob", "project.origin_code=J9;sub_job.code=X", NULL } },
	    "erp-subjob/J9/X", "held", "E-17 10 erp-project/J9 -\n", "n.csv,10,E-17,erp-subjob/J9/X\n" },
	{ "prime of nothing", "cmic", ALL, { { "erp-prime", "project.origin_code=J9;prime.number=X", NULL } },
	    "erp-prime/J9/X", "held", "E-65 10 erp-project/J9 -\n", "n.csv,10,E-65,erp-prime/J9/X\n" },
	{ "estimate of nothing", "cmic", ALL,
	    { { "erp-budget", "project.origin_code=J9", "line.cost_code=01-1000;line.cost_type=L" } }, "erp-budget/J9",
	    "held", "E-22 10 erp-project/J9 -\n", "n.csv,10,E-22,erp-budget/J9\n" },
	{ "payment of nothing", "cmic", ALL,
	    { { "erp-payment", "vendor.origin_code=V1;payment.number=1;invoice.invoice_number=I1", NULL } },
	    "erp-payment/V1/1/I1", "held", "E-62 10 invoice I1 of vendor V1 -\n",
	    "n.csv,10,E-62,erp-payment/V1/1/I1\n" },
	/* keys */
	{ "key not in the list", "mri", ALL, { { "vendor", "vendor.pm_id=7;vendor.origin_code=V7", NULL } }, "vendor/7",
	    "held", "F-33 10 erp-vendor/V7 -\n", "n.csv,10,F-33,vendor/7\n" },
	{ "no list", "mri", 0, { { "project", "project.number=P;project.origin_code=J1", NULL } }, "project/P", "held",
	    "F-34 10 erp-project -\n", "n.csv,10,F-34,project/P\n" },
	{ "key taken", "cmic", ALL, { { "vendor", "vendor.pm_id=7;vendor.origin_code=V1", NULL } }, "vendor/7",
	    "rejected", "", "n.csv,10,E-08,vendor/7\n" },
	{ "key taken, project", "cmic", ALL, { { "project", "project.number=A;project.origin_code=J1", NULL } },
	    "project/A", "rejected", "", "n.csv,10,E-13,project/A\n" },
	{ "two with one key: the larger id", "cmic", LISTS,
	    { { "vendor", "vendor.pm_id=8;vendor.origin_code=V1", NULL },
		{ "vendor", "vendor.pm_id=7;vendor.origin_code=V1", NULL } },
	    "vendor/8", "rejected", "", "n.csv,10,E-08,vendor/8\n" },
	{ "no key, MRI", "mri", LISTS, { { "vendor", "vendor.pm_id=7", NULL } }, "vendor/7", "unlinked", "", "" },
	{ "no key, CMiC", "cmic", ALL, { { "vendor", "vendor.pm_id=7", NULL } }, "vendor/7", "waiting", "", "" },
};

static void
each_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		struct kit *k = world(r->erp, r->parts);

		for (uint32_t d = 0; d < 3 && r->d[d].type != NULL; d++)
			give(k, r->d[d].type, 10 + 10 * d, r->d[d].head, r->d[d].lines);
		kit_settle(k, false);
		if (strcmp(kit_state(k, r->iid), r->state) != 0)
			fail_msg("%s: %s is %s: %s", r->name, r->iid, kit_state(k, r->iid), kit_holds(k, r->iid));
		if (strcmp(kit_holds(k, r->iid), r->holds) != 0)
			fail_msg("%s: holds\n%s", r->name, kit_holds(k, r->iid));
		kit_settle(k, true);
		kit_settle(k, true);
		if (strcmp(kit_findings(k), r->findings) != 0)
			fail_msg("%s: findings\n%s", r->name, kit_findings(k));
		kit_close(k);
	}
}

/* ---- links ---- */

static void
links(void **state)
{
	struct kit *k = world("cmic", LISTS | LINKED);

	(void)state;
	assert_string_equal(kit_state(k, "vendor/1"), "synced");
	assert_string_equal(kit_item(k, "vendor/1").erp_id, "V1");
	assert_string_equal(kit_state(k, "erp-vendor/V1"), "synced");
	assert_string_equal(kit_state(k, "project/P"), "synced");
	assert_string_equal(kit_state(k, "erp-project/J1"), "synced");
	assert_string_equal(kit_state(k, "subjob/P/S1"), "synced");
	assert_string_equal(kit_item(k, "subjob/P/S1").erp_id, "S1");
	assert_string_equal(kit_state(k, "erp-subjob/J1/S1"), "synced");
	kit_close(k);
}

static void
link_when_the_list_comes(void **state)
{
	struct kit *k = world("cmic", LINKED);

	(void)state;
	assert_string_equal(kit_state(k, "vendor/1"), "held");
	assert_string_equal(kit_holds(k, "vendor/1"), "F-34 2 erp-vendor -\n");
	erp_lists(k);
	erp_subjobs(k);
	kit_settle(k, true);
	assert_string_equal(kit_state(k, "vendor/1"), "synced");
	assert_string_equal(kit_state(k, "subjob/P/S1"), "synced");
	assert_string_equal(kit_findings(k), "");
	kit_close(k);
}

static void
link_by_key_given(void **state)
{
	struct kit *k = world("cmic", LISTS | LINKED);

	(void)state;
	give(k, "vendor", 2, "vendor.pm_id=7", NULL);
	kit_settle(k, false);
	kit_sent(k, "vendor/7", "NEWV");
	kit_drop(k, "cmic", "later.csv");
	give(k, "erp-vendor", 2, "vendor.origin_code=NEWV", NULL);
	kit_settle(k, false);
	assert_string_equal(kit_state(k, "erp-vendor/NEWV"), "synced");
	assert_string_equal(kit_state(k, "vendor/7"), "exported"); /* its answer is still to come */
	give(k, "vendor", 3, "vendor.pm_id=8;vendor.origin_code=NEWV", NULL);
	kit_settle(k, false);
	assert_string_equal(kit_findings(k), "later.csv,3,E-08,vendor/8\n");
	kit_close(k);
}

static void
link_to_archived(void **state)
{
	struct kit *k = world("mri", LISTS);

	(void)state;
	kit_drop(k, "mri", "gone.csv");
	kit_give(k, ADP_ARCHIVED, "erp-vendor", 2, "vendor.origin_code=GONE;vendor.is_active=no", NULL);
	give(k, "vendor", 3, "vendor.pm_id=7;vendor.origin_code=GONE", NULL);
	kit_settle(k, false);
	assert_string_equal(kit_state(k, "vendor/7"), "rejected");
	assert_string_equal(kit_findings(k), "gone.csv,3,E-08,vendor/7\n");
	assert_string_equal(kit_state(k, "erp-vendor/GONE"), "archived");
	kit_close(k);
}

static void
unlinked_by_a_person(void **state)
{
	struct kit *k = world("cmic", LISTS | LINKED);

	(void)state;
	kit_set(k, "vendor/1", ST_UNLINKED, NULL, -1);
	kit_set(k, "erp-vendor/V1", ST_IMPORTABLE, NULL, -1);
	kit_settle(k, false);
	assert_string_equal(kit_state(k, "vendor/1"), "unlinked"); /* not linked again behind his back */
	give(k, "vendor", 3, "vendor.pm_id=1;vendor.origin_code=V1;vendor.name=New", NULL);
	kit_settle(k, false);
	assert_string_equal(kit_state(k, "vendor/1"), "synced");
	kit_close(k);
}

/* ---- holding and releasing ---- */

static void
accepted_while_held(void **state)
{
	struct kit *k = world("cmic", ALL);
	struct item it;

	(void)state;
	give(k, "vendor", 2, "vendor.pm_id=7", NULL);
	give(k, "commitment", 3, "project.number=P;commitment.number=N;vendor.pm_id=7", GOOD_LINE);
	give(k, "commitment", 4, "project.number=P;commitment.number=M;vendor.pm_id=7", GOOD_LINE);
	give(k, "commitment", 5, "project.number=P;commitment.number=O;vendor.pm_id=7", GOOD_LINE);
	kit_settle(k, true);
	it = kit_item(k, "commitment/P/N");
	it.accepted = 4;
	kit_good(k, item_save(k->s.store, &it, 1, &k->err));
	it = kit_item(k, "commitment/P/O");
	it.parked = true;
	kit_good(k, item_save(k->s.store, &it, 1, &k->err));
	kit_run(k);
	kit_sent(k, "vendor/7", "V7");
	kit_settle(k, true);
	assert_string_equal(kit_state(k, "commitment/P/N"), "held");
	assert_string_equal(
	    kit_findings(k), "n.csv,3,E-01,commitment/P/N\nn.csv,4,E-01,commitment/P/M\nn.csv,5,E-01,commitment/P/O\n");
	kit_run(k);
	kit_set(k, "vendor/7", ST_SYNCED, "V7", -1);
	kit_settle(k, true);
	assert_string_equal(kit_state(k, "commitment/P/N"), "approved");
	assert_int_equal(kit_item(k, "commitment/P/N").accepted, 4);
	assert_string_equal(kit_state(k, "commitment/P/M"), "waiting");
	assert_string_equal(kit_holds(k, "commitment/P/M"), "");
	assert_string_equal(kit_state(k, "commitment/P/O"), "held"); /* a person holds it */
	assert_string_equal(kit_findings(k), "");
	kit_close(k);
}

static void
posted_first(void **state)
{
	static const struct {
		const char *erp;
		int posted;
		const char *cco, *invoice;
	} cases[] = {
		{ "cmic", 0, "E-42 2 commitment/P/C1 commitment/P/C1\n", "E-53 3 commitment/P/C1 commitment/P/C1\n" },
		{ "cmic", 1, "", "" },
		{ "mri", 0, "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kit *k = world(cases[i].erp, ALL);

		kit_set(k, "commitment/P/C1", ST_SYNCED, "C1", cases[i].posted);
		give(k, "cco", 2, CCO("1"), GOOD_LINE);
		give(k, "invoice", 3, INV("I1", "1"), BILL_1);
		kit_settle(k, false);
		assert_string_equal(kit_holds(k, "cco/P/C1/1"), cases[i].cco);
		assert_string_equal(kit_holds(k, "invoice/P/C1/I1"), cases[i].invoice);
		kit_close(k);
	}
}

static void
earlier_invoice_not_posted(void **state)
{
	struct kit *k = world("cmic", ALL);

	(void)state;
	give(k, "invoice", 2, INV("I1", "1"), BILL_1);
	give(k, "invoice", 3, INV("I2", "2"), BILL_1);
	kit_sent(k, "invoice/P/C1/I1", "V1|I1");
	kit_set(k, "invoice/P/C1/I1", ST_SYNCED, "I1", 0);
	kit_settle(k, true);
	assert_string_equal(kit_findings(k), "n.csv,3,E-57,invoice/P/C1/I2\n");
	kit_set(k, "invoice/P/C1/I1", ST_REJECTED, NULL, -1);
	kit_settle(k, false);
	assert_string_equal(kit_state(k, "invoice/P/C1/I2"), "waiting");
	kit_close(k);
}

static void
payments_of_the_erp(void **state)
{
	struct kit *k = world("cmic", ALL);

	(void)state;
	give(k, "invoice", 2, INV("I1", "1"), BILL_1);
	kit_sent(k, "invoice/P/C1/I1", "V1|I1");
	kit_set(k, "invoice/P/C1/I1", ST_SYNCED, "OTHER", 1);
	give(k, "erp-payment", 3, "vendor.origin_code=V1;payment.number=1;invoice.invoice_number=I1", NULL);
	give(k, "erp-payment", 4, "vendor.origin_code=V1;payment.number=2;invoice.invoice_number=I1R", NULL);
	give(k, "erp-payment", 5, "vendor.origin_code=V1;payment.number=3;invoice.invoice_number=OTHER", NULL);
	kit_settle(k, true);
	assert_string_equal(kit_state(k, "erp-payment/V1/1/I1"), "approved");
	assert_string_equal(kit_state(k, "erp-payment/V1/2/I1R"), "approved");
	assert_string_equal(kit_findings(k), "n.csv,5,E-62,erp-payment/V1/3/OTHER\n");
	kit_close(k);
}

static void
budgets_both_ways(void **state)
{
	struct kit *k = world("cmic", ALL);

	(void)state;
	give(k, "erp-budget", 2, "project.origin_code=J1", "line.cost_code=01-1000;line.cost_type=L");
	kit_settle(k, false);
	assert_string_equal(kit_state(k, "erp-budget/J1"), "importable");
	give(k, "budget", 3, "project.number=P", "line.cost_code=01-1000;line.cost_type=L");
	kit_sent(k, "budget/P", "J1");
	kit_settle(k, false);
	assert_string_equal(kit_state(k, "erp-budget/J1"), "rejected");
	assert_string_equal(kit_findings(k), "n.csv,2,E-25,erp-budget/J1\n");
	kit_close(k);
}

/* What was accepted from the ERP leaves in one batch with what names it: nothing stays behind for another run. */
static void
accepted_imports(void **state)
{
	struct kit *k = world("mri", ALL);

	(void)state;
	give(k, "erp-project", 2, "project.origin_code=J5", NULL);
	give(k, "erp-vendor", 3, "vendor.origin_code=V5;vendor.name=Five", NULL);
	give(k, "erp-jobcost", 4, "project.origin_code=J5;jobcost.sub_job=-;jobcost.code=C", NULL);
	give(k, "erp-cost", 5,
	    "cost.transaction_id=1;project.origin_code=J1;cost.cost_code=01-1000;cost.cost_type=L;cost.type=invoice;cost.vendor=V5;cost.invoice_number=1",
	    NULL);
	give(k, "budget", 6, "project.number=P", "line.cost_code=01-1000;line.cost_type=L");
	kit_settle(k, false);
	assert_string_equal(kit_state(k, "erp-jobcost/J5/-/C"), "held");
	assert_string_equal(kit_state(k, "erp-cost/1"), "held");
	kit_set(k, "erp-project/J5", ST_APPROVED, NULL, -1);
	kit_set(k, "erp-vendor/V5", ST_APPROVED, NULL, -1);
	kit_settle(k, false);
	assert_string_equal(kit_state(k, "erp-jobcost/J5/-/C"), "approved");
	assert_string_equal(kit_state(k, "erp-cost/1"), "approved");
	kit_close(k);
}

/* ---- selections ---- */

static void
selections(void **state)
{
	struct kit *k = world("cmic", LINKED);

	(void)state;
	give(k, "selection", 2, "project.number=P;code.cost_code=01-1000;code.cost_type=L", NULL);
	give(k, "selection", 3, "project.number=P;code.cost_code=77-7777;code.cost_type=L", NULL);
	give(k, "selection", 4, "project.number=P;code.cost_code=1-1000;code.cost_type=L", NULL);
	kit_settle(k, false);
	assert_string_equal(kit_findings(k), "");
	kit_settle(k, true);
	assert_non_null(strstr(kit_findings(k), "n.csv,2,F-34,\nn.csv,3,F-34,\nn.csv,4,F-34,\n"));
	kit_run(k);
	erp_lists(k);
	erp_subjobs(k);
	kit_settle(k, true);
	assert_string_equal(kit_findings(k), "n.csv,3,E-20,\nn.csv,4,E-19,\n");
	kit_run(k);
	kit_settle(k, true);
	assert_string_equal(kit_findings(k), ""); /* told once */
	kit_close(k);
}

/* ---- many ---- */

static void
many_items(void **state)
{
	struct kit *k = world("cmic", ALL);
	char head[120];

	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		(void)snprintf(head, sizeof(head), "project.number=P;commitment.number=N%05u;vendor.pm_id=%u", i,
		    i % 2 == 0 ? 1U : 7U);
		eg_arena_reset(&k->a);
		k->at.drop = "D000003";
		give(k, "commitment", i + 2, head, GOOD_LINE "/" GOOD_LINE);
	}
	kit_settle(k, true);
	assert_string_equal(kit_state(k, "commitment/P/N00000"), "waiting");
	assert_string_equal(kit_state(k, "commitment/P/N01999"), "held");
	kit_close(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row),
		cmocka_unit_test(links),
		cmocka_unit_test(link_when_the_list_comes),
		cmocka_unit_test(link_by_key_given),
		cmocka_unit_test(link_to_archived),
		cmocka_unit_test(unlinked_by_a_person),
		cmocka_unit_test(accepted_while_held),
		cmocka_unit_test(posted_first),
		cmocka_unit_test(earlier_invoice_not_posted),
		cmocka_unit_test(payments_of_the_erp),
		cmocka_unit_test(budgets_both_ways),
		cmocka_unit_test(accepted_imports),
		cmocka_unit_test(selections),
		cmocka_unit_test(many_items),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
