/* SPDX-License-Identifier: MIT
 *
 * selftest --crash: kills this program in the middle of its work, again and again, on the disk where it will really stand, and says whether anything was lost. The site
 * itself is not touched: everything happens in a scratch folder, which is removed.
 */
#include "gateway/selftest/selftest.h"
#include "base/fs.h"
#include "base/fs_kind.h"
#include "gateway/cli/cli.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define KILLS_MAX 1000000U

static bool
passed(const struct selftest_result *r)
{
	return r->kills > 0 && r->lost + r->twice + r->torn + r->leftovers + r->failed == 0;
}

static json_t *
as_json(const struct selftest_result *r, const char *dir, const char *kind)
{
	return json_pack("{s:s,s:s,s:i,s:i,s:i,s:I,s:b,s:i,s:i,s:i,s:i,s:i,s:f,s:b}", "dir", dir, "kind", kind, "kills",
	    (int)r->kills, "during_recovery", (int)r->during_recovery, "points", (int)r->points, "calls",
	    (json_int_t)r->calls, "counted", r->traced, "lost", (int)r->lost, "twice", (int)r->twice, "torn",
	    (int)r->torn, "leftovers", (int)r->leftovers, "failed", (int)r->failed, "seconds",
	    (double)r->took_ms / 1000.0, "good", passed(r));
}

static void
tell(struct cli *c, struct selftest_result *r, json_t *j, const char *dir, const char *kind, bool logged)
{
	if (cli_has(c, O_JSON)) {
		json_object_set_new(j, "type", json_string("selftest"));
		json_object_set_new(j, "problems", cli_str(eg_buf_cstr(&r->problems)));
		cli_json(json_incref(j));
		return;
	}
	(void)printf("Crash test in %s (%s)\n", dir, kind);
	(void)printf(
	    "  each time    %u files dropped, %u files written, then compared byte for byte with an undisturbed night\n",
	    r->drops, r->files);
	if (r->traced)
		(void)printf("  killed       %u times, at %u of the %" PRIu64
			     " calls that change something, %u times more during recovery\n",
		    r->kills - r->during_recovery, r->points, r->calls, r->during_recovery);
	else
		(void)printf(
		    "  killed       %u times after parts of a night (tracing is forbidden here), %u of them during recovery\n",
		    r->kills, r->during_recovery);
	(void)printf("  lost %u   twice %u   torn %u   left over %u   failed recoveries %u   in %.1f s\n", r->lost,
	    r->twice, r->torn, r->leftovers, r->failed, (double)r->took_ms / 1000.0);
	if (r->problems.len > 0)
		(void)printf("\n%s", eg_buf_cstr(&r->problems));
	(void)printf("\n%s%s\n",
	    passed(r)     ? "Passed: nothing was lost and nothing happened twice." :
	    r->kills == 0 ? "Nothing was tested: no run could be killed in time." :
			    "FAILED: do not use this folder's disk for a site. Keep this text and call support.",
	    logged ? " The log has the result (selftest)." : "");
}

/* ---- the scratch folder ---- */

struct scratch {
	int parent, dir;
	char name[64], *path; /* absolute */
	sigset_t before;
};

/* Below the folder given, else below the site, else here. Signals that end programs wait until it is removed. */
static int
open_scratch(const char *below, struct scratch *ret, struct eg_err *err)
{
	char real[PATH_MAX];
	sigset_t ends;
	int rc = eg_fs_opendir(AT_FDCWD, below, &ret->parent, err);

	(void)snprintf(ret->name, sizeof(ret->name), ".erpgate-selftest-%d", (int)getpid());
	if (rc >= 0)
		rc = eg_fs_mkdir_new(ret->parent, ret->name, 0700, err);
	if (rc < 0)
		return rc;
	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGTERM);
	(void)sigaddset(&ends, SIGHUP);
	(void)sigaddset(&ends, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &ends, &ret->before);
	ret->path = eg_xprintf("%s/%s", realpath(below, real) != NULL ? real : below, ret->name);
	return eg_fs_opendir(ret->parent, ret->name, &ret->dir, err);
}

static int
close_scratch(struct scratch *x, struct eg_err *err)
{
	int rc = EG_OK;

	eg_fd_done(&x->dir);
	if (x->path != NULL) {
		rc = eg_fs_rmtree(x->parent, x->name, err);
		(void)sigprocmask(SIG_SETMASK, &x->before, NULL);
	}
	eg_fd_done(&x->parent);
	free(x->path);
	x->path = NULL;
	return rc;
}

static int
log_result(struct site *s, void *ctx, struct eg_err *err)
{
	char *text = json_dumps(ctx, JSON_COMPACT);
	int rc = site_log(s, "selftest", s->name, text, err);

	free(text);
	return rc;
}

/* Said in the site's log when there is one. The lock is only taken for that moment: the site works on meanwhile. */
static int
keep_result(struct cli *c, json_t *j, int *ret_code)
{
	struct site s;
	struct eg_err err;

	if (!cli_site(c, SITE_CHANGE, &s, ret_code))
		return EG_FATAL;
	int rc = cli_tx(&s, log_result, j, &err);
	if (rc < 0)
		*ret_code = cli_fail(c, &err);
	site_close(&s);
	return rc;
}

static int
crash(struct cli *c, const char *below, bool logged, const struct selftest_plan *plan)
{
	struct selftest_result r = SELFTEST_RESULT_INIT;
	struct scratch x = { .parent = -1, .dir = -1 };
	struct eg_fs_kind kind = { "", false };
	struct eg_err err = { 0 }, left = { 0 };
	int code = CLI_OK, rc = open_scratch(below, &x, &err);

	if (rc >= 0)
		rc = eg_fs_kind(x.dir, &kind, &err);
	if (rc >= 0)
		rc = selftest_run(x.dir, x.path, plan, &r, &err);
	char *shown = eg_xstrdup(x.path != NULL ? x.path : below);
	int gone = close_scratch(&x, rc < 0 ? &left : &err);
	if (rc < 0 || gone < 0)
		code = cli_fail(c, &err);
	else {
		json_t *j = as_json(&r, shown, kind.name);
		if (!logged || keep_result(c, j, &code) >= 0) {
			tell(c, &r, j, shown, kind.name, logged);
			code = passed(&r) ? CLI_OK : CLI_FINDINGS;
		}
		json_decref(j);
	}
	free(shown);
	eg_buf_done(&r.problems);
	return code;
}

int
cmd_selftest(struct cli *c)
{
	const char *home = getenv("ERPGATE_HOME");
	bool named = c->opt[O_DIR] != NULL || (home != NULL && *home != '\0');
	bool there = named || access("erpgate.conf", F_OK) == 0 || access("/etc/erpgate/erpgate.conf", F_OK) == 0;
	struct selftest_plan plan = { 0 };
	uint64_t kills = 0;
	struct site s;
	int code;

	if (!cli_has(c, O_CRASH))
		return cli_usage(c, "say what is to be tested: --crash");
	if (c->opt[O_KILLS] != NULL &&
	    (!eg_bytes_to_u64(eg_bytes_str(c->opt[O_KILLS]), &kills) || kills == 0 || kills > KILLS_MAX))
		return cli_usage(c, "--kills is a number from 1 to %u", KILLS_MAX);
	plan.kills = (unsigned)kills;
	if (!there)
		return crash(c, c->argc > 0 ? c->argv[0] : ".", false, &plan);
	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	char *below = eg_xstrdup(c->argc > 0 ? c->argv[0] : s.path);
	site_close(&s);
	code = crash(c, below, true, &plan);
	free(below);
	return code;
}
