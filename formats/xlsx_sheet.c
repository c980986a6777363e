/* SPDX-License-Identifier: MIT
 *
 * Rows of one sheet. The parser is given a piece of the part at a time and may finish many rows in it; they wait here until they are taken,
 * only cells that have a value, texts of the table as views of it. A row number of a million thus costs as much as any other.
 * Refuses with F-03 what is out of order or refers to nothing, with LIMIT-ROW and LIMIT-CELLS what is too large.
 */
#include "base/limits.h"
#include "formats/xlsx_int.h"

enum cell_type {
	CELL_NUMBER = 0,
	CELL_SHARED,
	CELL_TEXT,
	CELL_INLINE,
	CELL_FLAG,
	CELL_ERROR,
	CELL_DATE,
	N_CELL_TYPES
};

#define OF_TABLE SIZE_MAX

struct fmt_sheet {
	struct fmt_book *b;
	struct fmt_xmlp p;
	struct fmt_xrow *rows;
	size_t nrows, given, cap_rows;
	struct fmt_xcell *cells;
	size_t ncells, cap_cells;
	struct eg_buf texts;
	struct fmt_cell out[EG_LIMIT_CELLS]; /* of the row last given */

	bool in_data, in_row, in_cell, in_value, in_inline, in_run, in_text; /* open elements */
	uint64_t last_row;
	uint32_t last_col;
	size_t row_cell, row_text; /* where the open row begins in cells and texts */
	size_t row_bytes; /* of its values */
	enum cell_type type;
	uint8_t show;
	bool has_formula, has_value;
	uint64_t value_off, value_end;
	struct eg_buf raw; /* the open cell's value as it is written */
};

/* ---- refusing ---- */

static void
fail(struct fmt_sheet *s, const struct fmt_xscan_event *ev, const char *what)
{
	eg_fail(&s->p.err, EG_BADFILE, "F-03",
	    "The sheet is damaged in row %llu: %s. Open the workbook in Excel or LibreOffice, save it again and send that file.",
	    (unsigned long long)s->last_row, what);
	fmt_xmlp_fail(&s->p, ev->begin);
}

static void
too_large(struct fmt_sheet *s, const struct fmt_xscan_event *ev, const char *code, const char *what, size_t most)
{
	eg_fail(&s->p.err, EG_BADFILE, code, "Row %llu of the sheet %s %zu. Ask the sender what it is.",
	    (unsigned long long)s->last_row, what, most);
	fmt_xmlp_fail(&s->p, ev->begin);
}

/* ---- values ---- */

static void
add_cell(struct fmt_sheet *s, const struct fmt_xscan_event *ev, struct fmt_xcell c, struct eg_bytes val)
{
	if (val.len == 0)
		return;
	s->row_bytes += val.len;
	if (s->row_bytes > EG_LIMIT_ROW_BYTES) {
		too_large(s, ev, "LIMIT-ROW", "holds more bytes than", EG_LIMIT_ROW_BYTES);
		return;
	}
	if (s->last_col > EG_LIMIT_CELLS) {
		too_large(s, ev, "LIMIT-CELLS", "has a value beyond column", EG_LIMIT_CELLS);
		return;
	}
	c.c.state = FMT_VALUE;
	c.c.line = s->last_row;
	c.c.col = s->last_col;
	c.c.off = s->has_value ? s->value_off : ev->begin.off;
	c.c.len = (s->has_value ? s->value_end : ev->end) - c.c.off;
	if (s->ncells == s->cap_cells) {
		s->cap_cells = s->cap_cells * 2 + 256;
		s->cells = eg_xrealloc(s->cells, s->cap_cells * sizeof *s->cells);
	}
	s->cells[s->ncells++] = c;
}

/* What stands in texts from `from` on is the value, but for blanks around it. */
static void
add_text(struct fmt_sheet *s, const struct fmt_xscan_event *ev, enum fmt_kind kind, bool text, size_t from)
{
	const struct eg_bytes all = eg_bytes_sub(eg_buf_view(&s->texts), from, s->texts.len), val = eg_bytes_trim(all);
	struct fmt_xcell c = { .c = { .kind = kind, .quoted = text }, .len = val.len };

	c.from = val.len > 0 ? from + (size_t)(val.ptr - all.ptr) : from;
	add_cell(s, ev, c, val);
}

static void
end_number(struct fmt_sheet *s, const struct fmt_xscan_event *ev)
{
	const struct eg_bytes v = eg_bytes_trim_ws(eg_buf_view(&s->raw));
	const size_t from = s->texts.len;
	struct fmt_xnum n;

	if (v.len == 0)
		return;
	if (!fmt_xnum_read(v, &n)) {
		fail(s, ev, "a cell holds a number that is none");
		return;
	}
	add_text(s, ev, fmt_xlsx_shown(&n, s->show, s->b->date1904, &s->texts), false, from);
}

static void
end_shared(struct fmt_sheet *s, const struct fmt_xscan_event *ev)
{
	const struct eg_bytes v = eg_bytes_trim_ws(eg_buf_view(&s->raw));
	const struct fmt_xstrings *t = &s->b->strings;
	struct fmt_xcell c = { .c = { .quoted = true }, .len = OF_TABLE };
	uint64_t i;

	if (v.len == 0)
		return;
	if (!eg_bytes_to_u64(v, &i) || i >= t->n) {
		fail(s, ev, "a cell refers to a text that the workbook does not have");
		return;
	}
	const size_t begin = i == 0 ? 0 : t->ends[i - 1];

	c.c.val = eg_bytes_trim(eg_bytes_sub(eg_buf_view(&t->text), begin, t->ends[i] - begin));
	add_cell(s, ev, c, c.c.val);
}

static void
end_text(struct fmt_sheet *s, const struct fmt_xscan_event *ev)
{
	const size_t from = s->texts.len;

	fmt_xlsx_unescape(eg_buf_view(&s->raw), &s->texts);
	add_text(s, ev, FMT_IS_TEXT, true, from);
}

static void
end_flag(struct fmt_sheet *s, const struct fmt_xscan_event *ev)
{
	const struct eg_bytes v = eg_bytes_trim_ws(eg_buf_view(&s->raw));
	const bool yes = eg_bytes_is(v, "1") || eg_bytes_is(v, "true");
	const size_t from = s->texts.len;

	if (v.len == 0)
		return;
	if (!yes && !eg_bytes_is(v, "0") && !eg_bytes_is(v, "false")) {
		fail(s, ev, "a cell is neither true nor false");
		return;
	}
	eg_buf_chr(&s->texts, yes ? '1' : '0'); /* until it is given: its words are known then */
	add_text(s, ev, FMT_IS_FLAG, false, from);
}

static void
end_error(struct fmt_sheet *s, const struct fmt_xscan_event *ev)
{
	const size_t from = s->texts.len;

	eg_buf_add(&s->texts, s->raw.len > 0 ? eg_buf_view(&s->raw) : EG_LIT("error"));
	add_text(s, ev, FMT_IS_ERROR, false, from);
}

static void
end_date(struct fmt_sheet *s, const struct fmt_xscan_event *ev)
{
	const struct eg_bytes v = eg_bytes_trim_ws(eg_buf_view(&s->raw));
	const size_t from = s->texts.len;

	if (v.len == 0)
		return;
	if (!fmt_xlsx_iso_date(v, &s->texts))
		fail(s, ev, "a cell holds a date that is none");
	else
		add_text(s, ev, FMT_IS_DATE, false, from);
}

static const struct {
	const char *word;
	void (*end)(struct fmt_sheet *s, const struct fmt_xscan_event *ev);
} types[N_CELL_TYPES] = {
	[CELL_NUMBER] = { "n", end_number },
	[CELL_SHARED] = { "s", end_shared },
	[CELL_TEXT] = { "str", end_text },
	[CELL_INLINE] = { "inlineStr", end_text },
	[CELL_FLAG] = { "b", end_flag },
	[CELL_ERROR] = { "e", end_error },
	[CELL_DATE] = { "d", end_date },
};

/* ---- elements ---- */

static void
begin_row(struct fmt_sheet *s, const struct fmt_xml_attrs *attrs, const struct fmt_xscan_event *ev)
{
	const struct eg_bytes r = fmt_xattr(attrs, "r");
	uint64_t line = s->last_row + 1;

	if ((r.ptr != NULL && !eg_bytes_to_u64(r, &line)) || line <= s->last_row || line > FMT_XLSX_ROWS) {
		fail(s, ev, "the number of the row behind it is not higher, or beyond what a sheet has");
		return;
	}
	s->in_row = true;
	s->last_row = line;
	s->last_col = 0;
	s->row_cell = s->ncells;
	s->row_text = s->texts.len;
	s->row_bytes = 0;
}

static bool
type_of(struct eg_bytes word, enum cell_type *ret)
{
	if (word.ptr == NULL) {
		*ret = CELL_NUMBER;
		return true;
	}
	for (int i = 0; i < N_CELL_TYPES; i++)
		if (eg_bytes_is(word, types[i].word)) {
			*ret = (enum cell_type)i;
			return true;
		}
	return false;
}

static void
begin_cell(struct fmt_sheet *s, const struct fmt_xml_attrs *attrs, const struct fmt_xscan_event *ev)
{
	const struct eg_bytes ref = fmt_xattr(attrs, "r"), style = fmt_xattr(attrs, "s");
	const struct fmt_xstyles *st = &s->b->styles;
	uint32_t col = s->last_col + 1, row = (uint32_t)s->last_row;
	uint64_t format = 0;

	if ((ref.ptr != NULL && !fmt_xlsx_ref(ref, &col, &row)) || row != s->last_row || col <= s->last_col ||
	    col > FMT_XLSX_COLS) {
		fail(s, ev, "a cell stands in the wrong row, out of order or beyond what a sheet has");
		return;
	}
	s->last_col = col;
	if (!type_of(fmt_xattr(attrs, "t"), &s->type)) {
		fail(s, ev, "a cell is of an unknown type");
		return;
	}
	if (style.ptr != NULL && (!eg_bytes_to_u64(style, &format) || (st->n > 0 && format >= st->n))) {
		fail(s, ev, "a cell refers to a format that the workbook does not have");
		return;
	}
	s->in_cell = true;
	s->show = format < st->n ? st->show[format] : FMT_SHOW_NUMBER;
	s->has_formula = s->has_value = false;
	eg_buf_clear(&s->raw);
}

static void
begin_value(struct fmt_sheet *s, const char *name, const struct fmt_xscan_event *ev)
{
	const bool inl = strcmp(name, "is") == 0, v = strcmp(name, "v") == 0;

	s->has_formula |= strcmp(name, "f") == 0;
	if ((s->type == CELL_INLINE) != inl || (!inl && !v))
		return;
	if (s->has_value) {
		fail(s, ev, "a cell has two values");
		return;
	}
	s->has_value = true;
	s->value_off = ev->begin.off;
	s->in_inline = inl;
	s->in_value = v;
}

static void
on_start(void *ctx, const char *name, const struct fmt_xml_attrs *attrs, const struct fmt_xscan_event *ev)
{
	struct fmt_sheet *s = ctx;

	switch (s->p.depth) {
	case 1:
		if (strcmp(name, "worksheet") != 0)
			fail(s, ev, "this part is no sheet");
		break;
	case 2:
		s->in_data = strcmp(name, "sheetData") == 0;
		break;
	case 3:
		if (s->in_data && strcmp(name, "row") == 0)
			begin_row(s, attrs, ev);
		break;
	case 4:
		if (s->in_row && strcmp(name, "c") == 0)
			begin_cell(s, attrs, ev);
		break;
	case 5:
		if (s->in_cell)
			begin_value(s, name, ev);
		break;
	case 6:
		s->in_run = s->in_inline && strcmp(name, "r") == 0;
		s->in_text = s->in_inline && strcmp(name, "t") == 0;
		break;
	case 7:
		s->in_text = s->in_run && strcmp(name, "t") == 0;
		break;
	default:
		break;
	}
}

static void
on_text(void *ctx, struct eg_bytes text)
{
	struct fmt_sheet *s = ctx;
	const bool wanted = (s->in_value && s->p.depth == 5) || s->in_text;

	if (!wanted)
		return;
	if (s->raw.len + text.len > EG_LIMIT_TEXT_BYTES) {
		eg_fail(&s->p.err, EG_BADFILE, "LIMIT-TEXT",
		    "A cell in row %llu of the sheet is longer than %zu bytes. Ask the sender what it is.",
		    (unsigned long long)s->last_row, EG_LIMIT_TEXT_BYTES);
		fmt_xmlp_fail(&s->p, s->p.begins[s->p.depth]);
		return;
	}
	eg_buf_add(&s->raw, text);
}

static void
end_cell(struct fmt_sheet *s, const struct fmt_xscan_event *ev)
{
	const size_t from = s->texts.len, before = s->ncells;

	s->in_cell = false;
	if (s->has_value) {
		types[s->type].end(s, ev);
	} else if (s->has_formula || s->type == CELL_ERROR) {
		eg_buf_str(&s->texts, "no result");
		add_text(s, ev, FMT_IS_ERROR, false, from);
	}
	if (s->ncells > before)
		s->cells[before].c.formula = s->has_formula;
}

static void
end_row(struct fmt_sheet *s, const struct fmt_xscan_event *ev)
{
	if (s->nrows == s->cap_rows) {
		s->cap_rows = s->cap_rows * 2 + 64;
		s->rows = eg_xrealloc(s->rows, s->cap_rows * sizeof *s->rows);
	}
	s->rows[s->nrows++] = (struct fmt_xrow){ .line = s->last_row,
		.off = ev->begin.off,
		.len = ev->end - ev->begin.off,
		.cell = s->row_cell,
		.ncells = s->ncells - s->row_cell };
	s->in_row = false;
}

static void
on_end(void *ctx, const struct fmt_xscan_event *ev)
{
	struct fmt_sheet *s = ctx;

	switch (s->p.depth) {
	case 2:
		s->in_data = false;
		break;
	case 3:
		if (s->in_row)
			end_row(s, ev);
		break;
	case 4:
		if (s->in_cell)
			end_cell(s, ev);
		break;
	case 5:
		if (s->in_value || s->in_inline)
			s->value_end = ev->end;
		s->in_value = s->in_inline = false;
		break;
	case 6:
		s->in_run = s->in_text = false;
		break;
	case 7:
		s->in_text = false;
		break;
	default:
		break;
	}
}

/* ---- out ---- */

int
fmt_sheet_open(struct fmt_book *b, struct fmt_src src, struct fmt_sheet **ret, struct eg_err *err)
{
	static const struct fmt_xml_hooks hooks = { on_start, on_text, on_end };
	struct fmt_sheet *s = eg_xalloc(sizeof *s);

	s->b = b;
	fmt_xmlp_open(&s->p, src, &hooks, s);
	if (s->p.rc != EG_OK) {
		const int rc = s->p.rc;

		*err = s->p.err;
		fmt_sheet_free(s);
		return rc;
	}
	*ret = s;
	return EG_OK;
}

/* All finished rows have been given: what is left is the open one, which moves to the front. */
static void
drop_given(struct fmt_sheet *s)
{
	const size_t cell = s->in_row ? s->row_cell : s->ncells, text = s->in_row ? s->row_text : s->texts.len;

	if (s->ncells > cell)
		memmove(s->cells, s->cells + cell, (s->ncells - cell) * sizeof *s->cells);
	if (s->texts.len > text)
		memmove(s->texts.ptr, s->texts.ptr + text, s->texts.len - text);
	s->ncells -= cell;
	s->texts.len -= text;
	for (size_t i = 0; i < s->ncells; i++)
		s->cells[i].from -= s->cells[i].len == OF_TABLE ? 0 : text;
	s->row_cell = s->row_text = 0;
	s->nrows = s->given = 0;
}

static void
give(struct fmt_sheet *s, const struct fmt_xrow *row, struct fmt_row *ret)
{
	const struct fmt_xcell *cells = row->ncells == 0 ? NULL : s->cells + row->cell;
	const size_t last = row->ncells == 0 ? 0 : cells[row->ncells - 1].c.col;
	const size_t n = last > s->b->width ? last : s->b->width;

	for (size_t i = 0; i < n; i++)
		s->out[i] =
		    (struct fmt_cell){ .state = FMT_EMPTY, .off = row->off, .line = row->line, .col = (uint32_t)i + 1 };
	for (size_t i = 0; i < row->ncells; i++) {
		struct fmt_cell *to = &s->out[cells[i].c.col - 1];

		*to = cells[i].c;
		if (cells[i].len != OF_TABLE)
			to->val = eg_bytes(s->texts.ptr + cells[i].from, cells[i].len);
		if (to->kind == FMT_IS_FLAG)
			to->val = eg_bytes_is(to->val, "1") ? s->b->yes : s->b->no;
	}
	*ret = (struct fmt_row){ .line = row->line,
		.off = row->off,
		.len = row->len,
		.ncells = n,
		.cells = s->out,
		.blank = row->ncells == 0 };
}

int
fmt_sheet_next(struct fmt_sheet *s, struct fmt_row *ret, struct eg_err *err)
{
	while (s->given == s->nrows) {
		if (s->p.rc == EG_EOF)
			return EG_EOF;
		if (s->p.rc != EG_OK) {
			*err = s->p.err;
			return s->p.rc;
		}
		drop_given(s);
		fmt_xmlp_pump(&s->p);
	}
	give(s, &s->rows[s->given++], ret);
	return EG_OK;
}

void
fmt_sheet_free(struct fmt_sheet *s)
{
	if (s == NULL)
		return;
	fmt_xmlp_done(&s->p);
	eg_buf_done(&s->texts);
	eg_buf_done(&s->raw);
	free(s->rows);
	free(s->cells);
	free(s);
}
