/* SPDX-License-Identifier: MIT
 *
 * Inside of the workbook writer: what may stand in a cell, and is a finished file whole?
 */
#ifndef FORMATS_XLSX_WRITE_INT_H
#define FORMATS_XLSX_WRITE_INT_H

#include "base/bytes.h"
#include "base/err.h"

/* libxlsxwriter keeps rows in temporary files and does not look whether its writes went well: on a full disk it makes a sound zip with rows
 * missing. rows_len[i] = bytes of rows that were handed over for sheet i + 1; every sheet of the file must hold exactly so many.
 * EG_RETRY "DISK-FULL" when one does not. */
int fmt_xlsx_check(struct eg_bytes file, const uint64_t *rows_len, size_t n, struct eg_err *err) EG_MUSTCHECK;

/* "" when a cell can hold the text, else what is wrong with it, to stand behind "The value". */
const char *fmt_xlsx_text_fault(struct eg_bytes v);

#endif
