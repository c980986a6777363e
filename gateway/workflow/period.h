/* SPDX-License-Identifier: MIT
 *
 * Closed periods (E-58): which date of a decision goes into the books, and whether that day is open. period.closed_until closes everything up to a day;
 * period.open names months: with period.closed_until they are open besides, alone nothing else is.
 *
 * A decision with a date in a closed period is refused. One that was good when it was made and whose period was closed before the item left holds the item; it goes
 * on when the period is opened again, or when somebody decides anew, with another date: the one case in which an accepted item takes another decision.
 */
#ifndef GATEWAY_WORKFLOW_PERIOD_H
#define GATEWAY_WORKFLOW_PERIOD_H

#include "gateway/workflow/workflow.h"

/* Is the day open under the settings? Any day is when they are empty. */
bool period_open(const struct conf *c, struct eg_date day);
/* EG_OK, or EG_BADREC "E-58" that says which date, which period and what to type instead. Types without a booking date: EG_OK. `at`: when it was or is decided. */
int period_check(struct site *s, const struct item *it, const char *transaction_date, const char *accounting_date,
    int64_t at, struct eg_err *err) EG_MUSTCHECK;
/* Accepted, and held by E-58 alone or among others: it may be decided about again. */
int period_undecided(struct site *s, const struct item *it, bool *ret, struct eg_err *err) EG_MUSTCHECK;

#endif
