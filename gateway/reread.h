/* SPDX-License-Identifier: MIT
 *
 * Sealed originals read again: a new drop with the same bytes, source, name and sender, which says what it is made of. It goes the way of every drop (claim, worker, match,
 * rules, bundle), with these differences:
 *
 * - it may have another adapter than the site's, and be about some documents only;
 * - what a newer drop has said since is not undone by older bytes (F-73): order is that in which the senders' bytes came;
 * - an answer of the accounting system counts only for what had left when it came.
 *
 * Nothing of it sends anything: an item that has left takes new content only as a new drop's would (E-46, E-63, "changed" and a new decision). Tests:
 * tests/scenario/reprocess.py.
 */
#ifndef GATEWAY_REREAD_H
#define GATEWAY_REREAD_H

#include "gateway/cycle.h"
#include "gateway/store/store_reread.h"
#include "gateway/workflow/workflow.h"

/* The original of r->of becomes a claimed drop that the next turn reads; r->drop and r->root are not looked at. The log entry says everything of it. EG_BADREC "NOT-FOUND": there
 * is no such drop, it repeats another, holds a sheet, or is not sealed. */
int reread_begin(struct site *s, const struct reread *r, char ret_drop[16], struct eg_err *err) EG_MUSTCHECK;
/* May it be read again? Its row, and the root of its bytes. EG_BADREC "NOT-FOUND" with what to do instead. */
int reread_may(struct site *s, const char *of, struct eg_arena *a, struct drop_row *ret, const char **ret_root,
    struct eg_err *err) EG_MUSTCHECK;
/* Inside the transaction that journals the claim: its log entry, if the drop is one. */
int reread_log(struct site *s, const char *drop, struct eg_err *err) EG_MUSTCHECK;

/* ---- while it is read, and sealed ---- */

struct rereading {
	bool on; /* the drop is one */
	struct reread r;
	struct site site; /* with the adapter it asks for; adapters NULL = the site's do */
	struct eg_arena a;
};
/* Opens what a drop needs to be read as its row says; on false for others. */
int rereading_open(struct site *s, const char *drop, struct rereading *ret, struct eg_err *err) EG_MUSTCHECK;
void rereading_done(const struct site *s, struct rereading *g); /* empty-safe */
/* The site to read, repair and seal the drop with. */
struct site *rereading_site(struct site *s, struct rereading *g);
/* The pick that this line belongs to; NULL = not asked for. Without picks every line is (ret_all). */
const struct reread_pick *rereading_pick(const struct rereading *g, const char *member, uint64_t line, bool *ret_all);
/* Has a newer drop brought this record's item, or reference row, since? Told as a finding then (F-73). */
int rereading_late(struct site *s, const struct rereading *g, const struct place *at, const struct rec *r, bool *ret,
    struct eg_err *err) EG_MUSTCHECK;
/* Did a newer drop bring the list of this record type? */
int rereading_late_list(
    struct site *s, const struct rereading *g, const struct rec_type *t, bool *ret, struct eg_err *err) EG_MUSTCHECK;
/* Did the item leave after the bytes of this drop had come, so that an answer in it is about an earlier attempt? False for ordinary drops. */
int reread_stale_answer(struct site *s, const char *drop, const struct item *it, bool *ret, struct eg_err *err)
    EG_MUSTCHECK;

#endif
