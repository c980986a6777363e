/* SPDX-License-Identifier: MIT
 *
 * users list and users show NAME: everybody on a line; of one user every action, whether he may do it, and if not, what is missing.
 */
#include "gateway/cli/users.h"
#include "gateway/workflow/actions.h"

static const char *
given(const char *list)
{
	return list == NULL ? "" : list;
}

/* Both lists as one. */
static json_t *
json_lists(const char *x, const char *y)
{
	bool all = strcmp(given(x), "all") == 0 || strcmp(given(y), "all") == 0;

	return json_sprintf("%s%s%s", all ? "all" : given(x), !all && *given(x) != '\0' && *given(y) != '\0' ? "," : "",
	    all ? "" : given(y));
}

json_t *
user_rights_json(const struct user *u)
{
	return json_pack("{s:s,s:s,s:o,s:o,s:s,s:s,s:o,s:o,s:o,s:o,s:o,s:b,s:b}", "role", user_role_word(u->role),
	    "types", given(u->types), "can_export", json_lists(u->types, u->exports), "can_import",
	    json_lists(u->types, u->imports), "tools", given(u->tools), "may", given(u->may), "limit",
	    cli_str(u->limit), "key", cli_str(u->key_id), "account", cli_str(u->account), "full_name",
	    cli_str(u->full_name), "mail", cli_str(u->mail), "summary", !u->summary_opt_out, "active", u->active);
}

bool
user_decides(const struct user *u)
{
	return *given(u->types) != '\0' || *given(u->exports) != '\0' || *given(u->imports) != '\0';
}

void
user_rights_text(const struct user *u, struct eg_buf *ret)
{
	const char *const lists[] = { given(u->types), given(u->exports), given(u->imports) };
	static const char *const words[] = { "", "to the ERP only: ", "from the ERP only: " };

	if (!user_decides(u))
		eg_buf_str(ret, "nothing");
	for (size_t i = 0; i < 3; i++)
		if (*lists[i] != '\0')
			eg_buf_printf(ret, "%s%s%s", ret->len > 0 ? "; " : "", words[i], lists[i]);
}

/* ---- list ---- */

/* One line for `list --json` and the first of `show --json`. */
static void
json_user(const struct user *u)
{
	json_t *j = json_pack("{s:s,s:s,s:s,s:s,s:o,s:o,s:o,s:b}", "type", "user", "name", u->name, "role",
		   user_role_word(u->role), "approve", given(u->types), "limit", cli_str(u->limit), "key",
		   cli_str(u->key_id), "account", cli_str(u->account), "active", u->active),
	       *more = user_rights_json(u);

	json_object_del(more, "types");
	(void)json_object_update_missing(j, more);
	json_decref(more);
	cli_json(j);
}

struct user_list {
	struct cli *c;
	struct cli_table *t;
};

static int
list_user(void *ctx, const struct user *u, struct eg_err *err)
{
	struct user_list *l = ctx;
	struct eg_buf rights = EG_BUF_INIT;

	(void)err;
	if (l->t == NULL) {
		json_user(u);
		return EG_OK;
	}
	if (user_decides(u))
		user_rights_text(u, &rights);
	const char *cells[] = { u->name, user_role_word(u->role), eg_buf_cstr(&rights), u->limit, u->key_id, u->account,
		u->mail, u->active ? "" : "revoked" };
	cli_table_row(l->t, cells);
	eg_buf_done(&rights);
	return EG_OK;
}

int
users_list(struct cli *c)
{
	static const char *const titles[] = { "USER", "ROLE", "MAY DECIDE", "LIMIT", "KEY", "ACCOUNT", "MAIL", "" };
	struct user_list l = { c, NULL };
	struct site s;
	struct eg_err err;
	int code;

	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	if (!cli_has(c, O_JSON))
		l.t = cli_table_new(titles, 8, CLI_COL(3));
	int rc = user_each(s.store, list_user, &l, &err);
	if (l.t != NULL)
		cli_table_print(l.t);
	site_close(&s);
	return rc < 0 ? cli_fail(c, &err) : CLI_OK;
}

/* ---- show ---- */

struct showing {
	const struct site *s;
	const struct user *u;
	struct cli_table *t; /* NULL = JSON */
	unsigned may, may_not;
};

static void
show_action(struct showing *sh, enum action what, const char *type)
{
	struct lack l = { EG_BUF_INIT, EG_BUF_INIT, 0 };
	bool may = action_may(&sh->s->conf, sh->u, what, type, NULL, &l) && sh->u->active;
	char *give = eg_xprintf("erpgate users grant %s%s", sh->u->name, eg_buf_cstr(&l.grant)), number[12];

	sh->may += may;
	sh->may_not += !may;
	(void)snprintf(number, sizeof(number), "%d", (int)what);
	if (sh->t == NULL)
		cli_json(json_pack("{s:s,s:i,s:s,s:o,s:b,s:o,s:o}", "type", "action", "number", (int)what, "action",
		    action_words(what), "record_type", cli_str(type), "allowed", may, "missing",
		    may ? json_null() : json_string(sh->u->active ? eg_buf_cstr(&l.what) : "the rights were revoked"),
		    "grant", may ? json_null() : json_string(give)));
	else {
		const char *cells[] = { number, action_words(what), type, may ? "yes" : "no",
			may           ? "" :
			sh->u->active ? eg_buf_cstr(&l.what) :
					"the rights were revoked" };
		cli_table_row(sh->t, cells);
	}
	free(give);
	lack_done(&l);
}

static void
show_actions(struct showing *sh)
{
	for (int what = 1; what <= ACTION_LAST; what++) {
		bool each = what != ACTION_SEND || *given(sh->u->tools) != '\0';
		const char *type = each ? action_type_at((enum action)what, 0) : NULL;
		if (type == NULL)
			show_action(sh, (enum action)what, NULL);
		for (size_t i = 1; type != NULL; i++) {
			show_action(sh, (enum action)what, type);
			type = action_type_at((enum action)what, i);
		}
	}
}

static void
show_head(const struct user *u)
{
	struct eg_buf rights = EG_BUF_INIT;
	const struct {
		const char *title, *text;
	} lines[] = { { "full name", u->full_name }, { "mail", u->mail }, { "account", u->account },
		{ "key", u->key_id }, { "limit", u->limit }, { "tools", u->tools }, { "single rights", u->may } };

	user_rights_text(u, &rights);
	(void)printf("%s: %s%s\n", u->name, user_role_word(u->role), u->active ? "" : ", revoked");
	(void)printf("  %-14s %s\n", "may decide", eg_buf_cstr(&rights));
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (lines[i].text != NULL && *lines[i].text != '\0')
			(void)printf("  %-14s %s\n", lines[i].title, lines[i].text);
	(void)printf("  %-14s %s\n\n", "summary mails", u->summary_opt_out ? "no" : "yes");
	eg_buf_done(&rights);
}

int
users_show(struct cli *c)
{
	static const char *const titles[] = { "#", "ACTION", "TYPE", "MAY", "MISSING" };
	struct showing sh = { 0 };
	struct eg_err err = { 0 };
	struct eg_arena a;
	struct user u;
	struct site s;
	int code, rc;

	if (!cli_site(c, SITE_LOOK, &s, &code))
		return code;
	eg_arena_init(&a, 1 << 18);
	rc = user_find(s.store, c->argv[1], &a, &u, &err);
	if (rc == EG_EOF)
		rc = eg_fail(
		    &err, EG_BADREC, "NOT-FOUND", "There is no user %s. See them: erpgate users list", c->argv[1]);
	sh = (struct showing){ &s, &u, rc == EG_OK && !cli_has(c, O_JSON) ? cli_table_new(titles, 5, CLI_COL(0)) : NULL,
		0, 0 };
	if (rc == EG_OK && sh.t == NULL)
		json_user(&u);
	else if (rc == EG_OK)
		show_head(&u);
	if (rc == EG_OK)
		show_actions(&sh);
	if (sh.t != NULL)
		cli_table_print(sh.t);
	else if (rc == EG_OK)
		cli_json(
		    json_pack("{s:s,s:i,s:i}", "type", "summary", "allowed", (int)sh.may, "missing", (int)sh.may_not));
	eg_arena_done(&a);
	site_close(&s);
	return rc < 0 ? cli_fail(c, &err) : CLI_OK;
}
