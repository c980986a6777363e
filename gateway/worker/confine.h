/* SPDX-License-Identifier: MIT
 *
 * What a worker may do: read its input, write its pipe, use memory. Everything else is taken away, in layers that do not need each other: resource limits, no
 * new privileges, Landlock (no file, no TCP port, no signal outside, as far as the kernel knows them) and a seccomp allow-list whose default is to kill.
 */
#ifndef GATEWAY_WORKER_CONFINE_H
#define GATEWAY_WORKER_CONFINE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What this kernel offers of the layers that not every kernel has. */
struct confine_kernel {
	int landlock_abi; /* 0 = no Landlock, or it is switched off */
	bool seccomp; /* filters can be installed */
};
void confine_ask(struct confine_kernel *ret);

enum confine_mode {
	CONFINE_STRICT = 0, /* every layer, or nothing runs */
	CONFINE_WEAK, /* a layer that the kernel has not is left out: somebody has said so (worker.sandbox) */
};

/* Confines the calling process for good. input_size scales the CPU limit. Call after everything that opens files (iconv, libxml2) has been warmed up and every
 * descriptor but the job's is closed. EG_FATAL "SANDBOX" when a layer is missing and mode is strict, or when the kernel refuses one that it offers. */
int confine(const struct confine_kernel *k, enum confine_mode mode, uint64_t input_size, struct eg_err *err)
    EG_MUSTCHECK;
/* Closes every descriptor but 0-2 and these. */
void confine_close_others(const int *keep, size_t n);
/* CPU seconds that a worker may use for an input of that size. */
uint64_t confine_cpu(uint64_t input_size);
/* For doctor: how many system calls a worker may make. */
size_t confine_calls(void);

#endif
