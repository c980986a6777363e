/* SPDX-License-Identifier: MIT
 *
 * The core's side of the worker, shared by reading (parent_read.c) and writing (parent_write.c): one child, its frames one by one, and its end. Not for others
 * in gateway/; the tests give child functions of their own.
 */
#ifndef GATEWAY_WORKER_PARENT_H
#define GATEWAY_WORKER_PARENT_H

#include "base/arena.h"
#include "gateway/worker/child.h"
#include "gateway/worker/worker.h"

/* One frame but FRAME_FAIL. The arena is given back after the call. FRAME_END is asked too: what must not end yet is refused. */
typedef int parent_take(void *ctx, struct eg_arena *a, enum frame_type t, struct eg_bytes payload, struct eg_err *err);

/* Runs `work` in a confined child and gives its frames to take. EG_OK: an END frame, then a clean exit. A child that died, was stopped, broke the protocol or ended without END:
 * EG_BADFILE "WORKER" or "WORKER-KILLED"; a FAIL frame: what it says; take's own failure: that, and the child is killed. */
int parent_run(child_fn *work, const struct child_job *job, parent_take *take, void *ctx, struct eg_err *err)
    EG_MUSTCHECK;
/* What the settings say of a worker: confinement, waiting, archives. */
void parent_conf(const struct site *s, struct child_job *job);
/* The frames alone, whoever says them. EG_OK: an END frame came, with whatever behind it; EG_EOF: none came; else as parent_run. */
int parent_listen(struct frame_in *in, parent_take *take, void *ctx, struct eg_err *err) EG_MUSTCHECK;
/* EG_BADFILE "WORKER": the frame at hand has not the form or place it must have. */
int parent_bad_frame(struct eg_err *err);
/* A finding's frame; false when malformed: texts that are no UTF-8 or hold NUL, a code of other characters than codes have, an unknown severity.
 * The message is made fit for screens, at most 799 bytes. Texts live in the arena; value and item are views of the payload. */
bool parent_finding(struct eg_bytes payload, struct eg_arena *a, size_t *ret_record, struct adp_finding *ret);
/* A text for messages and columns: UTF-8 without NUL, in the arena; NULL when it is not, or the arena is full. */
const char *parent_text(struct eg_arena *a, struct eg_bytes v);

/* What worker_read and worker_write make of frames that come from anywhere: parent_listen with their own receivers. */
int parent_read_frames(
    struct frame_in *in, const struct adp_set *set, const struct worker_sink *sink, struct eg_err *err) EG_MUSTCHECK;
int parent_write_frames(struct frame_in *in, struct site *s, size_t n, int64_t *counters,
    const struct worker_out_sink *sink, struct eg_err *err) EG_MUSTCHECK;
/* worker_read and worker_write with another child. */
int parent_read(child_fn *work, struct site *s, int fd, uint64_t size, const char *source, const char *name,
    const struct worker_sink *sink, struct eg_err *err) EG_MUSTCHECK;
int parent_write(child_fn *work, struct site *s, const char *target, const struct rec *const *records, size_t n,
    int64_t *counters, const struct worker_out_sink *sink, struct eg_err *err) EG_MUSTCHECK;

#endif
