/* SPDX-License-Identifier: MIT
 *
 * seal FILE: FILE as the only member of a bundle's zip, into nothing: digest of the member, packing, digest of the zip. What of sealing grows with the bytes; bench/seal runs it beside
 * sha256sum and gzip -1. Ends with 1 when the file cannot be read.
 */
#include "spool/zip_out.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static uint64_t packed;

static int
take(void *ctx, struct eg_bytes v, struct eg_err *err)
{
	(void)err;
	packed += v.len;
	eg_sha256_add(ctx, v);
	return EG_OK;
}

int
main(int argc, char **argv)
{
	unsigned char sha[EG_SHA256_LEN];
	struct eg_sha256 outer = { NULL };
	struct zip_out z;
	struct eg_err err = { 0 };
	struct stat st;
	int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;

	if (fd < 0 || fstat(fd, &st) != 0)
		return 1;
	eg_sha256_init(&outer);
	zip_out_init(&z, take, &outer);
	int rc = zip_out_add_fd(&z, "A000001/data/received/export.csv", fd, (uint64_t)st.st_size, sha, &err);
	if (rc == EG_OK)
		rc = zip_out_end(&z, &err);
	eg_sha256_final(&outer, sha);
	zip_out_done(&z);
	eg_sha256_done(&outer);
	(void)close(fd);
	if (rc != EG_OK)
		return 1;
	(void)fprintf(stderr, "%llu\n", (unsigned long long)packed);
	return 0;
}
