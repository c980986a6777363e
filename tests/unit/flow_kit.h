/* SPDX-License-Identifier: MIT
 *
 * A site with a synced project, company and lists, decisions by one approver, batches and answers, for the tests of the workflow.
 */
#ifndef TESTS_FLOW_KIT_H
#define TESTS_FLOW_KIT_H

#include "gate_kit.h"

#include "gateway/workflow/unlink.h"

static inline unsigned
flow_batches(struct kit *k)
{
	unsigned n = 0;

	kit_good(k, batches_make(&k->s, &n, &k->err));
	kit_good(k, batches_publish(&k->s, &k->err));
	return n;
}

/* B000001 tells the project side the codes (Acumatica: none, as its assignments have not come). */
static inline struct kit *
flow_open(const char *erp, const char *settings)
{
	struct kit *k = gate_open(erp, settings);
	struct user pat = { .name = "pat", .role = ROLE_ADMIN, .active = true, .types = "all", .added = 1 };

	gate_begin(k);
	kit_good(k, user_put(k->s.store, &pat, &k->err));
	kit_drop(k, erp, "lists.csv");
	kit_give(k, ADP_TAKEN, "cost-code", 2, "code.cost_code=01-1000;code.cost_type=S;code.active=yes", NULL);
	kit_give(k, ADP_TAKEN, "cost-code", 3, "code.cost_code=02-2000;code.cost_type=S;code.active=yes", NULL);
	kit_give(k, ADP_TAKEN, "cost-code", 4, "code.cost_code=03-3000;code.cost_type=S;code.active=yes", NULL);
	kit_give(k, ADP_TAKEN, "cost-type", 5, "code.cost_type=S;code.active=yes", NULL);
	kit_drop(k, "procore", "parties.csv");
	kit_give(k, ADP_TAKEN, "vendor", 2, "vendor.pm_id=1;vendor.name=One", NULL);
	kit_give(k, ADP_TAKEN, "project", 3, "project.number=P1;project.name=A", NULL);
	kit_settle(k, false);
	kit_set(k, "vendor/1", ST_SYNCED, "V1", -1);
	kit_set(k, "project/P1", ST_SYNCED, "J1", -1);
	gate_commit(k);
	(void)flow_batches(k);
	return k;
}

/* One record of a new drop, and the rules. */
static inline void
flow_give(struct kit *k, const char *name, const char *type, const char *head, const char *lines)
{
	gate_run(k);
	gate_begin(k);
	kit_drop(k, "procore", name);
	kit_give(k, ADP_TAKEN, type, 2, head, lines);
	kit_settle(k, false);
	gate_commit(k);
}

static inline void
flow_decide(struct kit *k, const char *verdict, const char *iid, const char *erp_id)
{
	struct decide_row r = { .row = 2,
		.item = iid,
		.content = "",
		.verdict = verdict,
		.erp_id = erp_id,
		.transaction_date = "",
		.accounting_date = "",
		.description = "",
		.comment = "why" };
	struct decide_by by = {
		.approver = "pat", .assurance = "command", .manifest = "P000001", .file = "command", .any_content = true
	};
	struct decide_counts c = { 0 };

	gate_begin(k);
	kit_good(k, decide_rows(&k->s, &by, &r, 1, &c, &k->err));
	kit_settle(k, false);
	gate_commit(k);
	if (c.refused > 0)
		fail_msg("%s of %s was refused: %s", verdict, iid, gate_codes(k));
}

/* error NULL = taken. The key is the one the item was sent under. */
static inline void
flow_answer(struct kit *k, const char *iid, const char *error)
{
	struct item it = kit_item(k, iid);
	char *head;

	assert_non_null(it.sent_key);
	head = eg_xprintf("answer.object=%s;answer.key=%s;%s%s", it.type->name, it.sent_key,
	    error == NULL ? "answer.posted=yes;answer.processed=yes" : "answer.processed=no;answer.error=",
	    error == NULL ? "" : error);
	gate_begin(k);
	kit_drop(k, k->s.erp, "answer.csv");
	kit_give(k, ADP_TAKEN, "answer", 2, head, NULL);
	kit_good(k, answers_apply(&k->s, &k->err));
	kit_settle(k, false);
	gate_commit(k);
	free(head);
}

/* EG_OK or the code that refused it. */
static inline const char *
flow_unlink(struct kit *k, const char *iid, const char *gone, bool cascade)
{
	struct unlink_how how = { .reason = "why", .gone = gone, .cascade = cascade };
	struct item it = kit_item(k, iid);
	int rc;

	gate_begin(k);
	rc = act_unlink(&k->s, &it, &how, &k->err);
	if (rc != EG_OK) {
		assert_int_equal(rc, EG_BADREC);
		store_rollback(k->s.store);
		return k->err.code;
	}
	kit_settle(k, false);
	gate_commit(k);
	return "";
}

#endif
