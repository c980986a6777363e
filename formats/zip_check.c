/* SPDX-License-Identifier: MIT
 *
 * The strict check of a zip before anything is unpacked. Zip says everything twice (in front of each member and in the
 * directory at the end) and readers differ in which they believe; so only a file passes in which there is nothing to
 * differ about: end record at the very end, no comment, one disk, members without gaps from the first byte to the
 * directory and in its order, both descriptions equal, every name told apart by every file system, no bomb.
 * Where it ends: zip_end.c; each member: zip_member.c.
 *
 * Taken as well (the tolerant profile; zip.profile = strict refuses it), because real senders produce it: sizes and CRC
 * behind the data (streaming writers) when they match the directory, Zip64 fields when consistent, extra fields that do
 * not rename or encrypt, comments of single members.
 */
#include "formats/zip_int.h"

#include "base/buf.h"
#include "base/limits.h"

#define SCRATCH_LEN (EG_LIMIT_NAME + 65536U)

/* ---- what the rooms share ---- */

int
zip_damaged(struct zip_check *c, const char *what)
{
	return eg_fail(
	    c->err, EG_BADFILE, "F-03", "The archive is damaged: %s. Pack the files again and send it.", what);
}

int
zip_bad_member(struct zip_check *c, const struct fmt_zip_member *m, const char *what)
{
	const int rc = eg_fail(c->err, EG_BADFILE, "F-03",
	    "Member \"%.*s\" of the archive %s. Pack the files again as an ordinary zip.",
	    EG_FMT(eg_bytes_sub(m->name, 0, 120)), what);

	c->err->pos.off = m->at < c->in->size ? m->at : c->in->size; /* what the directory says may be a lie */
	return rc;
}

int
zip_read_at(struct zip_check *c, uint64_t off, unsigned char *buf, size_t n)
{
	size_t have = 0;

	while (have < n) {
		size_t got = 0;
		const int rc = c->in->pread(c->in->ctx, off + have, buf + have, n - have, &got, c->err);

		if (rc != EG_OK)
			return rc;
		if (got == 0)
			return zip_damaged(c, "it is shorter than its length says");
		have += got;
	}
	return EG_OK;
}

/* ---- names ---- */

struct folded {
	struct eg_bytes name; /* as fmt_zip_fold gives it */
	const struct fmt_zip_member *m;
};

static int
by_name(const void *left, const void *right)
{
	const struct folded *a = left, *b = right;
	const size_t n = a->name.len < b->name.len ? a->name.len : b->name.len;
	const int order = n == 0 ? 0 : memcmp(a->name.ptr, b->name.ptr, n);

	return order != 0 ? order : (a->name.len > b->name.len) - (a->name.len < b->name.len);
}

static int
same_name(struct zip_check *c, const struct fmt_zip_member *a, const struct fmt_zip_member *b)
{
	if (eg_bytes_eq(a->name, b->name))
		return eg_fail(c->err, EG_BADFILE, "F-03",
		    "The archive has the member \"%.*s\" twice. Pack the files again.",
		    EG_FMT(eg_bytes_sub(a->name, 0, 120)));
	return eg_fail(c->err, EG_BADFILE, "F-03",
	    "The archive has the members \"%.*s\" and \"%.*s\", whose names are one and the same on many computers: unpacked there, one takes the place of the other. Rename one of them and pack the files again.",
	    EG_FMT(eg_bytes_sub(a->name, 0, 80)), EG_FMT(eg_bytes_sub(b->name, 0, 80)));
}

/* Two names are told apart only where every file system would. */
static int
check_unique(struct zip_check *c, const struct fmt_zip_dir *d)
{
	struct folded *all = eg_xalloc((d->n + 1) * sizeof *all);
	int rc = EG_OK;

	for (size_t i = 0; i < d->n; i++)
		all[i] = (struct folded){ fmt_zip_fold(d->members[i].name), &d->members[i] };
	qsort(all, d->n, sizeof *all, by_name);
	for (size_t i = 1; i < d->n && rc == EG_OK; i++)
		if (by_name(&all[i - 1], &all[i]) == 0)
			rc = same_name(c, all[i - 1].m, all[i].m);
	for (size_t i = 0; i < d->n; i++)
		free((void *)(uintptr_t)all[i].name.ptr);
	free(all);
	return rc;
}

/* ---- the whole ---- */

static int
check_caps(struct zip_check *c, const struct fmt_zip_dir *d)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < d->n; i++) {
		const struct fmt_zip_member *m = &d->members[i];

		if (m->skip)
			continue;
		if (m->size > EG_LIMIT_UNPACKED || sum > EG_LIMIT_UNPACKED - m->size)
			return eg_fail(c->err, EG_BADFILE, "LIMIT-BYTES",
			    "The archive unpacks to more than %llu MiB. Send it in parts.",
			    (unsigned long long)EG_LIMIT_UNPACKED >> 20);
		sum += m->size;
		if (m->size > (1U << 20) && m->size / EG_LIMIT_RATIO > m->packed)
			return eg_fail(c->err, EG_BADFILE, "LIMIT-RATIO",
			    "Member \"%.*s\" of the archive unpacks to more than %u times its size. Send it unpacked.",
			    EG_FMT(eg_bytes_sub(m->name, 0, 120)), EG_LIMIT_RATIO);
	}
	/* Many small members are a bomb as well. */
	if (sum > (1U << 20) && sum / EG_LIMIT_RATIO > c->in->size)
		return eg_fail(c->err, EG_BADFILE, "LIMIT-RATIO",
		    "The archive unpacks to more than %u times its size. Send the files unpacked.", EG_LIMIT_RATIO);
	return EG_OK;
}

static int
read_members(struct zip_check *c, const struct zip_end *e, struct fmt_zip_dir *d)
{
	struct eg_bytes rest = eg_bytes(d->bytes, (size_t)e->dir_len);
	const unsigned char **central = eg_xalloc((size_t)(e->n + 1) * sizeof *central);
	int rc = EG_OK;

	for (size_t i = 0; i < e->n && rc == EG_OK; i++) {
		central[i] = rest.ptr;
		rc = zip_read_central(c, &rest, &d->members[i]);
		if (rc == EG_OK && i == 0 && d->members[0].at != 0)
			rc = zip_damaged(c, "something stands before its first member");
	}
	if (rc == EG_OK && rest.len > 0)
		rc = zip_damaged(c, "its directory has more entries than it says");
	for (size_t i = 0; i < e->n && rc == EG_OK; i++)
		rc = zip_check_local(c, &d->members[i], central[i], i + 1 < e->n ? d->members[i + 1].at : e->dir_at);
	free(central);
	return rc;
}

int
fmt_zip_check(const struct fmt_random *in, struct fmt_zip_dir *ret, struct eg_err *err)
{
	struct zip_check c = { .in = in, .err = err };
	struct fmt_zip_dir d = { .members = NULL };
	struct zip_end e = { 0, 0, 0 };
	int rc;

	rc = zip_read_end(&c, &e);
	if (rc != EG_OK)
		return rc;
	c.scratch = eg_xalloc(SCRATCH_LEN);
	d.n = (size_t)e.n;
	d.members = eg_xalloc((d.n + 1) * sizeof *d.members);
	d.bytes = eg_xalloc((size_t)e.dir_len + 1);
	rc = zip_read_at(&c, e.dir_at, d.bytes, (size_t)e.dir_len);
	if (rc == EG_OK)
		rc = read_members(&c, &e, &d);
	if (rc == EG_OK)
		rc = check_unique(&c, &d);
	if (rc == EG_OK)
		rc = check_caps(&c, &d);
	free(c.scratch);
	if (rc == EG_OK)
		*ret = d;
	else
		fmt_zip_dir_done(&d);
	return rc;
}

void
fmt_zip_dir_done(struct fmt_zip_dir *d)
{
	free(d->members);
	free(d->bytes);
	*d = (struct fmt_zip_dir){ .members = NULL };
}
