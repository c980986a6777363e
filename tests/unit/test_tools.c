/* SPDX-License-Identifier: MIT
 *
 * What the tools for adapters are made of: records from JSON, tables of cells compared, a value traced step by step, columns in words, guesses.
 */
#include "adapters/tools.h"
#include "gateway/cli/cell_table.h"
#include "gateway/cli/tools.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The program's own table stands in main.c. */
const struct cli_command *
cli_commands(size_t *ret_n)
{
	*ret_n = 0;
	return NULL;
}

/* ---- records from JSON ---- */

static const struct {
	const char *name, *json, *message; /* part of it; NULL = fine */
} records[] = {
	{ "one record", "{\"type\":\"vendor\",\"fields\":{\"vendor.pm_id\":\"7\"}}", NULL },
	{ "as show --json prints it", "[{\"type\":\"vendor\",\"id\":\"vendor/7\",\"fields\":{},\"state\":\"waiting\"}]",
	    NULL },
	{ "lines", "{\"type\":\"commitment\",\"fields\":{},\"lines\":[{\"line.amount\":\"-1.00\"}]}", NULL },
	{ "an empty text is a blank", "{\"type\":\"commitment\",\"fields\":{\"commitment.contract_date\":\"\"}}",
	    NULL },
	{ "no JSON", "{", "input.json:1:1: this is not JSON" },
	{ "no type", "{\"fields\":{}}", "record 1: \"type\" is no record type" },
	{ "second record", "[{\"type\":\"vendor\",\"fields\":{}},{\"type\":\"vendro\",\"fields\":{}}]",
	    "record 2: \"type\"" },
	{ "no fields", "{\"type\":\"vendor\"}", "\"fields\" must be an object" },
	{ "field of nearly that name", "{\"type\":\"vendor\",\"fields\":{\"vendor.nam\":\"x\"}}",
	    "has no field \"vendor.nam\"; did you mean \"vendor.name\"?" },
	{ "a line's field among the header's", "{\"type\":\"commitment\",\"fields\":{\"line.amount\":\"1.00\"}}",
	    "commitment has no field \"line.amount\"" },
	{ "a number", "{\"type\":\"payment\",\"fields\":{\"payment.amount\":1.5}}", "write \"12.50\", not 12.50" },
	{ "an amount with three places", "{\"type\":\"payment\",\"fields\":{\"payment.amount\":\"1.005\"}}", "(F-22)" },
	{ "no such day", "{\"type\":\"payment\",\"fields\":{\"payment.date_funded\":\"2026-02-30\"}}", "(F-21)" },
	{ "lines of a type without", "{\"type\":\"vendor\",\"fields\":{},\"lines\":[{}]}", "a vendor has no lines" },
	{ "a key twice", "{\"type\":\"vendor\",\"type\":\"vendor\",\"fields\":{}}", "duplicate object key" },
};

static void
test_record_json(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		struct eg_err err = { 0 };
		struct eg_arena a;
		struct rec *r = NULL;
		size_t n = 0;

		eg_arena_init(&a, 1 << 20);
		int rc = record_json(eg_bytes_str(records[i].json), "input.json", &a, &r, &n, &err);
		if ((rc == EG_OK) != (records[i].message == NULL) ||
		    (rc != EG_OK && strstr(err.msg, records[i].message) == NULL))
			fail_msg("%s: %s", records[i].name, err.msg);
		eg_arena_done(&a);
	}
}

/* ---- tables of cells ---- */

static void
on_change(void *ctx, const struct cell_change *c)
{
	eg_buf_printf(
	    ctx, "%s %s %s>%s;", c->key, c->column, c->was == NULL ? "none" : c->was, c->is == NULL ? "none" : c->is);
}

static void
on_money(void *ctx, const struct cell_money *m)
{
	eg_buf_printf(ctx, "money %s %s %s ", m->column, m->project, m->account);
	eg_dec_print(ctx, m->diff, 2);
	eg_buf_chr(ctx, ';');
}

/* "key column=value column=value" a row; project P, account: the key's first letter. */
static void
fill(struct cell_table *t, const char *const *rows)
{
	for (; *rows != NULL; rows++) {
		struct eg_bytes rest = eg_bytes_str(*rows), word;
		struct cell_row *r = NULL;

		while (eg_bytes_cut(&rest, ' ', &word)) {
			char *s = eg_xdup(word), *eq = strchr(s, '=');
			char account[2] = { s[0], '\0' };
			if (r == NULL)
				r = cell_table_row(t, s, "P", account);
			else if (eq != NULL) {
				*eq = '\0';
				cell_add(r, s, eg_bytes_str(eq + 1), false);
			}
			free(s);
		}
	}
}

static const struct {
	const char *name;
	const char *was[4], *is[4];
	const char *told;
	size_t cells, rows, more, fewer;
} tables[] = {
	{ "equal in another order", { "a x=1", "b x=2" }, { "b x=2", "a x=1" }, "", 0, 0, 0, 0 },
	{ "a cell", { "a x=1 y=2" }, { "a x=1 y=3" }, "a y 2>3;", 1, 1, 0, 0 },
	{ "a column less, one more", { "a x=1 y=2" }, { "a x=1 z=2" }, "a y 2>none;a z none>2;", 2, 1, 0, 0 },
	{ "rows come and go", { "a x=1", "b x=1" }, { "b x=1", "c x=1" }, "a  >none;c  none>;", 0, 0, 1, 1 },
	{ "money by account", { "a m=1.00", "b m=5.00" }, { "a m=1.25", "b m=4.75" },
	    "a m 1.00>1.25;b m 5.00>4.75;money m P a 0.25;money m P b -0.25;", 2, 2, 0, 0 },
	{ "money that moves within an account", { "a1 m=1.00", "a2 m=2.00" }, { "a1 m=2.00", "a2 m=1.00" },
	    "a1 m 1.00>2.00;a2 m 2.00>1.00;", 2, 2, 0, 0 },
	{ "a row gone takes its money", { "a m=7.50" }, { NULL }, "a  >none;money m P a -7.50;", 0, 0, 0, 1 },
	{ "quantities are no money", { "a q=1.0000" }, { "a q=2.0000" }, "a q 1.0000>2.0000;", 1, 1, 0, 0 },
	{ "one key twice, in order", { "a x=1", "a x=2" }, { "a x=1", "a x=3" }, "a x 2>3;", 1, 1, 0, 0 },
};

static void
test_cells(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		struct cell_table was = { .n = 0 }, is = { .n = 0 };
		struct eg_buf told = EG_BUF_INIT;
		struct cell_counts n;

		fill(&was, tables[i].was);
		fill(&is, tables[i].is);
		cell_compare(&was, &is, on_change, on_money, &told, &n);
		if (strcmp(eg_buf_cstr(&told), tables[i].told) != 0 || n.cells != tables[i].cells ||
		    n.rows != tables[i].rows || n.more != tables[i].more || n.fewer != tables[i].fewer)
			fail_msg("%s: %s", tables[i].name, eg_buf_cstr(&told));
		cell_table_done(&was);
		cell_table_done(&is);
		eg_buf_done(&told);
	}
}

/* ---- one adapter ---- */

#define HEAD                                                                                                              \
	"[adapter]\nname = t.commitment.out\ntitle = T\nversion = 1\ndirection = out\ntarget = t\nobject = T\nrank = 1\n" \
	"[file]\ntype = csv\nheader = yes\ndelimiter = ,\nquote = when-needed\nencoding = us-ascii\nbreaks = blank\n"     \
	"line_end = lf\ndate = YYYY-MM-DD\nbool = Y N\n[rows]\nrecord = commitment\neach = line\n[columns]\n"

static const char *
setting(void *ctx, const char *key)
{
	(void)ctx;
	return strcmp(key, "company") == 0 ? "01" : NULL;
}

static struct adp_set *
set_of(const char *columns)
{
	struct adp_set *s = adp_set_new((struct adp_config){ setting, NULL }, "cmic");
	char *text = eg_xprintf("%s%s", HEAD, columns);
	struct eg_err err = { 0 };

	if (adp_set_add(s, "t.adapter", eg_bytes_str(text), NULL, NULL, &err) != EG_OK)
		fail_msg("%s", err.msg);
	free(text);
	return s;
}

static int
on_traced(void *ctx, const struct adp_traced *t, struct eg_err *err)
{
	(void)err;
	eg_buf_printf(ctx, "%s %.*s", t->target, EG_FMT(t->value));
	for (size_t i = 0; i < t->nsteps; i++)
		eg_buf_printf(ctx, " [%.*s]%s%.*s", EG_FMT(t->steps[i].text), t->steps[i].same ? "=" : ">",
		    EG_FMT(t->steps[i].value));
	eg_buf_printf(ctx, " %.*s%s%s%s\n", EG_FMT(t->result), t->code, *t->cure != '\0' ? " cure " : "",
	    *t->cure != '\0' ? "told" : "");
	return EG_OK;
}

/* Steps run in their order, but `max` last; what a step refuses ends the column, not the row. */
static void
test_explain(void **state)
{
	static const char input[] =
	    "{\"type\":\"commitment\",\"fields\":{\"commitment.title\":\" Größe \",\"commitment.number\":\"sc\"},"
	    "\"lines\":[{\"line.position\":\"2\",\"line.amount\":\"9750.00\"},{\"line.position\":\"1\"}]}";
	struct adp_set *s = set_of(
	    "A = commitment.title | max 6 cut | trim | upper\nB = commitment.number | max 1 E-43\n"
	    "C = line.position | pad left 3 \"0\"\nD = line.description | required F-20\nE = commitment.title | mask-in-logs\n");
	struct eg_buf told = EG_BUF_INIT;
	struct eg_err err = { 0 };
	struct eg_arena a;
	struct rec *r;
	uint64_t rows = 0;
	size_t n;

	(void)state;
	eg_arena_init(&a, 1 << 20);
	assert_int_equal(record_json(eg_bytes_str(input), "input.json", &a, &r, &n, &err), EG_OK);
	assert_int_equal(adp_explain(s, adp_set_at(s, 0), r, on_traced, &told, &rows, &err), EG_OK);
	assert_int_equal(rows, 2);
	/* lines by their position; the file's alphabet has no ö and ß */
	assert_string_equal(eg_buf_cstr(&told),
	    "A  Größe  [trim]>Größe [upper]>GRÖßE [max 6 cut]>GROssE GROssE\nB sc [max 1 E-43]> E-43 cure told\n"
	    "C 1 [pad left 3 \"0\"]>001 001\nD  [required F-20]> F-20 cure told\nE  [mask-in-logs]= \n"
	    "A  Größe  [trim]>Größe [upper]>GRÖßE [max 6 cut]>GROssE GROssE\nB sc [max 1 E-43]> E-43 cure told\n"
	    "C 2 [pad left 3 \"0\"]>002 002\nD  [required F-20]> F-20 cure told\nE  [mask-in-logs]= \n");
	eg_buf_done(&told);
	eg_arena_done(&a);
	adp_set_free(s);
}

static int
on_words(void *ctx, const struct adp_column_words *w, struct eg_err *err)
{
	(void)err;
	eg_buf_printf(ctx, "%s|%s|%s|%s|%s|%s|%s|%s\n", w->target, w->meaning, w->source, w->rule, w->required, w->max,
	    w->when_blank, w->when_long);
	return EG_OK;
}

static void
test_describe(void **state)
{
	struct adp_set *s =
	    set_of("A = commitment.contract_date | required E-43 | date YYYYMMDD\nB = const \"X\"\n"
		   "C = config.company\nD = line.description | max 30 cut | default \"none\"\n"
		   "E = erp.vendor | upper | max 8 E-07\nF = calc line.amount + line.tax_amount | places 2\n");
	struct eg_buf told = EG_BUF_INIT;
	struct eg_err err = { 0 };
	struct eg_arena a;

	(void)state;
	eg_arena_init(&a, 1 << 20);
	assert_int_equal(adp_describe(adp_set_at(s, 0), &a, on_words, &told, &err), EG_OK);
	assert_string_equal(eg_buf_cstr(&told),
	    "A|commitment: contract date|commitment.contract_date|as a date YYYYMMDD|yes||refused (E-43)|\n"
	    "B|||always \"X\"||||\n"
	    "C||config.company|the setting config.company, now \"01\"|||left empty|\n"
	    "D|line: description|line.description|as it is||30|\"none\" stands for it|cut to the first 30 characters, with a warning\n"
	    "E|vendor in the accounting system|erp.vendor|in capital letters||8|left empty|refused (E-07)\n"
	    "F|line: amount|line.amount, line.tax_amount|calculated: line.amount + line.tax_amount; with 2 decimal places (more are refused, F-22)|||left empty|\n");
	eg_buf_done(&told);
	eg_arena_done(&a);
	adp_set_free(s);
}

/* A tab parts words as a blank does: each step is told with its own words. */
static void
test_tabs(void **state)
{
	static const char input[] =
	    "{\"type\":\"commitment\",\"fields\":{\"commitment.title\":\" roof \"},\"lines\":[{\"line.position\":\"1\"}]}";
	struct adp_set *s =
	    set_of("A = commitment.title |\tmax\t3 cut\t| trim | upper\nB = line.description | default\t\"none\"\n");
	struct eg_buf told = EG_BUF_INIT;
	struct eg_err err = { 0 };
	struct eg_arena a;
	struct rec *r;
	uint64_t rows = 0;
	size_t n;

	(void)state;
	eg_arena_init(&a, 1 << 20);
	assert_int_equal(record_json(eg_bytes_str(input), "input.json", &a, &r, &n, &err), EG_OK);
	assert_int_equal(adp_explain(s, adp_set_at(s, 0), r, on_traced, &told, &rows, &err), EG_OK);
	assert_string_equal(eg_buf_cstr(&told),
	    "A  roof  [trim]>roof [upper]>ROOF [max\t3 cut]>ROO ROO\nB  [default\t\"none\"]>none none\n");
	eg_buf_clear(&told);
	assert_int_equal(adp_describe(adp_set_at(s, 0), &a, on_words, &told, &err), EG_OK);
	assert_non_null(strstr(eg_buf_cstr(&told), "|\"none\" stands for it|"));
	eg_buf_done(&told);
	eg_arena_done(&a);
	adp_set_free(s);
}

static const struct {
	const char *column, *entry; /* NULL = none is like it */
	bool sure;
} guesses[] = {
	{ "SCMST_VEN_CODE", "erp.vendor | upper", true },
	{ "scmst ven code", "erp.vendor | upper", true },
	{ "VEN_CODE", "erp.vendor | upper", false }, /* without the table's name */
	{ "Vendor ID", "erp.vendor", false }, /* what people call it */
	{ "Contract Date", "commitment.contract_date", false }, /* a field's name */
	{ "Contract Dat", "commitment.contract_date", false }, /* nearly */
	{ "line_description", "line.description", false },
	{ "Frobnication", NULL, false },
	{ "X", NULL, false },
	{ "", NULL, false },
};

static void
test_guess(void **state)
{
	struct adp_set *s = set_of("SCMST_VEN_CODE = erp.vendor | upper\n");
	struct eg_arena a;

	(void)state;
	eg_arena_init(&a, 1 << 20);
	for (size_t i = 0; i < sizeof(guesses) / sizeof(guesses[0]); i++) {
		struct adp_guess g = adp_guess_column(
		    s, adp_set_at(s, 0), 0, "t", rec_type(REC_COMMITMENT), eg_bytes_str(guesses[i].column), &a);
		bool same = g.entry == NULL || guesses[i].entry == NULL ? g.entry == guesses[i].entry :
		                                                          strcmp(g.entry, guesses[i].entry) == 0;
		if (!same || g.sure != guesses[i].sure)
			fail_msg("%s: %s", guesses[i].column, g.entry == NULL ? "none" : g.entry);
	}
	eg_arena_done(&a);
	adp_set_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_record_json), cmocka_unit_test(test_cells),
		cmocka_unit_test(test_explain), cmocka_unit_test(test_describe), cmocka_unit_test(test_tabs),
		cmocka_unit_test(test_guess) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
