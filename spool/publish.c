/* SPDX-License-Identifier: MIT
 *
 * Publishing: a finished file is staged in work/<batch>/<target>/ and shown to the receiver by one rename. Whether the
 * staged file is still there is the only truth about "published or not"; the out/ folder is never asked, because the
 * receiver may have taken the file. A companion <name>.ok is staged too, before the rename, and follows it.
 */
#include "base/fs.h"
#include "spool/spool_int.h"

#define OUT_MODE 0640

/* work/<batch>/<target>, or -1 in ret_fd when there is none. */
static int
open_stage(struct spool *s, const char *batch, const char *target, int *ret_fd, struct eg_err *err)
{
	char path[SPOOL_PATH_MAX];
	snprintf(path, sizeof(path), "%s/%s", batch, target);
	if (!eg_fs_exists(s->work, path)) {
		*ret_fd = -1;
		return EG_OK;
	}
	return eg_fs_opendir(s->work, path, ret_fd, err);
}

/* An outbound name may be longer than an id, but has the same letters. */
static int
check_out_name(const char *name, struct eg_err *err)
{
	enum {
		OUT_NAME_MAX = 200
	};
	struct eg_bytes v = eg_bytes_str(name);
	bool good = v.len != 0 && v.len <= OUT_NAME_MAX && v.ptr[0] != '.';
	for (size_t i = 0; good && i < v.len; i++) {
		good = spool_part_ok(eg_bytes_sub(v, i, 1)) || v.ptr[i] == '.';
	}
	return good ?
	           EG_OK :
	           eg_fail(err, EG_BADFILE, "NAME",
		       "\"%.80s\" is no name for an outbound file: use up to %d of A-Z a-z 0-9 . _ -, not beginning with "
		       "a dot.",
		       name, OUT_NAME_MAX);
}

static int
check_names(const char *batch, const char *target, const char *name, struct eg_err *err)
{
	int rc = spool_check_part("The batch", batch, err);
	if (rc >= 0) {
		rc = spool_check_part("The target", target, err);
	}
	return rc < 0 ? rc : check_out_name(name, err);
}

int
spool_stage(
    struct spool *s, const char *batch, const char *target, const char *name, struct eg_bytes v, struct eg_err *err)
{
	char path[SPOOL_PATH_MAX];
	int dir = -1;
	int rc = check_names(batch, target, name, err);
	if (rc < 0) {
		return rc;
	}
	snprintf(path, sizeof(path), "%s/%s", batch, target);
	rc = eg_fs_mkdirs(s->work, path, 0700, err);
	if (rc >= 0) {
		rc = eg_fs_opendir(s->work, path, &dir, err);
	}
	if (rc >= 0) {
		rc = eg_fs_write_file(dir, name, v, OUT_MODE, true, err);
	}
	eg_fd_done(&dir);
	return rc;
}

static int
same_content(int a_dir, int b_dir, const char *name, bool *ret, struct eg_err *err)
{
	unsigned char sha[2][EG_SHA256_LEN];
	const int dirs[2] = { a_dir, b_dir };
	int rc = EG_OK;
	for (int i = 0; rc >= 0 && i < 2; i++) {
		int fd = -1;
		struct stat st;
		uint64_t size;
		rc = eg_fs_open_file(dirs[i], name, &fd, &st, err);
		if (rc >= 0) {
			rc = spool_hash_fd(fd, sha[i], &size, err);
		}
		eg_fd_done(&fd);
	}
	if (rc >= 0) {
		*ret = memcmp(sha[0], sha[1], EG_SHA256_LEN) == 0;
	}
	return rc;
}

/* One staged name to out/. A file of that name with the same bytes is the same file, published before a power cut took
 * back the rename: the staged one goes. */
static int
show(int stage, int out, const char *name, bool *ret_done, struct eg_err *err)
{
	struct eg_err clash = { 0 };
	bool same = false;
	int rc = eg_fs_rename_new(stage, name, out, name, &clash);
	*ret_done = rc >= 0;
	if (rc >= 0) {
		return EG_OK;
	}
	if (strcmp(clash.code, "GONE") == 0) {
		/* It has left, perhaps by a rename whose sync failed: the row that says so must not outlive it. */
		rc = eg_fs_sync_dir(out, err);
		return rc < 0 ? rc : eg_fs_sync_dir(stage, err);
	}
	if (strcmp(clash.code, "EXISTS") != 0) {
		*err = clash;
		return rc;
	}
	rc = same_content(stage, out, name, &same, err);
	if (rc < 0) {
		return rc;
	}
	if (!same) {
		return eg_fail(err, EG_FATAL, "EXISTS",
		    "The out folder has another file named %s: nothing was overwritten. Find out whose it is and move it "
		    "away; the batch then goes out by itself.",
		    name);
	}
	*ret_done = true;
	rc = eg_fs_unlink(stage, name, err);
	return rc < 0 ? rc : eg_fs_sync_dir(stage, err);
}

int
spool_publish(struct spool *s, const char *batch, const char *target, const char *name, bool companion, bool *ret_done,
    struct eg_err *err)
{
	char marker[SPOOL_PATH_MAX];
	int stage = -1, out = -1;
	bool done = false, marker_done = false;
	int rc = check_names(batch, target, name, err);
	if (rc < 0) {
		return rc;
	}
	snprintf(marker, sizeof(marker), "%s.ok", name);
	rc = open_stage(s, batch, target, &stage, err);
	if (rc < 0 || stage < 0) {
		goto out;
	}
	rc = eg_fs_opendir(s->out, target, &out, err);
	if (rc >= 0 && companion && eg_fs_exists(stage, name) && !eg_fs_exists(stage, marker)) {
		rc = eg_fs_write_file(stage, marker, EG_NONE, OUT_MODE, true, err);
	}
	if (rc >= 0) {
		rc = show(stage, out, name, &done, err);
	}
	if (rc >= 0 && companion) {
		rc = show(stage, out, marker, &marker_done, err);
	}
out:
	if (rc >= 0) {
		*ret_done = done;
	}
	eg_fd_done(&stage);
	eg_fd_done(&out);
	return rc;
}

/* work/<job>/out/, made if needed. */
static int
open_recalled(struct spool *s, const char *job, int *ret_fd, struct eg_err *err)
{
	char path[SPOOL_PATH_MAX];
	int rc;

	snprintf(path, sizeof(path), "%s/out", job);
	rc = eg_fs_mkdirs(s->work, path, 0700, err);
	return rc >= 0 ? eg_fs_opendir(s->work, path, ret_fd, err) : rc;
}

static int
move_back(int out, int back, const char *name, struct eg_err *err)
{
	struct eg_err why = { 0 };
	char marker[SPOOL_PATH_MAX];
	int rc;

	snprintf(marker, sizeof(marker), "%s.ok", name);
	rc = eg_fs_unlink(out, marker, err);
	if (rc < 0 || eg_fs_exists(back, name))
		return rc;
	rc = eg_fs_rename_new(out, name, back, name, &why);
	if (rc >= 0 || strcmp(why.code, "GONE") == 0)
		return EG_OK;
	*err = why;
	return rc;
}

int
spool_recall(struct spool *s, const char *job, const char *target, const char *name, bool *ret_taken,
    char ret_sha[EG_SHA256_HEX], struct eg_err *err)
{
	unsigned char sha[EG_SHA256_LEN];
	struct eg_err none;
	struct stat st;
	uint64_t size;
	int out = -1, back = -1, fd = -1;
	int rc = check_names(job, target, name, err);

	*ret_taken = false;
	ret_sha[0] = '\0';
	if (rc >= 0)
		rc = open_recalled(s, job, &back, err);
	if (rc >= 0)
		rc = eg_fs_opendir(s->out, target, &out, err);
	if (rc >= 0)
		rc = move_back(out, back, name, err);
	if (rc >= 0 && eg_fs_open_file(back, name, &fd, &st, &none) >= 0) {
		rc = spool_hash_fd(fd, sha, &size, err);
		eg_hex(sha, EG_SHA256_LEN, ret_sha);
		*ret_taken = rc >= 0;
	}
	eg_fd_done(&fd);
	eg_fd_done(&out);
	eg_fd_done(&back);
	return rc;
}
