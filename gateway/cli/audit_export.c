/* SPDX-License-Identifier: MIT
 *
 * audit export: everything that somebody elsewhere needs to verify what was sealed in some days: the bundles with their digests and signatures, tombstones of those that were deleted,
 * keys, the whole log with its checkpoint (each bundle's entry is proved by the root of all entries), rights and changes over time, an index, and a script of plain shell.
 * Which bundles belong to a day is asked of the published log, so that the script can tell that none was left out. The export itself is an entry of the log.
 */
#include "base/date.h"
#include "formats/csv_write.h"
#include "gateway/cli/audit_more.h"
#include "gateway/cli/export_out.h"
#include "gateway/cycle.h"
#include "gateway/store/store_keep.h"
#include "gateway/workflow/actions.h"
#include "spool/tombstone.h"

#include <fcntl.h>

#define DAY INT64_C(86400)

extern const unsigned char export_verify_script[]; /* export_verify.sh */
extern const size_t export_verify_script_len;

struct exporting {
	struct cli *c;
	struct site *s;
	struct export_out out;
	int64_t from, to; /* to: first second behind the last day */
	struct eg_buf entries, bundles, index, rights, changes;
	struct eg_arena a;
	const char *id, *when; /* of the entry being taken */
	unsigned n, deleted;
};

static int
csv(struct eg_buf *b, const char *const *cells, size_t n, struct eg_err *err)
{
	static const struct fmt_csv_style style = { .delim = ',', .lf = true };
	struct eg_bytes v[16];

	eg_check(n <= sizeof(v) / sizeof(v[0]));
	for (size_t i = 0; i < n; i++)
		v[i] = eg_bytes_str(cells[i] == NULL ? "" : cells[i]);
	return fmt_csv_row(&style, v, n, b, err);
}

/* ---- bundles ---- */

static int
put_three(struct exporting *x, const char *path, struct eg_err *err)
{
	static const char *const parts[] = { "", ".sha256", ".sha256.sig" };
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < 3; i++) {
		char *from = eg_xprintf("%s%s", path, parts[i]), *name = eg_xprintf("bundles/%s", from);
		rc = export_copy(&x->out, name, x->s->spool.archive, from, err);
		free(from);
		free(name);
	}
	return rc;
}

static int
wanted(struct exporting *x, const struct bundle_row *b, bool *ret, struct eg_err *err)
{
	const char *source = "";
	int rc = EG_OK;

	*ret = true;
	if (cli_has(x->c, O_PROJECT))
		return keep_of_project(x->s->store, b, x->c->opt[O_PROJECT], ret, err);
	if (cli_has(x->c, O_SOURCE)) {
		rc = keep_source(x->s->store, b, &x->a, &source, err);
		*ret = strcmp(source, x->c->opt[O_SOURCE]) == 0;
	}
	return rc;
}

static int
take_bundle(void *ctx, const struct bundle_row *b, struct eg_err *err)
{
	struct exporting *x = ctx;
	bool gone = !eg_fs_exists(x->s->spool.archive, b->path), want;
	const char *source = "", *name = "";
	char *path = gone ? tombstone_path(b->path) : eg_xstrdup(b->path);
	int rc = wanted(x, b, &want, err);

	if (rc == EG_OK && want) {
		rc = keep_source(x->s->store, b, &x->a, &source, err);
		if (rc == EG_OK)
			rc = keep_name(x->s->store, b, &x->a, &name, err);
		if (rc == EG_OK)
			rc = put_three(x, path, err);
		const char *cells[] = { b->id, b->kind, b->of_id, source, name, x->when, b->path, b->sha256,
			gone ? "deleted under retention" : "" };
		if (rc == EG_OK)
			rc = csv(&x->index, cells, 9, err);
		eg_buf_printf(&x->bundles, "%s %s %s\n", b->id, b->path, b->sha256);
		x->n++;
		x->deleted += gone;
	}
	free(path);
	return rc;
}

/* ---- the log ---- */

static int
right_row(struct exporting *x, const json_t *j, const char *event, struct eg_err *err)
{
	static const char *const fields[] = { "role", "types", "can_export", "can_import", "limit", "tools", "may",
		"key", "account" };
	const json_t *d = json_object_get(j, "detail");
	const char *cells[13] = { x->when, json_string_value(json_object_get(j, "actor")), event, x->id };
	char *text[9] = { NULL };
	int rc;

	for (size_t i = 0; i < 9; i++) {
		const json_t *v = json_object_get(d, fields[i]);
		if (v != NULL && !json_is_string(v) && !json_is_null(v))
			text[i] = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
		cells[4 + i] = text[i] != NULL ? text[i] : json_string_value(v);
	}
	rc = csv(&x->rights, cells, 13, err);
	for (size_t i = 0; i < 9; i++)
		free(text[i]);
	return rc;
}

static int
change_row(struct exporting *x, const json_t *j, const char *event, struct eg_err *err)
{
	char *detail = json_dumps(json_object_get(j, "detail"), JSON_COMPACT);
	const char *cells[] = { x->when, json_string_value(json_object_get(j, "actor")), event, x->id, detail };
	int rc = csv(&x->changes, cells, 5, err);

	free(detail);
	return rc;
}

static int
take_event(struct exporting *x, const json_t *j, const char *event, struct eg_err *err)
{
	static const char *const changes[] = { "config", "config-changed", "adapter-changed", "table-changed",
		"key-changed", "legal-hold", "legal-hold-lifted", "retention-deleted", "rebuilt", "clock-accepted" };
	int64_t at = 0;

	if (strncmp(event, "user-", 5) == 0)
		return right_row(x, j, event, err);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
		if (strcmp(event, changes[i]) == 0)
			return change_row(x, j, event, err);
	if (strcmp(event, "archived") != 0 || !eg_time_parse(eg_bytes_str(x->when), &at) || at < x->from || at >= x->to)
		return EG_OK;
	return bundle_row_each(x->s->store, x->id, take_bundle, x, err);
}

static int
entry(void *ctx, uint64_t index, struct eg_bytes line, struct eg_err *err)
{
	struct exporting *x = ctx;
	json_t *j = json_loadb((const char *)line.ptr, line.len, 0, NULL);
	const char *event = json_string_value(json_object_get(j, "event"));
	int rc = EG_OK;

	(void)index;
	eg_arena_reset(&x->a);
	eg_buf_add(&x->entries, line);
	eg_buf_chr(&x->entries, '\n');
	x->id = json_string_value(json_object_get(j, "id"));
	x->when = json_string_value(json_object_get(j, "time"));
	if (event != NULL && x->id != NULL && x->when != NULL)
		rc = take_event(x, j, event, err);
	json_decref(j);
	return rc;
}

static int
heads(struct exporting *x, struct eg_err *err)
{
	static const char *const index[] = { "bundle", "kind", "of", "source", "name", "sealed", "path", "sha256",
		"note" };
	static const char *const rights[] = { "time", "by", "event", "user", "role", "types", "can_export",
		"can_import", "limit", "tools", "may", "key", "account" };
	static const char *const changes[] = { "time", "by", "event", "what", "detail" };
	int rc = csv(&x->index, index, 9, err);

	if (rc == EG_OK)
		rc = csv(&x->rights, rights, 13, err);
	return rc == EG_OK ? csv(&x->changes, changes, 5, err) : rc;
}

static int
take_log(struct exporting *x, struct eg_err *err)
{
	char *origin = site_log_origin(x->s);
	struct log_verdict v = { .good = false };
	int rc = log_verify(&x->s->spool, origin, NULL, entry, x, &v, err);

	free(origin);
	if (rc == EG_OK && !v.good)
		rc = eg_fail(err, EG_BADFILE, "EXPORT",
		    "the log is not whole, and without it an export proves nothing: %s See: erpgate audit verify",
		    v.problem);
	return rc;
}

/* ---- the rest ---- */

struct tree {
	struct exporting *x;
	const char *path; /* below archive/ */
};

static int
tree_each(void *ctx, const char *name, struct eg_err *err)
{
	const struct tree *t = ctx;
	struct exporting *x = t->x;
	char *path = eg_xprintf("%s/%s", t->path, name);
	struct tree below = { x, path };
	struct stat st;
	int dir = -1, rc = EG_OK;

	if (name[0] == '.' || fstatat(x->s->spool.archive, path, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		free(path);
		return EG_OK;
	}
	if (S_ISDIR(st.st_mode)) {
		rc = eg_fs_opendir(x->s->spool.archive, path, &dir, err);
		if (rc == EG_OK)
			rc = eg_fs_list(dir, tree_each, &below, err);
		eg_fd_done(&dir);
	} else if (S_ISREG(st.st_mode))
		rc = export_copy(&x->out, path, x->s->spool.archive, path, err);
	free(path);
	return rc;
}

static int
put_tree(struct exporting *x, const char *path, struct eg_err *err)
{
	struct tree t = { x, path };
	int dir = -1, rc = eg_fs_opendir(x->s->spool.archive, path, &dir, err);

	if (rc == EG_OK)
		rc = eg_fs_list(dir, tree_each, &t, err);
	eg_fd_done(&dir);
	return rc;
}

static void
readme(struct exporting *x, const char *from, const char *to, const char *filter, struct eg_buf *b)
{
	eg_buf_printf(b, "What erpgate of site %s sealed from %s to %s (UTC days)%s%s\n\n", x->s->name, from, to,
	    strcmp(filter, "none") == 0 ? "" : ", only ", strcmp(filter, "none") == 0 ? "" : filter);
	eg_buf_printf(b, "%u bundles, %u of them deleted under retention since then (their tombstones are here).\n\n",
	    x->n, x->deleted);
	eg_buf_str(b,
	    "Check all of it, without erpgate and without a network:\n\n    sh verify.sh\n\n"
	    "By hand, for one bundle A:\n\n"
	    "    sha256sum --strict -c A.zip.sha256 | grep -x 'A.zip: OK'             in its folder: the bytes are those that were sealed\n"
	    "    openssl pkeyutl -verify -rawin -pubin -inkey ../../../keys/KEY.pub.pem -in A.zip.sha256 -sigfile A.zip.sha256.sig\n"
	    "    unzip A.zip, then in A/: sha256sum --strict -c manifest-sha256.txt   so is every file in it\n\n"
	    "What is here\n\n"
	    "    index.csv          one line for each bundle: what it is, of what, when it was sealed\n"
	    "    bundles/           the bundles, each with its digest and the gateway's signature over that; or its tombstone\n"
	    "    log/               the whole log of the site: entries.jsonl (one line each), and the tiles and the signed checkpoint as they stand in the archive.\n"
	    "                       The checkpoint's root is computed from all entries (RFC 6962): so each entry, and each bundle that one names, is proved by it.\n"
	    "    rights.csv         every change of users and rights, from the first day on: who could decide what from when to when\n"
	    "    changes.csv        every change of settings, adapters, tables and keys, legal holds and deletions\n"
	    "    keys/              public keys. Compare them with those you were given before: a key that comes with the evidence proves nothing alone.\n"
	    "    export.txt         which days were asked for, by whom, when\n"
	    "    SHA256SUMS(.sig)   of the files of this folder, signed by the gateway\n");
}

static int
put_sums(struct exporting *x, struct eg_err *err)
{
	unsigned char sig[SIGN_ED25519_LEN];
	struct eg_buf sums = x->out.sums;
	int rc;

	x->out.sums = (struct eg_buf)EG_BUF_INIT; /* the list does not name itself */
	rc = sign_bytes(x->s->key, eg_buf_view(&sums), sig, err);
	if (rc == EG_OK)
		rc = export_put(&x->out, "SHA256SUMS.sig", eg_bytes(sig, sizeof(sig)), err);
	if (rc == EG_OK)
		rc = export_put(&x->out, "SHA256SUMS", eg_buf_view(&sums), err);
	eg_buf_done(&sums);
	return rc;
}

static int
put_texts(struct exporting *x, const char *from, const char *to, const char *filter, struct eg_err *err)
{
	struct eg_buf text = EG_BUF_INIT, note = EG_BUF_INIT;
	char now[EG_TIME_TEXT];
	const struct {
		const char *name;
		const struct eg_buf *text;
	} files[] = { { "README.txt", &text }, { "bundles.txt", &x->bundles }, { "changes.csv", &x->changes },
		{ "export.txt", &note }, { "index.csv", &x->index }, { "log/entries.jsonl", &x->entries },
		{ "rights.csv", &x->rights } };
	int rc = EG_OK;

	eg_time_print(now, site_now(x->s));
	readme(x, from, to, filter, &text);
	eg_buf_printf(&note, "from %s\nto %s\nfilter %s\nsite %s\nby %s\nat %s\nerpgate %s\n", from, to, filter,
	    x->s->name, x->s->actor, now, ERPGATE_VERSION);
	for (size_t i = 0; rc == EG_OK && i < sizeof(files) / sizeof(files[0]); i++)
		rc = export_put(&x->out, files[i].name, eg_buf_view(files[i].text), err);
	if (rc == EG_OK)
		rc = export_put(&x->out, "verify.sh", eg_bytes(export_verify_script, export_verify_script_len), err);
	eg_buf_done(&text);
	eg_buf_done(&note);
	return rc;
}

static int
log_export(struct site *s, void *ctx, struct eg_err *err)
{
	const struct cli *c = ctx;
	json_t *j = json_pack("{s:s,s:s,s:s?,s:s?,s:s}", "from", c->opt[O_FROM], "to", c->opt[O_TO], "source",
	    c->opt[O_SOURCE], "project", c->opt[O_PROJECT], "account", s->caller.account);
	char *text = j == NULL ? NULL : json_dumps(j, JSON_COMPACT);
	int rc = text == NULL ? eg_fail(err, EG_BADREC, "USAGE", "source and project must be UTF-8 text") :
	                        site_log(s, "exported-archive", "", text, err);

	free(text);
	json_decref(j);
	return rc;
}

static int
export_all(struct exporting *x, struct eg_err *err)
{
	const char *from = x->c->opt[O_FROM], *to = x->c->opt[O_TO];
	char *top = eg_xprintf("erpgate-%s-%s", from, to),
	     *filter = cli_has(x->c, O_PROJECT) ? eg_xprintf("project %s", x->c->opt[O_PROJECT]) :
	               cli_has(x->c, O_SOURCE)  ? eg_xprintf("source %s", x->c->opt[O_SOURCE]) :
	                                          eg_xstrdup("none");
	int rc = export_open(&x->out, x->c->opt[O_OUTPUT], top, err);

	if (rc == EG_OK)
		rc = cli_tx(x->s, log_export, x->c, err);
	if (rc == EG_OK)
		rc = turn_keep(x->s, err); /* the log that goes with it names it */
	if (rc == EG_OK)
		rc = heads(x, err);
	if (rc == EG_OK)
		rc = take_log(x, err);
	if (rc == EG_OK)
		rc = put_tree(x, "keys", err);
	if (rc == EG_OK)
		rc = put_tree(x, "log", err);
	if (rc == EG_OK)
		rc = put_texts(x, from, to, filter, err);
	if (rc == EG_OK)
		rc = put_sums(x, err);
	if (rc == EG_OK)
		rc = export_end(&x->out, err);
	export_done(&x->out);
	free(top);
	free(filter);
	return rc;
}

static int
days(struct exporting *x, struct eg_err *err)
{
	int rc = audit_day("from", x->c->opt[O_FROM], &x->from, err);

	if (rc == EG_OK)
		rc = audit_day("to", x->c->opt[O_TO], &x->to, err);
	x->to += DAY;
	if (rc == EG_OK && x->to <= x->from)
		rc = eg_fail(err, EG_BADREC, "USAGE", "--to is before --from");
	return rc;
}

int
audit_export(struct cli *c)
{
	struct exporting x = { .c = c, .out = EXPORT_OUT_INIT };
	struct eg_err err = { 0 };
	struct site s;
	int code, rc;

	if (!cli_has(c, O_FROM) || !cli_has(c, O_TO) || !cli_has(c, O_OUTPUT))
		return cli_usage(
		    c, "say which days and where to: --from 2026-03-01 --to 2026-03-31 -o FOLDER or FILE.zip");
	if (cli_has(c, O_SOURCE) && cli_has(c, O_PROJECT))
		return cli_usage(c, "one of --source and --project");
	if (!cli_site(c, SITE_CHANGE, &s, &code))
		return code;
	x.s = &s;
	eg_arena_init(&x.a, 1 << 20);
	rc = days(&x, &err);
	if (rc == EG_OK)
		rc = action_allowed(&s, ACTION_LOOK, NULL, &err);
	if (rc == EG_OK)
		rc = export_all(&x, &err);
	if (rc == EG_OK && cli_has(c, O_JSON))
		cli_json(json_pack("{s:s,s:i,s:i,s:s}", "type", "export", "bundles", (int)x.n, "deleted",
		    (int)x.deleted, "path", c->opt[O_OUTPUT]));
	else if (rc == EG_OK && !cli_has(c, O_QUIET))
		(void)printf("%u bundles and the log written to %s. To check it anywhere: sh verify.sh\n", x.n,
		    c->opt[O_OUTPUT]);
	code = rc < 0 ? cli_fail(c, &err) : CLI_OK;
	eg_buf_done(&x.entries);
	eg_buf_done(&x.bundles);
	eg_buf_done(&x.index);
	eg_buf_done(&x.rights);
	eg_buf_done(&x.changes);
	eg_arena_done(&x.a);
	cli_close(c, &s);
	return code;
}
