/* SPDX-License-Identifier: MIT
 *
 * The calendar of expected files, turn by turn: arrivals and cut-offs are taken in the order in which they happened. Tests: tests/unit/test_expect.c,
 * tests/scenario/expect.bats.
 */
#include "gateway/expect.h"

#include "gateway/store/store_expect.h"

#include <inttypes.h>
#include <jansson.h>

#define DAY 86400

static const char *const words[] = {
	[EXPECT_NOT] = "not-expected",
	[EXPECT_DUE] = "due",
	[EXPECT_LATE] = "late",
	[EXPECT_MISSING] = "missing",
	[EXPECT_CAME] = "came",
	[EXPECT_CAME_LATE] = "came-late",
};

const char *
expect_word(enum expect_standing s)
{
	return words[s];
}

struct eg_date
expect_today(struct site *s, const struct expect *e)
{
	return eg_tz_date(e->zone, site_now(s));
}

static void
day_text(struct eg_date d, char ret[12])
{
	(void)snprintf(ret, 12, "%04d-%02u-%02u", (int)d.year % 10000, d.month % 100U, d.day % 100U);
}

/* The expected day whose cut-off is the first at or behind `at`; step -1: the last before it. No date: none near. */
static struct eg_date
day_by_deadline(const struct expect *e, int64_t at, int step)
{
	struct eg_date d = eg_date_add_days(eg_tz_date(e->zone, at), step > 0 ? -e->cutoff.days - 2 : 2);

	for (d = expect_next(&e->days, &e->holidays, d, step); eg_date_valid(d);
	     d = expect_next(&e->days, &e->holidays, eg_date_add_days(d, step), step)) {
		int64_t deadline = expect_deadline(e, d);
		if (step > 0 ? deadline >= at : deadline < at)
			break;
	}
	return d;
}

/* ---- what the store remembers of an expectation: meta "expect.NAME" = "<since> <settled> <place> <settings>" ---- */

struct watching {
	struct site *s;
	const struct expect *e;
	int64_t since; /* cut-offs up to then are not its business */
	int64_t settled; /* days whose cut-off and grace were over then have their row */
	int64_t place; /* of the last drop looked at */
	struct expect_arrival *numbers;
	size_t nnumbers;
	struct eg_arena a; /* of one arrival */
};

/* *ret_known false: not with these settings. */
static int
remember(struct watching *w, bool *ret_known, struct eg_err *err)
{
	char *key = eg_xprintf("expect.%s", w->e->name);
	const char *v = NULL;
	int rc = store_meta_get(w->s->store, key, &w->a, &v, err);
	struct eg_bytes rest = eg_bytes_str(v), part[3];

	*ret_known = v != NULL;
	for (int i = 0; i < 3; i++)
		*ret_known = *ret_known && eg_bytes_cut(&rest, ' ', &part[i]);
	*ret_known = *ret_known && eg_bytes_to_i64(part[0], &w->since) && eg_bytes_to_i64(part[1], &w->settled) &&
	             eg_bytes_to_i64(part[2], &w->place) && eg_bytes_is(rest, w->e->settings);
	free(key);
	return rc;
}

static int
keep(struct watching *w, struct eg_err *err)
{
	char *key = eg_xprintf("expect.%s", w->e->name),
	     *v = eg_xprintf("%" PRId64 " %" PRId64 " %" PRId64 " %s", w->since, w->settled, w->place, w->e->settings);
	int rc = store_meta_set(w->s->store, key, v, err);

	free(v);
	free(key);
	return rc;
}

static int
begin(struct watching *w, int64_t now, struct eg_err *err)
{
	const struct expect *e = w->e;
	struct expect_told t = { .event = "expecting" };
	struct eg_date before = day_by_deadline(e, now, -1);
	char since[EG_TIME_TEXT];

	w->since = w->settled = eg_date_valid(before) ? expect_deadline(e, before) : now;
	w->place = 0;
	eg_time_print(since, w->since);
	int rc = expected_numbers_forget(w->s->store, e->name, err);
	return rc == EG_OK ?
	           expect_tell(w->s, e, &t, json_pack("{s:s,s:s}", "settings", e->settings, "since", since), err) :
	           rc;
}

/* ---- days ---- */

static int
put_day(struct watching *w, struct eg_date day, const char *state, const char *drop, int64_t at, struct eg_err *err)
{
	char text[12];
	struct expected_row r = { .name = w->e->name, .day = text, .state = state, .drop = drop, .at = at };

	day_text(day, text);
	return expected_put(w->s->store, &r, err);
}

static int
tell_day(struct watching *w, struct eg_date day, const char *state, struct eg_err *err)
{
	const struct expect *e = w->e;
	bool missing = strcmp(state, "missing") == 0;
	char text[12], due[EG_TZ_TEXT], utc[EG_TIME_TEXT];

	day_text(day, text);
	eg_tz_print(e->zone, expect_deadline(e, day), due);
	eg_time_print(utc, expect_deadline(e, day));
	char *about = eg_xprintf("%s %s", e->name, text), *once = eg_xprintf("expect/%s/%s", e->name, text);
	char *msg = eg_xprintf(
	    "File %s of %s (%s from %s) did not come; it was to be here by %s %s. Nothing was sent that depends on it. Ask the sender; when it comes it is taken as always and logged as late. See: erpgate expect --date %s",
	    e->name, text, e->pattern, e->source, due, e->zone_name, text);
	struct expect_told t = { .event = state,
		.code = missing ? "F-75" : NULL,
		.about = about,
		.message = msg,
		.line = 1,
		.once = missing ? once : NULL };
	int rc = expect_tell(w->s, e, &t,
	    json_pack("{s:s,s:s,s:s,s:s}", "day", text, "due", utc, "source", e->source, "pattern", e->pattern), err);
	free(msg);
	free(once);
	free(about);
	return rc;
}

/* One day whose cut-off is over. */
static int
settle_day(struct watching *w, struct eg_date day, int64_t until, struct eg_err *err)
{
	struct expected_row was = { .state = "" };
	char text[12];
	const char *state = until > expect_deadline(w->e, day) + w->e->grace ? "missing" : "late";

	day_text(day, text);
	eg_arena_reset(&w->a);
	int rc = expected_get(w->s->store, w->e->name, text, &w->a, &was, err);
	if (rc < 0 || (rc == EG_OK && (strcmp(was.state, "late") != 0 || strcmp(state, "late") == 0)))
		return rc;
	rc = put_day(w, day, state, NULL, until, err);
	return rc == EG_OK ? tell_day(w, day, state, err) : rc;
}

/* Every day whose cut-off was before `until` has a row then. */
static int
settle(struct watching *w, int64_t until, struct eg_err *err)
{
	struct eg_date day = day_by_deadline(w->e, w->settled + 1, 1);
	int rc = EG_OK;

	while (rc == EG_OK && eg_date_valid(day) && expect_deadline(w->e, day) < until) {
		rc = settle_day(w, day, until, err);
		day = expect_next(&w->e->days, &w->e->holidays, eg_date_add_days(day, 1), 1);
	}
	int64_t over = until - 1 - w->e->grace;
	w->settled = over > w->settled ? over : w->settled;
	return rc;
}

/* ---- arrivals ---- */

static int
state_of(struct watching *w, struct eg_date day, char ret[12], struct eg_err *err)
{
	struct expected_row r = { .state = "" };
	char text[12];
	int rc = EG_EOF;

	ret[0] = '\0';
	if (eg_date_valid(day)) {
		day_text(day, text);
		rc = expected_get(w->s->store, w->e->name, text, &w->a, &r, err);
	}
	if (rc == EG_OK)
		(void)snprintf(ret, 12, "%s", r.state);
	return rc < 0 ? rc : EG_OK;
}

static bool
open_state(const char *state)
{
	return strcmp(state, "late") == 0 || strcmp(state, "missing") == 0;
}

/* The day that a file without a date in its name is for; no date: none lacks one. */
static int
day_at_hand(struct watching *w, int64_t received, struct eg_date *ret, struct eg_err *err)
{
	struct eg_date next = day_by_deadline(w->e, received, 1), before = day_by_deadline(w->e, received, -1);
	struct expected_row open;
	char of_next[12], of_before[12];
	int rc = state_of(w, next, of_next, err);

	if (rc == EG_OK)
		rc = state_of(w, before, of_before, err);
	if (rc < 0)
		return rc;
	bool nearer = eg_date_valid(before) && (!eg_date_valid(next) || received - expect_deadline(w->e, before) <=
									    expect_deadline(w->e, next) - received);
	*ret = open_state(of_before) && nearer ? before : next;
	if ((open_state(of_before) && nearer) || (eg_date_valid(next) && *of_next == '\0'))
		return EG_OK;
	*ret = (struct eg_date){ 0 };
	rc = expected_newest_open(w->s->store, w->e->name, &w->a, &open, err);
	if (rc == EG_OK)
		(void)eg_date_parse(eg_bytes_str(open.day), EG_LIT("YYYY-MM-DD"), ret);
	return rc < 0 ? rc : EG_OK;
}

static int
came(struct watching *w, struct eg_date day, const struct drop_row *d, struct eg_err *err)
{
	char before[12], text[12];
	int rc = state_of(w, day, before, err);

	if (rc < 0 || !eg_date_valid(day) || (*before != '\0' && !open_state(before)) ||
	    !expect_day(&w->e->days, &w->e->holidays, day))
		return rc;
	const char *state = d->received > expect_deadline(w->e, day) ? "came-late" : "came";
	struct expect_told t = { .event = state };
	day_text(day, text);
	rc = put_day(w, day, state, d->id, d->received, err);
	return rc == EG_OK ? expect_tell(w->s, w->e, &t,
				 json_pack("{s:s,s:s,s:s}", "day", text, "drop", d->id, "file", d->name), err) :
	                     rc;
}

static int
note_number(struct watching *w, const struct drop_row *d, const struct expect_name *name, struct eg_err *err)
{
	int64_t n = name->has_n ? (int64_t)name->n : -1;
	int rc = EG_OK;

	if (w->e->sequence == SEQUENCE_NONE || strcmp(d->verdict, "duplicate") == 0)
		return EG_OK;
	if (w->e->sequence == SEQUENCE_CONTENT)
		rc = expect_content_number(w->s, w->e, d, &n, err);
	if (rc < 0 || n < 0)
		return rc;
	w->numbers = eg_xrealloc(w->numbers, (w->nnumbers + 1) * sizeof(*w->numbers));
	struct expect_arrival *v = &w->numbers[w->nnumbers++];
	*v = (struct expect_arrival){ .file = eg_xstrdup(d->name), .number = n };
	(void)snprintf(v->drop, sizeof(v->drop), "%s", d->id);
	return EG_OK;
}

/* Read again by a person: the same file once more, and no second arrival. */
static int
read_again(struct watching *w, const struct drop_row *d, bool *ret, struct eg_err *err)
{
	const char *first;
	int rc = store_drop_twin(w->s->store, d->source, d->identity, &w->a, &first, err);

	*ret = rc == EG_OK && strcmp(d->verdict, "duplicate") != 0 && strcmp(first, d->id) != 0;
	return rc < 0 ? rc : EG_OK;
}

static int
arrival(void *ctx, int64_t place, const struct drop_row *d, struct eg_err *err)
{
	struct watching *w = ctx;
	struct expect_name name;
	struct eg_date day;
	bool again = false;
	int rc = EG_OK;

	w->place = place;
	eg_arena_reset(&w->a);
	if (!expect_match(eg_bytes_str(w->e->pattern), eg_bytes_str(d->name), &name) ||
	    strcmp(d->verdict, "refused") == 0)
		return EG_OK;
	rc = read_again(w, d, &again, err);
	if (rc < 0 || again)
		return rc;
	rc = settle(w, d->received, err);
	day = name.date;
	if (rc == EG_OK && !name.has_date)
		rc = day_at_hand(w, d->received, &day, err);
	if (rc == EG_OK)
		rc = came(w, day, d, err);
	return rc == EG_OK ? note_number(w, d, &name, err) : rc;
}

/* ---- a turn ---- */

static int
watch_one(struct site *s, const struct expect *e, int64_t now, struct eg_err *err)
{
	struct watching w = { .s = s, .e = e };
	bool known = false;
	int rc;

	eg_arena_init(&w.a, 1 << 18);
	rc = remember(&w, &known, err);
	if (rc == EG_OK && !known)
		rc = begin(&w, now, err);
	if (rc == EG_OK)
		rc = drops_of_source(s->store, e->source, w.place, w.since, arrival, &w, err);
	if (rc == EG_OK)
		rc = settle(&w, now, err);
	if (rc == EG_OK)
		rc = expect_numbers(s, e, w.numbers, w.nnumbers, err);
	if (rc == EG_OK)
		rc = keep(&w, err);
	for (size_t i = 0; i < w.nnumbers; i++)
		free(w.numbers[i].file);
	free(w.numbers);
	eg_arena_done(&w.a);
	return rc;
}

int
expect_turn(struct site *s, void *ignored, struct eg_err *err)
{
	struct expects all;
	int rc = EG_OK;

	(void)ignored;
	expects_load(s, &all);
	for (size_t i = 0; rc == EG_OK && i < all.n; i++)
		rc = all.v[i].fault != NULL ? EG_OK : watch_one(s, &all.v[i], site_now(s), err);
	expects_free(&all);
	return rc;
}

/* ---- looking ---- */

int
expect_look(struct site *s, const struct expect *e, struct eg_date day, struct expect_look *ret, struct eg_err *err)
{
	struct watching w = { .s = s, .e = e };
	struct expected_row r;
	char text[12];
	bool known;
	int64_t now = site_now(s);

	*ret = (struct expect_look){ .standing = EXPECT_NOT, .last = -1 };
	day_text(day, text);
	eg_arena_init(&w.a, 1 << 18);
	int rc = remember(&w, &known, err);
	if (rc == EG_OK && expect_day(&e->days, &e->holidays, day)) {
		ret->deadline = expect_deadline(e, day);
		if (!known || ret->deadline > w.since)
			ret->standing = now <= ret->deadline || !known  ? EXPECT_DUE :
			                now <= ret->deadline + e->grace ? EXPECT_LATE :
			                                                  EXPECT_MISSING;
		rc = expected_get(s->store, e->name, text, &w.a, &r, err);
		for (int i = 0; rc == EG_OK && i <= EXPECT_CAME_LATE; i++)
			if (strcmp(r.state, words[i]) == 0 && !(ret->standing == EXPECT_MISSING && i == EXPECT_LATE))
				ret->standing = (enum expect_standing)i;
		if (rc == EG_OK && r.drop != NULL)
			(void)snprintf(ret->drop, sizeof(ret->drop), "%s", r.drop);
		rc = rc < 0 ? rc : EG_OK;
	}
	if (rc == EG_OK && e->sequence != SEQUENCE_NONE)
		rc = expected_number_last(s->store, e->name, &ret->last, err);
	if (rc == EG_OK && e->sequence != SEQUENCE_NONE)
		rc = expected_missing(s->store, e->name, &ret->missing, err);
	eg_arena_done(&w.a);
	return rc;
}

int
expect_due(struct site *s, int64_t *ret, struct eg_err *err)
{
	struct expects all;
	int rc = EG_OK;

	*ret = 0;
	expects_load(s, &all);
	for (size_t i = 0; rc == EG_OK && i < all.n; i++) {
		struct watching w = { .s = s, .e = &all.v[i] };
		bool known = false;
		int64_t next = 0;
		eg_arena_init(&w.a, 1 << 18);
		if (w.e->fault == NULL)
			rc = remember(&w, &known, err);
		if (rc == EG_OK && known) {
			struct eg_date day = day_by_deadline(w.e, w.settled + 1, 1);
			char state[12] = "";
			if (eg_date_valid(day))
				rc = state_of(&w, day, state, err);
			/* behind the cut-off, and again behind the grace */
			next =
			    !eg_date_valid(day) ? 0 : expect_deadline(w.e, day) + (*state == '\0' ? 1 : w.e->grace + 1);
		}
		if (next > 0 && (*ret == 0 || next < *ret))
			*ret = next;
		eg_arena_done(&w.a);
	}
	expects_free(&all);
	return rc;
}
