/* SPDX-License-Identifier: MIT
 *
 * Looking, the core's side: what a reading child says about one line, and the titles of a table. Frames of other kinds are passed over: nothing here is taken in.
 * A frame of another form than the child writes is EG_BADFILE "WORKER". Tests: tests/unit/test_tools.c.
 */
#include "adapters/tools.h"
#include "base/limits.h"
#include "gateway/worker/parent.h"

#define STEPS_MAX 64

struct looking {
	const struct worker_look *look;
	int (*titles)(void *ctx, const char *sheet, const struct eg_bytes *cells, size_t n, struct eg_err *err);
	void *ctx;
	char code[EG_CODE_MAX], why[EG_MSG_MAX]; /* of a table that was refused */
};

static int
take_traced(const struct looking *l, struct eg_arena *a, struct eg_bytes payload, struct eg_err *err)
{
	struct frame_cursor c = { payload, false };
	struct adp_traced_step steps[STEPS_MAX];
	struct adp_traced t = { .rows = "", .line = frame_get_num(&c), .steps = steps };

	t.target = parent_text(a, frame_get_text(&c));
	t.source = frame_get_text(&c);
	t.value = frame_get_text(&c);
	t.masked = frame_get_num(&c) != 0;
	t.code = parent_text(a, frame_get_text(&c));
	t.msg = parent_text(a, frame_get_text(&c));
	t.cure = parent_text(a, frame_get_text(&c));
	t.nsteps = (size_t)frame_get_num(&c);
	if (t.target == NULL || t.code == NULL || t.msg == NULL || t.cure == NULL || t.nsteps > STEPS_MAX)
		return parent_bad_frame(err);
	for (size_t i = 0; i < t.nsteps; i++) {
		steps[i].text = frame_get_text(&c);
		steps[i].value = frame_get_text(&c);
		steps[i].same = frame_get_num(&c) != 0;
	}
	return frame_get_end(&c) ? l->look->traced(l->look->ctx, &t, err) : parent_bad_frame(err);
}

static int
take_explained(void *ctx, struct eg_arena *a, enum frame_type t, struct eg_bytes payload, struct eg_err *err)
{
	const struct looking *l = ctx;
	struct frame_cursor c = { payload, false };
	struct adp_finding f;
	const char *member;
	size_t record;

	if (t == FRAME_TRACED)
		return take_traced(l, a, payload, err);
	if (t == FRAME_FILE) {
		member = parent_text(a, frame_get_text(&c));
		return member != NULL && frame_get_end(&c) ? l->look->file(l->look->ctx, member, err) :
		                                             parent_bad_frame(err);
	}
	if (t != FRAME_FINDING && t != FRAME_REFUSED)
		return EG_OK;
	return parent_finding(payload, a, &record, &f) ? l->look->finding(l->look->ctx, &f, err) :
	                                                 parent_bad_frame(err);
}

int
worker_explain(struct site *s, int fd, uint64_t size, const char *source, const char *name, uint64_t line,
    const struct worker_look *look, struct eg_err *err)
{
	struct child_job job = {
		.set = s->adapters, .fd = fd, .size = size, .source = source, .name = name, .trace_line = line
	};
	struct looking l = { .look = look };

	return parent_run(child_read, &job, take_explained, &l, err);
}

/* ---- titles ---- */

static int
take_titles(void *ctx, struct eg_arena *a, enum frame_type t, struct eg_bytes payload, struct eg_err *err)
{
	struct looking *l = ctx;
	struct frame_cursor c = { payload, false };
	struct adp_finding f;
	size_t record;

	if (t == FRAME_END)
		return EG_OK;
	if (t == FRAME_REFUSED && parent_finding(payload, a, &record, &f)) {
		(void)snprintf(l->code, sizeof(l->code), "%s", f.code);
		(void)snprintf(l->why, sizeof(l->why), "%s", f.msg);
		return EG_OK;
	}
	const char *sheet = t == FRAME_HEADER ? parent_text(a, frame_get_text(&c)) : NULL;
	size_t n = (size_t)frame_get_num(&c);
	struct eg_bytes *cells = n <= EG_LIMIT_CELLS ? eg_arena_array(a, n + 1, sizeof(*cells)) : NULL;
	for (size_t i = 0; cells != NULL && i < n; i++)
		cells[i] = frame_get_text(&c);
	if (sheet == NULL || cells == NULL || !frame_get_end(&c))
		return parent_bad_frame(err);
	return l->titles(l->ctx, sheet, cells, n, err);
}

int
worker_header(struct site *s, int fd, uint64_t size,
    int (*titles)(void *ctx, const char *sheet, const struct eg_bytes *cells, size_t n, struct eg_err *err), void *ctx,
    struct eg_err *err)
{
	struct child_job job = { .set = s->adapters, .fd = fd, .size = size, .source = "", .name = "" };
	struct looking l = { .titles = titles, .ctx = ctx };
	int rc = parent_run(child_header, &job, take_titles, &l, err);

	if (rc == EG_OK && l.code[0] != '\0')
		rc = eg_fail(err, EG_BADFILE, l.code, "%s", l.why);
	return rc;
}
