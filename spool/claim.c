/* SPDX-License-Identifier: MIT
 *
 * Claiming: a dropped file becomes work of ours. By rename into a folder nobody else can write, then by a private copy
 * (a sender that kept its descriptor open can still change the renamed file). Order and crash argument: docs/SPOOL.md.
 * Refuses what is no plain file with one name. A file is never deleted here before it has become a private copy; what
 * turns out to be no file after the rename goes back where it was. From a drop folder on another mount: spool/far.c.
 */
#include "base/fs.h"
#include "base/fs_kind.h"
#include "base/limits.h"
#include "spool/claim_int.h"

#include <inttypes.h>
#include <limits.h>
#include <unistd.h>

#define NAME_FILE_MAX 4096U
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

void
spool_claim_done(struct spool_claim *c)
{
	eg_buf_done(&c->name);
	eg_buf_done(&c->companion);
}

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

static int
open_job(struct spool *s, const char *id, struct claim_job *j, struct eg_err *err)
{
	j->id = id;
	return eg_fs_opendir(s->work, id, &j->dir, err);
}

/* work/<id> with everything that must be known before the first rename: whose it is, which of two names is the
 * companion, and what is to be copied from a folder on another mount (`far`; NULL = nothing). */
static int
make_job(struct spool *s, const char *source, const char *id, const char *companion, const char *far,
    struct claim_job *j, struct eg_err *err)
{
	int rc = eg_fs_mkdir_new(s->work, id, 0700, err);
	if (rc >= 0) {
		rc = open_job(s, id, j, err);
	}
	if (rc >= 0) {
		rc = eg_fs_write_file(j->dir, "source", eg_bytes_str(source), 0600, true, err);
	}
	if (rc >= 0 && companion != NULL) {
		rc = eg_fs_write_file(j->dir, "companion-name", eg_bytes_str(companion), 0600, true, err);
	}
	if (rc >= 0 && far != NULL) {
		rc = far_note(j->dir, far, err);
	}
	if (rc >= 0) {
		rc = eg_fs_mkdirs(j->dir, "in", 0700, err);
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

/* Removes the job's folder unless it holds somebody's file. What cannot be removed now is a leftover for recovery: the
 * caller already has an error to tell. */
static void
abandon(struct spool *s, struct claim_job *j)
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

/* Back into the drop folder; when the name was taken again meanwhile, under one with the drop's number in front: a sender that swaps names must not leave us
 * with something that is neither a claim nor gone. What still cannot go back is a leftover for recovery, which tries again. */
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
		abandon(s, j);
	}
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
	if (j->drop < 0 && spool_part_ok(eg_buf_view(source)) && eg_fs_exists(s->drop, eg_buf_cstr(source))) {
		int rc = eg_fs_opendir_own(s->drop, eg_buf_cstr(source), &j->drop, err);
		if (rc < 0) {
			return rc;
		}
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

/* One file from the drop folder into in/. */
static int
move_in(struct claim_job *j, const char *name, bool companion, uint64_t max, struct eg_err *err)
{
	if (!j->far) {
		return eg_fs_rename_new(j->drop, name, j->in, name, err);
	}
	const struct far_file f = { j->id, name, companion, max, j->drop, j->dir, j->in };
	return far_take(&f, err);
}

/* The companion follows its file. Withdrawn meanwhile: the claim goes on without, and the note of it is removed so that
 * recovery cannot pick up a later file of that name. */
static int
take_companion(struct claim_job *j, const char *companion, bool *ret_taken, struct eg_err *err)
{
	struct stat st;
	*ret_taken = false;
	int rc = claim_check_plain(j->drop, companion, EG_LIMIT_SIG_BYTES, &st, err);
	if (rc >= 0) {
		rc = move_in(j, companion, true, EG_LIMIT_SIG_BYTES, err);
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

/* ---- step 2: private copies ---- */

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

/* From claimed names to a whole claim: copies what is not there whole. j->st is set. */
static int
finish(struct claim_job *j, const char *name, const char *companion, uint64_t max, struct spool_claim *ret,
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

/* ---- step 1 ---- */

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
		rc = move_in(j, name, false, src->max_bytes, err);
	}
	if (rc == EG_RETRY && strcmp(err->code, "CHANGED") == 0) {
		return rc; /* it stands aside, claimed: recovery copies it again */
	}
	if (rc < 0) {
		abandon(s, j);
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
	rc = take_companion(j, *companion, &taken, err);
	if (!taken) {
		*companion = NULL;
	}
	return rc;
}

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
	rc = make_job(s, src->name, drop, companion, j.far ? name : NULL, &j, err);
	if (rc < 0) {
		abandon(s, &j);
		goto out;
	}
	rc = take(s, &j, src, name, &companion, err);
	if (rc >= 0) {
		rc = finish(&j, name, companion, src->max_bytes, ret, err);
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
	rc = make_job(s, source, drop, NULL, NULL, &j, err);
	if (rc >= 0) {
		rc = eg_fs_copy_hashed(fd, j.dir, "arriving", max_bytes, sha, &size, err);
	}
	if (rc >= 0) {
		rc = eg_fs_rename_new(j.dir, "arriving", j.in, name, err);
	}
	if (rc < 0) {
		abandon(s, &j);
		goto out;
	}
	rc = claim_check_plain(j.in, name, max_bytes, &j.st, err);
	if (rc >= 0) {
		rc = finish(&j, name, NULL, max_bytes, ret, err);
	}
out:
	claim_job_done(&j);
	return rc;
}

/* ---- recovery ---- */

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
	bool folder = spool_part_ok(eg_buf_view(source)) && eg_fs_own_folder(s->drop, eg_buf_cstr(source));
	if (folder) {
		rc = eg_fs_opendir_own(s->drop, eg_buf_cstr(source), &j->drop, err);
	}
	bool here = rc >= 0 && j->drop >= 0 && !eg_fs_same_mount(s->work, j->drop);
	if (rc < 0 || !here) {
		rc = rc < 0 ? rc : f->names > 0 ? EG_OK : EG_EOF;
		goto out;
	}
	if (j->in >= 0 && far_aside(j->drop, j->id)) {
		rc = move_in(j, eg_buf_cstr(&name), false, EG_LIMIT_DROP_BYTES, err);
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
	if (!spool_part_ok(eg_buf_view(source)) || !eg_fs_exists(s->drop, eg_buf_cstr(source))) {
		return EG_OK;
	}
	int rc = j->drop >= 0 ? EG_OK : eg_fs_opendir_own(s->drop, eg_buf_cstr(source), &j->drop, err);
	return rc < 0 ? rc : take_companion(j, eg_buf_cstr(&f->companion), &f->has_companion, err);
}

/* The rename that brought the file here may have been one whose sync failed: no row may outlive it. */
static int
sync_rename(struct spool *s, struct claim_job *j, struct eg_buf *source, struct eg_err *err)
{
	int rc = eg_fs_sync_dir(j->in, err);
	if (rc >= 0 && j->drop < 0 && spool_part_ok(eg_buf_view(source)) &&
	    eg_fs_own_folder(s->drop, eg_buf_cstr(source))) {
		rc = eg_fs_opendir_own(s->drop, eg_buf_cstr(source), &j->drop, err);
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
	rc = open_job(s, drop, &j, err);
	if (rc >= 0) {
		rc = read_job(&j, &f, &source, err);
	}
	if (rc >= 0) {
		rc = finish_far(s, &j, &f, &source, err);
	}
	if (rc == EG_EOF) {
		goto out; /* its folder is not there: it waits */
	}
	if (rc >= 0) {
		rc = check_found(&j, &f, &source, err);
	}
	if (rc == EG_EOF) {
		rc = eg_fs_rmtree(s->work, drop, err);
		rc = rc < 0 ? rc : EG_EOF;
		goto out;
	}
	if (rc >= 0) {
		rc = fetch_companion(s, &j, &f, &source, err);
	}
	if (rc >= 0) {
		rc = sync_rename(s, &j, &source, err);
	}
	const char *name = eg_buf_cstr(&f.name), *companion = f.has_companion ? eg_buf_cstr(&f.companion) : NULL;
	if (rc >= 0) {
		rc = claim_check_plain(j.in, name, EG_LIMIT_DROP_BYTES, &j.st, err);
	}
	if (rc == EG_BADFILE) {
		rc = not_plain(s, &j, name, &source, err);
	}
	if (rc == EG_EOF) {
		goto out;
	}
	if (rc >= 0) {
		rc = finish(&j, name, companion, EG_LIMIT_DROP_BYTES, ret, err);
	}
	if (rc >= 0) {
		eg_buf_add(ret_source, eg_buf_view(&source));
	}
out:
	claim_job_done(&j);
	eg_buf_done(&f.companion);
	eg_buf_done(&f.name);
	eg_buf_done(&source);
	return rc;
}

/* ---- reading and removing ---- */

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
