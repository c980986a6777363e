/* SPDX-License-Identifier: MIT
 *
 * Reading our own bundles back. The zip reader knows exactly the form zip_out writes and refuses everything else, so
 * that there is one reading of a bundle only. Verifying goes from outside to inside: digest line, signature, zip,
 * manifests. What is broken is told in a sentence; only the environment is an error.
 */
#include "spool/bundle.h"

#include "base/fs.h"
#include "base/limits.h"
#include "spool/spool_int.h"
#include "spool/tombstone.h"

#include <inttypes.h>
#include <zlib.h>

#define PIECE_BYTES ((size_t)256 << 10)
#define LOCAL_BYTES 30U
#define CENTRAL_BYTES 46U
#define END_BYTES 22U
#define TAG_FILE_MAX ((size_t)64 << 20) /* the manifest of the largest bundle */
#define MANIFEST "manifest-sha256.txt"
#define TAG_MANIFEST "tagmanifest-sha256.txt"

struct entry {
	struct eg_bytes name; /* without "<id>/"; view of the directory */
	uint16_t method;
	uint32_t crc, packed, size;
	uint64_t data; /* offset of the packed bytes */
};

struct zip_in {
	int fd;
	uint64_t len;
	struct eg_bytes id;
	struct eg_buf directory;
	struct entry *entry;
	size_t n;
	bool found; /* its directory lies where its end says */
};
#define ZIP_IN_INIT                                         \
	{                                                   \
		-1, 0, EG_NONE, EG_BUF_INIT, NULL, 0, false \
	}

static int
bad_zip(struct eg_err *err, const char *what)
{
	return eg_fail(err, EG_BADFILE, "BUNDLE-ZIP", "The zip is not as it was written: %s.", what);
}

static uint32_t
get16(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t
get32(const unsigned char *p)
{
	return get16(p) | get16(p + 2) << 16;
}

static void
zip_close(struct zip_in *z)
{
	eg_fd_done(&z->fd);
	eg_buf_done(&z->directory);
	free(z->entry);
	z->entry = NULL;
}

/* ---- structure ---- */

static int
read_exact(const struct zip_in *z, void *p, size_t n, uint64_t off, struct eg_err *err)
{
	size_t got = 0;
	int rc = off > z->len || n > z->len - off ? EG_OK : spool_pread(z->fd, p, n, off, &got, err);
	if (rc < 0) {
		return rc;
	}
	return got == n ? EG_OK : bad_zip(err, "it is cut, or a size in it is wrong");
}

static int
read_directory(struct zip_in *z, struct eg_err *err)
{
	unsigned char end[END_BYTES];
	static const unsigned char signature[8] = { 'P', 'K', 5, 6, 0, 0, 0, 0 };
	if (z->len < END_BYTES) {
		return bad_zip(err, "it is cut");
	}
	int rc = read_exact(z, end, sizeof(end), z->len - END_BYTES, err);
	if (rc < 0) {
		return rc;
	}
	uint64_t size = get32(end + 12), at = get32(end + 16);
	if (memcmp(end, signature, sizeof(signature)) != 0 || get16(end + 20) != 0 ||
	    get16(end + 8) != get16(end + 10) || at + size + END_BYTES != z->len) {
		return bad_zip(err, "its end record is damaged, or the file is cut");
	}
	z->n = get16(end + 8);
	unsigned char *p = eg_xalloc((size_t)size + 1);
	rc = read_exact(z, p, (size_t)size, at, err);
	if (rc >= 0) {
		eg_buf_add(&z->directory, eg_bytes(p, (size_t)size));
	}
	free(p);
	return rc;
}

static int
parse_entry(struct zip_in *z, struct eg_bytes *rest, struct entry *ret, uint64_t *offset, struct eg_err *err)
{
	const unsigned char *p = rest->ptr;
	if (rest->len < CENTRAL_BYTES || get32(p) != 0x02014b50 || rest->len - CENTRAL_BYTES < get16(p + 28)) {
		return bad_zip(err, "its directory is damaged");
	}
	struct eg_bytes name = eg_bytes_sub(*rest, CENTRAL_BYTES, get16(p + 28));
	*offset = get32(p + 42);
	*ret = (struct entry){
		.method = (uint16_t)get16(p + 10), .crc = get32(p + 16), .packed = get32(p + 20), .size = get32(p + 24)
	};
	/* made on Unix 2.0, needs 2.0, no flags; 1980-01-01; no extra field, comment, disk or internal attributes; 0644 */
	static const unsigned char lead[] = { 0x14, 3, 20, 0, 0, 0 }, when[] = { 0, 0, 0x21, 0 };
	static const unsigned char tail[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xa4, 0x81 };
	if (memcmp(p + 4, lead, sizeof(lead)) != 0 || memcmp(p + 12, when, sizeof(when)) != 0 ||
	    memcmp(p + 30, tail, sizeof(tail)) != 0 || (ret->method != 0 && ret->method != 8) ||
	    (ret->method == 0 && ret->packed != ret->size)) {
		return bad_zip(err, "an entry has a form we never write");
	}
	if (!eg_bytes_starts(name, z->id) || name.len <= z->id.len + 1 || name.ptr[z->id.len] != '/') {
		return bad_zip(err, "an entry stands outside its own folder");
	}
	ret->name = eg_bytes_sub(name, z->id.len + 1, name.len);
	*rest = eg_bytes_sub(*rest, CENTRAL_BYTES + name.len, rest->len);
	return EG_OK;
}

/* The local header must say the same as the directory, and entries must lie end to end from offset 0. */
static int
check_local(struct zip_in *z, struct entry *e, const unsigned char *central, uint64_t offset, uint64_t *next,
    struct eg_err *err)
{
	unsigned char local[LOCAL_BYTES];
	size_t full = z->id.len + 1 + e->name.len;
	if (offset != *next) {
		return bad_zip(err, "its entries do not lie end to end");
	}
	int rc = read_exact(z, local, sizeof(local), offset, err);
	if (rc < 0) {
		return rc;
	}
	/* From "version needed" to "extra length" both headers have the same fields. */
	if (get32(local) != 0x04034b50 || memcmp(local + 4, central + 6, 26) != 0) {
		return bad_zip(err, "an entry and the directory disagree");
	}
	unsigned char *name = eg_xalloc(full);
	rc = read_exact(z, name, full, offset + LOCAL_BYTES, err);
	if (rc >= 0 && memcmp(name, central + CENTRAL_BYTES, full) != 0) {
		rc = bad_zip(err, "an entry and the directory disagree on its name");
	}
	free(name);
	e->data = offset + LOCAL_BYTES + full;
	*next = e->data + e->packed;
	return rc;
}

static int
parse_directory(struct zip_in *z, struct eg_err *err)
{
	struct eg_bytes rest = eg_buf_view(&z->directory);
	uint64_t next = 0, offset = 0;
	int rc = EG_OK;
	z->entry = eg_xalloc((z->n + 1) * sizeof(*z->entry));
	for (size_t i = 0; rc >= 0 && i < z->n; i++) {
		const unsigned char *central = rest.ptr;
		rc = parse_entry(z, &rest, &z->entry[i], &offset, err);
		if (rc >= 0 && i > 0 && eg_bytes_cmp(z->entry[i - 1].name, z->entry[i].name) >= 0) {
			rc = bad_zip(err, "its entries are not in order");
		}
		if (rc >= 0) {
			rc = check_local(z, &z->entry[i], central, offset, &next, err);
		}
	}
	if (rc >= 0 && (rest.len != 0 || next + z->directory.len + END_BYTES != z->len)) {
		rc = bad_zip(err, "bytes lie in it that belong to no entry");
	}
	return rc;
}

/* path "2026/11/A000450.zip"; z->id views it. */
static int
zip_open(struct spool *s, const char *path, struct zip_in *z, struct eg_err *err)
{
	struct eg_bytes name = eg_bytes_str(path);
	struct stat st;
	for (size_t at = eg_bytes_chr(name, '/'); at < name.len; at = eg_bytes_chr(name, '/')) {
		name = eg_bytes_sub(name, at + 1, name.len);
	}
	if (!eg_bytes_ends(name, EG_LIT(".zip")) || !spool_part_ok(eg_bytes_sub(name, 0, name.len - 4))) {
		return eg_fail(
		    err, EG_BADFILE, "NAME", "\"%.120s\" is not the path of a bundle (YYYY/MM/ID.zip).", path);
	}
	z->id = eg_bytes_sub(name, 0, name.len - 4);
	int rc = eg_fs_open_file(s->archive, path, &z->fd, &st, err);
	if (rc == EG_RETRY && strcmp(err->code, "GONE") == 0 && tombstone_there(s, path)) {
		return eg_fail(err, EG_BADREC, "EXPIRED",
		    "Bundle %.*s was deleted under retention. When, by whom, under which rule and what it held: archive/%.*s.tombstone.json",
		    EG_FMT(z->id), (int)strlen(path) - 4, path);
	}
	if (rc < 0) {
		return rc;
	}
	z->len = (uint64_t)st.st_size;
	rc = read_directory(z, err);
	z->found = rc >= 0;
	return rc < 0 ? rc : parse_directory(z, err);
}

/* ---- content ---- */

struct reading {
	const struct zip_in *z;
	const struct entry *e;
	int (*each)(void *ctx, struct eg_bytes v, struct eg_err *err);
	void *ctx;
	uint32_t crc;
	uint64_t size;
};

static int
take_piece(struct reading *r, struct eg_bytes v, struct eg_err *err)
{
	r->size += v.len;
	if (r->size > r->e->size) {
		return bad_zip(err, "an entry is longer than it says");
	}
	if (v.len == 0) {
		return EG_OK;
	}
	r->crc = (uint32_t)crc32(r->crc, v.ptr, (uInt)v.len);
	return r->each(r->ctx, v, err);
}

static int
unpack_piece(struct reading *r, z_stream *zs, int *state, struct eg_bytes in, unsigned char *out, struct eg_err *err)
{
	zs->next_in = (z_const Bytef *)(uintptr_t)in.ptr;
	zs->avail_in = (uInt)in.len;
	do {
		zs->next_out = out;
		zs->avail_out = (uInt)PIECE_BYTES;
		*state = inflate(zs, Z_NO_FLUSH);
		if (*state != Z_OK && *state != Z_STREAM_END && *state != Z_BUF_ERROR) {
			return bad_zip(err, "an entry cannot be unpacked");
		}
		int rc = take_piece(r, eg_bytes(out, PIECE_BYTES - zs->avail_out), err);
		if (rc < 0) {
			return rc;
		}
	} while (*state == Z_OK && zs->avail_out == 0);
	return *state == Z_STREAM_END && zs->avail_in != 0 ? bad_zip(err, "bytes follow the end of an entry") : EG_OK;
}

static int
read_packed(struct reading *r, unsigned char *in, unsigned char *out, struct eg_err *err)
{
	z_stream zs = { 0 };
	int state = Z_OK, rc = EG_OK;
	bool packed = r->e->method == 8;
	if (packed && inflateInit2(&zs, -MAX_WBITS) != Z_OK) {
		return eg_fail(err, EG_RETRY, "MEMORY", "No memory for unpacking a bundle.");
	}
	for (uint64_t off = 0; rc >= 0 && off < r->e->packed;) {
		size_t n = r->e->packed - off < PIECE_BYTES ? (size_t)(r->e->packed - off) : PIECE_BYTES;
		rc = read_exact(r->z, in, n, r->e->data + off, err);
		if (rc >= 0 && packed) {
			rc = state == Z_STREAM_END ? bad_zip(err, "bytes follow the end of an entry") :
			                             unpack_piece(r, &zs, &state, eg_bytes(in, n), out, err);
		} else if (rc >= 0) {
			rc = take_piece(r, eg_bytes(in, n), err);
		}
		off += n;
	}
	if (packed) {
		(void)inflateEnd(&zs);
	}
	return rc >= 0 && packed && state != Z_STREAM_END ? bad_zip(err, "an entry is cut") : rc;
}

static int
read_entry(const struct zip_in *z, const struct entry *e, int (*each)(void *ctx, struct eg_bytes v, struct eg_err *err),
    void *ctx, struct eg_err *err)
{
	struct reading r = { z, e, each, ctx, (uint32_t)crc32(0, NULL, 0), 0 };
	unsigned char *mem = eg_xalloc(2 * PIECE_BYTES);
	int rc = read_packed(&r, mem, mem + PIECE_BYTES, err);
	free(mem);
	if (rc >= 0 && (r.size != e->size || r.crc != e->crc)) {
		rc = bad_zip(err, "the size or checksum of an entry is wrong");
	}
	return rc;
}

static const struct entry *
find_entry(const struct zip_in *z, struct eg_bytes name)
{
	if (eg_bytes_starts(name, z->id) && name.len > z->id.len && name.ptr[z->id.len] == '/') {
		name = eg_bytes_sub(name, z->id.len + 1, name.len);
	}
	for (size_t i = 0; i < z->n; i++) {
		if (eg_bytes_eq(z->entry[i].name, name)) {
			return &z->entry[i];
		}
	}
	return NULL;
}

int
bundle_list(struct spool *s, const char *path,
    int (*each)(void *ctx, const char *name, uint64_t size, struct eg_err *err), void *ctx, struct eg_err *err)
{
	struct zip_in z = ZIP_IN_INIT;
	int rc = zip_open(s, path, &z, err);
	for (size_t i = 0; rc >= 0 && i < z.n; i++) {
		struct eg_buf name = EG_BUF_INIT;
		eg_buf_add(&name, z.entry[i].name);
		rc = each(ctx, eg_buf_cstr(&name), z.entry[i].size, err);
		eg_buf_done(&name);
	}
	zip_close(&z);
	return rc < 0 ? rc : EG_OK;
}

int
bundle_read(struct spool *s, const char *path, const char *member,
    int (*each)(void *ctx, struct eg_bytes v, struct eg_err *err), void *ctx, struct eg_err *err)
{
	struct zip_in z = ZIP_IN_INIT;
	int rc = zip_open(s, path, &z, err);
	if (rc >= 0) {
		const struct entry *e = find_entry(&z, eg_bytes_str(member));
		rc = e == NULL ?
		         eg_fail(err, EG_BADFILE, "NO-MEMBER", "The bundle %s has no file %.160s.", path, member) :
		         read_entry(&z, e, each, ctx, err);
	}
	zip_close(&z);
	return rc;
}

static int
to_buf(void *ctx, struct eg_bytes v, struct eg_err *err)
{
	struct eg_buf *b = ctx;
	eg_buf_add(b, v);
	return b->full ? eg_fail(err, EG_BADFILE, "TOO-BIG", "A file of the bundle does not fit into memory.") : EG_OK;
}

int
bundle_extract(struct spool *s, const char *path, const char *member, struct eg_buf *ret, struct eg_err *err)
{
	return bundle_read(s, path, member, to_buf, ret, err);
}

/* ---- verifying ---- */

static int
hash_piece(void *ctx, struct eg_bytes v, struct eg_err *err)
{
	(void)err;
	eg_sha256_add(ctx, v);
	return EG_OK;
}

static int
hash_entry(const struct zip_in *z, const struct entry *e, char ret[EG_SHA256_HEX], struct eg_err *err)
{
	struct eg_sha256 h = { NULL };
	unsigned char sha[EG_SHA256_LEN];
	eg_sha256_init(&h);
	int rc = read_entry(z, e, hash_piece, &h, err);
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
	const struct entry *m = find_entry(z, eg_bytes_str(manifest));
	unsigned files = 0;
	size_t at = 0;
	text.max = TAG_FILE_MAX;
	int rc = m == NULL ? eg_fail(err, EG_BADFILE, "BUNDLE-BAG", "%s is missing in it.", manifest) :
	                     read_entry(z, m, to_buf, &text, err);
	for (size_t i = 0; rc >= 0 && i < z->n; i++) {
		const struct entry *e = &z->entry[i];
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
	int rc = zip_open(s, path, &z, err);
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
	zip_close(&z);
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

/* ---- walking ---- */

struct walk {
	int dir;
	char path[SPOOL_ID_MAX];
	int (*each)(void *ctx, const char *path, struct eg_err *err);
	void *ctx;
};

static int
walk_bundle(void *ctx, const char *name, struct eg_err *err)
{
	const struct walk *w = ctx;
	char path[SPOOL_PATH_MAX];
	struct eg_bytes v = eg_bytes_str(name);
	if (!eg_bytes_ends(v, EG_LIT(".zip")) || !spool_part_ok(v)) {
		return EG_OK;
	}
	snprintf(path, sizeof(path), "%s/%s", w->path, name);
	return w->each(w->ctx, path, err);
}

static int
walk_month(void *ctx, const char *name, struct eg_err *err)
{
	const struct walk *year = ctx;
	struct walk w = { -1, "", year->each, year->ctx };
	uint64_t n;
	if (strlen(name) != 2 || !eg_bytes_to_u64(eg_bytes_str(name), &n)) {
		return EG_OK;
	}
	snprintf(w.path, sizeof(w.path), "%.4s/%.2s", year->path, name);
	int rc = eg_fs_opendir(year->dir, name, &w.dir, err);
	if (rc >= 0) {
		rc = eg_fs_list(w.dir, walk_bundle, &w, err);
	}
	eg_fd_done(&w.dir);
	return rc;
}

static int
walk_year(void *ctx, const char *name, struct eg_err *err)
{
	const struct walk *all = ctx;
	struct walk w = { -1, "", all->each, all->ctx };
	uint64_t n;
	if (strlen(name) != 4 || !eg_bytes_to_u64(eg_bytes_str(name), &n)) {
		return EG_OK;
	}
	snprintf(w.path, sizeof(w.path), "%.4s", name);
	int rc = eg_fs_opendir(all->dir, name, &w.dir, err);
	if (rc >= 0) {
		rc = eg_fs_list(w.dir, walk_month, &w, err);
	}
	eg_fd_done(&w.dir);
	return rc;
}

int
bundle_walk(
    struct spool *s, int (*each)(void *ctx, const char *path, struct eg_err *err), void *ctx, struct eg_err *err)
{
	struct walk w = { s->archive, "", each, ctx };
	return eg_fs_list(s->archive, walk_year, &w, err);
}
