/* SPDX-License-Identifier: MIT
 *
 * What touched.c, touched_read.c, put_back.c and store_backup.c share: the watched tables as the schema describes them.
 */
#ifndef GATEWAY_STORE_TOUCHED_INT_H
#define GATEWAY_STORE_TOUCHED_INT_H

#include "gateway/store/store_touched.h"

#define TOUCHED_KEYS 4
#define TOUCHED_COLUMNS 40

struct touched_table {
	char name[32], column[TOUCHED_COLUMNS][32];
	int columns, keys, key[TOUCHED_KEYS]; /* key: places in column, in order of the key */
	bool is_text; /* the first part of the key */
};

/* Is this table left out? */
bool touched_apart(const char *table);
/* Every watched table, by name. */
int touched_tables(struct store *s, int (*each)(void *ctx, const struct touched_table *t, struct eg_err *err),
    void *ctx, struct eg_err *err) EG_MUSTCHECK;
/* Inside the transaction that made or upgraded the schema: everything that is there counts as touched, and noting begins. */
int touched_install(struct store *s, struct eg_err *err) EG_MUSTCHECK;
/* The number that a statement made for this once gives. */
int touched_number(struct store *s, const char *sql, int64_t *ret, struct eg_err *err) EG_MUSTCHECK;
int touched_count_of(struct store *s, const struct touched_table *t, int64_t *ret, struct eg_err *err) EG_MUSTCHECK;

#endif
