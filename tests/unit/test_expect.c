/* SPDX-License-Identifier: MIT
 *
 * Expected files: the calendar by itself (days, cut-offs, names, numbers), then a site whose clock the test moves. No turn is run: drops are put into the journal as the intake
 * leaves them.
 */
#include "gate_kit.h"

#include "gateway/expect.h"
#include "gateway/store/store_expect.h"

/* ---- days ---- */

static struct eg_date
date(const char *text)
{
	struct eg_date d;

	assert_true(eg_date_parse(eg_bytes_str(text), EG_LIT("YYYY-MM-DD"), &d));
	return d;
}

/* The expected days of these five weeks, as "2 3 4" of the month. */
static void
days_of(const char *spec, const char *holidays, const char *from, int n, struct eg_buf *ret)
{
	struct expect_days d;
	struct expect_holidays h;
	struct eg_err err = { 0 };

	assert_int_equal(expect_days_parse(eg_bytes_str(spec), &d, &err), EG_OK);
	assert_int_equal(expect_holidays_parse(eg_bytes_str(holidays), &h, &err), EG_OK);
	eg_buf_clear(ret);
	for (int i = 0; i < n; i++) {
		struct eg_date day = eg_date_add_days(date(from), i);
		if (expect_day(&d, &h, day))
			eg_buf_printf(ret, "%s%u", ret->len > 0 ? " " : "", day.day);
	}
	free(h.day);
}

static void
test_days(void **state)
{
	static const struct {
		const char *spec, *holidays, *from;
		int n;
		const char *want;
	} rows[] = {
		/* 2026-11-20 is a Friday */
		{ "weekdays", "", "2026-11-19", 7, "19 20 23 24 25" },
		{ "daily", "", "2026-11-28", 4, "28 29 30 1" },
		{ "mon-thu", "", "2026-11-20", 7, "23 24 25 26" },
		{ "sat-mon", "", "2026-11-20", 7, "21 22 23" },
		{ "fri,mon", "", "2026-11-20", 7, "20 23" },
		{ "1,15", "", "2026-11-10", 25, "15 1" },
		{ "31", "", "2026-11-01", 61, "31" },
		{ "month-end", "", "2026-01-25", 40, "31 28" },
		{ "month-end", "", "2028-02-20", 12, "29" },
		{ "last-workday", "", "2026-01-25", 40, "30 27" }, /* both months end on a Saturday */
		{ "last-workday", "day\n2026-01-30,Bridge day\n", "2026-01-25", 10, "29" },
		{ "weekdays", "day,name\n\"2026-11-26\",Thanksgiving\n2026-12-25\n", "2026-11-25", 3, "25 27" },
		{ "weekdays except 2026-11-26,2026-11-27", "", "2026-11-25", 6, "25 30" },
		{ "15,month-end", "", "2026-11-01", 30, "15 30" },
	};
	struct eg_buf got = EG_BUF_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		days_of(rows[i].spec, rows[i].holidays, rows[i].from, rows[i].n, &got);
		if (strcmp(eg_buf_cstr(&got), rows[i].want) != 0)
			fail_msg("%s from %s: %s, not %s", rows[i].spec, rows[i].from, eg_buf_cstr(&got), rows[i].want);
	}
	eg_buf_done(&got);
}

static void
test_no_days(void **state)
{
	static const char *const bad[] = { "", " ", "monday", "mon-", "-fri", "0", "32", "weekdays,",
		"weekdays except ", "weekdays except 26-11-2026", "mon except 2026-02-30" };
	static const char *const cutoffs[] = { "", "24:00", "18:60", "6:00", "18:00 2", "18:00 +10", "18:00 -1",
		"18:00:00" };
	static const char *const patterns[] = { "a/b", "{n}{n}", "{date}_{date}", "{n}{date}", "{day}", "a{", "{N}" };
	static const char *const sequences[] = { "", "yes", "content", "content {n}", "content Batch",
		"content a{n}b{n}" };
	struct expect_days d;
	struct expect_cutoff c;
	struct expect_holidays h;
	struct eg_err err = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(expect_days_parse(eg_bytes_str(bad[i]), &d, &err), EG_BADREC);
	for (size_t i = 0; i < sizeof(cutoffs) / sizeof(cutoffs[0]); i++)
		assert_int_equal(expect_cutoff_parse(eg_bytes_str(cutoffs[i]), &c, &err), EG_BADREC);
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		assert_int_equal(expect_pattern_check(eg_bytes_str(patterns[i]), &err), EG_BADREC);
	for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++)
		assert_int_equal(expect_sequence_check(eg_bytes_str(sequences[i]), &err), EG_BADREC);
	assert_int_equal(expect_holidays_parse(EG_LIT("day\n2026-12-25\nXmas\n"), &h, &err), EG_BADREC);
	assert_non_null(strstr(err.msg, "line 3"));
}

/* ---- names ---- */

static void
test_names(void **state)
{
	static const struct {
		const char *pattern, *name;
		bool fits;
		int64_t n; /* -1 = none */
		const char *day; /* "" = none */
	} rows[] = {
		{ "costs_*.csv", "costs_.csv", true, -1, "" },
		{ "costs_*.csv", "costs_1.csv.zip", false, -1, "" },
		{ "c?.csv", "cc.csv", true, -1, "" },
		{ "e-{n}.csv", "e-0042.csv", true, 42, "" },
		{ "e-{n}.csv", "e-.csv", false, -1, "" },
		{ "e-{n}.csv", "e-42x.csv", false, -1, "" },
		{ "e-{n}.csv", "e-999999999999999999.csv", true, INT64_C(999999999999999999), "" },
		{ "e-{n}.csv", "e-9999999999999999999.csv", false, -1, "" },
		{ "*_{n}.csv", "a_1_b_22.csv", true, 22, "" },
		{ "x_{date}.csv", "x_20261120.csv", true, -1, "2026-11-20" },
		{ "x_{date}.csv", "x_2026-11-20.csv", true, -1, "2026-11-20" },
		{ "x_{date}.csv", "x_20261320.csv", false, -1, "" },
		{ "*{date}_{n}*", "job 2026-11-20_7.csv", true, 7, "2026-11-20" },
		{ "*", "", true, -1, "" },
		{ "", "a", false, -1, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct expect_name got;
		bool fits = expect_match(eg_bytes_str(rows[i].pattern), eg_bytes_str(rows[i].name), &got);
		if (fits != rows[i].fits)
			fail_msg("%s against %s", rows[i].pattern, rows[i].name);
		if (fits && rows[i].n >= 0)
			assert_int_equal(got.n, rows[i].n);
		if (fits && *rows[i].day != '\0')
			assert_int_equal(eg_date_cmp(got.date, date(rows[i].day)), 0);
	}
}

/* A pattern of many stars against a long name that nearly fits: done before anybody notices. */
static void
test_hostile_name(void **state)
{
	char *name = eg_xalloc(256);
	struct expect_name got;

	(void)state;
	memset(name, 'a', 255);
	for (int i = 0; i < 20000; i++)
		assert_false(expect_match(EG_LIT("*a*a*a*a*a*a*a*a*a*a*a*a{n}b"), eg_bytes_str(name), &got));
	free(name);
}

static void
test_content(void **state)
{
	uint64_t n = 0;

	(void)state;
	assert_true(expect_number(EG_LIT("Batch,x\nBatch,17\nBatch,18"), EG_LIT("Batch,"), EG_NONE, &n));
	assert_int_equal(n, 17);
	assert_true(expect_number(EG_LIT("<No>5</Nr><No>6</No>"), EG_LIT("<No>"), EG_LIT("</No>"), &n));
	assert_int_equal(n, 6);
	assert_false(expect_number(EG_LIT("Batch,"), EG_LIT("Batch,"), EG_NONE, &n));
	assert_false(expect_number(EG_LIT(""), EG_LIT("Batch,"), EG_NONE, &n));
}

/* ---- a site ---- */

static int64_t clock_now;

static int64_t
moving_clock(void *ctx)
{
	(void)ctx;
	return clock_now;
}

static void
at(const char *when)
{
	assert_true(eg_time_parse(eg_bytes_str(when), &clock_now));
}

#define COSTS                                                                                           \
	"business.timezone = America/New_York\nexpect.costs.source = cmic\nexpect.costs.pattern = %s\n" \
	"expect.costs.by = 18:00\n"

/* It opens on Thursday, 2026-11-19, 15:00 in New York, and looks once. */
static struct kit *
expecting(const char *pattern, const char *more)
{
	char *text = eg_xprintf(COSTS "%s", pattern, more);
	struct kit *k = gate_open("cmic", text);

	free(text);
	k->s.now = moving_clock;
	at("2026-11-19T20:00:00Z");
	gate_begin(k);
	kit_good(k, expect_turn(&k->s, NULL, &k->err));
	gate_commit(k);
	return k;
}

static void
turn(struct kit *k, const char *when)
{
	at(when);
	gate_begin(k);
	kit_good(k, store_run_begin(k->s.store, "run", clock_now, &k->s.run, &k->err));
	kit_good(k, expect_turn(&k->s, NULL, &k->err));
	gate_commit(k);
}

static void
drop(struct kit *k, const char *when, const char *name, const char *verdict)
{
	struct drop_row d = {
		.source = "cmic", .name = name, .state = "read", .verdict = verdict, .run = k->s.run, .size = 1
	};
	char id[16];

	at(when);
	gate_begin(k);
	kit_good(k, store_next_id(k->s.store, 'D', id, &k->err));
	d.id = id;
	d.sha256 = d.identity = id; /* every drop other bytes */
	d.received = clock_now;
	kit_good(k, store_drop_add(k->s.store, &d, &k->err));
	gate_commit(k);
}

static int
event_each(void *ctx, const struct log_row *r, struct eg_err *err)
{
	struct kit *k = ctx;
	json_t *j = json_loads(r->detail, 0, NULL);
	const json_t *day = json_object_get(j, "day"), *n = json_object_get(j, "number");

	(void)err;
	if (strcmp(r->event, "expecting") == 0)
		eg_buf_str(&k->out, "begin;");
	else if (day != NULL)
		eg_buf_printf(&k->out, "%s %s;", r->event, json_string_value(day) + 5);
	else if (strcmp(r->event, "gap") == 0)
		eg_buf_printf(&k->out, "gap %lld-%lld;", (long long)json_integer_value(json_object_get(j, "from")),
		    (long long)json_integer_value(json_object_get(j, "to")));
	else
		eg_buf_printf(&k->out, "%s %lld;", r->event, (long long)json_integer_value(n));
	json_decref(j);
	return EG_OK;
}

/* What the log says of it. */
static const char *
events(struct kit *k)
{
	eg_buf_clear(&k->out);
	kit_good(k, store_log_each(k->s.store, "costs", 0, event_each, k, &k->err));
	return eg_buf_cstr(&k->out);
}

static int
code_each(void *ctx, const struct finding *f, struct eg_err *err)
{
	struct kit *k = ctx;

	(void)err;
	eg_buf_printf(&k->out, "%s;", f->code);
	return EG_OK;
}

static const char *
codes(struct kit *k)
{
	struct finding_filter all = { 0 };

	eg_buf_clear(&k->out);
	kit_good(k, store_finding_each(k->s.store, &all, code_each, k, &k->err));
	return eg_buf_cstr(&k->out);
}

/* Friday's comes in time, Monday's is missing, a weekend between: told once, however many turns there are. */
static void
test_missing_once(void **state)
{
	struct kit *k = expecting("costs*.csv", "");

	(void)state;
	drop(k, "2026-11-19T22:59:59Z", "costs1.csv", "accepted");
	drop(k, "2026-11-20T23:00:00Z", "costs2.csv", "partial");
	turn(k, "2026-11-23T23:00:00Z");
	assert_string_equal(events(k), "begin;came 11-19;came 11-20;");
	turn(k, "2026-11-23T23:00:01Z");
	turn(k, "2026-11-24T10:00:00Z");
	assert_string_equal(events(k), "begin;came 11-19;came 11-20;missing 11-23;");
	assert_string_equal(codes(k), "F-75;");
	gate_close(k);
}

/* Behind the cut-off and within the grace it is late, then missing; late that evening it is still that day's file. */
static void
test_late(void **state)
{
	struct kit *k = expecting("costs*.csv", "expect.costs.grace = 1h\n");

	(void)state;
	turn(k, "2026-11-19T23:30:00Z");
	assert_string_equal(events(k), "begin;late 11-19;");
	assert_string_equal(codes(k), "");
	turn(k, "2026-11-20T00:00:01Z");
	assert_string_equal(events(k), "begin;late 11-19;missing 11-19;");
	drop(k, "2026-11-20T02:00:00Z", "costs1.csv", "accepted");
	turn(k, "2026-11-20T02:01:00Z");
	assert_string_equal(events(k), "begin;late 11-19;missing 11-19;came-late 11-19;");
	gate_close(k);
}

/* The morning after, one file counts for the day at hand; a second one for the day before. What is missing in number stays missing. */
static void
test_counting(void **state)
{
	struct kit *k = expecting("costs*.csv", "");

	(void)state;
	drop(k, "2026-11-20T20:00:00Z", "costs1.csv", "accepted");
	turn(k, "2026-11-20T20:01:00Z");
	assert_string_equal(events(k), "begin;missing 11-19;came 11-20;");
	drop(k, "2026-11-20T21:00:00Z", "costs2.csv", "accepted");
	drop(k, "2026-11-20T21:30:00Z", "costs3.csv", "accepted"); /* one more than expected: nobody is told */
	turn(k, "2026-11-20T21:31:00Z");
	assert_string_equal(events(k), "begin;missing 11-19;came 11-20;came-late 11-19;");
	gate_close(k);
}

/* A date in the name needs no counting; a refused file has not come, a duplicate has. */
static void
test_dated(void **state)
{
	struct kit *k = expecting("costs_{date}.csv", "");

	(void)state;
	drop(k, "2026-11-20T21:00:00Z", "costs_20261120.csv", "refused");
	drop(k, "2026-11-23T10:00:00Z", "costs_20261119.csv", "duplicate");
	drop(k, "2026-11-23T11:00:00Z", "costs_20261121.csv", "accepted"); /* a Saturday: nobody waits for it */
	turn(k, "2026-11-23T12:00:00Z");
	assert_string_equal(events(k), "begin;missing 11-19;missing 11-20;came-late 11-19;");
	gate_close(k);
}

/* By the morning after the day; over the change of the clocks (2026-11-01, 02:00) the cut-off stays 06:00 there. */
static void
test_next_morning(void **state)
{
	struct kit *k = expecting("costs_{date}.csv", "");
	struct expects all;

	(void)state;
	expects_load(&k->s, &all);
	assert_int_equal(all.n, 1);
	assert_null(all.v[0].fault);
	all.v[0].cutoff = (struct expect_cutoff){ 6 * 3600, 1 };
	at("2026-10-31T10:00:00Z");
	assert_int_equal(expect_deadline(&all.v[0], date("2026-10-30")), clock_now);
	at("2026-11-01T11:00:00Z");
	assert_int_equal(expect_deadline(&all.v[0], date("2026-10-31")), clock_now);
	expects_free(&all);
	gate_close(k);
}

static void
test_numbers(void **state)
{
	struct kit *k = expecting("costs-{n}.csv", "expect.costs.sequence = name\nexpect.costs.days = month-end\n");
	int64_t missing = 0;

	(void)state;
	drop(k, "2026-11-20T20:00:00Z", "costs-12.csv", "accepted"); /* out of order within a turn is no gap */
	drop(k, "2026-11-20T20:00:01Z", "costs-11.csv", "accepted");
	turn(k, "2026-11-20T20:01:00Z");
	drop(k, "2026-11-20T21:00:00Z", "costs-15.csv", "accepted");
	turn(k, "2026-11-20T21:01:00Z");
	kit_good(k, expected_missing(k->s.store, "costs", &missing, &k->err));
	assert_int_equal(missing, 2);
	drop(k, "2026-11-20T22:00:00Z", "costs-13.csv", "accepted");
	drop(k, "2026-11-20T22:00:01Z", "costs-15.csv", "accepted"); /* the same number with other bytes */
	turn(k, "2026-11-20T22:01:00Z");
	assert_string_equal(events(k), "begin;came 11-30;came 11;came 12;gap 13-14;came 15;came-late 13;repeat 15;");
	assert_string_equal(codes(k), "F-76;F-76;");
	kit_good(k, expected_missing(k->s.store, "costs", &missing, &k->err));
	assert_int_equal(missing, 1);
	gate_close(k);
}

/* The next moment at which there is something to say by the clock alone: a daemon sleeps no longer. */
static void
test_due(void **state)
{
	struct kit *k = expecting("costs*.csv", "expect.costs.grace = 30m\n");
	int64_t due = 0;

	(void)state;
	kit_good(k, expect_due(&k->s, &due, &k->err));
	at("2026-11-19T23:00:01Z");
	assert_int_equal(due, clock_now);
	turn(k, "2026-11-19T23:00:01Z");
	kit_good(k, expect_due(&k->s, &due, &k->err));
	at("2026-11-19T23:30:01Z");
	assert_int_equal(due, clock_now);
	turn(k, "2026-11-19T23:30:01Z");
	kit_good(k, expect_due(&k->s, &due, &k->err));
	at("2026-11-20T23:00:01Z");
	assert_int_equal(due, clock_now);
	gate_close(k);
}

/* What lacks something, or names what is not there, is not watched and says why. */
static void
test_faults(void **state)
{
	struct kit *k = gate_open("cmic",
	    "expect.a.source = cmic\nexpect.a.by = 18:00\nexpect.b.source = nobody\nexpect.b.pattern = x\nexpect.b.by = 18:00\n"
	    "expect.c.source = cmic\nexpect.c.pattern = x\nexpect.c.by = 18:00\nexpect.c.zone = Mars/Base\n"
	    "expect.d.source = cmic\nexpect.d.pattern = x\nexpect.d.by = 18:00\nexpect.d.sequence = name\n"
	    "expect.e.source = cmic\nexpect.e.pattern = x\nexpect.e.by = 18:00\nexpect.e.holidays = none.csv\n");
	static const char *const why[] = { "lacks its pattern", "no such source", "Mars/Base", "write {n} there",
		"there is no tables/none.csv" };
	struct expects all;

	(void)state;
	expects_load(&k->s, &all);
	assert_int_equal(all.n, 5);
	for (size_t i = 0; i < all.n; i++) {
		assert_non_null(all.v[i].fault);
		assert_non_null(strstr(all.v[i].fault, why[i]));
	}
	expects_free(&all);
	gate_begin(k);
	kit_good(k, expect_turn(&k->s, NULL, &k->err));
	gate_commit(k);
	gate_close(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_no_days),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_hostile_name),
		cmocka_unit_test(test_content),
		cmocka_unit_test(test_missing_once),
		cmocka_unit_test(test_late),
		cmocka_unit_test(test_counting),
		cmocka_unit_test(test_dated),
		cmocka_unit_test(test_next_morning),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_due),
		cmocka_unit_test(test_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
