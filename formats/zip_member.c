/* SPDX-License-Identifier: MIT
 *
 * One member of a zip: its record in the directory, the header in front of its data and what stands behind them. Refuses what is no ordinary file or
 * folder, what is encrypted or packed otherwise than by deflate, names and lengths in two readings, gaps and overlaps.
 */
#include "formats/zip_int.h"

#include <sys/stat.h>

#define FLAG_ENCRYPTED 0x0001U
#define FLAGS_TAKEN 0x080EU /* deflate's two, sizes behind the data, UTF-8 name */

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
		if (extra.len < 4 || zip_get16(extra.ptr + 2) > extra.len - 4)
			return "has malformed extra fields";
		const unsigned id = zip_get16(extra.ptr);
		const struct eg_bytes field = eg_bytes_sub(extra, 4, zip_get16(extra.ptr + 2));

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
			if (field.len < 6 || !plain_mode(zip_get16(field.ptr + 4), folder))
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
		*wide[i] = zip_get32(h + at[i]);
		if (*wide[i] != ZIP_NONE32)
			continue;
		if (field.len < used + 8)
			return "has an incomplete Zip64 field";
		*wide[i] = zip_get64(field.ptr + used);
		used += 8;
	}
	return field.len == used ? NULL : "has a Zip64 field of the wrong length";
}

/* ---- the directory ---- */

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

int
zip_read_central(struct zip_check *c, struct eg_bytes *rest, struct fmt_zip_member *m)
{
	const unsigned char *h = rest->ptr;
	struct eg_bytes zip64 = EG_NONE;
	const char *why;

	if (rest->len < ZIP_CENTRAL_LEN || memcmp(h, "PK\1\2", 4) != 0)
		return zip_damaged(c, "its directory is cut");
	const size_t name_len = zip_get16(h + 28), extra_len = zip_get16(h + 30), comment_len = zip_get16(h + 32);
	const size_t whole = ZIP_CENTRAL_LEN + name_len + extra_len + comment_len;

	if (rest->len < whole)
		return zip_damaged(c, "its directory is cut");
	m->name = eg_bytes(h + ZIP_CENTRAL_LEN, name_len);
	m->flags = zip_get16(h + 8);
	m->method = zip_get16(h + 10);
	m->crc = zip_get32(h + 16);
	m->at = zip_get32(h + 42);
	m->comment = comment_len > 0;
	m->folder = name_len > 1 && m->name.ptr[name_len - 1] == '/';
	m->name.len -= m->folder;
	m->skip = fmt_zip_mac_leftover(m->name);
	why = fmt_zip_bad_name(m->name);
	if (why == NULL)
		why = walk_extra(eg_bytes(h + ZIP_CENTRAL_LEN + name_len, extra_len), m->folder, &zip64);
	if (why == NULL)
		why = widen(zip64, h, m);
	m->zip64 = zip64.ptr != NULL;
	if (why == NULL && zip_get16(h + 34) != 0)
		why = "is on another disk";
	if (why == NULL)
		why = bad_kind(m, zip_get32(h + 38));
	*rest = eg_bytes_sub(*rest, whole, rest->len);
	return why == NULL ? EG_OK : zip_bad_member(c, m, why);
}

/* ---- the header in front of a member, and what stands behind it ---- */

/* A size or CRC in front of the member: equal to the directory's, or zero when it follows behind the data. */
static bool
same_or_behind(const struct fmt_zip_member *m, uint64_t local, uint64_t central)
{
	return local == central || (local == 0 && (m->flags & FLAG_SIZES_BEHIND) != 0);
}

static const char *
compare_sizes(const struct fmt_zip_member *m, const unsigned char *h, struct eg_bytes zip64)
{
	uint64_t packed = zip_get32(h + 18), size = zip_get32(h + 22);

	if (zip64.ptr != NULL && zip64.len != 16)
		return "has a Zip64 field of the wrong length";
	if (zip64.ptr == NULL && (packed == ZIP_NONE32 || size == ZIP_NONE32))
		return "has an incomplete Zip64 field";
	if (zip64.ptr != NULL) {
		const uint64_t wide_size = zip_get64(zip64.ptr), wide_packed = zip_get64(zip64.ptr + 8);

		if (!same_or_behind(m, wide_size, m->size) || !same_or_behind(m, wide_packed, m->packed))
			return "has contradicting lengths";
		size = size == ZIP_NONE32 ? wide_size : size;
		packed = packed == ZIP_NONE32 ? wide_packed : packed;
	}
	if (!same_or_behind(m, size, m->size) || !same_or_behind(m, packed, m->packed) ||
	    !same_or_behind(m, zip_get32(h + 14), m->crc))
		return "has contradicting lengths or checksums";
	return NULL;
}

/* What stands behind the data of a streamed member: nothing else fits the gap, so its form needs no guess. */
static int
check_behind(struct zip_check *c, const struct fmt_zip_member *m, uint64_t at, uint64_t gap)
{
	unsigned char b[24];
	int rc;

	if (gap != 12 && gap != 16 && gap != 20 && gap != 24)
		return zip_bad_member(c, m, "is followed by something unknown");
	rc = zip_read_at(c, at, b, (size_t)gap);
	if (rc != EG_OK)
		return rc;
	const bool marked = gap == 16 || gap == 24, wide = gap >= 20;
	const unsigned char *p = marked ? b + 4 : b;
	const uint64_t packed = wide ? zip_get64(p + 4) : zip_get32(p + 4),
		       size = wide ? zip_get64(p + 12) : zip_get32(p + 8);

	if ((marked && memcmp(b, "PK\7\10", 4) != 0) || zip_get32(p) != m->crc || packed != m->packed ||
	    size != m->size)
		return zip_bad_member(c, m, "has contradicting lengths or checksums");
	return EG_OK;
}

/* Reads the header in front of a member into h and what stands behind it into c->scratch: it begins where the directory says, has the directory's
 * name and, with the data, no more than `room`. *ret_extra views its extra fields. */
static int
local_header(struct zip_check *c, const struct fmt_zip_member *m, const unsigned char *central, uint64_t room,
    unsigned char h[ZIP_LOCAL_LEN], struct eg_bytes *ret_extra)
{
	const size_t name_len = zip_get16(central + 28);
	int rc = zip_read_at(c, m->at, h, ZIP_LOCAL_LEN);

	if (rc != EG_OK)
		return rc;
	const size_t extra_len = zip_get16(h + 28);

	if (memcmp(h, "PK\3\4", 4) != 0)
		return zip_bad_member(c, m, "does not begin where the directory says");
	if (zip_get16(h + 26) != name_len || name_len + extra_len > room || m->packed > room - name_len - extra_len)
		return zip_bad_member(c, m, "overlaps another one or has two names");
	rc = zip_read_at(c, m->at + ZIP_LOCAL_LEN, c->scratch, name_len + extra_len);
	if (rc != EG_OK)
		return rc;
	if (memcmp(c->scratch, central + ZIP_CENTRAL_LEN, name_len) != 0)
		return zip_bad_member(c, m, "has two names");
	*ret_extra = eg_bytes(c->scratch + name_len, extra_len);
	return EG_OK;
}

int
zip_check_local(struct zip_check *c, struct fmt_zip_member *m, const unsigned char *central, uint64_t next)
{
	unsigned char h[ZIP_LOCAL_LEN];
	struct eg_bytes extra, zip64;
	const char *why;

	if (next < m->at || next - m->at < ZIP_LOCAL_LEN)
		return zip_bad_member(c, m, "overlaps another one");
	const uint64_t room = next - m->at - ZIP_LOCAL_LEN;
	const int rc = local_header(c, m, central, room, h, &extra);

	if (rc != EG_OK)
		return rc;
	if (zip_get16(h + 6) != m->flags || zip_get16(h + 8) != m->method)
		return zip_bad_member(c, m, "is described in two ways");
	why = walk_extra(extra, m->folder, &zip64);
	if (why == NULL)
		why = compare_sizes(m, h, zip64);
	if (why != NULL)
		return zip_bad_member(c, m, why);
	m->zip64 = m->zip64 || zip64.ptr != NULL;
	const uint64_t gap = room - zip_get16(h + 26) - extra.len - m->packed;

	if ((m->flags & FLAG_SIZES_BEHIND) != 0)
		return check_behind(c, m, next - gap, gap);
	return gap == 0 ? EG_OK : zip_bad_member(c, m, "is followed by something unknown");
}
