/* SPDX-License-Identifier: MIT
 *
 * Reading files by adapters: which layout is recognised, which document a row belongs to, what is said about it and where, and what silences
 * what. Every input is read whole, and 1, 7 and 4096 bytes at a time: what the sink hears must be the same.
 */
#include "engine_kit.h"

#include "base/limits.h"

static const char contracts[] =
    "[adapter]\nname = t.contracts\ntitle = Contracts\nversion = 1\ndirection = in\nsource = procore\nrecord = commitment\n"
    "[file]\ntype = csv\nsignature = \"Contract\", \"Vendor\"\ndelimiter = auto\ndocument = \"Project\", \"Contract\"\ndate = M/D/YYYY\n"
    "numbers = money\nyesno = Yes No\nnull = \"None\"\nignored = \"Note\"\nneeded = \"Line\"\n"
    "[fields]\nproject.number = \"Project\" | required\ncommitment.number = \"Contract\" | required\nvendor.pm_id = \"Vendor\"\n"
    "commitment.title = \"Title\"\ncommitment.status = \"Status\"\ncommitment.contract_date = \"Date\"\n"
    "[lines]\nline.position = \"Line\" | required\nline.cost_code = \"Code\" | required E-38\nline.amount = \"Amount\" | required\nline.tax_amount = \"Tax\"\n"
    "[rules]\nskip when commitment.status is \"Template\"\nskip E-32 when commitment.status is \"Void\" : \"{commitment.number} is void and left out.\"\n"
    "reject E-37 when commitment.status is present and commitment.status is not \"Approved\" : \"{commitment.number} is {commitment.status}.\"\n"
    "refuse F-09 when commitment.title is \"PO\" : \"{commitment.number} is not taken by this system.\"\n"
    "warn F-51 when sum(line.amount) > 1000 : \"The sum is {sum(line.amount)} for all lines.\"\n"
    "[line rules]\nskip when line.cost_code is \"SKIP\"\nskip E-25 when line.cost_code is \"NOTE\" : \"A line of no use was left out.\"\n"
    "warn E-60 when line.tax_amount != 0 : \"Line {line.position} has a tax of {line.tax_amount}.\"\n"
    "reject F-28 at record when line.amount < 0 : \"Line {line.position} is negative.\"\n";

static const char people[] =
    "[adapter]\nname = t.people\ntitle = People\nversion = 1\ndirection = in\nsource = procore\nrecord = vendor\n"
    "[file]\ntype = csv\nsignature = \"Id\", \"Tax ID\"\ndelimiter = ;\nyesno = Y N\n"
    "[fields]\nvendor.pm_id = \"Id\" | required\nvendor.name = \"Name\" | required\nvendor.tax_id = \"Tax ID\" | matches \"[0-9]+\" F-21\n"
    "vendor.is_active = \"Active\" | skip-if-blank\n"
    "[rules]\narchive when vendor.is_active is \"no\"\n";

static const char budget[] =
    "[adapter]\nname = t.budget\ntitle = Budget\nversion = 1\ndirection = in\nsource = procore\nrecord = budget\n"
    "[file]\ntype = csv\nsignature = \"Budget Code\"\ndelimiter = ,\ndocument = file\nunknown_columns = ignore\nmissing_name = F-08\n"
    "[fields]\nproject.number = filename 1 | required F-08\n"
    "[lines]\nline.cost_code = last-of \"Tier 1\" \"Tier 2\" | required E-12\nline.original_amount = \"Budget Code\" | required\n";

static const char journal[] =
    "[adapter]\nname = t.journal\ntitle = Journal\nversion = 1\ndirection = in\nsource = procore\nrecord = erp-cost\n"
    "[file]\ntype = positional\nfirst_line = \"JOURNAL\"\nskip = 2\nname = *detail*\ndelimiter = ,\n"
    "[fields]\ncost.transaction_id = join cell \"1\" \"-\"\nproject.origin_code = \"2\" | required\n"
    "cost.amount = \"9\"\n";

static const char orders[] =
    "[adapter]\nname = t.orders\ntitle = Orders\nversion = 1\ndirection = in\nsource = procore\nrecord = cco\n"
    "[file]\ntype = xml\nroot = orders\nrecord = order\nlines = items/item\ndate = YYYY-MM-DD\nyesno = true false\n"
    "[fields]\nproject.number = \"project/number\" | required\ncommitment.number = \"contract\" | required\n"
    "change_order.number = \"number\" | required\nchange_order.title = \"title\" | required\n"
    "[lines]\nline.position = \"position\" | required\nline.amount = \"amount\" | required\n"
    "[rules]\nreject E-38 when count() == 0 : \"Order {change_order.number} has no lines.\"\n"
    "warn F-25 at line when sum(line.amount) == 7 : \"Seven is told at the first line.\"\n";

static const char barred[] =
    "[adapter]\nname = t.barred\ntitle = Barred files\nversion = 1\ndirection = in\nsource = procore\nrecord = prime\n"
    "[file]\ntype = csv\nsignature = \"Barred\"\ndelimiter = ,\nnot_for = cmic\nneeded = \"Absent\"\n"
    "[fields]\nproject.number = \"Barred\" | required\nprime.number = \"Absent\" | required\n";

static const char *const adapters[] = { contracts, people, budget, orders, barred };

static const struct read_case {
	const char *name, *file, *in, *want;
} cases[] = {
	{ "two documents", "a.csv",
	    "Project,Contract,Vendor,Line,Code,Amount\nP1,SC-1,V,1,C1,10.00\nP1,SC-1,V,2,C1,$20\nP1,SC-2,V,1,C1,5\n",
	    "file t.contracts\nbegin commitment/P1/SC-1\nline 2\nline 3\nend taken 41+40\nbegin commitment/P1/SC-2\nline 4\nend taken 81+17\n" },
	{ "semicolons, BOM, CRLF, blank rows, no last line end", "a.csv",
	    "\xef\xbb\xbf\r\nProject;Contract;Vendor;Line;Code;Amount\r\n\r\n;;;;;\r\nP1;SC-1;V;1;C1;\"1,000.00\"",
	    "file t.contracts\nbegin commitment/P1/SC-1\nline 5\nend taken 56+25\n" },
	{ "all bad lines are said, each at its row", "a.csv",
	    "Project,Contract,Vendor,Line,Code,Amount\nP1,SC-1,V,1,,10.00\nP1,SC-1,V,x,C1,1.234\nP1,SC-1,V,1,C1,\n",
	    "file t.contracts\nbegin commitment/P1/SC-1\nline 2\nline 3\nline 4\nE-38 R 2 commitment/P1/SC-1 [Code]\nF-21 R 3 commitment/P1/SC-1 [Line] \"x\"\n"
	    "F-22 R 3 commitment/P1/SC-1 [Amount] \"1.234\"\nF-20 R 4 commitment/P1/SC-1 [Amount]\nF-23 R 4 commitment/P1/SC-1 [line.position]\nend rejected 41+56\n" },
	{ "the same code at the same line is said once", "a.csv",
	    "Project,Contract,Vendor,Line,Code,Amount,Tax\nP1,,V,1,C1,x,y\n",
	    "file t.contracts\nbegin \nline 2\nF-20 R 2 [Contract]\nF-21 R 2 [Amount] \"x\"\nend rejected 45+15\n" },
	{ "rules: a value that could not be read silences its rule", "a.csv",
	    "Project,Contract,Vendor,Line,Code,Amount\nP1,SC-1,V,1,C1,2000\nP1,SC-1,V,2,C1,x\nP1,SC-2,V,1,C1,2000\n",
	    "file t.contracts\nbegin commitment/P1/SC-1\nline 2\nline 3\nF-21 R 3 commitment/P1/SC-1 [Amount] \"x\"\nend rejected 41+37\n"
	    "begin commitment/P1/SC-2\nline 4\nF-51 W 4 commitment/P1/SC-2\nend taken 78+20\n" },
	{ "a header that differs", "a.csv",
	    "Project,Contract,Vendor,Line,Code,Amount,Title\nP1,SC-1,V,1,C1,1,a\nP1,SC-1,V,2,C1,,b\nP1,SC-1,W,3,C1,1,a\n",
	    "file t.contracts\nbegin commitment/P1/SC-1\nline 2\nline 3\nline 4\nF-24 R 2 commitment/P1/SC-1 [Title]\nF-20 R 3 commitment/P1/SC-1 [Amount]\nend rejected 47+56\n" },
	{ "a short row silences the rest of its document", "a.csv",
	    "Project,Contract,Vendor,Line,Code,Amount\nP1,SC-1,V,x,C1,1\nP1,SC-1,V,2\nP1,SC-1,V,y,C1,1\nP1,SC-2,V,1,C1,1,1\nP1,SC-2,V,2,C1,1\nP1\n",
	    "file t.contracts\nbegin commitment/P1/SC-1\nline 2\nF-04 R 3 commitment/P1/SC-1\nend rejected 41+46\nbegin commitment/P1/SC-2\n"
	    "F-04 R 5 commitment/P1/SC-2\nF-04 R 7 commitment/P1/SC-2\nend rejected 87+39\n" },
	{ "the same key again", "a.csv",
	    "Project,Contract,Vendor,Line,Code,Amount\nP1,SC-1,V,1,C1,1\nP1,SC-2,V,1,C1,1\nP1,SC-1,V,1,,x\nP1,SC-1,V,1,,x\n",
	    "file t.contracts\nbegin commitment/P1/SC-1\nline 2\nend taken 41+17\nbegin commitment/P1/SC-2\nline 3\nend taken 58+17\nbegin commitment/P1/SC-1\n"
	    "F-23 R 4 commitment/P1/SC-1\nend rejected 75+30\n" },
	{ "skips of documents", "a.csv",
	    "Project,Contract,Vendor,Line,Code,Amount,Status\nP1,SC-1,V,1,,x,Void\nP1,SC-2,V,1,C1,1,Draft\nP1,SC-1,V,1,C1,1,Approved\nP1,SC-3,V,1,,x,Template\n",
	    "file t.contracts\nbegin commitment/P1/SC-1\nline 2\nE-32 N 2 commitment/P1/SC-1\nend skipped 48+20\nbegin commitment/P1/SC-2\nline 3\n"
	    "E-37 R 3 commitment/P1/SC-2\nend rejected 68+23\nbegin commitment/P1/SC-1\nline 4\nend taken 91+26\nbegin commitment/P1/SC-3\nline 5\nend skipped 117+24\n" },
	{ "skips of lines", "a.csv",
	    "Project,Contract,Vendor,Line,Code,Amount\nP1,SC-1,V,1,SKIP,x\nP1,SC-1,V,1,NOTE,x\nP1,SC-1,V,1,C1,1\nP1,SC-1,V,2,C1,x\n",
	    "file t.contracts\nbegin commitment/P1/SC-1\nline 4\nline 5\nE-25 N 3 commitment/P1/SC-1\nF-21 R 5 commitment/P1/SC-1 [Amount] \"x\"\nend rejected 41+72\n" },
	{ "rules about lines, also at the record", "a.csv",
	    "Project,Contract,Vendor,Line,Code,Amount,Tax,Title\nP1,SC-1,V,1,C1,1,2,PO\nP1,SC-1,V,2,C1,-1,3,PO\nP1,SC-1,V,3,C1,-1,,PO\n",
	    "file t.contracts\nbegin commitment/P1/SC-1\nline 2\nline 3\nline 4\nE-60 W 2 commitment/P1/SC-1\nE-60 W 3 commitment/P1/SC-1\nF-28 R 2 commitment/P1/SC-1\n"
	    "F-09 R 2 commitment/P1/SC-1\nend rejected 51+67\n" },
	{ "refused", "a.csv", "Project,Contract,Vendor,Line,Code,Amount,Title\nP1,SC-1,V,1,C1,1,PO\n",
	    "file t.contracts\nbegin commitment/P1/SC-1\nline 2\nF-09 R 2 commitment/P1/SC-1\nend refused 47+20\n" },
	{ "one row per record, private values, archived", "p.csv",
	    "Id;Name;Tax ID;Active\nA;a;secret;Y\nB;b;12;N\nC;;;\nB;c;;Y\nD;d;;x\n",
	    "file t.people\nbegin vendor/A\nF-21 R 2 vendor/A [Tax ID]\nend rejected 22+13\nbegin vendor/B\nend archived 35+9\nbegin vendor/B\nF-23 R 5 vendor/B\n"
	    "end rejected 49+7\nbegin vendor/D\nF-21 R 6 vendor/D [Active] \"x\"\nend rejected 56+7\n" },
	{ "a file that is one document", "budget_24-1_x.csv", "Tier 1,Tier 2,Budget Code\na,b,1\n,,2\na,,x\n",
	    "file t.budget\nbegin budget/24-1\nline 2\nline 3\nline 4\nE-12 R 3 budget/24-1 [Tier 2]\nF-21 R 4 budget/24-1 [Budget Code] \"x\"\nend rejected 26+15\n" },
	{ "F-08", "budget.csv", "Tier 1,Tier 2,Budget Code\n", "file t.budget\nFILE F-08 R 1 [project.number]\n" },
	{ "F-11", "a.csv", "Project,Contract,Vendor,Line,Code,Amount\n,,,\n\n", "file t.contracts\nFILE F-11 N 1\n" },
	{ "F-09 before all others", "a.csv", "Barred,Barred\n", "file t.barred\nFILE F-09 N 1\n" },
	{ "F-07", "a.csv", "Project,Contract,Vendor,Line,Code,Amount,Code\nP1,SC-1,V,1,C1,1,C2\n",
	    "file t.contracts\nFILE F-07 R 1\n" },
	{ "F-06", "a.csv", "Project,Contract,Vendor,Line,Code,Amount,Note,Mood,\nP1,SC-1,V,1,C1,1,,,\n",
	    "file t.contracts\nF-06 W 1\nbegin commitment/P1/SC-1\nline 2\nend taken 52+20\n" },
	{ "F-01", "a.csv", "Some,Other,File\n1,2,3\n", "FILE F-01 R 1\n" },
	{ "F-01 empty", "a.csv", "", "FILE F-01 R 1\n" },
	{ "F-02 makes everything void", "a.csv",
	    "Project,Contract,Vendor,Line,Code,Amount\nP1,SC-1,V,1,C1,1\nP1,SC-\xff,V,1,C1,1\n", NULL },
	{ "F-03 in the middle", "a.csv",
	    "Project,Contract,Vendor,Line,Code,Amount\nP1,SC-1,V,1,C1,1\nP1,SC-2,V,1,\"C1,1\n", NULL },
	{ "F-03 behind an item whose number has two lines", "a.csv",
	    "Project,Contract,Vendor,Line,Code,Amount\nP1,\"SC\n1\",V,1,C1,1\nP1,\"SC\n2\",V,1,C1,1\nP1,\"SC\"3,V,1,C1,1\n",
	    NULL },
	{ "XML", "o.xml",
	    " <orders>\n<order><number>1</number><items>\n<item><position>1</position><amount>3</amount></item>\n<item><amount>4</amount><position>2</position></item></items>"
	    "<contract>C</contract><project><number>P</number></project><title>t</title></order>\n<order><project><number>P</number></project><contract>C</contract>"
	    "<number>2</number></order></orders>",
	    "file t.orders\nbegin cco/P/C/1\nline 3\nline 4\nF-25 W 3 cco/P/C/1\nend taken 10+231\nbegin cco/P/C/2\nF-20 R 5 cco/P/C/2 [title]\nE-38 R 5 cco/P/C/2\nend rejected 242+92\n" },
	{ "XML of another kind", "o.xml", "<other/>", "FILE F-01 R 1\n" },
	{ "XML without records", "o.xml", "<?xml version=\"1.0\"?>\n<orders> </orders>\n",
	    "file t.orders\nFILE F-11 N 1\n" },
	{ "XML cut off", "o.xml", "<orders><order><number>1</number>", NULL },
};

/* want NULL: the log must end with a refusal by the code in the name. */
static void
check(struct kit *k, const struct read_case *c)
{
	static const size_t steps[] = { 0, 1, 7, 4096 };

	for (size_t s = 0; s < sizeof(steps) / sizeof(steps[0]); s++) {
		kit_read(k, c->file, eg_bytes_str(c->in), steps[s]);
		if (c->want != NULL && strcmp(eg_buf_cstr(&k->log), c->want) != 0)
			fail_msg(
			    "%s, step %zu:\n%s--- expected:\n%s", c->name, steps[s], eg_buf_cstr(&k->log), c->want);
		if (c->want == NULL) {
			const char *refusal = strstr(eg_buf_cstr(&k->log), "FILE F-0");

			if (refusal == NULL || strchr(refusal, '\n')[1] != '\0' || !k->result.refused)
				fail_msg("%s, step %zu: not refused:\n%s", c->name, steps[s], eg_buf_cstr(&k->log));
		}
	}
}

static void
files_are_read(void **state)
{
	struct kit k;

	(void)state;
	kit_open(&k, adapters, sizeof(adapters) / sizeof(adapters[0]));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check(&k, &cases[i]);
	kit_close(&k);
}

static void
positional_files(void **state)
{
	static const char *const one[] = { journal };
	struct kit k;

	(void)state;
	kit_open(&k, one, 1);
	kit_read(
	    &k, "JCDETAIL_1.csv", EG_LIT("JOURNAL\r\nignored,line\r\nT1,J1\r\nT2,,,,,,,,x\r\nT3,J1,,,,,,,5\r\n"), 7);
	assert_string_equal(eg_buf_cstr(&k.log),
	    "file t.journal\nbegin erp-cost/T1-\nend taken 23+7\nbegin erp-cost/T2-\nF-20 R 4 erp-cost/T2- [project.origin_code]\n"
	    "F-21 R 4 erp-cost/T2- [cost.amount] \"x\"\nend rejected 30+13\nbegin erp-cost/T3-\nend taken 43+15\n");
	kit_read(&k, "other.csv", EG_LIT("JOURNAL\r\nx\r\nT1,J1\r\n"), 0);
	assert_string_equal(eg_buf_cstr(&k.log), "FILE F-01 R 1\n");
	kit_close(&k);
}

static void
sentences_help(void **state)
{
	static const struct {
		const char *name, *in, *part;
	} rows[] = {
		{ "missing", "Project,Contract,Vendor,Line,Code,Amount\nP1,SC-1,V,1,,1\n", "Line 2 has no Code." },
		{ "bad", "Project,Contract,Vendor,Line,Code,Amount\nP1,SC-1,V,1,C,1.234\n",
		    "Line 2, Amount \"1.234\": The value has more than 2 decimal places" },
		{ "nearest layout", "Project,Contract,Line,Code,Amount\n",
		    "The nearest is \"Contracts\", but the header row lacks \"Vendor\"" },
		{ "missing column", "Project,Contract,Vendor,Lines,Code\n", "lacks \"Line\", \"Amount\"" },
		{ "near column", "Project,Contract,Vendor,Lines,Code\n",
		    "Column \"Lines\" was probably meant to be \"Line\"." },
		{ "signs that move a cursor", "Project,Contract,Vendor,Li\x1b[2Jne,Code,Amount,Li\x1b[2Jne\n",
		    "Li\\x1b[2Jne" },
		{ "unknown column", "Project,Contract,Vendor,Line,Code,Amount,Mood\n", "ignored: \"Mood\"" },
	};
	struct kit k;

	(void)state;
	kit_open(&k, adapters, sizeof(adapters) / sizeof(adapters[0]));
	k.messages = true;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		kit_read(&k, "a.csv", eg_bytes_str(rows[i].in), 0);
		if (strstr(eg_buf_cstr(&k.log), rows[i].part) == NULL)
			fail_msg("%s:\n%s", rows[i].name, eg_buf_cstr(&k.log));
	}
	kit_read(&k, "p.csv", EG_LIT("Id;Name;Tax ID;Active\nA;a;secret;Y\n"), 0);
	assert_null(strstr(eg_buf_cstr(&k.log), "secret"));
	kit_close(&k);
}

static void
values_know_their_place(void **state)
{
	static const char text[] =
	    "Project,Contract,Vendor,Line,Code,Amount,Title,Date\nP1,SC-1,None,1,C1, \"$1,000\" ,a,3/5/2026\n";
	struct kit k;
	struct rec_val *v;

	(void)state;
	kit_open(&k, adapters, sizeof(adapters) / sizeof(adapters[0]));
	kit_read(&k, "a.csv", eg_bytes_str(text), 1);
	assert_int_equal(k.nrec, 1);
	v = rec_line(&k.rec[0], 0, "line.amount");
	assert_true(eg_bytes_is(v->text, "1000.00"));
	assert_int_equal(v->prov.line, 2);
	assert_memory_equal(text + v->prov.off, "$1,000", v->prov.len);
	assert_int_equal(rec_head(&k.rec[0], "vendor.pm_id")->state, RV_BLANK);
	assert_true(eg_bytes_is(rec_head(&k.rec[0], "commitment.contract_date")->text, "2026-03-05"));
	assert_int_equal(k.rec[0].at.off, strchr(text, '\n') + 1 - text);
	kit_close(&k);
}

/* A source that fails: its error comes through unchanged, whatever was read before. */
static int
fails_later(void *ctx, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	size_t *calls = ctx;
	static const char text[] = "Project,Contract,Vendor,Line,Code,Amount\nP1,SC-1,V,1,C1,1\n";

	if ((*calls)-- == 0)
		return eg_fail(err, EG_RETRY, "DISK", "The disk went away.");
	*ret_n = cap < sizeof(text) - 1 ? cap : sizeof(text) - 1;
	memcpy(buf, text, *ret_n);
	return EG_OK;
}

static void
failures_pass_through(void **state)
{
	struct kit k;

	(void)state;
	kit_open(&k, adapters, sizeof(adapters) / sizeof(adapters[0]));
	for (size_t n = 0; n < 400; n += 57) {
		struct adp_sink sink = { .file = kit_file,
			.begin = kit_begin,
			.line = kit_line,
			.end = kit_end,
			.finding = kit_finding,
			.ctx = &k };
		struct adp_file f = { "procore", EG_LIT("a.csv") };
		struct eg_err err = { .cls = EG_OK };
		size_t calls = n;

		assert_int_equal(
		    adp_read(k.set, &f, (struct fmt_src){ fails_later, &calls }, &sink, &k.result, &err), EG_RETRY);
		assert_string_equal(err.code, "DISK");
		eg_arena_reset(&k.arena);
	}
	kit_close(&k);
}

static void
many_findings(void **state)
{
	struct eg_buf in = EG_BUF_INIT;
	struct kit k;
	size_t n = 0;

	(void)state;
	kit_open(&k, adapters, sizeof(adapters) / sizeof(adapters[0]));
	eg_buf_str(&in, "Project,Contract,Vendor,Line,Code,Amount\n");
	for (unsigned i = 0; i < EG_LIMIT_FINDINGS + 500; i++)
		eg_buf_printf(&in, "P1,SC-1,V,%u,C1,x\n", i);
	kit_read(&k, "a.csv", eg_buf_view(&in), 0);
	for (const char *p = strstr(eg_buf_cstr(&k.log), "F-21"); p != NULL; p = strstr(p + 4, "F-21"))
		n++;
	assert_int_equal(n, EG_LIMIT_FINDINGS + 500);
	assert_int_equal(k.result.rejected, 1);
	eg_buf_done(&in);
	kit_close(&k);
}

static const struct whole_case {
	const char *name, *in;
	bool whole;
} whole_cases[] = {
	{ "csv", "a,b\n1,2\n", true },
	{ "no line end", "a,b\n1,2", true },
	{ "open quote", "a,b\n1,\"2\n3,4\n", false },
	{ "closed quote with doubled ones", "a,b\n1,\"2\"\"\n\"\n", true },
	{ "quote at the very end", "a,\"b\"", true },
	{ "inch mark in a cell", "a,6\" pipe\n", true },
	{ "open after BOM", "\xef\xbb\xbf\"a", false },
	{ "xml", "<a><b/></a>\n", true },
	{ "xml open", "<a><b/>", false },
	{ "xml in a tag", "<a><b", false },
	{ "nothing", "", true },
};

static void
wholeness(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(whole_cases) / sizeof(whole_cases[0]); i++) {
		struct fmt_src_mem m;
		struct eg_err err;
		int rc = adp_whole(fmt_src_mem(&m, eg_bytes_str(whole_cases[i].in), i % 2 == 0 ? 0 : 1), &err);

		if (rc != (whole_cases[i].whole ? EG_OK : EG_BADFILE))
			fail_msg("%s: %d", whole_cases[i].name, rc);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_read),
		cmocka_unit_test(positional_files),
		cmocka_unit_test(sentences_help),
		cmocka_unit_test(values_know_their_place),
		cmocka_unit_test(failures_pass_through),
		cmocka_unit_test(many_findings),
		cmocka_unit_test(wholeness),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
