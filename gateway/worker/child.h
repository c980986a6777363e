/* SPDX-License-Identifier: MIT
 *
 * What runs inside the confined child. Each writes frames to `out` and returns EG_OK when its END frame is out; on failure the caller sends a FAIL frame.
 */
#ifndef GATEWAY_WORKER_CHILD_H
#define GATEWAY_WORKER_CHILD_H

#include "adapters/adapter.h"
#include "adapters/repair.h"
#include "formats/container.h"
#include "gateway/worker/confine.h"
#include "gateway/worker/frame.h"

struct child_job {
	const struct adp_set *set;
	enum confine_mode mode;
	int64_t wait_sec; /* how long the core waits for it in all; 0 = for ever */
	/* reading, structure test */
	int fd;
	uint64_t size;
	const char *source, *name;
	const struct adp_kit *kits; /* not NULL: the files to repair are written, nothing else is said */
	size_t nkits;
	enum fmt_zip_profile zip;
	uint64_t trace_line; /* physical line whose values are told step by step, 0 = none */
	/* writing, check at accept */
	const char *target;
	const struct rec *const *records;
	size_t n;
	const int64_t *counters; /* by adapter index */
};

typedef int child_fn(const struct child_job *job, struct frame_out *out, struct eg_err *err);
child_fn child_read, child_whole, child_write, child_accept;

/* child_read of a job with kits: one plain file or sheet. */
int child_repair_part(const struct child_job *job, struct eg_bytes member, struct fmt_book *book, struct fmt_src src,
    struct frame_out *out, struct eg_err *err) EG_MUSTCHECK;

/* The first row of a plain file, or of each sheet of a workbook. */
child_fn child_header;
/* A finding's frame; record is 0 for readers. */
int child_finding(struct frame_out *out, enum frame_type t, size_t record, const struct adp_finding *f,
    struct eg_err *err) EG_MUSTCHECK;

#endif
