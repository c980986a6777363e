/* SPDX-License-Identifier: MIT
 *
 * Sealing: members in bytewise order into one zip in BagIt shape, its digest line and the signature over that line
 * beside it. Every byte of the zip follows from the members, the info lines and the id. Refuses names that could mean
 * two things on another system.
 */
#include "spool/bundle.h"

#include "base/date.h"
#include "base/fs.h"
#include "base/limits.h"
#include "spool/spool_int.h"
#include "spool/zip_out.h"

#include <inttypes.h>
#include <strings.h>

#define BUNDLE_MODE 0640
#define BUNDLE_FOLDER_MODE 0750
#define MANIFEST "manifest-sha256.txt"
#define TAG_MANIFEST "tagmanifest-sha256.txt"

struct part {
	char *path; /* below <id>/data/ */
	struct eg_spill text; /* ours */
	int fd; /* lent; -1 = from text */
	uint64_t size;
};

struct bundle {
	char *id;
	struct eg_buf info, about;
	struct part *part;
	size_t n, cap;
};

void
bundle_safe_name(struct eg_bytes name, struct eg_buf *ret)
{
	size_t from = ret->len;

	spool_safe_name(name, ret);
	for (size_t i = from; i < ret->len; i++)
		if (ret->ptr[i] == '%')
			ret->ptr[i] = '_';
}

int
bundle_new(const char *id, struct bundle **ret, struct eg_err *err)
{
	int rc = spool_check_part("The bundle", id, err);
	if (rc < 0) {
		return rc;
	}
	struct bundle *b = eg_xalloc(sizeof(*b));
	b->id = eg_xstrdup(id);
	*ret = b;
	return EG_OK;
}

const char *
bundle_id(const struct bundle *b)
{
	return b->id;
}

void
bundle_free(struct bundle *b)
{
	if (b == NULL) {
		return;
	}
	for (size_t i = 0; i < b->n; i++) {
		free(b->part[i].path);
		eg_spill_done(&b->part[i].text);
	}
	free(b->part);
	eg_buf_done(&b->info);
	eg_buf_done(&b->about);
	free(b->id);
	free(b);
}

int
bundle_info(struct bundle *b, const char *label, const char *value, struct eg_err *err)
{
	struct eg_bytes l = eg_bytes_str(label);
	if (l.len == 0 || eg_bytes_chr(l, ':') < l.len || eg_bytes_chr(l, '\n') < l.len) {
		return eg_fail(err, EG_BADFILE, "BUNDLE-NAME", "\"%.80s\" is no label for bag-info.txt.", label);
	}
	eg_buf_printf(&b->info, "%s: ", label);
	eg_buf_escaped(&b->info, eg_bytes_str(value));
	eg_buf_chr(&b->info, '\n');
	return EG_OK;
}

static bool
path_ok(const char *path)
{
	struct eg_bytes rest = eg_bytes_str(path), part;
	if (rest.len == 0 || rest.len > EG_LIMIT_NAME - SPOOL_ID_MAX) {
		return false;
	}
	while (eg_bytes_cut(&rest, '/', &part)) {
		if (part.len == 0 || part.ptr[0] == '.') {
			return false;
		}
		for (size_t i = 0; i < part.len; i++) {
			if (part.ptr[i] != '.' && !spool_part_ok(eg_bytes_sub(part, i, 1))) {
				return false;
			}
		}
	}
	return true;
}

static int
add_part(struct bundle *b, const char *path, struct part **ret, struct eg_err *err)
{
	if (!path_ok(path)) {
		return eg_fail(err, EG_BADFILE, "BUNDLE-NAME",
		    "\"%.120s\" is no path for a bundle: parts of A-Z a-z 0-9 . _ -, not beginning with a dot.", path);
	}
	for (size_t i = 0; i < b->n; i++) {
		/* Also names that differ in case only: they are one file on some systems. */
		if (strcasecmp(b->part[i].path, path) == 0) {
			return eg_fail(err, EG_BADFILE, "BUNDLE-NAME", "%s stands twice in bundle %s.", path, b->id);
		}
	}
	if (b->n == b->cap) {
		b->cap = b->cap * 2 + 8;
		b->part = eg_xrealloc(b->part, b->cap * sizeof(*b->part));
	}
	*ret = &b->part[b->n++];
	**ret = (struct part){ .path = eg_xstrdup(path), .text = EG_SPILL_INIT(-1), .fd = -1 };
	return EG_OK;
}

int
bundle_add(struct bundle *b, const char *path, struct eg_bytes v, struct eg_err *err)
{
	struct part *p = NULL;
	int rc = add_part(b, path, &p, err);
	if (rc >= 0) {
		eg_buf_add(&p->text.buf, v);
		p->size = v.len;
		if (p->text.buf.full) {
			rc = eg_fail(err, EG_BADFILE, "BUNDLE-BIG", "%s is too large to be bundled from memory.", path);
		}
	}
	return rc;
}

int
bundle_add_fd(struct bundle *b, const char *path, int fd, uint64_t size, struct eg_err *err)
{
	struct part *p = NULL;
	int rc = add_part(b, path, &p, err);
	if (rc >= 0) {
		p->fd = fd;
		p->size = size;
	}
	return rc;
}

int
bundle_add_spill(struct bundle *b, const char *path, struct eg_spill *t, struct eg_err *err)
{
	struct part *p = NULL;
	int rc = eg_spill_end(t, err);
	if (rc >= 0) {
		rc = add_part(b, path, &p, err);
	}
	if (rc >= 0) {
		p->size = eg_spill_size(t);
		p->text = eg_spill_take(t);
	}
	eg_spill_clear(t);
	return rc;
}

/* ---- texts of our own ---- */

static const char bagit_text[] = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/* Names no key: which one signed stands in the signature alone, and an auditor should have it from elsewhere. */
static void
readme_text(const char *id, struct eg_buf *ret)
{
	eg_buf_printf(ret,
	    "Bundle %s\n"
	    "\n"
	    "This is a sealed record made by erpgate: what came in, what became of it, and what went out, under data/.\n"
	    "It can be checked without erpgate, with three commands. Beside %s.zip lie %s.zip.sha256 (its digest) and\n"
	    "%s.zip.sha256.sig (an Ed25519 signature over that file). KEY.pub.pem is the gateway's public key: take it\n"
	    "from your own records; a copy lies in the archive's folder keys/.\n"
	    "\n"
	    "1. The zip is the one that was signed, down to the last bit:\n"
	    "\n"
	    "    sha256sum --strict -c %s.zip.sha256 | grep -x '%s.zip: OK'\n"
	    "\n"
	    "2. The digest was signed by the gateway:\n"
	    "\n"
	    "    openssl pkeyutl -verify -pubin -inkey KEY.pub.pem -rawin -in %s.zip.sha256 -sigfile %s.zip.sha256.sig\n"
	    "\n"
	    "3. What is unpacked is what was packed:\n"
	    "\n"
	    "    unzip %s.zip && cd %s && sha256sum --strict -c " MANIFEST " " TAG_MANIFEST "\n"
	    "\n"
	    "The folder has the BagIt form (RFC 8493), so any BagIt validator can check it too. That this bundle is part\n"
	    "of an unbroken series is shown by the archive's log (log/checkpoint), which names the digest of every bundle.\n",
	    id, id, id, id, id, id, id, id, id, id);
}

static void
manifest_line(struct eg_buf *b, const unsigned char sha[EG_SHA256_LEN], const char *folder, const char *path)
{
	char hex[EG_SHA256_HEX];
	eg_hex(sha, EG_SHA256_LEN, hex);
	eg_buf_printf(b, "%s  %s%s\n", hex, folder, path);
}

/* ---- the zip ---- */

struct seal {
	struct eg_fs_out out;
	struct eg_sha256 sha;
	struct zip_out zip;
	struct eg_buf manifest, tags, name;
};

static int
write_zip(void *ctx, struct eg_bytes v, struct eg_err *err)
{
	struct seal *w = ctx;
	eg_sha256_add(&w->sha, v);
	return eg_fs_out_write(&w->out, v, err);
}

static const char *
member_name(struct seal *w, const struct bundle *b, const char *folder, const char *path)
{
	eg_buf_clear(&w->name);
	eg_buf_printf(&w->name, "%s/%s%s", b->id, folder, path);
	return eg_buf_cstr(&w->name);
}

/* A file about the bag; it stands in the tag manifest, which itself stands in none. */
static int
write_tag(struct seal *w, const struct bundle *b, const char *name, struct eg_bytes v, struct eg_err *err)
{
	unsigned char sha[EG_SHA256_LEN];
	int rc = zip_out_add(&w->zip, member_name(w, b, "", name), v, sha, err);
	if (rc >= 0) {
		manifest_line(&w->tags, sha, "", name);
	}
	return rc;
}

static int
write_part(struct seal *w, const struct bundle *b, const struct part *p, struct eg_err *err)
{
	unsigned char sha[EG_SHA256_LEN];
	const char *name = member_name(w, b, "data/", p->path);
	const int fd = p->fd >= 0 ? p->fd : p->text.fd;
	int rc = fd < 0 ? zip_out_add(&w->zip, name, eg_buf_view(&p->text.buf), sha, err) :
	                  zip_out_add_fd(&w->zip, name, fd, p->size, sha, err);
	if (rc >= 0) {
		manifest_line(&w->manifest, sha, "data/", p->path);
	}
	return rc;
}

static int
compare_parts(const void *a, const void *b)
{
	return strcmp(((const struct part *)a)->path, ((const struct part *)b)->path);
}

void
bundle_about(struct bundle *b, struct eg_bytes text)
{
	eg_buf_clear(&b->about);
	eg_buf_add(&b->about, text);
}

void
bundle_paths(struct bundle *b, void (*each)(void *ctx, const char *path), void *ctx)
{
	qsort(b->part, b->n, sizeof(*b->part), compare_parts);
	for (size_t i = 0; i < b->n; i++) {
		each(ctx, b->part[i].path);
	}
}

/* Members stand in bytewise order: README.txt, bag-info.txt, bagit.txt, data/…, the manifests. */
static int
write_members(struct seal *w, struct bundle *b, struct eg_err *err)
{
	unsigned char sha[EG_SHA256_LEN];
	struct eg_buf readme = EG_BUF_INIT, info = EG_BUF_INIT;
	uint64_t total = 0;
	for (size_t i = 0; i < b->n; i++) {
		total += b->part[i].size;
	}
	readme_text(b->id, &readme);
	eg_buf_add(&readme, eg_buf_view(&b->about));
	eg_buf_add(&info, eg_buf_view(&b->info));
	eg_buf_printf(&info, "Payload-Oxum: %" PRIu64 ".%zu\n", total, b->n);
	qsort(b->part, b->n, sizeof(*b->part), compare_parts);
	int rc = write_tag(w, b, "README.txt", eg_buf_view(&readme), err);
	if (rc >= 0) {
		rc = write_tag(w, b, "bag-info.txt", eg_buf_view(&info), err);
	}
	if (rc >= 0) {
		rc = write_tag(w, b, "bagit.txt", eg_bytes_str(bagit_text), err);
	}
	for (size_t i = 0; rc >= 0 && i < b->n; i++) {
		rc = write_part(w, b, &b->part[i], err);
	}
	if (rc >= 0) {
		rc = write_tag(w, b, MANIFEST, eg_buf_view(&w->manifest), err);
	}
	if (rc >= 0) {
		rc = zip_out_add(&w->zip, member_name(w, b, "", TAG_MANIFEST), eg_buf_view(&w->tags), sha, err);
	}
	if (rc >= 0) {
		rc = zip_out_end(&w->zip, err);
	}
	eg_buf_done(&readme);
	eg_buf_done(&info);
	return rc;
}

/* Where the three files of a bundle go: into their folder, which is synced once for all of them, or with a group, which then names them below the archive. */
struct place {
	int dir;
	const char *month; /* folder below dir, "" = dir itself */
	struct eg_fs_group *group; /* NULL = at once */
};

static int
place_end(const struct place *at, struct eg_fs_out *o, const char *name, struct eg_err *err)
{
	char path[SPOOL_PATH_MAX];
	if (at->group == NULL) {
		return eg_fs_out_name(o, name, true, err);
	}
	snprintf(path, sizeof(path), "%s/%s", at->month, name);
	return eg_fs_group_park(at->group, o, path, err);
}

static int
place_write(const struct place *at, const char *name, struct eg_bytes v, struct eg_err *err)
{
	struct eg_fs_out o = EG_FS_OUT_INIT;
	int rc = eg_fs_out_open_in(&o, at->dir, at->month, BUNDLE_MODE, err);
	if (rc >= 0) {
		rc = eg_fs_out_write(&o, v, err);
	}
	if (rc >= 0) {
		rc = place_end(at, &o, name, err);
	}
	eg_fs_out_abort(&o);
	return rc;
}

static int
seal_zip(struct bundle *b, const struct place *at, const char *name, char ret_sha256[EG_SHA256_HEX], struct eg_err *err)
{
	struct seal w = { .out = EG_FS_OUT_INIT, .manifest = EG_BUF_INIT, .tags = EG_BUF_INIT, .name = EG_BUF_INIT };
	unsigned char sha[EG_SHA256_LEN];
	eg_sha256_init(&w.sha);
	zip_out_init(&w.zip, write_zip, &w);
	int rc = eg_fs_out_open_in(&w.out, at->dir, at->month, BUNDLE_MODE, err);
	if (rc >= 0) {
		rc = write_members(&w, b, err);
	}
	if (rc >= 0) {
		rc = place_end(at, &w.out, name, err);
	}
	if (rc >= 0) {
		eg_sha256_final(&w.sha, sha);
		eg_hex(sha, sizeof(sha), ret_sha256);
	}
	eg_fs_out_abort(&w.out);
	zip_out_done(&w.zip);
	eg_sha256_done(&w.sha);
	eg_buf_done(&w.manifest);
	eg_buf_done(&w.tags);
	eg_buf_done(&w.name);
	return rc;
}

/* The digest line as sha256sum writes it, and the signature over exactly these bytes. */
static int
seal_outside(
    const struct place *at, const char *zip_name, const char *hex, const struct sign_key *key, struct eg_err *err)
{
	unsigned char sig[SIGN_ED25519_LEN];
	struct eg_buf line = EG_BUF_INIT, name = EG_BUF_INIT;
	eg_buf_printf(&line, "%s  %s\n", hex, zip_name);
	eg_buf_printf(&name, "%s.sha256", zip_name);
	int rc = sign_bytes(key, eg_buf_view(&line), sig, err);
	if (rc >= 0) {
		rc = place_write(at, eg_buf_cstr(&name), eg_buf_view(&line), err);
	}
	eg_buf_str(&name, ".sig");
	if (rc >= 0) {
		rc = place_write(at, eg_buf_cstr(&name), eg_bytes(sig, sizeof(sig)), err);
	}
	eg_buf_done(&line);
	eg_buf_done(&name);
	return rc;
}

int
bundle_seal_in(struct bundle *b, struct spool *s, struct eg_fs_group *group, const struct sign_key *key, int64_t now,
    char ret_sha256[EG_SHA256_HEX], struct eg_buf *ret_path, struct eg_err *err)
{
	char month[SPOOL_ID_MAX], name[SPOOL_PATH_MAX], hex[EG_SHA256_HEX];
	struct eg_date day = eg_date_of_time(now);
	int dir = -1;
	if (b->n == 0) {
		return eg_fail(err, EG_BADFILE, "BUNDLE-EMPTY", "Bundle %s has no content.", b->id);
	}
	snprintf(month, sizeof(month), "%04d/%02u", day.year, (unsigned)day.month);
	snprintf(name, sizeof(name), "%s.zip", b->id);
	int rc = eg_fs_mkdirs(s->archive, month, BUNDLE_FOLDER_MODE, err);
	if (rc >= 0) {
		rc = eg_fs_opendir(s->archive, month, &dir, err);
	}
	if (rc >= 0) {
		rc = spool_keep_key(s, key, err);
	}
	const struct place at = { group == NULL ? dir : s->archive, group == NULL ? "" : month, group };
	if (rc >= 0) {
		rc = seal_zip(b, &at, name, hex, err);
	}
	if (rc >= 0) {
		rc = seal_outside(&at, name, hex, key, err);
	}
	if (rc >= 0 && group == NULL) {
		rc = eg_fs_sync_dir(dir, err);
	}
	if (rc >= 0) {
		memcpy(ret_sha256, hex, EG_SHA256_HEX);
		eg_buf_printf(ret_path, "%s/%s", month, name);
	}
	eg_fd_done(&dir);
	return rc;
}

int
bundle_seal(struct bundle *b, struct spool *s, const struct sign_key *key, int64_t now, char ret_sha256[EG_SHA256_HEX],
    struct eg_buf *ret_path, struct eg_err *err)
{
	return bundle_seal_in(b, s, NULL, key, now, ret_sha256, ret_path, err);
}
