/* SPDX-License-Identifier: MIT
 *
 * Claiming: a dropped file becomes work of ours. By rename into a folder nobody else can write (claim_job.c), then by a private copy (claim_copy.c). Order and crash
 * argument: docs/SPOOL.md. Refuses what is no plain file with one name. A file is never deleted here before it has become a private copy; what turns out to be no file after
 * the rename goes back where it was. From a drop folder on another mount: far.c; many at once: claim_group.c; after a crash: claim_again.c.
 */
#include "base/fs.h"
#include "base/fs_kind.h"
#include "base/limits.h"
#include "spool/claim_int.h"

void
spool_claim_done(struct spool_claim *c)
{
	eg_buf_done(&c->name);
	eg_buf_done(&c->companion);
}

/* ---- step 1: the names ---- */

int
claim_move_in(struct claim_job *j, const char *name, bool companion, uint64_t max, struct eg_err *err)
{
	if (!j->far) {
		return eg_fs_rename_new(j->drop, name, j->in, name, err);
	}
	const struct far_file f = { j->id, name, companion, max, j->drop, j->dir, j->in };
	return far_take(&f, err);
}

int
claim_take_companion(struct claim_job *j, const char *companion, bool *ret_taken, struct eg_err *err)
{
	struct stat st;
	*ret_taken = false;
	int rc = claim_check_plain(j->drop, companion, EG_LIMIT_SIG_BYTES, &st, err);
	if (rc >= 0) {
		rc = claim_move_in(j, companion, true, EG_LIMIT_SIG_BYTES, err);
	}
	if (rc >= 0) {
		*ret_taken = true;
		return EG_OK;
	}
	if (rc == EG_FATAL || (rc == EG_RETRY && strcmp(err->code, "GONE") != 0)) {
		return rc;
	}
	return eg_fs_unlink(j->dir, "companion-name", err);
}

/* The names are in in/ when this returns EG_OK, and only then. */
static int
take(struct spool *s, struct claim_job *j, const struct spool_source *src, const char *name, const char **companion,
    struct eg_err *err)
{
	bool taken = false;
	int rc = EG_OK;
	if (j->far && far_aside(j->drop, j->id)) {
		rc = eg_fail(err, EG_BADFILE, "NOT-FILE",
		    "%s cannot be taken now: somebody put a file into the drop folder under the name that a claimed file has. It "
		    "is taken under the next number.",
		    name);
	}
	if (rc >= 0) {
		rc = claim_move_in(j, name, false, src->max_bytes, err);
	}
	if (rc == EG_RETRY && strcmp(err->code, "CHANGED") == 0) {
		return rc; /* it stands aside, claimed: recovery copies it again */
	}
	if (rc < 0) {
		claim_job_abandon(s, j);
		return rc;
	}
	/* What was looked at may have been swapped before the rename: only what is ours now counts. */
	rc = claim_check_plain(j->in, name, src->max_bytes, &j->st, err);
	if (rc == EG_BADFILE) {
		claim_put_back(s, j, name);
	}
	if (rc < 0 || *companion == NULL) {
		return rc;
	}
	rc = claim_take_companion(j, *companion, &taken, err);
	if (!taken) {
		*companion = NULL;
	}
	return rc;
}

/* ---- whole claims ---- */

int
spool_claim(struct spool *s, const struct spool_source *src, const char *drop, const char *name, const char *companion,
    struct spool_claim *ret, struct eg_err *err)
{
	struct claim_job j = CLAIM_JOB_INIT;
	int rc = claim_check_id(drop, err);
	if (rc >= 0) {
		rc = claim_check_name(name, err);
	}
	if (rc >= 0 && companion != NULL) {
		rc = claim_check_name(companion, err);
	}
	if (rc >= 0) {
		rc = spool_check_part("The source", src->name, err);
	}
	if (rc >= 0) {
		rc = eg_fs_opendir_own(s->drop, src->name, &j.drop, err);
	}
	if (rc >= 0) {
		rc = claim_check_plain(j.drop, name, src->max_bytes, &j.st, err);
	}
	if (rc >= 0) {
		rc = claim_check_room(s, (uint64_t)j.st.st_size, err);
	}
	if (rc < 0) {
		goto out;
	}
	j.far = !eg_fs_same_mount(s->work, j.drop);
	rc = claim_job_make(s, src->name, drop, companion, j.far ? name : NULL, &j, err);
	if (rc < 0) {
		claim_job_abandon(s, &j);
		goto out;
	}
	rc = take(s, &j, src, name, &companion, err);
	if (rc >= 0) {
		rc = claim_finish(&j, name, companion, src->max_bytes, ret, err);
	}
out:
	claim_job_done(&j);
	return rc;
}

int
spool_claim_copy(struct spool *s, const char *source, const char *drop, const char *name, int fd, uint64_t max_bytes,
    struct spool_claim *ret, struct eg_err *err)
{
	struct claim_job j = CLAIM_JOB_INIT;
	unsigned char sha[EG_SHA256_LEN];
	uint64_t size;
	int rc = claim_check_id(drop, err);
	if (rc >= 0) {
		rc = claim_check_name(name, err);
	}
	if (rc >= 0) {
		rc = spool_check_part("The source", source, err);
	}
	if (rc < 0) {
		goto out;
	}
	rc = claim_job_make(s, source, drop, NULL, NULL, &j, err);
	if (rc >= 0) {
		rc = eg_fs_copy_hashed(fd, j.dir, "arriving", max_bytes, sha, &size, err);
	}
	if (rc >= 0) {
		rc = eg_fs_rename_new(j.dir, "arriving", j.in, name, err);
	}
	if (rc < 0) {
		claim_job_abandon(s, &j);
		goto out;
	}
	rc = claim_check_plain(j.in, name, max_bytes, &j.st, err);
	if (rc >= 0) {
		rc = claim_finish(&j, name, NULL, max_bytes, ret, err);
	}
out:
	claim_job_done(&j);
	return rc;
}
