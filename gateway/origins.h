/* SPDX-License-Identifier: MIT
 *
 * Where every cell of an outbound line came from: the bytes of received files with the steps that were applied to them, or in words what else gave it (a
 * constant, a setting, a row of a decision, a key that the ERP gave, a running number, a default). Told from what the store kept when the batch was made; the seal
 * writes it as lineage.csv, `why` shows it. Reads only.
 */
#ifndef GATEWAY_ORIGINS_H
#define GATEWAY_ORIGINS_H

#include "gateway/site.h"

enum origin_kind {
	ORIGIN_BYTES, /* bytes of a received file */
	ORIGIN_DECISION, /* typed by the person who accepted it, or following from the decision (its day) */
	ORIGIN_SETTING,
	ORIGIN_ERP_KEY, /* a key that the accounting system knows a record by */
	ORIGIN_LINK, /* the project side's name, known by a link */
	ORIGIN_DEFAULT, /* filled in by the adapter that read the record */
	ORIGIN_COUNTER,
	ORIGIN_CONSTANT, /* stands in the adapter that wrote the line */
	ORIGIN_CALCULATED, /* by the rule alone, from no value that has bytes */
	ORIGIN_EMPTY,
};
const char *origin_word(enum origin_kind k); /* "bytes", "decision", "setting", "erp-key", … as lineage.csv has it */

struct origin_place { /* bytes of a received file, unpacked where it is packed */
	const char *sha256; /* of the drop as it was received */
	const char *drop, *name; /* its number and name */
	const char *member; /* "" = the drop itself */
	int64_t file; /* row of table files */
	int64_t off, len, line;
	const char *adapter; /* that read it */
	const char *steps; /* the entry that took the value out of the file, as its adapter says it; "" = not known */
};

/* One source of one cell. Texts live during the call. */
struct cell_origin {
	const char *file, *column; /* outbound */
	uint64_t line;
	/* as it stands in the outbound file; NULL = private, or not kept (a batch of an older erpgate) */
	const char *value;
	const char *item; /* its id, */
	int revision; /* number of the revision that left, */
	const char *content; /* and its content hash */
	enum origin_kind kind;
	const char *field; /* of the record, "" = none */
	const char *what; /* a sentence's end in words; "" for bytes */
	const struct origin_place *place; /* NULL unless bytes */
	const char *adapter, *rule; /* that wrote the cell, and the column's entry in it */
};
typedef int origin_fn(void *ctx, const struct cell_origin *o, struct eg_err *err);

struct origins;
void origins_open(struct site *s, struct origins **ret);
void origins_close(struct origins *o); /* NULL-safe */
/* Every source of every cell of one line, cells in the order of the file; a cell has at least one. cells_json: what lineage_each gives. revision, decision: rows of
 * batch_item. Errors: those of the store; EG_FATAL "DB-CORRUPT" when something that the line leads to is missing; a callback's. */
int origins_of_line(struct origins *o, const struct batch_file *f, uint64_t line, int64_t item, int64_t revision,
    int64_t decision, const char *cells_json, origin_fn *each, void *ctx, struct eg_err *err) EG_MUSTCHECK;
/* The same for a place that a record's value came from, for what was never written. field: as the model names it. Texts live until the next call. */
int origins_place(struct origins *o, int64_t file, const struct rec_type *t, const char *field,
    const struct rec_prov *at, struct origin_place *ret, struct eg_err *err) EG_MUSTCHECK;

#endif
