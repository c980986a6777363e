/* SPDX-License-Identifier: MIT
 *
 * Claiming many small files with the syncs of one: the same folders, notes, renames and copies as claim.c makes, in three steps with a sync behind each. A step
 * only begins when the one before it is durable for all, so whatever part of it a power cut keeps is a state of docs/SPOOL.md. What is wrong with one file is
 * said of that file; what is wrong with the disk ends the group, and recovery takes up each job by itself.
 */
#include "base/fs.h"
#include "base/fs_kind.h"
#include "base/limits.h"
#include "spool/claim_int.h"

#include <stdio.h>

struct group {
	struct spool *s;
	const struct spool_source *src;
	int drop; /* the source's folder */
	struct eg_fs_group fs;
	char path[SPOOL_PATH_MAX];
};

static const char *
path_in(struct group *g, const char *id, const char *part, const char *name)
{
	int n = snprintf(g->path, sizeof(g->path), "%s/%s%s%s", id, part, *name == '\0' ? "" : "/", name);
	eg_check(n > 0 && (size_t)n < sizeof(g->path));
	return g->path;
}

/* What is wrong with this file alone is kept with it; true = go on with the next. */
static bool
its_own(struct spool_take *t, int rc, const struct eg_err *err)
{
	if (rc == EG_BADFILE ||
	    (rc == EG_RETRY && (strcmp(err->code, "GONE") == 0 || strcmp(err->code, "CHANGED") == 0))) {
		t->rc = rc;
		t->err = *err;
		return true;
	}
	return rc >= 0;
}

/* ---- before anything is made ---- */

/* The others of the group were looked at meanwhile: what was judged must still be what lies there. */
static int
still_the_same(struct group *g, const struct spool_take *t, struct eg_err *err)
{
	struct stat st;
	int fd = -1;
	int rc = eg_fs_open_file(g->drop, t->name, &fd, &st, err);
	if (rc < 0) {
		return rc;
	}
	if (st.st_ino != t->seen.st_ino || !eg_fs_same(&st, &t->seen) || spool_has_writer(fd)) {
		rc = eg_fail(err, EG_RETRY, "CHANGED", "%s changed after it was looked at.", t->name);
	}
	eg_fd_done(&fd);
	return rc;
}

static int
check_all(struct group *g, struct spool_take *take, size_t n, struct eg_err *err)
{
	uint64_t total = 0;
	struct stat st;
	for (size_t i = 0; i < n; i++) {
		struct spool_take *t = &take[i];
		int rc = claim_check_id(t->drop, err);
		if (rc >= 0) {
			rc = claim_check_name(t->name, err);
		}
		if (rc >= 0 && t->companion != NULL) {
			rc = claim_check_name(t->companion, err);
		}
		if (rc >= 0) {
			rc = claim_check_plain(g->drop, t->name, g->src->max_bytes, &st, err);
		}
		if (rc >= 0) {
			rc = still_the_same(g, t, err);
		}
		if (!its_own(t, rc, err)) {
			return rc;
		}
		total += t->rc < 0 ? 0 : (uint64_t)t->seen.st_size;
	}
	return claim_check_room(g->s, total, err);
}

/* ---- step 1: folders with their notes ---- */

static int
make_job(struct group *g, const struct spool_take *t, struct eg_err *err)
{
	const int work = g->s->work;
	int rc = eg_fs_group_mkdir(&g->fs, work, t->drop, 0700, err);
	if (rc >= 0) {
		rc = eg_fs_group_note(&g->fs, work, path_in(g, t->drop, "source", ""), eg_bytes_str(g->src->name), err);
	}
	if (rc >= 0 && t->companion != NULL) {
		rc = eg_fs_group_note(
		    &g->fs, work, path_in(g, t->drop, "companion-name", ""), eg_bytes_str(t->companion), err);
	}
	return rc < 0 ? rc : eg_fs_group_mkdir(&g->fs, work, path_in(g, t->drop, "in", ""), 0700, err);
}

/* ---- step 2: renames and copies ---- */

/* What turned out to be no file to take, after the rename: the way back is that of a single claim. */
static void
give_back(struct group *g, const struct spool_take *t)
{
	struct claim_job j = CLAIM_JOB_INIT;
	struct eg_err untold;
	j.id = t->drop;
	j.drop = g->drop;
	if (eg_fs_opendir(g->s->work, t->drop, &j.dir, &untold) >= 0 &&
	    eg_fs_opendir(j.dir, "in", &j.in, &untold) >= 0) {
		claim_put_back(g->s, &j, t->name);
	}
	j.drop = -1;
	claim_job_done(&j);
}

static int
move_companion(struct group *g, struct spool_take *t, struct eg_err *err)
{
	struct stat st;
	int rc = claim_check_plain(g->drop, t->companion, EG_LIMIT_SIG_BYTES, &st, err);
	if (rc >= 0) {
		rc = eg_fs_group_move(
		    &g->fs, g->drop, t->companion, g->s->work, path_in(g, t->drop, "in", t->companion), err);
	}
	if (rc >= 0 || rc == EG_FATAL || (rc == EG_RETRY && strcmp(err->code, "GONE") != 0)) {
		return rc;
	}
	/* Withdrawn: the note goes, so that recovery cannot pick up a later file of that name. */
	t->companion = NULL;
	return eg_fs_unlink(g->s->work, path_in(g, t->drop, "companion-name", ""), err);
}

static int
copy_one(struct group *g, const struct spool_take *t, const char *name, const char *to, uint64_t max,
    unsigned char ret_sha[EG_SHA256_LEN], uint64_t *ret_size, struct stat *ret_st, struct eg_err *err)
{
	struct eg_fs_out o = EG_FS_OUT_INIT;
	int fd = -1;
	int rc = eg_fs_open_file(g->s->work, path_in(g, t->drop, "in", name), &fd, ret_st, err);
	if (rc >= 0) {
		rc = eg_fs_out_open_in(&o, g->s->work, t->drop, 0600, err);
	}
	if (rc >= 0) {
		rc = eg_fs_out_copy(&o, fd, max, ret_sha, ret_size, err);
	}
	if (rc >= 0) {
		rc = eg_fs_group_park(&g->fs, &o, path_in(g, t->drop, to, ""), err);
	}
	eg_fs_out_abort(&o);
	eg_fd_done(&fd);
	return rc;
}

static int
copy_both(struct group *g, struct spool_take *t, struct eg_err *err)
{
	unsigned char sha[EG_SHA256_LEN];
	struct stat st;
	uint64_t size;
	int rc = EG_OK;
	if (t->companion != NULL) {
		rc = copy_one(g, t, t->companion, "companion", EG_LIMIT_SIG_BYTES, sha, &size, &st, err);
	}
	if (rc >= 0) {
		rc = copy_one(g, t, t->name, "raw", g->src->max_bytes, sha, &t->claim.size, &st, err);
	}
	if (rc >= 0) {
		eg_hex(sha, sizeof(sha), t->claim.sha256);
		claim_say(t->drop, t->name, t->companion, &st, &t->claim);
	}
	return rc;
}

static int
take_one(struct group *g, struct spool_take *t, struct eg_err *err)
{
	struct stat st;
	int rc = eg_fs_group_move(&g->fs, g->drop, t->name, g->s->work, path_in(g, t->drop, "in", t->name), err);
	if (rc == EG_RETRY) {
		int removed = eg_fs_rmtree_unsynced(g->s->work, t->drop, &t->err);
		return removed < 0 ? removed : rc;
	}
	if (rc >= 0) {
		rc = claim_check_plain(g->s->work, path_in(g, t->drop, "in", t->name), g->src->max_bytes, &st, err);
		if (rc == EG_BADFILE) {
			give_back(g, t);
		}
	}
	if (rc >= 0 && t->companion != NULL) {
		rc = move_companion(g, t, err);
	}
	return rc < 0 ? rc : copy_both(g, t, err);
}

/* ---- all of them ---- */

static int
claim_all(struct group *g, struct spool_take *take, size_t n, struct eg_err *err)
{
	int rc = check_all(g, take, n, err);
	for (size_t i = 0; rc >= 0 && i < n; i++) {
		rc = take[i].rc < 0 ? EG_OK : make_job(g, &take[i], err);
	}
	if (rc >= 0) {
		rc = eg_fs_group_sync(&g->fs, err);
	}
	for (size_t i = 0; rc >= 0 && i < n; i++) {
		if (take[i].rc >= 0) {
			rc = take_one(g, &take[i], err);
			rc = its_own(&take[i], rc, err) ? EG_OK : rc;
		}
	}
	return rc < 0 ? rc : eg_fs_group_sync(&g->fs, err);
}

/* From another mount nothing can be renamed: each is copied as if it had come alone. */
static int
claim_far(struct group *g, struct spool_take *take, size_t n, struct eg_err *err)
{
	int rc = EG_OK;
	for (size_t i = 0; rc >= 0 && i < n; i++) {
		struct spool_take *t = &take[i];
		rc = spool_claim(g->s, g->src, t->drop, t->name, t->companion, &t->claim, err);
		rc = its_own(t, rc, err) ? EG_OK : rc;
	}
	return rc;
}

int
spool_claim_group(
    struct spool *s, const struct spool_source *src, struct spool_take *take, size_t n, struct eg_err *err)
{
	struct group g = { .s = s, .src = src, .drop = -1, .fs = EG_FS_GROUP_INIT };
	int rc = spool_check_part("The source", src->name, err);
	if (rc >= 0) {
		rc = eg_fs_opendir_own(s->drop, src->name, &g.drop, err);
	}
	if (rc >= 0) {
		rc = eg_fs_group_open(&g.fs, s->work, err);
	}
	if (rc >= 0) {
		rc = eg_fs_same_mount(s->work, g.drop) ? claim_all(&g, take, n, err) : claim_far(&g, take, n, err);
	}
	eg_fs_group_done(&g.fs);
	eg_fd_done(&g.drop);
	return rc;
}
