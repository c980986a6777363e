/* SPDX-License-Identifier: MIT
 *
 * Steps: the catalogue, one row per step with its form, its directions, what it takes and gives; and the parsers of their arguments.
 * What they do is in lang_step_run.c. A new step is a row here, a function there, a row in docs/ADAPTERS.md and tests.
 */
#include "adapters/lang_int.h"
#include "base/utf8.h"

typedef bool parse_fn(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x);

static bool
parse_none(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	(void)s;
	(void)st;
	(void)x;
	return true;
}

static bool
parse_when(struct adl_scan *s, struct adp_step *st)
{
	if (!adl_accept(s, "when"))
		return true;
	st->when = adl_condition(s);
	return st->when != NULL;
}

static bool
parse_required(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	struct adl_scan ahead = *s;

	snprintf(st->code, sizeof st->code, "F-20");
	if (!adl_at_end(&ahead) && !adl_accept(&ahead, "when"))
		adl_code_put(s->c, adl_word(s), st->code);
	if (!parse_when(s, st))
		return false;
	x->entry->required |= st->when == NULL;
	x->entry->refuses = true;
	return true;
}

static bool
parse_max(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	if (!adl_number(s, 1, 100000, &st->n))
		return false;
	st->cut = adl_accept(s, "cut");
	if (!st->cut)
		adl_code_put(s->c, adl_word(s), st->code);
	x->entry->refuses |= !st->cut;
	return true;
}

static bool
parse_null(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	(void)x;
	return adl_names(s, true, &st->names);
}

static bool
parse_default(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	struct adp_atom *a = adl_mem(s->c->set, 1, sizeof *a);
	enum adl_type type;

	st->atoms = a;
	st->natoms = 1;
	if (!adl_atom(s, a, &type))
		return false;
	x->type = adl_unify(x->type, type);
	return parse_when(s, st);
}

/* About settings only, so it is known now: the column is there or it is not. */
static bool
parse_only(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
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

static bool
parse_text(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
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

static bool
parse_set(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	struct eg_bytes text = EG_LIT("0-9");

	if (!adl_accept(s, "digits")) {
		if (!parse_text(s, st, x))
			return false;
		text = st->a;
	}
	st->set = adl_cset(s->c->set, text);
	return true;
}

static bool
parse_replace(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	return parse_text(s, st, x) && adl_quoted(s, &st->b);
}

static bool
parse_insert(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	enum adl_type type;

	(void)x;
	return adl_number(s, 0, 1000, &st->n) && adl_atoms(s, NULL, &st->natoms, &st->atoms, &type);
}

static bool
parse_affix(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	enum adl_type type;

	(void)x;
	st->left = strcmp(st->def->name, "prefix") == 0;
	return adl_atoms(s, "when", &st->natoms, &st->atoms, &type) && parse_when(s, st);
}

static bool
parse_pad(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	static const char *const sides[] = { "left", "right", NULL };
	int side = adl_one_of(s->c, adl_word(s), sides, "ADP-VALUE", "side");
	const unsigned char *at;

	if (side < 0 || !adl_number(s, 1, 255, &st->n))
		return false;
	st->left = side == 0;
	(void)adl_at_end(s);
	at = s->p;
	if (!parse_text(s, st, x))
		return false;
	if (eg_utf8_count(st->a) != 1)
		adl_error(s->c, at, "ADP-VALUE", NULL, "Padding is one character.");
	return true;
}

/* `"x"`, `keep`, `blank` or a CODE. */
static bool
parse_otherwise(struct adl_scan *s, struct adp_step *st)
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

static bool
parse_choose(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
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
	if (other && !parse_otherwise(s, st))
		return false;
	x->entry->refuses |= st->otherwise == ELSE_CODE;
	return true;
}

const struct adl_lookup *
adl_lookup(struct adl_comp *c, struct eg_bytes name)
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
	const struct adl_lookup *l = adl_lookup(s->c, name);
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

static bool
parse_lookup(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	struct eg_bytes name = adl_word(s);
	bool fine = eg_bytes_starts(name, EG_LIT("config.")) ? config_pairs(s->c, name, st) : lookup_table(s, name, st);

	snprintf(st->code, sizeof st->code, "F-21");
	if (!fine || (adl_accept(s, "or") && !parse_otherwise(s, st)))
		return false;
	x->entry->refuses |= st->otherwise == ELSE_CODE;
	return true;
}

static bool
parse_matches(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
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

static bool
parse_date(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
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

static bool
parse_days(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	(void)x;
	return adl_number(s, -3660, 3660, &st->n);
}

static bool
parse_places(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	(void)x;
	return adl_number(s, 0, EG_DEC_SCALE_MAX, &st->n);
}

static bool
parse_yesno(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	(void)x;
	return adl_quoted(s, &st->a) && adl_quoted(s, &st->b);
}

static bool
parse_split(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	(void)x;
	return adl_number(s, 1, 100, &st->n);
}

static bool
parse_skip(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	(void)s;
	(void)st;
	x->entry->skip_if_blank = true;
	return true;
}

static bool
parse_mask(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	(void)s;
	(void)st;
	x->entry->masked = true;
	return true;
}

/* What a step takes and gives, by direction: AT_ANY takes everything, gives what came in. */
#define AS_IT_IS AT_ANY, AT_ANY, AT_ANY, AT_ANY
#define TO_TEXT AT_ANY, AT_ANY, AT_TEXT, AT_TEXT
static const struct adl_step_def catalogue[] = {
	{ "required", "required [CODE] [when EXPR]", parse_required, adl_run_required, adl_run_required, AS_IT_IS,
	    true },
	{ "trim", "trim", parse_none, adl_run_trim, adl_run_trim, TO_TEXT, false },
	{ "squeeze", "squeeze", parse_none, adl_run_squeeze, adl_run_squeeze, TO_TEXT, false },
	{ "upper", "upper", parse_none, adl_run_upper, adl_run_upper, TO_TEXT, false },
	{ "lower", "lower", parse_none, adl_run_lower, adl_run_lower, TO_TEXT, false },
	{ "max", "max N cut, or max N CODE", parse_max, adl_run_max, adl_run_max, TO_TEXT, false },
	{ "null", "null \"w\" …", parse_null, adl_run_null, adl_run_null, AS_IT_IS, false },
	{ "default", "default X [when EXPR]", parse_default, adl_run_default, adl_run_default, AS_IT_IS, true },
	{ "before", "before \"s\"", parse_text, adl_run_before, adl_run_before, TO_TEXT, false },
	{ "after", "after \"s\"", parse_text, adl_run_after, adl_run_after, TO_TEXT, false },
	{ "without", "without \"chars\"", parse_set, adl_run_without, adl_run_without, TO_TEXT, false },
	{ "keep", "keep \"set\", or keep digits", parse_set, adl_run_keep, adl_run_keep, TO_TEXT, false },
	{ "replace", "replace \"a\" \"b\"", parse_replace, adl_run_replace, adl_run_replace, TO_TEXT, false },
	{ "insert", "insert N X …", parse_insert, adl_run_insert, adl_run_insert, TO_TEXT, false },
	{ "prefix", "prefix X … [when EXPR]", parse_affix, adl_run_affix, adl_run_affix, TO_TEXT, false },
	{ "suffix", "suffix X … [when EXPR]", parse_affix, adl_run_affix, adl_run_affix, TO_TEXT, false },
	{ "pad", "pad left N \"c\", or pad right N \"c\"", parse_pad, adl_run_pad, adl_run_pad, TO_TEXT, false },
	{ "choose", "choose A=\"x\" … [else X]", parse_choose, adl_run_choose, adl_run_choose, TO_TEXT, false },
	{ "lookup", "lookup NAME [COLUMN] [back] [or X]", parse_lookup, adl_run_lookup, adl_run_lookup, TO_TEXT,
	    false },
	{ "matches", "matches PATTERN CODE", parse_matches, adl_run_matches, adl_run_matches, AS_IT_IS, false },
	{ "date", "date FORMAT", parse_date, adl_run_date_in, adl_run_date_out, AT_TEXT, AT_DATE, AT_DATE, AT_TEXT,
	    false },
	{ "add-days", "add-days N", parse_days, adl_run_add_days, adl_run_add_days, AT_DATE, AT_DATE, AT_DATE, AT_DATE,
	    false },
	{ "month-name", "month-name", parse_none, NULL, adl_run_month_name, AT_ANY, AT_DATE, AT_ANY, AT_TEXT, false },
	{ "places", "places N", parse_places, NULL, adl_run_places, AT_ANY, AT_NUM, AT_ANY, AT_TEXT, false },
	{ "yesno", "yesno \"Y\" \"N\"", parse_yesno, adl_run_yesno_in, adl_run_yesno_out, AT_TEXT, AT_FLAG, AT_FLAG,
	    AT_TEXT, false },
	{ "split", "split N", parse_split, adl_run_split, NULL, AT_TEXT, AT_ANY, AT_TEXT, AT_ANY, false },
	{ "skip-if-blank", "skip-if-blank", parse_skip, adl_run_nothing, NULL, AS_IT_IS, false },
	{ "mask-in-logs", "mask-in-logs", parse_mask, adl_run_nothing, adl_run_nothing, AS_IT_IS, false },
	{ "only-if", "only-if EXPR", parse_only, NULL, adl_run_nothing, AS_IT_IS, false },
};
#define NSTEPS (sizeof catalogue / sizeof catalogue[0])

static const struct adl_step_def *
find_step(struct adl_comp *c, struct eg_bytes w)
{
	const bool out = c->adp->out;
	struct adl_suggest s;

	adl_suggest_init(&s, w);
	for (size_t i = 0; i < NSTEPS; i++) {
		const struct adl_step_def *d = &catalogue[i];
		bool fits = (out ? d->out : d->in) != NULL;

		if (eg_bytes_is(w, d->name)) {
			if (!fits)
				adl_error(c, w.ptr, "ADP-STEP", NULL, "The step %s works only in the direction %s.",
				    d->name, out ? "in" : "out");
			return fits ? d : NULL;
		}
		if (fits)
			adl_suggest_add(&s, eg_bytes_str(d->name));
	}
	adl_error(c, w.ptr, "ADP-STEP", adl_suggest_hint(c, &s), "There is no step \"%.*s\".", EG_FMT(w));
	return NULL;
}

static bool
one_step(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x)
{
	struct adl_comp *c = s->c;
	const bool out = c->adp->out;
	struct eg_bytes w = adl_word(s);
	const struct adl_step_def *d;

	if (w.len == 0) {
		adl_error(c, s->p, "ADP-STEP", NULL, "A step is missing behind the bar.");
		return false;
	}
	d = st->def = find_step(c, w);
	if (d == NULL)
		return false;
	enum adl_type takes = out ? d->takes_out : d->takes_in, gives = out ? d->gives_out : d->gives_in;
	if (takes != AT_ANY && x->type != AT_ANY && x->type != AT_BLANK && x->type != takes) {
		adl_error(c, w.ptr, "ADP-STEP", NULL, "%s needs %s; what comes in here is %s.", d->name,
		    adl_type_name(takes), adl_type_name(x->type));
		return false;
	}
	if (!adl_at_end(s) || d->parse == parse_none || d->parse == parse_skip || d->parse == parse_mask ||
	    d->parse == parse_required) {
		if (!d->parse(s, st, x))
			return false;
	} else {
		adl_error(
		    c, w.ptr, "ADP-STEP", adl_hint(c, "%s", d->form), "The step %s needs more than its name.", d->name);
		return false;
	}
	if (gives != AT_ANY)
		x->type = gives;
	return adl_done(s);
}

/* The results of a closing `choose` must be words of the field. */
static void
check_words(struct adl_comp *c, const struct adp_entry *e)
{
	const struct adp_step *last = e->nsteps > 0 ? &e->steps[e->nsteps - 1] : NULL;

	if (last == NULL || e->rf == NULL || e->rf->type != RF_WORD || last->def->parse != parse_choose)
		return;
	for (size_t i = 0; i < last->npairs; i++) {
		struct eg_bytes rest = eg_bytes_str(e->rf->words), word;
		struct adl_suggest s;
		bool found = false;

		adl_suggest_init(&s, last->pairs[i].to);
		while (!found && rest.ptr != NULL && eg_bytes_cut(&rest, ' ', &word)) {
			found = eg_bytes_eq(word, last->pairs[i].to);
			adl_suggest_add(&s, word);
		}
		if (!found)
			adl_error(c, last->pairs[i].to.ptr, "ADP-VALUE", adl_suggest_hint(c, &s),
			    "%s cannot be \"%.*s\".", e->rf->name, EG_FMT(last->pairs[i].to));
	}
}

bool
adl_steps(struct adl_scan *s, struct adp_entry *e, enum adl_type type)
{
	struct adl_comp *c = s->c;
	struct adl_step_ctx x = { e, type };
	size_t most = 1, n = 0, nlast = 0;
	bool fine = true;

	for (const unsigned char *p = s->p; p < s->end; p++)
		most += *p == '|';
	struct adp_step *v = adl_mem(c->set, 2 * most, sizeof *v), *last = v + most;
	do {
		struct adl_scan part = adl_cut_bar(s);
		struct adp_step st = { .col = 1 };

		if (!one_step(&part, &st, &x))
			fine = false;
		else if (st.def->parse == parse_max)
			last[nlast++] = st;
		else
			v[n++] = st;
	} while (s->p < s->end);
	memcpy(v + n, last, nlast * sizeof *v);
	e->steps = v;
	e->nsteps = n + nlast;
	if (fine)
		check_words(c, e);
	return fine;
}
