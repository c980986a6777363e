/* SPDX-License-Identifier: MIT
 *
 * What the reading of settings (conf.c) asks of the table (conf_keys.c) and of the types of values (conf_value.c). Only conf*.c include it.
 */
#ifndef GATEWAY_CONF_INT_H
#define GATEWAY_CONF_INT_H

#include "gateway/conf.h"

/* The row of a key as a file writes it: a name in the place of `*` is one part, not empty, without a dot. NULL = there is no such setting. */
const struct conf_key *conf_key_find(struct eg_bytes key);
/* The likely key, with the name that was written; NULL = none is near. free() it. */
char *conf_key_nearest(struct eg_bytes key);
/* Is the value one of the key's type? EG_BADFILE "CONF-VALUE" with what to write, or as the type's own reader says it ("TZ-…"). A rule is not looked at: its key says what may stand
 * there (rule_key.h). */
int conf_value_check(const struct conf_key *k, struct eg_bytes value, struct eg_err *err) EG_MUSTCHECK;

#endif
