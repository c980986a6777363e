/* SPDX-License-Identifier: MIT
 *
 * What the store knows about companies that are one (merges), contracts that keep the key they left with, and rows of adoption lists. Everything here is
 * rebuilt from the log: "merged", "unmerged", "adopted" and "adoption-waits" entries carry all of it. Errors as in store.h; EG_EOF: there is none.
 */
#ifndef GATEWAY_STORE_LINK_H
#define GATEWAY_STORE_LINK_H

#include "gateway/store/store.h"

/* ---- merges ---- */

struct merge {
	const char *gone, *kept; /* item ids */
	const char *before; /* state word of gone */
	const char *moved; /* item id or NULL */
	const char *actor, *reason; /* reason "" = none */
	int64_t at;
};
int merge_put(struct store *s, const struct merge *m, struct eg_err *err) EG_MUSTCHECK;
int merge_get(struct store *s, const char *gone, struct eg_arena *a, struct merge *ret, struct eg_err *err)
    EG_MUSTCHECK;
int merge_drop(struct store *s, const char *gone, struct eg_err *err) EG_MUSTCHECK;
/* By the merged one's id; kept NULL = all. Rows live during the call. */
int merge_each(struct store *s, const char *kept, int (*each)(void *ctx, const struct merge *m, struct eg_err *err),
    void *ctx, struct eg_err *err) EG_MUSTCHECK;
/* The item id that this one stands for now, through every merge; itself when it was never merged. In the arena. */
int merge_root(struct store *s, const char *iid, struct eg_arena *a, const char **ret, struct eg_err *err) EG_MUSTCHECK;

/* ---- contracts that keep a key ---- */

int contract_key_keep(struct store *s, int64_t item, const char *erp_id, struct eg_err *err)
    EG_MUSTCHECK; /* the first one stays */
int contract_key_forget(struct store *s, int64_t item, struct eg_err *err) EG_MUSTCHECK;
int contract_key_get(struct store *s, int64_t item, struct eg_arena *a, const char **ret, struct eg_err *err)
    EG_MUSTCHECK;

/* ---- adoption ---- */

struct adoption {
	int64_t id, at, expires;
	unsigned row; /* line in the list */
	int posted; /* 1, 0, -1 = not said */
	const char *manifest, *file, *iid, *erp_id, *as_of, *amount, *comment, *approver,
	    *assurance; /* "" = not said */
	const char *state; /* waiting, adopted, refused, expired */
};
int adoption_add(struct store *s, const struct adoption *d, struct eg_err *err) EG_MUSTCHECK;
int adoption_set(struct store *s, int64_t id, const char *state, struct eg_err *err) EG_MUSTCHECK;
/* Those in that state (NULL = any), of that item (NULL = any), in order of coming. */
int adoption_each(struct store *s, const char *state, const char *iid,
    int (*each)(void *ctx, const struct adoption *d, struct eg_err *err), void *ctx, struct eg_err *err) EG_MUSTCHECK;
int adoption_count(struct store *s, const char *state, const char *iid, int64_t *ret, struct eg_err *err)
    EG_MUSTCHECK; /* iid NULL = any */

#endif
