/* SPDX-License-Identifier: MIT
 *
 * One batch being made: what batch.c (gathering, the transaction) and batch_files.c (what the writing worker says) share. Not for others.
 */
#ifndef GATEWAY_WORKFLOW_BATCH_H
#define GATEWAY_WORKFLOW_BATCH_H

#include "gateway/schedule.h"
#include "gateway/workflow/workflow.h"

#include <jansson.h>

struct entry { /* one item of the batch */
	struct item item;
	struct rec rec;
	struct enrich_srcs srcs;
	int64_t decision;
	bool written;
	size_t in; /* 1 + number of the file at hand that has rows of it, 0 = none */
	const char *key;
};

struct out_file {
	char *name;
	const struct adp *adapter;
	struct eg_buf bytes;
	struct eg_buf lineage; /* rows: line, entry index, JSON text; NUL-separated */
	uint64_t rows;
	struct eg_dec amount; /* of the records that have rows in it */
};

struct making {
	struct site *site;
	const char *target;
	const struct schedule_board *board; /* NULL: everything may leave */
	char id[16];
	struct eg_arena a;
	struct entry **e;
	size_t n, cap;
	struct out_file *file;
	size_t nfiles, told; /* files; of them those whose adapter has told its totals */
};

/* Receivers for worker_write; ctx is the struct making. Files, rows and keys are only kept here. */
struct worker_out_sink batch_sink(struct making *m);
/* Every file that was begun has its totals: EG_FATAL "WORKER" otherwise. */
int batch_complete(const struct making *m, struct eg_err *err) EG_MUSTCHECK;
/* Stages file i, for the target and for the bundle, and writes its row and lineage. */
int batch_save_file(struct making *m, size_t i, struct eg_err *err) EG_MUSTCHECK;
void batch_files_free(struct making *m);

#endif
