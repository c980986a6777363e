/* SPDX-License-Identifier: MIT
 *
 * Workbooks through libxlsxwriter, in its mode of constant memory: rows go to temporary files of the library (already unlinked, in TMPDIR or
 * /tmp), the file itself to memory. Values reach the library only as text, number, date or blank, never through a call that could
 * make a formula or a link of them. A full disk is found at the end (xlsx_write_check.c), before anybody sees the file.
 */
#include "formats/xlsx_write.h"

#include "base/date.h"
#include "base/dec.h"
#include "base/utf8.h"
#include "formats/xlsx_write_int.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xlsxwriter.h>

#define ROWS_MAX 1048576U /* of a sheet, with its header */
#define CELL_UNITS_MAX 32767U /* characters of a cell, as Excel counts them: UTF-16 */
#define DIGITS_LIMIT INT64_C(1000000000000000) /* first whole number of 16 digits */
#define WIDTH_DEFAULT 12U
#define ESCAPED_UNDERSCORE "x005F_" /* behind the underscore itself */

enum look {
	LOOK_TEXT = 0,
	LOOK_AMOUNT,
	LOOK_DATE,
	LOOK_HEAD,
	LOOK_NUMBER, /* and as many more as there are places */
	LOOK_COUNT = LOOK_NUMBER + EG_DEC_SCALE_MAX + 1,
};

/* Number formats that every spreadsheet knows by number, and the text of the others. */
static const struct {
	uint8_t known;
	const char *shown;
} number_formats[LOOK_COUNT] = {
	[LOOK_TEXT] = { 49, "@" },
	[LOOK_AMOUNT] = { 4, "#,##0.00" },
	[LOOK_DATE] = { 0, "yyyy-mm-dd" },
	[LOOK_HEAD] = { 49, "@" },
	[LOOK_NUMBER] = { 1, "0" },
	{ 0, "0.0" },
	{ 2, "0.00" },
	{ 0, "0.000" },
	{ 0, "0.0000" },
	{ 0, "0.00000" },
	{ 0, "0.000000" },
	{ 0, "0.0000000" },
	{ 0, "0.00000000" },
	{ 0, "0.000000000" },
};

struct fmt_xlsx {
	lxw_workbook *book; /* NULL after the end */
	lxw_worksheet *sheet; /* rows go here; NULL before the first */
	const struct fmt_xlsx_col *cols;
	size_t n;
	bool protect;
	uint32_t rows; /* of the current sheet, its header included */
	lxw_format *formats[2][LOOK_COUNT]; /* [may be edited]; the workbook owns them */
	uint64_t *rows_len; /* per finished sheet */
	size_t sheets;
	struct eg_buf scratch;
	char path[32]; /* of fd, as the library wants a name */
	int fd, sys;
};

struct fmt_xlsx *
fmt_xlsx_new(int64_t made)
{
	struct fmt_xlsx *x = eg_xalloc(sizeof *x);
	lxw_workbook_options options = { .constant_memory = LXW_TRUE };
	lxw_doc_properties properties = { .created = (time_t)made };

	x->fd = memfd_create("erpgate.xlsx", MFD_CLOEXEC);
	x->sys = x->fd < 0 ? errno : 0;
	(void)snprintf(x->path, sizeof x->path, "/proc/self/fd/%d", x->fd);
	x->book = workbook_new_opt(x->path, &options);
	if (x->book == NULL || workbook_set_properties(x->book, &properties) != LXW_NO_ERROR)
		eg_bug("out of memory");
	return x;
}

static int
fail_write(struct eg_err *err, const char *what)
{
	return eg_fail(err, EG_FATAL, "XLSX-WRITE",
	    "A workbook could not be written: %s. Nothing was published. Look at the free memory and at the folder for temporary "
	    "files (TMPDIR, else /tmp), then repeat.",
	    what);
}

static int
from_library(lxw_error error, struct eg_err *err)
{
	return error == LXW_NO_ERROR ? EG_OK : fail_write(err, lxw_strerror(error));
}

static lxw_format *
format_of(struct fmt_xlsx *x, unsigned look, bool open)
{
	lxw_format **f = &x->formats[open][look];

	if (*f == NULL) {
		*f = workbook_add_format(x->book);
		if (*f == NULL)
			eg_bug("out of memory");
		if (number_formats[look].known > 0)
			format_set_num_format_index(*f, number_formats[look].known);
		else
			format_set_num_format(*f, number_formats[look].shown);
		if (open)
			format_set_unlocked(*f);
		if (look == LOOK_HEAD) {
			format_set_bold(*f);
			format_set_bg_color(*f, 0xE7E6E6);
			format_set_border(*f, LXW_BORDER_THIN);
			format_set_border_color(*f, 0xBFBFBF);
		}
	}
	return *f;
}

static bool
is_hex(unsigned char b)
{
	const unsigned char lower = b | 0x20;

	return (b >= '0' && b <= '9') || (lower >= 'a' && lower <= 'f');
}

/* "_x0041_" in a workbook means the letter A: readers decode it. */
static bool
looks_escaped(struct eg_bytes v, size_t at)
{
	if (v.len - at < 7 || v.ptr[at] != '_' || v.ptr[at + 1] != 'x' || v.ptr[at + 6] != '_')
		return false;
	for (size_t i = at + 2; i < at + 6; i++) {
		if (!is_hex(v.ptr[i]))
			return false;
	}
	return true;
}

static const char *
escaped(struct fmt_xlsx *x, struct eg_bytes v)
{
	eg_buf_clear(&x->scratch);
	for (size_t i = 0; i < v.len; i++) {
		eg_buf_chr(&x->scratch, v.ptr[i]);
		if (looks_escaped(v, i))
			eg_buf_str(&x->scratch, ESCAPED_UNDERSCORE);
	}
	return eg_buf_cstr(&x->scratch);
}

const char *
fmt_xlsx_text_fault(struct eg_bytes v)
{
	size_t pos = 0, units = 0;

	if (eg_utf8_valid(v) < v.len)
		return "holds bytes that are not UTF-8";
	while (pos < v.len) {
		const size_t at = pos;
		const uint32_t cp = eg_utf8_next(v, &pos);

		if ((cp < 0x20 && cp != '\t' && cp != '\n' && cp != '\r') || cp == 0xFFFE || cp == 0xFFFF)
			return "holds a control character that no workbook can hold";
		units += cp > 0xFFFF ? 2 : 1;
		units += looks_escaped(v, at) ? sizeof ESCAPED_UNDERSCORE - 1 : 0;
	}
	return units > CELL_UNITS_MAX ? "has more than 32,767 characters, the most that a cell can hold" : "";
}

/* Likewise for a value of any kind. */
static const char *
cell_fault(enum fmt_xlsx_kind kind, struct eg_bytes v)
{
	struct eg_dec dec;
	struct eg_date date;

	if (v.len == 0)
		return "";
	if (kind == FMT_XLSX_DATE && !eg_date_parse(v, EG_LIT("YYYY-MM-DD"), &date))
		return "is not a date YYYY-MM-DD";
	if ((kind == FMT_XLSX_AMOUNT || kind == FMT_XLSX_NUMBER) &&
	    eg_dec_parse(v, EG_DEC_PLAIN, EG_DEC_SCALE_MAX, 29, &dec) == EG_DEC_SYNTAX)
		return "is not a number";
	return fmt_xlsx_text_fault(v);
}

static int
put_text(struct fmt_xlsx *x, lxw_col_t col, struct eg_bytes v, bool open, struct eg_err *err)
{
	return from_library(
	    worksheet_write_string(x->sheet, x->rows, col, escaped(x, v), format_of(x, LOOK_TEXT, open)), err);
}

/* Both sides are whole numbers that a double holds exactly, so the division gives the nearest double there is, and every reader finds
 * the up to 15 digits in it again. */
static double
nearest(struct eg_dec d)
{
	int64_t unit = 1;

	for (unsigned i = 0; i < d.scale; i++)
		unit *= 10;
	return (double)(int64_t)d.coef / (double)unit;
}

/* Places after the point as written: a number is shown as it came. */
static unsigned
places_of(struct eg_bytes v)
{
	const size_t point = eg_bytes_chr(v, '.');

	return point < v.len ? (unsigned)(v.len - point - 1) : 0;
}

static int
put_number(struct fmt_xlsx *x, lxw_col_t col, struct eg_bytes v, bool open, struct eg_err *err)
{
	const unsigned places = places_of(v);
	struct eg_dec d;
	const enum eg_dec_status status = eg_dec_parse(v, EG_DEC_PLAIN, EG_DEC_SCALE_MAX, 29, &d);
	unsigned look = LOOK_AMOUNT;

	while (status == EG_DEC_OK && d.scale > 0 && d.coef % 10 == 0) {
		d.coef /= 10;
		d.scale--;
	}
	if (status != EG_DEC_OK || d.coef >= DIGITS_LIMIT || d.coef <= -DIGITS_LIMIT)
		return put_text(x, col, v, open, err);
	if (x->cols[col].kind == FMT_XLSX_NUMBER)
		look = LOOK_NUMBER + (places < EG_DEC_SCALE_MAX ? places : EG_DEC_SCALE_MAX);
	return from_library(worksheet_write_number(x->sheet, x->rows, col, nearest(d), format_of(x, look, open)), err);
}

static int
put_date(struct fmt_xlsx *x, lxw_col_t col, struct eg_bytes v, bool open, struct eg_err *err)
{
	struct eg_date d;
	lxw_datetime when = { 0 };

	if (!eg_date_parse(v, EG_LIT("YYYY-MM-DD"), &d) || d.year < 1900) /* workbooks know no day before */
		return put_text(x, col, v, open, err);
	when.year = d.year;
	when.month = d.month;
	when.day = d.day;
	return from_library(
	    worksheet_write_datetime(x->sheet, x->rows, col, &when, format_of(x, LOOK_DATE, open)), err);
}

/* The cell has a format also when it is empty: what a person types there is taken as text, and can be typed at all. */
static int
put_empty(struct fmt_xlsx *x, lxw_col_t col, bool open, struct eg_err *err)
{
	static const unsigned looks[] = { [FMT_XLSX_TEXT] = LOOK_TEXT,
		[FMT_XLSX_AMOUNT] = LOOK_AMOUNT,
		[FMT_XLSX_NUMBER] = LOOK_TEXT,
		[FMT_XLSX_DATE] = LOOK_DATE };

	if (!open)
		return EG_OK;
	return from_library(
	    worksheet_write_blank(x->sheet, x->rows, col, format_of(x, looks[x->cols[col].kind], true)), err);
}

static int
put_cell(struct fmt_xlsx *x, lxw_col_t col, struct eg_bytes v, struct eg_err *err)
{
	const bool open = x->protect && x->cols[col].open;

	if (v.len == 0)
		return put_empty(x, col, open, err);
	switch (x->cols[col].kind) {
	case FMT_XLSX_AMOUNT:
	case FMT_XLSX_NUMBER:
		return put_number(x, col, v, open, err);
	case FMT_XLSX_DATE:
		return put_date(x, col, v, open, err);
	case FMT_XLSX_TEXT:
	default:
		return put_text(x, col, v, open, err);
	}
}

/* All cells are looked at before the first is written: a refused row leaves nothing behind. */
static int
check_row(const struct fmt_xlsx *x, const struct eg_bytes *cells, struct eg_err *err)
{
	for (size_t i = 0; i < x->n; i++) {
		const char *fault = cell_fault(x->cols[i].kind, cells[i]);
		int rc;

		if (*fault == '\0')
			continue;
		rc = eg_fail(err, EG_BADREC, "XLSX-CELL",
		    "\"%.*s\" in column \"%s\" %s. Shorten or mend it at its source.",
		    EG_FMT(eg_bytes_sub(cells[i], 0, 80)), x->cols[i].title, fault);
		err->pos.line = x->rows + 1;
		err->pos.col = (uint32_t)i + 1;
		(void)snprintf(err->field, sizeof err->field, "%s", x->cols[i].title);
		return rc;
	}
	return EG_OK;
}

int
fmt_xlsx_row(struct fmt_xlsx *x, const struct eg_bytes *cells, struct eg_err *err)
{
	int rc;

	eg_check(x->sheet != NULL);
	if (x->rows >= ROWS_MAX)
		return eg_fail(err, EG_BADREC, "XLSX-ROWS",
		    "A sheet of a workbook holds 1,048,575 rows at most, and there are more. Divide them, or write CSV.");
	rc = check_row(x, cells, err);
	for (size_t i = 0; i < x->n && rc == EG_OK; i++)
		rc = put_cell(x, (lxw_col_t)i, cells[i], err);
	if (rc == EG_OK)
		x->rows++;
	return rc;
}

static int
add_choices(struct fmt_xlsx *x, lxw_col_t col, struct eg_err *err)
{
	char title[] = "Not one of the list", message[] = "Choose a value of the list, or leave the cell empty.";
	char *list[64] = { NULL };
	size_t n = 0;
	lxw_data_validation rule = {
		.validate = LXW_VALIDATION_TYPE_LIST, .value_list = list, .error_title = title, .error_message = message
	};
	lxw_error error;

	for (; x->cols[col].choices[n] != NULL; n++) {
		eg_check(n + 1 < sizeof list / sizeof list[0]);
		list[n] = eg_xstrdup(x->cols[col].choices[n]);
	}
	error = worksheet_data_validation_range(x->sheet, 1, col, x->rows - 1, col, &rule);
	while (n > 0)
		free(list[--n]);
	if (error == LXW_NO_ERROR)
		return EG_OK;
	return eg_fail(err, EG_BADREC, "XLSX-SHEET",
	    "The choices of column \"%s\" have more than 255 characters in all.", x->cols[col].title);
}

/* What needs to know the last row; and how many bytes of rows there are, to be found again in the file. */
static int
finish_sheet(struct fmt_xlsx *x, struct eg_err *err)
{
	int rc = EG_OK;

	if (x->sheet == NULL)
		return EG_OK;
	for (size_t i = 0; i < x->n && rc == EG_OK; i++) {
		if (x->cols[i].choices != NULL && x->rows > 1)
			rc = add_choices(x, (lxw_col_t)i, err);
	}
	if (rc == EG_OK && x->n > 1)
		rc = from_library(worksheet_autofilter(x->sheet, 0, 0, x->rows - 1, (lxw_col_t)(x->n - 1)), err);
	if (rc != EG_OK)
		return rc;
	lxw_worksheet_write_single_row(x->sheet);
	const long end = fflush(x->sheet->optimize_tmpfile) == 0 ? ftell(x->sheet->optimize_tmpfile) : -1;
	if (end < 0 || ferror(x->sheet->optimize_tmpfile) != 0)
		return eg_fail_sys(err, EG_RETRY, "DISK-FULL", errno,
		    "The rows of a workbook do not fit into the folder for temporary files (TMPDIR, else /tmp). Make room there and repeat");
	x->rows_len = eg_xrealloc(x->rows_len, (x->sheets + 1) * sizeof *x->rows_len);
	x->rows_len[x->sheets++] = (uint64_t)end;
	x->sheet = NULL;
	return EG_OK;
}

static lxw_error
set_columns(struct fmt_xlsx *x)
{
	for (size_t i = 0; i < x->n; i++) {
		const unsigned width = x->cols[i].width > 0 ? x->cols[i].width : WIDTH_DEFAULT;
		lxw_row_col_options options = { .hidden = x->cols[i].hidden };
		const lxw_error error =
		    worksheet_set_column_opt(x->sheet, (lxw_col_t)i, (lxw_col_t)i, width, NULL, &options);

		if (error != LXW_NO_ERROR)
			return error;
	}
	return LXW_NO_ERROR;
}

/* Locked cells can be looked at, filtered and made wider; only open ones can be written. */
static lxw_error
set_sheet(struct fmt_xlsx *x)
{
	lxw_protection may = { .format_columns = LXW_TRUE, .format_rows = LXW_TRUE, .autofilter = LXW_TRUE };

	if (x->protect)
		worksheet_protect(x->sheet, NULL, &may);
	worksheet_freeze_panes(x->sheet, 1, 0);
	worksheet_set_landscape(x->sheet);
	worksheet_fit_to_pages(x->sheet, 1, 0);
	/* Excel marks digits kept as text as a mistake: here it is the point. */
	(void)worksheet_ignore_errors(x->sheet, LXW_IGNORE_NUMBER_STORED_AS_TEXT, "A1:XFD1048576");
	return worksheet_repeat_rows(x->sheet, 0, 0);
}

static lxw_error
write_titles(struct fmt_xlsx *x)
{
	for (size_t i = 0; i < x->n; i++) {
		const lxw_error error = worksheet_write_string(x->sheet, 0, (lxw_col_t)i,
		    escaped(x, eg_bytes_str(x->cols[i].title)), format_of(x, LOOK_HEAD, false));

		if (error != LXW_NO_ERROR)
			return error;
	}
	return LXW_NO_ERROR;
}

int
fmt_xlsx_sheet(
    struct fmt_xlsx *x, const char *name, const struct fmt_xlsx_col *cols, size_t n, bool protect, struct eg_err *err)
{
	lxw_error error;
	const int rc = finish_sheet(x, err);

	eg_check(n > 0 && n <= LXW_COL_MAX);
	if (rc != EG_OK)
		return rc;
	if (x->fd < 0)
		return eg_fail_sys(err, EG_FATAL, "XLSX-WRITE", x->sys, "There is no memory for a workbook");
	error = *name == '\0' ? LXW_ERROR_INVALID_SHEETNAME_CHARACTER : workbook_validate_sheet_name(x->book, name);
	if (error != LXW_NO_ERROR)
		return eg_fail(err, EG_BADREC, "XLSX-SHEET", "\"%s\" cannot be the name of a sheet: %s", name,
		    lxw_strerror(error));
	x->sheet = workbook_add_worksheet(x->book, name);
	if (x->sheet == NULL)
		return fail_write(err, "a sheet could not be added");
	x->cols = cols;
	x->n = n;
	x->protect = protect;
	x->rows = 1;
	error = set_columns(x);
	if (error == LXW_NO_ERROR)
		error = set_sheet(x);
	return from_library(error == LXW_NO_ERROR ? write_titles(x) : error, err);
}

/* The whole file from memory behind `ret`. */
static int
take_file(struct fmt_xlsx *x, struct eg_buf *ret, struct eg_err *err)
{
	const size_t start = ret->len;
	unsigned char chunk[65536];
	off_t off = 0;
	ssize_t n;
	int rc;

	while ((n = pread(x->fd, chunk, sizeof chunk, off)) > 0) {
		eg_buf_put(ret, chunk, (size_t)n);
		off += n;
	}
	if (n < 0 || off == 0)
		rc = fail_write(err, "it cannot be read back");
	else if (ret->full)
		rc = fail_write(err, "it is larger than its buffer");
	else
		rc = fmt_xlsx_check(eg_bytes_sub(eg_buf_view(ret), start, ret->len), x->rows_len, x->sheets, err);
	if (rc != EG_OK)
		ret->len = start;
	return rc;
}

int
fmt_xlsx_end(struct fmt_xlsx *x, struct eg_buf *ret, struct eg_err *err)
{
	lxw_error error;
	int rc;

	eg_check(x->book != NULL && x->sheet != NULL);
	rc = finish_sheet(x, err);
	if (rc != EG_OK)
		return rc;
	error = workbook_close(x->book); /* also frees it */
	x->book = NULL;
	rc = from_library(error, err);
	return rc == EG_OK ? take_file(x, ret, err) : rc;
}

void
fmt_xlsx_free(struct fmt_xlsx *x)
{
	if (x == NULL)
		return;
	lxw_workbook_free(x->book);
	free(x->rows_len);
	eg_buf_done(&x->scratch);
	if (x->fd >= 0)
		(void)close(x->fd);
	free(x);
}
