/* SPDX-License-Identifier: MIT
 *
 * Writing an export. A zip is there whole or not at all; a folder that was stopped lacks SHA256SUMS, which is written last.
 */
#include "gateway/cli/export_out.h"

#include <fcntl.h>

static int
write_zip(void *ctx, struct eg_bytes v, struct eg_err *err)
{
	return eg_fs_out_write(&((struct export_out *)ctx)->file, v, err);
}

static int
any_name(void *ctx, const char *name, struct eg_err *err)
{
	(void)ctx;
	return eg_fail(err, EG_BADREC, "EXISTS", "the folder is not empty (%.80s is in it); choose a new one", name);
}

static int
open_zip(struct export_out *o, const char *path, struct eg_err *err)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash == NULL ? eg_xstrdup(".") : eg_xprintf("%.*s", slash == path ? 1 : (int)(slash - path), path);
	int rc = eg_fs_opendir(AT_FDCWD, dir, &o->dir, err);

	o->name = eg_xstrdup(slash == NULL ? path : slash + 1);
	zip_out_init(&o->z, write_zip, o);
	o->zip = true;
	if (rc == EG_OK && eg_fs_exists(o->dir, o->name))
		rc = eg_fail(err, EG_BADREC, "EXISTS", "%s is there already; choose another name", path);
	if (rc == EG_OK)
		rc = eg_fs_out_open(&o->file, o->dir, 0640, err);
	free(dir);
	return rc;
}

int
export_open(struct export_out *o, const char *path, const char *top, struct eg_err *err)
{
	int rc;

	*o = (struct export_out)EXPORT_OUT_INIT;
	o->top = eg_xstrdup(top);
	if (eg_bytes_ends(eg_bytes_str(path), EG_LIT(".zip")))
		return open_zip(o, path, err);
	rc = eg_fs_mkdirs(AT_FDCWD, path, 0750, err);
	if (rc == EG_OK)
		rc = eg_fs_opendir(AT_FDCWD, path, &o->dir, err);
	return rc == EG_OK ? eg_fs_list(o->dir, any_name, NULL, err) : rc;
}

static void
note_sum(struct export_out *o, const char *name, const unsigned char sha[EG_SHA256_LEN])
{
	char hex[EG_SHA256_HEX];

	eg_hex(sha, EG_SHA256_LEN, hex);
	eg_buf_printf(&o->sums, "%s  %s\n", hex, name);
}

/* The folder that the name stands in, made if needed, and the last part of the name. */
static int
place(struct export_out *o, const char *name, int *ret_dir, const char **ret_last, struct eg_err *err)
{
	const char *slash = strrchr(name, '/');
	char *folder = slash == NULL ? eg_xstrdup(".") : eg_xprintf("%.*s", (int)(slash - name), name);
	int rc = slash == NULL ? EG_OK : eg_fs_mkdirs(o->dir, folder, 0750, err);

	*ret_last = slash == NULL ? name : slash + 1;
	if (rc == EG_OK)
		rc = eg_fs_opendir(o->dir, folder, ret_dir, err);
	free(folder);
	return rc;
}

int
export_put(struct export_out *o, const char *name, struct eg_bytes v, struct eg_err *err)
{
	unsigned char sha[EG_SHA256_LEN];
	const char *last;
	int dir = -1, rc;

	if (o->zip) {
		char *full = eg_xprintf("%s/%s", o->top, name);
		rc = zip_out_add(&o->z, full, v, sha, err);
		free(full);
	} else {
		rc = place(o, name, &dir, &last, err);
		if (rc == EG_OK)
			rc = eg_fs_write_file(dir, last, v, 0640, true, err);
		eg_sha256_of(v, sha);
		eg_fd_done(&dir);
	}
	if (rc == EG_OK)
		note_sum(o, name, sha);
	return rc;
}

int
export_copy(struct export_out *o, const char *name, int dirfd, const char *from, struct eg_err *err)
{
	unsigned char sha[EG_SHA256_LEN];
	const char *last;
	uint64_t size = 0;
	struct stat st;
	int fd = -1, dir = -1, rc = eg_fs_open_file(dirfd, from, &fd, &st, err);

	if (rc == EG_OK && o->zip) {
		char *full = eg_xprintf("%s/%s", o->top, name);
		rc = zip_out_add_fd(&o->z, full, fd, (uint64_t)st.st_size, sha, err);
		free(full);
	} else if (rc == EG_OK) {
		rc = place(o, name, &dir, &last, err);
		if (rc == EG_OK)
			rc = eg_fs_copy_hashed(fd, dir, last, (uint64_t)st.st_size, sha, &size, err);
	}
	eg_fd_done(&fd);
	eg_fd_done(&dir);
	if (rc == EG_OK)
		note_sum(o, name, sha);
	return rc;
}

int
export_end(struct export_out *o, struct eg_err *err)
{
	int rc = EG_OK;

	if (o->zip) {
		rc = zip_out_end(&o->z, err);
		if (rc == EG_OK)
			rc = eg_fs_out_commit(&o->file, o->name, false, err);
	}
	return rc;
}

void
export_done(struct export_out *o)
{
	if (o->zip) {
		eg_fs_out_abort(&o->file);
		zip_out_done(&o->z);
	}
	eg_fd_done(&o->dir);
	eg_buf_done(&o->sums);
	free(o->top);
	free(o->name);
	o->top = NULL;
	o->name = NULL;
}
