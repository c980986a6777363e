/* SPDX-License-Identifier: MIT
 *
 * One run of the system's sendmail, or of another program of the site: no shell, a small environment, a process group of its own, the mail on its standard input (held in memory, so that writing it
 * never waits), what it says kept up to a limit.
 */
#ifndef GATEWAY_MAIL_SPAWN_H
#define GATEWAY_MAIL_SPAWN_H

#include "base/buf.h"

#include <sys/types.h>

#define SPAWN_SAID 300 /* bytes kept of what it says */

struct spawn {
	pid_t pid; /* 0 = none */
	int process, output; /* descriptors; -1 = none */
	int64_t ends_ms; /* of the monotonic clock */
};
#define SPAWN_INIT                          \
	{                                   \
		.process = -1, .output = -1 \
	}

/* Starts `program -t -i`. EG_RETRY "MAIL-SEND" when it cannot be started. */
int spawn_mail(const char *program, struct eg_bytes message, int64_t timeout_sec, struct spawn *ret, struct eg_err *err)
    EG_MUSTCHECK;
/* Has it ended, or is its time over? Waits up to wait_ms for that. */
bool spawn_ended(const struct spawn *p, int wait_ms);
/* Takes its result; what still runs is killed first, its children with it. EG_OK: it took the mail. EG_RETRY "MAIL-SEND" says why not. */
int spawn_result(struct spawn *p, struct eg_err *err) EG_MUSTCHECK;

/* Runs `program` without arguments, gives it `input` and waits for its answer: its standard output, of at most `max` bytes. EG_RETRY "STAMP-ASK" when it cannot be started, fails, answers
 * more or does not end in time; the sentence has what it said on standard error. */
int spawn_ask(const char *program, struct eg_bytes input, int64_t timeout_sec, size_t max, struct eg_buf *ret,
    struct eg_err *err) EG_MUSTCHECK;

#endif
