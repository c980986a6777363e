/* SPDX-License-Identifier: MIT
 *
 * New files that are there whole or not at all: written under a temporary name, synced, closed, renamed, and the folder synced. Copies are hashed on the way, and refused when the
 * source does not keep still or is larger than it may be. A failed sync or close is final. Tests: tests/unit/test_fs.c.
 */
#include "base/buf.h"
#include "base/fs_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <unistd.h>

int
eg_fs_out_open(struct eg_fs_out *o, int dirfd, mode_t mode, struct eg_err *err)
{
	return eg_fs_out_open_in(o, dirfd, "", mode, err);
}

int
eg_fs_out_open_in(struct eg_fs_out *o, int dirfd, const char *folder, mode_t mode, struct eg_err *err)
{
	static atomic_uint counter;
	const char *slash = *folder == '\0' ? "" : "/";

	*o = (struct eg_fs_out){ dirfd, -1, "", mode };
	for (int tries = 0; tries < 1000; tries++) {
		int n = snprintf(o->temp, sizeof(o->temp), "%s%s.tmp-%ld-%u", folder, slash, (long)getpid(),
		    atomic_fetch_add(&counter, 1));
		eg_check(n > 0 && (size_t)n < sizeof(o->temp));
		o->fd = DURABLE(openat(dirfd, o->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
		if (o->fd >= 0)
			return EG_OK;
		if (errno != EEXIST)
			break;
	}
	return eg_fs_fail(err, "NO-WRITE", errno, "cannot make a file");
}

int
eg_fs_out_write(struct eg_fs_out *o, struct eg_bytes v, struct eg_err *err)
{
	while (v.len > 0) {
		ssize_t n = DURABLE(write(o->fd, v.ptr, v.len));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return eg_fs_fail(err, "NO-WRITE", errno, "cannot write");
		v = eg_bytes_sub(v, (size_t)n, v.len);
	}
	return EG_OK;
}

int
eg_fs_out_name(struct eg_fs_out *o, const char *name, bool replace, struct eg_err *err)
{
	int fd = o->fd, rc;

	eg_check(fd >= 0);
	o->fd = -1;
	rc = DURABLE(fchmod(fd, o->mode)) < 0 ? eg_fs_fail(err, "NO-WRITE", errno, "cannot set the mode of %s", name) :
	                                        EG_OK;
	if (rc == EG_OK && DURABLE(fsync(fd)) < 0)
		rc = eg_fs_fail(err, "DISK-ERROR", errno, "cannot sync %s", name);
	if (DURABLE(close(fd)) < 0 && rc == EG_OK)
		rc = eg_fs_fail(err, "DISK-ERROR", errno, "cannot close %s", name);
	if (rc < 0)
		return rc;
	int flags = replace ? 0 : RENAME_NOREPLACE;
	if (DURABLE(renameat2(o->dirfd, o->temp, o->dirfd, name, (unsigned)flags)) < 0) {
		if (errno == EEXIST)
			return eg_fail(err, EG_FATAL, "EXISTS", "%s is already there", name);
		return eg_fs_fail(err, "NO-WRITE", errno, "cannot name %s", name);
	}
	o->temp[0] = '\0';
	return EG_OK;
}

int
eg_fs_out_commit(struct eg_fs_out *o, const char *name, bool replace, struct eg_err *err)
{
	int rc = eg_fs_out_name(o, name, replace, err);

	return rc == EG_OK ? eg_fs_sync_dir(o->dirfd, err) : rc;
}

void
eg_fs_out_abort(struct eg_fs_out *o)
{
	eg_fd_done(&o->fd);
	if (o->temp[0] != '\0')
		(void)DURABLE(unlinkat(o->dirfd, o->temp, 0)); /* a leftover is swept at the next start */
	o->temp[0] = '\0';
}

int
eg_fs_write_named(int dirfd, const char *name, struct eg_bytes v, mode_t mode, bool replace, struct eg_err *err)
{
	struct eg_fs_out o = EG_FS_OUT_INIT;
	int rc = eg_fs_out_open(&o, dirfd, mode, err);

	if (rc == EG_OK)
		rc = eg_fs_out_write(&o, v, err);
	if (rc == EG_OK)
		rc = eg_fs_out_name(&o, name, replace, err);
	eg_fs_out_abort(&o);
	return rc;
}

int
eg_fs_write_file(int dirfd, const char *name, struct eg_bytes v, mode_t mode, bool replace, struct eg_err *err)
{
	int rc = eg_fs_write_named(dirfd, name, v, mode, replace, err);

	return rc == EG_OK ? eg_fs_sync_dir(dirfd, err) : rc;
}

/* ---- copies ---- */

bool
eg_fs_same(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	       a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static int
copy_bytes(int src_fd, struct eg_fs_out *o, uint64_t max, struct eg_sha256 *sha, uint64_t *ret_size, struct eg_err *err)
{
	static const size_t block = 262144;
	unsigned char *chunk = eg_xalloc(block);
	uint64_t total = 0;
	int rc = EG_OK;

	for (;;) {
		ssize_t n;
		do
			n = pread(src_fd, chunk, block, (off_t)total);
		while (n < 0 && errno == EINTR);
		if (n < 0)
			rc = eg_fs_fail(err, "DISK-ERROR", errno, "cannot read the source");
		else if ((uint64_t)n > max - total)
			rc = eg_fail(
			    err, EG_BADFILE, "TOO-BIG", "the file is larger than %llu bytes", (unsigned long long)max);
		if (rc < 0 || n == 0)
			break;
		eg_sha256_add(sha, eg_bytes(chunk, (size_t)n));
		rc = eg_fs_out_write(o, eg_bytes(chunk, (size_t)n), err);
		if (rc < 0)
			break;
		total += (uint64_t)n;
	}
	free(chunk);
	*ret_size = total;
	return rc;
}

int
eg_fs_out_copy(struct eg_fs_out *o, int src_fd, uint64_t max, unsigned char ret_sha[EG_SHA256_LEN], uint64_t *ret_size,
    struct eg_err *err)
{
	struct eg_sha256 sha = { NULL };
	struct stat before, after;
	uint64_t size = 0;
	int rc;

	if (fstat(src_fd, &before) < 0)
		return eg_fs_fail(err, "DISK-ERROR", errno, "cannot look at the source");
	eg_sha256_init(&sha);
	rc = copy_bytes(src_fd, o, max, &sha, &size, err);
	if (rc == EG_OK &&
	    (fstat(src_fd, &after) < 0 || !eg_fs_same(&before, &after) || size != (uint64_t)after.st_size))
		rc = eg_fail(err, EG_RETRY, "CHANGED",
		    "the file changed while it was copied; it will be taken when it is still");
	if (rc == EG_OK) {
		eg_sha256_final(&sha, ret_sha);
		*ret_size = size;
	}
	eg_sha256_done(&sha);
	return rc;
}

int
eg_fs_copy_hashed(int src_fd, int dirfd, const char *name, uint64_t max, unsigned char ret_sha[EG_SHA256_LEN],
    uint64_t *ret_size, struct eg_err *err)
{
	struct eg_fs_out o = EG_FS_OUT_INIT;
	unsigned char digest[EG_SHA256_LEN];
	uint64_t size = 0;
	int rc = eg_fs_out_open(&o, dirfd, 0600, err);

	if (rc == EG_OK)
		rc = eg_fs_out_copy(&o, src_fd, max, digest, &size, err);
	if (rc == EG_OK)
		rc = eg_fs_out_commit(&o, name, true, err);
	eg_fs_out_abort(&o);
	if (rc == EG_OK) {
		memcpy(ret_sha, digest, sizeof(digest));
		*ret_size = size;
	}
	return rc;
}
