/* SPDX-License-Identifier: MIT
 *
 * The steps that translate a value: choose by the pairs in the entry, lookup by a table or by the pairs of a setting. Their arguments, and what
 * they do. A value that has no translation is refused unless the step says what else becomes of it.
 */
#include "adapters/lang_step_int.h"

/* ---- arguments ---- */

/* `"x"`, `keep`, `blank` or a CODE. */
static bool
otherwise_clause(struct adl_scan *s, struct adp_step *st)
{
	if (adl_peek(s, '"')) {
		st->otherwise = ELSE_TEXT;
		return adl_quoted(s, &st->b);
	}
	struct eg_bytes w = adl_word(s);
	if (eg_bytes_is(w, "keep")) {
		st->otherwise = ELSE_KEEP;
	} else if (eg_bytes_is(w, "blank")) {
		st->otherwise = ELSE_BLANK;
	} else if (adl_code(w)) {
		adl_code_put(s->c, w, st->code);
	} else {
		adl_error(s->c, w.ptr, "ADP-VALUE", "\"text\", keep, blank or a code",
		    "\"%.*s\" does not say what to do without a match.", EG_FMT(w));
		return false;
	}
	return true;
}

static bool
one_pair(struct adl_scan *s, struct adl_pair *p)
{
	if (adl_peek(s, '"')) {
		if (!adl_quoted(s, &p->from))
			return false;
	} else {
		p->from = adl_word(s);
	}
	if (p->from.len == 0 || !adl_peek(s, '=')) {
		adl_error(s->c, s->p, "ADP-VALUE", "choose A=\"x\" \"B C\"=\"y\"",
		    "A word, = and a text in quotes are needed here.");
		return false;
	}
	s->p++;
	return adl_quoted(s, &p->to);
}

bool
adl_parse_choose(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	struct adl_pair *v = adl_mem(s->c->set, (size_t)(s->end - s->p) / 4 + 1, sizeof *v);
	bool other = false;

	snprintf(st->code, sizeof st->code, "F-21");
	do {
		other = st->npairs > 0 && adl_accept(s, "else");
		if (other)
			break;
		if (!one_pair(s, &v[st->npairs]))
			return false;
		for (size_t i = 0; i < st->npairs; i++)
			if (eg_bytes_eq(v[i].from, v[st->npairs].from))
				adl_error(s->c, v[st->npairs].from.ptr, "ADP-VALUE", NULL,
				    "\"%.*s\" stands here twice.", EG_FMT(v[i].from));
		st->npairs++;
	} while (!adl_at_end(s));
	st->pairs = v;
	if (other && !otherwise_clause(s, st))
		return false;
	x->entry->refuses |= st->otherwise == ELSE_CODE;
	return true;
}

/* NULL after a fault. */
static const struct adl_lookup *
lookup_named(struct adl_comp *c, struct eg_bytes name)
{
	struct adl_suggest s;

	adl_suggest_init(&s, name);
	for (size_t i = 0; i < c->nlookups; i++) {
		if (eg_bytes_eq(name, c->lookups[i].name)) {
			c->lookups[i].used = true;
			return &c->lookups[i];
		}
		adl_suggest_add(&s, c->lookups[i].name);
	}
	const char *hint = adl_suggest_hint(c, &s);
	adl_error(c, name.ptr, "ADP-TABLE", hint != NULL ? hint : "name it in [lookups]: name = file.csv",
	    "There is no lookup \"%.*s\".", EG_FMT(name));
	return NULL;
}

static int
table_col(struct adl_comp *c, const struct adp_table *t, struct eg_bytes name)
{
	int col = adl_table_col(t, name);
	struct adl_suggest s;

	if (col >= 0)
		return col;
	adl_suggest_init(&s, name);
	for (size_t i = 0; i < t->ncols; i++)
		adl_suggest_add(&s, t->cols[i]);
	adl_error(c, name.ptr, "ADP-TABLE", adl_suggest_hint(c, &s), "Table %s has no column \"%.*s\".", t->name,
	    EG_FMT(name));
	return -1;
}

/* A setting as a table: `AP invoice, PY payroll`. */
static bool
config_pairs(struct adl_comp *c, struct eg_bytes key, struct adp_step *st)
{
	struct eg_bytes text, part, rest;

	if (!adl_config(c, key, &text))
		return false;
	struct adl_pair *v = adl_mem(c->set, text.len / 2 + 1, sizeof *v);
	rest = text;
	while (rest.ptr != NULL && eg_bytes_cut(&rest, ',', &part)) {
		part = eg_bytes_trim(part);
		size_t blank = eg_bytes_chr(part, ' ');
		if (part.len == 0)
			continue;
		v[st->npairs].from = eg_bytes_sub(part, 0, blank);
		v[st->npairs].to = eg_bytes_trim(eg_bytes_sub(part, blank, part.len));
		if (v[st->npairs++].to.len > 0)
			continue;
		adl_error(c, key.ptr, "ADP-CONFIG", "pairs with commas between: AP invoice, PY payroll",
		    "The setting is not a table: \"%.*s\".", EG_FMT(text));
		return false;
	}
	st->pairs = v;
	return true;
}

static bool
lookup_table(struct adl_scan *s, struct eg_bytes name, struct adp_step *st)
{
	const struct adl_lookup *l = lookup_named(s->c, name);
	struct adl_scan ahead = *s;

	if (l == NULL || l->table == NULL)
		return false;
	st->table = l->table;
	st->col = 1;
	if (!adl_at_end(&ahead) && !adl_accept(&ahead, "back") && !adl_accept(&ahead, "or"))
		st->col = table_col(s->c, l->table, adl_word(s));
	st->back = adl_accept(s, "back");
	return st->col >= 0;
}

bool
adl_parse_lookup(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	struct eg_bytes name = adl_word(s);
	bool fine = eg_bytes_starts(name, EG_LIT("config.")) ? config_pairs(s->c, name, st) : lookup_table(s, name, st);

	snprintf(st->code, sizeof st->code, "F-21");
	if (!fine || (adl_accept(s, "or") && !otherwise_clause(s, st)))
		return false;
	x->entry->refuses |= st->otherwise == ELSE_CODE;
	return true;
}

/* ---- running ---- */

/* What happens without a match. */
static int
otherwise(const struct adp_step *st, struct adp_env *env, struct adp_val *v, struct eg_bytes t, const char *msg)
{
	switch (st->otherwise) {
	case ELSE_TEXT:
		*v = adl_text(st->b);
		return EG_OK;
	case ELSE_KEEP:
		*v = adl_text(t);
		return EG_OK;
	case ELSE_BLANK:
		*v = adl_text(EG_NONE);
		return EG_OK;
	case ELSE_CODE:
		break;
	}
	return adl_refuse(env, st->code, "%s", msg);
}

static bool
pair_of(const struct adp_step *st, struct eg_bytes t, struct adp_val *v)
{
	for (size_t i = 0; i < st->npairs; i++)
		if (eg_bytes_eq(st->pairs[i].from, t)) {
			*v = adl_text(st->pairs[i].to);
			return true;
		}
	return false;
}

int
adl_run_choose(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	struct eg_bytes t = adl_canonical(v, env);
	struct eg_buf b;

	if (pair_of(st, t, v))
		return EG_OK;
	if (st->otherwise != ELSE_CODE)
		return otherwise(st, env, v, t, "");
	if (!adl_room(env, EG_MSG_MAX, &b))
		return adl_full(env);
	eg_buf_str(&b, "The value is none of: ");
	for (size_t i = 0; i < st->npairs; i++)
		eg_buf_printf(&b, "%s%.*s", i > 0 ? ", " : "", EG_FMT(st->pairs[i].from));
	eg_buf_str(&b, ". Correct it at the source.");
	return otherwise(st, env, v, t, eg_buf_cstr(&b));
}

int
adl_run_lookup(const struct adp_step *st, struct adp_env *env, struct adp_val *v)
{
	struct eg_bytes t = adl_canonical(v, env), found;
	char msg[EG_MSG_MAX];

	if (st->table == NULL) {
		if (pair_of(st, t, v))
			return EG_OK;
		return otherwise(st, env, v, t,
		    "The setting that translates this value does not know it. Add it to the setting or correct the source.");
	}
	if (adl_table_get(st->table, t, st->col, st->back, &found)) {
		*v = adl_text(found);
		return EG_OK;
	}
	snprintf(msg, sizeof msg, "The table %s does not know this value. Add it to the table or correct the source.",
	    st->table->name);
	return otherwise(st, env, v, t, msg);
}
