/* SPDX-License-Identifier: MIT
 *
 * A page to read years later, and the same figures as CSV beside it: one call makes both, so no figure is on a page only. One self-contained HTML file that is also well-formed XML: no script,
 * nothing from elsewhere, relative links only; to be read by eye, by a screen reader, on paper, from a USB stick. The same calls give the same bytes. Texts are UTF-8 or anything else:
 * what cannot be shown stands there as \xNN.
 */
#ifndef GATEWAY_REPORT_PAGE_H
#define GATEWAY_REPORT_PAGE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/spill.h"

#include <stdbool.h>

#define PAGE_TABLES 12
#define PAGE_ROWS 500 /* of a table stand on the page; the others only in its CSV, which is said */

enum page_kind {
	PK_TEXT,
	PK_FACT, /* a value of any kind: times and digests are shown as such. The second of two columns makes the table a list of facts */
	PK_CODE, /* a digest, in a fixed width */
	PK_DIGEST, /* a digest of which the page shows the beginning; the CSV has all of it */
	PK_ID, /* short, never broken */
	PK_ITEM, /* a record's id: not broken unless it is long */
	PK_TIME, /* RFC 3339 UTC; shown without T and Z */
	PK_NUMBER, /* to the right */
	PK_AMOUNT, /* to the right; canonical, shown with thousands apart */
	PK_CSV, /* in the CSV only; not the first column */
	PK_LINK, /* a relative path: of the page in HTML, as it is in CSV */
};
struct page_col {
	const char *name; /* in the CSV: a-z and _ */
	const char *title;
	enum page_kind kind;
};

struct page {
	struct eg_buf html;
	struct page_table {
		const char *file, *caption; /* "records.csv" */
		const struct page_col *cols;
		size_t ncols, rows;
		struct eg_spill csv;
	} table[PAGE_TABLES];
	size_t ntables;
	size_t most; /* rows of a table on the page; 0 = PAGE_ROWS */
	const char *up; /* goes before the path of a link: "../" */
	bool open; /* a table is */
	bool part; /* a section is */
	int dir; /* long tables go to files without a name there (base/spill.h); -1 = all in memory */
	struct eg_err fault; /* the first row that found no place; cls EG_OK = none */
};
#define PAGE_INIT(folder)                            \
	{                                            \
		.html = EG_BUF_INIT, .dir = (folder) \
	}

/* name: what the page is about; lead: one sentence that says it all. up: links of tables are relative to it, "" or "../". Texts of literals are kept, others copied. */
void page_begin(struct page *p, const char *name, const char *lead, const char *up);
void page_text(struct page *p, const char *text); /* a paragraph between tables */
void page_steps(struct page *p, const char *const *commands, size_t n); /* commands to type */
void page_section(struct page *p, const char *title); /* a part that is no table, until the next one or the end */
/* file, caption and cols live as long as the page; at most 16 columns. */
void page_table(struct page *p, const char *file, const char *caption, const struct page_col *cols, size_t n);
void page_row(struct page *p,
    const char *const *cells); /* NULL = blank. What fails is kept in `fault`, and no table grows any more */
void page_table_end(struct page *p);
/* Closes the page; foot: a sentence about where it comes from. */
void page_end(struct page *p, const char *foot);
void page_done(struct page *p); /* empty-safe */

#endif
