/* SPDX-License-Identifier: MIT
 *
 * Retention in the state: legal holds, tombstones, and what still leads to a bundle.
 */
#ifndef GATEWAY_STORE_STORE_KEEP_H
#define GATEWAY_STORE_STORE_KEEP_H

#include "gateway/store/store.h"

/* ---- legal holds ---- */

struct legal_hold {
	int64_t id; /* shown as H000001 */
	const char *what; /* bundle, project, source, all */
	const char *value; /* bundle number, project number, source name; "" of all */
	const char *reason, *actor;
	int64_t at, lifted; /* 0 = it stands */
	const char *lifted_by, *lifted_why;
};
int legal_hold_add(struct store *s, const struct legal_hold *h, int64_t *ret_id, struct eg_err *err) EG_MUSTCHECK;
/* EG_EOF: there is none of that number, or it is lifted already. */
int legal_hold_lift(struct store *s, int64_t id, const char *by, const char *why, int64_t now, struct eg_err *err)
    EG_MUSTCHECK;
int legal_hold_each(struct store *s, int (*each)(void *ctx, const struct legal_hold *h, struct eg_err *err), void *ctx,
    struct eg_err *err) EG_MUSTCHECK;
/* The number of a standing hold that names this bundle, 0 = none. */
int legal_hold_of(struct store *s, const struct bundle_row *b, int64_t *ret, struct eg_err *err) EG_MUSTCHECK;

/* ---- tombstones ---- */

struct tombstone {
	const char *bundle, *sha256, *actor, *reason, *rule;
	int64_t at;
};
int tombstone_add(struct store *s, const struct tombstone *t, struct eg_err *err) EG_MUSTCHECK;
/* bundle NULL = all, by number. */
int tombstone_each(struct store *s, const char *bundle,
    int (*each)(void *ctx, const struct tombstone *t, struct eg_err *err), void *ctx, struct eg_err *err) EG_MUSTCHECK;
/* The contents that go with the bundle of a drop: those that are neither an item's present one nor the one that left last. These are owed to the next segment with their bodies. */
int store_bodies_deleted(struct store *s, const char *bundle, const char *drop, struct eg_err *err) EG_MUSTCHECK;

/* ---- what leads to it ---- */

/* Something not finished that needs what the bundle holds: an item id or a batch; NULL = nothing. In the arena. */
int keep_open_need(
    struct store *s, const struct bundle_row *b, struct eg_arena *a, const char **ret, struct eg_err *err) EG_MUSTCHECK;
/* Bundles of batches whose lineage leads to this drop or manifest. */
int keep_leads_here(struct store *s, const struct bundle_row *b,
    int (*each)(void *ctx, const char *bundle, struct eg_err *err), void *ctx, struct eg_err *err) EG_MUSTCHECK;
/* Source of a drop, target of a batch, "approvals" of a manifest; in the arena, "" when it is not known. */
int keep_source(struct store *s, const struct bundle_row *b, struct eg_arena *a, const char **ret, struct eg_err *err)
    EG_MUSTCHECK;
/* The same bundle's name as a person gave it: of a dropped file; "" of others. */
int keep_name(struct store *s, const struct bundle_row *b, struct eg_arena *a, const char **ret, struct eg_err *err)
    EG_MUSTCHECK;
/* Does it hold anything of that project? */
int keep_of_project(struct store *s, const struct bundle_row *b, const char *project, bool *ret, struct eg_err *err)
    EG_MUSTCHECK;

/* Adapters with which files were read or written before that moment, each text of them: first and last time, by name and first time. */
int store_adapters_used(struct store *s, int64_t until,
    int (*each)(void *ctx, const char *adapter, const char *sha256, int64_t from, int64_t to, struct eg_err *err),
    void *ctx, struct eg_err *err) EG_MUSTCHECK;

#endif
