/* SPDX-License-Identifier: MIT
 *
 * What the claiming (intake_claim.c) and the reading (intake.c) of drops share. Not for others.
 */
#ifndef GATEWAY_INTAKE_H
#define GATEWAY_INTAKE_H

#include "gateway/cycle.h"

/* Reads a drop that has a row, from fd, inside the caller's transaction, which he rolls back: nothing is written beside the store. */
int intake_try(struct site *s, const char *drop, int fd, struct cycle_result *ret, struct eg_err *err) EG_MUSTCHECK;
/* Layouts that take the project from the file name: the same bytes under another project's name are another file. */
void intake_identity(const struct adp *a, const char *name, const char *sha256, struct eg_buf *ret);

#endif
