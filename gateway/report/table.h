/* SPDX-License-Identifier: MIT
 *
 * A report: columns, rows, sums, and what has to be said with them (as of when, which filters, how figures are defined). Made once by a report's own
 * file, printed in four forms: text (gateway/cli/report.c), JSON lines, CSV, workbook (table_xlsx.c).
 *
 * Values come as text: amounts and numbers canonical ("-12.50", "1.0000"), whole numbers plain, dates YYYY-MM-DD, times RFC 3339 UTC; NULL is "not known" and stays an
 * empty cell, never a zero. A value of another form is a programmer's mistake.
 */
#ifndef GATEWAY_REPORT_TABLE_H
#define GATEWAY_REPORT_TABLE_H

#include "base/buf.h"
#include "base/dec.h"
#include "base/err.h"

enum report_kind {
	RK_TEXT = 0,
	RK_INT,
	RK_AMOUNT, /* scale 2 */
	RK_NUMBER, /* scale 4: quantities; also whole numbers and amounts in one column */
	RK_DATE,
	RK_TIME,
};
enum report_flag {
	RP_SUM = 1, /* added up per group and in all */
	RP_DETAIL = 2, /* not in the text form, which has to fit a screen */
	RP_ALWAYS = 4, /* in the text form also when every row is empty or zero there */
};
struct report_col {
	const char *name; /* in JSON and CSV; never changes, and never "type", which is the line's own in JSON */
	const char *title; /* for people */
	enum report_kind kind;
	unsigned flags;
};

struct report_sum {
	struct eg_dec value;
	bool any; /* some row had a value: else the sum is not known either */
	bool lost; /* out of range: shown as not known */
};
struct report_row {
	char **cells;
};
struct report_pair {
	char *name, *value;
};

struct report {
	const char *name, *title; /* "job-costs", "ERP job costs" */
	const struct report_col *cols;
	size_t ncols;
	struct report_row *rows;
	size_t nrows, cap;
	size_t group; /* rows with the same first `group` cells stand together and get sums of their own; 0 = none */
	struct report_pair *said; /* filters, then notes with name NULL */
	size_t nsaid;
	int64_t as_of;
	char *site;
	bool bad; /* the report itself found that something does not add up */
	size_t open; /* row being filled */
};

/* cols must live as long as the report. Never NULL; report_free takes NULL. */
struct report *report_new(const char *name, const char *title, const struct report_col *cols, size_t n);
void report_free(struct report *r);
void report_made(struct report *r, const char *site, int64_t as_of);
void report_filter(struct report *r, const char *name, const char *value); /* value NULL: nothing is said */
void report_note(struct report *r, const char *fmt, ...) EG_PRINTF(2, 3);

/* A new row, all cells not known; then its cells by column name. Values are copied. */
void report_row(struct report *r);
void report_put(struct report *r, const char *col, const char *value); /* NULL = not known */
void report_put_dec(struct report *r, const char *col, struct eg_dec d); /* by the column's kind */
void report_put_int(struct report *r, const char *col, int64_t v);
void report_put_time(struct report *r, const char *col, int64_t unix_sec); /* 0 = not known */

/* Bytewise by the first n columns; rows that are equal there keep their order. Before any sum is asked for. */
void report_sort(struct report *r, size_t n);
/* Sum of a column over rows [from, to). */
struct report_sum report_sum(const struct report *r, size_t col, size_t from, size_t to);
/* The sum as text in the column's scale; NULL when it is not known. free() it. */
char *report_sum_text(const struct report *r, size_t col, const struct report_sum *s);
/* First row behind the group that begins at row `from`. */
size_t report_group_end(const struct report *r, size_t from);
/* Some row has a value there that is no zero: empty columns are left out of the text form. */
bool report_col_used(const struct report *r, size_t col);

/* JSON lines: {"type":"row",…}, {"type":"subtotal",…} behind each group, at the end {"type":"summary",…} with sums, filters and notes. */
void report_json(const struct report *r, struct eg_buf *ret);
/* One header row of names and the rows, no sums: a table stays a table. Text that a spreadsheet would take for a formula gets an apostrophe. EG_BADREC as fmt_csv_row. */
int report_csv(const struct report *r, struct eg_buf *ret, struct eg_err *err) EG_MUSTCHECK;
/* A workbook: the rows, their sums, and what is said with them. Errors of formats/xlsx_write.h. */
int report_xlsx(const struct report *r, struct eg_buf *ret, struct eg_err *err) EG_MUSTCHECK;

#endif
