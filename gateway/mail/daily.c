/* SPDX-License-Identifier: MIT
 *
 * Mails of the day, at mail.summary_at of the business time zone: to each approver what waits for him, until it is answered; to the administrators what the ERP has
 * not answered; to the auditor the head of the log. A time that passed while nothing ran is made up for at the next turn, once.
 */
#include "gateway/mail/mail.h"
#include "gateway/schedule_spec.h"
#include "gateway/workflow/workflow.h"

#include <inttypes.h>

#define SERVED "mail.daily" /* meta: the due time served last */
#define ATTACHED_MOST ((size_t)8 << 20) /* mail systems take little more; then the command is named instead */
#define LISTED 20 /* items named in one mail; the rest are counted */

/* ---- when ---- */

static void
due_times(struct site *s, int64_t *last, int64_t *next)
{
	char *text = eg_xprintf("daily %s", conf_text(&s->conf, "mail.summary_at"));
	struct schedule_spec spec;
	struct eg_err ignored;

	*last = *next = 0;
	if (schedule_parse(eg_bytes_str(text), &spec, &ignored) == EG_OK) /* checked with the settings */
		schedule_due(&spec, s->zone, site_now(s), last, next);
	free(text);
}

static int
served_get(struct site *s, int64_t *ret, struct eg_err *err)
{
	struct eg_arena a;
	const char *v = NULL;
	int rc;

	eg_arena_init(&a, 1 << 12);
	rc = store_meta_get(s->store, SERVED, &a, &v, err);
	if (v == NULL || !eg_bytes_to_i64(eg_bytes_str(v), ret))
		*ret = 0;
	eg_arena_done(&a);
	return rc;
}

int
mail_daily_time(struct site *s, int64_t *ret, struct eg_err *err)
{
	int64_t last, next, served = 0;
	int rc;

	*ret = 0;
	if (!mail_on(&s->conf))
		return EG_OK;
	due_times(s, &last, &next);
	rc = served_get(s, &served, err);
	*ret = served > 0 && served < last ? last : next;
	return rc;
}

/* ---- the summary ---- */

struct sum { /* of one record type */
	unsigned n;
	struct eg_dec amount;
	bool money;
};

struct summary {
	struct site *s;
	const struct user *u;
	struct sum by_type[REC_NTYPES];
	unsigned n;
	int64_t oldest;
	char *oldest_iid;
	struct eg_dec amount;
};

static int
sum_each(void *ctx, const struct item *it, struct eg_err *err)
{
	struct summary *m = ctx;
	struct sum *t = &m->by_type[it->type->id];
	struct eg_dec amount;
	bool waits;
	int rc = mail_waits_for(m->s, it, m->u->name, &waits, err);

	if (rc < 0 || !waits)
		return rc;
	m->n++;
	t->n++;
	if (it->amount != NULL && eg_dec_parse(eg_bytes_str(it->amount), EG_DEC_PLAIN, 2, 28, &amount) == EG_DEC_OK) {
		t->money = true;
		(void)eg_dec_add(t->amount, amount, &t->amount);
		(void)eg_dec_add(m->amount, amount, &m->amount);
	}
	if (m->oldest_iid == NULL || it->updated < m->oldest) {
		m->oldest = it->updated;
		free(m->oldest_iid);
		m->oldest_iid = eg_xstrdup(it->iid);
	}
	return EG_OK;
}

static void
summary_table(const struct summary *m, struct eg_buf *b)
{
	const char *currency = conf_text(&m->s->conf, "currency");

	for (int t = 0; t < REC_NTYPES; t++) {
		struct eg_buf amount = EG_BUF_INIT;
		const struct sum *row = &m->by_type[t];
		if (row->n == 0)
			continue;
		eg_dec_print(&amount, row->amount, 2);
		eg_buf_printf(b, "  %-32s %6u", rec_type((enum rec_id)t)->title, row->n);
		if (row->money)
			eg_buf_printf(b, "   %18s %s", eg_buf_cstr(&amount), currency);
		eg_buf_chr(b, '\n');
		eg_buf_done(&amount);
	}
}

static void
summary_text(const struct summary *m, bool sheet, struct eg_buf *b)
{
	struct eg_buf amount = EG_BUF_INIT;
	int64_t age = (site_now(m->s) - m->oldest) / 86400;
	char since[EG_TZ_TEXT];

	eg_dec_print(&amount, m->amount, 2);
	eg_tz_print(m->s->zone, m->oldest, since);
	eg_buf_printf(b, "%u item%s for your decision, worth %s %s in all.\n\n", m->n, m->n == 1 ? " waits" : "s wait",
	    eg_buf_cstr(&amount), conf_text(&m->s->conf, "currency"));
	summary_table(m, b);
	eg_buf_printf(b, "\nThe oldest is %s: since %.10s (%" PRId64 " day%s).\n", m->oldest_iid, since, age,
	    age == 1 ? "" : "s");
	eg_buf_str(b,
	    sheet ?
		"\nThe approval sheet is attached. Mark Accept or Reject, sign it as always and put it into the approvals folder.\n" :
		"\nYour approval sheet: erpgate sheet -o today.csv\n");
	eg_buf_printf(b,
	    "\nThis mail comes once a day as long as something waits. To end it: erpgate users grant %s --summary no\n",
	    m->u->name);
	mail_sign(m->s, b);
	eg_buf_done(&amount);
}

static int
sheet_for(struct site *s, const char *user, struct eg_buf *ret, struct eg_err *err)
{
	struct sheet_filter mine = { .user = user };
	unsigned rows;
	char id[16];
	int rc;

	if (!conf_bool(&s->conf, "mail.attach_sheet"))
		return EG_OK;
	rc = sheet_write(s, SHEET_CSV, &mine, ret, &rows, id, err);
	if (ret->len > ATTACHED_MOST)
		eg_buf_clear(ret);
	return rc;
}

struct daily {
	struct site *s;
	char day[EG_TZ_TEXT]; /* of the due time: part of what makes a mail one of this day */
};

static int
summary_send(const struct daily *d, const struct summary *m, struct eg_err *err)
{
	struct eg_buf text = EG_BUF_INIT, sheet = EG_BUF_INIT;
	char *once = eg_xprintf("summary/%s/%s", m->u->name, d->day),
	     *subject =
		 eg_xprintf("erpgate: %u item%s for you (site %s)", m->n, m->n == 1 ? " waits" : "s wait", d->s->name);
	int rc = sheet_for(d->s, m->u->name, &sheet, err);

	summary_text(m, sheet.len > 0, &text);
	if (rc == EG_OK) {
		struct mail_new mail = { .kind = "summary",
			.once = once,
			.to = m->u->mail,
			.subject = subject,
			.text = eg_buf_cstr(&text),
			.sheet = eg_buf_view(&sheet) };
		rc = mail_queue(d->s, &mail, NULL, err);
	}
	eg_buf_done(&sheet);
	eg_buf_done(&text);
	free(subject);
	free(once);
	return rc;
}

static int
summary_for(void *ctx, const struct user *u, struct eg_err *err)
{
	const struct daily *d = ctx;
	struct summary m = { .s = d->s, .u = u, .amount = { 0, 2 } };
	struct item_filter every = { 0 };
	int rc;

	for (int t = 0; t < REC_NTYPES; t++)
		m.by_type[t].amount = (struct eg_dec){ 0, 2 };
	rc = item_each(d->s->store, &every, sum_each, &m, err);
	if (rc == EG_OK && m.n > 0)
		rc = summary_send(d, &m, err);
	free(m.oldest_iid);
	return rc;
}

/* ---- exported, and no answer ---- */

struct unanswered {
	struct site *s;
	struct eg_buf list;
	int64_t before;
	unsigned n;
};

static int
unanswered_each(void *ctx, const struct item *it, struct eg_err *err)
{
	struct unanswered *u = ctx;
	char since[EG_TZ_TEXT];

	(void)err;
	if (it->updated > u->before)
		return EG_OK;
	if (u->n++ < LISTED) {
		eg_tz_print(u->s->zone, it->updated, since);
		eg_buf_printf(&u->list, "  %s   %s%s%s   exported %s\n", it->iid, it->amount == NULL ? "" : it->amount,
		    it->amount == NULL ? "" : " ", it->amount == NULL ? "" : conf_text(&u->s->conf, "currency"), since);
	}
	return EG_OK;
}

static int
unanswered_send(const struct daily *d, struct unanswered *u, struct eg_err *err)
{
	struct eg_buf text = EG_BUF_INIT;
	char *once = eg_xprintf("unanswered/%s", d->day),
	     *subject = eg_xprintf(
		 "erpgate: %u exported item%s no answer (site %s)", u->n, u->n == 1 ? " has" : "s have", d->s->name);

	eg_buf_printf(&text, "%s has not answered for these items for longer than %s (mail.unanswered_after):\n\n",
	    d->s->erp, conf_text(&d->s->conf, "mail.unanswered_after"));
	eg_buf_add(&text, eg_buf_view(&u->list));
	if (u->n > LISTED)
		eg_buf_printf(&text, "  and %u more: erpgate queue --state exported\n", u->n - LISTED);
	eg_buf_str(&text,
	    "\nWas the import file taken? Its result file belongs into the drop folder; without one, say it by hand:\n"
	    "erpgate show ITEM names the batch, erpgate ack BATCH answers for all of it.\n");
	mail_sign(d->s, &text);
	struct mail_new mail = { .kind = "unanswered", .once = once, .subject = subject, .text = eg_buf_cstr(&text) };
	int rc = mail_queue_all(d->s, conf_text(&d->s->conf, "mail.admins"), &mail, err);
	eg_buf_done(&text);
	free(subject);
	free(once);
	return rc;
}

static int
unanswered(const struct daily *d, struct eg_err *err)
{
	int64_t after = conf_int(&d->s->conf, "mail.unanswered_after");
	struct unanswered u = { .s = d->s, .before = site_now(d->s) - after };
	struct item_filter exported = { .states = 1U << ST_EXPORTED };
	int rc = after > 0 ? item_each(d->s->store, &exported, unanswered_each, &u, err) : EG_OK;

	if (rc == EG_OK && u.n > 0)
		rc = unanswered_send(d, &u, err);
	eg_buf_done(&u.list);
	return rc;
}

/* ---- both ---- */

int
mail_daily(struct site *s, struct eg_err *err)
{
	struct daily d = { .s = s };
	int64_t last, next, served = 0;
	char *v;
	int rc = served_get(s, &served, err);

	due_times(s, &last, &next);
	if (rc < 0 || served == last)
		return rc;
	eg_tz_print(s->zone, last, d.day);
	/* Mail was just switched on, or the clock went back: from the next time on. */
	bool due = served > 0 && served < last;
	if (due && conf_bool(&s->conf, "mail.summary"))
		rc = mail_approvers(s, summary_for, &d, err);
	if (rc == EG_OK && due)
		rc = unanswered(&d, err);
	if (rc == EG_OK && due)
		rc = mail_head(s, d.day, err);
	v = eg_xprintf("%" PRId64, last);
	if (rc == EG_OK)
		rc = store_meta_set(s->store, SERVED, v, err);
	free(v);
	return rc;
}
