/* SPDX-License-Identifier: MIT
 *
 * Messages and tables of adapters, and the set: order, shadowing, signatures that exclude each other; limits, and texts cut anywhere.
 */
#include "tests/unit/adp_lang_kit.h"

/* ---- messages ---- */

static void
test_messages(void **state)
{
	struct adp_set *s = help_set("cmic");
	const struct adp *a = help_need(s, good_in, "t.commitments");
	const struct rec_type *t = rec_type(REC_COMMITMENT);
	static const char *const head[][2] = { { "commitment.number", "SC-1" }, { "commitment.status", "Dra\tft" },
		{ "vendor.name", "ACME" } };
	struct help_run r;
	struct rec rec;
	struct eg_err err;

	(void)state;
	help_run_init(&r, s, a);
	assert_int_equal(rec_new(&r.arena, t, 0, &rec, &err), EG_OK);
	for (size_t i = 0; i < 3; i++) {
		unsigned f = rec_head_index(t, head[i][0]);
		help_put(&r, &t->head[f], &rec.head[f], head[i][1], 1);
	}
	r.env.rec = &rec;
	adp_agg_begin(a, &r.env);
	assert_int_equal(adp_true(a->rules[0].when, &r.env), 1);
	assert_string_equal(adp_message(&a->rules[0], &r.env), "SC-1 is Dra\\x09ft: {braces}, 0.00, ***.");
	rec.head[rec_head_index(t, "commitment.number")].state = RV_BAD;
	rec.head[rec_head_index(t, "vendor.name")].state = RV_BLANK;
	assert_string_equal(adp_message(&a->rules[0], &r.env), "(not readable) is Dra\\x09ft: {braces}, 0.00, .");
	char big[300];
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	unsigned f = rec_head_index(t, "commitment.status");
	rec.head[f].text = eg_bytes_str(big);
	rec.head[rec_head_index(t, "commitment.number")].state = RV_VALUE;
	rec.head[rec_head_index(t, "commitment.number")].text = eg_bytes_str(big);
	assert_true(strlen(adp_message(&a->rules[0], &r.env)) < EG_MSG_MAX);
	eg_arena_done(&r.arena);
	adp_set_free(s);
}

/* ---- tables ---- */

static void
test_tables(void **state)
{
	static const struct {
		const char *text;
		unsigned line, col;
	} bad[] = {
		{ "", 1, 1 },
		{ "a\n1\n", 1, 1 },
		{ "a,a\n1,2\n", 1, 3 },
		{ "a,\n1,2\n", 1, 3 },
		{ "a,b\n1\n", 2, 1 },
		{ "a,b\n1,2,3\n", 2, 1 },
		{ "a,b\n,2\n", 2, 1 },
		{ "a,b\n\n1,2\n3,4\n1,5\n", 5, 1 },
		{ "a,b\n\"1,2\n", 2, 1 },
	};
	struct adp_set *s = help_set("cmic");
	struct eg_bytes v, text;
	struct eg_err err;
	const char *name;
	char sha[EG_SHA256_HEX];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(adp_set_table(s, "bad.csv", eg_bytes_str(bad[i].text), &err), EG_BADFILE);
		if (err.pos.line != bad[i].line || err.pos.col != bad[i].col)
			fail_msg("row %zu: %u:%u %s", i, (unsigned)err.pos.line, err.pos.col, err.msg);
	}
	assert_true(adp_table_find(s, "cost_type.csv", EG_LIT("OC"), "cmic", false, &v) && eg_bytes_is(v, "OTC"));
	assert_true(adp_table_find(s, "cost_type.csv", EG_LIT("OC"), NULL, false, &v) && eg_bytes_is(v, "Other"));
	assert_true(adp_table_find(s, "cost_type.csv", EG_LIT("LAB"), "cmic", true, &v) && eg_bytes_is(v, "L"));
	assert_false(adp_table_find(s, "cost_type.csv", EG_LIT("oc"), "cmic", false, &v));
	assert_false(adp_table_find(s, "cost_type.csv", EG_LIT("OC"), "mri", false, &v));
	assert_false(adp_table_find(s, "other.csv", EG_LIT("OC"), NULL, false, &v));
	/* the first of a name wins */
	assert_int_equal(adp_set_table(s, "cost_type.csv", EG_LIT("pm,name\nOC,Changed\n"), &err), EG_OK);
	assert_true(adp_table_find(s, "cost_type.csv", EG_LIT("OC"), NULL, false, &v) && eg_bytes_is(v, "Other"));
	assert_true(adp_set_table_at(s, 0, &name, &text, sha));
	assert_string_equal(name, "cost_type.csv");
	assert_int_equal(strlen(sha), 64);
	assert_false(adp_set_table_at(s, 1, &name, &text, sha));
	adp_set_free(s);
}

/* ---- the set ---- */

static void
add_in(struct adp_set *s, const char *name, const char *file)
{
	char text[1500];

	snprintf(text, sizeof(text),
	    "[adapter]\nname = %s\ntitle = %s\nversion = 1\ndirection = in\nsource = procore\nrecord = commitment\n[file]\n%s\n%s",
	    name, name, file, "[fields]\nproject.number = \"1\"\ncommitment.number = \"2\"\n");
	(void)help_need(s, text, name);
}

static void
test_order(void **state)
{
	static const char *const want[] = { "t.vouchers", "a.in", "b.in" };
	struct adp_set *s = help_set("cmic");

	(void)state;
	add_in(s, "b.in", "type = csv\nsignature = \"B\"");
	(void)help_need(s, good_out, "t.vouchers");
	add_in(s, "a.in", "type = csv\nsignature = \"A\"");
	add_in(s, "a.in", "type = csv\nsignature = \"Z\""); /* shadowed by the first */
	assert_int_equal(adp_set_count(s), 3);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(adp_info(adp_set_at(s, i))->name, want[i]);
	assert_null(adp_set_at(s, 3));
	assert_null(adp_set_named(s, "c.in"));
	assert_true(names_are(&adp_set_named(s, "a.in")->in.signature, "A", NULL));
	adp_set_free(s);
}

static void
test_seal(void **state)
{
	static const struct {
		const char *name, *a, *b;
		bool fine;
	} rows[] = {
		{ "different", "type = csv\nsignature = \"A\", \"B\"", "type = csv\nsignature = \"A\", \"C\"", true },
		{ "the same", "type = csv\nsignature = \"A\"", "type = csv\nsignature = \"A\"", false },
		{ "a subset", "type = csv\nsignature = \"A\"", "type = csv\nsignature = \"A\", \"B\"", false },
		{ "a subset, the other way", "type = csv\nsignature = \"A\", \"B\"", "type = csv\nsignature = \"B\"",
		    false },
		{ "a subset told apart", "type = csv\nsignature = \"A\"\nsignature_without = \"B\"",
		    "type = csv\nsignature = \"A\", \"B\"", true },
		{ "told apart by the wrong column", "type = csv\nsignature = \"A\"\nsignature_without = \"X\"",
		    "type = csv\nsignature = \"A\", \"B\"", false },
		{ "inside the known columns", "type = csv\nsignature = \"A\"\nignored = \"C\"",
		    "type = csv\nsignature = \"C\"", false },
		{ "roots", "type = xml\nroot = a", "type = xml\nroot = b", true },
		{ "one root", "type = xml\nroot = a", "type = xml\nroot = a", false },
		{ "xml and csv", "type = xml\nroot = A", "type = csv\nsignature = \"A\"", true },
		{ "first lines", "type = positional\nfirst_line = \"X\"", "type = positional\nfirst_line = \"Y\"",
		    true },
		{ "one first line", "type = positional\nfirst_line = \"X\"", "type = positional\nfirst_line = \"X\"",
		    false },
	};
	unsigned bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct adp_set *s = help_set("cmic");
		struct seen seen = { 0 };
		struct eg_err err = { 0 };

		add_in(s, "t.a", rows[i].a);
		add_in(s, "t.b", rows[i].b);
		int rc = adp_set_seal(s, note, &seen, &err);
		if (rc != (rows[i].fine ? EG_OK : EG_BADFILE) || seen.n != !rows[i].fine ||
		    (!rows[i].fine && (strcmp(seen.first.code, "ADP-SIGNATURE") != 0 ||
					  strcmp(err.code, "ADP-SIGNATURE") != 0 || seen.first.line != 10))) {
			print_error("%s: %d %u %s %u\n", rows[i].name, rc, seen.n, seen.first.code, seen.first.line);
			bad++;
		}
		adp_set_free(s);
	}
	assert_int_equal(bad, 0);
}

/* Of two adapters for one layout only the one whose only_when is true here is in the set; both are checked. */
static void
test_only_when(void **state)
{
	static const char head[] = "[adapter]\nname = %s\ntitle = T\nversion = 1\ndirection = in\nsource = procore\n"
				   "record = commitment\nonly_when = %s\n" FILE_IN FIELDS;
	static const char *const rows[][2] = { { "t.a", "config.format is \"xml\"" },
		{ "t.b", "config.format is not \"xml\"" }, { "t.c", "erp is \"mri\"" } };
	struct adp_set *s = help_set("cmic");
	struct eg_err err;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		char *text = eg_xprintf(head, rows[i][0], rows[i][1]);
		assert_int_equal(adp_set_add(s, "t", eg_bytes_str(text), NULL, NULL, &err), EG_OK);
		free(text);
	}
	assert_int_equal(adp_set_seal(s, NULL, NULL, &err), EG_OK);
	assert_int_equal(adp_set_count(s), 1);
	assert_non_null(adp_set_named(s, "t.a"));
	char *text = eg_xprintf(head, "t.d", "config.format is \"csv\" and commitment.title is blank");
	assert_int_equal(adp_set_add(s, "t", eg_bytes_str(text), NULL, NULL, &err), EG_BADFILE);
	free(text);
	assert_string_equal(err.code, "ADP-FIELD");
	adp_set_free(s);
}

/* Another source may have the same signature. */
static void
test_seal_sources(void **state)
{
	struct adp_set *s = help_set("cmic");
	struct eg_err err;

	(void)state;
	add_in(s, "t.a", "type = csv\nsignature = \"A\"");
	(void)help_need(s, COMMITMENT FILE_IN FIELDS, "t");
	assert_int_equal(adp_set_seal(s, NULL, NULL, &err), EG_OK);
	adp_set_free(s);
}

/* ---- limits and rubbish ---- */

static void
test_limits(void **state)
{
	struct adp_set *s = help_set("cmic");
	struct eg_buf b = EG_BUF_INIT;
	struct eg_err err;

	(void)state;
	eg_buf_str(&b, COMMITMENT FILE_IN FIELDS);
	while (b.len <= EG_LIMIT_ADAPTER_BYTES)
		eg_buf_str(&b, "# comment\n");
	assert_int_equal(adp_set_add(s, "t", eg_buf_view(&b), NULL, NULL, &err), EG_BADFILE);
	assert_string_equal(err.code, "ADP-SIZE");
	assert_int_equal(adp_set_table(s, "x.csv", eg_buf_view(&b), &err), EG_BADFILE);
	assert_string_equal(err.code, "ADP-TABLE");

	eg_buf_clear(&b);
	eg_buf_str(&b, COMMITMENT FILE_IN FIELDS "[rules]\n");
	for (int i = 0; i < 2001; i++)
		eg_buf_str(&b, "skip\n");
	assert_int_equal(adp_set_add(s, "t", eg_buf_view(&b), NULL, NULL, &err), EG_BADFILE);
	assert_string_equal(err.code, "ADP-SIZE");

	eg_buf_clear(&b);
	eg_buf_str(&b, COMMITMENT FILE_IN "needed = ");
	for (int i = 0; i < 500; i++)
		eg_buf_printf(&b, "\"%d\"", i);
	eg_buf_str(&b, "\noptional = \"x\"\ndocument = ");
	for (int i = 500; i < 1001; i++)
		eg_buf_printf(&b, "\"%d\"", i);
	eg_buf_str(&b, "\n" FIELDS);
	assert_int_equal(adp_set_add(s, "t", eg_buf_view(&b), NULL, NULL, &err), EG_BADFILE);
	assert_string_equal(err.code, "ADP-SIZE");

	eg_buf_clear(&b);
	/* Columns that only `needed` names: the table of columns grows while it is written to. */
	eg_buf_str(&b, COMMITMENT FILE_IN "needed = \"0\"");
	for (int i = 1; i < 200; i++)
		eg_buf_printf(&b, ", \"%d\"", i);
	eg_buf_str(&b, "\n" FIELDS);
	if (adp_set_add(s, "t", eg_buf_view(&b), NULL, NULL, &err) != EG_OK)
		fail_msg("%s", err.msg);
	const struct adp_in *in = &adp_set_at(s, adp_set_count(s) - 1)->in;
	unsigned required = 0;
	for (size_t i = 0; i < in->ncolumns; i++)
		required += in->column_required[i];
	assert_true(required >= 200);

	eg_buf_clear(&b);
	eg_buf_str(&b, OUT_HEAD OUT_ROWS "[rules]\n");
	for (int i = 0; i <= ADP_AGG_MAX; i++)
		eg_buf_printf(&b, "warn E-01 when any(line.position == %d) : \"x\"\n", i);
	assert_int_equal(adp_set_add(s, "t", eg_buf_view(&b), NULL, NULL, &err), EG_BADFILE);
	assert_string_equal(err.code, "ADP-EXPR");
	eg_buf_done(&b);
	adp_set_free(s);
}

/* Every prefix, and every byte made a sign that means something: refused or taken, never a crash, and a fault always has a place inside the text. */
static void
sweep(const char *good, unsigned nlines)
{
	static const char signs[] = "\"|{}()=[]\\:\n.#-0é";
	struct eg_bytes text = eg_bytes_str(good);
	char *copy = eg_xdup(text);

	for (size_t i = 0; i < text.len; i++) {
		struct adp_set *s = help_set("cmic");
		struct eg_err err = { 0 };
		char was = copy[i];

		if (adp_set_add(s, "t", eg_bytes_sub(text, 0, i), NULL, NULL, &err) != EG_OK)
			assert_true(err.cls == EG_BADFILE && err.code[0] != '\0' && err.pos.line >= 1 &&
				    err.pos.line <= nlines && err.pos.col >= 1);
		copy[i] = signs[i % (sizeof(signs) - 1)];
		if (adp_set_add(s, "t", eg_bytes(copy, text.len), NULL, NULL, &err) != EG_OK)
			assert_true(err.cls == EG_BADFILE && err.pos.line >= 1 && err.pos.line <= nlines + 1);
		assert_int_equal(adp_set_seal(s, NULL, NULL, &err), EG_OK);
		copy[i] = was;
		adp_set_free(s);
	}
	free(copy);
}

static void
test_truncated(void **state)
{
	(void)state;
	sweep(good_in, 54);
	sweep(good_out, 42);
	sweep(JOBS, 24);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_seal),
		cmocka_unit_test(test_only_when),
		cmocka_unit_test(test_seal_sources),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_truncated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
