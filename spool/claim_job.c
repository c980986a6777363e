/* SPDX-License-Identifier: MIT
 *
 * The folder of a job while a file is claimed into it: made with its notes, given up, and the way back into the drop folder. Before that: what may be claimed at all.
 * Refuses what is no plain file with one name, what is larger than its source may send, and anything when the disk could not hold the work that follows.
 */
#include "base/fs.h"
#include "spool/claim_int.h"

#include <inttypes.h>
#include <limits.h>

#define ROOM_TIMES 6U /* copy, records, outbound files and bundle of one drop, in its own sizes */
#define ROOM_BYTES (UINT64_C(64) << 10)
#define ROOM_INODES 32U

void
claim_job_done(struct claim_job *j)
{
	eg_fd_done(&j->dir);
	eg_fd_done(&j->in);
	eg_fd_done(&j->drop);
}

/* ---- what may be claimed ---- */

int
claim_check_id(const char *id, struct eg_err *err)
{
	const struct spool_claim *c = NULL;
	if (strlen(id) >= sizeof(c->drop)) {
		return eg_fail(err, EG_BADFILE, "NAME", "\"%.40s\" is too long for the id of a drop.", id);
	}
	return spool_check_part("The drop", id, err);
}

int
claim_check_name(const char *name, struct eg_err *err)
{
	if (name[0] == '\0' || strchr(name, '/') != NULL || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
		return eg_fail(
		    err, EG_BADFILE, "NOT-FILE", "\"%.80s\" is not the name of a file in a drop folder.", name);
	}
	return EG_OK;
}

int
claim_check_plain(int dir, const char *name, uint64_t max, struct stat *ret_st, struct eg_err *err)
{
	int fd = -1;
	int rc = eg_fs_open_file(dir, name, &fd, ret_st, err);
	eg_fd_done(&fd);
	if (rc < 0) {
		return rc;
	}
	if (ret_st->st_nlink != 1) {
		return eg_fail(err, EG_BADFILE, "LINKS",
		    "%s has %ju names (hard links) and could change after it was taken: send a copy of its own.", name,
		    (uintmax_t)ret_st->st_nlink);
	}
	if ((uint64_t)ret_st->st_size > max) {
		return eg_fail(err, EG_BADFILE, "TOO-BIG",
		    "%s has %" PRIu64 " bytes; this source may send %" PRIu64 " at most.", name,
		    (uint64_t)ret_st->st_size, max);
	}
	return EG_OK;
}

/* A full disk must stop intake, not the archive: nothing is claimed that could not be finished. */
int
claim_check_room(struct spool *s, uint64_t size, struct eg_err *err)
{
	uint64_t bytes, inodes;
	int rc = eg_fs_free(s->work, &bytes, &inodes, err);
	if (rc < 0) {
		return rc;
	}
	if (bytes / ROOM_TIMES < size || bytes < ROOM_BYTES || inodes < ROOM_INODES) {
		return eg_fail(err, EG_RETRY, "DISK-FULL",
		    "The disk of the spool has %" PRIu64 " bytes free; a file of %" PRIu64
		    " bytes needs %u times its size "
		    "to be worked through. Nothing is taken until there is room.",
		    bytes, size, ROOM_TIMES);
	}
	return EG_OK;
}

/* ---- the folder of a job ---- */

int
claim_job_open(struct spool *s, const char *id, struct claim_job *j, struct eg_err *err)
{
	j->id = id;
	return eg_fs_opendir(s->work, id, &j->dir, err);
}

int
claim_job_make(struct spool *s, const char *source, const char *id, const char *companion, const char *far,
    struct claim_job *j, struct eg_err *err)
{
	int rc = eg_fs_mkdir_new(s->work, id, 0700, err);
	if (rc >= 0) {
		rc = claim_job_open(s, id, j, err);
	}
	if (rc >= 0) {
		rc = eg_fs_write_named(j->dir, "source", eg_bytes_str(source), 0600, true, err);
	}
	if (rc >= 0 && companion != NULL) {
		rc = eg_fs_write_named(j->dir, "companion-name", eg_bytes_str(companion), 0600, true, err);
	}
	if (rc >= 0 && far != NULL) {
		rc = far_note(j->dir, far, err);
	}
	if (rc >= 0) {
		rc = eg_fs_mkdirs(j->dir, "in", 0700, err); /* syncs the folder, and with it the names of the notes */
	}
	if (rc >= 0) {
		rc = eg_fs_opendir(j->dir, "in", &j->in, err);
	}
	return rc;
}

static int
see_one(void *ctx, const char *name, struct eg_err *err)
{
	(void)name;
	(void)err;
	*(bool *)ctx = true;
	return EG_OK;
}

void
claim_job_abandon(struct spool *s, struct claim_job *j)
{
	struct eg_err untold;
	bool holds = false;
	if (j->dir < 0 || (j->in >= 0 && eg_fs_list(j->in, see_one, &holds, &untold) < 0)) {
		return;
	}
	if (!holds) {
		(void)!eg_fs_rmtree(s->work, j->id, &untold);
	}
}

void
claim_put_back(struct spool *s, struct claim_job *j, const char *name)
{
	char numbered[NAME_MAX + 1];
	struct eg_err untold;
	int rc = eg_fs_rename_new(j->in, name, j->drop, name, &untold);
	if (rc < 0) {
		int n = snprintf(numbered, sizeof(numbered), "%s-%s", j->id, name);
		rc = eg_fs_rename_new(j->in, name, j->drop, n < NAME_MAX + 1 ? numbered : j->id, &untold);
	}
	if (rc >= 0) {
		claim_job_abandon(s, j);
	}
}
