/* SPDX-License-Identifier: MIT
 *
 * The wall clock against the log and the machine's seconds, with clocks that the test moves: set back by a day, to 1970, 2038, 2106, ten years ahead, over starts of
 * the machine, and put right again. The order of the log is that of its indexes all the while.
 */
#include "gate_kit.h"

#include "gateway/clock.h"
#include "gateway/cycle.h"
#include "gateway/schedule.h"

#define DAY INT64_C(86400)
#define YEAR (365 * DAY)

static int64_t wall, mono;

static int64_t
wall_of_test(void *ctx)
{
	(void)ctx;
	return wall;
}

static int64_t
mono_of_test(void *ctx)
{
	(void)ctx;
	return mono;
}

static void
passes(int64_t sec)
{
	wall += sec;
	mono += sec;
}

static void
boots(struct kit *k, const char *id)
{
	(void)snprintf(k->s.boot, sizeof(k->s.boot), "%s", id);
	mono = 10;
}

/* A site whose log begins at the test's time. */
static struct kit *
clocked(const char *settings)
{
	struct kit *k = gate_open("cmic", settings);

	wall = (int64_t)time(NULL) +
	       2 * DAY; /* behind what init wrote, and a day back still behind the files of the test */
	k->s.now = wall_of_test;
	k->s.mono = mono_of_test;
	boots(k, "boot-1");
	return k;
}

static void
turn(struct kit *k)
{
	struct cycle_result r;

	kit_good(k, cycle_run(&k->s, 0, NULL, &r, &k->err));
	gate_run(k);
}

/* ---- the log ---- */

struct seen {
	unsigned anomalies, good, accepted, n;
	char last[16], detail[200];
	uint64_t next;
};

static int
see(void *ctx, const struct log_row *r, struct eg_err *err)
{
	struct seen *s = ctx;

	(void)err;
	assert_int_equal(r->index, s->next++);
	s->anomalies += strcmp(r->event, "clock-anomaly") == 0;
	s->good += strcmp(r->event, "clock-good") == 0;
	s->accepted += strcmp(r->event, "clock-accepted") == 0;
	if (strncmp(r->event, "clock-", 6) == 0)
		(void)snprintf(s->detail, sizeof(s->detail), "%s", r->detail);
	return EG_OK;
}

static struct seen
seen(struct kit *k)
{
	struct seen s = { 0 };

	kit_good(k, store_log_each(k->s.store, NULL, 0, see, &s, &k->err));
	return s;
}

static void
told(struct kit *k, unsigned anomalies, unsigned good)
{
	struct seen s = seen(k);

	assert_int_equal(s.anomalies, anomalies);
	assert_int_equal(s.good, good);
}

static uint64_t
head_size(struct kit *k)
{
	struct eg_buf text = EG_BUF_INIT;
	uint64_t n = 0;
	struct eg_bytes rest, line;

	kit_good(k, eg_fs_read_file(k->s.spool.archive, "log/checkpoint", 4096, &text, &k->err));
	rest = eg_buf_view(&text);
	assert_true(eg_bytes_cut(&rest, '\n', &line) && eg_bytes_cut(&rest, '\n', &line));
	assert_true(eg_bytes_to_u64(line, &n));
	eg_buf_done(&text);
	return n;
}

/* ---- jumps ---- */

static const struct {
	const char *label;
	int64_t by, to; /* to: 0 = by */
	enum clock_doubt doubt;
} jumps[] = {
	{ "30 s back: the network set it", -30, 0, CLOCK_GOOD },
	{ "two minutes back", -120, 0, CLOCK_BEHIND },
	{ "a day back", -DAY, 0, CLOCK_BEHIND },
	{ "1970", 0, 1, CLOCK_BEHIND },
	{ "12 hours ahead", DAY / 2, 0, CLOCK_GOOD },
	{ "two days ahead", 2 * DAY, 0, CLOCK_AHEAD },
	{ "ten years ahead", 10 * YEAR, 0, CLOCK_AHEAD },
	{ "19 January 2038, 03:14:08", 0, INT64_C(2147483648), CLOCK_AHEAD },
	{ "7 February 2106, 06:28:16", 0, INT64_C(4294967296), CLOCK_AHEAD },
};

static void
one_jump(size_t i, bool reboot)
{
	struct kit *k = clocked("");

	print_message("          %s%s\n", jumps[i].label, reboot ? ", over a start of the machine" : "");
	turn(k);
	passes(600);
	turn(k);
	told(k, 0, 0);
	int64_t right = wall, mono_right = mono;
	uint64_t head = head_size(k);
	wall = jumps[i].to != 0 ? jumps[i].to : wall + jumps[i].by;
	if (reboot)
		boots(k, "boot-2");
	turn(k);
	bool doubt = k->s.clock.doubt != CLOCK_GOOD;
	if (!reboot || jumps[i].by != 2 * DAY)
		assert_int_equal(k->s.clock.doubt, jumps[i].doubt);
	told(k, doubt, 0);
	passes(5);
	turn(k);
	told(k, doubt, 0); /* once, not at every turn */
	if (doubt) {
		assert_int_equal(head_size(k), head);
		assert_true(clock_earliest(&k->s) <= right + 700 && clock_latest(&k->s) >= right - 700);
	}
	if (!doubt) {
		gate_close(k);
		return;
	}
	/* Put right again. */
	wall = right + 20;
	mono = reboot ? mono + 10 : mono_right + 20;
	turn(k);
	assert_int_equal(k->s.clock.doubt, CLOCK_GOOD);
	told(k, 1, 1);
	assert_true(head_size(k) >= head);
	gate_close(k);
}

static void
every_jump(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++) {
		one_jump(i, false);
		one_jump(i, true);
	}
}

/* A month off is no anomaly; a person's word ends one that is. */
static void
off_for_a_while(void **state)
{
	struct kit *k = clocked("");

	(void)state;
	turn(k);
	wall += 30 * DAY;
	boots(k, "boot-2");
	turn(k);
	told(k, 0, 0);
	wall += 100 * DAY;
	boots(k, "boot-3");
	turn(k);
	told(k, 1, 0);
	gate_begin(k);
	kit_good(k, clock_accept(&k->s, &k->err));
	gate_commit(k);
	turn(k);
	assert_int_equal(k->s.clock.doubt, CLOCK_GOOD);
	assert_int_equal(seen(k).accepted, 1);
	gate_begin(k);
	assert_int_equal(clock_accept(&k->s, &k->err), EG_BADREC);
	store_rollback(k->s.store);
	gate_close(k);
}

/* What is in state.db only helps: without it the log says the same. */
static void
rebuilt(void **state)
{
	struct kit *k = clocked("");

	(void)state;
	turn(k);
	wall += 10 * YEAR;
	gate_begin(k);
	kit_good(k, site_log(&k->s, "noted", "", NULL, &k->err)); /* a command, at the wrong time */
	gate_commit(k);
	wall -= 10 * YEAR;
	turn(k);
	assert_int_equal(k->s.clock.doubt, CLOCK_BEHIND);
	gate_begin(k);
	kit_good(k, store_meta_set(k->s.store, "clock.mark", "", &k->err));
	gate_commit(k);
	kit_good(k, clock_look(&k->s, &k->err));
	assert_int_equal(k->s.clock.doubt, CLOCK_BEHIND);
	gate_begin(k);
	kit_good(k, clock_accept(&k->s, &k->err));
	kit_good(k, store_meta_set(k->s.store, "clock.mark", "", &k->err));
	gate_commit(k);
	kit_good(k, clock_look(&k->s, &k->err));
	assert_int_equal(k->s.clock.doubt, CLOCK_GOOD);
	gate_close(k);
}

/* ---- what hangs on it ---- */

static void
schedules_wait(void **state)
{
	struct kit *k = clocked("schedule.export = every 1h\n");
	struct schedule_board b;

	(void)state;
	turn(k);
	passes(7200);
	kit_good(k, clock_look(&k->s, &k->err));
	kit_good(k, schedule_look(&k->s, &b, &k->err));
	assert_true(b.line[SCHEDULE_EXPORT].open);
	wall += 10 * YEAR;
	kit_good(k, clock_look(&k->s, &k->err));
	kit_good(k, schedule_look(&k->s, &b, &k->err));
	assert_false(b.line[SCHEDULE_EXPORT].open);
	gate_close(k);
}

/* ---- sheets ---- */

static void
drop(struct kit *k, const char *source, const char *name, struct eg_bytes v)
{
	int dir = -1;

	kit_good(k, eg_fs_opendir(k->s.spool.drop, source, &dir, &k->err));
	kit_good(k, eg_fs_write_file(dir, name, v, 0600, true, &k->err));
	eg_fd_done(&dir);
}

/* One company waits for a decision; the sheet accepts nothing but archives it, signed by pat. */
static void
return_sheet(struct kit *k, const struct sign_key *key, int64_t expires)
{
	char until[EG_TIME_TEXT];
	unsigned char sig[SIGN_ED25519_LEN];
	struct item it;

	kit_good(k, item_lookup(k->s.store, "vendor/1", &k->a, &it, &k->err));
	eg_time_print(until, expires);
	char *sheet = eg_xprintf(
	    "Decision,Comment,Item,Content,Sheet\r\nReject,no,vendor/1,sha256:%s,S000009 " GATE_SITE " %s\r\n",
	    it.content, until);
	kit_good(k, sign_bytes(key, eg_bytes_str(sheet), sig, &k->err));
	drop(k, "approvals", "s.csv.sig", eg_bytes(sig, sizeof(sig)));
	drop(k, "approvals", "s.csv", eg_bytes_str(sheet));
	free(sheet);
}

static int
state_of(void *ctx, const struct manifest *m, struct eg_err *err)
{
	(void)err;
	(void)snprintf(ctx, 16, "%s", m->state);
	return EG_OK;
}

static void
sheet_is(struct kit *k, const char *state)
{
	char is[16] = "";

	kit_good(k, manifest_each(k->s.store, NULL, state_of, is, &k->err));
	assert_string_equal(is, state);
}

/* A sheet that is good by one of two clocks and expired by the other waits for the true one. */
static void
sheets_wait(void **state)
{
	static const struct {
		int64_t jump, expires; /* both from the right time */
		const char *then, *after;
	} cases[] = {
		{ 0, DAY, "applied", "applied" },
		{ 10 * YEAR, YEAR, "parked", "applied" }, /* the clock ran ahead: not expired by that */
		{ -DAY, -DAY / 2, "parked", "refused" }, /* set back: not good again by that */
		{ -DAY, -2 * DAY, "refused", "refused" }, /* expired by any clock */
		{ -DAY, DAY, "parked", "applied" }, /* good by both, but on which day does it book? */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kit *k = clocked("settle.quiet = 0s\n");
		struct sign_key *key = gate_user(k, "pat", "all", NULL, true);

		drop(k, "procore", "companies.csv",
		    EG_LIT(
			"Company ID,Name,Abbreviated Name,City,State,Country,Active,ERP Vendor ID\n1,One,O,Duluth,MN,US,Yes,\n"));
		turn(k);
		int64_t right = wall;
		wall += cases[i].jump;
		return_sheet(k, key, right + cases[i].expires);
		turn(k);
		sheet_is(k, cases[i].then);
		wall = right;
		turn(k);
		sheet_is(k, cases[i].after);
		sign_key_free(key);
		gate_close(k);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_jump),
		cmocka_unit_test(off_for_a_while),
		cmocka_unit_test(rebuilt),
		cmocka_unit_test(schedules_wait),
		cmocka_unit_test(sheets_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
