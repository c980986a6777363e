/* SPDX-License-Identifier: MIT
 *
 * The claimed file inside the child, from its descriptor: as a stream, at random, by its container; and a tee that hashes and counts what passes to a
 * reader. Fails only when the disk does (EG_RETRY), or the source that the tee reads.
 */
#include "gateway/worker/child_int.h"

#include <errno.h>
#include <unistd.h>

static int
read_at(int fd, uint64_t off, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	ssize_t n;

	do
		n = pread(fd, buf, cap, (off_t)off);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return eg_fail_sys(err, EG_RETRY, "DISK-ERROR", errno, "cannot read the claimed file");
	*ret_n = (size_t)n;
	return EG_OK;
}

static int
stream_read(void *ctx, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	struct child_src *s = ctx;
	int rc = read_at(s->fd, s->off, buf, cap, ret_n, err);

	if (rc == EG_OK)
		s->off += *ret_n;
	return rc;
}

static int
random_pread(void *ctx, uint64_t off, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	const struct child_src *s = ctx;

	return read_at(s->fd, off, buf, cap, ret_n, err);
}

struct fmt_src
child_stream(struct child_src *s)
{
	return (struct fmt_src){ stream_read, s };
}

struct fmt_random
child_random(struct child_src *s, uint64_t size)
{
	return (struct fmt_random){ random_pread, s, size };
}

int
child_container(const struct child_job *job, enum fmt_container *ret, struct eg_err *err)
{
	unsigned char head[8];
	size_t n = 0;
	const int rc = read_at(job->fd, 0, head, sizeof(head), &n, err);

	if (rc == EG_OK)
		*ret = fmt_container_of(eg_bytes(head, n));
	return rc;
}

/* ---- what passes is hashed ---- */

static int
tee_read(void *ctx, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	struct child_tee *t = ctx;
	int rc = t->inner.read(t->inner.ctx, buf, cap, ret_n, err);

	if (rc == EG_OK) {
		eg_sha256_add(&t->sha, eg_bytes(buf, *ret_n));
		t->size += *ret_n;
	}
	return rc;
}

void
child_tee_begin(struct child_tee *t, struct fmt_src inner)
{
	*t = (struct child_tee){ .inner = inner };
	eg_sha256_init(&t->sha);
}

struct fmt_src
child_tee_src(struct child_tee *t)
{
	return (struct fmt_src){ tee_read, t };
}

int
child_tee_drain(struct child_tee *t, struct eg_err *err)
{
	unsigned char buf[16384];
	size_t n;
	int rc;

	do
		rc = tee_read(t, buf, sizeof(buf), &n, err);
	while (rc == EG_OK && n > 0);
	return rc;
}
