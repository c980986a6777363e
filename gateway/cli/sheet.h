/* SPDX-License-Identifier: MIT
 *
 * Sheets and reports onto the disk: what decide.c (sheet), link_many.c (suggestions as a sheet) and report.c share. Not for others.
 */
#ifndef GATEWAY_CLI_SHEET_H
#define GATEWAY_CLI_SHEET_H

#include "gateway/workflow/workflow.h"

/* By the end of the name: .xml, .xlsx, else CSV. */
enum sheet_form cli_sheet_form(struct eg_bytes path);
/* Bytes into a file that replaces the one of that name, or to the standard output for "-". EG_BADFILE "NO-WRITE". */
int cli_write_to(const char *path, struct eg_bytes v, mode_t mode, struct eg_err *err) EG_MUSTCHECK;

#endif
