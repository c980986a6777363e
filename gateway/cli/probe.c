/* SPDX-License-Identifier: MIT
 *
 * doctor --probe DIR. Says of each promise what was seen, why it matters and, where it is broken, what to do. Leaves nothing in DIR.
 */
#include "gateway/cli/probe.h"

#include "base/fs.h"
#include "base/fs_kind.h"
#include "base/fs_probe.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

struct telling {
	struct cli *c;
	struct cli_table *table;
	struct eg_buf advice; /* text for people, below the table */
	json_t *detail; /* of the log entry: key -> {verdict, result} */
	unsigned missing;
};

static const char *const marks[] = { "ok", "note", "BAD" }, *const words[] = { "good", "note", "missing" };

static int
tell(void *ctx, const struct eg_probe_result *r, struct eg_err *err)
{
	struct telling *t = ctx;
	const char *cells[] = { marks[r->verdict], r->what, r->result, r->why };

	(void)err;
	t->missing += r->verdict == EG_PROBE_MISSING;
	json_object_set_new(
	    t->detail, r->key, json_pack("{s:s,s:s}", "verdict", words[r->verdict], "result", r->result));
	if (cli_has(t->c, O_JSON)) {
		cli_json(json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "type", "probe", "key", r->key, "what", r->what,
		    "verdict", words[r->verdict], "result", r->result, "why", r->why, "todo", r->todo));
		return EG_OK;
	}
	cli_table_row(t->table, cells);
	if (r->verdict != EG_PROBE_GOOD)
		eg_buf_printf(&t->advice, "%-4s %s: %s\n", marks[r->verdict], r->what, r->todo);
	return EG_OK;
}

static void
tell_mount(struct telling *t, struct site *s, int dir)
{
	struct eg_probe_result r = {
		.key = "same-mount",
		.what = "Same mount as the spool",
		.why = "A file can be renamed into the spool only from its own mount.",
		.todo =
		    "As a drop folder it will do: files are copied. For anything else of the site use the mount of the spool."
	};
	struct eg_err err;
	bool same = eg_fs_same_mount(s->spool.work, dir);

	r.verdict = same ? EG_PROBE_GOOD : EG_PROBE_NOTE;
	(void)snprintf(r.result, sizeof(r.result), "%s", same ? "yes" : "no");
	(void)!tell(t, &r, &err);
}

struct entry {
	const char *path;
	struct telling *t;
};

static int
log_probe(struct site *s, void *ctx, struct eg_err *err)
{
	const struct entry *e = ctx;
	struct eg_buf shown = EG_BUF_INIT;
	json_t *j = json_pack(
	    "{s:b,s:i,s:O}", "good", e->t->missing == 0, "missing", (int)e->t->missing, "results", e->t->detail);
	char *text = json_dumps(j, JSON_COMPACT);

	eg_buf_escaped(&shown, eg_bytes_str(e->path));
	int rc = site_log(s, "probed", eg_buf_cstr(&shown), text, err);
	free(text);
	json_decref(j);
	eg_buf_done(&shown);
	return rc;
}

static void
tell_end(struct telling *t, const char *path, bool logged)
{
	if (cli_has(t->c, O_JSON)) {
		struct eg_buf shown = EG_BUF_INIT;
		eg_buf_escaped(&shown, eg_bytes_str(path));
		cli_json(json_pack("{s:s,s:s,s:b,s:i,s:b}", "type", "probed", "dir", eg_buf_cstr(&shown), "good",
		    t->missing == 0, "missing", (int)t->missing, "logged", logged));
		eg_buf_done(&shown);
		return;
	}
	cli_table_print(t->table);
	t->table = NULL;
	if (t->advice.len > 0)
		(void)printf("\nWhat to do:\n%s", eg_buf_cstr(&t->advice));
	(void)printf("\n%s%s\n", t->missing > 0 ? "A site cannot stand here." : "A site can stand here.",
	    logged ? " The log has the result (probed)." : "");
}

static int
probe(struct telling *t, struct site *s, const char *path, int dir)
{
	struct entry e = { path, t };
	struct eg_err err = { 0 };
	int rc = eg_fs_probe(dir, tell, t, &err);

	if (rc >= 0 && s != NULL) {
		tell_mount(t, s, dir);
		rc = cli_tx(s, log_probe, &e, &err);
	}
	if (rc < 0)
		return cli_fail(t->c, &err);
	tell_end(t, path, s != NULL);
	return t->missing > 0 ? CLI_FINDINGS : CLI_OK;
}

/* Is there a site to log it in? One that was named must open; else none is no fault. */
static bool
find_site(struct cli *c, struct site *s, bool *ret_there, int *ret_code)
{
	const char *home = getenv("ERPGATE_HOME");
	bool named = c->opt[O_DIR] != NULL || (home != NULL && *home != '\0');

	*ret_there = false;
	if (!named && access("erpgate.conf", F_OK) != 0 && access("/etc/erpgate/erpgate.conf", F_OK) != 0)
		return true;
	*ret_there = cli_site(c, SITE_CHANGE, s, ret_code);
	return *ret_there;
}

int
cli_probe(struct cli *c, const char *dir)
{
	static const char *const titles[] = { "", "What", "Seen", "Why it matters" };
	struct telling t = { c, NULL, EG_BUF_INIT, NULL, 0 };
	char real[PATH_MAX];
	struct eg_err err = { 0 };
	struct site s;
	bool there = false;
	int fd = -1, code = CLI_OK;

	if (!find_site(c, &s, &there, &code))
		return code;
	if (eg_fs_opendir(AT_FDCWD, dir, &fd, &err) < 0)
		code = cli_fail(c, &err);
	else {
		t.detail = json_object();
		t.table = cli_table_new(titles, 4, 0);
		code = probe(&t, there ? &s : NULL, realpath(dir, real) != NULL ? real : dir, fd);
		if (t.table != NULL && cli_table_rows(t.table) > 0 && code != CLI_OK && code != CLI_FINDINGS)
			cli_table_print(t.table);
		json_decref(t.detail);
		eg_buf_done(&t.advice);
	}
	eg_fd_done(&fd);
	if (there)
		site_close(&s);
	return code;
}
