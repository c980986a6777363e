/* SPDX-License-Identifier: MIT
 *
 * What the tests of the adapter language share: a set with settings and a table, and one-line adapters around a source, a step or an expression.
 */
#ifndef TESTS_ADP_HELP_H
#define TESTS_ADP_HELP_H

#include "adapters/lang.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static inline const char *
help_setting(void *ctx, const char *key)
{
	static const char *const settings[][2] = { { "cmic.company", "01" }, { "limit", "5" }, { "empty", "" },
		{ "types", "X, Y Z,," }, { "pattern", "[0-9]{1,3}" }, { "bad_pattern", "[0-9" },
		{ "map", "AP invoice, PY payroll" }, { "bad_map", "AP" }, { "format", "xml" }, { "no_number", "ten" } };

	(void)ctx;
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (strcmp(settings[i][0], key) == 0)
			return settings[i][1];
	return NULL;
}

static inline struct adp_set *
help_set(const char *erp)
{
	static const char types[] = "pm,name,cmic\nL,Labor,LAB\nE,Equipment,EQP\nOC,Other,OTC\nX,,LAB\n";
	struct adp_set *s = adp_set_new((struct adp_config){ help_setting, NULL }, erp);
	struct eg_err err;

	assert_int_equal(adp_set_table(s, "cost_type.csv", eg_bytes_str(types), &err), EG_OK);
	return s;
}

#define HELP_IN                                                                                                   \
	"[adapter]\nname = t.in\ntitle = T\nversion = 1\ndirection = in\nsource = procore\nrecord = commitment\n" \
	"[file]\ntype = csv\nsignature = \"A\"\nnull = \"None\"\ndocument = \"N\"\n[lookups]\ncost_type = cost_type.csv\n"
#define HELP_OUT                                                                                                           \
	"[adapter]\nname = t.out\ntitle = T\nversion = 1\ndirection = out\ntarget = cmic\nobject = COMMITMENT\nrank = 6\n" \
	"[file]\ntype = csv\ndate = DD-MON-YYYY\nbool = Y N\nencoding = us-ascii\nclean = \"'*\"\nbreaks = blank\n"        \
	"[lookups]\ncost_type = cost_type.csv\n[rows]\nrecord = commitment\neach = line\n"

/* Adds the adapter; a failure prints why. NULL when it does not load. */
static inline const struct adp *
help_add(struct adp_set *s, const char *text, const char *name)
{
	struct eg_err err;

	if (adp_set_add(s, "t.adapter", eg_bytes_str(text), NULL, NULL, &err) != EG_OK) {
		print_error("%s\n", err.msg);
		return NULL;
	}
	return adp_set_named(s, name);
}

/* The same; not loading ends the program. */
static inline const struct adp *
help_need(struct adp_set *s, const char *text, const char *name)
{
	const struct adp *a = help_add(s, text, name);

	if (a == NULL)
		abort();
	return a;
}

struct help_run { /* one evaluation's surroundings */
	struct eg_arena arena;
	struct adp_problem problem;
	struct adp_env env;
};

static inline void
help_run_init(struct help_run *r, const struct adp_set *s, const struct adp *a)
{
	memset(r, 0, sizeof(*r));
	eg_arena_init(&r->arena, (size_t)1 << 20);
	r->env.set = s;
	r->env.adp = a;
	r->env.arena = &r->arena;
	r->env.problem = &r->problem;
}

static inline void
help_put(struct help_run *r, const struct rec_field *f, struct rec_val *v, const char *text, uint32_t line)
{
	struct rec_prov at = { .line = line, .off = line * 100, .len = 3 };
	struct eg_err err;

	if (strcmp(text, "?") == 0)
		v->state = RV_BAD;
	else
		assert_int_equal(rec_set(&r->arena, f, eg_bytes_str(text), at, v, &err), EG_OK);
}

#endif
