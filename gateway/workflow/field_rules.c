/* SPDX-License-Identifier: MIT
 *
 * Field rules: one function per kind says whether a value breaks it; one table says which code a field's breach carries. Nothing here decides what happens to the
 * record: callers do. Tests: tests/unit/test_field_rules.c, tests/rules/.
 */
#include "gateway/workflow/field_rules.h"

#include "adapters/pattern.h"
#include "base/utf8.h"
#include "gateway/workflow/intake.h"
#include "gateway/workflow/rulebook.h"

#include <inttypes.h>

struct site_test {
	enum rule_kind kind;
	uint64_t limit;
	struct adp_pattern *pattern;
};

struct site_rule {
	struct rule_key key;
	struct site_test *tests;
	size_t ntests;
	bool hold;
	const char *setting; /* its key as the settings have it */
	const char *message; /* of the settings; NULL = ours */
};

struct field_rules {
	struct site_rule *rules;
	size_t n;
};

/* ---- codes ---- */

#define ANY_KIND RULE_NKINDS

/* The first row that fits. */
static const struct {
	const char *types; /* blank separated */
	const char *field;
	enum rule_kind kind;
	const char *code;
} codes[] = {
	{ "vendor", "decision.erp_id", RULE_PRESENT, "E-02" },
	{ "vendor", "decision.erp_id", ANY_KIND, "E-07" },
	{ "vendor", "vendor.name", ANY_KIND, "E-04" },
	{ "erp-vendor erp-customer", "vendor.origin_code", ANY_KIND, "E-07" },
	{ "vendor", "vendor.address1", ANY_KIND, "E-16" },
	{ "vendor", "vendor.address2", ANY_KIND, "E-16" },
	{ "vendor", "vendor.city", ANY_KIND, "E-16" },
	{ "vendor", "vendor.state_code", ANY_KIND, "E-16" },
	{ "vendor", "vendor.zip", ANY_KIND, "E-16" },
	{ "project", "decision.erp_id", ANY_KIND, "E-13" },
	{ "project", "project.name", ANY_KIND, "E-16" },
	{ "project", "project.address", ANY_KIND, "E-16" },
	{ "project", "project.city", ANY_KIND, "E-16" },
	{ "project", "project.state_code", ANY_KIND, "E-16" },
	{ "project", "project.zip", ANY_KIND, "E-16" },
	{ "subjob", "sub_job.code", ANY_KIND, "E-17" },
	{ "subjob", "sub_job.name", ANY_KIND, "E-17" },
	{ "subjob", "decision.erp_id", ANY_KIND, "E-17" },
	{ "cost-code", "code.cost_code", ANY_KIND, "E-18" },
	{ "budget budget-change forecast selection", "line.cost_type", RULE_PRESENT, "E-12" },
	{ "commitment", "decision.erp_id", RULE_PRESENT, "E-34" },
	{ "commitment", "decision.erp_id", ANY_KIND, "E-35" },
	{ "commitment", "commitment.number", ANY_KIND, "E-35" },
	{ "commitment", "commitment.title", ANY_KIND, "E-36" },
	{ "commitment cco pcco", "line.cost_code", ANY_KIND, "E-38" },
	{ "commitment cco pcco", "line.cost_type", ANY_KIND, "E-38" },
	{ "commitment cco pcco invoice", "line.quantity", ANY_KIND, "E-39" },
	{ "commitment cco pcco invoice", "line.unit_cost", ANY_KIND, "E-39" },
	{ "commitment cco pcco invoice", "line.amount", ANY_KIND, "E-39" },
	{ "commitment cco pcco invoice", "line.uom", ANY_KIND, "E-39" },
	{ "commitment", "commitment.contract_date", ANY_KIND, "E-41" },
	{ "commitment", "commitment.payment_terms", ANY_KIND, "E-41" },
	{ "cco", "change_order.number", ANY_KIND, "E-43" },
	{ "cco", "change_order.title", ANY_KIND, "E-43" },
	{ "cco", "decision.erp_id", ANY_KIND, "E-43" },
	{ "cco", "decision.transaction_date", ANY_KIND, "E-45" },
	{ "invoice", "invoice.invoice_number", ANY_KIND, "E-49" },
	{ "invoice", "invoice.description", ANY_KIND, "E-49" },
	{ "invoice", "invoice.billing_date", ANY_KIND, "E-49" },
	{ "invoice", "decision.erp_id", ANY_KIND, "E-49" },
	{ "invoice", "decision.description", ANY_KIND, "E-49" },
	{ "payment", "payment.check_number", ANY_KIND, "E-61" },
	{ "prime", "prime.number", ANY_KIND, "E-64" },
	{ "pcco", "pcco.number", ANY_KIND, "E-66" },
	{ "pcco", "decision.erp_id", ANY_KIND, "E-66" },
	{ "pcco", "decision.transaction_date", ANY_KIND, "E-66" },
	{ "pcco", "pcco.title", ANY_KIND, "E-68" },
	{ "owner-invoice", "owner_invoice.number", ANY_KIND, "E-69" },
	{ "owner-invoice", "owner_invoice.billing_date", ANY_KIND, "E-69" },
	{ "owner-invoice", "owner_invoice.due_date", ANY_KIND, "E-69" },
	{ "owner-invoice", "decision.erp_id", ANY_KIND, "E-69" },
	{ "budget-change", "budget_change.number", ANY_KIND, "E-68" },
	{ "budget-change", "budget_change.title", ANY_KIND, "E-68" },
};

static const char *
code_of(const struct rule_key *k, enum rule_kind kind)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (book_has(codes[i].types, k->type->name) && strcmp(codes[i].field, k->field->name) == 0 &&
		    (codes[i].kind == ANY_KIND || codes[i].kind == kind))
			return codes[i].code;
	return "F-64";
}

/* ---- compiling ---- */

static void
compile_tests(struct eg_bytes value, struct site_rule *ret)
{
	struct eg_err err;
	struct rule_test t;

	while (rule_test_next(&value, &t, &err) == EG_OK) {
		if (t.kind == RULE_HOLD) {
			ret->hold = true;
			continue;
		}
		ret->tests = eg_xrealloc(ret->tests, (ret->ntests + 1) * sizeof(*ret->tests));
		ret->tests[ret->ntests++] =
		    (struct site_test){ t.kind, t.limit, t.kind == RULE_FORMAT ? adp_pattern_new(t.pattern) : NULL };
	}
}

static const char *
own_message(const struct conf *c, const char *key)
{
	char *name = eg_xprintf("%s.message", key);
	const char *k, *value, *ret = NULL;

	for (size_t i = 0; ret == NULL && conf_set_at(c, i, &k, &value); i++)
		if (strcmp(k, name) == 0)
			ret = value;
	free(name);
	return ret;
}

struct field_rules *
field_rules_new(const struct conf *c)
{
	struct field_rules *ret = eg_xalloc(sizeof(*ret));
	const char *key, *value;
	struct eg_err err;

	for (size_t i = 0; conf_set_at(c, i, &key, &value); i++) {
		struct site_rule r = { 0 };

		if (!rule_key_is(eg_bytes_str(key)) || rule_key_read(eg_bytes_str(key), &r.key, &err) != EG_OK ||
		    r.key.message)
			continue;
		compile_tests(eg_bytes_str(value), &r);
		r.setting = key;
		r.message = own_message(c, key);
		ret->rules = eg_xrealloc(ret->rules, (ret->n + 1) * sizeof(*ret->rules));
		ret->rules[ret->n++] = r;
	}
	if (ret->n > 0)
		return ret;
	free(ret);
	return NULL;
}

void
field_rules_free(struct field_rules *r)
{
	for (size_t i = 0; r != NULL && i < r->n; i++) {
		for (size_t k = 0; k < r->rules[i].ntests; k++)
			adp_pattern_free(r->rules[i].tests[k].pattern);
		free(r->rules[i].tests);
	}
	if (r != NULL)
		free(r->rules);
	free(r);
}

/* ---- one value ---- */

bool
division_code(const struct conf *c, struct eg_bytes code)
{
	struct eg_bytes rest = eg_bytes_str(conf_text(c, "division_codes")), part;

	while (eg_bytes_cut(&rest, ',', &part))
		if (part.len > 0 && eg_bytes_glob(eg_bytes_trim(part), code))
			return true;
	return false;
}

static bool
is_number(struct eg_bytes v, struct eg_dec *ret)
{
	return eg_dec_parse(v, EG_DEC_PLAIN, EG_DEC_SCALE_MAX, 28, ret) == EG_DEC_OK;
}

/* Digits on one side of the point; zeros that say nothing do not count. */
static uint64_t
digits(struct eg_bytes v, bool behind)
{
	size_t point = eg_bytes_chr(v, '.');
	struct eg_bytes d = behind ? eg_bytes_sub(v, point + 1, v.len) : eg_bytes_sub(v, 0, point);

	while (behind && d.len > 0 && d.ptr[d.len - 1] == '0')
		d.len--;
	while (!behind && d.len > 0 && (d.ptr[0] == '0' || d.ptr[0] == '-'))
		d = eg_bytes_sub(d, 1, d.len);
	return d.len;
}

static uint64_t
longest_line(struct eg_bytes v)
{
	struct eg_bytes line;
	uint64_t most = 0;

	while (v.len > 0 && eg_bytes_cut(&v, '\n', &line)) {
		uint64_t n = eg_utf8_count(eg_bytes_trim_ws(line));
		most = n > most ? n : most;
	}
	return most;
}

/* *ret_have: the length that is too much, for the message. */
static bool
breaks(const struct conf *c, const struct site_test *t, struct eg_bytes v, uint64_t *ret_have)
{
	struct eg_dec d;

	*ret_have = eg_utf8_count(v);
	if (t->kind == RULE_PRESENT)
		return v.len == 0;
	if (v.len == 0)
		return false;
	switch (t->kind) {
	case RULE_NUMERIC:
		return !is_number(v, &d);
	case RULE_POSITIVE:
		return !is_number(v, &d) || d.coef <= 0;
	case RULE_MAX_LENGTH:
		return *ret_have > t->limit;
	case RULE_MAX_DECIMAL:
		*ret_have = digits(v, true);
		return *ret_have > t->limit;
	case RULE_MAX_UNITS:
		*ret_have = digits(v, false);
		return *ret_have > t->limit;
	case RULE_MAX_LINE:
		*ret_have = longest_line(v);
		return *ret_have > t->limit;
	case RULE_FORMAT:
		return !adp_pattern_match(t->pattern, v);
	case RULE_DIVISION:
		return division_code(c, v);
	case RULE_PRESENT:
	case RULE_HOLD:
	case RULE_NKINDS:
		break;
	}
	return false;
}

/* ---- what is said ---- */

static const char *const ends[RULE_NKINDS] = {
	[RULE_PRESENT] = "is empty, and this site asks for it.",
	[RULE_NUMERIC] = "is {value}, which is no number.",
	[RULE_POSITIVE] = "is {value}; this site takes only what is above zero.",
	[RULE_MAX_LENGTH] = "has {have} characters; this site takes {limit}.",
	[RULE_MAX_DECIMAL] = "is {value}, with {have} digits behind the point; this site takes {limit}.",
	[RULE_MAX_UNITS] = "is {value}, with {have} digits before the point; this site takes {limit}.",
	[RULE_MAX_LINE] = "has a line of {have} characters; this site takes {limit}.",
	[RULE_FORMAT] = "is {value}, which is not of the form that this site asks for.",
	[RULE_DIVISION] = "is {value}, a division code, and nothing is booked on those here.",
};

struct saying {
	const struct site_rule *rule;
	const struct site_test *test;
	struct eg_bytes value;
	uint64_t have;
	const char *iid;
};

static void
put_name(const struct saying *y, struct eg_bytes name, struct eg_buf *ret)
{
	if (eg_bytes_is(name, "limit"))
		eg_buf_printf(ret, "%" PRIu64, y->test->limit);
	else if (eg_bytes_is(name, "have"))
		eg_buf_printf(ret, "%" PRIu64, y->have);
	else if (eg_bytes_is(name, "field"))
		eg_buf_str(ret, y->rule->key.field->name);
	else if (eg_bytes_is(name, "item"))
		eg_buf_str(ret, y->iid);
	else if ((y->rule->key.field->flags & RF_PRIVATE) != 0)
		eg_buf_str(ret, "(not shown)");
	else
		eg_buf_escaped(ret, y->value);
}

/* A text with names in braces. */
static void
put_template(const struct saying *y, struct eg_bytes t, struct eg_buf *ret)
{
	while (t.len > 0) {
		size_t open = eg_bytes_chr(t, '{'), close;

		eg_buf_add(ret, eg_bytes_sub(t, 0, open));
		if (open == t.len)
			return;
		t = eg_bytes_sub(t, open + 1, t.len);
		close = eg_bytes_chr(t, '}');
		put_name(y, eg_bytes_sub(t, 0, close), ret);
		t = eg_bytes_sub(t, close + 1, t.len);
	}
}

static void
put_message(const struct saying *y, struct eg_buf *ret)
{
	if (y->rule->message != NULL) {
		put_template(y, eg_bytes_str(y->rule->message), ret);
		return;
	}
	put_template(y, EG_LIT("{field} of {item} "), ret);
	put_template(y, eg_bytes_str(ends[y->test->kind]), ret);
	eg_buf_printf(ret, " %s The rule: erpgate config get %s",
	    y->rule->key.stage == RULE_EXPORT ? "Correct it in the sheet, or where the file comes from." :
						"Correct it where the file comes from and export again.",
	    y->rule->setting);
}

/* ---- records ---- */

struct running {
	struct site *s;
	const struct rec *r;
	const char *iid;
	field_tell *tell;
	void *ctx;
};

static int
run_value(const struct running *run, const struct site_rule *rule, struct eg_bytes v, uint64_t line, struct eg_err *err)
{
	for (size_t i = 0; i < rule->ntests; i++) {
		struct saying y = { rule, &rule->tests[i], v, 0, run->iid };
		struct eg_buf text = EG_BUF_INIT;

		if (!breaks(&run->s->conf, &rule->tests[i], v, &y.have))
			continue;
		put_message(&y, &text);
		struct field_breach b = { code_of(&rule->key, rule->tests[i].kind), rule->hold ? 'H' : 'R', line,
			rule->key.field->name, eg_buf_cstr(&text) };
		int rc = run->tell(run->ctx, &b, err);
		eg_buf_done(&text);
		return rc;
	}
	return EG_OK;
}

/* The number that goes out where the approver typed none. */
static struct eg_bytes
own_number(const struct rec *r)
{
	static const enum rec_id numbered[] = { REC_SUBJOB, REC_COMMITMENT, REC_CCO, REC_INVOICE, REC_PCCO,
		REC_OWNER_INVOICE };

	for (size_t i = 0; i < sizeof(numbered) / sizeof(numbered[0]); i++)
		if (r->type->id == numbered[i])
			return rec_head(r, r->type->key[r->type->nkey - 1])->text;
	return EG_NONE;
}

static int
run_head(const struct running *run, const struct site_rule *rule, struct eg_err *err)
{
	const struct rec *r = run->r;
	const struct rec_val *v = &r->head[rule->key.index];
	struct eg_bytes text = v->state == RV_VALUE ? v->text : EG_NONE;

	if (v->state == RV_BLANK && strcmp(rule->key.field->name, "decision.erp_id") == 0)
		text = own_number(r);
	return v->state == RV_BAD ? EG_OK : run_value(run, rule, text, r->at.line, err);
}

static int
run_lines(const struct running *run, const struct site_rule *rule, struct eg_err *err)
{
	const struct rec *r = run->r;
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < r->nlines; i++) {
		const struct rec_val *v = &r->lines[i * r->type->nline + rule->key.index];

		if (v->state != RV_BAD)
			rc = run_value(run, rule, v->state == RV_VALUE ? v->text : EG_NONE, r->line_at[i].line, err);
	}
	return rc;
}

enum part {
	HEAD = 1,
	LINES = 2
};

static int
run_part(const struct running *run, enum rule_stage stage, unsigned parts, struct eg_err *err)
{
	const struct field_rules *rules = run->s->rules;
	int rc = EG_OK;

	for (size_t i = 0; rules != NULL && rc == EG_OK && i < rules->n; i++) {
		const struct site_rule *rule = &rules->rules[i];

		if (rule->key.stage != stage || rule->key.type != run->r->type)
			continue;
		if (rule->key.on_line && (parts & LINES) != 0)
			rc = run_lines(run, rule, err);
		else if (!rule->key.on_line && (parts & HEAD) != 0)
			rc = run_head(run, rule, err);
	}
	return rc;
}

int
field_rules_run(struct site *s, enum rule_stage stage, const struct rec *r, const char *iid, field_tell *tell,
    void *ctx, struct eg_err *err)
{
	return run_part(&(struct running){ s, r, iid, tell, ctx }, stage, HEAD | LINES, err);
}

int
field_rules_head(struct site *s, enum rule_stage stage, const struct rec *r, const char *iid, field_tell *tell,
    void *ctx, struct eg_err *err)
{
	return run_part(&(struct running){ s, r, iid, tell, ctx }, stage, HEAD, err);
}

int
field_rules_lines(struct site *s, enum rule_stage stage, const struct rec *r, const char *iid, field_tell *tell,
    void *ctx, struct eg_err *err)
{
	return run_part(&(struct running){ s, r, iid, tell, ctx }, stage, LINES, err);
}

enum rule_stage
field_rules_stage(const struct rec_type *t)
{
	return t->cls == RC_TO_ERP || t->id == REC_SELECTION ? RULE_SAVE : RULE_IMPORT;
}

/* ---- records of a drop ---- */

struct taking {
	struct site *s;
	const struct place *at;
	const char *iid;
	bool broken;
};

static int
take_breach(void *ctx, const struct field_breach *b, struct eg_err *err)
{
	struct taking *t = ctx;

	t->broken = true;
	return intake_finding(t->s, t->at, b->line, b->code, b->severity, t->iid, b->message, err);
}

int
field_rules_take(struct site *s, const struct place *at, const struct rec *r, bool *ret_broken, struct eg_err *err)
{
	struct eg_buf iid = EG_BUF_INIT;
	struct taking t = { .s = s, .at = at };
	int rc = EG_OK;

	if (s->rules != NULL) {
		if (r->type->cls == RC_REFERENCE || !rec_item_id(r, &iid))
			eg_buf_clear(&iid);
		t.iid = eg_buf_cstr(&iid);
		rc = field_rules_run(s, field_rules_stage(r->type), r, t.iid, take_breach, &t, err);
	}
	*ret_broken = t.broken;
	eg_buf_done(&iid);
	return rc;
}
