/* SPDX-License-Identifier: MIT
 *
 * CSV files whose layout is known: the columns by the header row, and the rows.
 * Refuses the whole file with F-05, F-07, and with what the reader refuses (F-02, F-03, LIMIT-…).
 */
#include "adapters/read_int.h"

#include "adapters/repair_int.h"
#include "base/limits.h"

#define HINTS_MAX 600 /* bytes of guesses repeated in a sentence */

/* ---- columns ---- */

static int
check_twice(struct rd *r, const struct rd_header *h, struct eg_err *err)
{
	for (size_t i = 0; i < h->n; i++)
		for (size_t j = 0; j < i; j++)
			if (h->names[i].len > 0 && eg_bytes_eq(h->names[i], h->names[j]))
				return rd_refuse(r, "F-07", (struct eg_pos){ .line = 1 }, "", err,
				    "Column \"%.*s\" stands twice in the header row (columns %zu and %zu), so its values cannot be told apart. Remove one and drop the file again.",
				    EG_FMT(h->names[i]), j + 1, i + 1);
	return EG_OK;
}

static void
map_columns(struct rd *r, const struct rd_header *h)
{
	for (size_t i = 0; i < r->nkinds; i++) {
		struct rd_kind *k = &r->kinds[i];
		const struct adp_in *in = &k->a->in;

		for (size_t c = 0; c < in->ncolumns; c++) {
			uint64_t number = 0;

			k->map[c] = -1;
			for (size_t n = 0; n < h->n; n++)
				if (eg_bytes_is(h->names[n], in->columns[c]))
					k->map[c] = (int)n;
			if (in->type == AF_POSITIONAL && eg_bytes_to_u64(eg_bytes_str(in->columns[c]), &number) &&
			    number >= 1 && number <= EG_LIMIT_CELLS)
				k->map[c] = (int)number - 1;
		}
		k->line_map = k->map;
		rd_head_cells(k);
	}
}

struct missing {
	struct eg_buf names, hint;
};

static void
miss(struct missing *m, const struct rd_header *h, struct eg_bytes name)
{
	const struct eg_bytes *near = NULL;
	unsigned best = 3;
	struct eg_buf quoted = EG_BUF_INIT;
	bool again;

	rd_list(&quoted, name);
	again = eg_bytes_find(eg_buf_view(&m->names), eg_buf_view(&quoted)) < m->names.len;
	eg_buf_done(&quoted);
	if (again)
		return;
	rd_list(&m->names, name);
	for (size_t i = 0; i < h->n; i++) {
		unsigned d = eg_bytes_distance(name, h->names[i], 2);

		if (h->names[i].len > 2 && d < best) {
			best = d;
			near = &h->names[i];
		}
	}
	if (near == NULL || m->hint.len > HINTS_MAX)
		return;
	eg_buf_printf(&m->hint, " Column \"%.*s\" was probably meant to be \"%.*s\".", EG_FMT(*near), EG_FMT(name));
}

static int
check_missing(struct rd *r, const struct rd_header *h, struct eg_err *err)
{
	struct missing m = { EG_BUF_INIT, EG_BUF_INIT };
	int rc = EG_OK;

	for (size_t i = 0; i < r->nkinds; i++) {
		const struct adp_in *in = &r->kinds[i].a->in;

		for (size_t c = 0; c < in->ncolumns; c++) {
			bool key = false;

			for (size_t d = 0; d < in->ndocument; d++)
				key |= in->document[d] == (int)c;
			if ((in->column_required[c] || key) && r->kinds[i].map[c] < 0)
				miss(&m, h, eg_bytes_str(in->columns[c]));
		}
		for (size_t c = 0; c < in->needed.n; c++)
			if (!rd_has(h, in->needed.v[c]))
				miss(&m, h, in->needed.v[c]);
	}
	if (m.names.len > 0)
		rc = rd_refuse(r, "F-05", (struct eg_pos){ .line = 1 }, "", err,
		    "The header row lacks %s, needed in a file of %s.%s Export it again with all columns.",
		    eg_buf_cstr(&m.names), r->res->adapter->info.title, eg_buf_cstr(&m.hint));
	eg_buf_done(&m.names);
	eg_buf_done(&m.hint);
	return rc;
}

static bool
in_names(const struct adp_names *names, struct eg_bytes name)
{
	for (size_t i = 0; i < names->n; i++)
		if (eg_bytes_eq(names->v[i], name))
			return true;
	return false;
}

/* A column without a name is that of a delimiter at the end of every row: the last one, or the last one before a kit's. */
static bool
is_trailing(const struct rd_header *h, size_t i)
{
	if (h->names[i].len > 0)
		return false;
	for (size_t n = i + 1; n < h->n; n++)
		if (!repair_is_column(h->names[n]))
			return false;
	return true;
}

static bool
known(const struct rd *r, struct eg_bytes name)
{
	if (repair_is_column(name))
		return true;
	for (size_t i = 0; i < r->nkinds; i++) {
		const struct adp_in *in = &r->kinds[i].a->in;

		if (in_names(&in->ignored, name) || in_names(&in->signature, name) || in_names(&in->optional, name) ||
		    in_names(&in->needed, name))
			return true;
		for (size_t c = 0; c < in->ncolumns; c++)
			if (eg_bytes_is(name, in->columns[c]))
				return true;
	}
	return false;
}

static int
tell_unknown(struct rd *r, const struct rd_header *h, struct eg_err *err)
{
	struct eg_buf names = EG_BUF_INIT;
	size_t n = 0;
	int rc = EG_OK;

	for (size_t i = 0; i < h->n; i++) {
		if (known(r, h->names[i]) || is_trailing(h, i))
			continue;
		n++;
		rd_list(&names, h->names[i]);
	}
	if (n > 0 && r->res->adapter->in.unknown_warn)
		rc = rd_tell_file(r, ADP_WARN, false, "F-06", err,
		    "%s unknown in a file of %s and ignored: %s. If the values matter, the adapter has to learn them.",
		    n == 1 ? "One column is" : "Some columns are", r->res->adapter->info.title, eg_buf_cstr(&names));
	eg_buf_done(&names);
	return rc;
}

int
rd_columns(struct rd *r, const struct rd_header *h, struct eg_err *err)
{
	int rc;

	r->ncells = h->n;
	map_columns(r, h);
	if (r->res->adapter->in.type == AF_POSITIONAL)
		return rd_names(r, err);
	rc = check_twice(r, h, err);
	if (rc == EG_OK)
		rc = check_missing(r, h, err);
	if (rc == EG_OK)
		rc = rd_names(r, err);
	if (rc == EG_OK)
		rc = rd_kit_columns(r, h, err);
	return rc == EG_OK ? tell_unknown(r, h, err) : rc;
}

static int
columns(struct rd *r, struct fmt_csv *csv, struct eg_err *err)
{
	struct rd_header h = { 0, NULL };
	int rc = EG_OK;

	if (r->res->adapter->in.type != AF_POSITIONAL)
		rc = rd_next_header(r, csv, &h, err);
	return rc == EG_OK ? rd_columns(r, &h, err) : rc;
}

/* ---- rows ---- */

/* EG_EOF of the reader is EG_OK here: EG_EOF means that the file was refused. */
static int
rows(struct rd *r, struct fmt_csv *csv, uint64_t skip, struct eg_err *err)
{
	for (;;) {
		struct fmt_row row;
		int rc = fmt_csv_next(csv, &row, err);

		if (rc != EG_OK)
			return rc == EG_EOF ? EG_OK : rd_refuse_err(r, err);
		if (skip > 0) {
			skip--;
			continue;
		}
		if (row.blank)
			continue;
		rc = r->ncells > 0 && row.ncells != r->ncells ? rd_short_row(r, &row, err) : rd_row(r, &row, err);
		if (rc != EG_OK)
			return rc;
	}
}

int
rd_csv(struct rd *r, struct eg_err *err)
{
	struct fmt_csv_opts opts = { .delim = ',' };
	struct rd_chosen c = { NULL, 0 };
	struct fmt_csv *csv = NULL;
	int rc = rd_choose(r, &c, err);

	if (rc == EG_OK)
		rc = rd_kinds(r, c.a, err);
	if (rc != EG_OK)
		return rc == EG_BADFILE ? rd_refuse_err(r, err) : rc;
	opts.delim = c.delim;
	opts.enc = c.a->in.enc;
	opts.skip_lines = c.a->in.type == AF_POSITIONAL ? c.a->in.skip : 0;
	rd_rewind(r, false);
	rc = fmt_csv_open(r->src, &opts, &csv, err);
	if (rc == EG_OK)
		rc = columns(r, csv, err);
	if (rc == EG_OK)
		rc = rows(r, csv, opts.skip_lines, err);
	if (rc == EG_BADFILE)
		rc = rd_refuse_err(r, err);
	fmt_csv_free(csv);
	return rc;
}
