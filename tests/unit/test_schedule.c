/* SPDX-License-Identifier: MIT
 *
 * Schedules: what the settings may say, when that is due (changes of the clock included), and whole sites whose clock is moved: what leaves when, what a stop
 * and a restart do, and that a plain run waits for nothing.
 */
#include "gate_kit.h"

#include "gateway/schedule.h"

static int64_t
utc(const char *text)
{
	int64_t ret = 0;

	if (!eg_time_parse(eg_bytes_str(text), &ret))
		fail_msg("no time: %s", text);
	return ret;
}

/* ---- forms ---- */

static void
forms(void **state)
{
	static const char *const good[] = { "always", "never", "hourly", "every 1h", "every 2h", "every 12h",
		"daily 00:00", "daily 01:00 America/New_York", "daily 06:00,18:00", "daily  23:59  Europe/Berlin" };
	static const char *const bad[] = { "", "Always", "every", "every 5h", "every 0h", "every 24h", "every 2",
		"every 2d", "hourly 2h", "daily", "daily 1:00", "daily 24:00", "daily 01:60", "daily 01:00,",
		"daily 18:00,06:00", "daily 06:00,06:00", "daily 01-00", "weekly", "every -2h",
		"every 99999999999999999999h" };
	struct schedule_spec s;
	struct eg_err err;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (schedule_parse(eg_bytes_str(good[i]), &s, &err) != EG_OK)
			fail_msg("%s: %s", good[i], err.msg);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (schedule_parse(eg_bytes_str(bad[i]), &s, &err) != EG_BADREC)
			fail_msg("taken: \"%s\"", bad[i]);
		assert_string_equal(err.code, "CONF-VALUE");
	}
}

static const struct {
	const char *zone, *schedule, *now, *last, *next;
} dues[] = {
	{ "UTC", "hourly", "2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z", "2026-11-21T11:00:00Z" },
	{ "UTC", "hourly", "2026-11-21T10:59:59Z", "2026-11-21T10:00:00Z", "2026-11-21T11:00:00Z" },
	{ "UTC", "every 2h", "2026-11-21T11:30:00Z", "2026-11-21T10:00:00Z", "2026-11-21T12:00:00Z" },
	{ "UTC", "every 4h", "2026-11-21T23:59:59Z", "2026-11-21T20:00:00Z", "2026-11-22T00:00:00Z" },
	{ "UTC", "daily 01:00", "2026-11-21T00:59:59Z", "2026-11-20T01:00:00Z", "2026-11-21T01:00:00Z" },
	{ "UTC", "daily 01:00", "2026-11-21T01:00:00Z", "2026-11-21T01:00:00Z", "2026-11-22T01:00:00Z" },
	{ "UTC", "daily 06:00,18:00", "2026-11-21T12:00:00Z", "2026-11-21T06:00:00Z", "2026-11-21T18:00:00Z" },
	{ "UTC", "daily 06:00,18:00", "2026-11-21T19:00:00Z", "2026-11-21T18:00:00Z", "2026-11-22T06:00:00Z" },
	/* the night of the spring change: 02:30 is passed over and runs at the first moment behind */
	{ "America/New_York", "daily 02:30", "2026-03-08T06:59:59Z", "2026-03-07T07:30:00Z", "2026-03-08T07:00:00Z" },
	{ "America/New_York", "daily 02:30", "2026-03-08T07:00:00Z", "2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z" },
	/* autumn: 01:30 comes twice and runs at the first */
	{ "America/New_York", "daily 01:30", "2026-11-01T05:29:59Z", "2026-10-31T05:30:00Z", "2026-11-01T05:30:00Z" },
	{ "America/New_York", "daily 01:30", "2026-11-01T06:30:00Z", "2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z" },
	{ "Europe/Berlin", "daily 02:30", "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z" },
	{ "Europe/Berlin", "daily 02:30", "2026-10-25T01:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z" },
	{ "Australia/Sydney", "daily 02:30", "2026-10-03T16:00:00Z", "2026-10-03T16:00:00Z", "2026-10-04T15:30:00Z" },
	{ "Australia/Sydney", "daily 02:30", "2026-04-04T16:30:00Z", "2026-04-04T15:30:00Z", "2026-04-05T16:30:00Z" },
	{ "Asia/Kolkata", "daily 01:00", "2026-11-21T00:00:00Z", "2026-11-20T19:30:00Z", "2026-11-21T19:30:00Z" },
};

static void
due_times(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(dues) / sizeof(dues[0]); i++) {
		struct schedule_spec s;
		struct eg_tz *z = NULL;
		struct eg_err err;
		char last_text[EG_TIME_TEXT], next_text[EG_TIME_TEXT];
		int64_t last, next;

		assert_int_equal(eg_tz_load(dues[i].zone, &z, &err), EG_OK);
		assert_int_equal(schedule_parse(eg_bytes_str(dues[i].schedule), &s, &err), EG_OK);
		schedule_due(&s, z, utc(dues[i].now), &last, &next);
		eg_time_print(last_text, last);
		eg_time_print(next_text, next);
		if (last != utc(dues[i].last) || next != utc(dues[i].next))
			fail_msg(
			    "row %zu, %s at %s: %s, then %s", i, dues[i].schedule, dues[i].now, last_text, next_text);
		eg_tz_free(z);
	}
}

/* Every minute of a year of changes: a due time comes once, in order, and the next one becomes the last one. */
static void
a_year_of_minutes(void **state)
{
	static const char *const zones[] = { "America/New_York", "Australia/Sydney" };
	struct schedule_spec s;
	struct eg_err err;

	(void)state;
	assert_int_equal(schedule_parse(EG_LIT("daily 01:30,02:30"), &s, &err), EG_OK);
	for (size_t z = 0; z < 2; z++) {
		struct eg_tz *tz = NULL;
		int64_t last, next, expect = 0;
		unsigned served = 0;
		assert_int_equal(eg_tz_load(zones[z], &tz, &err), EG_OK);
		for (int64_t now = utc("2026-01-01T12:00:00Z"); now < utc("2027-01-01T12:00:00Z"); now += 600) {
			schedule_due(&s, tz, now, &last, &next);
			assert_true(last <= now && now < next);
			if (expect != 0 && expect <= now) {
				assert_int_equal(last, expect);
				served++;
			}
			expect = next;
		}
		assert_int_equal(served, 365 * 2);
		eg_tz_free(tz);
	}
}

/* ---- settings ---- */

static void
settings_are_checked(void **state)
{
	static const struct {
		const char *text, *code;
	} bad[] = {
		{ "erp = mri\nschedule.costs = sometimes\n", "CONF-VALUE" },
		{ "erp = mri\nschedule.costs = daily 01:00 Eastern\n", "TZ-NAME" },
		{ "erp = mri\nbusiness.timezone = Mars/Olympus\n", "TZ-NAME" },
		{ "erp = mri\nbusiness.timezone = ../../etc/passwd\n", "TZ-NAME" },
		{ "erp = mri\nperiod.closed_until = 2026-02-30\n", "CONF-VALUE" },
		{ "erp = mri\nperiod.open = 2026-13\n", "CONF-VALUE" },
		{ "erp = mri\nmail.from = Ann <ann@example.com>\n", "CONF-VALUE" },
		{ "erp = mri\nmail.summary_at = 7\n", "CONF-VALUE" },
	};
	struct conf c;
	struct eg_err err;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		err = (struct eg_err){ 0 };
		assert_int_equal(conf_parse(eg_bytes_str(bad[i].text), "erpgate.conf", &c, &err), EG_BADFILE);
		assert_string_equal(err.code, bad[i].code);
		assert_int_equal(err.pos.line, 2);
	}
	assert_int_equal(
	    conf_parse(
		EG_LIT("schedule.payments = daily 03:00 America/New_York\nbusiness.timezone = Asia/Kolkata\n"
		       "period.closed_until = 2026-10-31\nperiod.open = 2026-09, 2026-11\nmail.from = a@b.example\n"),
		"erpgate.conf", &c, &err),
	    EG_OK);
	conf_free(&c);
}

/* ---- sites ---- */

static int64_t clock_now;

static int64_t
moving_clock(void *ctx)
{
	(void)ctx;
	return clock_now;
}

/* A turn's batches, as watch or run --scheduled makes them at that time. *ret: batches. */
static unsigned
turn_at(struct kit *k, const char *when, bool scheduled)
{
	unsigned n = 0;

	clock_now = utc(when);
	k->s.now = moving_clock;
	k->s.scheduled = scheduled;
	gate_begin(k);
	kit_good(k, store_run_begin(k->s.store, "run", clock_now, &k->s.run, &k->err));
	gate_commit(k);
	kit_good(k, batches_make(&k->s, &n, &k->err));
	return n;
}

static void
restart(struct kit *k)
{
	gate_reopen(k);
	k->s.now = moving_clock;
}

static void
approve(struct kit *k, const char *iid)
{
	struct item it = kit_item(k, iid);
	struct decision d = { .item = it.id,
		.manifest = "P000001",
		.iid = iid,
		.content = it.content,
		.verdict = "accept",
		.erp_id = it.iid,
		.transaction_date = "",
		.accounting_date = "",
		.description = "",
		.comment = "",
		.approver = "pat",
		.result = "applied",
		.code = "",
		.at = GATE_NOW };

	d.erp_id = strrchr(it.iid, '/') + 1;
	gate_begin(k);
	kit_good(k, decision_add(k->s.store, &d, &it.accepted, &k->err));
	it.state = ST_APPROVED;
	kit_good(k, item_save(k->s.store, &it, 1, &k->err));
	gate_commit(k);
}

static void
vendor(struct kit *k, const char *id)
{
	char *head = eg_xprintf("vendor.pm_id=%s;vendor.name=Company %s", id, id), *iid = eg_xprintf("vendor/%s", id);

	gate_begin(k);
	kit_drop(k, "procore", "vendors.csv");
	kit_give(k, ADP_TAKEN, "vendor", 2, head, NULL);
	kit_settle(k, false);
	gate_commit(k);
	approve(k, iid);
	free(iid);
	free(head);
}

/* Runs begin before the first turn, so that a schedule has a turn before it. */
static struct kit *
site_at(const char *when, const char *settings)
{
	struct kit *k = gate_open("cmic", settings);

	assert_int_equal(turn_at(k, when, true), 0);
	return k;
}

static void
leaves_at_its_time(void **state)
{
	struct kit *k = site_at("2026-11-21T22:00:00Z", "schedule.export = daily 01:00 America/New_York\n");
	struct schedule_board b;

	(void)state;
	vendor(k, "1001");
	assert_int_equal(turn_at(k, "2026-11-22T05:59:59Z", true), 0);
	assert_string_equal(kit_state(k, "vendor/1001"), "approved");
	kit_good(k, schedule_look(&k->s, &b, &k->err));
	struct item it = kit_item(k, "vendor/1001");
	assert_non_null(schedule_waits(&b, &it));
	assert_string_equal(schedule_waits(&b, &it)->next_local, "2026-11-22 01:00");
	assert_string_equal(schedule_waits(&b, &it)->zone, "America/New_York");
	assert_int_equal(turn_at(k, "2026-11-22T06:00:00Z", true), 1);
	assert_string_equal(kit_state(k, "vendor/1001"), "exported");
	/* once: what is accepted a minute later waits for tomorrow */
	vendor(k, "1002");
	assert_int_equal(turn_at(k, "2026-11-22T06:01:00Z", true), 0);
	assert_int_equal(turn_at(k, "2026-11-23T05:59:00Z", true), 0);
	assert_int_equal(turn_at(k, "2026-11-23T06:00:00Z", true), 1);
	gate_close(k);
}

static void
a_run_by_hand_waits_for_nothing(void **state)
{
	struct kit *k = site_at("2026-11-21T22:00:00Z", "schedule.export = never\n");

	(void)state;
	vendor(k, "1001");
	assert_int_equal(turn_at(k, "2026-11-25T00:00:00Z", true), 0);
	assert_int_equal(turn_at(k, "2026-11-25T00:00:01Z", false), 1);
	gate_close(k);
}

static void
what_was_due_while_down_is_due_once(void **state)
{
	struct kit *k = site_at("2026-11-20T00:30:00Z", "schedule.export = daily 01:00\n");

	(void)state;
	assert_int_equal(turn_at(k, "2026-11-20T01:00:00Z", true), 0); /* served, with nothing to send */
	vendor(k, "1001");
	restart(k);
	/* five nights later, at noon */
	assert_int_equal(turn_at(k, "2026-11-25T12:00:00Z", true), 1);
	vendor(k, "1002");
	restart(k);
	assert_int_equal(turn_at(k, "2026-11-25T12:01:00Z", true), 0); /* not again for the other four nights */
	restart(k);
	assert_int_equal(turn_at(k, "2026-11-26T01:00:00Z", true), 1);
	gate_close(k);
}

static void
set_counter(struct kit *k, const char *value)
{
	char *key = eg_xprintf("counter.%s", adp_info(adp_set_at(k->s.adapters, 0))->name);

	gate_begin(k);
	kit_good(k, store_meta_set(k->s.store, key, value, &k->err));
	gate_commit(k);
	free(key);
}

/* What could not be written is due until it was: here a running number cannot be read for a while. */
static void
a_failed_batch_keeps_its_time(void **state)
{
	struct kit *k = site_at("2026-11-20T00:30:00Z", "schedule.export = daily 01:00\n");
	unsigned n = 0;

	(void)state;
	vendor(k, "1001");
	set_counter(k, "seven");
	assert_int_equal(turn_at(k, "2026-11-20T00:40:00Z", true), 0);
	clock_now = utc("2026-11-20T01:00:00Z");
	assert_int_equal(batches_make(&k->s, &n, &k->err), EG_FATAL);
	set_counter(k, "7");
	assert_int_equal(turn_at(k, "2026-11-20T09:00:00Z", true), 1);
	gate_close(k);
}

static void
a_changed_schedule_begins_anew(void **state)
{
	struct kit *k = site_at("2026-11-20T13:00:00Z", "schedule.export = hourly\n");
	int dir = -1;

	(void)state;
	vendor(k, "1001");
	assert_int_equal(turn_at(k, "2026-11-20T14:00:00Z", true), 1);
	/* daily 01:00 was never served, but it is not due before the night either */
	kit_good(k, eg_fs_opendir(AT_FDCWD, k->dir, &dir, &k->err));
	kit_good(k,
	    eg_fs_write_file(dir, "erpgate.conf",
		EG_LIT("erp = cmic\nsite.name = " GATE_SITE "\nschedule.export = daily 01:00\n"), 0600, true, &k->err));
	eg_fd_done(&dir);
	restart(k);
	vendor(k, "1002");
	assert_int_equal(turn_at(k, "2026-11-20T14:10:00Z", true), 0);
	assert_int_equal(turn_at(k, "2026-11-21T01:00:00Z", true), 1);
	gate_close(k);
}

static void
a_clock_that_was_ahead(void **state)
{
	struct kit *k = site_at("2026-11-20T13:00:00Z", "schedule.export = hourly\n");

	(void)state;
	vendor(k, "1001");
	assert_int_equal(turn_at(k, "2031-01-01T00:00:00Z", true), 1);
	vendor(k, "1002");
	assert_int_equal(turn_at(k, "2026-11-20T13:30:00Z", true), 0);
	assert_int_equal(turn_at(k, "2026-11-20T14:00:00Z", true), 1);
	gate_close(k);
}

/* Groups are for themselves: payments at three, codes at once. */
static void
groups(void **state)
{
	struct kit *k = site_at("2026-11-20T00:10:00Z", "schedule.codes = never\nschedule.companies = daily 03:00\n");

	(void)state;
	assert_int_equal(schedule_group_of(rec_type(REC_ERP_COST)), SCHEDULE_COSTS);
	assert_int_equal(schedule_group_of(rec_type(REC_ERP_JOBCOST)), SCHEDULE_COSTS);
	assert_int_equal(schedule_group_of(rec_type(REC_ERP_CUSTOMER)), SCHEDULE_COMPANIES);
	assert_int_equal(schedule_group_of(rec_type(REC_ERP_PRIME)), SCHEDULE_JOBS);
	assert_int_equal(schedule_group_of(rec_type(REC_ERP_SUBJOB)), SCHEDULE_JOBS);
	assert_int_equal(schedule_group_of(rec_type(REC_ERP_PAYMENT)), SCHEDULE_PAYMENTS);
	assert_int_equal(schedule_group_of(rec_type(REC_ERP_CODE)), SCHEDULE_CODES);
	assert_int_equal(schedule_group_of(rec_type(REC_INVOICE)), SCHEDULE_EXPORT);
	gate_begin(k);
	kit_drop(k, "cmic", "vendors.csv");
	kit_give(k, ADP_TAKEN, "erp-vendor", 2, "vendor.origin_code=V1;vendor.name=One", NULL);
	kit_settle(k, false);
	gate_commit(k);
	approve(k, "erp-vendor/V1");
	vendor(k, "1001");
	assert_int_equal(turn_at(k, "2026-11-20T02:00:00Z", true), 1); /* the export alone */
	assert_string_equal(kit_state(k, "vendor/1001"), "exported");
	assert_string_equal(kit_state(k, "erp-vendor/V1"), "approved");
	assert_int_equal(turn_at(k, "2026-11-20T03:00:00Z", true), 1);
	assert_string_equal(kit_state(k, "erp-vendor/V1"), "synced");
	gate_close(k);
}

/* ---- the books' own day ---- */

static const char *
date_of_decision(const char *zone, const char *at)
{
	static char text[16];
	char *settings = eg_xprintf("business.timezone = %s\n", zone);
	struct kit *k = gate_open("cmic", settings);
	struct enrich_srcs srcs = { 0 };
	struct rec r;

	gate_begin(k);
	kit_drop(k, "procore", "all.csv");
	kit_give(k, ADP_TAKEN, "project", 5, "project.number=P1;project.name=A", NULL);
	kit_give(k, ADP_TAKEN, "budget", 6, "project.number=P1",
	    "line.cost_code=01-1000;line.cost_type=S;line.original_amount=1.00");
	struct item it = kit_item(k, "budget/P1");
	struct decision d = { .erp_id = "",
		.transaction_date = "",
		.accounting_date = "",
		.description = "",
		.comment = "",
		.at = utc(at) };
	kit_good(k, item_record(k->s.store, it.rev, &k->a, &r, &k->err));
	kit_good(k, enrich(&k->s, &it, &d, &k->a, &r, &srcs, &k->err));
	const struct rec_val *v = rec_head(&r, "decision.transaction_date");
	(void)snprintf(text, sizeof(text), "%.*s", EG_FMT(v->text));
	gate_commit(k);
	free(srcs.file);
	gate_close(k);
	free(settings);
	return text;
}

static void
default_dates_are_the_books_day(void **state)
{
	(void)state;
	assert_string_equal(date_of_decision("UTC", "2026-12-01T03:30:00Z"), "2026-12-01");
	assert_string_equal(date_of_decision("America/New_York", "2026-12-01T03:30:00Z"), "2026-11-30");
	assert_string_equal(date_of_decision("America/New_York", "2026-12-01T05:00:00Z"), "2026-12-01");
	assert_string_equal(date_of_decision("Australia/Sydney", "2026-11-30T13:00:00Z"), "2026-12-01");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(due_times),
		cmocka_unit_test(a_year_of_minutes),
		cmocka_unit_test(settings_are_checked),
		cmocka_unit_test(leaves_at_its_time),
		cmocka_unit_test(a_run_by_hand_waits_for_nothing),
		cmocka_unit_test(what_was_due_while_down_is_due_once),
		cmocka_unit_test(a_failed_batch_keeps_its_time),
		cmocka_unit_test(a_changed_schedule_begins_anew),
		cmocka_unit_test(a_clock_that_was_ahead),
		cmocka_unit_test(groups),
		cmocka_unit_test(default_dates_are_the_books_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
