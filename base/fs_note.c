/* SPDX-License-Identifier: MIT
 *
 * A small file for what must outlive this process but not the machine: neither it nor its folder is synced, so a power cut may take it away.
 */
#include "base/fs_int.h"

#include <errno.h>
#include <fcntl.h>

int
eg_fs_note_open(int dirfd, const char *name, int *ret_fd, struct eg_err *err)
{
	int fd;

	do
		fd = openat(dirfd, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	while (fd < 0 && errno == EINTR);
	if (fd < 0)
		return eg_fs_fail(err, "NO-WRITE", errno, "cannot write the note %s", name);
	*ret_fd = fd;
	return EG_OK;
}
