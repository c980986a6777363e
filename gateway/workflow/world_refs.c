/* SPDX-License-Identifier: MIT
 *
 * The ERP's code lists and the projects' pairs, as sets of texts: "C <code>", "T <type>", "P <code> <type>" for
 * active rows of the lists, "S <project> …" for selections, "J <job> …" for job code lists, "B <project> …" for
 * budgets. Inactive codes are not in the sets: they count as unknown.
 */
#include "gateway/workflow/world.h"

static char present[] = "there";

static void
put(struct world *w, const char *key)
{
	strmap_put(&w->refs, key, present);
}

static const char *
code_of(struct world *w, const struct rec *r)
{
	return head_text(&w->a, r, "code.cost_code");
}

static const char *
type_of(struct world *w, const struct rec *r)
{
	return head_text(&w->a, r, "code.cost_type");
}

static int
add_code(void *ctx, const struct rec *r, int64_t file, struct eg_err *err)
{
	struct world *w = ctx;
	const char *code = code_of(w, r), *type = type_of(w, r);

	(void)file;
	(void)err;
	if (code == NULL || !head_is(r, "code.active", "yes"))
		return EG_OK;
	put(w, world_text(w, "C\x1f%s", code));
	if (type != NULL)
		put(w, world_text(w, "P\x1f%s\x1f%s", code, type));
	return EG_OK;
}

static int
add_type(void *ctx, const struct rec *r, int64_t file, struct eg_err *err)
{
	struct world *w = ctx;
	const char *type = type_of(w, r);

	(void)file;
	(void)err;
	if (type != NULL && head_is(r, "code.active", "yes"))
		put(w, world_text(w, "T\x1f%s", type));
	return EG_OK;
}

static int
add_assignment(void *ctx, const struct rec *r, int64_t file, struct eg_err *err)
{
	struct world *w = ctx;
	const char *code = code_of(w, r), *type = type_of(w, r);

	(void)file;
	(void)err;
	if (code != NULL && type != NULL)
		put(w, world_text(w, "P\x1f%s\x1f%s", code, type));
	return EG_OK;
}

int
refs_codes(struct world *w, struct eg_err *err)
{
	int rc;

	if (w->codes_loaded)
		return EG_OK;
	rc = ref_each(w->s->store, rec_type(REC_COST_CODE), NULL, add_code, w, err);
	if (rc == EG_OK)
		rc = ref_each(w->s->store, rec_type(REC_COST_TYPE), NULL, add_type, w, err);
	if (rc == EG_OK)
		rc = ref_each(w->s->store, rec_type(REC_ASSIGNMENT), NULL, add_assignment, w, err);
	w->codes_loaded = rc == EG_OK;
	return rc;
}

static int
add_selection(void *ctx, const struct rec *r, int64_t file, const char *verdict, struct eg_err *err)
{
	struct world *w = ctx;
	const char *project = head_text(&w->a, r, "project.number"), *code = code_of(w, r), *type = type_of(w, r);

	(void)file;
	(void)err;
	(void)verdict;
	if (project != NULL && code != NULL && type != NULL)
		put(w, world_text(w, "S\x1f%s\x1f%s\x1f%s", project, code, type));
	return EG_OK;
}

static int
add_job_code(void *ctx, const struct rec *r, int64_t file, struct eg_err *err)
{
	struct world *w = ctx;
	const char *job = head_text(&w->a, r, "project.origin_code"), *code = code_of(w, r), *type = type_of(w, r);

	(void)file;
	(void)err;
	if (job == NULL || code == NULL)
		return EG_OK;
	if (type == NULL) {
		strmap_put(&w->without, job, eg_arena_cstr(&w->a, eg_bytes_str(code)));
		return EG_OK;
	}
	if (!head_is(r, "code.active", "no"))
		put(w, world_text(w, "J\x1f%s\x1f%s\x1f%s", job, code, type));
	return EG_OK;
}

int
refs_pairs(struct world *w, struct eg_err *err)
{
	int rc;

	if (w->pairs_loaded)
		return EG_OK;
	rc = ref_each_judged(w->s->store, rec_type(REC_SELECTION), NULL, "good", add_selection, w, err);
	if (rc == EG_OK) /* a removal that was refused: the code is still there */
		rc = ref_each_judged(w->s->store, rec_type(REC_SELECTION), NULL, "E-21", add_selection, w, err);
	if (rc == EG_OK)
		rc = ref_each(w->s->store, rec_type(REC_JOB_CODE), NULL, add_job_code, w, err);
	w->pairs_loaded = rc == EG_OK;
	return rc;
}

/* Asks without leaving anything in the arena: rules ask for every line. */
static bool
has(const struct world *w, const char *set, const char *a, const char *b, const char *c)
{
	char key[4096]; /* three texts of 255 characters of four bytes fit */
	int n = snprintf(key, sizeof(key), "%s\x1f%s%s%s%s%s", set, a, b != NULL ? "\x1f" : "", b != NULL ? b : "",
	    c != NULL ? "\x1f" : "", c != NULL ? c : "");

	return n > 0 && (size_t)n < sizeof(key) && strmap_get(&w->refs, key) != NULL;
}

bool
ref_code(const struct world *w, const char *code)
{
	return has(w, "C", code, NULL, NULL);
}

bool
ref_type(const struct world *w, const char *type)
{
	return has(w, "T", type, NULL, NULL);
}

bool
ref_pair(const struct world *w, const char *code, const char *type)
{
	return has(w, "P", code, type, NULL);
}

const char *
job_code_without_type(const struct world *w, const char *job)
{
	return strmap_get(&w->without, job);
}

static int
add_budget(struct world *w, struct node *budget, const char *project, struct eg_err *err)
{
	int rc;

	if (budget == NULL || budget->it.state == ST_REJECTED || strmap_get(&w->refs, budget->it.iid) != NULL)
		return EG_OK;
	put(w, budget->it.iid); /* once */
	rc = world_open(w, budget, err);
	for (size_t i = 0; rc == EG_OK && i < budget->nlines; i++)
		if (budget->lines[i].code != NULL && budget->lines[i].type != NULL)
			put(w, world_text(
				   w, "B\x1f%s\x1f%s\x1f%s", project, budget->lines[i].code, budget->lines[i].type));
	return rc;
}

int
pair_on_project(
    struct world *w, const struct project_now *p, const char *code, const char *type, bool *ret, struct eg_err *err)
{
	int rc = refs_pairs(w, err);

	if (rc == EG_OK)
		rc = add_budget(w, world_find(w, REC_BUDGET, p->number, NULL, NULL), p->number, err);
	if (rc == EG_OK)
		rc = add_budget(w, world_find(w, REC_ERP_BUDGET, p->erp, NULL, NULL), p->number, err);
	if (rc == EG_OK)
		*ret = has(w, "S", p->number, code, type) || has(w, "J", p->erp, code, type) ||
		       has(w, "B", p->number, code, type);
	return rc;
}
