/* SPDX-License-Identifier: MIT
 *
 * Kits of refused documents: the child reads the original once more and gives back the bytes of the files to repair; the core only writes them down.
 * What the child says is no record and moves nothing: a child that misbehaves costs the kit, never the drop.
 */
#include "gateway/worker/repair.h"

#include "gateway/worker/parent.h"

/* ---- the child ---- */

struct giving {
	struct frame_out *out;
};

static int
give(void *ctx, struct eg_bytes v, struct eg_err *err)
{
	struct giving *g = ctx;
	size_t at = frame_begin(g->out, FRAME_OUT_BYTES);

	frame_text(g->out, v);
	return frame_end(g->out, at, err);
}

int
child_repair_part(const struct child_job *job, struct eg_bytes member, struct fmt_book *book, struct fmt_src src,
    struct frame_out *out, struct eg_err *err)
{
	struct adp_file f = { job->source, member.len > 0 && book == NULL ? member : eg_bytes_str(job->name) };
	struct giving g = { out };
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < job->nkits; i++) {
		struct adp_kit kit = job->kits[i];
		size_t at;

		if (!eg_bytes_is(member, kit.member))
			continue;
		kit.bytes = give;
		kit.ctx = &g;
		at = frame_begin(out, FRAME_OUT_FILE);
		frame_num(out, i);
		rc = frame_end(out, at, err);
		return rc == EG_OK ? adp_repair(job->set, &f, src, book, &kit, err) : rc;
	}
	return rc;
}

/* ---- the core ---- */

struct taking {
	const struct worker_kit_sink *sink;
	size_t n;
	bool in_file;
};

static int
take(void *ctx, struct eg_arena *a, enum frame_type t, struct eg_bytes payload, struct eg_err *err)
{
	struct taking *w = ctx;
	struct frame_cursor c = { payload, false };
	uint64_t i;

	(void)a;
	switch ((int)t) {
	case FRAME_OUT_FILE:
		i = frame_get_num(&c);
		if (!frame_get_end(&c) || i >= w->n)
			return parent_bad_frame(err);
		w->in_file = true;
		return w->sink->file(w->sink->ctx, (size_t)i, err);
	case FRAME_OUT_BYTES:
		payload = frame_get_text(&c);
		if (!frame_get_end(&c) || !w->in_file)
			return parent_bad_frame(err);
		return w->sink->bytes(w->sink->ctx, payload, err);
	case FRAME_END:
		return EG_OK;
	default:
		return parent_bad_frame(err);
	}
}

int
worker_repair(struct site *s, int fd, uint64_t size, const char *source, const char *name, const struct adp_kit *kits,
    size_t nkits, const struct worker_kit_sink *sink, struct eg_err *err)
{
	struct child_job job = {
		.set = s->adapters, .fd = fd, .size = size, .source = source, .name = name, .kits = kits, .nkits = nkits
	};
	struct taking w = { .sink = sink, .n = nkits };

	return parent_run(child_read, &job, take, &w, err);
}
