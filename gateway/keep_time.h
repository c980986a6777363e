/* SPDX-License-Identifier: MIT
 *
 * How long something is kept, as a setting says it: "10y", "400d", "forever". Years are calendar years that begin when the year of sealing is over, as commercial and tax laws count
 * them (HGB §257 (5), AO §147 (4)): never shorter than the same time counted from the day. Days are counted from the day of sealing.
 */
#ifndef GATEWAY_KEEP_TIME_H
#define GATEWAY_KEEP_TIME_H

#include "base/bytes.h"

struct keep_time {
	enum {
		KEEP_FOREVER,
		KEEP_YEARS,
		KEEP_DAYS
	} unit;
	uint16_t n; /* 1 to 9999 */
};
bool keep_time_parse(struct eg_bytes v, struct keep_time *ret);
/* The first second (Unix, UTC) at which what was sealed then need not be kept any more; INT64_MAX = never. */
int64_t keep_time_over(const struct keep_time *k, int64_t sealed);

#endif
