/* SPDX-License-Identifier: MIT
 *
 * users add, grant, revoke: who may look, act and decide. Options are added to what a user has (grant) or taken from it (revoke); what comes out is logged with what was
 * before. Refuses unknown record types, tools and single rights, a type whose direction does not exist, and texts that are no texts. users list and show: users_show.c.
 */
#include "gateway/cli/users.h"

#include "base/fs.h"
#include "base/limits.h"
#include "base/utf8.h"
#include "gateway/workflow/actions.h"

#include <fcntl.h>

struct user_change {
	struct cli *c;
	const char *act;
	bool add, revoke;
	struct user u;
	struct eg_arena a;
	struct eg_buf pem;
	char key_id[SIGN_KEY_ID];
};

/* ---- lists of words ---- */

static bool
list_has(const char *list, struct eg_bytes word)
{
	struct eg_bytes rest = eg_bytes_str(list), part;

	while (eg_bytes_cut(&rest, ',', &part))
		if (eg_bytes_eq(eg_bytes_trim(part), word))
			return true;
	return false;
}

static const char *
list_join(struct eg_arena *a, const char *x, const char *y)
{
	bool both = x != NULL && *x != '\0' && y != NULL && *y != '\0';
	char *text = eg_xprintf("%s%s%s", x == NULL ? "" : x, both ? "," : "", y == NULL ? "" : y);
	const char *kept = list_has(text, EG_LIT("all")) ? "all" : eg_arena_cstr(a, eg_bytes_str(text));

	free(text);
	return kept;
}

/* All that can be decided about, for taking single ones away from "all". */
static void
put_all_types(struct eg_buf *b)
{
	for (unsigned i = 0; i < REC_NTYPES; i++) {
		const struct rec_type *t = rec_type((enum rec_id)i);
		if (t->cls == RC_TO_ERP || t->cls == RC_FROM_ERP)
			eg_buf_printf(b, "%s%s", b->len > 0 ? "," : "", t->name);
	}
}

static const char *
list_without(struct eg_arena *a, const char *from, const char *less)
{
	struct eg_buf all = EG_BUF_INIT, left = EG_BUF_INIT;
	struct eg_bytes rest, part;

	if (list_has(from, EG_LIT("all")))
		put_all_types(&all);
	rest = all.len > 0 ? eg_buf_view(&all) : eg_bytes_str(from);
	while (!list_has(less, EG_LIT("all")) && eg_bytes_cut(&rest, ',', &part)) {
		part = eg_bytes_trim(part);
		if (part.len > 0 && !list_has(less, part))
			eg_buf_printf(&left, "%s%.*s", left.len > 0 ? "," : "", EG_FMT(part));
	}
	const char *kept = eg_arena_cstr(a, eg_buf_view(&left));
	eg_buf_done(&all);
	eg_buf_done(&left);
	return kept;
}

/* ---- record types ---- */

static int
check_types(const char *option, const char *types, bool exports, bool imports, struct eg_err *err)
{
	struct eg_bytes rest = eg_bytes_str(types), part;

	while (eg_bytes_cut(&rest, ',', &part)) {
		part = eg_bytes_trim(part);
		const struct rec_type *t = rec_type_named(part);
		if (eg_bytes_is(part, "all"))
			continue;
		if (t == NULL || (t->cls != RC_TO_ERP && t->cls != RC_FROM_ERP))
			return eg_fail(err, EG_BADREC, "USAGE",
			    "\"%.*s\" is no record type that is decided about. See them: erpgate help types",
			    EG_FMT(part));
		if ((t->cls == RC_TO_ERP && !exports) || (t->cls == RC_FROM_ERP && !imports))
			return eg_fail(err, EG_BADREC, "USAGE", "%s names %s, which %s; use %s", option, t->name,
			    t->cls == RC_TO_ERP ? "goes to the accounting system" : "comes from the accounting system",
			    t->cls == RC_TO_ERP ? "--can-export" : "--can-import");
	}
	return EG_OK;
}

static int
take_types(struct user_change *ch, struct eg_err *err)
{
	static const struct {
		enum cli_opt o;
		const char *name;
		bool exports, imports;
	} options[] = { { O_APPROVE, "--approve", true, true }, { O_CAN_EXPORT, "--can-export", true, false },
		{ O_CAN_IMPORT, "--can-import", false, true } };
	struct user *u = &ch->u;
	const char *to = list_join(&ch->a, u->types, u->exports), *from = list_join(&ch->a, u->types, u->imports);
	int rc = EG_OK;

	for (size_t i = 0; rc == EG_OK && i < sizeof(options) / sizeof(options[0]); i++) {
		const char *given = ch->c->opt[options[i].o];
		if (given == NULL)
			continue;
		rc = check_types(options[i].name, given, options[i].exports, options[i].imports, err);
		bool whole = list_has(given, EG_LIT("all")) ||
		             !ch->revoke; /* a type goes one way only: taken, it is gone from both */
		if (options[i].exports || !whole)
			to = ch->revoke ? list_without(&ch->a, to, given) : list_join(&ch->a, to, given);
		if (options[i].imports || !whole)
			from = ch->revoke ? list_without(&ch->a, from, given) : list_join(&ch->a, from, given);
	}
	u->types = "";
	u->exports = to;
	u->imports = from;
	return rc;
}

/* ---- tools and single rights ---- */

static bool
known(const char *(*at)(size_t n), struct eg_bytes word)
{
	const char *w;

	for (size_t i = 0; (w = at(i)) != NULL; i++)
		if (eg_bytes_is(word, w))
			return true;
	return false;
}

static int
check_tool(struct eg_bytes part, bool revoke, struct eg_err *err)
{
	struct eg_bytes tool, level, whole = part;
	enum user_role r;

	if (!revoke && eg_bytes_chr(part, '=') == part.len)
		return eg_fail(err, EG_BADREC, "USAGE", "--tool is \"%.*s\"; write TOOL=LEVEL or TOOL=LEVEL@PROJECT",
		    EG_FMT(whole));
	(void)eg_bytes_cut(&part, revoke ? '@' : '=', &tool);
	if (!known(action_tool_at, tool))
		return eg_fail(err, EG_BADREC, "USAGE",
		    "\"%.*s\" is no tool; it can be commitments, budget, prime-contracts, directory, admin or reports",
		    EG_FMT(tool));
	if (revoke)
		return EG_OK;
	(void)eg_bytes_cut(&part, '@', &level);
	char *word = eg_xdup(level);
	bool good = user_role_named(word, &r) && (part.ptr == NULL || part.len > 0);
	free(word);
	return good ?
	           EG_OK :
	           eg_fail(err, EG_BADREC, "USAGE",
		       "--tool is \"%.*s\"; the level can be none, read, standard or admin, and a project stands behind @",
		       EG_FMT(whole));
}

/* "commitments" takes that tool away everywhere, "commitments@24-104" in one project; a level between them is not looked at. */
static bool
tool_taken(const char *less, struct eg_bytes have)
{
	struct eg_bytes rest = eg_bytes_str(less), part, tool, level;

	(void)eg_bytes_cut(&have, '=', &tool);
	(void)eg_bytes_cut(&have, '@', &level);
	while (eg_bytes_cut(&rest, ',', &part)) {
		struct eg_bytes name, at = eg_bytes_trim(part);
		(void)eg_bytes_cut(&at, '@', &name);
		name = eg_bytes_sub(name, 0, eg_bytes_chr(name, '='));
		if (eg_bytes_eq(name, tool) && (at.ptr == NULL || eg_bytes_eq(at, have)))
			return true;
	}
	return false;
}

static const char *
tools_without(struct eg_arena *a, const char *from, const char *less)
{
	struct eg_buf left = EG_BUF_INIT;
	struct eg_bytes rest = eg_bytes_str(from), part;

	while (eg_bytes_cut(&rest, ',', &part))
		if (part.len > 0 && !tool_taken(less, part))
			eg_buf_printf(&left, "%s%.*s", left.len > 0 ? "," : "", EG_FMT(part));
	const char *kept = eg_arena_cstr(a, eg_buf_view(&left));
	eg_buf_done(&left);
	return kept;
}

static int
take_tools(struct user_change *ch, struct eg_err *err)
{
	struct eg_bytes rest = eg_bytes_str(ch->c->opt[O_TOOL]), part;
	int rc = EG_OK;

	while (rc == EG_OK && eg_bytes_cut(&rest, ',', &part)) {
		part = eg_bytes_trim(part);
		rc = check_tool(ch->revoke ? eg_bytes_sub(part, 0, eg_bytes_chr(part, '=')) : part, ch->revoke, err);
	}
	if (rc == EG_OK && ch->c->opt[O_TOOL] != NULL)
		ch->u.tools = ch->revoke ? tools_without(&ch->a, ch->u.tools, ch->c->opt[O_TOOL]) :
		                           list_join(&ch->a, ch->u.tools, ch->c->opt[O_TOOL]);
	rest = eg_bytes_str(ch->c->opt[O_MAY]);
	while (rc == EG_OK && eg_bytes_cut(&rest, ',', &part))
		if (!known(action_single_at, eg_bytes_trim(part)))
			rc = eg_fail(err, EG_BADREC, "USAGE",
			    "\"%.*s\" is no single right; it can be create-project or send-budgets", EG_FMT(part));
	if (rc == EG_OK && ch->c->opt[O_MAY] != NULL) {
		const char *left = list_without(&ch->a, ch->u.may, ch->c->opt[O_MAY]); /* each stands once */
		ch->u.may = ch->revoke ? left : list_join(&ch->a, left, ch->c->opt[O_MAY]);
	}
	return rc;
}

/* ---- the person ---- */

static bool
text_good(const char *text, size_t most)
{
	struct eg_bytes v = eg_bytes_str(text);

	for (size_t i = 0; i < v.len; i++)
		if (v.ptr[i] < ' ' || v.ptr[i] == 0x7f)
			return false;
	return v.len <= most && eg_utf8_valid(v) == v.len;
}

static bool
mail_good(const char *text)
{
	struct eg_bytes v = eg_bytes_str(text);
	size_t at = eg_bytes_chr(v, '@');

	for (size_t i = 0; i < v.len; i++)
		if (v.ptr[i] <= ' ' || v.ptr[i] >= 0x7f || strchr("<>()[],;:\\\"", v.ptr[i]) != NULL)
			return false;
	return v.len <= 254 && at > 0 && at + 1 < v.len &&
	       eg_bytes_chr(eg_bytes_sub(v, at + 1, v.len), '@') == v.len - at - 1;
}

static const char *
or_none(const char *text)
{
	return *text == '\0' ? NULL : text;
}

static int
take_person(struct user_change *ch, struct eg_err *err)
{
	const struct cli *c = ch->c;
	const char *mail = c->opt[O_MAIL], *full = c->opt[O_FULL_NAME], *summary = c->opt[O_SUMMARY],
		   *account = c->opt[O_ACCOUNT];

	if (mail != NULL && *mail != '\0' && !mail_good(mail))
		return eg_fail(
		    err, EG_BADREC, "USAGE", "--mail is \"%s\"; write an address such as ann@example.com", mail);
	if ((full != NULL && !text_good(full, 120)) || (account != NULL && !text_good(account, 60)))
		return eg_fail(err, EG_BADREC, "USAGE",
		    "--full-name and --account are one line of UTF-8 text, 120 and 60 bytes at most");
	if (summary != NULL && strcmp(summary, "yes") != 0 && strcmp(summary, "no") != 0)
		return eg_fail(err, EG_BADREC, "USAGE", "--summary is \"%s\"; write yes or no", summary);
	if (mail != NULL)
		ch->u.mail = or_none(mail);
	if (full != NULL)
		ch->u.full_name = or_none(full);
	if (account != NULL)
		ch->u.account = or_none(account);
	if (summary != NULL)
		ch->u.summary_opt_out = strcmp(summary, "no") == 0;
	return EG_OK;
}

static int
take_limit(struct user_change *ch, const char *text, struct eg_err *err)
{
	struct eg_buf b = EG_BUF_INIT;
	struct eg_dec limit;

	ch->u.limit = NULL;
	if (strcmp(text, "none") == 0)
		return EG_OK;
	if (eg_dec_parse(eg_bytes_str(text), EG_DEC_MONEY, 2, 16, &limit) != EG_DEC_OK || limit.coef < 0)
		return eg_fail(
		    err, EG_BADREC, "USAGE", "--limit is \"%s\"; write an amount such as 250000.00, or none", text);
	eg_dec_print(&b, limit, 2);
	ch->u.limit = eg_arena_cstr(&ch->a, eg_buf_view(&b));
	eg_buf_done(&b);
	return EG_OK;
}

static int
take_pubkey(struct user_change *ch, struct eg_err *err)
{
	struct sign_key *key = NULL;
	int rc = eg_fs_read_file(AT_FDCWD, ch->c->opt[O_PUBKEY], EG_LIMIT_SIG_BYTES, &ch->pem, err);

	if (rc == EG_OK)
		rc = sign_key_from_pem(eg_buf_view(&ch->pem), false, &key, err);
	if (rc == EG_OK)
		sign_key_id(key, ch->key_id);
	sign_key_free(key);
	ch->u.pubkey = eg_buf_cstr(&ch->pem);
	ch->u.key_id = ch->key_id;
	return rc;
}

/* Options over what the user has; an absent option changes nothing. */
static int
take_options(struct user_change *ch, struct eg_err *err)
{
	const struct cli *c = ch->c;
	int rc = EG_OK;

	if (cli_has(c, O_ROLE) && !user_role_named(c->opt[O_ROLE], &ch->u.role))
		return eg_fail(err, EG_BADREC, "USAGE", "--role is \"%s\"; it can be none, read, standard or admin",
		    c->opt[O_ROLE]);
	rc = take_types(ch, err);
	if (rc == EG_OK)
		rc = take_tools(ch, err);
	if (rc == EG_OK)
		rc = take_person(ch, err);
	if (rc == EG_OK && cli_has(c, O_LIMIT))
		rc = take_limit(ch, c->opt[O_LIMIT], err);
	return rc == EG_OK && cli_has(c, O_PUBKEY) ? take_pubkey(ch, err) : rc;
}

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
	rc = take_options(ch, err);
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
	site_close(&s);
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
