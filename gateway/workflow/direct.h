/* SPDX-License-Identifier: MIT
 *
 * Direct exports: record types whose items leave without a person's decision, where the site's settings say so (direct_export.TYPE).
 */
#ifndef GATEWAY_WORKFLOW_DIRECT_H
#define GATEWAY_WORKFLOW_DIRECT_H

#include "gateway/workflow/workflow.h"

#define DIRECT_ACTOR "direct export" /* in the log, in decisions and in ledgers */

/* Do items of this type leave by themselves? */
bool direct_on(const struct site *s, const struct rec_type *type);
/* Accepts every waiting item of such a type that passes the checks of an acceptance; one that does not (a field only the ERP's people know, a number that is
 * taken) stays where it is for a person, and nothing is told. Own transaction. */
int direct_accept(struct site *s, struct eg_err *err) EG_MUSTCHECK;

#endif
