/* SPDX-License-Identifier: MIT
 *
 * Sections of `key = value`: a table of keys per section, with direction, kind of value and place. Unknown keys, keys of the other direction and keys that come
 * twice are faults.
 */
#include "adapters/lang_int.h"

static const char *const yes_no[] = { "yes", "no", NULL };

static struct eg_bytes
rest(const struct adl_scan *s)
{
	return eg_bytes_trim(eg_bytes(s->p, (size_t)(s->end - s->p)));
}

/* The whole rest as one word; nothing there is a fault. */
struct eg_bytes
adl_whole_value(struct adl_comp *c, struct adl_scan *s)
{
	struct eg_bytes v = rest(s);

	if (v.len == 0)
		adl_error(c, s->p, "ADP-VALUE", NULL, "A value is missing here.");
	s->p = s->end;
	return v;
}

int
adl_word_of(struct adl_comp *c, struct adl_scan *s, const char *const *list, const char *what)
{
	struct eg_bytes w = adl_word(s);

	return w.len > 0 ? adl_one_of(c, w, list, "ADP-VALUE", what) : (adl_whole_value(c, s), -1);
}

static void
put(struct adl_comp *c, const struct adl_key *k, struct adl_scan *s)
{
	char *to = (char *)c->adp + k->at;
	struct adp_names names;
	struct eg_bytes v;
	const char *str;
	int i;

	switch (k->kind) {
	case ADL_FN:
		k->fn(c, s);
		break;
	case ADL_NAMES:
		if (adl_names(s, true, &names))
			memcpy(to, &names, sizeof names);
		break;
	case ADL_BYTES:
		v = adl_whole_value(c, s);
		memcpy(to, &v, sizeof v);
		break;
	case ADL_CSTR:
		v = adl_whole_value(c, s);
		str = adl_cstr(c->set, v);
		memcpy(to, &str, sizeof str);
		break;
	case ADL_YESNO:
		i = adl_word_of(c, s, yes_no, "answer");
		if (i >= 0)
			*(bool *)to = i == 0;
		break;
	}
}

static bool
among(struct eg_bytes key, const char *const *list)
{
	for (; *list != NULL; list++)
		if (eg_bytes_is(key, *list))
			return true;
	return false;
}

/* Runs the entries of a section through its table, those of `early` or those that are not; `seen` gets a bit per key. */
void
adl_run_keys(struct adl_comp *c, const struct adl_section *s, const struct adl_key *keys, size_t nkeys,
    const char *const *early, bool now, uint64_t *seen)
{
	const unsigned dir = c->adp->out ? ADL_DIR_OUT : ADL_DIR_IN;

	for (size_t l = 0; l < s->nlines; l++) {
		struct adl_suggest sug;
		size_t i;

		c->at = s->lines[l];
		if (among(c->at.key, early) != now)
			continue;
		adl_suggest_init(&sug, c->at.key);
		for (i = 0; i < nkeys && !eg_bytes_is(c->at.key, keys[i].name); i++)
			if ((keys[i].dir & dir) != 0)
				adl_suggest_add(&sug, eg_bytes_str(keys[i].name));
		if (i == nkeys) {
			adl_error(c, c->at.key.ptr, "ADP-KEY", adl_suggest_hint(c, &sug),
			    "There is no key \"%.*s\" here.", EG_FMT(c->at.key));
		} else if ((keys[i].dir & dir) == 0) {
			adl_error(c, c->at.key.ptr, "ADP-KEY", NULL, "%s belongs to the direction %s.", keys[i].name,
			    c->adp->out ? "in" : "out");
		} else if ((*seen & UINT64_C(1) << i) != 0) {
			adl_error(c, c->at.key.ptr, "ADP-KEY", NULL, "%s stands here twice.", keys[i].name);
		} else {
			struct adl_scan sc = adl_scan(c, c->at.value);
			size_t before = c->nerrors;

			*seen |= UINT64_C(1) << i;
			put(c, &keys[i], &sc);
			if (c->nerrors == before)
				(void)adl_done(&sc);
		}
	}
}

bool
adl_has_key(uint64_t seen, const struct adl_key *keys, size_t nkeys, const char *name)
{
	for (size_t i = 0; i < nkeys; i++)
		if (strcmp(keys[i].name, name) == 0)
			return (seen & UINT64_C(1) << i) != 0;
	return false;
}

/* Not after another fault of the section: the key may be there, misspelt. */
void
adl_need_key(struct adl_comp *c, const struct adl_section *s, uint64_t seen, const struct adl_key *keys, size_t n,
    const char *name)
{
	if (adl_has_key(seen, keys, n, name) || c->nerrors > s->faults)
		return;
	c->at = s->head;
	adl_error(c, c->at.key.ptr, "ADP-MISSING", NULL, "%s = … is missing in this section.", name);
}
