/* SPDX-License-Identifier: MIT
 *
 * A file system's names tried out: do they change at once, are taken ones kept, and do they come back as they were given?
 */
#include "base/buf.h"
#include "base/fs.h"
#include "base/fs_probe_int.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#define RENAMES 2000 /* onto one name, while a reader looks for it */

/* A child that finds the name absent once ends 1. */
static pid_t
start_reader(struct eg_probe *p, const int stop[2])
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	(void)close(stop[1]); /* or the pipe would never end */
	struct pollfd end = { .fd = stop[0], .events = POLLIN };
	while (poll(&end, 1, 0) == 0) {
		int fd = openat(p->dir, "name", O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			_exit(1);
		(void)close(fd);
	}
	_exit(0);
}

static void
rename_over_and_over(struct eg_probe *p)
{
	for (int i = 0; i < RENAMES && p->r.result[0] == '\0'; i++) {
		int fd = eg_probe_make(p, "next");
		if (fd < 0 || renameat(p->dir, "next", p->dir, "name") != 0)
			eg_probe_refused(p, EG_PROBE_MISSING, "renaming onto a name", errno);
		eg_fd_done(&fd);
	}
}

void
eg_probe_rename(struct eg_probe *p)
{
	int stop[2], status = 0;

	if (!eg_probe_made(p, "name"))
		return;
	if (pipe2(stop, O_CLOEXEC) != 0) {
		eg_probe_refused(p, EG_PROBE_NOTE, "a pipe for the reader", errno);
		return;
	}
	pid_t reader = start_reader(p, stop);
	rename_over_and_over(p);
	(void)close(stop[1]);
	(void)close(stop[0]);
	while (reader > 0 && waitpid(reader, &status, 0) < 0 && errno == EINTR)
		;
	if (p->r.result[0] != '\0')
		return;
	if (reader < 0)
		eg_probe_say(p, EG_PROBE_NOTE, "no process to look on (%d renames went well)", RENAMES);
	else if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		eg_probe_say(p, EG_PROBE_MISSING, "a reader found the name absent while it was renamed over");
	else
		eg_probe_say(p, EG_PROBE_GOOD, "%d renames onto one name; a reader always found it", RENAMES);
}

void
eg_probe_noreplace(struct eg_probe *p)
{
	if (!eg_probe_made(p, "one") || !eg_probe_made(p, "two"))
		return;
	if (renameat2(p->dir, "one", p->dir, "two", RENAME_NOREPLACE) == 0)
		eg_probe_say(p, EG_PROBE_MISSING, "it replaced a file that was there");
	else if (errno != EEXIST)
		eg_probe_refused(p, EG_PROBE_MISSING, "RENAME_NOREPLACE", errno);
	else if (renameat2(p->dir, "one", p->dir, "three", RENAME_NOREPLACE) != 0)
		eg_probe_refused(p, EG_PROBE_MISSING, "RENAME_NOREPLACE onto a new name", errno);
	else
		eg_probe_say(p, EG_PROBE_GOOD, "a name that is taken is refused, a new one is given");
}

void
eg_probe_exclusive(struct eg_probe *p)
{
	if (!eg_probe_made(p, "only"))
		return;
	int fd = eg_probe_make(p, "only");
	if (fd >= 0)
		eg_probe_say(p, EG_PROBE_MISSING, "the same name could be made twice");
	else if (errno != EEXIST)
		eg_probe_refused(p, EG_PROBE_MISSING, "O_EXCL", errno);
	else
		eg_probe_say(p, EG_PROBE_GOOD, "the second one to make a name is refused");
	eg_fd_done(&fd);
}

void
eg_probe_link(struct eg_probe *p)
{
	struct stat st;

	if (!eg_probe_made(p, "linked"))
		return;
	if (linkat(p->dir, "linked", p->dir, "second", 0) != 0)
		eg_probe_say(p, EG_PROBE_NOTE, "there are none (%s)", strerrordesc_np(errno));
	else if (fstatat(p->dir, "linked", &st, 0) != 0 || st.st_nlink != 2)
		eg_probe_say(p, EG_PROBE_NOTE, "a file with two names says that it has %ju", (uintmax_t)st.st_nlink);
	else
		eg_probe_say(p, EG_PROBE_GOOD, "a second name is counted");
}

void
eg_probe_case(struct eg_probe *p)
{
	if (!eg_probe_made(p, "Letters"))
		return;
	if (eg_fs_exists(p->dir, "letters"))
		eg_probe_say(p, EG_PROBE_NOTE, "A.csv and a.csv are one file here");
	else
		eg_probe_say(p, EG_PROBE_GOOD, "A.csv and a.csv are two files");
}

struct spelled {
	const char *name;
	bool seen;
};

static int
look_for(void *ctx, const char *name, struct eg_err *err)
{
	struct spelled *s = ctx;

	(void)err;
	s->seen = s->seen || strcmp(s->name, name) == 0;
	return EG_OK;
}

/* Does the folder list a name with the bytes it was made with? */
static bool
kept(struct eg_probe *p, const char *name)
{
	struct spelled s = { name, false };
	struct eg_err err;

	return eg_fs_list(p->dir, look_for, &s, &err) == EG_OK && s.seen;
}

void
eg_probe_unicode(struct eg_probe *p)
{
	static const char composed[] = "caf\xc3\xa9", apart[] = "cafe\xcc\x81";

	if (!eg_probe_made(p, composed))
		return;
	if (eg_fs_exists(p->dir, apart))
		eg_probe_say(p, EG_PROBE_NOTE,
		    "two spellings of one letter (one character, or a letter and its accent) are one name here");
	else if (!kept(p, composed))
		eg_probe_say(p, EG_PROBE_NOTE, "names come back with other bytes than they were given");
	else
		eg_probe_say(p, EG_PROBE_GOOD, "names keep their bytes");
}

void
eg_probe_names(struct eg_probe *p)
{
	char longest[256];
	struct {
		const char *name, *what;
	} names[] = { { longest, "of 255 bytes" }, { "caf\xe9\xff", "that are not UTF-8" },
		{ "two\nlines", "with a line break" } };
	struct eg_buf bad = EG_BUF_INIT;

	memset(longest, 'n', 255);
	longest[255] = '\0';
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int fd = eg_probe_make(p, names[i].name);
		if (fd < 0 || !kept(p, names[i].name))
			eg_buf_printf(&bad, "%s%s", bad.len == 0 ? "" : ", ", names[i].what);
		eg_fd_done(&fd);
	}
	if (bad.len > 0)
		eg_probe_say(p, EG_PROBE_NOTE, "refused or changed: names %s", eg_buf_cstr(&bad));
	else
		eg_probe_say(p, EG_PROBE_GOOD, "255 bytes, bytes that are not UTF-8 and line breaks are kept");
	eg_buf_done(&bad);
}
