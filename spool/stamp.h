/* SPDX-License-Identifier: MIT
 *
 * Time stamps of RFC 3161: a request over bytes, and the check of what an authority answered. No network: the request leaves and the answer comes as files. Tokens are checked as of
 * the time they name; whether their certificate has ended meanwhile is the caller's question (not_after).
 */
#ifndef SPOOL_STAMP_H
#define SPOOL_STAMP_H

#include "base/buf.h"
#include "base/err.h"

/* DER, appended: SHA-256 of data, a nonce of 64 bits, and the wish for the authority's certificate. */
int stamp_request(struct eg_bytes data, struct eg_buf *ret, struct eg_err *err) EG_MUSTCHECK;

struct stamp {
	int64_t when; /* what the token says, Unix seconds */
	int64_t not_after; /* end of the signer's certificate */
	char authority[128]; /* its subject, one line */
};
/* response: DER as the authority sent it. request: with its nonce; EG_NONE = not known any more. ca_pem: certificates that are trusted, in PEM.
 * EG_BADREC "STAMP-BAD" when it does not stamp these bytes, was refused, has another nonce or no chain to ca_pem; EG_BADFILE "KEY-BAD" when ca_pem has no certificate. */
int stamp_check(struct eg_bytes response, struct eg_bytes request, struct eg_bytes data, struct eg_bytes ca_pem,
    struct stamp *ret, struct eg_err *err) EG_MUSTCHECK;

#endif
