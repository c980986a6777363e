/* SPDX-License-Identifier: MIT
 *
 * Adoption row by row: what becomes synced and as what, what is refused with which code, what waits and when it is applied or given up.
 */
#include "intake_kit.h"

#include "gateway/workflow/adopt.h"

static int64_t clock_now = 1780000000;

static int64_t
moving_clock(void *ctx)
{
	(void)ctx;
	return clock_now;
}

/* Company 1 = V1 (linked), 2 open, 3 open and archived vendor V9; project P1 = J1, P2 open; C1 of company 1, C2 of company 2, C3 in P2; an invoice and a change order of C1. */
static struct kit *
world(const char *erp)
{
	struct kit *k = kit_open(erp);
	struct user ann = { .name = "ann", .role = ROLE_ADMIN, .active = true, .types = "all", .added = 1 };
	struct user kim = { .name = "kim", .role = ROLE_ADMIN, .active = true, .types = "invoice", .added = 1 };

	clock_now = 1780000000;
	k->s.now = moving_clock;
	kit_good(k, user_put(k->s.store, &ann, &k->err));
	kit_good(k, user_put(k->s.store, &kim, &k->err));
	kit_drop(k, erp, "erp.csv");
	kit_give(k, ADP_TAKEN, "erp-vendor", 2, "vendor.origin_code=V1;vendor.name=One", NULL);
	kit_give(k, ADP_TAKEN, "erp-vendor", 3, "vendor.origin_code=V2;vendor.name=Two", NULL);
	kit_give(k, ADP_ARCHIVED, "erp-vendor", 4, "vendor.origin_code=V9;vendor.name=Nine", NULL);
	kit_give(k, ADP_TAKEN, "erp-project", 5, "project.origin_code=J1", NULL);
	kit_give(k, ADP_TAKEN, "erp-project", 6, "project.origin_code=J2", NULL);
	kit_give(k, ADP_TAKEN, "erp-customer", 7, "vendor.origin_code=K1;vendor.name=Owner", NULL);
	kit_drop(k, "procore", "own.csv");
	kit_give(k, ADP_TAKEN, "vendor", 2, "vendor.pm_id=1;vendor.name=One;vendor.origin_code=V1", NULL);
	kit_give(k, ADP_TAKEN, "vendor", 3, "vendor.pm_id=2;vendor.name=Two", NULL);
	kit_give(k, ADP_TAKEN, "project", 4, "project.number=P1;project.name=A;project.origin_code=J1", NULL);
	kit_give(k, ADP_TAKEN, "project", 5, "project.number=P2;project.name=B", NULL);
	kit_give(k, ADP_TAKEN, "commitment", 6, "project.number=P1;commitment.number=C1;vendor.pm_id=1",
	    "line.position=1;line.amount=100.00;line.cost_code=01-1000;line.cost_type=S");
	kit_give(k, ADP_TAKEN, "commitment", 7, "project.number=P1;commitment.number=C2;vendor.pm_id=2",
	    "line.position=1;line.amount=50.00;line.cost_code=01-1000;line.cost_type=S");
	kit_give(k, ADP_TAKEN, "cco", 9, "project.number=P1;commitment.number=C1;change_order.number=1",
	    "line.position=1;line.commitment_line=1;line.amount=5.00");
	kit_give(k, ADP_TAKEN, "invoice", 10,
	    "project.number=P1;commitment.number=C1;invoice.invoice_number=inv1;invoice.number=1",
	    "line.position=1;line.kind=contract;line.commitment_line=1;line.work_completed_this_period=20.00");
	kit_settle(k, false);
	return k;
}

struct one {
	const char *result;
	char code[8], key[32];
};

static int
take(void *ctx, const struct adopt_said *said, struct eg_err *err)
{
	struct one *o = ctx;

	(void)err;
	o->result = adopt_word(said->outcome);
	(void)snprintf(o->code, sizeof(o->code), "%s", said->code);
	(void)snprintf(o->key, sizeof(o->key), "%s", said->erp_id != NULL ? said->erp_id : "");
	return EG_OK;
}

/* "adopted", "refused F-65", … */
static const char *
adopt_as(struct kit *k, const char *who, const char *iid, const char *erp_id, const char *amount, int posted)
{
	struct adopt_by by = { .approver = who, .assurance = "command", .manifest = "P000001", .file = "list.csv" };
	struct adopt_row row = {
		.row = 2, .iid = iid, .erp_id = erp_id, .as_of = "", .amount = amount, .comment = "", .posted = posted
	};
	struct one o = { .result = "?" };

	kit_good(k, adopt_rows(&k->s, &by, &row, 1, take, &o, &k->err));
	kit_settle(k, false);
	eg_buf_clear(&k->out);
	eg_buf_printf(&k->out, "%s%s%s", o.result, *o.code ? " " : "", o.code);
	return eg_buf_cstr(&k->out);
}

#define ADOPT(iid, erp_id, amount) adopt_as(k, "ann", iid, erp_id, amount, 1)

static void
becomes_synced(void **state)
{
	struct kit *k = world("cmic");
	struct item it;

	(void)state;
	assert_string_equal(kit_state(k, "invoice/P1/C1/inv1"), "held");
	assert_string_equal(ADOPT("commitment/P1/C1", "SC1", "100.00"), "adopted");
	it = kit_item(k, "commitment/P1/C1");
	assert_int_equal(it.state, ST_SYNCED);
	assert_string_equal(it.erp_id, "SC1");
	assert_int_equal(it.posted, 1);
	assert_string_equal(it.written, it.content);
	assert_string_equal(ADOPT("invoice/P1/C1/inv1", "", "20.00"), "adopted");
	it = kit_item(k, "invoice/P1/C1/inv1");
	assert_string_equal(it.erp_id, "inv1"); /* its own number */
	assert_string_equal(it.sent_key, "V1|INV1"); /* as CMiC names it in payments and costs */
	assert_string_equal(ADOPT("vendor/2", "V2", ""), "adopted");
	assert_string_equal(kit_state(k, "erp-vendor/V2"), "synced");
	assert_string_equal(ADOPT("erp-customer/K1", "", ""), "adopted");
	assert_string_equal(kit_state(k, "erp-customer/K1"), "synced");
	/* A second time it has no effect; posting may be told later. */
	assert_string_equal(ADOPT("commitment/P1/C1", "SC1", "100.00"), "same");
	assert_string_equal(adopt_as(k, "ann", "cco/P1/C1/1", "", "5.00", 0), "adopted");
	assert_int_equal(kit_item(k, "cco/P1/C1/1").posted, 0);
	assert_string_equal(ADOPT("cco/P1/C1/1", "", "5.00"), "adopted");
	assert_int_equal(kit_item(k, "cco/P1/C1/1").posted, 1);
	/* Other content afterwards is a change of what has left. */
	kit_drop(k, "procore", "later.csv");
	kit_give(k, ADP_TAKEN, "commitment", 6, "project.number=P1;commitment.number=C1;vendor.pm_id=1",
	    "line.position=1;line.amount=101.00;line.cost_code=01-1000;line.cost_type=S");
	assert_non_null(strstr(kit_findings(k), "later.csv,6,E-46,commitment/P1/C1"));
	kit_close(k);
}

static void
refusals(void **state)
{
	struct kit *k = world("cmic");
	struct item before = kit_item(k, "commitment/P1/C1"), it;

	(void)state;
	assert_string_equal(ADOPT("commitment/P1/C1", "", "100.01"), "refused F-65");
	assert_string_equal(ADOPT("commitment/P1/C1", "", ""), "refused F-20");
	assert_string_equal(adopt_as(k, "kim", "commitment/P1/C1", "", "100.00", 1), "refused E-74");
	assert_string_equal(adopt_as(k, "nobody", "commitment/P1/C1", "", "100.00", 1), "refused E-74");
	assert_string_equal(ADOPT("vendor/2", "", ""), "refused E-02");
	assert_string_equal(ADOPT("project/P2", "", ""), "refused E-13");
	assert_string_equal(ADOPT("vendor/2", "V1", ""), "refused E-08"); /* another's */
	assert_string_equal(ADOPT("vendor/2", "V9", ""), "refused E-08"); /* archived */
	assert_string_equal(ADOPT("vendor/2", "V7", ""), "refused F-33"); /* not in the list */
	assert_string_equal(ADOPT("nonsense", "", ""), "refused F-35");
	assert_string_equal(ADOPT("erp-cost/1", "", ""), "refused F-35");
	it = kit_item(k, "commitment/P1/C1");
	assert_int_equal(it.state, before.state);
	assert_null(it.erp_id);
	/* What was sent from here, or accepted to be sent, is no record that stood there before. */
	kit_sent(k, "commitment/P1/C1", "V1|C1");
	assert_string_equal(ADOPT("commitment/P1/C1", "", "100.00"), "refused E-75");
	kit_set(k, "commitment/P1/C1", ST_SYNCED, "C1", 1);
	assert_string_equal(ADOPT("commitment/P1/C1", "C9", "100.00"), "refused E-75");
	kit_set(k, "cco/P1/C1/1", ST_REJECTED, NULL, -1);
	assert_string_equal(ADOPT("cco/P1/C1/1", "", "5.00"), "refused E-75");
	kit_close(k);
}

/* A taken number is seen whoever has it. */
static void
taken_numbers(void **state)
{
	struct kit *k = world("cmic");

	(void)state;
	assert_string_equal(ADOPT("vendor/2", "V2", ""), "adopted");
	assert_string_equal(ADOPT("commitment/P1/C1", "SC1", "100.00"), "adopted");
	assert_string_equal(ADOPT("commitment/P1/C2", "sc1", "50.00"), "refused E-35");
	assert_string_equal(ADOPT("commitment/P1/C2", "", "50.00"), "adopted");
	kit_close(k);
}

static void
waiting(void **state)
{
	struct kit *k = world("cmic");
	int64_t n = 0;

	(void)state;
	/* For its company, for its record: both are applied by themselves, in whatever order they come. */
	assert_string_equal(ADOPT("commitment/P1/C2", "", "50.00"), "waits F-66");
	assert_string_equal(ADOPT("commitment/P2/C3", "", "7.00"), "waits F-66");
	assert_string_equal(ADOPT("commitment/P2/C3", "", "7.00"), "waits F-66"); /* asked twice, remembered once */
	kit_good(k, adoption_count(k->s.store, "waiting", NULL, &n, &k->err));
	assert_int_equal(n, 2);
	kit_drop(k, "procore", "later.csv");
	kit_give(k, ADP_TAKEN, "commitment", 2, "project.number=P2;commitment.number=C3;vendor.pm_id=2",
	    "line.position=1;line.amount=7.00;line.cost_code=01-1000;line.cost_type=S");
	kit_settle(k, false);
	assert_string_equal(kit_state(k, "commitment/P2/C3"), "held");
	kit_good(k, act_link(&k->s, "vendor", "2", "V2", &k->err));
	kit_settle(k, false);
	assert_string_equal(kit_state(k, "commitment/P1/C2"), "synced");
	kit_good(k, act_link(&k->s, "project", "P2", "J2", &k->err));
	kit_settle(k, false);
	assert_string_equal(kit_state(k, "commitment/P2/C3"), "synced");
	kit_good(k, adoption_count(k->s.store, "waiting", NULL, &n, &k->err));
	assert_int_equal(n, 0);
	kit_close(k);
}

static void
waiting_in_vain(void **state)
{
	struct kit *k = world("cmic");
	int64_t n = 0;

	(void)state;
	assert_string_equal(ADOPT("commitment/P1/C7", "", "7.00"), "waits F-66");
	assert_string_equal(ADOPT("commitment/P1/C8", "", "7.00"), "waits F-66");
	kit_run(k);
	kit_drop(k, "procore", "later.csv");
	kit_give(k, ADP_TAKEN, "commitment", 2, "project.number=P1;commitment.number=C7;vendor.pm_id=1",
	    "line.position=1;line.amount=8.00;line.cost_code=01-1000;line.cost_type=S");
	kit_settle(k, false);
	assert_non_null(strstr(kit_findings(k), "list.csv,2,F-65,commitment/P1/C7"));
	assert_string_not_equal(kit_state(k, "commitment/P1/C7"), "synced");
	clock_now += 30 * 86400;
	kit_settle(k, false);
	kit_good(k, adoption_count(k->s.store, "expired", NULL, &n, &k->err));
	assert_int_equal(n, 0); /* thirty days to the second */
	clock_now++;
	kit_run(k);
	kit_settle(k, false);
	kit_good(k, adoption_count(k->s.store, "expired", NULL, &n, &k->err));
	assert_int_equal(n, 1);
	assert_string_equal(kit_findings(k), "list.csv,2,F-66,commitment/P1/C8\n");
	kit_close(k);
}

/* MRI takes no companies: they are linked, by adoption as well. */
static void
mri(void **state)
{
	struct kit *k = world("mri");

	(void)state;
	assert_string_equal(kit_state(k, "vendor/2"), "unlinked");
	assert_string_equal(ADOPT("vendor/2", "V2", ""), "adopted");
	assert_string_equal(kit_state(k, "vendor/2"), "synced");
	kit_close(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(becomes_synced), cmocka_unit_test(refusals),
		cmocka_unit_test(taken_numbers), cmocka_unit_test(waiting), cmocka_unit_test(waiting_in_vain),
		cmocka_unit_test(mri) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
