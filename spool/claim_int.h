/* SPDX-License-Identifier: MIT
 *
 * What claiming one file (claim.c), a group (claim_group.c) and recovery (claim_again.c) share: the job's folder (claim_job.c), the two renames into it (claim.c), the private
 * copies (claim_copy.c). Not for others.
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

/* ---- claim_job.c: before the first rename, and back ---- */

void claim_job_done(struct claim_job *j); /* empty-safe; closes, removes nothing */
/* Short enough for the id of a drop, and a name of ours. EG_BADFILE "NAME". */
int claim_check_id(const char *id, struct eg_err *err) EG_MUSTCHECK;
/* One name in a folder, not a path. EG_BADFILE "NOT-FILE". */
int claim_check_name(const char *name, struct eg_err *err) EG_MUSTCHECK;
/* A plain file of one name and at most `max` bytes. EG_BADFILE "NOT-FILE", "LINKS", "TOO-BIG"; EG_RETRY "GONE". */
int claim_check_plain(int dir, const char *name, uint64_t max, struct stat *ret_st, struct eg_err *err) EG_MUSTCHECK;
/* EG_RETRY "DISK-FULL" when so many bytes could not be worked through. */
int claim_check_room(struct spool *s, uint64_t size, struct eg_err *err) EG_MUSTCHECK;
/* Opens work/<id>, which is there; `id` must live as long as the job. Fails as eg_fs_opendir. */
int claim_job_open(struct spool *s, const char *id, struct claim_job *j, struct eg_err *err) EG_MUSTCHECK;
/* Makes and opens work/<id> with everything that must be known before the first rename: whose it is, which of two names is the companion (NULL = there is none), and what is to be
 * copied from a folder on another mount (`far`; NULL = nothing). EG_FATAL "EXISTS". */
int claim_job_make(struct spool *s, const char *source, const char *id, const char *companion, const char *far,
    struct claim_job *j, struct eg_err *err) EG_MUSTCHECK;
/* Removes the job's folder unless it holds somebody's file. What cannot be removed now is a leftover for recovery: the caller already has an error to tell. */
void claim_job_abandon(struct spool *s, struct claim_job *j);
/* Back into the drop folder, and the job's folder removed; when the name was taken again meanwhile, under one with the drop's number in front: a sender that swaps names must not
 * leave us with something that is neither a claim nor gone. What still cannot go back is a leftover for recovery, which tries again. */
void claim_put_back(struct spool *s, struct claim_job *j, const char *name);

/* ---- claim.c: from the drop folder into in/ ---- */

/* One file. As eg_fs_rename_new, or as far_take from another mount. */
int claim_move_in(struct claim_job *j, const char *name, bool companion, uint64_t max, struct eg_err *err) EG_MUSTCHECK;
/* The companion follows its file. Withdrawn meanwhile: the claim goes on without (*ret_taken false), and the note of it is removed so that recovery cannot pick up a later file of that
 * name. */
int claim_take_companion(struct claim_job *j, const char *companion, bool *ret_taken, struct eg_err *err) EG_MUSTCHECK;

/* ---- claim_copy.c: private copies ---- */

/* From claimed names (companion NULL = none) to a whole claim: copies what is not there whole. j->st is set. EG_RETRY "CHANGED"; EG_BADFILE when the file is none to take. */
int claim_finish(struct claim_job *j, const char *name, const char *companion, uint64_t max, struct spool_claim *ret,
    struct eg_err *err) EG_MUSTCHECK;
/* Everything of a claim but its size and digest. */
void claim_say(const char *id, const char *name, const char *companion, const struct stat *st, struct spool_claim *c);

#endif
