/* SPDX-License-Identifier: MIT
 *
 * Chains of holds on the screen: what waits for what, with the money behind it and the next command. Tests: tests/unit/test_chain.c, tests/scenario/flow.py.
 */
#include "gateway/cli/look_chain.h"

#include <inttypes.h>

void
look_age(char ret[24], int64_t sec)
{
	if (sec < 3600)
		(void)snprintf(ret, 24, "%" PRId64 "m", sec / 60);
	else if (sec < 86400)
		(void)snprintf(ret, 24, "%" PRId64 "h", sec / 3600);
	else
		(void)snprintf(ret, 24, "%" PRId64 "d %" PRId64 "h", sec / 86400, sec % 86400 / 3600);
}

char *
look_next(const struct chain_link *l, bool circle)
{
	static const struct {
		const char *command, *say;
	} steps[ST_NSTATES] = {
		[ST_WAITING] = { "approve", NULL },
		[ST_HELD] = { "show", NULL },
		[ST_UNLINKED] = { "show", NULL },
		[ST_APPROVED] = { NULL, "leaves with the next run: erpgate run" },
		[ST_EXPORTED] = { NULL, "waits for the accounting system's answer: erpgate ack FILE|BATCH" },
		[ST_SYNCED] = { NULL, "to be posted in the accounting system; its next answer says so" },
		[ST_FAILED] = { "show", NULL },
		[ST_REJECTED] = { NULL, "waits for a corrected file, or erpgate resend ID" },
		[ST_RETRIEVED] = { "resend", NULL },
		[ST_CHANGED] = { "approve", NULL },
		[ST_IMPORTABLE] = { "approve", NULL },
		[ST_ARCHIVED] = { "unarchive", NULL },
	};

	if (circle)
		return eg_xprintf("these wait for one another: erpgate show %s", l->what);
	if (!l->item)
		return eg_xstrdup("never came: drop the file that brings it, or see erpgate queue --state held");
	if (l->parked)
		return eg_xprintf("a person holds it: erpgate release %s", l->what);
	return steps[l->state].command != NULL ? eg_xprintf("erpgate %s %s", steps[l->state].command, l->what) :
	                                         eg_xstrdup(steps[l->state].say);
}

/* ---- JSON ---- */

static json_t *
behind_json(const struct site *s, const struct chain_behind *b)
{
	struct eg_buf money = EG_BUF_INIT;
	json_t *j;

	if (!b->known)
		return json_null();
	eg_dec_print(&money, b->money, 2);
	j = json_pack("{s:I,s:{s:s}}", "count", (json_int_t)b->count, "money", conf_text(&s->conf, "currency"),
	    eg_buf_cstr(&money));
	eg_buf_done(&money);
	return j;
}

static bool
link_json(void *ctx, const struct chain_link *l)
{
	char since[EG_TIME_TEXT];
	json_t *j = json_pack("{s:s,s:i,s:s}", "id", l->what, "depth", (int)l->depth, "code", l->code);

	eg_time_print(since, l->since);
	json_object_set_new(j, "state", l->item ? json_string(state_word(l->state)) : json_string("missing"));
	json_object_set_new(j, "amount", cli_str(l->amount));
	json_object_set_new(j, "since", l->item ? json_string(since) : json_null());
	json_object_set_new(j, "again", json_boolean(l->again));
	json_object_set_new(j, "more", json_boolean(l->more));
	json_array_append_new(ctx, j);
	return true;
}

void
look_chain_json(const struct site *s, struct chain *c, const struct item *it, json_t *j)
{
	struct chain_behind b = { .money = { 0, 2 }, .known = true };

	if (it->state == ST_HELD) {
		json_t *links = json_array();
		chain_walk(c, it->iid, link_json, links);
		json_object_set_new(j, "waits_for", links);
	}
	if (chain_behind(c, it->iid, &b) || it->state == ST_HELD)
		json_object_set_new(j, "behind", behind_json(s, &b));
}

/* ---- text ---- */

struct printing {
	struct site *site;
	int64_t now;
	bool any;
};

static bool
link_text(void *ctx, const struct chain_link *l)
{
	struct printing *p = ctx;
	char age[24];

	p->any = true;
	look_age(age, p->now - l->since);
	(void)printf("%*s%s %s", (int)(l->depth * 3 + 1), "", l->depth == 1 ? "waits for" : "which waits for", l->what);
	if (!l->item)
		(void)printf("  (never came)   %s", l->code);
	else
		(void)printf("%s%s  (%s since %s)   %s", l->amount != NULL ? "  " : "",
		    l->amount != NULL ? l->amount : "", l->parked ? "held by a person" : state_title(l->state), age,
		    l->code);
	(void)printf("%s\n", l->again ? "   see above" : l->more ? "   and so on" : "");
	return true;
}

static void
behind_text(const struct site *s, const struct chain_behind *b)
{
	struct eg_buf money = EG_BUF_INIT;

	eg_dec_print(&money, b->money, 2);
	if (b->known)
		(void)printf("%zu %s, %s %s", b->count, b->count == 1 ? "item" : "items", eg_buf_cstr(&money),
		    conf_text(&s->conf, "currency"));
	else
		(void)printf("very many items");
	eg_buf_done(&money);
}

void
look_chain_text(struct site *s, struct chain *c, const struct item *it, const char *vendor)
{
	struct printing p = { .site = s, .now = site_now(s) };
	struct chain_behind b;

	(void)printf("%s%s%s%s%s%s", it->iid, it->amount != NULL ? "  " : "", it->amount != NULL ? it->amount : "",
	    *vendor != '\0' ? "  " : "", vendor, it->accepted != 0 ? "  (accepted)" : "");
	if (chain_behind(c, it->iid, &b)) {
		(void)printf("   behind it: ");
		behind_text(s, &b);
	}
	(void)printf("\n");
	chain_walk(c, it->iid, link_text, &p);
	if (!p.any)
		(void)printf("    %s: erpgate release %s\n",
		    it->parked ? "a person holds it" : "the next run looks at it again", it->iid);
}

/* ---- where chains end ---- */

void
look_tops_text(struct site *s, struct chain *c)
{
	struct chain_top top[LOOK_TOPS];
	size_t n = chain_tops(c, top, LOOK_TOPS);

	if (n > 0)
		(void)printf("\n Most money waits for\n");
	for (size_t i = 0; i < n; i++) {
		char *next = look_next(&top[i].link, top[i].circle);
		(void)printf(
		    "  %-32s %s   ", top[i].link.what, top[i].link.item ? state_title(top[i].link.state) : "not here");
		behind_text(s, &top[i].behind);
		(void)printf("   -> %s\n", next);
		free(next);
	}
}

json_t *
look_tops_json(const struct site *s, struct chain *c)
{
	struct chain_top top[LOOK_TOPS];
	size_t n = chain_tops(c, top, LOOK_TOPS);
	json_t *all = json_array();

	for (size_t i = 0; i < n; i++) {
		char *next = look_next(&top[i].link, top[i].circle);
		json_array_append_new(all, json_pack("{s:s,s:s,s:b,s:o,s:s}", "id", top[i].link.what, "state",
					       top[i].link.item ? state_word(top[i].link.state) : "missing", "circle",
					       top[i].circle, "behind", behind_json(s, &top[i].behind), "next", next));
		free(next);
	}
	return all;
}
