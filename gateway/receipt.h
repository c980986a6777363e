/* SPDX-License-Identifier: MIT
 *
 * Signed receipts: for every file of a source whose receipts are on, what it was and what became of it, in spool/receipts/<source>/NAME.DROP.receipt with an Ed25519
 * signature of the gateway's key beside it (.sig):
 *
 *   openssl pkeyutl -verify -pubin -inkey gateway.pub.pem -rawin -in NAME.D000187.receipt -sigfile NAME.D000187.receipt.sig
 *
 * A receipt is made of what the journal holds when its drop is sealed: made again after a crash it has the same bytes. The receiver removes what he has read.
 */
#ifndef GATEWAY_RECEIPT_H
#define GATEWAY_RECEIPT_H

#include "gateway/site.h"

/* Does a file of this source get one? */
bool receipts_on(const struct conf *c, const char *source);
/* Writes those that are owed for drops that are done; own transactions. One that cannot be written is logged (receipt-failed) and holds nothing up. */
int receipts_write(struct site *s, struct eg_err *err) EG_MUSTCHECK;
/* The text of one; free with eg_buf_done. */
int receipt_text(struct site *s, const struct drop_row *d, struct eg_buf *ret, struct eg_err *err) EG_MUSTCHECK;

#endif
