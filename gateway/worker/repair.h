/* SPDX-License-Identifier: MIT
 *
 * The confined child writing the files to repair (adapters/repair.h): an original and lists of its refused documents in, bytes out.
 */
#ifndef GATEWAY_WORKER_REPAIR_H
#define GATEWAY_WORKER_REPAIR_H

#include "adapters/repair.h"
#include "gateway/site.h"

struct worker_kit_sink {
	int (*file)(void *ctx, size_t kit, struct eg_err *err); /* the bytes that follow are of this kit's file */
	int (*bytes)(void *ctx, struct eg_bytes v, struct eg_err *err);
	void *ctx;
};

/* fd, size, source, name as for worker_read; `bytes` and `ctx` of the kits are not used. EG_BADFILE when the original cannot be read as before; what the sink fails with. */
int worker_repair(struct site *s, int fd, uint64_t size, const char *source, const char *name,
    const struct adp_kit *kits, size_t nkits, const struct worker_kit_sink *sink, struct eg_err *err) EG_MUSTCHECK;

#endif
