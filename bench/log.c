/* SPDX-License-Identifier: MIT
 *
 * bench/log-proofs: a log of N entries (default 10 million) as tiles, its hashes made from a counter and its entry tiles left out, then proofs of inclusion and consistency over it,
 * each made from the tiles on disk and checked. Prints what one takes. Needs about N * 32 bytes of disk in the folder given.
 */
#include "base/fs.h"
#include "spool/log_int.h"
#include "spool/log_proof.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define PROOFS 1000U

static double
seconds(void)
{
	struct timespec t = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
stop(const struct eg_err *err)
{
	(void)fprintf(stderr, "%s: %s\n", err->code, err->msg);
	exit(1);
}

/* Written plainly: this is no log that has to survive a power cut. */
static void
put_tile(int dir, int level, uint64_t index, unsigned width, const struct eg_buf *v)
{
	struct eg_buf path = EG_BUF_INIT, folder = EG_BUF_INIT;
	struct eg_err err = { 0 };

	log_tile_path(level, index, width, &path);
	char *slash = strrchr(eg_buf_cstr(&path), '/');
	eg_buf_put(&folder, path.ptr, (size_t)(slash - (const char *)path.ptr));
	if ((index % 1000 == 0 || width != LOG_TILE) && eg_fs_mkdirs(dir, eg_buf_cstr(&folder), 0700, &err) < 0)
		stop(&err);
	int fd = openat(dir, eg_buf_cstr(&path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, v->ptr, v->len) != (ssize_t)v->len)
		exit(1);
	(void)close(fd);
	eg_buf_done(&path);
	eg_buf_done(&folder);
}

static void
leaf_of(uint64_t i, unsigned char ret[EG_SHA256_LEN])
{
	log_leaf_hash(eg_bytes(&i, sizeof(i)), ret);
}

static void
make(int dir, uint64_t size)
{
	struct log_levels l = { .size = 0 };
	unsigned char h[EG_SHA256_LEN];

	for (uint64_t i = 0; i < size; i++) {
		leaf_of(i, h);
		l.size++;
		for (int level = 0; level < LOG_LEVELS; level++) {
			eg_buf_put(&l.hash[level], h, sizeof(h));
			if (l.hash[level].len < (size_t)LOG_TILE * EG_SHA256_LEN)
				break;
			put_tile(dir, level, (l.size >> (8 * level)) / LOG_TILE - 1, LOG_TILE, &l.hash[level]);
			log_tile_root(eg_buf_view(&l.hash[level]), h);
			eg_buf_clear(&l.hash[level]);
		}
	}
	for (int level = 0; level < LOG_LEVELS; level++)
		if (l.hash[level].len > 0)
			put_tile(dir, level, (size >> (8 * level)) / LOG_TILE,
			    (unsigned)((size >> (8 * level)) % LOG_TILE), &l.hash[level]);
	log_levels_done(&l);
}

/* Sizes and places spread over the whole log, the same in every run. */
static uint64_t
spread(uint64_t i, uint64_t below)
{
	return i * UINT64_C(0x9e3779b97f4a7c15) % below;
}

static void
prove(struct spool *s, uint64_t size)
{
	unsigned char root[EG_SHA256_LEN], old[EG_SHA256_LEN], leaf[EG_SHA256_LEN];
	struct log_proof p;
	struct eg_err err = { 0 };
	unsigned hashes = 0;
	bool good = true;

	if (log_root_at(s, size, size, root, &err) < 0)
		stop(&err);
	double t = seconds();
	for (uint64_t i = 0; i < PROOFS; i++) {
		uint64_t at = spread(i, size);
		if (log_prove_inclusion(s, size, at, size, &p, &err) < 0)
			stop(&err);
		leaf_of(at, leaf);
		good = good && log_check_inclusion(leaf, at, size, &p, root);
		hashes = p.n > hashes ? p.n : hashes;
	}
	(void)printf("inclusion    %u proofs made and checked: %s, %.3f ms each, at most %u hashes\n", PROOFS,
	    good ? "good" : "BAD", (seconds() - t) * 1000 / PROOFS, hashes);
	t = seconds();
	hashes = 0;
	for (uint64_t i = 0; i < PROOFS; i++) {
		uint64_t at = 1 + spread(i, size - 1);
		if (log_root_at(s, size, at, old, &err) < 0 || log_prove_consistency(s, size, at, size, &p, &err) < 0)
			stop(&err);
		good = good && log_check_consistency(at, old, size, root, &p);
		hashes = p.n > hashes ? p.n : hashes;
	}
	(void)printf("consistency  %u proofs made and checked: %s, %.3f ms each with the old root, at most %u hashes\n",
	    PROOFS, good ? "good" : "BAD", (seconds() - t) * 1000 / PROOFS, hashes);
	exit(good ? 0 : 1);
}

int
main(int argc, char **argv)
{
	struct spool s = SPOOL_INIT;
	struct eg_err err = { 0 };
	uint64_t size = 10000000;

	if (argc < 2 || (argc > 2 && !eg_bytes_to_u64(eg_bytes_str(argv[2]), &size)) || size < 2) {
		(void)fprintf(stderr, "usage: log-proofs FOLDER [ENTRIES]\n");
		return 64;
	}
	if (eg_fs_opendir(AT_FDCWD, argv[1], &s.archive, &err) < 0)
		stop(&err);
	double t = seconds();
	make(s.archive, size);
	(void)printf("log          %llu entries in tiles, made in %.1f s\n", (unsigned long long)size, seconds() - t);
	prove(&s, size);
}
