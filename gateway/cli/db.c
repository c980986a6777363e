/* SPDX-License-Identifier: MIT
 *
 * db: the state database itself. check compares it with the archive; backup copies it while others work; rebuild makes it again from the archive alone, beside the old one, and puts it
 * in its place only when it is whole: the old one stays under another name.
 */
#include "base/fs.h"
#include "gateway/cli/cli.h"
#include "gateway/db_check.h"
#include "gateway/keep.h"
#include "gateway/store/store_backup.h"
#include "gateway/workflow/actions.h"
#include "gateway/workflow/actor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- check ---- */

static void
tell_problem(void *ctx, const char *sentence)
{
	const struct cli *c = ctx;

	if (cli_has(c, O_JSON))
		cli_json(json_pack("{s:s,s:s}", "type", "problem", "message", sentence));
	else
		(void)printf("WRONG  %s\n", sentence);
}

static void
tell_check(const struct cli *c, const struct db_check *k)
{
	if (cli_has(c, O_JSON)) {
		cli_json(json_pack("{s:s,s:b,s:i,s:I,s:I,s:I,s:I,s:I,s:I,s:i}", "type", "summary", "whole", k->whole,
		    "problems", (int)k->problems, "entries", (json_int_t)k->entries, "published",
		    (json_int_t)k->published, "bundles", (json_int_t)k->bundles, "deleted", (json_int_t)k->deleted,
		    "segments", (json_int_t)k->segments, "unkept", (json_int_t)k->touched, "tables", (int)k->tables));
		return;
	}
	if (k->whole) {
		(void)printf("state.db   whole; %lld rows changed since it was last kept in the archive\n",
		    (long long)k->touched);
		(void)printf("log        %llu entries, %llu of them published\n", (unsigned long long)k->entries,
		    (unsigned long long)k->published);
		(void)printf(
		    "archive    %llu bundles, %llu of them deleted under retention; %llu segments of the state\n",
		    (unsigned long long)k->bundles, (unsigned long long)k->deleted, (unsigned long long)k->segments);
	}
	if (k->whole && k->problems == 0 && k->entries > k->published)
		(void)printf("           %llu entries are not published yet: the next erpgate run does it\n",
		    (unsigned long long)(k->entries - k->published));
	if (k->tables > 0)
		(void)printf("tables     %u compared with those that the archive makes\n", k->tables);
	(void)printf(k->problems == 0 ?
			 "State and archive agree.%s\n" :
			 "Look at each line above; make the state again from the archive: erpgate db rebuild%s\n",
	    k->problems == 0 && k->tables == 0 ? "   Row by row, with the site at rest: erpgate db check --all" : "");
}

static int
db_check_cmd(struct cli *c)
{
	bool all = cli_has(c, O_ALL);
	struct eg_err err = { 0 };
	struct db_check k;
	struct site s;
	int code, rc;

	if (!(all ? cli_own_site(c, &s, &code) : cli_site(c, SITE_LOOK, &s, &code)))
		return code;
	rc = db_check(&s, tell_problem, c, &k, &err);
	if (rc == EG_OK && all && k.whole)
		rc = db_check_tables(&s, tell_problem, c, &k, &err);
	if (rc == EG_OK)
		tell_check(c, &k);
	code = rc < 0 ? cli_fail(c, &err) : k.problems > 0 ? CLI_FINDINGS : CLI_OK;
	site_close(&s);
	return code;
}

/* ---- backup ---- */

/* A folder gets a name with the day in it. */
static int
where_to(struct site *s, const char *operand, int *ret_dir, char **ret_name, struct eg_err *err)
{
	struct stat st;
	bool folder = stat(operand, &st) == 0 && S_ISDIR(st.st_mode);
	const char *slash = strrchr(operand, '/');
	char day[EG_TIME_TEXT], *dir;
	int rc;

	eg_time_print(day, site_now(s));
	dir = folder        ? eg_xstrdup(operand) :
	      slash == NULL ? eg_xstrdup(".") :
	                      eg_xprintf("%.*s", slash == operand ? 1 : (int)(slash - operand), operand);
	*ret_name = folder ? eg_xprintf("state-%.10s.db", day) : eg_xstrdup(slash == NULL ? operand : slash + 1);
	rc = strlen(*ret_name) == 0 || strlen(*ret_name) > 40 ?
	         eg_fail(err, EG_BADREC, "USAGE", "\"%s\" is no name for the copy: 1 to 40 bytes", *ret_name) :
	         eg_fs_opendir(AT_FDCWD, dir, ret_dir, err);
	free(dir);
	return rc;
}

static int
db_backup(struct cli *c)
{
	struct eg_err err = { 0 };
	struct site s;
	char *name = NULL;
	int code, dir = -1, rc;

	if (c->argc < 2)
		return cli_usage(c, "say where to: erpgate db backup FILE|DIR");
	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	rc = where_to(&s, c->argv[1], &dir, &name, &err);
	if (rc == EG_OK)
		rc = store_backup(s.store, dir, name, &err);
	if (rc == EG_OK && cli_has(c, O_JSON))
		cli_json(json_pack("{s:s,s:s}", "type", "backup", "name", name));
	else if (rc == EG_OK && !cli_has(c, O_QUIET))
		(void)printf(
		    "The state as of now is in %s, whole and checked.\n"
		    "Copy after it, in this order, what else a site needs: archive/, erpgate.conf, adapters/, tables/, keys/ (gateway.pem in a safe place), spool/.\n"
		    "Without the copy the state can be made from archive/ alone: erpgate db rebuild\n",
		    name);
	code = rc < 0 ? cli_fail(c, &err) : CLI_OK;
	free(name);
	eg_fd_done(&dir);
	site_close(&s);
	return code;
}

/* ---- rebuild ---- */

/* The old database, if there is one, gets the first free name; its companions go with it. */
static int
put_in_place(struct site *s, char **ret_old, struct eg_err *err)
{
	static const char *const parts[] = { "", "-wal", "-shm" };
	int rc = EG_OK;

	*ret_old = NULL;
	for (unsigned n = 1; eg_fs_exists(s->dir, "state.db") && *ret_old == NULL; n++) {
		char *name = eg_xprintf("state.db.before-%u", n);
		if (eg_fs_exists(s->dir, name))
			free(name);
		else
			*ret_old = name;
	}
	for (size_t i = 0; rc == EG_OK && *ret_old != NULL && i < 3; i++) {
		char *from = eg_xprintf("state.db%s", parts[i]), *to = eg_xprintf("%s%s", *ret_old, parts[i]);
		if (eg_fs_exists(s->dir, from))
			rc = eg_fs_rename_new(s->dir, from, s->dir, to, err);
		free(from);
		free(to);
	}
	return rc == EG_OK ? eg_fs_rename_new(s->dir, DB_MADE, s->dir, "state.db", err) : rc;
}

static void
say_nothing(void *ctx, const char *sentence)
{
	(void)ctx;
	(void)sentence;
}

/* A database that is whole and as far as the archive is not replaced by accident: what it has beyond the archive would be lost. */
static int
check_need(struct cli *c, struct site *s, struct eg_err *err)
{
	struct db_check k = { 0 };
	struct eg_err why;
	int rc = EG_OK;

	if (cli_has(c, O_FORCE) || cli_has(c, O_INTO) || !eg_fs_exists(s->dir, "state.db"))
		return EG_OK;
	if (store_open(s->dir, false, true, &s->store, &why) == EG_OK)
		rc = db_check(s, say_nothing, NULL, &k, err);
	store_close(s->store);
	s->store = NULL;
	if (rc == EG_OK && k.whole && k.problems == 0)
		rc = eg_fail(err, EG_BADREC, "EXISTS",
		    "state.db is whole and agrees with the archive: there is nothing to make again. Make one beside it: erpgate db rebuild --into FILE; replace it all the same: --force");
	return rc;
}

static json_t *
beyond_list(const struct kept *k)
{
	json_t *list = json_array();
	struct eg_bytes rest = eg_buf_view(&k->beyond);

	while (rest.len > 0) {
		const char *end = memchr(rest.ptr, '\n', rest.len);
		size_t n = end == NULL ? rest.len : (size_t)(end - (const char *)rest.ptr);

		json_array_append_new(list, json_stringn((const char *)rest.ptr, n));
		rest = eg_bytes_sub(rest, n + (end != NULL), rest.len);
	}
	return list;
}

/* Who did it is known only now: the users stand in what was made. */
static int
log_rebuilt(struct site *s, void *ctx, struct eg_err *err)
{
	const struct kept *k = ctx;
	json_t *j = json_pack("{s:s,s:I,s:I,s:I,s:I,s:I}", "account", s->caller.account, "segments",
	    (json_int_t)k->segments, "rows", (json_int_t)k->rows, "entries", (json_int_t)k->entries, "bundles",
	    (json_int_t)k->bundles, "bodies", (json_int_t)k->bodies);
	if (k->nbeyond > 0)
		json_object_set_new(j, "beyond", beyond_list(k));
	char *text = json_dumps(j, JSON_COMPACT);
	int rc = site_log(s, "rebuilt", "state.db", text, err);

	free(text);
	json_decref(j);
	return rc;
}

static int
replace(struct cli *c, struct site *s, struct kept *k, char **ret_old, struct eg_err *err)
{
	int rc = db_make(s, s->dir, DB_MADE, true, k, err);

	if (rc == EG_OK && k->log_beyond)
		rc = log_cut(&s->spool, k->log_size, err);
	if (rc == EG_OK)
		rc = put_in_place(s, ret_old, err);
	if (rc == EG_OK)
		rc = store_open(s->dir, false, false, &s->store, err);
	if (rc == EG_OK)
		rc = actor_find(s, c->opt[O_AS], c->opt[O_KEY], getuid(), err);
	if (rc == EG_OK) {
		(void)snprintf(s->actor, sizeof(s->actor), "%s",
		    s->caller.is == CALLER_UNPROVEN ? s->caller.account : s->caller.name);
		rc = cli_tx(s, log_rebuilt, k, err);
	}
	s->mode = SITE_CHANGE; /* from here on it is a change like others: kept and published when it is closed */
	return rc;
}

static int
beside(struct cli *c, struct site *s, struct kept *k, struct eg_err *err)
{
	char *name = NULL;
	int dir = -1, rc = where_to(s, c->opt[O_INTO], &dir, &name, err);

	if (rc == EG_OK && eg_fs_exists(dir, name))
		rc = eg_fail(err, EG_BADREC, "EXISTS", "%s is there already; choose another name", c->opt[O_INTO]);
	if (rc == EG_OK)
		rc = db_make(s, dir, name, true, k, err);
	free(name);
	eg_fd_done(&dir);
	return rc;
}

static void
tell_rebuilt(struct cli *c, const struct kept *k, const char *old)
{
	const char *into = c->opt[O_INTO];

	if (cli_has(c, O_JSON)) {
		cli_json(json_pack("{s:s,s:I,s:I,s:I,s:I,s:I,s:s?,s:s?,s:o}", "type", "rebuilt", "segments",
		    (json_int_t)k->segments, "rows", (json_int_t)k->rows, "entries", (json_int_t)k->entries, "bundles",
		    (json_int_t)k->bundles, "bodies", (json_int_t)k->bodies, "old", old, "into", into, "beyond",
		    beyond_list(k)));
		return;
	}
	(void)printf(
	    "%s is made again from the archive: %llu rows of %llu segments, %llu log entries, %llu records out of %llu bundles.\n",
	    into == NULL ? "state.db" : into, (unsigned long long)k->rows, (unsigned long long)k->segments,
	    (unsigned long long)k->entries, (unsigned long long)k->bodies, (unsigned long long)k->bundles);
	if (old != NULL)
		(void)printf("The one before is kept as %s.   Compare: erpgate status\n", old);
	if (k->nbeyond > 0)
		(void)printf(
		    "The archive's log ends before these: a turn was stopped, and what it did then is done again by the next one. Their numbers are not given a second time.\n");
	json_t *list = beyond_list(k), *v;
	size_t i;
	json_array_foreach(list, i, v)(void) printf("  %s\n", json_string_value(v));
	json_decref(list);
	if (k->nout > 0)
		(void)printf(
		    "WRONG  %u of them lie in spool/out and belong to no batch that the archive knows: it is older than what left. Before the next run put the newer archive back, or"
		    " make sure that the receiver has not read them and take them away: what is in them leaves again.\n",
		    k->nout);
}

/* A daemon holds its own lock for its whole life, the spool's only during turns. */
static int
daemon_away(struct site *s, struct eg_err *err)
{
	int fd = -1, rc = eg_fs_lock(s->dir, CLI_WATCH_LOCK, &fd, err);

	if (rc < 0 && strcmp(err->code, "LOCKED") == 0) {
		char holder[EG_FIELD_MAX];
		(void)snprintf(holder, sizeof(holder), "%s", err->field);
		rc = eg_fail(err, EG_RETRY, "LOCKED",
		    "erpgate watch is running on this site (%s): stop it first, then make the state again", holder);
	}
	eg_fd_done(&fd);
	return rc;
}

static int
db_rebuild(struct cli *c)
{
	struct eg_err err = { 0 };
	struct kept k = { 0 };
	struct site s;
	char *old = NULL;
	int code, rc;

	if (!cli_site(c, SITE_REBUILD, &s, &code))
		return code;
	rc = daemon_away(&s, &err);
	if (rc == EG_OK)
		rc = check_need(c, &s, &err);
	if (rc == EG_OK)
		rc = cli_has(c, O_INTO) ? beside(c, &s, &k, &err) : replace(c, &s, &k, &old, &err);
	if (rc == EG_OK)
		tell_rebuilt(c, &k, old);
	code = rc < 0 ? cli_fail(c, &err) : k.nout > 0 ? CLI_FINDINGS : CLI_OK;
	free(old);
	eg_buf_done(&k.beyond);
	if (s.store == NULL)
		site_close(&s);
	else
		cli_close(c, &s);
	return code;
}

int
cmd_db(struct cli *c)
{
	static const struct {
		const char *name;
		int (*run)(struct cli *c);
	} acts[] = { { "check", db_check_cmd }, { "backup", db_backup }, { "rebuild", db_rebuild } };

	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		if (strcmp(acts[i].name, c->argv[0]) == 0)
			return acts[i].run(c);
	return cli_usage(c, "\"%s\" is not check, backup or rebuild", c->argv[0]);
}
