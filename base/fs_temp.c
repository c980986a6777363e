/* SPDX-License-Identifier: MIT
 *
 * Files without a name: what a comparison must remember across a file. Nothing of them is ever found after a crash.
 */
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

int
eg_fs_temp(int dirfd, int *ret_fd, struct eg_err *err)
{
	int fd = openat(dirfd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0)
		fd = memfd_create("erpgate", MFD_CLOEXEC);
	if (fd < 0)
		return eg_fail_sys(err, EG_RETRY, "LIMIT-MEM", errno, "cannot make a temporary file");
	*ret_fd = fd;
	return EG_OK;
}
