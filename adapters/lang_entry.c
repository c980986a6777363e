/* SPDX-License-Identifier: MIT
 *
 * One entry: `TARGET = source | step | step`. The caller has set the scope and knows what the target is.
 */
#include "adapters/lang_step_int.h"

/* Out of a number, and no step made other text of it; or the last step that made text is `places`. */
static bool
gives_number(const struct adp_entry *e, enum adl_type source)
{
	bool number = source == AT_NUM;

	for (size_t i = 0; i < e->nsteps; i++) {
		const struct adl_step_def *def = e->steps[i].def;

		if (def->out == adl_run_places)
			number = true;
		else if (def->gives_out != AT_ANY && def->out != adl_run_max)
			number = false;
	}
	return number;
}

bool
adl_entry(struct adl_comp *c, struct adp_entry *e)
{
	struct adl_scan s = adl_scan(c, c->at.value);
	struct adl_scope *sc = &c->scope;
	enum adl_type type = AT_ANY;

	e->target = adl_cstr(c->set, c->at.key);
	e->text = adl_cstr(c->set, c->at.value);
	e->line = c->at.line;
	sc->used_line = sc->masked = false;
	if (adl_at_end(&s)) {
		adl_error(
		    c, c->at.key.ptr, "ADP-SOURCE", "blank, when nothing is meant", "%s has no source.", e->target);
		return false;
	}
	if (eg_bytes_is(c->at.value, "?")) { /* as `adapters from-template` leaves it */
		const struct rec_type *t = c->scope.type;
		adl_error(c, c->at.value.ptr, "ADP-SOURCE",
		    adl_hint(c, "the fields there are: erpgate help record %s", t != NULL ? t->name : "TYPE"),
		    "%s has no source yet: choose a field, a setting, const \"…\" or blank.", e->target);
		return false;
	}
	struct adl_scan source = adl_cut_bar(&s);
	bool bar = source.end < s.end, fine = adl_source(&source, &e->source, &type);
	if (bar && !adl_steps(&s, e, fine ? type : AT_ANY))
		fine = false;
	e->number = fine && gives_number(e, type);
	e->uses_line = sc->used_line;
	e->masked |= sc->masked;
	return fine;
}
