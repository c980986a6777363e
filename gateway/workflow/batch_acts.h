/* SPDX-License-Identifier: MIT
 *
 * What persons do to a batch that has left: send it again after a lost delivery (same names, same bytes), or declare it void with proof that the receiver did not take it
 * in. States of a batch: ready → published → done; done → again → done; done → voiding → void. Each arrow is a commit, and the next turn goes on from whichever a crash left.
 *
 * A receiver has answered a batch when an item of it is synced or failed: the accounting system answers. The project side does not, so there nothing is known of a delivery.
 * An item that left with a later batch, too, is that batch's business.
 */
#ifndef GATEWAY_WORKFLOW_BATCH_ACTS_H
#define GATEWAY_WORKFLOW_BATCH_ACTS_H

#include "gateway/site.h"

/* Own transactions; the site's lock is held. Takes the files out of the batch's bundle, which is verified first, stages them, notes who and why, publishes. EG_BADREC:
 * "NOT-FOUND"; "BATCH-STATE" when the batch is not sealed, void, shadow, was not signed or has a file of it still in out/; E-75 when an item was answered or has left again
 * since; E-74. */
int batch_republish(struct site *s, const char *batch, const char *reason, struct eg_err *err) EG_MUSTCHECK;
/* For recovery: finishes what is in state again; called with batches_publish. */
int batches_again(struct site *s, struct eg_err *err) EG_MUSTCHECK;
/* How often it was sent again. */
int batch_republished(struct site *s, const char *batch, unsigned *ret, struct eg_err *err) EG_MUSTCHECK;

/* The same; proof: the bytes that show that nothing was taken in, sealed with the act in a bundle of their own. ret_id "V000001". Files that still lie in out/ are taken
 * back. Items are undecided again (those the ERP had before are Ready to Update); what would leave without a decision is held until a person releases it. */
int batch_void(struct site *s, const char *batch, const char *reason, const char *proof_name, struct eg_bytes proof,
    char ret_id[16], struct eg_err *err) EG_MUSTCHECK;
/* For recovery: finishes what is in state voiding. */
int batches_void(struct site *s, struct eg_err *err) EG_MUSTCHECK;

/* The items of a batch go back to where they were, in the caller's transaction; each is logged as `event` with {batch, state}. Those that have left with a later batch stay.
 * *ret_n moved ones. Used by void and by the end of shadow mode. */
int batch_take_back(struct site *s, const struct batch *b, const char *event, unsigned *ret_n, struct eg_err *err)
    EG_MUSTCHECK;

#endif
