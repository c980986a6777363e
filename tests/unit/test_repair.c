/* SPDX-License-Identifier: MIT
 *
 * Files to repair: their bytes, whatever pieces the original comes in; and what a reader makes of them: unchanged they are refused, changed they pass.
 */
#include "adapters/repair.h"
#include "engine_kit.h"

#include "formats/text.h"

static const char contracts[] =
    "[adapter]\nname = t.contracts\ntitle = Contracts\nversion = 1\ndirection = in\nsource = procore\nrecord = commitment\n"
    "[file]\ntype = csv\nsignature = \"Contract\", \"Vendor\"\ndelimiter = auto\ndocument = \"Project\", \"Contract\"\ndate = M/D/YYYY\n"
    "numbers = money\nyesno = Yes No\n"
    "[fields]\nproject.number = \"Project\" | required\ncommitment.number = \"Contract\" | required\nvendor.pm_id = \"Vendor\"\n"
    "commitment.contract_date = \"Date\"\n"
    "[lines]\nline.position = \"Line\" | required\nline.amount = \"Amount\" | required\n";

static const char orders[] =
    "[adapter]\nname = t.orders\ntitle = Orders\nversion = 1\ndirection = in\nsource = procore\nrecord = cco\n"
    "[file]\ntype = xml\nroot = orders\nrecord = order\nlines = items/item\ndate = YYYY-MM-DD\nyesno = true false\n"
    "[fields]\nproject.number = \"project/number\" | required\ncommitment.number = \"contract\" | required\n"
    "change_order.number = \"number\" | required\nchange_order.title = \"title\" | required\n"
    "[lines]\nline.position = \"position\" | required\nline.amount = \"amount\" | required\n";

static const char *const adapters[] = { contracts, orders };

struct feed { /* bytes in pieces */
	struct eg_bytes rest;
	size_t piece;
};

static int
feed_read(void *ctx, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	struct feed *f = ctx;
	size_t n = f->piece < cap ? f->piece : cap;

	(void)err;
	n = n < f->rest.len ? n : f->rest.len;
	if (n > 0)
		memcpy(buf, f->rest.ptr, n);
	f->rest = eg_bytes_sub(f->rest, n, f->rest.len);
	*ret_n = n;
	return EG_OK;
}

static int
take(void *ctx, struct eg_bytes v, struct eg_err *err)
{
	(void)err;
	eg_buf_add(ctx, v);
	return EG_OK;
}

static const struct adp_kit_note csv_notes[] = { { 0, "F-21", "Not to blame.", "", "" },
	{ 3, "F-21", "=bad, \"quoted\"", "a number", "@near" } };

/* The kit of `in`, read in pieces. */
static void
kit_of(struct kit *k, const char *adapter, struct eg_bytes in, const struct adp_kit_doc *docs, size_t n, size_t piece,
    struct eg_buf *ret)
{
	struct feed f = { in, piece };
	struct adp_file file = { "procore", EG_LIT("a.csv") };
	struct adp_kit kit = { .member = "",
		.adapter = adp_set_named(k->set, adapter),
		.ndocs = n,
		.docs = docs,
		.bytes = take,
		.ctx = ret };
	struct eg_err err = { 0 };

	assert_non_null(kit.adapter);
	assert_int_equal(adp_repair(k->set, &file, (struct fmt_src){ feed_read, &f }, NULL, &kit, &err), EG_OK);
}

static const size_t pieces[] = { 1, 7, 4096 };

static void
csv_bytes(void **state)
{
	static const char in[] =
	    "Project;Contract;Vendor;Date;Line;Amount\r\nP1;SC-1;V;;1;10.00\r\nP1;SC-2;V;;1;\"1;x\"\r\n\r\nP1; SC-2;V;;2;5\r\nP1;SC-3;V;;1;7";
	static const char want[] =
	    "\xef\xbb\xbfProject;Contract;Vendor;Date;Line;Amount;Erpgate Reject;Erpgate Row;Erpgate Code;Erpgate Reason;Erpgate Accepted;Erpgate Near;Erpgate Check\r\n"
	    "P1;SC-2;V;;1;\"1;x\";D000001-1;3;F-21;\"'=bad, \"\"quoted\"\"\";a number;'@near;";
	const struct adp_kit_doc doc = {
		.id = "D000001-1", .line = 3, .off = 62, .len = 39, .nnotes = 2, .notes = csv_notes
	};
	struct kit k;

	(void)state;
	kit_open(&k, adapters, 2);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct eg_buf out = EG_BUF_INIT;

		kit_of(&k, "t.contracts", eg_bytes_str(in), &doc, 1, pieces[i], &out);
		assert_true(eg_bytes_starts(eg_buf_view(&out), eg_bytes_str(want)));
		assert_true(eg_bytes_find(eg_buf_view(&out),
				EG_LIT("\r\nP1; SC-2;V;;2;5;D000001-1;5;F-21;Not to blame.;;;")) < out.len);
		assert_true(eg_bytes_find(eg_buf_view(&out), EG_LIT("SC-3")) == out.len);
		assert_true(eg_bytes_find(eg_buf_view(&out), EG_LIT("SC-1;")) == out.len);
		eg_buf_done(&out);
	}
	kit_close(&k);
}

static void
line_ends_and_encodings(void **state)
{
	static const char in[] = "Project,Contract,Vendor,Date,Line,Amount\nP1,B\xc3\xa9,V,,1,x\n";
	static const enum fmt_enc encs[] = { FMT_UTF16LE, FMT_UTF16BE };
	struct kit k;

	(void)state;
	kit_open(&k, adapters, 2);
	for (size_t i = 0; i < sizeof(encs) / sizeof(encs[0]); i++) {
		struct eg_buf wide = EG_BUF_INIT, out = EG_BUF_INIT, text = EG_BUF_INIT;
		struct eg_err err = { 0 };
		struct adp_kit_doc doc = {
			.id = "D000001-1", .line = 2, .off = 84, .len = 30, .nnotes = 1, .notes = csv_notes
		};

		assert_int_equal(fmt_from_utf8(encs[i], EG_LIT("\xef\xbb\xbf"), &wide, &err), EG_OK);
		assert_int_equal(fmt_from_utf8(encs[i], eg_bytes_str(in), &wide, &err), EG_OK);
		kit_of(&k, "t.contracts", eg_buf_view(&wide), &doc, 1, 3, &out);
		assert_int_equal(fmt_to_utf8(encs[i], eg_buf_view(&out), &text, &err), EG_OK);
		assert_true(eg_bytes_find(eg_buf_view(&text),
				EG_LIT("Erpgate Check\r\nP1,B\xc3\xa9,V,,1,x,D000001-1,2,F-21,")) < text.len);
		eg_buf_done(&wide);
		eg_buf_done(&out);
		eg_buf_done(&text);
	}
	kit_close(&k);
}

/* The kit of one refused document, read again; `from` in it becomes `to`. */
static const char *
read_again(struct kit *k, const char *in, const char *from, const char *to)
{
	static const struct adp_kit_note notes[] = { { 0, "F-23", "It stood there twice.", "", "" } };
	const struct adp_kit_doc doc = {
		.id = "D000007-12", .line = 2, .off = 41, .len = strlen(in) - 41, .nnotes = 1, .notes = notes
	};
	struct eg_buf out = EG_BUF_INIT, changed = EG_BUF_INIT;
	struct eg_bytes v;
	size_t at;

	kit_of(k, "t.contracts", eg_bytes_str(in), &doc, 1, 4096, &out);
	v = eg_buf_view(&out);
	at = eg_bytes_find(v, eg_bytes_str(from));
	assert_true(*from == '\0' || at < v.len);
	eg_buf_add(&changed, eg_bytes_sub(v, 0, at));
	eg_buf_str(&changed, to);
	eg_buf_add(&changed, eg_bytes_sub(v, at + strlen(from), v.len));
	kit_read(k, "a.csv", eg_buf_view(&changed), 5);
	eg_buf_done(&out);
	eg_buf_done(&changed);
	return eg_buf_cstr(&k->log);
}

static void
sent_again(void **state)
{
	static const char in[] = "Project,Contract,Vendor,Date,Line,Amount\nP1,SC-1,V,,1,10.00\nP1,SC-1,V,,2,20.00\n";
	struct kit k;
	const char *log;

	(void)state;
	kit_open(&k, adapters, 2);
	log = read_again(&k, in, "", "");
	assert_non_null(strstr(log, "F-23 R 2 commitment/P1/SC-1"));
	assert_non_null(strstr(log, "F-68 N 2 commitment/P1/SC-1 [Erpgate Reject] \"D000007-12\""));
	assert_non_null(strstr(log, "end rejected"));
	assert_null(strstr(log, "F-06"));
	log = read_again(&k, in, "20.00", "21.00"); /* one row of two is enough */
	assert_null(strstr(log, " R "));
	assert_non_null(strstr(log, "F-68 N 2"));
	assert_non_null(strstr(log, "end taken"));
	log = read_again(&k, in, "D000007-12", "nonsense");
	assert_null(strstr(log, "F-68"));
	assert_non_null(strstr(log, "end taken"));
	kit_close(&k);
}

static void
xml_bytes(void **state)
{
	static const char in[] =
	    "<?xml version=\"1.0\"?><!-- > --><orders a='>'>\n<order><number>1</number></order>\n<order b=\">\"><number>2</number></order></orders>\n";
	static const struct adp_kit_note notes[] = { { 0, "F-20", "a -- b", "", "" } };
	static const char want[] =
	    "<?xml version=\"1.0\"?><!-- > --><orders a='>'>\n<!-- D000001-1, line 3: F-20 a - - b -->\n"
	    "<order b=\">\"><erpgate_reject>D000001-1</erpgate_reject><erpgate_refused>F-20</erpgate_refused><number>2</number></order>\n\n</orders>\n";
	struct adp_kit_doc doc = { .id = "D000001-1", .line = 3, .nnotes = 1, .notes = notes, .by_place = true };
	struct kit k;

	(void)state;
	doc.off = (uint64_t)(strstr(in, "<order b") - in);
	doc.len = (uint64_t)(strstr(in, "</orders>") - in) - doc.off;
	kit_open(&k, adapters, 2);
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct eg_buf out = EG_BUF_INIT;

		kit_of(&k, "t.orders", eg_bytes_str(in), &doc, 1, pieces[i], &out);
		assert_string_equal(eg_buf_cstr(&out), want);
		eg_buf_done(&out);
	}
	kit_close(&k);
}

static void
accepted(void **state)
{
	static const struct {
		const char *column, *want;
	} rows[] = { { "Date", "Date: a date written M/D/YYYY" },
		{ "Amount", "Amount: needed, a number with a decimal point and at most 2 places, such as 1234.50" },
		{ "Line", "Line: needed, a whole number" }, { "Nothing", "" }, { "", "" } };
	struct kit k;
	const char *field;

	(void)state;
	kit_open(&k, adapters, 2);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct eg_buf b = EG_BUF_INIT;

		adp_accepted(adp_set_named(k.set, "t.contracts"), rows[i].column, &b);
		assert_string_equal(eg_buf_cstr(&b), rows[i].want);
		eg_buf_done(&b);
	}
	assert_true(adp_code_column(adp_set_named(k.set, "t.contracts"), "Vendor", &field));
	assert_string_equal(field, "vendor.pm_id");
	assert_false(adp_code_column(adp_set_named(k.set, "t.contracts"), "Date", &field));
	kit_close(&k);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(csv_bytes),
		cmocka_unit_test(line_ends_and_encodings), cmocka_unit_test(sent_again), cmocka_unit_test(xml_bytes),
		cmocka_unit_test(accepted) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
