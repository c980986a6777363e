/* SPDX-License-Identifier: MIT
 *
 * Decisions row by row: numbers and links that only one item may have, comments that a site asks for, who may not decide. Tests are scripts of decisions over a
 * small world; each step names the code that refuses it, "" when it counts.
 */
#include "intake_kit.h"

#include "gateway/workflow/unique.h"

/* vendors 1001-1003, 1003 = ERP vendor V3; ERP vendors V1, V3 and, archived, V9; projects P1, P2; ERP job J1; commitments of vendor 1001 (P1/C1, P1/C2, P2/C1)
 * and 1002 (P1/C3), each with an invoice INV1; payments with check numbers 77, 77, 88, none; an ERP payment with check 88. */
static void
records(struct kit *k)
{
	kit_drop(k, k->s.erp, "erp.csv");
	kit_give(k, ADP_TAKEN, "erp-vendor", 2, "vendor.origin_code=V1;vendor.name=One", NULL);
	kit_give(k, ADP_TAKEN, "erp-vendor", 3, "vendor.origin_code=V3;vendor.name=Three", NULL);
	kit_give(k, ADP_ARCHIVED, "erp-vendor", 4, "vendor.origin_code=V9;vendor.name=Nine", NULL);
	kit_give(k, ADP_TAKEN, "erp-vendor", 5, "vendor.origin_code=A/B%;vendor.name=Odd key", NULL);
	kit_give(k, ADP_TAKEN, "erp-project", 6, "project.origin_code=J1", NULL);
	kit_give(k, ADP_TAKEN, "erp-payment", 7,
	    "vendor.origin_code=V1;payment.number=1;invoice.invoice_number=X;payment.check_number=88", NULL);
	kit_drop(k, "procore", "all.csv");
	kit_give(k, ADP_TAKEN, "vendor", 2, "vendor.pm_id=1001;vendor.name=A", NULL);
	kit_give(k, ADP_TAKEN, "vendor", 3, "vendor.pm_id=1002;vendor.name=B", NULL);
	kit_give(k, ADP_TAKEN, "vendor", 4, "vendor.pm_id=1003;vendor.name=C;vendor.origin_code=V3", NULL);
	kit_give(k, ADP_TAKEN, "project", 5, "project.number=P1;project.name=A", NULL);
	kit_give(k, ADP_TAKEN, "project", 6, "project.number=P2;project.name=B", NULL);
	kit_give(k, ADP_TAKEN, "commitment", 7, "project.number=P1;commitment.number=C1;vendor.pm_id=1001", NULL);
	kit_give(k, ADP_TAKEN, "commitment", 8, "project.number=P1;commitment.number=C2;vendor.pm_id=1001", NULL);
	kit_give(k, ADP_TAKEN, "commitment", 9, "project.number=P1;commitment.number=C3;vendor.pm_id=1002", NULL);
	kit_give(k, ADP_TAKEN, "commitment", 10, "project.number=P2;commitment.number=C1;vendor.pm_id=1001", NULL);
	kit_give(
	    k, ADP_TAKEN, "invoice", 11, "project.number=P1;commitment.number=C1;invoice.invoice_number=INV1", NULL);
	kit_give(
	    k, ADP_TAKEN, "invoice", 12, "project.number=P1;commitment.number=C2;invoice.invoice_number=INV1", NULL);
	kit_give(
	    k, ADP_TAKEN, "invoice", 13, "project.number=P1;commitment.number=C3;invoice.invoice_number=INV1", NULL);
	kit_give(k, ADP_TAKEN, "payment", 14,
	    "payment.pm_id=1;project.number=P1;commitment.number=C1;payment.check_number=77", NULL);
	kit_give(k, ADP_TAKEN, "payment", 15,
	    "payment.pm_id=2;project.number=P1;commitment.number=C2;payment.check_number=77", NULL);
	kit_give(k, ADP_TAKEN, "payment", 16,
	    "payment.pm_id=3;project.number=P1;commitment.number=C2;payment.check_number=88", NULL);
	kit_give(k, ADP_TAKEN, "payment", 17, "payment.pm_id=4;project.number=P1;commitment.number=C2", NULL);
	kit_settle(k, false);
}

static struct kit *
world(const char *erp, const char *settings)
{
	struct kit *k = kit_open(erp);
	struct user pat = {
		.name = "pat", .role = ROLE_STANDARD, .active = true, .types = "all", .account = "root", .added = 1
	};

	conf_free(&k->s.conf);
	kit_good(k, conf_parse(eg_bytes_str(settings), "erpgate.conf", &k->s.conf, &k->err));
	kit_good(k, user_put(k->s.store, &pat, &k->err));
	records(k);
	return k;
}

static int
add_code(void *ctx, const struct finding *f, struct eg_err *err)
{
	struct kit *k = ctx;

	(void)err;
	if (strcmp(f->source, "approvals") == 0)
		eg_buf_printf(&k->out, "%s%s", k->out.len > 0 ? " " : "", f->code);
	return EG_OK;
}

static struct decide_counts
decide(struct kit *k, const char *verdict, const char *item, const char *erp_id, const char *comment)
{
	struct decide_row r = { .row = 2,
		.item = item,
		.content = "",
		.verdict = verdict,
		.erp_id = erp_id,
		.transaction_date = "",
		.accounting_date = "",
		.description = "",
		.comment = comment };
	struct decide_by by = {
		.approver = "pat", .assurance = "command", .manifest = "P000001", .file = "command", .any_content = true
	};
	struct decide_counts c = { 0 };
	struct finding_filter f = { 0 };

	kit_run(k);
	f.run = k->s.run;
	kit_good(k, decide_rows(&k->s, &by, &r, 1, &c, &k->err));
	eg_buf_clear(&k->out);
	kit_good(k, store_finding_each(k->s.store, &f, add_code, k, &k->err));
	return c;
}

static const struct script {
	const char *name, *erp, *settings;
	struct step {
		const char *verdict, *item, *erp_id, *comment, *code;
	} step[5];
} scripts[] = {
	{ "vendor ID typed twice, capitals or not", "cmic", "",
	    { { "accept", "vendor/1001", "Acme1", "", "" }, { "accept", "vendor/1002", "ACME1", "", "E-03" },
		{ "accept", "vendor/1002", "acme2", "", "" } } },
	{ "vendor ID that the ERP has", "cmic", "",
	    { { "accept", "vendor/1001", "v1", "", "E-03" }, { "accept", "vendor/1001", "V1", "", "E-03" } } },
	{ "vendor ID with the signs of item ids", "acumatica", "",
	    { { "accept", "vendor/1001", "a/b%", "", "E-03" }, { "accept", "vendor/1001", "a/b", "", "" } } },
	{ "vendor ID that a linked company has", "cmic", "", { { "accept", "vendor/1001", "V3", "", "E-03" } } },
	{ "a refused number is free", "cmic", "",
	    { { "accept", "vendor/1001", "V1", "", "E-03" }, { "reject", "vendor/1001", "", "no", "" },
		{ "accept", "vendor/1002", "V1X", "", "" } } },
	{ "job ID", "cmic", "",
	    { { "accept", "project/P1", "j1", "", "E-13" }, { "accept", "project/P1", "NEW", "", "" },
		{ "accept", "project/P2", "new", "", "E-13" } } },
	{ "commitment number in one project", "cmic", "",
	    { { "accept", "commitment/P1/C1", "", "", "" }, { "accept", "commitment/P1/C2", "c1", "", "E-35" },
		{ "accept", "commitment/P2/C1", "", "", "" } } },
	{ "codes that differ in capitals are two for MRI", "mri", "",
	    { { "accept", "commitment/P1/C1", "", "", "" }, { "accept", "commitment/P1/C2", "c1", "", "" },
		{ "accept", "commitment/P1/C3", "c1", "", "E-35" } } },
	{ "invoice number of one vendor", "cmic", "",
	    { { "accept", "invoice/P1/C1/INV1", "", "", "" }, { "accept", "invoice/P1/C2/INV1", "", "", "E-50" },
		{ "accept", "invoice/P1/C3/INV1", "", "", "" },
		{ "accept", "invoice/P1/C2/INV1", "INV1-B", "", "" } } },
	{ "check number of another payment", "cmic", "",
	    { { "accept", "payment/1", "", "", "" }, { "accept", "payment/2", "OTHER", "", "E-61" },
		{ "accept", "payment/3", "", "", "E-61" }, { "accept", "payment/4", "", "", "" } } },
	{ "link", "cmic", "",
	    { { "link", "vendor/1001", "V3", "", "E-08" }, { "link", "vendor/1001", "V9", "", "E-08" },
		{ "link", "vendor/1001", "NOSUCH", "", "F-33" }, { "link", "vendor/1001", "", "", "F-33" },
		{ "link", "vendor/1001", "V1", "", "" } } },
	{ "link of what another row took", "cmic", "",
	    { { "link", "vendor/1001", "V1", "", "" }, { "link", "vendor/1002", "V1", "", "E-08" },
		{ "link", "project/P1", "J1", "", "" }, { "link", "project/P2", "J1", "", "E-08" },
		{ "link", "commitment/P1/C1", "J1", "", "F-35" } } },
	{ "companies go nowhere in MRI", "mri", "",
	    { { "accept", "vendor/1001", "X", "", "F-35" }, { "link", "vendor/1001", "V1", "", "" } } },
	{ "words that are no verdict", "cmic", "",
	    { { "approve", "vendor/1001", "X", "", "F-35" }, { "Accept", "vendor/1001", "X", "", "F-35" } } },
	{ "no comment needed", "cmic", "", { { "reject", "vendor/1001", "", "", "" } } },
	{ "comment needed", "cmic", "approvals.reject_needs_comment = yes\n",
	    { { "reject", "vendor/1001", "", "", "F-20" }, { "accept", "vendor/1002", "X2", "", "" },
		{ "reject", "vendor/1001", "", "wrong name", "" } } },
	{ "who dropped it decides", "cmic", "", { { "accept", "vendor/1001", "X", "", "" } } },
	{ "who dropped it does not decide", "cmic", "approvals.separate_submitter = yes\n",
	    { { "accept", "vendor/1001", "X", "", "E-74" }, { "reject", "vendor/1001", "", "no", "E-74" } } },
};

static void
test_scripts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		struct kit *k = world(scripts[i].erp, scripts[i].settings);

		for (size_t n = 0; n < 5 && scripts[i].step[n].verdict != NULL; n++) {
			const struct step *s = &scripts[i].step[n];
			struct item before = kit_item(k, s->item);
			struct decide_counts c = decide(k, s->verdict, s->item, s->erp_id, s->comment);
			bool refused = *s->code != '\0';
			if (strcmp(eg_buf_cstr(&k->out), s->code) != 0 || c.refused != refused)
				fail_msg("%s, step %zu: %u refused, \"%s\"", scripts[i].name, n + 1, c.refused,
				    eg_buf_cstr(&k->out));
			struct item after = kit_item(k, s->item);
			if (refused && (after.state != before.state || after.accepted != before.accepted))
				fail_msg("%s, step %zu: refused, and still %s became %s", scripts[i].name, n + 1,
				    state_word(before.state), state_word(after.state));
		}
		kit_close(k);
	}
}

/* Every row has its decision on record, refused ones with their code. */
static int
add_decision(void *ctx, const struct decision *d, struct eg_err *err)
{
	(void)err;
	eg_buf_printf(ctx, "%u %s %s %s %s\n", d->row, d->iid, d->verdict, d->result, d->code);
	return EG_OK;
}

static void
test_rows_apply_in_order(void **state)
{
	struct kit *k = world("cmic", "");
	struct decide_row rows[] = {
		{ 2, "vendor/1001", "", "accept", "ACME", "", "", "", "" },
		{ 3, "vendor/1002", "", "accept", "ACME", "", "", "", "" },
		{ 4, "nothing/1", "", "accept", "", "", "", "", "" },
		{ 5, "vendor/1002", "", "", "IGNORED", "", "", "", "" },
		{ 6, "commitment/P1/C1", "", "accept", "", "2026-02-30", "", "", "" },
		{ 7, "commitment/P1/C1", "", "accept", "", "2026-02-28", "", "", "" },
	};
	struct decide_by by = {
		.approver = "pat", .assurance = "command", .manifest = "P000001", .file = "s.csv", .any_content = true
	};
	struct decide_counts c = { 0 };
	struct eg_buf b = EG_BUF_INIT;

	(void)state;
	kit_good(k, decide_rows(&k->s, &by, rows, sizeof(rows) / sizeof(rows[0]), &c, &k->err));
	kit_good(k, decision_each(k->s.store, "P000001", 0, add_decision, &b, &k->err));
	assert_string_equal(eg_buf_cstr(&b),
	    "2 vendor/1001 accept applied \n3 vendor/1002 accept refused E-03\n4 nothing/1 accept refused F-35\n"
	    "6 commitment/P1/C1 accept refused F-21\n7 commitment/P1/C1 accept applied \n");
	assert_int_equal(c.accepted, 2);
	assert_int_equal(c.refused, 3);
	eg_buf_done(&b);
	kit_close(k);
}

/* The same rules for `erpgate link`. */
static const struct {
	const char *name, *kind, *key, *erp_id, *code;
} links[] = {
	{ "good", "vendor", "1001", "V1", "" },
	{ "by item id", "project", "project/P1", "J1", "" },
	{ "taken", "vendor", "1001", "V3", "E-08" },
	{ "archived", "vendor", "1001", "V9", "E-08" },
	{ "not in the list", "vendor", "1001", "V2", "F-33" },
	{ "no such company", "vendor", "77", "V1", "F-35" },
	{ "an item of another type", "vendor", "commitment/P1/C1", "V1", "F-35" },
	{ "a project as a company", "vendor", "project/P1", "V1", "F-35" },
	{ "nothing that is linked", "commitment", "P1/C1", "V1", "F-35" },
	{ "linked already", "vendor", "1003", "V3", "E-75" },
};

static void
test_act_link(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		struct kit *k = world("cmic", "");
		int rc = act_link(&k->s, links[i].kind, links[i].key, links[i].erp_id, &k->err);

		if (rc != (*links[i].code == '\0' ? EG_OK : EG_BADREC) ||
		    (rc != EG_OK && strcmp(k->err.code, links[i].code) != 0))
			fail_msg("%s: %d %s %s", links[i].name, rc, k->err.code, k->err.msg);
		kit_close(k);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scripts),
		cmocka_unit_test(test_rows_apply_in_order),
		cmocka_unit_test(test_act_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
