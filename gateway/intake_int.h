/* SPDX-License-Identifier: MIT
 *
 * A drop while it is read: what its files (intake_read.c), documents (intake_doc.c) and findings (intake_found.c) share with its end in the journal (intake.c). Only these
 * include it. Everything happens inside the drop's transaction, which the caller rolls back when one of these fails.
 */
#ifndef GATEWAY_INTAKE_INT_H
#define GATEWAY_INTAKE_INT_H

#include "gateway/intake.h"
#include "gateway/reread.h"
#include "gateway/store/store_reject.h"
#include "gateway/store/store_report.h"
#include "gateway/workflow/book.h"

struct near;
struct intake {
	struct site *site;
	struct drop_row drop;
	struct place place;
	struct book book;
	char *too_often; /* it is not read, because the program ended over it: why (F-71); NULL = it is read */
	struct rereading again; /* it is a sealed original read again */
	int only_try; /* descriptor of the original of a rehearsal: nothing is written beside the store. -1 = a real drop */
	bool warn_damage;
	bool open_rejects; /* of this source, from earlier drops */
	struct near *lists; /* the site's, looked up for refused documents; NULL = not yet */
	size_t looked; /* how many lines of such documents */
	/* what the drop gave */
	unsigned records, rejected, refused_files;
	bool any_reject, drop_refused;
	struct eg_err refusal; /* why the whole drop is refused */
	const struct adp *adapter;
	/* the file at hand */
	bool file_open, file_refused;
	struct eg_buf file_name, member;
	uint64_t told; /* findings */
	unsigned broken; /* records that a rule of the site rejects */
	unsigned unasked; /* rejected ones that were not asked for */
	/* the open document */
	struct eg_arena doc;
	struct rec head;
	struct rec_val *line; /* values, line by line: the record is made over them without a copy */
	struct rec_prov *line_at;
	size_t nlines, cap;
	unsigned width; /* values of one line */
	char code[EG_CODE_MAX]; /* the first that refused it; "" = none */
	uint64_t refused_at; /* where that stands */
	uint64_t last; /* and its last line, as far as anything was said of it */
	char claim[REJECT_ID_MAX]; /* and which refused one it says it corrects */
	bool short_row; /* a row whose cells were not handed over */
	const struct reread_pick *pick;
	bool passed; /* it is none of those that were asked for */
};

/* intake_read.c: the whole drop through a worker. A drop that cannot be read is no failure: drop_refused then, with the refusal. Fails as the store does, and when the original
 * cannot be opened. */
int intake_read(struct intake *in, struct eg_err *err) EG_MUSTCHECK;
/* Takes back everything that the drop said, as if it had not been read. */
int intake_unread(struct intake *in, struct eg_err *err) EG_MUSTCHECK;

/* intake_doc.c, of the worker's sink (ctx: the intake): a document's head, a line, its end. EG_BADFILE "LIMIT-MEM": larger than a document may be. */
int intake_doc_begin(void *ctx, const struct rec *head, struct eg_bytes item, struct eg_err *err) EG_MUSTCHECK;
int intake_doc_line(void *ctx, const struct rec *line, struct eg_err *err) EG_MUSTCHECK;
int intake_doc_end(void *ctx, enum adp_verdict v, uint64_t raw_off, uint64_t raw_len, struct eg_err *err) EG_MUSTCHECK;

/* intake_found.c, of the worker's sink: what the reader says of the file, or of the document that is open. */
int intake_found(void *ctx, const struct adp_finding *f, struct eg_err *err) EG_MUSTCHECK;
/* A finding of the drop at the place at hand, with its sentence. Fails as the store does. */
int intake_found_add(struct intake *in, const struct adp_finding *f, struct eg_err *err) EG_MUSTCHECK;
/* Behind the last finding that is listed: how many of the file are not (LIMIT-FINDINGS). */
int intake_found_rest(struct intake *in, struct eg_err *err) EG_MUSTCHECK;

#endif
