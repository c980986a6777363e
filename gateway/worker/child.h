/* SPDX-License-Identifier: MIT
 *
 * What runs inside the confined child. Each writes frames to `out` and returns EG_OK when its END frame is out; on failure the caller sends a FAIL frame.
 */
#ifndef GATEWAY_WORKER_CHILD_H
#define GATEWAY_WORKER_CHILD_H

#include "adapters/adapter.h"
#include "gateway/worker/frame.h"

struct child_job {
	const struct adp_set *set;
	/* reading, structure test */
	int fd;
	uint64_t size;
	const char *source, *name;
	uint64_t trace_line; /* physical line whose values are told step by step, 0 = none */
	/* writing, check at accept */
	const char *target;
	const struct rec *const *records;
	size_t n;
	const int64_t *counters; /* by adapter index */
};

typedef int child_fn(const struct child_job *job, struct frame_out *out, struct eg_err *err);
child_fn child_read, child_whole, child_write, child_accept;

/* The first row of a plain file, or of each sheet of a workbook. */
child_fn child_header;
/* adp_sink.traced of readers; ctx begins with the frame_out pointer. */
int child_traced(void *ctx, const struct adp_traced *t, struct eg_err *err) EG_MUSTCHECK;
/* A finding's frame; record is 0 for readers. */
int child_finding(struct frame_out *out, enum frame_type t, size_t record, const struct adp_finding *f,
    struct eg_err *err) EG_MUSTCHECK;

#endif
