/* SPDX-License-Identifier: MIT
 *
 * Starting and watching the system's sendmail. Tests: tests/unit/test_mail.c with programs that store, fail, hang and die.
 */
#include "gateway/mail/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

static int64_t
monotonic_ms(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A descriptor that reads the message from its start. */
static int
message_fd(struct eg_bytes v)
{
	int fd = memfd_create("mail", MFD_CLOEXEC);

	for (size_t done = 0; fd >= 0 && done < v.len;) {
		ssize_t n = write(fd, v.ptr + done, v.len - done);
		if (n > 0)
			done += (size_t)n;
		else if (n == 0 || errno != EINTR) {
			close(fd);
			return -1;
		}
	}
	if (fd >= 0)
		(void)lseek(fd, 0, SEEK_SET);
	return fd;
}

/* What sendmail and its kin look at, and a path to their helpers. */
static void
small_environment(char *env[8])
{
	static const char *const kept[] = { "HOME", "USER", "LOGNAME", "TMPDIR" };
	size_t n = 0;

	env[n++] = eg_xstrdup("PATH=/usr/sbin:/usr/bin:/sbin:/bin");
	env[n++] = eg_xstrdup("LC_ALL=C");
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		const char *v = getenv(kept[i]);
		if (v != NULL)
			env[n++] = eg_xprintf("%s=%s", kept[i], v);
	}
	env[n] = NULL;
}

static int
set_up(posix_spawn_file_actions_t *files, posix_spawnattr_t *attr, const int std[3])
{
	sigset_t none, all;
	int rc = 0;

	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	for (int fd = 0; rc == 0 && fd < 3; fd++)
		rc = posix_spawn_file_actions_adddup2(files, std[fd], fd);
	if (rc == 0)
		rc = posix_spawnattr_setsigmask(attr, &none);
	if (rc == 0)
		rc = posix_spawnattr_setsigdefault(attr, &all);
	if (rc == 0)
		rc = posix_spawnattr_setpgroup(attr, 0); /* so that its children can be ended with it */
	if (rc == 0)
		rc = posix_spawnattr_setflags(
		    attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	return rc;
}

/* std: its standard input, output and error. */
static int
start(char *const argv[], const int std[3], pid_t *ret)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	char *env[8] = { NULL };
	int rc = posix_spawn_file_actions_init(&files);

	small_environment(env);
	if (rc == 0) {
		rc = posix_spawnattr_init(&attr);
		if (rc == 0) {
			rc = set_up(&files, &attr, std);
			if (rc == 0)
				rc = posix_spawn(ret, argv[0], &files, &attr, argv, env);
			(void)posix_spawnattr_destroy(&attr);
		}
		(void)posix_spawn_file_actions_destroy(&files);
	}
	for (char **p = env; *p != NULL; p++)
		free(*p);
	return rc;
}

int
spawn_mail(const char *program, struct eg_bytes message, int64_t timeout_sec, struct spawn *ret, struct eg_err *err)
{
	struct spawn p = SPAWN_INIT;
	int pipe_fd[2] = { -1, -1 }, in = message_fd(message), rc = 0;
	char *argv[] = { eg_xstrdup(program), eg_xstrdup("-t"), eg_xstrdup("-i"), NULL };

	if (in < 0 || pipe2(pipe_fd, O_CLOEXEC | O_NONBLOCK) < 0)
		rc = errno;
	if (rc == 0)
		rc = start(argv, (const int[]){ in, pipe_fd[1], pipe_fd[1] }, &p.pid);
	if (rc == 0) {
		p.process = pidfd_open(p.pid, 0);
		p.output = pipe_fd[0];
		p.ends_ms = monotonic_ms() + timeout_sec * 1000;
		*ret = p;
	} else if (pipe_fd[0] >= 0)
		close(pipe_fd[0]);
	if (pipe_fd[1] >= 0)
		close(pipe_fd[1]);
	if (in >= 0)
		close(in);
	for (char **s = argv; *s != NULL; s++)
		free(*s);
	return rc == 0 ? EG_OK :
	                 eg_fail(err, EG_RETRY, "MAIL-SEND", "%s cannot be started (%s); see mail.sendmail", program,
			     strerrordesc_np(rc));
}

bool
spawn_ended(const struct spawn *p, int wait_ms)
{
	struct pollfd f = { .fd = p->process, .events = POLLIN };
	int64_t left = p->ends_ms - monotonic_ms();

	if (left <= 0)
		return true;
	/* Without a descriptor of the process (none were left): looked at when its time is over. */
	return poll(&f, 1, wait_ms < left ? wait_ms : (int)left) > 0 || p->ends_ms <= monotonic_ms();
}

static void
read_said(const struct spawn *p, struct eg_buf *ret)
{
	char chunk[SPAWN_SAID];
	ssize_t n = p->output < 0 ? 0 : read(p->output, chunk, sizeof(chunk));

	if (n > 0)
		eg_buf_escaped(ret, eg_bytes_trim_ws(eg_bytes(chunk, (size_t)n)));
}

int
spawn_result(struct spawn *p, struct eg_err *err)
{
	struct eg_buf said = EG_BUF_INIT;
	int status = 0, rc = EG_OK;
	pid_t got = waitpid(p->pid, &status, WNOHANG);
	bool late = got == 0;

	if (late) {
		(void)kill(-p->pid, SIGKILL);
		while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	read_said(p, &said);
	const char *colon = said.len > 0 ? ": " : "";
	if (late)
		rc = eg_fail(err, EG_RETRY, "MAIL-SEND", "sendmail did not end within mail.timeout and was stopped%s%s",
		    colon, eg_buf_cstr(&said));
	else if (got < 0 || WIFSIGNALED(status))
		rc = eg_fail(err, EG_RETRY, "MAIL-SEND", "sendmail died (signal %d)%s%s",
		    got < 0 ? 0 : WTERMSIG(status), colon, eg_buf_cstr(&said));
	else if (WEXITSTATUS(status) != 0)
		rc = eg_fail(err, EG_RETRY, "MAIL-SEND", "sendmail refused it (status %d)%s%s", WEXITSTATUS(status),
		    colon, eg_buf_cstr(&said));
	eg_buf_done(&said);
	if (p->process >= 0)
		close(p->process);
	if (p->output >= 0)
		close(p->output);
	*p = (struct spawn)SPAWN_INIT;
	return rc;
}

/* ---- a program that answers ---- */

static void
read_all(int fd, size_t max, struct eg_buf *ret)
{
	unsigned char chunk[4096];
	ssize_t n = 1;

	(void)lseek(fd, 0, SEEK_SET);
	while (n > 0 && ret->len <= max) {
		n = read(fd, chunk, sizeof(chunk));
		if (n > 0)
			eg_buf_put(ret, chunk, (size_t)n);
	}
}

/* Waits; true: it ended by itself with status 0. */
static bool
wait_for(struct spawn *p, const char *program, struct eg_err *err)
{
	int status = 0;

	while (!spawn_ended(p, 1000))
		;
	pid_t got = waitpid(p->pid, &status, WNOHANG);
	if (got == 0) {
		(void)kill(-p->pid, SIGKILL);
		while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
			;
		(void)eg_fail(err, EG_RETRY, "STAMP-ASK", "%.80s did not end in time and was stopped", program);
		return false;
	}
	if (got > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	if (got > 0 && WIFEXITED(status))
		(void)eg_fail(err, EG_RETRY, "STAMP-ASK", "%.80s ended with status %d", program, WEXITSTATUS(status));
	else
		(void)eg_fail(
		    err, EG_RETRY, "STAMP-ASK", "%.80s died (signal %d)", program, got > 0 ? WTERMSIG(status) : 0);
	return false;
}

int
spawn_ask(
    const char *program, struct eg_bytes input, int64_t timeout_sec, size_t max, struct eg_buf *ret, struct eg_err *err)
{
	struct spawn p = SPAWN_INIT;
	int std[3] = { message_fd(input), memfd_create("answer", MFD_CLOEXEC), memfd_create("said", MFD_CLOEXEC) };
	char *argv[] = { eg_xstrdup(program), NULL };
	struct eg_buf said = EG_BUF_INIT;
	int rc = std[0] < 0 || std[1] < 0 || std[2] < 0 ? errno : start(argv, std, &p.pid);

	if (rc != 0)
		rc = eg_fail(err, EG_RETRY, "STAMP-ASK", "%.80s cannot be started (%s).", program, strerrordesc_np(rc));
	else {
		struct eg_err why = { 0 };
		p.process = pidfd_open(p.pid, 0);
		p.ends_ms = monotonic_ms() + timeout_sec * 1000;
		bool good = wait_for(&p, program, &why);
		read_all(std[1], max, ret);
		read_all(std[2], SPAWN_SAID, &said);
		struct eg_buf shown = EG_BUF_INIT;
		eg_buf_escaped(&shown, eg_bytes_trim_ws(eg_bytes_sub(eg_buf_view(&said), 0, SPAWN_SAID)));
		if (!good)
			rc = eg_fail(err, EG_RETRY, "STAMP-ASK", "%s%s%.120s.", why.msg, shown.len > 0 ? ": " : "",
			    eg_buf_cstr(&shown));
		else if (ret->len > max)
			rc = eg_fail(err, EG_RETRY, "STAMP-ASK", "%.80s answered more than %zu bytes.", program, max);
		eg_buf_done(&shown);
	}
	for (int i = 0; i < 3; i++)
		if (std[i] >= 0)
			close(std[i]);
	if (p.process >= 0)
		close(p.process);
	free(argv[0]);
	eg_buf_done(&said);
	return rc;
}
