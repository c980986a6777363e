/* SPDX-License-Identifier: MIT
 *
 * Shadow mode: who is in it, what it left behind, and how it ends. Tests: tests/scenario/shadow.bats.
 */
#include "gateway/workflow/shadow.h"

#include "gateway/workflow/actions.h"
#include "gateway/workflow/batch_acts.h"
#include "gateway/workflow/workflow.h"

#include <jansson.h>

bool
shadow_on(const struct conf *c, const char *target)
{
	return strcmp(conf_sub(c, "target", target, "shadow"), "yes") == 0;
}

bool
shadow_any(const struct site *s)
{
	return shadow_on(&s->conf, "procore") || shadow_on(&s->conf, s->erp);
}

/* ---- what it left ---- */

struct left {
	struct site *s;
	const char *target; /* NULL = any */
	char (*id)[16];
	size_t n;
};

static int
left_each(void *ctx, const struct batch *b, struct eg_err *err)
{
	struct left *l = ctx;

	(void)err;
	if (!b->shadow || (l->target != NULL && strcmp(b->target, l->target) != 0))
		return EG_OK;
	l->id = eg_xrealloc(l->id, (l->n + 1) * sizeof(*l->id));
	(void)snprintf(l->id[l->n++], sizeof(*l->id), "%s", b->id);
	return EG_OK;
}

int
shadow_open_batches(struct site *s, const char *target, unsigned *ret, struct eg_err *err)
{
	static const char *const states[] = { "ready", "published", "done" };
	struct left l = { .s = s, .target = target };
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < sizeof(states) / sizeof(states[0]); i++)
		rc = batch_each(s->store, states[i], left_each, &l, err);
	*ret = (unsigned)l.n;
	free(l.id);
	return rc;
}

int
shadow_lets(struct site *s, const char *target, bool *ret, struct eg_err *err)
{
	unsigned open = 0;
	int rc = shadow_on(&s->conf, target) ? EG_OK : shadow_open_batches(s, target, &open, err);

	*ret = open == 0;
	return rc;
}

/* ---- its end ---- */

static int
settle_batch(struct site *s, const char *id, bool keep, const char *reason, unsigned *items, struct eg_err *err)
{
	struct eg_arena a;
	struct batch b;
	unsigned n = 0;
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = batch_get(s->store, id, &a, &b, err);
	if (rc == EG_OK && !keep)
		rc = batch_take_back(s, &b, "taken-back", &n, err);
	b.state = keep ? "kept" : "ended";
	if (rc == EG_OK)
		rc = batch_put(s->store, &b, err);
	json_t *j = json_pack("{s:s,s:i,s:s}", "target", b.target, "items", (int)n, "reason", reason);
	char *detail = json_dumps(j, JSON_COMPACT);
	if (rc == EG_OK)
		rc = site_log(s, keep ? "shadow-kept" : "shadow-ended", id, detail, err);
	free(detail);
	json_decref(j);
	eg_arena_done(&a);
	*items += n;
	return rc;
}

int
shadow_settle(struct site *s, const char *target, bool keep, const char *reason, unsigned *ret_batches,
    unsigned *ret_items, struct eg_err *err)
{
	struct left l = { .s = s, .target = target };
	int rc = action_allowed(s, ACTION_REPUBLISH, NULL, err);

	*ret_items = 0;
	if (rc == EG_OK && shadow_on(&s->conf, target))
		rc = eg_fail(err, EG_BADREC, "BATCH-STATE",
		    "%s is still in shadow mode. Switch it off first: erpgate config set target.%s.shadow no", target,
		    target);
	if (rc == EG_OK)
		rc = batch_each(s->store, "done", left_each, &l, err);
	if (rc == EG_OK && l.n == 0)
		rc = eg_fail(err, EG_BADREC, "BATCH-STATE",
		    "Nothing of shadow mode is open for %s: nothing was written, or it was said already", target);
	/* the newest first: an item's earlier batches are then older than one that is over already */
	for (size_t i = l.n; rc == EG_OK && i-- > 0;)
		rc = settle_batch(s, l.id[i], keep, reason, ret_items, err);
	if (rc == EG_OK)
		rc = rules_settle(s, false, err);
	*ret_batches = (unsigned)l.n;
	free(l.id);
	return rc;
}
