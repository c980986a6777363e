/* SPDX-License-Identifier: MIT
 *
 * For tests of the XML reader: a whole document read into one line of text, and the same at every step of the source.
 */
#ifndef TESTS_UNIT_XML_ROWS_H
#define TESTS_UNIT_XML_ROWS_H

#include "base/buf.h"
#include "formats/src.h"
#include "formats/xml_read.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define N(a) (sizeof(a) / sizeof(a)[0])

static const size_t steps[] = { 0, 1, 7, 4096 };
#define N(a) (sizeof(a) / sizeof(a)[0])

static inline void
put_cell(struct eg_buf *out, const struct fmt_cell *c, struct eg_bytes doc)
{
	const struct eg_bytes raw = eg_bytes_sub(doc, c->off, c->len);

	assert_true(c->off + c->len <= doc.len);
	if (c->state == FMT_ABSENT)
		eg_buf_str(out, "-");
	else if (c->state == FMT_EMPTY)
		eg_buf_str(out, "empty");
	else
		eg_buf_add(out, c->val);
	if (c->state != FMT_VALUE)
		assert_int_equal(c->len, 0);
	else if (!eg_bytes_eq(raw, c->val))
		eg_buf_printf(out, "<%.*s>", EG_FMT(raw));
	if (c->more > 0)
		eg_buf_printf(out, "*%u", c->more);
}

static inline int
read_all(struct eg_bytes doc, size_t step, const struct fmt_xml_spec *sp, bool with_places, struct eg_buf *out,
    struct eg_err *err)
{
	struct fmt_src_mem m;
	struct fmt_xml *x = NULL;
	enum fmt_xml_kind kind;
	struct fmt_row row;
	int rc = fmt_xml_open(fmt_src_mem(&m, doc, step), &x, err);

	if (rc != EG_OK)
		return rc;
	fmt_xml_bind(x, sp);
	while ((rc = fmt_xml_next(x, &kind, &row, err)) == EG_OK) {
		eg_buf_str(out, kind == FMT_XML_RECORD ? "R" : "L");
		if (with_places)
			eg_buf_printf(out, "%llu,%llu,%llu", (unsigned long long)row.line, (unsigned long long)row.off,
			    (unsigned long long)row.len);
		assert_int_equal(row.ncells, kind == FMT_XML_RECORD ? sp->npaths : sp->nline_paths);
		for (size_t i = 0; i < row.ncells; i++) {
			eg_buf_chr(out, i == 0 ? '[' : '|');
			put_cell(out, &row.cells[i], doc);
			if (with_places)
				eg_buf_printf(out, "@%llu:%u:%llu", (unsigned long long)row.cells[i].line,
				    row.cells[i].col, (unsigned long long)row.cells[i].off);
		}
		eg_buf_chr(out, ']');
	}
	fmt_xml_free(x);
	return rc;
}

/* The same verdict and the same rows and places at every step; the text of the rows goes to `out`. */
static inline int
read_steps(const char *name, struct eg_bytes doc, const struct fmt_xml_spec *sp, struct eg_buf *out, struct eg_err *err)
{
	struct eg_buf first = EG_BUF_INIT, again = EG_BUF_INIT;
	const int rc = read_all(doc, 0, sp, true, &first, err);

	for (size_t i = 1; i < N(steps); i++) {
		struct eg_err other;

		eg_buf_clear(&again);
		if (read_all(doc, steps[i], sp, true, &again, &other) != rc)
			fail_msg("%s: step %zu gives another result", name, steps[i]);
		if (!eg_bytes_eq(eg_buf_view(&first), eg_buf_view(&again)))
			fail_msg("%s: step %zu gives other rows", name, steps[i]);
		if (rc < 0 && (strcmp(other.code, err->code) != 0 || strcmp(other.msg, err->msg) != 0 ||
				  other.pos.off != err->pos.off || other.pos.line != err->pos.line ||
				  other.pos.col != err->pos.col))
			fail_msg("%s: step %zu gives another error", name, steps[i]);
	}
	eg_buf_clear(&first);
	if (read_all(doc, 0, sp, false, &first, err) == EG_EOF)
		assert_int_equal(rc, EG_EOF);
	eg_buf_add(out, eg_buf_view(&first));
	eg_buf_done(&first);
	eg_buf_done(&again);
	return rc;
}

#endif
