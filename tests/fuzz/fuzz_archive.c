/* SPDX-License-Identifier: MIT
 *
 * A spool for fuzzers. See fuzz_spool.h.
 */
#include "tests/fuzz/fuzz_spool.h"

#include "base/fs.h"
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MEMORY "/dev/shm" /* every input writes and syncs: no disk is wanted */

static char path[256];
static pid_t owner;
static struct fuzz_spool one = { .dir = -1, .spool = SPOOL_INIT };

static void
leave(void)
{
	struct eg_err err;

	if (getpid() != owner)
		return;
	spool_close(&one.spool);
	sign_key_free(one.key);
	eg_fd_done(&one.dir);
	(void)!eg_fs_rmtree(AT_FDCWD, path, &err);
}

struct fuzz_spool *
fuzz_spool(void)
{
	const char *below = getenv("TMPDIR");
	struct eg_buf pem = EG_BUF_INIT;
	struct eg_err err = { 0 };

	if (one.dir >= 0)
		return &one;
	(void)snprintf(path, sizeof(path), "%s/erpgate-fuzz-XXXXXX",
	    below != NULL             ? below :
	    access(MEMORY, W_OK) == 0 ? MEMORY :
					"/tmp");
	fuzz_need(mkdtemp(path) != NULL, "there is a folder for the spool");
	owner = getpid();
	fuzz_need(eg_fs_opendir(AT_FDCWD, path, &one.dir, &err) == EG_OK, "it can be opened");
	fuzz_need(atexit(leave) == 0, "it goes at the end");
	fuzz_need(spool_create(one.dir, &err) == EG_OK && spool_open(one.dir, true, &one.spool, &err) == EG_OK,
	    "a spool is made");
	fuzz_need(sign_key_make(one.dir, "k.pem", "k.pub.pem", &err) == EG_OK, "a key is made");
	fuzz_need(sign_key_load(one.dir, "k.pem", true, &one.key, &err) == EG_OK, "it can be read");
	fuzz_need(sign_key_public_pem(one.key, &pem, &err) == EG_OK, "it has a public half");
	fuzz_need(fuzz_put(&one, "archive/keys/k.pub.pem", eg_buf_view(&pem)), "the archive has its keys");
	eg_buf_done(&pem);
	return &one;
}

bool
fuzz_put(const struct fuzz_spool *f, const char *name, struct eg_bytes v)
{
	char part[200];

	if (strlen(name) >= sizeof(part) || name[0] == '\0' || name[0] == '/' || strstr(name, "..") != NULL)
		return false;
	for (const char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		memcpy(part, name, (size_t)(slash - name));
		part[slash - name] = '\0';
		(void)mkdirat(f->dir, part, 0700);
	}
	const int fd = openat(f->dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool good = fd >= 0;
	for (size_t done = 0; good && done < v.len;) {
		const ssize_t n = write(fd, v.ptr + done, v.len - done);
		good = n > 0;
		done += good ? (size_t)n : 0;
	}
	if (fd >= 0)
		close(fd);
	return good;
}
