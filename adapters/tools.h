/* SPDX-License-Identifier: MIT
 *
 * What the people who write adapters ask about them: how a value came to be, step by step; what a column does, in words; which entry a column of an ERP's
 * own template most likely needs. Nothing here writes files, and nothing is decided here: the engines do their work without it.
 */
#ifndef ADAPTERS_TOOLS_H
#define ADAPTERS_TOOLS_H

#include "adapters/adapter.h"

/* ---- how a value came to be (trace.c) ---- */

struct adp_traced_step {
	struct eg_bytes text; /* the step as written */
	struct eg_bytes value; /* what it gave; empty = blank */
	bool same; /* the value went through unchanged */
};

/* One entry, evaluated once. Everything lives as long as the call it is handed over in. */
struct adp_traced {
	const char *rows; /* out: name of the kind of rows, "" when it has none; in: "" */
	uint64_t line; /* out: line of the record, first is 1, 0 = none; in: physical line of the file */
	const char *target; /* column or field */
	struct eg_bytes source, value; /* the source as written and its value; empty = blank */
	bool masked; /* every value is to be hidden; they are empty here */
	size_t nsteps; /* those that ran, in the order in which they ran; the last one stopped when code is not "" */
	const struct adp_traced_step *steps;
	struct eg_bytes result; /* out: as it stands in the file, fit for the target */
	const char *code, *msg, *cure; /* "" when nothing stopped it */
};
typedef int adp_traced_fn(void *ctx, const struct adp_traced *t, struct eg_err *err);

/* Every column of every row that the adapter makes of the record. *ret_rows: rows told; 0: no kind of rows takes it. */
int adp_explain(const struct adp_set *s, const struct adp *a, const struct rec *r, adp_traced_fn *each, void *ctx,
    uint64_t *ret_rows, struct eg_err *err) EG_MUSTCHECK;

/* ---- one adapter alone (accept.c) ---- */

/* adp_accept_check with this adapter only. */
int adp_accept_one(const struct adp_set *s, const struct adp *a, const struct rec *r, const struct adp_out_sink *sink,
    struct eg_err *err) EG_MUSTCHECK;

/* ---- what a column does, in words (describe.c) ---- */

struct adp_column_words {
	const char *rows; /* kind of rows or record, "" when there is one */
	bool line; /* in: a field of each line; out: rows are made of lines */
	const char *target;
	const char *meaning; /* "commitment: contract date" */
	const char *source; /* fields, columns and settings it is made of, comma between */
	const char *rule; /* what is done to the value, as sentences without an end; "as it is" */
	const char *required; /* "yes", "when …", "" */
	const char *max; /* "20", "" */
	const char *when_blank, *when_long; /* what happens then */
	bool number, masked;
};
typedef int adp_words_fn(void *ctx, const struct adp_column_words *w, struct eg_err *err);
/* In the order of the file. Texts live in the arena. EG_BADFILE "LIMIT-MEM". */
int adp_describe(const struct adp *a, struct eg_arena *arena, adp_words_fn *each, void *ctx, struct eg_err *err)
    EG_MUSTCHECK;

/* The entry of an in adapter that makes this field ("line.amount"), as written: source and steps; NULL when there is none. With [record …] sections, of the
 * kind that makes records of type t. */
const char *adp_entry_text(const struct adp *a, const struct rec_type *t, const char *field);

/* ---- a column of a template (guess.c) ---- */

struct adp_guess {
	const char *entry; /* source and steps as they would be written; NULL = nothing is like it */
	const char *from; /* where it was found: an adapter's name, or "" for the record model */
	bool sure; /* the very name, in an adapter of the same system for the same record */
};
/* The kind of rows of `base` (may be NULL) first, then the other adapters of its system, then all, then the fields of the record. */
struct adp_guess adp_guess_column(const struct adp_set *s, const struct adp *base, size_t rowset, const char *system,
    const struct rec_type *t, struct eg_bytes column, struct eg_arena *arena);
/* Kinds of rows of an out adapter: name and record; false past the end. */
bool adp_rows_at(const struct adp *a, size_t i, const char **ret_name, const struct rec_type **ret_record);
const char *adp_column_at(const struct adp *a, size_t rowset, size_t i); /* NULL past the end */
bool adp_column_masked(const struct adp *a, size_t rowset, size_t i); /* its values are not to be shown */
/* How an out adapter's CSV is cut: its delimiter, and whether its first row holds the titles. */
unsigned char adp_delimiter(const struct adp *a, bool *ret_header);

#endif
