/* SPDX-License-Identifier: MIT
 *
 * Links between the two sides: companies and projects to the ERP records whose key they carry, sub jobs to those of
 * the same code, and ERP records to companies and projects that were sent under their key. What cannot be linked is
 * remembered in the node; the rules report it.
 */
#include "gateway/workflow/world.h"

#define ASKING (1U << ST_WAITING | 1U << ST_HELD)
#define GONE_OUT (1U << ST_EXPORTED | 1U << ST_SYNCED)

static bool
in(const struct node *n, unsigned states)
{
	return (states & (1U << n->it.state)) != 0;
}

static int
move(struct world *w, struct node *n, enum item_event ev, const char *erp_id, struct eg_err *err)
{
	bool moved = false;
	int rc = world_move(w, n, ev, erp_id, &moved, err);

	if (moved)
		w->moved++;
	return rc;
}

/* ---- companies and projects ---- */

struct pairing { /* the two sides of one kind */
	enum rec_id own, erp;
};

/* The ERP key that a company or project which has left is known by. */
static const char *
key_of(const struct node *n)
{
	if (n->it.erp_id != NULL)
		return n->it.erp_id;
	return n->it.sent_key;
}

/* Earlier run first; within a run bytewise by id (layouts.md §10.10). */
static int
by_age(const void *pa, const void *pb)
{
	const struct node *a = *(struct node *const *)pa, *b = *(struct node *const *)pb;

	if (a->it.rev_run != b->it.rev_run)
		return a->it.rev_run < b->it.rev_run ? -1 : 1;
	return strcmp(a->it.iid, b->it.iid);
}

static void
say(struct node *n, enum link_says says, const struct node *owner)
{
	n->says = says;
	n->owner = owner != NULL ? owner->it.iid : NULL;
}

static int
link_one(struct world *w, struct pairing p, struct strmap *taken, struct node *n, struct eg_err *err)
{
	struct node *erp = world_party(w, p.erp, n->given), *owner;
	bool listed = p.erp == REC_ERP_VENDOR ? w->vendors_there : w->jobs_there;
	int rc;

	say(n, LINK_NOTHING, NULL);
	if (erp != NULL)
		n->given = erp->it.number; /* the key itself, or that of the vendor which this one was merged into */
	owner = strmap_get(taken, n->given);
	if (owner != NULL && owner != n) {
		say(n, LINK_TAKEN, owner);
		return EG_OK;
	}
	strmap_put(taken, n->given, n);
	if (erp == NULL) {
		say(n, listed ? LINK_NOT_THERE : LINK_NO_LIST, NULL);
		return EG_OK;
	}
	if (erp->it.state == ST_ARCHIVED) {
		say(n, LINK_ARCHIVED, NULL);
		return EG_OK;
	}
	rc = move(w, n, EV_TIE, n->given, err);
	return rc == EG_OK ? move(w, erp, EV_TIE, NULL, err) : rc;
}

/* A company that the ERP cannot receive and that names no ERP key waits for a person to link it. */
static int
set_apart(struct world *w, struct node *n, struct eg_err *err)
{
	if (!only_linked(w->s, n->it.type->id) || n->it.accepted != 0 || n->it.parked)
		return EG_OK;
	return move(w, n, EV_SET_APART, NULL, err);
}

/* The other way round: what the ERP has and the project side does not take. A setting that lets it in again frees it. */
static int
set_apart_here(struct world *w, struct node *n, struct eg_err *err)
{
	bool apart = not_imported(w->s, n->it.type->id);

	if (n->it.type->cls != RC_FROM_ERP || n->it.accepted != 0 || n->it.parked)
		return EG_OK;
	if (apart && in(n, 1U << ST_IMPORTABLE | 1U << ST_HELD))
		return move(w, n, EV_SET_APART, NULL, err);
	return !apart && in(n, 1U << ST_UNLINKED) ? move(w, n, EV_RELEASE, NULL, err) : EG_OK;
}

/* Opens those that ask and gathers those that name a key, in order of age; notes keys that are in use. */
static int
gather(struct world *w, struct pairing p, struct strmap *taken, struct node **v, size_t *ret_n, struct eg_err *err)
{
	size_t n = 0;
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < w->n; i++) {
		struct node *c = w->nodes[i];

		if (c->it.type->id != p.own)
			continue;
		if (in(c, GONE_OUT) && key_of(c) != NULL)
			strmap_put(taken, key_of(c), c);
		if (!in(c, ASKING | 1U << ST_EXPORTED))
			continue;
		rc = world_open(w, c, err);
		if (rc == EG_OK && c->given != NULL)
			v[n++] = c;
		else if (rc == EG_OK && in(c, ASKING))
			rc = set_apart(w, c, err);
	}
	if (n > 0)
		qsort(v, n, sizeof(struct node *), by_age);
	*ret_n = n;
	return rc;
}

/* ERP records whose company or project left under their key. */
static int
link_back(struct world *w, struct pairing p, struct eg_err *err)
{
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < w->n; i++) {
		struct node *c = w->nodes[i], *erp;

		if (c->it.type->id != p.own || !in(c, GONE_OUT) || key_of(c) == NULL)
			continue;
		erp = world_party(w, p.erp, key_of(c));
		if (erp != NULL && !node_synced(erp))
			rc = move(w, erp, EV_TIE, NULL, err);
	}
	return rc;
}

static int
link_kind(struct world *w, struct pairing p, struct eg_err *err)
{
	struct strmap taken = { NULL, 0, 0 };
	struct node **v = eg_xalloc((w->n + 1) * sizeof(struct node *));
	size_t n = 0;
	int rc = gather(w, p, &taken, v, &n, err);

	for (size_t i = 0; rc == EG_OK && i < n; i++)
		rc = link_one(w, p, &taken, v[i], err);
	if (rc == EG_OK)
		rc = link_back(w, p, err);
	strmap_free(&taken);
	free(v);
	return rc;
}

/* ---- sub jobs ---- */

/* The sub job's code in the ERP: its own, or what it was sent under ("project|task"). */
static const char *
task_of(const struct node *n)
{
	const char *bar;

	if (n->it.erp_id != NULL)
		return n->it.erp_id;
	if (n->it.sent_key == NULL)
		return n->it.number;
	bar = strrchr(n->it.sent_key, '|');
	return bar == NULL ? n->it.sent_key : bar + 1;
}

static int
link_subjob(struct world *w, struct node *n, struct eg_err *err)
{
	struct project_now p;
	struct node *erp;
	int rc;

	if (n->it.project == NULL || n->it.number == NULL)
		return EG_OK;
	project_by_number(w, n->it.project, &p);
	if (!p.synced || p.erp == NULL)
		return EG_OK;
	erp = world_find(w, REC_ERP_SUBJOB, p.erp, task_of(n), NULL);
	if (erp == NULL || erp->it.state == ST_ARCHIVED || erp->it.state == ST_REJECTED)
		return EG_OK;
	rc = in(n, ASKING) ? move(w, n, EV_TIE, n->it.number, err) : EG_OK;
	return rc == EG_OK && !node_synced(erp) ? move(w, erp, EV_TIE, NULL, err) : rc;
}

int
link_all(struct world *w, struct eg_err *err)
{
	static const struct pairing vendors = { REC_VENDOR, REC_ERP_VENDOR },
				    projects = { REC_PROJECT, REC_ERP_PROJECT };
	int rc = link_kind(w, vendors, err);

	if (rc == EG_OK)
		rc = link_kind(w, projects, err);
	for (size_t i = 0; rc == EG_OK && i < w->n; i++)
		if (w->nodes[i]->it.type->id == REC_SUBJOB && in(w->nodes[i], ASKING | GONE_OUT))
			rc = link_subjob(w, w->nodes[i], err);
	for (size_t i = 0; rc == EG_OK && i < w->n; i++)
		rc = set_apart_here(w, w->nodes[i], err);
	return rc;
}
