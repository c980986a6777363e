/* SPDX-License-Identifier: MIT
 *
 * show --raw: the bytes of one document as they were received. A plain original is cut here; a zip or gzip original is hostile input and is opened in a
 * confined child, which sends back nothing but the bytes asked for.
 */
#include "base/fs.h"
#include "base/limits.h"
#include "formats/container.h"
#include "gateway/cli/show.h"
#include "gateway/cli/tools.h"
#include "gateway/worker/confine.h"
#include "gateway/worker/worker.h"
#include "spool/bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the original ---- */

struct path {
	char *path;
};

static int
take_path(void *ctx, const struct bundle_row *b, struct eg_err *err)
{
	struct path *p = ctx;

	(void)err;
	if (p->path == NULL)
		p->path = eg_xstrdup(b->path);
	return EG_OK;
}

static int
read_work(struct site *s, const char *drop, struct eg_buf *ret, struct eg_err *err)
{
	unsigned char chunk[65536];
	ssize_t n = 0;
	int fd = -1, rc = spool_open_raw(&s->spool, drop, &fd, err);

	if (rc < 0)
		return eg_fail(err, EG_BADREC, "GONE",
		    "The original of %s is neither sealed nor in work. Look: erpgate show %s", drop, drop);
	while ((n = read(fd, chunk, sizeof(chunk))) > 0)
		eg_buf_put(ret, chunk, (size_t)n);
	if (n < 0)
		rc = eg_fail_sys(err, EG_RETRY, "DISK-ERROR", errno, "cannot read the original of %s", drop);
	eg_fd_done(&fd);
	return rc;
}

int
show_original(struct site *s, const struct drop_row *d, struct eg_buf *ret, struct eg_err *err)
{
	struct eg_buf member = EG_BUF_INIT;
	struct path p = { NULL };
	int rc = bundle_row_each(s->store, d->id, take_path, &p, err);

	eg_buf_str(&member, "data/received/");
	bundle_safe_name(eg_bytes_str(d->name), &member);
	if (rc == EG_OK)
		rc = p.path == NULL ? read_work(s, d->id, ret, err) :
		                      bundle_extract(&s->spool, p.path, eg_buf_cstr(&member), ret, err);
	free(p.path);
	eg_buf_done(&member);
	return rc;
}

/* ---- inside the child ---- */

struct packed {
	struct eg_bytes bytes;
	size_t pos;
};

static int
packed_read(void *ctx, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	struct packed *p = ctx;
	struct eg_bytes v = eg_bytes_sub(p->bytes, p->pos, cap);

	(void)err;
	if (v.len > 0)
		memcpy(buf, v.ptr, v.len);
	p->pos += v.len;
	*ret_n = v.len;
	return EG_OK;
}

static int
packed_pread(void *ctx, uint64_t off, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	struct packed at = { ((struct packed *)ctx)->bytes, (size_t)off };

	return packed_read(&at, buf, cap, ret_n, err);
}

static int
put_all(int fd, const unsigned char *p, size_t n, struct eg_err *err)
{
	while (n > 0) {
		ssize_t k = write(fd, p, n);
		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return eg_fail_sys(err, EG_FATAL, "NO-WRITE", errno, "cannot write");
		p += k;
		n -= (size_t)k;
	}
	return EG_OK;
}

/* The bytes off … off + len of a source, to fd. */
static int
copy_range(struct fmt_src src, uint64_t off, uint64_t len, int fd, struct eg_err *err)
{
	static unsigned char buf[65536];
	uint64_t at = 0;
	size_t n = 1;
	int rc = EG_OK;

	while (rc == EG_OK && n > 0 && at < off + len) {
		rc = src.read(src.ctx, buf, sizeof(buf), &n, err);
		uint64_t from = at < off ? off - at : 0, to = off + len - at;
		if (rc == EG_OK && from < n)
			rc = put_all(fd, buf + from, (size_t)((to < n ? to : n) - from), err);
		at += n;
	}
	return rc == EG_OK && at < off + len ? eg_fail(err, EG_BADFILE, "F-03", "the file ends before the document") :
	                                       rc;
}

static int
unpack(struct packed *p, const char *member, const struct item *it, int fd, struct eg_err *err)
{
	struct fmt_random in = { packed_pread, p, p->bytes.len };
	struct fmt_src src = { packed_read, p }, inner;
	struct fmt_gzip *gz = NULL;
	struct fmt_zip *zip = NULL;
	int rc;

	if (fmt_container_of(eg_bytes_sub(p->bytes, 0, 64)) == FMT_GZIP)
		rc = fmt_gzip_open(src, &gz, &inner, err);
	else {
		rc = fmt_zip_open(in, &zip, err);
		if (rc == EG_OK)
			rc = fmt_zip_find(zip, eg_bytes_str(member), &inner, err);
		if (rc == EG_EOF)
			rc = eg_fail(err, EG_BADFILE, "F-03", "the archive has no member of that name");
	}
	return rc == EG_OK ? copy_range(inner, (uint64_t)it->off, (uint64_t)it->len, fd, err) :
	                     rc; /* the process ends: nothing is freed */
}

_Noreturn static void
child(const struct site *s, struct packed *p, const char *member, const struct item *it, int fd)
{
	struct eg_err err = { 0 };

	confine_close_others(&fd, 1);
	if (worker_confine(s, p->bytes.len, &err) < 0 || unpack(p, member, it, fd, &err) < 0)
		_exit(1);
	_exit(0);
}

/* ---- outside ---- */

static int
take_pipe(int fd, struct eg_buf *ret, struct eg_err *err)
{
	unsigned char chunk[65536];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) != 0) {
		if (n > 0)
			eg_buf_put(ret, chunk, (size_t)n);
		else if (errno != EINTR)
			return eg_fail_sys(err, EG_RETRY, "WORKER", errno, "cannot read from the worker");
	}
	return EG_OK;
}

static int
unpack_confined(const struct site *s, struct packed *p, const char *member, const struct item *it, struct eg_buf *ret,
    struct eg_err *err)
{
	int fds[2], status = 0, rc;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return eg_fail_sys(err, EG_RETRY, "WORKER", errno, "cannot make a pipe");
	(void)fflush(stdout);
	pid_t pid = fork();
	if (pid == 0)
		child(s, p, member, it, fds[1]);
	int sys = errno;
	close(fds[1]);
	rc = pid < 0 ? eg_fail_sys(err, EG_RETRY, "WORKER", sys, "cannot start a worker") : take_pipe(fds[0], ret, err);
	close(fds[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (rc == EG_OK && (status != 0 || ret->len != (size_t)it->len))
		rc = eg_fail(err, EG_BADFILE, "WORKER",
		    "The document could not be unpacked. It stands in member \"%s\" at byte %lld, %lld bytes long; the original: erpgate audit extract",
		    member, (long long)it->off, (long long)it->len);
	return rc;
}

int
show_cut(struct site *s, struct eg_bytes original, const char *member, int64_t off, int64_t len, struct eg_buf *ret,
    struct eg_err *err)
{
	const struct item at = { .off = off, .len = len };
	struct packed p = { original, 0 };

	if (fmt_container_of(eg_bytes_sub(original, 0, 64)) != FMT_PLAIN)
		return unpack_confined(s, &p, member, &at, ret, err);
	eg_buf_add(ret, eg_bytes_sub(original, (size_t)off, (size_t)len));
	return EG_OK;
}

int
show_raw(struct site *s, const struct item *it, struct eg_err *err)
{
	struct eg_buf original = { .max = (size_t)EG_LIMIT_DROP_BYTES }, doc = EG_BUF_INIT;
	struct origin o = { .shown = NULL };
	struct eg_arena a;
	int rc;

	eg_arena_init(&a, 1 << 18);
	rc = show_origin(s, it->file, &a, &o, err);
	if (rc == EG_OK)
		rc = show_original(s, &o.drop, &original, err);
	if (rc == EG_OK)
		rc = show_cut(s, eg_buf_view(&original), o.file.member, it->off, it->len, &doc, err);
	if (rc == EG_OK && fwrite(eg_buf_cstr(&doc), 1, doc.len, stdout) != doc.len)
		rc = eg_fail(err, EG_BADFILE, "NO-WRITE", "cannot write to the standard output");
	free(o.shown);
	eg_buf_done(&original);
	eg_buf_done(&doc);
	eg_arena_done(&a);
	return rc;
}
