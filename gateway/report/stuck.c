/* SPDX-License-Identifier: MIT
 *
 * report unsyncable: cost transactions of the ERP that are held and why. report failed: items that the ERP answered with an error, in its own words.
 */
#include "gateway/report/reports.h"
#include "gateway/store/store_report.h"
#include "gateway/workflow/rulebook.h"

#include <jansson.h>

/* ---- unsyncable ---- */

static const struct report_col unsyncable_cols[] = {
	{ "project", "PROJECT", RK_TEXT, 0 },
	{ "job", "ERP JOB", RK_TEXT, 0 },
	{ "transaction", "TRANSACTION", RK_TEXT, 0 },
	{ "journal", "SOURCE", RK_TEXT, 0 },
	{ "cost_kind", "TYPE", RK_TEXT, 0 },
	{ "date", "DATE", RK_DATE, 0 },
	{ "vendor", "VENDOR", RK_TEXT, 0 },
	{ "invoice", "INVOICE", RK_TEXT, 0 },
	{ "cost_code", "COST CODE", RK_TEXT, 0 },
	{ "cost_type", "CATEGORY", RK_TEXT, 0 },
	{ "amount", "AMOUNT", RK_AMOUNT, RP_SUM },
	{ "reason", "REASON", RK_TEXT, 0 },
	{ "reason_text", "WHY", RK_TEXT, 0 },
	{ "first_seen", "FIRST SEEN", RK_TIME, 0 },
	{ "last_tried", "LAST TRIED", RK_TIME, RP_DETAIL },
	{ "cure", "WHAT TO DO", RK_TEXT, RP_DETAIL },
	{ "item", "ITEM", RK_TEXT, RP_DETAIL },
};

struct reasons {
	struct eg_buf codes, texts, cures;
};

static void
add_reason(struct reasons *w, const char *code, const char *text, const char *cure)
{
	eg_buf_printf(&w->codes, "%s%s", w->codes.len > 0 ? "; " : "", code);
	eg_buf_printf(&w->texts, "%s%s", w->texts.len > 0 ? " | " : "", text);
	if (cure != NULL)
		eg_buf_printf(&w->cures, "%s%s", w->cures.len > 0 ? " | " : "", cure);
}

static int
each_hold(void *ctx, const struct hold_row *h, struct eg_err *err)
{
	const struct book_rule *rule = book_rule(h->code);

	(void)err;
	add_reason(ctx, h->code, h->message, rule == NULL ? NULL : rule->cure);
	return EG_OK;
}

static int
unsyncable_row(
    struct report_scope *sc, const struct item *it, struct reasons *w, const struct report_job *job, struct eg_err *err)
{
	static const struct {
		const char *col, *field;
	} values[] = { { "transaction", "cost.transaction_id" }, { "journal", "cost.journal" },
		{ "cost_kind", "cost.type" }, { "date", "cost.date" }, { "vendor", "cost.vendor" },
		{ "invoice", "cost.invoice_number" }, { "cost_code", "cost.cost_code" },
		{ "cost_type", "cost.cost_type" }, { "amount", "cost.amount" } };
	struct report *r = sc->r;
	int64_t run = 0, tried = 0;
	struct rec rec;
	int rc = item_record(sc->site->store, it->rev, &sc->a, &rec, err);

	if (rc == EG_OK)
		rc = store_run_last(sc->site->store, &run, err);
	if (rc == EG_OK)
		rc = run_started(sc->site->store, run, &tried, err);
	if (rc < 0)
		return rc;
	report_row(r);
	report_put(r, "project", job->number);
	report_put(r, "job", job->job);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		report_put(r, values[i].col, report_head(sc, &rec, values[i].field));
	report_put(r, "reason", eg_buf_cstr(&w->codes));
	report_put(r, "reason_text", eg_buf_cstr(&w->texts));
	report_put(r, "cure", eg_buf_cstr(&w->cures));
	report_put_time(r, "first_seen", it->created);
	report_put_time(r, "last_tried", tried);
	report_put(r, "item", it->iid);
	return EG_OK;
}

static int
unsyncable_item(struct report_scope *sc, const struct item *it, struct eg_err *err)
{
	struct reasons w = { EG_BUF_INIT, EG_BUF_INIT, EG_BUF_INIT };
	struct report_job job;
	int rc;

	if (it->state != ST_HELD || (sc->ask->since != 0 && it->created < sc->ask->since) ||
	    (sc->ask->until != 0 && it->created >= sc->ask->until))
		return EG_OK;
	rc = report_item_job(sc, it, &job, err);
	if (rc == EG_OK)
		rc = hold_each(sc->site->store, it->id, each_hold, &w, err);
	if (rc == EG_OK && it->parked)
		add_reason(&w, "hold", "A person holds this transaction.", "Let it go on: erpgate release ID");
	if (rc == EG_OK)
		rc = unsyncable_row(sc, it, &w, &job, err);
	eg_buf_done(&w.codes);
	eg_buf_done(&w.texts);
	eg_buf_done(&w.cures);
	return rc;
}

int
report_unsyncable(struct site *s, const struct report_ask *q, struct report **ret, struct eg_err *err)
{
	struct report_scope sc;
	int rc = report_scope_open(&sc, s, q, "unsyncable", "ERP cost transactions that cannot be passed on",
	    unsyncable_cols, sizeof(unsyncable_cols) / sizeof(unsyncable_cols[0]), err);

	if (rc == EG_OK)
		rc = report_item_each(&sc, rec_type(REC_ERP_COST), unsyncable_item, err);
	report_sort(sc.r, 2);
	report_note(sc.r,
	    "Held transactions are tried again in every run and leave by themselves as soon as nothing is missing. What to do about a reason: erpgate help CODE, or column cure of --csv");
	return report_scope_close(&sc, rc, ret);
}

/* ---- failed ---- */

static const struct report_col failed_cols[] = {
	{ "item", "ITEM", RK_TEXT, 0 },
	{ "record_type", "TYPE", RK_TEXT, 0 },
	{ "project", "PROJECT", RK_TEXT, 0 },
	{ "number", "NUMBER", RK_TEXT, RP_DETAIL },
	{ "title", "TITLE", RK_TEXT, RP_DETAIL },
	{ "amount", "AMOUNT", RK_AMOUNT, RP_SUM },
	{ "error", "THE ERP SAID", RK_TEXT, 0 },
	{ "attempts", "ATTEMPTS", RK_INT, 0 },
	{ "last_tried", "LAST TRIED", RK_TIME, 0 },
	{ "answered", "ANSWERED", RK_TIME, RP_DETAIL },
	{ "next", "NEXT", RK_TEXT, 0 },
};

static int
failed_item(struct report_scope *sc, const struct item *it, struct eg_err *err)
{
	struct log_row said = { 0 };
	struct report *r = sc->r;
	int64_t n = 0, last = 0;
	int rc;

	if (it->state != ST_FAILED)
		return EG_OK;
	rc = log_newest(sc->site->store, it->iid, "failed", &sc->a, &said, err);
	if (rc >= 0)
		rc = batches_of(sc->site->store, it->id, &n, &last, err);
	if (rc < 0)
		return rc;
	json_t *detail = said.detail == NULL ? NULL : json_loads(said.detail, 0, NULL);
	const char *error = json_string_value(json_object_get(detail, "error"));
	char *next = eg_xprintf(
	    "erpgate approve %s --as NAME (after it was corrected), or erpgate reject %s --as NAME --reason R", it->iid,
	    it->iid);
	report_row(r);
	report_put(r, "item", it->iid);
	report_put(r, "record_type", it->type->name);
	report_put(r, "project", it->project);
	report_put(r, "number", it->number);
	report_put(r, "title", it->title);
	report_put(r, "amount", it->amount);
	report_put(r, "error", error != NULL ? error : "it gave no reason");
	report_put_int(r, "attempts", n);
	report_put_time(r, "last_tried", last);
	report_put_time(r, "answered", said.at);
	report_put(r, "next", next);
	free(next);
	json_decref(detail);
	return EG_OK;
}

int
report_failed(struct site *s, const struct report_ask *q, struct report **ret, struct eg_err *err)
{
	struct report_scope sc;
	int rc = report_scope_open(
	    &sc, s, q, "failed", "Failed to export", failed_cols, sizeof(failed_cols) / sizeof(failed_cols[0]), err);

	if (rc == EG_OK)
		rc = report_item_each(&sc, NULL, failed_item, err);
	report_note(sc.r,
	    "ATTEMPTS counts the batches that held the item. New content from the project side replaces a failed item and waits for a decision again.");
	return report_scope_close(&sc, rc, ret);
}
