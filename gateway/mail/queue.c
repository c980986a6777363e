/* SPDX-License-Identifier: MIT
 *
 * Queueing: a mail is rendered when it is queued, so that it says what was true then. Who the users are that mails go to.
 */
#include "gateway/mail/address.h"
#include "gateway/mail/mail.h"
#include "gateway/mail/message.h"
#include "gateway/workflow/period.h"

bool
mail_on(const struct conf *c)
{
	return *conf_text(c, "mail.from") != '\0';
}

/* mail.from is checked as a list; the first one sends. */
static char *
sender(const struct conf *c)
{
	struct eg_bytes rest = eg_bytes_str(conf_text(c, "mail.from")), first = EG_NONE;

	(void)eg_bytes_cut(&rest, ',', &first);
	return eg_xdup(eg_bytes_trim(first));
}

/* Unique among the sites that send from one host: "erpgate.North-yard.M000012.1780000000". */
static char *
message_id(const struct site *s, const char *id, int64_t at)
{
	char *text = eg_xprintf("erpgate.%.60s.%s.%lld", s->name, id, (long long)at);

	for (char *p = text; *p != '\0'; p++) {
		unsigned char low = (unsigned char)*p | 0x20;
		if (!(low >= 'a' && low <= 'z') && !(*p >= '0' && *p <= '9') && *p != '.')
			*p = '-';
	}
	return text;
}

void
mail_text(struct site *s, const struct mail_new *m, const char *id, struct eg_buf *ret)
{
	char *from = sender(&s->conf), *mid = message_id(s, id, site_now(s)), *name = eg_xprintf("erpgate %s", s->name);
	struct mail_message out = { .from = from,
		.from_name = name,
		.to = m->to,
		.subject = m->subject,
		.text = m->text,
		.id = mid,
		.date = site_now(s),
		.attached = m->sheet.len == 0     ? NULL :
		            m->sheet_name != NULL ? m->sheet_name :
		                                    "approval-sheet.csv",
		.attachment = m->sheet };

	mail_render(&out, ret);
	free(name);
	free(mid);
	free(from);
}

int
mail_queue(struct site *s, const struct mail_new *m, char ret_id[16], struct eg_err *err)
{
	struct eg_buf text = EG_BUF_INIT;
	char id[16];
	int rc;

	if (!mail_address_good(eg_bytes_str(m->to)))
		return EG_OK;
	rc = store_next_id(s->store, 'M', id, err);
	if (rc < 0)
		return rc;
	mail_text(s, m, id, &text);
	struct mail_row row = { .id = id,
		.once = m->once,
		.kind = m->kind,
		.recipient = m->to,
		.subject = m->subject,
		.message = eg_buf_cstr(&text),
		.state = "queued",
		.said = "",
		.queued = site_now(s),
		.next = site_now(s) };
	rc = mail_add(s->store, &row, err);
	if (rc == EG_OK && ret_id != NULL)
		memcpy(ret_id, id, sizeof(id));
	eg_buf_done(&text);
	return rc;
}

int
mail_queue_all(struct site *s, const char *list, const struct mail_new *m, struct eg_err *err)
{
	struct eg_bytes rest = eg_bytes_str(list), part;
	int rc = EG_OK;

	while (rc == EG_OK && rest.len > 0 && eg_bytes_cut(&rest, ',', &part)) {
		struct mail_new one = *m;
		char *to = eg_xdup(eg_bytes_trim(part)), *once = eg_xprintf("%s/%s", m->once, to);
		one.to = to;
		one.once = once;
		rc = mail_queue(s, &one, NULL, err);
		free(once);
		free(to);
	}
	return rc;
}

void
mail_sign(struct site *s, struct eg_buf *text)
{
	eg_buf_printf(text,
	    "\n-- \nerpgate, site %s. This mail was written by a program; answers to it are not read.\n", s->name);
}

/* ---- users ---- */

struct approvers {
	mail_user_fn *each;
	void *ctx;
};

static int
approver(void *ctx, const struct user *u, struct eg_err *err)
{
	struct approvers *a = ctx;

	if (!u->active || u->summary_opt_out || u->mail == NULL || !mail_address_good(eg_bytes_str(u->mail)))
		return EG_OK;
	return a->each(a->ctx, u, err);
}

int
mail_approvers(struct site *s, mail_user_fn *each, void *ctx, struct eg_err *err)
{
	struct approvers a = { each, ctx };

	return user_each(s->store, approver, &a, err);
}

/* What is held waits for something else, unless a period was closed over its decision. */
int
mail_waits_for(struct site *s, const struct item *it, const char *user, bool *ret, struct eg_err *err)
{
	struct eg_err why;
	bool again = false;
	int rc = period_undecided(s, it, &again, err);

	*ret = false;
	if (rc < 0 || (it->type->cls != RC_TO_ERP && it->type->cls != RC_FROM_ERP))
		return rc;
	bool waits = state_open(it->state) && it->state != ST_HELD && it->accepted == 0;
	/* Prime contracts leave without a decision. */
	if ((!waits && !again && it->state != ST_FAILED) || it->type->id == REC_PRIME)
		return EG_OK;
	rc = rights_check(s, user, it, "accept", &why);
	*ret = rc == EG_OK;
	if (rc != EG_OK && rc != EG_BADREC) {
		*err = why;
		return rc;
	}
	return EG_OK;
}
