/* SPDX-License-Identifier: MIT
 *
 * Who may decide what: role, right per record type, amount limit, and (as set) that who dropped a file does not approve it.
 */
#include "gateway/workflow/workflow.h"

#include <pwd.h>

static bool
may_type(const char *types, const char *type)
{
	struct eg_bytes rest = eg_bytes_str(types), part;

	while (eg_bytes_cut(&rest, ',', &part))
		if (eg_bytes_is(eg_bytes_trim(part), "all") || eg_bytes_is(eg_bytes_trim(part), type))
			return true;
	return false;
}

static bool
over_limit(const char *limit, const char *amount)
{
	struct eg_dec most, have;

	if (limit == NULL || amount == NULL)
		return false;
	if (eg_dec_parse(eg_bytes_str(limit), EG_DEC_PLAIN, 2, 16, &most) != EG_DEC_OK ||
	    eg_dec_parse(eg_bytes_str(amount), EG_DEC_PLAIN, 2, 24, &have) != EG_DEC_OK)
		return true; /* a limit that cannot be read lets nothing through */
	return eg_dec_cmp(have.coef < 0 ? eg_dec_neg(have) : have, most) > 0;
}

static int
check_submitter(struct site *s, const struct user *u, const struct item *it, struct eg_err *err)
{
	struct eg_arena a;
	struct file_row f;
	struct drop_row d;
	int rc;

	if (!conf_bool(&s->conf, "approvals.separate_submitter") || u->account == NULL)
		return EG_OK;
	eg_arena_init(&a, 1 << 16);
	rc = store_file_get(s->store, it->file, &a, &f, err);
	if (rc == EG_OK)
		rc = store_drop_get(s->store, f.drop, &a, &d, err);
	if (rc == EG_OK) {
		const struct passwd *pw = getpwuid((uid_t)d.owner);
		if (pw != NULL && strcmp(pw->pw_name, u->account) == 0)
			rc = eg_fail(err, EG_BADREC, "E-74",
			    "%s dropped the file %s is in (%s) and may not decide about it. Another approver must.",
			    u->name, it->iid, d.name);
	}
	eg_arena_done(&a);
	return rc == EG_EOF ? EG_OK : rc; /* no file behind it: nobody dropped it */
}

static int
check(struct site *s, const struct user *u, const struct item *it, const char *verdict, struct eg_err *err)
{
	if (!u->active)
		return eg_fail(err, EG_BADREC, "E-74",
		    "%s's rights were revoked. An administrator can give them again: erpgate users grant %s", u->name,
		    u->name);
	if (u->role < ROLE_STANDARD)
		return eg_fail(err, EG_BADREC, "E-74",
		    "%s may only look (role %s). Deciding needs role standard or admin.", u->name,
		    user_role_word(u->role));
	if (!may_type(u->types, it->type->name))
		return eg_fail(err, EG_BADREC, "E-74",
		    "%s lacks the right to %s records of type %s. An administrator gives it: erpgate users grant %s --approve %s",
		    u->name, verdict, it->type->name, u->name, it->type->name);
	if (strcmp(verdict, "accept") == 0 && over_limit(u->limit, it->amount))
		return eg_fail(err, EG_BADREC, "E-74",
		    "%s is over %s's limit: %s, the limit is %s. Someone with a higher limit must accept it.", it->iid,
		    u->name, it->amount, u->limit);
	return check_submitter(s, u, it, err);
}

int
rights_check(struct site *s, const char *user, const struct item *it, const char *verdict, struct eg_err *err)
{
	struct eg_arena a;
	struct user u;
	int rc;

	eg_arena_init(&a, 1 << 18);
	rc = user_find(s->store, user, &a, &u, err);
	if (rc == EG_EOF)
		rc = eg_fail(err, EG_BADREC, "E-74",
		    "%s is no user of this site. An administrator adds the name: erpgate users add %s --role standard --approve …",
		    user, user);
	else if (rc == EG_OK)
		rc = check(s, &u, it, verdict, err);
	eg_arena_done(&a);
	return rc;
}
