/* SPDX-License-Identifier: MIT
 *
 * What two readings of one document mean differently: field by field, and in money by account. For what-if questions about adapters, tables and settings
 * (whatif, reprocess --dry-run). Tests: tests/unit/test_semdiff.c.
 */
#ifndef GATEWAY_SEMDIFF_H
#define GATEWAY_SEMDIFF_H

#include "adapters/record.h"

struct semdiff_field {
	const char *field; /* "commitment.title", "line.cost_code" */
	/* physical line in the file the second reading came from (the first's, when it is gone); 0 = header without a place */
	uint64_t line;
	struct eg_bytes was, is; /* empty = no value */
	bool hidden; /* private: not to be shown */
};
/* Tells every field that differs; lines are joined by the place they were read from, then by their order. A line that only one of the two has is told field by field. Both records are of the
 * same type, or one is NULL. Returns how many fields differ. */
size_t semdiff_records(
    const struct rec *was, const struct rec *is, void (*tell)(void *ctx, const struct semdiff_field *f), void *ctx);

/* ---- money by account ---- */

/* Sums of the amounts that items have (struct rec_type, amount), by record type, project, account (cost code.cost type, "-" where a record has none) and currency. */
struct semdiff_sums;
struct semdiff_sums *semdiff_sums_new(const char *currency); /* of records that name none */
void semdiff_sums_free(struct semdiff_sums *m); /* NULL-safe */
/* Adds the record's money to what was (after = false) or to what is. NULL and types without money add nothing. */
void semdiff_sums_add(struct semdiff_sums *m, const struct rec *r, bool after);
struct semdiff_sum {
	const char *type, *project, *account, *currency;
	struct eg_dec was, is;
	bool overflow; /* the sums do not fit: not to be believed */
};
/* By type, project, account, currency, bytewise. changed: only those where the two differ. Returns how many were told. */
size_t semdiff_sums_each(
    struct semdiff_sums *m, bool changed, void (*tell)(void *ctx, const struct semdiff_sum *s), void *ctx);

#endif
