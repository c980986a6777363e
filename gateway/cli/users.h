/* SPDX-License-Identifier: MIT
 *
 * What the files of the command users share.
 */
#ifndef GATEWAY_CLI_USERS_H
#define GATEWAY_CLI_USERS_H

#include "gateway/cli/cli.h"

/* users add, grant, revoke at work: u is what the user has, then what he will have. */
struct user_change {
	struct cli *c;
	const char *act;
	bool add, revoke;
	struct user u;
	struct eg_arena a;
	struct eg_buf pem;
	char key_id[SIGN_KEY_ID];
};
/* An absent option changes nothing. Texts live in ch->a and ch->pem. EG_BADREC "USAGE"; "EXISTS" for a key, an account or a name (but for capitals) of another user, revoked ones
 * included, and for the gateway's key; EG_BADFILE for a key file that is none, or of a kind that signs no sheets. */
int users_take(struct site *s, struct user_change *ch, struct eg_err *err) EG_MUSTCHECK;

/* Everything that can be granted, as the log keeps it. */
json_t *user_rights_json(const struct user *u);
/* "invoice,cco; to the ERP only: budget; from the ERP only: erp-vendor", or "nothing". */
void user_rights_text(const struct user *u, struct eg_buf *ret);
/* Has the privilege for some record type. */
bool user_decides(const struct user *u);

int users_list(struct cli *c);
int users_show(struct cli *c);

#endif
