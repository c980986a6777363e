/* SPDX-License-Identifier: MIT
 *
 * Civil dates, time stamps and durations.
 */
#include "base/date.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define B(s) eg_bytes_str(s)

static void
formats(void **state)
{
	static const struct {
		const char *format, *text, *want; /* want NULL: refused */
	} rows[] = {
		{ "DD-MON-YYYY", "05-MAR-2026", "2026-03-05" },
		{ "DD-MON-YYYY", "05-mar-2026", "2026-03-05" },
		{ "DD-MON-YYYY", "5-MAR-2026", NULL },
		{ "DD-MON-YYYY", "05-MRZ-2026", NULL },
		{ "DD-MON-YYYY", "05-MAR-26", NULL },
		{ "MM/DD/YYYY", "03/05/2026", "2026-03-05" },
		{ "MM/DD/YYYY", "3/5/2026", NULL },
		{ "MM/DD/YYYY", "13/05/2026", NULL },
		{ "M/D/YYYY", "3/5/2026", "2026-03-05" },
		{ "M/D/YYYY", "03/05/2026", "2026-03-05" },
		{ "M/D/YYYY", "003/5/2026", NULL },
		{ "M/D/YYYY", "/5/2026", NULL },
		{ "YYYYMMDD", "20260305", "2026-03-05" },
		{ "YYYYMMDD", "2026035", NULL },
		{ "DD.MM.YYYY HH:mm", "05.03.2026 23:59", "2026-03-05" },
		{ "DD.MM.YYYY HH:mm", "05.03.2026 24:00", NULL },
		{ "DD.MM.YYYY HH:mm", "31.02.2026 00:00", NULL },
		{ "DD.MM.YYYY HH:mm", "05.03.2026", NULL },
		{ "YYYY-MM-DD HH:mm:ss.fff", "2026-03-05 01:02:03.456", "2026-03-05" },
		{ "YYYY-MM-DD HH:mm:ss.fff", "2026-03-05 01:60:03.456", NULL },
		{ "YYYY-MM-DD HH:mm:ss.fff", "2026-03-05 01:02:03.45", NULL },
		{ "YYYY-MM-DDT00:00:00", "2026-03-05T00:00:00", "2026-03-05" },
		{ "YYYY-MM-DDT00:00:00", "2026-03-05T00:00:01", NULL },
		{ "YYYY-MM-DD", "2026-03-05 ", NULL },
		{ "YYYY-MM-DD", " 2026-03-05", NULL },
		{ "YYYY-MM-DD", "", NULL },
		{ "YYYY-MM-DD", "0000-01-01", NULL },
		{ "YYYY-MM-DD", "2026-00-10", NULL },
		{ "YYYY-MM-DD", "2026-10-00", NULL },
		{ "YYYY-MM-DD", "2024-02-29", "2024-02-29" },
		{ "YYYY-MM-DD", "2023-02-29", NULL },
		{ "YYYY-MM-DD", "1900-02-29", NULL },
		{ "YYYY-MM-DD", "2000-02-29", "2000-02-29" },
		{ "YYYY-MM-DD", "2026-04-31", NULL },
		{ "YYYY-MM", "2026-04", NULL },
		{ "DD MONTH YYYY", "05 MARCH 2026", NULL },
	};

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		struct eg_date d = { 7, 7, 7 };
		struct eg_buf b = EG_BUF_INIT;
		bool ok = eg_date_parse(B(rows[n].text), B(rows[n].format), &d);

		if (ok != (rows[n].want != NULL))
			fail_msg("%s as %s: %d", rows[n].text, rows[n].format, ok);
		if (!ok)
			assert_int_equal(d.year, 7);
		eg_date_print(&b, d, EG_LIT("YYYY-MM-DD"));
		if (ok)
			assert_string_equal(eg_buf_cstr(&b), rows[n].want);
		eg_buf_done(&b);
	}
}

static void
printing(void **state)
{
	struct eg_buf b = EG_BUF_INIT;

	(void)state;
	eg_date_print(&b, (struct eg_date){ 2026, 3, 5 }, EG_LIT("DD-MON-YYYY M/D MONTH HH:mm:ss.fffT"));
	assert_string_equal(eg_buf_cstr(&b), "05-MAR-2026 3/5 MARCH 00:00:00.000T");
	eg_buf_done(&b);
}

/* Walks every day by the calendar's own rules beside the arithmetic. */
static void
every_day(void **state)
{
	struct eg_date d = { 1, 1, 1 };

	(void)state;
	for (int64_t n = -719162;; n++) {
		struct eg_date same = eg_date_of_time(n * 86400 + 86399),
			       next = { d.year, d.month, (uint8_t)(d.day + 1) };

		if (eg_date_cmp(d, same) != 0)
			fail_msg("day %lld", (long long)n);
		if (!eg_date_valid(next))
			next = d.month < 12 ? (struct eg_date){ d.year, (uint8_t)(d.month + 1), 1 } :
			                      (struct eg_date){ (int16_t)(d.year + 1), 1, 1 };
		if (!eg_date_valid(next))
			break;
		assert_true(eg_date_cmp(eg_date_add_days(d, 1), next) == 0 && eg_date_cmp(d, next) < 0);
		d = next;
	}
	assert_true(d.year == 9999 && d.month == 12 && d.day == 31);
	assert_int_equal(eg_date_add_days(d, 1).year, 0);
	assert_int_equal(eg_date_add_days((struct eg_date){ 1, 1, 1 }, -1).year, 0);
	assert_int_equal(eg_date_add_days(d, INT32_MAX).year, 0);
	assert_int_equal(eg_date_of_time(INT64_MAX).year, 0);
}

static void
times(void **state)
{
	static const char *const bad[] = { "2026-11-21T04:32:00", "2026-11-21 04:32:00Z", "2026-11-21T24:32:00Z",
		"2026-11-21T04:60:00Z", "2026-11-21T04:32:60Z", "2026-11-31T04:32:00Z", "2026-11-21T04:32:0xZ", "" };
	char text[EG_TIME_TEXT];
	int64_t t = 7;

	(void)state;
	eg_time_print(text, 0);
	assert_string_equal(text, "1970-01-01T00:00:00Z");
	eg_time_print(text, -1);
	assert_string_equal(text, "1969-12-31T23:59:59Z");
	for (size_t n = 0; n < sizeof(bad) / sizeof(bad[0]); n++)
		if (eg_time_parse(B(bad[n]), &t))
			fail_msg("%s", bad[n]);
	assert_true(eg_time_parse(EG_LIT("2026-11-21T04:32:00Z"), &t));
	assert_int_equal(t, 1795235520);
	eg_time_print(text, t);
	assert_string_equal(text, "2026-11-21T04:32:00Z");
	eg_time_print(text, INT64_MAX);
	assert_string_equal(text, "9999-12-31T23:59:59Z");
	eg_time_print(text, INT64_MIN);
	assert_string_equal(text, "0001-01-01T00:00:00Z");
}

static void
durations(void **state)
{
	static const struct {
		const char *text;
		int64_t sec; /* -1: refused */
	} rows[] = { { "2s", 2 }, { "10m", 600 }, { "3h", 10800 }, { "30d", 2592000 }, { "45", 45 }, { "0", 0 },
		{ "", -1 }, { "s", -1 }, { "-5s", -1 }, { "-0", -1 }, { "5x", -1 }, { "5 m", -1 }, { "1h30m", -1 },
		{ "5000d", -1 }, { "18446744073709551615d", -1 } };

	(void)state;
	for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		int64_t sec = -1;

		if (eg_duration_parse(B(rows[n].text), &sec) != (rows[n].sec >= 0) || sec != rows[n].sec)
			fail_msg("%s", rows[n].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats),
		cmocka_unit_test(printing),
		cmocka_unit_test(every_day),
		cmocka_unit_test(times),
		cmocka_unit_test(durations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
