/* SPDX-License-Identifier: MIT
 *
 * The crash test: the same night again and again, each time killed at another call that changes something, every third time once more while it recovers. Where tracing is
 * forbidden the kills come after fractions of the time an undisturbed night takes.
 */
#include "gateway/selftest/selftest.h"

#include "base/fs.h"
#include "base/fs_tree.h"
#include "gateway/selftest/trace.h"

#include <inttypes.h>
#include <time.h>

#define USUAL_MS 24000 /* of trials: with the making of the world about half a minute */
#define LEAST_KILLS 12 /* on a slow machine, too */
#define TRIES 50 /* of a recovery that finds the lock still held by what is being killed */
#define GOLDEN 40503U /* 2^16 times the golden ratio: multiples of it spread evenly, however many there are */

struct session {
	int scratch;
	const char *path;
	struct selftest_facts facts;
	struct selftest_result *r;
	int64_t night_us;
	unsigned char *hit; /* a bit for each call */
	char what[160]; /* the trial, for messages */
};

static int64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static const char *const night[] = { "run", NULL };

/* The night as it should be: counts its calls. */
static int
play_model(struct session *s, struct eg_err *err)
{
	char *site = eg_xprintf("%s/" SELFTEST_MODEL, s->path);
	const char *const words[] = { "-C", site, "run", NULL };
	const struct trace_kill none = { 0 };
	struct trace_end end = { 0 };
	int rc = eg_fs_copy_tree(s->scratch, SELFTEST_BEFORE, s->scratch, SELFTEST_MODEL, err);

	if (rc >= 0)
		rc = trace_run(words, &none, &end, err);
	if (rc >= 0 && end.exit_code != 0)
		rc = eg_fail(err, EG_FATAL, "SELFTEST",
		    "An undisturbed night of the crash test ended with %d: nothing was tested. Try erpgate demo.",
		    end.exit_code);
	s->r->traced = end.traced;
	s->r->calls = end.traced ? end.calls : 0;
	s->night_us = end.took_us;
	free(site);
	return rc;
}

/* The i-th moment of a night, spread evenly whatever the number of trials. */
static struct trace_kill
moment(const struct session *s, unsigned i)
{
	uint64_t part = (uint64_t)i * GOLDEN % 65536U;
	struct trace_kill k = { .after = (i & 1) != 0 };

	if (s->r->traced)
		k.at = 1 + part * s->r->calls / 65536U;
	else
		k.after_us = 1 + (int64_t)part * s->night_us / 65536;
	return k;
}

static int
kill_once(struct session *s, const char *site, unsigned i, bool recovering, struct eg_err *err)
{
	const char *const words[] = { "-C", site, "run", NULL };
	struct trace_kill k = moment(s, i);
	struct trace_end end;
	int rc = trace_run(words, &k, &end, err);
	size_t n = strlen(s->what);

	if (rc < 0)
		return rc;
	s->r->kills += end.killed;
	s->r->during_recovery += end.killed && recovering;
	if (end.killed && k.at > 0 && !recovering && k.at <= s->r->calls) {
		s->r->points += (s->hit[k.at / 8] >> k.at % 8 & 1) == 0;
		s->hit[k.at / 8] |= (unsigned char)(1U << k.at % 8);
	}
	if (end.killed && end.call != NULL)
		(void)snprintf(s->what + n, sizeof(s->what) - n, "%skilled %s call %" PRIu64 " (%s)%s",
		    n > 0 ? ", " : "", k.after ? "behind" : "before", k.at, end.call,
		    recovering ? " of the recovery" : "");
	else if (end.killed)
		(void)snprintf(s->what + n, sizeof(s->what) - n, "%skilled after %" PRId64 " us%s", n > 0 ? ", " : "",
		    k.after_us, recovering ? " of the recovery" : "");
	return rc;
}

/* The next run is the recovery. */
static int
recover(struct session *s, const char *site, struct eg_err *err)
{
	int code = 75, rc = EG_OK;

	for (int i = 0; rc >= 0 && code == 75 && i < TRIES; i++)
		rc = selftest_call(site, night, &code, err);
	if (rc >= 0 && code != 0) {
		s->r->failed++;
		eg_buf_printf(&s->r->problems, "%s: the next run ended with %d\n", s->what, code);
	}
	return rc;
}

static int
trial(struct session *s, unsigned i, struct eg_err *err)
{
	char name[32];
	(void)snprintf(name, sizeof(name), "trial-%u", i);
	char *site = eg_xprintf("%s/%s", s->path, name);
	int rc = eg_fs_copy_tree(s->scratch, SELFTEST_BEFORE, s->scratch, name, err);

	s->what[0] = '\0';
	if (rc >= 0)
		rc = kill_once(s, site, i, false, err);
	if (rc >= 0 && i % 3 == 2)
		rc = kill_once(s, site, i * 7 + 3, true, err);
	if (rc >= 0)
		rc = recover(s, site, err);
	if (rc >= 0)
		rc = selftest_judge(s->scratch, name, site, &s->facts, s->what, s->r, err);
	struct eg_err left;
	int gone = eg_fs_rmtree(s->scratch, name, rc < 0 ? &left : err);
	free(site);
	return rc < 0 ? rc : gone;
}

int
selftest_run(
    int scratch, const char *path, const struct selftest_plan *plan, struct selftest_result *ret, struct eg_err *err)
{
	struct session s = { .scratch = scratch, .path = path, .r = ret };
	int64_t began = now_ms();
	int rc = selftest_make(scratch, path, err);

	if (rc >= 0)
		rc = play_model(&s, err);
	if (rc >= 0)
		rc = selftest_learn(scratch, &s.facts, err);
	ret->drops = (unsigned)s.facts.n_dropped;
	ret->files = (unsigned)s.facts.n_written;
	s.hit = eg_xalloc((size_t)(ret->calls / 8 + 1));
	int64_t first = now_ms();
	for (unsigned i = 1; rc >= 0; i++) {
		bool enough = plan->kills > 0 ? ret->kills >= plan->kills || i > 2 * plan->kills + 100 :
		                                now_ms() - first > USUAL_MS && i > LEAST_KILLS;
		if (enough)
			break;
		rc = trial(&s, i, err);
	}
	ret->took_ms = now_ms() - began;
	free(s.hit);
	selftest_facts_done(&s.facts);
	return rc;
}
