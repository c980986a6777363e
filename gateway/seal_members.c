/* SPDX-License-Identifier: MIT
 *
 * How members of a bundle are made, of every kind: text that is put together row by row, CSV, JSON, a file of the work folder; and the two members that several kinds have. Long text is not
 * held (base/spill.h). Fails as the disk and the store do.
 */
#include "gateway/seal.h"

#include "base/fs.h"
#include "formats/csv_write.h"

int
seal_text(struct sealing *z, const char *path, struct eg_err *err)
{
	return eg_spill_size(&z->text) == 0 ? EG_OK : bundle_add_spill(z->b, path, &z->text, err);
}

int
seal_row(struct sealing *z, struct eg_err *err)
{
	return eg_spill_row(&z->text, err);
}

int
seal_json(struct sealing *z, const char *path, json_t *j, struct eg_err *err)
{
	char *text = json_dumps(j, JSON_INDENT(1));

	eg_check(text != NULL); /* every text that reaches it is UTF-8 */
	eg_spill_clear(&z->text);
	eg_buf_str(&z->text.buf, text);
	eg_buf_chr(&z->text.buf, '\n');
	free(text);
	json_decref(j);
	return seal_text(z, path, err);
}

int
seal_csv(struct sealing *z, const char *const *cells, size_t n, struct eg_err *err)
{
	static const struct fmt_csv_style style = { .delim = ',', .lf = true };
	struct eg_bytes v[20];

	eg_check(n <= sizeof(v) / sizeof(v[0]));
	for (size_t i = 0; i < n; i++)
		v[i] = eg_bytes_str(cells[i] == NULL ? "" : cells[i]);
	int rc = fmt_csv_row(&style, v, n, &z->text.buf, err);

	return rc == EG_OK ? seal_row(z, err) : rc;
}

const char *
seal_num(char ret[24], int64_t v)
{
	(void)snprintf(ret, 24, "%lld", (long long)v);
	return ret;
}

int
seal_known(int rc, const char *what, struct eg_err *err)
{
	return rc == EG_EOF ? eg_fail(err, EG_FATAL, "DB-CORRUPT",
				  "%s cannot be sealed: something it leads to is not in the database any more", what) :
	                      rc;
}

int
seal_adapter(struct sealing *z, const char *name, struct eg_err *err)
{
	const struct adp *a = *name == '\0' ? NULL : adp_set_named(z->site->adapters, name);

	if (a == NULL)
		return EG_OK;
	eg_buf_clear(&z->path);
	eg_buf_printf(&z->path, "\n%s\n", name);
	if (eg_bytes_find(eg_buf_view(&z->adapters), eg_buf_view(&z->path)) < z->adapters.len)
		return EG_OK;
	eg_buf_add(&z->adapters, eg_buf_view(&z->path));
	eg_buf_clear(&z->path);
	eg_buf_printf(&z->path, "adapters/%s.adapter", name);
	return bundle_add(z->b, eg_buf_cstr(&z->path), adp_info(a)->text, err);
}

static int
finding_row(void *ctx, const struct finding *f, struct eg_err *err)
{
	struct sealing *z = ctx;
	char line[24], col[24], off[24], sev[2] = { f->severity, '\0' };
	const char *cells[] = { f->source, f->file, seal_num(line, (int64_t)f->line), seal_num(col, f->col),
		seal_num(off, (int64_t)f->off), f->code, sev, f->item, f->field, f->value, f->message };

	return seal_csv(z, cells, sizeof(cells) / sizeof(cells[0]), err);
}

int
seal_findings(struct sealing *z, const struct finding_filter *of, struct eg_err *err)
{
	static const char *const head[] = { "source", "file", "line", "column", "offset", "code", "severity", "item",
		"field", "value", "message" };
	int rc = seal_csv(z, head, sizeof(head) / sizeof(head[0]), err);

	if (rc == EG_OK)
		rc = store_finding_each(z->site->store, of, finding_row, z, err);
	return rc == EG_OK ? seal_text(z, "findings.csv", err) : rc;
}

/* A short one is read; a long one stays open, as if its text had been written out. */
static int
take_file(struct sealing *z, const char *name, struct eg_err *err)
{
	int work = z->site->spool.work;
	struct stat st;
	int rc = eg_fs_open_file(work, name, &z->text.fd, &st, err);

	if (rc < 0)
		return rc;
	z->text.written = (uint64_t)st.st_size;
	if (z->text.written > EG_SPILL_HELD)
		return EG_OK;
	eg_spill_clear(&z->text);
	return eg_fs_read_file(work, name, EG_SPILL_HELD, &z->text.buf, err);
}

int
seal_work_file(struct sealing *z, const char *id, const char *file, bool must, const char *path, struct eg_err *err)
{
	int work = z->site->spool.work;
	char *name = eg_xprintf("%s/%s", id, file);
	bool there = eg_fs_exists(work, name);
	int rc = EG_OK;

	eg_spill_clear(&z->text);
	if (there)
		rc = take_file(z, name, err);
	else if (must)
		rc = eg_fail(err, EG_FATAL, "CLAIM",
		    "spool/work/%s is gone before it was archived; put it back from a backup", name);
	if (rc == EG_OK)
		rc = seal_text(z, path, err);
	free(name);
	return rc;
}
