/* SPDX-License-Identifier: MIT
 *
 * Stands in for libFuzzer where the sanitizers of clang are not wanted: gives a fuzzer every file of its committed corpus, each also cut and changed in
 * many places, always the same ones; or only the files named as arguments, as they are. Speaks TAP. A promise that does not hold ends the program, and so
 * does an input that takes longer than ten seconds.
 */
#include "tests/fuzz/fuzz.h"

#include "base/fs.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES_MAX 1000
#define INPUT_MAX ((size_t)1 << 20)
#define SECONDS_MAX 10
#define VARIANTS 16 /* cuts, and as many changed bytes, of each file */

static char *names[FILES_MAX];
static size_t nnames;

static int
take_name(void *ctx, const char *name, struct eg_err *err)
{
	if (nnames == FILES_MAX)
		return eg_fail(err, EG_FATAL, "MANY", "more than %d files", FILES_MAX);
	names[nnames++] = eg_xprintf("%s/%s", (const char *)ctx, name);
	return EG_OK;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In memory of exactly that size, so that a sanitizer sees a read behind its end. */
static void
give(const unsigned char *p, size_t n)
{
	unsigned char *exact = malloc(n == 0 ? 1 : n);

	eg_check(exact != NULL);
	memcpy(exact, n == 0 ? (const unsigned char *)"" : p, n);
	(void)alarm(SECONDS_MAX);
	(void)LLVMFuzzerTestOneInput(exact, n);
	(void)alarm(0);
	free(exact);
}

static void
play(struct eg_buf *b, bool vary)
{
	uint64_t x = 88172645463325252U;

	give(b->ptr, b->len);
	for (size_t i = 0; vary && i < VARIANTS && b->len > 0; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		size_t at = (size_t)(x % b->len);
		give(b->ptr, at);
		b->ptr[at] ^= (unsigned char)(1U << (x >> 32) % 8);
		give(b->ptr, b->len);
		b->ptr[at] ^= (unsigned char)(1U << (x >> 32) % 8);
	}
}

/* build/asan/tests/fuzz_csv -> tests/fuzz/corpus/csv */
static int
corpus(const char *program, struct eg_err *err)
{
	const char *slash = strrchr(program, '/'), *name = slash == NULL ? program : slash + 1;
	char *folder = eg_xprintf("tests/fuzz/corpus/%s", strncmp(name, "fuzz_", 5) == 0 ? name + 5 : name);
	int dir = -1, rc = eg_fs_opendir(AT_FDCWD, folder, &dir, err);

	if (rc == EG_OK)
		rc = eg_fs_list(dir, take_name, folder, err);
	eg_fd_done(&dir);
	free(folder);
	return rc;
}

int
main(int argc, char **argv)
{
	struct eg_err err = { 0 };
	const bool vary = argc == 1;
	int rc = EG_OK, bad = 0;

	for (int i = 1; i < argc && rc == EG_OK; i++)
		rc = nnames < FILES_MAX ? (names[nnames++] = eg_xstrdup(argv[i]), EG_OK) : EG_FATAL;
	if (argc == 1)
		rc = corpus(argv[0], &err);
	if (rc < 0 || nnames == 0) {
		printf("1..1\nnot ok 1 - no corpus: %s\n", err.msg);
		return 1;
	}
	qsort(names, nnames, sizeof(names[0]), by_name);
	printf("1..%zu\n", nnames);
	(void)LLVMFuzzerInitialize(&argc, &argv);
	for (size_t i = 0; i < nnames; i++) {
		struct eg_buf b = EG_BUF_INIT;
		rc = eg_fs_read_file(AT_FDCWD, names[i], INPUT_MAX, &b, &err);
		if (rc == EG_OK)
			play(&b, vary);
		bad += rc != EG_OK;
		printf("%s %zu - %s%s%s\n", rc == EG_OK ? "ok" : "not ok", i + 1, names[i], rc == EG_OK ? "" : ": ",
		    rc == EG_OK ? "" : err.msg);
		(void)fflush(stdout);
		eg_buf_done(&b);
		free(names[i]);
	}
	return bad > 0;
}
