/* SPDX-License-Identifier: MIT
 *
 * Preloaded into erpgate by the crash harness: every call that changes what is on disk is a counted point, SQLite's calls too. At the point that CRASH_PLAN names, the
 * process is killed, the call fails, or the power of the file system goes. Only the program named in CRASH_PROGRAM (default erpgate) is touched.
 *
 *   CRASH_PLAN     none | before:N | after:N | short:N (half of the bytes, then killed) | part:N (half of the bytes, and told so) | errno:N:E | always:N:E (from N on)
 *                  | cut:N (power off right before N) | cutafter:N | hold:N (stops before N until somebody continues it)
 *   CRASH_SCOPE    core (default): only the process that was started counts. child: only what it forks (its readers) counts
 *   CRASH_COUNTER  a file of 32 bytes, shared by all: points so far, whether the plan was carried out, the last process that was
 *                  forked, and the next point to hold at (written by the harness while it is held; 0 = none)
 *   CRASH_TRACE    a file that gets a line for each point: number, call, what on
 *   CRASH_LIE      file | dir | all: their syncs say 0 and do nothing
 *   CRASH_MOUNT    folder of the file system to be cut off
 *   CRASH_CLOCK    seconds added to the clock
 *
 * What it cannot see: static programs and system calls made without the C library; points inside base/fs (BUILD=crash) exist for those, and both are compared.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#define FS_SHUTDOWN _IOR('X', 125, uint32_t) /* the same number on ext4 and XFS */
#define WITHOUT_LOG_FLUSH 2U

enum plan {
	NONE,
	BEFORE,
	AFTER,
	SHORT,
	PART,
	FAIL,
	ALWAYS,
	CUT,
	CUT_AFTER,
	HOLD,
};

static const struct {
	const char *word;
	enum plan plan;
} plans[] = {
	{ "before:", BEFORE },
	{ "after:", AFTER },
	{ "short:", SHORT },
	{ "part:", PART },
	{ "errno:", FAIL },
	{ "always:", ALWAYS },
	{ "cut:", CUT },
	{ "cutafter:", CUT_AFTER },
	{ "hold:", HOLD },
};

struct shared {
	_Atomic uint64_t points, done, child, next;
};

static enum plan plan;
static uint64_t plan_at;
static int plan_errno;
static bool active, children_count, in_child, lie_file, lie_dir;
static int trace = -1, mount_fd = -1;
static long clock_add;
static struct shared own, *shared = &own;

/* ---- the real ones ---- */

#define REALS(X)                                                                        \
	X(int, open, (const char *, int, ...))                                          \
	X(int, openat, (int, const char *, int, ...))                                   \
	X(ssize_t, write, (int, const void *, size_t))                                  \
	X(ssize_t, writev, (int, const struct iovec *, int))                            \
	X(ssize_t, pwrite, (int, const void *, size_t, off_t))                          \
	X(int, fsync, (int))                                                            \
	X(int, fdatasync, (int))                                                        \
	X(int, syncfs, (int))                                                           \
	X(int, rename, (const char *, const char *))                                    \
	X(int, renameat, (int, const char *, int, const char *))                        \
	X(int, renameat2, (int, const char *, int, const char *, unsigned))             \
	X(int, link, (const char *, const char *))                                      \
	X(int, linkat, (int, const char *, int, const char *, int))                     \
	X(int, symlinkat, (const char *, int, const char *))                            \
	X(int, unlink, (const char *))                                                  \
	X(int, unlinkat, (int, const char *, int))                                      \
	X(int, mkdir, (const char *, mode_t))                                           \
	X(int, mkdirat, (int, const char *, mode_t))                                    \
	X(int, rmdir, (const char *))                                                   \
	X(int, truncate, (const char *, off_t))                                         \
	X(int, ftruncate, (int, off_t))                                                 \
	X(int, fallocate, (int, int, off_t, off_t))                                     \
	X(int, posix_fallocate, (int, off_t, off_t))                                    \
	X(int, fchmod, (int, mode_t))                                                   \
	X(int, fchmodat, (int, const char *, mode_t, int))                              \
	X(int, fchown, (int, uid_t, gid_t))                                             \
	X(int, utimensat, (int, const char *, const struct timespec[2], int))           \
	X(int, futimens, (int, const struct timespec[2]))                               \
	X(ssize_t, copy_file_range, (int, off64_t *, int, off64_t *, size_t, unsigned)) \
	X(int, utime, (const char *, const struct utimbuf *))                           \
	X(long, syscall, (long, ...))                                                   \
	X(int, close, (int))                                                            \
	X(time_t, time, (time_t *))                                                     \
	X(int, clock_gettime, (clockid_t, struct timespec *))                           \
	X(int, gettimeofday, (struct timeval *, void *))

#define DECLARE(ret, name, args) static ret(*real_##name) args;
REALS(DECLARE)

static void
find_reals(void)
{
#define FIND(ret, name, args) *(void **)&real_##name = dlsym(RTLD_NEXT, #name);
	REALS(FIND)
}

/* ---- the plan ---- */

static void
after_fork(void)
{
	in_child = true;
	shared->child = (uint64_t)getpid();
}

static void
read_plan(const char *text)
{
	for (size_t i = 0; text != NULL && i < sizeof(plans) / sizeof(plans[0]); i++) {
		size_t n = strlen(plans[i].word);
		if (strncmp(text, plans[i].word, n) != 0)
			continue;
		char *end;
		plan = plans[i].plan;
		plan_at = strtoull(text + n, &end, 10);
		plan_errno = *end == ':' ? (int)strtol(end + 1, NULL, 10) : EIO;
	}
}

static int
high_fd(const char *path, int flags)
{
	int fd = path == NULL ? -1 : real_open(path, flags, 0600), high;

	if (fd < 0)
		return -1;
	high = fcntl(fd, F_DUPFD_CLOEXEC, 900);
	real_close(fd);
	return high;
}

__attribute__((constructor)) static void
start(void)
{
	const char *program = getenv("CRASH_PROGRAM"), *scope = getenv("CRASH_SCOPE"), *lie = getenv("CRASH_LIE"),
		   *add = getenv("CRASH_CLOCK");
	int fd;

	find_reals();
	if (strcmp(program_invocation_short_name, program == NULL ? "erpgate" : program) != 0)
		return;
	read_plan(getenv("CRASH_PLAN"));
	children_count = scope != NULL && strcmp(scope, "child") == 0;
	lie_file = lie != NULL && strcmp(lie, "dir") != 0;
	lie_dir = lie != NULL && strcmp(lie, "file") != 0;
	clock_add = add == NULL ? 0 : strtol(add, NULL, 10);
	trace = high_fd(getenv("CRASH_TRACE"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC);
	mount_fd = high_fd(getenv("CRASH_MOUNT"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = high_fd(getenv("CRASH_COUNTER"), O_RDWR | O_CLOEXEC);
	if (fd >= 0) {
		void *p = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		if (p != MAP_FAILED)
			shared = p;
		real_close(fd);
	}
	pthread_atfork(NULL, NULL, after_fork);
	active = true;
}

static bool
counts(void)
{
	return active && in_child == children_count;
}

/* A confined reader may not even kill itself: it waits for somebody to do it. */
static void
die(void)
{
	shared->done = 1;
	while (in_child)
		;
	real_syscall(SYS_kill, getpid(), SIGKILL);
	for (;;)
		pause();
}

static void
cut(void)
{
	uint32_t how = WITHOUT_LOG_FLUSH;

	if (ioctl(mount_fd, FS_SHUTDOWN, &how) != 0)
		dprintf(2, "crash shim: the file system cannot be cut off (errno %d)\n", errno);
	die();
}

static void
tell(uint64_t n, const char *call, int fd, const char *path)
{
	char at[40], target[512] = "", line[1200];
	int len;

	if (fd >= 0 || fd == AT_FDCWD) {
		snprintf(at, sizeof(at), "/proc/self/fd/%d", fd);
		ssize_t got = fd == AT_FDCWD ? -1 : readlink(at, target, sizeof(target) - 1);
		target[got < 0 ? 0 : got] = '\0';
	}
	len = snprintf(line, sizeof(line), "%llu %s %s%s%s\n", (unsigned long long)n, call, target,
	    path == NULL ? "" : "/", path == NULL ? "" : path);
	real_syscall(SYS_write, trace, line, (size_t)len);
}

/* The number of this point; 0 = none. *ret_errno != 0: fail with it. */
static uint64_t
point(const char *call, int fd, const char *path, int *ret_errno)
{
	*ret_errno = 0;
	if (!counts())
		return 0;
	int keep = errno;
	uint64_t n = ++shared->points;
	if (trace >= 0)
		tell(n, call, fd, path);
	if (plan == HOLD && (n == plan_at || n == shared->next)) {
		shared->done = n;
		real_syscall(SYS_kill, getpid(), SIGSTOP);
	}
	if (n == plan_at && plan == BEFORE)
		die();
	if (n == plan_at && plan == CUT)
		cut();
	if ((n == plan_at && plan == FAIL) || (n >= plan_at && plan == ALWAYS)) {
		shared->done = 1;
		*ret_errno = plan_errno;
	}
	errno = keep;
	return n;
}

static void
passed(uint64_t n)
{
	if (n == 0 || n != plan_at)
		return;
	int keep = errno;
	if (plan == AFTER || plan == SHORT)
		die();
	if (plan == CUT_AFTER)
		cut();
	errno = keep;
}

/* How much of a write is carried out. */
static size_t
portion(uint64_t n, size_t len)
{
	if (n == 0 || n != plan_at || (plan != SHORT && plan != PART) || len < 2)
		return len;
	if (plan == PART)
		shared->done = 1;
	return len / 2;
}

static bool
is_file(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static bool
is_dir(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

/* A confined reader may not ask what a descriptor is; all it writes to is its pipe. */
static bool
written_counts(int fd)
{
	return counts() && (in_child || is_file(fd));
}

#define POINT(call, fd, path, otherwise)                 \
	int fail;                                        \
	uint64_t n = point((call), (fd), (path), &fail); \
	if (fail != 0) {                                 \
		errno = fail;                            \
		return (otherwise);                      \
	}

#define PASS(type, call)  \
	type rc = (call); \
	passed(n);        \
	return rc

/* ---- opening ---- */

static bool
makes(int flags)
{
	return (flags & (O_CREAT | O_TRUNC)) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

static int
open_at(int dir, const char *path, int flags, mode_t mode)
{
	if (!makes(flags) || in_child)
		return real_openat(dir, path, flags, mode);
	POINT("openat", dir, path, -1);
	PASS(int, real_openat(dir, path, flags, mode));
}

#define OPENAT(name)                                                 \
	int name(int dir, const char *path, int flags, ...)          \
	{                                                            \
		va_list ap;                                          \
		va_start(ap, flags);                                 \
		mode_t mode = makes(flags) ? va_arg(ap, mode_t) : 0; \
		va_end(ap);                                          \
		return open_at(dir, path, flags, mode);              \
	}
#define OPEN(name)                                                   \
	int name(const char *path, int flags, ...)                   \
	{                                                            \
		va_list ap;                                          \
		va_start(ap, flags);                                 \
		mode_t mode = makes(flags) ? va_arg(ap, mode_t) : 0; \
		va_end(ap);                                          \
		return open_at(AT_FDCWD, path, flags, mode);         \
	}
OPENAT(openat)
OPENAT(openat64)
OPEN(open)
OPEN(open64)

/* ---- writing ---- */

ssize_t
write(int fd, const void *buf, size_t len)
{
	if (!written_counts(fd))
		return real_write(fd, buf, len);
	POINT("write", in_child ? -1 : fd, NULL, -1);
	PASS(ssize_t, real_write(fd, buf, portion(n, len)));
}

ssize_t
writev(int fd, const struct iovec *v, int count)
{
	if (!written_counts(fd))
		return real_writev(fd, v, count);
	POINT("writev", in_child ? -1 : fd, NULL, -1);
	PASS(ssize_t, real_writev(fd, v, count));
}

ssize_t
pwrite64(int fd, const void *buf, size_t len, off64_t at)
{
	if (!written_counts(fd))
		return real_pwrite(fd, buf, len, at);
	POINT("pwrite", fd, NULL, -1);
	PASS(ssize_t, real_pwrite(fd, buf, portion(n, len), at));
}

ssize_t
pwrite(int fd, const void *buf, size_t len, off_t at)
{
	return pwrite64(fd, buf, len, at);
}

ssize_t
copy_file_range(int in, off64_t *in_at, int out, off64_t *out_at, size_t len, unsigned flags)
{
	POINT("copy_file_range", out, NULL, -1);
	PASS(ssize_t, real_copy_file_range(in, in_at, out, out_at, portion(n, len), flags));
}

/* ---- syncing ---- */

static bool
lies(int fd)
{
	return counts() && ((lie_file && is_file(fd)) || (lie_dir && is_dir(fd)));
}

/* After a failed sync the kernel calls the pages clean, and what the disk has is anything: nothing of a new file can be relied on. SQLite's own files are left
 * alone, because more of them than the last write would be lost. */
static void
lose(int fd)
{
	char at[40], target[512];
	struct stat st;
	ssize_t got;

	snprintf(at, sizeof(at), "/proc/self/fd/%d", fd);
	got = readlink(at, target, sizeof(target) - 1);
	target[got < 0 ? 0 : got] = '\0';
	if (strstr(target, "/.tmp-") != NULL && fstat(fd, &st) == 0)
		real_fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, st.st_size);
}

int
fsync(int fd)
{
	int fail;
	uint64_t n = point("fsync", fd, NULL, &fail);
	if (fail != 0) {
		lose(fd);
		errno = fail;
		return -1;
	}
	PASS(int, lies(fd) ? 0 : real_fsync(fd));
}

int
fdatasync(int fd)
{
	POINT("fdatasync", fd, NULL, -1);
	PASS(int, lies(fd) ? 0 : real_fdatasync(fd));
}

int
syncfs(int fd)
{
	POINT("syncfs", fd, NULL, -1);
	PASS(int, lie_file &&lie_dir ? 0 : real_syncfs(fd));
}

/* A close after writing can fail as a write can: the descriptor is gone all the same. */
int
close(int fd)
{
	if (!counts() || in_child || !is_file(fd) || (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
		return real_close(fd);
	int fail;
	uint64_t n = point("close", fd, NULL, &fail);
	int rc = real_close(fd);
	if (fail != 0) {
		errno = fail;
		return -1;
	}
	passed(n);
	return rc;
}

/* ---- names and sizes ---- */

#define CALL(name, fd, path, params, args)   \
	int name params                      \
	{                                    \
		POINT(#name, fd, path, -1);  \
		PASS(int, real_##name args); \
	}

CALL(rename, AT_FDCWD, to, (const char *from, const char *to), (from, to))
CALL(renameat, to_dir, to, (int dir, const char *from, int to_dir, const char *to), (dir, from, to_dir, to))
CALL(renameat2, to_dir, to, (int dir, const char *from, int to_dir, const char *to, unsigned flags),
    (dir, from, to_dir, to, flags))
CALL(link, AT_FDCWD, to, (const char *from, const char *to), (from, to))
CALL(linkat, to_dir, to, (int dir, const char *from, int to_dir, const char *to, int flags),
    (dir, from, to_dir, to, flags))
CALL(symlinkat, dir, to, (const char *from, int dir, const char *to), (from, dir, to))
CALL(unlink, AT_FDCWD, path, (const char *path), (path))
CALL(unlinkat, dir, path, (int dir, const char *path, int flags), (dir, path, flags))
CALL(mkdir, AT_FDCWD, path, (const char *path, mode_t mode), (path, mode))
CALL(mkdirat, dir, path, (int dir, const char *path, mode_t mode), (dir, path, mode))
CALL(rmdir, AT_FDCWD, path, (const char *path), (path))
CALL(truncate, AT_FDCWD, path, (const char *path, off_t size), (path, size))
CALL(ftruncate, fd, NULL, (int fd, off_t size), (fd, size))
CALL(fallocate, fd, NULL, (int fd, int mode, off_t at, off_t len), (fd, mode, at, len))
CALL(fchmod, fd, NULL, (int fd, mode_t mode), (fd, mode))
CALL(fchmodat, dir, path, (int dir, const char *path, mode_t mode, int flags), (dir, path, mode, flags))
CALL(fchown, fd, NULL, (int fd, uid_t uid, gid_t gid), (fd, uid, gid))
CALL(utimensat, dir, path, (int dir, const char *path, const struct timespec t[2], int flags), (dir, path, t, flags))
CALL(futimens, fd, NULL, (int fd, const struct timespec t[2]), (fd, t))

int
ftruncate64(int fd, off64_t size)
{
	return ftruncate(fd, size);
}

int
fallocate64(int fd, int mode, off64_t at, off64_t len)
{
	return fallocate(fd, mode, at, len);
}

/* It tells its error by its result. */
int
posix_fallocate64(int fd, off64_t at, off64_t len)
{
	POINT("posix_fallocate", fd, NULL, fail);
	PASS(int, real_posix_fallocate(fd, at, len));
}

int
posix_fallocate(int fd, off_t at, off_t len)
{
	return posix_fallocate64(fd, at, len);
}

CALL(utime, AT_FDCWD, path, (const char *path, const struct utimbuf *t), (path, t))

/* ---- the same calls without their wrappers ---- */

static const char *
raw_name(long number)
{
	switch (number) {
	case SYS_write:
	case SYS_pwrite64:
	case SYS_writev:
		return "syscall-write";
	case SYS_fsync:
	case SYS_fdatasync:
	case SYS_syncfs:
		return "syscall-sync";
	case SYS_rename:
	case SYS_renameat:
	case SYS_renameat2:
		return "syscall-rename";
	case SYS_link:
	case SYS_linkat:
	case SYS_unlink:
	case SYS_unlinkat:
	case SYS_rmdir:
	case SYS_mkdir:
	case SYS_mkdirat:
		return "syscall-name";
	case SYS_truncate:
	case SYS_ftruncate:
	case SYS_fallocate:
	case SYS_copy_file_range:
		return "syscall-size";
	default:
		return NULL;
	}
}

long
syscall(long number, ...)
{
	va_list ap;
	long a[6];

	va_start(ap, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (!counts() || raw_name(number) == NULL)
		return real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
	POINT(raw_name(number), -1, NULL, -1);
	PASS(long, real_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]));
}

/* ---- the clock: a trial reads the same day, whenever it is made ---- */

time_t
time(time_t *ret)
{
	time_t now = real_time(NULL) + clock_add;

	if (ret != NULL)
		*ret = now;
	return now;
}

int
clock_gettime(clockid_t id, struct timespec *ret)
{
	int rc = real_clock_gettime(id, ret);

	if (rc == 0 && id == CLOCK_REALTIME)
		ret->tv_sec += clock_add;
	return rc;
}

int
gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
	int rc = real_gettimeofday(ret, zone);

	if (rc == 0)
		ret->tv_sec += clock_add;
	return rc;
}
