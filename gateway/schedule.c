/* SPDX-License-Identifier: MIT
 *
 * The six groups, what of them is due, and what the store remembers. Tests: tests/unit/test_schedule.c.
 */
#include "gateway/schedule.h"

#include <inttypes.h>

static const char *const groups[SCHEDULE_NGROUPS] = {
	[SCHEDULE_EXPORT] = "export",
	[SCHEDULE_COSTS] = "costs",
	[SCHEDULE_COMPANIES] = "companies",
	[SCHEDULE_JOBS] = "jobs",
	[SCHEDULE_PAYMENTS] = "payments",
	[SCHEDULE_CODES] = "codes",
};

enum schedule_group
schedule_group_of(const struct rec_type *t)
{
	if (t->cls == RC_TO_ERP)
		return SCHEDULE_EXPORT;
	if (t->id == REC_ERP_JOBCOST || t->id == REC_ERP_COST)
		return SCHEDULE_COSTS;
	if (t->id == REC_ERP_VENDOR || t->id == REC_ERP_CUSTOMER)
		return SCHEDULE_COMPANIES;
	if (t->id == REC_ERP_PAYMENT)
		return SCHEDULE_PAYMENTS;
	return t->id == REC_ERP_CODE ? SCHEDULE_CODES : SCHEDULE_JOBS;
}

/* ---- what was served: meta "schedule.costs" = "<Unix time> <setting>" ---- */

static char *
meta_key(enum schedule_group g)
{
	return eg_xprintf("schedule.%s", groups[g]);
}

/* *ret -1: nothing is known of this setting. */
static int
served_get(struct site *s, enum schedule_group g, const char *text, int64_t *ret, struct eg_err *err)
{
	char *key = meta_key(g);
	struct eg_arena a;
	const char *v = NULL;
	int rc;

	*ret = -1;
	eg_arena_init(&a, 1 << 14);
	rc = store_meta_get(s->store, key, &a, &v, err);
	if (rc == EG_OK && v != NULL) {
		struct eg_bytes rest = eg_bytes_str(v), at;
		if (!eg_bytes_cut(&rest, ' ', &at) || !eg_bytes_is(rest, text) || !eg_bytes_to_i64(at, ret))
			*ret = -1;
	}
	eg_arena_done(&a);
	free(key);
	return rc;
}

static int
served_set(struct site *s, enum schedule_group g, const struct schedule_line *l, struct eg_err *err)
{
	char *key = meta_key(g), *v = eg_xprintf("%" PRId64 " %s", l->last, l->text);
	int rc = store_meta_set(s->store, key, v, err);

	free(v);
	free(key);
	return rc;
}

/* Is the newest due time still to be served? */
static int
is_due(struct site *s, enum schedule_group g, const struct schedule_line *l, int64_t now, bool *ret, struct eg_err *err)
{
	int64_t served = -1;
	int rc = served_get(s, g, l->text, &served, err);

	/* A new setting, or a clock that was ahead once: what came due since the turn before. */
	if (rc == EG_OK && (served < 0 || served > now))
		rc = store_run_before(s->store, s->run, now, &served, err);
	*ret = served < l->last;
	return rc;
}

static int
look_one(struct site *s, enum schedule_group g, int64_t now, struct schedule_line *l, struct eg_err *err)
{
	char *key = meta_key(g);
	struct schedule_spec spec;
	struct eg_tz *own = NULL;
	int rc;

	*l = (struct schedule_line){ .group = groups[g], .text = conf_text(&s->conf, key) };
	free(key);
	rc = schedule_parse(eg_bytes_str(l->text), &spec, err);
	if (rc < 0)
		return rc;
	l->open = spec.kind == SCHEDULE_ALWAYS;
	l->timed = spec.kind == SCHEDULE_HOURS || spec.kind == SCHEDULE_DAILY;
	l->zone = spec.kind != SCHEDULE_DAILY ? "UTC" : conf_text(&s->conf, "business.timezone");
	if (*spec.zone != '\0') {
		l->zone = strrchr(l->text, ' ') + 1;
		rc = eg_tz_load(spec.zone, &own, err);
	}
	const struct eg_tz *z = *spec.zone != '\0' ? own : spec.kind == SCHEDULE_DAILY ? s->zone : NULL;
	if (rc == EG_OK && l->timed) {
		schedule_due(&spec, z, now, &l->last, &l->next);
		eg_tz_print(z, l->next, l->next_local);
		rc = is_due(s, g, l, now, &l->open, err);
		l->open = l->open && s->clock.doubt == CLOCK_GOOD; /* nothing is served twice, or years ahead */
	}
	eg_tz_free(own);
	return rc;
}

int
schedule_look(struct site *s, struct schedule_board *ret, struct eg_err *err)
{
	int64_t now = site_now(s);
	int rc = EG_OK;

	for (int g = 0; rc == EG_OK && g < SCHEDULE_NGROUPS; g++)
		rc = look_one(s, (enum schedule_group)g, now, &ret->line[g], err);
	return rc;
}

int
schedule_served(struct site *s, const struct schedule_board *b, bool to_erp, struct eg_err *err)
{
	int rc = EG_OK;

	for (int g = 0; rc == EG_OK && g < SCHEDULE_NGROUPS; g++) {
		const struct schedule_line *l = &b->line[g];
		if ((g == SCHEDULE_EXPORT) == to_erp && l->timed && l->open)
			rc = served_set(s, (enum schedule_group)g, l, err);
	}
	return rc;
}

const struct schedule_line *
schedule_waits(const struct schedule_board *b, const struct item *it)
{
	const struct schedule_line *l = &b->line[schedule_group_of(it->type)];

	return it->state == ST_APPROVED && !l->open ? l : NULL;
}
