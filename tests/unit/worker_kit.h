/* SPDX-License-Identifier: MIT
 *
 * A receiver that writes down what a confined child says, and children of our own in place of readers.
 */
#ifndef TESTS_UNIT_WORKER_KIT_H
#define TESTS_UNIT_WORKER_KIT_H

#include "gate_kit.h"

#include "gateway/worker/parent.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* ---- a receiver that writes down what it is told ---- */

static inline int
told_file(void *ctx, const char *member, struct eg_err *err)
{
	(void)err;
	eg_buf_printf(ctx, "file(%s) ", member);
	return EG_OK;
}

static inline int
told_begin(void *ctx, const struct rec *head, struct eg_bytes item, struct eg_err *err)
{
	(void)err;
	eg_buf_printf(ctx, "%s:%.*s ", head->type->name, EG_FMT(item));
	return EG_OK;
}

static inline int
told_line(void *ctx, const struct rec *line, struct eg_err *err)
{
	(void)err;
	eg_buf_printf(ctx, "line(%zu) ", line->nlines);
	return EG_OK;
}

static inline int
told_end(void *ctx, enum adp_verdict v, uint64_t off, uint64_t len, struct eg_err *err)
{
	(void)off;
	(void)len;
	(void)err;
	eg_buf_printf(ctx, "end(%d) ", (int)v);
	return EG_OK;
}

static inline int
told_finding(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	(void)err;
	eg_buf_printf(ctx, "%s%c ", f->code, f->severity);
	return EG_OK;
}

static inline int
told_file_end(void *ctx, const struct worker_file *f, struct eg_err *err)
{
	(void)err;
	eg_buf_printf(ctx, "done(%s %u)", f->adapter == NULL ? "-" : adp_info(f->adapter)->name, (unsigned)f->records);
	return EG_OK;
}

static inline int
told_refused(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	(void)err;
	eg_buf_printf(ctx, "refused(%s) ", f->code);
	return EG_OK;
}

static inline struct worker_sink
told(struct eg_buf *b)
{
	return (struct worker_sink){ told_file, told_begin, told_line, told_end, told_finding, told_file_end,
		told_refused, b };
}

/* ---- reading ---- */

static const struct {
	const char *name, *text, *told;
} files[] = {
	{ "good", "Project Number,Sub Job Code,Sub Job Name\r\nP1,A,Site\r\nP1,B,Yard\r\n",
	    "file() subjob:subjob/P1/A end(0) subjob:subjob/P1/B end(0) done(procore.subjobs 2)" },
	{ "empty", "", NULL },
	{ "refused in the middle of a document, by its own reason",
	    "Number,Commitment Type,Title,Description,Status,Executed,Accounting Method,Contract Company ID,Retainage %,"
	    "Contract Date,Grand Total,Line,Sub Job,Cost Code,Cost Type,Line Description,Quantity,UOM,Unit Cost,Amount,"
	    "Project Number\n"
	    "SC-1,Subcontract,a,,Approved,Yes,Amount,2001,5,10/05/2026,3,1,,26-0500,S,x,,,,1.00,P1\n"
	    "SC-1,Subcontract,a,,Approved,Yes,Amount,2001,5,10/05/2026,3,2,,26-0500,S,x \x94,,,,2.00,P1\n",
	    NULL },
	{ "layout of nobody", "Hello,World\n1,2\n", NULL },
	{ "bytes of no text", "\x89PNG\r\n\032\n\0\0\0", NULL },
};

static const struct {
	const char *name, *text;
	size_t len;
	bool whole;
} wholes[] = {
	{ "csv", "a,b\n1,2\n", 8, true },
	{ "csv with an open quote", "a,b\n1,\"2\n", 9, false },
	{ "xml", "<a><b/></a>\n", 12, true },
	{ "xml with an open element", "<a><b/>", 7, false },
	{ "beginning of a zip", "PK\003\004\024\0\0\0\0\0", 10, false },
};

/* ---- children that lie ---- */

static inline int
say(struct frame_out *o, enum frame_type t, struct eg_err *err)
{
	return frame_end(o, frame_begin(o, t), err);
}

static inline int
say_end(struct frame_out *o, struct eg_err *err)
{
	int rc = say(o, FRAME_END, err);

	return rc == EG_OK ? frame_flush(o, err) : rc;
}

static inline int
say_file(struct frame_out *o, struct eg_bytes member, struct eg_err *err)
{
	size_t at = frame_begin(o, FRAME_FILE);

	frame_text(o, member);
	return frame_end(o, at, err);
}

static inline int
say_finding(struct frame_out *o, uint64_t record, struct eg_bytes code, uint64_t severity, struct eg_bytes item,
    struct eg_bytes msg, struct eg_err *err)
{
	size_t at = frame_begin(o, FRAME_FINDING);

	frame_num(o, record);
	frame_text(o, code);
	frame_num(o, severity);
	for (int i = 0; i < 5; i++)
		frame_num(o, 1);
	frame_text(o, EG_LIT("Field"));
	frame_text(o, EG_LIT("\xff\0value of any bytes"));
	frame_text(o, item);
	frame_text(o, msg);
	return frame_end(o, at, err);
}

#define CHILD(name) static inline int name(const struct child_job *job, struct frame_out *o, struct eg_err *err)

CHILD(aborts)
{
	(void)job;
	(void)o;
	(void)err;
	abort();
}

CHILD(ends_in_a_file)
{
	(void)job;
	return say_file(o, EG_NONE, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}

struct liar {
	const char *name;
	child_fn *child;
	const char *says; /* part of the message */
};

/* ---- kernels that lack a layer ---- */

static const struct {
	const char *name;
	struct confine_kernel kernel;
	enum confine_mode mode;
	int outcome;
	const char *says;
} kernels[] = {
	{ "first Landlock, strict", { 1, true }, CONFINE_STRICT, 2, "" },
	{ "without Landlock, strict", { 0, true }, CONFINE_STRICT, 9, "no Landlock" },
	{ "without Landlock, weak", { 0, true }, CONFINE_WEAK, 2, "" },
	{ "without filters, strict", { 1, false }, CONFINE_STRICT, 9, "no seccomp filters" },
	{ "without filters, weak: Landlock refuses", { 1, false }, CONFINE_WEAK, 1, "" },
};

#endif
