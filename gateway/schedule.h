/* SPDX-License-Identifier: MIT
 *
 * When what is ready may leave. A schedule holds nothing that arrives: files are read and decisions applied when they come; only the writing of import files
 * waits for the due time of its group. What is due while the gateway is down is due at the next turn, once. The due time served last is kept in the store per
 * group, together with the setting it belongs to: a changed setting begins anew, at the turn before it.
 *
 * Only turns with site.scheduled ask; `erpgate run` without --scheduled is a person's word and waits for nothing.
 */
#ifndef GATEWAY_SCHEDULE_H
#define GATEWAY_SCHEDULE_H

#include "gateway/schedule_spec.h"
#include "gateway/site.h"

enum schedule_group {
	SCHEDULE_EXPORT, /* everything to the ERP */
	SCHEDULE_COSTS, /* to the project side: job cost summaries and transactions */
	SCHEDULE_COMPANIES, /* vendors and customers */
	SCHEDULE_JOBS, /* projects, sub jobs, job budgets, prime contracts */
	SCHEDULE_PAYMENTS,
	SCHEDULE_CODES,
	SCHEDULE_NGROUPS
};

struct schedule_line {
	const char *group; /* "export": its key is schedule.export */
	const char *text; /* the setting; lives as long as the site's settings */
	const char *zone; /* of its local times, for people: "America/New_York", "UTC"; as text */
	bool timed; /* has due times */
	bool open; /* a scheduled turn now lets the group leave */
	int64_t last, next; /* due times around now; 0 when not timed */
	char next_local[EG_TZ_TEXT]; /* "" when not timed */
};

struct schedule_board {
	struct schedule_line line[SCHEDULE_NGROUPS];
};

enum schedule_group schedule_group_of(const struct rec_type *t);
/* All groups as of now. Reads the store; fails only as it does, and with "TZ-…" when the zone files went away. */
int schedule_look(struct site *s, struct schedule_board *ret, struct eg_err *err) EG_MUSTCHECK;
/* Notes that the open groups of a direction had their turn. In a transaction of the caller. */
int schedule_served(struct site *s, const struct schedule_board *b, bool to_erp, struct eg_err *err) EG_MUSTCHECK;
/* The line an accepted item waits for; NULL when nothing but the next turn keeps it. */
const struct schedule_line *schedule_waits(const struct schedule_board *b, const struct item *it);

#endif
