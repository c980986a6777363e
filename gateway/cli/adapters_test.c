/* SPDX-License-Identifier: MIT
 *
 * adapters test: plays fixtures. Those of a site's own adapters with the site's settings; those of shipped adapters with default settings of their system, so
 * that they say the same everywhere.
 */
#include "gateway/cli/fixtures.h"

#include "base/fs.h"

struct testing {
	struct cli *c;
	const char *only, *accept;
	struct fixture_counts n;
	bool known; /* the adapter asked for is there */
	struct eg_buf own; /* the site's own adapters, each between LF: shipped ones of their names do not run here */
	struct eg_buf has; /* adapters that have the case to be accepted */
	unsigned nhas;
};

/* A site's own adapters are named from the site on, shipped ones by their whole path. */
static bool
is_shipped(const struct adp_info *a)
{
	return a->file[0] == '/';
}

struct wanted {
	struct testing *t;
	const struct adp_info *a;
};

static int
note_case(void *ctx, const char *name, struct eg_err *err)
{
	struct wanted *w = ctx;

	(void)err;
	if (strcmp(name, w->t->accept) == 0) {
		eg_buf_printf(&w->t->has, "%s%s", w->t->nhas > 0 ? ", " : "", w->a->name);
		w->t->nhas++;
	}
	return EG_OK;
}

/* One adapter: its cases played or, when one is to be accepted and nobody said whose, only looked for. */
static int
one_adapter(struct testing *t, struct site *s, const struct adp *a, struct eg_err *err)
{
	struct wanted w = { t, adp_info(a) };
	int dir = -1, rc = EG_OK;

	if (t->accept == NULL)
		return fixtures_play(t->c, s, a, NULL, &t->n, err);
	rc = tools_fixtures(s, adp_info(a), &dir, err);
	if (rc == EG_OK)
		rc = eg_fs_list(dir, note_case, &w, err);
	eg_fd_done(&dir);
	if (rc == EG_EOF)
		rc = EG_OK;
	return rc == EG_OK && t->only != NULL ? fixtures_play(t->c, s, a, t->accept, &t->n, err) : rc;
}

static int
one_set(struct testing *t, struct site *s, bool shipped, bool project_side, struct eg_err *err)
{
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < adp_set_count(s->adapters); i++) {
		const struct adp *a = adp_set_at(s->adapters, i);
		const struct adp_info *info = adp_info(a);

		if (t->only != NULL && strcmp(t->only, info->name) != 0)
			continue;
		t->known = true;
		char *line = eg_xprintf("\n%s\n", info->name);
		bool shadowed = eg_bytes_find(eg_buf_view(&t->own), eg_bytes_str(line)) < t->own.len;
		if (!shipped && !is_shipped(info))
			eg_buf_str(&t->own, line);
		free(line);
		if (shadowed)
			continue;
		if (is_shipped(info) != shipped || tools_foreign(info, s->erp) ||
		    (!project_side && strcmp(info->system, s->erp) != 0))
			continue;
		rc = one_adapter(t, s, a, err);
	}
	return rc;
}

static int
all_sets(struct testing *t, struct eg_err *err)
{
	struct site s;
	bool found = false;

	eg_buf_clear(&t->own);
	int rc = tools_open(t->c, NULL, NULL, NULL, &s, &found, err);

	if (rc == EG_OK && found)
		rc = one_set(t, &s, false, true, err);
	site_close(&s);
	/* project side files read the same for every system: once is enough */
	for (size_t k = 0; rc == EG_OK && tools_systems[k] != NULL; k++) {
		rc = tools_open(t->c, tools_systems[k], NULL, NULL, &s, &found, err);
		if (rc == EG_OK)
			rc = one_set(t, &s, true, k == 0, err);
		site_close(&s);
	}
	return rc;
}

static int
no_case(struct testing *t)
{
	struct eg_err err = { 0 };

	if (t->nhas > 1)
		return cli_usage(t->c,
		    "%u adapters have a case %s: %s. Say which: erpgate adapters test NAME --accept %s", t->nhas,
		    t->accept, eg_buf_cstr(&t->has), t->accept);
	(void)eg_fail(&err, EG_BADREC, "NOT-FOUND", "There is no case %s%s%s. See them: erpgate adapters test%s%s",
	    t->accept, t->only != NULL ? " of " : "", t->only != NULL ? t->only : "", t->only != NULL ? " " : "",
	    t->only != NULL ? t->only : "");
	return cli_fail(t->c, &err);
}

static int
unknown(struct testing *t)
{
	struct eg_err err = { 0 };
	struct site s;
	bool found;
	int code;

	if (tools_open(t->c, NULL, NULL, NULL, &s, &found, &err) < 0)
		code = cli_fail(t->c, &err);
	else
		code = tools_no_adapter(t->c, s.adapters, t->only);
	site_close(&s);
	return code;
}

static int
told(const struct testing *t)
{
	const struct fixture_counts *n = &t->n;

	if (cli_has(t->c, O_JSON))
		cli_json(json_pack("{s:s,s:i,s:i,s:i}", "type", "summary", "adapters", (int)n->adapters, "cases",
		    (int)n->cases, "failed", (int)n->failed));
	else if (t->accept == NULL && n->failed > 0)
		(void)printf(
		    "%u of %u fixtures failed. If the new output is right: erpgate adapters test NAME --accept CASE\n",
		    n->failed, n->cases);
	else if (t->accept == NULL && t->only == NULL && n->cases == 0)
		(void)printf(
		    "There are no fixtures here. Those of shipped adapters stand in the source tree: adapters/*/fixtures\n");
	else if (t->accept == NULL && n->cases == 0)
		(void)printf("%s has no fixtures. Make one: fixtures/%s/CASE/ beside the adapter (docs/ADAPTERS.md)\n",
		    t->only, t->only);
	else if (t->accept == NULL)
		(void)printf("%u fixtures of %u adapters, all as expected.\n", n->cases, n->adapters);
	return n->failed > 0 ? CLI_FINDINGS : CLI_OK;
}

int
adapters_test(struct cli *c)
{
	struct testing t = {
		.c = c, .only = c->argc > 1 ? c->argv[1] : NULL, .accept = c->opt[O_ACCEPT], .has = EG_BUF_INIT
	};
	struct eg_err err = { 0 };
	int rc = all_sets(&t, &err), code;

	if (rc == EG_OK && t.only == NULL && t.accept != NULL && t.nhas == 1) { /* one adapter has it: that one */
		char *name = eg_xstrdup(eg_buf_cstr(&t.has));

		t.only = name;
		rc = all_sets(&t, &err);
		code = rc < 0 ? cli_fail(c, &err) : told(&t);
		free(name);
	} else if (rc < 0)
		code = cli_fail(c, &err);
	else if (t.only != NULL && !t.known)
		code = unknown(&t);
	else if (t.accept != NULL && t.n.cases == 0)
		code = no_case(&t);
	else
		code = told(&t);
	eg_buf_done(&t.has);
	eg_buf_done(&t.own);
	return code;
}
