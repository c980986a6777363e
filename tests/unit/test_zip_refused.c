/* SPDX-License-Identifier: MIT
 *
 * Archives changed one field at a time to what another reader could believe instead, cut everywhere, glued, beyond the caps: refused with code and place.
 */
#include "tests/unit/zip_kit.h"

/* ---- reading ---- */

static void
check_refused(const char *name, struct eg_bytes zip, const char *code)
{
	struct eg_err err = { .code = "" };
	uint64_t n;
	const int rc = read_zip(zip, 0, NULL, &n, &err);

	if (rc != EG_BADFILE)
		fail_msg("%s: taken (%d)", name, rc);
	if (strcmp(err.code, code) != 0)
		fail_msg("%s: %s instead of %s: %s", name, err.code, code, err.msg);
	if (err.pos.off > zip.len)
		fail_msg("%s: its place is outside of the archive: %s", name, err.msg);
}

/* ---- what is refused ---- */

enum where {
	LOCAL,
	CENTRAL,
	DATA,
	END
};

/* Two stored members; the second one's headers are changed. */
static void
test_patched(void **state)
{
	static const struct part parts[] = { { .name = "a.csv", .data = "alpha,1\n" },
		{ .name = "b.csv", .data = "beta,2\n" } };
	static const struct {
		const char *name;
		enum where where;
		unsigned off;
		struct eg_bytes put;
	} table[] = {
#define PUT(s) { (const unsigned char *)("" s), sizeof(s) - 1 }
		{ "local mark", LOCAL, 0, PUT("PK\1\2") },
		{ "local name", LOCAL, 30, PUT("c") },
		{ "local name longer", LOCAL, 26, PUT("\6") },
		{ "local extra length", LOCAL, 28, PUT("\4") },
		{ "local flags", LOCAL, 6, PUT("\2") },
		{ "local method", LOCAL, 8, PUT("\10") },
		{ "local crc", LOCAL, 14, PUT("\1\2\3\4") },
		{ "local crc zero", LOCAL, 14, PUT("\0\0\0\0") },
		{ "local packed", LOCAL, 18, PUT("\6") },
		{ "local size", LOCAL, 22, PUT("\6") },
		{ "local sizes full", LOCAL, 18, PUT("\xff\xff\xff\xff\xff\xff\xff\xff") },
		{ "both flags encrypted", CENTRAL, 8, PUT("\1") },
		{ "strong encryption", CENTRAL, 8, PUT("\100") },
		{ "masked headers", CENTRAL, 9, PUT("\40") },
		{ "central mark", CENTRAL, 0, PUT("PK\3\4") },
		{ "central name", CENTRAL, 46, PUT("c") },
		{ "central method bzip2", CENTRAL, 10, PUT("\14") },
		{ "central crc", CENTRAL, 16, PUT("\1\2\3\4") },
		{ "central packed", CENTRAL, 20, PUT("\6") },
		{ "central size", CENTRAL, 24, PUT("\377\377") },
		{ "central sizes full", CENTRAL, 20, PUT("\xff\xff\xff\xff\xff\xff\xff\xff") },
		{ "central name length", CENTRAL, 28, PUT("\4") },
		{ "central comment length", CENTRAL, 32, PUT("\1") },
		{ "central disk", CENTRAL, 34, PUT("\1") },
		{ "central link", CENTRAL, 38, PUT("\0\0\377\241") },
		{ "central pipe", CENTRAL, 38, PUT("\0\0\0\20") },
		{ "central pipe, at a place that is a lie", CENTRAL, 38, PUT("\0\0\0\20\377\377\377\177") },
		{ "central folder bit", CENTRAL, 38, PUT("\20") },
		{ "central folder mode", CENTRAL, 38, PUT("\0\0\0\100") },
		{ "overlap", CENTRAL, 42, PUT("\0\0\0\0") },
		{ "past the end", CENTRAL, 42, PUT("\0\0\377\377") },
		{ "data", DATA, 0, PUT("B") },
		{ "end mark", END, 3, PUT("\7") },
		{ "end disk", END, 4, PUT("\1") },
		{ "end directory disk", END, 6, PUT("\1") },
		{ "end entries here", END, 8, PUT("\1") },
		{ "end entries fewer", END, 8, PUT("\1\0\1\0") },
		{ "end entries more", END, 8, PUT("\3\0\3\0") },
		{ "end directory length", END, 12, PUT("\1") },
		{ "end directory place", END, 16, PUT("\1") },
		{ "end comment length", END, 20, PUT("\1") },
#undef PUT
	};
	struct eg_buf zip = EG_BUF_INIT;

	(void)state;
	build(&zip, parts, 2, false);
	check_taken("unchanged", &zip, "a.csv=alpha,1\n;b.csv=beta,2\n;");
	const size_t at[] = { [LOCAL] = 43, [DATA] = 43 + 35, [CENTRAL] = 85 + 51, [END] = zip.len - 22 };
	unsigned char *copy = malloc(zip.len);

	assert_non_null(copy);
	for (size_t i = 0; i < N(table); i++) {
		memcpy(copy, zip.ptr, zip.len);
		memcpy(copy + at[table[i].where] + table[i].off, table[i].put.ptr, table[i].put.len);
		check_refused(table[i].name, eg_bytes(copy, zip.len), "F-03");
	}
	free(copy);
	eg_buf_done(&zip);
}

static void
test_truncated(void **state)
{
	static const struct part parts[] = { { .name = "a.csv", .data = "alpha,1\n", .deflate = true, .behind = 16 },
		{ .name = "b.csv", .data = "beta,2\n" }, { .name = "c.csv", .data = "c", .zip64 = true } };
	struct eg_buf zip = EG_BUF_INIT;

	(void)state;
	for (int zip64_end = 0; zip64_end < 2; zip64_end++) {
		eg_buf_clear(&zip);
		build(&zip, parts, N(parts), zip64_end != 0);
		for (size_t n = 0; n < zip.len; n++)
			check_refused("cut", eg_bytes(zip.ptr, n), "F-03");
		eg_buf_str(&zip, "x");
		check_refused("byte behind", eg_buf_view(&zip), "F-03");
	}
	eg_buf_done(&zip);
}

/* Every single byte of the structure, changed: refused, or the very same members. */
static void
test_flipped(void **state)
{
	static const struct part parts[] = { { .name = "a.csv", .data = "alpha,1\n", .deflate = true, .behind = 16 },
		{ .name = "b.csv", .data = "beta,2\n" } };
	struct eg_buf zip = EG_BUF_INIT, out = EG_BUF_INIT;
	struct eg_err err;
	uint64_t n;

	(void)state;
	build(&zip, parts, N(parts), false);
	for (size_t i = 0; i < zip.len * 8; i++) {
		zip.ptr[i / 8] ^= (unsigned char)(1U << i % 8);
		eg_buf_clear(&out);
		if (read_zip(eg_buf_view(&zip), 0, &out, &n, &err) == EG_EOF &&
		    strcmp(eg_buf_cstr(&out), "a.csv=alpha,1\n;b.csv=beta,2\n;") != 0)
			fail_msg("bit %zu of byte %zu: other members taken: %s", i % 8, i / 8, eg_buf_cstr(&out));
		zip.ptr[i / 8] ^= (unsigned char)(1U << i % 8);
	}
	eg_buf_done(&zip);
	eg_buf_done(&out);
}

static void
test_missing_bytes(void **state)
{
	struct part part = { .name = "a.csv" };
	struct eg_buf zip = EG_BUF_INIT, data = EG_BUF_INIT;
	struct eg_err err;
	uint64_t n;

	(void)state;
	for (unsigned i = 0; i < 2000; i++)
		eg_buf_chr(&data, 'x');
	part.data = eg_buf_cstr(&data);
	build(&zip, &part, 1, false);
	for (size_t missing = 1; missing <= 1203; missing += missing < 80 ? 1 : 1123) {
		char want[120];

		assert_int_equal(read_zip(eg_bytes(zip.ptr, zip.len - missing), 0, NULL, &n, &err), EG_BADFILE);
		(void)snprintf(want, sizeof want,
		    "The archive ends early: at least %s%zu %s missing at the end. Send it again.",
		    missing > 999 ? "1," : "", missing % 1000, missing == 1 ? "byte is" : "bytes are");
		assert_string_equal(err.msg, want);
	}
	eg_buf_done(&zip);
	eg_buf_done(&data);
}

static void
test_bad_members(void **state)
{
	static const struct {
		const char *name;
		struct part parts[2];
	} table[] = {
#define NAMED(s) { { .name = "a.csv", .data = "1" }, { .name = (s), .data = "2" } }
#define EXTRA(s)                                                                                           \
	{                                                                                                  \
		{ .name = "a.csv", .data = "1" },                                                          \
		{                                                                                          \
			.name = "b", .data = "2", .extra = {(const unsigned char *)("" s), sizeof(s) - 1 } \
		}                                                                                          \
	}
		{ "no name", NAMED("") },
		{ "absolute", NAMED("/etc/passwd") },
		{ "slash only", NAMED("/") },
		{ "up", NAMED("../b.csv") },
		{ "up inside", NAMED("d/../../b.csv") },
		{ "up at the end", NAMED("d/..") },
		{ "dot", NAMED("./b.csv") },
		{ "two slashes", NAMED("d//b.csv") },
		{ "backslash", NAMED("..\\b.csv") },
		{ "drive", NAMED("C:b.csv") },
		{ "line end in name", NAMED("b\n.csv") },
		{ "escape in name", NAMED("\x1b[2J.csv") },
		{ "c1 control in name", NAMED("b\xC2\x9B.csv") },
		{ "not utf-8", NAMED("b\xE9.csv") },
		{ "overlong slash", NAMED("..\xC0\xAF"
					  "b") },
		{ "twice", NAMED("a.csv") },
		{ "twice but for case", NAMED("A.CSV") },
		{ "twice but for an invisible character", NAMED("a\u00AD.csv") },
		{ "file and folder", { { .name = "d", .data = "1" }, { .name = "d/", .data = "" } } },
		{ "folder with content", NAMED("d/") },
		{ "folder that is a file",
		    { { .name = "a", .data = "1" }, { .name = "d/", .data = "", .attributes = 0100644U << 16 } } },
		{ "two names", { { .name = "a", .data = "1" }, { .name = "b", .data = "2", .local_name = "c" } } },
		{ "stored, length behind",
		    { { .name = "a", .data = "1" }, { .name = "b", .data = "2", .behind = 16 } } },
		{ "unicode name", EXTRA("\x75\x70\x06\0\1\0\0\0\0c") },
		{ "aes", EXTRA("\x01\x99\x07\0\2\0AE\3\0\0") },
		{ "extra cut", EXTRA("UT\5\0\1") },
		{ "extra header cut", EXTRA("UT\5") },
		{ "zip64 without need", EXTRA("\1\0\10\0\1\0\0\0\0\0\0\0") },
		{ "link in unix extra", EXTRA("\x6e\x75\x0e\0\0\0\0\0\xff\xa1\1\0\0\0\0\0\0\0") },
		{ "zip inside", { { .name = "a", .data = "1" }, { .name = "b.zip", .data = "PK\3\4rest" } } },
		{ "gzip inside",
		    { { .name = "a", .data = "1" }, { .name = "b", .data = "\x1f\x8b\x08", .deflate = true } } },
		{ "7z inside", { { .name = "a", .data = "1" }, { .name = "b", .data = "7z\xbc\xaf\x27\x1c" } } },
		{ "rar inside", { { .name = "a", .data = "1" }, { .name = "b", .data = "Rar!\x1a\x07" } } },
		{ "xz inside", { { .name = "a", .data = "1" }, { .name = "b",
								   .data = "\xfd"
									   "7zXZ" } } },
		{ "bzip2 inside", { { .name = "a", .data = "1" }, { .name = "b", .data = "BZh91AY&SY" } } },
#undef NAMED
#undef EXTRA
	};

	(void)state;
	for (size_t i = 0; i < N(table); i++) {
		struct eg_buf zip = EG_BUF_INIT;

		build(&zip, table[i].parts, 2, false);
		check_refused(table[i].name, eg_buf_view(&zip), "F-03");
		eg_buf_done(&zip);
	}
}

/* Names that are one name, or two, on a file system that knows no case and composes letters (APFS, NTFS). */
static void
test_unicode_names(void **state)
{
	static const struct {
		const char *what, *a, *b;
		bool one;
	} table[] = {
		{ "composed and decomposed", "Caf\u00E9.csv", "Cafe\u0301.csv", true },
		{ "composed, decomposed and in capitals", "CAFE\u0301.CSV", "caf\u00E9.csv", true },
		{ "two marks in either order", "q\u0323\u0307.csv", "q\u0307\u0323.csv", true },
		{ "umlaut in capitals", "\u00DCbersicht.csv", "\u00FCbersicht.csv", true },
		{ "sharp s and ss", "Stra\u00DFe.csv", "STRASSE.csv", true },
		{ "capital sharp s", "STRA\u1E9EE.csv", "stra\u00DFe.csv", true },
		{ "Turkish I with a dot, and i with a dot above", "\u0130hale.csv", "i\u0307hale.csv", true },
		{ "Greek final sigma", "\u039B\u038C\u0393\u039F\u03A3.csv", "\u03BB\u03CC\u03B3\u03BF\u03C2.csv",
		    true },
		{ "Angstrom sign and A with ring", "\u212B.csv", "\u00E5.csv", true },
		{ "Kelvin sign", "\u212A.csv", "k.csv", true },
		{ "zero width joiner", "a\u200Db.csv", "ab.csv", true },
		{ "Turkish i without a dot is a letter of its own", "\u0131hale.csv", "ihale.csv", false },
		{ "umlaut and its vowel", "\u00DC.csv", "U.csv", false },
		{ "Latin and Cyrillic a", "a.csv", "\u0430.csv", false },
		{ "another folder", "a/b.csv", "b/a.csv", false },
	};

	(void)state;
	for (size_t i = 0; i < N(table); i++) {
		const struct part parts[] = { { .name = table[i].a, .data = "1" },
			{ .name = table[i].b, .data = "2" } };
		struct eg_buf zip = EG_BUF_INIT;
		struct fmt_zip *z = NULL;
		struct eg_err err = { 0 };

		build(&zip, parts, 2, false);
		if (table[i].one)
			check_refused(table[i].what, eg_buf_view(&zip), "F-03");
		else {
			struct bytes_at b = { eg_buf_view(&zip), 0 };

			if (fmt_zip_open((struct fmt_random){ pread_mem, &b, zip.len }, &z, &err) != EG_OK)
				fail_msg("%s: %s", table[i].what, err.msg);
			fmt_zip_free(z);
		}
		eg_buf_done(&zip);
	}
}

static void
test_glued(void **state)
{
	static const struct part part = { .name = "a.csv", .data = "alpha" };
	struct eg_buf zip = EG_BUF_INIT, two = EG_BUF_INIT;

	(void)state;
	build(&zip, &part, 1, false);
	eg_buf_add(&two, eg_buf_view(&zip));
	eg_buf_add(&two, eg_buf_view(&zip));
	check_refused("two archives", eg_buf_view(&two), "F-03");
	eg_buf_clear(&two);
	eg_buf_str(&two, "#!/bin/sh\n");
	eg_buf_add(&two, eg_buf_view(&zip));
	check_refused("program in front", eg_buf_view(&two), "F-03");
	eg_buf_clear(&two);
	put_end(&two, 0, 0, 0, false);
	check_refused("no members", eg_buf_view(&two), "F-03");
	eg_buf_done(&zip);
	eg_buf_done(&two);
}

static void
test_caps(void **state)
{
	struct part *parts = calloc(EG_LIMIT_MEMBERS + 1, sizeof *parts);
	char(*names)[8] = calloc(EG_LIMIT_MEMBERS + 1, sizeof *names);
	struct eg_buf zip = EG_BUF_INIT, zeros = EG_BUF_INIT;
	char long_name[EG_LIMIT_NAME + 2];
	struct eg_err err;
	uint64_t n;

	(void)state;
	assert_true(parts != NULL && names != NULL);
	for (unsigned i = 0; i <= EG_LIMIT_MEMBERS; i++) {
		(void)snprintf(names[i], sizeof names[i], "%u", i);
		parts[i] = (struct part){ .name = names[i], .data = "" };
	}
	build(&zip, parts, EG_LIMIT_MEMBERS, false);
	assert_int_equal(read_zip(eg_buf_view(&zip), 0, NULL, &n, &err), EG_EOF);
	eg_buf_clear(&zip);
	build(&zip, parts, EG_LIMIT_MEMBERS + 1, false);
	check_refused("members", eg_buf_view(&zip), "LIMIT-MEMBERS");

	memset(long_name, 'n', sizeof long_name);
	for (size_t over = 0; over < 2; over++) {
		long_name[EG_LIMIT_NAME + over] = '\0';
		parts[0].name = long_name;
		eg_buf_clear(&zip);
		build(&zip, parts, 1, false);
		if (over == 0)
			assert_int_equal(read_zip(eg_buf_view(&zip), 0, NULL, &n, &err), EG_EOF);
		else
			check_refused("name", eg_buf_view(&zip), "F-03");
		long_name[EG_LIMIT_NAME + over] = 'n';
	}
	for (size_t i = 0; i < (2U << 20); i++)
		eg_buf_chr(&zeros, '0');
	parts[0] = (struct part){ .name = "bomb", .data = eg_buf_cstr(&zeros), .deflate = true };
	eg_buf_clear(&zip);
	build(&zip, parts, 1, false);
	check_refused("bomb", eg_buf_view(&zip), "LIMIT-RATIO");
	/* A member may claim anything: what it claims counts. */
	parts[0].deflate = false;
	parts[0].data = "x";
	eg_buf_clear(&zip);
	build(&zip, parts, 1, false);
	memcpy(zip.ptr + 22, "\xff\xff\xff\xf0", 4);
	memcpy(zip.ptr + 35 + 24, "\xff\xff\xff\xf0", 4);
	check_refused("claim", eg_buf_view(&zip), "F-03");
	zip.ptr[8] = zip.ptr[35 + 10] = 8;
	check_refused("deflated claim", eg_buf_view(&zip), "LIMIT-BYTES");
	eg_buf_done(&zip);
	eg_buf_done(&zeros);
	free(parts);
	free(names);
}

static int
pread_fails(void *ctx, uint64_t off, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	struct bytes_at *b = ctx;

	if (b->step-- == 0)
		return eg_fail(err, EG_RETRY, "DISK-FULL", "no");
	return pread_mem(&(struct bytes_at){ b->v, 0 }, off, buf, cap, ret_n, err);
}

/* A failing read comes through unchanged, wherever it strikes. */
static void
test_read_errors(void **state)
{
	static const struct part part = { .name = "a.csv", .data = "alpha", .deflate = true, .behind = 16 };
	struct eg_buf zip = EG_BUF_INIT;
	int rc = EG_RETRY;

	(void)state;
	build(&zip, &part, 1, false);
	for (size_t calls = 0; rc != EG_OK; calls++) {
		struct bytes_at b = { eg_buf_view(&zip), calls };
		struct fmt_zip *z = NULL;
		struct eg_bytes name;
		struct fmt_src src;
		struct eg_err err;

		assert_true(calls < 100);
		rc = fmt_zip_open((struct fmt_random){ pread_fails, &b, zip.len }, &z, &err);
		if (rc == EG_OK)
			rc = fmt_zip_next(z, &name, &src, &err);
		if (rc != EG_OK) {
			assert_int_equal(rc, EG_RETRY);
			assert_string_equal(err.code, "DISK-FULL");
		}
		fmt_zip_free(z);
	}
	eg_buf_done(&zip);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_patched),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_flipped),
		cmocka_unit_test(test_missing_bytes),
		cmocka_unit_test(test_bad_members),
		cmocka_unit_test(test_unicode_names),
		cmocka_unit_test(test_glued),
		cmocka_unit_test(test_caps),
		cmocka_unit_test(test_read_errors),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
