/* SPDX-License-Identifier: MIT
 *
 * Runs this program as a child and kills it at a counted call: no special build is needed, the kernel stops the child at its system calls (ptrace). Where that is
 * forbidden it is killed after a time.
 */
#ifndef GATEWAY_SELFTEST_TRACE_H
#define GATEWAY_SELFTEST_TRACE_H

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct trace_kill {
	/* number of the call that changes something, from 1; 0 = it is not killed, the calls are counted */
	uint64_t at;
	bool after; /* the call was made, its answer never came back */
	int64_t after_us; /* 0 = it is traced; else it is not, and killed so long after its start; below 0 = never */
};

struct trace_end {
	bool traced; /* false: tracing is forbidden here */
	bool killed; /* false: it ended before that call */
	int exit_code; /* when it was not killed; 128 + signal when something else killed it */
	uint64_t calls; /* made so far, of those that change something */
	int64_t took_us;
	const char *call; /* name of the one it was killed at; NULL */
};

/* argv: NULL-ended words behind the program's name. Standard output and error of the child are /dev/null. EG_FATAL "SELFTEST" when no process can be made. */
int trace_run(const char *const *argv, const struct trace_kill *kill, struct trace_end *ret, struct eg_err *err)
    EG_MUSTCHECK;

#endif
