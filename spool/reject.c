/* SPDX-License-Identifier: MIT
 *
 * The folder a person looks into when something could not be used: original bytes, why, and the rows to repair.
 * Nothing is deleted by it and doing it again gives the same folder.
 */
#include "base/fs.h"
#include "spool/spool_int.h"

#include <strings.h>
#include <unistd.h>

#define REJECT_MODE 0640
#define SAFE_NAME_MAX 120U
#define ENDING_MAX 16U /* ".csv", ".xlsx": kept when a long name is cut, because programs go by it */

static void
escape_name(struct eg_bytes v, struct eg_buf *ret)
{
	for (size_t i = 0; i < v.len; i++) {
		unsigned char c = v.ptr[i];
		if (c == '.' ? i != 0 : spool_part_ok(eg_bytes(&c, 1))) {
			eg_buf_chr(ret, c);
		} else {
			eg_buf_printf(ret, "%%%02X", c);
		}
	}
}

void
spool_safe_name(struct eg_bytes name, struct eg_buf *ret)
{
	struct eg_buf whole = EG_BUF_INIT;
	escape_name(name, &whole);
	struct eg_bytes v = eg_buf_view(&whole);
	if (v.len == 0) {
		eg_buf_str(ret, "unnamed");
	} else if (v.len <= SAFE_NAME_MAX) {
		eg_buf_add(ret, v);
	} else {
		size_t dot = v.len;
		while (dot > 0 && v.ptr[dot - 1] != '.') {
			dot--;
		}
		struct eg_bytes ending =
		    dot > 0 && v.len - (dot - 1) <= ENDING_MAX ? eg_bytes_sub(v, dot - 1, v.len) : EG_NONE;
		size_t stem = SAFE_NAME_MAX - ending.len;
		/* Never through the middle of a %XX. */
		if (v.ptr[stem - 1] == '%') {
			stem -= 1;
		} else if (v.ptr[stem - 2] == '%') {
			stem -= 2;
		}
		eg_buf_add(ret, eg_bytes_sub(v, 0, stem));
		eg_buf_add(ret, ending);
	}
	eg_buf_done(&whole);
}

/* The original's name must not cover one of our own files, rejects….csv and rejects….xml among them, on any file system. */
static void
reject_name(const char *original, struct eg_buf *ret)
{
	struct eg_buf safe = EG_BUF_INIT;
	spool_safe_name(eg_bytes_str(original), &safe);
	const char *text = eg_buf_cstr(&safe);
	if (strcasecmp(text, "WHY.txt") == 0 || strncasecmp(text, "rejects", strlen("rejects")) == 0) {
		eg_buf_str(ret, "original-");
	}
	eg_buf_str(ret, text);
	eg_buf_done(&safe);
}

/* A private copy of ours cannot change, so this needs no second look at the source; people of the group may read it. The sync of the folder is left to the caller. */
static int
copy_file(int fd, int dir, const char *name, struct eg_err *err)
{
	enum {
		PIECE = 1 << 18
	};
	struct eg_fs_out o = EG_FS_OUT_INIT;
	unsigned char *p = eg_xalloc(PIECE);
	size_t n = PIECE;
	int rc = eg_fs_out_open(&o, dir, REJECT_MODE, err);
	for (uint64_t off = 0; rc >= 0 && n == PIECE; off += n) {
		rc = spool_pread(fd, p, PIECE, off, &n, err);
		if (rc >= 0) {
			rc = eg_fs_out_write(&o, eg_bytes(p, n), err);
		}
	}
	if (rc >= 0) {
		rc = eg_fs_out_name(&o, name, true, err);
	}
	eg_fs_out_abort(&o);
	free(p);
	return rc;
}

static int
copy_original(struct spool *s, const char *drop, int dir, const char *name, struct eg_err *err)
{
	struct eg_err gone = { 0 };
	int fd = -1;
	int rc = spool_open_raw(s, drop, &fd, &gone);
	if (rc < 0 && strcmp(gone.code, "GONE") == 0 && eg_fs_exists(dir, name)) {
		return EG_OK;
	}
	if (rc < 0) {
		*err = gone;
		return rc;
	}
	rc = copy_file(fd, dir, name, err);
	eg_fd_done(&fd);
	return rc;
}

int
spool_reject_dir(
    struct spool *s, const char *drop, const char *member, struct eg_buf *ret_shown, int *ret_dir, struct eg_err *err)
{
	struct eg_buf safe = EG_BUF_INIT;
	int rc = spool_check_part("The drop", drop, err);

	eg_buf_str(ret_shown, drop);
	if (member != NULL) {
		spool_safe_name(eg_bytes_str(member), &safe);
		eg_buf_chr(ret_shown, '/');
		eg_buf_add(ret_shown, eg_buf_view(&safe));
	}
	if (rc >= 0)
		rc = eg_fs_mkdirs(s->rejects, eg_buf_cstr(ret_shown), 0750, err);
	if (rc >= 0)
		rc = eg_fs_opendir(s->rejects, eg_buf_cstr(ret_shown), ret_dir, err);
	eg_buf_done(&safe);
	return rc;
}

int
spool_reject_why(struct spool *s, const char *drop, struct eg_bytes why, struct eg_err *err)
{
	struct eg_buf shown = EG_BUF_INIT;
	int dir = -1;
	int rc = spool_reject_dir(s, drop, NULL, &shown, &dir, err);
	if (rc >= 0) {
		rc = eg_fs_write_file(dir, "WHY.txt", why, REJECT_MODE, true, err);
	}
	eg_fd_done(&dir);
	eg_buf_done(&shown);
	return rc;
}

int
spool_reject_original(struct spool *s, const char *drop, const char *original_name, int fd, struct eg_err *err)
{
	struct eg_buf shown = EG_BUF_INIT, name = EG_BUF_INIT;
	int dir = -1;
	int rc = spool_reject_dir(s, drop, NULL, &shown, &dir, err);
	reject_name(original_name, &name);
	if (rc >= 0) {
		rc = eg_fs_sweep_temps(dir, err);
	}
	if (rc >= 0 && !eg_fs_exists(dir, eg_buf_cstr(&name))) {
		rc = copy_file(fd, dir, eg_buf_cstr(&name), err);
	}
	if (rc >= 0) {
		rc = eg_fs_sync_dir(dir, err);
	}
	eg_fd_done(&dir);
	eg_buf_done(&shown);
	eg_buf_done(&name);
	return rc;
}

int
spool_reject(struct spool *s, const char *drop, const char *original_name, struct eg_bytes why,
    struct eg_bytes rejects_csv, struct eg_err *err)
{
	struct eg_buf name = EG_BUF_INIT;
	int dir = -1;
	int rc = spool_check_part("The drop", drop, err);
	if (rc < 0) {
		return rc;
	}
	reject_name(original_name, &name);
	rc = eg_fs_mkdirs(s->rejects, drop, 0750, err);
	if (rc >= 0) {
		rc = eg_fs_opendir(s->rejects, drop, &dir, err);
	}
	if (rc >= 0) {
		rc = eg_fs_sweep_temps(dir, err);
	}
	if (rc >= 0) {
		rc = copy_original(s, drop, dir, eg_buf_cstr(&name), err);
	}
	if (rc >= 0 && rejects_csv.len != 0) {
		rc = eg_fs_write_named(dir, "rejects.csv", rejects_csv, REJECT_MODE, true, err);
	} else if (rc >= 0) {
		rc = eg_fs_unlink(dir, "rejects.csv", err);
	}
	if (rc >= 0) {
		rc = eg_fs_write_file(dir, "WHY.txt", why, REJECT_MODE, true, err);
	}
	eg_fd_done(&dir);
	eg_buf_done(&name);
	return rc;
}
