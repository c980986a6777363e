/* SPDX-License-Identifier: MIT
 *
 * What stands beside a rejected file: a text for the person who has to act on it.
 */
#ifndef GATEWAY_REPORT_WHY_H
#define GATEWAY_REPORT_WHY_H

#include "gateway/site.h"

/* WHY.txt of a drop: what came, whether anything of it was taken (refused: nothing was), and every rejecting finding with its place, value and cure, grouped by file. files: what is said of files to repair, "" = there are none. */
int why_text(struct site *s, const char *drop, bool refused, const char *files, struct eg_buf *ret, struct eg_err *err)
    EG_MUSTCHECK;

/* The message of a reader's finding with its place where that is not the finding's line: one about a whole file stands at line 1 (layouts §2), but a person
 * needs the place itself. free() it. */
char *why_message(const struct adp_finding *f);

#endif
