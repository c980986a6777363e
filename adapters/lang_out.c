/* SPDX-License-Identifier: MIT
 *
 * Direction out: each kind of rows with its record, condition, columns and rules.
 */
#include "adapters/lang_int.h"

enum {
	ROWS_RECORD,
	ROWS_EACH,
	ROWS_WHEN,
	ROWS_LINES,
	ROWS_ANSWER_KEY,
	ROWS_N
};
static const char *const rows_keys[] = { "record", "each", "when", "lines", "answer_key", NULL };

/* An entry like a column of a row per record: the key by which the target's answer names it. */
static void
answer_key(struct adl_comp *c, struct adp_rowset *r)
{
	struct adp_entry *e = adl_mem(c->set, 1, sizeof *e);

	(void)adl_entry(c, e);
	e->field = -1;
	r->answer_key = e;
}

static void
rows_key(struct adl_comp *c, int key, struct adp_rowset *r)
{
	static const char *const each[] = { "record", "line", NULL };
	struct adl_scan s = adl_scan(c, c->at.value);

	c->scope = (struct adl_scope){ .type = r->record, .agg = true, .line = key == ROWS_LINES };
	switch (key) {
	case ROWS_RECORD:
		r->record = adl_record_type(c, &s);
		return;
	case ROWS_EACH:
		r->each_line = adl_one_of(c, adl_word(&s), each, "ADP-VALUE", "kind of row") == 1;
		break;
	case ROWS_WHEN:
		r->when = adl_condition(&s);
		if (r->when == NULL)
			return;
		break;
	case ROWS_ANSWER_KEY:
		answer_key(c, r);
		return;
	default:
		r->lines = adl_condition(&s);
		if (r->lines == NULL)
			return;
	}
	(void)adl_done(&s);
}

static void
rows_head(struct adl_comp *c, const struct adl_section *s, struct adp_rowset *r)
{
	bool seen[ROWS_N] = { false };

	/* the record first: the conditions are about it */
	for (int turn = 0; turn < 2; turn++)
		for (size_t i = 0; i < s->nlines; i++) {
			c->at = s->lines[i];
			if (eg_bytes_is(c->at.key, "record") != (turn == 0))
				continue;
			int k = adl_one_of(c, c->at.key, rows_keys, "ADP-KEY", "key");
			if (k >= 0 && seen[k])
				adl_error(c, c->at.key.ptr, "ADP-KEY", NULL, "%s stands here twice.", rows_keys[k]);
			else if (k >= 0 && (k == ROWS_RECORD || r->record != NULL))
				rows_key(c, k, r);
			if (k >= 0)
				seen[k] = true;
		}
	c->at = s->head;
	if (!seen[ROWS_RECORD])
		adl_error(c, c->at.key.ptr, "ADP-MISSING", NULL, "record = … is missing in this section.");
	if (r->record != NULL && r->each_line && r->record->nline == 0)
		adl_error(c, c->at.key.ptr, "ADP-VALUE", "each = record", "A %s has no lines.", r->record->name);
	if (r->lines != NULL && !r->each_line)
		adl_error(c, c->at.key.ptr, "ADP-VALUE", "each = line",
		    "lines = … chooses lines, but there is one row per record.");
}

static void
columns(struct adl_comp *c, const struct adl_section *s, struct adp_rowset *r)
{
	struct adp_entry *v = adl_mem(c->set, s->nlines + 1, sizeof *v);
	size_t n = 0;

	for (size_t i = 0; i < s->nlines; i++) {
		c->at = s->lines[i];
		c->scope = (struct adl_scope){ .type = r->record, .line = r->each_line, .agg = true };
		for (size_t k = 0; k < i; k++)
			if (eg_bytes_eq(s->lines[k].key, c->at.key))
				adl_error(c, c->at.key.ptr, "ADP-KEY", NULL, "The column %.*s stands here twice.",
				    EG_FMT(c->at.key));
		v[n] = (struct adp_entry){ 0 };
		(void)adl_entry(c, &v[n]);
		v[n].field = -1;
		n += v[n].left_out ? 0 : 1;
	}
	r->columns = v;
	r->ncolumns = n;
}

/* A header line speaks for every row below it. */
static void
same_columns(
    struct adl_comp *c, const struct adl_section *s, const struct adp_rowset *first, const struct adp_rowset *r)
{
	bool same = first->ncolumns == r->ncolumns;

	for (size_t i = 0; same && i < r->ncolumns; i++)
		same = strcmp(first->columns[i].target, r->columns[i].target) == 0;
	c->at = s->head;
	if (!same && c->adp->o.header && !c->adp->o.xml)
		adl_error(c, c->at.key.ptr, "ADP-KEY", "the same columns in the same order, or header = no",
		    "The file has a header line, and these columns are not those of the first kind of rows.");
}

static void
one_rowset(struct adl_comp *c, struct adl_section *s, bool first, struct adp_rowset *r)
{
	struct adl_section *cols = adl_section(c, SC_COLUMNS, s->name), *rules = adl_section(c, SC_RULES, s->name),
			   *accept = adl_section(c, SC_ACCEPT, s->name);

	r->name = adl_cstr(c->set, s->name);
	rows_head(c, s, r);
	if (cols == NULL) {
		c->at = s->head;
		adl_error(c, c->at.key.ptr, "ADP-MISSING", NULL, "The section [columns%s%s] is missing.",
		    r->name[0] != '\0' ? " " : "", r->name);
		return;
	}
	if (r->record == NULL)
		return;
	columns(c, cols, r);
	if (first && rules == NULL)
		rules = adl_section(c, SC_RULES, EG_LIT(""));
	if (first && accept == NULL)
		accept = adl_section(c, SC_ACCEPT, EG_LIT(""));
	c->scope = (struct adl_scope){ .type = r->record, .line = r->each_line, .agg = true };
	adl_rules(c, rules, RULES_OUT, &r->nrules, &r->rules);
	c->scope = (struct adl_scope){ .type = r->record, .agg = true };
	adl_rules(c, accept, RULES_ACCEPT, &r->naccept, &r->accept);
}

static void
per_project(struct adl_comp *c, const struct rec_type *t)
{
	struct adp_out *o = &c->adp->o;
	const struct adl_section *s = adl_section(c, SC_FILE, EG_LIT(""));
	struct adp_atom a;

	for (size_t i = 0; i < s->nlines; i++)
		if (eg_bytes_is(s->lines[i].key, "per_project"))
			c->at = s->lines[i];
	if (strcmp(o->per_project_field, "no") == 0) {
		o->per_project_field = NULL;
		return;
	}
	c->scope = (struct adl_scope){ .type = t };
	if (adl_field(c, c->at.value, &a))
		o->per_project = a.index;
}

void
adl_rowsets(struct adl_comp *c)
{
	struct adp_rowset *v = adl_mem(c->set, c->nsections + 1, sizeof *v);
	size_t n = 0;

	for (size_t i = 0; i < c->nsections; i++) {
		struct adl_section *s = &c->sections[i];

		if (s->kind != SC_ROWS)
			continue;
		s->used = true;
		one_rowset(c, s, n == 0, &v[n]);
		if (n > 0)
			same_columns(c, s, &v[0], &v[n]);
		n++;
	}
	c->adp->o.rowsets = v;
	c->adp->o.nrowsets = n;
	if (n == 0) {
		c->at = adl_section(c, SC_ADAPTER, EG_LIT(""))->head;
		adl_error(c, c->at.key.ptr, "ADP-MISSING", NULL, "The section [rows] is missing.");
		return;
	}
	c->adp->info.record = v[0].record;
	if (c->adp->o.per_project_field != NULL && v[0].record != NULL)
		per_project(c, v[0].record);
	const struct adp_expr **agg = adl_mem(c->set, c->nagg + 1, sizeof *agg);
	memcpy(agg, c->agg, c->nagg * sizeof *agg);
	c->adp->agg = agg;
	c->adp->nagg = c->nagg;
}
