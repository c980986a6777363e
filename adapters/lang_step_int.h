/* SPDX-License-Identifier: MIT
 *
 * Steps, as parsed and as the catalogue describes them. Shared by adapters/lang_step*.c, and by those who look at the steps of an entry (lang_entry.c,
 * lang_lint.c, trace.c, describe.c).
 */
#ifndef ADAPTERS_LANG_STEP_INT_H
#define ADAPTERS_LANG_STEP_INT_H

#include "adapters/lang_int.h"

enum adl_else {
	ELSE_CODE = 0,
	ELSE_TEXT,
	ELSE_KEEP,
	ELSE_BLANK
};
struct adl_pair {
	struct eg_bytes from, to;
};
struct adp_step {
	const struct adl_step_def *def;
	struct eg_bytes text; /* as written, in the entry's text */
	int64_t n;
	bool cut, left, back;
	char code[EG_CODE_MAX];
	struct eg_bytes a, b;
	struct adp_names names;
	size_t natoms;
	const struct adp_atom *atoms;
	struct adl_cset set;
	const struct adl_pattern *pattern;
	const struct adp_expr *when;
	size_t npairs;
	const struct adl_pair *pairs;
	enum adl_else otherwise;
	const struct adp_table *table;
	int col;
};

struct adl_step_ctx { /* where the step stands */
	struct adp_entry *entry;
	enum adl_type type; /* of the value coming in; the step says what comes out */
};
/* Parses the arguments of st->def into st; false after a fault, which is told. */
typedef bool adl_parse(struct adl_scan *s, struct adp_step *st, struct adl_step_ctx *x);
/* lang_step_args.c; choose and lookup: lang_step_choose.c */
adl_parse adl_parse_none, adl_parse_required, adl_parse_max, adl_parse_null, adl_parse_default, adl_parse_only,
    adl_parse_text, adl_parse_set, adl_parse_replace, adl_parse_insert, adl_parse_affix, adl_parse_pad,
    adl_parse_choose, adl_parse_lookup, adl_parse_matches, adl_parse_date, adl_parse_days, adl_parse_places,
    adl_parse_yesno, adl_parse_split, adl_parse_skip, adl_parse_mask;

/* Gives *v another value. EG_BADREC with env->problem: refused. */
typedef int adl_run(const struct adp_step *st, struct adp_env *env, struct adp_val *v);
/* lang_step_run.c, lang_step_text.c, lang_step_choose.c */
adl_run adl_run_required, adl_run_trim, adl_run_squeeze, adl_run_upper, adl_run_lower, adl_run_max, adl_run_null,
    adl_run_default, adl_run_before, adl_run_after, adl_run_without, adl_run_keep, adl_run_replace, adl_run_insert,
    adl_run_pad, adl_run_choose, adl_run_lookup, adl_run_matches, adl_run_date_in, adl_run_date_out, adl_run_add_days,
    adl_run_month_name, adl_run_places, adl_run_yesno_in, adl_run_yesno_out, adl_run_split, adl_run_affix,
    adl_run_nothing;

/* lang_step_run.c: EG_BADREC, with the fault in env->problem if anyone wants it. */
int adl_refuse(struct adp_env *env, const char *code, const char *fmt, ...) EG_PRINTF(3, 4);
int adl_full(struct adp_env *env); /* LIMIT-MEM */
/* The step's `when` holds, or there is none. Leaves no trace in the places the value came from. */
bool adl_step_applies(const struct adp_step *st, struct adp_env *env);

struct adl_step_def {
	const char *name, *form; /* form: for messages */
	adl_parse *parse;
	adl_run *in, *out; /* NULL: not in that direction */
	enum adl_type takes_in, takes_out; /* AT_ANY: everything */
	enum adl_type gives_in, gives_out; /* AT_ANY: what came in */
	bool on_blank; /* runs on a blank value, too */
};

#endif
