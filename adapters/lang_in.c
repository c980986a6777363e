/* SPDX-License-Identifier: MIT
 *
 * Direction in: [record], [fields], [lines] and the rules of each record. Entries see what is set above them; rules see all that is set.
 * The first record is the adapter itself; each further [record] becomes a twin with the same file.
 */
#include "adapters/lang_int.h"

/* The field an entry sets, or false after a fault. */
static bool
target(struct adl_comp *c, bool lines, struct adp_entry *e)
{
	const struct rec_type *t = c->adp->info.record;
	struct adl_suggest s;
	bool line = false;
	int i = rec_field_named(t, c->at.key, &line);

	adl_suggest_init(&s, c->at.key);
	for (unsigned k = 0; k < (lines ? t->nline : t->nhead); k++)
		if (((lines ? t->line[k].flags : t->head[k].flags) & RF_CONTEXT) == 0)
			adl_suggest_add(&s, eg_bytes_str(lines ? t->line[k].name : t->head[k].name));
	if (i < 0) {
		adl_error(c, c->at.key.ptr, "ADP-FIELD", adl_suggest_hint(c, &s),
		    "\"%.*s\" is not in the record model (%s).", EG_FMT(c->at.key), t->name);
		return false;
	}
	e->field = i;
	e->rf = line ? &t->line[i] : &t->head[i];
	if (line != lines)
		adl_error(c, c->at.key.ptr, "ADP-FIELD", adl_hint(c, "it belongs in %s", line ? "[lines]" : "[fields]"),
		    "%s is a %s field.", e->rf->name, line ? "line" : "header");
	else if ((e->rf->flags & RF_CONTEXT) != 0)
		adl_error(c, c->at.key.ptr, "ADP-FIELD", NULL,
		    "%s is filled by the gateway and cannot be read from a file.", e->rf->name);
	return line == lines && (e->rf->flags & RF_CONTEXT) == 0;
}

static void
one_field(struct adl_comp *c, bool lines, bool *set, bool *masked, struct adp_entry *e)
{
	if (!target(c, lines, e))
		return;
	if (set[e->field])
		adl_error(c, c->at.key.ptr, "ADP-KEY", NULL, "%s is set twice.", e->rf->name);
	(void)adl_entry(c, e);
	set[e->field] = true;
	e->masked |= (e->rf->flags & RF_PRIVATE) != 0;
	masked[e->field] |= e->masked;
	if (e->source.kind == AS_CELL && (size_t)e->source.atom.index < c->ncolumns) {
		c->columns[e->source.atom.index].required |= e->required;
		c->columns[e->source.atom.index].masked |= e->masked;
	}
}

static void
fields(struct adl_comp *c, const struct adl_section *s, bool lines, bool *set, bool *masked)
{
	if (s == NULL)
		return;
	struct adp_entry *v = adl_mem(c->set, s->nlines + 1, sizeof *v);
	for (size_t i = 0; i < s->nlines; i++) {
		c->at = s->lines[i];
		c->scope.line = c->scope.cells_line = lines;
		one_field(c, lines, set, masked, &v[i]);
	}
	if (lines) {
		c->adp->in.linefields = v;
		c->adp->in.nlines = s->nlines;
	} else {
		c->adp->in.fields = v;
		c->adp->in.nfields = s->nlines;
	}
}

/* Without its key a record cannot become an item; a file that no ERP takes makes none. */
static void
check_key(struct adl_comp *c, const struct adl_section *s, const bool *set)
{
	const struct rec_type *t = c->adp->info.record;

	c->at = s->head;
	for (unsigned i = 0; i < t->nkey && c->adp->in.not_for.n < 3; i++)
		if (!set[rec_head_index(t, t->key[i])])
			adl_error(c, c->at.key.ptr, "ADP-MISSING", NULL,
			    "%s is part of the item id of a %s and is not set.", t->key[i], t->name);
}

static void
one_record(struct adl_comp *c, struct eg_bytes name, const struct adl_section *record)
{
	const struct rec_type *t = c->adp->info.record;
	struct adl_section *head = adl_section(c, SC_FIELDS, name), *lines = adl_section(c, SC_LINES, name);
	bool *head_set = adl_mem(c->set, t->nhead + 1, 1), *line_set = adl_mem(c->set, t->nline + 1, 1);

	c->has_lines = lines != NULL;
	c->head_masked = adl_mem(c->set, t->nhead + 1, 1);
	c->line_masked = adl_mem(c->set, t->nline + 1, 1);
	c->nagg = 0;
	c->scope = (struct adl_scope){ .type = t, .cells = true, .head_set = head_set, .line_set = line_set };
	if (head == NULL) {
		c->at = record->head;
		adl_error(c, c->at.key.ptr, "ADP-MISSING", NULL, "The section [fields%s%.*s] is missing.",
		    name.len > 0 ? " " : "", EG_FMT(name));
		return;
	}
	fields(c, head, false, head_set, c->head_masked);
	if (lines != NULL && t->nline == 0) {
		c->at = lines->head;
		adl_error(c, c->at.key.ptr, "ADP-SECTION", NULL, "A %s has no lines.", t->name);
		return;
	}
	fields(c, lines, true, line_set, c->line_masked);
	check_key(c, head, head_set);
	c->scope = (struct adl_scope){
		.type = t, .agg = true, .cells = !c->has_lines, .head_set = head_set, .line_set = line_set
	};
	adl_rules(c, adl_section(c, SC_RULES, name), RULES_RECORD, &c->adp->nrules, &c->adp->rules);
	c->scope = (struct adl_scope){
		.type = t, .line = true, .cells = true, .cells_line = true, .head_set = head_set, .line_set = line_set
	};
	adl_rules(c, adl_section(c, SC_LINE_RULES, name), RULES_LINE, &c->adp->nline_rules, &c->adp->line_rules);
	if (!c->all_or_nothing_said)
		c->adp->in.all_or_nothing = c->has_lines;
	const struct adp_expr **agg = adl_mem(c->set, c->nagg + 1, sizeof *agg);
	memcpy(agg, c->agg, c->nagg * sizeof *agg);
	c->adp->agg = agg;
	c->adp->nagg = c->nagg;
}

/* `type` and `when` of a [record]. */
static bool
record_head(struct adl_comp *c, const struct adl_section *s)
{
	static const char *const keys[] = { "type", "when", NULL };
	bool seen[2] = { false, false };
	const struct adp_expr *both = c->adp->in.rows_when;

	c->adp->info.record = NULL;
	for (size_t i = 0; i < s->nlines; i++) {
		c->at = s->lines[i];
		struct adl_scan sc = adl_scan(c, c->at.value);
		int k = adl_one_of(c, c->at.key, keys, "ADP-KEY", "key");

		if (k >= 0 && seen[k])
			adl_error(c, c->at.key.ptr, "ADP-KEY", NULL, "%s stands here twice.", keys[k]);
		if (k < 0 || seen[k])
			continue;
		seen[k] = true;
		if (k == 0) {
			c->adp->info.record = adl_record_type(c, &sc);
			continue;
		}
		c->scope = (struct adl_scope){ .cells = true };
		const struct adp_expr *when = adl_condition(&sc);
		if (when == NULL || !adl_done(&sc))
			continue;
		struct adp_expr *e = adl_node(c, OP_AND, AT_FLAG, 2);
		e->args[0] = both;
		e->args[1] = when;
		c->adp->in.rows_when = both != NULL ? e : when;
	}
	c->at = s->head;
	if (!seen[0])
		adl_error(c, c->at.key.ptr, "ADP-MISSING", NULL, "type = … is missing in this section.");
	return c->adp->info.record != NULL;
}

static void
share_columns(struct adl_comp *c)
{
	const char **names = adl_mem(c->set, c->ncolumns + 1, sizeof *names);
	bool *required = adl_mem(c->set, c->ncolumns + 1, 1), *line = adl_mem(c->set, c->ncolumns + 1, 1);

	for (size_t i = 0; i < c->ncolumns; i++) {
		names[i] = c->columns[i].name;
		required[i] = c->columns[i].required;
		line[i] = c->columns[i].line;
	}
	/* twins are reached through const pointers, but they are ours until the set has them */
	for (struct adp *a = &c->m->a; a != NULL; a = (struct adp *)(uintptr_t)a->twin) {
		a->in.ncolumns = c->ncolumns;
		a->in.columns = names;
		a->in.column_required = required;
		a->in.column_line = line;
	}
}

/* Behind a [record] without a condition of its own no other would get a row. */
static void
only_last_may_take_all(
    struct adl_comp *c, const struct adp *before, const struct adp *common, const struct adl_section *s)
{
	c->at = s->head;
	if (before->in.rows_when == common->in.rows_when)
		adl_error(c, c->at.key.ptr, "ADP-SECTION", "give the record above a when = …",
		    "The record above takes every row; nothing is left for this one.");
}

void
adl_record_sections(struct adl_comp *c)
{
	struct adl_section *s = adl_section(c, SC_RECORD, EG_NONE);
	struct adp *last = NULL;

	if (s == NULL && c->adp->info.record != NULL)
		one_record(c, EG_LIT(""), adl_section(c, SC_ADAPTER, EG_LIT("")));
	if (s != NULL && c->adp->info.record != NULL) {
		c->at = s->head;
		adl_error(c, c->at.key.ptr, "ADP-SECTION", "leave record out of [adapter]",
		    "Either [adapter] names one record or [record] sections name several.");
		adl_file_columns(c);
		share_columns(c);
		return;
	}
	const struct adp common = *c->adp;
	for (size_t i = 0; s != NULL && i < c->nsections; i++) {
		struct adl_section *r = &c->sections[i];

		if (r->kind != SC_RECORD)
			continue;
		r->used = true;
		if (last != NULL) {
			only_last_may_take_all(c, last, &common, r);
			c->adp = adl_mem(c->set, 1, sizeof *c->adp);
			last->twin = c->adp;
		}
		*c->adp = common;
		last = c->adp;
		if (record_head(c, r))
			one_record(c, r->name, r);
	}
	c->adp = &c->m->a;
	adl_file_columns(c);
	share_columns(c);
}
