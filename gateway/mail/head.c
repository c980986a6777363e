/* SPDX-License-Identifier: MIT
 *
 * The head of the log, once a day, to those of audit.mail: what somebody outside keeps, so that nobody inside can rewrite what is older. The mail has the signed head in its text and as a
 * file, and says how it is used. A log without a head yet is not told.
 */
#include "base/fs.h"
#include "gateway/mail/mail.h"

#include <jansson.h>

#define HEAD_MAX 4096U
#define FILE_NAME "log-head.txt"

static void
head_text(struct site *s, const struct eg_buf *head, const char *entries, struct eg_buf *text)
{
	eg_buf_printf(text,
	    "This is the signed head of erpgate's log for the site %s: %s entries. Keep this mail where nobody who runs erpgate can change it.\n\n",
	    s->name, entries);
	eg_buf_add(text, eg_buf_view(head));
	eg_buf_printf(text,
	    "\nThe same lines are attached as %s. With one such file, months later, anybody who has the archive can see whether the log was changed or "
	    "put back since:\n\n"
	    "  erpgate audit verify --since %s\n\n"
	    "It answers \"since good\" when today's log continues this head, V-06 when an older log was put back, and V-07 when what is older than this "
	    "mail was rewritten. You need one old mail for that, not all of them.\n",
	    FILE_NAME, FILE_NAME);
	mail_sign(s, text);
}

static int
log_mailed(struct site *s, const struct eg_buf *head, const char *entries, const char *to, struct eg_err *err)
{
	char sha[EG_SHA256_HEX];

	eg_sha256_hex_of(eg_buf_view(head), sha);
	json_t *j = json_pack("{s:s,s:s,s:s}", "entries", entries, "sha256", sha, "to", to);
	eg_check(j != NULL);
	char *detail = json_dumps(j, JSON_COMPACT);
	int rc = site_log(s, "head-mailed", entries, detail, err);

	free(detail);
	json_decref(j);
	return rc;
}

static int
queue_head(struct site *s, const char *day, const struct eg_buf *head, struct eg_err *err)
{
	struct eg_bytes rest = eg_buf_view(head), line = EG_NONE;
	struct eg_buf text = EG_BUF_INIT;
	const char *to = conf_text(&s->conf, "audit.mail");

	(void)(eg_bytes_cut(&rest, '\n', &line) && eg_bytes_cut(&rest, '\n', &line));
	char *entries = eg_xdup(line), *once = eg_xprintf("head/%s", day),
	     *subject = eg_xprintf("erpgate: head of the log, %s entries (site %s)", entries, s->name);
	head_text(s, head, entries, &text);
	struct mail_new mail = { .kind = "head",
		.once = once,
		.subject = subject,
		.text = eg_buf_cstr(&text),
		.sheet = eg_buf_view(head),
		.sheet_name = FILE_NAME };
	int rc = mail_queue_all(s, to, &mail, err);
	if (rc == EG_OK)
		rc = log_mailed(s, head, entries, to, err);
	eg_buf_done(&text);
	free(entries);
	free(once);
	free(subject);
	return rc;
}

int
mail_head(struct site *s, const char *day, struct eg_err *err)
{
	struct eg_buf head = EG_BUF_INIT;
	int rc = EG_OK;

	if (*conf_text(&s->conf, "audit.mail") != '\0' && eg_fs_exists(s->spool.archive, "log/checkpoint")) {
		rc = eg_fs_read_file(s->spool.archive, "log/checkpoint", HEAD_MAX, &head, err);
		if (rc >= 0)
			rc = queue_head(s, day, &head, err);
	}
	eg_buf_done(&head);
	return rc < 0 ? rc : EG_OK;
}
