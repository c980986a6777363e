/* SPDX-License-Identifier: MIT
 *
 * Civil dates (proleptic Gregorian, years 1-9999) and the UTC time stamps of log entries. English month names always;
 * no locale, no time zone database.
 */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include "base/buf.h"
#include "base/bytes.h"

struct eg_date {
	int16_t year; /* 0 = no date */
	uint8_t month, day;
};

/* Format tokens: YYYY MM DD (two digits), M D (one or two when reading, no padding when writing), MON (JAN … DEC, any
 * case in, capitals out), MONTH (JANUARY …, writing only: nothing is read by it), HH mm ss fff (read and dropped; written as zeros).
 * Everything else stands for itself. A format without tokens is a programmer's mistake. */
bool eg_date_parse(struct eg_bytes v, struct eg_bytes format, struct eg_date *ret);
void eg_date_print(struct eg_buf *b, struct eg_date d, struct eg_bytes format);
bool eg_date_valid(struct eg_date d);
int eg_date_cmp(struct eg_date a, struct eg_date b);
/* No date (year 0) when the result leaves the years 1-9999; d must be valid. */
struct eg_date eg_date_add_days(struct eg_date d, int days);
struct eg_date eg_date_of_time(int64_t unix_sec); /* UTC day; outside the years 1-9999 no date */
int64_t eg_date_time(struct eg_date d); /* Unix seconds of 00:00 UTC of that day; d must be valid */

#define EG_TIME_TEXT 21 /* "2026-11-21T04:32:00Z" and NUL */
/* Outside the years 1-9999 (a file's time can be anything) the first or last second of them. */
void eg_time_print(char ret[EG_TIME_TEXT], int64_t unix_sec);
bool eg_time_parse(struct eg_bytes v, int64_t *ret_unix_sec); /* exactly that form */
/* "2s", "10m", "3h", "30d" or plain seconds; false on anything else or above ten years. */
bool eg_duration_parse(struct eg_bytes v, int64_t *ret_sec);

#endif
