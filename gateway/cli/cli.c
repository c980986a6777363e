/* SPDX-License-Identifier: MIT
 *
 * What all commands share: failures with their exit codes, JSON lines, tables, transactions.
 */
#include "gateway/cli/cli.h"
#include "gateway/clock.h"
#include "gateway/cycle.h"
#include "gateway/edits.h"
#include "gateway/workflow/actor.h"

#include <libsmartcols/libsmartcols.h>
#include <limits.h>
#include <locale.h>
#include <unistd.h>

bool
cli_has(const struct cli *c, enum cli_opt o)
{
	return c->opt[o] != NULL;
}

/* Codes whose exit is not that of their class. */
static const struct {
	const char *code;
	int exit;
} exits[] = { { "LOCKED", CLI_TRYLATER }, { "NO-SITE", CLI_CONFIG }, { "E-74", CLI_NOPERM }, { "E-75", CLI_TRYLATER },
	{ "F-35", CLI_NOINPUT }, { "GONE", CLI_NOINPUT }, { "NOT-FOUND", CLI_NOINPUT }, { "AMBIGUOUS", CLI_USAGE },
	{ "DISK-FULL", CLI_TRYLATER }, { "EXISTS", CLI_CANTCREAT }, { "NO-WRITE", CLI_CANTCREAT },
	{ "DB-NEWER", CLI_CONFIG }, { "NO-READ", CLI_NOINPUT }, { "EXPIRED", CLI_NOINPUT } };

static int
exit_of(const struct eg_err *err)
{
	for (size_t i = 0; i < sizeof(exits) / sizeof(exits[0]); i++)
		if (strcmp(exits[i].code, err->code) == 0)
			return exits[i].exit;
	if (strncmp(err->code, "CONF-", 5) == 0 || strncmp(err->code, "INI-", 4) == 0 ||
	    strncmp(err->code, "ADP-", 4) == 0 || strncmp(err->code, "TZ-", 3) == 0)
		return CLI_CONFIG;
	if (err->cls == EG_RETRY)
		return CLI_TRYLATER;
	return err->cls == EG_BADFILE || err->cls == EG_BADREC ? CLI_DATA : CLI_FAILED;
}

int
cli_fail(const struct cli *c, const struct eg_err *err)
{
	int code = exit_of(err);

	if (cli_has(c, O_JSON)) {
		json_t *j = json_pack(
		    "{s:s,s:s,s:i,s:s}", "type", "error", "code", err->code, "exit", code, "message", err->msg);
		if (err->pos.line > 0)
			json_object_set_new(j, "line", json_integer((json_int_t)err->pos.line));
		char *text = json_dumps(j, JSON_COMPACT);
		(void)fprintf(stderr, "%s\n", text);
		free(text);
		json_decref(j);
	} else if (err->pos.line > 0)
		(void)fprintf(stderr, "erpgate: line %llu, column %u: %s (%s)\n", (unsigned long long)err->pos.line,
		    err->pos.col, err->msg, err->code);
	else
		(void)fprintf(stderr, "erpgate: %s (%s)\n", err->msg, err->code);
	return code;
}

int
cli_usage(const struct cli *c, const char *fmt, ...)
{
	va_list ap;

	(void)fprintf(stderr, "erpgate %s: ", c->command->name);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fprintf(stderr, "\n  Usage: erpgate %s %s\n  More:  erpgate help %s\n", c->command->name,
	    c->command->operands, c->command->name);
	return CLI_USAGE;
}

bool
cli_site(struct cli *c, enum site_mode mode, struct site *ret, int *ret_exit)
{
	struct eg_err err = { 0 };
	int rc = site_open(c->opt[O_DIR], mode, ret, &err);

	if (rc < 0) {
		*ret_exit = cli_fail(c, &err);
		return false;
	}
	if (mode == SITE_REBUILD)
		return true; /* there is no state yet that knows anybody */
	rc = clock_look(ret, &err);
	if (rc < 0 && mode != SITE_LOOK) {
		site_close(ret);
		*ret_exit = cli_fail(c, &err);
		return false;
	}
	rc = actor_find(ret, c->opt[O_AS], c->opt[O_KEY], getuid(), &err);
	if (rc < 0 && mode == SITE_LOOK && err.cls == EG_FATAL)
		rc = EG_OK; /* doctor looks at what is broken; nobody known may do nothing that asks */
	if (rc == EG_OK && mode == SITE_CHANGE)
		(void)snprintf(ret->actor, sizeof(ret->actor), "%s",
		    ret->caller.is == CALLER_UNPROVEN ? ret->caller.account : ret->caller.name);
	if (rc == EG_OK && mode != SITE_LOOK)
		rc = edits_note(ret, &err);
	if (rc == EG_OK)
		return true;
	site_close(ret);
	*ret_exit = cli_fail(c, &err);
	return false;
}

void
cli_close(struct cli *c, struct site *s)
{
	struct eg_err err = { 0 };

	/* The first run begins the log: until then the site is being set up, and may yet get its name. */
	if (s->mode == SITE_CHANGE && site_log_published(s) && turn_keep(s, &err) < 0 && !cli_has(c, O_QUIET))
		(void)fprintf(stderr,
		    "erpgate: done, and not in the archive yet: %s The next run brings it there. (%s)\n", err.msg,
		    err.code);
	site_close(s);
}

void
cli_json(json_t *j)
{
	char *text = json_dumps(j, JSON_COMPACT);

	(void)printf("%s\n", text);
	free(text);
	json_decref(j);
}

json_t *
cli_str(const char *s)
{
	return s == NULL ? json_null() : json_string(s);
}

struct cli_table {
	struct libscols_table *t;
	size_t n, rows;
};

struct cli_table *
cli_table_new(const char *const *titles, size_t n, uint64_t right_aligned)
{
	struct cli_table *t = eg_xalloc(sizeof(*t));

	(void)setlocale(LC_CTYPE,
	    "C.UTF-8"); /* names are UTF-8 whatever the terminal's locale: the table would show them as \xNN */
	t->t = scols_new_table();
	t->n = n;
	if (t->t == NULL)
		eg_bug("out of memory");
	for (size_t i = 0; i < n; i++)
		if (scols_table_new_column(t->t, titles[i], 0, (right_aligned >> i & 1) ? SCOLS_FL_RIGHT : 0) == NULL)
			eg_bug("out of memory");
	if (!isatty(STDOUT_FILENO))
		(void)scols_table_set_termforce(t->t, SCOLS_TERMFORCE_NEVER);
	return t;
}

void
cli_table_row(struct cli_table *t, const char *const *cells)
{
	struct libscols_line *l = scols_table_new_line(t->t, NULL);

	if (l == NULL)
		eg_bug("out of memory");
	for (size_t i = 0; i < t->n; i++)
		if (scols_line_set_data(l, i, cells[i] == NULL ? "" : cells[i]) != 0)
			eg_bug("out of memory");
	t->rows++;
}

size_t
cli_table_rows(const struct cli_table *t)
{
	return t->rows;
}

void
cli_table_print(struct cli_table *t)
{
	if (t->rows > 0)
		(void)scols_print_table(t->t);
	cli_table_free(t);
}

void
cli_table_free(struct cli_table *t)
{
	if (t == NULL)
		return;
	scols_unref_table(t->t);
	free(t);
}

int
cli_tx(struct site *s, int (*work)(struct site *s, void *ctx, struct eg_err *err), void *ctx, struct eg_err *err)
{
	int rc = store_begin(s->store, err);

	if (rc == EG_OK)
		rc = work(s, ctx, err);
	if (rc == EG_OK)
		rc = store_commit(s->store, err);
	if (rc < 0)
		store_rollback(s->store);
	return rc;
}
