/* SPDX-License-Identifier: MIT
 *
 * How much of each source a turn takes: in rounds, so that a source with many files does not keep the others waiting, and up to its quotas. Nothing is refused
 * for them: what is over stays in the drop folder for the next turn, and is told once per turn.
 */
#ifndef GATEWAY_QUOTA_H
#define GATEWAY_QUOTA_H

#include "gateway/site.h"

struct quota { /* of one source in this turn */
	char *source;
	uint64_t files, bytes; /* taken */
	uint64_t round; /* entries looked at in this round */
	struct spool_names names; /* listed, and left for the next round */
	char *after; /* the last of them, where the next round goes on; NULL = at the first */
	bool enough; /* this round is over for it */
	bool passed; /* its folder was looked through to the end since this was last cleared */
	const char *over; /* the setting whose limit is reached, "max_files" …; NULL = none */
	struct quota_left { /* what is over */
		uint64_t files, bytes;
		char *first; /* name of the first of them */
	} counting, left; /* in this look at the folder; in the last whole one */
};
struct quotas {
	struct quota **of;
	size_t n;
};

/* That of the source, made when it is new. Lives until quotas_free. */
struct quota *quotas_of(struct quotas *q, const char *source);
void quotas_free(struct quotas *q);
/* A round begins: sets `over` when source.NAME.max_waiting items of the source wait. */
int quota_round(struct site *s, struct quota *q, struct eg_err *err) EG_MUSTCHECK;
/* The source is looked through anew: its folder is listed again. */
void quota_again(struct quota *q);
/* The folder's end: the next round begins at its first file. */
void quota_pass(struct quota *q);
/* An entry was looked at; ends the round when it was the last one of it. */
void quota_seen(const struct site *s, struct quota *q, const char *name);
/* May a file of that size be taken? If not, it is counted as left. The first file of a turn may always, unless too many items wait. */
bool quota_takes(const struct site *s, struct quota *q, const char *name, uint64_t size);
/* A finding (F-60), a log entry and a mail for every source of which something was left; *ret_left counts the files. In a transaction. */
int quotas_report(struct site *s, const struct quotas *q, unsigned *ret_left, struct eg_err *err) EG_MUSTCHECK;

#endif
