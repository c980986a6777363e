/* SPDX-License-Identifier: MIT
 *
 * Every durable file call of the program (lint forbids them elsewhere): here order is argued and faults are injected.
 * All paths are relative to a directory descriptor; nothing follows a symbolic link in its last part.
 *
 * Rules: a file is synced before its rename, the directory after it (both are needed: without the second the name is
 * lost in a power cut, without the first the bytes). A failed fsync or close is final for that file: it is never
 * retried. ENOSPC and EDQUOT come back as EG_RETRY "DISK-FULL", EIO and EROFS as EG_FATAL "DISK-ERROR".
 */
#ifndef BASE_FS_H
#define BASE_FS_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/hash.h"

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

/* A directory descriptor (O_DIRECTORY|O_CLOEXEC, symlinks followed in `path`: it is ours). dirfd may be AT_FDCWD. */
int eg_fs_opendir(int dirfd, const char *path, int *ret_fd, struct eg_err *err) EG_MUSTCHECK;
/* A folder; or a link to one that root or our own account made: an SFTP sender is locked into a tree of root's, so his folder may stand there. Nobody else can give a link their
 * name. */
bool eg_fs_own_folder(int dirfd, const char *name);
/* The same for a folder that others can reach: a link in its place is followed only as eg_fs_own_folder says. EG_BADFILE "NOT-FOLDER". */
int eg_fs_opendir_own(int dirfd, const char *name, int *ret_fd, struct eg_err *err) EG_MUSTCHECK;
/* mkdir and fsync of the parent; an existing directory is fine. `path` may have several parts: all are made. */
int eg_fs_mkdirs(int dirfd, const char *path, mode_t mode, struct eg_err *err) EG_MUSTCHECK;
/* Sets the mode of a folder of ours exactly, whatever the umask (mkdir cannot set the set-group bit), and syncs it. */
int eg_fs_chmod_dir(int dirfd, const char *path, mode_t mode, struct eg_err *err) EG_MUSTCHECK;
int eg_fs_mkdir_new(int dirfd, const char *name, mode_t mode, struct eg_err *err)
    EG_MUSTCHECK; /* EEXIST: EG_FATAL "EXISTS" */
/* Opens a file for reading: O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC, then fstat; anything but a regular file is EG_BADFILE "NOT-FILE". */
int eg_fs_open_file(int dirfd, const char *name, int *ret_fd, struct stat *ret_st, struct eg_err *err) EG_MUSTCHECK;
/* Whole content of a small file of ours, at most `max` bytes (more: EG_BADFILE "TOO-BIG"); buffer is appended to. */
struct eg_buf;
int eg_fs_read_file(int dirfd, const char *name, size_t max, struct eg_buf *ret, struct eg_err *err) EG_MUSTCHECK;

/* A new file that is not there until _commit: temp name, written, fsync, close, rename onto `name`, fsync directory. */
struct eg_fs_out {
	int dirfd, fd; /* fd -1 = not open */
	char temp[80];
	mode_t mode;
};
#define EG_FS_OUT_INIT        \
	{                     \
		-1, -1, "", 0 \
	}
/* `mode` is set at the commit, whatever the umask; until then only we can read the file. After a failed write: _abort.
 * Temp names begin with ".tmp-" and a counter; leftovers of a crash are found by eg_fs_sweep_temps. */
int eg_fs_out_open(struct eg_fs_out *o, int dirfd, mode_t mode, struct eg_err *err) EG_MUSTCHECK;
int eg_fs_out_write(struct eg_fs_out *o, struct eg_bytes v, struct eg_err *err) EG_MUSTCHECK;
/* replace = false: an existing name is EG_FATAL "EXISTS" and the temp file stays for eg_fs_out_abort. */
int eg_fs_out_commit(struct eg_fs_out *o, const char *name, bool replace, struct eg_err *err) EG_MUSTCHECK;
void eg_fs_out_abort(struct eg_fs_out *o); /* empty-safe; removes the temp file */
/* The three above for bytes in memory. */
int eg_fs_write_file(int dirfd, const char *name, struct eg_bytes v, mode_t mode, bool replace, struct eg_err *err)
    EG_MUSTCHECK;
int eg_fs_sweep_temps(int dirfd, struct eg_err *err) EG_MUSTCHECK;

/* Copies all of src_fd (from its start) into a new file, hashing on the way. Holes are read as zeros; more than `max`
 * bytes is EG_BADFILE "TOO-BIG". The source's size, mtime and ctime must be the same before and after, else EG_RETRY "CHANGED". */
int eg_fs_copy_hashed(int src_fd, int dirfd, const char *name, uint64_t max, unsigned char ret_sha[EG_SHA256_LEN],
    uint64_t *ret_size, struct eg_err *err) EG_MUSTCHECK;

/* renameat2(RENAME_NOREPLACE), then fsync of both directories (target first). EEXIST: EG_FATAL "EXISTS"; ENOENT: EG_RETRY "GONE". */
int eg_fs_rename_new(int from_dir, const char *from, int to_dir, const char *to, struct eg_err *err) EG_MUSTCHECK;
int eg_fs_unlink(int dirfd, const char *name, struct eg_err *err) EG_MUSTCHECK; /* ENOENT is fine */
int eg_fs_rmtree(int dirfd, const char *name, struct eg_err *err)
    EG_MUSTCHECK; /* files and folders below, no links followed */
int eg_fs_sync_dir(int dirfd, struct eg_err *err) EG_MUSTCHECK;
/* What cannot be looked at counts as there: the call that needs it then says why. */
bool eg_fs_exists(int dirfd, const char *name);
/* Names in a directory in bytewise order, "." and ".." left out. The callback's rc < 0 ends the walk and is returned. */
int eg_fs_list(int dirfd, int (*each)(void *ctx, const char *name, struct eg_err *err), void *ctx, struct eg_err *err)
    EG_MUSTCHECK;
/* flock(LOCK_EX|LOCK_NB) on a file made if needed; held until the descriptor is closed, also by kill -9. Held elsewhere: EG_RETRY "LOCKED", and err->field says by whom:
 * "erpgate watch, process 4711, since 2026-11-21T10:00:00Z", or is empty when the holder did not say. */
int eg_fs_lock(int dirfd, const char *name, int *ret_fd, struct eg_err *err) EG_MUSTCHECK;
/* The command that this process carries out ("watch"), for the notes in locks that it takes from now on. Copied, cut at 20 bytes. */
void eg_fs_lock_as(const char *command);
int eg_fs_free(int dirfd, uint64_t *ret_bytes, uint64_t *ret_inodes, struct eg_err *err) EG_MUSTCHECK;

/* Closes and sets -1; for descriptors that were only read. */
void eg_fd_done(int *fd);

#endif
