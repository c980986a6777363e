/* SPDX-License-Identifier: MIT
 *
 * One turn being made: what cycle.c (its order), arrive.c (drop folders) and ingest.c (files given by hand) share. Not for others.
 */
#ifndef GATEWAY_TURN_H
#define GATEWAY_TURN_H

#include "gateway/cycle.h"
#include "gateway/disk.h"
#include "gateway/quota.h"

#define APPROVALS "approvals" /* the source whose files are sheets */

struct turn_group;
struct turn {
	struct site *site;
	const struct cycle_watch *watch;
	struct cycle_result *result;
	struct spool_source source; /* being scanned */
	unsigned settling;
	struct quotas quotas;
	struct quota *quota; /* of the source being scanned */
	struct disk_left disk; /* what was left for want of room */
	struct turn_group *group; /* small files of this round that are to be taken; NULL = none yet */
	bool more; /* a source has files behind those of this round */
	bool approvals;
	struct cycle_arrivals *arrivals; /* only looking */
};

/* cycle.c: one transaction around work. EG_EOF of work is the mistake of not looking: EG_FATAL "DB-CORRUPT". */
int turn_transaction(struct site *s, int (*work)(struct site *s, void *ctx, struct eg_err *err), void *ctx,
    struct eg_err *err) EG_MUSTCHECK;
/* cycle.c: journals a claim and reads it. */
int turn_claimed(struct turn *t, const char *source, const struct spool_claim *c, struct eg_err *err) EG_MUSTCHECK;
/* arrive.c: takes what is whole until nothing is settling any more or the time is over; approvals by themselves. */
int turn_arrive(struct turn *t, bool approvals, int64_t deadline, struct eg_err *err) EG_MUSTCHECK;
/* arrive.c: tells which files are over their source's quota. */
int turn_over(struct turn *t, struct eg_err *err) EG_MUSTCHECK;
/* arrive.c: a finding for every file that was left. */
int turn_left(struct turn *t, struct eg_err *err) EG_MUSTCHECK;
/* arrive.c: the number of the next drop, taken for good. */
int turn_drop_id(struct site *s, char ret[16], struct eg_err *err) EG_MUSTCHECK;
/* arrive.c: claims this file as drop `id` and reads it. One that is not to be had is no error: turn_not_taken. */
int turn_take(struct turn *t, const struct spool_candidate *c, const char *id, struct eg_err *err) EG_MUSTCHECK;
/* arrive.c: a claim failed. One file's own reasons (it left, changed, is no plain file) are counted and told and give EG_OK; others come back. */
int turn_not_taken(struct turn *t, const struct spool_candidate *c, const struct eg_err *why, bool in_transaction,
    struct eg_err *err) EG_MUSTCHECK;
/* arrive.c: the finding for a file that stays in its drop folder. */
int turn_left_finding(struct turn *t, const struct spool_candidate *c, bool in_transaction, struct eg_err *err)
    EG_MUSTCHECK;
/* arrive_group.c: takes this file now, or together with the small ones after it; a group that is full is taken. */
int turn_group_add(struct turn *t, const struct spool_candidate *c, struct eg_err *err) EG_MUSTCHECK;
/* arrive_group.c: takes what waits. */
int turn_group_take(struct turn *t, struct eg_err *err) EG_MUSTCHECK;
void turn_group_free(struct turn *t); /* empty-safe */
/* ingest.c: a sealed original's bytes, in memory that looks like a file (*ret_fd is also set on failure). EG_BADREC "NOT-FOUND": the drop is not sealed. */
int turn_original(struct site *s, const struct drop_row *d, struct eg_arena *a, int *ret_fd, struct eg_err *err)
    EG_MUSTCHECK;

#endif
