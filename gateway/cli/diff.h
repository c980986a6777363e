/* SPDX-License-Identifier: MIT
 *
 * What changed between two texts, line by line: for `show --diff`.
 */
#ifndef GATEWAY_CLI_DIFF_H
#define GATEWAY_CLI_DIFF_H

#include "base/buf.h"

/* Lines only in `before` begin with "- ", lines only in `now` with "+ "; removed before added where both stand at one
 * place. Equal lines are left out. Texts whose changed middle has more than 4,000,000 pairs of lines are told as
 * removed and added whole. Returns the number of changed lines. */
size_t cli_diff(struct eg_bytes before, struct eg_bytes now, struct eg_buf *ret);

#endif
