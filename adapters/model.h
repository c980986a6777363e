/* SPDX-License-Identifier: MIT
 *
 * The canonical record model: one table per record type (adapters/model_*.c). Names are the field's standard terms.
 * A record has header fields and, where `nline` is not 0, lines. Context fields are filled by the gateway before writing (ERP keys, the
 * decision, the parent's values) and are no part of the canonical form or its content hash.
 */
#ifndef ADAPTERS_MODEL_H
#define ADAPTERS_MODEL_H

#include "base/bytes.h"

#include <stdint.h>

enum rec_ftype {
	RF_TEXT = 0, /* at most 255 characters (F-29), no control characters but TAB CR LF (F-26) */
	RF_LONG, /* the same without the length limit */
	RF_CODE, /* text that is never a number: as RF_TEXT */
	RF_AMOUNT, /* scale 2, at most 16 digits before the point */
	RF_QUANTITY, /* scale 4, at most 8 digits before the point (E-39) */
	RF_UNIT_COST, /* scale 4, at most 10 digits before the point (E-39) */
	RF_PERCENT, /* scale 4, at most 3 digits before the point (F-22) */
	RF_DATE,
	RF_BOOL, /* canonical "yes" / "no" */
	RF_INT, /* whole number, int64 */
	RF_WORD, /* one of `words` */
};

enum rec_fflag {
	RF_CONTEXT = 1, /* filled by the gateway for writing; not canonical */
	/* the sender's own number of the document, which only some of its layouts carry: kept, not canonical */
	RF_HANDLE = 4,
	RF_PRIVATE = 2, /* tax numbers and the like: masked in logs and on screens */
};

struct rec_field {
	const char *name; /* "commitment.number", "line.amount" */
	enum rec_ftype type;
	unsigned flags;
	const char *words; /* RF_WORD: "subcontract purchase_order" */
};

enum rec_class {
	RC_TO_ERP, /* item on its way to the ERP, by decision (prime: without) */
	RC_FROM_ERP, /* item on its way to the project side, by decision */
	RC_AUTOMATIC, /* item on its way to the project side, without decision */
	RC_REFERENCE, /* reference row: stored and used, no item, no state */
	RC_ANSWER, /* the ERP's answer about an item */
	RC_DECISION, /* one row of an approval sheet */
};

enum rec_id {
	REC_VENDOR = 0,
	REC_PROJECT,
	REC_SUBJOB,
	REC_BUDGET,
	REC_BUDGET_CHANGE,
	REC_FORECAST,
	REC_COMMITMENT,
	REC_CCO,
	REC_INVOICE,
	REC_PAYMENT,
	REC_PRIME,
	REC_PCCO,
	REC_ERP_VENDOR,
	REC_ERP_CUSTOMER,
	REC_ERP_PROJECT,
	REC_ERP_SUBJOB,
	REC_ERP_BUDGET,
	REC_ERP_PRIME,
	REC_ERP_CODE,
	REC_ERP_JOBCOST,
	REC_ERP_COST,
	REC_ERP_PAYMENT,
	REC_COST_CODE, /* reference: cost code of the ERP, with a cost type where the list gives pairs */
	REC_COST_TYPE, /* reference: cost type of the ERP */
	REC_ASSIGNMENT, /* reference: cost code / cost type pair (Acumatica's own list) */
	REC_SELECTION, /* reference: code and type selected on a project */
	REC_JOB_CODE, /* reference: code and type on an ERP job */
	REC_DEFAULT_TASK, /* reference: Acumatica's default task of a project */
	REC_ANSWER,
	REC_DECISION,
	REC_OWNER_INVOICE, /* to the ERP, as PCCO: what the owner is billed (Acumatica Vision) */
	REC_ADOPTION, /* one row of an adoption list: what stood in the ERP before */
	REC_NTYPES,
};

struct rec_type {
	enum rec_id id;
	const char *name; /* first part of the item id: "erp-vendor" */
	const char *title; /* "Commitment" */
	enum rec_class cls;
	unsigned nkey;
	const char *key[3]; /* header fields whose values make the item id */
	const struct rec_field *head;
	unsigned nhead;
	const struct rec_field *line;
	unsigned nline;
	unsigned nline_key; /* fields that order the lines and must be unique in a document (F-23); 0: as they came */
	const char *line_key[3];
	const char *amount; /* header or line field (line: summed) that is the item's amount on screens; NULL = none */
};

const struct rec_type *rec_type(enum rec_id id);
/* NULL when there is none of that name. */
const struct rec_type *rec_type_named(struct eg_bytes name);
/* Index into head or line (*ret_line tells which), or -1. */
int rec_field_named(const struct rec_type *t, struct eg_bytes name, bool *ret_line);
/* Same for a literal that must exist: a programmer's mistake otherwise. */
unsigned rec_head_index(const struct rec_type *t, const char *name);
unsigned rec_line_index(const struct rec_type *t, const char *name);

#endif
