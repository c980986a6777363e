/* SPDX-License-Identifier: MIT
 *
 * canonical/records.csv: the same records as records.txt as one table for any spreadsheet. A record has one row with its own fields (line 0) and one for each of its lines, so that every
 * column can be added up. Text that a spreadsheet would take for a formula has an apostrophe before it; the exact text is that of records.txt. Tests: tests/scenario/evidence.py.
 */
#include "gateway/seal.h"

#include "formats/csv_write.h"
#include "gateway/store/store_evidence.h"

#define NAMED 4 /* columns before the fields: item, record_type, content, line */

static const struct fmt_csv_style style = { .delim = ',', .lf = true, .for_people = true };

static bool
shown(const struct rec_field *f)
{
	return (f->flags & (RF_CONTEXT | RF_HANDLE)) == 0; /* as the canonical text */
}

static int
take_type(void *ctx, const struct rec_type *t, struct eg_err *err)
{
	struct seal_table *table = ctx;

	(void)err;
	table->has[t->id] = true;
	return EG_OK;
}

/* The column of that name, which types share; made if there is none. */
static unsigned
column(struct seal_table *t, const char *name)
{
	for (unsigned c = 0; c < t->width; c++)
		if (eg_bytes_is(t->name[c], name))
			return c;
	eg_check(t->width < SEAL_COLUMNS);
	t->name[t->width] = eg_bytes_str(name);
	return t->width++;
}

static void
take_columns(struct seal_table *t, const struct rec_field *f, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (shown(&f[i]))
			(void)column(t, f[i].name);
}

/* Fields of documents before those of their lines. */
int
seal_table_begin(struct sealing *z, const char *kind, const char *of, struct eg_err *err)
{
	static const char *const named[NAMED] = { "item", "record_type", "content", "line" };
	struct seal_table *t = &z->table;
	int rc = evidence_types(z->site->store, kind, of, take_type, t, err);

	for (unsigned i = 0; i < NAMED; i++)
		(void)column(t, named[i]);
	for (unsigned id = 0; id < REC_NTYPES; id++)
		if (t->has[id])
			take_columns(t, rec_type((enum rec_id)id)->head, rec_type((enum rec_id)id)->nhead);
	for (unsigned id = 0; id < REC_NTYPES; id++)
		if (t->has[id])
			take_columns(t, rec_type((enum rec_id)id)->line, rec_type((enum rec_id)id)->nline);
	return rc == EG_OK && t->width > NAMED ? fmt_csv_row(&style, t->name, t->width, &t->csv.buf, err) : rc;
}

static int
put_row(struct seal_table *t, struct eg_bytes *cells, const struct rec_field *f, unsigned n, const struct rec_val *v,
    struct eg_err *err)
{
	for (unsigned i = NAMED; i < t->width; i++)
		cells[i] = EG_NONE;
	for (unsigned i = 0; i < n; i++)
		if (shown(&f[i]) && v[i].state == RV_VALUE)
			cells[column(t, f[i].name)] = v[i].text;
	int rc = fmt_csv_row(&style, cells, t->width, &t->csv.buf, err);
	return rc == EG_OK ? eg_spill_row(&t->csv, err) : rc;
}

int
seal_table_add(struct sealing *z, const struct rec *r, struct eg_err *err)
{
	struct seal_table *t = &z->table;
	struct eg_bytes cells[SEAL_COLUMNS];
	struct eg_buf item = EG_BUF_INIT;
	char content[EG_SHA256_HEX], number[24];

	(void)rec_item_id(r, &item);
	rec_content(r, content);
	cells[0] = eg_buf_view(&item);
	cells[1] = eg_bytes_str(r->type->name);
	cells[2] = eg_bytes_str(content);
	cells[3] = EG_LIT("0");
	int rc = put_row(t, cells, r->type->head, r->type->nhead, r->head, err);
	for (size_t i = 0; rc == EG_OK && i < r->nlines; i++) {
		cells[3] = eg_bytes_str(seal_num(number, (int64_t)i + 1));
		rc = put_row(t, cells, r->type->line, r->type->nline, &r->lines[i * r->type->nline], err);
	}
	eg_buf_done(&item);
	return rc;
}

int
seal_table_end(struct sealing *z, struct eg_err *err)
{
	struct eg_spill *csv = &z->table.csv;

	return eg_spill_size(csv) == 0 ? EG_OK : bundle_add_spill(z->b, "canonical/records.csv", csv, err);
}
