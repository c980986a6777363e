/* SPDX-License-Identifier: MIT
 *
 * Fixtures of adapters out: the records of input.json pass the checks at accept one by one, those that pass are written together, by this adapter alone. The
 * records are written by the person who tests, not received, so no worker is needed.
 */
#include "gateway/cli/fixtures.h"

#include "adapters/tools.h"
#include "base/fs.h"
#include "base/limits.h"
#include "formats/csv_read.h"
#include "formats/xlsx_rows.h"

#define CELLS_SHOWN 5 /* differing cells that are told one by one */

struct writing {
	struct fixture *f;
	struct eg_buf findings;
	const struct rec *record; /* at hand in a check at accept */
	bool refused, packed;
	size_t file; /* the open file + 1 */
};

static int
on_finding(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err)
{
	struct writing *w = ctx;

	(void)record;
	(void)err;
	w->refused = w->refused || f->severity == ADP_REJECT;
	eg_buf_printf(&w->findings, "%s %c ", f->code, f->severity);
	eg_buf_escaped(&w->findings, f->item);
	eg_buf_printf(&w->findings, " line %llu", (unsigned long long)f->line);
	if (*f->field != '\0')
		eg_buf_printf(&w->findings, " %s", f->field);
	eg_buf_chr(&w->findings, '\n');
	return EG_OK;
}

static int
on_file(void *ctx, const struct adp *a, struct eg_bytes project, const char *ext, struct eg_err *err)
{
	struct writing *w = ctx;
	struct eg_buf name = EG_BUF_INIT;

	(void)a;
	(void)err;
	eg_buf_str(&name, "expected");
	if (project.len > 0)
		eg_buf_chr(&name, '_');
	for (size_t i = 0; i < project.len; i++) {
		unsigned char c = project.ptr[i];
		bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
		eg_buf_chr(&name, plain ? c : '-');
	}
	eg_buf_printf(&name, ".%s", ext);
	w->packed = strcmp(ext, "xlsx") == 0;
	w->file = (size_t)(fixture_file(w->f, eg_buf_cstr(&name)) - w->f->file) + 1;
	eg_buf_done(&name);
	return EG_OK;
}

static int
on_bytes(void *ctx, struct eg_bytes v, struct eg_err *err)
{
	struct writing *w = ctx;

	(void)err;
	eg_buf_add(&w->f->file[w->file - 1].bytes, v);
	return EG_OK;
}

static int
on_row(void *ctx, uint64_t line, size_t record, const struct adp_field_lineage *l, size_t n, struct eg_err *err)
{
	(void)ctx;
	(void)line;
	(void)record;
	(void)l;
	(void)n;
	(void)err;
	return EG_OK;
}

static int
on_cells(
    void *ctx, size_t record, size_t rowset, size_t line, const struct eg_bytes *cells, size_t n, struct eg_err *err)
{
	struct writing *w = ctx;
	struct fixture_file *f = &w->f->file[w->file - 1];

	(void)record;
	(void)line;
	f->rowset = eg_xrealloc(f->rowset, (f->nrows + 1) * sizeof(*f->rowset));
	f->rowset[f->nrows++] = rowset;
	return w->f->each == NULL ? EG_OK : w->f->each(w->f->each_ctx, rowset, cells, n, err);
}

/* A workbook's rows become the workbook, as the core does it. */
static int
make_books(struct writing *w, struct eg_err *err)
{
	int rc = EG_OK;

	for (size_t i = 0; w->packed && rc == EG_OK && i < w->f->nfiles; i++) {
		struct eg_buf book = EG_BUF_INIT;

		rc = fmt_xlsx_rows_book(eg_buf_view(&w->f->file[i].bytes), adp_info(w->f->a)->object, &book, err);
		eg_buf_done(&w->f->file[i].bytes);
		w->f->file[i].bytes = book;
	}
	return rc;
}

static int
write_all(struct writing *w, const struct rec *records, size_t n, struct eg_err *err)
{
	const struct rec **good = eg_xalloc((n + 1) * sizeof(*good));
	struct adp_out_sink sink = {
		.file = on_file, .bytes = on_bytes, .row = on_row, .finding = on_finding, .cells = on_cells, .ctx = w
	};
	struct adp_batch b = { .records = good, .counter = INT64_MIN };
	const struct adp_set *set = w->f->s->adapters;
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < n; i++) {
		w->refused = false;
		rc = adp_accept_one(set, w->f->a, &records[i], &sink, err);
		if (!w->refused)
			good[b.n++] = &records[i];
	}
	if (rc == EG_OK)
		rc = adp_write(set, w->f->a, &b, &sink, err);
	free(good);
	if (rc == EG_BADREC) { /* told as a finding; nothing was written then */
		while (w->f->nfiles > 0) {
			struct fixture_file *f = &w->f->file[--w->f->nfiles];
			free(f->name);
			free(f->rowset);
			eg_buf_done(&f->bytes);
		}
		return EG_OK;
	}
	return rc == EG_OK ? make_books(w, err) : rc;
}

int
fixture_write(struct fixture *f, struct eg_err *err)
{
	struct writing w = { .f = f, .findings = EG_BUF_INIT };
	struct eg_buf text = { .max = EG_LIMIT_DOC_BYTES };
	struct rec *records = NULL;
	struct eg_arena a;
	size_t n = 0;
	int rc = eg_fs_read_file(f->dir, FIXTURE_INPUT, EG_LIMIT_DOC_BYTES, &text, err);

	eg_arena_init(&a, (size_t)256 << 20);
	if (rc == EG_OK)
		rc = record_json(eg_buf_view(&text), FIXTURE_INPUT, &a, &records, &n, err);
	for (size_t i = 0; rc == EG_OK && i < n; i++)
		if (!adp_writes(f->a, records[i].type))
			f->trouble = "the adapter does not write records of that type";
	if (rc == EG_OK && f->trouble == NULL)
		rc = write_all(&w, records, n, err);
	if (rc == EG_OK && (w.findings.len > 0 || f->nfiles == 0)) /* that nothing comes of it is a result, too */
		eg_buf_add(&fixture_file(f, "expected.findings")->bytes, eg_buf_view(&w.findings));
	eg_buf_done(&w.findings);
	eg_buf_done(&text);
	eg_arena_done(&a);
	return rc;
}

/* ---- cell by cell ---- */

struct sheet {
	struct fmt_src_mem mem;
	struct fmt_csv *csv;
	struct fmt_row row;
};

static bool
sheet_open(struct sheet *s, struct eg_bytes v, unsigned char delim)
{
	struct fmt_csv_opts opts = { .delim = delim, .enc = FMT_UTF8 };
	struct eg_err unused;

	s->csv = NULL;
	return fmt_csv_open(fmt_src_mem(&s->mem, v, 0), &opts, &s->csv, &unused) == EG_OK;
}

/* 1: a row; 0: the end; -1: it cannot be read. */
static int
sheet_next(struct sheet *s)
{
	struct eg_err unused;
	int rc = fmt_csv_next(s->csv, &s->row, &unused);

	return rc == EG_OK ? 1 : rc == EG_EOF ? 0 : -1;
}

static void
put_row(struct eg_buf *ret, const char *what, struct eg_bytes text, const struct fmt_row *row)
{
	eg_buf_printf(ret, "    %-12s | ", what);
	eg_buf_escaped(ret, eg_bytes_trim_ws(eg_bytes_sub(text, (size_t)row->off, (size_t)row->len)));
	eg_buf_chr(ret, '\n');
}

static const char *
column_name(const struct fixture *f, const struct fixture_file *got, uint64_t row, size_t i)
{
	bool header;
	const char *name;

	(void)adp_delimiter(f->a, &header);
	row -= header;
	name = adp_column_at(f->a, row >= 1 && row <= got->nrows ? got->rowset[row - 1] : 0, i);
	return name == NULL ? "a column more" : name;
}

/* false: equal. */
static bool
put_row_cells(const struct fixture *f, const struct fixture_file *got, uint64_t n, const struct fmt_row *want,
    const struct fmt_row *have, struct eg_buf *ret, size_t *told)
{
	bool differ = false;

	if (want->ncells != have->ncells) { /* cell against cell would compare what does not belong together */
		if ((*told)++ < CELLS_SHOWN)
			eg_buf_printf(ret, "    row %llu: expected %zu cells, got %zu\n", (unsigned long long)n,
			    want->ncells, have->ncells);
		return true;
	}
	for (size_t i = 0; i < want->ncells; i++) {
		struct eg_bytes x = want->cells[i].val, y = have->cells[i].val;

		if (eg_bytes_eq(x, y))
			continue;
		differ = true;
		if ((*told)++ >= CELLS_SHOWN)
			continue;
		eg_buf_printf(ret, "    row %llu, %s: expected ", (unsigned long long)n, column_name(f, got, n, i));
		eg_buf_escaped(ret, x.len > 0 ? x : EG_LIT("nothing"));
		eg_buf_str(ret, ", got ");
		eg_buf_escaped(ret, y.len > 0 ? y : EG_LIT("nothing"));
		eg_buf_chr(ret, '\n');
	}
	return differ;
}

bool
fixture_cells(const struct fixture *f, const struct fixture_file *got, struct eg_bytes expected, struct eg_buf *ret)
{
	struct eg_bytes have = eg_buf_view(&got->bytes);
	struct sheet x, y;
	struct eg_buf text = EG_BUF_INIT;
	size_t told = 0;
	bool header, fine = adp_info(f->a)->out && eg_bytes_ends(eg_bytes_str(got->name), EG_LIT(".csv"));
	unsigned char delim = fine ? adp_delimiter(f->a, &header) : ',';
	int a = 0, b = 0;

	x.csv = y.csv = NULL;
	fine = fine && sheet_open(&x, expected, delim) && sheet_open(&y, have, delim);
	for (uint64_t n = 1; fine; n++) {
		a = sheet_next(&x);
		b = sheet_next(&y);
		if (a <= 0 || b <= 0)
			break;
		if (put_row_cells(f, got, n, &x.row, &y.row, &text, &told) && told <= CELLS_SHOWN) {
			put_row(&text, got->name, expected, &x.row);
			put_row(&text, "got", have, &y.row);
		}
	}
	fine = fine && a >= 0 && b >= 0 && (told > 0 || a != b);
	if (fine && a != b)
		eg_buf_printf(&text, "    %s has %s rows than what came\n", got->name, a > b ? "more" : "fewer");
	if (fine && told > CELLS_SHOWN)
		eg_buf_printf(&text, "    … and %zu more differences\n", told - CELLS_SHOWN);
	if (fine)
		eg_buf_add(ret, eg_buf_view(&text));
	eg_buf_done(&text);
	fmt_csv_free(x.csv);
	fmt_csv_free(y.csv);
	return fine;
}
