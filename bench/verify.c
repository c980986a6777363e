/* SPDX-License-Identifier: MIT
 *
 * bench/verify-bundles FOLDER [MB]: makes an archive of bundles of 20 MB each (half of them text that packs well, half bytes that do not) and verifies all of them, as audit verify
 * does. Prints the bytes on disk and the best of three times; bench/verify puts sha256sum beside it.
 */
#include "base/fs.h"
#include "spool/bundle.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define EACH ((size_t)20 << 20)
#define MOST 1000U

static double
seconds(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
must(int rc, const struct eg_err *err)
{
	if (rc < 0) {
		(void)fprintf(stderr, "%s: %s\n", err->code, err->msg);
		exit(1);
	}
	return rc;
}

static void
fill(unsigned char *p, bool text, uint64_t seed)
{
	for (size_t i = 0; i < EACH; i++) {
		seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
		p[i] = text ? (unsigned char)("0123456789, USD\n"[seed >> 60]) : (unsigned char)(seed >> 56);
	}
}

static char *
seal(struct spool *s, const struct sign_key *key, unsigned i, unsigned char *mem, uint64_t *bytes)
{
	struct eg_buf path = EG_BUF_INIT;
	struct eg_err err = { 0 };
	struct bundle *b = NULL;
	char id[16], sha[EG_SHA256_HEX];
	struct stat st;

	(void)snprintf(id, sizeof(id), "A%06u", i + 1);
	fill(mem, i % 2 == 0, i);
	must(bundle_new(id, &b, &err), &err);
	must(bundle_add(b, "received/original.csv", eg_bytes(mem, EACH), &err), &err);
	must(bundle_seal(b, s, key, 1780000000, sha, &path, &err), &err);
	bundle_free(b);
	if (fstatat(s->archive, eg_buf_cstr(&path), &st, 0) < 0)
		exit(1);
	*bytes += (uint64_t)st.st_size;
	char *name = eg_xstrdup(eg_buf_cstr(&path));
	eg_buf_done(&path);
	return name;
}

int
main(int argc, char **argv)
{
	struct spool s = SPOOL_INIT;
	struct eg_err err = { 0 };
	struct sign_key *key = NULL;
	char *path[MOST];
	uint64_t bytes = 0, megabytes = 1000;
	unsigned n = 0;
	int dir = -1;

	if (argc < 2 || (argc > 2 && !eg_bytes_to_u64(eg_bytes_str(argv[2]), &megabytes)))
		return 64;
	must(eg_fs_opendir(AT_FDCWD, argv[1], &dir, &err), &err);
	must(spool_create(dir, &err), &err);
	must(spool_open(dir, true, &s, &err), &err);
	must(sign_key_make(dir, "k.pem", "k.pub.pem", &err), &err);
	must(sign_key_load(dir, "k.pem", true, &key, &err), &err);
	unsigned char *mem = eg_xalloc(EACH);
	while (bytes < megabytes * 1000000 && n < MOST) {
		path[n] = seal(&s, key, n, mem, &bytes);
		n++;
	}
	free(mem);
	struct bundle_verdict *v = eg_xalloc(n * sizeof(*v));
	double best = 0;
	for (int try = 0; try < 3; try++) {
		double t = seconds();
		must(bundle_verify_many(&s, (const char *const *)path, n, NULL, v, &err), &err);
		t = seconds() - t;
		best = try == 0 || t < best ? t : best;
	}
	for (unsigned i = 0; i < n; i++) {
		if (!v[i].good)
			return 1;
		free(path[i]);
	}
	(void)printf("  %-24s %7.2f s %9.1f MB/s   (%u bundles, %.0f MB on disk)\n", "audit verify", best,
	    (double)bytes / best / 1e6, n, (double)bytes / 1e6);
	free(v);
	sign_key_free(key);
	spool_close(&s);
	eg_fd_done(&dir);
	return 0;
}
