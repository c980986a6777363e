/* SPDX-License-Identifier: MIT
 *
 * Reports in memory, their sums, and two of their forms. Sums are exact; one that leaves the range of decimals is not known rather than wrong.
 */
#include "gateway/report/table.h"

#include "base/date.h"
#include "formats/csv_write.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* ---- making ---- */

struct report *
report_new(const char *name, const char *title, const struct report_col *cols, size_t n)
{
	struct report *r = eg_xalloc(sizeof(*r));

	r->name = name;
	r->title = title;
	r->cols = cols;
	r->ncols = n;
	r->site = eg_xstrdup("");
	return r;
}

void
report_free(struct report *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->nrows; i++) {
		for (size_t c = 0; c < r->ncols; c++)
			free(r->rows[i].cells[c]);
		free(r->rows[i].cells);
	}
	for (size_t i = 0; i < r->nsaid; i++) {
		free(r->said[i].name);
		free(r->said[i].value);
	}
	free(r->said);
	free(r->rows);
	free(r->site);
	free(r);
}

void
report_made(struct report *r, const char *site, int64_t as_of)
{
	free(r->site);
	r->site = eg_xstrdup(site);
	r->as_of = as_of;
}

static void
say(struct report *r, char *name, char *value)
{
	r->said = eg_xrealloc(r->said, (r->nsaid + 1) * sizeof(*r->said));
	r->said[r->nsaid++] = (struct report_pair){ name, value };
}

void
report_filter(struct report *r, const char *name, const char *value)
{
	if (value != NULL)
		say(r, eg_xstrdup(name), eg_xstrdup(value));
}

void
report_note(struct report *r, const char *fmt, ...)
{
	struct eg_buf b = EG_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	eg_buf_vprintf(&b, fmt, ap);
	va_end(ap);
	say(r, NULL, eg_xstrdup(eg_buf_cstr(&b)));
	eg_buf_done(&b);
}

void
report_row(struct report *r)
{
	if (r->nrows == r->cap) {
		r->cap = r->cap == 0 ? 64 : r->cap * 2;
		r->rows = eg_xrealloc(r->rows, r->cap * sizeof(*r->rows));
	}
	r->open = r->nrows;
	r->rows[r->nrows++].cells = eg_xalloc(r->ncols * sizeof(char *));
}

static size_t
col_named(const struct report *r, const char *name)
{
	for (size_t i = 0; i < r->ncols; i++)
		if (strcmp(r->cols[i].name, name) == 0)
			return i;
	eg_bug("report %s has no column %s", r->name, name);
}

static uint8_t
scale_of(enum report_kind k)
{
	return k == RK_AMOUNT ? 2 : k == RK_NUMBER ? 4 : 0;
}

static bool
dec_of(const char *text, struct eg_dec *ret)
{
	return eg_dec_parse(eg_bytes_str(text), EG_DEC_PLAIN, 4, 26, ret) == EG_DEC_OK;
}

void
report_put(struct report *r, const char *col, const char *value)
{
	size_t c = col_named(r, col);
	char **cell = &r->rows[r->open].cells[c];
	enum report_kind k = r->cols[c].kind;
	struct eg_dec d;

	free(*cell);
	*cell = value == NULL ? NULL : eg_xstrdup(value);
	if (value != NULL && (k == RK_INT || k == RK_AMOUNT || k == RK_NUMBER) && !dec_of(value, &d))
		eg_bug("report %s: %s is no number for column %s", r->name, value, col);
}

void
report_put_dec(struct report *r, const char *col, struct eg_dec d)
{
	struct eg_buf b = EG_BUF_INIT;

	eg_dec_print(&b, d, scale_of(r->cols[col_named(r, col)].kind));
	report_put(r, col, eg_buf_cstr(&b));
	eg_buf_done(&b);
}

void
report_put_int(struct report *r, const char *col, int64_t v)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%lld", (long long)v);
	report_put(r, col, text);
}

void
report_put_time(struct report *r, const char *col, int64_t unix_sec)
{
	char text[EG_TIME_TEXT];

	eg_time_print(text, unix_sec);
	report_put(r, col, unix_sec == 0 ? NULL : text);
}

/* ---- order and sums ---- */

static int
cell_cmp(const struct report_row *a, const struct report_row *b, size_t n)
{
	int d = 0;

	for (size_t i = 0; d == 0 && i < n; i++)
		d = eg_bytes_cmp(eg_bytes_str(a->cells[i]), eg_bytes_str(b->cells[i]));
	return d;
}

/* Merge sort of rows [from, to) into themselves; tmp has room for all. */
static void
sort_rows(struct report_row *v, struct report_row *tmp, size_t n, size_t columns)
{
	size_t half = n / 2, a = 0, b = half;

	if (n < 2)
		return;
	sort_rows(v, tmp, half, columns);
	sort_rows(v + half, tmp, n - half, columns);
	for (size_t i = 0; i < n; i++)
		tmp[i] = b == n || (a < half && cell_cmp(&v[a], &v[b], columns) <= 0) ? v[a++] : v[b++];
	memcpy(v, tmp, n * sizeof(*v));
}

void
report_sort(struct report *r, size_t n)
{
	struct report_row *tmp = eg_xalloc(r->nrows * sizeof(*tmp));

	sort_rows(r->rows, tmp, r->nrows, n);
	free(tmp);
}

struct report_sum
report_sum(const struct report *r, size_t col, size_t from, size_t to)
{
	struct report_sum s = { .value = { 0, scale_of(r->cols[col].kind) } };

	for (size_t i = from; i < to; i++) {
		struct eg_dec d;
		if (r->rows[i].cells[col] == NULL)
			continue;
		s.any = true;
		if (!dec_of(r->rows[i].cells[col], &d) || !eg_dec_add(s.value, d, &s.value))
			s.lost = true;
	}
	return s;
}

char *
report_sum_text(const struct report *r, size_t col, const struct report_sum *s)
{
	struct eg_buf b = EG_BUF_INIT;
	char *ret;

	if (!s->any || s->lost)
		return NULL;
	/* adding 4 places to 2 leaves 4: the cut ones are zero, as the values had them */
	struct eg_dec d = s->value;
	while (d.scale > scale_of(r->cols[col].kind) && d.coef % 10 == 0) {
		d.coef /= 10;
		d.scale--;
	}
	eg_dec_print(&b, d, scale_of(r->cols[col].kind));
	ret = eg_xstrdup(eg_buf_cstr(&b));
	eg_buf_done(&b);
	return ret;
}

size_t
report_group_end(const struct report *r, size_t from)
{
	size_t i = from;

	while (i < r->nrows && cell_cmp(&r->rows[i], &r->rows[from], r->group) == 0)
		i++;
	return i;
}

static bool
is_zero(const char *v)
{
	struct eg_dec d;

	return dec_of(v, &d) && eg_dec_is_zero(d);
}

bool
report_col_used(const struct report *r, size_t col)
{
	enum report_kind k = r->cols[col].kind;
	bool figures = k == RK_INT || k == RK_AMOUNT || k == RK_NUMBER;

	for (size_t i = 0; i < r->nrows; i++) {
		const char *v = r->rows[i].cells[col];
		if (v != NULL && *v != '\0' && !(figures && is_zero(v)))
			return true;
	}
	return false;
}

/* ---- JSON ---- */

static json_t *
cell_json(enum report_kind k, const char *v)
{
	int64_t n;

	if (v == NULL)
		return json_null();
	return k == RK_INT && eg_bytes_to_i64(eg_bytes_str(v), &n) ? json_integer(n) : json_string(v);
}

static void
add_line(struct eg_buf *ret, json_t *j)
{
	char *text = json_dumps(j, JSON_COMPACT);

	if (text == NULL)
		eg_bug("a report's line cannot be written as JSON");
	eg_buf_str(ret, text);
	eg_buf_chr(ret, '\n');
	free(text);
	json_decref(j);
}

static void
add_sums(const struct report *r, json_t *j, size_t from, size_t to)
{
	for (size_t c = 0; c < r->ncols; c++) {
		if ((r->cols[c].flags & RP_SUM) == 0)
			continue;
		struct report_sum s = report_sum(r, c, from, to);
		char *text = report_sum_text(r, c, &s);
		json_object_set_new(j, r->cols[c].name, cell_json(r->cols[c].kind, text));
		free(text);
	}
}

static void
json_row(const struct report *r, size_t i, struct eg_buf *ret)
{
	json_t *j = json_pack("{s:s,s:s}", "type", "row", "report", r->name);

	for (size_t c = 0; c < r->ncols; c++)
		json_object_set_new(j, r->cols[c].name, cell_json(r->cols[c].kind, r->rows[i].cells[c]));
	add_line(ret, j);
}

static void
json_subtotal(const struct report *r, size_t from, size_t to, struct eg_buf *ret)
{
	json_t *j = json_pack("{s:s,s:s,s:I}", "type", "subtotal", "report", r->name, "rows", (json_int_t)(to - from));

	for (size_t c = 0; c < r->group; c++)
		json_object_set_new(j, r->cols[c].name, cell_json(r->cols[c].kind, r->rows[from].cells[c]));
	add_sums(r, j, from, to);
	add_line(ret, j);
}

static void
json_summary(const struct report *r, struct eg_buf *ret)
{
	char when[EG_TIME_TEXT];
	json_t *filters = json_object(), *notes = json_array();

	eg_time_print(when, r->as_of);
	for (size_t i = 0; i < r->nsaid; i++) {
		if (r->said[i].name != NULL)
			json_object_set_new(filters, r->said[i].name, json_string(r->said[i].value));
		else
			json_array_append_new(notes, json_string(r->said[i].value));
	}
	json_t *j = json_pack("{s:s,s:s,s:s,s:s,s:s,s:I}", "type", "summary", "report", r->name, "title", r->title,
	    "site", r->site, "as_of", when, "rows", (json_int_t)r->nrows);
	add_sums(r, j, 0, r->nrows);
	json_object_set_new(j, "filters", filters);
	json_object_set_new(j, "notes", notes);
	if (r->bad)
		json_object_set_new(j, "bad", json_true());
	add_line(ret, j);
}

void
report_json(const struct report *r, struct eg_buf *ret)
{
	for (size_t from = 0, to; from < r->nrows; from = to) {
		to = r->group > 0 ? report_group_end(r, from) : r->nrows;
		for (size_t i = from; i < to; i++)
			json_row(r, i, ret);
		if (r->group > 0)
			json_subtotal(r, from, to, ret);
	}
	json_summary(r, ret);
}

/* ---- CSV ---- */

int
report_csv(const struct report *r, struct eg_buf *ret, struct eg_err *err)
{
	static const struct fmt_csv_style style = { .delim = ',', .for_people = true };
	struct eg_bytes *cells = eg_xalloc((r->ncols + 1) * sizeof(*cells));
	int rc;

	for (size_t c = 0; c < r->ncols; c++)
		cells[c] = eg_bytes_str(r->cols[c].name);
	fmt_csv_begin(&style, ret);
	rc = fmt_csv_row(&style, cells, r->ncols, ret, err);
	for (size_t i = 0; rc == EG_OK && i < r->nrows; i++) {
		for (size_t c = 0; c < r->ncols; c++)
			cells[c] = eg_bytes_str(r->rows[i].cells[c]);
		rc = fmt_csv_row(&style, cells, r->ncols, ret, err);
	}
	free(cells);
	return rc;
}
