/* SPDX-License-Identifier: MIT
 *
 * audit verify, the time stamps: is each token good for the head beside it, is that head one of this log, is it the answer that was logged, and has its certificate ended without a
 * later stamp over a log that knew of it.
 */
#include "gateway/cli/audit.h"
#include "gateway/cli/stamps.h"
#include "spool/log_proof.h"

#define CHAIN_MOST 1000U /* stamps that stand in for each other; a daily one of a year's certificate: far fewer */

struct stamping {
	struct audit *a;
	struct stamps_kept all;
	const struct sign_key *key;
	const char *origin;
	uint64_t head;
};

/* What the log says of it; NULL: nothing yet. */
static const struct audit_stamped *
logged(const struct audit *a, const char *name)
{
	for (size_t i = 0; i < a->n_stamped; i++)
		if (strcmp(a->stamped[i].name, name) == 0)
			return &a->stamped[i];
	return NULL;
}

static int
check_token(struct stamping *g, struct stamp_kept *k, struct log_head *ret_head, struct eg_err *err)
{
	struct eg_buf response = EG_BUF_INIT, ca = EG_BUF_INIT, text = EG_BUF_INIT;
	const struct audit_stamped *said = logged(g->a, k->name);
	char sha[EG_SHA256_HEX];
	int rc = stamps_read(g->a->s, k->name, ".tsr", &response, err);

	if (rc >= 0)
		rc = stamps_read(g->a->s, k->name, ".ca.pem", &ca, err);
	if (rc >= 0)
		rc = stamps_trusted(g->a->s, &ca, err);
	if (rc >= 0)
		rc = stamps_read(g->a->s, k->name, ".checkpoint", &text, err);
	if (rc >= 0)
		rc = stamps_check(g->a->s, k, eg_buf_view(&response), eg_buf_view(&ca), err);
	if (rc >= 0)
		rc = log_head_parse(eg_buf_view(&text), g->origin, g->key, ret_head, err);
	eg_sha256_hex_of(eg_buf_view(&response), sha);
	if (rc >= 0 && said != NULL && strcmp(said->sha256, sha) != 0)
		rc = eg_fail(err, EG_BADREC, "STAMP-BAD", "It is not the answer that was logged under this name");
	eg_buf_done(&response);
	eg_buf_done(&ca);
	eg_buf_done(&text);
	return rc;
}

static int
verify_one(struct stamping *g, struct stamp_kept *k, struct eg_err *err)
{
	char problem[EG_MSG_MAX], *what;
	struct eg_err found = { 0 };
	struct log_head old;
	int rc = check_token(g, k, &old, &found);

	k->good = rc >= 0;
	if (rc == EG_RETRY || rc == EG_FATAL) {
		*err = found;
		return rc;
	}
	if (rc < 0) {
		(void)snprintf(problem, sizeof(problem), "archive/log/stamps/%s.tsr: %.280s", k->name, found.msg);
		audit_broken(
		    g->a, "stamp", strcmp(found.code, "SIG-KEY") == 0 ? AUDIT_WRONG_KEY : AUDIT_CHANGED, problem);
		return EG_OK;
	}
	what = eg_xprintf("The head of time stamp %s", k->name);
	rc = audit_against(g->a, &old, g->head, what, problem, err);
	free(what);
	return rc;
}

/* The log has it, the folder has not. */
static void
tell_lost(struct stamping *g)
{
	for (size_t i = 0; i < g->a->n_stamped; i++) {
		const char *name = g->a->stamped[i].name;
		char problem[EG_MSG_MAX];
		bool there = false;
		for (size_t k = 0; k < g->all.n; k++)
			there |= g->all.v[k].answered && strcmp(g->all.v[k].name, name) == 0;
		if (there)
			continue;
		(void)snprintf(problem, sizeof(problem),
		    "the log says that stamp %s was taken, and archive/log/stamps/%s.tsr or its request is gone; put them back "
		    "from a backup",
		    name, name);
		audit_broken(g->a, "stamp", AUDIT_CHANGED, problem);
	}
}

/* Its certificate is still good, or a later stamp was made in time over a log that knows this one. */
static bool
still_holds(const struct stamping *g, const struct stamp_kept *k, int64_t now, unsigned depth)
{
	const struct audit_stamped *said = logged(g->a, k->name);

	if (k->s.not_after >= now)
		return true;
	for (size_t i = 0; said != NULL && i < g->all.n && depth < CHAIN_MOST; i++) {
		const struct stamp_kept *later = &g->all.v[i];
		if (later->good && later->size > said->index && later->s.when <= k->s.not_after &&
		    still_holds(g, later, now, depth + 1))
			return true;
	}
	return false;
}

static void
tell_stamp(struct stamping *g, const struct stamp_kept *k)
{
	char problem[EG_MSG_MAX], when[EG_TIME_TEXT], until[EG_TIME_TEXT];
	int64_t now = site_now(g->a->s);

	eg_time_print(when, k->s.when);
	eg_time_print(until, k->s.not_after);
	if (!still_holds(g, k, now, 0)) {
		(void)snprintf(problem, sizeof(problem),
		    "stamp %.31s of %.20s: its certificate ended on %.20s and no later stamp took over. It still proves its day: "
		    "openssl ts -verify -attime %lld -data %.31s.checkpoint -in %.31s.tsr -CAfile %.31s.ca.pem",
		    k->name, when, until, (long long)k->s.when, k->name, k->name, k->name);
		audit_broken(g->a, "stamp", AUDIT_EXPIRED, problem);
	} else if (cli_has(g->a->c, O_JSON))
		cli_json(json_pack("{s:s,s:b,s:s,s:I,s:s,s:s}", "type", "stamp", "good", true, "name", k->name,
		    "entries", (json_int_t)k->size, "time", when, "valid_until", until));
	else
		(void)printf("stamp    good   %4llu entries existed on %s%s\n", (unsigned long long)k->size, when,
		    k->s.not_after < now ? "   a later stamp took over" : "");
}

int
audit_verify_stamps(struct audit *a, const struct sign_key *key, const char *origin, uint64_t head, struct eg_err *err)
{
	struct stamping g = { .a = a, .key = key, .origin = origin, .head = head };
	int rc = stamps_list(a->s, &g.all, err);

	for (size_t i = 0; rc == EG_OK && i < g.all.n; i++)
		if (g.all.v[i].answered)
			rc = verify_one(&g, &g.all.v[i], err);
	for (size_t i = 0; rc == EG_OK && i < g.all.n; i++)
		if (g.all.v[i].good)
			tell_stamp(&g, &g.all.v[i]);
	if (rc == EG_OK)
		tell_lost(&g);
	free(g.all.v);
	return rc;
}
