/* SPDX-License-Identifier: MIT
 *
 * The reports of `erpgate report NAME`, one function each: they read the store, change nothing, and give a whole report (report_free it, also after a failure:
 * *ret is NULL then). What each column means: docs/reference/reports.md. Errors: those of the store; EG_BADFILE "LIMIT-MEM" when one record does not fit.
 */
#ifndef GATEWAY_REPORT_REPORTS_H
#define GATEWAY_REPORT_REPORTS_H

#include "gateway/report/table.h"
#include "gateway/site.h"

struct report_ask {
	const char *project; /* project number or ERP job code; NULL = any */
	const char *erp; /* accounting system; a site has one, any other gives an empty report */
	const char *type; /* record type; NULL = any */
	const char *source; /* who sent it (reconcile); NULL = any */
	int state; /* enum item_state, -1 = any */
	int64_t since, until; /* Unix seconds, from and before; 0 = open */
	const char *since_text, *until_text; /* as asked, for the heading */
	int64_t run; /* reconcile, conservation: 0 = any */
	const char *batch; /* conservation: NULL = the drops asked for */
	bool all; /* accountant: revoked users too; budget: every line */
};

int report_accountant(struct site *s, const struct report_ask *q, struct report **ret, struct eg_err *err) EG_MUSTCHECK;
int report_job_costs(struct site *s, const struct report_ask *q, struct report **ret, struct eg_err *err) EG_MUSTCHECK;
int report_unsyncable(struct site *s, const struct report_ask *q, struct report **ret, struct eg_err *err) EG_MUSTCHECK;
int report_reconcile(struct site *s, const struct report_ask *q, struct report **ret, struct eg_err *err) EG_MUSTCHECK;
/* One page: records and money by project and currency, every fate named. With a batch its sealed ledger: EG_BADREC "NOT-FOUND". */
int report_conservation(struct site *s, const struct report_ask *q, struct report **ret, struct eg_err *err)
    EG_MUSTCHECK;
int report_batch_ledger(struct site *s, const struct report_ask *q, struct report **ret, struct eg_err *err)
    EG_MUSTCHECK;
/* conservation.c: the ledger of the running run into the log (event "conservation", about R and its number), and F-78 as a warning when it does not balance. In a
 * transaction of the caller. */
int conservation_log(struct site *s, struct eg_err *err) EG_MUSTCHECK;
int report_aging(struct site *s, const struct report_ask *q, struct report **ret, struct eg_err *err) EG_MUSTCHECK;
int report_budget(struct site *s, const struct report_ask *q, struct report **ret, struct eg_err *err) EG_MUSTCHECK;
int report_sub_jobs(struct site *s, const struct report_ask *q, struct report **ret, struct eg_err *err) EG_MUSTCHECK;
int report_archived(struct site *s, const struct report_ask *q, struct report **ret, struct eg_err *err) EG_MUSTCHECK;
int report_failed(struct site *s, const struct report_ask *q, struct report **ret, struct eg_err *err) EG_MUSTCHECK;

/* ---- what they share (scope.c) ---- */

/* A project under both of its names. Texts live in the arena; "" = not known. */
struct report_job {
	const char *number, *job, *name;
};
/* By project number or by ERP job code, looked for in this order (job_first: the other way round). A key that nobody knows is taken for a project number (a job code). */
int report_job_of(struct site *s, const char *key, bool job_first, struct eg_arena *a, struct report_job *ret,
    struct eg_err *err) EG_MUSTCHECK;

struct report_scope {
	struct site *site;
	const struct report_ask *ask;
	struct report_job job; /* of ask->project */
	struct eg_arena keep; /* lives as long as the scope */
	struct eg_arena a; /* for one item; reset by report_item_each before each */
	struct report *r;
	void *mine; /* the report's own, for callbacks */
};
/* Begins a report: columns, heading, and the filters of `ask` said. */
int report_scope_open(struct report_scope *sc, struct site *s, const struct report_ask *q, const char *name,
    const char *title, const struct report_col *cols, size_t ncols, struct eg_err *err) EG_MUSTCHECK;
/* Hands over the report, or frees it when rc < 0; gives rc. */
int report_scope_close(struct report_scope *sc, int rc, struct report **ret);
/* Items of a type (any when NULL) that project, erp, type and state ask for. */
int report_item_each(struct report_scope *sc, const struct rec_type *t,
    int (*each)(struct report_scope *sc, const struct item *it, struct eg_err *err), struct eg_err *err) EG_MUSTCHECK;
/* Two types that say the same of a project from both sides. numbered: a project has several, told apart by their numbers. */
struct report_sides {
	enum rec_id ours, theirs;
	bool numbered;
};
/* report_item_each of ours, then of theirs. */
int report_both_each(struct report_scope *sc, const struct report_sides *sides,
    int (*each)(struct report_scope *sc, const struct item *it, struct eg_err *err), struct eg_err *err) EG_MUSTCHECK;
/* What the other side calls the same; EG_EOF when it has none. */
int report_twin(struct report_scope *sc, const struct item *it, const struct report_job *job,
    const struct report_sides *sides, struct item *ret, struct eg_err *err) EG_MUSTCHECK;
/* The project and ERP job an item is about, from its own key and the link. */
int report_item_job(struct report_scope *sc, const struct item *it, struct report_job *ret, struct eg_err *err)
    EG_MUSTCHECK;
/* When the item's current content came. */
int report_item_came(struct report_scope *sc, const struct item *it, int64_t *ret, struct eg_err *err) EG_MUSTCHECK;
/* The record that both sides have: of the current revision when the item is synced, of the one last written when newer content of a synced item waits for a decision. EG_EOF:
 * there is none. */
int report_item_synced(struct report_scope *sc, const struct item *it, struct rec *ret, struct eg_err *err)
    EG_MUSTCHECK;
/* Text of a header or line field, NULL when blank. Lives in the scope's arena. */
const char *report_head(struct report_scope *sc, const struct rec *r, const char *field);
const char *report_line(struct report_scope *sc, const struct rec *r, size_t line, const char *field);
/* An exact decimal of canonical text; zero for NULL. */
struct eg_dec report_dec(const char *text);

#endif
