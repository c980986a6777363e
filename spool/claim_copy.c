/* SPDX-License-Identifier: MIT
 *
 * Step 2 of claiming: the private copy. A sender that kept its descriptor open can still change the file that was renamed, so only the copy is read from here on.
 * Repeatable: what is there whole is kept, what is not is copied again. Fails with EG_RETRY "CHANGED" when the file does not keep still, or as the disk does.
 */
#include "base/fs.h"
#include "base/limits.h"
#include "spool/claim_int.h"

static int
copy_in(struct claim_job *j, const char *name, const char *to, uint64_t max, unsigned char ret_sha[EG_SHA256_LEN],
    uint64_t *ret_size, struct eg_err *err)
{
	int fd = -1;
	struct stat st;
	int rc = eg_fs_open_file(j->in, name, &fd, &st, err);
	if (rc >= 0) {
		rc = eg_fs_copy_hashed(fd, j->dir, to, max, ret_sha, ret_size, err);
	}
	eg_fd_done(&fd);
	return rc;
}

/* What came under the companion's name is no file to take, although it was one when it was looked at: somebody exchanged it before the rename. It goes back, and the claim goes on as
 * if it had never come: an error here would be met again by every turn. */
static int
copy_companion(struct claim_job *j, const char **companion, struct eg_err *err)
{
	unsigned char sha[EG_SHA256_LEN];
	struct eg_err untold;
	uint64_t size;
	int rc = copy_in(j, *companion, "companion", EG_LIMIT_SIG_BYTES, sha, &size, err);
	if (rc != EG_BADFILE) {
		return rc;
	}
	if (j->drop >= 0) {
		(void)!eg_fs_rename_new(
		    j->in, *companion, j->drop, *companion, &untold); /* else it goes with the job */
	}
	*companion = NULL;
	return EG_OK;
}

/* The companion first: once `raw` is there, the claim is whole. *companion: NULL when it was none. */
static int
copy_all(struct claim_job *j, const char *name, const char **companion, uint64_t max, struct spool_claim *c,
    struct eg_err *err)
{
	unsigned char sha[EG_SHA256_LEN];
	int rc = *companion == NULL ? EG_OK : copy_companion(j, companion, err);
	if (rc >= 0) {
		rc = copy_in(j, name, "raw", max, sha, &c->size, err);
	}
	if (rc >= 0) {
		eg_hex(sha, sizeof(sha), c->sha256);
	}
	return rc;
}

static int
hash_raw(struct claim_job *j, struct spool_claim *c, struct eg_err *err)
{
	unsigned char sha[EG_SHA256_LEN];
	struct stat st;
	int fd = -1;
	int rc = eg_fs_open_file(j->dir, "raw", &fd, &st, err);
	if (rc >= 0) {
		rc = spool_hash_fd(fd, sha, &c->size, err);
	}
	if (rc >= 0) {
		eg_hex(sha, sizeof(sha), c->sha256);
	}
	eg_fd_done(&fd);
	return rc;
}

/* A copy that has its name was written whole; but whoever gave it the name may have been stopped before the sync of the folder, and of a group the power may have
 * gone between two names. */
static int
found_raw(struct claim_job *j, const char *companion, struct spool_claim *c, struct eg_err *err)
{
	int rc = EG_OK;
	if (companion != NULL && !eg_fs_exists(j->dir, "companion")) {
		rc = copy_companion(j, &companion, err);
	}
	if (rc >= 0) {
		rc = eg_fs_sync_dir(j->dir, err);
	}
	return rc < 0 ? rc : hash_raw(j, c, err);
}

void
claim_say(const char *id, const char *name, const char *companion, const struct stat *st, struct spool_claim *c)
{
	snprintf(c->drop, sizeof(c->drop), "%s", id);
	eg_buf_str(&c->name, name);
	eg_buf_str(&c->companion, companion == NULL ? "" : companion);
	c->uid = st->st_uid;
	c->mtime = st->st_mtime;
}

int
claim_finish(struct claim_job *j, const char *name, const char *companion, uint64_t max, struct spool_claim *ret,
    struct eg_err *err)
{
	struct spool_claim c = { .name = EG_BUF_INIT, .companion = EG_BUF_INIT };
	int rc = eg_fs_exists(j->dir, "raw") ? found_raw(j, companion, &c, err) :
	                                       copy_all(j, name, &companion, max, &c, err);
	if (rc < 0) {
		return rc;
	}
	claim_say(j->id, name, companion, &j->st, &c);
	rc = j->far ? far_origin(j->dir, &c.uid, &c.mtime, err) : EG_OK;
	if (rc < 0) {
		spool_claim_done(&c);
		return rc;
	}
	*ret = c;
	return EG_OK;
}
