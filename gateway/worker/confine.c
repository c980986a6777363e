/* SPDX-License-Identifier: MIT
 *
 * Confinement of a worker. Under the sanitizers only the limits that they survive are set: they need their own system calls and address space.
 * Tests: tests/unit/test_worker.c, tests/scenario/siege_confine.py.
 */
#include "gateway/worker/confine.h"

#include "base/limits.h"

#include <errno.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
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

void
confine_ask(struct confine_kernel *ret)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	ret->landlock_abi = abi < 0 ? 0 : (int)abi;
	ret->seccomp = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}

uint64_t
confine_cpu(uint64_t input_size)
{
	return EG_LIMIT_WORKER_CPU + (input_size >> 23);
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
	rlim_t cpu = (rlim_t)confine_cpu(input_size);
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
/* Everything that a version of Landlock can forbid; an older kernel refuses to hear of what it does not know. The names are those of <linux/landlock.h>,
 * the numbers ours: the header of the build machine may be older than the kernel of the site. */
static const struct layer {
	int abi; /* first version */
	uint64_t files, net, scope; /* added by it */
} layers[] = {
	{ 1, 0x1FFF, 0, 0 }, /* EXECUTE ... MAKE_SYM */
	{ 2, 0x2000, 0, 0 }, /* REFER */
	{ 3, 0x4000, 0, 0 }, /* TRUNCATE */
	{ 4, 0, 0x3, 0 }, /* BIND_TCP, CONNECT_TCP */
	{ 5, 0x8000, 0, 0 }, /* IOCTL_DEV */
	{ 6, 0, 0, 0x3 }, /* ABSTRACT_UNIX_SOCKET, SIGNAL */
};

static int
landlock(int abi, struct eg_err *err)
{
	struct {
		uint64_t files, net, scope;
	} rules = { 0, 0, 0 };
	size_t size = abi < 4 ? 8 : abi < 6 ? 16 : 24; /* of the kernel's own struct at that version */

	for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]) && layers[i].abi <= abi; i++) {
		rules.files |= layers[i].files;
		rules.net |= layers[i].net;
		rules.scope |= layers[i].scope;
	}
	int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
	if (fd < 0)
		return eg_fail_sys(err, EG_FATAL, "SANDBOX", errno, "cannot make the worker's file rules");
	long rc = syscall(SYS_landlock_restrict_self, fd, 0);
	int sys = errno;
	close(fd);
	if (rc < 0)
		return eg_fail_sys(err, EG_FATAL, "SANDBOX", sys, "cannot apply the worker's file rules");
	return EG_OK;
}

/* Nothing here opens, names, connects or starts anything. abort() needs three of them: a worker that has no memory, or finds its own fault, must be able to
 * say so by its signal. mmap and tgkill are narrowed below. */
static const int allowed[] = {
	SCMP_SYS(pread64),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(futex),
	SCMP_SYS(exit_group),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(clock_gettime),
};
	#define NARROWED 2

static int
seccomp(struct eg_err *err)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int rc = ctx == NULL ? -ENOMEM : 0;

	for (size_t i = 0; rc == 0 && i < sizeof(allowed) / sizeof(allowed[0]); i++)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
	if (rc == 0)
		rc =
		    seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
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

static int
missing(const char *what, struct eg_err *err)
{
	return eg_fail(err, EG_FATAL, "SANDBOX",
	    "This kernel has no %s, so files from outside would be read with less confinement than erpgate promises. Nothing was read. Use a newer kernel (5.19 or later), or accept it in so many words: erpgate config set worker.sandbox weak",
	    what);
}

static int
kernel_layers(const struct confine_kernel *k, enum confine_mode mode, struct eg_err *err)
{
	struct rlimit none = { 0, 0 };
	int rc = EG_OK;

	if (mode == CONFINE_STRICT && k->landlock_abi == 0)
		rc = missing("Landlock", err);
	else if (mode == CONFINE_STRICT && !k->seccomp)
		rc = missing("seccomp filters", err);
	if (rc == EG_OK && k->landlock_abi > 0)
		rc = landlock(k->landlock_abi, err);
	if (rc == EG_OK && setrlimit(RLIMIT_NOFILE, &none) < 0) /* only now: Landlock itself needed a descriptor */
		rc = eg_fail_sys(err, EG_FATAL, "SANDBOX", errno, "cannot limit descriptors of a worker");
	if (rc == EG_OK && k->seccomp)
		rc = seccomp(err);
	return rc;
}
#endif

size_t
confine_calls(void)
{
#ifndef EG_SANITIZED
	return sizeof(allowed) / sizeof(allowed[0]) + NARROWED;
#else
	return 0;
#endif
}

int
confine(const struct confine_kernel *k, enum confine_mode mode, uint64_t input_size, struct eg_err *err)
{
	int rc = limits(input_size, err);

	if (rc == EG_OK && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		rc = eg_fail_sys(err, EG_FATAL, "SANDBOX", errno, "cannot give up privileges");
#ifndef EG_SANITIZED
	if (rc == EG_OK)
		rc = kernel_layers(k, mode, err);
#else
	(void)k;
	(void)mode;
#endif
	return rc;
}
