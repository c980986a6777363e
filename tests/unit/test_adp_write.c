/* SPDX-License-Identifier: MIT
 *
 * Writing files by adapters: order of documents and lines, several kinds of rows, files per project, CSV and XML, what fitting and cutting
 * tell and where, counters, totals, lineage, refusals, and the check at accept.
 */
#include "engine_kit.h"
#include "formats/xlsx_rows.h"

#define IN_HEAD "[adapter]\nversion = 1\ndirection = in\nsource = procore\n"
#define OUT_HEAD "[adapter]\nversion = 1\ndirection = out\ntarget = cmic\n"

static const char in_invoice[] = IN_HEAD
    "name = t.in\ntitle = Invoices\nrecord = invoice\n"
    "[file]\ntype = csv\nsignature = \"Invoice\"\ndelimiter = ,\ndocument = \"Project\", \"Contract\", \"Invoice\"\nunknown_columns = ignore\n"
    "[fields]\nproject.number = \"Project\" | required\ncommitment.number = \"Contract\" | required\ninvoice.invoice_number = \"Invoice\" | required\n"
    "invoice.description = \"Text\"\n"
    "[lines]\nline.position = \"Line\" | required\nline.description = \"Words\"\nline.work_completed_this_period = \"Amount\" | required\n"
    "line.work_retainage_released_this_period = \"Release\"\n";

#define OUT_INVOICE(object, name, file) \
	OUT_HEAD "name = " name "\ntitle = " name "\nobject = " object "\nrank = 1\n[file]\ntype = csv\n" file

#define ROWS_TWO                                                                                                                            \
	"[rows a]\nrecord = invoice\neach = line\nwhen = sum(line.work_completed_this_period) != 0\n"                                       \
	"[columns a]\nNUM = counter c from -5\nINV = invoice.invoice_number | upper | max 6 E-49\nTEXT = invoice.description | max 8 cut\n" \
	"POS = line.position\nWORDS = line.description | max 6 cut\nAMT = line.work_completed_this_period\n"                                \
	"[rows b]\nrecord = invoice\neach = line\nlines = line.work_retainage_released_this_period != 0\n"                                  \
	"[columns b]\nNUM = counter c from -5\nINV = join invoice.invoice_number \"R\" | upper\nTEXT = const \"it's\"\n"                    \
	"POS = line.position\nWORDS = line.description | max 6 cut\nAMT = line.work_retainage_released_this_period\n"

static const char out_ascii[] = OUT_INVOICE("ASCII", "t.ascii",
    "header = no\ndelimiter = ,\nquote = when-needed\nencoding = us-ascii\nclean = \"'\"\nbreaks = blank\nline_end = crlf\n")
    ROWS_TWO;
static const char out_sets[] = OUT_INVOICE("SETS", "t.sets",
    "header = yes\ndelimiter = ;\nquote = always\nencoding = utf-8\nbreaks = tab\nline_end = lf\norder = set\n")
    ROWS_TWO;
static const char out_project[] = OUT_INVOICE("PROJECT", "t.project",
    "header = yes\ndelimiter = TAB\nquote = never\nencoding = utf-8\nbreaks = blank\nline_end = lf\nper_project = project.number\n") "[rows]\nrecord = invoice\n[columns]\nInvoice = invoice.invoice_number\nLines = line-count\nKey = erp.vendor\n";
static const char out_xml[] = OUT_HEAD
    "name = t.xml\ntitle = XML\nobject = XML\nrank = 2\n[file]\ntype = xml\nroot = top\nencoding = utf-8\nline_end = lf\n"
    "[rows]\nrecord = invoice\n[columns]\nThe Invoice = invoice.invoice_number\nText = invoice.description\nVendor = erp.vendor | max 3 E-07\n"
    "Id = decision.erp_id | required E-02\n"
    "[accept]\nreject E-54 when sum(line.work_completed_this_period) > 100 : \"Too much in {invoice.invoice_number}.\"\n"
    "warn E-25 when invoice.invoice_number is present : \"Said with every accept.\"\n";

/* which columns give numbers: N…, which only look so or are text: T… */
static const char out_book[] =
    "[adapter]\nversion = 1\ndirection = out\ntarget = mri\nname = t.book\ntitle = Book\nobject = BOOK\nrank = 1\n"
    "[file]\ntype = xlsx\nheader = yes\nencoding = us-ascii\nbreaks = blank\n"
    "[rows]\nrecord = invoice\neach = line\nwhen = invoice.invoice_number is \"a\"\n[columns]\n"
    "N1 = line.work_completed_this_period\nN2 = calc line.work_completed_this_period * 3 | places 4\n"
    "N3 = when line.description is blank then \"7\" else line.work_completed_this_period | places 2\n"
    "N4 = line.position | default \"0\" | max 9 E-49\nN5 = line-count\n"
    "T1 = const \"007\"\nT2 = line.position | pad left 4 \"0\"\nT3 = line.work_completed_this_period | prefix \"-\"\n"
    "T4 = line.description\nT5 = invoice.description\n";

static const char *const adapters[] = { in_invoice, out_ascii, out_sets, out_project, out_xml, out_book };

static const char input[] = "Project,Contract,Invoice,Text,Line,Words,Amount,Release\n"
			    "P2,C,b,plain,10,ten,10.00,\n"
			    "P2,C,b,plain,9,nine,9.00,\n"
			    "P1,C,a,\"O\xe2\x80\x99Neil \xc3\x9f\n\nlonger\",1,\"a, \"\"b\"\"\",1.00,\n"
			    "P1,C,a,\"O\xe2\x80\x99Neil \xc3\x9f\n\nlonger\",2,much too long,2.00,5.00\n"
			    "P1,C-0,z,,1,zero,0.00,1.00\n";

/* ---- what the writer gives, as text ---- */

struct out {
	struct kit k;
	struct eg_buf text;
	struct eg_buf lineage;
};

static int
on_file(void *ctx, const struct adp *a, struct eg_bytes project, const char *ext, struct eg_err *err)
{
	struct out *o = ctx;

	(void)err;
	eg_buf_printf(&o->text, "== %s %.*s.%s\n", adp_info(a)->object, EG_FMT(project), ext);
	return 0;
}

static int
on_bytes(void *ctx, struct eg_bytes v, struct eg_err *err)
{
	struct out *o = ctx;

	(void)err;
	eg_buf_add(&o->text, v);
	return 0;
}

static int
on_row(void *ctx, uint64_t line, size_t record, const struct adp_field_lineage *f, size_t n, struct eg_err *err)
{
	struct out *o = ctx;

	(void)err;
	eg_buf_printf(&o->lineage, "%llu r%zu", (unsigned long long)line, record);
	for (size_t i = 0; i < n; i++)
		eg_buf_printf(
		    &o->lineage, " %s:%zu@%u", f[i].column, f[i].nprov, f[i].nprov > 0 ? f[i].prov[0].line : 0);
	eg_buf_chr(&o->lineage, '\n');
	return 0;
}

static int
on_finding(void *ctx, size_t record, const struct adp_finding *f, struct eg_err *err)
{
	struct out *o = ctx;

	(void)err;
	assert_true(record < o->k.nrec);
	kit_log_finding(&o->k, f);
	return 0;
}

static void
out_open(struct out *o)
{
	*o = (struct out){ .text = EG_BUF_INIT };
	kit_open(&o->k, adapters, sizeof(adapters) / sizeof(adapters[0]));
	kit_read(&o->k, "in.csv", eg_bytes_str(input), 0);
	assert_int_equal(o->k.nrec, 3);
	eg_buf_clear(&o->k.log);
}

static void
out_close(struct out *o)
{
	eg_buf_done(&o->text);
	eg_buf_done(&o->lineage);
	kit_close(&o->k);
}

static int
write_all(struct out *o, const char *adapter, struct adp_batch *b, struct eg_err *err)
{
	struct adp_out_sink sink = {
		.file = on_file, .bytes = on_bytes, .row = on_row, .finding = on_finding, .ctx = o
	};

	eg_buf_clear(&o->text);
	eg_buf_clear(&o->lineage);
	eg_buf_clear(&o->k.log);
	b->records = o->k.ptr;
	b->n = o->k.nrec;
	return adp_write(o->k.set, adp_set_named(o->k.set, adapter), b, &sink, err);
}

static void
kinds_mixed_by_key(void **state)
{
	struct adp_batch b = { .counter = INT64_MIN };
	struct eg_err err;
	struct out o;

	(void)state;
	out_open(&o);
	assert_int_equal(write_all(&o, "t.ascii", &b, &err), EG_OK);
	assert_string_equal(eg_buf_cstr(&o.text),
	    "== ASCII .csv\n"
	    "-5,A,ONeil ss,1,\"a, \"\"b\"\"\",1.00\r\n-5,A,ONeil ss,2,much t,2.00\r\n"
	    "-4,AR,its,2,much t,5.00\r\n"
	    "-3,ZR,its,1,zero,1.00\r\n"
	    "-2,B,plain,9,nine,9.00\r\n-2,B,plain,10,ten,10.00\r\n");
	/* cut at the record (TEXT) and at the second line (WORDS, in both kinds of rows); characters and breaks once per record */
	assert_string_equal(eg_buf_cstr(&o.k.log),
	    "F-40 W 4 invoice/P1/C/a [TEXT] \"O\xe2\x80\x99Neil \xc3\x9f\n\nlonger\"\n"
	    "F-41 W 4 invoice/P1/C/a [TEXT] \"O\xe2\x80\x99Neil \xc3\x9f\n\nlonger\"\n"
	    "F-42 W 4 invoice/P1/C/a [TEXT] \"O\xe2\x80\x99Neil \xc3\x9f\n\nlonger\"\n"
	    "F-40 W 7 invoice/P1/C/a [WORDS] \"much too long\"\n"
	    "F-41 W 10 invoice/P1/C-0/z [TEXT] \"it's\"\n");
	assert_int_equal(b.rows, 6);
	assert_int_equal(b.counter, -1);
	assert_int_equal((int)b.amount.coef, 2200);
	assert_non_null(strstr(eg_buf_cstr(&o.lineage), "2 r1 NUM:0@0 INV:1@4 TEXT:1@4 POS:1@9 WORDS:1@9 AMT:1@9\n"));
	out_close(&o);
}

static void
kinds_one_after_the_other(void **state)
{
	struct adp_batch b = { .counter = 7 };
	struct eg_err err;
	struct out o;

	(void)state;
	out_open(&o);
	assert_int_equal(write_all(&o, "t.sets", &b, &err), EG_OK);
	assert_string_equal(eg_buf_cstr(&o.text),
	    "== SETS .csv\n\"NUM\";\"INV\";\"TEXT\";\"POS\";\"WORDS\";\"AMT\"\n"
	    "\"7\";\"A\";\"O\xe2\x80\x99Neil \xc3\x9f\";\"1\";\"a, \"\"b\"\"\";\"1.00\"\n\"7\";\"A\";\"O\xe2\x80\x99Neil \xc3\x9f\";\"2\";\"much t\";\"2.00\"\n"
	    "\"8\";\"B\";\"plain\";\"9\";\"nine\";\"9.00\"\n\"8\";\"B\";\"plain\";\"10\";\"ten\";\"10.00\"\n"
	    "\"9\";\"AR\";\"it's\";\"2\";\"much t\";\"5.00\"\n\"10\";\"ZR\";\"it's\";\"1\";\"zero\";\"1.00\"\n");
	assert_int_equal(b.counter, 11);
	assert_non_null(strstr(eg_buf_cstr(&o.lineage), "2 r1 "));
	out_close(&o);
}

static void
a_file_per_project(void **state)
{
	struct adp_batch b = { .counter = 0 };
	struct eg_err err;
	struct out o;

	(void)state;
	out_open(&o);
	assert_int_equal(write_all(&o, "t.project", &b, &err), EG_OK);
	assert_string_equal(eg_buf_cstr(&o.text),
	    "== PROJECT P1.csv\nInvoice\tLines\tKey\na\t2\t\nz\t1\t\n== PROJECT P2.csv\nInvoice\tLines\tKey\nb\t2\t\n");
	assert_string_equal(eg_buf_cstr(&o.lineage),
	    "2 r1 Invoice:1@4 Lines:0@0 Key:0@0\n3 r2 Invoice:1@10 Lines:0@0 Key:0@0\n2 r0 Invoice:1@2 Lines:0@0 Key:0@0\n");
	out_close(&o);
}

/* Rows of a workbook leave packed; numbers are what comes of numbers, not what looks like one. */
static void
packed_rows(void **state)
{
	static const char *const rows[][10] = {
		{ "N1", "N2", "N3", "N4", "N5", "T1", "T2", "T3", "T4", "T5" },
		{ "1.00", "3.0000", "1.00", "1", "2", "007", "0001", "-1.00", "a, \"b\"", "O?Neil ss longer" },
		{ "2.00", "6.0000", "2.00", "2", "2", "007", "0002", "-2.00", "much too long", "O?Neil ss longer" },
	};
	static const bool titles[10] = { false }, numbers[10] = { true, true, true, true, true };
	struct eg_buf want = EG_BUF_INIT;
	struct adp_batch b = { .counter = 0 };
	struct eg_err err;
	struct out o;

	(void)state;
	out_open(&o);
	assert_int_equal(write_all(&o, "t.book", &b, &err), EG_OK);
	eg_buf_str(&want, "== BOOK .xlsx\n");
	for (unsigned r = 0; r < 3; r++) {
		struct eg_bytes cells[10];
		for (unsigned i = 0; i < 10; i++)
			cells[i] = eg_bytes_str(rows[r][i]);
		assert_int_equal(fmt_xlsx_rows_put(&want, cells, r == 0 ? titles : numbers, 10, &err), EG_OK);
	}
	if (!eg_bytes_eq(eg_buf_view(&o.text), eg_buf_view(&want))) {
		struct eg_buf shown = EG_BUF_INIT;
		eg_buf_escaped(&shown, eg_buf_view(&o.text));
		fail_msg("%s", eg_buf_cstr(&shown));
	}
	assert_true(eg_bytes_starts(eg_buf_view(&o.lineage), EG_LIT("2 r1 N1:1@6 ")));
	eg_buf_done(&want);
	out_close(&o);
}

static void
context(struct out *o, size_t record, const char *name, const char *text)
{
	const struct rec *r = &o->k.rec[record];
	struct eg_err err;

	assert_int_equal(rec_set(&o->k.arena, &r->type->head[rec_head_index(r->type, name)], eg_bytes_str(text),
			     (struct rec_prov){ 0 }, rec_head(r, name), &err),
	    EG_OK);
}

static void
xml_entries(void **state)
{
	struct adp_batch b = { .counter = 0 };
	struct eg_err err;
	struct out o;

	(void)state;
	out_open(&o);
	for (size_t i = 0; i < 3; i++)
		context(&o, i, "decision.erp_id", "<&>");
	o.k.nrec = 1;
	assert_int_equal(write_all(&o, "t.xml", &b, &err), EG_OK);
	assert_string_equal(eg_buf_cstr(&o.text),
	    "== XML .xml\n<top>\n  <entry>\n    <TheInvoice>b</TheInvoice>\n    <Text>plain</Text>\n    <Vendor></Vendor>\n"
	    "    <Id>&lt;&amp;&gt;</Id>\n  </entry>\n</top>\n");
	out_close(&o);
}

static void
nothing_to_write(void **state)
{
	struct adp_batch b = { .counter = 3 };
	struct eg_err err;
	struct out o;

	(void)state;
	out_open(&o);
	o.k.nrec = 0;
	assert_int_equal(write_all(&o, "t.ascii", &b, &err), EG_OK);
	assert_int_equal(o.text.len, 0);
	assert_int_equal(b.rows, 0);
	assert_int_equal(b.counter, 3);
	out_close(&o);
}

static void
refusal_stops_everything(void **state)
{
	struct adp_batch b = { .counter = 7, .rows = 99 };
	struct eg_err err;
	struct out o;

	(void)state;
	out_open(&o);
	context(&o, 0, "invoice.invoice_number", "TOO-LONG");
	assert_int_equal(write_all(&o, "t.ascii", &b, &err), EG_BADREC);
	assert_string_equal(err.code, "E-49");
	assert_non_null(strstr(eg_buf_cstr(&o.k.log), "E-49 R 2 invoice/P2/C/TOO-LONG [INV] \"TOO-LONG\"\n"));
	assert_int_equal(b.counter, 7);
	assert_int_equal(b.rows, 99);
	out_close(&o);
}

/* The order in which records come does not matter. */
static void
input_order_does_not_matter(void **state)
{
	struct adp_batch b = { .counter = 1 };
	struct eg_buf first = EG_BUF_INIT;
	struct eg_err err;
	struct out o;

	(void)state;
	out_open(&o);
	for (unsigned turn = 0; turn < 3; turn++) {
		const struct rec *head = o.k.ptr[0];

		b.counter = 1;
		assert_int_equal(write_all(&o, "t.sets", &b, &err), EG_OK);
		if (turn == 0)
			eg_buf_add(&first, eg_buf_view(&o.text));
		assert_string_equal(eg_buf_cstr(&o.text), eg_buf_cstr(&first));
		o.k.ptr[0] = o.k.ptr[1];
		o.k.ptr[1] = o.k.ptr[2];
		o.k.ptr[2] = head;
	}
	eg_buf_done(&first);
	out_close(&o);
}

static void
accept_check(void **state)
{
	static const struct {
		const char *name, *number, *vendor, *erp_id, *want;
	} rows[] = {
		{ "key on its way", "b", NULL, "X", "E-25 W 2 invoice/P2/C/b\n" },
		{ "no id", "b", "V", NULL, "E-25 W 2 invoice/P2/C/b\nE-02 R 2 invoice/P2/C/b [Id]\n" },
		{ "key too long", "b", "VVVV", "X",
		    "E-25 W 2 invoice/P2/C/b\nE-07 R 2 invoice/P2/C/b [Vendor] \"VVVV\"\n" },
		{ "number too long, in two files", "bbbbbbb", NULL, "X",
		    "E-49 R 2 invoice/P2/C/bbbbbbb [INV] \"bbbbbbb\"\nE-25 W 2 invoice/P2/C/bbbbbbb\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct adp_out_sink sink = { .finding = on_finding };
		struct eg_err err;
		struct out o;

		out_open(&o);
		sink.ctx = &o;
		context(&o, 0, "invoice.invoice_number", rows[i].number);
		if (rows[i].vendor != NULL)
			context(&o, 0, "erp.vendor", rows[i].vendor);
		if (rows[i].erp_id != NULL)
			context(&o, 0, "decision.erp_id", rows[i].erp_id);
		assert_int_equal(adp_accept_check(o.k.set, "cmic", o.k.ptr[0], &sink, &err), EG_OK);
		if (strcmp(eg_buf_cstr(&o.k.log), rows[i].want) != 0)
			fail_msg("%s:\n%s--- expected:\n%s", rows[i].name, eg_buf_cstr(&o.k.log), rows[i].want);
		eg_buf_clear(&o.k.log);
		assert_int_equal(adp_accept_check(o.k.set, "mri", o.k.ptr[0], &sink, &err), EG_OK);
		assert_int_equal(o.k.log.len, 0);
		out_close(&o);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds_mixed_by_key),
		cmocka_unit_test(kinds_one_after_the_other),
		cmocka_unit_test(a_file_per_project),
		cmocka_unit_test(packed_rows),
		cmocka_unit_test(xml_entries),
		cmocka_unit_test(nothing_to_write),
		cmocka_unit_test(refusal_stops_everything),
		cmocka_unit_test(input_order_does_not_matter),
		cmocka_unit_test(accept_check),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
