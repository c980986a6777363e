/* SPDX-License-Identifier: MIT
 *
 * Durable files in a fresh folder below /tmp, and digests. A full disk and a failing sync are not
 * made here: the crash harness does that on builds with EG_FAULTS.
 */
#include "base/buf.h"
#include "base/fs.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];
static int dir = -1;

static int
set_up(void **state)
{
	struct eg_err err;

	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/erpgate-fs-XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	return eg_fs_opendir(AT_FDCWD, folder, &dir, &err);
}

static int
tear_down(void **state)
{
	struct eg_err err;
	int rc;

	(void)state;
	eg_fd_done(&dir);
	rc = eg_fs_rmtree(AT_FDCWD, folder, &err);
	return rc;
}

#define OK(call)                                                       \
	do {                                                           \
		struct eg_err err_;                                    \
		struct eg_err *e = &err_;                              \
		if ((call) != EG_OK)                                   \
			fail_msg("%s: %s %s", #call, e->code, e->msg); \
	} while (0)
#define REFUSED(call, c, text)                        \
	do {                                          \
		struct eg_err err_;                   \
		struct eg_err *e = &err_;             \
		assert_int_equal((call), (c));        \
		assert_string_equal(e->code, (text)); \
	} while (0)

static int
count_each(void *ctx, const char *name, struct eg_err *err)
{
	(void)err;
	eg_buf_printf(ctx, "%s ", name);
	return strcmp(name, "stop") == 0 ? EG_BADFILE : EG_OK;
}

static void
check_names(int fd, const char *want)
{
	struct eg_buf b = EG_BUF_INIT;

	OK(eg_fs_list(fd, count_each, &b, e));
	assert_string_equal(eg_buf_cstr(&b), want);
	eg_buf_done(&b);
}

static void
check_content(const char *name, const char *want)
{
	struct eg_buf b = EG_BUF_INIT;

	OK(eg_fs_read_file(dir, name, 100, &b, e));
	assert_string_equal(eg_buf_cstr(&b), want);
	eg_buf_done(&b);
}

static void
writing(void **state)
{
	struct eg_fs_out o = EG_FS_OUT_INIT;
	mode_t mask = umask(077);
	struct stat st;

	(void)state;
	OK(eg_fs_out_open(&o, dir, 0644, e));
	OK(eg_fs_out_write(&o, EG_LIT("one "), e));
	OK(eg_fs_out_write(&o, EG_LIT("two"), e));
	assert_false(eg_fs_exists(dir, "a"));
	OK(eg_fs_out_commit(&o, "a", false, e));
	eg_fs_out_abort(&o);
	(void)umask(mask);
	check_content("a", "one two");
	assert_int_equal(fstatat(dir, "a", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	REFUSED(eg_fs_write_file(dir, "a", EG_LIT("x"), 0600, false, e), EG_FATAL, "EXISTS");
	check_content("a", "one two");
	OK(eg_fs_write_file(dir, "a", EG_LIT("three"), 0600, true, e));
	check_content("a", "three");
	REFUSED(eg_fs_write_named(dir, "a", EG_LIT("x"), 0600, false, e), EG_FATAL, "EXISTS");
	OK(eg_fs_write_named(dir, "a", EG_LIT("four"), 0600, true, e));
	OK(eg_fs_sync_dir(dir, e));
	check_content("a", "four");
	OK(eg_fs_out_open(&o, dir, 0644, e));
	assert_true(strncmp(o.temp, ".tmp-", 5) == 0);
	eg_fs_out_abort(&o);
	eg_fs_out_abort(&o);
	check_names(dir, "a ");
	OK(eg_fs_out_open(&o, dir, 0600, e));
	OK(eg_fs_sweep_temps(dir, e));
	check_names(dir, "a ");
	eg_fs_out_abort(&o);
}

static void
reading(void **state)
{
	struct eg_buf b = EG_BUF_INIT;
	struct stat st;
	int fd = -1;

	(void)state;
	OK(eg_fs_write_file(dir, "f", EG_LIT("12345"), 0600, true, e));
	eg_buf_str(&b, "kept");
	REFUSED(eg_fs_read_file(dir, "f", 4, &b, e), EG_BADFILE, "TOO-BIG");
	assert_string_equal(eg_buf_cstr(&b), "kept");
	OK(eg_fs_read_file(dir, "f", 5, &b, e));
	assert_string_equal(eg_buf_cstr(&b), "kept12345");
	eg_buf_done(&b);
	b.max = 3;
	REFUSED(eg_fs_read_file(dir, "f", 5, &b, e), EG_BADFILE, "TOO-BIG");
	eg_buf_done(&b);
	assert_int_equal(symlinkat("f", dir, "link"), 0);
	assert_int_equal(mkfifoat(dir, "pipe", 0600), 0);
	OK(eg_fs_mkdir_new(dir, "sub", 0700, e));
	REFUSED(eg_fs_open_file(dir, "link", &fd, &st, e), EG_BADFILE, "NOT-FILE");
	REFUSED(eg_fs_open_file(dir, "pipe", &fd, &st, e), EG_BADFILE, "NOT-FILE");
	REFUSED(eg_fs_open_file(dir, "sub", &fd, &st, e), EG_BADFILE, "NOT-FILE");
	REFUSED(eg_fs_open_file(dir, "absent", &fd, &st, e), EG_RETRY, "GONE");
	assert_int_equal(fd, -1);
}

static void
moving(void **state)
{
	int to = -1;

	(void)state;
	OK(eg_fs_mkdirs(dir, "x/y//z", 0750, e));
	OK(eg_fs_mkdirs(dir, "x/y/z", 0750, e));
	REFUSED(eg_fs_mkdir_new(dir, "x", 0750, e), EG_FATAL, "EXISTS");
	OK(eg_fs_chmod_dir(dir, "x/y", 0705, e));
	OK(eg_fs_opendir(dir, "x/y/z", &to, e));
	OK(eg_fs_write_file(dir, "f", EG_LIT("1"), 0600, true, e));
	OK(eg_fs_rename_new(dir, "f", to, "g", e));
	assert_true(eg_fs_exists(to, "g") && !eg_fs_exists(dir, "f"));
	REFUSED(eg_fs_rename_new(dir, "f", to, "h", e), EG_RETRY, "GONE");
	OK(eg_fs_write_file(dir, "f", EG_LIT("2"), 0600, true, e));
	REFUSED(eg_fs_rename_new(dir, "f", to, "g", e), EG_FATAL, "EXISTS");
	assert_int_equal(linkat(dir, "f", dir, "hard", 0), 0);
	REFUSED(eg_fs_rename_new(dir, "f", dir, "hard", e), EG_FATAL, "EXISTS");
	OK(eg_fs_unlink(dir, "f", e));
	OK(eg_fs_unlink(dir, "f", e));
	eg_fd_done(&to);
	assert_int_equal(symlinkat(folder, dir, "up"), 0);
	OK(eg_fs_rmtree(dir, "up", e));
	assert_true(eg_fs_exists(dir, "hard"));
	OK(eg_fs_rmtree(dir, "x", e));
	OK(eg_fs_rmtree(dir, "x", e));
	check_names(dir, "hard ");
}

static void
relative(void **state)
{
	int before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_int_equal(fchdir(dir), 0);
	OK(eg_fs_mkdirs(AT_FDCWD, "p/q", 0700, e));
	OK(eg_fs_sync_dir(AT_FDCWD, e));
	assert_int_equal(fchdir(before), 0);
	eg_fd_done(&before);
	assert_true(eg_fs_exists(dir, "p/q"));
}

static void
listing(void **state)
{
	static const char *const names[] = { "b", "a", "B", "\xff", "stop", "z" };
	struct eg_buf b = EG_BUF_INIT;
	struct eg_err err;

	(void)state;
	for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++)
		OK(eg_fs_write_file(dir, names[n], EG_NONE, 0600, false, e));
	assert_int_equal(eg_fs_list(dir, count_each, &b, &err), EG_BADFILE);
	assert_string_equal(eg_buf_cstr(&b), "B a b stop ");
	eg_buf_done(&b);
}

static void
copying(void **state)
{
	unsigned char sha[EG_SHA256_LEN], want[EG_SHA256_LEN];
	static unsigned char big[600000];
	uint64_t size = 7;
	struct stat st;
	int fd = -1;

	(void)state;
	memset(big, 'k', 5);
	memset(big + 599990, 'm', 10);
	OK(eg_fs_write_file(dir, "tail", EG_LIT(""), 0600, false, e));
	fd = openat(dir, "tail", O_RDWR | O_CLOEXEC);
	assert_int_equal(pwrite(fd, big, 5, 0), 5);
	assert_int_equal(pwrite(fd, big + 599990, 10, 599990), 10);
	eg_fd_done(&fd);
	OK(eg_fs_open_file(dir, "tail", &fd, &st, e));
	assert_int_equal(lseek(fd, 0, SEEK_END), 600000);
	REFUSED(eg_fs_copy_hashed(fd, dir, "copy", 599999, sha, &size, e), EG_BADFILE, "TOO-BIG");
	assert_int_equal(size, 7);
	check_names(dir, "tail ");
	OK(eg_fs_copy_hashed(fd, dir, "copy", 600000, sha, &size, e));
	assert_int_equal(size, 600000);
	eg_sha256_of(eg_bytes(big, sizeof(big)), want);
	assert_memory_equal(sha, want, sizeof(sha));
	eg_fd_done(&fd);
	OK(eg_fs_open_file(dir, "copy", &fd, &st, e));
	assert_int_equal(st.st_size, 600000);
	eg_fd_done(&fd);
}

static void
locks_and_space(void **state)
{
	uint64_t bytes = 0, inodes = 0;
	int one = -1, two = -1;

	(void)state;
	OK(eg_fs_lock(dir, "lock", &one, e));
	REFUSED(eg_fs_lock(dir, "lock", &two, e), EG_RETRY, "LOCKED");
	assert_int_equal(two, -1);
	eg_fd_done(&one);
	OK(eg_fs_lock(dir, "lock", &two, e));
	eg_fd_done(&two);
	OK(eg_fs_free(dir, &bytes, &inodes, e));
	assert_true(bytes > 0 && inodes > 0);
	assert_true(eg_fs_exists(dir, "lock") && !eg_fs_exists(dir, "lock/below"));
}

static void
digests(void **state)
{
	char hex[EG_SHA256_HEX];
	unsigned char raw[2] = { 7, 7 };
	struct eg_sha256 h;

	(void)state;
	eg_sha256_hex_of(EG_LIT("abc"), hex);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	eg_sha256_init(&h);
	eg_sha256_done(&h);
	eg_sha256_done(&h);
	assert_false(eg_unhex(EG_LIT("0g11"), raw, 2));
	assert_false(eg_unhex(EG_LIT("011"), raw, 2));
	assert_int_equal(raw[0], 7);
	assert_true(eg_unhex(EG_LIT("0aFf"), raw, 2) && raw[0] == 10 && raw[1] == 255);
}

#define IN_FOLDER(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		IN_FOLDER(writing),
		IN_FOLDER(reading),
		IN_FOLDER(moving),
		IN_FOLDER(relative),
		IN_FOLDER(listing),
		IN_FOLDER(copying),
		IN_FOLDER(locks_and_space),
		cmocka_unit_test(digests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
