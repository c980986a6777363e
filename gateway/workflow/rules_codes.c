/* SPDX-License-Identifier: MIT
 *
 * Rule 4 of layouts.md §2.1 (codes, types and pairs of lines and of project selections) and E-11 of rule 7. Nothing
 * is said about codes before all code lists of the ERP have come (F-34); of one line only the first thing that is
 * wrong is said.
 */
#include "gateway/workflow/rules.h"

enum code_verdict
code_verdict(const struct world *w, const char *code, const char *type)
{
	char padded[1100];
	int n;

	if (!ref_code(w, code)) {
		n = snprintf(padded, sizeof(padded), "0%s", code);
		return n > 0 && (size_t)n < sizeof(padded) && ref_code(w, padded) ? CODE_ZERO_LOST : CODE_UNKNOWN;
	}
	if (type == NULL || !ref_type(w, type))
		return TYPE_UNKNOWN;
	return ref_pair(w, code, type) ? CODE_GOOD : PAIR_UNKNOWN;
}

const char *
code_message(struct world *w, enum code_verdict v, const char *code, const char *type)
{
	switch (v) {
	case CODE_ZERO_LOST:
		return world_text(w,
		    "Cost code %s is not in the accounting system, but 0%s is: a spreadsheet has taken the leading zero. Put it back and export again.",
		    code, code);
	case CODE_UNKNOWN:
		return world_text(w,
		    "Cost code %s is not in the accounting system's list, or it is inactive there. Use a code of that list, or enter it there, send the list, and export again.%s",
		    code, world_near(w, NEAR_CODES, code));
	case TYPE_UNKNOWN:
		return world_text(w,
		    "Cost type %s of cost code %s is not in the accounting system's list, or it is inactive there. Use a type of that list and export again.",
		    type == NULL ? "(none)" : type, code);
	default:
		return world_text(w,
		    "Cost code %s exists and so does cost type %s, but not together. Assign the type to the code in the accounting system, send its list, and export again.",
		    code, type == NULL ? "(none)" : type);
	}
}

/* Record rules refuse what needs a code. What has none here is a change order's existing line or a change order of
 * the list. */
static bool
needs_check(struct eval *e, size_t line)
{
	int64_t existing = 0;

	if (e->n->it.type->id == REC_CCO && rule_line_int(e, line, "line.commitment_line", &existing))
		return false;
	return rec_line(&e->r, line, "line.cost_code")->state == RV_VALUE;
}

static void
check_line(struct eval *e, const struct rule *rule, size_t line)
{
	const char *code = rule_line(e, line, "line.cost_code"), *type = rule_line(e, line, "line.cost_type");
	enum code_verdict v = code_verdict(e->w, code, type);

	if (v != CODE_GOOD)
		rule_refuse(e, v == CODE_ZERO_LOST ? "E-19" : rule->code, rule_line_at(e, line), "%s",
		    code_message(e->w, v, code, type));
}

void
hold_for_code_lists(struct eval *e)
{
	rule_hold(e, "F-34", rule_at(e), "cost-code", NULL,
	    "The codes of %s cannot be checked: not all code lists of the accounting system (cost codes, cost types%s) have been received. Drop the missing ones.",
	    e->n->it.iid, erp_bit(e->w->s->erp) == ERP_A ? ", assignments" : "");
}

int
check_codes(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	int rc = e->w->codes_there ? refs_codes(e->w, err) : EG_OK;

	for (size_t i = 0; rc == EG_OK && i < e->r.nlines; i++) {
		if (!needs_check(e, i))
			continue;
		if (!e->w->codes_there) {
			hold_for_code_lists(e);
			break;
		}
		check_line(e, rule, i);
	}
	return rc;
}

int
check_job_categories(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	const char *job = rule_text(e, "project.origin_code"), *code;
	int rc = refs_pairs(e->w, err);

	if (rc != EG_OK || job == NULL)
		return rc;
	code = job_code_without_type(e->w, job);
	if (code != NULL)
		rule_refuse(e, rule->code, rule_at(e),
		    "Job %s is not imported: its cost code %s has no category. Give it one in CMiC, and send the job code list and the job list again.",
		    job, code);
	return EG_OK;
}

/* ---- selections of project codes: rows without items ---- */

struct judging {
	struct world *w;
	bool report;
	struct place at;
};

/* A removal that was refused (E-21) is looked at again with every list: it happens when the ERP has dropped the code, too. */
static int
judge_removal(struct judging *j, const struct rec *r, const char *before, enum code_verdict v, const char *code,
    struct eg_err *err)
{
	int rc = EG_OK;

	if (v == CODE_GOOD && strcmp(before, "E-21") == 0)
		return EG_OK;
	if (v == CODE_GOOD)
		rc = intake_finding(j->w->s, &j->at, r->at.line, "E-21", 'R', "",
		    world_text(j->w,
			"Cost code %s cannot be taken off the project: the accounting system still has it. Make it inactive there and drop the new list; the code goes off the project by itself then.",
			code),
		    err);
	return rc == EG_OK ? ref_judge(j->w->s->store, r, v == CODE_GOOD ? "E-21" : "removed", err) : rc;
}

static int
judge(void *ctx, const struct rec *r, int64_t file, const char *verdict, struct eg_err *err)
{
	struct judging *j = ctx;
	struct world *w = j->w;
	const char *code = head_text(&w->a, r, "code.cost_code"), *type = head_text(&w->a, r, "code.cost_type");
	enum code_verdict v;
	const char *says;
	int rc = EG_OK;

	if (code == NULL || (!w->codes_there && !j->report))
		return EG_OK;
	if (j->at.file_id != file)
		rc = intake_place(w->s, file, &w->a, &j->at, err);
	if (rc != EG_OK)
		return rc;
	if (!w->codes_there)
		return intake_finding(w->s, &j->at, r->at.line, "F-34", 'H', "",
		    "This selection cannot be checked: not all code lists of the accounting system have been received. Drop the missing ones.",
		    err);
	v = code_verdict(w, code, type);
	if (head_is(r, "code.selected", "no"))
		return judge_removal(j, r, verdict, v, code, err);
	says = v == CODE_GOOD ? "good" : v == CODE_ZERO_LOST ? "E-19" : "E-20";
	if (v != CODE_GOOD)
		rc = intake_finding(w->s, &j->at, r->at.line, says, 'R', "", code_message(w, v, code, type), err);
	return rc == EG_OK ? ref_judge(w->s->store, r, says, err) : rc;
}

int
selections_judge(struct world *w, bool report, struct eg_err *err)
{
	struct judging j = { .w = w, .report = report };
	int rc = w->codes_there ? refs_codes(w, err) : EG_OK;

	if (rc == EG_OK)
		rc = ref_each_judged(w->s->store, rec_type(REC_SELECTION), NULL, "", judge, &j, err);
	if (rc == EG_OK && w->codes_there)
		rc = ref_each_judged(w->s->store, rec_type(REC_SELECTION), NULL, "E-21", judge, &j, err);
	return rc;
}
