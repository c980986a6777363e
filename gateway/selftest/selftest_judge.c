/* SPDX-License-Identifier: MIT
 *
 * The judge of the crash test. It asks the folders first and the database last, and the program itself only whether bundles and log verify. A file that was dropped must have been
 * taken once and sealed once; what was written must be the model's, byte for byte; nothing half done may lie about.
 */
#include "base/fs.h"
#include "base/fs_tree.h"
#include "gateway/selftest/selftest.h"
#include "gateway/store/store.h"

#include <inttypes.h>

#define FILE_MAX (1U << 24)
#define TOLD 20 /* lines of problems */

struct list {
	struct selftest_file **file;
	size_t *n;
	bool signatures; /* counted as files of their own */
};

static int
keep(void *ctx, int dir, const char *name, const char *path, struct eg_err *err)
{
	struct list *l = ctx;
	struct eg_buf bytes = EG_BUF_INIT;
	unsigned char sha[EG_SHA256_LEN];
	int rc = EG_OK;

	if (!l->signatures && eg_bytes_ends(eg_bytes_str(name), EG_LIT(".sig")))
		return EG_OK;
	rc = eg_fs_read_file(dir, name, FILE_MAX, &bytes, err);
	if (rc >= 0) {
		*l->file = eg_xrealloc(*l->file, (*l->n + 1) * sizeof(**l->file));
		struct selftest_file *f = &(*l->file)[(*l->n)++];
		f->path = eg_xstrdup(path);
		eg_sha256_of(eg_buf_view(&bytes), sha);
		eg_hex(sha, sizeof(sha), f->sha256);
	}
	eg_buf_done(&bytes);
	return rc;
}

static void
list_done(struct selftest_file *f, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(f[i].path);
	free(f);
}

void
selftest_facts_done(struct selftest_facts *f)
{
	list_done(f->dropped, f->n_dropped);
	list_done(f->written, f->n_written);
	*f = (struct selftest_facts){ 0 };
}

static int
count_bundle(void *ctx, int dir, const char *name, const char *path, struct eg_err *err)
{
	(void)dir;
	(void)path;
	(void)err;
	*(size_t *)ctx += eg_bytes_ends(eg_bytes_str(name), EG_LIT(".zip"));
	return EG_OK;
}

int
selftest_learn(int scratch, struct selftest_facts *ret, struct eg_err *err)
{
	struct list dropped = { &ret->dropped, &ret->n_dropped, false },
		    written = { &ret->written, &ret->n_written, true };

	*ret = (struct selftest_facts){ 0 };
	int rc = eg_fs_walk(scratch, SELFTEST_BEFORE "/spool/drop", keep, &dropped, err);
	if (rc >= 0)
		rc = eg_fs_walk(scratch, SELFTEST_MODEL "/spool/out", keep, &written, err);
	if (rc >= 0)
		rc = eg_fs_walk(scratch, SELFTEST_MODEL "/archive", count_bundle, &ret->bundles, err);
	if (rc >= 0 && (ret->n_dropped == 0 || ret->n_written == 0 || ret->bundles == 0))
		rc = eg_fail(err, EG_FATAL, "SELFTEST",
		    "An undisturbed night of the crash test took %zu files, wrote %zu and sealed %zu bundles: there is nothing to compare with. Try erpgate demo.",
		    ret->n_dropped, ret->n_written, ret->bundles);
	return rc;
}

/* ---- one trial ---- */

struct judge {
	const struct selftest_facts *facts;
	const char *what;
	struct selftest_result *r;
};

static void wrong(struct judge *j, unsigned *count, const char *fmt, ...) EG_PRINTF(3, 4);

static void
wrong(struct judge *j, unsigned *count, const char *fmt, ...)
{
	va_list ap;

	++*count;
	if (j->r->lost + j->r->twice + j->r->torn + j->r->leftovers + j->r->failed > TOLD)
		return;
	eg_buf_printf(&j->r->problems, "%s: ", j->what);
	va_start(ap, fmt);
	eg_buf_vprintf(&j->r->problems, fmt, ap);
	va_end(ap);
	eg_buf_chr(&j->r->problems, '\n');
}

static int
left_over(void *ctx, int dir, const char *name, const char *path, struct eg_err *err)
{
	struct judge *j = ctx;

	(void)dir;
	(void)err;
	if (eg_bytes_starts(eg_bytes_str(name), EG_LIT(".tmp-")) ||
	    eg_bytes_starts(eg_bytes_str(path), EG_LIT("spool/work/")) ||
	    eg_bytes_starts(eg_bytes_str(path), EG_LIT("spool/drop/")))
		wrong(j, &j->r->leftovers, "%s was left", path);
	return EG_OK;
}

/* Both lists are in order of their paths: eg_fs_walk made them. */
static void
compare_written(struct judge *j, const struct selftest_file *got, size_t n)
{
	const struct selftest_facts *f = j->facts;
	size_t a = 0, b = 0;

	while (a < f->n_written || b < n) {
		int order = a == f->n_written ? 1 : b == n ? -1 : strcmp(f->written[a].path, got[b].path);
		if (order < 0)
			wrong(j, &j->r->lost, "spool/out/%s was never written", f->written[a].path);
		else if (order > 0)
			wrong(j, &j->r->twice, "spool/out/%s was written beside what should be there", got[b].path);
		else if (strcmp(f->written[a].sha256, got[b].sha256) != 0)
			wrong(j, &j->r->torn, "spool/out/%s has other bytes", got[b].path);
		a += order <= 0;
		b += order >= 0;
	}
}

static int
judge_folders(struct judge *j, int site, struct eg_err *err)
{
	struct selftest_file *got = NULL;
	size_t n = 0, bundles = 0;
	struct list l = { &got, &n, true };
	int rc = eg_fs_walk(site, "spool/out", keep, &l, err);

	if (rc >= 0)
		compare_written(j, got, n);
	list_done(got, n);
	if (rc >= 0)
		rc = eg_fs_walk(site, ".", left_over, j, err);
	if (rc >= 0)
		rc = eg_fs_walk(site, "archive", count_bundle, &bundles, err);
	if (rc >= 0 && bundles < j->facts->bundles)
		wrong(j, &j->r->lost, "%zu bundles were sealed instead of %zu", bundles, j->facts->bundles);
	if (rc >= 0 && bundles > j->facts->bundles)
		wrong(j, &j->r->twice, "%zu bundles were sealed instead of %zu", bundles, j->facts->bundles);
	return rc;
}

struct taken {
	const struct selftest_facts *facts;
	unsigned *times; /* for each dropped file */
	unsigned open; /* drops that are not sealed */
};

static int
count_drop(void *ctx, const struct drop_row *d, struct eg_err *err)
{
	struct taken *t = ctx;

	(void)err;
	t->open += strcmp(d->state, "done") != 0;
	for (size_t i = 0; i < t->facts->n_dropped; i++)
		t->times[i] += strcmp(t->facts->dropped[i].sha256, d->sha256) == 0;
	return EG_OK;
}

static int
judge_database(struct judge *j, int site, struct eg_err *err)
{
	struct taken t = { j->facts, eg_xalloc(j->facts->n_dropped * sizeof(unsigned)), 0 };
	struct store *store = NULL;
	int rc = store_open(site, false, true, &store, err);

	if (rc >= 0)
		rc = store_check(store, err);
	if (rc >= 0)
		rc = store_drop_each(store, NULL, count_drop, &t, err);
	store_close(store);
	for (size_t i = 0; rc >= 0 && i < j->facts->n_dropped; i++) {
		if (t.times[i] == 0)
			wrong(j, &j->r->lost, "spool/drop/%s was never taken", j->facts->dropped[i].path);
		if (t.times[i] > 1)
			wrong(
			    j, &j->r->twice, "spool/drop/%s was taken %u times", j->facts->dropped[i].path, t.times[i]);
	}
	if (rc >= 0 && t.open > 0)
		wrong(j, &j->r->leftovers, "%u drops are not sealed", t.open);
	if (rc < 0) {
		wrong(j, &j->r->torn, "the database: %s", err->msg);
		rc = EG_OK;
	}
	free(t.times);
	return rc;
}

int
selftest_judge(int scratch, const char *trial, const char *site, const struct selftest_facts *f, const char *what,
    struct selftest_result *ret, struct eg_err *err)
{
	static const char *const verify[] = { "audit", "verify", "ALL", NULL };
	struct judge j = { f, what, ret };
	int code = 0, dir = -1, rc = eg_fs_opendir(scratch, trial, &dir, err);

	if (rc >= 0)
		rc = judge_folders(&j, dir, err);
	if (rc >= 0)
		rc = judge_database(&j, dir, err);
	if (rc >= 0)
		rc = selftest_call(site, verify, &code, err);
	if (rc >= 0 && code != 0)
		wrong(&j, &ret->torn, "bundles or log do not verify (exit %d)", code);
	eg_fd_done(&dir);
	return rc;
}
