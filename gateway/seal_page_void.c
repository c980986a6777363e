/* SPDX-License-Identifier: MIT
 *
 * report/report.html of a batch declared void: who said so, on which proof, and which files and items it is about.
 */
#include "gateway/seal_page.h"
#include "gateway/store/store_receipt.h"

struct void_page {
	struct sealing *z;
	struct page p;
};

static int
file_row(void *ctx, const struct batch_file *f, struct eg_err *err)
{
	struct void_page *d = ctx;
	char rows[24];
	const char *cells[] = { f->name, f->object, seal_num(rows, f->rows), f->amount, f->sha256 };

	(void)err;
	page_row(&d->p, cells);
	return EG_OK;
}

static int
item_row(void *ctx, const char *batch, int64_t item, int64_t revision, int64_t decision, struct eg_err *err)
{
	struct void_page *d = ctx;
	struct eg_arena a;
	struct item it;
	char rev[24];
	int rc;

	(void)decision;
	eg_arena_init(&a, 1 << 16);
	rc = seal_known(item_get(d->z->site->store, item, &a, &it, err), batch, err);
	if (rc == EG_OK) {
		const char *cells[] = { it.iid, it.title, it.vendor, it.project, it.amount, seal_num(rev, revision) };
		page_row(&d->p, cells);
	}
	eg_arena_done(&a);
	return rc;
}

static void
void_facts(struct page *p, const struct voided *v)
{
	char when[EG_TIME_TEXT];

	eg_time_print(when, v->at);
	seal_page_facts(p);
	seal_page_fact(p, "Batch", v->batch);
	seal_page_fact(p, "Declared void by", v->actor);
	seal_page_fact(p, "When (UTC)", when);
	seal_page_fact(p, "Reason given", v->reason);
	seal_page_fact(p, "Proof", v->proof);
	seal_page_fact(p, "SHA-256 of the proof", v->sha256);
	page_table_end(p);
}

static int
void_tables(struct void_page *d, const struct voided *v, struct eg_err *err)
{
	static const struct page_col files[] = { { "file", "File", PK_ID }, { "object", "Object", PK_ID },
		{ "rows", "Rows", PK_NUMBER }, { "amount", "Money", PK_AMOUNT }, { "sha256", "SHA-256", PK_CODE } };
	static const struct page_col items[] = { { "item", "Item", PK_ITEM }, { "title", "Title", PK_TEXT },
		{ "vendor", "Company", PK_TEXT }, { "project", "Project or job", PK_ITEM },
		{ "amount", "Money", PK_AMOUNT }, { "revision", "Revision", PK_CSV } };
	struct store *s = d->z->site->store;
	int rc;

	page_table(&d->p, "files.csv", "Files that were made", files, 5);
	rc = batch_file_each(s, v->batch, file_row, d, err);
	page_table_end(&d->p);
	if (rc == EG_OK) {
		page_table(&d->p, "items.csv", "Items that needed a new decision", items, 6);
		rc = batch_item_each(s, v->batch, 0, item_row, d, err);
		page_table_end(&d->p);
	}
	return rc;
}

int
seal_page_void(struct sealing *z, const char *of, struct eg_err *err)
{
	struct void_page d = { .z = z, .p = PAGE_INIT(z->site->spool.work) };
	struct eg_arena a;
	struct voided v;
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = seal_known(voided_get(z->site->store, of, &a, &v, err), of, err);
	if (rc == EG_OK) {
		char *name = eg_xprintf("%s: batch %s declared void", v.id, v.batch);
		page_begin(&d.p, name,
		    "Who said that this batch never entered the books, on which proof, and what was in it.", "../");
		free(name);
		void_facts(&d.p, &v);
		rc = void_tables(&d, &v, err);
	}
	if (rc == EG_OK) {
		page_section(&d.p, "Where to look further");
		page_text(&d.p,
		    "The proof as it was given and the act, with the files that were still there and taken back, stand in the folder void of this bundle; the files themselves in the bundle of the batch. "
		    "The number of the batch is never used again.");
		rc = seal_page_close(z, &d.p, err);
	}
	page_done(&d.p);
	eg_arena_done(&a);
	return rc;
}
