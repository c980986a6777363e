/* SPDX-License-Identifier: MIT
 *
 * Expressions of adapters: every operator and function over one commitment with three lines; what unknown and blank do; every type fault with its column.
 */
#include "tests/unit/adp_help.h"

/* The record: head fields that are not here are blank, "?" could not be read. */
static const char *const head[][2] = { { "project.number", "24-104" }, { "commitment.number", "SC-001" },
	{ "commitment.type", "subcontract" }, { "commitment.title", "Électricité" }, { "commitment.executed", "yes" },
	{ "commitment.retainage_percent", "10" }, { "commitment.contract_date", "2026-03-05" },
	{ "commitment.start_date", "?" }, { "commitment.grand_total", "60.50" }, { "vendor.name", "?" } };
static const char *const lines[3][5][2] = {
	{ { "line.position", "1" }, { "line.amount", "10.00" }, { "line.cost_type", "L" }, { "line.quantity", "2" },
	    { "line.unit_cost", "5" } },
	{ { "line.position", "2" }, { "line.amount", "-9.50" }, { "line.cost_type", "L" } },
	{ { "line.position", "3" }, { "line.amount", "60" }, { "line.cost_type", "OC" }, { "line.tax_amount", "?" } },
};

static void
fill(struct help_run *r, struct rec *rec)
{
	const struct rec_type *t = rec_type(REC_COMMITMENT);
	struct eg_err err;

	assert_int_equal(rec_new(&r->arena, t, 3, rec, &err), EG_OK);
	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++) {
		unsigned f = rec_head_index(t, head[i][0]);
		help_put(r, &t->head[f], &rec->head[f], head[i][1], 1);
	}
	for (size_t l = 0; l < 3; l++)
		for (size_t i = 0; i < 5 && lines[l][i][0] != NULL; i++) {
			unsigned f = rec_line_index(t, lines[l][i][0]);
			help_put(r, &t->line[f], &rec->lines[l * t->nline + f], lines[l][i][1], (uint32_t)(10 + l));
		}
}

/* The expression's value on line 0 as text: "?" unknown, "" blank. */
static const char *
value_of(const char *expr, char *ret, size_t cap)
{
	struct adp_set *s = help_set("cmic");
	char text[4000];
	struct help_run r;
	struct rec rec;

	snprintf(
	    text, sizeof(text), "%s[columns]\nX = calc %s\nZ = line.cost_type | lookup cost_type\n", HELP_OUT, expr);
	const struct adp *a = help_add(s, text, "t.out");
	snprintf(ret, cap, "does not load");
	if (a != NULL) {
		help_run_init(&r, s, a);
		fill(&r, &rec);
		r.env.rec = &rec;
		r.env.nlines = 3;
		adp_agg_begin(a, &r.env);
		for (size_t i = 0; i < 3; i++) {
			r.env.line = rec.lines + i * rec.type->nline;
			adp_agg_line(a, &r.env);
		}
		r.env.line = rec.lines;
		struct adp_val v = adp_source_value(&a->o.rowsets[0].columns[0], &r.env);
		if (v.kind == AV_UNKNOWN)
			snprintf(ret, cap, "?");
		else
			snprintf(ret, cap, "%.*s", EG_FMT(adp_val_text(&v, &r.env)));
		eg_arena_done(&r.arena);
	}
	adp_set_free(s);
	return ret;
}

static const struct {
	const char *expr, *want;
} values[] = {
	/* literals, settings, fields */
	{ "12", "12" },
	{ "0.50", "0.50" },
	{ "\"a\"", "a" },
	{ "\"a \\\"b\\\" \\\\\"", "a \"b\" \\" },
	{ "config.cmic.company", "01" },
	{ "config.empty", "" },
	{ "erp", "cmic" },
	{ "blank", "" },
	{ "commitment.number", "SC-001" },
	{ "commitment.contract_date", "05-MAR-2026" },
	{ "commitment.executed", "Y" },
	{ "line.amount", "10.00" },
	{ "line.tax_amount", "0.00" }, /* blank in a calculation: 0 */
	{ "vendor.name", "?" },
	/* arithmetic */
	{ "1 + 2 * 3", "7" },
	{ "(1 + 2) * 3", "9" },
	{ "1 - 2 - 3", "-4" },
	{ "-line.amount", "-10.00" },
	{ "0 - (line.amount)", "-10.00" },
	{ "line.amount + line.tax_amount", "10.00" },
	{ "line.quantity * line.unit_cost", "10.00000000" },
	{ "line.amount + config.limit", "15.00" },
	{ "0.1 + 0.2 == 0.3", "Y" },
	{ "commitment.retainage_percent * 1", "10.0000" },
	/* comparing */
	{ "10 == line.amount", "Y" },
	{ "line.amount != 10.0", "N" },
	{ "2 < 10", "Y" },
	{ "10 <= 10", "Y" },
	{ "2 > 10", "N" },
	{ "3>=3", "Y" },
	{ "\"2\" < \"10\"", "N" }, /* texts bytewise */
	{ "commitment.contract_date == \"2026-03-05\"", "Y" },
	{ "commitment.contract_date < \"2026-03-06\"", "Y" },
	{ "commitment.number > config.limit", "Y" },
	{ "length(commitment.number) > config.limit", "Y" },
	{ "line.tax_amount != 0", "N" },
	{ "line.tax_amount == 0", "Y" },
	{ "line.tax_amount < 1", "N" },
	{ "line.tax_amount >= 0", "N" },
	{ "commitment.delivery_date < \"2026-03-06\"", "N" },
	{ "commitment.delivery_date == \"2026-03-06\"", "N" },
	{ "commitment.executed == commitment.executed", "Y" },
	/* texts */
	{ "commitment.type is \"subcontract\"", "Y" },
	{ "commitment.type is not \"subcontract\"", "N" },
	{ "commitment.executed is \"yes\"", "Y" },
	{ "commitment.contract_date is \"2026-03-05\"", "Y" },
	{ "line.position is \"1\"", "Y" },
	{ "commitment.status is \"Approved\"", "N" },
	{ "commitment.status is not \"Approved\"", "Y" },
	{ "commitment.status is config.empty", "Y" },
	{ "erp is \"cmic\"", "Y" },
	{ "commitment.status is blank", "Y" },
	{ "commitment.status is not blank", "N" },
	{ "commitment.status is present", "N" },
	{ "commitment.number is not present", "N" },
	{ "line.cost_type is in \"E\" \"L\"", "Y" },
	{ "line.cost_type is not in \"E\" \"L\"", "N" },
	{ "commitment.status is in \"\"", "N" },
	{ "commitment.status is not in \"X\"", "Y" },
	{ "\"Y Z\" is listed in config.types", "Y" },
	{ "\"Y\" is listed in config.types", "N" },
	{ "commitment.status is listed in config.types", "N" },
	{ "commitment.number is not listed in config.types", "Y" },
	{ "commitment.number matches \"SC-[0-9]{3}\"", "Y" },
	{ "commitment.number matches \"SC-[0-9]{2}\"", "N" },
	{ "commitment.status matches \".*\"", "N" },
	{ "\"12\" matches config.pattern", "Y" },
	{ "\"1234\" matches config.pattern", "N" },
	/* logic; unknown only where it is needed */
	{ "1 == 1 and 2 == 3 or 4 == 4", "Y" },
	{ "1 == 2 and (2 == 3 or 4 == 4)", "N" },
	{ "not 1 == 2", "Y" },
	{ "not (1 == 1) or not not (1 == 1)", "Y" },
	{ "commitment.executed and 1 == 1", "Y" },
	{ "vendor.name is \"x\"", "?" },
	{ "vendor.name is blank", "?" },
	{ "not (vendor.name is \"x\")", "?" },
	{ "vendor.name is \"x\" and 1 == 2", "N" },
	{ "1 == 2 and vendor.name is \"x\"", "N" },
	{ "vendor.name is \"x\" or 1 == 1", "Y" },
	{ "1 == 2 or vendor.name is \"x\"", "?" },
	{ "vendor.name is \"x\" and 1 == 1", "?" },
	{ "commitment.start_date < \"2026-01-01\"", "?" },
	{ "length(vendor.name) + 1", "?" },
	/* functions */
	{ "sum(line.amount)", "60.50" },
	{ "sum(line.amount * 2)", "121.00" },
	{ "sum(line.amount) == commitment.grand_total", "Y" },
	{ "sum(line.tax_amount)", "?" },
	{ "sum(line.unit_cost)", "5.0000" },
	{ "count()", "3" },
	{ "any(line.amount < 0)", "Y" },
	{ "any(line.amount > 60)", "N" },
	{ "any(line.tax_amount > 0)", "?" },
	{ "any(line.tax_amount > 0 or line.amount > 0)", "Y" },
	{ "uneven(line.amount, line.cost_type)", "Y" },
	{ "uneven(line.amount - line.amount, line.cost_type)", "N" },
	{ "round(2.345, 2)", "2.35" },
	{ "round(-2.345, 2)", "-2.35" },
	{ "round(line.quantity * line.unit_cost, 2)", "10.00" },
	{ "ratio(1, 3, 4)", "0.3333" },
	{ "ratio(2, 3, 4)", "0.6667" },
	{ "ratio(1, 0, 4)", "" },
	{ "ratio(line.amount, line.tax_amount, 2)", "" },
	{ "length(commitment.title)", "11" },
	{ "length(commitment.status)", "0" },
	{ "first-char(commitment.title)", "É" },
	{ "first-char(commitment.status)", "" },
	{ "list(\".\", line.sub_job, commitment.number, line.cost_type)", "SC-001.L" },
	{ "list(\".\", line.sub_job)", "" },
	{ "list(\"-\", line.position, line.amount, commitment.contract_date)", "1-10.00-05-MAR-2026" },
	{ "list(\"-\", vendor.name)", "?" },
};

static void
test_values(void **state)
{
	unsigned bad = 0;
	char got[300];

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (strcmp(value_of(values[i].expr, got, sizeof(got)), values[i].want) != 0) {
			print_error("%s: \"%s\", wanted \"%s\"\n", values[i].expr, got, values[i].want);
			bad++;
		}
	assert_int_equal(bad, 0);
}

/* Column of the fault, counted from the expression's first character. */
static const struct {
	const char *expr, *code;
	unsigned col;
	const char *msg, *hint;
} faults[] = {
	{ "1 +", "ADP-EXPR", 4, "An operand is missing here.",
	    "a field, a number, \"text\", config.KEY, a function or ( … )" },
	{ "and", "ADP-EXPR", 1, "An operand is missing here.",
	    "a field, a number, \"text\", config.KEY, a function or ( … )" },
	{ "(1", "ADP-EXPR", 1, "This parenthesis is opened and not closed.", NULL },
	{ "1.2.3", "ADP-EXPR", 1, "\"1.2.3\" is not a number.", "12 or 0.50" },
	{ "\"a\" + 1", "ADP-EXPR", 1, "This is a text; needed is a number.", NULL },
	{ "1 + commitment.title", "ADP-EXPR", 5, "This is a text; needed is a number.", NULL },
	{ "config.no_number + 1", "ADP-CONFIG", 1, "The setting is \"ten\", which is not a number.", NULL },
	{ "-commitment.title", "ADP-EXPR", 1, "This is a text; needed is a number.", NULL },
	{ "line.amount / 2", "ADP-EXPR", 13, "There is no division here.", "ratio(a, b, places)" },
	{ "line.amount = 2", "ADP-EXPR", 13, "A single = compares nothing.", "== for numbers, is for texts" },
	{ "line.amount is 2", "ADP-EXPR", 16, "Numbers are not compared by is.", "use == or !=" },
	{ "line.amount == \"2\"", "ADP-EXPR", 1, "a number cannot be compared with a text.", NULL },
	{ "commitment.executed == \"yes\"", "ADP-EXPR", 1, "a flag cannot be compared with a text.",
	    "use is \"yes\" or is \"no\"" },
	{ "commitment.executed is \"Yes\"", "ADP-VALUE", 25, "commitment.executed is never \"Yes\".",
	    "did you mean \"yes\"?" },
	{ "commitment.type is \"subcontrakt\"", "ADP-VALUE", 21, "commitment.type is never \"subcontrakt\".",
	    "did you mean \"subcontract\"?" },
	{ "commitment.type is in \"subcontract\" \"order\"", "ADP-VALUE", 38, "commitment.type is never \"order\".",
	    "one of: subcontract purchase_order" },
	{ "line.amount and 1 == 1", "ADP-EXPR", 1, "This is a number; needed is a condition.", NULL },
	{ "not line.amount", "ADP-EXPR", 5, "This is a number; needed is a condition.", NULL },
	{ "1 == 1 or 5", "ADP-EXPR", 11, "This is a number; needed is a condition.", NULL },
	{ "commitment.titel", "ADP-FIELD", 1, "\"commitment.titel\" is not in the record model (commitment).",
	    "did you mean \"commitment.title\"?" },
	{ "config.nope", "ADP-CONFIG", 1, "There is no setting \"nope\".", "erpgate config show lists all settings" },
	{ "summ(line.amount)", "ADP-EXPR", 1, "There is no function \"summ\".", "did you mean \"sum\"?" },
	{ "sum()", "ADP-EXPR", 1, "sum needs other arguments.", "sum(x)" },
	{ "round(1)", "ADP-EXPR", 1, "round needs other arguments.", "round(x, places)" },
	{ "round(1, 12)", "ADP-VALUE", 10, "A whole number from 0 to 9 is needed here, not \"12\".", NULL },
	{ "count(1)", "ADP-EXPR", 7, "The closing parenthesis of count is missing here.", "count()" },
	{ "list(commitment.number)", "ADP-VALUE", 6, "A text in quotes is missing here.",
	    "put it in quotes: \"text\"" },
	{ "sum(line.cost_type)", "ADP-EXPR", 5, "This is a text; needed is a number.", NULL },
	{ "any(line.amount)", "ADP-EXPR", 5, "This is a number; needed is a condition.", NULL },
	{ "sum(sum(line.amount))", "ADP-EXPR", 5, "sum() cannot stand inside another look at the lines.", NULL },
	{ "\"a\" matches commitment.number", "ADP-EXPR", 13, "A pattern is needed here: a text in quotes or a setting.",
	    "matches \"[A-Z]{2}\"" },
	{ "\"a\" matches \"[a\"", "ADP-VALUE", 13, "The pattern \"[a\" is not understood from \"[a\" on.",
	    "for example [A-Z0-9-]{1,10}" },
	{ "\"a\" matches \"a{2,1}\"", "ADP-VALUE", 13, "The pattern \"a{2,1}\" is not understood from \"a{2,1}\" on.",
	    "for example [A-Z0-9-]{1,10}" },
	{ "\"a\" matches \"*\"", "ADP-VALUE", 13, "The pattern \"*\" is not understood from \"*\" on.",
	    "for example [A-Z0-9-]{1,10}" },
	{ "\"a\" matches config.empty", "ADP-EXPR", 13, "A pattern is needed here: a text in quotes or a setting.",
	    "matches \"[A-Z]{2}\"" },
	{ "\"a\" is listed in \"X\"", "ADP-EXPR", 18, "The setting with the list is missing here.",
	    "is listed in config.KEY" },
	{ "cell \"A\"", "ADP-VALUE", 6, "There are no cells to read here.", "a fixed text is const \"text\"" },
	{ "1 2", "ADP-VALUE", 3, "Nothing may follow here, but there is: 2", NULL },
	{ "((((((((((((((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))))))))))))))", "ADP-EXPR", 41,
	    "The expression is nested too deeply.", NULL },
};

struct seen {
	struct adp_diag first;
	unsigned n;
};

static void
note(void *ctx, const struct adp_diag *d)
{
	struct seen *s = ctx;

	if (d->error && s->n++ == 0)
		s->first = *d;
}

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void
test_faults(void **state)
{
	unsigned bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct adp_set *s = help_set("cmic");
		struct seen seen = { 0 };
		struct eg_err err;
		char text[4000];

		snprintf(text, sizeof(text), "%s[columns]\nX = calc %s\nZ = line.cost_type | lookup cost_type\n",
		    HELP_OUT, faults[i].expr);
		int rc = adp_set_add(s, "t.adapter", eg_bytes_str(text), note, &seen, &err);
		if (rc != EG_BADFILE || seen.n != 1 || seen.first.line != 22 || seen.first.col != faults[i].col + 9 ||
		    strcmp(seen.first.code, faults[i].code) != 0 || !same(seen.first.msg, faults[i].msg) ||
		    !same(seen.first.hint, faults[i].hint)) {
			print_error("%s: rc %d, %u faults, %u:%u %s %s (%s)\n", faults[i].expr, rc, seen.n,
			    seen.first.line, seen.first.col - 9, seen.first.code, seen.first.msg, seen.first.hint);
			bad++;
		}
		adp_set_free(s);
	}
	assert_int_equal(bad, 0);
}

/* A sum names the lines it came from, at most ADP_PROV_MAX; the condition of `when` is no origin. */
static void
test_origin(void **state)
{
	struct adp_set *s = help_set("cmic");
	const struct adp *a = help_need(s,
	    HELP_OUT
	    "[columns]\nS = calc sum(line.amount)\nW = when commitment.executed then line.amount else commitment.number\n"
	    "J = join commitment.number \"-\" line.position\nZ = line.cost_type | lookup cost_type\n",
	    "t.out");
	struct help_run r;
	struct rec rec;

	(void)state;
	help_run_init(&r, s, a);
	fill(&r, &rec);
	r.env.rec = &rec;
	r.env.nlines = 3;
	r.env.line = rec.lines;
	adp_agg_begin(a, &r.env);
	const struct adp_entry *c = a->o.rowsets[0].columns;
	(void)adp_source_value(&c[0], &r.env);
	assert_int_equal(r.env.nprov, 3);
	assert_int_equal(r.env.prov[2].line, 12);
	(void)adp_source_value(&c[1], &r.env);
	assert_int_equal(r.env.nprov, 1);
	assert_int_equal(r.env.prov[0].line, 10);
	(void)adp_source_value(&c[2], &r.env);
	assert_int_equal(r.env.nprov, 2);
	assert_false(c[0].uses_line);
	assert_true(c[1].uses_line);
	eg_arena_done(&r.arena);
	adp_set_free(s);
}

/* Interleaved keys: each adds up to zero or not. */
static void
test_uneven(void **state)
{
	static const struct {
		const char *name;
		const char *row[4][2]; /* amount, cost type */
		bool want;
	} rows[] = {
		{ "two even keys, mixed", { { "5", "A" }, { "7.5", "B" }, { "-7.5", "B" }, { "-5", "A" } }, false },
		{ "even only together", { { "5", "A" }, { "-5", "B" }, { "1", "C" }, { "-1", "D" } }, true },
		{ "a cent", { { "5", "A" }, { "-4.99", "A" }, { "1", "B" }, { "-1", "B" } }, true },
		{ "blank key", { { "5", NULL }, { "-5", NULL }, { "1", "B" }, { "-1", "B" } }, false },
	};
	struct adp_set *s = help_set("cmic");
	const struct adp *a = help_need(s,
	    HELP_OUT "[columns]\nX = calc uneven(line.amount, line.cost_type)\nZ = line.cost_type | lookup cost_type\n",
	    "t.out");
	const struct rec_type *t = rec_type(REC_COMMITMENT);
	unsigned bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct help_run r;
		struct rec rec;
		struct eg_err err;

		help_run_init(&r, s, a);
		assert_int_equal(rec_new(&r.arena, t, 4, &rec, &err), EG_OK);
		r.env.rec = &rec;
		adp_agg_begin(a, &r.env);
		for (size_t l = 0; l < 4; l++) {
			unsigned amount = rec_line_index(t, "line.amount"), type = rec_line_index(t, "line.cost_type");
			struct rec_val *line = rec.lines + l * t->nline;

			help_put(&r, &t->line[amount], &line[amount], rows[i].row[l][0], 1);
			if (rows[i].row[l][1] != NULL)
				help_put(&r, &t->line[type], &line[type], rows[i].row[l][1], 1);
			r.env.line = line;
			adp_agg_line(a, &r.env);
		}
		struct adp_val v = adp_source_value(&a->o.rowsets[0].columns[0], &r.env);
		if (v.kind != AV_FLAG || v.flag != rows[i].want) {
			print_error("%s\n", rows[i].name);
			bad++;
		}
		eg_arena_done(&r.arena);
	}
	adp_set_free(s);
	assert_int_equal(bad, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_origin),
		cmocka_unit_test(test_uneven),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
