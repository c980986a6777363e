/* SPDX-License-Identifier: MIT
 *
 * What persons do to items by command. Each act is checked against the state table, saved and logged with enough to rebuild it from.
 */
#include "gateway/store/store_link.h"
#include "gateway/workflow/actions.h"
#include "gateway/workflow/intake.h"
#include "gateway/workflow/unique.h"
#include "gateway/workflow/unlink.h"

#include <jansson.h>

static int
log_act(struct site *s, const char *event, const char *iid, const char *key, const char *value, struct eg_err *err)
{
	json_t *j = json_object();
	int rc;

	if (key != NULL && value != NULL)
		json_object_set_new(j, key, json_string(value));
	char *text = json_dumps(j, JSON_COMPACT);
	rc = site_log(s, event, iid, text, err);
	free(text);
	json_decref(j);
	return rc;
}

static int
refused(const struct item *it, const char *what, const char *hint, struct eg_err *err)
{
	return eg_fail(
	    err, EG_BADREC, "E-75", "%s is %s and cannot be %s. %s", it->iid, state_title(it->state), what, hint);
}

static int
move(struct site *s, const struct item *it, enum item_event ev, const char *event, const char *what, const char *hint,
    struct eg_err *err)
{
	struct item copy = *it;
	int next = state_next(it->state, ev, it->type->cls, it->accepted != 0);
	int rc;

	if (next < 0)
		return refused(it, what, hint, err);
	copy.state = (enum item_state)next;
	if (ev == EV_RETRIEVE || ev == EV_RESEND)
		copy.accepted = 0;
	rc = item_save(s->store, &copy, site_now(s), err);
	return rc == EG_OK ? log_act(s, event, it->iid, NULL, NULL, err) : rc;
}

int
act_retrieve(struct site *s, const struct item *it, struct eg_err *err)
{
	if (it->accepted != 0)
		return refused(
		    it, "retrieved", "It was accepted already; only items without a decision can be taken back.", err);
	return move(s, it, EV_RETRIEVE, "retrieved", "retrieved",
	    "Only items that wait for a decision can be taken back.", err);
}

int
act_resend(struct site *s, const struct item *it, struct eg_err *err)
{
	return move(s, it, EV_RESEND, "resent", "sent again",
	    "Only rejected, retrieved, failed and unlinked items can be sent again.", err);
}

static int
set_parked(struct site *s, const struct item *it, bool parked, const char *reason, struct eg_err *err)
{
	struct item copy = *it;
	int next = parked ? state_next(it->state, EV_HOLD, it->type->cls, it->accepted != 0) : (int)it->state;
	int rc;

	if (parked && it->state == ST_HELD)
		next = ST_HELD;
	if (next < 0)
		return refused(it, "held", "Only items that have not left can be held.", err);
	copy.parked = parked;
	copy.state = (enum item_state)next;
	rc = item_save(s->store, &copy, site_now(s), err);
	return rc == EG_OK ? log_act(s, parked ? "held" : "released", it->iid, "reason", reason, err) : rc;
}

int
act_hold(struct site *s, const struct item *it, const char *reason, struct eg_err *err)
{
	return set_parked(s, it, true, reason, err);
}

int
act_release(struct site *s, const struct item *it, struct eg_err *err)
{
	if (!it->parked)
		return eg_fail(err, EG_BADREC, "E-75",
		    "Nobody holds %s: it is %s. See what it waits for: erpgate show %s", it->iid,
		    state_title(it->state), it->iid);
	return set_parked(s, it, false, NULL, err);
}

/* A merged company comes back by undoing the merge, or two would be one and apart at once. */
static int
check_unmerged(struct site *s, const struct item *it, struct eg_err *err)
{
	struct eg_arena a;
	struct merge m;
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = merge_get(s->store, it->iid, &a, &m, err);
	if (rc == EG_OK)
		rc = eg_fail(err, EG_BADREC, "E-75",
		    "%s was merged into %s. Undo that to bring it back: erpgate link unmerge %s", it->iid, m.kept,
		    it->iid);
	eg_arena_done(&a);
	return rc == EG_EOF ? EG_OK : rc;
}

int
act_archive(struct site *s, const struct item *it, bool archive, struct eg_err *err)
{
	int rc = archive ? deletable(s, it, err) : check_unmerged(s, it, err);

	if (rc != EG_OK)
		return rc;
	return move(s, it, archive ? EV_ARCHIVE : EV_UNARCHIVE, archive ? "archived-item" : "unarchived",
	    archive ? "archived" : "brought back",
	    archive ? "Only what nobody accepted and what is not in the accounting system can be put away." :
		      "It is not archived.",
	    err);
}

/* ---- links ---- */

static int
inactive_each(void *ctx, const struct finding *f, struct eg_err *err)
{
	(void)err;
	*(bool *)ctx = *(bool *)ctx || strcmp(f->code, "E-05") == 0;
	return EG_OK;
}

/* There is no such item: because the company came as an inactive one, or not at all. */
static int
no_party(struct site *s, const char *kind, const char *iid, struct eg_err *err)
{
	struct finding_filter about = { .item = iid };
	bool inactive = false;
	int rc = store_finding_each(s->store, &about, inactive_each, &inactive, err);

	if (rc != EG_OK)
		return rc;
	if (inactive)
		return eg_fail(err, EG_BADREC, "E-05",
		    "%s came as an inactive company, and an inactive company is neither sent nor linked. Make it active in the directory and export the list again.",
		    iid);
	return eg_fail(
	    err, EG_BADREC, "F-35", "There is no %s. See the list: erpgate queue --type %s --all", iid, kind);
}

static int
find_party(struct site *s, const char *kind, const char *key, struct eg_arena *a, struct item *ret, struct eg_err *err)
{
	char *iid = strchr(key, '/') != NULL ? eg_xstrdup(key) : eg_xprintf("%s/%s", kind, key);
	int rc = item_find(s->store, iid, a, ret, err);

	if (rc == EG_EOF)
		rc = no_party(s, kind, iid, err);
	else if (rc == EG_OK && strcmp(ret->type->name, kind) != 0)
		rc = eg_fail(err, EG_BADREC, "F-35", "%s is no %s. See the list: erpgate queue --type %s --all", iid,
		    kind, kind);
	free(iid);
	return rc;
}

static int
link_to(struct site *s, struct item *it, const char *erp_id, struct eg_err *err)
{
	int next = state_next(it->state, EV_LINK, it->type->cls, false);
	int rc;

	if (next < 0)
		return refused(
		    it, "linked", "Only waiting, held and unlinked companies and projects can be linked.", err);
	it->state = (enum item_state)next;
	it->erp_id = erp_id;
	it->accepted = 0;
	rc = item_save(s->store, it, site_now(s), err);
	return rc == EG_OK ? log_act(s, "linked", it->iid, "erp_id", erp_id, err) : rc;
}

int
act_link(struct site *s, const char *kind, const char *key, const char *erp_id, struct eg_err *err)
{
	struct eg_arena a;
	struct item it;
	int rc;

	if (strcmp(kind, "vendor") != 0 && strcmp(kind, "project") != 0)
		return eg_fail(err, EG_BADREC, "F-35",
		    "Only vendors and projects are linked one by one; codes follow the table tables/cost_type.csv and the ERP's lists.");
	eg_arena_init(&a, 1 << 20);
	rc = find_party(s, kind, key, &a, &it, err);
	if (rc == EG_OK)
		rc = unique_link(s, &it, erp_id, &a, err);
	if (rc == EG_OK)
		rc = link_to(s, &it, erp_id, err);
	eg_arena_done(&a);
	return rc;
}

/* ---- ack BATCH ---- */

struct acking {
	struct site *site;
	bool posted;
	unsigned n;
};

static int
log_acked(struct site *s, const struct item *it, const char *batch, struct eg_err *err)
{
	json_t *j = json_pack("{s:s,s:s*,s:b,s:s*}", "batch", batch, "erp_id", it->erp_id, "posted", it->posted == 1,
	    "content", it->written);
	char *text = json_dumps(j, JSON_COMPACT);
	int rc = site_log(s, "synced", it->iid, text, err);

	free(text);
	json_decref(j);
	return rc;
}

static int
ack_each(void *ctx, const char *batch, int64_t item, int64_t revision, int64_t decision, struct eg_err *err)
{
	struct acking *k = ctx;
	struct eg_arena a;
	struct item it;
	int next, rc;

	(void)revision;
	(void)decision;
	eg_arena_init(&a, 1 << 16);
	rc = item_get(k->site->store, item, &a, &it, err);
	next = rc == EG_OK ? state_next(it.state, EV_ANSWER_GOOD, it.type->cls, true) : -1;
	if (next >= 0) {
		const char *bar = it.sent_key == NULL ? NULL : strrchr(it.sent_key, '|');
		bool keyless = it.type->id == REC_BUDGET || it.type->id == REC_BUDGET_CHANGE ||
		               it.type->id == REC_FORECAST || it.type->id == REC_PRIME;
		it.state = it.state == ST_EXPORTED ? answered_state(&it) : (enum item_state)next;
		it.posted = it.type->id == REC_VENDOR || it.type->id == REC_PROJECT || it.type->id == REC_SUBJOB ?
		                -1 :
		                k->posted;
		it.erp_id = keyless ? NULL : bar == NULL ? it.sent_key : bar + 1;
		rc = action_allowed(k->site, ACTION_ANSWER, &it, err);
		if (rc == EG_OK)
			rc = item_save(k->site->store, &it, site_now(k->site), err);
		if (rc == EG_OK)
			rc = log_acked(k->site, &it, batch, err);
		k->n++;
	}
	eg_arena_done(&a);
	return rc;
}

int
act_ack_batch(struct site *s, const char *batch, bool posted, unsigned *ret_items, struct eg_err *err)
{
	struct acking k = { s, posted, 0 };
	struct eg_arena a;
	struct batch b;
	int rc;

	eg_arena_init(&a, 1 << 16);
	rc = batch_get(s->store, batch, &a, &b, err);
	if (rc == EG_EOF)
		rc = eg_fail(err, EG_BADREC, "F-35", "There is no batch %s. See them: erpgate status", batch);
	if (rc == EG_OK && (strcmp(b.state, "void") == 0 || strcmp(b.state, "voiding") == 0))
		rc = eg_fail(err, EG_BADREC, "F-77",
		    "%s was declared void, with proof that it was not taken in, so it cannot be answered. If the accounting system has it after all, see by whom it was voided (erpgate show %s) and adopt its records: erpgate adopt",
		    batch, batch);
	if (rc == EG_OK)
		rc = batch_item_each(s->store, batch, 0, ack_each, &k, err);
	*ret_items = k.n;
	eg_arena_done(&a);
	return rc;
}
