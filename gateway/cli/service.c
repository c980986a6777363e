/* SPDX-License-Identifier: MIT
 *
 * The service manager's protocol, the watching helper and signals. Nothing here may stop the daemon: a helper that cannot start means looking at the folders
 * from time to time, which always works.
 */
#include "gateway/cli/service.h"

#include "base/fs.h"
#include "gateway/cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- service manager ---- */

void
service_notify(const char *text)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t n = path == NULL ? 0 : strlen(path);

	if (n < 2 || n >= sizeof(to.sun_path) || (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(to.sun_path, path, n);
	if (path[0] == '@')
		to.sun_path[0] = '\0'; /* abstract */
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	if (sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&to,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) < 0)
		service_log(6, "the service manager does not listen (%s)", strerrordesc_np(errno));
	close(fd);
}

int
service_watchdog_ms(void)
{
	const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	uint64_t n, who;

	if (usec == NULL || !eg_bytes_to_u64(eg_bytes_str(usec), &n) || n == 0)
		return -1;
	if (pid != NULL && (!eg_bytes_to_u64(eg_bytes_str(pid), &who) || who != (uint64_t)getpid()))
		return -1;
	n /= 2000;
	return n < 1 ? 1 : n > 3600000 ? 3600000 : (int)n;
}

void
service_log(int level, const char *fmt, ...)
{
	struct eg_buf line = EG_BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	eg_buf_vprintf(&line, fmt, ap);
	va_end(ap);
	if (getenv("JOURNAL_STREAM") != NULL)
		(void)fprintf(stderr, "<%d>%s\n", level, eg_buf_cstr(&line));
	else
		(void)fprintf(stderr, "erpgate: %s\n", eg_buf_cstr(&line));
	eg_buf_done(&line);
}

/* ---- signals ---- */

static volatile sig_atomic_t end_asked, reload_asked;

static void
on_signal(int number)
{
	if (number == SIGHUP)
		reload_asked = 1;
	else
		end_asked = 1;
}

void
service_begin(struct service *v)
{
	struct sigaction act = { .sa_handler = on_signal };
	sigset_t ours;

	(void)sigemptyset(&ours);
	(void)sigaddset(&ours, SIGTERM);
	(void)sigaddset(&ours, SIGINT);
	(void)sigaddset(&ours, SIGHUP);
	(void)sigprocmask(SIG_BLOCK, &ours, &v->outside);
	(void)sigdelset(&v->outside, SIGTERM);
	(void)sigdelset(&v->outside, SIGINT);
	(void)sigdelset(&v->outside, SIGHUP);
	(void)sigaction(SIGTERM, &act, NULL);
	(void)sigaction(SIGINT, &act, NULL);
	(void)sigaction(SIGHUP, &act, NULL);
}

static void
feed(struct service *v)
{
	struct timespec t;
	int ms = service_watchdog_ms();

	if (ms < 0 || clock_gettime(CLOCK_MONOTONIC, &t) < 0 || (int64_t)t.tv_sec < v->fed + ms / 1000)
		return;
	v->fed = (int64_t)t.tv_sec;
	service_notify("WATCHDOG=1");
}

bool
service_ending(struct service *v)
{
	sigset_t waiting;

	feed(v);
	return end_asked || (sigpending(&waiting) == 0 &&
				(sigismember(&waiting, SIGTERM) == 1 || sigismember(&waiting, SIGINT) == 1));
}

/* ---- the helper ---- */

static int
spawn(struct service *v, const char *path, char *const *argv, int out)
{
	extern char **environ;
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int rc = posix_spawn_file_actions_init(&files);

	if (rc != 0)
		return rc;
	rc = posix_spawnattr_init(&attr);
	if (rc == 0) {
		rc = posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
		(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
		(void)posix_spawnattr_setsigmask(&attr, &v->outside); /* it must hear SIGTERM */
		if (rc == 0)
			rc = posix_spawn(&v->helper, path, &files, &attr, argv, environ);
		(void)posix_spawnattr_destroy(&attr);
	}
	(void)posix_spawn_file_actions_destroy(&files);
	return rc;
}

bool
service_watch(struct service *v, char *const *folders)
{
	char *path = site_beside("erpgate-watch", ERPGATE_LIBEXECDIR);
	size_t n = 0;
	int p[2], rc;

	while (folders[n] != NULL)
		n++;
	char **argv = eg_xalloc((n + 2) * sizeof(*argv));
	argv[0] = path;
	for (size_t i = 0; i < n; i++)
		argv[i + 1] = folders[i];
	rc = pipe2(p, O_CLOEXEC | O_NONBLOCK) < 0 ? errno : 0;
	if (rc == 0) {
		rc = spawn(v, path, argv, p[1]);
		close(p[1]);
		v->hints = p[0];
		if (rc != 0)
			eg_fd_done(&v->hints);
	}
	if (rc != 0) {
		v->helper = 0;
		service_log(4, "%s cannot be started (%s); the folders are looked at from time to time instead", path,
		    strerrordesc_np(rc));
	}
	free(argv);
	free(path);
	return rc == 0;
}

void
service_unwatch(struct service *v)
{
	if (v->helper > 0) {
		(void)kill(v->helper, SIGTERM);
		while (waitpid(v->helper, NULL, 0) < 0 && errno == EINTR)
			;
	}
	v->helper = 0;
	eg_fd_done(&v->hints);
}

/* Empties the pipe: many hints are one. */
static void
drain(struct service *v)
{
	char chunk[4096];
	ssize_t n;

	do
		n = read(v->hints, chunk, sizeof(chunk));
	while (n > 0 || (n < 0 && errno == EINTR));
	if (n == 0) {
		service_log(4, "erpgate-watch ended; the folders are looked at from time to time instead");
		service_unwatch(v);
	}
}

enum service_event
service_wait(struct service *v, int ms)
{
	struct pollfd p = { .fd = v->hints, .events = POLLIN };
	struct timespec t = { ms / 1000, (long)(ms % 1000) * 1000000L };
	int n = end_asked || reload_asked ? 0 : ppoll(&p, v->hints < 0 ? 0 : 1, &t, &v->outside);

	if (end_asked)
		return SERVICE_END;
	if (reload_asked) {
		reload_asked = 0;
		return SERVICE_RELOAD;
	}
	if (n <= 0)
		return SERVICE_TIME;
	drain(v);
	return SERVICE_HINT;
}
