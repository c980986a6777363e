/* SPDX-License-Identifier: MIT
 *
 * Sources and steps of adapters: each in its directions, on blank, on what it refuses; and each fault with its column.
 */
#include "tests/unit/adp_help.h"

/* ---- direction in ---- */

/* `entry` over a row whose cell "C" holds `cell` (NULL: no such column), "D" holds "dee". want: text; "!CODE": refused; "d:…" a date, "f:…" a flag; "?" unknown. */
static const struct {
	const char *entry, *cell, *want;
} in_rows[] = {
	/* sources */
	{ "commitment.title = \"C\"", "x", "x" },
	{ "commitment.title = \"C\"", "", "" },
	{ "commitment.title = \"C\"", "None", "" },
	{ "commitment.title = \"C\"", NULL, "" },
	{ "commitment.title = cell \"C\"", "x", "x" },
	{ "commitment.title = last-of \"C\" \"D\" \"E\"", "x", "dee" },
	{ "commitment.title = last-of \"D\" \"C\"", "None", "dee" },
	{ "commitment.pm_id = count-of \"C\"", "a bb  c", "3" },
	{ "commitment.pm_id = count-of \"C\"", "", "0" },
	{ "commitment.title = filename 0", "", "budget" },
	{ "commitment.title = filename 1", "", "24-104" },
	{ "commitment.title = filename 3", "", "" },
	{ "commitment.pm_id = row-number", "", "7" },
	{ "commitment.pm_id = row-number-by \"C\"", "", "2" },
	{ "commitment.title = commitment.number", "", "SC-001" },
	{ "commitment.title = config.cmic.company", "", "01" },
	{ "commitment.title = config.empty", "", "" },
	{ "commitment.title = const \"a | b\"", "", "a | b" },
	{ "commitment.title = blank", "x", "" },
	{ "commitment.title = join cell \"C\" \"-\" commitment.number config.cmic.company", "x", "x-SC-00101" },
	{ "commitment.title = join cell \"C\" cell \"E\"", "", "" },
	{ "commitment.title = join \"D:\" commitment.contract_date", "", "D:2026-03-05" },
	{ "commitment.title = join vendor.name \"x\"", "", "?" },
	{ "commitment.title = first cell \"C\" cell \"D\"", "", "dee" },
	{ "commitment.title = first cell \"C\" \"z\"", "x", "x" },
	{ "commitment.start_date = first commitment.contract_date", "", "d:2026-03-05" },
	{ "commitment.grand_total = calc commitment.retainage_percent * 2", "", "20.0000" },
	{ "commitment.title = calc list(\"-\", cell \"C\", cell \"D\")", "x", "x-dee" },
	{ "commitment.title = when cell \"C\" is \"x\" then cell \"D\" else blank", "x", "dee" },
	{ "commitment.title = when cell \"C\" is \"x\" then cell \"D\" else blank", "y", "" },
	{ "commitment.title = when vendor.name is \"x\" then \"a\" else \"b\"", "y", "?" },
	{ "commitment.grand_total = when 1 == 1 then (1 + 2) else blank", "", "3" },
	/* required, default, null */
	{ "commitment.title = \"C\" | required", "x", "x" },
	{ "commitment.title = \"C\" | required", "", "!F-20" },
	{ "commitment.title = \"C\" | required E-49", "", "!E-49" },
	{ "commitment.title = \"C\" | required when commitment.number is \"SC-001\"", "", "!F-20" },
	{ "commitment.title = \"C\" | required E-49 when commitment.number is \"SC-002\"", "", "" },
	{ "commitment.title = \"C\" | required when vendor.name is \"x\"", "", "" },
	{ "commitment.title = vendor.name | required", "", "?" },
	{ "commitment.title = \"C\" | default \"z\"", "", "z" },
	{ "commitment.title = \"C\" | default \"z\"", "x", "x" },
	{ "commitment.title = \"C\" | default commitment.number | lower", "", "sc-001" },
	{ "commitment.title = \"C\" | default config.cmic.company", "", "01" },
	{ "commitment.title = \"C\" | default \"z\" when commitment.number is \"SC-001\"", "", "z" },
	{ "commitment.title = \"C\" | default \"z\" when commitment.number is \"SC-002\"", "", "" },
	{ "commitment.title = \"C\" | default \"y\" when vendor.name is \"x\" | default \"z\"", "", "z" },
	{ "commitment.title = \"C\" | null \"-\" \"n/a\"", "n/a", "" },
	{ "commitment.title = \"C\" | null \"-\" | required", "-", "!F-20" },
	{ "commitment.title = \"C\" | null \"-\"", "x-", "x-" },
	/* blanks, case, lengths */
	{ "commitment.title = \"C\" | trim", " x\t\r\n", "x" },
	{ "commitment.title = \"C\" | trim | required", " ", "!F-20" },
	{ "commitment.title = \"C\" | squeeze", " a  b   c ", "a b c" },
	{ "commitment.title = \"C\" | upper", "äß é1", "Äß É1" },
	{ "commitment.title = \"C\" | lower", "ÄB É", "äb é" },
	{ "commitment.title = \"C\" | max 3 cut", "äöüß", "äöü" },
	{ "commitment.title = \"C\" | max 3 cut", "äöü", "äöü" },
	{ "commitment.title = \"C\" | max 3 E-04", "äöü", "äöü" },
	{ "commitment.title = \"C\" | max 3 E-04", "äöüß", "!E-04" },
	{ "commitment.title = \"C\" | max config.limit E-04", "123456", "!E-04" },
	{ "commitment.title = \"C\" | max 3 cut | suffix \"xyz\"", "ab", "abx" }, /* max looks at the end */
	/* parts */
	{ "commitment.title = \"C\" | before \" - \"", "01 - Site - x", "01" },
	{ "commitment.title = \"C\" | before \" - \"", "01-Site", "01-Site" },
	{ "commitment.title = \"C\" | after \" - \"", "01 - Site - x", "Site - x" },
	{ "commitment.title = \"C\" | after \" - \"", "01-Site", "" },
	{ "commitment.title = \"C\" | split 2", " a  bb c", "bb" },
	{ "commitment.title = \"C\" | split 4", "a bb c", "" },
	{ "commitment.title = \"C\" | without \"-\"", "05-1200", "051200" },
	{ "commitment.title = \"C\" | without \"0-9\"", "a1b2", "ab" },
	{ "commitment.title = \"C\" | without \"+-/\"", "1+2-3/4.5", "1234.5" }, /* no range between signs */
	{ "commitment.title = \"C\" | keep digits", "+1 (555) 0100", "15550100" },
	{ "commitment.title = \"C\" | keep \"A-Zä \"", "Aä b C", "Aä  C" },
	{ "commitment.title = \"C\" | keep digits", "abc", "" },
	{ "commitment.title = \"C\" | replace \"aa\" \"b\"", "aaaXaa", "baXb" },
	{ "commitment.title = \"C\" | replace \"\\\"\" \" IN\"", "6\" pipe", "6 IN pipe" },
	{ "commitment.title = \"C\" | replace \"x\" \"\"", "x", "" },
	{ "commitment.title = \"C\" | insert 2 \"-\"", "051200", "05-1200" },
	{ "commitment.title = \"C\" | insert 0 \"<\" cell \"D\"", "x", "<deex" },
	{ "commitment.title = \"C\" | insert 9 \"-\"", "ä", "ä-" },
	{ "commitment.title = \"C\" | insert 0 \"x\"", "", "" },
	{ "commitment.title = \"C\" | prefix cell \"D\" \"-\"", "x", "dee-x" },
	{ "commitment.title = \"C\" | prefix \"-\" when commitment.number is \"other\"", "x", "x" },
	{ "commitment.title = \"C\" | suffix \"R\" when commitment.number is \"SC-001\"", "x", "xR" },
	{ "commitment.title = \"C\" | suffix \"R\"", "", "" },
	{ "commitment.title = \"C\" | suffix vendor.name", "x", "?" },
	{ "commitment.title = \"C\" | pad left 3 \"0\"", "7", "007" },
	{ "commitment.title = \"C\" | pad left 3 \"0\"", "1234", "1234" },
	{ "commitment.title = \"C\" | pad right 4 \"ä\"", "ö", "öäää" },
	{ "commitment.title = row-number-by \"C\" | pad left 6 \"0\" | prefix cell \"D\" \"-\"", "", "dee-000002" },
	/* tables */
	{ "commitment.title = \"C\" | choose A=\"x\" \"B C\"=\"y\"", "B C", "y" },
	{ "commitment.title = \"C\" | choose A=\"x\" \"B C\"=\"y\"", "a", "!F-21" },
	{ "commitment.title = \"C\" | choose A=\"x\" else \"z\"", "B", "z" },
	{ "commitment.title = \"C\" | choose A=\"x\" else E-52", "B", "!E-52" },
	{ "commitment.title = \"C\" | choose A=\"x\" else keep", "B", "B" },
	{ "commitment.title = \"C\" | choose A=\"x\" else blank", "B", "" },
	{ "commitment.title = \"C\" | choose A=\"x\" | required", "", "!F-20" },
	{ "commitment.title = \"C\" | lookup cost_type", "L", "Labor" },
	{ "commitment.title = \"C\" | lookup cost_type cmic", "OC", "OTC" },
	{ "commitment.title = \"C\" | lookup cost_type cmic back", "EQP", "E" },
	{ "commitment.title = \"C\" | lookup cost_type cmic back", "LAB", "L" }, /* the first row of a value counts */
	{ "commitment.title = \"C\" | lookup cost_type", "X", "" },
	{ "commitment.title = \"C\" | lookup cost_type", "l", "!F-21" },
	{ "commitment.title = \"C\" | lookup cost_type or \"z\"", "Q", "z" },
	{ "commitment.title = \"C\" | lookup cost_type cmic or keep", "Q", "Q" },
	{ "commitment.title = \"C\" | lookup cost_type cmic back or blank", "Q", "" },
	{ "commitment.title = \"C\" | lookup cost_type or E-20", "Q", "!E-20" },
	{ "commitment.title = \"C\" | lookup config.map or blank", "PY", "payroll" },
	{ "commitment.title = \"C\" | lookup config.map or blank", "GL", "" },
	{ "commitment.title = \"C\" | lookup config.map", "GL", "!F-21" },
	{ "commitment.title = \"C\" | matches [A-Z]{2,3} E-09", "AB", "AB" },
	{ "commitment.title = \"C\" | matches [A-Z]{2,3} E-09", "A", "!E-09" },
	{ "commitment.title = \"C\" | matches \"[0-9 ]+x?\" E-09", "1 2x", "1 2x" },
	{ "commitment.title = \"C\" | matches config.pattern E-13", "1234", "!E-13" },
	{ "commitment.title = \"C\" | matches .*a.*a.*a.*a.*a.*b E-09",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "!E-09" },
	/* typed */
	{ "commitment.contract_date = \"C\" | date DD.MM.YYYY", "05.03.2026", "d:2026-03-05" },
	{ "commitment.contract_date = \"C\" | date \"DD.MM.YYYY HH:mm\" or YYYYMMDD", "20260305", "d:2026-03-05" },
	{ "commitment.contract_date = \"C\" | date \"DD.MM.YYYY HH:mm\" or YYYYMMDD", "05.03.2026 10:30",
	    "d:2026-03-05" },
	{ "commitment.contract_date = \"C\" | date DD.MM.YYYY", "30.02.2026", "!F-21" },
	{ "commitment.start_date = \"C\" | date DD.MM.YYYY | add-days 30", "05.03.2026", "d:2026-04-04" },
	{ "commitment.start_date = commitment.contract_date", "", "d:2026-03-05" },
	{ "commitment.executed = \"C\" | yesno \"A\" \"I\"", "A", "f:yes" },
	{ "commitment.executed = \"C\" | yesno \"A\" \"I\"", "I", "f:no" },
	{ "commitment.executed = \"C\" | yesno \"A\" \"I\"", "a", "!F-21" },
	{ "commitment.title = \"C\" | skip-if-blank", "x", "x" },
	{ "commitment.title = \"C\" | mask-in-logs", "x", "x" },
};

static const char *
kind_text(const struct adp_val *v, struct adp_env *env, char *ret, size_t cap)
{
	struct adp_val text = *v;

	if (v->kind == AV_UNKNOWN)
		snprintf(ret, cap, "?");
	else if (v->kind == AV_BLANK)
		snprintf(ret, cap, "%s", "");
	else
		snprintf(ret, cap, "%s%.*s",
		    v->kind == AV_DATE ? "d:" :
		    v->kind == AV_FLAG ? "f:" :
		    v->kind == AV_DEC  ? "n:" :
					 "",
		    EG_FMT(adp_val_text(&text, env)));
	return ret;
}

static void
cells_of(const struct adp *a, const char *cell, struct fmt_cell cells[3], int map[16])
{
	cells[0] = (struct fmt_cell){ .state = cell == NULL || cell[0] == '\0' ? FMT_EMPTY : FMT_VALUE,
		.val = eg_bytes_str(cell),
		.line = 9,
		.off = 90,
		.len = 1 };
	cells[1] = (struct fmt_cell){ .state = FMT_VALUE, .val = EG_LIT("dee"), .line = 9, .off = 95, .len = 3 };
	for (size_t i = 0; i < a->in.ncolumns; i++)
		map[i] = strcmp(a->in.columns[i], "C") == 0 && cell != NULL ? 0 :
		         strcmp(a->in.columns[i], "D") == 0                 ? 1 :
		                                                              -1;
}

static const char *
run_in(const char *entry, const char *cell, char *ret, size_t cap)
{
	const struct rec_type *t = rec_type(REC_COMMITMENT);
	struct adp_set *s = help_set("cmic");
	struct fmt_cell cells[3];
	struct fmt_row row = { .line = 9, .ncells = 2, .cells = cells };
	struct help_run r;
	struct rec rec;
	struct eg_err err;
	char text[3000];
	int map[16];

	/* what the entries name is set above: project.number, commitment.number, contract_date, retainage_percent, vendor.name */
	snprintf(text, sizeof(text),
	    "%s[fields]\nproject.number = \"P\"\ncommitment.number = \"N\"\ncommitment.retainage_percent = \"R\"\n%svendor.name = \"V\"\n%s\n"
	    "vendor.pm_id = \"Q\" | lookup cost_type\n",
	    HELP_IN, strstr(entry, "contract_date =") == NULL ? "commitment.contract_date = \"K\"\n" : "", entry);
	const struct adp *a = help_need(s, text, "t.in");
	help_run_init(&r, s, a);
	assert_int_equal(rec_new(&r.arena, t, 0, &rec, &err), EG_OK);
	static const char *const head[][2] = { { "project.number", "24-104" }, { "commitment.number", "SC-001" },
		{ "commitment.contract_date", "2026-03-05" }, { "commitment.retainage_percent", "10" },
		{ "vendor.name", "?" } };
	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++) {
		unsigned f = rec_head_index(t, head[i][0]);
		help_put(&r, &t->head[f], &rec.head[f], head[i][1], 9);
	}
	assert_true(a->in.ncolumns <= 16);
	cells_of(a, cell, cells, map);
	r.env.rec = &rec;
	r.env.cells = &row;
	r.env.map = map;
	r.env.file_name = EG_LIT("budget_24-104_x.csv");
	r.env.row_number = 7;
	r.env.row_number_by = 2;
	const struct adp_entry *e = &a->in.fields[a->in.nfields - 2];
	struct adp_val v = adp_source_value(e, &r.env);
	if (adp_steps_run(e, &r.env, &v) == EG_OK)
		kind_text(&v, &r.env, ret, cap);
	else
		snprintf(ret, cap, "!%s", r.problem.code);
	eg_arena_done(&r.arena);
	adp_set_free(s);
	return ret;
}

static void
test_in(void **state)
{
	unsigned bad = 0;
	char got[500];

	(void)state;
	for (size_t i = 0; i < sizeof(in_rows) / sizeof(in_rows[0]); i++)
		if (strcmp(run_in(in_rows[i].entry, in_rows[i].cell, got, sizeof(got)), in_rows[i].want) != 0) {
			print_error("%s <- \"%s\": \"%s\", wanted \"%s\"\n", in_rows[i].entry, in_rows[i].cell, got,
			    in_rows[i].want);
			bad++;
		}
	assert_int_equal(bad, 0);
}

/* ---- direction out ---- */

static const struct {
	const char *source, *want;
	unsigned changed;
} out_rows[] = {
	{ "commitment.number", "SC-001", 0 },
	{ "commitment.status", "", 0 },
	{ "commitment.contract_date", "05-MAR-2026", 0 },
	{ "commitment.executed", "Y", 0 },
	{ "line.amount", "-12.50", 0 },
	{ "line.quantity", "3.0000", 0 },
	{ "commitment.retainage_percent", "10.0000", 0 },
	{ "line.position", "1", 0 },
	{ "counter voucher from -5", "-4", 0 },
	{ "line-count", "2", 0 },
	{ "when commitment.type is \"subcontract\" then \"SC\" else \"PO\"", "SC", 0 },
	{ "first decision.erp_id commitment.number | lower", "sc-001", 0 },
	{ "join commitment.number \"/\" line.amount", "SC-001/-12.50", 0 },
	{ "commitment.contract_date | date MMYYYY", "032026", 0 },
	{ "commitment.contract_date | date \"MONTH YYYY\" | suffix \" FORECAST\"", "MARCH 2026 FORECAST", 0 },
	{ "commitment.contract_date | add-days 30", "04-APR-2026", 0 },
	{ "commitment.contract_date | add-days -5 | date M/D/YYYY", "2/28/2026", 0 },
	{ "commitment.contract_date | month-name", "MARCH", 0 },
	{ "commitment.delivery_date | add-days 30 | date YYYY", "", 0 },
	{ "commitment.executed | yesno \"True\" \"False\"", "True", 0 },
	{ "commitment.executed | yesno \"True\" \"False\" | upper", "TRUE", 0 },
	{ "commitment.executed | choose yes=\"1\" no=\"0\"", "1", 0 },
	{ "line.amount | places 4", "-12.5000", 0 },
	{ "line.quantity | places 0", "3", 0 },
	{ "line.amount | places 1", "-12.5", 0 },
	{ "line.amount | places 0", "!F-22", 0 },
	{ "first line.unit_cost \"0.0\" | places 4", "0.0000", 0 },
	{ "first line.unit_cost \"x\" | places 4", "!F-21", 0 },
	{ "line.unit_cost | default line.amount | places 4", "-12.5000", ADP_DID_DEFAULT },
	{ "line.tax_amount | places 2", "", 0 },
	{ "calc line.tax_amount | places 2", "0.00", 0 },
	{ "calc ratio(line.amount, line.tax_amount, 4) | default \"0.0000\" | places 4", "0.0000", ADP_DID_DEFAULT },
	{ "commitment.title | max 60 cut", "Masses", ADP_DID_FIT_CHARS }, /* Maße's */
	{ "commitment.title | max 4 cut", "Mass", ADP_DID_FIT_CHARS | ADP_DID_CUT },
	{ "commitment.title | max 4 E-36", "!E-36", ADP_DID_FIT_CHARS },
	{ "commitment.description | max 60 cut", "a b", ADP_DID_FIT_CHARS | ADP_DID_FIT_BREAKS },
	{ "commitment.number | max 6 cut", "SC-001", 0 },
	{ "commitment.number | max 5 E-35 | after \"SC-\"", "001", 0 },
	{ "commitment.status | required E-02", "!E-02", 0 },
	{ "line.cost_type | lookup cost_type cmic", "OTC", 0 },
};

static const char *
run_out(const char *source, unsigned *ret_changed, char *ret, size_t cap)
{
	const struct rec_type *t = rec_type(REC_COMMITMENT);
	static const char *const head[][2] = { { "commitment.number", "SC-001" }, { "commitment.type", "subcontract" },
		{ "commitment.title", "Maße's" }, { "commitment.description", "a*\r\n\tb" },
		{ "commitment.executed", "yes" }, { "commitment.contract_date", "2026-03-05" },
		{ "commitment.retainage_percent", "10" } };
	static const char *const line[][2] = { { "line.position", "1" }, { "line.amount", "-12.50" },
		{ "line.quantity", "3" }, { "line.cost_type", "OC" } };
	struct adp_set *s = help_set("cmic");
	struct help_run r;
	struct rec rec;
	struct eg_err err;
	char text[3000];

	snprintf(text, sizeof(text), "%s[columns]\nX = %s\nZ = line.cost_type | lookup cost_type\n", HELP_OUT, source);
	const struct adp *a = help_need(s, text, "t.out");
	help_run_init(&r, s, a);
	assert_int_equal(rec_new(&r.arena, t, 2, &rec, &err), EG_OK);
	for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++) {
		unsigned f = rec_head_index(t, head[i][0]);
		help_put(&r, &t->head[f], &rec.head[f], head[i][1], 9);
	}
	for (size_t i = 0; i < sizeof(line) / sizeof(line[0]); i++) {
		unsigned f = rec_line_index(t, line[i][0]);
		help_put(&r, &t->line[f], &rec.lines[f], line[i][1], 10);
	}
	r.env.rec = &rec;
	r.env.line = rec.lines;
	r.env.nlines = 2;
	r.env.counter = -4;
	const struct adp_entry *e = &a->o.rowsets[0].columns[0];
	struct adp_val v = adp_source_value(e, &r.env);
	if (adp_steps_run(e, &r.env, &v) == EG_OK)
		kind_text(&v, &r.env, ret, cap);
	else
		snprintf(ret, cap, "!%s", r.problem.code);
	*ret_changed = r.env.changed;
	eg_arena_done(&r.arena);
	adp_set_free(s);
	return ret;
}

static void
test_out(void **state)
{
	unsigned bad = 0, changed;
	char got[500];

	(void)state;
	for (size_t i = 0; i < sizeof(out_rows) / sizeof(out_rows[0]); i++) {
		run_out(out_rows[i].source, &changed, got, sizeof(got));
		if (strcmp(got, out_rows[i].want) == 0 && changed == out_rows[i].changed)
			continue;
		print_error("%s: \"%s\" %u, wanted \"%s\" %u\n", out_rows[i].source, got, changed, out_rows[i].want,
		    out_rows[i].changed);
		bad++;
	}
	assert_int_equal(bad, 0);
}

/* ---- faults ---- */

/* Column counted from the first character behind `= `. */
static const struct {
	bool out;
	const char *source, *code;
	unsigned col;
	const char *msg, *hint;
} faults[] = {
	{ false, "\"C\" | requird", "ADP-STEP", 7, "There is no step \"requird\".", "did you mean \"required\"?" },
	{ false, "\"C\" | lokup cost_type", "ADP-STEP", 7, "There is no step \"lokup\".", "did you mean \"lookup\"?" },
	{ false, "\"C\" | xyzzy", "ADP-STEP", 7, "There is no step \"xyzzy\".", NULL },
	{ false, "\"C\" |", "ADP-STEP", 6, "A step is missing behind the bar.", NULL },
	{ false, "\"C\" | trim | | upper", "ADP-STEP", 14, "A step is missing behind the bar.", NULL },
	{ false, "\"C\" | trim 3", "ADP-VALUE", 12, "Nothing may follow here, but there is: 3", NULL },
	{ false, "\"C\" | max", "ADP-STEP", 7, "The step max needs more than its name.", "max N cut, or max N CODE" },
	{ false, "\"C\" | max x cut", "ADP-VALUE", 11, "A whole number from 1 to 100000 is needed here, not \"x\".",
	    NULL },
	{ false, "\"C\" | max 0 cut", "ADP-VALUE", 11, "A whole number from 1 to 100000 is needed here, not \"0\".",
	    NULL },
	{ false, "\"C\" | max config.no_number cut", "ADP-VALUE", 11,
	    "A whole number from 1 to 100000 is needed here, not \"ten\".", NULL },
	{ false, "\"C\" | max 5 cot", "ADP-VALUE", 13, "\"cot\" is not the code of a finding.",
	    "codes look like E-07 or F-20" },
	{ false, "\"C\" | max 5", "ADP-VALUE", 12, "The code of a finding is missing here.",
	    "codes look like E-07 or F-20" },
	{ false, "\"C\" | required e-20", "ADP-VALUE", 16, "\"e-20\" is not the code of a finding.",
	    "codes look like E-07 or F-20" },
	{ false, "\"C\" | required when", "ADP-EXPR", 20, "An operand is missing here.",
	    "a field, a number, \"text\", config.KEY, a function or ( … )" },
	{ false, "\"C\" | null None", "ADP-VALUE", 12, "A text in quotes is missing here.",
	    "put it in quotes: \"text\"" },
	{ false, "\"C\" | default x", "ADP-FIELD", 15, "\"x\" is not in the record model (commitment).", NULL },
	{ false, "\"C\" | before \"\"", "ADP-VALUE", 14, "The text is empty.", NULL },
	{ false, "\"C\" | replace \"a\"", "ADP-VALUE", 18, "A text in quotes is missing here.",
	    "put it in quotes: \"text\"" },
	{ false, "\"C\" | pad middle 3 \"0\"", "ADP-VALUE", 11, "There is no side \"middle\".", "one of: left, right" },
	{ false, "\"C\" | pad left 3 \"00\"", "ADP-VALUE", 18, "Padding is one character.", NULL },
	{ false, "\"C\" | insert 3", "ADP-VALUE", 15, "Something is missing here.",
	    "a field, \"text\", config.KEY or (expression)" },
	{ false, "\"C\" | choose A=\"x\" A=\"y\"", "ADP-VALUE", 20, "\"A\" stands here twice.", NULL },
	{ false, "\"C\" | choose A x", "ADP-VALUE", 16, "A word, = and a text in quotes are needed here.",
	    "choose A=\"x\" \"B C\"=\"y\"" },
	{ false, "\"C\" | choose A=\"x\" else y", "ADP-VALUE", 25, "\"y\" does not say what to do without a match.",
	    "\"text\", keep, blank or a code" },
	{ false, "\"C\" | lookup cost_typ", "ADP-TABLE", 14, "There is no lookup \"cost_typ\".",
	    "did you mean \"cost_type\"?" },
	{ false, "\"C\" | lookup vendors", "ADP-TABLE", 14, "There is no lookup \"vendors\".",
	    "name it in [lookups]: name = file.csv" },
	{ false, "\"C\" | lookup cost_type cmci", "ADP-TABLE", 24, "Table cost_type.csv has no column \"cmci\".",
	    "did you mean \"cmic\"?" },
	{ false, "\"C\" | lookup config.bad_map", "ADP-CONFIG", 14, "The setting is not a table: \"AP\".",
	    "pairs with commas between: AP invoice, PY payroll" },
	{ false, "\"C\" | matches config.bad_pattern E-01", "ADP-VALUE", 15,
	    "The pattern \"[0-9\" is not understood from \"[0-9\" on.", "for example [A-Z0-9-]{1,10}" },
	{ false, "\"C\" | date YYYYMM", "ADP-VALUE", 12, "\"YYYYMM\" is not a date format.",
	    "it needs year, month and day, for example YYYY-MM-DD" },
	{ false, "\"C\" | date \"D MONTH YYYY\"", "ADP-VALUE", 13, "\"D MONTH YYYY\" is not a date format.",
	    "it needs year, month and day, for example YYYY-MM-DD" },
	{ false, "\"C\" | places 2", "ADP-STEP", 7, "The step places works only in the direction out.", NULL },
	{ false, "\"C\" | only-if config.cmic.company is \"01\"", "ADP-STEP", 7,
	    "The step only-if works only in the direction out.", NULL },
	{ true, "commitment.title | only-if commitment.number is \"SC-001\"", "ADP-FIELD", 28,
	    "Only settings and erp may be named here, not \"commitment.number\".", NULL },
	{ false, "\"C\" | add-days 3", "ADP-STEP", 7, "add-days needs a date; what comes in here is a text.", NULL },
	{ false, "\"C\" | yesno \"Y\"", "ADP-VALUE", 16, "A text in quotes is missing here.",
	    "put it in quotes: \"text\"" },
	{ true, "commitment.title | split 2", "ADP-STEP", 20, "The step split works only in the direction in.", NULL },
	{ true, "commitment.title | date YYYY", "ADP-STEP", 20, "date needs a date; what comes in here is a text.",
	    NULL },
	{ true, "commitment.title | places 2", "ADP-STEP", 20, "places needs a number; what comes in here is a text.",
	    NULL },
	{ true, "commitment.title | yesno \"Y\" \"N\"", "ADP-STEP", 20,
	    "yesno needs a flag; what comes in here is a text.", NULL },
	{ true, "line.amount | upper | places 2", "ADP-STEP", 23,
	    "places needs a number; what comes in here is a text.", NULL },
	{ true, "commitment.contract_date | date xx", "ADP-VALUE", 33, "\"xx\" is not a date format.",
	    "for example YYYY-MM-DD" },
	/* sources */
	{ false, "fisrt cell \"C\"", "ADP-SOURCE", 1, "There is no source \"fisrt\".", "did you mean \"first\"?" },
	{ false, "commitment.numbr", "ADP-FIELD", 1, "\"commitment.numbr\" is not in the record model (commitment).",
	    "did you mean \"commitment.number\"?" },
	{ false, "commitment.description", "ADP-FIELD", 1, "\"commitment.description\" has no value yet here.",
	    "an entry sees what is set above it" },
	{ false, "line.amount", "ADP-FIELD", 1, "\"line.amount\" is a line field; there is no current line here.",
	    NULL },
	{ false, "\"C", "INI-QUOTE", 1, "a quote is opened and never closed in this line", NULL },
	{ false, "\"C\" \"D\"", "ADP-VALUE", 5, "Nothing may follow here, but there is: \"D\"", NULL },
	{ false, "join", "ADP-VALUE", 5, "Something is missing here.",
	    "a field, \"text\", config.KEY or (expression)" },
	{ false, "filename x", "ADP-VALUE", 10, "A whole number from 0 to 20 is needed here, not \"x\".", NULL },
	{ false, "when 1 == 1 \"a\"", "ADP-EXPR", 13, "\"then\" is missing here.", "when EXPR then A else B" },
	{ false, "when 1 == 1 then \"a\"", "ADP-EXPR", 21, "\"else\" is missing here.", "when EXPR then A else B" },
	{ false, "calc sum(line.amount)", "ADP-EXPR", 6, "sum() cannot stand here: the lines are not known yet.",
	    NULL },
	{ false, "(1 + 2)", "ADP-SOURCE", 1, "An expression as a source begins with calc.", "did you mean \"calc\"?" },
	{ false, "config.nope", "ADP-CONFIG", 1, "There is no setting \"nope\".",
	    "erpgate config show lists all settings" },
	{ true, "\"C\"", "ADP-VALUE", 1, "There are no cells to read here.", "a fixed text is const \"text\"" },
	{ true, "counter x", "ADP-VALUE", 10, "A counter has a name and a first number.", "counter NAME from N" },
	{ true, "filename 1", "ADP-SOURCE", 1, "There is no source \"filename\".", NULL },
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
		const unsigned at = faults[i].out ? 4 : 19;
		struct adp_set *s = help_set("cmic");
		struct seen seen = { 0 };
		struct eg_err err;
		char text[3000];

		if (faults[i].out)
			snprintf(text, sizeof(text), "%s[columns]\nX = %s\nZ = line.cost_type | lookup cost_type\n",
			    HELP_OUT, faults[i].source);
		else
			snprintf(text, sizeof(text),
			    "%s[fields]\nproject.number = \"P\"\ncommitment.number = \"N\"\ncommitment.title = %s\nvendor.pm_id = \"Q\" | lookup cost_type\n",
			    HELP_IN, faults[i].source);
		int rc = adp_set_add(s, "t.adapter", eg_bytes_str(text), note, &seen, &err);
		if (rc != EG_BADFILE || seen.n != 1 || seen.first.col != faults[i].col + at ||
		    strcmp(seen.first.code, faults[i].code) != 0 || !same(seen.first.msg, faults[i].msg) ||
		    !same(seen.first.hint, faults[i].hint)) {
			print_error("%s: rc %d, %u faults, col %u %s %s (%s)\n", faults[i].source, rc, seen.n,
			    seen.first.col - at, seen.first.code, seen.first.msg, seen.first.hint);
			bad++;
		}
		adp_set_free(s);
	}
	assert_int_equal(bad, 0);
}

/* The flags of a compiled entry, and where a value comes from. */
static void
test_entry(void **state)
{
	struct adp_set *s = help_set("cmic");
	const struct adp *a = help_need(s,
	    HELP_IN
	    "[fields]\nproject.number = \"P\" | required\ncommitment.number = \"N\" | required F-20 when erp is \"cmic\"\n"
	    "commitment.title = \"T\" | skip-if-blank | mask-in-logs\nvendor.pm_id = \"Q\" | lookup cost_type\n",
	    "t.in");
	const struct adp_entry *e = a->in.fields;

	(void)state;
	assert_true(e[0].required && !e[1].required);
	assert_string_equal(e[0].text, "\"P\" | required");
	assert_string_equal(e[0].target, "project.number");
	assert_int_equal(e[0].line, 16);
	assert_true(e[2].skip_if_blank && e[2].masked && !e[0].masked);
	assert_int_equal(a->in.ncolumns, 4);
	for (size_t i = 0; i < 4; i++)
		assert_true(a->in.column_required[i] == (strcmp(a->in.columns[i], "P") == 0));

	struct help_run r;
	struct fmt_cell cell = { .state = FMT_VALUE, .val = EG_LIT("24-104"), .line = 5, .off = 77, .len = 6 };
	struct fmt_row row = { .ncells = 1, .cells = &cell };
	int map[4] = { 0, 0, 0, 0 };
	help_run_init(&r, s, a);
	r.env.cells = &row;
	r.env.map = map;
	(void)adp_source_value(&e[0], &r.env);
	assert_int_equal(r.env.nprov, 1);
	assert_int_equal(r.env.prov[0].off, 77);
	assert_int_equal(r.env.prov[0].len, 6);
	eg_arena_done(&r.arena);
	adp_set_free(s);
}

/* A full arena is said, never passed over. */
static void
test_full(void **state)
{
	struct adp_set *s = help_set("cmic");
	const struct adp *a = help_need(s,
	    HELP_IN
	    "[fields]\nproject.number = \"P\" | upper\ncommitment.number = \"N\"\nvendor.pm_id = \"Q\" | lookup cost_type\n",
	    "t.in");
	struct fmt_cell cell = {
		.state = FMT_VALUE, .val = EG_LIT("0123456789012345678901234567890123456789"), .line = 5, .len = 40
	};
	struct fmt_row row = { .ncells = 1, .cells = &cell };
	int map[3] = { 0, 0, 0 };
	struct help_run r;

	(void)state;
	help_run_init(&r, s, a);
	eg_arena_done(&r.arena);
	eg_arena_init(&r.arena, 32);
	r.env.cells = &row;
	r.env.map = map;
	struct adp_val v = adp_source_value(&a->in.fields[0], &r.env);
	assert_int_equal(adp_steps_run(&a->in.fields[0], &r.env, &v), EG_BADREC);
	assert_string_equal(r.problem.code, "LIMIT-MEM");
	assert_true(r.env.full);
	eg_arena_done(&r.arena);
	adp_set_free(s);
}

/* A default that is not taken leaves nothing of its condition in the places a value comes from. */
static void
test_default_not_taken(void **state)
{
	const struct rec_type *t = rec_type(REC_COMMITMENT);
	const unsigned number = rec_head_index(t, "commitment.number");
	struct adp_set *s = help_set("cmic");
	const struct adp *a = help_need(s,
	    HELP_OUT "[columns]\nX = commitment.status | default \"z\" when commitment.number is \"SC-002\"\n"
		     "Z = line.cost_type | lookup cost_type\n",
	    "t.out");
	const struct adp_entry *e = &a->o.rowsets[0].columns[0];
	struct help_run r;
	struct rec rec;
	struct eg_err err;

	(void)state;
	help_run_init(&r, s, a);
	assert_int_equal(rec_new(&r.arena, t, 1, &rec, &err), EG_OK);
	help_put(&r, &t->head[number], &rec.head[number], "SC-001", 9);
	r.env.rec = &rec;
	struct adp_val v = adp_source_value(e, &r.env);
	assert_int_equal(adp_steps_run(e, &r.env, &v), EG_OK);
	assert_int_equal(v.kind, AV_BLANK);
	assert_int_equal(r.env.nprov, 0);
	eg_arena_done(&r.arena);
	adp_set_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in),
		cmocka_unit_test(test_out),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_entry),
		cmocka_unit_test(test_default_not_taken),
		cmocka_unit_test(test_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
