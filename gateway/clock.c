/* SPDX-License-Identifier: MIT
 *
 * The wall clock against the log and the machine's seconds. Tests: tests/unit/test_clock.c, with clocks of its own.
 */
#include "gateway/clock.h"

#include "base/date.h"
#include "base/fs.h"

#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#define META "clock.mark"

/* As of the last turn that was not in doubt; `doubt` is that of the last turn. */
struct mark {
	char boot[40];
	int64_t mono, wall; /* then */
	int64_t high; /* latest time of the log that is believed */
	uint64_t index; /* log entries before it are in `high`, or were written while the clock was in doubt */
	enum clock_doubt doubt;
};

/* ---- what is remembered ---- */

static int
last_accepted(void *ctx, const struct log_row *r, struct eg_err *err)
{
	(void)err;
	*(uint64_t *)ctx = r->index;
	return EG_OK;
}

/* A database that was rebuilt, or is older than this: the log knows. */
static int
mark_from_log(struct site *s, struct mark *ret, struct eg_err *err)
{
	*ret = (struct mark){ .doubt = CLOCK_GOOD };
	return store_log_events(s->store, "clock-accepted", INT64_MIN, last_accepted, &ret->index, err);
}

static int
mark_get(struct site *s, struct mark *ret, struct eg_err *err)
{
	struct eg_arena a;
	const char *v = NULL;
	unsigned doubt = 0;
	int rc;

	eg_arena_init(&a, 1 << 14);
	rc = store_meta_get(s->store, META, &a, &v, err);
	if (rc == EG_OK && (v == NULL ||
			       sscanf(v, "%39s %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNu64 " %u", ret->boot,
				   &ret->mono, &ret->wall, &ret->high, &ret->index, &doubt) != 6 ||
			       doubt > CLOCK_AHEAD))
		rc = mark_from_log(s, ret, err);
	else
		ret->doubt = (enum clock_doubt)doubt;
	eg_arena_done(&a);
	return rc;
}

static int
mark_put(struct site *s, const struct mark *m, struct eg_err *err)
{
	char *v = eg_xprintf("%s %" PRId64 " %" PRId64 " %" PRId64 " %" PRIu64 " %u", *m->boot == '\0' ? "-" : m->boot,
	    m->mono, m->wall, m->high, m->index, (unsigned)m->doubt);
	int rc = store_meta_set(s->store, META, v, err);

	free(v);
	return rc;
}

/* ---- judging ---- */

static void
read_boot(struct site *s)
{
	struct eg_buf text = { .max = 64 };
	struct eg_err untold;

	if (*s->boot == '\0' &&
	    eg_fs_read_file(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 64, &text, &untold) == EG_OK)
		(void)snprintf(s->boot, sizeof(s->boot), "%.36s", eg_buf_cstr(&text));
	eg_buf_done(&text);
}

/* What the clock should show, and how far beyond it may be: exactly within one boot; else the machine may have been off for a while. */
static void
expect(struct site *s, const struct mark *m, int64_t *ret_at, int64_t *ret_slack)
{
	bool same_boot = *m->boot != '\0' && strcmp(m->boot, s->boot) == 0;

	*ret_at = same_boot ? m->wall + (s->mono(s->now_ctx) - m->mono) : m->high;
	*ret_slack = conf_int(&s->conf, same_boot ? "clock.jump" : "clock.gap");
}

static void
judge(struct site *s, const struct mark *m)
{
	struct clock_state c = { .now = site_now(s), .last = m->high };
	int64_t expected, slack;

	c.earliest = c.latest = c.now;
	expect(s, m, &expected, &slack);
	if (m->high != 0 && c.now < m->high - CLOCK_BACK) {
		c.doubt = CLOCK_BEHIND;
		c.latest = m->high;
	} else if (m->high != 0 && c.now - slack > expected) {
		c.doubt = CLOCK_AHEAD;
		c.earliest = c.last = expected;
	}
	s->clock = c;
}

static int
look(struct site *s, struct mark *m, struct eg_err *err)
{
	int64_t later = 0;
	int rc = mark_get(s, m, err);

	read_boot(s);
	if (rc == EG_OK && m->doubt == CLOCK_GOOD)
		rc = store_log_latest(s->store, m->index, &later, err);
	if (rc == EG_OK) {
		m->high = later > m->high ? later : m->high;
		judge(s, m);
	}
	return rc;
}

int
clock_look(struct site *s, struct eg_err *err)
{
	struct mark m;

	return look(s, &m, err);
}

/* ---- telling ---- */

static const char *const words[] = { [CLOCK_GOOD] = "good", [CLOCK_BEHIND] = "behind", [CLOCK_AHEAD] = "ahead" };

static int
log_clock(struct site *s, const char *event, const char *kind, const struct clock_state *c, struct eg_err *err)
{
	char now[EG_TIME_TEXT], last[EG_TIME_TEXT];

	eg_time_print(now, c->now);
	eg_time_print(last, c->last);
	json_t *j =
	    json_pack("{s:s,s:s,s:s}", "clock", now, c->doubt == CLOCK_AHEAD ? "expected" : "last", last, "kind", kind);
	char *text = json_dumps(j, JSON_COMPACT);
	int rc = site_log(s, event, "", text, err);
	free(text);
	json_decref(j);
	return rc;
}

/* The mark of a clock that is believed. */
static int
believe(struct site *s, struct mark *m, struct eg_err *err)
{
	uint64_t size = 0;
	int rc = store_log_size(s->store, &size, err);

	*m = (struct mark){ .mono = s->mono(s->now_ctx), .wall = s->clock.now, .high = m->high, .index = size };
	(void)snprintf(m->boot, sizeof(m->boot), "%s", s->boot);
	m->high = s->clock.now > m->high ? s->clock.now : m->high;
	return rc == EG_OK ? mark_put(s, m, err) : rc;
}

int
clock_turn(struct site *s, struct eg_err *err)
{
	struct mark m;
	int rc = look(s, &m, err);
	enum clock_doubt before = m.doubt, now = s->clock.doubt;

	if (rc == EG_OK && now != before)
		rc = log_clock(s, now == CLOCK_GOOD ? "clock-good" : "clock-anomaly",
		    words[now == CLOCK_GOOD ? before : now], &s->clock, err);
	if (rc < 0 || now == CLOCK_GOOD)
		return rc < 0 ? rc : believe(s, &m, err);
	m.doubt = now;
	return mark_put(s, &m, err);
}

int
clock_accept(struct site *s, struct eg_err *err)
{
	struct mark m;
	int rc = look(s, &m, err);

	if (rc == EG_OK && s->clock.doubt == CLOCK_GOOD)
		return eg_fail(err, EG_BADREC, "CLOCK", "the clock is not in doubt: there is nothing to accept");
	if (rc == EG_OK)
		rc = log_clock(s, "clock-accepted", words[s->clock.doubt], &s->clock, err);
	s->clock.doubt = CLOCK_GOOD;
	m.high = s->clock.now;
	return rc == EG_OK ? believe(s, &m, err) : rc;
}

/* ---- for those who ask the time ---- */

int64_t
clock_earliest(struct site *s)
{
	return s->clock.doubt == CLOCK_AHEAD ? s->clock.earliest : site_now(s);
}

int64_t
clock_latest(struct site *s)
{
	return s->clock.doubt == CLOCK_BEHIND ? s->clock.latest : site_now(s);
}

bool
clock_day_known(struct site *s)
{
	struct eg_date a = eg_tz_date(s->zone, clock_earliest(s)), b = eg_tz_date(s->zone, clock_latest(s));

	return a.year == b.year && a.month == b.month && a.day == b.day;
}

void
clock_text(struct site *s, struct eg_buf *ret)
{
	char now[EG_TIME_TEXT], last[EG_TIME_TEXT];

	if (s->clock.doubt == CLOCK_GOOD)
		return;
	eg_time_print(now, s->clock.now);
	eg_time_print(last, s->clock.last);
	if (s->clock.doubt == CLOCK_BEHIND)
		eg_buf_printf(ret, "The clock of this machine shows %s, but the log has an entry of %s.", now, last);
	else
		eg_buf_printf(ret, "The clock of this machine shows %s, but should be at about %s.", now, last);
	eg_buf_str(ret,
	    " Until it is right, no sheet between the two counts as expired or as good, nothing leaves by schedule, and no head of the log is signed. Set the clock; or, if it is right: erpgate clock accept");
}
