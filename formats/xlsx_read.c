/* SPDX-License-Identifier: MIT
 *
 * The workbook as a whole: what is read once (sheets, formats, texts), and one sheet after the other. Fails as xlsx_read.h says.
 */
#include "formats/xlsx_read.h"

#include "base/limits.h"
#include "formats/xlsx_int.h"

#define NAMES_MAX ((size_t)8 << 20) /* names of sheets, parts and relationships */

int
fmt_book_open(struct fmt_random in, struct fmt_book **ret, struct eg_err *err)
{
	struct fmt_book *b = eg_xalloc(sizeof *b);
	struct eg_bytes strings = EG_NONE;
	int rc;

	eg_arena_init(&b->arena, NAMES_MAX);
	rc = fmt_zip_open(in, &b->zip, err);
	if (rc == EG_OK)
		rc = fmt_xlsx_parts(b, &strings, err);
	if (rc == EG_OK && strings.ptr != NULL)
		rc = fmt_xlsx_strings(b, strings, err);
	if (rc != EG_OK) {
		fmt_book_free(b);
		return rc;
	}
	*ret = b;
	return EG_OK;
}

size_t
fmt_book_count(const struct fmt_book *b)
{
	return b->nsheets;
}

struct fmt_book_sheet
fmt_book_at(const struct fmt_book *b, size_t i)
{
	eg_check(i < b->nsheets);
	return b->sheets[i];
}

int
fmt_book_part(struct fmt_book *b, size_t i, struct fmt_src *ret, struct eg_err *err)
{
	const struct eg_bytes part = fmt_book_at(b, i).part;
	int rc;

	fmt_sheet_free(b->sheet);
	b->sheet = NULL;
	rc = fmt_zip_find(b->zip, part, ret, err);
	eg_check(rc != EG_EOF); /* looked up when the list of sheets was made */
	return rc;
}

int
fmt_book_begin(struct fmt_book *b, struct fmt_src src, struct eg_err *err)
{
	fmt_sheet_free(b->sheet);
	b->sheet = NULL;
	b->width = 0;
	fmt_book_flags(b, EG_LIT("TRUE"), EG_LIT("FALSE"));
	return fmt_sheet_open(b, src, &b->sheet, err);
}

int
fmt_book_next(struct fmt_book *b, struct fmt_row *ret, struct eg_err *err)
{
	eg_check(b->sheet != NULL);
	return fmt_sheet_next(b->sheet, ret, err);
}

void
fmt_book_widen(struct fmt_book *b, size_t n)
{
	b->width = n < EG_LIMIT_CELLS ? n : EG_LIMIT_CELLS;
}

void
fmt_book_flags(struct fmt_book *b, struct eg_bytes yes, struct eg_bytes no)
{
	b->yes = yes;
	b->no = no;
}

void
fmt_book_free(struct fmt_book *b)
{
	if (b == NULL)
		return;
	fmt_sheet_free(b->sheet);
	fmt_zip_free(b->zip);
	eg_arena_done(&b->arena);
	eg_buf_done(&b->strings.text);
	free(b->strings.ends);
	free(b->styles.show);
	free(b->sheets);
	free(b);
}
