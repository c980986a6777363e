/* SPDX-License-Identifier: MIT
 *
 * The rule book: one row per code that a finding can carry (E-01 … E-76 of the domain, F-nn of the gateway), with everything a person wants to know
 * of a rule: when it looks, where it holds, what it says, what cures it, where it comes from and what switches it. `help rules`, `help findings`, and
 * the reference pages findings.md, rules.md and messages.md are made from it. A row does not check anything: the checks stand in adapters and rules_*.c.
 */
#ifndef GATEWAY_WORKFLOW_RULEBOOK_H
#define GATEWAY_WORKFLOW_RULEBOOK_H

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>

enum book_part { /* headings of the pages, in their order */
	BP_FILE,
	BP_VALUE,
	BP_SETUP,
	BP_BUDGET,
	BP_COMMITMENT,
	BP_INVOICE,
	BP_PRIME,
	BP_DECISION,
	BP_WRITING,
	BP_NPARTS
};

struct book_rule { /* texts are ASCII or UTF-8 without line breaks and without `|` */
	const char *code;
	const char *severity; /* letters of R H W N, the usual one first */
	const char *stages; /* words of book_stages, blank separated */
	const char *erps; /* "all", or words of cmic acumatica mri */
	const char *types; /* record type names, blank separated; "any", or "file" where no record is meant */
	enum book_part part;
	const char *condition; /* when it comes: one sentence */
	/* the finding's text, values in braces; the finding itself is longer where more is known */
	const char *message;
	const char *cure; /* what to do */
	const char *basis; /* whose statement it is, and where our papers have it */
	const char *setting; /* what tunes or switches it; "" = always the same */
	bool off; /* comes only with that setting */
};

/* In order of code: E before F. */
const struct book_rule *book_rules(size_t *ret_n);
const struct book_rule *book_rule(const char *code); /* NULL = none */
const char *book_part_title(enum book_part p);
/* The words a stage can be, blank separated. */
const char *book_stages(void);
/* Is the word in the blank-separated list? "all" and "any" in the list hold for every word. */
bool book_has(const char *list, const char *word);

#endif
