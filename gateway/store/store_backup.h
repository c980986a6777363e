/* SPDX-License-Identifier: MIT
 *
 * The database as a whole: a copy while others write, and two databases compared.
 */
#ifndef GATEWAY_STORE_STORE_BACKUP_H
#define GATEWAY_STORE_STORE_BACKUP_H

#include "gateway/store/store.h"

/* A copy of the state as of one moment under `name` in the folder, replaced if it is there: one file without companions, synced, checked with SQLite's integrity check before it gets
 * its name. A daemon may write meanwhile. name: at most 40 bytes. EG_RETRY "DISK-FULL", "DB-BUSY"; EG_FATAL "DB-CORRUPT" when the copy does not hold. */
int store_backup(struct store *s, int dirfd, const char *name, struct eg_err *err) EG_MUSTCHECK;

struct store_difference {
	const char *table;
	int64_t here, there; /* rows that only this database has, only the other */
	int64_t touched; /* rows of this one that changed since it was last kept: so many may differ */
};
/* Tables whose rows differ; those that are worked out anew are left out. `name` is a database in the folder. */
int store_compare(struct store *s, int dirfd, const char *name, unsigned *ret_tables,
    int (*each)(void *ctx, const struct store_difference *d, struct eg_err *err), void *ctx, struct eg_err *err)
    EG_MUSTCHECK;

#endif
