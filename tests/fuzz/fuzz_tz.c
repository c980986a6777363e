/* SPDX-License-Identifier: MIT
 *
 * Time zone files. For any bytes: refused with a code, or a zone whose offsets are less than 26 hours and in which every local time has a moment
 * near it. (Which one, tests/unit/test_tz.c knows: a made-up zone may change its clocks several times a day.)
 */
#include "tests/fuzz/fuzz.h"

#include "base/tz.h"
#include "base/tz_rule.h"

#include <stdlib.h>
#include <string.h>

#define HOURS_26 93600
#define DAY 86400

static const int64_t moments[] = { INT64_C(-62135596800), -2208988800, -1, 0, 951782400, 1780000000, 1793000000,
	INT64_C(4102444800), INT64_C(253402300799) };

static void
check_moment(const struct eg_tz *z, int64_t t)
{
	const int32_t offset = eg_tz_offset(z, t);
	char text[EG_TZ_TEXT];

	fuzz_need(offset > -HOURS_26 && offset < HOURS_26, "clocks are less than 26 hours ahead or behind");
	eg_tz_print(z, t, text);
	fuzz_need(strlen(text) == EG_TZ_TEXT - 1, "a time has its 16 characters");
	const struct eg_date d = eg_tz_date(z, t);
	if (!eg_date_valid(d))
		return;
	for (int32_t sec = 0; sec < DAY; sec += 2 * 3600 + 1801) {
		const int64_t m = eg_tz_moment(z, d, sec), wall = eg_date_time(d) + sec;
		fuzz_need(m >= wall - HOURS_26 && m <= wall + HOURS_26, "a moment is near the time asked for");
	}
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

/* A name is looked up below one folder only, whatever stands in it. */
static void
check_name(struct eg_bytes v)
{
	struct eg_tz *z = NULL;
	struct eg_err err = { 0 };

	if (v.len > 100 || memchr(v.ptr == NULL ? (const unsigned char *)"" : v.ptr, '\0', v.len) != NULL)
		return;
	char *name = eg_xdup(v);
	const int rc = eg_tz_load(name, &z, &err);
	if (rc < 0)
		fuzz_failure(rc, &err, EG_NONE, false);
	else
		fuzz_need(
		    strstr(name, "..") == NULL && name[0] != '/', "a zone's name stays below the folder of zones");
	eg_tz_free(z);
	free(name);
}

/* The input is a file, also the text of a rule, and a short one the name of a zone. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct eg_tz_rule rule;
	struct eg_tz *z = NULL;
	struct eg_err err = { 0 };
	const int rc = eg_tz_parse(eg_bytes(data, size), &z, &err);

	check_name(eg_bytes(data, size));
	if (rc < 0)
		fuzz_failure(rc, &err, EG_NONE, false);
	for (size_t i = 0; rc == EG_OK && i < sizeof(moments) / sizeof(moments[0]); i++)
		check_moment(z, moments[i]);
	eg_tz_free(z);
	if (!eg_tz_rule_parse(eg_bytes(data, size), &rule) || !rule.there)
		return 0;
	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
		const int32_t offset = eg_tz_rule_offset(&rule, moments[i]);
		fuzz_need(offset == rule.standard || (rule.summer && offset == rule.daylight),
		    "a rule knows two offsets at most");
	}
	return 0;
}
