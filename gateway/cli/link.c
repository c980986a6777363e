/* SPDX-License-Identifier: MIT
 *
 * link: one company, project or cost type tied to its record in the ERP; companies merged and parted again; the links there are. Each act is a transaction,
 * then the rules look at everything that waited for it.
 */
#include "gateway/cli/link.h"

#include "gateway/workflow/link_code.h"
#include "gateway/workflow/merge.h"
#include "gateway/workflow/workflow.h"

int
link_settle(struct site *s, void *ctx, struct eg_err *err)
{
	(void)ctx;
	return rules_settle(s, false, err);
}

bool
link_kind(struct cli *c, int operand, const char **ret, int *ret_exit)
{
	*ret = c->argc > operand ? c->argv[operand] : NULL;
	if (*ret == NULL || strcmp(*ret, "vendor") == 0 || strcmp(*ret, "project") == 0)
		return true;
	*ret_exit = cli_usage(c, "\"%s\" is neither vendor nor project", *ret);
	return false;
}

/* ---- one link ---- */

static int
link_once(struct site *s, void *ctx, struct eg_err *err)
{
	const struct cli *c = ctx;
	bool code = strcmp(c->argv[0], "code") == 0;
	int rc = action_allowed(s, code ? ACTION_SETTINGS : ACTION_LINK_COMPANY, NULL, err);

	if (rc == EG_OK)
		rc = code ? act_link_code(s, c->argv[1], c->opt[O_ERP_ID], err) :
		            act_link(s, c->argv[0], c->argv[1], c->opt[O_ERP_ID], err);
	return rc;
}

static void
tell_link(struct cli *c, const struct site *s)
{
	bool code = strcmp(c->argv[0], "code") == 0;

	if (cli_has(c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s}", "type", "link", "kind", c->argv[0], "key", c->argv[1],
		    "erp", s->erp, "erp_id", c->opt[O_ERP_ID]));
	else if (code)
		(void)printf(
		    "Cost type %s is %s in %s from now on (table tables/cost_type.csv of this site). Drop the ERP's lists again: rows with that word were refused before.\n",
		    c->argv[1], c->opt[O_ERP_ID], s->erp);
	else
		(void)printf("%s %s is linked to %s %s. What waited for it goes on: erpgate queue\n", c->argv[0],
		    c->argv[1], s->erp, c->opt[O_ERP_ID]);
}

static int
link_one(struct cli *c)
{
	struct eg_err err = { 0 };
	struct site s;
	int code, rc;

	if (c->argc != 2)
		return cli_usage(c, "say which %s, and which record of the ERP it is: KEY --erp-id X", c->argv[0]);
	if (!cli_has(c, O_ERP_ID) || *c->opt[O_ERP_ID] == '\0')
		return cli_usage(c, "say which record of the ERP it is: --erp-id X");
	if (!cli_site(c, SITE_CHANGE, &s, &code))
		return code;
	if (cli_has(c, O_ERP) && strcmp(c->opt[O_ERP], s.erp) != 0)
		code = cli_usage(c, "--erp is \"%s\", but this site's accounting system is %s", c->opt[O_ERP], s.erp);
	else {
		rc = cli_tx(&s, link_once, c, &err);
		if (rc == EG_OK)
			rc = cli_tx(&s, link_settle, NULL, &err);
		code = rc < 0 ? cli_fail(c, &err) : CLI_OK;
		if (rc == EG_OK)
			tell_link(c, &s);
	}
	cli_close(c, &s);
	return code;
}

/* ---- merging ---- */

struct merging {
	const struct cli *c;
	struct eg_arena a;
	struct item first, second;
};

static int
lookup(struct site *s, struct merging *m, const char *what, struct item *ret, struct eg_err *err)
{
	int rc = item_lookup(s->store, what, &m->a, ret, err);

	return rc == EG_EOF ? eg_fail(err, EG_BADREC, "NOT-FOUND",
				  "There is no item %s. See them: erpgate queue --type vendor --all", what) :
	                      rc;
}

static int
merge_once(struct site *s, void *ctx, struct eg_err *err)
{
	struct merging *m = ctx;
	bool apart = m->c->argc == 2;
	int rc = action_allowed(s, ACTION_LINK_COMPANY, NULL, err);

	if (rc == EG_OK)
		rc = lookup(s, m, m->c->argv[1], &m->first, err);
	if (rc == EG_OK && apart)
		return act_unmerge(s, &m->first, m->c->opt[O_REASON], err);
	if (rc == EG_OK)
		rc = lookup(s, m, m->c->argv[2], &m->second, err);
	return rc == EG_OK ? act_merge(s, &m->first, &m->second, m->c->opt[O_REASON], err) : rc;
}

static int
link_merge(struct cli *c)
{
	bool apart = strcmp(c->argv[0], "unmerge") == 0;
	struct merging m = { .c = c };
	struct eg_err err = { 0 };
	struct site s;
	int code, rc;

	if (c->argc != (apart ? 2 : 3))
		return cli_usage(c, apart ? "name the company that was merged into another one" :
					    "name the company that stays and the one that is merged into it");
	if (!cli_site(c, SITE_CHANGE, &s, &code))
		return code;
	eg_arena_init(&m.a, 1 << 20);
	rc = cli_tx(&s, merge_once, &m, &err);
	if (rc == EG_OK)
		rc = cli_tx(&s, link_settle, NULL, &err);
	code = rc < 0 ? cli_fail(c, &err) : CLI_OK;
	if (rc == EG_OK && cli_has(c, O_JSON))
		cli_json(apart ?
			     json_pack("{s:s,s:s}", "type", "unmerge", "item", m.first.iid) :
			     json_pack("{s:s,s:s,s:s}", "type", "merge", "item", m.second.iid, "kept", m.first.iid));
	else if (rc == EG_OK && apart)
		(void)printf("%s stands by itself again. See it: erpgate show %s\n", m.first.iid, m.first.iid);
	else if (rc == EG_OK)
		(void)printf(
		    "%s is one with %s from now on: what names the first goes to the second. What has left stays as it left. Undo: erpgate link unmerge %s\n",
		    m.second.iid, m.first.iid, m.second.iid);
	eg_arena_done(&m.a);
	cli_close(c, &s);
	return code;
}

/* ---- the links there are ---- */

struct listing {
	struct site *s;
	struct cli *c;
	struct cli_table *table;
	const char *kind;
	unsigned links, merges;
};

static int
list_link(void *ctx, const struct item *it, struct eg_err *err)
{
	struct listing *l = ctx;
	bool vendor = it->type->id == REC_VENDOR;
	char *iid = it->erp_id == NULL ? NULL : eg_xprintf("erp-%s/%s", vendor ? "vendor" : "project", it->erp_id);
	const char *cells[] = { it->iid, it->title, it->erp_id, "", state_title(it->state) };
	struct eg_arena a;
	struct item erp;
	int rc;

	if (iid == NULL)
		return EG_OK;
	eg_arena_init(&a, 1 << 18);
	rc = item_find(l->s->store, iid, &a, &erp, err);
	if (rc == EG_OK && erp.title != NULL)
		cells[3] = erp.title;
	if (rc >= 0) {
		l->links++;
		if (cli_has(l->c, O_JSON))
			cli_json(json_pack("{s:s,s:s,s:s,s:o,s:s,s:o,s:s}", "type", "link", "kind", it->type->name,
			    "item", it->iid, "name", cli_str(it->title), "erp_id", it->erp_id, "erp_name",
			    rc == EG_OK ? cli_str(erp.title) : json_null(), "state", state_word(it->state)));
		else
			cli_table_row(l->table, cells);
	}
	eg_arena_done(&a);
	free(iid);
	return rc < 0 ? rc : EG_OK;
}

static int
list_merge(void *ctx, const struct merge *m, struct eg_err *err)
{
	struct listing *l = ctx;
	char when[EG_TIME_TEXT];

	(void)err;
	l->merges++;
	eg_time_print(when, m->at);
	if (cli_has(l->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "type", "merge", "item", m->gone, "kept", m->kept,
		    "actor", m->actor, "time", when, "reason", m->reason));
	else
		(void)printf("%s is one with %s (%s, %s%s%s)\n", m->gone, m->kept, m->actor, when,
		    *m->reason != '\0' ? ": " : "", m->reason);
	return EG_OK;
}

static int
list_all(struct listing *l, struct eg_err *err)
{
	static const enum rec_id types[] = { REC_VENDOR, REC_PROJECT };
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < 2; i++) {
		struct item_filter f = { .type = rec_type(types[i]), .states = 1U << ST_SYNCED };

		if (l->kind == NULL || strcmp(l->kind, f.type->name) == 0)
			rc = item_each(l->s->store, &f, list_link, l, err);
	}
	if (l->table != NULL)
		cli_table_print(l->table);
	if (rc == EG_OK && (l->kind == NULL || strcmp(l->kind, "vendor") == 0))
		rc = merge_each(l->s->store, NULL, list_merge, l, err);
	if (rc == EG_OK && cli_has(l->c, O_JSON))
		cli_json(
		    json_pack("{s:s,s:i,s:i}", "type", "summary", "links", (int)l->links, "merges", (int)l->merges));
	else if (rc == EG_OK && !cli_has(l->c, O_QUIET))
		(void)fprintf(stderr, "%u links, %u merges. What may belong together: erpgate link suggest\n", l->links,
		    l->merges);
	return rc;
}

static int
link_list(struct cli *c)
{
	static const char *const titles[] = { "ITEM", "NAME", "ERP ID", "NAME IN THE ERP", "STATE" };
	struct listing l = { .c = c };
	struct eg_err err = { 0 };
	struct site s;
	int code, rc;

	if (!link_kind(c, 1, &l.kind, &code) || !cli_site(c, SITE_LOOK, &s, &code))
		return code;
	l.s = &s;
	if (!cli_has(c, O_JSON))
		l.table = cli_table_new(titles, 5, 0);
	rc = list_all(&l, &err);
	code = rc < 0 ? cli_fail(c, &err) : CLI_OK;
	site_close(&s);
	return code;
}

/* ---- entry ---- */

int
cmd_link(struct cli *c)
{
	static const struct {
		const char *word;
		int (*run)(struct cli *c);
	} verbs[] = { { "vendor", link_one }, { "project", link_one }, { "code", link_one },
		{ "suggest", link_suggest }, { "all", link_many }, { "archive-rest", link_archive_rest },
		{ "merge", link_merge }, { "unmerge", link_merge }, { "list", link_list } };

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(c->argv[0], verbs[i].word) == 0)
			return verbs[i].run(c);
	return cli_usage(c, "there is nothing called \"%s\" to link", c->argv[0]);
}
