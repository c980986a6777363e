/* SPDX-License-Identifier: MIT
 *
 * doctor --probe DIR: a folder's file system tried out (base/fs_probe.h), told to people or programs, and written into the log when there is a site.
 */
#ifndef GATEWAY_CLI_PROBE_H
#define GATEWAY_CLI_PROBE_H

#include "gateway/cli/cli.h"

/* Gives the exit code: 0, 2 = something that a spool needs is missing. The site is that of -C, $ERPGATE_HOME or the current folder; without one nothing is logged. */
int cli_probe(struct cli *c, const char *dir);

#endif
