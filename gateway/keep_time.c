/* SPDX-License-Identifier: MIT
 *
 * Reading and counting the time something is kept. What does not read is for ever.
 */
#include "gateway/keep_time.h"

#include "base/date.h"

bool
keep_time_parse(struct eg_bytes v, struct keep_time *ret)
{
	uint64_t n;

	*ret = (struct keep_time){ .unit = KEEP_FOREVER };
	if (eg_bytes_is(v, "forever"))
		return true;
	if (v.len < 2 || (v.ptr[v.len - 1] != 'y' && v.ptr[v.len - 1] != 'd') ||
	    !eg_bytes_to_u64(eg_bytes_sub(v, 0, v.len - 1), &n) || n < 1 || n > 9999)
		return false;
	ret->unit = v.ptr[v.len - 1] == 'y' ? KEEP_YEARS : KEEP_DAYS;
	ret->n = (uint16_t)n;
	return true;
}

int64_t
keep_time_over(const struct keep_time *k, int64_t sealed)
{
	struct eg_date d = eg_date_of_time(sealed);

	if (k->unit == KEEP_FOREVER || d.year == 0)
		return INT64_MAX;
	if (k->unit == KEEP_DAYS)
		d = eg_date_add_days(d, k->n + 1); /* the day of sealing does not count */
	else if (d.year + k->n + 1 > 9999)
		d = (struct eg_date){ 0 };
	else
		d = (struct eg_date){ (int16_t)(d.year + k->n + 1), 1, 1 };
	return d.year == 0 ? INT64_MAX : eg_date_time(d);
}
