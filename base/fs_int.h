/* SPDX-License-Identifier: MIT
 *
 * Shared by the files of base/ that make durable calls, and by nobody else (fs_call.c): the counted points of the fault build, and what a failed call is called.
 */
#ifndef BASE_FS_INT_H
#define BASE_FS_INT_H

#include "base/fs.h"

#ifdef EG_FAULTS
/* Counts durable calls, `call` being the source text of each; true when this one must fail with *ret. */
bool eg_fs_fault(const char *call, int *ret);
	#define DURABLE(call)                                                                  \
		__extension__({                                                                \
			int fault_errno = 0;                                                   \
			eg_fs_fault(#call, &fault_errno) ? (errno = fault_errno, -1) : (call); \
		})
#else
	#define DURABLE(call) (call)
#endif

/* The failure of a call as eg_fail_sys tells it (EG_FATAL, or EG_RETRY where its errno passes), under "DISK-FULL" or "DISK-ERROR" where that is what it says, else under the operation's
 * own `code`. */
int eg_fs_fail(struct eg_err *err, const char *code, int sys, const char *fmt, ...) EG_PRINTF(4, 5);

#endif
