/* SPDX-License-Identifier: MIT
 *
 * The files that the rows of the rule book are divided over. Only rulebook*.c include it.
 */
#ifndef GATEWAY_WORKFLOW_RULEBOOK_INT_H
#define GATEWAY_WORKFLOW_RULEBOOK_INT_H

#include "gateway/workflow/rulebook.h"

/* Where rows come from. */
#define VENDOR_DOC "the project side vendor's manuals"
#define DEVELOPER_DOC "the project side vendor's developer documentation"
#define ERP_LAYOUT "the ERP maker's published layouts"
#define INTEGRATOR "other integrations of the same systems"
#define OURS "inferred"

struct book_rows {
	const struct book_rule *rows;
	size_t n;
};
extern const struct book_rows book_setup; /* E-01 … E-33 */
extern const struct book_rows book_money; /* E-34 … E-76 */
extern const struct book_rows book_gateway; /* F-nn */

#endif
