/* SPDX-License-Identifier: MIT
 *
 * adapters diff NAME OLD NEW --on BATCH|DROP: what a change of an adapter would have changed. A batch's items are written again with both, with the revisions
 * and decisions that left in it and the settings and links of today; a drop is read again with both. Nothing is written to the site.
 *
 * OLD and NEW: a file, `now` (what is in force), @N (version N) or the first digits of a SHA-256, the latter two from sealed bundles.
 */
#include "gateway/cli/tools.h"

#include "adapters/tools.h"
#include "base/fs.h"
#include "base/ini.h"
#include "base/limits.h"
#include "formats/csv_write.h"
#include "gateway/cli/cell_table.h"
#include "gateway/cli/document.h"
#include "gateway/workflow/workflow.h"
#include "spool/bundle.h"

#include <fcntl.h>
#include <unistd.h>

#define MEM ((size_t)2 << 30)
#define SHOWN 200 /* changes printed for a person; --csv and --json give all */

struct version { /* one of the two adapters */
	const char *asked;
	struct eg_buf text;
	char *file; /* for messages */
	char sha[EG_SHA256_HEX];
	unsigned number;
	struct site site; /* with it instead of the one in force */
	bool made;
	const struct adp *a;
	struct cell_table cells;
};

struct diffing {
	struct cli *c;
	struct site *s;
	const char *name, *on;
	bool out; /* direction of the adapter */
	struct eg_arena arena;
	const struct rec **record; /* of the batch */
	char **iid;
	size_t n, shown, changes;
	/* while writing or reading */
	struct version *v;
	struct eg_arena doc_arena;
	struct document doc;
};

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
	if (!wanted(q, text, sha) ||
	    eg_bytes_find(eg_buf_view(&q->seen), eg_bytes(sha, 12)) < q->seen.len)
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
	struct tools_case k = { .dir = -1, .file = v->file, .text = eg_buf_view(&v->text) };
	v->made = true;
	rc = tools_case(x->s, &k, &v->site, err);
	if (rc == EG_OK)
		v->a = adp_set_named(v->site.adapters, x->name);
	if (rc == EG_OK && (v->a == NULL || strcmp(adp_info(v->a)->sha256, v->sha) != 0))
		rc = eg_fail(err, EG_BADFILE, "ADP-VALUE", "%s is not a text of the adapter %s: it has another name",
		    v->file, x->name);
	return rc;
}

/* ---- rows ---- */

static struct eg_bytes
field(const struct rec *r, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool line;
		int f = rec_field_named(r->type, eg_bytes_str(names[i]), &line);

		if (f >= 0 && !line && r->head[f].state == RV_VALUE)
			return r->head[f].text;
	}
	return EG_NONE;
}

static struct eg_bytes
line_field(const struct rec *r, size_t line, const char *name)
{
	bool of_line;
	int f = rec_field_named(r->type, eg_bytes_str(name), &of_line);

	if (f < 0 || !of_line || line == 0 || line > r->nlines)
		return EG_NONE;
	return r->lines[(line - 1) * r->type->nline + (size_t)f].text;
}

static char *
project_of(const struct rec *r)
{
	static const char *const names[] = { "link.project_number", "project.number", "project.origin_code" };

	return eg_xdup(field(r, names, 3));
}

/* Cost code and type of the line, or of the record. line: first is 1, 0 = none. */
static char *
account_of(const struct rec *r, size_t line)
{
	static const char *const codes[] = { "jobcost.cost_code", "cost.cost_code", "code.cost_code" },
				 *const kinds[] = { "jobcost.cost_type", "cost.cost_type", "code.cost_type" };
	struct eg_bytes code = line_field(r, line, "line.cost_code"), type = line_field(r, line, "line.cost_type");

	if (code.len == 0) {
		code = line_field(r, line, "target.cost_code");
		type = line_field(r, line, "target.cost_type");
	}
	if (code.len == 0) {
		code = field(r, codes, 3);
		type = field(r, kinds, 3);
	}
	return eg_xprintf("%.*s%s%.*s", EG_FMT(code), type.len > 0 ? "/" : "", EG_FMT(type));
}

/* What orders the lines of the type says which line it is; else its place. */
static char *
row_key(const struct rec *r, const char *iid, size_t line, const char *rows)
{
	struct eg_buf b = EG_BUF_INIT;
	char *key;

	eg_buf_str(&b, iid);
	if (line > 0)
		eg_buf_str(&b, " line ");
	if (line > 0 && r->type->nline_key == 0)
		eg_buf_u64(&b, line);
	for (unsigned i = 0; line > 0 && i < r->type->nline_key; i++) {
		struct eg_bytes part = line_field(r, line, r->type->line_key[i]);
		if (i > 0 && part.len > 0)
			eg_buf_chr(&b, '/');
		eg_buf_escaped(&b, part);
	}
	if (*rows != '\0')
		eg_buf_printf(&b, " [%s]", rows);
	key = eg_xstrdup(eg_buf_cstr(&b));
	eg_buf_done(&b);
	return key;
}

static struct cell_row *
add_row(struct version *v, const struct rec *r, const char *iid, size_t line, const char *rows)
{
	char *key = row_key(r, iid, line, rows), *project = project_of(r), *account = account_of(r, line);
	struct cell_row *row = cell_table_row(&v->cells, key, project, account);

	free(key);
	free(project);
	free(account);
	return row;
}

/* ---- a batch ---- */

static int
each_item(void *ctx, const char *batch, int64_t item, int64_t revision, int64_t decision, struct eg_err *err)
{
	struct diffing *x = ctx;
	struct site *s = x->s;
	struct enrich_srcs srcs = { 0 };
	struct decision d;
	struct item it;
	struct rec *r = eg_arena_alloc(&x->arena, sizeof(*r));
	int rc = r == NULL ? eg_fail(err, EG_BADFILE, "LIMIT-MEM", "%s is too large to be compared", batch) :
	                     item_get(s->store, item, &x->arena, &it, err);

	if (rc == EG_OK && !adp_writes(adp_set_named(s->adapters, x->name), it.type))
		return EG_OK;
	if (rc == EG_OK)
		rc = item_record(s->store, revision, &x->arena, r, err);
	if (rc == EG_OK && decision != 0)
		rc = decision_get(s->store, decision, &x->arena, &d, err);
	it.rev = revision;
	if (rc == EG_OK)
		rc = enrich(s, &it, decision != 0 ? &d : NULL, &x->arena, r, &srcs, err);
	free(srcs.file);
	if (rc == EG_EOF) /* inside the walk it would pass for its end */
		rc = eg_fail(err, EG_FATAL, "DB-CORRUPT", "%s names an item or a decision that is not there", batch);
	if (rc != EG_OK)
		return rc;
	x->record = eg_xrealloc(x->record, (x->n + 1) * sizeof(*x->record));
	x->iid = eg_xrealloc(x->iid, (x->n + 1) * sizeof(*x->iid));
	x->iid[x->n] = eg_xstrdup(it.iid);
	x->record[x->n++] = r;
	return EG_OK;
}

struct writing {
	struct diffing *x;
	size_t *index; /* of the records written, in x->record */
	const char *iid; /* of the record checked */
	const struct rec *record;
	bool refused;
};

static int
on_refusal(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err)
{
	struct writing *w = ctx;

	(void)record;
	(void)err;
	if (f->severity != ADP_REJECT || w->refused)
		return EG_OK;
	w->refused = true;
	char *why = eg_xprintf("%s %s", f->code, f->msg);
	cell_add(add_row(w->x->v, w->record, w->iid, 0, "refused"), *f->field != '\0' ? f->field : "(record)",
	    eg_bytes_str(why), false);
	free(why);
	return EG_OK;
}

static int
on_cells(void *ctx, size_t record, size_t rowset, size_t line, const struct eg_bytes *cells, size_t n, struct eg_err *err)
{
	struct writing *w = ctx;
	size_t i = w->index[record];
	const struct rec_type *t;
	const char *rows;

	(void)err;
	(void)adp_rows_at(w->x->v->a, rowset, &rows, &t);
	struct cell_row *row = add_row(w->x->v, w->x->record[i], w->x->iid[i], line, rows);
	for (size_t k = 0; k < n; k++)
		cell_add(row, adp_column_at(w->x->v->a, rowset, k), cells[k], adp_column_masked(w->x->v->a, rowset, k));
	return EG_OK;
}

static int
no_file(void *ctx, const struct adp *a, struct eg_bytes project, const char *ext, struct eg_err *err)
{
	(void)ctx;
	(void)a;
	(void)project;
	(void)ext;
	(void)err;
	return EG_OK;
}

static int
no_bytes(void *ctx, struct eg_bytes v, struct eg_err *err)
{
	(void)ctx;
	(void)v;
	(void)err;
	return EG_OK;
}

static int
no_row(void *ctx, uint64_t line, size_t record, const struct adp_field_lineage *f, size_t n, struct eg_err *err)
{
	(void)ctx;
	(void)line;
	(void)record;
	(void)f;
	(void)n;
	(void)err;
	return EG_OK;
}

/* What a version refuses at accept is told as such; the rest is written. */
static int
write_batch(struct diffing *x, struct version *v, struct eg_err *err)
{
	struct writing w = { .x = x, .index = eg_xalloc((x->n + 1) * sizeof(*w.index)) };
	const struct rec **good = eg_xalloc((x->n + 1) * sizeof(*good));
	struct adp_out_sink sink = { .file = no_file,
		.bytes = no_bytes,
		.row = no_row,
		.finding = on_refusal,
		.cells = on_cells,
		.ctx = &w };
	struct adp_batch b = { .records = good, .counter = INT64_MIN };
	int rc = EG_OK;

	x->v = v;
	for (size_t i = 0; rc == EG_OK && i < x->n; i++) {
		w.record = x->record[i];
		w.iid = x->iid[i];
		w.refused = false;
		rc = adp_accept_one(v->site.adapters, v->a, x->record[i], &sink, err);
		if (w.refused)
			continue;
		w.index[b.n] = i;
		good[b.n++] = x->record[i];
	}
	w.refused = true; /* what the writing itself refuses stops it, and is its error */
	if (rc == EG_OK)
		rc = adp_write(v->site.adapters, v->a, &b, &sink, err);
	free(good);
	free(w.index);
	return rc;
}

static int
on_batch(struct diffing *x, struct version *was, struct version *is, struct eg_err *err)
{
	struct batch b;
	int rc = batch_get(x->s->store, x->on, &x->arena, &b, err);

	if (rc == EG_EOF)
		return eg_fail(err, EG_BADREC, "NOT-FOUND", "There is no batch %s. See them: erpgate log", x->on);
	if (rc == EG_OK)
		rc = batch_item_each(x->s->store, x->on, 0, each_item, x, err);
	if (rc == EG_OK && x->n == 0)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "%s holds nothing that %s writes. Look: erpgate show %s", x->on,
		    x->name, x->on);
	if (rc == EG_OK)
		rc = write_batch(x, was, err);
	return rc == EG_OK ? write_batch(x, is, err) : rc;
}

/* ---- a drop ---- */

static int
on_begin(void *ctx, const struct rec *head, struct eg_bytes item, struct eg_err *err)
{
	struct diffing *x = ctx;

	(void)item;
	eg_arena_reset(&x->doc_arena);
	return document_begin(&x->doc, head, err);
}

static int
on_line(void *ctx, const struct rec *line, struct eg_err *err)
{
	return document_line(&((struct diffing *)ctx)->doc, line, err);
}

static void
add_values(struct cell_row *row, const struct rec_field *f, const struct rec_val *v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if ((f[i].flags & RF_CONTEXT) == 0)
			cell_add(row, f[i].name, v[i].state == RV_VALUE ? v[i].text : EG_NONE,
			    (f[i].flags & RF_PRIVATE) != 0);
}

static int
on_end(void *ctx, enum adp_verdict verdict, uint64_t off, uint64_t len, struct eg_err *err)
{
	static const char *const words[] = { [ADP_TAKEN] = "taken",
		[ADP_REJECTED] = "rejected",
		[ADP_SKIPPED] = "skipped",
		[ADP_REFUSED] = "refused",
		[ADP_ARCHIVED] = "archived" };
	struct diffing *x = ctx;
	struct eg_buf iid = EG_BUF_INIT;
	struct rec r;
	int rc = document_end(&x->doc, &r, err);

	(void)off;
	(void)len;
	if (rc != EG_OK)
		return rc;
	if (!rec_item_id(&r, &iid))
		eg_buf_printf(&iid, "%s at line %u", r.type->name, r.at.line);
	struct cell_row *row = add_row(x->v, &r, eg_buf_cstr(&iid), 0, "");
	cell_add(row, "(verdict)", eg_bytes_str(words[verdict]), false);
	add_values(row, r.type->head, r.head, r.type->nhead);
	for (size_t i = 0; i < r.nlines; i++)
		add_values(add_row(x->v, &r, eg_buf_cstr(&iid), i + 1, ""), r.type->line,
		    &r.lines[i * r.type->nline], r.type->nline);
	eg_buf_done(&iid);
	return EG_OK;
}

static int
on_finding(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	struct diffing *x = ctx;
	char *key = eg_xprintf("finding line %llu %s", (unsigned long long)f->line, f->code);

	(void)err;
	cell_add(cell_table_row(&x->v->cells, key, NULL, NULL), *f->field != '\0' ? f->field : "(file)",
	    eg_bytes_str(f->msg), false);
	free(key);
	return EG_OK;
}

static int
on_file_begin(void *ctx, const char *member, struct eg_err *err)
{
	(void)ctx;
	(void)member;
	(void)err;
	return EG_OK;
}

static int
on_file_end(void *ctx, const struct worker_file *f, struct eg_err *err)
{
	struct diffing *x = ctx;

	(void)err;
	cell_add(cell_table_row(&x->v->cells, "file", NULL, NULL), f->member,
	    eg_bytes_str(f->adapter == NULL ? "no adapter takes it" : adp_info(f->adapter)->name), false);
	return EG_OK;
}

static int
read_drop(struct diffing *x, struct version *v, const struct drop_row *d, int fd, uint64_t size, struct eg_err *err)
{
	struct worker_sink sink = { on_file_begin, on_begin, on_line, on_end, on_finding, on_file_end, on_finding, x };

	x->v = v;
	return worker_read(&v->site, fd, size, adp_info(v->a)->system, d->name, &sink, err);
}

static int
on_drop(struct diffing *x, struct version *was, struct version *is, struct eg_err *err)
{
	struct drop_row d;
	uint64_t size = 0;
	int fd = -1, rc = store_drop_get(x->s->store, x->on, &x->arena, &d, err);

	if (rc == EG_EOF)
		return eg_fail(err, EG_BADREC, "NOT-FOUND", "There is no drop %s. See them: erpgate log", x->on);
	if (rc == EG_OK)
		rc = tools_original(x->s, &d, &fd, &size, err);
	if (rc == EG_OK)
		rc = read_drop(x, was, &d, fd, size, err);
	if (rc == EG_OK)
		rc = read_drop(x, is, &d, fd, size, err);
	eg_fd_done(&fd);
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
		(void)printf("%zu cell%s of %zu row%s changed, %zu row%s more, %zu fewer. Nothing was written.\n", n->cells,
		    n->cells == 1 ? "" : "s", n->rows, n->rows == 1 ? "" : "s", n->more, n->more == 1 ? "" : "s",
		    n->fewer);
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
		rc = x->out ? on_batch(x, was, is, err) : on_drop(x, was, is, err);
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
