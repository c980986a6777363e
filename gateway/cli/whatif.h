/* SPDX-License-Identifier: MIT
 *
 * Inside whatif: one reading of a drop kept on disk (whatif_read.c) and the comparison of two (whatif.c). Not for others.
 */
#ifndef GATEWAY_CLI_WHATIF_H
#define GATEWAY_CLI_WHATIF_H

#include "gateway/cli/sealed.h"
#include "gateway/worker/worker.h"

#include <stdio.h>

struct reading { /* the documents of a drop, in order, in a file without a name */
	FILE *f;
	long end, file_start; /* behind the last document; where those of the file at hand begin */
	uint32_t file; /* number of it, first is 1 */
	struct eg_arena a; /* the open document */
	struct document *doc;
	struct eg_buf why, packed;
	bool file_refused, refused;
	unsigned refused_files;
};
struct read_doc { /* one of them; the record lives until the next call */
	uint32_t file;
	uint64_t line, off;
	enum adp_verdict verdict;
	struct rec rec;
	const char *iid; /* "" = its key is missing */
	const char *why; /* the first refusal, "" = none */
};

int reading_open(struct reading *r, const struct site *s, struct eg_err *err) EG_MUSTCHECK;
void reading_close(struct reading *r); /* empty-safe */
/* Reads a drop with the adapters of `with`, in place of what was read before. A refused file or drop gives no documents. */
int reading_fill(struct reading *r, struct site *with, const struct drop_row *d, int fd, uint64_t size,
    struct eg_err *err) EG_MUSTCHECK;
/* From the first one on; EG_EOF behind the last. */
void reading_rewind(struct reading *r);
int reading_next(struct reading *r, struct eg_arena *a, struct read_doc *ret, struct eg_err *err) EG_MUSTCHECK;

#endif
