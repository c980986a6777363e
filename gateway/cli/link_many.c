/* SPDX-License-Identifier: MIT
 *
 * link suggest, all and archive-rest: what may belong together, told or written as an approval sheet; every unambiguous exact pair linked; what is left of
 * the ERP's vendors hidden. Link first, import second, archive the rest (V4). Ambiguous pairs are told and never guessed.
 */
#include "gateway/cli/link.h"
#include "gateway/cli/sheet.h"
#include "gateway/workflow/suggest.h"
#include "gateway/workflow/workflow.h"

static const char *const both_kinds[] = { "vendor", "project" };

static bool
wanted(const char *kind, size_t i)
{
	return kind == NULL || strcmp(kind, both_kinds[i]) == 0;
}

/* ---- suggest ---- */

struct suggesting {
	struct cli *c;
	struct suggestions *found; /* for the sheet */
	unsigned count[SCORE_EXACT + 1];
	unsigned without;
	struct eg_buf comment;
};

static json_t *
pair_json(const char *type, const char *kind, const struct suggestion *x)
{
	return json_pack("{s:s,s:s,s:s,s:s,s:o,s:s,s:s,s:o,s:s,s:s,s:b}", "type", type, "kind", kind, "item",
	    x->own->iid, "key", x->own->key, "name", cli_str(x->own->name), "erp_item", x->erp->iid, "erp_id",
	    x->erp->key, "erp_name", cli_str(x->erp->name), "score", suggest_word(x->score), "reason", x->reason,
	    "alone", x->alone);
}

static void
tell_pairs(struct suggesting *t, const char *kind, const struct suggestions *s)
{
	static const char *const titles[] = { "SCORE", "KEY", "NAME", "ERP ID", "NAME IN THE ERP", "WHY" };
	struct cli_table *table = cli_has(t->c, O_JSON) ? NULL : cli_table_new(titles, 6, 0);
	const struct party *last = NULL;

	t->without += (unsigned)s->nown;
	for (size_t i = 0; i < s->n; i++) {
		const struct suggestion *x = &s->v[i];
		char *why = eg_xprintf("%s%s", x->reason,
		    x->score == SCORE_EXACT && !x->alone ? "; not the only one: a person decides" : "");
		const char *cells[] = { suggest_word(x->score), x->own->key, x->own->name, x->erp->key, x->erp->name,
			why };

		t->count[x->score]++;
		t->without -= x->own != last;
		last = x->own;
		if (table == NULL)
			cli_json(pair_json("suggestion", kind, x));
		else
			cli_table_row(table, cells);
		free(why);
	}
	if (table != NULL)
		cli_table_print(table);
}

static void
tell_count(const struct suggesting *t)
{
	if (cli_has(t->c, O_JSON))
		cli_json(json_pack("{s:s,s:i,s:i,s:i,s:i}", "type", "summary", "exact", (int)t->count[SCORE_EXACT],
		    "likely", (int)t->count[SCORE_LIKELY], "possible", (int)t->count[SCORE_POSSIBLE], "without",
		    (int)t->without));
	else if (!cli_has(t->c, O_QUIET))
		(void)fprintf(stderr,
		    "%u exact, %u likely, %u possible; %u have nothing like them in the ERP.\nLink the exact ones: erpgate link all --dry-run. Decide about all: erpgate link suggest -o links.csv\n",
		    t->count[SCORE_EXACT], t->count[SCORE_LIKELY], t->count[SCORE_POSSIBLE], t->without);
}

/* The surest candidate is filled in; the word Link only where nothing is left to judge. The others stand in the comment. */
static bool
pick(void *ctx, const char *iid, struct sheet_preset *ret)
{
	struct suggesting *t = ctx;
	const struct suggestion *best = NULL;

	for (size_t i = 0; i < t->found->n; i++) {
		const struct suggestion *x = &t->found->v[i];

		if (strcmp(x->own->iid, iid) != 0)
			continue;
		if (best == NULL) {
			best = x;
			eg_buf_clear(&t->comment);
			eg_buf_printf(&t->comment, "%s: %s, %s", suggest_word(x->score),
			    x->erp->name != NULL ? x->erp->name : x->erp->key, x->reason);
		} else
			eg_buf_printf(&t->comment, "; or %s %s (%s)", x->erp->key,
			    x->erp->name != NULL ? x->erp->name : "", suggest_word(x->score));
	}
	if (best == NULL)
		return false;
	*ret = (struct sheet_preset){ .decision = best->score == SCORE_EXACT && best->alone ? "Link" : NULL,
		.comment = eg_buf_cstr(&t->comment),
		.erp_id = best->erp->key };
	return true;
}

struct sheet_job {
	struct suggesting *t;
	const char *kind;
	enum sheet_form form;
	struct eg_buf out;
	unsigned rows;
	char id[16];
};

static int
make_sheet(struct site *s, void *ctx, struct eg_err *err)
{
	struct sheet_job *j = ctx;
	struct sheet_filter f = { .type = j->kind, .pick = pick, .pick_ctx = j->t };

	return sheet_write(s, j->form, &f, &j->out, &j->rows, j->id, err);
}

static int
suggest_sheet(struct cli *c, struct site *s, const char *kind, struct eg_err *err)
{
	const char *path = c->opt[O_OUTPUT];
	struct suggestions found;
	struct suggesting t = { .c = c, .found = &found, .comment = EG_BUF_INIT };
	struct sheet_job j = { .t = &t, .kind = kind, .out = EG_BUF_INIT };
	int rc = suggest(s, kind, &found, err);

	if (rc != EG_OK)
		return rc;
	j.form = cli_sheet_form(eg_bytes_str(path));
	rc = cli_tx(s, make_sheet, &j, err);
	if (rc == EG_OK)
		rc = cli_write_to(path, eg_buf_view(&j.out), 0644, err);
	if (rc == EG_OK && !cli_has(c, O_QUIET))
		(void)fprintf(stderr,
		    "%s: sheet %s with %u rows. Rows that are certain say Link; write Link into those you agree with, correct the ERP ID where another is right,\nsave, sign (erpgate-sign KEY.pem FILE), then: erpgate decide %s\n",
		    path, j.id, j.rows, path);
	suggestions_free(&found);
	eg_buf_done(&j.out);
	eg_buf_done(&t.comment);
	return rc;
}

static int
suggest_screen(struct cli *c, struct site *s, const char *kind, struct eg_err *err)
{
	struct suggesting t = { .c = c };
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < 2; i++) {
		struct suggestions found;

		if (!wanted(kind, i))
			continue;
		rc = suggest(s, both_kinds[i], &found, err);
		if (rc != EG_OK)
			break;
		tell_pairs(&t, both_kinds[i], &found);
		suggestions_free(&found);
	}
	if (rc == EG_OK)
		tell_count(&t);
	return rc;
}

int
link_suggest(struct cli *c)
{
	struct eg_err err = { 0 };
	const char *kind;
	struct site s;
	int code, rc;

	if (!link_kind(c, 1, &kind, &code) || !cli_site(c, cli_has(c, O_OUTPUT) ? SITE_CHANGE : SITE_LOOK, &s, &code))
		return code;
	rc = cli_has(c, O_OUTPUT) ? suggest_sheet(c, &s, kind == NULL ? "vendor" : kind, &err) :
	                            suggest_screen(c, &s, kind, &err);
	cli_close(c, &s);
	return rc < 0 ? cli_fail(c, &err) : CLI_OK;
}

/* ---- all ---- */

struct many {
	struct cli *c;
	const char *kind;
	const struct suggestion *pair;
	unsigned done, ambiguous, refused;
};

static int
link_pair(struct site *s, void *ctx, struct eg_err *err)
{
	const struct many *m = ctx;

	return act_link(s, m->kind, m->pair->own->iid, m->pair->erp->key, err);
}

static void
tell_pair(const struct many *m, bool linked)
{
	const struct suggestion *x = m->pair;
	bool dry = cli_has(m->c, O_DRY_RUN);

	if (cli_has(m->c, O_JSON)) {
		json_t *j = pair_json(linked ? "link" : "ambiguous", m->kind, x);

		json_object_set_new(j, "dry_run", json_boolean(dry));
		cli_json(j);
	} else if (linked)
		(void)printf("%s%s = %s  %s\n", dry ? "would link " : "", x->own->iid, x->erp->iid,
		    x->own->name != NULL ? x->own->name : "");
	else
		(void)printf(
		    "ambiguous: %s = %s?  %s: more than one of that name. Decide: erpgate link %s %s --erp-id …\n",
		    x->own->iid, x->erp->iid, x->own->name != NULL ? x->own->name : "", m->kind, x->own->key);
}

/* Each link is a transaction and a log entry; one that is refused (it became another's meanwhile) takes nothing back from the others. */
static void
link_exact(struct many *m, struct site *s, const struct suggestions *found)
{
	for (size_t i = 0; i < found->n; i++) {
		struct eg_err err = { 0 };

		m->pair = &found->v[i];
		if (m->pair->score != SCORE_EXACT)
			continue;
		if (!m->pair->alone) {
			m->ambiguous++;
			tell_pair(m, false);
		} else if (!cli_has(m->c, O_DRY_RUN) && cli_tx(s, link_pair, m, &err) < 0) {
			m->refused++;
			(void)cli_fail(m->c, &err);
		} else {
			m->done++;
			tell_pair(m, true);
		}
	}
}

static int
link_kinds(struct many *m, struct site *s, const char *kind, struct eg_err *err)
{
	int rc = action_allowed(s, ACTION_LINK_COMPANY, NULL, err);

	for (size_t i = 0; rc == EG_OK && i < 2; i++) {
		struct suggestions found;

		if (!wanted(kind, i))
			continue;
		m->kind = both_kinds[i];
		rc = suggest(s, m->kind, &found, err);
		if (rc != EG_OK)
			break;
		link_exact(m, s, &found);
		suggestions_free(&found);
	}
	if (rc == EG_OK && m->done > 0 && !cli_has(m->c, O_DRY_RUN))
		rc = cli_tx(s, link_settle, NULL, err);
	return rc;
}

int
link_many(struct cli *c)
{
	struct many m = { .c = c };
	struct eg_err err = { 0 };
	const char *kind;
	struct site s;
	int code, rc;

	if (!link_kind(c, 1, &kind, &code) || !cli_site(c, SITE_CHANGE, &s, &code))
		return code;
	rc = link_kinds(&m, &s, kind, &err);
	if (rc == EG_OK && cli_has(c, O_JSON))
		cli_json(json_pack("{s:s,s:i,s:i,s:i,s:b}", "type", "summary", "linked", (int)m.done, "ambiguous",
		    (int)m.ambiguous, "refused", (int)m.refused, "dry_run", cli_has(c, O_DRY_RUN)));
	else if (rc == EG_OK && !cli_has(c, O_QUIET))
		(void)fprintf(stderr,
		    "%u %s, %u pairs ambiguous. Names that are nearly the same: erpgate link suggest\n", m.done,
		    cli_has(c, O_DRY_RUN) ? "would be linked" : "linked", m.ambiguous);
	cli_close(c, &s);
	return rc < 0 ? cli_fail(c, &err) : m.refused > 0 ? CLI_PARTIAL : CLI_OK;
}

/* ---- archive-rest ---- */

struct rest {
	struct cli *c;
	char **iid;
	size_t n;
	const char *at;
};

static int
rest_each(void *ctx, const struct item *it, struct eg_err *err)
{
	struct rest *r = ctx;

	(void)err;
	r->iid = eg_xrealloc(r->iid, (r->n + 1) * sizeof(*r->iid));
	r->iid[r->n++] = eg_xstrdup(it->iid);
	return EG_OK;
}

static int
archive_one(struct site *s, void *ctx, struct eg_err *err)
{
	const struct rest *r = ctx;
	struct eg_arena a;
	struct item it;
	int rc;

	eg_arena_init(&a, 1 << 18);
	rc = item_find(s->store, r->at, &a, &it, err);
	if (rc == EG_OK)
		rc = act_archive(s, &it, true, err);
	eg_arena_done(&a);
	return rc == EG_EOF ? EG_OK : rc;
}

static int
archive_rest(struct rest *r, struct site *s, struct eg_err *err)
{
	struct item_filter f = { .type = rec_type(REC_ERP_VENDOR), .states = 1U << ST_IMPORTABLE };
	bool dry = cli_has(r->c, O_DRY_RUN);
	int rc = action_allowed(s, ACTION_ARCHIVE_COMPANY, NULL, err);

	if (rc == EG_OK)
		rc = item_each(s->store, &f, rest_each, r, err);
	for (size_t i = 0; rc == EG_OK && i < r->n; i++) {
		r->at = r->iid[i];
		rc = dry ? EG_OK : cli_tx(s, archive_one, r, err);
		if (rc == EG_OK && cli_has(r->c, O_JSON))
			cli_json(json_pack(
			    "{s:s,s:s,s:s,s:b}", "type", "act", "act", "archive", "item", r->at, "dry_run", dry));
		else if (rc == EG_OK)
			(void)printf("%s%s\n", dry ? "would archive " : "archived ", r->at);
	}
	return rc;
}

int
link_archive_rest(struct cli *c)
{
	struct rest r = { .c = c };
	struct eg_err err = { 0 };
	struct site s;
	int code, rc;

	if (c->argc != 1)
		return cli_usage(c, "archive-rest takes no more words");
	if (!cli_site(c, SITE_CHANGE, &s, &code))
		return code;
	rc = archive_rest(&r, &s, &err);
	if (rc == EG_OK && cli_has(c, O_JSON))
		cli_json(json_pack(
		    "{s:s,s:i,s:b}", "type", "summary", "archived", (int)r.n, "dry_run", cli_has(c, O_DRY_RUN)));
	else if (rc == EG_OK && !cli_has(c, O_QUIET))
		(void)fprintf(stderr,
		    "%zu vendors of the ERP %s hidden here; nothing changes in the ERP. Bring one back: erpgate unarchive erp-vendor/…\n",
		    r.n, cli_has(c, O_DRY_RUN) ? "would be" : "are");
	for (size_t i = 0; i < r.n; i++)
		free(r.iid[i]);
	free(r.iid);
	cli_close(c, &s);
	return rc < 0 ? cli_fail(c, &err) : CLI_OK;
}
