/* SPDX-License-Identifier: MIT
 *
 * What the reports share: which items are asked for, a project under its two names, when content came, the record both sides have. Reads only.
 */
#include "gateway/report/reports.h"

#include "gateway/store/store_report.h"
#include "gateway/workflow/intake.h"

#define KEEP_ARENA ((size_t)256 << 20)
#define ITEM_ARENA ((size_t)256 << 20)

struct eg_dec
report_dec(const char *text)
{
	struct eg_dec d;

	if (text == NULL || eg_dec_parse(eg_bytes_str(text), EG_DEC_PLAIN, 4, 26, &d) != EG_DEC_OK)
		return (struct eg_dec){ 0, 2 };
	while (d.scale > 2 && d.coef % 10 == 0) {
		d.coef /= 10;
		d.scale--;
	}
	return d;
}

/* ---- projects ---- */

static int
by_number(struct site *s, const char *key, struct eg_arena *a, struct item *ret, struct eg_err *err)
{
	const char *iid = iid_join(a, REC_PROJECT, &key, 1);

	return iid == NULL ? EG_EOF : item_find(s->store, iid, a, ret, err);
}

static int
by_job(struct site *s, const char *key, struct eg_arena *a, struct item *ret, struct eg_err *err)
{
	struct item_filter linked = { .type = rec_type(REC_PROJECT), .erp_id = key };
	const char *iid = iid_join(a, REC_ERP_PROJECT, &key, 1);
	int rc = item_first(s->store, &linked, a, ret, err);

	return rc == EG_EOF && iid != NULL ? item_find(s->store, iid, a, ret, err) : rc;
}

int
report_job_of(
    struct site *s, const char *key, bool job_first, struct eg_arena *a, struct report_job *ret, struct eg_err *err)
{
	struct item it;
	int rc = (job_first ? by_job : by_number)(s, key, a, &it, err);

	if (rc == EG_EOF)
		rc = (job_first ? by_number : by_job)(s, key, a, &it, err);
	if (rc < 0)
		return rc;
	if (rc == EG_EOF) {
		const char *copy = eg_arena_cstr(a, eg_bytes_str(key));
		*ret = (struct report_job){ job_first ? "" : copy, job_first ? copy : "", "" };
		return copy != NULL ? EG_OK :
		                      eg_fail(err, EG_BADFILE, "LIMIT-MEM",
					  "the project's key does not fit the memory set aside for it");
	}
	*ret = (struct report_job){ it.number, it.erp_id == NULL ? "" : it.erp_id, it.title == NULL ? "" : it.title };
	if (it.type->id == REC_ERP_PROJECT) {
		ret->number = "";
		ret->job = it.number;
	}
	return EG_OK;
}

int
report_item_job(struct report_scope *sc, const struct item *it, struct report_job *ret, struct eg_err *err)
{
	*ret = (struct report_job){ "", "", "" };
	if (it->project == NULL)
		return EG_OK;
	return report_job_of(sc->site, it->project, it->type->cls != RC_TO_ERP, &sc->a, ret, err);
}

/* ---- scope ---- */

int
report_scope_open(struct report_scope *sc, struct site *s, const struct report_ask *q, const char *name,
    const char *title, const struct report_col *cols, size_t ncols, struct eg_err *err)
{
	*sc = (struct report_scope){ .site = s, .ask = q, .r = report_new(name, title, cols, ncols) };
	eg_arena_init(&sc->keep, KEEP_ARENA);
	eg_arena_init(&sc->a, ITEM_ARENA);
	report_made(sc->r, s->name, site_now(s));
	report_filter(sc->r, "project", q->project);
	report_filter(sc->r, "erp", q->erp);
	report_filter(sc->r, "type", q->type);
	report_filter(sc->r, "source", q->source);
	report_filter(sc->r, "state", q->state < 0 ? NULL : state_word((enum item_state)q->state));
	report_filter(sc->r, "since", q->since_text);
	report_filter(sc->r, "until", q->until_text);
	return q->project == NULL ? EG_OK : report_job_of(s, q->project, false, &sc->keep, &sc->job, err);
}

int
report_scope_close(struct report_scope *sc, int rc, struct report **ret)
{
	*ret = sc->r;
	if (rc < 0) {
		report_free(sc->r);
		*ret = NULL;
	}
	eg_arena_done(&sc->a);
	eg_arena_done(&sc->keep);
	return rc;
}

static bool
in_project(const struct report_scope *sc, const struct item *it)
{
	const char *p = it->project;

	if (sc->ask->project == NULL)
		return true;
	return p != NULL && (strcmp(p, sc->ask->project) == 0 || strcmp(p, sc->job.number) == 0 ||
				(sc->job.job[0] != '\0' && strcmp(p, sc->job.job) == 0));
}

static bool
asked(const struct report_scope *sc, const struct item *it)
{
	const struct report_ask *q = sc->ask;

	return in_project(sc, it) && (q->erp == NULL || strcmp(q->erp, sc->site->erp) == 0) &&
	       (q->type == NULL || strcmp(q->type, it->type->name) == 0) &&
	       (q->state < 0 || (int)it->state == q->state);
}

struct each {
	struct report_scope *sc;
	int (*each)(struct report_scope *sc, const struct item *it, struct eg_err *err);
};

static int
scope_each(void *ctx, const struct item *it, struct eg_err *err)
{
	const struct each *e = ctx;

	if (!asked(e->sc, it))
		return EG_OK;
	eg_arena_reset(&e->sc->a);
	return e->each(e->sc, it, err);
}

int
report_item_each(struct report_scope *sc, const struct rec_type *t,
    int (*each)(struct report_scope *sc, const struct item *it, struct eg_err *err), struct eg_err *err)
{
	struct item_filter f = { .type = t };
	struct each e = { sc, each };

	return item_each(sc->site->store, &f, scope_each, &e, err);
}

int
report_both_each(struct report_scope *sc, const struct report_sides *sides,
    int (*each)(struct report_scope *sc, const struct item *it, struct eg_err *err), struct eg_err *err)
{
	int rc = report_item_each(sc, rec_type(sides->ours), each, err);

	return rc == EG_OK ? report_item_each(sc, rec_type(sides->theirs), each, err) : rc;
}

int
report_twin(struct report_scope *sc, const struct item *it, const struct report_job *job,
    const struct report_sides *sides, struct item *ret, struct eg_err *err)
{
	const bool ours = it->type->id == sides->ours;
	const char *parts[2] = { ours ? job->job : job->number, it->number };
	const char *iid = *parts[0] == '\0' ?
	                      NULL :
	                      iid_join(&sc->a, ours ? sides->theirs : sides->ours, parts, sides->numbered ? 2 : 1);

	return iid == NULL ? EG_EOF : item_find(sc->site->store, iid, &sc->a, ret, err);
}

/* ---- items and records ---- */

int
report_item_came(struct report_scope *sc, const struct item *it, int64_t *ret, struct eg_err *err)
{
	int rc = run_started(sc->site->store, it->rev_run, ret, err);

	if (rc == EG_OK && *ret == 0)
		*ret = it->created;
	return rc;
}

int
report_item_synced(struct report_scope *sc, const struct item *it, struct rec *ret, struct eg_err *err)
{
	char content[65];
	int rc = EG_EOF;

	if (it->state == ST_SYNCED)
		return item_record(sc->site->store, it->rev, &sc->a, ret, err);
	if (it->state != ST_CHANGED && it->state != ST_IMPORTABLE)
		return EG_EOF;
	for (int n = it->rev_no; rc == EG_EOF && n > 0 && it->written != NULL; n--) {
		rc = item_revision(sc->site->store, it->id, n, &sc->a, ret, err);
		if (rc != EG_OK)
			return rc;
		rec_content(ret, content);
		rc = strcmp(content, it->written) == 0 ? EG_OK : EG_EOF;
	}
	return rc;
}

const char *
report_head(struct report_scope *sc, const struct rec *r, const char *field)
{
	return head_text(&sc->a, r, field);
}

const char *
report_line(struct report_scope *sc, const struct rec *r, size_t line, const char *field)
{
	const struct rec_val *v = rec_line(r, line, field);

	return v->state == RV_VALUE ? eg_arena_cstr(&sc->a, v->text) : NULL;
}
