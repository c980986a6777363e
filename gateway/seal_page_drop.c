/* SPDX-License-Identifier: MIT
 *
 * report/report.html of a drop: what came and from whom, what became of every record, with the money, and why the refused ones were refused.
 */
#include "gateway/seal_page.h"
#include "gateway/store/store_report.h"
#include "gateway/workflow/intake.h"

struct drop_page {
	struct sealing *z;
	struct page p;
	struct eg_arena a;
	uint64_t records, refused, kept;
	struct eg_dec money;
	bool lost; /* a sum left the range of amounts */
};

static const char *
fate_words(const char *fate)
{
	static const char *const words[][2] = { { "taken", "taken: new, or with new content" },
		{ "unchanged", "unchanged: the same content was there" }, { "rejected", "refused" },
		{ "counted", "counted, not kept" }, { "passed", "passed on" },
		{ "reference", "kept as a list of the ERP" }, { "answer", "an answer of the ERP" } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i][0], fate) == 0)
			return words[i][1];
	return fate;
}

static const char *
verdict_words(const char *verdict)
{
	static const char *const words[][2] = { { "accepted", "all of its records were taken" },
		{ "partial", "some of its records were refused, the others taken" },
		{ "refused", "nothing of it was taken" }, { "duplicate", "the same bytes came before" } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i][0], verdict) == 0)
			return words[i][1];
	return verdict;
}

static int
came_row(void *ctx, const struct came *c, struct eg_err *err)
{
	struct drop_page *d = ctx;
	char records[24], unknown[24], *money = seal_page_money(c->amount);
	const char *cells[] = { c->type, c->project, fate_words(c->fate), seal_num(records, c->records), money,
		seal_num(unknown, c->unknown) };

	(void)err;
	page_row(&d->p, cells);
	free(money);
	d->records += (uint64_t)c->records;
	d->refused += strcmp(c->fate, "rejected") == 0 ? (uint64_t)c->records : 0;
	d->lost = !eg_dec_add(d->money, c->amount, &d->money) || d->lost;
	return EG_OK;
}

static int
file_row(void *ctx, const struct file_row *f, struct eg_err *err)
{
	struct drop_page *d = ctx;
	char size[24], rows[24], records[24], rejected[24];
	const char *cells[] = { *f->member == '\0' ? "(the file itself)" : f->member, f->adapter,
		f->refused ? "refused" : "read", seal_num(size, f->size), seal_num(rows, f->rows),
		seal_num(records, f->records), seal_num(rejected, f->rejected), f->sha256 };

	(void)err;
	page_row(&d->p, cells);
	return EG_OK;
}

static int
finding_row(void *ctx, const struct finding *f, struct eg_err *err)
{
	struct drop_page *d = ctx;
	char line[24];
	const char *cells[] = { f->code, f->item, f->file, f->line > 0 ? seal_num(line, (int64_t)f->line) : "",
		f->field, f->value, f->message };

	(void)err;
	page_row(&d->p, cells);
	return EG_OK;
}

/* As the revision that came, not as the item is by now. */
static int
record_row(void *ctx, const struct rec *r, struct eg_err *err)
{
	struct drop_page *d = ctx;
	struct item it = { .type = r->type };
	char line[24];
	int rc;

	eg_arena_reset(&d->a);
	rc = item_fill(d->z->site, &d->a, r, &it, err);
	if (rc < 0)
		return rc;
	d->kept++;
	const char *cells[] = { iid_of(&d->a, r->type->id, r, r->type->key, r->type->nkey), it.number, it.title,
		it.vendor, it.project, it.amount, seal_num(line, (int64_t)r->at.line) };
	page_row(&d->p, cells);
	return EG_OK;
}

static int
drop_tables(struct drop_page *d, const char *of, struct eg_err *err)
{
	static const struct page_col came[] = { { "type", "Records", PK_TEXT },
		{ "project", "Project or job", PK_ITEM }, { "fate", "What became of them", PK_TEXT },
		{ "records", "Number", PK_NUMBER }, { "amount", "Money", PK_AMOUNT },
		{ "unknown", "Money not readable", PK_NUMBER } };
	static const struct page_col found[] = { { "code", "Code", PK_ID }, { "item", "Record", PK_ITEM },
		{ "file", "File", PK_TEXT }, { "line", "Line", PK_NUMBER }, { "field", "Field", PK_TEXT },
		{ "value", "Value", PK_TEXT }, { "message", "What is wrong, and what to do", PK_TEXT } };
	static const struct page_col taken[] = { { "item", "Record", PK_ITEM }, { "number", "Number", PK_ITEM },
		{ "title", "Title", PK_TEXT }, { "vendor", "Company", PK_TEXT },
		{ "project", "Project or job", PK_ITEM }, { "amount", "Money", PK_AMOUNT },
		{ "line", "Line", PK_NUMBER } };
	static const struct page_col files[] = { { "member", "Part", PK_TEXT }, { "adapter", "Read by", PK_TEXT },
		{ "outcome", "Outcome", PK_TEXT }, { "size", "Bytes", PK_NUMBER }, { "rows", "Rows", PK_NUMBER },
		{ "records", "Records", PK_NUMBER }, { "rejected", "Refused", PK_NUMBER },
		{ "sha256", "SHA-256", PK_CODE } };
	struct store *s = d->z->site->store;
	struct finding_filter bad = { .drop = of, .severity = ADP_REJECT };
	struct page *p = &d->p;
	int rc;

	page_table(p, "fates.csv", "What became of its records", came, 6);
	rc = came_each_of_drop(s, of, came_row, d, err);
	if (rc == EG_OK && d->records > 0 && !d->lost) {
		char n[24], *money = seal_page_money(d->money);
		const char *sum[] = { "all", "", "", seal_num(n, (int64_t)d->records), money, "" };
		page_row(p, sum);
		free(money);
	}
	page_table_end(p);
	if (rc == EG_OK) {
		page_table(p, "refused.csv", "Refused, and why", found, 7);
		rc = store_finding_each(s, &bad, finding_row, d, err);
		page_table_end(p);
	}
	if (rc == EG_OK) {
		page_table(p, "records.csv", "Taken, record by record", taken, 7);
		rc = revision_each_of_drop(s, of, record_row, d, err);
		page_table_end(p);
	}
	if (rc == EG_OK) {
		page_table(p, "files.csv", "Files", files, 8);
		rc = store_file_each(s, of, file_row, d, err);
		page_table_end(p);
	}
	return rc;
}

static void
drop_facts(struct drop_page *d, const struct drop_row *r)
{
	char when[EG_TIME_TEXT], size[24], owner[24];

	eg_time_print(when, r->received);
	seal_page_facts(&d->p);
	seal_page_fact(&d->p, "Sender", r->source);
	seal_page_fact(&d->p, "File", r->name);
	seal_page_fact(&d->p, "Bytes", seal_num(size, r->size));
	seal_page_fact(&d->p, "SHA-256", r->sha256);
	seal_page_fact(&d->p, "Received (UTC)", when);
	seal_page_fact(&d->p, "Put there by account number", seal_num(owner, r->owner));
	seal_page_fact(&d->p, "Verdict", verdict_words(r->verdict));
	page_table_end(&d->p);
}

int
seal_page_drop(struct sealing *z, const char *of, struct eg_err *err)
{
	struct drop_page d = { .z = z, .p = PAGE_INIT(z->site->spool.work), .money = { 0, 2 } };
	struct eg_arena a;
	struct drop_row r;
	int rc;

	eg_arena_init(&a, 1 << 16);
	eg_arena_init(&d.a, (size_t)1 << 26);
	rc = seal_known(store_drop_get(z->site->store, of, &a, &r, err), of, err);
	if (rc == EG_OK) {
		char *name = eg_xprintf("%s: %s", r.id, r.name),
		     *lead = eg_xprintf("What came from %s, and what became of every record in it: %s.", r.source,
			 verdict_words(r.verdict));
		page_begin(&d.p, name, lead, "../");
		free(lead);
		free(name);
		drop_facts(&d, &r);
		rc = drop_tables(&d, of, err);
	}
	if (rc == EG_OK) {
		page_section(&d.p, "Where to look further");
		page_text(&d.p,
		    "The original bytes are in the folder received of this bundle, the records as they were understood in canonical, all findings in findings.csv, the rules that read them in adapters. "
		    "Decisions, sending and the ERP's answer come later: erpgate audit find --item ID names those bundles.");
		rc = seal_page_close(z, &d.p, err);
	}
	page_done(&d.p);
	eg_arena_done(&d.a);
	eg_arena_done(&a);
	return rc;
}
