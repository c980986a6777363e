/* SPDX-License-Identifier: MIT
 *
 * Reference rules: one table (rules.c) of which check looks at which types under which ERP; the checks stand in
 * rules_*.c. A check says what is missing or wrong with rule_hold and rule_refuse; rules.c makes states, holds and
 * findings of it.
 */
#ifndef GATEWAY_WORKFLOW_RULES_H
#define GATEWAY_WORKFLOW_RULES_H

#include "gateway/workflow/world.h"

struct outcome {
	const char *code;
	char severity; /* R, H */
	uint64_t line;
	const char *missing, *waits_for, *message;
};

/* Settings that switch rules on, read once: rules ask them for every item. */
struct site_asks {
	bool inactive, no_subjob_lines, no_revisions, no_division, single_type;
	int64_t project_limit; /* 0 = none */
	const char *since; /* YYYY-MM-DD, "" = not set */
};
void site_asks_read(const struct conf *c, struct site_asks *ret); /* rules_site.c */

struct rule;
struct eval { /* one item under the rules */
	struct world *w;
	struct site_asks asks;
	struct node *n;
	struct rec r;
	struct eg_arena *a; /* reset before each item */
	struct outcome *v;
	size_t count, cap;
	bool refused;
};

typedef int rule_fn(struct eval *e, const struct rule *rule, struct eg_err *err);
struct rule {
	uint64_t types; /* set of 1 << enum rec_id */
	unsigned erps; /* set of ERP_* */
	const char *code;
	rule_fn *check;
};

enum {
	ERP_C = 1,
	ERP_A = 2,
	ERP_M = 4,
	ERP_ALL = 7
};
unsigned erp_bit(const char *erp);

/* missing: the exact key that is not there; waits_for: item id or NULL. Texts are copied. */
void rule_hold(struct eval *e, const char *code, uint64_t line, const char *missing, const char *waits_for,
    const char *fmt, ...) EG_PRINTF(6, 7);
void rule_refuse(struct eval *e, const char *code, uint64_t line, const char *fmt, ...) EG_PRINTF(4, 5);

/* Field of the record, NULL when blank. Texts live until the next item. */
const char *rule_text(struct eval *e, const char *field);
const char *rule_line(struct eval *e, size_t line, const char *field);
bool rule_line_int(const struct eval *e, size_t line, const char *field, int64_t *ret);
uint64_t rule_at(const struct eval *e); /* the record's line */
uint64_t rule_line_at(const struct eval *e, size_t line);
/* Fields a and b of the record as the id of another item, in the evaluation's arena; "" when one is blank. */
const char *rule_iid(struct eval *e, enum rec_id type, const char *const *fields, size_t n);

rule_fn check_vendor, check_project, check_erp_project, check_given_key, check_subjob_item,
    check_line_subjobs; /* rules_refs.c */
rule_fn check_codes, check_job_categories; /* rules_codes.c */
rule_fn check_budget_ready, check_cco, check_invoice, check_payment, check_prime, check_erp_budget,
    check_erp_payment; /* rules_parents.c */
rule_fn check_cost; /* rules_costs.c */
rule_fn check_owner_level, check_owner_project, check_owner_lines; /* rules_owner.c */
rule_fn check_period; /* period.c */
rule_fn check_active, check_predates, check_project_limit, check_subjob_export, check_revisions, check_division,
    check_single_type, check_fields; /* rules_site.c: off until a setting asks */

/* Selections: looked at once, when the code lists are there (rules_codes.c). */
int selections_judge(struct world *w, bool report, struct eg_err *err) EG_MUSTCHECK;

/* One code under rule 4, "" when it is good; known tells what is there instead (E-19). */
enum code_verdict {
	CODE_GOOD,
	CODE_ZERO_LOST,
	CODE_UNKNOWN,
	TYPE_UNKNOWN,
	PAIR_UNKNOWN
};
enum code_verdict code_verdict(const struct world *w, const char *code, const char *type);
/* F-34: the item's codes cannot be looked at yet. */
void hold_for_code_lists(struct eval *e);
const char *code_message(struct world *w, enum code_verdict v, const char *code, const char *type);

#endif
