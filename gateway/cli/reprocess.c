/* SPDX-License-Identifier: MIT
 *
 * reprocess: a sealed original once more, with the adapters, tables and settings of today or an adapter that is given. A dry run plays it and tells what would change, item by item;
 * the real one makes a drop of its own, so that nothing is overwritten. Batches: reprocess_batch.c.
 */
#include "gateway/cli/again.h"

struct asked {
	struct cli *c;
	const char *operand;
	struct again_what what;
	struct again_files adapter;
	struct reread r;
};

/* The given adapter is tried on its own before anything is begun: a fault is told with its line. */
static int
take_adapter(struct asked *q, struct site *s, struct eg_err *err)
{
	struct site with = { .adapters = NULL };
	int rc = again_files(q->c->opt[O_ADAPTER], false, &q->adapter, err);

	if (rc < 0 || q->adapter.n == 0)
		return rc;
	rc = again_site(s, &q->adapter, NULL, &with, err);
	if (with.adapters != NULL)
		variant_done(s, &with);
	q->r.adapter_file = q->adapter.name[0];
	q->r.adapter_text = q->adapter.text[0];
	return rc;
}

static int
find(struct asked *q, struct site *s, struct eg_arena *a, struct eg_err *err)
{
	int rc = again_find(s, q->operand, a, &q->what, err);

	if (rc == EG_OK)
		rc = take_adapter(q, s, err);
	q->r.of = q->what.id;
	q->r.kind = "reprocessed";
	q->r.reason = cli_has(q->c, O_REASON) ? q->c->opt[O_REASON] : "";
	q->r.actor = "";
	if (q->what.is == AGAIN_ITEM) {
		q->r.pick = &q->what.pick;
		q->r.npicks = 1;
	}
	return rc;
}

static int
tell_plan(const struct asked *q, struct site *s, struct eg_arena *a, struct eg_err *err)
{
	const char *root;
	struct drop_row d;
	int rc = reread_may(s, q->r.of, a, &d, &root, err);

	if (rc == EG_OK && !cli_has(q->c, O_JSON))
		(void)printf("%s (%s/%s, sha256 %s) would be read again from bundle %s with %s%s.\n\n", d.id, d.source,
		    d.name, d.sha256, d.bundle, q->adapter.n > 0 ? q->adapter.name[0] : "the adapters of today",
		    q->what.is == AGAIN_ITEM ? "; of it only the document of the item" : "");
	return rc;
}

static void
tell_summary(const struct asked *q, const struct rehearse_result *r)
{
	if (cli_has(q->c, O_JSON)) {
		cli_json(json_pack("{s:s,s:s,s:I,s:I,s:i,s:i,s:i,s:I,s:I,s:b}", "type", "summary", "of", q->r.of,
		    "documents", (json_int_t)r->documents, "unchanged", (json_int_t)r->unchanged, "new", (int)r->added,
		    "revised", (int)r->revised, "moved", (int)r->moved, "rejected", (json_int_t)r->rejected, "passed",
		    (json_int_t)r->passed, "refused", r->refused));
		return;
	}
	(void)printf(
	    "\n%lld documents: %lld unchanged, %u new revisions, %u new items, %lld refused, %lld not asked for or outdated; %u items only change their state.\n",
	    (long long)r->documents, (long long)r->unchanged, r->revised, r->added, (long long)r->rejected,
	    (long long)r->passed, r->moved);
	if (r->added + r->revised + r->moved == 0 && !r->refused)
		(void)printf("Nothing would change.\n");
	else
		(void)printf(
		    "Nothing was written. What is unchanged has no effect; changed items become new revisions and need a new decision, and what has left stays as it was.\nTo do it: erpgate reprocess %s%s%s\n",
		    q->operand, q->adapter.n > 0 ? " --with-adapter " : "", q->adapter.n > 0 ? q->adapter.name[0] : "");
}

static int
plan(struct asked *q)
{
	struct rehearse_result result;
	struct eg_err err = { 0 };
	struct eg_arena a;
	struct site s;
	int code, rc;

	if (!cli_site(q->c, SITE_CHANGE, &s, &code))
		return code;
	eg_arena_init(&a, 1 << 26);
	rc = find(q, &s, &a, &err);
	if (rc == EG_OK)
		rc = tell_plan(q, &s, &a, &err);
	if (rc == EG_OK)
		rc = again_rehearse(q->c, &s, &q->r, &result, &err);
	if (rc == EG_OK)
		tell_summary(q, &result);
	code = rc < 0 ? cli_fail(q->c, &err) : CLI_OK;
	eg_arena_done(&a);
	site_close(&s);
	return code;
}

static int
act(struct asked *q)
{
	struct eg_err err = { 0 };
	struct eg_arena a;
	struct site s;
	char drop[16];
	int code;

	if (!cli_own_site(q->c, &s, &code))
		return code;
	eg_arena_init(&a, 1 << 26);
	int rc = find(q, &s, &a, &err);
	if (rc == EG_OK)
		rc = again_begin(&s, &q->r, drop, &err);
	code = rc < 0 ? cli_fail(q->c, &err) : cli_one_turn(q->c, &s);
	eg_arena_done(&a);
	site_close(&s);
	return code;
}

/* A batch, or the bundle of one; the answer of a site that cannot be opened is left to the command proper. */
static char *
batch_of(struct cli *c, const char *operand)
{
	struct again_what what;
	struct eg_err err = { 0 };
	struct eg_arena a;
	struct site s;
	char *batch = NULL;

	if (operand[0] == 'B')
		return eg_xstrdup(operand);
	if (operand[0] != 'A' || site_open(c->opt[O_DIR], SITE_LOOK, &s, &err) < 0)
		return NULL;
	eg_arena_init(&a, 1 << 20);
	if (again_find(&s, operand, &a, &what, &err) == EG_OK && what.is == AGAIN_BATCH)
		batch = eg_xstrdup(what.id);
	eg_arena_done(&a);
	site_close(&s);
	return batch;
}

int
cmd_reprocess(struct cli *c)
{
	struct asked q = { .c = c, .operand = c->argv[0] };
	char *batch = batch_of(c, q.operand);
	int code;

	if (cli_has(c, O_ADAPTER) && strchr(c->opt[O_ADAPTER], '\n') != NULL)
		code = cli_usage(c, "it takes one adapter; put several into adapters/ of the site");
	else if (batch != NULL)
		code = again_batch(c, batch);
	else if (cli_has(c, O_TO))
		code = cli_usage(c, "--target is for batches; a drop is read again into the items");
	else
		code = cli_has(c, O_DRY_RUN) ? plan(&q) : act(&q);
	again_files_done(&q.adapter);
	free(batch);
	return code;
}
