/* SPDX-License-Identifier: MIT
 *
 * Archives: the structural check and reading of zips, and gzip. For any bytes: the same members with the same content however they are read (in any
 * piece size, one after the other or by name), names that are labels only, never more bytes than the limits allow.
 */
#include "tests/fuzz/fuzz.h"

#include "base/hash.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "formats/container.h"

#include <stdlib.h>
#include <string.h>

struct input {
	struct eg_bytes all;
	size_t step; /* most bytes given at once; 0 = as many as asked for */
};

static int
give(void *ctx, uint64_t off, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	const struct input *in = ctx;
	const size_t at = off < in->all.len ? (size_t)off : in->all.len;
	size_t n = in->all.len - at;

	(void)err;
	n = n < cap ? n : cap;
	if (in->step > 0 && n > in->step)
		n = in->step;
	if (n > 0)
		memcpy(buf, in->all.ptr + at, n);
	*ret_n = n;
	return EG_OK;
}

/* Reads a source to its end, `cap` bytes at a time; its digest and length go to out. */
static int
drain(struct fmt_src src, size_t cap, struct eg_buf *out, struct eg_err *err)
{
	static unsigned char piece[65536];
	struct eg_sha256 h = { NULL };
	unsigned char sha[EG_SHA256_LEN];
	uint64_t total = 0;
	size_t n = 1;
	int rc = EG_OK;

	eg_sha256_init(&h);
	while (rc == EG_OK && n > 0) {
		n = 0;
		rc = src.read(src.ctx, piece, cap, &n, err);
		fuzz_need(n <= cap, "a source gives no more than it was asked for");
		eg_sha256_add(&h, eg_bytes(piece, rc == EG_OK ? n : 0));
		total += rc == EG_OK ? n : 0;
		fuzz_need(total <= EG_LIMIT_UNPACKED, "the limit of unpacked bytes holds");
	}
	eg_sha256_final(&h, sha);
	eg_sha256_done(&h);
	if (rc == EG_OK)
		eg_buf_put(out, sha, sizeof(sha));
	return rc;
}

static void
check_name(struct eg_bytes name)
{
	fuzz_need(name.len > 0 && name.len <= EG_LIMIT_NAME, "the limit of a name's length holds");
	fuzz_need(eg_utf8_valid(name) == name.len, "a name is UTF-8");
	fuzz_need(name.ptr[0] != '/' && eg_bytes_chr(name, '\\') == name.len, "a name is no path from a root");
	for (size_t i = 0; i < name.len; i++)
		fuzz_need(name.ptr[i] >= 0x20 && name.ptr[i] != 0x7f, "a name has no control characters");
	for (struct eg_bytes rest = name, part; eg_bytes_cut(&rest, '/', &part);)
		fuzz_need(part.len > 0 && !eg_bytes_is(part, ".") && !eg_bytes_is(part, ".."), "a name climbs nowhere");
}

/* All members, in order; out holds names and digests of those that could be read whole. */
static int
read_zip(struct input *in, size_t cap, struct eg_buf *out, struct eg_err *err)
{
	struct fmt_zip *z = NULL;
	struct eg_bytes name;
	struct fmt_src src;
	int rc = fmt_zip_open((struct fmt_random){ give, in, in->all.len }, &z, err);

	if (rc < 0)
		return rc;
	eg_buf_chr(out, fmt_zip_is_xlsx(z) ? 'x' : 'z');
	fuzz_need(fmt_zip_fits(z, FMT_ZIP_TOLERANT, err) == EG_OK, "what opens is of the tolerant form");
	rc = fmt_zip_fits(z, FMT_ZIP_STRICT, err);
	eg_buf_chr(out, rc == EG_OK ? 's' : 't');
	if (rc < 0)
		fuzz_failure(rc, err, in->all, false);
	for (unsigned n = 0;; n++) {
		fuzz_need(n <= EG_LIMIT_MEMBERS, "the limit of members holds");
		rc = fmt_zip_next(z, &name, &src, err);
		if (rc != EG_OK)
			break;
		check_name(name);
		eg_buf_add(out, name);
		rc = drain(src, cap, out, err);
		if (rc < 0)
			break;
	}
	fmt_zip_free(z);
	return rc;
}

struct listed {
	struct eg_buf name;
	unsigned char sha[EG_SHA256_LEN];
};

/* Members asked for by name, last one first, are those that stand there. */
static void
check_finding(struct eg_bytes all)
{
	static struct listed list[EG_LIMIT_MEMBERS];
	struct input in = { all, 0 };
	struct fmt_zip *z = NULL;
	struct eg_bytes name;
	struct fmt_src src;
	struct eg_err err;
	size_t n = 0;

	fuzz_need(fmt_zip_open((struct fmt_random){ give, &in, all.len }, &z, &err) == EG_OK, "a zip opens again");
	while (n < EG_LIMIT_MEMBERS && fmt_zip_next(z, &name, &src, &err) == EG_OK) {
		struct eg_buf sha = EG_BUF_INIT;
		list[n] = (struct listed){ .name = EG_BUF_INIT };
		eg_buf_add(&list[n].name, name);
		fuzz_need(drain(src, 65536, &sha, &err) == EG_OK, "a member reads again");
		memcpy(list[n].sha, sha.ptr, sizeof(list[n].sha));
		n++;
		eg_buf_done(&sha);
	}
	while (n > 0) {
		struct eg_buf sha = EG_BUF_INIT;
		n--;
		name = eg_buf_view(&list[n].name);
		fuzz_need(fmt_zip_has(z, &name), "a member is there by its name");
		fuzz_need(fmt_zip_find(z, name, &src, &err) == EG_OK, "a member is found by its name");
		fuzz_need(drain(src, 7, &sha, &err) == EG_OK, "a member that was found reads");
		fuzz_need(memcmp(sha.ptr, list[n].sha, EG_SHA256_LEN) == 0, "a member has one content");
		eg_buf_done(&sha);
		eg_buf_done(&list[n].name);
	}
	fuzz_need(fmt_zip_find(z, EG_LIT("no such member"), &src, &err) == EG_EOF, "what is not there is not found");
	fmt_zip_free(z);
}

static int
read_gzip(struct input *in, size_t cap, struct eg_buf *out, struct eg_err *err)
{
	struct fmt_src_mem m;
	struct fmt_gzip *g = NULL;
	struct fmt_src src;
	int rc = fmt_gzip_open(fmt_src_mem(&m, in->all, in->step), &g, &src, err);

	if (rc < 0)
		return rc;
	rc = drain(src, cap, out, err);
	fmt_gzip_free(g);
	return rc == EG_OK ? EG_EOF : rc;
}

typedef int reader(struct input *in, size_t cap, struct eg_buf *out, struct eg_err *err);

/* Damage behind what unpacks too far: which of the two is seen first depends on the piece size. */
static bool
same_fault(const char *a, const char *b)
{
	const bool far = strcmp(a, "LIMIT-RATIO") == 0 || strcmp(b, "LIMIT-RATIO") == 0;

	return strcmp(a, b) == 0 || (far && (strcmp(a, "F-03") == 0 || strcmp(b, "F-03") == 0));
}

static void
check_reading(reader *read, struct eg_bytes all)
{
	static const size_t ways[][2] = { { 0, 65536 }, { 0, 13 }, { 7, 65536 }, { 4096, 4096 } };
	struct eg_buf first = EG_BUF_INIT, again = EG_BUF_INIT;
	struct eg_err err = { 0 }, other = { 0 };
	int want = EG_OK;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		struct input in = { all, ways[i][0] };
		struct eg_buf *out = i == 0 ? &first : &again;
		eg_buf_clear(out);
		int rc = read(&in, ways[i][1], out, i == 0 ? &err : &other);
		want = i == 0 ? rc : want;
		fuzz_need(rc == EG_EOF || rc < 0, "reading comes to an end");
		fuzz_need(rc == want, "the same end for any piece size");
		fuzz_need(rc < 0 || eg_bytes_eq(eg_buf_view(&first), eg_buf_view(out)),
		    "the same members for any piece size");
		fuzz_need(
		    i == 0 || rc == EG_EOF || same_fault(err.code, other.code), "the same code for any piece size");
	}
	if (want < 0) {
		fuzz_failure(want, &err, all, false);
		if (err.pos.off > all.len)
			fuzz_broken(__FILE__, __LINE__, err.msg);
		fuzz_need(err.cls != EG_FATAL, "no archive is a fault of our own");
	} else if (read == read_zip) {
		check_finding(all);
	}
	eg_buf_done(&first);
	eg_buf_done(&again);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	fmt_zip_init();
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct eg_bytes all = eg_bytes(data, size);

	check_reading(fmt_container_of(all) == FMT_GZIP ? read_gzip : read_zip, all);
	return 0;
}
