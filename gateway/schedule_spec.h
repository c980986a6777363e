/* SPDX-License-Identifier: MIT
 *
 * What a schedule's setting says, and when that is due. Pure: no clock, no store.
 *
 *   always                     whenever there is something
 *   never                      only by hand (erpgate run)
 *   hourly, every 2h           each whole hour, or each second one, counted from 00:00 UTC: 1, 2, 3, 4, 6, 8 and 12 hours
 *   daily 01:00                at that time of the day, of the business time zone
 *   daily 06:00,18:00 Zone     at these times, of that zone
 */
#ifndef GATEWAY_SCHEDULE_SPEC_H
#define GATEWAY_SCHEDULE_SPEC_H

#include "base/tz.h"

#define SCHEDULE_TIMES 24 /* of one day */

enum schedule_kind {
	SCHEDULE_ALWAYS,
	SCHEDULE_NEVER,
	SCHEDULE_HOURS,
	SCHEDULE_DAILY
};

struct schedule_spec {
	enum schedule_kind kind;
	int hours;
	int32_t times[SCHEDULE_TIMES]; /* seconds of the day, ascending */
	unsigned ntimes;
	char zone[EG_TZ_NAME_MAX + 1]; /* "" = the business time zone */
};

/* EG_BADREC "CONF-VALUE" when it is no schedule. Whether there is such a zone is not asked here. */
int schedule_parse(struct eg_bytes text, struct schedule_spec *ret, struct eg_err *err) EG_MUSTCHECK;
/* The newest due time at or before `now`, and the first behind it; 0 when there is none of that kind (always, never). z: the zone that counts. */
void schedule_due(
    const struct schedule_spec *s, const struct eg_tz *z, int64_t now, int64_t *ret_last, int64_t *ret_next);

#endif
