/* SPDX-License-Identifier: MIT
 *
 * Growing text with a bound on what it holds in memory (spill.h). Fails as the disk does; a full disk is tried again. Tests: tests/unit/test_spill.c.
 */
#include "base/spill.h"

#include "base/fs_int.h"

#include <errno.h>
#include <unistd.h>

static int
fits(const struct eg_spill *t, struct eg_err *err)
{
	return t->buf.full ? eg_fail(err, EG_BADFILE, "LIMIT-MEM",
				 "a row of a text that is being made is larger than memory is kept for") :
	                     EG_OK;
}

static int
write_all(int fd, struct eg_bytes rest, struct eg_err *err)
{
	while (rest.len > 0) {
		const ssize_t n = DURABLE(write(fd, rest.ptr, rest.len));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return eg_fs_fail(err, "DISK-ERROR", errno,
			    "cannot write what is put together beside spool/work before it is sealed");
		rest = eg_bytes_sub(rest, (size_t)n, rest.len);
	}
	return EG_OK;
}

static int
write_out(struct eg_spill *t, struct eg_err *err)
{
	int rc = t->fd >= 0 ? EG_OK : eg_fs_temp(t->dir, &t->fd, err);

	if (rc == EG_OK)
		rc = write_all(t->fd, eg_buf_view(&t->buf), err);
	if (rc == EG_OK) {
		t->written += t->buf.len;
		eg_buf_clear(&t->buf);
	}
	return rc;
}

int
eg_spill_row(struct eg_spill *t, struct eg_err *err)
{
	if (t->buf.len < EG_SPILL_HELD && !t->buf.full)
		return EG_OK;
	int rc = fits(t, err);

	return rc == EG_OK && t->dir >= 0 ? write_out(t, err) : rc;
}

int
eg_spill_end(struct eg_spill *t, struct eg_err *err)
{
	int rc = fits(t, err);

	if (rc < 0 || t->fd < 0)
		return rc;
	rc = write_out(t, err);
	eg_buf_done(&t->buf);
	return rc;
}

uint64_t
eg_spill_size(const struct eg_spill *t)
{
	return t->written + t->buf.len;
}

struct eg_spill
eg_spill_take(struct eg_spill *t)
{
	const struct eg_spill whole = *t;

	*t = (struct eg_spill)EG_SPILL_INIT(whole.dir);
	return whole;
}

void
eg_spill_clear(struct eg_spill *t)
{
	eg_fd_done(&t->fd);
	t->written = 0;
	eg_buf_clear(&t->buf);
}

void
eg_spill_done(struct eg_spill *t)
{
	eg_spill_clear(t);
	eg_buf_done(&t->buf);
}
