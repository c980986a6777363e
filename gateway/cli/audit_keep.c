/* SPDX-License-Identifier: MIT
 *
 * audit hold, holds, unhold, expire: legal holds, and deleting what is over its time. Each is a person's act with a reason; without one nothing is done.
 */
#include "base/date.h"
#include "gateway/cli/audit_more.h"
#include "gateway/expire.h"
#include "gateway/workflow/actions.h"

#include <inttypes.h>

/* ---- holds ---- */

struct holding {
	struct cli *c;
	const char *what, *value;
	const char *bundle; /* found */
	struct eg_arena a;
	int64_t id; /* to be lifted */
};

static int
take_bundle(void *ctx, const struct bundle_row *b, struct eg_err *err)
{
	struct holding *h = ctx;

	(void)err;
	h->bundle = eg_arena_cstr(&h->a, eg_bytes_str(b->id));
	return EG_OK;
}

/* One hold: row and log entry, complete enough to make the row again. */
static int
add_hold(struct site *s, void *ctx, struct eg_err *err)
{
	struct holding *h = ctx;
	struct legal_hold row = {
		.what = h->what, .value = h->value, .reason = h->c->opt[O_REASON], .actor = s->actor, .at = site_now(s)
	};
	char name[24];
	int rc = EG_OK;

	if (strcmp(h->what, "bundle") == 0) {
		h->bundle = NULL;
		rc = bundle_row_each(s->store, h->value, take_bundle, h, err);
		if (rc == EG_OK && h->bundle == NULL)
			rc = eg_fail(err, EG_BADREC, "NOT-FOUND",
			    "There is no bundle %s, nor one that holds it. See them: erpgate audit list", h->value);
		row.value = h->bundle;
	}
	if (rc == EG_OK)
		rc = legal_hold_add(s->store, &row, &row.id, err);
	if (rc != EG_OK)
		return rc;
	(void)snprintf(name, sizeof(name), "H%06" PRId64, row.id);
	json_t *j = json_pack("{s:s,s:s,s:s}", "what", row.what, "value", row.value, "reason", row.reason);
	char *text = json_dumps(j, JSON_COMPACT);
	rc = text == NULL ? eg_fail(err, EG_BADREC, "USAGE", "the reason is not UTF-8 text") :
	                    site_log(s, "legal-hold", name, text, err);
	free(text);
	json_decref(j);
	if (rc == EG_OK && cli_has(h->c, O_JSON))
		cli_json(
		    json_pack("{s:s,s:s,s:s,s:s}", "type", "hold", "id", name, "what", row.what, "value", row.value));
	else if (rc == EG_OK && !cli_has(h->c, O_QUIET))
		(void)printf("%s  held: %s %s   until somebody lifts it: erpgate audit unhold %s --reason …\n", name,
		    row.what, row.value, name);
	return rc;
}

static int
hold_all(struct site *s, void *ctx, struct eg_err *err)
{
	struct holding *h = ctx;
	const struct cli *c = h->c;
	int rc = EG_OK;

	if (cli_has(c, O_PROJECT) || cli_has(c, O_SOURCE) || cli_has(c, O_ALL)) {
		h->what = cli_has(c, O_PROJECT) ? "project" : cli_has(c, O_SOURCE) ? "source" : "all";
		h->value = cli_has(c, O_PROJECT) ? c->opt[O_PROJECT] : cli_has(c, O_SOURCE) ? c->opt[O_SOURCE] : "";
		return add_hold(s, h, err);
	}
	h->what = "bundle";
	for (int i = 1; rc == EG_OK && i < c->argc; i++) {
		h->value = c->argv[i];
		rc = add_hold(s, h, err);
	}
	return rc;
}

static int
change(struct cli *c, int (*work)(struct site *s, void *ctx, struct eg_err *err), struct holding *h)
{
	struct eg_err err = { 0 };
	struct site s;
	int code, rc;

	if (!cli_site(c, SITE_CHANGE, &s, &code))
		return code;
	eg_arena_init(&h->a, 1 << 16);
	rc = action_allowed(&s, ACTION_SETTINGS, NULL, &err);
	if (rc == EG_OK)
		rc = cli_tx(&s, work, h, &err);
	code = rc < 0 ? cli_fail(c, &err) : CLI_OK;
	eg_arena_done(&h->a);
	cli_close(c, &s);
	return code;
}

int
audit_hold(struct cli *c)
{
	struct holding h = { .c = c };
	int filters = cli_has(c, O_PROJECT) + cli_has(c, O_SOURCE) + cli_has(c, O_ALL);

	if (filters + (c->argc > 1) != 1)
		return cli_usage(c,
		    "say what to hold: bundles (A000450) or what they hold (D000187), or one of --project P, --source S, --all");
	if (!cli_has(c, O_REASON) || *c->opt[O_REASON] == '\0')
		return cli_usage(c, "say why: --reason \"claim of …, letter of …\"");
	return change(c, hold_all, &h);
}

static int
lift(struct site *s, void *ctx, struct eg_err *err)
{
	struct holding *h = ctx;
	json_t *j = json_pack("{s:s}", "reason", h->c->opt[O_REASON]);
	char *text = json_dumps(j, JSON_COMPACT);
	int rc = text == NULL ? eg_fail(err, EG_BADREC, "USAGE", "the reason is not UTF-8 text") :
	                        legal_hold_lift(s->store, h->id, s->actor, h->c->opt[O_REASON], site_now(s), err);

	if (rc == EG_EOF)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "There is no standing hold %s. See them: erpgate audit holds",
		    h->c->argv[1]);
	if (rc == EG_OK)
		rc = site_log(s, "legal-hold-lifted", h->c->argv[1], text, err);
	if (rc == EG_OK && !cli_has(h->c, O_JSON) && !cli_has(h->c, O_QUIET))
		(void)printf("%s is lifted. What it held and is over its time can go: erpgate audit expire --dry-run\n",
		    h->c->argv[1]);
	free(text);
	json_decref(j);
	return rc;
}

int
audit_unhold(struct cli *c)
{
	struct holding h = { .c = c };

	if (c->argc != 2 || c->argv[1][0] != 'H' || !eg_bytes_to_i64(eg_bytes_str(c->argv[1] + 1), &h.id))
		return cli_usage(c, "say which hold: H000001. See them: erpgate audit holds");
	if (!cli_has(c, O_REASON) || *c->opt[O_REASON] == '\0')
		return cli_usage(c, "say why: --reason \"settled on …\"");
	return change(c, lift, &h);
}

static int
hold_row(void *ctx, const struct legal_hold *h, struct eg_err *err)
{
	struct cli_table *t = ctx;
	char id[24], at[EG_TIME_TEXT], lifted[EG_TIME_TEXT] = "";

	(void)err;
	(void)snprintf(id, sizeof(id), "H%06" PRId64, h->id);
	eg_time_print(at, h->at);
	if (h->lifted != 0)
		eg_time_print(lifted, h->lifted);
	if (t == NULL) {
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s?,s:s?}", "type", "hold", "id", id, "what",
		    h->what, "value", h->value, "reason", h->reason, "actor", h->actor, "at", at, "lifted", lifted,
		    "lifted_by", h->lifted_by, "lifted_why", h->lifted_why));
		return EG_OK;
	}
	char *what = eg_xprintf("%s %s", h->what, h->value);
	const char *cells[] = { id, what, h->actor, at, h->reason, h->lifted == 0 ? "stands" : lifted };
	cli_table_row(t, cells);
	free(what);
	return EG_OK;
}

int
audit_holds(struct cli *c)
{
	static const char *const titles[] = { "HOLD", "OF", "BY", "SINCE", "REASON", "LIFTED" };
	struct cli_table *t;
	struct eg_err err = { 0 };
	struct site s;
	int code;

	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	t = cli_has(c, O_JSON) ? NULL : cli_table_new(titles, 6, 0);
	code = legal_hold_each(s.store, hold_row, t, &err) < 0 ? cli_fail(c, &err) : CLI_OK;
	if (t != NULL) {
		size_t n = cli_table_rows(t);
		cli_table_print(t);
		(void)printf("%zu holds.   A new one: erpgate audit hold ID --reason …\n", n);
	}
	site_close(&s);
	return code;
}

/* ---- expire ---- */

static const char *const fates[] = { [EXPIRE_YOUNG] = "kept",
	[EXPIRE_DUE] = "over",
	[EXPIRE_HELD] = "held",
	[EXPIRE_NEEDED] = "needed",
	[EXPIRE_GONE] = "deleted" };

static void
tell_one(const struct cli *c, struct cli_table *t, const struct expire_one *e)
{
	char sealed[EG_TIME_TEXT], over[EG_TIME_TEXT] = "never";

	eg_time_print(sealed, e->sealed);
	if (e->over != INT64_MAX)
		eg_time_print(over, e->over);
	if (t == NULL) {
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "type", "bundle", "id", e->id, "kind",
		    e->kind, "of", e->of, "source", e->source, "sealed", sealed, "rule", e->rule, "over", over, "fate",
		    fates[e->fate], "why", e->why));
		return;
	}
	sealed[10] = over[e->over == INT64_MAX ? 5 : 10] = '\0';
	const char *cells[] = { e->id, e->kind, e->of, e->source, sealed, e->rule, over, fates[e->fate], e->why };
	if (e->fate != EXPIRE_YOUNG || cli_has(c, O_ALL))
		cli_table_row(t, cells);
}

static void
tell_list(const struct cli *c, const struct expire_list *l)
{
	static const char *const titles[] = { "BUNDLE", "KIND", "OF", "SOURCE", "SEALED", "RULE", "OVER ON", "FATE",
		"WHY" };
	struct cli_table *t = cli_has(c, O_JSON) ? NULL : cli_table_new(titles, 9, 0);

	for (size_t i = 0; i < l->n; i++)
		tell_one(c, t, &l->v[i]);
	if (t != NULL)
		cli_table_print(t);
}

static void
tell_sum(const struct cli *c, const struct expire_list *l, unsigned deleted, unsigned finished)
{
	unsigned n[EXPIRE_GONE + 1] = { 0 };

	for (size_t i = 0; i < l->n; i++)
		n[l->v[i].fate]++;
	if (cli_has(c, O_JSON))
		cli_json(json_pack("{s:s,s:i,s:i,s:i,s:i,s:i,s:i}", "type", "summary", "over", (int)n[EXPIRE_DUE],
		    "held", (int)n[EXPIRE_HELD], "needed", (int)n[EXPIRE_NEEDED], "kept", (int)n[EXPIRE_YOUNG],
		    "deleted", (int)deleted, "finished", (int)finished));
	else if (cli_has(c, O_DRY_RUN))
		(void)printf(
		    "%u are over their time and can be deleted; %u more are held, %u needed; %u are kept on.   Delete: erpgate audit expire --reason …\n",
		    n[EXPIRE_DUE], n[EXPIRE_HELD], n[EXPIRE_NEEDED], n[EXPIRE_YOUNG]);
	else if (!cli_has(c, O_QUIET)) {
		if (finished > 0)
			(void)printf("%u bundles of an earlier deletion that was stopped are removed now.\n", finished);
		(void)printf(
		    "%u bundles deleted; a signed tombstone stands in the place of each, and the log says who, when and why.\n",
		    deleted);
	}
}

/* A day that is to come is looked at, never acted on. */
static int
moment(struct cli *c, struct site *s, int64_t *ret, struct eg_err *err)
{
	int64_t day;
	int rc;

	*ret = site_now(s);
	if (!cli_has(c, O_AS_OF))
		return EG_OK;
	rc = audit_day("as-of", c->opt[O_AS_OF], &day, err);
	if (rc == EG_OK && day > *ret && !cli_has(c, O_DRY_RUN))
		rc = eg_fail(err, EG_BADREC, "USAGE",
		    "%s is still to come, and nothing is deleted before its time is over; to look: --dry-run",
		    c->opt[O_AS_OF]);
	*ret = day;
	return rc;
}

static int
expire_now(struct cli *c, struct site *s, struct eg_err *err)
{
	bool dry = cli_has(c, O_DRY_RUN);
	struct expire_list l = { .n = 0 };
	unsigned deleted = 0, finished = 0;
	int64_t as_of = 0;
	int rc = moment(c, s, &as_of, err);

	if (rc == EG_OK && !dry)
		rc = action_allowed(s, ACTION_SETTINGS, NULL, err);
	if (rc == EG_OK && !dry)
		rc = expire_finish(s, &finished, err);
	if (rc != EG_OK)
		return rc;
	rc = expire_look(s, as_of, &l, err);
	if (rc == EG_OK && (dry || cli_has(c, O_JSON)))
		tell_list(c, &l);
	if (rc == EG_OK && !dry)
		rc = expire_act(s, &l, c->opt[O_REASON], &deleted, err);
	if (rc == EG_OK)
		tell_sum(c, &l, deleted, finished);
	expire_done(&l);
	return rc;
}

int
audit_expire(struct cli *c)
{
	bool dry = cli_has(c, O_DRY_RUN);
	struct eg_err err = { 0 };
	struct site s;
	int code;

	if (!dry && (!cli_has(c, O_REASON) || *c->opt[O_REASON] == '\0'))
		return cli_usage(c, "say why: --reason \"yearly deletion, decided by …\"; or only look: --dry-run");
	if (!cli_site(c, dry ? SITE_LOOK : SITE_CHANGE, &s, &code))
		return code;
	code = expire_now(c, &s, &err) < 0 ? cli_fail(c, &err) : CLI_OK;
	cli_close(c, &s);
	return code;
}
