/* SPDX-License-Identifier: MIT
 *
 * The append-only log: RFC 6962 Merkle tree (leaf = SHA-256(0x00 || entry), node = SHA-256(0x01 || left || right)) over canonical JSON lines, as C2SP tiles
 * (archive/log/tile/<level>/<index>[.p/<width>], archive/log/tile/entries/<index>[.p/<width>]; an entry tile is a C2SP entry bundle: two bytes of length, big endian, then the entry, end to end) and a signed checkpoint (archive/log/checkpoint: origin, size, base64 root, blank line, signed note lines).
 * The entries themselves come from the owner's journal (same transaction as the state they tell about); writing tiles is idempotent and happens after the commit.
 */
#ifndef SPOOL_LOG_H
#define SPOOL_LOG_H

#include "spool/sign.h"
#include "spool/spool.h"

struct log_tree { /* compact range: enough to append and to compute the root */
	uint64_t size;
	unsigned char node[64][EG_SHA256_LEN]; /* one per set bit of size */
};
void log_tree_init(struct log_tree *t);
void log_leaf_hash(struct eg_bytes entry, unsigned char ret[EG_SHA256_LEN]);
void log_tree_add(struct log_tree *t, const unsigned char leaf[EG_SHA256_LEN]);
void log_tree_root(const struct log_tree *t, unsigned char ret[EG_SHA256_LEN]); /* empty tree: SHA-256 of nothing */

/* Brings archive/log up to `size` entries. entry(i) gives the i-th line without its LF (the buffer is cleared by the caller of entry). Full tiles are never rewritten (a different content is EG_FATAL "LOG-FORK").
 * The checkpoint is replaced last, and only by one that continues the old. origin: "erpgate/<site>", no blanks and no '+' (they separate in a signed note), at most 200 bytes: EG_FATAL "LOG-ORIGIN".
 * Asks for entries from the start of the last published tile on only. EG_FATAL "LOG-FORK" when journal and published log differ, "LOG-CHECKPOINT" or "SIG-BAD" when the checkpoint on disk is
 * not ours, "LOG-BIG" for an entry above 65,535 bytes. Nothing is signed then. */
int log_publish(struct spool *s, const char *origin, const struct sign_key *key, uint64_t size,
    int (*entry)(void *ctx, uint64_t index, struct eg_buf *ret, struct eg_err *err), void *ctx, struct eg_err *err)
    EG_MUSTCHECK;

enum log_fault {
	LOG_WHOLE = 0,
	LOG_CHANGED, /* an entry, a tile or the checkpoint is not what was signed */
	LOG_GAP, /* a tile or the checkpoint is missing */
	LOG_BEHIND, /* more entries lie there than the checkpoint covers */
	LOG_OTHER_KEY, /* the checkpoint is signed, by none of our keys */
};
struct log_verdict {
	bool good;
	enum log_fault fault;
	char problem[EG_MSG_MAX];
	uint64_t size;
	char root_hex[EG_SHA256_HEX];
};
/* Recomputes everything from the entry tiles: hashes, tiles, checkpoint root and signature; entry(i, line) sees each line in order (may be NULL).
 * key NULL: the keys of archive/keys. EG_OK with ret->good false and ret->problem for everything that is wrong; an error only for the environment or out of `entry`. */
int log_verify(struct spool *s, const char *origin, const struct sign_key *key,
    int (*entry)(void *ctx, uint64_t index, struct eg_bytes line, struct eg_err *err), void *ctx,
    struct log_verdict *ret, struct eg_err *err) EG_MUSTCHECK;
/* Takes away the tiles behind the checkpoint of `size` entries that log_verify found LOG_BEHIND and else whole: what comes next is published in their place. */
int log_cut(struct spool *s, uint64_t size, struct eg_err *err) EG_MUSTCHECK;

#endif
