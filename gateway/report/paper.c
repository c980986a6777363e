/* SPDX-License-Identifier: MIT
 *
 * Text: tables as lines of "title: cell" when they are wide, else in columns. HTML: one page that prints.
 */
#include "gateway/report/paper.h"

#include "base/utf8.h"

#include <string.h>

#define WIDE 150 /* columns of text: above it a row becomes a block of lines */

static void
escaped(struct paper *p, const char *text)
{
	for (const char *c = text == NULL ? "" : text; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			eg_buf_chr(&p->out, ' ');
		else if (p->html && *c == '&')
			eg_buf_str(&p->out, "&amp;");
		else if (p->html && *c == '<')
			eg_buf_str(&p->out, "&lt;");
		else if (p->html && *c == '>')
			eg_buf_str(&p->out, "&gt;");
		else if (p->html && *c == '"')
			eg_buf_str(&p->out, "&quot;");
		else
			eg_buf_chr(&p->out, (unsigned char)*c);
}

/* html: "<h2>" and the like; text: what stands before and behind. */
static void
wrapped(struct paper *p, const char *open, const char *text, const char *close, const char *before, const char *after)
{
	eg_buf_str(&p->out, p->html ? open : before);
	escaped(p, text);
	eg_buf_str(&p->out, p->html ? close : after);
}

void
paper_begin(struct paper *p, bool html, const char *title)
{
	*p = (struct paper){ .html = html, .out = EG_BUF_INIT };
	if (html) {
		eg_buf_str(&p->out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<title>");
		escaped(p, title);
		eg_buf_str(&p->out,
		    "</title>\n<style>\nbody { font: 15px/1.45 sans-serif; margin: 2em auto; max-width: 70em; padding: 0 1em; color: #1b1b1b; background: #fff }\n"
		    "h1 { font-size: 1.6em } h2 { font-size: 1.2em; margin-top: 2em; border-bottom: 1px solid #999 }\n"
		    "table { border-collapse: collapse; width: 100%; font-size: 0.9em }\n"
		    "th, td { text-align: left; vertical-align: top; padding: 0.25em 0.6em; border-bottom: 1px solid #ccc; overflow-wrap: anywhere }\n"
		    "@media print { body { margin: 0; max-width: none; font-size: 10px } h2 { break-after: avoid } tr { break-inside: avoid } thead { display: table-header-group } }\n"
		    "</style>\n</head>\n<body>\n");
	}
	wrapped(p, "<h1>", title, "</h1>\n", "", "\n\n");
}

void
paper_heading(struct paper *p, const char *text)
{
	size_t n = eg_utf8_count(eg_bytes_str(text));

	wrapped(p, "<h2>", text, "</h2>\n", "\n", "\n");
	for (size_t i = 0; !p->html && i < n; i++)
		eg_buf_chr(&p->out, '-');
	if (!p->html)
		eg_buf_chr(&p->out, '\n');
}

void
paper_text(struct paper *p, const char *text)
{
	wrapped(p, "<p>", text, "</p>\n", "\n", "\n");
}

void
paper_table(struct paper *p, const char *const *titles, size_t n)
{
	eg_check(n > 0 && n <= PAPER_COLUMNS);
	p->titles = titles;
	p->columns = n;
	p->n = 0;
}

void
paper_row(struct paper *p, const char *const *cells)
{
	p->cell = eg_xrealloc(p->cell, (p->n + p->columns) * sizeof(*p->cell));
	for (size_t i = 0; i < p->columns; i++)
		p->cell[p->n++] = eg_xstrdup(cells[i] == NULL ? "" : cells[i]);
}

static void
html_table(struct paper *p)
{
	eg_buf_str(&p->out, "<table>\n<thead><tr>");
	for (size_t i = 0; i < p->columns; i++)
		wrapped(p, "<th scope=\"col\">", p->titles[i], "</th>", "", "");
	eg_buf_str(&p->out, "</tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < p->n; i++) {
		eg_buf_str(&p->out, i % p->columns == 0 ? "<tr>" : "");
		wrapped(p, "<td>", p->cell[i], "</td>", "", "");
		eg_buf_str(&p->out, i % p->columns == p->columns - 1 ? "</tr>\n" : "");
	}
	eg_buf_str(&p->out, "</tbody>\n</table>\n");
}

static size_t
width(const char *text)
{
	return eg_utf8_count(eg_bytes_str(text));
}

static void
padded(struct paper *p, const char *text, size_t to, bool last)
{
	escaped(p, text);
	for (size_t n = width(text); !last && n < to + 2; n++)
		eg_buf_chr(&p->out, ' ');
}

static void
text_table(struct paper *p)
{
	size_t w[PAPER_COLUMNS], sum = 0;

	for (size_t c = 0; c < p->columns; c++) {
		w[c] = width(p->titles[c]);
		for (size_t i = c; i < p->n; i += p->columns)
			w[c] = width(p->cell[i]) > w[c] ? width(p->cell[i]) : w[c];
		sum += w[c] + 2;
	}
	eg_buf_chr(&p->out, '\n');
	for (size_t c = 0; sum <= WIDE && c < p->columns; c++) {
		padded(p, p->titles[c], w[c], c + 1 == p->columns);
		eg_buf_str(&p->out, c + 1 == p->columns ? "\n" : "");
	}
	for (size_t i = 0; i < p->n; i++) {
		size_t c = i % p->columns;
		if (sum <= WIDE)
			padded(p, p->cell[i], w[c], c + 1 == p->columns);
		else {
			eg_buf_str(&p->out, c == 0 ? "- " : "  ");
			wrapped(p, "", p->titles[c], "", "", ": ");
			escaped(p, p->cell[i]);
		}
		eg_buf_str(&p->out, sum > WIDE || c + 1 == p->columns ? "\n" : "");
	}
}

void
paper_table_end(struct paper *p, const char *none)
{
	if (p->n == 0)
		paper_text(p, none);
	else if (p->html)
		html_table(p);
	else
		text_table(p);
	for (size_t i = 0; i < p->n; i++)
		free(p->cell[i]);
	free(p->cell);
	p->cell = NULL;
	p->n = 0;
}

void
paper_end(struct paper *p)
{
	if (p->html)
		eg_buf_str(&p->out, "</body>\n</html>\n");
}

void
paper_done(struct paper *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->cell[i]);
	free(p->cell);
	p->cell = NULL;
	p->n = 0;
	eg_buf_done(&p->out);
}
