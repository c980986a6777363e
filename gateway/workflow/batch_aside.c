/* SPDX-License-Identifier: MIT
 *
 * Items that cannot be written: the worker died over them, refused them, or its totals did not agree with ours. One such item must not stop every turn from now
 * on, so it is found by halving, held as if a person held it, and told (F-70, F-78 when its money does not add up); the others leave without it. Tests: tests/unit/test_aside.c.
 */
#include "gateway/workflow/actions.h"
#include "gateway/workflow/batch.h"

struct search {
	struct making *m;
	const int64_t *counters;
	char **why; /* by entry; NULL = it can be written, or was not asked */
	bool *sums; /* by entry: it is its money that does not add up */
	size_t found;
};

bool
batch_fault(int rc, const struct eg_err *err)
{
	if (rc == EG_FATAL)
		return strcmp(err->code, "LEDGER") == 0 || strcmp(err->code, "WORKER") == 0;
	return rc == EG_BADFILE || (rc < 0 && worker_again(err));
}

static int
unheard(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err)
{
	(void)ctx;
	(void)record;
	(void)f;
	(void)err;
	return EG_OK;
}

/* Writes the items from..to into memory, for nothing but the answer. */
static int
try(const struct search *q, size_t from, size_t to, struct eg_err *err)
{
	struct making m = *q->m;
	struct worker_out_sink sink = batch_sink(&m);
	const size_t n = adp_set_count(m.site->adapters);
	const struct rec **records = eg_xalloc((to - from) * sizeof(*records));
	int64_t *counters = eg_xalloc((n + 1) * sizeof(*counters));

	sink.finding = unheard;
	memcpy(counters, q->counters, n * sizeof(*counters));
	m.e += from;
	m.n = to - from;
	m.file = NULL;
	m.nfiles = m.told = 0;
	for (size_t i = 0; i < m.n; i++) {
		m.e[i]->written = false;
		m.e[i]->in = 0;
		m.e[i]->files = 0;
		records[i] = &m.e[i]->rec;
	}
	int rc = worker_write(m.site, m.target, records, m.n, counters, &sink, err);
	if (rc == EG_OK)
		rc = batch_complete(&m, err);
	if (rc == EG_OK)
		rc = batch_conserve(&m, NULL, err);
	batch_files_free(&m);
	free(counters);
	free(records);
	return rc;
}

/* Halving: what goes well together needs no closer look. */
static int
search(struct search *q, size_t from, size_t to, struct eg_err *err)
{
	int rc = try(q, from, to, err);

	if (rc == EG_OK || !batch_fault(rc, err))
		return rc;
	if (to - from == 1) {
		q->why[from] = eg_xstrdup(err->msg);
		q->sums[from] = strcmp(err->code, "LEDGER") == 0;
		q->found++;
		return EG_OK;
	}
	const size_t half = from + (to - from) / 2;
	rc = search(q, from, half, err);
	return rc == EG_OK ? search(q, half, to, err) : rc;
}

static int
set_aside(struct making *m, size_t i, const char *why, bool sums, struct eg_err *err)
{
	const struct item *it = &m->e[i]->item;
	char *msg = eg_xprintf(
	    sums ?
		"The money of %s does not add up on both sides for %s, so it does not leave; everything else does. %s When the cause is gone: erpgate release %s" :
		"%s could not be written for %s and was set aside; everything else leaves without it. %s When the cause is gone: erpgate release %s",
	    it->iid, m->target, why, it->iid);
	struct adp_finding f = { .code = sums ? "F-78" : "F-70",
		.severity = ADP_HOLD,
		.line = (uint64_t)it->line,
		.field = "",
		.msg = msg };
	struct worker_out_sink sink = batch_sink(m);
	int rc = sink.finding(m, i, &f, err);

	if (rc == EG_OK)
		rc = act_hold(m->site, it, msg, err);
	free(msg);
	return rc;
}

int
batch_aside(struct making *m, const int64_t *counters, size_t *ret_n, struct eg_err *err)
{
	struct search q = {
		.m = m, .counters = counters, .why = eg_xalloc((m->n + 1) * sizeof(*q.why)), .sums = eg_xalloc(m->n + 1)
	};
	int rc = search(&q, 0, m->n, err);

	if (rc == EG_OK && q.found > 0) {
		rc = store_begin(m->site->store, err);
		for (size_t i = 0; rc == EG_OK && i < m->n; i++)
			if (q.why[i] != NULL)
				rc = set_aside(m, i, q.why[i], q.sums[i], err);
		if (rc == EG_OK)
			rc = store_commit(m->site->store, err);
		if (rc < 0)
			store_rollback(m->site->store);
	}
	*ret_n = q.found;
	for (size_t i = 0; i < m->n; i++)
		free(q.why[i]);
	free(q.why);
	free(q.sums);
	return rc;
}
