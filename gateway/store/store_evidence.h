/* SPDX-License-Identifier: MIT
 *
 * What a bundle's members about its surroundings are made from: the log's entries about what it holds, the drops and manifests it leans on, the kinds of records in it. kind is that of
 * bundles: "drop", "manifest", "batch", "void". Texts live during the call. Errors as in store.h.
 */
#ifndef GATEWAY_STORE_STORE_EVIDENCE_H
#define GATEWAY_STORE_STORE_EVIDENCE_H

#include "gateway/store/store.h"

/* The log's lines, byte for byte as the tree hashes them, by index. Of a drop and a manifest: about it, and from its first entry on about its items (and, of a manifest, about users and
 * keys). Of a batch and a void: about it, and the whole history of its items. */
int evidence_log(struct store *s, const char *kind, const char *of,
    int (*each)(void *ctx, const char *line, struct eg_err *err), void *ctx, struct eg_err *err) EG_MUSTCHECK;
/* Each drop, manifest or batch that it leans on, once, by kind and id: of a batch the drops its records came in and the manifests that accepted them; of a manifest the drops of the contents
 * it decided about; of a drop the one whose bytes were read again; of a void its batch. */
int evidence_refs(struct store *s, const char *kind, const char *of,
    int (*each)(void *ctx, const char *kind, const char *id, const char *why, struct eg_err *err), void *ctx,
    struct eg_err *err) EG_MUSTCHECK;
/* The record types of the revisions in the bundle of a drop or batch. */
int evidence_types(struct store *s, const char *kind, const char *of,
    int (*each)(void *ctx, const struct rec_type *t, struct eg_err *err), void *ctx, struct eg_err *err) EG_MUSTCHECK;
/* SQLite's version: of the software that is at work. */
const char *evidence_sqlite(void);

#endif
