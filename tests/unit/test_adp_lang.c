/* SPDX-License-Identifier: MIT
 *
 * Adapters as a whole: what compiling makes of them, every fault of sections and keys with line and column, rules and messages, tables, and the set: order,
 * shadowing, signatures that exclude each other. Nothing of it may crash, whatever the text.
 */
#include "base/limits.h"
#include "tests/unit/adp_help.h"

static const char good_in[] =
    "# Commitments\n"
    "[adapter]\n"
    "name      = t.commitments\n"
    "title     = Commitments  # not part of it\n"
    "version   = 3\n"
    "direction = in\n"
    "source    = procore\n"
    "record    = commitment\n"
    "\n"
    "[file]\n"
    "type            = csv\n"
    "signature       = \"Commitment Type\", \"Contract Company ID\"\n"
    "signature_without = \"Change Order #\"\n"
    "delimiter       = ;\n"
    "encoding        = windows-1252\n"
    "document        = \"Project Number\", \"Number\"\n"
    "date            = MM/DD/YYYY or \"YYYY-MM-DD HH:mm\"\n"
    "numbers         = money\n"
    "yesno           = Yes No or 1 0\n"
    "null            = \"None\" \"N/A\"\n"
    "unknown_columns = ignore\n"
    "ignored         = \"Notes\"\n"
    "optional        = \"Title\"\n"
    "needed          = \"Cost Code\", \"Extra\"\n"
    "not_for         = mri\n"
    "rows_when       = cell \"Number\" is not \"Total\"\n"
    "missing_name    = F-08\n"
    "\n"
    "[lookups]\n"
    "cost_type = cost_type.csv\n"
    "\n"
    "[fields]\n"
    "project.number    = \"Project Number\" | required\n"
    "commitment.number = \"Number\" | required | upper\n"
    "commitment.title  = \"Title\" | required\n"
    "commitment.status = \"Status\" | required E-49\n"
    "commitment.executed = \"Executed\"\n"
    "vendor.name       = \"Vendor\" | mask-in-logs\n"
    "\n"
    "[lines]\n"
    "line.position  = \"Line\" | required\n"
    "line.cost_code = \"Cost Code\"\n"
    "line.cost_type = \"Cost Type\" | lookup cost_type cmic back\n"
    "line.amount    = \"Amount\" | required\n"
    "\n"
    "[rules]\n"
    "reject E-37 when commitment.status is not \"Approved\" : \"{commitment.number} is {commitment.status}: {{braces}}, {sum(line.amount)}, {vendor.name}.\"\n"
    "warn   E-60 at line when any(line.amount < 0) : \"A line is negative.\"\n"
    "archive when not commitment.executed\n"
    "\n"
    "[line rules]\n"
    "skip        when line.cost_code is blank and line.amount == 0\n"
    "skip   E-25 at record when line.amount < 0 : \"Line {line.position} is below zero.\"\n"
    "refuse F-09 when cell \"Kind\" is \"x\" : \"Not taken.\"\n";

static const char good_out[] = "[adapter]\n"
			       "name = t.vouchers\n"
			       "title = Vouchers\n"
			       "version = 1\n"
			       "direction = out\n"
			       "target = cmic\n"
			       "object = INVOICE\n"
			       "rank = 8\n"
			       "[file]\n"
			       "type = csv\n"
			       "header = no\n"
			       "delimiter = TAB\n"
			       "quote = never\n"
			       "encoding = us-ascii\n"
			       "clean = \"'\"\n"
			       "breaks = blank\n"
			       "line_end = lf\n"
			       "date = DD-MON-YYYY\n"
			       "bool = True False\n"
			       "per_project = project.number\n"
			       "order = set\n"
			       "[rows voucher]\n"
			       "each = line\n"
			       "when = sum(line.work_completed_this_period) != 0\n"
			       "record = invoice\n"
			       "[columns voucher]\n"
			       "VEN CODE = erp.vendor | max 12 E-07\n"
			       "NUM = counter voucher from -999999\n"
			       "AMT = calc sum(line.work_completed_this_period) | places 2\n"
			       "LINE = line.position\n"
			       "FINAL = invoice.final | yesno \"Y\" \"N\"\n"
			       "[rows release]\n"
			       "record = invoice\n"
			       "each = line\n"
			       "lines = line.work_retainage_released_this_period != 0\n"
			       "[columns release]\n"
			       "VEN CODE = erp.vendor\n"
			       "NUM = counter voucher from -999999\n"
			       "[accept]\n"
			       "reject E-49 when decision.erp_id is blank : \"No number.\"\n"
			       "[rules release]\n"
			       "warn E-60 when any(line.tax_amount != 0) : \"Tax.\"\n";

static bool
names_are(const struct adp_names *n, const char *a, const char *b)
{
	return n->n == (b == NULL ? 1 : 2) && eg_bytes_is(n->v[0], a) && (b == NULL || eg_bytes_is(n->v[1], b));
}

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

#define IN_HEAD "[adapter]\nname = t\ntitle = T\nversion = 1\ndirection = in\nsource = cmic\n"
#define JOBS                                                                                                                                         \
	IN_HEAD                                                                                                                                      \
	"[file]\ntype = csv\nsignature = \"CTRL\"\nrows_when = cell \"X\" is present\n"                                                              \
	"[record job]\ntype = erp-project\nwhen = cell \"CTRL\" is \"ALL\"\n[fields job]\nproject.origin_code = \"CODE\"\nproject.name = \"NAME\"\n" \
	"[rules job]\nreject E-01 when cell \"CTRL\" is blank : \"No.\"\n"                                                                           \
	"[record sub]\ntype = erp-subjob\n[fields sub]\nproject.origin_code = \"CTRL\" | required\nsub_job.code = \"CODE\"\n"

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

/* ---- faults ---- */

#define FILE_IN "[file]\ntype = csv\nsignature = \"A\"\n"
#define FIELDS "[fields]\nproject.number = \"P\"\ncommitment.number = \"N\"\n"
#define OUT_HEAD \
	"[adapter]\nname = t\ntitle = T\nversion = 1\ndirection = out\ntarget = cmic\nobject = X\nrank = 1\n[file]\ntype = csv\n"
#define OUT_ROWS "[rows]\nrecord = invoice\neach = line\n[columns]\nA = line.position\n"
#define COMMITMENT IN_HEAD "record = commitment\n" /* 7 lines */

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

struct seen {
	struct adp_diag first;
	unsigned n, warnings;
};

static void
note(void *ctx, const struct adp_diag *d)
{
	struct seen *s = ctx;

	s->warnings += !d->error;
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
		cmocka_unit_test(test_in),
		cmocka_unit_test(test_out),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_several),
		cmocka_unit_test(test_not_for),
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
