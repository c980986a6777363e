/* SPDX-License-Identifier: MIT
 *
 * Confinement of a worker. Under the sanitizers only the limits that they survive are set: they need their own system calls and address space.
 */
#include "gateway/worker/confine.h"

#include "base/limits.h"

#include <errno.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

void
confine_close_others(const int *keep, size_t n)
{
	unsigned from = 3;

	for (;;) { /* the kept ones are few: close the gaps between them in rising order */
		unsigned next = ~0U;
		for (size_t i = 0; i < n; i++)
			if (keep[i] >= 0 && (unsigned)keep[i] >= from && (unsigned)keep[i] < next)
				next = (unsigned)keep[i];
		if (next > from)
			(void)close_range(from, next == ~0U ? ~0U : next - 1, 0);
		if (next == ~0U)
			return;
		from = next + 1;
	}
}

int
confine_landlock_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return abi < 0 ? 0 : (int)abi;
}

static int
limit(int what, rlim_t soft, rlim_t hard, const char *name, struct eg_err *err)
{
	struct rlimit l = { soft, hard };

	if (setrlimit((__rlimit_resource_t)what, &l) < 0)
		return eg_fail_sys(err, EG_FATAL, "SANDBOX", errno, "cannot limit %s of a worker", name);
	return EG_OK;
}

static int
limits(uint64_t input_size, struct eg_err *err)
{
	rlim_t cpu = EG_LIMIT_WORKER_CPU + (rlim_t)(input_size >> 23);
	int rc = limit(RLIMIT_CPU, cpu, cpu + 1, "CPU time",
	    err); /* at the hard limit the kernel kills without saying why; SIGXCPU says it */

	if (rc == EG_OK)
		rc = limit(RLIMIT_CORE, 0, 0, "core dumps", err);
	if (rc == EG_OK)
		rc = limit(RLIMIT_FSIZE, 0, 0, "file size", err);
#ifndef EG_SANITIZED
	if (rc == EG_OK)
		rc = limit(RLIMIT_AS, EG_LIMIT_WORKER_MEM, EG_LIMIT_WORKER_MEM, "memory", err);
	if (rc == EG_OK)
		rc = limit(RLIMIT_NPROC, 0, 0, "processes", err);
#endif
	return rc;
}

#ifndef EG_SANITIZED
/* No path below any folder may be opened; an older kernel knows fewer rights, which is asked first. */
static int
landlock(struct eg_err *err)
{
	static const uint64_t rights_of_abi[] = {
		0, (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1, (LANDLOCK_ACCESS_FS_MAKE_SYM << 2) - 1, /* 2: refer */
		(LANDLOCK_ACCESS_FS_MAKE_SYM << 3) - 1, /* 3: truncate */
	};
	int abi = confine_landlock_abi();

	if (abi == 0)
		return EG_OK; /* seccomp alone forbids every opening call; doctor tells */
	struct landlock_ruleset_attr attr = { .handled_access_fs = rights_of_abi[abi > 3 ? 3 : abi] };
	int fd = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr.handled_access_fs), 0);
	if (fd < 0)
		return eg_fail_sys(err, EG_FATAL, "SANDBOX", errno, "cannot make the worker's file rules");
	long rc = syscall(SYS_landlock_restrict_self, fd, 0);
	int sys = errno;
	close(fd);
	if (rc < 0)
		return eg_fail_sys(err, EG_FATAL, "SANDBOX", sys, "cannot apply the worker's file rules");
	return EG_OK;
}

static int
seccomp(struct eg_err *err)
{
	static const int allowed[] = {
		SCMP_SYS(read),
		SCMP_SYS(pread64),
		SCMP_SYS(write),
		SCMP_SYS(writev),
		SCMP_SYS(close),
		SCMP_SYS(lseek),
		SCMP_SYS(fstat),
		SCMP_SYS(newfstatat),
		SCMP_SYS(brk),
		SCMP_SYS(mmap),
		SCMP_SYS(munmap),
		SCMP_SYS(mremap),
		SCMP_SYS(madvise),
		SCMP_SYS(futex),
		SCMP_SYS(exit),
		SCMP_SYS(exit_group),
		SCMP_SYS(rt_sigreturn),
		SCMP_SYS(rt_sigprocmask),
		SCMP_SYS(getrandom),
		SCMP_SYS(clock_gettime),
		SCMP_SYS(getpid),
		SCMP_SYS(gettid),
	};
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int rc = ctx == NULL ? -ENOMEM : 0;

	for (size_t i = 0; rc == 0 && i < sizeof(allowed) / sizeof(allowed[0]); i++)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
	/* abort(): a worker that has no memory, or finds its own fault, must be able to say so by its signal. */
	if (rc == 0)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 2,
		    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0), SCMP_A2(SCMP_CMP_EQ, SIGABRT, 0));
	if (rc == 0)
		rc = seccomp_load(ctx);
	if (ctx != NULL)
		seccomp_release(ctx);
	if (rc != 0)
		return eg_fail_sys(err, EG_FATAL, "SANDBOX", -rc, "cannot install the worker's system call filter");
	return EG_OK;
}
#endif

int
confine(uint64_t input_size, struct eg_err *err)
{
	int rc = limits(input_size, err);

	if (rc == EG_OK && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		rc = eg_fail_sys(err, EG_FATAL, "SANDBOX", errno, "cannot give up privileges");
#ifndef EG_SANITIZED
	if (rc == EG_OK)
		rc = landlock(err);
	if (rc == EG_OK)
		rc = seccomp(err);
#endif
	return rc;
}
