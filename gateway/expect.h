/* SPDX-License-Identifier: MIT
 *
 * Expected files: which files should come when, which did not, and which number of a series is missing. Absence is a finding (F-75, F-76), a log entry (late,
 * missing, gap, repeat, came-late) and one mail; it holds nothing up and refuses nothing.
 *
 * A file with {date} in its name is for that day. Without, files are counted: it is for the day whose cut-off comes next; for the last day when that one is open and
 * its cut-off is nearer; when the day has its file already, for the newest day that is still open. A duplicate has come, a refused file has not, and what is
 * reprocessed is not looked at. What counts is when the gateway received it, not what the sender's clock said.
 *
 * An expectation begins with the first turn that has it in its settings, and anew when its source, pattern, days, cut-off or sequence changes (log: expecting). A
 * file that came since the cut-off before that moment counts.
 */
#ifndef GATEWAY_EXPECT_H
#define GATEWAY_EXPECT_H

#include "gateway/expect_spec.h"
#include "gateway/site.h"

#include <jansson.h>

enum expect_sequence {
	SEQUENCE_NONE,
	SEQUENCE_NAME,
	SEQUENCE_CONTENT
};

struct expect {
	const char *name, *source, *pattern, *by, *zone_name,
	    *mail; /* live as long as the settings, name until expects_free */
	struct expect_days days;
	struct expect_cutoff cutoff;
	struct expect_holidays holidays;
	struct eg_tz *zone; /* NULL = UTC */
	int64_t grace;
	enum expect_sequence sequence;
	struct eg_bytes before, after; /* SEQUENCE_CONTENT */
	char *settings; /* what a change of begins it anew */
	char *fault; /* why it is not watched: something is missing or names what is not there; NULL = it is */
};
struct expects {
	struct expect *v; /* by name */
	size_t n;
};

/* All of the settings. One that lacks its source, pattern or cut-off, or names a source, zone or table that is not there, has a fault and is not watched: settings are
 * made one by one, and a mistake here must not keep files from being taken. */
void expects_load(struct site *s, struct expects *ret);
void expects_free(struct expects *e);
/* The moment by which the file of that day is to be there. */
int64_t expect_deadline(const struct expect *e, struct eg_date day);

bool expects_any(const struct conf *c);
/* In a transaction, at the end of a turn: what came, what is overdue, which numbers are missing. Nothing without settings. */
int expect_turn(struct site *s, void *ignored, struct eg_err *err) EG_MUSTCHECK;
/* When the next turn has something to say by the clock alone; 0 = never. */
int expect_due(struct site *s, int64_t *ret, struct eg_err *err) EG_MUSTCHECK;

/* How one expectation stands on a day, as of now: what the log says, and by the clock what the next turn will say. */
enum expect_standing {
	EXPECT_NOT, /* no day of it, or it began later */
	EXPECT_DUE,
	EXPECT_LATE,
	EXPECT_MISSING,
	EXPECT_CAME,
	EXPECT_CAME_LATE
};
struct expect_look {
	enum expect_standing standing;
	int64_t deadline;
	char drop[16]; /* "" = none */
	int64_t last, missing; /* numbers: the last that came (-1 none), how many are missing; 0 without a sequence */
};
int expect_look(struct site *s, const struct expect *e, struct eg_date day, struct expect_look *ret, struct eg_err *err)
    EG_MUSTCHECK;
const char *expect_word(enum expect_standing s); /* "came-late" */
struct eg_date expect_today(struct site *s, const struct expect *e);

/* expect_seq.c: the numbers of these drops, in ascending order. */
struct expect_arrival {
	char drop[16];
	char *file; /* dropped name */
	int64_t number;
};
int expect_numbers(struct site *s, const struct expect *e, struct expect_arrival *v, size_t n, struct eg_err *err)
    EG_MUSTCHECK;
/* The number in the content of a drop that is still in work/, or sealed; *ret -1: there is none. */
int expect_content_number(
    struct site *s, const struct expect *e, const struct drop_row *d, int64_t *ret, struct eg_err *err) EG_MUSTCHECK;
/* expect_tell.c: a finding, a log entry about it, a mail. line makes two findings of a turn two. */
struct expect_told {
	const char *event; /* log */
	const char *code; /* finding; NULL = none */
	const char *about; /* what the finding stands at: a file's name or a day */
	const char *message; /* NULL = only the log entry */
	const char *drop; /* or NULL */
	uint64_t line;
	const char *once; /* of the mail; NULL = no mail */
};
int expect_tell(struct site *s, const struct expect *e, const struct expect_told *t, json_t *detail, struct eg_err *err)
    EG_MUSTCHECK;

#endif
