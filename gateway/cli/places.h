/* SPDX-License-Identifier: MIT
 *
 * Where the drop folders stand: for the daemon (which of them events tell of, and whether they are still the same), for doctor and for status.
 */
#ifndef GATEWAY_CLI_PLACES_H
#define GATEWAY_CLI_PLACES_H

#include "gateway/cli/cli.h"

/* Every drop folder in order of name, hidden ones left out. where->kind is "" for one that does not answer or is no folder. */
int places_each(struct site *s,
    int (*each)(void *ctx, const char *name, const struct spool_place *where, struct eg_err *err), void *ctx,
    struct eg_err *err) EG_MUSTCHECK;
/* Of all folders and where they stand: the same as long as none was made, replaced, mounted over or unmounted. */
int places_print(struct site *s, uint64_t *ret, struct eg_err *err) EG_MUSTCHECK;
/* What is unusual about it, as a sentence for people; NULL = nothing. free() it. */
char *places_say(struct site *s, const struct spool_place *where);

/* For status: a line for each unusual folder; the same as a list of objects. Folders that cannot be listed say nothing. */
void places_text(struct site *s);
json_t *places_json(struct site *s);

#endif
