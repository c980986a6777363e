/* SPDX-License-Identifier: MIT
 *
 * Retention: what of the archive is over its time, what stands in the way, and deleting it. Nothing is ever deleted but by a person's act (erpgate audit expire).
 *
 * The order for each bundle: signed tombstone in the archive; then one transaction with its row, the bodies that go with it, and the log entry `retention-deleted`; then the state is
 * kept and the log published; only then the bytes go. So at every moment a bundle that is missing has a published entry with actor, reason and rule. A crash before the transaction leaves
 * a tombstone beside a bundle that nobody declared dead: it is written anew, or lies there without meaning. A crash after it leaves a bundle that should be gone: the next call removes it.
 */
#ifndef GATEWAY_EXPIRE_H
#define GATEWAY_EXPIRE_H

#include "gateway/site.h"
#include "gateway/store/store_keep.h"

enum expire_fate {
	EXPIRE_YOUNG, /* its time is not over */
	EXPIRE_DUE,
	EXPIRE_HELD, /* over, and a legal hold stands */
	EXPIRE_NEEDED, /* over, and something open or kept longer leads to it */
	EXPIRE_GONE, /* deleted before */
};

struct expire_one {
	const char *id, *kind, *of, *path, *sha256, *source, *name;
	char rule[96]; /* "source.procore.keep = 10y" */
	int64_t sealed, over; /* over: first second at which it may go; INT64_MAX = never */
	enum expire_fate fate;
	/* "" or a sentence's part: "legal hold H000001", "batch bundle A000450, kept until 2037-01-01" */
	const char *why;
};

struct expire_list {
	struct eg_arena arena;
	struct expire_one *v;
	size_t n;
};

/* Every bundle with its fate as of that moment, by number. expire_done in any case. */
int expire_look(struct site *s, int64_t as_of, struct expire_list *ret, struct eg_err *err) EG_MUSTCHECK;
void expire_done(struct expire_list *l);

/* Deletes all that are EXPIRE_DUE in the list. EG_RETRY "CLOCK" while the clock is in doubt; EG_BADFILE "EXPIRE" for a bundle that is not what was sealed: damage is found out about,
 * not deleted. ret_n: bundles deleted. */
int expire_act(struct site *s, const struct expire_list *l, const char *reason, unsigned *ret_n, struct eg_err *err)
    EG_MUSTCHECK;
/* Removes what was declared deleted and still lies there: after a crash. ret_n: bundles removed. */
int expire_finish(struct site *s, unsigned *ret_n, struct eg_err *err) EG_MUSTCHECK;

#endif
