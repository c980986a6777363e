/* SPDX-License-Identifier: MIT
 *
 * CSV in: cells, places, encodings, strictness, limits; every input in steps of 1, 7 and 4096 bytes; plain libcsv as
 * the oracle.
 */
#include "base/limits.h"
#include "tests/unit/csv_help.h"

#include <csv.h>

static const size_t steps[] = { 0, 1, 7, 4096 };

#define IN(s)                                                \
	{                                                    \
		(const unsigned char *)("" s), sizeof(s) - 1 \
	}
#define OPTS(...)           \
	{                   \
		__VA_ARGS__ \
	}

static const struct good {
	const char *name;
	struct eg_bytes in;
	struct fmt_csv_opts opts;
	struct eg_bytes values;
	uint64_t lines;
} goods[] = {
	{ "empty file", IN(""), OPTS(0), IN(""), 0 },
	{ "header only", IN("a,b\r\n"), OPTS(0), IN("a|b$"), 1 },
	{ "no final line end", IN("a,b\nc,d"), OPTS(0), IN("a|b$c|d$"), 2 },
	{ "mixed line ends", IN("a\r\nb\nc\r\n"), OPTS(0), IN("a$b$c$"), 3 },
	{ "lone CR is content", IN("a\rb,c\r\nd,\re\n"), OPTS(0), IN("a\rb|c$d|\re$"), 2 },
	{ "CR before CRLF", IN("a\r\r\nb\n"), OPTS(0), IN("a\r$b$"), 2 },
	{ "CR at the end", IN("a,b\r"), OPTS(0), IN("a|b\r$"), 1 },
	{ "lone CR beside quotes", IN("\"x\ry\",z\ra\r\n"), OPTS(0), IN("x\ry|z\ra$"), 1 },
	{ "BOM", IN("\xef\xbb\xbf\"a\",b\n"), OPTS(0), IN("a|b$"), 1 },
	{ "BOM and nothing else", IN("\xef\xbb\xbf"), OPTS(0), IN(""), 0 },
	{ "BOM beats the encoding", IN("\xef\xbb\xbf\xc3\xa9\n"), OPTS(.enc = FMT_LATIN1), IN("\xc3\xa9$"), 1 },
	{ "two bytes of a BOM are no BOM", IN("\xef\xbb"), OPTS(.enc = FMT_LATIN1), IN("\xc3\xaf\xc2\xbb$"), 1 },
	{ "NUL and 0x1A are content", IN("a\0b,\x1a\n"), OPTS(0), IN("a\0b|\x1a$"), 1 },
	{ "quoted", IN("\"a,b\",\"c\"\"d\",\"\"\"\",\"\"\n"), OPTS(0), IN("a,b|c\"d|\"|$"), 1 },
	{ "quoted line ends", IN("\"a\r\nb\",c\n\"\n\n\",d\n"), OPTS(0), IN("a\r\nb|c$\n\n|d$"), 5 },
	{ "blanks around values", IN(" a ,\tb\t, c d ,  \n"), OPTS(0), IN("a|b|c d|$"), 1 },
	{ "blanks around quotes", IN(" \"x\" ,\t\"y\"\t\n  \"z\"  "), OPTS(0), IN("x|y$z$"), 2 },
	{ "blanks inside quotes", IN("\" x \",\"  \",\" \"\" \"\n"), OPTS(0), IN("x||\"$"), 1 },
	{ "blank rows", IN("\n\r\n  \t\n,,\n \"\" , \n\"  \"\na\n"), OPTS(0), IN("~$~$~$||~$|~$~$a$"), 7 },
	{ "blank at the end", IN("a\n  "), OPTS(0), IN("a$~$"), 2 },
	{ "ragged rows", IN("a,b,c\n1\n1,2,3,4\n"), OPTS(0), IN("a|b|c$1$1|2|3|4$"), 3 },
	{ "nameless last column", IN("a,b,\n1,2,\n"), OPTS(0), IN("a|b|$1|2|$"), 2 },
	{ "doubled header", IN("a,a\n"), OPTS(0), IN("a|a$"), 1 },
	{ "numbers stay text", IN("1e5,+5, 5,5.,007,\"1,50\"\n"), OPTS(0), IN("1e5|+5|5|5.|007|1,50$"), 1 },
	{ "semicolon", IN("a;\"b;c\";d,e\n"), OPTS(.delim = ';'), IN("a|b;c|d,e$"), 1 },
	{ "TAB", IN("a\t b \t\t\"c\td\"\n"), OPTS(.delim = '\t'), IN("a|b||c\td$"), 1 },
	{ "UTF-8", IN("\xc3\xa9,\"\xf0\x9f\x8f\x97\n\xe2\x82\xac\",z\n"), OPTS(0),
	    IN("\xc3\xa9|\xf0\x9f\x8f\x97\n\xe2\x82\xac|z$"), 2 },
	{ "Latin-1", IN("M\xfcller,\"\xe9\"\"\xe9\",z\n"), OPTS(.enc = FMT_LATIN1),
	    IN("M\xc3\xbcller|\xc3\xa9\"\xc3\xa9|z$"), 1 },
	{ "windows-1252", IN("\x80 5,a,\x93x\x94\r\n"), OPTS(.enc = FMT_CP1252),
	    IN("\xe2\x82\xac 5|a|\xe2\x80\x9cx\xe2\x80\x9d$"), 1 },
	{ "ASCII", IN("a,b\n"), OPTS(.enc = FMT_ASCII), IN("a|b$"), 1 },
	{ "UTF-16LE with BOM", IN("\xff\xfe\"\0a\0\"\0,\0\xac\x20\r\0\n\0z\0,\0"), OPTS(0), IN("a|\xe2\x82\xac$z|$"),
	    2 },
	{ "UTF-16BE with BOM", IN("\xfe\xff\0a\0,\xd8\x3c\xdf\xd7\0b\0\n"), OPTS(.enc = FMT_LATIN1),
	    IN("a|\xf0\x9f\x8f\x97"
	       "b$"),
	    1 },
	{ "UTF-16LE declared", IN("a\0,\0\"\0\xe9\0\"\0\"\0\n\0\"\0\n\0"), OPTS(.enc = FMT_UTF16LE),
	    IN("a|\xc3\xa9\"\n$"), 2 },
	{ "UTF-16LE cut in the BOM's look-ahead", IN("a\0"), OPTS(.enc = FMT_UTF16LE), IN("a$"), 1 },
	{ "frames", IN("CMIC,\"x\n\r\n a\"b \na,b\n"), OPTS(.skip_lines = 3), IN("CMIC,\"x$~$a\"b$a|b$"), 4 },
	{ "more frames than lines", IN("x\ny"), OPTS(.skip_lines = 9), IN("x$y$"), 2 },
	{ "frame of Latin-1", IN("\xe9\n\xe9\n"), OPTS(.enc = FMT_LATIN1, .skip_lines = 1), IN("\xc3\xa9$\xc3\xa9$"),
	    2 },
};

static const struct bad {
	const char *name;
	struct eg_bytes in;
	struct fmt_csv_opts opts;
	const char *code;
	uint64_t rows; /* given before the failure */
	struct eg_pos pos;
	bool whole;
} bads[] = {
	{ "quote open at the end", IN("a\nb, \"c,d\ne"), OPTS(0), "F-03", 1, { 5, 2, 4 }, false },
	{ "quote open, others closed", IN("\"a\"\"\",\"\"\"b"), OPTS(0), "F-03", 0, { 6, 1, 7 }, false },
	{ "quote in the middle", IN("a\nx,b\"c,d\n"), OPTS(0), "F-03", 1, { 5, 2, 4 }, false },
	{ "quotes in the middle", IN("a \"b\" c\n"), OPTS(0), "F-03", 0, { 2, 1, 3 }, true },
	{ "text after a closing quote", IN("\"a\"b,c\n"), OPTS(0), "F-03", 0, { 3, 1, 4 }, true },
	{ "text after blanks after a closing quote", IN("x\n\"a\" \tb\n"), OPTS(0), "F-03", 1, { 7, 2, 6 }, true },
	{ "quote after blanks after a closing quote", IN("\"a\" \"b\"\n"), OPTS(0), "F-03", 0, { 4, 1, 5 }, true },
	{ "CR after a closing quote", IN("\"a\"\rb\n"), OPTS(0), "F-03", 0, { 3, 1, 4 }, true },
	{ "bad quote, far from the row's end", IN("a\"b,c\nd,e\nf,g\n"), OPTS(0), "F-03", 0, { 1, 1, 2 }, false },
	{ "Latin-1 sent as UTF-8", IN("a\n\xc3\xa9,M\xfcller\n"), OPTS(0), "F-02", 1, { 6, 2, 4 }, true },
	{ "0xFF", IN("a,\xff\n"), OPTS(0), "F-02", 0, { 2, 1, 3 }, true },
	{ "bad byte in the second line of a row", IN("\"\xc3\xa9\n\xc3\xa9\xff\",b\n"), OPTS(0), "F-02", 0, { 6, 2, 2 },
	    true },
	{ "half a character at the end", IN("a\n\xe2\x82"), OPTS(0), "F-02", 1, { 2, 2, 1 }, true },
	{ "half a character in quotes", IN("\"\xe2\x82\",b\n"), OPTS(0), "F-02", 0, { 1, 1, 2 }, true },
	{ "overlong", IN("\xc0\xaf\n"), OPTS(0), "F-02", 0, { 0, 1, 1 }, true },
	{ "unassigned in windows-1252", IN("\xe9\"\"\n"), OPTS(.enc = FMT_CP1252), "F-03", 0, { 1, 1, 2 }, true },
	{ "0x81 in windows-1252", IN("\"\xe9\"\"\",b\x81\n"), OPTS(.enc = FMT_CP1252), "F-02", 0, { 7, 1, 8 }, true },
	{ "high byte in ASCII", IN("ab\nc,d\x80\n"), OPTS(.enc = FMT_ASCII), "F-02", 1, { 6, 2, 4 }, true },
	{ "bad byte in a frame", IN("\xff\n"), OPTS(.skip_lines = 1), "F-02", 0, { 0, 1, 1 }, true },
	{ "lone surrogate",
	    IN("\xff\xfe"
	       "a\0\n\0b\0\x00\xdc"
	       "c\0"),
	    OPTS(0), "F-02", 1, { 8, 2, 2 }, true },
	{ "half a pair at the end", IN("a\0\n\0b\0\x3c\xd8"), OPTS(.enc = FMT_UTF16LE), "F-02", 1, { 6, 2, 2 }, true },
	{ "odd length", IN("\xfe\xff\0a\0"), OPTS(0), "F-02", 0, { 4, 1, 2 }, true },
	{ "UTF-16 quote open", IN("\xfe\xff\0a\0,\0\"\0b"), OPTS(0), "F-03", 0, { 6, 1, 3 }, false },
};

static unsigned
fail_row(const char *name, size_t step, const char *what, const struct csv_seen *s)
{
	struct eg_buf shown = EG_BUF_INIT;
	eg_buf_escaped(&shown, eg_buf_view(&s->values));
	print_error("%s, step %zu: %s; values %s, class %d %s at %ju (%ju:%u), %ju lines, whole %d: %s\n", name, step,
	    what, eg_buf_cstr(&shown), (int)s->err.cls, s->err.code, (uintmax_t)s->err.pos.off,
	    (uintmax_t)s->err.pos.line, s->err.pos.col, (uintmax_t)s->lines, s->whole, s->err.msg);
	eg_buf_done(&shown);
	return 1;
}

static void
test_good(void **state)
{
	(void)state;
	unsigned failed = 0;
	for (size_t i = 0; i < sizeof goods / sizeof goods[0]; i++) {
		const struct good *g = &goods[i];
		struct csv_seen first = csv_see(g->in, &g->opts, 0, true);
		for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++) {
			struct csv_seen s = csv_see(g->in, &g->opts, steps[k], true);
			if (s.err.cls != EG_EOF || !eg_bytes_eq(eg_buf_view(&s.values), g->values))
				failed += fail_row(g->name, steps[k], "values", &s);
			else if (s.wrong != NULL || s.lines != g->lines || !s.whole)
				failed += fail_row(g->name, steps[k], s.wrong != NULL ? s.wrong : "lines or whole", &s);
			else if (!csv_same(&first, &s))
				failed += fail_row(g->name, steps[k], "differs by step", &s);
			csv_seen_done(&s);
		}
		csv_seen_done(&first);
	}
	assert_int_equal(failed, 0);
}

static void
test_bad(void **state)
{
	(void)state;
	unsigned failed = 0;
	for (size_t i = 0; i < sizeof bads / sizeof bads[0]; i++) {
		const struct bad *b = &bads[i];
		for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++) {
			struct csv_seen s = csv_see(b->in, &b->opts, steps[k], true);
			if (s.err.cls != EG_BADFILE || strcmp(s.err.code, b->code) != 0 || s.rows != b->rows)
				failed += fail_row(b->name, steps[k], "code or rows", &s);
			else if (s.err.pos.off != b->pos.off || s.err.pos.line != b->pos.line ||
				 s.err.pos.col != b->pos.col)
				failed += fail_row(b->name, steps[k], "position", &s);
			else if (s.wrong != NULL || s.whole != b->whole || s.err.msg[0] == '\0')
				failed +=
				    fail_row(b->name, steps[k], s.wrong != NULL ? s.wrong : "whole or message", &s);
			csv_seen_done(&s);
		}
	}
	assert_int_equal(failed, 0);
}

/* Places of one row, spelled out: what the checks by counting rest on. */
static void
test_places(void **state)
{
	(void)state;
	static const struct fmt_csv_opts opts = { 0 };
	struct csv_seen s =
	    csv_see(EG_LIT("\xef\xbb\xbfh\r\n \"a\"\"b\" ,\xc3\xa9 ,\"x\ny\", , \"\" ,c\r\n"), &opts, 0, true);
	assert_null(s.wrong);
	assert_string_equal(eg_buf_cstr(&s.places),
	    "[1 3 3](20 3 1 1:1)"
	    "[2 6 29](21 8 4 2:3)(20 15 2 2:10)(21 20 3 2:14)(10 25 0 3:4)(11 29 0 3:8)(20 32 1 3:11)");
	csv_seen_done(&s);
}

static struct eg_buf
repeat(const char *part, size_t n)
{
	struct eg_buf b = EG_BUF_INIT;
	for (size_t i = 0; i < n; i++)
		eg_buf_str(&b, part);
	return b;
}

/* A row of `cells` cells: at the limit it passes, one more does not. */
static void
test_limit_cells(void **state)
{
	(void)state;
	static const struct {
		size_t cells;
		uint64_t off;
	} rows[] = { { EG_LIMIT_CELLS, 0 }, { EG_LIMIT_CELLS + 1, 1999 }, { 100000, 1999 } };
	static const struct fmt_csv_opts opts = { 0 };
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct eg_buf in = repeat("x,", rows[i].cells);
		in.ptr[in.len - 1] = '\n';
		for (size_t k = 0; k < sizeof steps / sizeof steps[0]; k++) {
			struct csv_seen s = csv_see(eg_buf_view(&in), &opts, steps[k], false);
			assert_null(s.wrong);
			assert_int_equal(s.err.cls, rows[i].off == 0 ? EG_EOF : EG_BADFILE);
			assert_string_equal(s.err.code, rows[i].off == 0 ? "" : "LIMIT-CELLS");
			assert_int_equal(s.err.pos.off, rows[i].off);
			csv_seen_done(&s);
		}
		eg_buf_done(&in);
	}
}

/* Rows at the limit of bytes, line end included, and just over. */
static void
test_limit_row(void **state)
{
	(void)state;
	static const struct {
		const char *name, *head, *tail;
		size_t bytes;
		uint64_t skip;
		const char *code;
		uint64_t off;
	} rows[] = {
		{ "at the limit", "", "\r\nb\n", EG_LIMIT_ROW_BYTES + 2, 0, "", 0 },
		{ "at the limit, no line end", "", "z", EG_LIMIT_ROW_BYTES, 0, "", 0 },
		{ "at the limit, quoted", "a,\"\"\"", "\"\n", EG_LIMIT_ROW_BYTES, 0, "", 0 },
		{ "one over", "", "\n", EG_LIMIT_ROW_BYTES + 1, 0, "LIMIT-ROW", EG_LIMIT_ROW_BYTES },
		{ "one over, CRLF", "", "\r\n", EG_LIMIT_ROW_BYTES + 1, 0, "LIMIT-ROW", EG_LIMIT_ROW_BYTES },
		{ "quote never closed", "a,\"", "", 3 * EG_LIMIT_ROW_BYTES, 0, "LIMIT-ROW", EG_LIMIT_ROW_BYTES },
		{ "bad quote that swallows", "a,b\"", "", 3 * EG_LIMIT_ROW_BYTES, 0, "F-03", 3 },
		{ "frame at the limit", "\"", "\n", EG_LIMIT_ROW_BYTES, 1, "", 0 },
		{ "frame one over", "\"", "\n", EG_LIMIT_ROW_BYTES + 1, 1, "LIMIT-ROW", EG_LIMIT_ROW_BYTES },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct eg_buf in = EG_BUF_INIT;
		const struct fmt_csv_opts opts = { .skip_lines = rows[i].skip };
		eg_buf_str(&in, rows[i].head);
		while (in.len < rows[i].bytes - strlen(rows[i].tail))
			eg_buf_chr(&in, 'x');
		eg_buf_str(&in, rows[i].tail);
		for (size_t k = 0; k < 4; k += 3) {
			struct csv_seen s = csv_see(eg_buf_view(&in), &opts, steps[k], false);
			if (strcmp(s.err.code, rows[i].code) != 0 || s.err.pos.off != rows[i].off || s.wrong != NULL)
				fail_msg(
				    "%s: %s at %ju, %s", rows[i].name, s.err.code, (uintmax_t)s.err.pos.off, s.wrong);
			csv_seen_done(&s);
		}
		eg_buf_done(&in);
	}
}

/* A file cut at any byte gives the rows that were whole, and says what it ended in. */
static void
test_truncated(void **state)
{
	(void)state;
	static const struct fmt_csv_opts opts = { 0 };
	const struct eg_bytes all = EG_LIT("\xef\xbb\xbfNo,\"Te\"\"xt\"\r\n1,\"a\nb\"\r\n2,\xc3\xa9\xe2\x82\xac\r\n");
	struct csv_seen whole = csv_see(all, &opts, 0, true);
	for (size_t n = 0; n < all.len; n++) {
		struct csv_seen first = csv_see(eg_bytes_sub(all, 0, n), &opts, 0, true);
		struct csv_seen s = csv_see(eg_bytes_sub(all, 0, n), &opts, 1, true);
		assert_true(csv_same(&first, &s));
		/* half a BOM is not UTF-8, and half a CRLF behind a quote is text behind it; all else is an open quote or
		 * fine */
		bool open = s.err.cls != EG_EOF && strcmp(s.err.code, "F-02") != 0 && all.ptr[n - 1] != '\r';
		assert_true(s.err.cls == EG_EOF || strcmp(s.err.code, "F-02") == 0 || strcmp(s.err.code, "F-03") == 0);
		assert_int_equal(s.whole, !open);
		if (s.wrong != NULL)
			fail_msg("cut at %zu: %s", n, s.wrong);
		if (s.rows > 1) /* all but the last row, which may be a part */
			assert_memory_equal(s.values.ptr, whole.values.ptr, s.rows == 2 ? 10 : 16);
		csv_seen_done(&s);
		csv_seen_done(&first);
	}
	csv_seen_done(&whole);
}

/* A source that fails: its error passes unchanged, after the rows that were whole. */
static int
read_fail(void *ctx, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	unsigned *calls = ctx;
	assert_true(cap >= 4);
	if ((*calls)++ > 0)
		return eg_fail(err, EG_RETRY, "TEST", "no more today");
	memcpy(buf, "a\nb,", 4);
	*ret_n = 4;
	return EG_OK;
}

static void
test_source_fails(void **state)
{
	(void)state;
	unsigned calls = 0;
	struct fmt_csv *csv = NULL;
	struct eg_err err;
	struct fmt_row row;
	static const struct fmt_csv_opts opts = { 0 };
	assert_int_equal(fmt_csv_open((struct fmt_src){ read_fail, &calls }, &opts, &csv, &err), EG_OK);
	assert_int_equal(fmt_csv_next(csv, &row, &err), EG_OK);
	assert_int_equal(row.ncells, 1);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(fmt_csv_next(csv, &row, &err), EG_RETRY);
		assert_string_equal(err.code, "TEST");
	}
	assert_int_equal(calls, 2);
	fmt_csv_free(csv);
	fmt_csv_free(NULL);
}

/* A file much longer than the window and every block size, with rows that lie across their borders. */
static void
test_long(void **state)
{
	(void)state;
	static const struct fmt_csv_opts opts = { 0 };
	struct eg_buf in = EG_BUF_INIT;
	for (unsigned i = 0; i < 20000; i++)
		eg_buf_printf(&in, "%u,\"x%.*s\"\"\n\",\xc3\xa9%u%s", i, (int)(i % 37),
		    "................................................", i, i % 3 ? "\n" : "\r\n");
	struct csv_seen first = csv_see(eg_buf_view(&in), &opts, 0, false);
	assert_int_equal(first.rows, 20000);
	assert_int_equal(first.lines, 40000);
	assert_null(first.wrong);
	for (size_t k = 1; k < sizeof steps / sizeof steps[0]; k++) {
		struct csv_seen s = csv_see(eg_buf_view(&in), &opts, steps[k], false);
		assert_true(csv_same(&first, &s));
		csv_seen_done(&s);
	}
	csv_seen_done(&first);
	/* the same text in UTF-16: every place doubled where there is no other than two-byte units */
	struct eg_buf wide = EG_BUF_INIT;
	struct eg_err err;
	assert_int_equal(fmt_from_utf8(FMT_UTF16BE, eg_buf_view(&in), &wide, &err), EG_OK);
	static const struct fmt_csv_opts be = { .enc = FMT_UTF16BE };
	struct csv_seen utf8 = csv_see(eg_buf_view(&in), &opts, 0, false),
			utf16 = csv_see(eg_buf_view(&wide), &be, 7, false);
	assert_null(utf16.wrong);
	assert_true(eg_bytes_eq(eg_buf_view(&utf8.values), eg_buf_view(&utf16.values)));
	csv_seen_done(&utf8);
	csv_seen_done(&utf16);
	eg_buf_done(&wide);
	eg_buf_done(&in);
}

struct oracle {
	struct eg_buf values; /* as struct csv_seen has them */
	bool begun, filled; /* the row: a cell was given; one that holds something */
};

/* Blanks at the ends of quoted text are libcsv's to keep and ours to cut. */
static void
oracle_cell(void *text, size_t n, void *ctx)
{
	struct oracle *o = ctx;
	struct eg_bytes v = eg_bytes_trim(eg_bytes(text, n));
	eg_buf_str(&o->values, o->begun ? "|" : "");
	eg_buf_add(&o->values, v);
	o->begun = true;
	o->filled |= v.len > 0;
}

static void
oracle_row(int c, void *ctx)
{
	(void)c;
	struct oracle *o = ctx;
	eg_buf_str(&o->values, o->filled ? "$" : "~$");
	o->begun = false;
	o->filled = false;
}

/* A random cell as it stands in a file; a quoted one may hold anything. */
static void
put_random_cell(uint64_t *rnd, struct eg_buf *in)
{
	static const char plain[] = "ab 01.x", any[] = "ab,\"\r\n \t;x";
	uint32_t n = csv_random(rnd, 9);
	bool quoted = csv_random(rnd, 3) == 0;
	eg_buf_str(in, csv_random(rnd, 8) == 0 ? " " : "");
	eg_buf_str(in, quoted ? "\"" : "q");
	for (uint32_t i = 0; i < n; i++) {
		char c = quoted ? any[csv_random(rnd, sizeof any - 1)] : plain[csv_random(rnd, sizeof plain - 1)];
		eg_buf_str(in, quoted && c == '"' ? "\"" : "");
		eg_buf_chr(in, (unsigned char)c);
	}
	eg_buf_str(in, quoted ? "\"" : "");
	eg_buf_str(in, csv_random(rnd, 8) == 0 ? "\t" : "");
}

static void
put_random_rows(uint64_t *rnd, struct eg_buf *in)
{
	uint32_t rows = csv_random(rnd, 5);
	for (uint32_t r = 0; r < rows; r++) {
		uint32_t cells = 1 + csv_random(rnd, 5);
		for (uint32_t i = 0; i < cells; i++) {
			eg_buf_str(in, i > 0 ? "," : "");
			put_random_cell(rnd, in);
		}
		eg_buf_str(in, csv_random(rnd, 2) == 0 ? "\n" : "\r\n");
	}
}

/* Plain libcsv and the reader see the same cells in random well-formed input. */
static void
test_oracle(void **state)
{
	(void)state;
	static const struct fmt_csv_opts opts = { 0 };
	uint64_t rnd = 1;
	for (unsigned round = 0; round < 2000; round++) {
		struct eg_buf in = EG_BUF_INIT;
		put_random_rows(&rnd, &in);
		struct oracle want = { .values = EG_BUF_INIT };
		struct csv_parser p;
		assert_int_equal(csv_init(&p, CSV_STRICT | CSV_STRICT_FINI), 0);
		assert_int_equal(csv_parse(&p, in.ptr, in.len, oracle_cell, oracle_row, &want), in.len);
		assert_int_equal(csv_fini(&p, oracle_cell, oracle_row, &want), 0);
		csv_free(&p);
		struct csv_seen s = csv_see(eg_buf_view(&in), &opts, steps[round % 4], true);
		if (s.wrong != NULL || s.err.cls != EG_EOF ||
		    !eg_bytes_eq(eg_buf_view(&s.values), eg_buf_view(&want.values)))
			fail_msg("round %u: %s\n%s\n--\n%s\n--\n%s", round, s.wrong != NULL ? s.wrong : "values",
			    eg_buf_cstr(&in), eg_buf_cstr(&want.values), eg_buf_cstr(&s.values));
		csv_seen_done(&s);
		eg_buf_done(&want.values);
		eg_buf_done(&in);
	}
}

static void
failed_any(unsigned round, const struct fmt_csv_opts *opts, const struct eg_buf *in, const struct csv_seen *s)
{
	struct eg_buf shown = EG_BUF_INIT;
	eg_buf_escaped(&shown, eg_buf_view(in));
	fail_msg("round %u, %s, skip %ju: %s: %s (%s at %ju, %ju:%u)", round, fmt_enc_name(opts->enc),
	    (uintmax_t)opts->skip_lines, eg_buf_cstr(&shown), s->wrong != NULL ? s->wrong : "differs by step",
	    s->err.code, (uintmax_t)s->err.pos.off, (uintmax_t)s->err.pos.line, s->err.pos.col);
}

/* Any bytes at all: an end or a failure with a true place, and the same one whatever the steps. */
static void
test_any_bytes(void **state)
{
	(void)state;
	static const char alphabet[] = "a,\"\r\n \t\xc3\xa9\xd8\xfe\xff\0\0";
	uint64_t rnd = 2;
	unsigned ends = 0, fails = 0;
	for (unsigned round = 0; round < 6000; round++) {
		struct eg_buf in = EG_BUF_INIT;
		uint32_t n = csv_random(&rnd, 24), letters = round % 2 ? 7 : sizeof alphabet - 1;
		for (uint32_t i = 0; i < n; i++)
			eg_buf_put(&in, &alphabet[csv_random(&rnd, letters)], 1);
		const struct fmt_csv_opts opts = { .enc = csv_random(&rnd, FMT_NENC),
			.skip_lines = csv_random(&rnd, 8) == 0 };
		struct csv_seen s1 = csv_see(eg_buf_view(&in), &opts, 1, true),
				s7 = csv_see(eg_buf_view(&in), &opts, 7, true);
		if (s1.wrong != NULL || !csv_same(&s1, &s7))
			failed_any(round, &opts, &in, &s1);
		ends += s1.err.cls == EG_EOF;
		fails += s1.err.cls == EG_BADFILE;
		csv_seen_done(&s1);
		csv_seen_done(&s7);
		eg_buf_done(&in);
	}
	assert_int_equal(ends + fails, 6000);
	assert_true(ends > 1000 && fails > 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_limit_cells),
		cmocka_unit_test(test_limit_row),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_source_fails),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_oracle),
		cmocka_unit_test(test_any_bytes),
	};
	return cmocka_run_group_tests_name("csv_read", tests, NULL, NULL);
}
