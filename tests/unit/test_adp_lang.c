/* SPDX-License-Identifier: MIT
 *
 * Adapters as a whole: what compiling makes of them, rules and messages, tables, and that nothing crashes, whatever the text.
 */
#include "tests/unit/adp_lang_kit.h"

static int
column(const struct adp *a, const char *name)
{
	for (size_t i = 0; i < a->in.ncolumns; i++)
		if (strcmp(a->in.columns[i], name) == 0)
			return (int)i;
	return -1;
}

static void
test_in(void **state)
{
	struct adp_set *s = help_set("cmic");
	const struct adp *a = help_need(s, good_in, "t.commitments");
	const struct adp_in *in = &a->in;

	(void)state;
	assert_string_equal(a->info.title, "Commitments");
	assert_int_equal(a->info.version, 3);
	assert_string_equal(a->info.system, "procore");
	assert_ptr_equal(a->info.record, rec_type(REC_COMMITMENT));
	assert_int_equal(strlen(a->info.sha256), 64);
	assert_int_equal(in->type, AF_CSV);
	assert_true(names_are(&in->signature, "Commitment Type", "Contract Company ID"));
	assert_true(names_are(&in->signature_without, "Change Order #", NULL));
	assert_true(in->delim == ';' && !in->delim_auto && in->enc == FMT_CP1252 && in->numbers == EG_DEC_MONEY);
	assert_true(names_are(&in->dates, "MM/DD/YYYY", "YYYY-MM-DD HH:mm"));
	assert_true(names_are(&in->yes, "Yes", "1") && names_are(&in->no, "No", "0") &&
		    names_are(&in->null_words, "None", "N/A"));
	assert_true(!in->unknown_warn && in->all_or_nothing && in->rows_when != NULL);
	assert_true(names_are(&in->not_for, "mri", NULL));
	assert_string_equal(in->missing_name, "F-08");
	assert_int_equal(in->ndocument, 2);
	assert_string_equal(in->columns[in->document[0]], "Project Number");
	assert_int_equal(in->nfields, 6);
	assert_int_equal(in->nlines, 4);
	static const struct {
		const char *name;
		bool required;
	} columns[] = { { "Project Number", true }, { "Number", true }, { "Title", false }, { "Status", true },
		{ "Executed", false }, { "Cost Code", true }, { "Extra", true }, { "Kind", false },
		{ "Amount", true } };
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
		assert_true(column(a, columns[i].name) >= 0);
		assert_true(in->column_required[column(a, columns[i].name)] == columns[i].required);
	}
	assert_int_equal(a->nrules, 3);
	assert_true(a->rules[0].verb == AR_REJECT && a->rules[1].at_line_first && !a->rules[0].at_line_first &&
		    a->rules[2].verb == AR_ARCHIVE);
	assert_string_equal(a->rules[2].code, "");
	assert_int_equal(a->nline_rules, 3);
	assert_true(a->line_rules[1].at_line_first && a->line_rules[2].verb == AR_REFUSE);
	assert_int_equal(a->nagg, 2);
	assert_null(a->twin);
	adp_set_free(s);
}

static void
test_out(void **state)
{
	struct adp_set *s = help_set("cmic");
	const struct adp *a = help_need(s, good_out, "t.vouchers");
	const struct adp_out *o = &a->o;

	(void)state;
	assert_true(a->out && !o->xml && !o->header && o->style.delim == '\t' && o->style.quote == FMT_QUOTE_NEVER &&
		    o->style.lf);
	assert_true(o->ascii_fit && o->clean_apostrophe && o->breaks == FMT_BREAKS_BLANK && o->order_set);
	assert_true(eg_bytes_is(o->yes, "True") && eg_bytes_is(o->date, "DD-MON-YYYY"));
	assert_int_equal(o->per_project, rec_head_index(rec_type(REC_INVOICE), "project.number"));
	assert_true(o->has_counter && o->counter_from == -999999);
	assert_int_equal(o->nrowsets, 2);
	assert_string_equal(o->rowsets[0].name, "voucher");
	assert_true(o->rowsets[0].each_line && o->rowsets[0].when != NULL && o->rowsets[1].lines != NULL);
	assert_int_equal(o->rowsets[0].naccept, 1);
	assert_int_equal(o->rowsets[0].nrules, 0);
	assert_int_equal(o->rowsets[1].nrules, 1);
	const struct adp_entry *c = o->rowsets[0].columns;
	assert_string_equal(c[0].target, "VEN CODE");
	assert_true(c[0].refuses && !c[0].uses_line && !c[1].uses_line && !c[2].uses_line && c[3].uses_line);
	assert_ptr_equal(a->info.record, rec_type(REC_INVOICE));
	assert_true(adp_writes(a, rec_type(REC_INVOICE)) && !adp_writes(a, rec_type(REC_CCO)));
	adp_set_free(s);
}

static void
test_records(void **state)
{
	struct adp_set *s = help_set("cmic");
	const struct adp *a = help_need(s, JOBS, "t"), *b = a->twin;

	(void)state;
	assert_int_equal(adp_set_count(s), 1);
	assert_ptr_equal(a->info.record, rec_type(REC_ERP_PROJECT));
	assert_non_null(b);
	assert_ptr_equal(b->info.record, rec_type(REC_ERP_SUBJOB));
	assert_null(b->twin);
	assert_true(a->in.rows_when != NULL && b->in.rows_when != NULL && a->in.rows_when != b->in.rows_when);
	assert_ptr_equal(a->in.columns, b->in.columns);
	assert_int_equal(a->nrules, 1);
	assert_int_equal(b->nrules, 0);
	assert_int_equal(b->in.nfields, 2);
	assert_true(a->in.column_required[column(a, "CTRL")]);
	adp_set_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in),
		cmocka_unit_test(test_out),
		cmocka_unit_test(test_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
