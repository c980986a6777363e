/* SPDX-License-Identifier: MIT
 *
 * Making and checking Merkle proofs. A subtree of 2^k entries is the root over 2^(k mod 8) neighbouring hashes of one tile of level k / 8, so that a proof reads about one tile per
 * level and side. The tile last read of each level is kept: neighbouring subtrees lie in it.
 */
#include "spool/log_proof.h"

#include "base/fs.h"
#include "spool/log_int.h"

#include <inttypes.h>

#define TILE_FILE_MAX ((size_t)LOG_TILE * (LOG_ENTRY_MAX + 2))

struct tiles {
	struct spool *s;
	uint64_t head;
	struct eg_buf path;
	struct {
		bool there;
		uint64_t index;
		struct eg_buf file;
	} kept[LOG_LEVELS];
};

static void
tiles_done(struct tiles *t)
{
	eg_buf_done(&t->path);
	for (int i = 0; i < LOG_LEVELS; i++)
		eg_buf_done(&t->kept[i].file);
}

static int
read_tile(struct spool *s, uint64_t head, int level, uint64_t index, struct eg_buf *path, struct eg_buf *ret,
    struct eg_err *err)
{
	struct eg_err found = { 0 };

	log_tile_path(level, index, log_tile_width(level, index, head), path);
	int rc = eg_fs_read_file(s->archive, eg_buf_cstr(path), TILE_FILE_MAX, ret, &found);
	if (rc >= 0)
		return EG_OK;
	if (rc == EG_BADFILE || strcmp(found.code, "GONE") == 0)
		return eg_fail(err, EG_BADFILE, "LOG-TILE",
		    "archive/%s cannot be read, and a proof needs it (%.200s). What is wrong: erpgate audit verify",
		    eg_buf_cstr(path), found.msg);
	*err = found;
	return rc;
}

/* Root of the entries index * 2^k … (index + 1) * 2^k - 1. */
static int
node(struct tiles *t, unsigned k, uint64_t index, unsigned char ret[EG_SHA256_LEN], struct eg_err *err)
{
	unsigned level = k / 8, shift = k % 8;
	uint64_t first = index << shift;
	size_t at = (size_t)(first % LOG_TILE) * EG_SHA256_LEN, n = (size_t)EG_SHA256_LEN << shift;

	eg_check(level < LOG_LEVELS);
	if (!t->kept[level].there || t->kept[level].index != first / LOG_TILE) {
		t->kept[level].there = false;
		eg_buf_clear(&t->kept[level].file);
		int rc = read_tile(t->s, t->head, (int)level, first / LOG_TILE, &t->path, &t->kept[level].file, err);
		if (rc < 0)
			return rc;
		t->kept[level].there = true;
		t->kept[level].index = first / LOG_TILE;
	}
	struct eg_bytes v = eg_bytes_sub(eg_buf_view(&t->kept[level].file), at, n);
	if (v.len != n)
		return eg_fail(err, EG_BADFILE, "LOG-TILE",
		    "A tile of level %u of archive/log is cut before entry %" PRIu64
		    ". What is wrong: erpgate audit verify",
		    level, index << k);
	log_tile_root(v, ret);
	return EG_OK;
}

/* The largest power of two below n, n >= 2. */
static unsigned
split(uint64_t n)
{
	unsigned k = 0;

	while ((n - 1) >> (k + 1) != 0)
		k++;
	return k;
}

/* MTH of the entries lo … hi - 1, lo a multiple of the power of two that the tree's shape gives it. */
static int
range(struct tiles *t, uint64_t lo, uint64_t hi, unsigned char ret[EG_SHA256_LEN], struct eg_err *err)
{
	unsigned char left[EG_SHA256_LEN], right[EG_SHA256_LEN];
	uint64_t n = hi - lo;
	int rc;

	if (n == 1)
		return node(t, 0, lo, ret, err);
	unsigned k = split(n);
	if (n == UINT64_C(2) << k)
		return node(t, k + 1, lo >> (k + 1), ret, err);
	rc = node(t, k, lo >> k, left, err);
	if (rc >= 0)
		rc = range(t, lo + (UINT64_C(1) << k), hi, right, err);
	if (rc >= 0)
		log_node_hash(left, right, ret);
	return rc;
}

static int
no_such(struct eg_err *err, uint64_t what, uint64_t head)
{
	return eg_fail(err, EG_BADREC, "LOG-RANGE",
	    "The published log has %" PRIu64 " entries, numbered from 0; %" PRIu64
	    " is not among them. If it is newer, publish first: erpgate run",
	    head, what);
}

int
log_root_at(struct spool *s, uint64_t head, uint64_t size, unsigned char ret[EG_SHA256_LEN], struct eg_err *err)
{
	struct tiles t = { .s = s, .head = head, .path = EG_BUF_INIT };

	if (size > head)
		return no_such(err, size, head);
	eg_sha256_of(EG_NONE, ret);
	int rc = size == 0 ? EG_OK : range(&t, 0, size, ret, err);
	tiles_done(&t);
	return rc;
}

static void
turn_round(struct log_proof *p)
{
	unsigned char h[EG_SHA256_LEN];

	for (unsigned i = 0; i < p->n / 2; i++) {
		memcpy(h, p->hash[i], sizeof(h));
		memcpy(p->hash[i], p->hash[p->n - 1 - i], sizeof(h));
		memcpy(p->hash[p->n - 1 - i], h, sizeof(h));
	}
}

int
log_prove_inclusion(
    struct spool *s, uint64_t head, uint64_t index, uint64_t size, struct log_proof *ret, struct eg_err *err)
{
	struct tiles t = { .s = s, .head = head, .path = EG_BUF_INIT };
	uint64_t lo = 0, hi = size;
	int rc = EG_OK;

	if (size > head || index >= size)
		return no_such(err, size > head ? size : index, head);
	ret->n = 0;
	while (rc >= 0 && hi - lo > 1) { /* from the root downwards */
		uint64_t middle = lo + (UINT64_C(1) << split(hi - lo));
		bool left = index < middle;
		rc = left ? range(&t, middle, hi, ret->hash[ret->n], err) :
		            range(&t, lo, middle, ret->hash[ret->n], err);
		ret->n++;
		*(left ? &hi : &lo) = middle;
	}
	turn_round(ret);
	tiles_done(&t);
	return rc;
}

int
log_prove_consistency(
    struct spool *s, uint64_t head, uint64_t size1, uint64_t size2, struct log_proof *ret, struct eg_err *err)
{
	struct tiles t = { .s = s, .head = head, .path = EG_BUF_INIT };
	uint64_t lo = 0, hi = size2;
	bool whole = true; /* the old tree is what is left: its root is known to who checks */
	int rc = EG_OK;

	if (size1 == 0 || size1 > size2 || size2 > head)
		return no_such(err, size2 > head ? size2 : size1, head);
	ret->n = 0;
	while (rc >= 0 && hi != size1) {
		uint64_t middle = lo + (UINT64_C(1) << split(hi - lo));
		bool left = size1 <= middle;
		rc = left ? range(&t, middle, hi, ret->hash[ret->n], err) :
		            range(&t, lo, middle, ret->hash[ret->n], err);
		ret->n++;
		*(left ? &hi : &lo) = middle;
		whole = whole && left;
	}
	if (rc >= 0 && !whole)
		rc = range(&t, lo, hi, ret->hash[ret->n++], err);
	turn_round(ret);
	tiles_done(&t);
	return rc;
}

int
log_entry_at(struct spool *s, uint64_t head, uint64_t index, struct eg_buf *ret, struct eg_err *err)
{
	struct eg_buf path = EG_BUF_INIT, file = EG_BUF_INIT;
	int rc = index < head ? EG_OK : no_such(err, index, head);

	if (rc >= 0)
		rc = read_tile(s, head, LOG_ENTRIES, index / LOG_TILE, &path, &file, err);
	struct eg_bytes rest = eg_buf_view(&file), line = EG_NONE;
	for (uint64_t i = 0; rc >= 0 && i <= index % LOG_TILE; i++) {
		size_t len = rest.len < 2 ? 0 : (size_t)rest.ptr[0] << 8 | rest.ptr[1];
		if (rest.len < 2 || rest.len - 2 < len)
			rc = eg_fail(err, EG_BADFILE, "LOG-TILE",
			    "archive/%s is cut before entry %" PRIu64 ". What is wrong: erpgate audit verify",
			    eg_buf_cstr(&path), index);
		else {
			line = eg_bytes_sub(rest, 2, len);
			rest = eg_bytes_sub(rest, 2 + len, rest.len);
		}
	}
	if (rc >= 0)
		eg_buf_add(ret, line);
	eg_buf_done(&path);
	eg_buf_done(&file);
	return rc;
}

/* ---- checking (RFC 9162 §2.1.3.2 and §2.1.4.2) ---- */

bool
log_check_inclusion(const unsigned char leaf[EG_SHA256_LEN], uint64_t index, uint64_t size, const struct log_proof *p,
    const unsigned char root[EG_SHA256_LEN])
{
	unsigned char r[EG_SHA256_LEN];
	uint64_t fn = index, sn = size - 1;

	if (index >= size)
		return false;
	memcpy(r, leaf, sizeof(r));
	for (unsigned i = 0; i < p->n; i++) {
		if (sn == 0)
			return false;
		if ((fn & 1) != 0 || fn == sn) {
			log_node_hash(p->hash[i], r, r);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else
			log_node_hash(r, p->hash[i], r);
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && memcmp(r, root, sizeof(r)) == 0;
}

bool
log_check_consistency(uint64_t size1, const unsigned char root1[EG_SHA256_LEN], uint64_t size2,
    const unsigned char root2[EG_SHA256_LEN], const struct log_proof *p)
{
	unsigned char fr[EG_SHA256_LEN], sr[EG_SHA256_LEN];
	uint64_t fn = size1 - 1, sn = size2 - 1;
	bool power = (size1 & (size1 - 1)) == 0; /* then its root is itself the first hash */

	if (size1 == 0 || size1 > size2)
		return false;
	if (size1 == size2)
		return p->n == 0 && memcmp(root1, root2, EG_SHA256_LEN) == 0;
	if (p->n == 0)
		return false;
	for (; (fn & 1) != 0; fn >>= 1)
		sn >>= 1;
	memcpy(fr, power ? root1 : p->hash[0], sizeof(fr));
	memcpy(sr, fr, sizeof(sr));
	for (unsigned i = power ? 0 : 1; i < p->n; i++) {
		if (sn == 0)
			return false;
		if ((fn & 1) != 0 || fn == sn) {
			log_node_hash(p->hash[i], fr, fr);
			log_node_hash(p->hash[i], sr, sr);
			while ((fn & 1) == 0 && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else
			log_node_hash(sr, p->hash[i], sr);
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && memcmp(fr, root1, sizeof(fr)) == 0 && memcmp(sr, root2, sizeof(sr)) == 0;
}
