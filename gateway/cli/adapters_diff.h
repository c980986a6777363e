/* SPDX-License-Identifier: MIT
 *
 * Inside adapters diff: the command (adapters_diff.c: which two adapters, and what is told) and what each of them makes of a batch or a drop
 * (diff_rows.c). Not for others.
 */
#ifndef GATEWAY_CLI_ADAPTERS_DIFF_H
#define GATEWAY_CLI_ADAPTERS_DIFF_H

#include "gateway/cli/cell_table.h"
#include "gateway/cli/document.h"
#include "gateway/cli/tools.h"

struct version { /* one of the two adapters */
	const char *asked;
	struct eg_buf text;
	char *file; /* for messages */
	char sha[EG_SHA256_HEX];
	unsigned number;
	struct site site; /* with it instead of the one in force */
	bool made;
	const struct adp *a;
	struct cell_table cells;
};

struct diffing {
	struct cli *c;
	struct site *s;
	const char *name, *on;
	bool out; /* direction of the adapter */
	struct eg_arena arena;
	const struct rec **record; /* of the batch */
	char **iid;
	size_t n, shown, changes;
	/* while writing or reading */
	struct version *v;
	struct eg_arena doc_arena;
	struct document doc;
};

/* Fills the cells of both: the items of the batch x->on written again, or the drop read again. Nothing is written to the site. EG_BADREC "NOT-FOUND":
 * there is no such batch or drop, or nothing in it for the adapter. */
int diff_batch(struct diffing *x, struct version *was, struct version *is, struct eg_err *err) EG_MUSTCHECK;
int diff_drop(struct diffing *x, struct version *was, struct version *is, struct eg_err *err) EG_MUSTCHECK;

#endif
