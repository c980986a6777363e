/* SPDX-License-Identifier: MIT
 *
 * The core's side of the worker: starts the child, takes its frames, unpacks and checks every value again, and only believes a stream that ended with its END frame and a
 * clean exit. Tests: tests/unit/test_worker.c.
 */
#include "gateway/worker/worker.h"

#include "base/fs.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "gateway/worker/child.h"
#include "gateway/worker/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define DOC_ARENA (EG_LIMIT_FRAME_BYTES * 4)

struct child {
	pid_t pid;
	struct frame_in in;
};

/* ---- starting and ending ---- */

static int
send_fail(struct frame_out *out, const struct eg_err *why)
{
	struct eg_err err;
	size_t at = frame_begin(out, FRAME_FAIL);

	frame_num(out, (uint64_t)(int64_t)why->cls);
	frame_text(out, eg_bytes_str(why->code));
	frame_num(out, why->pos.off);
	frame_num(out, why->pos.line);
	frame_num(out, why->pos.col);
	frame_text(out, eg_bytes_str(why->msg));
	if (frame_end(out, at, &err) < 0 || frame_flush(out, &err) < 0)
		return 1;
	return 0;
}

_Noreturn static void
child_main(child_fn *work, const struct child_job *job, int pipe_fd)
{
	struct frame_out out;
	struct eg_err err = { 0 };
	int keep[2] = { job->fd, pipe_fd };
	int rc;

	(void)signal(SIGINT, SIG_IGN); /* the core decides when a run ends */
	confine_close_others(keep, 2);
	frame_out_init(&out, pipe_fd);
	rc = confine(job->size, &err);
	if (rc == EG_OK)
		rc = work(job, &out, &err);
	_exit(rc == EG_OK ? 0 : send_fail(&out, &err));
}

static int
child_start(child_fn *work, const struct child_job *job, struct child *ret, struct eg_err *err)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC) < 0)
		return eg_fail_sys(err, EG_RETRY, "WORKER", errno, "cannot make a pipe");
	ret->pid = fork();
	if (ret->pid < 0) {
		int sys = errno;
		close(p[0]);
		close(p[1]);
		return eg_fail_sys(err, EG_RETRY, "WORKER", sys, "cannot start a worker");
	}
	if (ret->pid == 0)
		child_main(work, job, p[1]);
	close(p[1]);
	frame_in_init(&ret->in, p[0]);
	return EG_OK;
}

static int
verdict(int status, struct eg_err *err)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return EG_OK;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
		return eg_fail(err, EG_BADFILE, "WORKER", "Reading it took more than the allowed computing time; such files are usually made to do harm. Ask the sender.");
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return eg_fail(err, EG_BADFILE, "WORKER", "The reading process tried something it may not do and was stopped. Keep the file and tell support.");
	if (WIFSIGNALED(status))
		return eg_fail(err, EG_BADFILE, "WORKER", "The reading process was ended by signal %d. Keep the file and tell support.", WTERMSIG(status));
	return eg_fail(err, EG_BADFILE, "WORKER", "The reading process failed. Keep the file and tell support.");
}

/* Ends the child whatever happened; rc is what the frames said. A good stream of a child that then died does not count. */
static int
child_end(struct child *c, int rc, bool ended, struct eg_err *err)
{
	int status = 0;
	struct eg_err died;

	if (!ended)
		(void)kill(c->pid, SIGKILL);
	eg_fd_done(&c->in.fd);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	frame_in_done(&c->in);
	if (rc == EG_OK && ended)
		return verdict(status, err);
	if (rc == EG_EOF && verdict(status, &died) < 0) { /* the pipe ended early: the child's death is the better reason */
		*err = died;
		return EG_BADFILE;
	}
	if (rc == EG_EOF)
		return eg_fail(err, EG_BADFILE, "WORKER", "The reading process ended before it was done. Keep the file and tell support.");
	return rc;
}

static int
bad_frame(struct eg_err *err)
{
	return eg_fail(err, EG_BADFILE, "WORKER", "The reading process sent a message of the wrong form; nothing of this file was used.");
}

static int
on_fail(struct eg_bytes payload, struct eg_err *err)
{
	struct frame_cursor c = { payload, false };
	int cls = (int)(int64_t)frame_get_num(&c);
	struct eg_bytes code = frame_get_text(&c);
	struct eg_pos pos = { .off = frame_get_num(&c) };

	pos.line = frame_get_num(&c);
	pos.col = (uint32_t)frame_get_num(&c);
	struct eg_bytes msg = frame_get_text(&c);
	if (!frame_get_end(&c) || cls >= EG_OK || cls < EG_FATAL || code.len >= EG_CODE_MAX)
		return bad_frame(err);
	char code_text[EG_CODE_MAX] = "";
	memcpy(code_text, code.ptr, code.len);
	eg_fail(err, (enum eg_class)cls, code_text, "%.*s", EG_FMT(msg));
	eg_err_at(err, pos);
	return cls;
}

/* ---- findings ---- */

static bool
get_finding(struct eg_bytes payload, struct eg_arena *a, size_t *ret_record, struct adp_finding *ret)
{
	struct frame_cursor c = { payload, false };

	*ret_record = (size_t)frame_get_num(&c);
	struct eg_bytes code = frame_get_text(&c);
	uint64_t severity = frame_get_num(&c);
	*ret = (struct adp_finding){ .whole_file = frame_get_num(&c) != 0 };
	ret->line = frame_get_num(&c);
	ret->pos.off = frame_get_num(&c);
	ret->pos.line = frame_get_num(&c);
	ret->pos.col = (uint32_t)frame_get_num(&c);
	struct eg_bytes field = frame_get_text(&c);
	ret->value = frame_get_text(&c);
	ret->item = frame_get_text(&c);
	struct eg_bytes msg = frame_get_text(&c);
	ret->severity = (char)severity;
	ret->code = eg_arena_cstr(a, code);
	ret->field = eg_arena_cstr(a, field);
	ret->msg = eg_arena_cstr(a, msg);
	return frame_get_end(&c) && ret->code != NULL && ret->field != NULL && ret->msg != NULL && code.len < EG_CODE_MAX &&
	    memchr("RHWN", (int)(severity & 0xff), 4) != NULL;
}

/* ---- reading ---- */

struct reading {
	const struct worker_sink *sink;
	const struct adp_set *set;
	struct eg_arena arena;
	bool ended, in_file, in_doc;
	const struct rec_type *type; /* of the open document */
	struct eg_buf member;
};

static int
take_begin(struct reading *r, struct eg_bytes payload, struct eg_err *err)
{
	struct frame_cursor c = { payload, false };
	struct eg_bytes item = frame_get_text(&c), packed = frame_get_text(&c);
	struct rec rec;
	int rc = frame_get_end(&c) && r->in_file && !r->in_doc ? EG_OK : bad_frame(err);

	if (rc == EG_OK)
		rc = rec_unpack(packed, &r->arena, &rec, err);
	if (rc == EG_OK && rec.nlines != 0)
		rc = bad_frame(err);
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
	int rc = frame_get_end(&c) && r->in_doc ? EG_OK : bad_frame(err);

	if (rc == EG_OK)
		rc = rec_unpack(packed, &r->arena, &rec, err);
	if (rc == EG_OK && (rec.nlines != 1 || rec.type != r->type))
		rc = bad_frame(err);
	return rc == EG_OK ? r->sink->line(r->sink->ctx, &rec, err) : rc;
}

static int
take_done(struct reading *r, struct eg_bytes payload, struct eg_err *err)
{
	struct frame_cursor c = { payload, false };
	uint64_t v = frame_get_num(&c), off = frame_get_num(&c), len = frame_get_num(&c);

	if (!frame_get_end(&c) || !r->in_doc || v > ADP_ARCHIVED)
		return bad_frame(err);
	r->in_doc = false;
	return r->sink->end(r->sink->ctx, (enum adp_verdict)v, off, len, err);
}

static int
take_finding(struct reading *r, enum frame_type t, struct eg_bytes payload, struct eg_err *err)
{
	struct adp_finding f;
	size_t record;

	if (!get_finding(payload, &r->arena, &record, &f) || (t == FRAME_FINDING && !r->in_file))
		return bad_frame(err);
	return t == FRAME_FINDING ? r->sink->finding(r->sink->ctx, &f, err) : r->sink->refused(r->sink->ctx, &f, err);
}

static int
take_file(struct reading *r, struct eg_bytes payload, struct eg_err *err)
{
	struct frame_cursor c = { payload, false };
	struct eg_bytes member = frame_get_text(&c);

	if (!frame_get_end(&c) || r->in_file || eg_utf8_valid(member) != member.len || eg_bytes_chr(member, 0) != member.len)
		return bad_frame(err);
	r->in_file = true;
	eg_buf_clear(&r->member);
	eg_buf_add(&r->member, member);
	return r->sink->file_begin(r->sink->ctx, eg_buf_cstr(&r->member), err);
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
	const char *name = eg_arena_cstr(&r->arena, adapter);
	if (!frame_get_end(&c) || !r->in_file || r->in_doc || name == NULL || !eg_unhex(sha, raw, sizeof(raw)))
		return bad_frame(err);
	eg_hex(raw, sizeof(raw), f.sha256);
	f.adapter = *name == '\0' ? NULL : adp_set_named(r->set, name);
	if (f.adapter == NULL && *name != '\0')
		return bad_frame(err);
	r->in_file = false;
	return r->sink->file_end(r->sink->ctx, &f, err);
}

static int
take_read_frame(struct reading *r, enum frame_type t, struct eg_bytes payload, struct eg_err *err)
{
	switch ((int)t) {
	case FRAME_FILE:
		return take_file(r, payload, err);
	case FRAME_ADAPTER:
		return r->in_file ? EG_OK : bad_frame(err);
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
	case FRAME_FAIL:
		return on_fail(payload, err);
	case FRAME_END:
		r->ended = true;
		return EG_OK;
	default:
		return bad_frame(err);
	}
}

int
worker_read(struct site *s, int fd, uint64_t size, const char *source, const char *name, const struct worker_sink *sink, struct eg_err *err)
{
	struct child_job job = { .set = s->adapters, .fd = fd, .size = size, .source = source, .name = name };
	struct reading r = { .sink = sink, .set = s->adapters };
	struct child c;
	enum frame_type t;
	struct eg_bytes payload;
	int rc = child_start(child_read, &job, &c, err);

	if (rc < 0)
		return rc;
	eg_arena_init(&r.arena, DOC_ARENA);
	while (rc == EG_OK && !r.ended) {
		rc = frame_next(&c.in, &t, &payload, err);
		if (rc == EG_OK) {
			eg_arena_reset(&r.arena);
			rc = take_read_frame(&r, t, payload, err);
		}
	}
	eg_arena_done(&r.arena);
	eg_buf_done(&r.member);
	return child_end(&c, rc, r.ended, err);
}

/* Jobs whose only frames are END, FAIL and findings. */
struct simple {
	int (*finding)(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err);
	void *ctx;
	size_t n;
};

static int
run_simple(child_fn *work, const struct child_job *job, const struct simple *s, struct eg_err *err)
{
	struct eg_arena arena;
	struct child c;
	enum frame_type t;
	struct eg_bytes payload;
	struct adp_finding f;
	size_t record;
	bool ended = false;
	int rc = child_start(work, job, &c, err);

	if (rc < 0)
		return rc;
	eg_arena_init(&arena, DOC_ARENA);
	while (rc == EG_OK && !ended) {
		rc = frame_next(&c.in, &t, &payload, err);
		if (rc != EG_OK)
			break;
		eg_arena_reset(&arena);
		ended = t == FRAME_END;
		if (t == FRAME_FAIL)
			rc = on_fail(payload, err);
		else if (t == FRAME_FINDING && s->finding != NULL && get_finding(payload, &arena, &record, &f) && record < s->n)
			rc = s->finding(s->ctx, record, &f, err);
		else if (!ended)
			rc = bad_frame(err);
	}
	eg_arena_done(&arena);
	return child_end(&c, rc, ended, err);
}

int
worker_whole(struct site *s, int fd, uint64_t size, const char *name, struct eg_err *err)
{
	struct child_job job = { .set = s->adapters, .fd = fd, .size = size, .name = name };

	return run_simple(child_whole, &job, &(struct simple){ 0 }, err);
}

int
worker_accept(struct site *s, const char *target, const struct rec *const *records, size_t n,
    int (*finding)(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err), void *ctx, struct eg_err *err)
{
	struct child_job job = { .set = s->adapters, .fd = -1, .size = (uint64_t)n << 14, .target = target, .records = records, .n = n };

	return run_simple(child_accept, &job, &(struct simple){ finding, ctx, n }, err);
}

/* ---- writing ---- */

struct writing {
	const struct worker_out_sink *sink;
	struct site *site;
	size_t n;
	int64_t *counters;
	struct eg_arena arena;
	bool ended;
};

static const struct adp *
out_adapter(const struct writing *w, uint64_t index)
{
	return index < adp_set_count(w->site->adapters) ? adp_set_at(w->site->adapters, (size_t)index) : NULL;
}

static int
take_out_file(struct writing *w, struct eg_bytes payload, struct eg_err *err)
{
	struct frame_cursor c = { payload, false };
	const struct adp *a = out_adapter(w, frame_get_num(&c));
	const char *project = eg_arena_cstr(&w->arena, frame_get_text(&c));
	const char *ext = eg_arena_cstr(&w->arena, frame_get_text(&c));

	if (!frame_get_end(&c) || a == NULL || project == NULL || ext == NULL)
		return bad_frame(err);
	return w->sink->file(w->sink->ctx, a, project, ext, err);
}

static bool
get_cells(struct writing *w, struct frame_cursor *c, uint64_t n, struct adp_field_lineage *cells)
{
	for (uint64_t i = 0; i < n && !c->bad; i++) {
		cells[i].column = eg_arena_cstr(&w->arena, frame_get_text(c));
		cells[i].rule = eg_arena_cstr(&w->arena, frame_get_text(c));
		uint64_t nprov = frame_get_num(c);
		struct rec_prov *prov = nprov > EG_LIMIT_CELLS ? NULL : eg_arena_array(&w->arena, (size_t)nprov, sizeof(*prov));
		if (cells[i].column == NULL || cells[i].rule == NULL || prov == NULL)
			return false;
		for (uint64_t k = 0; k < nprov; k++) {
			prov[k].src = (uint32_t)frame_get_num(c);
			prov[k].off = frame_get_num(c);
			prov[k].len = (uint32_t)frame_get_num(c);
			prov[k].line = (uint32_t)frame_get_num(c);
		}
		cells[i].nprov = (size_t)nprov;
		cells[i].prov = prov;
	}
	return frame_get_end(c);
}

static int
take_out_row(struct writing *w, struct eg_bytes payload, struct eg_err *err)
{
	struct frame_cursor c = { payload, false };
	uint64_t line = frame_get_num(&c), record = frame_get_num(&c), n = frame_get_num(&c);
	struct adp_field_lineage *cells = n > EG_LIMIT_CELLS ? NULL : eg_arena_array(&w->arena, (size_t)n, sizeof(*cells));

	if (c.bad || cells == NULL || record >= w->n || !get_cells(w, &c, n, cells))
		return bad_frame(err);
	return w->sink->row(w->sink->ctx, line, (size_t)record, cells, (size_t)n, err);
}

static int
take_out_end(struct writing *w, struct eg_bytes payload, struct eg_err *err)
{
	struct frame_cursor c = { payload, false };
	uint64_t index = frame_get_num(&c);
	const struct adp *a = out_adapter(w, index);
	struct adp_batch b = { .n = w->n, .rows = frame_get_num(&c) };
	struct eg_bytes amount = frame_get_text(&c);

	b.counter = (int64_t)frame_get_num(&c);
	if (!frame_get_end(&c) || a == NULL || eg_dec_parse(amount, EG_DEC_PLAIN, 2, 28, &b.amount) != EG_DEC_OK)
		return bad_frame(err);
	w->counters[index] = b.counter;
	return w->sink->adapter_end(w->sink->ctx, a, &b, err);
}

static int
take_out_key(struct writing *w, struct eg_bytes payload, struct eg_err *err)
{
	struct frame_cursor c = { payload, false };
	uint64_t record = frame_get_num(&c);
	const char *key = eg_arena_cstr(&w->arena, frame_get_text(&c));

	if (!frame_get_end(&c) || record >= w->n || key == NULL)
		return bad_frame(err);
	return w->sink->key(w->sink->ctx, (size_t)record, key, err);
}

static int
take_write_frame(struct writing *w, enum frame_type t, struct eg_bytes payload, struct eg_err *err)
{
	struct frame_cursor c = { payload, false };
	struct adp_finding f;
	size_t record;

	switch ((int)t) {
	case FRAME_OUT_FILE:
		return take_out_file(w, payload, err);
	case FRAME_OUT_BYTES: {
		struct eg_bytes v = frame_get_text(&c);
		return frame_get_end(&c) ? w->sink->bytes(w->sink->ctx, v, err) : bad_frame(err);
	}
	case FRAME_OUT_ROW:
		return take_out_row(w, payload, err);
	case FRAME_OUT_END:
		return take_out_end(w, payload, err);
	case FRAME_OUT_KEY:
		return take_out_key(w, payload, err);
	case FRAME_FINDING:
		if (!get_finding(payload, &w->arena, &record, &f) || record >= w->n)
			return bad_frame(err);
		return w->sink->finding(w->sink->ctx, record, &f, err);
	case FRAME_FAIL:
		return on_fail(payload, err);
	case FRAME_END:
		w->ended = true;
		return EG_OK;
	default:
		return bad_frame(err);
	}
}

int
worker_write(struct site *s, const char *target, const struct rec *const *records, size_t n, int64_t *counters,
    const struct worker_out_sink *sink, struct eg_err *err)
{
	struct child_job job = { .set = s->adapters, .fd = -1, .size = (uint64_t)n << 14, .target = target, .records = records, .n = n, .counters = counters };
	struct writing w = { .sink = sink, .site = s, .n = n, .counters = counters };
	struct child c;
	enum frame_type t;
	struct eg_bytes payload;
	int rc = child_start(child_write, &job, &c, err);

	if (rc < 0)
		return rc;
	eg_arena_init(&w.arena, DOC_ARENA);
	while (rc == EG_OK && !w.ended) {
		rc = frame_next(&c.in, &t, &payload, err);
		if (rc == EG_OK) {
			eg_arena_reset(&w.arena);
			rc = take_write_frame(&w, t, payload, err);
		}
	}
	eg_arena_done(&w.arena);
	return child_end(&c, rc, w.ended, err);
}
