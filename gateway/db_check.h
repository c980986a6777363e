/* SPDX-License-Identifier: MIT
 *
 * Does state.db agree with the archive? The log and what it names are the measure: every published entry stands in the database byte for byte, every bundle and segment it names
 * is known there and lies in the archive. What the bundles' bytes are worth is the matter of `audit verify`.
 */
#ifndef GATEWAY_DB_CHECK_H
#define GATEWAY_DB_CHECK_H

#include "gateway/site.h"

#define DB_MADE "state.db.rebuilt" /* beside state.db: one that is being made again */

struct db_check {
	bool whole; /* SQLite's own check, and it could be opened */
	unsigned problems;
	uint64_t published, entries; /* of the log: in the archive, in the state */
	uint64_t bundles, segments, deleted; /* named by the log; deleted: under retention, with their tombstones */
	int64_t touched; /* rows not kept yet */
	unsigned tables; /* compared */
};

/* s->store NULL: it cannot be opened. tell gets one sentence for each thing that is wrong. */
int db_check(struct site *s, void (*tell)(void *ctx, const char *sentence), void *ctx, struct db_check *ret,
    struct eg_err *err) EG_MUSTCHECK;
/* Makes the database again beside this one and compares every table; the made one is removed. s is SITE_OWN: nothing may change meanwhile. */
int db_check_tables(struct site *s, void (*tell)(void *ctx, const char *sentence), void *ctx, struct db_check *ret,
    struct eg_err *err) EG_MUSTCHECK;
/* Fills a new database `name` in the folder from the archive; what a turn works out anew is worked out in it, too. An older file of that name is removed first.
 * go_on: it is to be worked with: keep_beyond. ret->beyond is to be freed, also after an error. */
struct kept;
int db_make(struct site *s, int dirfd, const char *name, bool go_on, struct kept *ret, struct eg_err *err) EG_MUSTCHECK;
/* Removes a database and its companions. */
int db_remove(int dirfd, const char *name, struct eg_err *err) EG_MUSTCHECK;

#endif
