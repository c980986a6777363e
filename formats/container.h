/* SPDX-License-Identifier: MIT
 *
 * Containers, known by their magic bytes: zip, xlsx (a zip with [Content_Types].xml), gzip, else plain. libarchive reads zips (seekable,
 * stored and deflate only), zlib reads gzip. Entry names are labels, never paths.
 *
 * EG_BADFILE codes: F-03 truncated, damaged, nested, encrypted, link or device entries, unsafe or repeated member names, size lies;
 * LIMIT-MEMBERS, LIMIT-BYTES, LIMIT-RATIO (base/limits.h).
 */
#ifndef FORMATS_CONTAINER_H
#define FORMATS_CONTAINER_H

#include "formats/src.h"

enum fmt_container {
	FMT_PLAIN = 0,
	FMT_ZIP,
	FMT_XLSX,
	FMT_GZIP,
	FMT_OLE, /* a workbook of the old kind (.xls), or one behind a password: never read */
};

/* From the first bytes (at least 4 when the file has them); FMT_XLSX is never the answer here: a zip tells only when opened. */
enum fmt_container fmt_container_of(struct eg_bytes head);

/* A zip needs random access: positioned reads from the caller. size = whole bytes. */
struct fmt_random {
	int (*pread)(void *ctx, uint64_t off, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err);
	void *ctx;
	uint64_t size;
};

/* Loads all that libarchive and the C library load late (time zone, name conversion) and sets the environment variable TZ
 * to UTC0 for this process. Call it once before the process is confined. Not thread-safe. */
void fmt_zip_init(void);

struct fmt_zip;
/* Checks the whole structure before any member is given: end record last, no archive comment, one disk, members without
 * gaps from the first byte on and in the directory's order, directory and local headers equal, names unique (ASCII case
 * folded) and safe, only ordinary files and folders, stored or deflated. Taken as streaming senders write it: lengths and
 * CRC behind the data, Zip64 fields when consistent. An archive without members is F-03. */
int fmt_zip_open(struct fmt_random in, struct fmt_zip **ret, struct eg_err *err) EG_MUSTCHECK;
bool fmt_zip_is_xlsx(const struct fmt_zip *z);
enum fmt_zip_profile {
	FMT_ZIP_TOLERANT = 0, /* what fmt_zip_open takes */
	FMT_ZIP_STRICT, /* only the plainest form: no lengths behind the data, no Zip64, no comments of members, no names of a guessed encoding, nothing of macOS */
};
/* Is the opened archive of that profile? EG_BADFILE F-03 names the member and what it has. */
int fmt_zip_fits(const struct fmt_zip *z, enum fmt_zip_profile p, struct eg_err *err) EG_MUSTCHECK;
/* The next member (skipped: folders, and what macOS adds, __MACOSX/ and files that begin with ._): its name (valid UTF-8, lives until the next call) and a source over its unpacked bytes, valid until
 * the next call. EG_EOF at the end. A member that begins with an archive magic is EG_BADFILE F-03 (nested). The member must have been read to
 * its end without error before its data counts. */
int fmt_zip_next(struct fmt_zip *z, struct eg_bytes *ret_name, struct fmt_src *ret_src, struct eg_err *err)
    EG_MUSTCHECK;
/* Is there a member of that name (ASCII letters without case)? Then *name becomes the name as it is written, which lives as long as z. */
bool fmt_zip_has(const struct fmt_zip *z, struct eg_bytes *name);
/* The member of that name (ASCII letters without case), wherever it stands, as _next would give it; those in between are not opened. _next
 * goes on behind it. EG_EOF when there is none. */
int fmt_zip_find(struct fmt_zip *z, struct eg_bytes name, struct fmt_src *ret_src, struct eg_err *err) EG_MUSTCHECK;
void fmt_zip_free(struct fmt_zip *z);

struct fmt_gzip;
/* One or more gzip members, unpacked as one stream; trailing bytes that are not gzip are F-03. */
int fmt_gzip_open(struct fmt_src in, struct fmt_gzip **ret, struct fmt_src *ret_src, struct eg_err *err) EG_MUSTCHECK;
void fmt_gzip_free(struct fmt_gzip *g);

#endif
