/* SPDX-License-Identifier: MIT
 *
 * What an item shows of its record: project, vendor, parent, number, title, amount. One table row per type; amounts
 * are added exactly, and a sum that overflows is no amount rather than a wrong one.
 */
#include "gateway/workflow/intake.h"

static const struct {
	const char *project, *vendor, *title;
	const char *parent[3]; /* fields of the parent's key */
	enum rec_id parent_type;
	const char *also; /* line amount added to the type's own: what makes an invoice gross */
} shown[REC_NTYPES] = {
	[REC_VENDOR] = { .vendor = "vendor.pm_id", .title = "vendor.name" },
	[REC_PROJECT] = { .project = "project.number", .title = "project.name" },
	[REC_SUBJOB] = { .project = "project.number", .title = "sub_job.name" },
	[REC_BUDGET] = { .project = "project.number" },
	[REC_BUDGET_CHANGE] = { .project = "project.number", .title = "budget_change.title" },
	[REC_FORECAST] = { .project = "project.number" },
	[REC_COMMITMENT] = { .project = "project.number", .vendor = "vendor.pm_id", .title = "commitment.title" },
	[REC_CCO] = { .project = "project.number",
	    .title = "change_order.title",
	    .parent = { "project.number", "commitment.number" },
	    .parent_type = REC_COMMITMENT },
	[REC_INVOICE] = { .project = "project.number",
	    .title = "invoice.description",
	    .parent = { "project.number", "commitment.number" },
	    .parent_type = REC_COMMITMENT,
	    .also = "line.materials_presently_stored" },
	[REC_PAYMENT] = { .project = "project.number",
	    .title = "payment.notes",
	    .parent = { "project.number", "commitment.number", "invoice.invoice_number" },
	    .parent_type = REC_INVOICE },
	[REC_PRIME] = { .project = "project.number", .title = "prime.title" },
	[REC_PCCO] = { .project = "project.number", .title = "pcco.title" },
	[REC_ERP_VENDOR] = { .vendor = "vendor.origin_code", .title = "vendor.name" },
	[REC_ERP_CUSTOMER] = { .vendor = "vendor.origin_code", .title = "vendor.name" },
	[REC_ERP_PROJECT] = { .project = "project.origin_code", .title = "project.name" },
	[REC_ERP_SUBJOB] = { .project = "project.origin_code", .title = "sub_job.name" },
	[REC_ERP_BUDGET] = { .project = "project.origin_code" },
	[REC_ERP_PRIME] = { .project = "project.origin_code", .title = "prime.title" },
	[REC_ERP_CODE] = { .title = "code.name" },
	[REC_ERP_JOBCOST] = { .project = "project.origin_code" },
	[REC_ERP_COST] = { .project = "project.origin_code", .vendor = "cost.vendor", .title = "cost.description" },
	[REC_ERP_PAYMENT] = { .vendor = "vendor.origin_code", .title = "payment.description" },
	[REC_OWNER_INVOICE] = { .project = "project.number" },
};

const struct late_rule *
late_rule(enum rec_id type)
{
	static const struct late_rule rules[REC_NTYPES] = {
		[REC_VENDOR] = { LATE_PLACE, NULL },
		[REC_PROJECT] = { LATE_PLACE, NULL },
		[REC_SUBJOB] = { LATE_PLACE, NULL },
		[REC_BUDGET] = { LATE_AGAIN, NULL },
		[REC_BUDGET_CHANGE] = { LATE_REFUSE, "E-46" },
		[REC_FORECAST] = { LATE_REFUSE, "E-46" },
		[REC_COMMITMENT] = { LATE_REFUSE, "E-46" },
		[REC_CCO] = { LATE_REFUSE, "E-46" },
		[REC_INVOICE] = { LATE_REFUSE, "E-63" },
		[REC_PAYMENT] = { LATE_REFUSE, "E-63" },
		[REC_PRIME] = { LATE_REFUSE, "E-46" },
		[REC_PCCO] = { LATE_REFUSE, "E-46" },
		[REC_ERP_VENDOR] = { LATE_PLACE, NULL },
		[REC_ERP_CUSTOMER] = { LATE_PLACE, NULL },
		[REC_ERP_PROJECT] = { LATE_PLACE, NULL },
		[REC_ERP_SUBJOB] = { LATE_PLACE, NULL },
		[REC_ERP_BUDGET] = { LATE_AGAIN, NULL },
		[REC_ERP_PRIME] = { LATE_AGAIN, NULL },
		[REC_ERP_CODE] = { LATE_AGAIN, NULL },
		[REC_ERP_JOBCOST] = { LATE_AGAIN, NULL },
		[REC_ERP_COST] = { LATE_AGAIN, NULL },
		[REC_ERP_PAYMENT] = { LATE_AGAIN, NULL },
		[REC_OWNER_INVOICE] = { LATE_REFUSE, "E-63" },
	};

	return &rules[type];
}

bool
only_linked(const struct site *s, enum rec_id type)
{
	if (type != REC_VENDOR && type != REC_PROJECT)
		return false;
	if (type == REC_VENDOR && (s->vision || !conf_bool(&s->conf, "vendor_exports")))
		return true;
	return strcmp(s->erp, "mri") == 0;
}

bool
not_imported(const struct site *s, enum rec_id type)
{
	return s->vision && (type == REC_ERP_PROJECT || type == REC_ERP_SUBJOB || type == REC_ERP_BUDGET);
}

/* ---- texts ---- */

const char *
head_text(struct eg_arena *a, const struct rec *r, const char *name)
{
	const struct rec_val *v = rec_head(r, name);

	return v->state == RV_VALUE ? eg_arena_cstr(a, v->text) : NULL;
}

bool
head_is(const struct rec *r, const char *name, const char *word)
{
	const struct rec_val *v = rec_head(r, name);

	return v->state == RV_VALUE && eg_bytes_is(v->text, word);
}

static void
put_part(struct eg_buf *b, const char *v)
{
	eg_buf_chr(b, '/');
	for (; *v != '\0'; v++) {
		if (*v == '/')
			eg_buf_str(b, "%2F");
		else if (*v == '%')
			eg_buf_str(b, "%25");
		else
			eg_buf_chr(b, (unsigned char)*v);
	}
}

const char *
iid_join(struct eg_arena *a, enum rec_id type, const char *const *parts, size_t n)
{
	struct eg_buf b = EG_BUF_INIT;
	const char *ret = NULL;
	size_t i = 0;

	eg_buf_str(&b, rec_type(type)->name);
	while (i < n && parts[i] != NULL)
		put_part(&b, parts[i++]);
	if (i == n)
		ret = eg_arena_cstr(a, eg_buf_view(&b));
	eg_buf_done(&b);
	return ret;
}

const char *
iid_of(struct eg_arena *a, enum rec_id type, const struct rec *r, const char *const *fields, size_t n)
{
	const char *parts[3] = { NULL, NULL, NULL };

	eg_check(n <= 3);
	for (size_t i = 0; i < n; i++)
		parts[i] = head_text(a, r, fields[i]);
	return iid_join(a, type, parts, n);
}

/* ---- amounts ---- */

static bool
add_line_field(const struct rec *r, const char *name, struct eg_dec *sum)
{
	unsigned at = rec_line_index(r->type, name);

	for (size_t i = 0; i < r->nlines; i++) {
		const struct rec_val *v = &r->lines[i * r->type->nline + at];

		if (v->state == RV_VALUE && !eg_dec_add(*sum, v->v.dec, sum))
			return false;
	}
	return true;
}

static const char *
amount_text(struct eg_arena *a, const struct rec *r, const char *also)
{
	struct eg_dec sum = { 0, 2 };
	struct eg_buf b = EG_BUF_INIT;
	const char *ret = NULL;
	bool on_line = false;
	int field;

	if (r->type->amount == NULL)
		return NULL;
	field = rec_field_named(r->type, eg_bytes_str(r->type->amount), &on_line);
	if (field >= 0 && !on_line)
		return head_text(a, r, r->type->amount);
	if (!add_line_field(r, r->type->amount, &sum) || (also != NULL && !add_line_field(r, also, &sum)))
		return NULL;
	eg_dec_print(&b, sum, 2);
	ret = eg_arena_cstr(a, eg_buf_view(&b));
	eg_buf_done(&b);
	return ret;
}

void
item_money(struct eg_arena *a, const struct rec *r, const char **ret_project, const char **ret_amount)
{
	enum rec_id type = r->type->id;

	*ret_project = shown[type].project != NULL ? head_text(a, r, shown[type].project) : NULL;
	*ret_amount = amount_text(a, r, shown[type].also);
}

bool
item_money_known(const struct rec *r)
{
	bool on_line = false;
	int field;

	if (r->type->amount == NULL)
		return true;
	field = rec_field_named(r->type, eg_bytes_str(r->type->amount), &on_line);
	if (field >= 0 && !on_line)
		return r->head[field].state == RV_VALUE;
	for (size_t i = 0; field >= 0 && i < r->nlines; i++)
		if (r->lines[i * r->type->nline + (unsigned)field].state != RV_VALUE)
			return false;
	return r->nlines > 0;
}

/* ---- the whole ---- */

int
item_vendor(struct site *s, const struct item *it, struct eg_arena *a, const char **ret, struct eg_err *err)
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

const char *
item_claims(struct eg_arena *a, const struct rec *r)
{
	static const char *const field[REC_NTYPES] = { [REC_VENDOR] = "vendor.origin_code",
		[REC_PROJECT] = "project.origin_code",
		[REC_PAYMENT] = "payment.check_number",
		[REC_ERP_PAYMENT] = "payment.check_number" };
	const char *text = field[r->type->id] == NULL ? NULL : head_text(a, r, field[r->type->id]);

	return text == NULL ? "" : text;
}

int
item_fill(struct site *s, struct eg_arena *a, const struct rec *r, struct item *it, struct eg_err *err)
{
	enum rec_id type = r->type->id;
	size_t n = 0;

	item_money(a, r, &it->project, &it->amount);
	it->vendor = shown[type].vendor != NULL ? head_text(a, r, shown[type].vendor) : NULL;
	it->title = shown[type].title != NULL ? head_text(a, r, shown[type].title) : NULL;
	it->claims = item_claims(a, r);
	it->number = head_text(a, r, r->type->key[r->type->nkey - 1]);
	while (n < 3 && shown[type].parent[n] != NULL)
		n++;
	it->parent = n > 0 ? iid_of(a, shown[type].parent_type, r, shown[type].parent, n) : NULL;
	it->seq = 0;
	if (type == REC_INVOICE && rec_head(r, "invoice.number")->state == RV_VALUE)
		it->seq = rec_head(r, "invoice.number")->v.num;
	return item_vendor(s, it, a, &it->vendor, err);
}

int
intake_finding(struct site *s, const struct place *at, uint64_t line, const char *code, char severity, const char *item,
    const char *message, struct eg_err *err)
{
	struct finding f = {
		.run = s->run,
		.drop = at->drop,
		.source = at->source,
		.file = at->file,
		.line = line,
		.code = code,
		.severity = severity,
		.item = item,
		.message = message,
	};

	return store_finding_add(s->store, &f, err);
}

static const char *
shown_name(struct eg_arena *a, const struct drop_row *d, const struct file_row *f)
{
	struct eg_buf b = EG_BUF_INIT;
	const char *ret;

	eg_buf_str(&b, d->name);
	if (f->member[0] != '\0') {
		eg_buf_chr(&b, '!');
		eg_buf_escaped(&b, eg_bytes_str(f->member));
	}
	ret = eg_arena_cstr(a, eg_buf_view(&b));
	eg_buf_done(&b);
	return ret == NULL ? d->name : ret;
}

int
intake_place(struct site *s, int64_t file, struct eg_arena *a, struct place *ret, struct eg_err *err)
{
	struct file_row f;
	struct drop_row d;
	int rc = store_file_get(s->store, file, a, &f, err);

	if (rc == EG_OK)
		rc = store_drop_get(s->store, f.drop, a, &d, err);
	if (rc == EG_EOF)
		return eg_fail(err, EG_FATAL, "DB-CORRUPT",
		    "file %lld of an item is missing; rebuild state.db with `erpgate db rebuild`", (long long)file);
	if (rc == EG_OK)
		*ret = (struct place){ d.id, d.source, shown_name(a, &d, &f), file };
	return rc;
}
