/* SPDX-License-Identifier: MIT
 *
 * A canonical record in memory, its canonical text (what content hashes are made of and bundles hold) and its packed form (what crosses
 * the worker's pipe and is kept in the store).
 */
#ifndef ADAPTERS_RECORD_H
#define ADAPTERS_RECORD_H

#include "adapters/model.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/dec.h"
#include "base/err.h"

/* Where a value came from. src 0 = the file of the record itself; others index a table the owner of the record keeps. */
struct rec_prov {
	uint32_t src;
	uint32_t line; /* physical line; 0 = a default or constant: no bytes behind it */
	uint64_t off; /* bytes in the (unpacked) file */
	uint32_t len;
};

enum rec_state {
	RV_BLANK = 0, /* absent or empty: the canonical form does not tell them apart */
	RV_VALUE,
	RV_BAD, /* was there but could not be read (a finding says why): rules that need it are not evaluated */
};

struct rec_val {
	uint8_t state; /* enum rec_state */
	/* canonical text: amounts "-12.50", quantities "1.0000", dates "2026-03-05", flags "yes"/"no" */
	struct eg_bytes text;
	union {
		struct eg_dec dec; /* RF_AMOUNT, RF_QUANTITY, RF_UNIT_COST, RF_PERCENT */
		struct eg_date date;
		int64_t num; /* RF_INT */
		bool flag; /* RF_BOOL */
	} v;
	struct rec_prov prov;
};

struct rec {
	const struct rec_type *type;
	struct rec_val *head; /* type->nhead */
	size_t nlines;
	struct rec_val *lines; /* nlines * type->nline, line by line */
	struct rec_prov *line_at; /* nlines: where each line's row stands */
	struct rec_prov at; /* where the record's (first) row stands */
};

/* A blank record with room for nlines lines, in the arena. EG_BADFILE "LIMIT-MEM". */
int rec_new(struct eg_arena *a, const struct rec_type *t, size_t nlines, struct rec *ret, struct eg_err *err)
    EG_MUSTCHECK;
struct rec_val *rec_head(const struct rec *r, const char *name); /* a literal name of the model */
struct rec_val *rec_line(const struct rec *r, size_t line, const char *name);

/* Reads a value's canonical text strictly by its field type and fills ret (text is copied into the arena). The only way values come to be. EG_BADREC with code
 * F-21 (form), F-22 (digits lost, too many), E-39 (quantity, unit cost too large), F-26, F-29; "LIMIT-MEM" EG_BADFILE. */
int rec_set(struct eg_arena *a, const struct rec_field *f, struct eg_bytes canonical, struct rec_prov at,
    struct rec_val *ret, struct eg_err *err) EG_MUSTCHECK;
/* How a file writes values; what is not said there (no formats, no words) is written canonically. */
struct rec_forms {
	enum eg_dec_form numbers;
	size_t ndates;
	const struct eg_bytes *dates; /* formats in turn (base/date.h) */
	size_t nflags;
	const struct eg_bytes *yes, *no; /* words in pairs */
};
/* The same for a value as a file writes it: ret holds the canonical text. forms NULL = canonical. An empty text gives RV_BLANK. err->msg is the end of a sentence
 * about the value ("is not a date") and never holds the value. ret is unchanged on failure. */
int rec_read(struct eg_arena *a, const struct rec_field *f, const struct rec_forms *forms, struct eg_bytes text,
    struct rec_prov at, struct rec_val *ret, struct eg_err *err) EG_MUSTCHECK;
/* Typed makers: fill text and v. rec_set_dec also makes RF_INT of a whole number; other types are a programmer's mistake. */
int rec_set_dec(struct eg_arena *a, const struct rec_field *f, struct eg_dec d, struct rec_prov at, struct rec_val *ret,
    struct eg_err *err) EG_MUSTCHECK;
int rec_set_date(struct eg_arena *a, struct eg_date d, struct rec_prov at, struct rec_val *ret, struct eg_err *err)
    EG_MUSTCHECK;

/* Orders the lines by the type's line key (numbers as numbers, text bytewise, blank first); stable. */
int rec_sort_lines(struct eg_arena *a, struct rec *r, struct eg_err *err) EG_MUSTCHECK;
/* That order without moving anything: *ret_order has nlines line numbers, in the arena. */
int rec_line_order(struct eg_arena *a, const struct rec *r, size_t **ret_order, struct eg_err *err) EG_MUSTCHECK;
/* "commitment/24-104/SC-001": key parts with % and / as %25 and %2F. false when a key part is blank or bad. */
bool rec_item_id(const struct rec *r, struct eg_buf *ret);
/* Canonical text: "erpgate-record 1 <type>\n", one "name=value\n" per field that has a value, in model order, context fields left out; each line begins with
 * "-\n". In values \ LF CR are written \\ \n \r. */
void rec_canonical(const struct rec *r, struct eg_buf *ret);
void rec_content(const struct rec *r, char ret_hex[65]); /* SHA-256 of the canonical text */

/* Packed form, with provenance and context. Unpacking reads every value again strictly (rec_set): a packed record from outside is not trusted.
 * EG_BADFILE "PACKED" on anything malformed. */
void rec_pack(const struct rec *r, struct eg_buf *ret);
int rec_unpack(struct eg_bytes packed, struct eg_arena *a, struct rec *ret, struct eg_err *err) EG_MUSTCHECK;

#endif
