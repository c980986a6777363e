/* SPDX-License-Identifier: MIT
 *
 * Every durable file call. Built with EG_FAULTS each is a counted point at which the environment can kill the process (EG_FAULT_KILL=n) or fail the
 * call (EG_FAULT_ERRNO=n:errno), and EG_FAULT_TRACE is a file that gets their names: tests/crash compares them with what a preloaded shim sees.
 * Tests: tests/unit/test_fs.c.
 */
#include "base/fs.h"

#include "base/buf.h"
#include "base/date.h"
#include "base/fs_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

#ifdef EG_FAULTS
	#include <sys/syscall.h>

/* Tells EG_FAULT_TRACE which call it is, past the C library: the preloaded shim, with which the list is compared, must not see this. */
static void
fault_trace(const char *call)
{
	static long fd = -1;
	const char *path = getenv("EG_FAULT_TRACE");

	if (path == NULL)
		return;
	if (fd < 0)
		fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	(void)!syscall(SYS_write, fd, call, strcspn(call, "("));
	(void)!syscall(SYS_write, fd, "\n", (size_t)1);
}

bool
eg_fs_fault(const char *call, int *ret)
{
	static long count;
	const char *kill_at = getenv("EG_FAULT_KILL"), *fail_at = getenv("EG_FAULT_ERRNO");

	count++;
	fault_trace(call);
	if (kill_at != NULL && strtol(kill_at, NULL, 10) == count)
		(void)raise(SIGKILL);
	if (fail_at == NULL)
		return false;
	char *colon;
	if (strtol(fail_at, &colon, 10) != count || *colon != ':')
		return false;
	*ret = (int)strtol(colon + 1, NULL, 10);
	return true;
}
#endif

/* The two codes a full or failing disk has everywhere, else the code of the operation. */
const char *
eg_fs_code_of(int sys, const char *otherwise)
{
	if (sys == ENOSPC || sys == EDQUOT)
		return "DISK-FULL";
	return sys == EIO || sys == EROFS ? "DISK-ERROR" : otherwise;
}

static int EG_PRINTF(4, 5) fail_sys(struct eg_err *err, const char *code, int sys, const char *fmt, ...)
{
	char what[EG_MSG_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return eg_fail_sys(err, EG_FATAL, eg_fs_code_of(sys, code), sys, "%s", what);
}

void
eg_fd_done(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd); /* only read from: nothing can be lost */
	*fd = -1;
}

int
eg_fs_opendir(int dirfd, const char *path, int *ret_fd, struct eg_err *err)
{
	int fd = openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return fail_sys(err, "NO-FOLDER", errno, "cannot open folder %s", path);
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
		return fail_sys(err, "NO-FOLDER", errno, "cannot open folder %s", name);
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
		rc = fail_sys(err, "DISK-ERROR", errno, "cannot sync a folder");
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
	return fail_sys(err, "NO-FOLDER", errno, "cannot make folder %s", name);
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
			return fail_sys(err, "NO-FOLDER", errno, "cannot open /");
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
		rc = fail_sys(err, "NO-WRITE", errno, "cannot set the mode of folder %s", path);
	if (rc == EG_OK)
		rc = eg_fs_sync_dir(fd, err);
	eg_fd_done(&fd);
	return rc;
}

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
			rc = fail_sys(err, "DISK-ERROR", errno, "cannot read %s", name);
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
	return fail_sys(err, "NO-WRITE", errno, "cannot make a file");
}

int
eg_fs_out_write(struct eg_fs_out *o, struct eg_bytes v, struct eg_err *err)
{
	while (v.len > 0) {
		ssize_t n = DURABLE(write(o->fd, v.ptr, v.len));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_sys(err, "NO-WRITE", errno, "cannot write");
		v = eg_bytes_sub(v, (size_t)n, v.len);
	}
	return EG_OK;
}

int
eg_fs_out_commit(struct eg_fs_out *o, const char *name, bool replace, struct eg_err *err)
{
	int fd = o->fd, rc;

	eg_check(fd >= 0);
	o->fd = -1;
	rc = DURABLE(fchmod(fd, o->mode)) < 0 ? fail_sys(err, "NO-WRITE", errno, "cannot set the mode of %s", name) :
	                                        EG_OK;
	if (rc == EG_OK && DURABLE(fsync(fd)) < 0)
		rc = fail_sys(err, "DISK-ERROR", errno, "cannot sync %s", name);
	if (DURABLE(close(fd)) < 0 && rc == EG_OK)
		rc = fail_sys(err, "DISK-ERROR", errno, "cannot close %s", name);
	if (rc < 0)
		return rc;
	int flags = replace ? 0 : RENAME_NOREPLACE;
	if (DURABLE(renameat2(o->dirfd, o->temp, o->dirfd, name, (unsigned)flags)) < 0) {
		if (errno == EEXIST)
			return eg_fail(err, EG_FATAL, "EXISTS", "%s is already there", name);
		return fail_sys(err, "NO-WRITE", errno, "cannot name %s", name);
	}
	o->temp[0] = '\0';
	return eg_fs_sync_dir(o->dirfd, err);
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
eg_fs_write_file(int dirfd, const char *name, struct eg_bytes v, mode_t mode, bool replace, struct eg_err *err)
{
	struct eg_fs_out o = EG_FS_OUT_INIT;
	int rc = eg_fs_out_open(&o, dirfd, mode, err);

	if (rc == EG_OK)
		rc = eg_fs_out_write(&o, v, err);
	if (rc == EG_OK)
		rc = eg_fs_out_commit(&o, name, replace, err);
	eg_fs_out_abort(&o);
	return rc;
}

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
			rc = fail_sys(err, "DISK-ERROR", errno, "cannot read the source");
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
		return fail_sys(err, "DISK-ERROR", errno, "cannot look at the source");
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

int
eg_fs_rename_unsynced(int from_dir, const char *from, int to_dir, const char *to, struct eg_err *err)
{
	if (DURABLE(renameat2(from_dir, from, to_dir, to, RENAME_NOREPLACE)) < 0) {
		if (errno == EEXIST)
			return eg_fail(err, EG_FATAL, "EXISTS", "%s is already there", to);
		if (errno == ENOENT)
			return eg_fail(err, EG_RETRY, "GONE", "%s is not there any more", from);
		return fail_sys(err, "NO-WRITE", errno, "cannot move %s", from);
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
		return fail_sys(err, "NO-WRITE", errno, "cannot move %s", from);
	if (DURABLE(fsync(dirfd)) < 0 && errno != EINVAL && errno != ENOSYS && errno != ENOTSUP && errno != EBADF)
		return fail_sys(err, "NO-WRITE", errno, "cannot sync the folder of %s", to);
	return EG_OK;
}

int
eg_fs_unlink(int dirfd, const char *name, struct eg_err *err)
{
	if (DURABLE(unlinkat(dirfd, name, 0)) < 0 && errno != ENOENT)
		return fail_sys(err, "NO-WRITE", errno, "cannot remove %s", name);
	return EG_OK;
}

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
		return fail_sys(err, "NO-FOLDER", sys, "cannot read a folder");
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
		return fail_sys(err, "DISK-ERROR", sys, "cannot read a folder");
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
		return fail_sys(err, "NO-WRITE", errno, "cannot remove %s", name);
	below.dirfd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (below.dirfd < 0)
		return fail_sys(err, "NO-FOLDER", errno, "cannot open folder %s", name);
	rc = eg_fs_list(below.dirfd, rm_each, &below, err);
	eg_fd_done(&below.dirfd);
	if (rc == EG_OK && DURABLE(unlinkat(dirfd, name, AT_REMOVEDIR)) < 0 && errno != ENOENT)
		rc = fail_sys(err, "NO-WRITE", errno, "cannot remove folder %s", name);
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
		return fail_sys(err, "NO-FOLDER", sys, "cannot read a folder");
	}
	errno = 0;
	while (rc == EG_OK && (e = readdir(d)) != NULL) {
		if (strncmp(e->d_name, prefix, strlen(prefix)) == 0)
			rc = eg_fs_unlink(dirfd, e->d_name, err);
		errno = 0;
	}
	if (rc == EG_OK && errno != 0)
		rc = fail_sys(err, "DISK-ERROR", errno, "cannot read a folder");
	closedir(d);
	return rc;
}

int
eg_fs_sweep_temps(int dirfd, struct eg_err *err)
{
	return eg_fs_sweep(dirfd, ".tmp-", err);
}

bool
eg_fs_exists(int dirfd, const char *name)
{
	struct stat st;

	return fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

static char lock_as[32] = "erpgate";

void
eg_fs_lock_as(const char *command)
{
	(void)snprintf(lock_as, sizeof(lock_as), "erpgate %.20s", command);
}

/* Who holds it stands in the file for people only: the lock is the kernel's, so a note that could not be written, or that a killed process left, changes nothing. */
static void
lock_note(int fd)
{
	char note[64];
	int n = snprintf(note, sizeof(note), "%.32s, process %ld", lock_as, (long)getpid());

	if (ftruncate(fd, 0) == 0)
		(void)!pwrite(fd, note, (size_t)n, 0);
}

/* The note was written when the lock was taken: the file's time is since when. */
static void
lock_holder(int fd, char ret[EG_FIELD_MAX])
{
	char note[64], since[EG_TIME_TEXT];
	ssize_t n = pread(fd, note, sizeof(note) - 1, 0);
	struct stat st;

	ret[0] = '\0';
	if (n <= 0 || fstat(fd, &st) != 0)
		return;
	note[n] = '\0';
	eg_time_print(since, st.st_mtime);
	(void)snprintf(ret, EG_FIELD_MAX, "%s, since %s", note, since);
}

static int
locked(const char *holder, struct eg_err *err)
{
	int rc = eg_fail(err, EG_RETRY, "LOCKED",
	    "another erpgate is at work on this site%s%s%s; wait until it is done, or stop it",
	    *holder != '\0' ? " (" : "", holder, *holder != '\0' ? ")" : "");

	(void)snprintf(err->field, sizeof(err->field), "%s", holder);
	return rc;
}

int
eg_fs_lock(int dirfd, const char *name, int *ret_fd, struct eg_err *err)
{
	char holder[EG_FIELD_MAX];
	int fd = DURABLE(openat(dirfd, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));

	if (fd < 0)
		return fail_sys(err, "NO-WRITE", errno, "cannot open the lock %s", name);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int sys = errno;
		lock_holder(fd, holder);
		close(fd);
		return sys == EWOULDBLOCK ? locked(holder, err) :
		                            fail_sys(err, "NO-WRITE", sys, "cannot take the lock %s", name);
	}
	lock_note(fd);
	*ret_fd = fd;
	return EG_OK;
}

int
eg_fs_free(int dirfd, uint64_t *ret_bytes, uint64_t *ret_inodes, struct eg_err *err)
{
	struct statvfs v;

	if (fstatvfs(dirfd, &v) < 0)
		return fail_sys(err, "DISK-ERROR", errno, "cannot ask the disk for its free space");
	*ret_bytes = (uint64_t)v.f_bavail * v.f_frsize;
	*ret_inodes = v.f_files == 0 ? UINT64_MAX : v.f_favail; /* Btrfs has no table that could fill */
	return EG_OK;
}
