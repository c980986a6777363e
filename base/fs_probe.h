/* SPDX-License-Identifier: MIT
 *
 * What a folder's file system really does, tried out: each promise that the spool stands on, and each habit that surprises people later. Everything happens in a scratch
 * folder below the one given, which is removed again. Takes about two seconds.
 */
#ifndef BASE_FS_PROBE_H
#define BASE_FS_PROBE_H

#include "base/err.h"

enum eg_probe_verdict {
	EG_PROBE_GOOD,
	EG_PROBE_NOTE, /* it works without, but somebody should know */
	EG_PROBE_MISSING, /* a spool cannot stand here */
};

struct eg_probe_result {
	const char *key; /* "rename", for programs: stable */
	const char *what; /* "Atomic rename" */
	const char *why; /* what it matters for: a sentence */
	const char *todo; /* what to do when the verdict is not good: a sentence */
	enum eg_probe_verdict verdict;
	char result[240]; /* what was seen; no control characters */
};

/* Tries everything in a fixed order and tells each result; they live during the callback. dirfd is a folder one may write to. Signals that end programs are held back meanwhile,
 * so that nothing is left behind. EG_FATAL "NO-WRITE", "EXISTS" or "DISK-…" when there can be no scratch folder or it cannot be removed. */
int eg_fs_probe(int dirfd, int (*each)(void *ctx, const struct eg_probe_result *r, struct eg_err *err), void *ctx,
    struct eg_err *err) EG_MUSTCHECK;

#endif
