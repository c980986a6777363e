/* SPDX-License-Identifier: MIT
 *
 * reprocess BATCH: what its files would be with the adapters, tables and settings of today, from the inputs that are sealed with it, compared with what left. Nothing is written by that.
 *
 * With --target a new batch with a new number is asked for. The same money cannot leave twice by it: nothing here writes items. What the ERP has, or may have, is refused (F-74); what it
 * answered with an error goes back to where a person decides; only what holds an acceptance of its own, because it came back since, leaves, by an ordinary turn. An item leaves from the
 * state Approved alone, and its state changes in the transaction that makes the batch.
 */
#include "gateway/cli/reproduce.h"

#include "gateway/workflow/actions.h"

#define SENT_CODE "F-74"

/* ---- comparing ---- */

static void
tell_input(void *ctx, const char *kind, const char *name, const char *sealed, const char *now)
{
	struct reproducing *p = ctx;

	if (cli_has(p->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s}", "type", "today", "kind", kind, "name", name, "sealed",
		    sealed, "now", now));
	else
		(void)printf("Today another: %s %s: %s then, %s now\n", kind, name, *sealed == '\0' ? "empty" : sealed,
		    *now == '\0' ? "empty" : now);
}

static int
compare(struct reproducing *p, const char *batch, struct eg_err *err)
{
	struct again_files adapter = { .n = 0 };
	struct site now = { .adapters = NULL };
	int rc = again_find(p->s, batch, &p->a, &p->what, err);

	if (rc == EG_OK && p->what.bundle == NULL)
		rc = eg_fail(
		    err, EG_BADREC, "NOT-FOUND", "There is no sealed batch %s. See them: erpgate audit list", batch);
	if (rc == EG_OK)
		rc = again_files(p->c->opt[O_ADAPTER], false, &adapter, err);
	if (rc == EG_OK)
		rc = again_site(p->s, &adapter, NULL, &now, err);
	if (rc == EG_OK)
		rc = sealed_open(p->s, p->what.path, &p->sealed, err);
	if (rc == EG_OK)
		rc = reproduce_batch(p, &now, err);
	if (rc == EG_OK)
		sealed_compare(&now, &p->sealed, tell_input, p);
	if (now.adapters != NULL)
		variant_done(p->s, &now);
	again_files_done(&adapter);
	return rc;
}

static void
tell_compared(const struct reproducing *p)
{
	if (cli_has(p->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:I,s:I}", "type", "summary", "of", p->what.id, "same",
		    (json_int_t)p->same, "different", (json_int_t)p->differing));
	else if (p->differing == 0)
		(void)printf("%s: written today its %zu files would have the same bytes. Nothing was written.\n",
		    p->what.id, p->same);
	else
		(void)printf(
		    "%s: written today %zu of its files would be another, %zu the same. Nothing was written.\nA new batch with what came back of it: erpgate reprocess %s --target %s\n",
		    p->what.id, p->differing, p->same, p->what.id, p->s->erp);
}

static int
compare_command(struct cli *c, const char *batch)
{
	struct reproducing p = { .c = c };
	struct eg_err err = { 0 };
	struct site s;
	int code;

	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	p.s = &s;
	eg_arena_init(&p.a, 1 << 22);
	if (compare(&p, batch, &err) < 0)
		code = cli_fail(c, &err);
	else {
		tell_compared(&p);
		code = p.differing == 0 ? CLI_OK : CLI_FINDINGS;
	}
	sealed_done(&s, &p.sealed);
	eg_arena_done(&p.a);
	site_close(&s);
	return code;
}

/* ---- a new batch ---- */

struct sending {
	struct cli *c;
	struct site *s;
	const char *batch;
	unsigned leave, back, kept; /* leaves; waits for a decision again; refused or on its own way */
	bool act; /* else only said */
};

static void
tell_item(struct sending *n, const struct item *it, const char *effect, const char *code, const char *why)
{
	if (cli_has(n->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "type", "item", "id", it->iid, "state",
		    state_word(it->state), "effect", effect, "code", code, "why", why));
	else
		(void)printf(
		    "%-44s %-18s %s%s%s\n", it->iid, state_title(it->state), code, *code != '\0' ? "  " : "", why);
}

static int
one_item(struct sending *n, const struct item *it, struct eg_err *err)
{
	int rc = EG_OK;

	switch (it->state) {
	case ST_APPROVED:
		n->leave++;
		tell_item(n, it, "leaves", "", "came back and was accepted anew: leaves in the new batch");
		break;
	case ST_FAILED:
		rc = action_allowed(n->s, ACTION_SEND, it, err);
		if (rc == EG_OK && n->act)
			rc = act_resend(n->s, it, err);
		n->back += rc == EG_OK;
		if (rc == EG_OK)
			tell_item(
			    n, it, "decision", "", "the accounting system refused it: waits for a decision again");
		break;
	case ST_EXPORTED:
	case ST_SYNCED:
	case ST_CHANGED:
		n->kept++;
		tell_item(n, it, "refused", SENT_CODE,
		    it->state == ST_EXPORTED ?
			"the accounting system may have it: wait for its answer, or prove that it was not imported" :
			"the accounting system has it: it is not sent again");
		break;
	default:
		n->kept++;
		tell_item(n, it, "own way", "", "is on its own way and is not touched");
		break;
	}
	return rc;
}

static int
each_item(void *ctx, const char *batch, int64_t item, int64_t revision, int64_t decision, struct eg_err *err)
{
	struct sending *n = ctx;
	struct eg_arena a;
	struct item it;
	int rc;

	(void)batch;
	(void)revision;
	(void)decision;
	eg_arena_init(&a, 1 << 20);
	rc = item_get(n->s->store, item, &a, &it, err);
	if (rc == EG_OK)
		rc = one_item(n, &it, err);
	eg_arena_done(&a);
	return rc == EG_EOF ? EG_OK : rc;
}

static int
log_sending(struct sending *n, struct eg_err *err)
{
	json_t *j = json_pack("{s:s,s:s,s:s,s:i,s:i,s:i}", "kind", "batch", "by", n->s->caller.name, "reason",
	    cli_has(n->c, O_REASON) ? n->c->opt[O_REASON] : "", "leave", (int)n->leave, "decide", (int)n->back, "kept",
	    (int)n->kept);
	char *text = json_dumps(j, JSON_COMPACT);
	int rc = site_log(n->s, "reprocessed", n->batch, text, err);

	free(text);
	json_decref(j);
	return rc;
}

static int
send_items(struct site *s, void *ctx, struct eg_err *err)
{
	struct sending *n = ctx;
	int rc;

	(void)snprintf(s->actor, sizeof(s->actor), "%s", s->caller.name);
	rc = batch_item_each(s->store, n->batch, 0, each_item, n, err);
	if (rc == EG_OK && n->act)
		rc = log_sending(n, err);
	(void)snprintf(s->actor, sizeof(s->actor), "erpgate");
	return rc;
}

/* The target is named, so that nobody sends by a slip of the hand. */
static int
check_target(struct sending *n, struct eg_err *err)
{
	const char *target = n->c->opt[O_TO];
	struct eg_arena a;
	struct batch b;
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = batch_get(n->s->store, n->batch, &a, &b, err);
	if (rc == EG_EOF)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "There is no batch %s. See them: erpgate log", n->batch);
	else if (rc == EG_OK && strcmp(b.target, target) != 0)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND",
		    "%s went to %s, not to %s; its records are of no use elsewhere", n->batch, b.target, target);
	eg_arena_done(&a);
	return rc;
}

static int
finish(struct sending *n)
{
	int code = CLI_OK;

	if (n->act && n->leave + n->back > 0)
		code = cli_one_turn(n->c, n->s);
	if (cli_has(n->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:i,s:i,s:i}", "type", "reprocess", "of", n->batch, "leave", (int)n->leave,
		    "decide", (int)n->back, "kept", (int)n->kept));
	else
		(void)printf("%s: %u leave in a new batch, %u wait for a decision again, %u are not sent.%s\n",
		    n->batch, n->leave, n->back, n->kept, n->act ? "" : " Nothing was written.");
	return code == CLI_OK && n->kept > 0 ? CLI_PARTIAL : code;
}

static int
send_command(struct cli *c, const char *batch)
{
	struct sending n = { .c = c, .batch = batch, .act = !cli_has(c, O_DRY_RUN) };
	struct eg_err err = { 0 };
	struct site s;
	int code, rc;

	if (!(n.act ? cli_own_site(c, &s, &code) : cli_site(c, SITE_LOOK, &s, &code)))
		return code;
	n.s = &s;
	rc = check_target(&n, &err);
	if (rc == EG_OK)
		rc = n.act ? cli_tx(&s, send_items, &n, &err) : send_items(&s, &n, &err);
	code = rc < 0 ? cli_fail(c, &err) : finish(&n);
	site_close(&s);
	return code;
}

int
again_batch(struct cli *c, const char *batch)
{
	return cli_has(c, O_TO) ? send_command(c, batch) : compare_command(c, batch);
}
