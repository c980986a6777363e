/* SPDX-License-Identifier: MIT
 *
 * What a worker may do: read its input, write its pipe, use memory. Everything else is taken away: resource limits, no new privileges, Landlock (no file
 * at all, where the kernel has it) and a seccomp allow-list whose default is to kill.
 */
#ifndef GATEWAY_WORKER_CONFINE_H
#define GATEWAY_WORKER_CONFINE_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* Confines the calling process for good. input_size scales the CPU limit. Call after everything that opens files (iconv, libxml2) has been warmed up and every
 * descriptor but the job's is closed. EG_FATAL "SANDBOX" when the kernel refuses a part that must hold. */
int confine(uint64_t input_size, struct eg_err *err) EG_MUSTCHECK;
/* Closes every descriptor but 0-2 and these. */
void confine_close_others(const int *keep, size_t n);
/* For doctor: Landlock ABI (0 = none) and whether seccomp filters are there. */
int confine_landlock_abi(void);

#endif
