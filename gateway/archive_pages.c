/* SPDX-License-Identifier: MIT
 *
 * Writing of the archive's pages (archive_pages.h). A month is taken off the list of those to be written only when its page and that of all months are there.
 */
#include "gateway/archive_pages.h"

#include "base/date.h"
#include "base/fs.h"
#include "gateway/report/page.h"
#include "gateway/store/store_index.h"

#include <inttypes.h>

#define PAGE_MODE 0644
#define FOOT                                                                                                                                                                                        \
	"This page was made from the gateway's database. It is not sealed and proves nothing: the bundles beside it do, each with its .sha256 and .sig file, and the log in the folder log of the " \
	"archive. erpgate audit index makes it anew. All times are UTC."

#define MONTHS 1200 /* a hundred years */
#define LINES_PER_SECOND 100

struct making {
	struct page p;
	struct index_month *m;
};

static const char *
number(char ret[24], int64_t v)
{
	(void)snprintf(ret, 24, "%" PRId64, v);
	return ret;
}

static void
tally(struct index_month *m, const struct archive_row *r)
{
	const bool drop = strcmp(r->kind, "drop") == 0, manifest = strcmp(r->kind, "manifest") == 0;

	m->drops += drop;
	m->manifests += manifest;
	m->batches += strcmp(r->kind, "batch") == 0;
	m->good += drop ? r->good : 0;
	m->bad += drop ? r->bad : 0;
}

static int
bundle_row(void *ctx, const struct archive_row *r, struct eg_err *err)
{
	struct making *k = ctx;
	char at[EG_TIME_TEXT], good[24], bad[24];
	const char *slash = strrchr(r->path, '/');
	const bool drop = strcmp(r->kind, "drop") == 0, manifest = strcmp(r->kind, "manifest") == 0;
	const char *kind = drop                          ? "came from" :
	                   manifest                      ? "decided by" :
	                   strcmp(r->kind, "batch") == 0 ? "sent to" :
	                   strcmp(r->kind, "void") == 0  ? "void, says" :
	                                                   r->kind;

	(void)err;
	eg_time_print(at, r->at);
	const char *cells[] = { slash == NULL ? r->path : slash + 1, r->of, kind, r->who, at, r->what, r->outcome,
		number(good, r->good), number(bad, r->bad), r->sha256 };
	page_row(&k->p, cells);
	tally(k->m, r);
	return EG_OK;
}

static int
write_page(struct site *s, const char *folder, struct page *p, struct eg_err *err)
{
	int dir = -1, rc = eg_fs_opendir(s->spool.archive, folder, &dir, err);

	if (rc == EG_OK)
		rc = eg_fs_write_named(dir, "index.csv", eg_buf_view(&p->table[0].csv.buf), PAGE_MODE, true, err);
	if (rc == EG_OK)
		rc = eg_fs_write_named(dir, "index.html", eg_buf_view(&p->html), PAGE_MODE, true, err);
	if (rc == EG_OK)
		rc = eg_fs_sync_dir(dir, err);
	eg_fd_done(&dir);
	return rc;
}

/* Only now are they off the list: had they been before the page of all months was there, it would have counted too few until something was sealed again. */
static int
written(struct site *s, const struct index_month *m, const bool *made, size_t n, struct eg_err *err)
{
	int rc = store_begin(s->store, err);

	for (size_t i = 0; rc == EG_OK && i < n; i++)
		if (made[i])
			rc = index_month_written(s->store, &m[i], err);
	if (rc == EG_OK)
		rc = store_commit(s->store, err);
	if (rc < 0)
		store_rollback(s->store);
	return rc;
}

static bool
is_there(struct site *s, const char *month)
{
	char *html = eg_xprintf("%s/index.html", month), *csv = eg_xprintf("%s/index.csv", month);
	const bool there = eg_fs_exists(s->spool.archive, html) && eg_fs_exists(s->spool.archive, csv);

	free(csv);
	free(html);
	return there;
}

/* "2026/11" as "November 2026". */
static void
month_name(const char *month, struct eg_buf *ret)
{
	static const char *const names[] = { "January", "February", "March", "April", "May", "June", "July", "August",
		"September", "October", "November", "December" };
	uint64_t n = 0;

	if (eg_bytes_to_u64(eg_bytes_str(month + 5), &n) && n >= 1 && n <= 12)
		eg_buf_printf(ret, "%s %.4s", names[n - 1], month);
	else
		eg_buf_str(ret, month);
}

static int
make_month(struct site *s, struct making *k, struct eg_err *err)
{
	static const struct page_col cols[] = { { "bundle", "Bundle", PK_LINK }, { "of", "Number", PK_ID },
		{ "what", "What happened", PK_ID }, { "who", "Who", PK_TEXT }, { "at", "When (UTC)", PK_TIME },
		{ "file", "File or sheet", PK_TEXT }, { "outcome", "Outcome", PK_TEXT },
		{ "good", "Records", PK_NUMBER }, { "bad", "Refused", PK_NUMBER },
		{ "sha256", "Its SHA-256", PK_CSV } };
	struct eg_buf name = EG_BUF_INIT;

	eg_buf_printf(&name, "Archive of %s: ", s->name);
	month_name(k->m->month, &name);
	k->p.most = SIZE_MAX;
	page_begin(&k->p, eg_buf_cstr(&name),
	    "Every bundle that was sealed for this month: what came, what was decided, what left. Each bundle holds a report of its own: data/report/report.html.",
	    "");
	eg_buf_str(&k->p.html, "<p><a href=\"../../index.html\">All months</a></p>\n");
	page_table(&k->p, "index.csv", "Bundles", cols, 10);
	int rc = archive_each(s->store, k->m->month, bundle_row, k, err);
	page_table_end(&k->p);
	page_end(&k->p, FOOT);
	eg_buf_done(&name);
	return rc;
}

static int
write_month(struct site *s, struct index_month *m, struct eg_err *err)
{
	struct making k = { .p = PAGE_INIT(-1), .m = m };

	m->drops = m->good = m->bad = m->manifests = m->batches = 0;
	m->written = site_now(s);
	int rc = make_month(s, &k, err);
	if (rc == EG_OK)
		rc = write_page(s, m->month, &k.p, err);
	page_done(&k.p);
	return rc;
}

/* ---- the page of all months ---- */

static void
top_row(struct page *p, const struct index_month *m)
{
	char drops[24], manifests[24], batches[24], good[24], bad[24], *path = eg_xprintf("%s/index.html", m->month);
	struct eg_buf name = EG_BUF_INIT;

	month_name(m->month, &name);
	const char *cells[] = { eg_buf_cstr(&name), path, number(drops, m->drops), number(good, m->good),
		number(bad, m->bad), number(manifests, m->manifests), number(batches, m->batches) };
	page_row(p, cells);
	eg_buf_done(&name);
	free(path);
}

static int
write_top(struct site *s, const struct index_month *m, size_t n, struct eg_err *err)
{
	static const struct page_col cols[] = { { "month", "Month", PK_TEXT }, { "page", "Its page", PK_LINK },
		{ "drops", "Files received", PK_NUMBER }, { "records", "Records taken", PK_NUMBER },
		{ "refused", "Records refused", PK_NUMBER }, { "sheets", "Sheets of decisions", PK_NUMBER },
		{ "batches", "Batches sent", PK_NUMBER } };
	static const char *const steps[] = { "cd YEAR/MONTH",
		"sha256sum --strict -c NUMBER.zip.sha256 | grep -x 'NUMBER.zip: OK'",
		"openssl pkeyutl -verify -rawin -pubin -inkey ../../keys/KEY.pub.pem -in NUMBER.zip.sha256 -sigfile NUMBER.zip.sha256.sig",
		"unzip NUMBER.zip && cd NUMBER && sha256sum --strict -c manifest-sha256.txt tagmanifest-sha256.txt" };
	struct page p = PAGE_INIT(-1);
	char *name = eg_xprintf("Archive of %s", s->name);

	p.most = SIZE_MAX;
	page_begin(&p, name,
	    "What the gateway between project management and accounting received, what was decided and what it sent, month by month.",
	    "");
	free(name);
	page_table(&p, "index.csv", "Months", cols, 7);
	for (size_t i = 0; i < n; i++)
		top_row(&p, &m[i]);
	page_table_end(&p);
	page_text(&p, "How to check a bundle, with its number and the key's file name put in:");
	page_steps(&p, steps, 4);
	page_end(&p, FOOT);
	int rc = write_page(s, ".", &p, err);
	page_done(&p);
	return rc;
}

/* A page grows with its month, and each bundle would write all of it anew: so a page of n lines waits n / 100 s, which a small month does not notice. */
static bool
is_due(struct site *s, const struct index_month *m)
{
	const int64_t lines = m->drops + m->manifests + m->batches, now = site_now(s);

	return m->stale && (now < m->written || now - m->written >= lines / LINES_PER_SECOND);
}

int
archive_pages(struct site *s, bool all, struct eg_err *err)
{
	struct index_month *m;
	size_t n = MONTHS;
	bool made[MONTHS] = { false }, any = false;
	int rc;

	if (!all && !conf_bool(&s->conf, "archive.pages"))
		return EG_OK;
	m = eg_xalloc(MONTHS * sizeof(*m));
	rc = index_months(s->store, m, &n, err);
	for (size_t i = 0; rc == EG_OK && i < n; i++)
		if (all || is_due(s, &m[i]) || !is_there(s, m[i].month)) {
			rc = write_month(s, &m[i], err);
			made[i] = any = true;
		}
	if (rc == EG_OK && (any || !is_there(s, ".")))
		rc = write_top(s, m, n, err);
	const bool full = rc == EG_RETRY && strcmp(err->code, "DISK-FULL") == 0;
	if (rc == EG_OK && any)
		rc = written(s, m, made, n, err);
	free(m);
	return full && !all ? EG_OK : rc;
}
