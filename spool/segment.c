/* SPDX-License-Identifier: MIT
 *
 * Segments of the kept state: gzip through zlib, written and read in pieces.
 */
#include "spool/segment.h"

#include <fcntl.h>
#include <zlib.h>

#define PIECE ((size_t)64 << 10)
#define LINE_MAX_BYTES ((size_t)64 << 20)
#define LEVEL 1 /* six times as quick as 6; a third larger */
#define GZIP (15 + 16) /* zlib's window bits that ask for gzip's header */

void
segment_path(uint64_t number, char ret[SEGMENT_PATH])
{
	(void)snprintf(ret, SEGMENT_PATH, "state/%03llu/%06llu.jsonl.gz", (unsigned long long)(number / 1000),
	    (unsigned long long)number);
}

/* ---- writing ---- */

int
segment_open(struct segment *g, struct spool *s, uint64_t number, struct eg_err *err)
{
	char folder[SEGMENT_PATH], *slash;

	segment_path(number, folder);
	slash = strrchr(folder, '/');
	*slash = '\0';
	*g = (struct segment)SEGMENT_INIT;
	(void)snprintf(g->name, sizeof(g->name), "%.31s", slash + 1);
	int rc = eg_fs_mkdirs(s->archive, folder, 0750, err);
	if (rc == EG_OK)
		rc = eg_fs_opendir(s->archive, folder, &g->dir, err);
	if (rc == EG_OK)
		rc = eg_fs_out_open(&g->file, g->dir, 0640, err);
	if (rc < 0)
		return rc;
	z_stream *z = eg_xalloc(sizeof(*z));
	*z = (z_stream){ 0 };
	g->z = z;
	g->piece = eg_xalloc(PIECE);
	eg_sha256_init(&g->sha);
	if (deflateInit2(z, LEVEL, Z_DEFLATED, GZIP, 9, Z_DEFAULT_STRATEGY) != Z_OK)
		eg_bug("zlib cannot begin");
	return EG_OK;
}

static int
pack(struct segment *g, struct eg_bytes v, int flush, struct eg_err *err)
{
	z_stream *z = g->z;
	int said, rc = EG_OK;

	z->next_in = (unsigned char *)(uintptr_t)v.ptr; /* zlib does not write there */
	z->avail_in = (unsigned)v.len;
	do {
		z->next_out = g->piece;
		z->avail_out = PIECE;
		said = deflate(z, flush);
		eg_check(said != Z_STREAM_ERROR);
		struct eg_bytes out = eg_bytes((const char *)g->piece, PIECE - z->avail_out);
		eg_sha256_add(&g->sha, out);
		rc = out.len == 0 ? EG_OK : eg_fs_out_write(&g->file, out, err);
	} while (rc == EG_OK && (z->avail_out == 0 || (flush == Z_FINISH && said != Z_STREAM_END)));
	return rc;
}

int
segment_line(struct segment *g, struct eg_bytes line, struct eg_err *err)
{
	int rc;

	eg_check(line.len < LINE_MAX_BYTES);
	rc = pack(g, line, Z_NO_FLUSH, err);
	g->lines++;
	return rc == EG_OK ? pack(g, eg_bytes_str("\n"), Z_NO_FLUSH, err) : rc;
}

int
segment_commit(struct segment *g, struct eg_err *err)
{
	unsigned char sha[EG_SHA256_LEN];
	int rc = pack(g, eg_bytes("", 0), Z_FINISH, err);

	eg_sha256_final(&g->sha, sha);
	eg_hex(sha, sizeof(sha), g->sha256);
	return rc == EG_OK ? eg_fs_out_commit(&g->file, g->name, true, err) : rc;
}

void
segment_abort(struct segment *g)
{
	eg_fs_out_abort(&g->file);
	if (g->z != NULL) {
		(void)deflateEnd(g->z);
		eg_sha256_done(&g->sha);
	}
	free(g->z);
	free(g->piece);
	eg_fd_done(&g->dir);
	g->z = NULL;
	g->piece = NULL;
}

/* ---- reading ---- */

static int
broken(struct eg_err *err, const char *path, const char *why)
{
	return eg_fail(err, EG_BADFILE, "SEGMENT", "archive/%s %s; restore it from a backup of the archive", path, why);
}

static int
digest_agrees(struct spool *s, const char *path, const char *sha256, struct eg_buf *ret, struct eg_err *err)
{
	char hex[EG_SHA256_HEX];
	struct eg_err why = { 0 };

	if (eg_fs_read_file(s->archive, path, (size_t)4 << 30, ret, &why) < 0)
		return broken(err, path, "is not there, or cannot be read");
	eg_sha256_hex_of(eg_buf_view(ret), hex);
	return strcmp(hex, sha256) == 0 ? EG_OK : broken(err, path, "is not the file that the log names");
}

struct lines {
	int (*each)(void *ctx, struct eg_bytes line, struct eg_err *err);
	void *ctx;
	struct eg_buf rest; /* of the line that goes on */
};

static int
give_lines(struct lines *l, struct eg_bytes v, struct eg_err *err)
{
	int rc = EG_OK;

	while (rc == EG_OK && v.len > 0) {
		const char *end = memchr(v.ptr, '\n', v.len);
		size_t n = end == NULL ? v.len : (size_t)(end - (const char *)v.ptr);

		eg_buf_add(&l->rest, eg_bytes(v.ptr, n));
		if (end == NULL)
			break;
		rc = l->each(l->ctx, eg_buf_view(&l->rest), err);
		eg_buf_clear(&l->rest);
		v = eg_bytes(end + 1, v.len - n - 1);
	}
	return rc;
}

static int
unpack(const char *path, struct eg_bytes packed, struct lines *l, struct eg_err *err)
{
	z_stream z = { .next_in = (unsigned char *)(uintptr_t)packed.ptr };
	unsigned char *piece = eg_xalloc(PIECE);
	size_t left = packed.len;
	int said = inflateInit2(&z, GZIP), rc = EG_OK;

	while (rc == EG_OK && said == Z_OK) {
		unsigned give = left > PIECE ? (unsigned)PIECE : (unsigned)left;

		if (z.avail_in == 0) {
			z.avail_in = give;
			left -= give;
		}
		z.next_out = piece;
		z.avail_out = PIECE;
		said = inflate(&z, Z_NO_FLUSH);
		if (said == Z_OK || said == Z_STREAM_END)
			rc = give_lines(l, eg_bytes((const char *)piece, PIECE - z.avail_out), err);
		if (rc == EG_OK && l->rest.len > LINE_MAX_BYTES)
			rc = broken(err, path, "has a line that never ends");
	}
	(void)inflateEnd(&z);
	free(piece);
	if (rc == EG_OK && (said != Z_STREAM_END || l->rest.len > 0))
		rc = broken(err, path, "is no whole gzip file of lines");
	return rc;
}

int
segment_read(struct spool *s, const char *path, const char *sha256,
    int (*each)(void *ctx, struct eg_bytes line, struct eg_err *err), void *ctx, struct eg_err *err)
{
	struct eg_buf packed = EG_BUF_INIT;
	struct lines l = { .each = each, .ctx = ctx, .rest = EG_BUF_INIT };
	int rc = digest_agrees(s, path, sha256, &packed, err);

	if (rc == EG_OK)
		rc = unpack(path, eg_buf_view(&packed), &l, err);
	eg_buf_done(&l.rest);
	eg_buf_done(&packed);
	return rc;
}
