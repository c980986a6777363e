/* SPDX-License-Identifier: MIT
 *
 * Schedules as they stand in the settings: reading them, and their due times. Tests: tests/unit/test_schedule.c.
 */
#include "gateway/schedule_spec.h"

#define HOUR 3600
#define DAY (24 * HOUR)

/* ---- reading ---- */

static bool
two_digits(struct eg_bytes v, int most, int *ret)
{
	uint64_t n = 0;

	if (v.len != 2 || !eg_bytes_to_u64(v, &n) || n > (uint64_t)most)
		return false;
	*ret = (int)n;
	return true;
}

static bool
add_time(struct schedule_spec *s, struct eg_bytes v)
{
	int h, m;

	if (v.len != 5 || v.ptr[2] != ':' || !two_digits(eg_bytes_sub(v, 0, 2), 23, &h) ||
	    !two_digits(eg_bytes_sub(v, 3, 2), 59, &m))
		return false;
	int32_t at = h * HOUR + m * 60;
	if (s->ntimes == SCHEDULE_TIMES || (s->ntimes > 0 && s->times[s->ntimes - 1] >= at))
		return false;
	s->times[s->ntimes++] = at;
	return true;
}

/* "06:00,18:00 Europe/Berlin" */
static bool
daily(struct eg_bytes v, struct schedule_spec *s)
{
	struct eg_bytes times = v, zone = EG_NONE, part;

	if (eg_bytes_chr(v, ' ') < v.len) {
		(void)eg_bytes_cut(&v, ' ', &times);
		zone = eg_bytes_trim(v);
		if (zone.len == 0 || zone.len > EG_TZ_NAME_MAX)
			return false;
		(void)snprintf(s->zone, sizeof(s->zone), "%.*s", EG_FMT(zone));
	}
	s->kind = SCHEDULE_DAILY;
	while (eg_bytes_cut(&times, ',', &part))
		if (!add_time(s, part))
			return false;
	return s->ntimes > 0;
}

static bool
every(struct eg_bytes v, struct schedule_spec *s)
{
	uint64_t n;

	s->kind = SCHEDULE_HOURS;
	if (v.len < 2 || v.ptr[v.len - 1] != 'h' || !eg_bytes_to_u64(eg_bytes_sub(v, 0, v.len - 1), &n))
		return false;
	s->hours = n >= 1 && n <= 12 && 24 % n == 0 ? (int)n : 0;
	return s->hours > 0;
}

int
schedule_parse(struct eg_bytes text, struct schedule_spec *ret, struct eg_err *err)
{
	static const struct {
		const char *word;
		struct schedule_spec spec;
	} words[] = { { "always", { .kind = SCHEDULE_ALWAYS } }, { "never", { .kind = SCHEDULE_NEVER } },
		{ "hourly", { .kind = SCHEDULE_HOURS, .hours = 1 } } };
	struct eg_bytes rest = text, first;
	struct schedule_spec s = { .kind = SCHEDULE_ALWAYS };
	bool good = false;

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (eg_bytes_is(text, words[i].word)) {
			*ret = words[i].spec;
			return EG_OK;
		}
	if (eg_bytes_cut(&rest, ' ', &first) && eg_bytes_is(first, "daily"))
		good = daily(eg_bytes_trim(rest), &s);
	else if (eg_bytes_is(first, "every"))
		good = every(eg_bytes_trim(rest), &s);
	if (!good)
		return eg_fail(err, EG_BADREC, "CONF-VALUE",
		    "\"%.*s\" is no schedule; write always, never, hourly, every 2h (1, 2, 3, 4, 6, 8 or 12), or daily 01:00 America/New_York",
		    EG_FMT(text));
	*ret = s;
	return EG_OK;
}

/* ---- due times ---- */

/* Due times of the days around now: a zone's day may begin one day before or behind that of UTC. */
static void
due_daily(const struct schedule_spec *s, const struct eg_tz *z, int64_t now, int64_t *last, int64_t *next)
{
	struct eg_date today = eg_tz_date(z, now);

	if (!eg_date_valid(today))
		return;
	for (int day = -2; day <= 2; day++) {
		struct eg_date d = eg_date_add_days(today, day);
		for (unsigned i = 0; eg_date_valid(d) && i < s->ntimes; i++) {
			int64_t at = eg_tz_moment(z, d, s->times[i]);
			if (at <= now && at > *last)
				*last = at;
			if (at > now && (*next == 0 || at < *next))
				*next = at;
		}
	}
}

void
schedule_due(const struct schedule_spec *s, const struct eg_tz *z, int64_t now, int64_t *ret_last, int64_t *ret_next)
{
	*ret_last = *ret_next = 0;
	if (s->kind == SCHEDULE_HOURS && now >= 0) {
		int64_t step = (int64_t)s->hours * HOUR;
		*ret_last = now - now % step;
		*ret_next = *ret_last + step;
	} else if (s->kind == SCHEDULE_DAILY)
		due_daily(s, z, now, ret_last, ret_next);
}
