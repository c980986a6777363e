/* SPDX-License-Identifier: MIT
 *
 * Decisions: each row is bound to an item's content, checked for right, state and what the target's columns take, and either applied or refused with a finding; never anything in between. Rows
 * apply in order. Tests: tests/unit/test_decide.c, tests/scenario/.
 */
#include "gateway/workflow/workflow.h"

#include <jansson.h>

enum { V_ACCEPT = 1, V_REJECT = 2, V_ARCHIVE = 4, V_LINK = 8 };

static const struct {
	const char *word;
	int bit;
	enum item_event event;
} verdicts[] = { { "accept", V_ACCEPT, EV_ACCEPT }, { "reject", V_REJECT, EV_REJECT }, { "archive", V_ARCHIVE, EV_ARCHIVE }, { "link", V_LINK, EV_LINK } };

struct deciding {
	struct site *site;
	const struct decide_by *by;
	const struct decide_row *rows;
	size_t n;
	struct eg_arena a;
	struct refusals { /* what the target's adapters said about each accept */
		struct eg_buf text; /* severity code NUL message NUL … */
		bool refused;
	} *said;
	struct rec *rec;
	size_t *row_of; /* record index -> row */
	size_t nrec;
	struct decide_counts *counts;
	int64_t now;
};

static int
row_finding(struct deciding *d, const struct decide_row *r, const char *code, char severity, const char *msg, struct eg_err *err)
{
	struct finding f = { .run = d->site->run, .drop = d->by->drop, .source = "approvals", .file = d->by->file, .line = r->row, .code = code, .severity = severity, .item = r->item, .field = "",
		.value = "", .message = msg };

	return store_finding_add(d->site->store, &f, err);
}

/* ---- what the target's adapters say, asked once for all rows ---- */

static struct decision
decision_of(const struct deciding *d, const struct decide_row *r)
{
	return (struct decision){ .manifest = d->by->manifest, .iid = r->item, .content = r->content, .verdict = r->verdict, .erp_id = r->erp_id, .transaction_date = r->transaction_date,
		.accounting_date = r->accounting_date, .description = r->description, .comment = r->comment, .approver = d->by->approver, .result = "applied", .code = "", .row = r->row,
		.at = d->now };
}

static int
on_said(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err)
{
	struct deciding *d = ctx;
	struct refusals *s = &d->said[d->row_of[record]];

	(void)err;
	eg_buf_chr(&s->text, (unsigned char)f->severity);
	eg_buf_str(&s->text, f->code);
	eg_buf_chr(&s->text, '\0');
	eg_buf_str(&s->text, f->msg);
	eg_buf_chr(&s->text, '\0');
	s->refused = s->refused || f->severity == ADP_REJECT;
	return EG_OK;
}

/* A date cell that is none is refused here: the record could not hold it. */
static bool
dates_good(const struct decide_row *r)
{
	struct eg_date date;
	const char *cells[] = { r->transaction_date, r->accounting_date };

	for (size_t i = 0; i < 2; i++)
		if (*cells[i] != '\0' && !eg_date_parse(eg_bytes_str(cells[i]), EG_LIT("YYYY-MM-DD"), &date))
			return false;
	return true;
}

static int
prepare_row(struct deciding *d, size_t i, struct eg_err *err)
{
	const struct decide_row *r = &d->rows[i];
	struct enrich_srcs srcs = { 0 };
	struct decision dec = decision_of(d, r);
	struct item it;
	int rc;

	if (strcmp(r->verdict, "accept") != 0 || !dates_good(r))
		return EG_OK;
	rc = item_find(d->site->store, r->item, &d->a, &it, err);
	if (rc != EG_OK)
		return rc < 0 ? rc : EG_OK;
	rc = item_record(d->site->store, it.rev, &d->a, &d->rec[d->nrec], err);
	if (rc == EG_OK)
		rc = enrich(d->site, &it, &dec, &d->a, &d->rec[d->nrec], &srcs, err);
	free(srcs.file);
	d->row_of[d->nrec++] = i;
	return rc;
}

static int
ask_target(struct deciding *d, bool erp, struct eg_err *err)
{
	const struct rec **records = eg_xalloc((d->nrec + 1) * sizeof(*records));
	size_t *rows = eg_xalloc((d->nrec + 1) * sizeof(*rows)), *all = d->row_of, n = 0;
	int rc = EG_OK;

	for (size_t i = 0; i < d->nrec; i++)
		if ((d->rec[i].type->cls == RC_TO_ERP) == erp) {
			records[n] = &d->rec[i];
			rows[n++] = all[i];
		}
	d->row_of = rows;
	if (n > 0)
		rc = worker_accept(d->site, erp ? d->site->erp : "procore", records, n, on_said, d, err);
	d->row_of = all;
	free(rows);
	free(records);
	return rc;
}

static int
ask(struct deciding *d, struct eg_err *err)
{
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < d->n; i++)
		rc = prepare_row(d, i, err);
	if (rc == EG_OK)
		rc = ask_target(d, true, err);
	return rc == EG_OK ? ask_target(d, false, err) : rc;
}

/* ---- numbers that are already used ---- */

static bool
same_number(const struct site *s, const char *a, const char *b)
{
	bool fold = strcmp(s->erp, "mri") != 0; /* CMiC and Acumatica write codes in capitals */

	return a != NULL && b != NULL && (fold ? strcasecmp(a, b) == 0 : strcmp(a, b) == 0);
}

struct taken {
	struct deciding *d;
	const struct item *self;
	const char *number;
	const char *vendor; /* only items of this vendor; NULL = any */
	bool check; /* the number is a payment's check number */
	char *by;
};

/* The company an item is about: its own, or its commitment's (which may have come later). */
static int
vendor_of(struct site *s, const struct item *it, struct eg_arena *a, const char **ret, struct eg_err *err)
{
	struct item parent;
	int rc;

	*ret = it->vendor;
	if (it->vendor != NULL || it->parent == NULL)
		return EG_OK;
	rc = item_find(s->store, it->parent, a, &parent, err);
	if (rc == EG_OK)
		*ret = parent.vendor;
	return rc < 0 ? rc : EG_OK;
}

/* The number an item has taken with its acceptance (an ERP that numbers itself still has it as reference), or for payments the check number of its
 * record. */
static int
number_of(const struct taken *t, const struct item *it, struct eg_arena *a, const char **ret, struct eg_err *err)
{
	struct decision dec;
	struct rec r;
	int rc = EG_OK;

	*ret = NULL;
	if (t->check && (it->accepted != 0 || it->type->cls == RC_AUTOMATIC)) {
		rc = item_record(t->d->site->store, it->rev, a, &r, err);
		const struct rec_val *v = rc == EG_OK ? rec_head(&r, "payment.check_number") : NULL;
		*ret = v != NULL && v->state == RV_VALUE ? eg_arena_cstr(a, v->text) : NULL;
	} else if (!t->check && it->accepted != 0) {
		rc = decision_get(t->d->site->store, it->accepted, a, &dec, err);
		*ret = rc == EG_OK && *dec.erp_id != '\0' ? dec.erp_id : it->number;
	}
	return rc;
}

static int
taken_each(void *ctx, const struct item *it, struct eg_err *err)
{
	struct taken *t = ctx;
	const char *number = NULL, *vendor = NULL;
	struct eg_arena a;
	int rc;

	if (it->id == t->self->id || t->by != NULL)
		return EG_OK;
	eg_arena_init(&a, (size_t)1 << 24);
	rc = number_of(t, it, &a, &number, err);
	if (rc == EG_OK && t->vendor != NULL)
		rc = vendor_of(t->d->site, it, &a, &vendor, err);
	bool same = same_number(t->d->site, number, t->number) || (!t->check && same_number(t->d->site, it->erp_id, t->number));
	if (rc == EG_OK && same && (t->vendor == NULL || (vendor != NULL && strcmp(vendor, t->vendor) == 0)))
		t->by = eg_xstrdup(it->iid);
	eg_arena_done(&a);
	return rc;
}

/* Types whose ERP number must be new: where it is looked for and what to say. */
static const struct unique_rule {
	enum rec_id type;
	const char *code;
	bool by_project, by_vendor;
	const char *list; /* type of the ERP's own records with that key, NULL = none */
	const char *what;
} unique_rules[] = {
	{ REC_VENDOR, "E-03", false, false, "erp-vendor", "vendor ID" },
	{ REC_PROJECT, "E-13", false, false, "erp-project", "job ID" },
	{ REC_COMMITMENT, "E-35", true, false, NULL, "commitment number" },
	{ REC_INVOICE, "E-50", false, true, NULL, "invoice number" },
	{ REC_PAYMENT, "E-61", false, false, NULL, "check number" },
};

static int
listed(struct deciding *d, const char *list, const char *number, struct eg_arena *a, char **ret_by, struct eg_err *err)
{
	char *upper = eg_xstrdup(number), *iid;
	struct item it;
	int rc;

	for (char *p = upper; strcmp(d->site->erp, "mri") != 0 && *p != '\0'; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 32);
	iid = eg_xprintf("%s/%s", list, upper);
	rc = item_find(d->site->store, iid, a, &it, err);
	if (rc == EG_OK)
		*ret_by = eg_xstrdup(iid);
	free(iid);
	free(upper);
	return rc < 0 ? rc : EG_OK;
}

/* What this row would take: the number typed, the item's own, or for payments the check number of its record. */
static int
number_wanted(struct deciding *d, const struct item *it, const struct decide_row *r, struct taken *t, struct eg_err *err)
{
	struct rec rec;
	int rc;

	t->number = *r->erp_id != '\0' ? r->erp_id : it->number;
	if (!t->check)
		return EG_OK;
	rc = item_record(d->site->store, it->rev, &d->a, &rec, err);
	const struct rec_val *v = rc == EG_OK ? rec_head(&rec, "payment.check_number") : NULL;
	t->number = v != NULL && v->state == RV_VALUE ? eg_arena_cstr(&d->a, v->text) : NULL;
	return rc;
}

/* EG_OK free, EG_BADREC taken (err says by whom). */
static int
check_unique(struct deciding *d, const struct item *it, const struct decide_row *r, struct eg_err *err)
{
	const struct unique_rule *u = NULL;
	struct taken t = { .d = d, .self = it };
	struct item_filter others = { .type = it->type }, paid = { .type = rec_type(REC_ERP_PAYMENT) };
	int rc;

	for (size_t i = 0; i < sizeof(unique_rules) / sizeof(unique_rules[0]); i++)
		if (unique_rules[i].type == it->type->id)
			u = &unique_rules[i];
	if (u == NULL)
		return EG_OK;
	t.check = u->type == REC_PAYMENT;
	others.project = u->by_project ? it->project : NULL;
	rc = number_wanted(d, it, r, &t, err);
	if (rc < 0 || t.number == NULL)
		return rc;
	if (u->by_vendor)
		rc = vendor_of(d->site, it, &d->a, &t.vendor, err);
	if (rc == EG_OK && u->list != NULL)
		rc = listed(d, u->list, t.number, &d->a, &t.by, err);
	if (rc == EG_OK && t.by == NULL)
		rc = item_each(d->site->store, &others, taken_each, &t, err);
	if (rc == EG_OK && t.by == NULL && t.check)
		rc = item_each(d->site->store, &paid, taken_each, &t, err);
	if (rc == EG_OK && t.by != NULL)
		rc = eg_fail(err, EG_BADREC, u->code, "The %s %s is already used by %s. %s%s.", u->what, t.number, t.by,
		    t.check ? "Correct it on the project side" : "Type another in the ERP ID column", u->list != NULL ? ", or decide Link if both are the same" : "");
	free(t.by);
	return rc;
}

/* ---- one row ---- */

static int
allowed_verdicts(const struct site *s, const struct item *it)
{
	bool party = it->type->id == REC_VENDOR || it->type->id == REC_PROJECT;

	switch (it->type->cls) {
	case RC_TO_ERP:
		if (party && strcmp(s->erp, "mri") == 0)
			return V_LINK; /* MRI takes neither companies nor projects */
		return it->type->id == REC_PRIME ? 0 : V_ACCEPT | V_REJECT | (party ? V_LINK : 0);
	case RC_FROM_ERP:
		return V_ACCEPT | V_ARCHIVE;
	case RC_AUTOMATIC:
	case RC_REFERENCE:
	case RC_ANSWER:
	case RC_DECISION:
		break;
	}
	return 0;
}

static int
check_content(const struct deciding *d, const struct item *it, const struct decide_row *r, struct eg_err *err)
{
	const char *content = strncmp(r->content, "sha256:", 7) == 0 ? r->content + 7 : r->content;

	if (*content == '\0' && d->by->any_content)
		return EG_OK;
	if (*content == '\0')
		return eg_fail(err, EG_BADREC, "E-75", "The row for %s has no Content: it does not say which revision was approved. Write a new sheet: erpgate sheet -o new.csv", it->iid);
	if (strcmp(content, it->content) != 0)
		return eg_fail(err, EG_BADREC, "E-75", "%s changed after the sheet was written: it is revision %d now. See the difference: erpgate show %s --diff; then write a new sheet.", it->iid,
		    it->rev_no, it->iid);
	return EG_OK;
}

static int
check_link(struct deciding *d, const struct item *it, const struct decide_row *r, struct eg_err *err)
{
	struct taken t = { .d = d, .self = it, .number = r->erp_id };
	struct item_filter others = { .type = it->type };
	const char *list = it->type->id == REC_VENDOR ? "erp-vendor" : "erp-project";
	char *iid = eg_xprintf("%s/%s", list, r->erp_id);
	struct item erp;
	int rc = item_find(d->site->store, iid, &d->a, &erp, err);

	if (rc == EG_EOF)
		rc = eg_fail(err, EG_BADREC, "F-33", "The ERP's list has no %s \"%s\". Check the ERP ID column, or wait for a newer list from the ERP.", it->type->id == REC_VENDOR ? "vendor" : "job",
		    r->erp_id);
	else if (rc == EG_OK && erp.state == ST_ARCHIVED)
		rc = eg_fail(err, EG_BADREC, "E-08", "%s is archived. Bring it back first: erpgate unarchive %s", iid, iid);
	else if (rc == EG_OK)
		rc = item_each(d->site->store, &others, taken_each, &t, err);
	if (rc == EG_OK && t.by != NULL)
		rc = eg_fail(err, EG_BADREC, "E-08", "%s is already linked to %s. Unlink that first: erpgate unlink %s", iid, t.by, t.by);
	free(t.by);
	free(iid);
	return rc;
}

static int
refused_by_target(struct deciding *d, size_t i, bool refusals, struct eg_err *err)
{
	struct eg_bytes rest = eg_buf_view(&d->said[i].text), code, msg;
	int rc = EG_OK;

	while (rc == EG_OK && rest.len > 0 && eg_bytes_cut(&rest, '\0', &code) && eg_bytes_cut(&rest, '\0', &msg)) {
		char severity = (char)code.ptr[0];
		if ((severity == ADP_REJECT) == refusals)
			rc = row_finding(d, &d->rows[i], (const char *)code.ptr + 1, severity, (const char *)msg.ptr, err);
	}
	return rc;
}

static const char *
first_code(const struct deciding *d, size_t i)
{
	return d->said[i].text.len > 1 ? (const char *)d->said[i].text.ptr + 1 : "";
}

/* Everything that can refuse a row, in order; EG_BADREC with code and message. */
static int
check_row(struct deciding *d, const struct decide_row *r, const struct item *it, int verdict, struct eg_err *err)
{
	int rc;

	if ((verdict & allowed_verdicts(d->site, it)) == 0)
		return eg_fail(err, EG_BADREC, "F-35", "%s cannot be answered with \"%s\". See what it can take: erpgate show %s", it->iid, r->verdict, it->iid);
	rc = rights_check(d->site, d->by->approver, it, r->verdict, err);
	if (rc == EG_OK && !dates_good(r))
		rc = eg_fail(err, EG_BADREC, "F-21", "A date in the row for %s is not a date of the form YYYY-MM-DD.", it->iid);
	if (rc == EG_OK)
		rc = check_content(d, it, r, err);
	return rc;
}

static int
check_state(const struct item *it, enum item_event ev, int *ret_next, struct eg_err *err)
{
	*ret_next = it->accepted != 0 && it->state == ST_HELD ? -1 : state_next(it->state, ev, it->type->cls, false);
	if (*ret_next < 0)
		return eg_fail(err, EG_BADREC, "E-75", "%s is %s%s; the decision refers to an older state and was not applied.", it->iid, state_title(it->state),
		    it->accepted != 0 ? " and was accepted before" : "");
	return EG_OK;
}

static void
count(struct decide_counts *c, int verdict)
{
	*(verdict == V_ACCEPT ? &c->accepted : verdict == V_REJECT ? &c->rejected : verdict == V_ARCHIVE ? &c->archived : &c->linked) += 1;
}

static int
log_decision(struct deciding *d, const struct item *it, const struct decide_row *r, struct eg_err *err)
{
	json_t *j = json_pack("{s:s,s:s,s:s,s:i,s:s,s:s}", "manifest", d->by->manifest, "approver", d->by->approver, "assurance", d->by->assurance, "row", (int)r->row, "content", it->content,
	    "comment", r->comment);
	char *text = json_dumps(j, JSON_COMPACT);
	static const char *const events[] = { "accept", "approved", "reject", "rejected", "archive", "archived-item", "link", "linked" };
	const char *event = r->verdict;

	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i += 2)
		if (strcmp(events[i], r->verdict) == 0)
			event = events[i + 1];
	int rc = site_log(d->site, event, it->iid, text, err);
	free(text);
	json_decref(j);
	return rc;
}

static int
apply(struct deciding *d, size_t i, struct item *it, int verdict, int next, struct eg_err *err)
{
	const struct decide_row *r = &d->rows[i];
	struct decision dec = decision_of(d, r);
	int64_t id;
	int rc;

	dec.item = it->id;
	dec.content = it->content;
	rc = decision_add(d->site->store, &dec, &id, err);
	it->state = (enum item_state)next;
	it->accepted = verdict == V_ACCEPT ? id : 0;
	if (verdict == V_LINK)
		it->erp_id = r->erp_id;
	if (rc == EG_OK)
		rc = item_save(d->site->store, it, d->now, err);
	if (rc == EG_OK)
		rc = log_decision(d, it, r, err);
	if (rc == EG_OK)
		rc = refused_by_target(d, i, false, err);
	count(d->counts, verdict);
	return rc;
}

static int
refuse(struct deciding *d, size_t i, const struct item *it, const char *code, const char *msg, struct eg_err *err)
{
	const struct decide_row *r = &d->rows[i];
	struct decision dec = decision_of(d, r);
	int64_t id;
	int rc = msg == NULL ? refused_by_target(d, i, true, err) : row_finding(d, r, code, ADP_REJECT, msg, err);

	dec.item = it == NULL ? 0 : it->id;
	dec.result = "refused";
	dec.code = code;
	d->counts->refused++;
	return rc == EG_OK ? decision_add(d->site->store, &dec, &id, err) : rc;
}

static int
decide_row(struct deciding *d, size_t i, struct eg_err *err)
{
	const struct decide_row *r = &d->rows[i];
	struct item it;
	struct eg_err why;
	int verdict = 0, next = -1;
	enum item_event ev = EV_ACCEPT;
	int rc = item_find(d->site->store, r->item, &d->a, &it, err);

	if (rc < 0)
		return rc;
	if (rc == EG_EOF)
		return refuse(d, i, NULL, "F-35", "There is no such item. Check the Item column: it must be as the sheet was written.", err);
	for (size_t k = 0; k < sizeof(verdicts) / sizeof(verdicts[0]); k++)
		if (strcmp(verdicts[k].word, r->verdict) == 0) {
			verdict = verdicts[k].bit;
			ev = verdicts[k].event;
		}
	rc = check_row(d, r, &it, verdict, &why);
	if (rc == EG_OK)
		rc = check_state(&it, ev, &next, &why);
	if (rc == EG_OK && verdict == V_ACCEPT && d->said[i].refused)
		return refuse(d, i, &it, first_code(d, i), NULL, err);
	if (rc == EG_OK && verdict == V_ACCEPT)
		rc = check_unique(d, &it, r, &why);
	if (rc == EG_OK && verdict == V_LINK)
		rc = check_link(d, &it, r, &why);
	if (rc == EG_OK && verdict == V_REJECT && *r->comment == '\0' && conf_bool(&d->site->conf, "approvals.reject_needs_comment"))
		rc = eg_fail(&why, EG_BADREC, "F-20", "Rejecting %s needs a comment that tells its sender what to change.", it.iid);
	if (rc == EG_BADREC)
		return refuse(d, i, &it, why.code, why.msg, err);
	if (rc < 0) {
		*err = why;
		return rc;
	}
	return apply(d, i, &it, verdict, next, err);
}

int
decide_rows(struct site *s, const struct decide_by *by, const struct decide_row *rows, size_t n, struct decide_counts *ret, struct eg_err *err)
{
	struct deciding d = { .site = s, .by = by, .rows = rows, .n = n, .counts = ret, .now = site_now(s) };
	int rc;

	eg_arena_init(&d.a, (size_t)1 << 31);
	d.said = eg_xalloc((n + 1) * sizeof(*d.said));
	d.rec = eg_xalloc((n + 1) * sizeof(*d.rec));
	d.row_of = eg_xalloc((n + 1) * sizeof(*d.row_of));
	rc = ask(&d, err);
	for (size_t i = 0; rc == EG_OK && i < n; i++)
		if (*rows[i].verdict != '\0')
			rc = decide_row(&d, i, err);
	for (size_t i = 0; i < n; i++)
		eg_buf_done(&d.said[i].text);
	free(d.said);
	free(d.rec);
	free(d.row_of);
	eg_arena_done(&d.a);
	return rc;
}
