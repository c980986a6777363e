/* SPDX-License-Identifier: MIT
 *
 * What came after the last kept state. A database made from the archive ends where the published log ends; a turn that was stopped behind it has left jobs in spool/work/, which
 * recovery takes up again, and perhaps bundles and a segment that nothing names. Each is named, and no number of theirs is given a second time. Nothing is removed here.
 */
#include "gateway/keep.h"

#include "base/fs.h"
#include "gateway/recover.h"
#include "gateway/workflow/workflow.h"
#include "spool/bundle.h"
#include "spool/segment.h"

#include <fcntl.h>
#include <sys/stat.h>

struct looking {
	struct site *s;
	struct kept *ret;
	int64_t segments;
	int dir; /* being listed */
	char path[96]; /* below the site's folder, '/' behind it */
	unsigned depth;
};

static void
found(struct looking *l, const char *name, bool out)
{
	eg_buf_printf(&l->ret->beyond, "%s%s\n", l->path, name);
	l->ret->nbeyond++;
	l->ret->nout += out;
}

static int
down(struct looking *l, const char *name, int (*each)(void *ctx, const char *name, struct eg_err *err),
    struct eg_err *err)
{
	struct looking below = { .s = l->s, .ret = l->ret, .segments = l->segments, .dir = -1, .depth = l->depth + 1 };
	struct stat st;

	if (name[0] == '.' || fstatat(l->dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISDIR(st.st_mode))
		return EG_OK;
	int rc = eg_fs_opendir(l->dir, name, &below.dir, err);
	(void)snprintf(below.path, sizeof(below.path), "%.60s%.30s/", l->path, name);
	if (rc == EG_OK)
		rc = eg_fs_list(below.dir, each, &below, err);
	eg_fd_done(&below.dir);
	return rc;
}

/* ---- archive/ ---- */

static int
known(void *ctx, const struct bundle_row *b, struct eg_err *err)
{
	(void)b;
	(void)err;
	*(bool *)ctx = true;
	return EG_OK;
}

/* 2026/11/A000450.zip */
static int
in_archive(void *ctx, const char *path, struct eg_err *err)
{
	struct looking *l = ctx;
	const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
	bool there = false;
	char id[16];

	(void)snprintf(id, sizeof(id), "%.15s", name);
	id[strcspn(id, ".")] = '\0';
	int rc = bundle_row_each(l->s->store, id, known, &there, err);
	if (rc != EG_OK || there)
		return rc;
	found(l, path, false);
	return store_seen_id(l->s->store, id, err);
}

/* The next segment takes its number: segments have no gaps, and nothing names this one. */
static int
in_state(void *ctx, const char *name, struct eg_err *err)
{
	struct looking *l = ctx;
	size_t n = strspn(name, "0123456789");
	int64_t number = 0;

	if (strcmp(name + n, ".jsonl.gz") == 0 && eg_bytes_to_i64(eg_bytes(name, n), &number)) {
		if (number > l->segments)
			found(l, name, false);
		return EG_OK;
	}
	return l->depth == 1 && name[n] == '\0' ? down(l, name, in_state, err) : EG_OK;
}

/* ---- spool/ ---- */

static int
in_work(void *ctx, const char *id, struct eg_err *err)
{
	struct looking *l = ctx;
	enum recover_kind k;
	enum recover_journal in_journal;
	enum spool_files files;
	int rc = recover_look(l->s, id, &k, &in_journal, &files, err);

	if (rc != EG_OK || in_journal != RECOVER_NONE)
		return rc == EG_EOF ? EG_OK : rc;
	found(l, id, false);
	return store_seen_id(l->s->store, id, err);
}

/* The number of a batch stands in the names of its files. */
static int
file_out(struct looking *l, const char *name, struct eg_err *err)
{
	struct eg_arena a;
	struct batch b;
	char id[16];
	int rc = EG_OK;

	for (const char *p = strchr(name, 'B'); p != NULL; p = strchr(p + 1, 'B')) {
		size_t n = strspn(p + 1, "0123456789");

		if (n < 6 || n > 14)
			continue;
		(void)snprintf(id, sizeof(id), "%.15s", p);
		id[n + 1] = '\0';
		eg_arena_init(&a, 1 << 16);
		rc = batch_get(l->s->store, id, &a, &b, err);
		eg_arena_done(&a);
		if (rc != EG_EOF)
			return rc;
		found(l, name, true);
		return store_seen_id(l->s->store, id, err);
	}
	return rc;
}

static int
in_out(void *ctx, const char *name, struct eg_err *err)
{
	struct looking *l = ctx;

	if (l->depth == 1)
		return file_out(l, name, err);
	return down(l, name, in_out, err);
}

int
keep_beyond(struct site *s, struct kept *ret, struct eg_err *err)
{
	struct looking archive = { .s = s, .ret = ret, .dir = s->spool.archive, .path = "archive/" },
		       out = { .s = s, .ret = ret, .dir = s->spool.out, .path = "spool/out/" },
		       work = { .s = s, .ret = ret, .dir = -1, .path = "spool/work/" };
	int rc = bundle_walk(&s->spool, in_archive, &archive, err);

	if (ret->log_beyond) {
		eg_buf_printf(&ret->beyond, "archive/log/tile behind entry %llu\n", (unsigned long long)ret->log_size);
		ret->nbeyond++;
	}
	archive.segments = (int64_t)ret->segments;
	if (rc == EG_OK && eg_fs_exists(archive.dir, "state"))
		rc = down(&archive, "state", in_state, err);
	if (rc == EG_OK)
		rc = eg_fs_list(out.dir, in_out, &out, err);
	return rc == EG_OK ? spool_leftovers(&s->spool, in_work, &work, err) : rc;
}
