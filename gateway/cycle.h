/* SPDX-License-Identifier: MIT
 *
 * One turn of the gateway: recover, take what has arrived, read, match, decide, settle the rules, write, publish, seal. run and watch call the same
 * code; recovery is the normal start of every turn.
 */
#ifndef GATEWAY_CYCLE_H
#define GATEWAY_CYCLE_H

#include "gateway/site.h"

struct cycle_result {
	unsigned drops, records, rejected, refused_files, duplicates; /* of this turn */
	unsigned decisions_refused, failed; /* rows refused; items the ERP answered with an error */
	unsigned batches, unsettled; /* files left in drop folders that never settled */
	unsigned waiting, held; /* items, after the turn */
	bool disk_held; /* no room: files were left, or the reserve is touched (gateway/disk.h) */
	bool idle; /* nothing came, nothing left */
};

struct cycle_watch { /* told as things happen; members may be NULL */
	void (*drop)(void *ctx, const char *drop, const char *source, const char *name, const char *verdict,
	    unsigned records, unsigned rejected);
	void (*batch)(void *ctx, const char *batch, const char *target, unsigned files);
	void *ctx;
};

/* s is SITE_OWN. settle_sec: how long to wait for files that are still arriving (0 = take only what is whole now). EG_RETRY (busy, a disk too full even for the database) leaves
 * everything for the next turn; EG_FATAL stops. */
int cycle_run(struct site *s, int64_t settle_sec, const struct cycle_watch *w, struct cycle_result *ret,
    struct eg_err *err) EG_MUSTCHECK;

/* Keeps what changed in the archive (gateway/keep.h) and publishes the log: the end of every turn and of every command that changes anything. */
int turn_keep(struct site *s, struct eg_err *err) EG_MUSTCHECK;
/* The same, and what is sealed leaves spool/work/: not before the archive names its bundle, or its bytes would be nowhere if state.db were lost. */
int turn_keep_all(struct site *s, struct eg_err *err) EG_MUSTCHECK;

/* What the drop folders hold, for a daemon that decides whether a turn is due. */
struct cycle_arrivals {
	unsigned ready,
	    settling; /* looked at from outside only: a quiet file whose content is still open counts as ready */
	unsigned odd; /* refused kinds of files */
	unsigned companions; /* signatures that wait for their sheet or came after it */
	uint64_t print; /* of all of these: the same as long as nothing changes */
};
/* Changes nothing; s may be opened in any mode. */
int cycle_look(struct site *s, struct cycle_arrivals *ret, struct eg_err *err) EG_MUSTCHECK;

/* Takes one file by hand into the same path (ingest): claims a copy and reads it; the caller runs a turn afterwards. ret_drop: its id. */
int cycle_ingest(struct site *s, const char *source, const char *name, int fd, char ret_drop[16], struct eg_err *err)
    EG_MUSTCHECK;
/* Reads a claimed drop (journal state "claimed") and leaves it "read" (gateway/intake.c). */
int intake_drop(struct site *s, const char *drop, const struct cycle_watch *w, struct cycle_result *ret,
    struct eg_err *err) EG_MUSTCHECK;
/* Journals a claim: row, duplicate check (not when `again`: a person asked for it), log entry; *ret_new false for a duplicate. */
int intake_claim(struct site *s, const char *source, const struct spool_claim *c, bool again, bool *ret_new,
    struct eg_err *err) EG_MUSTCHECK;

#endif
