/* SPDX-License-Identifier: MIT
 *
 * Unlinking: who may go before whom, what counts as proof, what becomes of the other side; and putting away. Every refusal must leave all items as they were.
 */
#include "flow_kit.h"

#include <stdlib.h>

#define SC "line.position=1;line.cost_code=01-1000;line.cost_type=S;line.amount=100.00"
#define BILL "line.position=1;line.kind=contract;line.commitment_line=1;line.work_completed_this_period=10.00"

static void
synced(struct kit *k, const char *iid, const char *key)
{
	struct item it = kit_item(k, iid);

	it.state = ST_SYNCED;
	it.erp_id = it.sent_key = key;
	it.posted = 1;
	gate_begin(k);
	kit_good(k, item_save(k->s.store, &it, 1, &k->err));
	gate_commit(k);
}

/* A commitment with a change order, two invoices and a payment for the first, all of it in the ERP. */
static struct kit *
contract(const char *erp)
{
	struct kit *k = flow_open(erp, "");

	flow_give(
	    k, "c", "commitment", "project.number=P1;commitment.number=C1;vendor.pm_id=1;commitment.title=Roof", SC);
	flow_give(k, "o", "cco", "project.number=P1;commitment.number=C1;change_order.number=1", SC);
	flow_give(k, "i", "invoice",
	    "project.number=P1;commitment.number=C1;invoice.invoice_number=I1;invoice.number=1", BILL);
	flow_give(k, "j", "invoice",
	    "project.number=P1;commitment.number=C1;invoice.invoice_number=I2;invoice.number=2", BILL);
	synced(k, "commitment/P1/C1", "C1");
	synced(k, "cco/P1/C1/1", "1");
	synced(k, "invoice/P1/C1/I1", "V1|I1");
	synced(k, "invoice/P1/C1/I2", "V1|I2");
	return k;
}

static void
children_first(void **state)
{
	struct kit *k = contract("cmic");

	(void)state;
	assert_string_equal(flow_unlink(k, "commitment/P1/C1", "deleted", false), "E-70");
	assert_non_null(strstr(k->err.msg, "cco/P1/C1/1, invoice/P1/C1/I1, invoice/P1/C1/I2"));
	assert_string_equal(kit_state(k, "commitment/P1/C1"), "synced");
	assert_string_equal(flow_unlink(k, "invoice/P1/C1/I2", "deleted", false), "");
	assert_string_equal(flow_unlink(k, "invoice/P1/C1/I1", "deleted", false), "");
	assert_string_equal(flow_unlink(k, "commitment/P1/C1", "deleted", false), "E-70");
	assert_string_equal(flow_unlink(k, "cco/P1/C1/1", "deleted", false), "");
	assert_string_equal(flow_unlink(k, "commitment/P1/C1", "deleted", false), "");
	assert_string_equal(kit_state(k, "commitment/P1/C1"), "unlinked");
	assert_null(kit_item(k, "commitment/P1/C1").erp_id);
	assert_string_equal(flow_unlink(k, "commitment/P1/C1", "deleted", false), "E-75");
	gate_close(k);
}

static int
count_unlinked(void *ctx, const struct log_row *r, struct eg_err *err)
{
	(void)err;
	if (strcmp(r->event, "unlinked") == 0 && strstr(r->detail, "\"gone\":\"all deleted, ticket 7\"") != NULL)
		(*(unsigned *)ctx)++;
	return EG_OK;
}

static void
everything_at_once(void **state)
{
	struct kit *k = contract("cmic");
	unsigned n = 0;

	(void)state;
	assert_string_equal(flow_unlink(k, "commitment/P1/C1", NULL, true), "E-70"); /* still needs the statement */
	assert_string_equal(kit_state(k, "invoice/P1/C1/I2"), "synced");
	assert_string_equal(flow_unlink(k, "commitment/P1/C1", "all deleted, ticket 7", true), "");
	assert_string_equal(kit_state(k, "cco/P1/C1/1"), "unlinked");
	assert_string_equal(kit_state(k, "invoice/P1/C1/I1"), "unlinked");
	assert_string_equal(kit_state(k, "commitment/P1/C1"), "unlinked");
	kit_good(k, store_log_each(k->s.store, NULL, 0, count_unlinked, &n, &k->err));
	assert_int_equal(n, 4);
	gate_close(k);
}

static void
payments_never(void **state)
{
	struct kit *k = contract("cmic");

	(void)state;
	flow_give(k, "p", "payment",
	    "payment.pm_id=7;project.number=P1;commitment.number=C1;invoice.invoice_number=I1;payment.check_number=77",
	    NULL);
	synced(k, "payment/7", "V1|77");
	assert_string_equal(flow_unlink(k, "payment/7", "voided", false), "E-72");
	assert_string_equal(flow_unlink(k, "invoice/P1/C1/I1", "deleted", false), "E-70");
	assert_string_equal(flow_unlink(k, "commitment/P1/C1", "deleted", true), "E-72");
	assert_string_equal(kit_state(k, "cco/P1/C1/1"), "synced"); /* all or nothing */
	gate_close(k);
}

static void
proof(void **state)
{
	struct kit *k = contract("acumatica");

	(void)state;
	assert_string_equal(flow_unlink(k, "cco/P1/C1/1", NULL, false), "E-71");
	assert_string_equal(flow_unlink(k, "cco/P1/C1/1", "", false), "E-71");
	assert_string_equal(flow_unlink(k, "invoice/P1/C1/I2", NULL, false), "E-70");
	assert_string_equal(flow_unlink(k, "cco/P1/C1/1", "reversed in CO000012", false), "");
	gate_close(k);
}

/* ---- companies: the ERP's list knows ---- */

static void
erp_list(struct kit *k, const char *name, const char *first, const char *second)
{
	gate_begin(k);
	kit_drop(k, k->s.erp, name);
	kit_give(k, ADP_TAKEN, "erp-vendor", 2, first, NULL);
	if (second != NULL)
		kit_give(k, ADP_TAKEN, "erp-vendor", 3, second, NULL);
	kit_settle(k, false);
	gate_commit(k);
}

static void
wrong_company(void **state)
{
	struct kit *k = flow_open("cmic", "");

	(void)state;
	erp_list(k, "v1", "vendor.origin_code=V5;vendor.name=Five", "vendor.origin_code=V6;vendor.name=Six");
	flow_give(k, "v", "vendor", "vendor.pm_id=2;vendor.name=Two", NULL);
	flow_decide(k, "link", "vendor/2", "V5");
	assert_string_equal(kit_state(k, "erp-vendor/V5"), "synced");
	assert_string_equal(flow_unlink(k, "erp-vendor/V5", NULL, false), "E-75");
	assert_non_null(strstr(k->err.msg, "erpgate unlink vendor/2"));
	assert_string_equal(flow_unlink(k, "vendor/2", NULL, false), ""); /* only tied: nothing was made there */
	assert_string_equal(kit_state(k, "vendor/2"), "unlinked");
	assert_string_equal(kit_state(k, "erp-vendor/V5"), "importable");
	flow_decide(k, "link", "vendor/2", "V6");
	assert_string_equal(kit_state(k, "erp-vendor/V6"), "synced");
	gate_close(k);
}

static void
deleted_company(void **state)
{
	struct kit *k = flow_open("cmic", "");

	(void)state;
	synced(k, "vendor/1", "V1");
	erp_list(k, "v1", "vendor.origin_code=V1;vendor.name=One", "vendor.origin_code=V6;vendor.name=Six");
	assert_string_equal(kit_state(k, "erp-vendor/V1"), "synced");
	assert_string_equal(flow_unlink(k, "vendor/1", "deleted", false), "E-70"); /* the list says otherwise */
	assert_non_null(strstr(k->err.msg, "newest list"));
	erp_list(k, "v2", "vendor.origin_code=V6;vendor.name=Six of them", NULL);
	assert_string_equal(flow_unlink(k, "vendor/1", NULL, false), "E-70");
	assert_string_equal(flow_unlink(k, "vendor/1", "deleted", false), "");
	assert_string_equal(kit_state(k, "erp-vendor/V1"), "archived");
	gate_close(k);
}

static void
company_with_contracts(void **state)
{
	struct kit *k = contract("cmic");

	(void)state;
	synced(k, "vendor/1", "V1");
	assert_string_equal(flow_unlink(k, "vendor/1", "deleted", false), "E-70");
	assert_non_null(strstr(k->err.msg, "commitment/P1/C1"));
	assert_string_equal(flow_unlink(k, "project/P1", "deleted", false), "E-70");
	gate_close(k);
}

/* ---- putting away ---- */

static const char *
archive(struct kit *k, const char *iid)
{
	struct item it = kit_item(k, iid);
	int rc;

	gate_begin(k);
	rc = act_archive(&k->s, &it, true, &k->err);
	if (rc == EG_OK)
		gate_commit(k);
	else
		store_rollback(k->s.store);
	return rc == EG_OK ? "" : k->err.code;
}

static void
number_is_free_again(void **state)
{
	static const char *const head = "project.number=P1;commitment.number=C1;vendor.pm_id=1;commitment.title=Wall";
	struct kit *k = contract("cmic");

	(void)state;
	assert_string_equal(archive(k, "commitment/P1/C1"), "E-73");
	assert_string_equal(archive(k, "invoice/P1/C1/I1"), "E-73");
	assert_string_equal(flow_unlink(k, "commitment/P1/C1", "voided there", true), "");
	assert_string_equal(archive(k, "invoice/P1/C1/I1"), "E-73"); /* I2 came after it */
	assert_non_null(strstr(k->err.msg, "erpgate archive invoice/P1/C1/I2"));
	assert_string_equal(archive(k, "invoice/P1/C1/I2"), "");
	assert_string_equal(archive(k, "invoice/P1/C1/I1"), "");
	assert_string_equal(archive(k, "commitment/P1/C1"), "");
	flow_give(k, "again", "commitment",
	    "project.number=P1;commitment.number=C1;vendor.pm_id=1;commitment.title=Roof", SC);
	assert_string_equal(kit_state(k, "commitment/P1/C1"), "archived"); /* the same record is no new one */
	flow_give(k, "new", "commitment", head, SC);
	assert_string_equal(kit_state(k, "commitment/P1/C1"), "waiting");
	assert_int_equal(kit_item(k, "commitment/P1/C1").rev_no, 2);
	gate_close(k);
}

/* ---- documents that were voided ---- */

static void
steps_for_void(void **state)
{
	struct kit *k = contract("acumatica");
	struct eg_buf b = EG_BUF_INIT;

	(void)state;
	kit_good(k, voided_steps(&k->s, "E-37", "cco/P1/C1/1", &b, &k->err));
	assert_non_null(
	    strstr(eg_buf_cstr(&b), "reverse it in the accounting system, then erpgate unlink cco/P1/C1/1 --gone"));
	eg_buf_clear(&b);
	kit_good(k, voided_steps(&k->s, "E-37", "commitment/P1/C1", &b, &k->err));
	assert_non_null(strstr(eg_buf_cstr(&b), "then erpgate archive commitment/P1/C1"));
	eg_buf_clear(&b);
	kit_good(k, voided_steps(&k->s, "E-37", "commitment/P1/C9", &b, &k->err)); /* never came */
	kit_good(k, voided_steps(&k->s, "F-21", "commitment/P1/C1", &b, &k->err)); /* not about a status */
	assert_int_equal(b.len, 0);
	eg_buf_done(&b);
	gate_close(k);
}

/* ---- payments after a failure ---- */

static void
another_check_number(void **state)
{
	struct kit *k = flow_open("cmic", "cmic.payment_export = yes\n");
	struct eg_buf text = EG_BUF_INIT;
	struct decision d;

	(void)state;
	flow_give(k, "i", "invoice",
	    "project.number=P1;commitment.number=C1;invoice.invoice_number=I1;invoice.number=1", BILL);
	synced(k, "invoice/P1/C1/I1", "V1|I1");
	flow_give(k, "p", "payment",
	    "payment.pm_id=7;project.number=P1;commitment.number=C1;invoice.invoice_number=I1;payment.check_number=77;payment.amount=10.00",
	    NULL);
	flow_decide(k, "accept", "payment/7", "99"); /* no number of its own yet to correct: the record's counts */
	kit_good(k, decision_get(k->s.store, kit_item(k, "payment/7").accepted, &k->a, &d, &k->err));
	assert_string_equal(d.erp_id, "");
	assert_int_equal(flow_batches(k), 1);
	assert_non_null(strstr(kit_item(k, "payment/7").sent_key, "77"));
	flow_answer(k, "payment/7", "check number already used");
	flow_decide(k, "accept", "payment/7", "4711");
	assert_int_equal(flow_batches(k), 1);
	assert_non_null(strstr(kit_item(k, "payment/7").sent_key, "4711"));
	kit_good(k, eg_fs_read_file(k->s.dir, "spool/out/cmic/CMIC_PAYMENT_B000003.csv", 1 << 20, &text, &k->err));
	assert_non_null(strstr(eg_buf_cstr(&text), ",4711,"));
	assert_null(strstr(eg_buf_cstr(&text), ",77,"));
	eg_buf_done(&text);
	gate_close(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(children_first),
		cmocka_unit_test(everything_at_once),
		cmocka_unit_test(payments_never),
		cmocka_unit_test(proof),
		cmocka_unit_test(wrong_company),
		cmocka_unit_test(deleted_company),
		cmocka_unit_test(company_with_contracts),
		cmocka_unit_test(number_is_free_again),
		cmocka_unit_test(steps_for_void),
		cmocka_unit_test(another_check_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
