/* SPDX-License-Identifier: MIT
 *
 * help: made from the tables that the program runs on (commands, states, record model, settings, findings), so that it cannot say something else.
 * Tests: tests/unit/test_cli.c.
 */
#include "gateway/cli/help.h"

#include "gateway/cli/cli.h"
#include "gateway/recover_table.h"
#include "gateway/workflow/actions.h"
#include "gateway/workflow/rulebook.h"

static const struct {
	enum cli_opt o;
	const char *text, *help;
} options[] = {
	{ O_DIR, "-C DIR", "the site; else $ERPGATE_HOME, the current folder when it is a site, /etc/erpgate" },
	{ O_JSON, "--json", "JSON lines on stdout, the last one a summary" },
	{ O_PLAIN, "--plain", "one record a line, nothing cut" },
	{ O_QUIET, "-q, --quiet", "only what was asked for" },
	{ O_HELP, "-h, --help", "this text" },
	{ O_VERSION, "--version", "the program's version" },
	{ O_AS, "--as NAME", "who acts" },
	{ O_DRY_RUN, "--dry-run", "say what would happen, change nothing" },
	{ O_KEY, "--key PEM", "the person's private key: signs the decision, proves --as" },
	{ O_REASON, "--reason TEXT", "why; kept in the log" },
	{ O_COMMENT, "--comment TEXT", "kept with the decision" },
	{ O_SIG, "--sig FILE", "detached signature; else FILE.sig beside the sheet" },
	{ O_SOURCE, "--source NAME", "whose file it is: a folder below spool/drop" },
	{ O_TO, "--to TARGET",
	    "cmic, acumatica, mri or procore; for reprocess --target: a new batch for it; for audit: up to this day, included" },
	{ O_OUTPUT, "-o, --output PATH", "where to write; - is stdout" },
	{ O_STATE, "--state S", "only items in this state (help states)" },
	{ O_ERP, "--erp T", "accounting system: cmic, acumatica or mri" },
	{ O_TYPE, "--type R", "only this record type (help types)" },
	{ O_PROJECT, "--project P", "only this project" },
	{ O_ALL, "--all", "closed items too" },
	{ O_LIMIT, "--limit N",
	    "users: highest amount he may accept, or none; log: number of entries; whatif: number of examples" },
	{ O_DROP, "--drop D", "only this drop" },
	{ O_RUN, "--run last|N", "only this run" },
	{ O_ITEM, "--item ID", "only this item" },
	{ O_SEVERITY, "--severity R|H|W|N", "rejected, held, warning, note" },
	{ O_LINEAGE, "--lineage", "for every written line and column: the bytes it came from" },
	{ O_RAW, "--raw", "the exact bytes of the document in the received file" },
	{ O_DIFF, "--diff", "what changed since the revision before" },
	{ O_FAIL_ON_WAITING, "--fail-on-waiting", "exit 4 when items wait for a decision or are held" },
	{ O_SCHEDULED, "--scheduled", "keep to the schedules of the settings" },
	{ O_ERP_ID, "--erp-id X", "the record's key in the accounting system" },
	{ O_ROLE, "--role ROLE", "none, read, standard or admin" },
	{ O_APPROVE, "--approve TYPE,…|all", "record types he may decide about (help types)" },
	{ O_CAN_EXPORT, "--can-export TYPE,…", "the same, only those that go to the ERP" },
	{ O_CAN_IMPORT, "--can-import TYPE,…", "the same, only those that come from the ERP" },
	{ O_TOOL, "--tool TOOL=LEVEL[@PROJECT]",
	    "right on a tool of the project side: commitments, budget, prime-contracts, directory, admin, reports" },
	{ O_MAY, "--may RIGHT,…", "single rights: create-project, send-budgets" },
	{ O_FULL_NAME, "--full-name TEXT", "his name, as people know it" },
	{ O_MAIL, "--mail ADDRESS", "where mails to him go; empty: none" },
	{ O_SUMMARY, "--summary yes|no", "he gets the daily summary of what waits for him" },
	{ O_PUBKEY, "--pubkey FILE", "his public key" },
	{ O_ACCOUNT, "--account NAME", "his account on this machine" },
	{ O_ONCE, "--once", "one turn, then end" },
	{ O_POSTED, "--posted yes|no", "the ERP has posted it, too; default yes" },
	{ O_ACCEPT, "--accept CASE", "write what came of this case as what is expected" },
	{ O_EXPLAIN, "--explain ID", "every value step by step: of an item, or of a line: D000012:5" },
	{ O_ON, "--on BATCH|DROP", "what was written or read before, and is done again with both" },
	{ O_OBJECT, "--object O", "what the file is about: COMMITMENT, or a record type" },
	{ O_SINCE, "--since D", "from this day (2026-03-01) or as long ago (30d)" },
	{ O_UNTIL, "--until D", "up to this day, included" },
	{ O_FROM, "--from D", "from this day (2026-03-01) or as long ago (30d)" },
	{ O_VENDOR, "--vendor V", "a company's key, or a part of its name" },
	{ O_AMOUNT, "--amount A|A..B", "this amount, or from A to B; one of both may be left out" },
	{ O_PERSON, "--person N", "who decided" },
	{ O_KIND, "--kind K", "drop, manifest, batch or void" },
	{ O_CSV, "--csv", "CSV on stdout: a header row and the rows" },
	{ O_GONE, "--gone PROOF",
	    "you state that the record was deleted or reversed in the ERP: who, when, reference" },
	{ O_CASCADE, "--cascade", "first everything that hangs on it (support)" },
	{ O_PROOF, "--proof FILE", "a proof that audit prove wrote, to be checked" },
	{ O_RENEW, "--renew", "a request only when the newest time stamp ends within 90 days" },
	{ O_EXACT, "--exact", "only links whose names are the same; that is what link all does" },
	{ O_ADAPTER, "--adapter FILE",
	    "an adapter instead of the one of its name that is in force; for reprocess also --with-adapter" },
	{ O_TABLE, "--table FILE", "a table instead of the one of its name that is in force" },
};

static const struct {
	int code;
	const char *what;
} exits[] = {
	{ CLI_OK, "all done; nothing to do is 0, too" },
	{ CLI_FAILED, "unexpected failure: see the message" },
	{ CLI_FINDINGS, "a question was asked and the answer is bad" },
	{ CLI_PARTIAL, "finished, but something was rejected, refused or left" },
	{ CLI_WAITING, "items wait (only with --fail-on-waiting)" },
	{ CLI_USAGE, "wrong option or argument" },
	{ CLI_DATA, "a file cannot be understood" },
	{ CLI_NOINPUT, "the named file, item or bundle does not exist" },
	{ CLI_CANTCREAT, "cannot write there" },
	{ CLI_TRYLATER, "another erpgate is at work, or the disk is full: try later" },
	{ CLI_NOPERM, "the right to do that is missing" },
	{ CLI_CONFIG, "no site, or its settings or adapters are wrong" },
};

static const int always[] = { CLI_OK, CLI_FAILED, CLI_USAGE, CLI_CONFIG };
#define BIT(c) (UINT64_C(1) << ((c) < 8 ? (c) : (c)-56)) /* codes 0-4 and 64-78 as bits */

static const struct {
	const char *command;
	uint64_t codes; /* beside those that every command has */
} specific[] = {
	{ "demo", BIT(CLI_CANTCREAT) },
	{ "init", BIT(CLI_CANTCREAT) },
	{ "doctor", BIT(CLI_FINDINGS) },
	{ "clock", BIT(CLI_FINDINGS) | BIT(CLI_DATA) | BIT(CLI_TRYLATER) | BIT(CLI_NOPERM) },
	{ "run", BIT(CLI_PARTIAL) | BIT(CLI_WAITING) | BIT(CLI_TRYLATER) },
	{ "watch", BIT(CLI_TRYLATER) },
	{ "users", BIT(CLI_NOINPUT) | BIT(CLI_CANTCREAT) | BIT(CLI_DATA) | BIT(CLI_TRYLATER) | BIT(CLI_NOPERM) },
	{ "config", BIT(CLI_TRYLATER) | BIT(CLI_NOPERM) },
	{ "sheet", BIT(CLI_CANTCREAT) | BIT(CLI_TRYLATER) | BIT(CLI_NOPERM) },
	{ "ingest", BIT(CLI_PARTIAL) | BIT(CLI_NOINPUT) | BIT(CLI_TRYLATER) | BIT(CLI_NOPERM) },
	{ "check", BIT(CLI_FINDINGS) | BIT(CLI_NOINPUT) },
	{ "convert", BIT(CLI_FINDINGS) | BIT(CLI_NOINPUT) | BIT(CLI_CANTCREAT) },
	{ "reprocess", BIT(CLI_FINDINGS) | BIT(CLI_PARTIAL) | BIT(CLI_DATA) | BIT(CLI_NOINPUT) | BIT(CLI_TRYLATER) |
			   BIT(CLI_NOPERM) },
	{ "replay-rejects", BIT(CLI_PARTIAL) | BIT(CLI_DATA) | BIT(CLI_NOINPUT) | BIT(CLI_TRYLATER) | BIT(CLI_NOPERM) },
	{ "whatif", BIT(CLI_FINDINGS) | BIT(CLI_DATA) | BIT(CLI_NOINPUT) },
	{ "reproduce", BIT(CLI_FINDINGS) | BIT(CLI_DATA) | BIT(CLI_NOINPUT) },
	{ "show", BIT(CLI_NOINPUT) },
	{ "expect", BIT(CLI_FINDINGS) },
	{ "republish", BIT(CLI_DATA) | BIT(CLI_NOINPUT) | BIT(CLI_TRYLATER) | BIT(CLI_NOPERM) },
	{ "void", BIT(CLI_DATA) | BIT(CLI_NOINPUT) | BIT(CLI_TRYLATER) | BIT(CLI_NOPERM) },
	{ "shadow", BIT(CLI_FINDINGS) | BIT(CLI_DATA) | BIT(CLI_NOINPUT) | BIT(CLI_TRYLATER) | BIT(CLI_NOPERM) },
	{ "decide", BIT(CLI_PARTIAL) | BIT(CLI_NOINPUT) | BIT(CLI_TRYLATER) | BIT(CLI_NOPERM) },
	{ "approve", BIT(CLI_PARTIAL) | BIT(CLI_NOINPUT) | BIT(CLI_TRYLATER) | BIT(CLI_NOPERM) },
	{ "reject", BIT(CLI_PARTIAL) | BIT(CLI_NOINPUT) | BIT(CLI_TRYLATER) | BIT(CLI_NOPERM) },
	{ "retrieve", BIT(CLI_PARTIAL) | BIT(CLI_NOINPUT) | BIT(CLI_TRYLATER) | BIT(CLI_NOPERM) },
	{ "resend", BIT(CLI_PARTIAL) | BIT(CLI_NOINPUT) | BIT(CLI_TRYLATER) | BIT(CLI_NOPERM) },
	{ "hold", BIT(CLI_PARTIAL) | BIT(CLI_NOINPUT) | BIT(CLI_TRYLATER) | BIT(CLI_NOPERM) },
	{ "release", BIT(CLI_PARTIAL) | BIT(CLI_NOINPUT) | BIT(CLI_TRYLATER) | BIT(CLI_NOPERM) },
	{ "archive", BIT(CLI_PARTIAL) | BIT(CLI_NOINPUT) | BIT(CLI_TRYLATER) | BIT(CLI_NOPERM) },
	{ "unarchive", BIT(CLI_PARTIAL) | BIT(CLI_NOINPUT) | BIT(CLI_TRYLATER) | BIT(CLI_NOPERM) },
	{ "unlink", BIT(CLI_PARTIAL) | BIT(CLI_DATA) | BIT(CLI_NOINPUT) | BIT(CLI_TRYLATER) | BIT(CLI_NOPERM) },
	{ "link", BIT(CLI_PARTIAL) | BIT(CLI_DATA) | BIT(CLI_NOINPUT) | BIT(CLI_TRYLATER) | BIT(CLI_NOPERM) },
	{ "adopt", BIT(CLI_PARTIAL) | BIT(CLI_DATA) | BIT(CLI_NOINPUT) | BIT(CLI_TRYLATER) | BIT(CLI_NOPERM) },
	{ "ack", BIT(CLI_PARTIAL) | BIT(CLI_NOINPUT) | BIT(CLI_TRYLATER) | BIT(CLI_NOPERM) },
	{ "adapters", BIT(CLI_FINDINGS) | BIT(CLI_PARTIAL) | BIT(CLI_DATA) | BIT(CLI_NOINPUT) | BIT(CLI_CANTCREAT) },
	{ "audit", BIT(CLI_FINDINGS) | BIT(CLI_DATA) | BIT(CLI_NOINPUT) | BIT(CLI_CANTCREAT) | BIT(CLI_TRYLATER) },
	{ "report", BIT(CLI_FINDINGS) | BIT(CLI_CANTCREAT) | BIT(CLI_NOPERM) },
};

static const char *const topics =
    "states, types, findings, rules, record TYPE, settings, rights, recovery, a code such as E-38";

/* ---- commands ---- */

static void
put_options(cli_options set, struct eg_buf *ret)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if ((set >> options[i].o & 1) != 0)
			eg_buf_printf(ret, "  %-22s %s\n", options[i].text, options[i].help);
}

static void
put_exits(const char *command, struct eg_buf *ret)
{
	uint64_t set = 0;

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		set |= BIT(always[i]);
	for (size_t i = 0; i < sizeof(specific) / sizeof(specific[0]); i++)
		if (strcmp(specific[i].command, command) == 0)
			set |= specific[i].codes;
	for (size_t i = 0; i < sizeof(exits) / sizeof(exits[0]); i++)
		if ((set & BIT(exits[i].code)) != 0)
			eg_buf_printf(ret, "  %-4d %s\n", exits[i].code, exits[i].what);
}

static void
help_command(const struct cli_command *c, struct eg_buf *ret)
{
	eg_buf_printf(ret, "erpgate %s %s\n\n%s\n", c->name, c->operands, c->help);
	if (c->options != 0) {
		eg_buf_str(ret, "\nOptions\n");
		put_options(c->options, ret);
	}
	eg_buf_str(ret, "\nOptions of every command\n");
	put_options(OPT(O_DIR) | OPT(O_JSON) | OPT(O_PLAIN) | OPT(O_QUIET) | OPT(O_AS) | OPT(O_KEY) | OPT(O_HELP), ret);
	eg_buf_str(ret, "\nExit codes\n");
	put_exits(c->name, ret);
}

void
help_overview(struct eg_buf *ret)
{
	size_t n;
	const struct cli_command *c = cli_commands(&n);
	const char *group = "";

	eg_buf_str(ret,
	    "erpgate: project management exports to accounting import files, by decision, with evidence.\n\nUsage: erpgate COMMAND [OPTIONS] [OPERANDS]\n");
	for (size_t i = 0; i < n; i++) {
		if (strcmp(group, c[i].group) != 0)
			eg_buf_printf(ret, "\n%s\n", c[i].group);
		group = c[i].group;
		eg_buf_printf(ret, "  %-12s %s\n", c[i].name, c[i].help);
	}
	eg_buf_printf(ret, "\nOf one command: erpgate help COMMAND.   Other topics: %s\n", topics);
}

/* ---- topics ---- */

static bool
topic_states(const char *more, struct eg_buf *ret)
{
	static const char *const means[ST_NSTATES] = {
		[ST_WAITING] = "undecided, nothing missing",
		[ST_HELD] = "something is missing, or a person holds it; may be accepted already",
		[ST_UNLINKED] = "has no key in the accounting system and cannot be sent there: link it",
		[ST_APPROVED] = "accepted, leaves with the next run",
		[ST_EXPORTED] = "written, no answer yet",
		[ST_SYNCED] = "both sides have it",
		[ST_FAILED] = "the accounting system answered with an error",
		[ST_REJECTED] = "by a person or a rule; waits for corrected content",
		[ST_RETRIEVED] = "taken back by the sender before a decision",
		[ST_CHANGED] = "synced, and new content came that may be sent",
		[ST_IMPORTABLE] = "from the accounting system, undecided",
		[ST_ARCHIVED] = "hidden",
	};

	if (more != NULL && strcmp(more, "table") != 0)
		return false;
	for (unsigned i = 0; more == NULL && i < ST_NSTATES; i++)
		eg_buf_printf(
		    ret, "%-11s %-17s %s\n", state_word((enum item_state)i), state_title((enum item_state)i), means[i]);
	if (more != NULL)
		help_states_table(ret);
	else
		eg_buf_str(ret, "\nWhat leads from which to which, by whom: erpgate help states table\n");
	return true;
}

static bool
topic_recovery(const char *more, struct eg_buf *ret)
{
	(void)more;
	recover_table_print(ret);
	return true;
}

static bool
topic_types(const char *more, struct eg_buf *ret)
{
	static const char *const classes[] = {
		[RC_TO_ERP] = "to the accounting system, by decision",
		[RC_FROM_ERP] = "to the project side, by decision",
		[RC_AUTOMATIC] = "to the project side, by itself",
		[RC_REFERENCE] = "list row, no item",
		[RC_ANSWER] = "answer",
		[RC_DECISION] = "row of a sheet",
	};

	(void)more;
	for (unsigned i = 0; i < REC_NTYPES; i++) {
		const struct rec_type *t = rec_type((enum rec_id)i);
		eg_buf_printf(ret, "%-14s %-30s %-38s key:", t->name, t->title, classes[t->cls]);
		for (unsigned k = 0; k < t->nkey; k++)
			eg_buf_printf(ret, "%s %s", k == 0 ? "" : " /", t->key[k]);
		eg_buf_chr(ret, '\n');
	}
	eg_buf_str(ret, "\nFields of one: erpgate help record TYPE\n");
	return true;
}

static void
put_fields(const struct rec_field *f, unsigned n, struct eg_buf *ret)
{
	static const char *const forms[] = { [RF_TEXT] = "text",
		[RF_LONG] = "long text",
		[RF_CODE] = "code",
		[RF_AMOUNT] = "amount",
		[RF_QUANTITY] = "quantity",
		[RF_UNIT_COST] = "unit cost",
		[RF_PERCENT] = "percent",
		[RF_DATE] = "date",
		[RF_BOOL] = "yes/no",
		[RF_INT] = "whole number",
		[RF_WORD] = "one of:" };

	for (unsigned i = 0; i < n; i++)
		eg_buf_printf(ret, "  %-36s %s%s%s%s%s\n", f[i].name, forms[f[i].type], f[i].words != NULL ? " " : "",
		    f[i].words != NULL ? f[i].words : "",
		    (f[i].flags & RF_CONTEXT) != 0 ? ", filled in for writing" : "",
		    (f[i].flags & RF_PRIVATE) != 0 ? ", not shown" : "");
}

static bool
topic_record(const char *more, struct eg_buf *ret)
{
	const struct rec_type *t = more == NULL ? NULL : rec_type_named(eg_bytes_str(more));

	if (t == NULL)
		return false;
	eg_buf_printf(ret, "%s (%s)\n", t->title, t->name);
	put_fields(t->head, t->nhead, ret);
	if (t->nline > 0)
		eg_buf_str(ret, "\nof each line\n");
	put_fields(t->line, t->nline, ret);
	return true;
}

static bool
topic_findings(const char *more, struct eg_buf *ret)
{
	size_t n;
	const struct book_rule *r = book_rules(&n);

	for (size_t i = 0; i < n; i++)
		if (more == NULL || strcmp(more, r[i].code) == 0)
			eg_buf_printf(
			    ret, "%s  %-3s %s\n          %s\n", r[i].code, r[i].severity, r[i].condition, r[i].cure);
	if (more == NULL)
		eg_buf_str(ret,
		    "\nR rejected, H held, W warning, N note. Those of the last run: erpgate findings --run last\n");
	return ret->len > 0;
}

static bool
topic_settings(const char *more, struct eg_buf *ret)
{
	size_t n;
	const struct conf_key *k = conf_keys(&n);

	for (size_t i = 0; i < n; i++)
		if (more == NULL || strcmp(more, k[i].key) == 0)
			eg_buf_printf(ret, "%-34s default: %s\n    %s%s%s\n", k[i].key,
			    *k[i].def != '\0' ? k[i].def : "(empty)", k[i].help, k[i].words != NULL ? " One of: " : "",
			    k[i].words != NULL ? k[i].words : "");
	return ret->len > 0;
}

static bool
topic_rights(const char *more, struct eg_buf *ret)
{
	(void)more;
	actions_print(ret);
	eg_buf_str(ret,
	    "\nN none, R read, S standard, A admin; x = the role is enough, + = with what stands behind, . = not.\n"
	    "Which reading counts: setting rights.reading. What a user may do, and why not: erpgate users show NAME\n");
	return true;
}

static bool
topic_rules(const char *more, struct eg_buf *ret)
{
	struct rules_filter f = { 0 };

	return (more == NULL || help_rules_word(more, &f)) && help_rules_text(&f, ret);
}

bool
help_text(const char *topic, const char *more, struct eg_buf *ret)
{
	static const struct {
		const char *name;
		bool (*make)(const char *more, struct eg_buf *ret);
	} table[] = { { "states", topic_states }, { "types", topic_types }, { "record", topic_record },
		{ "findings", topic_findings }, { "settings", topic_settings }, { "rights", topic_rights },
		{ "rules", topic_rules }, { "recovery", topic_recovery } };
	size_t n;
	const struct cli_command *c = cli_commands(&n);

	for (size_t i = 0; i < n; i++)
		if (strcmp(c[i].name, topic) == 0 && (more == NULL || strcmp(topic, "findings") != 0)) {
			help_command(&c[i], ret);
			if (strcmp(topic, "findings") == 0) {
				eg_buf_str(ret, "\nCodes\n");
				return topic_findings(NULL, ret);
			}
			return true;
		}
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (strcmp(table[i].name, topic) == 0)
			return table[i].make(more, ret);
	return book_rule(topic) != NULL && topic_rules(topic, ret);
}

/* ---- the command ---- */

static void
json_commands(void)
{
	size_t n;
	const struct cli_command *c = cli_commands(&n);

	for (size_t i = 0; i < n; i++)
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s}", "type", "command", "name", c[i].name, "group", c[i].group,
		    "operands", c[i].operands, "help", c[i].help));
}

/* help rules [CODE|STAGE] [--erp T] [--type R], or help rules markdown PAGE. */
static int
cmd_help_rules(struct cli *c)
{
	struct rules_filter f = { .erp = c->opt[O_ERP], .type = c->opt[O_TYPE] };
	const char *word = c->argc > 1 ? c->argv[1] : NULL;
	struct eg_buf text = EG_BUF_INIT;
	bool found;

	if (word != NULL && strcmp(word, "markdown") == 0) {
		found = help_rules_page(c->argc > 2 ? c->argv[2] : "", &text);
	} else {
		found = (word == NULL || help_rules_word(word, &f)) && c->argc < 3;
		found = found && (cli_has(c, O_JSON) ? help_rules_json(&f) : help_rules_text(&f, &text));
	}
	(void)fputs(eg_buf_cstr(&text), stdout);
	eg_buf_done(&text);
	return found ?
	           CLI_OK :
	           cli_usage(c,
		       "no rule is meant; give a code (E-38), a stage (%s), --erp, --type, or: markdown findings, rules or messages",
		       book_stages());
}

int
cmd_help(struct cli *c)
{
	struct eg_buf text = EG_BUF_INIT;
	bool found = true;

	if (c->argc == 0 && cli_has(c, O_JSON)) {
		json_commands();
		return CLI_OK;
	}
	if (c->argc > 0 && strcmp(c->argv[0], "rules") == 0)
		return cmd_help_rules(c);
	if (c->argc == 0)
		help_overview(&text);
	else
		found = help_text(c->argv[0], c->argc > 1 ? c->argv[1] : NULL, &text);
	if (found && cli_has(c, O_JSON))
		cli_json(json_pack("{s:s,s:s,s:s}", "type", "help", "topic", c->argv[0], "text", eg_buf_cstr(&text)));
	else if (found)
		(void)fputs(eg_buf_cstr(&text), stdout);
	else
		(void)fprintf(stderr,
		    "erpgate help: there is nothing about \"%s%s%s\". Commands: erpgate help; topics: %s\n", c->argv[0],
		    c->argc > 1 ? " " : "", c->argc > 1 ? c->argv[1] : "", topics);
	eg_buf_done(&text);
	return found ? CLI_OK : CLI_USAGE;
}
