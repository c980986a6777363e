/* SPDX-License-Identifier: MIT
 *
 * Texts of `help`, made from the program's own tables.
 */
#ifndef GATEWAY_CLI_HELP_H
#define GATEWAY_CLI_HELP_H

#include "base/buf.h"

struct help_code {
	const char *code;
	const char *severity; /* letters of R H W N, as it can come */
	const char *what; /* what is wrong */
	const char *cure;
};

/* Findings in order of code (help_codes.c). */
const struct help_code *help_codes(size_t *ret_n);
const struct help_code *help_code(const char *code); /* NULL = none */

/* The table of transitions, as docs/reference/states.md has it (help_states.c). */
void help_states_table(struct eg_buf *ret);

/* A command's or topic's text; false when there is none of that name. `more` is a topic's word (help record TYPE) or NULL. */
bool help_text(const char *topic, const char *more, struct eg_buf *ret);
void help_overview(struct eg_buf *ret);

#endif
