/* SPDX-License-Identifier: MIT
 *
 * The zips of our own bundles read: exactly the form that zip_out writes, byte for byte of its headers, and nothing else, so that there is one reading of a bundle only. Refuses
 * overlaps, gaps, other flags, other times, names out of order and checksums that are wrong. Fails otherwise only as the disk does, or for memory.
 */
#include "spool/zip_in.h"

#include "base/fs.h"
#include "spool/spool_int.h"

#include <zlib.h>

#define PIECE_BYTES ((size_t)256 << 10)
#define LOCAL_BYTES 30U
#define CENTRAL_BYTES 46U
#define END_BYTES 22U

static int
bad_zip(struct eg_err *err, const char *what)
{
	return eg_fail(err, EG_BADFILE, "BUNDLE-ZIP", "The zip is not as it was written: %s.", what);
}

static uint32_t
get16(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t
get32(const unsigned char *p)
{
	return get16(p) | get16(p + 2) << 16;
}

void
zip_in_close(struct zip_in *z)
{
	eg_fd_done(&z->fd);
	eg_buf_done(&z->directory);
	free(z->entry);
	z->entry = NULL;
}

/* ---- structure ---- */

static int
read_exact(const struct zip_in *z, void *p, size_t n, uint64_t off, struct eg_err *err)
{
	size_t got = 0;
	int rc = off > z->len || n > z->len - off ? EG_OK : spool_pread(z->fd, p, n, off, &got, err);
	if (rc < 0) {
		return rc;
	}
	return got == n ? EG_OK : bad_zip(err, "it is cut, or a size in it is wrong");
}

static int
read_directory(struct zip_in *z, struct eg_err *err)
{
	unsigned char end[END_BYTES];
	static const unsigned char signature[8] = { 'P', 'K', 5, 6, 0, 0, 0, 0 };
	if (z->len < END_BYTES) {
		return bad_zip(err, "it is cut");
	}
	int rc = read_exact(z, end, sizeof(end), z->len - END_BYTES, err);
	if (rc < 0) {
		return rc;
	}
	uint64_t size = get32(end + 12), at = get32(end + 16);
	if (memcmp(end, signature, sizeof(signature)) != 0 || get16(end + 20) != 0 ||
	    get16(end + 8) != get16(end + 10) || at + size + END_BYTES != z->len) {
		return bad_zip(err, "its end record is damaged, or the file is cut");
	}
	z->n = get16(end + 8);
	unsigned char *p = eg_xalloc((size_t)size + 1);
	rc = read_exact(z, p, (size_t)size, at, err);
	if (rc >= 0) {
		eg_buf_add(&z->directory, eg_bytes(p, (size_t)size));
	}
	free(p);
	return rc;
}

static int
parse_entry(struct zip_in *z, struct eg_bytes *rest, struct zip_entry *ret, uint64_t *offset, struct eg_err *err)
{
	const unsigned char *p = rest->ptr;
	if (rest->len < CENTRAL_BYTES || get32(p) != 0x02014b50 || rest->len - CENTRAL_BYTES < get16(p + 28)) {
		return bad_zip(err, "its directory is damaged");
	}
	struct eg_bytes name = eg_bytes_sub(*rest, CENTRAL_BYTES, get16(p + 28));
	*offset = get32(p + 42);
	*ret = (struct zip_entry){
		.method = (uint16_t)get16(p + 10), .crc = get32(p + 16), .packed = get32(p + 20), .size = get32(p + 24)
	};
	/* made on Unix 2.0, needs 2.0, no flags; 1980-01-01; no extra field, comment, disk or internal attributes; 0644 */
	static const unsigned char lead[] = { 0x14, 3, 20, 0, 0, 0 }, when[] = { 0, 0, 0x21, 0 };
	static const unsigned char tail[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xa4, 0x81 };
	if (memcmp(p + 4, lead, sizeof(lead)) != 0 || memcmp(p + 12, when, sizeof(when)) != 0 ||
	    memcmp(p + 30, tail, sizeof(tail)) != 0 || (ret->method != 0 && ret->method != 8) ||
	    (ret->method == 0 && ret->packed != ret->size)) {
		return bad_zip(err, "an entry has a form we never write");
	}
	if (!eg_bytes_starts(name, z->id) || name.len <= z->id.len + 1 || name.ptr[z->id.len] != '/') {
		return bad_zip(err, "an entry stands outside its own folder");
	}
	ret->name = eg_bytes_sub(name, z->id.len + 1, name.len);
	*rest = eg_bytes_sub(*rest, CENTRAL_BYTES + name.len, rest->len);
	return EG_OK;
}

/* The local header must say the same as the directory, and entries must lie end to end from offset 0. */
static int
check_local(struct zip_in *z, struct zip_entry *e, const unsigned char *central, uint64_t offset, uint64_t *next,
    struct eg_err *err)
{
	unsigned char local[LOCAL_BYTES];
	size_t full = z->id.len + 1 + e->name.len;
	if (offset != *next) {
		return bad_zip(err, "its entries do not lie end to end");
	}
	int rc = read_exact(z, local, sizeof(local), offset, err);
	if (rc < 0) {
		return rc;
	}
	/* From "version needed" to "extra length" both headers have the same fields. */
	if (get32(local) != 0x04034b50 || memcmp(local + 4, central + 6, 26) != 0) {
		return bad_zip(err, "an entry and the directory disagree");
	}
	unsigned char *name = eg_xalloc(full);
	rc = read_exact(z, name, full, offset + LOCAL_BYTES, err);
	if (rc >= 0 && memcmp(name, central + CENTRAL_BYTES, full) != 0) {
		rc = bad_zip(err, "an entry and the directory disagree on its name");
	}
	free(name);
	e->data = offset + LOCAL_BYTES + full;
	*next = e->data + e->packed;
	return rc;
}

static int
parse_directory(struct zip_in *z, struct eg_err *err)
{
	struct eg_bytes rest = eg_buf_view(&z->directory);
	uint64_t next = 0, offset = 0;
	int rc = EG_OK;
	z->entry = eg_xalloc((z->n + 1) * sizeof(*z->entry));
	for (size_t i = 0; rc >= 0 && i < z->n; i++) {
		const unsigned char *central = rest.ptr;
		rc = parse_entry(z, &rest, &z->entry[i], &offset, err);
		if (rc >= 0 && i > 0 && eg_bytes_cmp(z->entry[i - 1].name, z->entry[i].name) >= 0) {
			rc = bad_zip(err, "its entries are not in order");
		}
		if (rc >= 0) {
			rc = check_local(z, &z->entry[i], central, offset, &next, err);
		}
	}
	if (rc >= 0 && (rest.len != 0 || next + z->directory.len + END_BYTES != z->len)) {
		rc = bad_zip(err, "bytes lie in it that belong to no entry");
	}
	return rc;
}

int
zip_in_open(struct zip_in *z, int fd, uint64_t len, struct eg_bytes folder, struct eg_err *err)
{
	z->fd = fd;
	z->len = len;
	z->id = folder;
	int rc = read_directory(z, err);
	z->found = rc >= 0;
	return rc < 0 ? rc : parse_directory(z, err);
}

/* ---- content ---- */

struct reading {
	const struct zip_in *z;
	const struct zip_entry *e;
	int (*each)(void *ctx, struct eg_bytes v, struct eg_err *err);
	void *ctx;
	uint32_t crc;
	uint64_t size;
};

static int
take_piece(struct reading *r, struct eg_bytes v, struct eg_err *err)
{
	r->size += v.len;
	if (r->size > r->e->size) {
		return bad_zip(err, "an entry is longer than it says");
	}
	if (v.len == 0) {
		return EG_OK;
	}
	r->crc = (uint32_t)crc32(r->crc, v.ptr, (uInt)v.len);
	return r->each(r->ctx, v, err);
}

static int
unpack_piece(struct reading *r, z_stream *zs, int *state, struct eg_bytes in, unsigned char *out, struct eg_err *err)
{
	zs->next_in = (z_const Bytef *)(uintptr_t)in.ptr;
	zs->avail_in = (uInt)in.len;
	do {
		zs->next_out = out;
		zs->avail_out = (uInt)PIECE_BYTES;
		*state = inflate(zs, Z_NO_FLUSH);
		if (*state != Z_OK && *state != Z_STREAM_END && *state != Z_BUF_ERROR) {
			return bad_zip(err, "an entry cannot be unpacked");
		}
		int rc = take_piece(r, eg_bytes(out, PIECE_BYTES - zs->avail_out), err);
		if (rc < 0) {
			return rc;
		}
	} while (*state == Z_OK && zs->avail_out == 0);
	return *state == Z_STREAM_END && zs->avail_in != 0 ? bad_zip(err, "bytes follow the end of an entry") : EG_OK;
}

static int
read_packed(struct reading *r, unsigned char *in, unsigned char *out, struct eg_err *err)
{
	z_stream zs = { 0 };
	int state = Z_OK, rc = EG_OK;
	bool packed = r->e->method == 8;
	if (packed && inflateInit2(&zs, -MAX_WBITS) != Z_OK) {
		return eg_fail(err, EG_RETRY, "MEMORY", "No memory for unpacking a bundle.");
	}
	for (uint64_t off = 0; rc >= 0 && off < r->e->packed;) {
		size_t n = r->e->packed - off < PIECE_BYTES ? (size_t)(r->e->packed - off) : PIECE_BYTES;
		rc = read_exact(r->z, in, n, r->e->data + off, err);
		if (rc >= 0 && packed) {
			rc = state == Z_STREAM_END ? bad_zip(err, "bytes follow the end of an entry") :
			                             unpack_piece(r, &zs, &state, eg_bytes(in, n), out, err);
		} else if (rc >= 0) {
			rc = take_piece(r, eg_bytes(in, n), err);
		}
		off += n;
	}
	if (packed) {
		(void)inflateEnd(&zs);
	}
	return rc >= 0 && packed && state != Z_STREAM_END ? bad_zip(err, "an entry is cut") : rc;
}

int
zip_in_read(const struct zip_in *z, const struct zip_entry *e,
    int (*each)(void *ctx, struct eg_bytes v, struct eg_err *err), void *ctx, struct eg_err *err)
{
	struct reading r = { z, e, each, ctx, (uint32_t)crc32(0, NULL, 0), 0 };
	unsigned char *mem = eg_xalloc(2 * PIECE_BYTES);
	int rc = read_packed(&r, mem, mem + PIECE_BYTES, err);
	free(mem);
	if (rc >= 0 && (r.size != e->size || r.crc != e->crc)) {
		rc = bad_zip(err, "the size or checksum of an entry is wrong");
	}
	return rc;
}

const struct zip_entry *
zip_in_find(const struct zip_in *z, struct eg_bytes name)
{
	if (eg_bytes_starts(name, z->id) && name.len > z->id.len && name.ptr[z->id.len] == '/') {
		name = eg_bytes_sub(name, z->id.len + 1, name.len);
	}
	for (size_t i = 0; i < z->n; i++) {
		if (eg_bytes_eq(z->entry[i].name, name)) {
			return &z->entry[i];
		}
	}
	return NULL;
}

int
zip_in_to_buf(void *ctx, struct eg_bytes v, struct eg_err *err)
{
	struct eg_buf *b = ctx;
	eg_buf_add(b, v);
	return b->full ? eg_fail(err, EG_BADFILE, "TOO-BIG", "A file of the bundle does not fit into memory.") : EG_OK;
}
