/* SPDX-License-Identifier: MIT
 *
 * The pages of the archive: archive/index.html and index.csv, and the same in each month's folder. They are derived from the database and outside of all bundles: not sealed, and say so. Written under a
 * temporary name and renamed, so that a reader never sees half a page.
 */
#ifndef GATEWAY_ARCHIVE_PAGES_H
#define GATEWAY_ARCHIVE_PAGES_H

#include "gateway/site.h"

/* Writes the pages of months in which something was sealed since they were written (a page of n lines n / 100 s after it was written last, or by a later turn), and those that are missing; all: every one. No transaction is open. A full disk is no failure unless all were asked for: the pages are written by a
 * later turn. */
int archive_pages(struct site *s, bool all, struct eg_err *err) EG_MUSTCHECK;

#endif
