/* SPDX-License-Identifier: MIT
 *
 * What link.c (one link, merging) and link_many.c (suggestions, many links at once) share. Not for others.
 */
#ifndef GATEWAY_CLI_LINK_H
#define GATEWAY_CLI_LINK_H

#include "gateway/cli/cli.h"
#include "gateway/workflow/actions.h"

/* The rules look at everything again. */
int link_settle(struct site *s, void *ctx, struct eg_err *err);
/* vendor, project or NULL (both) of an optional operand; false: it is another word, and cli_usage said so. */
bool link_kind(struct cli *c, int operand, const char **ret, int *ret_exit);

int link_suggest(struct cli *c), link_many(struct cli *c), link_archive_rest(struct cli *c);

#endif
