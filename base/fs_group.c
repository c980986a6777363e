/* SPDX-License-Identifier: MIT
 *
 * Many small files made durable together: the group is synced, then named, then synced once more. What a power cut between two syncs leaves is any part of
 * the group; base/fs.h says what that asks of the caller, docs/SPOOL.md why its callers hold it.
 * Tests: tests/unit/test_fs_group.c.
 */
#include "base/buf.h"
#include "base/fs_int.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/utsname.h>
#include <unistd.h>

struct eg_fs_parked {
	int dirfd;
	char temp[sizeof((struct eg_fs_out *)NULL)->temp];
	char *name;
};

/* The release and not a trial: an older kernel's syncfs answers 0 whatever became of the pages. */
static bool
syncfs_tells(void)
{
	struct utsname u;
	unsigned major = 0, minor = 0;

	return uname(&u) == 0 && sscanf(u.release, "%u.%u", &major, &minor) == 2 &&
	       (major > 5 || (major == 5 && minor >= 8));
}

int
eg_fs_group_open(struct eg_fs_group *g, int dirfd, struct eg_err *err)
{
	*g = (struct eg_fs_group)EG_FS_GROUP_INIT;
	g->whole = syncfs_tells();
	return eg_fs_opendir(dirfd, ".", &g->fs, err);
}

static int
usable(const struct eg_fs_group *g, struct eg_err *err)
{
	if (!g->failed)
		return EG_OK;
	return eg_fail(err, EG_FATAL, "DISK-ERROR", "a sync of these files failed before; it is not tried again");
}

/* Where nothing is left to the group: the folder that `path` stands in. */
static int
sync_parent(const struct eg_fs_group *g, int dirfd, const char *path, struct eg_err *err)
{
	const char *slash = strrchr(path, '/');
	int dir = -1, rc;

	if (g->whole)
		return EG_OK;
	if (slash == NULL)
		return eg_fs_sync_dir(dirfd, err);
	char *folder = eg_xdup(eg_bytes(path, (size_t)(slash - path)));
	rc = eg_fs_opendir(dirfd, folder, &dir, err);
	if (rc == EG_OK)
		rc = eg_fs_sync_dir(dir, err);
	eg_fd_done(&dir);
	free(folder);
	return rc;
}

/* A failure to sync, wherever it comes up, spoils the group: the kernel may have dropped pages of any of its files. */
static int
final(struct eg_fs_group *g, int rc)
{
	g->failed = g->failed || rc < 0;
	return rc;
}

int
eg_fs_group_mkdir(struct eg_fs_group *g, int dirfd, const char *path, mode_t mode, struct eg_err *err)
{
	int rc = usable(g, err);

	if (rc < 0)
		return rc;
	if (DURABLE(mkdirat(dirfd, path, mode)) < 0) {
		if (errno == EEXIST)
			return eg_fail(err, EG_FATAL, "EXISTS", "folder %s is already there", path);
		return eg_fs_fail(err, "NO-FOLDER", errno, "cannot make folder %s", path);
	}
	return final(g, sync_parent(g, dirfd, path, err));
}

/* Ends the writing of a file: at once durable where syncfs is no help. */
static int
close_written(struct eg_fs_group *g, int fd, const char *path, struct eg_err *err)
{
	int rc = EG_OK;

	if (!g->whole && DURABLE(fsync(fd)) < 0)
		rc = final(g, eg_fs_fail(err, "DISK-ERROR", errno, "cannot sync %s", path));
	if (DURABLE(close(fd)) < 0 && rc == EG_OK)
		rc = final(g, eg_fs_fail(err, "DISK-ERROR", errno, "cannot close %s", path));
	return rc;
}

int
eg_fs_group_note(struct eg_fs_group *g, int dirfd, const char *path, struct eg_bytes v, struct eg_err *err)
{
	struct eg_fs_out o = EG_FS_OUT_INIT;
	int rc = usable(g, err);

	if (rc < 0)
		return rc;
	o.fd = DURABLE(openat(dirfd, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
	if (o.fd < 0)
		return eg_fs_fail(err, errno == EEXIST ? "EXISTS" : "NO-WRITE", errno, "cannot make %s", path);
	rc = eg_fs_out_write(&o, v, err);
	if (rc < 0) {
		eg_fd_done(&o.fd);
		return rc;
	}
	rc = close_written(g, o.fd, path, err);
	return rc < 0 ? rc : final(g, sync_parent(g, dirfd, path, err));
}

int
eg_fs_group_move(struct eg_fs_group *g, int from_dir, const char *from, int to_dir, const char *to, struct eg_err *err)
{
	int rc = usable(g, err);

	if (rc < 0)
		return rc;
	rc = eg_fs_rename_unsynced(from_dir, from, to_dir, to, err);
	if (rc < 0)
		return rc;
	rc = sync_parent(g, to_dir, to, err);
	return final(g, rc < 0 ? rc : sync_parent(g, from_dir, from, err));
}

int
eg_fs_group_park(struct eg_fs_group *g, struct eg_fs_out *o, const char *name, struct eg_err *err)
{
	int fd = o->fd, rc = usable(g, err);

	eg_check(fd >= 0);
	if (rc < 0)
		return rc;
	if (DURABLE(fchmod(fd, o->mode)) < 0)
		return eg_fs_fail(err, "NO-WRITE", errno, "cannot set the mode of %s", name);
	o->fd = -1;
	rc = close_written(g, fd, name, err);
	if (rc < 0)
		return rc;
	if (g->n == g->cap) {
		g->cap = g->cap == 0 ? 64 : g->cap * 2;
		g->parked = eg_xrealloc(g->parked, g->cap * sizeof(*g->parked));
	}
	struct eg_fs_parked *p = &g->parked[g->n++];
	p->dirfd = o->dirfd;
	memcpy(p->temp, o->temp, sizeof(p->temp));
	p->name = eg_xstrdup(name);
	o->temp[0] = '\0';
	return EG_OK;
}

static int
sync_all(struct eg_fs_group *g, struct eg_err *err)
{
	if (g->whole && DURABLE(syncfs(g->fs)) < 0)
		return final(g, eg_fs_fail(err, "DISK-ERROR", errno, "cannot sync a group of files"));
	return EG_OK;
}

static int
name_parked(struct eg_fs_group *g, struct eg_fs_parked *p, struct eg_err *err)
{
	if (DURABLE(renameat2(p->dirfd, p->temp, p->dirfd, p->name, 0)) < 0)
		return eg_fs_fail(err, "NO-WRITE", errno, "cannot name %s", p->name);
	p->temp[0] = '\0';
	return final(g, sync_parent(g, p->dirfd, p->name, err));
}

/* What has its name is ours no more; the rest is leftovers, which the next start would sweep. */
static void
forget(struct eg_fs_group *g)
{
	for (size_t i = 0; i < g->n; i++) {
		if (g->parked[i].temp[0] != '\0')
			(void)DURABLE(unlinkat(g->parked[i].dirfd, g->parked[i].temp, 0));
		free(g->parked[i].name);
	}
	g->n = 0;
}

int
eg_fs_group_sync(struct eg_fs_group *g, struct eg_err *err)
{
	int rc = usable(g, err);
	bool named = g->n > 0;

	if (rc == EG_OK)
		rc = sync_all(g, err);
	for (size_t i = 0; rc == EG_OK && i < g->n; i++)
		rc = name_parked(g, &g->parked[i], err);
	if (rc == EG_OK && named)
		rc = sync_all(g, err);
	if (rc == EG_OK)
		forget(g);
	return rc;
}

void
eg_fs_group_done(struct eg_fs_group *g)
{
	forget(g);
	free(g->parked);
	eg_fd_done(&g->fs);
	*g = (struct eg_fs_group)EG_FS_GROUP_INIT;
}
