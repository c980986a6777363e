/* SPDX-License-Identifier: MIT
 *
 * Writing inside the child: the records are inherited memory, the bytes go out as frames.
 */
#include "gateway/worker/child_int.h"

struct out_ctx {
	struct frame_out *out;
	size_t adapter; /* index in the set */
};

static int
on_file(void *ctx, const struct adp *a, struct eg_bytes project, const char *ext, struct eg_err *err)
{
	struct out_ctx *c = ctx;
	size_t at = frame_begin(c->out, FRAME_OUT_FILE);

	(void)a; /* told by its index */
	frame_num(c->out, c->adapter);
	frame_text(c->out, project);
	frame_text(c->out, eg_bytes_str(ext));
	return frame_end(c->out, at, err);
}

static int
on_bytes(void *ctx, struct eg_bytes v, struct eg_err *err)
{
	struct out_ctx *c = ctx;
	size_t at = frame_begin(c->out, FRAME_OUT_BYTES);

	frame_text(c->out, v);
	return frame_end(c->out, at, err);
}

static int
on_row(void *ctx, uint64_t line, size_t record, const struct adp_field_lineage *f, size_t n, struct eg_err *err)
{
	struct out_ctx *c = ctx;
	size_t at = frame_begin(c->out, FRAME_OUT_ROW);

	frame_num(c->out, line);
	frame_num(c->out, record);
	frame_num(c->out, n);
	for (size_t i = 0; i < n; i++) {
		frame_text(c->out, eg_bytes_str(f[i].column));
		frame_text(c->out, eg_bytes_str(f[i].rule));
		frame_text(c->out, f[i].value);
		frame_num(c->out, f[i].masked);
		frame_num(c->out, f[i].nprov);
		for (size_t k = 0; k < f[i].nprov; k++) {
			frame_num(c->out, f[i].prov[k].src);
			frame_num(c->out, f[i].prov[k].off);
			frame_num(c->out, f[i].prov[k].len);
			frame_num(c->out, f[i].prov[k].line);
		}
	}
	return frame_end(c->out, at, err);
}

static int
on_finding(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err)
{
	struct out_ctx *c = ctx;

	return child_finding(c->out, FRAME_FINDING, record, f, err);
}

static int
on_key(void *ctx, size_t record, struct eg_bytes key, struct eg_err *err)
{
	struct out_ctx *c = ctx;
	size_t at = frame_begin(c->out, FRAME_OUT_KEY);

	frame_num(c->out, record);
	frame_text(c->out, key);
	return frame_end(c->out, at, err);
}

static int
adapter_end(struct out_ctx *c, const struct adp_batch *b, struct eg_err *err)
{
	struct eg_buf amount = EG_BUF_INIT;
	size_t at = frame_begin(c->out, FRAME_OUT_END);

	eg_dec_print(&amount, b->amount, 2);
	frame_num(c->out, c->adapter);
	frame_num(c->out, b->rows);
	frame_text(c->out, eg_buf_view(&amount));
	frame_num(c->out, (uint64_t)b->counter);
	eg_buf_done(&amount);
	return frame_end(c->out, at, err);
}

int
child_write(const struct child_job *job, struct frame_out *out, struct eg_err *err)
{
	struct out_ctx ctx = { .out = out };
	struct adp_out_sink sink = {
		.file = on_file, .bytes = on_bytes, .row = on_row, .finding = on_finding, .key = on_key, .ctx = &ctx
	};
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < adp_set_count(job->set); i++) {
		const struct adp *a = adp_set_at(job->set, i);
		const struct adp_info *info = adp_info(a);
		if (!info->out || strcmp(info->system, job->target) != 0)
			continue;
		struct adp_batch b = {
			.records = job->records, .n = job->n, .counter = job->counters[i], .amount = { 0, 2 }
		};
		ctx.adapter = i;
		rc = adp_write(job->set, a, &b, &sink, err);
		if (rc == EG_OK && b.rows > 0)
			rc = adapter_end(&ctx, &b, err);
	}
	return rc == EG_OK ? child_end_frame(out, err) : rc;
}

struct accept_ctx {
	struct frame_out *out;
	size_t record;
};

static int
on_accept_finding(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err)
{
	struct accept_ctx *c = ctx;

	(void)record; /* one record at a time */
	return child_finding(c->out, FRAME_FINDING, c->record, f, err);
}

int
child_accept(const struct child_job *job, struct frame_out *out, struct eg_err *err)
{
	struct accept_ctx ctx = { .out = out };
	struct adp_out_sink sink = { .finding = on_accept_finding, .ctx = &ctx };
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < job->n; i++) {
		ctx.record = i;
		rc = adp_accept_check(job->set, job->target, job->records[i], &sink, err);
	}
	return rc == EG_OK ? child_end_frame(out, err) : rc;
}
