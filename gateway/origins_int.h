/* SPDX-License-Identifier: MIT
 *
 * The line at hand, and what its parts share: places in received files (origins_place.c), names in a rule (origins_rule.c), keys (origins_key.c), cells (origins_cell.c). Only
 * origins*.c include it.
 */
#ifndef GATEWAY_ORIGINS_INT_H
#define GATEWAY_ORIGINS_INT_H

#include "gateway/origins.h"
#include "gateway/store/store_report.h"

#include <jansson.h>

#define NO_LINE SIZE_MAX
#define FILES_KEPT 64 /* received files that are remembered: lines of one item name few */
#define RULE_NAME_MAX 96

struct seen_file {
	struct file_row file;
	struct drop_row drop;
	const struct adp *adapter; /* NULL = another text than the one that read it */
};

struct origins {
	struct site *site;
	struct eg_arena files, item, cell; /* files seen; the item at hand; the cell at hand */
	struct seen_file seen[FILES_KEPT];
	size_t nseen;
	/* the item at hand */
	int64_t id, revision, decision_id;
	struct item it;
	struct rec rec;
	struct decision decision;
	int number; /* of the revision */
	int64_t file; /* that brought it */
	char content[EG_SHA256_HEX];
	/* the line at hand */
	struct cell_origin o;
	size_t line; /* of the record; NO_LINE = none, or not known */
	origin_fn *each;
	void *ctx;
	bool told; /* the cell at hand has a source */
};

/* ---- origins.c ---- */

/* EG_FATAL "DB-CORRUPT": what the lineage of `what` leads to is not there. */
int origins_missing(const char *what, struct eg_err *err) EG_MUSTCHECK;

/* ---- origins_place.c ---- */

/* A received file with its drop and adapter; lives until the next call. Fails as the store does, or as origins_missing. */
int origins_file(struct origins *o, int64_t id, const struct seen_file **ret, struct eg_err *err) EG_MUSTCHECK;
/* The adapter's entry that took the field out of the file, as its text says it; NULL = not known. */
const char *origins_entry(const struct seen_file *f, const struct rec_type *t, const char *field);
/* The place as lineage keeps it, in JSON. */
struct rec_prov origins_prov(const json_t *from);

/* ---- origins_rule.c ---- */

/* The next name with a dot in it, texts in quotes aside; false at the end. */
bool rule_name_next(struct eg_bytes *rest, char ret[RULE_NAME_MAX]);
/* The value of a record's own field, in the line at hand; NULL = no such field, or a line's and the line is not known. */
const struct rec_val *rule_name_value(const struct origins *o, const char *name);
/* The name of the rule whose value stands at this place, and the line of the record that it is of (NO_LINE = none); "" = none is known to. Of a value that was taken over from
 * another record: the name that the adapter which read that one has an entry for. Fails as origins_file. */
int rule_name_at(struct origins *o, const char *rule, int64_t file, const struct rec_prov *at, char ret[RULE_NAME_MAX],
    size_t *ret_line, struct eg_err *err) EG_MUSTCHECK;

/* ---- origins_key.c ---- */

/* A name erp.… of the rule: tells the key, of which item it is and who gave it. Nothing when the item, or its key, is not known. */
int origins_key(struct origins *o, const char *name, struct eg_err *err) EG_MUSTCHECK;

/* ---- origins_cell.c ---- */

/* One source of the cell at hand, to the caller's callback, whose answer comes back. place NULL = it has no bytes. */
int origins_tell(struct origins *o, enum origin_kind k, const char *field, const char *what,
    const struct origin_place *place, struct eg_err *err) EG_MUSTCHECK;
/* Every source of one cell, as lineage keeps it in JSON; at least one. */
int origins_cell(struct origins *o, const json_t *cell, struct eg_err *err) EG_MUSTCHECK;

#endif
