/* SPDX-License-Identifier: MIT
 *
 * report reconcile: what came in against what became of it, in records and in money, per sender, record type and project. Three counts that are made apart
 * from each other must agree: the reader's, the book kept when the records came, and the items and revisions that stand in the store now. A line that does not
 * balance makes the whole report bad.
 */
#include "gateway/report/reports.h"
#include "gateway/store/store_report.h"
#include "gateway/workflow/intake.h"

#include <string.h>

enum fate {
	F_OUT = 0,
	F_APPROVED,
	F_WAITING,
	F_IMPORTABLE,
	F_CHANGED,
	F_HELD,
	F_FAILED,
	F_UNLINKED,
	F_RETRIEVED,
	F_ARCHIVED,
	F_REJECTED,
	F_DUPLICATE,
	F_UNCHANGED,
	F_REPLACED,
	F_COUNTED,
	F_PASSED,
	F_REFERENCE,
	F_ANSWER,
	F_NFATES,
};

static const struct report_col cols[] = {
	{ "source", "SENDER", RK_TEXT, 0 },
	{ "record_type", "TYPE", RK_TEXT, 0 },
	{ "project", "PROJECT", RK_TEXT, 0 },
	{ "currency", "CURRENCY", RK_TEXT, 0 },
	{ "erp", "ERP", RK_TEXT, RP_DETAIL },
	{ "measure", "OF", RK_TEXT, 0 },
	{ "in", "IN", RK_NUMBER, 0 },
	{ "out", "= OUT", RK_NUMBER, RP_ALWAYS },
	{ "approved", "+ APPROVED", RK_NUMBER, 0 },
	{ "waiting", "+ WAITING", RK_NUMBER, 0 },
	{ "importable", "+ IMPORTABLE", RK_NUMBER, 0 },
	{ "changed", "+ CHANGED", RK_NUMBER, 0 },
	{ "held", "+ HELD", RK_NUMBER, RP_ALWAYS },
	{ "failed", "+ FAILED", RK_NUMBER, 0 },
	{ "unlinked", "+ UNLINKED", RK_NUMBER, 0 },
	{ "retrieved", "+ RETRIEVED", RK_NUMBER, 0 },
	{ "archived", "+ ARCHIVED", RK_NUMBER, 0 },
	{ "rejected", "+ REJECTED", RK_NUMBER, RP_ALWAYS },
	{ "duplicate", "+ DUPLICATE", RK_NUMBER, RP_ALWAYS },
	{ "unchanged", "+ UNCHANGED", RK_NUMBER, 0 },
	{ "replaced", "+ REPLACED", RK_NUMBER, 0 },
	{ "counted", "+ COUNTED", RK_NUMBER, 0 },
	{ "passed", "+ LEFT OUT", RK_NUMBER, 0 },
	{ "reference", "+ REFERENCE", RK_NUMBER, 0 },
	{ "answer", "+ ANSWERS", RK_NUMBER, 0 },
	{ "unknown", "UNKNOWN MONEY", RK_NUMBER, 0 },
	{ "difference", "DIFFERENCE", RK_NUMBER, 0 },
	{ "balanced", "BALANCED", RK_TEXT, 0 },
};
#define FATE_COL 7 /* of F_OUT */

/* Where a revision stands, by its item's state. */
static const enum fate fate_of_state[ST_NSTATES] = {
	[ST_WAITING] = F_WAITING,
	[ST_HELD] = F_HELD,
	[ST_UNLINKED] = F_UNLINKED,
	[ST_APPROVED] = F_APPROVED,
	[ST_EXPORTED] = F_OUT,
	[ST_SYNCED] = F_OUT,
	[ST_FAILED] = F_FAILED,
	[ST_REJECTED] = F_REJECTED,
	[ST_RETRIEVED] = F_RETRIEVED,
	[ST_CHANGED] = F_CHANGED,
	[ST_IMPORTABLE] = F_IMPORTABLE,
	[ST_ARCHIVED] = F_ARCHIVED,
};

struct figure {
	int64_t records;
	struct eg_dec amount;
};
struct ledger_line {
	char *source, *project;
	const struct rec_type *type;
	struct figure in, fate[F_NFATES];
	int64_t unknown;
};
struct ledger {
	struct report_scope *sc;
	struct ledger_line *v;
	size_t n, last;
	bool page; /* senders and record types together */
	bool lost; /* a sum left the range of amounts */
};

/* ---- lines ---- */

static bool
is_line(const struct ledger_line *l, const char *source, const struct rec_type *t, const char *project)
{
	return l->type == t && strcmp(l->project, project) == 0 && strcmp(l->source, source) == 0;
}

static struct ledger_line *
line_of(struct ledger *g, const char *source, const struct rec_type *t, const char *project)
{
	if (g->page) {
		source = "";
		t = NULL;
	}
	if (g->last < g->n && is_line(&g->v[g->last], source, t, project))
		return &g->v[g->last];
	for (g->last = 0; g->last < g->n; g->last++)
		if (is_line(&g->v[g->last], source, t, project))
			return &g->v[g->last];
	g->v = eg_xrealloc(g->v, (g->n + 1) * sizeof(*g->v));
	struct ledger_line *l = &g->v[g->n++];
	*l = (struct ledger_line){
		.source = eg_xstrdup(source), .project = eg_xstrdup(project), .type = t, .in = { 0, { 0, 2 } }
	};
	for (size_t i = 0; i < F_NFATES; i++)
		l->fate[i].amount = (struct eg_dec){ 0, 2 };
	return l;
}

static void
add(struct ledger *g, struct figure *to, int64_t records, struct eg_dec amount)
{
	to->records += records;
	g->lost = !eg_dec_add(to->amount, amount, &to->amount) || g->lost;
}

static bool
wanted(const struct report_scope *sc, const char *source, const char *type, const char *project)
{
	const struct report_ask *q = sc->ask;
	bool there = q->project == NULL || strcmp(project, q->project) == 0 ||
	             (*project != '\0' && (strcmp(project, sc->job.number) == 0 || strcmp(project, sc->job.job) == 0));

	return there && (q->type == NULL || strcmp(q->type, type) == 0) &&
	       (q->source == NULL || strcmp(q->source, source) == 0) &&
	       (q->erp == NULL || strcmp(q->erp, sc->site->erp) == 0);
}

/* ---- the book ---- */

static bool
fate_named(const char *word, enum fate *ret)
{
	for (size_t i = 0; i < F_NFATES; i++)
		if (strcmp(cols[FATE_COL + i].name, word) == 0) {
			*ret = (enum fate)i;
			return true;
		}
	return false; /* taken: its revision says more */
}

static int
book_line(void *ctx, const struct came *c, struct eg_err *err)
{
	struct ledger *g = ctx;
	const struct rec_type *t = rec_type_named(eg_bytes_str(c->type));
	struct ledger_line *l;
	enum fate f;

	if (t == NULL)
		return eg_fail(
		    err, EG_FATAL, "DB-CORRUPT", "the book of what came has the unknown record type %s", c->type);
	if (!wanted(g->sc, c->source, c->type, c->project))
		return EG_OK;
	l = line_of(g, c->source, t, c->project);
	add(g, &l->in, c->records, c->amount);
	l->unknown += c->unknown;
	if (fate_named(c->fate, &f))
		add(g, &l->fate[f], c->records, c->amount);
	return EG_OK;
}

/* ---- the items ---- */

/* Project and money of a revision that is not the item's current one. */
static int
older(struct report_scope *sc, const struct came_revision *r, const char **ret_project, const char **ret_amount,
    struct eg_err *err)
{
	struct rec rec;
	int rc = item_record(sc->site->store, r->rev, &sc->a, &rec, err);

	if (rc == EG_OK)
		item_money(&sc->a, &rec, ret_project, ret_amount);
	return rc;
}

static int
item_line(void *ctx, const struct came_revision *r, struct eg_err *err)
{
	struct ledger *g = ctx;
	const struct rec_type *t = rec_type_named(eg_bytes_str(r->type));
	const char *project = r->project, *amount = r->amount;
	enum fate f = r->current ? fate_of_state[r->state] : r->sent ? F_OUT : F_REPLACED;
	struct ledger_line *l;
	int rc = EG_OK;

	if (t == NULL || t->id == REC_ERP_CODE) /* made here from the code lists, which are counted themselves */
		return EG_OK;
	eg_arena_reset(&g->sc->a);
	if (!r->current)
		rc = older(g->sc, r, &project, &amount, err);
	if (rc != EG_OK || !wanted(g->sc, r->source, r->type, project == NULL ? "" : project))
		return rc;
	l = line_of(g, r->source, t, project == NULL ? "" : project);
	add(g, &l->fate[f], 1, report_dec(amount));
	return EG_OK;
}

/* ---- rows ---- */

static void
put_figure(struct report *r, const char *col, const struct figure *f, bool money)
{
	struct eg_buf b = EG_BUF_INIT;

	if (money)
		eg_dec_print(&b, f->amount, 2);
	else
		eg_buf_printf(&b, "%lld", (long long)f->records);
	report_put(r, col, eg_buf_cstr(&b));
	eg_buf_done(&b);
}

static struct figure
sum_of(struct ledger *g, const struct ledger_line *l)
{
	struct figure sum = { 0, { 0, 2 } };

	for (size_t i = 0; i < F_NFATES; i++)
		add(g, &sum, l->fate[i].records, l->fate[i].amount);
	return sum;
}

static void
ledger_row(struct ledger *g, const struct ledger_line *l, bool money)
{
	struct report *r = g->sc->r;
	struct figure sum = sum_of(g, l), difference;
	bool good;

	difference.records = l->in.records - sum.records;
	if (!eg_dec_sub(l->in.amount, sum.amount, &difference.amount))
		g->lost = true;
	good = !g->lost && (money ? eg_dec_is_zero(difference.amount) : difference.records == 0);
	report_row(r);
	report_put(r, "source", g->page ? NULL : l->source);
	report_put(r, "erp", g->sc->site->erp);
	report_put(r, "record_type", g->page ? NULL : l->type->name);
	report_put(r, "project", l->project);
	report_put(r, "currency", conf_text(&g->sc->site->conf, "currency"));
	report_put(r, "measure", money ? "amount" : "records");
	put_figure(r, "in", &l->in, money);
	for (size_t i = 0; i < F_NFATES; i++)
		put_figure(r, cols[FATE_COL + i].name, &l->fate[i], money);
	if (money)
		report_put_int(r, "unknown", l->unknown);
	put_figure(r, "difference", &difference, money);
	report_put(r, "balanced", good ? "yes" : "NO");
	r->bad = r->bad || !good;
}

/* The one line that answers: did everything arrive. */
static void
say_total(struct ledger *g, const struct ledger_line *total, bool money)
{
	struct eg_buf b = EG_BUF_INIT;
	struct figure zero = { 0, { 0, 2 } };

	for (size_t i = 0; i < F_NFATES; i++) {
		const struct figure *f = &total->fate[i];
		if (i != F_OUT && (money ? eg_dec_cmp(f->amount, zero.amount) == 0 : f->records == 0))
			continue;
		eg_buf_printf(&b, "%s%s ", i == F_OUT ? "" : " + ", cols[FATE_COL + i].name);
		if (money)
			eg_dec_print(&b, f->amount, 2);
		else
			eg_buf_printf(&b, "%lld", (long long)f->records);
	}
	struct eg_buf in = EG_BUF_INIT;
	if (money)
		eg_dec_print(&in, total->in.amount, 2);
	else
		eg_buf_printf(&in, "%lld", (long long)total->in.records);
	report_note(g->sc->r, "%s: in %s = %s.", money ? "Money" : "Records", eg_buf_cstr(&in), eg_buf_cstr(&b));
	eg_buf_done(&in);
	eg_buf_done(&b);
}

static void
say_totals(struct ledger *g)
{
	struct ledger_line total = { .in = { 0, { 0, 2 } } };

	for (size_t i = 0; i < F_NFATES; i++)
		total.fate[i].amount = (struct eg_dec){ 0, 2 };
	for (size_t k = 0; k < g->n; k++) {
		add(g, &total.in, g->v[k].in.records, g->v[k].in.amount);
		for (size_t i = 0; i < F_NFATES; i++)
			add(g, &total.fate[i], g->v[k].fate[i].records, g->v[k].fate[i].amount);
	}
	say_total(g, &total, false);
	say_total(g, &total, true);
}

static int
say_gap(void *ctx, const struct came_gap *gap, struct eg_err *err)
{
	struct report *r = ctx;

	(void)err;
	r->bad = true;
	report_note(r, "DOES NOT BALANCE: the reader counted %lld records in %s (%s%s%s), the book has %lld.",
	    (long long)gap->read, gap->drop, gap->name, *gap->member != '\0' ? "!" : "", gap->member,
	    (long long)gap->booked);
	return EG_OK;
}

static int
say_rest(struct ledger *g, const struct came_filter *f, struct eg_err *err)
{
	struct report *r = g->sc->r;
	int64_t refused = 0, duplicate = 0;
	int rc = came_gap_each(g->sc->site->store, f, say_gap, r, err);

	if (rc == EG_OK)
		rc = came_drops(g->sc->site->store, f, &refused, &duplicate, err);
	if (rc < 0)
		return rc;
	if (g->n > 0)
		say_totals(g);
	report_note(r, "%s",
	    r->bad ?
		"DOES NOT BALANCE. Something is lost or counted twice: keep the site as it is and call support with this report." :
		"Every line balances.");
	report_note(r,
	    "IN: records that the readers found, by the files of the drops asked for. %lld drops were refused in whole or in part (their unusable files count as files, not as records: erpgate findings --severity R); %lld drops were copies.",
	    (long long)refused, (long long)duplicate);
	report_note(r,
	    "OUT: written or linked (exported, synced), also when newer content came since. REJECTED: by a rule, a person, or because the item had left. DUPLICATE: records of files whose bytes came before, counted from the first one. UNCHANGED: the item had this content already. REPLACED: newer content came before it left. COUNTED: costs that are the booking of an invoice sent from here. LEFT OUT: passed over by a rule of the layout. REFERENCE: lists. The other columns are states of today.");
	report_note(r,
	    "Money is that of each record as items show it; UNKNOWN MONEY counts rejected records whose amount could not be read: they are in the records, on neither side of the money.");
	return EG_OK;
}

static int
make(struct site *s, const struct report_ask *q, bool page, struct report **ret, struct eg_err *err)
{
	struct came_filter f = { .run = q->run, .since = q->since, .until = q->until };
	struct report_scope sc;
	struct ledger g = { .sc = &sc, .page = page };
	int rc = report_scope_open(&sc, s, q, page ? "conservation" : "reconcile",
	    page ? "Conservation ledger: what came in, what went out, what stays" :
		   "What came in and what became of it",
	    cols, sizeof(cols) / sizeof(cols[0]), err);

	if (q->run != 0) {
		char run[24];
		(void)snprintf(run, sizeof(run), "%lld", (long long)q->run);
		report_filter(sc.r, "run", run);
	}
	if (rc == EG_OK)
		rc = came_each(s->store, &f, book_line, &g, err);
	if (rc == EG_OK)
		rc = came_revision_each(s->store, &f, item_line, &g, err);
	for (size_t i = 0; rc == EG_OK && i < g.n; i++) {
		ledger_row(&g, &g.v[i], false);
		if (page || g.v[i].type->amount != NULL)
			ledger_row(&g, &g.v[i], true);
	}
	report_sort(sc.r, 4);
	if (rc == EG_OK)
		rc = say_rest(&g, &f, err);
	for (size_t i = 0; i < g.n; i++) {
		free(g.v[i].source);
		free(g.v[i].project);
	}
	free(g.v);
	return report_scope_close(&sc, rc, ret);
}

int
report_reconcile(struct site *s, const struct report_ask *q, struct report **ret, struct eg_err *err)
{
	return make(s, q, false, ret, err);
}

int
report_conservation(struct site *s, const struct report_ask *q, struct report **ret, struct eg_err *err)
{
	return q->batch != NULL ? report_batch_ledger(s, q, ret, err) : make(s, q, true, ret, err);
}
