/* SPDX-License-Identifier: MIT
 *
 * Shared by the files of base/ that make durable calls, and by nobody else: the counted points of the fault build, and the codes of a full or failing disk.
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

/* "DISK-FULL" or "DISK-ERROR" where the errno says so, else the code of the operation. */
const char *eg_fs_code_of(int sys, const char *otherwise);

#endif
