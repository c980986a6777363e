/* SPDX-License-Identifier: MIT
 *
 * Rehearsals: taken in for real inside a transaction, compared with what another connection still sees, rolled back.
 */
#include "gateway/rehearse.h"

#include "base/fs.h"
#include "gateway/intake.h"
#include "gateway/store/store_report.h"
#include "gateway/turn.h"

#define REHEARSE_MEM ((size_t)256 << 20)

struct rehearsing {
	struct site *s;
	struct store *before; /* sees nothing of the transaction */
	const struct rehearse_sink *sink;
	struct rehearse_result *ret;
	char drop[16];
	struct eg_arena a; /* of the item at hand */
	struct rec was, is;
};

/* ---- doing it ---- */

static int
drop_row(struct rehearsing *h, const struct drop_row *of, const struct reread *r, struct eg_err *err)
{
	struct drop_row d = *of;
	int rc = store_next_id(h->s->store, 'D', h->drop, err);

	d.id = h->drop;
	d.identity = d.sha256;
	d.state = "claimed";
	d.verdict = "";
	d.bundle = NULL;
	d.received = site_now(h->s);
	d.run = h->s->run;
	if (rc == EG_OK)
		rc = store_drop_add(h->s->store, &d, err);
	struct reread own = *r;
	own.drop = h->drop;
	return rc == EG_OK ? reread_add(h->s->store, &own, err) : rc;
}

static int
take_in(struct rehearsing *h, const struct drop_row *of, const struct reread *r, int fd, struct eg_err *err)
{
	struct cycle_result counts = { 0 };
	int rc = store_run_begin(h->s->store, "rehearsal", site_now(h->s), &h->s->run, err);

	if (rc == EG_OK)
		rc = drop_row(h, of, r, err);
	if (rc == EG_OK)
		rc = intake_try(h->s, h->drop, fd, &counts, err);
	if (rc == EG_OK)
		rc = answers_apply(h->s, err);
	if (rc == EG_OK)
		rc = rules_settle(h->s, true, err);
	h->ret->refused = counts.refused_files > 0;
	return rc;
}

/* ---- what came of it ---- */

static int
came(void *ctx, const struct came *c, struct eg_err *err)
{
	struct rehearse_result *ret = ctx;

	(void)err;
	ret->documents += c->records;
	if (strcmp(c->fate, "unchanged") == 0)
		ret->unchanged += c->records;
	else if (strcmp(c->fate, "rejected") == 0)
		ret->rejected += c->records;
	else if (strcmp(c->fate, "passed") == 0)
		ret->passed += c->records;
	return EG_OK;
}

static int
tell(struct rehearsing *h, struct rehearsed_item *i, struct eg_err *err)
{
	int rc = EG_OK;

	if (i->what != REHEARSED_MOVED) {
		rc = item_record(h->s->store, i->is->rev, &h->a, &h->is, err);
		i->is_rec = &h->is;
	}
	if (rc == EG_OK && i->what == REHEARSED_REVISED) {
		rc = item_record(h->before, i->was->rev, &h->a, &h->was, err);
		i->was_rec = &h->was;
	}
	h->ret->added += i->what == REHEARSED_NEW;
	h->ret->revised += i->what == REHEARSED_REVISED;
	h->ret->moved += i->what == REHEARSED_MOVED;
	return rc == EG_OK && h->sink->item != NULL ? h->sink->item(h->sink->ctx, i, err) : rc;
}

static int
each_item(void *ctx, const struct item *it, struct eg_err *err)
{
	struct rehearsing *h = ctx;
	struct rehearsed_item i = { .is = it };
	struct item was;
	int rc;

	eg_arena_reset(&h->a);
	rc = item_find(h->before, it->iid, &h->a, &was, err);
	if (rc < 0)
		return rc;
	i.was = rc == EG_OK ? &was : NULL;
	i.what = i.was == NULL ? REHEARSED_NEW : was.rev != it->rev ? REHEARSED_REVISED : REHEARSED_MOVED;
	if (i.what == REHEARSED_MOVED && was.state == it->state)
		return EG_OK;
	return tell(h, &i, err);
}

static int
each_finding(void *ctx, const struct finding *f, struct eg_err *err)
{
	struct rehearsing *h = ctx;

	return f->severity == ADP_HOLD || h->sink->finding == NULL ? EG_OK : h->sink->finding(h->sink->ctx, f, err);
}

static int
compare(struct rehearsing *h, struct eg_err *err)
{
	struct came_filter mine = { .run = h->s->run };
	struct finding_filter told = { .drop = h->drop };
	struct item_filter every = { 0 };
	int rc = came_each(h->s->store, &mine, came, h->ret, err);

	if (rc == EG_OK)
		rc = item_each(h->s->store, &every, each_item, h, err);
	if (rc == EG_OK)
		rc = store_finding_each(h->s->store, &told, each_finding, h, err);
	return rc == EG_OK && h->sink->end != NULL ? h->sink->end(h->sink->ctx, h->drop, err) : rc;
}

int
rehearse(struct site *s, const struct reread *r, const struct rehearse_sink *sink, struct rehearse_result *ret,
    struct eg_err *err)
{
	struct rehearsing h = { .s = s, .sink = sink, .ret = ret };
	struct reread own = *r;
	struct eg_arena a;
	struct drop_row d;
	int fd = -1, rc;

	*ret = (struct rehearse_result){ 0 };
	eg_arena_init(&a, 1 << 20);
	eg_arena_init(&h.a, REHEARSE_MEM);
	rc = reread_may(s, r->of, &a, &d, &own.root, err);
	if (rc == EG_OK)
		rc = turn_original(s, &d, &a, &fd, err);
	if (rc == EG_OK)
		rc = store_open(s->dir, false, true, &h.before, err);
	if (rc == EG_OK)
		rc = store_begin(s->store, err);
	if (rc == EG_OK)
		rc = take_in(&h, &d, &own, fd, err);
	if (rc == EG_OK)
		rc = compare(&h, err);
	store_rollback(s->store);
	s->run = 0;
	store_close(h.before);
	eg_fd_done(&fd);
	eg_arena_done(&h.a);
	eg_arena_done(&a);
	return rc;
}
