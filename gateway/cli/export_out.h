/* SPDX-License-Identifier: MIT
 *
 * Where an export goes: a folder, or one zip of the same files below one folder. What is put is noted for SHA256SUMS.
 */
#ifndef GATEWAY_CLI_EXPORT_OUT_H
#define GATEWAY_CLI_EXPORT_OUT_H

#include "base/fs.h"
#include "spool/zip_out.h"

struct export_out {
	int dir; /* the folder, or that of the zip */
	bool zip;
	char *top; /* folder in the zip: "north-2026-03-01-2026-03-31" */
	char *name; /* of the zip */
	struct eg_fs_out file;
	struct zip_out z;
	struct eg_buf sums; /* as sha256sum writes them */
};
#define EXPORT_OUT_INIT                                                \
	{                                                              \
		.dir = -1, .file = EG_FS_OUT_INIT, .sums = EG_BUF_INIT \
	}

/* path: FILE.zip, else a folder that is made and must be empty. top is copied. EG_BADREC "EXISTS". */
int export_open(struct export_out *o, const char *path, const char *top, struct eg_err *err) EG_MUSTCHECK;
/* name: "bundles/2026/11/A000450.zip"; parts of [A-Za-z0-9._-]. EG_BADFILE "BUNDLE-BIG" for a zip of 4 GiB: choose a folder. */
int export_put(struct export_out *o, const char *name, struct eg_bytes v, struct eg_err *err) EG_MUSTCHECK;
/* A file of the archive as it is. */
int export_copy(struct export_out *o, const char *name, int dirfd, const char *from, struct eg_err *err) EG_MUSTCHECK;
int export_end(struct export_out *o, struct eg_err *err) EG_MUSTCHECK;
void export_done(struct export_out *o); /* empty-safe */

#endif
