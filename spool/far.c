/* SPDX-License-Identifier: MIT
 *
 * A drop folder on another mount: a server's share, a disk of its own, something mounted over it. A file cannot be renamed
 * from there, so it is first named aside in its own folder (that is the claim: no sender writes to such a name), then
 * copied into work/, synced, and only then removed. Each step is repeated harmlessly. A folder that is not mounted when a
 * claim is to be finished keeps the claim waiting: what lies there is not lost, it is only not here.
 * Refuses what is no plain file of one name. Tests: tests/unit/test_far.c.
 */
#include "base/fs.h"
#include "base/fs_kind.h"
#include "base/limits.h"
#include "spool/spool_int.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <unistd.h>

#define NOTE "far"
#define ORIGIN "origin"
#define ARRIVING "arriving"

/* A leading dot: never taken as a file of its own. */
static void
aside_name(const char *id, bool companion, char *ret, size_t size)
{
	snprintf(ret, size, ".erpgate-%s%s", id, companion ? ".companion" : "");
}

bool
far_aside(int drop, const char *id)
{
	char aside[SPOOL_PATH_MAX];
	aside_name(id, false, aside, sizeof(aside));
	return eg_fs_exists(drop, aside);
}

int
far_note(int job, const char *name, struct eg_err *err)
{
	return eg_fs_write_file(job, NOTE, eg_bytes_str(name), 0600, true, err);
}

int
far_noted(int job, struct eg_buf *ret_name, struct eg_err *err)
{
	return eg_fs_exists(job, NOTE) ? eg_fs_read_file(job, NOTE, NAME_MAX, ret_name, err) : EG_OK;
}

int
far_origin(int job, uid_t *ret_uid, int64_t *ret_mtime, struct eg_err *err)
{
	struct eg_buf text = EG_BUF_INIT;
	int rc = eg_fs_read_file(job, ORIGIN, 64, &text, err);
	if (rc >= 0) {
		struct eg_bytes rest = eg_buf_view(&text), uid;
		uint64_t number = 0;
		bool good = eg_bytes_cut(&rest, ' ', &uid) && eg_bytes_to_u64(uid, &number) && number <= UINT32_MAX &&
		            eg_bytes_to_i64(rest, ret_mtime);
		*ret_uid = (uid_t)number;
		if (!good) {
			rc = eg_fail(err, EG_FATAL, "CLAIM",
			    "A note of ours in spool/work is not as we write it: somebody changed it. Look at the folder; what "
			    "belongs to a sender goes back into its drop folder.");
		}
	}
	eg_buf_done(&text);
	return rc;
}

/* The note of the origin is written behind the copy and before its last rename. */
bool
far_under_way(int job)
{
	return eg_fs_exists(job, NOTE) && (!eg_fs_exists(job, ORIGIN) || eg_fs_exists(job, ARRIVING));
}

/* Back under its own name, or with the drop's number in front when that was taken again. What cannot go back stays aside,
 * where the sender's folder still has it. */
static void
put_aside_back(const struct far_file *f, const char *aside)
{
	char numbered[NAME_MAX + 1];
	struct eg_err untold;
	if (eg_fs_rename_aside(f->drop, aside, f->name, &untold) < 0) {
		int n = snprintf(numbered, sizeof(numbered), "%s-%s", f->id, f->name);
		(void)!eg_fs_rename_aside(f->drop, aside, n < NAME_MAX + 1 ? numbered : f->id, &untold);
	}
}

static int
check_aside(const struct far_file *f, const char *aside, int *ret_fd, struct stat *ret_st, struct eg_err *err)
{
	int rc = eg_fs_open_file(f->drop, aside, ret_fd, ret_st, err);
	if (rc < 0) {
		return rc;
	}
	if (ret_st->st_nlink != 1) {
		return eg_fail(err, EG_BADFILE, "LINKS",
		    "%s has %ju names (hard links) and could change after it was taken: send a copy of its own.",
		    f->name, (uintmax_t)ret_st->st_nlink);
	}
	if ((uint64_t)ret_st->st_size > f->max_bytes) {
		return eg_fail(err, EG_BADFILE, "TOO-BIG",
		    "%s has %" PRIu64 " bytes; this source may send %" PRIu64 " at most.", f->name,
		    (uint64_t)ret_st->st_size, f->max_bytes);
	}
	return EG_OK;
}

static int
write_origin(const struct far_file *f, const struct stat *st, struct eg_err *err)
{
	char text[64];
	if (f->companion) {
		return EG_OK;
	}
	snprintf(text, sizeof(text), "%u %" PRId64, (unsigned)st->st_uid, (int64_t)st->st_mtime);
	return eg_fs_write_file(f->job, ORIGIN, eg_bytes_str(text), 0600, true, err);
}

/* From aside to in/<name>, whole or not at all. */
static int
fetch(const struct far_file *f, const char *aside, struct eg_err *err)
{
	unsigned char sha[EG_SHA256_LEN];
	uint64_t size;
	struct stat st;
	int fd = -1;
	int rc = check_aside(f, aside, &fd, &st, err);
	if (rc >= 0) {
		rc = eg_fs_unlink(f->job, ARRIVING, err);
	}
	if (rc >= 0) {
		rc = eg_fs_copy_hashed(fd, f->job, ARRIVING, f->max_bytes, sha, &size, err);
	}
	if (rc >= 0) {
		rc = write_origin(f, &st, err);
	}
	if (rc >= 0) {
		rc = eg_fs_rename_new(f->job, ARRIVING, f->in, f->name, err);
	}
	eg_fd_done(&fd);
	return rc;
}

int
far_take(const struct far_file *f, struct eg_err *err)
{
	char aside[SPOOL_PATH_MAX];
	aside_name(f->id, f->companion, aside, sizeof(aside));
	bool copied = eg_fs_exists(f->in, f->name), there = eg_fs_exists(f->drop, aside);
	int rc = EG_OK;
	if (!copied && !there) {
		rc = eg_fs_rename_aside(f->drop, f->name, aside, err);
		there = rc >= 0;
	}
	if (rc >= 0 && !copied) {
		rc = fetch(f, aside, err);
		if (rc == EG_BADFILE) {
			put_aside_back(f, aside);
		}
	}
	if (rc >= 0 && there) {
		rc = eg_fs_unlink(f->drop, aside, err);
	}
	/* Without it a power cut could bring the name back after the claim was worked through. A server that cannot sync a
	 * folder keeps its own order. */
	struct eg_err unsynced;
	if (rc >= 0 && there && eg_fs_sync_dir(f->drop, &unsynced) < 0 && strcmp(unsynced.code, "DISK-ERROR") == 0) {
		*err = unsynced;
		rc = unsynced.cls;
	}
	return rc;
}

/* ---- where it stands ---- */

int
spool_where(struct spool *s, const char *source, struct spool_place *ret, struct eg_err *err)
{
	struct eg_fs_kind kind = { "", false };
	struct stat st;
	int dir = -1;
	*ret = (struct spool_place){ .kind = "" };
	int rc = eg_fs_opendir_own(s->drop, source, &dir, err);
	if (rc >= 0) {
		rc = eg_fs_kind(dir, &kind, err);
	}
	if (rc >= 0 && fstat(dir, &st) != 0) {
		rc = eg_fail_sys(err, EG_FATAL, "SPOOL-FS", errno, "The drop folder %s does not answer", source);
	}
	if (rc >= 0) {
		*ret = (struct spool_place){ .remote = kind.remote,
			.far = !eg_fs_same_mount(s->work, dir),
			.dev = st.st_dev,
			.ino = st.st_ino };
		snprintf(ret->kind, sizeof(ret->kind), "%s", kind.name);
	}
	eg_fd_done(&dir);
	return rc;
}
