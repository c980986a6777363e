/* SPDX-License-Identifier: MIT
 *
 * Files to repair: the refused documents of a file alone, in the sender's own form, with what was wrong beside them, so that they can be corrected and dropped
 * again as they are; and what a dropped file says about having been one. Tests: tests/unit/test_repair.c.
 *
 * CSV: the header and the rows byte for byte, with the columns below appended; in a workbook's place a CSV with the cells' texts. XML: everything up to the root's start tag, the
 * refused elements byte for byte with a comment before each and the element erpgate_reject as its first child, the root's end tag. Every layout
 * of CSV takes these columns, and of XML these elements, without a word.
 */
#ifndef ADAPTERS_REPAIR_H
#define ADAPTERS_REPAIR_H

#include "adapters/adapter.h"

#define REPAIR_REJECT "Erpgate Reject" /* number of the refused document: D000187-3 */
#define REPAIR_ROW "Erpgate Row" /* line in the original */
#define REPAIR_CODE "Erpgate Code" /* finding codes, the first one first */
#define REPAIR_REASON "Erpgate Reason"
#define REPAIR_ACCEPTED "Erpgate Accepted" /* what would be taken instead */
#define REPAIR_NEAR "Erpgate Near" /* near matches in the site's lists */
#define REPAIR_CHECK "Erpgate Check" /* of the sender's own cells: a row that comes back as it was is known by it */

/* What stands beside a row. Texts are UTF-8, never NULL. */
struct adp_kit_note {
	uint64_t line; /* of the original; 0 = any row that has no note of its own */
	const char *code, *reason, *accepted, *near;
};

struct adp_kit_doc {
	const char *id;
	uint64_t line; /* its first */
	uint64_t off, len; /* its bytes; len 0: the row that begins at `line` */
	size_t nnotes;
	const struct adp_kit_note *notes; /* by line; the first one has line 0 */
	/* XML: it is refused for standing there twice, so it is refused again until a person takes the mark out */
	bool by_place;
};

struct adp_kit { /* of one plain file, or one sheet */
	const char *member; /* as worker_file.member */
	const struct adp *adapter; /* that read it */
	size_t ndocs;
	const struct adp_kit_doc *docs; /* by off (by line where len is 0) */
	int (*bytes)(void *ctx, struct eg_bytes v, struct eg_err *err);
	void *ctx;
};

/* Writes a kit's file out of the original's bytes. f and b (a sheet's workbook, else NULL) as for adp_read. EG_BADFILE when the bytes are not what was read before; what `bytes` fails with. */
int adp_repair(const struct adp_set *s, const struct adp_file *f, struct fmt_src src, struct fmt_book *b,
    const struct adp_kit *kit, struct eg_err *err) EG_MUSTCHECK;
/* The adapter reads XML: the kit's file is one. */
bool adp_reads_xml(const struct adp *a);

/* What a column of the adapter takes, for a person: "a date written MM/DD/YYYY". Appends nothing when the column is not known. */
void adp_accepted(const struct adp *a, const char *column, struct eg_buf *ret);
/* Is the column one of codes or keys (cost codes, vendors, projects)? ret_field: the record's field, "line.cost_code". */
bool adp_code_column(const struct adp *a, const char *column, const char **ret_field);

#endif
