/* SPDX-License-Identifier: MIT
 *
 * Who is at the keyboard: the user that --as names; else the user whose account on this machine is the caller's; else the operator or somebody unknown. Finding out
 * never refuses: what is asked of an unknown or unproven caller is refused by action_allowed (E-74), so that looking stays possible.
 */
#ifndef GATEWAY_WORKFLOW_ACTOR_H
#define GATEWAY_WORKFLOW_ACTOR_H

#include "gateway/site.h"

/* Fills s->caller. as: the name given, or NULL. key: PEM file of a private key that proves it, or NULL; a file that is no key is EG_BADFILE. uid: the caller's account.
 *
 * On a site with approvals.require_signature = yes a name counts only when the account is that user's, the key is that user's, or the caller is the operator; on others
 * it is taken on trust, as unsigned sheets are. The account is what the kernel says (getuid), never what a terminal or the environment says. */
int actor_find(struct site *s, const char *as, const char *key, uid_t uid, struct eg_err *err) EG_MUSTCHECK;

/* The account's name, "uid 1001" when the machine has none for it; valid until the next call of getpwuid. */
const char *actor_account(uid_t uid, char *buf, size_t cap);
/* The active user whose account that is, else an inactive one; EG_EOF: none. In the arena. */
int actor_of_account(struct site *s, const char *account, struct eg_arena *a, const char **ret, struct eg_err *err)
    EG_MUSTCHECK;

#endif
