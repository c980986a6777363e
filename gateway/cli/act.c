/* SPDX-License-Identifier: MIT
 *
 * What persons do to items by command: retrieve, resend, hold, release, archive, unarchive, unlink; ack. Each item is a transaction of its own, so
 * that one refusal takes nothing back from the others; then the rules look at everything again.
 */
#include "gateway/cli/cli.h"
#include "gateway/workflow/actions.h"
#include "gateway/workflow/unlink.h"

#include <unistd.h>

static int
do_hold(struct site *s, const struct item *it, const struct unlink_how *how, struct eg_err *err)
{
	return act_hold(s, it, how->reason, err);
}

static int
do_retrieve(struct site *s, const struct item *it, const struct unlink_how *how, struct eg_err *err)
{
	(void)how;
	return act_retrieve(s, it, err);
}

static int
do_resend(struct site *s, const struct item *it, const struct unlink_how *how, struct eg_err *err)
{
	(void)how;
	return act_resend(s, it, err);
}

static int
do_release(struct site *s, const struct item *it, const struct unlink_how *how, struct eg_err *err)
{
	(void)how;
	return act_release(s, it, err);
}

static int
do_archive(struct site *s, const struct item *it, const struct unlink_how *how, struct eg_err *err)
{
	(void)how;
	return act_archive(s, it, true, err);
}

static int
do_unarchive(struct site *s, const struct item *it, const struct unlink_how *how, struct eg_err *err)
{
	(void)how;
	return act_archive(s, it, false, err);
}

static int
do_unlink(struct site *s, const struct item *it, const struct unlink_how *how, struct eg_err *err)
{
	return act_unlink(s, it, how, err);
}

static const struct act {
	const char *name;
	int (*work)(struct site *s, const struct item *it, const struct unlink_how *how, struct eg_err *err);
	const char *next; /* what a person does now */
} acts[] = {
	{ "retrieve", do_retrieve, "Put them back in the queue: erpgate resend ID" },
	{ "resend", do_resend, "Decide: erpgate sheet -o today.csv" },
	{ "hold", do_hold, "Let them go on later: erpgate release ID" },
	{ "release", do_release, "What is accepted leaves with the next run: erpgate run" },
	{ "archive", do_archive, "Bring them back: erpgate unarchive ID" },
	{ "unarchive", do_unarchive, "Decide: erpgate sheet -o today.csv" },
	{ "unlink", do_unlink, "Send them again or link them anew: erpgate queue --state unlinked" },
};

struct acting {
	const struct act *act;
	const char *what;
	struct unlink_how how; /* hold takes the reason, unlink all of it */
	struct eg_arena a;
	struct item before;
};

static int
act_once(struct site *s, void *ctx, struct eg_err *err)
{
	struct acting *x = ctx;
	int rc = item_lookup(s->store, x->what, &x->a, &x->before, err);

	if (rc == EG_EOF)
		rc =
		    eg_fail(err, EG_BADREC, "NOT-FOUND", "There is no item %s. See them: erpgate queue --all", x->what);
	if (rc == EG_OK)
		rc = action_allowed_act(s, x->act->name, &x->before, err);
	return rc == EG_OK ? x->act->work(s, &x->before, &x->how, err) : rc;
}

static int
settle(struct site *s, void *ctx, struct eg_err *err)
{
	(void)ctx;
	return rules_settle(s, false, err);
}

struct done { /* iids and the states they had, to be told after the rules have looked at everything */
	char **iid;
	enum item_state *from;
	size_t n;
	unsigned refused;
	int code; /* exit code of the last refusal; a missing right stays */
};

static void
one_act(struct cli *c, struct site *s, struct acting *x, const char *what, struct done *d)
{
	struct eg_err err = { 0 };

	eg_arena_init(&x->a, 1 << 20);
	x->what = what;
	if (cli_tx(s, act_once, x, &err) < 0) {
		int code = cli_fail(c, &err);
		d->code = d->code == CLI_NOPERM ? d->code : code;
		d->refused++;
	} else {
		d->iid = eg_xrealloc(d->iid, (d->n + 1) * sizeof(*d->iid));
		d->from = eg_xrealloc(d->from, (d->n + 1) * sizeof(*d->from));
		d->iid[d->n] = eg_xstrdup(x->before.iid);
		d->from[d->n++] = x->before.state;
	}
	eg_arena_done(&x->a);
}

static int
tell_done(struct cli *c, struct site *s, const struct acting *x, const struct done *d, struct eg_err *err)
{
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < d->n; i++) {
		struct eg_arena a;
		struct item it;
		eg_arena_init(&a, 1 << 20);
		rc = item_find(s->store, d->iid[i], &a, &it, err);
		if (rc == EG_OK && cli_has(c, O_JSON))
			cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s}", "type", "act", "act", x->act->name, "item", it.iid,
			    "before", state_word(d->from[i]), "state", state_word(it.state)));
		else if (rc == EG_OK)
			(void)printf("%s: %s -> %s%s\n", it.iid, state_title(d->from[i]), state_title(it.state),
			    it.parked ? ", until a person releases it" : "");
		eg_arena_done(&a);
	}
	if (cli_has(c, O_JSON))
		cli_json(
		    json_pack("{s:s,s:i,s:i}", "type", "summary", "changed", (int)d->n, "refused", (int)d->refused));
	else if (d->n > 0 && !cli_has(c, O_QUIET))
		(void)fprintf(stderr, "%s\n", x->act->next);
	return rc;
}

/* Operands, or lines of the standard input for "-". */
static void
each_operand(struct cli *c, struct site *s, struct acting *x, struct done *d)
{
	char *line = NULL;
	size_t cap = 0;

	for (int i = 0; i < c->argc; i++) {
		if (strcmp(c->argv[i], "-") != 0) {
			one_act(c, s, x, c->argv[i], d);
			continue;
		}
		while (getline(&line, &cap, stdin) > 0) {
			char *what = eg_xdup(eg_bytes_trim_ws(eg_bytes_str(line)));
			if (*what != '\0')
				one_act(c, s, x, what, d);
			free(what);
		}
	}
	free(line);
}

int
cmd_act(struct cli *c)
{
	struct acting x = { .how = { c->opt[O_REASON], c->opt[O_GONE], cli_has(c, O_CASCADE) } };
	struct done d = { 0 };
	struct eg_err err = { 0 };
	struct site s;
	int code, rc = EG_OK;

	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(acts[i].name, c->command->name) == 0)
			x.act = &acts[i];
	eg_check(x.act != NULL);
	if (!cli_site(c, SITE_CHANGE, &s, &code))
		return code;
	each_operand(c, &s, &x, &d);
	if (d.n > 0)
		rc = cli_tx(&s, settle, NULL, &err);
	if (rc == EG_OK)
		rc = tell_done(c, &s, &x, &d, &err);
	if (rc < 0)
		code = cli_fail(c, &err);
	else if (d.refused == 0)
		code = CLI_OK;
	else
		code = d.code == CLI_NOPERM || (d.n == 0 && d.refused == 1) ? d.code : CLI_PARTIAL;
	for (size_t i = 0; i < d.n; i++)
		free(d.iid[i]);
	free(d.iid);
	free(d.from);
	cli_close(c, &s);
	return code;
}

/* ---- ack ---- */

struct acking {
	const char *batch;
	bool posted;
	unsigned n;
};

static int
ack_once(struct site *s, void *ctx, struct eg_err *err)
{
	struct acking *k = ctx;

	return act_ack_batch(s, k->batch, k->posted, &k->n, err);
}

/* B and digits only, and no file of that name. */
static bool
is_batch(const char *what)
{
	uint64_t n;

	return what[0] == 'B' && eg_bytes_to_u64(eg_bytes_str(what + 1), &n) && access(what, F_OK) != 0;
}

int
cmd_ack(struct cli *c)
{
	const char *posted = cli_has(c, O_POSTED) ? c->opt[O_POSTED] : "yes";
	struct acking k = { c->argv[0], strcmp(posted, "yes") == 0, 0 };
	struct eg_err err = { 0 };
	struct site s;
	int code, rc;

	if (!k.posted && strcmp(posted, "no") != 0)
		return cli_usage(c, "--posted is \"%s\"; write yes or no", posted);
	if (!is_batch(k.batch))
		return cli_ingest(c, NULL);
	if (!cli_site(c, SITE_CHANGE, &s, &code))
		return code;
	rc = cli_tx(&s, ack_once, &k, &err);
	if (rc == EG_OK)
		rc = cli_tx(&s, settle, NULL, &err);
	code = rc < 0 ? cli_fail(c, &err) : CLI_OK;
	if (rc == EG_OK && cli_has(c, O_JSON))
		cli_json(json_pack(
		    "{s:s,s:s,s:i,s:b}", "type", "ack", "batch", k.batch, "items", (int)k.n, "posted", k.posted));
	else if (rc == EG_OK)
		(void)printf(
		    "%s: %u items are answered%s. What waited for them leaves with the next run: erpgate run\n",
		    k.batch, k.n, k.posted ? " and posted" : ", not posted");
	cli_close(c, &s);
	return code;
}
