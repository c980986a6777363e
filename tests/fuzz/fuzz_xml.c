/* SPDX-License-Identifier: MIT
 *
 * XML in and out. For any bytes: the same records, places and failure however the source parts them, under three ways of asking for values; any
 * text the writer takes reads back as it was.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/unit/xml_rows.h"

#include "base/limits.h"
#include "formats/text.h"
#include "formats/xml_write.h"

static const char *const head_paths[] = { "n", "p/n", "u", "x/y/z" };
static const char *const line_paths[] = { "a", "", "b/c" };
static const char *const root_paths[] = { "e/n", "n", "e/ls/l/a" };

static const struct fmt_xml_spec specs[] = {
	{ "e", "ls/l", N(head_paths), N(line_paths), head_paths, line_paths },
	{ NULL, NULL, N(head_paths), 0, head_paths, NULL },
	{ ".", "e", N(root_paths), N(line_paths), root_paths, line_paths },
};

/* In UTF-16 a line feed has two bytes; lines are then only known not to be none. */
static void
check_failure(int rc, const struct eg_err *err, struct eg_bytes in)
{
	fuzz_failure(rc, err, in, true);
}

static void
check_reading(struct eg_bytes in, const struct fmt_xml_spec *spec)
{
	static const size_t parts[] = { 1, 7, 4096 };
	struct eg_buf whole = EG_BUF_INIT, again = EG_BUF_INIT;
	struct eg_err err = { 0 }, other = { 0 };
	const int rc = read_all(in, 0, spec, true, &whole, &err);

	fuzz_need(rc == EG_EOF || rc < 0, "reading comes to an end");
	if (rc < 0)
		check_failure(rc, &err, in);
	for (size_t i = 0; i < N(parts); i++) {
		eg_buf_clear(&again);
		fuzz_need(read_all(in, parts[i], spec, true, &again, &other) == rc,
		    "the same end for any parting of the source");
		fuzz_need(eg_bytes_eq(eg_buf_view(&whole), eg_buf_view(&again)),
		    "the same records for any parting of the source");
		fuzz_need(
		    rc == EG_EOF || fuzz_same_failure(&err, &other), "the same failure for any parting of the source");
	}
	eg_buf_done(&whole);
	eg_buf_done(&again);
}

/* The first value of the only record of a document. */
static void
check_value(struct eg_bytes doc, struct eg_bytes want)
{
	struct fmt_src_mem m;
	struct fmt_xml *x = NULL;
	enum fmt_xml_kind kind;
	struct fmt_row row;
	struct eg_err err;

	fuzz_need(fmt_xml_open(fmt_src_mem(&m, doc, 0), &x, &err) == EG_OK, "what is written can be read");
	fmt_xml_bind(x, &specs[0]);
	fuzz_need(fmt_xml_next(x, &kind, &row, &err) == EG_OK, "a record that was written is there");
	fuzz_need(eg_bytes_eq(row.cells[0].val, want), "text that is written reads the same");
	fuzz_need(fmt_xml_next(x, &kind, &row, &err) == EG_EOF, "what is written is well formed");
	fmt_xml_free(x);
}

static void
check_writing(struct eg_bytes in)
{
	struct eg_buf doc = EG_BUF_INIT;
	struct eg_err err = { 0 };
	int rc;

	eg_buf_str(&doc, "<r><e a=\"");
	rc = fmt_xml_attr(&doc, in, &err);
	if (rc < 0) {
		fuzz_need(strcmp(err.code, "XML-CHAR") == 0 && err.pos.off < in.len, "a refused character is named");
	} else {
		eg_buf_str(&doc, "\"><n>");
		fuzz_need(fmt_xml_text(&doc, in, &err) == EG_OK, "text can hold what an attribute can");
		eg_buf_str(&doc, "</n></e></r>");
		check_value(eg_buf_view(&doc), eg_bytes_trim_ws(in));
	}
	eg_buf_done(&doc);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct eg_err err;

	(void)argc;
	(void)argv;
	fmt_xml_init();
	fuzz_need(fmt_text_preload(&err) == EG_OK, "converters open");
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct eg_bytes in = eg_bytes(data, size);

	for (size_t i = 0; i < N(specs); i++)
		check_reading(in, &specs[i]);
	if (size <= EG_LIMIT_TAG_BYTES / 8)
		check_writing(in);
	return 0;
}
