/* SPDX-License-Identifier: MIT
 *
 * Files given by hand, and sealed originals read again: both become drops like any other, which the turn that follows reads.
 */
#include "gateway/turn.h"
#include "spool/bundle.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/fs.h"

int
cycle_ingest(struct site *s, const char *source, const char *name, int fd, char ret_drop[16], struct eg_err *err)
{
	struct spool_claim claim = { .name = EG_BUF_INIT, .companion = EG_BUF_INIT };
	uint64_t max = (uint64_t)conf_int(&s->conf, "drop.max_bytes");
	struct disk_room room;
	struct stat st = { 0 };
	int rc = disk_look(s, &room, err);

	if (rc == EG_OK && fstat(fd, &st) == 0 && !disk_takes(&room, (uint64_t)st.st_size))
		rc = eg_fail(err, EG_RETRY, "DISK-FULL",
		    "there is no room for %s: ten times its size must be free above the reserve (spool.reserve). Make room (df -h %s) and give it again",
		    name, s->path);
	if (rc == EG_OK)
		rc = turn_drop_id(s, ret_drop, err);
	if (rc == EG_OK)
		rc = spool_claim_copy(&s->spool, source, ret_drop, name, fd, max, &claim, err);
	spool_claim_done(&claim);
	return rc; /* the turn that follows finds it in work/ and reads it */
}

/* ---- reading a sealed original again ---- */

struct find_bundle {
	struct eg_arena *a;
	const char *path;
};

static int
bundle_path(void *ctx, const struct bundle_row *b, struct eg_err *err)
{
	struct find_bundle *f = ctx;

	(void)err;
	f->path = eg_arena_cstr(f->a, eg_bytes_str(b->path));
	return EG_OK;
}

/* Bytes as something that looks like a file; *ret_fd is also set when it could not be filled. */
static int
file_of(struct eg_bytes v, int *ret_fd, struct eg_err *err)
{
	size_t done = 0;

	*ret_fd = memfd_create("original", MFD_CLOEXEC);
	while (*ret_fd >= 0 && done < v.len) {
		ssize_t n = write(*ret_fd, v.ptr + done, v.len - done);
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return *ret_fd >= 0 && done == v.len ?
	           EG_OK :
	           eg_fail(err, EG_RETRY, "LIMIT-MEM", "there is no room to unpack the original");
}

int
turn_original(struct site *s, const struct drop_row *d, struct eg_arena *a, int *ret_fd, struct eg_err *err)
{
	struct find_bundle f = { a, NULL };
	struct eg_buf bytes = EG_BUF_INIT, member = EG_BUF_INIT;
	int rc = bundle_row_each(s->store, d->id, bundle_path, &f, err);

	if (rc == EG_OK && f.path == NULL)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "%s is not sealed yet; run erpgate run first", d->id);
	eg_buf_str(&member, "data/received/");
	bundle_safe_name(eg_bytes_str(d->name), &member);
	if (rc == EG_OK)
		rc = bundle_extract(&s->spool, f.path, eg_buf_cstr(&member), &bytes, err);
	if (rc == EG_OK)
		rc = file_of(eg_buf_view(&bytes), ret_fd, err);
	eg_buf_done(&bytes);
	eg_buf_done(&member);
	return rc;
}
