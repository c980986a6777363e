/* SPDX-License-Identifier: MIT
 *
 * Folders copied and walked. Follows no links. What cannot be read or written ends it.
 */
#include "base/fs_tree.h"

#include "base/buf.h"
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct copying {
	int from, to;
};

static int
copy_file(const struct copying *c, const char *name, mode_t mode, struct eg_err *err)
{
	char piece[65536];
	int rc = EG_OK, in = openat(c->from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int out = in < 0 ? -1 : openat(c->to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode & 07777);
	ssize_t n = in < 0 || out < 0 ? -1 : 0;

	while (n >= 0 && (n = read(in, piece, sizeof(piece))) > 0)
		if (write(out, piece, (size_t)n) != n)
			n = -1;
	if (n < 0)
		rc = eg_fail_sys(err, EG_FATAL, errno == ENOSPC || errno == EDQUOT ? "DISK-FULL" : "NO-WRITE", errno,
		    "cannot copy %s", name);
	eg_fd_done(&in);
	eg_fd_done(&out);
	return rc;
}

static int
copy_entry(void *ctx, const char *name, struct eg_err *err)
{
	const struct copying *c = ctx;
	struct stat st;

	if (fstatat(c->from, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return eg_fail_sys(err, EG_FATAL, "NO-READ", errno, "cannot look at %s", name);
	if (S_ISDIR(st.st_mode))
		return eg_fs_copy_tree(c->from, name, c->to, name, err);
	return S_ISREG(st.st_mode) ? copy_file(c, name, st.st_mode, err) : EG_OK;
}

int
eg_fs_copy_tree(int from_dir, const char *from, int to_dir, const char *to, struct eg_err *err)
{
	struct copying c = { -1, -1 };
	struct stat st;
	int rc = eg_fs_opendir(from_dir, from, &c.from, err);

	if (rc >= 0 && (fstat(c.from, &st) != 0 || mkdirat(to_dir, to, 0700) != 0))
		rc = eg_fail_sys(
		    err, EG_FATAL, errno == EEXIST ? "EXISTS" : "NO-WRITE", errno, "cannot make folder %s", to);
	if (rc >= 0)
		rc = eg_fs_opendir(to_dir, to, &c.to, err);
	if (rc >= 0)
		rc = eg_fs_list(c.from, copy_entry, &c, err);
	if (rc >= 0 && fchmod(c.to, st.st_mode & 07777) != 0)
		rc = eg_fail_sys(err, EG_FATAL, "NO-WRITE", errno, "cannot set the mode of %s", to);
	eg_fd_done(&c.from);
	eg_fd_done(&c.to);
	return rc;
}

/* ---- walking ---- */

struct walk {
	int (*each)(void *ctx, int dir, const char *name, const char *path, struct eg_err *err);
	void *ctx;
	int dir;
	const char *path;
};

static int walk_folder(struct walk *w, int dirfd, const char *folder, struct eg_err *err);

static int
walk_entry(void *ctx, const char *name, struct eg_err *err)
{
	struct walk *w = ctx;
	struct stat st;
	int rc = EG_OK;

	if (fstatat(w->dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return EG_OK;
	char *path = w->path[0] == '\0' ? eg_xstrdup(name) : eg_xprintf("%s/%s", w->path, name);
	if (S_ISDIR(st.st_mode)) {
		struct walk below = { w->each, w->ctx, -1, path };
		rc = walk_folder(&below, w->dir, name, err);
	} else if (S_ISREG(st.st_mode))
		rc = w->each(w->ctx, w->dir, name, path, err);
	free(path);
	return rc;
}

static int
walk_folder(struct walk *w, int dirfd, const char *folder, struct eg_err *err)
{
	int rc = eg_fs_opendir(dirfd, folder, &w->dir, err);

	if (rc >= 0)
		rc = eg_fs_list(w->dir, walk_entry, w, err);
	eg_fd_done(&w->dir);
	return rc;
}

int
eg_fs_walk(int dirfd, const char *folder,
    int (*each)(void *ctx, int dir, const char *name, const char *path, struct eg_err *err), void *ctx,
    struct eg_err *err)
{
	struct walk w = { each, ctx, -1, "" };

	return eg_fs_exists(dirfd, folder) ? walk_folder(&w, dirfd, folder, err) : EG_OK;
}
