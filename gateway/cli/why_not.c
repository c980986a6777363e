/* SPDX-License-Identifier: MIT
 *
 * why-not ID: everything that keeps an item from leaving (holds and what they wait for, link by link; persons, rights, schedules, closed periods, errors of the
 * accounting system), and the one act that moves most. Says so when nothing does. Reads only.
 */
#include "gateway/cli/look_chain.h"
#include "gateway/schedule.h"
#include "gateway/store/store_report.h"
#include "gateway/workflow/period.h"
#include "gateway/workflow/rulebook.h"
#include "gateway/workflow/workflow.h"

struct asking {
	struct cli *c;
	struct site *s;
	struct item it;
	struct eg_arena a;
	struct chain *chain;
	unsigned reasons;
	/* the act that moves most: of the ends of its chain that with most behind, else of the item itself */
	char *act;
	struct chain_behind behind;
	bool behind_known;
	/* the walk */
	struct chain_link last;
	bool any;
	struct eg_buf able; /* who may decide, comma between */
};

/* ---- telling ---- */

static void reason(struct asking *q, const char *code, const char *cure, const char *waits_for, const char *fmt, ...)
    EG_PRINTF(5, 6);

static void
reason(struct asking *q, const char *code, const char *cure, const char *waits_for, const char *fmt, ...)
{
	char text[2048];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	q->reasons++;
	if (cli_has(q->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:o}", "type", "reason", "code", code, "why", text, "cure", cure,
		    "waits_for", cli_str(waits_for)));
	else {
		(void)printf("\n  %s%s%s\n", code, *code != '\0' ? "  " : "", text);
		if (*cure != '\0')
			(void)printf("     What helps: %s\n", cure);
	}
}

static void act(struct asking *q, const char *fmt, ...) EG_PRINTF(2, 3);

/* The item's own next step, unless a better one is known. */
static void
act(struct asking *q, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (q->act == NULL)
		q->act = eg_xstrdup(text);
}

/* ---- what it waits for ---- */

static int
hold(void *ctx, const struct hold_row *h, struct eg_err *err)
{
	struct asking *q = ctx;
	const struct book_rule *rule = book_rule(h->code);

	(void)err;
	reason(q, h->code, rule == NULL ? "" : rule->cure, h->waits_for, "%s", h->message);
	return EG_OK;
}

/* A link that nothing follows is an end: what moves it moves everything above it. */
static void
end_of_chain(struct asking *q, const struct chain_link *l)
{
	struct chain_behind b = { .money = { 0, 2 } };
	const bool known = chain_behind(q->chain, l->what, &b);

	if (q->act != NULL && (!known || (q->behind_known && eg_dec_cmp(b.money, q->behind.money) <= 0)))
		return;
	free(q->act);
	q->act = look_next(l, l->again);
	q->behind = b;
	q->behind_known = known;
}

static bool
link_of(void *ctx, const struct chain_link *l)
{
	struct asking *q = ctx;

	if (q->any && q->last.depth >= l->depth)
		end_of_chain(q, &q->last);
	q->last = *l;
	q->any = true;
	if (cli_has(q->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:i,s:s,s:s,s:o}", "type", "link", "id", l->what, "depth", (int)l->depth,
		    "code", l->code, "state", l->item ? state_word(l->state) : "missing", "amount",
		    cli_str(l->amount)));
	else
		(void)printf("  %*s%s %s   %s%s%s\n", (int)(l->depth * 3), "",
		    l->depth == 1 ? "waits for" : "which waits for", l->what,
		    l->item ? (l->parked ? "held by a person" : state_title(l->state)) : "never came",
		    l->amount != NULL ? ", " : "", l->amount != NULL ? l->amount : "");
	return true;
}

static int
held(struct asking *q, struct eg_err *err)
{
	int rc = hold_each(q->s->store, q->it.id, hold, q, err);

	if (rc < 0)
		return rc;
	if (!cli_has(q->c, O_JSON) && q->reasons > 0)
		(void)printf("\n  The chain\n");
	chain_walk(q->chain, q->it.iid, link_of, q);
	if (q->any)
		end_of_chain(q, &q->last);
	act(q, "erpgate run (every run looks at it again)");
	return EG_OK;
}

/* ---- who may decide ---- */

static int
may(void *ctx, const struct user *u, struct eg_err *err)
{
	struct asking *q = ctx;
	struct eg_err no = { 0 };

	if (!u->active)
		return EG_OK;
	int rc = rights_check(q->s, u->name, &q->it, "accept", &no);
	if (rc == EG_OK)
		eg_buf_printf(&q->able, "%s%s", q->able.len > 0 ? ", " : "", u->name);
	else if (rc != EG_BADREC)
		*err = no;
	return rc == EG_BADREC ? EG_OK : rc;
}

static int
undecided(struct asking *q, struct eg_err *err)
{
	int rc = user_each(q->s->store, may, q, err);

	if (rc < 0)
		return rc;
	if (q->able.len > 0)
		reason(q, "", "a decision on a sheet (erpgate sheet) or by command", NULL,
		    "It waits for a decision. Who may accept it: %s.", eg_buf_cstr(&q->able));
	else
		reason(q, "E-74", "erpgate users grant NAME --approve TYPE, or a higher --limit", NULL,
		    "It waits for a decision, and no active user has the right to accept it: role, record type, amount limit or separation of duties stand against it.");
	act(q, "erpgate approve %s --as %s", q->it.iid, q->able.len > 0 ? "NAME" : "NAME (after the right is given)");
	return EG_OK;
}

/* ---- what is accepted ---- */

static int
accepted(struct asking *q, struct eg_err *err)
{
	struct schedule_board board;
	struct eg_err closed = { 0 };
	struct decision d;
	int rc = schedule_look(q->s, &board, err);
	const struct schedule_line *line = rc == EG_OK ? schedule_waits(&board, &q->it) : NULL;

	if (rc == EG_OK && q->it.accepted != 0) {
		rc = decision_get(q->s->store, q->it.accepted, &q->a, &d, err);
		const int open = rc == EG_OK ?
		                     period_check(q->s, &q->it, d.transaction_date, d.accounting_date, d.at, &closed) :
		                     EG_OK;
		if (open == EG_BADREC) {
			reason(q, closed.code, "open the period again (period.open), or decide anew with another date",
			    NULL, "%s", closed.msg);
			act(q, "erpgate approve %s --as NAME, with a date in an open period", q->it.iid);
		}
	}
	if (rc == EG_OK && line != NULL) {
		reason(q, "", "erpgate run without --scheduled writes it now", NULL,
		    "It is accepted and waits for its time: schedule.%s = %s, next %s %s.", line->group, line->text,
		    line->next_local, line->zone);
		act(q, "erpgate run");
	}
	return rc;
}

/* ---- what went wrong, or is over ---- */

static int
failed(struct asking *q, struct eg_err *err)
{
	struct log_row said = { 0 };
	int rc = log_newest(q->s->store, q->it.iid, "failed", &q->a, &said, err);
	json_t *d = rc == EG_OK ? json_loads(said.detail, 0, NULL) : NULL;
	const char *error = json_string_value(json_object_get(d, "error"));

	if (rc >= 0) {
		reason(q, "F-37", "correct it where it comes from, or accept it again once the ERP is put right", NULL,
		    "It left, and the accounting system refused it: %s", error != NULL ? error : "it gave no reason");
		act(q, "erpgate approve %s --as NAME", q->it.iid);
	}
	json_decref(d);
	return rc < 0 ? rc : EG_OK;
}

static int
keep_last(void *ctx, const struct decision *d, struct eg_err *err)
{
	struct asking *q = ctx;

	(void)err;
	if (strcmp(d->verdict, "reject") == 0 && *d->code == '\0') {
		eg_buf_clear(&q->able);
		eg_buf_printf(&q->able, "%s rejected it in %s%s%s", d->approver, d->manifest,
		    *d->comment != '\0' ? ": " : "", d->comment);
	}
	return EG_OK;
}

static int
refusal(void *ctx, const struct finding *f, struct eg_err *err)
{
	const struct book_rule *rule = book_rule(f->code);

	(void)err;
	reason(ctx, f->code, rule == NULL ? "" : rule->cure, NULL, "%s", f->message);
	return EG_OK;
}

static int
rejected(struct asking *q, struct eg_err *err)
{
	struct finding_filter mine = { .item = q->it.iid, .severity = ADP_REJECT };
	int rc = decision_each(q->s->store, NULL, q->it.id, keep_last, q, err);

	if (rc == EG_OK && q->able.len > 0)
		reason(
		    q, "", "erpgate resend puts it back into the queue", NULL, "A person: %s.", eg_buf_cstr(&q->able));
	else if (rc == EG_OK)
		rc = store_finding_each(q->s->store, &mine, refusal, q, err);
	if (rc == EG_OK && q->reasons == 0)
		reason(q, "", "", NULL, "It was rejected.");
	act(q, "drop the corrected file, or erpgate resend %s", q->it.iid);
	return rc;
}

static int
retrieved(struct asking *q, struct eg_err *err)
{
	(void)err;
	reason(q, "", "", NULL, "A person took it back before a decision.");
	act(q, "erpgate resend %s", q->it.iid);
	return EG_OK;
}

static int
archived(struct asking *q, struct eg_err *err)
{
	(void)err;
	reason(q, "", "", NULL, "It was put away, or is inactive in the accounting system.");
	act(q, "erpgate unarchive %s", q->it.iid);
	return EG_OK;
}

static int
unlinked(struct asking *q, struct eg_err *err)
{
	(void)err;
	reason(q, "", "", NULL,
	    "%s does not receive a %s from here: it must be tied to the record that is there already.", q->s->erp,
	    q->it.type->title);
	act(q, "erpgate link %s %s --erp-id X", q->it.type->id == REC_VENDOR ? "vendor" : "project",
	    q->it.number != NULL ? q->it.number : q->it.iid);
	return EG_OK;
}

static int (*const by_state[ST_NSTATES])(struct asking *q, struct eg_err *err) = {
	[ST_WAITING] = undecided,
	[ST_IMPORTABLE] = undecided,
	[ST_CHANGED] = undecided,
	[ST_HELD] = held,
	[ST_APPROVED] = accepted,
	[ST_FAILED] = failed,
	[ST_REJECTED] = rejected,
	[ST_RETRIEVED] = retrieved,
	[ST_ARCHIVED] = archived,
	[ST_UNLINKED] = unlinked,
};

/* ---- the answer ---- */

static bool
gone(const struct asking *q)
{
	return q->it.state == ST_EXPORTED || q->it.state == ST_SYNCED;
}

static void
last_words(struct asking *q)
{
	struct chain_behind b = { .money = { 0, 2 } };
	struct eg_buf money = EG_BUF_INIT;
	const bool any = chain_behind(q->chain, q->it.iid, &b);
	const char *next = q->act != NULL ? q->act : gone(q) ? "" : "erpgate run";

	eg_dec_print(&money, b.money, 2);
	if (cli_has(q->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:b,s:i,s:s,s:I,s:s}", "type", "summary", "item", q->it.iid, "state",
		    state_word(q->it.state), "stands_in_the_way", q->reasons > 0, "reasons", (int)q->reasons, "act",
		    next, "behind", (json_int_t)b.count, "behind_money", eg_buf_cstr(&money)));
	else if (gone(q))
		(void)printf("\n  It has left%s: erpgate why %s\n",
		    q->it.state == ST_EXPORTED ? ", and the accounting system has not answered yet" : "", q->it.iid);
	else if (q->reasons == 0)
		(void)printf("\n  Nothing stands in the way: it leaves with the next run (erpgate run).\n");
	else
		(void)printf("\n  The act that helps most: %s\n", next);
	if (!cli_has(q->c, O_JSON) && any)
		(void)printf("  %zu %s behind it, %s %s.\n", b.count, b.count == 1 ? "item waits" : "items wait",
		    eg_buf_cstr(&money), conf_text(&q->s->conf, "currency"));
	eg_buf_done(&money);
}

static int
answer(struct asking *q, const char *what, struct eg_err *err)
{
	int rc = item_lookup(q->s->store, what, &q->a, &q->it, err);

	if (rc == EG_EOF)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND",
		    "There is no item %s. Items: erpgate queue --all; what was refused before it became one: erpgate findings --item %s",
		    what, what);
	if (rc == EG_OK)
		rc = chain_load(q->s, &q->chain, err);
	if (rc != EG_OK)
		return rc;
	if (!cli_has(q->c, O_JSON))
		(void)printf("%s %s   %s%s%s\n", q->it.type->title, q->it.iid, state_title(q->it.state),
		    q->it.amount != NULL ? "   " : "", q->it.amount != NULL ? q->it.amount : "");
	if (q->it.parked) {
		reason(q, "", "", NULL, "A person holds it.");
		act(q, "erpgate release %s", q->it.iid);
	}
	if (by_state[q->it.state] != NULL)
		rc = by_state[q->it.state](q, err);
	if (rc == EG_OK)
		last_words(q);
	return rc;
}

int
cmd_why_not(struct cli *c)
{
	struct eg_err err = { 0 };
	struct site s;
	int code = CLI_OK;

	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	struct asking q = { .c = c, .s = &s };
	eg_arena_init(&q.a, (size_t)256 << 20);
	int rc = store_begin(s.store, &err); /* a daemon may be at work: all of it is of one moment */
	if (rc == EG_OK)
		rc = answer(&q, c->argv[0], &err);
	if (rc < 0)
		code = cli_fail(c, &err);
	store_rollback(s.store);
	chain_free(q.chain);
	eg_buf_done(&q.able);
	free(q.act);
	eg_arena_done(&q.a);
	site_close(&s);
	return code;
}
