/* SPDX-License-Identifier: MIT
 *
 * A child under ptrace, stopped at every system call; those that change something on a disk are counted. With a kill -9 the page cache survives, so what a
 * crash leaves differs only between such calls. The child's own workers are not traced: they cannot write.
 */
#include "gateway/selftest/trace.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NO_TRACE 111 /* exit code of a child that may not be traced */
#define CREATE_ARG 2 /* of openat: where its flags are */

static const struct {
	long nr;
	const char *name;
} changing[] = {
	{ SYS_write, "write" },
	{ SYS_writev, "writev" },
	{ SYS_pwrite64, "pwrite64" },
	{ SYS_pwritev, "pwritev" },
	{ SYS_fsync, "fsync" },
	{ SYS_fdatasync, "fdatasync" },
	{ SYS_syncfs, "syncfs" },
	{ SYS_sync_file_range, "sync_file_range" },
	{ SYS_renameat2, "renameat2" },
#ifdef SYS_renameat
	{ SYS_renameat, "renameat" },
#endif
#ifdef SYS_rename
	{ SYS_rename, "rename" },
	{ SYS_link, "link" },
	{ SYS_unlink, "unlink" },
	{ SYS_mkdir, "mkdir" },
	{ SYS_rmdir, "rmdir" },
#endif
	{ SYS_linkat, "linkat" },
	{ SYS_unlinkat, "unlinkat" },
	{ SYS_mkdirat, "mkdirat" },
	{ SYS_symlinkat, "symlinkat" },
	{ SYS_ftruncate, "ftruncate" },
	{ SYS_fallocate, "fallocate" },
	{ SYS_fchmod, "fchmod" },
	{ SYS_fchmodat, "fchmodat" },
	{ SYS_copy_file_range, "copy_file_range" },
};

static const char *
name_of(const struct __ptrace_syscall_info *info)
{
	if (info->entry.nr == SYS_openat)
		return (info->entry.args[CREATE_ARG] & O_CREAT) != 0 ? "openat" : NULL;
	for (size_t i = 0; i < sizeof(changing) / sizeof(changing[0]); i++)
		if ((uint64_t)changing[i].nr == info->entry.nr)
			return changing[i].name;
	return NULL;
}

static int64_t
now_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* In the child. Nothing comes back from it. */
static void
become(char *const *argv, bool traced)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
		_exit(127);
	if (traced) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
			_exit(NO_TRACE);
		(void)raise(SIGSTOP); /* the parent sets its options while we stand still */
	}
	(void)execv("/proc/self/exe", argv);
	_exit(127);
}

static pid_t
start(const char *const *words, bool traced, struct eg_err *err)
{
	static const char self[] = "erpgate";
	size_t n = 0;

	while (words[n] != NULL)
		n++;
	char **argv = eg_xalloc((n + 2) * sizeof(*argv));
	argv[0] = eg_xstrdup(self);
	for (size_t i = 0; i < n; i++)
		argv[i + 1] = eg_xstrdup(words[i]);
	pid_t pid = fork();
	if (pid == 0)
		become(argv, traced);
	int sys = errno;
	for (size_t i = 0; i <= n; i++)
		free(argv[i]);
	free(argv);
	if (pid < 0)
		(void)eg_fail_sys(err, EG_FATAL, "SELFTEST", sys, "The crash test cannot start a process");
	return pid;
}

static int
wait_for(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status;
}

static void
ended(struct trace_end *ret, int status, bool by_us)
{
	ret->killed = by_us && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	if (!ret->killed)
		ret->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Stopped at a call: true when this is the one. */
static bool
at_call(pid_t pid, const struct trace_kill *kill, struct trace_end *ret)
{
	struct __ptrace_syscall_info info = { 0 };

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(info), &info) < 0)
		return false;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		ret->call = name_of(&info);
		ret->calls += ret->call != NULL;
		return ret->call != NULL && ret->calls == kill->at && !kill->after;
	}
	return info.op == PTRACE_SYSCALL_INFO_EXIT && ret->call != NULL && ret->calls == kill->at && kill->after;
}

static void
follow(pid_t pid, const struct trace_kill *plan, struct trace_end *ret)
{
	int status = wait_for(pid);
	bool by_us = false;

	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_TRACE) {
		ret->traced = false;
		return;
	}
	(void)ptrace(PTRACE_SETOPTIONS, pid, NULL,
	    (void *)(uintptr_t)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEEXEC));
	for (int pass = 0; WIFSTOPPED(status);) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(uintptr_t)pass) != 0)
			break;
		status = wait_for(pid);
		pass = 0;
		if (!WIFSTOPPED(status))
			break;
		if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			if (plan->at == 0 || ret->calls <= plan->at)
				by_us = at_call(pid, plan, ret);
			if (by_us) {
				(void)kill(pid, SIGKILL);
				status = wait_for(pid);
				break;
			}
		} else if (WSTOPSIG(status) != SIGTRAP) /* SIGTRAP alone is our own stop at the exec */
			pass = WSTOPSIG(status);
	}
	ended(ret, status, by_us);
	if (!ret->killed)
		ret->call = NULL;
}

static void
follow_time(pid_t pid, const struct trace_kill *plan, struct trace_end *ret)
{
	int status = 0;
	bool by_us = false;

	if (plan->after_us > 0) {
		(void)poll(NULL, 0, (int)(plan->after_us / 1000));
		by_us = kill(pid, SIGKILL) == 0;
	}
	status = wait_for(pid);
	ended(ret, status, by_us);
}

int
trace_run(const char *const *argv, const struct trace_kill *kill, struct trace_end *ret, struct eg_err *err)
{
	int64_t began = now_us();
	bool timed = kill->after_us != 0;

	*ret = (struct trace_end){ .traced = !timed };
	pid_t pid = start(argv, !timed, err);
	if (pid < 0)
		return EG_FATAL;
	if (timed)
		follow_time(pid, kill, ret);
	else
		follow(pid, kill, ret);
	if (!timed && !ret->traced) { /* tracing is forbidden: at least it is run */
		pid = start(argv, false, err);
		if (pid < 0)
			return EG_FATAL;
		follow_time(pid, kill, ret);
	}
	ret->took_us = now_us() - began;
	return EG_OK;
}
