/* SPDX-License-Identifier: MIT
 *
 * One erpgate at a time: a lock of the kernel's on a file, which says to people who holds it. Fails at once when another process has it. Tests: tests/unit/test_fs.c.
 */
#include "base/date.h"
#include "base/fs_int.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

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
		return eg_fs_fail(err, "NO-WRITE", errno, "cannot open the lock %s", name);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int sys = errno;
		lock_holder(fd, holder);
		close(fd);
		return sys == EWOULDBLOCK ? locked(holder, err) :
		                            eg_fs_fail(err, "NO-WRITE", sys, "cannot take the lock %s", name);
	}
	lock_note(fd);
	*ret_fd = fd;
	return EG_OK;
}
