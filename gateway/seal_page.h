/* SPDX-License-Identifier: MIT
 *
 * What the reports of the three kinds of bundle share. Not for others.
 */
#ifndef GATEWAY_SEAL_PAGE_H
#define GATEWAY_SEAL_PAGE_H

#include "gateway/report/page.h"
#include "gateway/seal.h"

/* The first table of a report: what it is about, a line per fact. */
void seal_page_facts(struct page *p);
void seal_page_fact(struct page *p, const char *what, const char *value);
/* How to check the bundle by hand, the end, and all of it into the bundle; p is freed. */
int seal_page_close(struct sealing *z, struct page *p, struct eg_err *err) EG_MUSTCHECK;
/* Adds a canonical amount ("" = none) to a sum; false: it left the range. */
bool seal_page_add(struct eg_dec *sum, const char *amount);
/* A sum with two places; free() it. */
char *seal_page_money(struct eg_dec d);

#endif
