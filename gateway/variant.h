/* SPDX-License-Identifier: MIT
 *
 * A site with other adapters, tables or settings than those in force: for reading a sealed original with what was sealed beside it, or with an adapter that is
 * only being tried. Nothing of it is written anywhere.
 */
#ifndef GATEWAY_VARIANT_H
#define GATEWAY_VARIANT_H

#include "gateway/site.h"

struct variant_file { /* an adapter or a table; texts live as long as the call */
	const char *file; /* adapters: for messages; tables: "cost_type.csv" */
	struct eg_bytes text;
};
struct variant {
	const struct variant_file *adapter, *table; /* before those of the site */
	size_t nadapters, ntables;
	bool alone; /* without the adapters and tables of the site */
	const char *conf; /* settings as a text; NULL = those of the site */
	const char *
	    must; /* adapters of the site that do not fit the others are left out, but for this one; NULL = all must fit */
};

/* *ret is s with adapters (and settings) of its own; store, spool, keys and run stay those of s. variant_done it also after a failure. EG_BADFILE "ADP-…",
 * "CONF-…" with file and line. */
int variant_open(const struct site *s, const struct variant *v, struct site *ret, struct eg_err *err) EG_MUSTCHECK;
void variant_done(const struct site *s, struct site *v); /* empty-safe: a zeroed one */

#endif
