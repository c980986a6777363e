/* SPDX-License-Identifier: MIT
 *
 * Gzip through zlib, which checks header, length and CRC of every member; several members in a row are one stream.
 * Refuses a cut file, anything behind the last member, bombs, and an archive inside.
 */
#include "base/buf.h"
#include "base/limits.h"
#include "formats/container_int.h"

#include <zlib.h>

#define BLOCK 65536U
#define RATIO_FROM (UINT64_C(1) << 20)

struct fmt_gzip {
	struct fmt_src in;
	z_stream z;
	unsigned char block[BLOCK];
	bool in_end; /* the source has no more */
	bool between; /* no member is open */
	uint64_t packed, unpacked;
	int rc; /* sticky; EG_EOF = everything was read and is right */
	struct eg_err err;
	struct fmt_peek peek;
};

static int
fail(struct fmt_gzip *g, const char *code, const char *what)
{
	g->rc = eg_fail(&g->err, EG_BADFILE, code, "%s", what);
	g->err.pos.off = g->packed - g->z.avail_in;
	return g->rc;
}

static int
refill(struct fmt_gzip *g)
{
	size_t n = 0;

	if (g->z.avail_in > 0 || g->in_end)
		return EG_OK;
	g->rc = g->in.read(g->in.ctx, g->block, sizeof g->block, &n, &g->err);
	if (g->rc != EG_OK)
		return g->rc;
	g->in_end = n == 0;
	g->packed += n;
	g->z.next_in = g->block;
	g->z.avail_in = (uInt)n;
	return EG_OK;
}

static int
inflate_failed(struct fmt_gzip *g, int status)
{
	if (status == Z_MEM_ERROR) {
		g->rc =
		    eg_fail(&g->err, EG_RETRY, "LIMIT-MEM", "Memory ran out while unpacking. The file is tried again.");
		return g->rc;
	}
	if (g->between && g->unpacked > 0)
		return fail(g, "F-03",
		    "Something that is not gzip stands behind the end of the gzip data. Send the file again.");
	return fail(g, "F-03",
	    "The gzip file is damaged: its content does not match its checksum or cannot be unpacked. Send it again.");
}

static int
check_caps(struct fmt_gzip *g)
{
	if (g->unpacked > EG_LIMIT_UNPACKED)
		return fail(
		    g, "LIMIT-BYTES", "The gzip file unpacks to more than is taken from one file. Send it in parts.");
	if (g->unpacked > RATIO_FROM && g->unpacked / EG_LIMIT_RATIO > g->packed)
		return fail(
		    g, "LIMIT-RATIO", "The gzip file unpacks to far more than files of its size do. Send it unpacked.");
	return EG_OK;
}

/* One call of inflate; EG_OK also when it only crossed a header or trailer. */
static int
step(struct fmt_gzip *g)
{
	int status;

	if (refill(g) != EG_OK)
		return g->rc;
	if (g->z.avail_in == 0 && g->between && g->packed > 0) {
		g->rc = EG_EOF;
		return EG_EOF;
	}
	if (g->z.avail_in == 0)
		return fail(g, "F-03", "The gzip file ends early. Send it again.");
	status = inflate(&g->z, Z_NO_FLUSH);
	if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
		return inflate_failed(g, status);
	g->between = status == Z_STREAM_END;
	if (g->between && inflateReset(&g->z) != Z_OK)
		eg_bug("inflateReset refused its own stream");
	return EG_OK;
}

static int
read_gzip(void *ctx, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	struct fmt_gzip *g = ctx;
	const uInt room = cap < BLOCK ? (uInt)cap : BLOCK;

	g->z.next_out = buf;
	g->z.avail_out = room;
	while (g->rc == EG_OK && g->z.avail_out == room) {
		if (step(g) != EG_OK)
			break;
		g->unpacked += room - g->z.avail_out;
		if (check_caps(g) != EG_OK)
			break;
	}
	if (g->rc != EG_OK && g->rc != EG_EOF) {
		*err = g->err;
		return g->rc;
	}
	*ret_n = room - g->z.avail_out;
	return EG_OK;
}

int
fmt_gzip_open(struct fmt_src in, struct fmt_gzip **ret, struct fmt_src *ret_src, struct eg_err *err)
{
	struct fmt_gzip *g = eg_xalloc(sizeof *g);
	struct eg_bytes head;
	int rc;

	g->in = in;
	g->between = true;
	if (inflateInit2(&g->z, 15 + 16) != Z_OK) {
		free(g);
		return eg_fail(err, EG_RETRY, "LIMIT-MEM", "Memory ran out while unpacking. The file is tried again.");
	}
	rc = fmt_peek_open(&g->peek, (struct fmt_src){ .read = read_gzip, .ctx = g }, &head, err);
	if (rc == EG_OK && fmt_archive_named(head) != NULL)
		rc = eg_fail(err, EG_BADFILE, "F-03",
		    "The gzip file holds another archive (%s); archives inside of archives are not opened. Send it on its own.",
		    fmt_archive_named(head));
	if (rc != EG_OK) {
		fmt_gzip_free(g);
		return rc;
	}
	*ret = g;
	*ret_src = fmt_peek_src(&g->peek);
	return EG_OK;
}

void
fmt_gzip_free(struct fmt_gzip *g)
{
	if (g == NULL)
		return;
	(void)inflateEnd(&g->z); /* fails only on a stream that was never begun */
	free(g);
}
