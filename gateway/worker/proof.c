/* SPDX-License-Identifier: MIT
 *
 * The confinement tried out: a worker that does what a taken-over reader would try first. For doctor.
 */
#include "gateway/worker/parent.h"

#include <fcntl.h>
#include <unistd.h>

/* Failing is the second best outcome: it had to be stopped before it could be refused. */
static int
opens_a_file(const struct child_job *job, struct frame_out *out, struct eg_err *err)
{
	int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);

	(void)job;
	(void)out;
	if (fd >= 0)
		close(fd);
	return eg_fail(err, EG_FATAL, "SANDBOX",
	    "a worker tried to open /etc/passwd and was not stopped: this machine does not confine it");
}

static int
nothing_counts(void *ctx, struct eg_arena *a, enum frame_type t, struct eg_bytes payload, struct eg_err *err)
{
	(void)ctx;
	(void)a;
	(void)t;
	(void)payload;
	return parent_bad_frame(err);
}

int
worker_proof(struct site *s, struct eg_err *err)
{
	struct child_job job = { .set = s->adapters, .fd = -1 };

	parent_conf(s, &job);
	const int rc = parent_run(opens_a_file, &job, nothing_counts, NULL, err);
	if (rc == EG_BADFILE && strcmp(err->code, "WORKER") == 0)
		return EG_OK;
	return rc == EG_FATAL ? rc : eg_fail(err, EG_FATAL, "SANDBOX", "the worker could not be tried out: %s", err->msg);
}
