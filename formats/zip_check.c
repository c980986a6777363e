/* SPDX-License-Identifier: MIT
 *
 * The strict check of a zip before anything is unpacked. Zip says everything twice (in front of each member and in the
 * directory at the end) and readers differ in which they believe; so only a file passes in which there is nothing to
 * differ about: end record at the very end, no comment, one disk, members without gaps from the first byte to the
 * directory and in its order, both descriptions equal.
 *
 * Taken as well (the tolerant profile; zip.profile = strict refuses it), because real senders produce it: sizes and CRC behind the data (streaming writers) when they match the
 * directory, Zip64 fields when consistent, extra fields that do not rename or encrypt, comments of single members.
 */
#include "base/buf.h"
#include "base/limits.h"
#include "formats/container_int.h"

#include <sys/stat.h>

#define END_LEN 22U
#define END64_LEN 56U
#define LOCATOR_LEN 20U
#define LOCAL_LEN 30U
#define CENTRAL_LEN 46U
#define NONE16 0xFFFFU
#define NONE32 0xFFFFFFFFU
#define CENTRAL_MOST ((uint64_t)EG_LIMIT_MEMBERS * 2048)

#define FLAG_ENCRYPTED 0x0001U
#define FLAGS_TAKEN 0x080EU /* deflate's two, sizes behind the data, UTF-8 name */

struct end {
	uint64_t n, dir_at, dir_len;
};

struct check {
	const struct fmt_random *in;
	struct eg_err *err;
	unsigned char *scratch; /* name and extra fields of a local header */
};

#define SCRATCH_LEN (EG_LIMIT_NAME + 65536U)

static uint16_t
get16(const unsigned char *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t
get32(const unsigned char *p)
{
	return (uint32_t)get16(p) | (uint32_t)get16(p + 2) << 16;
}

static uint64_t
get64(const unsigned char *p)
{
	return (uint64_t)get32(p) | (uint64_t)get32(p + 4) << 32;
}

/* ---- refusing ---- */

static int
damaged(struct check *c, const char *what)
{
	return eg_fail(
	    c->err, EG_BADFILE, "F-03", "The archive is damaged: %s. Pack the files again and send it.", what);
}

static int
bad_member(struct check *c, const struct fmt_zip_member *m, const char *what)
{
	const int rc = eg_fail(c->err, EG_BADFILE, "F-03",
	    "Member \"%.*s\" of the archive %s. Pack the files again as an ordinary zip.",
	    EG_FMT(eg_bytes_sub(m->name, 0, 120)), what);

	c->err->pos.off = m->at < c->in->size ? m->at : c->in->size; /* what the directory says may be a lie */
	return rc;
}

static int
read_at(struct check *c, uint64_t off, unsigned char *buf, size_t n)
{
	size_t have = 0;

	while (have < n) {
		size_t got = 0;
		const int rc = c->in->pread(c->in->ctx, off + have, buf + have, n - have, &got, c->err);

		if (rc != EG_OK)
			return rc;
		if (got == 0)
			return damaged(c, "it is shorter than its length says");
		have += got;
	}
	return EG_OK;
}

/* How many bytes a cut archive lacks at least: what its headers promise, and a directory entry for each member seen.
 * 0 = cannot be told, as with streamed members. */
static int
missing_bytes(struct check *c, uint64_t *ret)
{
	unsigned char h[CENTRAL_LEN];
	uint64_t at = 0, owed = END_LEN; /* owed: directory and end record that must still come behind `at` */
	const uint64_t size = c->in->size;

	*ret = 0;
	for (unsigned i = 0; i < 2 * EG_LIMIT_MEMBERS && at < size; i++) {
		const size_t n = size - at < sizeof h ? (size_t)(size - at) : sizeof h;
		const int rc = read_at(c, at, h, n);

		if (rc != EG_OK)
			return rc;
		const bool local = n >= 4 && memcmp(h, "PK\3\4", 4) == 0,
			   central = n >= 4 && memcmp(h, "PK\1\2", 4) == 0;
		const bool end = n >= 4 && memcmp(h, "PK\5\6", 4) == 0;
		const size_t whole = local ? LOCAL_LEN : central ? CENTRAL_LEN : end ? END_LEN : 4;

		if (at > 0 && n < whole)
			break;
		if (local && n >= whole && (get16(h + 6) & FLAG_SIZES_BEHIND) == 0 && get32(h + 18) != NONE32) {
			at += LOCAL_LEN + (uint64_t)get16(h + 26) + get16(h + 28) + get32(h + 18);
			owed += CENTRAL_LEN + get16(h + 26);
		} else if (central && n >= whole && owed >= END_LEN + CENTRAL_LEN + get16(h + 28)) {
			const uint64_t len = CENTRAL_LEN + (uint64_t)get16(h + 28) + get16(h + 30) + get16(h + 32);

			if (len > size - at)
				break;
			at += len;
			owed -= CENTRAL_LEN + get16(h + 28);
		} else {
			return EG_OK;
		}
	}
	*ret = at > 0 && at + owed > size ? at + owed - size : 0;
	return EG_OK;
}

static int
no_end(struct check *c)
{
	char text[FMT_GROUPED];
	uint64_t missing;
	const int rc = missing_bytes(c, &missing);

	if (rc != EG_OK)
		return rc;
	if (missing > 0)
		eg_fail(c->err, EG_BADFILE, "F-03",
		    "The archive ends early: at least %s %s missing at the end. Send it again.",
		    fmt_grouped(text, missing), missing == 1 ? "byte is" : "bytes are");
	else
		eg_fail(c->err, EG_BADFILE, "F-03",
		    "The archive ends early: its directory is not at its end. It was cut, or something was added. Send it again.");
	c->err->pos.off = c->in->size;
	return EG_BADFILE;
}

/* ---- the end record ---- */

/* Zip64's own end record and its locator, which stand between directory and end record. */
static int
read_end64(struct check *c, const unsigned char *old, struct end *e)
{
	unsigned char b[END64_LEN + LOCATOR_LEN];
	const unsigned char *loc = b + END64_LEN;

	if (c->in->size < END_LEN + sizeof b)
		return damaged(c, "its Zip64 record is missing");
	const uint64_t at = c->in->size - END_LEN - sizeof b;
	const int rc = read_at(c, at, b, sizeof b);

	if (rc != EG_OK)
		return rc;
	if (memcmp(loc, "PK\6\7", 4) != 0 || get32(loc + 4) != 0 || get64(loc + 8) != at || get32(loc + 16) > 1 ||
	    memcmp(b, "PK\6\6", 4) != 0 || get64(b + 4) != END64_LEN - 12 || get32(b + 16) != 0 || get32(b + 20) != 0)
		return damaged(c, "its Zip64 record is malformed");
	*e = (struct end){ .n = get64(b + 32), .dir_len = get64(b + 40), .dir_at = get64(b + 48) };
	if (get64(b + 24) != e->n || (e->n != get16(old + 10) && get16(old + 10) != NONE16) ||
	    (e->dir_len != get32(old + 12) && get32(old + 12) != NONE32) ||
	    (e->dir_at != get32(old + 16) && get32(old + 16) != NONE32))
		return damaged(c, "its two end records contradict each other");
	if (e->dir_at > at || e->dir_len != at - e->dir_at)
		return damaged(c, "its directory does not reach to its end record");
	return EG_OK;
}

static int
read_end(struct check *c, struct end *e)
{
	unsigned char b[END_LEN];
	int rc;

	if (c->in->size < END_LEN)
		return no_end(c);
	rc = read_at(c, c->in->size - END_LEN, b, sizeof b);
	if (rc != EG_OK)
		return rc;
	if (memcmp(b, "PK\5\6", 4) != 0 || get16(b + 20) != 0)
		return no_end(c);
	if (get16(b + 4) != 0 || get16(b + 6) != 0 || get16(b + 8) != get16(b + 10))
		return damaged(c, "it is one part of several");
	*e = (struct end){ .n = get16(b + 10), .dir_len = get32(b + 12), .dir_at = get32(b + 16) };
	if (e->dir_at + e->dir_len != c->in->size - END_LEN) {
		rc = read_end64(c, b, e);
		if (rc != EG_OK)
			return rc;
	}
	if (e->n > EG_LIMIT_MEMBERS)
		return eg_fail(c->err, EG_BADFILE, "LIMIT-MEMBERS",
		    "The archive has more than %u members. Send it in parts.", EG_LIMIT_MEMBERS);
	if (e->n == 0)
		return eg_fail(c->err, EG_BADFILE, "F-03", "The archive holds no file. Send it again.");
	if (e->dir_len > CENTRAL_MOST || e->dir_len < e->n * CENTRAL_LEN)
		return damaged(c, "its directory has an impossible length");
	return EG_OK;
}

/* ---- extra fields ---- */

static bool
plain_mode(uint32_t mode, bool folder)
{
	const uint32_t type = mode & S_IFMT;

	return type == 0 || type == (folder ? S_IFDIR : S_IFREG);
}

/* Walks the extra fields; *ret_zip64 = content of that field, ptr NULL without one. NULL = fine, else what is wrong. */
static const char *
walk_extra(struct eg_bytes extra, bool folder, struct eg_bytes *ret_zip64)
{
	*ret_zip64 = EG_NONE;
	while (extra.len > 0) {
		if (extra.len < 4 || get16(extra.ptr + 2) > extra.len - 4)
			return "has malformed extra fields";
		const unsigned id = get16(extra.ptr);
		const struct eg_bytes field = eg_bytes_sub(extra, 4, get16(extra.ptr + 2));

		extra = eg_bytes_sub(extra, 4 + field.len, extra.len);
		switch (id) {
		case 0x0001:
			if (ret_zip64->ptr != NULL)
				return "has two Zip64 fields";
			*ret_zip64 = field;
			break;
		case 0x7075:
			return "has a second name in its extra fields";
		case 0x9901:
		case 0x0017:
			return "is encrypted";
		case 0x6C78:
			return "has a second description in its extra fields";
		case 0x756E:
			if (field.len < 6 || !plain_mode(get16(field.ptr + 4), folder))
				return "is not an ordinary file";
			break;
		default:
			break;
		}
	}
	return NULL;
}

/* The directory's Zip64 field holds exactly the values whose short fields are full, in this order. */
static const char *
widen(struct eg_bytes field, const unsigned char *h, struct fmt_zip_member *m)
{
	uint64_t *const wide[] = { &m->size, &m->packed, &m->at };
	const size_t at[] = { 24, 20, 42 };
	size_t used = 0;

	for (size_t i = 0; i < 3; i++) {
		*wide[i] = get32(h + at[i]);
		if (*wide[i] != NONE32)
			continue;
		if (field.len < used + 8)
			return "has an incomplete Zip64 field";
		*wide[i] = get64(field.ptr + used);
		used += 8;
	}
	return field.len == used ? NULL : "has a Zip64 field of the wrong length";
}

/* ---- members ---- */

static const char *
bad_kind(const struct fmt_zip_member *m, uint32_t attributes)
{
	if ((m->flags & ~FLAGS_TAKEN) != 0)
		return (m->flags & FLAG_ENCRYPTED) != 0 ? "is encrypted" : "uses unknown features";
	if (m->method != 0 && m->method != 8)
		return "is packed by a method other than deflate";
	if (!plain_mode(attributes >> 16, m->folder) || (!m->folder && (attributes & 0x10) != 0))
		return "is not an ordinary file";
	if (m->folder && m->size != 0)
		return "is a folder with content";
	if (m->method == 0 && m->packed != m->size)
		return "has contradicting lengths";
	if (m->method == 0 && m->packed != 0 && (m->flags & FLAG_SIZES_BEHIND) != 0)
		return "is stored without its length";
	return NULL;
}

/* One record of the directory; *rest moves behind it. */
static int
read_central(struct check *c, struct eg_bytes *rest, struct fmt_zip_member *m)
{
	const unsigned char *h = rest->ptr;
	struct eg_bytes zip64;
	const char *why;

	zip64 = EG_NONE;
	if (rest->len < CENTRAL_LEN || memcmp(h, "PK\1\2", 4) != 0)
		return damaged(c, "its directory is cut");
	const size_t name_len = get16(h + 28), extra_len = get16(h + 30), comment_len = get16(h + 32);
	const size_t whole = CENTRAL_LEN + name_len + extra_len + comment_len;

	if (rest->len < whole)
		return damaged(c, "its directory is cut");
	m->name = eg_bytes(h + CENTRAL_LEN, name_len);
	m->flags = get16(h + 8);
	m->method = get16(h + 10);
	m->crc = get32(h + 16);
	m->at = get32(h + 42);
	m->comment = comment_len > 0;
	m->folder = name_len > 1 && m->name.ptr[name_len - 1] == '/';
	m->name.len -= m->folder;
	m->skip = fmt_zip_mac_leftover(m->name);
	why = fmt_zip_bad_name(m->name);
	if (why == NULL)
		why = walk_extra(eg_bytes(h + CENTRAL_LEN + name_len, extra_len), m->folder, &zip64);
	if (why == NULL)
		why = widen(zip64, h, m);
	m->zip64 = zip64.ptr != NULL;
	if (why == NULL && get16(h + 34) != 0)
		why = "is on another disk";
	if (why == NULL)
		why = bad_kind(m, get32(h + 38));
	*rest = eg_bytes_sub(*rest, whole, rest->len);
	return why == NULL ? EG_OK : bad_member(c, m, why);
}

/* A size or CRC in front of the member: equal to the directory's, or zero when it follows behind the data. */
static bool
same_or_behind(const struct fmt_zip_member *m, uint64_t local, uint64_t central)
{
	return local == central || (local == 0 && (m->flags & FLAG_SIZES_BEHIND) != 0);
}

static const char *
compare_sizes(const struct fmt_zip_member *m, const unsigned char *h, struct eg_bytes zip64)
{
	uint64_t packed = get32(h + 18), size = get32(h + 22);

	if (zip64.ptr != NULL && zip64.len != 16)
		return "has a Zip64 field of the wrong length";
	if (zip64.ptr == NULL && (packed == NONE32 || size == NONE32))
		return "has an incomplete Zip64 field";
	if (zip64.ptr != NULL) {
		const uint64_t wide_size = get64(zip64.ptr), wide_packed = get64(zip64.ptr + 8);

		if (!same_or_behind(m, wide_size, m->size) || !same_or_behind(m, wide_packed, m->packed))
			return "has contradicting lengths";
		size = size == NONE32 ? wide_size : size;
		packed = packed == NONE32 ? wide_packed : packed;
	}
	if (!same_or_behind(m, size, m->size) || !same_or_behind(m, packed, m->packed) ||
	    !same_or_behind(m, get32(h + 14), m->crc))
		return "has contradicting lengths or checksums";
	return NULL;
}

/* What stands behind the data of a streamed member: nothing else fits the gap, so its form needs no guess. */
static int
check_behind(struct check *c, const struct fmt_zip_member *m, uint64_t at, uint64_t gap)
{
	unsigned char b[24];
	int rc;

	if (gap != 12 && gap != 16 && gap != 20 && gap != 24)
		return bad_member(c, m, "is followed by something unknown");
	rc = read_at(c, at, b, (size_t)gap);
	if (rc != EG_OK)
		return rc;
	const bool marked = gap == 16 || gap == 24, wide = gap >= 20;
	const unsigned char *p = marked ? b + 4 : b;
	const uint64_t packed = wide ? get64(p + 4) : get32(p + 4), size = wide ? get64(p + 12) : get32(p + 8);

	if ((marked && memcmp(b, "PK\7\10", 4) != 0) || get32(p) != m->crc || packed != m->packed || size != m->size)
		return bad_member(c, m, "has contradicting lengths or checksums");
	return EG_OK;
}

/* The header in front of a member, and that the member fills the file up to `next`. */
static int
check_local(struct check *c, struct fmt_zip_member *m, const unsigned char *central, uint64_t next)
{
	unsigned char h[LOCAL_LEN];
	const size_t name_len = get16(central + 28);
	struct eg_bytes zip64;
	const char *why;
	int rc;

	if (next < m->at || next - m->at < LOCAL_LEN)
		return bad_member(c, m, "overlaps another one");
	rc = read_at(c, m->at, h, sizeof h);
	if (rc != EG_OK)
		return rc;
	const size_t extra_len = get16(h + 28);
	const uint64_t room = next - m->at - LOCAL_LEN;

	if (memcmp(h, "PK\3\4", 4) != 0)
		return bad_member(c, m, "does not begin where the directory says");
	if (get16(h + 26) != name_len || name_len + extra_len > room || m->packed > room - name_len - extra_len)
		return bad_member(c, m, "overlaps another one or has two names");
	rc = read_at(c, m->at + LOCAL_LEN, c->scratch, name_len + extra_len);
	if (rc != EG_OK)
		return rc;
	if (memcmp(c->scratch, central + CENTRAL_LEN, name_len) != 0)
		return bad_member(c, m, "has two names");
	if (get16(h + 6) != m->flags || get16(h + 8) != m->method)
		return bad_member(c, m, "is described in two ways");
	why = walk_extra(eg_bytes(c->scratch + name_len, extra_len), m->folder, &zip64);
	if (why == NULL)
		why = compare_sizes(m, h, zip64);
	if (why != NULL)
		return bad_member(c, m, why);
	m->zip64 = m->zip64 || zip64.ptr != NULL;
	const uint64_t gap = room - name_len - extra_len - m->packed;

	if ((m->flags & FLAG_SIZES_BEHIND) != 0)
		return check_behind(c, m, next - gap, gap);
	return gap == 0 ? EG_OK : bad_member(c, m, "is followed by something unknown");
}

/* ---- the whole ---- */

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
same_name(struct check *c, const struct fmt_zip_member *a, const struct fmt_zip_member *b)
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
check_unique(struct check *c, const struct fmt_zip_dir *d)
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

static int
check_caps(struct check *c, const struct fmt_zip_dir *d)
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
read_members(struct check *c, const struct end *e, struct fmt_zip_dir *d)
{
	struct eg_bytes rest = eg_bytes(d->bytes, (size_t)e->dir_len);
	const unsigned char **central = eg_xalloc((size_t)(e->n + 1) * sizeof *central);
	int rc = EG_OK;

	for (size_t i = 0; i < e->n && rc == EG_OK; i++) {
		central[i] = rest.ptr;
		rc = read_central(c, &rest, &d->members[i]);
		if (rc == EG_OK && i == 0 && d->members[0].at != 0)
			rc = damaged(c, "something stands before its first member");
	}
	if (rc == EG_OK && rest.len > 0)
		rc = damaged(c, "its directory has more entries than it says");
	for (size_t i = 0; i < e->n && rc == EG_OK; i++)
		rc = check_local(c, &d->members[i], central[i], i + 1 < e->n ? d->members[i + 1].at : e->dir_at);
	free(central);
	return rc;
}

int
fmt_zip_check(const struct fmt_random *in, struct fmt_zip_dir *ret, struct eg_err *err)
{
	struct check c = { .in = in, .err = err };
	struct fmt_zip_dir d = { .members = NULL };
	struct end e = { 0, 0, 0 };
	int rc;

	rc = read_end(&c, &e);
	if (rc != EG_OK)
		return rc;
	c.scratch = eg_xalloc(SCRATCH_LEN);
	d.n = (size_t)e.n;
	d.members = eg_xalloc((d.n + 1) * sizeof *d.members);
	d.bytes = eg_xalloc((size_t)e.dir_len + 1);
	rc = read_at(&c, e.dir_at, d.bytes, (size_t)e.dir_len);
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
