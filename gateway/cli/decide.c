/* SPDX-License-Identifier: MIT
 *
 * sheet, decide, approve, reject. A decision on the command line is a sheet too: written, signed with the person's key, and applied like a returned one.
 */
#include "base/fs.h"
#include "base/limits.h"
#include "formats/csv_write.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/sheet.h"
#include "gateway/workflow/actions.h"
#include "gateway/workflow/workflow.h"

#include <fcntl.h>
#include <unistd.h>

/* ---- sheet ---- */

struct sheet_job {
	enum sheet_form form;
	struct sheet_filter filter;
	struct eg_buf out;
	unsigned rows;
	char id[16];
};

static int
make_sheet(struct site *s, void *ctx, struct eg_err *err)
{
	struct sheet_job *j = ctx;
	int rc = action_allowed(s, ACTION_LOOK, NULL, err);

	return rc < 0 ? rc : sheet_write(s, j->form, &j->filter, &j->out, &j->rows, j->id, err);
}

int
cli_write_to(const char *path, struct eg_bytes v, mode_t mode, struct eg_err *err)
{
	char *dir = eg_xstrdup(path), *slash = strrchr(dir, '/');
	int fd = -1, rc;

	if (strcmp(path, "-") == 0) {
		free(dir);
		return fwrite(v.ptr, 1, v.len, stdout) == v.len ?
		           EG_OK :
		           eg_fail(err, EG_BADFILE, "NO-WRITE", "cannot write to the standard output");
	}
	if (slash != NULL)
		*slash = '\0';
	rc = eg_fs_opendir(AT_FDCWD, slash == NULL ? "." : slash == dir ? "/" : dir, &fd, err);
	if (rc == EG_OK)
		rc = eg_fs_write_file(fd, slash == NULL ? path : slash + 1, v, mode, true, err);
	eg_fd_done(&fd);
	free(dir);
	return rc;
}

enum sheet_form
cli_sheet_form(struct eg_bytes path)
{
	if (eg_bytes_ends(path, EG_LIT(".xlsx")))
		return SHEET_XLSX;
	return eg_bytes_ends(path, EG_LIT(".xml")) ? SHEET_XML : SHEET_CSV;
}

int
cmd_sheet(struct cli *c)
{
	struct sheet_job j = { .filter = { .state = c->opt[O_STATE],
				   .type = c->opt[O_TYPE],
				   .project = c->opt[O_PROJECT],
				   .all = cli_has(c, O_ALL) },
		.out = EG_BUF_INIT };
	const char *path = c->opt[O_OUTPUT];
	struct eg_err err = { 0 };
	struct site s;
	int code, rc;

	if (path == NULL)
		return cli_usage(c, "say where to write it: -o today.xlsx (or .csv, .xml)");
	j.form = cli_sheet_form(eg_bytes_str(path));
	if (!cli_site(c, SITE_CHANGE, &s, &code))
		return code;
	rc = cli_tx(&s, make_sheet, &j, &err);
	if (rc == EG_OK)
		rc = cli_write_to(path, eg_buf_view(&j.out), 0644, &err);
	if (rc == EG_OK && !cli_has(c, O_QUIET))
		(void)fprintf(stderr,
		    "%s: sheet %s with %u items. Fill in Decision (Accept, Reject, Archive or Link), save, sign it (erpgate-sign KEY.pem FILE)\nand put both into %s/spool/drop/approvals.\n",
		    path, j.id, j.rows, s.path);
	eg_buf_done(&j.out);
	cli_close(c, &s);
	return rc < 0 ? cli_fail(c, &err) : CLI_OK;
}

/* ---- decide ---- */

static int
print_row(void *ctx, const struct decision *d, struct eg_err *err)
{
	const struct cli *c = ctx;

	(void)err;
	if (cli_has(c, O_JSON))
		cli_json(json_pack("{s:s,s:i,s:s,s:s,s:s,s:s}", "type", "decision", "row", (int)d->row, "item", d->iid,
		    "verdict", d->verdict, "result", d->result, "code", d->code));
	return EG_OK;
}

static int
print_refusal(void *ctx, const struct finding *f, struct eg_err *err)
{
	(void)ctx;
	(void)err;
	if (strcmp(f->source, "approvals") == 0)
		(void)printf("   row %llu  %s  %s%s%s\n", (unsigned long long)f->line, f->code, f->item,
		    *f->item ? ": " : "", f->message);
	return EG_OK;
}

struct applying {
	const char *name, *as;
	struct eg_bytes sheet, sig;
	bool cms;
	struct decide_counts counts;
	char manifest[16];
};

static int
settle(struct site *s, void *ctx, struct eg_err *err)
{
	(void)ctx;
	return rules_settle(s, false, err);
}

static int
begin_run(struct site *s, void *ctx, struct eg_err *err)
{
	(void)ctx;
	return store_run_begin(s->store, "decide", site_now(s), &s->run, err);
}

static int
end_run(struct site *s, void *ctx, struct eg_err *err)
{
	const struct applying *ap = ctx;

	return store_run_end(s->store, s->run, site_now(s), ap->counts.refused > 0 ? CLI_PARTIAL : CLI_OK, err);
}

static int
apply_sheet(struct cli *c, struct site *s, struct applying *ap, struct eg_err *err)
{
	struct finding_filter mine = { 0 };
	int rc = cli_tx(s, begin_run, ap, err);

	if (rc == EG_OK)
		rc = manifest_apply_bytes(
		    s, ap->name, ap->sheet, ap->sig, ap->cms, ap->as, getuid(), &ap->counts, ap->manifest, err);
	if (rc == EG_OK)
		rc = cli_tx(s, settle, ap, err);
	if (rc == EG_OK)
		rc = cli_tx(s, end_run, ap, err);
	if (rc < 0)
		return rc;
	rc = decision_each(s->store, ap->manifest, 0, print_row, c, err);
	if (cli_has(c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:i,s:i,s:i,s:i,s:i}", "type", "summary", "manifest", ap->manifest,
		    "accepted", (int)ap->counts.accepted, "rejected", (int)ap->counts.rejected, "archived",
		    (int)ap->counts.archived, "linked", (int)ap->counts.linked, "refused", (int)ap->counts.refused));
	else {
		(void)printf("%s: %u accepted, %u rejected, %u archived, %u linked, %u refused%s\n", ap->manifest,
		    ap->counts.accepted, ap->counts.rejected, ap->counts.archived, ap->counts.linked,
		    ap->counts.refused, ap->counts.same > 0 ? " (it was applied before: no effect)" : "");
		mine.run = s->run;
		if (rc == EG_OK)
			rc = store_finding_each(s->store, &mine, print_refusal, NULL, err);
	}
	return rc;
}

struct right_refused {
	bool any;
};

/* A missing right refuses a row, or the whole sheet when nobody stands behind it. */
static int
look_for_right(void *ctx, const struct finding *f, struct eg_err *err)
{
	struct right_refused *r = ctx;

	(void)err;
	r->any |= strcmp(f->code, "E-74") == 0 && strcmp(f->source, "approvals") == 0;
	return EG_OK;
}

static int
outcome(struct cli *c, struct site *s, struct applying *ap, struct eg_err *err)
{
	struct right_refused r = { false };
	int rc = apply_sheet(c, s, ap, err);
	struct finding_filter mine = { .run = s->run };

	if (rc == EG_OK && ap->counts.refused > 0)
		rc = store_finding_each(s->store, &mine, look_for_right, &r, err);
	if (rc < 0)
		return cli_fail(c, err);
	return r.any ? CLI_NOPERM : ap->counts.refused > 0 ? CLI_PARTIAL : CLI_OK;
}

int
cmd_decide(struct cli *c)
{
	struct applying ap = { .as = c->opt[O_AS] };
	struct eg_buf sheet = EG_BUF_INIT, sig = EG_BUF_INIT;
	const char *path = c->argv[0], *slash = strrchr(path, '/');
	char *beside = eg_xprintf("%s.sig", path);
	const char *sig_path = c->opt[O_SIG] != NULL ? c->opt[O_SIG] : access(beside, R_OK) == 0 ? beside : NULL;
	struct eg_err err = { 0 };
	struct site s;
	int code, rc;

	rc = eg_fs_read_file(AT_FDCWD, path, EG_LIMIT_SHEET_BYTES, &sheet, &err);
	if (rc == EG_OK && sig_path != NULL)
		rc = eg_fs_read_file(AT_FDCWD, sig_path, EG_LIMIT_SIG_BYTES, &sig, &err);
	if (rc < 0)
		code = cli_fail(c, &err);
	else if (cli_site(c, SITE_CHANGE, &s, &code)) {
		ap.name = slash == NULL ? path : slash + 1;
		ap.sheet = eg_buf_view(&sheet);
		ap.sig = eg_buf_view(&sig);
		ap.cms = sig_path != NULL && eg_bytes_ends(eg_bytes_str(sig_path), EG_LIT(".p7s"));
		if (sig_path == NULL && conf_bool(&s.conf, "approvals.require_signature")) {
			(void)fprintf(stderr,
			    "erpgate: this site requires signatures: sign the sheet (erpgate-sign KEY.pem %s) and give --sig %s.sig\n",
			    path, path);
			code = CLI_NOPERM;
		} else
			code = outcome(c, &s, &ap, &err);
		cli_close(c, &s);
	}
	free(beside);
	eg_buf_done(&sheet);
	eg_buf_done(&sig);
	return code;
}

/* ---- approve, reject ---- */

struct by_hand {
	struct cli *c;
	const char *verdict;
	struct eg_buf sheet;
};

static int
hand_row(struct site *s, struct by_hand *b, const char *sheet_cell, const char *what, struct eg_err *err)
{
	static const struct fmt_csv_style style = { .delim = ',' };
	struct eg_arena a;
	struct item it;
	char content[72];
	struct cli *c = b->c;
	int rc;

	eg_arena_init(&a, 1 << 20);
	rc = item_lookup(s->store, what, &a, &it, err);
	if (rc == EG_EOF)
		rc = eg_fail(err, EG_BADREC, "NOT-FOUND", "There is no item %s. See them: erpgate queue", what);
	if (rc == EG_OK) {
		const char *comment = c->opt[O_COMMENT] != NULL ? c->opt[O_COMMENT] : c->opt[O_REASON];
		(void)snprintf(content, sizeof(content), "sha256:%s", it.content);
		struct eg_bytes cells[] = { eg_bytes_str(b->verdict), eg_bytes_str(comment), eg_bytes_str(it.iid),
			eg_bytes_str(c->opt[O_ERP_ID]), eg_bytes_str(""), eg_bytes_str(""), eg_bytes_str(""),
			eg_bytes_str(content), eg_bytes_str(sheet_cell) };
		rc = fmt_csv_row(&style, cells, 9, &b->sheet, err);
	}
	eg_arena_done(&a);
	return rc;
}

static int
hand_sheet(struct site *s, void *ctx, struct eg_err *err)
{
	struct by_hand *b = ctx;
	char id[16], until[EG_TIME_TEXT];
	int64_t now = site_now(s);
	int rc = store_next_id(s->store, 'S', id, err);

	eg_time_print(until, now + 600);
	char *cell = eg_xprintf("%s %s %s", id, s->name, until);
	eg_buf_str(
	    &b->sheet, "Decision,Comment,Item,ERP ID,Transaction Date,Accounting Date,Description,Content,Sheet\r\n");
	for (int i = 0; rc == EG_OK && i < b->c->argc; i++)
		rc = hand_row(s, b, cell, b->c->argv[i], err);
	if (rc == EG_OK)
		rc = sheet_add(s->store, id, now, now + 600, (unsigned)b->c->argc, err);
	free(cell);
	return rc;
}

static int
sign_sheet(struct cli *c, struct eg_bytes sheet, struct eg_buf *ret, struct eg_err *err)
{
	unsigned char sig[SIGN_ED25519_LEN];
	struct sign_key *key = NULL;
	int rc = sign_key_load(AT_FDCWD, c->opt[O_KEY], true, &key, err);

	if (rc == EG_OK)
		rc = sign_bytes(key, sheet, sig, err);
	if (rc == EG_OK)
		eg_buf_put(ret, sig, sizeof(sig));
	sign_key_free(key);
	return rc;
}

static int
decide_by_hand(struct cli *c, const char *verdict)
{
	struct by_hand b = { c, verdict, EG_BUF_INIT };
	struct applying ap = { .name = "command", .as = c->opt[O_AS] };
	struct eg_buf sig = EG_BUF_INIT;
	struct eg_err err = { 0 };
	struct site s;
	int code, rc;

	if (!cli_has(c, O_AS))
		return cli_usage(c, "say who decides: --as NAME");
	if (!cli_site(c, SITE_CHANGE, &s, &code))
		return code;
	if (conf_bool(&s.conf, "approvals.require_signature") && !cli_has(c, O_KEY)) {
		site_close(&s);
		(void)fprintf(stderr,
		    "erpgate: this site requires signatures: add --key YOUR-KEY.pem (setting approvals.require_signature)\n");
		return CLI_NOPERM;
	}
	rc = cli_tx(&s, hand_sheet, &b, &err);
	if (rc == EG_OK && cli_has(c, O_KEY))
		rc = sign_sheet(c, eg_buf_view(&b.sheet), &sig, &err);
	if (rc < 0)
		code = cli_fail(c, &err);
	else {
		ap.sheet = eg_buf_view(&b.sheet);
		ap.sig = eg_buf_view(&sig);
		code = outcome(c, &s, &ap, &err);
	}
	eg_buf_done(&b.sheet);
	eg_buf_done(&sig);
	cli_close(c, &s);
	return code;
}

int
cmd_approve(struct cli *c)
{
	return decide_by_hand(c, "Accept");
}

int
cmd_reject(struct cli *c)
{
	return decide_by_hand(c, "Reject");
}
