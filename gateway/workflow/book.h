/* SPDX-License-Identifier: MIT
 *
 * The book of one file: what became of every record that the reader told of, added up by type, project and fate, so that the money and the number of records
 * that came in can be compared with what they led to (report reconcile). Kept in memory for the few lines at hand and added to the store when these change or
 * the file ends, in the drop's transaction.
 */
#ifndef GATEWAY_WORKFLOW_BOOK_H
#define GATEWAY_WORKFLOW_BOOK_H

#include "gateway/workflow/workflow.h"

#define BOOK_LINES 32

struct book_line {
	const struct rec_type *type;
	char *project;
	enum match_fate fate;
	int64_t records, unknown;
	struct eg_dec amount;
};
struct book {
	struct book_line line[BOOK_LINES];
	size_t n;
	struct eg_arena a; /* of the record at hand */
};

void book_open(struct book *b);
void book_close(struct book *b); /* what was not flushed does not count */

/* "taken", "unchanged", … as the store keeps them. */
const char *match_fate_word(enum match_fate f);
/* One record; whole: all of its lines were there to be added. The record may be a rejected one with values that could not be read. */
int book_note(struct book *b, struct site *s, int64_t file, const struct rec *r, bool whole, enum match_fate fate,
    struct eg_err *err) EG_MUSTCHECK;
/* Adds what is in memory to the store; the book is empty then. */
int book_flush(struct book *b, struct site *s, int64_t file, struct eg_err *err) EG_MUSTCHECK;
void book_forget(struct book *b); /* the file is void: what was not flushed does not count */

#endif
