/* SPDX-License-Identifier: MIT
 *
 * mail: what left and what waits, and one mail to try the settings. Texts are not kept behind their leaving, so none are shown.
 */
#include "gateway/mail/mail.h"
#include "gateway/cli/cli.h"
#include "gateway/mail/address.h"
#include "gateway/workflow/actions.h"

struct listing {
	struct cli *c;
	struct cli_table *t;
};

static json_t *
time_json(int64_t at)
{
	char text[EG_TIME_TEXT];

	if (at == 0)
		return json_null();
	eg_time_print(text, at);
	return json_string(text);
}

static int
list_each(void *ctx, const struct mail_row *m, struct eg_err *err)
{
	struct listing *l = ctx;
	bool queued = strcmp(m->state, "queued") == 0;
	char when[EG_TIME_TEXT], tries[24];

	(void)err;
	if (l->t == NULL) {
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:I,s:o,s:o,s:o,s:s}", "type", "mail", "id", m->id, "kind",
		    m->kind, "to", m->recipient, "subject", m->subject, "state", m->state, "attempts",
		    (json_int_t)m->attempts, "queued", time_json(m->queued), "next", time_json(queued ? m->next : 0),
		    "ended", time_json(m->ended), "said", m->said));
		return EG_OK;
	}
	eg_time_print(when, queued ? m->next : m->ended);
	(void)snprintf(tries, sizeof(tries), "%lld", (long long)m->attempts);
	const char *cells[] = { m->id, m->kind, m->recipient, m->subject, m->state, when, tries, m->said };
	cli_table_row(l->t, cells);
	return EG_OK;
}

static int
list(struct cli *c)
{
	static const char *const titles[] = { "MAIL", "KIND", "TO", "SUBJECT", "STATE", "NEXT, ENDED", "TRIES",
		"SAID" };
	struct listing l = { c, NULL };
	uint64_t limit = 50;
	struct eg_err err;
	struct site s;
	int code;

	if (cli_has(c, O_LIMIT) && (!eg_bytes_to_u64(eg_bytes_str(c->opt[O_LIMIT]), &limit) || limit > 1000000))
		return cli_usage(c, "--limit is \"%s\"; write a number of mails, 0 for all", c->opt[O_LIMIT]);
	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	if (!cli_has(c, O_JSON))
		l.t = cli_table_new(titles, 8, CLI_COL(6));
	int rc = action_allowed(&s, ACTION_LOOK, NULL, &err);
	if (rc == EG_OK)
		rc = mail_each(s.store, (unsigned)limit, list_each, &l, &err);
	if (l.t != NULL)
		cli_table_print(l.t); /* frees it, too */
	if (rc == EG_OK && l.t != NULL && !mail_on(&s.conf))
		(void)printf("Mail is off: erpgate config set mail.from ADDRESS\n");
	site_close(&s);
	return rc < 0 ? cli_fail(c, &err) : CLI_OK;
}

static int
test(struct cli *c)
{
	struct mail_new m = { .kind = "test", .once = "", .to = c->argv[1] };
	struct eg_buf text = EG_BUF_INIT;
	struct eg_err err;
	struct site s;
	int code, rc;

	if (!mail_address_good(eg_bytes_str(m.to)))
		return cli_usage(c, "\"%s\" is no mail address such as ann@example.com", m.to);
	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	char *subject = eg_xprintf("erpgate: a mail to try the settings (site %s)", s.name);
	m.subject = subject;
	eg_buf_str(&text, "This mail came by erpgate mail test. The settings of mail work.\n");
	mail_sign(&s, &text);
	m.text = eg_buf_cstr(&text);
	rc = action_allowed(&s, ACTION_SETTINGS, NULL, &err);
	if (rc == EG_OK && !mail_on(&s.conf))
		rc = eg_fail(&err, EG_BADREC, "MAIL-OFF",
		    "mail is off: mail.from is empty. Say who sends it: erpgate config set mail.from erpgate@example.com");
	if (rc == EG_OK)
		rc = mail_send_now(&s, &m, &err);
	if (rc == EG_OK && !cli_has(c, O_QUIET))
		(void)fprintf(stderr, "%s took the mail to %s. Whether it arrives is the mail system's to say.\n",
		    conf_text(&s.conf, "mail.sendmail"), m.to);
	eg_buf_done(&text);
	free(subject);
	site_close(&s);
	return rc < 0 ? cli_fail(c, &err) : CLI_OK;
}

int
cmd_mail(struct cli *c)
{
	if (strcmp(c->argv[0], "list") == 0 && c->argc == 1)
		return list(c);
	if (strcmp(c->argv[0], "test") == 0 && c->argc == 2)
		return test(c);
	return cli_usage(c, "write mail list, or mail test ADDRESS");
}
