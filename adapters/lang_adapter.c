/* SPDX-License-Identifier: MIT
 *
 * The section [adapter]: who it is, which way it works, for which system and record.
 */
#include "adapters/lang_int.h"

#include <stddef.h>

static bool
plain_name(struct eg_bytes v)
{
	for (size_t i = 0; i < v.len; i++) {
		unsigned char ch = v.ptr[i];

		if (!(ch >= 'a' && ch <= 'z') && !(ch >= '0' && ch <= '9') && ch != '.' && ch != '_' && ch != '-')
			return false;
	}
	return v.len > 0;
}

static void
a_name(struct adl_comp *c, struct adl_scan *s)
{
	struct eg_bytes v = adl_whole_value(c, s);

	if (v.len > 0 && !plain_name(v))
		adl_error(
		    c, v.ptr, "ADP-VALUE", "for example cmic.commitment", "Names are made of a-z, 0-9, dots, _ and -.");
	c->adp->info.name = adl_cstr(c->set, v);
}

static void
a_version(struct adl_comp *c, struct adl_scan *s)
{
	int64_t n = 0;

	if (adl_number(s, 1, 1000000, &n))
		c->adp->info.version = (unsigned)n;
}

static void
a_rank(struct adl_comp *c, struct adl_scan *s)
{
	int64_t n = 0;

	if (adl_number(s, 1, 1000, &n))
		c->adp->info.rank = (int)n;
}

static void
a_direction(struct adl_comp *c, struct adl_scan *s)
{
	static const char *const words[] = { "in", "out", NULL };

	c->adp->info.out = c->adp->out = adl_word_of(c, s, words, "direction") == 1;
}

/* A system that is not shipped is fine (a site's own), but it may be a slip of the pen. */
static void
a_system(struct adl_comp *c, struct adl_scan *s)
{
	static const char *const shipped[] = { "procore", "cmic", "acumatica", "mri", "ubl", "approvals" };
	struct eg_bytes v = adl_whole_value(c, s);
	struct adl_suggest sug;

	c->adp->info.system = adl_cstr(c->set, v);
	if (v.len > 0 && !plain_name(v))
		adl_error(c, v.ptr, "ADP-VALUE", NULL, "Names of systems are made of a-z, 0-9, dots, _ and -.");
	adl_suggest_init(&sug, v);
	for (size_t i = 0; i < sizeof shipped / sizeof shipped[0]; i++) {
		if (eg_bytes_is(v, shipped[i]))
			return;
		adl_suggest_add(&sug, eg_bytes_str(shipped[i]));
	}
	adl_warn(
	    c, v.ptr, "ADP-VALUE", adl_suggest_hint(c, &sug), "\"%.*s\" is none of the shipped systems.", EG_FMT(v));
}

static const struct rec_type *
record_type(struct adl_comp *c, struct eg_bytes v)
{
	const struct rec_type *t = rec_type_named(v);
	struct adl_suggest s;

	if (t != NULL)
		return t;
	adl_suggest_init(&s, v);
	for (unsigned i = 0; i < REC_NTYPES; i++)
		adl_suggest_add(&s, eg_bytes_str(rec_type(i)->name));
	adl_error(c, v.ptr, "ADP-VALUE", adl_suggest_hint(c, &s), "There is no record type \"%.*s\".", EG_FMT(v));
	return NULL;
}

const struct rec_type *
adl_record_type(struct adl_comp *c, struct adl_scan *s)
{
	struct eg_bytes v = adl_whole_value(c, s);

	return v.len > 0 ? record_type(c, v) : NULL;
}

static void
a_record(struct adl_comp *c, struct adl_scan *s)
{
	c->adp->info.record = adl_record_type(c, s);
}

static void
a_object(struct adl_comp *c, struct adl_scan *s)
{
	struct eg_bytes v = adl_whole_value(c, s);

	for (size_t i = 0; i < v.len; i++)
		if (v.ptr[i] < 'A' || v.ptr[i] > 'Z') {
			adl_error(c, v.ptr, "ADP-VALUE", "for example COMMITMENT",
			    "Objects are written in capitals: they are part of file names.");
			break;
		}
	c->adp->info.object = adl_cstr(c->set, v);
}

/* Settings and the ERP are known now, so a generation's adapter is in the set or is not. */
static void
a_only_when(struct adl_comp *c, struct adl_scan *s)
{
	struct adp_env env = { .set = c->set, .arena = &c->set->arena };

	c->scope = (struct adl_scope){ 0 };
	const struct adp_expr *e = adl_condition(s);
	c->adp->unused = e != NULL && adp_true(e, &env) != 1;
}

static const struct adl_key adapter_keys[] = {
	{ "name", ADL_DIR_BOTH, ADL_FN, 0, a_name },
	{ "title", ADL_DIR_BOTH, ADL_CSTR, offsetof(struct adp, info.title), NULL },
	{ "version", ADL_DIR_BOTH, ADL_FN, 0, a_version },
	{ "direction", ADL_DIR_BOTH, ADL_FN, 0, a_direction },
	{ "source", ADL_DIR_IN, ADL_FN, 0, a_system },
	{ "record", ADL_DIR_IN, ADL_FN, 0, a_record },
	{ "target", ADL_DIR_OUT, ADL_FN, 0, a_system },
	{ "object", ADL_DIR_OUT, ADL_FN, 0, a_object },
	{ "rank", ADL_DIR_OUT, ADL_FN, 0, a_rank },
	{ "only_when", ADL_DIR_BOTH, ADL_FN, 0, a_only_when },
};
#define NADAPTER (sizeof adapter_keys / sizeof adapter_keys[0])

bool
adl_adapter_section(struct adl_comp *c, struct adl_section *s)
{
	static const char *const early[] = { "direction", NULL };
	uint64_t seen = 0;

	s->faults = c->nerrors;
	adl_run_keys(c, s, adapter_keys, NADAPTER, early, true, &seen);
	adl_need_key(c, s, seen, adapter_keys, NADAPTER, "direction");
	if (c->nerrors > s->faults)
		return false;
	adl_run_keys(c, s, adapter_keys, NADAPTER, early, false, &seen);
	adl_need_key(c, s, seen, adapter_keys, NADAPTER, "name");
	adl_need_key(c, s, seen, adapter_keys, NADAPTER, "title");
	adl_need_key(c, s, seen, adapter_keys, NADAPTER, "version");
	adl_need_key(c, s, seen, adapter_keys, NADAPTER, c->adp->out ? "target" : "source");
	if (c->adp->out) {
		adl_need_key(c, s, seen, adapter_keys, NADAPTER, "object");
		adl_need_key(c, s, seen, adapter_keys, NADAPTER, "rank");
	} else if (adl_section(c, SC_RECORD, EG_NONE) == NULL) {
		adl_need_key(c, s, seen, adapter_keys, NADAPTER, "record");
	}
	return true;
}
