/* SPDX-License-Identifier: MIT
 *
 * Workbooks. The input is a workbook, or, where it does not begin as a zip does, its parts as text (fuzz.h): those named in it stand in a workbook that
 * has all others, so that what is changed is read and not only its checksum. For any of them: the same cells however the source parts them,
 * rows and columns in order, every failure with code and place.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/unit/book_kit.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "formats/text.h"
#include "formats/xml_read.h"

#include <stdlib.h>

struct stepped { /* a source that gives at most step bytes at once */
	struct fmt_src inner;
	size_t step;
};

static int
stepped_read(void *ctx, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	const struct stepped *s = ctx;

	return s->inner.read(s->inner.ctx, buf, s->step > 0 && s->step < cap ? s->step : cap, ret_n, err);
}

static void
see_row(const struct fmt_row *row, uint64_t *line, struct eg_buf *out)
{
	fuzz_need(row->line > *line && row->line <= 1048576, "rows come in order");
	fuzz_need(row->ncells <= EG_LIMIT_CELLS, "the limit of cells holds");
	*line = row->line;
	eg_buf_printf(out, "%ju(%ju %ju)", (uintmax_t)row->line, (uintmax_t)row->off, (uintmax_t)row->len);
	for (size_t i = 0; i < row->ncells; i++) {
		const struct fmt_cell *c = &row->cells[i];
		fuzz_need(c->col == i + 1, "cells come in order");
		fuzz_need((c->state == FMT_VALUE) == (c->val.len > 0), "a value has a text");
		fuzz_need(eg_utf8_valid(c->val) == c->val.len, "a value is UTF-8");
		eg_buf_printf(out, "|%d%d%d %ju+%ju ", (int)c->state, (int)c->kind, c->quoted, (uintmax_t)c->off,
		    (uintmax_t)c->len);
		eg_buf_add(out, c->val);
	}
	eg_buf_str(out, row->blank ? "~\n" : "\n");
}

static int
read_sheet(struct fmt_book *b, size_t sheet, size_t step, struct eg_buf *out, struct eg_err *err)
{
	struct stepped s = { .step = step };
	struct fmt_row row;
	uint64_t line = 0;
	int rc = fmt_book_part(b, sheet, &s.inner, err);

	if (rc == EG_OK)
		rc = fmt_book_begin(b, (struct fmt_src){ stepped_read, &s }, err);
	while (rc == EG_OK) {
		rc = fmt_book_next(b, &row, err);
		if (rc == EG_OK)
			see_row(&row, &line, out);
	}
	fuzz_need(rc == EG_EOF || rc < 0, "reading comes to an end");
	return rc;
}

static int
read_book(struct eg_bytes zip, size_t step, struct eg_buf *out, struct eg_err *err)
{
	struct kit_bytes in = { zip, step };
	struct fmt_book *b = NULL;
	int rc = fmt_book_open((struct fmt_random){ kit_pread, &in, zip.len }, &b, err);

	for (size_t i = 0; rc == EG_OK && i < fmt_book_count(b); i++) {
		eg_buf_add(out, fmt_book_at(b, i).name);
		rc = read_sheet(b, i, step, out, err);
		rc = rc == EG_EOF ? EG_OK : rc;
	}
	fuzz_need(rc != EG_OK || fmt_book_count(b) > 0, "a workbook has a sheet");
	fmt_book_free(b);
	return rc;
}

/* The parts of the input in place of those of the kit's own workbook. */
static void
make_book(struct eg_bytes in, struct eg_buf *zip)
{
	struct fuzz_part part;
	struct kit_book book;
	char *texts[2 * KIT_PARTS];
	size_t n = 0;

	kit_book(&book, KIT_HEAD KIT_TAIL);
	while (n < 2 * KIT_PARTS && fuzz_part(&in, &part)) {
		const bool named = part.name.len > 0 && memchr(part.name.ptr, '\0', part.name.len) == NULL;
		const size_t text = eg_bytes_chr(part.content, '\0');
		char *name = named ? eg_xdup(part.name) : eg_xstrdup(KIT_SHEET);
		texts[n++] = name;
		texts[n++] = eg_xdup(eg_bytes_sub(part.content, 0, text));
		if (book.n < KIT_PARTS)
			kit_put(&book, name, texts[n - 1]);
	}
	kit_zip(&book, zip);
	while (n > 0)
		free(texts[--n]);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct eg_err err;

	(void)argc;
	(void)argv;
	fmt_xml_init();
	fmt_zip_init();
	fuzz_need(fmt_text_preload(&err) == EG_OK, "converters open");
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const size_t steps[] = { 0, 1, 7, 4096 };
	const struct eg_bytes in = eg_bytes(data, size);
	struct eg_buf zip = EG_BUF_INIT, first = EG_BUF_INIT, again = EG_BUF_INIT;
	struct eg_err err = { 0 }, other = { 0 };
	int want = EG_OK;

	if (fmt_container_of(in) == FMT_ZIP)
		eg_buf_add(&zip, in);
	else
		make_book(in, &zip);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct eg_buf *out = i == 0 ? &first : &again;
		eg_buf_clear(out);
		const int rc = read_book(eg_buf_view(&zip), steps[i], out, i == 0 ? &err : &other);
		want = i == 0 ? rc : want;
		fuzz_need(rc == want, "the same end for any parting of the source");
		fuzz_need(
		    eg_bytes_eq(eg_buf_view(&first), eg_buf_view(out)), "the same cells for any parting of the source");
		fuzz_need(i == 0 || rc == EG_OK || strcmp(err.code, other.code) == 0,
		    "the same code for any parting of the source");
	}
	if (want < 0)
		fuzz_failure(want, &err, EG_NONE, false);
	eg_buf_done(&zip);
	eg_buf_done(&first);
	eg_buf_done(&again);
	return 0;
}
