/* SPDX-License-Identifier: MIT
 *
 * users add, grant, revoke: who may look, act and decide. What comes out of the options (users_take.c) is logged with what was before. users list and show: users_show.c.
 */
#include "gateway/cli/users.h"

#include "base/fs.h"
#include "gateway/workflow/actions.h"

/* ---- the change ---- */

static int
copy_key(struct site *s, const struct user_change *ch, struct eg_err *err)
{
	char *name = eg_xprintf("%s.pub.pem", ch->u.name);
	int rc = eg_fs_mkdirs(s->dir, "keys/users", 0750, err), dir = -1;

	if (rc == EG_OK)
		rc = eg_fs_opendir(s->dir, "keys/users", &dir, err);
	if (rc == EG_OK)
		rc = eg_fs_write_file(dir, name, eg_buf_view(&ch->pem), 0644, true, err);
	eg_fd_done(&dir);
	free(name);
	return rc;
}

static int
find_before(struct site *s, const struct user_change *ch, struct eg_arena *a, struct user *ret, struct eg_err *err)
{
	const char *name = ch->c->argv[1];
	int rc = user_find(s->store, name, a, ret, err);

	if (rc == EG_OK && ch->add)
		return eg_fail(
		    err, EG_BADREC, "EXISTS", "%s is a user already; change him: erpgate users grant %s …", name, name);
	if (rc == EG_EOF && !ch->add)
		return eg_fail(err, EG_BADREC, "NOT-FOUND", "There is no user %s. See them: erpgate users list", name);
	if (rc == EG_EOF)
		*ret = (struct user){ .name = name, .role = ROLE_STANDARD, .types = "", .added = site_now(s) };
	return rc == EG_EOF ? EG_OK : rc;
}

/* Without one of these, revoke takes the whole user. */
static bool
takes_single_rights(const struct cli *c)
{
	return cli_has(c, O_APPROVE) || cli_has(c, O_CAN_EXPORT) || cli_has(c, O_CAN_IMPORT) || cli_has(c, O_TOOL) ||
	       cli_has(c, O_MAY);
}

static int
log_change(struct site *s, const struct user_change *ch, const struct user *before, struct eg_err *err)
{
	bool gone = ch->revoke && !ch->u.active;
	json_t *j = user_rights_json(&ch->u);

	json_object_set_new(j, "before", ch->add ? json_null() : user_rights_json(before));
	char *text = json_dumps(j, JSON_COMPACT);
	int rc = site_log(s, ch->add ? "user-added" : gone ? "user-revoked" : "user-changed", ch->u.name, text, err);
	free(text);
	json_decref(j);
	return rc;
}

static int
change_user(struct site *s, void *ctx, struct eg_err *err)
{
	struct user_change *ch = ctx;
	struct user before;
	int rc = action_allowed(s, ACTION_USERS, NULL, err);

	if (rc == EG_OK)
		rc = find_before(s, ch, &ch->a, &before, err);
	if (rc != EG_OK)
		return rc;
	ch->u = before;
	if (!ch->revoke)
		ch->u.active = true;
	else if (!takes_single_rights(ch->c))
		ch->u.active = false;
	ch->u.revoked = ch->u.active ? 0 : site_now(s);
	rc = users_take(s, ch, err);
	if (rc == EG_OK)
		rc = user_put(s->store, &ch->u, err);
	if (rc == EG_OK && ch->pem.len > 0)
		rc = copy_key(s, ch, err);
	if (rc == EG_OK)
		rc = user_find(s->store, ch->u.name, &ch->a, &ch->u, err); /* lists as they are kept */
	return rc == EG_OK ? log_change(s, ch, &before, err) : rc;
}

static bool
name_good(const char *name)
{
	for (const char *p = name; *p != '\0'; p++)
		if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
			strchr("._@-", *p) != NULL))
			return false;
	return *name != '\0' && *name != '.' && *name != '-' && strlen(name) <= 60;
}

static int
users_change(struct cli *c)
{
	struct user_change ch = { .c = c, .act = c->argv[0], .pem = EG_BUF_INIT };
	struct eg_buf rights = EG_BUF_INIT;
	struct site s;
	struct eg_err err = { 0 };
	int code;

	ch.add = strcmp(ch.act, "add") == 0;
	ch.revoke = strcmp(ch.act, "revoke") == 0;
	if (ch.revoke && (cli_has(c, O_ROLE) || cli_has(c, O_LIMIT) || cli_has(c, O_PUBKEY) || cli_has(c, O_ACCOUNT) ||
			     cli_has(c, O_MAIL) || cli_has(c, O_FULL_NAME) || cli_has(c, O_SUMMARY)))
		return cli_usage(c,
		    "revoke takes rights away: --approve, --can-export, --can-import, --tool, --may, or the whole user without any of them; the rest is changed by grant");
	if (!cli_site(c, SITE_CHANGE, &s, &code))
		return code;
	eg_arena_init(&ch.a, 1 << 20);
	int rc = cli_tx(&s, change_user, &ch, &err);
	if (rc == EG_OK && !cli_has(c, O_QUIET)) {
		user_rights_text(&ch.u, &rights);
		(void)fprintf(stderr, "%s: %s, may decide: %s%s\n", ch.u.name,
		    ch.u.active ? user_role_word(ch.u.role) : "revoked", eg_buf_cstr(&rights),
		    ch.u.pubkey == NULL && ch.u.active && user_decides(&ch.u) ?
			"; no public key yet, so only unsigned sheets could come from here" :
			"");
	}
	eg_buf_done(&rights);
	eg_buf_done(&ch.pem);
	eg_arena_done(&ch.a);
	cli_close(c, &s);
	if (rc < 0)
		return strcmp(err.code, "USAGE") == 0 ? cli_usage(c, "%s", err.msg) : cli_fail(c, &err);
	return CLI_OK;
}

int
cmd_users(struct cli *c)
{
	const char *act = c->argv[0];

	if (strcmp(act, "list") == 0)
		return users_list(c);
	if (strcmp(act, "add") != 0 && strcmp(act, "grant") != 0 && strcmp(act, "revoke") != 0 &&
	    strcmp(act, "show") != 0)
		return cli_usage(c, "\"%s\" is not add, list, show, grant or revoke", act);
	if (c->argc != 2 || !name_good(c->argv[1]))
		return cli_usage(c, "give one user name of letters, digits and . _ @ -");
	return strcmp(act, "show") == 0 ? users_show(c) : users_change(c);
}
