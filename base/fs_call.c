/* SPDX-License-Identifier: MIT
 *
 * What every durable call has in common: the code of its failure, and, built with EG_FAULTS, a counted point at which the environment can kill the process (EG_FAULT_KILL=n) or
 * fail the call (EG_FAULT_ERRNO=n:errno); EG_FAULT_TRACE is a file that gets the calls' names: tests/crash compares them with what a preloaded shim sees.
 */
#include "base/fs_int.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#ifdef EG_FAULTS
	#include <fcntl.h>
	#include <signal.h>
	#include <stdlib.h>
	#include <string.h>
	#include <sys/syscall.h>
	#include <unistd.h>

/* Tells EG_FAULT_TRACE which call it is, past the C library: the preloaded shim, with which the list is compared, must not see this. */
static void
fault_trace(const char *call)
{
	static long fd = -1;
	const char *path = getenv("EG_FAULT_TRACE");

	if (path == NULL)
		return;
	if (fd < 0)
		fd = syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	(void)!syscall(SYS_write, fd, call, strcspn(call, "("));
	(void)!syscall(SYS_write, fd, "\n", (size_t)1);
}

bool
eg_fs_fault(const char *call, int *ret)
{
	static long count;
	const char *kill_at = getenv("EG_FAULT_KILL"), *fail_at = getenv("EG_FAULT_ERRNO");

	count++;
	fault_trace(call);
	if (kill_at != NULL && strtol(kill_at, NULL, 10) == count)
		(void)raise(SIGKILL);
	if (fail_at == NULL)
		return false;
	char *colon;
	if (strtol(fail_at, &colon, 10) != count || *colon != ':')
		return false;
	*ret = (int)strtol(colon + 1, NULL, 10);
	return true;
}
#endif

/* The two codes a full or failing disk has everywhere, else the code of the operation. */
static const char *
code_of(int sys, const char *otherwise)
{
	if (sys == ENOSPC || sys == EDQUOT)
		return "DISK-FULL";
	return sys == EIO || sys == EROFS ? "DISK-ERROR" : otherwise;
}

int
eg_fs_fail(struct eg_err *err, const char *code, int sys, const char *fmt, ...)
{
	char what[EG_MSG_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	return eg_fail_sys(err, EG_FATAL, code_of(sys, code), sys, "%s", what);
}
