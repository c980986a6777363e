/* SPDX-License-Identifier: MIT
 *
 * Inside reproduce and the comparison of batches: what is made again (reproduce_batch.c: files of a batch; reproduce.c: records of a drop) and how a difference
 * is told. Not for others.
 */
#ifndef GATEWAY_CLI_REPRODUCE_H
#define GATEWAY_CLI_REPRODUCE_H

#include "gateway/cli/sealed.h"

struct reproducing {
	struct cli *c;
	struct site *s;
	struct again_what what;
	struct sealed sealed;
	struct eg_arena a;
	size_t same, differing; /* files or records */
	size_t inputs; /* of them, differences of the inputs themselves */
};

/* One difference: `where` is a file of the bundle or an item; texts may be NULL. */
void reproduce_tell(
    struct reproducing *p, const char *where, uint64_t line, const char *sealed, const char *made, const char *what);
/* The first differing line of two texts; false: they are the same. Lines are cut at 200 bytes. Binary files: line 0. */
bool reproduce_first(struct eg_bytes sealed, struct eg_bytes made, uint64_t *ret_line, struct eg_buf *ret_sealed,
    struct eg_buf *ret_made);
/* Writes the batch's files again from its sealed inputs with the adapters, tables and settings of `with`, and compares them with those that left. EG_BADREC "NO-INPUTS": the bundle is from before
 * inputs were sealed. */
int reproduce_batch(struct reproducing *p, struct site *with, struct eg_err *err) EG_MUSTCHECK;
/* Tells the bundles of the drops that brought the batch's revisions, which can be made again the same way. */
int reproduce_sources(struct reproducing *p, struct eg_err *err) EG_MUSTCHECK;

#endif
