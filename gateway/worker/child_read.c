/* SPDX-License-Identifier: MIT
 *
 * Reading inside the child: opens the container, gives every plain file and every sheet of a workbook to the adapters, turns what they say into frames. Hashes each file's
 * bytes as they pass, to their end, also when the file is refused early (an archive member only counts when its checksum held).
 */
#include "gateway/worker/child.h"

#include "adapters/tools.h"
#include "base/hash.h"
#include "formats/container.h"
#include "formats/csv_read.h"
#include "formats/xlsx_read.h"

#include <errno.h>
#include <unistd.h>

/* ---- sources ---- */

struct fd_src {
	int fd;
	uint64_t off;
};

static int
fd_pread(int fd, uint64_t off, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	ssize_t n;

	do
		n = pread(fd, buf, cap, (off_t)off);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return eg_fail_sys(err, EG_RETRY, "DISK-ERROR", errno, "cannot read the claimed file");
	*ret_n = (size_t)n;
	return EG_OK;
}

static int
fd_src_read(void *ctx, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	struct fd_src *s = ctx;
	int rc = fd_pread(s->fd, s->off, buf, cap, ret_n, err);

	if (rc == EG_OK)
		s->off += *ret_n;
	return rc;
}

static int
fd_random_pread(void *ctx, uint64_t off, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	return fd_pread(*(const int *)ctx, off, buf, cap, ret_n, err);
}

struct tee { /* hashes and counts what passes; keeps the source's own failure apart from the reader's */
	struct fmt_src inner;
	struct eg_sha256 sha;
	uint64_t size;
};

static int
tee_read(void *ctx, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	struct tee *t = ctx;
	int rc = t->inner.read(t->inner.ctx, buf, cap, ret_n, err);

	if (rc == EG_OK) {
		eg_sha256_add(&t->sha, eg_bytes(buf, *ret_n));
		t->size += *ret_n;
	}
	return rc;
}

static int
tee_drain(struct tee *t, struct eg_err *err)
{
	unsigned char buf[16384];
	size_t n;
	int rc;

	do
		rc = tee_read(t, buf, sizeof(buf), &n, err);
	while (rc == EG_OK && n > 0);
	return rc;
}

/* ---- adapters' sink to frames ---- */

struct sink_ctx {
	struct frame_out *out;
	struct eg_buf packed;
};

int
child_finding(struct frame_out *out, enum frame_type t, size_t record, const struct adp_finding *f, struct eg_err *err)
{
	size_t at = frame_begin(out, t);

	frame_num(out, record);
	frame_text(out, eg_bytes_str(f->code));
	frame_num(out, (unsigned char)f->severity);
	frame_num(out, f->whole_file);
	frame_num(out, f->line);
	frame_num(out, f->pos.off);
	frame_num(out, f->pos.line);
	frame_num(out, f->pos.col);
	frame_text(out, eg_bytes_str(f->field));
	frame_text(out, f->value);
	frame_text(out, f->item);
	frame_text(out, eg_bytes_str(f->msg));
	return frame_end(out, at, err);
}

static int
on_file(void *ctx, const struct adp *a, struct eg_err *err)
{
	struct sink_ctx *c = ctx;
	size_t at = frame_begin(c->out, FRAME_ADAPTER);

	frame_text(c->out, eg_bytes_str(adp_info(a)->name));
	return frame_end(c->out, at, err);
}

static int
on_begin(void *ctx, const struct rec *head, struct eg_bytes item, struct eg_err *err)
{
	struct sink_ctx *c = ctx;

	eg_buf_clear(&c->packed);
	rec_pack(head, &c->packed);
	size_t at = frame_begin(c->out, FRAME_BEGIN);
	frame_text(c->out, item);
	frame_text(c->out, eg_buf_view(&c->packed));
	return frame_end(c->out, at, err);
}

static int
on_line(void *ctx, const struct rec *line, struct eg_err *err)
{
	static struct rec_val blank[128]; /* a line is packed as a record without header values */
	struct sink_ctx *c = ctx;
	struct rec whole = *line;

	eg_check(line->type->nhead <= sizeof(blank) / sizeof(blank[0]));
	if (whole.head == NULL)
		whole.head = blank;
	eg_buf_clear(&c->packed);
	rec_pack(&whole, &c->packed);
	size_t at = frame_begin(c->out, FRAME_LINE);
	frame_text(c->out, eg_buf_view(&c->packed));
	return frame_end(c->out, at, err);
}

static int
on_end(void *ctx, enum adp_verdict v, uint64_t raw_off, uint64_t raw_len, struct eg_err *err)
{
	struct sink_ctx *c = ctx;
	size_t at = frame_begin(c->out, FRAME_DONE);

	frame_num(c->out, (uint64_t)v);
	frame_num(c->out, raw_off);
	frame_num(c->out, raw_len);
	return frame_end(c->out, at, err);
}

static int
on_finding(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	struct sink_ctx *c = ctx;

	return child_finding(c->out, FRAME_FINDING, 0, f, err);
}

int
child_traced(void *ctx, const struct adp_traced *t, struct eg_err *err)
{
	struct frame_out *out = ((struct sink_ctx *)ctx)->out;
	size_t at = frame_begin(out, FRAME_TRACED);

	frame_num(out, t->line);
	frame_text(out, eg_bytes_str(t->target));
	frame_text(out, t->source);
	frame_text(out, t->value);
	frame_num(out, t->masked);
	frame_text(out, eg_bytes_str(t->code));
	frame_text(out, eg_bytes_str(t->msg));
	frame_text(out, eg_bytes_str(t->cure));
	frame_num(out, t->nsteps);
	for (size_t i = 0; i < t->nsteps; i++) {
		frame_text(out, t->steps[i].text);
		frame_text(out, t->steps[i].value);
		frame_num(out, t->steps[i].same);
	}
	return frame_end(out, at, err);
}

/* ---- one plain file ---- */

static int
file_end(struct frame_out *out, struct tee *t, const struct adp_file_result *r, struct eg_err *err)
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
	struct sink_ctx ctx = { .out = out, .packed = { .max = (size_t)EG_MSG_MAX << 16 } };
	struct adp_sink sink = { .file = on_file,
		.begin = on_begin,
		.line = on_line,
		.end = on_end,
		.finding = on_finding,
		.ctx = &ctx,
		.traced = job->trace_line > 0 ? child_traced : NULL,
		.trace_line = job->trace_line };
	struct tee tee = { .inner = src };
	struct adp_file f = { job->source, member.len > 0 && book == NULL ? member : eg_bytes_str(job->name) };
	struct fmt_src through = { tee_read, &tee };
	struct adp_file_result result = { 0 };

	if (job->kits != NULL)
		return child_repair_part(job, member, book, src, out, err);
	size_t at = frame_begin(out, FRAME_FILE);
	frame_text(out, member);
	int rc = frame_end(out, at, err);
	eg_sha256_init(&tee.sha);
	if (rc == EG_OK)
		rc = book == NULL ? adp_read(job->set, &f, through, &sink, &result, err) :
		                    adp_read_sheet(job->set, &f, book, through, &sink, &result, err);
	if (rc == EG_OK && !result.refused)
		rc = tee_drain(&tee, err);
	else if (rc == EG_OK) {
		struct eg_err ignored; /* the file is refused already; only its digest is still wanted */
		(void)tee_drain(&tee, &ignored);
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
	int fd = job->fd;
	int rc = fmt_book_open((struct fmt_random){ fd_random_pread, &fd, job->size }, &book, err);

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
	int fd = job->fd;
	int rc = fmt_zip_open((struct fmt_random){ fd_random_pread, &fd, job->size }, &z, err);
	const bool book = rc == EG_OK && fmt_zip_is_xlsx(z);

	if (rc == EG_OK && !book)
		rc = read_members(job, z, out, err);
	fmt_zip_free(z);
	return book ? read_book(job, out, err) : rc;
}

static int
read_gzip(const struct child_job *job, struct frame_out *out, struct eg_err *err)
{
	struct fd_src in = { job->fd, 0 };
	struct fmt_gzip *g = NULL;
	struct fmt_src src;
	int rc = fmt_gzip_open((struct fmt_src){ fd_src_read, &in }, &g, &src, err);

	if (rc == EG_OK)
		rc = read_file(job, EG_NONE, src, out, err);
	fmt_gzip_free(g);
	return rc;
}

/* A container that cannot be trusted refuses the whole drop: a finding, not a failure. */
static int
refuse(struct frame_out *out, const struct eg_err *why, struct eg_err *err)
{
	struct adp_finding f = { .code = why->code,
		.severity = ADP_REJECT,
		.whole_file = true,
		.line = 1,
		.pos = why->pos,
		.field = "",
		.msg = why->msg };

	return child_finding(out, FRAME_REFUSED, 0, &f, err);
}

static int
end(struct frame_out *out, struct eg_err *err)
{
	int rc = frame_end(out, frame_begin(out, FRAME_END), err);

	return rc == EG_OK ? frame_flush(out, err) : rc;
}

int
child_read(const struct child_job *job, struct frame_out *out, struct eg_err *err)
{
	unsigned char head[8];
	size_t n = 0;
	struct fd_src plain = { job->fd, 0 };
	int rc = fd_pread(job->fd, 0, head, sizeof(head), &n, err);

	if (rc < 0)
		return rc;
	switch (fmt_container_of(eg_bytes(head, n))) {
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
		rc = read_file(job, EG_NONE, (struct fmt_src){ fd_src_read, &plain }, out, err);
		break;
	}
	if (rc == EG_BADFILE) {
		struct eg_err why = *err;
		rc = refuse(out, &why, err);
	}
	return rc == EG_OK ? end(out, err) : rc;
}

int
child_whole(const struct child_job *job, struct frame_out *out, struct eg_err *err)
{
	unsigned char head[8];
	size_t n = 0;
	struct fd_src plain = { job->fd, 0 };
	int fd = job->fd;
	int rc = fd_pread(job->fd, 0, head, sizeof(head), &n, err);

	if (rc == EG_OK && fmt_container_of(eg_bytes(head, n)) == FMT_ZIP) {
		struct fmt_zip *z = NULL;
		rc = fmt_zip_open((struct fmt_random){ fd_random_pread, &fd, job->size }, &z, err);
		fmt_zip_free(z);
	} else if (rc == EG_OK)
		rc = adp_whole((struct fmt_src){ fd_src_read, &plain }, err);
	return rc == EG_OK ? end(out, err) : rc;
}

/* ---- titles of a template ---- */

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
	struct fd_src in = { job->fd, 0 };
	struct fmt_peek peek;
	struct fmt_csv_opts opts = { .enc = FMT_UTF8 };
	struct fmt_csv *csv = NULL;
	struct eg_bytes head;
	struct fmt_row row;
	int rc = fmt_peek_open(&peek, (struct fmt_src){ fd_src_read, &in }, &head, err);

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
	int fd = job->fd;
	int rc = fmt_book_open((struct fmt_random){ fd_random_pread, &fd, job->size }, &book, err);

	for (size_t i = 0; rc == EG_OK && i < fmt_book_count(book); i++)
		rc = sheet_titles(book, i, out, err);
	fmt_book_free(book);
	return rc;
}

int
child_header(const struct child_job *job, struct frame_out *out, struct eg_err *err)
{
	unsigned char head[8];
	size_t n = 0;
	int rc = fd_pread(job->fd, 0, head, sizeof(head), &n, err);

	if (rc == EG_OK && fmt_container_of(eg_bytes(head, n)) == FMT_ZIP)
		rc = book_titles(job, out, err);
	else if (rc == EG_OK)
		rc = csv_titles(job, out, err);
	if (rc == EG_BADFILE) {
		struct eg_err why = *err;
		rc = refuse(out, &why, err);
	}
	return rc == EG_OK ? end(out, err) : rc;
}
