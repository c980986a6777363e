/* SPDX-License-Identifier: MIT
 *
 * What stands in the sealed bundles, for audit find: one row per item that a bundle tells of, one per refused document, one per file, one for the bundle itself, and a full-text index over them. All of it is
 * made from the other tables, at the moment of sealing; it can be thrown away at
 * any time. Names, ERP keys and amounts are those of the item when the row was made: when it was sealed, or when the index was made anew.
 */
#ifndef GATEWAY_STORE_STORE_INDEX_H
#define GATEWAY_STORE_STORE_INDEX_H

#include "gateway/store/store.h"

/* In the transaction that seals: what the bundle of this drop, manifest or batch tells of. Other kinds get the one row of the bundle. */
int index_add(struct store *s, const char *bundle, const char *kind, const char *of, struct eg_err *err) EG_MUSTCHECK;
/* Are there bundles, and the index is empty? So it is after an upgrade and after db rebuild. */
int index_missing(struct store *s, bool *ret, struct eg_err *err) EG_MUSTCHECK;
/* All of it anew; in a transaction. */
int index_make(struct store *s, struct eg_err *err) EG_MUSTCHECK;

struct index_ask { /* NULL, 0 = any */
	const char *text; /* an FTS5 query: index_query */
	const char *item; /* its whole id */
	const char *vendor; /* key, or part of the name; letters of ASCII without case */
	const char *project, *person, *source, *kind;
	int64_t since, until; /* until: the first second that is too late */
};
struct index_row {
	const char *bundle, *kind, *of, *path;
	int64_t at;
	const char *item, *vendor, *vendor_name, *project, *amount, *person, *source, *words; /* "" = none */
};
/* Oldest bundle first; all rows of a bundle stand together. Strings live during the call. */
int index_each(struct store *s, const struct index_ask *q,
    int (*each)(void *ctx, const struct index_row *r, struct eg_err *err), void *ctx, struct eg_err *err) EG_MUSTCHECK;
/* One word or phrase of a person as an FTS5 phrase that holds nothing of FTS5's language, and AND between it and what is there; a '*' at its end stays: any word that begins so. */
void index_query(const char *word, struct eg_buf *ret);

/* ---- the pages of the archive ---- */

struct index_month {
	char month[8]; /* "2026/11" */
	bool stale; /* something was sealed in it since index_month_written */
	int64_t drops, good, bad, manifests, batches; /* as written */
	int64_t written; /* when */
};
/* Months that have bundles, newest first, at most *n of them. */
int index_months(struct store *s, struct index_month *ret, size_t *n, struct eg_err *err) EG_MUSTCHECK;
/* In a transaction. */
int index_month_written(struct store *s, const struct index_month *m, struct eg_err *err) EG_MUSTCHECK;
struct archive_row {
	const char *bundle, *kind, *of, *path, *sha256;
	int64_t at, sealed;
	const char *who; /* sender, decider, receiver */
	const char *what; /* file, sheet, names of files */
	const char *outcome; /* a drop's verdict, a sheet's state */
	int64_t good, bad; /* records taken and refused, decisions applied and not, rows written */
};
/* The bundles of a month, by path. */
int archive_each(struct store *s, const char *month,
    int (*each)(void *ctx, const struct archive_row *r, struct eg_err *err), void *ctx, struct eg_err *err)
    EG_MUSTCHECK;

#endif
