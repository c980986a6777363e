/* SPDX-License-Identifier: MIT
 *
 * Signing under another user: the program erpgate-signer holds the site's private key and answers on a Unix socket; who runs the site can ask for signatures and cannot take the key away.
 *
 * It signs three things and nothing else: a list of digests as sha256sum writes it (bundles, tombstones, exports), a receipt, and a head of the log that continues the last head it
 * signed, as a consistency proof shows. So nobody gets two heads of one size from it, or one that drops what an earlier one had, whatever is put into state.db or archive/log.
 *
 * One question for a connection, ended by closing the sending half; one answer, a line of text:
 *
 *	head                                      -> head SIZE BASE64ROOT          (0 - : none signed yet)
 *	sign, LF, bytes                           -> signature BASE64
 *	publish N, LF, N lines BASE64, LF, bytes  -> signature BASE64              (bytes: origin, size, root, each with LF)
 *	                                          or refused CODE SENTENCE
 */
#ifndef SPOOL_SIGNER_H
#define SPOOL_SIGNER_H

#include "spool/log_int.h"
#include "spool/log_proof.h"

#define SIGNER_MESSAGE_MAX ((size_t)16 << 20)

/* ---- asking (signer_ask.c) ---- */

/* Errors of all: EG_RETRY "SIGNER" when nobody answers; EG_FATAL "LOG-FORK" or "SIGNER-NO" when it refused, with its words. The signature is checked against `key`, the public half
 * that the site knows, before it is returned: EG_FATAL "SIG-KEY" when it is another key's. */
int signer_sign(const char *socket, const struct sign_key *key, struct eg_bytes v, unsigned char ret[SIGN_ED25519_LEN],
    struct eg_err *err) EG_MUSTCHECK;
/* The last head it signed; size 0 = none. */
int signer_last(const char *socket, struct log_checkpoint *ret, struct eg_err *err) EG_MUSTCHECK;
/* body: the head's text as log_checkpoint_text makes it; proof: from its last head to this one, empty when it has none or has this one. */
int signer_publish(const char *socket, const struct sign_key *key, struct eg_bytes body, const struct log_proof *proof,
    unsigned char ret[SIGN_ED25519_LEN], struct eg_err *err) EG_MUSTCHECK;

/* The head that the tiles on disk lead to (all of them are written): asked for with the proof that the signer wants. EG_FATAL "LOG-FORK" when it signed more entries than there are. */
int signer_head(struct spool *s, const struct sign_key *key, struct eg_bytes body, const struct log_checkpoint *head,
    unsigned char ret[SIGN_ED25519_LEN], struct eg_err *err) EG_MUSTCHECK;

/* ---- answering (signer.c) ---- */

struct signer {
	int dir; /* its own folder: key.pem, head; not owned */
	struct sign_key *key;
	char origin[LOG_ORIGIN_MAX + 1]; /* of the last head; "" = none yet, any log may begin */
	struct log_checkpoint last;
};
/* Reads key.pem and head. EG_BADFILE "KEY-BAD", "SIGNER-HEAD". */
int signer_open(int dir, struct signer *ret, struct eg_err *err) EG_MUSTCHECK;
void signer_close(struct signer *g);
/* One question. answer, said: appended; said is what was done, in words, for the journal, without LF. A head is on disk before its signature is in the answer. */
void signer_answer(struct signer *g, struct eg_bytes question, struct eg_buf *answer, struct eg_buf *said);

#endif
