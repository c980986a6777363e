/* SPDX-License-Identifier: MIT
 *
 * Closed periods: which days are open, decisions that are refused with E-58, and items whose period was closed between the acceptance and the leaving.
 */
#include "gate_kit.h"

#include "gateway/workflow/period.h"

static const struct {
	const char *until, *open, *day;
	bool good;
} days[] = {
	{ "", "", "1999-01-01", true },
	{ "2026-10-31", "", "2026-10-31", false },
	{ "2026-10-31", "", "2026-11-01", true },
	{ "2026-10-31", "2026-09", "2026-09-30", true }, /* opened again */
	{ "2026-10-31", "2026-09", "2026-08-31", false },
	{ "2026-10-31", "2026-09", "2026-12-01", true },
	{ "", "2026-11, 2026-12", "2026-11-30", true },
	{ "", "2026-11, 2026-12", "2026-12-01", true },
	{ "", "2026-11, 2026-12", "2027-01-01", false },
	{ "", "2026-11, 2026-12", "2026-10-31", false },
};

static void
open_days(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++) {
		char *text = eg_xprintf("period.closed_until = %s\nperiod.open = %s\n", days[i].until, days[i].open);
		struct eg_date day = { 0 };
		struct conf c;
		struct eg_err err;
		assert_int_equal(conf_parse(eg_bytes_str(text), "erpgate.conf", &c, &err), EG_OK);
		assert_true(eg_date_parse(eg_bytes_str(days[i].day), EG_LIT("YYYY-MM-DD"), &day));
		if (period_open(&c, day) != days[i].good)
			fail_msg("row %zu", i);
		conf_free(&c);
		free(text);
	}
}

/* A posted commitment with a change order and an invoice of 31 January; pat may decide. GATE_NOW is in May 2026. */
static struct kit *
world(const char *settings)
{
	struct kit *k = gate_open("cmic", settings);

	sign_key_free(gate_user(k, "pat", "all", NULL, true));
	gate_begin(k);
	kit_drop(k, "procore", "all.csv");
	kit_give(k, ADP_TAKEN, "vendor", 2, "vendor.pm_id=1;vendor.name=One", NULL);
	kit_give(k, ADP_TAKEN, "project", 5, "project.number=P1;project.name=A", NULL);
	kit_give(k, ADP_TAKEN, "commitment", 6,
	    "project.number=P1;commitment.number=C1;vendor.pm_id=1;commitment.type=subcontract",
	    "line.position=1;line.cost_code=01-1000;line.cost_type=S;line.amount=100.00");
	kit_give(k, ADP_TAKEN, "invoice", 7,
	    "project.number=P1;commitment.number=C1;invoice.invoice_number=I1;invoice.number=1;invoice.billing_date=2026-01-31",
	    "line.position=1;line.kind=contract;line.commitment_line=1;line.work_completed_this_period=10.00");
	kit_settle(k, false);
	kit_set(k, "vendor/1", ST_SYNCED, "V1", -1);
	kit_set(k, "project/P1", ST_SYNCED, "J1", -1);
	kit_set(k, "commitment/P1/C1", ST_SYNCED, "C1", 1);
	kit_settle(k, false);
	gate_commit(k);
	return k;
}

#define INVOICE "invoice/P1/C1/I1"

static struct decide_counts
decide(struct kit *k, const char *verdict, const char *accounting_date)
{
	struct decide_by by = { .approver = "pat",
		.assurance = "command",
		.manifest = "P000001",
		.file = "sheet.csv",
		.any_content = true };
	struct decide_row row = { .row = 2,
		.item = INVOICE,
		.content = "",
		.verdict = verdict,
		.erp_id = "",
		.transaction_date = "",
		.accounting_date = accounting_date,
		.description = "",
		.comment = "" };
	struct decide_counts c = { 0 };

	gate_run(k);
	gate_begin(k);
	kit_good(k, decide_rows(&k->s, &by, &row, 1, &c, &k->err));
	kit_settle(k, false);
	gate_commit(k);
	return c;
}

static void
settings(struct kit *k, const char *lines)
{
	char *text = eg_xprintf("erp = cmic\nsite.name = " GATE_SITE "\n%s", lines);
	int dir = -1;

	kit_good(k, eg_fs_opendir(AT_FDCWD, k->dir, &dir, &k->err));
	kit_good(k, eg_fs_write_file(dir, "erpgate.conf", eg_bytes_str(text), 0600, true, &k->err));
	eg_fd_done(&dir);
	free(text);
	gate_reopen(k);
	gate_begin(k);
	kit_settle(k, false);
	gate_commit(k);
}

static int
keep_message(void *ctx, const struct finding *f, struct eg_err *err)
{
	struct kit *k = ctx;

	(void)err;
	if (strcmp(f->code, "E-58") == 0)
		eg_buf_str(&k->out, f->message);
	return EG_OK;
}

static void
a_closed_date_is_refused_and_told(void **state)
{
	struct kit *k = world("period.closed_until = 2026-03-31\n");
	struct finding_filter all = { .item = INVOICE };

	(void)state;
	assert_int_equal(decide(k, "accept", "").refused, 1);
	assert_string_equal(gate_codes(k), "E-58");
	eg_buf_clear(&k->out);
	kit_good(k, store_finding_each(k->s.store, &all, keep_message, k, &k->err));
	assert_string_equal(eg_buf_cstr(&k->out), INVOICE
	    " would be booked on 2026-01-31 (its billing date), but the books are closed up to 2026-03-31 (period.closed_until). "
	    "Write another day into the column Accounting Date, for example 2026-04-01, or have the period opened.");
	assert_string_equal(kit_state(k, INVOICE), "waiting");
	assert_int_equal(decide(k, "accept", "2026-03-31").refused, 1);
	assert_int_equal(decide(k, "accept", "2026-04-01").accepted, 1);
	assert_string_equal(kit_state(k, INVOICE), "approved");
	gate_close(k);
}

static void
a_rejection_needs_no_period(void **state)
{
	struct kit *k = world("period.closed_until = 2026-03-31\n");

	(void)state;
	assert_int_equal(decide(k, "reject", "").rejected, 1);
	gate_close(k);
}

static void
closed_behind_the_decision(void **state)
{
	struct kit *k = world("");
	bool again = false;

	(void)state;
	assert_int_equal(decide(k, "accept", "").accepted, 1);
	settings(k, "period.closed_until = 2026-03-31\n");
	assert_string_equal(kit_state(k, INVOICE), "held");
	assert_string_equal(kit_holds(k, INVOICE), "E-58 7 period -\n");
	struct item it = kit_item(k, INVOICE);
	kit_good(k, period_undecided(&k->s, &it, &again, &k->err));
	assert_true(again);
	/* the same again is refused; opened, it goes on by itself */
	assert_int_equal(decide(k, "accept", "").refused, 1);
	assert_string_equal(gate_codes(k), "E-58");
	settings(k, "period.closed_until = 2026-03-31\nperiod.open = 2026-01\n");
	assert_string_equal(kit_state(k, INVOICE), "approved");
	assert_string_equal(kit_holds(k, INVOICE), "");
	gate_close(k);
}

static void
decided_anew_with_another_date(void **state)
{
	struct kit *k = world("");
	struct decision d;

	(void)state;
	assert_int_equal(decide(k, "accept", "").accepted, 1);
	settings(k, "period.closed_until = 2026-03-31\n");
	assert_int_equal(decide(k, "accept", "2026-05-01").accepted, 1);
	assert_string_equal(kit_state(k, INVOICE), "approved");
	kit_good(k, decision_get(k->s.store, kit_item(k, INVOICE).accepted, &k->a, &d, &k->err));
	assert_string_equal(d.accounting_date, "2026-05-01");
	/* an accepted item whose period is open takes no other decision, as always */
	assert_int_equal(decide(k, "accept", "2026-05-02").refused, 1);
	assert_string_equal(gate_codes(k), "E-75");
	gate_close(k);
}

static void
rejected_instead(void **state)
{
	struct kit *k = world("");

	(void)state;
	assert_int_equal(decide(k, "accept", "").accepted, 1);
	settings(k, "period.closed_until = 2026-03-31\n");
	assert_int_equal(decide(k, "reject", "").rejected, 1);
	assert_string_equal(kit_state(k, INVOICE), "rejected");
	gate_close(k);
}

/* The sheet offers it again: an approver without a shell must find it. */
static void
the_sheet_lists_it(void **state)
{
	struct kit *k = world("");
	struct sheet_filter open = { 0 };
	struct eg_buf text = EG_BUF_INIT;
	unsigned rows = 0;
	char id[16];

	(void)state;
	assert_int_equal(decide(k, "accept", "").accepted, 1);
	settings(k, "period.closed_until = 2026-03-31\n");
	gate_begin(k);
	kit_good(k, sheet_write(&k->s, SHEET_CSV, &open, &text, &rows, id, &k->err));
	gate_commit(k);
	assert_true(eg_bytes_find(eg_buf_view(&text), EG_LIT(INVOICE)) < text.len);
	eg_buf_done(&text);
	gate_close(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(open_days),
		cmocka_unit_test(a_closed_date_is_refused_and_told),
		cmocka_unit_test(a_rejection_needs_no_period),
		cmocka_unit_test(closed_behind_the_decision),
		cmocka_unit_test(decided_anew_with_another_date),
		cmocka_unit_test(rejected_instead),
		cmocka_unit_test(the_sheet_lists_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
