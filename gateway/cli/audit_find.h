/* SPDX-License-Identifier: MIT
 *
 * audit find and audit index, for audit.c.
 */
#ifndef GATEWAY_CLI_AUDIT_FIND_H
#define GATEWAY_CLI_AUDIT_FIND_H

#include "gateway/cli/cli.h"

/* The whole command, when its first operand is "find" or "index"; false: it is another. */
bool audit_browse(struct cli *c, int *ret_exit);

#endif
