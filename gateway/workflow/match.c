/* SPDX-License-Identifier: MIT
 *
 * Records become items: a new one, no effect (same content), a new revision, or a refusal because the item has left
 * already (E-46, E-63). Reference rows are stored, answers put aside until all drops of the run are read. Nothing
 * here decides whether an item may leave: that is rules.c.
 */
#include "gateway/workflow/intake.h"
#include "gateway/workflow/merge.h"

#define MATCH_MEM ((size_t)64 << 20)

struct matching {
	struct site *s;
	const struct place *at;
	const struct rec *r;
	enum adp_verdict verdict;
	struct eg_arena a;
	const char *iid;
	char content[65];
	struct item it; /* what the record shows; for known items state and history come from the store */
	enum match_fate fate;
};

static int tell(struct matching *m, const char *code, char severity, struct eg_err *err, const char *fmt, ...)
    EG_PRINTF(5, 6);

static int
tell(struct matching *m, const char *code, char severity, struct eg_err *err, const char *fmt, ...)
{
	struct eg_buf b = EG_BUF_INIT;
	va_list ap;
	int rc;

	va_start(ap, fmt);
	eg_buf_vprintf(&b, fmt, ap);
	va_end(ap);
	rc = intake_finding(m->s, m->at, m->r->at.line, code, severity, m->iid, eg_buf_cstr(&b), err);
	eg_buf_done(&b);
	return rc;
}

/* ---- lists ---- */

const char *const *
code_lists(const char *erp)
{
	static const char *const pairs[] = { "cost-code", "cost-type", NULL };
	static const char *const assigned[] = { "cost-code", "cost-type", "assignment", NULL };

	return strcmp(erp, "acumatica") == 0 ? assigned : pairs;
}

int
code_lists_received(struct site *s, bool *ret, struct eg_err *err)
{
	bool all = true;

	for (const char *const *l = code_lists(s->erp); all && *l != NULL; l++) {
		int rc = list_received(s->store, *l, &all, err);

		if (rc != EG_OK)
			return rc;
	}
	*ret = all;
	return EG_OK;
}

int
match_file_end(struct site *s, const struct place *at, const struct adp *a, struct eg_err *err)
{
	const struct rec_type *t = adp_info(a)->record;

	if (t == NULL || (t->cls != RC_REFERENCE && t->cls != RC_FROM_ERP))
		return EG_OK;
	return list_mark(s->store, t->name, at->file_id, site_now(s), err);
}

static int
take_reference(struct site *s, const struct place *at, const struct rec *r, struct eg_err *err)
{
	bool changed = false;
	int rc = ref_put(s->store, r, at->file_id, &changed, err);

	if (rc == EG_OK && changed &&
	    (r->type->id == REC_COST_CODE || r->type->id == REC_COST_TYPE || r->type->id == REC_ASSIGNMENT))
		rc = store_meta_set(s->store, CODES_STALE, "yes", err);
	if (rc == EG_OK)
		rc = list_mark(s->store, r->type->name, at->file_id, site_now(s), err);
	return rc;
}

/* ---- new items ---- */

static int
take_new(struct matching *m, struct eg_err *err)
{
	struct item *it = &m->it;
	int first = state_next(ST_REJECTED, EV_CONTENT, m->r->type->cls, false);

	it->state = (enum item_state)first;
	if (m->verdict == ADP_REFUSED)
		it->state = ST_REJECTED;
	if (m->verdict == ADP_ARCHIVED)
		it->state = ST_ARCHIVED;
	it->posted = -1;
	m->fate = MF_TAKEN;
	return item_add(m->s->store, it, m->r, site_now(m->s), m->s->run, err);
}

/* ---- known items ---- */

static int
revise(struct matching *m, struct item *known, enum item_state state, struct eg_err *err)
{
	struct item it = *known;

	it.state = state;
	it.project = m->it.project;
	it.vendor = m->it.vendor;
	it.parent = m->it.parent;
	it.number = m->it.number;
	it.title = m->it.title;
	it.amount = m->it.amount;
	it.seq = m->it.seq;
	it.claims = m->it.claims;
	it.file = m->it.file;
	it.line = m->it.line;
	it.off = m->it.off;
	it.len = m->it.len;
	m->fate = MF_TAKEN;
	return item_revise(m->s->store, &it, m->r, site_now(m->s), m->s->run, err);
}

/* Was it archived because the ERP called it inactive, not by a person? Then it comes back when the ERP calls it
 * active. */
static int
was_inactive(struct matching *m, const struct item *known, bool *ret, struct eg_err *err)
{
	static const struct {
		enum rec_id type;
		const char *field;
	} flags[] = {
		{ REC_ERP_VENDOR, "vendor.is_active" },
		{ REC_ERP_CUSTOMER, "vendor.is_active" },
		{ REC_ERP_PROJECT, "project.active" },
		{ REC_ERP_SUBJOB, "sub_job.active" },
	};
	struct rec old;
	int rc = item_record(m->s->store, known->rev, &m->a, &old, err);

	*ret = false;
	for (size_t i = 0; rc == EG_OK && i < sizeof(flags) / sizeof(flags[0]); i++)
		if (flags[i].type == old.type->id)
			*ret = head_is(&old, flags[i].field, "no");
	return rc;
}

/* One that was merged stays hidden, whatever a list says of it. */
static int
comes_back(struct matching *m, const struct item *known, bool *ret, struct eg_err *err)
{
	struct merge merged;
	int rc = was_inactive(m, known, ret, err);

	if (rc != EG_OK || !*ret)
		return rc;
	rc = merge_get(m->s->store, known->iid, &m->a, &merged, err);
	*ret = rc == EG_EOF;
	return rc < 0 ? rc : EG_OK;
}

static int
take_archived(struct matching *m, struct item *known, struct eg_err *err)
{
	bool inactive = false;
	int rc = comes_back(m, known, &inactive, err);
	int next = state_next(ST_ARCHIVED, EV_UNARCHIVE, known->type->cls, false);

	if (rc != EG_OK)
		return rc;
	return revise(m, known, inactive && m->verdict == ADP_TAKEN ? (enum item_state)next : ST_ARCHIVED, err);
}

static int
late_refusal(struct matching *m, const struct item *known, const char *code, struct eg_err *err)
{
	m->fate = MF_REJECTED;
	return tell(m, code, 'R', err,
	    "%s was sent to the accounting system already (%s) and cannot be changed by a new file; this content was not taken. Enter the difference as a change there; or delete the record there, unlink it (erpgate "
	    "unlink %s --gone …) and send this file again.",
	    m->iid, state_title(known->state), m->iid);
}

/* A vendor that was imported follows the ERP's changes without a new decision, where the site says so. */
static bool
goes_again(const struct matching *m, const struct item *known)
{
	enum rec_id type = known->type->id;

	return (type == REC_ERP_VENDOR || type == REC_ERP_CUSTOMER) && known->written != NULL &&
	       m->verdict == ADP_TAKEN && conf_bool(&m->s->conf, "vendors_auto_update");
}

static int
take_late(struct matching *m, struct item *known, struct eg_err *err)
{
	const struct late_rule *late = late_rule(known->type->id);
	int next;

	if (late->late == LATE_REFUSE)
		return late_refusal(m, known, late->code, err);
	if (late->late == LATE_PLACE)
		return revise(m, known, goes_again(m, known) ? ST_APPROVED : known->state, err);
	next = state_next(known->state, EV_CONTENT_LATE, known->type->cls, known->accepted != 0);
	eg_check(next >= 0);
	/* Content that went out already needs no second writing. */
	if (known->type->cls == RC_AUTOMATIC && known->written != NULL && strcmp(known->written, m->content) == 0)
		next = ST_SYNCED;
	return revise(m, known, (enum item_state)next, err);
}

static int
take_changed(struct matching *m, struct item *known, struct eg_err *err)
{
	enum item_state state = known->state;
	int next;

	if (m->r->type->id == REC_ERP_COST) {
		int rc = tell(m, "E-31", 'W', err,
		    "Transaction %s came before with other values. The new ones are used and sent again%s; see what changed with `erpgate show %s --diff`.",
		    m->iid,
		    conf_bool(&m->s->conf, "edit_synced_costs") ?
			", over whatever people edited in it on the project side" :
			"",
		    m->iid);

		if (rc != EG_OK)
			return rc;
	}
	if (state == ST_ARCHIVED && known->type->cls != RC_TO_ERP)
		return take_archived(m, known, err);
	if (m->verdict == ADP_ARCHIVED)
		return revise(m, known, ST_ARCHIVED, err);
	if (state == ST_EXPORTED || state == ST_SYNCED)
		return take_late(m, known, err);
	next = state_next(state, EV_CONTENT, known->type->cls, false);
	eg_check(next >= 0);
	return revise(m, known, m->verdict == ADP_REFUSED ? ST_REJECTED : (enum item_state)next, err);
}

/* ---- PCCOs: a list row says less than the same change order with its lines ---- */

static int
note_list_row(struct matching *m, const struct place *at, uint64_t line, struct eg_err *err)
{
	return intake_finding(m->s, at, line, "F-10", 'N', m->iid,
	    "This row of the list is passed over: the same change order came with its lines, which say more. Nothing needs to be done.",
	    err);
}

/* The list row came first in this run: its place is the older revision's. */
static int
note_older_row(struct matching *m, const struct item *known, struct eg_err *err)
{
	struct place at;
	int rc = intake_place(m->s, known->file, &m->a, &at, err);

	return rc == EG_OK ? note_list_row(m, &at, (uint64_t)known->line, err) : rc;
}

static int
pcco_in_two_forms(struct matching *m, const struct item *known, bool *ret_skip, struct eg_err *err)
{
	bool now_list, was_list;
	struct rec old;
	int rc;

	*ret_skip = false;
	if (m->r->type->id != REC_PCCO)
		return EG_OK;
	rc = item_record(m->s->store, known->rev, &m->a, &old, err);
	if (rc != EG_OK)
		return rc;
	now_list = head_is(m->r, "pcco.from_list", "yes");
	was_list = head_is(&old, "pcco.from_list", "yes");
	if (now_list && !was_list) {
		*ret_skip = true;
		m->fate = MF_PASSED;
		return note_list_row(m, m->at, m->r->at.line, err);
	}
	if (!now_list && was_list && known->rev_run == m->s->run)
		return note_older_row(m, known, err);
	return EG_OK;
}

static int
take_known(struct matching *m, struct item *known, struct eg_err *err)
{
	bool skip = false;
	int rc;

	if (strcmp(known->content, m->content) == 0)
		return EG_OK;
	rc = pcco_in_two_forms(m, known, &skip, err);
	if (rc != EG_OK || skip)
		return rc;
	return take_changed(m, known, err);
}

/* ---- costs that are our own invoices coming back ---- */

static int
seen_invoice(void *ctx, const struct item *it, struct eg_err *err)
{
	(void)err;
	if (it->state == ST_EXPORTED || it->state == ST_SYNCED)
		*(bool *)ctx = true;
	return EG_OK;
}

/* E-26: the ERP's booking of an invoice that this gateway sent is no cost of its own. */
static int
own_invoice(struct matching *m, bool *ret, struct eg_err *err)
{
	struct item_filter f = { .type = rec_type(REC_INVOICE) };
	const char *vendor, *number, **names = NULL;
	struct eg_buf key = EG_BUF_INIT;
	size_t n = 0;
	int rc;

	*ret = false;
	if (m->r->type->id != REC_ERP_COST)
		return EG_OK;
	vendor = head_text(&m->a, m->r, "cost.vendor");
	number = head_text(&m->a, m->r, "cost.invoice_number");
	if (vendor == NULL || number == NULL)
		return EG_OK;
	rc = merge_names(m->s, REC_ERP_VENDOR, vendor, &m->a, &names, &n, err);
	for (size_t i = 0; rc == EG_OK && !*ret && i < n; i++) {
		eg_buf_clear(&key);
		eg_buf_printf(&key, "%s|%s", names[i], number);
		f.sent_key = eg_buf_cstr(&key);
		rc = item_each(m->s->store, &f, seen_invoice, ret, err);
	}
	eg_buf_done(&key);
	if (rc == EG_OK && *ret)
		rc = tell(m, "E-26", 'N', err,
		    "This cost is the booking of invoice %s of vendor %s, which was sent from here. It counts as the commitment's invoice and is not added a second time.",
		    number, vendor);
	return rc;
}

/* ---- entry ---- */

static int
take_item(struct matching *m, struct eg_err *err)
{
	struct item known;
	bool own = false;
	int rc = own_invoice(m, &own, err);

	if (own)
		m->fate = MF_COUNTED;
	if (rc != EG_OK || own)
		return rc;
	rc = item_fill(m->s, &m->a, m->r, &m->it, err);
	if (rc != EG_OK)
		return rc;
	rec_content(m->r, m->content);
	rc = item_find(m->s->store, m->iid, &m->a, &known, err);
	if (rc == EG_EOF)
		return take_new(m, err);
	return rc == EG_OK ? take_known(m, &known, err) : rc;
}

static int
match_item(struct site *s, const struct place *at, const struct rec *r, enum adp_verdict verdict, uint64_t raw_off,
    uint64_t raw_len, enum match_fate *ret_fate, struct eg_err *err)
{
	struct matching m = { .s = s, .at = at, .r = r, .verdict = verdict, .fate = MF_UNCHANGED };
	struct eg_buf iid = EG_BUF_INIT;
	int rc;

	eg_arena_init(&m.a, MATCH_MEM);
	if (!rec_item_id(r, &iid))
		eg_bug("a %s without a key reached the store", r->type->name);
	m.iid = eg_arena_cstr(&m.a, eg_buf_view(&iid));
	eg_buf_done(&iid);
	m.it = (struct item){ .iid = m.iid,
		.type = r->type,
		.file = at->file_id,
		.line = (int64_t)r->at.line,
		.off = (int64_t)raw_off,
		.len = (int64_t)raw_len };
	if (m.iid == NULL)
		rc = eg_fail(err, EG_BADFILE, "LIMIT-MEM", "the record's id does not fit the memory set aside for it");
	else
		rc = take_item(&m, err);
	if (rc == EG_OK && r->type->cls == RC_FROM_ERP)
		rc = list_mark(s->store, r->type->name, at->file_id, site_now(s), err);
	*ret_fate = m.fate;
	eg_arena_done(&m.a);
	return rc;
}

int
match_record(struct site *s, const struct place *at, const struct rec *r, enum adp_verdict verdict, uint64_t raw_off,
    uint64_t raw_len, struct eg_err *err)
{
	enum match_fate unasked;

	return match_record_fate(s, at, r, verdict, raw_off, raw_len, &unasked, err);
}

int
match_record_fate(struct site *s, const struct place *at, const struct rec *r, enum adp_verdict verdict,
    uint64_t raw_off, uint64_t raw_len, enum match_fate *ret_fate, struct eg_err *err)
{
	*ret_fate = verdict == ADP_SKIPPED ? MF_PASSED : MF_REJECTED;
	if (verdict == ADP_REJECTED || verdict == ADP_SKIPPED)
		return EG_OK;
	switch (r->type->cls) {
	case RC_REFERENCE:
		*ret_fate = MF_REFERENCE;
		return take_reference(s, at, r, err);
	case RC_ANSWER:
		*ret_fate = MF_ANSWER;
		return answer_put_aside(s, at, r, err);
	case RC_DECISION:
		return eg_fail(err, EG_BADREC, "F-35",
		    "a decision came through a drop folder of records; drop approval sheets into drop/approvals/");
	default:
		return match_item(s, at, r, verdict, raw_off, raw_len, ret_fate, err);
	}
}
