/* SPDX-License-Identifier: MIT
 *
 * CSV files: the layout by the header row (or, without one, by the first line), the columns, and the rows.
 * Refuses the whole file with F-01, F-05, F-07, and with what the reader refuses (F-02, F-03, LIMIT-…).
 */
#include "adapters/read_int.h"

#include "base/limits.h"
#include "formats/csv_read.h"

#define TRIALS_MAX 8
#define LISTED_MAX 600 /* bytes of column names repeated in a sentence */

struct header {
	size_t n;
	struct eg_bytes *names;
};

struct trial { /* the header row as one delimiter and encoding see it */
	unsigned char delim;
	enum fmt_enc enc;
	bool bad;
	struct eg_err why;
	struct header header;
};

struct chosen {
	const struct adp *a;
	unsigned char delim;
};

/* ---- trying layouts ---- */

static bool
has(const struct header *h, struct eg_bytes name)
{
	for (size_t i = 0; i < h->n; i++)
		if (eg_bytes_eq(h->names[i], name))
			return true;
	return false;
}

static size_t
found(const struct header *h, const struct adp_names *names)
{
	size_t n = 0;

	for (size_t i = 0; i < names->n; i++)
		n += has(h, names->v[i]);
	return n;
}

static int
keep_header(struct rd *r, const struct fmt_row *row, struct header *ret, struct eg_err *err)
{
	ret->names = eg_arena_array(&r->fixed, row->ncells, sizeof(*ret->names));
	if (ret->names == NULL)
		return rd_no_memory(r, err);
	for (size_t i = 0; i < row->ncells; i++) {
		ret->names[i] = eg_arena_dup(&r->fixed, row->cells[i].val);
		if (ret->names[i].ptr == NULL)
			return rd_no_memory(r, err);
	}
	ret->n = row->ncells;
	return EG_OK;
}

/* The first row that is not blank; EG_EOF with an empty header when there is none is not an error here. */
static int
next_header(struct rd *r, struct fmt_csv *csv, struct header *ret, struct eg_err *err)
{
	struct fmt_row row = { .blank = true };
	int rc = EG_OK;

	ret->n = 0;
	while (rc == EG_OK && row.blank)
		rc = fmt_csv_next(csv, &row, err);
	if (rc == EG_EOF)
		return EG_OK;
	return rc == EG_OK ? keep_header(r, &row, ret, err) : rc;
}

static int
try_header(struct rd *r, struct trial *t, struct eg_err *err)
{
	struct fmt_csv_opts opts = { .delim = t->delim, .enc = t->enc };
	struct fmt_csv *csv = NULL;
	int rc;

	rd_rewind(r, true);
	rc = fmt_csv_open(r->src, &opts, &csv, err);
	if (rc == EG_OK)
		rc = next_header(r, csv, &t->header, err);
	fmt_csv_free(csv);
	if (rc != EG_BADFILE)
		return rc;
	t->bad = true;
	t->why = *err;
	return EG_OK;
}

/* The first line of the file that holds more than blanks, as bytes. */
static int
first_line(struct rd *r, struct eg_bytes *ret, struct eg_err *err)
{
	bool end = false;

	for (size_t want = 1;; want = 2 * r->tape.kept.len) {
		struct eg_bytes text, line;
		bool quoted = false;
		size_t i, from = 0;
		int rc = rd_record(r, want, &end, err);

		if (rc != EG_OK)
			return rc;
		text = eg_buf_view(&r->tape.kept);
		for (i = 0; i < text.len; i++) {
			quoted ^= text.ptr[i] == '"';
			if (text.ptr[i] != '\n' || quoted)
				continue;
			line = eg_bytes_sub(text, from, i - from);
			if (eg_bytes_trim_ws(line).len > 0)
				break;
			from = i + 1;
		}
		if (i < text.len || end || text.len > EG_LIMIT_ROW_BYTES) {
			*ret = eg_bytes_sub(text, from, i - from);
			return EG_OK;
		}
	}
}

static unsigned char
commonest_delimiter(struct eg_bytes line)
{
	static const unsigned char delims[3] = { ',', ';', '\t' };
	size_t n[3] = { 0, 0, 0 }, best = 0;
	bool quoted = false;

	for (size_t i = 0; i < line.len; i++) {
		quoted ^= line.ptr[i] == '"';
		for (size_t d = 0; d < 3 && !quoted; d++)
			n[d] += line.ptr[i] == delims[d];
	}
	for (size_t d = 1; d < 3; d++)
		if (n[d] > n[best])
			best = d;
	return delims[best];
}

static int
trial_of(struct rd *r, struct trial *trials, size_t *n, unsigned char delim, enum fmt_enc enc, struct trial **ret, struct eg_err *err)
{
	for (size_t i = 0; i < *n; i++) {
		*ret = &trials[i];
		if (trials[i].delim == delim && trials[i].enc == enc)
			return EG_OK;
	}
	eg_check(*n < TRIALS_MAX);
	*ret = &trials[(*n)++];
	**ret = (struct trial){ .delim = delim, .enc = enc };
	return try_header(r, *ret, err);
}

static void
list(struct eg_buf *b, struct eg_bytes name)
{
	if (b->len > LISTED_MAX)
		return;
	eg_buf_str(b, b->len == 0 ? "\"" : ", \"");
	eg_buf_escaped(b, eg_bytes_sub(name, 0, 80));
	eg_buf_chr(b, '"');
}

/* F-01: names the layout that comes nearest and what it misses, so that a renamed column is found at once. */
static int
nothing_fits(struct rd *r, const struct trial *trials, size_t ntrials, struct eg_err *err)
{
	struct eg_buf missing = EG_BUF_INIT;
	const struct adp *near = NULL;
	const struct trial *seen = NULL;
	size_t best = 0;
	int rc;

	for (size_t i = 0; i < ntrials; i++)
		if (trials[i].bad) {
			*err = trials[i].why;
			return rd_refuse_err(r, err);
		}
	for (size_t i = 0; i < adp_set_count(r->set); i++) {
		const struct adp *a = adp_set_at(r->set, i);

		for (size_t t = 0; rd_fits(r, a, AF_CSV) && t < ntrials; t++)
			if (found(&trials[t].header, &a->in.signature) > best) {
				best = found(&trials[t].header, &a->in.signature);
				near = a;
				seen = &trials[t];
			}
	}
	for (size_t i = 0; near != NULL && i < near->in.signature.n; i++)
		if (!has(&seen->header, near->in.signature.v[i]))
			list(&missing, near->in.signature.v[i]);
	if (missing.len > 0)
		rc = rd_refuse(r, "F-01", (struct eg_pos){ .line = 1 }, "", err,
		    "No layout of %s fits this file. The nearest is \"%s\", but the header row lacks %s. Check that the right file was exported, with all columns.",
		    r->file->source, near->info.title, eg_buf_cstr(&missing));
	else
		rc = rd_refuse(r, "F-01", (struct eg_pos){ .line = 1 }, "", err,
		    "No layout of %s fits this file: its first row is the header row of none. Check that the right file was dropped into the right folder.", r->file->source);
	eg_buf_done(&missing);
	return rc;
}

static int
choose_positional(struct rd *r, struct chosen *ret, struct eg_err *err)
{
	struct eg_bytes line;
	enum fmt_enc enc;
	size_t bom;
	int rc = first_line(r, &line, err);

	if (rc != EG_OK)
		return rc;
	(void)fmt_bom(line, &enc, &bom);
	line = eg_bytes_trim_ws(eg_bytes_sub(line, bom, line.len));
	for (size_t i = 0; i < adp_set_count(r->set); i++) {
		const struct adp *a = adp_set_at(r->set, i);

		if (!rd_fits(r, a, AF_POSITIONAL) || !eg_bytes_eq(a->in.first_line, line))
			continue;
		*ret = (struct chosen){ a, a->in.delim_auto ? ',' : a->in.delim };
		return EG_OK;
	}
	return EG_OK;
}

static int
choose(struct rd *r, struct chosen *ret, struct eg_err *err)
{
	struct trial trials[TRIALS_MAX];
	size_t ntrials = 0;
	struct eg_bytes line;
	unsigned char most;
	int rc = choose_positional(r, ret, err);

	if (rc != EG_OK || ret->a != NULL)
		return rc;
	rc = first_line(r, &line, err);
	if (rc != EG_OK)
		return rc;
	most = commonest_delimiter(line);
	for (size_t i = 0; i < adp_set_count(r->set); i++) {
		const struct adp *a = adp_set_at(r->set, i);
		struct trial *t = NULL;

		if (!rd_fits(r, a, AF_CSV))
			continue;
		rc = trial_of(r, trials, &ntrials, a->in.delim_auto ? most : a->in.delim, a->in.enc, &t, err);
		if (rc != EG_OK)
			return rc;
		if (t->bad || found(&t->header, &a->in.signature) < a->in.signature.n || found(&t->header, &a->in.signature_without) > 0)
			continue;
		*ret = (struct chosen){ a, t->delim };
		return EG_OK;
	}
	return nothing_fits(r, trials, ntrials, err);
}

/* ---- columns ---- */

static int
check_twice(struct rd *r, const struct header *h, struct eg_err *err)
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
map_columns(struct rd *r, const struct header *h)
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
			if (in->type == AF_POSITIONAL && eg_bytes_to_u64(eg_bytes_str(in->columns[c]), &number) && number >= 1 && number <= EG_LIMIT_CELLS)
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
miss(struct missing *m, const struct header *h, struct eg_bytes name)
{
	const struct eg_bytes *near = NULL;
	unsigned best = 3;
	struct eg_buf quoted = EG_BUF_INIT;
	bool again;

	list(&quoted, name);
	again = eg_bytes_find(eg_buf_view(&m->names), eg_buf_view(&quoted)) < m->names.len;
	eg_buf_done(&quoted);
	if (again)
		return;
	list(&m->names, name);
	for (size_t i = 0; i < h->n; i++) {
		unsigned d = eg_bytes_distance(name, h->names[i], 2);

		if (h->names[i].len > 2 && d < best) {
			best = d;
			near = &h->names[i];
		}
	}
	if (near == NULL || m->hint.len > LISTED_MAX)
		return;
	eg_buf_printf(&m->hint, " Column \"%.*s\" was probably meant to be \"%.*s\".", EG_FMT(*near), EG_FMT(name));
}

static int
check_missing(struct rd *r, const struct header *h, struct eg_err *err)
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
			if (!has(h, in->needed.v[c]))
				miss(&m, h, in->needed.v[c]);
	}
	if (m.names.len > 0)
		rc = rd_refuse(r, "F-05", (struct eg_pos){ .line = 1 }, "", err, "The header row lacks %s, needed in a file of %s.%s Export it again with all columns.",
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

static bool
known(const struct rd *r, struct eg_bytes name)
{
	for (size_t i = 0; i < r->nkinds; i++) {
		const struct adp_in *in = &r->kinds[i].a->in;

		if (in_names(&in->ignored, name) || in_names(&in->signature, name) || in_names(&in->optional, name) || in_names(&in->needed, name))
			return true;
		for (size_t c = 0; c < in->ncolumns; c++)
			if (eg_bytes_is(name, in->columns[c]))
				return true;
	}
	return false;
}

static int
tell_unknown(struct rd *r, const struct header *h, struct eg_err *err)
{
	struct eg_buf names = EG_BUF_INIT;
	size_t n = 0;
	int rc = EG_OK;

	for (size_t i = 0; i < h->n; i++) {
		if (known(r, h->names[i]) || (h->names[i].len == 0 && i + 1 == h->n))
			continue;
		n++;
		list(&names, h->names[i]);
	}
	if (n > 0 && r->res->adapter->in.unknown_warn)
		rc = rd_tell_file(r, ADP_WARN, false, "F-06", err, "%s unknown in a file of %s and ignored: %s. If the values matter, the adapter has to learn them.",
		    n == 1 ? "One column is" : "Some columns are", r->res->adapter->info.title, eg_buf_cstr(&names));
	eg_buf_done(&names);
	return rc;
}

static int
columns(struct rd *r, struct fmt_csv *csv, struct eg_err *err)
{
	struct header h = { 0, NULL };
	int rc = EG_OK;

	if (r->res->adapter->in.type != AF_POSITIONAL)
		rc = next_header(r, csv, &h, err);
	if (rc != EG_OK)
		return rc;
	r->ncells = h.n;
	map_columns(r, &h);
	if (r->res->adapter->in.type == AF_POSITIONAL)
		return rd_names(r, err);
	rc = check_twice(r, &h, err);
	if (rc == EG_OK)
		rc = check_missing(r, &h, err);
	if (rc == EG_OK)
		rc = rd_names(r, err);
	return rc == EG_OK ? tell_unknown(r, &h, err) : rc;
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
	struct chosen c = { NULL, 0 };
	struct fmt_csv *csv = NULL;
	int rc = choose(r, &c, err);

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
