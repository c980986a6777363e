/* SPDX-License-Identifier: MIT
 *
 * expect: the expected files of a day and how they stand. Reads only; what it says of a cut-off that is just over, the next turn puts into the log.
 */
#include "gateway/cli/cli.h"

#include "gateway/expect.h"
#include "gateway/store/store_expect.h"

#include <inttypes.h>

struct expecting {
	struct cli *c;
	struct site *s;
	struct cli_table *t; /* NULL: JSON */
	struct eg_date date; /* year 0 = today, in each one's zone */
	struct eg_buf notes; /* gaps and faults, told below the table */
	json_t *gaps; /* of the one at hand */
	const struct expect *e;
	unsigned wrong; /* late, missing, with numbers missing, or with a fault */
};

static int
gap_each(void *ctx, int64_t from, int64_t to, struct eg_err *err)
{
	struct expecting *x = ctx;

	(void)err;
	json_array_append_new(x->gaps, json_pack("[I,I]", (json_int_t)from, (json_int_t)to));
	eg_buf_printf(&x->notes, " %s lacks %s%" PRId64, x->e->name, from == to ? "number " : "numbers ", from);
	if (from != to)
		eg_buf_printf(&x->notes, " to %" PRId64, to);
	eg_buf_str(&x->notes, ". Ask the sender for it; what comes is logged as late.\n");
	return EG_OK;
}

static void
drop_name(struct site *s, const char *id, struct eg_arena *a, const char **ret)
{
	struct eg_err ignored;
	struct drop_row d;

	*ret = *id != '\0' && store_drop_get(s->store, id, a, &d, &ignored) == EG_OK ? d.name : NULL;
}

static void
put(struct expecting *x, const char *date, const struct expect_look *l, const char *file)
{
	char due[EG_TZ_TEXT] = "", utc[EG_TIME_TEXT] = "", last[24] = "";
	const struct expect *e = x->e;

	if (l->deadline != 0) {
		eg_tz_print(e->zone, l->deadline, due);
		eg_time_print(utc, l->deadline);
	}
	if (l->last >= 0)
		(void)snprintf(last, sizeof(last), "%" PRId64, l->last);
	if (x->t == NULL) {
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:o,s:s,s:o,s:o,s:o,s:O}", "type", "expected", "name",
		    e->name, "source", e->source, "pattern", e->pattern, "date", date, "state",
		    expect_word(l->standing), "due", l->deadline == 0 ? json_null() : json_string(utc), "zone",
		    e->zone_name, "drop", cli_str(*l->drop == '\0' ? NULL : l->drop), "file", cli_str(file), "number",
		    l->last < 0 ? json_null() : json_integer(l->last), "gaps", x->gaps));
		return;
	}
	char *when = eg_xprintf("%s%s%s", due, *due == '\0' ? "" : " ", *due == '\0' ? "" : e->zone_name);
	const char *cells[] = { e->name, e->source, e->pattern, date, when, expect_word(l->standing), l->drop,
		file == NULL ? "" : file, last };
	cli_table_row(x->t, cells);
	free(when);
}

static int
one(struct expecting *x, const struct expect *e, struct eg_err *err)
{
	struct eg_date day = eg_date_valid(x->date) ? x->date : expect_today(x->s, e);
	struct expect_look l;
	struct eg_arena a;
	const char *file = NULL;
	char date[12];
	int rc;

	x->e = e;
	x->gaps = json_array();
	eg_arena_init(&a, 1 << 16);
	(void)snprintf(date, sizeof(date), "%04d-%02u-%02u", (int)day.year % 10000, day.month % 100U, day.day % 100U);
	rc = expect_look(x->s, e, day, &l, err);
	if (rc == EG_OK && l.missing > 0)
		rc = expected_gap_each(x->s->store, e->name, gap_each, x, err);
	if (rc == EG_OK) {
		drop_name(x->s, l.drop, &a, &file);
		put(x, date, &l, file);
		x->wrong += l.standing == EXPECT_LATE || l.standing == EXPECT_MISSING || l.missing > 0;
	}
	eg_arena_done(&a);
	json_decref(x->gaps);
	return rc;
}

static void
tell_fault(struct expecting *x, const struct expect *e)
{
	x->wrong++;
	if (x->t == NULL)
		cli_json(json_pack("{s:s,s:s,s:s,s:s}", "type", "expected", "name", e->name, "state", "not-watched",
		    "reason", e->fault));
	else
		eg_buf_printf(&x->notes, " %s is not watched: %s\n", e->name, e->fault);
}

int
cmd_expect(struct cli *c)
{
	static const char *const titles[] = { "NAME", "SOURCE", "PATTERN", "DAY", "BY", "STATE", "DROP", "FILE",
		"NUMBER" };
	struct expecting x = { .c = c, .notes = EG_BUF_INIT };
	struct expects all;
	struct eg_err err;
	struct site s;
	int code, rc = EG_OK;

	if (cli_has(c, O_DATE) && !eg_date_parse(eg_bytes_str(c->opt[O_DATE]), EG_LIT("YYYY-MM-DD"), &x.date))
		return cli_usage(c, "--date is \"%s\"; write a day such as 2026-11-20", c->opt[O_DATE]);
	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	x.s = &s;
	x.t = cli_has(c, O_JSON) ? NULL : cli_table_new(titles, 9, CLI_COL(8));
	expects_load(&s, &all);
	for (size_t i = 0; rc == EG_OK && i < all.n; i++)
		if (all.v[i].fault != NULL)
			tell_fault(&x, &all.v[i]);
		else
			rc = one(&x, &all.v[i], &err);
	if (x.t != NULL) {
		cli_table_print(x.t);
		(void)fputs(eg_buf_cstr(&x.notes), stdout);
		if (rc == EG_OK && all.n == 0)
			(void)printf(
			    "No expected files are set. Begin with: erpgate config set expect.NAME.source procore\n");
	} else
		cli_json(json_pack("{s:s,s:i,s:i}", "type", "summary", "expected", (int)all.n, "wrong", (int)x.wrong));
	expects_free(&all);
	eg_buf_done(&x.notes);
	site_close(&s);
	if (rc < 0)
		return cli_fail(c, &err);
	return x.wrong > 0 ? CLI_FINDINGS : CLI_OK;
}

/* Of the days that the log knows, those of the last month: what is older is history. */
int
cli_expected_count(struct site *s, struct cli_expected *ret, struct eg_err *err)
{
	struct expects all;
	int rc = EG_OK;

	*ret = (struct cli_expected){ 0 };
	expects_load(s, &all);
	for (size_t i = 0; rc == EG_OK && i < all.n; i++) {
		struct eg_date day = eg_date_add_days(expect_today(s, &all.v[i]), -31);
		int64_t open = 0, late = 0, numbers = 0;
		char since[12];
		(void)snprintf(
		    since, sizeof(since), "%04d-%02u-%02u", (int)day.year % 10000, day.month % 100U, day.day % 100U);
		ret->faults += all.v[i].fault != NULL;
		if (all.v[i].fault != NULL)
			continue;
		rc = expected_open_count(s->store, all.v[i].name, since, &open, &late, err);
		if (rc == EG_OK && all.v[i].sequence != SEQUENCE_NONE)
			rc = expected_missing(s->store, all.v[i].name, &numbers, err);
		ret->missing += (unsigned)(open - late);
		ret->late += (unsigned)late;
		ret->gaps += numbers > UINT32_MAX - ret->gaps ? UINT32_MAX - ret->gaps : (unsigned)numbers;
	}
	expects_free(&all);
	return rc;
}
