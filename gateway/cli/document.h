/* SPDX-License-Identifier: MIT
 *
 * Puts what the worker says piece by piece (begin, line …, end) together into one record with its lines in their order. Everything lives in the arena
 * given; EG_BADFILE "LIMIT-MEM" when it is full.
 */
#ifndef GATEWAY_CLI_DOCUMENT_H
#define GATEWAY_CLI_DOCUMENT_H

#include "adapters/record.h"

struct document {
	struct eg_arena *a;
	struct rec head;
	struct rec *line; /* one line each */
	size_t nlines, cap;
};

void document_done(struct document *d); /* empty-safe; the arena is the caller's */
int document_begin(struct document *d, const struct rec *head, struct eg_err *err) EG_MUSTCHECK;
int document_line(struct document *d, const struct rec *line, struct eg_err *err) EG_MUSTCHECK;
int document_end(struct document *d, struct rec *ret, struct eg_err *err) EG_MUSTCHECK;

#endif
