/* SPDX-License-Identifier: MIT
 *
 * Inside adapters/repair*.c and the reading engine: a kit being written (CSV, XML), and the columns of one being read. Only for those.
 */
#ifndef ADAPTERS_REPAIR_INT_H
#define ADAPTERS_REPAIR_INT_H

#include "adapters/read_int.h"
#include "adapters/repair.h"

#define REPAIR_NCOLUMNS 7
#define REPAIR_XML_REJECT "erpgate_reject"
#define REPAIR_XML_REFUSED "erpgate_refused"

extern const char *const repair_columns[REPAIR_NCOLUMNS];
bool repair_is_column(struct eg_bytes name);

#define REPAIR_CHECK_LEN 8U
/* Eight letters out of the texts of the cells, those of `ours` left out: letters, because a spreadsheet takes some digits for numbers. ours NULL = none. */
void repair_check(const struct fmt_cell *cells, size_t n, const bool *ours, char ret[REPAIR_CHECK_LEN + 1]);

/* Appends UTF-8 text in an encoding; a character that it does not have becomes `?`. */
void repair_text(enum fmt_enc enc, struct eg_bytes v, struct eg_buf *ret);
/* The note of a row; notes[0] stands for rows without one. */
const struct adp_kit_note *repair_note_at(const struct adp_kit_doc *d, uint64_t line);

struct repair {
	const struct adp_kit *kit;
	size_t next; /* the document that the next row can belong to */
	struct eg_buf out; /* of one row or document */
};
int repair_flush(struct repair *p, struct eg_err *err) EG_MUSTCHECK;

int repair_csv(struct rd *r, struct repair *p, struct eg_err *err) EG_MUSTCHECK;
int repair_sheet(struct rd *r, struct repair *p, struct eg_err *err) EG_MUSTCHECK;
int repair_xml(struct fmt_src src, struct repair *p, struct eg_err *err) EG_MUSTCHECK;

#endif
