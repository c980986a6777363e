/* SPDX-License-Identifier: MIT
 *
 * How `queue` and `status` show who waits for whom (gateway/report/chain.h).
 */
#ifndef GATEWAY_CLI_LOOK_CHAIN_H
#define GATEWAY_CLI_LOOK_CHAIN_H

#include "gateway/cli/cli.h"
#include "gateway/report/chain.h"

/* "3h", "2d 4h" */
void look_age(char ret[24], int64_t sec);

/* Adds `waits_for` (held items: links with id, depth, state, amount, since, code) and `behind` (count, money by currency; null when not counted). */
void look_chain_json(const struct site *s, struct chain *c, const struct item *it, json_t *j);
/* One held item and below it, indented, what it waits for; to stdout. */
void look_chain_text(struct site *s, struct chain *c, const struct item *it, const char *vendor);

/* What a person does about the end of a chain: a command with the item behind it, or a sentence; free() it. */
char *look_next(const struct chain_link *l, bool circle);

/* The ends of the chains with most money behind them, and the command that moves each. */
#define LOOK_TOPS 5
void look_tops_text(struct site *s, struct chain *c);
json_t *look_tops_json(const struct site *s, struct chain *c);

#endif
