/* SPDX-License-Identifier: MIT
 *
 * Files of time stamps, and the certificates of keys/tsa. What lies in the folder under another form of name is passed over.
 */
#include "gateway/cli/stamps.h"

#include "base/fs.h"

#define FOLDER "log/stamps"
#define TRUSTED "keys/tsa"
#define SMALL ((size_t)1 << 20)

static int
see_request(void *ctx, const char *name, struct eg_err *err)
{
	struct stamps_kept *all = ctx;
	struct eg_bytes v = eg_bytes_str(name), number;
	struct stamp_kept k = { .answered = false };

	(void)err;
	if (!eg_bytes_ends(v, EG_LIT(".tsq")) || v.len > sizeof(k.name))
		return EG_OK;
	v = eg_bytes_sub(v, 0, v.len - 4);
	(void)snprintf(k.name, sizeof(k.name), "%.*s", EG_FMT(v));
	if (!eg_bytes_cut(&v, '-', &number) || !eg_bytes_to_u64(number, &k.size))
		return EG_OK;
	all->v = eg_xrealloc(all->v, (all->n + 1) * sizeof(*all->v));
	all->v[all->n++] = k;
	return EG_OK;
}

int
stamps_read(struct site *s, const char *name, const char *ending, struct eg_buf *ret, struct eg_err *err)
{
	char *path = eg_xprintf(FOLDER "/%s%s", name, ending);
	int rc = eg_fs_read_file(s->spool.archive, path, SMALL, ret, err);

	free(path);
	return rc;
}

static bool
has_answer(struct site *s, const char *name)
{
	char *path = eg_xprintf(FOLDER "/%s.tsr", name);
	bool there = eg_fs_exists(s->spool.archive, path);

	free(path);
	return there;
}

int
stamps_write(struct site *s, const char *name, const char *ending, struct eg_bytes v, struct eg_err *err)
{
	char *file = eg_xprintf("%s%s", name, ending);
	int dir = -1, rc = eg_fs_mkdirs(s->spool.archive, FOLDER, 0750, err);

	if (rc >= 0)
		rc = eg_fs_opendir(s->spool.archive, FOLDER, &dir, err);
	if (rc >= 0)
		rc = eg_fs_write_file(dir, file, v, 0640, true, err);
	eg_fd_done(&dir);
	free(file);
	return rc;
}

int
stamps_list(struct site *s, struct stamps_kept *ret, struct eg_err *err)
{
	int dir = -1, rc = EG_OK;

	if (eg_fs_exists(s->spool.archive, FOLDER)) {
		rc = eg_fs_opendir(s->spool.archive, FOLDER, &dir, err);
		if (rc >= 0)
			rc = eg_fs_list(dir, see_request, ret, err);
		eg_fd_done(&dir);
	}
	for (size_t i = 0; rc >= 0 && i < ret->n; i++)
		ret->v[i].answered = has_answer(s, ret->v[i].name);
	return rc < 0 ? rc : EG_OK;
}

struct authorities {
	int dir;
	struct eg_buf *pem;
};

static int
add_authority(void *ctx, const char *name, struct eg_err *err)
{
	struct authorities *a = ctx;

	if (!eg_bytes_ends(eg_bytes_str(name), EG_LIT(".pem")))
		return EG_OK;
	int rc = eg_fs_read_file(a->dir, name, SMALL, a->pem, err);
	eg_buf_chr(a->pem, '\n');
	return rc;
}

int
stamps_trusted(struct site *s, struct eg_buf *ret, struct eg_err *err)
{
	struct authorities a = { -1, ret };
	int rc = EG_OK;

	if (eg_fs_exists(s->dir, TRUSTED)) {
		rc = eg_fs_opendir(s->dir, TRUSTED, &a.dir, err);
		if (rc >= 0)
			rc = eg_fs_list(a.dir, add_authority, &a, err);
		eg_fd_done(&a.dir);
	}
	return rc < 0 ? rc : EG_OK;
}

int
stamps_check(struct site *s, struct stamp_kept *k, struct eg_bytes response, struct eg_bytes ca, struct eg_err *err)
{
	struct eg_buf request = EG_BUF_INIT, head = EG_BUF_INIT;
	int rc = stamps_read(s, k->name, ".tsq", &request, err);

	if (rc >= 0)
		rc = stamps_read(s, k->name, ".checkpoint", &head, err);
	if (rc >= 0)
		rc = stamp_check(response, eg_buf_view(&request), eg_buf_view(&head), ca, &k->s, err);
	eg_buf_done(&request);
	eg_buf_done(&head);
	return rc;
}

bool
stamps_due(struct site *s, struct stamps_kept *all, const char **ret_name)
{
	int64_t newest = 0;

	*ret_name = "";
	for (size_t i = 0; i < all->n; i++) {
		struct stamp_kept *k = &all->v[i];
		struct eg_buf response = EG_BUF_INIT, ca = EG_BUF_INIT;
		struct eg_err untold;
		k->good = k->answered && stamps_read(s, k->name, ".tsr", &response, &untold) >= 0 &&
		          stamps_read(s, k->name, ".ca.pem", &ca, &untold) >= 0 &&
		          stamps_check(s, k, eg_buf_view(&response), eg_buf_view(&ca), &untold) >= 0;
		if (k->good && k->s.not_after > newest) {
			newest = k->s.not_after;
			*ret_name = k->name;
		}
		eg_buf_done(&response);
		eg_buf_done(&ca);
	}
	return newest != 0 && newest - site_now(s) < STAMP_RENEW_BEFORE;
}
