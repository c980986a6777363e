/* SPDX-License-Identifier: MIT
 *
 * What a daemon needs around its work: words to the service manager, hints from erpgate-watch, signals.
 */
#ifndef GATEWAY_CLI_SERVICE_H
#define GATEWAY_CLI_SERVICE_H

#include "base/err.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/* To the service manager ($NOTIFY_SOCKET): "READY=1". Without one, or when it does not listen: nothing. */
void service_notify(const char *text);
/* Milliseconds between two WATCHDOG=1, half of what the manager allows; -1 = it does not ask for them. */
int service_watchdog_ms(void);
/* A line on stderr, with the journal's level mark in front when stderr is the journal. */
void service_log(int level, const char *fmt, ...) EG_PRINTF(2, 3);

/* SIGTERM, SIGINT and SIGHUP come only inside service_wait from here on. */
struct service {
	sigset_t outside; /* the mask while waiting */
	pid_t helper; /* 0 = none */
	int hints; /* its standard output; -1 = none */
	int64_t fed; /* when work last fed the watchdog, in seconds since some moment */
};
#define SERVICE_INIT        \
	{                   \
		.hints = -1 \
	}
enum service_event {
	SERVICE_TIME,
	SERVICE_HINT,
	SERVICE_END,
	SERVICE_RELOAD
};

void service_begin(struct service *v);
/* During work: has SIGTERM or SIGINT come, which service_wait will hear? Feeds the manager's watchdog as often as it asks for. */
bool service_ending(struct service *v);
/* Starts erpgate-watch over the folders (NULL-terminated). false, with a word in the log, when it cannot. */
bool service_watch(struct service *v, char *const *folders);
void service_unwatch(struct service *v);
/* Waits for a hint, a signal or the time; a helper that has ended is dropped and said. */
enum service_event service_wait(struct service *v, int ms);

#endif
