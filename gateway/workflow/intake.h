/* SPDX-License-Identifier: MIT
 *
 * What match.c, answer.c, codes.c and the rules share; item ids and field texts also serve decide_unique.c, enrich.c, diff_budget.c and unlink.c. Not for
 * others in gateway/.
 */
#ifndef GATEWAY_WORKFLOW_INTAKE_H
#define GATEWAY_WORKFLOW_INTAKE_H

#include "gateway/workflow/workflow.h"

#define CODES_STALE "codes.stale" /* meta key: the ERP's code lists changed since erp-code items were derived */

/* ---- match_item.c ---- */

/* Display columns, amount, sequence and place of an item from its record; texts live in the arena. The item's type
 * must be set. */
int item_fill(struct site *s, struct eg_arena *a, const struct rec *r, struct item *it, struct eg_err *err)
    EG_MUSTCHECK;
/* The project (or ERP job) a record is about and its money as items show them; NULL = none, or no sum that fits. Reads the record alone. */
void item_money(struct eg_arena *a, const struct rec *r, const char **ret_project, const char **ret_amount);
/* Could all of its money be read? Rejected records may lack an amount or have one that is no number. Types without money: true. */
bool item_money_known(const struct rec *r);
/* Key of the company an item is about: its own, or, for change orders and invoices, which name none, their commitment's once that is known. NULL = none. */
int item_vendor(struct site *s, const struct item *it, struct eg_arena *a, const char **ret, struct eg_err *err)
    EG_MUSTCHECK;
/* "commitment/24-104/SC-1" from a type name and header fields; NULL when one of them is blank or the arena is full. */
const char *iid_of(struct eg_arena *a, enum rec_id type, const struct rec *r, const char *const *fields, size_t n);
/* The same from texts. */
const char *iid_join(struct eg_arena *a, enum rec_id type, const char *const *parts, size_t n);
/* Terminated text of a header field, NULL when blank or bad. */
/* The key of the ERP (companies, projects) or the check number (payments) that a record itself names; "" = none. */
const char *item_claims(struct eg_arena *a, const struct rec *r);
const char *head_text(struct eg_arena *a, const struct rec *r, const char *name);
bool head_is(const struct rec *r, const char *name, const char *word);

/* A finding at a record of this file: run, drop, source and file are filled. */
int intake_finding(struct site *s, const struct place *at, uint64_t line, const char *code, char severity,
    const char *item, const char *message, struct eg_err *err) EG_MUSTCHECK;

/* Where a file's findings stand, as when it was read; texts in the arena. EG_FATAL "DB-CORRUPT" when there is no
 * such file. */
int intake_place(struct site *s, int64_t file, struct eg_arena *a, struct place *ret, struct eg_err *err) EG_MUSTCHECK;

/* What new content does to an item that has left: taken in place, sent again, or refused with a code. */
enum late {
	LATE_PLACE,
	LATE_AGAIN,
	LATE_REFUSE
};
struct late_rule {
	enum late late;
	const char *code; /* LATE_REFUSE */
};
const struct late_rule *late_rule(enum rec_id type);
/* A company or project that this site never exports: MRI takes neither, Acumatica Vision no companies, and vendor_exports = no keeps them back. Such an item is linked or stays apart. */
bool only_linked(const struct site *s, enum rec_id type);
/* What the ERP's lists hold and the project side never takes: projects, sub jobs and budgets of Acumatica Vision are only linked to. They stay apart, too. */
bool not_imported(const struct site *s, enum rec_id type);

/* ---- match.c ---- */

/* The lists whose arrival the code rules of this ERP wait for; NULL-terminated record type names. */
const char *const *code_lists(const char *erp);
int code_lists_received(struct site *s, bool *ret, struct eg_err *err) EG_MUSTCHECK;

/* ---- answer.c ---- */

int answer_put_aside(struct site *s, const struct place *at, const struct rec *r, struct eg_err *err) EG_MUSTCHECK;

/* What a good answer makes of an exported item: synced, or changed when a budget changed while the answer was on its way. */
enum item_state answered_state(const struct item *it);

/* ---- codes.c ---- */

/* Makes or renews erp-code items when all code lists are there and one of them changed since. */
int codes_derive(struct site *s, struct eg_err *err) EG_MUSTCHECK;

#endif
