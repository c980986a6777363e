/* SPDX-License-Identifier: MIT
 *
 * What reading a sealed original again would do, by doing it: the same code reads, matches and settles in one transaction that is rolled back. Nothing is written,
 * not even a number is used up. s is SITE_CHANGE or SITE_OWN: a running turn is waited for.
 */
#ifndef GATEWAY_REHEARSE_H
#define GATEWAY_REHEARSE_H

#include "gateway/reread.h"

enum rehearsed {
	REHEARSED_NEW, /* an item that was not known */
	REHEARSED_REVISED, /* new content: a new revision */
	REHEARSED_MOVED, /* no new content, but another state: it is held, released, refused, answered */
};
struct rehearsed_item {
	enum rehearsed what;
	const struct item *was, *is; /* was NULL: new */
	const struct rec *was_rec, *is_rec; /* NULL where there is no content to compare */
};
struct rehearse_sink { /* pointers live during the call; the store shows how it would be */
	int (*item)(void *ctx, const struct rehearsed_item *i, struct eg_err *err);
	int (*finding)(void *ctx, const struct finding *f, struct eg_err *err); /* of this reading; severity R, W, N */
	int (*end)(void *ctx, const char *drop,
	    struct eg_err *err); /* last of all; `drop` is the one that would be made. May be NULL */
	void *ctx;
};
struct rehearse_result {
	int64_t documents, unchanged, rejected, passed; /* as the reader counts documents */
	unsigned added, revised, moved; /* items */
	bool refused; /* the whole file */
};
/* r as for reread_begin. EG_BADREC "NOT-FOUND" likewise. */
int rehearse(struct site *s, const struct reread *r, const struct rehearse_sink *sink, struct rehearse_result *ret,
    struct eg_err *err) EG_MUSTCHECK;

#endif
