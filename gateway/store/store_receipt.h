/* SPDX-License-Identifier: MIT
 *
 * Receipts to senders, and batches declared void, as the store keeps them. In the caller's transaction.
 */
#ifndef GATEWAY_STORE_STORE_RECEIPT_H
#define GATEWAY_STORE_STORE_RECEIPT_H

#include "gateway/store/store.h"

/* A receipt for this drop is to be written once the drop is done. */
int receipt_owe(struct store *s, const char *drop, struct eg_err *err) EG_MUSTCHECK;
/* It is written (file, sha256), or could not be (both NULL). */
int receipt_done(struct store *s, const char *drop, const char *file, const char *sha256, int64_t at,
    struct eg_err *err) EG_MUSTCHECK;
/* Drops that are done and whose receipt is still to be written, by id. */
int receipt_owed_each(struct store *s, int (*each)(void *ctx, const struct drop_row *d, struct eg_err *err), void *ctx,
    struct eg_err *err) EG_MUSTCHECK;

struct voided {
	const char *id; /* V000001 */
	const char *batch, *actor, *reason;
	const char *proof, *sha256; /* name and digest of the proof */
	int64_t size, at;
	const char *bundle; /* NULL = not sealed yet */
};
int voided_put(struct store *s, const struct voided *v, struct eg_err *err) EG_MUSTCHECK;
/* By its own id or that of the batch; EG_EOF: none. */
int voided_get(struct store *s, const char *id, struct eg_arena *a, struct voided *ret, struct eg_err *err)
    EG_MUSTCHECK;
/* By id. */
int voided_each(struct store *s, int (*each)(void *ctx, const struct voided *v, struct eg_err *err), void *ctx,
    struct eg_err *err) EG_MUSTCHECK;
/* The key that an item of a void batch had left under, and which batch that was the last time; EG_EOF: none. */
int voided_key_add(struct store *s, const char *sent_key, int64_t item, const char *batch, struct eg_err *err)
    EG_MUSTCHECK;
int voided_key_find(struct store *s, const char *type, const char *sent_key, struct eg_arena *a, const char **ret_iid,
    const char **ret_batch, struct eg_err *err) EG_MUSTCHECK;
/* The newest batch of an item to that target before `batch` (NULL = of all), those that are void or were only shadow left out; its revision's content. EG_EOF: none. */
int batch_before(struct store *s, int64_t item, const char *target, const char *batch, struct eg_arena *a,
    const char **ret_batch, const char **ret_content, struct eg_err *err) EG_MUSTCHECK;
/* The newest batch of an item to that target, whatever became of it; EG_EOF: none. */
int batch_newest(struct store *s, int64_t item, const char *target, struct eg_arena *a, struct batch *ret,
    struct eg_err *err) EG_MUSTCHECK;

#endif
