/* SPDX-License-Identifier: MIT
 *
 * Names that people know beside the keys that systems use.
 */
#ifndef GATEWAY_REPORT_NAMES_H
#define GATEWAY_REPORT_NAMES_H

#include "gateway/site.h"

/* The company an item is about, as people call it: the name of the company or of the ERP's vendor with that key, else the key; "" when the item has none. Lives in the arena. */
int vendor_name(struct site *s, const struct item *it, struct eg_arena *a, const char **ret, struct eg_err *err)
    EG_MUSTCHECK;

#endif
