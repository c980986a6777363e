/* SPDX-License-Identifier: MIT
 *
 * Direct exports: what leaves by itself, under whose name, and what stays for a person.
 */
#include "flow_kit.h"

#include "gateway/workflow/direct.h"

#define SC "line.position=1;line.cost_code=01-1000;line.cost_type=S;line.amount=100.00"
#define COMMITMENT(number, vendor)                                            \
	"project.number=P1;commitment.number=" number ";vendor.pm_id=" vendor \
	";commitment.type=subcontract;commitment.title=T;commitment.accounting_method=amount"

static int
find_direct(void *ctx, const struct log_row *r, struct eg_err *err)
{
	(void)err;
	if (strcmp(r->event, "approved") == 0) {
		assert_string_equal(r->actor, DIRECT_ACTOR);
		assert_non_null(strstr(r->detail, "\"assurance\":\"direct\""));
		(*(unsigned *)ctx)++;
	}
	return EG_OK;
}

static void
leaves_by_itself(void **state)
{
	struct kit *k = flow_open("cmic", "direct_export.commitment = yes\n");
	char actor[sizeof(k->s.actor)];
	struct decision d;
	unsigned n = 0;

	(void)state;
	(void)snprintf(actor, sizeof(actor), "%s", k->s.actor);
	flow_give(k, "c", "commitment", COMMITMENT("C1", "1"), SC);
	assert_string_equal(kit_state(k, "commitment/P1/C1"), "waiting");
	assert_int_equal(flow_batches(k), 1);
	assert_string_equal(kit_state(k, "commitment/P1/C1"), "exported");
	assert_string_equal(k->s.actor, actor);
	kit_good(k, store_log_each(k->s.store, "commitment/P1/C1", 0, find_direct, &n, &k->err));
	assert_int_equal(n, 1);
	kit_good(k, decision_get(k->s.store, kit_item(k, "commitment/P1/C1").accepted, &k->a, &d, &k->err));
	assert_string_equal(d.approver, DIRECT_ACTOR);
	/* what the ERP refused is a person's matter */
	flow_answer(k, "commitment/P1/C1", "vendor is closed");
	assert_int_equal(flow_batches(k), 0);
	assert_string_equal(kit_state(k, "commitment/P1/C1"), "failed");
	gate_close(k);
}

static void
stays(void **state)
{
	struct kit *k = flow_open("cmic", "direct_export.commitment = yes\n");

	(void)state;
	flow_give(k, "v", "vendor", "vendor.pm_id=2;vendor.name=Two", NULL);
	flow_give(k, "c", "commitment", COMMITMENT("C2", "2"), SC);
	flow_give(
	    k, "b", "budget", "project.number=P1", "line.cost_code=01-1000;line.cost_type=S;line.original_amount=1.00");
	flow_give(k, "c3", "commitment", COMMITMENT("A-NUMBER-THAT-IS-TOO-LONG-FOR-CMIC", "1"), SC);
	assert_int_equal(flow_batches(k), 0);
	assert_string_equal(kit_state(k, "vendor/2"), "waiting"); /* not one of the types */
	assert_string_equal(kit_state(k, "budget/P1"), "waiting");
	assert_string_equal(kit_state(k, "commitment/P1/C2"), "held"); /* its company is missing */
	assert_string_equal(
	    kit_state(k, "commitment/P1/A-NUMBER-THAT-IS-TOO-LONG-FOR-CMIC"), "waiting"); /* needs a typed number */
	assert_string_equal(gate_codes(k), ""); /* and says nothing every night */
	flow_decide(k, "accept", "vendor/2", "V2");
	assert_int_equal(flow_batches(k), 1);
	flow_answer(k, "vendor/2", NULL);
	assert_int_equal(flow_batches(k), 1);
	assert_string_equal(kit_state(k, "commitment/P1/C2"), "exported");
	gate_close(k);
}

static void
off(void **state)
{
	struct kit *k = flow_open("cmic", "direct_export.cco = yes\n");

	(void)state;
	flow_give(k, "c", "commitment", COMMITMENT("C1", "1"), SC);
	assert_int_equal(flow_batches(k), 0);
	assert_string_equal(kit_state(k, "commitment/P1/C1"), "waiting");
	assert_true(direct_on(&k->s, rec_type(REC_CCO)));
	assert_false(direct_on(&k->s, rec_type(REC_COMMITMENT)));
	assert_false(direct_on(&k->s, rec_type(REC_VENDOR)));
	gate_close(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves_by_itself),
		cmocka_unit_test(stays),
		cmocka_unit_test(off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
