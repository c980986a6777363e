/* SPDX-License-Identifier: MIT
 *
 * What an expected file's absence says, and to whom: log entry, finding, one mail.
 */
#include "gateway/expect.h"

#include "gateway/mail/mail.h"

#include <jansson.h>

static int
finding(struct site *s, const struct expect *e, const struct expect_told *t, struct eg_err *err)
{
	struct finding f = { .run = s->run,
		.drop = t->drop,
		.source = e->source,
		.file = t->about,
		.line = t->line,
		.code = t->code,
		.severity = ADP_WARN,
		.item = "",
		.field = "",
		.value = "",
		.message = t->message };

	return store_finding_add(s->store, &f, err);
}

static int
mail(struct site *s, const struct expect *e, const struct expect_told *t, struct eg_err *err)
{
	struct eg_buf text = EG_BUF_INIT;
	char *subject = eg_xprintf("erpgate: %s: %s (site %s)", e->name, t->event, s->name);
	struct mail_new m = { .kind = "expected", .once = t->once, .subject = subject };

	eg_buf_printf(&text, "%s\n\nAll expected files and how they stand: erpgate expect\n", t->message);
	mail_sign(s, &text);
	m.text = eg_buf_cstr(&text);
	int rc = mail_queue_all(s, *e->mail == '\0' ? conf_text(&s->conf, "mail.admins") : e->mail, &m, err);
	eg_buf_done(&text);
	free(subject);
	return rc;
}

int
expect_tell(struct site *s, const struct expect *e, const struct expect_told *t, json_t *detail, struct eg_err *err)
{
	char *text = json_dumps(detail, JSON_COMPACT);
	int rc = site_log(s, t->event, e->name, text, err);

	free(text);
	json_decref(detail);
	if (rc == EG_OK && t->code != NULL)
		rc = finding(s, e, t, err);
	return rc == EG_OK && t->once != NULL && mail_on(&s->conf) ? mail(s, e, t, err) : rc;
}
