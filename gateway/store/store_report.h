/* SPDX-License-Identifier: MIT
 *
 * What reports ask the store beyond single rows: the book of what came in and what became of it, and last times of things. Reads only, but for came_add.
 * Texts handed to callbacks live during the call. Errors as in store.h.
 */
#ifndef GATEWAY_STORE_STORE_REPORT_H
#define GATEWAY_STORE_STORE_REPORT_H

#include "gateway/store/store.h"

/* ---- what came ---- */

struct came {
	int64_t file; /* file's row */
	const char *source; /* reading only */
	const char *type; /* record type's name */
	const char *project; /* project number or ERP job code, "" = none */
	/* a word of match_fate_word, or "duplicate": counted again from the drop that had the bytes first */
	const char *fate;
	int64_t records, unknown; /* unknown: of the records, those whose money could not be read */
	struct eg_dec amount; /* scale 2; of the records whose money is known */
};
/* Adds to the file's book, inside the transaction of the drop. EG_BADFILE "LIMIT-SUM" when a sum leaves the range of amounts. */
int came_add(struct store *s, const struct came *c, struct eg_err *err) EG_MUSTCHECK;

/* The book of one drop, by type, project and fate. */
int came_each_of_drop(struct store *s, const char *drop,
    int (*each)(void *ctx, const struct came *c, struct eg_err *err), void *ctx, struct eg_err *err) EG_MUSTCHECK;

/* The run that read the drop: one that was claimed before (a crash, reprocess) belongs to the run that read it. */
int came_in_run(struct store *s, const char *drop, int64_t run, struct eg_err *err) EG_MUSTCHECK;

struct came_filter { /* by the drop */
	int64_t run; /* that read it; 0 = any */
	int64_t since, until; /* received at or after, before; 0 = open */
};
/* Every line of the books of the drops asked for; for a duplicate drop those of the first one. By source, type, project. */
int came_each(struct store *s, const struct came_filter *f,
    int (*each)(void *ctx, const struct came *c, struct eg_err *err), void *ctx, struct eg_err *err) EG_MUSTCHECK;

/* A revision that one of these drops brought: what was "taken". */
struct came_revision {
	int64_t rev; /* revision's row */
	const char *source, *type, *iid;
	const char *project, *amount; /* of the item as it is now; NULL = none */
	enum item_state state; /* of the item */
	bool current; /* the item's current revision; else newer content came since */
	bool sent; /* left in a batch */
};
int came_revision_each(struct store *s, const struct came_filter *f,
    int (*each)(void *ctx, const struct came_revision *r, struct eg_err *err), void *ctx, struct eg_err *err)
    EG_MUSTCHECK;

/* A file that the reader counted otherwise than the book: something is lost. */
struct came_gap {
	const char *drop, *name, *member;
	int64_t read, booked;
};
int came_gap_each(struct store *s, const struct came_filter *f,
    int (*each)(void *ctx, const struct came_gap *g, struct eg_err *err), void *ctx, struct eg_err *err) EG_MUSTCHECK;
/* Drops of which nothing was taken because the file could not be used; drops that were copies. */
int came_drops(struct store *s, const struct came_filter *f, int64_t *ret_refused, int64_t *ret_duplicate,
    struct eg_err *err) EG_MUSTCHECK;

/* ---- last times ---- */

/* When a run began; 0 when there is no such run. */
int run_started(struct store *s, int64_t run, int64_t *ret, struct eg_err *err) EG_MUSTCHECK;
/* The approver's last decision that took effect: *ret_at 0 and *ret_iid NULL when there is none. */
int decision_last(struct store *s, const char *approver, struct eg_arena *a, int64_t *ret_at, const char **ret_iid,
    struct eg_err *err) EG_MUSTCHECK;
/* How often an item left, and when last (0 = never). */
int batches_of(struct store *s, int64_t item, int64_t *ret_n, int64_t *ret_last, struct eg_err *err) EG_MUSTCHECK;
/* The run whose batch took the item last; 0 = none did. */
int item_left_in(struct store *s, int64_t item, int64_t *ret, struct eg_err *err) EG_MUSTCHECK;
/* The newest log entry of this event about id; EG_EOF: none. actor and detail live in the arena. */
int log_newest(struct store *s, const char *id, const char *event, struct eg_arena *a, struct log_row *ret,
    struct eg_err *err) EG_MUSTCHECK;

#endif
