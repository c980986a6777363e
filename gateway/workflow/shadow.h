/* SPDX-License-Identifier: MIT
 *
 * Shadow mode: the gateway beside another system that still does the sending. Everything is done as always: files are read, approvers decide, batches are made, sealed and
 * logged; but the files of a shadow batch are written to spool/shadow/<target>/ and nothing reaches spool/out/. Which batches are shadow stands in the batch, so switching the
 * setting never moves one.
 *
 * Items of a shadow batch are exported (or synced, to the project side) as they would be; the answers of an ERP that got the same documents from the other system are taken
 * and count. Going live, the setting is switched off, and nothing leaves for that target until a person has said what became of what was only shadow:
 *   end:  the other system did not send it: items without an answer are undecided again, those that go by themselves leave with the next run;
 *   keep: the other system did send it: items stay as they are and wait for their answers.
 */
#ifndef GATEWAY_WORKFLOW_SHADOW_H
#define GATEWAY_WORKFLOW_SHADOW_H

#include "gateway/site.h"

bool shadow_on(const struct conf *c, const char *target);
/* Is any target of this site in shadow mode? */
bool shadow_any(const struct site *s);
/* Shadow batches of a target (NULL = of both) of which nobody has said yet what became of them. */
int shadow_open_batches(struct site *s, const char *target, unsigned *ret, struct eg_err *err) EG_MUSTCHECK;
/* May something leave for this target, in shadow or really? false: it went live, and `end` or `keep` is still to be said. */
int shadow_lets(struct site *s, const char *target, bool *ret, struct eg_err *err) EG_MUSTCHECK;
/* In the caller's transaction; logged. EG_BADREC "BATCH-STATE": the target is still in shadow mode, or nothing was written in it; E-74. ret_items: how many went back (end). */
int shadow_settle(struct site *s, const char *target, bool keep, const char *reason, unsigned *ret_batches,
    unsigned *ret_items, struct eg_err *err) EG_MUSTCHECK;

#endif
