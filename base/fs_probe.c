/* SPDX-License-Identifier: MIT
 *
 * A file system tried out: the table of promises, each with a function (fs_probe_name.c, fs_probe_sync.c, fs_probe_event.c), and the scratch folder that they work in. A probe that
 * cannot even be set up says so in its result: that is an answer, too. Nothing here is durable on purpose; what is measured are the calls that base/fs.h relies on.
 * Tests: tests/unit/test_selftest.c.
 */
#include "base/fs_probe.h"

#include "base/fs.h"
#include "base/fs_probe_int.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

/* ---- what they share ---- */

void
eg_probe_say(struct eg_probe *p, enum eg_probe_verdict v, const char *fmt, ...)
{
	va_list ap;

	p->r.verdict = v;
	va_start(ap, fmt);
	(void)vsnprintf(p->r.result, sizeof(p->r.result), fmt, ap);
	va_end(ap);
}

void
eg_probe_refused(struct eg_probe *p, enum eg_probe_verdict v, const char *call, int sys)
{
	eg_probe_say(p, v, "%s is refused: %s", call, strerrordesc_np(sys));
}

int64_t
eg_probe_now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int
eg_probe_make(struct eg_probe *p, const char *name)
{
	return openat(p->dir, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

bool
eg_probe_made(struct eg_probe *p, const char *name)
{
	int fd = eg_probe_make(p, name);

	if (fd < 0) {
		eg_probe_refused(p, EG_PROBE_MISSING, "making a file", errno);
		return false;
	}
	eg_fd_done(&fd);
	return true;
}

/* ---- all of them ---- */

/* clang-format off */
static const struct {
	void (*probe)(struct eg_probe *p);
	const char *key, *what, *why, *todo;
} probes[] = {
	{ eg_probe_kind, "kind", "File system", "Only a disk of this machine can promise that what was synced is kept.", "Put the site on a local disk; drop folders alone may be on a server." },
	{ eg_probe_room, "room", "Free space", "Nothing is taken when there is not six times a file's size.", "Make room before files are sent." },
	{ eg_probe_rename, "rename", "Atomic rename", "A file appears under its name whole, or not at all.", "Use another file system for the site." },
	{ eg_probe_noreplace, "noreplace", "Rename without replacing", "Taking and publishing never overwrite a file of somebody else.", "Use another file system for the site; a drop folder alone does without." },
	{ eg_probe_exclusive, "exclusive", "Exclusive create", "Two programs never write one file.", "Use another file system for the site." },
	{ eg_probe_sync_file, "sync", "Syncing a file", "Each file and each entry in the database is synced before the next step.", "A slow disk makes everything slow: check it. One that is too fast keeps nothing in a power cut." },
	{ eg_probe_sync_dir, "sync-folder", "Syncing a folder", "Without it a power cut loses names, though the bytes are there.", "Use another file system for the site." },
	{ eg_probe_lock, "lock", "Locks", "One erpgate at a time changes a site.", "Use another file system for the site, or mount this one with locks." },
	{ eg_probe_shared_memory, "map", "Mapped files", "The database shares its index between processes in this way.", "Use another file system for the site." },
	{ eg_probe_events, "events", "Events", "New files are noticed at once.", "Set watcher = poll: folders are then looked at every watch.rescan." },
	{ eg_probe_lease, "lease", "Leases", "A file that somebody still writes is not taken.", "Let senders rename when they are done (settle = rename), or send a digest (settle = companion)." },
	{ eg_probe_grain, "grain", "Grain of timestamps", "A file counts as still when its time of change is old enough.", "Set settle.quiet to more than two such grains." },
	{ eg_probe_link, "link", "Hard links", "Some SFTP servers rename by link and unlink; a file with two names is not taken.", "Nothing: senders' servers then rename in another way." },
	{ eg_probe_case, "case", "Upper and lower case", "Senders' files of like names replace each other where case does not count.", "Tell senders to use names that differ in more than case." },
	{ eg_probe_unicode, "unicode", "Spelling of names", "Names in findings and in the log are the sender's own bytes.", "Tell senders to use plain letters in names." },
	{ eg_probe_names, "names", "Odd names", "Senders may use any name that the system knows.", "Tell senders to use short names of plain letters." },
	{ eg_probe_sparse, "sparse", "Holes in files", "A file with a hole is as large as it says, and its copy takes that room.", "Nothing: drop.max_bytes bounds it." },
};
/* clang-format on */

static int
probe_all(struct eg_probe *p, int (*each)(void *ctx, const struct eg_probe_result *r, struct eg_err *err), void *ctx,
    struct eg_err *err)
{
	int rc = EG_OK;

	for (size_t i = 0; rc >= 0 && i < sizeof(probes) / sizeof(probes[0]); i++) {
		p->r = (struct eg_probe_result){
			.key = probes[i].key, .what = probes[i].what, .why = probes[i].why, .todo = probes[i].todo
		};
		probes[i].probe(p);
		rc = each(ctx, &p->r, err);
	}
	return rc;
}

int
eg_fs_probe(int dirfd, int (*each)(void *ctx, const struct eg_probe_result *r, struct eg_err *err), void *ctx,
    struct eg_err *err)
{
	struct eg_probe p = { .outside = dirfd, .dir = -1 };
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
