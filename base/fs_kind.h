/* SPDX-License-Identifier: MIT
 *
 * What kind of file system something stands on, by the number that statfs gives and the word that the mount table has. Two questions depend on it: are events told
 * (not of what another machine does), and can a synced file be relied on (not where another machine, or an unknown program, keeps it).
 */
#ifndef BASE_FS_KIND_H
#define BASE_FS_KIND_H

#include "base/bytes.h"
#include "base/err.h"

#include <stdint.h>

struct eg_fs_kind {
	char name[48]; /* "ext4", "NFS", "FUSE (sshfs)"; "unknown (0x1234)" */
	bool remote; /* another machine has the files, or a program of which nobody knows where it keeps them */
};

/* From the numbers alone. mount_type: third word of the mount table's second half ("ext4", "fuse.sshfs"), "" = not known. */
void eg_fs_kind_of(uint64_t magic, const char *mount_type, struct eg_fs_kind *ret);
/* Of what fd stands on. EG_FATAL "SPOOL-FS" when the file system does not answer. */
int eg_fs_kind(int fd, struct eg_fs_kind *ret, struct eg_err *err) EG_MUSTCHECK;

struct eg_fs_mount {
	char point[256], type[48]; /* as the mount table has them, cut when longer; all "" when it does not tell */
	char options[256]; /* of the mount, then of the file system */
};
/* The mount that fd is on. What cannot be read stays empty. */
void eg_fs_mount(int fd, struct eg_fs_mount *ret);
/* Are both on one mount, so that a file can be renamed between them? What cannot be asked is no. */
bool eg_fs_same_mount(int fd_a, int fd_b);

#endif
