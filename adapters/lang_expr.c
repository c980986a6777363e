/* SPDX-License-Identifier: MIT
 *
 * Expressions: parser and type check. Recursive descent, one function per strength, at most ADL_DEPTH_MAX deep; types are known when the adapter is loaded, so a
 * wrong comparison is a fault of the adapter and never of a record. A fault gives NULL.
 */
#include "adapters/lang_int.h"

static const struct adp_expr *parse_not(struct adl_scan *s);

struct adp_expr *
adl_node(struct adl_comp *c, enum adl_op op, enum adl_type type, size_t nargs)
{
	struct adp_expr *e = adl_mem(c->set, 1, sizeof *e);

	e->op = op;
	e->type = type;
	e->nargs = nargs;
	e->args = adl_mem(c->set, nargs + 1, sizeof *e->args);
	return e;
}

static const struct adp_expr *
binary(struct adl_comp *c, enum adl_op op, enum adl_type type, const struct adp_expr *a, const struct adp_expr *b)
{
	struct adp_expr *e = adl_node(c, op, type, 2);
	unsigned scale = a->scale > b->scale ? a->scale : b->scale;

	if (op == OP_MUL)
		scale = (unsigned)a->scale + b->scale;
	e->scale = (uint8_t)(scale < EG_DEC_SCALE_MAX ? scale : EG_DEC_SCALE_MAX);
	e->args[0] = a;
	e->args[1] = b;
	return e;
}

static const struct adp_expr *
unary(struct adl_comp *c, enum adl_op op, enum adl_type type, const struct adp_expr *a)
{
	struct adp_expr *e = adl_node(c, op, type, 1);

	e->scale = a->scale;
	e->args[0] = a;
	return e;
}

static struct adp_expr *
constant(struct adl_comp *c, struct adp_val v, enum adl_type type)
{
	struct adp_expr *e = adl_node(c, OP_CONST, v.kind == AV_BLANK ? AT_BLANK : type, 0);

	e->val = v;
	e->scale = v.kind == AV_DEC ? v.dec.scale : 0;
	return e;
}

static void
missing(struct adl_scan *s)
{
	(void)adl_at_end(s);
	adl_error(s->c, s->p, "ADP-EXPR", "a field, a number, \"text\", config.KEY, a function or ( … )",
	    "An operand is missing here.");
}

bool
adl_need(struct adl_comp *c, const struct adp_expr **e, enum adl_type want, const unsigned char *at)
{
	struct eg_dec d;

	if ((*e)->type == want || (*e)->type == AT_BLANK || want == AT_ANY)
		return true;
	if (want == AT_NUM && (*e)->config) {
		if (adl_number_of((*e)->val.text, &d)) {
			*e = constant(c, adl_dec(d), AT_NUM);
			return true;
		}
		adl_error(c, at, "ADP-CONFIG", NULL, "The setting is \"%.*s\", which is not a number.",
		    EG_FMT((*e)->val.text));
		return false;
	}
	adl_error(c, at, "ADP-EXPR", NULL, "This is %s; needed is %s.", adl_type_name((*e)->type),
	    want == AT_FLAG ? "a condition" : adl_type_name(want));
	return false;
}

struct eg_bytes
adl_name(struct adl_scan *s)
{
	(void)adl_at_end(s);
	const unsigned char *from = s->p;
	for (; s->p < s->end; s->p++) {
		unsigned char ch = *s->p;
		bool letter = (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') || ch == '_';
		bool inner = s->p > from && ((ch >= '0' && ch <= '9') || ch == '.');
		bool dash = s->p > from && ch == '-' && s->p + 1 < s->end && s->p[1] >= 'a' && s->p[1] <= 'z';

		if (!letter && !inner && !dash)
			break;
	}
	return eg_bytes(from, (size_t)(s->p - from));
}

static const struct adp_expr *
number(struct adl_scan *s)
{
	const unsigned char *from = s->p;
	struct eg_dec d;

	while (s->p < s->end && ((*s->p >= '0' && *s->p <= '9') || *s->p == '.'))
		s->p++;
	struct eg_bytes text = eg_bytes(from, (size_t)(s->p - from));
	if (adl_number_of(text, &d))
		return constant(s->c, adl_dec(d), AT_NUM);
	adl_error(s->c, from, "ADP-EXPR", "12 or 0.50", "\"%.*s\" is not a number.", EG_FMT(text));
	return NULL;
}

static const struct adp_expr *
atom(struct adl_scan *s)
{
	struct adp_expr *e = adl_node(s->c, OP_ATOM, AT_TEXT, 0);

	if (!adl_atom(s, &e->atom, &e->type))
		return NULL;
	if (e->atom.kind == AS_CONFIG || e->atom.kind == AS_CONST || e->atom.kind == AS_BLANK) {
		e->op = OP_CONST;
		e->config = e->atom.kind == AS_CONFIG;
		e->val = adl_text(e->atom.text);
	}
	if (e->atom.kind == AS_FIELD && e->type == AT_NUM)
		e->scale = e->atom.rf->type == RF_INT ? 0 : e->atom.rf->type == RF_AMOUNT ? 2 : 4;
	return e;
}

static bool
is_keyword(struct eg_bytes w)
{
	static const char *const words[] = { "or", "and", "is", "in", "listed", "matches", "then", "else", "present",
		"not" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (eg_bytes_is(w, words[i]))
			return true;
	return false;
}

static const struct adp_expr *
parens(struct adl_scan *s)
{
	const unsigned char *open = s->p++;
	const struct adp_expr *e = adl_or(s);

	if (e == NULL)
		return NULL;
	if (!adl_peek(s, ')')) {
		adl_error(s->c, open, "ADP-EXPR", NULL, "This parenthesis is opened and not closed.");
		return NULL;
	}
	s->p++;
	return e;
}

static const struct adp_expr *
primary(struct adl_scan *s)
{
	struct adl_scan ahead = *s;
	struct eg_bytes w = adl_name(&ahead);

	if (adl_peek(s, '('))
		return parens(s);
	if (adl_peek(s, '"'))
		return atom(s);
	if (!adl_at_end(s) && *s->p >= '0' && *s->p <= '9')
		return number(s);
	if (w.len == 0 || is_keyword(w)) {
		missing(s);
		return NULL;
	}
	if (eg_bytes_is(w, "erp")) {
		*s = ahead;
		return constant(s->c, adl_text(eg_bytes_str(s->c->set->erp)), AT_TEXT);
	}
	if (adl_peek(&ahead, '(')) {
		*s = ahead;
		return adl_call(s, w);
	}
	/* the name ends where an operator begins, also without a blank: length > 2 and amount<0 read alike */
	struct adl_scan name = { s->c, w.ptr, w.ptr + w.len };
	if (eg_bytes_is(w, "cell"))
		return atom(s);
	*s = ahead;
	return atom(&name);
}

static const struct adp_expr *
negated(struct adl_scan *s)
{
	if (!adl_peek(s, '-'))
		return primary(s);
	const unsigned char *at = s->p++;
	const struct adp_expr *a = primary(s);
	return a != NULL && adl_need(s->c, &a, AT_NUM, at) ? unary(s->c, OP_NEG, AT_NUM, a) : NULL;
}

/* `a op b op c` of one strength; ops are single characters. */
static const struct adp_expr *
chain(struct adl_scan *s, const struct adp_expr *(*next)(struct adl_scan *), const char *ops, const enum adl_op *codes)
{
	(void)adl_at_end(s);
	const unsigned char *at = s->p;
	const struct adp_expr *a = next(s);

	while (a != NULL && !adl_at_end(s)) {
		const char *op = strchr(ops, *s->p);

		if (op == NULL)
			break;
		s->p++;
		(void)adl_at_end(s);
		const unsigned char *right = s->p;
		const struct adp_expr *b = next(s);
		if (b == NULL || !adl_need(s->c, &a, AT_NUM, at) || !adl_need(s->c, &b, AT_NUM, right))
			return NULL;
		a = binary(s->c, codes[op - ops], AT_NUM, a, b);
	}
	return a;
}

static const struct adp_expr *
product(struct adl_scan *s)
{
	static const enum adl_op codes[] = { OP_MUL };
	const struct adp_expr *e = chain(s, negated, "*", codes);

	if (e == NULL || !adl_peek(s, '/'))
		return e;
	adl_error(s->c, s->p, "ADP-EXPR", "ratio(a, b, places)", "There is no division here.");
	return NULL;
}

static const struct adp_expr *
sum(struct adl_scan *s)
{
	static const enum adl_op codes[] = { OP_ADD, OP_SUB };

	return chain(s, product, "+-", codes);
}

/* A literal compared with a field that knows its words must be one of them. */
static bool
fits_words(struct adl_comp *c, const struct adp_expr *left, struct eg_bytes literal)
{
	const struct rec_field *f = left->op == OP_ATOM && left->atom.kind == AS_FIELD ? left->atom.rf : NULL;
	struct eg_bytes rest, word;
	struct adl_suggest s;

	if (f == NULL || literal.len == 0 || (f->type != RF_WORD && f->type != RF_BOOL))
		return true;
	adl_suggest_init(&s, literal);
	rest = eg_bytes_str(f->type == RF_BOOL ? "yes no" : f->words);
	while (rest.ptr != NULL && eg_bytes_cut(&rest, ' ', &word)) {
		if (eg_bytes_eq(word, literal))
			return true;
		adl_suggest_add(&s, word);
	}
	const char *hint = adl_suggest_hint(c, &s);
	adl_error(c, literal.ptr, "ADP-VALUE",
	    hint != NULL ? hint : adl_hint(c, "one of: %s", f->type == RF_BOOL ? "yes no" : f->words),
	    "%s is never \"%.*s\".", f->name, EG_FMT(literal));
	return false;
}

static const struct adp_expr *
is_in(struct adl_scan *s, const struct adp_expr *a, bool not )
{
	struct adp_expr *e = adl_node(s->c, not ? OP_NOT_IN : OP_IN, AT_FLAG, 1);
	struct eg_bytes *v = adl_mem(s->c->set, (size_t)(s->end - s->p) / 2 + 1, sizeof *v);

	e->args[0] = a;
	do {
		if (!adl_quoted(s, &v[e->words.n]) || !fits_words(s->c, a, v[e->words.n]))
			return NULL;
		e->words.n++;
	} while (adl_peek(s, '"'));
	e->words.v = v;
	return e;
}

static const struct adp_expr *
is_listed(struct adl_scan *s, const struct adp_expr *a, bool not )
{
	struct adp_expr *e = adl_node(s->c, not ? OP_NOT_IN : OP_IN, AT_FLAG, 1);
	struct eg_bytes key, text, part;

	if (!adl_accept(s, "in") || !eg_bytes_starts(key = adl_name(s), EG_LIT("config."))) {
		adl_error(
		    s->c, s->p, "ADP-EXPR", "is listed in config.KEY", "The setting with the list is missing here.");
		return NULL;
	}
	if (!adl_config(s->c, key, &text))
		return NULL;
	struct eg_bytes *v = adl_mem(s->c->set, text.len + 1, sizeof *v);
	while (text.ptr != NULL && eg_bytes_cut(&text, ',', &part)) {
		v[e->words.n] = eg_bytes_trim(part);
		e->words.n += v[e->words.n].len > 0;
	}
	e->words.v = v;
	e->args[0] = a;
	return e;
}

static const struct adp_expr *
is_value(struct adl_scan *s, const struct adp_expr *a, bool not )
{
	(void)adl_at_end(s);
	const unsigned char *at = s->p;
	const struct adp_expr *b = sum(s);

	if (b == NULL)
		return NULL;
	if (a->type == AT_NUM && b->type == AT_NUM) {
		adl_error(s->c, at, "ADP-EXPR", "use == or !=", "Numbers are not compared by is.");
		return NULL;
	}
	if (b->op == OP_CONST && !b->config && b->val.kind == AV_TEXT && *at == '"' &&
	    !fits_words(s->c, a, b->val.text))
		return NULL;
	return binary(s->c, not ? OP_IS_NOT : OP_IS, AT_FLAG, a, b);
}

static const struct adp_expr *
is(struct adl_scan *s, const struct adp_expr *a)
{
	bool not = adl_accept(s, "not");

	if (adl_accept(s, "blank"))
		return unary(s->c, not ? OP_PRESENT : OP_BLANK, AT_FLAG, a);
	if (adl_accept(s, "present"))
		return unary(s->c, not ? OP_BLANK : OP_PRESENT, AT_FLAG, a);
	if (adl_accept(s, "in"))
		return is_in(s, a, not );
	if (adl_accept(s, "listed"))
		return is_listed(s, a, not );
	return is_value(s, a, not );
}

static const struct adp_expr *
matches(struct adl_scan *s, const struct adp_expr *a)
{
	struct adp_expr *e = adl_node(s->c, OP_MATCHES, AT_FLAG, 1);
	const struct adp_expr *b;

	(void)adl_at_end(s);
	const unsigned char *at = s->p;
	b = primary(s);
	if (b == NULL)
		return NULL;
	if (b->op != OP_CONST || b->val.kind != AV_TEXT) {
		adl_error(s->c, at, "ADP-EXPR", "matches \"[A-Z]{2}\"",
		    "A pattern is needed here: a text in quotes or a setting.");
		return NULL;
	}
	e->args[0] = a;
	e->pattern = adl_pattern(s->c, at, b->val.text);
	return e->pattern != NULL ? e : NULL;
}

/* The type both sides are compared as; literals become what the other side is. */
static bool
agree(struct adl_comp *c, const struct adp_expr **a, const struct adp_expr **b, const unsigned char *at,
    enum adl_type *ret)
{
	struct eg_date d;

	for (int turn = 0; turn < 2; turn++) {
		const struct adp_expr **x = turn == 0 ? a : b, **y = turn == 0 ? b : a;

		if ((*x)->type == AT_NUM && (*y)->config && !adl_need(c, y, AT_NUM, at))
			return false;
		if ((*x)->type == AT_DATE && (*y)->op == OP_CONST && (*y)->val.kind == AV_TEXT &&
		    eg_date_parse((*y)->val.text, EG_LIT("YYYY-MM-DD"), &d))
			*y = constant(c, (struct adp_val){ .kind = AV_DATE, .date = d }, AT_DATE);
	}
	*ret = adl_unify((*a)->type, (*b)->type);
	if (*ret != AT_ANY)
		return true;
	adl_error(c, at, "ADP-EXPR",
	    (*a)->type == AT_FLAG || (*b)->type == AT_FLAG ? "use is \"yes\" or is \"no\"" : NULL,
	    "%s cannot be compared with %s.", adl_type_name((*a)->type), adl_type_name((*b)->type));
	return false;
}

static const struct {
	const char *text;
	enum adl_op op;
} comparisons[] = { { "==", OP_EQ }, { "!=", OP_NE }, { "<=", OP_LE }, { ">=", OP_GE }, { "<", OP_LT },
	{ ">", OP_GT } };

static const struct adp_expr *
compared(struct adl_scan *s, const struct adp_expr *a, const unsigned char *left)
{
	enum adl_type cmp;

	for (size_t i = 0; i < sizeof comparisons / sizeof comparisons[0]; i++) {
		struct eg_bytes rest = eg_bytes(s->p, (size_t)(s->end - s->p)), op = eg_bytes_str(comparisons[i].text);

		if (!eg_bytes_starts(rest, op))
			continue;
		s->p += op.len;
		(void)adl_at_end(s);
		const struct adp_expr *b = sum(s);
		if (b == NULL || !agree(s->c, &a, &b, left, &cmp))
			return NULL;
		struct adp_expr *e = adl_node(s->c, comparisons[i].op, AT_FLAG, 2);
		e->args[0] = a;
		e->args[1] = b;
		e->cmp = cmp;
		return e;
	}
	return a;
}

static const struct adp_expr *
comparison(struct adl_scan *s)
{
	(void)adl_at_end(s);
	const unsigned char *left = s->p;
	const struct adp_expr *a = sum(s);

	if (a == NULL || adl_at_end(s))
		return a;
	if (adl_accept(s, "is"))
		return is(s, a);
	if (adl_accept(s, "matches"))
		return matches(s, a);
	a = compared(s, a, left);
	if (a == NULL || !adl_peek(s, '='))
		return a;
	adl_error(s->c, s->p, "ADP-EXPR", "== for numbers, is for texts", "A single = compares nothing.");
	return NULL;
}

static const struct adp_expr *
parse_not(struct adl_scan *s)
{
	if (!adl_accept(s, "not"))
		return comparison(s);
	(void)adl_at_end(s);
	const unsigned char *at = s->p;
	if (++s->c->depth > ADL_DEPTH_MAX) {
		adl_error(s->c, at, "ADP-EXPR", NULL, "The expression is nested too deeply.");
		return NULL;
	}
	const struct adp_expr *a = parse_not(s);
	s->c->depth--;
	return a != NULL && adl_need(s->c, &a, AT_FLAG, at) ? unary(s->c, OP_NOT, AT_FLAG, a) : NULL;
}

static const struct adp_expr *
logic(struct adl_scan *s, const struct adp_expr *(*next)(struct adl_scan *), const char *word, enum adl_op op)
{
	(void)adl_at_end(s);
	const unsigned char *at = s->p;
	const struct adp_expr *a = next(s);

	while (a != NULL && adl_accept(s, word)) {
		(void)adl_at_end(s);
		const unsigned char *right = s->p;
		const struct adp_expr *b = next(s);

		if (b == NULL || !adl_need(s->c, &a, AT_FLAG, at) || !adl_need(s->c, &b, AT_FLAG, right))
			return NULL;
		a = binary(s->c, op, AT_FLAG, a, b);
	}
	return a;
}

static const struct adp_expr *
parse_and(struct adl_scan *s)
{
	return logic(s, parse_not, "and", OP_AND);
}

const struct adp_expr *
adl_or(struct adl_scan *s)
{
	const struct adp_expr *e = NULL;

	if (++s->c->depth > ADL_DEPTH_MAX)
		adl_error(s->c, s->p, "ADP-EXPR", NULL, "The expression is nested too deeply.");
	else
		e = logic(s, parse_and, "or", OP_OR);
	s->c->depth--;
	return e;
}

const struct adp_expr *
adl_expr(struct adl_scan *s, enum adl_type want, enum adl_type *ret_type)
{
	struct adl_scope *sc = &s->c->scope;
	const bool masked = sc->masked;

	(void)adl_at_end(s);
	const unsigned char *at = s->p;
	sc->masked = false;
	s->c->depth = 0;
	const struct adp_expr *e = adl_or(s);
	if (e != NULL && want != AT_ANY && !adl_need(s->c, &e, want, at))
		e = NULL;
	if (e != NULL) {
		struct adp_expr *root = adl_node(s->c, e->op, e->type, 0);

		*root = *e;
		root->masked = sc->masked;
		e = root;
		*ret_type = e->type;
	}
	sc->masked |= masked;
	return e;
}

const struct adp_expr *
adl_condition(struct adl_scan *s)
{
	enum adl_type type;

	return adl_expr(s, AT_FLAG, &type);
}
