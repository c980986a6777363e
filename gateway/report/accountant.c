/* SPDX-License-Identifier: MIT
 *
 * report accountant: who may decide what, since when, when he last did, and what waits for him now.
 */
#include "gateway/report/deciders.h"
#include "gateway/report/reports.h"
#include "gateway/store/store_report.h"

static const struct report_col cols[] = {
	{ "user", "USER", RK_TEXT, 0 },
	{ "full_name", "NAME", RK_TEXT, 0 },
	{ "mail", "MAIL", RK_TEXT, RP_DETAIL },
	{ "role", "ROLE", RK_TEXT, 0 },
	{ "can_export", "MAY EXPORT", RK_TEXT, 0 },
	{ "can_import", "MAY IMPORT", RK_TEXT, 0 },
	{ "limit", "LIMIT", RK_AMOUNT, 0 },
	{ "since", "SINCE", RK_TIME, 0 },
	{ "changed", "CHANGED", RK_TIME, RP_DETAIL },
	{ "last_decision", "LAST DECISION", RK_TIME, 0 },
	{ "last_item", "LAST ITEM", RK_TEXT, RP_DETAIL },
	{ "waiting", "WAITING", RK_INT, 0 },
	{ "waiting_amount", "MONEY WAITING", RK_AMOUNT, 0 },
	{ "key", "KEY", RK_TEXT, 0 },
	{ "account", "ACCOUNT", RK_TEXT, 0 },
	{ "active", "ACTIVE", RK_TEXT, 0 },
};

struct people {
	struct deciders d;
	struct site *site;
	int64_t nobody;
	struct eg_dec nobody_amount;
};

/* ---- what waits ---- */

static int
count_waiting(void *ctx, const struct item *it, struct eg_err *err)
{
	struct people *p = ctx;
	bool may, covered = false;
	int rc = EG_OK;

	if (!decision_due(it))
		return EG_OK;
	for (size_t i = 0; rc == EG_OK && i < p->d.n; i++) {
		rc = decider_may(&p->d, i, p->site, it, &may, err);
		if (rc < 0 || !may)
			continue;
		covered = true;
		p->d.v[i].waiting++;
		(void)eg_dec_add(p->d.v[i].amount, report_dec(it->amount), &p->d.v[i].amount);
	}
	if (!covered) {
		p->nobody++;
		(void)eg_dec_add(p->nobody_amount, report_dec(it->amount), &p->nobody_amount);
	}
	return rc;
}

/* ---- rows ---- */

static bool
may_type(const char *types, const char *name)
{
	struct eg_bytes rest = eg_bytes_str(types), part;

	while (eg_bytes_cut(&rest, ',', &part))
		if (eg_bytes_is(part, "all") || eg_bytes_is(part, name))
			return true;
	return false;
}

static bool
approves(const struct user *u)
{
	return u->active && u->role >= ROLE_STANDARD &&
	       ((u->types != NULL && *u->types != '\0') || (u->exports != NULL && *u->exports != '\0') ||
		   (u->imports != NULL && *u->imports != '\0'));
}

/* "all", "none", or the types of one direction; types: both directions, more: this one only. */
static void
put_types(struct report *r, const char *col, const char *types, const char *more, enum rec_class cls)
{
	struct eg_buf b = EG_BUF_INIT;
	unsigned has = 0, all = 0;

	for (unsigned i = 0; i < REC_NTYPES; i++) {
		const struct rec_type *t = rec_type((enum rec_id)i);
		if (t->cls != cls)
			continue;
		all++;
		if (may_type(types, t->name) || may_type(more, t->name))
			eg_buf_printf(&b, "%s%s", has++ > 0 ? "," : "", t->name);
	}
	report_put(r, col, has == all ? "all" : has == 0 ? "none" : eg_buf_cstr(&b));
	eg_buf_done(&b);
}

/* The last time an administrator changed anything about him. */
static int
changed_at(struct site *s, const char *user, struct eg_arena *a, int64_t *ret, struct eg_err *err)
{
	static const char *const events[] = { "user-added", "user-changed", "user-revoked" };
	int rc = EG_OK;

	*ret = 0;
	for (size_t i = 0; rc >= 0 && i < sizeof(events) / sizeof(events[0]); i++) {
		struct log_row row = { 0 };
		rc = log_newest(s->store, user, events[i], a, &row, err);
		if (rc == EG_OK && row.at > *ret)
			*ret = row.at;
	}
	return rc < 0 ? rc : EG_OK;
}

static int
user_row(struct report_scope *sc, const struct decider *d, struct eg_err *err)
{
	const struct user *u = &d->u;
	const char *iid = NULL;
	int64_t at = 0, changed = 0;
	struct report *r = sc->r;
	int rc = decision_last(sc->site->store, u->name, &sc->a, &at, &iid, err);

	if (rc == EG_OK)
		rc = changed_at(sc->site, u->name, &sc->a, &changed, err);
	if (rc < 0)
		return rc;
	report_row(r);
	report_put(r, "user", u->name);
	report_put(r, "full_name", u->full_name);
	report_put(r, "mail", u->mail);
	report_put(r, "role", user_role_word(u->role));
	put_types(r, "can_export", u->types, u->exports, RC_TO_ERP);
	put_types(r, "can_import", u->types, u->imports, RC_FROM_ERP);
	report_put(r, "limit", u->limit);
	report_put_time(r, "since", u->added);
	report_put_time(r, "changed", changed);
	report_put_time(r, "last_decision", at);
	report_put(r, "last_item", iid);
	report_put_int(r, "waiting", d->waiting);
	report_put_dec(r, "waiting_amount", d->amount);
	report_put(r, "key", u->pubkey != NULL ? "registered" : "none");
	report_put(r, "account", u->account);
	report_put(r, "active", u->active ? "yes" : "revoked");
	return EG_OK;
}

int
report_accountant(struct site *s, const struct report_ask *q, struct report **ret, struct eg_err *err)
{
	struct people p = { .site = s, .nobody_amount = { 0, 2 } };
	struct item_filter every = { 0 };
	struct eg_buf money = EG_BUF_INIT;
	struct report_scope sc;
	int rc = report_scope_open(&sc, s, q, "accountant", "Accountants", cols, sizeof(cols) / sizeof(cols[0]), err);

	if (rc == EG_OK)
		rc = deciders_load(&p.d, s, err);
	if (rc == EG_OK)
		rc = item_each(s->store, &every, count_waiting, &p, err);
	for (size_t i = 0; rc == EG_OK && i < p.d.n; i++)
		if (q->all || approves(&p.d.v[i].u))
			rc = user_row(&sc, &p.d.v[i], err);
	eg_dec_print(&money, p.nobody_amount, 2);
	if (!q->all)
		report_note(sc.r, "Users who may decide nothing, and revoked ones: --all");
	report_note(sc.r,
	    "WAITING counts the items that take a decision now and that this user could accept now; an item that several may accept counts for each of them.");
	if (p.nobody > 0)
		report_note(sc.r,
		    "%lld waiting items (%s) can be accepted by nobody: no active user has the right for their type, or they are over every limit. Give a right: erpgate users grant NAME --approve TYPE --limit AMOUNT",
		    (long long)p.nobody, eg_buf_cstr(&money));
	eg_buf_done(&money);
	deciders_done(&p.d);
	return report_scope_close(&sc, rc, ret);
}
