/* SPDX-License-Identifier: MIT
 *
 * What the claiming (intake_claim.c) and the reading (intake.c and its parts, intake_int.h) of drops share, and their parts for a caller that has a transaction open (arrive_group.c). Not for others.
 */
#ifndef GATEWAY_INTAKE_H
#define GATEWAY_INTAKE_H

#include "gateway/cycle.h"

/* Reads a drop that has a row, from fd, inside the caller's transaction, which he rolls back: nothing is written beside the store. */
int intake_try(struct site *s, const char *drop, int fd, struct cycle_result *ret, struct eg_err *err) EG_MUSTCHECK;
/* Layouts that take the project from the file name: the same bytes under another project's name are another file. */
void intake_identity(const struct adp *a, const char *name, const char *sha256, struct eg_buf *ret);

/* What became of a drop that was read; source and name are owned. */
struct intake_said {
	char drop[16];
	char *source, *name;
	const char *verdict;
	unsigned records, rejected, refused_files;
};
void intake_said_done(struct intake_said *d); /* empty-safe */
/* Adds it to the turn's result and tells who watches: after the commit. */
void intake_tell(struct intake_said *d, const struct cycle_watch *w, struct cycle_result *ret);

/* intake_claim and intake_drop within the caller's transaction. On failure he rolls back: nothing of the drop may stay. The work folder of a duplicate is his to clean, after
 * the commit. */
int intake_claim_in(struct site *s, const char *source, const struct spool_claim *c, bool again, bool *ret_new,
    struct eg_err *err) EG_MUSTCHECK;
int intake_drop_in(struct site *s, const char *drop, struct intake_said *ret, struct eg_err *err) EG_MUSTCHECK;

#endif
