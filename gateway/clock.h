/* SPDX-License-Identifier: MIT
 *
 * Is the wall clock to be believed? The order of the log is that of its indexes, never of its times; but sheets expire, schedules come due and decisions book on a day.
 * Every turn compares the clock with the last entry of the log and, within one boot of the machine, with the clock that counts seconds since the boot.
 *
 * While it is in doubt the true time lies somewhere from clock_earliest to clock_latest, and nothing is done that only one of the two would allow: a sheet between them
 * waits, no schedule comes due, no head of the log is signed. Everything else goes on. It ends when the clock is right again, or when a person says that it is
 * (erpgate clock accept). Begin and end are log entries: clock-anomaly, clock-good, clock-accepted.
 *
 * What is remembered between turns (meta "clock.mark") can be told from the log: the latest time behind the last clock-accepted.
 */
#ifndef GATEWAY_CLOCK_H
#define GATEWAY_CLOCK_H

#include "gateway/site.h"

#define CLOCK_BACK 60 /* seconds: a clock that is set by the network steps back by less */

/* Fills s->clock. s in any mode; writes nothing. */
int clock_look(struct site *s, struct eg_err *err) EG_MUSTCHECK;
/* The same at the beginning of a turn, in a transaction: notes the time, and a change as a log entry. */
int clock_turn(struct site *s, struct eg_err *err) EG_MUSTCHECK;
/* A person says that the clock is right: what it says now is the latest time. EG_BADREC "CLOCK" when it is not in doubt. In a transaction. */
int clock_accept(struct site *s, struct eg_err *err) EG_MUSTCHECK;
/* Bounds of the true time; both are now while there is no doubt, or nobody looked. */
int64_t clock_earliest(struct site *s);
int64_t clock_latest(struct site *s);
/* Is it the same day of the books at both? */
bool clock_day_known(struct site *s);
/* The doubt as a sentence; appends nothing when there is none. */
void clock_text(struct site *s, struct eg_buf *ret);

#endif
