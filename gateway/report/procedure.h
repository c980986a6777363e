/* SPDX-License-Identifier: MIT
 *
 * The procedure document: how this site works, in writing, as it is now or as it was at the end of a day. Everything in it is asked of the site: settings and adapters, the log,
 * and for an earlier day the newest bundle sealed by then, which holds the settings and tables in force when it was sealed.
 */
#ifndef GATEWAY_REPORT_PROCEDURE_H
#define GATEWAY_REPORT_PROCEDURE_H

#include "gateway/report/paper.h"
#include "gateway/site.h"

/* until: first second behind the day, 0 = now. p is begun here; the caller frees it. EG_BADREC "NOT-FOUND" when nothing was sealed by then. */
int procedure_write(struct site *s, int64_t until, bool html, struct paper *p, struct eg_err *err) EG_MUSTCHECK;

#endif
