/* SPDX-License-Identifier: MIT
 *
 * report aging: what waits for whom, and how long: counted and added up by state, type and project in buckets of whole days.
 */
#include "gateway/report/deciders.h"
#include "gateway/report/reports.h"
#include "gateway/store/store_report.h"

#include <string.h>

#define BUCKETS 5

static const struct report_col cols[] = {
	{ "state", "STATE", RK_TEXT, 0 },
	{ "record_type", "TYPE", RK_TEXT, 0 },
	{ "project", "PROJECT", RK_TEXT, 0 },
	{ "days_0_1", "0-1 DAYS", RK_INT, RP_SUM | RP_ALWAYS },
	{ "days_2_7", "2-7", RK_INT, RP_SUM | RP_ALWAYS },
	{ "days_8_14", "8-14", RK_INT, RP_SUM | RP_ALWAYS },
	{ "days_15_30", "15-30", RK_INT, RP_SUM | RP_ALWAYS },
	{ "days_over_30", "OVER 30", RK_INT, RP_SUM | RP_ALWAYS },
	{ "items", "ITEMS", RK_INT, RP_SUM },
	{ "amount", "MONEY", RK_AMOUNT, RP_SUM },
	{ "amount_0_1", "MONEY 0-1", RK_AMOUNT, RP_SUM | RP_DETAIL },
	{ "amount_2_7", "MONEY 2-7", RK_AMOUNT, RP_SUM | RP_DETAIL },
	{ "amount_8_14", "MONEY 8-14", RK_AMOUNT, RP_SUM | RP_DETAIL },
	{ "amount_15_30", "MONEY 15-30", RK_AMOUNT, RP_SUM | RP_DETAIL },
	{ "amount_over_30", "MONEY OVER 30", RK_AMOUNT, RP_SUM | RP_DETAIL },
	{ "oldest", "OLDEST SINCE", RK_TIME, 0 },
	{ "oldest_item", "OLDEST ITEM", RK_TEXT, RP_DETAIL },
	{ "deciders", "WHO MAY DECIDE", RK_TEXT, 0 },
	{ "nobody", "NOBODY MAY", RK_INT, RP_SUM },
};
static const char *const count_cols[BUCKETS] = { "days_0_1", "days_2_7", "days_8_14", "days_15_30", "days_over_30" };
static const char *const money_cols[BUCKETS] = { "amount_0_1", "amount_2_7", "amount_8_14", "amount_15_30",
	"amount_over_30" };

struct age_line {
	enum item_state state;
	const struct rec_type *type;
	char *project;
	int64_t count[BUCKETS], items, nobody, oldest;
	struct eg_dec money[BUCKETS], amount;
	bool has_money, due;
	char *oldest_item;
	bool *deciders; /* by user */
};

struct aging {
	struct report_scope *sc;
	struct deciders d;
	struct age_line *v;
	size_t n;
};

/* States that end somewhere else do not age. */
static bool
ages(enum item_state s)
{
	return s != ST_SYNCED && s != ST_REJECTED && s != ST_ARCHIVED && s != ST_RETRIEVED;
}

static unsigned
bucket_of(int64_t days)
{
	static const int64_t last[] = { 1, 7, 14, 30 };
	unsigned b = 0;

	while (b < sizeof(last) / sizeof(last[0]) && days > last[b])
		b++;
	return b;
}

/* Since when the item is in its state. */
static int
since(struct report_scope *sc, const struct item *it, int64_t *ret, struct eg_err *err)
{
	struct decision d;
	int64_t n = 0;
	int rc;

	*ret = it->updated;
	if (it->state == ST_EXPORTED) {
		rc = batches_of(sc->site->store, it->id, &n, ret, err);
		return rc;
	}
	if (it->state == ST_APPROVED && it->accepted != 0) {
		rc = decision_get(sc->site->store, it->accepted, &sc->a, &d, err);
		*ret = rc == EG_OK ? d.at : *ret;
		return rc < 0 ? rc : EG_OK;
	}
	return it->state == ST_FAILED || it->state == ST_UNLINKED ? EG_OK : report_item_came(sc, it, ret, err);
}

static struct age_line *
line_of(struct aging *g, const struct item *it)
{
	const char *project = it->project == NULL ? "" : it->project;

	for (size_t i = g->n; i > 0; i--) /* items come by type: the line is near the end */
		if (g->v[i - 1].state == it->state && g->v[i - 1].type == it->type &&
		    strcmp(g->v[i - 1].project, project) == 0)
			return &g->v[i - 1];
	g->v = eg_xrealloc(g->v, (g->n + 1) * sizeof(*g->v));
	struct age_line *l = &g->v[g->n++];
	*l = (struct age_line){
		.state = it->state, .type = it->type, .project = eg_xstrdup(project), .amount = { 0, 2 }
	};
	for (unsigned b = 0; b < BUCKETS; b++)
		l->money[b] = (struct eg_dec){ 0, 2 };
	l->deciders = eg_xalloc((g->d.n + 1) * sizeof(bool));
	return l;
}

static int
add_deciders(struct aging *g, struct age_line *l, const struct item *it, struct eg_err *err)
{
	bool may, covered = false;
	int rc = EG_OK;

	l->due = true;
	for (size_t i = 0; rc == EG_OK && i < g->d.n; i++) {
		rc = decider_may(&g->d, i, g->sc->site, it, &may, err);
		if (rc == EG_OK && may)
			covered = l->deciders[i] = true;
	}
	l->nobody += !covered;
	return rc;
}

static int
aging_item(struct report_scope *sc, const struct item *it, struct eg_err *err)
{
	struct aging *g = sc->mine;
	int64_t at = 0, now = site_now(sc->site);
	struct age_line *l;
	unsigned b;
	int rc;

	if (!ages(it->state))
		return EG_OK;
	rc = since(sc, it, &at, err);
	if (rc < 0)
		return rc;
	l = line_of(g, it);
	b = bucket_of(now > at ? (now - at) / 86400 : 0);
	l->count[b]++;
	l->items++;
	if (it->amount != NULL) {
		l->has_money = true;
		(void)eg_dec_add(l->money[b], report_dec(it->amount), &l->money[b]);
		(void)eg_dec_add(l->amount, report_dec(it->amount), &l->amount);
	}
	if (l->oldest_item == NULL || at < l->oldest) {
		free(l->oldest_item);
		l->oldest_item = eg_xstrdup(it->iid);
		l->oldest = at;
	}
	return decision_due(it) ? add_deciders(g, l, it, err) : EG_OK;
}

static void
aging_row(struct aging *g, const struct age_line *l)
{
	struct eg_buf names = EG_BUF_INIT;
	struct report *r = g->sc->r;

	report_row(r);
	report_put(r, "state", state_word(l->state));
	report_put(r, "record_type", l->type->name);
	report_put(r, "project", l->project);
	for (unsigned b = 0; b < BUCKETS; b++) {
		report_put_int(r, count_cols[b], l->count[b]);
		if (l->has_money)
			report_put_dec(r, money_cols[b], l->money[b]);
	}
	report_put_int(r, "items", l->items);
	if (l->has_money)
		report_put_dec(r, "amount", l->amount);
	report_put_time(r, "oldest", l->oldest);
	report_put(r, "oldest_item", l->oldest_item);
	for (size_t i = 0; i < g->d.n; i++)
		if (l->deciders[i])
			eg_buf_printf(&names, "%s%s", names.len > 0 ? "," : "", g->d.v[i].u.name);
	if (l->due) {
		report_put(r, "deciders", eg_buf_cstr(&names));
		report_put_int(r, "nobody", l->nobody);
	}
	eg_buf_done(&names);
}

static void
aging_done(struct aging *g)
{
	for (size_t i = 0; i < g->n; i++) {
		free(g->v[i].project);
		free(g->v[i].oldest_item);
		free(g->v[i].deciders);
	}
	free(g->v);
	deciders_done(&g->d);
}

int
report_aging(struct site *s, const struct report_ask *q, struct report **ret, struct eg_err *err)
{
	struct report_scope sc;
	struct aging g = { .sc = &sc };
	int rc =
	    report_scope_open(&sc, s, q, "aging", "How long items wait", cols, sizeof(cols) / sizeof(cols[0]), err);

	sc.mine = &g;
	if (rc == EG_OK)
		rc = deciders_load(&g.d, s, err);
	if (rc == EG_OK)
		rc = report_item_each(&sc, NULL, aging_item, err);
	for (size_t i = 0; rc == EG_OK && i < g.n; i++)
		aging_row(&g, &g.v[i]);
	report_sort(sc.r, 3);
	report_note(sc.r,
	    "Days are whole days since: the content came (waiting, importable, changed, held), it was accepted (approved), it left (exported), the ERP answered (failed), it was unlinked (unlinked).");
	report_note(sc.r,
	    "WHO MAY DECIDE: users who could accept at least one of these items now. NOBODY MAY: items that none of them could. Empty: no decision is due, the items wait for something else.");
	aging_done(&g);
	return report_scope_close(&sc, rc, ret);
}
