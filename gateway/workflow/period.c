/* SPDX-License-Identifier: MIT
 *
 * Closed periods: the date that a decision books under, and the settings that close it. Tests: tests/unit/test_period.c.
 */
#include "gateway/workflow/period.h"

#include "gateway/workflow/rules.h"

/* ---- settings ---- */

static bool
month_listed(const char *list, struct eg_date day)
{
	struct eg_bytes rest = eg_bytes_str(list), part;
	char month[16];

	(void)snprintf(month, sizeof(month), "%04d-%02u", day.year, (unsigned)day.month);
	while (rest.len > 0 && eg_bytes_cut(&rest, ',', &part))
		if (eg_bytes_is(eg_bytes_trim(part), month))
			return true;
	return false;
}

bool
period_open(const struct conf *c, struct eg_date day)
{
	const char *until = conf_text(c, "period.closed_until"), *open = conf_text(c, "period.open");
	struct eg_date last;

	if (month_listed(open, day))
		return true;
	if (eg_date_parse(eg_bytes_str(until), EG_LIT("YYYY-MM-DD"), &last))
		return eg_date_cmp(day, last) > 0;
	return *open == '\0';
}

static bool
anything_closed(const struct conf *c)
{
	return *conf_text(c, "period.closed_until") != '\0' || *conf_text(c, "period.open") != '\0';
}

/* ---- the date ---- */

enum books {
	NO_DATE,
	BY_TRANSACTION, /* empty: the day of the decision */
	BY_TRANSACTION_TYPED, /* empty: another rule refuses it */
	BY_ACCOUNTING, /* empty: the billing date */
	BY_EITHER /* the accounting date, else the transaction date, else the billing date */
};

static enum books
books_of(const struct rec_type *t)
{
	switch (t->id) {
	case REC_BUDGET:
	case REC_BUDGET_CHANGE:
	case REC_FORECAST:
	case REC_CCO:
		return BY_TRANSACTION;
	case REC_PCCO:
		return BY_TRANSACTION_TYPED;
	case REC_INVOICE:
		return BY_ACCOUNTING;
	case REC_OWNER_INVOICE:
		return BY_EITHER;
	default:
		return NO_DATE;
	}
}

static int
billing_date(struct site *s, const struct item *it, struct eg_date *ret, struct eg_err *err)
{
	struct eg_arena a;
	struct rec r;
	int rc;

	eg_arena_init(&a, (size_t)256 << 20);
	rc = item_record(s->store, it->rev, &a, &r, err);
	const char *field = it->type->id == REC_INVOICE ? "invoice.billing_date" : "owner_invoice.billing_date";
	if (rc == EG_OK && rec_head(&r, field)->state == RV_VALUE)
		*ret = rec_head(&r, field)->v.date;
	eg_arena_done(&a);
	return rc;
}

/* *ret_default: where the date comes from when nobody typed one, else NULL. A year of 0: there is no date to look at. */
static int
book_date(struct site *s, const struct item *it, const char *transaction, const char *accounting, int64_t at,
    struct eg_date *ret, const char **ret_default, struct eg_err *err)
{
	enum books b = books_of(it->type);
	const char *typed = b == BY_ACCOUNTING || (b == BY_EITHER && *accounting != '\0') ? accounting : transaction;

	*ret = (struct eg_date){ 0 };
	*ret_default = NULL;
	if (b == NO_DATE || eg_date_parse(eg_bytes_str(typed), EG_LIT("YYYY-MM-DD"), ret))
		return EG_OK;
	if (b == BY_TRANSACTION) {
		*ret = eg_tz_date(s->zone, at);
		*ret_default = "the day of the decision";
	} else if (b == BY_ACCOUNTING || b == BY_EITHER) {
		*ret_default = "its billing date";
		return billing_date(s, it, ret, err);
	}
	return EG_OK;
}

/* The first open day behind a closed one: what to propose. false: none within a year. */
static bool
next_open(const struct conf *c, struct eg_date day, struct eg_date *ret)
{
	for (int i = 1; i <= 366; i++) {
		struct eg_date d = eg_date_add_days(day, i);
		if (eg_date_valid(d) && period_open(c, d)) {
			*ret = d;
			return true;
		}
	}
	return false;
}

/* Which settings close it, and a day to type. */
static void
closed_text(const struct conf *c, struct eg_date day, struct eg_buf *why, struct eg_buf *propose)
{
	const char *until = conf_text(c, "period.closed_until"), *open = conf_text(c, "period.open");
	struct eg_date next;

	if (*until != '\0')
		eg_buf_printf(why, "the books are closed up to %s (period.closed_until)", until);
	else
		eg_buf_printf(why, "only these months are open: %s (period.open)", open);
	if (next_open(c, day, &next)) {
		eg_buf_str(propose, ", for example ");
		eg_date_print(propose, next, EG_LIT("YYYY-MM-DD"));
	}
}

int
period_check(struct site *s, const struct item *it, const char *transaction, const char *accounting, int64_t at,
    struct eg_err *err)
{
	struct eg_buf text = EG_BUF_INIT, why = EG_BUF_INIT, propose = EG_BUF_INIT;
	const char *from = NULL;
	struct eg_date day;
	int rc;

	if (!anything_closed(&s->conf))
		return EG_OK;
	rc = book_date(s, it, transaction, accounting, at, &day, &from, err);
	if (rc < 0 || day.year == 0 || period_open(&s->conf, day))
		return rc;
	eg_date_print(&text, day, EG_LIT("YYYY-MM-DD"));
	closed_text(&s->conf, day, &why, &propose);
	rc = eg_fail(err, EG_BADREC, "E-58",
	    "%s would be booked on %s (%s), but %s. Write another day into the column %s%s, or have the period opened.",
	    it->iid, eg_buf_cstr(&text), from != NULL ? from : "as typed", eg_buf_cstr(&why),
	    it->type->id == REC_INVOICE ? "Accounting Date" : "Transaction Date", eg_buf_cstr(&propose));
	eg_buf_done(&text);
	eg_buf_done(&why);
	eg_buf_done(&propose);
	return rc;
}

/* ---- items that were accepted before the period was closed ---- */

int
check_period(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	const struct item *it = &e->n->it;
	struct eg_err why;
	struct decision d;
	int rc;

	if (it->accepted == 0 || !anything_closed(&e->w->s->conf))
		return EG_OK;
	rc = decision_get(e->w->s->store, it->accepted, e->a, &d, err);
	if (rc != EG_OK)
		return rc == EG_EOF ? EG_OK : rc;
	rc = period_check(e->w->s, it, d.transaction_date, d.accounting_date, d.at, &why);
	if (rc == EG_BADREC) {
		rule_hold(e, rule->code, rule_at(e), "period", NULL,
		    "%s It was accepted before and takes a new decision.", why.msg);
		return EG_OK;
	}
	if (rc < 0)
		*err = why;
	return rc;
}

static int
is_period(void *ctx, const struct hold_row *h, struct eg_err *err)
{
	bool *ret = ctx;

	(void)err;
	*ret = *ret || strcmp(h->code, "E-58") == 0;
	return EG_OK;
}

int
period_undecided(struct site *s, const struct item *it, bool *ret, struct eg_err *err)
{
	*ret = false;
	if (it->accepted == 0 || it->state != ST_HELD)
		return EG_OK;
	return hold_each(s->store, it->id, is_period, ret, err);
}
