/* SPDX-License-Identifier: MIT
 *
 * Who may decide what: the action of the item's type (actions.h), the amount limit, and (as set) separation of duty.
 */
#include "gateway/workflow/actions.h"
#include "gateway/workflow/separate.h"
#include "gateway/workflow/workflow.h"

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
check(struct site *s, const struct user *u, const struct item *it, const char *verdict, struct eg_err *err)
{
	int rc = action_allowed_user(s, u, action_to_decide(it->type), it, err);

	if (rc == EG_OK && strcmp(verdict, "accept") == 0 && over_limit(u->limit, it->amount))
		rc = eg_fail(err, EG_BADREC, "E-74",
		    "%s is over %s's limit: %s, the limit is %s. Someone with a higher limit must accept it.", it->iid,
		    u->name, it->amount, u->limit);
	if (rc == EG_OK)
		rc = separate_check(s, u, it, strcmp(verdict, "accept") == 0 || strcmp(verdict, "link") == 0, err);
	return rc;
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
