/* SPDX-License-Identifier: MIT
 *
 * The crash test on the user's own disk, in three parts: a small world that is made once (selftest_world.c), copies of it in which the program is killed (selftest.c), and a
 * judge who compares what each copy has become with an uninterrupted night (selftest_judge.c). All below one scratch folder.
 */
#ifndef GATEWAY_SELFTEST_SELFTEST_H
#define GATEWAY_SELFTEST_SELFTEST_H

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"

#include <stdint.h>

#define SELFTEST_BEFORE "before" /* folders below the scratch folder: the site that every trial begins with … */
#define SELFTEST_MODEL "model" /* … and what it becomes when nobody disturbs it */

struct selftest_plan {
	unsigned kills; /* 0 = as many as fit into the usual time */
};

struct selftest_result {
	unsigned kills, during_recovery, points; /* kills in all; those of them while it recovered; different calls */
	uint64_t calls; /* that change something, in an undisturbed night */
	bool traced; /* false: killed by time, as tracing is forbidden */
	unsigned lost, twice, torn, leftovers, failed; /* failed: a recovery that did not end well */
	unsigned drops, files; /* of each night: dropped and written */
	int64_t took_ms;
	struct eg_buf problems; /* a line for each of the first ones */
};
#define SELFTEST_RESULT_INIT            \
	{                               \
		.problems = EG_BUF_INIT \
	}

/* scratch: an open, empty folder; path: the same, absolute. Everything is made below it and stays there. EG_FATAL "SELFTEST" when the world cannot be made or an undisturbed night goes
 * wrong: then nothing was tested. */
int selftest_run(int scratch, const char *path, const struct selftest_plan *plan, struct selftest_result *ret,
    struct eg_err *err) EG_MUSTCHECK;

/* ---- for the three parts ---- */

/* Makes SELFTEST_BEFORE: files wait in its drop folders, and a signed sheet that accepts what was read before. */
int selftest_make(int scratch, const char *path, struct eg_err *err) EG_MUSTCHECK;
/* This program with these words behind -C SITE; the exit code in *ret_code. */
int selftest_call(const char *site, const char *const *words, int *ret_code, struct eg_err *err) EG_MUSTCHECK;

/* What the night is about: read once from SELFTEST_BEFORE and SELFTEST_MODEL. */
struct selftest_facts {
	struct selftest_file {
		char *path; /* of a dropped file below spool/drop, of a written one below spool/out */
		char sha256[EG_SHA256_HEX];
	} * dropped, *written;
	size_t n_dropped, n_written, bundles;
};
int selftest_learn(int scratch, struct selftest_facts *ret, struct eg_err *err) EG_MUSTCHECK;
void selftest_facts_done(struct selftest_facts *f);
/* Looks at a trial's site after its recovery; what is wrong is counted in ret and told with `what` in front. */
int selftest_judge(int scratch, const char *trial, const char *site, const struct selftest_facts *f, const char *what,
    struct selftest_result *ret, struct eg_err *err) EG_MUSTCHECK;

#endif
