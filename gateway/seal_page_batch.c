/* SPDX-License-Identifier: MIT
 *
 * report/report.html of a sheet of decisions (who decided what, with which key, seeing which content) and of a batch (what left, to whom, who let it pass, where its cells came from).
 */
#include "gateway/seal_page.h"

#define PEOPLE 200 /* deciders of a batch that get a line of their own */

struct decided {
	struct sealing *z;
	struct page p;
	struct eg_dec money; /* of what was accepted, or of the items that left */
	bool lost;
	unsigned n, items; /* files and items of a batch */
	struct person {
		char name[64];
		unsigned items;
		struct eg_dec money;
	} * who;
	size_t nwho;
	int64_t rows; /* of the files */
	uint64_t cells, traced; /* of the files; of them, those with a place in what was dropped */
};

/* ---- a sheet of decisions ---- */

static int
decision_row(void *ctx, const struct decision *d, struct eg_err *err)
{
	struct decided *all = ctx;
	const bool applied = *d->code == '\0';
	struct eg_arena a;
	struct item it = { 0 };
	char row[24];
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = d->item == 0 ? EG_EOF : item_get(all->z->site->store, d->item, &a, &it, err);
	if (rc >= 0 || rc == EG_EOF) {
		const char *cells[] = { seal_num(row, d->row), d->iid, it.title, it.amount, d->verdict, d->result,
			d->code, d->erp_id, d->comment, d->content };
		page_row(&all->p, cells);
		if (applied && strcmp(d->verdict, "accept") == 0)
			all->lost = !seal_page_add(&all->money, it.amount) || all->lost;
		rc = EG_OK;
	}
	eg_arena_done(&a);
	return rc;
}

static void
manifest_facts(struct page *p, const struct manifest *m, const char *full_name)
{
	char came[EG_TIME_TEXT], done[EG_TIME_TEXT] = "", n[24];

	eg_time_print(came, m->received);
	if (m->applied != 0)
		eg_time_print(done, m->applied);
	seal_page_facts(p);
	seal_page_fact(p, "Decided by", m->approver == NULL ? "nobody who could be told" : m->approver);
	seal_page_fact(p, "Full name", full_name);
	seal_page_fact(p, "Proof of who it was", m->assurance);
	seal_page_fact(p, "Key", m->key_id);
	seal_page_fact(p, "Sheet", m->sheet);
	seal_page_fact(p, "File", m->name);
	seal_page_fact(p, "SHA-256", m->sha256);
	seal_page_fact(p, "Received (UTC)", came);
	seal_page_fact(p, "Applied (UTC)", done);
	seal_page_fact(p, "State", m->state);
	seal_page_fact(p, "Accepted", seal_num(n, m->accepted));
	seal_page_fact(p, "Rejected", seal_num(n, m->rejected));
	seal_page_fact(p, "Refused by the gateway", seal_num(n, m->refused));
	page_table_end(p);
}

static int
manifest_tables(struct decided *d, const struct manifest *m, struct eg_err *err)
{
	static const struct page_col rows[] = { { "row", "Row", PK_NUMBER }, { "item", "Item", PK_ITEM },
		{ "title", "Title", PK_TEXT }, { "amount", "Money", PK_AMOUNT }, { "verdict", "Decision", PK_TEXT },
		{ "result", "Result", PK_TEXT }, { "code", "Code", PK_ID }, { "erp_id", "ERP key typed", PK_TEXT },
		{ "comment", "Comment", PK_TEXT }, { "content", "Content seen", PK_DIGEST } };
	static const struct page_col sums[] = { { "what", "What", PK_TEXT }, { "amount", "Money", PK_AMOUNT } };
	int rc;

	page_table(&d->p, "decisions.csv", "Decisions, row by row", rows, 10);
	rc = decision_each(d->z->site->store, m->id, 0, decision_row, d, err);
	page_table_end(&d->p);
	if (rc == EG_OK && !d->lost) {
		char *money = seal_page_money(d->money);
		const char *cells[] = { "accepted and applied", money };
		page_table(&d->p, "totals.csv", "Total", sums, 2);
		page_row(&d->p, cells);
		page_table_end(&d->p);
		free(money);
	}
	return rc;
}

int
seal_page_manifest(struct sealing *z, const char *of, struct eg_err *err)
{
	struct decided d = { .z = z, .p = PAGE_INIT(z->site->spool.work), .money = { 0, 2 } };
	struct user u = { .name = NULL };
	struct eg_arena a;
	struct manifest m;
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = seal_known(manifest_get(z->site->store, of, &a, &m, err), of, err);
	if (rc == EG_OK && m.approver != NULL)
		rc = user_find(z->site->store, m.approver, &a, &u, err);
	if (rc == EG_OK || rc == EG_EOF) {
		char *name = eg_xprintf("%s: decisions of %s", m.id, m.approver == NULL ? "nobody known" : m.approver);
		page_begin(
		    &d.p, name, "Who decided what, by which proof, and which content each decision was about.", "../");
		free(name);
		manifest_facts(&d.p, &m, rc == EG_OK && u.name != NULL ? u.full_name : NULL);
		rc = manifest_tables(&d, &m, err);
	}
	if (rc == EG_OK) {
		page_section(&d.p, "What a decision covers");
		page_text(&d.p,
		    "A decision counts for one content only: the digest in its row (SHA-256; whole in decisions.csv) is that of the record as the decider saw it (the canonical text in the bundle of the drop that brought it). "
		    "The sheet as it came, its signature and the key stand in the folder approvals of this bundle. A decision whose proof is not a signature rests on the account or command of the machine.");
		rc = seal_page_close(z, &d.p, err);
	}
	page_done(&d.p);
	eg_arena_done(&a);
	return rc;
}

/* ---- a batch ---- */

static int
file_row(void *ctx, const struct batch_file *f, struct eg_err *err)
{
	struct decided *d = ctx;
	struct eg_arena a;
	struct batch b;
	char rows[24], size[24];
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = seal_known(batch_get(d->z->site->store, f->batch, &a, &b, err), f->name, err);
	if (rc == EG_OK) {
		char *path = eg_xprintf("outbound/%s/%s", b.target, f->name);
		const char *cells[] = { path, f->object, seal_num(rows, f->rows), f->amount, seal_num(size, f->size),
			f->adapter, f->sha256 };
		page_row(&d->p, cells);
		free(path);
	}
	eg_arena_done(&a);
	return rc;
}

static void
let_pass(struct decided *d, const char *who, const char *amount)
{
	size_t i = 0;

	while (i < d->nwho && strcmp(d->who[i].name, who) != 0)
		i++;
	if (i == d->nwho) {
		if (i == PEOPLE)
			return;
		d->who = eg_xrealloc(d->who, (i + 1) * sizeof(*d->who));
		d->who[d->nwho++] = (struct person){ .money = { 0, 2 } };
		(void)snprintf(d->who[i].name, sizeof(d->who[i].name), "%s", who);
	}
	d->who[i].items++;
	d->lost = !seal_page_add(&d->who[i].money, amount) || d->lost;
}

static int
item_row(void *ctx, const char *batch, int64_t item, int64_t revision, int64_t decision, struct eg_err *err)
{
	struct decided *all = ctx;
	struct store *s = all->z->site->store;
	struct decision d = { .manifest = "", .approver = "", .verdict = "automatic" };
	char when[EG_TIME_TEXT] = "", rev[24];
	struct eg_arena a;
	struct item it;
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = item_get(s, item, &a, &it, err);
	if (rc == EG_OK && decision != 0)
		rc = decision_get(s, decision, &a, &d, err);
	rc = seal_known(rc, batch, err);
	if (rc == EG_OK) {
		if (decision != 0)
			eg_time_print(when, d.at);
		const char *cells[] = { it.iid, it.title, it.vendor, it.project, it.amount, d.approver, d.manifest,
			when, seal_num(rev, revision), it.content };
		page_row(&all->p, cells);
		let_pass(all, decision != 0 ? d.approver : "nobody: these go by themselves", it.amount);
	}
	eg_arena_done(&a);
	return rc;
}

static int
count_cells(void *ctx, int64_t batch_file, uint64_t line, int64_t item, const char *cells_json, struct eg_err *err)
{
	struct decided *d = ctx;
	json_t *cells = json_loads(cells_json, 0, NULL);

	(void)batch_file;
	(void)item;
	if (cells == NULL)
		return eg_fail(
		    err, EG_FATAL, "DB-CORRUPT", "the lineage of line %llu cannot be read", (unsigned long long)line);
	for (size_t i = 0; i < json_array_size(cells); i++) {
		d->cells++;
		d->traced += json_array_size(json_object_get(json_array_get(cells, i), "from")) > 0;
	}
	json_decref(cells);
	return EG_OK;
}

static int
count_file(void *ctx, const struct batch_file *f, struct eg_err *err)
{
	struct decided *d = ctx;

	d->n++;
	d->rows += f->rows;
	return lineage_each(d->z->site->store, f->id, 0, count_cells, d, err);
}

static int
count_item(void *ctx, const char *batch, int64_t item, int64_t revision, int64_t decision, struct eg_err *err)
{
	struct decided *d = ctx;

	(void)batch;
	(void)item;
	(void)revision;
	(void)decision;
	(void)err;
	d->items++;
	return EG_OK;
}

static void
people_table(struct decided *d)
{
	static const struct page_col people[] = { { "who", "Let it pass", PK_TEXT }, { "items", "Items", PK_NUMBER },
		{ "amount", "Money", PK_AMOUNT } };

	page_table(&d->p, "approvers.csv", "Who let it pass", people, 3);
	for (size_t i = 0; i < d->nwho; i++) {
		char n[24], *money = seal_page_money(d->who[i].money);
		const char *cells[] = { d->who[i].name, seal_num(n, d->who[i].items), d->lost ? "" : money };
		page_row(&d->p, cells);
		free(money);
	}
	page_table_end(&d->p);
}

static void
batch_facts(struct decided *d, const struct batch *b)
{
	char when[EG_TIME_TEXT], n[24];

	eg_time_print(when, b->made);
	seal_page_facts(&d->p);
	seal_page_fact(&d->p, "Sent to", b->target);
	seal_page_fact(&d->p, "Made (UTC)", when);
	seal_page_fact(&d->p, "Files", seal_num(n, d->n));
	seal_page_fact(&d->p, "Items", seal_num(n, d->items));
	seal_page_fact(&d->p, "Rows in the files", seal_num(n, d->rows));
	seal_page_fact(&d->p, "Cells written", seal_num(n, (int64_t)d->cells));
	seal_page_fact(&d->p, "of them from a place in a received file", seal_num(n, (int64_t)d->traced));
	seal_page_fact(&d->p, "of them constants, settings or typed", seal_num(n, (int64_t)(d->cells - d->traced)));
	page_table_end(&d->p);
}

static int
batch_tables(struct decided *d, const struct batch *b, struct eg_err *err)
{
	static const struct page_col files[] = { { "file", "File", PK_LINK }, { "object", "Object", PK_ID },
		{ "rows", "Rows", PK_NUMBER }, { "amount", "Money", PK_AMOUNT }, { "size", "Bytes", PK_NUMBER },
		{ "adapter", "Written by", PK_TEXT }, { "sha256", "SHA-256", PK_CODE } };
	static const struct page_col items[] = { { "item", "Item", PK_ITEM }, { "title", "Title", PK_TEXT },
		{ "vendor", "Company", PK_TEXT }, { "project", "Project or job", PK_ITEM },
		{ "amount", "Money", PK_AMOUNT }, { "approver", "Accepted by", PK_TEXT },
		{ "manifest", "Sheet", PK_ID }, { "decided", "Decided (UTC)", PK_TIME },
		{ "revision", "Revision", PK_CSV }, { "content", "Content", PK_DIGEST } };
	struct store *s = d->z->site->store;
	int rc = batch_file_each(s, b->id, count_file, d, err);

	if (rc == EG_OK)
		rc = batch_item_each(s, b->id, 0, count_item, d, err);
	if (rc == EG_OK) {
		batch_facts(d, b);
		page_table(&d->p, "files.csv", "What left", files, 7);
		rc = batch_file_each(s, b->id, file_row, d, err);
		page_table_end(&d->p);
	}
	if (rc == EG_OK) {
		page_table(&d->p, "items.csv", "Item by item", items, 10);
		rc = batch_item_each(s, b->id, 0, item_row, d, err);
		page_table_end(&d->p);
	}
	if (rc == EG_OK)
		people_table(d);
	return rc;
}

int
seal_page_batch(struct sealing *z, const char *of, struct eg_err *err)
{
	struct decided d = { .z = z, .p = PAGE_INIT(z->site->spool.work), .money = { 0, 2 } };
	struct eg_arena a;
	struct batch b;
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = seal_known(batch_get(z->site->store, of, &a, &b, err), of, err);
	if (rc == EG_OK) {
		char *name = eg_xprintf("%s: sent to %s", b.id, b.target);
		page_begin(
		    &d.p, name, "What left, with totals, who let it pass, and where its cells came from.", "../");
		free(name);
		rc = batch_tables(&d, &b, err);
	}
	if (rc == EG_OK) {
		page_section(&d.p, "Where to look further");
		page_text(&d.p,
		    "The folder lineage of this bundle leads every cell of every file back to a file, byte and length of what was received. The ERP's answer comes later, as a drop of its own: erpgate show with the number of this batch names it, "
		    "and so does erpgate audit find with an item of it and --kind drop.");
		rc = seal_page_close(z, &d.p, err);
	}
	free(d.who);
	page_done(&d.p);
	eg_arena_done(&a);
	return rc;
}
