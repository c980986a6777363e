/* SPDX-License-Identifier: MIT
 *
 * What the rooms of the zip check share. Private to formats/zip_check.c, zip_end.c and zip_member.c.
 * Every function returns EG_OK, EG_BADFILE with the fault (F-03, LIMIT-…), or what in->pread returned.
 */
#ifndef FORMATS_ZIP_INT_H
#define FORMATS_ZIP_INT_H

#include "formats/container_int.h"

#define ZIP_END_LEN 22U
#define ZIP_LOCAL_LEN 30U
#define ZIP_CENTRAL_LEN 46U
#define ZIP_NONE32 0xFFFFFFFFU /* the value stands in a Zip64 field */

struct zip_check {
	const struct fmt_random *in;
	struct eg_err *err;
	unsigned char *scratch; /* name and extra fields of a local header */
};

struct zip_end {
	uint64_t n, dir_at, dir_len; /* members; the directory */
};

static inline uint16_t
zip_get16(const unsigned char *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t
zip_get32(const unsigned char *p)
{
	return (uint32_t)zip_get16(p) | (uint32_t)zip_get16(p + 2) << 16;
}

static inline uint64_t
zip_get64(const unsigned char *p)
{
	return (uint64_t)zip_get32(p) | (uint64_t)zip_get32(p + 4) << 32;
}

/* ---- zip_check.c ---- */

/* Refuse the archive, or a member of it: `what` completes "The archive is damaged: …", "Member … of the archive …". */
int zip_damaged(struct zip_check *c, const char *what);
int zip_bad_member(struct zip_check *c, const struct fmt_zip_member *m, const char *what);
/* All of the n bytes at off. */
int zip_read_at(struct zip_check *c, uint64_t off, unsigned char *buf, size_t n) EG_MUSTCHECK;

/* ---- zip_end.c ---- */

/* Where the directory stands: 1 to EG_LIMIT_MEMBERS members, a possible length. */
int zip_read_end(struct zip_check *c, struct zip_end *e) EG_MUSTCHECK;

/* ---- zip_member.c ---- */

/* One record of the directory; *rest moves behind it. The name views into it. */
int zip_read_central(struct zip_check *c, struct eg_bytes *rest, struct fmt_zip_member *m) EG_MUSTCHECK;
/* The header in front of a member against its record in the directory, and that the member fills the file up to `next`. */
int zip_check_local(struct zip_check *c, struct fmt_zip_member *m, const unsigned char *central, uint64_t next)
    EG_MUSTCHECK;

#endif
