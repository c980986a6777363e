/* SPDX-License-Identifier: MIT
 *
 * Subcommands of audit beside list, show, verify and extract: one row each in audit_more.c.
 */
#ifndef GATEWAY_CLI_AUDIT_MORE_H
#define GATEWAY_CLI_AUDIT_MORE_H

#include "gateway/cli/cli.h"

/* Runs the subcommand of c->argv[0] if it is one of these; *ret_exit is then the exit code. */
bool audit_more(struct cli *c, int *ret_exit);

int audit_hold(struct cli *c), audit_holds(struct cli *c), audit_unhold(struct cli *c),
    audit_expire(struct cli *c); /* audit_keep.c */
int audit_export(struct cli *c); /* audit_export.c */
int audit_procedure(struct cli *c); /* audit_procedure.c */

/* A day of an option, as the Unix time of its first second; EG_BADREC "USAGE" names the option. */
int audit_day(const char *option, const char *value, int64_t *ret, struct eg_err *err) EG_MUSTCHECK;

#endif
