/* SPDX-License-Identifier: MIT
 *
 * Kinds of file systems: a table of numbers, and a look into the mount table for those whose number says too little (FUSE: a disk, a server, anything).
 * Fails only when the file system itself does not answer. Tests: tests/unit/test_fs_kind.c.
 */
#include "base/fs_kind.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statfs.h>

#define FUSE_MAGIC 0x65735546U

/* Numbers of statfs(2) and linux/magic.h; remote ones first. A cluster's shared disk counts as remote: what the other machines write raises no event here. */
static const struct {
	uint32_t magic;
	bool remote;
	const char *name;
} kinds[] = {
	{ 0x00006969, true, "NFS" },
	{ 0x0000517b, true, "SMB" },
	{ 0xff534d42, true, "CIFS" },
	{ 0xfe534d42, true, "SMB2" },
	{ 0x0000564c, true, "NCP" },
	{ 0x5346414f, true, "AFS" },
	{ 0x6b414653, true, "AFS" },
	{ 0x73757245, true, "Coda" },
	{ 0x00c36400, true, "Ceph" },
	{ 0x01021997, true, "9p" },
	{ 0x0bd00bd0, true, "Lustre" },
	{ 0x47504653, true, "GPFS" },
	{ 0x19830326, true, "BeeGFS" },
	{ 0x20030528, true, "OrangeFS" },
	{ 0xaad7aaea, true, "PanFS" },
	{ 0x7461636f, true, "OCFS2" },
	{ 0x01161970, true, "GFS2" },
	{ 0x786f4256, true, "VirtualBox shared folder" },
	{ 0xbacbacbc, true, "VMware shared folder" },
	{ 0x0000ef53, false, "ext4" },
	{ 0x58465342, false, "XFS" },
	{ 0x9123683e, false, "Btrfs" },
	{ 0x2fc12fc1, false, "ZFS" },
	{ 0xf2f52010, false, "F2FS" },
	{ 0xca451a4e, false, "bcachefs" },
	{ 0x01021994, false, "tmpfs" },
	{ 0x858458f6, false, "ramfs" },
	{ 0x794c7630, false, "overlayfs" },
	{ 0x5346544e, false, "NTFS" },
	{ 0x7366746e, false, "NTFS" },
	{ 0x00004d44, false, "FAT" },
	{ 0x2011bab0, false, "exFAT" },
	{ 0x00003434, false, "NILFS2" },
	{ 0x3153464a, false, "JFS" },
	{ 0x52654973, false, "ReiserFS" },
	{ 0x00009660, false, "ISO 9660" },
	{ 0x73717368, false, "squashfs" },
};

/* Programs behind FUSE that keep the files on this machine's own disks. Any other may be a line to anywhere. */
static const char *const local_fuse[] = { "fuseblk", "fuse.fuse-overlayfs", "fuse.overlayfs", "fuse.bindfs",
	"fuse.mergerfs", "fuse.ntfs-3g", "fuse.ext2", "fuse.gocryptfs", "fuse.encfs" };

static void
fuse_kind(const char *type, struct eg_fs_kind *ret)
{
	const char *dot = strchr(type, '.');

	if (strcmp(type, "virtiofs") == 0)
		(void)snprintf(ret->name, sizeof(ret->name), "virtiofs");
	else if (dot != NULL || strcmp(type, "fuseblk") == 0)
		(void)snprintf(ret->name, sizeof(ret->name), "FUSE (%.32s)", dot != NULL ? dot + 1 : "disk");
	else
		(void)snprintf(ret->name, sizeof(ret->name), "FUSE");
	ret->remote = true;
	for (size_t i = 0; i < sizeof(local_fuse) / sizeof(local_fuse[0]); i++)
		ret->remote = ret->remote && strcmp(type, local_fuse[i]) != 0;
}

void
eg_fs_kind_of(uint64_t magic, const char *mount_type, struct eg_fs_kind *ret)
{
	uint32_t low = (uint32_t)magic; /* f_type is signed on some machines: the upper half says nothing */

	*ret = (struct eg_fs_kind){ "", false };
	if (low == FUSE_MAGIC) {
		fuse_kind(mount_type, ret);
		return;
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].magic == low) {
			(void)snprintf(ret->name, sizeof(ret->name), "%s", kinds[i].name);
			ret->remote = kinds[i].remote;
			return;
		}
	if (mount_type[0] != '\0')
		(void)snprintf(ret->name, sizeof(ret->name), "%.40s", mount_type);
	else
		(void)snprintf(ret->name, sizeof(ret->name), "unknown (0x%" PRIx32 ")", low);
}

int
eg_fs_kind(int fd, struct eg_fs_kind *ret, struct eg_err *err)
{
	struct eg_fs_mount mount = { "", "", "" };
	struct statfs fs;

	if (fstatfs(fd, &fs) != 0)
		return eg_fail_sys(
		    err, EG_FATAL, "SPOOL-FS", errno, "The file system of a folder of the site does not answer");
	if ((uint32_t)fs.f_type == FUSE_MAGIC)
		eg_fs_mount(fd, &mount);
	eg_fs_kind_of((uint64_t)fs.f_type, mount.type, ret);
	return EG_OK;
}

/* ---- the mount table ---- */

static bool
mount_id(int fd, uint64_t *ret, struct statx *sx)
{
	if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, sx) != 0)
		return false;
	*ret = (sx->stx_mask & STATX_MNT_ID) != 0 ? sx->stx_mnt_id : 0;
	return true;
}

bool
eg_fs_same_mount(int fd_a, int fd_b)
{
	struct statx a, b;
	uint64_t mount_a = 0, mount_b = 0;

	return mount_id(fd_a, &mount_a, &a) && mount_id(fd_b, &mount_b, &b) && a.stx_dev_major == b.stx_dev_major &&
	       a.stx_dev_minor == b.stx_dev_minor && mount_a == mount_b;
}

static void
keep_word(struct eg_bytes word, char *ret, size_t size)
{
	(void)snprintf(ret, size, "%.*s", (int)(word.len < size ? word.len : size - 1), (const char *)word.ptr);
}

/* A line: id parent major:minor root POINT OPTIONS [tags…] - TYPE source OPTIONS */
static void
read_line(struct eg_bytes line, struct eg_fs_mount *ret)
{
	struct eg_bytes rest = line, word;
	unsigned behind = 0; /* words since the "-" */

	for (unsigned n = 0; eg_bytes_cut(&rest, ' ', &word) && word.len > 0; n++) {
		if (n == 4)
			keep_word(word, ret->point, sizeof(ret->point));
		else if (n == 5)
			keep_word(word, ret->options, sizeof(ret->options));
		else if (behind == 1)
			keep_word(word, ret->type, sizeof(ret->type));
		else if (behind == 3) {
			size_t n_options = strlen(ret->options);
			(void)snprintf(
			    ret->options + n_options, sizeof(ret->options) - n_options, ",%.*s", EG_FMT(word));
			return;
		}
		behind += behind > 0 || (n > 5 && eg_bytes_is(word, "-"));
	}
}

void
eg_fs_mount(int fd, struct eg_fs_mount *ret)
{
	struct statx sx;
	uint64_t want = 0, id;
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	*ret = (struct eg_fs_mount){ "", "", "" };
	FILE *table = mount_id(fd, &want, &sx) && want != 0 ? fopen("/proc/self/mountinfo", "re") : NULL;
	while (table != NULL && (n = getline(&line, &size, table)) > 0) {
		struct eg_bytes rest = eg_bytes(line, (size_t)n - (line[n - 1] == '\n')), word;
		struct eg_bytes whole = rest;
		if (eg_bytes_cut(&rest, ' ', &word) && eg_bytes_to_u64(word, &id) && id == want)
			read_line(whole, ret);
	}
	free(line);
	if (table != NULL)
		(void)fclose(table);
}
