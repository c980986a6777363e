/* SPDX-License-Identifier: MIT
 *
 * Money adds up on both sides, or it does not leave: a writer and a core that lose a cent of one invoice stand in for the real ones (conserve.mk: --wrap). The
 * invoice is held with the figures, everything else leaves, and the ledger of what left says so.
 */
#include "gate_kit.h"

#include "gateway/worker/child.h"
#include "gateway/worker/parent.h"
#include "gateway/workflow/batch.h"

static const char *core_loses, *writer_loses; /* number of the invoice; NULL = none */

int __real_enrich(struct site *s, const struct item *it, const struct decision *d, struct eg_arena *a, struct rec *r,
    struct enrich_srcs *srcs, struct eg_err *err);
int __wrap_enrich(struct site *s, const struct item *it, const struct decision *d, struct eg_arena *a, struct rec *r,
    struct enrich_srcs *srcs, struct eg_err *err);
int __wrap_worker_write(struct site *s, const char *target, const struct rec *const *records, size_t n,
    int64_t *counters, const struct worker_out_sink *sink, struct eg_err *err);

/* One cent less in the amount of this invoice's first line. */
static void
lose_a_cent(struct eg_arena *a, const struct rec *r, const char *number)
{
	struct eg_err err;
	bool line = false;

	if (number == NULL || r->type->id != REC_INVOICE ||
	    !eg_bytes_is(rec_head(r, "invoice.invoice_number")->text, number))
		return;
	const int i = rec_field_named(r->type, eg_bytes_str(r->type->amount), &line);
	struct rec_val *v = line ? &r->lines[i] : &r->head[i];
	struct eg_dec less;
	assert_true(eg_dec_sub(v->v.dec, (struct eg_dec){ 1, 2 }, &less));
	assert_int_equal(rec_set_dec(a, line ? &r->type->line[i] : &r->type->head[i], less, v->prov, v, &err), EG_OK);
}

int
__wrap_enrich(struct site *s, const struct item *it, const struct decision *d, struct eg_arena *a, struct rec *r,
    struct enrich_srcs *srcs, struct eg_err *err)
{
	int rc = __real_enrich(s, it, d, a, r, srcs, err);

	lose_a_cent(a, r, core_loses);
	return rc;
}

static int
losing_child(const struct child_job *job, struct frame_out *out, struct eg_err *err)
{
	struct eg_arena a;

	eg_arena_init(&a, 1 << 16);
	for (size_t i = 0; i < job->n; i++)
		lose_a_cent(&a, job->records[i], writer_loses);
	return child_write(job, out, err);
}

int
__wrap_worker_write(struct site *s, const char *target, const struct rec *const *records, size_t n, int64_t *counters,
    const struct worker_out_sink *sink, struct eg_err *err)
{
	return parent_write(losing_child, s, target, records, n, counters, sink, err);
}

/* ---- the site ---- */

#define INVOICE "line.position=1;line.kind=contract;line.commitment_line=1;line.work_completed_this_period="

static void
approve(struct kit *k, const char *iid)
{
	struct item it = kit_item(k, iid);
	struct decision d = { .item = it.id,
		.manifest = "P000001",
		.iid = iid,
		.content = it.content,
		.verdict = "accept",
		.erp_id = "",
		.transaction_date = "",
		.accounting_date = "",
		.description = "",
		.comment = "",
		.approver = "pat",
		.result = "applied",
		.code = "",
		.at = GATE_NOW };

	kit_good(k, decision_add(k->s.store, &d, &it.accepted, &k->err));
	it.state = ST_APPROVED;
	kit_good(k, item_save(k->s.store, &it, 1, &k->err));
}

/* Two invoices of a synced contract, accepted: 10.01 and 20.02. */
static struct kit *
world(void)
{
	struct kit *k = gate_open("cmic", "");

	core_loses = writer_loses = NULL;
	gate_begin(k);
	kit_drop(k, "procore", "all.csv");
	kit_give(k, ADP_TAKEN, "vendor", 2, "vendor.pm_id=1;vendor.name=One", NULL);
	kit_give(k, ADP_TAKEN, "project", 5, "project.number=P1;project.name=A", NULL);
	kit_give(k, ADP_TAKEN, "commitment", 6,
	    "project.number=P1;commitment.number=C1;vendor.pm_id=1;commitment.type=subcontract",
	    "line.position=1;line.cost_code=01-1000;line.cost_type=S;line.amount=100.00");
	kit_give(k, ADP_TAKEN, "invoice", 7,
	    "project.number=P1;commitment.number=C1;invoice.invoice_number=I1;invoice.number=1;invoice.billing_date=2026-01-31",
	    INVOICE "10.01");
	kit_give(k, ADP_TAKEN, "invoice", 8,
	    "project.number=P1;commitment.number=C1;invoice.invoice_number=I2;invoice.number=2;invoice.billing_date=2026-02-28",
	    INVOICE "20.02");
	kit_settle(k, false);
	kit_set(k, "vendor/1", ST_SYNCED, "V1", -1);
	kit_set(k, "project/P1", ST_SYNCED, "J1", -1);
	kit_set(k, "commitment/P1/C1", ST_SYNCED, "C1", 1);
	approve(k, "invoice/P1/C1/I1");
	approve(k, "invoice/P1/C1/I2");
	gate_commit(k);
	return k;
}

static unsigned
make(struct kit *k)
{
	unsigned n = 0;

	kit_good(k, batches_make(&k->s, &n, &k->err));
	return n;
}

static const char *
ledger(struct kit *k, const char *batch)
{
	char *path = eg_xprintf("spool/work/%s/archive/" BATCH_LEDGER, batch);

	eg_buf_clear(&k->out);
	kit_good(k, eg_fs_read_file(k->s.dir, path, 1 << 20, &k->out, &k->err));
	free(path);
	return eg_buf_cstr(&k->out);
}

static int
add_finding(void *ctx, const struct finding *f, struct eg_err *err)
{
	(void)err;
	eg_buf_printf(ctx, "%s%c %s %s\n", f->code, f->severity, f->item, f->message);
	return EG_OK;
}

#define HEAD "erp,target,type,project,currency,measure,in,out,sent_before,stays,difference,balanced\n"
#define LINES(n, sum)                                                   \
	HEAD "cmic,cmic,invoice,P1,USD,records," n "," n ",0,0,0,yes\n" \
	     "cmic,cmic,invoice,P1,USD,amount," sum "," sum ",0.00,0.00,0.00,yes\n"

static void
test_what_adds_up_leaves(void **state)
{
	struct kit *k = world();

	(void)state;
	assert_int_equal(make(k), 1);
	assert_string_equal(ledger(k, "B000001"), LINES("2", "30.03"));
	gate_close(k);
}

static void
check_lost(const char **who)
{
	struct kit *k = world();
	struct finding_filter all = { .run = k->s.run };

	*who = "I2";
	assert_int_equal(make(k), 1);
	assert_string_equal(kit_state(k, "invoice/P1/C1/I1"), "exported");
	assert_string_equal(kit_state(k, "invoice/P1/C1/I2"), "held");
	assert_string_equal(ledger(k, "B000001"), LINES("1", "10.01"));
	eg_buf_clear(&k->out);
	kit_good(k, store_finding_each(k->s.store, &all, add_finding, &k->out, &k->err));
	const char *told = eg_buf_cstr(&k->out);
	if (strstr(told, "F-78H invoice/P1/C1/I2 The money of invoice/P1/C1/I2 does not add up") == NULL ||
	    strstr(told, "erpgate release invoice/P1/C1/I2") == NULL || strstr(told, "20.02") == NULL ||
	    strstr(told, "20.01") == NULL || strstr(told, "0.01") == NULL)
		fail_msg("%s", told);
	*who = NULL;
	gate_close(k);
}

static void
test_a_writer_that_loses_a_cent(void **state)
{
	(void)state;
	check_lost(&writer_loses);
}

static void
test_a_core_that_loses_a_cent(void **state)
{
	(void)state;
	check_lost(&core_loses);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_adds_up_leaves),
		cmocka_unit_test(test_a_writer_that_loses_a_cent),
		cmocka_unit_test(test_a_core_that_loses_a_cent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
