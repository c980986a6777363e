/* SPDX-License-Identifier: MIT
 *
 * What looking at a drop folder (arrive_scan.c), at one of its entries (arrive.c) and at what came beside it (arrive_companion.c) share. Not for others.
 */
#ifndef SPOOL_ARRIVE_INT_H
#define SPOOL_ARRIVE_INT_H

#include "spool/spool_int.h"

/* One scan, as spool_scan was asked for it. */
struct arrive_look {
	const struct spool_source *src;
	int64_t now;
	const struct spool_check *check;
	int (*each)(void *ctx, const struct spool_candidate *c, struct eg_err *err);
	void *ctx;
	int dir;
	bool remote; /* leases are another machine's to give, and say nothing there */
	struct eg_buf reason, companion; /* what the candidate of the moment points to */
};

/* ---- arrive.c ---- */

/* The verdict on a candidate, with its sentence; said again it replaces the first. */
void arrive_say(struct arrive_look *l, struct spool_candidate *c, enum spool_arrival arrival, const char *fmt, ...)
    EG_PRINTF(4, 5);
/* When a file changed last. ctime is the kernel's and moves with every change; mtime is what the sender's client says, so one in the future says nothing. */
int64_t arrive_still_since(int64_t now, const struct stat *st);
/* Looks at one entry (ctx: struct arrive_look) and tells it. An entry that left is passed over; what is wrong with it is its verdict. EG_RETRY "SPOOL-READ" when the system cannot
 * open files; else only what l->each and the check of structure return. */
int arrive_look_at(void *ctx, const char *name, struct eg_err *err) EG_MUSTCHECK;

/* ---- arrive_companion.c ---- */

/* Does the entry belong to another file? Then that is said, or what is wrong with a signature whose file has not come. */
bool arrive_judge_companion(struct arrive_look *l, struct spool_candidate *c);
/* SETTLE_COMPANION: finds the digest or marker of the open file (c->companion) and says what it waits for; says nothing when both agree. Fails as reading it does. */
int arrive_judge_marker(struct arrive_look *l, struct spool_candidate *c, int fd, struct eg_err *err) EG_MUSTCHECK;
/* A signature is claimed together with its file (c->companion), so it must have come to rest too: says so when it has not. */
void arrive_judge_signature(struct arrive_look *l, struct spool_candidate *c);

#endif
