/* SPDX-License-Identifier: MIT
 *
 * Which rows of the state changed, so that they can be kept in the archive: triggers note them in the transaction that changes them (touched.c says how). What a row holds is read when it is kept: of many changes in a turn the last one counts. A database is made again by putting the kept rows into an
 * empty one in the order in which they were kept (gateway/keep.h). No table can be forgotten: those that are not watched are named in touched.c, each with its reason.
 *
 * A row is a line of JSON: {"table":"item","row":{"id":7,"iid":"vendor/V-1",…}} or, when it is gone, {"table":"hold","gone":{"item":7,…}}. NULL is null, a BLOB is
 * {"hex":"…"}; the body of a revision is null when the bundle of its drop holds it (member canonical/bodies.jsonl).
 */
#ifndef GATEWAY_STORE_STORE_TOUCHED_H
#define GATEWAY_STORE_STORE_TOUCHED_H

#include "gateway/store/store.h"

/* Anything to keep? Rows of table `run`, and what only says how far a turn has looked (the clock, the mails), and findings of items that are held, which every turn tells anew, do not count alone: a turn that did nothing is nothing to keep. */
int store_touched_any(struct store *s, bool *ret, struct eg_err *err) EG_MUSTCHECK;
/* Rows that changed since the state was last kept, of all tables. */
int store_touched_count(struct store *s, int64_t *ret, struct eg_err *err) EG_MUSTCHECK;
/* The touched rows as they are now, by table and key; the line is without LF and lives during the call. Inside a transaction. EG_FATAL "DB-CORRUPT" for text that is not UTF-8. */
int store_touched_each(struct store *s, int (*each)(void *ctx, struct eg_bytes line, struct eg_err *err), void *ctx,
    struct eg_err *err) EG_MUSTCHECK;
/* They are kept: none is touched any more. Inside the same transaction. */
int store_touched_forget(struct store *s, struct eg_err *err) EG_MUSTCHECK;
/* The bodies that the bundle of this drop holds, sealed now under this number: the revisions that came with it. */
int store_bodies_each(struct store *s, const char *drop,
    int (*each)(void *ctx, int64_t revision, struct eg_bytes packed, struct eg_err *err), void *ctx, struct eg_err *err)
    EG_MUSTCHECK;
int store_bodies_sealed(struct store *s, const char *bundle, struct eg_err *err) EG_MUSTCHECK;

/* ---- making a database again ---- */

/* Stops noting (a database that is being filled) and begins again. */
int store_touch_stop(struct store *s, struct eg_err *err) EG_MUSTCHECK;
int store_touch_start(struct store *s, struct eg_err *err) EG_MUSTCHECK;
struct put_back;
int store_put_open(struct store *s, struct put_back **ret, struct eg_err *err) EG_MUSTCHECK;
void store_put_close(struct put_back *p); /* empty-safe; before the store is closed */
/* One kept row. EG_BADFILE "KEPT-ROW" for a line that is not one, a table or column this version does not know. */
int store_put_row(struct put_back *p, struct eg_bytes line, struct eg_err *err) EG_MUSTCHECK;
/* The body of a revision, if the revision is there and waits for one. */
int store_put_body(struct store *s, int64_t revision, struct eg_bytes packed, struct eg_err *err) EG_MUSTCHECK;
/* Revisions that still wait for their body: the drop of one of them, NULL = none. */
int store_body_missing(struct store *s, struct eg_arena *a, const char **ret_drop, struct eg_err *err) EG_MUSTCHECK;
/* One entry of the published log, as its line stands there. */
int store_put_log(struct store *s, struct eg_bytes line, struct eg_err *err) EG_MUSTCHECK;

#endif
