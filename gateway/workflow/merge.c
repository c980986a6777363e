/* SPDX-License-Identifier: MIT
 *
 * Merging and its undoing. The surviving one keeps its ERP key; the merged one is archived unless it has left (then it stays what it is, as history).
 * Contracts that left under the merged one's key are noted, so that their change orders and invoices find them in the ERP. Tests: tests/unit/test_merge.c.
 */
#include "gateway/workflow/merge.h"

#include "gateway/workflow/intake.h"

#include <jansson.h>

/* ---- looking through merges ---- */

static int
no_memory(struct eg_err *err)
{
	return eg_fail(err, EG_BADFILE, "LIMIT-MEM", "a company's key does not fit the memory set aside for it");
}

int
merge_item(struct site *s, const struct item *it, struct eg_arena *a, struct item *ret, struct eg_err *err)
{
	const char *root = NULL;
	int rc = merge_root(s->store, it->iid, a, &root, err);

	if (rc != EG_OK)
		return rc;
	if (root == it->iid) {
		*ret = *it;
		return EG_OK;
	}
	rc = item_find(s->store, root, a, ret, err);
	return rc == EG_EOF ?
	           eg_fail(err, EG_FATAL, "DB-CORRUPT", "%s, which %s was merged into, is not there", root, it->iid) :
	           rc;
}

int
merge_key(struct site *s, enum rec_id type, const char *key, struct eg_arena *a, const char **ret, struct eg_err *err)
{
	const char *iid = iid_join(a, type, &key, 1), *root = NULL;
	struct item it;
	int rc;

	if (iid == NULL)
		return no_memory(err);
	rc = merge_root(s->store, iid, a, &root, err);
	*ret = key;
	if (rc != EG_OK || root == iid)
		return rc;
	rc = item_find(s->store, root, a, &it, err);
	if (rc == EG_OK)
		*ret = it.number;
	return rc < 0 ? rc : EG_OK;
}

struct names {
	struct site *s;
	struct eg_arena *a;
	const char *root; /* item id */
	const char **v;
	size_t n, cap;
};

static int
add_name(struct names *l, const char *key, struct eg_err *err)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i], key) == 0)
			return EG_OK;
	if (l->n == l->cap) {
		const char **more = eg_arena_array(l->a, l->cap * 2 + 4, sizeof(*more));

		if (more == NULL)
			return no_memory(err);
		if (l->n > 0)
			memcpy(more, l->v, l->n * sizeof(*more));
		l->v = more;
		l->cap = l->cap * 2 + 4;
	}
	l->v[l->n++] = key;
	return EG_OK;
}

static int
name_each(void *ctx, const struct merge *m, struct eg_err *err)
{
	struct names *l = ctx;
	const char *root = NULL;
	struct item it;
	int rc = merge_root(l->s->store, m->gone, l->a, &root, err);

	if (rc != EG_OK || strcmp(root, l->root) != 0)
		return rc;
	rc = item_find(l->s->store, m->gone, l->a, &it, err);
	return rc == EG_OK ? add_name(l, it.number, err) : rc < 0 ? rc : EG_OK;
}

int
merge_names(struct site *s, enum rec_id type, const char *key, struct eg_arena *a, const char ***ret, size_t *ret_n,
    struct eg_err *err)
{
	const char *iid = iid_join(a, type, &key, 1), *now = NULL;
	struct names l = { .s = s, .a = a };
	int rc;

	if (iid == NULL)
		return no_memory(err);
	rc = merge_root(s->store, iid, a, &l.root, err);
	if (rc == EG_OK)
		rc = merge_key(s, type, key, a, &now, err);
	if (rc == EG_OK)
		rc = add_name(&l, key, err);
	if (rc == EG_OK)
		rc = add_name(&l, now, err);
	if (rc == EG_OK)
		rc = merge_each(s->store, NULL, name_each, &l, err);
	*ret = l.v;
	*ret_n = l.n;
	return rc;
}

/* ---- merging ---- */

struct merging {
	struct site *s;
	struct eg_arena a;
	struct item kept, gone;
	struct merge m;
	json_t *contracts; /* ids of contracts that keep a key */
	const char *key; /* the key they keep */
};

static bool
synced(const struct item *it)
{
	return it->state == ST_SYNCED || it->state == ST_CHANGED;
}

static int
check_kinds(const struct merging *x, struct eg_err *err)
{
	enum rec_id type = x->kept.type->id;

	if (type != x->gone.type->id || (type != REC_VENDOR && type != REC_ERP_VENDOR))
		return eg_fail(err, EG_BADREC, "F-35",
		    "%s and %s cannot be merged: both must be companies (vendor/…) or both vendors of the ERP (erp-vendor/…).",
		    x->kept.iid, x->gone.iid);
	if (x->kept.id == x->gone.id)
		return eg_fail(
		    err, EG_BADREC, "F-35", "%s is one company already; name the two that are one.", x->kept.iid);
	return EG_OK;
}

/* Neither may be merged away yet: a chain grows only at its end. */
static int
check_unmerged(struct merging *x, struct eg_err *err)
{
	const struct item *both[] = { &x->gone, &x->kept };
	struct merge before;
	int rc = EG_EOF;

	for (int i = 0; rc == EG_EOF && i < 2; i++) {
		rc = merge_get(x->s->store, both[i]->iid, &x->a, &before, err);
		if (rc == EG_OK)
			rc = eg_fail(err, EG_BADREC, "E-75",
			    "%s was merged into %s already. Name that one, or undo it: erpgate link unmerge %s",
			    both[i]->iid, before.kept, both[i]->iid);
	}
	return rc == EG_EOF ? EG_OK : rc;
}

static int
check_states(const struct merging *x, struct eg_err *err)
{
	const struct item *kept = &x->kept, *gone = &x->gone;

	if (kept->state == ST_ARCHIVED || kept->state == ST_REJECTED || kept->state == ST_RETRIEVED)
		return eg_fail(err, EG_BADREC, "E-08",
		    "%s is %s and cannot be the surviving one. Bring it back first: erpgate %s %s", kept->iid,
		    state_title(kept->state), kept->state == ST_ARCHIVED ? "unarchive" : "resend", kept->iid);
	if (gone->state == ST_EXPORTED || gone->state == ST_APPROVED || (gone->accepted != 0 && !synced(gone)))
		return eg_fail(err, EG_BADREC, "E-75",
		    "%s is %s and on its way. Merge it when its answer is here: erpgate show %s", gone->iid,
		    state_title(gone->state), gone->iid);
	if (gone->type->id == REC_VENDOR && synced(gone) && !synced(kept))
		return eg_fail(err, EG_BADREC, "E-08",
		    "%s has an ERP key and %s has none, so the first must survive: erpgate link merge %s %s", gone->iid,
		    kept->iid, gone->iid, kept->iid);
	return EG_OK;
}

static int
keep_contract(void *ctx, const struct item *it, struct eg_err *err)
{
	struct merging *x = ctx;

	if (it->state != ST_EXPORTED && !synced(it))
		return EG_OK;
	json_array_append_new(x->contracts, json_string(it->iid));
	return contract_key_keep(x->s->store, it->id, x->key, err);
}

/* Contracts of the company that have left keep the key they left with. */
static int
keep_contracts(struct merging *x, const char *key, struct eg_err *err)
{
	struct item_filter f = { .type = rec_type(REC_COMMITMENT), .vendor = x->gone.number };

	x->key = key;
	return key == NULL ? EG_OK : item_each(x->s->store, &f, keep_contract, x, err);
}

/* The company linked to an ERP vendor, as one after merges; EG_EOF: none. */
static int
company_of(struct merging *x, const char *erp_id, struct item *ret, struct eg_err *err)
{
	struct item_filter f = { .type = rec_type(REC_VENDOR), .erp_id = erp_id };

	return item_first(x->s->store, &f, &x->a, ret, err);
}

static int
save(struct merging *x, struct item *it, struct eg_err *err)
{
	return item_save(x->s->store, it, site_now(x->s), err);
}

/* The merged ERP vendor's company goes over to the surviving one. */
static int
move_company(struct merging *x, struct eg_err *err)
{
	struct item of_gone, of_kept, one;
	int rc = company_of(x, x->gone.number, &of_gone, err), other;

	if (rc != EG_OK)
		return rc < 0 ? rc : EG_OK;
	other = company_of(x, x->kept.number, &of_kept, err);
	if (other < 0)
		return other;
	rc = merge_item(x->s, &of_gone, &x->a, &one, err);
	if (rc == EG_OK && other == EG_OK && one.id == of_kept.id)
		return EG_OK; /* merged on the project side before: it keeps its key as history */
	if (rc == EG_OK && other == EG_OK)
		rc = eg_fail(err, EG_BADREC, "E-08",
		    "%s and %s are linked to two companies. If those are one too, merge them first: erpgate link merge %s %s",
		    x->kept.iid, x->gone.iid, of_kept.iid, one.iid);
	if (rc == EG_OK && of_gone.state == ST_EXPORTED)
		rc = eg_fail(err, EG_BADREC, "E-75",
		    "%s was sent as vendor %s and its answer is not here. Merge when it is: erpgate show %s",
		    of_gone.iid, x->gone.number, of_gone.iid);
	if (rc != EG_OK)
		return rc;
	of_gone.erp_id = x->kept.number;
	x->m.moved = of_gone.iid;
	return save(x, &of_gone, err);
}

/* Open ones are hidden; what has left stays as it left. A linked ERP vendor becomes free first. */
static int
set_aside(struct merging *x, struct eg_err *err)
{
	struct item *it = &x->gone;
	enum rec_class cls = it->type->cls;
	int next = (int)it->state;

	if (cls == RC_FROM_ERP && synced(it))
		next = state_next(it->state, EV_UNLINK, cls, false);
	else if (synced(it) || it->state == ST_ARCHIVED)
		return EG_OK;
	eg_check(next >= 0);
	next = state_next((enum item_state)next, EV_ARCHIVE, cls, false);
	if (next < 0)
		return eg_fail(err, EG_BADREC, "E-75", "%s is %s and cannot be merged now. See it: erpgate show %s",
		    it->iid, state_title(it->state), it->iid);
	it->state = (enum item_state)next;
	it->parked = false;
	return save(x, it, err);
}

static int
log_merge(struct merging *x, const char *event, const char *reason, struct eg_err *err)
{
	json_t *j = json_pack("{s:s,s:s,s:s*,s:s*,s:O,s:s}", "kept", x->kept.iid, "before", x->m.before, "moved",
	    x->m.moved, "erp_id", x->key, "contracts", x->contracts, "reason", reason != NULL ? reason : "");
	char *text = json_dumps(j, JSON_COMPACT);
	int rc = site_log(x->s, event, x->gone.iid, text, err);

	free(text);
	json_decref(j);
	return rc;
}

static int
merge_checked(struct merging *x, const char *reason, struct eg_err *err)
{
	int rc = check_kinds(x, err);

	if (rc == EG_OK)
		rc = check_unmerged(x, err);
	if (rc == EG_OK)
		rc = check_states(x, err);
	x->m.gone = x->gone.iid;
	x->m.kept = x->kept.iid;
	x->m.before = state_word(x->gone.state);
	if (rc == EG_OK)
		rc = x->gone.type->id == REC_VENDOR ? keep_contracts(x, x->gone.erp_id, err) : move_company(x, err);
	if (rc == EG_OK)
		rc = set_aside(x, err);
	if (rc == EG_OK)
		rc = merge_put(x->s->store, &x->m, err);
	return rc == EG_OK ? log_merge(x, "merged", reason, err) : rc;
}

static void
begin(struct merging *x, struct site *s, const char *reason)
{
	*x = (struct merging){ .s = s, .contracts = json_array() };
	x->m.actor = s->actor;
	x->m.reason = reason != NULL ? reason : "";
	x->m.at = site_now(s);
	eg_arena_init(&x->a, (size_t)16 << 20);
}

static void
end(struct merging *x)
{
	json_decref(x->contracts);
	eg_arena_done(&x->a);
}

int
act_merge(struct site *s, const struct item *kept, const struct item *gone, const char *reason, struct eg_err *err)
{
	struct merging x;
	int rc;

	begin(&x, s, reason);
	x.kept = *kept;
	x.gone = *gone;
	rc = merge_checked(&x, reason, err);
	end(&x);
	return rc;
}

/* ---- undoing ---- */

/* The company that went over goes back, unless its key was changed since. */
static int
move_back(struct merging *x, struct eg_err *err)
{
	struct item company;
	int rc;

	if (x->m.moved == NULL)
		return EG_OK;
	rc = item_find(x->s->store, x->m.moved, &x->a, &company, err);
	if (rc != EG_OK || company.erp_id == NULL || strcmp(company.erp_id, x->kept.number) != 0)
		return rc < 0 ? rc : EG_OK;
	company.erp_id = x->gone.number;
	return save(x, &company, err);
}

static int
bring_back(struct merging *x, struct eg_err *err)
{
	int next = state_next(x->gone.state, EV_UNARCHIVE, x->gone.type->cls, false);

	if (next < 0 || strcmp(x->m.before, state_word(ST_ARCHIVED)) == 0)
		return EG_OK;
	x->gone.state = (enum item_state)next;
	return save(x, &x->gone, err);
}

static int
unmerge_checked(struct merging *x, const char *reason, struct eg_err *err)
{
	int rc = merge_get(x->s->store, x->gone.iid, &x->a, &x->m, err);

	if (rc == EG_EOF)
		return eg_fail(err, EG_BADREC, "F-35",
		    "%s was not merged into another one. See what was: erpgate link list", x->gone.iid);
	if (rc == EG_OK)
		rc = item_find(x->s->store, x->m.kept, &x->a, &x->kept, err);
	if (rc == EG_EOF)
		return eg_fail(
		    err, EG_FATAL, "DB-CORRUPT", "%s, which %s was merged into, is not there", x->m.kept, x->gone.iid);
	if (rc == EG_OK)
		rc = x->gone.type->id == REC_VENDOR ? keep_contracts(x, x->kept.erp_id, err) : move_back(x, err);
	if (rc == EG_OK)
		rc = bring_back(x, err);
	if (rc == EG_OK)
		rc = merge_drop(x->s->store, x->gone.iid, err);
	return rc == EG_OK ? log_merge(x, "unmerged", reason, err) : rc;
}

int
act_unmerge(struct site *s, const struct item *gone, const char *reason, struct eg_err *err)
{
	struct merging x;
	int rc;

	begin(&x, s, reason);
	x.gone = *gone;
	rc = unmerge_checked(&x, reason, err);
	end(&x);
	return rc;
}
