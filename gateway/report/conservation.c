/* SPDX-License-Identifier: MIT
 *
 * Conservation ledgers that are kept: that of a batch as it was sealed before it left (gateway/workflow/conserve.c made it), and that of a run as a log entry. The
 * page over drops of any time is made anew by reconcile.c. Refuses a batch that has no ledger. Tests: tests/scenario/evidence.py.
 */
#include "gateway/report/reports.h"

#include "base/fs.h"
#include "formats/csv_read.h"
#include "gateway/workflow/batch.h"
#include "spool/bundle.h"

#include <jansson.h>

/* ---- of a batch ---- */

static const struct report_col batch_cols[] = {
	{ "erp", "ERP", RK_TEXT, RP_DETAIL },
	{ "target", "TARGET", RK_TEXT, 0 },
	{ "record_type", "TYPE", RK_TEXT, 0 },
	{ "project", "PROJECT", RK_TEXT, 0 },
	{ "currency", "CURRENCY", RK_TEXT, 0 },
	{ "measure", "OF", RK_TEXT, 0 },
	{ "in", "ACCEPTED", RK_NUMBER, RP_ALWAYS },
	{ "out", "= OUT", RK_NUMBER, RP_ALWAYS },
	{ "sent_before", "+ SENT BEFORE", RK_NUMBER, 0 },
	{ "stays", "+ STAYS", RK_NUMBER, 0 },
	{ "difference", "DIFFERENCE", RK_NUMBER, RP_ALWAYS },
	{ "balanced", "BALANCED", RK_TEXT, 0 },
};
#define NCOLS (sizeof(batch_cols) / sizeof(batch_cols[0]))

struct sealed_in {
	const char *batch;
	char *id, *path;
};

static int
take_bundle(void *ctx, const struct bundle_row *b, struct eg_err *err)
{
	struct sealed_in *z = ctx;

	(void)err;
	if (z->path == NULL && strcmp(b->of_id, z->batch) == 0) {
		z->id = eg_xstrdup(b->id);
		z->path = eg_xstrdup(b->path);
	}
	return EG_OK;
}

/* The ledger's bytes: sealed, or still in the work folder. */
static int
ledger_bytes(struct site *s, struct sealed_in *z, struct eg_buf *ret, struct eg_err *err)
{
	char *work = eg_xprintf("%s/archive/" BATCH_LEDGER, z->batch);
	int rc = bundle_row_each(s->store, z->batch, take_bundle, z, err);

	if (rc == EG_OK && z->path != NULL)
		rc = bundle_extract(&s->spool, z->path, "data/" BATCH_LEDGER_MEMBER, ret, err);
	else if (rc == EG_OK)
		rc = eg_fs_read_file(s->spool.work, work, (size_t)1 << 30, ret, err);
	free(work);
	if (rc < 0)
		return eg_fail(err, EG_BADREC, "NOT-FOUND",
		    "There is no ledger of a batch %s: no such batch, or one that an older erpgate made. Batches: erpgate log",
		    z->batch);
	return rc;
}

static int
fill(struct report *r, struct eg_bytes csv, struct eg_err *err)
{
	const struct fmt_csv_opts opts = { .delim = ',' };
	struct fmt_src_mem mem;
	struct fmt_csv *c = NULL;
	struct fmt_row row;
	int rc = fmt_csv_open(fmt_src_mem(&mem, csv, 0), &opts, &c, err);

	for (unsigned n = 0; rc == EG_OK; n++) {
		rc = fmt_csv_next(c, &row, err);
		if (rc != EG_OK || n == 0 || row.ncells != NCOLS)
			continue;
		report_row(r);
		for (size_t i = 0; i < NCOLS; i++) {
			char *cell = eg_xprintf("%.*s", EG_FMT(row.cells[i].val));
			report_put(r, batch_cols[i].name, cell);
			r->bad = r->bad || (i + 1 == NCOLS && strcmp(cell, "yes") != 0);
			free(cell);
		}
	}
	fmt_csv_free(c);
	return rc == EG_EOF ? EG_OK : rc;
}

int
report_batch_ledger(struct site *s, const struct report_ask *q, struct report **ret, struct eg_err *err)
{
	struct sealed_in z = { .batch = q->batch };
	struct eg_buf csv = EG_BUF_INIT;
	struct report_scope sc;
	int rc = report_scope_open(&sc, s, q, "conservation",
	    "Conservation ledger of a batch, as checked before it left", batch_cols, NCOLS, err);

	report_filter(sc.r, "batch", q->batch);
	if (rc == EG_OK)
		rc = ledger_bytes(s, &z, &csv, err);
	if (rc == EG_OK)
		rc = fill(sc.r, eg_buf_view(&csv), err);
	report_note(sc.r,
	    "ACCEPTED: the content that was approved, each item once. OUT: what stands in the files of the batch. SENT BEFORE: the part of a budget that the accounting system has already. STAYS: no file of the target has a row for it.");
	if (z.id != NULL)
		report_note(sc.r, "Sealed in %s as data/" BATCH_LEDGER_MEMBER ".", z.id);
	free(z.id);
	free(z.path);
	eg_buf_done(&csv);
	return report_scope_close(&sc, rc, ret);
}

/* ---- of a run ---- */

#define LINES_KEPT 400 /* of the page in one log entry: beyond that its sums stand, and the page can be made again */

static json_t *
row_json(const struct report *r, const struct report_row *row)
{
	json_t *j = json_object();

	for (size_t c = 0; c < r->ncols; c++) {
		const char *v = row->cells[c];
		if (v != NULL && *v != '\0' && strcmp(v, "0") != 0 && strcmp(v, "0.00") != 0)
			json_object_set_new(j, r->cols[c].name, json_string(v));
	}
	return j;
}

/* The sums below the page. */
static void
totals(const struct report *r, struct eg_buf *ret)
{
	for (size_t i = 0; i < r->nsaid; i++)
		if (r->said[i].name == NULL &&
		    (strncmp(r->said[i].value, "Records", 7) == 0 || strncmp(r->said[i].value, "Money: ", 7) == 0 ||
			strncmp(r->said[i].value, "DOES NOT", 8) == 0))
			eg_buf_printf(ret, "%s%s", ret->len > 0 ? " " : "", r->said[i].value);
}

static int
log_page(struct site *s, const struct report *r, struct eg_err *err)
{
	struct eg_buf said = EG_BUF_INIT;
	json_t *lines = json_array();
	char of[24];

	for (size_t i = 0; i < r->nrows && i < LINES_KEPT; i++)
		json_array_append_new(lines, row_json(r, &r->rows[i]));
	totals(r, &said);
	json_t *j = json_pack("{s:I,s:b,s:s,s:I,s:o}", "run", (json_int_t)s->run, "balanced", !r->bad, "totals",
	    eg_buf_cstr(&said), "rows", (json_int_t)r->nrows, "lines", lines);
	char *text = json_dumps(j, JSON_COMPACT);
	(void)snprintf(of, sizeof(of), "R%06lld", (long long)s->run);
	int rc = site_log(s, "conservation", of, text, err);
	free(text);
	json_decref(j);
	eg_buf_done(&said);
	return rc;
}

static int
warn(struct site *s, const struct report *r, struct eg_err *err)
{
	struct eg_buf said = EG_BUF_INIT;

	totals(r, &said);
	const struct finding f = { .run = s->run,
		.source = s->erp,
		.file = "",
		.line = 1,
		.code = "F-78",
		.severity = ADP_WARN,
		.item = "",
		.field = "",
		.value = "",
		.message = eg_buf_cstr(&said) };
	int rc = store_finding_add(s->store, &f, err);
	eg_buf_done(&said);
	return rc;
}

int
conservation_log(struct site *s, struct eg_err *err)
{
	const struct report_ask q = { .state = -1, .run = s->run };
	struct report *r = NULL;
	int rc = report_conservation(s, &q, &r, err);

	if (rc == EG_OK && r->nrows > 0)
		rc = log_page(s, r, err);
	if (rc == EG_OK && r->bad)
		rc = warn(s, r, err);
	report_free(r);
	return rc;
}
