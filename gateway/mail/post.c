/* SPDX-License-Identifier: MIT
 *
 * Handing mails over, one at a time, and what a turn has to do with mail. A failure is logged when it first happens and when the mail is given up; nothing here stops
 * a turn or the daemon.
 */
#include "gateway/clock.h"
#include "gateway/mail/mail.h"
#include "gateway/mail/spawn.h"

#include <inttypes.h>
#include <jansson.h>

#define RETRY_FIRST 300
#define RETRY_MOST (4 * 3600)
#define END_WAIT_SEC 10 /* a service manager waits longer for us */
#define GIVEN_UP_AFTER (5 * 86400) /* as mail systems do */

struct mail_post {
	struct spawn run;
	char id[16]; /* of the mail that it takes */
	unsigned sent, failed;
};

struct mail_post *
mail_post_new(void)
{
	struct mail_post *p = eg_xalloc(sizeof(*p));

	p->run = (struct spawn)SPAWN_INIT;
	return p;
}

bool
mail_post_running(const struct mail_post *p)
{
	return p->run.pid != 0;
}

/* ---- notes ---- */

static int
log_mail(struct site *s, const char *event, const struct mail_row *m, struct eg_err *err)
{
	/* What sendmail said may name people, and the log is kept for ever: that stands in the mail's row. */
	json_t *j = json_pack("{s:s,s:I}", "kind", m->kind, "attempt", (json_int_t)m->attempts);
	char *text = json_dumps(j, JSON_COMPACT);
	int rc = site_log(s, event, m->id, text, err);

	free(text);
	json_decref(j);
	return rc;
}

static int64_t
retry_after(int64_t attempts)
{
	int64_t sec = RETRY_FIRST;

	for (int64_t i = 1; i < attempts && sec < RETRY_MOST; i++)
		sec *= 2;
	return sec < RETRY_MOST ? sec : RETRY_MOST;
}

static int
note_failure(struct site *s, struct mail_row *m, const char *said, struct eg_err *err)
{
	bool over = clock_earliest(s) - m->queued >= GIVEN_UP_AFTER;
	int rc;

	m->said = said;
	if (over) {
		m->state = "given-up";
		m->ended = site_now(s);
	} else
		m->next = site_now(s) + retry_after(m->attempts);
	rc = mail_save(s->store, m, err);
	if (rc == EG_OK && (over || m->attempts == 1))
		rc = log_mail(s, over ? "mail-given-up" : "mail-failed", m, err);
	return rc;
}

/* What became of a mail: why NULL = it was taken. */
static int
note_result(struct site *s, const char *id, const struct eg_err *why, struct eg_err *err)
{
	struct eg_arena a;
	struct mail_row m;
	int rc = store_begin(s->store, err);

	eg_arena_init(&a, (size_t)64 << 20);
	if (rc == EG_OK)
		rc = mail_get(s->store, id, &a, &m, err);
	if (rc == EG_OK && why == NULL) {
		m.state = "sent";
		m.said = "";
		m.ended = site_now(s);
		rc = mail_save(s->store, &m, err);
	} else if (rc == EG_OK)
		rc = note_failure(s, &m, why->msg, err);
	if (rc == EG_OK)
		rc = store_commit(s->store, err);
	else
		store_rollback(s->store);
	eg_arena_done(&a);
	return rc < 0 ? rc : EG_OK;
}

/* ---- one at a time ---- */

/* The next try is noted before the program starts: when we die meanwhile, it is not tried again at once for ever. */
static int
note_start(struct site *s, struct mail_row *m, struct eg_err *err)
{
	int rc = store_begin(s->store, err);

	m->attempts++;
	m->next = site_now(s) + retry_after(m->attempts);
	if (rc == EG_OK)
		rc = mail_save(s->store, m, err);
	if (rc == EG_OK)
		rc = store_commit(s->store, err);
	else
		store_rollback(s->store);
	return rc;
}

static int
not_started(struct site *s, struct mail_post *p, const char *id, const struct eg_err *why, struct eg_err *err)
{
	p->failed++;
	return note_result(s, id, why, err);
}

static int
start_next(struct site *s, struct mail_post *p, struct eg_err *err)
{
	struct eg_arena a;
	struct mail_row m;
	struct eg_err why;
	int rc;

	eg_arena_init(&a, (size_t)64 << 20);
	rc = mail_first(s->store, &a, &m, err);
	if (rc == EG_OK && m.next <= site_now(s)) {
		rc = note_start(s, &m, err);
		if (rc == EG_OK && spawn_mail(conf_text(&s->conf, "mail.sendmail"), eg_bytes_str(m.message),
				       conf_int(&s->conf, "mail.timeout"), &p->run, &why) == EG_OK)
			(void)snprintf(p->id, sizeof(p->id), "%s", m.id);
		else if (rc == EG_OK)
			rc = not_started(s, p, m.id, &why, err);
	}
	eg_arena_done(&a);
	return rc < 0 ? rc : EG_OK;
}

int
mail_post_ready(struct site *s, struct mail_post *p, bool *ret, int64_t *ret_next, struct eg_err *err)
{
	struct eg_arena a;
	struct mail_row m;
	int rc;

	*ret = false;
	*ret_next = 0;
	if (mail_post_running(p)) {
		*ret = spawn_ended(&p->run, 0);
		return EG_OK;
	}
	if (!mail_on(&s->conf))
		return EG_OK;
	eg_arena_init(&a, (size_t)64 << 20);
	rc = mail_first(s->store, &a, &m, err);
	if (rc == EG_OK) {
		*ret_next = m.next;
		*ret = m.next <= site_now(s);
	}
	eg_arena_done(&a);
	return rc < 0 ? rc : EG_OK;
}

/* Takes the result of the one that runs. */
static int
finish(struct site *s, struct mail_post *p, struct eg_err *err)
{
	struct eg_err why;
	bool took = spawn_result(&p->run, &why) == EG_OK;

	p->sent += took;
	p->failed += !took;
	return note_result(s, p->id, took ? NULL : &why, err);
}

int
mail_post_step(struct site *s, struct mail_post *p, struct eg_err *err)
{
	if (!mail_post_running(p))
		return mail_on(&s->conf) ? start_next(s, p, err) : EG_OK;
	return spawn_ended(&p->run, 0) ? finish(s, p, err) : EG_OK;
}

/* What runs is waited for a little, then stopped, and noted; a note that cannot be written makes it leave again later, as after a crash. */
void
mail_post_free(struct site *s, struct mail_post *p)
{
	struct eg_err ignored;
	int rc = EG_OK;

	if (p == NULL)
		return;
	if (mail_post_running(p)) {
		for (int i = 0; i < END_WAIT_SEC && !spawn_ended(&p->run, 1000); i++)
			;
		rc = s != NULL ? finish(s, p, &ignored) : spawn_result(&p->run, &ignored);
	}
	(void)rc;
	free(p);
}

int
mail_post_all(struct site *s, unsigned *ret_sent, unsigned *ret_failed, struct eg_err *err)
{
	struct mail_post *p = mail_post_new();
	int64_t next;
	bool ready;
	int rc;

	for (;;) {
		rc = mail_post_ready(s, p, &ready, &next, err);
		if (rc < 0 || (!mail_post_running(p) && (!ready || p->failed > 0)))
			break;
		if (mail_post_running(p) && !spawn_ended(&p->run, 1000))
			continue;
		rc = mail_post_step(s, p, err);
		if (rc < 0)
			break;
	}
	*ret_sent = p->sent;
	*ret_failed = p->failed;
	mail_post_free(s, p);
	return rc;
}

int
mail_send_now(struct site *s, const struct mail_new *m, struct eg_err *err)
{
	struct spawn run = SPAWN_INIT;
	struct eg_buf text = EG_BUF_INIT;
	int rc;

	mail_text(s, m, "test", &text);
	rc = spawn_mail(
	    conf_text(&s->conf, "mail.sendmail"), eg_buf_view(&text), conf_int(&s->conf, "mail.timeout"), &run, err);
	while (rc == EG_OK && !spawn_ended(&run, 1000))
		;
	if (rc == EG_OK)
		rc = spawn_result(&run, err);
	eg_buf_done(&text);
	return rc;
}

/* ---- turns ---- */

int
mail_gather(struct site *s, struct eg_err *err)
{
	int rc;

	if (!mail_on(&s->conf))
		return EG_OK;
	rc = mail_events(s, err);
	return rc == EG_OK ? mail_daily(s, err) : rc;
}

/* ---- a failed run ---- */

static void
failed_text(struct site *s, const struct eg_err *why, struct eg_buf *ret)
{
	char when[EG_TZ_TEXT];

	eg_tz_print(s->zone, site_now(s), when);
	eg_buf_printf(ret, "The turn of %s %s failed:\n\n  %s (%s)\n\n", when, conf_text(&s->conf, "business.timezone"),
	    why->msg, why->code);
	eg_buf_str(ret,
	    why->cls == EG_RETRY ?
		"Nothing is half done. It is tried again; when the reason lasts, nothing more is taken or sent until it is removed.\n" :
		"Nothing more is taken or sent until a person has looked: erpgate doctor says more.\n");
	mail_sign(s, ret);
}

static int
failed_queue(struct site *s, const struct mail_new *m, struct eg_err *err)
{
	int rc = store_begin(s->store, err);

	if (rc == EG_OK)
		rc = mail_queue_all(s, conf_text(&s->conf, "mail.admins"), m, err);
	if (rc == EG_OK)
		rc = store_commit(s->store, err);
	if (rc < 0)
		store_rollback(s->store);
	return rc;
}

void
mail_failed_run(struct site *s, const struct eg_err *why)
{
	struct eg_buf text = EG_BUF_INIT;
	struct eg_err ignored; /* the turn's own failure is what is told */
	char day[EG_TZ_TEXT];

	if (!mail_on(&s->conf) || !conf_bool(&s->conf, "mail.failed_runs"))
		return;
	eg_tz_print(s->zone, site_now(s), day);
	char *once = eg_xprintf("run/%s/%.10s", why->code, day),
	     *subject = eg_xprintf("erpgate: a run failed, %s (site %s)", why->code, s->name);
	failed_text(s, why, &text);
	struct mail_new mail = { .kind = "run", .once = once, .subject = subject, .text = eg_buf_cstr(&text) };
	(void)failed_queue(s, &mail, &ignored);
	eg_buf_done(&text);
	free(subject);
	free(once);
}
