/* SPDX-License-Identifier: MIT
 *
 * Mail: who is told what, and how it leaves. Off as long as mail.from is empty: then nothing here reads or writes anything.
 *
 * A turn looks back at what happened since the last look and queues mails in one transaction; they leave afterwards through the system's sendmail, one process
 * at a time, beside the daemon's work. A mail that could not be handed over is tried again (5 minutes, then twice as long each time up to 4 hours) for 5 days.
 * What a mail is about is its `once` key: nothing is queued twice. Only a crash between sendmail's yes and our note of it can make a mail leave again; it
 * then has the same Message-ID.
 *
 * Kinds: summary (approvers, once a day), nudge (approvers, off by default), rejection and file (a source's contact), run and unanswered (mail.admins), head (audit.mail,
 * once a day).
 */
#ifndef GATEWAY_MAIL_MAIL_H
#define GATEWAY_MAIL_MAIL_H

#include "gateway/site.h"

bool mail_on(const struct conf *c);

/* ---- queue.c ---- */

struct mail_new {
	const char *kind, *once;
	const char *to; /* one address */
	const char *subject, *text;
	struct eg_bytes sheet; /* attached when not empty */
	const char *sheet_name; /* of the attachment; NULL = approval-sheet.csv */
};
/* In a transaction. `to` that is no good address: nothing. ret_id (or NULL): its id. */
int mail_queue(struct site *s, const struct mail_new *m, char ret_id[16], struct eg_err *err) EG_MUSTCHECK;
/* The same to each address of a comma-separated list. */
int mail_queue_all(struct site *s, const char *list, const struct mail_new *m, struct eg_err *err) EG_MUSTCHECK;
/* The whole mail; id: what its Message-ID is made of. */
void mail_text(struct site *s, const struct mail_new *m, const char *id, struct eg_buf *ret);
/* The last lines of every mail. */
void mail_sign(struct site *s, struct eg_buf *text);

/* ---- what happened: events.c, daily.c ---- */

/* At the end of a turn, in a transaction: queues what is to be told. */
int mail_gather(struct site *s, struct eg_err *err) EG_MUSTCHECK;
/* events.c: rejections, refused files, nudges since the last look. */
int mail_events(struct site *s, struct eg_err *err) EG_MUSTCHECK;
/* daily.c: summaries and unanswered items when mail.summary_at has come. */
int mail_daily(struct site *s, struct eg_err *err) EG_MUSTCHECK;
/* head.c: the signed head of the log to those of audit.mail; day: of the due time. */
int mail_head(struct site *s, const char *day, struct eg_err *err) EG_MUSTCHECK;
/* When the next daily mails are due; now or earlier when they are due; 0 when there are none. */
int mail_daily_time(struct site *s, int64_t *ret, struct eg_err *err) EG_MUSTCHECK;
/* A turn that failed: queues a mail to mail.admins, one a day and code, in a transaction of its own. A database that cannot even take that is the service
 * manager's to tell (OnFailure=). */
void mail_failed_run(struct site *s, const struct eg_err *why);

/* Users who are told about items: active, with an address, not opted out. The item lives during the call. */
struct user;
typedef int mail_user_fn(void *ctx, const struct user *u, struct eg_err *err);
int mail_approvers(struct site *s, mail_user_fn *each, void *ctx, struct eg_err *err) EG_MUSTCHECK;
/* Does this item wait for a decision that this user may give? */
int mail_waits_for(struct site *s, const struct item *it, const char *user, bool *ret, struct eg_err *err) EG_MUSTCHECK;

/* ---- leaving: post.c ---- */

struct mail_post; /* at most one running sendmail */
struct mail_post *mail_post_new(void);
/* Waits up to 10 s for a running one, then ends it and notes what became of it (s NULL: does not); frees. */
void mail_post_free(struct site *s, struct mail_post *p);
/* Is something to be done: a running one has ended or its time is over, or none is running and a mail is due? Writes nothing. ret_next: when a queued mail is due, 0 = none. */
int mail_post_ready(struct site *s, struct mail_post *p, bool *ret, int64_t *ret_next, struct eg_err *err) EG_MUSTCHECK;
bool mail_post_running(const struct mail_post *p);
/* Does it: notes what became of the one that ended, starts the next that is due. Own transactions. */
int mail_post_step(struct site *s, struct mail_post *p, struct eg_err *err) EG_MUSTCHECK;
/* Hands over what is due now, one after the other, and waits for it; ends behind the first that fails. */
int mail_post_all(struct site *s, unsigned *ret_sent, unsigned *ret_failed, struct eg_err *err) EG_MUSTCHECK;

/* One mail at once and without the queue: for trying the settings. EG_RETRY "MAIL-SEND". */
int mail_send_now(struct site *s, const struct mail_new *m, struct eg_err *err) EG_MUSTCHECK;

#endif
