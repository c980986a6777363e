/* SPDX-License-Identifier: MIT
 *
 * Texts of `help`, made from the program's own tables.
 */
#ifndef GATEWAY_CLI_HELP_H
#define GATEWAY_CLI_HELP_H

#include "base/buf.h"

/* The table of transitions, as docs/reference/states.md has it (help_states.c). */
void help_states_table(struct eg_buf *ret);

/* A command's or topic's text; false when there is none of that name. `more` is a topic's word (help record TYPE) or NULL. */
bool help_text(const char *topic, const char *more, struct eg_buf *ret);
void help_overview(struct eg_buf *ret);

/* Which rows of the rule book: NULL = any. */
struct rules_filter {
	const char *code, *stage, *erp, *type;
};
/* help_rules.c: the rows as text; false when none is meant. */
bool help_rules_text(const struct rules_filter *f, struct eg_buf *ret);
/* As JSON lines on stdout; false when none is meant. */
bool help_rules_json(const struct rules_filter *f);
/* The tables of a reference page: "findings", "rules" or "messages"; false when there is no such page. */
bool help_rules_page(const char *page, struct eg_buf *ret);
/* What one word behind `help rules` means: a code or a stage. false when it is neither. */
bool help_rules_word(const char *word, struct rules_filter *ret);

#endif
