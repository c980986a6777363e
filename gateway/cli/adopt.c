/* SPDX-License-Identifier: MIT
 *
 * adopt: what stands in the ERP already becomes synced here without being sent. A list, or all of a drop; with --dry-run everything is done and taken back. Alone it
 * shows the rows that wait for their records.
 */
#include "gateway/workflow/adopt.h"
#include "base/fs.h"
#include "base/limits.h"
#include "gateway/cli/cli.h"

#include <fcntl.h>
#include <unistd.h>

/* ---- rows that wait ---- */

static int
waiting_each(void *ctx, const struct adoption *d, struct eg_err *err)
{
	struct cli_table *table = ctx;
	char until[EG_TIME_TEXT];
	const char *cells[] = { d->iid, d->erp_id, d->amount, d->approver, d->file, until };

	(void)err;
	eg_time_print(until, d->expires);
	if (table != NULL)
		cli_table_row(table, cells);
	else
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:i,s:s}", "type", "adoption", "item", d->iid,
		    "erp_id", d->erp_id, "amount", d->amount, "approver", d->approver, "manifest", d->manifest, "file",
		    d->file, "row", (int)d->row, "expires", until));
	return EG_OK;
}

static int
show_waiting(struct cli *c)
{
	static const char *const titles[] = { "WAITS FOR", "ERP ID", "AMOUNT", "BY", "LIST", "UNTIL" };
	struct cli_table *table = NULL;
	struct eg_err err = { 0 };
	int64_t n = 0;
	struct site s;
	int code, rc;

	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	if (!cli_has(c, O_JSON))
		table = cli_table_new(titles, 6, CLI_COL(2));
	rc = adoption_each(s.store, "waiting", NULL, waiting_each, table, &err);
	if (rc == EG_OK)
		rc = adoption_count(s.store, "waiting", NULL, &n, &err);
	if (table != NULL)
		cli_table_print(table);
	if (rc == EG_OK && cli_has(c, O_JSON))
		cli_json(json_pack("{s:s,s:I}", "type", "summary", "waits", (json_int_t)n));
	else if (rc == EG_OK && n == 0)
		(void)printf("No row of an adoption list waits. Give a list: erpgate adopt FILE --as NAME --dry-run\n");
	site_close(&s);
	return rc < 0 ? cli_fail(c, &err) : CLI_OK;
}

/* ---- a list ---- */

struct adopting {
	struct cli *c;
	struct adopt_request q;
	struct adopt_result result;
	bool right_missing;
};

static int
tell_row(void *ctx, const struct adopt_said *said, struct eg_err *err)
{
	struct adopting *x = ctx;
	bool done = said->outcome == ADOPT_DONE;

	(void)err;
	x->right_missing |= strcmp(said->code, "E-74") == 0;
	if (cli_has(x->c, O_JSON))
		cli_json(json_pack("{s:s,s:i,s:s,s:s,s:o,s:s,s:s,s:b}", "type", "adoption", "row", (int)said->row->row,
		    "item", said->row->iid, "result", adopt_word(said->outcome), "erp_id", cli_str(said->erp_id),
		    "code", said->code, "message", said->message, "dry_run", x->q.dry));
	else if (*said->code != '\0')
		(void)printf("row %u  %s  %s\n   %s  %s\n", said->row->row, adopt_word(said->outcome), said->row->iid,
		    said->code, said->message);
	else
		(void)printf("row %u  %s%s  %s%s%s\n", said->row->row, done && x->q.dry ? "would be " : "",
		    adopt_word(said->outcome), said->row->iid, done && said->erp_id != NULL ? " as " : "",
		    done && said->erp_id != NULL ? said->erp_id : "");
	return EG_OK;
}

static void
tell_summary(const struct adopting *x)
{
	const unsigned *n = x->result.count;

	if (cli_has(x->c, O_JSON))
		cli_json(json_pack("{s:s,s:o,s:i,s:i,s:i,s:i,s:i,s:b}", "type", "summary", "manifest",
		    x->q.dry ? json_null() : json_string(x->result.manifest), "adopted", (int)n[ADOPT_DONE], "same",
		    (int)n[ADOPT_SAME], "waits", (int)n[ADOPT_WAITS], "refused", (int)n[ADOPT_REFUSED], "skipped",
		    (int)x->result.skipped, "dry_run", x->q.dry));
	else
		(void)printf("%s: %u adopted, %u known before, %u wait, %u refused%s\n",
		    x->q.dry ? "dry run, nothing was changed" : x->result.manifest, n[ADOPT_DONE], n[ADOPT_SAME],
		    n[ADOPT_WAITS], n[ADOPT_REFUSED],
		    x->result.skipped > 0 ? " (rows of other types were left out)" : "");
}

static int
sign(struct cli *c, struct eg_bytes list, struct eg_buf *ret, struct eg_err *err)
{
	unsigned char sig[SIGN_ED25519_LEN];
	struct sign_key *key = NULL;
	int rc = sign_key_load(AT_FDCWD, c->opt[O_KEY], true, &key, err);

	if (rc == EG_OK)
		rc = sign_bytes(key, list, sig, err);
	if (rc == EG_OK)
		eg_buf_put(ret, sig, sizeof(sig));
	sign_key_free(key);
	return rc;
}

/* The signature: made now, given, or beside the list. */
static int
find_signature(struct adopting *x, struct eg_buf *ret, struct eg_err *err)
{
	struct cli *c = x->c;
	char *beside = eg_xprintf("%s.sig", c->argv[0]);
	const char *path = c->opt[O_SIG] != NULL ? c->opt[O_SIG] : access(beside, R_OK) == 0 ? beside : NULL;
	int rc = EG_OK;

	if (cli_has(c, O_KEY))
		rc = sign(c, x->q.list, ret, err);
	else if (path != NULL) {
		rc = eg_fs_read_file(AT_FDCWD, path, EG_LIMIT_SIG_BYTES, ret, err);
		x->q.cms = eg_bytes_ends(eg_bytes_str(path), EG_LIT(".p7s"));
	}
	x->q.sig = eg_buf_view(ret);
	free(beside);
	return rc;
}

static bool
is_drop(const char *what)
{
	uint64_t n;

	return what[0] == 'D' && eg_bytes_to_u64(eg_bytes_str(what + 1), &n) && access(what, F_OK) != 0;
}

static int
adopt_now(struct adopting *x, struct site *s, struct eg_buf *list, struct eg_buf *sig, struct eg_err *err)
{
	struct cli *c = x->c;
	char *name = NULL;
	int rc;

	if (is_drop(c->argv[0])) {
		bool posted = !cli_has(c, O_POSTED) || strcmp(c->opt[O_POSTED], "yes") == 0;

		name = eg_xprintf("adopt-%s.csv", c->argv[0]);
		rc = adopt_list_of_drop(s, c->argv[0], c->opt[O_TYPE], posted, list, err);
	} else {
		const char *slash = strrchr(c->argv[0], '/');

		name = eg_xstrdup(slash == NULL ? c->argv[0] : slash + 1);
		rc = eg_fs_read_file(AT_FDCWD, c->argv[0], (size_t)1 << 28, list, err);
	}
	x->q.name = name;
	x->q.list = eg_buf_view(list);
	if (rc == EG_OK)
		rc = find_signature(x, sig, err);
	if (rc == EG_OK && x->q.sig.len == 0 && !x->q.dry && conf_bool(&s->conf, "approvals.require_signature"))
		rc = eg_fail(err, EG_BADREC, "E-74",
		    "This site requires signatures: add --key YOUR-KEY.pem, or sign the list (erpgate-sign KEY.pem FILE) and give --sig FILE.sig.");
	if (rc == EG_OK)
		rc = adopt_apply(s, &x->q, &x->result, err);
	free(name);
	return rc;
}

int
cmd_adopt(struct cli *c)
{
	struct adopting x = { .c = c };
	struct eg_buf list = EG_BUF_INIT, sig = EG_BUF_INIT;
	struct eg_err err = { 0 };
	struct site s;
	int code, rc;

	if (c->argc == 0)
		return show_waiting(c);
	if (!cli_has(c, O_AS) && !cli_has(c, O_SIG) && !cli_has(c, O_KEY))
		return cli_usage(c, "say who takes them over: --as NAME");
	if (cli_has(c, O_POSTED) && strcmp(c->opt[O_POSTED], "yes") != 0 && strcmp(c->opt[O_POSTED], "no") != 0)
		return cli_usage(c, "--posted is \"%s\"; write yes or no", c->opt[O_POSTED]);
	if (cli_has(c, O_TYPE) && rec_type_named(eg_bytes_str(c->opt[O_TYPE])) == NULL)
		return cli_usage(c, "there is no record type \"%s\": erpgate help types", c->opt[O_TYPE]);
	if (!cli_site(c, SITE_CHANGE, &s, &code))
		return code;
	x.q = (struct adopt_request){ .as = c->opt[O_AS],
		.owner = getuid(),
		.type = c->opt[O_TYPE],
		.dry = cli_has(c, O_DRY_RUN),
		.told = tell_row,
		.ctx = &x };
	rc = adopt_now(&x, &s, &list, &sig, &err);
	if (rc < 0)
		code = cli_fail(c, &err);
	else {
		tell_summary(&x);
		code = x.right_missing ? CLI_NOPERM : x.result.count[ADOPT_REFUSED] > 0 ? CLI_PARTIAL : CLI_OK;
	}
	eg_buf_done(&list);
	eg_buf_done(&sig);
	cli_close(c, &s);
	return code;
}
