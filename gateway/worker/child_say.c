/* SPDX-License-Identifier: MIT
 *
 * What a reading child says: records, findings, traced values, a refused drop, the end, each as a frame. Fails only when the core no longer listens.
 */
#include "gateway/worker/child_int.h"

#include "adapters/tools.h"

int
child_finding(struct frame_out *out, enum frame_type t, size_t record, const struct adp_finding *f, struct eg_err *err)
{
	size_t at = frame_begin(out, t);

	frame_num(out, record);
	frame_text(out, eg_bytes_str(f->code));
	frame_num(out, (unsigned char)f->severity);
	frame_num(out, f->whole_file);
	frame_num(out, f->line);
	frame_num(out, f->pos.off);
	frame_num(out, f->pos.line);
	frame_num(out, f->pos.col);
	frame_text(out, eg_bytes_str(f->field));
	frame_text(out, f->value);
	frame_text(out, f->item);
	frame_text(out, eg_bytes_str(f->msg));
	return frame_end(out, at, err);
}

/* ---- records ---- */

static int
on_file(void *ctx, const struct adp *a, struct eg_err *err)
{
	struct child_say *c = ctx;
	size_t at = frame_begin(c->out, FRAME_ADAPTER);

	frame_text(c->out, eg_bytes_str(adp_info(a)->name));
	return frame_end(c->out, at, err);
}

static int
on_begin(void *ctx, const struct rec *head, struct eg_bytes item, struct eg_err *err)
{
	struct child_say *c = ctx;

	eg_buf_clear(&c->packed);
	rec_pack(head, &c->packed);
	size_t at = frame_begin(c->out, FRAME_BEGIN);
	frame_text(c->out, item);
	frame_text(c->out, eg_buf_view(&c->packed));
	return frame_end(c->out, at, err);
}

static int
on_line(void *ctx, const struct rec *line, struct eg_err *err)
{
	static struct rec_val blank[128]; /* a line is packed as a record without header values */
	struct child_say *c = ctx;
	struct rec whole = *line;

	eg_check(line->type->nhead <= sizeof(blank) / sizeof(blank[0]));
	if (whole.head == NULL)
		whole.head = blank;
	eg_buf_clear(&c->packed);
	rec_pack(&whole, &c->packed);
	size_t at = frame_begin(c->out, FRAME_LINE);
	frame_text(c->out, eg_buf_view(&c->packed));
	return frame_end(c->out, at, err);
}

static int
on_end(void *ctx, enum adp_verdict v, uint64_t raw_off, uint64_t raw_len, struct eg_err *err)
{
	struct child_say *c = ctx;
	size_t at = frame_begin(c->out, FRAME_DONE);

	frame_num(c->out, (uint64_t)v);
	frame_num(c->out, raw_off);
	frame_num(c->out, raw_len);
	return frame_end(c->out, at, err);
}

static int
on_finding(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	struct child_say *c = ctx;

	return child_finding(c->out, FRAME_FINDING, 0, f, err);
}

static int
on_traced(void *ctx, const struct adp_traced *t, struct eg_err *err)
{
	struct frame_out *out = ((struct child_say *)ctx)->out;
	size_t at = frame_begin(out, FRAME_TRACED);

	frame_num(out, t->line);
	frame_text(out, eg_bytes_str(t->target));
	frame_text(out, t->source);
	frame_text(out, t->value);
	frame_num(out, t->masked);
	frame_text(out, eg_bytes_str(t->code));
	frame_text(out, eg_bytes_str(t->msg));
	frame_text(out, eg_bytes_str(t->cure));
	frame_num(out, t->nsteps);
	for (size_t i = 0; i < t->nsteps; i++) {
		frame_text(out, t->steps[i].text);
		frame_text(out, t->steps[i].value);
		frame_num(out, t->steps[i].same);
	}
	return frame_end(out, at, err);
}

struct adp_sink
child_sink(struct child_say *c, const struct child_job *job)
{
	return (struct adp_sink){ .file = on_file,
		.begin = on_begin,
		.line = on_line,
		.end = on_end,
		.finding = on_finding,
		.ctx = c,
		.traced = job->trace_line > 0 ? on_traced : NULL,
		.trace_line = job->trace_line };
}

/* ---- the end ---- */

/* A container that cannot be trusted refuses the whole drop: a finding, not a failure. */
static int
refuse(struct frame_out *out, const struct eg_err *why, struct eg_err *err)
{
	struct adp_finding f = { .code = why->code,
		.severity = ADP_REJECT,
		.whole_file = true,
		.line = 1,
		.pos = why->pos,
		.field = "",
		.msg = why->msg };

	return child_finding(out, FRAME_REFUSED, 0, &f, err);
}

int
child_end_frame(struct frame_out *out, struct eg_err *err)
{
	int rc = frame_end(out, frame_begin(out, FRAME_END), err);

	return rc == EG_OK ? frame_flush(out, err) : rc;
}

int
child_conclude(int rc, struct frame_out *out, struct eg_err *err)
{
	if (rc == EG_BADFILE) {
		const struct eg_err why = *err;

		rc = refuse(out, &why, err);
	}
	return rc == EG_OK ? child_end_frame(out, err) : rc;
}
