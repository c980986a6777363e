/* SPDX-License-Identifier: MIT
 *
 * The confinement tried out: a worker that does what a taken-over reader would try first, for doctor. And the log's note of one that was weakened.
 * Tests: tests/unit/test_worker.c, tests/scenario/siege_confine.py.
 */
#include "gateway/worker/parent.h"

#include <fcntl.h>
#include <jansson.h>
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
	return rc == EG_FATAL ? rc :
	                        eg_fail(err, EG_FATAL, "SANDBOX", "the worker could not be tried out: %s", err->msg);
}

#define LOGGED "worker.sandbox" /* meta: what the log says of it now */

int
worker_log_weak(struct site *s, struct eg_err *err)
{
	struct child_job job = { .fd = -1 };
	struct confine_kernel k;
	struct eg_arena a;
	const char *before = NULL;
	int rc;

	parent_conf(s, &job);
	confine_ask(&k);
	eg_arena_init(&a, 1 << 16);
	json_t *j = json_pack("{s:s,s:i,s:b}", "mode", job.mode == CONFINE_WEAK ? "weak" : "strict", "landlock",
	    k.landlock_abi, "seccomp", k.seccomp);
	char *now = json_dumps(j, JSON_COMPACT);
	rc = store_meta_get(s->store, LOGGED, &a, &before, err);
	/* strict needs a word only where weak was said before */
	if (rc == EG_OK && (before != NULL || job.mode == CONFINE_WEAK) &&
	    (before == NULL || strcmp(before, now) != 0)) {
		rc = site_log(s, "sandbox", "", now, err);
		if (rc == EG_OK)
			rc = store_meta_set(s->store, LOGGED, now, err);
	}
	free(now);
	json_decref(j);
	eg_arena_done(&a);
	return rc;
}
