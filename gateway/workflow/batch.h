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
	struct eg_dec came; /* the money of the content that was accepted, before anything was added to the record */
	bool written;
	unsigned files; /* that have rows of it: a bill and its retainage are two */
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
	bool shadow; /* it is not sent: shadow.h */
	size_t most; /* no more items than this; SIZE_MAX = all */
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
/* batch.c: the worker's rendering of these items, kept in m->file. */
int batch_render(struct making *m, int64_t *counters, struct eg_err *err) EG_MUSTCHECK;

/* The sum of the amount field of one record, as the model names it. */
struct eg_dec batch_amount(const struct rec *r);
/* conserve.c: of every item that was taken, its accepted money is in a file, was sent before, or stays here: by record type and project, in records and to the
 * cent, and the files' own totals agree. EG_FATAL "LEDGER" with the figures that do not. ret: the ledger as CSV is appended; NULL = only checked. */
int batch_conserve(const struct making *m, struct eg_buf *ret, struct eg_err *err) EG_MUSTCHECK;
/* Stages the ledger for the bundle. */
int batch_conserve_stage(const struct making *m, struct eg_err *err) EG_MUSTCHECK;
#define BATCH_LEDGER "conservation.csv" /* in work/<batch>/archive/ */
#define BATCH_LEDGER_MEMBER "ledger/conservation.csv"

/* batch_aside.c: did the rendering fail for what is in the items, so that another choice of items may do? */
bool batch_fault(int rc, const struct eg_err *err);
/* Outside of a transaction, after such a fault: holds the items that cannot be written even alone, each with a finding (F-70; F-78 when its money did not add up). *ret_n = how many; 0 = each by itself
 * can be written, only all together cannot. */
int batch_aside(struct making *m, const int64_t *counters, size_t *ret_n, struct eg_err *err) EG_MUSTCHECK;

#endif
