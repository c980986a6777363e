/* SPDX-License-Identifier: MIT
 *
 * Atoms: a field, a cell, a quoted text, a setting or an expression in parentheses. Names are resolved here: fields by the scope (with a suggestion), columns by
 * the adapter's own list, settings at once.
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

void
adl_suggest_fields(struct adl_suggest *s, const struct rec_type *t, bool line)
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
	adl_suggest_fields(&s, sc->type, sc->line || sc->in_agg);
	adl_error(c, name.ptr, "ADP-FIELD", adl_suggest_hint(c, &s), "\"%.*s\" is not in the record model (%s).",
	    EG_FMT(name), sc->type->name);
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
		adl_error(c, name.ptr, "ADP-FIELD", "an entry sees what is set above it",
		    "\"%.*s\" has no value yet here.", EG_FMT(name));
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
		adl_error(c, name.ptr, "ADP-FIELD", NULL, "Only settings and erp may be named here, not \"%.*s\".",
		    EG_FMT(name));
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

bool
adl_cell(struct adl_scan *s, struct adp_atom *ret)
{
	struct adl_comp *c = s->c;
	struct eg_bytes name;

	(void)adl_at_end(s);
	const unsigned char *at = s->p;
	if (!adl_quoted(s, &name))
		return false;
	if (!c->scope.cells) {
		adl_error(c, at, "ADP-VALUE",
		    c->adp->out ? "a fixed text is const \"text\"" :
				  "cells can be named in [fields], [lines] and [line rules]",
		    "There are no cells to read here.");
		return false;
	}
	if (c->adp->in.type == AF_POSITIONAL) {
		uint64_t n;
		if (!eg_bytes_to_u64(name, &n) || n < 1 || n > 1000) {
			adl_error(c, at, "ADP-VALUE", "columns of positional files are numbers: \"1\", \"2\"",
			    "\"%.*s\" is not a column number.", EG_FMT(name));
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
		return adl_cell(s, ret);
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
		adl_error(c, s->p, "ADP-VALUE", "a field, \"text\", config.KEY or (expression)",
		    "Something is missing here.");
		return false;
	}
	if (!adl_field(c, w, ret))
		return false;
	*ret_type = adl_type_of(ret->rf);
	return true;
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

bool
adl_cells(struct adl_scan *s, size_t *ret_n, const struct adp_atom **ret)
{
	struct adp_atom *v = room_for_atoms(s);
	size_t n = 0;

	do {
		if (too_many(s, n) || !adl_cell(s, &v[n]))
			return false;
		n++;
	} while (!adl_at_end(s));
	*ret = v;
	*ret_n = n;
	return true;
}
