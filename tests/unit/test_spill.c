/* SPDX-License-Identifier: MIT
 *
 * Text that goes into a file when it is long: the same bytes whatever their number, no name on the disk, one error for a disk that takes no more.
 */
#include "base/spill.h"

#include "base/fs.h"

/* setjmp.h and friends must come before cmocka.h */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct folder {
	char path[32];
	int fd;
};

static struct folder
folder_make(void)
{
	struct folder f = { .path = "/tmp/erpgate-test-XXXXXX" };

	assert_non_null(mkdtemp(f.path));
	f.fd = open(f.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(f.fd >= 0);
	return f;
}

/* Nothing may ever have a name in it. */
static void
folder_remove(struct folder *f)
{
	eg_fd_done(&f->fd);
	assert_int_equal(rmdir(f->path), 0);
}

/* Rows of 16 bytes, "row 0000000042 \n". */
static int
rows(struct eg_spill *t, unsigned n, struct eg_err *err)
{
	int rc = EG_OK;

	for (unsigned i = 0; rc == EG_OK && i < n; i++) {
		eg_buf_printf(&t->buf, "row %010u \n", i);
		rc = eg_spill_row(t, err);
		assert_true(rc < 0 || t->dir < 0 || t->buf.len < EG_SPILL_HELD);
	}
	return rc;
}

/* All of the text, wherever it is, is these rows. */
static void
assert_rows(const struct eg_spill *t, unsigned n)
{
	char want[32], got[16];

	assert_int_equal(eg_spill_size(t), 16 * (uint64_t)n);
	assert_int_equal(t->fd >= 0 ? t->written : t->buf.len, 16 * (uint64_t)n);
	for (unsigned i = 0; i < n; i++) {
		(void)snprintf(want, sizeof(want), "row %010u \n", i);
		if (t->fd >= 0)
			assert_int_equal(pread(t->fd, got, sizeof(got), (off_t)i * 16), 16);
		else
			memcpy(got, t->buf.ptr + (size_t)i * 16, sizeof(got));
		assert_memory_equal(got, want, sizeof(got));
	}
}

#define HELD_ROWS ((unsigned)(EG_SPILL_HELD / 16))

static void
test_sizes(void **state)
{
	static const unsigned sizes[] = { 0, 1, HELD_ROWS - 1, HELD_ROWS, HELD_ROWS + 1, 2 * HELD_ROWS,
		2 * HELD_ROWS + 3 };
	struct folder f = folder_make();
	struct eg_err err;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct eg_spill t = EG_SPILL_INIT(f.fd);

		assert_int_equal(rows(&t, sizes[i], &err), EG_OK);
		assert_int_equal(eg_spill_end(&t, &err), EG_OK);
		assert_int_equal(t.fd >= 0, sizes[i] >= HELD_ROWS);
		assert_true(t.fd < 0 || t.buf.ptr == NULL); /* the memory is given back */
		assert_rows(&t, sizes[i]);
		eg_spill_done(&t);
	}
	folder_remove(&f);
}

static void
test_memory_only(void **state)
{
	struct eg_spill t = EG_SPILL_INIT(-1);
	struct eg_err err;

	(void)state;
	assert_int_equal(rows(&t, 2 * HELD_ROWS, &err), EG_OK);
	assert_int_equal(eg_spill_end(&t, &err), EG_OK);
	assert_int_equal(t.fd, -1);
	assert_rows(&t, 2 * HELD_ROWS);
	eg_spill_done(&t);
}

static void
test_take_and_again(void **state)
{
	struct folder f = folder_make();
	struct eg_spill t = EG_SPILL_INIT(f.fd);
	struct eg_err err;

	(void)state;
	assert_int_equal(rows(&t, HELD_ROWS + 5, &err), EG_OK);
	assert_int_equal(eg_spill_end(&t, &err), EG_OK);
	struct eg_spill first = eg_spill_take(&t);
	assert_int_equal(eg_spill_size(&t), 0);
	assert_int_equal(t.fd, -1);
	assert_int_equal(rows(&t, 7, &err), EG_OK);
	assert_rows(&t, 7);
	eg_spill_clear(&t);
	assert_int_equal(rows(&t, HELD_ROWS + 2, &err), EG_OK);
	assert_int_equal(eg_spill_end(&t, &err), EG_OK);
	assert_rows(&t, HELD_ROWS + 2);
	assert_rows(&first, HELD_ROWS + 5);
	eg_spill_done(&first);
	eg_spill_done(&t);
	folder_remove(&f);
}

/* A row larger than a buffer may be is no text cut short. */
static void
test_row_too_large(void **state)
{
	struct eg_spill t = EG_SPILL_INIT(-1);
	struct eg_err err = { .cls = EG_OK };

	(void)state;
	t.buf.max = 20;
	assert_int_equal(rows(&t, 2, &err), EG_BADFILE);
	assert_string_equal(err.code, "LIMIT-MEM");
	assert_int_equal(eg_spill_end(&t, &err), EG_BADFILE);
	eg_spill_done(&t);
}

/* In a child, because a limit on file sizes cannot be taken back: the write fails, is told, and nothing has a name. */
static void
test_write_fails(void **state)
{
	struct folder f = folder_make();
	int status = 0;

	(void)state;
	const pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		const struct rlimit most = { EG_SPILL_HELD / 2, EG_SPILL_HELD / 2 };
		struct eg_spill t = EG_SPILL_INIT(f.fd);
		struct eg_err err = { .cls = EG_OK };

		if (signal(SIGXFSZ, SIG_IGN) == SIG_ERR || setrlimit(RLIMIT_FSIZE, &most) != 0)
			_exit(2);
		const int rc = rows(&t, 2 * HELD_ROWS, &err);
		eg_spill_done(&t);
		_exit(rc == EG_FATAL && strcmp(err.code, "DISK-ERROR") == 0 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	folder_remove(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_memory_only),
		cmocka_unit_test(test_take_and_again),
		cmocka_unit_test(test_row_too_large),
		cmocka_unit_test(test_write_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
