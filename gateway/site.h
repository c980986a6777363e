/* SPDX-License-Identifier: MIT
 *
 * A site, opened: folder, settings, adapters, keys, spool, store. One of these is passed to everything in gateway/.
 */
#ifndef GATEWAY_SITE_H
#define GATEWAY_SITE_H

#include "adapters/adapter.h"
#include "base/tz.h"
#include "gateway/conf.h"
#include "gateway/store/store.h"
#include "spool/log.h"
#include "spool/sign.h"
#include "spool/spool.h"

enum site_mode {
	SITE_LOOK, /* reads only; works beside a running erpgate */
	SITE_CHANGE, /* short changes by command (decide, hold, link …): takes the lock for a moment, waits up to 10 s for a running cycle */
	SITE_OWN, /* run, watch: owns the spool; EG_RETRY "LOCKED" at once when another does */
	SITE_REBUILD, /* the same, without the state: store is NULL until the caller has one */
};

enum caller_is {
	CALLER_NOT_ASKED, /* no person's command, or a test: the actor's name counts */
	CALLER_USER, /* the name is that of a user, or was given as one with --as */
	CALLER_UNKNOWN, /* an account of this machine that belongs to no user */
	CALLER_UNPROVEN, /* --as named somebody else, and nothing proves it */
};

struct site_caller { /* workflow/actor.h */
	char name[64], account[64];
	enum caller_is is;
	bool operator; /* owns the site's folder or is root, and did not say --as */
};

enum clock_doubt {
	CLOCK_GOOD,
	CLOCK_BEHIND,
	CLOCK_AHEAD
};
struct clock_state { /* gateway/clock.h */
	enum clock_doubt doubt;
	int64_t now, last; /* when it was looked at; the time it is behind, or should show */
	int64_t earliest, latest;
};

struct site {
	char *path;
	int dir;
	struct conf conf;
	const char *name; /* site.name, default the folder's name */
	const char *erp; /* the site's accounting system: cmic, acumatica, mri */
	bool vision; /* Acumatica in the generation Vision: other objects travel, in other directions */
	struct adp_set *adapters;
	struct field_rules *rules; /* settings rule.*: workflow/field_rules.h; NULL = none */
	struct store *store;
	struct spool spool;
	struct sign_key *key; /* gateway's signing key; NULL in SITE_LOOK */
	int64_t (*now)(void *ctx); /* Unix seconds */
	int64_t (*mono)(void *ctx); /* seconds since the machine started, sleep included */
	void *now_ctx; /* of both */
	char boot[40]; /* which start of the machine; "" = not asked yet */
	struct clock_state clock;
	int64_t run; /* current run, 0 outside */
	char actor[64]; /* who acts, for the log: "erpgate" or a person's name */
	struct site_caller caller;
	enum site_mode mode;
	struct eg_tz *zone; /* of the books (business.timezone); NULL = UTC */
	bool scheduled; /* this turn obeys the schedules (gateway/schedule.h); a plain run does not */
	bool (*ending)(void *ctx); /* site_ending; NULL = a turn goes on until it is done */
	void *ending_ctx;
};

/* -C DIR, else $ERPGATE_HOME, else "." when it has an erpgate.conf, else /etc/erpgate. */
int site_open(const char *dir_option, enum site_mode mode, struct site *ret, struct eg_err *err) EG_MUSTCHECK;
void site_close(struct site *s);
int64_t site_now(struct site *s);
/* Is the turn to end soon? Asked before every step that can wait for the next turn: a file's being taken, read or sealed. The turn then leaves what it has not begun, as a
 * crash at this place would, which the next turn's recovery goes on from. Once true it stays so. */
bool site_ending(const struct site *s);
/* Folder, settings, keys, spool and store made anew (init). erp: one word. EG_FATAL "EXISTS" when DIR holds a site. */
int site_create(const char *dir, const char *erp, struct eg_err *err) EG_MUSTCHECK;
/* Loads shipped adapters (ERPGATE_DATADIR/adapters, or adapters/ beside the running program when it is a build tree) and the site's own, tables likewise; a folder
 * that is there and cannot be opened is a failure. */
int site_load_adapters(struct site *s, adp_diag_fn *diag, void *diag_ctx, struct eg_err *err) EG_MUSTCHECK;
/* sources.c: source.NAME.family names a family that adapters read (EG_BADFILE "CONF-VALUE" with the line otherwise); its drop folder is made. */
int site_check_sources(struct site *s, struct eg_err *err) EG_MUSTCHECK;
/* Has this site a source of that name: a drop folder, or a family in the settings whose folder comes with the next run? */
bool site_has_source(const struct site *s, const char *name);
int site_make_sources(struct site *s, struct eg_err *err) EG_MUSTCHECK;
/* Origin of the site's log: "erpgate/<name>", with every character that a signed note cannot have there as '-'; the name that the site had when the log was first published, for a
 * log has one origin for ever. free() it. */
char *site_log_origin(const struct site *s);
/* Keeps it; before every publication. */
int site_log_begins(struct site *s, struct eg_err *err) EG_MUSTCHECK;
/* Was a head of the log ever published? */
bool site_log_published(const struct site *s);
/* `name` beside the running program when it was built there (its folder or one of the three above), else below the folder `installed`; free() it. */
char *site_beside(const char *name, const char *installed);
/* A log entry in the running transaction, with the site's clock and actor. */
int site_log(struct site *s, const char *event, const char *id, const char *detail_json, struct eg_err *err)
    EG_MUSTCHECK;

#endif
