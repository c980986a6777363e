/* SPDX-License-Identifier: MIT
 *
 * Two sets of files as tables of cells, one file for each kind of header row: for `shadow compare`. Reads nothing but memory, so it can run in a confined process.
 */
#ifndef GATEWAY_CLI_SHADOW_ROWS_H
#define GATEWAY_CLI_SHADOW_ROWS_H

#include "adapters/tools.h"
#include "gateway/cli/cell_table.h"
#include "gateway/cli/cli.h"

struct shadow_kind { /* of file: what one layout writes */
	const char *object; /* COMMITMENT */
	const struct adp *adapter; /* names its columns */
};
struct shadow_file {
	char *name; /* for people */
	struct eg_buf bytes;
	const char *object; /* ours: known; theirs: NULL */
	bool used;
};
struct shadow_files {
	struct shadow_file *v;
	size_t n;
};

struct shadow_counts {
	size_t files, rows; /* of ours */
	size_t differences;
};
/* Tells every difference of theirs from ours, as lines of text or of JSON, and the money behind them. A file of theirs is of the kind whose header row it has, else of the one whose
 * object its name holds, else of the only one with as many columns. Rows are paired by the fewest columns, from the left, that tell all rows of both sides apart. What is no table (or
 * cannot be read), or of no kind, is compared byte by byte. */
void shadow_rows_compare(const struct shadow_kind *kinds, size_t nkinds, struct shadow_files *ours,
    struct shadow_files *theirs, bool json, struct eg_buf *ret, struct shadow_counts *counts);

/* cli/shadow_compare.c: the command. */
int shadow_compare(struct cli *c);

#endif
