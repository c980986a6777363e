/* SPDX-License-Identifier: MIT
 *
 * What the reading of settings (conf.c) asks of the table (conf_keys.c). Only conf*.c include it.
 */
#ifndef GATEWAY_CONF_INT_H
#define GATEWAY_CONF_INT_H

#include "gateway/conf.h"

/* The row of a key as a file writes it: a name in the place of `*` is one part, not empty, without a dot. NULL = there is no such setting. */
const struct conf_key *conf_key_find(struct eg_bytes key);
/* The likely key, with the name that was written; NULL = none is near. free() it. */
char *conf_key_nearest(struct eg_bytes key);

#endif
