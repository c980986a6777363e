/* SPDX-License-Identifier: MIT
 *
 * Writing of pages (page.h). Every text goes through one escape; the style sheet is the only constant of size. What has no place in XML is shown by its number; only a long table can fail,
 * as the disk does, and that is told at the end.
 */
#include "gateway/report/page.h"

#include "base/date.h"
#include "base/hash.h"
#include "formats/csv_write.h"
#include "formats/xml_write.h"

#include <string.h>

#define COLS_MAX 16
#define DIGEST_SHOWN 12 /* digits of one in a list; 4 would do to tell rows apart */
#define ITEM_WHOLE 32 /* bytes of an id that is not broken */

static const char style[] =
    ":root { color-scheme: light }\n"
    "* { box-sizing: border-box }\n"
    "body { font: 15px/1.5 system-ui, \"Segoe UI\", Roboto, \"Liberation Sans\", sans-serif; color: #1c2430; background: #fff; max-width: 76rem; margin: 0 auto; padding: 2.2rem 1.5rem 3rem }\n"
    "header { border-bottom: 2px solid #24476b }\n"
    "h1 { font-size: 1.55rem; line-height: 1.25; font-weight: 600; margin: 0 0 .3rem; overflow-wrap: anywhere }\n"
    ".lead { font-size: 1.05rem; color: #3a4656; max-width: 52rem; margin: 0 0 .9rem; overflow-wrap: anywhere }\n"
    "h2 { font-size: 1.1rem; font-weight: 600; color: #24476b; margin: 0 }\n"
    "section { margin: 1.7rem 0 0 } p { max-width: 52rem; margin: .5rem 0 }\n"
    ".note { color: #4a5666; font-size: .9rem }\n"
    ".wide { overflow-x: auto }\n"
    ".wide:focus-visible, a:focus-visible { outline: 3px solid #24476b; outline-offset: 2px }\n"
    "table { border-collapse: collapse; width: 100%; font-size: .92rem }\n"
    "caption { text-align: left; color: #4a5666; font-size: .87rem; padding-bottom: .3rem } caption h2 { display: inline-block; margin-right: .7rem }\n"
    "th, td { text-align: left; vertical-align: top; padding: .34rem .9rem .34rem 0; border-bottom: 1px solid #e3e8ee; overflow-wrap: break-word } th:last-child, td:last-child { padding-right: 0 }\n"
    "thead th { font-weight: 600; color: #4a5666; border-bottom: 1px solid #8593a3; vertical-align: bottom }\n"
    "tbody th { font-weight: 600 } th a { font-weight: 400 } tbody tr:hover { background: #f6f9fc }\n"
    ".n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }\n"
    ".i { white-space: nowrap; font-variant-numeric: tabular-nums }\n"
    ".c { font: .85em/1.75 ui-monospace, \"Liberation Mono\", Consolas, monospace; overflow-wrap: anywhere } thead .c { font: inherit; font-weight: 600 } td.c { min-width: 19em } td.d { min-width: 0; white-space: nowrap }\n"
    ".facts { table-layout: fixed } .facts th { font-weight: 400; color: #4a5666 } .facts th:first-child { width: 18rem } .facts td { overflow-wrap: anywhere; min-width: 0 } .facts thead th { border: 0; padding: 0; font-size: 0; line-height: 0 } .facts tbody tr:first-child > * { border-top: 1px solid #8593a3 }\n"
    "a { color: #1a4f8b; text-underline-offset: .15em } pre { background: #f3f6f9; border-left: 3px solid #24476b; padding: .7rem .9rem; overflow-x: auto; font-size: .85rem; white-space: pre-wrap; overflow-wrap: anywhere }\n"
    "footer { margin-top: 2.2rem; border-top: 1px solid #e3e8ee; padding-top: .4rem; color: #4a5666; font-size: .85rem }\n"
    "@media (max-width: 40rem) { body { padding: 1rem .9rem 2rem; font-size: 14px } h1 { font-size: 1.3rem } .wide table { min-width: 36rem } .wide .facts { min-width: 0 } .facts th:first-child { width: 9rem } }\n"
    "@page { size: A4; margin: 14mm }\n"
    "@media print { html { font-size: 10.5px } body { font-size: 9pt; padding: 0; max-width: none } h1 { font-size: 15pt } h2 { font-size: 10.5pt; break-after: avoid } .lead { font-size: 10pt } caption { font-size: 8pt } table { font-size: 7.5pt } "
    "thead { display: table-header-group } tr { break-inside: avoid } .wide { overflow: visible } th, td { padding: 1.5pt 6pt 1.5pt 0 } td.c { min-width: 13em } td.d { min-width: 0 } .i { white-space: normal } td.d, .n, th.i { white-space: nowrap } .facts th:first-child { width: 42mm } "
    "a { color: inherit; text-decoration: none } pre { font-size: 7.5pt; break-inside: avoid } footer { margin-top: 10pt } }\n";

static void
put(struct page *p, const char *text, bool attr)
{
	struct eg_buf shown = EG_BUF_INIT;
	struct eg_err err;

	eg_buf_escaped(&shown, eg_bytes_str(text));
	const struct eg_bytes v = eg_buf_view(&shown);
	const int rc = attr ? fmt_xml_attr(&p->html, v, &err) : fmt_xml_text(&p->html, v, &err);
	if (rc < 0) /* U+FFFE and its like */
		eg_buf_str(&p->html, "(text that cannot be shown)");
	eg_buf_done(&shown);
}

static void
element(struct page *p, const char *open, const char *text, const char *close)
{
	eg_buf_str(&p->html, open);
	put(p, text, false);
	eg_buf_str(&p->html, close);
}

/* Shown is the last part of the path. */
static void
put_link(struct page *p, const char *before, const char *path)
{
	const char *slash = strrchr(path, '/');

	eg_buf_str(&p->html, "<a href=\"");
	put(p, before, true);
	put(p, path, true);
	element(p, "\">", slash == NULL ? path : slash + 1, "</a>");
}

void
page_begin(struct page *p, const char *name, const char *lead, const char *up)
{
	p->up = up;
	eg_buf_str(&p->html,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n");
	element(p, "<title>", name, "</title>\n<style>\n");
	eg_buf_str(&p->html, style);
	element(p, "</style>\n</head>\n<body>\n<header>\n<h1>", name, "</h1>\n");
	element(p, "<p class=\"lead\">", lead, "</p>\n</header>\n<main>\n");
}

static void
part_end(struct page *p)
{
	if (p->part)
		eg_buf_str(&p->html, "</section>\n");
	p->part = false;
}

void
page_section(struct page *p, const char *title)
{
	part_end(p);
	p->part = true;
	element(p, "<section>\n<h2>", title, "</h2>\n");
}

void
page_text(struct page *p, const char *text)
{
	element(p, "<p>", text, "</p>\n");
}

void
page_steps(struct page *p, const char *const *commands, size_t n)
{
	eg_buf_str(&p->html, "<pre>");
	for (size_t i = 0; i < n; i++)
		element(p, "", commands[i], i + 1 < n ? "\n" : "</pre>\n");
}

/* ---- tables ---- */

static void
csv_row(struct page_table *t, const char *const *cells)
{
	static const struct fmt_csv_style plain = { .delim = ',', .lf = true };
	struct eg_bytes v[COLS_MAX];
	struct eg_err err;

	for (size_t i = 0; i < t->ncols; i++)
		v[i] = eg_bytes_str(cells[i] == NULL ? "" : cells[i]);
	if (fmt_csv_row(&plain, v, t->ncols, &t->csv.buf, &err) == EG_OK)
		return;
	/* Bytes that are no UTF-8, in a name from outside. */
	struct eg_buf shown[COLS_MAX];
	for (size_t i = 0; i < t->ncols; i++) {
		shown[i] = (struct eg_buf)EG_BUF_INIT;
		eg_buf_escaped(&shown[i], v[i]);
		v[i] = eg_buf_view(&shown[i]);
	}
	eg_check(fmt_csv_row(&plain, v, t->ncols, &t->csv.buf, &err) == EG_OK);
	for (size_t i = 0; i < t->ncols; i++)
		eg_buf_done(&shown[i]);
}

static const char *
class_of(enum page_kind k, const char *v)
{
	static const char *const classes[] = { [PK_CODE] = " class=\"c\"",
		[PK_DIGEST] = " class=\"c d\"",
		[PK_ID] = " class=\"i\"",
		[PK_TIME] = " class=\"i\"",
		[PK_NUMBER] = " class=\"n\"",
		[PK_AMOUNT] = " class=\"n\"",
		[PK_LINK] = " class=\"i\"" };

	if (k == PK_FACT && strlen(v) == EG_SHA256_HEX - 1 && strspn(v, "0123456789abcdef") == EG_SHA256_HEX - 1)
		k = PK_CODE;
	else if (k == PK_ITEM && strlen(v) <= ITEM_WHOLE)
		k = PK_ID;
	return classes[k] == NULL ? "" : classes[k];
}

void
page_table(struct page *p, const char *file, const char *caption, const struct page_col *cols, size_t n)
{
	const char *names[COLS_MAX];

	eg_check(!p->open && p->ntables < PAGE_TABLES && n > 0 && n <= COLS_MAX);
	struct page_table *t = &p->table[p->ntables++];
	*t = (struct page_table){
		.file = file, .caption = caption, .cols = cols, .ncols = n, .csv = EG_SPILL_INIT(p->dir)
	};
	p->open = true;
	for (size_t i = 0; i < n; i++)
		names[i] = cols[i].name;
	csv_row(t, names);
	part_end(p);
	eg_buf_str(&p->html, "<section>\n");
}

static void
table_head(struct page *p, const struct page_table *t)
{
	eg_buf_str(&p->html, "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"");
	put(p, t->caption, true);
	eg_buf_str(&p->html,
	    t->ncols == 2 && t->cols[1].kind == PK_FACT ? "\">\n<table class=\"facts\">\n" : "\">\n<table>\n");
	element(p, "<caption><h2>", t->caption, "</h2> also in ");
	put_link(p, "", t->file);
	eg_buf_str(&p->html, "</caption>\n<thead><tr>");
	for (size_t i = 0; i < t->ncols; i++) {
		if (t->cols[i].kind == PK_CSV)
			continue;
		eg_buf_printf(&p->html, "<th scope=\"col\"%s>", class_of(t->cols[i].kind, ""));
		element(p, "", t->cols[i].title, "</th>");
	}
	eg_buf_str(&p->html, "</tr></thead>\n<tbody>\n");
}

/* 1234567.00 as 1,234,567.00. */
static void
put_amount(struct page *p, const char *v)
{
	const size_t sign = *v == '-', digits = strspn(v + sign, "0123456789");

	if (digits == 0) {
		put(p, v, false);
		return;
	}
	eg_buf_put(&p->html, v, sign);
	for (size_t i = 0; i < digits; i++) {
		if (i > 0 && (digits - i) % 3 == 0)
			eg_buf_chr(&p->html, ',');
		eg_buf_chr(&p->html, (unsigned char)v[sign + i]);
	}
	put(p, v + sign + digits, false);
}

static bool
is_time(const char *v)
{
	static const char form[] = "0000-00-00T00:00:00Z";

	if (strlen(v) != sizeof(form) - 1)
		return false;
	for (size_t i = 0; v[i] != '\0'; i++)
		if (form[i] == '0' ? v[i] < '0' || v[i] > '9' : v[i] != form[i])
			return false;
	return true;
}

/* 2026-11-21T12:43:29Z as 2026-11-21 12:43:29. */
static void
put_time(struct page *p, const char *v)
{
	if (is_time(v))
		eg_buf_printf(&p->html, "%.10s %.8s", v, v + 11);
	else
		put(p, v, false);
}

static void
put_digest(struct page *p, const char *v)
{
	if (strlen(v) <= DIGEST_SHOWN) {
		put(p, v, false);
		return;
	}
	char *begin = eg_xprintf("%.*s", DIGEST_SHOWN, v);
	eg_buf_str(&p->html, "<span title=\"");
	put(p, v, true);
	element(p, "\">", begin, "…</span>");
	free(begin);
}

static void
put_cell(struct page *p, enum page_kind kind, const char *v)
{
	switch (kind) {
	case PK_AMOUNT:
		put_amount(p, v);
		break;
	case PK_FACT:
	case PK_TIME:
		put_time(p, v);
		break;
	case PK_DIGEST:
		put_digest(p, v);
		break;
	case PK_LINK:
		if (*v != '\0')
			put_link(p, p->up, v);
		break;
	default:
		put(p, v, false);
	}
}

static size_t
rows_shown(const struct page *p)
{
	return p->most > 0 ? p->most : PAGE_ROWS;
}

void
page_row(struct page *p, const char *const *cells)
{
	struct page_table *t = &p->table[p->ntables - 1];

	if (p->fault.cls != EG_OK)
		return;
	csv_row(t, cells);
	if (eg_spill_row(&t->csv, &p->fault) < 0)
		return;
	if (t->rows == 0)
		table_head(p, t);
	if (t->rows++ >= rows_shown(p))
		return;
	eg_buf_str(&p->html, "<tr>");
	for (size_t i = 0; i < t->ncols; i++) {
		if (t->cols[i].kind == PK_CSV)
			continue;
		const char *v = cells[i] == NULL ? "" : cells[i];
		eg_buf_printf(&p->html, i == 0 ? "<th scope=\"row\"%s>" : "<td%s>", class_of(t->cols[i].kind, v));
		put_cell(p, t->cols[i].kind, v);
		eg_buf_str(&p->html, i == 0 ? "</th>" : "</td>");
	}
	eg_buf_str(&p->html, "</tr>\n");
}

void
page_table_end(struct page *p)
{
	struct page_table *t = &p->table[p->ntables - 1];

	p->open = false;
	if (t->rows > 0)
		eg_buf_str(&p->html, "</tbody>\n</table>\n</div>\n");
	else {
		element(p, "<h2>", t->caption, "</h2>\n<p class=\"note\">None. (");
		put_link(p, "", t->file);
		eg_buf_str(&p->html, ")</p>\n");
	}
	if (t->rows > rows_shown(p)) {
		eg_buf_printf(&p->html, "<p class=\"note\">The first %zu of %zu rows; all of them are in ",
		    rows_shown(p), t->rows);
		element(p, "", t->file, ".</p>\n");
	}
	eg_buf_str(&p->html, "</section>\n");
}

void
page_end(struct page *p, const char *foot)
{
	part_end(p);
	element(p, "</main>\n<footer><p>", foot, "</p></footer>\n</body>\n</html>\n");
}

void
page_done(struct page *p)
{
	for (size_t i = 0; i < p->ntables; i++)
		eg_spill_done(&p->table[i].csv);
	eg_buf_done(&p->html);
	p->ntables = 0;
}
