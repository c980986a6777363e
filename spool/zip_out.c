/* SPDX-License-Identifier: MIT
 *
 * The zip writer. A local header carries the real sizes and CRC, so every member is packed before its header is
 * written: into memory as far as it fits, else once to measure and once to write.
 */
#include "spool/zip_out.h"

#include "spool/spool_int.h"

#include <zlib.h>

#define LEVEL 3 /* of zlib; another one gives other bytes for the same members */
#define GATHER_BYTES ((size_t)64 << 10)
#define HOLD_BYTES ((size_t)16 << 20) /* packed bytes of one member that are kept instead of packed again */
#define PIECE_BYTES ((size_t)256 << 10)
#define ZIP_LIMIT UINT64_C(0xfffffffe)
#define MEMBERS_MAX 65534U

enum {
	METHOD_STORED = 0,
	METHOD_DEFLATE = 8
};

/* Where a member's bytes come from: memory, or a descriptor when fd >= 0. */
struct member {
	const char *name;
	struct eg_bytes v;
	int fd;
	uint64_t size;
	unsigned char *piece; /* PIECE_BYTES, for descriptors */
	uint16_t method;
	uint32_t crc;
	uint64_t packed;
};

void
zip_out_init(struct zip_out *z, int (*write)(void *ctx, struct eg_bytes v, struct eg_err *err), void *ctx)
{
	*z = (struct zip_out){ .write = write, .ctx = ctx, .pending = EG_BUF_INIT, .directory = EG_BUF_INIT };
}

void
zip_out_done(struct zip_out *z)
{
	eg_buf_done(&z->pending);
	eg_buf_done(&z->directory);
	if (z->packer != NULL)
		(void)deflateEnd(z->packer);
	free(z->packer);
	z->packer = NULL;
}

/* ---- bytes out ---- */

static int
flush(struct zip_out *z, struct eg_err *err)
{
	int rc = z->pending.len == 0 ? EG_OK : z->write(z->ctx, eg_buf_view(&z->pending), err);
	eg_buf_clear(&z->pending);
	return rc;
}

static int
emit(struct zip_out *z, struct eg_bytes v, struct eg_err *err)
{
	if (v.len > ZIP_LIMIT - z->at) {
		return eg_fail(err, EG_BADFILE, "BUNDLE-BIG",
		    "The bundle would pass 4 GiB, which plain zip cannot hold: take the drop in smaller files.");
	}
	z->at += v.len;
	if (z->pending.len + v.len > GATHER_BYTES) {
		int rc = flush(z, err);
		if (rc < 0) {
			return rc;
		}
	}
	if (v.len > GATHER_BYTES) {
		return z->write(z->ctx, v, err);
	}
	eg_buf_add(&z->pending, v);
	return EG_OK;
}

static void
put16(struct eg_buf *b, uint32_t v)
{
	eg_buf_chr(b, (unsigned char)(v & 0xff));
	eg_buf_chr(b, (unsigned char)(v >> 8 & 0xff));
}

static void
put32(struct eg_buf *b, uint32_t v)
{
	put16(b, v & 0xffff);
	put16(b, v >> 16);
}

/* The fields that stand alike in the local header and in the directory: version 2.0, no flags, 1980-01-01 00:00. */
static void
put_common(struct eg_buf *b, const struct member *m)
{
	put16(b, 20);
	put16(b, 0);
	put16(b, m->method);
	put16(b, 0);
	put16(b, 0x21);
	put32(b, m->crc);
	put32(b, (uint32_t)m->packed);
	put32(b, (uint32_t)m->size);
	put16(b, (uint32_t)strlen(m->name));
	put16(b, 0);
}

static int
emit_header(struct zip_out *z, const struct member *m, struct eg_err *err)
{
	struct eg_buf b = EG_BUF_INIT;
	put32(&z->directory, 0x02014b50);
	put16(&z->directory, 0x0314); /* made on Unix, so that the mode below counts */
	put_common(&z->directory, m);
	put16(&z->directory, 0); /* comment */
	put16(&z->directory, 0); /* disk */
	put16(&z->directory, 0); /* internal attributes */
	put32(&z->directory, (uint32_t)0100644 << 16);
	put32(&z->directory, (uint32_t)z->at);
	eg_buf_str(&z->directory, m->name);
	z->members++;
	put32(&b, 0x04034b50);
	put_common(&b, m);
	eg_buf_str(&b, m->name);
	int rc = emit(z, eg_buf_view(&b), err);
	eg_buf_done(&b);
	return rc;
}

/* ---- bytes in ---- */

/* The next piece at *off; empty at the end. A descriptor that ends early or goes on is EG_RETRY "CHANGED". */
static int
next_piece(const struct member *m, uint64_t *off, struct eg_bytes *ret, struct eg_err *err)
{
	if (m->fd < 0) {
		*ret = eg_bytes_sub(m->v, (size_t)*off, PIECE_BYTES);
		*off += ret->len;
		return EG_OK;
	}
	size_t n;
	int rc = spool_pread(m->fd, m->piece, PIECE_BYTES, *off, &n, err);
	if (rc < 0) {
		return rc;
	}
	*off += n;
	if (*off > m->size || (n < PIECE_BYTES && *off != m->size)) {
		return eg_fail(
		    err, EG_RETRY, "CHANGED", "A file changed its size while it was put into a bundle: %s.", m->name);
	}
	*ret = eg_bytes(m->piece, n);
	return EG_OK;
}

/* One pass over the content: CRC and digest into *m and sha (when not NULL), packed bytes to `to`. */
struct pass {
	struct member *m;
	struct eg_sha256 *sha;
	int (*to)(void *ctx, struct eg_bytes packed, struct eg_err *err);
	void *ctx;
	uint32_t crc;
	uint64_t packed;
};

static int
pack_piece(struct pass *p, z_stream *zs, struct eg_bytes in, bool last, struct eg_err *err)
{
	unsigned char out[1 << 14];
	zs->next_in = (z_const Bytef *)(uintptr_t)in.ptr;
	zs->avail_in = (uInt)in.len;
	int state = Z_OK;
	do {
		zs->next_out = out;
		zs->avail_out = sizeof(out);
		state = deflate(zs, last ? Z_FINISH : Z_NO_FLUSH);
		eg_check(state == Z_OK || state == Z_STREAM_END || state == Z_BUF_ERROR);
		size_t n = sizeof(out) - zs->avail_out;
		p->packed += n;
		int rc = n == 0 ? EG_OK : p->to(p->ctx, eg_bytes(out, n), err);
		if (rc < 0) {
			return rc;
		}
	} while (zs->avail_out == 0 || (last && state != Z_STREAM_END));
	return EG_OK;
}

/* Made once for all members: the tables of a packer are many times the size of a small member. */
static int
packer_of(struct zip_out *z, struct eg_err *err)
{
	if (z->packer != NULL) {
		eg_check(deflateReset(z->packer) == Z_OK);
		return EG_OK;
	}
	z->packer = eg_xalloc(sizeof(*z->packer));
	if (deflateInit2(z->packer, LEVEL, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK)
		return EG_OK;
	free(z->packer);
	z->packer = NULL;
	return eg_fail(err, EG_RETRY, "MEMORY", "No memory for packing a bundle.");
}

static int
run_pass(struct zip_out *z, struct pass *p, struct eg_err *err)
{
	uint64_t off = 0;
	struct eg_bytes in = EG_NONE;
	bool deflating = p->m->method == METHOD_DEFLATE, last = false;
	int rc = deflating ? packer_of(z, err) : EG_OK;
	p->crc = (uint32_t)crc32(0, NULL, 0);
	p->packed = 0;
	while (rc >= 0 && !last) {
		rc = next_piece(p->m, &off, &in, err);
		if (rc < 0) {
			break;
		}
		last = in.len < PIECE_BYTES;
		if (in.len != 0) { /* crc32 with NULL begins anew */
			p->crc = (uint32_t)crc32(p->crc, in.ptr, (uInt)in.len);
		}
		if (p->sha != NULL) {
			eg_sha256_add(p->sha, in);
		}
		if (deflating) {
			rc = pack_piece(p, z->packer, in, last, err);
		} else {
			p->packed += in.len;
			rc = in.len == 0 ? EG_OK : p->to(p->ctx, in, err);
		}
	}
	return rc;
}

static int
hold(void *ctx, struct eg_bytes v, struct eg_err *err)
{
	(void)err;
	eg_buf_add(ctx, v); /* past its bound the buffer says `full` and the member is packed again */
	return EG_OK;
}

static int
pass_on(void *ctx, struct eg_bytes v, struct eg_err *err)
{
	return emit(ctx, v, err);
}

/* Content that is packed already. */
static bool
stored_by_name(const char *name)
{
	static const char *const endings[] = { ".zip", ".gz", ".xlsx", ".pdf", ".png", ".jpg" };
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		if (eg_bytes_ends(eg_bytes_str(name), eg_bytes_str(endings[i]))) {
			return true;
		}
	}
	return false;
}

static int
write_again(struct zip_out *z, struct member *m, struct eg_err *err)
{
	struct pass p = { m, NULL, pass_on, z, 0, 0 };
	int rc = run_pass(z, &p, err);
	if (rc >= 0 && (p.crc != m->crc || p.packed != m->packed)) {
		return eg_fail(err, EG_RETRY, "CHANGED", "A file changed while it was put into a bundle: %s.", m->name);
	}
	return rc;
}

static int
add(struct zip_out *z, struct member *m, unsigned char ret_sha[EG_SHA256_LEN], struct eg_err *err)
{
	struct eg_sha256 sha = { NULL };
	struct eg_buf held = EG_BUF_INIT;
	held.max = HOLD_BYTES;
	m->method = stored_by_name(m->name) ? METHOD_STORED : METHOD_DEFLATE;
	if (z->members >= MEMBERS_MAX || m->size > ZIP_LIMIT) {
		return eg_fail(err, EG_BADFILE, "BUNDLE-BIG",
		    "%s does not fit into a bundle: 4 GiB and %u files at most.", m->name, MEMBERS_MAX);
	}
	eg_sha256_init(&sha);
	struct pass p = { m, &sha, hold, &held, 0, 0 };
	int rc = run_pass(z, &p, err);
	if (rc < 0) {
		goto out;
	}
	eg_sha256_final(&sha, ret_sha);
	m->crc = p.crc;
	m->packed = p.packed;
	if (m->method == METHOD_DEFLATE && p.packed >= m->size) {
		m->method = METHOD_STORED;
		m->packed = m->size;
		held.full = true; /* what is held is the wrong form */
	}
	rc = emit_header(z, m, err);
	if (rc >= 0) {
		rc = held.full ? write_again(z, m, err) : emit(z, eg_buf_view(&held), err);
	}
out:
	eg_buf_done(&held);
	eg_sha256_done(&sha);
	return rc;
}

int
zip_out_add(
    struct zip_out *z, const char *name, struct eg_bytes v, unsigned char ret_sha[EG_SHA256_LEN], struct eg_err *err)
{
	struct member m = { .name = name, .v = v, .fd = -1, .size = v.len };
	return add(z, &m, ret_sha, err);
}

int
zip_out_add_fd(struct zip_out *z, const char *name, int fd, uint64_t size, unsigned char ret_sha[EG_SHA256_LEN],
    struct eg_err *err)
{
	struct member m = { .name = name, .fd = fd, .size = size, .piece = eg_xalloc(PIECE_BYTES) };
	int rc = add(z, &m, ret_sha, err);
	free(m.piece);
	return rc;
}

int
zip_out_end(struct zip_out *z, struct eg_err *err)
{
	struct eg_buf end = EG_BUF_INIT;
	uint32_t at = (uint32_t)z->at, size = (uint32_t)z->directory.len;
	put32(&end, 0x06054b50);
	put16(&end, 0);
	put16(&end, 0);
	put16(&end, z->members);
	put16(&end, z->members);
	put32(&end, size);
	put32(&end, at);
	put16(&end, 0);
	int rc = emit(z, eg_buf_view(&z->directory), err);
	if (rc >= 0) {
		rc = emit(z, eg_buf_view(&end), err);
	}
	if (rc >= 0) {
		rc = flush(z, err);
	}
	eg_buf_done(&end);
	return rc;
}
