/* SPDX-License-Identifier: MIT
 *
 * Everything that went into the files of a batch beside adapters, tables and settings: the records as they were handed to the writing worker (with the ERP keys, decisions and contract lines
 * of that moment) and the running numbers before it. Kept beside the staged files, sealed with them, and enough to make the same bytes again.
 */
#ifndef GATEWAY_WORKFLOW_BATCH_INPUTS_H
#define GATEWAY_WORKFLOW_BATCH_INPUTS_H

#include "gateway/workflow/batch.h"

/* Files in work/<batch>/archive/ and members of the bundle. */
#define BATCH_RECORDS "inputs-records.json"
#define BATCH_COUNTERS "inputs-counters.csv"
#define BATCH_RECORDS_MEMBER "inputs/records.json"
#define BATCH_COUNTERS_MEMBER "inputs/counters.csv"

/* The running numbers as they are now: by adapter of the set; free() it. To be taken before the rendering, which moves them on. */
int64_t *batch_counters_copy(const struct site *s, const int64_t *counters);
/* Stages both files. In the batch's transaction, like the files that leave. */
int batch_inputs_stage(struct making *m, const int64_t *counters_before, struct eg_err *err) EG_MUSTCHECK;

#endif
