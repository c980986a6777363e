/* SPDX-License-Identifier: MIT
 *
 * The one walk over jobs that a crash, a full disk or a person left in any state. It is the normal beginning of every turn, and by its table
 * (gateway/recover_table.h) also says what of spool/work/ may go at the end of one.
 */
#ifndef GATEWAY_RECOVER_H
#define GATEWAY_RECOVER_H

#include "gateway/recover_table.h"
#include "gateway/turn.h"

/* What the journal and the folder say of this job. EG_EOF: its name is not one of a job's, nothing of ours. */
int recover_look(struct site *s, const char *id, enum recover_kind *ret_kind, enum recover_journal *ret_journal,
    enum spool_files *ret_files, struct eg_err *err) EG_MUSTCHECK;
/* Every job that has a folder or is open in the journal, in order of name: the action of its cell. Doing it a second time changes nothing.
 * EG_FATAL "CLAIM" at the first cell that says stop; what comes before it in that order is done. */
int recover_all(struct turn *t, struct eg_err *err) EG_MUSTCHECK;
/* Takes the folders of sealed jobs out of spool/work/; behind the publishing of the log (turn_keep). While the time is in doubt the log has no head, and nothing goes. */
int recover_remove(struct site *s, const char *const *id, size_t n, struct eg_err *err) EG_MUSTCHECK;
/* Only what may go; behind the publishing of the log (turn_keep_all), not while the time is in doubt. */
int recover_clean(struct site *s, struct eg_err *err) EG_MUSTCHECK;

#endif
