/* SPDX-License-Identifier: MIT
 *
 * Context fields: what a record needs beside itself to be written (ERP keys, the decision, the contract and the line it points at). Each context value keeps the place it came
 * from where there is one, so that lineage leads through it. Values that are not known yet stay blank: only held items have such, and those are not written.
 */
#include "gateway/workflow/intake.h"
#include "gateway/workflow/merge.h"

struct enriching {
	struct site *site;
	struct eg_arena *a;
	struct rec *r;
	struct enrich_srcs *srcs;
	struct eg_err *err;
	const char *erp_project;
	bool has_contract;
	struct rec contract;
	uint32_t contract_src;
};

/* ---- small helpers: a blank is passed on, a failure is not ---- */

static uint32_t
src_of(struct enrich_srcs *srcs, int64_t file)
{
	for (size_t i = 0; i < srcs->n; i++)
		if (srcs->file[i] == file)
			return (uint32_t)i;
	srcs->file = eg_xrealloc(srcs->file, (srcs->n + 1) * sizeof(*srcs->file));
	srcs->file[srcs->n] = file;
	return (uint32_t)srcs->n++;
}

static const char *
text_of(struct enriching *e, const struct rec_val *v)
{
	return v->state == RV_VALUE ? eg_arena_cstr(e->a, v->text) : NULL;
}

static const char *
head_of(struct enriching *e, const struct rec *r, const char *field)
{
	return text_of(e, rec_head(r, field));
}

static bool
has_field(const struct rec_type *t, const char *name, bool want_line)
{
	bool line;

	return rec_field_named(t, eg_bytes_str(name), &line) >= 0 && line == want_line;
}

static int
set_head(struct enriching *e, const char *name, const char *text, struct rec_prov at)
{
	const struct rec_type *t = e->r->type;

	if (text == NULL || *text == '\0' || !has_field(t, name, false))
		return EG_OK;
	return rec_set(e->a, &t->head[rec_head_index(t, name)], eg_bytes_str(text), at, rec_head(e->r, name), e->err);
}

static int
set_line(struct enriching *e, size_t line, const char *name, const char *text, struct rec_prov at)
{
	const struct rec_type *t = e->r->type;

	if (text == NULL || *text == '\0' || !has_field(t, name, true))
		return EG_OK;
	return rec_set(
	    e->a, &t->line[rec_line_index(t, name)], eg_bytes_str(text), at, rec_line(e->r, line, name), e->err);
}

/* Copies a value of another record, place included. */
static int
copy_line(struct enriching *e, size_t line, const char *name, const struct rec_val *from, uint32_t src)
{
	struct rec_prov at = from->prov;

	at.src = src;
	return from->state != RV_VALUE ? EG_OK : set_line(e, line, name, text_of(e, from), at);
}

static int
copy_head(struct enriching *e, const char *name, const struct rec_val *from, uint32_t src)
{
	struct rec_prov at = from->prov;

	at.src = src;
	return from->state != RV_VALUE ? EG_OK : set_head(e, name, text_of(e, from), at);
}

/* The item under these key parts; a blank part finds none. */
static int
find(struct enriching *e, enum rec_id type, const char *const *parts, size_t n, struct item *ret)
{
	for (size_t i = 0; i < n; i++)
		if (parts[i] == NULL || *parts[i] == '\0')
			return EG_EOF;
	const char *iid = iid_join(e->a, type, parts, n);
	return iid != NULL ? item_find(e->site->store, iid, e->a, ret, e->err) :
	                     eg_fail(e->err, EG_BADFILE, "LIMIT-MEM", "an item is too large for memory");
}

/* The place of an ERP key: the cell of the company's or project's own record when it stood there. */
static int
key_place(struct enriching *e, const struct item *it, const char *field, struct rec_prov *ret)
{
	struct rec r;
	int rc = item_record(e->site->store, it->rev, e->a, &r, e->err);

	if (rc < 0)
		return rc;
	const struct rec_val *v = rec_head(&r, field);
	*ret = (struct rec_prov){ 0 };
	if (v->state == RV_VALUE && it->erp_id != NULL && eg_bytes_is(v->text, it->erp_id)) {
		*ret = v->prov;
		ret->src = src_of(e->srcs, it->file);
	}
	return EG_OK;
}

/* ---- keys ---- */

static int
vendor_key(struct enriching *e, const char *pm_id)
{
	struct item it;
	struct rec_prov at = { 0 };
	int rc = pm_id == NULL ? EG_EOF : find(e, REC_VENDOR, &pm_id, 1, &it);

	if (rc == EG_OK)
		rc = merge_item(e->site, &it, e->a, &it, e->err);
	if (rc != EG_OK || it.erp_id == NULL)
		return rc < 0 ? rc : EG_OK;
	rc = key_place(e, &it, "vendor.origin_code", &at);
	return rc == EG_OK ? set_head(e, "erp.vendor", it.erp_id, at) : rc;
}

/* The company that the job was imported from or exported to; the job's list says it, else the project's own record. */
static int
job_company(struct enriching *e, const char *number)
{
	static const enum rec_id types[] = { REC_ERP_PROJECT, REC_PROJECT };
	const char *keys[] = { e->erp_project, number };
	struct item it;
	struct rec r;
	int rc = EG_EOF;

	for (size_t i = 0; i < 2; i++) {
		rc = find(e, types[i], &keys[i], 1, &it);
		if (rc == EG_OK)
			rc = item_record(e->site->store, it.rev, e->a, &r, e->err);
		if (rc < 0)
			return rc;
		if (rc == EG_OK && rec_head(&r, "project.erp_company")->state == RV_VALUE)
			return copy_head(
			    e, "erp.company", rec_head(&r, "project.erp_company"), src_of(e->srcs, it.file));
	}
	return EG_OK;
}

/* What a site sets for one project. */
static int
project_settings(struct enriching *e, const char *number)
{
	const struct conf *c = &e->site->conf;
	const char *company = conf_project(c, number, "company"), *as = conf_project(c, number, "pcco_as");
	int rc = set_head(e, "erp.pcco_as", as, (struct rec_prov){ 0 });

	if (rc == EG_OK && *company != '\0')
		return set_head(e, "erp.company", company, (struct rec_prov){ 0 });
	return rc == EG_OK && conf_bool(c, "cmic.multi_company") ? job_company(e, number) : rc;
}

/* A project that was exported or linked has an ERP key; one that came from the ERP has its job code as number. */
static int
project_key(struct enriching *e)
{
	const char *number = has_field(e->r->type, "project.number", false) ? head_of(e, e->r, "project.number") : NULL;
	struct rec_prov at = { 0 };
	struct item it;
	int rc;

	if (number == NULL || !has_field(e->r->type, "erp.project", false))
		return EG_OK;
	rc = find(e, REC_PROJECT, &number, 1, &it);
	if (rc == EG_OK && it.erp_id != NULL) {
		e->erp_project = it.erp_id;
		rc = key_place(e, &it, "project.origin_code", &at);
	} else if (rc >= 0) {
		rc = find(e, REC_ERP_PROJECT, &number, 1, &it);
		e->erp_project = rc == EG_OK && it.state == ST_SYNCED ? number : NULL;
	}
	if (rc < 0)
		return rc;
	rc = set_head(e, "erp.project", e->erp_project, at);
	return rc == EG_OK ? project_settings(e, number) : rc;
}

static int
sub_job_key(struct enriching *e, size_t line, const char *sub_job)
{
	const char *number = head_of(e, e->r, "project.number");
	const char *parts[2] = { number, sub_job };
	struct item it;
	int rc;

	if (sub_job == NULL || *sub_job == '\0')
		return EG_OK;
	rc = find(e, REC_SUBJOB, parts, 2, &it);
	if (rc == EG_OK && it.erp_id != NULL)
		return set_line(e, line, "erp.sub_job", it.erp_id, (struct rec_prov){ 0 });
	if (rc < 0 || e->erp_project == NULL)
		return rc < 0 ? rc : EG_OK;
	parts[0] = e->erp_project;
	rc = find(e, REC_ERP_SUBJOB, parts, 2, &it);
	return rc == EG_OK ? set_line(e, line, "erp.sub_job", sub_job, (struct rec_prov){ 0 }) : rc < 0 ? rc : EG_OK;
}

/* ---- contracts and the lines of them ---- */

/* The ERP has a contract under the vendor it was sent with: what belongs to it names that one, even when its company was merged since. */
static int
contract_vendor(struct enriching *e, const struct item *contract)
{
	const char *kept = NULL;
	int rc = contract_key_get(e->site->store, contract->id, e->a, &kept, e->err);

	if (rc < 0)
		return rc;
	return rc == EG_OK ? set_head(e, "erp.vendor", kept, (struct rec_prov){ 0 }) :
	                     vendor_key(e, head_of(e, &e->contract, "vendor.pm_id"));
}

static int
contract_fields(struct enriching *e)
{
	static const char *const same[][2] = { { "contract.number", "commitment.number" },
		{ "contract.vendor_pm_id", "vendor.pm_id" }, { "contract.type", "commitment.type" },
		{ "contract.title", "commitment.title" },
		{ "contract.retainage_percent", "commitment.retainage_percent" } };
	const char *parts[2] = { head_of(e, e->r, "project.number"), head_of(e, e->r, "commitment.number") };
	struct item it;
	int rc = find(e, REC_COMMITMENT, parts, 2, &it);

	if (rc != EG_OK)
		return rc < 0 ? rc : EG_OK;
	rc = item_record(e->site->store, it.rev, e->a, &e->contract, e->err);
	if (rc < 0)
		return rc;
	e->has_contract = true;
	e->contract_src = src_of(e->srcs, it.file);
	rc = set_head(e, "erp.commitment", it.erp_id, (struct rec_prov){ 0 });
	for (size_t i = 0; rc == EG_OK && i < sizeof(same) / sizeof(same[0]); i++)
		rc = copy_head(e, same[i][0], rec_head(&e->contract, same[i][1]), e->contract_src);
	return rc == EG_OK ? contract_vendor(e, &it) : rc;
}

/* The line at a position, or SIZE_MAX. */
static size_t
line_at(const struct rec *r, const struct rec_val *position)
{
	for (size_t i = 0; position->state == RV_VALUE && i < r->nlines; i++) {
		const struct rec_val *v = rec_line(r, i, "line.position");
		if (v->state == RV_VALUE && v->v.num == position->v.num)
			return i;
	}
	return SIZE_MAX;
}

/* target.* of a line from line `from` of another record; `over` fills what that one leaves blank. */
static int
target_fields(struct enriching *e, size_t line, const struct rec *r, size_t from, uint32_t src, const struct rec *over,
    size_t over_from, uint32_t over_src)
{
	static const char *const same[][2] = { { "target.cost_code", "line.cost_code" },
		{ "target.cost_type", "line.cost_type" }, { "target.sub_job", "line.sub_job" },
		{ "target.description", "line.description" } };
	int rc = copy_line(e, line, "target.position", rec_line(r, from, "line.position"), src);

	for (size_t i = 0; rc == EG_OK && i < sizeof(same) / sizeof(same[0]); i++) {
		const struct rec_val *v = rec_line(r, from, same[i][1]);
		bool blank = v->state != RV_VALUE && over != NULL;
		rc = copy_line(
		    e, line, same[i][0], blank ? rec_line(over, over_from, same[i][1]) : v, blank ? over_src : src);
	}
	return rc == EG_OK ? sub_job_key(e, line, text_of(e, rec_line(e->r, line, "target.sub_job"))) : rc;
}

static int
cco_line(struct enriching *e, size_t line)
{
	size_t at = e->has_contract ? line_at(&e->contract, rec_line(e->r, line, "line.commitment_line")) : SIZE_MAX;

	if (at != SIZE_MAX)
		return target_fields(e, line, &e->contract, at, e->contract_src, NULL, 0, 0);
	return sub_job_key(e, line, text_of(e, rec_line(e->r, line, "line.sub_job")));
}

/* An invoice line on a change order: its target is the change order's line, which may itself stand on a contract line. */
static int
invoice_cco_line(struct enriching *e, size_t line)
{
	const char *parts[3] = { head_of(e, e->r, "project.number"), head_of(e, e->r, "commitment.number"),
		text_of(e, rec_line(e->r, line, "line.change_order")) };
	struct item it;
	struct rec cco;
	int rc = find(e, REC_CCO, parts, 3, &it);

	if (rc != EG_OK)
		return rc < 0 ? rc : EG_OK;
	rc = item_record(e->site->store, it.rev, e->a, &cco, e->err);
	size_t at = rc == EG_OK ? line_at(&cco, rec_line(e->r, line, "line.change_order_line")) : SIZE_MAX;
	if (rc == EG_OK)
		rc = set_line(e, line, "erp.cco", it.erp_id, (struct rec_prov){ 0 });
	if (rc < 0 || at == SIZE_MAX)
		return rc;
	uint32_t src = src_of(e->srcs, it.file);
	const struct rec_val *own = rec_line(&cco, at, "line.commitment_line");
	size_t base = e->has_contract ? line_at(&e->contract, own) : SIZE_MAX;
	rc = copy_line(e, line, "target.contract_line", own, src);
	if (rc < 0)
		return rc;
	return target_fields(e, line, &cco, at, src, base == SIZE_MAX ? NULL : &e->contract, base, e->contract_src);
}

static int
invoice_line(struct enriching *e, size_t line)
{
	const struct rec_val *kind = rec_line(e->r, line, "line.kind");
	size_t at;

	if (kind->state == RV_VALUE && eg_bytes_is(kind->text, "change_order"))
		return invoice_cco_line(e, line);
	at = e->has_contract ? line_at(&e->contract, rec_line(e->r, line, "line.commitment_line")) : SIZE_MAX;
	return at == SIZE_MAX ? EG_OK : target_fields(e, line, &e->contract, at, e->contract_src, NULL, 0, 0);
}

static int
plain_line(struct enriching *e, size_t line)
{
	return sub_job_key(e, line, text_of(e, rec_line(e->r, line, "line.sub_job")));
}

/* ---- from the ERP: the project side's names ---- */

static int
link_project(struct enriching *e)
{
	const char *code =
	    has_field(e->r->type, "project.origin_code", false) ? head_of(e, e->r, "project.origin_code") : NULL;
	struct item_filter linked = { .type = rec_type(REC_PROJECT), .erp_id = code };
	struct item_filter *f = &linked;
	struct item it;
	int rc;

	if (code == NULL || !has_field(e->r->type, "link.project_number", false))
		return EG_OK;
	rc = item_first(e->site->store, f, e->a, &it, e->err);
	if (rc < 0)
		return rc;
	return set_head(e, "link.project_number", rc == EG_OK ? it.number : code, (struct rec_prov){ 0 });
}

/* The invoice that was sent under the first len bytes of this number, under any name that its vendor ever had. */
static int
paid_invoice(struct enriching *e, const char *vendor, const char *number, size_t len, struct item *ret)
{
	const char **names = NULL;
	size_t n = 0;
	int rc = merge_names(e->site, REC_ERP_VENDOR, vendor, e->a, &names, &n, e->err);

	if (rc == EG_OK)
		rc = EG_EOF;
	for (size_t i = 0; rc == EG_EOF && i < n; i++) {
		char *key = eg_xprintf("%s|%.*s", names[i], (int)len, number);
		struct item_filter sent = { .type = rec_type(REC_INVOICE), .sent_key = key };
		rc = item_first(e->site->store, &sent, e->a, ret, e->err);
		free(key);
	}
	return rc;
}

static int
link_payment(struct enriching *e)
{
	const char *vendor = head_of(e, e->r, "vendor.origin_code"),
		   *number = head_of(e, e->r, "invoice.invoice_number");
	size_t len = number == NULL ? 0 : strlen(number);
	struct item it;
	struct rec inv;

	if (vendor == NULL || number == NULL)
		return EG_OK;
	int rc = paid_invoice(e, vendor, number, len, &it);
	/* CMiC pays released retainage under the number with an R behind it; the rule that let the payment pass knows it, too */
	if (rc == EG_EOF && strcmp(e->site->erp, "cmic") == 0 && len > 1 && number[len - 1] == 'R')
		rc = paid_invoice(e, vendor, number, len - 1, &it);
	if (rc == EG_OK)
		rc = item_record(e->site->store, it.rev, e->a, &inv, e->err);
	if (rc != EG_OK)
		return rc < 0 ? rc : EG_OK;
	rc = set_head(e, "link.project_number", head_of(e, &inv, "project.number"), (struct rec_prov){ 0 });
	if (rc == EG_OK)
		rc = set_head(
		    e, "link.commitment_number", head_of(e, &inv, "commitment.number"), (struct rec_prov){ 0 });
	if (rc == EG_OK)
		rc = set_head(
		    e, "link.invoice_number", head_of(e, &inv, "invoice.invoice_number"), (struct rec_prov){ 0 });
	return rc == EG_OK ? set_head(e, "link.vendor_pm_id", it.vendor, (struct rec_prov){ 0 }) : rc;
}

static int
link_cost_vendor(struct enriching *e)
{
	const char *code = head_of(e, e->r, "cost.vendor"), *type = head_of(e, e->r, "cost.type");
	struct item_filter linked = { .type = rec_type(REC_VENDOR) };
	struct item it;
	int rc;

	if (code == NULL || type == NULL ||
	    (strcmp(type, "invoice") != 0 && strcmp(type, "subcontractor_invoice") != 0))
		return EG_OK;
	rc = merge_key(e->site, REC_ERP_VENDOR, code, e->a, &code, e->err);
	linked.erp_id = code;
	if (rc == EG_OK)
		rc = item_first(e->site->store, &linked, e->a, &it, e->err);
	if (rc == EG_EOF)
		rc = find(e, REC_ERP_VENDOR, &code, 1, &it);
	if (rc == EG_OK)
		rc = merge_item(e->site, &it, e->a, &it, e->err);
	return rc == EG_OK ? set_head(e, "link.vendor_name", it.title, (struct rec_prov){ 0 }) : rc < 0 ? rc : EG_OK;
}

/* The name of the code of a job budget's line, when the code is known. */
static int
code_name(struct enriching *e, size_t line)
{
	const char *code = text_of(e, rec_line(e->r, line, "line.cost_code")),
		   *type = text_of(e, rec_line(e->r, line, "line.cost_type"));
	char *pair = eg_xprintf("%s.%s", code == NULL ? "" : code, type == NULL ? "" : type);
	const char *part = pair;
	struct item it;
	int rc = find(e, REC_ERP_CODE, &part, 1, &it);

	free(pair);
	if (rc != EG_OK)
		return rc < 0 ? rc : EG_OK;
	return set_line(e, line, "target.code_name", it.title, (struct rec_prov){ 0 });
}

/* Acumatica's pairs take name and activity from the row of the code, which stands in another file. */
static int
code_places(struct enriching *e)
{
	static const char *const fields[] = { "code.name", "code.active" };
	const char *parts[2] = { head_of(e, e->r, "code.cost_code"), "" };
	const char *iid = rec_head(e->r, "code.name")->prov.line == 0 ? iid_join(e->a, REC_COST_CODE, parts, 2) : NULL;
	struct rec code;
	int64_t file = 0;

	if (iid == NULL)
		return EG_OK;
	int rc =
	    ref_get(e->site->store, rec_type(REC_COST_CODE), iid + strlen("cost-code/"), e->a, &code, &file, e->err);
	for (size_t i = 0; rc == EG_OK && i < 2; i++) {
		const struct rec_val *from = rec_head(&code, fields[i]);
		if (eg_bytes_eq(from->text, rec_head(e->r, fields[i])->text))
			rc = copy_head(e, fields[i], from, src_of(e->srcs, file));
	}
	return rc < 0 ? rc : EG_OK;
}

/* ---- the decision ---- */

static int
decision_fields(struct enriching *e, const struct item *it, const struct decision *d)
{
	struct eg_buf day = EG_BUF_INIT;
	struct rec_prov none = { 0 };
	const char *date = d->transaction_date;
	int rc;

	eg_date_print(&day, eg_tz_date(e->site->zone, d->at), EG_LIT("YYYY-MM-DD"));
	if (*date == '\0' && it->type->id != REC_PCCO && it->type->id != REC_OWNER_INVOICE)
		date = eg_buf_cstr(
		    &day); /* a prime contract change order must be given one (E-66), an owner invoice has its own */
	rc = set_head(e, "decision.erp_id", d->erp_id, none);
	if (rc == EG_OK)
		rc = set_head(e, "decision.description", d->description, none);
	if (rc == EG_OK && it->type->id == REC_PAYMENT) /* typed after the ERP refused the first number */
		rc = set_head(e, "payment.check_number", d->erp_id, none);
	if (rc == EG_OK)
		rc = set_head(e, "decision.comment", d->comment, none);
	if (rc == EG_OK)
		rc = set_head(e, "decision.transaction_date", date, none);
	if (rc == EG_OK)
		rc = set_head(e, "decision.accounting_date", d->accounting_date, none);
	if (rc == EG_OK)
		rc = set_head(e, "decision.date", eg_buf_cstr(&day), none);
	eg_buf_done(&day);
	return rc;
}

/* What each record type needs beside project and decision; absent = nothing. */
static const struct {
	int (*head)(struct enriching *e);
	int (*line)(struct enriching *e, size_t line);
	bool vendor; /* names its vendor itself */
} needs[REC_NTYPES] = {
	[REC_BUDGET] = { .line = plain_line },
	[REC_BUDGET_CHANGE] = { .line = plain_line },
	[REC_FORECAST] = { .line = plain_line },
	[REC_COMMITMENT] = { .line = plain_line, .vendor = true },
	[REC_CCO] = { .head = contract_fields, .line = cco_line },
	[REC_INVOICE] = { .head = contract_fields, .line = invoice_line },
	[REC_PAYMENT] = { .head = contract_fields },
	[REC_PCCO] = { .line = plain_line },
	[REC_OWNER_INVOICE] = { .line = plain_line },
	[REC_ERP_CODE] = { .head = code_places },
	[REC_ERP_BUDGET] = { .line = code_name },
	[REC_ERP_COST] = { .head = link_cost_vendor },
	[REC_ERP_PAYMENT] = { .head = link_payment },
};

static int
payment_invoice(struct enriching *e)
{
	const char *parts[3] = { head_of(e, e->r, "project.number"), head_of(e, e->r, "commitment.number"),
		head_of(e, e->r, "invoice.invoice_number") };
	struct item it;
	int rc = find(e, REC_INVOICE, parts, 3, &it);

	return rc == EG_OK ? set_head(e, "erp.invoice", it.erp_id, (struct rec_prov){ 0 }) : rc < 0 ? rc : EG_OK;
}

int
enrich(struct site *s, const struct item *it, const struct decision *d, struct eg_arena *a, struct rec *r,
    struct enrich_srcs *srcs, struct eg_err *err)
{
	struct enriching e = { .site = s, .a = a, .r = r, .srcs = srcs, .err = err };
	enum rec_id id = r->type->id;
	int rc;

	(void)src_of(srcs, it->file);
	rc = d != NULL ? decision_fields(&e, it, d) : EG_OK;
	if (rc == EG_OK)
		rc = project_key(&e);
	if (rc == EG_OK)
		rc = link_project(&e);
	if (rc == EG_OK && needs[id].vendor)
		rc = vendor_key(&e, head_of(&e, r, "vendor.pm_id"));
	if (rc == EG_OK && needs[id].head != NULL)
		rc = needs[id].head(&e);
	if (rc == EG_OK && id == REC_PAYMENT)
		rc = payment_invoice(&e);
	for (size_t i = 0; rc == EG_OK && needs[id].line != NULL && i < r->nlines; i++)
		rc = needs[id].line(&e, i);
	return rc;
}
