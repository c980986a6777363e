/* SPDX-License-Identifier: MIT
 *
 * Functions of expressions: one table with the kinds of their arguments, and the slots of those that run over the lines.
 */
#include "adapters/lang_int.h"

/* Arguments: n number, t anything as text, c condition, N whole number 0-9, S text in quotes; a `*` repeats the last. */
static const struct func {
	const char *name;
	enum adl_op op;
	enum adl_type type;
	const char *args, *form;
	bool lines;
} funcs[] = {
	{ "sum", OP_SUM, AT_NUM, "n", "sum(x)", true },
	{ "any", OP_ANY, AT_FLAG, "c", "any(condition)", true },
	{ "uneven", OP_UNEVEN, AT_FLAG, "nt", "uneven(x, key)", true },
	{ "count", OP_COUNT, AT_NUM, "", "count()", true },
	{ "round", OP_ROUND, AT_NUM, "nN", "round(x, places)", false },
	{ "ratio", OP_RATIO, AT_NUM, "nnN", "ratio(a, b, places)", false },
	{ "length", OP_LENGTH, AT_NUM, "t", "length(x)", false },
	{ "first-char", OP_FIRST_CHAR, AT_TEXT, "t", "first-char(x)", false },
	{ "list", OP_LIST, AT_TEXT, "St*", "list(\"separator\", x, …)", false },
};
#define NFUNCS (sizeof funcs / sizeof funcs[0])
#define ARGS_MAX 20U

static const struct func *
find(struct adl_comp *c, struct eg_bytes name)
{
	struct adl_suggest s;

	adl_suggest_init(&s, name);
	for (size_t i = 0; i < NFUNCS; i++) {
		if (eg_bytes_is(name, funcs[i].name))
			return &funcs[i];
		adl_suggest_add(&s, eg_bytes_str(funcs[i].name));
	}
	adl_error(c, name.ptr, "ADP-EXPR", adl_suggest_hint(c, &s), "There is no function \"%.*s\".", EG_FMT(name));
	return NULL;
}

static bool
argument(struct adl_scan *s, char kind, struct adp_expr *e)
{
	struct eg_bytes text;

	(void)adl_at_end(s);
	const unsigned char *at = s->p;
	if (kind == 'N') {
		struct adl_scan part = *s;
		while (part.p < part.end && *part.p >= '0' && *part.p <= '9')
			part.p++;
		part.end = part.p;
		part.p = at;
		s->p = part.end;
		return adl_number(&part, 0, EG_DEC_SCALE_MAX, &e->n);
	}
	if (kind == 'S') {
		if (!adl_quoted(s, &text))
			return false;
		e->val = adl_text(text);
		return true;
	}
	if (e->nargs == ARGS_MAX) {
		adl_error(s->c, at, "ADP-EXPR", NULL, "More than %u arguments.", ARGS_MAX);
		return false;
	}
	const struct adp_expr *a = adl_or(s);
	if (a == NULL || !adl_need(s->c, &a, kind == 'n' ? AT_NUM : kind == 'c' ? AT_FLAG : AT_ANY, at))
		return false;
	e->args[e->nargs++] = a;
	return true;
}

static bool
arguments(struct adl_scan *s, const struct func *f, struct eg_bytes name, struct adp_expr *e)
{
	const char *kind = f->args;
	bool more = false;

	for (s->p++; *kind != '\0'; more = true) {
		if (more && adl_peek(s, ')') && kind[0] == '*')
			break;
		if (adl_peek(s, ')') || (more && !adl_peek(s, ','))) {
			adl_error(s->c, name.ptr, "ADP-EXPR", adl_hint(s->c, "%s", f->form),
			    "%s needs other arguments.", f->name);
			return false;
		}
		s->p += more;
		if (!argument(s, *kind == '*' ? kind[-1] : *kind, e))
			return false;
		kind += *kind != '*';
	}
	if (adl_peek(s, ')')) {
		s->p++;
		return true;
	}
	adl_error(s->c, s->p, "ADP-EXPR", adl_hint(s->c, "%s", f->form),
	    "The closing parenthesis of %s is missing here.", f->name);
	return false;
}

/* The slot of an aggregate; equal ones share it. */
static bool
slot(struct adl_comp *c, struct adp_expr *e, const unsigned char *at)
{
	for (size_t i = 0; i < c->nagg; i++)
		if (c->agg[i]->op == e->op && c->agg[i]->of == e->of && eg_bytes_eq(c->agg[i]->source, e->source)) {
			e->slot = (int)i;
			return true;
		}
	if (c->nagg == ADP_AGG_MAX) {
		adl_error(
		    c, at, "ADP-EXPR", NULL, "More than %d different sums over the lines in one adapter.", ADP_AGG_MAX);
		return false;
	}
	e->slot = (int)c->nagg;
	c->agg[c->nagg++] = e;
	return true;
}

static bool
may_look_at_lines(struct adl_comp *c, const struct func *f, struct eg_bytes name)
{
	const struct adl_scope *sc = &c->scope;

	if (sc->agg && !sc->in_agg && sc->type != NULL)
		return true;
	adl_error(c, name.ptr, "ADP-EXPR", NULL,
	    sc->in_agg ? "%s() cannot stand inside another look at the lines." :
			 "%s() cannot stand here: the lines are not known yet.",
	    f->name);
	return false;
}

const struct adp_expr *
adl_call(struct adl_scan *s, struct eg_bytes name)
{
	struct adl_comp *c = s->c;
	const struct func *f = find(c, name);

	if (f == NULL || (f->lines && !may_look_at_lines(c, f, name)))
		return NULL;
	struct adp_expr *e = adl_node(c, f->op, f->type, ARGS_MAX);
	const unsigned char *from = s->p;
	bool in_agg = c->scope.in_agg;
	e->nargs = 0;
	c->scope.in_agg |= f->lines;
	bool fine = arguments(s, f, name, e);
	c->scope.in_agg = in_agg;
	if (!fine)
		return NULL;
	e->scale = e->nargs > 0 && f->op != OP_LENGTH ? e->args[0]->scale : 0;
	if (f->op == OP_ROUND || f->op == OP_RATIO)
		e->scale = (uint8_t)e->n;
	e->of = c->scope.type;
	e->source = eg_bytes(from, (size_t)(s->p - from));
	if (f->lines && f->op != OP_COUNT && !slot(c, e, name.ptr))
		return NULL;
	return e;
}
