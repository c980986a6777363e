/* SPDX-License-Identifier: MIT
 *
 * Is a bundle what was sealed? From outside to inside: digest line, signature, zip, manifests. What is broken is told in a sentence; only the environment is an error.
 */
#include "base/fs.h"
#include "spool/bundle_int.h"
#include "spool/spool_int.h"

#define TAG_FILE_MAX ((size_t)64 << 20) /* the manifest of the largest bundle */
#define MANIFEST "manifest-sha256.txt"
#define TAG_MANIFEST "tagmanifest-sha256.txt"

/* ---- inside ---- */

static int
hash_piece(void *ctx, struct eg_bytes v, struct eg_err *err)
{
	(void)err;
	eg_sha256_add(ctx, v);
	return EG_OK;
}

static int
hash_entry(const struct zip_in *z, const struct zip_entry *e, char ret[EG_SHA256_HEX], struct eg_err *err)
{
	struct eg_sha256 h = { NULL };
	unsigned char sha[EG_SHA256_LEN];
	eg_sha256_init(&h);
	int rc = zip_in_read(z, e, hash_piece, &h, err);
	if (rc >= 0) {
		eg_sha256_final(&h, sha);
		eg_hex(sha, sizeof(sha), ret);
	}
	eg_sha256_done(&h);
	return rc;
}

/* One manifest against the entries it is about: same names in the same order, same digests, none left over. */
static int
check_manifest(const struct zip_in *z, const char *manifest, bool payload, unsigned *ret_files, struct eg_err *err)
{
	struct eg_buf text = EG_BUF_INIT, line = EG_BUF_INIT;
	char hex[EG_SHA256_HEX] = "";
	const struct zip_entry *m = zip_in_find(z, eg_bytes_str(manifest));
	unsigned files = 0;
	size_t at = 0;
	text.max = TAG_FILE_MAX;
	int rc = m == NULL ? eg_fail(err, EG_BADFILE, "BUNDLE-BAG", "%s is missing in it.", manifest) :
	                     zip_in_read(z, m, zip_in_to_buf, &text, err);
	for (size_t i = 0; rc >= 0 && i < z->n; i++) {
		const struct zip_entry *e = &z->entry[i];
		if (eg_bytes_starts(e->name, EG_LIT("data/")) != payload || eg_bytes_is(e->name, TAG_MANIFEST)) {
			continue;
		}
		rc = hash_entry(z, e, hex, err);
		eg_buf_clear(&line);
		eg_buf_printf(&line, "%s  %.*s\n", hex, EG_FMT(e->name));
		if (rc >= 0 && !eg_bytes_eq(eg_bytes_sub(eg_buf_view(&text), at, line.len), eg_buf_view(&line))) {
			rc = eg_fail(
			    err, EG_BADFILE, "BUNDLE-BAG", "%.*s is not what %s says.", EG_FMT(e->name), manifest);
		}
		at += line.len;
		files++;
	}
	if (rc >= 0 && at != text.len) {
		rc = eg_fail(err, EG_BADFILE, "BUNDLE-BAG", "%s names files that are not in the bundle.", manifest);
	}
	*ret_files = files;
	eg_buf_done(&text);
	eg_buf_done(&line);
	return rc;
}

/* ---- outside ---- */

struct outside {
	struct eg_buf line, sig;
	char key_id[SIGN_KEY_ID];
	unsigned keys; /* tried */
};

static int
try_key(void *ctx, const struct sign_key *key, struct eg_err *err)
{
	(void)err;
	struct outside *o = ctx;
	struct eg_err untold;
	o->keys++;
	if (sign_verify(key, eg_buf_view(&o->line), eg_buf_view(&o->sig), &untold) < 0) {
		return EG_OK;
	}
	sign_key_id(key, o->key_id);
	return EG_EOF;
}

static int
check_signature(struct spool *s, const struct sign_key *key, struct outside *o, struct eg_err *err)
{
	if (key != NULL) {
		int rc = sign_verify(key, eg_buf_view(&o->line), eg_buf_view(&o->sig), err);
		sign_key_id(key, o->key_id);
		return rc < 0 ? EG_BADFILE : EG_OK;
	}
	int rc = spool_each_key(s, try_key, o, err);
	if (rc == EG_OK) {
		return eg_fail(err, EG_BADFILE, "SIG-BAD",
		    "The signature was made by none of the %u keys in archive/keys, or the digest file was changed after it "
		    "was signed.",
		    o->keys);
	}
	return rc < 0 ? rc : EG_OK;
}

static int
read_beside(struct spool *s, const char *path, const char *ending, struct eg_buf *ret, struct eg_err *err)
{
	struct eg_buf name = EG_BUF_INIT;
	eg_buf_printf(&name, "%s%s", path, ending);
	int rc = eg_fs_read_file(s->archive, eg_buf_cstr(&name), 4096, ret, err);
	eg_buf_done(&name);
	return rc;
}

static int
check_outside(struct spool *s, const char *path, const struct zip_in *z, const struct sign_key *key, struct outside *o,
    char ret_hex[EG_SHA256_HEX], struct eg_err *err)
{
	unsigned char sha[EG_SHA256_LEN];
	uint64_t size;
	struct eg_buf want = EG_BUF_INIT;
	int rc = read_beside(s, path, ".sha256", &o->line, err);
	if (rc >= 0) {
		rc = read_beside(s, path, ".sha256.sig", &o->sig, err);
	}
	if (rc >= 0) {
		rc = spool_hash_fd(z->fd, sha, &size, err);
	}
	if (rc < 0) {
		return rc;
	}
	eg_hex(sha, sizeof(sha), ret_hex);
	eg_buf_printf(&want, "%s  %.*s.zip\n", ret_hex, EG_FMT(z->id));
	bool same = eg_bytes_eq(eg_buf_view(&want), eg_buf_view(&o->line));
	eg_buf_done(&want);
	if (!same) {
		return eg_fail(err, EG_BADFILE, "BUNDLE-DIGEST",
		    "The zip has another SHA-256 than its .sha256 file says: a byte of one of the two was changed.");
	}
	return check_signature(s, key, o, err);
}

/* ---- both ---- */

/* A zip that cannot be opened is more than a changed byte, whichever check sees it first. */
static enum bundle_fault
fault_of(const struct zip_in *z, const struct eg_err *err)
{
	static const struct {
		const char *code;
		enum bundle_fault fault;
	} faults[] = { { "GONE", BUNDLE_GONE }, { "SIG-BAD", BUNDLE_OTHER_KEY } };

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		if (strcmp(err->code, faults[i].code) == 0) {
			return faults[i].fault;
		}
	}
	return z->fd >= 0 && !z->found ? BUNDLE_UNREADABLE : BUNDLE_CHANGED;
}

/* All checks in order; EG_BADFILE and "GONE" are verdicts, the rest is the environment. */
static int
verify(struct spool *s, const char *path, const struct sign_key *key, struct bundle_verdict *v, struct eg_err *err)
{
	struct zip_in z = ZIP_IN_INIT;
	struct outside o = { .line = EG_BUF_INIT, .sig = EG_BUF_INIT };
	unsigned tags;
	int rc = bundle_open(s, path, &z, err);
	if (z.fd >= 0) {
		/* The outer digest tells more than a broken zip: it comes first. */
		struct eg_err outer;
		int outer_rc = check_outside(s, path, &z, key, &o, v->sha256, &outer);
		if (outer_rc < 0) {
			rc = outer_rc;
			*err = outer;
		}
	}
	if (rc >= 0) {
		memcpy(v->key_id, o.key_id, sizeof(o.key_id));
		rc = check_manifest(&z, MANIFEST, true, &v->files, err);
	}
	if (rc >= 0) {
		rc = check_manifest(&z, TAG_MANIFEST, false, &tags, err);
	}
	v->fault = rc < 0 ? fault_of(&z, err) : BUNDLE_WHOLE;
	zip_in_close(&z);
	eg_buf_done(&o.line);
	eg_buf_done(&o.sig);
	return rc;
}

int
bundle_verify(
    struct spool *s, const char *path, const struct sign_key *key, struct bundle_verdict *ret, struct eg_err *err)
{
	struct bundle_verdict v = { .good = false };
	struct eg_err found = { 0 };
	int rc = verify(s, path, key, &v, &found);
	bool gone = strcmp(found.code, "GONE") == 0;
	if (rc < 0 && rc != EG_BADFILE && !gone) {
		*err = found;
		return rc;
	}
	v.good = rc >= 0;
	if (!v.good) {
		snprintf(v.problem, sizeof(v.problem), "%s%.340s", gone ? "A file of the bundle is missing: " : "",
		    found.msg);
	}
	*ret = v;
	return EG_OK;
}
