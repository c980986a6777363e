/* SPDX-License-Identifier: MIT
 *
 * report budget: the list of budgets with what each side has and what an acceptance would make of it; for one project (or --all) every line with its
 * changes.
 */
#include "gateway/report/reports.h"
#include "gateway/workflow/intake.h"

#include <string.h>

/* ---- the list ---- */

static const struct report_col list_cols[] = {
	{ "project", "PROJECT", RK_TEXT, 0 },
	{ "job", "ERP JOB", RK_TEXT, 0 },
	{ "project_name", "NAME", RK_TEXT, 0 },
	{ "budget", "BUDGET", RK_TEXT, 0 },
	{ "state", "STATE", RK_TEXT, 0 },
	{ "since", "SINCE", RK_TIME, 0 },
	{ "original_budget", "ORIGINAL BUDGET", RK_AMOUNT, RP_SUM },
	{ "budget_changes", "BUDGET CHANGES", RK_AMOUNT, RP_SUM },
	{ "revised_estimate", "REVISED ESTIMATE", RK_AMOUNT, RP_SUM },
	{ "current_erp_total", "ERP HAS", RK_AMOUNT, 0 },
	{ "current_project_total", "PROJECT SIDE HAS", RK_AMOUNT, 0 },
	{ "new_total", "AFTER ACCEPTING", RK_AMOUNT, 0 },
	{ "item", "ITEM", RK_TEXT, RP_DETAIL },
};

static bool
stands(const struct item *it)
{
	return it->state != ST_REJECTED && it->state != ST_RETRIEVED && it->state != ST_ARCHIVED;
}

struct changes {
	struct report_scope *sc;
	struct eg_dec sum;
};

static int
add_change(void *ctx, const struct item *it, struct eg_err *err)
{
	struct changes *c = ctx;

	(void)err;
	if (stands(it))
		(void)eg_dec_add(c->sum, report_dec(it->amount), &c->sum);
	return EG_OK;
}

/* The total that both sides have: *ret NULL when they have none. */
static int
synced_total(struct report_scope *sc, const struct item *it, const char **ret, struct eg_err *err)
{
	const char *project;
	struct rec r;
	int rc = report_item_synced(sc, it, &r, err);

	*ret = NULL;
	if (rc == EG_OK)
		item_money(&sc->a, &r, &project, ret);
	return rc < 0 ? rc : EG_OK;
}

static const struct report_sides budget_sides = { REC_BUDGET, REC_ERP_BUDGET, false };

struct totals {
	const char *erp, *project, *after;
};

/* What each side has now, and what both have when this budget is accepted; NULL = not known. */
static int
totals_of(struct report_scope *sc, const struct item *it, const struct report_job *job, struct totals *ret,
    struct eg_err *err)
{
	const char *here, *there = NULL;
	struct item twin;
	int rc = synced_total(sc, it, &here, err);

	if (rc == EG_OK)
		rc = report_twin(sc, it, job, &budget_sides, &twin, err);
	if (rc == EG_OK)
		rc = synced_total(sc, &twin, &there, err);
	if (rc < 0)
		return rc;
	if (it->type->id == REC_BUDGET)
		*ret = (struct totals){ here != NULL ? here : there, it->amount, NULL };
	else
		*ret = (struct totals){ it->amount, here != NULL ? here : there, NULL };
	if (state_open(it->state) || it->state == ST_APPROVED)
		ret->after = it->amount;
	return EG_OK;
}

static int
list_item(struct report_scope *sc, const struct item *it, struct eg_err *err)
{
	struct item_filter by_project = { .type = rec_type(REC_BUDGET_CHANGE) };
	struct changes c = { sc, { 0, 2 } };
	struct report *r = sc->r;
	struct report_job job;
	struct totals t = { NULL, NULL, NULL };
	struct eg_dec both;
	int64_t since = 0;
	int rc = report_item_job(sc, it, &job, err);

	by_project.project = job.number;
	if (rc == EG_OK && *job.number != '\0')
		rc = item_each(sc->site->store, &by_project, add_change, &c, err);
	if (rc == EG_OK)
		rc = totals_of(sc, it, &job, &t, err);
	if (rc == EG_OK)
		rc = report_item_came(sc, it, &since, err);
	if (rc < 0)
		return rc;
	report_row(r);
	report_put(r, "project", job.number);
	report_put(r, "job", job.job);
	report_put(r, "project_name", job.name);
	report_put(r, "budget", it->type->id == REC_BUDGET ? "to the ERP" : "from the ERP");
	report_put(r, "state", state_word(it->state));
	report_put_time(r, "since", since);
	report_put(r, "original_budget", it->amount);
	report_put(r, "item", it->iid);
	report_put(r, "current_erp_total", t.erp);
	report_put(r, "current_project_total", t.project);
	report_put(r, "new_total", t.after);
	if (it->type->id == REC_BUDGET && eg_dec_add(report_dec(it->amount), c.sum, &both)) {
		report_put_dec(r, "budget_changes", c.sum);
		report_put_dec(r, "revised_estimate", both);
	}
	return EG_OK;
}

static int
list(struct site *s, const struct report_ask *q, struct report **ret, struct eg_err *err)
{
	struct report_scope sc;
	int rc =
	    report_scope_open(&sc, s, q, "budget", "Budgets", list_cols, sizeof(list_cols) / sizeof(list_cols[0]), err);

	if (rc == EG_OK)
		rc = report_both_each(&sc, &budget_sides, list_item, err);
	report_sort(sc.r, 4);
	report_note(sc.r,
	    "BUDGET CHANGES adds up those that are not rejected or taken back, synced or not. ERP HAS and PROJECT SIDE HAS: what was last sent, given or passed on; AFTER ACCEPTING: what both have when this budget is accepted.");
	report_note(sc.r, "The lines of a budget: erpgate report budget --project P");
	return report_scope_close(&sc, rc, ret);
}

/* ---- the lines ---- */

static const struct report_col line_cols[] = {
	{ "project", "PROJECT", RK_TEXT, 0 },
	{ "item", "BUDGET", RK_TEXT, 0 },
	{ "state", "STATE", RK_TEXT, 0 },
	{ "sub_job", "SUB JOB", RK_TEXT, 0 },
	{ "cost_code", "COST CODE", RK_TEXT, 0 },
	{ "cost_type", "CATEGORY", RK_TEXT, 0 },
	{ "description", "DESCRIPTION", RK_TEXT, RP_DETAIL },
	{ "original_budget", "ORIGINAL BUDGET", RK_AMOUNT, RP_SUM },
	{ "budget_changes", "BUDGET CHANGES", RK_AMOUNT, RP_SUM },
	{ "revised_estimate", "REVISED ESTIMATE", RK_AMOUNT, RP_SUM },
};

struct moved { /* one line of a budget change */
	char *key;
	char *sub_job, *code, *type;
	struct eg_dec amount;
	bool used;
};
struct moves {
	struct report_scope *sc;
	struct moved *v;
	size_t n;
};

static const char *
or_none(const char *v)
{
	return v == NULL ? "" : v;
}

static struct moved *
move_of(struct moves *m, const char *sub_job, const char *code, const char *type, bool make)
{
	char *key = eg_xprintf("%s\n%s\n%s", or_none(sub_job), or_none(code), or_none(type));

	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->v[i].key, key) == 0) {
			free(key);
			return &m->v[i];
		}
	if (!make) {
		free(key);
		return NULL;
	}
	m->v = eg_xrealloc(m->v, (m->n + 1) * sizeof(*m->v));
	m->v[m->n] = (struct moved){ .key = key,
		.sub_job = eg_xstrdup(or_none(sub_job)),
		.code = eg_xstrdup(or_none(code)),
		.type = eg_xstrdup(or_none(type)),
		.amount = { 0, 2 } };
	return &m->v[m->n++];
}

static int
add_moves(void *ctx, const struct item *it, struct eg_err *err)
{
	struct moves *m = ctx;
	struct report_scope *sc = m->sc;
	struct rec r;
	int rc;

	if (!stands(it))
		return EG_OK;
	rc = item_record(sc->site->store, it->rev, &sc->a, &r, err);
	for (size_t i = 0; rc == EG_OK && i < r.nlines; i++) {
		struct moved *to = move_of(m, report_line(sc, &r, i, "line.sub_job"),
		    report_line(sc, &r, i, "line.cost_code"), report_line(sc, &r, i, "line.cost_type"), true);
		(void)eg_dec_add(to->amount, report_dec(report_line(sc, &r, i, "line.amount")), &to->amount);
	}
	return rc;
}

static void
line_row(struct report_scope *sc, const struct item *it, const struct report_job *job, const struct moved *place,
    const char *description, const char *original, struct eg_dec moved)
{
	struct report *r = sc->r;
	struct eg_dec both;

	report_row(r);
	report_put(r, "project", *job->number != '\0' ? job->number : job->job);
	report_put(r, "item", it->iid);
	report_put(r, "state", state_word(it->state));
	report_put(r, "sub_job", place->sub_job);
	report_put(r, "cost_code", place->code);
	report_put(r, "cost_type", place->type);
	report_put(r, "description", description);
	report_put(r, "original_budget", original);
	report_put_dec(r, "budget_changes", moved);
	if (eg_dec_add(report_dec(original), moved, &both))
		report_put_dec(r, "revised_estimate", both);
}

static void
budget_lines(
    struct report_scope *sc, const struct item *it, const struct report_job *job, struct moves *m, const struct rec *r)
{
	const char *field = it->type->id == REC_BUDGET ? "line.original_amount" : "line.amount";

	for (size_t i = 0; i < r->nlines; i++) {
		const char *sub_job = report_line(sc, r, i, "line.sub_job"),
			   *code = report_line(sc, r, i, "line.cost_code"),
			   *type = report_line(sc, r, i, "line.cost_type");
		struct moved *moved = move_of(m, sub_job, code, type, true);
		line_row(sc, it, job, moved, report_line(sc, r, i, "line.description"), report_line(sc, r, i, field),
		    moved->amount);
		moved->used = true;
	}
	for (size_t i = 0; i < m->n; i++)
		if (!m->v[i].used)
			line_row(sc, it, job, &m->v[i], "not in the original budget", "0.00", m->v[i].amount);
}

static void
moves_done(struct moves *m)
{
	for (size_t i = 0; i < m->n; i++) {
		free(m->v[i].key);
		free(m->v[i].sub_job);
		free(m->v[i].code);
		free(m->v[i].type);
	}
	free(m->v);
}

static int
lines_item(struct report_scope *sc, const struct item *it, struct eg_err *err)
{
	struct item_filter changes = { .type = rec_type(REC_BUDGET_CHANGE) };
	struct moves m = { .sc = sc };
	struct report_job job;
	struct rec r;
	int rc = report_item_job(sc, it, &job, err);

	changes.project = job.number;
	if (rc == EG_OK)
		rc = item_record(sc->site->store, it->rev, &sc->a, &r, err);
	if (rc == EG_OK && it->type->id == REC_BUDGET)
		rc = item_each(sc->site->store, &changes, add_moves, &m, err);
	if (rc == EG_OK)
		budget_lines(sc, it, &job, &m, &r);
	moves_done(&m);
	return rc;
}

static int
lines(struct site *s, const struct report_ask *q, struct report **ret, struct eg_err *err)
{
	struct report_scope sc;
	int rc = report_scope_open(
	    &sc, s, q, "budget", "Budget details", line_cols, sizeof(line_cols) / sizeof(line_cols[0]), err);

	if (rc == EG_OK)
		rc = report_item_each(&sc, rec_type(REC_BUDGET), lines_item, err);
	if (rc == EG_OK)
		rc = report_item_each(&sc, rec_type(REC_ERP_BUDGET), lines_item, err);
	sc.r->group = 2;
	report_sort(sc.r, 6);
	report_note(
	    sc.r, "BUDGET CHANGES adds up the lines of those that are not rejected or taken back, synced or not.");
	return report_scope_close(&sc, rc, ret);
}

int
report_budget(struct site *s, const struct report_ask *q, struct report **ret, struct eg_err *err)
{
	return q->project != NULL || q->all ? lines(s, q, ret, err) : list(s, q, ret, err);
}
