/* SPDX-License-Identifier: MIT
 *
 * One row of an adoption list, and all of them in order. Nothing is guessed: an amount that differs, a key that is taken, a record that was exported from here
 * refuse the row and leave the item as it was. Tests: tests/unit/test_adopt.c, tests/scenario/cutover.bats.
 */
#include "gateway/workflow/adopt.h"

#include "gateway/workflow/intake.h"
#include "gateway/workflow/merge.h"
#include "gateway/workflow/unique.h"

#include <ctype.h>
#include <jansson.h>

const char *
adopt_word(enum adopt_outcome o)
{
	static const char *const words[ADOPT_NOUTCOMES] = { "adopted", "same", "waits", "refused" };

	eg_check((unsigned)o < ADOPT_NOUTCOMES);
	return words[o];
}

struct adopting {
	struct site *s;
	const struct adopt_by *by;
	const struct adopt_row *r;
	struct eg_arena *a;
	struct item it;
	struct adopt_said *said;
};

static bool
synced(const struct item *it)
{
	return it->state == ST_SYNCED || it->state == ST_CHANGED;
}

static bool
party(const struct item *it)
{
	return it->type->id == REC_VENDOR || it->type->id == REC_PROJECT;
}

/* ---- what must be in the ERP before ---- */

static int
is_synced(struct adopting *x, enum rec_id type, const char *key, bool *ret, struct eg_err *err)
{
	const char *iid = iid_join(x->a, type, &key, 1);
	struct item it;
	int rc = iid == NULL ? EG_EOF : item_find(x->s->store, iid, x->a, &it, err);

	if (rc == EG_OK && type == REC_VENDOR)
		rc = merge_item(x->s, &it, x->a, &it, err);
	*ret = rc == EG_OK && synced(&it);
	return rc < 0 ? rc : EG_OK;
}

static const char *
text(struct adopting *x, const char *a, const char *b)
{
	struct eg_buf buf = EG_BUF_INIT;
	const char *ret;

	eg_buf_str(&buf, a);
	eg_buf_str(&buf, b);
	ret = eg_arena_cstr(x->a, eg_buf_view(&buf));
	eg_buf_done(&buf);
	return ret != NULL ? ret : "";
}

static int
project_missing(struct adopting *x, const char **ret, struct eg_err *err)
{
	bool own = false, erp = false;
	int rc;

	if (x->it.project == NULL || x->it.type->id == REC_PROJECT)
		return EG_OK;
	rc = is_synced(x, REC_PROJECT, x->it.project, &own, err);
	if (rc == EG_OK && !own)
		rc = is_synced(x, REC_ERP_PROJECT, x->it.project, &erp, err);
	if (rc == EG_OK && !own && !erp)
		*ret = text(x, "project/", x->it.project);
	return rc;
}

/* The id of what the ERP must have first; NULL in *ret when nothing is missing. */
static int
parent_missing(struct adopting *x, const char **ret, struct eg_err *err)
{
	struct item parent;
	bool there = true;
	int rc;

	*ret = NULL;
	if (x->it.type->cls != RC_TO_ERP || party(&x->it))
		return EG_OK;
	rc = project_missing(x, ret, err);
	if (rc != EG_OK || *ret != NULL)
		return rc;
	if (x->it.type->id == REC_COMMITMENT && x->it.vendor != NULL) {
		rc = is_synced(x, REC_VENDOR, x->it.vendor, &there, err);
		*ret = there ? NULL : text(x, "vendor/", x->it.vendor);
	} else if (x->it.type->id == REC_BUDGET_CHANGE && x->it.project != NULL) {
		rc = is_synced(x, REC_BUDGET, x->it.project, &there, err);
		*ret = there ? NULL : text(x, "budget/", x->it.project);
	} else if (x->it.parent != NULL) {
		rc = item_find(x->s->store, x->it.parent, x->a, &parent, err);
		*ret = rc == EG_OK && synced(&parent) ? NULL : x->it.parent;
	}
	return rc < 0 ? rc : EG_OK;
}

/* ---- refusals ---- */

struct sent_with { /* batches that are void, or were only shadow, sent nothing */
	struct site *s;
	struct eg_arena *a;
	bool sent;
};

static int
any_batch(void *ctx, const char *batch, int64_t item, int64_t revision, int64_t decision, struct eg_err *err)
{
	struct sent_with *w = ctx;
	struct batch b;
	int rc = batch_get(w->s->store, batch, w->a, &b, err);

	(void)item;
	(void)revision;
	(void)decision;
	w->sent = w->sent || (rc == EG_OK && !b.shadow && strcmp(b.state, "void") != 0);
	return rc < 0 ? rc : EG_OK;
}

static int
check_not_sent(struct adopting *x, struct eg_err *err)
{
	struct sent_with w = { x->s, x->a, x->it.state == ST_EXPORTED };
	int rc = batch_item_each(x->s->store, NULL, x->it.id, any_batch, &w, err);

	if (rc == EG_OK && w.sent)
		return eg_fail(err, EG_BADREC, "E-75",
		    "%s was sent by this gateway and is %s; only what it never sent can be adopted. See it: erpgate show %s",
		    x->it.iid, state_title(x->it.state), x->it.iid);
	return rc;
}

static int
check_state(struct adopting *x, struct eg_err *err)
{
	const struct item *it = &x->it;

	if (synced(it))
		return eg_fail(err, EG_BADREC, "E-75",
		    "%s is synced already, as %s; the list calls it %s. If the list is right, unlink it first: erpgate unlink %s",
		    it->iid, it->erp_id != NULL ? it->erp_id : "a record without a key", x->r->erp_id, it->iid);
	if (state_next(it->state, EV_ADOPT, it->type->cls, it->accepted != 0) < 0)
		return eg_fail(err, EG_BADREC, "E-75",
		    "%s is %s%s and cannot be adopted; only undecided items can. See it: erpgate show %s", it->iid,
		    state_title(it->state), it->accepted != 0 ? " and was accepted" : "", it->iid);
	return EG_OK;
}

static int
check_amount(struct adopting *x, struct eg_err *err)
{
	const struct item *it = &x->it;

	if (it->amount == NULL)
		return EG_OK;
	if (*x->r->amount == '\0')
		return eg_fail(err, EG_BADREC, "F-20",
		    "The row for %s has no Amount. It is the control that this is the record that stands in the ERP; here it adds up to %s.",
		    it->iid, it->amount);
	if (strcmp(x->r->amount, it->amount) != 0)
		return eg_fail(err, EG_BADREC, "F-65",
		    "The ERP has %s with %s, here it adds up to %s. Find the difference and correct it on one side, then adopt it again: erpgate show %s",
		    it->iid, x->r->amount, it->amount, it->iid);
	return EG_OK;
}

/* The key it goes by: as listed; else its own number, for kinds that have one. */
static int
check_key(struct adopting *x, const char **ret, struct eg_err *err)
{
	static const unsigned without =
	    1U << REC_BUDGET | 1U << REC_BUDGET_CHANGE | 1U << REC_FORECAST | 1U << REC_PRIME;
	const struct item *it = &x->it;

	*ret = *x->r->erp_id != '\0' ? x->r->erp_id : NULL;
	if (it->type->cls != RC_TO_ERP) {
		*ret = NULL; /* its own key is the ERP's */
		return EG_OK;
	}
	if (party(it)) {
		if (*ret == NULL)
			return eg_fail(err, EG_BADREC, it->type->id == REC_VENDOR ? "E-02" : "E-13",
			    "The row for %s has no ERP ID, and the ERP knows it by nothing else.", it->iid);
		return unique_link(x->s, it, *ret, x->a, err);
	}
	if (*ret == NULL && (without & (1U << it->type->id)) == 0)
		*ret = it->number;
	return unique_check(x->s, it, *ret != NULL ? *ret : "", x->a, err);
}

/* ---- applying ---- */

/* Invoices are found by vendor and number when their payments and costs come back: the words an export would have left behind. */
static int
sent_key(struct adopting *x, const char *erp_id, const char **ret, struct eg_err *err)
{
	struct enrich_srcs srcs = { 0 };
	struct eg_buf b = EG_BUF_INIT;
	const char *vendor;
	struct rec r;
	int rc = item_record(x->s->store, x->it.rev, x->a, &r, err);

	if (rc == EG_OK)
		rc = enrich(x->s, &x->it, NULL, x->a, &r, &srcs, err);
	free(srcs.file);
	if (rc != EG_OK)
		return rc < 0 ? rc : eg_fail(err, EG_FATAL, "DB-CORRUPT", "the record of %s is not there", x->it.iid);
	vendor = head_text(x->a, &r, "erp.vendor");
	if (vendor == NULL || erp_id == NULL)
		return EG_OK;
	eg_buf_printf(&b, "%s|%s", vendor, erp_id);
	for (size_t i = 0; strcmp(x->s->erp, "cmic") == 0 && i < b.len; i++)
		b.ptr[i] = (unsigned char)toupper(b.ptr[i]);
	*ret = eg_arena_cstr(x->a, eg_buf_view(&b));
	eg_buf_done(&b);
	return EG_OK;
}

static bool
has_posting(const struct item *it)
{
	return it->type->cls == RC_TO_ERP && !party(it) && it->type->id != REC_SUBJOB;
}

static int
log_adopted(struct adopting *x, struct eg_err *err)
{
	json_t *j = json_pack("{s:s,s:s,s:s,s:i,s:s,s:s*,s:i,s:s,s:s,s:s}", "manifest", x->by->manifest, "approver",
	    x->by->approver, "assurance", x->by->assurance, "row", (int)x->r->row, "content", x->it.content, "erp_id",
	    x->it.erp_id, "posted", x->it.posted, "as_of", x->r->as_of, "amount", x->r->amount, "comment",
	    x->r->comment);
	char *detail = json_dumps(j, JSON_COMPACT);
	int rc = site_log(x->s, "adopted", x->it.iid, detail, err);

	free(detail);
	json_decref(j);
	return rc;
}

static int
apply(struct adopting *x, const char *erp_id, struct eg_err *err)
{
	struct item *it = &x->it;
	int next = state_next(it->state, EV_ADOPT, it->type->cls, false), rc = EG_OK;

	eg_check(next >= 0);
	if (it->type->id == REC_INVOICE)
		rc = sent_key(x, erp_id, &it->sent_key, err);
	it->state = (enum item_state)next;
	it->erp_id = erp_id != NULL ? erp_id : it->erp_id;
	it->posted = has_posting(it) ? x->r->posted : -1;
	it->parked = false;
	it->written = it->type->cls == RC_TO_ERP ? it->content : it->written;
	x->said->erp_id = it->erp_id;
	if (rc == EG_OK)
		rc = hold_clear(x->s->store, it->id, err);
	if (rc == EG_OK)
		rc = item_save(x->s->store, it, site_now(x->s), err);
	return rc == EG_OK ? log_adopted(x, err) : rc;
}

/* It is in the ERP under that key already: only posting may be news. */
static int
known_before(struct adopting *x, bool *ret, struct eg_err *err)
{
	struct item *it = &x->it;

	*ret = synced(it) && (*x->r->erp_id == '\0' || (it->erp_id != NULL && strcmp(it->erp_id, x->r->erp_id) == 0));
	if (!*ret)
		return EG_OK;
	x->said->outcome = ADOPT_SAME;
	if (!has_posting(it) || x->r->posted != 1 || it->posted == 1)
		return EG_OK;
	x->said->outcome = ADOPT_DONE;
	x->said->erp_id = it->erp_id;
	it->posted = 1;
	int rc = item_save(x->s->store, it, site_now(x->s), err);
	return rc == EG_OK ? log_adopted(x, err) : rc;
}

static int
waits(struct adopting *x, const char *what, const char *missing)
{
	x->said->outcome = ADOPT_WAITS;
	x->said->code = "F-66";
	x->said->message = text(x, text(x, what, missing),
	    ". The row waits for that and is applied by itself; see what waits: erpgate adopt");
	return EG_OK;
}

/* Everything that can refuse, in order; EG_BADREC with code and message. */
static int
adopt_found(struct adopting *x, struct eg_err *err)
{
	const char *key = NULL, *missing = NULL;
	bool same = false;
	int rc = check_not_sent(x, err);

	if (rc == EG_OK)
		rc = rights_check(x->s, x->by->approver, &x->it, "adopt", err);
	if (rc == EG_OK)
		rc = known_before(x, &same, err);
	if (rc != EG_OK || same)
		return rc;
	rc = check_state(x, err);
	if (rc == EG_OK)
		rc = check_amount(x, err);
	if (rc == EG_OK)
		rc = check_key(x, &key, err);
	if (rc == EG_OK)
		rc = parent_missing(x, &missing, err);
	if (rc == EG_OK && missing != NULL)
		return waits(x, text(x, x->it.iid, " needs what the ERP does not have yet: "), missing);
	return rc == EG_OK ? apply(x, key, err) : rc;
}

/* Could there ever be such an item, and could it be adopted? */
static int
check_type(struct adopting *x, struct eg_err *err)
{
	struct eg_bytes iid = eg_bytes_str(x->r->iid), rest = iid, name = EG_NONE;
	const struct rec_type *t = eg_bytes_cut(&rest, '/', &name) ? rec_type_named(name) : NULL;

	if (t == NULL || rest.ptr == NULL || rest.len == 0 || (t->cls != RC_TO_ERP && t->cls != RC_FROM_ERP))
		return eg_fail(err, EG_BADREC, "F-35",
		    "\"%s\" names nothing that can be adopted. Fill Item (commitment/24-104/SC-001), or Type, Project, Parent and Number: erpgate help types",
		    x->r->iid);
	return EG_OK;
}

int
adopt_item(struct site *s, const struct adopt_by *by, const struct adopt_row *r, struct eg_arena *a,
    struct adopt_said *ret, struct eg_err *err)
{
	struct adopting x = { .s = s, .by = by, .r = r, .a = a, .said = ret };
	int rc = check_type(&x, err);

	*ret = (struct adopt_said){ .row = r, .outcome = ADOPT_DONE, .code = "", .message = "" };
	if (rc == EG_OK)
		rc = item_find(s->store, r->iid, a, &x.it, err);
	if (rc == EG_EOF)
		return waits(&x, r->iid, " has not come yet");
	if (rc == EG_OK)
		rc = adopt_found(&x, err);
	if (rc != EG_BADREC)
		return rc;
	ret->outcome = ADOPT_REFUSED;
	ret->code = text(&x, err->code, "");
	ret->message = text(&x, err->msg, "");
	return EG_OK;
}

/* ---- the list ---- */

static const struct rec_type *
type_of(const struct adopt_row *r)
{
	struct eg_bytes rest = eg_bytes_str(r->iid), name = EG_NONE;

	return eg_bytes_cut(&rest, '/', &name) ? rec_type_named(name) : NULL;
}

static int
by_type(const void *pa, const void *pb)
{
	const struct adopt_row *a = *(const struct adopt_row *const *)pa, *b = *(const struct adopt_row *const *)pb;
	const struct rec_type *ta = type_of(a), *tb = type_of(b);
	int ia = ta == NULL ? -1 : (int)ta->id, ib = tb == NULL ? -1 : (int)tb->id;

	if (ia != ib)
		return ia < ib ? -1 : 1;
	return a->row < b->row ? -1 : a->row > b->row;
}

static int
record(struct site *s, const struct adopt_by *by, const struct adopt_said *said, struct eg_err *err)
{
	static const char *const results[ADOPT_NOUTCOMES] = { "applied", "same", "waits", "refused" };
	struct decision d = { .manifest = by->manifest,
		.iid = said->row->iid,
		.content = "",
		.verdict = "adopt",
		.erp_id = said->row->erp_id,
		.transaction_date = said->row->as_of,
		.accounting_date = "",
		.description = "",
		.comment = said->row->comment,
		.approver = by->approver,
		.result = results[said->outcome],
		.code = said->code,
		.row = said->row->row,
		.at = site_now(s) };
	struct eg_arena a;
	struct item it;
	int64_t id;
	int rc;

	eg_arena_init(&a, 1 << 18);
	rc = item_find(s->store, said->row->iid, &a, &it, err);
	if (rc == EG_OK) {
		d.item = it.id;
		d.content = it.content;
	}
	if (rc >= 0)
		rc = decision_add(s->store, &d, &id, err);
	eg_arena_done(&a);
	return rc;
}

static int
tell(struct site *s, const struct adopt_by *by, const struct adopt_said *said, struct eg_err *err)
{
	struct finding f = { .run = s->run,
		.source = "approvals",
		.file = by->file,
		.line = said->row->row,
		.code = said->code,
		.severity = said->outcome == ADOPT_REFUSED ? ADP_REJECT : ADP_WARN,
		.item = said->row->iid,
		.field = "",
		.value = "",
		.message = said->message };

	return store_finding_add(s->store, &f, err);
}

/* What waits is remembered with everything that it will need. */
static int
remember(struct site *s, const struct adopt_by *by, const struct adopt_said *said, struct eg_err *err)
{
	const struct adopt_row *r = said->row;
	int64_t now = site_now(s);
	struct adoption d = { .manifest = by->manifest,
		.row = r->row,
		.file = by->file,
		.iid = r->iid,
		.erp_id = r->erp_id,
		.posted = r->posted,
		.as_of = r->as_of,
		.amount = r->amount,
		.comment = r->comment,
		.approver = by->approver,
		.assurance = by->assurance,
		.at = now,
		.expires = now + conf_int(&s->conf, "adopt.expire"),
		.state = said->outcome == ADOPT_WAITS ? "waiting" : "adopted" };
	int rc = adoption_add(s->store, &d, err);

	if (rc != EG_OK || said->outcome != ADOPT_WAITS)
		return rc;
	json_t *j = json_pack("{s:s,s:s,s:i,s:s,s:i,s:s,s:s,s:s,s:I}", "manifest", by->manifest, "approver",
	    by->approver, "row", (int)r->row, "erp_id", r->erp_id, "posted", r->posted, "as_of", r->as_of, "amount",
	    r->amount, "comment", r->comment, "expires", (json_int_t)d.expires);
	char *detail = json_dumps(j, JSON_COMPACT);
	rc = site_log(s, "adoption-waits", r->iid, detail, err);
	free(detail);
	json_decref(j);
	return rc;
}

static int
conclude(struct site *s, const struct adopt_by *by, const struct adopt_said *said, struct eg_err *err)
{
	int64_t waiting = 0;
	int rc = record(s, by, said, err);

	if (rc == EG_OK && *said->code != '\0')
		rc = tell(s, by, said, err);
	if (rc == EG_OK && said->outcome == ADOPT_WAITS)
		rc = adoption_count(s->store, "waiting", said->row->iid, &waiting, err);
	if (rc == EG_OK && (said->outcome == ADOPT_DONE || (said->outcome == ADOPT_WAITS && waiting == 0)))
		rc = remember(s, by, said, err);
	return rc;
}

int
adopt_rows(struct site *s, const struct adopt_by *by, const struct adopt_row *rows, size_t n,
    int (*told)(void *ctx, const struct adopt_said *said, struct eg_err *err), void *ctx, struct eg_err *err)
{
	const struct adopt_row **order = eg_xalloc((n + 1) * sizeof(*order));
	struct eg_arena a;
	int rc = EG_OK;

	eg_arena_init(&a, (size_t)64 << 20);
	for (size_t i = 0; i < n; i++)
		order[i] = &rows[i];
	if (n > 0)
		qsort(order, n, sizeof(*order), by_type);
	for (size_t i = 0; rc == EG_OK && i < n; i++) {
		struct adopt_said said;

		eg_arena_reset(&a);
		rc = adopt_item(s, by, order[i], &a, &said, err);
		if (rc == EG_OK)
			rc = conclude(s, by, &said, err);
		if (rc == EG_OK && told != NULL)
			rc = told(ctx, &said, err);
	}
	eg_arena_done(&a);
	free(order);
	return rc;
}
