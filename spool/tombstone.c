/* SPDX-License-Identifier: MIT
 *
 * Writing and checking tombstones, and removing what they stand for. The order between them and the log is the caller's (gateway/expire.h).
 */
#include "spool/tombstone.h"

#include "base/fs.h"
#include "spool/spool_int.h"

#define STONE_MAX ((size_t)64 << 20) /* it lists the members of the largest bundle */
#define STONE_MODE 0440

char *
tombstone_path(const char *bundle_path)
{
	struct eg_bytes v = eg_bytes_str(bundle_path);
	size_t n = eg_bytes_ends(v, EG_LIT(".zip")) ? v.len - 4 : v.len;

	return eg_xprintf("%.*s.tombstone.json", (int)n, bundle_path);
}

/* The folder of a path in the archive, opened, and the name in it. */
static int
open_month(struct spool *s, const char *path, int *ret_dir, const char **ret_name, struct eg_err *err)
{
	const char *slash = strrchr(path, '/');
	char *month = eg_xprintf("%.*s", slash == NULL ? 0 : (int)(slash - path), path);
	int rc = slash == NULL ? eg_fail(err, EG_BADFILE, "NAME", "\"%.120s\" is not the path of a bundle", path) :
	                         eg_fs_opendir(s->archive, month, ret_dir, err);

	*ret_name = slash == NULL ? path : slash + 1;
	free(month);
	return rc;
}

static int
write_three(
    int dir, const char *name, struct eg_bytes text, const struct sign_key *key, const char *hex, struct eg_err *err)
{
	unsigned char sig[SIGN_ED25519_LEN];
	char *line = eg_xprintf("%s  %s\n", hex, name), *beside = eg_xprintf("%s.sha256", name),
	     *signature = eg_xprintf("%s.sha256.sig", name);
	int rc = sign_bytes(key, eg_bytes_str(line), sig, err);

	if (rc == EG_OK)
		rc = eg_fs_write_file(dir, beside, eg_bytes_str(line), STONE_MODE, true, err);
	if (rc == EG_OK)
		rc = eg_fs_write_file(dir, signature, eg_bytes(sig, sizeof(sig)), STONE_MODE, true, err);
	if (rc == EG_OK)
		rc = eg_fs_write_file(dir, name, text, STONE_MODE, true, err);
	free(line);
	free(beside);
	free(signature);
	return rc;
}

int
tombstone_write(struct spool *s, const char *bundle_path, struct eg_bytes text, const struct sign_key *key,
    char ret_sha256[EG_SHA256_HEX], struct eg_err *err)
{
	char *path = tombstone_path(bundle_path);
	const char *name = NULL;
	int dir = -1, rc = open_month(s, path, &dir, &name, err);

	eg_sha256_hex_of(text, ret_sha256);
	if (rc == EG_OK)
		rc = eg_fs_sweep_temps(
		    dir, err); /* of a call before, that was killed: nobody else looks into old months */
	if (rc == EG_OK)
		rc = spool_keep_key(s, key, err);
	if (rc == EG_OK)
		rc = write_three(dir, name, text, key, ret_sha256, err);
	eg_fd_done(&dir);
	free(path);
	return rc;
}

/* ---- checking ---- */

struct signer {
	struct eg_bytes line, sig;
	struct bundle_verdict *ret;
};

static int
try_key(void *ctx, const struct sign_key *key, struct eg_err *err)
{
	struct signer *w = ctx;
	struct eg_err untold;

	(void)err;
	if (sign_verify(key, w->line, w->sig, &untold) < 0)
		return EG_OK;
	sign_key_id(key, w->ret->key_id);
	return EG_EOF;
}

/* EG_EOF = wrong, and said in ret->problem. */
static int
read_part(int dir, const char *name, const char *ending, size_t max, struct eg_buf *ret, struct bundle_verdict *v,
    struct eg_err *err)
{
	struct eg_err found;
	char *path = eg_xprintf("%s%s", name, ending);
	int rc = eg_fs_read_file(dir, path, max, ret, &found);

	if (rc < 0 && (rc == EG_BADFILE || strcmp(found.code, "GONE") == 0)) {
		(void)snprintf(v->problem, sizeof(v->problem), "%.80s is missing or no file of ours", path);
		rc = EG_EOF;
	} else if (rc < 0)
		*err = found;
	free(path);
	return rc;
}

static int
check_parts(
    struct spool *s, int dir, const char *name, struct eg_buf *text, struct bundle_verdict *v, struct eg_err *err)
{
	struct eg_buf line = EG_BUF_INIT, sig = EG_BUF_INIT;
	int rc = read_part(dir, name, "", STONE_MAX, text, v, err);

	if (rc == EG_OK)
		rc = read_part(dir, name, ".sha256", 4096, &line, v, err);
	if (rc == EG_OK)
		rc = read_part(dir, name, ".sha256.sig", 4096, &sig, v, err);
	if (rc == EG_OK) {
		eg_sha256_hex_of(eg_buf_view(text), v->sha256);
		char *should = eg_xprintf("%s  %s\n", v->sha256, name);
		struct signer w = { eg_buf_view(&line), eg_buf_view(&sig), v };
		if (!eg_bytes_is(eg_buf_view(&line), should)) {
			(void)snprintf(v->problem, sizeof(v->problem),
			    "its tombstone is not the one that was signed: the digest differs");
			rc = EG_EOF;
		} else
			rc = spool_each_key(s, try_key, &w, err);
		if (rc == EG_EOF)
			v->good = *v->problem == '\0';
		else if (rc == EG_OK)
			(void)snprintf(v->problem, sizeof(v->problem),
			    "its tombstone is signed by none of the keys in archive/keys");
		free(should);
	}
	eg_buf_done(&line);
	eg_buf_done(&sig);
	return rc < 0 ? rc : EG_OK;
}

int
tombstone_verify(
    struct spool *s, const char *bundle_path, struct eg_buf *text, struct bundle_verdict *ret, struct eg_err *err)
{
	struct eg_buf own = EG_BUF_INIT;
	char *path = tombstone_path(bundle_path);
	const char *name = NULL;
	int dir = -1, rc;

	*ret = (struct bundle_verdict){ .good = false };
	if (!tombstone_there(s, bundle_path)) {
		(void)snprintf(ret->problem, sizeof(ret->problem), "there is no tombstone archive/%s", path);
		free(path);
		return EG_OK;
	}
	rc = open_month(s, path, &dir, &name, err);
	if (rc == EG_OK)
		rc = check_parts(s, dir, name, text == NULL ? &own : text, ret, err);
	eg_fd_done(&dir);
	eg_buf_done(&own);
	free(path);
	return rc;
}

bool
tombstone_there(struct spool *s, const char *bundle_path)
{
	char *path = tombstone_path(bundle_path);
	bool there = eg_fs_exists(s->archive, path);

	free(path);
	return there;
}

int
bundle_remove(struct spool *s, const char *path, struct eg_err *err)
{
	/* The bundle itself last: as long as it is there, the next call knows that there is something left to remove. */
	static const char *const parts[] = { ".sha256.sig", ".sha256", "" };
	const char *name = NULL;
	int dir = -1, rc = open_month(s, path, &dir, &name, err);

	for (size_t i = 0; rc == EG_OK && i < sizeof(parts) / sizeof(parts[0]); i++) {
		char *one = eg_xprintf("%s%s", name, parts[i]);
		rc = eg_fs_unlink(dir, one, err);
		free(one);
	}
	if (rc == EG_OK)
		rc = eg_fs_sync_dir(dir, err);
	eg_fd_done(&dir);
	return rc;
}
