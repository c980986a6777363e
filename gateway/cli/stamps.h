/* SPDX-License-Identifier: MIT
 *
 * The folder archive/log/stamps: NAME.checkpoint (the head that was sent in), NAME.tsq (the request), NAME.tsr (the answer), NAME.ca.pem (the certificates that were trusted when it came).
 * A name is the head's number of entries and which request of that head it was: "112-1".
 */
#ifndef GATEWAY_CLI_STAMPS_H
#define GATEWAY_CLI_STAMPS_H

#include "gateway/site.h"
#include "spool/stamp.h"

#define STAMP_NAME 48
#define STAMP_RENEW_BEFORE ((int64_t)90 * 86400) /* seconds before a certificate's end */

struct stamp_kept {
	char name[STAMP_NAME];
	bool answered; /* NAME.tsr is there */
	uint64_t size; /* entries of its head */
	struct stamp s; /* what the token says; valid when good */
	bool good;
};

struct stamps_kept {
	struct stamp_kept *v; /* free() it */
	size_t n;
};

/* Every request that lies there, answered or not, in no order. */
int stamps_list(struct site *s, struct stamps_kept *ret, struct eg_err *err) EG_MUSTCHECK;
/* NAME with that ending; appended. */
int stamps_read(struct site *s, const char *name, const char *ending, struct eg_buf *ret, struct eg_err *err)
    EG_MUSTCHECK;
/* Makes the folder when there is none; on disk when it returns. */
int stamps_write(struct site *s, const char *name, const char *ending, struct eg_bytes v, struct eg_err *err)
    EG_MUSTCHECK;
/* The certificates of keys/tsa, in PEM, end to end; nothing when there is no such folder. */
int stamps_trusted(struct site *s, struct eg_buf *ret, struct eg_err *err) EG_MUSTCHECK;
/* Is `response` an answer to that request? Errors as stamp_check's, and those of reading. */
int stamps_check(struct site *s, struct stamp_kept *k, struct eg_bytes response, struct eg_bytes ca, struct eg_err *err)
    EG_MUSTCHECK;
/* Is the newest good stamp's certificate near its end? *ret_name: that stamp, "" = there is none. */
bool stamps_due(struct site *s, struct stamps_kept *all, const char **ret_name);

#endif
