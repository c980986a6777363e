/* SPDX-License-Identifier: MIT
 *
 * Expected files as the store keeps them: one row for each day whose fate is known, the numbers that came, and the drops that are still to be looked at.
 * Everything runs in the caller's transaction.
 */
#ifndef GATEWAY_STORE_STORE_EXPECT_H
#define GATEWAY_STORE_STORE_EXPECT_H

#include "gateway/store/store.h"

struct expected_row {
	const char *name, *day; /* YYYY-MM-DD */
	const char *state; /* late, missing, came, came-late */
	const char *drop; /* NULL = none */
	int64_t at;
};
int expected_put(struct store *s, const struct expected_row *r, struct eg_err *err) EG_MUSTCHECK;
int expected_get(struct store *s, const char *name, const char *day, struct eg_arena *a, struct expected_row *ret,
    struct eg_err *err) EG_MUSTCHECK; /* EG_EOF: nothing is known */
/* The newest day that is late or missing; EG_EOF: none. */
int expected_newest_open(
    struct store *s, const char *name, struct eg_arena *a, struct expected_row *ret, struct eg_err *err) EG_MUSTCHECK;
/* How many days of it are late or missing since that day, and how many of them are only late. */
int expected_open_count(struct store *s, const char *name, const char *since_day, int64_t *ret, int64_t *ret_late,
    struct eg_err *err) EG_MUSTCHECK;

/* Notes the number; *ret_before is the drop that brought it before (NULL = none: it is new). */
int expected_number_add(struct store *s, const char *name, int64_t number, const char *drop, struct eg_arena *a,
    const char **ret_before, struct eg_err *err) EG_MUSTCHECK;
/* The largest below `under`; *ret -1: none. */
int expected_number_below(struct store *s, const char *name, int64_t under, int64_t *ret, struct eg_err *err)
    EG_MUSTCHECK;
int expected_number_last(struct store *s, const char *name, int64_t *ret, struct eg_err *err)
    EG_MUSTCHECK; /* -1: none */
/* The numbers that are missing between those that came: from-to, ascending. */
int expected_gap_each(struct store *s, const char *name,
    int (*each)(void *ctx, int64_t from, int64_t to, struct eg_err *err), void *ctx, struct eg_err *err) EG_MUSTCHECK;
int expected_missing(struct store *s, const char *name, int64_t *ret, struct eg_err *err)
    EG_MUSTCHECK; /* how many numbers these are */
/* A series begins anew. */
int expected_numbers_forget(struct store *s, const char *name, struct eg_err *err) EG_MUSTCHECK;

/* Drops of a source that were read, behind that place in the journal and received later than `after`, in order; place: where each stands. */
int drops_of_source(struct store *s, const char *source, int64_t place, int64_t after,
    int (*each)(void *ctx, int64_t place, const struct drop_row *d, struct eg_err *err), void *ctx, struct eg_err *err)
    EG_MUSTCHECK;

#endif
