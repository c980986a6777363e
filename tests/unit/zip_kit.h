/* SPDX-License-Identifier: MIT
 *
 * Archives built byte by byte, and reading them as the worker does.
 */
#ifndef TESTS_UNIT_ZIP_KIT_H
#define TESTS_UNIT_ZIP_KIT_H

#include "base/buf.h"
#include "base/limits.h"
#include "formats/container.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <zlib.h>

#define N(a) (sizeof(a) / sizeof(a)[0])

/* ---- building ---- */

struct part {
	const char *name, *data;
	unsigned behind; /* bytes of the descriptor behind the data: 0, 12, 16, 20, 24 */
	bool deflate, zip64; /* zip64: lengths only in the extra fields */
	struct eg_bytes extra;
	uint32_t attributes;
	const char *local_name; /* NULL = name */
};

static inline void
put_le(struct eg_buf *b, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		eg_buf_chr(b, (unsigned char)(v >> (8 * i)));
}

static inline void
deflate_raw(struct eg_buf *out, const char *data, size_t n)
{
	z_stream z = { .next_in = (z_const Bytef *)(uintptr_t)data, .avail_in = (uInt)n };
	unsigned char block[65536];
	int status;

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY), Z_OK);
	do {
		z.next_out = block;
		z.avail_out = sizeof block;
		status = deflate(&z, Z_FINISH);
		eg_buf_put(out, block, sizeof block - z.avail_out);
	} while (status == Z_OK);
	(void)deflateEnd(&z);
}

/* The fields from flags to extra length, which both headers have in this order. */
static inline void
put_common(struct eg_buf *b, const struct part *p, bool central, uint32_t crc, size_t packed, const char *name)
{
	const bool later = p->behind != 0 && !central;

	put_le(b, p->zip64 ? 45 : 20, 2);
	put_le(b, p->behind != 0 ? 8 : 0, 2);
	put_le(b, p->deflate ? 8 : 0, 2);
	put_le(b, 0x00210000, 4);
	put_le(b, later ? 0 : crc, 4);
	put_le(b, p->zip64 ? 0xFFFFFFFF : later ? 0 : packed, 4);
	put_le(b, p->zip64 ? 0xFFFFFFFF : later ? 0 : strlen(p->data), 4);
	put_le(b, strlen(name), 2);
	put_le(b, p->extra.len + (p->zip64 ? 20 : 0), 2);
}

static inline void
put_extra(struct eg_buf *b, const struct part *p, bool central, size_t packed)
{
	const bool later = p->behind != 0 && !central;

	eg_buf_add(b, p->extra);
	if (!p->zip64)
		return;
	put_le(b, 1, 2);
	put_le(b, 16, 2);
	put_le(b, later ? 0 : strlen(p->data), 8);
	put_le(b, later ? 0 : packed, 8);
}

static inline void
put_end(struct eg_buf *zip, size_t n, size_t at, size_t len, bool zip64)
{
	if (zip64) {
		const size_t end = zip->len;

		eg_buf_put(zip, "PK\6\6", 4);
		put_le(zip, 44, 8);
		put_le(zip, 0x002D002D, 4);
		put_le(zip, 0, 8);
		put_le(zip, n, 8);
		put_le(zip, n, 8);
		put_le(zip, len, 8);
		put_le(zip, at, 8);
		eg_buf_put(zip, "PK\6\7\0\0\0\0", 8);
		put_le(zip, end, 8);
		put_le(zip, 1, 4);
	}
	eg_buf_put(zip, "PK\5\6\0\0\0\0", 8);
	put_le(zip, zip64 ? 0xFFFF : n, 2);
	put_le(zip, zip64 ? 0xFFFF : n, 2);
	put_le(zip, zip64 ? 0xFFFFFFFF : len, 4);
	put_le(zip, zip64 ? 0xFFFFFFFF : at, 4);
	put_le(zip, 0, 2);
}

static inline void
build(struct eg_buf *zip, const struct part *parts, size_t n, bool zip64_end)
{
	struct eg_buf central = EG_BUF_INIT, packed = EG_BUF_INIT;

	for (size_t i = 0; i < n; i++) {
		const struct part *p = &parts[i];
		const char *local = p->local_name != NULL ? p->local_name : p->name;
		const size_t len = strlen(p->data), at = zip->len;
		const uint32_t crc = (uint32_t)crc32(0, (const unsigned char *)p->data, (uInt)len);
		const unsigned width = p->behind >= 20 ? 8 : 4;

		eg_buf_clear(&packed);
		if (p->deflate)
			deflate_raw(&packed, p->data, len);
		else
			eg_buf_str(&packed, p->data);
		eg_buf_put(zip, "PK\3\4", 4);
		put_common(zip, p, false, crc, packed.len, local);
		eg_buf_str(zip, local);
		put_extra(zip, p, false, packed.len);
		eg_buf_add(zip, eg_buf_view(&packed));
		if (p->behind == 16 || p->behind == 24)
			eg_buf_put(zip, "PK\7\10", 4);
		if (p->behind != 0) {
			put_le(zip, crc, 4);
			put_le(zip, packed.len, width);
			put_le(zip, len, width);
		}
		eg_buf_put(&central, "PK\1\2\24\3", 6);
		put_common(&central, p, true, crc, packed.len, p->name);
		put_le(&central, 0, 6);
		put_le(&central, p->attributes, 4);
		put_le(&central, at, 4);
		eg_buf_str(&central, p->name);
		put_extra(&central, p, true, packed.len);
	}
	const size_t at = zip->len;

	eg_buf_add(zip, eg_buf_view(&central));
	put_end(zip, n, at, central.len, zip64_end);
	eg_buf_done(&central);
	eg_buf_done(&packed);
}

/* ---- reading ---- */

struct bytes_at {
	struct eg_bytes v;
	size_t step;
};

static inline int
pread_mem(void *ctx, uint64_t off, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	const struct bytes_at *b = ctx;
	const struct eg_bytes part = eg_bytes_sub(b->v, off, b->step > 0 && b->step < cap ? b->step : cap);

	(void)err;
	if (part.len > 0)
		memcpy(buf, part.ptr, part.len);
	*ret_n = part.len;
	return EG_OK;
}

/* All members as "name=content;" in `out` when it is wanted; their bytes in *ret_bytes. */
static inline int
read_zip(struct eg_bytes zip, size_t step, struct eg_buf *out, uint64_t *ret_bytes, struct eg_err *err)
{
	struct bytes_at b = { zip, step };
	unsigned char block[3000];
	struct fmt_zip *z = NULL;
	struct fmt_src src;
	struct eg_bytes name;
	int rc = fmt_zip_open((struct fmt_random){ pread_mem, &b, zip.len }, &z, err);

	*ret_bytes = 0;
	if (rc != EG_OK)
		return rc;
	while ((rc = fmt_zip_next(z, &name, &src, err)) == EG_OK) {
		size_t n = 1;

		if (out != NULL)
			eg_buf_printf(out, "%.*s=", EG_FMT(name));
		while (rc == EG_OK && n > 0) {
			rc = src.read(src.ctx, block, sizeof block, &n, err);
			if (rc == EG_OK && out != NULL)
				eg_buf_put(out, block, n);
			*ret_bytes += rc == EG_OK ? n : 0;
		}
		if (rc != EG_OK)
			break;
		if (out != NULL)
			eg_buf_chr(out, ';');
	}
	fmt_zip_free(z);
	return rc;
}

static inline void
check_taken(const char *name, const struct eg_buf *zip, const char *want)
{
	for (size_t step = 0; step < 10; step += 7) {
		struct eg_buf out = EG_BUF_INIT;
		struct eg_err err;
		uint64_t n;

		if (read_zip(eg_buf_view(zip), step, &out, &n, &err) != EG_EOF)
			fail_msg("%s: refused: %s", name, err.msg);
		if (strcmp(eg_buf_cstr(&out), want) != 0)
			fail_msg("%s: %s", name, eg_buf_cstr(&out));
		eg_buf_done(&out);
	}
}

/* ---- suites beside the tree ---- */

static inline int
set_up(void **state)
{
	(void)state;
	fmt_zip_init();
	return 0;
}

#endif
