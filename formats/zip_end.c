/* SPDX-License-Identifier: MIT
 *
 * Where a zip ends: its end record, which must be the last bytes of the file, and Zip64's record in front of it; both say
 * where the directory stands and must agree. Refuses archives that were cut (and tells how much is missing, where that
 * can be told), comments, parts of several, empty archives and more than EG_LIMIT_MEMBERS members.
 */
#include "formats/zip_int.h"

#include "base/limits.h"

#define END64_LEN 56U
#define LOCATOR_LEN 20U
#define NONE16 0xFFFFU
#define CENTRAL_MOST ((uint64_t)EG_LIMIT_MEMBERS * 2048)

/* How many bytes a cut archive lacks at least: what its headers promise, and a directory entry for each member seen.
 * 0 = cannot be told, as with streamed members. */
static int
missing_bytes(struct zip_check *c, uint64_t *ret)
{
	unsigned char h[ZIP_CENTRAL_LEN];
	uint64_t at = 0, owed = ZIP_END_LEN; /* owed: directory and end record that must still come behind `at` */
	const uint64_t size = c->in->size;

	*ret = 0;
	for (unsigned i = 0; i < 2 * EG_LIMIT_MEMBERS && at < size; i++) {
		const size_t n = size - at < sizeof h ? (size_t)(size - at) : sizeof h;
		const int rc = zip_read_at(c, at, h, n);

		if (rc != EG_OK)
			return rc;
		const bool local = n >= 4 && memcmp(h, "PK\3\4", 4) == 0,
			   central = n >= 4 && memcmp(h, "PK\1\2", 4) == 0;
		const bool end = n >= 4 && memcmp(h, "PK\5\6", 4) == 0;
		const size_t whole = local ? ZIP_LOCAL_LEN : central ? ZIP_CENTRAL_LEN : end ? ZIP_END_LEN : 4;

		if (at > 0 && n < whole)
			break;
		if (local && n >= whole && (zip_get16(h + 6) & FLAG_SIZES_BEHIND) == 0 &&
		    zip_get32(h + 18) != ZIP_NONE32) {
			at += ZIP_LOCAL_LEN + (uint64_t)zip_get16(h + 26) + zip_get16(h + 28) + zip_get32(h + 18);
			owed += ZIP_CENTRAL_LEN + zip_get16(h + 26);
		} else if (central && n >= whole && owed >= ZIP_END_LEN + ZIP_CENTRAL_LEN + zip_get16(h + 28)) {
			const uint64_t len =
			    ZIP_CENTRAL_LEN + (uint64_t)zip_get16(h + 28) + zip_get16(h + 30) + zip_get16(h + 32);

			if (len > size - at)
				break;
			at += len;
			owed -= ZIP_CENTRAL_LEN + zip_get16(h + 28);
		} else {
			return EG_OK;
		}
	}
	*ret = at > 0 && at + owed > size ? at + owed - size : 0;
	return EG_OK;
}

static int
no_end(struct zip_check *c)
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

/* Zip64's own end record and its locator, which stand between directory and end record. */
static int
read_end64(struct zip_check *c, const unsigned char *old, struct zip_end *e)
{
	unsigned char b[END64_LEN + LOCATOR_LEN];
	const unsigned char *loc = b + END64_LEN;

	if (c->in->size < ZIP_END_LEN + sizeof b)
		return zip_damaged(c, "its Zip64 record is missing");
	const uint64_t at = c->in->size - ZIP_END_LEN - sizeof b;
	const int rc = zip_read_at(c, at, b, sizeof b);

	if (rc != EG_OK)
		return rc;
	if (memcmp(loc, "PK\6\7", 4) != 0 || zip_get32(loc + 4) != 0 || zip_get64(loc + 8) != at ||
	    zip_get32(loc + 16) > 1 || memcmp(b, "PK\6\6", 4) != 0 || zip_get64(b + 4) != END64_LEN - 12 ||
	    zip_get32(b + 16) != 0 || zip_get32(b + 20) != 0)
		return zip_damaged(c, "its Zip64 record is malformed");
	*e = (struct zip_end){ .n = zip_get64(b + 32), .dir_len = zip_get64(b + 40), .dir_at = zip_get64(b + 48) };
	if (zip_get64(b + 24) != e->n || (e->n != zip_get16(old + 10) && zip_get16(old + 10) != NONE16) ||
	    (e->dir_len != zip_get32(old + 12) && zip_get32(old + 12) != ZIP_NONE32) ||
	    (e->dir_at != zip_get32(old + 16) && zip_get32(old + 16) != ZIP_NONE32))
		return zip_damaged(c, "its two end records contradict each other");
	if (e->dir_at > at || e->dir_len != at - e->dir_at)
		return zip_damaged(c, "its directory does not reach to its end record");
	return EG_OK;
}

int
zip_read_end(struct zip_check *c, struct zip_end *e)
{
	unsigned char b[ZIP_END_LEN];
	int rc;

	if (c->in->size < ZIP_END_LEN)
		return no_end(c);
	rc = zip_read_at(c, c->in->size - ZIP_END_LEN, b, sizeof b);
	if (rc != EG_OK)
		return rc;
	if (memcmp(b, "PK\5\6", 4) != 0 || zip_get16(b + 20) != 0)
		return no_end(c);
	if (zip_get16(b + 4) != 0 || zip_get16(b + 6) != 0 || zip_get16(b + 8) != zip_get16(b + 10))
		return zip_damaged(c, "it is one part of several");
	*e = (struct zip_end){ .n = zip_get16(b + 10), .dir_len = zip_get32(b + 12), .dir_at = zip_get32(b + 16) };
	if (e->dir_at + e->dir_len != c->in->size - ZIP_END_LEN) {
		rc = read_end64(c, b, e);
		if (rc != EG_OK)
			return rc;
	}
	if (e->n > EG_LIMIT_MEMBERS)
		return eg_fail(c->err, EG_BADFILE, "LIMIT-MEMBERS",
		    "The archive has more than %u members. Send it in parts.", EG_LIMIT_MEMBERS);
	if (e->n == 0)
		return eg_fail(c->err, EG_BADFILE, "F-03", "The archive holds no file. Send it again.");
	if (e->dir_len > CENTRAL_MOST || e->dir_len < e->n * ZIP_CENTRAL_LEN)
		return zip_damaged(c, "its directory has an impossible length");
	return EG_OK;
}
