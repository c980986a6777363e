/* SPDX-License-Identifier: MIT
 *
 * One reading of a drop: what the worker says, document by document, goes to a file without a name, so that two readings of any size can be compared side by side. Only
 * this process reads it back.
 */
#include "gateway/cli/whatif.h"

#include "base/fs.h"
#include "gateway/cli/document.h"
#include "gateway/worker/worker.h"

#include <unistd.h>

#define DOC_MEM ((size_t)1 << 30)

struct head { /* before each document */
	uint32_t file, verdict, iid, why, packed;
	uint64_t line, off;
};

int
reading_open(struct reading *r, const struct site *s, struct eg_err *err)
{
	int fd = -1, rc = eg_fs_temp(s->dir, &fd, err);

	*r = (struct reading){ .why = EG_BUF_INIT, .packed = EG_BUF_INIT };
	eg_arena_init(&r->a, DOC_MEM);
	r->doc = eg_xalloc(sizeof(*r->doc));
	r->doc->a = &r->a;
	if (rc == EG_OK)
		r->f = fdopen(fd, "w+");
	if (rc == EG_OK && r->f == NULL) {
		eg_fd_done(&fd);
		rc = eg_fail(err, EG_RETRY, "LIMIT-MEM", "cannot use a temporary file");
	}
	return rc;
}

void
reading_close(struct reading *r)
{
	if (r->f != NULL)
		(void)fclose(r->f);
	if (r->doc != NULL)
		document_done(r->doc);
	free(r->doc);
	eg_buf_done(&r->why);
	eg_buf_done(&r->packed);
	eg_arena_done(&r->a);
	*r = (struct reading){ .f = NULL };
}

/* ---- writing ---- */

static int
on_file_begin(void *ctx, const char *member, struct eg_err *err)
{
	struct reading *r = ctx;

	(void)member;
	(void)err;
	r->file++;
	r->file_start = r->end;
	r->file_refused = false;
	return EG_OK;
}

static int
on_begin(void *ctx, const struct rec *head, struct eg_bytes item, struct eg_err *err)
{
	struct reading *r = ctx;

	(void)item; /* made again from the whole record */
	eg_arena_reset(&r->a);
	eg_buf_clear(&r->why);
	return document_begin(r->doc, head, err);
}

static int
on_line(void *ctx, const struct rec *line, struct eg_err *err)
{
	struct reading *r = ctx;

	return document_line(r->doc, line, err);
}

static bool
put(struct reading *r, const void *p, size_t n)
{
	if (n > 0 && fwrite(p, 1, n, r->f) != n)
		return false;
	r->end += (long)n;
	return true;
}

static int
on_end(void *ctx, enum adp_verdict v, uint64_t off, uint64_t len, struct eg_err *err)
{
	struct reading *r = ctx;
	struct eg_buf iid = EG_BUF_INIT;
	struct rec rec;
	int rc;

	(void)len;
	if (r->file_refused)
		return EG_OK;
	rc = document_end(r->doc, &rec, err);
	if (rc == EG_OK && !rec_item_id(&rec, &iid))
		eg_buf_clear(&iid);
	eg_buf_clear(&r->packed);
	if (rc == EG_OK) {
		rec_pack(&rec, &r->packed);
		struct head h = { r->file, (uint32_t)v, (uint32_t)iid.len, (uint32_t)r->why.len,
			(uint32_t)r->packed.len, rec.at.line, off };

		if (!put(r, &h, sizeof(h)) || !put(r, iid.ptr, iid.len) || !put(r, r->why.ptr, r->why.len) ||
		    !put(r, r->packed.ptr, r->packed.len))
			rc = eg_fail(
			    err, EG_RETRY, "DISK-FULL", "there is no room for the comparison in the site's folder");
	}
	eg_buf_done(&iid);
	return rc;
}

static int
on_finding(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	struct reading *r = ctx;

	(void)err;
	if (f->severity != ADP_REJECT)
		return EG_OK;
	if (f->whole_file) { /* what the file gave before is void */
		r->file_refused = true;
		r->end = r->file_start;
		(void)fseek(r->f, r->end, SEEK_SET);
		return EG_OK;
	}
	if (r->why.len == 0)
		eg_buf_printf(&r->why, "%s line %llu: %s", f->code, (unsigned long long)f->line, f->msg);
	return EG_OK;
}

static int
on_file_end(void *ctx, const struct worker_file *f, struct eg_err *err)
{
	struct reading *r = ctx;

	(void)err;
	r->refused_files += f->refused || r->file_refused;
	return EG_OK;
}

static int
on_refused(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	struct reading *r = ctx;

	(void)f;
	(void)err;
	r->refused = true;
	return EG_OK;
}

int
reading_fill(struct reading *r, struct site *with, const struct drop_row *d, int fd, uint64_t size, struct eg_err *err)
{
	struct worker_sink sink = { on_file_begin, on_begin, on_line, on_end, on_finding, on_file_end, on_refused, r };
	int rc;

	r->end = r->file_start = 0;
	r->file = r->refused_files = 0;
	r->refused = false;
	eg_buf_clear(&r->why);
	(void)fseek(r->f, 0, SEEK_SET);
	rc = worker_read(with, fd, size, conf_family(&with->conf, d->source), d->name, &sink, err);
	if (rc == EG_BADFILE) { /* a worker that died is a refused drop, as for a turn */
		r->refused = true;
		rc = EG_OK;
	}
	if (r->refused) {
		r->end = 0;
		r->refused_files = 1;
	}
	return rc;
}

/* ---- reading back ---- */

void
reading_rewind(struct reading *r)
{
	(void)fflush(r->f);
	(void)fseek(r->f, 0, SEEK_SET);
}

static const char *
text(struct reading *r, struct eg_arena *a, uint32_t n)
{
	char *p = eg_arena_alloc(a, (size_t)n + 1);

	return p != NULL && fread(p, 1, n, r->f) == n ? p : NULL;
}

int
reading_next(struct reading *r, struct eg_arena *a, struct read_doc *ret, struct eg_err *err)
{
	struct head h;
	const char *packed;

	if (ftell(r->f) >= r->end)
		return EG_EOF;
	if (fread(&h, 1, sizeof(h), r->f) != sizeof(h))
		return eg_fail(err, EG_RETRY, "LIMIT-MEM", "the comparison could not be read back");
	*ret =
	    (struct read_doc){ .file = h.file, .line = h.line, .off = h.off, .verdict = (enum adp_verdict)h.verdict };
	ret->iid = text(r, a, h.iid);
	ret->why = text(r, a, h.why);
	packed = text(r, a, h.packed);
	if (ret->iid == NULL || ret->why == NULL || packed == NULL)
		return eg_fail(err, EG_BADFILE, "LIMIT-MEM", "a document is too large to be compared");
	return rec_unpack(eg_bytes(packed, h.packed), a, &ret->rec, err);
}
