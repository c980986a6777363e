/* SPDX-License-Identifier: MIT
 *
 * adapters: list, show, lint, test. lint and test work without a site, too: then with the default settings of each accounting system.
 */
#include "base/fs.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "formats/container.h"
#include "formats/text.h"
#include "formats/xml_read.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/fixtures.h"

#include <fcntl.h>
#include <unistd.h>

static const char *const systems[] = { "cmic", "acumatica", "mri" };

/* ---- sites for checking ---- */

struct lint {
	struct cli *c;
	unsigned errors, warnings;
};

static void
put_caret(const struct adp_diag *d)
{
	struct eg_bytes line = eg_bytes_str(d->source_line);
	size_t pos = 0;

	(void)printf("%6u | %.*s\n       | ", d->line, EG_FMT(line));
	for (uint32_t col = 1; col < d->col && pos < line.len; col++)
		(void)putchar(eg_utf8_next(line, &pos) == '\t' ? '\t' : ' ');
	(void)printf("^%s%s\n", d->hint != NULL ? "  " : "", d->hint != NULL ? d->hint : "");
}

static void
on_diag(void *ctx, const struct adp_diag *d)
{
	struct lint *l = ctx;

	l->errors += d->error;
	l->warnings += !d->error;
	if (cli_has(l->c, O_JSON)) {
		cli_json(json_pack("{s:s,s:s,s:i,s:i,s:s,s:s,s:s,s:o}", "type", "diagnostic", "file", d->file, "line",
		    (int)d->line, "column", (int)d->col, "severity", d->error ? "error" : "warning", "code", d->code,
		    "message", d->msg, "hint", cli_str(d->hint)));
		return;
	}
	(void)printf(
	    "%s:%u:%u: %s: %s (%s)\n", d->file, d->line, d->col, d->error ? "error" : "warning", d->msg, d->code);
	if (d->source_line != NULL && *d->source_line != '\0' &&
	    eg_utf8_valid(eg_bytes_str(d->source_line)) == strlen(d->source_line))
		put_caret(d);
	else if (d->hint != NULL)
		(void)printf("       | %s\n", d->hint);
}

static const char *
site_dir(const struct cli *c)
{
	const char *home = getenv("ERPGATE_HOME");

	if (c->opt[O_DIR] != NULL)
		return c->opt[O_DIR];
	return home != NULL && *home != '\0' ? home : access("erpgate.conf", F_OK) == 0 ? "." : "/etc/erpgate";
}

/* What a checker needs of a site: settings and adapters, faults told instead of stopping. Without a site: default settings for `erp`. *ret_found: there is a site. */
static int
open_for_checking(struct cli *c, const char *erp, adp_diag_fn *diag, struct lint *l, struct site *ret, bool *ret_found,
    struct eg_err *err)
{
	const char *path = site_dir(c);
	char *conf = eg_xprintf("%s/erpgate.conf", path), *defaults = eg_xprintf("erp = %s\n", erp);
	struct eg_buf text = { .max = EG_LIMIT_CONF_BYTES + 1 };
	int rc = EG_OK;

	*ret = (struct site){ .dir = -1, .spool = SPOOL_INIT, .actor = "erpgate" };
	ret->path = eg_xstrdup(path);
	*ret_found = access(conf, F_OK) == 0;
	if (*ret_found) {
		rc = eg_fs_opendir(AT_FDCWD, path, &ret->dir, err);
		if (rc == EG_OK)
			rc = eg_fs_read_file(ret->dir, "erpgate.conf", EG_LIMIT_CONF_BYTES, &text, err);
	} else if (cli_has(c, O_DIR))
		rc = eg_fail(err, EG_BADFILE, "NO-SITE", "%s is no site. Make one: erpgate init %s", path, path);
	else
		eg_buf_str(&text, defaults);
	if (rc == EG_OK)
		rc = conf_parse(eg_buf_view(&text), conf, &ret->conf, err);
	if (rc == EG_OK) {
		ret->erp = conf_text(&ret->conf, "erp");
		rc = fmt_text_preload(err);
	}
	if (rc == EG_OK) {
		fmt_xml_init();
		fmt_zip_init();
		rc = site_load_adapters(ret, diag, l, err);
	}
	eg_buf_done(&text);
	free(defaults);
	free(conf);
	return rc;
}

/* ---- list, show ---- */

static void
list_one(struct cli_table *t, const struct adp_info *i)
{
	char version[16], sha[13];

	(void)snprintf(version, sizeof(version), "%u", i->version);
	(void)snprintf(sha, sizeof(sha), "%.12s", i->sha256);
	if (t == NULL)
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:o,s:o,s:i,s:s,s:s,s:s}", "type", "adapter", "name", i->name,
		    "system", i->system, "direction", i->out ? "out" : "in", "record",
		    i->record == NULL ? json_null() : json_string(i->record->name), "object", cli_str(i->object),
		    "version", (int)i->version, "title", i->title == NULL ? "" : i->title, "file", i->file, "sha256",
		    i->sha256));
	else {
		const char *cells[] = { i->name, i->system, i->out ? "out" : "in",
			i->out            ? i->object :
			i->record == NULL ? "" :
					    i->record->name,
			version, sha, i->file };
		cli_table_row(t, cells);
	}
}

static int
adapters_list(struct cli *c, struct site *s)
{
	static const char *const titles[] = { "ADAPTER", "SYSTEM", "", "RECORD", "VERSION", "SHA-256", "FILE" };
	struct cli_table *t = cli_has(c, O_JSON) ? NULL : cli_table_new(titles, 7, OPT(4));

	for (size_t i = 0; i < adp_set_count(s->adapters); i++)
		list_one(t, adp_info(adp_set_at(s->adapters, i)));
	if (t != NULL)
		cli_table_print(t);
	else
		cli_json(json_pack("{s:s,s:i}", "type", "summary", "adapters", (int)adp_set_count(s->adapters)));
	return CLI_OK;
}

static int
no_adapter(struct cli *c, const char *name)
{
	struct eg_err err = { 0 };

	(void)eg_fail(&err, EG_BADREC, "NOT-FOUND", "There is no adapter %s. See them: erpgate adapters list", name);
	return cli_fail(c, &err);
}

static int
adapters_show(struct cli *c, struct site *s)
{
	const struct adp *a = c->argc == 2 ? adp_set_named(s->adapters, c->argv[1]) : NULL;
	unsigned n = 0;

	if (c->argc != 2)
		return cli_usage(c, "give one adapter's name; all of them: erpgate adapters list");
	if (a == NULL)
		return no_adapter(c, c->argv[1]);
	if (cli_has(c, O_JSON)) {
		list_one(NULL, adp_info(a));
		return CLI_OK;
	}
	struct eg_bytes rest = adp_info(a)->text, line;
	(void)printf("%s   sha256 %s\n", adp_info(a)->file, adp_info(a)->sha256);
	while (rest.len > 0 && eg_bytes_cut(&rest, '\n', &line))
		(void)printf("%5u | %.*s\n", ++n, EG_FMT(line));
	return CLI_OK;
}

/* ---- lint ---- */

static int
lint_file(struct lint *l, struct site *s, const char *path, struct eg_err *err)
{
	struct eg_buf text = { .max = EG_LIMIT_ADAPTER_BYTES + 2 };
	struct eg_err told;
	int rc = eg_fs_read_file(AT_FDCWD, path, EG_LIMIT_ADAPTER_BYTES + 1, &text, err);

	if (rc == EG_OK && adp_set_add(s->adapters, path, eg_buf_view(&text), on_diag, l, &told) < 0)
		eg_check(l->errors > 0); /* its faults were told to on_diag */
	eg_buf_done(&text);
	return rc;
}

static int
adapters_lint(struct cli *c)
{
	struct lint l = { .c = c };
	struct eg_err err = { 0 };
	struct site s;
	bool files = c->argc > 1, found;
	int rc = open_for_checking(c, "cmic", files ? NULL : on_diag, &l, &s, &found, &err);

	if (rc == EG_BADFILE && l.errors > 0)
		rc = EG_OK; /* told already */
	for (int i = 1; rc == EG_OK && i < c->argc; i++)
		rc = lint_file(&l, &s, c->argv[i], &err);
	if (rc == EG_OK && cli_has(c, O_JSON))
		cli_json(json_pack(
		    "{s:s,s:i,s:i}", "type", "summary", "errors", (int)l.errors, "warnings", (int)l.warnings));
	else if (rc == EG_OK)
		(void)printf("%u errors, %u warnings%s\n", l.errors, l.warnings,
		    found ? "" : " (no site here: default settings)");
	site_close(&s);
	if (rc < 0)
		return cli_fail(c, &err);
	return l.errors > 0 ? CLI_FINDINGS : CLI_OK;
}

/* ---- test ---- */

/* Adapters of the site's own system and of the project side; `project_side`: these too. */
static int
test_site(struct cli *c, struct site *s, bool project_side, struct fixture_counts *n, struct eg_err *err)
{
	const char *only = c->argc > 1 ? c->argv[1] : NULL;
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < adp_set_count(s->adapters); i++) {
		const struct adp_info *a = adp_info(adp_set_at(s->adapters, i));
		bool of_erp = strcmp(a->system, s->erp) == 0, foreign = false;
		for (size_t k = 0; k < sizeof(systems) / sizeof(systems[0]); k++)
			foreign = foreign || (!of_erp && strcmp(a->system, systems[k]) == 0);
		if (!foreign && (of_erp || project_side) && (only == NULL || strcmp(only, a->name) == 0))
			rc = fixtures_play(c, s, a, cli_has(c, O_ACCEPT), n, err);
	}
	return rc;
}

static int
adapters_test(struct cli *c)
{
	struct fixture_counts n = { 0 };
	struct eg_err err = { 0 };
	bool found = false, known = c->argc < 2;
	int rc = EG_OK;

	for (size_t k = 0; rc == EG_OK && !found && k < sizeof(systems) / sizeof(systems[0]); k++) {
		struct site s;
		rc = open_for_checking(c, systems[k], NULL, NULL, &s, &found, &err);
		known = known || (rc == EG_OK && adp_set_named(s.adapters, c->argv[1]) != NULL);
		if (rc == EG_OK)
			rc = test_site(c, &s, k == 0, &n,
			    &err); /* project side files read the same for every system: once is enough */
		site_close(&s);
	}
	if (rc < 0)
		return cli_fail(c, &err);
	if (!known)
		return no_adapter(c, c->argv[1]);
	if (cli_has(c, O_JSON))
		cli_json(json_pack("{s:s,s:i,s:i,s:i}", "type", "summary", "adapters", (int)n.adapters, "cases",
		    (int)n.cases, "failed", (int)n.failed));
	else if (n.failed > 0)
		(void)printf(
		    "%u of %u fixtures failed. If the new output is right: erpgate adapters test NAME --accept\n",
		    n.failed, n.cases);
	else
		(void)printf("%u fixtures of %u adapters, all as expected.\n", n.cases, n.adapters);
	return n.failed > 0 ? CLI_FINDINGS : CLI_OK;
}

/* ---- the command ---- */

int
cmd_adapters(struct cli *c)
{
	const char *act = c->argv[0];
	struct lint l = { .c = c };
	struct eg_err err = { 0 };
	struct site s;
	bool found;
	int code;

	if (strcmp(act, "lint") == 0)
		return adapters_lint(c);
	if (strcmp(act, "test") == 0)
		return adapters_test(c);
	if (strcmp(act, "list") != 0 && strcmp(act, "show") != 0)
		return cli_usage(c, "\"%s\" is not list, show, lint or test", act);
	if (open_for_checking(c, "cmic", NULL, &l, &s, &found, &err) < 0)
		code = cli_fail(c, &err);
	else
		code = strcmp(act, "list") == 0 ? adapters_list(c, &s) : adapters_show(c, &s);
	site_close(&s);
	return code;
}
