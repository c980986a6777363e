/* SPDX-License-Identifier: MIT
 *
 * Sources: what stands left of the first `|` of an entry. One table of words, each with its directions and the parser of what follows it.
 */
#include "adapters/lang_int.h"

typedef bool source_fn(struct adl_scan *s, struct adp_source *r, enum adl_type *type);

static bool
src_const(struct adl_scan *s, struct adp_source *r, enum adl_type *type)
{
	r->kind = r->atom.kind = AS_CONST;
	*type = AT_TEXT;
	return adl_quoted(s, &r->atom.text);
}

static bool
src_blank(struct adl_scan *s, struct adp_source *r, enum adl_type *type)
{
	(void)s;
	r->kind = r->atom.kind = AS_BLANK;
	*type = AT_BLANK;
	return true;
}

static bool
src_cell(struct adl_scan *s, struct adp_source *r, enum adl_type *type)
{
	r->kind = AS_CELL;
	*type = AT_TEXT;
	return adl_cell(s, &r->atom);
}

static bool
src_count_of(struct adl_scan *s, struct adp_source *r, enum adl_type *type)
{
	bool fine = src_cell(s, r, type);

	r->kind = AS_COUNT_OF;
	*type = AT_NUM;
	return fine;
}

static bool
src_row_number_by(struct adl_scan *s, struct adp_source *r, enum adl_type *type)
{
	bool fine = src_cell(s, r, type);

	r->kind = AS_ROW_NUMBER_BY;
	*type = AT_NUM;
	return fine;
}

static bool
src_row_number(struct adl_scan *s, struct adp_source *r, enum adl_type *type)
{
	(void)s;
	r->kind = AS_ROW_NUMBER;
	*type = AT_NUM;
	return true;
}

static bool
src_line_count(struct adl_scan *s, struct adp_source *r, enum adl_type *type)
{
	(void)s;
	r->kind = AS_LINE_COUNT;
	*type = AT_NUM;
	return true;
}

static bool
src_line_number(struct adl_scan *s, struct adp_source *r, enum adl_type *type)
{
	(void)s;
	r->kind = AS_LINE_NUMBER;
	*type = AT_NUM;
	return true;
}

static bool
src_filename(struct adl_scan *s, struct adp_source *r, enum adl_type *type)
{
	r->kind = AS_FILENAME;
	*type = AT_TEXT;
	return adl_number(s, 0, 20, &r->number);
}

static bool
src_last_of(struct adl_scan *s, struct adp_source *r, enum adl_type *type)
{
	r->kind = AS_LAST_OF;
	*type = AT_TEXT;
	return adl_cells(s, &r->natoms, &r->atoms);
}

static bool
src_join(struct adl_scan *s, struct adp_source *r, enum adl_type *type)
{
	bool fine = adl_atoms(s, NULL, &r->natoms, &r->atoms, type);

	r->kind = AS_JOIN;
	*type = AT_TEXT;
	return fine;
}

static bool
src_first(struct adl_scan *s, struct adp_source *r, enum adl_type *type)
{
	r->kind = AS_FIRST;
	return adl_atoms(s, NULL, &r->natoms, &r->atoms, type);
}

/* `calc FIELD`: a blank number counts as 0, as everywhere in a calculation. */
static const struct adp_expr *
plus_zero(struct adl_comp *c, const struct adp_expr *e)
{
	struct adp_expr *sum = adl_node(c, OP_ADD, AT_NUM, 2), *zero = adl_node(c, OP_CONST, AT_NUM, 0);

	zero->val = adl_dec((struct eg_dec){ .coef = 0 });
	sum->scale = e->scale;
	sum->masked = e->masked;
	sum->args[0] = e;
	sum->args[1] = zero;
	return sum;
}

static bool
src_calc(struct adl_scan *s, struct adp_source *r, enum adl_type *type)
{
	r->kind = AS_CALC;
	r->expr = adl_expr(s, AT_ANY, type);
	if (r->expr != NULL && r->expr->op == OP_ATOM && *type == AT_NUM)
		r->expr = plus_zero(s->c, r->expr);
	return r->expr != NULL;
}

static bool
src_when(struct adl_scan *s, struct adp_source *r, enum adl_type *type)
{
	struct adp_atom *v = adl_mem(s->c->set, 2, sizeof *v);
	enum adl_type other;

	r->kind = AS_WHEN;
	r->natoms = 2;
	r->atoms = v;
	r->expr = adl_condition(s);
	if (r->expr == NULL)
		return false;
	if (!adl_accept(s, "then")) {
		adl_error(s->c, s->p, "ADP-EXPR", "when EXPR then A else B", "\"then\" is missing here.");
		return false;
	}
	if (!adl_atom(s, &v[0], type))
		return false;
	if (!adl_accept(s, "else")) {
		adl_error(s->c, s->p, "ADP-EXPR", "when EXPR then A else B", "\"else\" is missing here.");
		return false;
	}
	if (!adl_atom(s, &v[1], &other))
		return false;
	*type = adl_unify(*type, other);
	return true;
}

static bool
src_counter(struct adl_scan *s, struct adp_source *r, enum adl_type *type)
{
	struct adl_comp *c = s->c;
	struct eg_bytes name = adl_word(s);
	struct adp_out *o = &c->adp->o;

	r->kind = AS_COUNTER;
	*type = AT_NUM;
	if (name.len == 0 || !adl_accept(s, "from")) {
		adl_error(c, s->p, "ADP-VALUE", "counter NAME from N", "A counter has a name and a first number.");
		return false;
	}
	if (!adl_number(s, -999999999, 999999999, &r->number))
		return false;
	r->name = adl_cstr(c->set, name);
	if (o->has_counter && (strcmp(c->counter, r->name) != 0 || o->counter_from != r->number)) {
		adl_error(c, name.ptr, "ADP-VALUE",
		    adl_hint(c, "counter %s from %lld", c->counter, (long long)o->counter_from),
		    "An adapter has one counter.");
		return false;
	}
	o->has_counter = true;
	o->counter_from = r->number;
	c->counter = r->name;
	return true;
}

static const struct {
	const char *word;
	source_fn *fn;
	bool in, out;
} words[] = {
	{ "cell", src_cell, true, false },
	{ "last-of", src_last_of, true, false },
	{ "count-of", src_count_of, true, false },
	{ "filename", src_filename, true, false },
	{ "row-number-by", src_row_number_by, true, false },
	{ "row-number", src_row_number, true, false },
	{ "const", src_const, true, true },
	{ "blank", src_blank, true, true },
	{ "join", src_join, true, true },
	{ "first", src_first, true, true },
	{ "calc", src_calc, true, true },
	{ "when", src_when, true, true },
	{ "counter", src_counter, false, true },
	{ "line-count", src_line_count, false, true },
	{ "line-number", src_line_number, true, false },
};
#define NWORDS (sizeof words / sizeof words[0])

/* A word that is neither of the table nor a field or setting. */
static void
unknown_source(struct adl_comp *c, struct eg_bytes w)
{
	struct adl_suggest s;

	adl_suggest_init(&s, w);
	for (size_t i = 0; i < NWORDS; i++)
		if (c->adp->out ? words[i].out : words[i].in)
			adl_suggest_add(&s, eg_bytes_str(words[i].word));
	if (c->scope.type != NULL)
		adl_suggest_fields(&s, c->scope.type, c->scope.line);
	adl_error(c, w.ptr, "ADP-SOURCE", adl_suggest_hint(c, &s), "There is no source \"%.*s\".", EG_FMT(w));
}

bool
adl_source(struct adl_scan *s, struct adp_source *ret, enum adl_type *ret_type)
{
	struct adl_comp *c = s->c;
	bool fine;

	*ret = (struct adp_source){ .atom = { .name = "" } };
	if (adl_peek(s, '"')) {
		fine = src_cell(s, ret, ret_type);
		return fine && adl_done(s);
	}
	const struct adl_scan before = *s;
	struct eg_bytes w = adl_word(s);
	for (size_t i = 0; i < NWORDS; i++)
		if (eg_bytes_is(w, words[i].word) && (c->adp->out ? words[i].out : words[i].in))
			return words[i].fn(s, ret, ret_type) && adl_done(s);
	if (w.len > 0 && eg_bytes_chr(w, '.') == w.len) {
		unknown_source(c, w);
		return false;
	}
	*s = before;
	if (adl_peek(s, '(')) {
		adl_error(
		    c, s->p, "ADP-SOURCE", "did you mean \"calc\"?", "An expression as a source begins with calc.");
		return false;
	}
	fine = adl_atom(s, &ret->atom, ret_type);
	ret->kind = ret->atom.kind;
	return fine && adl_done(s);
}
