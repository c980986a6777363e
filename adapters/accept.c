/* SPDX-License-Identifier: MIT
 *
 * The check at accept: would every file of the target that this record goes into take its values? Nothing is written; what a column or an
 * [accept] rule refuses is told, the same code once per place. Keys that are still on their way are not held against the record.
 */
#include "adapters/tools.h"
#include "adapters/write_int.h"

#define SAID_MAX 64

struct said {
	uint64_t line;
	char code[EG_CODE_MAX];
};

struct check {
	struct wr w;
	size_t nsaid;
	struct said said[SAID_MAX];
};

static bool
first_time(struct check *c, const char *code, bool at_line)
{
	const struct rec *r = c->w.env.rec;
	uint64_t line = at_line && c->w.on_line ? r->line_at[c->w.line].line : r->at.line;

	for (size_t i = 0; i < c->nsaid; i++)
		if (c->said[i].line == line && strcmp(c->said[i].code, code) == 0)
			return false;
	if (c->nsaid < SAID_MAX) {
		c->said[c->nsaid].line = line;
		snprintf(c->said[c->nsaid++].code, EG_CODE_MAX, "%s", code);
	}
	return true;
}

static bool
atom_missing(const struct adp_atom *a, const struct adp_env *env)
{
	const struct rec_val *v = a->line ? env->line : env->rec->head;

	if (a->kind != AS_FIELD || v == NULL || a->rf == NULL || (a->rf->flags & RF_CONTEXT) == 0)
		return false;
	return v[a->index].state == RV_BLANK && !eg_bytes_starts(eg_bytes_str(a->rf->name), EG_LIT("decision."));
}

/* The value comes, at least in part, from a key that the gateway fills in only before writing. What the decision says is known now. */
static bool
on_its_way(const struct adp_entry *e, const struct adp_env *env)
{
	if (e->source.kind == AS_FIELD)
		return atom_missing(&e->source.atom, env);
	for (size_t i = 0; i < e->source.natoms; i++)
		if (atom_missing(&e->source.atoms[i], env))
			return true;
	return false;
}

/* The approver's own cells of a sheet, by the field they become: what he typed there he can mend there. */
static const struct {
	const char *field, *column;
} sheet_cells[] = {
	{ "decision.erp_id", "ERP ID" },
	{ "decision.transaction_date", "Transaction Date" },
	{ "decision.accounting_date", "Accounting Date" },
	{ "decision.description", "Description" },
};

static const char *
cell_of_atom(const struct adp_atom *a)
{
	for (size_t i = 0; a->kind == AS_FIELD && i < sizeof(sheet_cells) / sizeof(sheet_cells[0]); i++)
		if (strcmp(a->name, sheet_cells[i].field) == 0)
			return sheet_cells[i].column;
	return NULL;
}

/* NULL: the value does not come from the sheet. */
static const char *
sheet_cell(const struct adp_entry *e)
{
	const char *cell = e->source.kind == AS_FIELD ? cell_of_atom(&e->source.atom) : NULL;

	for (size_t i = 0; cell == NULL && i < e->source.natoms; i++)
		cell = cell_of_atom(&e->source.atoms[i]);
	return cell;
}

static void
refusal_text(struct check *c, const struct adp_entry *e, bool blank, const char *why, char *ret, size_t cap)
{
	const char *cell = sheet_cell(e), *object = c->w.a->info.object;

	if (cell != NULL && blank)
		snprintf(ret, cap,
		    "The column %s of the approval sheet is empty, and %s in the %s file needs it. Type it there and return the row again.",
		    cell, e->target, object);
	else if (cell != NULL)
		snprintf(ret, cap, "%s in the %s file: %s It can be changed in the column %s of the approval sheet.",
		    e->target, object, why, cell);
	else
		snprintf(ret, cap, "%s in the %s file: %s", e->target, object, why);
}

static int
check_column(struct check *c, const struct adp_entry *e, struct eg_err *err)
{
	struct adp_val source = adp_source_value(e, &c->w.env);
	char code[EG_CODE_MAX], msg[2 * EG_MSG_MAX];
	struct eg_bytes text, value = EG_NONE;
	int rc;

	if (source.kind == AV_UNKNOWN || (source.kind == AV_BLANK && on_its_way(e, &c->w.env)))
		return EG_OK;
	rc = wr_cell(&c->w, e, source, &text, err);
	if (rc != EG_BADREC)
		return rc;
	if (!first_time(c, err->code, e->uses_line))
		return EG_OK;
	if (!e->masked && source.kind == AV_TEXT)
		value = source.text;
	memcpy(code, err->code, sizeof(code));
	refusal_text(c, e, source.kind == AV_BLANK, err->msg, msg, sizeof(msg));
	return wr_say(&c->w, ADP_REJECT, code, e->uses_line, e->target, value, msg, err);
}

static int
check_columns(struct check *c, const struct adp_rowset *rs, bool line_columns, struct eg_err *err)
{
	int rc = EG_OK;

	for (size_t i = 0; i < rs->ncolumns && rc == EG_OK; i++)
		if (rs->columns[i].refuses && rs->columns[i].uses_line == line_columns)
			rc = check_column(c, &rs->columns[i], err);
	return rc;
}

static int
check_rules(struct check *c, const struct adp_rowset *rs, struct eg_err *err)
{
	int rc = EG_OK;

	for (size_t i = 0; i < rs->naccept && rc == EG_OK; i++) {
		const struct adp_rule *rule = &rs->accept[i];

		if ((rule->when == NULL || adp_true(rule->when, &c->w.env) == 1) && first_time(c, rule->code, false))
			rc = wr_say_rule(&c->w, rule, err);
	}
	return rc;
}

static int
check_rowset(struct check *c, const struct adp_rowset *rs, struct eg_err *err)
{
	const struct rec *r = c->w.env.rec;
	int rc;

	if (rs->when != NULL && adp_true(rs->when, &c->w.env) != 1)
		return EG_OK;
	rc = check_rules(c, rs, err);
	if (rc == EG_OK)
		rc = check_columns(c, rs, false, err);
	for (size_t i = 0; rs->each_line && i < r->nlines && rc == EG_OK; i++) {
		eg_arena_reset(&c->w.row_arena);
		wr_line(&c->w, i);
		if (rs->lines == NULL || adp_true(rs->lines, &c->w.env) == 1)
			rc = check_columns(c, rs, true, err);
	}
	wr_line(&c->w, SIZE_MAX);
	return rc;
}

static int
check_adapter(struct check *c, const struct adp *a, const struct rec *r, struct eg_err *err)
{
	int rc = wr_record(&c->w, a, &r, 0, err);

	for (size_t j = 0; j < a->o.nrowsets && rc == EG_OK; j++)
		if (a->o.rowsets[j].record == r->type)
			rc = check_rowset(c, &a->o.rowsets[j], err);
	return rc;
}

int
adp_accept_one(const struct adp_set *s, const struct adp *a, const struct rec *r, const struct adp_out_sink *sink,
    struct eg_err *err)
{
	struct check *c = eg_xalloc(sizeof(*c));
	int rc;

	wr_init(&c->w, s, sink);
	rc = check_adapter(c, a, r, err);
	wr_done(&c->w);
	free(c);
	return rc;
}

int
adp_accept_check(const struct adp_set *s, const char *target, const struct rec *r, const struct adp_out_sink *sink,
    struct eg_err *err)
{
	struct check *c = eg_xalloc(sizeof(*c));
	int rc = EG_OK;

	wr_init(&c->w, s, sink);
	for (size_t i = 0; i < adp_set_count(s) && rc == EG_OK; i++) {
		const struct adp *a = adp_set_at(s, i);

		if (a->out && strcmp(a->info.system, target) == 0 && adp_writes(a, r->type))
			rc = check_adapter(c, a, r, err);
	}
	wr_done(&c->w);
	free(c);
	return rc;
}
