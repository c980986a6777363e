/* SPDX-License-Identifier: MIT
 *
 * Checks of an acceptance that a setting switches on. By default none of them says anything. Tests: tests/rules/E-10, E-45, E-67, F-64.
 */
#include "gateway/workflow/accept_check.h"

#include "gateway/workflow/field_rules.h"

struct accepting {
	struct site *s;
	const struct item *it;
	accept_tell *tell;
	void *ctx;
};

static int say(const struct accepting *a, char severity, const char *code, struct eg_err *err, const char *fmt, ...)
    EG_PRINTF(5, 6);

static int
say(const struct accepting *a, char severity, const char *code, struct eg_err *err, const char *fmt, ...)
{
	struct eg_buf b = EG_BUF_INIT;
	va_list ap;
	int rc;

	va_start(ap, fmt);
	eg_buf_vprintf(&b, fmt, ap);
	va_end(ap);
	rc = a->tell(a->ctx, severity, code, eg_buf_cstr(&b), err);
	eg_buf_done(&b);
	return rc;
}

static int
say_breach(void *ctx, const struct field_breach *b, struct eg_err *err)
{
	const struct accepting *a = ctx;

	return a->tell(a->ctx, 'R', b->code, b->message, err);
}

/* ---- imports (E-10) ---- */

struct meeting { /* the project side's record under the key of the ERP's */
	const struct item *erp;
	char *iid, *title;
};

static int
meet(void *ctx, const struct item *it, struct eg_err *err)
{
	struct meeting *m = ctx;
	bool same = (it->erp_id != NULL && strcmp(it->erp_id, m->erp->number) == 0) ||
	            (it->number != NULL && strcmp(it->number, m->erp->number) == 0);

	(void)err;
	if (same && m->iid == NULL) {
		m->iid = eg_xstrdup(it->iid);
		m->title = eg_xstrdup(it->title != NULL ? it->title : "");
	}
	return EG_OK;
}

static int
say_meeting(const struct accepting *a, const struct meeting *m, struct eg_err *err)
{
	const char *title = a->it->title != NULL ? a->it->title : "";

	if (a->it->written != NULL)
		return say(a, 'W', "E-10", err,
		    "%s went to the project side before; accepting it again overwrites the record there.", a->it->iid);
	if (m->iid == NULL)
		return say(a, 'W', "E-10", err,
		    "Accepting %s (%s) makes a new record on the project side: none has the key %s. If it is there under another key, link the two instead.",
		    a->it->iid, title, a->it->number);
	if (strcasecmp(m->title, title) != 0)
		return say(a, 'W', "E-10", err,
		    "%s is called %s here and %s on the project side (%s), under the same key. If they are not the same, archive this one.",
		    a->it->iid, title, m->title, m->iid);
	return EG_OK;
}

static int
check_import(const struct accepting *a, struct eg_err *err)
{
	enum rec_id type = a->it->type->id;
	struct meeting m = { .erp = a->it };
	struct item_filter f = { .type = rec_type(type == REC_ERP_PROJECT ? REC_PROJECT : REC_VENDOR) };
	int rc;

	if (!conf_bool(&a->s->conf, "import_warnings") || a->it->number == NULL ||
	    (type != REC_ERP_VENDOR && type != REC_ERP_CUSTOMER && type != REC_ERP_PROJECT))
		return EG_OK;
	rc = item_each(a->s->store, &f, meet, &m, err);
	if (rc == EG_OK)
		rc = say_meeting(a, &m, err);
	free(m.iid);
	free(m.title);
	return rc;
}

/* ---- exports ---- */

static int
check_export(const struct accepting *a, const struct decision *d, struct eg_err *err)
{
	const char *level = conf_text(&a->s->conf, "acumatica.revenue_budget_level");

	if (a->it->type->id == REC_CCO && *d->transaction_date == '\0' &&
	    conf_bool(&a->s->conf, "cco_transaction_date_required"))
		return say(a, 'R', "E-45", err,
		    "%s needs a transaction date: this site does not date change orders by the day of the decision. Fill the column Transaction Date.",
		    a->it->iid);
	if (a->it->type->id == REC_PCCO && strcmp(a->s->erp, "acumatica") == 0 && !a->s->vision &&
	    strcmp(level, "task") != 0)
		return say(a, 'R', "E-67", err,
		    "%s needs projects whose revenue budget level is Task, and this site keeps them at %s (acumatica.revenue_budget_level). Enter the change order in Acumatica by hand, or change the level there and in the setting.",
		    a->it->iid, level);
	return EG_OK;
}

int
accept_check(struct site *s, const struct item *it, const struct decision *d, const struct rec *r, accept_tell *tell,
    void *ctx, struct eg_err *err)
{
	struct accepting a = { s, it, tell, ctx };
	int rc = check_export(&a, d, err);

	if (rc == EG_OK)
		rc = check_import(&a, err);
	return rc == EG_OK ? field_rules_run(s, RULE_EXPORT, r, it->iid, say_breach, &a, err) : rc;
}
