/* SPDX-License-Identifier: MIT
 *
 * Makes and opens the folders of a spool, and the small things all of spool/ needs. Refuses folders on different
 * mounts (a rename between them is no rename) and on network file systems (no lock, lease or fsync to rely on); a drop
 * folder alone may be elsewhere (spool/far.c).
 */
#include "spool/spool.h"

#include "base/fs.h"
#include "base/fs_kind.h"
#include "spool/spool_int.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define KEY_FILE_MAX 65536U

static const struct {
	const char *path;
	mode_t mode;
} folders[] = {
	{ "spool", 0755 },
	{ "spool/drop", 0755 },
	{ "spool/work", 0700 },
	{ "spool/out", 0755 },
	{ "spool/rejects", 0750 },
	{ "archive", 0750 },
};

bool
spool_part_ok(struct eg_bytes part)
{
	if (part.len == 0 || part.len >= SPOOL_ID_MAX || part.ptr[0] == '.') {
		return false;
	}
	for (size_t i = 0; i < part.len; i++) {
		unsigned char c = part.ptr[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
		if (!letter && c != '.' && c != '_' && c != '-') {
			return false;
		}
	}
	return true;
}

int
spool_check_part(const char *what, const char *name, struct eg_err *err)
{
	if (spool_part_ok(eg_bytes_str(name))) {
		return EG_OK;
	}
	return eg_fail(err, EG_BADFILE, "NAME",
	    "%s \"%.80s\" is no name for a file or folder of ours: use up to %d of A-Z a-z 0-9 . _ -, not "
	    "beginning with a dot.",
	    what, name, SPOOL_ID_MAX - 1);
}

/* A folder that is there keeps its mode: the administrator may have set it. A new one gets exactly ours, whatever the
 * umask (mkdir can also not set the group bit that hands files over). */
static int
make_folder(int site_dir, const char *path, mode_t mode, struct eg_err *err)
{
	if (eg_fs_exists(site_dir, path)) {
		return eg_fs_mkdirs(site_dir, path, mode, err);
	}
	int rc = eg_fs_mkdirs(site_dir, path, mode, err);
	return rc < 0 ? rc : eg_fs_chmod_dir(site_dir, path, mode, err);
}

int
spool_create(int site_dir, struct eg_err *err)
{
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		int rc = make_folder(site_dir, folders[i].path, folders[i].mode, err);
		if (rc < 0) {
			return rc;
		}
	}
	return EG_OK;
}

int
spool_make_exchange(int site_dir, const char *below, const char *what, const char *name, struct eg_err *err)
{
	char path[SPOOL_PATH_MAX];
	int rc = spool_check_part(what, name, err);
	if (rc < 0) {
		return rc;
	}
	snprintf(path, sizeof(path), "%s/%s", below, name);
	return make_folder(site_dir, path, 02770, err);
}

int
spool_make_source(int site_dir, const char *source, struct eg_err *err)
{
	return spool_make_exchange(site_dir, "spool/drop", "The source", source, err);
}

int
spool_make_target(int site_dir, const char *target, struct eg_err *err)
{
	return spool_make_exchange(site_dir, "spool/out", "The target", target, err);
}

/* ---- one file system, one mount ---- */

struct place {
	uint32_t major, minor;
	uint64_t mount; /* 0 = this kernel does not tell */
	const char *parent; /* of the folder being looked at, for the message */
	int dir;
};

static int
place_of(int dir, const char *name, struct place *ret, mode_t *ret_mode, struct eg_err *err)
{
	struct statx sx;
	if (statx(dir, name, name[0] == '\0' ? AT_EMPTY_PATH : 0, STATX_BASIC_STATS | STATX_MNT_ID, &sx) != 0) {
		return eg_fail_sys(err, EG_FATAL, "SPOOL-FS", errno, "The folder %s cannot be looked at", name);
	}
	ret->major = sx.stx_dev_major;
	ret->minor = sx.stx_dev_minor;
	ret->mount = (sx.stx_mask & STATX_MNT_ID) != 0 ? sx.stx_mnt_id : 0;
	*ret_mode = sx.stx_mode;
	return EG_OK;
}

static int
check_place(const struct place *home, int dir, const char *name, const char *shown, struct eg_err *err)
{
	struct place p = { 0 };
	mode_t mode;
	int rc = place_of(dir, name, &p, &mode, err);
	if (rc < 0 || !S_ISDIR(mode)) {
		return rc;
	}
	if (p.major != home->major || p.minor != home->minor || p.mount != home->mount) {
		return eg_fail(err, EG_FATAL, "SPOOL-FS",
		    "The folder %s is on another file system or mount than spool/work. A file cannot be renamed "
		    "between them: put all folders of a site on one mount.",
		    shown);
	}
	return EG_OK;
}

static int
check_child(void *ctx, const char *name, struct eg_err *err)
{
	const struct place *home = ctx;
	struct eg_buf shown = EG_BUF_INIT;
	eg_buf_printf(&shown, "%s/", home->parent);
	eg_buf_escaped(&shown, eg_bytes_str(name));
	int rc = check_place(home, home->dir, name, eg_buf_cstr(&shown), err);
	eg_buf_done(&shown);
	return rc;
}

static int
check_network(int dir, const char *what, struct eg_err *err)
{
	struct eg_fs_kind kind;
	int rc = eg_fs_kind(dir, &kind, err);
	if (rc >= 0 && kind.remote) {
		return eg_fail(err, EG_FATAL, "SPOOL-FS",
		    "%s is on a file system of another machine (%s), which cannot promise that a synced file is kept or "
		    "that a lock holds. Put the site on a local disk; only drop folders may be on the network.",
		    what, kind.name);
	}
	return rc;
}

/* What senders drop may come from another mount (spool/far.c); everything behind it is renamed, so it is on one. */
static int
check_places(struct spool *s, struct eg_err *err)
{
	const struct {
		int dir;
		const char *name;
		bool children;
	} all[] = {
		{ s->out, "spool/out", true },
		{ s->rejects, "spool/rejects", false },
		{ s->archive, "archive", false },
	};
	struct place home = { 0 };
	mode_t mode;
	int rc = place_of(s->work, "", &home, &mode, err);
	for (size_t i = 0; rc >= 0 && i < sizeof(all) / sizeof(all[0]); i++) {
		rc = check_place(&home, all[i].dir, "", all[i].name, err);
		if (rc >= 0 && all[i].children) {
			home.parent = all[i].name;
			home.dir = all[i].dir;
			rc = eg_fs_list(all[i].dir, check_child, &home, err);
		}
	}
	if (rc >= 0) {
		rc = check_network(s->work, "The spool", err);
	}
	return rc < 0 ? rc : check_network(s->site, "The site's database", err);
}

/* ---- leftovers of a crash in the archive: temporary files ---- */

static int sweep_tree(int dir, const char *name, struct eg_err *err);

struct sweep {
	int dir;
};

static int
sweep_child(void *ctx, const char *name, struct eg_err *err)
{
	const struct sweep *w = ctx;
	struct stat st;
	if (fstatat(w->dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(st.st_mode)) {
		return EG_OK;
	}
	return sweep_tree(w->dir, name, err);
}

static int
sweep_tree(int dir, const char *name, struct eg_err *err)
{
	struct sweep w = { -1 };
	int rc = eg_fs_opendir(dir, name, &w.dir, err);
	if (rc >= 0) {
		rc = eg_fs_sweep_temps(w.dir, err);
	}
	if (rc >= 0) {
		rc = eg_fs_list(w.dir, sweep_child, &w, err);
	}
	eg_fd_done(&w.dir);
	return rc;
}

static int
keep_last_number(void *ctx, const char *name, struct eg_err *err)
{
	(void)err;
	struct eg_buf *last = ctx;
	uint64_t n;
	if (eg_bytes_to_u64(eg_bytes_str(name), &n)) {
		eg_buf_clear(last);
		eg_buf_str(last, name);
	}
	return EG_OK;
}

/* A temporary file can only be left where something was being written: in the log, with the keys, among the
 * segments, or in the newest month (deletions under retention sweep theirs themselves). Older months are not looked at, so that starting stays cheap after years. */
static int
sweep_archive(struct spool *s, struct eg_err *err)
{
	static const char *const whole[] = { "keys", "log", "state" };
	struct eg_buf year = EG_BUF_INIT, month = EG_BUF_INIT;
	int year_dir = -1, month_dir = -1;
	int rc = eg_fs_sweep_temps(s->archive, err);
	for (size_t i = 0; rc >= 0 && i < sizeof(whole) / sizeof(whole[0]); i++) {
		rc = eg_fs_exists(s->archive, whole[i]) ? sweep_tree(s->archive, whole[i], err) : EG_OK;
	}
	if (rc >= 0) {
		rc = eg_fs_list(s->archive, keep_last_number, &year, err);
	}
	if (rc >= 0 && year.len != 0) {
		rc = eg_fs_opendir(s->archive, eg_buf_cstr(&year), &year_dir, err);
	}
	if (rc >= 0 && year_dir >= 0) {
		rc = eg_fs_list(year_dir, keep_last_number, &month, err);
	}
	if (rc >= 0 && month.len != 0) {
		rc = eg_fs_opendir(year_dir, eg_buf_cstr(&month), &month_dir, err);
	}
	if (rc >= 0 && month_dir >= 0) {
		rc = eg_fs_sweep_temps(month_dir, err);
	}
	eg_fd_done(&month_dir);
	eg_fd_done(&year_dir);
	eg_buf_done(&year);
	eg_buf_done(&month);
	return rc;
}

int
spool_open(int site_dir, bool own, struct spool *ret, struct eg_err *err)
{
	struct spool s = SPOOL_INIT;
	const struct {
		const char *path;
		int *fd;
	} all[] = {
		{ ".", &s.site },
		{ "spool/drop", &s.drop },
		{ "spool/work", &s.work },
		{ "spool/out", &s.out },
		{ "spool/rejects", &s.rejects },
		{ "archive", &s.archive },
	};
	int rc = EG_OK;
	for (size_t i = 0; rc >= 0 && i < sizeof(all) / sizeof(all[0]); i++) {
		rc = eg_fs_opendir(site_dir, all[i].path, all[i].fd, err);
	}
	if (rc >= 0) {
		rc = check_places(&s, err);
	}
	if (rc >= 0 && own) {
		rc = eg_fs_lock(s.site, "spool/lock", &s.lock, err);
	}
	if (rc >= 0 && own) {
		rc = sweep_archive(&s, err);
	}
	if (rc < 0) {
		spool_close(&s);
		return rc;
	}
	*ret = s;
	return EG_OK;
}

void
spool_close(struct spool *s)
{
	eg_fd_done(&s->site);
	eg_fd_done(&s->drop);
	eg_fd_done(&s->work);
	eg_fd_done(&s->out);
	eg_fd_done(&s->rejects);
	eg_fd_done(&s->archive);
	eg_fd_done(&s->lock);
}

/* ---- reading ---- */

int
spool_pread(int fd, void *p, size_t n, uint64_t off, size_t *ret_n, struct eg_err *err)
{
	size_t done = 0;
	while (done < n) {
		ssize_t k = pread(fd, (unsigned char *)p + done, n - done, (off_t)(off + done));
		if (k < 0 && errno == EINTR) {
			continue;
		}
		if (k < 0) {
			return eg_fail_sys(err, EG_FATAL, "DISK-ERROR", errno, "A file of the spool cannot be read");
		}
		if (k == 0) {
			break;
		}
		done += (size_t)k;
	}
	*ret_n = done;
	return EG_OK;
}

int
spool_hash_fd(int fd, unsigned char ret_sha[EG_SHA256_LEN], uint64_t *ret_size, struct eg_err *err)
{
	enum {
		PIECE = 1 << 18
	};
	struct eg_sha256 h = { NULL };
	unsigned char *p = eg_xalloc(PIECE);
	uint64_t off = 0;
	size_t n = PIECE;
	int rc = EG_OK;
	eg_sha256_init(&h);
	while (n == PIECE) {
		rc = spool_pread(fd, p, PIECE, off, &n, err);
		if (rc < 0) {
			goto out;
		}
		eg_sha256_add(&h, eg_bytes(p, n));
		off += n;
	}
	eg_sha256_final(&h, ret_sha);
	*ret_size = off;
out:
	eg_sha256_done(&h);
	free(p);
	return rc;
}

/* ---- public keys kept with the archive ---- */

int
spool_keep_key(struct spool *s, const struct sign_key *key, struct eg_err *err)
{
	char id[SIGN_KEY_ID], name[SPOOL_ID_MAX];
	struct eg_buf pem = EG_BUF_INIT;
	int dir = -1;
	sign_key_id(key, id);
	snprintf(name, sizeof(name), "%s.pub.pem", id);
	int rc = eg_fs_mkdirs(s->archive, "keys", 0750, err);
	if (rc >= 0) {
		rc = eg_fs_opendir(s->archive, "keys", &dir, err);
	}
	if (rc < 0 || eg_fs_exists(dir, name)) {
		goto out;
	}
	rc = sign_key_public_pem(key, &pem, err);
	if (rc >= 0) {
		rc = eg_fs_write_file(dir, name, eg_buf_view(&pem), 0640, true, err);
	}
out:
	eg_fd_done(&dir);
	eg_buf_done(&pem);
	return rc;
}

struct key_walk {
	int dir;
	int (*each)(void *ctx, const struct sign_key *key, struct eg_err *err);
	void *ctx;
	bool ended;
};

static int
walk_key(void *ctx, const char *name, struct eg_err *err)
{
	struct key_walk *w = ctx;
	struct eg_buf pem = EG_BUF_INIT;
	struct sign_key *key = NULL;
	struct eg_err unread;
	int rc = EG_OK;
	if (w->ended || !eg_bytes_ends(eg_bytes_str(name), EG_LIT(".pub.pem")) ||
	    eg_fs_read_file(w->dir, name, KEY_FILE_MAX, &pem, &unread) < 0 ||
	    sign_key_from_pem(eg_buf_view(&pem), false, &key, &unread) < 0) {
		goto out;
	}
	rc = w->each(w->ctx, key, err);
	if (rc == EG_EOF) {
		w->ended = true;
		rc = EG_OK;
	}
out:
	sign_key_free(key);
	eg_buf_done(&pem);
	return rc;
}

int
spool_each_key(struct spool *s, int (*each)(void *ctx, const struct sign_key *key, struct eg_err *err), void *ctx,
    struct eg_err *err)
{
	struct key_walk w = { -1, each, ctx, false };
	if (!eg_fs_exists(s->archive, "keys")) {
		return EG_OK;
	}
	int rc = eg_fs_opendir(s->archive, "keys", &w.dir, err);
	if (rc >= 0) {
		rc = eg_fs_list(w.dir, walk_key, &w, err);
	}
	eg_fd_done(&w.dir);
	if (rc < 0) {
		return rc;
	}
	return w.ended ? EG_EOF : EG_OK;
}
