/* SPDX-License-Identifier: MIT
 *
 * base/fs without a database: does a few durable calls below MOUNT/bare, tells on standard output what has been promised ("NAME content", "NAME -" for gone), and
 * cuts the file system off. The last call differs with ROUND, because a later one would carry an earlier one along.
 */
#include "base/fs.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define FS_SHUTDOWN _IOR('X', 125, uint32_t)

enum {
	KINDS = 5
};

static int
last_call(int dir, unsigned kind, struct eg_err *err)
{
	int below = -1, rc = EG_OK;

	switch (kind) {
	case 0:
		rc = eg_fs_write_file(dir, "new", EG_LIT("fresh"), 0600, false, err);
		puts("new fresh");
		break;
	case 1:
		rc = eg_fs_write_file(dir, "old", EG_LIT("second"), 0600, true, err);
		puts("old second");
		break;
	case 2:
		rc = eg_fs_mkdirs(dir, "a/b", 0700, err);
		if (rc == EG_OK)
			rc = eg_fs_opendir(dir, "a/b", &below, err);
		if (rc == EG_OK)
			rc = eg_fs_write_file(below, "deep", EG_LIT("down"), 0600, false, err);
		puts("a/b/deep down");
		break;
	case 3:
		rc = eg_fs_mkdirs(dir, "c", 0700, err);
		if (rc == EG_OK)
			rc = eg_fs_opendir(dir, "c", &below, err);
		if (rc == EG_OK)
			rc = eg_fs_rename_new(dir, "old", below, "moved", err);
		puts("c/moved first\nold -");
		break;
	default:
		rc = eg_fs_rmtree(dir, "tree", err);
		puts("tree -");
	}
	eg_fd_done(&below);
	return rc;
}

int
main(int argc, char **argv)
{
	struct eg_err err = { 0 };
	uint32_t how = 2; /* without flushing the log */
	int mount = -1, dir = -1;
	int rc = argc == 3 ? eg_fs_opendir(AT_FDCWD, argv[1], &mount, &err) : EG_FATAL;

	if (rc == EG_OK)
		rc = eg_fs_opendir(mount, "bare", &dir, &err);
	if (rc == EG_OK)
		rc = eg_fs_write_file(dir, "old", EG_LIT("first"), 0600, false, &err);
	if (rc == EG_OK)
		rc = eg_fs_mkdirs(dir, "tree/below", 0700, &err);
	sync();
	if (rc == EG_OK)
		rc = last_call(dir, (unsigned)strtoul(argv[2], NULL, 10) % KINDS, &err);
	if (rc == EG_OK && ioctl(mount, FS_SHUTDOWN, &how) != 0)
		rc = eg_fail(&err, EG_FATAL, "CUT", "the file system cannot be cut off");
	if (rc < 0)
		fprintf(stderr, "bare: %s\n", err.msg);
	return rc < 0 ? 1 : 0;
}
