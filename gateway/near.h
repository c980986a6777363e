/* SPDX-License-Identifier: MIT
 *
 * Near matches: which entries of the site's own lists a value was probably meant to be. Only told, never used.
 */
#ifndef GATEWAY_NEAR_H
#define GATEWAY_NEAR_H

#include "gateway/site.h"

enum near_list {
	NEAR_CODES, /* cost codes of the accounting system, active ones */
	NEAR_VENDORS, /* companies of the project side */
	NEAR_PROJECTS, /* projects of the project side */
	NEAR_ERP_VENDORS,
	NEAR_ERP_JOBS,
	NEAR_NLISTS,
};

struct near; /* lists, loaded when first asked for */
struct near *near_open(struct site *s);
void near_close(struct near *n); /* NULL is fine */
/* Which list a record's field is checked against ("line.cost_code"); false: none. */
bool near_of_field(const char *field, enum near_list *ret);
/* Appends up to three entries, the likeliest first, "03-1100 (Formwork), 03-1200 (Slabs)"; nothing when none is near or the value is in the list. Likelier are those that lost zeros, then those that a
 * spreadsheet turned into that date, then those that differ in a letter or two. */
int near_find(struct near *n, enum near_list list, const char *value, struct eg_buf *ret, struct eg_err *err)
    EG_MUSTCHECK;
/* Appends to a message: what a spreadsheet probably did to the value, and what is near in the list, each as a sentence with a blank before it; nothing when neither shows. */
int near_sentence(struct near *n, enum near_list list, const char *value, struct eg_buf *ret, struct eg_err *err)
    EG_MUSTCHECK;
/* The value is in the list, or there is no list yet. */
int near_known(struct near *n, enum near_list list, const char *value, bool *ret, struct eg_err *err) EG_MUSTCHECK;
/* The entry that the value was before it lost its zeros, in memory to free; NULL: there is none, or the value itself is in the list. */
int near_zeros(struct near *n, enum near_list list, const char *value, char **ret, struct eg_err *err) EG_MUSTCHECK;

#endif
