/* SPDX-License-Identifier: MIT
 *
 * The confined child as the core sees it: good files, children that die, lie or stop too early, and that the confinement holds: what a worker may not do
 * ends it. Children of our own stand where a taken-over reader would.
 */
#include "gate_kit.h"

#include "gateway/worker/parent.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* ---- a receiver that writes down what it is told ---- */

static int
told_file(void *ctx, const char *member, struct eg_err *err)
{
	(void)err;
	eg_buf_printf(ctx, "file(%s) ", member);
	return EG_OK;
}

static int
told_begin(void *ctx, const struct rec *head, struct eg_bytes item, struct eg_err *err)
{
	(void)err;
	eg_buf_printf(ctx, "%s:%.*s ", head->type->name, EG_FMT(item));
	return EG_OK;
}

static int
told_line(void *ctx, const struct rec *line, struct eg_err *err)
{
	(void)err;
	eg_buf_printf(ctx, "line(%zu) ", line->nlines);
	return EG_OK;
}

static int
told_end(void *ctx, enum adp_verdict v, uint64_t off, uint64_t len, struct eg_err *err)
{
	(void)off;
	(void)len;
	(void)err;
	eg_buf_printf(ctx, "end(%d) ", (int)v);
	return EG_OK;
}

static int
told_finding(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	(void)err;
	eg_buf_printf(ctx, "%s%c ", f->code, f->severity);
	return EG_OK;
}

static int
told_file_end(void *ctx, const struct worker_file *f, struct eg_err *err)
{
	(void)err;
	eg_buf_printf(ctx, "done(%s %u)", f->adapter == NULL ? "-" : adp_info(f->adapter)->name, (unsigned)f->records);
	return EG_OK;
}

static int
told_refused(void *ctx, const struct adp_finding *f, struct eg_err *err)
{
	(void)err;
	eg_buf_printf(ctx, "refused(%s) ", f->code);
	return EG_OK;
}

static struct worker_sink
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

static void
test_read(void **state)
{
	struct kit *k = gate_open("cmic", "");

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct eg_bytes text = eg_bytes_str(files[i].text);
		struct eg_buf b = EG_BUF_INIT;
		struct worker_sink sink = told(&b);
		int fd = gate_fd(text);

		kit_good(k, worker_read(&k->s, fd, text.len, "procore", "x.csv", &sink, &k->err));
		if (files[i].told != NULL && strcmp(eg_buf_cstr(&b), files[i].told) != 0)
			fail_msg("%s: %s", files[i].name, eg_buf_cstr(&b));
		if (files[i].told == NULL && strstr(eg_buf_cstr(&b), "R done(") == NULL)
			fail_msg("%s: %s", files[i].name, eg_buf_cstr(&b));
		close(fd);
		eg_buf_done(&b);
	}
	gate_close(k);
}

static int
receiver_gives_up(void *ctx, const struct rec *head, struct eg_bytes item, struct eg_err *err)
{
	(void)ctx;
	(void)head;
	(void)item;
	return eg_fail(err, EG_RETRY, "DISK-FULL", "no room");
}

static void
test_receiver_fails(void **state)
{
	struct kit *k = gate_open("cmic", "");
	struct eg_bytes text = eg_bytes_str(files[0].text);
	struct eg_buf b = EG_BUF_INIT;
	struct worker_sink sink = told(&b);
	int fd = gate_fd(text);

	(void)state;
	sink.begin = receiver_gives_up;
	assert_int_equal(worker_read(&k->s, fd, text.len, "procore", "x.csv", &sink, &k->err), EG_RETRY);
	assert_string_equal(k->err.code, "DISK-FULL");
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left behind */
	assert_int_equal(errno, ECHILD);
	close(fd);
	eg_buf_done(&b);
	gate_close(k);
}

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

static void
test_whole(void **state)
{
	struct kit *k = gate_open("cmic", "");

	(void)state;
	for (size_t i = 0; i < sizeof(wholes) / sizeof(wholes[0]); i++) {
		int fd = gate_fd(eg_bytes(wholes[i].text, wholes[i].len));
		int rc = worker_whole(&k->s, fd, wholes[i].len, "x", &k->err);

		if (rc != (wholes[i].whole ? EG_OK : EG_BADFILE))
			fail_msg("%s: %d %s", wholes[i].name, rc, k->err.msg);
		assert_true(rc == EG_OK || strcmp(k->err.code, "WORKER") != 0); /* the reader says so, it did not die */
		close(fd);
	}
	gate_close(k);
}

/* ---- children that lie ---- */

static int
say(struct frame_out *o, enum frame_type t, struct eg_err *err)
{
	return frame_end(o, frame_begin(o, t), err);
}

static int
say_end(struct frame_out *o, struct eg_err *err)
{
	int rc = say(o, FRAME_END, err);

	return rc == EG_OK ? frame_flush(o, err) : rc;
}

static int
say_file(struct frame_out *o, struct eg_bytes member, struct eg_err *err)
{
	size_t at = frame_begin(o, FRAME_FILE);

	frame_text(o, member);
	return frame_end(o, at, err);
}

static int
say_record(struct frame_out *o, enum frame_type t, const char *type, size_t nlines, struct eg_err *err)
{
	struct eg_arena a;
	struct eg_buf packed = EG_BUF_INIT;
	struct rec r;
	int rc;

	eg_arena_init(&a, 1 << 20);
	rc = rec_new(&a, rec_type_named(eg_bytes_str(type)), nlines, &r, err);
	if (rc == EG_OK) {
		rec_pack(&r, &packed);
		size_t at = frame_begin(o, t);
		if (t == FRAME_BEGIN)
			frame_text(o, EG_LIT("x/1"));
		frame_text(o, eg_buf_view(&packed));
		rc = frame_end(o, at, err);
	}
	eg_buf_done(&packed);
	eg_arena_done(&a);
	return rc;
}

static int
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

#define CHILD(name) static int name(const struct child_job *job, struct frame_out *o, struct eg_err *err)

CHILD(says_nothing)
{
	(void)job;
	(void)o;
	(void)err;
	return EG_OK;
}
CHILD(aborts)
{
	(void)job;
	(void)o;
	(void)err;
	abort();
}
CHILD(exits)
{
	(void)job;
	(void)o;
	(void)err;
	_exit(7);
}
CHILD(ends_and_dies)
{
	(void)job;
	if (say_end(o, err) == EG_OK)
		_exit(7);
	return EG_FATAL;
}
CHILD(ends_in_a_frame)
{
	(void)job;
	frame_text(o, EG_LIT("no frame at all")); /* a length follows that never comes */
	return frame_flush(o, err);
}
CHILD(unknown_frame)
{
	(void)job;
	return say(o, (enum frame_type)'?', err) == EG_OK ? say_end(o, err) : EG_FATAL;
}
CHILD(ends_in_a_file)
{
	(void)job;
	return say_file(o, EG_NONE, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}
CHILD(file_in_a_file)
{
	(void)job;
	return say_file(o, EG_NONE, err) == EG_OK && say_file(o, EG_NONE, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}
CHILD(member_with_nul)
{
	(void)job;
	return say_file(o, EG_LIT("a\0b"), err) == EG_OK ? say_end(o, err) : EG_FATAL;
}
CHILD(record_outside_a_file)
{
	(void)job;
	return say_record(o, FRAME_BEGIN, "vendor", 0, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}
CHILD(record_in_a_record)
{
	(void)job;
	if (say_file(o, EG_NONE, err) < 0 || say_record(o, FRAME_BEGIN, "vendor", 0, err) < 0 ||
	    say_record(o, FRAME_BEGIN, "vendor", 0, err) < 0)
		return EG_FATAL;
	return say_end(o, err);
}
CHILD(line_of_another_type)
{
	(void)job;
	if (say_file(o, EG_NONE, err) < 0 || say_record(o, FRAME_BEGIN, "budget", 0, err) < 0 ||
	    say_record(o, FRAME_LINE, "commitment", 1, err) < 0)
		return EG_FATAL;
	return say_end(o, err);
}
CHILD(two_lines_at_once)
{
	(void)job;
	if (say_file(o, EG_NONE, err) < 0 || say_record(o, FRAME_BEGIN, "budget", 0, err) < 0 ||
	    say_record(o, FRAME_LINE, "budget", 2, err) < 0)
		return EG_FATAL;
	return say_end(o, err);
}
CHILD(record_of_rubbish)
{
	(void)job;
	if (say_file(o, EG_NONE, err) < 0)
		return EG_FATAL;
	size_t at = frame_begin(o, FRAME_BEGIN);
	frame_text(o, EG_LIT("x/1"));
	frame_text(o, EG_LIT("vendor and then something"));
	return frame_end(o, at, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}
CHILD(record_of_an_item_with_nul)
{
	struct eg_arena a;
	struct eg_buf packed = EG_BUF_INIT;
	struct rec r;

	(void)job;
	eg_arena_init(&a, 1 << 20);
	if (say_file(o, EG_NONE, err) < 0 || rec_new(&a, rec_type(REC_VENDOR), 0, &r, err) < 0)
		return EG_FATAL;
	rec_pack(&r, &packed);
	size_t at = frame_begin(o, FRAME_BEGIN);
	frame_text(o, EG_LIT("vendor/\0"));
	frame_text(o, eg_buf_view(&packed));
	eg_buf_done(&packed);
	eg_arena_done(&a);
	return frame_end(o, at, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}
/* The end of a file says that it is refused, and no finding did: what it gave would count and not count. */
CHILD(refused_by_nothing)
{
	(void)job;
	if (say_file(o, EG_NONE, err) < 0)
		return EG_FATAL;
	size_t at = frame_begin(o, FRAME_FILE_END);
	frame_text(o, EG_LIT("0000000000000000000000000000000000000000000000000000000000000000"));
	for (int i = 0; i < 5; i++)
		frame_num(o, i == 4);
	frame_text(o, EG_NONE);
	return frame_end(o, at, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}
/* A finding refuses the file in the middle of a document; a finished one or a good end behind it would make the half one count. */
CHILD(document_goes_on_after_the_refusal)
{
	(void)job;
	if (say_file(o, EG_NONE, err) < 0 || say_record(o, FRAME_BEGIN, "vendor", 0, err) < 0 ||
	    say_finding(o, 0, EG_LIT("F-03"), 'R', EG_NONE, EG_LIT("m"), err) < 0)
		return EG_FATAL;
	size_t at = frame_begin(o, FRAME_DONE);
	for (int i = 0; i < 3; i++)
		frame_num(o, 0);
	return frame_end(o, at, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}
CHILD(document_after_the_refusal)
{
	(void)job;
	if (say_file(o, EG_NONE, err) < 0 ||
	    say_finding(o, 0, EG_LIT("F-03"), 'R', EG_NONE, EG_LIT("m"), err) < 0 ||
	    say_record(o, FRAME_BEGIN, "vendor", 0, err) < 0)
		return EG_FATAL;
	return say_end(o, err);
}
static int
say_refused_file(struct frame_out *o, bool in_doc, uint64_t refused, struct eg_err *err)
{
	if (say_file(o, EG_NONE, err) < 0 || (in_doc && say_record(o, FRAME_BEGIN, "vendor", 0, err) < 0) ||
	    say_finding(o, 0, EG_LIT("F-03"), 'R', EG_NONE, EG_LIT("m"), err) < 0)
		return EG_FATAL;
	size_t at = frame_begin(o, FRAME_FILE_END);
	frame_text(o, EG_LIT("0000000000000000000000000000000000000000000000000000000000000000"));
	for (int i = 0; i < 4; i++)
		frame_num(o, 0);
	frame_num(o, refused);
	frame_text(o, EG_NONE);
	return frame_end(o, at, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}
CHILD(refusal_taken_back)
{
	(void)job;
	return say_refused_file(o, false, 0, err);
}
CHILD(refused_in_a_document)
{
	(void)job;
	return say_refused_file(o, true, 1, err);
}
CHILD(finding_of_no_code)
{
	(void)job;
	return say_file(o, EG_NONE, err) == EG_OK &&
	               say_finding(o, 0, EG_LIT("F-\x1b[2J"), 'R', EG_NONE, EG_LIT("m"), err) == EG_OK ?
	           say_end(o, err) :
	           EG_FATAL;
}
CHILD(verdict_of_nobody)
{
	(void)job;
	if (say_file(o, EG_NONE, err) < 0 || say_record(o, FRAME_BEGIN, "vendor", 0, err) < 0)
		return EG_FATAL;
	size_t at = frame_begin(o, FRAME_DONE);
	frame_num(o, ADP_ARCHIVED + 1);
	frame_num(o, 0);
	frame_num(o, 0);
	return frame_end(o, at, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}
CHILD(adapter_of_nobody)
{
	(void)job;
	if (say_file(o, EG_NONE, err) < 0)
		return EG_FATAL;
	size_t at = frame_begin(o, FRAME_FILE_END);
	frame_text(o, EG_LIT("0000000000000000000000000000000000000000000000000000000000000000"));
	for (int i = 0; i < 5; i++)
		frame_num(o, 0);
	frame_text(o, EG_LIT("nobody.adapter"));
	return frame_end(o, at, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}
CHILD(digest_of_no_length)
{
	(void)job;
	if (say_file(o, EG_NONE, err) < 0)
		return EG_FATAL;
	size_t at = frame_begin(o, FRAME_FILE_END);
	frame_text(o, EG_LIT("00"));
	for (int i = 0; i < 5; i++)
		frame_num(o, 0);
	frame_text(o, EG_NONE);
	return frame_end(o, at, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}
CHILD(finding_outside_a_file)
{
	(void)job;
	return say_finding(o, 0, EG_LIT("F-21"), 'R', EG_NONE, EG_LIT("m"), err) == EG_OK ? say_end(o, err) : EG_FATAL;
}
CHILD(finding_severity)
{
	(void)job;
	return say_file(o, EG_NONE, err) == EG_OK &&
	               say_finding(o, 0, EG_LIT("F-21"), 'R' + 256, EG_NONE, EG_LIT("m"), err) == EG_OK ?
	           say_end(o, err) :
	           EG_FATAL;
}
CHILD(finding_item_with_nul)
{
	(void)job;
	return say_file(o, EG_NONE, err) == EG_OK &&
	               say_finding(o, 0, EG_LIT("F-21"), 'R', EG_LIT("a\0b"), EG_LIT("m"), err) == EG_OK ?
	           say_end(o, err) :
	           EG_FATAL;
}
CHILD(finding_of_no_text)
{
	(void)job;
	return say_file(o, EG_NONE, err) == EG_OK &&
	               say_finding(o, 0, EG_LIT("F-21"), 'R', EG_NONE, EG_LIT("\xff"), err) == EG_OK ?
	           say_end(o, err) :
	           EG_FATAL;
}
CHILD(finding_code_too_long)
{
	(void)job;
	return say_file(o, EG_NONE, err) == EG_OK &&
	               say_finding(o, 0, EG_LIT("0123456789012345678901234"), 'R', EG_NONE, EG_LIT("m"), err) == EG_OK ?
	           say_end(o, err) :
	           EG_FATAL;
}
CHILD(fails_well)
{
	(void)job;
	(void)o;
	eg_fail(err, EG_RETRY, "DISK-ERROR", "cannot read on");
	eg_err_at(err, (struct eg_pos){ 5, 6, 7 });
	return EG_RETRY;
}
CHILD(fails_with_success)
{
	size_t at = frame_begin(o, FRAME_FAIL);

	(void)job;
	frame_num(o, EG_OK);
	frame_text(o, EG_LIT("CODE"));
	for (int i = 0; i < 3; i++)
		frame_num(o, 1);
	frame_text(o, EG_LIT("all is well"));
	return frame_end(o, at, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}

CHILD(fails_without_a_word)
{
	size_t at = frame_begin(o, FRAME_FAIL);

	(void)job;
	frame_num(o, (uint64_t)(int64_t)EG_BADFILE);
	frame_text(o, EG_LIT("CODE"));
	for (int i = 0; i < 3; i++)
		frame_num(o, 1);
	frame_text(o, EG_NONE);
	return frame_end(o, at, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}

static const struct liar {
	const char *name;
	child_fn *child;
	const char *says; /* part of the message */
} liars[] = {
	{ "says nothing", says_nothing, "ended before it was done" },
	{ "aborts", aborts, "needed more memory" },
	{ "exits", exits, "reading process failed" },
	{ "END, then dies", ends_and_dies, "reading process failed" },
	{ "ends in a frame", ends_in_a_frame, "message" },
	{ "unknown frame", unknown_frame, "wrong form" },
	{ "ends in a file", ends_in_a_file, "wrong form" },
	{ "file in a file", file_in_a_file, "wrong form" },
	{ "member with NUL", member_with_nul, "wrong form" },
	{ "record outside a file", record_outside_a_file, "wrong form" },
	{ "record in a record", record_in_a_record, "wrong form" },
	{ "line of another type", line_of_another_type, "wrong form" },
	{ "two lines at once", two_lines_at_once, "wrong form" },
	{ "record of rubbish", record_of_rubbish, "" },
	{ "record of an item with NUL", record_of_an_item_with_nul, "wrong form" },
	{ "refused by nothing", refused_by_nothing, "wrong form" },
	{ "a document goes on after the refusal", document_goes_on_after_the_refusal, "wrong form" },
	{ "a document after the refusal", document_after_the_refusal, "wrong form" },
	{ "a refusal taken back", refusal_taken_back, "wrong form" },
	{ "finding of no code", finding_of_no_code, "wrong form" },
	{ "verdict of nobody", verdict_of_nobody, "wrong form" },
	{ "adapter of nobody", adapter_of_nobody, "wrong form" },
	{ "digest of no length", digest_of_no_length, "wrong form" },
	{ "finding outside a file", finding_outside_a_file, "wrong form" },
	{ "severity past a byte", finding_severity, "wrong form" },
	{ "item with NUL", finding_item_with_nul, "wrong form" },
	{ "finding of no text", finding_of_no_text, "wrong form" },
	{ "code too long", finding_code_too_long, "wrong form" },
	{ "fails with success", fails_with_success, "wrong form" },
	{ "fails without a word", fails_without_a_word, "wrong form" },
};

static void
test_liars(void **state)
{
	struct kit *k = gate_open("cmic", "");

	(void)state;
	for (size_t i = 0; i < sizeof(liars) / sizeof(liars[0]); i++) {
		struct eg_buf b = EG_BUF_INIT;
		struct worker_sink sink = told(&b);
		int fd = gate_fd(EG_LIT("x")),
		    rc = parent_read(liars[i].child, &k->s, fd, 1, "procore", "x.csv", &sink, &k->err);

		if (rc != EG_BADFILE || strstr(k->err.msg, liars[i].says) == NULL)
			fail_msg("%s: %d %s %s", liars[i].name, rc, k->err.code, k->err.msg);
		assert_null(strstr(eg_buf_cstr(&b), "done("));
		close(fd);
		eg_buf_done(&b);
	}
	struct eg_buf b = EG_BUF_INIT;
	struct worker_sink sink = told(&b);
	kit_good(k, parent_read(refused_in_a_document, &k->s, -1, 1, "procore", "x.csv", &sink, &k->err));
	assert_string_equal(eg_buf_cstr(&b), "file() vendor:x/1 F-03R done(- 0)"); /* begun, never ended */
	eg_buf_clear(&b);
	assert_int_equal(parent_read(fails_well, &k->s, -1, 1, "procore", "x.csv", &sink, &k->err), EG_RETRY);
	assert_string_equal(k->err.code, "DISK-ERROR");
	assert_true(k->err.pos.off == 5 && k->err.pos.line == 6 && k->err.pos.col == 7);
	eg_buf_done(&b);
	gate_close(k);
}

/* ---- writers that lie ---- */

static int
out_file(void *ctx, const struct adp *a, const char *project, const char *ext, struct eg_err *err)
{
	(void)a;
	(void)project;
	(void)ext;
	(void)err;
	++*(unsigned *)ctx;
	return EG_OK;
}

static int
out_bytes(void *ctx, struct eg_bytes v, struct eg_err *err)
{
	(void)v;
	return out_file(ctx, NULL, NULL, NULL, err);
}

static int
out_row(void *ctx, uint64_t line, size_t record, const struct adp_field_lineage *f, size_t n, struct eg_err *err)
{
	(void)line;
	(void)record;
	(void)f;
	(void)n;
	return out_file(ctx, NULL, NULL, NULL, err);
}

static int
out_finding(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err)
{
	(void)record;
	(void)f;
	return out_file(ctx, NULL, NULL, NULL, err);
}

static int
out_key(void *ctx, size_t record, const char *key, struct eg_err *err)
{
	(void)record;
	(void)key;
	return out_file(ctx, NULL, NULL, NULL, err);
}

static int
out_end(void *ctx, const struct adp *a, const struct adp_batch *b, struct eg_err *err)
{
	(void)a;
	(void)b;
	return out_file(ctx, NULL, NULL, NULL, err);
}

CHILD(adapter_past_the_set)
{
	size_t at = frame_begin(o, FRAME_OUT_FILE);

	(void)job;
	frame_num(o, UINT64_MAX);
	frame_text(o, EG_NONE);
	frame_text(o, EG_LIT("csv"));
	return frame_end(o, at, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}
CHILD(row_of_no_record)
{
	size_t at = frame_begin(o, FRAME_OUT_ROW);

	frame_num(o, 1);
	frame_num(o, job->n);
	frame_num(o, 0);
	return frame_end(o, at, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}
CHILD(row_of_many_cells)
{
	size_t at = frame_begin(o, FRAME_OUT_ROW);

	(void)job;
	frame_num(o, 1);
	frame_num(o, 0);
	frame_num(o, UINT64_C(1) << 60);
	return frame_end(o, at, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}
CHILD(cell_of_many_places)
{
	size_t at = frame_begin(o, FRAME_OUT_ROW);

	(void)job;
	frame_num(o, 1);
	frame_num(o, 0);
	frame_num(o, 1);
	frame_text(o, EG_LIT("COLUMN"));
	frame_text(o, EG_LIT("rule"));
	frame_num(o, UINT64_C(1) << 60);
	return frame_end(o, at, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}
CHILD(key_of_no_record)
{
	size_t at = frame_begin(o, FRAME_OUT_KEY);

	(void)job;
	frame_num(o, UINT64_MAX);
	frame_text(o, EG_LIT("K"));
	return frame_end(o, at, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}
CHILD(total_of_rubbish)
{
	size_t at = frame_begin(o, FRAME_OUT_END);

	(void)job;
	frame_num(o, 0);
	frame_num(o, 1);
	frame_text(o, EG_LIT("12,5"));
	frame_num(o, 1);
	return frame_end(o, at, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}
CHILD(finding_of_no_record)
{
	return say_finding(o, job->n, EG_LIT("F-40"), 'R', EG_NONE, EG_LIT("m"), err) == EG_OK ? say_end(o, err) :
	                                                                                         EG_FATAL;
}

/* a workbook whose rows are rubbish */
CHILD(book_of_rubbish)
{
	size_t at = frame_begin(o, FRAME_OUT_FILE);

	frame_num(o, 0);
	frame_text(o, EG_NONE);
	frame_text(o, EG_LIT("xlsx"));
	if (frame_end(o, at, err) != EG_OK)
		return EG_FATAL;
	at = frame_begin(o, FRAME_OUT_BYTES);
	frame_text(o, EG_LIT("PK\x03\x04 rubbish"));
	if (frame_end(o, at, err) != EG_OK)
		return EG_FATAL;
	at = frame_begin(o, FRAME_OUT_END);
	frame_num(o, 0);
	frame_num(o, 1);
	frame_text(o, EG_LIT("1.00"));
	frame_num(o, (uint64_t)job->n);
	return frame_end(o, at, err) == EG_OK ? say_end(o, err) : EG_FATAL;
}

static const struct liar writers[] = {
	{ "adapter past the set", adapter_past_the_set, "wrong form" },
	{ "row of no record", row_of_no_record, "wrong form" },
	{ "row of many cells", row_of_many_cells, "wrong form" },
	{ "cell of many places", cell_of_many_places, "wrong form" },
	{ "key of no record", key_of_no_record, "wrong form" },
	{ "total of rubbish", total_of_rubbish, "wrong form" },
	{ "finding of no record", finding_of_no_record, "wrong form" },
	{ "a reader's frame", ends_in_a_file, "wrong form" },
	{ "aborts", aborts, "found a fault in itself. Nothing was written" },
};

static void
test_writers_that_lie(void **state)
{
	struct kit *k = gate_open("cmic", "");
	struct rec r = kit_rec(k, "vendor", 1, "vendor.pm_id=1", NULL);
	const struct rec *records[] = { &r };
	int64_t counters[256] = { 0 };
	unsigned calls = 0;
	struct worker_out_sink sink = { out_file, out_bytes, out_row, out_finding, out_key, out_end, &calls };

	(void)state;
	assert_true(adp_set_count(k->s.adapters) < 256);
	for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++) {
		int rc = parent_write(writers[i].child, &k->s, "cmic", records, 1, counters, &sink, &k->err);

		if (rc != EG_BADFILE || strcmp(k->err.code, "WORKER") != 0 ||
		    strstr(k->err.msg, writers[i].says) == NULL)
			fail_msg("%s: %d %s %s", writers[i].name, rc, k->err.code, k->err.msg);
	}
	assert_int_equal(calls, 0);
	/* the name of the file is told before its rows are seen, nothing else */
	assert_int_equal(
	    parent_write(book_of_rubbish, &k->s, "cmic", records, 1, counters, &sink, &k->err), EG_BADFILE);
	assert_string_equal(k->err.code, "WORKER");
	assert_int_equal(calls, 1);
	gate_close(k);
}

/* ---- confinement ---- */

#ifndef EG_SANITIZED
static int leaked = -1; /* a descriptor of the core */

CHILD(opens)
{
	(void)job;
	return open("/etc/hostname", O_RDONLY | O_CLOEXEC) >= 0 ? say_end(o, err) : EG_FATAL;
}
CHILD(makes_a_file)
{
	(void)job;
	return open("/tmp/erpgate-test-escaped", O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0 ? say_end(o, err) :
	                                                                                      EG_FATAL;
}
CHILD(connects)
{
	(void)job;
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) >= 0 ? say_end(o, err) : EG_FATAL;
}
CHILD(forks)
{
	(void)job;
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid > 0 ? say_end(o, err) : EG_FATAL;
}
CHILD(executes)
{
	char *const argv[] = { NULL };

	(void)job;
	(void)o;
	(void)err;
	(void)execve("/bin/true", argv, argv);
	return EG_FATAL;
}
CHILD(kills)
{
	(void)job;
	return kill(getppid(), 0) == 0 ? say_end(o, err) : EG_FATAL;
}
CHILD(unlinks)
{
	(void)job;
	return unlink("/tmp/erpgate-test-nothing") == 0 ? say_end(o, err) : EG_FATAL;
}

CHILD(runs_made_code)
{
	(void)job;
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED ?
	           say_end(o, err) :
	           EG_FATAL;
}
CHILD(copies_a_descriptor)
{
	(void)job;
	return dup(o->fd) >= 0 ? say_end(o, err) : EG_FATAL;
}
CHILD(signals)
{
	(void)job;
	return syscall(SYS_tgkill, getppid(), getppid(), SIGABRT) == 0 ? say_end(o, err) : EG_FATAL;
}
CHILD(computes_for_ever)
{
	(void)job;
	(void)o;
	(void)err;
	for (volatile uint64_t n = 0; n < UINT64_MAX; n++)
		;
	return EG_FATAL;
}

static const struct liar escapes[] = {
	{ "executable memory", runs_made_code, "tried something it may not do" },
	{ "dup", copies_a_descriptor, "tried something it may not do" },
	{ "tgkill", signals, "tried something it may not do" },
	{ "open", opens, "tried something it may not do" },
	{ "open a new file", makes_a_file, "tried something it may not do" },
	{ "socket", connects, "tried something it may not do" },
	{ "fork", forks, "tried something it may not do" },
	{ "execve", executes, "tried something it may not do" },
	{ "kill", kills, "tried something it may not do" },
	{ "unlink", unlinks, "tried something it may not do" },
};

static void
test_confinement(void **state)
{
	struct kit *k = gate_open("cmic", "");

	(void)state;
	for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
		struct eg_buf b = EG_BUF_INIT;
		struct worker_sink sink = told(&b);
		int rc = parent_read(escapes[i].child, &k->s, -1, 1, "procore", "x.csv", &sink, &k->err);

		if (rc != EG_BADFILE || strcmp(k->err.code, "WORKER") != 0 ||
		    strstr(k->err.msg, escapes[i].says) == NULL)
			fail_msg("%s: %d %s %s", escapes[i].name, rc, k->err.code, k->err.msg);
		eg_buf_done(&b);
	}
	assert_int_equal(access("/tmp/erpgate-test-escaped", F_OK), -1);
	gate_close(k);
}

/* Ends by the limit on computing time, not by the core's patience. */
static void
test_computing_time(void **state)
{
	struct kit *k = gate_open("cmic", "");
	struct eg_buf b = EG_BUF_INIT;
	struct worker_sink sink = told(&b);
	int rc = parent_read(computes_for_ever, &k->s, -1, 1, "procore", "x.csv", &sink, &k->err);

	(void)state;
	assert_int_equal(rc, EG_BADFILE);
	assert_string_equal(k->err.code, "WORKER");
	assert_non_null(strstr(k->err.msg, "more than the allowed computing time"));
	eg_buf_done(&b);
	gate_close(k);
}

/* ---- kernels that lack a layer ---- */

/* What confine says on such a kernel, and then what becomes of a process that opens a file: 0 it could, 1 it was refused, 2 it was ended; 9 = not confined. */
static int
confined_elsewhere(struct confine_kernel kernel, enum confine_mode mode, char *ret_said, size_t size)
{
	int status = 0, p[2];
	struct eg_err err = { 0 };

	assert_int_equal(pipe2(p, O_CLOEXEC), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int rc = confine(&kernel, mode, 1, &err);
		if (rc != EG_OK && write(p[1], err.msg, strlen(err.msg)) > 0)
			_exit(strcmp(err.code, "SANDBOX") == 0 && rc == EG_FATAL ? 9 : 8);
		_exit(open("/etc/hostname", O_RDONLY | O_CLOEXEC) >= 0 ? 0 : 1);
	}
	close(p[1]);
	ssize_t n = read(p[0], ret_said, size - 1);
	ret_said[n > 0 ? n : 0] = '\0';
	close(p[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? 2 : WEXITSTATUS(status);
}

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

static void
test_other_kernels(void **state)
{
	struct confine_kernel here;
	char said[1024];

	(void)state;
	confine_ask(&here);
	if (here.landlock_abi == 0)
		skip();
	for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
		int outcome = confined_elsewhere(kernels[i].kernel, kernels[i].mode, said, sizeof(said));

		if (outcome != kernels[i].outcome || strstr(said, kernels[i].says) == NULL)
			fail_msg("%s: %d %s", kernels[i].name, outcome, said);
		if (outcome == 9)
			assert_non_null(strstr(said, "erpgate config set worker.sandbox weak"));
	}
}

static void
test_proof(void **state)
{
	struct kit *k = gate_open("cmic", "");

	(void)state;
	kit_good(k, worker_proof(&k->s, &k->err));
	gate_close(k);
}

/* What a worker may do, and what of the core's it does not have. */
CHILD(lives_as_it_may)
{
	unsigned char buf[4];
	char *p = malloc(8 << 20);
	char *too_much = malloc((size_t)1 << 30);
	bool good = p != NULL && too_much == NULL && pread(job->fd, buf, sizeof(buf), 0) == 4;

	good = good && write(leaked, "x", 1) < 0 && errno == EBADF;
	free(too_much);
	free(p);
	return good ? say_end(o, err) : eg_fail(err, EG_FATAL, "TEST", "it has more, or less, than it should");
}

static void
test_what_is_left(void **state)
{
	struct kit *k = gate_open("cmic", "");
	struct eg_buf b = EG_BUF_INIT;
	struct worker_sink sink = told(&b);
	int fd = gate_fd(EG_LIT("abcd"));

	(void)state;
	leaked = gate_fd(EG_NONE);
	kit_good(k, parent_read(lives_as_it_may, &k->s, fd, 4, "procore", "x.csv", &sink, &k->err));
	close(leaked);
	close(fd);
	eg_buf_done(&b);
	gate_close(k);
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_receiver_fails),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_liars),
		cmocka_unit_test(test_writers_that_lie),
#ifndef EG_SANITIZED
		cmocka_unit_test(test_confinement),
		cmocka_unit_test(test_what_is_left),
		cmocka_unit_test(test_computing_time),
		cmocka_unit_test(test_other_kernels),
		cmocka_unit_test(test_proof),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
