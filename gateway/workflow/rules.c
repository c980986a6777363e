/* SPDX-License-Identifier: MIT
 *
 * The reference rules over every open item, until nothing moves any more: links first, then the table below, type
 * by type and id by id, so that the same items always end the same way. An R refuses the item and silences what it
 * would have waited for; H holds it until a later look.
 */
#include "gateway/workflow/rules.h"

#include "gateway/workflow/adopt.h"

#define EVAL_MEM ((size_t)512 << 20)
#define ROUNDS_MAX 64 /* each round needs a state that moved forward; more means two rules undo each other */

#define T(x) (UINT64_C(1) << REC_##x)
#define WITH_LINES (T(BUDGET) | T(BUDGET_CHANGE) | T(FORECAST) | T(COMMITMENT) | T(CCO) | T(PCCO))
#define TO_ERP (OF_PROJECT | T(VENDOR) | T(PROJECT) | T(SUBJOB))
#define OF_PROJECT (WITH_LINES | T(INVOICE) | T(PAYMENT) | T(PRIME) | T(OWNER_INVOICE))

/* layouts.md §2.1, in its order. */
static const struct rule rules[] = {
	{ T(VENDOR), ERP_ALL, "E-08", check_given_key },
	{ T(PROJECT), ERP_ALL, "E-13", check_given_key },
	{ T(COMMITMENT), ERP_ALL, "E-01", check_vendor },
	{ OF_PROJECT, ERP_ALL, "E-22", check_project },
	{ T(ERP_JOBCOST) | T(ERP_COST), ERP_ALL, "E-30", check_erp_project },
	{ T(ERP_BUDGET), ERP_ALL, "E-22", check_erp_project },
	{ T(SUBJOB), ERP_ALL, "E-17", check_subjob_item },
	{ T(COMMITMENT) | T(CCO), ERP_C, "E-48", check_line_subjobs },
	{ WITH_LINES & ~(T(COMMITMENT) | T(CCO)), ERP_C, "E-17", check_line_subjobs },
	{ WITH_LINES | T(OWNER_INVOICE), ERP_A, "E-17", check_line_subjobs },
	{ T(BUDGET) | T(BUDGET_CHANGE) | T(FORECAST), ERP_ALL, "E-20", check_codes },
	{ T(COMMITMENT) | T(CCO) | T(PCCO), ERP_ALL, "E-38", check_codes },
	{ T(BUDGET_CHANGE), ERP_ALL, "E-24", check_budget_ready },
	{ T(CCO), ERP_ALL, "E-42", check_cco },
	{ T(INVOICE), ERP_ALL, "E-53", check_invoice },
	{ T(PAYMENT), ERP_ALL, "E-62", check_payment },
	{ T(PCCO) | T(OWNER_INVOICE), ERP_ALL, "E-66", check_prime },
	{ T(OWNER_INVOICE), ERP_A, "E-67", check_owner_level },
	{ T(OWNER_INVOICE), ERP_A, "E-69", check_owner_project },
	{ T(OWNER_INVOICE), ERP_A, "E-38", check_owner_lines },
	{ T(ERP_COST), ERP_ALL, "E-28", check_cost },
	{ T(ERP_PROJECT), ERP_C, "E-11", check_job_categories },
	{ T(ERP_BUDGET), ERP_ALL, "E-25", check_erp_budget },
	{ T(ERP_SUBJOB), ERP_ALL, "E-17", check_erp_project },
	{ T(ERP_PRIME), ERP_ALL, "E-65", check_erp_project },
	{ T(ERP_PAYMENT), ERP_ALL, "E-62", check_erp_payment },
	{ T(BUDGET) | T(BUDGET_CHANGE) | T(FORECAST) | T(CCO) | T(INVOICE) | T(PCCO) | T(OWNER_INVOICE), ERP_ALL,
	    "E-58", check_period },
	/* What settings add. */
	{ T(ERP_PROJECT), ERP_ALL, "E-14", check_project_limit },
	{ T(PROJECT), ERP_C | ERP_A, "E-15", check_predates },
	{ T(BUDGET), ERP_ALL, "E-23", check_subjob_export },
	{ T(BUDGET_CHANGE), ERP_ALL, "E-23", check_revisions },
	{ T(COMMITMENT) | T(CCO) | T(PCCO), ERP_ALL, "E-38", check_division },
	{ T(CCO), ERP_ALL, "E-47", check_single_type },
	{ TO_ERP, ERP_ALL, "F-64", check_fields },
	{ TO_ERP, ERP_ALL, "E-76", check_active },
};

/* States that rules look at: undecided, or accepted and not gone yet. */
#define LOOKED_AT (1U << ST_WAITING | 1U << ST_HELD | 1U << ST_APPROVED | 1U << ST_CHANGED | 1U << ST_IMPORTABLE)

unsigned
erp_bit(const char *erp)
{
	if (strcmp(erp, "cmic") == 0)
		return ERP_C;
	return strcmp(erp, "acumatica") == 0 ? ERP_A : ERP_M;
}

/* ---- what checks say ---- */

static void outcome_add(struct eval *e, const struct outcome *o, const char *fmt, va_list ap) EG_PRINTF(3, 0);

static void
outcome_add(struct eval *e, const struct outcome *o, const char *fmt, va_list ap)
{
	struct eg_buf b = EG_BUF_INIT;
	struct outcome *to;

	if (e->count == e->cap) {
		e->cap = e->cap == 0 ? 16 : e->cap * 2;
		e->v = eg_xrealloc(e->v, e->cap * sizeof(*e->v));
	}
	to = &e->v[e->count++];
	*to = *o;
	eg_buf_vprintf(&b, fmt, ap);
	to->message = eg_arena_cstr(e->a, eg_buf_view(&b));
	to->missing = eg_arena_cstr(e->a, eg_bytes_str(o->missing));
	if (o->waits_for != NULL)
		to->waits_for = eg_arena_cstr(e->a, eg_bytes_str(o->waits_for));
	if (o->severity == 'R')
		e->refused = true;
	eg_buf_done(&b);
}

void
rule_hold(
    struct eval *e, const char *code, uint64_t line, const char *missing, const char *waits_for, const char *fmt, ...)
{
	struct outcome o = { .code = code, .severity = 'H', .line = line, .missing = missing, .waits_for = waits_for };
	va_list ap;

	va_start(ap, fmt);
	outcome_add(e, &o, fmt, ap);
	va_end(ap);
}

void
rule_refuse(struct eval *e, const char *code, uint64_t line, const char *fmt, ...)
{
	struct outcome o = { .code = code, .severity = 'R', .line = line, .missing = "" };
	va_list ap;

	va_start(ap, fmt);
	outcome_add(e, &o, fmt, ap);
	va_end(ap);
}

const char *
rule_text(struct eval *e, const char *field)
{
	return head_text(e->a, &e->r, field);
}

const char *
rule_line(struct eval *e, size_t line, const char *field)
{
	const struct rec_val *v = rec_line(&e->r, line, field);

	return v->state == RV_VALUE ? eg_arena_cstr(e->a, v->text) : NULL;
}

bool
rule_line_int(const struct eval *e, size_t line, const char *field, int64_t *ret)
{
	const struct rec_val *v = rec_line(&e->r, line, field);

	if (v->state == RV_VALUE)
		*ret = v->v.num;
	return v->state == RV_VALUE;
}

uint64_t
rule_at(const struct eval *e)
{
	return (uint64_t)e->n->it.line;
}

uint64_t
rule_line_at(const struct eval *e, size_t line)
{
	return e->r.line_at[line].line;
}

const char *
rule_iid(struct eval *e, enum rec_id type, const char *const *fields, size_t n)
{
	const char *iid = iid_of(e->a, type, &e->r, fields, n);

	return iid == NULL ? "" : iid;
}

/* ---- one item ---- */

static int
refuse(struct eval *e, struct eg_err *err)
{
	struct place at;
	bool moved = false;
	int rc = intake_place(e->w->s, e->n->it.file, &e->w->a, &at, err);

	for (size_t i = 0; rc == EG_OK && i < e->count; i++)
		if (e->v[i].severity == 'R')
			rc = intake_finding(
			    e->w->s, &at, e->v[i].line, e->v[i].code, 'R', e->n->it.iid, e->v[i].message, err);
	if (rc == EG_OK)
		rc = hold_clear(e->w->s->store, e->n->it.id, err);
	if (rc == EG_OK)
		rc = world_move(e->w, e->n, EV_REFUSE, NULL, &moved, err);
	e->w->moved += moved ? 1 : 0;
	return rc;
}

static int
write_holds(struct eval *e, struct eg_err *err)
{
	int rc = hold_clear(e->w->s->store, e->n->it.id, err);

	for (size_t i = 0; rc == EG_OK && i < e->count; i++) {
		struct hold_row h = {
			.code = e->v[i].code,
			.missing = e->v[i].missing,
			.waits_for = e->v[i].waits_for,
			.message = e->v[i].message,
			.severity = 'H',
			.line = e->v[i].line,
		};

		rc = hold_add(e->w->s->store, e->n->it.id, &h, err);
	}
	return rc;
}

static int
conclude(struct eval *e, struct eg_err *err)
{
	bool was_held = e->n->it.state == ST_HELD, moved = false;
	int rc;

	if (e->refused)
		return refuse(e, err);
	if (e->count == 0 && !was_held)
		return EG_OK;
	rc = write_holds(e, err);
	if (rc != EG_OK)
		return rc;
	if (e->count > 0)
		return world_move(e->w, e->n, EV_HOLD, NULL, &moved, err);
	return e->n->it.parked ? EG_OK : world_move(e->w, e->n, EV_RELEASE, NULL, &moved, err);
}

static bool
has_rules(const struct world *w, enum rec_id type)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if ((rules[i].types & (UINT64_C(1) << type)) != 0 && (rules[i].erps & erp_bit(w->s->erp)) != 0)
			return true;
	return false;
}

static int
evaluate(struct eval *e, struct node *n, struct eg_err *err)
{
	uint64_t type = UINT64_C(1) << n->it.type->id;
	unsigned erp = erp_bit(e->w->s->erp);
	int rc = EG_OK;

	e->n = n;
	e->count = 0;
	e->refused = false;
	eg_arena_reset(e->a);
	if (has_rules(e->w, n->it.type->id))
		rc = item_record(e->w->s->store, n->it.rev, e->a, &e->r, err);
	for (size_t i = 0; rc == EG_OK && i < sizeof(rules) / sizeof(rules[0]); i++)
		if ((rules[i].types & type) != 0 && (rules[i].erps & erp) != 0)
			rc = rules[i].check(e, &rules[i], err);
	return rc == EG_OK ? conclude(e, err) : rc;
}

static int
one_round(struct world *w, struct eval *e, struct eg_err *err)
{
	int rc;

	w->moved = 0;
	rc = link_all(w, err);
	for (size_t i = 0; rc == EG_OK && i < w->n; i++)
		if ((LOOKED_AT & (1U << w->nodes[i]->it.state)) != 0)
			rc = evaluate(e, w->nodes[i], err);
	return rc;
}

/* ---- findings of holds ---- */

struct reporting {
	struct world *w;
	const struct node *n;
	struct place at;
};

static int
report_hold(void *ctx, const struct hold_row *h, struct eg_err *err)
{
	const struct reporting *r = ctx;

	return intake_finding(r->w->s, &r->at, h->line, h->code, h->severity, r->n->it.iid, h->message, err);
}

static int
report_all(struct world *w, struct eg_err *err)
{
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < w->n; i++) {
		struct reporting r = { .w = w, .n = w->nodes[i] };

		if (r.n->it.state != ST_HELD)
			continue;
		rc = intake_place(w->s, r.n->it.file, &w->a, &r.at, err);
		if (rc == EG_OK)
			rc = hold_each(w->s->store, r.n->it.id, report_hold, &r, err);
	}
	return rc;
}

static int
settle(struct site *s, bool report, struct eg_err *err)
{
	struct eg_arena a;
	struct eval e = { .a = &a };
	struct world w;
	unsigned round = 0;
	int rc = codes_derive(s, err);

	if (rc == EG_OK)
		rc = world_load(s, &w, err);
	if (rc != EG_OK)
		return rc;
	eg_arena_init(&a, EVAL_MEM);
	e.w = &w;
	site_asks_read(&s->conf, &e.asks);
	rc = selections_judge(&w, report, err);
	do {
		if (rc == EG_OK)
			rc = one_round(&w, &e, err);
		eg_check(++round <= ROUNDS_MAX);
	} while (rc == EG_OK && w.moved > 0);
	if (rc == EG_OK && report)
		rc = report_all(&w, err);
	free(e.v);
	eg_arena_done(&a);
	world_free(&w);
	return rc;
}

/* Adoption rows that wait may find what they waited for once the rules have linked and released; what they adopt may link and release more. */
int
rules_settle(struct site *s, bool report, struct eg_err *err)
{
	int64_t waiting = 0;
	unsigned moved = 0;
	int rc = adoption_count(s->store, "waiting", NULL, &waiting, err);

	while (rc == EG_OK && waiting > 0) {
		rc = settle(s, false, err);
		if (rc == EG_OK)
			rc = adopt_due(s, &moved, err);
		if (moved == 0)
			break;
	}
	return rc == EG_OK ? settle(s, report, err) : rc;
}
