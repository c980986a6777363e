/* SPDX-License-Identifier: MIT
 *
 * Companies that are one (V11): two of the project side, or two vendors of the ERP. What names the merged one means the surviving one from then on; what has
 * left stays as it left. Everything in a transaction of the caller.
 */
#ifndef GATEWAY_WORKFLOW_MERGE_H
#define GATEWAY_WORKFLOW_MERGE_H

#include "gateway/site.h"
#include "gateway/store/store_link.h"

/* The key that this company (REC_VENDOR) or ERP vendor (REC_ERP_VENDOR) goes by now: its own when it was never merged. In the arena. */
int merge_key(struct site *s, enum rec_id type, const char *key, struct eg_arena *a, const char **ret,
    struct eg_err *err) EG_MUSTCHECK;
/* Every key that means the same one: the key itself first, then the surviving one's, then the others'. */
int merge_names(struct site *s, enum rec_id type, const char *key, struct eg_arena *a, const char ***ret, size_t *ret_n,
    struct eg_err *err) EG_MUSTCHECK;
/* The item that stands for this one now; ret may be it. */
int merge_item(struct site *s, const struct item *it, struct eg_arena *a, struct item *ret, struct eg_err *err)
    EG_MUSTCHECK;

/* Both are of one kind; `gone` is merged into `kept` and, when it was open, archived. EG_BADREC F-35 (not of one kind), E-75 (merged or on its way), E-08 (kept
 * is archived; gone is linked and kept is not; both are ERP vendors of two companies). Logged. */
int act_merge(struct site *s, const struct item *kept, const struct item *gone, const char *reason, struct eg_err *err)
    EG_MUSTCHECK;
/* Undoes it: gone is open again (or synced, as it was) and has its ERP key again; contracts that left in between keep the key they left with. EG_BADREC F-35: was not merged. */
int act_unmerge(struct site *s, const struct item *gone, const char *reason, struct eg_err *err) EG_MUSTCHECK;

#endif
