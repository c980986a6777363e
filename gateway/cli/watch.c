/* SPDX-License-Identifier: MIT
 *
 * watch: a turn whenever something arrives or somebody acted. Events are hints only; the folders are looked at again every watch.rescan. Between turns the spool
 * is free for other commands (decide, hold, link …); the watch lock says all the time that a daemon is here. While nothing happens nothing is written.
 */
#include "base/fs.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/places.h"
#include "gateway/cli/service.h"
#include "gateway/clock.h"
#include "gateway/cycle.h"
#include "gateway/disk.h"
#include "gateway/edits.h"
#include "gateway/expect.h"
#include "gateway/mail/mail.h"
#include "gateway/schedule.h"

#include <inttypes.h>
#include <poll.h>

#define SOON_MS 250 /* between two looks while a file settles; doubles up to the rescan time */
#define OWN_TRIES 100 /* tenths of a second that another command may keep the spool */
#define HELPER_SEC 60 /* before a helper that ended is started again */
#define PARKED_SEC 3600 /* how often sheets that wait are looked at: they may have expired */

struct watch {
	struct cli *c;
	struct site s;
	struct service service;
	int lock;
	uint64_t done_print; /* of the folders when a turn could do nothing about them; 0 = not known */
	uint64_t told_print; /* of files that were told as never settling */
	uint64_t log_size; /* after the last turn: it grows when somebody acts */
	int64_t last_turn, settling_since;
	uint64_t places; /* of the drop folders when the helper was started */
	int64_t helper_at;
	int wait_ms;
	struct mail_post *post;
};

/* ---- the site and its locks ---- */

static int
take_spool(struct watch *w, bool own, struct eg_err *err)
{
	int rc = EG_OK;

	spool_close(&w->s.spool);
	for (int i = 0; i < OWN_TRIES; i++) {
		rc = spool_open(w->s.dir, own, &w->s.spool, err);
		if (rc != EG_RETRY || strcmp(err->code, "LOCKED") != 0)
			break;
		(void)poll(NULL, 0, 100); /* a command changes something; that is soon over */
	}
	return rc;
}

/* Another daemon has the watch lock for good, a run only while it asks whether one is there. */
static int
take_watch_lock(struct watch *w, struct eg_err *err)
{
	int rc = EG_OK;

	for (int i = 0; i < 20; i++) {
		rc = eg_fs_lock(w->s.dir, CLI_WATCH_LOCK, &w->lock, err);
		if (rc != EG_RETRY || strcmp(err->code, "LOCKED") != 0)
			break;
		(void)poll(NULL, 0, 50);
	}
	return rc;
}

struct folders {
	char **path; /* NULL-terminated */
	size_t n;
	const char *site;
};

/* What another machine writes raises no event here: such folders are only looked at from time to time. */
static int
add_folder(void *ctx, const char *name, const struct spool_place *where, struct eg_err *err)
{
	struct folders *f = ctx;

	(void)err;
	if (where->remote || where->kind[0] == '\0')
		return EG_OK;
	f->path = eg_xrealloc(f->path, (f->n + 2) * sizeof(*f->path));
	f->path[f->n++] = eg_xprintf("%s/spool/drop/%s", f->site, name);
	f->path[f->n] = NULL;
	return EG_OK;
}

static int
start_helper(struct watch *w, struct eg_err *err)
{
	struct folders f = { .site = w->s.path };
	int rc = EG_OK;

	if (strcmp(conf_text(&w->s.conf, "watcher"), "inotify") != 0)
		return EG_OK;
	w->helper_at = site_now(&w->s);
	rc = places_print(&w->s, &w->places, err);
	if (rc == EG_OK)
		rc = places_each(&w->s, add_folder, &f, err);
	if (rc == EG_OK && f.n > 0)
		(void)service_watch(&w->service, f.path);
	for (size_t i = 0; i < f.n; i++)
		free(f.path[i]);
	free(f.path);
	return rc;
}

/* A folder that was made anew, mounted over or unmounted is another one for the helper, too; and one that ended is tried again after a while. Between two of these
 * looks nothing is missed: the folders themselves are looked at all the time. */
static int
mind_helper(struct watch *w, struct eg_err *err)
{
	uint64_t print = 0;
	bool gone = w->service.helper == 0 && site_now(&w->s) - w->helper_at >= HELPER_SEC;

	if (strcmp(conf_text(&w->s.conf, "watcher"), "inotify") != 0)
		return EG_OK;
	int rc = places_print(&w->s, &print, err);
	if (rc < 0 || (print == w->places && !gone))
		return rc;
	service_unwatch(&w->service);
	return start_helper(w, err);
}

/* ---- looking ---- */

static int
count_parked(void *ctx, const struct manifest *m, struct eg_err *err)
{
	(void)m;
	(void)err;
	(*(unsigned *)ctx)++;
	return EG_OK;
}

enum due {
	DUE_NOTHING,
	DUE_TURN,
	DUE_REPORT, /* files that never became whole are to be told */
};

/* Waits no longer than up to this moment. */
static void
wait_until(struct watch *w, int64_t at)
{
	int64_t ms = (at - site_now(&w->s)) * 1000;

	if (ms < w->wait_ms)
		w->wait_ms = ms < 0 ? 0 : (int)ms;
}

/* Is something due by the clock: items that wait for their schedule, the mails of the day, a cut-off of an expected file? */
static int
due_by_clock(struct watch *w, bool *ret, struct eg_err *err)
{
	struct schedule_board b;
	int64_t mails = 0, expected = 0;
	int rc = schedule_look(&w->s, &b, err);

	*ret = false;
	if (rc == EG_OK)
		rc = mail_daily_time(&w->s, &mails, err);
	if (rc == EG_OK && expects_any(&w->s.conf))
		rc = expect_due(&w->s, &expected, err);
	if (rc < 0)
		return rc;
	for (int g = 0; g < SCHEDULE_NGROUPS; g++)
		if (b.line[g].timed) {
			*ret = *ret || b.line[g].open;
			wait_until(w, b.line[g].next);
		}
	*ret = *ret || (mails > 0 && mails <= site_now(&w->s));
	if (mails > 0)
		wait_until(w, mails);
	*ret = *ret || (expected > 0 && expected <= site_now(&w->s));
	if (expected > 0)
		wait_until(w, expected);
	return EG_OK;
}

/* Adapts the waiting time, too. */
static enum due
due_now(struct watch *w, const struct cycle_arrivals *a, uint64_t log_size, unsigned parked)
{
	int rescan = (int)conf_int(&w->s.conf, "watch.rescan") * 1000;
	int64_t now = site_now(&w->s);
	bool changed = a->print != w->done_print;

	/* What is quiet but was left by the turn has an open end: it settles, too. */
	if (a->settling + a->odd == 0 && (changed || a->ready == 0))
		w->settling_since = 0;
	else if (w->settling_since == 0)
		w->settling_since = now;
	w->wait_ms = a->settling > 0 && changed ? (w->wait_ms * 2 < rescan ? w->wait_ms * 2 : rescan) : rescan;
	if (log_size != w->log_size || (changed && (a->ready > 0 || a->companions > 0)))
		return DUE_TURN;
	if (parked > 0 && now - w->last_turn >= PARKED_SEC)
		return DUE_TURN;
	if (w->settling_since != 0 && a->print != w->told_print &&
	    now - w->settling_since >= conf_int(&w->s.conf, "run.settle_timeout"))
		return DUE_REPORT;
	return DUE_NOTHING;
}

static int
look(struct watch *w, enum due *ret, struct cycle_arrivals *a, struct eg_err *err)
{
	uint64_t log_size = 0;
	unsigned parked = 0;
	bool clock = false;
	struct disk_room room;
	int rc = cycle_look(&w->s, a, err);

	if (rc == EG_OK)
		rc = store_log_size(w->s.store, &log_size, err);
	if (rc == EG_OK)
		rc = manifest_each(w->s.store, "parked", count_parked, &parked, err);
	if (rc == EG_OK) {
		*ret = due_now(w, a, log_size, parked);
		rc = due_by_clock(w, &clock, err);
	}
	enum clock_doubt believed = w->s.clock.doubt;
	if (rc == EG_OK)
		rc = clock_look(&w->s, err);
	clock = clock || w->s.clock.doubt != believed; /* a turn writes it down */
	if (rc == EG_OK)
		rc = disk_look(&w->s, &room, err);
	if (rc == EG_OK && *ret == DUE_NOTHING && (clock || disk_is_back(&room)))
		*ret = DUE_TURN;
	return rc;
}

/* ---- turns ---- */

/* What came during the turn must not pass for something the turn left: only when the folders look the same before and after it is what lies there known. */
static void
note_turn(struct watch *w, const struct cycle_arrivals *before, const struct cycle_arrivals *after, bool report)
{
	w->done_print = before->print == after->print ? after->print : 0;
	w->told_print = report ? after->print : w->told_print;
	w->settling_since = after->settling + after->odd + after->ready > 0 ? w->settling_since : 0;
	w->last_turn = site_now(&w->s);
	w->wait_ms = SOON_MS;
}

static int
turn(struct watch *w, bool report, struct eg_err *err)
{
	struct cycle_arrivals before, after;
	struct eg_err free_err;
	int code = CLI_OK;
	int rc = take_spool(w, true, err);

	if (rc == EG_OK)
		rc = cycle_look(&w->s, &before, err);
	if (rc == EG_OK)
		rc = cli_turn(w->c, &w->s, report ? 1 : 0, &code, err);
	(void)fflush(stdout);
	service_notify("WATCHDOG=1");
	if (rc == EG_OK)
		rc = store_log_size(w->s.store, &w->log_size, err);
	if (rc == EG_OK)
		rc = cycle_look(&w->s, &after, err);
	if (rc == EG_OK)
		note_turn(w, &before, &after, report);
	int free_rc = take_spool(w, false, rc < 0 ? &free_err : err);
	return rc < 0 ? rc : free_rc;
}

/* A transaction that failed for want of room was rolled back; the database is opened anew, and everything read from what the disk has. */
static int
open_store_again(struct watch *w, const struct eg_err *why)
{
	struct store *fresh = NULL;
	struct eg_err err;

	if (strcmp(why->code, "DISK-FULL") != 0 && strncmp(why->code, "DB-", 3) != 0)
		return EG_OK;
	int rc = store_open(w->s.dir, false, false, &fresh, &err);
	if (rc == EG_OK) {
		store_close(w->s.store);
		w->s.store = fresh;
	}
	return rc == EG_RETRY ? EG_OK : rc; /* no room even for opening it: the old one is as good */
}

/* A full disk or a busy database is no reason to end: everything stays where it is for the next try. */
static int
after_failure(struct watch *w, int rc, const struct eg_err *err)
{
	if (strcmp(err->code, "LOCKED") != 0)
		mail_failed_run(&w->s, err);
	if (rc != EG_RETRY || open_store_again(w, err) < 0)
		return rc;
	service_log(4, "%s (%s); trying again", err->msg, err->code);
	int slower = w->wait_ms < SOON_MS ? SOON_MS : w->wait_ms * 2;
	w->wait_ms = slower < 60000 ? slower : 60000;
	return EG_OK;
}

/* ---- mail: beside the turns, one program at a time ---- */

/* A note in the log is ours and no reason for a turn; nobody else writes to it while we have the spool. */
static int
post_step(struct watch *w, struct eg_err *err)
{
	uint64_t before = 0, after = 0;
	int rc = store_log_size(w->s.store, &before, err);

	if (rc == EG_OK)
		rc = mail_post_step(&w->s, w->post, err);
	if (rc == EG_OK)
		rc = store_log_size(w->s.store, &after, err);
	if (rc == EG_OK)
		w->log_size += after - before;
	return rc;
}

static int
post(struct watch *w, struct eg_err *err)
{
	struct eg_err free_err;
	int64_t next = 0;
	bool ready;
	int rc = mail_post_ready(&w->s, w->post, &ready, &next, err);

	if (rc == EG_OK && ready) {
		rc = take_spool(w, true, err);
		if (rc == EG_OK)
			rc = post_step(w, err);
		int free_rc = take_spool(w, false, rc < 0 ? &free_err : err);
		rc = rc < 0 ? rc : free_rc;
	}
	if (ready || mail_post_running(w->post))
		w->wait_ms = w->wait_ms < SOON_MS ? w->wait_ms : SOON_MS;
	else if (next > 0)
		wait_until(w, next);
	return rc;
}

static int
step(struct watch *w, struct eg_err *err)
{
	struct cycle_arrivals a;
	enum due due = DUE_NOTHING;
	int before = w->wait_ms, rc = mind_helper(w, err);

	if (rc == EG_OK)
		rc = look(w, &due, &a, err);

	if (rc == EG_OK && due != DUE_NOTHING)
		rc = turn(w, due == DUE_REPORT, err);
	if (rc == EG_OK)
		rc = post(w, err);
	if (rc < 0)
		w->wait_ms = before;
	return rc < 0 ? after_failure(w, rc, err) : EG_OK;
}

static bool
ending(void *ctx)
{
	return service_ending(ctx);
}

static int
open_watch(struct watch *w, int *ret_exit)
{
	struct eg_err err = { 0 };
	int rc;

	for (int i = 0;; i++) { /* a command at work now is soon done */
		rc = site_open(w->c->opt[O_DIR], SITE_OWN, &w->s, &err);
		if (rc != EG_RETRY || strcmp(err.code, "LOCKED") != 0 || i == OWN_TRIES)
			break;
		(void)poll(NULL, 0, 100);
	}
	if (rc < 0) {
		*ret_exit = cli_fail(w->c, &err);
		return rc;
	}
	w->s.scheduled = true;
	w->s.ending = ending;
	w->s.ending_ctx = &w->service;
	if (w->lock < 0)
		rc = take_watch_lock(w, &err);
	if (rc == EG_OK)
		rc = edits_note(&w->s, &err);
	if (rc == EG_OK)
		rc = start_helper(w, &err);
	if (rc < 0) {
		if (strcmp(err.code, "LOCKED") == 0) {
			char holder[EG_FIELD_MAX];
			(void)snprintf(holder, sizeof(holder), "%s", err.field);
			eg_fail(&err, EG_RETRY, "LOCKED",
			    "another erpgate watch is running on this site (%s): stop it first", holder);
		}
		*ret_exit = cli_fail(w->c, &err);
		site_close(&w->s);
	}
	return rc;
}

static void
close_watch(struct watch *w)
{
	service_unwatch(&w->service);
	site_close(&w->s);
}

static int
reload(struct watch *w, int *ret_exit)
{
	service_notify("RELOADING=1");
	close_watch(w);
	int rc = open_watch(w, ret_exit);
	if (rc == EG_OK)
		service_notify("READY=1");
	return rc;
}

static int
loop(struct watch *w)
{
	struct eg_err err = { 0 };
	int dog = service_watchdog_ms(), code = CLI_OK, rc = turn(w, false, &err);

	if (rc < 0)
		rc = after_failure(w, rc, &err);
	service_notify("READY=1");
	while (rc == EG_OK) {
		enum service_event e = service_wait(&w->service, dog > 0 && dog < w->wait_ms ? dog : w->wait_ms);
		service_notify("WATCHDOG=1");
		if (e == SERVICE_END)
			return CLI_OK;
		if (e == SERVICE_HINT)
			w->wait_ms = SOON_MS;
		if (e == SERVICE_RELOAD && reload(w, &code) < 0)
			return code;
		rc = step(w, &err);
	}
	cli_send_mails(w->c, &w->s);
	return cli_fail(w->c, &err);
}

static int
once(struct watch *w)
{
	return cli_one_turn(w->c, &w->s);
}

/* When the daemon ran, for whoever asks later why nothing was taken on a day. A stop without an entry was no stop by request. */
static int
log_service(struct site *s, void *ctx, struct eg_err *err)
{
	json_t *j = json_pack("{s:s,s:s}", "version", ERPGATE_VERSION, "account", s->caller.account);
	char *text = json_dumps(j, JSON_COMPACT);
	int rc = site_log(s, *(const bool *)ctx ? "started" : "stopped", "", text, err);

	free(text);
	json_decref(j);
	return rc;
}

static void
note_service(struct watch *w, bool begins)
{
	struct eg_err err = { 0 };

	if (cli_tx(&w->s, log_service, &begins, &err) < 0)
		(void)cli_fail(
		    w->c, &err); /* a disk that is full is no reason not to start: the turn says what to do */
}

int
cmd_watch(struct cli *c)
{
	struct watch w = {
		.c = c, .service = SERVICE_INIT, .lock = -1, .wait_ms = SOON_MS, .s = { .dir = -1, .spool = SPOOL_INIT }
	};
	int code;

	service_begin(&w.service);
	if (open_watch(&w, &code) < 0) {
		eg_fd_done(&w.lock);
		return code;
	}
	if (!cli_has(c, O_QUIET) && !cli_has(c, O_JSON) && !cli_has(c, O_ONCE))
		(void)fprintf(stderr, "erpgate watch: site %s, %s. End it with Ctrl-C.\n", w.s.name,
		    w.service.hints < 0 ? "looking at the folders from time to time" : "told by inotify");
	w.post = mail_post_new();
	if (!cli_has(c, O_ONCE))
		note_service(&w, true);
	code = cli_has(c, O_ONCE) ? once(&w) : loop(&w);
	service_notify("STOPPING=1");
	mail_post_free(w.s.dir >= 0 ? &w.s : NULL, w.post);
	if (w.s.dir >= 0 && !cli_has(c, O_ONCE))
		note_service(&w, false);
	if (w.s.dir >= 0)
		close_watch(&w);
	eg_fd_done(&w.lock);
	return code;
}
