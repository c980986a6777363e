/* SPDX-License-Identifier: MIT
 *
 * shadow compare: our side comes out of sealed bundles, so it is what was sealed whatever became of spool/shadow/; the other side is what the person names. Both are compared in a
 * confined process that has nothing but memory and a pipe. Exit 0: no difference; 2: differences.
 */
#include "base/fs.h"
#include "gateway/cli/shadow_rows.h"
#include "gateway/worker/confine.h"
#include "gateway/worker/worker.h"
#include "spool/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILE_MAX ((size_t)64 << 20)

struct gathering {
	struct site *s;
	struct shadow_files files;
	struct shadow_kind *kind;
	size_t nkinds;
	const char *only; /* a batch; NULL = all */
	char *path; /* of the bundle, or the folder being listed */
	const char *target;
	int dir;
};

static struct shadow_file *
new_file(struct shadow_files *f, const char *name)
{
	struct eg_buf shown = EG_BUF_INIT;

	f->v = eg_xrealloc(f->v, (f->n + 1) * sizeof(*f->v));
	eg_buf_escaped(&shown, eg_bytes_str(name));
	f->v[f->n] = (struct shadow_file){ .name = eg_xstrdup(eg_buf_cstr(&shown)), .bytes = { .max = FILE_MAX } };
	eg_buf_done(&shown);
	return &f->v[f->n++];
}

/* ---- ours ---- */

static int
bundle_path(void *ctx, const struct bundle_row *b, struct eg_err *err)
{
	struct gathering *g = ctx;

	(void)err;
	free(g->path);
	g->path = eg_xstrdup(b->path);
	return EG_OK;
}

/* The name of the kind, known from now on. A layout that is not there any more names no columns: its files are compared byte by byte. */
static const char *
kind_of(struct gathering *g, const struct batch_file *f)
{
	const struct adp *a = adp_set_named(g->s->adapters, f->adapter);

	for (size_t i = 0; i < g->nkinds; i++)
		if (g->kind[i].adapter == a)
			return g->kind[i].object;
	if (a == NULL)
		return "";
	g->kind = eg_xrealloc(g->kind, (g->nkinds + 1) * sizeof(*g->kind));
	g->kind[g->nkinds] = (struct shadow_kind){ adp_info(a)->object, a };
	return g->kind[g->nkinds++].object;
}

static int
our_file(void *ctx, const struct batch_file *f, struct eg_err *err)
{
	struct gathering *g = ctx;
	char *member = eg_xprintf("data/outbound/%s/%s", g->target, f->name);
	struct shadow_file *file = new_file(&g->files, f->name);

	file->object = kind_of(g, f);
	int rc = bundle_extract(&g->s->spool, g->path, member, &file->bytes, err);

	free(member);
	return rc;
}

static int
our_batch(void *ctx, const struct batch *b, struct eg_err *err)
{
	struct gathering *g = ctx;

	if (!b->shadow || b->bundle == NULL || (g->only != NULL && strcmp(g->only, b->id) != 0))
		return EG_OK;
	g->target = b->target;
	int rc = bundle_row_each(g->s->store, b->bundle, bundle_path, g, err);
	return rc == EG_OK && g->path != NULL ? batch_file_each(g->s->store, b->id, our_file, g, err) : rc;
}

/* ---- theirs ---- */

static int
their_file(void *ctx, const char *name, struct eg_err *err)
{
	struct gathering *g = ctx;
	struct stat st;

	if (fstatat(g->dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0)
		return EG_OK; /* folders, links, and the empty files that mark others as whole */
	return eg_fs_read_file(g->dir, name, FILE_MAX, &new_file(&g->files, name)->bytes, err);
}

static int
their_path(struct gathering *g, const char *path, struct eg_err *err)
{
	const char *slash = strrchr(path, '/');
	struct stat st;
	int rc;

	if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
		return eg_fs_read_file(
		    AT_FDCWD, path, FILE_MAX, &new_file(&g->files, slash == NULL ? path : slash + 1)->bytes, err);
	rc = eg_fs_opendir(AT_FDCWD, path, &g->dir, err);
	if (rc == EG_OK)
		rc = eg_fs_list(g->dir, their_file, g, err);
	eg_fd_done(&g->dir);
	return rc;
}

/* ---- the confined process ---- */

struct end { /* what it says last: the counts, in bytes of their own */
	struct shadow_counts counts;
};

static void
put_all(int fd, const void *p, size_t n)
{
	for (const char *at = p; n > 0;) {
		ssize_t k = write(fd, at, n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			_exit(1);
		at += k;
		n -= (size_t)k;
	}
}

_Noreturn static void
child(const struct site *s, struct gathering *ours, struct shadow_files *theirs, bool json, int fd)
{
	struct eg_buf text = EG_BUF_INIT;
	struct eg_err err = { 0 };
	struct end e;
	size_t size = 0;

	for (size_t i = 0; i < theirs->n; i++)
		size += theirs->v[i].bytes.len;
	for (size_t i = 0; i < ours->files.n; i++)
		size += ours->files.v[i].bytes.len;
	json_object_seed(1); /* its own seed would be read from a device */
	confine_close_others(&fd, 1);
	if (worker_confine(s, size, &err) < 0)
		_exit(1);
	shadow_rows_compare(ours->kind, ours->nkinds, &ours->files, theirs, json, &text, &e.counts);
	put_all(fd, &e, sizeof(e));
	put_all(fd, eg_buf_cstr(&text), text.len);
	_exit(0);
}

static int
take_all(int fd, struct eg_buf *ret, struct eg_err *err)
{
	unsigned char chunk[65536];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n > 0)
			eg_buf_put(ret, chunk, (size_t)n);
		else if (errno != EINTR)
			return eg_fail_sys(err, EG_RETRY, "WORKER", errno, "cannot read from the worker");
	}
	return EG_OK;
}

static int
compare(const struct site *s, struct gathering *ours, struct shadow_files *theirs, bool json, struct eg_buf *ret,
    struct shadow_counts *counts, struct eg_err *err)
{
	int fds[2], status = 0, rc;
	struct end e;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return eg_fail_sys(err, EG_RETRY, "WORKER", errno, "cannot make a pipe");
	(void)fflush(stdout);
	pid_t pid = fork();
	if (pid == 0)
		child(s, ours, theirs, json, fds[1]);
	int sys = errno;
	close(fds[1]);
	rc = pid < 0 ? eg_fail_sys(err, EG_RETRY, "WORKER", sys, "cannot start a worker") : take_all(fds[0], ret, err);
	close(fds[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (rc == EG_OK && (status != 0 || ret->len < sizeof(e)))
		rc = eg_fail(err, EG_BADFILE, "WORKER",
		    "The files could not be compared: the confined process did not finish. Give fewer of them, or one batch alone");
	if (rc == EG_OK) {
		memcpy(&e, ret->ptr, sizeof(e));
		*counts = e.counts;
	}
	return rc;
}

/* ---- the command ---- */

static void
tell(struct cli *c, const struct eg_buf *text, const struct shadow_counts *n)
{
	(void)fwrite(text->ptr + sizeof(struct end), 1, text->len - sizeof(struct end), stdout);
	if (cli_has(c, O_JSON))
		cli_json(json_pack("{s:s,s:i,s:i,s:i}", "type", "summary", "files", (int)n->files, "rows", (int)n->rows,
		    "differences", (int)n->differences));
	else
		(void)printf("%zu files of ours, %zu rows, %zu difference%s.\n", n->files, n->rows, n->differences,
		    n->differences == 1 ? "" : "s");
}

static void
files_done(struct shadow_files *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].name);
		eg_buf_done(&f->v[i].bytes);
	}
	free(f->v);
}

int
shadow_compare(struct cli *c)
{
	struct gathering ours = { .dir = -1 }, theirs = { .dir = -1 };
	struct eg_buf text = EG_BUF_INIT;
	struct shadow_counts n = { 0 };
	struct eg_err err = { 0 };
	struct site s;
	uint64_t number;
	int code, first = 1, rc = EG_OK;

	if (c->argv[1][0] == 'B' && eg_bytes_to_u64(eg_bytes_str(c->argv[1] + 1), &number))
		ours.only = c->argv[first++];
	if (first == c->argc)
		return cli_usage(c, "name the files of the other system, or a folder of them");
	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	ours.s = &s;
	for (int i = first; rc == EG_OK && i < c->argc; i++)
		rc = their_path(&theirs, c->argv[i], &err);
	if (rc == EG_OK)
		rc = batch_each(s.store, NULL, our_batch, &ours, &err);
	if (rc == EG_OK && ours.files.n == 0)
		rc = eg_fail(&err, EG_BADREC, "NOT-FOUND",
		    "There is no sealed shadow batch%s%s. See what there is: erpgate shadow",
		    ours.only == NULL ? "" : " ", ours.only == NULL ? "" : ours.only);
	if (rc == EG_OK)
		rc = compare(&s, &ours, &theirs.files, cli_has(c, O_JSON), &text, &n, &err);
	if (rc == EG_OK)
		tell(c, &text, &n);
	files_done(&ours.files);
	files_done(&theirs.files);
	free(ours.path);
	free(ours.kind);
	eg_buf_done(&text);
	site_close(&s);
	return rc < 0 ? cli_fail(c, &err) : n.differences > 0 ? CLI_FINDINGS : CLI_OK;
}
