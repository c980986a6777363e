/* SPDX-License-Identifier: MIT
 *
 * Receipts to senders, and the folder of shadow mode: files of ours in folders that belong to somebody else. Written as always (temporary name, sync, rename, sync of
 * the folder), under names that no dropped name can escape from. A stranger's folder in a receipt's place costs that receipt and nothing else.
 */
#include "base/fs.h"
#include "spool/spool_int.h"

#include <errno.h>

#define RECEIPTS "spool/receipts"
#define SHADOW "spool/shadow"
#define FILE_MODE 0640

static int
open_exchange(struct spool *s, const char *below, const char *name, int *ret_dir, struct eg_err *err)
{
	char path[SPOOL_PATH_MAX];
	int rc = EG_OK;

	if (!eg_fs_exists(s->site, below)) {
		rc = eg_fs_mkdirs(s->site, below, 0755, err);
		if (rc >= 0)
			rc = eg_fs_chmod_dir(s->site, below, 0755, err);
	}
	if (rc >= 0)
		rc = spool_make_exchange(s->site, below, "The folder", name, err);
	snprintf(path, sizeof(path), "%s/%s", below, name);
	return rc >= 0 ? eg_fs_opendir(s->site, path, ret_dir, err) : rc;
}

static int
put(int dir, const char *name, struct eg_bytes v, struct eg_err *err)
{
	int rc = eg_fs_write_file(dir, name, v, FILE_MODE, true, err);

	if (rc == EG_FATAL && (err->sys == EISDIR || err->sys == ENOTDIR || err->sys == ENOTEMPTY))
		rc = eg_fail(err, EG_BADFILE, "NO-RECEIPT",
		    "The receipt %s could not be written: a folder of that name stands in its place. Remove it; the receipt's content is in the log.",
		    name);
	return rc;
}

int
spool_receipt(struct spool *s, const char *source, const char *name, const char *drop, struct eg_bytes text,
    struct eg_bytes sig, struct eg_buf *ret_file, struct eg_err *err)
{
	struct eg_buf sig_name = EG_BUF_INIT;
	int dir = -1;
	int rc = open_exchange(s, RECEIPTS, source, &dir, err);

	spool_safe_name(eg_bytes_str(name), ret_file);
	eg_buf_printf(ret_file, ".%s.receipt", drop);
	eg_buf_printf(&sig_name, "%s.sig", eg_buf_cstr(ret_file));
	if (rc >= 0)
		rc = eg_fs_sweep_temps(dir, err);
	if (rc >= 0)
		rc = put(dir, eg_buf_cstr(&sig_name), sig, err);
	if (rc >= 0)
		rc = put(dir, eg_buf_cstr(ret_file), text, err);
	eg_buf_done(&sig_name);
	eg_fd_done(&dir);
	return rc;
}

int
spool_open_shadow(struct spool *s, const char *target, int *ret_dir, struct eg_err *err)
{
	int dir = -1;
	int rc = open_exchange(s, SHADOW, target, &dir, err);

	eg_fd_done(&dir);
	return rc >= 0 ? eg_fs_opendir(s->site, SHADOW, ret_dir, err) : rc;
}
