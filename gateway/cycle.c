/* SPDX-License-Identifier: MIT
 *
 * The order of a turn. Everything it does can be stopped at any instruction: each step leaves a state from which the next turn's recovery goes on
 * (docs/SPOOL.md). Tests: tests/scenario/.
 */
#include "gateway/clock.h"
#include "gateway/expect.h"
#include "gateway/keep.h"
#include "gateway/mail/mail.h"
#include "gateway/receipt.h"
#include "gateway/recover.h"
#include "gateway/repair.h"
#include "gateway/report/reports.h"
#include "gateway/store/store_receipt.h"
#include "gateway/workflow/batch_acts.h"
#include "gateway/workflow/workflow.h"

/* ---- claimed drops ---- */

int
turn_claimed(struct turn *t, const char *source, const struct spool_claim *c, struct eg_err *err)
{
	bool fresh;
	int rc = intake_claim(t->site, source, c, false, &fresh, err);

	if (rc == EG_OK && !fresh)
		t->result->duplicates++;
	else if (rc == EG_OK && strcmp(source, APPROVALS) == 0)
		rc = manifest_take(t->site, c, err);
	else if (rc == EG_OK)
		rc = intake_drop(t->site, c->drop, t->watch, t->result, err);
	if (rc == EG_OK)
		t->result->drops++;
	return rc;
}

/* ---- the turn ---- */

int
turn_transaction(
    struct site *s, int (*work)(struct site *s, void *ctx, struct eg_err *err), void *ctx, struct eg_err *err)
{
	int rc = store_begin(s->store, err);

	if (rc == EG_OK)
		rc = work(s, ctx, err);
	if (rc == EG_EOF)
		rc = eg_fail(
		    err, EG_FATAL, "DB-CORRUPT", "something that must be in the database is not there any more");
	if (rc == EG_OK)
		rc = store_commit(s->store, err);
	if (rc < 0)
		store_rollback(s->store);
	return rc;
}

static int
settle_rules(struct site *s, void *ctx, struct eg_err *err)
{
	int rc = answers_apply(s, err);

	(void)ctx;
	return rc == EG_OK ? rules_settle(s, false, err) : rc;
}

static int
decide_waiting(struct site *s, void *ctx, struct eg_err *err)
{
	int rc = parked_retry(s, err);

	(void)ctx;
	return rc == EG_OK ? rules_settle(s, false, err) : rc;
}

static int
report_holds(struct site *s, void *ctx, struct eg_err *err)
{
	(void)ctx;
	return rules_settle(s, true, err);
}

static int
gather_mail(struct site *s, void *ctx, struct eg_err *err)
{
	(void)ctx;
	return mail_gather(s, err);
}

static int
log_entry(void *ctx, uint64_t index, struct eg_buf *ret, struct eg_err *err)
{
	return store_log_line(ctx, index, ret, err);
}

static int
publish_log(struct site *s, struct eg_err *err)
{
	char *origin;
	uint64_t size = 0;
	int rc = store_log_size(s->store, &size, err);

	if (s->clock.doubt != CLOCK_GOOD)
		return rc; /* the entries are kept; their head is signed when the clock is believed again */
	origin = site_log_origin(s);

	if (rc == EG_OK)
		rc = log_publish(&s->spool, origin, s->key, size, log_entry, s->store, err);
	free(origin);
	return rc;
}

static int
count_each(void *ctx, const struct item *it, struct eg_err *err)
{
	struct cycle_result *r = ctx;

	(void)err;
	if (it->state == ST_HELD)
		r->held++;
	else
		r->waiting++;
	return EG_OK;
}

static int
count_findings(void *ctx, const struct finding *f, struct eg_err *err)
{
	struct cycle_result *r = ctx;

	(void)err;
	if (f->severity == ADP_REJECT && strcmp(f->source, APPROVALS) == 0)
		r->decisions_refused++;
	else if (strcmp(f->code, "F-37") == 0 || strcmp(f->code, "F-77") == 0)
		r->failed++;
	return EG_OK;
}

static int
summary(struct site *s, struct cycle_result *r, struct eg_err *err)
{
	struct item_filter open = { .states = 1U << ST_HELD | 1U << ST_WAITING | 1U << ST_IMPORTABLE |
		                              1U << ST_CHANGED | 1U << ST_FAILED };
	struct finding_filter mine = { .run = s->run };
	int rc = item_each(s->store, &open, count_each, r, err);

	if (rc == EG_OK)
		rc = store_finding_each(s->store, &mine, count_findings, r, err);
	r->idle = r->drops == 0 && r->batches == 0;
	return rc;
}

/* The last of the room is the archive's: what has left is sealed before more leaves. */
static int
make_batches(struct turn *t, struct eg_err *err)
{
	struct disk_room d;
	int rc = disk_look(t->site, &d, err);

	return rc == EG_OK && d.batches ? batches_make(t->site, &t->result->batches, err) : rc;
}

static int
will_leave(void *ctx, const struct batch *b, struct eg_err *err)
{
	bool *any = ctx;

	(void)err;
	*any |= !b->shadow;
	return EG_OK;
}

/* Who has only the archive, because state.db was lost right after this, must know what left: nothing goes out before its batch is kept and published. */
static int
keep_leaving(struct site *s, struct eg_err *err)
{
	bool any = false;
	int rc = batch_each(s->store, "ready", will_leave, &any, err);

	return rc == EG_OK && any ? turn_keep(s, err) : rc;
}

static int
receipt_waits(void *ctx, const struct drop_row *d, struct eg_err *err)
{
	bool *any = ctx;

	(void)d;
	(void)err;
	*any = true;
	return EG_OK;
}

/* A receipt names a bundle and a place in the log: both must be there for whoever reads it. */
static int
write_receipts(struct site *s, struct eg_err *err)
{
	bool any = false;
	int rc = receipt_owed_each(s->store, receipt_waits, &any, err);

	if (rc == EG_OK && any)
		rc = turn_keep(s, err);
	return rc == EG_OK ? receipts_write(s, err) : rc;
}

static int
tell_disk(struct site *s, void *ctx, struct eg_err *err)
{
	struct turn *t = ctx;

	return disk_tell(s, &t->disk, &t->result->disk_held, err);
}

static int
keep_ledger(struct site *s, void *ctx, struct eg_err *err)
{
	(void)ctx;
	return conservation_log(s, err);
}

static int
work(struct turn *t, int64_t deadline, struct eg_err *err)
{
	struct site *s = t->site;
	int rc = turn_keep(s, err); /* what a crash left: before anything of it leaves, or leaves spool/work/ */

	if (rc == EG_OK)
		rc = receipts_write(s, err); /* before anything adds to what they say */
	if (rc == EG_OK)
		rc = batches_void(s, err);
	if (rc == EG_OK)
		rc = batches_again(s, err);
	if (rc == EG_OK)
		rc = recover_all(t, err);
	if (rc == EG_OK)
		rc = turn_arrive(t, false, deadline, err);
	if (rc == EG_OK &&
	    site_ending(s)) /* what was read is in the journal; nothing is decided on half of what came */
		return publish_log(s, err);
	if (rc == EG_OK)
		rc = turn_transaction(s, settle_rules, NULL, err);
	if (rc == EG_OK)
		rc = turn_arrive(t, true, deadline, err);
	if (rc == EG_OK)
		rc = turn_transaction(s, decide_waiting, NULL, err);
	if (rc == EG_OK)
		rc = make_batches(t, err);
	if (rc == EG_OK)
		rc = keep_leaving(s, err);
	if (rc == EG_OK)
		rc = batches_publish(s, err);
	if (rc == EG_OK)
		rc = turn_transaction(s, report_holds, NULL, err);
	if (rc == EG_OK && deadline > 0)
		rc = turn_left(t, err);
	if (rc == EG_OK)
		rc = repair_write(s, err);
	if (rc == EG_OK)
		rc = turn_over(t, err);
	if (rc == EG_OK && expects_any(&s->conf))
		rc = turn_transaction(s, expect_turn, NULL, err);
	if (rc == EG_OK)
		rc = turn_transaction(s, tell_disk, t, err);
	if (rc == EG_OK && (t->result->drops > 0 || t->result->batches > 0))
		rc = turn_transaction(s, keep_ledger, NULL, err);
	if (rc == EG_OK)
		rc = seal_all(s, err);
	if (rc == EG_OK)
		rc = write_receipts(s, err);
	if (rc == EG_OK && mail_on(&s->conf))
		rc = turn_transaction(s, gather_mail, NULL, err);
	return rc;
}

static int
run_begin(struct site *s, void *ctx, struct eg_err *err)
{
	int rc = store_run_begin(s->store, "run", site_now(s), &s->run, err);

	(void)ctx;
	if (rc == EG_OK)
		rc = clock_turn(s, err);
	return rc == EG_OK ? worker_log_weak(s, err) : rc;
}

static int
run_end(struct site *s, void *ctx, struct eg_err *err)
{
	return store_run_end(s->store, s->run, site_now(s), *(const int *)ctx, err);
}

/* The run's row; the first error stays the one that is told. */
static int
ended(struct site *s, int rc, int code, struct eg_err *err)
{
	struct eg_err end_err;
	int end_rc = turn_transaction(s, run_end, &code, &end_err);

	if (rc == EG_OK && end_rc < 0) {
		*err = end_err;
		rc = end_rc;
	}
	return rc;
}

/* What the turn changed, the end of its run included, then the log that names it. */
int
turn_keep(struct site *s, struct eg_err *err)
{
	int rc = site_log_begins(s, err);

	if (rc == EG_OK)
		rc = keep_state(s, err);
	return rc == EG_OK ? publish_log(s, err) : rc;
}

int
turn_keep_all(struct site *s, struct eg_err *err)
{
	int rc = turn_keep(s, err);

	return rc == EG_OK && !site_ending(s) ? recover_clean(s, err) : rc;
}

int
cycle_run(struct site *s, int64_t settle_sec, const struct cycle_watch *w, struct cycle_result *ret, struct eg_err *err)
{
	struct turn t = { .site = s, .watch = w, .result = ret };
	int rc;

	*ret = (struct cycle_result){ 0 };
	rc = turn_transaction(s, run_begin, NULL, err);
	if (rc < 0)
		return rc;
	/* Both clocks show whole seconds: one more, or a file's patience would end behind the turn's. */
	rc = work(&t, settle_sec > 0 ? s->mono(s->now_ctx) + settle_sec + 1 : 0, err);
	if (rc == EG_OK)
		rc = summary(s, ret, err);
	quotas_free(&t.quotas);
	disk_left_free(&t.disk);
	turn_group_free(&t);
	bool partial = ret->rejected + ret->refused_files + ret->decisions_refused + ret->failed + ret->unsettled > 0;
	int code = rc < 0 ? 1 : partial ? 3 : 0;
	rc = ended(s, rc, code, err);
	if (rc == EG_OK) {
		rc = turn_keep_all(s, err);
		rc = rc < 0 ? ended(s, rc, 1, err) : rc;
	}
	s->run = 0;
	return rc;
}
