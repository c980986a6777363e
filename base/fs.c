/* SPDX-License-Identifier: MIT
 *
 * Folders made and opened, files opened, read, renamed and removed, each call durable when it returns. New files: fs_out.c; whole folders: fs_list.c; locks: fs_lock.c; many files
 * with few syncs: fs_group.c. Every durable call is a point of the fault build: fs_call.c.
 * Tests: tests/unit/test_fs.c.
 */
#include "base/fs.h"

#include "base/buf.h"
#include "base/fs_int.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

void
eg_fd_done(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd); /* only read from: nothing can be lost */
	*fd = -1;
}

/* ---- folders ---- */

int
eg_fs_opendir(int dirfd, const char *path, int *ret_fd, struct eg_err *err)
{
	int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return eg_fs_fail(err, "NO-FOLDER", errno, "cannot open folder %s", path);
	*ret_fd = fd;
	return EG_OK;
}

bool
eg_fs_own_folder(int dirfd, const char *name)
{
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	if (S_ISLNK(st.st_mode) && ((st.st_uid != 0 && st.st_uid != geteuid()) || fstatat(dirfd, name, &st, 0) != 0))
		return false;
	return S_ISDIR(st.st_mode);
}

int
eg_fs_opendir_own(int dirfd, const char *name, int *ret_fd, struct eg_err *err)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP)) {
		if (!eg_fs_own_folder(dirfd, name))
			return eg_fail(err, EG_BADFILE, "NOT-FOLDER",
			    "%s is no folder, or somebody's link to one; only links that root or the gateway's own account made are followed",
			    name);
		fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd < 0)
		return eg_fs_fail(err, "NO-FOLDER", errno, "cannot open folder %s", name);
	*ret_fd = fd;
	return EG_OK;
}

int
eg_fs_sync_dir(int dirfd, struct eg_err *err)
{
	int here = -1, rc = EG_OK;

	if (dirfd == AT_FDCWD) {
		rc = eg_fs_opendir(dirfd, ".", &here, err);
		if (rc < 0)
			return rc;
	}
	if (DURABLE(fsync(here >= 0 ? here : dirfd)) < 0)
		rc = eg_fs_fail(err, "DISK-ERROR", errno, "cannot sync a folder");
	eg_fd_done(&here);
	return rc;
}

static int
make_one(int dirfd, const char *name, mode_t mode, bool must_be_new, struct eg_err *err)
{
	if (DURABLE(mkdirat(dirfd, name, mode)) == 0)
		return eg_fs_sync_dir(dirfd, err);
	if (errno == EEXIST && !must_be_new)
		return EG_OK;
	if (errno == EEXIST)
		return eg_fail(err, EG_FATAL, "EXISTS", "folder %s is already there", name);
	return eg_fs_fail(err, "NO-FOLDER", errno, "cannot make folder %s", name);
}

int
eg_fs_mkdir_new(int dirfd, const char *name, mode_t mode, struct eg_err *err)
{
	return make_one(dirfd, name, mode, true, err);
}

int
eg_fs_mkdirs(int dirfd, const char *path, mode_t mode, struct eg_err *err)
{
	struct eg_bytes rest = eg_bytes_str(path), part;
	int at = dirfd, rc = EG_OK;

	if (rest.len > 0 && rest.ptr[0] == '/') {
		at = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (at < 0)
			return eg_fs_fail(err, "NO-FOLDER", errno, "cannot open /");
	}
	while (rc == EG_OK && eg_bytes_cut(&rest, '/', &part)) {
		if (part.len == 0)
			continue;
		char *name = eg_xdup(part);
		int next = -1;
		rc = make_one(at, name, mode, false, err);
		if (rc == EG_OK)
			rc = eg_fs_opendir(at, name, &next, err);
		free(name);
		if (at != dirfd)
			eg_fd_done(&at);
		at = next;
	}
	if (at != dirfd)
		eg_fd_done(&at);
	return rc;
}

int
eg_fs_chmod_dir(int dirfd, const char *path, mode_t mode, struct eg_err *err)
{
	int fd = -1;
	int rc = eg_fs_opendir(dirfd, path, &fd, err);

	if (rc == EG_OK && DURABLE(fchmod(fd, mode)) < 0)
		rc = eg_fs_fail(err, "NO-WRITE", errno, "cannot set the mode of folder %s", path);
	if (rc == EG_OK)
		rc = eg_fs_sync_dir(fd, err);
	eg_fd_done(&fd);
	return rc;
}

/* ---- files ---- */

int
eg_fs_open_file(int dirfd, const char *name, int *ret_fd, struct stat *ret_st, struct eg_err *err)
{
	int fd = openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

	if (fd < 0 && (errno == ELOOP || errno == ENXIO))
		return eg_fail(err, EG_BADFILE, "NOT-FILE", "%s is a link, pipe or device, not a file", name);
	if (fd < 0)
		return eg_fail_sys(err, errno == ENOENT ? EG_RETRY : EG_BADFILE, errno == ENOENT ? "GONE" : "NO-READ",
		    errno, "cannot open %s", name);
	if (fstat(fd, ret_st) < 0 || !S_ISREG(ret_st->st_mode)) {
		close(fd);
		return eg_fail(err, EG_BADFILE, "NOT-FILE", "%s is not a regular file", name);
	}
	*ret_fd = fd;
	return EG_OK;
}

static ssize_t
read_some(int fd, void *buf, size_t n)
{
	ssize_t got;

	do
		got = read(fd, buf, n);
	while (got < 0 && errno == EINTR);
	return got;
}

int
eg_fs_read_file(int dirfd, const char *name, size_t max, struct eg_buf *ret, struct eg_err *err)
{
	unsigned char chunk[16384];
	struct stat st;
	size_t total = 0, before = ret->len;
	ssize_t n;
	int fd, rc = eg_fs_open_file(dirfd, name, &fd, &st, err);

	if (rc < 0)
		return rc;
	while (rc == EG_OK && (n = read_some(fd, chunk, sizeof(chunk))) != 0) {
		if (n < 0)
			rc = eg_fs_fail(err, "DISK-ERROR", errno, "cannot read %s", name);
		else if ((total += (size_t)n) > max)
			rc = eg_fail(err, EG_BADFILE, "TOO-BIG", "%s is larger than %zu bytes", name, max);
		else
			eg_buf_put(ret, chunk, (size_t)n);
	}
	eg_fd_done(&fd);
	if (rc == EG_OK && ret->full)
		rc = eg_fail(err, EG_BADFILE, "TOO-BIG", "%s does not fit into the memory set aside for it", name);
	if (rc < 0 && ret->ptr != NULL) {
		ret->len = before;
		ret->ptr[before] = '\0';
	}
	return rc;
}

/* ---- names ---- */

int
eg_fs_rename_unsynced(int from_dir, const char *from, int to_dir, const char *to, struct eg_err *err)
{
	if (DURABLE(renameat2(from_dir, from, to_dir, to, RENAME_NOREPLACE)) < 0) {
		if (errno == EEXIST)
			return eg_fail(err, EG_FATAL, "EXISTS", "%s is already there", to);
		if (errno == ENOENT)
			return eg_fail(err, EG_RETRY, "GONE", "%s is not there any more", from);
		return eg_fs_fail(err, "NO-WRITE", errno, "cannot move %s", from);
	}
	return EG_OK;
}

int
eg_fs_rename_new(int from_dir, const char *from, int to_dir, const char *to, struct eg_err *err)
{
	int rc = eg_fs_rename_unsynced(from_dir, from, to_dir, to, err);

	if (rc == EG_OK)
		rc = eg_fs_sync_dir(to_dir, err);
	return rc == EG_OK && from_dir != to_dir ? eg_fs_sync_dir(from_dir, err) : rc;
}

int
eg_fs_rename_aside(int dirfd, const char *from, const char *to, struct eg_err *err)
{
	int rc = DURABLE(renameat2(dirfd, from, dirfd, to, RENAME_NOREPLACE));

	if (rc < 0 && (errno == EINVAL || errno == ENOSYS || errno == ENOTSUP)) {
		if (eg_fs_exists(dirfd, to))
			errno = EEXIST;
		else
			rc = DURABLE(renameat(dirfd, from, dirfd, to));
	}
	if (rc < 0 && errno == EEXIST)
		return eg_fail(err, EG_FATAL, "EXISTS", "%s is already there", to);
	if (rc < 0 && errno == ENOENT)
		return eg_fail(err, EG_RETRY, "GONE", "%s is not there any more", from);
	if (rc < 0)
		return eg_fs_fail(err, "NO-WRITE", errno, "cannot move %s", from);
	if (DURABLE(fsync(dirfd)) < 0 && errno != EINVAL && errno != ENOSYS && errno != ENOTSUP && errno != EBADF)
		return eg_fs_fail(err, "NO-WRITE", errno, "cannot sync the folder of %s", to);
	return EG_OK;
}

int
eg_fs_unlink(int dirfd, const char *name, struct eg_err *err)
{
	if (DURABLE(unlinkat(dirfd, name, 0)) < 0 && errno != ENOENT)
		return eg_fs_fail(err, "NO-WRITE", errno, "cannot remove %s", name);
	return EG_OK;
}

bool
eg_fs_exists(int dirfd, const char *name)
{
	struct stat st;

	return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

/* ---- the disk ---- */

int
eg_fs_free(int dirfd, uint64_t *ret_bytes, uint64_t *ret_inodes, struct eg_err *err)
{
	struct statvfs v;

	if (fstatvfs(dirfd, &v) < 0)
		return eg_fs_fail(err, "DISK-ERROR", errno, "cannot ask the disk for its free space");
	*ret_bytes = (uint64_t)v.f_bavail * v.f_frsize;
	*ret_inodes = v.f_files == 0 ? UINT64_MAX : v.f_favail; /* Btrfs has no table that could fill */
	return EG_OK;
}
