/* SPDX-License-Identifier: MIT
 *
 * Reading, the core's side: every frame is checked for its place, every record unpacked and every value read again, before a receiver sees it.
 * Tests: tests/unit/test_worker.c.
 */
#include "gateway/worker/parent.h"

struct reading {
	const struct worker_sink *sink;
	const struct adp_set *set;
	struct eg_arena *arena; /* of the frame at hand */
	bool in_file, in_doc, refused;
	bool file_refused; /* a finding refused the open file: nothing but its end may follow */
	const struct rec_type *type; /* of the open document */
	struct eg_buf member;
};

static int
take_begin(struct reading *r, struct eg_bytes payload, struct eg_err *err)
{
	struct frame_cursor c = { payload, false };
	struct eg_bytes item = frame_get_text(&c), packed = frame_get_text(&c);
	struct rec rec;
	const bool placed = frame_get_end(&c) && r->in_file && !r->in_doc && !r->file_refused;
	int rc = placed && parent_text(r->arena, item) != NULL ? EG_OK : parent_bad_frame(err);

	if (rc == EG_OK)
		rc = rec_unpack(packed, r->arena, &rec, err);
	if (rc == EG_OK && rec.nlines != 0)
		rc = parent_bad_frame(err);
	if (rc == EG_OK) {
		r->in_doc = true;
		r->type = rec.type;
		rc = r->sink->begin(r->sink->ctx, &rec, item, err);
	}
	return rc;
}

static int
take_line(struct reading *r, struct eg_bytes payload, struct eg_err *err)
{
	struct frame_cursor c = { payload, false };
	struct eg_bytes packed = frame_get_text(&c);
	struct rec rec;
	int rc = frame_get_end(&c) && r->in_doc ? EG_OK : parent_bad_frame(err);

	if (rc == EG_OK)
		rc = rec_unpack(packed, r->arena, &rec, err);
	if (rc == EG_OK && (rec.nlines != 1 || rec.type != r->type))
		rc = parent_bad_frame(err);
	return rc == EG_OK && r->sink->line != NULL ? r->sink->line(r->sink->ctx, &rec, err) : rc;
}

static int
take_done(struct reading *r, struct eg_bytes payload, struct eg_err *err)
{
	struct frame_cursor c = { payload, false };
	uint64_t v = frame_get_num(&c), off = frame_get_num(&c), len = frame_get_num(&c);

	if (!frame_get_end(&c) || !r->in_doc || v > ADP_ARCHIVED)
		return parent_bad_frame(err);
	r->in_doc = false;
	return r->sink->end(r->sink->ctx, (enum adp_verdict)v, off, len, err);
}

static int
take_finding(struct reading *r, enum frame_type t, struct eg_bytes payload, struct eg_err *err)
{
	struct adp_finding f;
	size_t record;

	if (!parent_finding(payload, r->arena, &record, &f) || (t == FRAME_FINDING && !r->in_file))
		return parent_bad_frame(err);
	r->refused = r->refused || t == FRAME_REFUSED;
	if (f.whole_file && f.severity == ADP_REJECT) {
		r->file_refused = true;
		/* it ends the document it was found in: that one is never finished, nor is anything of it used */
		r->in_doc = false;
	}
	return t == FRAME_FINDING ? r->sink->finding(r->sink->ctx, &f, err) : r->sink->refused(r->sink->ctx, &f, err);
}

static int
take_file(struct reading *r, struct eg_bytes payload, struct eg_err *err)
{
	struct frame_cursor c = { payload, false };
	struct eg_bytes member = frame_get_text(&c);

	if (!frame_get_end(&c) || r->in_file || parent_text(r->arena, member) == NULL)
		return parent_bad_frame(err);
	r->in_file = true;
	r->file_refused = false;
	eg_buf_clear(&r->member);
	eg_buf_add(&r->member, member);
	return r->sink->file_begin == NULL ? EG_OK : r->sink->file_begin(r->sink->ctx, eg_buf_cstr(&r->member), err);
}

static int
take_file_end(struct reading *r, struct eg_bytes payload, struct eg_err *err)
{
	struct frame_cursor c = { payload, false };
	struct eg_bytes sha = frame_get_text(&c);
	unsigned char raw[EG_SHA256_LEN];
	struct worker_file f = { .member = eg_buf_cstr(&r->member), .size = frame_get_num(&c) };

	f.rows = frame_get_num(&c);
	f.records = frame_get_num(&c);
	f.rejected = frame_get_num(&c);
	f.refused = frame_get_num(&c) != 0;
	struct eg_bytes adapter = frame_get_text(&c);
	const char *name = parent_text(r->arena, adapter);
	/* A file is refused when, and only when, a finding said why. */
	if (!frame_get_end(&c) || !r->in_file || r->in_doc || f.refused != r->file_refused || name == NULL ||
	    !eg_unhex(sha, raw, sizeof(raw)))
		return parent_bad_frame(err);
	eg_hex(raw, sizeof(raw), f.sha256);
	f.adapter = *name == '\0' ? NULL : adp_set_named(r->set, name);
	if (f.adapter == NULL && *name != '\0')
		return parent_bad_frame(err);
	r->in_file = false;
	return r->sink->file_end == NULL ? EG_OK : r->sink->file_end(r->sink->ctx, &f, err);
}

/* A refused drop may stop in the middle of a file; nothing else may. */
static int
take_end(const struct reading *r, struct eg_err *err)
{
	return r->refused || (!r->in_file && !r->in_doc) ? EG_OK : parent_bad_frame(err);
}

static int
take_read_frame(void *ctx, struct eg_arena *a, enum frame_type t, struct eg_bytes payload, struct eg_err *err)
{
	struct reading *r = ctx;

	r->arena = a;
	switch ((int)t) {
	case FRAME_FILE:
		return take_file(r, payload, err);
	case FRAME_ADAPTER:
		return r->in_file ? EG_OK : parent_bad_frame(err);
	case FRAME_BEGIN:
		return take_begin(r, payload, err);
	case FRAME_LINE:
		return take_line(r, payload, err);
	case FRAME_DONE:
		return take_done(r, payload, err);
	case FRAME_FINDING:
	case FRAME_REFUSED:
		return take_finding(r, t, payload, err);
	case FRAME_FILE_END:
		return take_file_end(r, payload, err);
	case FRAME_END:
		return take_end(r, err);
	default:
		return parent_bad_frame(err);
	}
}

int
parent_read(child_fn *work, struct site *s, int fd, uint64_t size, const char *source, const char *name,
    const struct worker_sink *sink, struct eg_err *err)
{
	struct child_job job = { .set = s->adapters, .fd = fd, .size = size, .source = source, .name = name };
	struct reading r = { .sink = sink, .set = s->adapters };

	parent_conf(s, &job);
	int rc = parent_run(work, &job, take_read_frame, &r, err);

	eg_buf_done(&r.member);
	return rc;
}

int
parent_read_frames(struct frame_in *in, const struct adp_set *set, const struct worker_sink *sink, struct eg_err *err)
{
	struct reading r = { .sink = sink, .set = set };
	int rc = parent_listen(in, take_read_frame, &r, err);

	eg_buf_done(&r.member);
	return rc;
}

int
worker_read(struct site *s, int fd, uint64_t size, const char *source, const char *name, const struct worker_sink *sink,
    struct eg_err *err)
{
	return parent_read(child_read, s, fd, size, source, name, sink, err);
}

/* ---- is it whole: END or FAIL ---- */

static int
take_whole(void *ctx, struct eg_arena *a, enum frame_type t, struct eg_bytes payload, struct eg_err *err)
{
	(void)ctx;
	(void)a;
	(void)payload;
	return t == FRAME_END ? EG_OK : parent_bad_frame(err);
}

int
worker_whole(struct site *s, int fd, uint64_t size, const char *name, struct eg_err *err)
{
	struct child_job job = { .set = s->adapters, .fd = fd, .size = size, .name = name };

	parent_conf(s, &job);
	return parent_run(child_whole, &job, take_whole, NULL, err);
}
