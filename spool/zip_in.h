/* SPDX-License-Identifier: MIT
 *
 * Reading what zip_out wrote. Everything about the zip is checked when it is opened; a member's size and checksum when it is read. What is not as it was written is
 * EG_BADFILE "BUNDLE-ZIP" with a sentence. For the files of spool/ that read bundles; not for others.
 */
#ifndef SPOOL_ZIP_IN_H
#define SPOOL_ZIP_IN_H

#include "base/buf.h"
#include "base/err.h"

struct zip_entry {
	struct eg_bytes name; /* without "<id>/"; view of the directory */
	uint16_t method;
	uint32_t crc, packed, size;
	uint64_t data; /* offset of the packed bytes */
};

struct zip_in {
	int fd;
	uint64_t len;
	struct eg_bytes id; /* the one folder that all members stand in */
	struct eg_buf directory;
	struct zip_entry *entry; /* n, bytewise by name */
	size_t n;
	bool found; /* its directory lies where its end says */
};
#define ZIP_IN_INIT                                         \
	{                                                   \
		-1, 0, EG_NONE, EG_BUF_INIT, NULL, 0, false \
	}

/* Reads the directory of an open file of `len` bytes. The descriptor is z's from here on, also after a failure; `folder` is viewed as long as z is in use. */
int zip_in_open(struct zip_in *z, int fd, uint64_t len, struct eg_bytes folder, struct eg_err *err) EG_MUSTCHECK;
void zip_in_close(struct zip_in *z); /* empty-safe */
/* The member of this name, with or without "<id>/" before it; NULL = there is none. */
const struct zip_entry *zip_in_find(const struct zip_in *z, struct eg_bytes name);
/* A member's content in pieces. The callback's rc < 0 ends it and is returned; what is wrong with the size or checksum is known after the last piece only. */
int zip_in_read(const struct zip_in *z, const struct zip_entry *e,
    int (*each)(void *ctx, struct eg_bytes v, struct eg_err *err), void *ctx, struct eg_err *err) EG_MUSTCHECK;
/* Such a callback: appends to the struct eg_buf that is its ctx. EG_BADFILE "TOO-BIG" when that is full. */
int zip_in_to_buf(void *ctx, struct eg_bytes v, struct eg_err *err) EG_MUSTCHECK;

#endif
