/* SPDX-License-Identifier: MIT
 *
 * A batch declared void. First what it rests on is made durable (the proof, staged), then the intent (state voiding), then its files are taken out of out/, and only then do the
 * items go back: an import file that can still be fetched never stands beside items that can be sent again. Tests: tests/scenario/batches.py.
 */
#include "gateway/workflow/batch_acts.h"

#include "gateway/store/store_receipt.h"
#include "gateway/workflow/actions.h"
#include "gateway/workflow/direct.h"
#include "gateway/workflow/workflow.h"
#include "spool/bundle.h"

#include <jansson.h>

struct voiding {
	struct site *s;
	struct batch b;
	struct voided v;
	struct eg_arena a;
	unsigned open; /* items that go back */
	json_t *files;
};

/* ---- may it be? ---- */

static int
check_state(const struct voiding *g, struct eg_err *err)
{
	const char *id = g->b.id, *state = g->b.state;

	if (g->b.shadow)
		return eg_fail(err, EG_BADREC, "BATCH-STATE",
		    "%s is a batch of shadow mode and was never sent. Shadow mode is ended with: erpgate shadow end %s",
		    id, g->b.target);
	if (strcmp(state, "void") == 0 || strcmp(state, "voiding") == 0)
		return eg_fail(
		    err, EG_BADREC, "BATCH-STATE", "%s is void already. By whom and why: erpgate show %s", id, id);
	if (strcmp(state, "done") != 0)
		return eg_fail(
		    err, EG_BADREC, "BATCH-STATE", "%s is not sealed yet (%s). Run erpgate run first", id, state);
	return EG_OK;
}

/* Does the item still stand where this batch brought it? *ret_mine false: it left with a later one, or was answered with an error. EG_BADREC E-75: it was taken in. */
static int
stands(struct site *s, const struct batch *b, const struct item *it, bool *ret_mine, struct eg_err *err)
{
	struct batch newest;
	struct eg_arena a;
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = batch_newest(s->store, it->id, b->target, &a, &newest, err);
	bool mine = rc == EG_OK && strcmp(newest.id, b->id) == 0;
	eg_arena_done(&a);
	*ret_mine = mine && state_next(it->state, EV_VOID, it->type->cls, true) >= 0;
	if (mine && it->type->cls == RC_TO_ERP && (it->state == ST_SYNCED || it->state == ST_CHANGED))
		return eg_fail(err, EG_BADREC, "E-75",
		    "%s is %s: the accounting system took it in with %s, so the batch cannot be void. Undo it there and unlink it: erpgate unlink %s --gone \"…\"",
		    it->iid, state_title(it->state), b->id, it->iid);
	return rc < 0 ? rc : EG_OK;
}

static int
check_item(void *ctx, const char *batch, int64_t item, int64_t revision, int64_t decision, struct eg_err *err)
{
	struct voiding *g = ctx;
	struct eg_arena a;
	struct item it;
	bool mine = false;
	int rc;

	(void)batch;
	(void)revision;
	(void)decision;
	eg_arena_init(&a, 1 << 18);
	rc = item_get(g->s->store, item, &a, &it, err);
	if (rc == EG_OK)
		rc = stands(g->s, &g->b, &it, &mine, err);
	g->open += mine;
	eg_arena_done(&a);
	return rc == EG_EOF ?
	           eg_fail(err, EG_FATAL, "DB-CORRUPT", "an item of %s is not in the database any more", g->b.id) :
	           rc;
}

/* ---- the act ---- */

static int
log_voiding(const struct voiding *g, struct eg_err *err)
{
	const struct voided *v = &g->v;
	json_t *j = json_pack("{s:s,s:s,s:{s:s,s:s,s:I}}", "void", v->id, "reason", v->reason, "proof", "name",
	    v->proof, "sha256", v->sha256, "size", (json_int_t)v->size);
	char *detail = json_dumps(j, JSON_COMPACT);
	int rc = site_log(g->s, "voiding", g->b.id, detail, err);

	free(detail);
	json_decref(j);
	return rc;
}

static int
begin(struct voiding *g, struct eg_err *err)
{
	struct batch row = g->b;
	int rc = store_begin(g->s->store, err);

	row.state = "voiding";
	if (rc == EG_OK)
		rc = store_seen_id(g->s->store, g->v.id, err);
	if (rc == EG_OK)
		rc = voided_put(g->s->store, &g->v, err);
	if (rc == EG_OK)
		rc = batch_put(g->s->store, &row, err);
	if (rc == EG_OK)
		rc = log_voiding(g, err);
	if (rc == EG_OK)
		rc = store_commit(g->s->store, err);
	if (rc != EG_OK)
		store_rollback(g->s->store);
	return rc;
}

/* Only looked at: begin takes it, once the proof lies in its folder. */
static int
next_number(struct site *s, char ret[16], struct eg_err *err)
{
	int rc = store_begin(s->store, err);

	if (rc == EG_OK)
		rc = store_next_id(s->store, 'V', ret, err);
	store_rollback(s->store);
	return rc;
}

int
batch_void(struct site *s, const char *batch, const char *reason, const char *proof_name, struct eg_bytes proof,
    char ret_id[16], struct eg_err *err)
{
	struct voiding g = { .s = s };
	struct eg_buf name = EG_BUF_INIT;
	char sha[EG_SHA256_HEX];
	int rc = action_allowed(s, ACTION_VOID, NULL, err);

	eg_arena_init(&g.a, 1 << 18);
	bundle_safe_name(eg_bytes_str(proof_name), &name);
	eg_sha256_hex_of(proof, sha);
	if (rc == EG_OK)
		rc = batch_get(s->store, batch, &g.a, &g.b, err);
	if (rc == EG_EOF)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "There is no batch %s. See them: erpgate log", batch);
	if (rc == EG_OK)
		rc = check_state(&g, err);
	if (rc == EG_OK)
		rc = batch_item_each(s->store, batch, 0, check_item, &g, err);
	if (rc == EG_OK && g.open == 0)
		rc = eg_fail(err, EG_BADREC, "BATCH-STATE",
		    "No item of %s waits for an answer: each was answered or left again later, so there is nothing to void. See erpgate show %s",
		    batch, batch);
	if (rc == EG_OK)
		rc = next_number(s, ret_id, err);
	g.v = (struct voided){ .id = ret_id,
		.batch = batch,
		.actor = s->actor,
		.reason = reason,
		.proof = eg_buf_cstr(&name),
		.sha256 = sha,
		.size = (int64_t)proof.len,
		.at = site_now(s) };
	if (rc == EG_OK)
		rc = spool_stage(&s->spool, ret_id, "proof", g.v.proof, proof, err);
	if (rc == EG_OK)
		rc = begin(&g, err);
	if (rc == EG_OK)
		rc = batches_void(s, err);
	eg_buf_done(&name);
	eg_arena_done(&g.a);
	return rc;
}

/* ---- items ---- */

struct taking {
	struct site *s;
	const struct batch *b;
	const char *event;
	unsigned n;
};

struct past {
	bool synced;
};

/* Had the ERP the item before this batch? The last word of the log counts. */
static int
past_each(void *ctx, const struct log_row *r, struct eg_err *err)
{
	static const struct {
		const char *event;
		bool synced;
	} events[] = { { "synced", true }, { "adopted", true }, { "linked", true }, { "tied", true },
		{ "unlinked", false } };
	struct past *p = ctx;

	(void)err;
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (strcmp(r->event, events[i].event) == 0)
			p->synced = events[i].synced;
	return EG_OK;
}

static int
log_back(const struct taking *t, const struct item *it, struct eg_err *err)
{
	json_t *j = json_pack("{s:s,s:s,s:s*,s:s*,s:b}", "batch", t->b->id, "state", state_word(it->state), "written",
	    it->written, "sent_key", it->sent_key, "held", it->parked);
	char *detail = json_dumps(j, JSON_COMPACT);
	int rc = site_log(t->s, t->event, it->iid, detail, err);

	free(detail);
	json_decref(j);
	return rc;
}

/* What the other side has is what it had before this batch. */
static int
forget_batch(const struct taking *t, struct item *it, struct eg_arena *a, struct eg_err *err)
{
	const char *batch = NULL, *content = NULL;
	int rc = batch_before(t->s->store, it->id, t->b->target, t->b->id, a, &batch, &content, err);

	if (rc < 0)
		return rc;
	bool first = rc == EG_EOF;
	rc = it->sent_key != NULL && !t->b->shadow ? voided_key_add(t->s->store, it->sent_key, it->id, t->b->id, err) :
	                                             EG_OK;
	it->written = first ? NULL : content;
	if (first)
		it->sent_key = NULL;
	return rc;
}

static int
take_back(struct taking *t, struct item *it, struct eg_arena *a, struct eg_err *err)
{
	struct past past = { false };
	int rc = it->type->cls == RC_TO_ERP ? store_log_each(t->s->store, it->iid, 0, past_each, &past, err) : EG_OK;

	it->state =
	    (enum item_state)state_next(it->state, past.synced ? EV_VOID_UPDATE : EV_VOID, it->type->cls, false);
	it->accepted = 0;
	if (rc == EG_OK)
		rc = forget_batch(t, it, a, err);
	if (rc == EG_OK && direct_on(t->s, it->type) && !t->b->shadow) {
		it->parked = true; /* it would leave again at once, before anybody has looked */
		it->state = ST_HELD;
	}
	if (rc == EG_OK)
		rc = item_save(t->s->store, it, site_now(t->s), err);
	t->n++;
	return rc == EG_OK ? log_back(t, it, err) : rc;
}

static int
take_each(void *ctx, const char *batch, int64_t item, int64_t revision, int64_t decision, struct eg_err *err)
{
	struct taking *t = ctx;
	struct eg_arena a;
	struct eg_err taken_in;
	struct item it;
	bool mine = false;
	int rc;

	(void)batch;
	(void)revision;
	(void)decision;
	eg_arena_init(&a, 1 << 18);
	rc = item_get(t->s->store, item, &a, &it, err);
	if (rc == EG_OK && stands(t->s, t->b, &it, &mine, &taken_in) == EG_FATAL) {
		*err = taken_in;
		rc = EG_FATAL;
	}
	if (rc == EG_OK && mine)
		rc = take_back(t, &it, &a, err);
	eg_arena_done(&a);
	return rc == EG_EOF ? EG_OK : rc;
}

int
batch_take_back(struct site *s, const struct batch *b, const char *event, unsigned *ret_n, struct eg_err *err)
{
	struct taking t = { .s = s, .b = b, .event = event };
	int rc = batch_item_each(s->store, b->id, 0, take_each, &t, err);

	*ret_n = t.n;
	return rc;
}

/* ---- going on after a crash ---- */

static int
recall(void *ctx, const struct batch_file *f, struct eg_err *err)
{
	struct voiding *g = ctx;
	char sha[EG_SHA256_HEX];
	bool taken;
	int rc = spool_recall(&g->s->spool, g->v.id, g->b.target, f->name, &taken, sha, err);

	/* whose bytes are not ours any more: somebody wrote in out/, and what was fetched is not known */
	json_array_append_new(g->files, json_pack("{s:s,s:s,s:b,s:b}", "name", f->name, "sha256", f->sha256, "recalled",
					    taken, "changed", taken && strcmp(sha, f->sha256) != 0));
	return rc;
}

static int
finish(struct voiding *g, struct eg_err *err)
{
	struct batch row = g->b;
	unsigned items = 0;
	int rc = store_begin(g->s->store, err);

	row.state = "void";
	if (rc == EG_OK)
		rc = batch_put(g->s->store, &row, err);
	if (rc == EG_OK)
		rc = batch_take_back(g->s, &g->b, "taken-back", &items, err);
	json_t *j = json_pack("{s:s,s:i,s:O}", "void", g->v.id, "items", (int)items, "files", g->files);
	char *detail = json_dumps(j, JSON_COMPACT);
	if (rc == EG_OK)
		rc = site_log(g->s, "void", g->b.id, detail, err);
	if (rc == EG_OK)
		rc = rules_settle(g->s, false, err);
	if (rc == EG_OK)
		rc = store_commit(g->s->store, err);
	if (rc != EG_OK)
		store_rollback(g->s->store);
	free(detail);
	json_decref(j);
	return rc;
}

/* The first one that is unfinished; there is more than one only after somebody's hand in the database. */
static int
find_voiding(void *ctx, const struct batch *b, struct eg_err *err)
{
	struct voiding *g = ctx;

	if (g->b.id != NULL)
		return EG_OK;
	int rc = batch_get(g->s->store, b->id, &g->a, &g->b, err);
	return rc == EG_OK ? voided_get(g->s->store, b->id, &g->a, &g->v, err) : rc;
}

int
batches_void(struct site *s, struct eg_err *err)
{
	struct voiding g = { .s = s, .files = json_array() };
	char *before = eg_xstrdup(s->actor);
	int rc;

	eg_arena_init(&g.a, 1 << 18);
	rc = batch_each(s->store, "voiding", find_voiding, &g, err);
	if (rc == EG_OK && g.b.id != NULL) {
		(void)snprintf(s->actor, sizeof(s->actor), "%s", g.v.actor); /* also when a later turn finishes it */
		rc = batch_file_each(s->store, g.b.id, recall, &g, err);
		if (rc == EG_OK)
			rc = finish(&g, err);
		(void)snprintf(s->actor, sizeof(s->actor), "%s", before);
	}
	json_decref(g.files);
	free(before);
	eg_arena_done(&g.a);
	return rc;
}
