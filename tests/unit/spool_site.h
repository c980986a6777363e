/* SPDX-License-Identifier: MIT
 *
 * A throw-away site for the tests of spool/: made in a fresh folder below $TMPDIR or /tmp, removed at the end.
 */
#ifndef TESTS_SPOOL_SITE_H
#define TESTS_SPOOL_SITE_H

#include "base/fs.h"
#include "spool/spool.h"

/* setjmp.h and friends must come before cmocka.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define UNUSED_OK __attribute__((unused))

struct site_dir {
	char path[64];
	int dir;
	struct spool spool;
	struct eg_err err;
};

UNUSED_OK static int
must(struct site_dir *t, int rc)
{
	if (rc < 0) {
		print_error("%s: %s\n", t->err.code, t->err.msg);
	}
	assert_true(rc >= 0);
	return rc;
}

UNUSED_OK static void
site_make(struct site_dir *t)
{
	memset(t, 0, sizeof(*t));
	snprintf(t->path, sizeof(t->path), "/tmp/erpgate-test-XXXXXX");
	assert_non_null(mkdtemp(t->path));
	t->spool = (struct spool)SPOOL_INIT;
	t->dir = open(t->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(t->dir >= 0);
	must(t, spool_create(t->dir, &t->err));
	must(t, spool_make_source(t->dir, "src", &t->err));
	must(t, spool_make_target(t->dir, "cmic", &t->err));
	must(t, spool_open(t->dir, true, &t->spool, &t->err));
}

UNUSED_OK static void
site_remove(struct site_dir *t)
{
	spool_close(&t->spool);
	eg_fd_done(&t->dir);
	must(t, eg_fs_rmtree(AT_FDCWD, t->path, &t->err));
}

/* A plain write: what a sender does, no temporary name, no sync. */
UNUSED_OK static void
put_file(struct site_dir *t, const char *path, const void *p, size_t n)
{
	int fd = openat(t->dir, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, n), n);
	close(fd);
}

UNUSED_OK static void
put_text(struct site_dir *t, const char *path, const char *text)
{
	put_file(t, path, text, strlen(text));
}

UNUSED_OK static bool
there(struct site_dir *t, const char *path)
{
	struct stat st;
	return fstatat(t->dir, path, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

UNUSED_OK static void
assert_file(struct site_dir *t, const char *path, const char *text)
{
	struct eg_buf b = EG_BUF_INIT;
	must(t, eg_fs_read_file(t->dir, path, 1 << 20, &b, &t->err));
	assert_string_equal(eg_buf_cstr(&b), text);
	eg_buf_done(&b);
}

UNUSED_OK static int
count_one(void *ctx, const char *name, struct eg_err *err)
{
	(void)name;
	(void)err;
	++*(unsigned *)ctx;
	return EG_OK;
}

/* Entries in a folder. */
UNUSED_OK static unsigned
entries(struct site_dir *t, const char *path)
{
	unsigned n = 0;
	int fd = -1;
	must(t, eg_fs_opendir(t->dir, path, &fd, &t->err));
	must(t, eg_fs_list(fd, count_one, &n, &t->err));
	eg_fd_done(&fd);
	return n;
}

/* Runs a stock tool in a folder of the site; its exit code, or 127 when it is not installed. */
UNUSED_OK static int
run_tool(struct site_dir *t, const char *folder, const char *const argv[])
{
	int status;
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int quiet = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (fchdir(t->dir) != 0 || chdir(folder) != 0 || dup2(quiet, 1) < 0 || dup2(quiet, 2) < 0) {
			_exit(126);
		}
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

#endif
