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
/* The same in a folder below dirfd ("" = dirfd itself), at most 40 bytes of path: for eg_fs_group_park only, which gives it a name in that folder. */
int eg_fs_out_open_in(struct eg_fs_out *o, int dirfd, const char *folder, mode_t mode, struct eg_err *err) EG_MUSTCHECK;
int eg_fs_out_write(struct eg_fs_out *o, struct eg_bytes v, struct eg_err *err) EG_MUSTCHECK;
/* replace = false: an existing name is EG_FATAL "EXISTS" and the temp file stays for eg_fs_out_abort. */
int eg_fs_out_commit(struct eg_fs_out *o, const char *name, bool replace, struct eg_err *err) EG_MUSTCHECK;
/* _commit without the sync of the folder, for files that stand there together: the name is promised only after the caller's eg_fs_sync_dir, the bytes that it names always. */
int eg_fs_out_name(struct eg_fs_out *o, const char *name, bool replace, struct eg_err *err) EG_MUSTCHECK;
void eg_fs_out_abort(struct eg_fs_out *o); /* empty-safe; removes the temp file */
/* Open, write, commit for bytes in memory; and with _name for commit. */
int eg_fs_write_file(int dirfd, const char *name, struct eg_bytes v, mode_t mode, bool replace, struct eg_err *err)
    EG_MUSTCHECK;
int eg_fs_write_named(int dirfd, const char *name, struct eg_bytes v, mode_t mode, bool replace, struct eg_err *err)
    EG_MUSTCHECK;
int eg_fs_sweep_temps(int dirfd, struct eg_err *err) EG_MUSTCHECK;
/* Removes the files whose names begin so: temporary files of a library that a crash left behind. */
int eg_fs_sweep(int dirfd, const char *prefix, struct eg_err *err) EG_MUSTCHECK;

/* Same size and times: nobody has written to it between the two looks. */
bool eg_fs_same(const struct stat *a, const struct stat *b);
/* All of src_fd into an open new file, hashed on the way, not committed. Errors as of eg_fs_copy_hashed. */
int eg_fs_out_copy(struct eg_fs_out *o, int src_fd, uint64_t max, unsigned char ret_sha[EG_SHA256_LEN],
    uint64_t *ret_size, struct eg_err *err) EG_MUSTCHECK;
/* Copies all of src_fd (from its start) into a new file, hashing on the way. Holes are read as zeros; more than `max`
 * bytes is EG_BADFILE "TOO-BIG". The source's size, mtime and ctime must be the same before and after, else EG_RETRY "CHANGED". */
int eg_fs_copy_hashed(int src_fd, int dirfd, const char *name, uint64_t max, unsigned char ret_sha[EG_SHA256_LEN],
    uint64_t *ret_size, struct eg_err *err) EG_MUSTCHECK;

/* renameat2(RENAME_NOREPLACE), then fsync of both directories (target first). EEXIST: EG_FATAL "EXISTS"; ENOENT: EG_RETRY "GONE". */
int eg_fs_rename_new(int from_dir, const char *from, int to_dir, const char *to, struct eg_err *err) EG_MUSTCHECK;
/* The same within one folder that may be another machine's: where RENAME_NOREPLACE is not known, the name is looked at and then renamed, so `to` must be a name
 * that nobody else makes. A folder that cannot be synced (some servers) is no error: the server keeps its own promises. */
int eg_fs_rename_aside(int dirfd, const char *from, const char *to, struct eg_err *err) EG_MUSTCHECK;
int eg_fs_unlink(int dirfd, const char *name, struct eg_err *err) EG_MUSTCHECK; /* ENOENT is fine */
int eg_fs_rmtree(int dirfd, const char *name, struct eg_err *err)
    EG_MUSTCHECK; /* files and folders below, no links followed */
/* Opens a small file to read and write in place, made if needed (0600), never synced: for what is of no use after a power cut. "DISK-…", "NO-WRITE". */
int eg_fs_note_open(int dirfd, const char *name, int *ret_fd, struct eg_err *err) EG_MUSTCHECK;
int eg_fs_sync_dir(int dirfd, struct eg_err *err) EG_MUSTCHECK;
/* What cannot be looked at counts as there: the call that needs it then says why. */
bool eg_fs_exists(int dirfd, const char *name);

/* ---- many small files, few syncs (fs_group.c) ----
 *
 * Between two calls of eg_fs_group_sync nothing of a group is promised: what is made, moved and written may be there after a power cut or not, in any combination. So the
 * caller's order must hold with every one of them missing, and what depends on a step comes after the sync behind it. A process that is killed leaves what it did in order.
 *
 * Where syncfs tells of every failed write (Linux 5.8 and later: since then it returns errors that came up after the descriptor was opened; before, it only waited), one call makes
 * the group durable. Elsewhere each call of the group syncs what it did at once, as the functions above do, and eg_fs_group_sync has nothing left to do.
 * A failed sync is final for all of the group: every later call on it fails in the same way, the parked files go with eg_fs_group_done, and the caller begins anew from the originals. */
struct eg_fs_group {
	int fs; /* opened before the first write: it knows of errors from then on */
	bool whole; /* syncfs can be relied on */
	bool failed;
	struct eg_fs_parked *parked;
	size_t n, cap;
};
#define EG_FS_GROUP_INIT                     \
	{                                    \
		-1, false, false, NULL, 0, 0 \
	}
/* dirfd: any folder of the file system that all of the group is on. */
int eg_fs_group_open(struct eg_fs_group *g, int dirfd, struct eg_err *err) EG_MUSTCHECK;
/* A new folder, path relative to dirfd. It is there: EG_FATAL "EXISTS". */
int eg_fs_group_mkdir(struct eg_fs_group *g, int dirfd, const char *path, mode_t mode, struct eg_err *err) EG_MUSTCHECK;
/* A new small file under its own name at once, mode 0600: only for a place where nobody looks for it before a later step, which comes after the next sync. */
int eg_fs_group_note(struct eg_fs_group *g, int dirfd, const char *path, struct eg_bytes v, struct eg_err *err)
    EG_MUSTCHECK;
/* As eg_fs_rename_new, the syncs left to the group. */
int eg_fs_group_move(
    struct eg_fs_group *g, int from_dir, const char *from, int to_dir, const char *to, struct eg_err *err) EG_MUSTCHECK;
/* A written file waits for the next sync, which gives it its name (relative to o->dirfd, which stays open until then), replacing what has it. */
int eg_fs_group_park(struct eg_fs_group *g, struct eg_fs_out *o, const char *name, struct eg_err *err) EG_MUSTCHECK;
/* Syncs; gives the parked files their names, in order; syncs again if there were any. */
int eg_fs_group_sync(struct eg_fs_group *g, struct eg_err *err) EG_MUSTCHECK;
void eg_fs_group_done(struct eg_fs_group *g); /* empty-safe; removes what is still parked */
/* The two without their syncs, which the caller owes before anything may depend on them: one for the folder in which many are moved or removed. */
int eg_fs_rename_unsynced(int from_dir, const char *from, int to_dir, const char *to, struct eg_err *err) EG_MUSTCHECK;
int eg_fs_rmtree_unsynced(int dirfd, const char *name, struct eg_err *err) EG_MUSTCHECK;

/* Names in a directory in bytewise order, "." and ".." left out. The callback's rc < 0 ends the walk and is returned. */
int eg_fs_list(int dirfd, int (*each)(void *ctx, const char *name, struct eg_err *err), void *ctx, struct eg_err *err)
    EG_MUSTCHECK;
/* flock(LOCK_EX|LOCK_NB) on a file made if needed; held until the descriptor is closed, also by kill -9. Held elsewhere: EG_RETRY "LOCKED", and err->field says by whom:
 * "erpgate watch, process 4711, since 2026-11-21T10:00:00Z", or is empty when the holder did not say. */
int eg_fs_lock(int dirfd, const char *name, int *ret_fd, struct eg_err *err) EG_MUSTCHECK;
/* The command that this process carries out ("watch"), for the notes in locks that it takes from now on. Copied, cut at 20 bytes. */
void eg_fs_lock_as(const char *command);
int eg_fs_free(int dirfd, uint64_t *ret_bytes, uint64_t *ret_inodes, struct eg_err *err) EG_MUSTCHECK;

/* A file without a name, for what does not fit into memory: gone when it is closed. In the folder, or in memory where the folder cannot be written or has no such files
 * (fs_temp.c). Not durable. */
int eg_fs_temp(int dirfd, int *ret_fd, struct eg_err *err) EG_MUSTCHECK;

/* Closes and sets -1; for descriptors that were only read. */
void eg_fd_done(int *fd);

#endif
