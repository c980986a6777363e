/* SPDX-License-Identifier: MIT
 *
 * run, ingest: one turn of the gateway from the command line.
 */
#include "base/fs.h"
#include "gateway/cli/cli.h"
#include "gateway/cycle.h"
#include "gateway/mail/mail.h"
#include "gateway/workflow/actions.h"

#include <fcntl.h>

static void
on_drop(void *ctx, const char *drop, const char *source, const char *name, const char *verdict, unsigned records,
    unsigned rejected)
{
	const struct cli *c = ctx;

	if (cli_has(c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s,s:i,s:i}", "type", "drop", "id", drop, "source", source,
		    "name", name, "verdict", verdict, "records", (int)records, "rejected", (int)rejected));
	else if (!cli_has(c, O_QUIET))
		(void)printf("%s  %-9s %s/%s   %u records%s\n", drop, verdict, source, name, records,
		    rejected > 0 ? ", some rejected: see its WHY.txt" : "");
}

struct telling {
	struct cli *c;
	struct site *s;
	bool shadow; /* the batch at hand */
};

static int
tell_file(void *ctx, const struct batch_file *f, struct eg_err *err)
{
	struct telling *t = ctx;

	(void)err;
	if (cli_has(t->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:I,s:s}", "type", "file", "batch", f->batch, "name", f->name,
		    "object", f->object, "rows", (json_int_t)f->rows, "amount", f->amount));
	else if (!cli_has(t->c, O_QUIET))
		(void)printf("%s  %s    %s   %lld rows   %s\n", f->batch, t->shadow ? "SHADOW" : "wrote ", f->name,
		    (long long)f->rows, f->amount);
	return EG_OK;
}

static int
tell_batch(void *ctx, const struct batch *b, struct eg_err *err)
{
	struct telling *t = ctx;

	if (b->run != t->s->run)
		return EG_OK;
	t->shadow = b->shadow;
	if (cli_has(t->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:b}", "type", "batch", "id", b->id, "target", b->target, "state",
		    b->state, "shadow", b->shadow));
	return batch_file_each(t->s->store, b->id, tell_file, t, err);
}

/* A manifest that this turn decided about. */
static int
tell_manifest(struct telling *t, const char *id, struct eg_err *err)
{
	struct eg_arena a;
	struct manifest m;
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = manifest_get(t->s->store, id, &a, &m, err);
	if (rc == EG_OK && cli_has(t->c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:o,s:i,s:i,s:i}", "type", "manifest", "id", m.id, "name", m.name,
		    "state", m.state, "approver", cli_str(m.approver), "accepted", (int)m.accepted, "rejected",
		    (int)m.rejected, "refused", (int)m.refused));
	else if (rc == EG_OK && !cli_has(t->c, O_QUIET))
		(void)printf("%s  %-9s %s   %u accepted, %u rejected, %u refused%s%s\n", m.id, m.state, m.name,
		    m.accepted, m.rejected, m.refused, m.approver == NULL ? "" : "   by ",
		    m.approver == NULL ? "" : m.approver);
	eg_arena_done(&a);
	return rc < 0 ? rc : EG_OK;
}

/* What the log says of this turn's manifests and bundles. */
static int
tell_log(void *ctx, const struct log_row *r, struct eg_err *err)
{
	static const char *const decided[] = { "decided", "refused", "parked" };
	struct telling *t = ctx;

	for (size_t i = 0; r->id[0] == 'P' && i < sizeof(decided) / sizeof(decided[0]); i++)
		if (strcmp(r->event, decided[i]) == 0)
			return tell_manifest(t, r->id, err);
	if (strcmp(r->event, "archived") == 0 && r->id[0] == 'A' && cli_has(t->c, O_JSON)) {
		json_t *j = json_pack("{s:s,s:s}", "type", "bundle", "id", r->id),
		       *detail = json_loads(r->detail, 0, NULL);
		if (detail != NULL)
			(void)json_object_update(j, detail);
		json_decref(detail);
		cli_json(j);
	}
	return EG_OK;
}

static void
tell_summary(struct cli *c, const struct cycle_result *r)
{
	if (cli_has(c, O_JSON)) {
		json_t *j = json_pack("{s:s,s:i,s:i,s:i,s:i,s:i,s:i,s:i,s:i,s:i,s:i}", "type", "summary", "drops",
		    (int)r->drops, "records", (int)r->records, "rejected", (int)(r->rejected + r->refused_files),
		    "held", (int)r->held, "waiting", (int)r->waiting, "batches", (int)r->batches, "duplicates",
		    (int)r->duplicates, "decisions_refused", (int)r->decisions_refused, "failed", (int)r->failed,
		    "unsettled", (int)r->unsettled);
		if (r->disk_held)
			json_object_set_new(j, "held_by", json_string("disk"));
		cli_json(j);
	} else if (!cli_has(c, O_QUIET)) {
		if (r->disk_held)
			(void)printf("HELD: disk. Nothing more is taken until there is room: erpgate status\n");
		(void)printf("%u files, %u records, %u rejected; %u batches written; %u items wait, %u are held.\n",
		    r->drops, r->records, r->rejected + r->refused_files, r->batches, r->waiting, r->held);
		if (r->rejected + r->refused_files + r->decisions_refused + r->failed + r->unsettled > 0)
			(void)printf("Something needs a person: erpgate findings --run last --severity R\n");
		else if (r->waiting > 0)
			(void)printf("Next: erpgate sheet -o today.csv\n");
	}
}

static int
exit_of(const struct cli *c, const struct cycle_result *r)
{
	if (r->disk_held)
		return CLI_TRYLATER;
	if (r->rejected + r->refused_files + r->decisions_refused + r->failed + r->unsettled > 0)
		return CLI_PARTIAL;
	return cli_has(c, O_FAIL_ON_WAITING) && r->waiting + r->held > 0 ? CLI_WAITING : CLI_OK;
}

int
cli_turn(struct cli *c, struct site *s, int64_t settle_sec, int *ret_exit, struct eg_err *err)
{
	struct cycle_watch w = { .drop = on_drop, .ctx = c };
	struct cycle_result r;
	struct telling t = { .c = c, .s = s };
	uint64_t before = 0, after = 0;
	int rc = store_log_size(s->store, &before, err);

	if (rc == EG_OK)
		rc = cycle_run(s, settle_sec, &w, &r, err);
	if (rc == EG_OK)
		rc = store_log_size(s->store, &after, err);
	if (rc == EG_OK && after > before)
		rc = store_log_each(s->store, NULL, (unsigned)(after - before), tell_log, &t, err);
	if (rc == EG_OK)
		rc = store_run_last(s->store, &s->run, err);
	if (rc == EG_OK && r.batches > 0)
		rc = batch_each(s->store, NULL, tell_batch, &t, err);
	s->run = 0;
	if (rc < 0)
		return rc;
	if (settle_sec > 0 || !r.idle) /* a daemon's idle turn is no news */
		tell_summary(c, &r);
	*ret_exit = exit_of(c, &r);
	return EG_OK;
}

/* Behind the turn: what could not be handed over waits for the next one and changes nothing about this one. */
void
cli_send_mails(struct cli *c, struct site *s)
{
	struct eg_err err;
	unsigned sent = 0, failed = 0;

	if (mail_post_all(s, &sent, &failed, &err) < 0)
		(void)cli_fail(c, &err);
	if (failed > 0)
		(void)fprintf(
		    stderr, "erpgate: a mail could not be handed over; it is tried again. See: erpgate mail list\n");
}

int
cli_one_turn(struct cli *c, struct site *s)
{
	struct eg_err err = { 0 };
	int code = CLI_OK;

	if (cli_turn(c, s, conf_int(&s->conf, "run.settle_timeout"), &code, &err) < 0) {
		code = cli_fail(c, &err);
		mail_failed_run(s, &err);
	}
	cli_send_mails(c, s);
	return code;
}

/* A daemon gives the spool free between its turns, but not its watch lock. */
bool
cli_own_site(struct cli *c, struct site *ret, int *ret_exit)
{
	struct eg_err err = { 0 };
	int fd = -1;

	if (!cli_site(c, SITE_OWN, ret, ret_exit))
		return false;
	ret->scheduled = true; /* taking a file by hand does not send what waits for its time */
	if (eg_fs_lock(ret->dir, CLI_WATCH_LOCK, &fd, &err) == EG_OK) {
		eg_fd_done(&fd);
		return true;
	}
	if (strcmp(err.code, "LOCKED") == 0) {
		char holder[EG_FIELD_MAX];
		(void)snprintf(holder, sizeof(holder), "%s", err.field);
		eg_fail(&err, EG_RETRY, "LOCKED",
		    "erpgate watch is running on this site (%s) and takes files by itself: put them into %s/spool/drop, or stop it first",
		    holder, ret->path);
	}
	*ret_exit = cli_fail(c, &err);
	site_close(ret);
	return false;
}

int
cmd_run(struct cli *c)
{
	struct site s;
	int code;

	if (!cli_own_site(c, &s, &code))
		return code;
	s.scheduled = cli_has(c, O_SCHEDULED); /* without it a person says: now */
	code = cli_one_turn(c, &s);
	site_close(&s);
	return code;
}

/* What persons do by hand carries their name; what the turn makes of it is the gateway's own. */
static void
act_for(struct site *s, const char *who)
{
	(void)snprintf(s->actor, sizeof(s->actor), "%s", who);
}

struct by_hand {
	const char *drop, *source, *name;
};

static int
log_by_hand(struct site *s, void *ctx, struct eg_err *err)
{
	const struct by_hand *h = ctx;
	struct eg_buf shown = EG_BUF_INIT;
	json_t *j;
	int rc;

	eg_buf_escaped(&shown, eg_bytes_str(h->name));
	j = json_pack("{s:s,s:s,s:s}", "source", h->source, "name", eg_buf_cstr(&shown), "account", s->caller.account);
	char *text = json_dumps(j, JSON_COMPACT);
	act_for(s, s->caller.name);
	rc = site_log(s, "ingested", h->drop, text, err);
	act_for(s, "erpgate");
	free(text);
	json_decref(j);
	eg_buf_done(&shown);
	return rc;
}

static int
take_file(struct site *s, const char *path, const char *source, struct eg_err *err)
{
	const char *slash = strrchr(path, '/');
	char drop[16];
	struct by_hand h = { drop, source, slash == NULL ? path : slash + 1 };
	struct stat st;
	int fd = -1, rc = eg_fs_open_file(AT_FDCWD, path, &fd, &st, err);

	if (rc == EG_OK)
		rc = cycle_ingest(s, source, h.name, fd, drop, err);
	if (rc == EG_OK)
		rc = cli_tx(s, log_by_hand, &h, err);
	eg_fd_done(&fd);
	return rc;
}

int
cli_ingest(struct cli *c, const char *source)
{
	bool answer = source == NULL; /* ack FILE */
	struct site s;
	struct eg_err err = { 0 };
	int code, rc;

	if (!cli_own_site(c, &s, &code))
		return code;
	if (answer)
		source = s.erp;
	if (!eg_fs_exists(s.spool.drop, source))
		code = cli_usage(c, "this site has no source \"%s\"", source);
	else {
		rc = answer ? action_allowed(&s, ACTION_ANSWER, NULL, &err) : action_allowed_intake(&s, source, &err);
		for (int i = 0; rc == EG_OK && i < c->argc; i++)
			rc = take_file(&s, c->argv[i], source, &err);
		code = rc < 0 ? cli_fail(c, &err) : cli_one_turn(c, &s);
	}
	site_close(&s);
	return code;
}

int
cmd_ingest(struct cli *c)
{
	if (!cli_has(c, O_SOURCE))
		return cli_usage(c, "say whose file it is: --source procore (or the accounting system, or approvals)");
	return cli_ingest(c, c->opt[O_SOURCE]);
}
