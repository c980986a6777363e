/* SPDX-License-Identifier: MIT
 *
 * For tests: workbooks made of texts. A zip of stored members, and the parts that every workbook needs around the one under test.
 */
#ifndef TESTS_UNIT_BOOK_KIT_H
#define TESTS_UNIT_BOOK_KIT_H

#include "base/buf.h"
#include "formats/xlsx_read.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <zlib.h>

struct kit_part {
	const char *name, *text;
};

#define KIT_PARTS 12
struct kit_book {
	struct kit_part parts[KIT_PARTS];
	size_t n;
};

#define KIT_REL "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

static inline void
kit_le(struct eg_buf *b, uint64_t v, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		eg_buf_chr(b, (unsigned char)(v >> (8 * i)));
}

/* What local header and directory entry have in common, from the version on. */
static inline void
kit_head(struct eg_buf *b, const struct kit_part *p, size_t len)
{
	kit_le(b, 20, 2);
	kit_le(b, 0, 2);
	kit_le(b, 0, 2);
	kit_le(b, 0x21 << 16, 4);
	kit_le(b, crc32(0, (const unsigned char *)p->text, (unsigned)len), 4);
	kit_le(b, len, 4);
	kit_le(b, len, 4);
	kit_le(b, strlen(p->name), 2);
	kit_le(b, 0, 2);
}

static inline void
kit_zip(const struct kit_book *book, struct eg_buf *ret)
{
	struct eg_buf dir = EG_BUF_INIT;

	for (size_t i = 0; i < book->n; i++) {
		const struct kit_part *p = &book->parts[i];
		const size_t at = ret->len, len = strlen(p->text);

		eg_buf_put(ret, "PK\3\4", 4);
		kit_head(ret, p, len);
		eg_buf_str(ret, p->name);
		eg_buf_put(ret, p->text, len);
		eg_buf_put(&dir, "PK\1\2\24\3", 6);
		kit_head(&dir, p, len);
		kit_le(&dir, 0, 6);
		kit_le(&dir, (uint64_t)0100644 << 16, 4);
		kit_le(&dir, at, 4);
		eg_buf_str(&dir, p->name);
	}
	const size_t at = ret->len;

	eg_buf_add(ret, eg_buf_view(&dir));
	eg_buf_put(ret, "PK\5\6", 4);
	kit_le(ret, 0, 4);
	kit_le(ret, book->n, 2);
	kit_le(ret, book->n, 2);
	kit_le(ret, dir.len, 4);
	kit_le(ret, at, 4);
	kit_le(ret, 0, 2);
	eg_buf_done(&dir);
}

/* Puts a part in, or in place of the one of that name; text NULL takes it out. */
static inline void
kit_put(struct kit_book *b, const char *name, const char *text)
{
	size_t i = 0;

	while (i < b->n && strcmp(b->parts[i].name, name) != 0)
		i++;
	if (text == NULL) {
		assert_true(i < b->n);
		memmove(&b->parts[i], &b->parts[i + 1], (b->n - i - 1) * sizeof b->parts[0]);
		b->n--;
		return;
	}
	assert_true(i < KIT_PARTS);
	b->parts[i] = (struct kit_part){ name, text };
	b->n += i == b->n;
}

#define KIT_SHEET "xl/worksheets/sheet1.xml"
#define KIT_HEAD "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>"
#define KIT_TAIL "</sheetData></worksheet>"

/* A workbook with one sheet, its formats and texts: formats 0 plain, 1 date (14), 2 percent, 3 dd/mm/yyyy hh:mm, 4 00000, 5 "days" 0. */
static inline void
kit_book(struct kit_book *b, const char *sheet)
{
	b->n = 0;
	kit_put(b, "[Content_Types].xml", "<Types/>");
	kit_put(b, "_rels/.rels",
	    "<Relationships><Relationship Id=\"r1\" Type=\"" KIT_REL
	    "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>");
	kit_put(b, "xl/workbook.xml",
	    "<workbook xmlns:r=\"" KIT_REL
	    "\"><sheets><sheet name=\"Data\" sheetId=\"1\" r:id=\"s1\"/></sheets></workbook>");
	kit_put(b, "xl/_rels/workbook.xml.rels",
	    "<Relationships><Relationship Id=\"s1\" Type=\"" KIT_REL
	    "/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"s2\" Type=\"" KIT_REL
	    "/styles\" Target=\"/xl/styles.xml\"/><Relationship Id=\"s3\" Type=\"" KIT_REL
	    "/sharedStrings\" Target=\"sharedStrings.xml\"/></Relationships>");
	kit_put(b, "xl/styles.xml",
	    "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"dd/mm/yyyy\\ hh:mm\"/>"
	    "<numFmt numFmtId=\"165\" formatCode=\"00000\"/><numFmt numFmtId=\"166\" formatCode=\"&quot;days&quot;\\ 0\"/></numFmts>"
	    "<cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs>"
	    "<cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"9\"/><xf numFmtId=\"164\"/><xf numFmtId=\"165\"/>"
	    "<xf numFmtId=\"166\"/></cellXfs></styleSheet>");
	kit_put(b, "xl/sharedStrings.xml",
	    "<sst><si><t>Number</t></si><si><r><rPr><b/></rPr><t xml:space=\"preserve\"> rich </t></r><r><t>text</t></r>"
	    "<rPh sb=\"0\" eb=\"1\"><t>PHONETIC</t></rPh></si><si><t>a_x000D_b_x005F_x000D_</t></si><si><t/></si></sst>");
	kit_put(b, KIT_SHEET, sheet);
}

struct kit_bytes {
	struct eg_bytes v;
	size_t step; /* most bytes given at once; 0 = all */
};

static inline int
kit_pread(void *ctx, uint64_t off, unsigned char *buf, size_t cap, size_t *ret_n, struct eg_err *err)
{
	const struct kit_bytes *b = ctx;
	const struct eg_bytes part = eg_bytes_sub(b->v, off, b->step > 0 && b->step < cap ? b->step : cap);

	(void)err;
	if (part.len > 0)
		memcpy(buf, part.ptr, part.len);
	*ret_n = part.len;
	return EG_OK;
}

#endif
