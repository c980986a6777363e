/* SPDX-License-Identifier: MIT
 *
 * Recovery of claims: what a job's folder holds after a crash at any point of claim.c, claim_group.c or far.c is finished, or is found never to have become a claim. Every step may be
 * repeated. Refuses a folder that no crash can leave: somebody changed it.
 */
#include "base/fs.h"
#include "base/fs_kind.h"
#include "base/limits.h"
#include "spool/claim_int.h"

#define NAME_FILE_MAX 4096U

struct found {
	struct eg_buf companion; /* as the note says; empty = none */
	struct eg_buf name;
	unsigned names; /* in in/, the companion not counted */
	bool has_companion;
};

static int
sort_in(void *ctx, const char *name, struct eg_err *err)
{
	(void)err;
	struct found *f = ctx;
	if (f->companion.len != 0 && eg_bytes_is(eg_buf_view(&f->companion), name)) {
		f->has_companion = true;
		return EG_OK;
	}
	f->names++;
	eg_buf_clear(&f->name);
	eg_buf_str(&f->name, name);
	return EG_OK;
}

static int
read_note(struct claim_job *j, const char *note, struct eg_buf *ret, struct eg_err *err)
{
	return eg_fs_exists(j->dir, note) ? eg_fs_read_file(j->dir, note, NAME_FILE_MAX, ret, err) : EG_OK;
}

static int
read_job(struct claim_job *j, struct found *f, struct eg_buf *source, struct eg_err *err)
{
	int rc = eg_fs_sweep_temps(j->dir, err);
	if (rc >= 0) {
		rc = read_note(j, "source", source, err);
	}
	if (rc >= 0) {
		rc = read_note(j, "companion-name", &f->companion, err);
	}
	if (rc >= 0 && eg_fs_exists(j->dir, "in")) {
		rc = eg_fs_opendir(j->dir, "in", &j->in, err);
	}
	if (rc >= 0 && j->in >= 0) {
		rc = eg_fs_list(j->in, sort_in, f, err);
	}
	return rc;
}

/* The source's folder, unless it is open or not there: j->drop stays -1, which is no error. */
static int
open_drop(struct spool *s, struct claim_job *j, struct eg_buf *source, struct eg_err *err)
{
	if (j->drop >= 0 || !spool_part_ok(eg_buf_view(source)) || !eg_fs_own_folder(s->drop, eg_buf_cstr(source))) {
		return EG_OK;
	}
	return eg_fs_opendir_own(s->drop, eg_buf_cstr(source), &j->drop, err);
}

/* A claim from another mount that was cut: what stands aside is copied. The folder is not mounted, or is not there at all: EG_EOF, the claim waits for it. EG_OK
 * with f->names 0: nothing had been named aside. */
static int
finish_far(struct spool *s, struct claim_job *j, struct found *f, struct eg_buf *source, struct eg_err *err)
{
	struct eg_buf name = EG_BUF_INIT;
	int rc = far_noted(j->dir, &name, err);
	j->far = rc >= 0 && name.len != 0;
	if (!j->far || eg_fs_exists(j->dir, "raw")) {
		goto out;
	}
	rc = open_drop(s, j, source, err);
	bool here = rc >= 0 && j->drop >= 0 && !eg_fs_same_mount(s->work, j->drop);
	if (rc < 0 || !here) {
		rc = rc < 0 ? rc : f->names > 0 ? EG_OK : EG_EOF;
		goto out;
	}
	if (j->in >= 0 && far_aside(j->drop, j->id)) {
		rc = claim_move_in(j, eg_buf_cstr(&name), false, EG_LIMIT_DROP_BYTES, err);
		if (rc >= 0 && f->names == 0) {
			eg_buf_add(&f->name, eg_buf_view(&name));
			f->names = 1;
		}
		if (rc == EG_BADFILE || (rc == EG_RETRY && strcmp(err->code, "GONE") == 0)) {
			rc = EG_OK; /* no file to take, and back at its sender's: nothing is claimed */
		}
	}
out:
	eg_buf_done(&name);
	return rc;
}

/* A crash between the two renames left the companion in the drop folder. */
static int
fetch_companion(struct spool *s, struct claim_job *j, struct found *f, struct eg_buf *source, struct eg_err *err)
{
	if (f->companion.len == 0 || f->has_companion || eg_fs_exists(j->dir, "raw")) {
		return EG_OK;
	}
	int rc = open_drop(s, j, source, err);
	return rc < 0 || j->drop < 0 ? rc : claim_take_companion(j, eg_buf_cstr(&f->companion), &f->has_companion, err);
}

/* The rename that brought the file here may have been one whose sync failed: no row may outlive it. */
static int
sync_rename(struct spool *s, struct claim_job *j, struct eg_buf *source, struct eg_err *err)
{
	int rc = eg_fs_sync_dir(j->in, err);
	if (rc >= 0) {
		rc = open_drop(s, j, source, err);
	}
	return rc >= 0 && j->drop >= 0 ? eg_fs_sync_dir(j->drop, err) : rc;
}

/* EG_EOF = nothing was ever claimed into it. */
static int
check_found(struct claim_job *j, const struct found *f, const struct eg_buf *source, struct eg_err *err)
{
	bool raw = eg_fs_exists(j->dir, "raw");
	if (f->names == 1 && source->len != 0) {
		return EG_OK;
	}
	if (f->names == 0 && !f->has_companion && !raw) {
		return EG_EOF;
	}
	return eg_fail(err, EG_FATAL, "CLAIM",
	    "The folder spool/work/%s holds %u files%s%s: no crash can leave that, somebody changed it. Look at it, move "
	    "what belongs to a sender back into the drop folder, and remove it.",
	    j->id, f->names, source->len == 0 ? ", no source" : "", raw ? " and a copy" : "");
}

/* Recovery found that what was claimed is no file to take. With a private copy it is one all the same: what became of the sender's inode since does not matter.
 * Else it goes back, as it would have at the claim: EG_EOF. */
static int
not_plain(struct spool *s, struct claim_job *j, const char *name, struct eg_buf *source, struct eg_err *err)
{
	struct eg_err why = *err;
	if (eg_fs_exists(j->dir, "raw") && S_ISREG(j->st.st_mode)) {
		return EG_OK;
	}
	int rc = open_drop(s, j, source, err);
	if (rc < 0) {
		return rc;
	}
	if (j->drop >= 0) {
		claim_put_back(s, j, name);
	}
	if (!eg_fs_exists(s->work, j->id)) {
		return EG_EOF;
	}
	*err = why;
	return why.cls;
}

/* What the folder holds becomes a whole claim. EG_EOF = it is none: its folder is removed, and what lay in it is back at its sender's. */
static int
take_up(struct spool *s, struct claim_job *j, struct found *f, struct eg_buf *source, struct spool_claim *ret,
    struct eg_err *err)
{
	int rc = check_found(j, f, source, err);
	if (rc == EG_EOF) {
		rc = eg_fs_rmtree(s->work, j->id, err);
		return rc < 0 ? rc : EG_EOF;
	}
	if (rc >= 0) {
		rc = fetch_companion(s, j, f, source, err);
	}
	if (rc >= 0) {
		rc = sync_rename(s, j, source, err);
	}
	const char *name = eg_buf_cstr(&f->name), *companion = f->has_companion ? eg_buf_cstr(&f->companion) : NULL;
	if (rc >= 0) {
		rc = claim_check_plain(j->in, name, EG_LIMIT_DROP_BYTES, &j->st, err);
	}
	if (rc == EG_BADFILE) {
		rc = not_plain(s, j, name, source, err);
	}
	return rc != EG_OK ? rc : claim_finish(j, name, companion, EG_LIMIT_DROP_BYTES, ret, err);
}

int
spool_claim_again(
    struct spool *s, const char *drop, struct eg_buf *ret_source, struct spool_claim *ret, struct eg_err *err)
{
	struct claim_job j = CLAIM_JOB_INIT;
	struct found f = { EG_BUF_INIT, EG_BUF_INIT, 0, false };
	struct eg_buf source = EG_BUF_INIT;
	int rc = claim_check_id(drop, err);
	if (rc < 0) {
		return rc;
	}
	if (!eg_fs_exists(s->work, drop)) {
		return EG_EOF;
	}
	rc = claim_job_open(s, drop, &j, err);
	if (rc >= 0) {
		rc = read_job(&j, &f, &source, err);
	}
	if (rc >= 0) {
		rc = finish_far(s, &j, &f, &source, err); /* EG_EOF: its folder is not there, it waits */
	}
	if (rc == EG_OK) {
		rc = take_up(s, &j, &f, &source, ret, err);
	}
	if (rc == EG_OK) {
		eg_buf_add(ret_source, eg_buf_view(&source));
	}
	claim_job_done(&j);
	eg_buf_done(&f.companion);
	eg_buf_done(&f.name);
	eg_buf_done(&source);
	return rc;
}
