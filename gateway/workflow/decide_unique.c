/* SPDX-License-Identifier: MIT
 *
 * Numbers and links that only one item may have. A number counts as used from its acceptance on, before any answer; the ERP's own records count through its lists.
 * Whoever may hold a number is found by indexes (item_each_holding) and then looked at closely, so a night's thousand acceptances cost a thousand looks. Tests: tests/unit/test_decide.c.
 */
#include "adapters/damage.h"
#include "gateway/near.h"
#include "gateway/workflow/intake.h"
#include "gateway/workflow/merge.h"
#include "gateway/workflow/unique.h"

static bool
folds(const struct site *s)
{
	return strcmp(s->erp, "mri") != 0; /* CMiC and Acumatica write codes in capitals */
}

static bool
same_number(const struct site *s, const char *a, const char *b)
{
	return a != NULL && b != NULL && (folds(s) ? strcasecmp(a, b) == 0 : strcmp(a, b) == 0);
}

struct taken {
	struct site *site;
	const struct item *self;
	const char *number;
	const char *project, *vendor; /* only items of these; NULL = any */
	bool check; /* the number is a payment's check number */
	char *by;
};

static int
lost(const struct item *it, struct eg_err *err)
{
	return eg_fail(err, EG_FATAL, "DB-CORRUPT", "what %s was accepted with is not there any more", it->iid);
}

/* A payment's check number as its record has it; NULL = blank. */
static int
check_number(struct site *s, const struct item *it, struct eg_arena *a, const char **ret, struct eg_err *err)
{
	struct rec r;
	int rc = item_record(s->store, it->rev, a, &r, err);

	if (rc != EG_OK)
		return rc < 0 ? rc : lost(it, err);
	*ret = head_text(a, &r, "payment.check_number");
	return EG_OK;
}

/* The ERP key that a company's or project's own record names (another's claim to it, also while the ERP's list has not come); NULL = none. */
static int
claimed(struct site *s, const struct item *it, struct eg_arena *a, const char **ret, struct eg_err *err)
{
	const char *field = it->type->id == REC_VENDOR ? "vendor.origin_code" : "project.origin_code";
	struct rec r;
	int rc;

	if ((it->type->id != REC_VENDOR && it->type->id != REC_PROJECT) || it->state == ST_REJECTED)
		return EG_OK;
	rc = item_record(s->store, it->rev, a, &r, err);
	if (rc != EG_OK)
		return rc < 0 ? rc : lost(it, err);
	*ret = head_text(a, &r, field);
	return EG_OK;
}

/* The number an item has taken with its acceptance (an ERP that numbers itself still has it as reference), or for payments the check number: that of its record, or the one typed after a failure. */
static int
number_of(const struct taken *t, const struct item *it, struct eg_arena *a, const char **ret, struct eg_err *err)
{
	struct decision dec;

	*ret = NULL;
	if (t->check && it->type->cls == RC_AUTOMATIC)
		return check_number(t->site, it, a, ret, err);
	if (it->accepted == 0)
		return claimed(t->site, it, a, ret, err);
	int rc = decision_get(t->site->store, it->accepted, a, &dec, err);
	if (rc != EG_OK)
		return rc < 0 ? rc : lost(it, err);
	if (t->check && *dec.erp_id == '\0')
		return check_number(t->site, it, a, ret, err);
	*ret = *dec.erp_id != '\0' ? dec.erp_id : it->number;
	return EG_OK;
}

/* The company an item is about, as one company after merges; NULL = none. */
static int
merged_vendor(struct site *s, const struct item *it, struct eg_arena *a, const char **ret, struct eg_err *err)
{
	int rc = item_vendor(s, it, a, ret, err);

	return rc == EG_OK && *ret != NULL ? merge_key(s, REC_VENDOR, *ret, a, ret, err) : rc;
}

/* Of a database that is older than the column: from now on the index knows it. */
static int
learn_claims(struct site *s, const struct item *it, struct eg_arena *a, struct eg_err *err)
{
	struct rec r;
	int rc = it->claims != NULL ? EG_OK : item_record(s->store, it->rev, a, &r, err);

	if (rc != EG_OK)
		return rc < 0 ? rc : lost(it, err);
	return it->claims != NULL ? EG_OK : item_claims_set(s->store, it->id, item_claims(a, &r), err);
}

static bool
in_project(const struct item *it, const char *project)
{
	return it->project != NULL && strcmp(it->project, project) == 0;
}

static int
taken_each(void *ctx, const struct item *it, struct eg_err *err)
{
	struct taken *t = ctx;
	const char *number = NULL, *vendor = NULL;
	struct eg_arena a;
	int rc;

	if (it->id == t->self->id || t->by != NULL || (t->project != NULL && !in_project(it, t->project)))
		return EG_OK;
	eg_arena_init(&a, (size_t)1 << 26);
	rc = learn_claims(t->site, it, &a, err);
	if (rc == EG_OK)
		rc = number_of(t, it, &a, &number, err);
	bool same =
	    same_number(t->site, number, t->number) || (!t->check && same_number(t->site, it->erp_id, t->number));
	if (rc == EG_OK && same && t->vendor != NULL)
		rc = merged_vendor(t->site, it, &a, &vendor, err);
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
	enum rec_id list; /* the ERP's own records with that key: these, or the type itself = none */
	const char *what;
} unique_rules[] = {
	{ REC_VENDOR, "E-03", false, false, REC_ERP_VENDOR, "vendor ID" },
	{ REC_PROJECT, "E-13", false, false, REC_ERP_PROJECT, "job ID" },
	{ REC_COMMITMENT, "E-35", true, false, REC_COMMITMENT, "commitment number" },
	{ REC_INVOICE, "E-50", false, true, REC_INVOICE, "invoice number" },
	{ REC_OWNER_INVOICE, "E-69", true, false, REC_OWNER_INVOICE, "receivable number" },
	{ REC_PAYMENT, "E-61", false, false, REC_PAYMENT, "check number" },
};

static const struct unique_rule *
rule_of(enum rec_id type)
{
	for (size_t i = 0; i < sizeof(unique_rules) / sizeof(unique_rules[0]); i++)
		if (unique_rules[i].type == type)
			return &unique_rules[i];
	return NULL;
}

/* The item id of the ERP's own record under this key. */
static int
erp_iid(enum rec_id list, const char *key, struct eg_arena *a, const char **ret, struct eg_err *err)
{
	*ret = iid_join(a, list, &key, 1);
	return *ret != NULL ? EG_OK : eg_fail(err, EG_RETRY, "LIMIT-MEM", "the sheet is too large for memory");
}

/* Is the key in the ERP's list, as the ERP would write it? */
static int
listed(const struct taken *t, enum rec_id list, struct eg_arena *a, char **ret_by, struct eg_err *err)
{
	char *key = eg_xstrdup(t->number);
	const char *iid = NULL;
	struct item it;
	int rc;

	for (char *p = key; folds(t->site) && *p != '\0'; p++)
		if (*p >= 'a' && *p <= 'z')
			*p = (char)(*p - 32);
	rc = erp_iid(list, key, a, &iid, err);
	free(key);
	if (rc == EG_OK)
		rc = item_find(t->site->store, iid, a, &it, err);
	if (rc == EG_OK)
		*ret_by = eg_xstrdup(iid);
	return rc < 0 ? rc : EG_OK;
}

/* Fills t->by with who has the number. */
static int
look(const struct unique_rule *u, struct taken *t, struct eg_arena *a, struct eg_err *err)
{
	struct site *s = t->site;
	const struct rec_type *type = t->self->type;
	const bool claims = type->id == REC_VENDOR || type->id == REC_PROJECT || t->check;
	int rc = u->by_vendor ? merged_vendor(s, t->self, a, &t->vendor, err) : EG_OK;

	if (rc == EG_OK && u->list != u->type)
		rc = listed(t, u->list, a, &t->by, err);
	t->project = u->by_project ? t->self->project : NULL;
	if (rc == EG_OK && t->by == NULL)
		rc = item_each_holding(s->store, type, t->number, claims, taken_each, t, err);
	if (rc == EG_OK && t->by == NULL && t->check)
		rc = item_each_holding(s->store, rec_type(REC_ERP_PAYMENT), t->number, true, taken_each, t, err);
	return rc;
}

/* A key that was typed into a sheet and came back damaged: the ERP would get another vendor or job than the approver meant. */
static int
undamaged(struct site *s, const struct unique_rule *u, const char *erp_id, struct eg_err *err)
{
	const struct damage d = damage_of(DAMAGE_IN_CODE, eg_bytes_str(erp_id), NULL, 0);
	struct near *n;
	struct eg_buf why = EG_BUF_INIT;
	char *zeros = NULL;
	int rc = EG_OK;

	if (u->list == u->type || *erp_id == '\0')
		return EG_OK;
	n = near_open(s);
	rc = near_zeros(n, u->list == REC_ERP_VENDOR ? NEAR_ERP_VENDORS : NEAR_ERP_JOBS, erp_id, &zeros, err);
	damage_sentence(&d, &why);
	if (rc == EG_OK && zeros != NULL)
		rc = eg_fail(err, EG_BADREC, u->code,
		    "The %s %s is not taken: the accounting system has %s, so a spreadsheet has probably taken leading zeros away. Format the column ERP ID as Text and type it again; decide Link if that one is meant.",
		    u->what, erp_id, zeros);
	else if (rc == EG_OK && (d.kind == DAMAGE_HASHES || d.kind == DAMAGE_ERROR || d.kind == DAMAGE_SCIENTIFIC ||
				    d.kind == DAMAGE_TO_DATE || d.kind == DAMAGE_POINT_ZERO))
		rc = eg_fail(err, EG_BADREC, u->code,
		    "The %s %s is not taken.%s Format the column ERP ID as Text and type it again.", u->what, erp_id,
		    eg_buf_cstr(&why));
	free(zeros);
	eg_buf_done(&why);
	near_close(n);
	return rc;
}

int
unique_check(struct site *s, const struct item *it, const char *erp_id, struct eg_arena *a, struct eg_err *err)
{
	const struct unique_rule *u = rule_of(it->type->id);
	struct taken t = { .site = s, .self = it, .number = *erp_id != '\0' ? erp_id : it->number };
	int rc = EG_OK;

	if (u == NULL || (u->type == REC_COMMITMENT && conf_bool(&s->conf, "commitment_duplicates")))
		return EG_OK;
	t.check = u->type == REC_PAYMENT;
	if (t.check && *erp_id == '\0')
		rc = check_number(s, it, a, &t.number, err);
	if (rc < 0 || t.number == NULL || *t.number == '\0')
		return rc;
	rc = look(u, &t, a, err);
	if (rc == EG_OK && t.by != NULL)
		rc = eg_fail(err, EG_BADREC, u->code, "The %s %s is already used by %s. %s%s.", u->what, t.number, t.by,
		    t.check ? "Correct it on the project side, or after a failure type another in the ERP ID column" :
			      "Type another in the ERP ID column",
		    u->list != u->type ? ", or decide Link if both are the same" : "");
	free(t.by);
	return rc == EG_OK ? undamaged(s, u, erp_id, err) : rc;
}

/* ---- links ---- */

static int
not_merged(struct site *s, const char *iid, struct eg_arena *a, struct eg_err *err)
{
	struct merge m;
	int rc = merge_get(s->store, iid, a, &m, err);

	if (rc == EG_OK)
		return eg_fail(err, EG_BADREC, "E-08",
		    "%s was merged into %s. Link to that one, or undo the merge: erpgate link unmerge %s", iid, m.kept,
		    iid);
	return rc < 0 ? rc : EG_OK;
}

static int
not_listed(struct site *s, bool vendor, const char *erp_id, struct eg_err *err)
{
	struct near *n = near_open(s);
	struct eg_buf b = EG_BUF_INIT;
	int rc = near_sentence(n, vendor ? NEAR_ERP_VENDORS : NEAR_ERP_JOBS, erp_id, &b, err);

	if (rc == EG_OK)
		rc = eg_fail(err, EG_BADREC, "F-33",
		    "The ERP's list has no %s \"%s\". Check the ERP ID, or wait for a newer list from the ERP.%s",
		    vendor ? "vendor" : "job", erp_id, eg_buf_cstr(&b));
	eg_buf_done(&b);
	near_close(n);
	return rc;
}

int
unique_link(struct site *s, const struct item *it, const char *erp_id, struct eg_arena *a, struct eg_err *err)
{
	bool vendor = it->type->id == REC_VENDOR;
	struct taken t = { .site = s, .self = it, .number = erp_id };
	const char *iid = NULL;
	struct item erp;

	if (*erp_id == '\0')
		return eg_fail(err, EG_BADREC, "F-33", "Linking %s needs the ERP's key of the %s; the ERP ID is blank.",
		    it->iid, vendor ? "vendor" : "job");
	int rc = erp_iid(vendor ? REC_ERP_VENDOR : REC_ERP_PROJECT, erp_id, a, &iid, err);
	if (rc == EG_OK)
		rc = item_find(s->store, iid, a, &erp, err);
	if (rc == EG_EOF)
		return not_listed(s, vendor, erp_id, err);
	if (rc == EG_OK)
		rc = not_merged(s, iid, a, err);
	if (rc == EG_OK && erp.state == ST_ARCHIVED)
		return eg_fail(
		    err, EG_BADREC, "E-08", "%s is archived. Bring it back first: erpgate unarchive %s", iid, iid);
	if (rc == EG_OK)
		rc = item_each_holding(s->store, it->type, erp_id, true, taken_each, &t, err);
	if (rc == EG_OK && t.by != NULL)
		rc = eg_fail(err, EG_BADREC, "E-08", "%s is already linked to %s. Unlink that first: erpgate unlink %s",
		    iid, t.by, t.by);
	free(t.by);
	return rc;
}
