/* SPDX-License-Identifier: MIT
 *
 * Proofs over the log (RFC 6962 §2.1.1 and §2.1.2, checked as RFC 9162 says): that an entry stands in a tree (inclusion), that a later tree begins with all of an earlier one
 * (consistency). They are made from a few tiles, never from all entries, and checked from hashes alone: the checking half reads nothing.
 */
#ifndef SPOOL_LOG_PROOF_H
#define SPOOL_LOG_PROOF_H

#include "spool/log.h"

#define LOG_PROOF_MAX 128 /* hashes; a proof over 2^63 entries has at most 64 */

struct log_proof {
	unsigned n;
	unsigned char hash[LOG_PROOF_MAX][EG_SHA256_LEN];
};

/* ---- making; head: entries that the tiles on disk cover, as the checkpoint says ----
 *
 * EG_BADFILE "LOG-TILE": a tile is missing or cut. EG_BADREC "LOG-RANGE": there is no such entry or tree. Nothing here is checked against a signature. */

int log_root_at(struct spool *s, uint64_t head, uint64_t size, unsigned char ret[EG_SHA256_LEN], struct eg_err *err)
    EG_MUSTCHECK;
/* Of entry `index` in the tree of the first `size` entries; index < size <= head. */
int log_prove_inclusion(struct spool *s, uint64_t head, uint64_t index, uint64_t size, struct log_proof *ret,
    struct eg_err *err) EG_MUSTCHECK;
/* From the tree of size1 to that of size2; 0 < size1 <= size2 <= head. */
int log_prove_consistency(struct spool *s, uint64_t head, uint64_t size1, uint64_t size2, struct log_proof *ret,
    struct eg_err *err) EG_MUSTCHECK;
/* One entry, appended, without its LF. */
int log_entry_at(struct spool *s, uint64_t head, uint64_t index, struct eg_buf *ret, struct eg_err *err) EG_MUSTCHECK;

/* ---- checking ---- */

bool log_check_inclusion(const unsigned char leaf[EG_SHA256_LEN], uint64_t index, uint64_t size,
    const struct log_proof *p, const unsigned char root[EG_SHA256_LEN]);
/* An empty first tree proves nothing: false. */
bool log_check_consistency(uint64_t size1, const unsigned char root1[EG_SHA256_LEN], uint64_t size2,
    const unsigned char root2[EG_SHA256_LEN], const struct log_proof *p);

/* ---- signed heads ---- */

struct log_head {
	uint64_t size;
	unsigned char root[EG_SHA256_LEN];
};
/* The published head as it stands, and its text (appended; NULL = not wanted). Errors as log_verify's: EG_EOF none, EG_BADFILE "LOG-CHECKPOINT", "SIG-BAD". */
int log_head_read(struct spool *s, const char *origin, const struct sign_key *key, struct log_head *ret,
    struct eg_buf *ret_text, struct eg_err *err) EG_MUSTCHECK;
/* A head from elsewhere. EG_BADFILE "LOG-CHECKPOINT" when it is none of this log, "SIG-BAD" when `key` did not sign it ("SIG-KEY" when another one did). */
int log_head_parse(struct eg_bytes text, const char *origin, const struct sign_key *key, struct log_head *ret,
    struct eg_err *err) EG_MUSTCHECK;

/* ---- as text (log_proof_text.c), after C2SP tlog-proof ----
 *
 *	c2sp.org/tlog-proof@v1
 *	extra BASE64                the entry itself
 *	index N
 *	BASE64 …                    one hash a line, from the leaf upwards
 *
 *	CHECKPOINT                  the head they lead to, signed
 *
 * A consistency proof has "erpgate/consistency@v1" and "old N BASE64" (size and root) instead of the first three lines. */

struct log_proof_text {
	bool consistency;
	uint64_t index; /* inclusion; consistency: size of the old tree */
	unsigned char old_root[EG_SHA256_LEN]; /* consistency */
	struct eg_buf entry; /* inclusion */
	struct log_proof proof;
	struct eg_buf checkpoint;
};
void log_proof_text_done(struct log_proof_text *t);
void log_proof_print(const struct log_proof_text *t, struct eg_buf *ret);
/* EG_BADFILE "LOG-PROOF" for everything that log_proof_print does not make. */
int log_proof_parse(struct eg_bytes text, struct log_proof_text *ret, struct eg_err *err) EG_MUSTCHECK;

/* ---- entries as they lie there (log_walk.c) ----
 *
 * For saying what is wrong with a log that log_verify refused: gives every entry that can still be read, checks no hash. `index` is the place. What cannot be read is counted. */
struct log_walked {
	uint64_t entries, missing; /* missing: those of tiles that are not there or are cut */
};
int log_walk(struct spool *s, uint64_t head,
    int (*entry)(void *ctx, uint64_t index, struct eg_bytes line, struct eg_err *err), void *ctx,
    struct log_walked *ret, struct eg_err *err) EG_MUSTCHECK;

#endif
