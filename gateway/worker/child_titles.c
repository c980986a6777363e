/* SPDX-License-Identifier: MIT
 *
 * Titles for a template, read inside the child: the first row of a plain file, or of each sheet of a workbook. The delimiter of a plain file is
 * guessed from its first line. A file that cannot be read is refused as a drop is; one without rows has no titles.
 */
#include "gateway/worker/child_int.h"

#include "formats/csv_read.h"
#include "formats/xlsx_read.h"

static int
send_titles(struct frame_out *out, struct eg_bytes sheet, const struct fmt_row *row, struct eg_err *err)
{
	size_t at = frame_begin(out, FRAME_HEADER);

	frame_text(out, sheet);
	frame_num(out, row->ncells);
	for (size_t i = 0; i < row->ncells; i++)
		frame_text(out, row->cells[i].val);
	return frame_end(out, at, err);
}

/* ---- CSV ---- */

/* The delimiter of the three that stands most often in the first line. */
static unsigned char
delimiter_of(struct eg_bytes head)
{
	static const unsigned char all[] = { ',', ';', '\t' };
	size_t count[3] = { 0 }, best = 0;

	for (size_t i = 0; i < head.len && head.ptr[i] != '\n'; i++)
		for (size_t k = 0; k < 3; k++)
			count[k] += head.ptr[i] == all[k];
	for (size_t k = 1; k < 3; k++)
		best = count[k] > count[best] ? k : best;
	return all[best];
}

static int
csv_titles(const struct child_job *job, struct frame_out *out, struct eg_err *err)
{
	struct child_src in = { job->fd, 0 };
	struct fmt_peek peek;
	struct fmt_csv_opts opts = { .enc = FMT_UTF8 };
	struct fmt_csv *csv = NULL;
	struct eg_bytes head;
	struct fmt_row row;
	int rc = fmt_peek_open(&peek, child_stream(&in), &head, err);

	if (rc == EG_OK)
		opts.delim = delimiter_of(head);
	if (rc == EG_OK)
		rc = fmt_csv_open(fmt_peek_src(&peek), &opts, &csv, err);
	if (rc == EG_OK)
		rc = fmt_csv_next(csv, &row, err);
	if (rc == EG_OK)
		rc = send_titles(out, EG_LIT(""), &row, err);
	fmt_csv_free(csv);
	return rc == EG_EOF ? EG_OK : rc;
}

/* ---- workbooks ---- */

static int
sheet_titles(struct fmt_book *book, size_t i, struct frame_out *out, struct eg_err *err)
{
	struct fmt_src src;
	struct fmt_row row;
	int rc = fmt_book_part(book, i, &src, err);

	if (rc == EG_OK)
		rc = fmt_book_begin(book, src, err);
	do
		rc = rc == EG_OK ? fmt_book_next(book, &row, err) : rc;
	while (rc == EG_OK && row.blank);
	if (rc == EG_OK)
		rc = send_titles(out, fmt_book_at(book, i).name, &row, err);
	return rc == EG_EOF ? EG_OK : rc;
}

static int
book_titles(const struct child_job *job, struct frame_out *out, struct eg_err *err)
{
	struct fmt_book *book = NULL;
	struct child_src file = { job->fd, 0 };
	int rc = fmt_book_open(child_random(&file, job->size), &book, err);

	for (size_t i = 0; rc == EG_OK && i < fmt_book_count(book); i++)
		rc = sheet_titles(book, i, out, err);
	fmt_book_free(book);
	return rc;
}

/* ---- both ---- */

int
child_header(const struct child_job *job, struct frame_out *out, struct eg_err *err)
{
	enum fmt_container kind = FMT_PLAIN;
	int rc = child_container(job, &kind, err);

	if (rc == EG_OK)
		rc = kind == FMT_ZIP ? book_titles(job, out, err) : csv_titles(job, out, err);
	return child_conclude(rc, out, err);
}
