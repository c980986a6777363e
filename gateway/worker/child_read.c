/* SPDX-License-Identifier: MIT
 *
 * Reading inside the child: opens the container, gives every plain file and every sheet of a workbook to the adapters, whose words go out as frames
 * (child_say.c). Hashes each file's bytes as they pass, to their end, also when the file is refused early (an archive member only counts when its
 * checksum held). A container that cannot be trusted refuses the whole drop.
 */
#include "gateway/worker/child_int.h"

#include "formats/xlsx_read.h"

/* ---- one plain file ---- */

static int
file_end(struct frame_out *out, struct child_tee *t, const struct adp_file_result *r, struct eg_err *err)
{
	unsigned char sha[EG_SHA256_LEN];
	char hex[EG_SHA256_HEX];
	size_t at = frame_begin(out, FRAME_FILE_END);

	eg_sha256_final(&t->sha, sha);
	eg_hex(sha, sizeof(sha), hex);
	frame_text(out, eg_bytes_str(hex));
	frame_num(out, t->size);
	frame_num(out, r->rows);
	frame_num(out, r->records);
	frame_num(out, r->rejected);
	frame_num(out, r->refused);
	frame_text(out, eg_bytes_str(r->adapter == NULL ? "" : adp_info(r->adapter)->name));
	return frame_end(out, at, err);
}

/* book: the source is a sheet of it, else NULL. A sheet's file name is the workbook's. */
static int
read_part(const struct child_job *job, struct eg_bytes member, struct fmt_book *book, struct fmt_src src,
    struct frame_out *out, struct eg_err *err)
{
	struct child_say ctx = { .out = out, .packed = { .max = (size_t)EG_MSG_MAX << 16 } };
	struct adp_sink sink = child_sink(&ctx, job);
	struct child_tee tee;
	struct adp_file f = { job->source, member.len > 0 && book == NULL ? member : eg_bytes_str(job->name) };
	struct adp_file_result result = { 0 };

	if (job->kits != NULL)
		return child_repair_part(job, member, book, src, out, err);
	size_t at = frame_begin(out, FRAME_FILE);
	frame_text(out, member);
	int rc = frame_end(out, at, err);
	child_tee_begin(&tee, src);
	if (rc == EG_OK)
		rc = book == NULL ? adp_read(job->set, &f, child_tee_src(&tee), &sink, &result, err) :
		                    adp_read_sheet(job->set, &f, book, child_tee_src(&tee), &sink, &result, err);
	if (rc == EG_OK && !result.refused)
		rc = child_tee_drain(&tee, err);
	else if (rc == EG_OK) {
		struct eg_err ignored; /* the file is refused already; only its digest is still wanted */
		(void)child_tee_drain(&tee, &ignored);
	}
	if (rc == EG_OK)
		rc = file_end(out, &tee, &result, err);
	eg_sha256_done(&tee.sha);
	eg_buf_done(&ctx.packed);
	return rc;
}

static int
read_file(
    const struct child_job *job, struct eg_bytes member, struct fmt_src src, struct frame_out *out, struct eg_err *err)
{
	return read_part(job, member, NULL, src, out, err);
}

/* ---- workbooks ---- */

/* What each visible sheet seems to be. *ret_best: the most that any of them is. */
static int
look_at_sheets(
    const struct child_job *job, struct fmt_book *book, enum adp_fit *fits, enum adp_fit *ret_best, struct eg_err *err)
{
	const struct adp_file f = { job->source, eg_bytes_str(job->name) };
	int rc = EG_OK;

	*ret_best = ADP_FIT_EMPTY;
	for (size_t i = 0; rc == EG_OK && i < fmt_book_count(book); i++) {
		struct fmt_src src;

		fits[i] = ADP_FIT_NEAR;
		rc = fmt_book_part(book, i, &src, err);
		if (rc == EG_OK)
			rc = adp_sheet_fit(job->set, &f, book, src, &fits[i], err);
		if (rc == EG_BADFILE) /* reading it says what is wrong, at its place */
			rc = EG_OK;
		*ret_best = fits[i] > *ret_best ? fits[i] : *ret_best;
	}
	return rc;
}

/* Like an archive of its visible sheets, but that sheets which are nothing of ours (a cover, notes) are passed over, unless there is no
 * other: then the first one is told. */
static int
read_sheets(const struct child_job *job, struct fmt_book *book, struct frame_out *out, struct eg_err *err)
{
	enum adp_fit *fits = eg_xalloc(fmt_book_count(book) * sizeof(*fits)), best;
	int rc = look_at_sheets(job, book, fits, &best, err);
	bool told = false;

	for (size_t i = 0; rc == EG_OK && i < fmt_book_count(book); i++) {
		struct fmt_src src;

		if (best >= ADP_FIT_NEAR ? fits[i] < ADP_FIT_NEAR : told || fits[i] < best)
			continue;
		told = true;
		rc = fmt_book_part(book, i, &src, err);
		if (rc == EG_OK)
			rc = read_part(job, fmt_book_at(book, i).part, book, src, out, err);
	}
	free(fits);
	return rc;
}

static int
read_book(const struct child_job *job, struct frame_out *out, struct eg_err *err)
{
	struct fmt_book *book = NULL;
	struct child_src file = { job->fd, 0 };
	int rc = fmt_book_open(child_random(&file, job->size), &book, err);

	if (rc == EG_OK)
		rc = read_sheets(job, book, out, err);
	fmt_book_free(book);
	return rc;
}

/* ---- archives ---- */

static int
read_members(const struct child_job *job, struct fmt_zip *z, struct frame_out *out, struct eg_err *err)
{
	struct eg_bytes member;
	struct fmt_src src;
	int rc = EG_OK;

	while (rc == EG_OK) {
		rc = fmt_zip_next(z, &member, &src, err);
		if (rc == EG_OK)
			rc = read_file(job, member, src, out, err);
	}
	return rc == EG_EOF ? EG_OK : rc;
}

static int
read_zip(const struct child_job *job, struct frame_out *out, struct eg_err *err)
{
	struct fmt_zip *z = NULL;
	struct child_src file = { job->fd, 0 };
	int rc = fmt_zip_open(child_random(&file, job->size), &z, err);
	const bool book = rc == EG_OK && fmt_zip_is_xlsx(z);

	if (rc == EG_OK && !book)
		rc = fmt_zip_fits(z, job->zip, err);
	if (rc == EG_OK && !book)
		rc = read_members(job, z, out, err);
	fmt_zip_free(z);
	return book ? read_book(job, out, err) : rc;
}

static int
read_gzip(const struct child_job *job, struct frame_out *out, struct eg_err *err)
{
	struct child_src in = { job->fd, 0 };
	struct fmt_gzip *g = NULL;
	struct fmt_src src;
	int rc = fmt_gzip_open(child_stream(&in), &g, &src, err);

	if (rc == EG_OK)
		rc = read_file(job, EG_NONE, src, out, err);
	fmt_gzip_free(g);
	return rc;
}

/* ---- the claimed file ---- */

int
child_read(const struct child_job *job, struct frame_out *out, struct eg_err *err)
{
	enum fmt_container kind = FMT_PLAIN;
	struct child_src plain = { job->fd, 0 };
	int rc = child_container(job, &kind, err);

	if (rc != EG_OK)
		return rc;
	switch (kind) {
	case FMT_ZIP:
	case FMT_XLSX:
		rc = read_zip(job, out, err);
		break;
	case FMT_GZIP:
		rc = read_gzip(job, out, err);
		break;
	case FMT_OLE:
		rc = eg_fail(err, EG_BADFILE, "F-03",
		    "This is an Excel file of the old kind (.xls), or a workbook behind a password; neither can be read. Open it in Excel or LibreOffice, save it as .xlsx without a password, and send that file.");
		break;
	case FMT_PLAIN:
		rc = read_file(job, EG_NONE, child_stream(&plain), out, err);
		break;
	}
	return child_conclude(rc, out, err);
}

int
child_whole(const struct child_job *job, struct frame_out *out, struct eg_err *err)
{
	enum fmt_container kind = FMT_PLAIN;
	struct child_src file = { job->fd, 0 };
	int rc = child_container(job, &kind, err);

	if (rc == EG_OK && kind == FMT_ZIP) {
		struct fmt_zip *z = NULL;
		rc = fmt_zip_open(child_random(&file, job->size), &z, err);
		fmt_zip_free(z);
	} else if (rc == EG_OK)
		rc = adp_whole(child_stream(&file), err);
	return rc == EG_OK ? child_end_frame(out, err) : rc;
}
