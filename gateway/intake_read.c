/* SPDX-License-Identifier: MIT
 *
 * A drop's original through a worker, file by file: what every file gave, and what of it counts. A worker that died, or broke a limit, is a refused drop and never a
 * loop: what may have been the machine's fault is tried once more, with another worker, and then refused for good. A refused drop is no failure; what fails is the store, or the
 * original's being opened.
 */
#include "gateway/intake_int.h"

#include "base/fs.h"
#include "base/limits.h"
#include "gateway/worker/worker.h"

/* ---- one file ---- */

static int
on_file_begin(void *ctx, const char *member, struct eg_err *err)
{
	struct intake *in = ctx;
	struct file_row row = {
		.drop = in->drop.id, .member = member, .sha256 = "", .adapter = "", .adapter_sha256 = ""
	};
	int rc = store_file_add(in->site->store, &row, &in->place.file_id, err);

	eg_buf_clear(&in->member);
	eg_buf_str(&in->member, member);
	eg_buf_clear(&in->file_name);
	eg_buf_str(&in->file_name, in->drop.name);
	if (*member != '\0') {
		eg_buf_chr(&in->file_name, '!');
		eg_buf_escaped(&in->file_name, eg_bytes_str(member));
	}
	in->place.file = eg_buf_cstr(&in->file_name);
	in->file_refused = false;
	in->broken = in->unasked = 0;
	in->told = 0;
	in->file_open = true;
	return rc == EG_OK ? store_mark(in->site->store, err) : rc;
}

/* A list that is whole says what is not in it any more: unless a newer one has come, or only some of it is read. */
static int
end_list(struct intake *in, const struct adp *a, struct eg_err *err)
{
	bool late = false;
	int rc = rereading_late_list(in->site, &in->again, adp_info(a)->record, &late, err);

	return rc == EG_OK && !late && in->again.r.npicks == 0 ? match_file_end(in->site, &in->place, a, err) : rc;
}

static int
on_file_end(void *ctx, const struct worker_file *f, struct eg_err *err)
{
	struct intake *in = ctx;
	struct site *s = in->site;
	struct file_row row = { .id = in->place.file_id,
		.sha256 = f->sha256,
		.adapter = f->adapter == NULL ? "" : adp_info(f->adapter)->name,
		.adapter_sha256 = f->adapter == NULL ? "" : adp_info(f->adapter)->sha256,
		.size = (int64_t)f->size,
		.rows = (int64_t)f->rows,
		.records = (int64_t)f->records,
		.rejected = (int64_t)(f->rejected + in->broken - in->unasked),
		.refused = f->refused || in->file_refused };
	int rc = row.refused || f->adapter == NULL ? EG_OK : end_list(in, f->adapter, err);

	if (rc == EG_OK)
		rc = book_flush(&in->book, s, in->place.file_id, err);
	if (rc == EG_OK)
		rc = store_keep(s->store, err);
	in->file_open = false;
	if (rc == EG_OK)
		rc = store_file_set(s->store, &row, err);
	if (rc == EG_OK)
		rc = intake_found_rest(in, err);
	if (!row.refused) {
		in->records += (unsigned)f->records;
		in->rejected += (unsigned)f->rejected + in->broken - in->unasked;
		in->adapter = f->adapter;
	} else
		in->refused_files++;
	return rc;
}

static int
on_refused(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	struct intake *in = ctx;

	(void)err;
	in->drop_refused = true;
	eg_fail(&in->refusal, EG_BADFILE, f->code, "%s", f->msg);
	in->refusal.pos = f->pos;
	return EG_OK;
}

/* ---- the drop ---- */

static int
read_drop(struct intake *in, struct eg_err *err)
{
	struct worker_sink sink = { on_file_begin, intake_doc_begin, intake_doc_line, intake_doc_end, intake_found,
		on_file_end, on_refused, in };
	struct site *s = in->site;
	int own = -1, rc = in->only_try >= 0 ? EG_OK : spool_open_raw(&s->spool, in->drop.id, &own, err);

	if (rc == EG_OK)
		rc = worker_read(rereading_site(s, &in->again), own >= 0 ? own : in->only_try, (uint64_t)in->drop.size,
		    conf_family(&s->conf, in->drop.source), in->drop.name, &sink, err);
	eg_fd_done(&own);
	return rc;
}

int
intake_unread(struct intake *in, struct eg_err *err)
{
	struct store *st = in->site->store;
	int rc = in->file_open ? store_undo(st, err) : EG_OK;

	if (rc == EG_OK)
		rc = store_undo(st, err);
	book_forget(&in->book);
	in->file_open = in->file_refused = in->drop_refused = in->any_reject = false;
	in->records = in->rejected = in->refused_files = 0;
	in->adapter = NULL;
	return rc;
}

int
intake_read(struct intake *in, struct eg_err *err)
{
	int rc = read_drop(in, err);

	if (rc < 0 && worker_again(err)) {
		rc = intake_unread(in, err);
		if (rc == EG_OK)
			rc = store_mark(in->site->store, err);
		if (rc == EG_OK)
			rc = read_drop(in, err);
	}
	if (rc == EG_BADFILE || (rc < 0 && worker_again(err))) {
		bool ours = worker_died(err) || rc != EG_BADFILE;

		in->drop_refused = true;
		in->refusal = *err;
		if (rc != EG_BADFILE)
			eg_fail(&in->refusal, EG_BADFILE, "F-03",
			    "Reading this file takes more memory than a reader may have (%llu MiB); it was tried twice. Keep the file and tell support.",
			    (unsigned long long)EG_LIMIT_WORKER_MEM >> 20);
		else if (ours)
			eg_fail(&in->refusal, EG_BADFILE, "F-03", "%s", err->msg);
		rc = EG_OK;
	}
	return rc;
}
