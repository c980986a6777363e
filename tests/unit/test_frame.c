/* SPDX-License-Identifier: MIT
 *
 * The worker's frames: what goes in comes out; a stream cut at any byte, a length too large, garbage: EG_BADFILE or the end, never more than was sent.
 */
#include "gateway/worker/frame.h"

#include "base/limits.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

/* A descriptor that reads these bytes. */
static int
fd_of(struct eg_bytes v)
{
	int fd = memfd_create("frames", MFD_CLOEXEC);

	assert_true(fd >= 0);
	for (size_t done = 0; done < v.len;) {
		ssize_t n = write(fd, v.ptr + done, v.len - done);
		assert_true(n > 0);
		done += (size_t)n;
	}
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void
three_frames(struct eg_buf *ret)
{
	struct eg_err err = { 0 };
	struct frame_out o;

	frame_out_init(&o, -1); /* below 64 KiB nothing is written */
	size_t at = frame_begin(&o, FRAME_BEGIN);
	frame_num(&o, UINT64_MAX);
	frame_text(&o, EG_LIT("a\0b"));
	frame_num(&o, 0);
	frame_text(&o, EG_NONE);
	assert_int_equal(frame_end(&o, at, &err), EG_OK);
	at = frame_begin(&o, FRAME_FILE);
	frame_text(&o, EG_LIT("members/of a zip.csv"));
	assert_int_equal(frame_end(&o, at, &err), EG_OK);
	assert_int_equal(frame_end(&o, frame_begin(&o, FRAME_END), &err), EG_OK);
	eg_buf_add(ret, eg_buf_view(&o.buf));
	frame_out_done(&o);
}

static void
test_round_trip(void **state)
{
	struct eg_buf b = EG_BUF_INIT;
	struct frame_in in;
	struct eg_err err = { 0 };
	enum frame_type t;
	struct eg_bytes p;

	(void)state;
	three_frames(&b);
	int fd = fd_of(eg_buf_view(&b));
	frame_in_init(&in, fd);
	assert_int_equal(frame_next(&in, &t, &p, &err), EG_OK);
	assert_int_equal(t, FRAME_BEGIN);
	struct frame_cursor c = { p, false };
	assert_true(frame_get_num(&c) == UINT64_MAX);
	assert_true(eg_bytes_eq(frame_get_text(&c), EG_LIT("a\0b")));
	assert_false(frame_get_end(&c)); /* something is left over */
	assert_true(frame_get_num(&c) == 0);
	assert_int_equal(frame_get_text(&c).len, 0);
	assert_true(frame_get_end(&c));
	assert_int_equal(frame_get_num(&c), 0); /* nothing there: bad from now on */
	assert_false(frame_get_end(&c));
	assert_int_equal(frame_next(&in, &t, &p, &err), EG_OK);
	assert_int_equal(t, FRAME_FILE);
	assert_int_equal(frame_next(&in, &t, &p, &err), EG_OK);
	assert_int_equal(t, FRAME_END);
	assert_int_equal(p.len, 0);
	assert_int_equal(frame_next(&in, &t, &p, &err), EG_EOF);
	frame_in_done(&in);
	close(fd);
	eg_buf_done(&b);
}

/* Whole frames before the cut come; the cut one is an error, a cut between frames the end. */
static void
test_cut_at_every_byte(void **state)
{
	struct eg_buf b = EG_BUF_INIT;

	(void)state;
	three_frames(&b);
	for (size_t cut = 0; cut < b.len; cut++) {
		int fd = fd_of(eg_bytes_sub(eg_buf_view(&b), 0, cut)), rc;
		struct frame_in in;
		struct eg_err err = { 0 };
		enum frame_type t = FRAME_END;
		struct eg_bytes p;
		size_t used = 0;

		frame_in_init(&in, fd);
		do {
			rc = frame_next(&in, &t, &p, &err);
			if (rc == EG_OK)
				used += 5 + p.len;
		} while (rc == EG_OK);
		assert_int_equal(rc, used == cut ? EG_EOF : EG_BADFILE);
		if (rc == EG_BADFILE)
			assert_string_equal(err.code, "WORKER");
		assert_true(used <= cut);
		frame_in_done(&in);
		close(fd);
	}
	eg_buf_done(&b);
}

static void
test_length_too_large(void **state)
{
	static const uint32_t lengths[] = { (uint32_t)EG_LIMIT_FRAME_BYTES + 1, 0x7fffffff, 0xffffffff };

	(void)state;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		unsigned char head[64] = { 'b' };
		struct frame_in in;
		struct eg_err err = { 0 };
		enum frame_type t;
		struct eg_bytes p;

		for (int k = 0; k < 4; k++)
			head[1 + k] = (unsigned char)(lengths[i] >> (8 * k));
		int fd = fd_of(eg_bytes(head, sizeof(head)));
		frame_in_init(&in, fd);
		assert_int_equal(frame_next(&in, &t, &p, &err), EG_BADFILE);
		assert_string_equal(err.code, "WORKER");
		assert_true(in.buf.cap < 1 << 20); /* no memory for what is only promised */
		frame_in_done(&in);
		close(fd);
	}
}

/* The largest frame passes through a pipe's worth of pieces; one byte more is refused by the writer. */
static void
test_largest(void **state)
{
	struct eg_buf text = { .max = EG_LIMIT_FRAME_BYTES + 1 };
	struct frame_out o;
	struct frame_in in;
	struct eg_err err = { 0 };
	enum frame_type t;
	struct eg_bytes p;
	int fd = memfd_create("frames", MFD_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	while (text.len < EG_LIMIT_FRAME_BYTES - 4)
		eg_buf_chr(&text, (unsigned char)('a' + text.len % 26));
	frame_out_init(&o, fd);
	size_t at = frame_begin(&o, FRAME_OUT_BYTES);
	frame_text(&o, eg_buf_view(&text));
	assert_int_equal(frame_end(&o, at, &err), EG_OK);
	at = frame_begin(&o, FRAME_OUT_BYTES);
	eg_buf_chr(&text, 'x');
	frame_text(&o, eg_buf_view(&text));
	assert_int_equal(frame_end(&o, at, &err), EG_BADFILE);
	assert_string_equal(err.code, "LIMIT-DOC");
	frame_out_done(&o);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	frame_in_init(&in, fd);
	assert_int_equal(frame_next(&in, &t, &p, &err), EG_OK);
	assert_int_equal(p.len, EG_LIMIT_FRAME_BYTES);
	assert_true(eg_bytes_eq(eg_bytes_sub(p, 4, p.len), eg_bytes_sub(eg_buf_view(&text), 0, text.len - 1)));
	assert_int_equal(frame_next(&in, &t, &p, &err), EG_EOF);
	frame_in_done(&in);
	close(fd);
	eg_buf_done(&text);
}

/* Any bytes at all: the reader ends, and payload and texts lie inside what was sent. */
static void
test_garbage(void **state)
{
	uint64_t seed = 88172645463325252U;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		unsigned char bytes[96];
		size_t n = (size_t)round % sizeof(bytes);
		struct frame_in in;
		struct eg_err err = { 0 };
		enum frame_type t;
		struct eg_bytes p;
		int rc;

		for (size_t i = 0; i < n; i++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			bytes[i] =
			    (unsigned char)(i % 5 == 0 ? seed : seed % 9); /* small numbers make lengths that fit */
		}
		int fd = fd_of(eg_bytes(bytes, n));
		frame_in_init(&in, fd);
		while ((rc = frame_next(&in, &t, &p, &err)) == EG_OK) {
			struct frame_cursor c = { p, false };
			assert_true(p.len <= n);
			(void)frame_get_num(&c);
			assert_true(frame_get_text(&c).len <= p.len);
			(void)frame_get_text(&c);
			(void)frame_get_end(&c);
		}
		assert_true(rc == EG_EOF || rc == EG_BADFILE);
		frame_in_done(&in);
		close(fd);
	}
}

static void
test_broken_pipe(void **state)
{
	struct eg_buf text = EG_BUF_INIT;
	struct frame_out o;
	struct eg_err err = { 0 };
	int p[2];

	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(p), 0);
	close(p[0]);
	while (text.len < 70000)
		eg_buf_chr(&text, 'x');
	frame_out_init(&o, p[1]);
	size_t at = frame_begin(&o, FRAME_OUT_BYTES);
	frame_text(&o, eg_buf_view(&text));
	assert_int_equal(frame_end(&o, at, &err), EG_RETRY);
	assert_string_equal(err.code, "WORKER-PIPE");
	frame_out_done(&o);
	close(p[1]);
	eg_buf_done(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_cut_at_every_byte),
		cmocka_unit_test(test_length_too_large),
		cmocka_unit_test(test_largest),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_broken_pipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
