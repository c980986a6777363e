/* SPDX-License-Identifier: MIT
 *
 * Pairing and comparing what two systems wrote. Their files are hostile input: this runs confined, and whatever is told is escaped. Tests: tests/scenario/shadow.bats.
 */
#include "gateway/cli/shadow_rows.h"

#include "formats/csv_read.h"

#include <stdlib.h>

struct grid_row {
	char **cell;
	size_t n;
	const char *file;
};
struct grid { /* all rows of one side below one header */
	char *header; /* the columns, joined */
	char **column;
	size_t ncolumns;
	struct grid_row *row;
	size_t n, cap;
};
struct side {
	struct grid *v;
	size_t n;
};

/* ---- reading ---- */

static char *
escaped(struct eg_bytes v)
{
	struct eg_buf b = EG_BUF_INIT;
	eg_buf_escaped(&b, v);
	char *text = eg_xstrdup(eg_buf_cstr(&b));
	eg_buf_done(&b);
	return text;
}

static char *
joined(const struct fmt_row *r)
{
	struct eg_buf b = EG_BUF_INIT;

	for (size_t i = 0; i < r->ncells; i++) {
		if (i > 0)
			eg_buf_chr(&b, '|');
		eg_buf_escaped(&b, r->cells[i].val);
	}
	char *text = eg_xstrdup(eg_buf_cstr(&b));
	eg_buf_done(&b);
	return text;
}

static struct grid *
grid_of(struct side *s, const struct fmt_row *head)
{
	char *header = joined(head);

	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->v[i].header, header) == 0) {
			free(header);
			return &s->v[i];
		}
	s->v = eg_xrealloc(s->v, (s->n + 1) * sizeof(*s->v));
	struct grid *g = &s->v[s->n++];
	*g = (struct grid){ .header = header, .ncolumns = head->ncells, .column = eg_xalloc((head->ncells + 1) * sizeof(*g->column)) };
	for (size_t i = 0; i < head->ncells; i++)
		g->column[i] = escaped(head->cells[i].val);
	return g;
}

static void
add_row(struct grid *g, const struct fmt_row *r, const char *file)
{
	if (g->n == g->cap) {
		g->cap = g->cap * 2 + 64;
		g->row = eg_xrealloc(g->row, g->cap * sizeof(*g->row));
	}
	struct grid_row *row = &g->row[g->n++];
	*row = (struct grid_row){ .cell = eg_xalloc((r->ncells + 1) * sizeof(*row->cell)), .n = r->ncells, .file = file };
	for (size_t i = 0; i < r->ncells; i++)
		row->cell[i] = escaped(r->cells[i].val);
}

/* false: it is no table, and nothing of it was kept. */
static bool
read_table(struct side *s, const struct shadow_file *f)
{
	struct fmt_csv_opts opts = { .delim = ',', .enc = FMT_UTF8 };
	struct fmt_src_mem mem;
	struct fmt_csv *csv = NULL;
	struct fmt_row r;
	struct eg_err err;
	struct grid *g = NULL;
	size_t before = 0;

	int rc = fmt_csv_open(fmt_src_mem(&mem, eg_buf_view(&f->bytes), 0), &opts, &csv, &err);
	if (rc == EG_OK)
		rc = fmt_csv_next(csv, &r, &err);
	if (rc == EG_OK && r.ncells >= 2) {
		g = grid_of(s, &r);
		before = g->n;
		while ((rc = fmt_csv_next(csv, &r, &err)) == EG_OK)
			if (!r.blank)
				add_row(g, &r, f->name);
	}
	fmt_csv_free(csv);
	if (g != NULL && rc < 0)
		g->n = before; /* rows of a file that breaks off are no rows */
	return g != NULL && rc == EG_EOF;
}

/* ---- pairing ---- */

static char *
key_of(const struct grid_row *r, size_t ncolumns)
{
	struct eg_buf b = EG_BUF_INIT;

	for (size_t i = 0; i < ncolumns && i < r->n; i++)
		eg_buf_printf(&b, "%s%s", i > 0 ? "|" : "", r->cell[i]);
	char *text = eg_xstrdup(eg_buf_cstr(&b));
	eg_buf_done(&b);
	return text;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
unique(const struct grid *g, size_t ncolumns)
{
	char **keys = eg_xalloc((g->n + 1) * sizeof(*keys));
	bool good = true;

	for (size_t i = 0; i < g->n; i++)
		keys[i] = key_of(&g->row[i], ncolumns);
	if (g->n > 0)
		qsort(keys, g->n, sizeof(*keys), by_text);
	for (size_t i = 1; i < g->n; i++)
		good = good && strcmp(keys[i - 1], keys[i]) != 0;
	for (size_t i = 0; i < g->n; i++)
		free(keys[i]);
	free(keys);
	return good;
}

static size_t
key_columns(const struct grid *a, const struct grid *b)
{
	size_t n = 1;

	while (n < a->ncolumns && (!unique(a, n) || !unique(b, n)))
		n++;
	return n;
}

static void
fill(struct cell_table *t, const struct grid *g, size_t nkey)
{
	for (size_t i = 0; i < g->n; i++) {
		char *key = key_of(&g->row[i], nkey);
		struct cell_row *row = cell_table_row(t, key, "", "");
		for (size_t k = 0; k < g->row[i].n; k++)
			cell_add(row, k < g->ncolumns ? g->column[k] : "(more)", eg_bytes_str(g->row[i].cell[k]), false);
		free(key);
	}
}

/* ---- telling ---- */

struct telling {
	struct eg_buf *out;
	bool json;
	const char *file; /* one of ours below this header */
	struct shadow_counts *counts;
};

static void
put_json(struct telling *t, json_t *j)
{
	char *text = json_dumps(j, JSON_COMPACT);

	eg_buf_printf(t->out, "%s\n", text == NULL ? "{}" : text);
	free(text);
	json_decref(j);
}

static void
on_change(void *ctx, const struct cell_change *c)
{
	struct telling *t = ctx;

	t->counts->differences++;
	if (t->json)
		put_json(t, json_pack("{s:s,s:s,s:s,s:s,s:o,s:o}", "type", "difference", "file", t->file, "row", c->key, "column", c->column, "ours", cli_str(c->was),
				"theirs", cli_str(c->is)));
	else if (*c->column == '\0')
		eg_buf_printf(t->out, "  %s   %s\n", c->key, c->was == NULL ? "only the other system has this row" : "only we have this row");
	else
		eg_buf_printf(t->out, "  %s   %s: ours \"%s\", theirs \"%s\"\n", c->key, c->column, c->was == NULL ? "" : c->was, c->is == NULL ? "" : c->is);
}

static void
on_money(void *ctx, const struct cell_money *m)
{
	struct telling *t = ctx;
	struct eg_buf sum = EG_BUF_INIT;

	eg_dec_print(&sum, m->diff, 2);
	if (t->json)
		put_json(t, json_pack("{s:s,s:s,s:s,s:s}", "type", "money", "file", t->file, "column", m->column, "difference", eg_buf_cstr(&sum)));
	else
		eg_buf_printf(t->out, "  %s: theirs is %s more than ours in all\n", m->column, eg_buf_cstr(&sum));
	eg_buf_done(&sum);
}

static void
lacks(struct telling *t, const char *file, bool ours)
{
	t->counts->differences++;
	if (t->json)
		put_json(t, json_pack("{s:s,s:s,s:s,s:s,s:o,s:o}", "type", "difference", "file", file, "row", "", "column", "", "ours", ours ? json_string("") : json_null(),
				"theirs", ours ? json_null() : json_string("")));
	else
		eg_buf_printf(t->out, "%s   %s\n", file, ours ? "the other system has no file with these columns" : "we have no file with these columns");
}

static void
compare_grids(struct telling *t, struct grid *a, struct grid *b)
{
	struct cell_table ours = { .n = 0 }, theirs = { .n = 0 };
	struct cell_counts counts;
	size_t nkey = key_columns(a, b), before = t->counts->differences;

	t->file = a->n > 0 ? a->row[0].file : b->n > 0 ? b->row[0].file : a->header;
	t->counts->pairs++;
	t->counts->rows += a->n;
	if (!t->json)
		eg_buf_printf(t->out, "%s   %zu rows here, %zu there, paired by the first %zu column%s\n", t->file, a->n, b->n, nkey, nkey == 1 ? "" : "s");
	fill(&ours, a, nkey);
	fill(&theirs, b, nkey);
	cell_compare(&ours, &theirs, on_change, on_money, t, &counts);
	if (!t->json && t->counts->differences == before)
		eg_buf_str(t->out, "  no difference\n");
	cell_table_done(&ours);
	cell_table_done(&theirs);
}

/* What is no table: the same bytes, whatever the names. */
static bool
same_bytes(const struct shadow_file *f, struct shadow_files *among)
{
	for (size_t i = 0; i < among->n; i++)
		if (!among->v[i].used && eg_bytes_eq(eg_buf_view(&f->bytes), eg_buf_view(&among->v[i].bytes))) {
			among->v[i].used = true;
			return true;
		}
	return false;
}

static void
read_side(struct side *s, struct shadow_files *f)
{
	for (size_t i = 0; i < f->n; i++)
		f->v[i].used = read_table(s, &f->v[i]);
}

void
shadow_rows_compare(struct shadow_files *ours, struct shadow_files *theirs, bool json, struct eg_buf *ret, struct shadow_counts *counts)
{
	struct telling t = { .out = ret, .json = json, .counts = counts };
	struct side a = { 0 }, b = { 0 };

	*counts = (struct shadow_counts){ .files = ours->n };
	read_side(&a, ours);
	read_side(&b, theirs);
	for (size_t i = 0; i < a.n; i++) {
		struct grid *twin = NULL;
		for (size_t k = 0; k < b.n && twin == NULL; k++)
			if (b.v[k].header != NULL && strcmp(a.v[i].header, b.v[k].header) == 0)
				twin = &b.v[k];
		if (twin == NULL)
			lacks(&t, a.v[i].n > 0 ? a.v[i].row[0].file : a.v[i].header, true);
		else {
			compare_grids(&t, &a.v[i], twin);
			twin->header = NULL; /* the process ends: nothing is freed */
		}
	}
	for (size_t k = 0; k < b.n; k++)
		if (b.v[k].header != NULL)
			lacks(&t, b.v[k].n > 0 ? b.v[k].row[0].file : b.v[k].header, false);
	for (size_t i = 0; i < ours->n; i++)
		if (!ours->v[i].used && !same_bytes(&ours->v[i], theirs))
			lacks(&t, ours->v[i].name, true);
	for (size_t i = 0; i < theirs->n; i++)
		if (!theirs->v[i].used)
			lacks(&t, theirs->v[i].name, false);
}
