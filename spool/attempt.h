/* SPDX-License-Identifier: MIT
 *
 * How often this program ended over a job: counted in spool/work/<id>/attempt, so that a job that ends it is not begun for ever. A note without syncs, on purpose: what ends the
 * process leaves it, a power cut may take it along, and a power cut is not the job's doing. Tests: tests/scenario/siege_core.py.
 */
#ifndef SPOOL_ATTEMPT_H
#define SPOOL_ATTEMPT_H

#include "spool/spool.h"

struct spool_attempts { /* running: a job that was ended well begins at 0 */
	unsigned crashed; /* by a fault of its own: SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL */
	unsigned killed; /* cut off from outside: kill -9, the kernel out of memory */
};

/* From here to _end a fault of this process is noted against the job; one at a time. *ret: how the attempts before ended. EG_RETRY "DISK-…". */
int spool_attempt_begin(struct spool *s, const char *id, struct spool_attempts *ret, struct eg_err *err) EG_MUSTCHECK;
/* It ended: done, or failed with an error that was told, which is no crash (a full disk). done: the counts begin anew. Without a begin: nothing. */
void spool_attempt_end(bool done);
/* In a child of the process: its faults are its own. */
void spool_attempt_forget(void);

#endif
