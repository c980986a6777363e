/* SPDX-License-Identifier: MIT
 *
 * Pairing and comparing what two systems wrote. Their files are hostile input: this runs confined, and whatever is told is escaped. Tests: tests/scenario/shadow.bats.
 */
#include "gateway/cli/shadow_rows.h"

#include "formats/csv_read.h"

#include <stdlib.h>
#include <strings.h>

struct grid_row {
	char **cell;
	size_t n;
	const char *file;
};
struct grid { /* all rows of one side of one kind */
	struct grid_row *row;
	size_t n, cap;
};
struct side {
	const struct shadow_kind *kinds;
	size_t nkinds;
	struct grid *v; /* by kind */
};

/* ---- kinds ---- */

static char *
escaped(struct eg_bytes v)
{
	struct eg_buf b = EG_BUF_INIT;
	eg_buf_escaped(&b, v);
	char *text = eg_xstrdup(eg_buf_cstr(&b));
	eg_buf_done(&b);
	return text;
}

/* The rows of the layout that have so many columns; false: it has none. */
static bool
rows_of(const struct adp *a, size_t ncolumns, size_t *ret)
{
	const struct rec_type *t;
	const char *rows;

	for (*ret = 0; adp_rows_at(a, *ret, &rows, &t); ++*ret) {
		size_t n = 0;
		while (adp_column_at(a, *ret, n) != NULL)
			n++;
		if (n == ncolumns)
			return true;
	}
	return false;
}

/* The title of a column of the rows with so many; NULL: the layout has no such rows. */
static const char *
title(const struct adp *a, size_t ncolumns, size_t i)
{
	size_t rows;

	return rows_of(a, ncolumns, &rows) ? adp_column_at(a, rows, i) : NULL;
}

/* Account numbers and the like: that they differ is told, not what they are. */
static bool
masked(const struct adp *a, size_t ncolumns, size_t i)
{
	size_t rows;

	return rows_of(a, ncolumns, &rows) && adp_column_masked(a, rows, i);
}

static bool
is_header(const struct adp *a, const struct fmt_row *r)
{
	for (size_t i = 0; i < r->ncells; i++) {
		const char *want = title(a, r->ncells, i);
		if (want == NULL || !eg_bytes_is(r->cells[i].val, want))
			return false;
	}
	return r->ncells > 0;
}

static bool
has_word(const char *name, const char *word)
{
	size_t n = strlen(word);

	for (; strlen(name) >= n; name++)
		if (strncasecmp(name, word, n) == 0)
			return true;
	return false;
}

/* The kind of a file of theirs by its first row and its name; nkinds = none. */
static size_t
kind_of(const struct side *s, const struct shadow_file *f, const struct fmt_row *first)
{
	size_t found = s->nkinds, longest = 0, fitting = s->nkinds, nfitting = 0;

	for (size_t i = 0; i < s->nkinds; i++) {
		const char *object = s->kinds[i].object;
		if (f->object != NULL ? strcmp(f->object, object) == 0 : is_header(s->kinds[i].adapter, first))
			return i;
		if (has_word(f->name, object) && strlen(object) > longest) {
			longest = strlen(object);
			found = i;
		}
		if (title(s->kinds[i].adapter, first->ncells, 0) != NULL && nfitting++ == 0)
			fitting = i;
	}
	return found < s->nkinds ? found : nfitting == 1 ? fitting : s->nkinds;
}

/* ---- reading ---- */

static void
add_row(struct grid *g, const struct fmt_row *r, const char *file)
{
	if (g->n == g->cap) {
		g->cap = g->cap * 2 + 64;
		g->row = eg_xrealloc(g->row, g->cap * sizeof(*g->row));
	}
	struct grid_row *row = &g->row[g->n++];
	*row =
	    (struct grid_row){ .cell = eg_xalloc((r->ncells + 1) * sizeof(*row->cell)), .n = r->ncells, .file = file };
	for (size_t i = 0; i < r->ncells; i++)
		row->cell[i] = escaped(r->cells[i].val);
}

/* false: it is no table of ours, and nothing of it was kept. */
static bool
read_table(struct side *s, const struct shadow_file *f)
{
	struct fmt_csv_opts opts = { .delim = ',', .enc = FMT_UTF8 };
	struct fmt_src_mem mem;
	struct fmt_csv *csv = NULL;
	struct fmt_row r;
	struct eg_err err;
	struct grid *g = NULL;
	size_t before = 0, kind = s->nkinds;

	int rc = fmt_csv_open(fmt_src_mem(&mem, eg_buf_view(&f->bytes), 0), &opts, &csv, &err);
	if (rc == EG_OK)
		rc = fmt_csv_next(csv, &r, &err);
	if (rc == EG_OK)
		kind = kind_of(s, f, &r);
	if (kind < s->nkinds) {
		g = &s->v[kind];
		before = g->n;
		for (bool first = true; rc == EG_OK; first = false) {
			if (!r.blank && !(first && is_header(s->kinds[kind].adapter, &r)))
				add_row(g, &r, f->name);
			rc = fmt_csv_next(csv, &r, &err);
		}
	}
	fmt_csv_free(csv);
	if (g != NULL && rc < 0)
		g->n = before; /* rows of a file that breaks off are no rows */
	return g != NULL && rc == EG_EOF;
}

/* ---- pairing ---- */

struct key {
	size_t *column;
	size_t n;
};

static char *
key_of(const struct grid_row *r, const struct key *k)
{
	struct eg_buf b = EG_BUF_INIT;

	for (size_t i = 0; i < k->n; i++)
		eg_buf_printf(&b, "%s%s", i > 0 ? "|" : "", k->column[i] < r->n ? r->cell[k->column[i]] : "");
	char *text = eg_xstrdup(eg_buf_cstr(&b));
	eg_buf_done(&b);
	return text;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t
distinct(const struct grid *g, const struct key *k)
{
	char **keys = eg_xalloc((g->n + 1) * sizeof(*keys));
	size_t n = g->n > 0;

	for (size_t i = 0; i < g->n; i++)
		keys[i] = key_of(&g->row[i], k);
	if (g->n > 0)
		qsort(keys, g->n, sizeof(*keys), by_text);
	for (size_t i = 1; i < g->n; i++)
		n += strcmp(keys[i - 1], keys[i]) != 0;
	for (size_t i = 0; i < g->n; i++)
		free(keys[i]);
	free(keys);
	return n;
}

/* A column counts only if it tells more rows apart than those before it. */
static void
choose_key(const struct grid *a, const struct grid *b, struct key *k)
{
	size_t ncolumns = 0, best = (size_t)(a->n > 0) + (size_t)(b->n > 0);

	for (size_t i = 0; i < a->n; i++)
		ncolumns = a->row[i].n > ncolumns ? a->row[i].n : ncolumns;
	k->column = eg_xalloc((ncolumns + 1) * sizeof(*k->column));
	for (size_t i = 0; i < ncolumns && best < a->n + b->n; i++) {
		k->column[k->n++] = i;
		size_t now = distinct(a, k) + distinct(b, k);
		k->n -= now <= best;
		best = now > best ? now : best;
	}
}

static const char *
column_name(const struct shadow_kind *kind, const struct grid_row *r, size_t i, char ret[32])
{
	const char *name = title(kind->adapter, r->n, i);

	(void)snprintf(ret, 32, "column %zu", i + 1);
	return name != NULL ? name : ret;
}

static void
fill(struct cell_table *t, const struct shadow_kind *kind, const struct grid *g, const struct key *k)
{
	char name[32];

	for (size_t i = 0; i < g->n; i++) {
		char *key = key_of(&g->row[i], k);
		struct cell_row *row = cell_table_row(t, key, "", "");
		for (size_t c = 0; c < g->row[i].n; c++)
			cell_add(row, column_name(kind, &g->row[i], c, name), eg_bytes_str(g->row[i].cell[c]),
			    masked(kind->adapter, g->row[i].n, c));
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

	const char *was = c->masked && c->was != NULL ? "(hidden)" : c->was,
		   *is = c->masked && c->is != NULL ? "(hidden)" : c->is;

	t->counts->differences++;
	if (t->json)
		put_json(t, json_pack("{s:s,s:s,s:s,s:s,s:o,s:o}", "type", "difference", "file", t->file, "row", c->key,
				"column", c->column, "ours", cli_str(was), "theirs", cli_str(is)));
	else if (*c->column == '\0')
		eg_buf_printf(t->out, "  %s   %s\n", c->key,
		    c->was == NULL ? "only the other system has this row" : "only we have this row");
	else
		eg_buf_printf(t->out, "  %s   %s: ours \"%s\", theirs \"%s\"\n", c->key, c->column,
		    was == NULL ? "" : was, is == NULL ? "" : is);
}

static void
on_money(void *ctx, const struct cell_money *m)
{
	struct telling *t = ctx;
	struct eg_buf sum = EG_BUF_INIT;

	eg_dec_print(&sum, m->diff, 2);
	if (t->json)
		put_json(t, json_pack("{s:s,s:s,s:s,s:s}", "type", "money", "file", t->file, "column", m->column,
				"difference", eg_buf_cstr(&sum)));
	else
		eg_buf_printf(t->out, "  %s: theirs is %s more than ours in all\n", m->column, eg_buf_cstr(&sum));
	eg_buf_done(&sum);
}

static void
lacks(struct telling *t, const char *file, bool ours)
{
	t->counts->differences++;
	if (t->json)
		put_json(t,
		    json_pack("{s:s,s:s,s:s,s:s,s:o,s:o}", "type", "difference", "file", file, "row", "", "column", "",
			"ours", ours ? json_string("") : json_null(), "theirs", ours ? json_null() : json_string("")));
	else
		eg_buf_printf(t->out, "%s   %s\n", file,
		    ours ? "only we have such a file" : "only the other system has such a file");
}

static void
compare_grids(struct telling *t, const struct shadow_kind *kind, struct grid *a, struct grid *b)
{
	struct cell_table ours = { .n = 0 }, theirs = { .n = 0 };
	struct cell_counts counts;
	struct key k = { 0 };
	size_t before = t->counts->differences;
	char name[32];

	t->file = kind->object;
	t->counts->rows += a->n;
	choose_key(a, b, &k);
	if (!t->json) {
		eg_buf_printf(
		    t->out, "%s   %zu rows here, %zu there%s", kind->object, a->n, b->n, k.n > 0 ? ", paired by " : "");
		for (size_t i = 0; i < k.n; i++)
			eg_buf_printf(
			    t->out, "%s%s", i > 0 ? ", " : "", column_name(kind, &a->row[0], k.column[i], name));
		eg_buf_chr(t->out, '\n');
	}
	fill(&ours, kind, a, &k);
	fill(&theirs, kind, b, &k);
	cell_compare(&ours, &theirs, on_change, on_money, t, &counts);
	if (!t->json && t->counts->differences == before)
		eg_buf_str(t->out, "  no difference\n");
	cell_table_done(&ours);
	cell_table_done(&theirs);
	free(k.column);
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
shadow_rows_compare(const struct shadow_kind *kinds, size_t nkinds, struct shadow_files *ours,
    struct shadow_files *theirs, bool json, struct eg_buf *ret, struct shadow_counts *counts)
{
	struct telling t = { .out = ret, .json = json, .counts = counts };
	struct side a = { kinds, nkinds, eg_xalloc((nkinds + 1) * sizeof(struct grid)) },
		    b = { kinds, nkinds, eg_xalloc((nkinds + 1) * sizeof(struct grid)) };

	*counts = (struct shadow_counts){ .files = ours->n };
	read_side(&a, ours);
	read_side(&b, theirs);
	for (size_t i = 0; i < nkinds; i++)
		if (a.v[i].n > 0 || b.v[i].n > 0)
			compare_grids(&t, &kinds[i], &a.v[i], &b.v[i]);
	for (size_t i = 0; i < ours->n; i++)
		if (!ours->v[i].used && !same_bytes(&ours->v[i], theirs))
			lacks(&t, ours->v[i].name, true);
	for (size_t i = 0; i < theirs->n; i++)
		if (!theirs->v[i].used)
			lacks(&t, theirs->v[i].name, false);
	/* the process ends: the tables are not freed */
}
