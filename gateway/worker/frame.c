/* SPDX-License-Identifier: MIT
 *
 * Frames over a pipe. The reader trusts no length: a frame above EG_LIMIT_FRAME_BYTES ends the stream. Tests: tests/unit/test_frame.c.
 */
#include "gateway/worker/frame.h"

#include "base/limits.h"

#include <errno.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#define FRAME_HEAD 5
#define FLUSH_AT 65536

void
frame_out_init(struct frame_out *o, int fd)
{
	*o = (struct frame_out){ .fd = fd, .buf = EG_BUF_INIT };
	o->buf.max = EG_LIMIT_FRAME_BYTES + FLUSH_AT + FRAME_HEAD;
}

void
frame_out_done(struct frame_out *o)
{
	eg_buf_done(&o->buf);
}

static void
put_le(unsigned char *p, uint64_t v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)(v >> (8 * i));
}

static uint64_t
get_le(const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v |= (uint64_t)p[i] << (8 * i);
	return v;
}

size_t
frame_begin(struct frame_out *o, enum frame_type t)
{
	size_t begun = o->buf.len;
	unsigned char head[FRAME_HEAD] = { (unsigned char)t };

	eg_buf_put(&o->buf, head, sizeof(head));
	return begun;
}

void
frame_num(struct frame_out *o, uint64_t v)
{
	unsigned char b[8];

	put_le(b, v, sizeof(b));
	eg_buf_put(&o->buf, b, sizeof(b));
}

void
frame_text(struct frame_out *o, struct eg_bytes v)
{
	unsigned char b[4];

	put_le(b, v.len, sizeof(b));
	eg_buf_put(&o->buf, b, sizeof(b));
	eg_buf_add(&o->buf, v);
}

int
frame_flush(struct frame_out *o, struct eg_err *err)
{
	size_t done = 0;

	while (done < o->buf.len) {
		ssize_t n = write(o->fd, o->buf.ptr + done, o->buf.len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return eg_fail_sys(err, EG_RETRY, "WORKER-PIPE", errno, "the worker's pipe broke");
		done += (size_t)n;
	}
	eg_buf_clear(&o->buf);
	return EG_OK;
}

int
frame_end(struct frame_out *o, size_t begun, struct eg_err *err)
{
	size_t len = o->buf.len - begun - FRAME_HEAD;

	if (o->buf.full || len > EG_LIMIT_FRAME_BYTES)
		return eg_fail(err, EG_BADFILE, "LIMIT-DOC", "one record is larger than %zu MiB; split the document",
		    EG_LIMIT_FRAME_BYTES >> 20);
	put_le(o->buf.ptr + begun + 1, len, 4);
	return o->buf.len >= FLUSH_AT ? frame_flush(o, err) : EG_OK;
}

void
frame_in_init(struct frame_in *i, int fd)
{
	*i = (struct frame_in){ .fd = fd, .buf = EG_BUF_INIT, .wait_ms = -1 };
	i->buf.max = EG_LIMIT_FRAME_BYTES + 2 * FLUSH_AT;
}

void
frame_in_done(struct frame_in *i)
{
	eg_buf_done(&i->buf);
}

static int64_t
monotonic_ms(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Until there is something to read, or the pipe's end; takes what it took from the time that is left. */
static int
wait_readable(struct frame_in *i, struct eg_err *err)
{
	struct pollfd p = { .fd = i->fd, .events = POLLIN };

	while (i->wait_ms >= 0) {
		const int64_t before = monotonic_ms();
		const int n = poll(&p, 1, i->wait_ms > INT32_MAX ? INT32_MAX : (int)i->wait_ms);
		const int sys = errno;
		const int64_t took = monotonic_ms() - before;

		i->wait_ms = took < i->wait_ms ? i->wait_ms - took : 0;
		if (n > 0)
			return EG_OK;
		if (n < 0 && sys != EINTR)
			return eg_fail_sys(err, EG_RETRY, "WORKER-PIPE", sys, "cannot wait for the worker");
		if (n == 0 && i->wait_ms == 0) {
			i->late = true;
			return eg_fail(err, EG_BADFILE, "WORKER", "the confined process did not answer in time");
		}
	}
	return EG_OK;
}

/* At least n unread bytes in the buffer: 1, or 0 at the end of the pipe, or < 0. */
static int
fill(struct frame_in *i, size_t n, struct eg_err *err)
{
	unsigned char chunk[FLUSH_AT];

	while (i->buf.len - i->pos < n) {
		if (i->pos > 0) {
			memmove(i->buf.ptr, i->buf.ptr + i->pos, i->buf.len - i->pos);
			i->buf.len -= i->pos;
			i->pos = 0;
		}
		int rc = wait_readable(i, err);
		if (rc < 0)
			return rc;
		ssize_t got = read(i->fd, chunk, sizeof(chunk));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return eg_fail_sys(err, EG_RETRY, "WORKER-PIPE", errno, "cannot read from the worker");
		if (got == 0)
			return 0;
		eg_buf_put(&i->buf, chunk, (size_t)got);
	}
	return 1;
}

int
frame_next(struct frame_in *i, enum frame_type *ret_type, struct eg_bytes *ret_payload, struct eg_err *err)
{
	int rc = fill(i, FRAME_HEAD, err);

	if (rc < 0)
		return rc;
	if (rc == 0 && i->buf.len == i->pos)
		return EG_EOF;
	size_t len = rc == 0 ? 0 : (size_t)get_le(i->buf.ptr + i->pos + 1, 4);
	if (rc == 0 || len > EG_LIMIT_FRAME_BYTES)
		return eg_fail(err, EG_BADFILE, "WORKER", "the reading process sent a damaged message");
	rc = fill(i, FRAME_HEAD + len, err);
	if (rc < 0)
		return rc;
	if (rc == 0)
		return eg_fail(err, EG_BADFILE, "WORKER", "the reading process ended in the middle of a message");
	*ret_type = (enum frame_type)i->buf.ptr[i->pos];
	*ret_payload = eg_bytes(i->buf.ptr + i->pos + FRAME_HEAD, len);
	i->pos += FRAME_HEAD + len;
	return EG_OK;
}

uint64_t
frame_get_num(struct frame_cursor *c)
{
	if (c->rest.len < 8) {
		c->bad = true;
		return 0;
	}
	uint64_t v = get_le(c->rest.ptr, 8);
	c->rest = eg_bytes_sub(c->rest, 8, c->rest.len);
	return v;
}

struct eg_bytes
frame_get_text(struct frame_cursor *c)
{
	size_t n = c->rest.len < 4 ? SIZE_MAX : (size_t)get_le(c->rest.ptr, 4);

	if (n == SIZE_MAX || n > c->rest.len - 4) {
		c->bad = true;
		return EG_NONE;
	}
	struct eg_bytes v = eg_bytes_sub(c->rest, 4, n);
	c->rest = eg_bytes_sub(c->rest, 4 + n, c->rest.len);
	return v;
}

bool
frame_get_end(const struct frame_cursor *c)
{
	return !c->bad && c->rest.len == 0;
}
