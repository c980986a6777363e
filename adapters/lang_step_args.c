/* SPDX-License-Identifier: MIT
 *
 * The arguments of steps: one parser for each form. A fault is told (adl_error) and the step is none. What an entry must know of its steps
 * (it is required, it may refuse, it is masked) goes to x->entry.
 */
#include "adapters/lang_step_int.h"

#include "base/utf8.h"

bool
adl_parse_none(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	(void)s;
	(void)st;
	(void)x;
	return true;
}

static bool
when_clause(struct adl_scan *s, struct adp_step *st)
{
	if (!adl_accept(s, "when"))
		return true;
	st->when = adl_condition(s);
	return st->when != NULL;
}

bool
adl_parse_required(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	struct adl_scan ahead = *s;

	snprintf(st->code, sizeof st->code, "F-20");
	if (!adl_at_end(&ahead) && !adl_accept(&ahead, "when"))
		adl_code_put(s->c, adl_word(s), st->code);
	if (!when_clause(s, st))
		return false;
	x->entry->required |= st->when == NULL;
	x->entry->refuses = true;
	return true;
}

bool
adl_parse_max(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	if (!adl_number(s, 1, 100000, &st->n))
		return false;
	st->cut = adl_accept(s, "cut");
	if (!st->cut)
		adl_code_put(s->c, adl_word(s), st->code);
	x->entry->refuses |= !st->cut;
	return true;
}

bool
adl_parse_null(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	(void)x;
	return adl_names(s, true, &st->names);
}

bool
adl_parse_default(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	struct adp_atom *a = adl_mem(s->c->set, 1, sizeof *a);
	enum adl_type type;

	st->atoms = a;
	st->natoms = 1;
	if (!adl_atom(s, a, &type))
		return false;
	x->type = adl_unify(x->type, type);
	return when_clause(s, st);
}

/* About settings only, so it is known now: the column is there or it is not. */
bool
adl_parse_only(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	struct adl_comp *c = s->c;
	struct adl_scope scope = c->scope;
	struct adp_env env = { .set = c->set, .arena = &c->set->arena };

	c->scope = (struct adl_scope){ 0 };
	st->when = adl_condition(s);
	c->scope = scope;
	x->entry->left_out = st->when != NULL && adp_true(st->when, &env) != 1;
	return st->when != NULL;
}

bool
adl_parse_text(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	(void)x;
	(void)adl_at_end(s);
	const unsigned char *at = s->p;
	if (!adl_quoted(s, &st->a))
		return false;
	if (st->a.len == 0)
		adl_error(s->c, at, "ADP-VALUE", NULL, "The text is empty.");
	return st->a.len > 0;
}

bool
adl_parse_set(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	struct eg_bytes text = EG_LIT("0-9");

	if (!adl_accept(s, "digits")) {
		if (!adl_parse_text(s, st, x))
			return false;
		text = st->a;
	}
	st->set = adl_cset(s->c->set, text);
	return true;
}

bool
adl_parse_replace(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	return adl_parse_text(s, st, x) && adl_quoted(s, &st->b);
}

bool
adl_parse_insert(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	enum adl_type type;

	(void)x;
	return adl_number(s, 0, 1000, &st->n) && adl_atoms(s, NULL, &st->natoms, &st->atoms, &type);
}

bool
adl_parse_affix(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	enum adl_type type;

	(void)x;
	st->left = strcmp(st->def->name, "prefix") == 0;
	return adl_atoms(s, "when", &st->natoms, &st->atoms, &type) && when_clause(s, st);
}

bool
adl_parse_pad(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	static const char *const sides[] = { "left", "right", NULL };
	int side = adl_one_of(s->c, adl_word(s), sides, "ADP-VALUE", "side");
	const unsigned char *at;

	if (side < 0 || !adl_number(s, 1, 255, &st->n))
		return false;
	st->left = side == 0;
	(void)adl_at_end(s);
	at = s->p;
	if (!adl_parse_text(s, st, x))
		return false;
	if (eg_utf8_count(st->a) != 1)
		adl_error(s->c, at, "ADP-VALUE", NULL, "Padding is one character.");
	return true;
}

bool
adl_parse_matches(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	struct eg_bytes text;

	(void)adl_at_end(s);
	const unsigned char *at = s->p;
	if (adl_peek(s, '"')) {
		if (!adl_quoted(s, &text))
			return false;
	} else {
		text = adl_word(s);
		if (eg_bytes_starts(text, EG_LIT("config.")) && !adl_config(s->c, text, &text))
			return false;
	}
	st->pattern = adl_pattern(s->c, at, text);
	adl_code_put(s->c, adl_word(s), st->code);
	x->entry->refuses = true;
	return st->pattern != NULL;
}

bool
adl_parse_date(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	const bool out = s->c->adp->out;
	struct eg_bytes *v = adl_mem(s->c->set, (size_t)(s->end - s->p) / 2 + 1, sizeof *v);

	(void)x;
	do {
		if (adl_peek(s, '"')) {
			if (!adl_quoted(s, &v[st->names.n]))
				return false;
		} else {
			v[st->names.n] = adl_word(s);
		}
		if (!adl_date_format(s->c, v[st->names.n++], out ? ADL_DATE_WRITE : ADL_DATE_READ))
			return false;
	} while (!out && adl_accept(s, "or"));
	st->names.v = v;
	return true;
}

bool
adl_parse_days(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	(void)x;
	return adl_number(s, -3660, 3660, &st->n);
}

bool
adl_parse_places(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	(void)x;
	return adl_number(s, 0, EG_DEC_SCALE_MAX, &st->n);
}

bool
adl_parse_yesno(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	(void)x;
	return adl_quoted(s, &st->a) && adl_quoted(s, &st->b);
}

bool
adl_parse_split(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	(void)x;
	return adl_number(s, 1, 100, &st->n);
}

bool
adl_parse_skip(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	(void)s;
	(void)st;
	x->entry->skip_if_blank = true;
	return true;
}

bool
adl_parse_mask(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	(void)s;
	(void)st;
	x->entry->masked = true;
	return true;
}
