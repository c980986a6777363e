/* SPDX-License-Identifier: MIT
 *
 * report: asks one of the reports and prints it as text, JSON lines, CSV or a workbook. Refuses a report that the person has no right to (77), an option that the
 * report does not know, and a name that -o cannot tell the form of. Exit 2 when the report itself says that something does not add up.
 */
#include "base/fs.h"
#include "gateway/cli/cli.h"
#include "gateway/cli/sheet.h"
#include "gateway/report/reports.h"
#include "gateway/workflow/actions.h"

#include <fcntl.h>

#define DATES (OPT(O_SINCE) | OPT(O_UNTIL))
#define PLACES (OPT(O_PROJECT) | OPT(O_ERP))

static const struct {
	const char *name;
	int (*make)(struct site *s, const struct report_ask *q, struct report **ret, struct eg_err *err);
	enum action right;
	cli_options options; /* of those of the command, the ones it takes */
} reports[] = {
	{ "accountant", report_accountant, ACTION_VIEW_ACCOUNTANTS, OPT(O_ALL) },
	{ "job-costs", report_job_costs, ACTION_VIEW_JOB_COSTS, PLACES | OPT(O_UNTIL) },
	{ "unsyncable", report_unsyncable, ACTION_VIEW_UNSYNCABLE, PLACES | DATES },
	{ "reconcile", report_reconcile, ACTION_LOOK, PLACES | DATES | OPT(O_TYPE) | OPT(O_SOURCE) | OPT(O_RUN) },
	{ "conservation", report_conservation, ACTION_LOOK, PLACES | DATES | OPT(O_RUN) | OPT(O_BATCH) },
	{ "aging", report_aging, ACTION_LOOK, PLACES | OPT(O_TYPE) | OPT(O_STATE) },
	{ "budget", report_budget, ACTION_LOOK, PLACES | OPT(O_STATE) | OPT(O_ALL) },
	{ "sub-jobs", report_sub_jobs, ACTION_VIEW_SUBJOBS, PLACES },
	{ "archived", report_archived, ACTION_VIEW_ARCHIVED, PLACES | OPT(O_TYPE) },
	{ "failed", report_failed, ACTION_LOOK, PLACES | OPT(O_TYPE) },
};
#define NREPORTS (sizeof(reports) / sizeof(reports[0]))

enum form {
	FORM_TEXT,
	FORM_JSON,
	FORM_CSV,
	FORM_XLSX
};

/* ---- text ---- */

/* Times to the minute; in columns that hold counts and money by turns a dot for nothing, so that the figures stand out. */
static const char *
shown(enum report_kind k, const char *v, char buf[24])
{
	if (v != NULL && k == RK_NUMBER && (strcmp(v, "0") == 0 || strcmp(v, "0.00") == 0))
		return ".";
	if (v == NULL || k != RK_TIME || strlen(v) < 16)
		return v;
	(void)snprintf(buf, 24, "%.10s %.5s", v, v + 11);
	return buf;
}

static void
heading(const struct report *r)
{
	char when[EG_TIME_TEXT];
	const char *by = "";

	eg_time_print(when, r->as_of);
	(void)printf("%s   site %s   as of %.10s %.5s UTC\n", r->title, r->site, when, when + 11);
	for (size_t i = 0; i < r->nsaid; i++)
		if (r->said[i].name != NULL) {
			(void)printf("%s%s %s", *by == '\0' ? "Only " : by, r->said[i].name, r->said[i].value);
			by = ", ";
		}
	(void)printf("%s\n", *by == '\0' ? "" : "\n");
}

static void
sum_line(
    const struct report *r, const size_t *at, size_t n, const char *label, size_t from, size_t to, struct cli_table *t)
{
	const char **cells = eg_xalloc(n * sizeof(*cells));
	char **sums = eg_xalloc(n * sizeof(*sums));

	for (size_t i = 0; i < n; i++) {
		struct report_sum s = report_sum(r, at[i], from, to);
		if ((r->cols[at[i]].flags & RP_SUM) != 0)
			cells[i] = sums[i] = report_sum_text(r, at[i], &s);
	}
	cells[0] = label;
	cli_table_row(t, cells);
	for (size_t i = 0; i < n; i++)
		free(sums[i]);
	free(sums);
	free(cells);
}

/* Columns that fit a screen and say something; the first always. */
static size_t
visible(const struct report *r, size_t *ret)
{
	size_t n = 0;

	for (size_t c = 0; c < r->ncols; c++)
		if (c == 0 || (r->cols[c].flags & RP_ALWAYS) != 0 ||
		    ((r->cols[c].flags & RP_DETAIL) == 0 && report_col_used(r, c)))
			ret[n++] = c;
	return n;
}

static void
text_row(const struct report *r, const struct report_row *row, const size_t *at, size_t n, struct cli_table *t)
{
	const char **cells = eg_xalloc(n * sizeof(*cells));
	char(*times)[24] = eg_xalloc(n * sizeof(*times));

	for (size_t i = 0; i < n; i++)
		cells[i] = shown(r->cols[at[i]].kind, row->cells[at[i]], times[i]);
	cli_table_row(t, cells);
	free(times);
	free(cells);
}

static void
text_table(const struct report *r)
{
	size_t *at = eg_xalloc((r->ncols + 1) * sizeof(*at));
	size_t n = visible(r, at);
	const char **titles = eg_xalloc((n + 1) * sizeof(*titles));
	uint64_t right = 0;
	bool sums = false;

	for (size_t i = 0; i < n; i++) {
		enum report_kind k = r->cols[at[i]].kind;
		titles[i] = r->cols[at[i]].title;
		right |= k == RK_INT || k == RK_AMOUNT || k == RK_NUMBER ? CLI_COL(i) : 0;
		sums = sums || (r->cols[at[i]].flags & RP_SUM) != 0;
	}
	struct cli_table *t = cli_table_new(titles, n, right);
	for (size_t from = 0, to; from < r->nrows; from = to) {
		to = r->group > 0 ? report_group_end(r, from) : r->nrows;
		for (size_t i = from; i < to; i++)
			text_row(r, &r->rows[i], at, n, t);
		if (r->group > 0 && sums)
			sum_line(r, at, n, "Sum", from, to, t);
	}
	if (sums && r->nrows > 0)
		sum_line(r, at, n, "In all", 0, r->nrows, t);
	cli_table_print(t);
	free(titles);
	free(at);
}

static void
print_text(const struct report *r)
{
	heading(r);
	if (r->nrows == 0)
		(void)printf("Nothing to show.\n");
	text_table(r);
	(void)printf("\n");
	for (size_t i = 0; i < r->nsaid; i++)
		if (r->said[i].name == NULL)
			(void)printf("%s\n", r->said[i].value);
}

/* ---- other forms ---- */

static bool
form_of(const struct cli *c, enum form *ret)
{
	static const struct {
		const char *end;
		enum form form;
	} ends[] = { { ".csv", FORM_CSV }, { ".json", FORM_JSON }, { ".jsonl", FORM_JSON }, { ".xlsx", FORM_XLSX } };
	const char *name = c->opt[O_OUTPUT];

	*ret = cli_has(c, O_CSV) ? FORM_CSV : cli_has(c, O_JSON) ? FORM_JSON : FORM_TEXT;
	if (name == NULL || strcmp(name, "-") == 0)
		return true;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (eg_bytes_ends(eg_bytes_str(name), eg_bytes_str(ends[i].end))) {
			*ret = ends[i].form;
			return true;
		}
	return false;
}

static int
render(const struct report *r, enum form form, struct eg_buf *ret, struct eg_err *err)
{
	switch (form) {
	case FORM_JSON:
		report_json(r, ret);
		return EG_OK;
	case FORM_CSV:
		return report_csv(r, ret, err);
	case FORM_XLSX:
		return report_xlsx(r, ret, err);
	case FORM_TEXT:
		break;
	}
	return EG_OK;
}

static int
write_out(struct cli *c, const struct report *r, enum form form, struct eg_err *err)
{
	const char *name = c->opt[O_OUTPUT];
	struct eg_buf out = EG_BUF_INIT;
	int rc = EG_OK;

	if (form == FORM_TEXT) {
		print_text(r);
		return EG_OK;
	}
	rc = render(r, form, &out, err);
	if (rc == EG_OK && out.full)
		rc = eg_fail(err, EG_BADFILE, "LIMIT-MEM", "the report is larger than a gigabyte; ask for less of it");
	if (rc == EG_OK && (name == NULL || strcmp(name, "-") == 0))
		(void)fwrite(out.ptr, 1, out.len, stdout);
	else if (rc == EG_OK) {
		rc = cli_write_to(name, eg_buf_view(&out), 0640, err);
		if (rc == EG_OK && !cli_has(c, O_QUIET))
			(void)fprintf(stderr, "%s: %zu rows.\n", name, r->nrows);
	}
	eg_buf_done(&out);
	return rc;
}

/* ---- asking ---- */

bool
cli_time(const char *text, int64_t now, bool end, int64_t *ret)
{
	struct eg_date d;
	int64_t ago;
	char at[EG_TIME_TEXT];

	if (eg_duration_parse(eg_bytes_str(text), &ago)) {
		*ret = now - ago;
		return true;
	}
	if (!eg_date_parse(eg_bytes_str(text), EG_LIT("YYYY-MM-DD"), &d))
		return eg_time_parse(eg_bytes_str(text), ret);
	(void)snprintf(at, sizeof(at), "%.10sT00:00:00Z", text);
	if (!eg_time_parse(eg_bytes_str(at), ret))
		return false;
	*ret += end ? 86400 : 0;
	return true;
}

/* Days and runs as asked; false, with what is wrong said, when they cannot be read. */
static bool
read_period(struct cli *c, int64_t now, struct report_ask *q)
{
	const char *run = c->opt[O_RUN];

	if (q->since_text != NULL && !cli_time(q->since_text, now, false, &q->since)) {
		(void)cli_usage(c, "--since is \"%s\"; write a day (2026-03-01) or how long ago (30d)", q->since_text);
		return false;
	}
	if (q->until_text != NULL && !cli_time(q->until_text, now, true, &q->until)) {
		(void)cli_usage(
		    c, "--until is \"%s\"; write the last day (2026-03-31) or how long ago (7d)", q->until_text);
		return false;
	}
	if (run != NULL && strcmp(run, "last") != 0 && (!eg_bytes_to_i64(eg_bytes_str(run), &q->run) || q->run <= 0)) {
		(void)cli_usage(c, "--run is \"%s\"; write last or a run's number", run);
		return false;
	}
	return true;
}

static int
usage_of(struct cli *c, const char *name, cli_options takes)
{
	static const struct {
		enum cli_opt o;
		const char *word;
	} options[] = { { O_PROJECT, "--project" }, { O_ERP, "--erp" }, { O_TYPE, "--type" }, { O_SOURCE, "--source" },
		{ O_STATE, "--state" }, { O_SINCE, "--since" }, { O_UNTIL, "--until" }, { O_RUN, "--run" },
		{ O_ALL, "--all" }, { O_BATCH, "--batch" } };

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (cli_has(c, options[i].o) && (takes >> options[i].o & 1) == 0)
			return cli_usage(c, "report %s does not take %s", name, options[i].word);
	return CLI_OK;
}

/* What the words of the command line ask for; CLI_OK or the exit code of a refusal. */
static int
read_words(struct cli *c, size_t *ret_report, struct report_ask *q, enum form *ret_form)
{
	enum item_state state;
	size_t i = 0;

	while (i < NREPORTS && strcmp(reports[i].name, c->argv[0]) != 0)
		i++;
	if (i == NREPORTS)
		return cli_usage(c, "there is no report \"%s\"", c->argv[0]);
	if (cli_has(c, O_STATE) && !state_named(eg_bytes_str(c->opt[O_STATE]), &state))
		return cli_usage(c, "\"%s\" is no state. See them: erpgate help states", c->opt[O_STATE]);
	if (cli_has(c, O_TYPE) && rec_type_named(eg_bytes_str(c->opt[O_TYPE])) == NULL)
		return cli_usage(c, "\"%s\" is no record type. See them: erpgate help types", c->opt[O_TYPE]);
	if (!form_of(c, ret_form))
		return cli_usage(c, "-o is \"%s\"; the name must end in .csv, .json or .xlsx", c->opt[O_OUTPUT]);
	*ret_report = i;
	*q = (struct report_ask){ .project = c->opt[O_PROJECT],
		.erp = c->opt[O_ERP],
		.type = c->opt[O_TYPE],
		.source = c->opt[O_SOURCE],
		.state = cli_has(c, O_STATE) ? (int)state : -1,
		.since_text = c->opt[O_SINCE],
		.until_text = c->opt[O_UNTIL],
		.batch = c->opt[O_BATCH],
		.all = cli_has(c, O_ALL) };
	return usage_of(c, reports[i].name, reports[i].options);
}

int
cmd_report(struct cli *c)
{
	struct report *r = NULL;
	struct report_ask q;
	struct eg_err err;
	struct site s;
	enum form form = FORM_TEXT;
	size_t i = 0;
	int rc, code = read_words(c, &i, &q, &form);

	if (code != CLI_OK || !cli_site(c, SITE_LOOK, &s, &code))
		return code;
	if (!read_period(c, site_now(&s), &q)) {
		site_close(&s);
		return CLI_USAGE;
	}
	rc = store_begin(s.store, &err); /* a daemon may be at work: all of the report is of one moment */
	if (rc == EG_OK)
		rc = action_allowed_type(&s, reports[i].right, NULL, q.project, &err);
	if (rc == EG_OK && cli_has(c, O_RUN) && q.run == 0)
		rc = store_run_last(s.store, &q.run, &err);
	if (rc == EG_OK)
		rc = reports[i].make(&s, &q, &r, &err);
	if (rc == EG_OK)
		rc = write_out(c, r, form, &err);
	code = rc < 0 ? cli_fail(c, &err) : CLI_OK;
	if (rc == EG_OK && r->bad) {
		(void)fprintf(stderr, "erpgate: report %s DOES NOT BALANCE; its last lines say where.\n", r->name);
		code = CLI_FINDINGS;
	}
	report_free(r);
	store_rollback(s.store);
	site_close(&s);
	return code;
}
