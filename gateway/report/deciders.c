/* SPDX-License-Identifier: MIT
 *
 * Users as reports see them, and the question whether one of them may decide an item. A missing right is an answer here, no failure.
 */
#include "gateway/report/deciders.h"

#include "gateway/workflow/workflow.h"

#define USERS_ARENA ((size_t)16 << 20)

static int
add_user(void *ctx, const struct user *u, struct eg_err *err)
{
	struct deciders *d = ctx;

	(void)err;
	d->v = eg_xrealloc(d->v, (d->n + 1) * sizeof(*d->v));
	d->v[d->n] = (struct decider){ .amount = { 0, 2 } };
	d->v[d->n++].u.name = eg_arena_cstr(&d->a, eg_bytes_str(u->name));
	return EG_OK;
}

int
deciders_load(struct deciders *d, struct site *s, struct eg_err *err)
{
	int rc;

	*d = (struct deciders){ 0 };
	eg_arena_init(&d->a, USERS_ARENA);
	rc = user_each(s->store, add_user, d, err);
	for (size_t i = 0; rc == EG_OK && i < d->n; i++)
		rc = d->v[i].u.name == NULL ?
		         eg_fail(err, EG_BADFILE, "LIMIT-MEM", "there are too many users for the memory set aside") :
		         user_find(s->store, d->v[i].u.name, &d->a, &d->v[i].u, err);
	return rc < 0 ? rc : EG_OK;
}

void
deciders_done(struct deciders *d)
{
	free(d->v);
	eg_arena_done(&d->a);
	*d = (struct deciders){ 0 };
}

bool
decision_due(const struct item *it)
{
	return state_open(it->state) && it->accepted == 0 && it->type->cls != RC_AUTOMATIC;
}

int
decider_may(const struct deciders *d, size_t i, struct site *s, const struct item *it, bool *ret, struct eg_err *err)
{
	bool party = it->type->id == REC_VENDOR || it->type->id == REC_PROJECT;
	struct eg_err why = { 0 };
	int rc = EG_BADREC;

	if (d->v[i].u.active)
		rc = rights_check(s, d->v[i].u.name, it, party && strcmp(s->erp, "mri") == 0 ? "link" : "accept", &why);
	*ret = rc == EG_OK;
	if (rc < 0 && rc != EG_BADREC)
		*err = why;
	return rc == EG_BADREC ? EG_OK : rc;
}
