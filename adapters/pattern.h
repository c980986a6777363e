/* SPDX-License-Identifier: MIT
 *
 * The patterns of the adapter language (`matches "[A-Z0-9-]{1,10}"`) for settings that hold one: always the whole text, no backtracking, texts of more than 4096
 * characters do not match.
 */
#ifndef ADAPTERS_PATTERN_H
#define ADAPTERS_PATTERN_H

#include "base/bytes.h"

struct adp_pattern;

struct adp_pattern *adp_pattern_new(struct eg_bytes text); /* NULL when it is no pattern; text is UTF-8 and is copied */
bool adp_pattern_match(const struct adp_pattern *p, struct eg_bytes v); /* v is UTF-8 */
void adp_pattern_free(struct adp_pattern *p); /* NULL is fine */

#endif
