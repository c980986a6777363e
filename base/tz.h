/* SPDX-License-Identifier: MIT
 *
 * Local time of a place, from the time zone database of the system (TZif files, RFC 8536). The C library knows one zone per process and takes it from the
 * environment; here a zone is a value, so that a schedule in New York and one in Berlin can be asked side by side. Nothing is read after loading.
 * Leap seconds are not counted, as in all Unix time.
 */
#ifndef BASE_TZ_H
#define BASE_TZ_H

#include "base/bytes.h"
#include "base/date.h"
#include "base/err.h"

#define EG_TZ_FOLDER "/usr/share/zoneinfo"
#define EG_TZ_NAME_MAX 60 /* characters of a zone's name */

struct eg_tz; /* everywhere below NULL stands for UTC */

/* The zone of that name ("America/New_York"), NULL in *ret for "UTC" (which needs no file). eg_tz_free() it.
 * EG_BADREC "TZ-NAME": no such zone on this system, or no name of one. EG_BADFILE "TZ-FILE": the file of that name is not one of time zones. */
int eg_tz_load(const char *name, struct eg_tz **ret, struct eg_err *err) EG_MUSTCHECK;
/* The same from the bytes of such a file; they may go away afterwards. */
int eg_tz_parse(struct eg_bytes tzif, struct eg_tz **ret, struct eg_err *err) EG_MUSTCHECK;
void eg_tz_free(struct eg_tz *z);

/* Seconds that the clocks there are ahead of UTC at that moment. */
int32_t eg_tz_offset(const struct eg_tz *z, int64_t unix_sec);
/* The day that calendars there show; no date outside the years 1-9999. */
struct eg_date eg_tz_date(const struct eg_tz *z, int64_t unix_sec);
/* "2026-11-22 01:00" as clocks there show it. */
#define EG_TZ_TEXT 17
void eg_tz_print(const struct eg_tz *z, int64_t unix_sec, char ret[EG_TZ_TEXT]);
/* The moment at which clocks there show sec_of_day (0-86399) of day d: the first one when they show it twice; when they pass over it, the first moment behind the gap. */
int64_t eg_tz_moment(const struct eg_tz *z, struct eg_date d, int32_t sec_of_day);

#endif
