/* SPDX-License-Identifier: MIT
 *
 * Sealed bundles. The input is a bundle's zip, or, where it does not begin as one, members as text (fuzz.h) of which a bundle is made. For any bytes: a
 * verdict in a sentence, never a fault of our own; what is sealed is good, lists and gives back exactly what was put in; whatever verifies can also be read.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/fuzz_spool.h"

#include "base/fs.h"
#include "base/utf8.h"
#include "spool/bundle.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RAW "2026/01/R1.zip"
#define NOW INT64_C(1795235520) /* 2026-11-21 */
#define MEMBERS_MAX 8

static struct fuzz_spool *site;

/* ---- a zip of any bytes, with a digest and a signature that hold ---- */

static void
put_zip(struct eg_bytes zip)
{
	struct eg_buf line = EG_BUF_INIT;
	unsigned char sig[SIGN_ED25519_LEN];
	char hex[EG_SHA256_HEX];
	struct eg_err err;

	eg_sha256_hex_of(zip, hex);
	eg_buf_printf(&line, "%s  R1.zip\n", hex);
	fuzz_need(sign_bytes(site->key, eg_buf_view(&line), sig, &err) == EG_OK, "a digest can be signed");
	fuzz_need(fuzz_put(site, "archive/" RAW, zip) && fuzz_put(site, "archive/" RAW ".sha256", eg_buf_view(&line)) &&
		      fuzz_put(site, "archive/" RAW ".sha256.sig", eg_bytes(sig, sizeof(sig))),
	    "files can be written");
	eg_buf_done(&line);
}

static int
take_name(void *ctx, const char *name, uint64_t size, struct eg_err *err)
{
	struct eg_buf content = { .max = (size_t)32 << 20 };
	struct eg_err why = { 0 };
	const int rc = bundle_extract(&site->spool, RAW, name, &content, &why);

	(void)err;
	if (rc == EG_OK)
		fuzz_need(content.len == size, "a member has the length that is listed");
	else
		fuzz_failure(rc, &why, EG_NONE, false);
	fuzz_need(
	    rc == EG_OK || !*(const bool *)ctx || strcmp(why.code, "TOO-BIG") == 0 || memchr(name, '\0', 1) != NULL,
	    "what verifies can be read");
	eg_buf_done(&content);
	return EG_OK;
}

static int
take_path(void *ctx, const char *path, struct eg_err *err)
{
	(void)err;
	*(bool *)ctx = *(bool *)ctx || strcmp(path, RAW) == 0;
	return EG_OK;
}

static void
check_raw(struct eg_bytes zip)
{
	struct bundle_verdict v;
	struct eg_err err = { 0 };

	put_zip(zip);
	int rc = bundle_verify(&site->spool, RAW, site->key, &v, &err);
	if (rc < 0)
		fuzz_broken(__FILE__, __LINE__, err.msg);
	if (v.good)
		fuzz_need(v.files > 0, "a good bundle holds something");
	else
		fuzz_sentence(v.problem);
	rc = bundle_list(&site->spool, RAW, take_name, &v.good, &err);
	if (rc < 0)
		fuzz_failure(rc, &err, EG_NONE, false);
	fuzz_need(rc == EG_OK || !v.good, "what verifies can be listed");
	bool there = false;
	fuzz_need(
	    bundle_walk(&site->spool, take_path, &there, &err) == EG_OK && there, "the archive names its bundles");
}

/* ---- members of any name and content ---- */

struct member {
	char *path;
	struct eg_bytes content;
};

static size_t
add_members(struct bundle *b, struct eg_bytes in, struct member *list)
{
	struct fuzz_part part;
	struct eg_err err = { 0 };
	size_t n = 0;

	while (n < MEMBERS_MAX && fuzz_part(&in, &part)) {
		if (part.name.len > 0 &&
		    (memchr(part.name.ptr, '\0', part.name.len) != NULL || part.name.ptr[0] == '!'))
			continue;
		char *path = part.name.len == 0 ? eg_xstrdup("received/file") : eg_xdup(part.name);
		const int rc = bundle_add(b, path, part.content, &err);
		if (rc < 0)
			fuzz_failure(rc, &err, EG_NONE, false);
		if (rc == EG_OK)
			list[n++] = (struct member){ path, part.content };
		else
			free(path);
	}
	return n;
}

static void
check_sealed(const char *path, const struct member *list, size_t n)
{
	struct bundle_verdict v;
	struct eg_err err = { 0 };

	fuzz_need(bundle_verify(&site->spool, path, NULL, &v, &err) == EG_OK && v.good, "what is sealed verifies");
	fuzz_need(v.files == n, "all that was put in is there");
	for (size_t i = 0; i < n; i++) {
		struct eg_buf back = EG_BUF_INIT;
		char *name = eg_xprintf("data/%s", list[i].path);
		fuzz_need(bundle_extract(&site->spool, path, name, &back, &err) == EG_OK, "what was put in comes out");
		fuzz_need(eg_bytes_eq(eg_buf_view(&back), list[i].content), "it comes out as it was");
		eg_buf_done(&back);
		free(name);
	}
}

/* A part "!sha256" or "!sha256.sig" is written over the bundle's digest or signature: good again only when nothing changed. */
static void
check_beside(struct eg_bytes in, const char *path)
{
	struct fuzz_part part;

	while (fuzz_part(&in, &part)) {
		struct eg_buf before = EG_BUF_INIT;
		struct bundle_verdict v;
		struct eg_err err = { 0 };
		if (!eg_bytes_is(part.name, "!sha256") && !eg_bytes_is(part.name, "!sha256.sig"))
			continue;
		char *name = eg_xprintf("archive/%s.%.*s", path, EG_FMT(eg_bytes_sub(part.name, 1, part.name.len)));
		fuzz_need(eg_fs_read_file(site->dir, name, 4096, &before, &err) == EG_OK,
		    "a bundle has digest and signature");
		fuzz_need(fuzz_put(site, name, part.content), "they can be written over");
		fuzz_need(
		    bundle_verify(&site->spool, path, NULL, &v, &err) == EG_OK, "a verdict, never a fault of our own");
		fuzz_need(!v.good || eg_bytes_eq(eg_buf_view(&before), part.content), "what was changed is never good");
		if (!v.good)
			fuzz_sentence(v.problem);
		fuzz_need(fuzz_put(site, name, eg_buf_view(&before)), "and written back");
		eg_buf_done(&before);
		free(name);
	}
}

static void
check_sealing(struct eg_bytes in)
{
	struct member list[MEMBERS_MAX];
	struct bundle *b = NULL;
	struct eg_buf path = EG_BUF_INIT;
	struct eg_err err = { 0 };
	char sha[EG_SHA256_HEX];

	fuzz_need(bundle_new("A000450", &b, &err) == EG_OK, "a bundle begins");
	size_t n = add_members(b, in, list);
	const int rc = bundle_seal(b, &site->spool, site->key, NOW, sha, &path, &err);
	if (rc == EG_OK) {
		check_sealed(eg_buf_cstr(&path), list, n);
		check_beside(in, eg_buf_cstr(&path));
	} else {
		fuzz_failure(rc, &err, EG_NONE, false);
		fuzz_need(n == 0, "members that were taken can be sealed");
	}
	bundle_free(b);
	while (n > 0)
		free(list[--n].path);
	eg_buf_done(&path);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	site = fuzz_spool();
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct eg_bytes in = eg_bytes(data, size);
	struct eg_buf name = EG_BUF_INIT;

	bundle_safe_name(eg_bytes_sub(in, 0, 80), &name);
	fuzz_need(name.len > 0 && name.ptr[0] != '.' && eg_bytes_chr(eg_buf_view(&name), '/') == name.len,
	    "a safe name is one part of a path");
	eg_buf_done(&name);
	if (eg_bytes_starts(in, EG_LIT("PK")) || size == 0)
		check_raw(in);
	else
		check_sealing(in);
	return 0;
}
