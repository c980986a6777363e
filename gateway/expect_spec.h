/* SPDX-License-Identifier: MIT
 *
 * What an expected file's settings say: on which days it comes, until when, and how its name carries a number or a date. Pure: no clock, no store.
 *
 * Days, comma-separated: daily, weekdays, mon … sun, mon-fri, 1 … 31 (of the month), month-end (last day of the month), last-workday (last Monday to Friday of the
 * month that is no holiday); behind them, `except 2026-12-24,2026-12-31`. Holidays never are expected days.
 * Cut-off: HH:MM of the expected day, or `06:00 +1` for the day after (up to +9).
 * Pattern: a file name with * and ?, and at most one {n} (a number of up to 18 digits) and one {date} (YYYYMMDD or YYYY-MM-DD): the day the file is for.
 */
#ifndef GATEWAY_EXPECT_SPEC_H
#define GATEWAY_EXPECT_SPEC_H

#include "base/buf.h"
#include "base/date.h"
#include "base/err.h"

#define EXPECT_EXCEPT 64 /* days of one `except` */
#define EXPECT_AHEAD 400 /* days looked ahead or back for the next expected one */

struct expect_holidays {
	struct eg_date *day;
	size_t n;
};

struct expect_days {
	uint8_t weekdays; /* bit 0 = Monday */
	uint32_t monthdays; /* bit 1 = the first */
	bool month_end, last_workday;
	struct eg_date except[EXPECT_EXCEPT];
	unsigned nexcept;
};

struct expect_cutoff {
	int32_t sec; /* of the day */
	int days; /* behind the expected day */
};

/* EG_BADREC "CONF-VALUE" when it is none, with what to write. */
int expect_days_parse(struct eg_bytes text, struct expect_days *ret, struct eg_err *err) EG_MUSTCHECK;
int expect_cutoff_parse(struct eg_bytes text, struct expect_cutoff *ret, struct eg_err *err) EG_MUSTCHECK;
/* A pattern of the form above: "" is none. EG_BADREC "CONF-VALUE". */
int expect_pattern_check(struct eg_bytes text, struct eg_err *err) EG_MUSTCHECK;
/* no, name, or content TEXT{n}TEXT with at least one byte before {n}. EG_BADREC "CONF-VALUE". */
int expect_sequence_check(struct eg_bytes text, struct eg_err *err) EG_MUSTCHECK;

/* The first column of a table of holidays (header row, YYYY-MM-DD). EG_BADREC "CONF-VALUE" names the line that is no date. free() ret->day. */
int expect_holidays_parse(struct eg_bytes csv, struct expect_holidays *ret, struct eg_err *err) EG_MUSTCHECK;

bool expect_day(const struct expect_days *d, const struct expect_holidays *h, struct eg_date day);
/* The first expected day from `day` on (itself included), or back from it with step -1; no date (year 0) within EXPECT_AHEAD days: none. */
struct eg_date expect_next(const struct expect_days *d, const struct expect_holidays *h, struct eg_date day, int step);

struct expect_name {
	bool has_n, has_date;
	uint64_t n;
	struct eg_date date;
};
/* Does the name fit? {n} takes all digits that stand there. */
bool expect_match(struct eg_bytes pattern, struct eg_bytes name, struct expect_name *ret);
/* The number behind `before` and in front of `after` ("" = anything but a digit): the first place that has both. */
bool expect_number(struct eg_bytes text, struct eg_bytes before, struct eg_bytes after, uint64_t *ret);

#endif
