/* SPDX-License-Identifier: MIT
 *
 * What is allowed and yet most likely not meant, told when an adapter has no fault: conditions that never hold, amounts that could be cut, digits that `places` would
 * refuse, texts without a greatest length. Warnings are mistakes that only some files show; advice is worth a thought and no more.
 */
#include "adapters/lang_step_int.h"

static const struct adl_line *
line_of(const struct adl_comp *c, uint32_t line)
{
	for (size_t i = 0; i < c->nsections; i++)
		for (size_t k = 0; k < c->sections[i].nlines; k++)
			if (c->sections[i].lines[k].line == line)
				return &c->sections[i].lines[k];
	return NULL;
}

/* Makes the entry's line the current one; gives where `word` stands in it, or its beginning. */
static const unsigned char *
at_word(struct adl_comp *c, uint32_t line, const char *word)
{
	const struct adl_line *l = line_of(c, line);

	if (l == NULL)
		return NULL;
	c->at = *l;
	size_t i = word == NULL ? l->whole.len : eg_bytes_find(l->whole, eg_bytes_str(word));
	return i < l->whole.len ? l->whole.ptr + i : l->key.ptr != NULL ? l->key.ptr : l->whole.ptr;
}

/* ---- conditions that never hold ---- */

#define TERMS_MAX 32

struct terms { /* `x is "a"` parts that must all be true */
	size_t n;
	const struct adp_expr *v[TERMS_MAX];
};

static void
gather(const struct adp_expr *e, struct terms *t)
{
	if (e == NULL)
		return;
	for (size_t i = 0; e->op == OP_AND && i < e->nargs; i++)
		gather(e->args[i], t);
	if (e->op == OP_IS && e->nargs == 2 && t->n < TERMS_MAX && e->args[0]->op == OP_ATOM &&
	    e->args[1]->op == OP_CONST && e->args[1]->val.kind == AV_TEXT)
		t->v[t->n++] = e;
}

static bool
same_atom(const struct adp_atom *a, const struct adp_atom *b)
{
	return a->kind == b->kind && a->line == b->line && a->index == b->index &&
	       (a->kind == AS_CELL || a->kind == AS_FIELD);
}

static void
check_condition(struct adl_comp *c, const struct adp_expr *e, uint32_t line, const char *what)
{
	struct terms t = { .n = 0 };

	gather(e, &t);
	for (size_t i = 0; i < t.n; i++)
		for (size_t k = i + 1; k < t.n; k++) {
			const struct adp_val *x = &t.v[i]->args[1]->val, *y = &t.v[k]->args[1]->val;

			if (!same_atom(&t.v[i]->args[0]->atom, &t.v[k]->args[0]->atom) || eg_bytes_eq(x->text, y->text))
				continue;
			adl_warn(c, at_word(c, line, NULL), "ADP-NEVER", "is in \"a\" \"b\", or `or`",
			    "%s never holds: one value cannot be \"%.*s\" and \"%.*s\".", what, EG_FMT(x->text),
			    EG_FMT(y->text));
			return;
		}
}

static uint32_t
key_line(const struct adl_comp *c, enum adl_sect kind, const char *name, const char *key)
{
	for (size_t i = 0; i < c->nsections; i++)
		for (size_t k = 0; c->sections[i].kind == kind && k < c->sections[i].nlines; k++)
			if ((name == NULL || eg_bytes_is(c->sections[i].name, name)) &&
			    eg_bytes_is(c->sections[i].lines[k].key, key))
				return c->sections[i].lines[k].line;
	return 0;
}

static void
check_rules(struct adl_comp *c, const struct adp_rule *rules, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_condition(c, rules[i].when, rules[i].line, "The condition of this rule");
}

/* A record or kind of rows whose condition an earlier one has already: of a [record] it would get no row. */
static void
check_twins(struct adl_comp *c)
{
	for (size_t i = 0; i < c->nsections; i++)
		for (size_t k = 0; c->sections[i].kind == SC_RECORD && k < i; k++) {
			const char *a = adl_cstr(c->set, c->sections[k].name),
				   *b = adl_cstr(c->set, c->sections[i].name);
			const struct adl_line *x = line_of(c, key_line(c, SC_RECORD, a, "when")),
					      *y = line_of(c, key_line(c, SC_RECORD, b, "when"));

			if (c->sections[k].kind != SC_RECORD || x == NULL || y == NULL ||
			    !eg_bytes_eq(x->value, y->value))
				continue;
			c->at = *y;
			adl_warn(c, y->key.ptr, "ADP-NEVER", NULL,
			    "Record %s gets no row: record %s above takes all of this condition.", b, a);
		}
}

/* ---- columns ---- */

static const struct adp_step *
step_of(const struct adp_entry *e, adl_run *run)
{
	for (size_t i = 0; i < e->nsteps; i++)
		if (e->steps[i].def->out == run)
			return &e->steps[i];
	return NULL;
}

static void
check_number(struct adl_comp *c, const struct adp_entry *e)
{
	const struct adp_step *max = step_of(e, adl_run_max), *places = step_of(e, adl_run_places);
	const struct adp_expr *x = e->source.kind == AS_CALC ? e->source.expr : NULL;

	if (e->number && max != NULL && max->cut)
		adl_warn(c, at_word(c, e->line, "| max "), "ADP-CUT", "max N CODE refuses it instead",
		    "%s is a number and could lose digits: a longer one is cut to %lld characters.", e->target,
		    (long long)max->n);
	if (x != NULL && x->type == AT_NUM && places != NULL && x->scale > places->n && x->op != OP_ROUND)
		adl_warn(c, at_word(c, e->line, "places"), "ADP-ROUND",
		    adl_hint(c, "calc round(…, %lld) | places %lld", (long long)places->n, (long long)places->n),
		    "%s has no rounding rule: what is calculated can have %u places, and places %lld refuses 0.%.*s5.",
		    e->target, x->scale, (long long)places->n, (int)places->n, "000000000");
}

/* A free text of the project side: everything else has a form of its own. */
static bool
free_text(const struct adp_entry *e)
{
	const struct rec_field *f = e->source.kind == AS_FIELD ? e->source.atom.rf : NULL;

	return f != NULL && (f->type == RF_TEXT || f->type == RF_LONG);
}

static void
check_length(struct adl_comp *c, const struct adp_entry *e)
{
	if (!free_text(e) || step_of(e, adl_run_max) != NULL || step_of(e, adl_run_choose) != NULL ||
	    step_of(e, adl_run_lookup) != NULL)
		return;
	adl_advise(c, at_word(c, e->line, NULL), "ADP-LENGTH", "max N cut, or max N CODE",
	    "%s has no greatest length: what the target does with a longer text is its own affair.", e->target);
}

static void
check_rowset(struct adl_comp *c, const struct adp_rowset *r)
{
	check_condition(c, r->when, key_line(c, SC_ROWS, r->name, "when"), "The condition of these rows");
	check_condition(c, r->lines, key_line(c, SC_ROWS, r->name, "lines"), "The condition of these lines");
	check_rules(c, r->rules, r->nrules);
	check_rules(c, r->accept, r->naccept);
	for (size_t i = 0; i < r->ncolumns; i++) {
		check_number(c, &r->columns[i]);
		check_length(c, &r->columns[i]);
	}
}

void
adl_lint(struct adl_comp *c)
{
	const struct adp *a = &c->m->a;
	uint32_t all = key_line(c, SC_FILE, NULL, "rows_when");

	for (size_t i = 0; a->out && i < a->o.nrowsets; i++)
		check_rowset(c, &a->o.rowsets[i]);
	if (a->out)
		return;
	check_twins(c);
	for (const struct adp *t = a; t != NULL; t = t->twin) {
		/* a [record]'s condition stands in its own section, with that of the file before it */
		check_condition(c, t->in.rows_when, all != 0 ? all : key_line(c, SC_RECORD, NULL, "when"),
		    "The condition of the rows");
		check_rules(c, t->rules, t->nrules);
		check_rules(c, t->line_rules, t->nline_rules);
	}
}
