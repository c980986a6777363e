/* SPDX-License-Identifier: MIT
 *
 * The files of the log, shared by its writer and its verifier: paths, tile sizes, the checkpoint's text.
 * Entry tiles are C2SP entry bundles: each entry as two bytes of length (big endian) and its bytes, end to end.
 */
#ifndef SPOOL_LOG_INT_H
#define SPOOL_LOG_INT_H

#include "spool/log.h"
#include "spool/spool_int.h"

#define LOG_TILE 256U /* hashes or entries in a full tile (height 8) */
#define LOG_LEVELS 8 /* 256^8 entries */
#define LOG_ENTRIES (-1) /* level of the entry tiles in log_tile_path */
#define LOG_ENTRY_MAX 65535U
#define LOG_ORIGIN_MAX 200U

/* Path of a tile below archive/; width 1 … LOG_TILE, less than LOG_TILE gives the partial one. */
void log_tile_path(int level, uint64_t index, unsigned width, struct eg_buf *ret);
/* Folder of the partial tiles of one tile. */
void log_partial_path(int level, uint64_t index, struct eg_buf *ret);
/* How many hashes of `level` (or entries) tile `index` holds in a tree of `size`; 0 = there is no such tile. */
unsigned log_tile_width(int level, uint64_t index, uint64_t size);

/* Complete subtrees of 256^L leaves that are not yet part of a full tile: hash[L] holds 0 … LOG_TILE of them. */
struct log_levels {
	struct eg_buf hash[LOG_LEVELS];
	uint64_t size;
};
void log_levels_done(struct log_levels *l);
void log_levels_root(const struct log_levels *l, unsigned char ret[EG_SHA256_LEN]);
void log_node_hash(const unsigned char *left, const unsigned char *right, unsigned char ret[EG_SHA256_LEN]);
/* Root of one full tile. */
void log_tile_root(struct eg_bytes tile, unsigned char ret[EG_SHA256_LEN]);

struct log_checkpoint {
	uint64_t size;
	unsigned char root[EG_SHA256_LEN];
};
/* At most 68 bytes; appended. */
void log_put_base64(struct eg_buf *b, const unsigned char *p, size_t n);
/* Exactly n bytes in exactly the spelling that log_put_base64 makes. */
bool log_get_base64(struct eg_bytes v, unsigned char *ret, size_t n);
void log_checkpoint_text(const char *origin, const struct log_checkpoint *c, struct eg_buf *ret);
/* Reads archive/log/checkpoint and checks form, origin and signature; key NULL = those of archive/keys.
 * EG_EOF when there is none, EG_BADFILE "LOG-CHECKPOINT" or "SIG-BAD" with a sentence for what is wrong with it. */
int log_checkpoint_read(struct spool *s, const char *origin, const struct sign_key *key, struct log_checkpoint *ret,
    struct eg_err *err) EG_MUSTCHECK;
int log_checkpoint_write(struct spool *s, const char *origin, const struct sign_key *key,
    const struct log_checkpoint *c, struct eg_err *err) EG_MUSTCHECK;

#endif
