/* SPDX-License-Identifier: MIT
 *
 * erpgate-watch FOLDER...: turns file events into lines on standard output, through libinotifytools. That library is
 * under GPL-2.0, so the linked program as a whole is under GPL-2.0; it shares nothing with erpgate but a pipe.
 * Lines: READY, EVENT<TAB>folder<TAB>name, OVERFLOW, GONE<TAB>folder; bytes that are not plain text are escaped. They
 * are hints: the reader looks at the folder. Ends when standard output is closed, its parent is gone, or on SIGTERM.
 * Exit codes: 0 asked to end, 64 usage, 69 no folder left to watch, 71 inotify refused.
 */
#include "base/buf.h"

#include <errno.h>
#include <inotifytools/inotifytools.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <unistd.h>

#define LOOK_SEC 5 /* how often a reader that has gone away is looked for while nothing happens */

static const int wanted =
    IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;

struct folder {
	const char *path;
	int wd; /* -1 = gone */
};

static void
end_now(int signal_number)
{
	(void)signal_number;
	_exit(0);
}

/* A reader that is gone is the normal end of this program. */
static void
say(const char *word, const char *folder, const char *name)
{
	struct eg_buf line = EG_BUF_INIT;
	eg_buf_str(&line, word);
	if (folder != NULL) {
		eg_buf_chr(&line, '\t');
		eg_buf_escaped(&line, eg_bytes_str(folder));
	}
	if (name != NULL) {
		eg_buf_chr(&line, '\t');
		eg_buf_escaped(&line, eg_bytes_str(name));
	}
	eg_buf_chr(&line, '\n');
	if (fwrite(line.ptr, 1, line.len, stdout) != line.len || fflush(stdout) != 0) {
		_exit(0);
	}
	eg_buf_done(&line);
}

static bool
reader_gone(void)
{
	struct pollfd p = { .fd = STDOUT_FILENO };
	return poll(&p, 1, 0) > 0 && (p.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
}

static bool
watch(struct folder *f)
{
	if (inotifytools_watch_file(f->path, wanted) == 0) {
		int sys = inotifytools_error();
		fprintf(stderr, "erpgate-watch: cannot watch %s: %s%s\n", f->path, strerrordesc_np(sys),
		    sys == ENOSPC ? " (raise fs.inotify.max_user_watches)" : "");
		return false;
	}
	/* The library keeps folders with a slash at the end. */
	char *kept = eg_xprintf("%s%s", f->path, f->path[strlen(f->path) - 1] == '/' ? "" : "/");
	f->wd = inotifytools_wd_from_filename(kept);
	free(kept);
	return f->wd >= 0;
}

static struct folder *
folder_of(struct folder *all, size_t n, int wd)
{
	for (size_t i = 0; i < n; i++) {
		if (all[i].wd == wd) {
			return &all[i];
		}
	}
	return NULL;
}

/* Names the folder as it was given. False when it was the last one. */
static bool
tell(struct folder *all, size_t n, const struct inotify_event *e, size_t *left)
{
	if ((e->mask & IN_Q_OVERFLOW) != 0) {
		say("OVERFLOW", NULL, NULL);
		return true;
	}
	struct folder *f = folder_of(all, n, e->wd);
	if (f == NULL) {
		return true;
	}
	if ((e->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)) != 0) {
		f->wd = -1;
		say("GONE", f->path, NULL);
		*left -= 1;
		return *left != 0;
	}
	if (e->len != 0) {
		say("EVENT", f->path, e->name);
	}
	return true;
}

static int
watch_all(struct folder *all, size_t n)
{
	size_t left = n;
	for (size_t i = 0; i < n; i++) {
		if (!watch(&all[i])) {
			return 71;
		}
	}
	say("READY", NULL, NULL);
	while (!reader_gone()) {
		const struct inotify_event *e = inotifytools_next_event(LOOK_SEC);
		if (e != NULL && !tell(all, n, e, &left)) {
			return 69;
		}
		if (e == NULL && inotifytools_error() != 0 && inotifytools_error() != EINTR) {
			fprintf(stderr, "erpgate-watch: %s\n", strerrordesc_np(inotifytools_error()));
			return 71;
		}
	}
	return 0;
}

int
main(int argc, char **argv)
{
	pid_t parent = getppid();
	if (argc < 2 || argv[1][0] == '-') {
		fprintf(
		    stderr, "usage: erpgate-watch FOLDER...\nWrites a line per file event; erpgate watch starts it.\n");
		return 64;
	}
	struct sigaction end = { .sa_handler = end_now }, ignore = { .sa_handler = SIG_IGN };
	(void)sigaction(SIGTERM, &end, NULL);
	(void)sigaction(SIGINT, &end, NULL);
	(void)sigaction(SIGPIPE, &ignore, NULL);
	/* The parent may have died before the call: then nobody would tell us. */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent) {
		return 0;
	}
	if (inotifytools_initialize() == 0) {
		fprintf(stderr, "erpgate-watch: inotify refused: %s (see fs.inotify.max_user_instances)\n",
		    strerrordesc_np(inotifytools_error()));
		return 71;
	}
	size_t n = (size_t)argc - 1;
	struct folder *all = eg_xalloc(n * sizeof(*all));
	for (size_t i = 0; i < n; i++) {
		all[i] = (struct folder){ argv[i + 1][0] == '\0' ? "." : argv[i + 1], -1 };
	}
	int code = watch_all(all, n);
	free(all);
	inotifytools_cleanup();
	return code;
}
