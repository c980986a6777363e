/* SPDX-License-Identifier: MIT
 *
 * A batch once more, after its delivery was lost: the sealed bytes under the same names. Refuses what would put a file beside itself or in front of one that has been read.
 * Tests: tests/scenario/batches.py.
 */
#include "gateway/cycle.h"
#include "gateway/workflow/batch_acts.h"

#include "base/fs.h"
#include "gateway/store/store_receipt.h"
#include "gateway/workflow/actions.h"
#include "spool/bundle.h"

#include <jansson.h>

struct again {
	struct site *s;
	struct batch b;
	const char *reason;
	struct eg_arena a;
	char *path; /* of the bundle, below archive/ */
	char sha256[EG_SHA256_HEX];
	json_t *files;
};

/* ---- may it be? ---- */

static int
check_state(const struct again *g, struct eg_err *err)
{
	const char *id = g->b.id, *state = g->b.state;

	if (g->b.shadow)
		return eg_fail(err, EG_BADREC, "BATCH-STATE",
		    "%s is a batch of shadow mode and was never sent, so it is not sent again. Its files: spool/shadow/%s",
		    id, g->b.target);
	if (strcmp(state, "void") == 0 || strcmp(state, "voiding") == 0)
		return eg_fail(err, EG_BADREC, "BATCH-STATE",
		    "%s is void and never leaves again. Its items wait for a new decision: erpgate sheet -o today.csv",
		    id);
	if (strcmp(state, "done") != 0 || g->b.bundle == NULL)
		return eg_fail(err, EG_BADREC, "BATCH-STATE",
		    "%s is not sealed yet (%s), so there is nothing to take it from. Run erpgate run first", id, state);
	return EG_OK;
}

static int
check_item(void *ctx, const char *batch, int64_t item, int64_t revision, int64_t decision, struct eg_err *err)
{
	struct again *g = ctx;
	struct batch newest;
	struct eg_arena a;
	struct item it;
	int rc;

	(void)revision;
	(void)decision;
	eg_arena_init(&a, 1 << 18);
	rc = item_get(g->s->store, item, &a, &it, err);
	if (rc == EG_OK)
		rc = batch_newest(g->s->store, item, g->b.target, &a, &newest, err);
	if (rc == EG_OK && strcmp(newest.id, batch) != 0)
		rc = eg_fail(err, EG_BADREC, "E-75",
		    "%s left again with %s, so the older file must not follow it. If that one was lost: erpgate republish %s --reason …",
		    it.iid, newest.id, newest.id);
	else if (rc == EG_OK && it.type->cls == RC_TO_ERP && it.state != ST_EXPORTED)
		rc = eg_fail(err, EG_BADREC, "E-75",
		    "%s is %s: the accounting system has answered about %s, so it has the file, and a second one could be booked twice. See erpgate show %s",
		    it.iid, state_title(it.state), batch, it.iid);
	eg_arena_done(&a);
	return rc == EG_EOF ?
	           eg_fail(err, EG_FATAL, "DB-CORRUPT", "an item of %s is not in the database any more", batch) :
	           rc;
}

static int
check_gone(void *ctx, const struct batch_file *f, struct eg_err *err)
{
	struct again *g = ctx;
	char *path = eg_xprintf("%s/%s", g->b.target, f->name);
	bool there = eg_fs_exists(g->s->spool.out, path);

	free(path);
	return there ?
	           eg_fail(err, EG_BADREC, "BATCH-STATE",
		       "%s is still in spool/out/%s: the receiver has not fetched it, so nothing was lost. Let the receiver fetch it",
		       f->name, g->b.target) :
	           EG_OK;
}

static int
note_bundle(void *ctx, const struct bundle_row *b, struct eg_err *err)
{
	struct again *g = ctx;

	(void)err;
	free(g->path);
	g->path = eg_xstrdup(b->path);
	(void)snprintf(g->sha256, sizeof(g->sha256), "%s", b->sha256);
	return EG_OK;
}

/* The bundle is what it was when it was sealed, or nothing leaves. */
static int
check_bundle(struct again *g, struct eg_err *err)
{
	struct bundle_verdict v;
	int rc = bundle_row_each(g->s->store, g->b.bundle, note_bundle, g, err);

	if (rc == EG_OK && g->path == NULL)
		rc = eg_fail(
		    err, EG_FATAL, "DB-CORRUPT", "bundle %s of %s is not in the database", g->b.bundle, g->b.id);
	if (rc == EG_OK)
		rc = bundle_verify(&g->s->spool, g->path, NULL, &v, err);
	if (rc == EG_OK && (!v.good || strcmp(v.sha256, g->sha256) != 0))
		rc = eg_fail(err, EG_BADREC, "BATCH-STATE",
		    "Bundle %s, which has the files of %s, is not as it was sealed: %s. Nothing was sent. Restore it from your copies, then try again: erpgate audit verify %s",
		    g->b.bundle, g->b.id, v.good ? "its digest is not the one in the log" : v.problem, g->b.bundle);
	return rc;
}

/* ---- staging ---- */

static int
stage(void *ctx, const struct batch_file *f, struct eg_err *err)
{
	struct again *g = ctx;
	struct eg_buf bytes = EG_BUF_INIT;
	char *member = eg_xprintf("data/outbound/%s/%s", g->b.target, f->name), sha[EG_SHA256_HEX];
	int rc = bundle_extract(&g->s->spool, g->path, member, &bytes, err);

	if (rc == EG_OK)
		eg_sha256_hex_of(eg_buf_view(&bytes), sha);
	if (rc == EG_OK && strcmp(sha, f->sha256) != 0)
		rc = eg_fail(err, EG_FATAL, "DB-CORRUPT",
		    "%s in bundle %s has other bytes than the journal says; nothing was sent", f->name, g->b.bundle);
	if (rc == EG_OK)
		rc = spool_stage(&g->s->spool, g->b.id, g->b.target, f->name, eg_buf_view(&bytes), err);
	json_array_append_new(g->files, json_pack("{s:s,s:s}", "name", f->name, "sha256", f->sha256));
	eg_buf_done(&bytes);
	free(member);
	return rc;
}

static int
begin(struct again *g, struct eg_err *err)
{
	json_t *j = json_pack(
	    "{s:s,s:s,s:s,s:O}", "reason", g->reason, "target", g->b.target, "bundle", g->b.bundle, "files", g->files);
	char *detail = json_dumps(j, JSON_COMPACT);
	struct batch row = g->b;
	int rc = store_begin(g->s->store, err);

	row.state = "again";
	if (rc == EG_OK)
		rc = batch_put(g->s->store, &row, err);
	if (rc == EG_OK)
		rc = site_log(g->s, "republish", g->b.id, detail, err);
	if (rc == EG_OK)
		rc = store_commit(g->s->store, err);
	if (rc != EG_OK)
		store_rollback(g->s->store);
	free(detail);
	json_decref(j);
	return rc;
}

int
batch_republish(struct site *s, const char *batch, const char *reason, struct eg_err *err)
{
	struct again g = { .s = s, .reason = reason, .files = json_array() };
	int rc = action_allowed(s, ACTION_REPUBLISH, NULL, err);

	eg_arena_init(&g.a, 1 << 18);
	if (rc == EG_OK)
		rc = batch_get(s->store, batch, &g.a, &g.b, err);
	if (rc == EG_EOF)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "There is no batch %s. See them: erpgate log", batch);
	if (rc == EG_OK)
		rc = check_state(&g, err);
	if (rc == EG_OK)
		rc = batch_file_each(s->store, batch, check_gone, &g, err);
	if (rc == EG_OK)
		rc = batch_item_each(s->store, batch, 0, check_item, &g, err);
	if (rc == EG_OK)
		rc = check_bundle(&g, err);
	if (rc == EG_OK)
		rc = turn_keep(s, err); /* that it is sealed: its folder goes */
	/* what a crash behind the seal left of the first time is sealed: it must not stand beside the second */
	if (rc == EG_OK)
		rc = spool_clean(&s->spool, batch, err);
	if (rc == EG_OK)
		rc = batch_file_each(s->store, batch, stage, &g, err);
	if (rc == EG_OK)
		rc = begin(&g, err);
	if (rc == EG_OK)
		rc = turn_keep(s, err); /* that it leaves again, before it does */
	if (rc == EG_OK)
		rc = batches_again(s, err);
	if (rc == EG_OK)
		rc = spool_clean(&s->spool, batch, err);
	json_decref(g.files);
	free(g.path);
	eg_arena_done(&g.a);
	return rc;
}

/* ---- going on after a crash ---- */

struct publishing {
	struct site *s;
	const struct batch *b;
	bool companion;
};

static int
publish_file(void *ctx, const struct batch_file *f, struct eg_err *err)
{
	struct publishing *p = ctx;
	bool done;

	return spool_publish(&p->s->spool, p->b->id, p->b->target, f->name, p->companion, &done, err);
}

static int
publish(void *ctx, const struct batch *b, struct eg_err *err)
{
	struct site *s = ctx;
	char *key = eg_xprintf("target.%s.companion", b->target);
	struct publishing p = { s, b, conf_bool(&s->conf, key) };
	struct batch row = *b;
	int rc = batch_file_each(s->store, b->id, publish_file, &p, err);

	free(key);
	row.state = "done";
	if (rc == EG_OK)
		rc = batch_put(s->store, &row, err);
	return rc == EG_OK ? site_log(s, "republished", b->id, NULL, err) : rc;
}

int
batches_again(struct site *s, struct eg_err *err)
{
	int rc = store_begin(s->store, err);

	if (rc == EG_OK)
		rc = batch_each(s->store, "again", publish, s, err);
	if (rc == EG_OK)
		rc = store_commit(s->store, err);
	if (rc != EG_OK)
		store_rollback(s->store);
	return rc;
}

static int
count(void *ctx, const struct log_row *r, struct eg_err *err)
{
	(void)err;
	*(unsigned *)ctx += strcmp(r->event, "republished") == 0;
	return EG_OK;
}

int
batch_republished(struct site *s, const char *batch, unsigned *ret, struct eg_err *err)
{
	*ret = 0;
	return store_log_each(s->store, batch, 0, count, ret, err);
}
