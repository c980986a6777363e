/* SPDX-License-Identifier: MIT
 *
 * How arrivals would be noticed in a folder, tried out: events, leases that tell of a writer, and the grain of the times that a file at rest is known by.
 */
#include "base/fs.h"
#include "base/fs_probe_int.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <unistd.h>

#define EVENT_MS 1000
#define GRAIN_TRIES 4000

/* Which of the wanted events came within a second. */
static uint32_t
gather(int in, uint32_t want)
{
	union {
		struct inotify_event e;
		char bytes[4096];
	} u;
	uint32_t got = 0;
	int64_t end = eg_probe_now_us() + EVENT_MS * 1000;

	while ((got & want) != want) {
		struct pollfd p = { .fd = in, .events = POLLIN };
		int64_t left = (end - eg_probe_now_us()) / 1000;
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

void
eg_probe_events(struct eg_probe *p)
{
	const uint32_t want = IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO;
	int in = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char path[40];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", p->dir);
	if (in < 0 || inotify_add_watch(in, path, want) < 0) {
		eg_probe_refused(p, EG_PROBE_NOTE, "inotify", errno);
		eg_fd_done(&in);
		return;
	}
	int fd = eg_probe_make(p, "event.part");
	if (fd < 0 || write(fd, "x", 1) != 1)
		eg_probe_refused(p, EG_PROBE_MISSING, "writing a file", errno);
	eg_fd_done(&fd);
	int64_t began = eg_probe_now_us();
	if (renameat(p->dir, "event.part", p->dir, "event") == 0) {
		uint32_t got = gather(in, want);
		if (got == want)
			eg_probe_say(p, EG_PROBE_GOOD, "made, closed and renamed were told within %" PRId64 " ms",
			    (eg_probe_now_us() - began) / 1000 + 1);
		else
			eg_probe_say(p, EG_PROBE_NOTE, "not told within a second:%s%s%s",
			    (got & IN_CREATE) != 0 ? "" : " made", (got & IN_CLOSE_WRITE) != 0 ? "" : " closed",
			    (got & IN_MOVED_TO) != 0 ? "" : " renamed");
	}
	eg_fd_done(&in);
}

void
eg_probe_lease(struct eg_probe *p)
{
	int writer = eg_probe_make(p, "lease"), fd = openat(p->dir, "lease", O_RDONLY | O_CLOEXEC);
	bool held_off, granted;

	if (writer < 0 || fd < 0 || fcntl(fd, F_SETSIG, SIGURG) != 0) {
		eg_probe_refused(p, EG_PROBE_NOTE, "making a file", errno);
		eg_fd_done(&writer);
		eg_fd_done(&fd);
		return;
	}
	held_off = fcntl(fd, F_SETLEASE, F_RDLCK) != 0 && errno == EAGAIN;
	eg_fd_done(&writer);
	granted = fcntl(fd, F_SETLEASE, F_RDLCK) == 0;
	if (!granted)
		eg_probe_refused(p, EG_PROBE_NOTE, "F_SETLEASE", errno);
	else if (!held_off)
		eg_probe_say(p, EG_PROBE_NOTE, "a lease is granted while somebody writes");
	else
		eg_probe_say(p, EG_PROBE_GOOD, "whoever still writes is noticed");
	eg_fd_done(&fd);
}

static int64_t
ctime_ns(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? (int64_t)st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec : 0;
}

/* The smallest step between two changes: at most two seconds are waited for one. */
void
eg_probe_grain(struct eg_probe *p)
{
	int fd = eg_probe_make(p, "grain");
	int64_t last = fd >= 0 ? ctime_ns(fd) : 0, step = 0, end = eg_probe_now_us() + 2100000;

	for (int i = 0; fd >= 0 && i < GRAIN_TRIES && eg_probe_now_us() < end && (step == 0 || i < 200); i++) {
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
		eg_probe_say(p, EG_PROBE_NOTE, "two changes within two seconds have the same time");
	else
		eg_probe_say(p, step >= 1000000000 ? EG_PROBE_NOTE : EG_PROBE_GOOD, "%.3f ms", (double)step / 1e6);
}
