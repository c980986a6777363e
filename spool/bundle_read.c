/* SPDX-License-Identifier: MIT
 *
 * Our own bundles found and read back: all of them in the archive, the members of one, a member's bytes. Refuses a path that is none of a bundle, a zip that is not of our form, and says
 * of one that was deleted under retention that it was. Whether a bundle is whole: bundle_verify.c.
 */
#include "base/fs.h"
#include "spool/bundle_int.h"
#include "spool/spool_int.h"
#include "spool/tombstone.h"

int
bundle_open(struct spool *s, const char *path, struct zip_in *z, struct eg_err *err)
{
	struct eg_bytes name = eg_bytes_str(path);
	struct stat st;
	int fd = -1;
	for (size_t at = eg_bytes_chr(name, '/'); at < name.len; at = eg_bytes_chr(name, '/')) {
		name = eg_bytes_sub(name, at + 1, name.len);
	}
	if (!eg_bytes_ends(name, EG_LIT(".zip")) || !spool_part_ok(eg_bytes_sub(name, 0, name.len - 4))) {
		return eg_fail(
		    err, EG_BADFILE, "NAME", "\"%.120s\" is not the path of a bundle (YYYY/MM/ID.zip).", path);
	}
	struct eg_bytes id = eg_bytes_sub(name, 0, name.len - 4);
	int rc = eg_fs_open_file(s->archive, path, &fd, &st, err);
	if (rc == EG_RETRY && strcmp(err->code, "GONE") == 0 && tombstone_there(s, path)) {
		return eg_fail(err, EG_BADREC, "EXPIRED",
		    "Bundle %.*s was deleted under retention. When, by whom, under which rule and what it held: archive/%.*s.tombstone.json",
		    EG_FMT(id), (int)strlen(path) - 4, path);
	}
	return rc < 0 ? rc : zip_in_open(z, fd, (uint64_t)st.st_size, id, err);
}

int
bundle_list(struct spool *s, const char *path,
    int (*each)(void *ctx, const char *name, uint64_t size, struct eg_err *err), void *ctx, struct eg_err *err)
{
	struct zip_in z = ZIP_IN_INIT;
	int rc = bundle_open(s, path, &z, err);
	for (size_t i = 0; rc >= 0 && i < z.n; i++) {
		struct eg_buf name = EG_BUF_INIT;
		eg_buf_add(&name, z.entry[i].name);
		rc = each(ctx, eg_buf_cstr(&name), z.entry[i].size, err);
		eg_buf_done(&name);
	}
	zip_in_close(&z);
	return rc < 0 ? rc : EG_OK;
}

int
bundle_read(struct spool *s, const char *path, const char *member,
    int (*each)(void *ctx, struct eg_bytes v, struct eg_err *err), void *ctx, struct eg_err *err)
{
	struct zip_in z = ZIP_IN_INIT;
	int rc = bundle_open(s, path, &z, err);
	if (rc >= 0) {
		const struct zip_entry *e = zip_in_find(&z, eg_bytes_str(member));
		rc = e == NULL ?
		         eg_fail(err, EG_BADFILE, "NO-MEMBER", "The bundle %s has no file %.160s.", path, member) :
		         zip_in_read(&z, e, each, ctx, err);
	}
	zip_in_close(&z);
	return rc;
}

int
bundle_extract(struct spool *s, const char *path, const char *member, struct eg_buf *ret, struct eg_err *err)
{
	return bundle_read(s, path, member, zip_in_to_buf, ret, err);
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
