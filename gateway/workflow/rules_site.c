/* SPDX-License-Identifier: MIT
 *
 * Reference rules that are off until a setting asks for them: the connection (E-76), running projects (E-15), the account's limit (E-14), sub job lines and
 * revised estimates (E-23), division codes (E-38), one cost type per change order (E-47), and the site's own field rules. By default none of them says anything.
 */
#include "gateway/workflow/field_rules.h"
#include "gateway/workflow/rules.h"

void
site_asks_read(const struct conf *c, struct site_asks *ret)
{
	*ret = (struct site_asks){ .inactive = !conf_bool(c, "erp.active"),
		.no_subjob_lines = !conf_bool(c, "export_subjob_lines"),
		.no_revisions = !conf_bool(c, "export_revised_estimates"),
		.no_division = conf_bool(c, "disallow_division"),
		.single_type = conf_bool(c, "cco_single_cost_type"),
		.project_limit = conf_int(c, "project_limit"),
		.since = conf_text(c, "connected_since") };
}

int
check_active(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	(void)err;
	if (e->asks.inactive)
		rule_hold(e, rule->code, rule_at(e), "erp.active", NULL,
		    "The connection to the accounting system is switched off, so %s does not leave. It goes on by itself when the connection is back: erpgate config set erp.active yes",
		    e->n->it.iid);
	return EG_OK;
}

/* Running projects are linked, never created: the ERP has their job already. */
int
check_predates(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	const char *since = e->asks.since, *start = *since != '\0' ? rule_text(e, "project.start_date") : NULL;

	(void)err;
	if (start == NULL || rule_text(e, "project.origin_code") != NULL || strcmp(start, since) >= 0)
		return EG_OK;
	rule_refuse(e, rule->code, rule_at(e),
	    "%s began on %s, before the systems were connected (%s), so the accounting system has its job already and no second one is made. Enter that job's key as ERP Job ID on the project side and export again.",
	    e->n->it.iid, start, since);
	return EG_OK;
}

/* ---- the account's limit ---- */

/* Integrated, or on its way there: accepted ones count in order of their ids, so that the last place goes to one of them only. */
static bool
counts(struct world *w, const struct node *n, const struct node *self)
{
	if (n == self)
		return false;
	if (n->it.type->id == REC_PROJECT)
		return node_synced(n);
	if (n->it.type->id != REC_ERP_PROJECT)
		return false;
	if (n->it.state == ST_APPROVED)
		return strcmp(n->it.iid, self->it.iid) < 0;
	return node_synced(n) && world_by_erp(w, REC_PROJECT, n->it.number) == NULL;
}

int
check_project_limit(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	int64_t limit = e->asks.project_limit, have = 0;

	(void)err;
	for (size_t i = 0; limit > 0 && i < e->w->n; i++)
		have += counts(e->w, e->w->nodes[i], e->n);
	if (limit > 0 && have >= limit)
		rule_hold(e, rule->code, rule_at(e), "project_limit", NULL,
		    "The project side's account takes %lld integrated projects, and %lld are there, so job %s has no place. Unlink or archive one of them, or raise the setting when the account was extended: erpgate config set project_limit N",
		    (long long)limit, (long long)have, e->n->it.number);
	return EG_OK;
}

/* ---- budgets ---- */

int
check_subjob_export(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	(void)err;
	for (size_t i = 0; e->asks.no_subjob_lines && i < e->r.nlines; i++) {
		const char *sub = rule_line(e, i, "line.sub_job");

		if (sub != NULL)
			rule_refuse(e, rule->code, rule_line_at(e, i),
			    "The line stands on sub job %s, and this site does not export budget lines of sub jobs (export_subjob_lines). Move it to the project itself, or have the setting changed.",
			    sub);
	}
	return EG_OK;
}

int
check_revisions(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	(void)err;
	if (e->asks.no_revisions)
		rule_refuse(e, rule->code, rule_at(e),
		    "%s revises a budget, and this site does not export revised estimates (export_revised_estimates). Enter the revision in the accounting system by hand, or have the setting changed.",
		    e->n->it.iid);
	return EG_OK;
}

/* ---- lines of commitments and change orders ---- */

int
check_division(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	(void)err;
	for (size_t i = 0; e->asks.no_division && i < e->r.nlines; i++) {
		const char *code = rule_line(e, i, "line.cost_code");

		if (code != NULL && division_code(&e->w->s->conf, eg_bytes_str(code)))
			rule_refuse(e, rule->code, rule_line_at(e, i),
			    "The line is booked on %s, a division code, and nothing is booked on those here (disallow_division). Choose a code of the division on the project side and export again.",
			    code);
	}
	return EG_OK;
}

/* The type of a change order's line: its own, or that of the contract line it changes. */
static const char *
type_of_line(struct eval *e, const struct node *commitment, size_t i)
{
	const char *type = rule_line(e, i, "line.cost_type");
	const struct line_at *line;
	int64_t position = 0;

	if (type != NULL || commitment == NULL || !rule_line_int(e, i, "line.commitment_line", &position))
		return type;
	line = node_line(commitment, position);
	return line != NULL ? line->type : NULL;
}

int
check_single_type(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	struct node *commitment = e->n->it.parent != NULL ? world_item(e->w, e->n->it.parent) : NULL;
	const char *first = NULL;
	int rc = EG_OK;

	if (!e->asks.single_type)
		return EG_OK;
	if (commitment != NULL)
		rc = world_open(e->w, commitment, err);
	for (size_t i = 0; rc == EG_OK && i < e->r.nlines; i++) {
		const char *type = type_of_line(e, commitment, i);

		first = first == NULL ? type : first;
		if (type != NULL && strcmp(type, first) != 0)
			rule_refuse(e, rule->code, rule_line_at(e, i),
			    "The line has cost type %s and the change order's first one %s; this site books a change order under one cost type (cco_single_cost_type). Divide it into one change order for each.",
			    type, first);
	}
	return rc;
}

/* ---- the site's own rules ---- */

static int
say_breach(void *ctx, const struct field_breach *b, struct eg_err *err)
{
	struct eval *e = ctx;

	(void)err;
	if (b->severity == 'H')
		rule_hold(e, b->code, b->line, b->field, NULL, "%s", b->message);
	else
		rule_refuse(e, b->code, b->line, "%s", b->message);
	return EG_OK;
}

int
check_fields(struct eval *e, const struct rule *rule, struct eg_err *err)
{
	(void)rule;
	return field_rules_run(e->w->s, RULE_SEND, &e->r, e->n->it.iid, say_breach, e, err);
}
