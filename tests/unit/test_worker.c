/* SPDX-License-Identifier: MIT
 *
 * The confined child as the core sees it: good files, and children that die, lie or stop too early. Children of our own stand where a
 * taken-over reader would.
 */
#include "tests/unit/worker_kit.h"

/* ---- reading ---- */

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

CHILD(says_nothing)
{
	(void)job;
	(void)o;
	(void)err;
	return EG_OK;
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
	if (say_file(o, EG_NONE, err) < 0 || say_finding(o, 0, EG_LIT("F-03"), 'R', EG_NONE, EG_LIT("m"), err) < 0 ||
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

static const struct liar liars[] = {
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_receiver_fails),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_liars),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
