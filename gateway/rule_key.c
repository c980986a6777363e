/* SPDX-License-Identifier: MIT
 *
 * Keys and values of the site's own rules. Refuses unknown stages, types, fields and kinds and names the likely one. Tests: tests/unit/test_field_rules.c.
 */
#include "gateway/rule_key.h"

#include "adapters/pattern.h"
#include "base/buf.h"

static const char *const stages[RULE_NSTAGES] = { "save", "send", "export", "import" };

static const struct {
	const char *word;
	bool number, pattern;
} kinds[RULE_NKINDS] = {
	[RULE_PRESENT] = { "present", false, false },
	[RULE_NUMERIC] = { "numeric", false, false },
	[RULE_POSITIVE] = { "positive", false, false },
	[RULE_MAX_LENGTH] = { "max_length", true, false },
	[RULE_MAX_DECIMAL] = { "max_length_decimal", true, false },
	[RULE_MAX_UNITS] = { "max_length_units", true, false },
	[RULE_MAX_LINE] = { "max_line_length", true, false },
	[RULE_FORMAT] = { "format", false, true },
	[RULE_DIVISION] = { "disallow_division", false, false },
	[RULE_HOLD] = { "hold", false, false },
};

/* ---- the likely word ---- */

struct nearest {
	const char *word;
	unsigned distance;
};

static void
nearer(struct nearest *n, struct eg_bytes given, const char *word)
{
	unsigned d = eg_bytes_distance(given, eg_bytes_str(word), 4);

	if (d < n->distance) {
		n->distance = d;
		n->word = word;
	}
}

static int
unknown(struct eg_err *err, const char *code, const char *what, struct eg_bytes given, const struct nearest *n,
    const char *look)
{
	return eg_fail(err, EG_BADFILE, code, "\"%.*s\" is no %s%s%s%s %s", EG_FMT(given), what,
	    n->word != NULL ? "; did you mean \"" : ".", n->word != NULL ? n->word : "", n->word != NULL ? "\"?" : "",
	    look);
}

/* ---- keys ---- */

bool
rule_key_is(struct eg_bytes key)
{
	return eg_bytes_starts(key, EG_LIT("rule."));
}

static int
read_stage(struct eg_bytes word, enum rule_stage *ret, struct eg_err *err)
{
	struct nearest n = { NULL, 4 };

	for (unsigned i = 0; i < RULE_NSTAGES; i++) {
		if (eg_bytes_is(word, stages[i])) {
			*ret = (enum rule_stage)i;
			return EG_OK;
		}
		nearer(&n, word, stages[i]);
	}
	return unknown(err, "CONF-KEY", "stage of a rule", word, &n, "A rule is save, send, export or import.");
}

static int
read_type(struct eg_bytes word, enum rule_stage stage, const struct rec_type **ret, struct eg_err *err)
{
	const struct rec_type *t = rec_type_named(word);
	struct nearest n = { NULL, 4 };

	if (t == NULL) {
		for (unsigned i = 0; i < REC_NTYPES; i++)
			nearer(&n, word, rec_type((enum rec_id)i)->name);
		return unknown(err, "CONF-KEY", "record type", word, &n, "All types: erpgate help types");
	}
	bool ours = t->cls == RC_TO_ERP || (t->id == REC_SELECTION && stage == RULE_SAVE);
	bool theirs =
	    t->cls == RC_FROM_ERP || t->cls == RC_AUTOMATIC || (t->cls == RC_REFERENCE && t->id != REC_SELECTION);
	if (stage == RULE_IMPORT ? !theirs : !ours)
		return eg_fail(err, EG_BADFILE, "CONF-KEY", "there is no stage %s for a record of type %s; %s",
		    stages[stage], t->name,
		    theirs ? "what comes from the accounting system has the stage import" :
			     "it has the stages save, send and export");
	*ret = t;
	return EG_OK;
}

/* The part behind the first dot: "title" of "commitment.title". */
static const char *
short_name(const struct rec_field *f)
{
	const char *dot = strchr(f->name, '.');

	return dot == NULL ? f->name : dot + 1;
}

/* Header field of that short name, -1 when none or several have it. */
static int
short_field(const struct rec_type *t, struct eg_bytes word, bool context)
{
	int found = -1;

	for (unsigned i = 0; i < t->nhead; i++) {
		if (!eg_bytes_is(word, short_name(&t->head[i])) || (!context && (t->head[i].flags & RF_CONTEXT) != 0))
			continue;
		if (found >= 0)
			return -1;
		found = (int)i;
	}
	return found;
}

static int
no_field(const struct rec_type *t, struct eg_bytes word, struct eg_err *err)
{
	struct nearest n = { NULL, 4 };
	char look[96];

	for (unsigned i = 0; i < t->nhead; i++) {
		nearer(&n, word, t->head[i].name);
		nearer(&n, word, short_name(&t->head[i]));
	}
	for (unsigned i = 0; i < t->nline; i++)
		nearer(&n, word, t->line[i].name);
	(void)snprintf(look, sizeof(look), "Its fields: erpgate help record %s", t->name);
	return unknown(err, "CONF-KEY", "field of that record type", word, &n, look);
}

static int
read_field(struct eg_bytes word, struct rule_key *k, struct eg_err *err)
{
	int i = rec_field_named(k->type, word, &k->on_line);

	if (i < 0)
		i = short_field(k->type, word, k->stage == RULE_EXPORT);
	if (i < 0)
		return no_field(k->type, word, err);
	k->index = (unsigned)i;
	k->field = k->on_line ? &k->type->line[i] : &k->type->head[i];
	if ((k->field->flags & RF_CONTEXT) != 0 && k->stage != RULE_EXPORT)
		return eg_fail(err, EG_BADFILE, "CONF-KEY",
		    "%s is not known before an approver accepts; write the rule for the stage export", k->field->name);
	return EG_OK;
}

int
rule_key_read(struct eg_bytes key, struct rule_key *ret, struct eg_err *err)
{
	struct eg_bytes rest = eg_bytes_sub(key, 5, key.len), stage, type;
	int rc;

	*ret = (struct rule_key){ 0 };
	if (!eg_bytes_cut(&rest, '.', &stage) || !eg_bytes_cut(&rest, '.', &type) || rest.len == 0)
		return eg_fail(err, EG_BADFILE, "CONF-KEY",
		    "a rule's key is rule.STAGE.TYPE.FIELD, for example rule.save.commitment.title");
	if (eg_bytes_ends(rest, EG_LIT(".message"))) {
		ret->message = true;
		rest.len -= strlen(".message");
	}
	rc = read_stage(stage, &ret->stage, err);
	if (rc == EG_OK)
		rc = read_type(type, ret->stage, &ret->type, err);
	return rc == EG_OK ? read_field(rest, ret, err) : rc;
}

/* ---- values ---- */

static int
read_kind(struct eg_bytes word, enum rule_kind *ret, struct eg_err *err)
{
	struct nearest n = { NULL, 4 };

	for (unsigned i = 0; i < RULE_NKINDS; i++) {
		if (eg_bytes_is(word, kinds[i].word)) {
			*ret = (enum rule_kind)i;
			return EG_OK;
		}
		nearer(&n, word, kinds[i].word);
	}
	return unknown(err, "CONF-VALUE", "kind of rule", word, &n, "All kinds: erpgate help settings rule.*.*.*");
}

int
rule_test_next(struct eg_bytes *rest, struct rule_test *ret, struct eg_err *err)
{
	struct eg_bytes part, word;
	int rc;

	if (rest->len == 0 || !eg_bytes_cut(rest, ';', &part))
		return EG_EOF;
	part = eg_bytes_trim(part);
	(void)eg_bytes_cut(&part, ' ', &word);
	part = part.ptr == NULL ? EG_NONE : eg_bytes_trim(part);
	rc = read_kind(word, &ret->kind, err);
	if (rc != EG_OK)
		return rc;
	ret->pattern = kinds[ret->kind].pattern ? part : EG_NONE;
	if (kinds[ret->kind].number && (!eg_bytes_to_u64(part, &ret->limit) || ret->limit > 1000000))
		return eg_fail(err, EG_BADFILE, "CONF-VALUE", "%s needs a whole number behind it, for example %s 30",
		    kinds[ret->kind].word, kinds[ret->kind].word);
	if (kinds[ret->kind].pattern) {
		struct adp_pattern *p = adp_pattern_new(part);
		if (p == NULL)
			return eg_fail(err, EG_BADFILE, "CONF-VALUE",
			    "\"%.*s\" is no pattern; write for example format [A-Z0-9-]{1,10}", EG_FMT(part));
		adp_pattern_free(p);
	}
	if (!kinds[ret->kind].number && !kinds[ret->kind].pattern && part.len > 0)
		return eg_fail(err, EG_BADFILE, "CONF-VALUE",
		    "%s takes nothing behind it; rules are divided by semicolons", kinds[ret->kind].word);
	return EG_OK;
}

static int
check_message(struct eg_bytes v, struct eg_err *err)
{
	static const char *const names[] = { "limit", "value", "field", "item" };

	while (v.len > 0) {
		struct eg_bytes name;
		size_t open = eg_bytes_chr(v, '{'), n = 0;

		if (open == v.len)
			return EG_OK;
		v = eg_bytes_sub(v, open + 1, v.len);
		size_t close = eg_bytes_chr(v, '}');
		name = eg_bytes_sub(v, 0, close);
		while (n < 4 && !eg_bytes_is(name, names[n]))
			n++;
		if (n == 4 || close == v.len)
			return eg_fail(err, EG_BADFILE, "CONF-VALUE",
			    "a rule's message knows {limit}, {value}, {field} and {item}, not {%.*s}", EG_FMT(name));
		v = eg_bytes_sub(v, close + 1, v.len);
	}
	return EG_OK;
}

int
rule_value_check(const struct rule_key *key, struct eg_bytes value, struct eg_err *err)
{
	struct rule_test t;
	unsigned tests = 0;
	int rc;

	if (key->message)
		return value.len > 0 ? check_message(value, err) :
		                       eg_fail(err, EG_BADFILE, "CONF-VALUE", "a rule's message is empty");
	while ((rc = rule_test_next(&value, &t, err)) == EG_OK) {
		if (t.kind == RULE_HOLD && key->stage != RULE_SEND)
			return eg_fail(err, EG_BADFILE, "CONF-VALUE",
			    "only a rule of the stage send can hold; at %s it refuses", stages[key->stage]);
		tests += t.kind != RULE_HOLD;
	}
	if (rc != EG_EOF)
		return rc;
	return tests > 0 ? EG_OK :
	                   eg_fail(err, EG_BADFILE, "CONF-VALUE", "a rule needs a kind, for example max_length 30");
}
