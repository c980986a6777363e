/* SPDX-License-Identifier: MIT
 *
 * Two sets of files as tables of cells, one file for each kind of header row: for `shadow compare`. Reads nothing but memory, so it can run in a confined process.
 */
#ifndef GATEWAY_CLI_SHADOW_ROWS_H
#define GATEWAY_CLI_SHADOW_ROWS_H

#include "gateway/cli/cell_table.h"
#include "gateway/cli/cli.h"

struct shadow_file {
	char *name; /* for people */
	struct eg_buf bytes;
	bool used;
};
struct shadow_files {
	struct shadow_file *v;
	size_t n;
};

struct shadow_counts {
	size_t files, rows; /* of ours */
	size_t pairs; /* kinds of files that both sides have */
	size_t differences;
};
/* Tells every difference of theirs from ours, as lines of text or of JSON, and the money behind them. Files are told apart by their header rows; rows are paired by the first columns
 * that tell all rows of both sides apart. A file that is no table (or cannot be read) is compared byte by byte. */
void shadow_rows_compare(struct shadow_files *ours, struct shadow_files *theirs, bool json, struct eg_buf *ret, struct shadow_counts *counts);

/* cli/shadow_compare.c: the command. */
int shadow_compare(struct cli *c);

#endif
