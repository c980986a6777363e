/* SPDX-License-Identifier: MIT
 *
 * adapters diff NAME OLD NEW --on BATCH|DROP: what a change of an adapter would have changed. A batch's items are written again with both, with the revisions
 * and decisions that left in it and the settings and links of today; a drop is read again with both. Nothing is written to the site.
 *
 * OLD and NEW: a file, `now` (what is in force), @N (version N) or the first digits of a SHA-256, the latter two from sealed bundles.
 */
#include "gateway/cli/adapters_diff.h"

#include "base/fs.h"
#include "base/ini.h"
#include "base/limits.h"
#include "formats/csv_write.h"
#include "spool/bundle.h"

#include <fcntl.h>
#include <unistd.h>

#define MEM ((size_t)2 << 30)
#define SHOWN 200 /* changes printed for a person; --csv and --json give all */

/* ---- the two adapters ---- */

static unsigned
version_in(struct eg_bytes text)
{
	struct eg_ini ini;
	struct eg_ini_line l;
	struct eg_err unused;
	uint64_t n = 0;
	int rc;

	eg_ini_init(&ini, text);
	while ((rc = eg_ini_next(&ini, &l, &unused)) != EG_EOF)
		if (rc == EG_OK && l.kind == EG_INI_ENTRY && eg_bytes_is(l.key, "version") &&
		    eg_bytes_to_u64(l.value, &n))
			break;
	return (unsigned)n;
}

struct search {
	struct diffing *x;
	struct version *v;
	uint64_t number; /* @N */
	unsigned found; /* different texts */
	struct eg_buf seen; /* their digests */
};

static bool
wanted(const struct search *q, struct eg_bytes text, const char *sha)
{
	if (q->v->asked[0] == '@')
		return version_in(text) == q->number;
	return eg_bytes_starts(eg_bytes_str(sha), eg_bytes_str(q->v->asked));
}

static void
offer(struct search *q, struct eg_bytes text, const char *where)
{
	char sha[EG_SHA256_HEX];

	eg_sha256_hex_of(text, sha);
	if (!wanted(q, text, sha) || eg_bytes_find(eg_buf_view(&q->seen), eg_bytes(sha, 12)) < q->seen.len)
		return;
	eg_buf_printf(&q->seen, "%s%.12s", q->found > 0 ? ", " : "", sha);
	if (q->found++ > 0)
		return;
	eg_buf_add(&q->v->text, text);
	q->v->file = eg_xprintf("%s (%s)", q->x->name, where);
}

static int
each_bundle(void *ctx, const struct bundle_row *b, struct eg_err *err)
{
	struct search *q = ctx;
	char *member = eg_xprintf("data/adapters/%s.adapter", q->x->name);
	struct eg_buf text = { .max = EG_LIMIT_ADAPTER_BYTES + 2 };
	int rc = EG_OK;

	if (strcmp(b->kind, q->x->out ? "batch" : "drop") == 0)
		rc = bundle_extract(&q->x->s->spool, b->path, member, &text, err);
	if (rc == EG_OK && text.len > 0)
		offer(q, eg_buf_view(&text), b->id);
	if (rc == EG_BADFILE && strcmp(err->code, "NO-MEMBER") == 0)
		rc = EG_OK; /* that bundle did without the adapter */
	eg_buf_done(&text);
	free(member);
	return rc;
}

static int
from_bundles(struct diffing *x, struct version *v, struct eg_err *err)
{
	struct search q = { .x = x, .v = v, .seen = EG_BUF_INIT };
	const struct adp *now = adp_set_named(x->s->adapters, x->name);
	struct eg_bytes digits = eg_bytes_str(v->asked);
	int rc = EG_OK;

	if (v->asked[0] == '@' && !eg_bytes_to_u64(eg_bytes_sub(digits, 1, digits.len), &q.number))
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "\"%s\" is no version. Versions look like @2", v->asked);
	if (rc == EG_OK)
		offer(&q, adp_info(now)->text, "in force");
	if (rc == EG_OK)
		rc = bundle_row_each(x->s->store, NULL, each_bundle, &q, err);
	if (rc == EG_OK && q.found == 0)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND",
		    "No sealed %s was made with %s %s, and it is no file. In force is version %u (sha256 %.12s).",
		    x->out ? "batch" : "drop", x->name, v->asked, adp_info(now)->version, adp_info(now)->sha256);
	if (rc == EG_OK && q.found > 1)
		rc = eg_fail(err, EG_BADREC, "AMBIGUOUS",
		    "%s %s had several texts: sha256 %s. Name one by its first digits.", x->name, v->asked,
		    eg_buf_cstr(&q.seen));
	eg_buf_done(&q.seen);
	return rc;
}

static int
find_version(struct diffing *x, struct version *v, struct eg_err *err)
{
	const struct adp *now = adp_set_named(x->s->adapters, x->name);
	int rc = EG_OK;

	v->text.max = EG_LIMIT_ADAPTER_BYTES + 2;
	if (strcmp(v->asked, "now") == 0) {
		eg_buf_add(&v->text, adp_info(now)->text);
		v->file = eg_xstrdup(adp_info(now)->file);
	} else if (v->asked[0] != '@' && access(v->asked, F_OK) == 0) {
		v->file = eg_xstrdup(v->asked);
		rc = eg_fs_read_file(AT_FDCWD, v->asked, EG_LIMIT_ADAPTER_BYTES, &v->text, err);
	} else
		rc = from_bundles(x, v, err);
	if (rc < 0)
		return rc;
	eg_sha256_hex_of(eg_buf_view(&v->text), v->sha);
	v->number = version_in(eg_buf_view(&v->text));
	struct tools_case k = { .dir = -1, .must = x->name, .file = v->file, .text = eg_buf_view(&v->text) };
	v->made = true;
	rc = tools_case(x->s, &k, &v->site, err);
	if (rc == EG_OK)
		v->a = adp_set_named(v->site.adapters, x->name);
	if (rc == EG_OK && (v->a == NULL || strcmp(adp_info(v->a)->sha256, v->sha) != 0))
		rc = eg_fail(err, EG_BADFILE, "ADP-VALUE", "%s is not a text of the adapter %s: it has another name",
		    v->file, x->name);
	return rc;
}

/* ---- telling ---- */

static const char *
shown(const struct cell_change *c, const char *v)
{
	return v == NULL ? "" : c->masked ? "(not shown)" : v;
}

static void
put_csv(const char *const *cells, size_t n)
{
	struct fmt_csv_style style = { .lf = true, .for_people = true };
	struct eg_bytes v[6];
	struct eg_buf b = EG_BUF_INIT;
	struct eg_err unused;

	for (size_t i = 0; i < n && i < 6; i++)
		v[i] = eg_bytes_str(cells[i]);
	if (fmt_csv_row(&style, v, n, &b, &unused) == EG_OK)
		(void)fputs(eg_buf_cstr(&b), stdout);
	eg_buf_done(&b);
}

static void
tell_change(void *ctx, const struct cell_change *c)
{
	struct diffing *x = ctx;
	const char *what = c->column[0] != '\0' ? "cell" : c->was == NULL ? "row added" : "row gone";
	const char *cells[] = { what, c->key, c->column, shown(c, c->was), shown(c, c->is) };

	if (cli_has(x->c, O_JSON)) {
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:o,s:o}", "type", "change", "what", what, "row", c->key, "column",
		    c->column, "old", c->was == NULL ? json_null() : json_string(shown(c, c->was)), "new",
		    c->is == NULL ? json_null() : json_string(shown(c, c->is))));
		return;
	}
	if (cli_has(x->c, O_CSV)) {
		put_csv(cells, 5);
		return;
	}
	if (x->changes++ >= SHOWN)
		return;
	if (c->column[0] == '\0')
		(void)printf("%-44s %s\n", c->key, c->was == NULL ? "is a row more" : "is gone");
	else
		(void)printf("%-44s %-24s %s%s%s -> %s%s%s\n", c->key, c->column, c->was == NULL ? "" : "\"",
		    c->was == NULL ? "no such column" : shown(c, c->was), c->was == NULL ? "" : "\"",
		    c->is == NULL ? "" : "\"", c->is == NULL ? "no such column" : shown(c, c->is),
		    c->is == NULL ? "" : "\"");
}

static void
tell_money(void *ctx, const struct cell_money *m)
{
	struct diffing *x = ctx;
	struct eg_buf amount = EG_BUF_INIT;

	eg_dec_print(&amount, m->diff, 2);
	const char *cells[] = { "money", m->project, m->column, m->account, eg_buf_cstr(&amount) };
	if (cli_has(x->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s}", "type", "money", "column", m->column, "project", m->project,
		    "account", m->account, "difference", eg_buf_cstr(&amount)));
	else if (cli_has(x->c, O_CSV))
		put_csv(cells, 5);
	else
		(void)printf("Money  %-24s project %-12s account %-16s %s%s\n", m->column, m->project, m->account,
		    m->diff.coef > 0 ? "+" : "", eg_buf_cstr(&amount));
	eg_buf_done(&amount);
}

static int
told(struct diffing *x, const struct version *was, const struct version *is, const struct cell_counts *n)
{
	bool same = n->cells + n->more + n->fewer == 0;

	if (cli_has(x->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:I,s:b}", "type", "summary", "adapter", x->name,
		    "on", x->on, "old", was->sha, "new", is->sha, "cells", (json_int_t)n->cells, "rows",
		    (json_int_t)n->rows, "added", (json_int_t)n->more, "gone", (json_int_t)n->fewer, "same", same));
	else if (!cli_has(x->c, O_CSV) && same)
		(void)printf("Both make the same of %s: %zu rows.\n", x->on, is->cells.n);
	else if (!cli_has(x->c, O_CSV)) {
		if (x->changes > SHOWN)
			(void)printf("… and %zu more; all of them: --csv\n", x->changes - SHOWN);
		(void)printf("%zu cell%s of %zu row%s changed, %zu row%s more, %zu fewer. Nothing was written.\n",
		    n->cells, n->cells == 1 ? "" : "s", n->rows, n->rows == 1 ? "" : "s", n->more,
		    n->more == 1 ? "" : "s", n->fewer);
	}
	return same ? CLI_OK : CLI_PARTIAL;
}

static int
diff(struct diffing *x, struct version *was, struct version *is, int *ret_code, struct eg_err *err)
{
	static const char *const head[] = { "what", "row", "column", "old", "new" };
	struct cell_counts n;
	int rc = find_version(x, was, err);

	if (rc == EG_OK)
		rc = find_version(x, is, err);
	if (rc == EG_OK && (x->on[0] == 'B') != x->out)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "%s is an adapter %s; compare it on a %s (%s)", x->name,
		    x->out ? "out" : "in", x->out ? "batch" : "drop", x->out ? "B000012" : "D000012");
	if (rc == EG_OK)
		rc = x->out ? diff_batch(x, was, is, err) : diff_drop(x, was, is, err);
	if (rc < 0)
		return rc;
	if (cli_has(x->c, O_CSV))
		put_csv(head, 5);
	else if (!cli_has(x->c, O_JSON))
		(void)printf("%s: version %u (sha256 %.12s) against version %u (sha256 %.12s), on %s\n", x->name,
		    was->number, was->sha, is->number, is->sha, x->on);
	cell_compare(&was->cells, &is->cells, tell_change, tell_money, x, &n);
	*ret_code = told(x, was, is, &n);
	return EG_OK;
}

static void
version_done(struct version *v)
{
	if (v->made)
		tools_case_done(&v->site);
	cell_table_done(&v->cells);
	eg_buf_done(&v->text);
	free(v->file);
}

int
adapters_diff(struct cli *c)
{
	struct version was = { .asked = c->argv[2] }, is = { .asked = c->argv[3] };
	struct diffing x = { .c = c, .name = c->argv[1], .on = c->opt[O_ON] };
	struct eg_err err = { 0 };
	struct site s;
	int code;

	if (x.on == NULL)
		return cli_usage(c, "say on what: --on B000012 (a batch) or --on D000012 (a drop)");
	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	x.s = &s;
	eg_arena_init(&x.arena, MEM);
	eg_arena_init(&x.doc_arena, MEM);
	x.doc.a = &x.doc_arena;
	const struct adp *a = adp_set_named(s.adapters, x.name);
	x.out = a != NULL && adp_info(a)->out;
	if (a == NULL)
		code = tools_no_adapter(c, s.adapters, x.name);
	else if (diff(&x, &was, &is, &code, &err) < 0)
		code = cli_fail(c, &err);
	version_done(&was);
	version_done(&is);
	for (size_t i = 0; i < x.n; i++)
		free(x.iid[i]);
	free(x.iid);
	free(x.record);
	document_done(&x.doc);
	eg_arena_done(&x.doc_arena);
	eg_arena_done(&x.arena);
	site_close(&s);
	return code;
}
