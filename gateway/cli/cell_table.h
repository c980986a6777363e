/* SPDX-License-Identifier: MIT
 *
 * Rows of named cells, kept by key, and what changed between two such tables: cell by cell, and in money per project and account. Rows of one key keep
 * their order. Memory is taken as needed; a batch is what fits.
 */
#ifndef GATEWAY_CLI_CELL_TABLE_H
#define GATEWAY_CLI_CELL_TABLE_H

#include "base/buf.h"
#include "base/dec.h"

struct cell {
	char *column, *value;
	bool masked;
};
struct cell_row {
	char *key, *project, *account;
	size_t order; /* of adding */
	struct cell *cell;
	size_t n;
};
struct cell_table {
	struct cell_row *row;
	size_t n, cap;
};

/* A new row; the pointer is good until the next one. NULL texts are "". */
struct cell_row *cell_table_row(struct cell_table *t, const char *key, const char *project, const char *account);
void cell_add(struct cell_row *r, const char *column, struct eg_bytes value, bool masked);
void cell_table_done(struct cell_table *t); /* empty-safe */

struct cell_change {
	const char *key, *column; /* column "" : the whole row */
	const char *was, *is; /* NULL: there was none, there is none */
	bool masked;
};
struct cell_money { /* by column, project, account: only where the sum changed */
	const char *column, *project, *account;
	struct eg_dec diff;
};
struct cell_counts {
	size_t cells, rows, more, fewer; /* changed cells, rows that have such; rows added, taken away */
};
/* Sorts both. Amounts are values with exactly two decimals. Money comes last, in order of column, project, account. */
void cell_compare(struct cell_table *was, struct cell_table *is, void (*change)(void *ctx, const struct cell_change *c),
    void (*money)(void *ctx, const struct cell_money *m), void *ctx, struct cell_counts *ret);

#endif
