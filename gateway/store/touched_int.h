/* SPDX-License-Identifier: MIT
 *
 * What touched.c and put_back.c share: the watched tables as the schema describes them.
 */
#ifndef GATEWAY_STORE_TOUCHED_INT_H
#define GATEWAY_STORE_TOUCHED_INT_H

#include "gateway/store/store_touched.h"

#define TOUCHED_KEYS 4
#define TOUCHED_COLUMNS 40

struct touched_table {
	char name[32], column[TOUCHED_COLUMNS][32];
	int columns, keys, key[TOUCHED_KEYS]; /* key: places in column, in order of the key */
};

/* Is this table left out? */
bool touched_apart(const char *table);
/* Every watched table, by name. */
int touched_tables(struct store *s, int (*each)(void *ctx, const struct touched_table *t, struct eg_err *err),
    void *ctx, struct eg_err *err) EG_MUSTCHECK;
/* Inside the transaction that made or upgraded the schema: everything that is there counts as touched, and noting begins. */
int touched_install(struct store *s, struct eg_err *err) EG_MUSTCHECK;

#endif
