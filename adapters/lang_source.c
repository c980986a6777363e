/* SPDX-License-Identifier: MIT
 *
 * Sources: what stands left of the first `|` of an entry. One table of words for compiling, one switch for running.
 * Names are resolved here: fields by the scope (with a suggestion), columns by the adapter's own list, settings at once.
 */
#include "adapters/lang_int.h"
#include "base/limits.h"

enum adl_type
adl_type_of(const struct rec_field *f)
{
	switch (f->type) {
	case RF_AMOUNT:
	case RF_QUANTITY:
	case RF_UNIT_COST:
	case RF_PERCENT:
	case RF_INT:
		return AT_NUM;
	case RF_DATE:
		return AT_DATE;
	case RF_BOOL:
		return AT_FLAG;
	default:
		return AT_TEXT;
	}
}

enum adl_type
adl_unify(enum adl_type a, enum adl_type b)
{
	if (a == b || b == AT_BLANK)
		return a;
	return a == AT_BLANK ? b : AT_ANY;
}

const char *
adl_type_name(enum adl_type t)
{
	static const char *const names[] = { "of mixed types", "blank", "a text", "a number", "a date", "a flag" };

	return names[t];
}

int
adl_column(struct adl_comp *c, struct eg_bytes name, bool line)
{
	bool xml = c->adp->in.type == AF_XML;

	line = line && xml;
	for (size_t i = 0; i < c->ncolumns; i++)
		if (eg_bytes_is(name, c->columns[i].name) && c->columns[i].line == line)
			return (int)i;
	if (c->ncolumns == EG_LIMIT_CELLS) {
		adl_error(c, name.ptr, "ADP-SIZE", NULL, "More than %u columns.", EG_LIMIT_CELLS);
		return 0;
	}
	if (c->ncolumns == c->columns_cap) {
		c->columns_cap = c->columns_cap * 2 + 16;
		c->columns = eg_xrealloc(c->columns, c->columns_cap * sizeof *c->columns);
	}
	c->columns[c->ncolumns] = (struct adl_column){ .name = adl_cstr(c->set, name), .line = line };
	return (int)c->ncolumns++;
}

static void
suggest_fields(struct adl_suggest *s, const struct rec_type *t, bool line)
{
	for (unsigned i = 0; i < t->nhead; i++)
		adl_suggest_add(s, eg_bytes_str(t->head[i].name));
	for (unsigned i = 0; line && i < t->nline; i++)
		adl_suggest_add(s, eg_bytes_str(t->line[i].name));
}

static void
unknown_field(struct adl_comp *c, struct eg_bytes name)
{
	const struct adl_scope *sc = &c->scope;
	struct adl_suggest s;

	adl_suggest_init(&s, name);
	suggest_fields(&s, sc->type, sc->line || sc->in_agg);
	adl_error(c, name.ptr, "ADP-FIELD", adl_suggest_hint(c, &s), "\"%.*s\" is not in the record model (%s).", EG_FMT(name), sc->type->name);
}

/* May a field of this place be named where we stand? */
static bool
in_scope(struct adl_comp *c, struct eg_bytes name, int index, bool line)
{
	const struct adl_scope *sc = &c->scope;
	const bool *set = line ? sc->line_set : sc->head_set;

	if (line && !sc->line && !sc->in_agg) {
		adl_error(c, name.ptr, "ADP-FIELD", sc->agg ? "sum(), any() look at all lines" : NULL,
		    "\"%.*s\" is a line field; there is no current line here.", EG_FMT(name));
		return false;
	}
	if (set != NULL && !set[index]) {
		adl_error(c, name.ptr, "ADP-FIELD", "an entry sees what is set above it", "\"%.*s\" has no value yet here.", EG_FMT(name));
		return false;
	}
	return true;
}

bool
adl_field(struct adl_comp *c, struct eg_bytes name, struct adp_atom *ret)
{
	struct adl_scope *sc = &c->scope;
	bool line = false;

	if (sc->type == NULL) {
		adl_error(c, name.ptr, "ADP-FIELD", NULL, "Only settings and erp may be named here, not \"%.*s\".", EG_FMT(name));
		return false;
	}
	int index = rec_field_named(sc->type, name, &line);
	if (index < 0) {
		unknown_field(c, name);
		return false;
	}
	if (!in_scope(c, name, index, line))
		return false;
	const struct rec_field *rf = line ? &sc->type->line[index] : &sc->type->head[index];
	const bool *masked = line ? c->line_masked : c->head_masked;
	*ret = (struct adp_atom){ .kind = AS_FIELD, .line = line, .index = index, .name = rf->name, .rf = rf };
	sc->used_line |= line && !sc->in_agg;
	sc->masked |= (rf->flags & RF_PRIVATE) != 0 || (masked != NULL && masked[index]);
	return true;
}

static bool
cell(struct adl_scan *s, struct adp_atom *ret)
{
	struct adl_comp *c = s->c;
	struct eg_bytes name;
	const unsigned char *at = s->p;

	if (!adl_quoted(s, &name))
		return false;
	if (!c->scope.cells) {
		adl_error(c, at, "ADP-VALUE", c->adp->out ? "a fixed text is const \"text\"" : "cells can be named in [fields], [lines] and [line rules]",
		    "There are no cells to read here.");
		return false;
	}
	if (c->adp->in.type == AF_POSITIONAL) {
		uint64_t n;
		if (!eg_bytes_to_u64(name, &n) || n < 1 || n > 1000) {
			adl_error(c, at, "ADP-VALUE", "columns of positional files are numbers: \"1\", \"2\"", "\"%.*s\" is not a column number.", EG_FMT(name));
			return false;
		}
	}
	int index = adl_column(c, name, c->scope.cells_line);
	c->scope.masked |= c->columns[index].masked;
	*ret = (struct adp_atom){ .kind = AS_CELL, .index = index, .name = c->columns[index].name };
	return true;
}

static bool
paren_atom(struct adl_scan *s, struct adp_atom *ret, enum adl_type *ret_type)
{
	const unsigned char *open = s->p++;
	const struct adp_expr *e = adl_expr(s, AT_ANY, ret_type);

	if (e == NULL)
		return false;
	if (!adl_peek(s, ')')) {
		adl_error(s->c, open, "ADP-EXPR", NULL, "This parenthesis is opened and not closed.");
		return false;
	}
	s->p++;
	*ret = (struct adp_atom){ .kind = AS_CALC, .name = "", .expr = e };
	return true;
}

bool
adl_atom(struct adl_scan *s, struct adp_atom *ret, enum adl_type *ret_type)
{
	struct adl_comp *c = s->c;
	struct eg_bytes w;

	*ret_type = AT_TEXT;
	if (adl_peek(s, '"')) {
		if (!adl_quoted(s, &w))
			return false;
		*ret = (struct adp_atom){ .kind = AS_CONST, .text = w, .name = adl_cstr(c->set, w) };
		return true;
	}
	if (adl_peek(s, '('))
		return paren_atom(s, ret, ret_type);
	if (adl_accept(s, "cell"))
		return cell(s, ret);
	w = adl_word(s);
	if (eg_bytes_is(w, "blank")) {
		*ret_type = AT_BLANK;
		*ret = (struct adp_atom){ .kind = AS_BLANK, .name = "blank" };
		return true;
	}
	if (eg_bytes_starts(w, EG_LIT("config."))) {
		*ret = (struct adp_atom){ .kind = AS_CONFIG, .name = adl_cstr(c->set, w) };
		return adl_config(c, w, &ret->text);
	}
	if (w.len == 0) {
		adl_error(c, s->p, "ADP-VALUE", "a field, \"text\", config.KEY or (expression)", "Something is missing here.");
		return false;
	}
	if (!adl_field(c, w, ret))
		return false;
	*ret_type = adl_type_of(ret->rf);
	return true;
}

/* ---- source words ---- */

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
	return cell(s, &r->atom);
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
src_filename(struct adl_scan *s, struct adp_source *r, enum adl_type *type)
{
	r->kind = AS_FILENAME;
	*type = AT_TEXT;
	return adl_number(s, 0, 20, &r->number);
}

/* Parts are at least one character and a blank apart. */
static struct adp_atom *
room_for_atoms(struct adl_scan *s)
{
	size_t n = (size_t)(s->end - s->p) / 2 + 1;

	return adl_mem(s->c->set, n < ADL_ATOMS_MAX ? n : ADL_ATOMS_MAX, sizeof(struct adp_atom));
}

static bool
too_many(struct adl_scan *s, size_t n)
{
	if (n < ADL_ATOMS_MAX)
		return false;
	adl_error(s->c, s->p, "ADP-VALUE", NULL, "More than %u parts.", ADL_ATOMS_MAX);
	return true;
}

static bool
ends(struct adl_scan *s, const char *stop)
{
	struct adl_scan ahead = *s;

	return adl_at_end(s) || (stop != NULL && adl_accept(&ahead, stop));
}

bool
adl_atoms(struct adl_scan *s, const char *stop, size_t *ret_n, const struct adp_atom **ret, enum adl_type *ret_type)
{
	struct adp_atom *v = room_for_atoms(s);
	enum adl_type one;
	size_t n = 0;

	*ret_type = AT_BLANK;
	do {
		if (too_many(s, n) || !adl_atom(s, &v[n], &one))
			return false;
		*ret_type = adl_unify(*ret_type, one);
		n++;
	} while (!ends(s, stop));
	*ret = v;
	*ret_n = n;
	return true;
}

static bool
src_last_of(struct adl_scan *s, struct adp_source *r, enum adl_type *type)
{
	struct adp_atom *v = room_for_atoms(s);

	r->kind = AS_LAST_OF;
	r->atoms = v;
	*type = AT_TEXT;
	do {
		if (too_many(s, r->natoms) || !cell(s, &v[r->natoms]))
			return false;
		r->natoms++;
	} while (!adl_at_end(s));
	return true;
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
		adl_error(c, name.ptr, "ADP-VALUE", adl_hint(c, "counter %s from %lld", c->counter, (long long)o->counter_from),
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
		suggest_fields(&s, c->scope.type, c->scope.line);
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
		adl_error(c, s->p, "ADP-SOURCE", "did you mean \"calc\"?", "An expression as a source begins with calc.");
		return false;
	}
	fine = adl_atom(s, &ret->atom, ret_type);
	ret->kind = ret->atom.kind;
	return fine && adl_done(s);
}

/* ---- running ---- */

static bool
is_null_word(const struct adp *a, struct eg_bytes v)
{
	for (size_t i = 0; i < a->in.null_words.n; i++)
		if (eg_bytes_eq(a->in.null_words.v[i], v))
			return true;
	return false;
}

static const struct fmt_cell *
cell_of(int column, const struct adp_env *env)
{
	int i = env->map != NULL ? env->map[column] : -1;

	return i >= 0 && (size_t)i < env->cells->ncells ? &env->cells->cells[i] : NULL;
}

static struct adp_val
cell_value(int column, struct adp_env *env)
{
	if (env->cells == NULL)
		return adl_unknown();
	const struct fmt_cell *cell = cell_of(column, env);
	if (cell == NULL || cell->state != FMT_VALUE || is_null_word(env->adp, cell->val))
		return adl_text(EG_NONE);
	struct rec_prov p = { .line = (uint32_t)cell->line, .off = cell->off, .len = (uint32_t)cell->len };
	adl_prov(env, &p);
	return adl_text(cell->val);
}

static struct adp_val
field_value(const struct adp_atom *a, struct adp_env *env)
{
	const struct rec_val *v = a->line ? env->line : env->rec != NULL ? env->rec->head : NULL;

	if (v == NULL)
		return adl_text(EG_NONE);
	if (v[a->index].state == RV_VALUE)
		adl_prov(env, &v[a->index].prov);
	return adl_rec_value(a->rf, &v[a->index]);
}

struct adp_val
adl_atom_value(const struct adp_atom *a, struct adp_env *env)
{
	switch (a->kind) {
	case AS_CELL:
		return cell_value(a->index, env);
	case AS_FIELD:
		return field_value(a, env);
	case AS_CALC:
		return adp_eval(a->expr, env);
	case AS_BLANK:
		return adl_text(EG_NONE);
	default:
		return adl_text(a->text);
	}
}

static int64_t
words_in(struct eg_bytes v)
{
	int64_t n = 0;

	for (size_t i = 0; i < v.len; i++)
		n += v.ptr[i] != ' ' && (i == 0 || v.ptr[i - 1] == ' ');
	return n;
}

/* XML: how often the element came; else how many words stand in the cell. */
static struct adp_val
count_of(int column, struct adp_env *env)
{
	int64_t n = 0;

	if (env->cells == NULL)
		return adl_unknown();
	const struct fmt_cell *cell = cell_of(column, env);
	if (cell != NULL && env->adp->in.type != AF_XML)
		n = words_in(cell->val);
	else if (cell != NULL && cell->state != FMT_ABSENT)
		n = (int64_t)cell->more + 1;
	return adl_dec((struct eg_dec){ .coef = n });
}

/* Parts between `_`, extension left out; the first is number 0. */
static struct adp_val
filename_part(int64_t n, struct eg_bytes name)
{
	struct eg_bytes part, rest = name;

	for (size_t i = name.len; i-- > 0;)
		if (name.ptr[i] == '.') {
			rest.len = i;
			break;
		}
	while (eg_bytes_cut(&rest, '_', &part))
		if (n-- == 0)
			return adl_text(part);
	return adl_text(EG_NONE);
}

static struct adp_val
last_of(const struct adp_source *s, struct adp_env *env)
{
	for (size_t i = s->natoms; i-- > 0;) {
		struct adp_val v = cell_value(s->atoms[i].index, env);

		if (v.kind != AV_BLANK)
			return v;
	}
	return adl_text(EG_NONE);
}

static struct adp_val
first(const struct adp_source *s, struct adp_env *env)
{
	for (size_t i = 0; i < s->natoms; i++) {
		struct adp_val v = adl_atom_value(&s->atoms[i], env);

		if (v.kind != AV_BLANK)
			return v;
	}
	return adl_text(EG_NONE);
}

struct adp_val
adl_joined(const struct adp_atom *atoms, size_t n, struct adp_env *env)
{
	struct eg_bytes part[ADL_ATOMS_MAX];
	size_t len = 0;
	struct eg_buf b;

	for (size_t i = 0; i < n; i++) {
		struct adp_val v = adl_atom_value(&atoms[i], env);

		if (v.kind == AV_UNKNOWN)
			return v;
		part[i] = adp_val_text(&v, env);
		len += part[i].len;
	}
	if (!adl_room(env, len, &b))
		return adl_unknown();
	for (size_t i = 0; i < n; i++)
		eg_buf_add(&b, part[i]);
	return adl_text(eg_buf_view(&b));
}

/* The condition decides and is no part of the value: its fields are not its origin. */
static struct adp_val
when(const struct adp_source *s, struct adp_env *env)
{
	int is = adp_true(s->expr, env);

	env->nprov = 0;
	return is < 0 ? adl_unknown() : adl_atom_value(&s->atoms[is ? 0 : 1], env);
}

struct adp_val
adp_source_value(const struct adp_entry *e, struct adp_env *env)
{
	const struct adp_source *s = &e->source;

	env->nprov = 0;
	env->changed = 0;
	switch (s->kind) {
	case AS_LAST_OF:
		return last_of(s, env);
	case AS_COUNT_OF:
		return count_of(s->atom.index, env);
	case AS_FILENAME:
		return filename_part(s->number, env->file_name);
	case AS_ROW_NUMBER:
		return adl_dec((struct eg_dec){ .coef = env->row_number });
	case AS_ROW_NUMBER_BY:
		return adl_dec((struct eg_dec){ .coef = env->row_number_by });
	case AS_COUNTER:
		return adl_dec((struct eg_dec){ .coef = env->counter });
	case AS_LINE_COUNT:
		return adl_dec((struct eg_dec){ .coef = (eg_i128)env->nlines });
	case AS_JOIN:
		return adl_joined(s->atoms, s->natoms, env);
	case AS_FIRST:
		return first(s, env);
	case AS_CALC:
		return adp_eval(s->expr, env);
	case AS_WHEN:
		return when(s, env);
	default:
		return adl_atom_value(&s->atom, env);
	}
}
