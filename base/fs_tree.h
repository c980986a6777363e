/* SPDX-License-Identifier: MIT
 *
 * Whole folders: copied for tests that must begin from the same state again and again, and walked. Nothing here is synced: never for what must survive.
 */
#ifndef BASE_FS_TREE_H
#define BASE_FS_TREE_H

#include "base/err.h"

/* Copies folder `from` to the new folder `to`: plain files, folders and their modes; anything else is left out. EG_FATAL "EXISTS", "NO-READ", "NO-WRITE", "DISK-…". */
int eg_fs_copy_tree(int from_dir, const char *from, int to_dir, const char *to, struct eg_err *err) EG_MUSTCHECK;
/* Every plain file below a folder, bytewise by name within each folder; path is relative to it, dir and name open it. The callback's rc < 0 ends the walk. An absent folder is empty. */
int eg_fs_walk(int dirfd, const char *folder,
    int (*each)(void *ctx, int dir, const char *name, const char *path, struct eg_err *err), void *ctx,
    struct eg_err *err) EG_MUSTCHECK;

#endif
