/* SPDX-License-Identifier: MIT
 *
 * Lookup tables: CSV with a header row, the first column is the key. Refused with position: fewer than two columns, a column without name or twice, rows of another
 * width, an empty key, a key twice. Every column is indexed, so that `back` is as fast as forth; of equal values the first row counts.
 */
#include "adapters/lang_int.h"
#include "base/limits.h"
#include "formats/csv_read.h"
#include "formats/src.h"

struct cells { /* growing */
	size_t n, cap;
	struct eg_bytes *v;
	size_t nrows, rows_cap;
	uint64_t *line; /* of each row, header included */
};

static void
push(struct adp_set *s, struct cells *c, const struct fmt_row *row)
{
	if (c->n + row->ncells > c->cap) {
		c->cap = (c->n + row->ncells) * 2;
		c->v = eg_xrealloc(c->v, c->cap * sizeof *c->v);
	}
	if (c->nrows == c->rows_cap) {
		c->rows_cap = c->rows_cap * 2 + 64;
		c->line = eg_xrealloc(c->line, c->rows_cap * sizeof *c->line);
	}
	c->line[c->nrows++] = row->line;
	for (size_t i = 0; i < row->ncells; i++)
		c->v[c->n++] = adl_dup(s, row->cells[i].val);
}

static int
fault(const struct adp_table *t, struct eg_pos pos, struct eg_err *err, const char *what, struct eg_bytes which)
{
	int rc = eg_fail(err, EG_BADFILE, "ADP-TABLE", "%s:%llu: %s%s%.*s%s", t->name, (unsigned long long)pos.line,
	    what, which.len > 0 ? ": \"" : "", EG_FMT(which), which.len > 0 ? "\"" : "");

	eg_err_at(err, pos);
	return rc;
}

static struct eg_pos
at(const struct fmt_row *row, size_t cell)
{
	if (cell >= row->ncells)
		return (struct eg_pos){ .off = row->off, .line = row->line, .col = 1 };
	return (
	    struct eg_pos){ .off = row->cells[cell].off, .line = row->cells[cell].line, .col = row->cells[cell].col };
}

static int
header(struct adp_table *t, const struct fmt_row *row, struct eg_err *err)
{
	if (row->ncells < 2)
		return fault(t, at(row, 0), err, "a table has a key column and at least one more", EG_NONE);
	for (size_t i = 0; i < row->ncells; i++) {
		if (row->cells[i].val.len == 0)
			return fault(t, at(row, i), err, "a column has no name", EG_NONE);
		for (size_t k = 0; k < i; k++)
			if (eg_bytes_eq(row->cells[i].val, row->cells[k].val))
				return fault(t, at(row, i), err, "a column name stands here twice", row->cells[i].val);
	}
	t->ncols = row->ncells;
	return EG_OK;
}

static int
read_rows(struct adp_set *s, struct adp_table *t, struct fmt_csv *csv, struct cells *c, struct eg_err *err)
{
	struct fmt_row row;
	int rc;

	while ((rc = fmt_csv_next(csv, &row, err)) == EG_OK) {
		if (row.blank)
			continue;
		if (t->ncols == 0)
			rc = header(t, &row, err);
		else if (row.ncells != t->ncols)
			rc = fault(t, at(&row, row.ncells), err, "the row has another number of cells than the header",
			    EG_NONE);
		else if (row.cells[0].val.len == 0)
			rc = fault(t, at(&row, 0), err, "the key is empty", EG_NONE);
		if (rc != EG_OK)
			return rc;
		push(s, c, &row);
	}
	if (rc != EG_EOF)
		return rc;
	return t->ncols > 0 ? EG_OK :
	                      fault(t, (struct eg_pos){ .line = 1, .col = 1 }, err,
				  "the table is empty; its first row names the columns", EG_NONE);
}

struct by { /* context of a sort */
	const struct adp_table *t;
	size_t col;
};

static int
by_value(const void *a, const void *b, void *ctx)
{
	const struct by *by = ctx;
	const uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
	int cmp = eg_bytes_cmp(by->t->cells[i * by->t->ncols + by->col], by->t->cells[k * by->t->ncols + by->col]);

	return cmp != 0 ? cmp : i < k ? -1 : i > k;
}

static void
index_columns(struct adp_set *s, struct adp_table *t)
{
	const uint32_t **order = adl_mem(s, t->ncols, sizeof *order);

	for (size_t c = 0; c < t->ncols; c++) {
		uint32_t *v = adl_mem(s, t->nrows + 1, sizeof *v);
		struct by by = { t, c };

		for (uint32_t i = 0; i < t->nrows; i++)
			v[i] = i;
		qsort_r(v, t->nrows, sizeof *v, by_value, &by);
		order[c] = v;
	}
	t->order = order;
}

static int
unique_keys(const struct adp_table *t, const struct cells *c, struct eg_err *err)
{
	for (size_t i = 1; i < t->nrows; i++) {
		struct eg_bytes a = t->cells[t->order[0][i - 1] * t->ncols], b = t->cells[t->order[0][i] * t->ncols];

		if (eg_bytes_eq(a, b))
			return fault(t, (struct eg_pos){ .line = c->line[t->order[0][i] + 1], .col = 1 }, err,
			    "a key stands here twice", b);
	}
	return EG_OK;
}

static int
load(struct adp_set *s, struct adp_table *t, struct eg_err *err)
{
	struct fmt_src_mem mem;
	struct fmt_csv_opts opts = { .delim = ',' };
	struct fmt_csv *csv = NULL;
	struct cells c = { 0 };
	int rc = fmt_csv_open(fmt_src_mem(&mem, t->text, 0), &opts, &csv, err);

	if (rc == EG_OK)
		rc = read_rows(s, t, csv, &c, err);
	if (rc == EG_OK) {
		struct eg_bytes *v = adl_mem(s, c.n, sizeof *v);

		memcpy(v, c.v, c.n * sizeof *v);
		t->cols = v;
		t->cells = v + t->ncols;
		t->nrows = c.n / t->ncols - 1;
		index_columns(s, t);
		rc = unique_keys(t, &c, err);
	}
	fmt_csv_free(csv);
	free(c.v);
	free(c.line);
	return rc;
}

int
adp_set_table(struct adp_set *s, const char *name, struct eg_bytes text, struct eg_err *err)
{
	struct adp_table *t = adl_mem(s, 1, sizeof *t);

	if (text.len > EG_LIMIT_ADAPTER_BYTES)
		return eg_fail(
		    err, EG_BADFILE, "ADP-TABLE", "%s: a table has at most %zu bytes.", name, EG_LIMIT_ADAPTER_BYTES);
	t->name = adl_cstr(s, eg_bytes_str(name));
	t->text = adl_dup(s, text);
	eg_sha256_hex_of(text, t->sha256);
	int rc = load(s, t, err);
	if (rc != EG_OK || adl_table(s, eg_bytes_str(name)) != NULL)
		return rc;
	if (s->ntables == s->tables_cap) {
		s->tables_cap = s->tables_cap * 2 + 8;
		s->tables = eg_xrealloc(s->tables, s->tables_cap * sizeof(*s->tables));
	}
	s->tables[s->ntables++] = t;
	return EG_OK;
}

const struct adp_table *
adl_table(const struct adp_set *s, struct eg_bytes name)
{
	for (size_t i = 0; i < s->ntables; i++)
		if (eg_bytes_is(name, s->tables[i]->name))
			return s->tables[i];
	return NULL;
}

int
adl_table_col(const struct adp_table *t, struct eg_bytes name)
{
	for (size_t i = 0; i < t->ncols; i++)
		if (eg_bytes_eq(t->cols[i], name))
			return (int)i;
	return -1;
}

bool
adl_table_get(const struct adp_table *t, struct eg_bytes key, int col, bool back, struct eg_bytes *ret)
{
	const size_t from = back ? (size_t)col : 0, to = back ? 0 : (size_t)col;
	size_t lo = 0, hi = t->nrows;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (eg_bytes_cmp(t->cells[t->order[from][mid] * t->ncols + from], key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == t->nrows || !eg_bytes_eq(t->cells[t->order[from][lo] * t->ncols + from], key))
		return false;
	*ret = t->cells[t->order[from][lo] * t->ncols + to];
	return true;
}

bool
adp_table_find(
    const struct adp_set *s, const char *table, struct eg_bytes key, const char *col, bool back, struct eg_bytes *ret)
{
	const struct adp_table *t = adl_table(s, eg_bytes_str(table));
	int i = t == NULL ? -1 : col == NULL ? 1 : adl_table_col(t, eg_bytes_str(col));

	return i >= 0 && adl_table_get(t, key, i, back, ret);
}

bool
adp_set_table_at(
    const struct adp_set *s, size_t i, const char **ret_name, struct eg_bytes *ret_text, char ret_sha256[EG_SHA256_HEX])
{
	if (i >= s->ntables)
		return false;
	*ret_name = s->tables[i]->name;
	*ret_text = s->tables[i]->text;
	memcpy(ret_sha256, s->tables[i]->sha256, EG_SHA256_HEX);
	return true;
}
