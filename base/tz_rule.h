/* SPDX-License-Identifier: MIT
 *
 * The rule behind the last transition of a TZif file, in the notation of POSIX's TZ ("EST5EDT,M3.2.0,M11.1.0", "<+0330>-3:30"). For base/tz.c only.
 */
#ifndef BASE_TZ_RULE_H
#define BASE_TZ_RULE_H

#include "base/bytes.h"

struct eg_tz_change { /* one of the two changes of a year */
	char kind; /* 'J' day 1-365 without 29 February, 'D' day 0-365, 'M' month.week.weekday */
	int day, month, week;
	int32_t at; /* seconds of that local day; may lie outside of it */
};

struct eg_tz_rule {
	bool there, summer;
	int32_t standard, daylight; /* seconds ahead of UTC */
	struct eg_tz_change begin, end; /* of daylight time */
};

/* false: no rule of that notation; ret is not to be used then. An empty text is no rule and no fault: ret->there is false. */
bool eg_tz_rule_parse(struct eg_bytes text, struct eg_tz_rule *ret);
int32_t eg_tz_rule_offset(const struct eg_tz_rule *r, int64_t unix_sec);

#endif
