/* SPDX-License-Identifier: MIT
 *
 * A drop folder looked at: which of its names, in which order, and which of them are kept for the next round. The folder may be a link that root made, and another machine's. Fails as the disk
 * does; what is wrong with one entry is said of it (arrive.c).
 */
#include "base/fs.h"
#include "base/fs_kind.h"
#include "spool/arrive_int.h"

void
spool_names_done(struct spool_names *n)
{
	for (size_t i = n->at; i < n->n; i++) {
		free(n->name[i]);
	}
	free(n->name);
	*n = (struct spool_names){ NULL, 0, 0 };
}

struct keeping {
	struct spool_names *names;
	const char *after;
};

static int
keep_name(void *ctx, const char *name, struct eg_err *err)
{
	const struct keeping *k = ctx;
	struct spool_names *n = k->names;
	(void)err;
	if (k->after != NULL && strcmp(name, k->after) <= 0) {
		return EG_OK;
	}
	if ((n->n & (n->n + 1)) == 0) {
		n->name = eg_xrealloc(n->name, (n->n * 2 + 2) * sizeof(*n->name));
	}
	n->name[n->n++] = eg_xstrdup(name);
	return EG_OK;
}

static int
look_at_kept(struct arrive_look *l, struct spool_names *n, struct eg_err *err)
{
	int rc = EG_OK;
	while (rc >= 0 && n->at < n->n && !*l->src->enough) {
		char *name = n->name[n->at++];
		rc = arrive_look_at(l, name, err);
		free(name);
	}
	return rc;
}

/* A folder of 100,000 files is listed once and not once a round. Only at the end of the list the folder is asked again, for what came meanwhile. */
static int
scan_on(struct arrive_look *l, struct spool_names *n, struct eg_err *err)
{
	struct keeping k = { n, l->src->after };
	bool fresh = false;
	int rc = EG_OK;
	char *last = NULL;
	while (rc >= 0 && !*l->src->enough && !(fresh && n->at == n->n)) {
		if (n->at < n->n) {
			free(last);
			last = eg_xstrdup(n->name[n->n - 1]);
			rc = look_at_kept(l, n, err);
			continue;
		}
		spool_names_done(n);
		k.after = last != NULL ? last : k.after;
		rc = eg_fs_list(l->dir, keep_name, &k, err);
		fresh = true;
	}
	free(last);
	return rc;
}

int
spool_scan(struct spool *s, const struct spool_source *src, int64_t now, const struct spool_check *check,
    int (*each)(void *ctx, const struct spool_candidate *c, struct eg_err *err), void *ctx, struct eg_err *err)
{
	struct arrive_look l = { src, now, check, each, ctx, -1, false, EG_BUF_INIT, EG_BUF_INIT };
	struct eg_fs_kind kind = { "", false };
	int rc = spool_check_part("The source", src->name, err);
	if (rc >= 0) {
		rc = eg_fs_opendir_own(s->drop, src->name, &l.dir, err);
	}
	if (rc >= 0) {
		rc = eg_fs_kind(l.dir, &kind, err);
		l.remote = kind.remote;
	}
	if (rc >= 0) {
		rc = src->names != NULL && src->enough != NULL ? scan_on(&l, src->names, err) :
		                                                 eg_fs_list(l.dir, arrive_look_at, &l, err);
	}
	eg_fd_done(&l.dir);
	eg_buf_done(&l.reason);
	eg_buf_done(&l.companion);
	return rc;
}
