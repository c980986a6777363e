/* SPDX-License-Identifier: MIT
 *
 * What the container readers share. Private to formats/container.c, zip*.c and gzip.c.
 */
#ifndef FORMATS_CONTAINER_INT_H
#define FORMATS_CONTAINER_INT_H

#include "base/bytes.h"
#include "formats/container.h"

/* Name of the archive format that these first bytes (ten are enough) belong to, or NULL. */
const char *fmt_archive_named(struct eg_bytes head);

/* 1203 -> "1,203", for messages. Returns ret. */
#define FMT_GROUPED 28
const char *fmt_grouped(char ret[FMT_GROUPED], uint64_t n);

/* ---- zip_name.c ---- */

/* What is wrong with a name ("has a …"), or NULL: empty, longer than EG_LIMIT_NAME, not UTF-8,
 * absolute, with a drive, with `.`, `..` or empty parts, with backslashes or control characters. */
const char *fmt_zip_bad_name(struct eg_bytes name);
/* What macOS adds to every archive: __MACOSX/ and files that begin with ._ */
bool fmt_zip_mac_leftover(struct eg_bytes name);
/* The name as file systems compare them that know no case: composed (NFC), every letter folded, characters that nobody sees left out. Allocated; ptr NULL, len 0
 * for a name that is not UTF-8. */
struct eg_bytes fmt_zip_fold(struct eg_bytes name);
/* For qsort over struct eg_bytes: by name, ASCII letters without case. */
int fmt_zip_by_folded_name(const void *left, const void *right);

/* ---- zip_check.c ---- */

#define FLAG_SIZES_BEHIND 0x0008U /* lengths and CRC follow the data */
#define FLAG_UTF8_NAME 0x0800U /* the name is UTF-8; without it, readers guess */

struct fmt_zip_member {
	struct eg_bytes name; /* without a folder's trailing slash */
	uint64_t at; /* of its local header */
	uint64_t packed, size;
	uint32_t crc;
	uint16_t method, flags;
	bool folder;
	bool zip64, comment; /* has such a field; a comment of its own */
	bool skip; /* macOS leftovers: __MACOSX/ and ._ files */
};

struct fmt_zip_dir {
	struct fmt_zip_member *members; /* in the order of the file */
	size_t n;
	unsigned char *bytes; /* the directory as it stands in the file; names point into it */
};

/* Reads and checks the directory and every local header against it: exactly one reading of the file must be possible.
 * EG_BADFILE as in container.h; errors of in->pread are passed through. */
int fmt_zip_check(const struct fmt_random *in, struct fmt_zip_dir *ret, struct eg_err *err) EG_MUSTCHECK;
void fmt_zip_dir_done(struct fmt_zip_dir *d);

#endif
