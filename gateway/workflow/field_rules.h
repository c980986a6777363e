/* SPDX-License-Identifier: MIT
 *
 * The site's own rules for single fields (settings rule.STAGE.TYPE.FIELD, rule_key.h), compiled once per opened site and run over records. A broken rule carries
 * the code that the rule book has for that field, else F-64.
 */
#ifndef GATEWAY_WORKFLOW_FIELD_RULES_H
#define GATEWAY_WORKFLOW_FIELD_RULES_H

#include "gateway/rule_key.h"
#include "gateway/workflow/workflow.h"

struct field_rules; /* gateway/site.h holds them */

/* From settings that were checked when they were read; NULL when there are none. The settings must outlive them. */
struct field_rules *field_rules_new(const struct conf *c);
void field_rules_free(struct field_rules *r); /* NULL is fine */

struct field_breach { /* texts live during the call */
	const char *code;
	char severity; /* R, or H for rules of the stage send that hold */
	uint64_t line; /* of the record or of its line */
	const char *field; /* full name */
	const char *message;
};
typedef int field_tell(void *ctx, const struct field_breach *b, struct eg_err *err);

/* Every rule of that stage for the record's type, in the order of the settings, line by line; a field says only the first thing that is wrong with it. Blank values
 * break only `present`; values that could not be read break nothing. At export an empty ERP ID stands for the item's own number where that is sent. */
int field_rules_run(struct site *s, enum rule_stage stage, const struct rec *r, const char *iid, field_tell *tell,
    void *ctx, struct eg_err *err) EG_MUSTCHECK;
/* The same for a record that comes in pieces: its header fields, and lines without header. */
int field_rules_head(struct site *s, enum rule_stage stage, const struct rec *r, const char *iid, field_tell *tell,
    void *ctx, struct eg_err *err) EG_MUSTCHECK;
int field_rules_lines(struct site *s, enum rule_stage stage, const struct rec *r, const char *iid, field_tell *tell,
    void *ctx, struct eg_err *err) EG_MUSTCHECK;
/* The stage of a record that is read: save or import. */
enum rule_stage field_rules_stage(const struct rec_type *t);
/* A record of a drop under the rules of save (project side) or import (ERP): each breach becomes a finding; *ret_broken: it is rejected and must not be matched. */
int field_rules_take(struct site *s, const struct place *at, const struct rec *r, bool *ret_broken, struct eg_err *err)
    EG_MUSTCHECK;
/* Is the cost code one of setting division_codes? */
bool division_code(const struct conf *c, struct eg_bytes code);

#endif
