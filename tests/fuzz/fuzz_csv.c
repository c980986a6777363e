/* SPDX-License-Identifier: MIT
 *
 * CSV in and out. For any bytes: the same rows, places and failure however the source parts them; each cell's place holds its value; what was read,
 * written again in each style that can hold it, reads the same. A first byte of 1-8 chooses encoding and delimiter, any other is data.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/unit/csv_help.h"

#include "base/limits.h"
#include "formats/csv_write.h"

#define COUNT_MAX 600 /* bytes: counting places again is quadratic */

static const struct fmt_csv_opts options[] = {
	{ 0, FMT_UTF8, 0 },
	{ ';', FMT_CP1252, 0 },
	{ '\t', FMT_LATIN1, 2 },
	{ '|', FMT_UTF16LE, 0 },
	{ ',', FMT_UTF16BE, 1 },
	{ ',', FMT_ASCII, 0 },
	{ ',', FMT_UTF8_ELSE_1252, 0 },
	{ ';', FMT_UTF8, 3 },
	{ ',', FMT_CP1252, 0 },
};

static const struct fmt_csv_style styles[] = {
	{ ',', FMT_QUOTE_NEEDED, false, true, FMT_UTF8, false },
	{ ';', FMT_QUOTE_ALWAYS, true, true, FMT_UTF8, false },
	{ '\t', FMT_QUOTE_TEXT, false, true, FMT_UTF8, false },
	{ ',', FMT_QUOTE_NEVER, true, true, FMT_UTF8, false },
};

/* UTF8_ELSE_1252 is decided cell by cell: places are counted by one encoding, so they cannot be checked again there. */
static bool
countable(const struct fmt_csv_opts *o, size_t size)
{
	return size <= COUNT_MAX && o->enc != FMT_UTF8_ELSE_1252;
}

/* The rows as written in the style, and their values; a row that it cannot hold is left out of both. */
static void
write_again(struct eg_bytes in, const struct fmt_csv_opts *opts, const struct fmt_csv_style *style, struct eg_buf *out,
    struct csv_seen *want)
{
	struct fmt_src_mem mem;
	struct fmt_csv *csv = NULL;
	struct fmt_row row;
	struct eg_err err;
	struct eg_bytes cells[EG_LIMIT_CELLS];

	fmt_csv_begin(style, out);
	fuzz_need(fmt_csv_open(fmt_src_mem(&mem, in, 0), opts, &csv, &err) == EG_OK, "a reader opens");
	while (fmt_csv_next(csv, &row, &err) == EG_OK) {
		bool bare = style->quote == FMT_QUOTE_NEVER;
		for (size_t i = 0; i < row.ncells; i++) {
			cells[i] = row.cells[i].val;
			bare = bare && eg_bytes_chr(cells[i], '"') == cells[i].len;
		}
		if (row.blank || (style->quote == FMT_QUOTE_NEVER && !bare))
			continue;
		size_t before = out->len;
		int rc = fmt_csv_row(style, cells, row.ncells, out, &err);
		fuzz_need(rc == EG_OK || out->len == before, "a refused row leaves nothing");
		if (rc == EG_OK)
			csv_see_row(want, &row);
		else
			fuzz_need(strcmp(err.code, "CSV-UNQUOTABLE") == 0 && err.pos.col >= 1, "a cell is named");
	}
	fmt_csv_free(csv);
}

static void
check_writing(struct eg_bytes in, const struct fmt_csv_opts *opts)
{
	for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++) {
		struct csv_seen want = { .values = EG_BUF_INIT, .places = EG_BUF_INIT };
		struct eg_buf out = EG_BUF_INIT;
		const struct fmt_csv_opts again = { styles[i].delim, FMT_UTF8, 0 };

		write_again(in, opts, &styles[i], &out, &want);
		struct csv_seen got = csv_see(eg_buf_view(&out), &again, 0, false);
		fuzz_need(got.err.cls == EG_EOF, "what is written can be read");
		fuzz_need(
		    eg_bytes_eq(eg_buf_view(&got.values), eg_buf_view(&want.values)), "what is written reads the same");
		csv_seen_done(&got);
		csv_seen_done(&want);
		eg_buf_done(&out);
	}
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct eg_err err;

	(void)argc;
	(void)argv;
	fuzz_need(fmt_text_preload(&err) == EG_OK, "converters open");
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t parts[] = { 1, 2, 7, 4096 };
	const size_t choice = size > 0 && data[0] >= 1 && data[0] <= 8 ? data[0] : 0;
	const struct fmt_csv_opts *opts = &options[choice];
	const struct eg_bytes in = eg_bytes_sub(eg_bytes(data, size), choice > 0, size);
	struct csv_seen whole = csv_see(in, opts, 0, countable(opts, in.len));

	if (whole.wrong != NULL)
		fuzz_broken(__FILE__, __LINE__, whole.wrong);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct csv_seen s = csv_see(in, opts, parts[i], false);
		if (s.wrong != NULL)
			fuzz_broken(__FILE__, __LINE__, s.wrong);
		fuzz_need(csv_same(&whole, &s), "the same for any parting of the source");
		csv_seen_done(&s);
	}
	if (whole.err.cls != EG_EOF)
		fuzz_failure((int)whole.err.cls, &whole.err, in, true);
	check_writing(in, opts);
	csv_seen_done(&whole);
	return 0;
}
