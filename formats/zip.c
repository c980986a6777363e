/* SPDX-License-Identifier: MIT
 *
 * Zip members as sources. zip_check.c has proven the structure before; libarchive only unpacks. Names come from our own
 * reading of the directory: libarchive's depend on the locale. Members are matched by their order and compared in
 * length, and libarchive checks every CRC. Nothing is ever written to disk.
 */
#include "base/buf.h"
#include "base/limits.h"
#include "formats/container_int.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>

#define BLOCK 65536U

struct fmt_zip {
	struct fmt_random in;
	struct fmt_zip_dir dir;
	struct archive *archive;
	uint64_t pos; /* libarchive's place in the file */
	unsigned char block[BLOCK];
	struct eg_err read_err; /* what a positioned read said; cls EG_OK = nothing */

	size_t next; /* member that comes next */
	const struct fmt_zip_member *member; /* the one at hand */
	uint64_t given; /* its unpacked bytes so far */
	int rc; /* of the member at hand, sticky */
	struct eg_err err;
	struct fmt_peek peek;
};

/* ---- libarchive's view of the file ---- */

static la_ssize_t
on_read(struct archive *a, void *ctx, const void **ret_block)
{
	struct fmt_zip *z = ctx;
	const uint64_t left = z->in.size - z->pos;
	const size_t want = left < BLOCK ? (size_t)left : BLOCK;
	size_t n = 0;

	*ret_block = z->block;
	if (want == 0)
		return 0;
	if (z->in.pread(z->in.ctx, z->pos, z->block, want, &n, &z->read_err) != EG_OK) {
		archive_set_error(a, EIO, "read failed");
		return ARCHIVE_FATAL;
	}
	z->pos += n;
	return (la_ssize_t)n;
}

static la_int64_t
on_seek(struct archive *a, void *ctx, la_int64_t off, int whence)
{
	struct fmt_zip *z = ctx;
	const int64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? (int64_t)z->pos : (int64_t)z->in.size;

	if (off < -base || off > (int64_t)z->in.size - base) {
		archive_set_error(a, EIO, "seek out of range");
		return ARCHIVE_FATAL;
	}
	z->pos = (uint64_t)(base + off);
	return base + off;
}

/* Positioned reads make skipping free; libarchive reads over whatever is not skipped. */
static la_int64_t
on_skip(struct archive *a, void *ctx, la_int64_t n)
{
	struct fmt_zip *z = ctx;
	const int64_t left = (int64_t)(z->in.size - z->pos);

	(void)a;
	if (n > left)
		n = left;
	z->pos += (uint64_t)n;
	return n;
}

static int
open_archive(struct fmt_zip *z)
{
	z->archive = archive_read_new();
	if (z->archive == NULL || archive_read_support_format_zip_seekable(z->archive) != ARCHIVE_OK)
		return ARCHIVE_FATAL;
	(void)archive_read_set_read_callback(z->archive, on_read);
	(void)archive_read_set_seek_callback(z->archive, on_seek);
	(void)archive_read_set_skip_callback(z->archive, on_skip);
	(void)archive_read_set_callback_data(z->archive, z);
	return archive_read_open1(z->archive);
}

/* What libarchive complains about, or the failed read behind it. */
static int
unpack_failed(struct fmt_zip *z, const char *what, struct eg_err *err)
{
	if (z->read_err.cls != EG_OK) {
		*err = z->read_err;
		return err->cls;
	}
	if (z->member != NULL)
		return eg_fail(err, EG_BADFILE, "F-03",
		    "Member \"%.*s\" of the archive is damaged: %s. Send the archive again.",
		    EG_FMT(eg_bytes_sub(z->member->name, 0, 120)), what);
	return eg_fail(err, EG_BADFILE, "F-03", "The archive is damaged: %s. Send it again.", what);
}

/* ---- members ---- */

static int
read_member(void *ctx, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	struct fmt_zip *z = ctx;
	const uint64_t left = z->member->size - z->given;

	if (z->rc != EG_OK) {
		*err = z->err;
		return z->rc;
	}
	/* One byte more than promised is asked for, so that a member that is too long shows. */
	if (cap > left + 1)
		cap = (size_t)left + 1;
	const la_ssize_t n = archive_read_data(z->archive, buf, cap);

	if (n < 0)
		z->rc = unpack_failed(z, "it does not unpack", &z->err);
	else if ((uint64_t)n > left || (n == 0 && left > 0))
		z->rc = unpack_failed(z, "its length is not what the directory says", &z->err);
	if (z->rc != EG_OK) {
		*err = z->err;
		return z->rc;
	}
	z->given += (uint64_t)n;
	*ret_n = (size_t)n;
	return EG_OK;
}

/* Brings libarchive to member `next`. */
static int
next_header(struct fmt_zip *z, struct eg_err *err)
{
	struct archive_entry *entry;
	const struct fmt_zip_member *m = &z->dir.members[z->next];
	const int rc = archive_read_next_header(z->archive, &entry);

	z->member = m;
	/* A warning here is about the name, which is not taken from there. */
	if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
		return unpack_failed(z, "it cannot be found", err);
	if (archive_entry_size_is_set(entry) != 0 && (uint64_t)archive_entry_size(entry) != m->size)
		return unpack_failed(z, "its length is not what the directory says", err);
	if (!m->folder && archive_entry_filetype(entry) != AE_IFREG)
		return unpack_failed(z, "it is not an ordinary file", err);
	z->next++;
	z->given = 0;
	z->rc = EG_OK;
	return EG_OK;
}

static int
open_member(struct fmt_zip *z, struct eg_bytes *ret_name, struct fmt_src *ret_src, struct eg_err *err)
{
	const struct fmt_src inner = { .read = read_member, .ctx = z };
	struct eg_bytes head;
	const int rc = fmt_peek_open(&z->peek, inner, &head, err);

	if (rc != EG_OK)
		return rc;
	const char *nested = fmt_archive_named(head);

	if (nested != NULL)
		return eg_fail(err, EG_BADFILE, "F-03",
		    "Member \"%.*s\" is itself an archive (%s); archives inside of archives are not opened. Send it on its own.",
		    EG_FMT(eg_bytes_sub(z->member->name, 0, 120)), nested);
	*ret_name = z->member->name;
	*ret_src = fmt_peek_src(&z->peek);
	return EG_OK;
}

/* ---- the outside ---- */

struct warm_bytes {
	const unsigned char *p;
	size_t n;
};

static int
read_warm(void *ctx, uint64_t off, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	const struct warm_bytes *w = ctx;
	const size_t left = off < w->n ? w->n - (size_t)off : 0;

	(void)err; /* memory cannot fail */
	*ret_n = left < cap ? left : cap;
	memcpy(buf, w->p + (w->n - left), *ret_n);
	return EG_OK;
}

void
fmt_zip_init(void)
{
	/* One member with a name outside of ASCII, so that libarchive sets up its conversion of names too. */
	static const unsigned char archive[] =
	    "\120\113\003\004\024\000\000\010\010\000\000\000\041\000\203\026\334\214\003\000\000\000\001\000\000\000"
	    "\002\000\000\000\303\251\253\000\000\120\113\001\002\024\003\024\000\000\010\010\000\000\000\041\000\203"
	    "\026\334\214\003\000\000\000\001\000\000\000\002\000\000\000\000\000\000\000\000\000\000\000\200\001\000"
	    "\000\000\000\303\251\120\113\005\006\000\000\000\000\001\000\001\000\060\000\000\000\043\000\000\000\000"
	    "\000";
	struct warm_bytes w = { archive, sizeof archive - 1 };
	struct eg_bytes many[128] = { { NULL, 0 } };
	struct fmt_src src;
	struct eg_bytes name;
	struct fmt_zip *z;
	struct eg_err err;

	/* libarchive turns every member's time into local time, and without TZ the C library looks for its zone file each
	 * time. Nothing of ours uses local time. */
	eg_check(setenv("TZ", "UTC0", 1) == 0);
	tzset();
	/* The C library's qsort asks the kernel, once, how much memory there is before it sorts more than a kilobyte. */
	qsort(many, sizeof many / sizeof *many, sizeof *many, fmt_zip_by_folded_name);
	if (fmt_zip_open((struct fmt_random){ read_warm, &w, w.n }, &z, &err) != EG_OK ||
	    fmt_zip_next(z, &name, &src, &err) != EG_OK)
		eg_bug("the built-in archive does not open: %s", err.msg);
	fmt_zip_free(z);
}

int
fmt_zip_open(struct fmt_random in, struct fmt_zip **ret, struct eg_err *err)
{
	struct fmt_zip *z = eg_xalloc(sizeof *z);
	int rc;

	z->in = in;
	z->read_err.cls = EG_OK;
	rc = fmt_zip_check(&z->in, &z->dir, err);
	if (rc == EG_OK && open_archive(z) != ARCHIVE_OK)
		rc = unpack_failed(z, "it does not open", err);
	if (rc != EG_OK) {
		fmt_zip_free(z);
		return rc;
	}
	*ret = z;
	return EG_OK;
}

bool
fmt_zip_is_xlsx(const struct fmt_zip *z)
{
	for (size_t i = 0; i < z->dir.n; i++) {
		if (eg_bytes_is(z->dir.members[i].name, "[Content_Types].xml"))
			return true;
	}
	return false;
}

int
fmt_zip_next(struct fmt_zip *z, struct eg_bytes *ret_name, struct fmt_src *ret_src, struct eg_err *err)
{
	while (z->next < z->dir.n) {
		const int rc = next_header(z, err);

		if (rc != EG_OK)
			return rc;
		if (!z->member->folder && !z->member->skip)
			return open_member(z, ret_name, ret_src, err);
	}
	return EG_EOF;
}

/* libarchive only goes forward. */
static int
begin_again(struct fmt_zip *z, struct eg_err *err)
{
	(void)archive_read_free(z->archive); /* was only read from */
	z->pos = 0;
	z->next = 0;
	z->member = NULL;
	return open_archive(z) == ARCHIVE_OK ? EG_OK : unpack_failed(z, "it does not open", err);
}

/* Its index, or dir.n. */
static size_t
index_of(const struct fmt_zip *z, struct eg_bytes name)
{
	size_t at = 0;

	while (at < z->dir.n &&
	       (z->dir.members[at].folder || fmt_zip_by_folded_name(&z->dir.members[at].name, &name) != 0))
		at++;
	return at;
}

bool
fmt_zip_has(const struct fmt_zip *z, struct eg_bytes *name)
{
	const size_t at = index_of(z, *name);

	if (at == z->dir.n)
		return false;
	*name = z->dir.members[at].name;
	return true;
}

int
fmt_zip_find(struct fmt_zip *z, struct eg_bytes name, struct fmt_src *ret_src, struct eg_err *err)
{
	const size_t at = index_of(z, name);
	struct eg_bytes given;
	int rc = EG_OK;

	if (at == z->dir.n)
		return EG_EOF;
	if (at < z->next)
		rc = begin_again(z, err);
	while (rc == EG_OK && z->next <= at)
		rc = next_header(z, err);
	return rc == EG_OK ? open_member(z, &given, ret_src, err) : rc;
}

void
fmt_zip_free(struct fmt_zip *z)
{
	if (z == NULL)
		return;
	if (z->archive != NULL)
		(void)archive_read_free(z->archive); /* was only read from */
	fmt_zip_dir_done(&z->dir);
	free(z);
}
