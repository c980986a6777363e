/* SPDX-License-Identifier: MIT
 *
 * A report as a workbook: its rows, its sums where it has some, and a sheet that says what it is, as of when, with which filters and definitions. Values are
 * numbers or text, never formulas. The same report gives the same bytes.
 */
#include "gateway/report/table.h"

#include "base/date.h"
#include "formats/xlsx_write.h"

#include <stdlib.h>

static enum fmt_xlsx_kind
kind_of(enum report_kind k)
{
	switch (k) {
	case RK_AMOUNT:
		return FMT_XLSX_AMOUNT;
	case RK_INT:
	case RK_NUMBER:
		return FMT_XLSX_NUMBER;
	case RK_DATE:
		return FMT_XLSX_DATE;
	case RK_TEXT:
	case RK_TIME:
		break;
	}
	return FMT_XLSX_TEXT;
}

static unsigned
width_of(const struct report *r, size_t col)
{
	size_t w = strlen(r->cols[col].title) + 3;

	for (size_t i = 0; i < r->nrows && i < 200; i++) {
		size_t n = r->rows[i].cells[col] == NULL ? 0 : strlen(r->rows[i].cells[col]) + 1;
		w = n > w ? n : w;
	}
	return w > 60 ? 60 : (unsigned)w;
}

static int
row_sheet(
    const struct report *r, struct fmt_xlsx *x, struct fmt_xlsx_col *cols, struct eg_bytes *cells, struct eg_err *err)
{
	int rc;

	for (size_t c = 0; c < r->ncols; c++)
		cols[c] = (struct fmt_xlsx_col){
			.title = r->cols[c].title, .kind = kind_of(r->cols[c].kind), .width = width_of(r, c)
		};
	rc = fmt_xlsx_sheet(x, r->name, cols, r->ncols, false, err);
	for (size_t i = 0; rc == EG_OK && i < r->nrows; i++) {
		for (size_t c = 0; c < r->ncols; c++)
			cells[c] = eg_bytes_str(r->rows[i].cells[c]);
		rc = fmt_xlsx_row(x, cells, err);
	}
	return rc;
}

/* One row of sums: the group's cells, then the summed columns. */
static int
sum_row(const struct report *r, struct fmt_xlsx *x, size_t from, size_t to, bool all, struct eg_bytes *cells,
    struct eg_err *err)
{
	char **texts = eg_xalloc((r->ncols + 1) * sizeof(*texts));
	size_t n = 1, ntexts = 0;
	int rc;

	cells[0] = eg_bytes_str(all ? "In all" : "");
	for (size_t c = 0; c < r->group; c++)
		cells[n++] = all ? EG_NONE : eg_bytes_str(r->rows[from].cells[c]);
	for (size_t c = 0; c < r->ncols; c++) {
		if ((r->cols[c].flags & RP_SUM) == 0)
			continue;
		struct report_sum s = report_sum(r, c, from, to);
		texts[ntexts] = report_sum_text(r, c, &s);
		cells[n++] = eg_bytes_str(texts[ntexts++]);
	}
	rc = fmt_xlsx_row(x, cells, err);
	for (size_t i = 0; i < ntexts; i++)
		free(texts[i]);
	free(texts);
	return rc;
}

static int
sum_sheet(
    const struct report *r, struct fmt_xlsx *x, struct fmt_xlsx_col *cols, struct eg_bytes *cells, struct eg_err *err)
{
	size_t n = 0, sums = 0;
	int rc;

	cols[n++] = (struct fmt_xlsx_col){ .title = "SUM OF" };
	for (size_t c = 0; c < r->group; c++)
		cols[n++] = (struct fmt_xlsx_col){ .title = r->cols[c].title, .width = width_of(r, c) };
	for (size_t c = 0; c < r->ncols; c++)
		if ((r->cols[c].flags & RP_SUM) != 0) {
			cols[n++] = (struct fmt_xlsx_col){
				.title = r->cols[c].title, .kind = kind_of(r->cols[c].kind), .width = width_of(r, c) + 4
			};
			sums++;
		}
	if (sums == 0 || r->nrows == 0)
		return EG_OK;
	rc = fmt_xlsx_sheet(x, "Sums", cols, n, false, err);
	for (size_t from = 0, to; rc == EG_OK && r->group > 0 && from < r->nrows; from = to) {
		to = report_group_end(r, from);
		rc = sum_row(r, x, from, to, false, cells, err);
	}
	return rc == EG_OK ? sum_row(r, x, 0, r->nrows, true, cells, err) : rc;
}

static int
say(struct fmt_xlsx *x, const char *what, const char *text, struct eg_err *err)
{
	const struct eg_bytes cells[] = { eg_bytes_str(what), eg_bytes_str(text) };

	return fmt_xlsx_row(x, cells, err);
}

static int
about_sheet(const struct report *r, struct fmt_xlsx *x, struct eg_err *err)
{
	static const struct fmt_xlsx_col cols[] = { { .title = "WHAT", .width = 14 },
		{ .title = "TEXT", .width = 120 } };
	char when[EG_TIME_TEXT];
	int rc = fmt_xlsx_sheet(x, "About", cols, 2, false, err);

	eg_time_print(when, r->as_of);
	if (rc == EG_OK)
		rc = say(x, "report", r->title, err);
	if (rc == EG_OK)
		rc = say(x, "site", r->site, err);
	if (rc == EG_OK)
		rc = say(x, "as of", when, err);
	for (size_t i = 0; rc == EG_OK && i < r->nsaid; i++)
		rc = say(x, r->said[i].name != NULL ? r->said[i].name : "note", r->said[i].value, err);
	return rc;
}

int
report_xlsx(const struct report *r, struct eg_buf *ret, struct eg_err *err)
{
	struct fmt_xlsx_col *cols = eg_xalloc((r->ncols + r->group + 1) * sizeof(*cols));
	struct fmt_xlsx_col *sum_cols = eg_xalloc((r->ncols + r->group + 1) * sizeof(*sum_cols));
	struct eg_bytes *cells = eg_xalloc((r->ncols + r->group + 1) * sizeof(*cells));
	struct fmt_xlsx *x = fmt_xlsx_new(r->as_of);
	int rc = row_sheet(r, x, cols, cells, err);

	if (rc == EG_OK)
		rc = sum_sheet(r, x, sum_cols, cells, err);
	if (rc == EG_OK)
		rc = about_sheet(r, x, err);
	if (rc == EG_OK)
		rc = fmt_xlsx_end(x, ret, err);
	fmt_xlsx_free(x);
	free(cells);
	free(sum_cols);
	free(cols);
	return rc;
}
