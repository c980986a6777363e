/* SPDX-License-Identifier: MIT
 *
 * Every fault of an adapter's sections and keys, with line and column, and adapters that are not for this site.
 */
#include "tests/unit/adp_lang_kit.h"

/* ---- faults ---- */

struct fault {
	const char *text, *code;
	unsigned line, col;
	const char *msg, *hint;
};

static const struct fault faults[] = {
	/* sections */
	{ "", "ADP-MISSING", 1, 1, "The section [adapter] is missing.", NULL },
	{ "[adapter]\n", "ADP-MISSING", 1, 1, "The section [file] is missing.", NULL },
	{ "name = x\n" COMMITMENT FILE_IN FIELDS, "ADP-SECTION", 1, 1, "This line stands in no section.",
	    "an adapter begins with [adapter]" },
	{ COMMITMENT FILE_IN FIELDS "[lookup]\nx = y\nz\n", "ADP-SECTION", 14, 2, "There is no section [lookup].",
	    "did you mean \"lookups\"?" },
	{ COMMITMENT FILE_IN FIELDS "[Fields]\n", "ADP-SECTION", 14, 2, "There is no section [Fields].",
	    "did you mean \"fields\"?" },
	{ COMMITMENT FILE_IN FIELDS "[fields]\n", "ADP-SECTION", 14, 2, "The section [fields] stands here twice.",
	    "the first is in line 11" },
	{ COMMITMENT FILE_IN FIELDS "[file x]\n", "ADP-SECTION", 14, 7, "The section [file] has no name of its own.",
	    NULL },
	{ COMMITMENT FILE_IN FIELDS "[lines x]\n", "ADP-SECTION", 14, 2,
	    "The section [lines x] belongs to no [record].", NULL },
	{ COMMITMENT FILE_IN FIELDS "[columns]\n", "ADP-SECTION", 14, 2,
	    "The section [columns] belongs to the direction out.", NULL },
	{ COMMITMENT FILE_IN, "ADP-MISSING", 1, 2, "The section [fields] is missing.", NULL },
	{ OUT_HEAD, "ADP-MISSING", 1, 2, "The section [rows] is missing.", NULL },
	{ OUT_HEAD "[rows]\nrecord = invoice\n", "ADP-MISSING", 11, 2, "The section [columns] is missing.", NULL },
	{ OUT_HEAD OUT_ROWS "[columns x]\nA = blank\n", "ADP-SECTION", 16, 2,
	    "The section [columns x] belongs to no [rows].", NULL },
	{ COMMITMENT FILE_IN FIELDS "nonsense\n", "INI-LINE", 14, 1, "this line has no \"=\"; write key = value",
	    NULL },
	{ COMMITMENT FILE_IN FIELDS "commitment.title = \"\xff\"\n", "INI-UTF8", 14, 1,
	    "this line is not UTF-8 text; save the file as UTF-8", NULL },
	{ JOBS "[record x]\ntype = answer\n[fields x]\nanswer.object = \"A\"\nanswer.key = \"B\"\n", "ADP-SECTION", 24,
	    2, "The record above takes every row; nothing is left for this one.", "give the record above a when = …" },
	{ COMMITMENT FILE_IN "[record x]\ntype = vendor\n[fields x]\n", "ADP-SECTION", 11, 2,
	    "Either [adapter] names one record or [record] sections name several.", "leave record out of [adapter]" },
	/* [adapter] */
	{ "[adapter]\ntitle = T\n" FILE_IN, "ADP-MISSING", 1, 2, "direction = … is missing in this section.", NULL },
	{ "[adapter]\nname = t\ntitle = T\nversion = 1\ndirection = inn\n" FILE_IN, "ADP-VALUE", 5, 13,
	    "There is no direction \"inn\".", "did you mean \"in\"?" },
	{ IN_HEAD "recrd = commitment\n" FILE_IN FIELDS, "ADP-KEY", 7, 1, "There is no key \"recrd\" here.",
	    "did you mean \"record\"?" },
	{ COMMITMENT "rank = 1\n" FILE_IN FIELDS, "ADP-KEY", 8, 1, "rank belongs to the direction out.", NULL },
	{ COMMITMENT "name = u\n" FILE_IN FIELDS, "ADP-KEY", 8, 1, "name stands here twice.", NULL },
	{ IN_HEAD "record = comitment\n" FILE_IN FIELDS, "ADP-VALUE", 7, 10, "There is no record type \"comitment\".",
	    "did you mean \"commitment\"?" },
	{ IN_HEAD "record =\n" FILE_IN FIELDS, "ADP-VALUE", 7, 9, "A value is missing here.", NULL },
	{ IN_HEAD FILE_IN FIELDS, "ADP-MISSING", 1, 2, "record = … is missing in this section.", NULL },
	{ "[adapter]\nname = T x\ntitle = T\nversion = 1\ndirection = in\nsource = cmic\nrecord = commitment\n" FILE_IN
		FIELDS,
	    "ADP-VALUE", 2, 8, "Names are made of a-z, 0-9, dots, _ and -.", "for example cmic.commitment" },
	{ "[adapter]\nname = t\ntitle = T\nversion = 0\ndirection = in\nsource = cmic\nrecord = commitment\n" FILE_IN
		FIELDS,
	    "ADP-VALUE", 4, 11, "A whole number from 1 to 1000000 is needed here, not \"0\".", NULL },
	{ "[adapter]\nname = t\ntitle = T\nversion = 1\ndirection = out\ntarget = cmic\nobject = Invoice\nrank = 1\n[file]\ntype = csv\n" OUT_ROWS,
	    "ADP-VALUE", 7, 10, "Objects are written in capitals: they are part of file names.",
	    "for example COMMITMENT" },
	/* [file] */
	{ COMMITMENT "[file]\ntype = cvs\n" FIELDS, "ADP-VALUE", 9, 8, "There is no file type \"cvs\".",
	    "did you mean \"csv\"?" },
	{ COMMITMENT "[file]\ntype = csv\n" FIELDS, "ADP-MISSING", 8, 2, "signature = … is missing in this section.",
	    NULL },
	{ COMMITMENT "[file]\ntype = xml\n" FIELDS, "ADP-MISSING", 8, 2, "root = … is missing in this section.", NULL },
	{ COMMITMENT FILE_IN "delimter = ,\n" FIELDS, "ADP-KEY", 11, 1, "There is no key \"delimter\" here.",
	    "did you mean \"delimiter\"?" },
	{ COMMITMENT FILE_IN "header = yes\n" FIELDS, "ADP-KEY", 11, 1, "header belongs to the direction out.", NULL },
	{ COMMITMENT FILE_IN "type = csv\n" FIELDS, "ADP-KEY", 11, 1, "type stands here twice.", NULL },
	{ COMMITMENT FILE_IN "delimiter = :\n" FIELDS, "ADP-VALUE", 11, 13, "\":\" is not a delimiter.",
	    "one of: , ; | TAB auto" },
	{ COMMITMENT FILE_IN "encoding = utf-9\n" FIELDS, "ADP-VALUE", 11, 12, "There is no encoding \"utf-9\" here.",
	    "did you mean \"UTF-8\"?" },
	{ COMMITMENT FILE_IN "date = YYYY-MM\n" FIELDS, "ADP-VALUE", 11, 8, "\"YYYY-MM\" is not a date format.",
	    "it needs year, month and day, for example YYYY-MM-DD" },
	{ COMMITMENT FILE_IN "date = YYYY-MM-DD or x\n" FIELDS, "ADP-VALUE", 11, 22, "\"x\" is not a date format.",
	    "it needs year, month and day, for example YYYY-MM-DD" },
	{ COMMITMENT FILE_IN "date =\n" FIELDS, "ADP-VALUE", 11, 7, "A date format is missing here.",
	    "for example YYYY-MM-DD" },
	{ COMMITMENT FILE_IN "yesno = Yes\n" FIELDS, "ADP-VALUE", 11, 9,
	    "Two words are needed: one for yes, one for no.", "for example: Yes No" },
	{ COMMITMENT FILE_IN "numbers = plane\n" FIELDS, "ADP-VALUE", 11, 11, "There is no form of numbers \"plane\".",
	    "did you mean \"plain\"?" },
	{ COMMITMENT FILE_IN "all_or_nothing = maybe\n" FIELDS, "ADP-VALUE", 11, 18, "There is no answer \"maybe\".",
	    "one of: yes, no" },
	{ COMMITMENT FILE_IN "ignored = A, B\n" FIELDS, "ADP-VALUE", 11, 11, "A text in quotes is missing here.",
	    "put it in quotes: \"text\"" },
	{ COMMITMENT FILE_IN "not_for = cmic, acumatika\n" FIELDS, "ADP-VALUE", 11, 17,
	    "There is no accounting system \"acumatika\".", "did you mean \"acumatica\"?" },
	{ COMMITMENT FILE_IN "not_when = commitment.title is blank\n" FIELDS, "ADP-FIELD", 11, 12,
	    "Only settings and erp may be named here, not \"commitment.title\".", NULL },
	{ COMMITMENT FILE_IN "not_when = config.nope is \"x\"\n" FIELDS, "ADP-CONFIG", 11, 12,
	    "There is no setting \"nope\".", "erpgate config show lists all settings" },
	{ COMMITMENT FILE_IN "missing_name = f08\n" FIELDS, "ADP-VALUE", 11, 16,
	    "\"f08\" is not the code of a finding.", "codes look like E-07 or F-20" },
	{ COMMITMENT
	    "[file]\ntype = positional\nfirst_line = \"X\"\n[fields]\nproject.number = \"1\"\ncommitment.number = \"Number\"\n",
	    "ADP-VALUE", 13, 21, "\"Number\" is not a column number.",
	    "columns of positional files are numbers: \"1\", \"2\"" },
	{ OUT_HEAD "quote = sometimes\n" OUT_ROWS, "ADP-VALUE", 11, 9, "There is no way of quoting \"sometimes\".",
	    "one of: when-needed, always, never, text" },
	{ "[adapter]\nname = t\ntitle = T\nversion = 1\ndirection = out\ntarget = cmic\nobject = INVOICE\nrank = 1\n[file]\ntype = xlsx\nheader = no\n" OUT_ROWS,
	    "ADP-VALUE", 9, 2, "A workbook begins with its column names.", "header = yes" },
	{ OUT_HEAD "delimiter = auto\n" OUT_ROWS, "ADP-VALUE", 11, 13, "\"auto\" is not a delimiter.",
	    "one of: , ; | TAB" },
	{ OUT_HEAD "encoding = utf-16\n" OUT_ROWS, "ADP-VALUE", 11, 12, "There is no encoding \"utf-16\" here.",
	    "did you mean \"UTF-8\"?" },
	{ OUT_HEAD "date = YYYY or MM\n" OUT_ROWS, "ADP-VALUE", 11, 8, "A file is written with one date format.",
	    "for example YYYY-MM-DD" },
	{ OUT_HEAD "per_project = link.project\n" OUT_ROWS, "ADP-FIELD", 11, 15,
	    "\"link.project\" is not in the record model (invoice).", NULL },
	{ OUT_HEAD "per_project = line.position\n" OUT_ROWS, "ADP-FIELD", 11, 15,
	    "\"line.position\" is a line field; there is no current line here.", NULL },
	/* [lookups] */
	{ COMMITMENT FILE_IN FIELDS "[lookups]\na = cost_typ.csv\n", "ADP-TABLE", 15, 5,
	    "There is no table \"cost_typ.csv\".", "did you mean \"cost_type.csv\"?" },
	{ COMMITMENT FILE_IN FIELDS
	    "commitment.title = \"T\" | lookup a\n[lookups]\na = cost_type.csv\na = cost_type.csv\n",
	    "ADP-KEY", 17, 1, "a stands here twice.", NULL },
	/* [fields], [lines] */
	{ COMMITMENT FILE_IN FIELDS "commitment.titel = \"T\"\n", "ADP-FIELD", 14, 1,
	    "\"commitment.titel\" is not in the record model (commitment).", "did you mean \"commitment.title\"?" },
	{ COMMITMENT FILE_IN FIELDS "line.position = \"L\"\n", "ADP-FIELD", 14, 1, "line.position is a line field.",
	    "it belongs in [lines]" },
	{ COMMITMENT FILE_IN FIELDS "[lines]\ncommitment.title = \"L\"\n", "ADP-FIELD", 15, 1,
	    "commitment.title is a header field.", "it belongs in [fields]" },
	{ COMMITMENT FILE_IN FIELDS "erp.vendor = \"L\"\n", "ADP-FIELD", 14, 1,
	    "erp.vendor is filled by the gateway and cannot be read from a file.", NULL },
	{ COMMITMENT FILE_IN FIELDS "project.number = \"L\"\n", "ADP-KEY", 14, 1, "project.number is set twice.",
	    NULL },
	{ COMMITMENT FILE_IN "[fields]\nproject.number = \"P\"\n", "ADP-MISSING", 11, 2,
	    "commitment.number is part of the item id of a commitment and is not set.", NULL },
	{ COMMITMENT FILE_IN FIELDS "commitment.title =\n", "ADP-SOURCE", 14, 1, "commitment.title has no source.",
	    "blank, when nothing is meant" },
	{ COMMITMENT FILE_IN FIELDS "commitment.type = \"T\" | choose A=\"subcontrakt\"\n", "ADP-VALUE", 14, 35,
	    "commitment.type cannot be \"subcontrakt\".", "did you mean \"subcontract\"?" },
	{ IN_HEAD "record = vendor\n" FILE_IN "[fields]\nvendor.pm_id = \"P\"\n[lines]\n", "ADP-SECTION", 13, 2,
	    "A vendor has no lines.", NULL },
	/* [rows], [columns] */
	{ OUT_HEAD "[rows]\neach = line\n[columns]\nA = blank\n", "ADP-MISSING", 11, 2,
	    "record = … is missing in this section.", NULL },
	{ OUT_HEAD "[rows]\nrecord = invoice\neach = lines\n[columns]\nA = blank\n", "ADP-VALUE", 13, 8,
	    "There is no kind of row \"lines\".", "did you mean \"line\"?" },
	{ OUT_HEAD "[rows]\nrecord = vendor\neach = line\n[columns]\nA = blank\n", "ADP-VALUE", 11, 2,
	    "A vendor has no lines.", "each = record" },
	{ OUT_HEAD "[rows]\nrecord = invoice\nlines = line.position > 1\n[columns]\nA = blank\n", "ADP-VALUE", 11, 2,
	    "lines = … chooses lines, but there is one row per record.", "each = line" },
	{ OUT_HEAD "[rows]\nrecord = invoice\nevery = line\n[columns]\nA = blank\n", "ADP-KEY", 13, 1,
	    "There is no key \"every\".", "one of: record, each, when, lines, answer_key" },
	{ OUT_HEAD "[rows]\nrecord = invoice\nwhen = line.position > 1\n[columns]\nA = blank\n", "ADP-FIELD", 13, 8,
	    "\"line.position\" is a line field; there is no current line here.", "sum(), any() look at all lines" },
	{ OUT_HEAD OUT_ROWS "A = blank\n", "ADP-KEY", 16, 1, "The column A stands here twice.", NULL },
	{ OUT_HEAD OUT_ROWS "B = line.amount\n", "ADP-FIELD", 16, 5,
	    "\"line.amount\" is not in the record model (invoice).", NULL },
	{ OUT_HEAD OUT_ROWS "B = counter a from 1\nC = counter b from 1\n", "ADP-VALUE", 17, 13,
	    "An adapter has one counter.", "counter a from 1" },
	{ OUT_HEAD OUT_ROWS "[rows x]\nrecord = invoice\n[columns x]\nB = blank\n", "ADP-KEY", 16, 2,
	    "The file has a header line, and these columns are not those of the first kind of rows.",
	    "the same columns in the same order, or header = no" },
	/* rules */
	{ COMMITMENT FILE_IN FIELDS "[rules]\nrefject E-37 : \"x\"\n", "ADP-RULE", 15, 1,
	    "There is no verb \"refject\".", "did you mean \"reject\"?" },
	{ COMMITMENT FILE_IN FIELDS "[rules]\nreject when 1 == 1 : \"x\"\n", "ADP-RULE", 15, 7,
	    "reject needs the code of a finding.", "for example reject E-37 when …" },
	{ COMMITMENT FILE_IN FIELDS "[rules]\nreject E37 : \"x\"\n", "ADP-VALUE", 15, 8,
	    "\"E37\" is not the code of a finding.", "codes look like E-07 or F-20" },
	{ COMMITMENT FILE_IN FIELDS "[rules]\nreject E-37 when 1 == 1\n", "ADP-RULE", 15, 24,
	    "A rule with a code has a message for people.", ": \"what is wrong and what to do about it\"" },
	{ COMMITMENT FILE_IN FIELDS "[rules]\nskip when 1 == 1 : \"x\"\n", "ADP-RULE", 15, 18,
	    "A rule without a code says nothing.", "a message needs a code: skip E-32 when …" },
	{ COMMITMENT FILE_IN FIELDS "[rules]\nreject E-37 at header : \"x\"\n", "ADP-RULE", 15, 16,
	    "There is no place \"header\".", "one of: line, record" },
	{ COMMITMENT FILE_IN FIELDS "[rules]\nreject E-37 when 1 == 1 \"x\"\n", "ADP-RULE", 15, 25,
	    "Nothing but a colon and the message may follow here.", "verb CODE when EXPR : \"message\"" },
	{ COMMITMENT FILE_IN FIELDS "[rules]\nreject E-37 : x\n", "ADP-VALUE", 15, 15,
	    "A text in quotes is missing here.", "put it in quotes: \"text\"" },
	{ COMMITMENT FILE_IN FIELDS "[rules]\nreject E-37 : \"a {commitment.number\"\n", "ADP-RULE", 15, 18,
	    "This brace has no partner.", "a brace itself is written {{ or }}" },
	{ COMMITMENT FILE_IN FIELDS "[rules]\nreject E-37 : \"a } b\"\n", "ADP-RULE", 15, 18,
	    "This brace has no partner.", "a brace itself is written {{ or }}" },
	{ COMMITMENT FILE_IN FIELDS "[rules]\nreject E-37 : \"ä {commitment.nummer}\"\n", "ADP-FIELD", 15, 19,
	    "\"commitment.nummer\" is not in the record model (commitment).", "did you mean \"commitment.number\"?" },
	{ COMMITMENT FILE_IN FIELDS "[rules]\nreject E-37 : \"{commitment.title}\"\n", "ADP-FIELD", 15, 17,
	    "\"commitment.title\" has no value yet here.", "an entry sees what is set above it" },
	{ COMMITMENT FILE_IN FIELDS "[lines]\n[rules]\nreject E-37 when cell \"X\" is blank : \"x\"\n", "ADP-VALUE", 16,
	    23, "There are no cells to read here.", "cells can be named in [fields], [lines] and [line rules]" },
	{ COMMITMENT FILE_IN FIELDS "[lines]\n[line rules]\narchive when 1 == 1\n", "ADP-RULE", 16, 1,
	    "There is no verb \"archive\".", "one of: reject, warn, note, skip, refuse" },
	{ OUT_HEAD OUT_ROWS "[accept]\nreject E-01 when line.position == 1 : \"x\"\n", "ADP-FIELD", 17, 18,
	    "\"line.position\" is a line field; there is no current line here.", "sum(), any() look at all lines" },
};

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
		const struct fault *f = &faults[i];
		struct adp_set *s = help_set("cmic");
		struct seen seen = { 0 };
		struct eg_err err = { 0 };
		int rc = adp_set_add(s, "t.adapter", eg_bytes_str(f->text), note, &seen, &err);
		const struct adp_diag *d = &seen.first;

		if (rc != EG_BADFILE || seen.n != 1 || d->line != f->line || d->col != f->col ||
		    strcmp(d->code, f->code) != 0 || !same(d->msg, f->msg) || !same(d->hint, f->hint) ||
		    strcmp(err.code, f->code) != 0 || err.pos.line != f->line || err.pos.col != f->col ||
		    adp_set_count(s) != 0) {
			print_error("row %zu (%s): rc %d, %u faults, %u:%u %s %s (%s)\n", i, f->msg, rc, seen.n,
			    d->line, d->col, d->code, d->msg, d->hint);
			bad++;
		}
		adp_set_free(s);
	}
	assert_int_equal(bad, 0);
}

/* Several faults are all told, with the line for the caret; warnings do not stop the loading. */
static void
test_several(void **state)
{
	struct adp_set *s = help_set("cmic");
	struct seen seen = { 0 };
	struct eg_err err;

	(void)state;
	assert_int_equal(
	    adp_set_add(s, "t",
		eg_bytes_str(COMMITMENT FILE_IN FIELDS "a = \"b\"\nvendor.pm_id = \"V\" | tirm\n[rules]\nfoo\n"), note,
		&seen, &err),
	    EG_BADFILE);
	assert_int_equal(seen.n, 3);
	assert_string_equal(seen.first.source_line, "a = \"b\"");
	seen = (struct seen){ 0 };
	assert_int_equal(
	    adp_set_add(s, "t",
		eg_bytes_str(
		    "[adapter]\nname = t\ntitle = T\nversion = 1\ndirection = in\nsource = procor\nrecord = commitment\n" FILE_IN
			FIELDS "[lookups]\na = cost_type.csv\n"),
		note, &seen, &err),
	    EG_OK);
	assert_int_equal(seen.n, 0);
	assert_int_equal(seen.warnings, 2);
	adp_set_free(s);
}

static void
test_not_for(void **state)
{
	static const struct {
		const char *keys, *erp;
		size_t n;
	} rows[] = {
		{ "not_for = acumatica mri\n", "cmic", 2 },
		{ "not_for = acumatica, mri\nnot_when = config.limit is \"5\"\n", "cmic", 3 },
		{ "not_when = config.limit is \"5\"\nnot_for = acumatica mri\n", "cmic", 3 },
		{ "not_when = config.limit is \"6\"\n", "cmic", 0 },
		{ "not_when = erp is \"mri\" and config.limit is \"5\"\n", "mri", 1 },
		{ "not_when = erp is \"mri\" and config.limit is \"5\"\n", "cmic", 0 },
	};
	char text[1000];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct adp_set *s = help_set(rows[i].erp);

		snprintf(text, sizeof(text), "%s%s%s", COMMITMENT FILE_IN, rows[i].keys, FIELDS);
		const struct adp *a = help_need(s, text, "t");
		assert_int_equal(a->in.not_for.n, rows[i].n);
		if (rows[i].n > 0 && rows[i].n != 2)
			assert_true(eg_bytes_is(a->in.not_for.v[rows[i].n - 1], rows[i].erp));
		adp_set_free(s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_not_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
