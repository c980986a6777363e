/* SPDX-License-Identifier: MIT
 *
 * One entry evaluated with every step told: for read_value.c and trace.c only.
 */
#ifndef ADAPTERS_TRACE_H
#define ADAPTERS_TRACE_H

#include "adapters/lang.h"
#include "adapters/tools.h"

/* Runs the steps of e on a copy of what came of its source; env keeps its places, its changes and its problem. Inbound. */
int adl_trace_value(const struct adp_entry *e, struct adp_env *env, struct adp_val source, uint64_t line,
    adp_traced_fn *each, void *ctx, struct eg_err *err) EG_MUSTCHECK;
/* The source of an entry as written: what stands before its first bar. */
struct eg_bytes adl_source_text(const struct adp_entry *e);
/* Step i as written (steps run in another order than they stand: `max` goes last). */
struct eg_bytes adl_step_text(const struct adp_entry *e, size_t i);

#endif
