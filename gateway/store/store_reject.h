/* SPDX-License-Identifier: MIT
 *
 * Documents that were refused, each with a number of its own in its drop (D000187-3), and what became of them: what the folders below spool/rejects/ are
 * made from, and what a corrected file joins. Callbacks get rows whose texts live until the callback returns; they may call the store. Errors as in store.h.
 */
#ifndef GATEWAY_STORE_STORE_REJECT_H
#define GATEWAY_STORE_STORE_REJECT_H

#include "gateway/store/store.h"

#define REJECT_ID_MAX 32

struct reject_row {
	const char *drop;
	unsigned n; /* first is 1 */
	int64_t file; /* file's row */
	uint64_t line, last; /* first and last physical line */
	uint64_t off, len; /* its bytes in the unpacked file */
	const char *item; /* "" = its key was missing */
	const char *code; /* the first that refused it */
	const char *state; /* "open", "corrected", "again" */
	const char *by_drop; /* NULL = none yet */
	unsigned by_n; /* refused again under this number of by_drop */
	int64_t at; /* of the last change */
};

/* "D000187-3", as it stands in rejects.csv. */
void reject_id(const char *drop, unsigned n, char ret[REJECT_ID_MAX]);
/* false: not of that form. ret_drop holds 16 bytes. */
bool reject_id_read(struct eg_bytes v, char ret_drop[16], unsigned *ret_n);

/* The number that the next one of the drop gets. */
int reject_next(struct store *s, const char *drop, unsigned *ret, struct eg_err *err) EG_MUSTCHECK;
/* Adds it as open, under the next number of its drop, which is set. */
int reject_add(struct store *s, struct reject_row *r, struct eg_err *err) EG_MUSTCHECK;
int reject_get(struct store *s, const char *drop, unsigned n, struct eg_arena *a, struct reject_row *ret,
    struct eg_err *err) EG_MUSTCHECK; /* EG_EOF: none */
/* An open one is settled by a later drop: corrected (by_n 0) or refused again as by_n. */
int reject_settle(struct store *s, const char *drop, unsigned n, const char *by_drop, unsigned by_n, int64_t now,
    struct eg_err *err) EG_MUSTCHECK;
/* What by_drop had corrected of this item was refused again after all (a reference rule), as by_n. */
int reject_reopen(struct store *s, const char *by_drop, const char *item, unsigned by_n, int64_t now,
    struct eg_err *err) EG_MUSTCHECK;
/* The newest open one of the same item whose drop came from this source; EG_EOF: none. */
int reject_of_item(struct store *s, const char *source, const char *item, struct eg_arena *a, struct reject_row *ret,
    struct eg_err *err) EG_MUSTCHECK;
/* The first code by which this place of the drop was refused; EG_EOF: none. */
int reject_code_at(struct store *s, const char *drop, uint64_t line, const char *item, struct eg_arena *a,
    const char **ret, struct eg_err *err) EG_MUSTCHECK;
/* Does a reject of the drop stand at this line of the file? */
int reject_at(struct store *s, int64_t file, uint64_t line, const char *item, bool *ret, struct eg_err *err)
    EG_MUSTCHECK;
struct reject_filter {
	const char *drop; /* NULL = any */
	const char *by_drop; /* NULL = any */
	int64_t file; /* 0 = any */
	bool open; /* only open ones */
};
/* By drop and number. */
int reject_each(struct store *s, const struct reject_filter *f,
    int (*each)(void *ctx, const struct reject_row *r, struct eg_err *err), void *ctx, struct eg_err *err) EG_MUSTCHECK;
/* Open rejects, and the drops they are in, of one source (NULL = all). */
int reject_count(struct store *s, const char *source, unsigned *ret_open, unsigned *ret_drops, struct eg_err *err)
    EG_MUSTCHECK;
/* Drops with rejects whose folder has not been written since they were added. */
int reject_pending_each(struct store *s, int (*each)(void *ctx, const char *drop, struct eg_err *err), void *ctx,
    struct eg_err *err) EG_MUSTCHECK;
int reject_kit_done(struct store *s, const char *drop, struct eg_err *err) EG_MUSTCHECK;

#endif
