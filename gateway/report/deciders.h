/* SPDX-License-Identifier: MIT
 *
 * Who may decide an item, for reports: asked of the function that judges decisions (rights_check), so that a report and a refusal never disagree.
 */
#ifndef GATEWAY_REPORT_DECIDERS_H
#define GATEWAY_REPORT_DECIDERS_H

#include "gateway/site.h"

struct decider {
	struct user u; /* texts live as long as the list */
	int64_t waiting; /* items found that he may accept */
	struct eg_dec amount; /* their money */
};
struct deciders {
	struct eg_arena a;
	struct decider *v;
	size_t n;
};

int deciders_load(struct deciders *d, struct site *s, struct eg_err *err) EG_MUSTCHECK; /* every user, by name */
void deciders_done(struct deciders *d); /* empty-safe */
/* The item takes a decision of a person now: it is open and nobody accepted this content yet. */
bool decision_due(const struct item *it);
/* May user i accept it (MRI's companies and projects: link it)? Revoked users may not. Errors of the store. */
int decider_may(const struct deciders *d, size_t i, struct site *s, const struct item *it, bool *ret,
    struct eg_err *err) EG_MUSTCHECK;

#endif
