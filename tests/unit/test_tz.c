/* SPDX-License-Identifier: MIT
 *
 * Local time of places: the changes of 2026 and of a far year by the rule, times that do not exist or come twice, and files that are none. Expected moments come
 * from the published dates of the changes, not from the code. Needs the system's time zone database (package tzdata).
 */
#include "base/buf.h"
#include "base/tz.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct eg_tz *
zone(const char *name)
{
	struct eg_tz *z = NULL;
	struct eg_err err;

	if (eg_tz_load(name, &z, &err) != EG_OK)
		fail_msg("%s: %s %s", name, err.code, err.msg);
	return z;
}

static int64_t
utc(const char *text)
{
	int64_t ret = 0;

	assert_true(eg_time_parse(eg_bytes_str(text), &ret));
	return ret;
}

/* Offsets one second before and at each change. */
static const struct {
	const char *zone, *change;
	int before, after; /* minutes */
} changes[] = {
	{ "America/New_York", "2026-03-08T07:00:00Z", -300, -240 },
	{ "America/New_York", "2026-11-01T06:00:00Z", -240, -300 },
	{ "Europe/Berlin", "2026-03-29T01:00:00Z", 60, 120 },
	{ "Europe/Berlin", "2026-10-25T01:00:00Z", 120, 60 },
	{ "Australia/Sydney", "2026-04-04T16:00:00Z", 660, 600 },
	{ "Australia/Sydney", "2026-10-03T16:00:00Z", 600, 660 },
	{ "Australia/Lord_Howe", "2026-04-04T15:00:00Z", 660, 630 },
	{ "Asia/Kolkata", "2026-06-01T00:00:00Z", 330, 330 },
	/* behind the last transition of the file: by its rule */
	{ "America/New_York", "2050-03-13T07:00:00Z", -300, -240 },
	{ "America/New_York", "2050-11-06T06:00:00Z", -240, -300 },
	{ "Australia/Sydney", "2051-04-01T16:00:00Z", 660, 600 },
	{ "Europe/Berlin", "2099-10-25T01:00:00Z", 120, 60 },
	/* before the rules of today */
	{ "Europe/Berlin", "1980-04-06T01:00:00Z", 60, 120 },
	{ "UTC", "2026-06-01T00:00:00Z", 0, 0 },
};

static void
changes_of_the_clock(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct eg_tz *z = zone(changes[i].zone);
		int64_t at = utc(changes[i].change);
		if (eg_tz_offset(z, at - 1) != changes[i].before * 60 || eg_tz_offset(z, at) != changes[i].after * 60)
			fail_msg("%s %s: %d then %d", changes[i].zone, changes[i].change, eg_tz_offset(z, at - 1) / 60,
			    eg_tz_offset(z, at) / 60);
		eg_tz_free(z);
	}
}

static const struct {
	const char *zone;
	struct eg_date day;
	int hour, minute;
	const char *moment;
} moments[] = {
	{ "America/New_York", { 2026, 1, 15 }, 1, 0, "2026-01-15T06:00:00Z" },
	{ "America/New_York", { 2026, 7, 15 }, 1, 0, "2026-07-15T05:00:00Z" },
	/* passed over: the first moment behind */
	{ "America/New_York", { 2026, 3, 8 }, 2, 30, "2026-03-08T07:00:00Z" },
	{ "America/New_York", { 2026, 3, 8 }, 2, 0, "2026-03-08T07:00:00Z" },
	{ "America/New_York", { 2026, 3, 8 }, 3, 0, "2026-03-08T07:00:00Z" },
	{ "America/New_York", { 2026, 3, 8 }, 1, 59, "2026-03-08T06:59:00Z" },
	{ "Europe/Berlin", { 2026, 3, 29 }, 2, 15, "2026-03-29T01:00:00Z" },
	{ "Australia/Sydney", { 2026, 10, 4 }, 2, 30, "2026-10-03T16:00:00Z" },
	/* twice: the first */
	{ "America/New_York", { 2026, 11, 1 }, 1, 30, "2026-11-01T05:30:00Z" },
	{ "America/New_York", { 2026, 11, 1 }, 2, 0, "2026-11-01T07:00:00Z" },
	{ "Europe/Berlin", { 2026, 10, 25 }, 2, 30, "2026-10-25T00:30:00Z" },
	{ "Australia/Sydney", { 2026, 4, 5 }, 2, 0, "2026-04-04T15:00:00Z" },
	{ "Asia/Kolkata", { 2026, 12, 31 }, 23, 59, "2026-12-31T18:29:00Z" },
	/* a day that never was there */
	{ "Pacific/Apia", { 2011, 12, 30 }, 12, 0, "2011-12-30T10:00:00Z" },
	{ "UTC", { 2026, 2, 28 }, 1, 0, "2026-02-28T01:00:00Z" },
};

static void
moments_of_local_times(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(moments) / sizeof(moments[0]); i++) {
		struct eg_tz *z = zone(moments[i].zone);
		int64_t got = eg_tz_moment(z, moments[i].day, moments[i].hour * 3600 + moments[i].minute * 60);
		char text[EG_TIME_TEXT];
		eg_time_print(text, got);
		if (got != utc(moments[i].moment))
			fail_msg("%s row %zu: %s, not %s", moments[i].zone, i, text, moments[i].moment);
		eg_tz_free(z);
	}
}

static void
days_and_clocks(void **state)
{
	struct eg_tz *sydney = zone("Australia/Sydney"), *york = zone("America/New_York");
	char text[EG_TZ_TEXT];
	int64_t at = utc("2026-11-22T02:30:00Z");

	(void)state;
	eg_tz_print(york, at, text);
	assert_string_equal(text, "2026-11-21 21:30");
	eg_tz_print(sydney, at, text);
	assert_string_equal(text, "2026-11-22 13:30");
	assert_int_equal(eg_tz_date(york, at).day, 21);
	assert_int_equal(eg_tz_date(NULL, at).day, 22);
	eg_tz_free(sydney);
	eg_tz_free(york);
}

static void
names_that_are_none(void **state)
{
	static const char *const bad[] = { "", "Nowhere/Town", "../../../etc/passwd", "/etc/passwd",
		"America//New_York", "America/", "America", "EST\n", "zone.tab",
		"A234567890123456789012345678901234567890123456789012345678901" };
	struct eg_tz *z = NULL;
	struct eg_err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(eg_tz_load(bad[i], &z, &err), EG_BADREC);
		assert_string_equal(err.code, "TZ-NAME");
	}
}

static void
put32(struct eg_buf *b, uint32_t v)
{
	for (int i = 24; i >= 0; i -= 8)
		eg_buf_chr(b, (unsigned char)(v >> i));
}

static void
put_header(struct eg_buf *b, uint32_t times, uint32_t types)
{
	eg_buf_put(b, "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
	put32(b, 0);
	put32(b, 0);
	put32(b, 0);
	put32(b, times);
	put32(b, types);
	put32(b, 4);
}

static void
put_type(struct eg_buf *b, int32_t offset)
{
	put32(b, (uint32_t)offset);
	eg_buf_put(b, "\0\0XYZ", 2);
}

/* A file of one type, no transitions, and this footer. */
static int
parse_footer(const char *footer, struct eg_tz **ret)
{
	struct eg_buf b = EG_BUF_INIT;
	struct eg_err err;
	int rc;

	for (int i = 0; i < 2; i++) {
		put_header(&b, 0, 1);
		put_type(&b, 3600);
		eg_buf_put(&b, "XYZ", 4);
	}
	eg_buf_str(&b, footer);
	rc = eg_tz_parse(eg_buf_view(&b), ret, &err);
	if (rc != EG_OK)
		assert_string_equal(err.code, "TZ-FILE");
	eg_buf_done(&b);
	return rc;
}

static void
rules(void **state)
{
	static const struct {
		const char *footer, *at;
		int offset;
	} rows[] = {
		{ "\n\n", "2026-01-01T00:00:00Z", 3600 },
		{ "\nEST5\n", "2026-01-01T00:00:00Z", -18000 },
		{ "\n<+0330>-3:30\n", "2026-01-01T00:00:00Z", 12600 },
		{ "\n<-03>3<-02>,M3.5.0/-2,M10.5.0/-1\n", "2026-03-29T00:59:59Z", -10800 },
		{ "\n<-03>3<-02>,M3.5.0/-2,M10.5.0/-1\n", "2026-03-29T01:00:00Z", -7200 },
		{ "\nAAA0BBB,J60/0,J300/0\n", "2028-02-29T12:00:00Z", 0 }, /* J60 is 1 March also in a leap year */
		{ "\nAAA0BBB,J60/0,J300/0\n", "2028-03-01T00:00:00Z", 3600 },
		{ "\nAAA0BBB,59/0,300/0\n", "2028-02-29T00:00:00Z", 3600 },
		{ "\nAAA0BBB-2,M2.1.0,M1.1.0\n", "2026-01-20T00:00:00Z", 0 },
		{ "\nAAA0BBB-2,M2.1.0,M1.1.0\n", "2026-06-20T00:00:00Z", 7200 },
	};
	static const char *const bad[] = { "", "EST5\n", "\nEST5", "\nES5\n", "\nEST\n", "\nEST5EDT\n",
		"\nEST5EDT,M3.2.0\n", "\nEST5EDT,M13.2.0,M11.1.0\n", "\nEST5EDT,M3.6.0,M11.1.0\n",
		"\nEST5EDT,M3.2.7,M11.1.0\n", "\nEST25\n", "\nEST5EDT,J0,J1\n", "\nEST5EDT,M3.2.0,M11.1.0x\n",
		"\n<>5\n", "\n<EST5\n", "\nEST99999999999999999999\n" };
	struct eg_tz *z = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(parse_footer(rows[i].footer, &z), EG_OK);
		if (eg_tz_offset(z, utc(rows[i].at)) != rows[i].offset)
			fail_msg("row %zu: %d", i, eg_tz_offset(z, utc(rows[i].at)));
		eg_tz_free(z);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (parse_footer(bad[i], &z) == EG_OK)
			fail_msg("taken: %s", bad[i]);
}

/* Every prefix of a real file, and every byte of it changed: an answer or a refusal, nothing else. */
static void
damaged_files(void **state)
{
	struct eg_buf good = EG_BUF_INIT;
	unsigned char chunk[8192];
	struct eg_err err;
	FILE *f = fopen(EG_TZ_FOLDER "/Europe/Berlin", "re");

	(void)state;
	assert_non_null(f);
	eg_buf_put(&good, chunk, fread(chunk, 1, sizeof(chunk), f));
	(void)fclose(f);
	for (size_t n = 0; n <= good.len; n++) {
		struct eg_tz *z = NULL;
		unsigned char *exact = eg_xalloc(n + 1); /* so that a read behind the end is seen */
		memcpy(exact, good.ptr, n);
		int rc = eg_tz_parse(eg_bytes(exact, n), &z, &err);
		assert_int_equal(rc, n == good.len ? EG_OK : EG_BADFILE);
		eg_tz_free(z);
		free(exact);
	}
	for (size_t i = 0; i < good.len; i++) {
		struct eg_tz *z = NULL;
		good.ptr[i] ^= 0xff;
		if (eg_tz_parse(eg_buf_view(&good), &z, &err) == EG_OK)
			(void)eg_tz_moment(z, (struct eg_date){ 2026, 3, 29 }, 9000);
		eg_tz_free(z);
		good.ptr[i] ^= 0xff;
	}
	eg_buf_done(&good);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_of_the_clock),
		cmocka_unit_test(moments_of_local_times),
		cmocka_unit_test(days_and_clocks),
		cmocka_unit_test(names_that_are_none),
		cmocka_unit_test(rules),
		cmocka_unit_test(damaged_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
