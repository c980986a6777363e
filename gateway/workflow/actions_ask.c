/* SPDX-License-Identifier: MIT
 *
 * What every command asks before it acts: may he who is at the keyboard do this? Refuses with E-74. Tests: tests/unit/test_rights.c.
 */
#include "gateway/workflow/actions.h"

#include <unistd.h>

struct question {
	enum action what;
	const char *type, *project, *iid; /* NULL = none */
};

static bool
decides(enum action what)
{
	return what <= ACTION_DECIDE_SUBJOB ||
	       what == ACTION_VOID; /* a void is a decision about every item of the batch */
}

/* The process itself, where nobody asked who is at the keyboard. */
static bool
keeps_site(const struct site *s)
{
	struct stat st;

	return geteuid() == 0 || (fstat(s->dir, &st) == 0 && st.st_uid == geteuid());
}

static int
ask_user(const struct site *s, const struct question *q, const struct user *u, struct eg_err *err)
{
	const char *of = q->iid == NULL ? "" : ": ", *iid = q->iid == NULL ? "" : q->iid;
	struct lack l = { EG_BUF_INIT, EG_BUF_INIT, 0 };
	int rc = EG_OK;

	if (!u->active)
		rc = eg_fail(err, EG_BADREC, "E-74",
		    "%s may not %s%s%s: the rights were revoked. An administrator can give them again: erpgate users grant %s",
		    u->name, action_words(q->what), of, iid, u->name);
	else if (!action_may(&s->conf, u, q->what, q->type, q->project, &l))
		rc = eg_fail(err, EG_BADREC, "E-74",
		    "%s may not %s%s%s. Missing: %s. An administrator gives it: erpgate users grant %s%s", u->name,
		    action_words(q->what), of, iid, eg_buf_cstr(&l.what), u->name, eg_buf_cstr(&l.grant));
	lack_done(&l);
	return rc;
}

int
action_allowed_user(
    const struct site *s, const struct user *u, enum action what, const struct item *it, struct eg_err *err)
{
	struct question q = { what, it->type->name, it->project, it->iid };

	return ask_user(s, &q, u, err);
}

static int
unknown(const struct site *s, const struct question *q, const char *name, struct eg_err *err)
{
	const char *words = action_words(q->what);

	if (s->caller.is == CALLER_UNPROVEN)
		return eg_fail(err, EG_BADREC, "E-74",
		    "Nothing proves that account %s is %s, so it may not %s. Add --key with the private key of %s, or let an administrator tie the account: erpgate users grant %s --account %s",
		    s->caller.account, name, words, name, name, s->caller.account);
	if (s->caller.is == CALLER_UNKNOWN)
		return eg_fail(err, EG_BADREC, "E-74",
		    "Account %s belongs to no user of this site and may not %s. An administrator adds it: erpgate users add NAME --account %s, or ties it to a user: erpgate users grant NAME --account %s",
		    s->caller.account, words, s->caller.account, s->caller.account);
	return eg_fail(err, EG_BADREC, "E-74",
	    "%s is no user of this site and may not %s. An administrator adds the name: erpgate users add %s --role standard --approve …",
	    name, words, name);
}

static int
ask(struct site *s, const struct question *q, struct eg_err *err)
{
	const char *name = s->caller.is == CALLER_NOT_ASKED ? s->actor : s->caller.name;
	bool user = s->caller.is == CALLER_USER || s->caller.is == CALLER_NOT_ASKED;
	bool keeper = s->caller.operator||(s->caller.is == CALLER_NOT_ASKED && keeps_site(s));
	struct eg_arena a;
	struct user u;
	int rc;

	eg_arena_init(&a, 1 << 18);
	rc = user ? user_find(s->store, name, &a, &u, err) : EG_EOF;
	if (rc >= 0 && keeper && !decides(q->what) && (rc == EG_EOF || s->caller.operator))
		rc = EG_OK;
	else if (rc == EG_OK)
		rc = ask_user(s, q, &u, err);
	else if (rc == EG_EOF)
		rc = unknown(s, q, name, err);
	eg_arena_done(&a);
	return rc;
}

int
action_allowed_type(struct site *s, enum action what, const char *type, const char *project, struct eg_err *err)
{
	struct question q = { what, type, project, NULL };

	eg_check(what >= 1 && what <= ACTION_LAST);
	return ask(s, &q, err);
}

int
action_allowed(struct site *s, enum action what, const struct item *it, struct eg_err *err)
{
	struct question q = { what, it == NULL ? NULL : it->type->name, it == NULL ? NULL : it->project,
		it == NULL ? NULL : it->iid };

	eg_check(what >= 1 && what <= ACTION_LAST);
	return ask(s, &q, err);
}

/* Archiving what is no company hides what one could as well take in, or keeps it from leaving. */
static enum action
to_archive(const struct item *it)
{
	if (strcmp(it->type->name, "erp-vendor") == 0 || strcmp(it->type->name, "erp-customer") == 0)
		return ACTION_ARCHIVE_COMPANY;
	return it->type->cls == RC_FROM_ERP ? action_to_decide(it->type) : ACTION_HOLD;
}

int
action_allowed_act(struct site *s, const char *act, const struct item *it, struct eg_err *err)
{
	enum action what = ACTION_SEND; /* retrieve, resend */

	if (strcmp(act, "hold") == 0 || strcmp(act, "release") == 0)
		what = ACTION_HOLD;
	else if (strcmp(act, "archive") == 0 || strcmp(act, "unarchive") == 0)
		what = to_archive(it);
	else if (strcmp(act, "unlink") == 0)
		what = action_to_unlink(it->type);
	return action_allowed(s, what, it, err);
}

int
action_allowed_intake(struct site *s, const char *source, struct eg_err *err)
{
	static const enum action refreshes[] = { ACTION_REFRESH_COMPANIES, ACTION_REFRESH_CODES, ACTION_SYNC_COSTS,
		ACTION_SYNC_PAYMENTS };
	int rc = EG_OK;

	if (strcmp(source, "approvals") == 0)
		return EG_OK;
	if (strcmp(conf_family(&s->conf, source), s->erp) != 0)
		return action_allowed(s, ACTION_SEND, NULL, err);
	for (size_t i = 0; rc == EG_OK && i < sizeof(refreshes) / sizeof(refreshes[0]); i++)
		rc = action_allowed(s, refreshes[i], NULL, err);
	return rc;
}
