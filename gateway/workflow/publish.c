/* SPDX-License-Identifier: MIT
 *
 * Publishing: what is staged leaves by rename, file by file. Stopped in between it goes on where it was: a file that is no longer staged has left.
 * Tests: tests/unit/test_batch.c, tests/scenario/.
 */
#include "base/fs.h"
#include "gateway/workflow/workflow.h"

struct publishing {
	struct site *site;
	const struct batch *batch;
	bool companion;
	struct spool spool; /* `out` is spool/shadow for a batch of shadow mode: what follows cannot reach a receiver */
};

static int
publish_file(void *ctx, const struct batch_file *f, struct eg_err *err)
{
	struct publishing *p = ctx;
	bool done;

	return spool_publish(&p->spool, p->batch->id, p->batch->target, f->name, p->companion, &done, err);
}

static int
publish_batch(void *ctx, const struct batch *b, struct eg_err *err)
{
	struct site *s = ctx;
	struct batch row = *b;
	char *key = eg_xprintf("target.%s.companion", b->target);
	struct publishing p = { s, b, conf_bool(&s->conf, key), s->spool };
	int shadow = -1;
	int rc = b->shadow ? spool_open_shadow(&s->spool, b->target, &shadow, err) : EG_OK;

	p.spool.out = b->shadow ? shadow : s->spool.out;
	if (rc == EG_OK)
		rc = batch_file_each(s->store, b->id, publish_file, &p, err);
	eg_fd_done(&shadow);
	free(key);
	row.state = "published";
	if (rc == EG_OK)
		rc = batch_put(s->store, &row, err);
	return rc == EG_OK ? site_log(s, b->shadow ? "shadowed" : "published", b->id, NULL, err) : rc;
}

int
batches_publish(struct site *s, struct eg_err *err)
{
	int rc = store_begin(s->store, err);

	if (rc == EG_OK)
		rc = batch_each(s->store, "ready", publish_batch, s, err);
	if (rc == EG_OK)
		rc = store_commit(s->store, err);
	if (rc != EG_OK)
		store_rollback(s->store);
	return rc;
}

int
batch_publish(struct site *s, const char *batch, struct eg_err *err)
{
	struct eg_arena a;
	struct batch b;
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = store_begin(s->store, err);
	if (rc == EG_OK)
		rc = batch_get(s->store, batch, &a, &b, err);
	if (rc == EG_OK)
		rc = publish_batch(s, &b, err);
	if (rc == EG_OK)
		rc = store_commit(s->store, err);
	if (rc != EG_OK)
		store_rollback(s->store);
	eg_arena_done(&a);
	return rc;
}
