/* SPDX-License-Identifier: MIT
 *
 * What the claiming (intake_claim.c) and the reading (intake.c) of drops share. Not for others.
 */
#ifndef GATEWAY_INTAKE_H
#define GATEWAY_INTAKE_H

#include "gateway/cycle.h"

/* Layouts that take the project from the file name: the same bytes under another project's name are another file. */
void intake_identity(const struct adp *a, const char *name, const char *sha256, struct eg_buf *ret);

#endif
