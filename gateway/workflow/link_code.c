/* SPDX-License-Identifier: MIT
 *
 * One row of tables/cost_type.csv changed or added, everything else of the table kept as it is. The file is replaced whole, the log entry says what the row was.
 */
#include "gateway/workflow/link_code.h"

#include "base/fs.h"
#include "base/limits.h"
#include "formats/csv_read.h"
#include "formats/csv_write.h"

#include <jansson.h>

#define TABLE "cost_type.csv"

struct table {
	struct eg_arena a;
	struct eg_bytes *cell; /* row by row, header first */
	size_t rows, columns, cap;
	size_t erp, row; /* the site's column; the key's row, 0 = none */
};

static int
damaged(struct eg_err *err, const char *what)
{
	return eg_fail(
	    err, EG_BADFILE, "ADP-TABLE", "tables/" TABLE " %s. Look at it with `erpgate adapters lint`.", what);
}

/* The table that counts: the site's own, else the shipped one. */
static int
table_text(struct site *s, struct eg_buf *ret, struct eg_err *err)
{
	const char *name;
	struct eg_bytes text;
	char sha[EG_SHA256_HEX];

	for (size_t i = 0; adp_set_table_at(s->adapters, i, &name, &text, sha); i++)
		if (strcmp(name, TABLE) == 0) {
			eg_buf_add(ret, text);
			return EG_OK;
		}
	return damaged(err, "is not there");
}

static int
take_row(struct table *t, const struct fmt_row *row, struct eg_err *err)
{
	if (row->blank)
		return EG_OK;
	if (t->rows == 0)
		t->columns = row->ncells;
	if (row->ncells != t->columns || t->columns == 0)
		return damaged(err, "has rows of different width");
	if ((t->rows + 1) * t->columns > t->cap) {
		t->cap = (t->rows + 64) * 2 * t->columns;
		t->cell = eg_xrealloc(t->cell, t->cap * sizeof(*t->cell));
	}
	for (size_t i = 0; i < t->columns; i++) {
		struct eg_bytes v = eg_arena_dup(&t->a, row->cells[i].val);

		if (v.ptr == NULL)
			return damaged(err, "is too large");
		t->cell[t->rows * t->columns + i] = v;
	}
	t->rows++;
	return EG_OK;
}

static int
table_read(struct table *t, struct eg_bytes text, struct eg_err *err)
{
	static const struct fmt_csv_opts opts = { .delim = ',' };
	struct fmt_src_mem mem;
	struct fmt_csv *csv = NULL;
	struct fmt_row row;
	int rc = fmt_csv_open(fmt_src_mem(&mem, text, 0), &opts, &csv, err);

	while (rc == EG_OK) {
		rc = fmt_csv_next(csv, &row, err);
		if (rc == EG_OK)
			rc = take_row(t, &row, err);
	}
	fmt_csv_free(csv);
	return rc == EG_EOF ? EG_OK : rc;
}

static struct eg_bytes *
cell(struct table *t, size_t row, size_t column)
{
	return &t->cell[row * t->columns + column];
}

static int
find(struct table *t, const char *erp, const char *key, const char *erp_id, struct eg_err *err)
{
	for (size_t i = 1; i < t->columns; i++)
		if (t->rows > 0 && eg_bytes_is(*cell(t, 0, i), erp))
			t->erp = i;
	if (t->erp == 0)
		return damaged(err, "has no column for this site's accounting system");
	for (size_t i = 1; i < t->rows; i++) {
		bool ours = eg_bytes_is(*cell(t, i, 0), key);

		if (ours)
			t->row = i;
		else if (eg_bytes_is(*cell(t, i, t->erp), erp_id))
			return eg_fail(err, EG_BADREC, "E-08",
			    "%s is what cost type %.*s is called in the accounting system, and one word cannot stand for two cost types. Link that one to another word first.",
			    erp_id, EG_FMT(*cell(t, i, 0)));
	}
	return EG_OK;
}

static int
put_row(const struct eg_bytes *cells, size_t n, struct eg_buf *out, struct eg_err *err)
{
	static const struct fmt_csv_style style = { .delim = ',', .lf = true };

	return fmt_csv_row(&style, cells, n, out, err);
}

static int
table_write(struct table *t, const char *key, const char *erp_id, struct eg_buf *out, struct eg_err *err)
{
	struct eg_bytes *added = eg_arena_array(&t->a, t->columns, sizeof(*added));
	int rc = added == NULL ? damaged(err, "is too large") : EG_OK;

	if (rc == EG_OK && t->row > 0)
		*cell(t, t->row, t->erp) = eg_bytes_str(erp_id);
	for (size_t i = 0; rc == EG_OK && i < t->rows; i++)
		rc = put_row(cell(t, i, 0), t->columns, out, err);
	if (rc != EG_OK || t->row > 0)
		return rc;
	added[0] = eg_bytes_str(key);
	added[t->erp] = eg_bytes_str(erp_id);
	for (size_t i = 1; i < t->columns; i++)
		if (eg_bytes_is(*cell(t, 0, i), "name"))
			added[i] = eg_bytes_str(key);
	return put_row(added, t->columns, out, err);
}

static int
check_words(const char *key, const char *erp_id, struct eg_err *err)
{
	const char *both[] = { key, erp_id };

	for (int i = 0; i < 2; i++)
		if (*both[i] == '\0' || strlen(both[i]) > 32 || strpbrk(both[i], ",\"\r\n\t ") != NULL)
			return eg_fail(err, EG_BADREC, "F-35",
			    "\"%s\" cannot be a cost type: write its short code, without blanks, commas and quotes.",
			    both[i]);
	if (strchr(key, '-') != NULL)
		return eg_fail(err, EG_BADREC, "F-35",
		    "%s looks like a cost code. Only cost types have names of their own in the accounting system; a cost code is the same on both sides. Correct the code in one of them, or enter it there: erpgate help E-20",
		    key);
	return EG_OK;
}

static int
log_row(struct site *s, struct table *t, const char *key, const char *before, const char *erp_id, struct eg_bytes text,
    struct eg_err *err)
{
	char sha[EG_SHA256_HEX], *id = eg_xprintf("code/%s", key), *detail;
	json_t *j;
	int rc;

	eg_sha256_hex_of(text, sha);
	j = json_pack("{s:s,s:s,s:s,s:s*,s:s}", "table", TABLE, "erp", s->erp, "erp_id", erp_id, "before",
	    t->row > 0 ? before : NULL, "sha256", sha);
	detail = json_dumps(j, JSON_COMPACT);
	rc = site_log(s, "linked", id, detail, err);
	free(detail);
	free(id);
	json_decref(j);
	return rc;
}

int
act_link_code(struct site *s, const char *key, const char *erp_id, struct eg_err *err)
{
	struct eg_buf text = { .max = EG_LIMIT_ADAPTER_BYTES }, out = { .max = EG_LIMIT_ADAPTER_BYTES };
	char *before = NULL;
	struct table t = { .cell = NULL };
	int dir = -1, rc = check_words(key, erp_id, err);

	eg_arena_init(&t.a, (size_t)EG_LIMIT_ADAPTER_BYTES * 4);
	if (rc == EG_OK)
		rc = table_text(s, &text, err);
	if (rc == EG_OK)
		rc = table_read(&t, eg_buf_view(&text), err);
	if (rc == EG_OK)
		rc = find(&t, s->erp, key, erp_id, err);
	if (rc == EG_OK) {
		before = eg_xdup(t.row > 0 ? *cell(&t, t.row, t.erp) : EG_NONE);
		rc = table_write(&t, key, erp_id, &out, err);
	}
	if (rc == EG_OK)
		rc = log_row(s, &t, key, before, erp_id, eg_buf_view(&out), err);
	if (rc == EG_OK)
		rc = eg_fs_mkdirs(s->dir, "tables", 0755, err);
	if (rc == EG_OK)
		rc = eg_fs_opendir(s->dir, "tables", &dir, err);
	if (rc == EG_OK)
		rc = eg_fs_write_file(dir, TABLE, eg_buf_view(&out), 0644, true, err);
	eg_fd_done(&dir);
	free(before);
	free(t.cell);
	eg_arena_done(&t.a);
	eg_buf_done(&out);
	eg_buf_done(&text);
	return rc;
}
