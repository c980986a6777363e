/* SPDX-License-Identifier: MIT
 *
 * From the zip to the list of sheets: relationships say which member is the workbook, which are its sheets, formats and texts. Parts are
 * found through them alone, as in Excel; their usual names mean nothing. What points outside of the file is never followed.
 * Refuses with F-01 what is no workbook, with F-03 what contradicts itself.
 */
#include "base/limits.h"
#include "formats/xlsx_int.h"

#define RELS_MOST 10000U

enum rel_kind {
	REL_OTHER = 0,
	REL_WORKBOOK,
	REL_SHEET,
	REL_STYLES,
	REL_STRINGS,
};

struct rel {
	enum rel_kind kind;
	struct eg_bytes id, part;
};

struct parts {
	struct fmt_book *b;
	struct fmt_xmlp *p; /* of the part being read */
	struct eg_bytes base; /* the part whose relationships are read */
	struct rel *rels;
	size_t nrels, cap;
	bool is_workbook;
};

int
fmt_xlsx_in_part(struct eg_bytes part, struct eg_err *err)
{
	const struct eg_err inner = *err;

	if (err->cls != EG_BADFILE)
		return err->cls;
	eg_fail(err, EG_BADFILE, inner.code, "Part %.*s of the workbook: %s", EG_FMT(eg_bytes_sub(part, 0, 100)),
	    inner.msg);
	err->pos = inner.pos;
	return EG_BADFILE;
}

static int
missing(struct eg_bytes part, struct eg_err *err)
{
	return eg_fail(err, EG_BADFILE, "F-03",
	    "The workbook has no part %.*s, which it names itself. Open it in Excel or LibreOffice, save it again and send that file.",
	    EG_FMT(eg_bytes_sub(part, 0, 120)));
}

int
fmt_xlsx_walk(struct fmt_book *b, struct eg_bytes part, const struct fmt_xml_hooks *hooks, void *ctx,
    struct fmt_xmlp **p, struct eg_err *err)
{
	struct fmt_src src;
	int rc = fmt_zip_find(b->zip, part, &src, err);

	if (rc != EG_OK)
		return rc == EG_EOF ? missing(part, err) : rc;
	*p = eg_xalloc(sizeof **p);
	fmt_xmlp_open(*p, src, hooks, ctx);
	while ((*p)->rc == EG_OK)
		fmt_xmlp_pump(*p);
	rc = (*p)->rc;
	if (rc < 0) {
		*err = (*p)->err;
		rc = fmt_xlsx_in_part(part, err);
	}
	fmt_xmlp_done(*p);
	free(*p);
	*p = NULL;
	return rc < 0 ? rc : EG_OK;
}

static void
fail(struct parts *x, const struct fmt_xscan_event *ev, const char *what)
{
	eg_fail(&x->p->err, EG_BADFILE, "F-03",
	    "%s. Open it in Excel or LibreOffice, save it again and send that file.", what);
	fmt_xmlp_fail(x->p, ev->begin);
}

static void
no_text(void *ctx, struct eg_bytes text)
{
	(void)ctx, (void)text;
}

static void
no_end(void *ctx, const struct fmt_xscan_event *ev)
{
	(void)ctx, (void)ev;
}

/* An attribute's value in the book's arena; ptr NULL when there is none or no room. */
static struct eg_bytes
kept_attr(struct parts *x, const struct fmt_xml_attrs *attrs, const char *name)
{
	const struct eg_bytes v = fmt_xattr(attrs, name);
	struct eg_buf text = EG_BUF_INIT;
	struct eg_bytes ret = EG_NONE;

	if (v.ptr == NULL)
		return ret;
	fmt_xattr_text(v, &text);
	ret = eg_arena_dup(&x->b->arena, eg_buf_view(&text));
	eg_buf_done(&text);
	return ret;
}

/* ---- relationships ---- */

/* The last part of the type's address is the same in both forms of the standard. */
static enum rel_kind
kind_of(struct eg_bytes type)
{
	static const struct {
		const char *ending;
		enum rel_kind kind;
	} table[] = {
		{ "/officeDocument", REL_WORKBOOK },
		{ "/worksheet", REL_SHEET },
		{ "/styles", REL_STYLES },
		{ "/sharedStrings", REL_STRINGS },
	};

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (eg_bytes_ends(type, eg_bytes_str(table[i].ending)))
			return table[i].kind;
	return REL_OTHER;
}

static struct eg_bytes
part_of(struct parts *x, struct eg_bytes target)
{
	struct eg_buf name = EG_BUF_INIT;
	struct eg_bytes ret = EG_NONE;

	if (fmt_xlsx_target(x->base, target, &name))
		ret = eg_arena_dup(&x->b->arena, eg_buf_view(&name));
	eg_buf_done(&name);
	return ret;
}

static void
on_rel(void *ctx, const char *name, const struct fmt_xml_attrs *attrs, const struct fmt_xscan_event *ev)
{
	struct parts *x = ctx;
	struct rel r = { .kind = kind_of(fmt_xattr(attrs, "Type")) };

	if (x->p->depth != 2 || strcmp(name, "Relationship") != 0 || r.kind == REL_OTHER ||
	    eg_bytes_is(fmt_xattr(attrs, "TargetMode"), "External"))
		return;
	if (x->nrels == RELS_MOST) {
		fail(x, ev, "It has too many relationships");
		return;
	}
	r.id = kept_attr(x, attrs, "Id");
	r.part = part_of(x, kept_attr(x, attrs, "Target"));
	if (r.id.ptr == NULL || r.part.ptr == NULL) {
		fail(x, ev, "A relationship leads out of the workbook or is incomplete");
		return;
	}
	if (x->nrels == x->cap) {
		x->cap = x->cap * 2 + 16;
		x->rels = eg_xrealloc(x->rels, x->cap * sizeof *x->rels);
	}
	x->rels[x->nrels++] = r;
}

/* The relationships of `base`: dir/_rels/name.rels. Those of an earlier part are forgotten. */
static int
read_rels(struct parts *x, struct eg_bytes base, struct eg_err *err)
{
	static const struct fmt_xml_hooks hooks = { on_rel, no_text, no_end };
	struct eg_buf name = EG_BUF_INIT;
	size_t dir = base.len;
	int rc;

	while (dir > 0 && base.ptr[dir - 1] != '/')
		dir--;
	eg_buf_add(&name, eg_bytes_sub(base, 0, dir));
	eg_buf_str(&name, "_rels/");
	eg_buf_add(&name, eg_bytes_sub(base, dir, base.len));
	eg_buf_str(&name, ".rels");
	x->base = base;
	x->nrels = 0;
	rc = fmt_xlsx_walk(x->b, eg_buf_view(&name), &hooks, x, &x->p, err);
	eg_buf_done(&name);
	return rc;
}

static struct eg_bytes
part_of_kind(const struct parts *x, enum rel_kind kind)
{
	for (size_t i = 0; i < x->nrels; i++)
		if (x->rels[i].kind == kind)
			return x->rels[i].part;
	return EG_NONE;
}

/* ---- the workbook ---- */

static bool
is_true(struct eg_bytes v)
{
	return eg_bytes_is(v, "1") || eg_bytes_is(v, "true") || eg_bytes_is(v, "on");
}

/* The part of a worksheet by its relationship; ptr NULL: a chart, a dialog, an old macro sheet. */
static struct eg_bytes
sheet_part(const struct parts *x, struct eg_bytes id)
{
	for (size_t i = 0; i < x->nrels; i++)
		if (x->rels[i].kind == REL_SHEET && eg_bytes_eq(x->rels[i].id, id))
			return x->rels[i].part;
	return EG_NONE;
}

static void
add_sheet(struct parts *x, const struct fmt_xml_attrs *attrs, const struct fmt_xscan_event *ev)
{
	struct fmt_book *b = x->b;
	const struct eg_bytes state = fmt_xattr(attrs, "state");
	struct fmt_book_sheet s = { .part = sheet_part(x, fmt_xattr(attrs, "id")) };

	if (eg_bytes_is(state, "hidden") || eg_bytes_is(state, "veryHidden") || s.part.ptr == NULL)
		return;
	for (size_t i = 0; i < b->nsheets; i++)
		if (eg_bytes_eq(b->sheets[i].part, s.part)) {
			fail(x, ev, "Two of its sheets are the same part");
			return;
		}
	if (!fmt_zip_has(b->zip, &s.part)) {
		fail(x, ev, "One of its sheets is missing in the file");
		return;
	}
	s.name = kept_attr(x, attrs, "name");
	if (s.name.ptr == NULL || b->nsheets == EG_LIMIT_MEMBERS) {
		fail(x, ev, "A sheet has no name, or there are too many sheets");
		return;
	}
	b->sheets[b->nsheets++] = s;
}

static void
on_workbook(void *ctx, const char *name, const struct fmt_xml_attrs *attrs, const struct fmt_xscan_event *ev)
{
	struct parts *x = ctx;
	const unsigned depth = x->p->depth;

	if (depth == 1)
		x->is_workbook = strcmp(name, "workbook") == 0;
	else if (depth == 2 && strcmp(name, "workbookPr") == 0)
		x->b->date1904 = is_true(fmt_xattr(attrs, "date1904"));
	else if (depth == 3 && strcmp(name, "sheet") == 0)
		add_sheet(x, attrs, ev);
}

static int
no_workbook(const struct parts *x, struct eg_bytes main, struct eg_err *err)
{
	if (eg_bytes_ends(main, EG_LIT(".bin")))
		return eg_fail(err, EG_BADFILE, "F-01",
		    "This is a binary workbook (.xlsb), which is not read. In Excel choose Save As, Excel Workbook (.xlsx), and send that file.");
	if (x->is_workbook)
		return eg_fail(err, EG_BADFILE, "F-01",
		    "The workbook has no visible sheet with cells. Show the sheet that holds the data, save and send it again.");
	return eg_fail(
	    err, EG_BADFILE, "F-01", "This is an Office file, but not a workbook. Send the export as .xlsx or as CSV.");
}

static int
read_workbook(struct parts *x, struct eg_err *err)
{
	static const struct fmt_xml_hooks hooks = { on_workbook, no_text, no_end };
	int rc = read_rels(x, EG_NONE, err);
	const struct eg_bytes main = rc == EG_OK ? part_of_kind(x, REL_WORKBOOK) : EG_NONE;

	if (rc == EG_OK && (main.ptr == NULL || eg_bytes_ends(main, EG_LIT(".bin"))))
		rc = no_workbook(x, main, err);
	if (rc == EG_OK)
		rc = read_rels(x, main, err);
	if (rc == EG_OK)
		rc = fmt_xlsx_walk(x->b, main, &hooks, x, &x->p, err);
	if (rc == EG_OK && (!x->is_workbook || x->b->nsheets == 0))
		rc = no_workbook(x, main, err);
	return rc;
}

int
fmt_xlsx_parts(struct fmt_book *b, struct eg_bytes *ret_strings, struct eg_err *err)
{
	struct parts x = { .b = b };
	struct eg_bytes styles;
	int rc;

	b->sheets = eg_xalloc(EG_LIMIT_MEMBERS * sizeof *b->sheets);
	rc = read_workbook(&x, err);
	*ret_strings = part_of_kind(&x, REL_STRINGS);
	styles = part_of_kind(&x, REL_STYLES);
	if (rc == EG_OK && styles.ptr != NULL)
		rc = fmt_xlsx_styles(b, styles, err);
	free(x.rels);
	return rc;
}
