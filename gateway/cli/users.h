/* SPDX-License-Identifier: MIT
 *
 * What the files of the command users share.
 */
#ifndef GATEWAY_CLI_USERS_H
#define GATEWAY_CLI_USERS_H

#include "gateway/cli/cli.h"

/* Everything that can be granted, as the log keeps it. */
json_t *user_rights_json(const struct user *u);
/* "invoice,cco; to the ERP only: budget; from the ERP only: erp-vendor", or "nothing". */
void user_rights_text(const struct user *u, struct eg_buf *ret);
/* Has the privilege for some record type. */
bool user_decides(const struct user *u);

int users_list(struct cli *c);
int users_show(struct cli *c);

#endif
