/* SPDX-License-Identifier: MIT
 *
 * adapters: list, show, lint, and the way to its other actions. All but those that look at items work without a site, too: then with the default settings
 * of an accounting system.
 */
#include "base/fs.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "gateway/cli/tools.h"

#include <fcntl.h>
#include <limits.h>

/* ---- what the checker says ---- */

struct lint {
	struct cli *c;
	bool advise; /* tell what is only advice */
	unsigned errors, warnings, advice;
};

/* How much of the line a fault is about: a quoted text or a word. */
static size_t
word_length(struct eg_bytes line, size_t pos)
{
	size_t n = 0;
	bool quoted = pos < line.len && line.ptr[pos] == '"';

	while (pos + n < line.len && (quoted ? n == 0 || line.ptr[pos + n] != '"' :
					       line.ptr[pos + n] > ' ' && strchr("|,()", line.ptr[pos + n]) == NULL))
		n++;
	n += quoted && pos + n < line.len;
	return n == 0 ? 1 : eg_utf8_count(eg_bytes_sub(line, pos, n));
}

static void
put_caret(const struct adp_diag *d)
{
	struct eg_bytes line = eg_bytes_str(d->source_line);
	size_t pos = 0;

	(void)printf("%6u | %.*s\n       | ", d->line, EG_FMT(line));
	for (uint32_t col = 1; col < d->col && pos < line.len; col++)
		(void)putchar(eg_utf8_next(line, &pos) == '\t' ? '\t' : ' ');
	for (size_t n = word_length(line, pos); n > 0; n--)
		(void)putchar('^');
	(void)printf("%s%s\n", d->hint != NULL ? "  " : "", d->hint != NULL ? d->hint : "");
}

static void
on_diag(void *ctx, const struct adp_diag *d)
{
	struct lint *l = ctx;
	const char *severity = d->error ? "error" : d->advice ? "advice" : "warning";

	l->errors += d->error;
	l->advice += d->advice;
	l->warnings += !d->error && !d->advice;
	if (d->advice && !l->advise)
		return;
	if (cli_has(l->c, O_JSON)) {
		cli_json(json_pack("{s:s,s:s,s:i,s:i,s:s,s:s,s:s,s:o}", "type", "diagnostic", "file", d->file, "line",
		    (int)d->line, "column", (int)d->col, "severity", severity, "code", d->code, "message", d->msg,
		    "hint", cli_str(d->hint)));
		return;
	}
	(void)printf("%s:%u:%u: %s: %s (%s)\n", d->file, d->line, d->col, severity, d->msg, d->code);
	if (d->source_line != NULL && *d->source_line != '\0' &&
	    eg_utf8_valid(eg_bytes_str(d->source_line)) == strlen(d->source_line))
		put_caret(d);
	else if (d->hint != NULL)
		(void)printf("       | %s\n", d->hint);
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
	struct cli_table *t = cli_has(c, O_JSON) ? NULL : cli_table_new(titles, 7, CLI_COL(4));

	for (size_t i = 0; i < adp_set_count(s->adapters); i++)
		list_one(t, adp_info(adp_set_at(s->adapters, i)));
	if (t != NULL)
		cli_table_print(t);
	else
		cli_json(json_pack("{s:s,s:i}", "type", "summary", "adapters", (int)adp_set_count(s->adapters)));
	return CLI_OK;
}

static int
adapters_show(struct cli *c, struct site *s)
{
	const struct adp *a = adp_set_named(s->adapters, c->argv[1]);
	unsigned n = 0;

	if (a == NULL)
		return tools_no_adapter(c, s->adapters, c->argv[1]);
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

static void
lint_summary(const struct lint *l, bool site)
{
	if (cli_has(l->c, O_JSON)) {
		cli_json(json_pack("{s:s,s:i,s:i,s:i}", "type", "summary", "errors", (int)l->errors, "warnings",
		    (int)l->warnings, "advice", (int)l->advice));
		return;
	}
	(void)printf(
	    "%u error%s, %u warning%s", l->errors, l->errors == 1 ? "" : "s", l->warnings, l->warnings == 1 ? "" : "s");
	if (l->advice > 0)
		(void)printf(", %u piece%s of advice%s", l->advice, l->advice == 1 ? "" : "s",
		    l->advise ? "" : " (see them: erpgate adapters lint --all)");
	(void)printf("%s\n", site ? "" : " (no site here: default settings)");
}

/* Without names all adapters and tables there are; with names those files, as if they stood first. */
static int
adapters_lint(struct cli *c)
{
	bool files = c->argc > 1, found;
	struct lint l = { .c = c, .advise = files || cli_has(c, O_ALL) };
	struct eg_err err = { 0 };
	struct site s;
	int rc = tools_open(c, NULL, files ? NULL : on_diag, &l, &s, &found, &err);

	if (rc == EG_BADFILE && (l.errors > 0 || (files && s.adapters != NULL)))
		rc = EG_OK; /* told already; or a fault of another file than those asked for */
	for (int i = 1; rc == EG_OK && i < c->argc; i++)
		rc = lint_file(&l, &s, c->argv[i], &err);
	if (rc == EG_OK)
		lint_summary(&l, found);
	site_close(&s);
	if (rc < 0)
		return cli_fail(c, &err);
	return l.errors > 0 ? CLI_FINDINGS : CLI_OK;
}

/* ---- the command ---- */

static int
list_or_show(struct cli *c)
{
	struct eg_err err = { 0 };
	struct site s;
	bool found;
	int code;

	if (tools_open(c, NULL, NULL, NULL, &s, &found, &err) < 0)
		code = cli_fail(c, &err);
	else
		code = strcmp(c->argv[0], "list") == 0 ? adapters_list(c, &s) : adapters_show(c, &s);
	site_close(&s);
	return code;
}

static const struct {
	const char *name;
	cli_options options;
	int least, most; /* operands, the action's name included */
	int (*run)(struct cli *c);
} actions[] = {
	{ "list", 0, 1, 1, list_or_show },
	{ "show", OPT(O_EXPLAIN), 2, 2, list_or_show },
	{ "lint", OPT(O_ALL), 1, INT_MAX, adapters_lint },
	{ "test", OPT(O_ACCEPT), 1, 2, adapters_test },
	{ "diff", OPT(O_ON) | OPT(O_CSV), 4, 4, adapters_diff },
	{ "mapping", OPT(O_ALL) | OPT(O_OUTPUT), 1, 2, adapters_mapping },
	{ "from-template", OPT(O_ERP) | OPT(O_OBJECT) | OPT(O_OUTPUT), 2, 2, adapters_from_template },
};
#define OF_ACTIONS                                                                                           \
	(OPT(O_EXPLAIN) | OPT(O_ALL) | OPT(O_ACCEPT) | OPT(O_ON) | OPT(O_CSV) | OPT(O_OUTPUT) | OPT(O_ERP) | \
	    OPT(O_OBJECT))

int
cmd_adapters(struct cli *c)
{
	const char *act = c->argv[0];
	size_t i = 0;

	while (i < sizeof(actions) / sizeof(actions[0]) && strcmp(actions[i].name, act) != 0)
		i++;
	if (i == sizeof(actions) / sizeof(actions[0]))
		return cli_usage(c, "\"%s\" is not list, show, lint, test, diff, mapping or from-template", act);
	for (int o = 0; o < O_NOPTS; o++)
		if (c->opt[o] != NULL && (OF_ACTIONS >> o & 1) != 0 && (actions[i].options >> o & 1) == 0)
			return cli_usage(c, "%s takes another option; see erpgate help adapters", act);
	if (c->argc < actions[i].least || c->argc > actions[i].most)
		return cli_usage(c, "%s takes %s; see erpgate help adapters", act,
		    c->argc < actions[i].least ? "more than that" : "less than that");
	return strcmp(act, "show") == 0 && cli_has(c, O_EXPLAIN) ? adapters_explain(c) : actions[i].run(c);
}
