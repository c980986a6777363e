/* SPDX-License-Identifier: MIT
 *
 * Matching: same content, new content before and after export, archived and inactive records, costs that are our
 * own invoices; derived cost codes; answers in every order.
 */
#include "intake_kit.h"

static int
cmic(void **state)
{
	*state = kit_open("cmic");
	kit_drop(*state, "procore", "a.csv");
	return 0;
}

static int
acumatica(void **state)
{
	*state = kit_open("acumatica");
	kit_drop(*state, "acumatica", "a.csv");
	return 0;
}

static int
mri(void **state)
{
	*state = kit_open("mri");
	kit_drop(*state, "mri", "a.xml");
	return 0;
}

static int
teardown(void **state)
{
	kit_close(*state);
	return 0;
}

/* A record of a type with the least it needs, in two contents. */
static const struct kind {
	const char *type, *iid, *head, *other;
	const char *fresh, *late; /* state when new; state after new content when synced */
	const char *code; /* finding then */
} kinds[] = {
	{ "vendor", "vendor/1", "vendor.pm_id=1;vendor.name=A", "vendor.pm_id=1;vendor.name=B", "waiting", "synced",
	    "" },
	{ "project", "project/1", "project.number=1;project.name=A", "project.number=1;project.name=B", "waiting",
	    "synced", "" },
	{ "budget", "budget/1", "project.number=1", NULL, "waiting", "changed", "" },
	{ "budget-change", "budget-change/1/2", "project.number=1;budget_change.number=2",
	    "project.number=1;budget_change.number=2;budget_change.title=B", "waiting", "synced", "E-46" },
	{ "forecast", "forecast/1/2026-03-31", "project.number=1;forecast.as_of=2026-03-31", NULL, "waiting", "synced",
	    "E-46" },
	{ "commitment", "commitment/1/2", "project.number=1;commitment.number=2",
	    "project.number=1;commitment.number=2;commitment.title=B", "waiting", "synced", "E-46" },
	{ "cco", "cco/1/2/3", "project.number=1;commitment.number=2;change_order.number=3",
	    "project.number=1;commitment.number=2;change_order.number=3;change_order.title=B", "waiting", "synced",
	    "E-46" },
	{ "invoice", "invoice/1/2/3", "project.number=1;commitment.number=2;invoice.invoice_number=3",
	    "project.number=1;commitment.number=2;invoice.invoice_number=3;invoice.number=4", "waiting", "synced",
	    "E-63" },
	{ "payment", "payment/1", "payment.pm_id=1;payment.amount=1.00", "payment.pm_id=1;payment.amount=2.00",
	    "waiting", "synced", "E-63" },
	{ "prime", "prime/1/2", "project.number=1;prime.number=2", "project.number=1;prime.number=2;prime.title=B",
	    "waiting", "synced", "E-46" },
	{ "pcco", "pcco/1/2/3", "project.number=1;prime.number=2;pcco.number=3",
	    "project.number=1;prime.number=2;pcco.number=3;pcco.title=B", "waiting", "synced", "E-46" },
	{ "erp-vendor", "erp-vendor/V", "vendor.origin_code=V;vendor.name=A", "vendor.origin_code=V;vendor.name=B",
	    "importable", "synced", "" },
	{ "erp-budget", "erp-budget/J", "project.origin_code=J", NULL, "importable", "importable", "" },
	{ "erp-cost", "erp-cost/T1", "cost.transaction_id=T1;cost.amount=1.00",
	    "cost.transaction_id=T1;cost.amount=2.00", "approved", "approved", "E-31" },
	{ "erp-jobcost", "erp-jobcost/J/-/C",
	    "project.origin_code=J;jobcost.sub_job=-;jobcost.code=C;jobcost.jtd_cost=1.00",
	    "project.origin_code=J;jobcost.sub_job=-;jobcost.code=C;jobcost.jtd_cost=2.00", "approved", "approved",
	    "" },
};

static void
give_other(struct kit *k, const struct kind *t)
{
	if (t->other != NULL)
		kit_give(k, ADP_TAKEN, t->type, 9, t->other, NULL);
	else
		kit_give(k, ADP_TAKEN, t->type, 9, t->head, "line.cost_code=01");
}

static void
each_kind(void **state)
{
	struct kit *k = *state;
	struct eg_buf want = EG_BUF_INIT;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		const struct kind *t = &kinds[i];

		kit_run(k);
		kit_give(k, ADP_TAKEN, t->type, 2, t->head, NULL);
		kit_give(k, ADP_TAKEN, t->type, 3, t->head, NULL);
		assert_int_equal(kit_item(k, t->iid).rev_no, 1);
		assert_int_equal(kit_item(k, t->iid).line, 2);
		if (strcmp(kit_state(k, t->iid), t->fresh) != 0)
			fail_msg("%s: new is %s", t->type, kit_state(k, t->iid));
		kit_sent(k, t->iid, "KEY");
		kit_set(k, t->iid, ST_SYNCED, "E", 1);
		give_other(k, t);
		if (strcmp(kit_state(k, t->iid), t->late) != 0)
			fail_msg("%s: late content is %s", t->type, kit_state(k, t->iid));
		if (t->code[0] != '\0')
			eg_buf_printf(&want, "a.csv,9,%s,%s\n", t->code, t->iid);
		assert_int_equal(kit_item(k, t->iid).rev_no, t->code[0] == 'E' && t->code[2] != '3' ? 1 : 2);
		assert_string_equal(kit_findings(k), eg_buf_cstr(&want));
		eg_buf_clear(&want);
	}
	eg_buf_done(&want);
}

static void
before_export(void **state)
{
	static const enum item_state from[] = { ST_WAITING, ST_HELD, ST_APPROVED, ST_FAILED, ST_REJECTED, ST_RETRIEVED,
		ST_UNLINKED };
	struct kit *k = *state;
	struct item it;

	for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
		char head[80];

		(void)snprintf(head, sizeof(head), "vendor.pm_id=1;vendor.name=N%zu", i);
		kit_give(k, ADP_TAKEN, "vendor", 2, head, NULL);
		it = kit_item(k, "vendor/1");
		it.state = from[i];
		it.accepted = 7;
		kit_good(k, item_save(k->s.store, &it, 1, &k->err));
		(void)snprintf(head, sizeof(head), "vendor.pm_id=1;vendor.name=M%zu", i);
		kit_give(k, ADP_TAKEN, "vendor", 4, head, NULL);
		it = kit_item(k, "vendor/1");
		assert_int_equal(it.state, ST_WAITING);
		assert_int_equal(it.accepted, 0);
		assert_int_equal(it.line, 4);
	}
	assert_string_equal(kit_findings(k), "");
}

static void
refused_and_archived(void **state)
{
	struct kit *k = *state;

	kit_give(k, ADP_REFUSED, "erp-prime", 2, "project.origin_code=J;prime.number=C", NULL);
	assert_string_equal(kit_state(k, "erp-prime/J/C"), "rejected");
	kit_give(k, ADP_ARCHIVED, "erp-vendor", 2, "vendor.origin_code=V;vendor.is_active=no", NULL);
	assert_string_equal(kit_state(k, "erp-vendor/V"), "archived");
	kit_give(k, ADP_TAKEN, "erp-vendor", 3, "vendor.origin_code=V;vendor.is_active=yes", NULL);
	assert_string_equal(kit_state(k, "erp-vendor/V"), "importable");
	kit_set(k, "erp-vendor/V", ST_ARCHIVED, NULL, -1); /* by a person: stays when the ERP changes it */
	kit_give(k, ADP_TAKEN, "erp-vendor", 4, "vendor.origin_code=V;vendor.is_active=yes;vendor.name=N", NULL);
	assert_string_equal(kit_state(k, "erp-vendor/V"), "archived");
	kit_give(k, ADP_SKIPPED, "erp-vendor", 5, "vendor.origin_code=W", NULL);
	assert_int_equal(item_find(k->s.store, "erp-vendor/W", &k->a, &(struct item){ .id = 0 }, &k->err), EG_EOF);
}

static void
shown(void **state)
{
	struct kit *k = *state;
	struct item it;

	kit_give(k, ADP_TAKEN, "commitment", 2, "project.number=1;commitment.number=2;vendor.pm_id=77", NULL);
	kit_give(k, ADP_TAKEN, "invoice", 3,
	    "project.number=1;commitment.number=2;invoice.invoice_number=3;invoice.number=4",
	    "line.position=1;line.work_completed_this_period=10.00;line.materials_presently_stored=0.55/line.position=2;line.work_completed_this_period=-1.00");
	it = kit_item(k, "invoice/1/2/3");
	assert_string_equal(it.amount, "9.55");
	assert_string_equal(it.parent, "commitment/1/2");
	assert_string_equal(it.vendor, "77");
	assert_int_equal(it.seq, 4);
	kit_give(k, ADP_TAKEN, "payment", 4,
	    "payment.pm_id=P;project.number=1;commitment.number=2;invoice.invoice_number=3;payment.amount=5.00", NULL);
	it = kit_item(k, "payment/P");
	assert_string_equal(it.parent, "invoice/1/2/3");
	assert_string_equal(it.amount, "5.00");
}

static void
list_row_or_lines(void **state)
{
	static const char row[] = "project.number=1;prime.number=2;pcco.number=3;pcco.from_list=yes",
			  lines[] = "project.number=1;prime.number=2;pcco.number=3";
	struct kit *k = *state;

	kit_give(k, ADP_TAKEN, "pcco", 2, lines, "line.position=1");
	kit_give(k, ADP_TAKEN, "pcco", 3, row, "line.position=1");
	assert_string_equal(kit_findings(k), "a.csv,3,F-10,pcco/1/2/3\n");
	assert_int_equal(kit_item(k, "pcco/1/2/3").line, 2);
	kit_run(k);
	kit_drop(k, "procore", "b.csv");
	kit_give(k, ADP_TAKEN, "pcco", 5, "project.number=1;prime.number=2;pcco.number=9;pcco.from_list=yes",
	    "line.position=1");
	kit_drop(k, "procore", "c.csv");
	kit_give(k, ADP_TAKEN, "pcco", 6, "project.number=1;prime.number=2;pcco.number=9", "line.position=1");
	assert_string_equal(kit_findings(k), "b.csv,5,F-10,pcco/1/2/9\n");
	assert_int_equal(kit_item(k, "pcco/1/2/9").line, 6);
}

static void
own_invoice(void **state)
{
	struct kit *k = *state;

	kit_give(k, ADP_TAKEN, "invoice", 2, "project.number=1;commitment.number=2;invoice.invoice_number=I1", NULL);
	kit_give(k, ADP_TAKEN, "erp-cost", 3, "cost.transaction_id=1;cost.vendor=V;cost.invoice_number=I1", NULL);
	assert_string_equal(kit_findings(k), "");
	kit_sent(k, "invoice/1/2/I1", "V|I1");
	kit_give(k, ADP_TAKEN, "erp-cost", 4, "cost.transaction_id=2;cost.vendor=V;cost.invoice_number=I1", NULL);
	kit_give(k, ADP_TAKEN, "erp-cost", 5, "cost.transaction_id=3;cost.vendor=V;cost.invoice_number=I2", NULL);
	assert_string_equal(kit_findings(k), "a.csv,4,E-26,erp-cost/2\n");
	assert_string_equal(kit_state(k, "erp-cost/3"), "approved");
	assert_int_equal(item_find(k->s.store, "erp-cost/2", &k->a, &(struct item){ .id = 0 }, &k->err), EG_EOF);
}

/* ---- derived cost codes ---- */

static void
lists(struct kit *k, const char *const *types)
{
	for (; *types != NULL; types++)
		kit_good(k, list_mark(k->s.store, *types, 1, 1, &k->err));
}

static void
code_pairs(void **state)
{
	struct kit *k = *state;
	struct rec r;

	kit_give(k, ADP_TAKEN, "cost-code", 5,
	    "code.cost_code=01-1000;code.cost_type=L;code.name=Clean;code.active=yes", NULL);
	kit_give(k, ADP_TAKEN, "cost-code", 6, "code.cost_code=01-1000;code.name=Clean;code.active=yes", NULL);
	kit_give(
	    k, ADP_TAKEN, "cost-code", 7, "code.cost_code=02-0000;code.cost_type=S;code.name=Dig;code.active=no", NULL);
	kit_settle(k, false);
	assert_int_equal(
	    item_find(k->s.store, "erp-code/01-1000.L", &k->a, &(struct item){ .id = 0 }, &k->err), EG_EOF);
	kit_give(k, ADP_TAKEN, "cost-type", 3, "code.cost_type=L;code.name=LABOUR;code.active=yes", NULL);
	kit_give(k, ADP_TAKEN, "cost-type", 4, "code.cost_type=S;code.name=SUBS;code.active=yes", NULL);
	kit_settle(k, false);
	assert_string_equal(kit_state(k, "erp-code/01-1000.L"), "approved");
	assert_int_equal(kit_item(k, "erp-code/01-1000.L").line, 5);
	kit_good(k, item_record(k->s.store, kit_item(k, "erp-code/01-1000.L").rev, &k->a, &r, &k->err));
	assert_true(eg_bytes_is(rec_head(&r, "code.type_name")->text, "Labor"));
	assert_true(eg_bytes_is(rec_head(&r, "code.active")->text, "yes"));
	kit_good(k, item_record(k->s.store, kit_item(k, "erp-code/02-0000.S").rev, &k->a, &r, &k->err));
	assert_true(eg_bytes_is(rec_head(&r, "code.active")->text, "no"));
	kit_sent(k, "erp-code/01-1000.L", NULL);
	kit_give(k, ADP_TAKEN, "cost-type", 3, "code.cost_type=L;code.name=LABOUR;code.active=no", NULL);
	kit_settle(k, false);
	assert_string_equal(kit_state(k, "erp-code/01-1000.L"), "approved");
	kit_give(k, ADP_TAKEN, "cost-type", 3, "code.cost_type=L;code.name=LABOUR;code.active=yes", NULL);
	kit_settle(k, false);
	assert_string_equal(kit_state(k, "erp-code/01-1000.L"), "synced"); /* what the project side has again */
}

static void
code_assignments(void **state)
{
	static const char *const all[] = { "cost-code", "cost-type", "assignment", NULL };
	struct kit *k = *state;

	kit_give(k, ADP_TAKEN, "cost-code", 5, "code.cost_code=01-1/0;code.name=Clean;code.active=yes", NULL);
	kit_give(k, ADP_TAKEN, "cost-type", 3, "code.cost_type=L;code.name=LABOR;code.active=yes", NULL);
	kit_settle(k, false);
	kit_give(k, ADP_TAKEN, "assignment", 8, "code.cost_code=01-1/0;code.cost_type=L", NULL);
	kit_give(k, ADP_TAKEN, "assignment", 9, "code.cost_code=99-9999;code.cost_type=L", NULL);
	lists(k, all);
	kit_settle(k, false);
	assert_int_equal(kit_item(k, "erp-code/01-1%2F0.L").line, 8);
	assert_int_equal(
	    item_find(k->s.store, "erp-code/99-9999.L", &k->a, &(struct item){ .id = 0 }, &k->err), EG_EOF);
}

/* ---- answers ---- */

static void
commitments(struct kit *k)
{
	static const char *const keys[][2] = { { "commitment/1/A", "V|A" }, { "commitment/1/B", "V|B" },
		{ "commitment/1/C", "V|C" } };

	for (size_t i = 0; i < 3; i++) {
		char head[80];

		(void)snprintf(head, sizeof(head), "project.number=1;commitment.number=%s", keys[i][1] + 2);
		kit_give(k, ADP_TAKEN, "commitment", 2, head, NULL);
		kit_sent(k, keys[i][0], keys[i][1]);
	}
}

static void
answer(struct kit *k, uint32_t line, const char *text)
{
	kit_give(k, ADP_TAKEN, "answer", line, text, NULL);
}

static void
answers(void **state)
{
	struct kit *k = *state;

	commitments(k);
	kit_give(k, ADP_TAKEN, "commitment", 2, "project.number=1;commitment.number=W", NULL);
	kit_drop(k, "cmic", "ack.csv");
	answer(k, 2, "answer.object=commitment;answer.key=V|A;answer.posted=no;answer.processed=yes");
	answer(
	    k, 3, "answer.object=commitment;answer.key=V|A;answer.erp_code=E-A;answer.posted=yes;answer.processed=yes");
	answer(k, 4, "answer.object=commitment;answer.key=V|B;answer.posted=yes;answer.processed=yes");
	answer(
	    k, 5, "answer.object=commitment;answer.key=V|B;answer.posted=no;answer.processed=no;answer.error=bad code");
	answer(k, 6, "answer.object=commitment;answer.key=V|C;answer.posted=no;answer.processed=yes");
	answer(k, 7, "answer.object=commitment;answer.key=X|Y;answer.posted=yes;answer.processed=yes");
	answer(k, 8, "answer.object=vendor;answer.key=V|A;answer.posted=yes;answer.processed=yes");
	kit_good(k, answers_apply(&k->s, &k->err));
	assert_string_equal(kit_findings(k), "ack.csv,5,F-37,commitment/1/B\nack.csv,7,F-36,\nack.csv,8,F-36,\n");
	assert_string_equal(kit_item(k, "commitment/1/A").erp_id, "E-A");
	assert_int_equal(kit_item(k, "commitment/1/A").posted, 1);
	assert_string_equal(kit_state(k, "commitment/1/B"), "failed");
	assert_null(kit_item(k, "commitment/1/B").erp_id);
	assert_string_equal(kit_state(k, "commitment/1/C"), "synced");
	assert_string_equal(kit_item(k, "commitment/1/C").erp_id, "C"); /* the last part of the key sent */
	assert_int_equal(kit_item(k, "commitment/1/C").posted, 0);
	kit_run(k);
	kit_good(k, answers_apply(&k->s, &k->err)); /* nothing is left over */
	assert_string_equal(kit_findings(k), "");
	answer(k, 2,
	    "answer.object=commitment;answer.key=V|C;answer.posted=yes;answer.processed=yes"); /* posted later: no finding */
	answer(k, 3, "answer.object=commitment;answer.key=V|A;answer.posted=no;answer.processed=yes");
	answer(k, 4, "answer.object=commitment;answer.key=V|B;answer.posted=yes;answer.processed=yes");
	kit_good(k, answers_apply(&k->s, &k->err));
	assert_string_equal(kit_findings(k), "ack.csv,3,F-36,commitment/1/A\nack.csv,4,F-36,commitment/1/B\n");
	assert_int_equal(kit_item(k, "commitment/1/C").posted, 1);
	assert_int_equal(kit_item(k, "commitment/1/A").posted, 1);
}

/* A change order that went to CMiC as several PCIs is answered by each of them: an error of one is its error. */
static void
answers_of_change_orders(void **state)
{
	struct kit *k = *state;
	static const char *const numbers[] = { "1", "2", "3.5" };

	for (size_t i = 0; i < 3; i++) {
		char *head = eg_xprintf("project.number=1;prime.number=P;pcco.number=%s", numbers[i]),
		     *iid = eg_xprintf("pcco/1/P/%s", numbers[i]), *key = eg_xprintf("J|%s", numbers[i]);
		kit_give(k, ADP_TAKEN, "pcco", 2, head, "line.position=1");
		kit_sent(k, iid, key);
		free(head);
		free(iid);
		free(key);
	}
	kit_drop(k, "cmic", "ack.csv");
	answer(k, 2, "answer.object=pcco;answer.key=J|1.7;answer.erp_code=1.7;answer.posted=no;answer.processed=yes");
	answer(k, 3, "answer.object=pcco;answer.key=J|1.8;answer.erp_code=1.8;answer.posted=no;answer.processed=yes");
	answer(k, 4, "answer.object=pcco;answer.key=J|2.7;answer.posted=no;answer.processed=yes");
	answer(k, 5, "answer.object=pcco;answer.key=J|2.8;answer.posted=no;answer.processed=no;answer.error=closed");
	answer(k, 6, "answer.object=pcco;answer.key=J|3.5;answer.posted=no;answer.processed=yes");
	kit_good(k, answers_apply(&k->s, &k->err));
	assert_string_equal(kit_findings(k), "ack.csv,5,F-37,pcco/1/P/2\n");
	assert_string_equal(kit_state(k, "pcco/1/P/1"), "synced");
	assert_string_equal(kit_item(k, "pcco/1/P/1").erp_id, "1");
	assert_string_equal(kit_state(k, "pcco/1/P/2"), "failed");
	assert_string_equal(kit_item(k, "pcco/1/P/3.5").erp_id, "3.5"); /* its own number has a point */
}

static void
answers_of_budgets(void **state)
{
	struct kit *k = *state;

	kit_give(k, ADP_TAKEN, "budget", 2, "project.number=1", "line.cost_code=01;line.original_amount=1.00");
	kit_sent(k, "budget/1", "24104");
	kit_give(k, ADP_TAKEN, "budget", 2, "project.number=1", "line.cost_code=01;line.original_amount=2.00");
	assert_string_equal(kit_state(k, "budget/1"), "exported");
	answer(k, 4, "answer.object=budget;answer.key=24104;answer.posted=yes;answer.processed=yes");
	kit_good(k, answers_apply(&k->s, &k->err));
	assert_string_equal(kit_state(k, "budget/1"), "changed");
	assert_null(kit_item(k, "budget/1").erp_id);
	assert_int_equal(kit_item(k, "budget/1").posted, 1);
}

static void
answers_of_acumatica(void **state)
{
	struct kit *k = *state;

	kit_give(k, ADP_TAKEN, "prime", 2, "project.number=1;prime.number=A", NULL);
	kit_give(k, ADP_TAKEN, "prime", 3, "project.number=1;prime.number=B", NULL);
	kit_give(k, ADP_TAKEN, "vendor", 4, "vendor.pm_id=1", NULL);
	kit_sent(k, "prime/1/A", "24101");
	kit_sent(k, "prime/1/B", "24101");
	kit_sent(k, "vendor/1", "ACME");
	answer(k, 2, "answer.object=prime;answer.key=24101;answer.posted=yes;answer.processed=yes");
	answer(k, 3,
	    "answer.object=subjob;answer.key=24101|24101;answer.posted=yes;answer.processed=yes"); /* default task: part of the project */
	answer(k, 4, "answer.object=vendor;answer.key=ACME;answer.posted=yes;answer.processed=yes");
	kit_good(k, answers_apply(&k->s, &k->err));
	assert_string_equal(kit_findings(k), "");
	assert_string_equal(kit_state(k, "prime/1/A"), "synced");
	assert_string_equal(kit_state(k, "prime/1/B"), "synced");
	assert_null(kit_item(k, "prime/1/A").erp_id);
	assert_string_equal(kit_item(k, "vendor/1").erp_id, "ACME");
	assert_int_equal(kit_item(k, "vendor/1").posted, -1);
}

static void
answers_of_entries(void **state)
{
	struct kit *k = *state;

	kit_give(k, ADP_TAKEN, "commitment", 2, "project.number=1;commitment.number=A", NULL);
	kit_sent(k, "commitment/1/A", "J|A");
	answer(k, 2, "answer.object=commitment;answer.key=J|A;answer.posted=yes;answer.processed=yes");
	answer(k, 3, "answer.object=commitment;answer.key=J|A;answer.processed=no;answer.error=line 2 is bad");
	answer(k, 4, "answer.object=commitment;answer.key=J|Z;answer.processed=yes");
	answer(k, 5, "answer.object=commitment;answer.key=J|Z;answer.processed=yes");
	kit_good(k, answers_apply(&k->s, &k->err));
	assert_string_equal(kit_findings(k), "a.xml,2,F-37,commitment/1/A\na.xml,4,F-36,\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_kind, cmic, teardown),
		cmocka_unit_test_setup_teardown(before_export, cmic, teardown),
		cmocka_unit_test_setup_teardown(refused_and_archived, cmic, teardown),
		cmocka_unit_test_setup_teardown(shown, cmic, teardown),
		cmocka_unit_test_setup_teardown(list_row_or_lines, cmic, teardown),
		cmocka_unit_test_setup_teardown(own_invoice, cmic, teardown),
		cmocka_unit_test_setup_teardown(code_pairs, cmic, teardown),
		cmocka_unit_test_setup_teardown(code_assignments, acumatica, teardown),
		cmocka_unit_test_setup_teardown(answers, cmic, teardown),
		cmocka_unit_test_setup_teardown(answers_of_budgets, cmic, teardown),
		cmocka_unit_test_setup_teardown(answers_of_change_orders, cmic, teardown),
		cmocka_unit_test_setup_teardown(answers_of_acumatica, acumatica, teardown),
		cmocka_unit_test_setup_teardown(answers_of_entries, mri, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
