/* SPDX-License-Identifier: MIT
 *
 * The names in a folder: listed in order, and removed, one by one or with all that stands below them. No link is followed. Tests: tests/unit/test_fs.c.
 */
#include "base/buf.h"
#include "base/fs_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct names {
	char **name;
	size_t n;
};

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
names_read(int dirfd, struct names *ret, struct eg_err *err)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;

	if (d == NULL) {
		int sys = errno;
		eg_fd_done(&fd);
		return eg_fs_fail(err, "NO-FOLDER", sys, "cannot read a folder");
	}
	errno = 0;
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if ((ret->n & (ret->n + 1)) == 0)
			ret->name = eg_xrealloc(ret->name, (ret->n * 2 + 2) * sizeof(char *));
		ret->name[ret->n++] = eg_xstrdup(e->d_name);
		errno = 0;
	}
	int sys = errno;
	closedir(d);
	if (sys != 0)
		return eg_fs_fail(err, "DISK-ERROR", sys, "cannot read a folder");
	if (ret->n > 0)
		qsort(ret->name, ret->n, sizeof(char *), compare_names);
	return EG_OK;
}

int
eg_fs_list(int dirfd, int (*each)(void *ctx, const char *name, struct eg_err *err), void *ctx, struct eg_err *err)
{
	struct names names = { NULL, 0 };
	int rc = names_read(dirfd, &names, err);

	for (size_t i = 0; i < names.n; i++) {
		if (rc >= 0)
			rc = each(ctx, names.name[i], err);
		free(names.name[i]);
	}
	free(names.name);
	return rc < 0 ? rc : EG_OK;
}

/* ---- removing ---- */

struct rm {
	int dirfd;
	bool sync;
};

static int rmtree(int dirfd, const char *name, bool sync, struct eg_err *err);

static int
rm_each(void *ctx, const char *name, struct eg_err *err)
{
	const struct rm *r = ctx;

	return rmtree(r->dirfd, name, r->sync, err);
}

static int
rmtree(int dirfd, const char *name, bool sync, struct eg_err *err)
{
	struct rm below = { -1, sync };
	int rc;

	if (DURABLE(unlinkat(dirfd, name, 0)) == 0 || errno == ENOENT)
		return EG_OK;
	if (errno != EISDIR && errno != EPERM)
		return eg_fs_fail(err, "NO-WRITE", errno, "cannot remove %s", name);
	below.dirfd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (below.dirfd < 0)
		return eg_fs_fail(err, "NO-FOLDER", errno, "cannot open folder %s", name);
	rc = eg_fs_list(below.dirfd, rm_each, &below, err);
	eg_fd_done(&below.dirfd);
	if (rc == EG_OK && DURABLE(unlinkat(dirfd, name, AT_REMOVEDIR)) < 0 && errno != ENOENT)
		rc = eg_fs_fail(err, "NO-WRITE", errno, "cannot remove folder %s", name);
	return rc == EG_OK && sync ? eg_fs_sync_dir(dirfd, err) : rc;
}

int
eg_fs_rmtree(int dirfd, const char *name, struct eg_err *err)
{
	return rmtree(dirfd, name, true, err);
}

int
eg_fs_rmtree_unsynced(int dirfd, const char *name, struct eg_err *err)
{
	return rmtree(dirfd, name, false, err);
}

/* Not by eg_fs_list: a month of the archive may hold a million names, and none of them is kept here. */
int
eg_fs_sweep(int dirfd, const char *prefix, struct eg_err *err)
{
	int fd = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;
	int rc = EG_OK;

	if (d == NULL) {
		int sys = errno;
		eg_fd_done(&fd);
		return eg_fs_fail(err, "NO-FOLDER", sys, "cannot read a folder");
	}
	errno = 0;
	while (rc == EG_OK && (e = readdir(d)) != NULL) {
		if (strncmp(e->d_name, prefix, strlen(prefix)) == 0)
			rc = eg_fs_unlink(dirfd, e->d_name, err);
		errno = 0;
	}
	if (rc == EG_OK && errno != 0)
		rc = eg_fs_fail(err, "DISK-ERROR", errno, "cannot read a folder");
	closedir(d);
	return rc;
}

int
eg_fs_sweep_temps(int dirfd, struct eg_err *err)
{
	return eg_fs_sweep(dirfd, ".tmp-", err);
}
