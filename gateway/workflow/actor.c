/* SPDX-License-Identifier: MIT
 *
 * Who is at the keyboard. Tests: tests/unit/test_rights.c.
 */
#include "gateway/workflow/actor.h"

#include <fcntl.h>
#include <pwd.h>

const char *
actor_account(uid_t uid, char *buf, size_t cap)
{
	const struct passwd *pw = getpwuid(uid);

	if (pw == NULL)
		(void)snprintf(buf, cap, "uid %u", (unsigned)uid);
	else
		(void)snprintf(buf, cap, "%s", pw->pw_name);
	return buf;
}

struct by_account {
	struct eg_arena *a;
	const char *account, *name;
	bool active;
};

static int
try_account(void *ctx, const struct user *u, struct eg_err *err)
{
	struct by_account *f = ctx;

	(void)err;
	if (u->account != NULL && strcmp(u->account, f->account) == 0 &&
	    (f->name == NULL || (u->active && !f->active))) {
		f->name = eg_arena_cstr(f->a, eg_bytes_str(u->name));
		f->active = u->active;
	}
	return EG_OK;
}

int
actor_of_account(struct site *s, const char *account, struct eg_arena *a, const char **ret, struct eg_err *err)
{
	struct by_account f = { .a = a, .account = account };
	int rc = user_each(s->store, try_account, &f, err);

	*ret = f.name;
	return rc == EG_OK && f.name == NULL ? EG_EOF : rc;
}

/* The key is the one registered for the user. */
static int
key_proves(const char *file, const struct user *u, bool *ret, struct eg_err *err)
{
	struct sign_key *key = NULL;
	char id[SIGN_KEY_ID];
	int rc = sign_key_load(AT_FDCWD, file, true, &key, err);

	if (rc == EG_OK) {
		sign_key_id(key, id);
		*ret = u->key_id != NULL && strcmp(id, u->key_id) == 0;
	}
	sign_key_free(key);
	return rc;
}

/* A name that no user has is told as that when something is asked, not here. */
static int
named(struct site *s, const char *as, const char *key, bool keeper, struct eg_err *err)
{
	struct site_caller *c = &s->caller;
	bool proven = keeper || !conf_bool(&s->conf, "approvals.require_signature");
	struct eg_arena a;
	struct user u;
	int rc;

	(void)snprintf(c->name, sizeof(c->name), "%s", as);
	c->is = CALLER_USER;
	eg_arena_init(&a, 1 << 18);
	rc = user_find(s->store, as, &a, &u, err);
	if (rc == EG_OK && !proven)
		proven = u.account != NULL && strcmp(u.account, c->account) == 0;
	if (rc == EG_OK && !proven && key != NULL)
		rc = key_proves(key, &u, &proven, err);
	if (rc == EG_OK && !proven)
		c->is = CALLER_UNPROVEN;
	eg_arena_done(&a);
	return rc == EG_EOF ? EG_OK : rc;
}

int
actor_find(struct site *s, const char *as, const char *key, uid_t uid, struct eg_err *err)
{
	struct site_caller *c = &s->caller;
	const char *user = NULL;
	struct eg_arena a;
	struct stat st;
	bool keeper = uid == 0 || (fstat(s->dir, &st) == 0 && st.st_uid == uid);
	int rc;

	*c = (struct site_caller){ .is = CALLER_UNKNOWN };
	(void)actor_account(uid, c->account, sizeof(c->account));
	if (as != NULL)
		return named(s, as, key, keeper, err);
	c->operator= keeper;
	eg_arena_init(&a, 1 << 16);
	rc = actor_of_account(s, c->account, &a, &user, err);
	if (rc == EG_OK)
		c->is = CALLER_USER;
	(void)snprintf(c->name, sizeof(c->name), "%s", user == NULL ? c->account : user);
	eg_arena_done(&a);
	return rc == EG_EOF ? EG_OK : rc;
}
