/* SPDX-License-Identifier: MIT
 *
 * What became of every time an item left: its requests, read from the log, which alone says in which order things happened.
 */
#ifndef GATEWAY_WORKFLOW_HISTORY_H
#define GATEWAY_WORKFLOW_HISTORY_H

#include "gateway/site.h"

enum request_status {
	REQUEST_OPEN, /* written, no answer yet */
	REQUEST_SUCCESS,
	REQUEST_FAILED,
	REQUEST_STALE, /* written again, or unlinked, before an answer came */
};

struct request {
	enum request_status status;
	const char *batch; /* "" = nothing was written, as the ERP had it already */
	const char *content; /* hex digest of what was written; "" = not noted */
	const char *drop, *error; /* of the answer; NULL = none, or given by hand */
	const char *by; /* who accepted it; "" = nobody had to */
	int64_t sent, answered; /* answered 0 = not yet */
	bool posted;
	bool undone; /* unlinked since: the ERP does not have it any more */
};

struct requests {
	struct request *v; /* oldest first; texts and array live in the arena */
	size_t n;
};

const char *request_word(enum request_status status); /* "in progress", "success", "failed", "stale" */

/* EG_FATAL "DB-CORRUPT" when a log entry cannot be read; EG_RETRY "LIMIT-MEM". */
int requests_read(struct site *s, const struct item *it, struct eg_arena *a, struct requests *ret, struct eg_err *err)
    EG_MUSTCHECK;
/* The newest that the ERP took and still has, NULL = none: what an update is compared with. */
const struct request *requests_base(const struct requests *r);

#endif
