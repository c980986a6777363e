/* SPDX-License-Identifier: MIT
 *
 * Drops that are sealed originals read again (reprocess, replay-rejects): of which drop, with which adapter, and which of its documents. Texts handed out
 * live in the arena. Errors as in store.h.
 */
#ifndef GATEWAY_STORE_STORE_REREAD_H
#define GATEWAY_STORE_STORE_REREAD_H

#include "gateway/store/store.h"

struct reread_pick { /* one document, by its place in the original */
	const char *member; /* "" for a plain file */
	uint64_t line, last; /* first and last physical line */
	const char *claim; /* the refused document that is tried again, "D000187-3"; "" = none */
};
struct reread {
	const char *drop, *of; /* the drop made for it; the one that is read again */
	const char *root; /* the drop that the sender's bytes came in: `of`, unless that was read again itself */
	const char *kind; /* "reprocessed", "replayed" */
	const char *adapter_file, *adapter_text; /* NULL = the site's adapters */
	const char *reason, *actor;
	const struct reread_pick *pick; /* by member, then line; n 0 = every document */
	size_t npicks;
};

int reread_add(struct store *s, const struct reread *r, struct eg_err *err) EG_MUSTCHECK;
int reread_get(struct store *s, const char *drop, struct eg_arena *a, struct reread *ret, struct eg_err *err)
    EG_MUSTCHECK; /* EG_EOF: an ordinary drop */
/* The drop that the bytes of this one came in first: itself when it was not read again. */
int reread_root(struct store *s, const char *drop, struct eg_arena *a, const char **ret, struct eg_err *err)
    EG_MUSTCHECK;
/* Drops made of this one, in order. */
int reread_each_of(struct store *s, const char *of, int (*each)(void *ctx, const struct reread *r, struct eg_err *err),
    void *ctx, struct eg_err *err) EG_MUSTCHECK;

#endif
