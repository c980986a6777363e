/* SPDX-License-Identifier: MIT
 *
 * Mail: who is told what and how often, and programs in sendmail's place that store what they get, refuse it, hang and die.
 * The clock is moved by the test; only the program that hangs costs real time (mail.timeout = 1s).
 */
#include "gate_kit.h"

#include "gateway/mail/mail.h"

#define INVOICE_OF_TEST "invoice/P1/C1/I1"

/* ---- a site that sends ---- */

static int64_t clock_now;

static int64_t
moving_clock(void *ctx)
{
	(void)ctx;
	return clock_now;
}

static void
at(const char *when)
{
	assert_true(eg_time_parse(eg_bytes_str(when), &clock_now));
}

static void
put_user(struct kit *k, const char *name, const char *types, const char *mail, bool opt_out)
{
	struct user u = { .name = name,
		.role = ROLE_STANDARD,
		.active = true,
		.types = types,
		.added = 1,
		.mail = mail,
		.summary_opt_out = opt_out };

	kit_good(k, user_put(k->s.store, &u, &k->err));
}

/* Runs a shell script in sendmail's place; $OUT is a folder. */
static char *
mailer(struct kit *k, const char *script)
{
	char *text = eg_xprintf("#!/bin/sh\nOUT=%s/mails\n%s\n", k->dir, script);
	int dir = -1;

	kit_good(k, eg_fs_mkdirs(k->s.dir, "mails", 0755, &k->err));
	kit_good(k, eg_fs_opendir(k->s.dir, ".", &dir, &k->err));
	kit_good(k, eg_fs_write_file(dir, "mailer", eg_bytes_str(text), 0755, true, &k->err));
	eg_fd_done(&dir);
	free(text);
	return eg_xprintf("%s/mailer", k->dir);
}

#define STORES "n=$(ls \"$OUT\" | wc -l)\ncat >\"$OUT/mail.$n\"\necho \"$#:$*\" >>\"$OUT.args\""

static void
gather(struct kit *k)
{
	gate_begin(k);
	kit_good(k, store_run_begin(k->s.store, "run", clock_now, &k->s.run, &k->err));
	gate_commit(k);
	gate_begin(k);
	kit_good(k, mail_gather(&k->s, &k->err));
	gate_commit(k);
}

/* settings: beside those of mail. The mailer of the site is `script`. The first look is done: what comes now is news. */
static struct kit *
mailing(const char *settings, const char *script)
{
	struct kit *k = gate_open("cmic", "");
	char *path = mailer(k, script),
	     *text = eg_xprintf(
		 "erp = cmic\nsite.name = " GATE_SITE "\nmail.from = erpgate@example.com\nmail.sendmail = %s\n"
		 "mail.admins = root@example.com, ops@example.com\nsource.procore.mail = pm@example.com\n"
		 "mail.timeout = 1s\nbusiness.timezone = America/New_York\n%s",
		 path, settings);
	int dir = -1;

	kit_good(k, eg_fs_opendir(k->s.dir, ".", &dir, &k->err));
	kit_good(k, eg_fs_write_file(dir, "erpgate.conf", eg_bytes_str(text), 0600, true, &k->err));
	eg_fd_done(&dir);
	gate_reopen(k);
	k->s.now = moving_clock;
	at("2026-05-26T15:00:00Z");
	gate_begin(k);
	put_user(k, "ann", "invoice,vendor", "ann@example.com", false);
	put_user(k, "bob", "all", NULL, false);
	put_user(k, "cid", "all", "cid@example.com", true);
	put_user(k, "dan", "budget", "dan@example.com", false);
	kit_drop(k, "procore", "all.csv");
	kit_give(k, ADP_TAKEN, "vendor", 2, "vendor.pm_id=1;vendor.name=One", NULL);
	kit_give(k, ADP_TAKEN, "project", 5, "project.number=P1;project.name=A", NULL);
	kit_give(k, ADP_TAKEN, "commitment", 6,
	    "project.number=P1;commitment.number=C1;vendor.pm_id=1;commitment.type=subcontract;commitment.title=Steel",
	    "line.position=1;line.cost_code=01-1000;line.cost_type=S;line.amount=100.00");
	kit_give(k, ADP_TAKEN, "invoice", 7,
	    "project.number=P1;commitment.number=C1;invoice.invoice_number=I1;invoice.number=1;invoice.billing_date=2026-01-31",
	    "line.position=1;line.kind=contract;line.commitment_line=1;line.work_completed_this_period=1234.50");
	kit_give(k, ADP_TAKEN, "vendor", 8, "vendor.pm_id=2;vendor.name=Two", NULL);
	kit_settle(k, false);
	kit_set(k, "vendor/1", ST_SYNCED, "V1", -1);
	kit_set(k, "project/P1", ST_SYNCED, "J1", -1);
	kit_set(k, "commitment/P1/C1", ST_SYNCED, "C1", 1);
	kit_settle(k, false);
	gate_commit(k);
	gather(k);
	free(text);
	free(path);
	return k;
}

static int
add_row(void *ctx, const struct mail_row *m, struct eg_err *err)
{
	struct kit *k = ctx;

	(void)err;
	eg_buf_printf(&k->out, "%s to %s: %s\n", m->kind, m->recipient, m->subject);
	return EG_OK;
}

/* "kind to address: subject" of every mail so far. */
static const char *
mails(struct kit *k)
{
	eg_buf_clear(&k->out);
	kit_good(k, mail_each(k->s.store, 0, add_row, k, &k->err));
	return eg_buf_cstr(&k->out);
}

static unsigned
count(struct kit *k)
{
	unsigned n = 0;

	for (const char *p = mails(k); *p != '\0'; p++)
		n += *p == '\n';
	return n;
}

static unsigned
hex(unsigned char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'A' + 10);
}

/* Body of the oldest queued mail, quoted-printable undone. */
static const char *
body(struct kit *k)
{
	struct mail_row m;

	kit_good(k, mail_first(k->s.store, &k->a, &m, &k->err));
	const char *p = strstr(m.message, "\n\n");
	assert_non_null(p);
	eg_buf_clear(&k->out);
	for (p += 2; *p != '\0'; p++) {
		if (*p == '=' && p[1] == '\n')
			p++;
		else if (*p == '=') {
			eg_buf_chr(&k->out, (unsigned char)(hex((unsigned char)p[1]) << 4 | hex((unsigned char)p[2])));
			p += 2;
		} else
			eg_buf_chr(&k->out, (unsigned char)*p);
	}
	return eg_buf_cstr(&k->out);
}

static void
decide(struct kit *k, const char *item, const char *verdict, const char *comment)
{
	struct decide_by by = { .approver = "bob",
		.assurance = "command",
		.manifest = "P000001",
		.file = "sheet.csv",
		.any_content = true };
	struct decide_row row = { .row = 2,
		.item = item,
		.content = "",
		.verdict = verdict,
		.erp_id = "",
		.transaction_date = "",
		.accounting_date = "",
		.description = "",
		.comment = comment };
	struct decide_counts c = { 0 };

	gate_begin(k);
	kit_good(k, decide_rows(&k->s, &by, &row, 1, &c, &k->err));
	gate_commit(k);
	assert_int_equal(c.refused, 0);
}

#define SIGNED "\n-- \nerpgate, site " GATE_SITE ". This mail was written by a program; answers to it are not read.\n"

/* ---- kinds ---- */

static void
daily_summary(void **state)
{
	struct kit *k = mailing("", STORES);

	(void)state;
	assert_string_equal(mails(k), ""); /* switched on in the middle of the day: from tomorrow on */
	at("2026-05-27T10:59:59Z"); /* 06:59 in New York */
	gather(k);
	assert_string_equal(mails(k), "");
	at("2026-05-27T11:00:00Z");
	gather(k);
	assert_string_equal(
	    mails(k), "summary to ann@example.com: erpgate: 2 items wait for you (site " GATE_SITE ")\n");
	assert_string_equal(body(k),
	    "2 items wait for your decision, worth 1234.50 USD in all.\n"
	    "\n"
	    "  Vendor                                1\n"
	    "  Subcontractor invoice                 1              1234.50 USD\n"
	    "\n"
	    "The oldest is vendor/2: since 2026-05-26 (0 days).\n"
	    "\n"
	    "Your approval sheet: erpgate sheet -o today.csv\n"
	    "\n"
	    "This mail comes once a day as long as something waits. To end it: erpgate users grant ann --summary no\n" SIGNED);
	gather(k); /* once a day */
	at("2026-05-27T20:00:00Z");
	gather(k);
	assert_int_equal(count(k), 1);
	/* answered: no mail; what was missed for a week comes once */
	at("2026-06-03T20:00:00Z");
	gather(k);
	assert_int_equal(count(k), 2);
	decide(k, "vendor/2", "reject", "no");
	decide(k, INVOICE_OF_TEST, "reject", "no");
	at("2026-06-05T20:00:00Z");
	gather(k);
	assert_null(strstr(strstr(mails(k), "rejection"), "summary"));
	gate_close(k);
}

static void
the_sheet_comes_along(void **state)
{
	struct kit *k = mailing("mail.attach_sheet = yes\n", STORES);
	struct mail_row m;

	(void)state;
	at("2026-05-27T11:00:00Z");
	gather(k);
	kit_good(k, mail_first(k->s.store, &k->a, &m, &k->err));
	assert_non_null(strstr(m.message, "Content-Disposition: attachment; filename=\"approval-sheet.csv\""));
	/* "Decision,Comment,Item" */
	assert_non_null(strstr(m.message, "RGVjaXNpb24sQ29tbWVudCxJdGVt"));
	gate_close(k);
}

static int
count_heads(void *ctx, const struct log_row *r, struct eg_err *err)
{
	struct kit *k = ctx;

	(void)err;
	if (strcmp(r->event, "head-mailed") == 0)
		eg_buf_printf(&k->out, "%s %s\n", r->id, r->detail);
	return EG_OK;
}

/* Not before there is one; then once a day, and the log says so. */
static void
the_head_goes_to_the_auditor(void **state)
{
	struct kit *k = mailing("mail.summary = no\naudit.mail = ada@audit.example, ben@audit.example\n", STORES);
	struct mail_row m;
	int dir = -1;

	(void)state;
	at("2026-05-27T11:00:00Z");
	gather(k);
	assert_string_equal(mails(k), "");
	kit_good(k, eg_fs_mkdirs(k->s.spool.archive, "log", 0750, &k->err));
	kit_good(k, eg_fs_opendir(k->s.spool.archive, "log", &dir, &k->err));
	kit_good(k, eg_fs_write_file(dir, "checkpoint", EG_LIT("erpgate/site\n112\nROOT\n\n- erpgate/site SIG\n"), 0640,
			true, &k->err));
	eg_fd_done(&dir);
	for (int day = 28; day < 30; day++) {
		char *when = eg_xprintf("2026-05-%02dT11:00:00Z", day);
		at(when);
		free(when);
		gather(k);
		gather(k);
	}
	assert_int_equal(count(k), 4);
	kit_good(k, mail_first(k->s.store, &k->a, &m, &k->err));
	assert_string_equal(m.kind, "head");
	assert_string_equal(m.recipient, "ada@audit.example");
	assert_string_equal(m.subject, "erpgate: head of the log, 112 entries (site " GATE_SITE ")");
	assert_non_null(strstr(m.message, "\nerpgate/site\n112\nROOT\n\n- erpgate/site SIG\n"));
	assert_non_null(strstr(m.message, "Content-Type: text/plain; charset=UTF-8; name=\"log-head.txt\""));
	eg_buf_clear(&k->out);
	kit_good(k, store_log_each(k->s.store, NULL, 0, count_heads, k, &k->err));
	assert_non_null(strstr(eg_buf_cstr(&k->out), "112 {\"entries\":\"112\",\"sha256\":\""));
	assert_non_null(strstr(eg_buf_cstr(&k->out), "\"to\":\"ada@audit.example, ben@audit.example\"}\n112 "));
	gate_close(k);
}

static void
rejections(void **state)
{
	struct kit *k = mailing("", STORES);

	(void)state;
	decide(k, INVOICE_OF_TEST, "reject", "wrong month\nBcc: evil@example.com");
	at("2026-05-26T16:00:00Z");
	gather(k);
	assert_string_equal(mails(k),
	    "rejection to pm@example.com: erpgate: Subcontractor invoice I1 was rejected (site " GATE_SITE ")\n");
	assert_string_equal(body(k),
	    "Accounting will not take this:\n"
	    "\n"
	    "Subcontractor invoice I1, project P1, 1234.50 USD   (invoice/P1/C1/I1, from all.csv)\n"
	    "  Rejected by bob: wrong month\n"
	    "Bcc: evil@example.com\n"
	    "\n"
	    "Correct it where it comes from and send the file again. It then waits for a decision anew; what is unchanged has no effect.\n" SIGNED);
	gather(k); /* told once */
	decide(k, "vendor/2", "reject", "");
	gather(k);
	assert_string_equal(mails(k),
	    "rejection to pm@example.com: erpgate: Subcontractor invoice I1 was rejected (site " GATE_SITE ")\n"
	    "rejection to pm@example.com: erpgate: Vendor 2 was rejected (site " GATE_SITE ")\n");
	gate_close(k);
}

/* Projects and prime contract change orders have subjects of their own; everything else of one look is one mail. */
static void
rejections_by_kind(void **state)
{
	struct kit *k = mailing("", STORES);

	(void)state;
	gate_begin(k);
	kit_give(k, ADP_TAKEN, "project", 15, "project.number=P2;project.name=B", NULL);
	kit_give(k, ADP_TAKEN, "project", 16, "project.number=P3;project.name=C", NULL);
	gate_commit(k);
	decide(k, "project/P2", "reject", "closed");
	decide(k, "project/P3", "reject", "closed");
	decide(k, "vendor/2", "reject", "double");
	decide(k, INVOICE_OF_TEST, "reject", "double");
	gather(k);
	assert_string_equal(mails(k),
	    "rejection to pm@example.com: erpgate: 2 projects were rejected (site " GATE_SITE ")\n"
	    "rejection to pm@example.com: erpgate: 2 items were rejected (site " GATE_SITE ")\n");
	gate_close(k);
}

/* Refused by a reference rule: the finding is the reason. A record that was refused on the way in made no item and is told with its file. */
static void
rejections_by_rule(void **state)
{
	struct kit *k = mailing("", STORES);
	struct finding f = { .source = "procore",
		.file = "all.csv",
		.line = 7,
		.code = "E-38",
		.severity = 'R',
		.item = INVOICE_OF_TEST,
		.field = "",
		.value = "",
		.message = "Line 1 does not exist." };

	(void)state;
	gate_begin(k);
	kit_good(k, store_run_begin(k->s.store, "run", clock_now, &k->s.run, &k->err));
	kit_set(k, INVOICE_OF_TEST, ST_REJECTED, NULL, -1);
	f.run = k->s.run;
	f.drop = k->at.drop;
	kit_good(k, store_finding_add(k->s.store, &f, &k->err));
	gate_commit(k);
	gather(k); /* the next run: a crash lay between */
	assert_string_equal(mails(k),
	    "rejection to pm@example.com: erpgate: Subcontractor invoice I1 was rejected (site " GATE_SITE ")\n");
	assert_non_null(strstr(body(k), "  E-38: Line 1 does not exist.\n"));
	gate_close(k);
}

static void
refused_files(void **state)
{
	struct kit *k = mailing("", STORES);
	struct finding f = { .source = "procore",
		.file = "costs.csv",
		.line = 4,
		.code = "F-21",
		.severity = 'R',
		.item = "",
		.field = "Amount",
		.value = "secret",
		.message = "Not an amount." };

	(void)state;
	gate_begin(k);
	kit_drop(k, "procore", "costs.csv");
	f.drop = k->at.drop;
	f.run = k->s.run;
	kit_good(k, store_finding_add(k->s.store, &f, &k->err));
	kit_good(k, site_log(&k->s, "converted", k->at.drop, "{\"verdict\":\"partial\",\"records\":9,\"rejected\":1}",
			&k->err));
	kit_drop(k, "procore", "odd\nname.csv");
	kit_good(k,
	    site_log(&k->s, "refused", k->at.drop, "{\"verdict\":\"refused\",\"records\":0,\"rejected\":0}", &k->err));
	kit_drop(k, "cmic", "nobody-to-tell.csv");
	kit_good(k,
	    site_log(&k->s, "refused", k->at.drop, "{\"verdict\":\"refused\",\"records\":0,\"rejected\":0}", &k->err));
	kit_drop(k, "procore", "good.csv");
	kit_good(k, site_log(&k->s, "converted", k->at.drop, "{\"verdict\":\"accepted\",\"records\":9,\"rejected\":0}",
			&k->err));
	gate_commit(k);
	gather(k);
	assert_string_equal(mails(k),
	    "file to pm@example.com: erpgate: 1 record of costs.csv was not taken (site " GATE_SITE ")\n"
	    "file to pm@example.com: erpgate: odd\nname.csv was refused (site " GATE_SITE ")\n");
	const char *text = body(k);
	assert_non_null(strstr(text, "Everything in it that is not named here was taken.\n\n"
				     "  costs.csv line 4, Amount   F-21: Not an amount.\n"));
	assert_null(strstr(text, "secret"));
	gate_close(k);
}

static void
unanswered(void **state)
{
	struct kit *k = mailing("mail.summary = no\n", STORES);
	struct item it = kit_item(k, INVOICE_OF_TEST);

	(void)state;
	it.state = ST_EXPORTED;
	gate_begin(k);
	kit_good(k, item_save(k->s.store, &it, clock_now, &k->err));
	gate_commit(k);
	at("2026-05-29T12:00:00Z"); /* 2 days 21 hours */
	gather(k);
	assert_string_equal(mails(k), "");
	at("2026-05-30T12:00:00Z");
	gather(k);
	assert_string_equal(mails(k),
	    "unanswered to root@example.com: erpgate: 1 exported item has no answer (site " GATE_SITE ")\n"
	    "unanswered to ops@example.com: erpgate: 1 exported item has no answer (site " GATE_SITE ")\n");
	assert_non_null(strstr(body(k), "  invoice/P1/C1/I1   1234.50 USD   exported 2026-05-26 11:00\n"));
	gate_close(k);
}

static void
failed_runs(void **state)
{
	struct kit *k = mailing("", STORES);
	struct eg_err why;

	(void)state;
	assert_int_equal(eg_fail(&why, EG_RETRY, "DISK-FULL", "no room in spool/work"), EG_RETRY);
	mail_failed_run(&k->s, &why);
	mail_failed_run(&k->s, &why); /* each minute of the night, one mail */
	assert_string_equal(mails(k),
	    "run to root@example.com: erpgate: a run failed, DISK-FULL (site " GATE_SITE ")\n"
	    "run to ops@example.com: erpgate: a run failed, DISK-FULL (site " GATE_SITE ")\n");
	assert_non_null(strstr(
	    body(k), "The turn of 2026-05-26 11:00 America/New_York failed:\n\n  no room in spool/work (DISK-FULL)\n"));
	gate_close(k);
}

static void
nudges_only_when_set(void **state)
{
	(void)state;
	for (int on = 0; on < 2; on++) {
		struct kit *k = mailing(on ? "mail.nudge = yes\n" : "", STORES);
		gate_begin(k);
		kit_good(k, store_run_begin(k->s.store, "run", clock_now, &k->s.run, &k->err));
		kit_give(k, ADP_TAKEN, "vendor", 8, "vendor.pm_id=2;vendor.name=Two again", NULL);
		kit_settle(k, false);
		gate_commit(k);
		gather(k);
		assert_string_equal(
		    mails(k), on ? "nudge to ann@example.com: erpgate: 1 item came again (site " GATE_SITE ")\n" : "");
		gather(k);
		assert_int_equal(count(k), on);
		gate_close(k);
	}
}

static void
switches(void **state)
{
	struct kit *k =
	    mailing("mail.rejections = no\nmail.refused_files = no\nmail.failed_runs = no\nmail.summary = no\n"
		    "mail.unanswered_after = 0s\n",
		STORES);
	struct eg_err why;

	(void)state;
	decide(k, "vendor/2", "reject", "no");
	gate_begin(k);
	kit_drop(k, "procore", "bad.csv");
	kit_good(k, site_log(&k->s, "refused", k->at.drop, "{\"rejected\":0}", &k->err));
	gate_commit(k);
	(void)eg_fail(&why, EG_RETRY, "DISK-FULL", "no room");
	mail_failed_run(&k->s, &why);
	at("2026-06-26T16:00:00Z");
	gather(k);
	assert_string_equal(mails(k), "");
	gate_close(k);
}

/* ---- leaving ---- */

static struct mail_row
row(struct kit *k, const char *id)
{
	struct mail_row m = { 0 };

	kit_good(k, mail_get(k->s.store, id, &k->a, &m, &k->err));
	return m;
}

static const char *
file(struct kit *k, const char *name)
{
	eg_buf_clear(&k->out);
	kit_good(k, eg_fs_read_file(k->s.dir, name, 1 << 20, &k->out, &k->err));
	return eg_buf_cstr(&k->out);
}

static void
queue_one(struct kit *k, const char *once)
{
	struct mail_new m = {
		.kind = "run", .once = once, .to = "root@example.com", .subject = "s", .text = "hello\n"
	};

	gate_begin(k);
	kit_good(k, mail_queue(&k->s, &m, NULL, &k->err));
	gate_commit(k);
}

static void
post(struct kit *k, unsigned sent, unsigned failed)
{
	unsigned s = 0, f = 0;

	kit_good(k, mail_post_all(&k->s, &s, &f, &k->err));
	assert_int_equal(s, sent);
	assert_int_equal(f, failed);
}

static void
a_mail_leaves_once(void **state)
{
	struct kit *k = mailing("", STORES);

	(void)state;
	queue_one(k, "a");
	queue_one(k, "a"); /* the same thing */
	queue_one(k, "b");
	post(k, 2, 0);
	post(k, 0, 0);
	assert_string_equal(row(k, "M000001").state, "sent");
	assert_string_equal(row(k, "M000001").message, ""); /* texts are not kept */
	assert_string_equal(file(k, "mails.args"), "2:-t -i\n2:-t -i\n");
	assert_non_null(strstr(file(k, "mails/mail.0"), "To: <root@example.com>\nSubject: s\n"));
	assert_non_null(strstr(file(k, "mails/mail.0"), "\n\nhello\n"));
	assert_false(eg_fs_exists(k->s.dir, "mails/mail.2"));
	gate_close(k);
}

static int
count_log(void *ctx, const struct log_row *r, struct eg_err *err)
{
	struct kit *k = ctx;

	(void)err;
	if (strncmp(r->event, "mail-", 5) == 0)
		eg_buf_printf(&k->out, "%s %s\n", r->event, r->detail);
	return EG_OK;
}

static const char *
mail_log(struct kit *k)
{
	eg_buf_clear(&k->out);
	kit_good(k, store_log_each(k->s.store, NULL, 0, count_log, k, &k->err));
	return eg_buf_cstr(&k->out);
}

static void
a_refusal_is_tried_again_and_given_up(void **state)
{
	struct kit *k = mailing("", "echo 'no route to \033host' >&2; exit 75");
	struct mail_row m;

	(void)state;
	queue_one(k, "a");
	queue_one(k, "b");
	post(k, 0, 1); /* the second one is not even tried: the program is sick */
	m = row(k, "M000001");
	assert_string_equal(m.state, "queued");
	assert_string_equal(m.said, "sendmail refused it (status 75): no route to \\x1bhost");
	assert_int_equal(m.next - clock_now, 300);
	assert_string_equal(mail_log(k), "mail-failed {\"kind\":\"run\",\"attempt\":1}\n");
	clock_now += 300;
	post(k, 0, 1); /* the second one's turn */
	post(k, 0, 1);
	assert_int_equal(row(k, "M000001").attempts, 2);
	assert_int_equal(row(k, "M000001").next - clock_now, 600);
	for (int i = 0; i < 10; i++) {
		clock_now += 4 * 3600;
		post(k, 0, 1);
		post(k, 0, 1);
	}
	assert_int_equal(row(k, "M000001").next - clock_now, 4 * 3600);
	clock_now += 5 * 86400;
	post(k, 0, 1);
	post(k, 0, 1);
	assert_string_equal(row(k, "M000001").state, "given-up");
	assert_non_null(strstr(mail_log(k), "mail-given-up {\"kind\":\"run\",\"attempt\":13}\n"));
	post(k, 0, 0);
	gate_close(k);
}

static void
a_program_that_hangs_or_dies(void **state)
{
	static const struct {
		const char *script, *said;
	} rows[] = {
		{ "echo waiting; exec sleep 600", "sendmail did not end within mail.timeout and was stopped: waiting" },
		{ "kill -SEGV $$", "sendmail died (signal 11)" },
		{ "exit 1", "sendmail refused it (status 1)" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct kit *k = mailing("", rows[i].script);
		queue_one(k, "a");
		post(k, 0, 1);
		assert_string_equal(row(k, "M000001").said, rows[i].said);
		/* cured: the same mail leaves */
		free(mailer(k, STORES));
		clock_now += 300;
		post(k, 1, 0);
		gate_close(k);
	}
}

static void
no_such_program(void **state)
{
	struct kit *k = mailing("", STORES);

	(void)state;
	queue_one(k, "a");
	kit_good(k, eg_fs_unlink(k->s.dir, "mailer", &k->err));
	post(k, 0, 1);
	assert_non_null(
	    strstr(row(k, "M000001").said, "cannot be started (No such file or directory); see mail.sendmail"));
	gate_close(k);
}

/* The daemon's way: a step starts, later steps find it ended; meanwhile nothing waits. */
static void
beside_other_work(void **state)
{
	struct kit *k = mailing("", STORES);
	struct mail_post *p = mail_post_new();
	int64_t next = 0;
	bool ready = false;

	(void)state;
	queue_one(k, "a");
	queue_one(k, "b");
	kit_good(k, mail_post_ready(&k->s, p, &ready, &next, &k->err));
	assert_true(ready);
	kit_good(k, mail_post_step(&k->s, p, &k->err));
	assert_true(mail_post_running(p));
	assert_string_equal(row(k, "M000001").state, "queued");
	assert_int_equal(row(k, "M000001").attempts, 1);
	mail_post_free(&k->s, p); /* the daemon ends: what runs is waited for and noted */
	assert_string_equal(row(k, "M000001").state, "sent");
	assert_string_equal(row(k, "M000002").state, "queued");
	gate_close(k);
}

static void
off_unless_set(void **state)
{
	struct kit *k = gate_open("cmic", "mail.admins = root@example.com\n");
	const char *v = "";
	struct eg_err why;

	(void)state;
	(void)eg_fail(&why, EG_RETRY, "DISK-FULL", "no room");
	mail_failed_run(&k->s, &why);
	gate_begin(k);
	kit_good(k, mail_gather(&k->s, &k->err));
	kit_good(k, store_meta_get(k->s.store, "mail.seen", &k->a, &v, &k->err));
	gate_commit(k);
	assert_null(v);
	assert_string_equal(mails(k), "");
	gate_close(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(daily_summary),
		cmocka_unit_test(the_sheet_comes_along),
		cmocka_unit_test(the_head_goes_to_the_auditor),
		cmocka_unit_test(rejections),
		cmocka_unit_test(rejections_by_kind),
		cmocka_unit_test(rejections_by_rule),
		cmocka_unit_test(refused_files),
		cmocka_unit_test(unanswered),
		cmocka_unit_test(failed_runs),
		cmocka_unit_test(nudges_only_when_set),
		cmocka_unit_test(switches),
		cmocka_unit_test(a_mail_leaves_once),
		cmocka_unit_test(a_refusal_is_tried_again_and_given_up),
		cmocka_unit_test(a_program_that_hangs_or_dies),
		cmocka_unit_test(no_such_program),
		cmocka_unit_test(beside_other_work),
		cmocka_unit_test(off_unless_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
