/* SPDX-License-Identifier: MIT
 *
 * Writing, the core's side: files, rows, lineage, keys and totals as frames, each checked against the batch (record and adapter by number) before a receiver sees it.
 * Packed rows of a workbook are gathered and given on as the finished workbook. Tests: tests/unit/test_worker.c, tests/unit/test_batch.c.
 */
#include "gateway/worker/parent.h"

#include "base/limits.h"
#include "formats/xlsx_rows.h"

struct writing {
	const struct worker_out_sink *sink;
	struct site *site;
	size_t n;
	int64_t *counters;
	struct eg_arena *arena; /* of the frame at hand */
	const struct adp *book; /* its file at hand is a workbook: rows are gathered; else NULL */
	struct eg_buf rows;
};

#define SHEET_NAME_MAX 31 /* Excel's limit */

/* The workbook's only sheet is named after the object it holds, as far as Excel takes the name. */
static void
sheet_name(const struct adp *a, char ret[SHEET_NAME_MAX + 1])
{
	(void)snprintf(ret, SHEET_NAME_MAX + 1, "%s", adp_info(a)->object);
	for (char *p = ret; *p != '\0'; p++) {
		const bool plain = (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9');

		if (!plain && *p != '-' && *p != '_')
			*p = '-';
	}
}

/* The file at hand is complete: what was gathered leaves as a workbook. */
static int
finish_book(struct writing *w, struct eg_err *err)
{
	struct eg_buf file = EG_BUF_INIT;
	char name[SHEET_NAME_MAX + 1];
	int rc;

	if (w->book == NULL)
		return EG_OK;
	if (w->rows.full)
		return eg_fail(err, EG_RETRY, "LIMIT-MEM", "the batch is too large for memory");
	sheet_name(w->book, name);
	rc = fmt_xlsx_rows_book(eg_buf_view(&w->rows), name, &file, err);
	if (rc == EG_BADFILE && strcmp(err->code, "XLSX-WRITE") == 0)
		rc = parent_bad_frame(err);
	if (rc == EG_OK)
		rc = w->sink->bytes(w->sink->ctx, eg_buf_view(&file), err);
	w->book = NULL;
	eg_buf_clear(&w->rows);
	eg_buf_done(&file);
	return rc;
}

static const struct adp *
out_adapter(const struct writing *w, uint64_t index)
{
	return index < adp_set_count(w->site->adapters) ? adp_set_at(w->site->adapters, (size_t)index) : NULL;
}

static int
take_out_file(struct writing *w, struct eg_bytes payload, struct eg_err *err)
{
	struct frame_cursor c = { payload, false };
	const struct adp *a = out_adapter(w, frame_get_num(&c));
	const char *project = parent_text(w->arena, frame_get_text(&c));
	const char *ext = parent_text(w->arena, frame_get_text(&c));

	if (!frame_get_end(&c) || a == NULL || project == NULL || ext == NULL)
		return parent_bad_frame(err);
	const int rc = finish_book(w, err);
	if (rc < 0)
		return rc;
	w->book = strcmp(ext, "xlsx") == 0 ? a : NULL;
	return w->sink->file(w->sink->ctx, a, project, ext, err);
}

static bool
get_cells(struct writing *w, struct frame_cursor *c, uint64_t n, struct adp_field_lineage *cells)
{
	for (uint64_t i = 0; i < n && !c->bad; i++) {
		cells[i].column = parent_text(w->arena, frame_get_text(c));
		cells[i].rule = parent_text(w->arena, frame_get_text(c));
		cells[i].value = frame_get_text(c);
		cells[i].masked = frame_get_num(c) != 0;
		uint64_t nprov = frame_get_num(c);
		struct rec_prov *prov =
		    nprov > EG_LIMIT_CELLS ? NULL : eg_arena_array(w->arena, (size_t)nprov, sizeof(*prov));
		if (cells[i].column == NULL || cells[i].rule == NULL || prov == NULL)
			return false;
		for (uint64_t k = 0; k < nprov; k++) {
			prov[k].src = (uint32_t)frame_get_num(c);
			prov[k].off = frame_get_num(c);
			prov[k].len = (uint32_t)frame_get_num(c);
			prov[k].line = (uint32_t)frame_get_num(c);
		}
		cells[i].nprov = (size_t)nprov;
		cells[i].prov = prov;
	}
	return frame_get_end(c);
}

static int
take_out_row(struct writing *w, struct eg_bytes payload, struct eg_err *err)
{
	struct frame_cursor c = { payload, false };
	uint64_t line = frame_get_num(&c), record = frame_get_num(&c), n = frame_get_num(&c);
	struct adp_field_lineage *cells =
	    n > EG_LIMIT_CELLS ? NULL : eg_arena_array(w->arena, (size_t)n, sizeof(*cells));

	if (c.bad || cells == NULL || record >= w->n || !get_cells(w, &c, n, cells))
		return parent_bad_frame(err);
	return w->sink->row(w->sink->ctx, line, (size_t)record, cells, (size_t)n, err);
}

static int
take_out_end(struct writing *w, struct eg_bytes payload, struct eg_err *err)
{
	struct frame_cursor c = { payload, false };
	uint64_t index = frame_get_num(&c);
	const struct adp *a = out_adapter(w, index);
	struct adp_batch b = { .n = w->n, .rows = frame_get_num(&c) };
	struct eg_bytes amount = frame_get_text(&c);

	b.counter = (int64_t)frame_get_num(&c);
	if (!frame_get_end(&c) || a == NULL || eg_dec_parse(amount, EG_DEC_PLAIN, 2, 28, &b.amount) != EG_DEC_OK)
		return parent_bad_frame(err);
	w->counters[index] = b.counter;
	const int rc = finish_book(w, err);
	return rc < 0 ? rc : w->sink->adapter_end(w->sink->ctx, a, &b, err);
}

static int
take_out_key(struct writing *w, struct eg_bytes payload, struct eg_err *err)
{
	struct frame_cursor c = { payload, false };
	uint64_t record = frame_get_num(&c);
	const char *key = parent_text(w->arena, frame_get_text(&c));

	if (!frame_get_end(&c) || record >= w->n || key == NULL)
		return parent_bad_frame(err);
	return w->sink->key(w->sink->ctx, (size_t)record, key, err);
}

static int
take_out_finding(struct writing *w, struct eg_bytes payload, struct eg_err *err)
{
	struct adp_finding f;
	size_t record;

	if (!parent_finding(payload, w->arena, &record, &f) || record >= w->n)
		return parent_bad_frame(err);
	return w->sink->finding(w->sink->ctx, record, &f, err);
}

static int
take_out_bytes(struct writing *w, struct eg_bytes payload, struct eg_err *err)
{
	struct frame_cursor c = { payload, false };
	struct eg_bytes v = frame_get_text(&c);

	if (!frame_get_end(&c))
		return parent_bad_frame(err);
	if (w->book == NULL)
		return w->sink->bytes(w->sink->ctx, v, err);
	eg_buf_add(&w->rows, v);
	return EG_OK;
}

static int
take_write_frame(void *ctx, struct eg_arena *a, enum frame_type t, struct eg_bytes payload, struct eg_err *err)
{
	struct writing *w = ctx;

	w->arena = a;
	switch ((int)t) {
	case FRAME_OUT_FILE:
		return take_out_file(w, payload, err);
	case FRAME_OUT_BYTES:
		return take_out_bytes(w, payload, err);
	case FRAME_OUT_ROW:
		return take_out_row(w, payload, err);
	case FRAME_OUT_END:
		return take_out_end(w, payload, err);
	case FRAME_OUT_KEY:
		return take_out_key(w, payload, err);
	case FRAME_FINDING:
		return take_out_finding(w, payload, err);
	case FRAME_END:
		return EG_OK;
	default:
		return parent_bad_frame(err);
	}
}

/* CPU time by the size of the input: about 16 KiB a record. */
static uint64_t
size_of(size_t n)
{
	return (uint64_t)n << 14;
}

int
parent_write(child_fn *work, struct site *s, const char *target, const struct rec *const *records, size_t n,
    int64_t *counters, const struct worker_out_sink *sink, struct eg_err *err)
{
	struct child_job job = { .set = s->adapters,
		.fd = -1,
		.size = size_of(n),
		.target = target,
		.records = records,
		.n = n,
		.counters = counters };
	struct writing w = { .sink = sink, .site = s, .n = n, .counters = counters, .rows = EG_BUF_INIT };

	parent_conf(s, &job);
	const int rc = parent_run(work, &job, take_write_frame, &w, err);

	eg_buf_done(&w.rows);
	return rc;
}

int
parent_write_frames(struct frame_in *in, struct site *s, size_t n, int64_t *counters,
    const struct worker_out_sink *sink, struct eg_err *err)
{
	struct writing w = { .sink = sink, .site = s, .n = n, .counters = counters, .rows = EG_BUF_INIT };
	const int rc = parent_listen(in, take_write_frame, &w, err);

	eg_buf_done(&w.rows);
	return rc;
}

int
worker_write(struct site *s, const char *target, const struct rec *const *records, size_t n, int64_t *counters,
    const struct worker_out_sink *sink, struct eg_err *err)
{
	return parent_write(child_write, s, target, records, n, counters, sink, err);
}

/* ---- the check at accept: findings, then END ---- */

struct accepting {
	int (*finding)(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err);
	void *ctx;
	size_t n;
};

static int
take_accept_frame(void *ctx, struct eg_arena *a, enum frame_type t, struct eg_bytes payload, struct eg_err *err)
{
	const struct accepting *k = ctx;
	struct adp_finding f;
	size_t record;

	if (t == FRAME_END)
		return EG_OK;
	if (t != FRAME_FINDING || !parent_finding(payload, a, &record, &f) || record >= k->n)
		return parent_bad_frame(err);
	return k->finding(k->ctx, record, &f, err);
}

int
worker_accept(struct site *s, const char *target, const struct rec *const *records, size_t n,
    int (*finding)(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err), void *ctx,
    struct eg_err *err)
{
	struct child_job job = {
		.set = s->adapters, .fd = -1, .size = size_of(n), .target = target, .records = records, .n = n
	};
	struct accepting k = { finding, ctx, n };

	parent_conf(s, &job);
	return parent_run(child_accept, &job, take_accept_frame, &k, err);
}
