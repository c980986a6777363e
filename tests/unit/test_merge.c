/* SPDX-License-Identifier: MIT
 *
 * Companies that are one: whose ERP key a document gets before, after and after the undoing of a merge; what may not be merged; vendors of the ERP that
 * become one, with their costs and payments.
 */
#include "intake_kit.h"

#include "gateway/workflow/intake.h"
#include "gateway/workflow/merge.h"
#include "gateway/workflow/unique.h"

/* Companies 1 = V1, 2 = V2 (linked), 3 open; project P1 = J1; commitments C1 of company 1, C2 of company 2 (left already), C3 of company 2, C4 of company 3. */
static struct kit *
world(void)
{
	struct kit *k = kit_open("cmic");

	kit_drop(k, "cmic", "erp.csv");
	kit_give(k, ADP_TAKEN, "erp-vendor", 2, "vendor.origin_code=V1;vendor.name=One", NULL);
	kit_give(k, ADP_TAKEN, "erp-vendor", 3, "vendor.origin_code=V2;vendor.name=Two", NULL);
	kit_give(k, ADP_TAKEN, "erp-vendor", 4, "vendor.origin_code=V3;vendor.name=Three", NULL);
	kit_give(k, ADP_TAKEN, "erp-project", 5, "project.origin_code=J1", NULL);
	kit_drop(k, "procore", "own.csv");
	kit_give(k, ADP_TAKEN, "vendor", 2, "vendor.pm_id=1;vendor.name=One;vendor.origin_code=V1", NULL);
	kit_give(k, ADP_TAKEN, "vendor", 3, "vendor.pm_id=2;vendor.name=Two;vendor.origin_code=V2", NULL);
	kit_give(k, ADP_TAKEN, "vendor", 4, "vendor.pm_id=3;vendor.name=Three", NULL);
	kit_give(k, ADP_TAKEN, "project", 5, "project.number=P1;project.name=A;project.origin_code=J1", NULL);
	kit_give(k, ADP_TAKEN, "commitment", 6, "project.number=P1;commitment.number=C1;vendor.pm_id=1", NULL);
	kit_give(k, ADP_TAKEN, "commitment", 7, "project.number=P1;commitment.number=C2;vendor.pm_id=2", NULL);
	kit_give(k, ADP_TAKEN, "commitment", 8, "project.number=P1;commitment.number=C3;vendor.pm_id=2", NULL);
	kit_give(k, ADP_TAKEN, "commitment", 9, "project.number=P1;commitment.number=C4;vendor.pm_id=3", NULL);
	kit_give(k, ADP_TAKEN, "cco", 10, "project.number=P1;commitment.number=C2;change_order.number=1", NULL);
	kit_settle(k, false);
	kit_set(k, "commitment/P1/C2", ST_SYNCED, "C2", 1);
	kit_settle(k, false);
	return k;
}

static const char *
erp_vendor_of(struct kit *k, const char *iid)
{
	struct item it = kit_item(k, iid);
	struct enrich_srcs srcs = { 0 };
	struct rec r;
	const char *v;

	kit_good(k, item_record(k->s.store, it.rev, &k->a, &r, &k->err));
	kit_good(k, enrich(&k->s, &it, NULL, &k->a, &r, &srcs, &k->err));
	free(srcs.file);
	v = head_text(&k->a, &r, "erp.vendor");
	return v == NULL ? "" : v;
}

static const char * /* the code that refuses, "" = done */
merge(struct kit *k, const char *kept, const char *gone)
{
	struct item a = kit_item(k, kept), b = kit_item(k, gone);
	int rc = act_merge(&k->s, &a, &b, "moved", &k->err);

	if (rc == EG_OK)
		kit_settle(k, false);
	else
		assert_int_equal(rc, EG_BADREC);
	return rc == EG_OK ? "" : k->err.code;
}

static const char *
unmerge(struct kit *k, const char *gone)
{
	struct item b = kit_item(k, gone);
	int rc = act_unmerge(&k->s, &b, NULL, &k->err);

	if (rc == EG_OK)
		kit_settle(k, false);
	return rc == EG_OK ? "" : k->err.code;
}

static void
documents_follow(void **state)
{
	struct kit *k = world();

	(void)state;
	assert_string_equal(kit_state(k, "commitment/P1/C4"), "held"); /* E-01: company 3 is not in the ERP */
	assert_string_equal(merge(k, "vendor/1", "vendor/3"), "");
	assert_string_equal(kit_state(k, "vendor/3"), "archived");
	assert_string_equal(kit_state(k, "commitment/P1/C4"), "waiting");
	assert_string_equal(erp_vendor_of(k, "commitment/P1/C4"), "V1");
	/* A linked company stays what it is; what it left behind keeps its key, what comes gets the survivor's. */
	assert_string_equal(erp_vendor_of(k, "commitment/P1/C3"), "V2");
	assert_string_equal(merge(k, "vendor/1", "vendor/2"), "");
	assert_string_equal(kit_state(k, "vendor/2"), "synced");
	assert_string_equal(kit_item(k, "vendor/2").erp_id, "V2");
	assert_string_equal(erp_vendor_of(k, "commitment/P1/C3"), "V1");
	assert_string_equal(erp_vendor_of(k, "cco/P1/C2/1"), "V2");
	/* C3 leaves as V1's, then the merge is undone: its change orders go on as V1's. */
	kit_set(k, "commitment/P1/C3", ST_SYNCED, "C3", 1);
	kit_give(k, ADP_TAKEN, "cco", 11, "project.number=P1;commitment.number=C3;change_order.number=1", NULL);
	assert_string_equal(unmerge(k, "vendor/2"), "");
	assert_string_equal(erp_vendor_of(k, "cco/P1/C3/1"), "V1");
	assert_string_equal(erp_vendor_of(k, "cco/P1/C2/1"), "V2");
	assert_string_equal(unmerge(k, "vendor/3"), "");
	assert_string_equal(kit_state(k, "vendor/3"), "waiting");
	assert_string_equal(kit_state(k, "commitment/P1/C4"), "held");
	kit_close(k);
}

static void
chains(void **state)
{
	struct kit *k = world();
	const char **names;
	size_t n;

	(void)state;
	assert_string_equal(merge(k, "vendor/2", "vendor/3"), "");
	assert_string_equal(merge(k, "vendor/1", "vendor/2"), "");
	assert_string_equal(erp_vendor_of(k, "commitment/P1/C4"), "V1");
	kit_good(k, merge_names(&k->s, REC_VENDOR, "3", &k->a, &names, &n, &k->err));
	assert_int_equal(n, 3);
	assert_string_equal(names[0], "3");
	assert_string_equal(names[1], "1");
	assert_string_equal(names[2], "2");
	/* A link of the chain that goes takes with it what stood behind it. */
	assert_string_equal(unmerge(k, "vendor/2"), "");
	assert_string_equal(erp_vendor_of(k, "commitment/P1/C4"), "V2");
	kit_close(k);
}

static void
refusals(void **state)
{
	struct kit *k = world();
	struct item it;

	(void)state;
	assert_string_equal(merge(k, "vendor/1", "vendor/1"), "F-35");
	assert_string_equal(merge(k, "vendor/1", "erp-vendor/V3"), "F-35");
	assert_string_equal(merge(k, "project/P1", "project/P1"), "F-35");
	assert_string_equal(merge(k, "vendor/3", "vendor/1"), "E-08"); /* the linked one must survive */
	assert_string_equal(merge(k, "erp-vendor/V1", "erp-vendor/V2"), "E-08"); /* of two companies */
	assert_string_equal(unmerge(k, "vendor/1"), "F-35");
	kit_set(k, "vendor/3", ST_EXPORTED, NULL, -1);
	assert_string_equal(merge(k, "vendor/1", "vendor/3"), "E-75");
	kit_set(k, "vendor/3", ST_ARCHIVED, NULL, -1);
	assert_string_equal(merge(k, "vendor/3", "vendor/1"), "E-08");
	kit_set(k, "vendor/3", ST_WAITING, NULL, -1);
	assert_string_equal(merge(k, "vendor/1", "vendor/3"), "");
	assert_string_equal(merge(k, "vendor/2", "vendor/3"), "E-75"); /* merged already */
	assert_string_equal(merge(k, "vendor/3", "vendor/2"), "E-75"); /* into one that is merged: a circle begins so */
	it = kit_item(k, "vendor/3");
	assert_int_equal(act_archive(&k->s, &it, false, &k->err), EG_BADREC);
	assert_string_equal(k->err.code, "E-75");
	kit_close(k);
}

static void
vendors_of_the_erp(void **state)
{
	struct kit *k = world();
	struct item it;

	(void)state;
	/* V2 is V3 in truth: company 2 goes over, V2 is hidden, whoever names V2 means V3. */
	assert_string_equal(merge(k, "erp-vendor/V3", "erp-vendor/V2"), "");
	assert_string_equal(kit_item(k, "vendor/2").erp_id, "V3");
	assert_string_equal(kit_state(k, "erp-vendor/V2"), "archived");
	assert_string_equal(kit_state(k, "erp-vendor/V3"), "synced");
	assert_string_equal(erp_vendor_of(k, "commitment/P1/C3"), "V3");
	it = kit_item(k, "vendor/3");
	assert_int_equal(unique_link(&k->s, &it, "V2", &k->a, &k->err), EG_BADREC);
	assert_string_equal(k->err.code, "E-08");
	assert_non_null(strstr(k->err.msg, "erp-vendor/V3"));
	/* The list that still has V2, also as inactive and active again, does not bring it back. */
	kit_drop(k, "cmic", "erp2.csv");
	kit_give(k, ADP_ARCHIVED, "erp-vendor", 3, "vendor.origin_code=V2;vendor.name=Two;vendor.is_active=no", NULL);
	kit_give(k, ADP_TAKEN, "erp-vendor", 3, "vendor.origin_code=V2;vendor.name=Two;vendor.is_active=yes", NULL);
	kit_settle(k, false);
	assert_string_equal(kit_state(k, "erp-vendor/V2"), "archived");
	/* A company that comes with V2 is told who has it. */
	kit_drop(k, "procore", "own2.csv");
	kit_give(k, ADP_TAKEN, "vendor", 2, "vendor.pm_id=9;vendor.name=Nine;vendor.origin_code=V2", NULL);
	kit_settle(k, false);
	assert_string_equal(kit_state(k, "vendor/9"), "rejected"); /* E-08: vendor/2 has V3 */
	assert_string_equal(unmerge(k, "erp-vendor/V2"), "");
	assert_string_equal(kit_item(k, "vendor/2").erp_id, "V2");
	assert_string_equal(kit_state(k, "erp-vendor/V2"), "synced");
	kit_close(k);
}

static void
invoices_come_back(void **state)
{
	struct kit *k = world();

	(void)state;
	kit_give(k, ADP_TAKEN, "invoice", 12,
	    "project.number=P1;commitment.number=C2;invoice.invoice_number=INV1;invoice.number=1", NULL);
	kit_sent(k, "invoice/P1/C2/INV1", "V2|INV1");
	kit_set(k, "invoice/P1/C2/INV1", ST_SYNCED, "INV1", 1);
	assert_string_equal(merge(k, "erp-vendor/V3", "erp-vendor/V2"), "");
	/* The ERP books and pays it under the surviving vendor: it is our invoice all the same. */
	kit_drop(k, "cmic", "costs.csv");
	kit_give(k, ADP_TAKEN, "erp-cost", 4,
	    "cost.transaction_id=1-000001;project.origin_code=J1;cost.vendor=V3;cost.invoice_number=INV1;cost.type=invoice",
	    NULL);
	kit_give(k, ADP_TAKEN, "erp-payment", 5,
	    "vendor.origin_code=V3;payment.number=77;invoice.invoice_number=INV1;payment.amount=1.00", NULL);
	kit_settle(k, false);
	assert_non_null(strstr(kit_findings(k), "costs.csv,4,E-26,"));
	assert_string_equal(kit_state(k, "erp-payment/V3/77/INV1"), "approved");
	kit_close(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(documents_follow), cmocka_unit_test(chains),
		cmocka_unit_test(refusals), cmocka_unit_test(vendors_of_the_erp),
		cmocka_unit_test(invoices_come_back) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
