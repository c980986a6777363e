/* SPDX-License-Identifier: MIT
 *
 * CSV out: quoting, row ends, encodings, formulas; what is written reads back the same.
 */
#include "formats/csv_write.h"
#include "tests/unit/csv_help.h"

#define LIT(s)                                               \
	{                                                    \
		(const unsigned char *)("" s), sizeof(s) - 1 \
	}
#define MAX_CELLS 4

struct written {
	const char *name;
	struct fmt_csv_style style;
	size_t n;
	struct eg_bytes cells[MAX_CELLS];
	struct eg_bytes want;
	const char *code; /* instead of want */
	uint32_t col;
};

static const struct written rows[] = {
	{ "plain", { 0 }, 3, { LIT("a"), LIT(""), LIT(" b ") }, LIT("a,, b \r\n"), NULL, 0 },
	{ "no cells", { 0 }, 0, { LIT("") }, LIT("\r\n"), NULL, 0 },
	{ "LF", { .lf = true }, 1, { LIT("a") }, LIT("a\n"), NULL, 0 },
	{ "needed: delimiter, quote, CR, LF", { 0 }, 4, { LIT("a,b"), LIT("\"c\""), LIT("d\r"), LIT("\ne") },
	    LIT("\"a,b\",\"\"\"c\"\"\",\"d\r\",\"\ne\"\r\n"), NULL, 0 },
	{ "needed: other delimiter", { .delim = ';' }, 2, { LIT("a,b"), LIT("c;d") }, LIT("a,b;\"c;d\"\r\n"), NULL, 0 },
	{ "needed: TAB", { .delim = '\t' }, 2, { LIT("a b"), LIT("c\td") }, LIT("a b\t\"c\td\"\r\n"), NULL, 0 },
	{ "always", { .quote = FMT_QUOTE_ALWAYS }, 3, { LIT("a"), LIT(""), LIT("\"") }, LIT("\"a\",\"\",\"\"\"\"\r\n"),
	    NULL, 0 },
	{ "never", { .quote = FMT_QUOTE_NEVER }, 2, { LIT("3\" pipe"), LIT("b") }, LIT("3\" pipe,b\r\n"), NULL, 0 },
	{ "never: delimiter", { .quote = FMT_QUOTE_NEVER }, 2, { LIT("a"), LIT("b,c") }, LIT(""), "CSV-UNQUOTABLE", 2 },
	{ "never: CR", { .quote = FMT_QUOTE_NEVER }, 1, { LIT("\r") }, LIT(""), "CSV-UNQUOTABLE", 1 },
	{ "never: LF", { .quote = FMT_QUOTE_NEVER }, 3, { LIT(""), LIT(""), LIT("a\n") }, LIT(""), "CSV-UNQUOTABLE",
	    3 },
	{ "never: other delimiter", { .quote = FMT_QUOTE_NEVER, .delim = '|' }, 1, { LIT("a,b") }, LIT("a,b\r\n"), NULL,
	    0 },
	{ "text", { .quote = FMT_QUOTE_TEXT }, 4, { LIT("12"), LIT("-1.50"), LIT("1.5.0"), LIT("") },
	    LIT("12,-1.50,\"1.5.0\",\"\"\r\n"), NULL, 0 },
	{ "text: no numbers", { .quote = FMT_QUOTE_TEXT }, 4, { LIT("-"), LIT("1."), LIT(".5"), LIT("+1") },
	    LIT("\"-\",\"1.\",\".5\",\"+1\"\r\n"), NULL, 0 },
	{ "text: no numbers either", { .quote = FMT_QUOTE_TEXT }, 3, { LIT("1e5"), LIT("1,000"), LIT("0x1") },
	    LIT("\"1e5\",\"1,000\",\"0x1\"\r\n"), NULL, 0 },
	{ "formulas for people", { .for_people = true }, 4, { LIT("=1+1"), LIT("+1"), LIT("-1"), LIT("-1-1") },
	    LIT("'=1+1,'+1,-1,'-1-1\r\n"), NULL, 0 },
	{ "more formulas for people", { .for_people = true }, 4, { LIT("@a"), LIT("\ta"), LIT("\ra"), LIT("a=") },
	    LIT("'@a,'\ta,\"'\ra\",a=\r\n"), NULL, 0 },
	{ "line feeds and wide forms for people", { .for_people = true }, 4,
	    { LIT("\na"),
		LIT("\xef\xbc\x9d"
		    "1"),
		LIT("\xef\xbc\xa0"
		    "a"),
		LIT("\xe2\x82\xac") },
	    LIT("\"'\na\",'\xef\xbc\x9d"
		"1,'\xef\xbc\xa0"
		"a,\xe2\x82\xac\r\n"),
	    NULL, 0 },
	{ "a formula in quotes", { .for_people = true }, 1, { LIT("=A(\"1\",2)") }, LIT("\"'=A(\"\"1\"\",2)\"\r\n"),
	    NULL, 0 },
	{ "formulas for an ERP", { 0 }, 2, { LIT("=1+1"), LIT("@a") }, LIT("=1+1,@a\r\n"), NULL, 0 },
	{ "UTF-8", { 0 }, 1, { LIT("\xc3\xa9\xe2\x82\xac\xf0\x9f\x8f\x97") },
	    LIT("\xc3\xa9\xe2\x82\xac\xf0\x9f\x8f\x97\r\n"), NULL, 0 },
	{ "Latin-1", { .enc = FMT_LATIN1 }, 2, { LIT("\xc3\xa9\"\xc3\xa9"), LIT("\xc3\xbf") },
	    LIT("\"\xe9\"\"\xe9\",\xff\r\n"), NULL, 0 },
	{ "windows-1252", { .enc = FMT_CP1252 }, 1, { LIT("\xe2\x82\xac 5") }, LIT("\x80 5\r\n"), NULL, 0 },
	{ "not in Latin-1", { .enc = FMT_LATIN1 }, 2, { LIT("a"), LIT("\xe2\x82\xac") }, LIT(""), "CSV-ENCODING", 2 },
	{ "not in windows-1252, in quotes", { .enc = FMT_CP1252, .quote = FMT_QUOTE_ALWAYS }, 1, { LIT("\"x\xc4\x80") },
	    LIT(""), "CSV-ENCODING", 1 },
	{ "not in ASCII", { .enc = FMT_ASCII }, 3, { LIT("a"), LIT("b"), LIT("\xc3\xa9") }, LIT(""), "CSV-ENCODING",
	    3 },
	{ "characters that conversion would swallow", { .enc = FMT_LATIN1 }, 1, { LIT("a\xf3\xa0\x81\x81") }, LIT(""),
	    "CSV-ENCODING", 1 },
};

static const char before[] = "before\r\n";

static unsigned
row_wrong(const struct written *w)
{
	struct eg_buf out = EG_BUF_INIT;
	struct eg_err err = { .cls = EG_OK };
	eg_buf_str(&out, before);
	int rc = fmt_csv_row(&w->style, w->cells, w->n, &out, &err);
	struct eg_bytes got = eg_bytes_sub(eg_buf_view(&out), sizeof before - 1, out.len);
	bool ok = eg_bytes_eq(got, w->want) && out.ptr[out.len] == '\0';
	if (w->code == NULL)
		ok = ok && rc == EG_OK;
	else
		ok = ok && rc == EG_BADREC && strcmp(err.code, w->code) == 0 && err.pos.col == w->col &&
		     err.pos.off == 0;
	if (!ok)
		print_error(
		    "%s: rc %d %s at cell %u, wrote %s\n", w->name, rc, err.code, err.pos.col, eg_buf_cstr(&out));
	eg_buf_done(&out);
	return ok ? 0 : 1;
}

static void
test_rows(void **state)
{
	(void)state;
	unsigned failed = 0;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		failed += row_wrong(&rows[i]);
	assert_int_equal(failed, 0);
}

static void
test_begin(void **state)
{
	(void)state;
	struct eg_buf out = EG_BUF_INIT;
	fmt_csv_begin(&(struct fmt_csv_style){ .bom = false }, &out);
	assert_int_equal(out.len, 0);
	fmt_csv_begin(&(struct fmt_csv_style){ .bom = true }, &out);
	assert_string_equal(eg_buf_cstr(&out), "\xef\xbb\xbf");
	eg_buf_done(&out);
}

/* A value without blanks at its ends: the reader would cut them. */
static void
put_random_value(uint64_t *rnd, struct eg_buf *v)
{
	static const char *const parts[] = { "a", ",", "\"", "\r", "\n", " ", "\t", ";", "1", "\xc3\xa9", "\xc3\xbf" };
	uint32_t n = csv_random(rnd, 6);
	if (n == 0)
		return;
	eg_buf_chr(v, 'x');
	while (n-- > 0)
		eg_buf_str(v, parts[csv_random(rnd, sizeof parts / sizeof parts[0])]);
	eg_buf_chr(v, 'y');
}

static void
test_read_back(void **state)
{
	(void)state;
	static const enum fmt_quote quotes[] = { FMT_QUOTE_NEEDED, FMT_QUOTE_ALWAYS, FMT_QUOTE_TEXT };
	static const enum fmt_enc encs[] = { FMT_UTF8, FMT_LATIN1, FMT_CP1252 };
	static const unsigned char delims[] = { ',', ';', '\t' };
	uint64_t rnd = 3;
	for (unsigned round = 0; round < 3000; round++) {
		struct fmt_csv_style style = {
			.delim = delims[csv_random(&rnd, 3)],
			.quote = quotes[csv_random(&rnd, 3)],
			.lf = round % 2 == 0,
			.enc = encs[csv_random(&rnd, 3)],
		};
		style.bom = style.enc == FMT_UTF8 && csv_random(&rnd, 2) == 0;
		struct eg_buf values[MAX_CELLS] = { EG_BUF_INIT }, file = EG_BUF_INIT, want = EG_BUF_INIT;
		struct eg_bytes cells[MAX_CELLS];
		struct eg_err err;
		bool filled = false;
		for (size_t i = 0; i < MAX_CELLS; i++) {
			put_random_value(&rnd, &values[i]);
			cells[i] = eg_buf_view(&values[i]);
			filled |= cells[i].len > 0;
			eg_buf_str(&want, i > 0 ? "|" : "");
			eg_buf_add(&want, cells[i]);
		}
		eg_buf_str(&want, filled ? "$" : "~$");
		fmt_csv_begin(&style, &file);
		assert_int_equal(fmt_csv_row(&style, cells, MAX_CELLS, &file, &err), EG_OK);
		const struct fmt_csv_opts opts = { .delim = style.delim, .enc = style.enc };
		struct csv_seen s = csv_see(eg_buf_view(&file), &opts, 0, true);
		if (s.wrong != NULL || s.err.cls != EG_EOF || !eg_bytes_eq(eg_buf_view(&s.values), eg_buf_view(&want)))
			fail_msg("round %u: wrote %s, read %s, %s", round, eg_buf_cstr(&file), eg_buf_cstr(&s.values),
			    s.wrong);
		csv_seen_done(&s);
		for (size_t i = 0; i < MAX_CELLS; i++)
			eg_buf_done(&values[i]);
		eg_buf_done(&file);
		eg_buf_done(&want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_begin),
		cmocka_unit_test(test_read_back),
	};
	return cmocka_run_group_tests_name("csv_write", tests, NULL, NULL);
}
