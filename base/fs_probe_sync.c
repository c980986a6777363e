/* SPDX-License-Identifier: MIT
 *
 * What a spool and its database need of their files, tried out: syncs and how long they take, locks, mapped memory, holes; and the disk that they stand on: its kind, its room.
 */
#include "base/fs.h"
#include "base/fs_kind.h"
#include "base/fs_probe_int.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#define SYNCS 15
#define SYNC_SLOW_US 50000
#define SPARSE_BYTES ((off_t)1 << 30)

/* ---- syncs, locks, memory ---- */

void
eg_probe_sync_dir(struct eg_probe *p)
{
	if (!eg_probe_made(p, "entry"))
		return;
	if (fsync(p->dir) != 0)
		eg_probe_refused(p, EG_PROBE_MISSING, "fsync of a folder", errno);
	else
		eg_probe_say(p, EG_PROBE_GOOD, "a folder can be synced");
}

static int
ascending(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void
eg_probe_sync_file(struct eg_probe *p)
{
	static const char block[4096] = "probe";
	int64_t took[SYNCS];
	int fd = eg_probe_make(p, "synced");

	if (fd < 0) {
		eg_probe_refused(p, EG_PROBE_MISSING, "making a file", errno);
		return;
	}
	for (int i = 0; i < SYNCS; i++) {
		int64_t began = eg_probe_now_us();
		if (pwrite(fd, block, sizeof(block), (off_t)i * (off_t)sizeof(block)) != (ssize_t)sizeof(block) ||
		    fsync(fd) != 0) {
			eg_probe_refused(p, EG_PROBE_MISSING, "writing and syncing", errno);
			eg_fd_done(&fd);
			return;
		}
		took[i] = eg_probe_now_us() - began;
	}
	eg_fd_done(&fd);
	qsort(took, SYNCS, sizeof(took[0]), ascending);
	double ms = (double)took[SYNCS / 2] / 1000.0;
	eg_probe_say(p, took[SYNCS / 2] > SYNC_SLOW_US || took[SYNCS / 2] < 20 ? EG_PROBE_NOTE : EG_PROBE_GOOD,
	    "%.2f ms for 4 KiB (longest %.2f ms)%s", ms, (double)took[SYNCS - 1] / 1000.0,
	    took[SYNCS / 2] < 20 ? ": too fast to be a disk" : "");
}

void
eg_probe_lock(struct eg_probe *p)
{
	int one = eg_probe_make(p, "lock"), two = openat(p->dir, "lock", O_RDWR | O_CLOEXEC);

	if (one < 0 || two < 0)
		eg_probe_refused(p, EG_PROBE_MISSING, "making a file", errno);
	else if (flock(one, LOCK_EX | LOCK_NB) != 0)
		eg_probe_refused(p, EG_PROBE_MISSING, "flock", errno);
	else if (flock(two, LOCK_EX | LOCK_NB) == 0)
		eg_probe_say(p, EG_PROBE_MISSING, "two had the same lock");
	else
		eg_probe_say(p, EG_PROBE_GOOD, "a second one is refused");
	eg_fd_done(&one);
	eg_fd_done(&two);
}

void
eg_probe_shared_memory(struct eg_probe *p)
{
	int fd = eg_probe_make(p, "shared");
	void *map = fd >= 0 && ftruncate(fd, 4096) == 0 ? mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) :
	                                                  MAP_FAILED;
	char seen = 0;

	if (map == MAP_FAILED) {
		eg_probe_refused(p, EG_PROBE_MISSING, "mapping a file", errno);
	} else {
		*(volatile char *)map = 'x';
		if (pread(fd, &seen, 1, 0) != 1 || seen != 'x')
			eg_probe_say(p, EG_PROBE_MISSING, "what is written to the map is not seen in the file");
		else
			eg_probe_say(p, EG_PROBE_GOOD, "a mapped file and the file are one");
		(void)munmap(map, 4096);
	}
	eg_fd_done(&fd);
}

/* ---- the disk ---- */

void
eg_probe_sparse(struct eg_probe *p)
{
	int fd = eg_probe_make(p, "sparse");
	struct stat st;

	if (fd < 0 || ftruncate(fd, SPARSE_BYTES) != 0 || fstat(fd, &st) != 0)
		eg_probe_refused(p, EG_PROBE_NOTE, "a file of 1 GiB without content", errno);
	else if ((int64_t)st.st_blocks * 512 > 1 << 20)
		eg_probe_say(
		    p, EG_PROBE_NOTE, "a hole of 1 GiB takes %" PRId64 " MiB", ((int64_t)st.st_blocks * 512) >> 20);
	else
		eg_probe_say(p, EG_PROBE_GOOD, "a hole of 1 GiB takes no room");
	eg_fd_done(&fd);
}

void
eg_probe_kind(struct eg_probe *p)
{
	struct eg_fs_kind kind;
	struct eg_fs_mount m;
	struct eg_err err;

	if (eg_fs_kind(p->outside, &kind, &err) < 0) {
		eg_probe_say(p, EG_PROBE_MISSING, "the file system does not answer");
		return;
	}
	eg_fs_mount(p->outside, &m);
	bool loose = strstr(m.options, "nobarrier") != NULL || strstr(m.options, "barrier=0") != NULL ||
	             strstr(m.options, "data=writeback") != NULL || strcmp(kind.name, "tmpfs") == 0 ||
	             strcmp(kind.name, "ramfs") == 0;
	eg_probe_say(p,
	    kind.remote ? EG_PROBE_MISSING :
	    loose       ? EG_PROBE_NOTE :
			  EG_PROBE_GOOD,
	    "%s%s%.60s%s%.90s%s", kind.name, m.point[0] != '\0' ? " at " : "", m.point,
	    m.options[0] != '\0' ? ", " : "", m.options,
	    kind.remote ? ": another machine's" :
	    loose       ? ": a power cut loses what was synced" :
			  "");
}

void
eg_probe_room(struct eg_probe *p)
{
	uint64_t bytes = 0, inodes = 0;
	struct eg_err err;

	if (eg_fs_free(p->outside, &bytes, &inodes, &err) < 0)
		eg_probe_say(p, EG_PROBE_MISSING, "cannot be asked");
	else
		eg_probe_say(p,
		    bytes < UINT64_C(1) << 20                   ? EG_PROBE_MISSING :
		    bytes < UINT64_C(1) << 30 || inodes < 10000 ? EG_PROBE_NOTE :
								  EG_PROBE_GOOD,
		    "%" PRIu64 " MiB and %" PRIu64 " files free", bytes >> 20, inodes);
}
