/* SPDX-License-Identifier: MIT
 *
 * What claiming one file (claim.c) and claiming a group (claim_group.c) share. Not for others.
 */
#ifndef SPOOL_CLAIM_INT_H
#define SPOOL_CLAIM_INT_H

#include "spool/spool_int.h"

/* One job folder while it is being claimed. */
struct claim_job {
	const char *id;
	int dir; /* work/<id> */
	int in; /* work/<id>/in */
	int drop; /* the source's folder; -1 = it takes no part */
	bool far; /* that folder is on another mount: spool/far.c */
	struct stat st; /* of the claimed file */
};
#define CLAIM_JOB_INIT                                      \
	{                                                   \
		.id = NULL, .dir = -1, .in = -1, .drop = -1 \
	}
void claim_job_done(struct claim_job *j);

int claim_check_id(const char *id, struct eg_err *err) EG_MUSTCHECK;
int claim_check_name(const char *name, struct eg_err *err) EG_MUSTCHECK;
/* A plain file of one name and at most `max` bytes. EG_BADFILE "NOT-FILE", "LINKS", "TOO-BIG"; EG_RETRY "GONE". */
int claim_check_plain(int dir, const char *name, uint64_t max, struct stat *ret_st, struct eg_err *err) EG_MUSTCHECK;
/* EG_RETRY "DISK-FULL" when so many bytes could not be worked through. */
int claim_check_room(struct spool *s, uint64_t size, struct eg_err *err) EG_MUSTCHECK;
/* Back into the drop folder, and the job's folder removed. */
void claim_put_back(struct spool *s, struct claim_job *j, const char *name);
/* Everything of a claim but its size and digest. */
void claim_say(const char *id, const char *name, const char *companion, const struct stat *st, struct spool_claim *c);

#endif
