/* SPDX-License-Identifier: MIT
 *
 * replay-rejects: the refused documents of a drop once more, after the adapter, table, link or list that refused them was mended. Each is tried in a rehearsal first: those that would be taken
 * now become a drop of their own (and so a bundle); those that would not are told with the reason and stay as they are. So a second call finds nothing to do.
 */
#include "gateway/cli/again.h"
#include "gateway/store/store_reject.h"

struct tried { /* one refused document */
	char id[REJECT_ID_MAX];
	char *item, *member, *shown, *why; /* shown: the member as findings name it; why: still refused */
	unsigned n;
	uint64_t line, last;
	const char *state; /* after it; NULL = still refused */
};
struct replaying {
	struct cli *c;
	struct site *s;
	const char *drop; /* at hand */
	struct tried *t;
	size_t n;
	unsigned drops, good, left; /* in all */
};

/* ---- what is open ---- */

static int
open_each(void *ctx, const struct reject_row *r, struct eg_err *err)
{
	struct replaying *p = ctx;
	struct eg_buf shown = EG_BUF_INIT;
	struct eg_arena a;
	struct file_row f;
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = store_file_get(p->s->store, r->file, &a, &f, err);
	if (rc == EG_OK) {
		eg_buf_escaped(&shown, eg_bytes_str(f.member));
		p->t = eg_xrealloc(p->t, (p->n + 1) * sizeof(*p->t));
		p->t[p->n] = (struct tried){ .item = eg_xstrdup(r->item),
			.member = eg_xstrdup(f.member),
			.shown = eg_xstrdup(eg_buf_cstr(&shown)),
			.n = r->n,
			.line = r->line,
			.last = r->last };
		reject_id(p->drop, r->n, p->t[p->n++].id);
	}
	eg_buf_done(&shown);
	eg_arena_done(&a);
	return rc == EG_EOF ? EG_OK : rc;
}

static void
forget(struct replaying *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->t[i].item);
		free(p->t[i].member);
		free(p->t[i].shown);
		free(p->t[i].why);
	}
	free(p->t);
	p->t = NULL;
	p->n = 0;
}

/* ---- the rehearsal ---- */

static int
on_finding(void *ctx, const struct finding *f, struct eg_err *err)
{
	struct replaying *p = ctx;
	const char *mark = strchr(f->file, '!'), *member = mark == NULL ? "" : mark + 1;

	(void)err;
	for (size_t i = 0; f->severity == ADP_REJECT && i < p->n; i++) {
		struct tried *t = &p->t[i];

		if (t->why == NULL && strcmp(t->shown, member) == 0 && f->line >= t->line && f->line <= t->last)
			t->why = eg_xprintf("%s line %llu: %s", f->code, (unsigned long long)f->line, f->message);
	}
	return EG_OK;
}

/* Taken means corrected, and not refused again by the rules that look at it beside the other records. */
static int
judge(struct replaying *p, struct tried *t, struct eg_arena *a, struct eg_err *err)
{
	struct reject_row r;
	struct item it;
	int rc = reject_get(p->s->store, p->drop, t->n, a, &r, err);

	if (rc != EG_OK)
		return rc < 0 ? rc : EG_OK;
	const bool corrected = strcmp(r.state, "corrected") == 0;
	rc = *t->item == '\0' ? EG_EOF : item_find(p->s->store, t->item, a, &it, err);
	if (!corrected) {
		if (rc == EG_OK && t->why == NULL && it.state == ST_REJECTED)
			t->why = eg_xprintf("a person rejected it: erpgate show %s", it.iid);
		return rc < 0 ? rc : EG_OK;
	}
	t->state = "taken";
	if (rc == EG_OK && it.state == ST_REJECTED) {
		t->state = NULL;
		free(t->why);
		rc = again_why(p->s, &it, &t->why, err);
	} else if (rc == EG_OK)
		t->state = state_title(it.state);
	return rc < 0 ? rc : EG_OK;
}

static int
on_end(void *ctx, const char *drop, struct eg_err *err)
{
	struct replaying *p = ctx;
	struct eg_arena a;
	int rc = EG_OK;

	(void)drop;
	eg_arena_init(&a, 1 << 22);
	for (size_t i = 0; rc == EG_OK && i < p->n; i++) {
		eg_arena_reset(&a);
		rc = judge(p, &p->t[i], &a, err);
	}
	eg_arena_done(&a);
	return rc;
}

static struct reread_pick
pick_of(const struct tried *t)
{
	return (struct reread_pick){ t->member, t->line, t->last, t->id };
}

/* Those that fit, or all of them. */
static struct reread_pick *
picks(const struct replaying *p, bool good, size_t *ret_n)
{
	struct reread_pick *v = eg_xalloc((p->n + 1) * sizeof(*v));

	*ret_n = 0;
	for (size_t i = 0; i < p->n; i++)
		if (!good || p->t[i].state != NULL)
			v[(*ret_n)++] = pick_of(&p->t[i]);
	return v;
}

static int
try(struct replaying *p, struct reread *r, struct eg_err *err)
{
	struct rehearse_sink sink = { NULL, on_finding, on_end, p };
	struct rehearse_result result;
	struct reread_pick *v = picks(p, false, &r->npicks);
	int rc;

	r->pick = v;
	rc = rehearse(p->s, r, &sink, &result, err);
	free(v);
	r->pick = NULL;
	return rc;
}

/* ---- telling ---- */

static void
tell(const struct replaying *p, const struct tried *t)
{
	const bool plan = cli_has(p->c, O_DRY_RUN);

	if (cli_has(p->c, O_JSON)) {
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:I,s:s,s:o,s:o}", "type", "reject", "id", t->id, "drop", p->drop,
		    "item", t->item, "line", (json_int_t)t->line, "result", t->state != NULL ? "taken" : "refused",
		    "state", cli_str(t->state), "why",
		    cli_str(t->state != NULL ? NULL :
			    t->why == NULL   ? "" :
					       t->why)));
		return;
	}
	(void)printf(
	    "%-14s %-40s line %-6llu ", t->id, *t->item == '\0' ? "(no key)" : t->item, (unsigned long long)t->line);
	if (t->state != NULL)
		(void)printf("%s: %s\n", plan ? "would be taken" : "is taken", t->state);
	else
		(void)printf("is still refused: %s\n",
		    t->why == NULL ? "nothing that refused it has changed. Look: erpgate findings --drop" : t->why);
}

/* ---- one drop ---- */

static int
replay_drop(struct replaying *p, const char *drop, struct eg_err *err)
{
	struct reject_filter open = { .drop = drop, .open = true };
	struct reread r = { .of = drop,
		.kind = "replayed",
		.reason = cli_has(p->c, O_REASON) ? p->c->opt[O_REASON] : "",
		.actor = "" };
	char made[16];
	size_t good = 0;
	int rc;

	p->drop = drop;
	rc = reject_each(p->s->store, &open, open_each, p, err);
	if (rc == EG_OK && p->n > 0)
		rc = try(p, &r, err);
	struct reread_pick *v = picks(p, true, &r.npicks);
	r.pick = v;
	good = r.npicks;
	if (rc == EG_OK && good > 0 && !cli_has(p->c, O_DRY_RUN))
		rc = again_begin(p->s, &r, made, err);
	for (size_t i = 0; rc == EG_OK && i < p->n; i++)
		tell(p, &p->t[i]);
	p->drops += rc == EG_OK && p->n > 0;
	p->good += (unsigned)good;
	p->left += (unsigned)(p->n - good);
	free(v);
	forget(p);
	return rc;
}

/* ---- which drops ---- */

struct listing {
	struct cli *c;
	struct site *s;
	int64_t since;
	char (*drop)[16];
	size_t n;
};

static int
list_drop(void *ctx, const struct reject_row *r, struct eg_err *err)
{
	struct listing *l = ctx;
	struct eg_arena a;
	struct drop_row d;
	int rc;

	if (l->n > 0 && strcmp(l->drop[l->n - 1], r->drop) == 0)
		return EG_OK;
	eg_arena_init(&a, 1 << 16);
	rc = store_drop_get(l->s->store, r->drop, &a, &d, err);
	if (rc == EG_OK && d.bundle != NULL && d.received >= l->since &&
	    (!cli_has(l->c, O_SOURCE) || strcmp(d.source, l->c->opt[O_SOURCE]) == 0)) {
		l->drop = eg_xrealloc(l->drop, (l->n + 1) * sizeof(*l->drop));
		(void)snprintf(l->drop[l->n++], sizeof(*l->drop), "%s", r->drop);
	}
	eg_arena_done(&a);
	return rc == EG_EOF ? EG_OK : rc;
}

static int
list(struct listing *l, const char *operand, struct eg_err *err)
{
	struct reject_filter open = { .open = true };
	struct eg_arena a;
	struct drop_row d;
	const char *root;
	int rc;

	if (strcmp(operand, "ALL") == 0)
		return reject_each(l->s->store, &open, list_drop, l, err);
	eg_arena_init(&a, 1 << 18);
	rc = reread_may(l->s, operand, &a, &d, &root, err);
	eg_arena_done(&a);
	l->drop = eg_xrealloc(l->drop, sizeof(*l->drop));
	(void)snprintf(l->drop[0], sizeof(*l->drop), "%s", operand);
	l->n = rc == EG_OK;
	return rc;
}

static int
finish(struct replaying *p)
{
	int code = CLI_OK;

	if (p->good > 0 && !cli_has(p->c, O_DRY_RUN))
		code = cli_one_turn(p->c, p->s);
	if (cli_has(p->c, O_JSON))
		cli_json(json_pack("{s:s,s:i,s:i,s:i}", "type", "replay", "drops", (int)p->drops, "taken", (int)p->good,
		    "refused", (int)p->left));
	else if (p->drops == 0)
		(void)printf("No refused document is open there.\n");
	else
		(void)printf("%u refused documents %s, %u are still refused.%s\n", p->good,
		    cli_has(p->c, O_DRY_RUN) ? "would be taken" : "are taken", p->left,
		    cli_has(p->c, O_DRY_RUN) ? " Nothing was written." : "");
	return code == CLI_OK && p->left > 0 ? CLI_PARTIAL : code;
}

int
cmd_replay(struct cli *c)
{
	struct listing l = { .c = c, .since = INT64_MIN };
	struct replaying p = { .c = c };
	struct eg_err err = { 0 };
	struct site s;
	int code, rc;

	if (!(cli_has(c, O_DRY_RUN) ? cli_site(c, SITE_CHANGE, &s, &code) : cli_own_site(c, &s, &code)))
		return code;
	l.s = p.s = &s;
	if (cli_has(c, O_SINCE) && !cli_time(c->opt[O_SINCE], site_now(&s), false, &l.since))
		code =
		    cli_usage(c, "--since is \"%s\"; write a day (2026-03-01) or how long ago (30d)", c->opt[O_SINCE]);
	else {
		rc = list(&l, c->argv[0], &err);
		for (size_t i = 0; rc == EG_OK && i < l.n; i++)
			rc = replay_drop(&p, l.drop[i], &err);
		code = rc < 0 ? cli_fail(c, &err) : finish(&p);
	}
	free(l.drop);
	site_close(&s);
	return code;
}
