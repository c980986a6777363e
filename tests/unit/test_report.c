/* SPDX-License-Identifier: MIT
 *
 * Reports: the table and its forms, the book of what came, and the definitions of the figures, each on a case small enough to check by hand.
 */
#include "intake_kit.h"

#include "gateway/report/reports.h"
#include "gateway/store/store_report.h"
#include "gateway/workflow/book.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* ---- the table ---- */

static const struct report_col fruit_cols[] = {
	{ "shop", "SHOP", RK_TEXT, 0 },
	{ "fruit", "FRUIT", RK_TEXT, 0 },
	{ "pieces", "PIECES", RK_INT, RP_SUM },
	{ "price", "PRICE", RK_AMOUNT, RP_SUM },
	{ "weight", "WEIGHT", RK_NUMBER, RP_SUM | RP_DETAIL },
	{ "seen", "SEEN", RK_TIME, 0 },
};

static void
fruit(struct report *r, const char *shop, const char *name, const char *pieces, const char *price)
{
	report_row(r);
	report_put(r, "shop", shop);
	report_put(r, "fruit", name);
	report_put(r, "pieces", pieces);
	report_put(r, "price", price);
}

static struct report *
fruits(void)
{
	struct report *r = report_new("fruits", "Fruits", fruit_cols, sizeof(fruit_cols) / sizeof(fruit_cols[0]));

	report_made(r, "test", 1780000000);
	report_filter(r, "shop", NULL);
	report_filter(r, "since", "30d");
	fruit(r, "b", "plum", "2", "0.10");
	fruit(r, "a", "pear", NULL, "-5.00");
	fruit(r, "b", "fig", "1", "0.20");
	report_put_time(r, "seen", 1780000000);
	fruit(r, "b", "apple", "4", NULL);
	report_note(r, "%d kinds", 4);
	r->group = 1;
	report_sort(r, 1);
	return r;
}

static void
test_order_and_sums(void **state)
{
	struct report *r = fruits();
	char *text;
	(void)state;

	/* by shop; within a shop as they came */
	assert_string_equal(r->rows[0].cells[1], "pear");
	assert_string_equal(r->rows[1].cells[1], "plum");
	assert_string_equal(r->rows[3].cells[1], "apple");
	assert_int_equal(report_group_end(r, 0), 1);
	assert_int_equal(report_group_end(r, 1), 4);

	struct report_sum s = report_sum(r, 3, 0, 4);
	text = report_sum_text(r, 3, &s);
	assert_string_equal(text, "-4.70");
	free(text);
	/* what nobody gave is not known, and no zero */
	s = report_sum(r, 2, 0, 1);
	assert_null(report_sum_text(r, 2, &s));
	s = report_sum(r, 4, 0, 4);
	assert_null(report_sum_text(r, 4, &s));
	assert_true(report_col_used(r, 2));
	assert_false(report_col_used(r, 4));
	report_free(r);
	report_free(NULL);
}

static void
test_json(void **state)
{
	struct eg_buf b = EG_BUF_INIT;
	struct report *r = fruits();
	(void)state;

	report_json(r, &b);
	assert_string_equal(eg_buf_cstr(&b),
	    "{\"type\":\"row\",\"report\":\"fruits\",\"shop\":\"a\",\"fruit\":\"pear\",\"pieces\":null,\"price\":\"-5.00\",\"weight\":null,\"seen\":null}\n"
	    "{\"type\":\"subtotal\",\"report\":\"fruits\",\"rows\":1,\"shop\":\"a\",\"pieces\":null,\"price\":\"-5.00\",\"weight\":null}\n"
	    "{\"type\":\"row\",\"report\":\"fruits\",\"shop\":\"b\",\"fruit\":\"plum\",\"pieces\":2,\"price\":\"0.10\",\"weight\":null,\"seen\":null}\n"
	    "{\"type\":\"row\",\"report\":\"fruits\",\"shop\":\"b\",\"fruit\":\"fig\",\"pieces\":1,\"price\":\"0.20\",\"weight\":null,\"seen\":\"2026-05-28T20:26:40Z\"}\n"
	    "{\"type\":\"row\",\"report\":\"fruits\",\"shop\":\"b\",\"fruit\":\"apple\",\"pieces\":4,\"price\":null,\"weight\":null,\"seen\":null}\n"
	    "{\"type\":\"subtotal\",\"report\":\"fruits\",\"rows\":3,\"shop\":\"b\",\"pieces\":7,\"price\":\"0.30\",\"weight\":null}\n"
	    "{\"type\":\"summary\",\"report\":\"fruits\",\"title\":\"Fruits\",\"site\":\"test\",\"as_of\":\"2026-05-28T20:26:40Z\",\"rows\":4,\"pieces\":7,\"price\":\"-4.70\","
	    "\"weight\":null,\"filters\":{\"since\":\"30d\"},\"notes\":[\"4 kinds\"]}\n");
	eg_buf_done(&b);
	report_free(r);
}

/* A name that a spreadsheet would run stays a name; a negative amount stays a number. */
static void
test_csv(void **state)
{
	struct eg_buf b = EG_BUF_INIT;
	struct report *r = report_new("fruits", "Fruits", fruit_cols, 4);
	struct eg_err err;
	(void)state;

	fruit(r, "=cmd()", "@sum", "1", "-2.50");
	fruit(r, "+1 fruit", "-minus", NULL, NULL);
	fruit(r, "a,\"b\"", "", "0", "0.00");
	assert_int_equal(report_csv(r, &b, &err), EG_OK);
	assert_string_equal(eg_buf_cstr(&b),
	    "shop,fruit,pieces,price\r\n'=cmd(),'@sum,1,-2.50\r\n'+1 fruit,'-minus,,\r\n\"a,\"\"b\"\"\",,0,0.00\r\n");
	eg_buf_done(&b);
	report_free(r);
}

static void
test_xlsx(void **state)
{
	struct eg_buf b[2] = { EG_BUF_INIT, EG_BUF_INIT };
	struct eg_err err;
	(void)state;

	for (size_t i = 0; i < 2; i++) {
		struct report *r = fruits();
		fruit(r, "z", "=1+1", "1", "12345678901234567.89");
		assert_int_equal(report_xlsx(r, &b[i], &err), EG_OK);
		report_free(r);
	}
	assert_true(b[0].len > 1000);
	assert_true(eg_bytes_eq(eg_buf_view(&b[0]), eg_buf_view(&b[1])));
	eg_buf_done(&b[0]);
	eg_buf_done(&b[1]);
}

/* Sums of the largest amounts are exact. */
static void
test_large_sums(void **state)
{
	struct report *r = report_new("fruits", "Fruits", fruit_cols, 4);
	(void)state;

	for (int i = 0; i < 3000; i++)
		fruit(r, "a", "b", NULL, "99999999999999999999999999.99");
	struct report_sum s = report_sum(r, 3, 0, r->nrows);
	char *text = report_sum_text(r, 3, &s);
	assert_string_equal(text, "299999999999999999999999999970.00");
	free(text);
	report_free(r);
}

/* ---- what came ---- */

static void
come(struct kit *k, struct book *b, enum adp_verdict v, const char *type, const char *head, const char *lines,
    bool whole)
{
	struct rec r = kit_rec(k, type, 2, head, lines);
	enum match_fate fate;

	kit_good(k, match_record_fate(&k->s, &k->at, &r, v, 0, 0, &fate, &k->err));
	kit_good(k, book_note(b, &k->s, k->at.file_id, &r, whole, fate, &k->err));
}

static int
add_came(void *ctx, const struct came *c, struct eg_err *err)
{
	struct kit *k = ctx;

	(void)err;
	eg_buf_printf(
	    &k->out, "%s %s %s %lld/%lld ", c->type, c->project, c->fate, (long long)c->records, (long long)c->unknown);
	eg_dec_print(&k->out, c->amount, 2);
	eg_buf_chr(&k->out, '\n');
	return EG_OK;
}

static const char *
kit_came(struct kit *k)
{
	struct came_filter f = { 0 };

	eg_buf_clear(&k->out);
	kit_good(k, came_each(k->s.store, &f, add_came, k, &k->err));
	return eg_buf_cstr(&k->out);
}

#define SC1 "project.number=24-1;commitment.number=SC-1;vendor.pm_id=1"
#define SC2 "project.number=24-1;commitment.number=SC-2;vendor.pm_id=1"

static void
first_drop(struct kit *k, struct book *b)
{
	kit_drop(k, "procore", "a.csv");
	come(k, b, ADP_TAKEN, "commitment", SC1, "line.position=1;line.amount=10.00/line.position=2;line.amount=0.50",
	    true);
	come(k, b, ADP_TAKEN, "commitment", SC2, "line.position=1;line.amount=-3.00", true);
	come(k, b, ADP_TAKEN, "commitment", SC2, "line.position=1;line.amount=-3.00", true); /* the same again */
	come(k, b, ADP_REJECTED, "commitment", "project.number=24-1;commitment.number=SC-3",
	    "line.position=1;line.amount=7.00", true);
	come(k, b, ADP_REJECTED, "commitment", "project.number=24-1",
	    "line.position=1;line.amount=7.00/line.position=2", true); /* an amount missing */
	come(k, b, ADP_REJECTED, "commitment", "project.number=24-1", "line.position=1;line.amount=7.00",
	    false); /* a row missing */
	come(k, b, ADP_REJECTED, "commitment", "", NULL, true); /* nothing of it */
	come(k, b, ADP_SKIPPED, "vendor", "vendor.pm_id=9", NULL, true);
	kit_good(k, book_flush(b, &k->s, k->at.file_id, &k->err));
}

static void
test_book(void **state)
{
	struct kit *k = kit_open("cmic");
	struct book b;
	(void)state;

	book_open(&b);
	first_drop(k, &b);
	assert_string_equal(kit_came(k), "commitment  rejected 1/1 0.00\n"
					 "commitment 24-1 rejected 3/2 7.00\n"
					 "commitment 24-1 taken 2/0 7.50\n"
					 "commitment 24-1 unchanged 1/0 -3.00\n"
					 "vendor  passed 1/0 0.00\n");
	/* what left cannot be changed: refused, with its money */
	kit_sent(k, "commitment/24-1/SC-1", "1|SC-1");
	kit_drop(k, "procore", "b.csv");
	come(k, &b, ADP_TAKEN, "commitment", SC1, "line.position=1;line.amount=99.00", true);
	come(k, &b, ADP_TAKEN, "commitment", SC2, "line.position=1;line.amount=4.00", true);
	kit_good(k, book_flush(&b, &k->s, k->at.file_id, &k->err));
	assert_non_null(strstr(kit_came(k), "commitment 24-1 rejected 1/0 99.00\n"));
	assert_non_null(strstr(kit_came(k), "commitment 24-1 taken 1/0 4.00\n"));
	book_close(&b);
	kit_close(k);
}

/* More lines than fit in memory at a time are the same book. */
static void
test_book_many_projects(void **state)
{
	struct kit *k = kit_open("cmic");
	char head[128];
	struct book b;
	(void)state;

	book_open(&b);
	kit_drop(k, "procore", "a.csv");
	for (int round = 0; round < 2; round++)
		for (int i = 0; i < 3 * BOOK_LINES; i++) {
			(void)snprintf(head, sizeof(head), "project.number=P%03d;commitment.number=N", i);
			come(k, &b, ADP_REJECTED, "commitment", head, "line.position=1;line.amount=1.25", true);
		}
	kit_good(k, book_flush(&b, &k->s, k->at.file_id, &k->err));
	assert_int_equal(b.n, 0);
	const char *at = kit_came(k);
	for (int i = 0; i < 3 * BOOK_LINES; i++) {
		(void)snprintf(head, sizeof(head), "commitment P%03d rejected 2/0 2.50\n", i);
		assert_memory_equal(at, head, strlen(head));
		at += strlen(head);
	}
	assert_string_equal(at, "");
	book_close(&b);
	kit_close(k);
}

/* ---- the ledger ---- */

static const char *
cell(const struct report *r, size_t row, const char *col)
{
	for (size_t c = 0; c < r->ncols; c++)
		if (strcmp(r->cols[c].name, col) == 0)
			return r->rows[row].cells[c];
	fail_msg("no column %s", col);
	return NULL;
}

/* The row whose columns have these values: "col=value;…". */
static size_t
row_of(const struct report *r, const char *want)
{
	for (size_t i = 0; i < r->nrows; i++) {
		struct eg_bytes rest = eg_bytes_str(want), part, name;
		bool good = true;
		while (eg_bytes_cut(&rest, ';', &part)) {
			assert_true(eg_bytes_cut(&part, '=', &name));
			char *col = eg_xdup(name);
			good = good && eg_bytes_eq(part, eg_bytes_str(cell(r, i, col)));
			free(col);
		}
		if (good)
			return i;
	}
	fail_msg("no row %s", want);
	return 0;
}

/* Cells of a row, "col=value " one behind the other; NULL shows as "-". */
static const char *
cells(struct kit *k, const struct report *r, size_t row, const char *names)
{
	struct eg_bytes rest = eg_bytes_str(names), part;

	eg_buf_clear(&k->out);
	while (eg_bytes_cut(&rest, ' ', &part)) {
		char *col = eg_xdup(part);
		const char *v = cell(r, row, col);
		eg_buf_printf(&k->out, "%s%s=%s", k->out.len > 0 ? " " : "", col, v == NULL ? "-" : v);
		free(col);
	}
	return eg_buf_cstr(&k->out);
}

static struct report *
made(struct kit *k, int (*make)(struct site *, const struct report_ask *, struct report **, struct eg_err *),
    struct report_ask q)
{
	struct report *r = NULL;

	q.state = q.state == 0 ? -1 : q.state;
	kit_good(k, make(&k->s, &q, &r, &k->err));
	assert_non_null(r);
	return r;
}

static void
set_read(struct kit *k, int64_t records)
{
	struct file_row f;

	kit_good(k, store_file_get(k->s.store, k->at.file_id, &k->a, &f, &k->err));
	f.records = records;
	kit_good(k, store_file_set(k->s.store, &f, &k->err));
}

static void
add_copy(struct kit *k, const char *first)
{
	struct drop_row d = { .id = "D000009",
		.source = "procore",
		.name = "a.csv",
		.sha256 = "00",
		.identity = "a.csv",
		.state = "done",
		.verdict = "duplicate",
		.first = first,
		.received = 5,
		.run = k->s.run };

	kit_good(k, store_drop_add(k->s.store, &d, &k->err));
}

#define LEDGER "in out waiting held rejected duplicate unchanged replaced unknown difference balanced"

static void
test_reconcile(void **state)
{
	struct kit *k = kit_open("cmic");
	struct report *r;
	struct book b;
	(void)state;

	book_open(&b);
	first_drop(k, &b);
	set_read(k, 8);
	r = made(k, report_reconcile, (struct report_ask){ 0 });
	assert_false(r->bad);
	assert_string_equal(cells(k, r, row_of(r, "record_type=commitment;project=24-1;measure=records"), LEDGER),
	    "in=6 out=0 waiting=2 held=0 rejected=3 duplicate=0 unchanged=1 replaced=0 unknown=- difference=0 balanced=yes");
	assert_string_equal(cells(k, r, row_of(r, "record_type=commitment;project=24-1;measure=amount"), LEDGER),
	    "in=11.50 out=0.00 waiting=7.50 held=0.00 rejected=7.00 duplicate=0.00 unchanged=-3.00 replaced=0.00 unknown=2 difference=0.00 balanced=yes");
	report_free(r);

	/* newer content before it left replaces; a copy counts as what the first file brought; what left is out */
	add_copy(k, k->at.drop);
	kit_drop(k, "procore", "b.csv");
	come(k, &b, ADP_TAKEN, "commitment", SC2, "line.position=1;line.amount=4.00", true);
	kit_good(k, book_flush(&b, &k->s, k->at.file_id, &k->err));
	set_read(k, 1);
	kit_sent(k, "commitment/24-1/SC-1", "1|SC-1");
	r = made(k, report_reconcile, (struct report_ask){ .project = "24-1", .type = "commitment" });
	assert_false(r->bad);
	assert_int_equal(r->nrows, 2);
	assert_string_equal(cells(k, r, 0, LEDGER),
	    "in=13 out=1 waiting=1 held=0 rejected=3 duplicate=6 unchanged=1 replaced=1 unknown=- difference=0 balanced=yes");
	assert_string_equal(cells(k, r, 1, LEDGER),
	    "in=27.00 out=10.50 waiting=4.00 held=0.00 rejected=7.00 duplicate=11.50 unchanged=-3.00 replaced=-3.00 unknown=4 difference=0.00 balanced=yes");
	report_free(r);
	book_close(&b);
	kit_close(k);
}

static void
test_reconcile_notices(void **state)
{
	struct kit *k = kit_open("cmic");
	struct report *r;
	struct book b;
	struct came ghost = {
		.type = "commitment", .project = "24-1", .fate = "taken", .records = 1, .amount = { 100, 2 }
	};
	(void)state;

	book_open(&b);
	first_drop(k, &b);
	set_read(k, 8);
	ghost.file = k->at.file_id;
	kit_good(k, came_add(k->s.store, &ghost, &k->err)); /* came, but no item knows of it */
	r = made(k, report_reconcile, (struct report_ask){ 0 });
	assert_true(r->bad);
	assert_string_equal(
	    cells(k, r, row_of(r, "record_type=commitment;project=24-1;measure=amount"), "difference balanced"),
	    "difference=1.00 balanced=NO");
	/* and the reader counted one less than the book: named with its file */
	bool named = false;
	for (size_t i = 0; i < r->nsaid; i++)
		named = named || strstr(r->said[i].value,
				     "the reader counted 8 records in D000001 (a.csv), the book has 9") != NULL;
	assert_true(named);
	report_free(r);
	/* a record of another project has nothing to do with it, its file has */
	r = made(k, report_reconcile, (struct report_ask){ .project = "24-2" });
	assert_true(r->bad);
	assert_int_equal(r->nrows, 0);
	report_free(r);
	book_close(&b);
	kit_close(k);
}

/* ---- job costs ---- */

static void
synced(struct kit *k, const char *iid, const char *erp_id)
{
	kit_set(k, iid, ST_SYNCED, erp_id, 1);
}

static void
give_contract(struct kit *k)
{
	kit_drop(k, "procore", "all");
	kit_give(k, ADP_TAKEN, "project", 2, "project.number=24-1;project.name=North;project.active=yes", NULL);
	kit_give(k, ADP_TAKEN, "budget", 2, "project.number=24-1",
	    "line.cost_code=01-1000;line.cost_type=L;line.original_amount=500.00/line.cost_code=02-2000;line.cost_type=S;line.original_amount=70.00");
	kit_give(k, ADP_TAKEN, "budget-change", 2, "project.number=24-1;budget_change.number=1;budget_change.title=t",
	    "line.position=1;line.cost_code=01-1000;line.cost_type=L;line.amount=-20.00/line.position=2;line.cost_code=03-3000;line.cost_type=S;line.amount=20.00");
	kit_give(k, ADP_TAKEN, "commitment", 2, SC1,
	    "line.position=1;line.cost_code=01-1000;line.cost_type=L;line.amount=100.00/line.position=2;line.sub_job=A;line.cost_code=02-2000;line.cost_type=S;line.amount=40.00");
	kit_give(k, ADP_TAKEN, "cco", 2,
	    "project.number=24-1;commitment.number=SC-1;change_order.number=001;change_order.title=t",
	    "line.position=1;line.commitment_line=2;line.amount=-5.00/line.position=2;line.cost_code=03-3000;line.cost_type=S;line.amount=9.00");
	kit_give(k, ADP_TAKEN, "invoice", 2,
	    "project.number=24-1;commitment.number=SC-1;invoice.invoice_number=I1;invoice.number=1",
	    "line.position=1;line.kind=contract;line.commitment_line=1;line.work_completed_this_period=30.00;line.materials_presently_stored=2.00"
	    "/line.position=2;line.kind=change_order;line.change_order=001;line.change_order_line=1;line.work_completed_this_period=1.00"
	    "/line.position=3;line.kind=change_order;line.change_order=001;line.change_order_line=2;line.work_completed_this_period=3.00");
}

static void
give_costs(struct kit *k)
{
	kit_drop(k, "cmic", "costs");
	kit_give(k, ADP_TAKEN, "erp-jobcost", 2,
	    "project.origin_code=J1;jobcost.sub_job=-;jobcost.code=01-1000.L;jobcost.cost_code=01-1000;jobcost.cost_type=L;jobcost.as_of=2026-05-20;"
	    "jobcost.original_budget=480.00;jobcost.approved_changes=5.00;jobcost.commitment_invoiced=32.00;jobcost.jtd_cost=60.00",
	    NULL);
	kit_give(k, ADP_TAKEN, "erp-cost", 2,
	    "cost.transaction_id=1;project.origin_code=J1;cost.cost_code=01-1000;cost.cost_type=L;cost.date=2026-05-02;cost.amount=11.00;cost.quantity=2.5000",
	    NULL);
	kit_give(k, ADP_TAKEN, "erp-cost", 3,
	    "cost.transaction_id=2;project.origin_code=J1;cost.cost_code=01-1000;cost.cost_type=L;cost.date=2026-04-30;cost.amount=7.00",
	    NULL);
	kit_give(k, ADP_TAKEN, "erp-cost", 4,
	    "cost.transaction_id=3;project.origin_code=J1;cost.cost_code=01-1000;cost.cost_type=L;cost.date=2026-05-02;cost.amount=1000.00",
	    NULL);
}

#define COSTS                                                                                                                                    \
	"original_budget revised_budget jtd_cost original_estimate estimate original_commitment approved_commitment_changes revised_commitment " \
	"invoices transactions mtd_cost mtd_units"

static void
test_job_costs(void **state)
{
	struct kit *k = kit_open("cmic");
	struct report *r;
	(void)state;

	give_contract(k);
	give_costs(k);
	synced(k, "project/24-1", "J1");
	/* nothing is synced yet: only what the ERP said counts */
	r = made(k, report_job_costs, (struct report_ask){ 0 });
	assert_int_equal(r->nrows, 1);
	assert_string_equal(cells(k, r, 0, COSTS),
	    "original_budget=480.00 revised_budget=485.00 jtd_cost=60.00 original_estimate=- estimate=- original_commitment=- approved_commitment_changes=- "
	    "revised_commitment=- invoices=- transactions=- mtd_cost=- mtd_units=-");
	report_free(r);

	const char *const ids[] = { "budget/24-1", "budget-change/24-1/1", "commitment/24-1/SC-1", "cco/24-1/SC-1/001",
		"invoice/24-1/SC-1/I1", "erp-cost/1", "erp-cost/2" };
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		synced(k, ids[i], NULL);
	kit_set(k, "erp-cost/3", ST_HELD, NULL, -1);
	r = made(k, report_job_costs, (struct report_ask){ .project = "J1" });
	assert_string_equal(cells(k, r, row_of(r, "project=24-1;job=J1;sub_job=;cost_code=01-1000;cost_type=L"), COSTS),
	    "original_budget=480.00 revised_budget=485.00 jtd_cost=60.00 original_estimate=500.00 estimate=480.00 original_commitment=100.00 approved_commitment_changes=- "
	    "revised_commitment=100.00 invoices=32.00 transactions=18.00 mtd_cost=11.00 mtd_units=2.5000");
	/* a change of an existing line takes that line's codes and sub job; so does what is invoiced against it */
	assert_string_equal(cells(k, r, row_of(r, "sub_job=A;cost_code=02-2000;cost_type=S"), COSTS),
	    "original_budget=- revised_budget=- jtd_cost=- original_estimate=- estimate=- original_commitment=40.00 approved_commitment_changes=-5.00 "
	    "revised_commitment=35.00 invoices=1.00 transactions=- mtd_cost=- mtd_units=-");
	assert_string_equal(cells(k, r, row_of(r, "cost_code=03-3000"), COSTS),
	    "original_budget=- revised_budget=- jtd_cost=- original_estimate=- estimate=20.00 original_commitment=- approved_commitment_changes=9.00 "
	    "revised_commitment=9.00 invoices=3.00 transactions=- mtd_cost=- mtd_units=-");
	report_free(r);
	/* until the end of April the month is April; the figures of documents are those of today */
	r = made(k, report_job_costs, (struct report_ask){ .project = "24-1", .until = 1777593600 });
	assert_string_equal(
	    cells(k, r, row_of(r, "cost_code=01-1000"), "mtd_cost mtd_units"), "mtd_cost=7.00 mtd_units=-");
	report_free(r);
	kit_close(k);
}

/* ---- waiting ---- */

static void
put_user(struct kit *k, const char *name, const char *types, const char *limit)
{
	struct user u = {
		.name = name, .role = ROLE_STANDARD, .types = types, .limit = limit, .active = true, .added = 1
	};

	kit_good(k, user_put(k->s.store, &u, &k->err));
}

static void
test_aging(void **state)
{
	/* days before now, and the bucket they belong to */
	static const struct {
		int64_t days;
		const char *bucket;
	} ages[] = { { 0, "days_0_1" }, { 1, "days_0_1" }, { 2, "days_2_7" }, { 7, "days_2_7" }, { 8, "days_8_14" },
		{ 14, "days_8_14" }, { 15, "days_15_30" }, { 30, "days_15_30" }, { 31, "days_over_30" } };
	(void)state;

	for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++) {
		struct kit *k = kit_open("cmic");
		struct report *r;
		struct book b;

		book_open(&b);
		kit_good(
		    k, store_run_begin(k->s.store, "run", 1780000000 - ages[i].days * 86400 - 60, &k->s.run, &k->err));
		put_user(k, "big", "commitment", NULL);
		put_user(k, "small", "commitment", "10.00");
		put_user(k, "other", "invoice", NULL);
		first_drop(k, &b);
		r = made(k, report_aging, (struct report_ask){ .type = "commitment" });
		assert_int_equal(r->nrows, 1);
		assert_string_equal(cell(r, 0, ages[i].bucket), "2");
		assert_string_equal(cells(k, r, 0, "state project items amount deciders nobody"),
		    "state=waiting project=24-1 items=2 amount=7.50 deciders=big,small nobody=0");
		report_free(r);
		book_close(&b);
		kit_close(k);
	}
}

static void
test_accountant(void **state)
{
	struct kit *k = kit_open("cmic");
	struct book b;
	struct report *r;
	(void)state;

	book_open(&b);
	put_user(k, "small", "commitment", "10.00");
	put_user(k, "reader", "", NULL);
	first_drop(k, &b); /* SC-1 10.50, SC-2 -3.00 */
	r = made(k, report_accountant, (struct report_ask){ 0 });
	assert_int_equal(r->nrows, 1);
	assert_string_equal(cells(k, r, 0, "user can_export can_import limit waiting waiting_amount key last_decision"),
	    "user=small can_export=commitment can_import=none limit=10.00 waiting=1 waiting_amount=-3.00 key=none last_decision=-");
	bool told = false;
	for (size_t i = 0; i < r->nsaid; i++)
		told = told || strncmp(r->said[i].value, "1 waiting items (10.50) can be accepted by nobody", 49) == 0;
	assert_true(told);
	report_free(r);
	r = made(k, report_accountant, (struct report_ask){ .all = true });
	assert_int_equal(r->nrows, 2);
	report_free(r);
	book_close(&b);
	kit_close(k);
}

/* ---- costs that cannot be passed on ---- */

static void
test_unsyncable(void **state)
{
	struct kit *k = kit_open("cmic");
	struct report *r;
	(void)state;

	give_costs(k);
	kit_settle(k, false);
	r = made(k, report_unsyncable, (struct report_ask){ 0 });
	assert_int_equal(r->nrows, 3);
	assert_string_equal(cells(k, r, 0, "job transaction amount cost_code reason"),
	    "job=J1 transaction=1 amount=11.00 cost_code=01-1000 reason=E-29; E-30");
	report_free(r);
	r = made(k, report_unsyncable, (struct report_ask){ .project = "elsewhere" });
	assert_int_equal(r->nrows, 0);
	report_free(r);
	kit_close(k);
}

/* ---- budgets ---- */

static void
test_budget(void **state)
{
	struct kit *k = kit_open("cmic");
	struct report *r;
	(void)state;

	give_contract(k);
	synced(k, "project/24-1", "J1");
	r = made(k, report_budget, (struct report_ask){ 0 });
	assert_string_equal(
	    cells(k, r, 0,
		"project job state original_budget budget_changes revised_estimate current_erp_total current_project_total new_total"),
	    "project=24-1 job=J1 state=waiting original_budget=570.00 budget_changes=0.00 revised_estimate=570.00 current_erp_total=- current_project_total=570.00 new_total=570.00");
	report_free(r);
	/* synced, and then other content: the ERP still has the old total */
	struct item it = kit_item(k, "budget/24-1");
	it.state = ST_SYNCED;
	it.written = it.content;
	kit_good(k, item_save(k->s.store, &it, 1, &k->err));
	kit_give(k, ADP_TAKEN, "budget", 2, "project.number=24-1",
	    "line.cost_code=01-1000;line.cost_type=L;line.original_amount=600.00");
	assert_string_equal(kit_state(k, "budget/24-1"), "changed");
	r = made(k, report_budget, (struct report_ask){ 0 });
	assert_string_equal(cells(k, r, 0, "current_erp_total current_project_total new_total"),
	    "current_erp_total=570.00 current_project_total=600.00 new_total=600.00");
	report_free(r);
	/* the lines, with those that only changes name */
	r = made(k, report_budget, (struct report_ask){ .project = "24-1" });
	assert_int_equal(r->nrows, 2);
	assert_string_equal(cells(k, r, 0, "cost_code original_budget budget_changes revised_estimate"),
	    "cost_code=01-1000 original_budget=600.00 budget_changes=-20.00 revised_estimate=580.00");
	assert_string_equal(cells(k, r, 1, "cost_code original_budget budget_changes revised_estimate"),
	    "cost_code=03-3000 original_budget=0.00 budget_changes=20.00 revised_estimate=20.00");
	report_free(r);
	kit_close(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_and_sums),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_csv),
		cmocka_unit_test(test_xlsx),
		cmocka_unit_test(test_large_sums),
		cmocka_unit_test(test_book),
		cmocka_unit_test(test_book_many_projects),
		cmocka_unit_test(test_reconcile),
		cmocka_unit_test(test_reconcile_notices),
		cmocka_unit_test(test_job_costs),
		cmocka_unit_test(test_aging),
		cmocka_unit_test(test_accountant),
		cmocka_unit_test(test_unsyncable),
		cmocka_unit_test(test_budget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
