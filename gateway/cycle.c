/* SPDX-License-Identifier: MIT
 *
 * The order of a turn. Everything it does can be stopped at any instruction: each step leaves a state from which the next turn's recovery goes on
 * (docs/SPOOL.md). Tests: tests/scenario/.
 */
#include "gateway/keep.h"
#include "gateway/mail/mail.h"
#include "gateway/repair.h"
#include "gateway/turn.h"
#include "gateway/workflow/workflow.h"

/* ---- recovery and claimed drops ---- */

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

static int
recover_each(void *ctx, const char *id, struct eg_err *err)
{
	struct turn *t = ctx;
	struct eg_arena a;
	struct drop_row row;
	struct spool_claim claim = { .name = EG_BUF_INIT, .companion = EG_BUF_INIT };
	struct eg_buf source = EG_BUF_INIT;
	int rc;

	if (id[0] != 'D')
		return EG_OK; /* batches and manifests have recoveries of their own */
	eg_arena_init(&a, 1 << 20);
	rc = store_drop_get(t->site->store, id, &a, &row, err);
	bool unknown = rc == EG_EOF;
	bool pending = rc == EG_OK && strcmp(row.state, "claimed") == 0;
	if (unknown || pending) {
		rc = spool_claim_again(&t->site->spool, id, &source, &claim, err);
		if (rc == EG_OK && unknown)
			rc = turn_claimed(t, eg_buf_cstr(&source), &claim, err);
		else if (rc == EG_OK && strcmp(row.source, APPROVALS) == 0)
			rc = manifest_take(t->site, &claim, err);
		else if (rc == EG_OK)
			rc = intake_drop(t->site, id, t->watch, t->result, err);
		t->result->drops += rc == EG_OK && pending;
	}
	spool_claim_done(&claim);
	eg_buf_done(&source);
	eg_arena_done(&a);
	return rc == EG_EOF ? EG_OK : rc;
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
	char *origin = site_log_origin(s);
	uint64_t size = 0;
	int rc = store_log_size(s->store, &size, err);

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
	else if (strcmp(f->code, "F-37") == 0)
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

static int
work(struct turn *t, int64_t deadline, struct eg_err *err)
{
	struct site *s = t->site;
	int rc = spool_leftovers(&s->spool, recover_each, t, err);

	if (rc == EG_OK)
		rc = batches_publish(s, err);
	if (rc == EG_OK)
		rc = turn_arrive(t, false, deadline, err);
	if (rc == EG_OK)
		rc = turn_transaction(s, settle_rules, NULL, err);
	if (rc == EG_OK)
		rc = turn_arrive(t, true, deadline, err);
	if (rc == EG_OK)
		rc = turn_transaction(s, decide_waiting, NULL, err);
	if (rc == EG_OK)
		rc = batches_make(s, &t->result->batches, err);
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
	if (rc == EG_OK)
		rc = seal_all(s, err);
	if (rc == EG_OK && mail_on(&s->conf))
		rc = turn_transaction(s, gather_mail, NULL, err);
	return rc;
}

static int
run_begin(struct site *s, void *ctx, struct eg_err *err)
{
	int rc = store_run_begin(s->store, "run", site_now(s), &s->run, err);

	(void)ctx;
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
static int
keep_and_publish(struct site *s, struct eg_err *err)
{
	int rc = keep_state(s, err);

	return rc == EG_OK ? publish_log(s, err) : rc;
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
	rc = work(&t, settle_sec > 0 ? site_now(s) + settle_sec : 0, err);
	if (rc == EG_OK)
		rc = summary(s, ret, err);
	quotas_free(&t.quotas);
	bool partial = ret->rejected + ret->refused_files + ret->decisions_refused + ret->failed + ret->unsettled > 0;
	int code = rc < 0 ? 1 : partial ? 3 : 0;
	rc = ended(s, rc, code, err);
	if (rc == EG_OK) {
		rc = keep_and_publish(s, err);
		rc = rc < 0 ? ended(s, rc, 1, err) : rc;
	}
	s->run = 0;
	return rc;
}
