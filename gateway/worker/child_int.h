/* SPDX-License-Identifier: MIT
 *
 * What the rooms of the child share. Private to gateway/worker/child_*.c.
 */
#ifndef GATEWAY_WORKER_CHILD_INT_H
#define GATEWAY_WORKER_CHILD_INT_H

#include "gateway/worker/child.h"

#include "base/hash.h"

/* ---- child_src.c ---- */

struct child_src { /* the claimed file, from `off` on; lives as long as what was made of it */
	int fd;
	uint64_t off;
};

struct fmt_src child_stream(struct child_src *s);
struct fmt_random child_random(struct child_src *s, uint64_t size);
/* What the job's file is by its first bytes; EG_RETRY when it cannot be read. */
int child_container(const struct child_job *job, enum fmt_container *ret, struct eg_err *err) EG_MUSTCHECK;

struct child_tee { /* hashes and counts what passes; sha is finished and done with by the caller */
	struct fmt_src inner;
	struct eg_sha256 sha;
	uint64_t size;
};

void child_tee_begin(struct child_tee *t, struct fmt_src inner);
struct fmt_src child_tee_src(struct child_tee *t);
/* Reads what the reader left, to the end; passes the inner source's failure on. */
int child_tee_drain(struct child_tee *t, struct eg_err *err);

/* ---- child_say.c: each returns EG_OK, or why the frame did not go out ---- */

struct child_say {
	struct frame_out *out;
	struct eg_buf packed; /* of a record or line; done with by the caller */
};

/* The adapters' sink whose words become frames; told values only when the job asks for a line. c lives as long as it. */
struct adp_sink child_sink(struct child_say *c, const struct child_job *job);
/* The END frame, and everything out. */
int child_end_frame(struct frame_out *out, struct eg_err *err) EG_MUSTCHECK;
/* After reading ended with rc, which it returns unless: EG_BADFILE is said as a finding that refuses the whole drop; then, as after EG_OK, the END frame. */
int child_conclude(int rc, struct frame_out *out, struct eg_err *err) EG_MUSTCHECK;

#endif
