/* SPDX-License-Identifier: MIT
 *
 * The command line: one table of commands (main.c), one table of options, and what all commands share. Data goes to stdout, everything else to stderr.
 */
#ifndef GATEWAY_CLI_CLI_H
#define GATEWAY_CLI_CLI_H

#include "base/dec.h"
#include "gateway/site.h"

#include <jansson.h>

/* Exit codes (ux.md §2.2, sysexits.h); not X_…: unistd.h has an X_OK of its own. */
enum {
	CLI_OK = 0,
	CLI_FAILED = 1,
	CLI_FINDINGS = 2,
	CLI_PARTIAL = 3,
	CLI_WAITING = 4,
	CLI_USAGE = 64,
	CLI_DATA = 65,
	CLI_NOINPUT = 66,
	CLI_CANTCREAT = 73,
	CLI_TRYLATER = 75,
	CLI_NOPERM = 77,
	CLI_CONFIG = 78
};

enum cli_opt {
	O_DIR,
	O_JSON,
	O_PLAIN,
	O_QUIET,
	O_HELP,
	O_VERSION,
	O_DRY_RUN,
	O_AS,
	O_KEY,
	O_REASON,
	O_COMMENT,
	O_SIG,
	O_SOURCE,
	O_TO,
	O_OUTPUT,
	O_STATE,
	O_ERP,
	O_TYPE,
	O_PROJECT,
	O_ALL,
	O_LIMIT,
	O_DROP,
	O_RUN,
	O_ITEM,
	O_SEVERITY,
	O_LINEAGE,
	O_RAW,
	O_DIFF,
	O_FAIL_ON_WAITING,
	O_SCHEDULED,
	O_ERP_ID,
	O_ROLE,
	O_APPROVE,
	O_PUBKEY,
	O_ACCOUNT,
	O_CAN_EXPORT,
	O_CAN_IMPORT,
	O_TOOL,
	O_MAY,
	O_FULL_NAME,
	O_MAIL,
	O_SUMMARY,
	O_ONCE,
	O_POSTED,
	O_ACCEPT,
	O_EXPLAIN,
	O_ON,
	O_OBJECT,
	O_SINCE,
	O_UNTIL,
	O_CSV,
	O_GONE,
	O_CASCADE,
	O_EXACT,
	O_INTO,
	O_FORCE,
	O_FROM,
	O_AS_OF,
	O_DATE,
	O_PROOF,
	O_ADAPTER,
	O_TABLE,
	O_BATCH,
	O_PROBE,
	O_CRASH,
	O_KILLS,
	O_RENEW,
	O_VENDOR,
	O_AMOUNT,
	O_PERSON,
	O_KIND,
	O_NOPTS,
};

struct cli {
	const char *opt[O_NOPTS]; /* NULL = not given; "" for flags that are */
	int argc; /* operands, without the command's name */
	char **argv;
	const struct cli_command *command;
};

typedef eg_u128 cli_options; /* a set: bit 1 << enum cli_opt */

struct cli_command {
	const char *name;
	const char *group; /* heading in help */
	const char *operands; /* "ID…" */
	const char *help; /* one line */
	cli_options options; /* set of 1 << enum cli_opt it takes beside the general ones */
	int least, most; /* operands; most -1 = any */
	int (*run)(struct cli *c);
};

#define OPT(o) ((cli_options)1 << (o))

const struct cli_command *cli_commands(size_t *ret_n); /* main.c */
bool cli_has(const struct cli *c, enum cli_opt o);

/* A failure to stderr (text, or one JSON line with --json) and its exit code. */
int cli_fail(const struct cli *c, const struct eg_err *err);
int cli_usage(const struct cli *c, const char *fmt, ...) EG_PRINTF(2, 3);
/* Opens the site of -C; on failure says so and returns the exit code in *ret_exit. */
bool cli_site(struct cli *c, enum site_mode mode, struct site *ret, int *ret_exit);
/* Keeps in the archive what a command changed and publishes the log, then closes the site. What cannot be kept now is kept by the next turn: that is said on stderr and is no failure. */
void cli_close(struct cli *c, struct site *s);
/* Takes one JSON object (stolen) and prints it as a line. */
void cli_json(json_t *j);
json_t *cli_str(const char *s); /* NULL → null */

/* A finding as `findings` shows it: a JSON line with --json, else text. */
void cli_finding(const struct cli *c, const struct finding *f, struct eg_buf *ret);
/* An item with the fields of `queue --json`. b: NULL = schedules are not asked. */
struct schedule_board;
json_t *cli_item_json(const struct site *s, const struct schedule_board *b, const struct item *it);
/* What waits for its time: ", leaves 2026-11-22 01:00 America/New_York", "" when it does not; free() it. */
char *cli_leaves(const struct schedule_board *b, const struct item *it);
/* The schedules that hold something back, for `status`. */
void cli_schedules_text(const struct schedule_board *b);
json_t *cli_schedules_json(const struct schedule_board *b);

/* Expected files, for `status`: how many are late, missing or out of sequence. cli/expect.c */
struct cli_expected {
	unsigned late, missing, gaps, faults;
};
int cli_expected_count(struct site *s, struct cli_expected *ret, struct eg_err *err) EG_MUSTCHECK;

/* ---- turns (run.c) ---- */
#define CLI_WATCH_LOCK \
	"spool/watch.lock" /* held by a daemon for its whole life; the spool's own lock only during turns */
/* Opens the site for a turn; says so and gives the exit code when a daemon or another command has it. */
bool cli_own_site(struct cli *c, struct site *ret, int *ret_exit);
/* One turn: tells what happened on stdout; *ret_exit is 0, 3 or 4. */
int cli_turn(struct cli *c, struct site *s, int64_t settle_sec, int *ret_exit, struct eg_err *err) EG_MUSTCHECK;
/* A whole run: the turn, then the mails; a failure is told. Gives the exit code. */
int cli_one_turn(struct cli *c, struct site *s);
/* Hands over what is queued and due; a failure is told on stderr. */
void cli_send_mails(struct cli *c, struct site *s);
/* Takes the operands as files of a source (NULL = the site's accounting system) and runs a turn; gives the exit code. */
int cli_ingest(struct cli *c, const char *source);

/* A day (its first second, or with `end` the first of the day behind it), a time, or how long ago (30d). false: none of these. */
bool cli_time(const char *text, int64_t now, bool end, int64_t *ret);

/* Tables for people: aligned columns on a terminal or not; cells are copied. right_aligned: CLI_COL of each column of figures. */
#define CLI_COL(i) (UINT64_C(1) << (i))
struct cli_table;
struct cli_table *cli_table_new(const char *const *titles, size_t n, uint64_t right_aligned);
void cli_table_row(struct cli_table *t, const char *const *cells);
size_t cli_table_rows(const struct cli_table *t);
void cli_table_print(struct cli_table *t); /* prints and frees */
void cli_table_free(struct cli_table *t); /* NULL-safe */

/* Runs work in a transaction of the site's store. */
int cli_tx(struct site *s, int (*work)(struct site *s, void *ctx, struct eg_err *err), void *ctx, struct eg_err *err);

/* ---- commands, by file ---- */
int cmd_users(struct cli *c); /* users.c */
int cmd_clock(struct cli *c); /* clock.c */
int cmd_init(struct cli *c), cmd_doctor(struct cli *c), cmd_config(struct cli *c); /* start.c */
int cmd_run(struct cli *c), cmd_ingest(struct cli *c); /* run.c */
int cmd_reprocess(struct cli *c), cmd_reproduce(struct cli *c), cmd_whatif(struct cli *c),
    cmd_replay(struct cli *c); /* of the same names */
int cmd_selftest(struct cli *c); /* selftest.c */
int cmd_check(struct cli *c), cmd_convert(struct cli *c); /* check.c */
int cmd_watch(struct cli *c); /* watch.c */
int cmd_demo(struct cli *c); /* demo.c */
int cmd_status(struct cli *c), cmd_queue(struct cli *c), cmd_findings(struct cli *c),
    cmd_log(struct cli *c); /* look.c */
int cmd_show(struct cli *c); /* show.c */
int cmd_why(struct cli *c), cmd_why_not(struct cli *c); /* of the same names */
int cmd_sheet(struct cli *c), cmd_decide(struct cli *c), cmd_approve(struct cli *c),
    cmd_reject(struct cli *c); /* decide.c */
int cmd_act(struct cli *c), cmd_ack(struct cli *c); /* act.c */
int cmd_link(struct cli *c); /* link.c */
int cmd_adopt(struct cli *c); /* adopt.c */
int cmd_adapters(struct cli *c); /* adapters.c */
int cmd_audit(struct cli *c); /* audit.c */
int cmd_report(struct cli *c); /* report.c */
int cmd_mail(struct cli *c); /* mail.c */
int cmd_db(struct cli *c); /* db.c */
int cmd_expect(struct cli *c); /* expect.c */
int cmd_shadow(struct cli *c); /* shadow.c */
int cmd_republish(struct cli *c), cmd_void(struct cli *c); /* batch.c */
int cmd_help(struct cli *c); /* help.c */

#endif
