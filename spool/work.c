/* SPDX-License-Identifier: MIT
 *
 * What stands in work/ once it is claimed: the copies opened for reading, a job's folder removed when it is done, and the folders that are left listed for recovery.
 * Removing is repeatable at every point; fails only as the disk does.
 */
#include "base/fs.h"
#include "spool/claim_int.h"

/* ---- reading ---- */

static int
open_part(struct spool *s, const char *drop, const char *part, int *ret_fd, struct eg_err *err)
{
	char path[SPOOL_PATH_MAX];
	struct stat st;
	int rc = claim_check_id(drop, err);
	if (rc < 0) {
		return rc;
	}
	snprintf(path, sizeof(path), "%s/%s", drop, part);
	return eg_fs_open_file(s->work, path, ret_fd, &st, err);
}

int
spool_open_raw(struct spool *s, const char *drop, int *ret_fd, struct eg_err *err)
{
	return open_part(s, drop, "raw", ret_fd, err);
}

int
spool_open_companion(struct spool *s, const char *drop, int *ret_fd, struct eg_err *err)
{
	return open_part(s, drop, "companion", ret_fd, err);
}

/* ---- removing ---- */

/* Named away first: a folder that a crash left half removed must not look like a claim that lost its file. */
#define GONE_PREFIX ".gone-"

int
spool_clean(struct spool *s, const char *id, struct eg_err *err)
{
	char gone[SPOOL_PATH_MAX];
	int rc = spool_check_part("The job", id, err);
	if (rc < 0 || !eg_fs_exists(s->work, id)) {
		return rc;
	}
	snprintf(gone, sizeof(gone), GONE_PREFIX "%s", id);
	rc = eg_fs_rmtree(s->work, gone, err);
	if (rc >= 0) {
		rc = eg_fs_rename_new(s->work, id, s->work, gone, err);
	}
	return rc < 0 ? rc : eg_fs_rmtree(s->work, gone, err);
}

int
spool_clean_group(struct spool *s, const char *const *id, size_t n, struct eg_err *err)
{
	char gone[SPOOL_PATH_MAX];
	int rc = EG_OK;
	for (size_t i = 0; rc >= 0 && i < n; i++) {
		rc = spool_check_part("The job", id[i], err);
		if (rc < 0 || !eg_fs_exists(s->work, id[i])) {
			continue;
		}
		snprintf(gone, sizeof(gone), GONE_PREFIX "%s", id[i]);
		rc = eg_fs_rmtree_unsynced(s->work, gone, err);
		if (rc >= 0) {
			rc = eg_fs_rename_unsynced(s->work, id[i], s->work, gone, err);
		}
	}
	if (rc >= 0) {
		rc = eg_fs_sync_dir(s->work, err);
	}
	for (size_t i = 0; rc >= 0 && i < n; i++) {
		snprintf(gone, sizeof(gone), GONE_PREFIX "%s", id[i]);
		rc = eg_fs_rmtree_unsynced(s->work, gone, err);
	}
	return rc < 0 ? rc : eg_fs_sync_dir(s->work, err);
}

/* ---- what is left ---- */

struct leftovers {
	struct spool *s;
	int (*each)(void *ctx, const char *id, struct eg_err *err);
	void *ctx;
};

static int
leftover(void *ctx, const char *name, struct eg_err *err)
{
	const struct leftovers *l = ctx;
	if (l->s->lock >= 0 && eg_bytes_starts(eg_bytes_str(name), EG_LIT(GONE_PREFIX))) {
		return eg_fs_rmtree(l->s->work, name, err);
	}
	return spool_part_ok(eg_bytes_str(name)) ? l->each(l->ctx, name, err) : EG_OK;
}

int
spool_leftovers(
    struct spool *s, int (*each)(void *ctx, const char *id, struct eg_err *err), void *ctx, struct eg_err *err)
{
	struct leftovers l = { s, each, ctx };
	return eg_fs_list(s->work, leftover, &l, err);
}
