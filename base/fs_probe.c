/* SPDX-License-Identifier: MIT
 *
 * A file system tried out, one function for each promise. A probe that cannot even be set up says so in its result: that is an answer, too. Nothing here is durable on purpose;
 * what is measured are the calls that base/fs.c relies on. Tests: tests/unit/test_fs_probe.c.
 */
#include "base/fs_probe.h"

#include "base/buf.h"
#include "base/fs.h"
#include "base/fs_kind.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RENAMES 2000 /* onto one name, while a reader looks for it */
#define SYNCS 15
#define SYNC_SLOW_US 50000
#define EVENT_MS 1000
#define GRAIN_TRIES 4000
#define SPARSE_BYTES ((off_t)1 << 30)

struct probe {
	int outside; /* the folder that was given */
	int dir; /* the scratch folder */
	struct eg_probe_result r; /* of the promise being tried */
};

static void say(struct probe *p, enum eg_probe_verdict v, const char *fmt, ...) EG_PRINTF(3, 4);

static void
say(struct probe *p, enum eg_probe_verdict v, const char *fmt, ...)
{
	va_list ap;

	p->r.verdict = v;
	va_start(ap, fmt);
	(void)vsnprintf(p->r.result, sizeof(p->r.result), fmt, ap);
	va_end(ap);
}

static void
refused(struct probe *p, enum eg_probe_verdict v, const char *call, int sys)
{
	say(p, v, "%s is refused: %s", call, strerrordesc_np(sys));
}

static int64_t
now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int
make(struct probe *p, const char *name)
{
	return openat(p->dir, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

/* false with a word when it cannot be made. */
static bool
made(struct probe *p, const char *name)
{
	int fd = make(p, name);

	if (fd < 0)
		refused(p, EG_PROBE_MISSING, "making a file", errno);
	eg_fd_done(&fd);
	return fd == -1 && p->r.result[0] == '\0';
}

/* ---- names ---- */

/* A child that finds the name absent once ends 1. */
static pid_t
start_reader(struct probe *p, const int stop[2])
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	(void)close(stop[1]); /* or the pipe would never end */
	struct pollfd end = { .fd = stop[0], .events = POLLIN };
	while (poll(&end, 1, 0) == 0) {
		int fd = openat(p->dir, "name", O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			_exit(1);
		(void)close(fd);
	}
	_exit(0);
}

static void
rename_over_and_over(struct probe *p)
{
	for (int i = 0; i < RENAMES && p->r.result[0] == '\0'; i++) {
		int fd = make(p, "next");
		if (fd < 0 || renameat(p->dir, "next", p->dir, "name") != 0)
			refused(p, EG_PROBE_MISSING, "renaming onto a name", errno);
		eg_fd_done(&fd);
	}
}

static void
try_rename(struct probe *p)
{
	int stop[2], status = 0;

	if (!made(p, "name"))
		return;
	if (pipe2(stop, O_CLOEXEC) != 0) {
		refused(p, EG_PROBE_NOTE, "a pipe for the reader", errno);
		return;
	}
	pid_t reader = start_reader(p, stop);
	rename_over_and_over(p);
	(void)close(stop[1]);
	(void)close(stop[0]);
	while (reader > 0 && waitpid(reader, &status, 0) < 0 && errno == EINTR)
		;
	if (p->r.result[0] != '\0')
		return;
	if (reader < 0)
		say(p, EG_PROBE_NOTE, "no process to look on (%d renames went well)", RENAMES);
	else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		say(p, EG_PROBE_MISSING, "a reader found the name absent while it was renamed over");
	else
		say(p, EG_PROBE_GOOD, "%d renames onto one name; a reader always found it", RENAMES);
}

static void
try_noreplace(struct probe *p)
{
	if (!made(p, "one") || !made(p, "two"))
		return;
	if (renameat2(p->dir, "one", p->dir, "two", RENAME_NOREPLACE) == 0)
		say(p, EG_PROBE_MISSING, "it replaced a file that was there");
	else if (errno != EEXIST)
		refused(p, EG_PROBE_MISSING, "RENAME_NOREPLACE", errno);
	else if (renameat2(p->dir, "one", p->dir, "three", RENAME_NOREPLACE) != 0)
		refused(p, EG_PROBE_MISSING, "RENAME_NOREPLACE onto a new name", errno);
	else
		say(p, EG_PROBE_GOOD, "a name that is taken is refused, a new one is given");
}

static void
try_exclusive(struct probe *p)
{
	if (!made(p, "only"))
		return;
	int fd = make(p, "only");
	if (fd >= 0)
		say(p, EG_PROBE_MISSING, "the same name could be made twice");
	else if (errno != EEXIST)
		refused(p, EG_PROBE_MISSING, "O_EXCL", errno);
	else
		say(p, EG_PROBE_GOOD, "the second one to make a name is refused");
	eg_fd_done(&fd);
}

static void
try_link(struct probe *p)
{
	struct stat st;

	if (!made(p, "linked"))
		return;
	if (linkat(p->dir, "linked", p->dir, "second", 0) != 0)
		say(p, EG_PROBE_NOTE, "there are none (%s)", strerrordesc_np(errno));
	else if (fstatat(p->dir, "linked", &st, 0) != 0 || st.st_nlink != 2)
		say(p, EG_PROBE_NOTE, "a file with two names says that it has %ju", (uintmax_t)st.st_nlink);
	else
		say(p, EG_PROBE_GOOD, "a second name is counted");
}

static void
try_case(struct probe *p)
{
	if (!made(p, "Letters"))
		return;
	if (eg_fs_exists(p->dir, "letters"))
		say(p, EG_PROBE_NOTE, "A.csv and a.csv are one file here");
	else
		say(p, EG_PROBE_GOOD, "A.csv and a.csv are two files");
}

struct spelled {
	const char *name;
	bool seen;
};

static int
look_for(void *ctx, const char *name, struct eg_err *err)
{
	struct spelled *s = ctx;

	(void)err;
	s->seen = s->seen || strcmp(s->name, name) == 0;
	return EG_OK;
}

/* Does the folder list a name with the bytes it was made with? */
static bool
kept(struct probe *p, const char *name)
{
	struct spelled s = { name, false };
	struct eg_err err;

	return eg_fs_list(p->dir, look_for, &s, &err) == EG_OK && s.seen;
}

static void
try_unicode(struct probe *p)
{
	static const char composed[] = "caf\xc3\xa9", apart[] = "cafe\xcc\x81";

	if (!made(p, composed))
		return;
	if (eg_fs_exists(p->dir, apart))
		say(p, EG_PROBE_NOTE,
		    "two spellings of one letter (one character, or a letter and its accent) are one name here");
	else if (!kept(p, composed))
		say(p, EG_PROBE_NOTE, "names come back with other bytes than they were given");
	else
		say(p, EG_PROBE_GOOD, "names keep their bytes");
}

static void
try_names(struct probe *p)
{
	char longest[256];
	struct {
		const char *name, *what;
	} names[] = { { longest, "of 255 bytes" }, { "caf\xe9\xff", "that are not UTF-8" },
		{ "two\nlines", "with a line break" } };
	struct eg_buf bad = EG_BUF_INIT;

	memset(longest, 'n', 255);
	longest[255] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int fd = make(p, names[i].name);
		if (fd < 0 || !kept(p, names[i].name))
			eg_buf_printf(&bad, "%s%s", bad.len == 0 ? "" : ", ", names[i].what);
		eg_fd_done(&fd);
	}
	if (bad.len > 0)
		say(p, EG_PROBE_NOTE, "refused or changed: names %s", eg_buf_cstr(&bad));
	else
		say(p, EG_PROBE_GOOD, "255 bytes, bytes that are not UTF-8 and line breaks are kept");
	eg_buf_done(&bad);
}

/* ---- syncs, locks, memory ---- */

static void
try_sync_dir(struct probe *p)
{
	if (!made(p, "entry"))
		return;
	if (fsync(p->dir) != 0)
		refused(p, EG_PROBE_MISSING, "fsync of a folder", errno);
	else
		say(p, EG_PROBE_GOOD, "a folder can be synced");
}

static int
ascending(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void
try_sync_file(struct probe *p)
{
	static const char block[4096] = "probe";
	int64_t took[SYNCS];
	int fd = make(p, "synced");

	if (fd < 0) {
		refused(p, EG_PROBE_MISSING, "making a file", errno);
		return;
	}
	for (int i = 0; i < SYNCS; i++) {
		int64_t began = now_us();
		if (pwrite(fd, block, sizeof(block), (off_t)i * (off_t)sizeof(block)) != (ssize_t)sizeof(block) ||
		    fsync(fd) != 0) {
			refused(p, EG_PROBE_MISSING, "writing and syncing", errno);
			eg_fd_done(&fd);
			return;
		}
		took[i] = now_us() - began;
	}
	eg_fd_done(&fd);
	qsort(took, SYNCS, sizeof(took[0]), ascending);
	double ms = (double)took[SYNCS / 2] / 1000.0;
	say(p, took[SYNCS / 2] > SYNC_SLOW_US || took[SYNCS / 2] < 20 ? EG_PROBE_NOTE : EG_PROBE_GOOD,
	    "%.2f ms for 4 KiB (longest %.2f ms)%s", ms, (double)took[SYNCS - 1] / 1000.0,
	    took[SYNCS / 2] < 20 ? ": too fast to be a disk" : "");
}

static void
try_lock(struct probe *p)
{
	int one = make(p, "lock"), two = openat(p->dir, "lock", O_RDWR | O_CLOEXEC);

	if (one < 0 || two < 0)
		refused(p, EG_PROBE_MISSING, "making a file", errno);
	else if (flock(one, LOCK_EX | LOCK_NB) != 0)
		refused(p, EG_PROBE_MISSING, "flock", errno);
	else if (flock(two, LOCK_EX | LOCK_NB) == 0)
		say(p, EG_PROBE_MISSING, "two had the same lock");
	else
		say(p, EG_PROBE_GOOD, "a second one is refused");
	eg_fd_done(&one);
	eg_fd_done(&two);
}

static void
try_shared_memory(struct probe *p)
{
	int fd = make(p, "shared");
	void *map = fd >= 0 && ftruncate(fd, 4096) == 0 ? mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) :
	                                                  MAP_FAILED;
	char seen = 0;

	if (map == MAP_FAILED) {
		refused(p, EG_PROBE_MISSING, "mapping a file", errno);
	} else {
		*(volatile char *)map = 'x';
		if (pread(fd, &seen, 1, 0) != 1 || seen != 'x')
			say(p, EG_PROBE_MISSING, "what is written to the map is not seen in the file");
		else
			say(p, EG_PROBE_GOOD, "a mapped file and the file are one");
		(void)munmap(map, 4096);
	}
	eg_fd_done(&fd);
}

/* ---- how arrivals are noticed ---- */

/* Which of the wanted events came within a second. */
static uint32_t
gather(int in, uint32_t want)
{
	union {
		struct inotify_event e;
		char bytes[4096];
	} u;
	uint32_t got = 0;
	int64_t end = now_us() + EVENT_MS * 1000;

	while ((got & want) != want) {
		struct pollfd p = { .fd = in, .events = POLLIN };
		int64_t left = (end - now_us()) / 1000;
		if (left <= 0 || poll(&p, 1, (int)left) <= 0)
			break;
		ssize_t n = read(in, &u, sizeof(u));
		for (ssize_t at = 0; at + (ssize_t)sizeof(u.e) <= n;) {
			struct inotify_event e;
			memcpy(&e, u.bytes + at, sizeof(e));
			got |= e.mask;
			at += (ssize_t)sizeof(e) + (ssize_t)e.len;
		}
	}
	return got & want;
}

static void
try_events(struct probe *p)
{
	const uint32_t want = IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO;
	int in = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char path[40];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", p->dir);
	if (in < 0 || inotify_add_watch(in, path, want) < 0) {
		refused(p, EG_PROBE_NOTE, "inotify", errno);
		eg_fd_done(&in);
		return;
	}
	int fd = make(p, "event.part");
	if (fd < 0 || write(fd, "x", 1) != 1)
		refused(p, EG_PROBE_MISSING, "writing a file", errno);
	eg_fd_done(&fd);
	int64_t began = now_us();
	if (renameat(p->dir, "event.part", p->dir, "event") == 0) {
		uint32_t got = gather(in, want);
		if (got == want)
			say(p, EG_PROBE_GOOD, "made, closed and renamed were told within %" PRId64 " ms",
			    (now_us() - began) / 1000 + 1);
		else
			say(p, EG_PROBE_NOTE, "not told within a second:%s%s%s", (got & IN_CREATE) != 0 ? "" : " made",
			    (got & IN_CLOSE_WRITE) != 0 ? "" : " closed", (got & IN_MOVED_TO) != 0 ? "" : " renamed");
	}
	eg_fd_done(&in);
}

static void
try_lease(struct probe *p)
{
	int writer = make(p, "lease"), fd = openat(p->dir, "lease", O_RDONLY | O_CLOEXEC);
	bool held_off, granted;

	if (writer < 0 || fd < 0 || fcntl(fd, F_SETSIG, SIGURG) != 0) {
		refused(p, EG_PROBE_NOTE, "making a file", errno);
		eg_fd_done(&writer);
		eg_fd_done(&fd);
		return;
	}
	held_off = fcntl(fd, F_SETLEASE, F_RDLCK) != 0 && errno == EAGAIN;
	eg_fd_done(&writer);
	granted = fcntl(fd, F_SETLEASE, F_RDLCK) == 0;
	if (!granted)
		refused(p, EG_PROBE_NOTE, "F_SETLEASE", errno);
	else if (!held_off)
		say(p, EG_PROBE_NOTE, "a lease is granted while somebody writes");
	else
		say(p, EG_PROBE_GOOD, "whoever still writes is noticed");
	eg_fd_done(&fd);
}

static int64_t
ctime_ns(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? (int64_t)st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec : 0;
}

/* The smallest step between two changes: at most two seconds are waited for one. */
static void
try_grain(struct probe *p)
{
	int fd = make(p, "grain");
	int64_t last = fd >= 0 ? ctime_ns(fd) : 0, step = 0, end = now_us() + 2100000;

	for (int i = 0; fd >= 0 && i < GRAIN_TRIES && now_us() < end && (step == 0 || i < 200); i++) {
		if (pwrite(fd, "x", 1, 0) != 1)
			break;
		int64_t t = ctime_ns(fd);
		if (t > last)
			step = step == 0 || t - last < step ? t - last : step;
		last = t;
		(void)poll(NULL, 0, step == 0 ? 1 : 0);
	}
	eg_fd_done(&fd);
	if (step == 0)
		say(p, EG_PROBE_NOTE, "two changes within two seconds have the same time");
	else
		say(p, step >= 1000000000 ? EG_PROBE_NOTE : EG_PROBE_GOOD, "%.3f ms", (double)step / 1e6);
}

/* ---- the disk ---- */

static void
try_sparse(struct probe *p)
{
	int fd = make(p, "sparse");
	struct stat st;

	if (fd < 0 || ftruncate(fd, SPARSE_BYTES) != 0 || fstat(fd, &st) != 0)
		refused(p, EG_PROBE_NOTE, "a file of 1 GiB without content", errno);
	else if ((int64_t)st.st_blocks * 512 > 1 << 20)
		say(p, EG_PROBE_NOTE, "a hole of 1 GiB takes %" PRId64 " MiB", ((int64_t)st.st_blocks * 512) >> 20);
	else
		say(p, EG_PROBE_GOOD, "a hole of 1 GiB takes no room");
	eg_fd_done(&fd);
}

static void
try_kind(struct probe *p)
{
	struct eg_fs_kind kind;
	struct eg_fs_mount m;
	struct eg_err err;

	if (eg_fs_kind(p->outside, &kind, &err) < 0) {
		say(p, EG_PROBE_MISSING, "the file system does not answer");
		return;
	}
	eg_fs_mount(p->outside, &m);
	bool loose = strstr(m.options, "nobarrier") != NULL || strstr(m.options, "barrier=0") != NULL ||
	             strstr(m.options, "data=writeback") != NULL || strcmp(kind.name, "tmpfs") == 0 ||
	             strcmp(kind.name, "ramfs") == 0;
	say(p,
	    kind.remote ? EG_PROBE_MISSING :
	    loose       ? EG_PROBE_NOTE :
			  EG_PROBE_GOOD,
	    "%s%s%.60s%s%.90s%s", kind.name, m.point[0] != '\0' ? " at " : "", m.point,
	    m.options[0] != '\0' ? ", " : "", m.options,
	    kind.remote ? ": another machine's" :
	    loose       ? ": a power cut loses what was synced" :
			  "");
}

static void
try_room(struct probe *p)
{
	uint64_t bytes = 0, inodes = 0;
	struct eg_err err;

	if (eg_fs_free(p->outside, &bytes, &inodes, &err) < 0)
		say(p, EG_PROBE_MISSING, "cannot be asked");
	else
		say(p,
		    bytes < UINT64_C(1) << 20                   ? EG_PROBE_MISSING :
		    bytes < UINT64_C(1) << 30 || inodes < 10000 ? EG_PROBE_NOTE :
								  EG_PROBE_GOOD,
		    "%" PRIu64 " MiB and %" PRIu64 " files free", bytes >> 20, inodes);
}

/* ---- all of them ---- */

/* clang-format off */
static const struct {
	void (*try)(struct probe *p);
	const char *key, *what, *why, *todo;
} probes[] = {
	{ try_kind, "kind", "File system", "Only a disk of this machine can promise that what was synced is kept.", "Put the site on a local disk; drop folders alone may be on a server." },
	{ try_room, "room", "Free space", "Nothing is taken when there is not six times a file's size.", "Make room before files are sent." },
	{ try_rename, "rename", "Atomic rename", "A file appears under its name whole, or not at all.", "Use another file system for the site." },
	{ try_noreplace, "noreplace", "Rename without replacing", "Taking and publishing never overwrite a file of somebody else.", "Use another file system for the site; a drop folder alone does without." },
	{ try_exclusive, "exclusive", "Exclusive create", "Two programs never write one file.", "Use another file system for the site." },
	{ try_sync_file, "sync", "Syncing a file", "Each file and each entry in the database is synced before the next step.", "A slow disk makes everything slow: check it. One that is too fast keeps nothing in a power cut." },
	{ try_sync_dir, "sync-folder", "Syncing a folder", "Without it a power cut loses names, though the bytes are there.", "Use another file system for the site." },
	{ try_lock, "lock", "Locks", "One erpgate at a time changes a site.", "Use another file system for the site, or mount this one with locks." },
	{ try_shared_memory, "map", "Mapped files", "The database shares its index between processes in this way.", "Use another file system for the site." },
	{ try_events, "events", "Events", "New files are noticed at once.", "Set watcher = poll: folders are then looked at every watch.rescan." },
	{ try_lease, "lease", "Leases", "A file that somebody still writes is not taken.", "Let senders rename when they are done (settle = rename), or send a digest (settle = companion)." },
	{ try_grain, "grain", "Grain of timestamps", "A file counts as still when its time of change is old enough.", "Set settle.quiet to more than two such grains." },
	{ try_link, "link", "Hard links", "Some SFTP servers rename by link and unlink; a file with two names is not taken.", "Nothing: senders' servers then rename in another way." },
	{ try_case, "case", "Upper and lower case", "Senders' files of like names replace each other where case does not count.", "Tell senders to use names that differ in more than case." },
	{ try_unicode, "unicode", "Spelling of names", "Names in findings and in the log are the sender's own bytes.", "Tell senders to use plain letters in names." },
	{ try_names, "names", "Odd names", "Senders may use any name that the system knows.", "Tell senders to use short names of plain letters." },
	{ try_sparse, "sparse", "Holes in files", "A file with a hole is as large as it says, and its copy takes that room.", "Nothing: drop.max_bytes bounds it." },
};
/* clang-format on */

static int
probe_all(struct probe *p, int (*each)(void *ctx, const struct eg_probe_result *r, struct eg_err *err), void *ctx,
    struct eg_err *err)
{
	int rc = EG_OK;

	for (size_t i = 0; rc >= 0 && i < sizeof(probes) / sizeof(probes[0]); i++) {
		p->r = (struct eg_probe_result){
			.key = probes[i].key, .what = probes[i].what, .why = probes[i].why, .todo = probes[i].todo
		};
		probes[i].try(p);
		rc = each(ctx, &p->r, err);
	}
	return rc;
}

int
eg_fs_probe(int dirfd, int (*each)(void *ctx, const struct eg_probe_result *r, struct eg_err *err), void *ctx,
    struct eg_err *err)
{
	struct probe p = { .outside = dirfd, .dir = -1 };
	struct eg_err swept;
	char name[64];
	sigset_t ends, before;

	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGINT);
	(void)sigaddset(&ends, SIGTERM);
	(void)sigaddset(&ends, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &ends, &before);
	(void)snprintf(name, sizeof(name), ".erpgate-probe-%d", (int)getpid());
	int rc = eg_fs_mkdir_new(dirfd, name, 0700, err);
	if (rc >= 0) {
		rc = eg_fs_opendir(dirfd, name, &p.dir, err);
		if (rc >= 0)
			rc = probe_all(&p, each, ctx, err);
		eg_fd_done(&p.dir);
		int gone = eg_fs_rmtree(dirfd, name, rc < 0 ? &swept : err);
		rc = rc < 0 ? rc : gone;
	}
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return rc;
}
