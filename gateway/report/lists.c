/* SPDX-License-Identifier: MIT
 *
 * report sub-jobs: sub jobs that both sides have. report archived: companies and projects of the ERP that are hidden, by whom, and how to bring them back.
 */
#include "gateway/report/reports.h"
#include "gateway/store/store_report.h"
#include "gateway/workflow/intake.h"

#include <jansson.h>

/* ---- sub jobs ---- */

static const struct report_col subjob_cols[] = {
	{ "project", "PROJECT", RK_TEXT, 0 },
	{ "job", "ERP JOB", RK_TEXT, 0 },
	{ "project_name", "PROJECT NAME", RK_TEXT, 0 },
	{ "code", "SUB JOB", RK_TEXT, 0 },
	{ "name", "NAME", RK_TEXT, 0 },
	{ "erp_id", "ERP ID", RK_TEXT, 0 },
	{ "since", "SINCE", RK_TIME, 0 },
	{ "came_from", "FROM", RK_TEXT, 0 },
	{ "item", "ITEM", RK_TEXT, RP_DETAIL },
};

static const struct report_sides subjob_sides = { REC_SUBJOB, REC_ERP_SUBJOB, true };

/* The same sub job as the other side calls it, and synced too. */
static int
linked_twin(struct report_scope *sc, const struct item *it, const struct report_job *job, bool *ret, struct eg_err *err)
{
	struct item twin;
	int rc = report_twin(sc, it, job, &subjob_sides, &twin, err);

	*ret = rc == EG_OK && twin.state == ST_SYNCED;
	return rc < 0 ? rc : EG_OK;
}

static int
subjob_item(struct report_scope *sc, const struct item *it, struct eg_err *err)
{
	bool ours = it->type->id == REC_SUBJOB, both = false;
	struct report *r = sc->r;
	struct report_job job;
	int64_t n = 0, since = 0;
	int rc;

	if (it->state != ST_SYNCED)
		return EG_OK;
	rc = report_item_job(sc, it, &job, err);
	if (rc == EG_OK)
		rc = linked_twin(sc, it, &job, &both, err);
	if (rc == EG_OK && both && !ours)
		return EG_OK; /* it stands in the list already */
	if (rc == EG_OK)
		rc = batches_of(sc->site->store, it->id, &n, &since, err);
	if (rc == EG_OK && since == 0)
		since = it->created;
	if (rc < 0)
		return rc;
	report_row(r);
	report_put(r, "project", job.number);
	report_put(r, "job", job.job);
	report_put(r, "project_name", job.name);
	report_put(r, "code", it->number);
	report_put(r, "name", it->title);
	report_put(r, "erp_id", it->erp_id != NULL ? it->erp_id : ours ? NULL : it->number);
	report_put_time(r, "since", since);
	report_put(r, "came_from", both ? "both sides" : ours ? "project side" : "ERP");
	report_put(r, "item", it->iid);
	return EG_OK;
}

int
report_sub_jobs(struct site *s, const struct report_ask *q, struct report **ret, struct eg_err *err)
{
	struct report_scope sc;
	int rc = report_scope_open(
	    &sc, s, q, "sub-jobs", "Synced sub jobs", subjob_cols, sizeof(subjob_cols) / sizeof(subjob_cols[0]), err);

	if (rc == EG_OK)
		rc = report_both_each(&sc, &subjob_sides, subjob_item, err);
	report_sort(sc.r, 4);
	report_note(sc.r,
	    "SINCE: when it was last written to the other side; for one that both sides had and that was linked, when it first came.");
	return report_scope_close(&sc, rc, ret);
}

/* ---- archived ---- */

static const struct report_col archived_cols[] = {
	{ "record_type", "TYPE", RK_TEXT, 0 },
	{ "erp_id", "ERP ID", RK_TEXT, 0 },
	{ "name", "NAME", RK_TEXT, 0 },
	{ "since", "SINCE", RK_TIME, 0 },
	{ "by", "BY", RK_TEXT, 0 },
	{ "why", "WHY", RK_TEXT, 0 },
	{ "next", "BRING BACK", RK_TEXT, 0 },
};

static const char *
active_field(enum rec_id type)
{
	switch ((int)type) {
	case REC_ERP_PROJECT:
		return "project.active";
	case REC_ERP_SUBJOB:
		return "sub_job.active";
	case REC_ERP_VENDOR:
	case REC_ERP_CUSTOMER:
		return "vendor.is_active";
	default:
		return NULL;
	}
}

static int
inactive(struct report_scope *sc, const struct item *it, bool *ret, struct eg_err *err)
{
	const char *field = active_field(it->type->id), *word;
	struct rec r;
	int rc;

	*ret = false;
	if (field == NULL)
		return EG_OK;
	rc = item_record(sc->site->store, it->rev, &sc->a, &r, err);
	word = rc == EG_OK ? report_head(sc, &r, field) : NULL;
	*ret = word != NULL && strcmp(word, "no") == 0;
	return rc;
}

static int
archived_item(struct report_scope *sc, const struct item *it, struct eg_err *err)
{
	struct log_row done = { 0 };
	struct report *r = sc->r;
	json_t *detail = NULL;
	bool gone = false;
	int64_t since = 0;
	int rc;

	if (it->state != ST_ARCHIVED)
		return EG_OK;
	rc = inactive(sc, it, &gone, err);
	if (rc == EG_OK)
		rc = report_item_came(sc, it, &since, err);
	if (rc == EG_OK)
		rc = log_newest(sc->site->store, it->iid, "archived-item", &sc->a, &done, err);
	if (rc < 0)
		return rc;
	if (rc == EG_OK && gone && done.at < since)
		rc = EG_EOF; /* an older act: since then it was brought back, and the ERP called it inactive */
	if (rc == EG_OK)
		detail = json_loads(done.detail, 0, NULL);
	const char *by = json_string_value(json_object_get(detail, "approver"));
	char *next = eg_xprintf("erpgate unarchive %s", it->iid);
	report_row(r);
	report_put(r, "record_type", it->type->name);
	report_put(r, "erp_id", it->number);
	report_put(r, "name", it->title);
	report_put_time(r, "since", rc == EG_OK ? done.at : since);
	report_put(r, "by", rc == EG_OK ? (by != NULL ? by : done.actor) : "the ERP");
	report_put(r, "why", gone ? "inactive in the ERP" : "hidden by a person");
	report_put(r, "next", next);
	free(next);
	json_decref(detail);
	return EG_OK;
}

int
report_archived(struct site *s, const struct report_ask *q, struct report **ret, struct eg_err *err)
{
	static const enum rec_id types[] = { REC_ERP_VENDOR, REC_ERP_CUSTOMER, REC_ERP_PROJECT, REC_ERP_SUBJOB,
		REC_ERP_BUDGET, REC_ERP_PRIME };
	struct report_scope sc;
	int rc = report_scope_open(&sc, s, q, "archived", "Archived and inactive companies and projects", archived_cols,
	    sizeof(archived_cols) / sizeof(archived_cols[0]), err);

	for (size_t i = 0; rc == EG_OK && i < sizeof(types) / sizeof(types[0]); i++)
		rc = report_item_each(&sc, rec_type(types[i]), archived_item, err);
	report_note(sc.r,
	    "A company or project that is inactive in the ERP comes back by itself when the ERP calls it active again.");
	return report_scope_close(&sc, rc, ret);
}
