/* SPDX-License-Identifier: MIT
 *
 * How a value came to be: the source, then the value behind each step, and where a step refuses it what can be done. The engines' own functions run, so that what
 * is told is what happens. Values of private fields are left out.
 */
#include "adapters/trace.h"

#include "adapters/lang_step_int.h"
#include "adapters/write_int.h"

#define PARTS_MAX 64 /* steps of one entry: a line has at most 4096 bytes, more are not told */

/* ---- the entry as written ---- */

struct eg_bytes
adl_source_text(const struct adp_entry *e)
{
	struct adl_scan rest = adl_scan(NULL, eg_bytes_str(e->text));
	const struct adl_scan source = adl_cut_bar(&rest);

	return eg_bytes_trim_ws(eg_bytes(source.p, (size_t)(source.end - source.p)));
}

struct eg_bytes
adl_step_text(const struct adp_entry *e, size_t i)
{
	return e->steps[i].text;
}

/* ---- cures ---- */

static const struct {
	const char *step, *cure;
} cures[] = {
	{ "places", "round it: calc round(FIELD, 2) | places 2, or correct the amount at the source" },
	{ "max", "let it be cut: max N cut, or shorten the value at the source" },
	{ "required", "enter the value at the source, or say what stands for it: default \"…\"" },
	{ "choose", "add the value to the step, or say what stands for others: else \"…\"" },
	{ "lookup", "add the value to the table, or say what stands for others: or \"…\", or keep, or blank" },
	{ "matches", "correct the value at the source, or make it fit before: keep \"…\", without \"…\"" },
	{ "date", "name the form the file has: date YYYY-MM-DD or MM/DD/YYYY" },
	{ "yesno", "name the words the file has: yesno \"Y\" \"N\"" },
};

static const char *
cure_of(const struct adp_step *st)
{
	for (size_t i = 0; i < sizeof(cures) / sizeof(cures[0]); i++)
		if (strcmp(cures[i].step, st->def->name) == 0)
			return cures[i].cure;
	return "correct the value at the source";
}

/* ---- running ---- */

struct tracing {
	struct adp_traced t;
	struct adp_problem problem;
	struct adp_env before;
	struct adp_traced_step steps[PARTS_MAX];
};

static struct eg_bytes
shown(const struct adp_entry *e, const struct adp_val *v, struct adp_env *env)
{
	if (e->masked || v->kind == AV_BLANK || v->kind == AV_UNKNOWN)
		return EG_NONE;
	return v->kind == AV_TEXT ? v->text : adp_val_text(v, env);
}

/* What steps do to the environment (places, changes) is the engine's business: it gets it back as it was. */
static void
run_steps(struct tracing *x, const struct adp_entry *e, struct adp_env *env, struct adp_val v)
{
	x->before = *env;
	env->problem = &x->problem;
	for (size_t i = 0; i < e->nsteps && i < PARTS_MAX && v.kind != AV_UNKNOWN && x->t.code[0] == '\0'; i++) {
		struct adp_traced_step *st = &x->steps[x->t.nsteps++];
		struct eg_bytes before = shown(e, &v, env);

		*st = (struct adp_traced_step){ .text = adl_step_text(e, i) };
		int rc = adl_step_run(&e->steps[i], env, &v);

		if (rc != EG_OK) {
			x->t.code = x->problem.code;
			x->t.msg = x->problem.msg;
			x->t.cure = cure_of(&e->steps[i]);
			break;
		}
		st->value = shown(e, &v, env);
		st->same = eg_bytes_eq(before, st->value);
	}
	x->before.full = env->full;
	*env = x->before;
}

static void
begin(struct tracing *x, const struct adp_entry *e, struct adp_env *env, const struct adp_val *source)
{
	x->t = (struct adp_traced){ .rows = "",
		.target = e->target,
		.source = adl_source_text(e),
		.value = shown(e, source, env),
		.masked = e->masked,
		.steps = x->steps,
		.code = "",
		.msg = "",
		.cure = "" };
}

int
adl_trace_value(const struct adp_entry *e, struct adp_env *env, struct adp_val source, uint64_t line,
    adp_traced_fn *each, void *ctx, struct eg_err *err)
{
	struct tracing *x = eg_xalloc(sizeof(*x));
	int rc;

	begin(x, e, env, &source);
	x->t.line = line;
	run_steps(x, e, env, source);
	rc = each(ctx, &x->t, err);
	free(x);
	return rc < 0 ? rc : EG_OK;
}

/* ---- out ---- */

struct explaining {
	struct wr w;
	struct tracing x;
	adp_traced_fn *each;
	void *ctx;
	uint64_t rows;
};

static int
column(struct explaining *k, const struct adp_rowset *rs, const struct adp_entry *e, struct eg_err *err)
{
	struct adp_val source = adp_source_value(e, &k->w.env);
	int rc;

	begin(&k->x, e, &k->w.env, &source);
	k->x.t.rows = rs->name;
	k->x.t.line = k->w.on_line ? k->w.line + 1 : 0;
	run_steps(&k->x, e, &k->w.env, source);
	if (k->x.t.code[0] == '\0') {
		rc = wr_cell(&k->w, e, source, &k->x.t.result, err);
		if (rc != EG_OK)
			return rc;
		if (e->masked)
			k->x.t.result = EG_NONE;
	}
	rc = k->each(k->ctx, &k->x.t, err);
	return rc < 0 ? rc : EG_OK;
}

static int
row(struct explaining *k, const struct adp_rowset *rs, struct eg_err *err)
{
	int rc = EG_OK;

	k->rows++;
	for (size_t i = 0; i < rs->ncolumns && rc == EG_OK; i++)
		rc = column(k, rs, &rs->columns[i], err);
	return rc;
}

static int
rows_of(struct explaining *k, const struct adp_rowset *rs, struct eg_err *err)
{
	const struct rec *r = k->w.env.rec;
	size_t *order;
	int rc = EG_OK;

	if (rs->when != NULL && adp_true(rs->when, &k->w.env) != 1)
		return EG_OK;
	if (!rs->each_line)
		return row(k, rs, err);
	if (rec_line_order(&k->w.doc_arena, r, &order, err) != EG_OK)
		return wr_no_memory(err);
	for (size_t i = 0; i < r->nlines && rc == EG_OK; i++) {
		eg_arena_reset(&k->w.row_arena);
		wr_line(&k->w, order[i]);
		if (rs->lines == NULL || adp_true(rs->lines, &k->w.env) == 1)
			rc = row(k, rs, err);
	}
	wr_line(&k->w, SIZE_MAX);
	return rc;
}

int
adp_explain(const struct adp_set *s, const struct adp *a, const struct rec *r, adp_traced_fn *each, void *ctx,
    uint64_t *ret_rows, struct eg_err *err)
{
	struct explaining *k = eg_xalloc(sizeof(*k));
	struct adp_out_sink none = { .ctx = NULL };
	int rc = EG_OK;

	k->each = each;
	k->ctx = ctx;
	wr_init(&k->w, s, &none);
	for (size_t i = 0; i < a->o.nrowsets && rc == EG_OK; i++) {
		if (a->o.rowsets[i].record != r->type)
			continue;
		rc = wr_record(&k->w, a, &r, 0, err);
		if (rc == EG_OK && a->o.has_counter)
			k->w.env.counter = a->o.counter_from;
		if (rc == EG_OK)
			rc = rows_of(k, &a->o.rowsets[i], err);
	}
	*ret_rows = k->rows;
	wr_done(&k->w);
	free(k);
	return rc;
}
