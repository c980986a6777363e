/* SPDX-License-Identifier: MIT
 *
 * Steps: the catalogue, one row per step with its form, its directions, what it takes and gives; and an entry's steps from its text.
 * Their arguments: lang_step_args.c; what they do: lang_step_run.c, lang_step_text.c; both of those that translate: lang_step_choose.c.
 * A new step is a row here, a function in each, a row in docs/ADAPTERS.md and tests. A fault is told (adl_error) and the entry has no steps.
 */
#include "adapters/lang_step_int.h"

/* What a step takes and gives, by direction: AT_ANY takes everything, gives what came in. */
#define AS_IT_IS AT_ANY, AT_ANY, AT_ANY, AT_ANY
#define TO_TEXT AT_ANY, AT_ANY, AT_TEXT, AT_TEXT
static const struct adl_step_def catalogue[] = {
	{ "required", "required [CODE] [when EXPR]", adl_parse_required, adl_run_required, adl_run_required, AS_IT_IS,
	    true },
	{ "trim", "trim", adl_parse_none, adl_run_trim, adl_run_trim, TO_TEXT, false },
	{ "squeeze", "squeeze", adl_parse_none, adl_run_squeeze, adl_run_squeeze, TO_TEXT, false },
	{ "upper", "upper", adl_parse_none, adl_run_upper, adl_run_upper, TO_TEXT, false },
	{ "lower", "lower", adl_parse_none, adl_run_lower, adl_run_lower, TO_TEXT, false },
	{ "max", "max N cut, or max N CODE", adl_parse_max, adl_run_max, adl_run_max, TO_TEXT, false },
	{ "null", "null \"w\" …", adl_parse_null, adl_run_null, adl_run_null, AS_IT_IS, false },
	{ "default", "default X [when EXPR]", adl_parse_default, adl_run_default, adl_run_default, AS_IT_IS, true },
	{ "before", "before \"s\"", adl_parse_text, adl_run_before, adl_run_before, TO_TEXT, false },
	{ "after", "after \"s\"", adl_parse_text, adl_run_after, adl_run_after, TO_TEXT, false },
	{ "without", "without \"chars\"", adl_parse_set, adl_run_without, adl_run_without, TO_TEXT, false },
	{ "keep", "keep \"set\", or keep digits", adl_parse_set, adl_run_keep, adl_run_keep, TO_TEXT, false },
	{ "replace", "replace \"a\" \"b\"", adl_parse_replace, adl_run_replace, adl_run_replace, TO_TEXT, false },
	{ "insert", "insert N X …", adl_parse_insert, adl_run_insert, adl_run_insert, TO_TEXT, false },
	{ "prefix", "prefix X … [when EXPR]", adl_parse_affix, adl_run_affix, adl_run_affix, TO_TEXT, false },
	{ "suffix", "suffix X … [when EXPR]", adl_parse_affix, adl_run_affix, adl_run_affix, TO_TEXT, false },
	{ "pad", "pad left N \"c\", or pad right N \"c\"", adl_parse_pad, adl_run_pad, adl_run_pad, TO_TEXT, false },
	{ "choose", "choose A=\"x\" … [else X]", adl_parse_choose, adl_run_choose, adl_run_choose, TO_TEXT, false },
	{ "lookup", "lookup NAME [COLUMN] [back] [or X]", adl_parse_lookup, adl_run_lookup, adl_run_lookup, TO_TEXT,
	    false },
	{ "matches", "matches PATTERN CODE", adl_parse_matches, adl_run_matches, adl_run_matches, AS_IT_IS, false },
	{ "date", "date FORMAT", adl_parse_date, adl_run_date_in, adl_run_date_out, AT_TEXT, AT_DATE, AT_DATE, AT_TEXT,
	    false },
	{ "add-days", "add-days N", adl_parse_days, adl_run_add_days, adl_run_add_days, AT_DATE, AT_DATE, AT_DATE,
	    AT_DATE, false },
	{ "month-name", "month-name", adl_parse_none, NULL, adl_run_month_name, AT_ANY, AT_DATE, AT_ANY, AT_TEXT,
	    false },
	{ "places", "places N", adl_parse_places, NULL, adl_run_places, AT_ANY, AT_NUM, AT_ANY, AT_TEXT, false },
	{ "yesno", "yesno \"Y\" \"N\"", adl_parse_yesno, adl_run_yesno_in, adl_run_yesno_out, AT_TEXT, AT_FLAG, AT_FLAG,
	    AT_TEXT, false },
	{ "split", "split N", adl_parse_split, adl_run_split, NULL, AT_TEXT, AT_ANY, AT_TEXT, AT_ANY, false },
	{ "skip-if-blank", "skip-if-blank", adl_parse_skip, adl_run_nothing, NULL, AS_IT_IS, false },
	{ "mask-in-logs", "mask-in-logs", adl_parse_mask, adl_run_nothing, adl_run_nothing, AS_IT_IS, false },
	{ "only-if", "only-if EXPR", adl_parse_only, NULL, adl_run_nothing, AS_IT_IS, false },
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
	if (!adl_at_end(s) || d->parse == adl_parse_none || d->parse == adl_parse_skip || d->parse == adl_parse_mask ||
	    d->parse == adl_parse_required) {
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

	if (last == NULL || e->rf == NULL || e->rf->type != RF_WORD || last->def->parse != adl_parse_choose)
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

/* What `part` of the value, which the entry's text is a copy of, says: there, without the blanks around it. */
static struct eg_bytes
text_of(const struct adp_entry *e, struct eg_bytes value, const struct adl_scan *part)
{
	return eg_bytes_trim_ws(eg_bytes(e->text + (part->p - value.ptr), (size_t)(part->end - part->p)));
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
		struct adp_step st = { .text = text_of(e, c->at.value, &part), .col = 1 };

		if (!one_step(&part, &st, &x))
			fine = false;
		else if (st.def->parse == adl_parse_max)
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
