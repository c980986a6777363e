/* SPDX-License-Identifier: MIT
 *
 * The sources of one outbound cell. The names that its column's rule uses are read from the rule's text: what each of them is decides what is said. A cell has at least one source:
 * when nothing else is known, what the rule is by its form. Fails as the store and the callback do; EG_FATAL "DB-CORRUPT" for a cell without column or rule.
 */
#include "gateway/origins_int.h"

static bool
starts(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

int
origins_tell(struct origins *o, enum origin_kind k, const char *field, const char *what, const struct origin_place *p,
    struct eg_err *err)
{
	o->told = true;
	o->o.kind = k;
	o->o.field = field;
	o->o.what = what;
	o->o.place = p;
	return o->each(o->ctx, &o->o, err);
}

static int
tell_bytes(struct origins *o, int64_t file, const char *field, const struct rec_prov *at, struct eg_err *err)
{
	struct origin_place p;
	int rc = origins_place(o, file, o->rec.type, field, at, &p, err);

	return rc == EG_OK ? origins_tell(o, ORIGIN_BYTES, field, "", &p, err) : rc;
}

static int
tell_setting(struct origins *o, const char *name, struct eg_err *err)
{
	const char *key = name + strlen("config."), *value = conf_text(&o->site->conf, key);

	if (value == NULL || *value == '\0') /* gives nothing, and the rule goes on to the next */
		return EG_OK;
	char *what = eg_xprintf("setting %s = %s", key, value);
	int rc = origins_tell(o, ORIGIN_SETTING, name, what, NULL, err);

	free(what);
	return rc;
}

static int
tell_decision(struct origins *o, const char *name, struct eg_err *err)
{
	const struct decision *d = &o->decision;
	const struct {
		const char *name, *typed;
	} cells[] = { { "decision.erp_id", d->erp_id }, { "decision.description", d->description },
		{ "decision.comment", d->comment }, { "decision.transaction_date", d->transaction_date },
		{ "decision.accounting_date", d->accounting_date } };
	const char *typed = NULL;
	bool day = strcmp(name, "decision.date") == 0;

	if (o->decision_id == 0)
		return EG_OK;
	for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++)
		if (strcmp(name, cells[i].name) == 0)
			typed = cells[i].typed;
	day = day || (typed != NULL && *typed == '\0' && strcmp(name, "decision.transaction_date") == 0);
	if (!day && (typed == NULL || *typed == '\0'))
		return EG_OK;
	char *what = eg_xprintf("decision %s row %u by %s%s", d->manifest, d->row, d->approver,
	    day ? ": the day on which it was made" : "");
	int rc = origins_tell(o, ORIGIN_DECISION, name, what, NULL, err);

	free(what);
	return rc;
}

/* What a name of the rule is, when no place of the cell is its value's. */
static int
tell_name(struct origins *o, const char *name, bool placed, struct eg_err *err)
{
	const struct rec_val *v = rule_name_value(o, name);
	const struct seen_file *f;
	int rc;

	if (starts(name, "config."))
		return tell_setting(o, name, err);
	if (starts(name, "decision."))
		return tell_decision(o, name, err);
	if (starts(name, "erp."))
		return placed ? EG_OK : origins_key(o, name, err);
	if (placed)
		return EG_OK;
	if (o->o.value != NULL && *o->o.value == '\0' && v == NULL)
		return EG_OK;
	if (starts(name, "link.") || starts(name, "target.") || starts(name, "contract."))
		return origins_tell(o, ORIGIN_LINK, name, "taken over from the record that it belongs to", NULL, err);
	if (v == NULL || v->state != RV_VALUE)
		return EG_OK;
	if (v->prov.line != 0)
		return v->prov.src == 0 ? tell_bytes(o, o->file, name, &v->prov, err) : EG_OK;
	rc = origins_file(o, o->file, &f, err);
	if (rc < 0)
		return rc;
	const char *entry = origins_entry(f, o->rec.type, name);
	char *what =
	    eg_xprintf("set by adapter %s%s%s", f->file.adapter, entry == NULL ? "" : ": ", entry == NULL ? "" : entry);
	rc = origins_tell(o, ORIGIN_DEFAULT, name, what, NULL, err);
	free(what);
	return rc;
}

static int
tell_places(struct origins *o, const json_t *places, struct eg_err *err)
{
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < json_array_size(places); i++) {
		const json_t *from = json_array_get(places, i);
		const struct rec_prov at = origins_prov(from);
		const int64_t file = json_integer_value(json_object_get(from, "file"));
		char name[RULE_NAME_MAX];
		size_t line;
		rc = rule_name_at(o, o->o.rule, file, &at, name, &line, err);
		if (rc == EG_OK)
			rc = tell_bytes(o, file, name, &at, err);
	}
	return rc;
}

static int
tell_rest(struct origins *o, bool names, struct eg_err *err)
{
	const bool empty = o->o.value != NULL && *o->o.value == '\0';

	if (o->told)
		return EG_OK;
	if (!empty && strstr(o->o.rule, "erp.") != NULL)
		return origins_tell(
		    o, ORIGIN_ERP_KEY, "", "a key that the accounting system knows the record by", NULL, err);
	if (starts(o->o.rule, "counter"))
		return origins_tell(o, ORIGIN_COUNTER, "", "the adapter's running number", NULL, err);
	if (empty)
		return origins_tell(o, ORIGIN_EMPTY, "",
		    names ? "nothing was given for it, or the rule leaves it out" : "always empty", NULL, err);
	return names ? origins_tell(o, ORIGIN_CALCULATED, "", "by the rule alone", NULL, err) :
	               origins_tell(o, ORIGIN_CONSTANT, "", "written in the adapter", NULL, err);
}

int
origins_cell(struct origins *o, const json_t *cell, struct eg_err *err)
{
	const json_t *places = json_object_get(cell, "from");
	struct eg_bytes rest;
	char name[RULE_NAME_MAX];
	bool names = false;

	eg_arena_reset(&o->cell);
	o->told = false;
	o->o.column = json_string_value(json_object_get(cell, "column"));
	o->o.rule = json_string_value(json_object_get(cell, "rule"));
	o->o.value = json_string_value(json_object_get(cell, "value"));
	if (o->o.column == NULL || o->o.rule == NULL)
		return origins_missing(o->o.item, err);
	int rc = tell_places(o, places, err);
	rest = eg_bytes_str(o->o.rule);
	while (rc == EG_OK && rule_name_next(&rest, name)) {
		names = true;
		rc = tell_name(o, name, json_array_size(places) > 0, err);
	}
	return rc == EG_OK ? tell_rest(o, names, err) : rc;
}
