/* SPDX-License-Identifier: MIT
 *
 * erpgate: contents page of the program.
 *
 *   main.c           commands and options, one table each
 *   conf, site,      settings; a site opened; its further sources
 *   sources
 *   cycle, intake,   one turn: recover, take, read, match, decide, write, publish, seal
 *   seal
 *   schedule, mail/  when what is accepted may leave; who is told what
 *   worker/          the confined child that does all reading and writing of formats, and its record protocol
 *   workflow/        states, matching, reference rules, rights, decisions, batches, answers
 *   store/           items, links, decisions, log: SQLite behind store.h
 *   report/          texts for people
 *   cli/             one file per group of commands
 *
 * Only this file exits.
 */
#include "base/fs.h"
#include "gateway/cli/cli.h"

#include <getopt.h>

static const struct option longs[] = { { "dir", required_argument, NULL, O_DIR }, { "json", no_argument, NULL, O_JSON },
	{ "since", required_argument, NULL, O_SINCE }, { "until", required_argument, NULL, O_UNTIL },
	{ "csv", no_argument, NULL, O_CSV }, { "plain", no_argument, NULL, O_PLAIN },
	{ "quiet", no_argument, NULL, O_QUIET }, { "help", no_argument, NULL, O_HELP },
	{ "version", no_argument, NULL, O_VERSION }, { "dry-run", no_argument, NULL, O_DRY_RUN },
	{ "as", required_argument, NULL, O_AS }, { "key", required_argument, NULL, O_KEY },
	{ "reason", required_argument, NULL, O_REASON }, { "comment", required_argument, NULL, O_COMMENT },
	{ "sig", required_argument, NULL, O_SIG }, { "source", required_argument, NULL, O_SOURCE },
	{ "to", required_argument, NULL, O_TO }, { "output", required_argument, NULL, O_OUTPUT },
	{ "state", required_argument, NULL, O_STATE }, { "erp", required_argument, NULL, O_ERP },
	{ "type", required_argument, NULL, O_TYPE }, { "project", required_argument, NULL, O_PROJECT },
	{ "all", no_argument, NULL, O_ALL }, { "limit", required_argument, NULL, O_LIMIT },
	{ "drop", required_argument, NULL, O_DROP }, { "run", required_argument, NULL, O_RUN },
	{ "item", required_argument, NULL, O_ITEM }, { "severity", required_argument, NULL, O_SEVERITY },
	{ "lineage", no_argument, NULL, O_LINEAGE }, { "raw", no_argument, NULL, O_RAW },
	{ "diff", no_argument, NULL, O_DIFF }, { "fail-on-waiting", no_argument, NULL, O_FAIL_ON_WAITING },
	{ "scheduled", no_argument, NULL, O_SCHEDULED }, { "erp-id", required_argument, NULL, O_ERP_ID },
	{ "role", required_argument, NULL, O_ROLE }, { "approve", required_argument, NULL, O_APPROVE },
	{ "pubkey", required_argument, NULL, O_PUBKEY }, { "account", required_argument, NULL, O_ACCOUNT },
	{ "can-export", required_argument, NULL, O_CAN_EXPORT },
	{ "can-import", required_argument, NULL, O_CAN_IMPORT }, { "tool", required_argument, NULL, O_TOOL },
	{ "may", required_argument, NULL, O_MAY }, { "full-name", required_argument, NULL, O_FULL_NAME },
	{ "mail", required_argument, NULL, O_MAIL }, { "summary", required_argument, NULL, O_SUMMARY },
	{ "once", no_argument, NULL, O_ONCE }, { "posted", required_argument, NULL, O_POSTED },
	{ "accept", required_argument, NULL, O_ACCEPT }, { "explain", required_argument, NULL, O_EXPLAIN },
	{ "gone", required_argument, NULL, O_GONE }, { "cascade", no_argument, NULL, O_CASCADE },
	{ "date", required_argument, NULL, O_DATE }, { "proof", required_argument, NULL, O_PROOF },
	{ "exact", no_argument, NULL, O_EXACT }, { "target", required_argument, NULL, O_TO },
	{ "adapter", required_argument, NULL, O_ADAPTER }, { "with-adapter", required_argument, NULL, O_ADAPTER },
	{ "table", required_argument, NULL, O_TABLE }, { "batch", required_argument, NULL, O_BATCH },
	{ "probe", required_argument, NULL, O_PROBE }, { "crash", no_argument, NULL, O_CRASH },
	{ "kills", required_argument, NULL, O_KILLS }, { "into", required_argument, NULL, O_INTO },
	{ "force", no_argument, NULL, O_FORCE }, { "from", required_argument, NULL, O_FROM },
	{ "as-of", required_argument, NULL, O_AS_OF }, { "renew", no_argument, NULL, O_RENEW },
	{ "on", required_argument, NULL, O_ON }, { "vendor", required_argument, NULL, O_VENDOR },
	{ "amount", required_argument, NULL, O_AMOUNT }, { "person", required_argument, NULL, O_PERSON },
	{ "kind", required_argument, NULL, O_KIND }, { "object", required_argument, NULL, O_OBJECT },
	{ NULL, 0, NULL, 0 } };

#define GENERAL \
	(OPT(O_DIR) | OPT(O_JSON) | OPT(O_PLAIN) | OPT(O_QUIET) | OPT(O_HELP) | OPT(O_VERSION) | OPT(O_AS) | OPT(O_KEY))
#define USER_OPTIONS                                                                                         \
	(OPT(O_ROLE) | OPT(O_APPROVE) | OPT(O_CAN_EXPORT) | OPT(O_CAN_IMPORT) | OPT(O_LIMIT) | OPT(O_TOOL) | \
	    OPT(O_MAY) | OPT(O_PUBKEY) | OPT(O_ACCOUNT) | OPT(O_FULL_NAME) | OPT(O_MAIL) | OPT(O_SUMMARY))
#define FILTERS (OPT(O_STATE) | OPT(O_ERP) | OPT(O_TYPE) | OPT(O_PROJECT) | OPT(O_ALL))

/* clang-format off */
static const struct cli_command commands[] = {
	{ "init", "Start", "DIR [--erp cmic|acumatica|mri]", "Make a site: folders, settings, keys, empty state.", OPT(O_ERP), 1, 1, cmd_init },
	{ "demo", "Start", "[DIR]", "Build a sample site, play a night, say where to look.", 0, 0, 1, cmd_demo },
	{ "doctor", "Start", "[--probe DIR]", "Check folders, file system, keys, adapters, database, disk, sandbox.", OPT(O_PROBE), 0, 0, cmd_doctor },
	{ "selftest", "Start", "--crash [--kills N] [DIR]", "Kill this program in the middle of its work, on this disk, and see that nothing is lost.", OPT(O_CRASH) | OPT(O_KILLS), 0, 1, cmd_selftest },
	{ "users", "Start", "add NAME --role none|read|standard|admin [--approve TYPE,…|all] [--can-export TYPE,…] [--can-import TYPE,…] [--limit AMOUNT|none] [--tool TOOL=LEVEL[@PROJECT],…] "
	  "[--may create-project,send-budgets] [--pubkey FILE] [--account NAME] [--full-name TEXT] [--mail ADDRESS] [--summary yes|no] | list | show NAME | grant NAME … | "
	  "revoke NAME [--approve TYPE,…] [--can-export TYPE,…] [--can-import TYPE,…] [--tool TOOL[@PROJECT],…] [--may …]",
	  "Who may look, act and decide, and why not.", USER_OPTIONS, 1, 2, cmd_users },
	{ "config", "Start", "show | get KEY | set KEY VALUE", "Settings, where each comes from, and what it means.", 0, 1, 3, cmd_config },
	{ "run", "Move files", "[--scheduled] [--fail-on-waiting]", "One turn and out: take, read, decide, write, seal.", OPT(O_SCHEDULED) | OPT(O_FAIL_ON_WAITING), 0, 0, cmd_run },
	{ "watch", "Move files", "[--once]", "The daemon: a turn whenever something arrives.", OPT(O_ONCE), 0, 0, cmd_watch },
	{ "ingest", "Move files", "FILE… --source NAME", "Take files by hand, the same way as a drop.", OPT(O_SOURCE), 1, -1, cmd_ingest },
	{ "check", "Move files", "FILE --source NAME", "Read a file and say what would happen; takes nothing in.", OPT(O_SOURCE), 1, 1, cmd_check },
	{ "convert", "Move files", "FILE --source NAME --to TARGET [-o -]", "Print the import file that would come of it; ignores approval.", OPT(O_SOURCE) | OPT(O_TO) | OPT(O_OUTPUT), 1, 1, cmd_convert },
	{ "reprocess", "Move files", "DROP|ITEM|BATCH|BUNDLE [--dry-run] [--with-adapter FILE] [--reason R] [--target T]", "Read a sealed original again, or render a batch again; the dry run tells what would change.",
	  OPT(O_DRY_RUN) | OPT(O_ADAPTER) | OPT(O_REASON) | OPT(O_TO), 1, 1, cmd_reprocess },
	{ "replay-rejects", "Move files", "DROP|ALL [--since D] [--source S] [--dry-run] [--reason R]", "Try the refused documents of a drop again after what refused them was mended.",
	  OPT(O_DRY_RUN) | OPT(O_REASON) | OPT(O_SINCE) | OPT(O_SOURCE), 1, 1, cmd_replay },
	{ "status", "Look", "", "One screen: what waits for whom, last run, rejected files.", 0, 0, 0, cmd_status },
	{ "expect", "Look", "[--date D]", "Expected files: what came, what is due, late or missing, which numbers are not there.", OPT(O_DATE), 0, 0, cmd_expect },
	{ "queue", "Look", "[--state S] [--erp T] [--type R] [--project P] [--all]", "Items; without --all those that are not closed. Held ones with what they wait for.", FILTERS, 0, 0, cmd_queue },
	{ "show", "Look", "ID [--lineage] [--diff] [--raw]", "One item, drop or batch: fields, findings, history, where it came from.", OPT(O_LINEAGE) | OPT(O_DIFF) | OPT(O_RAW), 1, 1, cmd_show },
	{ "why", "Look", "ID[.FIELD] | FILE:LINE[:COLUMN] | BATCH [--all]", "Where a value came from, byte by byte; who let it pass, when it left, what was answered, what proves it.", OPT(O_ALL), 1, 1, cmd_why },
	{ "why-not", "Look", "ID", "Why an item has not left: every hold, right, schedule and missing parent, and the act that helps most.", 0, 1, 1, cmd_why_not },
	{ "findings", "Look", "[--drop D] [--run last|N] [--item ID] [--severity S]", "What was wrong or noteworthy, with place and cure.", OPT(O_DROP) | OPT(O_RUN) | OPT(O_ITEM) | OPT(O_SEVERITY), 0, 0, cmd_findings },
	{ "log", "Look", "[ID] [--limit N]", "The audit log, newest last.", OPT(O_LIMIT), 0, 1, cmd_log },
	{ "sheet", "Decide", "-o FILE.{xlsx,csv,xml} [--state S] [--type R] [--project P] [--all]", "Write an approval sheet.", FILTERS | OPT(O_OUTPUT), 0, 0, cmd_sheet },
	{ "decide", "Decide", "FILE [--sig FILE] [--as NAME]", "Apply a returned sheet.", OPT(O_SIG), 1, 1, cmd_decide },
	{ "approve", "Decide", "ID… --as NAME [--key PEM] [--erp-id X]", "Accept items as they are now.", OPT(O_KEY) | OPT(O_COMMENT) | OPT(O_ERP_ID), 1, -1, cmd_approve },
	{ "reject", "Decide", "ID… --as NAME [--key PEM] --reason R", "Reject items as they are now.", OPT(O_KEY) | OPT(O_REASON), 1, -1, cmd_reject },
	{ "retrieve", "Decide", "ID…", "Take items back before a decision.", 0, 1, -1, cmd_act },
	{ "resend", "Decide", "ID…", "Put rejected, retrieved, failed or unlinked items back in the queue.", 0, 1, -1, cmd_act },
	{ "hold", "Decide", "ID… [--reason R]", "Keep items from leaving.", OPT(O_REASON), 1, -1, cmd_act },
	{ "release", "Decide", "ID…", "Let held items go on.", 0, 1, -1, cmd_act },
	{ "archive", "Decide", "ID…", "Put items away: offers of the ERP, and what was unlinked or never left.", 0, 1, -1, cmd_act },
	{ "unarchive", "Decide", "ID…", "Bring hidden items back.", 0, 1, -1, cmd_act },
	{ "unlink", "Decide", "ID… [--gone PROOF] [--cascade] [--reason R]", "Undo the link to the ERP after the record was deleted there.", OPT(O_REASON) | OPT(O_GONE) | OPT(O_CASCADE), 1, -1, cmd_act },
	{ "link", "Decide", "vendor|project|code KEY --erp-id X | suggest [vendor|project] [-o FILE] | all [vendor|project] [--exact] [--dry-run] | archive-rest [--dry-run] | merge KEEP OTHER [--reason R] | unmerge OTHER | list [vendor|project]",
	  "Tie companies, projects and cost types to the ERP; find, make and show links; merge companies that are one.",
	  OPT(O_ERP) | OPT(O_ERP_ID) | OPT(O_OUTPUT) | OPT(O_EXACT) | OPT(O_DRY_RUN) | OPT(O_REASON), 1, 3, cmd_link },
	{ "adopt", "Decide", "[FILE|DROP --as NAME [--key PEM|--sig FILE] [--type R] [--posted yes|no] [--dry-run]]",
	  "Take over what stands in the ERP already, without sending it; alone: the rows that wait.",
	  OPT(O_TYPE) | OPT(O_DRY_RUN) | OPT(O_SIG) | OPT(O_KEY) | OPT(O_POSTED), 0, 1, cmd_adopt },
	{ "ack", "Decide", "FILE|BATCH [--posted yes|no]", "Take the ERP's answer: its result file, or a whole batch by hand.", OPT(O_POSTED), 1, 1, cmd_ack },
	{ "republish", "Move files", "BATCH --reason R", "Send a batch once more after a lost delivery: same names, same bytes.", OPT(O_REASON), 1, 1, cmd_republish },
	{ "shadow", "Move files", "[status] | compare [BATCH] DIR|FILE… | end TARGET --reason R | keep TARGET --reason R",
	  "Shadow mode: who is in it, our files against another system's, and its end.", OPT(O_REASON), 0, -1, cmd_shadow },
	{ "void", "Decide", "BATCH --reason R --proof FILE", "Declare that a batch was not taken in; its items are undecided again.", OPT(O_REASON) | OPT(O_PROOF), 1, 1, cmd_void },
	{ "report", "Report", "accountant | job-costs | unsyncable | reconcile | conservation | aging | budget | sub-jobs | archived | failed [--project P] [--erp T] [--type R] [--source S] [--state S] [--since D] [--until D] [--run last|N] [--batch B] [--all] [--csv] [-o FILE.{csv,json,xlsx}]",
	  "Lists for accountants and auditors: who may decide, what waits, costs by code, and whether everything that came in is accounted for.",
	  OPT(O_PROJECT) | OPT(O_ERP) | OPT(O_TYPE) | OPT(O_SOURCE) | OPT(O_STATE) | OPT(O_SINCE) | OPT(O_UNTIL) | OPT(O_RUN) | OPT(O_BATCH) | OPT(O_ALL) | OPT(O_CSV) | OPT(O_OUTPUT), 1, 1, cmd_report },
	{ "adapters", "Keep", "list | show NAME [--explain ITEM|DROP:LINE] | lint [FILE…] [--all] | test [NAME] [--accept CASE] | diff NAME OLD NEW --on BATCH|DROP [--csv] | mapping NAME|--all [-o FILE] | from-template FILE --erp E --object O [-o FILE]",
	  "The layouts: list, read, check, try, explain, compare, sign off, begin.",
	  OPT(O_EXPLAIN) | OPT(O_ALL) | OPT(O_ACCEPT) | OPT(O_ON) | OPT(O_CSV) | OPT(O_OUTPUT) | OPT(O_ERP) | OPT(O_OBJECT), 1, -1, cmd_adapters },
	{ "whatif", "Keep", "--adapter FILE… [--table FILE…] --since D [--source S] [--limit N]", "Read everything since then again with other adapters and tell what would mean something else; writes nothing.",
	  OPT(O_ADAPTER) | OPT(O_TABLE) | OPT(O_SINCE) | OPT(O_SOURCE) | OPT(O_LIMIT), 0, 0, cmd_whatif },
	{ "reproduce", "Keep", "BUNDLE", "Make the same bytes again from what is sealed, or name what differs.", 0, 1, 1, cmd_reproduce },
	{ "audit", "Keep", "list | show BUNDLE | find [TEXT…] [--item ID] [--vendor V] [--project P] [--amount A|A..B] [--person N] [--from D] [--to D] [--kind K] [--source S] | index | verify [BUNDLE…|ALL] [--since CHECKPOINT] [--key PEM] | verify --proof FILE | extract BUNDLE [MEMBER] -o DIR | prove ID|INDEX [--to CHECKPOINT] [-o FILE] | prove --since CHECKPOINT [-o FILE] | stamp-request -o FILE.tsq | stamp FILE.tsr | stamp --renew -o FILE.tsq | hold ID…|--project P|--source S|--all --reason R | holds | unhold HOLD --reason R | "
	  "expire [--dry-run] [--as-of D] --reason R | export --from D --to D [--source S|--project P] -o DIR|FILE.zip | procedure [--as-of D] [-o FILE.html|FILE.txt]",
	  "Sealed bundles and the log: whether they are whole, how long they are kept, a search in them, copies for an auditor, and how this site works in writing.",
	  OPT(O_OUTPUT) | OPT(O_REASON) | OPT(O_PROJECT) | OPT(O_SOURCE) | OPT(O_ALL) | OPT(O_DRY_RUN) | OPT(O_AS_OF) | OPT(O_FROM) | OPT(O_TO) |
	    OPT(O_SINCE) | OPT(O_PROOF) | OPT(O_RENEW) |
	    OPT(O_ITEM) | OPT(O_VENDOR) | OPT(O_AMOUNT) | OPT(O_PERSON) | OPT(O_UNTIL) | OPT(O_KIND), 1, -1, cmd_audit },
	{ "db", "Keep", "check [--all] | backup FILE|DIR | rebuild [--into FILE] [--force]", "The state database: check it against the archive, copy it while erpgate works, make it again from the archive.",
	  OPT(O_ALL) | OPT(O_INTO) | OPT(O_FORCE), 1, 2, cmd_db },
	{ "clock", "Keep", "[accept]", "Is this machine's clock believed? accept: a person says that it is right.", 0, 0, 1, cmd_clock },
	{ "mail", "Keep", "list [--limit N] | test ADDRESS", "Mails that left or wait, and one to try the settings.", OPT(O_LIMIT), 1, 2, cmd_mail },
	{ "help", "Keep", "[COMMAND|TOPIC|CODE]", "This text, or that of a command; help rules: the rule book.", OPT(O_ERP) | OPT(O_TYPE), 0, 3, cmd_help },
};
/* clang-format on */

const struct cli_command *
cli_commands(size_t *ret_n)
{
	*ret_n = sizeof(commands) / sizeof(commands[0]);
	return commands;
}

static const struct cli_command *
find_command(const char *name)
{
	static const char *const aliases[][2] = { { "ls", "queue" }, { "st", "status" }, { "daemon", "watch" } };

	for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (strcmp(aliases[i][0], name) == 0)
			name = aliases[i][1];
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static int
unknown_command(const char *name)
{
	const char *near = NULL;
	unsigned best = 3;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		unsigned d = eg_bytes_distance(eg_bytes_str(name), eg_bytes_str(commands[i].name), 3);
		if (d < best) {
			best = d;
			near = commands[i].name;
		}
	}
	(void)fprintf(stderr, "erpgate: there is no command \"%s\"%s%s%s. All commands: erpgate help\n", name,
	    near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	return CLI_USAGE;
}

/* An option that may be given several times: one list. */
static const char *
joined(int o, const char *before, const char *more)
{
	static char *text[O_NOPTS];
	char *both = eg_xprintf("%s%c%s", before, o == O_TOOL ? ',' : '\n', more); /* a file's name may hold commas */

	free(text[o]);
	text[o] = both;
	return text[o];
}

_Static_assert(O_NOPTS <= 128, "a command's options are a set of 128 bits");

/* What getopt answers for the long options: behind every letter, also behind its own '?' and ':'. */
#define LONG_BASE 256

/* Options may stand before and behind the command and its operands. */
static int
read_options(int argc, char **argv, struct cli *c)
{
	struct option table[sizeof(longs) / sizeof(longs[0])];
	int o;

	memcpy(table, longs, sizeof(longs));
	for (struct option *l = table; l->name != NULL; l++)
		l->val += LONG_BASE;
	opterr = 0;
	while ((o = getopt_long(argc, argv, "C:o:qh", table, NULL)) != -1) {
		if (o >= LONG_BASE)
			o -= LONG_BASE;
		else if (o == 'C')
			o = O_DIR;
		else if (o == 'o')
			o = O_OUTPUT;
		else if (o == 'q')
			o = O_QUIET;
		else if (o == 'h')
			o = O_HELP;
		else {
			(void)fprintf(stderr,
			    "erpgate: option \"%s\" is unknown or lacks its value. Options of a command: erpgate help COMMAND\n",
			    argv[optind - 1]);
			return CLI_USAGE;
		}
		const bool many = o == O_TOOL || o == O_ADAPTER || o == O_TABLE;
		c->opt[o] = many && c->opt[o] != NULL ? joined(o, c->opt[o], optarg) : optarg == NULL ? "" : optarg;
	}
	c->argc = argc - optind;
	c->argv = argv + optind;
	return CLI_OK;
}

static int
check_use(struct cli *c)
{
	cli_options known = c->command->options | GENERAL;

	for (int o = 0; o < O_NOPTS; o++)
		if (c->opt[o] != NULL && (known >> o & 1) == 0) {
			const struct option *l = longs;
			while (l->name != NULL && l->val != o)
				l++;
			return cli_usage(c, "it does not take the option --%s", l->name);
		}
	if (c->argc < c->command->least || (c->command->most >= 0 && c->argc > c->command->most))
		return cli_usage(
		    c, c->argc < c->command->least ? "something is missing" : "that is more than it takes");
	return CLI_OK;
}

int
main(int argc, char **argv)
{
	static char help[] = "help";
	static char *no_operand[] = { help, NULL };
	struct cli c = { 0 };
	int code = read_options(argc, argv, &c);

	if (code != CLI_OK)
		return code;
	if (cli_has(&c, O_VERSION)) {
		(void)printf("erpgate %s\n", ERPGATE_VERSION);
		return CLI_OK;
	}
	if (c.argc == 0) {
		c.argc = 1;
		c.argv = no_operand;
	}
	c.command = find_command(c.argv[0]);
	if (c.command == NULL)
		return unknown_command(c.argv[0]);
	if (cli_has(&c, O_HELP)) {
		c.command = find_command("help"); /* erpgate COMMAND --help: the name stays as operand */
		return c.command->run(&c);
	}
	c.argc--;
	c.argv++;
	code = check_use(&c);
	if (code == CLI_OK) {
		eg_fs_lock_as(c.command->name);
		code = c.command->run(&c);
	}
	if (fflush(stdout) != 0 && code == CLI_OK)
		code = CLI_CANTCREAT;
	return code;
}
