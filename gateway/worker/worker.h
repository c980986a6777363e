/* SPDX-License-Identifier: MIT
 *
 * The confined child: one short-lived process per drop or batch, with a read-only descriptor (or records) in and one pipe out; no files, no
 * network, no clock (worker/confine.h). All readers, adapters and writers run only there. What comes back is checked again, value by value.
 *
 * A child that dies, passes its limits or breaks the protocol: EG_BADFILE "WORKER" with what happened; nothing it said counts. "WORKER-KILLED" when it may have
 * been the machine's fault and not the input's (killed from outside, silent for too long): worth one more try, never two.
 * EG_FATAL "SANDBOX": this kernel cannot confine it as worker.sandbox asks, and nothing was read.
 */
#ifndef GATEWAY_WORKER_WORKER_H
#define GATEWAY_WORKER_WORKER_H

#include "adapters/adapter.h"
#include "gateway/site.h"

/* Is this failure the death of a worker, in one of the two ways? */
bool worker_died(const struct eg_err *err);
/* May the same input be tried once more? Also when it only ran out of memory (EG_RETRY "LIMIT-MEM"), which must not stop every turn from now on. */
bool worker_again(const struct eg_err *err);

/* Does the confinement hold here? Starts a worker that tries to open a file and must be stopped for it. EG_FATAL "SANDBOX" when it was not, or could not start. */
int worker_proof(struct site *s, struct eg_err *err) EG_MUSTCHECK;

/* Logs how workers are confined when worker.sandbox is weak, once until that changes. In a transaction. */
int worker_log_weak(struct site *s, struct eg_err *err) EG_MUSTCHECK;
/* For children of other makers: confines the calling process as this site's workers are (worker/confine.h has the rules of when). */
int worker_confine(const struct site *s, uint64_t input_size, struct eg_err *err) EG_MUSTCHECK;

/* ---- reading ---- */

struct worker_file { /* one plain file: the drop itself (member "") or a member of its zip */
	const char *member; /* UTF-8 */
	char sha256[EG_SHA256_HEX]; /* known at file_end */
	uint64_t size, rows, records, rejected;
	const struct adp *adapter; /* NULL: not recognised */
	bool refused;
};

/* As struct adp_sink, with files. All pointers are valid during the call. rc < 0 stops the child and is returned. */
struct worker_sink { /* file_begin, line and file_end may be NULL: nobody asks */
	int (*file_begin)(void *ctx, const char *member, struct eg_err *err);
	int (*begin)(void *ctx, const struct rec *head, struct eg_bytes item, struct eg_err *err);
	int (*line)(void *ctx, const struct rec *line, struct eg_err *err); /* nlines 1 */
	int (*end)(void *ctx, enum adp_verdict v, uint64_t raw_off, uint64_t raw_len, struct eg_err *err);
	int (*finding)(void *ctx, const struct adp_finding *f, struct eg_err *err);
	int (*file_end)(void *ctx, const struct worker_file *f, struct eg_err *err);
	/* The whole drop is refused (container broken, limits): everything said before is void. */
	int (*refused)(void *ctx, const struct adp_finding *f, struct eg_err *err);
	void *ctx;
};

/* fd: the private copy, read-only, any position; size its length; source and name choose the adapters. */
int worker_read(struct site *s, int fd, uint64_t size, const char *source, const char *name,
    const struct worker_sink *sink, struct eg_err *err) EG_MUSTCHECK;
/* Structural test for settling: EG_OK whole, EG_BADFILE not (yet), with what is open. */
int worker_whole(struct site *s, int fd, uint64_t size, const char *name, struct eg_err *err) EG_MUSTCHECK;

/* ---- looking: for adapter tools (parent_look.c) ---- */

struct adp_traced;
struct worker_look {
	int (*file)(void *ctx, const char *member,
	    struct eg_err *err); /* what follows is about this one; "" = the file itself */
	int (*traced)(void *ctx, const struct adp_traced *t, struct eg_err *err);
	int (*finding)(void *ctx, const struct adp_finding *f,
	    struct eg_err *err); /* also those of other lines, and what refuses it all */
	void *ctx;
};
/* Reads as worker_read does and tells how every value of one physical line came to be. */
int worker_explain(struct site *s, int fd, uint64_t size, const char *source, const char *name, uint64_t line,
    const struct worker_look *look, struct eg_err *err) EG_MUSTCHECK;
/* The titles of a table: the first row of a CSV file, or the first row with values of each sheet of a workbook. EG_BADFILE when it cannot be read. */
int worker_header(struct site *s, int fd, uint64_t size,
    int (*titles)(void *ctx, const char *sheet, const struct eg_bytes *cells, size_t n, struct eg_err *err), void *ctx,
    struct eg_err *err) EG_MUSTCHECK;

/* ---- writing ---- */

struct worker_out_sink {
	int (*file)(void *ctx, const struct adp *a, const char *project, const char *ext,
	    struct eg_err *err); /* "" = no project in the name */
	int (*bytes)(void *ctx, struct eg_bytes v, struct eg_err *err);
	int (*row)(
	    void *ctx, uint64_t line, size_t record, const struct adp_field_lineage *f, size_t n, struct eg_err *err);
	int (*finding)(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err);
	int (*key)(void *ctx, size_t record, const char *key, struct eg_err *err); /* how the answer will name it */
	/* After the last file of one adapter: rows and amount written, counter moved on. */
	int (*adapter_end)(void *ctx, const struct adp *a, const struct adp_batch *b, struct eg_err *err);
	void *ctx;
};

/* Renders all out adapters of the target over these records, by rank; counters[i] belongs to adapters that have one, by the adapter's index in the set. */
int worker_write(struct site *s, const char *target, const struct rec *const *records, size_t n, int64_t *counters,
    const struct worker_out_sink *sink, struct eg_err *err) EG_MUSTCHECK;
/* The check at accept for many items at once: findings with the record's index. */
int worker_accept(struct site *s, const char *target, const struct rec *const *records, size_t n,
    int (*finding)(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err), void *ctx,
    struct eg_err *err) EG_MUSTCHECK;

#endif
