/* SPDX-License-Identifier: MIT
 *
 * Changes made with an editor: the site's own adapters, tables and erpgate.conf are compared with what was last logged, and every difference becomes a log entry
 * ("adapter-changed", "table-changed", "config-changed", "key-changed") with digests before and after; of settings also each key with both values. Keys are the gateway's public
 * key (with its key id before and after) and the file that approvals.ca names.
 *
 * Who did it is not known. The entry's actor is the user (else the account) that owns the file, and its detail says that this need not be who wrote it; of a file that is
 * gone nobody is named ("unknown").
 */
#ifndef GATEWAY_EDITS_H
#define GATEWAY_EDITS_H

#include "gateway/site.h"

/* At every start of a turn or command that changes something. A transaction of its own, and only when something differs. */
int edits_note(struct site *s, struct eg_err *err) EG_MUSTCHECK;
/* These settings are known: what `config set` logs itself, and what `init` writes. In the running transaction. */
int edits_known_conf(struct store *store, struct eg_bytes text, struct eg_err *err) EG_MUSTCHECK;

#endif
