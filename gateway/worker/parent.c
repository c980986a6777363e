/* SPDX-License-Identifier: MIT
 *
 * The core's side of the worker: starts the child, takes its frames and only believes a stream that ended with its END frame and a clean exit.
 * Tests: tests/unit/test_worker.c.
 */
#include "gateway/worker/parent.h"

#include "base/fs.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "gateway/worker/confine.h"
#include "spool/attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define DOC_ARENA (EG_LIMIT_FRAME_BYTES * 4)
#define KILLED "WORKER-KILLED"

struct child {
	pid_t pid;
	struct frame_in in;
	bool writes; /* for messages: it renders records, there is no file to keep */
	int64_t wait_sec;
};

/* ---- the child's first and last steps ---- */

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
	struct confine_kernel kernel;
	int keep[2] = { job->fd, pipe_fd };
	int rc;

	spool_attempt_forget();
	(void)signal(SIGINT, SIG_IGN); /* the core decides when a run ends */
	confine_close_others(keep, 2);
	frame_out_init(&out, pipe_fd);
	confine_ask(&kernel);
	rc = confine(&kernel, job->mode, job->size, &err);
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
	ret->writes = job->records != NULL;
	if (job->wait_sec > 0) { /* the limit on computing time grows with the input, and with it the waiting */
		ret->wait_sec = job->wait_sec + 10 * (int64_t)(confine_cpu(job->size) - EG_LIMIT_WORKER_CPU);
		ret->in.wait_ms = ret->wait_sec > INT64_MAX / 1000 ? INT64_MAX : ret->wait_sec * 1000;
	}
	return EG_OK;
}

/* ---- how it ended ---- */

static int
verdict(const struct child *c, int status, struct eg_err *err)
{
	const char *doing = c->writes ? "writing" : "reading";
	const char *next = c->writes ? "Nothing was written. Tell support." : "Keep the file and tell support.";

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return EG_OK;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
		return eg_fail(err, EG_BADFILE, "WORKER",
		    "The %s process took more than the allowed computing time and was stopped. %s", doing,
		    c->writes ? next : "Files that do this are usually made to do harm: ask the sender.");
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return eg_fail(err, EG_BADFILE, "WORKER",
		    "The %s process tried something it may not do and was stopped. %s", doing, next);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT)
		return eg_fail(err, EG_BADFILE, "WORKER",
		    "The %s process needed more memory than it may have, or found a fault in itself. %s", doing, next);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return eg_fail(err, EG_BADFILE, KILLED,
		    "The %s process was killed from outside, most likely because the machine's memory ran out. %s",
		    doing, next);
	if (WIFSIGNALED(status))
		return eg_fail(err, EG_BADFILE, "WORKER", "The %s process was ended by signal %d. %s", doing,
		    WTERMSIG(status), next);
	return eg_fail(err, EG_BADFILE, "WORKER", "The %s process failed. %s", doing, next);
}

/* Ends the child whatever happened; rc is what the frames said, EG_EOF = the pipe ended before END. A good stream of a child that then died does not count. */
static int
child_end(struct child *c, int rc, struct eg_err *err)
{
	int status = 0;

	if (rc != EG_OK)
		(void)kill(c->pid, SIGKILL); /* one that is dying already keeps its own reason */
	eg_fd_done(&c->in.fd);
	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	frame_in_done(&c->in);
	if (c->in.late)
		return eg_fail(err, EG_BADFILE, KILLED,
		    "The %s process gave no answer for %lld seconds (worker.patience) and was stopped. %s",
		    c->writes ? "writing" : "reading", (long long)c->wait_sec,
		    c->writes ? "Nothing was written. Tell support." : "Keep the file and tell support.");
	if (rc < 0)
		return rc;
	int died = verdict(c, status, err); /* when the pipe ended early, the child's death is the better reason */
	if (died == EG_OK && rc == EG_EOF)
		return eg_fail(err, EG_BADFILE, "WORKER", "The %s process ended before it was done. %s",
		    c->writes ? "writing" : "reading",
		    c->writes ? "Nothing was written. Tell support." : "Keep the file and tell support.");
	return died;
}

bool
worker_died(const struct eg_err *err)
{
	return err->cls == EG_BADFILE && (strcmp(err->code, "WORKER") == 0 || strcmp(err->code, KILLED) == 0);
}

bool
worker_again(const struct eg_err *err)
{
	return (err->cls == EG_BADFILE && strcmp(err->code, KILLED) == 0) ||
	       (err->cls == EG_RETRY && strcmp(err->code, "LIMIT-MEM") == 0);
}

int
worker_confine(const struct site *s, uint64_t input_size, struct eg_err *err)
{
	struct child_job job = { .size = input_size };
	struct confine_kernel kernel;

	parent_conf(s, &job);
	confine_ask(&kernel);
	return confine(&kernel, job.mode, input_size, err);
}

void
parent_conf(const struct site *s, struct child_job *job)
{
	job->mode = strcmp(conf_text(&s->conf, "worker.sandbox"), "weak") == 0 ? CONFINE_WEAK : CONFINE_STRICT;
	job->wait_sec = conf_int(&s->conf, "worker.patience");
	job->zip = strcmp(conf_text(&s->conf, "zip.profile"), "strict") == 0 ? FMT_ZIP_STRICT : FMT_ZIP_TOLERANT;
}

int
parent_bad_frame(struct eg_err *err)
{
	return eg_fail(err, EG_BADFILE, "WORKER",
	    "The confined process sent a message of the wrong form; nothing it said was used. Tell support.");
}

/* As codes are written: capitals, digits and '-'. */
static bool
is_code(struct eg_bytes v)
{
	if (v.len == 0 || v.len >= EG_CODE_MAX || v.ptr[0] < 'A' || v.ptr[0] > 'Z')
		return false;
	for (size_t i = 0; i < v.len; i++)
		if ((v.ptr[i] < 'A' || v.ptr[i] > 'Z') && (v.ptr[i] < '0' || v.ptr[i] > '9') && v.ptr[i] != '-')
			return false;
	return true;
}

static int
on_fail(struct eg_bytes payload, struct eg_err *err)
{
	struct frame_cursor c = { payload, false };
	int64_t cls = (int64_t)frame_get_num(&c);
	struct eg_bytes code = frame_get_text(&c);
	struct eg_pos pos = { .off = frame_get_num(&c) };

	pos.line = frame_get_num(&c);
	pos.col = (uint32_t)frame_get_num(&c);
	struct eg_bytes msg = frame_get_text(&c);
	if (!frame_get_end(&c) || cls >= EG_OK || cls < EG_FATAL || !is_code(code) || msg.len == 0 ||
	    msg.ptr[0] == '\0')
		return parent_bad_frame(err);
	char code_text[EG_CODE_MAX] = "";
	memcpy(code_text, code.ptr, code.len);
	eg_fail(err, (enum eg_class)cls, code_text, "%.*s", EG_FMT(msg));
	eg_err_at(err, pos);
	return (int)cls;
}

int
parent_listen(struct frame_in *in, parent_take *take, void *ctx, struct eg_err *err)
{
	struct eg_arena arena;
	enum frame_type t;
	struct eg_bytes payload;
	bool ended = false;
	int rc = EG_OK;

	eg_arena_init(&arena, DOC_ARENA);
	while (rc == EG_OK && !ended) {
		rc = frame_next(in, &t, &payload, err);
		if (rc != EG_OK)
			break;
		eg_arena_reset(&arena);
		rc = t == FRAME_FAIL ? on_fail(payload, err) : take(ctx, &arena, t, payload, err);
		if (rc > EG_OK)
			rc = eg_fail(err, EG_FATAL, "STATE",
			    "a receiver of the worker's records found nothing where something must be");
		ended = t == FRAME_END;
	}
	eg_arena_done(&arena);
	return rc;
}

int
parent_run(child_fn *work, const struct child_job *job, parent_take *take, void *ctx, struct eg_err *err)
{
	struct child c;
	int rc = child_start(work, job, &c, err);

	return rc < 0 ? rc : child_end(&c, parent_listen(&c.in, take, ctx, err), err);
}

/* ---- texts and findings ---- */

const char *
parent_text(struct eg_arena *a, struct eg_bytes v)
{
	return eg_utf8_valid(v) == v.len ? eg_arena_cstr(a, v) : NULL;
}

bool
parent_finding(struct eg_bytes payload, struct eg_arena *a, size_t *ret_record, struct adp_finding *ret)
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
	ret->code = parent_text(a, code);
	ret->field = parent_text(a, field);
	char *shown = eg_utf8_valid(msg) == msg.len ? eg_arena_alloc(a, ADP_SAID_MAX) : NULL;
	if (shown != NULL) /* whoever says it: nothing in a sentence may move a cursor */
		eg_utf8_shown_cut(msg, shown, ADP_SAID_MAX);
	ret->msg = shown;
	if (!frame_get_end(&c) || ret->code == NULL || ret->field == NULL || ret->msg == NULL ||
	    parent_text(a, ret->item) == NULL)
		return false;
	if (!is_code(code) || severity > 'W' || severity == 0 || strchr("RHWN", (int)severity) == NULL)
		return false;
	ret->severity = (char)severity;
	return true;
}
