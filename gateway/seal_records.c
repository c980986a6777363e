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

/* The column of a type's first field, and how many columns it has. */
static unsigned
columns_of(const struct rec_type *t)
{
	unsigned n = 0;

	for (unsigned i = 0; i < t->nhead; i++)
		n += shown(&t->head[i]);
	for (unsigned i = 0; i < t->nline; i++)
		n += shown(&t->line[i]);
	return n;
}

static int
take_type(void *ctx, const struct rec_type *t, struct eg_err *err)
{
	struct seal_table *table = ctx;

	(void)err;
	table->has[t->id] = true;
	return EG_OK;
}

/* Names of lines begin with the type: those of two types are often alike. */
static int
put_header(struct seal_table *t, struct eg_err *err)
{
	struct eg_bytes *cells = eg_xalloc(t->width * sizeof(*cells));
	struct eg_buf *names = eg_xalloc(t->width * sizeof(*names));
	unsigned c = 0;

	for (; c < NAMED; c++)
		cells[c] = eg_bytes_str((const char *const[NAMED]){ "item", "record_type", "content", "line" }[c]);
	for (unsigned id = 0; id < REC_NTYPES; id++) {
		const struct rec_type *of = rec_type((enum rec_id)id);
		for (unsigned i = 0; t->has[id] && i < of->nhead; i++)
			if (shown(&of->head[i]))
				cells[c++] = eg_bytes_str(of->head[i].name);
		for (unsigned i = 0; t->has[id] && i < of->nline; i++)
			if (shown(&of->line[i])) {
				eg_buf_printf(&names[c], "%s.%s", of->name, of->line[i].name);
				cells[c] = eg_buf_view(&names[c]);
				c++;
			}
	}
	int rc = fmt_csv_row(&style, cells, t->width, &t->csv, err);
	for (unsigned i = 0; i < t->width; i++)
		eg_buf_done(&names[i]);
	free(names);
	free(cells);
	return rc;
}

int
seal_table_begin(struct sealing *z, const char *kind, const char *of, struct eg_err *err)
{
	struct seal_table *t = &z->table;
	int rc = evidence_types(z->site->store, kind, of, take_type, t, err);

	t->width = NAMED;
	for (unsigned id = 0; id < REC_NTYPES; id++) {
		t->first[id] = t->width;
		if (t->has[id])
			t->width += columns_of(rec_type((enum rec_id)id));
	}
	return rc == EG_OK && t->width > NAMED ? put_header(t, err) : rc;
}

static void
put_fields(const struct rec_field *f, unsigned n, const struct rec_val *v, struct eg_bytes *cells)
{
	for (unsigned i = 0, c = 0; i < n; i++)
		if (shown(&f[i]))
			cells[c++] = v[i].state == RV_VALUE ? v[i].text : EG_NONE;
}

int
seal_table_add(struct sealing *z, const struct rec *r, struct eg_err *err)
{
	struct seal_table *t = &z->table;
	struct eg_bytes *cells = eg_xalloc(t->width * sizeof(*cells));
	unsigned at = t->first[r->type->id], lines = at;
	struct eg_buf item = EG_BUF_INIT;
	char content[EG_SHA256_HEX], number[24];
	int rc;

	(void)rec_item_id(r, &item);
	rec_content(r, content);
	cells[0] = eg_buf_view(&item);
	cells[1] = eg_bytes_str(r->type->name);
	cells[2] = eg_bytes_str(content);
	cells[3] = EG_LIT("0");
	put_fields(r->type->head, r->type->nhead, r->head, &cells[at]);
	rc = fmt_csv_row(&style, cells, t->width, &t->csv, err);
	for (unsigned i = 0; i < r->type->nhead; i++)
		lines += shown(&r->type->head[i]);
	for (unsigned i = at; i < lines; i++)
		cells[i] = EG_NONE;
	for (size_t i = 0; rc == EG_OK && i < r->nlines; i++) {
		cells[3] = eg_bytes_str(seal_num(number, (int64_t)i + 1));
		put_fields(r->type->line, r->type->nline, &r->lines[i * r->type->nline], &cells[lines]);
		rc = fmt_csv_row(&style, cells, t->width, &t->csv, err);
	}
	eg_buf_done(&item);
	free(cells);
	return rc;
}

int
seal_table_end(struct sealing *z, struct eg_err *err)
{
	return z->table.csv.len == 0 ? EG_OK :
	                               bundle_add(z->b, "canonical/records.csv", eg_buf_view(&z->table.csv), err);
}
