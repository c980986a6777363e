/* SPDX-License-Identifier: MIT
 *
 * Outbound batches: gather, render in the worker, stage, and fix names, digests, lineage and item states in one transaction. A crash before its commit leaves staged
 * files that nobody knows (cleaned at the next turn); after it, publishing goes on from what is staged.
 */
#include "gateway/workflow/batch.h"
#include "gateway/workflow/batch_inputs.h"
#include "gateway/workflow/diff_budget.h"
#include "gateway/workflow/direct.h"
#include "gateway/workflow/shadow.h"

#include "gateway/store/store_link.h"

/* ---- gathering ---- */

static bool
for_target(const struct making *m, const struct item *it)
{
	if (it->state != ST_APPROVED && it->type->id != REC_PRIME)
		return false; /* prime contracts leave without a decision (layouts §3.11) */
	if (m->board != NULL && !m->board->line[schedule_group_of(it->type)].open)
		return false;
	return (it->type->cls == RC_TO_ERP) == (strcmp(m->target, "procore") != 0);
}

static int
gather_each(void *ctx, const struct item *it, struct eg_err *err)
{
	struct making *m = ctx;
	struct entry *e;
	struct decision d;
	int rc;

	if (m->n == m->most || !for_target(m, it))
		return EG_OK;
	e = eg_arena_alloc(&m->a, sizeof(*e));
	if (e == NULL)
		return eg_fail(err, EG_RETRY, "LIMIT-MEM", "the batch is too large for memory");
	rc = item_get(m->site->store, it->id, &m->a, &e->item, err);
	if (rc == EG_OK)
		rc = item_record(m->site->store, it->rev, &m->a, &e->rec, err);
	if (rc == EG_OK && it->accepted != 0) {
		rc = decision_get(m->site->store, it->accepted, &m->a, &d, err);
		e->decision = it->accepted;
	}
	if (rc == EG_OK)
		e->came = batch_amount(&e->rec);
	if (rc == EG_OK)
		rc = budget_difference(m->site, &e->item, &m->a, &e->rec, &e->srcs, err);
	if (rc == EG_OK)
		rc = enrich(m->site, &e->item, e->decision != 0 ? &d : NULL, &m->a, &e->rec, &e->srcs, err);
	if (m->n == m->cap) {
		m->cap = m->cap == 0 ? 64 : m->cap * 2;
		m->e = eg_xrealloc(m->e, m->cap * sizeof(struct entry *));
	}
	m->e[m->n++] = e;
	if (rc == EG_EOF) /* inside a walk it would pass for the walk's end and leave items behind */
		rc = eg_fail(
		    err, EG_FATAL, "DB-CORRUPT", "the revision or decision of %s is not there any more", it->iid);
	return rc;
}

/* ---- counters: running numbers that are never used again ---- */

static int
counters_load(struct site *s, int64_t **ret, struct eg_err *err)
{
	size_t n = adp_set_count(s->adapters);
	int64_t *c = eg_xalloc((n + 1) * sizeof(*c));
	struct eg_arena a;
	int rc = EG_OK;

	eg_arena_init(&a, 1 << 16);
	for (size_t i = 0; rc == EG_OK && i < n; i++) {
		char *key = eg_xprintf("counter.%s", adp_info(adp_set_at(s->adapters, i))->name);
		const char *v = NULL;
		c[i] = INT64_MIN; /* the adapter's own start */
		rc = store_meta_get(s->store, key, &a, &v, err);
		if (rc == EG_OK && v != NULL && !eg_bytes_to_i64(eg_bytes_str(v), &c[i]))
			rc = eg_fail(err, EG_FATAL, "DB-CORRUPT", "the running number %s is damaged", key);
		free(key);
	}
	eg_arena_done(&a);
	*ret = c;
	return rc;
}

static int
counters_save(struct site *s, const int64_t *c, struct eg_err *err)
{
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < adp_set_count(s->adapters); i++) {
		if (c[i] == INT64_MIN)
			continue;
		char *key = eg_xprintf("counter.%s", adp_info(adp_set_at(s->adapters, i))->name),
		     *v = eg_xprintf("%lld", (long long)c[i]);
		rc = store_meta_set(s->store, key, v, err);
		free(v);
		free(key);
	}
	return rc;
}

/* ---- the transaction ---- */

static int
log_item(struct making *m, const struct entry *e, const char *event, struct eg_err *err)
{
	json_t *j = json_pack("{s:s,s:s}", "batch", m->id, "content", e->item.content);
	char *text = json_dumps(j, JSON_COMPACT);
	int rc = site_log(m->site, event, e->item.iid, text, err);

	free(text);
	json_decref(j);
	return rc;
}

static int
save_item(struct making *m, struct entry *e, struct eg_err *err)
{
	enum item_event ev = e->item.type->cls == RC_TO_ERP ? EV_EXPORT : EV_IMPORT;
	enum item_state from = e->item.type->id == REC_PRIME ? ST_APPROVED : e->item.state;
	int next = state_next(from, ev, e->item.type->cls, true);
	int rc;

	if (!e->written)
		return EG_OK; /* no adapter of the target has a row for it */
	if (next < 0)
		return eg_fail(
		    err, EG_FATAL, "STATE", "%s was written although it is %s", e->item.iid, state_word(e->item.state));
	rc = batch_item_add(m->site->store, m->id, e->item.id, e->item.rev, e->decision, err);
	e->item.state = (enum item_state)next;
	e->item.written = e->item.content;
	if (e->key != NULL)
		e->item.sent_key = e->key;
	if (rc == EG_OK)
		rc = item_save(m->site->store, &e->item, site_now(m->site), err);
	if (rc == EG_OK && e->item.type->id == REC_COMMITMENT)
		rc = contract_key_forget(
		    m->site->store, e->item.id, err); /* it leaves with its company's key of today */
	return rc == EG_OK ? log_item(m, e,
				 m->shadow       ? "shadowed" :
				 ev == EV_EXPORT ? "exported" :
						   "imported",
				 err) :
	                     rc;
}

static int
log_batch(struct making *m, struct eg_err *err)
{
	json_t *j = json_object(), *files = json_array();
	int rc;

	for (size_t i = 0; i < m->nfiles; i++)
		json_array_append_new(files, json_string(m->file[i].name));
	json_object_set_new(j, "target", json_string(m->target));
	json_object_set_new(j, "files", files);
	if (m->shadow)
		json_object_set_new(j, "shadow", json_true());
	char *text = json_dumps(j, JSON_COMPACT);
	rc = site_log(m->site, "batch", m->id, text, err);
	free(text);
	json_decref(j);
	return rc;
}

int
batch_render(struct making *m, int64_t *counters, struct eg_err *err)
{
	const struct rec **records = eg_xalloc(m->n * sizeof(*records));
	struct worker_out_sink sink = batch_sink(m);
	int rc;

	for (size_t i = 0; i < m->n; i++)
		records[i] = &m->e[i]->rec;
	rc = worker_write(m->site, m->target, records, m->n, counters, &sink, err);
	free(records);
	if (rc == EG_OK)
		rc = batch_complete(m, err);
	return rc == EG_OK ? batch_conserve(m, NULL, err) : rc;
}

static int
save(struct making *m, const int64_t *counters, struct eg_err *err)
{
	struct site *s = m->site;
	struct batch b = { .id = m->id,
		.target = m->target,
		.state = "ready",
		.made = site_now(s),
		.run = s->run,
		.shadow = m->shadow };
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < m->nfiles; i++)
		rc = batch_save_file(m, i, err);
	for (size_t i = 0; rc == EG_OK && i < m->n; i++)
		rc = save_item(m, m->e[i], err);
	if (rc == EG_OK)
		rc = batch_put(s->store, &b, err);
	if (rc == EG_OK)
		rc = counters_save(s, counters, err);
	return rc == EG_OK ? log_batch(m, err) : rc;
}

static int
make_one(struct making *m, int64_t **ret_counters, bool *ret_made, struct eg_err *err)
{
	struct item_filter ready = { .states = 1U << ST_APPROVED | 1U << ST_WAITING };
	struct site *s = m->site;
	int64_t *before = NULL;
	int rc = item_each(s->store, &ready, gather_each, m, err);

	*ret_made = false;
	if (rc < 0 || m->n == 0)
		return rc;
	rc = store_next_id(s->store, 'B', m->id, err);
	if (rc == EG_OK)
		rc = counters_load(s, ret_counters, err);
	if (rc == EG_OK) {
		before = batch_counters_copy(s, *ret_counters);
		rc = batch_render(m, *ret_counters, err);
	}
	if (rc == EG_OK && m->nfiles > 0) {
		rc = batch_inputs_stage(m, before, err);
		if (rc == EG_OK)
			rc = batch_conserve_stage(m, err);
		if (rc == EG_OK)
			rc = save(m, *ret_counters, err);
		*ret_made = rc == EG_OK;
	}
	free(before);
	return rc;
}

static void
making_done(struct making *m)
{
	for (size_t i = 0; i < m->n; i++)
		free(m->e[i]->srcs.file);
	batch_files_free(m);
	free(m->e);
	eg_arena_done(&m->a);
}

#define BATCH_ARENA ((size_t)1 << 32)

/* A due time is served in the transaction that wrote what waited for it: a crash between them would skip or repeat it. */
static int
serve(struct making *m, struct eg_err *err)
{
	return m->board == NULL ? EG_OK : schedule_served(m->site, m->board, strcmp(m->target, "procore") != 0, err);
}

struct attempt { /* at one target's batches */
	size_t most; /* items of one */
	bool again; /* a batch that failed without a culprit has been tried again */
};

/* Nothing had waited: the due time is over all the same. */
static int
serve_alone(struct making *m, struct eg_err *err)
{
	int rc = m->board == NULL ? EG_OK : store_begin(m->site->store, err);

	if (rc == EG_OK)
		rc = serve(m, err);
	if (rc == EG_OK && m->board != NULL)
		rc = store_commit(m->site->store, err);
	if (rc < 0)
		store_rollback(m->site->store);
	return rc;
}

/* What could not be written must not keep the rest from leaving: it is set aside, or, when the items fail only together, fewer of them are taken. The first time
 * none is at fault, the writer may have been killed from outside: the same items are tried again, so that what belongs together leaves together. */
static int
fewer(struct making *m, const int64_t *counters, struct attempt *at, struct eg_err *err)
{
	size_t aside = 0;
	int rc = batch_aside(m, counters, &aside, err);

	if (rc == EG_OK && aside == 0 && at->again)
		at->most = m->n > 1 ? m->n / 2 : 1;
	at->again = at->again || aside == 0;
	return rc == EG_OK ? EG_EOF : rc;
}

/* EG_EOF: there is more to write, ask again. */
static int
one_batch(struct site *s, const char *target, struct attempt *at, unsigned *batches, struct eg_err *err)
{
	struct schedule_board board;
	struct making m = { .site = s,
		.target = target,
		.board = s->scheduled ? &board : NULL,
		.most = at->most,
		.shadow = shadow_on(&s->conf, target) };
	int64_t *counters = NULL;
	bool made = false;
	int rc = store_begin(s->store, err);

	eg_arena_init(&m.a, BATCH_ARENA);
	if (rc == EG_OK && s->scheduled)
		rc = schedule_look(s, &board, err);
	if (rc == EG_OK)
		rc = make_one(&m, &counters, &made, err);
	const bool fault = rc < 0 && m.n > 0 && batch_fault(rc, err);
	if (rc == EG_OK && made)
		rc = rules_settle(s, false, err); /* what this batch made synced holds nothing any more */
	if (rc == EG_OK && made)
		rc = serve(&m, err);
	if (rc == EG_OK && made)
		rc = store_commit(s->store, err);
	if (rc < 0 || !made)
		store_rollback(s->store);
	if (rc == EG_OK && !made)
		rc = serve_alone(&m, err);
	if (rc == EG_OK && made)
		(*batches)++;
	if (fault)
		rc = fewer(&m, counters, at, err);
	else if (rc == EG_OK && made && m.n == m.most)
		rc = EG_EOF;
	free(counters);
	making_done(&m);
	return rc;
}

static int
target_batch(struct site *s, const char *target, unsigned *batches, struct eg_err *err)
{
	struct attempt at = { SIZE_MAX, false };
	bool lets = true;
	int rc = shadow_lets(s, target, &lets, err);

	if (rc < 0 || !lets)
		return rc;
	do
		rc = one_batch(s, target, &at, batches, err);
	while (rc == EG_EOF);
	return rc;
}

int
batches_make(struct site *s, unsigned *ret_batches, struct eg_err *err)
{
	unsigned n = 0;
	int rc = target_batch(s, "procore", &n, err);

	if (rc == EG_OK)
		rc = direct_accept(s, err);
	if (rc == EG_OK)
		rc = budgets_unchanged(s, err);
	if (rc == EG_OK)
		rc = target_batch(s, s->erp, &n, err);
	*ret_batches += n;
	return rc;
}
