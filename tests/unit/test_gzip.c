/* SPDX-License-Identifier: MIT
 *
 * The gzip reader: members in a row, every cut and every flipped byte, bombs, and archives inside.
 */
#include "base/buf.h"
#include "base/limits.h"
#include "formats/container.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <zlib.h>

#define N(a) (sizeof(a) / sizeof(a)[0])

static const size_t steps[] = { 0, 1, 7, 4096 };

static void
pack(struct eg_buf *out, const void *p, size_t n)
{
	z_stream z = { .next_in = (z_const Bytef *)(uintptr_t)p, .avail_in = (uInt)n };
	unsigned char block[65536];
	int status;

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	do {
		z.next_out = block;
		z.avail_out = sizeof block;
		status = deflate(&z, Z_FINISH);
		eg_buf_put(out, block, sizeof block - z.avail_out);
	} while (status == Z_OK);
	assert_int_equal(status, Z_STREAM_END);
	(void)deflateEnd(&z);
}

static int
unpack(struct eg_bytes gz, size_t step, struct eg_buf *out, struct eg_err *err)
{
	unsigned char block[5000];
	struct fmt_src_mem m;
	struct fmt_gzip *g;
	struct fmt_src src;
	size_t n = 1;
	int rc = fmt_gzip_open(fmt_src_mem(&m, gz, step), &g, &src, err);

	if (rc != EG_OK)
		return rc;
	while (rc == EG_OK && n > 0) {
		rc = src.read(src.ctx, block, sizeof block, &n, err);
		if (rc == EG_OK)
			eg_buf_put(out, block, n);
	}
	fmt_gzip_free(g);
	return rc;
}

static void
test_members(void **state)
{
	struct eg_buf plain = EG_BUF_INIT, gz = EG_BUF_INIT, out = EG_BUF_INIT;
	struct eg_err err;

	(void)state;
	for (unsigned i = 0; i < 60000; i++)
		eg_buf_printf(&plain, "%u,row %u\n", i, i * 7919U);
	pack(&gz, plain.ptr, 100000);
	pack(&gz, "", 0);
	pack(&gz, plain.ptr + 100000, plain.len - 100000);
	for (size_t i = 0; i < N(steps); i++) {
		eg_buf_clear(&out);
		assert_int_equal(unpack(eg_buf_view(&gz), steps[i], &out, &err), EG_OK);
		assert_true(eg_bytes_eq(eg_buf_view(&out), eg_buf_view(&plain)));
	}
	eg_buf_done(&plain);
	eg_buf_done(&gz);
	eg_buf_done(&out);
}

static void
check_refused(const char *name, struct eg_bytes gz, const char *code)
{
	for (size_t i = 0; i < N(steps); i++) {
		struct eg_buf out = EG_BUF_INIT;
		struct eg_err err;

		out.max = 1U << 20;
		if (unpack(gz, steps[i], &out, &err) != EG_BADFILE)
			fail_msg("%s: taken at step %zu", name, steps[i]);
		if (strcmp(err.code, code) != 0)
			fail_msg("%s: %s instead of %s", name, err.code, code);
		assert_true(err.pos.off <= gz.len);
		eg_buf_done(&out);
	}
}

static void
test_damaged(void **state)
{
	static const char text[] = "number,amount\nSC-001,100.00\nSC-002,250.50\n";
	struct eg_buf gz = EG_BUF_INIT, out = EG_BUF_INIT;
	struct eg_err err;

	(void)state;
	pack(&gz, text, sizeof text - 1);
	pack(&gz, text, sizeof text - 1);
	for (size_t n = 0; n < gz.len; n++) {
		if (n == gz.len / 2)
			continue; /* the first member alone is a whole file */
		check_refused("cut", eg_bytes(gz.ptr, n), "F-03");
	}
	/* A flip is refused or touches only what the header tells about time, system and level. */
	for (size_t i = 0; i < gz.len / 2; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			gz.ptr[i] ^= (unsigned char)(1U << bit);
			eg_buf_clear(&out);
			if (unpack(eg_buf_view(&gz), 0, &out, &err) == EG_OK &&
			    (out.len != 2 * (sizeof text - 1) || memcmp(out.ptr, text, sizeof text - 1) != 0))
				fail_msg("flip of bit %u in byte %zu: other content taken", bit, i);
			gz.ptr[i] ^= (unsigned char)(1U << bit);
		}
	}
	eg_buf_done(&gz);
	eg_buf_done(&out);
}

static void
test_refused(void **state)
{
	struct eg_buf gz = EG_BUF_INIT, zeros = EG_BUF_INIT;

	(void)state;
	pack(&gz, "text", 4);
	eg_buf_str(&gz, "rest");
	check_refused("rest", eg_buf_view(&gz), "F-03");
	eg_buf_clear(&gz);
	pack(&gz, "text", 4);
	eg_buf_chr(&gz, 0);
	check_refused("one zero behind", eg_buf_view(&gz), "F-03");
	check_refused("not gzip", EG_LIT("a,b,c\n1,2,3\n"), "F-03");
	check_refused("zlib header", EG_LIT("\x78\x9c\x03\0\0\0\0\1"), "F-03");

	zeros.max = 64U << 20;
	for (size_t i = 0; i < 4096; i++)
		eg_buf_put(&zeros, (const unsigned char[4096]){ 0 }, 4096);
	eg_buf_clear(&gz);
	pack(&gz, zeros.ptr, zeros.len);
	check_refused("bomb", eg_buf_view(&gz), "LIMIT-RATIO");
	eg_buf_done(&zeros);

	struct eg_buf outer = EG_BUF_INIT;

	eg_buf_clear(&gz);
	pack(&gz, "text", 4);
	pack(&outer, gz.ptr, gz.len);
	check_refused("gzip inside", eg_buf_view(&outer), "F-03");
	eg_buf_clear(&outer);
	pack(&outer, "PK\3\4aaaaaaaa", 12);
	check_refused("zip inside", eg_buf_view(&outer), "F-03");
	eg_buf_done(&outer);
	eg_buf_done(&gz);
}

static void
test_kinds(void **state)
{
	static const struct {
		struct eg_bytes head;
		enum fmt_container want;
	} table[] = {
		{ { (const unsigned char *)"PK\3\4x", 5 }, FMT_ZIP },
		{ { (const unsigned char *)"PK\5\6", 4 }, FMT_ZIP },
		{ { (const unsigned char *)"PK\7\10", 4 }, FMT_ZIP },
		{ { (const unsigned char *)"\x1f\x8b\x08", 3 }, FMT_GZIP },
		{ { (const unsigned char *)"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8 }, FMT_OLE },
		{ { (const unsigned char *)"\xd0\xcf\x11\xe0", 4 }, FMT_PLAIN },
		{ { (const unsigned char *)"PK\3", 3 }, FMT_PLAIN },
		{ { (const unsigned char *)"PKG,Name", 8 }, FMT_PLAIN },
		{ { (const unsigned char *)"\x1f", 1 }, FMT_PLAIN },
		{ { (const unsigned char *)"", 0 }, FMT_PLAIN },
		{ { (const unsigned char *)"<?xml", 5 }, FMT_PLAIN },
	};

	(void)state;
	for (size_t i = 0; i < N(table); i++)
		assert_int_equal(fmt_container_of(table[i].head), table[i].want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_members),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
