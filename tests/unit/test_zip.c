/* SPDX-License-Identifier: MIT
 *
 * The zip reader: archives as real senders write them, names, members found by name, and the public suites when they lie beside the tree.
 */
#include "tests/unit/zip_kit.h"

/* ---- what is taken ---- */

static void
test_taken(void **state)
{
	static const struct {
		const char *name;
		struct part part;
	} table[] = {
		{ "stored", { .data = "alpha" } },
		{ "deflated", { .data = "alpha", .deflate = true } },
		{ "empty", { .data = "" } },
		{ "empty deflated", { .data = "", .deflate = true } },
		{ "behind, marked", { .data = "alpha", .deflate = true, .behind = 16 } },
		{ "behind, bare", { .data = "alpha", .deflate = true, .behind = 12 } },
		{ "zip64", { .data = "alpha", .zip64 = true } },
		{ "zip64 behind", { .data = "alpha", .deflate = true, .behind = 24, .zip64 = true } },
		{ "extra", { .data = "alpha", .extra = { (const unsigned char *)"\xfe\xca\0\0UT\5\0\1abcd", 13 } } },
		{ "unix file", { .data = "alpha", .attributes = 0100644U << 16 } },
	};

	(void)state;
	for (size_t i = 0; i < N(table); i++) {
		for (int zip64_end = 0; zip64_end < 2; zip64_end++) {
			struct part parts[] = { { .name = "first.csv", .data = "1" }, table[i].part,
				{ .name = "last", .data = "2" } };
			struct eg_buf zip = EG_BUF_INIT;
			char want[100];

			parts[1].name = "in/b\xC3\xA9.csv";
			(void)snprintf(want, sizeof want, "first.csv=1;in/b\xC3\xA9.csv=%s;last=2;", parts[1].data);
			build(&zip, parts, N(parts), zip64_end != 0);
			check_taken(table[i].name, &zip, want);
			eg_buf_done(&zip);
		}
	}
}

static void
test_folders_and_mac(void **state)
{
	static const struct part parts[] = {
		{ .name = "d/", .data = "", .attributes = 040755U << 16 | 0x10 },
		{ .name = "d/a.csv", .data = "1" },
		{ .name = "__MACOSX/", .data = "" },
		{ .name = "__MACOSX/d/._a.csv", .data = "PK\3\4" },
		{ .name = "d/._b.csv", .data = "x" },
		{ .name = "d/.c_csv", .data = "3", .deflate = true },
	};
	static const struct part empty_folder[] = { { .name = "d/", .data = "", .deflate = true, .behind = 16 } };
	struct eg_buf zip = EG_BUF_INIT;

	(void)state;
	build(&zip, parts, N(parts), false);
	check_taken("mac", &zip, "d/a.csv=1;d/.c_csv=3;");
	eg_buf_clear(&zip);
	build(&zip, empty_folder, 1, false);
	check_taken("folder as java writes it", &zip, "");
	eg_buf_done(&zip);
}

static void
test_xlsx(void **state)
{
	static const struct part parts[] = { { .name = "xl/a.xml", .data = "1" },
		{ .name = "[Content_Types].xml", .data = "2" } };

	(void)state;
	for (size_t n = 1; n <= 2; n++) {
		struct eg_buf zip = EG_BUF_INIT;
		struct fmt_zip *z;
		struct eg_err err;

		build(&zip, parts, n, false);
		struct bytes_at b = { eg_buf_view(&zip), 0 };

		assert_int_equal(fmt_zip_open((struct fmt_random){ pread_mem, &b, zip.len }, &z, &err), EG_OK);
		assert_int_equal(fmt_zip_is_xlsx(z), n == 2);
		fmt_zip_free(z);
		eg_buf_done(&zip);
	}
	fmt_zip_free(NULL);
}

/* By name, forwards and backwards, and what _next gives behind it. */
static void
test_find(void **state)
{
	static const struct part parts[] = { { .name = "a/One.xml", .data = "first" },
		{ .name = "b", .data = "PK\3\4 nested" }, { .name = "c", .data = "third" } };
	static const struct {
		const char *name, *data; /* data NULL: not there */
	} asks[] = { { "c", "third" }, { "A/one.XML", "first" }, { "c", "third" }, { "c", "third" }, { "d", NULL } };
	struct eg_buf zip = EG_BUF_INIT;
	struct eg_bytes name = EG_LIT("a/ONE.xml");
	struct fmt_zip *z;
	struct fmt_src src;
	struct eg_err err;

	(void)state;
	build(&zip, parts, N(parts), false);
	struct bytes_at b = { eg_buf_view(&zip), 0 };

	assert_int_equal(fmt_zip_open((struct fmt_random){ pread_mem, &b, zip.len }, &z, &err), EG_OK);
	for (size_t i = 0; i < N(asks); i++) {
		unsigned char data[16];
		size_t n = 0;
		const int rc = fmt_zip_find(z, eg_bytes_str(asks[i].name), &src, &err);

		assert_int_equal(rc, asks[i].data == NULL ? EG_EOF : EG_OK);
		if (rc == EG_OK)
			assert_int_equal(src.read(src.ctx, data, sizeof data, &n, &err), EG_OK);
		assert_true(eg_bytes_is(eg_bytes(data, n), asks[i].data == NULL ? "" : asks[i].data));
	}
	assert_int_equal(fmt_zip_find(z, EG_LIT("a/one.xml"), &src, &err), EG_OK);
	assert_int_equal(
	    fmt_zip_next(z, &name, &src, &err), EG_BADFILE); /* b, an archive, only now that it is opened */
	assert_string_equal(err.code, "F-03");
	name = EG_LIT("a/ONE.xml");
	assert_true(fmt_zip_has(z, &name) && eg_bytes_is(name, "a/One.xml"));
	name = EG_LIT("a");
	assert_false(fmt_zip_has(z, &name));
	fmt_zip_free(z);
	eg_buf_done(&zip);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_folders_and_mac),
		cmocka_unit_test(test_xlsx),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
