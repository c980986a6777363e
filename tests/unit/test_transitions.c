/* SPDX-License-Identifier: MIT
 *
 * The state machine as it works: from a new item on, every act of a person, of the rules, of batches and of answers is tried in every state that can be reached, with the
 * functions the commands call. What the table allows must happen and nothing else; what it does not allow must be refused with a code and leave the item as it was.
 * At the end every row of the table must have been seen for every state it starts from, except those listed with the test that shows them.
 */
#include "gateway/workflow/adopt.h"
#include "intake_kit.h"

#include "gateway/cli/help.h"
#include "gateway/workflow/intake.h"
#include "gateway/workflow/unlink.h"

#include <stdlib.h>

#define KINDS 4 /* contents a subject can come with */

struct subject {
	const char *iid, *erp, *type, *head, *lines; /* head: of contents in common */
	const char *kind[KINDS]; /* what each content adds; NULL = the subject has fewer */
	const char *link; /* ERP key it can be linked to by a person; NULL = it cannot be linked */
	void (*change)(struct kit *k, bool on); /* turns the world: what it needs is there or not */
};

static struct {
	struct kit *k;
	const struct subject *s;
	unsigned turn, kind; /* number of contents so far; the one that came last */
	bool on;
	char visited[4096][64];
	size_t nvisited;
} t;

/* [class][event][from][accepted] */
static bool seen[REC_NTYPES][EV_NEVENTS][ST_NSTATES][2];

static void
project_there(struct kit *k, bool on)
{
	kit_set(k, "project/P1", on ? ST_SYNCED : ST_RETRIEVED, on ? "J1" : NULL, -1);
}

static void
vendor_sent(struct kit *k, bool on)
{
	struct item it = kit_item(k, "vendor/1001");

	it.state = on ? ST_EXPORTED : ST_RETRIEVED;
	it.sent_key = on ? "V1" : NULL;
	kit_good(k, item_save(k->s.store, &it, 1, &k->err));
}

static void
budget_open(struct kit *k, bool on)
{
	struct item it = kit_item(k, "budget/P1");

	it.written = on ? NULL : it.content;
	kit_good(k, item_save(k->s.store, &it, 1, &k->err));
}

/* Sub jobs of Acumatica come from there in the generation Edge, and are only linked in Vision. */
static void
edge(struct kit *k, bool on)
{
	k->s.vision = !on;
}

static void
edge_without_project(struct kit *k, bool on)
{
	edge(k, on);
	project_there(k, !on);
}

/* In Vision, and a project that was sent under the job's code or was not. */
static void
vision_sent(struct kit *k, bool on)
{
	struct item it = kit_item(k, "project/P2");

	edge(k, false);
	it.state = on ? ST_RETRIEVED : ST_EXPORTED;
	it.sent_key = on ? NULL : "J2";
	kit_good(k, item_save(k->s.store, &it, 1, &k->err));
}

static const struct subject subjects[] = {
	{ "commitment/P1/C1", "mri", "commitment", "project.number=P1;commitment.number=C1;vendor.pm_id=1009", NULL,
	    { "" }, NULL, project_there },
	{ "budget/P1", "mri", "budget", "project.number=P1",
	    "line.cost_code=%s;line.cost_type=S;line.original_amount=%u.00", { "01-1000", "99-9999" }, NULL,
	    project_there },
	{ "vendor/1001", "cmic", "vendor", "vendor.pm_id=1001", NULL,
	    { "", "vendor.origin_code=V1", "vendor.origin_code=V77", "vendor.origin_code=V9" }, "V5", NULL },
	{ "vendor/1001", "mri", "vendor", "vendor.pm_id=1001", NULL,
	    { "", "vendor.origin_code=V1", "vendor.origin_code=V77", "vendor.origin_code=V9" }, "V5", NULL },
	{ "payment/7", "cmic", "payment", "payment.pm_id=7;project.number=P1", NULL, { "" }, NULL, project_there },
	{ "erp-vendor/V1", "cmic", "erp-vendor", "vendor.origin_code=V1", NULL, { "" }, NULL, vendor_sent },
	{ "erp-subjob/J1/A", "acumatica", "erp-subjob", "project.origin_code=J1;sub_job.code=A", NULL, { "" }, NULL,
	    edge },
	{ "erp-subjob/J1/A", "acumatica", "erp-subjob", "project.origin_code=J1;sub_job.code=A", NULL, { "" }, NULL,
	    edge_without_project },
	{ "erp-project/J2", "acumatica", "erp-project", "project.origin_code=J2", NULL, { "" }, NULL, vision_sent },
	{ "erp-budget/J1", "cmic", "erp-budget", "project.origin_code=J1",
	    "line.cost_code=%s;line.cost_type=S;line.amount=%u.00", { "01-1000" }, NULL, budget_open },
	{ "erp-cost/9", "cmic", "erp-cost",
	    "cost.transaction_id=9;project.origin_code=J1;cost.type=expense;cost.journal=JC;cost.currency=USD", NULL,
	    { "" }, NULL, project_there },
};

/* ---- the world ---- */

static void
give_content(unsigned kind)
{
	const struct subject *s = t.s;
	const char *name = strcmp(s->type, "vendor") == 0 || strcmp(s->type, "erp-vendor") == 0 ? "vendor.name" :
	                   strcmp(s->type, "commitment") == 0                                   ? "commitment.title" :
	                   strcmp(s->type, "payment") == 0                                      ? "payment.notes" :
	                   strcmp(s->type, "erp-subjob") == 0                                   ? "sub_job.name" :
	                   strcmp(s->type, "erp-project") == 0                                  ? "project.name" :
	                   strcmp(s->type, "erp-cost") == 0                                     ? "cost.description" :
	                                                                                          NULL;
	char *head = name == NULL ?
	                 eg_xstrdup(s->head) :
	                 eg_xprintf("%s;%s=%u;%s", s->head, name, t.turn + 1, s->lines == NULL ? s->kind[kind] : ""),
	     *lines = NULL;

	t.turn++;
	t.kind = kind;
	if (s->lines != NULL) {
		const char *first = strstr(s->lines, "%s"), *second = strstr(s->lines, "%u");
		lines = eg_xprintf("%.*s%s%.*s%u%s", (int)(first - s->lines), s->lines, s->kind[kind],
		    (int)(second - first - 2), first + 2, t.turn, second + 2);
	}
	kit_drop(t.k, "procore", "content");
	kit_give(t.k, ADP_TAKEN, s->type, 2, head, lines);
	free(lines);
	free(head);
}

static void
begin(const struct subject *s)
{
	struct user pat = {
		.name = "pat", .role = ROLE_STANDARD, .active = true, .types = "all", .account = "root", .added = 1
	};
	struct kit *k = kit_open(s->erp);
	static const char *const codes[] = { "01-1000", "02-2000" };

	t.k = k;
	t.s = s;
	t.nvisited = 0;
	t.turn = 0;
	t.on = true;
	kit_good(k, user_put(k->s.store, &pat, &k->err));
	kit_drop(k, s->erp, "erp.csv");
	for (unsigned i = 0; i < 2; i++) {
		char *code = eg_xprintf("code.cost_code=%s;code.cost_type=S;code.active=yes", codes[i]);
		kit_give(k, ADP_TAKEN, "cost-code", 2 + i, code, NULL);
		free(code);
	}
	kit_give(k, ADP_TAKEN, "cost-type", 4, "code.cost_type=S;code.active=yes", NULL);
	kit_give(k, ADP_TAKEN, "erp-project", 5, "project.origin_code=J1", NULL);
	kit_give(k, ADP_TAKEN, "erp-vendor", 6, "vendor.origin_code=V5;vendor.name=Five", NULL);
	kit_give(k, ADP_ARCHIVED, "erp-vendor", 7, "vendor.origin_code=V9;vendor.name=Nine", NULL);
	kit_drop(k, "procore", "all.csv");
	kit_give(k, ADP_TAKEN, "project", 2, "project.number=P1;project.name=A", NULL);
	kit_give(k, ADP_TAKEN, "vendor", 3, "vendor.pm_id=1009;vendor.name=B", NULL);
	kit_give(k, ADP_TAKEN, "invoice", 4, "project.number=P1;commitment.number=C9;invoice.invoice_number=1", NULL);
	kit_set(k, "vendor/1009", ST_SYNCED, "V8", -1);
	kit_set(k, "invoice/P1/C9/1", ST_SYNCED, "1", 1);
	project_there(k, true);
	if (strcmp(s->type, "vendor") == 0)
		kit_give(k, ADP_TAKEN, "erp-vendor", 8, "vendor.origin_code=V1;vendor.name=One", NULL);
	if (s->change == vendor_sent)
		kit_give(k, ADP_TAKEN, "vendor", 5, "vendor.pm_id=1001;vendor.name=C", NULL);
	if (s->change == vision_sent)
		kit_give(k, ADP_TAKEN, "project", 7, "project.number=P2;project.name=B", NULL);
	if (s->change == budget_open)
		kit_give(k, ADP_TAKEN, "budget", 6, "project.number=P1",
		    "line.cost_code=01-1000;line.cost_type=S;line.original_amount=1.00");
	if (s->change != NULL)
		s->change(k, true);
	kit_settle(k, false);
	give_content(0);
}

/* ---- what must come of an act ---- */

static struct item
now(void)
{
	return kit_item(t.k, t.s->iid);
}

static int
table(const struct item *was, enum item_event ev, bool accepted)
{
	return state_next(was->state, ev, was->type->cls, accepted);
}

static void
mark(const struct item *was, enum item_event ev)
{
	seen[was->type->cls][ev][was->state][was->accepted != 0] = true;
}

static void
same_item(const struct item *was, const char *act)
{
	struct item is = now();

	if (is.state != was->state || is.rev != was->rev || is.accepted != was->accepted || is.parked != was->parked ||
	    is.posted != was->posted || (is.erp_id == NULL) != (was->erp_id == NULL))
		fail_msg("%s of %s %s was refused and changed it to %s", act, state_word(was->state), was->iid,
		    state_word(is.state));
}

/* rc of an act against what the table says (next < 0: refused). */
static void
judge(const struct item *was, enum item_event ev, int next, int rc, const char *act)
{
	if (next < 0) {
		if (rc != EG_BADREC)
			fail_msg("%s of %s %s must be refused", act, state_word(was->state), was->iid);
		if (strncmp(t.k->err.code, "E-7", 3) != 0 || t.k->err.msg[0] == '\0')
			fail_msg("%s of %s %s: refused with %s", act, state_word(was->state), was->iid, t.k->err.code);
		same_item(was, act);
		return;
	}
	if (rc != EG_OK)
		fail_msg("%s of %s %s: %s %s", act, state_word(was->state), was->iid, t.k->err.code, t.k->err.msg);
	if ((int)now().state != next)
		fail_msg("%s of %s %s made it %s, not %s", act, state_word(was->state), was->iid,
		    state_word(now().state), state_word((enum item_state)next));
	mark(was, ev);
}

/* ---- acts ---- */

static void
act_of_content(const struct item *was, unsigned kind)
{
	bool left = was->state == ST_EXPORTED || was->state == ST_SYNCED;
	enum late late = late_rule(was->type->id)->late;
	enum item_event ev = left ? EV_CONTENT_LATE : EV_CONTENT;
	int next = table(was, ev, was->accepted != 0);

	if (left && late != LATE_AGAIN) {
		next = -1; /* refused with E-46, E-63, or taken in place: the state stays */
		give_content(kind);
		assert_int_equal(now().state, was->state);
		return;
	}
	if (was->state == ST_ARCHIVED && was->type->cls != RC_TO_ERP) {
		give_content(kind);
		assert_int_equal(
		    now().state, ST_ARCHIVED); /* put away by a person: new content does not bring it back */
		return;
	}
	if (next < 0)
		fail_msg("%s %s takes no content", state_word(was->state), was->iid);
	give_content(kind);
	judge(was, ev, next, EG_OK, "new content");
}

/* Only steps of rules, one or several: each of the states between must be one of the table's. */
static void
act_of_rules(const struct item *was)
{
	static const enum item_event of_rules[] = { EV_HOLD, EV_RELEASE, EV_REFUSE, EV_TIE, EV_SET_APART };
	struct item is;

	kit_settle(t.k, false);
	is = now();
	if (is.state == was->state)
		return;
	for (size_t i = 0; i < sizeof(of_rules) / sizeof(of_rules[0]); i++) {
		int next = table(was, of_rules[i], was->accepted != 0);
		bool again = of_rules[i] == EV_RELEASE && next == ST_WAITING && is.state == ST_CHANGED;
		if (next == (int)is.state || again) {
			mark(was, of_rules[i]);
			return;
		}
	}
	/* two steps in one look: released and then tied, refused, set apart */
	for (size_t i = 0; i < sizeof(of_rules) / sizeof(of_rules[0]); i++) {
		int next = table(was, EV_RELEASE, was->accepted != 0);
		if (next >= 0 &&
		    state_next((enum item_state)next, of_rules[i], was->type->cls, was->accepted != 0) == (int)is.state)
			return;
	}
	fail_msg("the rules took %s from %s to %s", was->iid, state_word(was->state), state_word(is.state));
}

static void
act_of_decision(const struct item *was, const char *verdict, enum item_event ev)
{
	bool party = strcmp(was->type->name, "vendor") == 0, mri = strcmp(t.s->erp, "mri") == 0;
	bool known = was->type->cls == RC_TO_ERP   ? ev == EV_LINK ? party : ev != EV_ARCHIVE && !(party && mri) :
	             was->type->cls == RC_FROM_ERP ? ev == EV_ARCHIVE ||
	                                                 (ev == EV_ACCEPT && !not_imported(&t.k->s, was->type->id)) :
	                                             false;
	struct decide_row r = { .row = 2,
		.item = t.s->iid,
		.content = "",
		.verdict = verdict,
		.erp_id = ev == EV_LINK ? "V5" :
		          party         ? "NEW1" :
		                          "",
		.transaction_date = "",
		.accounting_date = "",
		.description = "",
		.comment = "why" };
	struct decide_by by = {
		.approver = "pat", .assurance = "command", .manifest = "P000001", .file = "command", .any_content = true
	};
	struct decide_counts c = { 0 };
	int next = !known || (was->accepted != 0 && was->state == ST_HELD) ? -1 : table(was, ev, false);

	kit_run(t.k);
	kit_good(t.k, decide_rows(&t.k->s, &by, &r, 1, &c, &t.k->err));
	assert_int_equal(c.refused, next < 0 ? 1 : 0);
	if (next >= 0)
		judge(was, ev, next, EG_OK, verdict);
	else {
		same_item(was, verdict);
		assert_non_null(strstr(kit_findings(t.k), known ? "E-75" : "F-35"));
	}
}

static void
act_of_person(const struct item *was, enum item_event ev)
{
	struct unlink_how how = { .reason = "why", .gone = "deleted by Kim" };
	struct site *s = &t.k->s;
	bool accepted = was->accepted != 0;
	int next = table(was, ev, accepted), rc;

	switch (ev) {
	case EV_HOLD:
		rc = act_hold(s, was, "why", &t.k->err);
		break;
	case EV_RETRIEVE:
		rc = act_retrieve(s, was, &t.k->err);
		break;
	case EV_RESEND:
		rc = act_resend(s, was, &t.k->err);
		break;
	case EV_ARCHIVE:
		rc = act_archive(s, was, true, &t.k->err);
		break;
	case EV_UNARCHIVE:
		rc = act_archive(s, was, false, &t.k->err);
		break;
	case EV_LINK:
		rc = act_link(s, was->type->name, t.s->iid, "V5", &t.k->err);
		break;
	default:
		rc = act_unlink(s, was, &how, &t.k->err);
		if (next >= 0 &&
		    rc == EG_BADREC) { /* a payment; the record behind a link; what the ERP's newest list has */
			assert_true(was->type->id == REC_PAYMENT || was->type->cls == RC_FROM_ERP ||
				    (was->type->id == REC_VENDOR && was->sent_key != NULL));
			next = -1;
		}
		break;
	}
	judge(was, ev, next, rc, "the act");
}

static void
act_of_adoption(const struct item *was)
{
	bool party = was->type->id == REC_VENDOR || was->type->id == REC_PROJECT;
	struct adopt_by by = { "pat", "command", "P000001", "list.csv" };
	struct adopt_row r = { .row = 2,
		.iid = t.s->iid,
		.erp_id = was->type->cls != RC_TO_ERP ? "" :
		          party                       ? "V6" :
		                                        "KEY",
		.as_of = "",
		.amount = was->amount == NULL ? "" : was->amount,
		.comment = "",
		.posted = -1 };
	struct adopt_said said;
	struct eg_arena a;

	eg_arena_init(&a, 1 << 20);
	kit_good(t.k, adopt_item(&t.k->s, &by, &r, &a, &said, &t.k->err));
	if (said.outcome == ADOPT_DONE)
		judge(was, EV_ADOPT, table(was, EV_ADOPT, was->accepted != 0), EG_OK, "adoption");
	else
		same_item(was, "adoption");
	eg_arena_done(&a);
}

static void
act_of_release(const struct item *was)
{
	int rc = act_release(&t.k->s, was, &t.k->err);

	assert_int_equal(rc, was->parked ? EG_OK : EG_BADREC);
	assert_int_equal(now().state, was->state); /* the rules look at it then */
	if (rc != EG_OK)
		same_item(was, "release");
}

/* What batches do with what is accepted. Tests of batches themselves: test_batch.c. */
static void
act_of_batch(const struct item *was)
{
	enum item_event ev = was->type->cls == RC_TO_ERP ? EV_EXPORT : EV_IMPORT;

	if (was->state != ST_APPROVED)
		return;
	kit_sent(t.k, t.s->iid, "KEY");
	judge(was, ev, table(was, ev, true), EG_OK, "writing");
}

static void
act_of_answer(const struct item *was, bool good)
{
	enum item_event ev = good ? EV_ANSWER_GOOD : EV_ANSWER_BAD;
	bool asked = was->state == ST_EXPORTED || (good && was->state == ST_SYNCED && was->sent_key != NULL);
	char *head;
	int next;

	if (was->type->cls != RC_TO_ERP)
		return;
	head = eg_xprintf("answer.object=%s;answer.key=KEY;answer.posted=%s;answer.processed=%s", was->type->name,
	    good ? "yes" : "no", good ? "yes" : "no");
	kit_drop(t.k, t.s->erp, "answer");
	kit_give(t.k, ADP_TAKEN, "answer", 2, head, NULL);
	kit_good(t.k, answers_apply(&t.k->s, &t.k->err));
	free(head);
	if (!asked) {
		assert_int_equal(now().state, was->state);
		return;
	}
	next = table(was, ev, true);
	if (good && was->state == ST_EXPORTED && was->type->id == REC_BUDGET && strcmp(was->written, was->content) != 0)
		next = ST_CHANGED; /* a budget that changed while the answer was on its way */
	if (now().state == ST_CHANGED && next == ST_CHANGED)
		mark(was, ev);
	else
		judge(was, ev, next, EG_OK, "an answer");
}

enum {
	RULES,
	TURN,
	ACCEPT,
	REJECT,
	ARCHIVE_BY_SHEET,
	LINK_BY_SHEET,
	HOLD,
	RELEASE,
	RETRIEVE,
	RESEND,
	ARCHIVE,
	UNARCHIVE,
	LINK,
	UNLINK,
	ADOPT,
	WRITE,
	GOOD,
	BAD,
	CONTENT,
	NACTS = CONTENT + KINDS
};

static bool
act(unsigned which)
{
	static const enum item_event by_person[NACTS] = { [HOLD] = EV_HOLD,
		[RETRIEVE] = EV_RETRIEVE,
		[RESEND] = EV_RESEND,
		[ARCHIVE] = EV_ARCHIVE,
		[UNARCHIVE] = EV_UNARCHIVE,
		[LINK] = EV_LINK,
		[UNLINK] = EV_UNLINK };
	struct item was = now();

	if (which >= CONTENT) {
		if (t.s->kind[which - CONTENT] == NULL)
			return false;
		act_of_content(&was, which - CONTENT);
	} else if (which == TURN) {
		if (t.s->change == NULL)
			return false;
		t.on = !t.on;
		t.s->change(t.k, t.on);
	} else if (which == RULES)
		act_of_rules(&was);
	else if (which == RELEASE)
		act_of_release(&was);
	else if (which == WRITE)
		act_of_batch(&was);
	else if (which == GOOD || which == BAD)
		act_of_answer(&was, which == GOOD);
	else if (which == ACCEPT)
		act_of_decision(&was, "accept", EV_ACCEPT);
	else if (which == REJECT)
		act_of_decision(&was, "reject", EV_REJECT);
	else if (which == ARCHIVE_BY_SHEET)
		act_of_decision(&was, "archive", EV_ARCHIVE);
	else if (which == LINK_BY_SHEET)
		act_of_decision(&was, "link", EV_LINK);
	else if (which == ADOPT)
		act_of_adoption(&was);
	else if (which == LINK && t.s->link == NULL)
		return false;
	else
		act_of_person(&was, by_person[which]);
	return true;
}

/* ---- everywhere that can be reached ---- */

static bool
fresh_place(void)
{
	struct item it = now();
	char key[64];

	(void)snprintf(key, sizeof(key), "%d %d %d %d %d %d %d %u %d", it.state, it.accepted != 0, it.parked, it.posted,
	    it.erp_id != NULL, it.sent_key != NULL, it.written == NULL || strcmp(it.written, it.content) == 0, t.kind,
	    t.on);
	for (size_t i = 0; i < t.nvisited; i++)
		if (strcmp(t.visited[i], key) == 0)
			return false;
	assert_true(t.nvisited < sizeof(t.visited) / sizeof(t.visited[0]));
	(void)snprintf(t.visited[t.nvisited++], sizeof(key), "%s", key);
	return true;
}

static void
explore(void)
{
	unsigned kind = t.kind;
	bool on = t.on;

	if (!fresh_place())
		return;
	for (unsigned i = 0; i < NACTS; i++) {
		kit_good(t.k, store_mark(t.k->s.store, &t.k->err));
		if (act(i))
			explore();
		kit_good(t.k, store_undo(t.k->s.store, &t.k->err));
		t.kind = kind;
		t.on = on;
	}
}

static void
acts_and_states(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(subjects) / sizeof(subjects[0]); i++) {
		begin(&subjects[i]);
		explore();
		kit_close(t.k);
	}
}

/* Seen elsewhere, or kept for rules to come. */
static const struct {
	enum item_event event;
	enum rec_class cls;
	unsigned from; /* 0 = all */
	const char *why;
} elsewhere[] = {
	{ EV_UNCHANGED, RC_TO_ERP, 0, "test_diff_budget.c" },
	{ EV_REFUSE, RC_AUTOMATIC, 0, "no rule refuses what comes by itself; one that did would find the state" },
	{ EV_CONTENT, RC_AUTOMATIC, 1U << ST_REJECTED, "only an adapter's own refusal rejects those" },
	{ EV_VOID, RC_TO_ERP, 0, "tests/scenario/batches.py" },
	{ EV_VOID, RC_FROM_ERP, 0, "tests/scenario/shadow.bats" },
	{ EV_VOID, RC_AUTOMATIC, 0, "tests/scenario/shadow.bats" },
	{ EV_VOID_UPDATE, RC_TO_ERP, 0, "tests/scenario/batches.py" },
	{ EV_RESEND, RC_AUTOMATIC, 1U << ST_REJECTED, "only an adapter's own refusal rejects those" },
};

static bool
shown_elsewhere(enum item_event ev, unsigned cls, unsigned from)
{
	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++)
		if (elsewhere[i].event == ev && (unsigned)elsewhere[i].cls == cls &&
		    (elsewhere[i].from == 0 || (elsewhere[i].from & (1U << from)) != 0))
			return true;
	return false;
}

static void
every_row_was_seen(void **state)
{
	struct eg_buf missing = EG_BUF_INIT;
	struct state_row r;

	(void)state;
	for (size_t i = 0; state_row(i, &r); i++)
		for (unsigned cls = 0; cls < REC_NTYPES; cls++)
			for (unsigned from = 0; from < ST_NSTATES; from++)
				if ((r.classes & (1U << cls)) != 0 && (r.from & (1U << from)) != 0 &&
				    !seen[cls][r.event][from][0] && !seen[cls][r.event][from][1] &&
				    !shown_elsewhere(r.event, cls, from))
					eg_buf_printf(&missing, "\n  row %zu, class %u, event %d from %s", i, cls,
					    r.event, state_word((enum item_state)from));
	if (missing.len > 0)
		fail_msg("never happened:%s", eg_buf_cstr(&missing));
	eg_buf_done(&missing);
}

/* docs/reference/states.md holds the table as the program prints it. */
static void
the_page_is_the_table(void **state)
{
	struct eg_buf table_text = EG_BUF_INIT, page = EG_BUF_INIT;
	FILE *f = fopen("docs/reference/states.md", "r");
	int c;

	(void)state;
	assert_non_null(f);
	while ((c = fgetc(f)) != EOF)
		eg_buf_chr(&page, (unsigned char)c);
	(void)fclose(f);
	help_states_table(&table_text);
	if (eg_bytes_find(eg_buf_view(&page), eg_buf_view(&table_text)) == page.len)
		fail_msg("docs/reference/states.md is not what the program says: erpgate help states table");
	eg_buf_done(&table_text);
	eg_buf_done(&page);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(acts_and_states),
		cmocka_unit_test(every_row_was_seen),
		cmocka_unit_test(the_page_is_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
