/* SPDX-License-Identifier: MIT
 *
 * A document of headings, paragraphs and tables, as plain text or as one HTML page without scripts, links or anything from elsewhere. Every text that comes in is escaped for
 * the form; control characters become blanks.
 */
#ifndef GATEWAY_REPORT_PAPER_H
#define GATEWAY_REPORT_PAPER_H

#include "base/buf.h"

#define PAPER_COLUMNS 10

struct paper {
	bool html;
	struct eg_buf out;
	/* the table being made: cells are copied */
	size_t columns, n;
	char **cell;
	const char *const *titles;
};

void paper_begin(struct paper *p, bool html, const char *title);
void paper_heading(struct paper *p, const char *text);
void paper_text(struct paper *p, const char *text);
/* titles: literals, at most PAPER_COLUMNS. Rows follow; a table without rows says `none`. */
void paper_table(struct paper *p, const char *const *titles, size_t n);
void paper_row(struct paper *p, const char *const *cells); /* NULL = empty */
void paper_table_end(struct paper *p, const char *none);
void paper_end(struct paper *p);
void paper_done(struct paper *p); /* empty-safe */

#endif
