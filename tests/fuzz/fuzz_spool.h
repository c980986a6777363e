/* SPDX-License-Identifier: MIT
 *
 * For fuzzers of the archive: a spool of their own in a folder that goes when the program ends, and a key that signs what is read, so that what is behind the
 * signature is reached.
 */
#ifndef TESTS_FUZZ_SPOOL_H
#define TESTS_FUZZ_SPOOL_H

#include "spool/sign.h"
#include "spool/spool.h"

struct fuzz_spool {
	int dir; /* of the site */
	struct spool spool;
	struct sign_key *key; /* private; its public half is in archive/keys */
};

/* Made once; below $TMPDIR or /tmp. */
struct fuzz_spool *fuzz_spool(void);
/* Writes a file below the site's folder; false when the path cannot be one (then nothing is written). Folders are made. */
bool fuzz_put(const struct fuzz_spool *f, const char *path, struct eg_bytes v);

#endif
